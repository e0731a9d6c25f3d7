"""Paying venues over a real HTTP service: money leaves once, and every failure is called by its name.

The database, the worker's login and the sockets are real; only the service's misfortunes are made. docs/operations.md,
"Paying venues".
"""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from console.worker import transfers
from tests.support import factories
from tests.support.factories import NOON
from tests.support.paying import Till
from tests.support.transfer_server import Fault, transfer_server

HOUR = timedelta(hours=1)


async def test_an_approved_payout_is_asked_for_once_and_paid(till: Till) -> None:
    payout = till.payout("1234.50")
    with transfer_server() as server:
        done = await till.send(server)
        again = await till.send(server)
    assert (done.said, again.said) == ("Transfers: 1 paid.", "No transfer was due.")
    (form,) = server.posts
    account = till.one("SELECT stripe_connect_account_id FROM venues WHERE id = %s", till.venue_of(payout))
    assert form == {
        "key": f"nexus-payout-{payout}-1",
        "amount": "123450",
        "currency": "usd",
        "destination": account,
        "transfer_group": f"payout_{payout}",
        "metadata[payout]": str(payout),
        "metadata[attempt]": "1",
    }
    row = till.one(
        """SELECT status, paid_at, sent_at, payment_method, payment_reference, stripe_transfer_id, retry_count
             FROM venue_payouts WHERE id = %s""",
        payout,
    )
    assert row == ("paid", NOON, NOON, "stripe_connect", "tr_000001", "tr_000001", 0)
    assert till.attempts(payout) == [("paid", None)]


async def test_only_what_may_be_paid_is_asked_for(till: Till) -> None:
    run = till.run()
    paid = till.payout(run=run)
    held, no_account = till.payout(run=run), till.payout(run=run, stripe_connect_account_id=None)
    not_approved = till.payout(run=till.run(state="made"))
    zero = till.payout("0.00", run=run)
    finance = factories.staff(till.admin, "platform_finance")
    hold = {"venue_id": till.venue_of(held), "reason": "In doubt", "placed_by": finance}
    placed = factories.insert(till.admin, "payout_holds", hold)
    with transfer_server() as server:
        assert (await till.send(server)).amount == 1
        assert [till.state(one)[0] for one in (paid, held, no_account, not_approved, zero)] == [
            "paid", "pending", "pending", "pending", "pending",
        ]  # fmt: skip
        till.admin.execute(
            "UPDATE payout_holds SET released_at = app.now(), released_by = %s, release_reason = 'Fine' WHERE id = %s",
            [finance, placed],
        )
        assert (await till.send(server)).amount == 1
    assert till.state(held)[0] == "paid"


async def test_without_settings_payouts_wait_and_the_job_says_so(till: Till) -> None:
    till.payout()
    till.payout(stripe_connect_account_id=None)
    done = await transfers.send(till.dsn, None)
    assert (done.amount, done.said) == (
        0,
        "Transfers are not set up, so 2 payouts waited. "
        "Set NEXUS_TRANSFERS_URL for the worker, or pay by a file for the bank.",
    )
    assert (await transfers.poll(till.dsn, None)).amount == 0


@pytest.mark.parametrize(
    "fault",
    [
        Fault.CUT_BEFORE, Fault.CUT_AFTER, Fault.HANG_BEFORE, Fault.HANG_AFTER, Fault.ERROR_BEFORE, Fault.ERROR_AFTER,
        Fault.TRUNCATED, Fault.DRIP, Fault.ENDLESS, Fault.NONSENSE, Fault.SOMETHING_ELSE, Fault.IN_USE, Fault.REDIRECT,
    ],
)  # fmt: skip
async def test_without_an_answer_the_same_key_is_asked_again(till: Till, fault: Fault) -> None:
    payout = till.payout()
    with transfer_server(fault) as server:
        server.lists = "nothing"
        server.patience = 1.0 if fault in {Fault.HANG_BEFORE, Fault.HANG_AFTER, Fault.DRIP} else 10.0
        first = await till.send(server)
        server.patience = 10.0
        assert first.fates == {"unknown": 1}
        ((state, why),) = till.attempts(payout)
        assert state == "unknown"
        assert why is not None
        assert why.endswith(".")
        assert till.state(payout) == ("processing", None)
        assert (await till.send(server)).amount == 0
        till.later(timedelta(minutes=1))
        assert (await till.send(server)).fates == {"paid": 1}
    assert [form["key"] for form in server.posts] == [f"nexus-payout-{payout}-1"] * 2
    assert (server.times(payout), server.left(payout)) == (1, 10000)
    assert till.attempts(payout) == [("paid", None)]


async def test_an_unknown_one_waits_longer_each_time(till: Till) -> None:
    payout = till.payout()
    with transfer_server(*[Fault.ERROR_BEFORE] * 5) as server:
        waits = []
        for _ in range(5):
            await till.send(server)
            row = till.one("SELECT next_at - app.now() FROM payout_attempts WHERE payout_id = %s", payout)
            waits.append(row)
            till.later(row)
    assert waits == [timedelta(minutes=m) for m in (1, 5, 15, 60, 60)]


async def test_a_service_with_too_much_to_do_is_left_alone_as_long_as_it_says(till: Till) -> None:
    payouts = [till.payout(), till.payout()]
    with transfer_server(Fault.BUSY) as server:
        done = await till.send(server)
        assert done.said == "Transfers: 1 put off. The other side has too much to do."
        assert len(server.posts) == 1
        till.later(timedelta(seconds=119))
        assert (await till.send(server)).fates == {"paid": 1}
        till.later(timedelta(seconds=1))
        assert (await till.send(server)).fates == {"paid": 1}
    assert [server.times(one) for one in payouts] == [1, 1]


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (Fault.NO_MONEY, "There is not enough money in the platform's account."),
        (Fault.NO_ACCOUNT, "The other side does not know the venue's account."),
    ],
)
async def test_what_is_refused_fails_in_words_and_is_paid_under_a_new_attempt(
    till: Till, fault: Fault, words: str
) -> None:
    payout = till.payout()
    with transfer_server(fault) as server:
        assert (await till.send(server)).fates == {"failed": 1}
        assert till.state(payout) == ("failed", words)
        assert (await till.send(server)).amount == 0
        till.again(payout)
        assert (await till.send(server)).fates == {"paid": 1}
    assert [form["key"][-2:] for form in server.posts] == ["-1", "-2"]
    assert till.attempts(payout) == [("failed", words), ("paid", None)]
    assert till.one("SELECT retry_count FROM venue_payouts WHERE id = %s", payout) == 1
    assert server.times(payout) == 1


async def test_two_workers_never_ask_for_the_same_payout(till: Till) -> None:
    run = till.run()
    payouts = [till.payout(run=run) for _ in range(12)]
    with transfer_server() as server:
        rounds = await asyncio.gather(*(till.send(server) for _ in range(3)))
    assert sum(one.fates["paid"] for one in rounds) == 12
    assert len(server.posts) == 12
    assert {server.times(one) for one in payouts} == {1}


async def test_the_venues_finance_is_told_once_and_in_its_language(till: Till) -> None:
    payout = till.payout()
    venue = till.venue_of(payout)
    person = factories.staff(till.admin, "venue_finance", venue, preferred_language="es")
    factories.staff(till.admin, "manager", venue)
    with transfer_server(Fault.NO_MONEY) as server:
        await till.send(server)
        till.again(payout)
        await till.send(server)
        till.later(timedelta(days=1))
        await till.poll(server)
    told = till.admin.execute(
        """SELECT user_id, template_key, title FROM notifications
            WHERE channel = 'email' ORDER BY created_at, template_key"""
    ).fetchall()
    assert told == [
        (person, "payout_failed", "Aún sin pagar: 100.00 USD por 03/2026"),
        (person, "payout_paid", "Pagado: 100.00 USD por 03/2026"),
    ]
