"""A console as a process of its own, on a screen and with a keyboard of its own, which nothing reaches into.

What people at a desk or in an office do with it is said by those who inherit from it. See docs/design.md, "Tests".
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from console.views.tokens import tokens
from tests.support.xserver import XServer, count_of, wait_for

_BUTTON = 8_000
"""So many points of the main button's colour are a wide button, and not a mark or a ring."""

Kind = TypeVar("Kind", bound="ConsoleWindow")


def wait_for_entry(screen: XServer, still: float = 0.7) -> None:
    """Wait for the page that asks who is there: keys before it would be lost."""
    fill = tokens().hex("light", "accent.fill")
    wait_for(lambda: count_of(screen.picture(), fill) > _BUTTON, "the button to sign in", 90)
    screen.steady(still=still)


class ConsoleWindow:
    """One console and its files, which lie in `home`."""

    def __init__(self, name: str, address: str, home: Path) -> None:
        """The console `name` of the server at `address`; nothing runs yet."""
        self.name, self.home = name, home
        self.address = address
        """Where it finds its server; another one before it is opened leads it through a proxy."""
        self.labels = home / "labels"
        self.screen = XServer(home)

    @contextmanager
    def opened(self: Kind) -> Iterator[Kind]:
        """The window, until it is asked to end; then it must have ended in order."""
        (self.home / "config").mkdir()
        settings = f"[General]\nlabel_printer=PDF:{self.labels}\nsound=false\n"
        (self.home / "config" / "window.ini").write_text(settings, encoding="utf-8")
        with self.screen as screen:
            environment = os.environ | self.places | screen.environment
            environment |= {"NEXUS_SECRETS": "file", "NEXUS_THEME": "light", "DATABASE_URL": self.address}
            with (self.home / "console.out").open("wb") as out:
                process = subprocess.Popen(
                    [sys.executable, "-m", "console", "run", "--no-demo"],
                    env=environment,
                    stdout=out,
                    stderr=out,
                )
            try:
                yield self
            except BaseException:
                screen.picture().save(self.home / "at-the-end.png")
                for file in (self.home / "console.out", *(self.home / "log").glob("*.log")):
                    sys.stderr.write(f"{self.name}: {file.read_text(errors='replace')}\n")
                raise
            finally:
                process.terminate()
                ended = process.wait(timeout=30)
            assert ended == 0, "asked to end, the console signs out and ends in order"

    @property
    def places(self) -> dict[str, str]:
        """The environment that keeps every file of the program inside `home`."""
        return {
            f"NEXUS_{kind.upper()}_DIR": str(self.home / kind) for kind in ("data", "config", "cache", "log")
        }

    def find_window(self) -> None:
        """Wait for the window and give it the keyboard."""
        window = wait_for(lambda: self.screen.window("Nexus Console"), f"the window of {self.name}", 60)
        self.screen.focus(window)

    def press(self, *keys: str) -> None:
        """Press keys."""
        self.screen.press(*keys)
