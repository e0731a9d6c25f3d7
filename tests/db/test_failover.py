"""What a desk sees while its server dies and another takes over: nothing that was answered is lost, nothing is believed
that has been overtaken.

docs/design.md, "The database" (availability).
"""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import pytest
from psycopg import conninfo

from console.domain.attendance import AttendanceEvent, EventAnswer, EventKind, OutcomeKind
from console.errors import Unavailable
from console.storage.attendance import AttendanceStore
from console.storage.database import Database as DeskDatabase
from console.storage.servers import KnownServers
from tests.support.cluster import Cluster, Node, venue_on, with_schema
from tests.support.databases import Database
from tests.support.desk_world import NOON, Person, World


@dataclass
class Two:
    """A primary that confirms nothing its standby does not have, and a venue on it."""

    primary: Node
    standby: Node
    world: World
    jonas: Person
    seen: Path

    def address(self, *nodes: Node) -> str:
        """How the desk is told to reach these servers."""
        hosts, ports = ",".join("127.0.0.1" for _ in nodes), ",".join(str(one.server.port) for one in nodes)
        return conninfo.make_conninfo(self.jonas.dsn, host=hosts, port=ports)

    async def desk(self, *nodes: Node) -> DeskDatabase:
        """The desk's console, as it starts: what it knows of before is on its disk."""
        database = DeskDatabase(self.address(*nodes), known=KnownServers(self.seen))
        await database.set_token(self.jonas.token)
        return database

    def check_in(self, seq: int) -> AttendanceEvent:
        """Somebody new arrives."""
        booking = self.world.booking()
        return AttendanceEvent(uuid4(), seq, EventKind.CHECK_IN, NOON, booking_id=booking)

    def fail_over(self) -> None:
        """The primary's machine dies; the standby takes its place."""
        ports = self.primary.server.port, self.standby.server.port
        self.primary.kill()
        self.standby.promote()
        assert ports[1] == self.standby.server.port


@pytest.fixture(scope="module")
def seed() -> Iterator[Node]:
    """What every primary here begins with."""
    with Cluster() as cluster:
        yield with_schema(cluster)


@pytest.fixture
def two(seed: Node, tmp_path: Path) -> Iterator[Two]:
    """A primary and a standby."""
    with Cluster() as cluster:
        primary = cluster.primary(copy_of=seed)
        with venue_on(primary) as world:
            standby = cluster.standby(primary, "two")
            primary.wait_for_standbys("two")
            yield Two(primary, standby, world, world.person(), tmp_path / "servers.json")


@pytest.fixture
async def desks(two: Two) -> AsyncIterator[list[DeskDatabase]]:
    """Consoles to be closed afterwards."""
    opened: list[DeskDatabase] = []
    yield opened
    for database in opened:
        await database.close()


async def _send(database: DeskDatabase, *events: AttendanceEvent) -> list[EventAnswer]:
    """Again and again with the same ids, until there is an answer."""
    for _ in range(100):
        try:
            return await AttendanceStore(database).record(events)
        except Unavailable:
            await asyncio.sleep(0.1)
    raise AssertionError("no server answered")


async def test_a_desk_goes_on_at_the_promoted_standby_and_never_back_to_the_old_one(
    two: Two, desks: list[DeskDatabase]
) -> None:
    desk = await two.desk(two.primary, two.standby)
    desks.append(desk)
    before, late = two.check_in(1), two.check_in(2)
    assert [answer.outcome for answer in await _send(desk, before)] == [OutcomeKind.APPLIED]
    address, ports = two.address(two.primary, two.standby), (two.primary.server.port, two.standby.server.port)

    two.fail_over()
    answers = await _send(desk, before, late)
    assert [answer.outcome for answer in answers] == [OutcomeKind.APPLIED, OutcomeKind.APPLIED]
    now = Database(two.standby.server, two.world.database.name)
    with now.connect() as admin:
        found = admin.execute("SELECT id, seq FROM attendance_events ORDER BY seq").fetchall()
    assert found == [(before.id, 1), (late.id, 2)]

    # The dead machine comes back, does not know that it was replaced, and is the first in the list.
    two.primary.start()
    assert ports == (two.primary.server.port, two.standby.server.port)
    restarted = DeskDatabase(address, known=KnownServers(two.seen))
    desks.append(restarted)
    await restarted.set_token(two.jonas.token)
    assert (await restarted.fetch("SELECT inet_server_port()"))[0][0] == ports[1]
    assert await _send(restarted, late) == [answers[1]]

    # Alone, it is refused, also after a restart of the console.
    alone = await two.desk(two.primary)
    desks.append(alone)
    with pytest.raises(Unavailable, match="outdated") as caught:
        await alone.fetch("SELECT 1")
    assert caught.value.code == "old_timeline"
    # And with the new primary away for a moment too: the older history is not better than none.
    two.standby.stop()
    await restarted.set_token(two.jonas.token)
    with pytest.raises(Unavailable, match="outdated"):
        await restarted.fetch("SELECT 1")


async def test_a_desk_that_was_away_meanwhile_finds_the_new_primary_though_the_old_one_takes_writes_too(
    two: Two, desks: list[DeskDatabase]
) -> None:
    two.fail_over()
    two.primary.start()
    desk = await two.desk(two.primary, two.standby)  # it has never seen either
    desks.append(desk)
    rows = await asyncio.gather(*(desk.fetch("SELECT inet_server_port(), pg_sleep(0.2)") for _ in range(3)))
    assert {row[0][0] for row in rows} == {two.standby.server.port}
    with two.primary.admin(two.world.database.name) as admin:
        there = "SELECT count(*) FROM pg_stat_activity WHERE usename = %s"
        for _ in range(50):
            if admin.execute(there, [two.jonas.dsn_role]).fetchone() == (0,):
                break
            await asyncio.sleep(0.05)
        else:
            pytest.fail("the connection that was not chosen is still open")


async def test_a_standby_is_not_taken_for_the_server(two: Two, desks: list[DeskDatabase]) -> None:
    alone = await two.desk(two.standby)
    listed_first = await two.desk(two.standby, two.primary)
    desks += [alone, listed_first]
    with pytest.raises(Unavailable, match="standby") as caught:
        await alone.fetch("SELECT 1")
    assert caught.value.code == "standby"
    assert (await listed_first.fetch("SELECT pg_is_in_recovery()"))[0][0] is False


async def test_a_commit_in_doubt_at_the_failover_is_there_once_after_the_same_id_is_sent_again(
    two: Two, desks: list[DeskDatabase]
) -> None:
    desk = await two.desk(two.primary, two.standby)
    desks.append(desk)
    arrived, missed = two.check_in(1), two.check_in(2)
    receiver = _receiver(two)
    # It is at the standby and in no answer: the primary dies before it hears so.
    os.kill(receiver, signal.SIGSTOP)
    waiting = asyncio.create_task(AttendanceStore(desk).record([arrived]))
    await asyncio.sleep(0.5)
    assert not waiting.done()  # nothing is confirmed that only one server has
    two.primary.kill()
    with pytest.raises(Unavailable):
        await waiting
    os.kill(receiver, signal.SIGCONT)
    two.standby.promote()
    answers = await _send(desk, arrived, missed)
    assert {answer.outcome for answer in answers} == {OutcomeKind.APPLIED}
    assert await _send(desk, arrived, missed) == answers
    now = Database(two.standby.server, two.world.database.name)
    with now.connect() as admin:
        found = admin.execute("SELECT id, count(*) FROM attendance_events GROUP BY id").fetchall()
    assert sorted(found) == sorted([(arrived.id, 1), (missed.id, 1)])


async def test_a_login_that_only_one_of_two_servers_refuses_is_no_revocation(
    two: Two, desks: list[DeskDatabase]
) -> None:
    desk = await two.desk(two.primary, two.standby)
    desks.append(desk)
    address = two.address(two.primary, two.standby)
    two.primary.stop()
    wrong = conninfo.make_conninfo(address, password="changed")
    database = DeskDatabase(wrong, known=KnownServers(two.seen))
    desks.append(database)
    with pytest.raises(Unavailable):
        await database.fetch("SELECT 1")


def _receiver(two: Two) -> int:
    with two.standby.admin() as admin:
        row = admin.execute("SELECT pid FROM pg_stat_wal_receiver").fetchone()
    assert row is not None
    return int(row[0])
