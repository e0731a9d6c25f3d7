"""Messages to people as they leave the database: one to be sent, what became of it, and those that did not arrive.

The database writes every message and decides whether, when and in which words; here are the values that pass through
the worker and the screen of the jobs. See docs/design.md, "Rules of the domain" (schedules, waitlist).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from uuid import UUID

# What may stand before and after the @ (RFC 5321, without quoted forms; RFC 6531 for letters beyond ASCII).
_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~\u00a1-\U0010ffff-]+"
_LOCAL = re.compile(rf"{_ATOM}(\.{_ATOM})*")
_DOMAIN = re.compile(
    r"[A-Za-z0-9\u00a1-\U0010ffff]([A-Za-z0-9\u00a1-\U0010ffff-]*[A-Za-z0-9\u00a1-\U0010ffff])?"
)
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_MOST, _MOST_LOCAL = 254, 64
_REASON = 300


class DeliveryState(StrEnum):
    """What became of a message, as `public.delivery_state`."""

    WAITING = "waiting"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"
    """Given up: refused for good, or tried too often."""
    UNCERTAIN = "uncertain"
    """Handed to a server that never answered: it may have arrived."""
    SUPPRESSED = "suppressed"
    """Not sent on purpose; the reason stands with it."""


@dataclass(frozen=True, slots=True)
class OutgoingMessage:
    """A message leased for sending. What it says and to whom stays out of every log."""

    id: UUID
    lease: UUID
    address: str = field(repr=False)
    subject: str = field(repr=False)
    body: str = field(repr=False)
    language: str = "en"


@dataclass(frozen=True, slots=True)
class UndeliveredMessage:
    """A message that was given up or may not have arrived. `address` is masked; nothing names a child."""

    id: UUID
    written_at: datetime
    template: str
    venue: str | None
    state: DeliveryState
    why: str | None
    attempts: int
    address: str


@dataclass(frozen=True, slots=True)
class MailCounts:
    """How much mail is where. `held` is part of `waiting`: kept back through its reader's quiet hours."""

    waiting: int
    held: int
    sending: int
    sent_today: int
    failed: int
    uncertain: int
    oldest_due: datetime | None


def is_mail_address(text: str) -> bool:
    """Whether mail can be sent there as it stands: nothing in it reads otherwise in a header or to a server."""
    local, at, domain = text.partition("@")
    return (
        bool(at)
        and len(local.encode()) <= _MOST_LOCAL
        and len(text.encode()) <= _MOST
        and _LOCAL.fullmatch(local) is not None
        and all(len(label) < 64 and _DOMAIN.fullmatch(label) for label in domain.split("."))
    )


def header_text(text: str) -> str:
    """A text as one line of a header: no control characters, so that nothing in it can begin another header."""
    return " ".join(_CONTROL.sub(" ", text).split())


def without_addresses(text: str) -> str:
    """What a server said, on one line, without the addresses that servers like to repeat."""
    return header_text(re.sub(r"\S*@\S*", "…", text))[:_REASON]
