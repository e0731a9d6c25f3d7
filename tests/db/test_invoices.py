"""An invoice's life over the real login of platform finance: issued, its paper kept, paid, overdue, taken back."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from hashlib import sha256
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from psycopg.types.json import Jsonb

from tests.support import factories
from tests.support.databases import Database
from tests.support.desk_world import NOON, Person, World
from tests.support.identities import refusal
from tests.support.invoicing import PDF, employer, facts, invoice, issue, issued, line

SAVE = "SELECT invoices.save(%s, %s, %s, %s, %s) AS f"
PAY = "SELECT invoices.pay(%s, %s, %s, %s, %s, %s, %s) AS f"
CANCEL = "SELECT invoices.cancel(%s, %s, %s) AS f"
ACCOUNT = "SELECT invoices.save_account(%s, %s, %s, %s, %s, %s, %s)"
TODAY = NOON.date()


@pytest.fixture(scope="module")
def world(house: Database) -> Iterator[World]:
    with World(house) as made:
        yield made


@pytest.fixture(scope="module")
def amara(world: World) -> Person:
    return world.person("platform_finance", name="Amara", desk=world.desk("Finance"))


@pytest.fixture(autouse=True)
def noon(world: World) -> Iterator[None]:
    yield
    world.at(NOON)


def said(person: Person, statement: str, *arguments: Any) -> tuple[str | None, str | None, str | None]:
    """SQLSTATE, machine key and sentence of what must be refused."""
    with pytest.raises(psycopg.Error) as caught:
        person.call(statement, *arguments)
    return (*refusal(caught.value), caught.value.diag.message_primary)


def pay(
    person: Person, of: UUID, amount: str, before: str = "0", key: UUID | None = None, **facts: Any
) -> Any:
    day, method, reference = (
        facts.get("day", TODAY),
        facts.get("method", "bank_transfer"),
        facts.get("reference"),
    )
    arguments = (of, key or uuid4(), Decimal(before), Decimal(amount), day, method, reference)
    return person.call(PAY, *arguments)[0]["f"]


def test_a_draft_is_edited_under_its_version(world: World, amara: Person) -> None:
    made = invoice(world.admin)
    lines = [
        line("Plan", "1000.00", tax_rate="8.25"),
        line("Goodwill", "-99.999", tax_rate="8.25", kind="discount"),
    ]
    saved = amara.call(SAVE, made, 1, Jsonb(lines), " PO-9 ", "Thank you.\nSee you.")[0]["f"]
    assert (saved["subtotal"], saved["tax"], saved["total"], saved["version"]) == (
        "900.00",
        "74.25",
        "974.25",
        2,
    )
    assert saved["taxes"] == [{"rate": "8.25", "base": "900.00", "tax": "74.25"}]
    assert (saved["purchase_order"], saved["notes"]) == ("PO-9", "Thank you.\nSee you.")
    assert [one["amount"] for one in saved["lines"]] == ["1000.00", "-100.00"]
    # Asked again with the same content it is the same; with other content somebody else was faster.
    assert amara.call(SAVE, made, 1, Jsonb(lines), "PO-9", "Thank you.\nSee you.")[0]["f"]["version"] == 2
    assert said(amara, SAVE, made, 1, Jsonb([line()]), None, None) == (
        "NX409", "version_changed", "Somebody else changed this invoice.",
    )  # fmt: skip
    assert said(amara, SAVE, made, 2, Jsonb([line("x", "-1")]), None, None)[1] == "negative_total"
    assert said(amara, SAVE, made, 2, Jsonb([line()]), "P" * 51, None)[1] == "purchase_order"
    assert said(amara, SAVE, made, 2, Jsonb([line()]), None, "n" * 2001)[1] == "notes"
    assert said(amara, SAVE, uuid4(), 1, Jsonb([line()]), None, None)[:2] == ("NX404", "no_invoice")
    issue(amara, made)
    assert said(amara, SAVE, made, 3, Jsonb([line()]), None, None)[1] == "not_draft"


def test_issuing_copies_the_parties_and_counts_without_gaps(world: World, amara: Person) -> None:
    corporate = employer(world.admin, payment_terms_days=14)
    world.at(datetime(2027, 1, 1, 0, 30, tzinfo=UTC))
    factories.setting(
        world.admin, "invoice_issuer",
        {"name": "Nexus Family Pass", "address": ["1 Main St", "Portland"], "tax_id": "12-34", "email": "a@n.example"},
    )  # fmt: skip
    first, second = invoice(world.admin, corporate=corporate), invoice(world.admin)
    # In the order they are given in, whatever their ids.
    one, two = issue(amara, second, first)[::-1]
    assert (two["number"], one["number"]) == ("NFP-2027-00001", "NFP-2027-00002")
    assert (one["state"], one["due_on"], one["terms_days"]) == ("issued", "2027-01-15", 14)
    assert one["issuer"] == {
        "name": "Nexus Family Pass", "address": ["1 Main St", "Portland"], "tax_id": "12-34", "email": "a@n.example",
    }  # fmt: skip
    assert one["recipient"] == {
        "name": "Cascadia Instruments", "tax_id": "98-7654321", "email": "invoices@cascadia.example",
        "address": ["12 Harbour Street", "Portland, OR 97201", "USA"],
    }  # fmt: skip
    # What changes afterwards changes it no more.
    world.admin.execute("UPDATE corporates SET company_name = 'Renamed' WHERE id = %s", [corporate])
    factories.setting(world.admin, "invoice_issuer", {"name": "Another", "address": []})
    assert facts(amara, first)["recipient"] == one["recipient"]
    assert facts(amara, first)["issuer"] == one["issuer"]


def test_the_year_of_a_number_is_that_of_utc(world: World, amara: Person) -> None:
    world.at(datetime(2030, 12, 31, 23, 59, 59, tzinfo=UTC))
    assert issue(amara, invoice(world.admin))[0]["number"] == "NFP-2030-00001"
    world.at(datetime(2031, 1, 1, 0, 0, tzinfo=UTC))
    assert issue(amara, invoice(world.admin))[0]["number"] == "NFP-2031-00001"


def test_each_of_a_batch_says_why_it_was_not_issued_and_the_others_are(world: World, amara: Person) -> None:
    good, empty, gone, credited, broken = (invoice(world.admin) for _ in range(5))
    world.admin.execute(
        """UPDATE invoices SET line_items = invoices.lines(%s), subtotal = 0, tax_amount = 0, total_amount = 0
            WHERE id = %s""",
        [Jsonb([line("Nothing", "0")]), empty],
    )
    world.admin.execute("UPDATE invoices SET subtotal = 99, total_amount = 99 WHERE id = %s", [broken])
    amara.call(CANCEL, gone, 1, None)
    (done,) = issue(amara, credited)
    amara.call(CANCEL, credited, done["version"], "Wrong month")
    unknown = uuid4()
    wanted = [unknown, empty, good, gone, credited, broken, good]
    answers = {
        one["invoice_id"]: one["refused"] for one in amara.call("SELECT * FROM invoices.issue(%s)", wanted)
    }
    assert answers == {
        unknown: "There is no such invoice.",
        empty: "There is nothing to pay on it: add a line or throw the draft away.",
        good: None,
        gone: "This draft was thrown away.",
        credited: "This invoice was cancelled.",
        broken: "Its lines do not come to its total: save the draft again.",
    }
    number = facts(amara, good)["number"]
    (again,) = amara.call("SELECT * FROM invoices.issue(%s)", [good])
    assert (again["refused"], again["facts"]["number"]) == (None, number)


def test_issuing_needs_somebody_who_issues_and_letters_to_count_by(world: World, amara: Person) -> None:
    made = invoice(world.admin)
    statement = "SELECT * FROM invoices.issue(%s)"
    for key, value, code in (
        ("invoice_issuer", {"name": " ", "address": []}, "issuer"),
        ("invoice_series", "nfp-1", "series"),
        ("invoice_series", "NCN", "series"),
    ):
        was = world.one("SELECT value FROM platform_settings WHERE key = %s", key)["value"]
        factories.setting(world.admin, key, value)
        assert said(amara, statement, [made])[:2] == ("NX422", code)
        factories.setting(world.admin, key, was)
    assert said(amara, statement, [])[1] == "ids"
    assert said(amara, statement, [uuid4() for _ in range(201)])[1] == "ids"


def test_a_paper_is_kept_once_whatever_comes_afterwards(world: World, amara: Person) -> None:
    made = invoice(world.admin)
    (row,) = amara.call("SELECT * FROM invoices.issue(%s)", [made])
    assert row["facts"]["document_id"] is None
    attach = "SELECT * FROM invoices.attach(%s, %s)"
    assert said(amara, attach, [made], [b"<html>"])[1] == "document"
    assert said(amara, attach, [made], [])[1] == "ids"
    assert said(amara, attach, [uuid4()], [PDF])[:2] == ("NX404", "no_invoice")
    assert said(amara, attach, [invoice(world.admin)], [PDF])[:2] == ("NX404", "no_invoice")
    (first,) = amara.call(attach, [made], [PDF + b"first"])
    (second,) = amara.call(attach, [made], [PDF + b"second"])
    assert first["document_id"] == second["document_id"] == UUID(facts(amara, made)["document_id"])
    (kept,) = amara.call("SELECT * FROM invoices.document(%s)", first["document_id"])
    assert (kept["content"], kept["file_name"]) == (PDF + b"first", f"{row['facts']['number']}.pdf")
    assert kept["sha256"] == sha256(PDF + b"first").digest()
    assert kept["media_type"] == "application/pdf"
    assert said(amara, "SELECT * FROM invoices.document(%s)", uuid4())[:2] == ("NX404", "no_document")


def test_papers_that_are_no_invoices_are_not_handed_out(world: World, amara: Person) -> None:
    columns = {"kind": "statement", "file_name": "s.pdf", "media_type": "application/pdf", "content": PDF}
    other = factories.insert(world.admin, "documents", {"venue_id": world.venue} | columns)
    assert said(amara, "SELECT * FROM invoices.document(%s)", other)[:2] == ("NX404", "no_document")


def test_it_is_paid_in_parts_and_never_too_much(world: World, amara: Person) -> None:
    made = issued(world, amara, line(price="300.00"))
    part = pay(amara, made, "100.00", reference="T-1")
    assert (part["state"], part["paid"], part["paid_at"]) == ("issued", "100.00", None)
    assert said(amara, PAY, made, uuid4(), 100, Decimal("200.01"), TODAY, "card", None) == (
        "NX422", "overpaid", "That is 0.01 more than the 200.00 still to be paid.",
    )  # fmt: skip
    assert said(amara, PAY, made, uuid4(), 0, 50, TODAY, "card", None) == (
        "NX409", "version_changed", "Somebody else recorded a payment of this invoice.",
    )  # fmt: skip
    whole = pay(amara, made, "200.00", before="100", method="card")
    assert (whole["state"], whole["paid"]) == ("paid", "300.00")
    assert datetime.fromisoformat(whole["paid_at"]) == NOON
    assert {(p["amount"], p["method"], p["reference"], p["recorded_by"]) for p in whole["payments"]} == {
        ("100.00", "bank_transfer", "T-1", "Amara Last"),
        ("200.00", "card", None, "Amara Last"),
    }
    assert said(amara, PAY, made, uuid4(), 300, Decimal("-300.01"), TODAY, "card", None) == (
        "NX422", "underpaid", "Only 300.00 was paid; no more can be taken back.",
    )  # fmt: skip
    back = pay(amara, made, "-200.00", before="300")
    assert (back["state"], back["paid"], back["paid_at"], len(back["payments"])) == (
        "issued",
        "100.00",
        None,
        3,
    )


def test_a_payment_sent_twice_is_one(world: World, amara: Person) -> None:
    made, key = issued(world, amara), uuid4()
    first = pay(amara, made, "60.00", key=key)
    assert pay(amara, made, "60.00", key=key) == first
    assert said(amara, PAY, made, key, 60, 40, TODAY, "bank_transfer", None)[1] == "idempotency_key_reused"
    assert said(amara, PAY, issued(world, amara), key, 0, 60, TODAY, "bank_transfer", None)[1] == (
        "idempotency_key_reused"
    )


@pytest.mark.parametrize(
    ("changed", "code", "sentence"),
    [
        ({"amount": Decimal(0)}, "amount", "Enter an amount such as 120.00."),
        ({"amount": Decimal("1.005")}, "amount", "Enter an amount such as 120.00."),
        ({"amount": Decimal("NaN")}, "amount", "Enter an amount such as 120.00."),
        ({"amount": None}, "amount", "Enter an amount such as 120.00."),
        ({"method": "gold"}, "method", "Choose how it was paid."),
        ({"method": None}, "method", "Choose how it was paid."),
        ({"day": TODAY + timedelta(days=2)}, "paid_on", "Choose the day the money came in, not a later one."),
        ({"day": None}, "paid_on", "Choose the day the money came in, not a later one."),
        ({"day": date(1926, 3, 2)}, "paid_on", "That day is more than a year before the invoice; check it."),
        ({"reference": "r" * 256}, "reference", "A reference has at most 255 letters."),
        ({"key": None}, "idempotency_key_missing", "A payment needs a key of its own."),
    ],
)
def test_a_payment_that_cannot_be_is_refused_in_a_sentence(
    world: World, amara: Person, changed: dict[str, Any], code: str, sentence: str
) -> None:
    asked = {
        "key": uuid4(),
        "amount": Decimal(10),
        "day": TODAY,
        "method": "card",
        "reference": None,
    } | changed
    arguments = (asked["key"], 0, asked["amount"], asked["day"], asked["method"], asked["reference"])
    made = issued(world, amara)
    assert said(amara, PAY, made, *arguments) == ("NX422", code, sentence)


def test_only_what_was_issued_is_paid(world: World, amara: Person) -> None:
    draft, gone = invoice(world.admin), invoice(world.admin)
    amara.call(CANCEL, gone, 1, None)
    rest = (uuid4(), 0, 10, TODAY, "card", None)
    assert said(amara, PAY, draft, *rest)[1:] == ("not_issued", "This invoice is still a draft.")
    assert said(amara, PAY, gone, *rest)[1:] == ("not_issued", "This invoice was cancelled.")


def test_what_is_past_its_day_is_overdue_until_it_is_paid(world: World, amara: Person) -> None:
    late, part = issued(world, amara, payment_terms_days=10), issued(world, amara, payment_terms_days=10)
    in_time, done = issued(world, amara, payment_terms_days=11), issued(world, amara, payment_terms_days=0)
    pay(amara, done, "100.00")
    pay(amara, part, "40.00")
    world.admin.execute("SELECT invoices.mark_overdue()")
    world.at(NOON + timedelta(days=11))
    marked = world.one("SELECT invoices.mark_overdue() AS n")["n"]
    assert marked >= 2
    assert [facts(amara, one)["state"] for one in (late, part, in_time, done)] == [
        "overdue",
        "overdue",
        "issued",
        "paid",
    ]
    assert world.one("SELECT invoices.mark_overdue() AS n")["n"] == 0
    assert pay(amara, part, "60.00", before="40")["state"] == "paid"
    assert pay(amara, part, "-1.00", before="100")["state"] == "overdue"


def test_a_draft_is_thrown_away_and_never_had_a_number(world: World, amara: Person) -> None:
    made = invoice(world.admin)
    assert said(amara, CANCEL, made, 7, None)[1] == "version_changed"
    gone = amara.call(CANCEL, made, 1, None)[0]["f"]
    assert (gone["state"], gone["number"], gone["credit_note"]) == ("cancelled", None, None)
    assert amara.call(CANCEL, made, 1, None)[0]["f"] == gone
    assert said(amara, CANCEL, uuid4(), 1, None)[:2] == ("NX404", "no_invoice")


def test_an_issued_invoice_is_taken_back_by_a_credit_note_with_a_number_and_paper_of_its_own(
    world: World, amara: Person
) -> None:
    world.at(datetime(2028, 5, 5, 12, tzinfo=UTC))
    made = issued(world, amara, line("Plan", "1000.00", tax_rate="8.25"), line("Food", "20", tax_rate="5"))
    was = facts(amara, made)
    assert said(amara, CANCEL, made, was["version"], " ")[1:] == (
        "reason",
        "Say why the invoice is cancelled.",
    )
    assert said(amara, CANCEL, made, was["version"], "r" * 501)[1] == "reason"
    assert said(amara, CANCEL, made, 1, "Wrong")[1] == "version_changed"
    pay(amara, made, "5.00", day=world.now.date())
    paid = facts(amara, made)
    assert said(amara, CANCEL, made, paid["version"], "Wrong")[1:] == ("paid", "5.00 of it was paid.")
    version = pay(amara, made, "-5.00", before="5", day=world.now.date())["version"]
    gone = amara.call(CANCEL, made, version, " Wrong\nmonth ")[0]["f"]
    note = gone["credit_note"]
    assert (gone["state"], note["number"], note["reason"]) == ("cancelled", "NCN-2028-00001", "Wrong month")
    assert (note["invoice_number"], note["lines"], note["taxes"], note["total"]) == (
        was["number"], was["lines"], was["taxes"], was["total"],
    )  # fmt: skip
    assert (note["issuer"], note["recipient"], note["document_id"]) == (was["issuer"], was["recipient"], None)
    # Asked again it is the same credit note; with another reason somebody else was faster.
    assert amara.call(CANCEL, made, version, "Wrong month")[0]["f"] == gone
    assert said(amara, CANCEL, made, version, "Another reason")[1] == "cancelled_already"
    (kept,) = amara.call("SELECT * FROM invoices.attach(%s, %s)", [UUID(note["id"])], [PDF + b"note"])
    (again,) = amara.call("SELECT * FROM invoices.attach(%s, %s)", [UUID(note["id"])], [PDF + b"other"])
    assert kept == again
    (paper,) = amara.call("SELECT * FROM invoices.document(%s)", kept["document_id"])
    assert (paper["file_name"], paper["content"]) == ("NCN-2028-00001.pdf", PDF + b"note")
    assert UUID(facts(amara, made)["credit_note"]["document_id"]) == kept["document_id"]
    assert facts(amara, made)["document_id"] == was["document_id"]


def test_an_account_keeps_its_billing_facts_under_its_version(world: World, amara: Person) -> None:
    corporate = employer(world.admin)
    version = world.one("SELECT version FROM corporates WHERE id = %s", corporate)["version"]
    good = (" new@company.example ", "USD", "7.50", " PO-1 ", 45)
    amara.call(ACCOUNT, corporate, version, *good)
    row = world.one(
        """SELECT billing_email, invoice_currency, tax_rate, purchase_order_number, payment_terms_days, version
             FROM corporates WHERE id = %s""", corporate,
    )  # fmt: skip
    assert tuple(row.values()) == ("new@company.example", "USD", Decimal("7.50"), "PO-1", 45, version + 1)
    assert said(amara, ACCOUNT, corporate, version, *good)[1] == "version_changed"
    assert said(amara, ACCOUNT, uuid4(), version, *good)[:2] == ("NX404", "no_corporate")
    for at, wrong, code in (
        (0, "nobody", "billing_email"), (1, "usd", "currency"), (1, None, "currency"), (2, "101", "tax_rate"),
        (2, "a", "tax_rate"), (3, "P" * 51, "purchase_order"), (4, -1, "terms_days"), (4, 366, "terms_days"),
    ):  # fmt: skip
        asked = [*good[:at], wrong, *good[at + 1 :]]
        assert said(amara, ACCOUNT, corporate, version + 1, *asked)[:2] == ("NX422", code)


def test_the_currency_changes_only_when_nothing_is_open_in_the_old_one(world: World, amara: Person) -> None:
    corporate = employer(world.admin)
    made = invoice(world.admin, corporate=corporate)
    version = world.one("SELECT version FROM corporates WHERE id = %s", corporate)["version"]
    asked = (corporate, version, None, "EUR", "20", None, 30)
    assert said(amara, ACCOUNT, *asked) == ("NX409", "currency_in_use", "1 invoice in USD is still open.")
    amara.call(CANCEL, made, 1, None)
    amara.call(ACCOUNT, *asked)
    assert world.one("SELECT invoice_currency AS c FROM corporates WHERE id = %s", corporate)["c"] == "EUR"
