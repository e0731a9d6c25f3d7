"""What a desk knows about its children that the server does not: actions under way, kept events, refused ones.

They are kept apart from what the server says, so that no refresh can overwrite them and nothing of them is ever shown
as recorded. See docs/design.md, "The desk protocol" (append, paint, send).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from console.domain.attendance import AttendanceState
from console.domain.desk import RosterEntry


@dataclass(frozen=True, slots=True)
class Mark:
    """What this desk did to a booking and has no answer for yet. `slow` adds the word "sending"."""

    state: AttendanceState
    at: datetime
    slow: bool = False


@dataclass(frozen=True, slots=True)
class Trouble:
    """An event of this desk that the server refused afterwards.

    `short` stands in the row ("cancelled 15:20"), `sentence` on the card. `claimed` is the state the event reported:
    a child whom the server knows to be in that state by now is in order again.
    """

    event_id: UUID
    short: str
    sentence: str
    claimed: AttendanceState | None


@dataclass(frozen=True, slots=True)
class _Kept:
    """A booking as it is after this desk's own events, and the ids of those without an answer, oldest first."""

    entry: RosterEntry
    events: tuple[UUID, ...]


class KeptMarks:
    """The events of one desk that the server has not judged, by booking; they outlive every refresh and session."""

    def __init__(self) -> None:
        """Nothing is kept yet."""
        self._kept: dict[UUID, _Kept] = {}

    def keep(self, entry: RosterEntry, event_id: UUID) -> None:
        """Keep a booking as this desk's newest event leaves it."""
        before = self._kept.get(entry.booking_id)
        events = (*(before.events if before else ()), event_id)
        self._kept[entry.booking_id] = _Kept(replace(entry, waiting=True), events)

    def settle(self, event_id: UUID) -> tuple[RosterEntry, bool] | None:
        """An event has its answer: the booking as it was kept, and whether nothing of it waits any more.

        None for an event that is not kept here.
        """
        for booking, kept in self._kept.items():
            if event_id in kept.events:
                left = tuple(one for one in kept.events if one != event_id)
                if left:
                    self._kept[booking] = replace(kept, events=left)
                else:
                    del self._kept[booking]
                return kept.entry, not left
        return None

    def over(self, entry: RosterEntry) -> RosterEntry:
        """The entry with what this desk knows laid over it; all that it does not know stays the server's."""
        kept = self._kept.get(entry.booking_id)
        if kept is None:
            return entry
        own = kept.entry
        return replace(
            entry,
            state=own.state,
            state_at=own.state_at,
            state_desk=own.state_desk,
            state_by=own.state_by,
            collected_by=own.collected_by,
            undo=own.undo,
            waiting=True,
        )
