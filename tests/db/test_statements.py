"""Statements in the database: who reads one, who makes one final, and that nobody changes it afterwards.

docs/design.md, "Documents" and "The database" (authorisation).
"""

from __future__ import annotations

from collections.abc import Iterator
from uuid import uuid4

import psycopg
import pytest

from tests.support import factories
from tests.support.databases import Database
from tests.support.desk_world import Person, World
from tests.support.statement_world import MONTH, NAMES, Books, make_books

PDF = b"%PDF-1.4 this is it"
KEEP = "SELECT * FROM payouts.store_statement(%s, %s)"


@pytest.fixture
def books(fresh_database: Database) -> Iterator[Books]:
    with World(fresh_database) as world:
        yield make_books(world)


@pytest.fixture
def finance(books: Books) -> Person:
    return books.world.person("platform_finance", name="Amara", desk=books.world.desk("HQ"))


@pytest.fixture
def venue(books: Books) -> Person:
    return books.world.person("venue_finance", name="Priya", desk=books.world.desk("Office"))


def refused(person: Person, code: str, statement: str, *arguments: object) -> None:
    with pytest.raises(psycopg.Error) as error:
        person.call(statement, *arguments)
    assert error.value.sqlstate == code, error.value


def test_the_platforms_finance_hands_out_and_the_venue_reads(
    books: Books, finance: Person, venue: Person
) -> None:
    refused(finance, "NX409", KEEP, books.payout, PDF)
    books.approve()
    assert venue.call("SELECT * FROM payouts.statement(%s)", books.payout) == []
    (kept,) = finance.call(KEEP, books.payout, PDF)
    (again,) = finance.call(KEEP, books.payout, PDF + b" or that")
    assert kept == again, "the first is the one"
    (read,) = venue.call("SELECT * FROM payouts.statement(%s)", books.payout)
    assert (bytes(read["content"]), read["document_id"]) == (PDF, kept["document_id"])
    row = books.world.one("SELECT * FROM documents")
    assert (row["kind"], row["venue_id"], row["created_by"]) == ("statement", books.world.venue, finance.id)
    (month,) = venue.call("SELECT * FROM payouts.statements(%s)", MONTH)
    assert (month["payout_id"], month["document_id"], month["is_settled"]) == (books.payout, row["id"], True)
    said = books.world.all("SELECT * FROM audit_logs WHERE entity_type = 'documents'")
    assert said
    assert "this is it" not in str(said)


def test_what_failed_has_no_final_statement_before_it_is_paid_after_all(
    books: Books, finance: Person
) -> None:
    books.approve()
    books.world.admin.execute(
        "UPDATE venue_payouts SET status = 'failed', failure_reason = 'No such account' WHERE id = %s",
        [books.payout],
    )
    refused(finance, "NX409", KEEP, books.payout, PDF)
    (facts,) = finance.call("SELECT payouts.statement_facts(%s) AS f", books.payout)
    assert facts["f"]["is_settled"] is False
    to_keep = books.world.all("SELECT payout_id FROM payouts.statements_to_keep(NULL, 10)")
    assert {"payout_id": books.payout} not in to_keep
    books.world.admin.execute(
        "UPDATE venue_payouts SET status = 'paid', failure_reason = NULL, paid_at = app.now() WHERE id = %s",
        [books.payout],
    )
    (kept,) = finance.call(KEEP, books.payout, PDF)
    assert bytes(kept["content"]) == PDF


def test_a_venue_never_makes_its_own_statement_final(books: Books, venue: Person) -> None:
    books.approve()
    refused(venue, "NX403", KEEP, books.payout, PDF)
    assert books.world.all("SELECT 1 FROM documents") == []


@pytest.mark.parametrize("role", ["front_desk", "manager"])
def test_desks_and_managers_see_no_payout_and_hand_out_none(books: Books, role: str) -> None:
    books.approve()
    person = books.world.person(role, desk=books.world.desk(role))
    refused(person, "NX403", KEEP, books.payout, PDF)
    refused(person, "NX403", "SELECT payouts.statement_facts(%s)", books.payout)
    refused(person, "NX403", "SELECT * FROM payouts.statement(%s)", books.payout)
    refused(person, "NX403", "SELECT * FROM payouts.statements(%s)", MONTH)


def test_another_venues_payout_is_none(books: Books, finance: Person) -> None:
    books.approve()
    finance.call(KEEP, books.payout, PDF)
    other = factories.venue(books.world.admin, name="Other Studio")
    stranger = books.world.person("venue_finance", desk=books.world.desk("Elsewhere"), venues=(other,))
    for payout in (books.payout, uuid4()):
        refused(stranger, "NX404", "SELECT payouts.statement_facts(%s)", payout)
        refused(stranger, "NX404", "SELECT * FROM payouts.statement(%s)", payout)
        refused(stranger, "NX404", KEEP, payout, PDF)
    assert stranger.call("SELECT * FROM payouts.statements(%s)", MONTH) == []


def test_what_is_no_pdf_is_refused(books: Books, finance: Person) -> None:
    books.approve()
    for paper in (None, b"", b"<html>", b"PK\x03\x04"):
        refused(finance, "NX422", KEEP, books.payout, paper)


def test_a_kept_statement_is_changed_by_nobody(books: Books, finance: Person, venue: Person) -> None:
    books.approve()
    (kept,) = finance.call(KEEP, books.payout, PDF)
    document = kept["document_id"]
    for person in (finance, venue):
        for statement in (
            "UPDATE documents SET content = 'x' WHERE id = %s",
            "DELETE FROM documents WHERE id = %s",
            "SELECT content FROM documents WHERE id = %s",
            "UPDATE venue_payouts SET statement_document_id = NULL WHERE statement_document_id = %s",
        ):
            refused(person, "42501", statement, document)
    for statement in (
        "UPDATE documents SET content = 'x'",
        "DELETE FROM documents",
        "TRUNCATE documents CASCADE",
    ):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            books.world.admin.execute(statement.encode())


def test_what_a_statement_is_made_from_names_nobody(books: Books, venue: Person) -> None:
    (row,) = venue.call("SELECT payouts.statement_facts(%s)::text AS said", books.payout)
    assert not [name for name in (*NAMES, "Xanthe") if name in row["said"]]
    (row,) = venue.call("SELECT payouts.statement_facts(%s) -> 'payout' -> 'net' AS net", books.payout)
    assert row["net"] == "37.95", "text: no reader makes a float of it"


def test_the_functions_behind_are_nobodys(books: Books, finance: Person) -> None:
    for statement in (
        "SELECT payouts.keep_statement(%s, '', NULL)",
        "SELECT payouts.statement_made_from(%s)",
        "SELECT payouts.statement_lines(%s, NULL)",
        "SELECT payouts.statements_to_keep(%s, 5)",
    ):
        refused(finance, "42501", statement, books.payout)


def test_an_account_is_four_digits_and_an_amount_is_exact(books: Books, venue: Person) -> None:
    (row,) = venue.call("SELECT payouts.statement_facts(%s) AS facts", books.payout)
    payout = row["facts"]["payout"]
    assert (payout["account_end"], payout["gross"], payout["fee"]) == ("4821", "60.00", "10.50")
    assert [line["fee_share"] for line in row["facts"]["lines"]] == ["-2.45", "2.63", "2.62", "2.63", "2.62"]
    assert row["facts"]["lines"][0]["adjusts_period"] == "2026-01-01"
    assert row["facts"]["may_keep"] is False
