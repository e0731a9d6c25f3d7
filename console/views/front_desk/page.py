"""The Today screen: sessions at the left, the roster in the middle, the child's card at the right.

The page lays out and connects; what happens is the business of DeskDay, DeskActions and DeskKeys. The scan field has
the keyboard, whatever is clicked. Below 1200 pixels of window the card becomes a drawer over the session list.
See docs/design.md, "Screens" (front desk).
"""

from __future__ import annotations

from datetime import timedelta, tzinfo
from uuid import UUID

from PySide6.QtCore import QRect, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QHideEvent, QKeyEvent, QKeySequence, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QWidget

from console.clock import Clock
from console.domain.attendance import AttendanceState
from console.domain.desk import FoundChild, PickupPerson, Sibling
from console.errors import ConsoleError
from console.models.gateway import DeskGateway
from console.views.front_desk.actions import DeskActions
from console.views.front_desk.child_card import ChildCard
from console.views.front_desk.day import DeskDay
from console.views.front_desk.keys import DeskKeys
from console.views.front_desk.middle import Middle
from console.views.front_desk.outcomes import Outcome
from console.views.front_desk.session_list import SessionList
from console.views.front_desk.shortcuts import field_keys, page_keys
from console.views.shell.areas import Action, listen
from console.views.theme import ThemeHub

DRAWER_BELOW = 1200
_TICK_MS = 10_000
_HISTORY_DELAY_MS = 120
_SLOWER_WHILE_LIVE = 6


class TodayPage(QWidget):
    """What a front-desk person looks at all day."""

    toast_wanted = Signal(str, str, object)
    """Title, detail, and what Undo does (a callable) or None."""
    reached = Signal(object)
    """None when the server answered, the ConsoleError when it did not: for the status bar."""
    waiting_changed = Signal(int)
    """How many marks of this desk have no answer yet."""

    def __init__(
        self,
        hub: ThemeHub,
        clock: Clock,
        gateway: DeskGateway,
        *,
        zone: tzinfo,
        desk: str = "",
        person: str = "",
        may_undo_any: bool = False,
        poll_seconds: int = 20,
    ) -> None:
        """`zone` is the venue's; `poll_seconds` 0 leaves refreshing to whoever calls `refresh`."""
        super().__init__()
        self.hub, self._clock, self._may_undo_any = hub, clock, may_undo_any
        self.day = DeskDay(clock, gateway, zone)
        self.deeds = DeskActions(self.day, desk=desk, person=person)
        # What happens ends with the page: no timer and no task may paint into a deleted widget.
        self.day.setParent(self)
        self.deeds.setParent(self)
        self.destroyed.connect(self.day.runner.cancel_all)
        self.sessions = SessionList(hub, self.day.sessions)
        self.middle = Middle(hub, self.day)
        self.card = ChildCard(hub, zone)
        self.keys = DeskKeys(self.day, self.deeds, self.middle, self.card, ask_collect=self.ask_collect)
        self._drawer = False
        self._today = self.day.today()
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(0)
        self._row.addWidget(self.sessions)
        self._row.addWidget(self.middle, 1)
        self._row.addWidget(self.card)
        self._history_later = QTimer(self)
        self._history_later.setSingleShot(True)
        self._history_later.setInterval(_HISTORY_DELAY_MS)
        self._history_later.timeout.connect(self._load_history)
        # One answer changes several facts at once: the card is built once, after the row is painted.
        self._card_later = QTimer(self)
        self._card_later.setSingleShot(True)
        self._card_later.timeout.connect(self._show_card)
        self._tick = QTimer(self)
        self._tick.timeout.connect(self._time_passed)
        self._poll = QTimer(self)
        self._poll_ms = poll_seconds * 1000
        self._poll.setInterval(self._poll_ms)
        self._poll.timeout.connect(self.day.refresh)
        self._connect()
        self.page_actions = self._shortcuts()
        self.setFocusProxy(self.middle.scan)
        self._show_card()

    # -- for the window ----------------------------------------------------------------------------------------------

    def start(self) -> None:
        """Load the day; call once, inside the running loop."""
        self.sessions.show_day(self.day.day, self.day.today())
        self.sessions.show_loading()
        self.middle.roster.show_loading()
        self.day.open_day(self.day.day)

    def refresh(self) -> None:
        """Something changed on the server: fetch again without moving anything."""
        self.day.refresh()

    def set_live(self, on: bool) -> None:
        """Say whether changes are heard of by themselves (`day.follow`): the page then hardly asks."""
        self._poll.setInterval(self._poll_ms * (_SLOWER_WHILE_LIVE if on else 1))
        if not on and self._poll.isActive():
            self.day.refresh()

    def stop(self) -> None:
        """Drop everything under way: the person signs out or the window closes."""
        self._tick.stop()
        self._poll.stop()
        self._history_later.stop()
        self._card_later.stop()
        self.deeds.stop()
        self.day.stop()

    # -- building ----------------------------------------------------------------------------------------------------

    def _connect(self) -> None:
        day, card, roster = self.day, self.card, self.middle.roster
        self.sessions.chosen.connect(self._session_chosen)
        self.sessions.day_wanted.connect(self._move_day)
        self.sessions.handed_back.connect(self.take_keyboard)
        self.middle.handed_back.connect(self.take_keyboard)
        self.middle.scan.escaped.connect(self._escaped)
        roster.current_changed.connect(self._current_changed)
        roster.acted.connect(self._row_acted)
        roster.clicked.connect(lambda _booking: self._open_drawer())
        roster.open_wanted.connect(self._open_found)
        card.handed_back.connect(self.take_keyboard)
        card.check_in.connect(lambda booking: self._check_in(booking))
        card.check_in_again.connect(lambda booking: self._check_in(booking, again=True))
        card.absent.connect(self._mark_absent)
        card.undo.connect(self._undo)
        card.collected.connect(self._collected)
        card.forbidden.connect(self._forbidden)
        card.sibling_chosen.connect(self._sibling)
        card.closed.connect(self._close_drawer)
        card.chooser_changed.connect(lambda choosing: self.middle.show_hint(choosing=choosing))
        day.sessions_loaded.connect(self._sessions_loaded)
        day.session_opened.connect(self._session_opened)
        day.roster_loaded.connect(self._roster_loaded)
        day.load_failed.connect(self._load_failed)
        day.history_loaded.connect(lambda _booking: self._card_later.start())
        day.reached.connect(self._reached)
        day.roster.counted.connect(self._counted)
        self.deeds.outcome.connect(self.middle.show_outcome)
        self.deeds.toast.connect(self._show_toast)
        self.deeds.settled.connect(self._settled)

    def _shortcuts(self) -> tuple[Action, ...]:
        own = page_keys(
            self.middle,
            move_day=self._move_day,
            step_session=self._step_session,
            refresh=self.day.refresh,
        )
        listen(self, own)
        keys, deeds = self.keys, self.deeds
        return own + field_keys(
            undo=deeds.undo_last, step=keys.step, enter=keys.entered, escape=self._escaped
        )

    # -- the keyboard ------------------------------------------------------------------------------------------------

    def take_keyboard(self) -> None:
        """Give the keyboard back to the scan field."""
        self.middle.scan.setFocus(Qt.FocusReason.OtherFocusReason)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """A letter typed anywhere on the page belongs into the scan field."""
        plain = not event.modifiers() & (
            Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier
        )
        if event.matches(QKeySequence.StandardKey.Undo):
            self.deeds.undo_last()
        elif event.key() == Qt.Key.Key_Escape:
            self.take_keyboard()
            self._escaped()
        elif plain and event.text().strip() and event.text().isprintable():
            self.middle.scan.type_text(event.text())
        else:
            super().keyPressEvent(event)

    def _escaped(self) -> None:
        if self.card.chooser is not None:
            self.card.close_chooser()
        elif self._drawer and self.card.isVisible():
            self._close_drawer()
        else:
            self.middle.clear_outcome()

    # -- sessions ----------------------------------------------------------------------------------------------------

    def _session_chosen(self, session_id: UUID) -> None:
        if session_id != self.day.session_id:
            self.middle.scan.clear()
            self.day.open_session(session_id)

    def _step_session(self, rows: int) -> None:
        known = self.day.sessions.sessions
        at = self.day.sessions.position(self.day.session_id) + rows
        if 0 <= at < len(known):
            self._session_chosen(known[at].id)

    def _move_day(self, days: int) -> None:
        self.middle.scan.clear()
        day = self.day.today() if days == 0 else self.day.day + timedelta(days=days)
        self.sessions.show_loading()
        self.day.open_day(day)
        self.sessions.show_day(day, self.day.today())

    def _sessions_loaded(self) -> None:
        self.sessions.show_day(self.day.day, self.day.today())
        self.sessions.show_loaded()
        self.sessions.select(self.day.session_id)
        self.middle.show_title()

    def _load_failed(self, _error: ConsoleError) -> None:
        self.sessions.show_loaded()

    def _session_opened(self) -> None:
        self.sessions.select(self.day.session_id)
        self._show_card()

    def _roster_loaded(self, select: UUID | None) -> None:
        self.middle.show_rows()
        self.middle.show_title()
        if select is not None:
            self.middle.scan.clear()
            self.middle.roster.select(select)
        self._show_card()

    def _open_found(self, child: FoundChild) -> None:
        self.middle.scan.clear()
        self.day.open_found(child)
        self.take_keyboard()

    # -- rows and card -----------------------------------------------------------------------------------------------

    def ask_collect(self) -> None:
        """Ask who collects the child of the current row."""
        self._show_card()
        self.card.ask_collect()
        self._open_drawer()

    def _current_changed(self, booking: UUID | None) -> None:
        self.card.close_chooser()
        self._show_card()
        self.middle.show_hint(choosing=False)

    def _row_acted(self, booking: UUID) -> None:
        self.middle.roster.select(booking)
        row = self.day.roster.row(booking)
        if row is not None and row.state is AttendanceState.IN:
            self.ask_collect()
        else:
            self._check_in(booking)
        self.take_keyboard()

    def _check_in(self, booking: UUID, *, again: bool = False) -> None:
        row = self.day.roster.row(booking)
        if row is not None:
            self.deeds.check_in(row.entry, "row", again=again)

    def _mark_absent(self, booking: UUID) -> None:
        row = self.day.roster.row(booking)
        if row is not None:
            self.deeds.mark_absent(row.entry, "row")

    def _undo(self, booking: UUID) -> None:
        row = self.day.roster.row(booking)
        if row is not None:
            self.deeds.undo(row.entry, "row")

    def _collected(self, booking: UUID, person: PickupPerson | None, name: str) -> None:
        row = self.day.roster.row(booking)
        if row is not None:
            self.deeds.check_out(row.entry, person, name, "row")

    def _forbidden(self, booking: UUID, person: PickupPerson) -> None:
        row = self.day.roster.row(booking)
        if row is not None:
            self.deeds.report_forbidden(row.entry, person)

    def _sibling(self, sibling: Sibling) -> None:
        self.middle.scan.clear()
        if sibling.session_id != self.day.session_id:
            self.day.open_session(sibling.session_id, sibling.booking_id)
        else:
            self.middle.reveal(sibling.booking_id)

    def _settled(self, booking: UUID | None) -> None:
        if self.middle.scan.text:
            return
        if booking is None:
            self.middle.roster.clear_current()
            return
        self.middle.reveal(booking)
        row = self.day.roster.row(booking)
        if row is not None and row.entry.health:
            self._open_drawer()

    # -- showing -----------------------------------------------------------------------------------------------------

    def _show_toast(self, report: Outcome) -> None:
        undo = report.action[1] if report.action is not None and report.action[0] == "Undo" else None
        self.toast_wanted.emit(report.title, report.detail, undo)

    def _reached(self, error: ConsoleError | None) -> None:
        self.reached.emit(error)

    def _counted(self) -> None:
        self.waiting_changed.emit(sum(1 for row in self.day.roster.rows if row.pending))
        self._card_later.start()
        self.middle.show_hint(choosing=self.card.chooser is not None)

    def _show_card(self) -> None:
        current = self.middle.roster.current
        row = self.day.roster.row(current.entry.booking_id) if current else None
        history = self.day.histories.get(row.entry.booking_id) if row else None
        self.card.show_child(row, history, self._clock.now(), may_undo_any=self._may_undo_any)
        if row is not None and history is None and not self._history_later.isActive():
            self._history_later.start()

    def _load_history(self) -> None:
        row = self.middle.roster.current
        if row is not None and row.entry.booking_id not in self.day.histories:
            self.day.load_history(row.entry.booking_id)

    def _time_passed(self) -> None:
        before, self._today = self._today, self.day.today()
        if before != self._today and self.day.day == before:
            self._move_day(0)  # a console left open overnight opens the new day
        self.day.tick()
        self.middle.show_title()
        self._show_card()

    # -- the drawer --------------------------------------------------------------------------------------------------

    def _fit(self) -> None:
        window = self.window()
        rail = self.hub.theme.size("railCollapsed")
        width = window.width() if window is not self else self.width() + rail
        drawer = width < DRAWER_BELOW
        if drawer != self._drawer:
            self._drawer = drawer
            self.card.set_drawer(drawer)
            if drawer:
                self._row.removeWidget(self.card)
                self.card.hide()
            else:
                self._row.addWidget(self.card)
                self.card.show()
        if drawer:
            self.card.setGeometry(QRect(0, 0, self.hub.theme.size("sessionList"), self.height()))

    def _open_drawer(self) -> None:
        if self._drawer:
            self.card.show()
            self.card.raise_()

    def _close_drawer(self) -> None:
        if self._drawer:
            self.card.hide()
        self.take_keyboard()

    def minimumSizeHint(self) -> QSize:
        """What the smallest window leaves beside the collapsed rail: the drawer makes room, not the window."""
        width, height = self.hub.theme.tokens.data["size"]["windowMinimum"]
        return QSize(width - self.hub.theme.size("railCollapsed"), height - 160)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Turn the card into a drawer, or back."""
        super().resizeEvent(event)
        self._fit()

    def showEvent(self, event: QShowEvent) -> None:
        """Listen and keep time while the page is seen."""
        super().showEvent(event)
        self._fit()
        self._tick.start(_TICK_MS)
        if self._poll.interval():
            self._poll.start()
        self._time_passed()
        self.take_keyboard()

    def hideEvent(self, event: QHideEvent) -> None:
        """A page nobody sees asks nothing of the server."""
        super().hideEvent(event)
        self._tick.stop()
        self._poll.stop()
