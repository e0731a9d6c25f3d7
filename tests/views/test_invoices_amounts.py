"""Amounts as people type them: one rule, exact, and one sentence where it is no number."""

from __future__ import annotations

from decimal import Decimal

import pytest

from console.models.money import MINUS
from console.views.invoices.amounts import read_number, written


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("1,234.50", "1234.50"),
        ("1234,5", "1234.5"),
        ("1.234,50", "1234.50"),
        ("1,234", "1234"),
        ("1,234,567", "1234567"),
        ("1.234.567", "1234567"),
        ("1 234.50", "1234.50"),
        ("1\u202f234,50", "1234.50"),
        ("12.5", "12.5"),
        ("12,5", "12.5"),
        ("0,12", "0.12"),
        (".5", "0.5"),
        ("12.", "12"),
        ("+3", "3"),
        ("-4.20", "-4.20"),
        (f"{MINUS}4.20", "-4.20"),
        ("  7  ", "7"),
        ("007", "7"),
        ("1.500", "1.5"),
    ],
)
def test_what_is_typed_is_what_is_meant(typed: str, meant: str) -> None:
    assert read_number(typed) == Decimal(meant)


@pytest.mark.parametrize(
    "typed",
    ["", "-", "abc", "1,23,456.00", "12,34.50", "1.2.3", "1,2,3", "1e5", "NaN", "Infinity", "٣", "1234,567.00",
     "1..2", "--1", "0x10", "12 €", ",", "."],
)  # fmt: skip
def test_what_is_no_number_is_refused_in_one_sentence(typed: str) -> None:
    with pytest.raises(ValueError, match=r"^An amount is a number such as 1,234\.50\.$"):
        read_number(typed)


def test_more_figures_than_there_may_be_are_refused() -> None:
    with pytest.raises(ValueError, match="at most 2 figures after the point"):
        read_number("1.234")
    with pytest.raises(ValueError, match="no figures after the point"):
        read_number("1.5", places=0)
    with pytest.raises(ValueError, match="too large"):
        read_number("12345678901")
    assert read_number("0,125", places=4) == Decimal("0.125")
    assert read_number("1.2500", places=2) == Decimal("1.25")


def test_what_is_written_reads_as_what_it_was() -> None:
    for text, places in (("-156.44", 2), ("0", 2), ("7.5893", 4), ("1234567.5", 4), ("0.0001", 4)):
        value = Decimal(text)
        assert read_number(written(value), places=places) == value
        assert read_number(written(value, cents=True), places=places) == value
    assert written(Decimal("12.5"), cents=True) == "12.50"
    assert written(Decimal("2.50")) == "2.5"
    assert written(Decimal("-3"), cents=True) == f"{MINUS}3.00"
