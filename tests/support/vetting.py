"""Venues that wait for approval, with papers that are enough or not, arranged by the administrator."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from psycopg.types.json import Jsonb

from console.storage.embedded import EmbeddedServer
from tests.support import databases, factories
from tests.support.compliance import settle
from tests.support.databases import Connection
from tests.support.desk_world import NOON, Person, Row, World

TODAY = date(2026, 3, 2)
KINDS = ("new_venue", "yearly_check", "reinstatement", "renewal")
FACTS: Row = {
    "name": "Bright Hands Art Studio",
    "legal_name": "Bright Hands LLC",
    "tax_number": "93-1234567",
    "category": "arts_crafts",
    "description": "Clay, paint and paper.",
    "address_line1": "12 North Main Street",
    "city": "Portland",
    "state_code": "OR",
    "postal_code": "97209",
    "country": "USA",
    "latitude": "45.5231",
    "longitude": "-122.6765",
    "timezone": "America/Los_Angeles",
    "contact_name": "Ana",
    "contact_email": "ana@bright.example",
    "contact_phone": "+1 503 555 0147",
    "website_url": "https://bright.example",
    "ages_from": "4",
    "ages_to": "12",
}

CLAIM = "SELECT * FROM vetting.claim(%s, %s)"
RELEASE = "SELECT * FROM vetting.release(%s, %s)"
NEXT = "SELECT * FROM vetting.next_case(%s)"
DECIDE = "SELECT * FROM vetting.decide(%s, %s, %s)"
ROW = "SELECT * FROM vetting.case_row(%s)"


@contextmanager
def world_of_its_own(server: EmbeddedServer, name: str) -> Iterator[World]:
    """A world in a database that nobody else has: its people, venues and cases are in nobody's way."""
    made = databases.clone(server, name)
    try:
        with World(made) as world:
            yield world
    finally:
        databases.drop(made)


def at_a_new_venue(world: World) -> World:
    """The same world at noon, at a venue of which nothing is known yet."""
    world.at(NOON)
    world.venue = factories.venue(world.admin, name="Riverside Studio")
    settle(world, world.venue)
    return world


def papers(admin: Connection, venue: UUID, insured_until: date = date(2027, 1, 1)) -> None:
    """Accepted papers for every requirement of a venue."""
    judge = factories.user(admin, role="venue_admin", first_name="Judge")
    for requirement, facts, ends in (
        (
            "insurance",
            {"provider": "Hartwell", "policy_number": "H-1", "coverage_amount": 2_000_000},
            insured_until,
        ),
        ("safety_audit", {"score": 90, "auditor": "Safe"}, date(2027, 1, 1)),
        ("reverification", {}, date(2027, 1, 1)),
        ("payout_account", {"last_four": "4821", "holder": "Bright Hands LLC"}, None),
    ):
        factories.insert(
            admin,
            "requirement_filings",
            {
                "venue_id": venue,
                "requirement": requirement,
                "state": "accepted",
                "facts": facts,
                "valid_from": date(2026, 1, 1),
                "expires_on": ends,
                "decided_by": judge,
                "decided_at": NOON - timedelta(days=9),
            },
        )
    factories.insert(
        admin,
        "background_checks",
        {
            "venue_id": venue,
            "first_name": "Ana",
            "works_as": "Teacher",
            "ordered_on": date(2026, 1, 1),
            "result": "clear",
            "decided_on": date(2026, 1, 9),
            "expires_on": date(2027, 1, 9),
        },
    )
    admin.execute("SELECT vetting.settle_requirements(%s)", [venue])


def case(world: World, kind: str = "new_venue", *, met: bool = True, **columns: Any) -> UUID:
    """A case of a venue of its own, whose standing is what such a case is about."""
    status = {"new_venue": "pending_approval", "reinstatement": "suspended"}.get(kind, "active")
    venue = factories.venue(world.admin, status=status)
    if met:
        papers(world.admin, venue)
    else:
        world.admin.execute("SELECT vetting.settle_requirements(%s)", [venue])
    return factories.insert(
        world.admin,
        "venue_cases",
        {"venue_id": venue, "kind": kind, "opened_at": NOON, "due_at": NOON + timedelta(days=5)} | columns,
    )


def row(world: World, of_case: UUID) -> Row:
    """The case as it is kept."""
    return world.one("SELECT * FROM venue_cases WHERE id = %s", of_case)


def venue_of(world: World, of_case: UUID) -> Row:
    """Its venue as it is kept."""
    return world.one("SELECT * FROM venues WHERE id = %s", row(world, of_case)["venue_id"])


def verdict(
    decision: str,
    feedback: str = "Because.",
    seen: Row | None = None,
    waivers: Mapping[str, date] | None = None,
) -> Jsonb:
    """A decision; `waivers` by requirement."""
    said: Row = {
        "decision": decision,
        "feedback": feedback,
        "waivers": [
            {"requirement": name, "until": until.isoformat()} for name, until in (waivers or {}).items()
        ],
    }
    return Jsonb(said | ({"seen": seen} if seen is not None else {}))


def waive_all(until: date = date(2026, 6, 1)) -> Jsonb:
    """Approve with an exception for everything."""
    kinds = ("insurance", "background_checks", "safety_audit", "reverification", "payout_account")
    return verdict("except", "The audit is booked.", waivers=dict.fromkeys(kinds, until))


_desks = itertools.count(1)


def someone(world: World, role: str = "platform_admin", name: str = "Jonas", *venues: UUID) -> Person:
    """Somebody at a desk of their own."""
    return world.person(role, name=name, desk=world.desk(f"Office {next(_desks)}"), venues=venues)


def claimed(person: Person, world: World, of_case: UUID) -> Row:
    """The case after this person took it."""
    return person.call(CLAIM, of_case, row(world, of_case)["version"])[0]
