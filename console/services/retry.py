"""Asking again when it is not known whether a call arrived: safe only for calls that carry their own key.

See docs/design.md, "The database" (availability).
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from console.errors import Unavailable

DELAYS = (0.2, 0.6)
"""Seconds before each further try."""

Sleep = Callable[[float], Awaitable[None]]
Answer = TypeVar("Answer")


async def until_answered(call: Callable[[], Awaitable[Answer]], sleep: Sleep = asyncio.sleep) -> Answer:
    """The answer of `call`, tried again after each of DELAYS while the server is Unavailable; then that is raised."""
    for delay in DELAYS:
        try:
            return await call()
        except Unavailable:
            await sleep(delay)
    return await call()
