"""The file a bank pays by and the file it answers with: the same bytes each time, and a sentence for what does not fit.

docs/operations.md, "Paying venues".
"""

from __future__ import annotations

import csv
import io
from contextlib import suppress
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.domain import bank_file
from console.domain.bank_file import BankLine, NotAnAnswer

HEADING = "reference,amount,currency,outcome,date,reason\r\n"


def line(
    payee: str = "Riverside Studio", amount: str = "1234.50", bank: str | None = "First Bank"
) -> BankLine:
    return BankLine(
        "NFP202603-0A1B2C3D4E5F6071-1", payee, bank, "4411", Decimal(amount), "USD", date(2026, 3, 1)
    )


def test_the_file_for_the_bank() -> None:
    made = bank_file.write([line(), line('Čafé "Ποίηση", Ltd', "0.1", bank=None)])
    assert made.decode() == (
        "reference,payee,bank,account_ending,amount,currency,period\r\n"
        "NFP202603-0A1B2C3D4E5F6071-1,Riverside Studio,First Bank,4411,1234.50,USD,2026-03\r\n"
        'NFP202603-0A1B2C3D4E5F6071-1,"Čafé Ποίηση , Ltd",,4411,0.10,USD,2026-03\r\n'
    )
    assert made == bank_file.write([line(), line('Čafé "Ποίηση", Ltd', "0.1", bank=None)])


@given(st.text(max_size=300))
def test_no_name_is_a_formula_or_more_than_one_cell(name: str) -> None:
    made = bank_file.write([line(name)]).decode()
    rows = list(csv.reader(io.StringIO(made, newline="")))
    assert len(rows) == 2
    assert len(rows[1]) == len(bank_file.COLUMNS)
    assert not rows[1][1].startswith(("=", "+", "-", "@", "\t", "\r", "'"))
    assert len(rows[1][1]) <= 70


def test_what_the_bank_did_is_read() -> None:
    text = (
        "\ufeffReference,Amount,Currency,Outcome,Date,Reason,Our own column\r\n"
        "nfp202603-01-1,1234.5,usd,PAID,2026-04-02,,x\r\n"
        '\r\nNFP202603-02-1,"1,234.50",USD,failed,,"Account\nclosed",y\r\n'
    )
    found = bank_file.read(text.encode())
    assert found.problems == ()
    first, second = found.answers
    assert (first.line, first.reference, first.amount) == (2, "NFP202603-01-1", Decimal("1234.50"))
    assert (first.currency, first.outcome, first.on, first.reason) == ("USD", "paid", date(2026, 4, 2), None)
    assert (second.line, second.amount, second.on, second.reason) == (
        4,
        Decimal("1234.50"),
        None,
        "Account closed",
    )


@pytest.mark.parametrize("amount", ["1234,50", "1.234,50", "1234.50"])
def test_with_semicolons_a_comma_may_be_the_decimal_sign(amount: str) -> None:
    text = HEADING.replace(",", ";") + f"NFP-1;{amount};USD;paid;;\n"
    assert bank_file.read(text.encode()).answers[0].amount == Decimal("1234.50")


@pytest.mark.parametrize(
    ("row", "sentence"),
    [
        ("NFP-1,12,USD,paid", "The line is not whole."),
        ("NFP-1,12,USD,pai,,", "The outcome is not paid, failed or returned."),
        ("NFP-1,1 2,USD,paid,,", "The amount is not a number such as 1234.50."),
        ("NFP-1,-12,USD,paid,,", "The amount is not a number such as 1234.50."),
        ("NFP-1,1.234,USD,paid,,", "The amount is not a number such as 1234.50."),
        ("NFP-1,1e3,USD,paid,,", "The amount is not a number such as 1234.50."),
        ("NFP-1,NaN,USD,paid,,", "The amount is not a number such as 1234.50."),
        ("NFP-1,'1234,USD,paid,,", "The amount is not a number such as 1234.50."),
        ("NFP-1,12,$,paid,,", "The currency is not three letters."),
        ("NFP 1,12,USD,paid,,", "The reference is not one of ours."),
        ("NFP-1,12,USD,paid,2026-02-30,", "The date is not a day such as 2026-03-31."),
        ("NFP-1,12,USD,paid,3/4/2026,", "The date is not a day such as 2026-03-31."),
    ],
)
def test_each_line_that_cannot_be_understood_has_a_sentence(row: str, sentence: str) -> None:
    found = bank_file.read((HEADING + row + "\r\nNFP-2,5.00,USD,paid,,\r\n").encode())
    assert found.problems == ((2, sentence),)
    assert [one.reference for one in found.answers] == ["NFP-2"]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "This file is empty."),
        (HEADING.encode(), "This file has no lines."),
        (b"reference,amount\n1,2\n", "This file has no column called currency."),
        (b"reference,amount,currency,outcome,amount\n", "This file has two columns of the same name."),
        (b"\xff\xfe1", "This file is not in UTF-8. Save it as CSV in UTF-8."),
        (HEADING.encode() + b"a\x00", "This file is not a table of text. Save it as CSV in UTF-8."),
        (HEADING.encode() + b'NFP-1,"12', "This file is not a whole table: a quotation mark is left open."),
        (
            HEADING.encode() + b"NFP-1,1,USD,paid,,\n" * 10_001,
            "This file has more than 10,000 lines. Split it.",
        ),
        (b"x" * 5_000_001, "This file is too large to be the bank's answer."),
    ],
)
def test_a_file_that_is_no_answer_is_refused_in_a_sentence(content: bytes, sentence: str) -> None:
    with pytest.raises(NotAnAnswer) as caught:
        bank_file.read(content)
    assert str(caught.value) == sentence


@given(st.binary(max_size=400))
def test_no_file_breaks_the_reading(content: bytes) -> None:
    for one in (content, HEADING.encode() + content):
        with suppress(NotAnAnswer):
            bank_file.read(one)
