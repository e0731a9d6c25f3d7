"""A real screen without a monitor, and hands to use it with.

End-to-end tests drive the console as a person does: a window on an X server (Xvfb), keys that arrive from outside the
process (xdotool), and nothing that reaches into the program. See docs/design.md, "Tests".
"""

from __future__ import annotations

import os
import struct
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import TypeVar

import pytest
from PIL import Image, ImageChops

Answer = TypeVar("Answer")

SCANNER_DELAY_MS = 8
"""Between the keys of the pretended scanner; a person's keys are 60 ms apart and more."""

TYPING_DELAY_MS = 90

_STILL_SECONDS = 0.25
"""How long the screen must stay the same to count as answered; on a busy computer up to `_LONGEST_STILL`."""
_LONGEST_STILL = 2.0
_CARET = 250
"""So many points may differ because a caret blinks or a clock ticks."""
_COLOUR_MAP_ENTRY = 12


def wait_for(question: Callable[[], Answer | None], what: str, seconds: float = 60.0) -> Answer:
    """Ask until the answer counts as true; when it never does, fail the test, saying what was waited for."""
    give_up = time.monotonic() + seconds
    while True:
        answer = question()
        if answer:
            return answer
        if time.monotonic() > give_up:
            pytest.fail(f"waited {seconds:.0f} s for {what}")
        time.sleep(0.05)


class XServer:
    """An Xvfb of this test alone, on a display number that it chose itself."""

    def __init__(self, directory: Path, size: str = "1600x1000x24") -> None:
        """Describe it; `directory` takes its log and the pictures."""
        self.directory = directory
        self._size = size
        self._process: subprocess.Popen[bytes] | None = None
        self.display = ""

    def __enter__(self) -> XServer:
        """Start it and wait until it has told its display number."""
        read, write = os.pipe()
        with (self.directory / "xvfb.log").open("wb") as log:
            self._process = subprocess.Popen(
                ["Xvfb", "-displayfd", str(write), "-screen", "0", self._size, "-nolisten", "tcp", "-noreset",
                 "-fbdir", str(self.directory)],
                pass_fds=(write,), stdout=log, stderr=log,
            )  # fmt: skip
        os.close(write)
        with os.fdopen(read) as answer:
            self.display = ":" + answer.readline().strip()
        if self.display == ":":
            pytest.fail("Xvfb did not start: " + (self.directory / "xvfb.log").read_text(errors="replace"))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop it."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait(timeout=10)

    @property
    def environment(self) -> dict[str, str]:
        """What the environment of a program must say so that it appears on this screen."""
        return {"DISPLAY": self.display, "QT_QPA_PLATFORM": "xcb", "WAYLAND_DISPLAY": ""}

    def do(self, *words: str) -> str:
        """Run xdotool and answer what it printed (nothing where it found nothing)."""
        done = subprocess.run(
            ["xdotool", *words],
            env=os.environ | self.environment,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        return done.stdout.strip()

    def window(self, title: str) -> str | None:
        """The id of the visible window whose title contains `title`."""
        found = self.do("search", "--onlyvisible", "--name", title).split()
        return found[-1] if found else None

    def focus(self, window: str) -> None:
        """Give a window the keyboard. There is no window manager here, so it is done directly."""
        self.do("windowfocus", "--sync", window)

    def type(self, text: str) -> None:
        """Type as a person does."""
        self.do("type", "--delay", str(TYPING_DELAY_MS), text)

    def scan(self, text: str) -> None:
        """Send text as a keyboard-wedge scanner does: fast, and ended by Enter."""
        self.do("type", "--delay", str(SCANNER_DELAY_MS), text)
        self.do("key", "Return")

    def press(self, *keys: str) -> None:
        """Press keys by their X names, one after the other, e.g. "ctrl+z"."""
        for key in keys:
            self.do("key", key)
            time.sleep(0.06)

    def settle(self, seconds: float = 0.7) -> None:
        """Give the window the time that a person takes to look."""
        time.sleep(seconds)

    # -- eyes --------------------------------------------------------------------------------------------------------

    def picture(self) -> Image.Image:
        """What is on the screen now, read from the server's own picture file (the X window dump format)."""
        raw = (self.directory / "Xvfb_screen0").read_bytes()
        facts = struct.unpack(">25I", raw[:100])
        width, height, stride, entries = facts[4], facts[5], facts[12], facts[19]
        begin = facts[0] + entries * _COLOUR_MAP_ENTRY
        return Image.frombuffer(
            "RGB", (width, height), raw[begin : begin + stride * height], "raw", "BGRX", stride, 1
        )

    def steady(self, seconds: float = 10.0, still: float = _STILL_SECONDS) -> Image.Image:
        """Wait until the screen stays the same for `still` seconds, and answer it."""
        give_up = time.monotonic() + seconds
        before, since = self.picture(), time.monotonic()
        while time.monotonic() - since < still and time.monotonic() < give_up:
            time.sleep(0.04)
            now = self.picture()
            if differ(before, now):
                before, since = now, time.monotonic()
        return before

    def look(self, do: Callable[[], None], seconds: float = 30.0) -> Image.Image:
        """Do something, wait until the screen has changed by it and stays the same; answer the screen."""
        before = self.steady()
        do()
        began = time.monotonic()
        while not differ(before, self.picture()):
            if time.monotonic() > began + seconds:
                self.picture().save(self.directory / "nothing-happened.png")
                pytest.fail(f"nothing happened on the screen for {seconds:.0f} s")
            time.sleep(0.03)
        # Where the window takes long to answer, what follows the first change takes long as well.
        return self.steady(still=max(_STILL_SECONDS, min(3 * (time.monotonic() - began), _LONGEST_STILL)))


def differ(one: Image.Image, other: Image.Image) -> bool:
    """Whether two pictures of the screen differ by more than a caret."""
    points = ImageChops.difference(one, other).convert("L").point(lambda value: 255 if value else 0)
    return points.histogram()[255] > _CARET


def count_of(picture: Image.Image, colour: str) -> int:
    """How many points of a picture have exactly this colour ("#rrggbb")."""
    wanted = tuple(int(colour[at : at + 2], 16) for at in (1, 3, 5))
    found = picture.getcolors(picture.width * picture.height) or []
    return sum(count for count, colour_found in found if colour_found == wanted)
