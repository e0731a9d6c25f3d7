"""The desk's connections over a network that fails: every fault is an answer within seconds, and a return is noticed.

docs/design.md, "The database" (availability) and "The desk protocol".
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from console.errors import Unavailable
from console.storage import connecting, listener
from console.storage import database as database_module
from console.storage.database import Database as DeskDatabase
from console.storage.dsn import CONNECT_SECONDS
from console.storage.listener import CAUGHT_UP, Listener
from console.storage.servers import KnownServers
from tests.faults.conftest import Desk, through
from tests.support.desk_world import World
from tests.support.proxy import Proxy

_SOON = 5.0
"""Far from the 20 s that a statement here would take, and time enough for a busy computer."""
FAULTS: dict[str, Callable[[Proxy], None]] = {
    "refused": Proxy.refuse,
    "dropped": Proxy.drop,
    "half closed": Proxy.half_close,
    "cut in the question": lambda network: network.truncate(to_server=9),
    "cut in the answer": lambda network: network.truncate(to_desk=7),
    "cut before the question": lambda network: network.truncate(to_server=0),
}


async def _until(question: Callable[[], bool], what: str) -> None:
    """Wait until it is so."""
    give_up = time.monotonic() + 30
    while not question():
        assert time.monotonic() < give_up, what
        await asyncio.sleep(0.02)


async def _works(desk: Desk) -> bool:
    return bool((await desk.database.fetch("SELECT auth.user_id() IS NOT NULL"))[0][0])


@pytest.mark.parametrize("fault", FAULTS)
async def test_a_line_that_breaks_is_an_unavailable_server_and_then_works_again(
    desk: Desk, fault: str
) -> None:
    assert await _works(desk)
    waiting = asyncio.create_task(desk.database.fetch("SELECT pg_sleep(20), auth.user_id()"))
    await asyncio.sleep(0.1)
    started = time.monotonic()
    FAULTS[fault](desk.network)
    if "cut" in fault:  # it is the next piece that finds the line cut
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
        waiting = asyncio.create_task(desk.database.fetch("SELECT repeat('x', 100), auth.user_id()"))
    with pytest.raises(Unavailable) as caught:
        await waiting
    assert time.monotonic() - started < _SOON
    assert caught.value.code == "database_unreachable"
    desk.network.pass_on()
    assert await _works(desk)


async def test_a_plain_read_over_a_line_that_died_unnoticed_is_asked_once_more(desk: Desk) -> None:
    from sqlalchemy import func, select

    assert await _works(desk)
    desk.network.drop()
    assert (await desk.database.fetch(select(func.auth.user_id())))[0][0] == desk.person.id


async def test_an_answer_in_pieces_after_a_delay_is_an_answer(desk: Desk) -> None:
    assert await _works(desk)
    desk.network.slow(0.05)
    started = time.monotonic()
    assert len((await desk.database.fetch("SELECT repeat('x', 300000), auth.user_id()"))[0][0]) == 300_000
    assert time.monotonic() - started >= 0.1


async def test_whoever_loses_patience_with_a_silent_server_is_free_at_once(desk: Desk) -> None:
    assert await _works(desk)
    desk.network.silent()
    for _ in range(5):  # more often than the pool has connections
        started = time.monotonic()
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(desk.database.fetch("SELECT auth.user_id()"), 0.2)
        assert time.monotonic() - started < 2.0
    desk.network.pass_on()
    assert await asyncio.wait_for(_works(desk), CONNECT_SECONDS + 2)


async def test_over_a_line_that_is_too_slow_to_connect_within_a_second_the_next_try_goes_on(
    desk: Desk,
) -> None:
    assert await _works(desk)
    await desk.database.renew()
    desk.network.slow(0.15)
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(_works(desk), 1.0)
    for _ in range(10):
        with contextlib.suppress(TimeoutError):
            assert await asyncio.wait_for(_works(desk), 1.0)
            break
    else:
        pytest.fail("it never got there")
    await _until(lambda: desk.network.connections == 1, "more than one connection is open")


async def test_a_connection_that_came_too_late_is_not_used_by_the_next_person(
    desk: Desk, world: World
) -> None:
    desk.network.slow(0.1)
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(_works(desk), 0.3)
    await desk.database.set_token(None)
    desk.network.pass_on()
    assert (await desk.database.fetch("SELECT auth.user_id()"))[0][0] is None
    there = "SELECT count(*) AS n FROM pg_stat_activity WHERE usename = %s"
    await _until(
        lambda: world.one(there, desk.person.dsn_role)["n"] <= 2,  # this one, and Jonas's own
        "the other person's connection is still open",
    )


async def test_a_connection_that_nobody_comes_back_for_is_closed(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database_module, "SPARE_SECONDS", 0.3)
    desk.network.slow(0.05)
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(_works(desk), 0.2)
    await _until(lambda: desk.network.taken == 1, "nobody came")
    await _until(lambda: desk.network.connections == 0, "it is still open")


async def test_a_statement_that_nobody_waits_for_lets_go_of_its_connection(desk: Desk, world: World) -> None:
    sleeping = asyncio.create_task(desk.database.fetch("SELECT pg_sleep(20), auth.user_id()"))
    await asyncio.sleep(0.2)
    sleeping.cancel()
    with pytest.raises(asyncio.CancelledError):
        await sleeping
    started = time.monotonic()
    for _ in range(3):
        assert await _works(desk)
    assert time.monotonic() - started < _SOON
    assert world.one("SELECT count(*) AS n FROM pg_stat_activity WHERE usename = %s", desk.person.dsn_role)[
        "n"
    ]


async def test_a_new_connection_to_a_silent_server_is_given_up_in_seconds(desk: Desk) -> None:
    desk.network.silent()
    started = time.monotonic()
    with pytest.raises(Unavailable):
        await desk.database.fetch("SELECT 1")
    assert time.monotonic() - started < CONNECT_SECONDS + _SOON


async def test_a_server_that_falls_silent_after_the_login_is_given_up_too(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connecting, "CONNECT_SECONDS", 0.3)
    monkeypatch.setattr(connecting, "_GREETING", "SELECT %s::text, pg_sleep(20)")
    started = time.monotonic()
    with pytest.raises(Unavailable):
        await desk.database.fetch("SELECT 1")
    assert time.monotonic() - started < _SOON


async def test_a_statement_is_not_waited_for_for_ever(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    assert await _works(desk)
    monkeypatch.setattr(database_module, "STATEMENT_SECONDS", 0.3)
    desk.network.swallow()
    started = time.monotonic()
    with pytest.raises(Unavailable):
        await desk.database.fetch("SELECT auth.user_id()")
    assert time.monotonic() - started < _SOON


async def test_of_several_hosts_the_one_that_answers_is_used_and_asked_first_from_then_on(
    desk: Desk, world: World, tmp_path: Path
) -> None:
    with Proxy(world.database.server.port) as dead, Proxy(world.database.server.port) as good:
        dead.refuse()
        address = through(desk.person.dsn, dead)
        both = f"{address} host=127.0.0.1,127.0.0.1 port={dead.port},{good.port}"
        database = DeskDatabase(both, known=KnownServers(tmp_path / "two.json"))
        try:
            await database.fetch("SELECT 1")
            dead.pass_on()
            await database.set_token(desk.person.token)  # every connection is opened anew
            assert (await database.fetch("SELECT auth.user_id()"))[0][0] == desk.person.id
            await _until(lambda: good.connections == 1, "the connections of before are still open")
            assert dead.connections == 0
            good.refuse()
            with pytest.raises(Unavailable):
                await database.fetch("SELECT auth.user_id()")
            assert (await database.fetch("SELECT auth.user_id()"))[0][0] == desk.person.id
            await _until(lambda: dead.connections == 1, "the one that is back was not asked")
        finally:
            await database.close()


async def test_a_listener_notices_a_server_that_has_fallen_silent(
    desk: Desk, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listener, "ANSWER_SECONDS", 0.5)
    heard = Listener(desk.database, world.venue, heartbeat_seconds=0.2).heard()
    try:
        assert await anext(heard) == CAUGHT_UP
        desk.network.silent()
        started = time.monotonic()
        with pytest.raises(Unavailable):
            await anext(heard)
        assert time.monotonic() - started < 0.7 + _SOON
    finally:
        await heard.aclose()  # type: ignore[attr-defined]
