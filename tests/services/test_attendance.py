"""The attendance service: over a real desk's login, and through the failures of a network."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from console.clock import FixedClock
from console.domain.attendance import (
    AttendanceEvent,
    AttendanceState,
    EventAnswer,
    EventKind,
    Origin,
    OutcomeKind,
    RefusalReason,
)
from console.domain.desk import BookingStatus, HealthKind, RosterEntry, Undo
from console.domain.ids import uuid7
from console.domain.sync import OutboxCount
from console.errors import Conflict, ConsoleError, Denied, Invalid, NotFound, Unavailable
from console.services.attendance import DOUBT_LASTS, AttendanceService
from console.services.memory_events import MemoryEvents
from console.services.outbox import OutboxRecorder
from console.services.rosters import DeskService
from console.storage.attendance import AttendanceStore
from console.storage.database import Database as DeskDatabase
from console.storage.desk import DeskQueries
from tests.support import factories
from tests.support.databases import Database
from tests.support.desk_world import NOON, SOON, Person, World


@pytest.fixture
def world(fresh_database: Database) -> Iterator[World]:
    with World(fresh_database) as made:
        yield made


@pytest.fixture
def jonas(world: World) -> Person:
    return world.person()


@pytest.fixture
async def desk(world: World, jonas: Person) -> AsyncIterator[DeskService]:
    database = DeskDatabase(jonas.dsn)
    await database.set_token(jonas.token)
    attendance = AttendanceService(AttendanceStore(database), FixedClock(NOON))
    yield DeskService(DeskQueries(database), attendance, world.venue)
    await database.close()


async def test_a_day_at_the_desk(world: World, desk: DeskService) -> None:
    child = world.child("Nia")
    factories.health_note(world.admin, child, confirmed_on=datetime(2026, 1, 3, tzinfo=UTC).date())
    rose = factories.pickup_person(world.admin, child, name="Rose", relationship="grandmother")
    world.booking(child)
    (session,) = await desk.sessions(NOON.date())
    assert (session.activity_name, session.starts_at, session.booked, session.expected) == (
        "Junior Judo",
        SOON,
        1,
        1,
    )
    (entry,) = await desk.roster(session.id)
    assert (entry.first_name, entry.state, entry.undo) == ("Nia", AttendanceState.EXPECTED, None)
    assert entry.health[0].kind is HealthKind.ALLERGY
    assert entry.pickup[0].id == rose

    answer = await desk.check_in(entry)
    assert (answer.outcome, answer.state) == (OutcomeKind.APPLIED, AttendanceState.IN)
    (entry,) = await desk.roster(session.id)
    assert entry.undo is not None
    assert entry.undo.mine
    assert (await desk.undo(entry)).state is AttendanceState.EXPECTED

    answer = await desk.scan(entry.confirmation_code.lower(), session.id)
    assert (answer.booking_id, answer.detail.first_name) == (entry.booking_id, "Nia")
    again = await desk.scan(entry.confirmation_code, session.id)
    assert (again.outcome, again.reason) == (OutcomeKind.ALREADY, RefusalReason.ALREADY_IN)
    assert (again.detail.desk, again.detail.person, again.detail.just_scanned) == ("Desk 1", "Jonas", True)

    assert (await desk.check_out(entry, entry.pickup[0])).state is AttendanceState.OUT
    assert (await desk.check_in(entry)).reason is RefusalReason.ALREADY_OUT
    assert (await desk.check_in(entry, again=True)).state is AttendanceState.IN
    history = await desk.history(entry.booking_id)
    assert [line.kind for line in history] == [
        EventKind.CHECK_IN,
        EventKind.CHECK_OUT,
        EventKind.CHECK_IN,
        EventKind.CHECK_IN,
    ]
    assert history[1].collected_by == "Rose, grandmother"
    assert history[3].undone
    (found,) = await desk.search("ni")
    assert (found.booking_id, found.state) == (entry.booking_id, AttendanceState.IN)
    assert await desk.search("n") == []
    (session,) = await desk.sessions(NOON.date())
    assert (session.in_count, session.expected, session.came) == (1, 0, 1)


async def test_the_day_is_the_venues_own(world: World, desk: DeskService) -> None:
    # 01:00 UTC on the 3rd is still the 2nd in New York.
    late = world.other_session("Late", starts_at=datetime(2026, 3, 3, 1, tzinfo=UTC))
    world.other_session("Elsewhere", factories.venue(world.admin))
    cancelled = world.other_session("Off", is_cancelled=True, cancelled_at=NOON)
    listed = await desk.sessions(NOON.date())
    assert [session.activity_name for session in listed] == ["Junior Judo", "Off", "Late"]
    assert [session.id for session in listed if session.is_cancelled] == [cancelled]
    assert listed[2].id == late
    assert await desk.sessions(NOON.date() + timedelta(days=1)) == []


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE children SET parental_consent_given = false WHERE id = %s",
        "UPDATE children SET deletion_requested = true, deletion_scheduled_for = '2026-04-01' WHERE id = %s",
        (
            "INSERT INTO parental_consent_records (parent_id, child_id, consent_type, consent_version, "
            "consent_given, consent_method, consent_text, withdrawn, withdrawn_at) "
            "SELECT parent_id, id, 'data_processing', '1', true, 'checkbox', 'Yes.', true, app.now() "
            "FROM children WHERE id = %s"
        ),
    ],
    ids=["consent withdrawn", "deletion requested", "consent record withdrawn"],
)
async def test_the_numbers_of_a_session_are_those_of_its_roster(
    world: World, jonas: Person, desk: DeskService, change: str
) -> None:
    child = world.child("Nia")
    jonas.do("check_in", world.booking(child))
    world.booking("Leo")
    (before,) = await desk.sessions(NOON.date())
    assert (before.booked, before.in_count, before.expected) == (2, 1, 1)
    world.admin.execute(change.encode(), [child])
    (after,) = await desk.sessions(NOON.date())
    assert (after.booked, after.in_count, after.expected) == (1, 0, 1)
    assert len(await desk.roster(after.id)) == after.booked


async def test_the_days_numbers_are_for_those_who_read_rosters(world: World) -> None:
    finance = world.person("venue_finance")
    database = DeskDatabase(finance.dsn)
    try:
        await database.set_token(finance.token)
        with pytest.raises(Denied):
            await DeskQueries(database).sessions(world.venue, NOON.date())
    finally:
        await database.close()


async def test_numbers_go_on_where_the_desk_left_off(world: World, jonas: Person, desk: DeskService) -> None:
    nia, leo = world.booking("Nia"), world.booking("Leo")
    jonas.record(jonas.event("check_in", nia) | {"seq": 41})
    (entry,) = [entry for entry in await desk.roster(world.session) if entry.booking_id == leo]
    await desk.check_in(entry)
    assert world.one("SELECT seq FROM attendance_events WHERE booking_id = %s", leo) == {"seq": 42}


async def test_a_number_that_is_taken_is_replaced(world: World, jonas: Person, desk: DeskService) -> None:
    nia, leo, ava = (world.booking(name) for name in ("Nia", "Leo", "Ava"))
    entries = {entry.booking_id: entry for entry in await desk.roster(world.session)}
    await desk.check_in(entries[nia])
    jonas.record(jonas.event("check_in", ava) | {"seq": 2})
    assert (await desk.check_in(entries[leo])).outcome is OutcomeKind.APPLIED
    assert world.one("SELECT seq FROM attendance_events WHERE booking_id = %s", leo) == {"seq": 3}


async def test_many_at_once_all_arrive(world: World, desk: DeskService) -> None:
    for number in range(12):
        world.booking(f"Kid{number}")
    entries = await desk.roster(world.session)
    answers = await asyncio.gather(*(desk.check_in(entry) for entry in entries))
    assert {answer.outcome for answer in answers} == {OutcomeKind.APPLIED}
    assert world.one("SELECT count(*) AS n, max(seq) AS last FROM attendance_events") == {"n": 12, "last": 12}


async def test_absent_is_marked(world: World, desk: DeskService) -> None:
    world.booking()
    (entry,) = await desk.roster(world.session)
    assert (await desk.mark_absent(entry)).state is AttendanceState.ABSENT


async def test_a_foreign_roster_is_not_found(world: World, desk: DeskService) -> None:
    with pytest.raises(NotFound):
        await desk.roster(uuid4())


async def test_somebody_signed_out_is_denied(world: World, jonas: Person) -> None:
    database = DeskDatabase(jonas.dsn)
    with pytest.raises(Denied) as refused:
        await AttendanceStore(database).next_seq()
    assert refused.value.code == "signed_out"
    await database.close()


# Without a server: what the service makes of the network's failures.

ENTRY = RosterEntry(
    booking_id=uuid4(),
    session_id=uuid4(),
    first_name="Nia",
    age_months=88,
    parent_first_name="Dana",
    parent_phone=None,
    booking_status=BookingStatus.CONFIRMED,
    state=AttendanceState.EXPECTED,
    confirmation_code="K7Q4-2MXR-6",
    version=1,
)
ENTRY_IN = replace(ENTRY, state=AttendanceState.IN)
LOST = Unavailable("Gone.")


class Wire:
    """A recorder that fails as it is told and otherwise applies everything."""

    def __init__(self, *failures: Exception) -> None:
        self.failures = list(failures)
        self.sent: list[AttendanceEvent] = []

    async def record(self, events: Sequence[AttendanceEvent]) -> list[EventAnswer]:
        self.sent.extend(events)
        if self.failures:
            raise self.failures.pop(0)
        return [EventAnswer(event.id, OutcomeKind.APPLIED, None) for event in events]

    async def next_seq(self) -> int:
        return 1 + max((event.seq for event in self.sent), default=0)


async def no_wait(_seconds: float) -> None:
    return None


def service(wire: Wire, clock: FixedClock | None = None) -> AttendanceService:
    return AttendanceService(wire, clock or FixedClock(NOON), sleep=no_wait)


async def test_an_answer_that_got_lost_is_asked_for_again_with_the_same_event() -> None:
    wire = Wire(LOST, LOST)
    answer = await service(wire).check_in(ENTRY)
    assert answer.outcome is OutcomeKind.APPLIED
    assert len(wire.sent) == 3
    assert len(set(wire.sent)) == 1


async def test_when_it_stays_unknown_it_is_kept_and_the_next_press_sends_the_same_event_first() -> None:
    wire = Wire(LOST, LOST, LOST)
    clock = FixedClock(NOON)
    attendance = service(wire, clock)
    kept = await attendance.check_in(ENTRY)
    assert (kept.outcome, kept.state, kept.kept) == (OutcomeKind.APPLIED, AttendanceState.IN, True)
    clock.advance(10)
    answer = await attendance.check_out(ENTRY_IN, None, name="Rose")
    assert not answer.kept
    assert [event.kind for event in wire.sent[-2:]] == [EventKind.CHECK_IN, EventKind.CHECK_OUT]
    # Asked live three times; from then on it is a report of what happened, still under its id.
    assert [event.origin for event in wire.sent] == [Origin.LIVE] * 3 + [Origin.QUEUED, Origin.LIVE]
    assert {event.id for event in wire.sent[:4]} == {kept.event_id}
    assert (await attendance.recorder.count()).waiting == 0


async def test_a_doubt_lasts_until_it_is_answered_however_long_that_takes() -> None:
    wire = Wire(LOST, LOST, LOST)
    clock = FixedClock(NOON)
    attendance = service(wire, clock)
    kept = await attendance.check_in(ENTRY)
    clock.advance(timedelta(days=3))
    await attendance.recorder.flush()
    assert {event.id for event in wire.sent} == {kept.event_id}
    assert wire.sent[-1].occurred_at == NOON


async def test_another_action_is_never_taken_for_the_one_in_doubt() -> None:
    wire = Wire(LOST, LOST, LOST)
    attendance = service(wire)
    await attendance.check_out(ENTRY_IN, None, name="Rose")
    await attendance.check_out(ENTRY_IN, None, name="Sam")
    assert [event.pickup_name for event in wire.sent] == ["Rose", "Rose", "Rose", "Rose", "Sam"]
    assert len({event.id for event in wire.sent}) == 2


async def test_somebody_who_is_signed_out_loses_nothing_and_the_reason_is_told() -> None:
    told: list[ConsoleError] = []
    wire = Wire(Denied("You are signed out.", code="signed_out"))
    recorder = OutboxRecorder(wire, MemoryEvents(), FixedClock(NOON), failed=told.append, sleep=no_wait)
    answer = await AttendanceService(recorder, FixedClock(NOON)).check_in(ENTRY)
    assert answer.kept
    assert [error.code for error in told] == ["signed_out"]
    assert (await recorder.count()).waiting == 1


async def test_an_event_the_server_cannot_take_is_said_and_needs_attention() -> None:
    wire = Wire(Conflict("No.", code="event_id_taken"))
    attendance = service(wire)
    with pytest.raises(Conflict):
        await attendance.check_in(ENTRY)
    assert len(wire.sent) == 1
    assert (await attendance.recorder.count()) == OutboxCount(waiting=0, attention=1)


async def test_numbering_that_never_fits_leaves_the_event_waiting() -> None:
    wire = Wire(*(Conflict("No.", code="seq_taken") for _ in range(3)))
    attendance = service(wire)
    assert (await attendance.check_in(ENTRY)).kept
    assert (await attendance.recorder.count()).waiting == 1


async def test_who_did_it_stands_in_the_event() -> None:
    wire, person = Wire(), uuid4()
    await AttendanceService(wire, FixedClock(NOON), person_id=person, sleep=no_wait).check_in(ENTRY)
    assert [event.person_id for event in wire.sent] == [person]


async def test_what_is_recorded_along_with_a_place_keeps_its_event_while_that_is_in_doubt() -> None:
    clock = FixedClock(NOON)
    attendance = service(Wire(), clock)
    sent: list[AttendanceEvent] = []

    async def place(event: AttendanceEvent) -> str:
        sent.append(event)
        if len(sent) in (1, 3):
            raise LOST
        return "placed"

    booking, session = uuid4(), uuid4()
    with pytest.raises(Unavailable):
        await attendance.check_in_along(booking, session, place)
    assert await attendance.check_in_along(booking, session, place) == "placed"
    assert len({event.id for event in sent}) == 1
    with pytest.raises(Unavailable):
        await attendance.check_in_along(booking, session, place)
    clock.advance(DOUBT_LASTS + timedelta(seconds=1))
    await attendance.check_in_along(booking, session, place)
    assert len({event.id for event in sent}) == 3


async def test_what_waits_is_sent_before_what_is_recorded_along() -> None:
    wire = Wire(LOST, LOST, LOST)
    attendance = service(wire)
    await attendance.check_in(ENTRY)

    async def close(events: Sequence[AttendanceEvent]) -> list[int]:
        assert (await attendance.recorder.count()).waiting == 0
        return [event.seq for event in events]

    assert await attendance.send_with(close, [uuid4(), uuid4()], EventKind.ABSENT) == [2, 3]
    await attendance.check_in(ENTRY)
    assert wire.sent[-1].seq == 4


async def test_nothing_to_undo_is_said_before_anything_is_sent() -> None:
    wire = Wire()
    with pytest.raises(Invalid):
        await service(wire).undo(ENTRY)
    assert wire.sent == []


async def test_undo_names_the_event() -> None:
    wire = Wire()
    event = uuid4()
    entry = RosterEntry(
        **{name: getattr(ENTRY, name) for name in ENTRY.__slots__} | {"undo": Undo(event, NOON, mine=True)}
    )
    await service(wire).undo(entry)
    assert (wire.sent[0].kind, wire.sent[0].annuls) == (EventKind.ANNUL, event)


async def test_what_is_no_code_is_answered_without_sending() -> None:
    wire = Wire()
    answer = await service(wire).scan("K7Q4-2MXR-7", None)
    assert (answer.outcome, answer.reason) == (OutcomeKind.REJECTED, RefusalReason.UNKNOWN_CODE)
    assert wire.sent == []


def test_event_ids_sort_by_time_and_carry_it() -> None:
    first = uuid7(NOON, bytes(10))
    later = uuid7(NOON + timedelta(milliseconds=1), bytes(10))
    assert first < later
    assert (first.version, first.variant) == (7, "specified in RFC 4122")
    assert first.int >> 80 == int(NOON.timestamp() * 1000)
    assert uuid7(NOON, b"\xff" * 10) == UUID(int=first.int | 0xFFF << 64 | (1 << 62) - 1)
    with pytest.raises(ValueError, match="ten"):
        uuid7(NOON, b"")
