"""Identifiers made on the desk: UUIDs of version 7, which sort by the time they were made.

An event's identifier is also its idempotency key, so it exists before anything is sent (docs/design.md, "The desk
protocol"). Time and randomness come from the caller.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

RANDOM_BYTES = 10
_VERSION = 7
_VARIANT = 0b10


def uuid7(instant: datetime, randomness: bytes) -> UUID:
    """The identifier (RFC 9562) for an aware instant and ten random bytes. Raises ValueError for fewer or more."""
    if len(randomness) != RANDOM_BYTES:
        raise ValueError("a version 7 UUID takes ten random bytes")
    milliseconds = int(instant.timestamp() * 1000)
    bits = int.from_bytes(randomness, "big")
    return UUID(
        int=(milliseconds & (1 << 48) - 1) << 80
        | _VERSION << 76
        | (bits >> 68 & 0xFFF) << 64
        | _VARIANT << 62
        | bits & (1 << 62) - 1
    )
