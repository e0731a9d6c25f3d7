"""The review of who is unmarked: children of closed sessions about whom nobody said anything, asked by name.

See docs/design.md, "Rules of the domain" (attendance: incomplete is not absent).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, tzinfo
from uuid import UUID

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from console.domain.counting import count
from console.domain.day import UnmarkedChild
from console.errors import ConsoleError
from console.models.gateway import DayGateway
from console.models.runner import TaskRunner
from console.models.words import age_short, children, day_and_time
from console.views.front_desk.by_name import ByName, Named
from console.views.front_desk.closing import CAME, LATER, NO_SHOW
from console.views.theme import ThemeHub
from console.views.widgets.buttons import Button
from console.views.widgets.sheet import Sheet
from console.views.widgets.text import label

_OPTIONS = ((LATER, "Later"), (CAME, "Came"), (NO_SHOW, "No-show"))


class UnmarkedSheet(Sheet):
    """Came, no-show, or later."""

    settled = Signal(int)
    """How many children were settled."""

    def __init__(
        self,
        hub: ThemeHub,
        window: QWidget,
        running: DayGateway,
        unmarked: Sequence[UnmarkedChild],
        now: datetime,
        zone: tzinfo,
    ) -> None:
        """Ask about `unmarked`."""
        super().__init__(hub, window, "Did they come?", width=620)
        self._running, self._now, self._zone = running, now, zone
        self._left = list(unmarked)
        self._done = 0
        self._busy = False
        self.runner = TaskRunner(self._failed)
        self.closed.connect(self.runner.cancel_all)
        self.closed.connect(self._tell)
        self.names: ByName | None = None
        self.do: Button | None = None
        self.summary = label("")

    def open(self) -> None:
        """Ask, with the keyboard on the first child, whose choice is still "Later"."""
        super().open()
        self._show({})

    def step_back(self) -> bool:
        """While an answer is awaited the sheet stays."""
        return self._busy

    def submit(self) -> None:
        """Save what was said."""
        if not self._busy and self.names is not None:
            self._set_busy(True)
            self.runner.start(self._save(self.names.choices))

    def _show(self, chosen: dict[UUID, str]) -> None:
        body = QWidget()
        column = QVBoxLayout(body)
        column.setSpacing(8)
        told = "↑ ↓ go from child to child, L C N choose. Later changes nothing."
        column.addWidget(label(told, "caption", wrap=True))
        self.names = ByName(self.hub, [self._named(one) for one in self._left], _OPTIONS, chosen)
        self.names.changed.connect(self._count)
        column.addWidget(self.names)
        column.addStretch(1)
        self.show_step(body, f"{children(len(self._left))} of closed sessions whom nobody marked")
        self.do = self.answer("Save", self.submit, "primary")
        self.summary = label("", "secondary", wrap=True)
        self.summary.setMinimumWidth(240)
        self.set_answers(self.answer("Not now", self.close), self.do, left=self.summary)
        self._count()
        self.names.focus_row(0)

    def _named(self, child: UnmarkedChild) -> Named:
        parent = f"Parent {child.parent_first_name}" if child.parent_first_name else ""
        where = f"{child.activity_name}, {day_and_time(child.starts_at, self._now, self._zone)}"
        facts = " · ".join(part for part in (where, parent, child.parent_phone or "") if part)
        return Named(child.booking_id, child.first_name, age_short(child.age_months), facts)

    def _count(self) -> None:
        if self.names is None or self.do is None:
            return
        came, no_shows = self.names.count(CAME), self.names.count(NO_SHOW)
        choices = self.names.choices
        credits = sum(one.credits for one in self._left if choices.get(one.booking_id) == NO_SHOW)
        parts = [f"{came} came"] if came else []
        if no_shows:
            forfeits = f": {count(credits, 'credit')} forfeited" if credits else ""
            parts.append(f"{count(no_shows, 'no-show')}{forfeits}")
        self.summary.setText(" · ".join(parts))
        self.do.setEnabled(bool(parts) and not self._busy)

    def _set_busy(self, busy: bool) -> None:
        self._busy = busy
        self._count()

    async def _save(self, choices: dict[UUID, str]) -> None:
        for child in list(self._left):
            choice = choices.get(child.booking_id, LATER)
            if choice == LATER:
                continue
            try:
                await self._running.settle_unmarked(child.booking_id, came=choice == CAME)
            except ConsoleError as error:
                self._set_busy(False)
                self._show(choices)
                self.banner.show_message(f"{child.first_name}: {error.sentence}", error.hint or "")
                return
            self._left.remove(child)
            self._done += 1
        self._busy = False
        self.close()

    def _failed(self, error: ConsoleError) -> None:
        self._set_busy(False)
        self.banner.show_message(error.sentence, error.hint or "")

    def _tell(self) -> None:
        if self._done:
            self.settled.emit(self._done)
