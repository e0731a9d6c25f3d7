"""What a desk learns when it asks what changed since it last asked.

Ids only: whoever shows something decides whether it is worth fetching again. See docs/design.md, "The database"
(live updates).
"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Changes:
    """An answer to "what changed since".

    `until` is what to ask with the next time. `everything` says that ids would not do: it was the first question, or a
    row is gone. `sessions` changed themselves (time, room, cancelled, closed); in `rosters` a booking or a child did,
    and `bookings` are those bookings.
    """

    until: str
    everything: bool = False
    sessions: frozenset[UUID] = frozenset()
    rosters: frozenset[UUID] = frozenset()
    bookings: frozenset[UUID] = frozenset()

    @property
    def nothing(self) -> bool:
        """Whether nothing changed that a front desk shows."""
        return not (self.everything or self.sessions or self.rosters)

    def only_roster_of(self, session_id: UUID | None) -> bool:
        """Whether all that changed is in the roster of this one session."""
        return not self.everything and not self.sessions and self.rosters == {session_id}

    def concerns_roster(self, session_id: UUID | None) -> bool:
        """Whether this session's roster must be fetched again."""
        return self.everything or session_id in self.rosters or session_id in self.sessions
