"""What a desk shows while its own events wait: laid on top of what the server last said, in the order they occurred."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import uuid4

from console.domain.attendance import AttendanceEvent, AttendanceState, EventKind, Origin
from console.domain.desk import PickupPerson, RosterEntry
from console.domain.judging import Standpoint, overlay
from tests.support.desk_world import NOON
from tests.support.memory_store import HERE, JONAS, MAYA, child, event, summary

MINUTE = timedelta(minutes=1)
IN, OUT = AttendanceState.IN, AttendanceState.OUT

SESSION = summary()
NIA = child(SESSION)


@dataclass
class Told:
    """Events of this desk about one child, a minute apart."""

    entry: RosterEntry = NIA
    at: datetime = NOON

    def event(self, kind: EventKind, **facts: object) -> AttendanceEvent:
        self.at += MINUTE
        return event(self.entry, kind, occurred_at=self.at, origin=Origin.QUEUED, seq=1, **facts)


def shown(entry: RosterEntry, *events: AttendanceEvent, where: Standpoint = HERE) -> RosterEntry:
    return overlay(entry, events, SESSION, where)


def test_a_waiting_mark_shows_its_state_as_waiting_and_can_be_undone() -> None:
    came = Told().event(EventKind.CHECK_IN)
    now = shown(NIA, came)
    assert (now.state, now.state_at, now.state_desk, now.state_by) == (
        IN,
        came.occurred_at,
        "Desk 1",
        "Jonas",
    )
    assert now.waiting
    assert now.undo is not None
    assert (now.undo.event_id, now.undo.mine, now.undo.until) == (
        came.id,
        True,
        came.occurred_at + timedelta(minutes=15),
    )


def test_events_count_in_the_order_in_which_they_occurred() -> None:
    told = Told()
    came, left, back = (
        told.event(EventKind.CHECK_IN),
        told.event(EventKind.CHECK_OUT, pickup_name="Sam"),
        told.event(EventKind.CHECK_IN, again=True),
    )
    assert shown(NIA, left, came).state is OUT
    assert shown(NIA, left, came).collected_by == "Sam"
    assert shown(NIA, back, left, came).state is IN


def test_an_undo_of_a_waiting_mark_brings_back_what_was_before() -> None:
    told = Told(replace(NIA, state=OUT, state_at=NOON, state_desk="Desk 2"))
    back = told.event(EventKind.CHECK_IN, again=True)
    undone = shown(told.entry, back, told.event(EventKind.ANNUL, annuls=back.id))
    assert (undone.state, undone.state_desk, undone.waiting) == (OUT, "Desk 2", True)


def test_an_undo_of_what_the_server_knows_brings_back_the_usual() -> None:
    at_server = shown(NIA, Told().event(EventKind.CHECK_IN))
    assert at_server.undo is not None
    known = replace(at_server, waiting=False)
    undone = shown(known, Told(at=NOON + MINUTE).event(EventKind.ANNUL, annuls=at_server.undo.event_id))
    assert (undone.state, undone.undo, undone.waiting) == (AttendanceState.EXPECTED, None, True)


def test_an_undo_that_is_too_late_or_of_somebody_else_changes_nothing() -> None:
    came = Told().event(EventKind.CHECK_IN, person_id=MAYA)
    theirs = shown(NIA, came, Told(at=NOON + MINUTE).event(EventKind.ANNUL, annuls=came.id))
    assert theirs.state is IN
    assert theirs.state_by is None
    mine = replace(came, person_id=JONAS)
    late = Told(at=NOON + 20 * MINUTE).event(EventKind.ANNUL, annuls=came.id)
    assert shown(NIA, mine, late).state is IN


def test_a_report_counts_although_it_would_have_been_refused() -> None:
    cancelled = replace(NIA, booking_status=NIA.booking_status.CANCELLED_PARENT)
    assert shown(cancelled, Told(cancelled).event(EventKind.CHECK_IN)).state is IN


def test_nobody_leaves_with_somebody_who_may_not_collect() -> None:
    vic = PickupPerson(uuid4(), "Vic", None, None, may_collect=False)
    came = replace(NIA, state=IN, state_at=NOON, pickup=(vic,))
    assert shown(came, Told(came).event(EventKind.CHECK_OUT, pickup_person_id=vic.id)) == came


def test_what_the_server_knows_to_be_later_stays_on_top() -> None:
    left = replace(NIA, state=OUT, state_at=NOON + 10 * MINUTE)
    assert shown(left, Told().event(EventKind.CHECK_IN)) == left


def test_what_is_shown_already_is_not_laid_on_twice() -> None:
    came = event(NIA, seq=1)
    left = event(NIA, EventKind.CHECK_OUT, seq=2)
    once = shown(NIA, came, left)
    assert once.state is OUT
    assert shown(once, came, left) == once
    # The server has judged it, and its answer is on the way to the outbox.
    judged = replace(once, waiting=False)
    assert shown(judged, came, left) == judged


def test_a_repeat_changes_nothing() -> None:
    came = replace(NIA, state=IN, state_at=NOON, state_desk="Desk 2")
    assert shown(came, Told().event(EventKind.CHECK_IN)) == came
