"""Taking the pictures: every registered state in every theme, and an index that says what each one shows."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtWidgets import QApplication

from console.errors import Unavailable
from console.loop import QtEventLoop
from console.tour.registry import Step, steps
from console.tour.scene import MakeApp, Scene
from console.tour.stage import AT, Stage, forget_settings
from console.views.tokens import Mode

Say = Callable[[str], None]


def take_pictures(
    out: Path,
    make_app: MakeApp,
    *,
    themes: Sequence[Mode] = ("light", "dark"),
    only: str = "",
    say: Say = print,
) -> list[Path]:
    """Leave a picture of each state in `out`, with `index.json` beside them; answers the pictures' paths.

    `only` limits the tour to states whose file name contains it (states before them on the same screen still happen).
    Raises Unavailable where `out` cannot be written.
    """
    chosen = steps()
    with Stage(say) as stage, loop() as running:
        make_folder(out)
        index: list[dict[str, str]] = []
        for mode in themes:
            copy = stage.copy(mode)
            scene = Scene(make_app, copy, mode, AT, out)
            index.extend(running.run_until_complete(_run(scene, chosen, out, mode, only, say)))
            (out / f"{mode}.ini").unlink(missing_ok=True)
    (out / "index.json").write_text(json.dumps(index, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return [out / each["file"] for each in index]


async def _run(
    scene: Scene, chosen: Sequence[Step], out: Path, mode: Mode, only: str, say: Say
) -> list[dict[str, str]]:
    taken = []
    try:
        for each in chosen:
            name = each.file_name(mode)
            await each.take(scene)
            if only and only not in name:
                continue
            await scene.shoot(out / name)
            say(name)
            taken.append(
                {"file": name, "screen": each.screen, "state": each.state, "theme": mode, "role": each.role}
            )
    finally:
        await scene.close()
    return taken


def make_folder(out: Path) -> None:
    """Make the folder for the pictures. Raises Unavailable where that fails."""
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Unavailable(
            f"The folder {out} cannot be made.", hint="Choose another.", code="tour_folder"
        ) from error


def loop() -> QtEventLoop:
    """The Qt loop of this process, with nothing on the screen that blinks."""
    forget_settings()
    existing = QApplication.instance()
    qt = existing if isinstance(existing, QApplication) else QApplication(sys.argv[:1])
    qt.setApplicationName("Nexus Console")
    qt.setQuitOnLastWindowClosed(False)
    qt.setCursorFlashTime(0)
    made = QtEventLoop(qt)
    asyncio.set_event_loop(made)
    return made
