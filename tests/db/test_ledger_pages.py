"""Parents' ledgers for headquarters: found without feeling one's way, read in pages, never without a trace."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest

from tests.support import factories
from tests.support.databases import Database
from tests.support.desk_world import NOON, Person, World
from tests.support.identities import refusal

FIND = "SELECT * FROM credits.find_parents(%s)"
PAGE = "SELECT credits.ledger_page(%s, %s, %s) AS p"


@pytest.fixture
def world(fresh_database: Database) -> Iterator[World]:
    with World(fresh_database) as made:
        yield made


@pytest.fixture
def hugo(world: World) -> Person:
    return world.person("platform_admin", name="Hugo", desk=world.desk("HQ"))


def rosa(world: World, **columns: Any) -> UUID:
    return factories.parent(
        world.admin,
        **({"first_name": "Rosa", "last_name": "Almeida", "email": "rosa@home.example"} | columns),
    )


def page(hugo: Person, parent: UUID, before: int | None = None, at_most: int = 100) -> dict[str, Any]:
    found: dict[str, Any] = hugo.call(PAGE, parent, before, at_most)[0]["p"]
    return found


def refused(person: Person, statement: str, *arguments: Any) -> tuple[str | None, str | None]:
    with pytest.raises(psycopg.Error) as caught:
        person.call(statement, *arguments)
    return refusal(caught.value)


def test_an_address_is_found_whole_only_and_comes_out_masked(world: World, hugo: Person) -> None:
    made = rosa(world)
    (found,) = hugo.call(FIND, " ROSA@home.example ")
    assert (found["parent_id"], found["masked_email"], found["spendable"]) == (made, "r…@home.example", 0)
    for part in ("rosa@", "rosa@home", "@home.example", "%@%", "_osa@home.example"):
        assert hugo.call(FIND, part) == []


def test_a_name_is_found_by_any_part_and_has_no_wildcards(world: World, hugo: Person) -> None:
    made = rosa(world)
    factories.staff(world.admin, "front_desk", world.venue, first_name="Rosario", last_name="Staff")
    for typed in ("rosa", "ALM", "sa alm", "rosa \t almeida"):
        assert [row["parent_id"] for row in hugo.call(FIND, typed)] == [made], typed
    assert hugo.call(FIND, "r_sa") == hugo.call(FIND, "%%%") == []


def test_a_booking_code_finds_who_booked(world: World, hugo: Person) -> None:
    made = rosa(world)
    booking = world.booking(world.child("Nia", parent_id=made))
    (found,) = hugo.call(FIND, world.code(booking).lower().replace("-", ""))
    assert (found["parent_id"], found["full_name"]) == (made, "Rosa Almeida")


def test_no_more_than_fifty_and_nobody_by_a_removed_name(world: World, hugo: Person) -> None:
    for number in range(55):
        rosa(world, email=f"rosa{number}@home.example")
    rosa(world, email="gone@home.example", last_name="Zzgone", anonymised_at=NOON)
    assert len(hugo.call(FIND, "almeida")) == 50
    assert hugo.call(FIND, "zzgone") == []


@pytest.mark.parametrize(
    ("typed", "code"),
    [("ab", "too_short"), (" a  ", "too_short"), (None, "too_short"), ("x" * 256, "too_long")],
)
def test_what_cannot_be_looked_for_is_refused(hugo: Person, typed: str | None, code: str) -> None:
    assert refused(hugo, FIND, typed) == ("NX422", code)


def test_pages_go_from_the_newest_back_and_cover_everything_once(world: World, hugo: Person) -> None:
    parent = rosa(world)
    february = factories.balance(
        world.admin, parent, billing_period_start=date(2026, 2, 1), billing_period_end=date(2026, 2, 28)
    )
    march = factories.balance(world.admin, parent)
    at = datetime(2026, 2, 1, 9, tzinfo=UTC)
    entries = [
        (february, "allocation", 10), (february, "booking_debit", -4), (march, "allocation", 12),
        (february, "refund_credit", 2), (march, "booking_debit", -5), (february, "expiry", -8),
    ]  # fmt: skip
    booking = world.booking(world.child("Nia", parent_id=parent))
    for number, (balance, kind, amount) in enumerate(entries):
        about = booking if kind in {"booking_debit", "refund_credit"} else None
        factories.ledger(
            world.admin, balance, kind, amount, booking_id=about, created_at=at + timedelta(days=number)
        )
    whole = page(hugo, parent)
    assert [(one["number"], one["kind"], one["amount"], one["balance_after"]) for one in whole["entries"]] == [
        (6, "expiry", -8, 0), (5, "booking_debit", -5, 7), (4, "refund_credit", 2, 8), (3, "allocation", 12, 12),
        (2, "booking_debit", -4, 6), (1, "allocation", 10, 10),
    ]  # fmt: skip
    assert whole["more_before"] is None
    sums = ("start", "allocated", "used", "refunded", "available")
    assert [tuple(one[name] for name in sums) for one in whole["periods"]] == [
        ("2026-03-01", 12, 5, 0, 7), ("2026-02-01", 10, 4, 2, 0),
    ]  # fmt: skip
    collected, before = [], None
    while True:
        some = page(hugo, parent, before, 4)
        collected += some["entries"]
        before = some["more_before"]
        if before is None:
            break
    assert collected == whole["entries"]


def test_a_forfeit_says_how_much_will_not_come_back_and_an_adjustment_who_made_it(
    world: World, hugo: Person
) -> None:
    parent = rosa(world)
    balance = factories.balance(world.admin, parent, 10)
    booking = world.booking(world.child("Nia", parent_id=parent))
    factories.ledger(world.admin, balance, "booking_debit", -2, booking_id=booking)
    factories.ledger(world.admin, balance, "forfeit", 0, booking_id=booking, forfeited_amount=2)
    hugo.call("SELECT * FROM credits.adjust(%s, 5, 'Goodwill', 'k-1')", parent)
    entries = {one["kind"]: one for one in page(hugo, parent)["entries"]}
    assert (entries["forfeit"]["amount"], entries["forfeit"]["forfeited"]) == (0, 2)
    assert entries["forfeit"]["booking_code"] == world.code(booking)
    assert (entries["adjustment"]["by"], entries["adjustment"]["description"]) == ("Hugo Last", "Goodwill")


def test_whoever_looks_leaves_a_trace_without_what_was_typed(world: World, hugo: Person) -> None:
    parent = rosa(world)
    hugo.call(FIND, "rosa@home.example")
    page(hugo, parent)
    trail = world.all(
        """SELECT action_type, entity_id, user_id, device_id, audit_logs::text AS whole FROM audit_logs
            WHERE entity_type = 'ledgers' ORDER BY action_type"""
    )
    assert [(row["action_type"], row["entity_id"]) for row in trail] == [("find", None), ("read", parent)]
    assert {(row["user_id"], row["device_id"]) for row in trail} == {(hugo.id, hugo.device_id)}
    assert all("rosa" not in row["whole"].lower() for row in trail)


def test_a_stranger_staff_and_a_wrong_page_are_refused(world: World, hugo: Person) -> None:
    staff = factories.staff(world.admin, "front_desk", world.venue)
    assert (
        refused(hugo, PAGE, uuid4(), None, 10)
        == refused(hugo, PAGE, staff, None, 10)
        == ("NX404", "no_parent")
    )
    for wrong in (0, 1001, None):
        assert refused(hugo, PAGE, rosa(world, email=f"r{wrong}@home.example"), None, wrong) == (
            "NX422",
            "at_most",
        )


@pytest.mark.parametrize("role", ["front_desk", "manager", "venue_finance", "platform_finance"])
def test_only_headquarters_looks_at_ledgers(world: World, role: str) -> None:
    somebody, parent = world.person(role), rosa(world)
    assert (
        refused(somebody, FIND, "rosa")
        == refused(somebody, PAGE, parent, None, 10)
        == ("NX403", "not_permitted")
    )
    assert world.all("SELECT 1 FROM audit_logs WHERE entity_type = 'ledgers'") == []
