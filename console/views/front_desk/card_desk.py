"""The current child of the Today screen: which card is shown, who collects, and what its buttons lead to.

The card is built once for an answer that changes several facts, after the row is painted; the history is fetched when
the current row has stood still for a moment. See docs/design.md, "Screens" (front desk).
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from PySide6.QtCore import QObject, QTimer

from console.domain.attendance import AttendanceState
from console.domain.desk import PickupPerson, RosterEntry, Sibling

if TYPE_CHECKING:
    from console.views.front_desk.page import TodayPage

_HISTORY_DELAY_MS = 120


class CardDesk(QObject):
    """Keeps the card in step with the roster."""

    def __init__(self, page: TodayPage, *, may_undo_any: bool) -> None:
        """Of `page`, whose parts exist already."""
        super().__init__(page)
        self._page, self._may_undo_any = page, may_undo_any
        self._waiting: list[RosterEntry] = []
        self._row_first = False
        self._history_later = QTimer(self)
        self._history_later.setSingleShot(True)
        self._history_later.setInterval(_HISTORY_DELAY_MS)
        self._history_later.timeout.connect(self._load_history)
        self._card_later = QTimer(self)
        self._card_later.setSingleShot(True)
        self._card_later.timeout.connect(self.show_card)
        roster, card = page.middle.roster, page.card
        roster.current_changed.connect(self._current_changed)
        roster.acted.connect(self._row_acted)
        card.pressed.connect(self._card_pressed)
        card.together_wanted.connect(self._leave_together)
        card.collected.connect(self._collected)
        card.forbidden.connect(self._forbidden)
        page.running.collect_wanted.connect(self.ask_family)

    def stop(self) -> None:
        """The page is closing."""
        self._history_later.stop()
        self._card_later.stop()

    def show_soon(self) -> None:
        """Show the card once everything that comes with this answer is known."""
        self._card_later.start()

    def settle(self, booking: UUID) -> None:
        """A scan or Enter was about this child: its row is painted before its card is built."""
        self._row_first = True
        try:
            self._page.middle.reveal(booking)
        finally:
            self._row_first = False

    def roster_came(self) -> None:
        """Another session's roster is there: ask what waited for it."""
        family, self._waiting = self._waiting, []
        if family and family[0].session_id == self._page.day.session_id:
            self.ask_family(family)

    def ask_collect(self) -> None:
        """Ask who collects the child of the current row."""
        self.show_card()
        self._page.card.ask_collect()
        self._page.drawer.open()

    def ask_family(self, entries: list[RosterEntry]) -> None:
        """Ask who collects several children; the first is the card's, in its own session."""
        first = entries[0]
        if first.session_id != self._page.day.session_id:
            self._waiting = entries
            self._page.day.open_session(first.session_id, first.booking_id)
            return
        self._page.middle.reveal(first.booking_id)
        self.show_card()
        self._page.card.ask_collect(entries)
        self._page.drawer.open()
        self._page.take_keyboard()

    def _leave_together(self, siblings: list[Sibling]) -> None:
        row = self._page.card.row
        if row is not None:
            self._page.running.collect_together(row.entry, siblings)

    def _current_changed(self, booking: UUID | None) -> None:
        self._page.card.close_chooser()
        if self._row_first:
            self.show_soon()
        else:
            self.show_card()
        self._page.middle.show_hint(choosing=False)

    def _row_acted(self, booking: UUID) -> None:
        self._page.middle.roster.select(booking)
        row = self._page.day.roster.row(booking)
        if row is not None and row.state is AttendanceState.IN:
            self.ask_collect()
        elif row is not None:
            self._page.deeds.check_in(row.entry, "row")
        self._page.take_keyboard()

    def _card_pressed(self, entry: RosterEntry, deed: str) -> None:
        now = self._page.day.roster.row(entry.booking_id)
        if now is not None:
            self._page.wishes.do(now.entry, deed)

    def _fresh(self, entry: RosterEntry) -> RosterEntry:
        row = self._page.day.roster.row(entry.booking_id)
        return row.entry if row is not None else entry

    def _collected(self, entry: RosterEntry, person: PickupPerson | None, name: str) -> None:
        self._page.deeds.check_out(self._fresh(entry), person, name, "row")

    def _forbidden(self, entry: RosterEntry, person: PickupPerson) -> None:
        self._page.deeds.report_forbidden(self._fresh(entry), person)

    def show_card(self) -> None:
        """Show the child of the current row, or nobody."""
        current = self._page.middle.roster.current
        row = self._page.day.roster.row(current.entry.booking_id) if current else None
        history = self._page.day.histories.get(row.entry.booking_id) if row else None
        self._page.middle.title.say_labels_of(row.name if row else "")
        away = row is not None and row.entry.booking_id in self._page.day.no_history
        self._page.card.show_child(
            row, history, self._page.day.clock.now(), may_undo_any=self._may_undo_any, history_away=away
        )
        if row is not None and history is None and not away and not self._history_later.isActive():
            self._history_later.start()

    def _load_history(self) -> None:
        row = self._page.middle.roster.current
        if row is not None and row.entry.booking_id not in self._page.day.histories:
            self._page.day.load_history(row.entry.booking_id)
