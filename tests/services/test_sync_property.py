"""Two desks and a server in any order: nothing lost or doubled (docs/design.md, "The desk protocol")."""

from __future__ import annotations

import asyncio
import itertools
import shutil
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from console.domain.attendance import AttendanceEvent, AttendanceState, EventAnswer
from console.domain.desk import FoundChild, HistoryEntry, RosterEntry, SessionSummary
from console.domain.judging import Standpoint
from console.domain.sync import CachedSession, QueueState, Snapshot
from console.errors import Unavailable
from console.services.attendance import AttendanceService
from console.services.link import Link
from console.services.local_desk import LocalDesk
from console.services.outbox import OutboxRecorder
from console.storage.desk_rows import event_answer, roster_entry
from console.storage.outbox import OutboxFile
from tests.support.databases import Database
from tests.support.desk_world import NOON, Person, World
from tests.support.memory_store import LOST, MemoryRosters, summary

CHILDREN = 3
STATES = {"check_in": "in", "check_out": "out", "absent": "absent"}
COUNTS = ("applied", "applied_with_review")


class SkewedClock:
    """A desk's clock: the true time and how wrong it is."""

    def __init__(self, true: Callable[[], datetime]) -> None:
        self.true = true
        self.wrong_by = timedelta(0)

    def now(self) -> datetime:
        """What the desk believes."""
        return self.true() + self.wrong_by

    def monotonic(self) -> float:
        """Nothing takes any time."""
        return 0.0


class Console:
    """One desk: the server over a network that can be cut, its outbox on disk, and the program that can be killed."""

    def __init__(self, plot: Plot, person: Person, folder: Path) -> None:
        self.plot, self.person = plot, person
        self.path = folder / f"{person.dsn_role}.db"
        self.clock = SkewedClock(lambda: plot.world.now)
        self.cut = False
        self.lose_next: str | None = None
        self.cache = MemoryRosters()
        self.promised: set[UUID] = set()
        self.kept: set[UUID] = set()
        self.start()

    def start(self) -> None:
        """Start the program on what is on the disk."""
        self.store = OutboxFile(self.path, bytes(range(32)))
        self.link = Link(self.clock)
        self.link.watched = True
        if self.cut:
            self.link.lost()
        self.recorder = OutboxRecorder(
            self, self.store, self.clock, link=self.link, sleep=_at_once, within=30
        )
        where = Standpoint(self.person.desk_name, self.person.id, self.person.name, UTC)
        self.reads = LocalDesk(
            self, self.recorder, self.cache, self.plot.world.venue, where, self.clock, within=30
        )
        self.attendance = AttendanceService(
            self.recorder,
            self.clock,
            venue_id=self.plot.world.venue,
            person_id=self.person.id,
            known=self.reads,
        )

    async def kill(self) -> None:
        """End the program without a word."""
        await self.recorder.close()
        self.store.close()

    # -- the server, over the network --------------------------------------------------------------------------------

    async def record(self, events: Sequence[AttendanceEvent]) -> list[EventAnswer]:
        """`attendance.record`, or what becomes of it."""
        fault, self.lose_next = self.lose_next, None
        if self.cut:
            raise LOST
        if fault == "before commit":
            with suppress(psycopg.Rollback), self.person.connection.transaction():
                self._record(events)
                raise psycopg.Rollback
            self._lose(fault)
        answers = self._record(events)
        if fault == "after commit":
            self._lose(fault)
        return answers

    def _record(self, events: Sequence[AttendanceEvent]) -> list[EventAnswer]:
        return [event_answer(row) for row in self.person.record(*(event.to_json() for event in events))]

    def _lose(self, fault: str) -> None:
        self.plot.seen[fault] += 1
        self.cut = True
        raise LOST

    async def next_seq(self) -> int:
        """`attendance.next_seq`."""
        if self.cut:
            raise LOST
        return int(self.person.call("SELECT attendance.next_seq() AS n")[0]["n"])

    async def sessions(self, venue_id: UUID, day: object) -> list[SessionSummary]:
        """Not asked here."""
        raise AssertionError

    async def roster(self, session_id: UUID) -> list[RosterEntry]:
        """`desk.roster`."""
        if self.cut:
            raise LOST
        return [roster_entry(row) for row in self.person.call("SELECT * FROM desk.roster(%s)", session_id)]

    async def history(self, booking_id: UUID) -> list[HistoryEntry]:
        """Not asked here."""
        raise AssertionError

    async def search(self, venue_id: UUID, text: str) -> list[FoundChild]:
        """Not asked here."""
        raise AssertionError

    # -- what people and the program do --------------------------------------------------------------------------------

    async def come_back(self) -> None:
        """Upload, then download; what the engine does when the probes are good."""
        self.cut = False
        with suppress(Unavailable):
            await self.recorder.flush()
            self.link.returned()
            await self.download()

    async def download(self) -> None:
        """Fetch the session into the cache."""
        entries = await self.roster(self.plot.session)
        row = self.plot.world.one("SELECT * FROM activity_sessions WHERE id = %s", self.plot.session)
        session = summary(
            id=row["id"],
            venue_id=row["venue_id"],
            starts_at=row["starts_at"],
            ends_at=row["ends_at"],
            closed_at=row["closed_at"],
        )
        self.cache.put(
            Snapshot(self.plot.world.venue, self.clock.now(), "1", (CachedSession(session, tuple(entries)),))
        )

    async def shown(self) -> list[RosterEntry]:
        """What the screen shows."""
        return await self.reads.roster(self.plot.session)

    def events(self) -> dict[UUID, QueueState]:
        """Everything that this desk has ever made, as it stands."""
        return {one.event.id: one.state for one in self.store.history(10_000)}


class Plot:
    """One session at a venue, its children, and two desks."""

    def __init__(
        self, world: World, people: tuple[Person, Person], start: datetime, seen: Counter[str]
    ) -> None:
        self.world, self.seen = world, seen
        world.at(start)
        self.session = world.other_session(
            "Judo", starts_at=start + timedelta(minutes=10), ends_at=start + timedelta(hours=3)
        )
        self.bookings = [world.booking(name, self.session) for name in ("Nia", "Leo", "Ava")[:CHILDREN]]
        self.folder = Path(tempfile.mkdtemp(prefix="nexus-plot-"))
        self.desks = [Console(self, person, self.folder) for person in people]

    def stored(self) -> dict[UUID, dict[str, Any]]:
        """The server's events of this session's children."""
        rows = self.world.all(
            "SELECT id, device_id, seq, booking_id, kind, annuls_id, occurred_at, outcome, origin "
            "FROM attendance_events WHERE booking_id = ANY (%s)",
            self.bookings,
        )
        return {row["id"]: row for row in rows}


async def _at_once(_seconds: float) -> None:
    return None


class Mornings(RuleBasedStateMachine):
    """What may happen; a subclass brings the world."""

    world: World
    people: tuple[Person, Person]
    starts: Iterator[datetime]
    seen: Counter[str]

    def __init__(self) -> None:
        super().__init__()
        self.plot = Plot(self.world, self.people, next(self.starts), self.seen)
        self.runner = asyncio.Runner()
        for desk in self.plot.desks:
            self.runner.run(desk.download())

    desks = st.integers(0, 1)
    children = st.integers(0, CHILDREN - 1)

    # -- people ------------------------------------------------------------------------------------------------------

    @rule(desk=desks, child=children, again=st.booleans())
    def check_in(self, desk: int, child: int, again: bool) -> None:
        """A child comes."""
        self._act(desk, child, lambda service, entry: service.check_in(entry, again=again))

    @rule(desk=desks, child=children)
    def check_out(self, desk: int, child: int) -> None:
        """A child is collected."""
        self._act(desk, child, lambda service, entry: service.check_out(entry, None, name="Sam"))

    @rule(desk=desks, child=children)
    def absent(self, desk: int, child: int) -> None:
        """A child does not come."""
        self._act(desk, child, lambda service, entry: service.mark_absent(entry))

    @rule(desk=desks, child=children)
    def go_on(self, desk: int, child: int) -> None:
        """What comes next for a child: it comes, it is collected, it comes back."""
        entry = self._entry(desk, child)
        if entry is not None and entry.state is AttendanceState.IN:
            self.check_out(desk, child)
        else:
            self.check_in(desk, child, again=True)

    @rule(desk=desks, children=st.lists(children, min_size=2, max_size=6))
    def queue(self, desk: int, children: list[int]) -> None:
        """Several at once."""
        for child in children:
            self.go_on(desk, child)

    @rule(desk=desks, child=children)
    def undo(self, desk: int, child: int) -> None:
        """That was a mistake."""
        entry = self._entry(desk, child)
        if entry is not None and entry.undo is not None:
            self._act(desk, child, lambda service, entry: service.undo(entry))

    @rule(child=children)
    def cancel(self, child: int) -> None:
        """The parent cancels meanwhile."""
        self.world.admin.execute(
            b"UPDATE bookings SET status = 'cancelled_parent', cancelled_at = app.now() "
            b"WHERE id = %s AND status = 'confirmed'",
            [self.plot.bookings[child]],
        )

    @rule(desk=desks)
    def close(self, desk: int) -> None:
        """Somebody closes the session, as far as the server lets them."""
        with suppress(psycopg.Error):
            self.plot.desks[desk].person.call(
                "SELECT * FROM attendance.close_session(%s, '[]')", self.plot.session
            )

    # -- the network, the program, time --------------------------------------------------------------------------------

    @rule(desk=desks)
    def cut(self, desk: int) -> None:
        """The network goes."""
        self.plot.desks[desk].cut = True

    @rule(desk=desks, when=st.sampled_from(["before commit", "after commit"]))
    def lose_an_answer(self, desk: int, when: str) -> None:
        """The next batch meets a server, or a network, that dies under it."""
        self.plot.desks[desk].lose_next = when

    @rule(desk=desks)
    def come_back(self, desk: int) -> None:
        """The network comes back."""
        self.runner.run(self.plot.desks[desk].come_back())

    @rule(desk=desks)
    def restart(self, desk: int) -> None:
        """The console is killed and started again."""
        console = self.plot.desks[desk]
        self.runner.run(console.kill())
        console.start()

    @rule(desk=desks)
    def replay(self, desk: int) -> None:
        """Everything that was ever answered is sent once more, for whatever reason: the answers stay what they were."""
        console = self.plot.desks[desk]
        before = self.plot.stored()
        old = [one for one in console.store.history(500) if one.event.id in before]
        answers = console._record([one.event for one in old]) if old else []
        assert self.plot.stored() == before
        for one, answer in zip(old, answers, strict=True):
            assert answer.outcome.value == before[answer.event_id]["outcome"]
            assert one.answer is None or one.answer.outcome is answer.outcome

    @rule(minutes=st.integers(1, 45))
    def time_passes(self, minutes: int) -> None:
        """It gets later."""
        self.world.at(self.world.now + timedelta(minutes=minutes))

    @rule(desk=desks, minutes=st.integers(-20, 20))
    def clock_goes_wrong(self, desk: int, minutes: int) -> None:
        """Somebody sets a computer's clock."""
        self.plot.desks[desk].clock.wrong_by = timedelta(minutes=minutes)

    # -- what always holds ---------------------------------------------------------------------------------------------

    @invariant()
    def nothing_is_lost_or_in_two_places(self) -> None:
        """Each event that anybody was told of is waiting here, or judged by the server, or needs attention."""
        type(self).seen["steps"] += 1
        stored = self.plot.stored()
        for desk in self.plot.desks:
            found = desk.events()
            assert desk.promised <= set(found)
            for event_id in desk.promised:
                assert found[event_id] in (QueueState.WAITING, QueueState.ANSWERED, QueueState.ATTENTION)
                if found[event_id] is not QueueState.WAITING:
                    # An undo of what the server never heard of is about no booking there.
                    assert event_id in stored or self._is_known(event_id)
            for event_id in desk.kept & set(stored):
                # Somebody was told that it happened: a refusal is never only stored.
                if found[event_id] is QueueState.ANSWERED:
                    assert stored[event_id]["outcome"] != "rejected"

    @invariant()
    def numbers_are_unique(self) -> None:
        """Per desk, at the server and in the outbox."""
        for desk in self.plot.desks:
            waiting = [one.event.seq for one in desk.store.waiting(10_000)]
            assert len(set(waiting)) == len(waiting)
            numbers = [
                row["seq"] for row in self.plot.stored().values() if row["device_id"] == desk.person.device_id
            ]
            assert len(set(numbers)) == len(numbers)

    @invariant()
    def the_state_is_what_the_events_add_up_to(self) -> None:
        """For each child, by the time at which they occurred."""
        stored = self.plot.stored()
        rows = self.world.all(
            "SELECT id, attendance_state, attendance_event_id FROM bookings WHERE id = ANY (%s)",
            self.plot.bookings,
        )
        for row in rows:
            counting = [
                one for one in stored.values() if one["booking_id"] == row["id"] and one["outcome"] in COUNTS
            ]
            undone = {one["annuls_id"] for one in counting if one["kind"] == "annul"}
            left = [one for one in counting if one["kind"] != "annul" and one["id"] not in undone]
            left.sort(key=lambda one: (one["occurred_at"], one["device_id"], one["seq"]))
            if left:
                assert (row["attendance_state"], row["attendance_event_id"]) == (
                    STATES[left[-1]["kind"]],
                    left[-1]["id"],
                )
            else:
                assert row["attendance_state"] in ("expected", "unmarked")

    @invariant()
    def no_queued_mark_is_green(self) -> None:
        """What a roster shows otherwise than the server last said is shown as waiting."""
        for desk in self.plot.desks:
            here = desk.cut or desk.link.is_away
            base = desk.cache.roster(self.plot.session) if here else None
            base = self.runner.run(desk.roster(self.plot.session)) if base is None else base
            said = {entry.booking_id: entry.state for entry in base or ()}
            recorded = desk.recorder.recorded_after(datetime.min.replace(tzinfo=UTC))
            known = {event.booking_id for event in recorded}  # by the server, of this desk
            for entry in self.runner.run(desk.shown()):
                told = entry.waiting or entry.booking_id in known
                assert told or entry.state is said[entry.booking_id]

    def teardown(self) -> None:
        """In the end the network is there for good: everything is judged, and both desks show the same."""
        try:
            for desk in self.plot.desks:
                desk.lose_next = None
                self.runner.run(desk.kill())
                desk.start()
                self.runner.run(desk.come_back())
            for desk in self.plot.desks:
                assert desk.store.waiting() == []
                assert desk.promised <= set(desk.events())
                self.runner.run(desk.come_back())
            here, there = (
                {entry.booking_id: (entry.state, entry.waiting) for entry in self.runner.run(desk.shown())}
                for desk in self.plot.desks
            )
            assert here == there
            assert not any(waiting for _state, waiting in here.values())
            self.the_state_is_what_the_events_add_up_to()
            self.nothing_is_lost_or_in_two_places()
        finally:
            for desk in self.plot.desks:
                self.runner.run(desk.kill())
            self.runner.close()
            shutil.rmtree(self.plot.folder, ignore_errors=True)

    # -- within ------------------------------------------------------------------------------------------------------

    def _entry(self, desk: int, child: int) -> RosterEntry | None:
        found = self.runner.run(self.plot.desks[desk].shown())
        booking = self.plot.bookings[child]
        return next((one for one in found if one.booking_id == booking), None)

    def _act(self, number: int, child: int, action: Callable[[AttendanceService, RosterEntry], Any]) -> None:
        desk, entry = self.plot.desks[number], self._entry(number, child)
        if entry is None:
            return
        answer: EventAnswer = self.runner.run(action(desk.attendance, entry))
        found = desk.events()
        if answer.kept:
            desk.promised.add(answer.event_id)
            desk.kept.add(answer.event_id)
            assert found[answer.event_id] is QueueState.WAITING
            type(self).seen["kept"] += 1
        elif answer.is_recorded:
            type(self).seen["recorded"] += 1
            desk.promised.add(answer.event_id)
            assert answer.event_id in self.plot.stored()
            assert found[answer.event_id] is QueueState.ANSWERED
        else:
            type(self).seen["refused"] += 1
            assert found.get(answer.event_id) in (None, QueueState.ANSWERED)

    def _is_known(self, event_id: UUID) -> bool:
        return bool(self.world.all("SELECT 1 FROM attendance_events WHERE id = %s", event_id))


def run(world: World, examples: int, steps: int, *, random: bool) -> Counter[str]:
    """Run the machine on this world; how many steps it took, and how often what was seen."""
    people = (world.person(), world.person(name="Maya", desk=world.desk("Desk 2")))
    days = itertools.count()

    class Here(Mornings):
        pass

    Here.world, Here.people, Here.seen = world, people, Counter()
    # Each example has a day of its own, so that no event of one is older than the last of another.
    Here.starts = (NOON + timedelta(days=next(days)) for _ in itertools.count())
    run_state_machine_as_test(
        Here,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            derandomize=not random,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
    return Here.seen


@pytest.fixture
def world(fresh_database: Database) -> Iterator[World]:
    with World(fresh_database) as made:
        yield made


def test_nothing_is_lost_nothing_doubled_and_nothing_shown_early(world: World) -> None:
    seen = run(world, examples=24, steps=42, random=False)
    assert seen["steps"] > 800
    # The machine went where it hurts.
    assert min(seen[what] for what in ("kept", "recorded", "refused")) > 20
    assert seen["before commit"] + seen["after commit"] > 5


@pytest.mark.long
def test_the_same_through_many_more_mornings(world: World) -> None:
    assert run(world, examples=400, steps=60, random=True)["steps"] > 20_000
