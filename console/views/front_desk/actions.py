"""What a desk does: sends check-ins, check-outs, undo and scans, and says what became of them.

An action is painted at once as a mark, sent, and reported when its answer arrives, the server's or that of the desk,
which keeps the event: in the band for what was scanned or typed, in a toast for a row or the card. An answer never
paints the band of another session or over a newer outcome.
See docs/design.md, "The desk protocol".
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from typing import Literal
from uuid import UUID

from PySide6.QtCore import QObject, QTimer, Signal

from console.domain.attendance import (
    UNDO_WINDOW,
    AttendanceState,
    EventAnswer,
    EventKind,
    OtherSession,
    WayOut,
)
from console.domain.day import TaggedChild
from console.domain.desk import FoundChild, PickupPerson, RosterEntry, Sibling, Undo
from console.errors import ConsoleError
from console.models.marks import Mark
from console.views.front_desk import outcomes
from console.views.front_desk.day import DeskDay
from console.views.front_desk.kept import KeptEvents
from console.views.front_desk.outcomes import Outcome

Via = Literal["band", "row"]

SLOW_MS = 400
"""Only after this long does "sending" become a word."""

QUIET_SECONDS = 10.0
"""How long Enter on the same child does nothing after it did something."""

_REFRESH_SOON_MS = 250
_LABELS_WITHIN = 60.0  # seconds: later than this nobody stands at the desk for a label
_TOGETHER = timedelta(minutes=60)  # what the server allows before a session begins


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


class DeskActions(QObject):
    """What one person at one desk does to the day on the screen."""

    outcome = Signal(object)
    toast = Signal(object)
    settled = Signal(object)
    """The booking that a scan or Enter was about: its row becomes the current one. None is nobody of this roster."""
    revised = Signal(str, object)
    """The title of an outcome that may still be on show, and the Outcome that is true by now."""
    checked_in = Signal(object)
    """The RosterEntry of a child who was just checked in."""
    move_wanted = Signal(object)
    """The RosterEntry of another session that somebody wants to move here."""

    def __init__(self, day: DeskDay, *, desk: str, person: str) -> None:
        """`desk` and `person` are what a row says until the server's own words arrive."""
        super().__init__()
        self._day, self._desk, self._person = day, desk, person
        self._clock, self._gateway, self._roster = day.clock, day.gateway, day.roster
        self.last: LastAction | None = None
        self.kept = KeptEvents(day)
        self.kept.setParent(self)
        self.kept.toast.connect(self.toast)
        self.kept.settled.connect(self._kept_settled)
        self._unlabelled: dict[UUID, tuple[RosterEntry, float]] = {}
        self._told: tuple[UUID, str, Job, RosterEntry | None] | None = None
        self.can_move: Callable[[], bool] = lambda: False
        self._ticket = 0
        self._painted = 0
        self._acted: dict[UUID, float] = {}
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(_REFRESH_SOON_MS)
        self._soon.timeout.connect(day.refresh)

    def stop(self) -> None:
        """Ask for no more refreshes: the page is closing."""
        self._soon.stop()
        self.kept.stop()

    def check_in(self, entry: RosterEntry, via: Via, *, again: bool = False) -> None:
        """Check a child in."""
        call = partial(self._gateway.check_in, entry, again=again)
        self._send(Job(EventKind.CHECK_IN, via, call, entry, AttendanceState.IN))

    def check_out(self, entry: RosterEntry, pickup: PickupPerson | None, name: str, via: Via) -> None:
        """Check a child out to somebody."""
        call = partial(self._gateway.check_out, entry, pickup, name=name or None)
        who = pickup.name if pickup is not None else name
        self._send(Job(EventKind.CHECK_OUT, via, call, entry, AttendanceState.OUT, who))

    def mark_absent(self, entry: RosterEntry, via: Via) -> None:
        """Say that a child does not come today."""
        call = partial(self._gateway.mark_absent, entry)
        self._send(Job(EventKind.ABSENT, via, call, entry, AttendanceState.ABSENT))

    def report_forbidden(self, entry: RosterEntry, pickup: PickupPerson) -> None:
        """Tell the server that somebody who may not collect was named: it refuses and tells the manager, quietly."""
        call = partial(self._gateway.check_out, entry, pickup)
        self._send(Job(EventKind.CHECK_OUT, "row", call, entry, None, pickup.name, quiet_refusal=True))

    def undo(self, entry: RosterEntry, via: Via) -> None:
        """Take back the event behind a child's state."""
        call = partial(self._gateway.undo, entry)
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
        session_id = self._day.session_id
        row = next((row for row in self._roster.rows if row.entry.confirmation_code == code), None)
        here = (
            row is not None and row.state not in (AttendanceState.IN, AttendanceState.OUT) and not row.pending
        )
        target = AttendanceState.IN if here else None
        call = partial(self._gateway.scan, code, session_id)
        self._send(Job(EventKind.CHECK_IN, "band", call, row.entry if row else None, target))

    def is_quiet(self, booking_id: UUID) -> bool:
        """Whether the same child was acted on so recently that Enter means nothing."""
        at = self._acted.get(booking_id)
        return at is not None and self._clock.monotonic() - at < QUIET_SECONDS

    def _send(self, job: Job) -> None:
        if job.entry is not None:
            mark = self._roster.mark(job.entry.booking_id)
            if mark is not None:
                return
            self._acted[job.entry.booking_id] = self._clock.monotonic()
        self._ticket += 1
        self._day.runner.start(self._exchange(job, self._set_mark(job), self._ticket, self._day.session_id))

    async def _exchange(self, job: Job, mark: Mark | None, ticket: int, session_id: UUID | None) -> None:
        try:
            answer = await job.call()
        except ConsoleError as error:
            self._drop_mark(job, mark)
            name = job.entry.first_name if job.entry else ""
            self._day.reached.emit(error)
            report = outcomes.failure(error, job.kind, name, lambda: self._send(job))
            self._report(report, job, ticket, session_id)
            return
        answer = self.kept.came_already(answer)
        if not answer.kept:
            self._day.reached.emit(None)
        self._day.answered(answer.booking_id)
        entry = self._entry_of(job, answer)
        if entry is not None:
            self._apply(entry, job, answer)
        self._drop_mark(job, mark)
        if not job.quiet_refusal:
            self._tell(job, answer, entry, ticket, session_id)
        if entry is not None and answer.is_recorded and job.kind is EventKind.CHECK_IN:
            self._came_in(entry, answer)
        if not answer.kept:
            self._soon.start()

    def _came_in(self, entry: RosterEntry, answer: EventAnswer) -> None:
        if answer.kept:
            self._unlabelled[answer.event_id] = (entry, self._clock.monotonic())
        else:
            self.checked_in.emit(entry)

    def _kept_settled(self, answer: EventAnswer) -> None:
        """A kept event has the server's answer."""
        entry, since = self._unlabelled.pop(answer.event_id, (None, 0.0))
        if entry is not None and answer.is_recorded and self._clock.monotonic() - since <= _LABELS_WITHIN:
            self.checked_in.emit(entry)
        if self.last is not None and self.last.undo.event_id == answer.event_id and not answer.is_recorded:
            self.last = None
        told = self._told
        if told is not None and told[0] == answer.event_id:
            self._told = None
            self.revised.emit(told[1], self._outcome(told[2], answer, told[3], self._day.session_id))
        self._soon.start()

    def _set_mark(self, job: Job) -> Mark | None:
        if job.entry is None or job.target is None:
            return None
        booking, mark = job.entry.booking_id, Mark(job.target, self._clock.now())
        self._roster.set_mark(booking, mark)

        def slow() -> None:
            if self._roster.mark(booking) is mark:
                self._roster.set_mark(booking, replace(mark, slow=True))

        QTimer.singleShot(SLOW_MS, self, slow)
        return mark

    def _drop_mark(self, job: Job, mark: Mark | None) -> None:
        if job.entry is not None and mark is not None:
            self._roster.set_mark(job.entry.booking_id, None)

    def _entry_of(self, job: Job, answer: EventAnswer) -> RosterEntry | None:
        row = self._roster.row(answer.booking_id) if answer.booking_id else None
        if row is not None:
            return row.entry
        return job.entry

    def _apply(self, entry: RosterEntry, job: Job, answer: EventAnswer) -> None:
        """Show the booking as the answer says it is, until the next refresh brings the server's row."""
        state = answer.state or (job.target if answer.kept else None)
        if state is None:
            return
        detail, now = answer.detail, self._clock.now()
        mine = answer.is_recorded
        seen = state is not AttendanceState.EXPECTED
        since = answer.state_at or now if answer.kept else now
        undo = (
            Undo(answer.event_id, since + UNDO_WINDOW, True)
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
        if not mine and state is entry.state and not entry.waiting:
            return
        fresh = replace(
            entry,
            state=state,
            state_at=answer.state_at if seen else None,
            state_desk=(self._desk if mine else detail.desk) if seen else None,
            state_by=(self._person if mine else detail.person) if seen else None,
            collected_by=(job.collector or None) if state is AttendanceState.OUT else None,
            undo=undo,
            waiting=False,  # a refresh may have come between, and have found the event in the outbox
        )
        if undo is not None:
            self.last = LastAction(fresh, undo)
        if answer.kept and mine:
            self.kept.keep(fresh, answer)
        else:
            self._roster.put(fresh)

    # -- telling -----------------------------------------------------------------------------------------------------

    def _tell(
        self, job: Job, answer: EventAnswer, entry: RosterEntry | None, ticket: int, session_id: UUID | None
    ) -> None:
        report = self._outcome(job, answer, entry, session_id)
        if answer.kept and answer.is_recorded:
            self._told = (answer.event_id, report.title, job, entry)
        self._report(report, job, ticket, session_id)
        if job.via == "band" and session_id == self._day.session_id:
            self.settled.emit(entry.booking_id if entry is not None else None)

    def _outcome(
        self, job: Job, answer: EventAnswer, entry: RosterEntry | None, session_id: UUID | None
    ) -> Outcome:
        name = entry.first_name if entry else answer.detail.first_name or ""
        session = self._day.sessions.session(entry.session_id if entry else session_id)
        report = outcomes.describe(answer, job.kind, name, session, self._day.zone, collector=job.collector)
        return self._with_way_out(report, job, answer, entry)

    def _with_way_out(
        self, report: Outcome, job: Job, answer: EventAnswer, entry: RosterEntry | None
    ) -> Outcome:
        other = answer.detail.other
        if answer.way_out is WayOut.OPEN_OTHER_SESSION and other is not None:
            child = FoundChild(
                other.booking_id, other.session_id, answer.detail.first_name or "", 0, None, other.name,
                other.starts_at, answer.state or AttendanceState.EXPECTED,
            )  # fmt: skip
            here = self._day.session
            can_move = self.can_move() and here is not None and here.closed_at is None
            move = ("Move here", partial(self._start_moving, other)) if can_move else None
            return replace(
                report, action=("Open it", lambda: self._day.open_found(child)), keys="F2", second=move
            )
        if answer.way_out is WayOut.CHECK_IN_AGAIN and entry is not None:
            back = self._roster.row(entry.booking_id)
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
            names = outcomes.names_of([sibling.first_name for sibling in together])
            return replace(report, action=(f"{names} too", partial(self.bring, together)), keys="F2")
        last = self.last
        undo = (lambda: self.undo(replace(last.entry, undo=last.undo), job.via)) if last else self.undo_last
        return replace(report, action=("Undo", undo), keys="Ctrl Z", icon="ph.arrow-u-up-left")

    def _together(self, entry: RosterEntry) -> list[Sibling]:
        """Brothers and sisters of the same booking who are still expected, here or in a session about to begin."""
        return [one for one in entry.siblings if one.same_group and self._can_come(one)]

    def _can_come(self, sibling: Sibling) -> bool:
        row = self._roster.row(sibling.booking_id)
        if row is not None:
            return row.state is AttendanceState.EXPECTED and not row.pending
        wait = sibling.starts_at - self._clock.now()
        return sibling.state is AttendanceState.EXPECTED and abs(wait) <= _TOGETHER

    def bring(self, children: Sequence[Sibling | TaggedChild]) -> None:
        """Check in children of one family, wherever they are booked today."""
        self._day.runner.start(self._bring(children))

    async def _bring(self, children: Sequence[Sibling | TaggedChild]) -> None:
        for child in children:
            try:
                entry = await self._day.entry_of(child.booking_id, child.session_id)
            except ConsoleError as error:
                again = partial(self.bring, [child])
                self.outcome.emit(outcomes.failure(error, EventKind.CHECK_IN, child.first_name, again))
                return
            if entry is not None:
                self.check_in(entry, "band")

    def _start_moving(self, other: OtherSession) -> None:
        self._day.runner.start(self._move(other), "move")

    async def _move(self, other: OtherSession) -> None:
        try:
            entry = await self._day.entry_of(other.booking_id, other.session_id)
        except ConsoleError as error:
            self.outcome.emit(
                Outcome("refused", error.sentence.rstrip("."), error.hint or "Nothing was moved.")
            )
            return
        if entry is not None:
            self.move_wanted.emit(entry)

    def _report(self, report: Outcome, job: Job, ticket: int, session_id: UUID | None) -> None:
        """Into the band when it is still about what is on the screen, else into a toast."""
        here = session_id == self._day.session_id
        banded = job.via == "band" or report.is_trouble
        if banded and here and ticket >= self._painted:
            self._painted = ticket
            self.outcome.emit(report)
        else:
            self.toast.emit(report)
