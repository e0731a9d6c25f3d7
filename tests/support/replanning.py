"""Changing a venue's programme as a manager's desk does: look first, then confirm what was seen."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from psycopg.types.json import Jsonb

from tests.support import factories
from tests.support.desk_world import NOON, Person, Row, World
from tests.support.places import family

PLAN = "SELECT schedules.plan(%s, %s) AS plan"
APPLY = "SELECT schedules.apply(%s, %s, %s, %s) AS answer"
LATER = NOON + timedelta(days=3)


def change(kind: str, **facts: Any) -> Row:
    """A change in the shape in which the console sends it."""

    def plain(value: Any) -> Any:
        if isinstance(value, list | tuple):
            return [plain(one) for one in value]
        return value if value is None or isinstance(value, bool | int | dict) else str(value)

    return {"kind": kind} | {name: plain(value) for name, value in facts.items()}


def look(who: Person, venue: UUID, asked: Row) -> Row:
    """What a change would do."""
    plan: Row = who.call(PLAN, venue, Jsonb(asked))[0]["plan"]
    return plan


def confirm(who: Person, venue: UUID, asked: Row, plan: Row | None = None, new_id: UUID | None = None) -> Row:
    """Do what was seen, or what is seen now."""
    seen = plan or look(who, venue, asked)
    answer: Row = who.call(APPLY, venue, Jsonb(asked), seen["fingerprint"], new_id or uuid4())[0]["answer"]
    return answer


def version(world: World, session: UUID) -> int:
    return int(world.one("SELECT version FROM activity_sessions WHERE id = %s", session)["version"])


def cancelling(world: World, session: UUID, reason: str = "The boiler broke.", **facts: Any) -> Row:
    return change(
        "session_cancel", session_id=session, version=version(world, session), reason=reason, **facts
    )


def paid(world: World, session: UUID, name: str = "Nia", child: UUID | None = None, price: int = 2) -> UUID:
    """A booking whose price was taken from the family's ten credits."""
    child = child or family(world, name)
    booking = world.booking(child, session, credits_charged=price)
    balance = world.one(
        """SELECT b.id FROM user_credit_balances b JOIN children c ON c.parent_id = b.user_id WHERE c.id = %s""",
        child,
    )["id"]
    factories.ledger(world.admin, balance, "booking_debit", -price, booking_id=booking)
    return booking


def waiting(world: World, session: UUID, name: str, child: UUID | None = None) -> UUID:
    """A child at the end of a session's queue; the answer is the entry."""
    child = child or family(world, name)
    return factories.insert(
        world.admin,
        "waitlist",
        {
            "session_id": session,
            "venue_id": factories.venue_of(world.admin, "activity_sessions", session),
            "child_id": child,
            "user_id": world.one("SELECT parent_id FROM children WHERE id = %s", child)["parent_id"],
            "position": 1,
        },
    )


def told(world: World, template: str, session: UUID | None = None) -> list[str]:
    """The messages of a kind that families find in their app, about one session where it is named."""
    return [
        str(row["body"])
        for row in world.all(
            """SELECT body FROM notifications WHERE template_key = %s AND channel = 'in_app'
                  AND (%s::uuid IS NULL OR data_payload ->> 'session_id' = %s::text) ORDER BY created_at, body""",
            template,
            session,
            session,
        )
    ]
