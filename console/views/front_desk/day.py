"""The day a desk works: its sessions, the open session's roster, histories and the search, fetched and kept.

No widget lives here and nothing is changed on the server. A roster that was asked for before the last answer is asked
for again: showing it would take back what was just painted. See docs/design.md, "Screens" (front desk).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, tzinfo
from uuid import UUID

from PySide6.QtCore import QObject, Signal

from console.clock import Clock
from console.domain.attendance import AttendanceState
from console.domain.changes import Changes
from console.domain.desk import FoundChild, HistoryEntry, RosterEntry, SessionSummary
from console.errors import ConsoleError
from console.models.find import MIN_LETTERS, RosterFilter
from console.models.gateway import DeskGateway
from console.models.roster import RosterModel
from console.models.runner import TaskRunner
from console.models.sessions import SessionListModel
from console.models.words import local_day


class DeskDay(QObject):
    """What is on the screen of one desk of one venue."""

    sessions_loaded = Signal()
    session_opened = Signal()
    """Another session is open; its roster is being fetched."""
    roster_loaded = Signal(object)
    """The roster is there; carries the booking to select, or None."""
    load_failed = Signal(object)
    """A first load failed: a ConsoleError."""
    reached = Signal(object)
    """None after a successful exchange, the ConsoleError after a failed one."""
    history_loaded = Signal(object)
    found = Signal(object)

    def __init__(self, clock: Clock, gateway: DeskGateway, zone: tzinfo) -> None:
        """Times are shown in `zone`, the venue's."""
        super().__init__()
        self.clock, self.gateway, self.zone = clock, gateway, zone
        self.runner = TaskRunner(self.reached.emit)
        self.sessions = SessionListModel(zone)
        self.roster = RosterModel(zone)
        self.rows = RosterFilter(RosterModel.RowRole)
        self.rows.setSourceModel(self.roster)
        for model in (self.sessions, self.roster, self.rows):
            model.setParent(self)
        self.day = self.today()
        self.session_id: UUID | None = None
        self.histories: dict[UUID, tuple[HistoryEntry, ...]] = {}
        self.no_history: set[UUID] = set()
        """Whose history could not be fetched since the last refresh."""
        self.sessions_known = False
        self.roster_known = False
        self._answers = 0
        self.roster.counted.connect(self._count)

    # -- loading -----------------------------------------------------------------------------------------------------

    def today(self) -> date:
        """The venue's date now."""
        return local_day(self.clock.now(), self.zone)

    @property
    def session(self) -> SessionSummary | None:
        """The open session."""
        return self.sessions.session(self.session_id)

    def open_day(self, day: date, session_id: UUID | None = None, select: UUID | None = None) -> None:
        """Show a day, opening `session_id` in it or the session that matters now."""
        if day != self.day or not self.sessions_known:
            self.day, self.sessions_known = day, False
            self._open(None)
            self.sessions.set_sessions([], self.clock.now())
        self.runner.start(self._load_day(day, session_id, select), "day")

    def open_session(self, session_id: UUID, select: UUID | None = None) -> None:
        """Show a session's roster and make `select` the current row."""
        if session_id == self.session_id and self.roster_known:
            self.roster_loaded.emit(select)
            return
        self._open(session_id)
        self.runner.start(self._load_roster(session_id, select), "roster")

    def refresh(self) -> None:
        """Fetch what is shown again; nothing on the screen moves."""
        self.no_history.clear()
        if self.sessions_known:
            self.runner.start(self._refresh(), "refresh")
        else:
            self.open_day(self.day)

    async def follow(self, changes: Changes) -> None:
        """Others changed something: fetch what of it is on the screen; nothing moves. Raises ConsoleErrors."""
        if not self.sessions_known:
            self.open_day(self.day)
            return
        day, session_id = self.day, self.session_id
        for booking in changes.bookings:
            self.histories.pop(booking, None)
        if changes.concerns_roster(session_id):
            if self.roster_known and session_id is not None:
                entries = await self._fresh_roster(session_id)
                if entries is not None and session_id == self.session_id:
                    self.roster.set_entries(entries)
            else:
                self._answers += 1  # a roster under way was asked for before this: it is asked for again
        shown = {session.id for session in self.sessions.sessions}
        if changes.everything or changes.sessions or (changes.rosters - {session_id}) & shown:
            sessions = await self.gateway.sessions(day)
            if day == self.day:
                self.sessions.set_sessions(sessions, self.clock.now())
                self.sessions_loaded.emit()
                self._count()
        self.reached.emit(None)

    def retry(self) -> None:
        """Load again what failed to load."""
        if self.sessions_known and self.session_id is not None:
            self.runner.start(self._load_roster(self.session_id, None), "roster")
        else:
            self.open_day(self.day)

    def load_history(self, booking_id: UUID) -> None:
        """Fetch the history for the card."""
        self.runner.start(self._load_history(booking_id), "history")

    def search(self, text: str) -> None:
        """Look for a name in this roster at once, and in the day's other sessions."""
        self.rows.set_text(text)
        if len(text) < MIN_LETTERS:
            self.runner.cancel("search")
            self.found.emit([])
        else:
            self.runner.start(self._search(text), "search")

    def open_found(self, child: FoundChild) -> None:
        """Go to a child of another session."""
        if self.sessions.session(child.session_id) is not None:
            self.open_session(child.session_id, child.booking_id)
        else:
            self.open_day(local_day(child.starts_at, self.zone), child.session_id, child.booking_id)

    def open_on(self, session_id: UUID, day: date, select: UUID | None = None) -> None:
        """Go to a session of any day."""
        if day == self.day and self.sessions.session(session_id) is not None:
            self.open_session(session_id, select)
        else:
            self.open_day(day, session_id, select)

    async def entry_of(self, booking_id: UUID, session_id: UUID) -> RosterEntry | None:
        """A booking of any session: from the open roster, else asked for. Raises ConsoleErrors."""
        row = self.roster.row(booking_id)
        if row is not None:
            return row.entry
        entries = await self.gateway.roster(session_id)
        return next((one for one in entries if one.booking_id == booking_id), None)

    def answered(self, booking_id: UUID | None) -> None:
        """An answer has changed something: what was asked for before it is stale."""
        self._answers += 1
        if booking_id is not None:
            self.histories.pop(booking_id, None)

    def tick(self) -> None:
        """Time has passed."""
        self.sessions.tick(self.clock.now())

    def stop(self) -> None:
        """Drop everything under way: the page is closing."""
        self.runner.cancel_all()

    def _open(self, session_id: UUID | None) -> None:
        self.session_id, self.roster_known = session_id, False
        self.sessions.set_open(session_id)
        self.rows.reset()
        self.roster.replace_all([])
        self.session_opened.emit()

    async def _load_day(self, day: date, session_id: UUID | None, select: UUID | None) -> None:
        try:
            sessions = await self.gateway.sessions(day)
        except ConsoleError as error:
            self.load_failed.emit(error)
            self.reached.emit(error)
            return
        if day != self.day:
            return
        self.reached.emit(None)
        self.sessions_known = True
        self.sessions.set_sessions(sessions, self.clock.now())
        self.sessions_loaded.emit()
        wanted = session_id or self.session_id or self._matters_now()
        if wanted is None:
            self.roster_loaded.emit(None)
        else:
            self.open_session(wanted, select)

    def _matters_now(self) -> UUID | None:
        """The session to open first: running, else next to begin, else the last of the day."""
        now = self.clock.now()
        live = [one for one in self.sessions.sessions if not one.is_cancelled]
        running = [one for one in live if one.starts_at <= now < one.ends_at and one.closed_at is None]
        coming = [one for one in live if one.starts_at > now]
        best = (running[-1:] or coming[:1] or live[-1:]) if self.day == self.today() else live[:1]
        return best[0].id if best else None

    async def _load_roster(self, session_id: UUID, select: UUID | None) -> None:
        try:
            entries = await self._fresh_roster(session_id)
        except ConsoleError as error:
            self.reached.emit(error)
            if session_id == self.session_id:
                self.load_failed.emit(error)
            return
        if session_id != self.session_id or entries is None:
            return
        self.reached.emit(None)
        known, self.roster_known = self.roster_known, True
        if known:
            self.roster.set_entries(entries)
        else:
            self.roster.replace_all(entries)
        self.roster_loaded.emit(select)

    async def _fresh_roster(self, session_id: UUID) -> Sequence[RosterEntry] | None:
        """A roster fetched after the last answer: an older one would take back what was just painted."""
        while session_id == self.session_id:
            before = self._answers
            entries = await self.gateway.roster(session_id)
            if before == self._answers:
                return entries
        return None

    async def _refresh(self) -> None:
        try:
            await self.follow(Changes("", everything=True))
        except ConsoleError as error:
            self.reached.emit(error)

    async def _load_history(self, booking_id: UUID) -> None:
        try:
            self.histories[booking_id] = tuple(await self.gateway.history(booking_id))
        except ConsoleError as error:
            self.no_history.add(booking_id)
            self.reached.emit(error)
        self.history_loaded.emit(booking_id)

    async def _search(self, text: str) -> None:
        try:
            found = await self.gateway.search(text)
        except ConsoleError as error:
            self.reached.emit(error)
            return
        if text == self.rows.text:
            self.found.emit([child for child in found if child.session_id != self.session_id])

    def _count(self) -> None:
        if not self.roster_known or self.session_id is None:
            return
        counts = self.roster.counts()
        self.sessions.set_counts(
            self.session_id,
            inside=counts[AttendanceState.IN],
            expected=counts[AttendanceState.EXPECTED],
            out=counts[AttendanceState.OUT],
            absent=counts[AttendanceState.ABSENT],
            unmarked=counts[AttendanceState.UNMARKED],
            waiting=self.roster.waiting,
        )
