"""What the desk's list of refused events asks of the layers below it.

The events lie in this desk's own outbox; the names come from the rosters that the person signed in may see. See
docs/design.md, "The desk protocol" (needs attention).
"""

from __future__ import annotations

from typing import Protocol
from uuid import UUID

from console.domain.families import NewFamily, Payment
from console.domain.sealed_notes import RefusedFamily, RefusedWalkIn
from console.domain.sync import AttentionItem


class AttentionGateway(Protocol):
    """The events of this desk that need somebody. Raises ConsoleErrors only."""

    async def attention(self) -> list[AttentionItem]:
        """Every event of this desk that the server refused, oldest first; without those that follow their walk-in."""
        ...

    async def retry(self, event_id: UUID) -> None:
        """Send it once more, as a new event with the same facts. Raises Conflict when it is settled already."""
        ...

    async def discard(self, event_id: UUID, reason: str) -> None:
        """Put it away with a manager's reason; it stays readable. Raises Denied for anybody else."""
        ...

    async def notes(self) -> list[RefusedWalkIn | RefusedFamily]:
        """The walk-ins and new families of this venue that were taken down here and refused, oldest first."""
        ...

    async def retry_walk_in(self, note_id: UUID, payment: Payment | None = None) -> None:
        """Send a walk-in once more, paid otherwise where that is given. Raises Conflict when it is settled already."""
        ...

    async def discard_walk_in(self, note_id: UUID, reason: str) -> None:
        """Put a walk-in away with what was recorded about it here. Raises Denied for anybody but a manager."""
        ...

    async def mend_family(self, note_id: UUID, family: NewFamily) -> None:
        """Register a family again as it is now. Raises Conflict when it is settled already."""
        ...
