"""The child's card: health first, then the name, the state and the one action; everything else below.

It is built again only when what it shows has changed, so that a refresh neither flickers nor scrolls.
See docs/design.md, "Screens" (front desk).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, tzinfo

from PySide6.QtCore import QElapsedTimer, Qt, Signal
from PySide6.QtWidgets import QApplication, QFrame, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from console.domain.attendance import AttendanceState
from console.domain.desk import HistoryEntry, PickupPerson, RosterEntry
from console.models.roster import RosterRow
from console.models.words import age_long, local_day, state_chip, visits
from console.views.front_desk.card_facts import UNDO_WORDS, CardFacts, undo_facts
from console.views.front_desk.card_parts import HealthBox, history_row, paragraph, person_row, sibling_row
from console.views.front_desk.collect import CollectChooser, may_collect, may_not_collect
from console.views.front_desk.overlay import OverlayBar
from console.views.theme import ThemeHub
from console.views.widgets import paint
from console.views.widgets.base import fix_height, line
from console.views.widgets.buttons import Button, IconButton
from console.views.widgets.chips import Chip
from console.views.widgets.text import ElidedLabel, IconLabel, label
from console.views.widgets.waiting import EmptyState

_CHIP_ICON = {
    AttendanceState.IN: ("green", "ph.check-bold"),
    AttendanceState.OUT: ("blue", "ph.sign-out-bold"),
    AttendanceState.ABSENT: ("neutral", "ph.user-minus-bold"),
    AttendanceState.UNMARKED: ("neutral", "ph.question-bold"),
}


class ChildCard(QFrame):
    """The right column of the Today screen."""

    check_in = Signal(object)
    check_in_again = Signal(object)
    absent = Signal(object)
    undo = Signal(object)
    collected = Signal(object, object, str)
    """Booking id, the person (or None) and a typed name."""
    forbidden = Signal(object, object)
    """Booking id and the person who may not collect."""
    sibling_chosen = Signal(object)
    closed = Signal()
    chooser_changed = Signal(bool)
    handed_back = Signal()

    def __init__(self, hub: ThemeHub, zone: tzinfo) -> None:
        """An empty card."""
        super().__init__()
        self.hub, self._zone = hub, zone
        self._facts: CardFacts | None = None
        self._now: datetime | None = None
        self._barred_shown = False
        self._drawer = False
        self._turned = QElapsedTimer()
        self.chooser: CollectChooser | None = None
        self.setProperty("surface", "panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setFixedWidth(hub.theme.size("sidePanel"))
        self.setAccessibleName("Child")
        outer = QHBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        self._left_edge, self._right_edge = line(vertical=True), line(vertical=True, strong=True)
        self._right_edge.hide()
        outer.addWidget(self._left_edge)
        self._scroll = QScrollArea()
        self._scroll.setWidgetResizable(True)
        self._scroll.setFrameShape(QFrame.Shape.NoFrame)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        outer.addWidget(self._scroll, 1)
        outer.addWidget(self._right_edge)
        self._bar = OverlayBar(self._scroll)
        self._close = IconButton(hub, "ph.x", "Close (Esc)", "quiet", scale="compact", parent=self)
        self._close.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._close.clicked.connect(lambda _checked=False: self.closed.emit())
        self._close.hide()
        hub.changed.connect(self._build)
        self._build()

    @property
    def row(self) -> RosterRow | None:
        """Whose card it is."""
        return self._facts.row if self._facts else None

    def set_drawer(self, drawer: bool) -> None:
        """A drawer is as wide as the session list, so that it hides no row, and it can be closed."""
        self._drawer = drawer
        self.setFixedWidth(self.hub.theme.size("sessionList" if drawer else "sidePanel"))
        self._left_edge.setVisible(not drawer)
        self._right_edge.setVisible(drawer)
        self._close.setVisible(drawer)
        self._build()

    def show_child(
        self,
        row: RosterRow | None,
        history: Sequence[HistoryEntry] | None,
        now: datetime,
        *,
        may_undo_any: bool,
    ) -> None:
        """Show a child, or nobody. `history` None is not loaded yet."""
        self._now = now
        if row is None:
            facts = None
        else:
            open_, reason = undo_facts(row.entry, now, may_undo_any=may_undo_any)
            facts = CardFacts(row, tuple(history) if history is not None else None, open_, reason)
        if facts == self._facts:
            return
        before = self._facts
        same = (
            before is not None
            and facts is not None
            and before.row.entry.booking_id == facts.row.entry.booking_id
        )
        asked = (
            self.chooser is not None and same and facts is not None and facts.row.state is AttendanceState.IN
        )
        self._facts = facts
        if (
            asked
            and before is not None
            and facts is not None
            and before.row.entry.pickup == facts.row.entry.pickup
        ):
            self._build(keep=True)  # the question itself moves into the new card as it is
            return
        if not same:
            self._barred_shown = False
            self._turned.invalidate()
        elif before is not None and facts is not None and before.row.state is not facts.row.state:
            self._turned.start()
        if self.chooser is not None:
            self.chooser = None
            self.chooser_changed.emit(False)
        self._build(keep=same)

    def ask_collect(self) -> None:
        """Ask who collects, in place of the actions."""
        row = self.row
        if row is None or row.state is not AttendanceState.IN or row.pending or self.chooser is not None:
            return
        self.chooser = CollectChooser(self.hub, row.entry, self._today())
        booking = row.entry.booking_id
        self.chooser.collected.connect(lambda person, name: self._collected(booking, person, name))
        self.chooser.forbidden.connect(lambda person: self.forbidden.emit(booking, person))
        self._build(keep=False)
        self.chooser_changed.emit(True)

    def _ask_clicked(self) -> None:
        # The second click of a double click on "Check in" finds "Check out…" in its place.
        if not self._turned.isValid() or self._turned.elapsed() >= QApplication.doubleClickInterval():
            self.ask_collect()

    def close_chooser(self) -> None:
        """Stop asking."""
        if self.chooser is not None:
            self.chooser = None
            self._build(keep=True)
            self.chooser_changed.emit(False)

    def _collected(self, booking: object, person: object, name: str) -> None:
        self.close_chooser()
        self.collected.emit(booking, person, name)
        self.handed_back.emit()

    def _today(self) -> date:
        return local_day(self._now, self._zone) if self._now else date.min

    # -- building ------------------------------------------------------------------------------------------------

    def _build(self, *, keep: bool = True) -> None:
        at = self._scroll.verticalScrollBar().value() if keep else 0
        typing = self.chooser is not None and self.chooser.other.hasFocus()
        body = QWidget()
        body.setProperty("clear", "true")
        column = QVBoxLayout(body)
        side, top = (16, 44) if self._drawer else (24, 16)
        column.setContentsMargins(side, top, side, 16)
        column.setSpacing(0)
        if self._facts is None:
            text = "Scan a ticket or choose a row."
            column.addWidget(EmptyState(self.hub, "ph.identification-card", "No child chosen", text))
        else:
            self._fill(column, self._facts)
        # What is on show may be handling the very key that replaced it: it is taken away, and deleted afterwards.
        before = self._scroll.takeWidget()
        self._scroll.setWidget(body)
        if before is not None:
            before.deleteLater()
        self._scroll.viewport().setAutoFillBackground(False)
        body.setAutoFillBackground(False)
        self._scroll.verticalScrollBar().setValue(at)
        if typing and self.chooser is not None:
            self.chooser.other.setFocus(Qt.FocusReason.OtherFocusReason)
        self._close.move(self.width() - 40, 10)
        self._close.raise_()

    def _fill(self, column: QVBoxLayout, facts: CardFacts) -> None:
        entry = facts.row.entry
        if entry.health:
            column.addWidget(HealthBox(self.hub, entry.health))
            column.addSpacing(14)
        self._name_line(column, facts.row)
        column.addSpacing(12)
        if self.chooser is not None:
            column.addWidget(self.chooser)
        else:
            self._actions(column, facts)
        column.addSpacing(13)
        column.addWidget(line())
        column.addSpacing(14)
        if self.chooser is None:
            self._people(column, entry)
        self._siblings(column, entry)
        if entry.notes:
            self._heading(column, "Notes")
            column.addSpacing(7)
            column.addWidget(paragraph(self.hub, entry.notes))
            column.addSpacing(17)
        self._history(column, facts)
        column.addStretch(1)

    def _name_line(self, column: QVBoxLayout, row: RosterRow) -> None:
        """Name, age and state on one line; the age goes below before a name is cut."""
        entry, theme = row.entry, self.hub.theme
        first = QHBoxLayout()
        first.setSpacing(9)
        name = ElidedLabel(entry.first_name, "title")
        fix_height(name, self.hub, 28)
        first.addWidget(name)
        words = age_long(entry.age_months)
        age = label(words, "muted")
        at = entry.state_at
        if row.pending:
            chip = Chip(
                self.hub,
                f"{row.word.split(' ')[0]} · sending",
                "amber",
                "ph.cloud-arrow-up-bold",
                dashed=True,
            )
        else:
            tone, icon = _CHIP_ICON.get(row.state, ("neutral", None))
            chip = Chip(self.hub, state_chip(row.state, at, self._zone), tone, icon)
        needed = paint.text_width(theme.font("title"), entry.first_name) + chip.sizeHint().width() + 28
        if needed + paint.text_width(theme.font("body"), words) <= self.width() - (
            33 if self._drawer else 49
        ):
            age.setContentsMargins(0, 5, 0, 0)
            first.addWidget(age)
        first.addStretch(1)
        first.addWidget(chip)
        column.addLayout(first)
        if first.indexOf(age) < 0:
            column.addWidget(age)

    def _actions(self, column: QVBoxLayout, facts: CardFacts) -> None:
        row, booking = facts.row, facts.row.entry.booking_id
        if row.state is AttendanceState.IN:
            main = Button(self.hub, "Check out…", icon="ph.sign-out", scale="desk")
            main.clicked.connect(lambda _checked=False: self._ask_clicked())
        elif row.state is AttendanceState.OUT:
            main = Button(self.hub, "Check in again", icon="ph.sign-in", scale="desk")
            main.clicked.connect(lambda _checked=False: self.check_in_again.emit(booking))
        else:
            main = Button(self.hub, "Check in", "primary", icon="ph.check-bold", scale="desk")
            main.clicked.connect(lambda _checked=False: self.check_in.emit(booking))
        main.setStyleSheet("font-weight: 600;")
        main.setEnabled(not row.pending)
        self._tab_only(main)
        column.addWidget(main)
        column.addSpacing(8)
        if row.state is AttendanceState.EXPECTED:
            absent = Button(self.hub, "Mark absent", icon="ph.user-minus")
            absent.setEnabled(not row.pending)
            absent.clicked.connect(lambda _checked=False: self.absent.emit(booking))
            self._tab_only(absent)
            column.addWidget(absent)
        # While the answer is awaited the button keeps its place, so that nothing below it moves.
        if row.state not in UNDO_WORDS or (row.entry.undo is None and not row.pending):
            return
        undo = Button(self.hub, UNDO_WORDS[row.state][0], icon="ph.arrow-u-up-left")
        undo.setEnabled(facts.undo_open and not row.pending)
        undo.clicked.connect(lambda _checked=False: self.undo.emit(booking))
        self._tab_only(undo)
        column.addWidget(undo)
        if facts.undo_reason:
            undo.setToolTip(facts.undo_reason)
            column.addSpacing(6)
            column.addWidget(label(facts.undo_reason, "caption", wrap=True))

    def _people(self, column: QVBoxLayout, entry: RosterEntry) -> None:
        self._heading(column, "May collect")
        column.addSpacing(5)
        people = may_collect(entry, self._today())
        if not people and entry.parent_first_name:
            parent = PickupPerson(
                entry.booking_id, entry.parent_first_name, "parent", entry.parent_phone, True
            )
            people = [parent]
        for person in people:
            column.addWidget(person_row(self.hub, person))
        barred = may_not_collect(entry)
        if barred and self._barred_shown:
            for person in barred:
                column.addWidget(person_row(self.hub, replace(person, note="may not collect")))
        elif barred:
            column.addWidget(self._barred_line(len(barred)))
        column.addSpacing(14)

    def _barred_line(self, count: int) -> QWidget:
        box = QWidget()
        fix_height(box, self.hub, 30)
        row = QHBoxLayout(box)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(IconLabel(self.hub, "ph.lock-simple", "text.muted"))
        row.addWidget(
            label(f"{count} {'person' if count == 1 else 'people'} may not collect", "secondary"), 1
        )
        show = Button(self.hub, "Show", "link", scale="compact")
        show.clicked.connect(lambda _checked=False: self._show_barred())
        self._tab_only(show)
        row.addWidget(show)
        return box

    def _show_barred(self) -> None:
        self._barred_shown = True
        self._build()

    def _siblings(self, column: QVBoxLayout, entry: RosterEntry) -> None:
        self._heading(column, "Brothers and sisters")
        column.addSpacing(5)
        for sibling in entry.siblings:
            row = sibling_row(self.hub, sibling, self._zone)
            row.clicked.connect(lambda _checked=False, one=sibling: self.sibling_chosen.emit(one))
            row.clicked.connect(lambda _checked=False: self.handed_back.emit())
            column.addWidget(row)
        if not entry.siblings:
            quiet = label("None with a booking here today", "muted")
            fix_height(quiet, self.hub, 30)
            column.addWidget(quiet)
        column.addSpacing(14)

    def _history(self, column: QVBoxLayout, facts: CardFacts) -> None:
        known = visits(facts.row.entry, self._now, self._zone) if self._now else ""
        self._heading(column, "History", known)
        column.addSpacing(5)
        if facts.history is None or self._now is None:
            return
        for entry in facts.history[:12]:
            column.addWidget(history_row(self.hub, entry, self._now, self._zone))
        if not facts.history:
            column.addWidget(label("Nothing recorded yet", "muted"))

    def _heading(self, column: QVBoxLayout, words: str, right: str = "") -> None:
        row = QHBoxLayout()
        muted = f"color: {self.hub.theme.hex('text.muted')};"
        for text, stretch in ((words, 1), (right, 0)):
            made = label(text, "label")
            made.setStyleSheet(muted)
            row.addWidget(made, stretch)
        column.addLayout(row)

    def _tab_only(self, button: Button) -> None:
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.clicked.connect(lambda _checked=False: self.handed_back.emit())
