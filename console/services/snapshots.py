"""Keeping the desk's cache fresh: a venue's week once, and after that what changed.

The server is asked on the loop, the disk is written in a thread, and two refreshes of one cache never overlap. See
docs/design.md, "The desk protocol".
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from console.storage.snapshot import FetchedSnapshot


class SnapshotReads(Protocol):
    """The question."""

    async def fetch(self, venue_id: UUID, since: str | None = None) -> FetchedSnapshot:
        """A venue's week, or what changed in it since an earlier answer's `xmin`."""
        ...


class SnapshotStore(Protocol):
    """Where the answer is put. Blocking."""

    def state(self, venue_id: UUID) -> tuple[datetime, str] | None:
        """When the venue's data was taken and what the next question asks from."""
        ...

    def put_fetched(self, snapshot: FetchedSnapshot) -> None:
        """Replace a venue's data, or the part that changed; all of it or nothing."""
        ...


@dataclass(frozen=True, slots=True)
class Refreshed:
    """What a refresh did: how old the data is now, whether all of it was fetched, and how many children came."""

    taken_at: datetime
    whole: bool
    children: int


class Snapshots:
    """Refreshes of one person's cache; make a new one when the person changes."""

    def __init__(self, queries: SnapshotReads, store: SnapshotStore) -> None:
        """Nothing is asked before the first refresh."""
        self._queries, self._store = queries, store
        self._one_at_a_time = asyncio.Lock()

    async def refresh(self, venue_id: UUID, *, whole: bool = False) -> Refreshed:
        """Fetch what changed at a venue, or everything, and keep it. Nothing of it is kept when anything fails.

        Raises Unavailable (no server, or the disk is full) and Denied (no longer allowed here; with the code
        "device_revoked" the caches of this desk are to be wiped).
        """
        async with self._one_at_a_time:
            known = None if whole else await asyncio.to_thread(self._store.state, venue_id)
            fetched = await self._queries.fetch(venue_id, known[1] if known else None)
            await asyncio.to_thread(self._store.put_fetched, fetched)
            return Refreshed(fetched.taken_at, fetched.whole, fetched.count)

    async def as_of(self, venue_id: UUID) -> datetime | None:
        """How old the venue's data is; None where there is none."""
        known = await asyncio.to_thread(self._store.state, venue_id)
        return known[0] if known else None
