"""What the desk's list of refused events asks of the layers below it.

The events lie in this desk's own outbox; the names come from the rosters that the person signed in may see. See
docs/design.md, "The desk protocol" (needs attention).
"""

from __future__ import annotations

from typing import Protocol
from uuid import UUID

from console.domain.sync import AttentionItem


class AttentionGateway(Protocol):
    """The events of this desk that need somebody. Raises ConsoleErrors only."""

    async def attention(self) -> list[AttentionItem]:
        """Every event of this desk that the server refused after it had happened, oldest first."""
        ...

    async def retry(self, event_id: UUID) -> None:
        """Send it once more, as a new event with the same facts. Raises Conflict when it is settled already."""
        ...

    async def discard(self, event_id: UUID, reason: str) -> None:
        """Put it away with a manager's reason; it stays readable. Raises Denied for anybody else."""
        ...
