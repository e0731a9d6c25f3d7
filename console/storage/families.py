"""Families, places, waitlists and corrections over one database: each call one function, one statement, one round trip.

Personal data comes and goes through definer functions only. See docs/design.md, "The database" (authorisation).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Executable, bindparam, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.types import Text

from console.domain.attendance import AttendanceEvent
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
from console.storage.database import Database
from console.storage.families_rows import (
    booked,
    child_facts,
    consent_facts,
    family,
    family_facts,
    note_facts,
    person_facts,
    session_choice,
)

_FIND = "SELECT * FROM desk.find_families(:venue_id, :query)"
_OPEN = "SELECT * FROM desk.open_sessions(:venue_id, :day, :child_id, :booking_id)"
_REGISTER = text("SELECT * FROM desk.register_family(:request_id, :venue_id, :facts)").bindparams(
    bindparam("facts", type_=JSONB)
)
_ADD_CHILD = text("SELECT * FROM desk.add_child(:request_id, :venue_id, :parent_id, :facts)").bindparams(
    bindparam("facts", type_=JSONB)
)
_EVENT = (bindparam("overrule", type_=ARRAY(Text)), bindparam("event", type_=JSONB(none_as_null=True)))
_TAKE = text(
    "SELECT * FROM bookings.take_place(:new_id, :session_id, :child_id, :booking_id, :payment, :overrule, :event)"
).bindparams(*_EVENT)
_MOVE = text("SELECT * FROM bookings.move(:booking_id, :session_id, :overrule, :event)").bindparams(*_EVENT)
_SETTLE = "SELECT settled FROM bookings.settle_owed(:booking_id)"
_WAIT = "SELECT * FROM bookings.join_waitlist(:session_id, :child_id, :booking_id)"
_FACTS = "SELECT * FROM desk.child_facts(:booking_id)"
_HEALTH = text("SELECT * FROM desk.correct_health(:booking_id, :version, :list, :confirmed_by)").bindparams(
    bindparam("list", type_=JSONB)
)
_PICKUP = text("SELECT * FROM desk.correct_pickup(:booking_id, :version, :list, :confirmed_by)").bindparams(
    bindparam("list", type_=JSONB)
)


class FamilyStore:
    """The server's functions for families. Every method raises ConsoleErrors only."""

    def __init__(self, database: Database) -> None:
        """Nothing is asked before the first call."""
        self._database = database

    async def find(self, venue_id: UUID, query: str) -> list[Family]:
        """Families by a name's beginning, a whole phone number or an e-mail; twenty at most."""
        return [family(row) for row in await self._rows(_FIND, venue_id=venue_id, query=query)]

    async def register(self, venue_id: UUID, facts: NewFamily) -> Registered:
        """Register a family under its request's number. Raises Invalid, or Conflict "email_known"."""
        (row,) = await self._rows(
            _REGISTER, request_id=facts.request_id, venue_id=venue_id, facts=family_facts(facts)
        )
        return Registered(**row)

    async def add_child(
        self,
        request_id: UUID,
        venue_id: UUID,
        parent_id: UUID,
        child: NewChild,
        consent: tuple[str, str, str],
    ) -> Registered:
        """Register another child; `consent` is who signed, the version and the words. Raises NotFound, Invalid."""
        (row,) = await self._rows(
            _ADD_CHILD,
            request_id=request_id,
            venue_id=venue_id,
            parent_id=parent_id,
            facts=consent_facts(child, *consent),
        )
        return Registered(**row)

    async def open_sessions(
        self, venue_id: UUID, day: date, child_id: UUID | None, booking_id: UUID | None
    ) -> list[SessionChoice]:
        """A day's sessions as a child could take them. Raises Invalid for a day before today or after 90 days."""
        rows = await self._rows(_OPEN, venue_id=venue_id, day=day, child_id=child_id, booking_id=booking_id)
        return [session_choice(row) for row in rows]

    async def take_place(
        self,
        new_id: UUID,
        session_id: UUID,
        child_id: UUID | None,
        booking_id: UUID | None,
        payment: Payment,
        overrule: frozenset[NoPlace],
        event: AttendanceEvent | None,
    ) -> Booked:
        """Take a place under an id of the caller's; the same id again is answered with the same booking.

        Raises Conflict (full, over, age, elsewhere, not enough credits ...), NotFound or Denied.
        """
        (row,) = await self._rows(
            _TAKE,
            new_id=new_id,
            session_id=session_id,
            child_id=child_id,
            booking_id=booking_id,
            payment=payment.value,
            overrule=_words(overrule),
            event=_json(event),
        )
        return booked(row)

    async def move(
        self, booking_id: UUID, session_id: UUID, overrule: frozenset[NoPlace], event: AttendanceEvent | None
    ) -> Booked:
        """Move a booking within its day; moved already, the answer is the same. Raises as take_place does."""
        (row,) = await self._rows(
            _MOVE, booking_id=booking_id, session_id=session_id, overrule=_words(overrule), event=_json(event)
        )
        return booked(row)

    async def settle_owed(self, booking_id: UUID) -> int:
        """Take what is owed for a booking from the balance; how much. Raises Conflict where that is too little."""
        (row,) = await self._rows(_SETTLE, booking_id=booking_id)
        return int(row["settled"])

    async def join_waitlist(
        self, session_id: UUID, child_id: UUID | None, booking_id: UUID | None
    ) -> Waiting:
        """Put a child into a full session's queue. Raises Conflict "not_full" where there is a place."""
        (row,) = await self._rows(_WAIT, session_id=session_id, child_id=child_id, booking_id=booking_id)
        return Waiting(**row)

    async def facts(self, booking_id: UUID) -> ChildFacts:
        """What may be corrected about a booking's child. Raises Denied outside the roster's days."""
        (row,) = await self._rows(_FACTS, booking_id=booking_id)
        return child_facts(row)

    async def correct_health(
        self, read: ChildFacts, notes: Sequence[NewHealthNote], confirmed_by: str
    ) -> ChildFacts:
        """Replace the health notes. Raises Conflict "changed" when somebody changed the child since it was read."""
        return await self._correct(_HEALTH, read, [note_facts(note) for note in notes], confirmed_by)

    async def correct_pickup(
        self, read: ChildFacts, people: Sequence[NewPickupPerson], confirmed_by: str
    ) -> ChildFacts:
        """Replace who may collect. Raises Conflict "changed" when somebody changed the child since it was read."""
        return await self._correct(_PICKUP, read, [person_facts(person) for person in people], confirmed_by)

    async def _correct(
        self, statement: Executable | str, read: ChildFacts, given: list[dict[str, object]], confirmed_by: str
    ) -> ChildFacts:
        (row,) = await self._rows(
            statement,
            booking_id=read.booking_id,
            version=read.version,
            list=given,
            confirmed_by=confirmed_by,
        )
        return child_facts(row)

    async def _rows(self, statement: Executable | str, **parameters: object) -> list[Mapping[str, Any]]:
        return [dict(row._mapping) for row in await self._database.fetch(statement, parameters)]


def _words(overrule: frozenset[NoPlace]) -> list[str]:
    return sorted(word.value for word in overrule)


def _json(event: AttendanceEvent | None) -> dict[str, object] | None:
    return None if event is None else event.to_json()
