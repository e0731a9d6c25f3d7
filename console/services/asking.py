"""Asking the server for as long as somebody at a desk waits: a second. See docs/design.md, "The desk protocol"."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from console.clock import Clock
from console.domain.sync import ANSWER_WITHIN
from console.errors import Unavailable
from console.services.link import Link

Result = TypeVar("Result")


async def within_a_second(
    call: Callable[[], Awaitable[Result]],
    link: Link,
    clock: Clock,
    *,
    within: float = ANSWER_WITHIN.total_seconds(),
) -> Result:
    """The server's answer. Raises Unavailable after `within` seconds, and at once when the server is, or goes, away.

    What was asked may have been done all the same: an act has to carry a number of its own. The link hears of both.
    """
    if link.is_away:
        raise Unavailable("The server cannot be reached.", code="offline")
    started = clock.monotonic()
    task = asyncio.ensure_future(call())
    lost = asyncio.ensure_future(link.until_lost())
    either: set[asyncio.Future[Any]] = {task, lost}
    try:
        await asyncio.wait(either, timeout=within, return_when=asyncio.FIRST_COMPLETED)
    except asyncio.CancelledError:
        task.cancel()
        raise
    finally:
        lost.cancel()
    if not task.done():
        task.cancel()
        task.add_done_callback(_swallow)
        link.lost()
        raise Unavailable("The server does not answer.", code="offline")
    try:
        answer = task.result()
    except Unavailable:
        link.lost()
        raise
    link.answered(clock.monotonic() - started)
    return answer


def _swallow(task: asyncio.Future[Result]) -> None:
    if not task.cancelled():
        task.exception()
