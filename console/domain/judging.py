"""What a desk can say about an event by itself, from the rosters it holds: the server's rules without the server.

The answer is what `attendance.record` would give to the same event asked live, as far as a desk can know. It is shown
at once and never taken for the server's. `overlay` puts events that the server has not answered on top of what it last
said. Pure functions. See docs/design.md, "The desk protocol".
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import timedelta, tzinfo
from uuid import UUID

from console.domain.attendance import (
    JUST_SCANNED,
    UNDO_WINDOW,
    AnswerDetail,
    AttendanceEvent,
    AttendanceState,
    EventAnswer,
    EventKind,
    OtherSession,
    OutcomeKind,
    RefusalReason,
)
from console.domain.desk import BookingStatus, PickupPerson, RosterEntry, SessionSummary, Undo

OPENS_BEFORE = timedelta(minutes=60)
GRACE_AFTER = timedelta(minutes=30)

_STATES = {
    EventKind.CHECK_IN: AttendanceState.IN,
    EventKind.CHECK_OUT: AttendanceState.OUT,
    EventKind.ABSENT: AttendanceState.ABSENT,
}
_ALREADY = {
    EventKind.CHECK_IN: RefusalReason.ALREADY_IN,
    EventKind.CHECK_OUT: RefusalReason.ALREADY_OUT,
}
_CANCELLED = frozenset({BookingStatus.CANCELLED_PARENT, BookingStatus.CANCELLED_VENUE})
_WITH_WHOM = frozenset({RefusalReason.ALREADY_IN, RefusalReason.ALREADY_OUT})


@dataclass(frozen=True, slots=True)
class Rules:
    """The platform's settings that judge attendance: how early, how late, how long to undo."""

    opens: timedelta = OPENS_BEFORE
    grace: timedelta = GRACE_AFTER
    undo: timedelta = UNDO_WINDOW


@dataclass(frozen=True, slots=True)
class Standpoint:
    """Who judges: the desk's name, the person's id and first name, the venue's zone, and the rules.

    `may_undo_any` is a manager's right.
    """

    desk: str
    person_id: UUID | None
    person: str
    zone: tzinfo
    may_undo_any: bool = False
    rules: Rules = Rules()


def judge(
    event: AttendanceEvent, entry: RosterEntry | None, session: SessionSummary | None, where: Standpoint
) -> EventAnswer:
    """The answer to an event about `entry` in its `session`, both as this desk knows them now.

    None for the entry is a booking that this desk does not know: refused, for a code is never accepted unknown. None
    for the session leaves out what only it could tell. Source: docs/design.md, "The desk protocol".
    """
    if entry is None:
        if event.kind is EventKind.ANNUL:
            # Whose event it takes back is not known here: that is the server's to say.
            return EventAnswer(event.id, OutcomeKind.APPLIED, None)
        return EventAnswer(event.id, OutcomeKind.REJECTED, RefusalReason.UNKNOWN_CODE)
    if event.kind is EventKind.ANNUL:
        return _judge_annul(event, entry, session, where)
    # The first refusal decides, except that a repeat is a repeat whatever else may be wrong with it.
    if event.session_id is not None and event.session_id != entry.session_id and _asks_to_come(event):
        return _refused(event, entry, RefusalReason.WRONG_SESSION, _other(entry, session))
    reason, detail = _soft_refusal(event, entry, session, where)
    if entry.state is _STATES[event.kind]:
        return _already(event, entry, detail, where)
    if reason is None:
        reason = _out_of_turn(event, entry)
        if reason in _WITH_WHOM:
            detail = _by_whom(entry, detail)
    if reason is None or (reason is RefusalReason.PICKUP_NOT_AUTHORISED and not _is_barred(event, entry)):
        # Outside the agreed dates is recorded all the same; a manager looks at it.
        outcome = OutcomeKind.APPLIED if reason is None else OutcomeKind.APPLIED_WITH_REVIEW
        detail = replace(detail, first_name=entry.first_name)
        state = _STATES[event.kind]
        return EventAnswer(event.id, outcome, reason, detail, entry.booking_id, state, event.occurred_at)
    return _refused(event, entry, reason, detail)


def overlay(
    entry: RosterEntry, events: Iterable[AttendanceEvent], session: SessionSummary | None, where: Standpoint
) -> RosterEntry:
    """The entry as it is once this desk's unanswered events about it count, in the order in which they occurred.

    A waiting event is a report of what happened: only a repeat, a collector who may not collect, and an undo that comes
    too late change nothing. What the server knows to be later stays on top.
    """
    shown = entry
    beneath: list[RosterEntry] = []
    later = sorted(events, key=lambda one: (one.occurred_at, one.seq))
    known = entry.undo.event_id if entry.undo is not None else None
    place = next((place for place, event in enumerate(later) if event.id == known), -1)
    # What is shown already comes from the event at `place`, and so does everything before it.
    for event in later[place + 1 :]:
        if event.kind is EventKind.ANNUL:
            if shown.undo is None or shown.undo.event_id != event.annuls:
                continue
            if not _judge_annul(event, shown, session, where).is_recorded:
                continue
            shown = beneath.pop() if beneath else _taken_back(shown, session)
            shown = replace(shown, waiting=True)
        elif not _is_overtaken(event, entry) and _counts(event, shown):
            beneath.append(shown)
            shown = _marked(event, shown, where)
    return shown


def _judge_annul(
    event: AttendanceEvent, entry: RosterEntry, session: SessionSummary | None, where: Standpoint
) -> EventAnswer:
    undo = entry.undo
    if undo is None or undo.event_id != event.annuls:
        # Another event than the last one: whether it may be taken back is the server's to say.
        detail = AnswerDetail(first_name=entry.first_name)
        return EventAnswer(
            event.id, OutcomeKind.APPLIED, None, detail, entry.booking_id, entry.state, entry.state_at
        )
    detail = _by_whom(entry, AnswerDetail())
    if not where.may_undo_any:
        if not undo.mine:
            return _refused(event, entry, RefusalReason.NOT_PERMITTED, detail)
        if event.occurred_at > undo.until:
            detail = replace(detail, closed_at=undo.until)
            return _refused(event, entry, RefusalReason.TOO_LATE, detail)
    back = _taken_back(entry, session)
    detail = AnswerDetail(first_name=entry.first_name)
    return EventAnswer(
        event.id, OutcomeKind.APPLIED, None, detail, entry.booking_id, back.state, back.state_at
    )


def _soft_refusal(
    event: AttendanceEvent, entry: RosterEntry, session: SessionSummary | None, where: Standpoint
) -> tuple[RefusalReason | None, AnswerDetail]:
    """What stands in the way whatever the child's state is."""
    nothing = AnswerDetail()
    if event.kind is EventKind.CHECK_OUT:
        person = _named(event, entry)
        if _is_barred(event, entry) or (person is not None and _is_outside(event, person, where)):
            name = person.name if person is not None else (event.pickup_name or "").strip()
            return RefusalReason.PICKUP_NOT_AUTHORISED, AnswerDetail(pickup_name=name)
        return None, nothing
    if session is not None and session.is_cancelled:
        return RefusalReason.SESSION_CANCELLED, nothing
    if entry.booking_status in _CANCELLED:
        return RefusalReason.CANCELLED, nothing
    if entry.booking_status is BookingStatus.PENDING:
        return RefusalReason.NOT_CONFIRMED, nothing
    if session is None:
        return None, nothing
    opens, ends = session.starts_at - where.rules.opens, session.ends_at + where.rules.grace
    if event.kind is EventKind.CHECK_IN and event.occurred_at < opens:
        return RefusalReason.TOO_EARLY, AnswerDetail(opens_at=opens)
    if session.closed_at is not None or (event.kind is EventKind.CHECK_IN and event.occurred_at > ends):
        return RefusalReason.TOO_LATE, AnswerDetail(closed_at=session.closed_at or ends)
    return None, nothing


def _out_of_turn(event: AttendanceEvent, entry: RosterEntry) -> RefusalReason | None:
    if event.kind is EventKind.CHECK_IN and entry.state is AttendanceState.OUT and not event.again:
        return RefusalReason.ALREADY_OUT
    if event.kind is EventKind.CHECK_OUT and entry.state is not AttendanceState.IN:
        return RefusalReason.NOT_IN
    if event.kind is EventKind.ABSENT:
        if entry.state is AttendanceState.IN:
            return RefusalReason.ALREADY_IN
        if entry.state is AttendanceState.OUT:
            return RefusalReason.ALREADY_OUT
    return None


def _named(event: AttendanceEvent, entry: RosterEntry) -> PickupPerson | None:
    return next((one for one in entry.pickup if one.id == event.pickup_person_id), None)


def _is_barred(event: AttendanceEvent, entry: RosterEntry) -> bool:
    person = _named(event, entry)
    if event.pickup_person_id is not None and person is None:
        return True
    if person is not None and not person.may_collect:
        return True
    name = (event.pickup_name or "").strip().lower()
    return bool(name) and any(
        not one.may_collect and one.name.strip().lower() == name for one in entry.pickup
    )


def _is_outside(event: AttendanceEvent, person: PickupPerson, where: Standpoint) -> bool:
    day = event.occurred_at.astimezone(where.zone).date()
    begun = person.valid_from is None or person.valid_from <= day
    return not begun or (person.valid_until is not None and day > person.valid_until)


def _asks_to_come(event: AttendanceEvent) -> bool:
    # A check-out is never refused for the session on the screen: a child may always be collected.
    return event.kind is not EventKind.CHECK_OUT


def _already(
    event: AttendanceEvent, entry: RosterEntry, detail: AnswerDetail, where: Standpoint
) -> EventAnswer:
    detail = _by_whom(entry, replace(detail, first_name=entry.first_name, pickup_name=None))
    if entry.state_at is not None and entry.state_desk == where.desk:
        echo = timedelta(0) <= event.occurred_at - entry.state_at <= JUST_SCANNED
        detail = replace(detail, just_scanned=echo)
    return EventAnswer(
        event.id,
        OutcomeKind.ALREADY,
        _ALREADY.get(event.kind),
        detail,
        entry.booking_id,
        entry.state,
        entry.state_at,
    )


def _refused(
    event: AttendanceEvent,
    entry: RosterEntry,
    reason: RefusalReason,
    detail: AnswerDetail,
) -> EventAnswer:
    detail = replace(detail, first_name=entry.first_name)
    return EventAnswer(
        event.id, OutcomeKind.REJECTED, reason, detail, entry.booking_id, entry.state, entry.state_at
    )


def _other(entry: RosterEntry, session: SessionSummary | None) -> AnswerDetail:
    if session is None:
        return AnswerDetail()
    return AnswerDetail(
        other=OtherSession(entry.booking_id, session.id, session.activity_name, session.starts_at)
    )


def _by_whom(entry: RosterEntry, detail: AnswerDetail) -> AnswerDetail:
    return replace(detail, at=entry.state_at, desk=entry.state_desk, person=entry.state_by)


def _is_overtaken(event: AttendanceEvent, entry: RosterEntry) -> bool:
    """Whether what the server said of the child happened after this event."""
    return entry.state_at is not None and event.occurred_at < entry.state_at


def _counts(event: AttendanceEvent, shown: RosterEntry) -> bool:
    if shown.state is _STATES[event.kind]:
        return False
    return event.kind is not EventKind.CHECK_OUT or not _is_barred(event, shown)


def _marked(event: AttendanceEvent, shown: RosterEntry, where: Standpoint) -> RosterEntry:
    mine = event.person_id is None or event.person_id == where.person_id
    person = _named(event, shown)
    collector = None
    if event.kind is EventKind.CHECK_OUT:
        collector = event.pickup_name
        if person is not None:
            collector = f"{person.name}, {person.relationship}" if person.relationship else person.name
    return replace(
        shown,
        state=_STATES[event.kind],
        state_at=event.occurred_at,
        state_desk=where.desk,
        state_by=where.person if mine else None,
        collected_by=collector,
        undo=Undo(event.id, event.occurred_at + where.rules.undo, mine=mine),
        waiting=True,
    )


def _taken_back(shown: RosterEntry, session: SessionSummary | None) -> RosterEntry:
    """The entry without its last event. What stood beneath is known to the server only: the usual is assumed."""
    closed = session is not None and session.closed_at is not None
    before = AttendanceState.UNMARKED if closed else AttendanceState.EXPECTED
    if shown.state is AttendanceState.OUT:
        before = AttendanceState.IN
    return replace(
        shown, state=before, state_at=None, state_desk=None, state_by=None, collected_by=None, undo=None
    )
