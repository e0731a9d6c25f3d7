"""What an answer about a transfer says, and that half an answer says nothing. docs/operations.md, "Paying venues"."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.domain import transfers
from console.domain.transfers import TransferStatus
from console.errors import Invalid
from console.worker import transfer_settings

WHOLE: dict[str, Any] = {
    "id": "tr_1", "object": "transfer", "amount": 1234, "currency": "usd", "destination": "acct_1",
    "amount_reversed": 0, "reversed": False, "metadata": {"attempt": "2"},
}  # fmt: skip


@pytest.mark.parametrize(
    ("amount", "currency", "units"),
    [("12.34", "USD", 1234), ("0.01", "EUR", 1), ("1200.00", "JPY", 1200), ("1.23", "KWD", 1230)],
)
def test_amounts_are_whole_numbers_of_the_smallest_unit(amount: str, currency: str, units: int) -> None:
    assert transfers.minor_units(Decimal(amount), currency) == units
    assert transfers.major_units(units, currency) == Decimal(amount)


@pytest.mark.parametrize(
    ("amount", "currency"), [("0.001", "USD"), ("1.50", "JPY"), ("0", "USD"), ("-1", "USD")]
)
def test_an_amount_the_currency_does_not_have_is_refused(amount: str, currency: str) -> None:
    with pytest.raises(ValueError, match="not an amount"):
        transfers.minor_units(Decimal(amount), currency)


def test_a_whole_answer_is_read() -> None:
    said = transfers.read_transfer(WHOLE)
    assert said is not None
    assert (said.id, said.amount, said.currency, said.destination) == (
        "tr_1",
        Decimal("12.34"),
        "USD",
        "acct_1",
    )
    assert (said.status, said.taken_back, said.attempt) == (TransferStatus.PAID, Decimal(0), "2")


@pytest.mark.parametrize(
    ("status", "means"),
    [("paid", "paid"), ("pending", "pending"), ("in_transit", "pending"), ("failed", "failed"), ("canceled", "failed"),
     ("something_new", "pending"), (None, "paid")],
)  # fmt: skip
def test_states_of_a_transfer(status: str | None, means: str) -> None:
    said = transfers.read_transfer(WHOLE | {"status": status})
    assert said is not None
    assert said.status == means


def test_what_was_taken_back_is_all_or_part_of_it() -> None:
    all_of_it = transfers.read_transfer(WHOLE | {"reversed": True})
    part = transfers.read_transfer(WHOLE | {"amount_reversed": 34, "destination": {"id": "acct_1"}})
    assert all_of_it is not None
    assert part is not None
    assert (all_of_it.taken_back, part.taken_back) == (Decimal("12.34"), Decimal("0.34"))


@pytest.mark.parametrize("left_out", ["id", "amount", "currency", "destination"])
@pytest.mark.parametrize("instead", [None, 1.5, True, [], "", "12", {"x": 1}, -1])
def test_an_answer_that_is_not_whole_says_nothing(left_out: str, instead: object) -> None:
    if left_out != "amount" and instead == "12":
        instead = "tr 1\n"
    if left_out == "destination" and isinstance(instead, str):
        instead = 7
    assert transfers.read_transfer(WHOLE | {left_out: instead}) is None
    assert transfers.read_transfer({name: value for name, value in WHOLE.items() if name != left_out}) is None


def test_half_an_answer_is_none() -> None:
    body = json.dumps(WHOLE).encode()
    assert all(transfers.read_answer(body[:cut]) is None for cut in range(len(body)))
    assert transfers.read_answer(b"[" * 100_000) is None


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda x: st.lists(x) | st.dictionaries(st.text(), x),
    )
)
def test_no_answer_breaks_the_reading(found: object) -> None:
    body = json.dumps(found).encode()
    transfers.read_transfer(found)
    transfers.read_refusal(body)
    transfers.read_refusal(json.dumps({"error": found}).encode())


def test_a_refusal_is_told_in_words_without_a_key() -> None:
    def told(**error: str) -> str | None:
        found = transfers.read_refusal(json.dumps({"error": error}).encode())
        return found.words if found else None

    assert (
        told(type="x", code="balance_insufficient") == "There is not enough money in the platform's account."
    )
    assert (
        told(type="x", code="resource_missing", param="destination")
        == "The other side does not know the venue's account."
    )
    assert told(type="x", message="No sk_live_1234 \n here") == "The other side refused it: No … here"
    assert told(type="card_error", code="odd") == "The other side refused it: odd"
    assert told(message="no kind") is None
    assert transfers.read_refusal(b"<html>") is None


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("http://pay.example", "would send the key unencrypted over the network"),
        ("https://user:pass@pay.example", "must not hold a key"),
        ("https://sk_live_1@pay.example", "must not hold a key"),
        ("ftp://pay.example", "is not an address of a web service"),
        ("https://", "is not an address of a web service"),
        ("https://pay.example#x", "is not an address of a web service"),
        ("https://pay.example?key=1", "has an unknown option, key"),
        ("https://pay.example?timeout=0", "has a timeout"),
        ("https://pay.example:port", "cannot be read"),
    ],
)
def test_addresses_that_are_refused(address: str, words: str) -> None:
    with pytest.raises(Invalid) as caught:
        transfer_settings.parse(address, "sk_test_12345")
    assert words in caught.value.sentence
    assert "sk_" not in str(caught.value)


def test_the_key_comes_from_the_environment_or_from_where_secrets_are_kept() -> None:
    address = {transfer_settings.URL_VARIABLE: "https://pay.example/api/?timeout=5"}
    read = transfer_settings.from_environment
    assert read({}) is None
    found = read(address | {transfer_settings.KEY_VARIABLE: "sk_test_12345"}, lambda _: "never asked")
    assert found is not None
    assert (found.base, found.key, found.timeout) == ("https://pay.example/api", "sk_test_12345", 5.0)
    assert "sk_" not in repr(found)
    kept = read(address, {"transfers-key": "sk_kept_12345"}.get)
    assert kept is not None
    assert kept.key == "sk_kept_12345"
    for key in ("", "short", "sk_with space", "sk_with\nline_end", "sk_ünicode_123"):
        with pytest.raises(Invalid) as caught:
            transfer_settings.parse("https://pay.example", key)
        assert caught.value.code == "transfers_key"
        assert not key or key not in str(caught.value)
