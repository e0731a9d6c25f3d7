"""Two people of finance, or one and the worker, who act on the same money in the same moment: it moves once.

Each pair is tried in both orders: the first is done and not yet committed while the second waits for it.
docs/design.md, "Rules of the domain" (payouts, invoices).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import pytest
from psycopg.types.json import Jsonb

from tests.support.databases import Database
from tests.support.desk_world import NOON, Person, World
from tests.support.invoicing import facts, invoice, issued
from tests.support.paying import Till
from tests.support.paying_out import FEBRUARY, Books
from tests.support.racing import Call, Ending, key, one_after_the_other

APPROVE = "SELECT * FROM payouts.approve(%s, %s)"
WITHDRAW = "SELECT * FROM payouts.withdraw(%s, %s, 'Wrong month')"
MAKE = "SELECT * FROM payouts.make(%s, %s, NULL, %s)"
HOLD = "SELECT * FROM payouts.hold(%s, 'Account in doubt')"
CLOSE = "SELECT * FROM books.close(%s)"
REOPEN = "SELECT * FROM books.reopen(%s, 'A late invoice')"
FILE = "SELECT * FROM payouts.bank_file(%s)"
RETRY = "SELECT payouts.retry(%s)"
ANSWER = "SELECT * FROM payouts.bank_answer(%s, false)"
TAKE = "SELECT * FROM payouts.take_transfer()"
PAY = "SELECT invoices.pay(%s, %s, 0, %s, %s, 'bank_transfer', NULL) AS f"
CANCEL = "SELECT invoices.cancel(%s, %s, %s) AS f"
ISSUE = "SELECT * FROM invoices.issue(%s)"
SEND = "SELECT * FROM invoices.send(%s)"


@pytest.fixture
def books(fresh_database: Database) -> Iterator[Books]:
    with World(fresh_database) as world:
        world.admin.execute(
            "UPDATE platform_settings SET value = 'false' WHERE key = 'payouts_need_two_people'"
        )
        yield Books(world)


def outcome(world: World, first: Call, second: Call) -> list[str]:
    """How both ended, the first one first."""
    return [key(ending) or "done" for ending in one_after_the_other(world, first, second)]


def earned(books: Books) -> UUID:
    """A venue that earned something in February."""
    venue = books.venue()
    books.booking(venue, date(2026, 2, 5), 10)
    return venue


def test_a_run_is_approved_or_withdrawn_once(books: Books) -> None:
    earned(books)
    kenji, amara = books.maker, books.checker
    run = books.make(FEBRUARY)
    at = (run["id"], run["version"])
    assert outcome(books.world, (kenji, WITHDRAW, at), (amara, APPROVE, at)) == ["done", "version_changed"]
    run = books.make(FEBRUARY)
    at = (run["id"], run["version"])
    assert outcome(books.world, (kenji, APPROVE, at), (amara, WITHDRAW, at)) == ["done", "version_changed"]
    assert books.world.one("SELECT state FROM payout_runs WHERE id = %s", run["id"]) == {"state": "approved"}


def test_a_run_that_is_made_anew_is_not_approved_as_it_was(books: Books) -> None:
    venue = earned(books)
    run = books.make(FEBRUARY)
    books.booking(venue, date(2026, 2, 6), 20)
    seen = books.preview(FEBRUARY)[0]["fingerprint"]
    anew: Call = (books.maker, MAKE, (uuid4(), FEBRUARY, seen))
    approve: Call = (books.checker, APPROVE, (run["id"], run["version"]))
    assert outcome(books.world, anew, approve) == ["done", "version_changed"]
    run = books.world.one("SELECT id, version FROM payout_runs WHERE state = 'made'")
    books.booking(venue, date(2026, 2, 7), 5)
    seen = books.preview(FEBRUARY)[0]["fingerprint"]
    approve = (books.checker, APPROVE, (run["id"], run["version"]))
    assert outcome(books.world, approve, (books.maker, MAKE, (uuid4(), FEBRUARY, seen))) == [
        "done",
        "plan_changed",
    ]
    assert books.payout(venue, FEBRUARY)["gross_revenue"] == Decimal("30.00")
    books.adds_up()


def test_a_month_is_closed_before_or_after_its_payouts_are_made(books: Books) -> None:
    nothing = books.preview(FEBRUARY)[0]["fingerprint"]
    make: Call = (books.maker, MAKE, (uuid4(), FEBRUARY, nothing))
    close: Call = (books.checker, CLOSE, (FEBRUARY,))
    assert outcome(books.world, close, make) == ["done", "books_closed"]
    reopen: Call = (books.checker, REOPEN, (FEBRUARY,))
    assert outcome(books.world, reopen, (books.maker, REOPEN, (FEBRUARY,))) == ["done", "not_closed"]
    earned(books)
    seen = books.preview(FEBRUARY)[0]["fingerprint"]
    assert outcome(books.world, (books.maker, MAKE, (uuid4(), FEBRUARY, seen)), close) == [
        "done",
        "books_not_ready",
    ]


@pytest.mark.parametrize("hold_first", [True, False])
def test_a_hold_and_a_file_for_the_bank_follow_one_another(books: Books, hold_first: bool) -> None:
    venue = earned(books)
    run = books.approve(books.make(FEBRUARY))
    hold: Call = (books.maker, HOLD, (venue,))
    file: Call = (books.checker, FILE, (run["id"],))
    if hold_first:
        assert outcome(books.world, hold, file) == ["done", "nothing_to_pay"]
        assert books.payout(venue, FEBRUARY)["status"] == "on_hold"
    else:
        # On its way to the bank it is not called back; what comes after waits.
        assert outcome(books.world, file, hold) == ["done", "done"]
        assert books.payout(venue, FEBRUARY)["status"] == "processing"


@pytest.fixture
def till(books: Books) -> Till:
    return Till(books.world.database, books.world.admin, "nobody")


@pytest.mark.parametrize("file_first", [True, False])
def test_the_worker_and_a_file_for_the_bank_pay_one_payout_once(
    books: Books, till: Till, file_first: bool
) -> None:
    run = till.run()
    payout = till.payout(run=run)
    with books.world.database.connect() as worker:
        if file_first:
            with books.maker.connection.transaction():
                books.maker.call(FILE, run)
                worker.execute("SET lock_timeout = '2s'")
                assert worker.execute(TAKE).fetchall() == []
            assert worker.execute(TAKE).fetchall() == []
        else:
            taking = Person(**(vars(books.checker) | {"connection": worker}))
            ended: list[Ending] = one_after_the_other(
                books.world, (taking, TAKE, ()), (books.maker, FILE, (run,))
            )
            assert [key(one) for one in ended] == [None, "nothing_to_pay"]
    assert till.one("SELECT count(*), min(method) FROM payout_attempts WHERE payout_id = %s", payout) == (
        1,
        "bank_file" if file_first else "transfer",
    )


def test_what_the_bank_did_counts_once_and_is_tried_again_once(books: Books, till: Till) -> None:
    run = till.run()
    payout = till.payout(run=run, stripe_connect_account_id=None)
    (line,) = books.maker.call(FILE, run)
    said = {"line": 1, "reference": line["reference"], "amount": "100.00", "currency": "USD"}
    refused = Jsonb([said | {"outcome": "failed", "reason": "No such account"}])
    answers = one_after_the_other(
        books.world, (books.maker, ANSWER, (refused,)), (books.checker, ANSWER, (refused,))
    )
    assert [one[0]["fate"] for one in answers if isinstance(one, list)] == ["failed", "left_out"]
    again = outcome(books.world, (books.maker, RETRY, (payout,)), (books.checker, RETRY, (payout,)))
    assert again == ["done", "not_failed"]
    assert till.one("SELECT count(*) FROM payout_attempts WHERE payout_id = %s", payout) == 2


def test_an_invoice_is_paid_or_taken_back_once(books: Books) -> None:
    world, kenji, amara = books.world, books.maker, books.checker
    world.at(NOON)

    def calls(of: UUID) -> tuple[tuple[str, tuple[Any, ...]], tuple[str, tuple[Any, ...]]]:
        version = facts(kenji, of)["version"]
        return (PAY, (of, uuid4(), "100.00", NOON.date())), (CANCEL, (of, version, "Wrong employer"))

    one = issued(world, kenji)
    pay, cancel = calls(one)
    assert outcome(world, (kenji, *pay), (amara, *calls(one)[0])) == ["done", "version_changed"]
    assert facts(kenji, one)["paid"] == "100.00"
    two = issued(world, kenji)
    pay, cancel = calls(two)
    assert outcome(world, (kenji, *pay), (amara, *cancel)) == ["done", "version_changed"]
    three = issued(world, kenji)
    pay, cancel = calls(three)
    assert outcome(world, (kenji, *cancel), (amara, *pay)) == ["done", "not_issued"]
    four = issued(world, kenji)
    cancel = calls(four)[1]
    other = (CANCEL, (four, cancel[1][1], "Twice invoiced"))
    assert outcome(world, (kenji, *cancel), (amara, *other)) == ["done", "cancelled_already"]
    five = issued(world, kenji)
    cancel = calls(five)[1]
    assert outcome(world, (kenji, *cancel), (amara, *cancel)) == ["done", "done"]
    six = issued(world, kenji)
    cancel = calls(six)[1]
    ended = one_after_the_other(world, (kenji, *cancel), (amara, SEND, ([six],)))
    assert isinstance(ended[1], list)
    assert ended[1][0]["refused"] == "This invoice was cancelled."
    notes = world.all("SELECT credit_note_number AS n FROM credit_notes ORDER BY n")
    assert [note["n"] for note in notes] == [f"NCN-2026-0000{n}" for n in (1, 2, 3, 4)]


@pytest.mark.parametrize("issue_first", [True, False])
def test_a_draft_is_issued_or_thrown_away(books: Books, issue_first: bool) -> None:
    world, kenji, amara = books.world, books.maker, books.checker
    world.at(NOON)
    draft = invoice(world.admin)
    issue: Call = (kenji, ISSUE, ([draft],))
    cancel: Call = (amara, CANCEL, (draft, facts(kenji, draft)["version"], None))
    if issue_first:
        assert outcome(world, issue, cancel) == ["done", "version_changed"]
        assert facts(kenji, draft)["number"] is not None
    else:
        ended = one_after_the_other(world, cancel, issue)
        assert isinstance(ended[1], list)
        assert ended[1][0]["refused"] == "This draft was thrown away."
        assert facts(kenji, draft)["number"] is None
