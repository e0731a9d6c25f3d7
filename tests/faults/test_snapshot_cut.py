"""A download of the venue's week that is cut in the middle: the desk keeps what it had, whole.

docs/design.md, "The desk protocol".
"""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import pytest

from console.errors import Unavailable
from console.services.snapshots import Snapshots
from console.storage.cache import CacheFile
from console.storage.snapshot import SnapshotQueries
from tests.faults.conftest import Desk
from tests.support.desk_world import World
from tests.support.sealed_samples import KEY


@pytest.mark.parametrize("after", [0, 600, 6_000])
async def test_a_download_that_is_cut_leaves_the_cache_as_it_was(
    desk: Desk, world: World, tmp_path: Path, after: int
) -> None:
    session = world.other_session("Open house", total_capacity=100)
    for _ in range(30):
        world.booking(session=session)
    cache = CacheFile(tmp_path / "cache.db", KEY)
    try:
        snapshots = Snapshots(SnapshotQueries(desk.database), cache)
        assert (await snapshots.refresh(world.venue)).children == 30
        before = cache.state(world.venue), cache.roster(session)
        for _ in range(30):
            world.booking(session=session)
        desk.network.truncate(to_desk=after)
        with pytest.raises(Unavailable):
            await snapshots.refresh(world.venue, whole=True)
        assert (cache.state(world.venue), cache.roster(session)) == before
        desk.network.pass_on()
        assert (await snapshots.refresh(world.venue)).children >= 30
        roster = cache.roster(session)
        assert roster is not None
        assert len(roster) == 60
    finally:
        cache.close()


async def test_a_download_that_never_ends_can_be_given_up(desk: Desk, world: World, tmp_path: Path) -> None:
    world.booking()
    cache = CacheFile(tmp_path / "cache.db", KEY)
    try:
        snapshots = Snapshots(SnapshotQueries(desk.database), cache)
        await snapshots.refresh(world.venue)
        desk.network.swallow()
        started = time.monotonic()
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(snapshots.refresh(world.venue), 0.3)
        assert time.monotonic() - started < 3
        desk.network.pass_on()
        assert (await snapshots.refresh(world.venue, whole=True)).children == 1
    finally:
        cache.close()
