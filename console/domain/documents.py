"""Documents as makers and keepers pass them on: bytes, and what is known of them. See docs/design.md, "Documents"."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Printed:
    """A finished document. `missing` are the characters no font here can draw; the document itself says so too.

    `is_final` says that these are the bytes that are kept. How many pages there are is not known of what was kept.
    """

    pdf: bytes
    pages: int | None = None
    missing: tuple[str, ...] = ()
    is_final: bool = False


@dataclass(frozen=True, slots=True)
class KeptDocument:
    """A document as it was handed out, byte for byte."""

    id: UUID
    file_name: str
    content: bytes
    sha256: bytes
