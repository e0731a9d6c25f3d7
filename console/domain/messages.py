"""A message on its way out of the database, and what may stand in the address and the headers of a mail.

The database writes every message and decides whether, when and in which words; whoever looks after the jobs sees what
did not arrive (jobs.py). See docs/design.md, "Rules of the domain" (schedules, waitlist).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
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


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that goes along with a message, such as an invoice's PDF."""

    file_name: str
    content: bytes = field(repr=False)
    media_type: str = "application/pdf"


@dataclass(frozen=True, slots=True)
class OutgoingMessage:
    """A message leased for sending. What it says and to whom stays out of every log."""

    id: UUID
    lease: UUID
    address: str = field(repr=False)
    subject: str = field(repr=False)
    body: str = field(repr=False)
    language: str = "en"
    attachments: tuple[Attachment, ...] = ()


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
