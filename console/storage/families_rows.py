"""From the rows of the functions for families and places to console.domain.families, and back for what is sent."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from console.domain.families import (
    Booked,
    ChildFacts,
    Family,
    FamilyChild,
    NewChild,
    NewFamily,
    NewHealthNote,
    NewPickupPerson,
    NoPlace,
    SessionChoice,
)
from console.storage.desk_rows import event_answer, health_note, pickup_person

Facts = Mapping[str, Any]


def family(row: Facts) -> Family:
    """A row of desk.find_families."""
    children = tuple(
        FamilyChild(
            id=UUID(child["id"]),
            first_name=child["first_name"],
            age_months=child["age_months"],
            health=tuple(health_note(note) for note in child["health"]),
            booked_today=tuple(child["booked_today"]),
        )
        for child in row["children"]
    )
    return Family(**{**row, "children": children})


def session_choice(row: Facts) -> SessionChoice:
    """A row of desk.open_sessions."""
    return SessionChoice(
        **{
            **row,
            "blocked": NoPlace(row["blocked"]) if row["blocked"] else None,
            "warnings": _words(row["warnings"]),
        }
    )


def booked(row: Facts) -> Booked:
    """A row of bookings.take_place or bookings.move; the check-in's answer comes as JSON."""
    answer = row["answer"]
    if answer is not None:
        at = answer["state_at"]
        answer = event_answer(
            {
                **answer,
                "event_id": UUID(answer["event_id"]),
                "booking_id": UUID(answer["booking_id"]) if answer["booking_id"] else None,
                "state_at": datetime.fromisoformat(at) if at else None,
            }
        )
    return Booked(**{**row, "warnings": _words(row["warnings"]), "answer": answer})


def child_facts(row: Facts) -> ChildFacts:
    """A row of desk.child_facts and of the functions that correct."""
    return ChildFacts(
        **{
            **row,
            "health": tuple(health_note(note) for note in row["health"]),
            "pickup": tuple(pickup_person(person) for person in row["pickup"]),
        }
    )


def family_facts(family: NewFamily) -> dict[str, object]:
    """A registration as desk.register_family takes it."""
    return {
        "guardian_first_name": family.guardian_first_name,
        "guardian_last_name": family.guardian_last_name,
        "phone": family.phone,
        "email": family.email,
        **consent_facts(family.child, family.signed_by, family.consent_version, family.consent_text),
    }


def consent_facts(child: NewChild, signed_by: str, version: str, words: str) -> dict[str, object]:
    """A child with its consent as desk.add_child takes it."""
    return {
        "child": {
            "first_name": child.first_name,
            "date_of_birth": child.date_of_birth.isoformat(),
            "health": [note_facts(note) for note in child.health],
            "pickup": [person_facts(person) for person in child.pickup],
        },
        "signed_by": signed_by,
        "consent_version": version,
        "consent_text": words,
    }


def note_facts(note: NewHealthNote) -> dict[str, object]:
    """A health note as it is sent."""
    return {
        "kind": note.kind.value,
        "severity": note.severity,
        "label": note.label,
        "title": note.title,
        "instructions": note.instructions,
    }


def person_facts(person: NewPickupPerson) -> dict[str, object]:
    """A pickup person as it is sent."""
    return {
        "name": person.name,
        "relationship": person.relationship,
        "phone": person.phone,
        "may_collect": person.may_collect,
        "note": person.note,
    }


def _words(words: list[str]) -> tuple[NoPlace, ...]:
    return tuple(NoPlace(word) for word in words)
