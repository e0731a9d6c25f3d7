"""The Today screen: sessions at the left, the roster in the middle, the child's card at the right.

The page only lays out and connects; what happens is the Desk's business. The scan field has the keyboard, whatever is
clicked. Below 1200 pixels of window the card becomes a drawer over the session list.
See docs/design.md, "Screens" (front desk).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta, tzinfo
from functools import partial
from uuid import UUID

from PySide6.QtCore import QRect, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QHideEvent, QKeyEvent, QKeySequence, QResizeEvent, QShortcut, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from console.clock import Clock
from console.domain.attendance import AttendanceState
from console.domain.desk import PickupPerson, Sibling
from console.errors import ConsoleError
from console.models.find import RosterView as View
from console.models.find import folded, rank
from console.models.gateway import DeskGateway
from console.models.roster import RosterRow
from console.models.words import session_clock, session_facts
from console.views.front_desk import outcomes
from console.views.front_desk.child_card import ChildCard
from console.views.front_desk.desk import Desk, Via
from console.views.front_desk.outcomes import Outcome
from console.views.front_desk.roster_view import RosterView
from console.views.front_desk.scan_field import ScanField
from console.views.front_desk.session_list import SessionList
from console.views.front_desk.title import FilterBar, SessionTitle
from console.views.theme import ThemeHub
from console.views.widgets.base import line, spacer, surface
from console.views.widgets.outcome import OutcomeBand

DRAWER_BELOW = 1200
_TICK_MS = 10_000
_HISTORY_DELAY_MS = 120


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
        self.desk = Desk(clock, gateway, zone, desk=desk, person=person)
        self.sessions = SessionList(hub, self.desk.sessions)
        self.scan = ScanField(hub, clock.monotonic)
        self.band = OutcomeBand(hub)
        self.title = SessionTitle(hub)
        self.filters = FilterBar(hub)
        self.roster = RosterView(hub, self.desk.roster, self.desk.rows, zone)
        self.card = ChildCard(hub, zone)
        self._band_action: outcomes.Action | None = None
        self._drawer = False
        self._moved = False
        self._lay_out()
        self._connect()
        self._shortcuts()
        self._history_later = self._single_shot(_HISTORY_DELAY_MS, self._load_history)
        self._tick = QTimer(self)
        self._tick.timeout.connect(self._time_passed)
        self._poll = QTimer(self)
        self._poll.setInterval(poll_seconds * 1000)
        self._poll.timeout.connect(self.desk.refresh)
        self.setFocusProxy(self.scan)
        self._show_card()

    # -- for the window ----------------------------------------------------------------------------------------------

    def start(self) -> None:
        """Load the day; call once, inside the running loop."""
        self.sessions.show_day(self.desk.day, self.desk.today())
        self.sessions.show_loading()
        self.roster.show_loading()
        self.desk.open_day(self.desk.day)

    def refresh(self) -> None:
        """Something changed on the server: fetch again without moving anything."""
        self.desk.refresh()

    def stop(self) -> None:
        """Drop everything under way: the person signs out or the window closes."""
        self._tick.stop()
        self._poll.stop()
        self.desk.stop()

    # -- building ----------------------------------------------------------------------------------------------------

    def _lay_out(self) -> None:
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self.sessions)
        middle = surface("canvas")
        column = QVBoxLayout(middle)
        column.setContentsMargins(0, 16, 0, 0)
        column.setSpacing(0)
        head = QVBoxLayout()
        head.setContentsMargins(24, 0, 24, 0)
        head.setSpacing(0)
        for piece in (
            self.scan,
            spacer(8),
            self.band,
            spacer(16),
            self.title,
            spacer(10),
            self.filters,
            spacer(10),
        ):
            head.addWidget(piece)
        column.addLayout(head)
        column.addWidget(line(strong=True))
        column.addWidget(self.roster, 1)
        row.addWidget(middle, 1)
        row.addWidget(self.card)
        self._row = row

    def _connect(self) -> None:
        desk, scan, card = self.desk, self.scan, self.card
        self.sessions.chosen.connect(self._session_chosen)
        self.sessions.day_wanted.connect(self._move_day)
        for giver in (self.sessions, self.filters, self.roster, card):
            giver.handed_back.connect(self.take_keyboard)
        scan.scanned.connect(self._scanned)
        scan.searched.connect(self._searched)
        scan.entered.connect(self._entered)
        scan.mistyped.connect(lambda text: self._show_outcome(outcomes.mistyped(text)))
        scan.moved.connect(self._step)
        scan.escaped.connect(self._escaped)
        scan.undo_wanted.connect(desk.undo_last)
        self.filters.view_chosen.connect(lambda key: desk.rows.set_view(View(key)))
        self.filters.health_chosen.connect(desk.rows.set_health)
        self.roster.current_changed.connect(self._current_changed)
        self.roster.acted.connect(self._row_acted)
        self.roster.clicked.connect(self._row_clicked)
        self.roster.open_wanted.connect(self._open_found)
        card.check_in.connect(lambda booking: self._check_in(booking, "row"))
        card.check_in_again.connect(lambda booking: self._check_in(booking, "row", again=True))
        card.undo.connect(self._undo)
        card.collected.connect(self._collected)
        card.forbidden.connect(self._forbidden)
        card.sibling_chosen.connect(self._sibling)
        card.closed.connect(self._close_drawer)
        card.chooser_changed.connect(lambda _open: self._show_hint())
        desk.sessions_loaded.connect(self._sessions_loaded)
        desk.session_opened.connect(self._session_opened)
        desk.roster_loaded.connect(self._roster_loaded)
        desk.load_failed.connect(self._load_failed)
        desk.outcome.connect(self._show_outcome)
        desk.toast.connect(self._show_toast)
        desk.found.connect(self._show_found)
        desk.history_loaded.connect(lambda _booking: self._show_card())
        desk.checked_in.connect(self._checked_in)
        desk.reached.connect(self.reached)
        desk.roster.counted.connect(self._counted)

    def _shortcuts(self) -> None:
        keys: list[tuple[str, Callable[[], object]]] = [
            ("Alt+Left", lambda: self._move_day(-1)),
            ("Alt+Right", lambda: self._move_day(1)),
            ("Ctrl+PgUp", lambda: self._step_session(-1)),
            ("Ctrl+PgDown", lambda: self._step_session(1)),
            ("Alt+H", self.filters.health.click),
            ("F2", self._run_band_action),
            ("F5", self.desk.refresh),
        ]
        for number, view in enumerate(View, start=1):
            keys.append((f"Alt+{number}", partial(self.filters.choose, view)))
        for key, run in keys:
            made = QShortcut(QKeySequence(key), self)
            made.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            made.activated.connect(run)

    def _single_shot(self, interval: int, run: object) -> QTimer:
        timer = QTimer(self)
        timer.setSingleShot(True)
        timer.setInterval(interval)
        timer.timeout.connect(run)
        return timer

    # -- the keyboard ------------------------------------------------------------------------------------------------

    def take_keyboard(self) -> None:
        """Give the keyboard back to the scan field."""
        self.scan.setFocus(Qt.FocusReason.OtherFocusReason)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """A letter typed anywhere on the page belongs into the scan field."""
        plain = not event.modifiers() & (
            Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier
        )
        if event.matches(QKeySequence.StandardKey.Undo):
            self.desk.undo_last()
        elif event.key() == Qt.Key.Key_Escape:
            self.take_keyboard()
            self._escaped()
        elif plain and event.text().strip() and event.text().isprintable():
            self.scan.set_text(event.text())
        else:
            super().keyPressEvent(event)

    def _scanned(self, text: str) -> None:
        self.card.close_chooser()
        code = outcomes.code_of(text)
        if code is None:
            self._show_outcome(outcomes.not_a_ticket())
        else:
            self.desk.scan(code)

    def _searched(self, text: str) -> None:
        before = self.roster.current
        self._moved = False
        if text:
            self.card.close_chooser()
        self.desk.search(text)
        if self.desk.rows.text:
            self.roster.select_first(lambda row: rank(row.entry, text))
        elif before is not None:
            self.roster.select(before.entry.booking_id)
        self._show_middle()
        self._show_hint()

    def _step(self, rows: int) -> None:
        if self.card.chooser is not None:
            self.card.chooser.step(rows)
            return
        self._moved = True
        self.roster.step(rows)

    def _entered(self) -> None:
        chooser = self.card.chooser
        if chooser is not None:
            chooser.confirm()
            return
        row = self.roster.current
        if row is None:
            found = self.roster.found
            if len(found) == 1:
                self._open_found(found[0])
            return
        if row.pending or (not self.scan.text and self.desk.is_quiet(row.entry.booking_id)):
            return
        if self._is_ambiguous(row):
            self._show_outcome(outcomes.several(row.name))
        elif row.state is AttendanceState.IN:
            if not self.desk.is_quiet(row.entry.booking_id):
                self._leave_search(row)
                self._ask_collect()
        elif row.state is AttendanceState.OUT:
            self._show_outcome(outcomes.already_left(row.entry, self.desk.zone))
        else:
            self._leave_search(row)
            self.desk.check_in(row.entry, "band")

    def _is_ambiguous(self, row: RosterRow) -> bool:
        """Two children of that name fit and nobody has pointed at one: Enter must not guess."""
        if not self.desk.rows.text or self._moved:
            return False
        wanted = [other for other in self.roster.shown() if folded(other.name) == folded(row.name)]
        return len(wanted) > 1

    def _leave_search(self, row: RosterRow) -> None:
        self.scan.clear()
        self.roster.select(row.entry.booking_id)

    def _escaped(self) -> None:
        if self.card.chooser is not None:
            self.card.close_chooser()
        elif self._drawer and self.card.isVisible():
            self._close_drawer()
        else:
            self._band_action = None
            self.band.clear()

    def _run_band_action(self) -> None:
        if self._band_action is not None:
            run = self._band_action[1]
            self._band_action = None
            run()

    # -- sessions ----------------------------------------------------------------------------------------------------

    def _session_chosen(self, session_id: UUID) -> None:
        if session_id != self.desk.session_id:
            self.scan.clear()
            self.desk.open_session(session_id)
            self.sessions.select(session_id)

    def _step_session(self, rows: int) -> None:
        known = self.desk.sessions.sessions
        at = self.desk.sessions.position(self.desk.session_id) + rows
        if known and 0 <= at < len(known):
            self._session_chosen(known[at].id)

    def _move_day(self, days: int) -> None:
        self.scan.clear()
        day = self.desk.today() if days == 0 else self.desk.day + timedelta(days=days)
        self.sessions.show_loading()
        self.desk.open_day(day)
        self.sessions.show_day(day, self.desk.today())

    def _sessions_loaded(self) -> None:
        self.sessions.show_day(self.desk.day, self.desk.today())
        self.sessions.show_loaded()
        self.sessions.select(self.desk.session_id)
        self._show_title()

    def _session_opened(self) -> None:
        self.filters.reset()
        self.roster.show_found([])
        self.roster.show_loading()
        self.sessions.select(self.desk.session_id)
        self.band.clear()
        self._band_action = None
        self._show_title()
        self._show_card()

    def _roster_loaded(self, select: UUID | None) -> None:
        self._show_middle()
        self._counted()
        self._show_title()
        if select is not None:
            self.scan.clear()
            self.roster.select(select)
        self._show_card()

    def _load_failed(self, error: ConsoleError) -> None:
        self.sessions.show_loaded()
        retry = ("ph.arrow-clockwise", "Try again", self.desk.retry)
        self.roster.show_empty(
            "ph.wifi-slash", error.sentence, error.hint or "Nothing was lost.", action=retry
        )

    # -- rows and card -----------------------------------------------------------------------------------------------

    def _current_changed(self, booking: UUID | None) -> None:
        self.card.close_chooser()
        self._show_card()
        self._show_hint()
        if booking is not None and booking not in self.desk.histories:
            self._history_later.start()

    def _row_clicked(self, _booking: UUID) -> None:
        self._moved = True
        self._open_drawer()

    def _row_acted(self, booking: UUID) -> None:
        self.roster.select(booking)
        row = self.desk.roster.row(booking)
        if row is not None and row.state is AttendanceState.IN:
            self._ask_collect()
        else:
            self._check_in(booking, "row")
        self.take_keyboard()

    def _check_in(self, booking: UUID, via: Via, *, again: bool = False) -> None:
        row = self.desk.roster.row(booking)
        if row is not None:
            self.desk.check_in(row.entry, via, again=again)

    def _undo(self, booking: UUID) -> None:
        row = self.desk.roster.row(booking)
        if row is not None:
            self.desk.undo(row.entry, "row")

    def _ask_collect(self) -> None:
        self._show_card()
        self.card.ask_collect()
        self._open_drawer()

    def _collected(self, booking: UUID, person: PickupPerson | None, name: str) -> None:
        row = self.desk.roster.row(booking)
        if row is not None:
            self.desk.check_out(row.entry, person, name, "row")

    def _forbidden(self, booking: UUID, person: PickupPerson) -> None:
        row = self.desk.roster.row(booking)
        if row is not None:
            self.desk.report_forbidden(row.entry, person)

    def _sibling(self, sibling: Sibling) -> None:
        self.scan.clear()
        if sibling.session_id != self.desk.session_id:
            self.desk.open_session(sibling.session_id, sibling.booking_id)
        else:
            self.roster.select(sibling.booking_id)

    def _open_found(self, child: object) -> None:
        self.scan.clear()
        self.desk.open_found(child)  # type: ignore[arg-type]  # Qt's signal carries an object
        self.take_keyboard()

    def _show_found(self, found: list[object]) -> None:
        self.roster.show_found(found)  # type: ignore[arg-type]
        self._show_hint()
        self._show_middle()

    def _checked_in(self, booking: UUID) -> None:
        if not self.scan.text:
            self.roster.select(booking)
        self._history_later.start()

    # -- showing -----------------------------------------------------------------------------------------------------

    def _show_outcome(self, report: Outcome) -> None:
        self._band_action = report.action if report.keys == "F2" else None
        self.band.show_outcome(
            report.kind, report.title, report.detail, action=report.action, keys=report.keys, icon=report.icon
        )

    def _show_toast(self, report: Outcome) -> None:
        undo = report.action[1] if report.action is not None and report.action[0] == "Undo" else None
        self.toast_wanted.emit(report.title, report.detail, undo)

    def _show_title(self) -> None:
        session = self.desk.session
        if session is None:
            self.title.show_session("", "", "")
            return
        now, zone = self._clock.now(), self.desk.zone
        self.title.show_session(
            session.activity_name,
            session_clock(session, now, zone),
            session_facts(session, zone),
            cancelled=session.is_cancelled,
        )

    def _show_middle(self) -> None:
        """Rows, or what to say in their place."""
        if self.desk.sessions_known and self.desk.session_id is None:
            self.roster.show_empty(
                "ph.calendar-blank", "No session to show", "Choose another day at the left."
            )
        elif not self.desk.roster_known:
            return
        elif not self.desk.roster.rowCount():
            self.roster.show_empty(
                "ph.users", "Nobody is booked", "Bookings appear here as parents make them."
            )
        elif not self.desk.rows.rowCount():
            name = self.desk.rows.text
            if name and self.roster.found:
                self.roster.show_empty(
                    "ph.magnifying-glass", f"No “{name}” in this session", "Found below in another session."
                )
            elif name:
                self.roster.show_empty(
                    "ph.magnifying-glass", f"No “{name}” today", "Check the spelling, or scan the ticket."
                )
            else:
                self.roster.show_empty(
                    "ph.funnel", "Nobody here", "Choose All above to see the whole roster."
                )
        else:
            self.roster.show_rows()

    def _counted(self) -> None:
        self.filters.set_counts(self.desk.roster.counts(), self.desk.roster.with_health_notes)
        waiting = sum(1 for row in self.desk.roster.rows if row.pending)
        self.waiting_changed.emit(waiting)
        if self.desk.roster_known:
            self._show_middle()
        self._show_card()
        self._show_hint()

    def _show_card(self) -> None:
        current = self.roster.current
        row = self.desk.roster.row(current.entry.booking_id) if current else None
        history = self.desk.histories.get(row.entry.booking_id) if row else None
        self.card.show_child(row, history, self._clock.now(), may_undo_any=self._may_undo_any)
        if row is not None and history is None:
            self._history_later.start()

    def _show_hint(self) -> None:
        row = self.roster.current
        if self.card.chooser is not None:
            self.scan.set_hint("chooses")
        elif self.scan.text and row is None:
            self.scan.set_hint("opens it" if len(self.roster.found) == 1 else "")
        elif not self.scan.text or row is None:
            self.scan.set_hint("checks in")
        else:
            words = {AttendanceState.IN: "asks who collects", AttendanceState.OUT: ""}
            self.scan.set_hint(words.get(row.state, "checks in"))

    def _load_history(self) -> None:
        row = self.roster.current
        if row is not None:
            self.desk.load_history(row.entry.booking_id)

    def _time_passed(self) -> None:
        self.desk.tick()
        self._show_title()
        self._show_card()

    # -- the drawer --------------------------------------------------------------------------------------------------

    def _fit(self) -> None:
        window = self.window()
        width = window.width() if window is not self else self.width() + self.hub.theme.size("railCollapsed")
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
            self.card.setGeometry(QRect(0, 0, self.hub.theme.size("sidePanel"), self.height()))

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
