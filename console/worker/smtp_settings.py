"""Which mail server the worker hands its messages to: one address in the worker's environment.

The address may carry the password, or leave it to the place where this computer keeps secrets; it is never in the
database and never in a log. See docs/design.md, "Rules of the domain" (schedules).
"""

from __future__ import annotations

import ipaddress
import os
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

from console import settings
from console.domain.messages import header_text, is_mail_address
from console.errors import Invalid
from console.storage import secrets
from console.worker.trust import trusted

VARIABLE = "NEXUS_SMTP_URL"
PASSWORD_SECRET = "smtp-password"  # noqa: S105 - the name under which the secret is kept
EXAMPLE = "smtp://user:password@mail.example.org:587?from=hello@example.org"
_PORTS = {"smtp": 587, "smtps": 465}
_OPTIONS = {"from", "name", "tls", "ca", "timeout"}
TIMEOUT_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class MailSettings:
    """How to reach the mail server and in whose name messages go out.

    tls: "tls" from the first byte, "starttls" (needed, not tried), or "none" (a server on this computer).
    ca: a file with the certificates to trust instead of the system's. timeout: seconds for each answer of the server.
    """

    host: str
    port: int
    sender: str
    sender_name: str = "Nexus Family Pass"
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    tls: str = "starttls"
    ca: Path | None = None
    timeout: float = TIMEOUT_SECONDS

    def context(self) -> ssl.SSLContext:
        """The certificates to trust, and the server's name checked. Raises Invalid where the file of `ca` is none."""
        return trusted(self.ca, "mail", VARIABLE, "mail_ca")


def load() -> MailSettings | None:
    """The settings of this worker, or None where mail is not set up. May block on the keyring. Raises ConsoleErrors."""
    if not os.environ.get(VARIABLE, "").strip():
        return None
    return from_environment(secret=secrets.open_store(settings.load()).get)


def from_environment(
    environment: Mapping[str, str] | None = None, secret: Callable[[str], str | None] | None = None
) -> MailSettings | None:
    """The settings in the worker's environment, or None where mail is not set up. `secret` looks a password up by name.

    Raises Invalid, without repeating the password, for an address that cannot be used.
    """
    address = (os.environ if environment is None else environment).get(VARIABLE, "").strip()
    return parse(address, secret) if address else None


def parse(address: str, secret: Callable[[str], str | None] | None = None) -> MailSettings:
    """Read an address such as smtp://user:password@host:587?from=hello@example.org. Raises Invalid."""
    try:
        parts = urlsplit(address)
        port, host = parts.port, parts.hostname
        options = {
            name: values[-1]
            for name, values in parse_qs(parts.query, strict_parsing=bool(parts.query)).items()
        }
    except ValueError as error:
        raise _wrong("cannot be read") from error
    if parts.scheme not in _PORTS or not host or parts.path not in {"", "/"} or parts.fragment:
        raise _wrong("is not an address of a mail server")
    if unknown := sorted(options.keys() - _OPTIONS):
        raise _wrong(f"has an unknown option, {unknown[0]}")
    sender = options.get("from", "")
    if not is_mail_address(sender) or not _has_name(sender.rpartition("@")[2]):
        raise _wrong("does not say who the mail is from")
    tls = "tls" if parts.scheme == "smtps" else options.get("tls", "none" if _is_here(host) else "starttls")
    if tls not in {"tls", "starttls", "none"} or (
        parts.scheme == "smtps" and options.get("tls", "tls") != "tls"
    ):
        raise _wrong("asks for a kind of encryption that there is not")
    if tls == "none" and not _is_here(host):
        raise _wrong("would send mail unencrypted over the network")
    user = unquote(parts.username) if parts.username else None
    password = unquote(parts.password) if parts.password else None
    if user and password is None and secret is not None:
        password = secret(PASSWORD_SECRET)
    if user and password is None:
        raise _wrong("names a user without a password")
    return MailSettings(
        host=host,
        port=port or _PORTS[parts.scheme],
        sender=sender,
        sender_name=header_text(options.get("name", "Nexus Family Pass")),
        user=user,
        password=password,
        tls=tls,
        ca=Path(options["ca"]) if "ca" in options else None,
        timeout=_seconds(options.get("timeout")),
    )


def _seconds(text: str | None) -> float:
    if text is None:
        return TIMEOUT_SECONDS
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not 0 < seconds <= 300:
        raise _wrong("has a timeout that is not between 0 and 300 seconds")
    return seconds


def _has_name(domain: str) -> bool:
    # Every message's own number is made from it, in ASCII.
    try:
        return bool(domain.encode("idna"))
    except UnicodeError:
        return False


def _is_here(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _wrong(what: str) -> Invalid:
    return Invalid(
        f"The mail server in {VARIABLE} {what}.", hint=f"Write it like {EXAMPLE}.", code="mail_settings"
    )
