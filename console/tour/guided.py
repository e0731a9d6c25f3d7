"""The guided tour for a machine without a screen: each role signs in, does its main job, and leaves pictures.

What a person would see after `dev.py run`, numbered in the order in which it happened.
"""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt

from console.tour import pictures
from console.tour.scene import MakeApp, Scene
from console.tour.stage import AT, Stage
from console.views.tokens import Mode

_MODE: Mode = "light"


def take_guided_tour(out: Path, make_app: MakeApp) -> int:
    """Walk through the console once and say where the pictures are; the exit code."""
    with Stage(print) as stage, pictures.loop() as running:
        pictures.make_folder(out)
        for old in out.glob("[0-9][0-9]-*.png"):
            old.unlink()
        scene = Scene(make_app, stage.copy("guided"), _MODE, AT, out)
        count = running.run_until_complete(_walk(scene, out))
        (out / f"{_MODE}.ini").unlink(missing_ok=True)
    print(f"{count} pictures are in {out}.")  # noqa: T201 - the answer to somebody who has no screen
    return 0


async def _walk(scene: Scene, out: Path) -> int:
    camera = _Camera(scene, out)
    try:
        await scene.open()
        await camera.take("sign-in")
        await _front_desk(scene, camera)
        for role in ("manager", "venue_finance", "platform_admin", "platform_finance"):
            await scene.enter_as(role)
            await scene.settle(0.4)
            await camera.take(role.replace("_", "-"))
    finally:
        await scene.close()
    return camera.count


async def _front_desk(scene: Scene, camera: _Camera) -> None:
    """The job the console exists for: find a child, check her in, check her out to the right person."""
    await scene.enter_as("front_desk")
    await scene.settle(0.4)
    await camera.take("front-desk-today")
    await scene.scan(scene.copy.codes["Junior Judo", "Nia"])
    await scene.settle()
    await camera.take("front-desk-nia-is-in")
    await scene.type("femi")
    await scene.settle(0.4)
    await camera.take("front-desk-looking-for-femi")
    await scene.key(Qt.Key.Key_Return)
    await scene.settle()
    await camera.take("front-desk-femi-is-in")
    await scene.key(Qt.Key.Key_Z, ctrl=True)
    await scene.settle()
    await camera.take("front-desk-taken-back")
    await scene.type("nia")
    scene.clock.tick(120)
    await scene.key(Qt.Key.Key_Return)
    await scene.settle(0.4)
    await scene.key(Qt.Key.Key_Down)
    await camera.take("front-desk-who-collects-nia")
    await scene.key(Qt.Key.Key_Return)
    await scene.settle()
    await camera.take("front-desk-nia-has-left")


class _Camera:
    """Numbers the pictures in the order in which they are taken."""

    def __init__(self, scene: Scene, out: Path) -> None:
        self._scene, self._out = scene, out
        self.count = 0

    async def take(self, name: str) -> None:
        """Take the next picture."""
        self.count += 1
        await self._scene.shoot(self._out / f"{self.count:02d}-{name}.png")
