"""A steady stream of children while the network, the disk or the server fails: nobody waits, nobody is lost or doubled.

docs/design.md, "The desk protocol" and "Tests".
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from console.domain.sync import ANSWER_WITHIN
from tests.faults.checks import Counts, children, holds, work
from tests.faults.conftest import Start, through, until
from tests.support.desk_process import Desk, Work, events_told
from tests.support.desk_world import World
from tests.support.proxy import Proxy

_FAULTS: list[Callable[[Proxy], None]] = [
    Proxy.drop,
    Proxy.refuse,
    Proxy.silent,
    Proxy.swallow,
    Proxy.half_close,
    lambda network: network.slow(0.3),
    lambda network: network.truncate(to_server=700),
    lambda network: network.truncate(to_desk=300),
]
# What a busy test machine adds to the second in which a person is answered.
_ALLOWANCE = 2.0


@pytest.mark.long
def test_an_afternoon_of_bad_network_keeps_nobody_waiting_and_loses_nobody(
    world: World, network: Proxy, tmp_path: Path, start: Start
) -> None:
    person = world.person()
    there = children(world, 150)
    desk = start(work(person, through(person.dsn, network), world, tmp_path, there, pace=0.05))
    desk.until("did", 5)
    chance = random.Random(7)
    for fault in chance.sample(_FAULTS, len(_FAULTS)):
        fault(network)
        time.sleep(0.5 + chance.random())
        network.pass_on()
        time.sleep(chance.random())
    desk.until("did", len(there))
    assert desk.until("sent")[0]["attention"] == 0
    desk.kill()
    counts = holds(world.admin, events_told(desk), tmp_path)
    assert (counts.told, counts.recorded) == (len(there), len(there))
    answered = desk.lines("did")
    assert any(line["kept"] for line in answered)
    assert max(line["seconds"] for line in answered) < ANSWER_WITHIN.total_seconds() + _ALLOWANCE
    assert not desk.lines("failed")


def test_a_full_disk_is_told_and_what_was_told_before_is_not_lost(
    world: World, network: Proxy, tmp_path: Path, start: Start
) -> None:
    person = world.person()
    there = children(world, 120)
    address = through(person.dsn, network)
    desk = start(work(person, address, world, tmp_path, there, offline=True, file_limit=120_000))
    desk.until("refused")
    desk.until("offline")
    assert {line["refused"] for line in desk.lines("refused")} == {
        "This computer's disk is full; nothing was recorded."
    }
    told = events_told(desk)
    assert len(told) + len(desk.lines("refused")) == len(there)
    desk.kill()
    roomy = start(work(person, address, world, tmp_path, []))
    assert roomy.until("sent")[0]["attention"] == 0
    roomy.kill()
    counts = holds(world.admin, told, tmp_path)
    assert counts.recorded == len(told)


def test_a_server_killed_under_load_comes_back_with_everything_it_confirmed(
    tmp_path: Path, start: Start
) -> None:
    from tests.support.cluster import Cluster, venue_on, with_schema

    with Cluster() as cluster:
        primary = with_schema(cluster).start()
        with venue_on(primary) as world:
            desks = _stream(world, start, tmp_path, desks=2, each=60, pace=0.05)
            for desk in desks:
                desk.until("did", 20)
            primary.kill()
            until(lambda: all(_away(desk) for desk in desks))
            primary.start()
            _all_sent(desks)
            with primary.admin(world.database.name) as admin:
                counts = holds(admin, events_told(*desks), *_folders(tmp_path, desks))
            assert counts == Counts(told=120, recorded=120, lost=0, doubled=0)


@pytest.mark.long
def test_a_failover_under_a_stream_from_three_desks_loses_and_doubles_nothing(
    tmp_path: Path, start: Start, capsys: pytest.CaptureFixture[str]
) -> None:
    from tests.support.cluster import Cluster, venue_on, with_schema

    with Cluster() as cluster:
        one = with_schema(cluster).start()
        with venue_on(one) as world:
            two, three = cluster.standby(one, "two"), cluster.standby(one, "three")
            one.wait_for_standbys("two", "three")
            nodes = (one, two, three)
            ports = ",".join(str(node.server.port) for node in nodes)
            desks = _stream(world, start, tmp_path, desks=3, each=400, pace=0.05, hosts=ports)
            for desk in desks:
                desk.until("did", 100)
            died = time.monotonic()
            one.kill()
            time.sleep(3)  # somebody has to notice
            ahead, behind = sorted(
                (two, three),
                key=lambda node: str(node.ask("SELECT lpad(pg_last_wal_receive_lsn()::text, 20, '0')")),
            )[::-1]
            ahead.promote()
            behind.follow(ahead)
            ahead.wait_for_standbys(behind.home.name)
            away = time.monotonic() - died
            one.start()  # it does not know that it was replaced, and is the first in every desk's list
            _all_sent(desks)
            with ahead.admin(world.database.name) as admin:
                counts = holds(admin, events_told(*desks), *_folders(tmp_path, desks))
            with one.admin(world.database.name) as admin:
                row = admin.execute("SELECT count(*) FROM attendance_events").fetchone()
            assert row is not None
            assert row[0] < counts.recorded
    said = [line for desk in desks for line in desk.lines("did")]
    kept = sum(1 for line in said if line["kept"])
    longest = max(line["seconds"] for line in said)
    with capsys.disabled():
        print(  # noqa: T201 - the counts are what this test is for
            f"\nfailover: {counts.told} acknowledged, {counts.lost} lost, {counts.doubled} doubled; no server for"
            f" {away:.1f} s, {kept} kept at the desks meanwhile, longest answer {longest:.2f} s"
        )
    assert counts == Counts(told=1200, recorded=1200, lost=0, doubled=0)
    assert kept > 0
    assert longest < ANSWER_WITHIN.total_seconds() + _ALLOWANCE


def _stream(
    world: World, start: Start, folder: Path, *, desks: int, each: int, pace: float, hosts: str = ""
) -> list[Desk]:
    """So many desks that check in their own children at once; `hosts` are the ports of several servers."""
    started = []
    for number in range(desks):
        person = world.person(desk=world.desk(f"Desk {number + 1}"))
        address = person.dsn
        if hosts:
            from psycopg import conninfo

            names = ",".join("127.0.0.1" for _ in hosts.split(","))
            address = conninfo.make_conninfo(person.dsn, host=names, port=hosts)
        place = folder / f"desk-{number}"
        doing: Work = work(person, address, world, place, children(world, each), pace=pace)
        started.append(start(doing))
    return started


def _folders(folder: Path, desks: list[Desk]) -> list[Path]:
    return [folder / f"desk-{number}" for number in range(len(desks))]


def _away(desk: Desk) -> bool:
    modes = desk.lines("mode")
    return bool(modes) and modes[-1]["mode"] == "offline"


def _all_sent(desks: list[Desk]) -> None:
    for desk in desks:
        assert desk.until("sent", seconds=120)[0]["attention"] == 0
        desk.kill()
