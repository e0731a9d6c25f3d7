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


class StartPage(EntryPage):
    """Getting ready."""

    def __init__(self, hub: ThemeHub, clock: Clock, *, version: str = "") -> None:
        """A page that says nothing yet."""
        super().__init__(hub, DeskPanel(hub, clock, version=version))
        add_heading(self.form, "Getting ready", "This takes a moment the first time")
        self.form.addSpacing(8)
        self.step = ElidedLabel("", "body")
        self.form.addWidget(self.step)
        self.form.addSpacing(16)
        self.skeleton = Skeleton(hub, [(0, 0.9), (0, 0.6)], rows=3)
        self.form.addWidget(self.skeleton)
        self.banner = Banner(hub)
        self.form.addWidget(self.banner)
        self.skeleton.start()

    def say(self, step: str) -> None:
        """Say what is being done."""
        self.banner.clear()
        self.step.setText(f"{step}…" if step else "")

    def fail(self, error: ConsoleError, retry: Callable[[], object]) -> None:
        """Say why it cannot go on, and offer to try again."""
        self.skeleton.stop()
        self.step.setText("")
        self.banner.show_error(error, action=("Try again", retry))

    def again(self) -> None:
        """Try again."""
        self.banner.clear()
        self.skeleton.start()
