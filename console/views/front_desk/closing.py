"""Closing a session: who is still expected is asked by name, and the consequence is said in numbers before it happens.

The safe answer has the keyboard and every child begins as "Later", which leaves it unmarked. When somebody else's mark
comes in between, the list is shown again with who changed it. See docs/design.md, "Rules of the domain" (attendance).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from console.domain.attendance import AttendanceState
from console.domain.counting import count
from console.domain.desk import RosterEntry, SessionSummary
from console.domain.refusals import explain
from console.errors import Conflict, ConsoleError
from console.models.gateway import DayGateway
from console.models.runner import TaskRunner
from console.models.words import age_short, caption, children, session_hours, state_chip
from console.views.front_desk.by_name import ByName, Named
from console.views.front_desk.day import DeskDay
from console.views.front_desk.outcomes import names_of
from console.views.theme import ThemeHub
from console.views.widgets.base import is_press, torn_down
from console.views.widgets.buttons import Button
from console.views.widgets.sheet import Sheet
from console.views.widgets.text import label

LATER, CAME, NO_SHOW = "later", "came", "no_show"
_OPTIONS = ((LATER, "Later"), (CAME, "Came"), (NO_SHOW, "No-show"))
_NAMES_SHOWN = 20


class CloseSheet(Sheet):
    """The question before a session is closed."""

    done = Signal(object)
    """The ClosedSession."""
    changed_meanwhile = Signal()
    """Somebody else's mark came first: what the page shows is old."""

    def __init__(
        self,
        hub: ThemeHub,
        window: QWidget,
        day: DeskDay,
        running: DayGateway,
        session: SessionSummary,
        entries: Sequence[RosterEntry],
    ) -> None:
        """Ask about `session`, whose roster is `entries` as far as this desk knows."""
        super().__init__(hub, window, f"Close {session.activity_name}?", width=620)
        self._day, self._running, self._session = day, running, session
        self._entries = list(entries)
        self.runner = TaskRunner(self._failed)
        self.closed.connect(self.runner.cancel_all)
        self.names: ByName | None = None
        self.summary = label("", "secondary", wrap=True)
        self.keep: Button | None = None
        self.do: Button | None = None
        self._busy = False

    def open(self) -> None:
        """Ask, with the keyboard on the safe answer."""
        super().open()
        self._show({})
        if self.keep is not None:
            self.keep.setFocus(Qt.FocusReason.OtherFocusReason)

    def step_back(self) -> bool:
        """While the answer is awaited the sheet stays."""
        return self._busy

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """From the safe answer an arrow key leads to the first child."""
        if torn_down(self):
            return False
        arrow = is_press(event, Qt.Key.Key_Down) or is_press(event, Qt.Key.Key_Up)
        if arrow and watched is self.keep and self.names is not None and self.names.focus_row(0):
            return True
        return super().eventFilter(watched, event)

    @property
    def expected(self) -> list[RosterEntry]:
        """The children about whom nobody said anything yet."""
        return [one for one in self._entries if one.state is AttendanceState.EXPECTED]

    def submit(self) -> None:
        """Check in who came, then close."""
        if not self._busy and self.names is not None:
            self._set_busy(True)
            self.runner.start(self._close(self.names.choices))

    # -- showing -----------------------------------------------------------------------------------------------------

    def _show(self, chosen: dict[UUID, str]) -> None:
        body = QWidget()
        column = QVBoxLayout(body)
        column.setSpacing(8)
        inside = [one.first_name for one in self._entries if one.state is AttendanceState.IN]
        if inside:
            verb = "is" if len(inside) == 1 else "are"
            stays = "stays in until collected" if len(inside) == 1 else "stay in until collected"
            names = f"{names_of(inside)}." if len(inside) <= _NAMES_SHOWN else ""
            column.addWidget(
                label(
                    f"{len(inside)} {verb} still in and {stays}{': ' + names if names else '.'}",
                    "body",
                    wrap=True,
                )
            )
        expected = self.expected
        if expected:
            words = (
                "Nobody said anything about this child yet."
                if len(expected) == 1
                else (f"Nobody said anything about these {len(expected)} children yet.")
            )
            column.addWidget(label(words, "strong", wrap=True))
            column.addWidget(
                label(
                    "↑ ↓ go from child to child, L C N choose. Later leaves the child unmarked for a review.",
                    "caption",
                    wrap=True,
                )
            )
        else:
            column.addWidget(label("Everybody booked is accounted for.", "strong", wrap=True))
        people = [_named(one, expected, self._day) for one in expected]
        known = {key: value for key, value in chosen.items() if any(p.key == key for p in people)}
        self.names = ByName(self.hub, people, _OPTIONS, known)
        self.names.changed.connect(self._count)
        column.addWidget(self.names)
        column.addStretch(1)
        facts = (session_hours(self._session, self._day.zone), self._session.room_name)
        self.show_step(body, " · ".join(fact for fact in facts if fact))
        self.keep = self.answer("Keep it open", self.close)
        self.keep.installEventFilter(self)
        self.do = self.answer("Close session", self.submit, "primary")
        self.summary = label("", "secondary", wrap=True)
        self.summary.setMinimumWidth(240)
        self.set_answers(self.keep, self.do, left=self.summary)
        self._count()

    def _count(self) -> None:
        names = self.names
        if names is None:
            return
        no_shows, came, later = (names.count(key) for key in (NO_SHOW, CAME, LATER))
        parts = []
        if no_shows:
            parts.append(
                "1 no-show loses its credits" if no_shows == 1 else f"{no_shows} no-shows lose credits"
            )
        if came:
            parts.append(f"{came} checked in")
        if later:
            parts.append(f"{later} left unmarked")
        self.summary.setText(" · ".join(parts))

    def _set_busy(self, busy: bool) -> None:
        self._busy = busy
        for button in (self.keep, self.do):
            if button is not None:
                button.setEnabled(not busy)

    # -- closing -----------------------------------------------------------------------------------------------------

    async def _close(self, choices: dict[UUID, str]) -> None:
        try:
            for entry in self.expected:
                if choices.get(entry.booking_id) == CAME and not await self._check_in(entry):
                    self._set_busy(False)
                    return
            no_shows = [one for one in self.expected if choices.get(one.booking_id) == NO_SHOW]
            closed = await self._running.close_session(self._session.id, no_shows)
        except Conflict as error:
            if error.code == "roster_changed":
                await self._look_again(error, choices)
            else:
                self._failed(error)
            return
        except ConsoleError as error:
            self._failed(error)
            return
        self._busy = False
        self.done.emit(closed)
        self.close()

    async def _check_in(self, entry: RosterEntry) -> bool:
        answer = await self._day.gateway.check_in(entry)
        self._day.answered(entry.booking_id)
        if answer.state is AttendanceState.IN:
            at = self._entries.index(entry)
            self._entries[at] = replace(entry, state=AttendanceState.IN)
            return True
        self.banner.show_message(f"{entry.first_name} was not checked in.", explain(answer, self._day.zone))
        return False

    async def _look_again(self, error: ConsoleError, choices: dict[UUID, str]) -> None:
        before = {one.booking_id: one for one in self.expected}
        try:
            self._entries = list(await self._day.gateway.roster(self._session.id))
        except ConsoleError as trouble:
            self._failed(trouble)
            return
        changed = [
            _changed(one, self._day)
            for one in self._entries
            if one.booking_id in before and one.state is not AttendanceState.EXPECTED
        ]
        self._busy = False
        self._show(choices)
        self.banner.show_message(error.sentence, " ".join(changed) or (error.hint or ""))
        if self.keep is not None:
            self.keep.setFocus(Qt.FocusReason.OtherFocusReason)
        self.changed_meanwhile.emit()

    def _failed(self, error: ConsoleError) -> None:
        self._set_busy(False)
        self.banner.show_message(error.sentence, error.hint or "Nothing was closed.")
        if self.keep is not None:
            self.keep.setFocus(Qt.FocusReason.OtherFocusReason)


def closed_words(
    name: str, came: int, no_shows: int, unmarked: int, still_in: int, forfeited: int
) -> tuple[str, str]:
    """Title and detail of the toast after closing."""
    parts = [f"{came} came"]
    if no_shows:
        credits = f", {count(forfeited, 'credit')} forfeited" if forfeited else ""
        parts.append(f"{count(no_shows, 'no-show')}{credits}")
    if unmarked:
        parts.append(f"{unmarked} unmarked")
    if still_in:
        parts.append(f"{children(still_in)} still in")
    return f"{name} is closed", " · ".join(parts)


def _named(entry: RosterEntry, everybody: Sequence[RosterEntry], day: DeskDay) -> Named:
    same = [one for one in everybody if one.first_name == entry.first_name and one is not entry]
    below = caption(entry, entry.state, same, day.zone)
    phone = entry.parent_phone or ""
    return Named(
        entry.booking_id,
        entry.first_name,
        age_short(entry.age_months),
        " · ".join(part for part in (below, phone) if part),
    )


def _changed(entry: RosterEntry, day: DeskDay) -> str:
    chip = state_chip(entry.state, entry.state_at, day.zone)
    where = f" at {entry.state_desk}" if entry.state_desk else ""
    who = f", by {entry.state_by}" if entry.state_by else ""
    return f"{entry.first_name}: {chip[:1].lower() + chip[1:]}{where}{who}."
