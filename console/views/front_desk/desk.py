"""What the Today screen does: loads days and rosters, sends actions, and says what became of them.

No widget lives here. An action is painted at once as a mark, sent, and reported when its answer arrives: in the band
for what was scanned or typed, in a toast for a row or the card. An answer never paints the band of another session or
over a newer outcome. See docs/design.md, "The desk protocol" and "Screens" (front desk).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta, tzinfo
from typing import Literal
from uuid import UUID

from PySide6.QtCore import QObject, QTimer, Signal

from console.clock import Clock
from console.domain.attendance import UNDO_WINDOW, AttendanceState, EventAnswer, EventKind, WayOut
from console.domain.desk import FoundChild, HistoryEntry, PickupPerson, RosterEntry, SessionSummary, Undo
from console.errors import ConsoleError
from console.models.find import MIN_LETTERS, RosterFilter
from console.models.gateway import DeskGateway
from console.models.roster import Mark, RosterModel
from console.models.runner import TaskRunner
from console.models.sessions import SessionListModel
from console.models.words import local_day
from console.views.front_desk import outcomes
from console.views.front_desk.outcomes import Outcome

Via = Literal["band", "row"]

SLOW_MS = 400
"""Only after this long does "sending" become a word."""

QUIET_SECONDS = 10.0
"""How long Enter on the same child does nothing after it did something."""

_REFRESH_SOON_MS = 250
_TOGETHER = timedelta(minutes=60)


@dataclass(frozen=True)
class Job:
    """One action on its way: what, for whom, from where, and how to send it."""

    kind: EventKind
    via: Via
    call: Callable[[], Awaitable[EventAnswer]]
    entry: RosterEntry | None = None
    target: AttendanceState | None = None
    collector: str = ""
    quiet_refusal: bool = False


@dataclass(frozen=True)
class LastAction:
    """What Ctrl+Z takes back."""

    entry: RosterEntry
    undo: Undo


class Desk(QObject):
    """One person at one desk, working one venue's day."""

    sessions_loaded = Signal()
    session_opened = Signal()
    """Another session is open; its roster is being fetched."""
    roster_loaded = Signal(object)
    """The roster is there; carries the booking to select, or None."""
    load_failed = Signal(object)
    """A first load failed: a ConsoleError."""
    reached = Signal(object)
    """None after a successful exchange, the ConsoleError after a failed one."""
    outcome = Signal(object)
    toast = Signal(object)
    history_loaded = Signal(object)
    found = Signal(object)
    checked_in = Signal(object)
    """A booking that a scan or Enter brought in: its row becomes the current one."""

    def __init__(self, clock: Clock, gateway: DeskGateway, zone: tzinfo, *, desk: str, person: str) -> None:
        """`desk` and `person` are what a row says until the server's own words arrive."""
        super().__init__()
        self._clock, self._gateway, self.zone = clock, gateway, zone
        self._desk, self._person = desk, person
        self.runner = TaskRunner(self._failed)
        self.sessions = SessionListModel(zone)
        self.roster = RosterModel(zone)
        self.rows = RosterFilter(RosterModel.RowRole)
        self.rows.setSourceModel(self.roster)
        self.day = self.today()
        self.session_id: UUID | None = None
        self.histories: dict[UUID, tuple[HistoryEntry, ...]] = {}
        self.sessions_known = False
        self.roster_known = False
        self.last: LastAction | None = None
        self._ticket = 0
        self._painted = 0
        self._changes = 0
        self._acted: dict[UUID, float] = {}
        self.roster.counted.connect(self._count)
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(_REFRESH_SOON_MS)
        self._soon.timeout.connect(self.refresh)

    # -- loading -----------------------------------------------------------------------------------------------------

    def today(self) -> date:
        """The venue's date now."""
        return local_day(self._clock.now(), self.zone)

    @property
    def session(self) -> SessionSummary | None:
        """The open session."""
        return self.sessions.session(self.session_id)

    def open_day(self, day: date, session_id: UUID | None = None, select: UUID | None = None) -> None:
        """Show a day, opening `session_id` in it or the session that matters now."""
        if day != self.day or not self.sessions_known:
            self.day, self.sessions_known = day, False
            self._open(None)
            self.sessions.set_sessions([], self._clock.now())
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
        if self.sessions_known:
            self.runner.start(self._refresh(), "refresh")
        else:
            self.open_day(self.day)

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

    def tick(self) -> None:
        """Time has passed."""
        self.sessions.tick(self._clock.now())

    def stop(self) -> None:
        """Drop everything under way: the page is closing."""
        self._soon.stop()
        self.runner.cancel_all()

    def _open(self, session_id: UUID | None) -> None:
        self.session_id, self.roster_known = session_id, False
        self.sessions.set_open(session_id)
        self.rows.reset()
        self.roster.replace_all([])
        self.session_opened.emit()

    async def _load_day(self, day: date, session_id: UUID | None, select: UUID | None) -> None:
        try:
            sessions = await self._gateway.sessions(day)
        except ConsoleError as error:
            self.load_failed.emit(error)
            self.reached.emit(error)
            return
        if day != self.day:
            return
        self.reached.emit(None)
        self.sessions_known = True
        self.sessions.set_sessions(sessions, self._clock.now())
        self.sessions_loaded.emit()
        wanted = session_id or self.session_id or self._matters_now()
        if wanted is None:
            self.roster_loaded.emit(None)
        else:
            self.open_session(wanted, select)

    def _matters_now(self) -> UUID | None:
        """The session to open first: running, else next to begin, else the last of the day."""
        now = self._clock.now()
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
            before = self._changes
            entries = await self._gateway.roster(session_id)
            if before == self._changes:
                return entries
        return None

    async def _refresh(self) -> None:
        day, session_id = self.day, self.session_id
        try:
            sessions = await self._gateway.sessions(day)
            if day == self.day:
                self.sessions.set_sessions(sessions, self._clock.now())
                self.sessions_loaded.emit()
                self._count()
            if session_id is not None and self.roster_known:
                entries = await self._fresh_roster(session_id)
                if entries is not None and session_id == self.session_id:
                    self.roster.set_entries(entries)
        except ConsoleError as error:
            self.reached.emit(error)
            return
        self.reached.emit(None)

    async def _load_history(self, booking_id: UUID) -> None:
        try:
            self.histories[booking_id] = tuple(await self._gateway.history(booking_id))
        except ConsoleError as error:
            self.reached.emit(error)
            return
        self.history_loaded.emit(booking_id)

    async def _search(self, text: str) -> None:
        try:
            found = await self._gateway.search(text)
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

    # -- acting ------------------------------------------------------------------------------------------------------

    def check_in(self, entry: RosterEntry, via: Via, *, again: bool = False) -> None:
        """Check a child in."""
        call = lambda: self._gateway.check_in(entry, again=again)  # noqa: E731 - kept to be sent again
        self._send(Job(EventKind.CHECK_IN, via, call, entry, AttendanceState.IN))

    def check_out(self, entry: RosterEntry, pickup: PickupPerson | None, name: str, via: Via) -> None:
        """Check a child out to somebody."""
        call = lambda: self._gateway.check_out(entry, pickup, name=name or None)  # noqa: E731
        who = pickup.name if pickup is not None else name
        self._send(Job(EventKind.CHECK_OUT, via, call, entry, AttendanceState.OUT, who))

    def report_forbidden(self, entry: RosterEntry, pickup: PickupPerson) -> None:
        """Tell the server that somebody who may not collect was named: it refuses and tells the manager, quietly."""
        call = lambda: self._gateway.check_out(entry, pickup)  # noqa: E731
        self._send(Job(EventKind.CHECK_OUT, "row", call, entry, None, pickup.name, quiet_refusal=True))

    def undo(self, entry: RosterEntry, via: Via) -> None:
        """Take back the event behind a child's state."""
        call = lambda: self._gateway.undo(entry)  # noqa: E731
        back = AttendanceState.IN if entry.state is AttendanceState.OUT else AttendanceState.EXPECTED
        self._send(Job(EventKind.ANNUL, via, call, entry, back))

    def undo_last(self, via: Via = "band") -> None:
        """Take back the last action of this desk, within fifteen minutes."""
        last = self.last
        if last is None or self._clock.now() >= last.undo.until:
            self.outcome.emit(
                Outcome("again", "Nothing to undo", "The last 15 minutes have nothing of this desk.")
            )
            return
        self.undo(replace(last.entry, undo=last.undo), via)

    def scan(self, code: str) -> None:
        """Send a ticket; its row is painted at once when it is in this roster."""
        session_id = self.session_id
        row = next((row for row in self.roster.rows if row.entry.confirmation_code == code), None)
        here = (
            row is not None and row.state not in (AttendanceState.IN, AttendanceState.OUT) and not row.pending
        )
        target = AttendanceState.IN if here else None
        call = lambda: self._gateway.scan(code, session_id)  # noqa: E731
        self._send(Job(EventKind.CHECK_IN, "band", call, row.entry if row else None, target))

    def is_quiet(self, booking_id: UUID) -> bool:
        """Whether the same child was acted on so recently that Enter means nothing."""
        at = self._acted.get(booking_id)
        return at is not None and self._clock.monotonic() - at < QUIET_SECONDS

    def _send(self, job: Job) -> None:
        if job.entry is not None:
            mark = self.roster.mark(job.entry.booking_id)
            if mark is not None:
                return
            self._acted[job.entry.booking_id] = self._clock.monotonic()
        self._ticket += 1
        self.runner.start(self._exchange(job, self._ticket, self.session_id))

    async def _exchange(self, job: Job, ticket: int, session_id: UUID | None) -> None:
        mark = self._set_mark(job)
        try:
            answer = await job.call()
        except ConsoleError as error:
            self._drop_mark(job, mark)
            name = job.entry.first_name if job.entry else ""
            self.reached.emit(error)
            report = outcomes.failure(error, job.kind, name, lambda: self._send(job))
            self._report(report, job, ticket, session_id)
            return
        self.reached.emit(None)
        self._changes += 1
        entry = self._entry_of(job, answer)
        if entry is not None:
            self._apply(entry, job, answer)
        self._drop_mark(job, mark)
        if not job.quiet_refusal:
            self._tell(job, answer, entry, ticket, session_id)
        self._soon.start()

    def _set_mark(self, job: Job) -> Mark | None:
        if job.entry is None or job.target is None:
            return None
        booking, mark = job.entry.booking_id, Mark(job.target, self._clock.now())
        self.roster.set_mark(booking, mark)

        def slow() -> None:
            if self.roster.mark(booking) is mark:
                self.roster.set_mark(booking, replace(mark, slow=True))

        QTimer.singleShot(SLOW_MS, self, slow)
        return mark

    def _drop_mark(self, job: Job, mark: Mark | None) -> None:
        if job.entry is not None and mark is not None:
            self.roster.set_mark(job.entry.booking_id, None)

    def _entry_of(self, job: Job, answer: EventAnswer) -> RosterEntry | None:
        row = self.roster.row(answer.booking_id) if answer.booking_id else None
        if row is not None:
            return row.entry
        return job.entry

    def _apply(self, entry: RosterEntry, job: Job, answer: EventAnswer) -> None:
        """Show the booking as the answer says it is, until the next refresh brings the server's row."""
        self.histories.pop(entry.booking_id, None)
        if answer.state is None:
            return
        detail, now = answer.detail, self._clock.now()
        mine = answer.is_recorded
        seen = answer.state is not AttendanceState.EXPECTED
        undo = (
            Undo(answer.event_id, now + UNDO_WINDOW, True)
            if mine and seen and job.kind is not EventKind.ANNUL
            else None
        )
        if mine and undo is not None:
            self.last = LastAction(entry, undo)
            if job.via == "band":
                self._acted[entry.booking_id] = self._clock.monotonic()
        elif mine and job.kind is EventKind.ANNUL:
            self.last = None
            self._acted.pop(entry.booking_id, None)
        if not mine and answer.state is entry.state:
            return
        fresh = replace(
            entry,
            state=answer.state,
            state_at=answer.state_at if seen else None,
            state_desk=(self._desk if mine else detail.desk) if seen else None,
            state_by=(self._person if mine else detail.person) if seen else None,
            collected_by=(job.collector or None) if answer.state is AttendanceState.OUT else None,
            undo=undo,
        )
        if undo is not None:
            self.last = LastAction(fresh, undo)
        self.roster.put(fresh)

    # -- telling -----------------------------------------------------------------------------------------------------

    def _tell(
        self, job: Job, answer: EventAnswer, entry: RosterEntry | None, ticket: int, session_id: UUID | None
    ) -> None:
        name = entry.first_name if entry else answer.detail.first_name or ""
        session = self.sessions.session(entry.session_id if entry else session_id)
        report = outcomes.describe(answer, job.kind, name, session, self.zone, collector=job.collector)
        report = self._with_way_out(report, job, answer, entry)
        self._report(report, job, ticket, session_id)
        if job.via == "band" and entry is not None and session_id == self.session_id:
            self.checked_in.emit(entry.booking_id)

    def _with_way_out(
        self, report: Outcome, job: Job, answer: EventAnswer, entry: RosterEntry | None
    ) -> Outcome:
        other = answer.detail.other
        if answer.way_out is WayOut.OPEN_OTHER_SESSION and other is not None:
            child = FoundChild(
                other.booking_id, other.session_id, answer.detail.first_name or "", 0, None, other.name,
                other.starts_at, answer.state or AttendanceState.EXPECTED,
            )  # fmt: skip
            return replace(report, action=("Open it", lambda: self.open_found(child)), keys="F2")
        if answer.way_out is WayOut.CHECK_IN_AGAIN and entry is not None:
            back = self.roster.row(entry.booking_id)
            subject = back.entry if back else entry
            return replace(
                report,
                action=("Check in again", lambda: self.check_in(subject, "band", again=True)),
                keys="F2",
            )
        if not answer.is_recorded or job.kind is EventKind.ANNUL:
            return report
        together = self._together(entry) if job.kind is EventKind.CHECK_IN and entry is not None else []
        if together:
            names = " and ".join(entry.first_name for entry in together)
            return replace(
                report, action=(f"{names} too", lambda: self._bring(together)), keys="F2", icon="ph.users"
            )
        last = self.last
        undo = (lambda: self.undo(replace(last.entry, undo=last.undo), job.via)) if last else self.undo_last
        return replace(report, action=("Undo", undo), keys="Ctrl Z", icon="ph.arrow-u-up-left")

    def _together(self, entry: RosterEntry) -> list[RosterEntry]:
        """Brothers and sisters of the same booking in this roster who are still expected."""
        found = []
        for sibling in entry.siblings:
            row = self.roster.row(sibling.booking_id)
            if (
                sibling.same_group
                and row is not None
                and row.state is AttendanceState.EXPECTED
                and not row.pending
            ):
                found.append(row.entry)
        return found

    def _bring(self, entries: Sequence[RosterEntry]) -> None:
        for entry in entries:
            self.check_in(entry, "band")

    def _report(self, report: Outcome, job: Job, ticket: int, session_id: UUID | None) -> None:
        """Into the band when it is still about what is on the screen, else into a toast."""
        here = session_id == self.session_id
        banded = job.via == "band" or report.is_trouble
        if banded and here and ticket >= self._painted:
            self._painted = ticket
            self.outcome.emit(report)
        else:
            self.toast.emit(report)

    def _failed(self, error: ConsoleError) -> None:
        self.reached.emit(error)
