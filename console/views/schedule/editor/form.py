"""What every form of the side panel is to the panel: a change to plan, whether it was touched, and its words.

The panel knows no kind of change; a form knows no preview and saves nothing. See docs/design.md, "Screens" (schedule).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from functools import partial
from uuid import UUID

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from console.clock import Clock
from console.domain.changing import Change, Plan, Settled
from console.domain.programme import CalendarSession, Choices
from console.errors import ConsoleError
from console.models.gateway_programme import ProgrammeGateway
from console.views.schedule.editor import words
from console.views.schedule.editor.fieldset import FieldSet
from console.views.theme import ThemeHub
from console.views.widgets.buttons import Button


@dataclass(frozen=True)
class Setting:
    """What the forms work with: the theme, the venue's zone and clock, what may be chosen, what the person may do."""

    hub: ThemeHub
    zone: tzinfo
    clock: Clock
    choices: Choices
    may_edit: bool
    may_cancel: bool

    @property
    def today(self) -> date:
        """Today by the venue's clock."""
        return self.clock.now().astimezone(self.zone).date()

    def local(self, at: datetime) -> datetime:
        """An instant by the venue's clock, without its zone."""
        return at.astimezone(self.zone).replace(tzinfo=None)

    def room(self, room_id: UUID | None) -> str | None:
        """A room's name."""
        return next((room.name for room in self.choices.rooms if room.id == room_id), None)

    def room_options(self) -> dict[UUID | None, str]:
        """The rooms in use, and none."""
        return {None: words.NO_ROOM} | {room.id: room.name for room in self.choices.rooms if room.is_active}


class Form(QWidget):
    """One form. A subclass fills `column` and answers `change`."""

    edited = Signal()
    wanted = Signal(str)
    """Something else to do with the same thing, by its word: "cancel", "combine", "end" ..."""

    title = ""
    caption = ""
    subject = ""
    """What the status bar calls it while it is not saved."""
    discard = "Discard"
    card_title = "If you save"
    why_not = words.BROKEN_FIELD
    """Why there is no change to preview, where `change` answers None."""
    saves_untouched = False
    """Whether it can be saved without an edit: its opening is the wish already."""
    is_planned = True
    """Whether it is previewed; otherwise `store` writes it."""
    settles_dates = False
    """Whether a conflict can be settled by leaving its date out."""

    def __init__(self, setting: Setting) -> None:
        """An empty form."""
        super().__init__()
        self.setting, self.hub = setting, setting.hub
        self.setProperty("clear", "true")
        self.fields = FieldSet(self.hub, self)
        self.fields.edited.connect(self.edited)
        self.settled: dict[date, Settled] = {}
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(0, 0, 0, 0)
        self.column.setSpacing(8)

    # -- for a subclass ----------------------------------------------------------------------------------------------

    def row(self, *parts: QWidget, stretch: tuple[int, ...] = (), into: QVBoxLayout | None = None) -> None:
        """Put fields beside each other, at the end of the form or of `into`."""
        made = QHBoxLayout()
        made.setSpacing(12)
        for at, part in enumerate(parts):
            made.addWidget(part, stretch[at] if stretch else 1, Qt.AlignmentFlag.AlignTop)
        (into or self.column).addLayout(made)

    def links(self, *parts: QWidget) -> None:
        """Quiet ways on, beside each other below the fields."""
        across = QHBoxLayout()
        across.setSpacing(16)
        for part in parts:
            across.addWidget(part)
        across.addStretch(1)
        self.column.addLayout(across)

    def way(self, key: str, text: str, icon: str) -> Button:
        """A quiet way on to something else, which the panel knows by `key`."""
        return self.link(text, icon, partial(self.wanted.emit, key))

    def fold(self, more: str, less: str) -> tuple[Button, QVBoxLayout]:
        """Room for what is seldom needed, folded away: its link, and where it goes."""
        self._folded = QWidget()
        column = QVBoxLayout(self._folded)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        self._more = self.link(more, "ph.caret-down", lambda: self.unfold(self._folded.isHidden()))
        self._fold_words = (less, more)
        self.fields.refused_unseen.connect(self.unfold)
        return self._more, column

    def unfold(self, shown: bool = True) -> None:
        """Show what is folded away, or fold it again."""
        self._folded.setHidden(not shown)
        self._more.setText(self._fold_words[0 if shown else 1])
        self._more.set_icon("ph.caret-up" if shown else "ph.caret-down")

    def place_fold(self, *, shown: bool) -> None:
        """Put what is folded away below what there is so far."""
        self.column.addWidget(self._folded)
        self.unfold(shown)

    def link(self, text: str, icon: str, run: Callable[[], object]) -> Button:
        """One quiet way on."""
        made = Button(self.hub, text, "link", icon=icon, scale="compact")
        made.clicked.connect(lambda _checked=False: run())
        return made

    # -- for the panel -----------------------------------------------------------------------------------------------

    @property
    def first(self) -> QWidget:
        """Where the keyboard begins."""
        return next(iter(self.fields.kept.values())).field.editor

    @property
    def touched(self) -> bool:
        """Whether anything differs from what is kept."""
        return bool(self.fields.edits()) or bool(self.settled)

    @property
    def is_begun(self) -> bool:
        """Whether a person did anything here that leaving would lose."""
        return bool(self.fields.edits()) or bool(self.settled)

    def change(self) -> Change | None:
        """The change as it stands; None while a field cannot be read (it says so itself)."""
        raise AssertionError("each form has its own change")

    def save_words(self, plan: Plan | None) -> str:
        """What the main button says."""
        return words.save_words("Save", plan)

    def may_save(self) -> bool:
        """Whether nothing is missing that only saving needs; shows what is, and takes the keyboard there."""
        return True

    def reason_given(self) -> bool:
        """Whether the families get a reason; asks for it where they do not."""
        kept = self.fields.kept["reason"]
        if kept.read():
            return True
        self.fields.refuse("reason", words.NO_REASON)
        kept.field.editor.setFocus(Qt.FocusReason.OtherFocusReason)
        return False

    def settle(self, on: date, how: Settled | None) -> None:
        """A person decided about one date; None takes the decision back."""
        if how is None:
            self.settled.pop(on, None)
        else:
            self.settled[on] = how
        self.edited.emit()

    def shown(self, plan: Plan) -> Plan:
        """What of a plan the preview shows: all of it, where a form has no list of its own."""
        return plan

    def planned(self, plan: Plan) -> None:
        """A new plan of this form is on show."""

    def refuse(self, error: ConsoleError) -> bool:
        """Show a refusal where it belongs; False where it belongs to no field."""
        return self.fields.refuse(error.code, error.sentence)

    async def refetch(self, gateway: ProgrammeGateway) -> list[str]:
        """Load what is kept by now, keep the person's edits, and answer what somebody else changed."""
        return []

    async def store(self, gateway: ProgrammeGateway) -> str:
        """Write what needs no preview, and answer what was done in a sentence. Raises ConsoleErrors."""
        raise AssertionError("a form without a preview writes itself")


async def session_now(gateway: ProgrammeGateway, session: CalendarSession) -> CalendarSession:
    """A session as it is now, or as it was where it is no longer on its day."""
    found = await gateway.calendar(session.day, session.day)
    return next((one for one in found.sessions if one.id == session.id), session)
