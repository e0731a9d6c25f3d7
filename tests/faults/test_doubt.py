"""An event whose answer was lost: nobody knows whether it was recorded, so it is sent again under the same id, and the
answer is the one it got the first time.

docs/design.md, "The database" (availability) and "The desk protocol".
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from uuid import uuid4

import pytest

from console.domain.attendance import AttendanceEvent, AttendanceState, EventAnswer, EventKind, OutcomeKind
from console.errors import Unavailable
from console.storage.attendance import AttendanceStore
from tests.faults.conftest import Desk
from tests.support.desk_world import NOON, World
from tests.support.proxy import Proxy

_BEFORE: dict[str, Callable[[Proxy], None]] = {
    "nothing of the question": lambda network: network.truncate(to_server=0),
    "a part of the question": lambda network: network.truncate(to_server=120),
}
_AFTER: dict[str, Callable[[Proxy], None]] = {
    "nothing of the answer": lambda network: network.truncate(to_desk=0),
    "a part of the answer": lambda network: network.truncate(to_desk=40),
}


def _arrival(world: World, kind: EventKind = EventKind.CHECK_IN) -> AttendanceEvent:
    return AttendanceEvent(uuid4(), 1, kind, NOON, booking_id=world.booking())


async def _again(desk: Desk, event: AttendanceEvent) -> EventAnswer:
    (answer,) = await AttendanceStore(desk.database).record([event])
    return answer


@pytest.mark.parametrize("arrives", _BEFORE)
async def test_what_was_cut_before_it_was_committed_is_recorded_by_the_second_sending(
    desk: Desk, world: World, arrives: str
) -> None:
    event = _arrival(world)
    await desk.database.fetch("SELECT 1, auth.user_id()")
    _BEFORE[arrives](desk.network)
    with pytest.raises(Unavailable):
        await _again(desk, event)
    assert world.all("SELECT id FROM attendance_events") == []
    desk.network.pass_on()
    answer = await _again(desk, event)
    assert (answer.outcome, answer.state) == (OutcomeKind.APPLIED, AttendanceState.IN)
    assert world.all("SELECT id FROM attendance_events") == [{"id": event.id}]


@pytest.mark.parametrize("arrives", _AFTER)
async def test_an_answer_that_was_lost_after_the_commit_is_given_again(
    desk: Desk, world: World, arrives: str
) -> None:
    event = _arrival(world)
    await desk.database.fetch("SELECT 1, auth.user_id()")
    _AFTER[arrives](desk.network)
    with pytest.raises(Unavailable):
        await _again(desk, event)
    assert world.all("SELECT id, outcome FROM attendance_events") == [{"id": event.id, "outcome": "applied"}]
    desk.network.pass_on()
    first, second = await _again(desk, event), await _again(desk, event)
    assert first == second
    assert (first.outcome, first.state) == (OutcomeKind.APPLIED, AttendanceState.IN)
    assert len(world.all("SELECT id FROM attendance_events")) == 1


async def test_one_that_still_runs_at_the_server_while_it_is_sent_again_is_recorded_once(
    desk: Desk, world: World
) -> None:
    event = _arrival(world)
    await desk.database.fetch("SELECT 1, auth.user_id()")
    with world.database.connect(autocommit=False) as other:
        other.execute("SELECT 1 FROM bookings WHERE id = %s FOR UPDATE", [event.booking_id])
        first = asyncio.create_task(_again(desk, event))
        await _until_blocked(world, 1)
        desk.network.drop()  # the server does not notice: it waits for the other's lock
        with pytest.raises(Unavailable):
            await first
        second = asyncio.create_task(_again(desk, event))
        await _until_blocked(world, 2)
        other.rollback()
    answer = await second
    assert (answer.outcome, answer.state) == (OutcomeKind.APPLIED, AttendanceState.IN)
    assert len(world.all("SELECT id FROM attendance_events")) == 1
    assert await _again(desk, event) == answer


async def _until_blocked(world: World, count: int) -> None:
    waiting = """SELECT count(*) AS n FROM pg_stat_activity
                  WHERE wait_event_type = 'Lock' AND datname = current_database()"""
    for _ in range(200):
        if world.one(waiting)["n"] >= count:
            return
        await asyncio.sleep(0.02)
    raise AssertionError("nobody waits")
