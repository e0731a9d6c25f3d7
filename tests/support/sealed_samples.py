"""Events, rosters and people for tests of what a desk keeps on its own disk, and ways to damage a file."""

from __future__ import annotations

import secrets
import signal
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from console.domain.attendance import (
    AttendanceEvent,
    AttendanceState,
    EventAnswer,
    EventKind,
    OutcomeKind,
    RefusalReason,
)
from console.domain.desk import (
    BookingStatus,
    HealthKind,
    HealthNote,
    PickupPerson,
    RosterEntry,
    SessionSummary,
    Sibling,
    Undo,
)
from console.domain.person import DeviceRef, Grant, Person, VenueRef
from console.domain.sync import CachedSession, Snapshot
from console.permissions import Permission, StaffRole

AT = datetime(2026, 11, 21, 14, 0, tzinfo=UTC)
KEY = bytes(range(32))
OTHER_KEY = bytes(range(1, 33))
VENUE = UUID(int=77)
CHILD = "Theodora-Zoë"


def event(kind: EventKind = EventKind.CHECK_IN, *, at: datetime = AT, **facts: Any) -> AttendanceEvent:
    """An event of a booking of its own."""
    return AttendanceEvent(uuid4(), 0, kind, at, **({"booking_id": uuid4()} | facts))


def entry(session: UUID, name: str = CHILD, **facts: Any) -> RosterEntry:
    """A child with one of everything."""
    return RosterEntry(
        **{
            "booking_id": uuid4(),
            "session_id": session,
            "first_name": name,
            "age_months": 88,
            "parent_first_name": "Dana",
            "parent_phone": "+1 555 0100",
            "booking_status": BookingStatus.CONFIRMED,
            "state": AttendanceState.EXPECTED,
            "confirmation_code": secrets.token_hex(4).upper(),
            "version": 3,
            "visits": 2,
            "first_visit_on": AT.date(),
            "health": (HealthNote(HealthKind.ALLERGY, 1, "Peanut", "Peanut allergy", "EpiPen in the bag"),),
            "pickup": (PickupPerson(uuid4(), "Rosalind", "Grandmother", None, True, valid_until=AT.date()),),
            "siblings": (Sibling(uuid4(), session, "Nia", 50, "Ballet", AT, AttendanceState.IN, True),),
            "undo": Undo(uuid4(), AT + timedelta(minutes=15), True),
            **facts,
        }
    )


def session(*entries: str, at: datetime = AT, **facts: Any) -> CachedSession:
    """A session with children of these names."""
    number = uuid4()
    children = tuple(entry(number, name) for name in entries)
    summary = SessionSummary(
        **{
            "id": number,
            "venue_id": VENUE,
            "activity_name": "Junior Judo",
            "room_name": None,
            "instructor": "Sam",
            "starts_at": at,
            "ends_at": at + timedelta(hours=1),
            "min_age_months": 72,
            "max_age_months": None,
            "capacity": 20,
            "booked": len(children),
            "expected": len(children),
            **facts,
        }
    )
    return CachedSession(summary, children)


def snapshot(*sessions: CachedSession, **facts: Any) -> Snapshot:
    """A whole snapshot unless the facts say otherwise."""
    return Snapshot(
        **{"venue_id": VENUE, "taken_at": AT, "xmin": "100@2026-11-21", "sessions": sessions, **facts}
    )


def person(number: UUID | None = None, email: str = "jonas@riverside.example") -> Person:
    """Somebody of the front desk of VENUE."""
    return Person(
        id=number or uuid4(),
        first_name="Jonas",
        last_name="Weber",
        email=email,
        language="en",
        has_authenticator=False,
        grants=(Grant(StaffRole.FRONT_DESK, VENUE, frozenset({Permission.ROSTER_READ})),),
        venues=(VenueRef(VENUE, "Riverside Studio", "riverside", "America/Los_Angeles", "active"),),
        device=DeviceRef(uuid4(), "Desk 1", None),
        session_id=uuid4(),
        expires_at=AT + timedelta(hours=12),
        demo=False,
        server_time=AT,
    )


def flip(path: Path, page: int, offset: int = 200) -> None:
    """Change one bit of a page (from 0)."""
    content = bytearray(path.read_bytes())
    content[page * 4096 + offset] ^= 1
    path.write_bytes(content)


def killed(script: str, *arguments: str, when: Callable[[list[str]], bool]) -> list[str]:
    """Run a Python script, kill it with -9 as soon as `when` holds of the lines it has written; all whole lines."""
    root = Path(__file__).resolve().parents[2]
    process = subprocess.Popen(
        [sys.executable, "-c", script, *arguments], cwd=root, stdout=subprocess.PIPE, text=True, bufsize=1
    )
    lines: list[str] = []
    assert process.stdout is not None
    try:
        for line in process.stdout:
            lines.append(line.strip())
            if when(lines):
                break
        process.send_signal(signal.SIGKILL)
        # What it wrote between being asked and being gone counts as well, unless it was cut off.
        rest = process.stdout.read()
        lines += [line for line in rest.split("\n")[:-1] if line]
    finally:
        process.kill()
        process.wait()
        process.stdout.close()
    return lines


def applied_or_not(one: AttendanceEvent) -> EventAnswer:
    """An answer of the server: applied, or every second time refused."""
    outcome = OutcomeKind.APPLIED if one.seq % 2 else OutcomeKind.REJECTED
    return EventAnswer(one.id, outcome, None if one.seq % 2 else RefusalReason.CANCELLED)
