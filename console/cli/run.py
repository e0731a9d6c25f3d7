"""`nexus-console run`: open the window, or take the guided tour where there is no screen to open it on."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command."""
    run = subparsers.add_parser("run", help="open the console (the default)")
    run.add_argument(
        "--no-demo", action="store_true", help="a new database starts empty instead of with demo data"
    )
    run.add_argument("--tour", metavar="DIR", type=Path, help="without a screen: where to leave the pictures")
    run.set_defaults(func=open_console)


def open_console(args: argparse.Namespace) -> int:
    """Open the window and stay until it is closed."""
    from console import app, settings

    chosen = settings.load()
    if has_display():
        return app.run(chosen, demo=not args.no_demo)
    out = (args.tour or Path.cwd() / "tour").absolute()
    print(
        f"There is no screen here, so the console takes a guided tour and leaves pictures in {out}.",
        flush=True,
    )
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    return app.guided_tour(out)


def has_display() -> bool:
    """Whether a window can be shown; only Linux machines are ever without."""
    if not sys.platform.startswith("linux") or os.environ.get("QT_QPA_PLATFORM"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
