"""The daily check finds each kind of fault that is planted, once, and nothing where nothing is wrong.

Faults are planted past the triggers that keep them out, as a damaged disk or a mistaken administrator would. See
docs/design.md, "Borrowed from neighbouring systems" (a daily integrity check).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from uuid import UUID, uuid4

import psycopg
import pytest

from tests.support import factories, invoicing
from tests.support.databases import Database
from tests.support.desk_world import Person, Row, World
from tests.support.paying_out import FEBRUARY, MARCH, Books
from tests.support.places import denied


@pytest.fixture(scope="module")
def made(house: Database) -> Iterator[Books]:
    """A February that was paid, an issued invoice, a ledger, and a day of attendance."""
    with World(house) as world:
        books = Books(world)
        venue = books.venue()
        for day, state in ((3, "came"), (4, "no_show"), (5, "cancelled_late"), (6, "cancelled")):
            books.booking(venue, date(2026, 2, day), 7, state)
        books.pay(FEBRUARY, venue)
        invoicing.issued(world, books.maker, invoicing.line())
        parent = factories.parent(world.admin, first_name="Wanda")
        factories.balance(world.admin, parent, 20)
        yield books


@pytest.fixture
def books(made: Books) -> Iterator[Books]:
    """The same, as it was before each test."""
    with made.world.admin.transaction(force_rollback=True):
        yield made


def findings(books: Books) -> list[Row]:
    return books.world.all("SELECT * FROM books.findings() ORDER BY check_key, subject_key")


def plant(books: Books, statement: str, *arguments: object) -> None:
    """Do what no trigger would let through; something has to change."""
    books.world.admin.execute("SET LOCAL session_replication_role = replica")
    assert books.world.admin.execute(statement.encode(), list(arguments)).rowcount > 0
    books.world.admin.execute("SET LOCAL session_replication_role = origin")


FAULTS = {
    "ledger_balance": "UPDATE user_credit_balances SET credits_available = credits_available + 1",
    "ledger_running": "UPDATE credit_ledger SET balance_after = balance_after + 1",
    "booked_count": "UPDATE activity_sessions SET booked_count = booked_count + 1",
    "payout_lines": "UPDATE payout_sheets SET credits[1] = credits[1] + 1 WHERE first_position = 1",
    "payout_carried": "UPDATE venue_payouts SET carried_in = -1, net_payout = net_payout - 1 WHERE run_id IS NOT NULL",
    "invoice_lines": "UPDATE invoices SET subtotal = subtotal + 1, total_amount = total_amount + 1",
    "numbers_gapless": "UPDATE invoice_series SET next_number = next_number + 1",
}


def test_nothing_is_found_where_nothing_is_wrong(books: Books) -> None:
    assert findings(books) == []


@pytest.mark.parametrize("check", FAULTS)
def test_a_planted_fault_is_found_by_its_own_check(books: Books, check: str) -> None:
    plant(books, FAULTS[check])
    found = findings(books)
    assert {row["check_key"] for row in found} == {check}
    assert all(row["detail"] and "None" not in row["detail"] for row in found)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE payout_sheets SET credits_before = credits_before + 1 WHERE first_position = 2",
        "UPDATE payout_sheets SET first_position = first_position + 1 WHERE first_position = 3",
        "DELETE FROM payout_sheets WHERE first_position = 1",
        """INSERT INTO payout_entries (payout_id, venue_id, kind, gross, fee_share)
           SELECT id, venue_id, 'adjustment', 1, 0 FROM venue_payouts WHERE run_id IS NOT NULL""",
    ],
)
def test_lines_that_do_not_follow_one_another_are_found(books: Books, statement: str) -> None:
    plant(books, statement)
    (found,) = findings(books)
    assert found["check_key"] == "payout_lines"
    assert found["detail"].endswith(", and do not follow one another.")


def test_a_refund_that_the_ledger_never_gave_is_found(books: Books) -> None:
    world = books.world
    balance = world.one("SELECT id, user_id FROM user_credit_balances LIMIT 1")
    booking = world.one("SELECT id FROM bookings WHERE status = 'cancelled_parent' AND credits_refunded = 7")[
        "id"
    ]
    for kind, amount in (("booking_debit", -7), ("refund_credit", 7)):
        factories.ledger(world.admin, balance["id"], kind, amount, booking_id=booking)
    assert findings(books) == []
    plant(books, "UPDATE bookings SET credits_refunded = 6 WHERE id = %s", booking)
    assert [(row["check_key"], row["subject_id"]) for row in findings(books)] == [
        ("booking_refunds", booking)
    ]


def test_attendance_that_contradicts_its_events_is_found(books: Books) -> None:
    world = books.world
    booking = world.booking("Nia")
    event = factories.insert(
        world.admin,
        "attendance_events",
        {
            "id": uuid4(), "venue_id": world.venue, "device_id": books.maker.device_id, "seq": 1,
            "booking_id": booking, "session_id": world.session, "kind": "check_in", "occurred_at": world.now,
            "person_id": books.maker.id, "outcome": "applied", "origin": "live",
        },
    )  # fmt: skip
    world.admin.execute("UPDATE activity_sessions SET starts_at = %s, ends_at = %s WHERE id = %s",
                        [world.now, world.now + timedelta(hours=1), world.session])  # fmt: skip
    state = "UPDATE bookings SET attendance_state = %s, attendance_event_id = %s WHERE id = %s"
    world.admin.execute(state, ["in", event, booking])
    assert findings(books) == []
    world.admin.execute(state, ["absent", event, booking])
    assert [(row["check_key"], row["subject_id"]) for row in findings(books)] == [
        ("attendance_state", booking)
    ]


def test_more_offers_than_places_are_found(books: Books) -> None:
    world = books.world
    session = world.other_session(total_capacity=1)
    for name in ("Ada", "Bea"):
        child = world.child(name)
        parent = world.one("SELECT parent_id FROM children WHERE id = %s", child)["parent_id"]
        row = {"session_id": session, "venue_id": world.venue, "child_id": child, "user_id": parent,
               "spot_offered_at": world.now, "spot_expires_at": world.now + timedelta(hours=1)}  # fmt: skip
        factories.insert(world.admin, "waitlist", row)
    assert [(row["check_key"], row["subject_id"]) for row in findings(books)] == [
        ("offers_within_places", session)
    ]


def test_a_payout_paid_twice_or_with_another_amount_is_found(books: Books) -> None:
    world = books.world
    payout = world.one("SELECT id, venue_id, net_payout FROM venue_payouts WHERE run_id IS NOT NULL")
    facts = {"payout_id": payout["id"], "venue_id": payout["venue_id"], "attempt": 1, "method": "transfer",
             "idempotency_key": "k1", "amount": payout["net_payout"], "currency": "USD", "state": "paid"}  # fmt: skip
    factories.insert(world.admin, "payout_attempts", facts)
    assert findings(books) == []
    plant(books, "UPDATE payout_attempts SET amount = amount + 1")
    assert [row["check_key"] for row in findings(books)] == ["payout_paid_once"]


def test_a_paper_that_is_missing_or_damaged_is_found(books: Books) -> None:
    world = books.world
    world.at(world.now + timedelta(hours=2))
    assert findings(books) == []
    plant(books, "UPDATE invoices SET document_id = NULL WHERE invoice_number IS NOT NULL")
    found = findings(books)
    assert [row["check_key"] for row in found] == ["documents"]
    assert "has no document" in found[0]["detail"]


def test_an_issue_is_kept_once_fixed_when_it_is_gone_and_opened_anew(books: Books) -> None:
    world = books.world

    def kept() -> list[Row]:
        return world.all(
            "SELECT state, first_seen_at, last_seen_at FROM integrity_issues ORDER BY first_seen_at"
        )

    session = world.session
    plant(books, "UPDATE activity_sessions SET booked_count = booked_count + 1 WHERE id = %s", session)
    first = world.at(MARCH)
    assert world.one("SELECT books.check_all() AS n")["n"] == 1
    world.at(first + timedelta(days=1))
    assert world.one("SELECT books.check_all() AS n")["n"] == 1
    assert kept() == [{"state": "open", "first_seen_at": first, "last_seen_at": world.now}]
    plant(books, "UPDATE activity_sessions SET booked_count = booked_count - 1 WHERE id = %s", session)
    assert world.one("SELECT books.check_all() AS n")["n"] == 0
    assert [row["state"] for row in kept()] == ["fixed"]
    plant(books, "UPDATE activity_sessions SET booked_count = booked_count + 1 WHERE id = %s", session)
    world.one("SELECT books.check_all() AS n")
    assert sorted(row["state"] for row in kept()) == ["fixed", "open"]
    assert world.one("SELECT count(*) AS n FROM book_checks WHERE person_id IS NULL")["n"] == 4


# -- who may ----------------------------------------------------------------------------------------------------

SETTLE = "SELECT * FROM books.settle_issue(%s, %s, %s, %s, %s)"


@pytest.fixture
def office(fresh_database: Database) -> Iterator[tuple[World, Person, UUID]]:
    """One open issue, and somebody of platform finance."""
    with World(fresh_database) as world:
        finance = world.person("platform_finance", name="Kenji")
        issue = factories.insert(world.admin, "integrity_issues", {
            "check_key": "booked_count", "subject_type": "session", "subject_id": world.session,
            "subject_key": str(world.session), "venue_id": world.venue, "detail": "5 and 4",
        })  # fmt: skip
        yield world, finance, issue


def test_finance_checks_ignores_with_a_reason_assigns_and_opens_again(
    office: tuple[World, Person, UUID],
) -> None:
    world, finance, issue = office
    checks = finance.call("SELECT * FROM books.checks()")
    assert (checks[0]["check_key"], checks[0]["open_issues"]) == ("booked_count", 1)
    assert len(checks) == 13
    done = finance.call(SETTLE, issue, 1, "ignored", " counted by hand ", finance.id)[0]
    assert (done["state"], done["reason"], done["assigned_to"], done["settled_by"]) == (
        "ignored", "counted by hand", finance.id, finance.id,
    )  # fmt: skip
    again = finance.call(SETTLE, issue, 2, "open", None, None)[0]
    assert (again["state"], again["reason"], again["assigned_to"]) == ("open", None, None)
    assert finance.call("SELECT books.check_now() AS n")[0]["n"] == 0, (
        "the session's count is right: it is fixed"
    )
    assert world.one("SELECT person_id FROM book_checks")["person_id"] == finance.id
    assert denied(finance, SETTLE, issue, 4, "ignored", "no", None) == ("NX409", "fixed")


def test_what_cannot_be_settled_is_refused_in_a_sentence(office: tuple[World, Person, UUID]) -> None:
    world, finance, issue = office
    desk = world.person("front_desk", desk=world.desk("Desk 9"))
    for arguments, key in (
        ((issue, 7, "ignored", "x", None), ("NX409", "version_changed")),
        ((issue, 1, "ignored", "  ", None), ("NX422", "reason")),
        ((issue, 1, "ignored", "x" * 301, None), ("NX422", "reason")),
        ((issue, 1, "fixed", "x", None), ("NX422", "state")),
        ((issue, 1, None, "x", None), ("NX422", "state")),
        ((uuid4(), 1, "open", None, None), ("NX404", "no_issue")),
        ((issue, 1, "open", None, desk.id), ("NX404", "no_person")),
    ):
        assert denied(finance, SETTLE, *arguments) == key, arguments


@pytest.mark.parametrize("role", ["front_desk", "manager", "venue_finance", "platform_admin"])
def test_nobody_else_checks_or_settles(office: tuple[World, Person, UUID], role: str) -> None:
    world, finance, issue = office
    person = world.person(role, desk=world.desk("Desk 9"))
    assert denied(person, "SELECT books.check_now()")[0] == "NX403"
    settle = "SELECT * FROM books.settle_issue(%s, 1, 'ignored', 'x', NULL)"
    assert denied(person, settle, issue)[0] == "NX403"
    if role == "platform_admin":
        assert len(person.call("SELECT * FROM books.checks()")) == 13
    else:
        assert denied(person, "SELECT * FROM books.checks()")[0] == "NX403"
    world.admin.execute("UPDATE integrity_issues SET assigned_to = %s", [finance.id])
    named = [(finance.id, "Kenji")] if role == "platform_admin" else []
    rows = person.call("SELECT * FROM books.assignees()")
    assert [(row["person_id"], row["first_name"]) for row in rows] == named
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        person.call("SELECT books.check_all()")
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        person.call("SELECT * FROM books.findings()")
