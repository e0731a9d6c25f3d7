"""Notes as JSON text in the desk's sealed files, and back."""

from __future__ import annotations

import json
from dataclasses import asdict, fields
from datetime import date, datetime
from typing import Any
from uuid import UUID

from console.domain.desk import HealthKind
from console.domain.families import NewChild, NewFamily, NewHealthNote, NewPickupPerson, Payment
from console.domain.sealed_notes import FamilyNote, Refusal, WalkInNote

_NOT_IDS = frozenset({"happened_at", "payment"})


def walk_in_text(note: WalkInNote) -> str:
    """A walk-in for the file: ids and times, absent ones left out."""
    return json.dumps({name: _plain(value) for name, value in asdict(note).items() if value is not None})


def walk_in(text: str) -> WalkInNote:
    """A walk-in from the file."""
    facts: dict[str, Any] = json.loads(text)
    ids = {
        one.name: UUID(facts[one.name]) for one in fields(WalkInNote) if one.name in facts.keys() - _NOT_IDS
    }
    happened_at = datetime.fromisoformat(facts["happened_at"])
    return WalkInNote(**ids, happened_at=happened_at, payment=Payment(facts["payment"]))


def family_text(note: FamilyNote) -> str:
    """A family note for the file."""
    return json.dumps(asdict(note), default=_plain)


def family(text: str) -> FamilyNote:
    """A family note from the file."""
    facts: dict[str, Any] = json.loads(text)
    given, child = facts["family"], facts["family"]["child"]
    made = NewChild(
        child["first_name"],
        date.fromisoformat(child["date_of_birth"]),
        tuple(NewHealthNote(**{**one, "kind": HealthKind(one["kind"])}) for one in child["health"]),
        tuple(NewPickupPerson(**one) for one in child["pickup"]),
    )
    return FamilyNote(
        NewFamily(**{**given, "request_id": UUID(given["request_id"]), "child": made}),
        UUID(facts["venue_id"]),
        datetime.fromisoformat(facts["taken_at"]),
        UUID(facts["person_id"]),
    )


def refusal_text(refusal: Refusal) -> str:
    """A refusal for the file."""
    return json.dumps(asdict(refusal))


def refusal(text: str | None) -> Refusal | None:
    """A refusal from the file."""
    return None if text is None else Refusal(**json.loads(text))


def _plain(value: object) -> str:
    if isinstance(value, date):  # an instant is one too
        return value.isoformat()
    return str(value)
