"""The line to the service for transfers and its key: who gets it, who does not, and what wakes the worker.

docs/operations.md, "Paying venues".
"""

from __future__ import annotations

import io
import logging
import socket
import ssl
import subprocess
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest

from console.storage.worker import WorkerDatabase
from console.worker import registry, transfer_settings, transfers
from console.worker.transfer_settings import TransferSettings
from tests.support import factories
from tests.support.paying import Till
from tests.support.transfer_server import KEY, Fault, transfer_server

HOUR = timedelta(hours=1)


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
