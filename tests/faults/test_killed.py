"""A desk or its server killed with kill -9 at the worst moments: what anybody was told is recorded, once.

docs/design.md, "The desk protocol".
"""

from __future__ import annotations

import random
import time
from collections import Counter
from pathlib import Path
from uuid import UUID

import pytest

from console.domain.sync import OutboxCount
from console.storage.outbox import OutboxFile
from tests.faults.conftest import Start, through, until
from tests.support.desk_process import Desk, Work, events_told
from tests.support.desk_world import Person, World
from tests.support.proxy import Proxy
from tests.support.sealed_samples import KEY


def _children(world: World, count: int) -> list[str]:
    """Booked children of a session with room for all of them."""
    session = world.other_session("Open house", total_capacity=count + 1)
    return [str(world.booking(session=session)) for _ in range(count)]


def _work(
    person: Person, network: Proxy, world: World, data: Path, bookings: list[str], **facts: object
) -> Work:
    return Work(
        through(person.dsn, network),
        person.token,
        str(world.venue),
        str(data),
        bookings,
        **facts,  # type: ignore[arg-type]
    )


def _recorded(world: World) -> Counter[UUID]:
    return Counter(row["id"] for row in world.all("SELECT id FROM attendance_events"))


def _holds(world: World, data: Path, told: list[UUID]) -> None:
    """Nothing lost, nothing doubled, nothing left over."""
    recorded = _recorded(world)
    assert not [event for event in told if event not in recorded], "lost"
    assert set(recorded.values()) <= {1}, "doubled"
    twice = world.all(
        "SELECT booking_id FROM attendance_events WHERE outcome = 'applied' GROUP BY booking_id HAVING count(*) > 1"
    )
    assert not twice, "a child came in twice"
    outbox = OutboxFile(data / "outbox.db", KEY)
    try:
        assert outbox.recovered is None
        assert outbox.count() == OutboxCount(0, 0)
    finally:
        outbox.close()


def test_a_desk_killed_again_and_again_between_two_children_loses_nobody(
    world: World, network: Proxy, tmp_path: Path, start: Start
) -> None:
    person, chance = world.person(), random.Random(11)
    children = _children(world, 60)
    lives: list[Desk] = []
    while children:
        desk = start(_work(person, network, world, tmp_path, children))
        lives.append(desk)
        count = chance.randrange(5, 25)
        if count >= len(children):
            desk.until("sent")
            desk.kill()
            break
        desk.until("did", count)
        desk.kill()
        # The one after the last that was answered may be recorded or not; nobody was told anything.
        children = children[len(desk.lines("did")) + 1 :]
    assert len(lives) > 1
    if not lives[-1].lines("sent"):
        last = start(_work(person, network, world, tmp_path, []))
        last.until("sent")
        last.kill()
    _holds(world, tmp_path, events_told(*lives))


# A login and two probes take less than 3,000 bytes in either direction, the batch five times as much.
_CUTS: dict[str, dict[str, int]] = {
    "before most of it was sent": {"to_server": 5_000},
    "before the end of it was sent": {"to_server": 14_000},
    "when the answer begins": {"to_desk": 4_000},
    "in the middle of the answer": {"to_desk": 9_000},
}


@pytest.mark.parametrize("cut", _CUTS)
def test_a_desk_killed_in_the_middle_of_a_batch_sends_it_again_under_the_same_ids(
    world: World, network: Proxy, tmp_path: Path, start: Start, cut: str
) -> None:
    person = world.person()
    children = _children(world, 120)
    desk = start(_work(person, network, world, tmp_path, children, offline=True))
    told = desk.until("did", len(children))
    assert all(line["kept"] for line in told)
    assert desk.until("offline")[0]["offline"] == len(children)
    network.truncate(**_CUTS[cut])
    desk.go_online()
    until(lambda: network.cuts > 0)
    desk.kill()
    assert not desk.lines("sent")
    network.pass_on()
    there = len(_recorded(world))
    assert there == (len(children) if "answer" in cut else 0)
    again = start(_work(person, network, world, tmp_path, []))
    assert again.until("sent")[0]["attention"] == 0
    again.kill()
    _holds(world, tmp_path, events_told(desk))
    found = world.all("SELECT origin, count(*) AS n FROM attendance_events GROUP BY origin")
    assert found == [{"origin": "queued", "n": len(children)}]


def test_a_desk_killed_while_it_stores_the_answers_sends_only_what_it_must(
    world: World, network: Proxy, tmp_path: Path, start: Start
) -> None:
    person, chance = world.person(), random.Random(3)
    children = _children(world, 200)
    desk = start(_work(person, network, world, tmp_path, children, offline=True))
    desk.until("offline")
    told = events_told(desk)
    desk.go_online()
    for _ in range(6):
        time.sleep(chance.random() * 0.15)
        desk.kill()
        desk = start(_work(person, network, world, tmp_path, []))
        desk.until("ready")
    desk.until("sent")
    desk.kill()
    _holds(world, tmp_path, told)
    assert len(_recorded(world)) == len(children)
