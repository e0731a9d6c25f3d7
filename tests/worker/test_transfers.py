"""Paying venues over a real HTTP service: money leaves once, and every failure is called by its name.

The database, the worker's login and the sockets are real; only the service's misfortunes are made. docs/operations.md,
"Paying venues".
"""

from __future__ import annotations

import asyncio
import io
import logging
import socket
import ssl
import subprocess
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest

from console.storage.embedded import EmbeddedServer
from console.storage.worker import WorkerDatabase
from console.worker import registry, transfer_settings, transfers
from console.worker.transfer_settings import TransferSettings
from tests.support import factories
from tests.support.databases import Database
from tests.support.factories import NOON
from tests.support.paying import Till, emptied, till_database
from tests.support.transfer_server import KEY, Fault, transfer_server

HOUR = timedelta(hours=1)


@pytest.fixture(scope="module")
def office(_template: EmbeddedServer) -> Iterator[tuple[Database, str]]:
    with till_database(_template) as made:
        yield made


@pytest.fixture
def till(office: tuple[Database, str]) -> Iterator[Till]:
    with emptied(*office) as made:
        yield made


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A key and a certificate for this computer that vouches for itself."""
    folder = tmp_path_factory.mktemp("transfers")
    key, certificate = folder / "transfers.key", folder / "transfers.crt"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost",
         "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(key), "-out", str(certificate)],
        check=True, capture_output=True,
    )  # fmt: skip
    return key, certificate


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
        first = await till.send(server)
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


async def test_what_was_taken_without_an_answer_is_found_there(till: Till) -> None:
    payout = till.payout()
    with transfer_server(Fault.CUT_AFTER) as server:
        await till.send(server)
        till.later()
        assert (await till.send(server)).fates == {"paid": 1}
    assert len(server.posts) == 1
    assert till.attempts(payout) == [("paid", None)]


async def test_a_refusal_of_what_may_have_been_taken_is_looked_up_again(till: Till) -> None:
    """The other side took it, gave no answer, lists it late and meanwhile says no: the transfer it took counts."""
    payout = till.payout()
    with transfer_server(Fault.CUT_AFTER) as server:
        server.lists = "nothing"
        await till.send(server)
        server.forget()
        server.faults[:] = [Fault.NO_MONEY]
        # It is listed from the moment in which it says no.
        server.on_post = lambda: setattr(server, "lists", "all")
        till.later()
        assert (await till.send(server)).fates == {"paid": 1}
    assert len(server.posts) == 2
    assert till.attempts(payout) == [("paid", None)]


@pytest.mark.parametrize("lists", ["half", "nonsense"])
async def test_nothing_is_asked_for_while_it_cannot_be_seen_what_is_there(till: Till, lists: str) -> None:
    payout = till.payout()
    with transfer_server() as server:
        server.lists = lists
        assert (await till.send(server)).fates == {"put off": 1}
        assert server.posts == []
        assert till.attempts(payout) == [("ready", "The other side's list of transfers cannot be read.")]
        server.lists = "all"
        till.later()
        assert (await till.send(server)).fates == {"paid": 1}


async def test_a_restored_database_pays_nothing_again(till: Till) -> None:
    """It has forgotten the tries, and the other side the keys."""
    first, second = till.payout(), till.payout()
    with transfer_server(Fault.NO_MONEY) as server:
        await till.send(server)
        failed = next(one for one in (first, second) if till.state(one)[0] == "failed")
        till.again(failed)
        await till.send(server)
        server.forget()
        till.admin.execute("DELETE FROM payout_attempts")
        till.admin.execute("UPDATE venue_payouts SET status = 'pending', paid_at = NULL")
        assert (await till.send(server)).fates == {"paid": 1, "doubtful": 1}
        assert [server.times(one) for one in (first, second)] == [1, 1]
        # The one that was paid by its second try is a person's business, however often the worker looks.
        assert str(till.state(failed)[1]).startswith(
            "The other side has another transfer of this payout: tr_"
        )
        for _ in range(3):
            till.later(timedelta(hours=12))
            await till.send(server)
    assert [server.times(one) for one in (first, second)] == [1, 1]
    assert len(server.posts) == 3


async def test_a_key_that_stands_for_something_else_is_a_persons_business(till: Till) -> None:
    payout = till.payout()
    with transfer_server(Fault.KEY_TWICE) as server:
        assert (await till.send(server)).fates == {"doubtful": 1}
        assert till.state(payout) == ("failed", "The other side knows this key for something else.")
        with pytest.raises(psycopg.Error, match="in doubt"):
            till.again(payout)
    assert server.times(payout) == 0


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (Fault.WRONG_AMOUNT, "100.00 USD was asked for, and the other side answered with 99.00 USD."),
        (Fault.WRONG_CURRENCY, "100.00 USD was asked for, and the other side answered with 100.00 EUR."),
        (Fault.WRONG_ACCOUNT, "The other side answered with another account than the venue's."),
    ],
)
async def test_an_answer_with_something_else_is_never_paid_again_before_it_is_taken_back(
    till: Till, fault: Fault, words: str
) -> None:
    payout = till.payout()
    with transfer_server(fault) as server:
        assert (await till.send(server)).fates == {"doubtful": 1}
        status, why = till.state(payout)
        assert status == "failed"
        assert why is not None
        assert why.startswith(words)
        with pytest.raises(psycopg.Error, match="in doubt"):
            till.again(payout)
        for _ in range(3):
            till.later(HOUR)
            assert (await till.send(server)).amount == 0
            assert (await till.poll(server)).fates == {"doubtful": 1}
        assert len(server.posts) == 1
        # Somebody settles it there.
        server.take_back("tr_000001")
        till.later(HOUR)
        assert (await till.poll(server)).fates == {"reversed": 1}
        till.again(payout)
        assert (await till.send(server)).fates == {"paid": 1}
    assert server.times(payout) == 1


async def test_a_transfer_of_another_payout_is_not_taken_for_this_one(till: Till) -> None:
    first = till.payout()
    with transfer_server(Fault.NONE, Fault.SAME_AGAIN) as server:
        await till.send(server)
        second = till.payout()
        assert (await till.send(server)).fates == {"doubtful": 1}
    assert till.state(first)[0] == "paid"
    assert till.state(second)[1] is not None
    assert "pays another payout" in str(till.state(second)[1])


async def test_what_is_under_way_is_looked_at_until_it_arrives_or_fails(till: Till) -> None:
    arrives, fails = till.payout(), till.payout()
    with transfer_server() as server:
        server.status = "pending"
        assert (await till.send(server)).fates == {"accepted": 2}
        assert {till.state(arrives), till.state(fails)} == {("processing", None)}
        till.later()
        assert (await till.poll(server)).amount == 0
        for one in server.made.values():
            if one["metadata"]["payout"] == str(arrives):
                one["status"] = "paid"
            else:
                one |= {"status": "failed", "failure_message": f"The bank\nis closed {KEY}"}
        till.later()
        assert (await till.poll(server)).fates == {"paid": 1, "failed": 1}
    assert till.state(arrives) == ("paid", None)
    assert till.state(fails) == ("failed", "The bank is closed …")


async def test_a_paid_transfer_that_is_taken_back_fails_and_is_paid_again(till: Till) -> None:
    payout = till.payout()
    with transfer_server() as server:
        await till.send(server)
        server.take_back("tr_000001", 4000)
        till.later(timedelta(days=1))
        assert (await till.poll(server)).fates == {"doubtful": 1}
        assert str(till.state(payout)[1]).startswith("40.00 USD of it was taken back.")
        with pytest.raises(psycopg.Error, match="in doubt"):
            till.again(payout)
        server.take_back("tr_000001")
        till.later(HOUR)
        assert (await till.poll(server)).fates == {"reversed": 1}
        assert till.state(payout) == ("failed", "The transfer was taken back.")
        till.again(payout)
        assert (await till.send(server)).fates == {"paid": 1}
    assert till.attempts(payout) == [("reversed", "The transfer was taken back."), ("paid", None)]
    assert (server.times(payout), server.left(payout)) == (1, 10000)


async def test_a_transfer_nobody_knows_any_more_stays_as_it_is(till: Till) -> None:
    payout = till.payout()
    with transfer_server() as server:
        server.status = "pending"
        await till.send(server)
        server.made.clear()
        till.later()
        assert (await till.poll(server)).fates == {"put off": 1}
    assert till.attempts(payout) == [("accepted", "The other side does not know this transfer any more.")]
    assert till.state(payout)[0] == "processing"


async def test_a_rotated_key_changes_nothing_but_the_key(till: Till) -> None:
    payout = till.payout()
    with transfer_server() as server:
        old = server.key
        server.key = "sk_test_the_new_one"
        done = await till.send(server, old)
        assert done.said == "Transfers: 1 put off. The other side refused the key."
        assert (server.posts, till.attempts(payout)) == ([], [("ready", "The other side refused the key.")])
        till.later(timedelta(minutes=15))
        assert (await till.send(server)).fates == {"paid": 1}
    assert len(server.posts) == 1


async def test_a_redirection_is_not_followed_and_the_key_goes_nowhere_else(till: Till) -> None:
    till.payout()
    with transfer_server() as thief, transfer_server(Fault.REDIRECT) as server:
        server.elsewhere = f"{thief.url}/v1/transfers"
        done = await till.send(server)
    assert done.said.endswith("The other side sends us to another address: check NEXUS_TRANSFERS_URL.")
    assert thief.headers == []


async def test_a_wrong_address_fails_no_payout(till: Till) -> None:
    payout = till.payout()
    with transfer_server(Fault.NO_PAGE) as server:
        done = await till.send(server)
    assert "check NEXUS_TRANSFERS_URL" in done.said
    assert till.attempts(payout)[0][0] == "ready"


async def test_no_service_puts_off_and_says_so(till: Till) -> None:
    payouts = [till.payout(), till.payout()]
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        base = f"http://127.0.0.1:{unused.getsockname()[1]}"
        done = await transfers.send(till.dsn, TransferSettings(base, KEY))
    assert done.said == "Transfers: 1 put off. The service for transfers cannot be reached."
    assert sorted(till.state(one)[0] for one in payouts) == ["pending", "processing"]


async def test_a_certificate_that_is_not_trusted_gets_no_key(
    till: Till, certificates: tuple[Path, Path]
) -> None:
    payout = till.payout()
    served = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    served.load_cert_chain(certificates[1], certificates[0])
    with transfer_server(tls=served) as server:
        done = await till.send(server)
        assert done.said.endswith("certificate is not to be trusted, so nothing was sent.")
        assert server.headers == []
        assert till.attempts(payout)[0][0] == "ready"
        till.later()
        trusting = transfer_settings.parse(f"{server.url}&ca={certificates[1]}", KEY)
        assert (await transfers.send(till.dsn, trusting)).fates == {"paid": 1}


async def test_after_a_day_a_key_is_only_looked_up(till: Till) -> None:
    """The other side forgets keys: asked again, it would pay again."""
    taken, never = till.payout(), till.payout()
    with transfer_server(Fault.CUT_AFTER, Fault.CUT_BEFORE) as server:
        await till.send(server)
        first = {form["metadata[payout]"] for form in server.posts[:1]}
        server.forget()
        till.later(timedelta(hours=21))
        done = await till.send(server)
    assert done.fates == {"paid": 1, "failed": 1}
    assert len(server.posts) == 2
    paid, failed = (taken, never) if str(taken) in first else (never, taken)
    assert till.state(paid) == ("paid", None)
    assert till.state(failed) == ("failed", "The other side never took it.")


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


async def test_no_log_and_no_row_holds_the_key(till: Till) -> None:
    payout = till.payout()
    said = io.StringIO()
    handler = logging.StreamHandler(said)
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    try:
        with transfer_server(Fault.ERROR_AFTER, Fault.NO_MONEY, Fault.CUT_AFTER) as server:
            for _ in range(4):
                await till.send(server)
                till.later(HOUR)
            settings = transfer_settings.parse(server.url, KEY)
    finally:
        root.setLevel(level)
        root.removeHandler(handler)
    assert "httpcore" in said.getvalue() or "HTTP Request" in said.getvalue()
    assert KEY not in said.getvalue() + repr(settings)
    everything = till.one(
        """SELECT (SELECT string_agg(a::text, '') FROM payout_attempts AS a)
               || (SELECT string_agg(p::text, '') FROM venue_payouts AS p)"""
    )
    assert "sk_test" not in everything
    assert till.state(payout)[0] == "paid"


async def test_the_jobs_use_the_workers_environment(till: Till, monkeypatch: pytest.MonkeyPatch) -> None:
    till.payout()
    jobs = {one.name: one for one in registry.JOBS}
    assert jobs["send_transfers"].woken_by == "nexus_transfers"
    with transfer_server() as server:
        monkeypatch.setenv(transfer_settings.URL_VARIABLE, server.url)
        monkeypatch.setenv(transfer_settings.KEY_VARIABLE, server.key)
        database = WorkerDatabase(till.dsn)
        for name, words in (
            ("send_transfers", "Transfers: 1 paid."),
            ("poll_transfers", "No transfer was to be looked at."),
        ):
            work = jobs[name].does
            assert not isinstance(work, str)
            assert (await work(database)).words == words


async def test_an_approval_and_a_release_wake_the_worker(till: Till) -> None:
    run = till.run(state="made")
    payout = till.payout(run=run)
    finance = factories.staff(till.admin, "platform_finance")
    hold = {"venue_id": till.venue_of(payout), "reason": "In doubt", "placed_by": finance}
    placed = factories.insert(till.admin, "payout_holds", hold)
    with psycopg.connect(till.dsn, autocommit=True) as listening:
        listening.execute("LISTEN nexus_transfers")
        till.admin.execute(
            "UPDATE payout_runs SET state = 'approved', approved_by = %s, approved_at = app.now() WHERE id = %s",
            [finance, run],
        )
        assert len(list(listening.notifies(timeout=5, stop_after=1))) == 1
        till.admin.execute(
            "UPDATE payout_holds SET released_at = app.now(), released_by = %s, release_reason = 'Fine' WHERE id = %s",
            [finance, placed],
        )
        assert len(list(listening.notifies(timeout=5, stop_after=1))) == 1
