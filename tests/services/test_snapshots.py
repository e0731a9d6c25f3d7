"""Refreshing the cache: whole once, then what changed, one at a time, and nothing kept of what failed."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from uuid import UUID

import pytest

from console.errors import Denied, Unavailable
from console.services.snapshots import Refreshed, Snapshots
from console.storage.cache import CacheFile
from console.storage.database import Database as DeskDatabase
from console.storage.desk import DeskQueries
from console.storage.snapshot import FetchedSnapshot, SnapshotQueries
from tests.support.databases import Database
from tests.support.desk_world import NOON, World
from tests.support.sealed_samples import AT, KEY, VENUE


class Answers:
    """Asked for snapshots, answers what it was given, and remembers what it was asked."""

    def __init__(self, *answers: FetchedSnapshot | Exception) -> None:
        self.answers = list(answers)
        self.asked: list[str | None] = []
        self.under_way = 0

    async def fetch(self, venue_id: UUID, since: str | None = None) -> FetchedSnapshot:
        self.asked.append(since)
        self.under_way += 1
        assert self.under_way == 1
        await asyncio.sleep(0)
        self.under_way -= 1
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


class Kept:
    """A store in memory that notes in which thread it was written."""

    def __init__(self) -> None:
        self.kept: FetchedSnapshot | None = None
        self.threads: set[str] = set()

    def state(self, venue_id: UUID) -> tuple[datetime, str] | None:
        return None if self.kept is None else (self.kept.taken_at, self.kept.xmin)

    def put_fetched(self, snapshot: FetchedSnapshot) -> None:
        self.threads.add(threading.current_thread().name)
        self.kept = snapshot


def answer(xmin: str, *, whole: bool = True) -> FetchedSnapshot:
    return FetchedSnapshot(VENUE, AT, xmin, whole, (), {})


async def test_whole_once_and_then_from_where_the_last_one_ended() -> None:
    queries, store = Answers(answer("1@d"), answer("2@d", whole=False), answer("3@d")), Kept()
    snapshots = Snapshots(queries, store)
    assert await snapshots.as_of(VENUE) is None
    assert await snapshots.refresh(VENUE) == Refreshed(AT, True, 0)
    assert await snapshots.refresh(VENUE) == Refreshed(AT, False, 0)
    assert (await snapshots.refresh(VENUE, whole=True)).whole
    assert queries.asked == [None, "1@d", None]
    assert await snapshots.as_of(VENUE) == AT
    assert threading.main_thread().name not in store.threads


async def test_two_refreshes_never_overlap() -> None:
    queries = Answers(*[answer(f"{number}@d") for number in range(5)])
    snapshots = Snapshots(queries, Kept())
    await asyncio.gather(*[snapshots.refresh(VENUE) for _ in range(5)])
    assert queries.asked == [None, "0@d", "1@d", "2@d", "3@d"]


@pytest.mark.parametrize("error", [Unavailable("No server."), Denied("No.", code="device_revoked")])
async def test_a_failure_keeps_what_was_there(error: Exception) -> None:
    queries, store = Answers(answer("1@d"), error, answer("2@d")), Kept()
    snapshots = Snapshots(queries, store)
    await snapshots.refresh(VENUE)
    with pytest.raises(type(error)):
        await snapshots.refresh(VENUE)
    assert store.kept == answer("1@d")
    await snapshots.refresh(VENUE)
    assert queries.asked == [None, "1@d", "1@d"]


@pytest.fixture
def world(fresh_database: Database) -> Iterator[World]:
    with World(fresh_database) as made:
        yield made


async def test_a_desk_follows_a_server_with_what_changed(world: World, tmp_path: Path) -> None:
    jonas, maya = world.person(), world.person(name="Maya", desk=world.desk("Desk 2"))
    ballet = world.other_session()
    bookings = [world.booking("Nia"), world.booking("Oliver"), world.booking("Ana", ballet)]
    cache = CacheFile(tmp_path / "cache.db", KEY)
    database = DeskDatabase(jonas.dsn)
    await database.set_token(jonas.token)
    snapshots, queries = Snapshots(SnapshotQueries(database), cache), DeskQueries(database)

    async def agrees() -> bool:
        day = NOON.date()
        return cache.sessions(world.venue, day) == await queries.sessions(world.venue, day) and all(
            [cache.roster(one) == await queries.roster(one) for one in (world.session, ballet)]
        )

    assert (await snapshots.refresh(world.venue)).children == 3
    assert await agrees()
    maya.do("check_in", bookings[0])
    maya.do("absent", bookings[2])
    world.admin.execute("DELETE FROM bookings WHERE id = %s", [bookings[1]])
    assert not await agrees()
    assert (await snapshots.refresh(world.venue)).whole  # a deletion can no longer say where it belonged
    assert await agrees()
    maya.do("check_out", bookings[0], pickup_name="Rose")
    assert await snapshots.refresh(world.venue) == Refreshed(NOON, False, 1)
    assert await agrees()
    world.admin.execute(
        """UPDATE activity_sessions SET is_cancelled = true, cancelled_at = %s
            WHERE id = %s""",
        [NOON, ballet],
    )
    world.booking("Late", ballet)
    await snapshots.refresh(world.venue)
    assert await agrees()
    await database.close()
    cache.close()
