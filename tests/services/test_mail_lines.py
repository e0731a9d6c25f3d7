"""What reaches the mail server: words, addresses and names as they should be, over a line as it should be.

docs/design.md, "Rules of the domain" (schedules, waitlist).
"""

from __future__ import annotations

import ssl
import subprocess
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from console.storage.embedded import EmbeddedServer
from console.worker import smtp_settings
from console.worker.mail import deliver
from tests.support.databases import Database
from tests.support.mail_post import Post, emptied, post_office
from tests.support.mail_server import PASSWORD, USER, FakeMailServer, mail_server


@pytest.fixture(scope="module")
def office(_template: EmbeddedServer) -> Iterator[tuple[Database, str]]:
    with post_office(_template) as made:
        yield made


@pytest.fixture
def post(office: tuple[Database, str]) -> Iterator[Post]:
    with emptied(*office) as made:
        yield made


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
