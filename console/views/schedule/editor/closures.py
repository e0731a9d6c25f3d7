"""Closures: those to come, a new one for the venue or some rooms, and lifting one with what then takes place again.

See docs/design.md, "Rules of the domain" (schedules).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from uuid import UUID

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from console.domain.changing import Change, ClosureLift, ClosureNew, Fate, Plan, PlannedItem
from console.domain.counting import count
from console.domain.programme import CalendarSession, ClosureKind, ClosureSpan
from console.models.gateway_programme import ProgrammeGateway
from console.models.words import day_line
from console.views.schedule.editor import words
from console.views.schedule.editor.form import Form, Setting
from console.views.schedule.editor.inputs import ChoiceInput, DateInput, LongBox, StillBox, time_input
from console.views.schedule.editor.reading import read_time
from console.views.widgets.buttons import Button
from console.views.widgets.choices import Choice, ChoiceList
from console.views.widgets.fields import Field, TextInput
from console.views.widgets.text import Section, label
from console.views.widgets.toggles import CheckBox

_KINDS = {
    ClosureKind.HOLIDAY: "Holiday or break",
    ClosureKind.WEATHER: "Weather",
    ClosureKind.MAINTENANCE: "Maintenance",
    ClosureKind.STAFFING: "Staff",
    ClosureKind.PRIVATE_EVENT: "Private event",
    ClosureKind.EMERGENCY: "Emergency",
    ClosureKind.OTHER: "Other",
}
_NO_REASON = "Choose a reason to see what would happen."
_OWN = "A reason of your own…"
_ROWS = 7


class ClosureListForm(Form):
    """The closures to come; Enter on one lifts it."""

    is_planned = False
    discard = "Close"
    lifting = Signal(object)
    """The ClosureSpan to lift."""

    def __init__(self, setting: Setting, spans: Sequence[ClosureSpan]) -> None:
        """Those that are not over, the next first."""
        super().__init__(setting)
        self.title, self.caption = "Closures", count(len(spans), "closure") + " to come"
        self.list = ChoiceList(self.hub, "Closures to come")
        self.list.show_choices([Choice(one, one.reason, self._detail(one)) for one in spans])
        self.list.fit_rows(_ROWS)
        self.list.chosen.connect(self.lifting)
        if spans:
            self.column.addWidget(self.list)
            self.column.addWidget(
                label("Choose one to lift it, once you have seen what returns.", "caption", wrap=True)
            )
        else:
            self.list.hide()
            self.list.setParent(self)
            self.column.addWidget(
                label("No closures. Add one for a holiday or a repair.", "muted", wrap=True)
            )
        if setting.may_cancel:
            self.new = Button(self.hub, "New closure", icon="ph.plus")
            self.new.clicked.connect(lambda _checked=False: self.wanted.emit("closure"))
            self.column.addWidget(self.new)
        self.links(self.way("rooms", "Rooms…", "ph.door"))

    @property
    def first(self) -> QWidget:
        """The list."""
        return self.list

    @property
    def touched(self) -> bool:
        """Nothing is typed here."""
        return False

    def _detail(self, one: ClosureSpan) -> str:
        rooms = ", ".join(self.setting.room(room) or words.NO_ROOM for room in one.room_ids) or "whole venue"
        return f"{words.closure_span(one, self.setting.zone)} · {rooms}"


class ClosureForm(Form):
    """A new closure."""

    discard = "Discard"
    card_title = "If you close"

    def __init__(self, setting: Setting, *, day: date | None = None, room_id: UUID | None = None) -> None:
        """`day` and `room_id` are where it was begun."""
        super().__init__(setting)
        self.title, self.subject = "New closure", "the new closure"
        self.caption = "Sessions it meets are cancelled"
        self._day = day or setting.today + timedelta(days=1)
        self._reasons = [one for one in setting.choices.reasons if one.is_active]
        self._lay_out(room_id)

    @property
    def touched(self) -> bool:
        """A new one is always something to save."""
        return True

    def change(self) -> Change | None:
        """The closure as it stands."""
        values = self.fields.values()
        if values is None:
            return None
        first, last = values["starts"], values["last"] or values["starts"]
        rooms = tuple(room for room, box in self._rooms.items() if box.isChecked())
        if last < first:
            self.fields.refuse("last", "It would end before it begins.")
            return None
        if not self.whole_venue.isChecked() and not rooms:
            self._no_room.show()
            return None
        self._no_room.hide()
        reason = self._reason.currentIndex()
        self.why_not = words.BROKEN_FIELD
        if not 0 <= reason < len(self._reasons):
            self.why_not = "Add your reason first, or choose another." if reason >= 0 else _NO_REASON
            return None
        starts, ends = datetime.combine(first, time(0)), datetime.combine(last + timedelta(days=1), time(0))
        if not values["whole_days"]:
            starts, ends = (
                datetime.combine(first, values["from_time"]),
                datetime.combine(last, values["to_time"]),
            )
            if ends <= starts:
                self.fields.refuse("to_time", "It would end before it begins.")
                return None
        return ClosureNew(
            starts, ends, self._reasons[reason].id, () if self.whole_venue.isChecked() else rooms, values["is_yearly"],
            values["explanation"],
        )  # fmt: skip

    def save_words(self, plan: Plan | None) -> str:
        """Its consequence where it cancels."""
        return words.save_words(
            "Close the venue" if self.whole_venue.isChecked() else "Close the rooms", plan
        )

    # -- a reason of one's own ---------------------------------------------------------------------------------------

    async def add_reason(self, gateway: ProgrammeGateway) -> None:
        """Keep the reason that was typed, and choose it. Raises ConsoleErrors."""
        name = " ".join(self.own_name.text().split())
        if not name:
            self._own_name_field.set_error("Give the reason a name.")
            return
        made = await gateway.add_reason(name, list(_KINDS)[self._own_kind.currentIndex()])
        self._reasons.append(made)
        self._reason.insertItem(self._reason.count() - 1, made.name)
        self._reason.setCurrentIndex(self._reason.count() - 2)

    def choose_reason(self, name: str) -> None:
        """Choose a reason of the list by its name."""
        self._reason.setCurrentText(name)

    def choose_own_reason(self) -> None:
        """Ask for a reason that is not on the list."""
        self._reason.setCurrentIndex(self._reason.count() - 1)

    def _reason_chosen(self, at: int) -> None:
        own = at == self._reason.count() - 1
        self._own.setHidden(not own)
        self.edited.emit()
        if own:
            self.own_name.setFocus()

    def _shown(self) -> None:
        hours = not self._whole_days.isChecked()
        for name in ("from_time", "to_time"):
            self.fields.kept[name].field.setHidden(not hours)
        self._room_box.setHidden(self.whole_venue.isChecked())
        if self.whole_venue.isChecked():
            self._no_room.hide()
        self.edited.emit()

    def _lay_out(self, room_id: UUID | None) -> None:
        fields, hub, today = self.fields, self.hub, self.setting.today
        self.row(
            fields.day("starts", "From", DateInput(hub, today)),
            fields.day("last", "Until", DateInput(hub, today, empty="That day only")),
        )
        self._whole_days = fields.tick("whole_days", CheckBox(hub, "Whole days", checked=True))
        self.column.addWidget(self._whole_days)
        self.row(
            fields.typed("from_time", "Closed from", time_input(hub), read_time, words.clock),
            fields.typed("to_time", "Open again at", time_input(hub), read_time, words.clock),
        )
        self.column.addWidget(fields.tick("is_yearly", CheckBox(hub, "Every year on these days")))
        self.whole_venue = CheckBox(hub, "The whole venue", checked=room_id is None)
        self.column.addWidget(self.whole_venue)
        self._room_box = QWidget()
        rooms = QVBoxLayout(self._room_box)
        rooms.setContentsMargins(24, 0, 0, 0)
        rooms.setSpacing(0)
        self._rooms: dict[UUID, CheckBox] = {}
        for room in self.setting.choices.rooms:
            if room.is_active:
                box = LongBox(hub, room.name, checked=room.id == room_id)
                box.toggled.connect(lambda _on: self.edited.emit())
                self._rooms[room.id] = box
                rooms.addWidget(box)
        self.column.addWidget(self._room_box)
        self._no_room = label("Choose at least one room.", "error", wrap=True)
        self.column.addWidget(self._no_room)
        self._no_room.hide()
        self._reason = StillBox(hub, [*(one.name for one in self._reasons), _OWN])
        # Families read it: none is chosen for them.
        self._reason.setPlaceholderText("Choose a reason")
        self._reason.setCurrentIndex(-1)
        self.column.addWidget(Field(hub, "Reason", self._reason))
        self._lay_out_own()
        explanation = ChoiceInput(hub, (), longest=500)
        explanation.setPlaceholderText("What families read")
        self.column.addWidget(fields.text("explanation", "Explanation", explanation))
        fields.fill(
            {"starts": self._day, "last": None, "whole_days": True, "from_time": time(9, 0), "to_time": time(12, 0),
             "is_yearly": False, "explanation": None}
        )  # fmt: skip
        self._whole_days.toggled.connect(lambda _on: self._shown())
        self.whole_venue.toggled.connect(lambda _on: self._shown())
        self._reason.currentIndexChanged.connect(self._reason_chosen)
        self._shown()

    def _lay_out_own(self) -> None:
        self._own = QWidget()
        column = QVBoxLayout(self._own)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        self.own_name = TextInput(self.hub)
        self.own_name.setMaxLength(60)
        self._own_name_field = Field(self.hub, "Name of the reason", self.own_name)
        self._own_kind = StillBox(self.hub, list(_KINDS.values()))
        column.addWidget(self._own_name_field)
        column.addWidget(Field(self.hub, "What it counts as", self._own_kind))
        add = Button(self.hub, "Add this reason", icon="ph.plus")
        add.clicked.connect(lambda _checked=False: self.wanted.emit("reason"))
        column.addWidget(add)
        self.column.addWidget(self._own)
        self._own.setHidden(bool(self._reasons))


class LiftForm(Form):
    """A closure taken back, and which of the sessions it cancelled take place after all."""

    saves_untouched = True
    discard = "Keep closed"
    card_title = "If you lift it"

    def __init__(self, setting: Setting, span: ClosureSpan, known: Sequence[CalendarSession]) -> None:
        """`known` are sessions that this closure cancelled, for their names; what can return the plan says."""
        super().__init__(setting)
        self.span = span
        self.title, self.caption = f"Lift {span.reason}", words.closure_span(span, setting.zone)
        self.subject = span.reason
        self._names = {one.id: one.activity for one in known}
        self._boxes: dict[UUID, CheckBox] = {}
        if span.explanation:
            self.column.addWidget(label(span.explanation, wrap=True))
        self._offered = QWidget()
        self._column = QVBoxLayout(self._offered)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(4)
        self.column.addWidget(self._offered)
        self._told = label("", "caption", wrap=True)
        self.column.addWidget(self._told)

    @property
    def first(self) -> QWidget:
        """The first session."""
        return next(iter(self._boxes.values()), self)

    @property
    def touched(self) -> bool:
        """Whether a session was chosen."""
        return bool(self._chosen())

    @property
    def is_begun(self) -> bool:
        """Whether a session was chosen."""
        return self.touched

    def change(self) -> Change | None:
        """The lifting as it stands."""
        return ClosureLift(self.span.closure_id, self.span.version, self._chosen())

    def save_words(self, plan: Plan | None) -> str:
        """What returns."""
        chosen = len(self._chosen())
        return f"Lift, restore {count(chosen, 'session')}" if chosen else "Lift closure"

    def planned(self, plan: Plan) -> None:
        """List what could return, as soon as that is known."""
        offered = [item for item in plan.items if item.fate is Fate.RESTORED and item.session_id is not None]
        if not self._boxes and offered:
            self._column.addWidget(Section("Take place after all"))
            self._column.addWidget(
                self.link("Choose all", "ph.check", self._choose_all), 0, Qt.AlignmentFlag.AlignLeft
            )
        for item in offered:
            if item.session_id is not None and item.session_id not in self._boxes:
                self._offer(item.session_id, item)
        stay = "Their bookings stay cancelled; parents are told."
        self._told.setText(stay if self._boxes else "It cancelled no session to come.")

    def shown(self, plan: Plan) -> Plan:
        """Only what was chosen of those that could return."""
        chosen = self._chosen()
        items = tuple(
            item for item in plan.items if item.fate is not Fate.RESTORED or item.session_id in chosen
        )
        return replace(plan, items=items)

    async def refetch(self, gateway: ProgrammeGateway) -> list[str]:
        """The closure as it is now; what could return is asked anew."""
        spans = await gateway.closures()
        self.span = next((one for one in spans if one.closure_id == self.span.closure_id), self.span)
        for box in self._boxes.values():
            box.setChecked(False)
        return []

    def _offer(self, session_id: UUID, item: PlannedItem) -> None:
        at = item.was_starts_at or item.starts_at
        when = (
            f"{day_line(self.setting.local(at).date())} {self.setting.local(at):%H:%M}"
            if at is not None
            else ""
        )
        what = self._names.get(session_id) or item.was_room or item.room or ""
        box = LongBox(self.hub, f"{when} {what}".strip())
        box.toggled.connect(lambda _on: self.edited.emit())
        self._boxes[session_id] = box
        self._column.addWidget(box)

    def _chosen(self) -> tuple[UUID, ...]:
        return tuple(one for one, box in self._boxes.items() if box.isChecked())

    def _choose_all(self) -> None:
        for box in self._boxes.values():
            box.setChecked(True)


async def cancelled_by(
    gateway: ProgrammeGateway, span: ClosureSpan, setting: Setting
) -> list[CalendarSession]:
    """The sessions to come that a closure cancelled."""
    first = max(setting.local(span.starts_at).date(), setting.today)
    last = max(setting.local(span.ends_at).date(), first)
    found = await gateway.calendar(first, last)
    now = setting.clock.now()
    return [
        one for one in found.sessions
        if one.closure_id == span.closure_id and one.is_cancelled and one.starts_at > now
    ]  # fmt: skip
