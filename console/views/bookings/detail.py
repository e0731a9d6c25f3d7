"""One booking's page: its facts, what became of it, its credits and who changed what, and what can be done with it.

See docs/design.md, "Screens"; whose names are shown is the database's to say.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import tzinfo
from typing import Protocol
from uuid import UUID

from PySide6.QtCore import QPoint, QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QMenu, QVBoxLayout, QWidget

from console.domain.booking_page import BookingPage
from console.domain.counting import count
from console.domain.credits import BookingCancelled, CancellationReason
from console.domain.paging import Page, PageRequest
from console.errors import ConsoleError
from console.models.runner import TaskRunner
from console.models.table import Column, KeysetTableModel
from console.views.bookings import detail_words as words
from console.views.bookings.detail_words import Line
from console.views.bookings.words import STATUS_CHIPS
from console.views.shell.areas import Action, listen
from console.views.theme import ThemeHub
from console.views.widgets.banner import Banner
from console.views.widgets.base import line, surface
from console.views.widgets.buttons import Button, IconButton
from console.views.widgets.chips import Chip
from console.views.widgets.dialog import QuestionCard, QuestionDialog
from console.views.widgets.focus import lead_focus, tab_in_order
from console.views.widgets.header import PageHeader
from console.views.widgets.table import CellLook, DataTable
from console.views.widgets.text import ElidedLabel, label
from console.views.widgets.toggles import ChoiceRow
from console.views.widgets.waiting import EmptyState, Skeleton

_TABS = (("history", "History"), ("credits", "Credits"), ("changes", "Changes"))
_LEFT_OUT = {"history": ("amount",), "credits": ("desk", "person"), "changes": ("amount",)}


class BookingGateway(Protocol):
    """What the page asks of the layers below. Raises ConsoleErrors only."""

    async def page(self, booking_id: UUID) -> BookingPage:
        """Everything about one booking."""
        ...

    async def cancel(
        self, booking_id: UUID, *, by_venue: bool, reason: CancellationReason
    ) -> BookingCancelled:
        """Cancel it and give back its credits where they come back."""
        ...

    async def settle_owed(self, booking_id: UUID) -> int:
        """Take what is owed for it from the family's credits; the answer is how much."""
        ...


class BookingDetail(QWidget):
    """The page. `left` asks to go back; the others carry the BookingPage they are about."""

    left = Signal()
    today_wanted = Signal(object)
    move_wanted = Signal(object)
    labels_wanted = Signal(object)
    cancelled = Signal(object)
    toast_wanted = Signal(str, str)

    def __init__(
        self,
        hub: ThemeHub,
        gateway: BookingGateway,
        zone: tzinfo,
        *,
        may_manage: bool,
        may_cancel_for_venue: bool,
        at_desk: bool,
    ) -> None:
        """`may_manage` offers moving and cancelling, `at_desk` (who keeps rosters) Today and labels.

        A cancellation is the venue's, with everything given back, for those who `may_cancel_for_venue`; else it is
        made in the family's name and costs what it would cost the family.
        """
        super().__init__()
        self.hub, self._gateway, self._zone = hub, gateway, zone
        self._for_venue = may_cancel_for_venue
        self.booking: BookingPage | None = None
        self._wanted: UUID | None = None
        self.runner = TaskRunner(self._failed)
        self.header = PageHeader(hub, "", "", detail=True)
        self.chip = Chip(hub, "")
        self.banner = Banner(hub)
        self.tabs = ChoiceRow(hub, _TABS, style="tabs", name="Part of the booking")
        self.skeleton = Skeleton(hub, rows=8)
        self._lines: dict[str, list[Line]] = {key: [] for key, _ in _TABS}
        self.model = KeysetTableModel(
            _columns(), self._rows, lambda one: one.key, sort="when", descending=True
        )
        self.nothing = EmptyState(
            hub, "ph.tray", "Nothing here yet", "What desks and people do with it is listed here."
        )
        self.table = DataTable(
            hub, self.model, name="History", looks={"what": _what_look, "more": _quiet_look}
        )
        self.table.setSelectionMode(DataTable.SelectionMode.SingleSelection)
        self._facts = QGridLayout()
        self._figures = QVBoxLayout()
        self._actions(may_manage, at_desk)
        self._lay_out()
        self.tabs.changed.connect(self._tab)
        self.page_actions = self._keys(may_manage, at_desk)
        listen(self, self.page_actions)
        lead_focus(self, self.table)

    def open(self, booking_id: UUID) -> None:
        """Show one booking, from its first tab."""
        if booking_id != self._wanted:
            self._wanted, self.booking = booking_id, None
            self.tabs.choose("history")
            self._choose_columns("history")
            self._show_body(False)
            self.header.title.setText("Booking")
            self.header.caption.setText("")
            self.skeleton.start()
        self.refresh()

    def refresh(self) -> None:
        """Ask again; what is chosen and how far it is scrolled stays."""
        if self._wanted is not None:
            self.runner.start(self._load(self._wanted), "load")

    def stop(self) -> None:
        """Drop what is under way: the page is going away."""
        self.runner.cancel_all()
        self.model.cancel()

    # -- what it shows -----------------------------------------------------------------------------------------

    async def _load(self, booking_id: UUID) -> None:
        page = await self._gateway.page(booking_id)
        if booking_id == self._wanted:
            self._show(page)

    async def _rows(self, _request: PageRequest) -> Page[Line]:
        return Page(self._lines[self.tabs.chosen], None)

    def _show(self, page: BookingPage) -> None:
        first = self.booking is None
        self.booking = page
        self.skeleton.stop()
        self.banner.clear()
        self._show_body(True)
        self.header.title.setText(words.heading(page, self._zone))
        self.header.caption.setText(f"{page.code} · {words.child_words(page)}")
        self.chip.show_chip(STATUS_CHIPS[page.status.value])
        _fill(self._facts, words.facts(page, self._zone))
        figures = [("Credits", str(page.charged)), ("Given back", str(page.refunded))]
        if page.owed:
            figures.append(("Still owed", str(page.owed)))
        if page.notes:
            figures.append(("Notes", str(page.notes)))
        _fill_figures(self._figures, figures)
        self._lines = {
            "history": words.history(page, self._zone),
            "credits": words.credit_lines(page, self._zone),
            "changes": words.change_lines(page, self._zone),
        }
        self.tabs.set_counts({key: len(lines) for key, lines in self._lines.items()})
        self.cancel.setEnabled(page.can_be_cancelled)
        self.move_button.setEnabled(page.can_be_cancelled)
        self.labels.setEnabled(page.child is not None)
        self._fit_actions()
        self._show_lines()
        if first:
            self.model.restart()
            self.table.setFocus(Qt.FocusReason.OtherFocusReason)
        else:
            self.model.refresh()

    def _show_lines(self) -> None:
        lines = bool(self._lines[self.tabs.chosen])
        self.table.setHidden(not lines)
        self.nothing.setHidden(lines)

    def _tab(self, key: str) -> None:
        self._show_lines()
        self.table.setAccessibleName(dict(_TABS)[key])
        self._choose_columns(key)
        self.model.restart()

    def _choose_columns(self, key: str) -> None:
        for at, column in enumerate(self.model.columns):
            self.table.setColumnHidden(at, column.key in _LEFT_OUT[key])
        self.table.share_width()

    def _failed(self, error: ConsoleError) -> None:
        self.skeleton.stop()
        self.banner.show_error(error, action=("Retry", self.refresh))

    def _show_body(self, shown: bool) -> None:
        self._body.setVisible(shown)
        self.skeleton.setVisible(not shown)
        self.chip.setVisible(shown)
        for button in self._buttons:
            button.setEnabled(shown)

    # -- what can be done --------------------------------------------------------------------------------------

    def ask_to_cancel(self) -> None:
        """Ask with the consequence in numbers; the safe answer has the keyboard."""
        page = self.booking
        if page is None or not page.can_be_cancelled:
            return
        back = page.gives_back if self._for_venue or page.in_time else 0
        lost = page.gives_back - back
        whose = "by the venue" if self._for_venue else "in the family's name"
        credits = f"{back} credit" if back == 1 else f"{back} credits"
        told = f"Gives back {credits}." if back or not lost else f"Gives nothing back: {lost} are forfeited."
        card = QuestionCard(
            self.hub,
            "Cancel this booking?",
            f"{words.heading(page, self._zone)}, {whose}. {told} The ticket stops working.",
            do="Cancel booking",
            keep="Keep booking",
            figures=(("1", "booking"), (str(back), "credits back"), (str(lost), "credits forfeited")),
            parent=self.window(),
        )
        question = QuestionDialog(self.hub, self.window(), card)
        question.answered.connect(lambda agreed: self._answered(agreed, page))
        question.open()

    def _answered(self, agreed: bool, page: BookingPage) -> None:
        if agreed:
            self.runner.start(self._cancel(page), "cancel")

    async def _cancel(self, page: BookingPage) -> None:
        reason = CancellationReason.VENUE_CANCELLED if self._for_venue else CancellationReason.OTHER
        made = await self._gateway.cancel(page.id, by_venue=self._for_venue, reason=reason)
        detail = f"{count(made.credits_refunded, 'credit')} given back"
        if made.credits_forfeited:
            detail = f"{count(made.credits_forfeited, 'credit')} forfeited"
        self.cancelled.emit(page)
        self.toast_wanted.emit("Booking cancelled", detail)
        if self._wanted == page.id:
            await self._load(page.id)

    def take_owed(self) -> None:
        """Take what the family owes for this booking, now that it has credits again."""
        page = self.booking
        if page is not None and page.owed:
            self.runner.start(self._settle(page), "settle")

    async def _settle(self, page: BookingPage) -> None:
        taken = await self._gateway.settle_owed(page.id)
        self.toast_wanted.emit("Owed credits taken", f"{taken} credit" if taken == 1 else f"{taken} credits")
        if self._wanted == page.id:
            await self._load(page.id)

    def _actions(self, may_manage: bool, at_desk: bool) -> None:
        self._offered: list[Button] = []
        self._behind: list[Button] = []
        self.settle = Button(self.hub, "Take owed credits", icon="ph.wallet")
        self.today = Button(self.hub, "Open in Today", icon="ph.arrow-square-out")
        self.labels = Button(self.hub, "Print label", icon="ph.tag")
        self.move_button = Button(self.hub, "Move…", icon="ph.arrows-left-right")
        self.cancel = Button(self.hub, "Cancel booking…", icon="ph.prohibit")
        self._buttons = (self.settle, self.today, self.labels, self.move_button, self.cancel)
        for button, offered, act in (
            (self.settle, may_manage, self.take_owed),
            (self.today, at_desk, self._emitting(self.today_wanted.emit)),
            (self.labels, at_desk, self._emitting(self.labels_wanted.emit)),
            (self.move_button, may_manage and at_desk, self._emitting(self.move_wanted.emit)),
            (self.cancel, may_manage, self.ask_to_cancel),
        ):
            button.clicked.connect(lambda _checked=False, act=act: act())
            if offered:
                self.header.add(button)
                self._offered.append(button)
            else:
                button.setParent(self)
                button.hide()
        self.settle.hide()
        self.more = Button(self.hub, "More", icon="ph.dots-three")
        self.more.clicked.connect(lambda _checked=False: self._show_more())
        self.header.add(self.more)
        self.more.hide()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """What the header has no room for is behind "More"."""
        super().resizeEvent(event)
        self._fit_actions()

    def _fit_actions(self) -> None:
        offered = [one for one in self._offered if one is not self.settle or self._owes()]
        theme, more = self.hub.theme, self.more.sizeHint().width() + 8
        room = self.width() - theme.scaled(380)
        needed = sum(one.sizeHint().width() + 8 for one in offered)
        shown: list[Button] = []
        for one in offered:
            wide = one.sizeHint().width() + 8
            if needed > room and sum(other.sizeHint().width() + 8 for other in shown) + wide + more > room:
                break
            shown.append(one)
        for one in self._offered:
            one.setHidden(one not in shown)
        self._behind = [one for one in offered if one not in shown]
        self.more.setHidden(not self._behind)

    def _owes(self) -> bool:
        return self.booking is not None and bool(self.booking.owed)

    def _show_more(self) -> None:
        menu = QMenu(self)
        for one in self._behind:
            menu.addAction(one.text(), one.click).setEnabled(one.isEnabled())
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(self.more.mapToGlobal(QPoint(0, self.more.height() + 4)))

    def _emitting(self, emit: Callable[[object], object]) -> Callable[[], None]:
        def act() -> None:
            if self.booking is not None:
                emit(self.booking)

        return act

    def _keys(self, may_manage: bool, at_desk: bool) -> tuple[Action, ...]:
        def action(key: str, title: str, run: Callable[[], object], keys: str, icon: str) -> Action:
            return Action(f"booking:{key}", title, run, keys, icon, group="Booking", heard=False)

        made = [
            action("back", "Back to the list", self.left.emit, "Esc", "ph.arrow-left"),
            replace(
                action("back2", "Back to the list", self.left.emit, "Alt+Left", "ph.arrow-left"),
                listed=False,
                offered=False,
            ),
            action("refresh", "Refresh", self.refresh, "F5", "ph.arrow-clockwise"),
        ]
        if at_desk:
            made.append(action("today", "Open in Today", self.today.click, "Ctrl+T", "ph.arrow-square-out"))
            made.append(action("labels", "Print label", self.labels.click, "Ctrl+P", "ph.tag"))
        if may_manage and at_desk:
            made.append(action("move", "Move…", self.move_button.click, "Ctrl+M", "ph.arrows-left-right"))
        if may_manage:
            made.append(action("cancel", "Cancel booking…", self.ask_to_cancel, "Ctrl+Del", "ph.prohibit"))
        return tuple(made)

    # -- how it is laid out ------------------------------------------------------------------------------------

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        ground = surface("canvas")
        column.addWidget(ground)
        inner = QVBoxLayout(ground)
        inner.setContentsMargins(0, 0, 0, 0)
        inner.setSpacing(0)
        back = IconButton(self.hub, "ph.arrow-left", "Back to the list", "quiet")
        back.clicked.connect(lambda _checked=False: self.left.emit())
        self.header.lead(back, self.chip)
        inner.addWidget(self.header)
        room = QVBoxLayout()
        room.setContentsMargins(24, 12, 24, 0)
        room.addWidget(self.banner)
        room.addWidget(self.skeleton)
        inner.addLayout(room)
        self._body = QWidget()
        body = QVBoxLayout(self._body)
        body.setContentsMargins(0, 0, 0, 0)
        body.setSpacing(0)
        top = QHBoxLayout()
        top.setContentsMargins(24, 4, 24, 16)
        top.setSpacing(48)
        self._facts.setHorizontalSpacing(24)
        self._facts.setVerticalSpacing(8)
        self._facts.setColumnStretch(1, 1)
        top.addLayout(self._facts, 1)
        self._figures.setSpacing(8)
        top.addLayout(self._figures)
        body.addLayout(top)
        body.addWidget(line())
        strip = QHBoxLayout()
        strip.setContentsMargins(14, 6, 14, 6)
        strip.addWidget(self.tabs)
        strip.addStretch(1)
        body.addLayout(strip)
        body.addWidget(line())
        body.addWidget(self.table, 1)
        body.addWidget(self.nothing, 1)
        self.nothing.hide()
        inner.addWidget(self._body, 1)
        inner.addStretch(0)

        tab_in_order(back, *self._buttons, self.more, self.tabs, self.table)

    def sizeHint(self) -> QSize:
        """The room beside the rail."""
        return QSize(1240, 872)


def _columns() -> list[Column[Line]]:
    def column(key: str, title: str, width: int) -> Column[Line]:
        return Column(key, title, lambda one: str(getattr(one, key)), width=width, sortable=False)

    return [
        column("when", "When", 170),
        column("what", "What", 230),
        replace(column("more", "Details", 300), stretch=True, tooltip=lambda one: one.more),
        column("desk", "Desk", 130),
        column("person", "By", 120),
        replace(column("amount", "Credits", 90), numeric=True),
    ]


def _what_look(one: Line) -> CellLook:
    return CellLook("muted" if one.struck else "primary", one.struck, one.icon, one.color)


def _quiet_look(_one: Line) -> CellLook:
    return CellLook("secondary")


def _fill(grid: QGridLayout, rows: list[tuple[str, str]]) -> None:
    """Write pairs of name and value, over what stood there."""
    _empty(grid)
    for at, (name, value) in enumerate(rows):
        grid.addWidget(label(name, "muted"), at, 0)
        shown = ElidedLabel(value)
        shown.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        grid.addWidget(shown, at, 1)


def _fill_figures(column: QVBoxLayout, figures: list[tuple[str, str]]) -> None:
    _empty(column)
    for name, value in figures:
        row = QWidget()
        pair = QHBoxLayout(row)
        pair.setContentsMargins(0, 0, 0, 0)
        pair.setSpacing(24)
        pair.addWidget(label(name, "muted"))
        pair.addStretch(1)
        pair.addWidget(label(value, "name"))
        row.setMinimumWidth(180)
        column.addWidget(row)
    column.addStretch(1)


def _empty(layout: QGridLayout | QVBoxLayout) -> None:
    while (item := layout.takeAt(0)) is not None:
        widget = item.widget()
        if widget is not None:
            widget.hide()
            widget.deleteLater()
