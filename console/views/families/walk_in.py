"""A walk-in, from "who are you?" to "is in": find or register, choose a session, pay, check in; by keyboard alone.

Three steps in one sheet; Escape goes one back. Nothing is written before the last button, except a registration, which
stands for itself. See docs/design.md, "Screens" (front desk).
"""

from __future__ import annotations

from collections.abc import Coroutine, Sequence
from datetime import date, tzinfo
from typing import Any
from uuid import UUID, uuid4

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from console.clock import Clock
from console.domain.families import Family, FamilyChild, NewChild, NoPlace, Registered, SessionChoice
from console.errors import Conflict, ConsoleError
from console.models.gateway import FamilyGateway
from console.models.runner import TaskRunner
from console.models.words import age_short
from console.views.families.choosing import SessionChooser
from console.views.families.register import RegisterForm, months_old
from console.views.families.steps import PayStep
from console.views.families.words import booked_words, child_choice, guardian, session_title
from console.views.theme import ThemeHub
from console.views.widgets.buttons import Button
from console.views.widgets.choices import Choice, ChoiceList
from console.views.widgets.fields import TextInput
from console.views.widgets.sheet import Sheet
from console.views.widgets.text import label

_SEARCH_DELAY_MS = 120
_LETTERS = 2
_NOTHING = "Type the child's or the parent's first name, or the whole phone number or e-mail."
_NOBODY = "Nobody here is called that. A family from elsewhere is found by its whole phone number or e-mail."


class WalkInSheet(Sheet):
    """Who, where, how."""

    booked = Signal(str, str, object, object)
    """Title and detail for a toast, the Booked, and the SessionChoice."""

    def __init__(
        self,
        hub: ThemeHub,
        window: QWidget,
        gateway: FamilyGateway,
        clock: Clock,
        zone: tzinfo,
        *,
        today: date,
        session_id: UUID | None = None,
        text: str = "",
    ) -> None:
        """`session_id` is where the choice begins; `text` what was typed already."""
        super().__init__(hub, window, "Walk-in")
        self._gateway, self._clock, self._zone = gateway, clock, zone
        self._today, self._session_id = today, session_id
        self.runner = TaskRunner(self._failed)
        self.closed.connect(self.runner.cancel_all)
        self._family: Family | None = None
        self._child: FamilyChild | None = None
        self._text, self._step = text, "who"
        self._request = uuid4()
        self._busy = self._keyboard = self._picked = False
        self.field: TextInput | None = None
        self.found: ChoiceList | None = None
        self.form: RegisterForm | None = None
        self.chooser: SessionChooser | None = None
        self.pay: PayStep | None = None
        self.main: Button | None = None
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.setInterval(_SEARCH_DELAY_MS)
        self._later.timeout.connect(self._search)

    def open(self) -> None:
        """Ask who came."""
        super().open()
        self.show_who()

    @property
    def step(self) -> str:
        """Which step is on show: who, register, where or how."""
        return self._step

    def step_back(self) -> bool:
        """One step back; from the first the sheet closes. While an answer is awaited it stays."""
        if self._busy:
            return True
        if self._step == "how" and self._child is not None:
            self._show_where()
        elif self._step in ("where", "register"):
            self.show_who()
        else:
            return False
        return True

    # -- who ---------------------------------------------------------------------------------------------------------

    def show_who(self) -> None:
        """The first step: a field and the families that were found."""
        self._step, self._family, self._child, self._picked = "who", None, None, False
        body = QWidget()
        column = QVBoxLayout(body)
        column.setSpacing(10)
        self.field = TextInput(self.hub, self._text, placeholder="Name, phone number or e-mail", scale="desk")
        self.field.setAccessibleName("Who came: name, phone number or e-mail")
        self.field.setMaxLength(255)
        self.field.installEventFilter(self)
        self.field.textChanged.connect(self._typed)
        column.addWidget(self.field)
        self.found = ChoiceList(self.hub, "Children found")
        self.found.chosen.connect(self._child_chosen)
        self.found.steer(self.field)
        self.found.hide()
        column.addWidget(self.found, 1)
        self._note = label(_NOTHING, "muted", wrap=True)
        column.addWidget(self._note)
        column.addStretch(0)
        self.show_step(body, "Who came?", focus=self.field)
        register = self.answer("Register a family", self.register_family, icon="ph.user-plus")
        register.setToolTip("Register a family (Ctrl+R)")
        self.main = self.answer("Continue", lambda: self.found is not None and self.found.enter(), "primary")
        self.main.setEnabled(False)
        self.set_answers(self.main, left=register)
        if self._text:
            self._search()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Ctrl+R in the search field registers a family."""
        if (
            isinstance(event, QKeyEvent)
            and event.type() is QEvent.Type.KeyPress
            and event.key() == Qt.Key.Key_R
            and event.modifiers() & Qt.KeyboardModifier.ControlModifier
            and vars(self)
            and self._step == "who"
        ):
            self.register_family()
            return True
        return super().eventFilter(watched, event)

    def _typed(self, text: str) -> None:
        self._text = text
        self._later.start()

    def _search(self) -> None:
        if self._step == "who" and len(self._text.strip()) >= _LETTERS:
            self.runner.start(self._find(self._text.strip()), "find")
        elif self._step == "who":
            self.runner.cancel("find")
            self._show_families([])

    async def _find(self, text: str) -> None:
        families = await self._gateway.find_families(text)
        if self._step == "who" and text == self._text.strip():
            self.banner.clear()
            self._show_families(families)

    def _show_families(self, families: Sequence[Family]) -> None:
        if self.found is None or self.main is None:
            return
        rows: list[Choice] = []
        for family in families:
            rows += [child_choice(family, child) for child in family.children]
            rows.append(
                Choice((family, None), f"Another child of {family.parent_first_name}", guardian(family))
            )
        self.found.show_choices(rows)
        self.found.setVisible(bool(rows))
        self._note.setText(_NOBODY if len(self._text.strip()) >= _LETTERS else _NOTHING)
        self._note.setVisible(not rows)
        self.main.setEnabled(self.found.current is not None)

    def _child_chosen(self, value: object) -> None:
        if not isinstance(value, tuple):
            return
        family, child = value
        self._family, self._child = family, child
        if child is None:
            self.register_family(family)
        else:
            self._show_where()

    # -- register ----------------------------------------------------------------------------------------------------

    def register_family(self, family: Family | None = None) -> None:
        """Take down a new family, or another child of a known one."""
        self._step, self._request = "register", uuid4()
        self._family = family
        unknown = self.found is not None and not self.found.choices.choices
        is_name = unknown and not any(sign in self._text for sign in "@0123456789")
        named = self._text if family is None and is_name else ""
        self.form = RegisterForm(self.hub, self._today, family=family, name=named.strip().title())
        caption = "A new family" if family is None else f"Another child of {family.parent_first_name}"
        self.show_step(self.form, caption, focus=self.form.first)
        self.main = self.answer("Register", self._register, "primary")
        self.set_answers(self.answer("Back", self.step_back), self.main)

    def _register(self) -> None:
        if self.form is None or self._busy:
            return
        if self._family is None:
            new = self.form.new_family(self._request)
            if new is not None:
                work = self._gateway.register(new)
                self._begin()
                self.runner.start(self._registered(work, new.child, None, new.guardian_first_name))
            return
        child, family = self.form.child(), self._family
        if child is not None:
            work = self._gateway.add_child(
                family.parent_id, child, request_id=self._request, signed_by=self.form.signed_by
            )
            self._begin()
            self.runner.start(self._registered(work, child, family, family.parent_first_name))

    async def _registered(
        self,
        work: Coroutine[Any, Any, Registered],
        child: NewChild,
        family: Family | None,
        guardian_name: str,
    ) -> None:
        registered = await work
        self._end()
        self._child = FamilyChild(
            registered.child_id, child.first_name, months_old(child.date_of_birth, self._today)
        )
        self._family = family or Family(registered.parent_id, guardian_name, None, 0, 0, (self._child,))
        self._show_where()

    # -- where -------------------------------------------------------------------------------------------------------

    def _show_where(self) -> None:
        if self._child is None or self._family is None:
            return
        self._step = "where"
        self.chooser = SessionChooser(self.hub, self._zone, self._today, today=self._today, queue=True)
        self.chooser.chosen.connect(self._session_chosen)
        self.chooser.list.moved.connect(self._session_moved)
        self.chooser.show_loading()
        who = f"{self._child.first_name}, {age_short(self._child.age_months)} · {guardian(self._family)}"
        self.show_step(self.chooser, who, focus=self.chooser.list)
        self.main = self.answer(
            "Continue", lambda: self.chooser is not None and self.chooser.list.enter(), "primary"
        )
        self.main.setEnabled(False)
        self.set_answers(self.answer("Back", self.step_back), self.main)
        self.runner.start(self._load_sessions(self._child.id), "sessions")

    async def _load_sessions(self, child_id: UUID) -> None:
        sessions = await self._gateway.session_choices(self._today, child_id=child_id)
        if self._step == "where" and self.chooser is not None:
            self.chooser.show_sessions(sessions, current=self._session_id, picked=self._picked)
            self.chooser.list.setFocus(Qt.FocusReason.OtherFocusReason)

    def _session_moved(self, value: object) -> None:
        if self.main is not None and self._step == "where":
            full = isinstance(value, SessionChoice) and value.blocked is NoPlace.FULL
            self.main.setText("Put on the waitlist" if full else "Continue")
            self.main.setEnabled(value is not None)

    def _session_chosen(self, session: SessionChoice) -> None:
        if self._child is None or self._family is None or self._busy:
            return
        self._session_id, self._picked = session.session_id, True
        if session.blocked is NoPlace.FULL:
            self._begin()
            self.runner.start(self._wait(self._child, session))
            return
        self._step = "how"
        self.pay = PayStep(
            self.hub, self._child.first_name, session, self._family.credits, self._clock.now(), self._zone
        )
        who = f"{self._child.first_name}, {age_short(self._child.age_months)} · {guardian(self._family)}"
        self.main = self.answer(self.pay.words, lambda: self._book(session), "primary")
        self.pay.changed.connect(self._name_main)
        self.show_step(self.pay, who)
        self.set_answers(self.answer("Back", self.step_back), self.main)
        self.main.setFocus(Qt.FocusReason.OtherFocusReason)

    async def _wait(self, child: FamilyChild, session: SessionChoice) -> None:
        waiting = await self._gateway.join_waitlist(session.session_id, child_id=child.id)
        self._end()
        place = "next" if waiting.place == 1 else f"number {waiting.place}"
        self.booked.emit(
            f"{child.first_name} is on the waitlist",
            f"{session_title(session, self._zone)} · {place}",
            None,
            session,
        )
        self.close()

    # -- how ---------------------------------------------------------------------------------------------------------

    def _name_main(self) -> None:
        if self.main is not None and self.pay is not None:
            self.main.setText(self.pay.words)

    def _book(self, session: SessionChoice) -> None:
        if self._child is not None and self.pay is not None and not self._busy:
            self._begin()
            self.runner.start(self._take(self._child, session, self.pay))

    async def _take(self, child: FamilyChild, session: SessionChoice, pay: PayStep) -> None:
        try:
            booked = await self._gateway.take_place(
                session.session_id,
                pay.payment,
                child_id=child.id,
                check_in=pay.wants_check_in,
                overrule=frozenset(session.warnings),
            )
        except Conflict as error:
            self._end()
            if error.code == "not_enough_credits":
                pay.offer_owed()
                self.banner.show_error(error)
            elif self._step == "how":
                self._show_where()  # what is free has changed: the choice is made again
                self.banner.show_error(error)
            return
        self._end()
        title, detail = booked_words(child.first_name, booked, session, self._zone)
        self.booked.emit(title, detail, booked, session)
        self.close()

    # -- waiting and trouble -----------------------------------------------------------------------------------------

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
