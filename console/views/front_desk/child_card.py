"""The child's card: health first, then the name, the state and the one action; everything else below.

It is built again only when what it shows has changed, so that a refresh neither flickers nor scrolls.
See docs/design.md, "Screens" (front desk).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, datetime, tzinfo
from uuid import UUID

from PySide6.QtCore import QElapsedTimer, Qt, Signal
from PySide6.QtWidgets import QApplication, QFrame, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from console.domain.attendance import AttendanceState
from console.domain.desk import HistoryEntry, PickupPerson, RosterEntry
from console.models.roster import RosterRow
from console.models.words import local_day, visits
from console.views.front_desk.card_actions import CardActions
from console.views.front_desk.card_facts import CardFacts, undo_facts
from console.views.front_desk.card_parts import (
    HealthBox,
    barred_line,
    fill_history,
    heading,
    name_line,
    paragraph,
    person_row,
    sibling_row,
)
from console.views.front_desk.collect import CollectChooser, collector_of, may_collect, may_not_collect
from console.views.front_desk.notes import NoteDraft, NoteEditor
from console.views.front_desk.overlay import OverlayBar
from console.views.theme import ThemeHub
from console.views.widgets.banner import Banner
from console.views.widgets.base import fix_height, line
from console.views.widgets.buttons import IconButton
from console.views.widgets.text import label
from console.views.widgets.waiting import EmptyState


class ChildCard(QFrame):
    """The right column of the Today screen."""

    pressed = Signal(object, str)
    """A RosterEntry and what to do about it: a deed of `CardActions`."""
    collected = Signal(object, object, str)
    """A RosterEntry, the person (or None) and a typed name."""
    forbidden = Signal(object, object)
    """A RosterEntry and the person who may not collect."""
    together_wanted = Signal(object)
    """Siblings who should leave with the child whose collector is asked for."""
    note_written = Signal(object, object)
    """A booking id and the NoteDraft to save."""
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
        self.editor: NoteEditor | None = None
        self.drafts: dict[UUID, NoteDraft] = {}
        self.offers: Callable[[], frozenset[str]] = frozenset
        self.notes_of: Callable[[RosterEntry], str] = lambda entry: entry.notes or ""
        self.buttons: CardActions | None = None
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

    @property
    def _room(self) -> int:
        """The pixels between the margins."""
        return self.width() - (33 if self._drawer else 49)

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
        history_away: bool = False,
    ) -> None:
        """Show a child, or nobody. `history` None is not loaded yet, or cannot be while it is `history_away`."""
        self._now = now
        if row is None:
            facts = None
        else:
            open_, reason = undo_facts(row.entry, now, may_undo_any=may_undo_any)
            known = tuple(history) if history is not None else None
            facts = CardFacts(row, known, open_, reason, history_away and known is None)
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
            self._keep_draft(before)
            self._barred_shown = False
            self._turned.invalidate()
        elif before is not None and facts is not None and before.row.state is not facts.row.state:
            self._turned.start()
        if self.chooser is not None:
            self.chooser = None
            self.chooser_changed.emit(False)
        if not same and facts is not None and facts.row.entry.booking_id in self.drafts:
            self._make_editor(self.drafts[facts.row.entry.booking_id])
        self._build(keep=same)

    def ask_collect(self, others: Sequence[RosterEntry] = ()) -> None:
        """Ask who collects the child, and `others` of its family with it, in place of the actions."""
        row = self.row
        if row is None or row.state is not AttendanceState.IN or row.pending:
            return
        if self.chooser is not None and not others:
            return
        entries = (row.entry, *(one for one in others if one.booking_id != row.entry.booking_id))
        self.chooser = CollectChooser(self.hub, entries, self._today())
        self.chooser.collected.connect(lambda person, name: self._collected(entries, person, name))
        self.chooser.forbidden.connect(lambda person: self._forbidden(entries, person))
        self.chooser.together_wanted.connect(self.together_wanted)
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

    def _collected(self, entries: Sequence[RosterEntry], person: PickupPerson | None, name: str) -> None:
        self.close_chooser()
        for entry in entries:
            self.collected.emit(entry, *collector_of(entry, person, name, self._today()))
        self.handed_back.emit()

    def _forbidden(self, entries: Sequence[RosterEntry], person: PickupPerson) -> None:
        entry = next((one for one in entries if person in one.pickup), entries[0])
        self.forbidden.emit(entry, person)

    # -- notes ---------------------------------------------------------------------------------------------------

    def write_note(self, *, incident: bool) -> None:
        """Open the editor for the child on show, going on with what was typed about it."""
        row = self.row
        if row is None or "note" not in self.offers():
            return
        kept = self.editor.draft if self.editor is not None else self.drafts.get(row.entry.booking_id)
        if self.editor is None or self.editor.draft.incident != incident:
            self._make_editor(replace(kept or NoteDraft(), incident=incident))
            self._build()
        if self.editor is not None:
            self.editor.text.setFocus(Qt.FocusReason.OtherFocusReason)
            self._scroll.ensureWidgetVisible(self.editor)

    def note_saved(self, booking: UUID) -> None:
        """The note is on the server: nothing is left to keep."""
        self.drafts.pop(booking, None)
        if self.editor is not None and self._shows(booking):
            self.editor = None
            self._build()

    def note_failed(self, booking: UUID, words: str) -> None:
        """The note could not be saved: the text stays, with the reason."""
        if self.editor is not None and self._shows(booking):
            self.editor.show_refusal(words)

    def put_note_away(self) -> bool:
        """Close the editor and keep its text; False where there is none."""
        if self.editor is None:
            return False
        self._keep_draft(self._facts)
        self._build()
        self.handed_back.emit()
        return True

    def _shows(self, booking: UUID) -> bool:
        return self._facts is not None and self._facts.row.entry.booking_id == booking

    def _make_editor(self, draft: NoteDraft) -> None:
        row = self.row
        if row is None:
            return
        booking = row.entry.booking_id
        editor = self.editor = NoteEditor(self.hub, row.name, draft)
        editor.saved.connect(lambda written: self._save_note(booking, written))
        editor.put_away.connect(self.put_note_away)
        editor.thrown_away.connect(self._throw_note_away)

    def _save_note(self, booking: UUID, draft: NoteDraft) -> None:
        self.drafts[booking] = draft
        if self.editor is not None:
            self.editor.set_saving(True)
        self.note_written.emit(booking, draft)

    def _keep_draft(self, facts: CardFacts | None) -> None:
        if self.editor is None or facts is None:
            return
        booking, draft = facts.row.entry.booking_id, self.editor.draft
        if draft.is_empty:
            self.drafts.pop(booking, None)
        else:
            self.drafts[booking] = draft
        self.editor = None

    def _throw_note_away(self) -> None:
        if self._facts is not None:
            self.drafts.pop(self._facts.row.entry.booking_id, None)
        self.editor = None
        self._build()
        self.handed_back.emit()

    def _today(self) -> date:
        return local_day(self._now, self._zone) if self._now else date.min

    # -- building ------------------------------------------------------------------------------------------------

    def _build(self, *, keep: bool = True) -> None:
        at = self._scroll.verticalScrollBar().value() if keep else 0
        typing: QWidget | None = None
        if self.chooser is not None and self.chooser.other.hasFocus():
            typing = self.chooser.other
        elif self.editor is not None:
            typing = self.editor.writing
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
        if typing is not None:
            typing.setFocus(Qt.FocusReason.OtherFocusReason)
        self._close.move(self.width() - 40, 10)
        self._close.raise_()

    def _fill(self, column: QVBoxLayout, facts: CardFacts) -> None:
        entry = facts.row.entry
        if entry.health:
            column.addWidget(HealthBox(self.hub, entry.health))
            column.addSpacing(14)
        column.addLayout(name_line(self.hub, facts.row, self._zone, self._room))
        column.addSpacing(12)
        if facts.row.trouble:
            trouble = Banner(self.hub)
            column.addWidget(trouble)  # before it is shown: a widget of nobody would be a window
            trouble.show_message("The server did not accept this.", facts.row.trouble)
            column.addSpacing(12)
        if self.chooser is not None:
            column.addWidget(self.chooser)
        else:
            self._actions(column, facts)
        if self.editor is not None:
            column.addWidget(self.editor)
        column.addSpacing(13)
        column.addWidget(line())
        column.addSpacing(14)
        if self.chooser is None:
            self._people(column, entry)
        self._siblings(column, entry)
        if notes := self.notes_of(entry):
            self._heading(column, "Notes")
            column.addSpacing(7)
            column.addWidget(paragraph(self.hub, notes))
            column.addSpacing(17)
        known = visits(entry, self._now, self._zone) if self._now else ""
        self._heading(column, "History", known)
        column.addSpacing(5)
        if facts.history is not None and self._now is not None:
            fill_history(column, self.hub, facts.history, self._now, self._zone)
        elif facts.history_away:
            column.addWidget(label("Shown again when the server answers", "muted"))
        column.addStretch(1)

    def _actions(self, column: QVBoxLayout, facts: CardFacts) -> None:
        entry = facts.row.entry
        self.buttons = CardActions(self.hub, facts, self.offers(), self._room)
        self.buttons.pressed.connect(lambda deed: self._do(entry, deed))
        self.buttons.handed_back.connect(self.handed_back)
        column.addWidget(self.buttons)

    def _do(self, entry: RosterEntry, deed: str) -> None:
        if deed == "ask":
            self._ask_clicked()
        elif deed in ("note", "incident"):
            self.write_note(incident=deed == "incident")
        else:
            self.pressed.emit(entry, deed)

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
            box, show = barred_line(self.hub, len(barred))
            show.clicked.connect(lambda _checked=False: self._show_barred())
            show.clicked.connect(lambda _checked=False: self.handed_back.emit())
            column.addWidget(box)
        column.addSpacing(14)

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

    def _heading(self, column: QVBoxLayout, words: str, right: str = "") -> None:
        column.addLayout(heading(self.hub, words, right))
