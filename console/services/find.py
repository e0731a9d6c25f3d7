"""What the palette asks for at one venue. Kept apart from the desk's reads: it is asked at every pause in typing.

See docs/design.md, "Screens" (palette).
"""

from __future__ import annotations

from uuid import UUID

from console.domain.finding import FoundRecords
from console.storage.find import FindReads

FROM_LENGTH = 2


class FindService:
    """Finds records for one signed-in person at one venue. Raises ConsoleErrors only."""

    def __init__(self, reads: FindReads, venue_id: UUID) -> None:
        """Nothing is asked before the first call."""
        self._reads = reads
        self._venue_id = venue_id

    async def records(self, text: str) -> FoundRecords:
        """Sessions, children of today and bookings; nothing is asked for a single letter."""
        asked = text.strip()
        return (
            await self._reads.records(self._venue_id, asked) if len(asked) >= FROM_LENGTH else FoundRecords()
        )
