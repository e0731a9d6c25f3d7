"""From the text that the cache keeps to the values of console.domain, and back for what was not text at the server."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from datetime import date, datetime
from typing import Any
from uuid import UUID

from console.domain.desk import RosterEntry, SessionSummary
from console.domain.person import DeviceRef, Grant, Person, VenueRef
from console.permissions import Permission, StaffRole
from console.storage.desk_rows import roster_entry

_COUNTS = ("booked", "in_count", "expected", "out_count", "absent", "unmarked", "waiting")


def session_text(summary: SessionSummary) -> str:
    """A session as it is kept: without the counts, which are those of the children kept with it."""
    facts = {name: value for name, value in asdict(summary).items() if name not in _COUNTS}
    return json.dumps(facts, default=_plain)


def session_of(text: str, counts: Mapping[str, int]) -> SessionSummary:
    """The session that was kept, with how many of its children are in which state."""
    facts = json.loads(text)
    return SessionSummary(
        **{
            **facts,
            "id": UUID(facts["id"]),
            "venue_id": UUID(facts["venue_id"]),
            "starts_at": datetime.fromisoformat(facts["starts_at"]),
            "ends_at": datetime.fromisoformat(facts["ends_at"]),
            "closed_at": _instant(facts["closed_at"]),
        },
        booked=sum(counts.values()),
        in_count=counts.get("in", 0),
        expected=counts.get("expected", 0),
        out_count=counts.get("out", 0),
        absent=counts.get("absent", 0),
        unmarked=counts.get("unmarked", 0),
    )


def entry_text(entry: RosterEntry) -> str:
    """A child as the server would have made it."""
    facts = asdict(entry)
    # What only this desk knows lies in its outbox, not here.
    facts.pop("waiting", None)
    return json.dumps(facts, default=_plain)


def entry_of(text: str) -> RosterEntry:
    """The child that was kept."""
    facts: dict[str, Any] = json.loads(text)
    facts.pop("place", None)  # only what the server ordered by
    group, first_on = facts["group_booking_id"], facts["first_visit_on"]
    return roster_entry(
        {
            **facts,
            "booking_id": UUID(facts["booking_id"]),
            "session_id": UUID(facts["session_id"]),
            "group_booking_id": UUID(group) if group else None,
            "state_at": _instant(facts["state_at"]),
            "first_visit_on": date.fromisoformat(first_on) if first_on else None,
        }
    )


def state_of(text: str) -> str:
    """The state of a child that was kept, for counting."""
    return str(json.loads(text)["state"])


def roster_order(entry: RosterEntry) -> tuple[str, int]:
    """By name, the younger first, as `desk.roster`."""
    return entry.first_name.lower(), entry.age_months


def person_text(person: Person) -> str:
    """Who the cache belongs to and what they may do."""
    return json.dumps(asdict(person), default=_plain)


def person_of(text: str) -> Person:
    """The person that was kept."""
    facts: dict[str, Any] = json.loads(text)
    return Person(
        **{
            **facts,
            "id": UUID(facts["id"]),
            "grants": tuple(
                Grant(
                    StaffRole(grant["role"]),
                    _id(grant["venue_id"]),
                    frozenset(Permission(name) for name in grant["permissions"]),
                )
                for grant in facts["grants"]
            ),
            "venues": tuple(VenueRef(**{**venue, "id": UUID(venue["id"])}) for venue in facts["venues"]),
            "device": DeviceRef(
                UUID(facts["device"]["id"]), facts["device"]["name"], _id(facts["device"]["venue_id"])
            ),
            "session_id": UUID(facts["session_id"]),
            "expires_at": datetime.fromisoformat(facts["expires_at"]),
            "server_time": datetime.fromisoformat(facts["server_time"]),
        }
    )


def _plain(value: object) -> object:
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, date):  # a datetime is one
        return value.isoformat()
    if isinstance(value, frozenset):
        return sorted(value)
    raise TypeError(f"cannot be kept: {value!r}")


def _id(text: str | None) -> UUID | None:
    return None if text is None else UUID(text)


def _instant(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
