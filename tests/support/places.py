"""Places as a real desk takes and moves them, for the tests of bookings: calls, refusals, calls in one moment."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from psycopg.types.json import Jsonb

from tests.support import factories
from tests.support.desk_world import SOON, Person, Row, World
from tests.support.identities import refusal

TAKE = "SELECT * FROM bookings.take_place(%s, %s, for_child => %s)"
MOVE = "SELECT * FROM bookings.move(%s, %s)"
SETTLE = "SELECT * FROM bookings.settle_owed(%s)"
WAIT = "SELECT * FROM bookings.join_waitlist(%s, %s)"
OPEN = "SELECT * FROM desk.open_sessions(%s, %s, %s)"


def family(world: World, name: str = "Nia", credits: int = 10, **columns: object) -> UUID:
    """A child whose parent has credits."""
    child = world.child(name, **columns)
    factories.balance(world.admin, parent_of(world, child), credits)
    return child


def parent_of(world: World, child: UUID) -> UUID:
    found: UUID = world.one("SELECT parent_id FROM children WHERE id = %s", child)["parent_id"]
    return found


def take(who: Person, session: UUID, child: UUID, booking: UUID | None = None, **more: Any) -> Row:
    values = [Jsonb(v) if name == "event" else v for name, v in more.items()]
    extra = "".join(f", {name} => %s" for name in more)
    return who.call(
        f"SELECT * FROM bookings.take_place(%s, %s, for_child => %s{extra})",
        booking or uuid4(),
        session,
        child,
        *values,
    )[0]


def move(who: Person, booking: UUID, session: UUID, **more: Any) -> Row:
    values = [Jsonb(v) if name == "event" else v for name, v in more.items()]
    extra = "".join(f", {name} => %s" for name in more)
    return who.call(f"SELECT * FROM bookings.move(%s, %s{extra})", booking, session, *values)[0]


def denied(who: Person, statement: str, *arguments: object) -> tuple[str | None, str | None]:
    with pytest.raises(psycopg.Error) as caught:
        who.call(statement, *arguments)
    return refusal(caught.value)


def sentence(who: Person, statement: str, *arguments: object) -> tuple[str | None, str | None]:
    """What somebody who is refused reads: the sentence and the hint."""
    with pytest.raises(psycopg.Error) as caught:
        who.call(statement, *arguments)
    return caught.value.diag.message_primary, caught.value.diag.message_hint


def priced(world: World, price: int, name: str = "Ballet", **columns: Any) -> UUID:
    """Another session of the day with its own price."""
    activity = factories.activity(world.admin, world.venue, name=name, credits_required=price)
    return factories.session(world.admin, activity, **({"starts_at": SOON} | columns))


def fill(world: World, session: UUID) -> UUID:
    """Give the session's only place to somebody."""
    world.admin.execute("UPDATE activity_sessions SET total_capacity = 1 WHERE id = %s", [session])
    world.booking("Max", session)
    return session


def ledger_is_whole(world: World) -> None:
    """Every balance is the sum of its entries."""
    assert (
        world.all(
            """SELECT b.id FROM user_credit_balances b LEFT JOIN credit_ledger l ON l.balance_id = b.id
               GROUP BY b.id HAVING b.credits_available <> coalesce(sum(l.amount), 0)"""
        )
        == []
    )


def at_once(*calls: tuple[Person, str, Sequence[object]]) -> list[str]:
    """What became of calls over their own connections in the same moment."""
    outcomes: list[str] = []
    start = threading.Barrier(len(calls))

    def work(who: Person, statement: str, arguments: Sequence[object]) -> None:
        start.wait()
        try:
            who.call(statement, *arguments)
            outcomes.append("done")
        except psycopg.Error as error:
            outcomes.append(str(refusal(error)[1]))

    threads = [threading.Thread(target=work, args=call) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return sorted(outcomes)


def desks(world: World, count: int) -> list[Person]:
    return [world.person(desk=world.desk(f"Desk {number}")) for number in range(count)]
