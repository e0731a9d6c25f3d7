"""The venue's rooms: a new one, another name, how many fit in, and putting one away.

Rooms are written at once; no session depends on how a room is called. See docs/design.md, "Screens" (schedule).
"""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from PySide6.QtWidgets import QWidget

from console.domain.changing import Plan
from console.domain.counting import count
from console.domain.programme import Room
from console.models.gateway_programme import ProgrammeGateway
from console.views.schedule.editor.form import Form, Setting
from console.views.schedule.editor.inputs import ChoiceInput, count_input
from console.views.schedule.editor.reading import read_count
from console.views.widgets.choices import Choice, ChoiceList
from console.views.widgets.text import label
from console.views.widgets.toggles import CheckBox

_ROWS = 6
_MOST = 10_000
_FIT = "children"


class RoomsForm(Form):
    """The rooms, one of them open for changing."""

    is_planned = False
    discard = "Close"

    def __init__(self, setting: Setting, current: UUID | None = None) -> None:
        """`current` is the room to begin with; a new one otherwise."""
        super().__init__(setting)
        self.title = self.subject = "Rooms"
        in_use = [room for room in setting.choices.rooms if room.is_active]
        self.caption = f"{count(len(in_use), 'room')} in use"
        self.room: Room | None = None
        self.list = ChoiceList(self.hub, "Rooms")
        rows = [Choice(None, "New room", "Add another room")]
        rows += [Choice(room, room.name, self._detail(room)) for room in setting.choices.rooms]
        self.column.addWidget(self.list)
        self._heading = label("New room", "section")
        self.column.addWidget(self._heading)
        name = ChoiceInput(self.hub, (), longest=100)
        size = count_input(self.hub, 1, _MOST, what=_FIT)
        size.setPlaceholderText("Nobody said")
        self.row(
            self.fields.text("name", "Name", name),
            self.fields.typed(
                "capacity", "Children that fit", size, _size, lambda one: "" if one is None else str(one)
            ),
            stretch=(3, 2),
        )
        self.in_use = self.fields.tick("is_active", CheckBox(self.hub, "In use", checked=True))
        self.column.addWidget(self.in_use)
        begin = next((room for room in setting.choices.rooms if room.id == current), None)
        self.list.show_choices(rows, current=begin)
        self.list.fit_rows(_ROWS)
        self.list.moved.connect(self._show)
        self._show(begin)

    @property
    def first(self) -> QWidget:
        """The list."""
        return self.list

    def save_words(self, plan: Plan | None) -> str:
        """Add or save."""
        return "Save room" if self.room else "Add room"

    async def store(self, gateway: ProgrammeGateway) -> str:
        """Write the room."""
        values = self.fields.values()
        if values is None or not values["name"]:
            self.fields.refuse("name", "Give the room a name.")
            return ""
        if self.room is None:
            made = await gateway.add_room(values["name"], values["capacity"])
        else:
            made = await gateway.edit_room(
                replace(
                    self.room, name=values["name"], capacity=values["capacity"], is_active=values["is_active"]
                )
            )
        return f"{made.name} saved" if made.is_active else f"{made.name} put away"

    def _show(self, value: object) -> None:
        room = value if isinstance(value, Room) else None
        self.room = room
        self.in_use.setHidden(room is None)
        self._heading.setText("This room" if room else "New room")
        self.fields.compares = room is not None
        self.fields.fill(
            {"name": room.name if room else None, "capacity": room.capacity if room else None,
             "is_active": room.is_active if room else True}
        )  # fmt: skip

    def _detail(self, room: Room) -> str:
        size = f"{room.capacity} children fit" if room.capacity is not None else "Nobody said how many fit"
        return size if room.is_active else f"{size}, put away"


def _size(text: str) -> int | None:
    return read_count(text, 1, _MOST, _FIT) if text.strip() else None
