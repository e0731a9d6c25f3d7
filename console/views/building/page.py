"""The Building screen: everybody who is in now, by room, as the list for a roll call, and who is late to be collected.

What a fire marshal asks for is two keystrokes away: Ctrl+P and Enter. The list keeps its place while others come and
go. See docs/design.md, "Screens" (front desk).
"""

from __future__ import annotations

from collections.abc import Awaitable
from datetime import date, tzinfo
from functools import partial

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QScrollArea, QVBoxLayout, QWidget

from console.clock import Clock
from console.domain.day import Building, Load, Presence, RoomLoad
from console.errors import ConsoleError
from console.models.gateway import DayGateway
from console.models.printing import DeskPrinter
from console.models.runner import TaskRunner
from console.models.words import local_day
from console.views.building.summary import SummarySheet
from console.views.building.words import (
    NO_ROOM,
    building_choices,
    inside_words,
    late_first,
    load_chip,
    room_words,
)
from console.views.shell.areas import Action, listen
from console.views.theme import ThemeHub
from console.views.widgets.banner import Banner
from console.views.widgets.base import line, surface
from console.views.widgets.buttons import Button
from console.views.widgets.chips import Chip
from console.views.widgets.choices import ChoiceList
from console.views.widgets.focus import lead_focus
from console.views.widgets.header import PageHeader
from console.views.widgets.meter import Meter
from console.views.widgets.paint import ChipSpec
from console.views.widgets.text import ElidedLabel, Section, label
from console.views.widgets.waiting import EmptyState

_TICK_MS = 15_000


class BuildingPage(QWidget):
    """Who is in the building."""

    reached = Signal(object)
    """None when the server answered, the ConsoleError when it did not: for the status bar."""
    toast_wanted = Signal(str, str, object)
    child_wanted = Signal(object)
    """A Presence: its row in Today is wanted."""

    def __init__(
        self,
        hub: ThemeHub,
        clock: Clock,
        gateway: DayGateway,
        *,
        zone: tzinfo,
        venue: str = "",
        printer: DeskPrinter | None = None,
        poll_seconds: int = 20,
    ) -> None:
        """`poll_seconds` 0 leaves refreshing to whoever calls `refresh`."""
        super().__init__()
        self.hub, self._clock, self._gateway, self._zone = hub, clock, gateway, zone
        self._printer = printer
        self.building: Building | None = None
        self.runner = TaskRunner(self._failed)
        self.destroyed.connect(self.runner.cancel_all)
        self._sheet: SummarySheet | None = None
        self.header = PageHeader(hub, "In the building", venue)
        self.banner = Banner(hub)
        self.list = ChoiceList(hub, "Who is in the building")
        self.list.chosen.connect(self.child_wanted.emit)
        self.empty = EmptyState(
            hub, "ph.house-line", "Nobody is in", "Children appear here as they are checked in."
        )
        self.side = _Side(hub)
        self._lay_out()
        self._tick = QTimer(self)
        self._tick.setInterval(_TICK_MS)
        self._tick.timeout.connect(self._show)
        self._poll = QTimer(self)
        self._poll.setInterval(poll_seconds * 1000)
        self._poll.timeout.connect(self.refresh)
        action = partial(Action, heard=False, group="In the building")
        actions = [
            action("building:refresh", "Refresh", self.refresh, "F5", "ph.arrow-clockwise"),
            action("building:day", "The day in numbers", self.show_summary, "Ctrl+D", "ph.chart-bar"),
        ]
        if printer is not None:
            actions.append(
                action("building:print", "Print the roll call", self.print_roll_call, "Ctrl+P", "ph.printer")
            )
        self.page_actions = tuple(actions)
        listen(self, self.page_actions)
        lead_focus(self, self.list)

    # -- for the window ----------------------------------------------------------------------------------------------

    def refresh(self) -> None:
        """Ask again; the list keeps its place."""
        self.runner.start(self._load(), "load")

    def stop(self) -> None:
        """Drop everything under way: the page is going away."""
        self._tick.stop()
        self._poll.stop()
        self.runner.cancel_all()

    def print_roll_call(self) -> None:
        """Print who is in now, freshly asked for; without an answer, what is on the screen with its age."""
        if self._printer is not None:
            self.runner.start(self._print_now(self._printer), "print")

    def show_summary(self) -> None:
        """Show today in numbers."""
        self.runner.start(self._open_summary(self._today()), "summary")

    # -- loading -----------------------------------------------------------------------------------------------------

    def _today(self) -> date:
        return local_day(self._clock.now(), self._zone)

    async def _load(self) -> None:
        self.building = await self._gateway.building()
        if self.building.kept:
            self._say_how_old(self.building)
        else:
            self.reached.emit(None)
            self.banner.clear()
        self._show()

    def _say_how_old(self, building: Building) -> None:
        at = building.at.astimezone(self._zone)
        day = "" if at.date() == self._today() else f" on {at:%Y-%m-%d}"
        self.banner.show_message(
            f"Without the server: rosters of {at:%H:%M}{day}, and what this desk did since.",
            "Ask the other desks who came and went there.",
            "amber",
        )

    async def _print_now(self, printer: DeskPrinter) -> None:
        as_of = None
        try:
            await self._load()
        except ConsoleError as error:
            if self.building is None:
                raise
            # In an alarm an older list is better than none; the paper says how old it is.
            self.reached.emit(error)
            as_of = self.building.at
        if self.building is not None:
            if self.building.kept:
                as_of = self.building.at
            await self._tell(printer.print_roll_call(self.building, as_of=as_of))

    async def _open_summary(self, day: date) -> None:
        summary = await self._gateway.day_summary(day)
        self.reached.emit(None)
        printer = self._printer
        print_ = None
        if printer is not None:

            def print_() -> None:
                self.runner.start(self._tell(printer.print_day(summary)), "print")

        self._sheet = SummarySheet(self.hub, self.window(), summary, self._zone, print_=print_)
        self._sheet.open()

    async def _tell(self, printing: Awaitable[str]) -> None:
        said = await printing
        if said:
            self.toast_wanted.emit(said, "", None)

    def _failed(self, error: ConsoleError) -> None:
        self.reached.emit(error)
        self.banner.show_error(error, action=("Try again", self.refresh))

    # -- showing -----------------------------------------------------------------------------------------------------

    def _show(self) -> None:
        building = self.building
        if building is None:
            return
        now = self._clock.now()
        self.list.refresh_choices(building_choices(building, now, self._zone), _identity)
        self.list.setHidden(not building.present)
        self.empty.setHidden(bool(building.present))
        self.header.caption.setText(inside_words(len(building.present)))
        self.side.show_building(building, late_first(building.present, now))

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        ground = surface("canvas")
        column.addWidget(ground)
        inner = QVBoxLayout(ground)
        inner.setContentsMargins(0, 0, 0, 0)
        inner.setSpacing(0)
        numbers = Button(self.hub, "The day in numbers", icon="ph.chart-bar")
        numbers.setToolTip("The day in numbers (Ctrl+D)")
        numbers.clicked.connect(lambda _checked=False: self.show_summary())
        self.header.add(numbers)
        if self._printer is not None:
            roll = Button(self.hub, "Print the roll call", "primary", icon="ph.printer")
            roll.setToolTip("Print the roll call (Ctrl+P)")
            roll.clicked.connect(lambda _checked=False: self.print_roll_call())
            self.header.add(roll)
        inner.addWidget(self.header)
        body = QHBoxLayout()
        body.setContentsMargins(0, 0, 0, 0)
        body.setSpacing(0)
        main = QVBoxLayout()
        main.setContentsMargins(24, 16, 24, 16)
        main.setSpacing(12)
        main.addWidget(self.banner)
        main.addWidget(self.list, 1)
        main.addWidget(self.empty, 1)
        self.empty.hide()
        body.addLayout(main, 1)
        body.addWidget(self.side)
        inner.addLayout(body, 1)

    def showEvent(self, event: QShowEvent) -> None:
        """Ask while the page is seen."""
        super().showEvent(event)
        if event.spontaneous():
            return
        self.refresh()
        self._tick.start()
        if self._poll.interval():
            self._poll.start()
        self.list.setFocus(Qt.FocusReason.OtherFocusReason)

    def hideEvent(self, event: QHideEvent) -> None:
        """A page nobody sees asks nothing of the server."""
        super().hideEvent(event)
        self._tick.stop()
        self._poll.stop()


class _Side(QWidget):
    """The rooms with how full they are, and the number of those who wait to be collected."""

    def __init__(self, hub: ThemeHub) -> None:
        super().__init__()
        self.hub = hub
        self.setFixedWidth(hub.theme.size("factsPanel"))
        outer = QHBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        outer.addWidget(line(vertical=True))
        ground = surface("panel")
        outer.addWidget(ground, 1)
        column = QVBoxLayout(ground)
        column.setContentsMargins(20, 16, 20, 16)
        column.setSpacing(12)
        self.figure = label("0", "figure")
        self.words = label("Nobody is in", "muted")
        column.addWidget(self.figure)
        column.addWidget(self.words)
        self.late = Chip(hub, "", "amber", "ph.clock-bold")
        column.addWidget(self.late)
        self.late.hide()
        column.addWidget(Section("Rooms"))
        self._scroll = QScrollArea()
        self._scroll.setWidgetResizable(True)
        self._scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        column.addWidget(self._scroll, 1)
        self._shown: tuple[RoomLoad, ...] | None = None

    def show_building(self, building: Building, late: list[Presence]) -> None:
        """Show rooms and counts; what has not changed is not built again."""
        count = len(building.present)
        self.figure.setText(str(count))
        self.words.setText("child is in" if count == 1 else "children are in")
        if late:
            self.late.show_chip(load_chip_late(len(late)))
        self.late.setHidden(not late)
        if building.rooms != self._shown:
            self._shown = building.rooms
            self._scroll.setWidget(self._rooms(building.rooms))
            self._scroll.viewport().setAutoFillBackground(False)

    def _rooms(self, rooms: tuple[RoomLoad, ...]) -> QWidget:
        body = QWidget()
        body.setProperty("clear", "true")
        column = QVBoxLayout(body)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(14)
        for room in rooms:
            column.addLayout(self._room(room))
        column.addStretch(1)
        return body

    def _room(self, room: RoomLoad) -> QVBoxLayout:
        block = QVBoxLayout()
        block.setSpacing(4)
        head = QHBoxLayout()
        head.setSpacing(8)
        name = room.room_name or NO_ROOM
        head.addWidget(ElidedLabel(name, "strong"), 1)
        chip = load_chip(room.load)
        if chip is not None:
            head.addWidget(Chip(self.hub, chip.text, chip.tone, chip.icon))
        head.addWidget(_figure(room_words(room)))
        block.addLayout(head)
        meter = Meter(self.hub, f"{name}, {room_words(room)}")
        share = room.inside / room.places if room.places else 0.0
        tone = "green.solid" if room.load is Load.ROOMY else "amber.solid"
        meter.set_parts([(min(1.0, share), tone)])
        block.addWidget(meter)
        return block


def load_chip_late(count: int) -> ChipSpec:
    """How many children wait to be collected."""
    return ChipSpec(f"{count} to be collected", "amber", "ph.clock-bold")


def _figure(words: str) -> QLabel:
    made = label(words, "secondary")
    made.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
    return made


def _identity(value: object) -> object:
    return value.booking_id if isinstance(value, Presence) else value
