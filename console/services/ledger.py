"""Parents' credits for headquarters: somebody is found, their ledger is read, it is corrected with a reason.

See docs/design.md, "Credits".
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from functools import partial
from uuid import UUID, uuid4

from console.domain.ledger import LedgerPage, ParentAccount
from console.errors import ConsoleError, Invalid, Unavailable
from console.services.retry import Sleep, until_answered
from console.storage.ledger import LedgerQueries

LEAST_TYPED = 3
MOST_CREDITS = 100_000
"""More at once is a slip of the finger."""
MOST_WORDS = 500


class LedgerService:
    """Parents' ledgers for one signed-in administrator. Raises ConsoleErrors only."""

    def __init__(
        self, queries: LedgerQueries, *, sleep: Sleep = asyncio.sleep, new_id: Callable[[], UUID] = uuid4
    ) -> None:
        """Nothing is asked before the first call."""
        self._queries = queries
        self._sleep = sleep
        self._new_id = new_id
        # Corrections under way or without an answer keep their key: pressing again asks for the same one.
        self._asked: dict[tuple[UUID, int, str], str] = {}

    async def find_parents(self, text: str) -> Sequence[ParentAccount]:
        """Parents by e-mail address, name or booking code. Raises Invalid for less than three symbols."""
        if len(text.strip()) < LEAST_TYPED:
            raise Invalid("Type at least three letters.", code="too_short")
        return await self._queries.find(text)

    async def ledger(self, parent_id: UUID, before: int | None = None) -> LedgerPage:
        """A parent's entries, newest first, with the sums of each period. Raises NotFound."""
        return await self._queries.page(parent_id, before)

    async def adjust(self, parent_id: UUID, credits: int, reason: str) -> LedgerPage:
        """Add (or take) credits with a reason, and the ledger as it is then.

        Asked again while the first answer is out, it happens once. Raises Invalid before anything is sent when there
        is nothing to add or no reason, Conflict when more is taken than there is.
        """
        if credits == 0 or abs(credits) > MOST_CREDITS:
            raise Invalid("Say how many credits to add or to take, up to 100,000.", code="amount")
        if not reason.strip() or len(reason) > MOST_WORDS:
            raise Invalid("Say why the credits are changed, in up to 500 letters.", code="reason")
        facts = (parent_id, credits, reason.strip())
        key = self._asked.setdefault(facts, f"adjust:{self._new_id()}")
        try:
            await until_answered(partial(self._queries.adjust, *facts, key), self._sleep)
            page = await self._queries.page(parent_id, None)
        except Unavailable:
            raise
        except ConsoleError:
            self._asked.pop(facts, None)
            raise
        self._asked.pop(facts, None)
        return page
