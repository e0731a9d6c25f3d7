"""What the Today screen asks of the layers below it, in one place.

The screen knows this shape and nothing else: whether an answer comes from the server, from the desk's own cache or
from a test is not its business. The attendance service and the desk's queries satisfy it through the composition root.
See docs/design.md, "The desk protocol".
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Protocol
from uuid import UUID

from console.domain.attendance import EventAnswer
from console.domain.day import (
    Building,
    ClosedSession,
    DaySummary,
    DeskNote,
    LabelFacts,
    TaggedChild,
    UnmarkedChild,
)
from console.domain.desk import FoundChild, HistoryEntry, PickupPerson, RosterEntry, SessionSummary
from console.domain.families import (
    Booked,
    ChildFacts,
    Family,
    NewChild,
    NewFamily,
    NewHealthNote,
    NewPickupPerson,
    NoPlace,
    Payment,
    Registered,
    SessionChoice,
    Waiting,
)


class DeskGateway(Protocol):
    """Reads and acts for one signed-in person at one desk of one venue.

    Every method may raise a ConsoleError; a refusal is no error but an answer.
    """

    async def sessions(self, day: date) -> list[SessionSummary]:
        """The sessions that start on one local day of the venue, in order of start."""
        ...

    async def roster(self, session_id: UUID) -> list[RosterEntry]:
        """Everybody booked on one session."""
        ...

    async def history(self, booking_id: UUID) -> list[HistoryEntry]:
        """What this venue recorded about the booking's child, newest first."""
        ...

    async def search(self, text: str) -> list[FoundChild]:
        """Children of today's sessions whose first name begins with `text`."""
        ...

    async def check_in(self, entry: RosterEntry, *, again: bool = False) -> EventAnswer:
        """Check a child in; `again` brings back one who had left."""
        ...

    async def check_out(
        self, entry: RosterEntry, pickup: PickupPerson | None, *, name: str | None = None
    ) -> EventAnswer:
        """Check a child out to somebody of the pickup list, or to the person called `name`."""
        ...

    async def mark_absent(self, entry: RosterEntry) -> EventAnswer:
        """Say that a child does not come."""
        ...

    async def undo(self, entry: RosterEntry) -> EventAnswer:
        """Take back the event that `entry.undo` names."""
        ...

    async def scan(self, code: str, session_id: UUID | None) -> EventAnswer:
        """Check in whoever holds the ticket `code`, while `session_id` is open on the screen."""
        ...


class DayGateway(Protocol):
    """The running of a venue's day: closing, notes, labels, the building. Raises ConsoleErrors only."""

    async def close_session(self, session_id: UUID, no_shows: Sequence[RosterEntry]) -> ClosedSession:
        """Close a session: who came is completed, `no_shows` become no-shows, everybody else unmarked; all or nothing.

        Raises Conflict with the code "roster_changed" when somebody else's mark changed one of `no_shows` meanwhile.
        """
        ...

    async def reopen_session(self, session_id: UUID) -> None:
        """Take a closing back; a manager's right."""
        ...

    async def unmarked(self) -> list[UnmarkedChild]:
        """Children of the last days' closed sessions about whom nobody said anything."""
        ...

    async def settle_unmarked(self, booking_id: UUID, *, came: bool) -> None:
        """Say afterwards whether an unmarked child came."""
        ...

    async def building(self) -> Building:
        """Who is in the building now."""
        ...

    async def day_summary(self, day: date) -> DaySummary:
        """A day of the venue in numbers."""
        ...

    async def notes(self, booking_id: UUID) -> list[DeskNote]:
        """What staff wrote about a booking, newest first."""
        ...

    async def add_note(self, booking_id: UUID, text: str) -> DeskNote:
        """Write a note about a booking; staff of this venue read it."""
        ...

    async def add_incident(
        self, booking_id: UUID, text: str, *, action_taken: str, parent_told: bool
    ) -> DeskNote:
        """Write down an incident; it opens a review item for the manager."""
        ...

    async def labels(self, booking_ids: Sequence[UUID]) -> list[LabelFacts]:
        """The labels of these children, all of one family with the same tag; a second call answers the same tags."""
        ...

    async def find_tag(self, tag: str) -> list[TaggedChild]:
        """The children of today whom a pickup tag stands for; none for an unknown tag."""
        ...


class FamilyGateway(Protocol):
    """Walk-ins and changes: families, places, moves, corrections. Raises ConsoleErrors only."""

    async def find_families(self, text: str) -> list[Family]:
        """Families known to this venue by a name's beginning; any family by its whole phone number or e-mail."""
        ...

    async def register(self, family: NewFamily) -> Registered:
        """Register a guardian and a child with their consent. Raises Conflict "email_known" for a known address."""
        ...

    async def add_child(
        self, parent_id: UUID, child: NewChild, *, request_id: UUID, signed_by: str
    ) -> Registered:
        """Register another child of a known family, with its consent."""
        ...

    async def session_choices(
        self, day: date, *, child_id: UUID | None = None, booking_id: UUID | None = None
    ) -> list[SessionChoice]:
        """The venue's sessions of a day as this child (or the child of this booking) could take them."""
        ...

    async def take_place(
        self,
        session_id: UUID,
        payment: Payment,
        *,
        child_id: UUID | None = None,
        booking_id: UUID | None = None,
        check_in: bool = False,
        overrule: frozenset[NoPlace] = frozenset(),
    ) -> Booked:
        """Book a child (or the child of an earlier booking) on a session and, where asked, check it in with it."""
        ...

    async def move(
        self,
        booking_id: UUID,
        to_session: UUID,
        *,
        check_in: bool = False,
        overrule: frozenset[NoPlace] = frozenset(),
    ) -> Booked:
        """Move a booking to another session of the same local day; the difference of price is settled with it."""
        ...

    async def join_waitlist(
        self, session_id: UUID, *, child_id: UUID | None = None, booking_id: UUID | None = None
    ) -> Waiting:
        """Put a child at the end of a full session's queue; asked again, the answer is the same place."""
        ...

    async def facts(self, booking_id: UUID) -> ChildFacts:
        """What may be corrected about a booking's child."""
        ...

    async def correct_health(
        self, facts: ChildFacts, notes: Sequence[NewHealthNote], *, confirmed_by: str
    ) -> ChildFacts:
        """Replace the health notes by these. Raises Conflict "changed" when somebody changed them meanwhile."""
        ...

    async def correct_pickup(
        self, facts: ChildFacts, people: Sequence[NewPickupPerson], *, confirmed_by: str
    ) -> ChildFacts:
        """Replace the pickup people by these. Raises Conflict "changed" when somebody changed them meanwhile."""
        ...
