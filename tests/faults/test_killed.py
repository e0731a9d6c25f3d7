"""A desk or its server killed with kill -9 at the worst moments: what anybody was told is recorded, once.

docs/design.md, "The desk protocol".
"""

from __future__ import annotations

import random
import time
from pathlib import Path

import pytest

from tests.faults.checks import children as some_children
from tests.faults.checks import holds, recorded, work
from tests.faults.conftest import Start, through, until
from tests.support.desk_process import Desk, events_told
from tests.support.desk_world import World
from tests.support.proxy import Proxy


def test_a_desk_killed_again_and_again_between_two_children_loses_nobody(
    world: World, network: Proxy, tmp_path: Path, start: Start
) -> None:
    person, chance = world.person(), random.Random(11)
    children = some_children(world, 60)
    lives: list[Desk] = []
    while children:
        desk = start(work(person, through(person.dsn, network), world, tmp_path, children))
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
        last = start(work(person, through(person.dsn, network), world, tmp_path, []))
        last.until("sent")
        last.kill()
    holds(world.admin, events_told(*lives), tmp_path)


# A login and two probes take less than 3,000 bytes in either direction, the batch five times as much.
_CUTS: dict[str, dict[str, int]] = {
    "before most of it was sent": {"to_server": 5_000},
    "before the end of it was sent": {"to_server": 14_000},
    "when the answer begins": {"to_desk": 4_000},
    "in the middle of the answer": {"to_desk": 9_000},
}


@pytest.mark.parametrize(
    "cut",
    [pytest.param(cut, marks=[pytest.mark.long] if "begins" in cut or "end" in cut else []) for cut in _CUTS],
)
def test_a_desk_killed_in_the_middle_of_a_batch_sends_it_again_under_the_same_ids(
    world: World, network: Proxy, tmp_path: Path, start: Start, cut: str
) -> None:
    person = world.person()
    children = some_children(world, 120)
    desk = start(work(person, through(person.dsn, network), world, tmp_path, children, offline=True))
    told = desk.until("did", len(children))
    assert all(line["kept"] for line in told)
    assert desk.until("offline")[0]["offline"] == len(children)
    network.truncate(**_CUTS[cut])
    desk.go_online()
    until(lambda: network.cuts > 0)
    desk.kill()
    assert not desk.lines("sent")
    network.pass_on()
    there = len(recorded(world.admin))
    assert there == (len(children) if "answer" in cut else 0)
    again = start(work(person, through(person.dsn, network), world, tmp_path, []))
    assert again.until("sent")[0]["attention"] == 0
    again.kill()
    holds(world.admin, events_told(desk), tmp_path)
    found = world.all("SELECT origin, count(*) AS n FROM attendance_events GROUP BY origin")
    assert found == [{"origin": "queued", "n": len(children)}]


def test_a_desk_killed_while_it_stores_the_answers_sends_only_what_it_must(
    world: World, network: Proxy, tmp_path: Path, start: Start
) -> None:
    person, chance = world.person(), random.Random(3)
    children = some_children(world, 200)
    desk = start(work(person, through(person.dsn, network), world, tmp_path, children, offline=True))
    desk.until("offline")
    told = events_told(desk)
    desk.go_online()
    for _ in range(3):
        time.sleep(chance.random() * 0.15)
        desk.kill()
        desk = start(work(person, through(person.dsn, network), world, tmp_path, []))
        desk.until("ready")
    desk.until("sent")
    desk.kill()
    holds(world.admin, told, tmp_path)
    assert len(recorded(world.admin)) == len(children)
