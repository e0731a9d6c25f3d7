"""From rows and JSON of the `vetting.*` functions to the frozen values of console/domain/vetting.py.

Kept apart from the statements because applications, cases and imports read the same shapes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from console.domain.vetting import (
    Application,
    ApplicationFacts,
    CaseKind,
    CaseRow,
    CaseState,
    Requirement,
    Standing,
    VenueEvent,
    VenueFacts,
)

Facts = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A venue that shares a key or the beginning of its name, before anybody has said how likely it is."""

    venue_id: UUID
    venue: str
    city: str
    status: str
    address: str
    same_name: bool
    same_address: bool
    same_phone: bool
    same_tax: bool


def instant(value: datetime | str | None) -> datetime | None:
    """An instant of a row, or the same as JSON says it."""
    return datetime.fromisoformat(value) if isinstance(value, str) else value


def _sure(value: datetime | str) -> datetime:
    return datetime.fromisoformat(value) if isinstance(value, str) else value


def _id(value: UUID | str) -> UUID:
    return value if isinstance(value, UUID) else UUID(value)


def case_row(row: Facts) -> CaseRow:
    """One item of the queue, from a row or from its JSON."""
    return CaseRow(
        id=_id(row["id"]),
        version=row["version"],
        venue_id=_id(row["venue_id"]),
        venue=row["venue"],
        city=row["city"],
        kind=CaseKind(row["kind"]),
        state=CaseState(row["state"]),
        opened_at=_sure(row["opened_at"]),
        due_at=_sure(row["due_at"]),
        standings={
            kind: Standing(row["standings"].get(kind.value, Standing.MISSING.value)) for kind in Requirement
        },
        claimed_by=row["claimed_by"],
        claimed_by_me=row["claimed_by_me"],
        claimed_until=instant(row["claimed_until"]),
        outcome=row["outcome"],
        decided_at=instant(row["decided_at"]),
        decided_by=row["decided_by"],
    )


def venue_facts(found: Facts) -> VenueFacts:
    """What a reviewer reads about a venue."""
    names = [
        name for name in VenueFacts.__slots__ if name not in ("id", "fee_percent", "suspended_at", "missing")
    ]
    return VenueFacts(
        **{name: found[name] for name in names},
        id=UUID(found["id"]),
        fee_percent=Decimal(found["fee_percent"]),
        suspended_at=instant(found["suspended_at"]),
        missing=tuple(found["missing"]),
    )


def event(found: Facts) -> VenueEvent:
    """One line of a venue's history."""
    return VenueEvent(
        **{
            **found,
            "id": UUID(found["id"]),
            "at": _sure(found["at"]),
            "requirement": found["requirement"] and Requirement(found["requirement"]),
        }
    )


def candidates(found: Sequence[Facts]) -> list[Candidate]:
    """Venues to be ranked."""
    return [Candidate(**{**one, "venue_id": UUID(one["venue_id"])}) for one in found]


def application_facts(found: Facts) -> ApplicationFacts:
    """What an applicant said; what the database leaves out is empty."""
    made: dict[str, Any] = {name: value for name, value in found.items() if value is not None}
    for name in ("latitude", "longitude"):
        if name in made:
            made[name] = Decimal(str(made[name])).normalize()
    for name in ("ages_from", "ages_to"):
        if name in made:
            made[name] = int(made[name])
    return ApplicationFacts(**made)


def facts_json(facts: ApplicationFacts) -> dict[str, str]:
    """The facts as the database takes them: text throughout, nothing for what is empty, no NUL."""
    said = {name: getattr(facts, name) for name in ApplicationFacts.__slots__}
    return {
        name: (format(value, "f") if isinstance(value, Decimal) else str(value)).replace("\x00", "")
        for name, value in said.items()
        if value is not None and value != ""
    }


def application(found: Facts) -> Application:
    """One application."""
    return Application(
        id=UUID(found["id"]),
        version=found["version"],
        state=found["state"],
        facts=application_facts(found["facts"]),
        missing=tuple(found["missing"]),
        venue_id=found["venue_id"] and UUID(found["venue_id"]),
        submitted_at=instant(found["submitted_at"]),
        updated_at=_sure(found["updated_at"]),
        case=None if found["case"] is None else case_row(found["case"]),
        feedback=found["feedback"],
    )
