"""Combining a session with another: where its children go, which of them, and whose parents have agreed.

See docs/design.md, "Rules of the domain" (schedules); nothing moves before it is confirmed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from console.domain.changing import Change, Fate, Hit, Plan, SessionCancel, SessionCombine
from console.domain.counting import count
from console.domain.programme import CalendarSession
from console.errors import Conflict
from console.models.gateway_programme import ProgrammeGateway
from console.models.words import day_line
from console.views.schedule.editor import words
from console.views.schedule.editor.form import Form, Setting, session_now
from console.views.schedule.editor.inputs import ChoiceInput, LongBox
from console.views.widgets.choices import Choice, ChoiceList
from console.views.widgets.text import Section, label
from console.views.widgets.toggles import CheckBox

DAYS_AHEAD = 7
_ROWS = 4


class CombineForm(Form):
    """Where the children of one session go."""

    saves_untouched = True
    discard = "Keep session"
    card_title = "If you combine them"
    why_not = "Choose a session with a free place."

    def __init__(
        self,
        setting: Setting,
        session: CalendarSession,
        others: Sequence[CalendarSession],
        booked: Sequence[Hit] = (),
    ) -> None:
        """`others` are the sessions of that day and the next; `booked` the bookings that could move."""
        super().__init__(setting)
        self.session, self._others = session, tuple(others)
        self.subject = session.activity
        self.title = f"Combine {session.activity}"
        self.caption = words.session_caption(session, setting.room(session.room_id), setting.zone)
        self._moves: dict[UUID, CheckBox] = {}
        self._agreed: dict[UUID, CheckBox] = {}
        self.column.addWidget(Section("Move its children to"))
        self.list = ChoiceList(self.hub, "Sessions with free places")
        self.list.show_choices([self._choice(one) for one in self._others])
        self.list.fit_rows(_ROWS)
        self.list.moved.connect(lambda _one: self.edited.emit())
        self.column.addWidget(self.list)
        if not any(self._is_open(one) for one in self._others):
            none = f"No session of the next {DAYS_AHEAD} days has a free place."
            self.column.addWidget(label(none, "muted", wrap=True))
        self._children = QWidget()
        self._grid = QVBoxLayout(self._children)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(4)
        self.column.addWidget(self._children)
        self.booked = tuple(booked)
        self._list_bookings(self.booked)
        reason = ChoiceInput(self.hub, words.REASONS, longest=200)
        self.column.addWidget(self.fields.text("reason", "Reason for the families", reason))
        self.fields.fill({"reason": None})

    @property
    def first(self) -> QWidget:
        """The sessions to choose from."""
        return self.list

    @property
    def target(self) -> CalendarSession | None:
        """The session chosen."""
        value = self.list.current
        return value if isinstance(value, CalendarSession) else None

    def choose(self, session_id: UUID) -> None:
        """Choose the session to move to; nothing where it has no free place."""
        at = next(
            (at for at, one in enumerate(self._others) if one.id == session_id and self._is_open(one)), None
        )
        if at is not None:
            self.list.setCurrentIndex(self.list.choices.index(at))

    @property
    def touched(self) -> bool:
        """Whether a booking is left out, a parent has agreed or a reason was written."""
        ticks = any(box.isChecked() for box in self._agreed.values())
        return super().touched or ticks or not all(box.isChecked() for box in self._moves.values())

    def change(self) -> Change | None:
        """The move as it stands; None without a session to move to."""
        values, target = self.fields.values(), self.target
        if values is None or target is None:
            return None
        chosen = tuple(one for one, box in self._moves.items() if box.isChecked())
        agreed = tuple(one for one, box in self._agreed.items() if box.isChecked() and one in chosen)
        all_of_them = len(chosen) == len(self._moves)
        return SessionCombine(
            self.session.id, self.session.version, target.id, target.version, None if all_of_them else chosen, agreed,
            values["reason"] or "",
        )  # fmt: skip

    def may_save(self) -> bool:
        """Families are told why."""
        return self.reason_given()

    def save_words(self, plan: Plan | None) -> str:
        """How many bookings move."""
        moved = sum(1 for hit in plan.hits if hit.fate == "moved") if plan is not None else 0
        return f"Move {count(moved, 'booking')}" if moved else "Combine sessions"

    def shown(self, plan: Plan) -> Plan:
        """The other session only gets more children: that is said by the bookings already."""
        items = tuple(item for item in plan.items if item.fate is not Fate.CHANGED or item.changes)
        return replace(plan, items=items)

    def _list_bookings(self, known: Sequence[Hit]) -> None:
        if not known:
            self._children.hide()
            return
        self._grid.addWidget(Section("Who moves, and whose parent agreed"))
        for number, hit in enumerate(known, 1):
            name = words.hit_title(hit, number)
            parent = f" ({hit.parent})" if hit.parent else ""
            moves = LongBox(self.hub, name + parent, checked=True)
            moves.setAccessibleName(f"Move {name}{parent}")
            agreed = CheckBox(self.hub, "Agreed")
            agreed.setAccessibleName(f"The parent of {name} agreed")
            line = QHBoxLayout()
            line.setSpacing(8)
            line.addWidget(moves, 1)
            line.addWidget(agreed)
            self._grid.addLayout(line)
            self._moves[hit.booking_id], self._agreed[hit.booking_id] = moves, agreed
            for box in (moves, agreed):
                box.toggled.connect(lambda _on: self.edited.emit())
        told = "Whoever has not agreed is told and may cancel for free."
        self._grid.addWidget(label(told, "caption", wrap=True))

    async def refetch(self, gateway: ProgrammeGateway) -> list[str]:
        """Both sessions as they are now."""
        chosen = self.target
        self.session = await session_now(gateway, self.session)
        self._others = await targets(gateway, self.session, self.setting)
        current = next((one for one in self._others if chosen is not None and one.id == chosen.id), None)
        self.list.show_choices([self._choice(one) for one in self._others], current=current)
        known = {hit.booking_id for hit in await bookings_of(gateway, self.session)}
        for gone in [one for one in self._moves if one not in known]:
            for boxes in (self._moves, self._agreed):
                boxes.pop(gone).hide()
        return []

    def _is_open(self, one: CalendarSession) -> bool:
        return not one.is_full

    def _choice(self, one: CalendarSession) -> Choice:
        free = one.capacity - one.booked
        room = self.setting.room(one.room_id)
        when = f"{day_line(one.day)}, {words.hours(one.starts_at, one.ends_at, self.setting.zone)}"
        right = f"{free} free" if free > 0 else "full"
        return Choice(
            one, one.activity, f"{when}, {room}" if room else when, right=right, open=self._is_open(one)
        )


async def bookings_of(gateway: ProgrammeGateway, session: CalendarSession) -> tuple[Hit, ...]:
    """The bookings of a session, which only a plan of its cancellation knows; none where there cannot be one."""
    try:
        plan = await gateway.plan(SessionCancel(session.id, session.version, ""))
    except Conflict:
        return ()
    return plan.hits


async def targets(
    gateway: ProgrammeGateway, session: CalendarSession, setting: Setting
) -> tuple[CalendarSession, ...]:
    """The sessions that children of one could move to: not over, not cancelled; of the same activity first."""
    first = max(session.day, setting.today)
    found = await gateway.calendar(first, first + timedelta(days=DAYS_AHEAD))
    now = setting.clock.now()
    fit = [
        one
        for one in found.sessions
        if one.id != session.id and not one.is_cancelled and not one.is_closed and one.starts_at > now
    ]
    return tuple(
        sorted(fit, key=lambda one: (one.activity_id != session.activity_id, one.is_full, one.starts_at))
    )
