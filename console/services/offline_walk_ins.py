"""Walk-ins and families taken down while no server answered: kept, told when one does, never lost on the way.

A place goes to the server before anything that happened to its booking. What overtook it was refused as unknown and
needs attention: once the place is taken, that is tried again by itself. See docs/guides/offline.md.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable
from dataclasses import replace
from typing import Protocol
from uuid import UUID

from console.clock import Clock
from console.domain.attendance import AttendanceEvent, EventKind, Origin, RefusalReason
from console.domain.families import NewFamily, Payment, Registered
from console.domain.ids import RANDOM_BYTES, uuid7
from console.domain.sealed_notes import (
    FamilyNote,
    KeptFamily,
    KeptWalkIn,
    NotesCount,
    NoteState,
    Refusal,
    WalkInNote,
)
from console.errors import ConsoleError, Denied, Unavailable
from console.services.desk_store import EventStore
from console.storage.sealed_notes import FamilyNotesFile, WalkInFile


class NotesServer(Protocol):
    """The server's side: `console.storage.walk_ins.WalkInStore`."""

    async def register(self, venue_id: UUID, family: NewFamily) -> Registered:
        """Register a family under its request's number."""
        ...

    async def report(self, note: WalkInNote) -> str:
        """Take the place of a note under its own number; the ticket's code."""
        ...


class OfflineWalkIns:
    """The notes of one person at one desk of one venue. Raises ConsoleErrors only.

    Whoever uploads the outbox awaits `send` first.
    """

    def __init__(
        self,
        walk_ins: WalkInFile,
        families: FamilyNotesFile | None,
        events: EventStore,
        server: NotesServer,
        venue_id: UUID,
        person_id: UUID,
        clock: Clock,
        *,
        changed: Callable[[], None] = lambda: None,
    ) -> None:
        """`families` is None where the person has no cache here. `changed` is told of every change of the notes."""
        self._walk_ins = walk_ins
        self._families = families
        self._events = events
        self._server = server
        self._venue_id = venue_id
        self._person_id = person_id
        self._clock = clock
        self._changed = changed
        self._sending = asyncio.Lock()
        self.registered: dict[UUID, UUID] = {}
        """The children of family notes that were registered while this console runs, by the note's number."""

    # -- taking down -------------------------------------------------------------------------------------------------

    async def take_down_family(self, family: NewFamily) -> FamilyNote:
        """Keep a family until it can be registered. Raises Unavailable where this person keeps nothing here."""
        if self._families is None:
            raise Unavailable("The server cannot be reached, and nothing is kept on this computer for you.")
        note = FamilyNote(family, self._venue_id, self._clock.now(), self._person_id)
        await asyncio.to_thread(self._families.add, note)
        self._changed()
        return note

    async def take_down(
        self, note: WalkInNote, *, check_in: bool
    ) -> tuple[WalkInNote, AttendanceEvent | None]:
        """Keep a walk-in, and with `check_in` its check-in in the outbox: both are on the disk when this answers."""
        if check_in:
            note = replace(note, event_id=self.new_id())
        note, event = await asyncio.to_thread(self._keep, note)
        self._changed()
        return note, event

    def _keep(self, note: WalkInNote) -> tuple[WalkInNote, AttendanceEvent | None]:
        # The note first: a check-in without a place would be refused for ever.
        kept = self._walk_ins.add(note)
        return kept, self._check_in(kept)

    def _check_in(self, note: WalkInNote) -> AttendanceEvent | None:
        if note.event_id is None:
            return None
        draft = AttendanceEvent(
            id=note.event_id,
            seq=0,
            kind=EventKind.CHECK_IN,
            occurred_at=note.happened_at,
            origin=Origin.QUEUED,
            booking_id=note.id,
            session_id=note.session_id,
            person_id=note.person_id,
        )
        return self._events.append(draft, note.venue_id)

    def new_id(self) -> UUID:
        """A number for a booking or an event, made here."""
        return uuid7(self._clock.now(), secrets.token_bytes(RANDOM_BYTES))

    # -- telling the server ------------------------------------------------------------------------------------------

    async def send(self) -> None:
        """Tell the server everything that waits: families, then places. What it refuses needs attention.

        A note of a right that this person lacks waits on. Raises Unavailable when the server stops answering.
        """
        async with self._sending:
            try:
                for family in await self.family_notes():
                    if family.state is NoteState.WAITING:
                        await self._register(family.note)
                for walk_in in await self.walk_ins():
                    if walk_in.state is NoteState.WAITING and not walk_in.note.waits_for_family:
                        await self._report(walk_in.note)
            finally:
                await asyncio.to_thread(self._follow_events)
                self._changed()

    async def _register(self, note: FamilyNote) -> None:
        assert self._families is not None
        try:
            registered = await self._server.register(note.venue_id, note.family)
        except (Unavailable, Denied) as error:
            if isinstance(error, Unavailable):
                raise
        except ConsoleError as refusal:
            await asyncio.to_thread(self._families.refused, note.id, _said(refusal))
        else:
            # Whatever ends this in between: the same registration is answered with the same child.
            self.registered[note.id] = registered.child_id
            await asyncio.to_thread(self._walk_ins.follow, note.id, registered.child_id)
            await asyncio.to_thread(self._families.settled, note.id)

    async def _report(self, note: WalkInNote) -> None:
        # A console that was ended between the note and its check-in.
        await asyncio.to_thread(self._check_in, note)
        try:
            await self._server.report(note)
        except (Unavailable, Denied) as error:
            if isinstance(error, Unavailable):
                raise
        except ConsoleError as refusal:
            await asyncio.to_thread(self._walk_ins.refused, note.id, _said(refusal))
        else:
            await asyncio.to_thread(self._walk_ins.taken, note.id, self._clock.now())

    def _follow_events(self) -> None:
        """Events that came before their place: tried again once it is taken, put away with a discarded one."""
        notes = {kept.note.id: kept for kept in self._walk_ins.history()}
        for queued in self._events.attention():
            kept = notes.get(queued.event.booking_id) if queued.event.booking_id else None
            refused = queued.answer is not None and queued.answer.reason is RefusalReason.UNKNOWN_CODE
            if kept is None or not refused:
                continue
            if kept.state is NoteState.DONE:
                self._events.retry(queued.event.id, self.new_id(), self._clock.now())
            elif kept.state is NoteState.DISCARDED:
                self._events.discard(queued.event.id, kept.why, kept.by or self._person_id, self._clock.now())

    # -- what needs somebody -----------------------------------------------------------------------------------------

    async def walk_ins(self) -> list[KeptWalkIn]:
        """Walk-ins of this venue that wait or need attention, oldest first."""
        return await asyncio.to_thread(self._walk_ins.unsettled, self._venue_id)

    async def walk_in_history(self) -> list[KeptWalkIn]:
        """All walk-ins of this desk that are still kept, newest first."""
        return await asyncio.to_thread(self._walk_ins.history)

    async def family_notes(self) -> list[KeptFamily]:
        """Families of this venue that this person took down here, oldest first."""
        if self._families is None:
            return []
        return await asyncio.to_thread(self._families.unsettled, self._venue_id)

    async def count(self) -> NotesCount:
        """How many notes wait or need attention: walk-ins of this desk, families of this person; every venue's."""
        walk_ins = await asyncio.to_thread(self._walk_ins.unsettled)
        families = await asyncio.to_thread(self._families.unsettled) if self._families is not None else []
        states = [one.state for one in walk_ins] + [one.state for one in families]
        return NotesCount(len(walk_ins), len(families), states.count(NoteState.ATTENTION))

    async def retry(self, note_id: UUID, payment: Payment | None = None) -> None:
        """Let a refused walk-in be told again, paid otherwise where that is given. Raises Conflict if settled."""
        await asyncio.to_thread(self._walk_ins.retry, note_id, payment)
        self._changed()

    async def discard(self, note_id: UUID, why: str) -> None:
        """Put a refused walk-in away with a reason, and with it what was recorded about it here. Raises Conflict."""
        await asyncio.to_thread(self._walk_ins.discard, note_id, why, self._person_id, self._clock.now())
        await asyncio.to_thread(self._follow_events)
        self._changed()

    async def mend_family(self, note_id: UUID, family: NewFamily) -> None:
        """Let a refused family be registered again, as it is now. Raises Conflict when it is settled."""
        if self._families is not None:
            await asyncio.to_thread(self._families.mend, note_id, family)
        self._changed()

    async def is_known_family(self, note_id: UUID, child_id: UUID) -> None:
        """The family of a note turned out to be known, this child among it: its walk-ins are this child's."""
        await asyncio.to_thread(self._walk_ins.follow, note_id, child_id)
        if self._families is not None:
            await asyncio.to_thread(self._families.settled, note_id)
        self._changed()


def _said(refusal: ConsoleError) -> Refusal:
    return Refusal(refusal.sentence, refusal.hint, refusal.code)
