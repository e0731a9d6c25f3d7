"""Whoever stops waiting for an answer leaves nothing behind that somebody else would trip over.

See docs/design.md, "The database" (round trips).
"""

from __future__ import annotations

import asyncio
import contextlib

import pytest

from console.errors import ConsoleError
from console.storage.database import Database as DeskDatabase
from tests.support.databases import Database
from tests.support.desk_world import World

_TURNS = 150


@pytest.mark.parametrize("pool_size", [1, 3])
async def test_a_connection_that_was_given_up_is_never_used_again(
    fresh_database: Database, pool_size: int
) -> None:
    """An answer may arrive in the very moment; the next statement must not be given that connection."""
    with World(fresh_database) as world:
        person = world.person("manager")
        database = DeskDatabase(person.dsn, pool_size=pool_size)
        await database.set_token(person.token)
        try:
            for turn in range(_TURNS):
                asked = asyncio.ensure_future(database.fetch("SELECT count(*) FROM generate_series(1, 1500)"))
                await asyncio.sleep(turn % 20 * 0.0001)
                asked.cancel()
                answered = await asyncio.wait_for(database.fetch("SELECT 42"), 5)
                assert answered[0][0] == 42
                with contextlib.suppress(asyncio.CancelledError, ConsoleError):
                    await asked
        finally:
            await database.close()
