"""The page of the first seconds: what is being made ready, and what to do when it cannot be.

A first run makes a database and its demo, which takes seconds; a person who sees what happens waits, one who sees
nothing starts it again. See docs/design.md, "Runtime".
"""

from __future__ import annotations

from collections.abc import Callable

from console.clock import Clock
from console.errors import ConsoleError
from console.views.entry.panel import DeskPanel, EntryPage, add_heading
from console.views.theme import ThemeHub
from console.views.widgets.banner import Banner
from console.views.widgets.text import ElidedLabel
from console.views.widgets.waiting import Skeleton

_TITLE, _CAPTION = "Getting ready", "This takes a moment the first time"
_FAILED_TITLE, _FAILED_CAPTION = "This desk is not ready", "Nothing was lost; it can be tried again"


class StartPage(EntryPage):
    """Getting ready."""

    def __init__(self, hub: ThemeHub, clock: Clock, *, version: str = "") -> None:
        """A page that says nothing yet."""
        super().__init__(hub, DeskPanel(hub, clock, version=version))
        self.title, self.caption = add_heading(hub, self.form, _TITLE, _CAPTION)
        self.step = ElidedLabel("", "body")
        self.skeleton = Skeleton(hub, [(0, 0.9), (0, 0.6)], rows=3)
        self.banner = Banner(hub)
        for piece in (self.banner, self.step, self.skeleton):
            self.form.addWidget(piece)
        self.form.setSpacing(8)
        self.skeleton.start()

    def say(self, step: str) -> None:
        """Say what is being done."""
        self.banner.clear()
        self.step.setText(f"{step}…" if step else "")

    def fail(self, error: ConsoleError, retry: Callable[[], object]) -> None:
        """Say why it cannot go on, and offer to try again."""
        self.skeleton.stop()
        self.step.setText("")
        self.title.setText(_FAILED_TITLE)
        self.caption.setText(_FAILED_CAPTION)
        self.banner.show_error(error, action=("Try again", retry))

    def again(self) -> None:
        """Try again."""
        self.title.setText(_TITLE)
        self.caption.setText(_CAPTION)
        self.banner.clear()
        self.skeleton.start()
