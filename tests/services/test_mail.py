"""Delivering mail to a real SMTP server: what was accepted is sent once, and every failure is called by its name.

The database, the worker's login and the sockets are real; only the server's misfortunes are made. docs/design.md,
"Rules of the domain" (schedules, waitlist).
"""

from __future__ import annotations

import asyncio
import secrets
import socket
import ssl
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from psycopg import sql
from psycopg.types.json import Jsonb

from console.storage.embedded import EmbeddedServer
from console.worker import smtp_settings
from console.worker.mail import Round, deliver
from console.worker.smtp_settings import MailSettings
from tests.support import databases, factories
from tests.support.databases import Connection, Database
from tests.support.factories import NOON
from tests.support.mail_server import PASSWORD, USER, At, FakeMailServer, Fault, mail_server

ROOT = Path(__file__).resolve().parents[2]


class Post:
    """A database with mail in it, and the worker's own login to it."""

    def __init__(self, database: Database, admin: Connection, role: str) -> None:
        self.database = database
        self.admin = admin
        self.dsn = database.dsn(role, role)

    def write(self, number: int = 1, *, child: str = "Nia", **parent: Any) -> list[UUID]:
        """That many messages to one parent each."""
        return [self._one(child, parent) for _ in range(number)]

    def _one(self, child: str, columns: dict[str, Any]) -> UUID:
        person = factories.parent(self.admin, **columns)
        facts = {
            "child": child,
            "activity": "Junior Judo",
            "venue": "Riverside Studio",
            "starts_at": (NOON + timedelta(days=3)).isoformat(),
            "credits": 4,
        }
        self.admin.execute(
            "SELECT notify.tell(%s, 'session_cancelled', %s, 'test')", [person, Jsonb(facts)]
        ).fetchone()
        found = factories.one(
            self.admin, "SELECT id FROM notifications WHERE user_id = %s AND channel = 'email'", person
        )
        assert isinstance(found, UUID)
        return found

    def state(self, message: UUID) -> tuple[str, str | None, int]:
        """Its state, why, and how often it was tried."""
        row = factories.one(
            self.admin, "SELECT state::text, send_error, attempts FROM notifications WHERE id = %s", message
        )
        return row[0], row[1], row[2]

    def states(self) -> dict[str, int]:
        """How many are in each state."""
        rows = self.admin.execute(
            "SELECT state::text, count(*) FROM notifications WHERE channel = 'email' GROUP BY 1"
        )
        return dict(rows.fetchall())

    def later(self, step: timedelta) -> None:
        """Move the database's clock."""
        now = factories.one(self.admin, "SELECT app.now()")
        factories.fix_clock(self.admin, now + step)

    async def round(self, server: FakeMailServer) -> Round:
        """One round of the worker."""
        return await deliver(self.dsn, smtp_settings.parse(server.url))


@pytest.fixture(scope="module")
def _office(_template: EmbeddedServer) -> Iterator[tuple[Database, str]]:
    made = databases.clone(_template, "mail")
    role = f"nexus_worker_t_{secrets.token_hex(4)}"
    with made.connect() as admin:
        admin.execute(
            sql.SQL("CREATE ROLE {} LOGIN PASSWORD {} IN ROLE console_worker").format(
                sql.Identifier(role), sql.Literal(role)
            )
        )
    yield made, role
    databases.drop(made)
    with _template_admin(_template) as admin:
        admin.execute(sql.SQL("DROP ROLE {}").format(sql.Identifier(role)))


def _template_admin(server: EmbeddedServer) -> Connection:
    return Database(server, "postgres").connect()


@pytest.fixture
def post(_office: tuple[Database, str]) -> Iterator[Post]:
    database, role = _office
    with database.connect() as admin:
        admin.execute("DELETE FROM notifications")
        admin.execute("UPDATE users SET email = id || '@used.example'")
        factories.fix_clock(admin, NOON)
        yield Post(database, admin, role)


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


async def test_a_message_is_plain_text_from_us_to_one_person(post: Post) -> None:
    (message,) = post.write(child="Zoë Łucja 😀", email="maria@family.example", preferred_language="es")
    async with mail_server() as server:
        await post.round(server)
    (kept,) = server.accepted
    assert kept.recipients == ["maria@family.example"]
    mail = kept.mail
    assert mail["To"] == "maria@family.example"
    assert mail["From"] == "Nexus Family Pass <hello@nexus.example>"
    assert mail["Subject"] == "Cancelado: Junior Judo, jueves 5 de marzo, 12:00"
    assert mail["Message-ID"] == f"<{message}@nexus.example>"
    assert mail["Content-Language"] == "es"
    assert mail["Date"]
    assert mail["List-Unsubscribe"] is None
    assert mail.get_content_type() == "text/plain"
    assert "Se ha cancelado Junior Judo para Zoë Łucja 😀 en Riverside Studio" in kept.text
    assert "Créditos devueltos: 4" in kept.text
    assert kept.raw.isascii()


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
                while server.connections == 0 or post.state(message)[0] != "sending":
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


# What is in a message and in an address.

NAUGHTY = [
    "Nia\r\nBcc: everybody@example.org",
    "Nia\n\n.\nMAIL FROM:<evil@example.org>",
    "=?utf-8?B?QmNjOiBhQGI=?=",
    "{{venue}} {{child}}",
    "<b>Nia</b> & 'co' \"x\"; DROP TABLE users;--",
    "\u202eNia\u2066\u200f \ufeff",
    "Ńïà 田中さん 👩‍👩‍👧 Ω≈ç√∫",
    "." * 300,
    "%s %(x)s {0} \\n",
]


@pytest.mark.parametrize("name", NAUGHTY, ids=range(len(NAUGHTY)))
async def test_no_name_gets_out_of_its_place(post: Post, name: str) -> None:
    post.write(child=name, email="one@family.example")
    async with mail_server() as server:
        assert (await post.round(server)).sent == 1
    (kept,) = server.accepted
    assert kept.recipients == ["one@family.example"]
    assert set(kept.mail.keys()) == {
        "Date", "From", "To", "Subject", "Message-ID", "Content-Language", "Auto-Submitted", "Content-Type",
        "Content-Transfer-Encoding", "MIME-Version",
    }  # fmt: skip
    assert kept.text.count("Riverside Studio") == 1
    assert "\u202e" not in kept.text
    assert kept.text.endswith("Nexus Family Pass\n")


@pytest.mark.parametrize(
    "address",
    [
        "a,b@example.org",
        "a>@example.org",
        "<a@example.org",
        '"a"@example.org',
        "a@-x",
        "a@b..c",
        ".a@b.c",
        "a(b)@c.d",
    ],
)
async def test_an_address_that_reads_otherwise_is_refused_before_any_server_sees_it(
    post: Post, address: str
) -> None:
    (message,) = post.write(email=address)
    async with mail_server() as server:
        assert (await post.round(server)).refused == 1
    assert server.connections == 0
    assert post.state(message)[:2] == ("failed", "This is not an address that mail can be sent to.")


@pytest.mark.parametrize("utf8", [True, False])
async def test_an_address_in_other_letters_goes_where_the_server_can(post: Post, utf8: bool) -> None:
    (message,) = post.write(email="иван@пример.example")
    post.later(timedelta(seconds=1))
    (plain,) = post.write()
    async with mail_server(utf8=utf8) as server:
        await post.round(server)
    state, why, _ = post.state(message)
    assert (state, why) == (
        ("sent", None) if utf8 else ("failed", "The mail server takes no address with such letters.")
    )
    assert post.state(plain)[0] == "sent"
    assert [kept.recipients for kept in server.accepted][0:1] == (
        [["иван@пример.example"]] if utf8 else [server.accepted[0].recipients]
    )


# Encryption and signing in.


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A key and a certificate for localhost that vouches for itself."""
    folder = tmp_path_factory.mktemp("mail")
    key, certificate = folder / "mail.key", folder / "mail.crt"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost",
         "-addext", "subjectAltName=DNS:localhost", "-keyout", str(key), "-out", str(certificate)],
        check=True, capture_output=True,
    )  # fmt: skip
    return key, certificate


def _served(certificates: tuple[Path, Path]) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificates[1], certificates[0])
    return context


def _url(server: FakeMailServer, ca: Path | None, password: str = "open%3Asesame%402%2F3") -> str:
    trust = f"&ca={ca}" if ca else ""
    return (
        f"smtp://{USER}:{password}@localhost:{server.port}"
        f"?from=hello@nexus.example&timeout=2&tls=starttls{trust}"
    )


async def test_over_an_encrypted_line_with_a_password(post: Post, certificates: tuple[Path, Path]) -> None:
    post.write(2)
    async with mail_server(tls=_served(certificates), with_login=True) as server:
        settings = smtp_settings.parse(_url(server, certificates[1]))
        assert settings.password == PASSWORD
        assert PASSWORD not in repr(settings)
        assert (await deliver(post.dsn, settings)).sent == 2


async def test_a_certificate_nobody_vouches_for_ends_the_conversation(
    post: Post, certificates: tuple[Path, Path]
) -> None:
    (message,) = post.write()
    async with mail_server(tls=_served(certificates), with_login=True) as server:
        done = await deliver(post.dsn, smtp_settings.parse(_url(server, None)))
    assert done.said == (
        "Mail: 1 put off. The mail server's certificate is not to be trusted, so nothing was sent."
    )
    assert post.state(message)[0] == "waiting"


async def test_a_server_without_encryption_gets_neither_password_nor_mail(post: Post) -> None:
    post.write()
    async with mail_server() as server:
        done = await deliver(post.dsn, smtp_settings.parse(_url(server, None)))
    assert done.said == "Mail: 1 put off. The mail server offers no encryption or no way to sign in."
    assert server.accepted == []


async def test_a_wrong_password_is_said_without_repeating_it(
    post: Post, certificates: tuple[Path, Path]
) -> None:
    (message,) = post.write()
    async with mail_server(tls=_served(certificates), with_login=True) as server:
        done = await deliver(post.dsn, smtp_settings.parse(_url(server, certificates[1], "wrong")))
    assert done.said == "Mail: 1 put off. The mail server refused the user or the password."
    assert post.state(message)[0] == "waiting"
