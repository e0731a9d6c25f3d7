"""Delivering mail to a real SMTP server: what was accepted is sent once, and every failure is called by its name.

The database, the worker's login and the sockets are real; only the server's misfortunes are made. docs/design.md,
"Rules of the domain" (schedules, waitlist).
"""

from __future__ import annotations

import asyncio
import socket
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from console.storage.embedded import EmbeddedServer
from console.storage.worker import WorkerDatabase, worker_dsn
from console.worker import smtp_settings
from console.worker.mail import Round, deliver
from console.worker.registry import JOBS
from console.worker.smtp_settings import MailSettings
from tests.support import factories
from tests.support.databases import Database
from tests.support.factories import NOON
from tests.support.mail_post import Post, emptied, post_office
from tests.support.mail_server import At, Fault, mail_server

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def office(_template: EmbeddedServer) -> Iterator[tuple[Database, str]]:
    with post_office(_template) as made:
        yield made


@pytest.fixture
def post(office: tuple[Database, str]) -> Iterator[Post]:
    with emptied(*office) as made:
        yield made


async def test_what_is_accepted_is_sent_once_over_one_connection(post: Post) -> None:
    messages = post.write(45)
    async with mail_server() as server:
        done = await post.round(server)
        again = await post.round(server)
    assert (done.sent, done.said) == (45, "Mail: 45 sent.")
    assert (again.sent, again.said) == (0, "No mail was due.")
    assert server.connections == 1
    assert len(server.accepted) == len({kept.mail["Message-ID"] for kept in server.accepted}) == 45
    assert post.states() == {"sent": 45}
    row = factories.one(
        post.admin,
        "SELECT is_sent, sent_at, external_delivery_id, lease FROM notifications WHERE id = %s",
        messages[0],
    )
    assert row[:2] == (True, NOON)
    assert row[2].startswith("2.0.0 Queued as")
    assert row[3] is None


@pytest.mark.parametrize("at", ["sender", "recipient", "words"])
async def test_put_off_is_tried_again_and_then_sent_once(post: Post, at: str) -> None:
    (message,) = post.write(email="bob@family.example")
    later = At("451 4.3.0 <bob@family.example> come back", at == "sender", at == "recipient")
    async with mail_server(later) as server:
        first = await post.round(server)
        assert (first.later, server.accepted) == (1, [])
        assert post.state(message) == ("waiting", "The mail server answered 451: 4.3.0 … come back", 1)
        assert (await post.round(server)).said == "No mail was due."
        post.later(timedelta(minutes=1))
        assert (await post.round(server)).sent == 1
    assert len(server.accepted) == 1
    assert post.state(message) == ("sent", None, 2)


@pytest.mark.parametrize("at", ["sender", "recipient", "words"])
async def test_refused_for_good_is_not_tried_again_and_the_next_one_goes_out(post: Post, at: str) -> None:
    (message,) = post.write(email="gone@family.example")
    post.later(timedelta(seconds=1))
    (other,) = post.write()
    no = At("550 5.1.1 <gone@family.example>: unknown user", at == "sender", at == "recipient")
    async with mail_server(no) as server:
        done = await post.round(server)
    assert (done.refused, done.sent, server.connections) == (1, 1, 1)
    assert post.state(message) == ("failed", "The mail server answered 550: 5.1.1 … unknown user", 1)
    assert post.state(other)[0] == "sent"


async def test_a_server_that_says_goodbye_is_met_again_on_a_new_connection(post: Post) -> None:
    post.write(3)
    async with mail_server(Fault.NONE, At("421 4.7.0 too many", recipient=True)) as server:
        done = await post.round(server)
    assert (done.sent, done.later, server.connections) == (2, 1, 2)
    assert post.states() == {"sent": 2, "waiting": 1}


async def test_no_server_puts_everything_off_and_says_so_once(post: Post) -> None:
    post.write(25)
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
        done = await deliver(post.dsn, MailSettings("127.0.0.1", port, "hello@nexus.example", tls="none"))
    # One round takes one batch and stops: the rest has not lost a try.
    assert done.said == "Mail: 20 put off. The mail server cannot be reached."
    tries = post.admin.execute(
        "SELECT attempts, count(*) FROM notifications WHERE channel = 'email' GROUP BY 1"
    )
    assert dict(tries.fetchall()) == {0: 5, 1: 20}


async def test_a_message_is_given_up_after_six_tries(post: Post) -> None:
    (message,) = post.write()
    waits = [1, 5, 15, 60, 240]
    async with mail_server(*[At("452 4.2.2 full")] * 6) as server:
        for minutes in waits:
            assert (await post.round(server)).later == 1
            post.later(timedelta(minutes=minutes) - timedelta(seconds=1))
            assert (await post.round(server)).later == 0
            post.later(timedelta(seconds=1))
        assert (await post.round(server)).later == 1
        post.later(timedelta(days=2))
        assert (await post.round(server)).said == "No mail was due."
    assert post.state(message) == ("failed", "The mail server answered 452: 4.2.2 full", 6)
    assert server.accepted == []


@pytest.mark.parametrize("fault", [Fault.HANG_BEFORE, Fault.CUT_BEFORE])
async def test_what_fails_before_the_words_is_tried_again(post: Post, fault: Fault) -> None:
    (message,) = post.write()
    async with mail_server(fault) as server:
        done = await post.round(server)
        assert (done.later, done.uncertain) == (1, 0)
        assert post.state(message)[0] == "waiting"
        post.later(timedelta(minutes=1))
        assert (await post.round(server)).sent == 1
    assert len(server.accepted) == 1


@pytest.mark.parametrize("fault", [Fault.HANG_AFTER, Fault.CUT_AFTER, Fault.NONSENSE])
async def test_what_fails_after_the_words_is_uncertain_and_never_sent_again_by_itself(
    post: Post, fault: Fault
) -> None:
    (message,) = post.write()
    async with mail_server(fault) as server:
        done = await post.round(server)
        assert (done.later, done.uncertain) == (0, 1)
        for _ in range(3):
            post.later(timedelta(days=1))
            assert (await post.round(server)).said == "No mail was due."
    state, why, tries = post.state(message)
    assert (state, tries) == ("uncertain", 1)
    assert why is not None
    assert why.endswith("It may have arrived.")
    assert len(server.taken) == 1
    assert server.accepted == []


async def test_a_slow_server_is_waited_for(post: Post) -> None:
    post.write(2)
    async with mail_server(Fault.SLOW) as server:
        assert (await post.round(server)).sent == 2


async def test_a_round_ends_in_time_and_gives_back_what_it_did_not_begin(post: Post) -> None:
    post.write(3)

    class Hurried:
        """A clock on which a round's time is over after its first message."""

        asked = 0

        def now(self) -> Any:
            return NOON

        def monotonic(self) -> float:
            self.asked += 1
            return 0.0 if self.asked <= 3 else 1000.0

    async with mail_server() as server:
        done = await deliver(post.dsn, smtp_settings.parse(server.url), clock=Hurried())
    assert done.sent == 1
    assert post.states() == {"sent": 1, "waiting": 2}


async def test_two_deliverers_at_once_send_each_message_once(post: Post) -> None:
    post.write(60)
    async with mail_server() as server:
        rounds = await asyncio.gather(*(post.round(server) for _ in range(3)))
    assert sum(one.sent for one in rounds) == 60
    assert len({kept.mail["Message-ID"] for kept in server.accepted}) == len(server.accepted) == 60
    assert post.states() == {"sent": 60}


async def test_a_lease_taken_over_meanwhile_is_not_sent_from(post: Post) -> None:
    """A worker that slept through its lease finds out before the words go."""
    (message,) = post.write()
    async with mail_server(Fault.SLOW) as server:
        running = asyncio.create_task(post.round(server))
        while post.state(message)[0] != "sending":
            await asyncio.sleep(0.01)
        post.admin.execute("UPDATE notifications SET lease = gen_random_uuid() WHERE id = %s", [message])
        done = await running
    assert (done.sent, done.uncertain, done.later) == (0, 0, 0)
    assert server.accepted == []


async def test_cancelling_a_round_gives_back_what_it_did_not_begin(post: Post) -> None:
    post.write(5)
    async with mail_server(Fault.HANG_AFTER) as server:
        running = asyncio.create_task(post.round(server))
        await server.came_in.wait()
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running
        assert post.states() == {"sending": 1, "waiting": 4}
        post.later(timedelta(minutes=11))
        assert (await post.round(server)).sent == 4
    assert post.states() == {"uncertain": 1, "sent": 4}
    assert len(server.accepted) == 4


_WORKER = """
import asyncio, sys
from console.worker import smtp_settings
from console.worker.mail import deliver
asyncio.run(deliver(sys.argv[1], smtp_settings.parse(sys.argv[2])))
"""


@pytest.mark.parametrize(
    ("fault", "becomes"),
    [(Fault.HANG_BEFORE, "sent"), (Fault.HANG_AFTER, "uncertain")],
    ids=["before", "after"],
)
async def test_a_worker_killed_in_the_middle_sends_nothing_twice(
    post: Post, fault: Fault, becomes: str
) -> None:
    (message,) = post.write()
    async with mail_server(fault) as server:
        url = server.url.replace("timeout=1", "timeout=60")
        worker = await asyncio.create_subprocess_exec(
            sys.executable, "-c", _WORKER, post.dsn, url, cwd=ROOT, stderr=subprocess.DEVNULL
        )
        try:
            async with asyncio.timeout(30):
                while server.faults or post.state(message)[0] != "sending":
                    await asyncio.sleep(0.02)
                if fault is Fault.HANG_AFTER:
                    await server.came_in.wait()
        finally:
            worker.kill()
            await worker.wait()
        assert (await post.round(server)).said == "No mail was due."
        post.later(timedelta(minutes=11))
        await post.round(server)
    assert post.state(message)[0] == becomes
    assert len(server.accepted) + len(server.taken) == 1


async def test_without_a_server_nothing_is_touched_and_the_job_says_so(post: Post) -> None:
    (message,) = post.write()
    done = await deliver(post.dsn, None)
    assert done == Round(said="Mail is not set up, so 1 message waited. Set NEXUS_SMTP_URL for the worker.")
    assert post.state(message) == ("waiting", None, 0)


async def test_the_workers_job_sends_what_is_due_by_the_server_of_its_environment(
    post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    (job,) = (one for one in JOBS if one.name == "deliver_mail")
    assert callable(job.does)
    post.write(2)
    monkeypatch.delenv("NEXUS_SMTP_URL", raising=False)
    database = WorkerDatabase(worker_dsn(post.dsn))
    assert "Mail is not set up" in (await job.does(database)).words
    async with mail_server() as server:
        monkeypatch.setenv("NEXUS_SMTP_URL", server.url)
        did = await job.does(database)
    assert (did.amount, did.words) == (2, "Mail: 2 sent.")
    assert post.states() == {"sent": 2}
