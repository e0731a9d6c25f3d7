"""Review items as a manager works on them: the list, the facts, and a decision with the events the facts ask for."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from psycopg.types.json import Jsonb

from tests.support.desk_world import Person, Row, World


def listed(manager: Person, world: World, *, done: bool = False) -> list[Row]:
    """The venue's items as the list gives them."""
    return manager.call("SELECT * FROM attendance.review_list(%s, %s)", world.venue, done)


def facts(manager: Person, item: UUID) -> dict[str, Any]:
    """The facts of one item."""
    return dict(manager.call("SELECT attendance.review_facts(%s) AS f", item)[0]["f"])


def choices(manager: Person, item: UUID) -> dict[str, dict[str, Any]]:
    """What can be decided, by its word, in the order in which it is offered."""
    return {choice["decision"]: choice for choice in facts(manager, item)["choices"]}


def events_for(
    manager: Person, world: World, booking: UUID | None, choice: dict[str, Any] | None
) -> list[Row]:
    """The events of this desk that a choice asks for."""
    made = []
    for wanted in choice["events"] if choice else []:
        if wanted["kind"] == "annul":
            made.append(manager.event("annul", annuls=wanted["annuls"], at=world.now))
        else:
            made.append(manager.event(wanted["kind"], booking, origin="queued", at=world.now))
    return made


def decide(manager: Person, world: World, item: UUID, choice: str, reason: str | None = None) -> Row:
    """Decide as the page does: look, then send what the facts ask for."""
    seen = facts(manager, item)
    offered = {one["decision"]: one for one in seen["choices"]}
    booking = UUID(seen["booking_id"]) if seen["booking_id"] else None
    events = events_for(manager, world, booking, offered.get(choice))
    return manager.call(
        "SELECT * FROM attendance.decide(%s, %s, %s, %s)", item, choice, reason, Jsonb(events)
    )[0]


def item_of(world: World, booking: UUID | None = None, kind: str | None = None) -> UUID:
    """The only open item, of a booking or kind where one is named."""
    row = world.one(
        """SELECT id FROM review_items WHERE resolved_at IS NULL AND (%s::uuid IS NULL OR booking_id = %s)
              AND (%s::text IS NULL OR coalesce(topic, kind::text) = %s)""",
        booking,
        booking,
        kind,
        kind,
    )
    found: UUID = row["id"]
    return found
