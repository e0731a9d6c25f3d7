"""What `doctor` says of paying venues: where a worker here would pay to, and how many wait, are in doubt or failed.

docs/operations.md, "Paying venues".
"""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from console.__main__ import main
from console.cli import doctor
from console.storage import health
from console.storage.health import TransferCounts
from console.worker.transfer_settings import KEY_VARIABLE, URL_VARIABLE
from tests.support.databases import Database
from tests.support.factories import NOON, fix_clock
from tests.support.paying import Till

KEY = "sk_test_never_shown"


@pytest.fixture
def till(fresh_database: Database) -> Iterator[Till]:
    with fresh_database.connect() as admin:
        fix_clock(admin, NOON)
        yield Till(fresh_database, admin, "nobody")


@pytest.mark.parametrize(
    ("counts", "address", "state", "text", "advice"),
    [
        (
            TransferCounts(0, 0, 0), "", "ok",
            "no address and key for a worker started here; 0 waiting, 0 in doubt, 0 failed", "",
        ),
        (
            TransferCounts(4, 0, 1), "", "note",
            "no address and key for a worker started here; 4 waiting, 0 in doubt, 1 failed",
            "Set NEXUS_TRANSFERS_URL for the worker, or pay by a file for the bank.",
        ),
        (
            TransferCounts(4, 0, 0), "https://pay.example.com/?timeout=9", "ok",
            "https://pay.example.com with a key; 4 waiting, 0 in doubt, 0 failed", "",
        ),
        (
            TransferCounts(0, 2, 0), "https://pay.example.com", "note",
            "https://pay.example.com with a key; 0 waiting, 2 in doubt, 0 failed",
            "Somebody of platform finance settles them: Payouts, Tries to pay it.",
        ),
    ],
)  # fmt: skip
def test_it_says_where_to_and_how_it_stands(
    monkeypatch: pytest.MonkeyPatch, counts: TransferCounts, address: str, state: str, text: str, advice: str
) -> None:
    monkeypatch.setenv(URL_VARIABLE, address)
    monkeypatch.setenv(KEY_VARIABLE, KEY)
    found = doctor._transfers(counts)
    assert (found.area, found.state, found.text, found.advice) == ("transfers", state, text, advice)


@pytest.mark.parametrize(
    ("address", "key", "sentence"),
    [
        ("https://pay.example.com", "", "There is no key for transfers."),
        ("https://pay.example.com", "a b", "The key for transfers is not one."),
        ("http://pay.example.com", KEY, "The address in NEXUS_TRANSFERS_URL would send the key unencrypted"),
        ("https://pay.example.com?ca=/nowhere.pem", KEY, ""),
    ],
)
def test_what_is_set_wrongly_is_a_problem(
    monkeypatch: pytest.MonkeyPatch, address: str, key: str, sentence: str
) -> None:
    monkeypatch.setenv(URL_VARIABLE, address)
    monkeypatch.setenv(KEY_VARIABLE, key)
    found = doctor._transfers(TransferCounts(0, 0, 0))
    assert (found.area, found.state) == ("transfers", "problem")
    assert found.text.startswith(sentence)
    assert found.advice
    assert KEY not in found.text + found.advice


def test_it_counts_what_waits_is_in_doubt_and_failed(
    till: Till, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    run = till.run()
    for answer, amount in (("failed", 100), ("paid", 90), ("paid", 100)):
        payout = till.payout(run=run)
        assert till.one("SELECT payout_id FROM payouts.take_transfer()") == payout
        till.admin.execute(
            "SELECT payouts.transfer_said(id, %s, %s, 'USD', destination, %s, 0, NULL)"
            " FROM payout_attempts WHERE payout_id = %s",
            [f"tr_{payout}", amount, answer, payout],
        )
    for _ in range(3):
        till.payout(run=run)
    till.payout(run=run, stripe_connect_account_id=None)
    assert health.transfers(till.database.admin_dsn) == TransferCounts(waiting=3, doubtful=1, failed=1)
    monkeypatch.setenv(URL_VARIABLE, "https://pay.example.com")
    monkeypatch.setenv(KEY_VARIABLE, KEY)
    main(["doctor", "--json", "--admin-dsn", till.database.admin_dsn])
    said = capsys.readouterr().out
    assert KEY not in said
    (found,) = [one for one in json.loads(said) if one["area"] == "transfers"]
    assert found["text"] == "https://pay.example.com with a key; 3 waiting, 1 in doubt, 1 failed"
