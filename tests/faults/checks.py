"""What must hold after every fault, and how a desk process is put to work."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

from console.domain.sync import OutboxCount
from console.storage.outbox import OutboxFile
from tests.support.databases import Connection
from tests.support.desk_process import Work
from tests.support.desk_world import Person, World
from tests.support.sealed_samples import KEY


@dataclass(frozen=True)
class Counts:
    """What was found: to be printed by the tests that take long."""

    told: int
    recorded: int
    lost: int
    doubled: int


def children(world: World, count: int) -> list[str]:
    """Booked children of a session with room for all of them."""
    session = world.other_session("Open house", total_capacity=count + 1)
    return [str(world.booking(session=session)) for _ in range(count)]


def work(person: Person, address: str, world: World, data: Path, bookings: list[str], **facts: Any) -> Work:
    """Check these children in, one after the other."""
    return Work(address, person.token, str(world.venue), str(data), bookings, **facts)


def recorded(admin: Connection) -> Counter[UUID]:
    """How often each event is in the server's table."""
    return Counter(row[0] for row in admin.execute("SELECT id FROM attendance_events").fetchall())


def counted(admin: Connection, told: list[UUID]) -> Counts:
    """What became of the events of which somebody was told that they are recorded or kept."""
    found = recorded(admin)
    twice = admin.execute(
        """SELECT booking_id FROM attendance_events WHERE outcome IN ('applied', 'applied_with_review')
            GROUP BY booking_id HAVING count(*) > 1"""
    ).fetchall()
    doubled = len(twice) + sum(1 for times in found.values() if times > 1)
    return Counts(len(told), len(found), sum(1 for event in told if event not in found), doubled)


def holds(admin: Connection, told: list[UUID], *desks: Path) -> Counts:
    """Nothing is lost, nothing doubled, and nothing is left over in the desks' outboxes."""
    counts = counted(admin, told)
    assert (counts.lost, counts.doubled) == (0, 0), counts
    for data in desks:
        outbox = OutboxFile(data / "outbox.db", KEY)
        try:
            assert outbox.recovered is None
            assert outbox.count() == OutboxCount(0, 0)
        finally:
            outbox.close()
    return counts
