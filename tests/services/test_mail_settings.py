"""The mail server's address in the worker's environment, and what a message looks like on the wire.

Both are made from words that somebody else chose, so both are tried with words nobody should choose. docs/design.md,
"Rules of the domain" (schedules).
"""

from __future__ import annotations

import email
import email.policy
import json
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest

from console.domain.messages import OutgoingMessage, header_text, is_mail_address, without_addresses
from console.errors import Invalid
from console.worker import smtp_settings
from console.worker.smtp import compose
from console.worker.smtp_settings import MailSettings
from tests.support.shared_data import require

NOW = datetime(2026, 3, 2, 17, 0, tzinfo=UTC)
SETTINGS = MailSettings("mail.example", 587, "hello@nexus.example")
NUMBER = UUID("018f0000-0000-7000-8000-000000000001")


def test_without_an_address_mail_is_not_set_up(monkeypatch: pytest.MonkeyPatch) -> None:
    assert smtp_settings.from_environment({}) is None
    assert smtp_settings.from_environment({"NEXUS_SMTP_URL": "  "}) is None
    monkeypatch.delenv("NEXUS_SMTP_URL", raising=False)
    assert smtp_settings.load() is None
    monkeypatch.setenv("NEXUS_SMTP_URL", "smtps://mail.example?from=hello@nexus.example")
    assert smtp_settings.load() == MailSettings("mail.example", 465, "hello@nexus.example", tls="tls")


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("smtp://mail.example?from=a@b.example", ("mail.example", 587, "starttls", None, None)),
        ("smtps://mail.example?from=a@b.example", ("mail.example", 465, "tls", None, None)),
        ("smtp://mail.example:2525?from=a@b.example&tls=tls", ("mail.example", 2525, "tls", None, None)),
        ("smtp://localhost:25?from=a@b.example", ("localhost", 25, "none", None, None)),
        ("smtp://[::1]:25?from=a@b.example", ("::1", 25, "none", None, None)),
        ("smtp://127.0.0.1:25?from=a@b.example&tls=starttls", ("127.0.0.1", 25, "starttls", None, None)),
        (
            "smtp://us%40er:p%3Aw%2F%40d@mail.example?from=a@b.example",
            ("mail.example", 587, "starttls", "us@er", "p:w/@d"),
        ),
    ],
)
def test_an_address_is_read(address: str, expected: tuple[object, ...]) -> None:
    made = smtp_settings.parse(address)
    assert (made.host, made.port, made.tls, made.user, made.password) == expected


def test_the_password_may_lie_where_secrets_lie() -> None:
    asked: list[str] = []

    def secret(name: str) -> str | None:
        asked.append(name)
        return "hush"

    made = smtp_settings.parse("smtp://user@mail.example?from=a@b.example", secret)
    assert (made.password, asked) == ("hush", ["smtp-password"])
    assert "hush" not in repr(made)
    with pytest.raises(Invalid, match="names a user without a password"):
        smtp_settings.parse("smtp://user@mail.example?from=a@b.example", lambda _: None)


@pytest.mark.parametrize(
    "address",
    [
        "mail.example",
        "http://mail.example?from=a@b.example",
        "smtp://?from=a@b.example",
        "smtp://mail.example",
        "smtp://mail.example?from=",
        "smtp://mail.example?from=not-an-address",
        "smtp://mail.example?from=a@b.example%0ABcc:x@y.example",
        "smtp://mail.example?from=a@.example",
        "smtp://mail.example:99999?from=a@b.example",
        "smtp://mail.example:x?from=a@b.example",
        "smtp://mail.example/box?from=a@b.example",
        "smtp://mail.example?from=a@b.example&tls=none",
        "smtp://mail.example?from=a@b.example&tls=perhaps",
        "smtps://mail.example?from=a@b.example&tls=none",
        "smtp://mail.example?from=a@b.example&timeout=0",
        "smtp://mail.example?from=a@b.example&timeout=soon",
        "smtp://mail.example?from=a@b.example&retry=1",
        "smtp://user:secret-word@mail.example?nothing",
    ],
)
def test_a_wrong_address_is_refused_without_repeating_it(address: str) -> None:
    with pytest.raises(Invalid) as refused:
        smtp_settings.parse(address)
    assert "NEXUS_SMTP_URL" in refused.value.sentence
    assert "secret-word" not in str(refused.value)


def test_a_file_of_certificates_that_is_none_is_said() -> None:
    settings = smtp_settings.parse("smtps://mail.example?from=a@b.example&ca=nowhere.pem")
    with pytest.raises(Invalid, match="cannot be read"):
        settings.context()


@pytest.mark.parametrize(
    "address", ["maria@family.example", "o'neil+kids@x.y-z.example", "иван@пример.example", "a@localhost"]
)
def test_addresses_that_mail_can_be_sent_to(address: str) -> None:
    assert is_mail_address(address)


@pytest.mark.parametrize(
    "address",
    ["", "@", "a@", "@b", "a b@c.d", "a@b@c.d", "a\n@b.c", "a@b.c\r\n", "a;b@c.d", "a@b_c.d", "a@" + "b" * 64,
     "x" * 65 + "@b.c", "x@" + "b." * 130 + "c"],
)  # fmt: skip
def test_addresses_that_are_none(address: str) -> None:
    assert not is_mail_address(address)


def test_what_a_server_says_is_kept_without_addresses() -> None:
    assert (
        without_addresses("550 <bob@x.example>:\r\n unknown bob@x.example, sorry") == "550 … unknown … sorry"
    )
    assert len(without_addresses("x" * 5000)) == 300


def _sent(subject: str, body: str) -> email.message.EmailMessage:
    raw = compose(OutgoingMessage(NUMBER, NUMBER, "to@x.example", subject, body, "en"), SETTINGS, NOW)
    assert raw.isascii()
    assert max(len(line) for line in raw.split(b"\r\n")) < 998
    return email.message_from_bytes(raw, policy=email.policy.default)


def test_no_naughty_string_breaks_a_message(shared_data: Path) -> None:
    listed: list[str] = json.loads(require(shared_data / "naughty_strings" / "blns.json").read_text("utf-8"))
    plain = list(_sent("Hello", "Hello").keys())
    for text in listed:
        mail = _sent(text, f"Dear {text}\nGoodbye")
        assert list(mail.keys()) == plain, text
        assert mail["To"] == "to@x.example"
        assert mail["Message-ID"] == f"<{NUMBER}@nexus.example>"
        assert header_text(mail["Subject"]) == header_text(text), text
        assert mail.get_content().endswith("Goodbye\r\n"), text


def test_a_message_shows_nothing_of_itself_in_a_log() -> None:
    message = OutgoingMessage(NUMBER, NUMBER, "to@x.example", "Subject", "Body of Nia", "en")
    assert not {"to@x.example", "Subject", "Nia"} & set(repr(message).replace("'", " ").split())
