"""Another place for a child who is booked: moved to another session today, booked for the next visit, or waitlisted.

One sheet, three purposes; the last button says what happens in numbers. See docs/design.md, "Screens" (front desk).
"""

from __future__ import annotations

from datetime import date, tzinfo
from enum import StrEnum
from uuid import UUID

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from console.clock import Clock
from console.domain.families import NoPlace, PlacedChild, SessionChoice
from console.errors import Conflict, ConsoleError
from console.models.gateway import FamilyGateway
from console.models.runner import TaskRunner
from console.models.words import age_short
from console.views.families.choosing import SessionChooser
from console.views.families.steps import PayStep, can_check_in
from console.views.families.words import booked_words, credits, session_title
from console.views.theme import ThemeHub
from console.views.widgets.banner import Banner
from console.views.widgets.buttons import Button
from console.views.widgets.dialog import figures_box
from console.views.widgets.sheet import Sheet
from console.views.widgets.text import label
from console.views.widgets.toggles import CheckBox


class Purpose(StrEnum):
    """What the other place is for."""

    MOVE = "move"
    NEXT_VISIT = "next_visit"
    WAITLIST = "waitlist"


_TITLES = {
    Purpose.MOVE: "Move {}",
    Purpose.NEXT_VISIT: "Book {}'s next visit",
    Purpose.WAITLIST: "Waitlist for {}",
}


class MoveStep(QWidget):
    """From where to where, and what it costs."""

    def __init__(
        self, hub: ThemeHub, entry: PlacedChild, session: SessionChoice, clock: Clock, zone: tzinfo
    ) -> None:
        """Before the move is made."""
        super().__init__()
        column = QVBoxLayout(self)
        column.setSpacing(14)
        column.addWidget(
            label(f"{entry.first_name} moves to {session_title(session, zone)}", "name", wrap=True)
        )
        price = 0 if session.price is None else session.price
        figures = [(str(price), "credits there"), (str(session.places_left), "places left there")]
        column.addWidget(figures_box(figures))
        note = "The difference to what was paid is given back or taken. The ticket stays the same."
        column.addWidget(label(note, "secondary", wrap=True))
        if session.warnings:
            banner = Banner(hub)
            column.addWidget(banner)
            banner.show_message(
                "This session is not meant for this child.", "Move it only if the room agrees.", "amber"
            )
        self.check_in = CheckBox(hub, "Check in there now", checked=True)
        column.addWidget(self.check_in)
        self.check_in.setHidden(not can_check_in(session, clock.now()))
        column.addStretch(1)

    @property
    def wants_check_in(self) -> bool:
        """Whether the child comes in with it."""
        return not self.check_in.isHidden() and self.check_in.isChecked()


class PlaceSheet(Sheet):
    """Choose a session, then confirm."""

    done = Signal(str, str, object, object)
    """Title and detail for a toast, the Booked (or None for a waitlist), and the SessionChoice."""

    def __init__(
        self,
        hub: ThemeHub,
        window: QWidget,
        gateway: FamilyGateway,
        clock: Clock,
        zone: tzinfo,
        *,
        entry: PlacedChild,
        purpose: Purpose,
        today: date,
        session_id: UUID | None = None,
    ) -> None:
        """`session_id` is the session to begin at."""
        super().__init__(hub, window, _TITLES[purpose].format(entry.first_name))
        self._gateway, self._clock, self._zone = gateway, clock, zone
        self._entry, self._purpose, self._today = entry, purpose, today
        self._session_id = session_id
        self.runner = TaskRunner(self._failed)
        self.closed.connect(self.runner.cancel_all)
        self._busy = self._keyboard = self._picked = False
        self._step = "where"
        self._day = today
        self.chooser: SessionChooser | None = None
        self.pay: PayStep | None = None
        self.moving: MoveStep | None = None
        self.main: Button | None = None

    @property
    def step(self) -> str:
        """Which step is on show: where or how."""
        return self._step

    def open(self) -> None:
        """Ask where to."""
        super().open()
        self._show_where()

    def step_back(self) -> bool:
        """From the confirmation back to the choice."""
        if self._busy:
            return True
        if self._step == "how":
            self._show_where()
            return True
        return False

    def _show_where(self) -> None:
        self._step = "where"
        self.chooser = SessionChooser(
            self.hub,
            self._zone,
            self._day,
            today=self._today,
            days=self._purpose is Purpose.NEXT_VISIT,
            queue=self._purpose is not Purpose.MOVE,
        )
        self.chooser.chosen.connect(self._chosen)
        self.chooser.list.moved.connect(self._moved)
        self.chooser.day_wanted.connect(self._load)
        self.chooser.show_loading()
        months = self._entry.age_months
        who = self._entry.first_name if months is None else f"{self._entry.first_name}, {age_short(months)}"
        if self._entry.parent_first_name:
            who += f" · Parent {self._entry.parent_first_name}"
        self.show_step(self.chooser, who, focus=self.chooser.list)
        self.main = self.answer(
            "Continue", lambda: self.chooser is not None and self.chooser.list.enter(), "primary"
        )
        self.main.setEnabled(False)
        self.set_answers(self.answer("Keep as it is", self.close), self.main)
        self._load(self._day)

    def _load(self, day: object) -> None:
        if isinstance(day, date):
            self._day = day
            self.runner.start(self._load_sessions(day), "sessions")

    async def _load_sessions(self, day: date) -> None:
        sessions = await self._gateway.session_choices(day, booking_id=self._entry.booking_id)
        if self._step != "where" or self.chooser is None or day != self._day:
            return
        others = [one for one in sessions if one.session_id != self._entry.session_id]
        self.chooser.show_sessions(others, current=self._session_id, picked=self._picked)
        self.chooser.list.setFocus(Qt.FocusReason.OtherFocusReason)

    def _moved(self, value: object) -> None:
        if self.main is not None and self._step == "where":
            full = isinstance(value, SessionChoice) and value.blocked is NoPlace.FULL
            self.main.setText("Put on the waitlist" if full else "Continue")
            self.main.setEnabled(value is not None)

    def _chosen(self, session: SessionChoice) -> None:
        if self._busy:
            return
        self._session_id, self._picked = session.session_id, True
        if session.blocked is NoPlace.FULL:
            self._begin()
            self.runner.start(self._wait(session))
            return
        self._step = "how"
        name = self._entry.first_name
        body: QWidget
        if self._purpose is Purpose.MOVE:
            self.moving = MoveStep(self.hub, self._entry, session, self._clock, self._zone)
            body, words = self.moving, f"Move {name}"
        else:
            self.pay = PayStep(self.hub, name, session, None, self._clock.now(), self._zone)
            body, words = self.pay, self.pay.words
            self.pay.changed.connect(self._name_main)
        self.main = self.answer(words, lambda: self._confirm(session), "primary")
        self.show_step(body, session_title(session, self._zone))
        self.set_answers(self.answer("Back", self.step_back), self.main)
        self.main.setFocus(Qt.FocusReason.OtherFocusReason)

    def _name_main(self) -> None:
        if self.main is not None and self.pay is not None:
            self.main.setText(self.pay.words)

    def _confirm(self, session: SessionChoice) -> None:
        if not self._busy:
            self._begin()
            self.runner.start(self._move(session) if self._purpose is Purpose.MOVE else self._take(session))

    async def _wait(self, session: SessionChoice) -> None:
        waiting = await self._gateway.join_waitlist(session.session_id, booking_id=self._entry.booking_id)
        place = "next" if waiting.place == 1 else f"number {waiting.place}"
        self._finish(
            f"{self._entry.first_name} is on the waitlist",
            f"{session_title(session, self._zone)} · {place}",
            None,
            session,
        )

    async def _move(self, session: SessionChoice) -> None:
        inside = self.moving is not None and self.moving.wants_check_in
        try:
            booked = await self._gateway.move(
                self._entry.booking_id,
                session.session_id,
                check_in=inside,
                overrule=frozenset(session.warnings),
            )
        except Conflict as error:
            self._refused(error)
            return
        came = booked.answer is not None and booked.answer.is_recorded
        title = f"{self._entry.first_name} is in" if came else f"{self._entry.first_name} has moved"
        paid = credits(booked.charged) if not booked.owed else f"{credits(booked.owed)} owed"
        self._finish(title, f"{session_title(session, self._zone)} · {paid}", booked, session)

    async def _take(self, session: SessionChoice) -> None:
        pay = self.pay
        if pay is None:
            return
        try:
            booked = await self._gateway.take_place(
                session.session_id,
                pay.payment,
                booking_id=self._entry.booking_id,
                check_in=pay.wants_check_in,
                overrule=frozenset(session.warnings),
            )
        except Conflict as error:
            if error.code == "not_enough_credits":
                self._end()
                pay.offer_owed()
                self.banner.show_error(error)
            else:
                self._refused(error)
            return
        title, detail = booked_words(self._entry.first_name, booked, session, self._zone)
        self._finish(title, detail, booked, session)

    def _refused(self, error: ConsoleError) -> None:
        self._end()
        if self._step == "how":
            self._show_where()  # what is free has changed: the choice is made again
        self.banner.show_error(error)

    def _finish(self, title: str, detail: str, booked: object, session: SessionChoice) -> None:
        self._end()
        self.done.emit(title, detail, booked, session)
        self.close()

    def _begin(self) -> None:
        self._busy = True
        self.banner.clear()
        if self.main is not None:
            self._keyboard = self.main.hasFocus()
            self.main.setEnabled(False)

    def _end(self) -> None:
        self._busy = False
        if self.main is not None:
            self.main.setEnabled(True)
            if self._keyboard:
                self.main.setFocus(Qt.FocusReason.OtherFocusReason)

    def _failed(self, error: ConsoleError) -> None:
        self._end()
        self.banner.show_error(error)
