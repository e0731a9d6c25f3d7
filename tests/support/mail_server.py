"""A mail server that can fail in every way a mail server does, at the moment a test chooses.

It listens on a real port of this computer and speaks SMTP; what it accepts, it keeps. Each message that is sent to it
meets the next of the faults it was given; after the last one everything is accepted.
"""

from __future__ import annotations

import asyncio
import email
import email.policy
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from enum import StrEnum
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

USER, PASSWORD = "worker", "open:sesame@2/3"


class Fault(StrEnum):
    """What goes wrong with a message. An answer such as "451 4.3.0 Later" is given to the recipient or to the words."""

    CUT_BEFORE = "cut before its words"
    CUT_AFTER = "cut after its words"
    HANG_BEFORE = "no answer before its words"
    HANG_AFTER = "no answer after its words"
    NONSENSE = "an answer that means nothing after its words"
    SLOW = "every answer takes a while"
    NONE = "nothing"


@dataclass(frozen=True)
class At:
    """An answer of one's own: to the sender, to the recipient, or (default) to the words."""

    answer: str
    sender: bool = False
    recipient: bool = False


@dataclass
class Kept:
    """A message that was accepted, or whose words at least came in."""

    recipients: list[str]
    raw: bytes

    @property
    def mail(self) -> EmailMessage:
        """The message, read."""
        return email.message_from_bytes(self.raw, policy=email.policy.default)

    @property
    def text(self) -> str:
        """What a person reads in it."""
        return str(self.mail.get_content()).replace("\r\n", "\n")


@dataclass
class FakeMailServer:
    """What a test sees of the server. `accepted` were confirmed, `taken` came in without an answer that said so."""

    port: int = 0
    faults: list[Fault | At] = field(default_factory=list)
    accepted: list[Kept] = field(default_factory=list)
    taken: list[Kept] = field(default_factory=list)
    connections: int = 0
    came_in: asyncio.Event = field(default_factory=asyncio.Event)
    _open: set[asyncio.BaseTransport] = field(default_factory=set)
    _now: Fault | At = Fault.NONE

    @property
    def url(self) -> str:
        """The address for the worker's environment."""
        return f"smtp://127.0.0.1:{self.port}?from=hello@nexus.example&timeout=1"

    def count(self, transport: asyncio.BaseTransport) -> None:
        """Note a connection."""
        self.connections += 1
        self._open.add(transport)

    def hang_up(self) -> None:
        """End every conversation at once."""
        for transport in self._open:
            assert isinstance(transport, asyncio.WriteTransport)
            transport.abort()
        self._open.clear()

    # What the protocol asks; the names are the library's.

    async def handle_MAIL(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """The sender: a message begins, and with it the next fault."""
        self._now = self.faults.pop(0) if self.faults else Fault.NONE
        if isinstance(self._now, At) and self._now.sender:
            return self._now.answer
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        await self._slowly()
        return "250 OK"

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """The recipient."""
        if isinstance(self._now, At) and self._now.recipient:
            return self._now.answer
        if self._now is Fault.CUT_BEFORE:
            self.hang_up()
        if self._now is Fault.HANG_BEFORE:
            await asyncio.sleep(30)
        envelope.rcpt_tos.append(address)
        await self._slowly()
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        """The words are here."""
        assert isinstance(envelope.content, bytes)
        kept = Kept(list(envelope.rcpt_tos), envelope.content)
        if isinstance(self._now, At):
            return self._now.answer
        if self._now in {Fault.CUT_AFTER, Fault.HANG_AFTER, Fault.NONSENSE}:
            self.taken.append(kept)
            self.came_in.set()
        if self._now is Fault.CUT_AFTER:
            self.hang_up()
            return "250 never read"
        if self._now is Fault.HANG_AFTER:
            await asyncio.sleep(30)
        if self._now is Fault.NONSENSE:
            return "??? what"
        await self._slowly()
        self.accepted.append(kept)
        self.came_in.set()
        return f"250 2.0.0 Queued as {len(self.accepted):06}"

    async def _slowly(self) -> None:
        if self._now is Fault.SLOW:
            await asyncio.sleep(0.25)


class _Protocol(SMTP):
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        handler = self.event_handler
        assert isinstance(handler, FakeMailServer)
        handler.count(transport)
        super().connection_made(transport)


def _authenticate(server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
    assert isinstance(data, LoginPassword)
    right = (data.login, data.password) == (USER.encode(), PASSWORD.encode())
    return AuthResult(success=right, handled=False)


@asynccontextmanager
async def mail_server(
    *faults: Fault | At, tls: ssl.SSLContext | None = None, with_login: bool = False, utf8: bool = True
) -> AsyncIterator[FakeMailServer]:
    """A server that listens. `tls` makes it demand STARTTLS with that certificate, `with_login` USER and PASSWORD."""
    made = FakeMailServer(faults=list(faults))
    loop = asyncio.get_running_loop()
    listening = await loop.create_server(
        lambda: _Protocol(
            made,
            loop=loop,
            hostname="mail.example",
            ident="test",
            enable_SMTPUTF8=utf8,
            tls_context=tls,
            require_starttls=tls is not None,
            auth_required=with_login,
            auth_require_tls=tls is not None,
            authenticator=_authenticate if with_login else None,
        ),
        "127.0.0.1",
        0,
    )
    made.port = listening.sockets[0].getsockname()[1]
    try:
        yield made
    finally:
        listening.close()
        made.hang_up()
        await listening.wait_closed()
        await asyncio.sleep(0)
