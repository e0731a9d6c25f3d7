"""One conversation with a mail server: messages handed over one after the other, and for each what is known of it.

The one thing that matters here is the moment in which a message's words go out. Before it a failure is harmless and
tried again; after it, without an answer, nobody knows whether the message arrived, and that is said instead of guessed.
See docs/design.md, "Rules of the domain" (schedules).
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from email.errors import HeaderDefect
from email.header import Header
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP as WIRE
from email.utils import format_datetime
from enum import StrEnum

import aiosmtplib

from console.clock import Clock
from console.domain.messages import OutgoingMessage, header_text, is_mail_address, without_addresses
from console.worker.smtp_settings import MailSettings

_OWN_NAME = "nexus-console"
_LOST = (aiosmtplib.SMTPException, OSError, EOFError)
_LOST_WORDS = "The connection to the mail server was lost."
_CLOSING = 421
"""The server ends the conversation; whatever it was about may be tried again."""


class Fate(StrEnum):
    """What is known of a message after it was tried."""

    SENT = "sent"
    LATER = "later"
    """Not sent, for sure; worth another try."""
    REFUSED = "refused"
    """Not sent, for sure; another try would end the same."""
    UNCERTAIN = "uncertain"
    """Its words went out and no answer came."""
    NOT_MINE = "not_mine"
    """Somebody else has taken it up meanwhile, so nothing was sent."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one message; `said` is the server's answer or the reason, without an address."""

    fate: Fate
    said: str


class NoServer(Exception):
    """The mail server cannot be used now; `why` is one sentence for the screen of the jobs."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


class MailServer:
    """A connection to the mail server, opened when it is first needed and used for every message of a round."""

    def __init__(self, settings: MailSettings, clock: Clock) -> None:
        """Nothing is connected before the first message."""
        self._settings = settings
        self._clock = clock
        self._client: aiosmtplib.SMTP | None = None

    async def send(self, message: OutgoingMessage, handing: Callable[[], Awaitable[bool]]) -> Outcome:
        """Hand one message over. `handing` is awaited just before its words go out and may forbid it.

        Raises NoServer where no conversation could begin; everything else is an Outcome.
        """
        if not is_mail_address(message.address):
            return Outcome(Fate.REFUSED, "This is not an address that mail can be sent to.")
        try:
            words = compose(message, self._settings, self._clock.now())
        except (ValueError, LookupError, HeaderDefect):
            return Outcome(Fate.REFUSED, "This message cannot be written as a mail.")
        client = await self._connected()
        try:
            refused = await self._addressed(client, message.address)
            if refused is not None:
                return refused
            if not await handing():
                await self._reset(client)
                return Outcome(Fate.NOT_MINE, "")
        except aiosmtplib.SMTPResponseException as error:
            return await self._refused(client, error)
        except _LOST as error:
            self._drop()
            return Outcome(Fate.LATER, _lost_words(error))
        if not client.is_connected:
            # Lost while it was written down that the words would go: they did not.
            self._drop()
            return Outcome(Fate.LATER, _LOST_WORDS)
        return await self._words(client, words)

    async def close(self) -> None:
        """End the conversation politely, if there is one; a server that does not answer is left."""
        client, self._client = self._client, None
        if client is None:
            return
        try:
            async with asyncio.timeout(2):
                await client.quit()
        except (aiosmtplib.SMTPException, OSError, TimeoutError):
            pass
        finally:
            client.close()

    async def _connected(self) -> aiosmtplib.SMTP:
        if self._client is not None and self._client.is_connected:
            return self._client
        self._drop()
        told = self._settings
        client = aiosmtplib.SMTP(
            hostname=told.host,
            port=told.port,
            local_hostname=_OWN_NAME,
            timeout=told.timeout,
            use_tls=told.tls == "tls",
            start_tls=told.tls == "starttls",
            tls_context=None if told.tls == "none" else told.context(),
        )
        try:
            # The library bounds each answer; this bounds them all together.
            async with asyncio.timeout(told.timeout * 2):
                await client.connect()
                if told.user is not None:
                    await client.login(told.user, told.password or "")
                if client.is_ehlo_or_helo_needed:
                    await client.ehlo()
        except (aiosmtplib.SMTPException, OSError, TimeoutError, EOFError) as error:
            client.close()
            raise NoServer(_no_server_words(error)) from error
        except BaseException:
            client.close()
            raise
        self._client = client
        return client

    async def _addressed(self, client: aiosmtplib.SMTP, address: str) -> Outcome | None:
        sender = self._settings.sender
        if sender.isascii() and address.isascii():
            await client.mail(sender)
            await client.rcpt(address)
        elif client.supports_extension("smtputf8"):
            await client.mail(sender, options=["SMTPUTF8"], encoding="utf-8")
            await client.rcpt(address, encoding="utf-8")
        else:
            return Outcome(Fate.REFUSED, "The mail server takes no address with such letters.")
        return None

    async def _words(self, client: aiosmtplib.SMTP, words: bytes) -> Outcome:
        try:
            answer = await client.data(words)
        except aiosmtplib.SMTPResponseException as error:
            if 400 <= error.code < 600:
                return await self._refused(client, error)
            self._drop()
            return Outcome(
                Fate.UNCERTAIN, "The mail server gave an answer that means nothing. It may have arrived."
            )
        except _LOST as error:
            self._drop()
            return Outcome(Fate.UNCERTAIN, f"{_lost_words(error)} It may have arrived.")
        except BaseException:
            self._drop()
            raise
        return Outcome(Fate.SENT, without_addresses(answer.message))

    async def _refused(self, client: aiosmtplib.SMTP, error: aiosmtplib.SMTPResponseException) -> Outcome:
        said = without_addresses(f"The mail server answered {error.code}: {error.message}")
        if error.code == _CLOSING or error.code < 0:
            self._drop()
        else:
            await self._reset(client)
        return Outcome(Fate.REFUSED if 500 <= error.code < 600 else Fate.LATER, said)

    async def _reset(self, client: aiosmtplib.SMTP) -> None:
        try:
            await client.rset()
        except (aiosmtplib.SMTPException, OSError):
            self._drop()

    def _drop(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            client.close()


def compose(message: OutgoingMessage, settings: MailSettings, now: datetime) -> bytes:
    """The message as it goes over the wire: plain UTF-8 text, one recipient, the same Message-ID at every try.

    Its files go along, the text first.
    """
    mail = EmailMessage(
        policy=WIRE.clone(
            cte_type="7bit", utf8=not message.address.isascii() or not settings.sender.isascii()
        )
    )
    mail["Date"] = format_datetime(now)
    mail["From"] = _address(settings.sender, header_text(settings.sender_name))
    mail["To"] = _address(message.address)
    mail["Message-ID"] = f"<{message.id}@{_ascii_domain(settings.sender)}>"
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(message.body, charset="utf-8")
    mail["Content-Language"] = message.language if message.language.replace("-", "").isalnum() else "en"
    for one in message.attachments:
        kind, _, rest = one.media_type.partition("/")
        mail.add_attachment(one.content, maintype=kind, subtype=rest, filename=header_text(one.file_name))
    return _subject(message.subject) + mail.as_bytes()


def _subject(text: str) -> bytes:
    # The newer way of the library loses spaces where it folds letters beyond ASCII; the older one does not.
    said = header_text(text)
    is_plain = said.isascii() and "=?" not in said  # what reads like an encoded word is encoded itself
    header = Header(said, "us-ascii" if is_plain else "utf-8", header_name="Subject")
    return f"Subject: {header.encode(linesep=WIRE.linesep)}{WIRE.linesep}".encode("ascii")


def _address(text: str, name: str = "") -> Address:
    # Not addr_spec=: the library's parser of it refuses letters beyond ASCII.
    local, _, domain = text.partition("@")
    return Address(name, local, domain)


def _ascii_domain(sender: str) -> str:
    return sender.rpartition("@")[2].encode("idna").decode("ascii")


def _lost_words(error: BaseException) -> str:
    if isinstance(error, TimeoutError):
        return "The mail server did not answer in time."
    return _LOST_WORDS


def _no_server_words(error: BaseException) -> str:
    causes: list[BaseException] = []
    cause: BaseException | None = error
    while cause is not None and cause not in causes:
        causes.append(cause)
        cause = cause.__cause__ or cause.__context__
    if any(isinstance(one, ssl.SSLCertVerificationError) for one in causes):
        return "The mail server's certificate is not to be trusted, so nothing was sent."
    if any(isinstance(one, ssl.SSLError) for one in causes):
        return "No encrypted connection to the mail server could be made."
    if isinstance(error, aiosmtplib.SMTPAuthenticationError):
        return "The mail server refused the user or the password."
    if isinstance(error, TimeoutError):
        return "The mail server did not answer in time."
    if isinstance(error, aiosmtplib.SMTPResponseException):
        return without_addresses(f"The mail server answered {error.code}: {error.message}")
    if type(error) in {aiosmtplib.SMTPException, aiosmtplib.SMTPNotSupported}:
        return "The mail server offers no encryption or no way to sign in."
    return "The mail server cannot be reached."
