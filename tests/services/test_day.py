"""The day's service: over a real desk's login, and through the failures of a network."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from console.clock import FixedClock
from console.domain.attendance import AttendanceEvent, AttendanceState
from console.domain.day import ClosedSession, DeskNote, LabelFacts, Load
from console.domain.desk import RosterEntry
from console.errors import Conflict, Denied, Invalid, NotFound, Unavailable
from console.models.gateway import DayGateway
from console.services.attendance import AttendanceService
from console.services.day import DayService
from console.services.rosters import DeskService
from console.storage.attendance import AttendanceStore
from console.storage.database import Database as DeskDatabase
from console.storage.day import DayQueries
from console.storage.desk import DeskQueries
from tests.support import factories
from tests.support.databases import Database
from tests.support.desk_world import NOON, SOON, Person, World

AFTER = SOON + timedelta(minutes=70)


@dataclass
class Desk:
    """Both services of one person at one desk, with the clock they go by."""

    world: World
    clock: FixedClock
    database: DeskDatabase
    attendance: AttendanceService
    day: DayService
    rosters: DeskService

    async def roster(self) -> dict[str, RosterEntry]:
        """The session's children by name."""
        return {entry.first_name: entry for entry in await self.rosters.roster(self.world.session)}

    def later(self) -> None:
        """Go on to when the session is over."""
        self.clock.advance(AFTER - self.clock.now())
        self.world.at(AFTER)


@pytest.fixture
def world(fresh_database: Database) -> Iterator[World]:
    with World(fresh_database) as made:
        yield made


async def at_desk(world: World, person: Person) -> Desk:
    database = DeskDatabase(person.dsn)
    await database.set_token(person.token)
    clock = FixedClock(world.now)
    attendance = AttendanceService(AttendanceStore(database), clock)
    day: DayGateway = DayService(DayQueries(database), attendance, world.venue, clock)
    assert isinstance(day, DayService)
    return Desk(
        world, clock, database, attendance, day, DeskService(DeskQueries(database), attendance, world.venue)
    )


@pytest.fixture
async def desk(world: World) -> AsyncIterator[Desk]:
    made = await at_desk(world, world.person())
    yield made
    await made.database.close()


async def test_a_day_is_closed_and_its_numbers_are_told(world: World, desk: Desk) -> None:
    for name in ("Nia", "Bo", "Zoë"):
        world.booking(name)
    roster = await desk.roster()
    await desk.attendance.check_in(roster["Nia"])
    desk.later()
    with pytest.raises(Conflict) as caught:
        await desk.day.close_session(world.session, [roster["Nia"], roster["Bo"]])
    assert caught.value.code == "roster_changed"
    closed = await desk.day.close_session(world.session, [roster["Bo"]])
    assert closed == ClosedSession(world.session, AFTER, 1, 1, 1, 1, 0)
    summary = await desk.day.day_summary(NOON.date())
    assert [summary.total(name) for name in ("came", "no_shows", "unmarked", "still_in")] == [1, 1, 1, 1]
    (open_question,) = await desk.day.unmarked()
    assert (open_question.first_name, open_question.credits) == ("Zoë", 2)
    await desk.day.settle_unmarked(open_question.booking_id, came=True)
    assert await desk.day.unmarked() == []
    assert (await desk.roster())["Zoë"].state is AttendanceState.OUT
    with pytest.raises(Denied):
        await desk.day.reopen_session(world.session)


async def test_a_session_with_nobody_missing_is_closed_without_events(world: World, desk: Desk) -> None:
    desk.later()
    assert (await desk.day.close_session(world.session, [])).came == 0


async def test_a_manager_opens_it_again(world: World) -> None:
    desk = await at_desk(world, world.person("manager"))
    world.booking("Bo")
    desk.later()
    await desk.day.close_session(world.session, [(await desk.roster())["Bo"]])
    await desk.day.reopen_session(world.session)
    (session,) = await desk.rosters.sessions(NOON.date())
    assert (session.closed_at, session.absent) == (None, 1)
    await desk.database.close()


async def test_a_number_another_console_has_used_is_taken_anew(world: World, desk: Desk) -> None:
    world.booking("Bo")
    world.booking("Leo")
    roster = await desk.roster()
    await desk.attendance.mark_absent(roster["Leo"])
    twin = AttendanceService(AttendanceStore(desk.database), desk.clock)
    await twin.mark_absent(roster["Leo"])
    desk.later()
    assert (await desk.day.close_session(world.session, [roster["Bo"]])).no_shows == 2


async def test_notes_and_incidents(world: World, desk: Desk) -> None:
    booking = world.booking("Nia")
    note = await desk.day.add_note(booking, "Tired\x00 today.")
    assert (note.text, note.person, note.desk, note.incident) == ("Tired today.", "Jonas", "Desk 1", False)
    incident = await desk.day.add_incident(booking, "Fell.", action_taken="Cooled it.", parent_told=True)
    assert (incident.incident, incident.action_taken, incident.parent_told) == (True, "Cooled it.", True)
    assert {one.id for one in await desk.day.notes(booking)} == {note.id, incident.id}
    assert note in await desk.day.notes(booking)
    with pytest.raises(Invalid) as caught:
        await desk.day.add_note(booking, "  ")
    assert caught.value.code == "note_empty"
    with pytest.raises(NotFound):
        await desk.day.notes(uuid4())


async def test_labels_and_the_tag_that_finds_their_children(world: World, desk: Desk) -> None:
    parent = factories.parent(world.admin)
    child = world.child("Nia", parent_id=parent)
    factories.health_note(world.admin, child)
    nia, kofi = world.booking(child), world.booking(world.child("Kofi", parent_id=parent))
    first = await desk.day.labels([kofi, nia])
    assert [(one.first_name, one.reprint) for one in first] == [("Kofi", False), ("Nia", False)]
    assert first[1].health[0].label == "Peanut"
    (again,) = await desk.day.labels([nia])
    assert (again.tag, again.reprint) == (first[0].tag, True)
    found = await desk.day.find_tag(f"{again.tag[:2].lower()}-{again.tag[2:]}")
    assert [(one.first_name, one.state) for one in found] == [
        ("Kofi", AttendanceState.EXPECTED),
        ("Nia", AttendanceState.EXPECTED),
    ]
    assert await desk.day.find_tag("OLIVER") == []
    assert await desk.day.labels([]) == []
    link = desk.attendance.recorder.link
    link.watched = True
    link.lost()
    with pytest.raises(Unavailable, match="Pickup tags cannot be looked up without the server") as caught:
        await desk.day.find_tag(again.tag)
    assert caught.value.hint == "Type the child's name instead, and compare the tag with the label."


async def test_the_building(world: World, desk: Desk) -> None:
    room = factories.room(world.admin, world.venue, name="Dojo", capacity=1)
    session = world.other_session(room_id=room)
    child = world.child("Nia")
    factories.pickup_person(world.admin, child, name="Rose")
    world.booking(child, session)
    (entry,) = await desk.rosters.roster(session)
    await desk.attendance.check_in(entry)
    building = await desk.day.building()
    (nia,) = building.present
    assert (nia.first_name, nia.room_name, nia.in_since, nia.tag) == ("Nia", "Dojo", NOON, None)
    assert (nia.starts_at, nia.pickup[0].name) == (SOON, "Rose")
    assert nia.minutes_over(AFTER) == 10
    assert [(one.room_name, one.load) for one in building.rooms] == [("Dojo", Load.FULL)]


class Flaky(DayQueries):
    """Queries whose answers get lost on the way back a number of times."""

    lost = 1

    def _lose(self) -> None:
        if self.lost:
            self.lost -= 1
            raise Unavailable("The database cannot be reached.")

    async def close_session(self, session_id: UUID, events: Sequence[AttendanceEvent]) -> ClosedSession:
        answer = await super().close_session(session_id, events)
        self._lose()
        return answer

    async def add_note(
        self,
        note_id: UUID,
        booking_id: UUID,
        body: str,
        *,
        incident: bool = False,
        action_taken: str | None = None,
        parent_told: bool = False,
    ) -> DeskNote:
        answer = await super().add_note(
            note_id, booking_id, body, incident=incident, action_taken=action_taken, parent_told=parent_told
        )
        self._lose()
        return answer

    async def labels(self, booking_ids: Sequence[UUID]) -> list[LabelFacts]:
        answer = await super().labels(booking_ids)
        self._lose()
        return answer


async def _at_once(_: float) -> None:
    """Do not wait between tries."""


async def test_an_answer_that_got_lost_does_nothing_twice(world: World, desk: Desk) -> None:
    def flaky() -> DayService:
        attendance = AttendanceService(AttendanceStore(desk.database), desk.clock, sleep=_at_once)
        return DayService(Flaky(desk.database), attendance, world.venue, desk.clock, sleep=_at_once)

    booking = world.booking("Bo")
    note = await flaky().add_note(booking, "Tired.")
    assert [one.id for one in await desk.day.notes(booking)] == [note.id]
    (label,) = await flaky().labels([booking])
    assert (await desk.day.labels([booking]))[0].tag == label.tag
    desk.later()
    closed = await flaky().close_session(world.session, [(await desk.roster())["Bo"]])
    assert (closed.no_shows, closed.unmarked) == (1, 0)
    assert world.one("SELECT count(*) n FROM attendance_events")["n"] == 1
