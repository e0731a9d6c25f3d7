"""What an invoice comes to: SQL and Python agree on any lines, halves go away from zero, tax is rounded once per rate.

And every line that cannot stand on an invoice is refused in one sentence that says which and why.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import psycopg
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from psycopg.types.json import Jsonb

from console.domain.invoices import InvoiceLine, cents, line_facts, line_of, totals
from tests.support.databases import Connection
from tests.support.invoicing import line

RATES = st.sampled_from(["0", "5", "7.5", "8.25", "8.875", "19", "20", "33.33", "100"]).map(Decimal)


def decimals(most: int, places: int) -> st.SearchStrategy[Decimal]:
    return st.decimals(-most, most, places=places, allow_nan=False, allow_infinity=False)


LINES = st.lists(
    st.builds(
        InvoiceLine,
        text=st.just("Anything"),
        quantity=decimals(999_999, 4) | st.integers(-20, 20).map(Decimal),
        unit_price=decimals(9_999_999_999, 4) | decimals(3000, 3),
        tax_rate=RATES.map(lambda rate: rate.quantize(Decimal("0.01"))),
        discount=decimals(100, 2) | st.just(Decimal(0)),
        kind=st.sampled_from(["subscription", "proration", "extra", "discount"]),
    ),
    min_size=1,
    max_size=6,
)


def kept(connection: Connection, lines: list[dict[str, Any]]) -> list[dict[str, str]]:
    row = connection.execute("SELECT invoices.lines(%s)", [Jsonb(lines)]).fetchone()
    assert row is not None
    found: list[dict[str, str]] = row[0]
    return found


def sums(connection: Connection, lines: list[dict[str, str]]) -> Any:
    return connection.execute("SELECT * FROM invoices.add_up(%s)", [Jsonb(lines)]).fetchone()


def simple(price: str, rate: str = "0", quantity: str = "1", discount: str = "0") -> InvoiceLine:
    return InvoiceLine("Line", Decimal(quantity), Decimal(price), Decimal(rate), Decimal(discount))


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(LINES)
@example([simple("365.125")])
@example([simple("-156435.885")])
@example([simple("0.1", "5", quantity="0.5"), simple("-0.3", "5")])
@example([simple("100", "20", discount="-12.5"), simple("33.335", "20", quantity="-3")])
@example([simple("9999999999.9999", "100", quantity="999999.9999", discount="-99.99")])
@example([simple("0.0001", "0.01", quantity="0.0001", discount="99.99")])
def test_sql_and_python_agree_to_the_cent(tx: Connection, lines: list[InvoiceLine]) -> None:
    stored = kept(tx, [dict(line_facts(one)) for one in lines])
    assert [Decimal(one["amount"]) for one in stored] == [one.amount for one in lines]
    assert [line_of(one) for one in stored] == lines
    expected = totals(lines)
    subtotal, taxes, tax, total = sums(tx, stored)
    assert (subtotal, tax, total) == (expected.subtotal, expected.tax, expected.total)
    assert [(Decimal(one["rate"]), Decimal(one["base"]), Decimal(one["tax"])) for one in taxes] == [
        (one.rate, one.base, one.tax) for one in expected.taxes
    ]


@pytest.mark.parametrize(
    ("amount", "expected"),
    [("365.125", "365.13"), ("-156435.885", "-156435.89"), ("0.005", "0.01"), ("-0.005", "-0.01"), ("2.675", "2.68"),
     ("1.0049999", "1.00")],
)  # fmt: skip
def test_halves_go_away_from_zero(tx: Connection, amount: str, expected: str) -> None:
    assert cents(Decimal(amount)) == Decimal(expected)
    row = tx.execute("SELECT invoices.line_amount(1, %s, 0)", [Decimal(amount)]).fetchone()
    assert row == (Decimal(expected),)


def test_tax_is_on_the_total_of_its_rate_and_not_on_each_line(tx: Connection) -> None:
    lines = [simple("0.10", "5") for _ in range(3)] + [simple("10", "20"), simple("7")]
    stored = kept(tx, [dict(line_facts(one)) for one in lines])
    subtotal, taxes, tax, total = sums(tx, stored)
    # 5 % of 0.30 is 0.015, which is 0.02; three times 0.005 rounded would have been 0.03.
    assert [(one["rate"], one["base"], one["tax"]) for one in taxes] == [
        ("5", "0.30", "0.02"),
        ("20", "10.00", "2.00"),
    ]
    assert (subtotal, tax, total) == (Decimal("17.30"), Decimal("2.02"), Decimal("19.32"))


def test_what_was_typed_is_kept_plainly(tx: Connection) -> None:
    (stored,) = kept(
        tx, [line("  Fair\n and\tfood ", "0012.5", quantity="2.50000", discount="-0", tax_rate="8.250")]
    )
    assert stored == {
        "text": "Fair and food", "quantity": "2.5", "unit_price": "12.50", "tax_rate": "8.25", "discount": "0",
        "kind": "extra", "amount": "31.25",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("lines", "sentence"),
    [
        (None, "An invoice has at least one line."),
        ([], "An invoice has at least one line."),
        ({"text": "x"}, "An invoice has at least one line."),
        ([line()] * 501, "An invoice has at most 500 lines."),
        ([line(), 7], "Line 2: say what it is for."),
        ([line(" \t")], "Line 1: say what it is for."),
        ([line("x" * 301)], "Line 1: its text has at most 300 letters."),
        ([line(quantity="many")], "Line 1: a quantity is a number below a million, such as 2 or 1.5."),
        ([line(quantity="1000000")], "Line 1: a quantity is a number below a million, such as 2 or 1.5."),
        ([line(quantity="1e5")], "Line 1: a quantity is a number below a million, such as 2 or 1.5."),
        ([line(quantity="1.00001")], "Line 1: a quantity is a number below a million, such as 2 or 1.5."),
        ([line(price="NaN")], "Line 1: a price is an amount such as 12.50."),
        ([line(price="12,50")], "Line 1: a price is an amount such as 12.50."),
        ([line(price="")], "Line 1: a price is an amount such as 12.50."),
        ([line(tax_rate="-1")], "Line 1: a tax rate is between 0 and 100 %."),
        ([line(tax_rate="100.01")], "Line 1: a tax rate is between 0 and 100 %."),
        ([line(discount="101")], "Line 1: a discount is between -100 and 100 %."),
        ([line(), line(discount="-100.5")], "Line 2: a discount is between -100 and 100 %."),
        ([line(kind="gift")], "Line 1: there is no such kind of line."),
    ],
)  # fmt: skip
def test_a_line_that_cannot_be_is_refused_in_a_sentence(tx: Connection, lines: Any, sentence: str) -> None:
    with pytest.raises(psycopg.Error) as caught, tx.transaction():
        tx.execute("SELECT invoices.lines(%s)", [None if lines is None else Jsonb(lines)])
    assert (caught.value.sqlstate, caught.value.diag.message_primary) == ("NX422", sentence)


@pytest.mark.parametrize(
    ("lines", "sentence"),
    [
        ([line(price="-0.01")], "The lines come to -0.01; an invoice is not below zero."),
        ([line(price="100"), line(price="-50", tax_rate="20")], "The tax comes to -10.00; tax is not below zero."),
        ([line(price="9999999999.99"), line(price="1")], "The total is too large for one invoice."),
    ],
)  # fmt: skip
def test_sums_that_cannot_be_an_invoice_are_refused(tx: Connection, lines: Any, sentence: str) -> None:
    with pytest.raises(psycopg.Error) as caught, tx.transaction():
        tx.execute("SELECT * FROM invoices.require_sums(%s)", [Jsonb(kept(tx, lines))])
    assert (caught.value.sqlstate, caught.value.diag.message_primary) == ("NX422", sentence)
