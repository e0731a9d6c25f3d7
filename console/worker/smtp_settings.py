"""Which mail server the worker hands its messages to: one address in the worker's environment.

The address may carry the password, or leave it to the place where this computer keeps secrets; it is never in the
database and never in a log. See docs/design.md, "Rules of the domain" (schedules).
"""

from __future__ import annotations

import os
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote

from console import settings
from console.domain.messages import header_text, is_mail_address
from console.errors import Invalid
from console.storage import secrets
from console.worker import addresses
from console.worker.trust import trusted

VARIABLE = "NEXUS_SMTP_URL"
PASSWORD_SECRET = "smtp-password"  # noqa: S105 - the name under which the secret is kept
EXAMPLE = "smtp://user:password@mail.example.org:587?from=hello@example.org"
_PORTS = {"smtp": 587, "smtps": 465}
_OPTIONS = {"from", "name", "tls", "ca", "timeout"}
TIMEOUT_SECONDS = 30.0
LONGEST_TIMEOUT = 300.0


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
    parts, host, options = addresses.read(address, _OPTIONS, _wrong)
    if parts.scheme not in _PORTS or not host or parts.path not in {"", "/"} or parts.fragment:
        raise _wrong("is not an address of a mail server")
    sender = options.get("from", "")
    if not is_mail_address(sender) or not _has_name(sender.rpartition("@")[2]):
        raise _wrong("does not say who the mail is from")
    tls = (
        "tls"
        if parts.scheme == "smtps"
        else options.get("tls", "none" if addresses.is_here(host) else "starttls")
    )
    if tls not in {"tls", "starttls", "none"} or (
        parts.scheme == "smtps" and options.get("tls", "tls") != "tls"
    ):
        raise _wrong("asks for a kind of encryption that there is not")
    if tls == "none" and not addresses.is_here(host):
        raise _wrong("would send mail unencrypted over the network")
    user = unquote(parts.username) if parts.username else None
    password = unquote(parts.password) if parts.password else None
    if user and password is None and secret is not None:
        password = secret(PASSWORD_SECRET)
    if user and password is None:
        raise _wrong("names a user without a password")
    return MailSettings(
        host=host,
        port=parts.port or _PORTS[parts.scheme],
        sender=sender,
        sender_name=header_text(options.get("name", "Nexus Family Pass")),
        user=user,
        password=password,
        tls=tls,
        ca=Path(options["ca"]) if "ca" in options else None,
        timeout=addresses.seconds(options.get("timeout"), TIMEOUT_SECONDS, LONGEST_TIMEOUT, _wrong),
    )


def _has_name(domain: str) -> bool:
    # Every message's own number is made from it, in ASCII.
    try:
        return bool(domain.encode("idna"))
    except UnicodeError:
        return False


def _wrong(what: str) -> Invalid:
    return Invalid(
        f"The mail server in {VARIABLE} {what}.", hint=f"Write it like {EXAMPLE}.", code="mail_settings"
    )
