"""Answers kept while they are typed: one save at a time, the newest words win, nothing typed is lost on the way.

What is typed is sent a moment after the last key, when another review is opened, and when the page is left, also by
signing out. See docs/design.md, "Screens" (reviews and score).
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Coroutine
from typing import Any
from uuid import UUID

from PySide6.QtCore import QObject, QTimer, Signal

from console.domain.feedback import ReviewRow
from console.errors import ConsoleError, Unavailable
from console.models.gateway_feedback import ReplyGateway
from console.models.runner import TaskRunner

_DELAY_MS = 700
_LONGEST_LEAVING = 3.0


class Drafts(QObject):
    """The drafts of one page. `kept` carries the row as it is after a save."""

    kept = Signal(object)

    def __init__(self, gateway: ReplyGateway, runner: TaskRunner, parent: QObject) -> None:
        """Nothing is typed yet."""
        super().__init__(parent)
        self._gateway, self._runner = gateway, runner
        self._pending: dict[UUID, str] = {}
        self._known: dict[UUID, ReviewRow] = {}
        self._refused: set[UUID] = set()
        self._left = False
        self._one_at_a_time = asyncio.Lock()
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.setInterval(_DELAY_MS)
        self._later.timeout.connect(self.flush)

    def know(self, review: ReviewRow) -> None:
        """Take a row as it was read; where words wait to be kept, what they were written upon stays what it was."""
        if review.id not in self._pending or review.id in self._refused:
            self._known[review.id] = review

    def waiting(self, review_id: UUID) -> str | None:
        """What was typed and is not kept yet; None where everything is."""
        return self._pending.get(review_id)

    def type(self, review: ReviewRow, body: str) -> None:
        """Keep this, in a moment."""
        self._known.setdefault(review.id, review)
        self._refused.discard(review.id)
        self._pending[review.id] = body
        self._later.start()

    def flush(self) -> None:
        """Keep what is typed now; a program that ends has no loop any more to do it on."""
        self._later.stop()
        if self._ready() and _loop_runs():
            self._runner.start(self._drain())

    def forget(self, review_id: UUID) -> None:
        """Do not keep what was typed about one."""
        self._pending.pop(review_id, None)
        self._refused.discard(review_id)

    def stop(self) -> Callable[[], Coroutine[Any, Any, None]] | None:
        """The page goes away: what keeps the words that are not kept yet, or None where all are."""
        self._later.stop()
        self._left = True
        return self._leave if self._ready() or self._one_at_a_time.locked() else None

    async def send(self, review: ReviewRow, body: str) -> ReviewRow:
        """Answer, after whatever is being kept. Raises what the gateway raises; the words then wait to be kept."""
        self.forget(review.id)
        async with self._one_at_a_time:
            try:
                answered = await self._gateway.reply(self._known.get(review.id, review), body)
            except ConsoleError:
                self._refuse(review.id, body)
                raise
            self._known[review.id] = answered
            return answered

    def _ready(self) -> list[UUID]:
        return [review_id for review_id in self._pending if review_id not in self._refused]

    def _refuse(self, review_id: UUID, body: str) -> None:
        # Kept on the screen, and sent again only when the person types on.
        self._pending.setdefault(review_id, body)
        self._refused.add(review_id)

    async def _leave(self) -> None:
        # There is nobody left to be told of trouble, and somebody who waits to be signed out.
        with contextlib.suppress(ConsoleError, TimeoutError):
            async with asyncio.timeout(_LONGEST_LEAVING):
                await self._drain()

    async def _drain(self) -> None:
        async with self._one_at_a_time:
            while ready := self._ready():
                review_id, row = ready[0], self._known[ready[0]]
                body = self._pending.pop(review_id)
                if body.strip() == (row.draft or "").strip():
                    continue
                try:
                    row = await self._gateway.keep_draft(row, body)
                except (Unavailable, asyncio.CancelledError):
                    self._pending.setdefault(review_id, body)
                    raise
                except ConsoleError:
                    self._refuse(review_id, body)
                    raise
                self._known[review_id] = row
                if not self._left:
                    self.kept.emit(row)


def _loop_runs() -> bool:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True
