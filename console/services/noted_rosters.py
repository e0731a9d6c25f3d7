"""The rosters of this desk with the walk-ins in them that no server knows yet.

A RosterStore on top of the cache: whoever reads rosters here (the offline screen, the roll call, a printed roster)
finds a walk-in like any other child, and the marks of the outbox fall on it. See docs/guides/offline.md.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime, tzinfo
from uuid import UUID

from console.domain.attendance import AttendanceState
from console.domain.desk import BookingStatus, HealthNote, PickupPerson, RosterEntry, SessionSummary
from console.domain.families import NewChild
from console.domain.sealed_notes import FamilyNote, KeptWalkIn, NoteState, WalkInNote
from console.domain.sync import Snapshot
from console.services.desk_store import RosterStore
from console.storage.sealed_notes import FamilyNotesFile, WalkInFile


class NotedRosters:
    """One person's cache and this desk's walk-ins as one RosterStore."""

    def __init__(
        self, cache: RosterStore, walk_ins: WalkInFile, families: FamilyNotesFile | None, zone: tzinfo
    ) -> None:
        """`zone` is the venue's, for ages."""
        self._cache, self._walk_ins, self._families, self._zone = cache, walk_ins, families, zone

    def put(self, snapshot: Snapshot) -> None:
        """As the cache does."""
        self._cache.put(snapshot)

    def state(self, venue_id: UUID) -> tuple[datetime, str] | None:
        """As the cache does."""
        return self._cache.state(venue_id)

    def sessions(self, venue_id: UUID, day: date) -> list[SessionSummary]:
        """The sessions of one local day; walk-ins are counted as booked and expected until a mark says more."""
        found = self._cache.sessions(venue_id, day)
        notes = self._notes()
        if not notes:
            return found
        counted = []
        for session in found:
            added = len(self._added(session, self._cache.roster(session.id) or [], notes))
            counted.append(
                replace(session, booked=session.booked + added, expected=session.expected + added)
                if added
                else session
            )
        return counted

    def roster(self, session_id: UUID) -> list[RosterEntry] | None:
        """A session's children, walk-ins last."""
        found = self._cache.roster(session_id)
        notes = (
            [one for one in self._notes() if one.note.session_id == session_id] if found is not None else []
        )
        if found is None or not notes:
            return found
        return [*found, *self._added(None, found, notes)]

    def entry_by_code(self, venue_id: UUID, code: str) -> RosterEntry | None:
        """As the cache does: a walk-in has no ticket yet."""
        return self._cache.entry_by_code(venue_id, code)

    def wipe(self) -> None:
        """As the cache does. Walk-ins are the desk's and stay."""
        self._cache.wipe()

    def close(self) -> None:
        """Close the cache."""
        self._cache.close()

    def _notes(self) -> list[KeptWalkIn]:
        """Walk-ins that the cache may not have: those that wait, and those that were taken since it was fetched."""
        return [
            one
            for one in reversed(self._walk_ins.history())
            if one.state is not NoteState.DISCARDED and not self._is_older(one)
        ]

    def _is_older(self, one: KeptWalkIn) -> bool:
        if one.state is not NoteState.DONE or one.settled_at is None:
            return False
        state = self._cache.state(one.note.venue_id)
        return state is not None and state[0] > one.settled_at

    def _added(
        self, session: SessionSummary | None, there: Iterable[RosterEntry], notes: Iterable[KeptWalkIn]
    ) -> list[RosterEntry]:
        known = {entry.booking_id for entry in there}
        made = [
            self._entry(one.note)
            for one in notes
            if one.note.id not in known and (session is None or one.note.session_id == session.id)
        ]
        return [entry for entry in made if entry is not None]

    def _entry(self, note: WalkInNote) -> RosterEntry | None:
        """The child of a walk-in; None where this person's data does not tell who it is."""
        if note.known_session is not None:
            for entry in self._cache.roster(note.known_session) or ():
                if entry.booking_id == note.known_booking:
                    return as_walk_in(entry, note)
            for before in self._walk_ins.history():
                if before.note.id == note.known_booking != note.id:
                    entry_before = self._entry(before.note)
                    return None if entry_before is None else as_walk_in(entry_before, note)
        for family in self._families.unsettled() if self._families is not None else ():
            if family.note.id == note.family_note:
                return newcomer(family.note, note, note.happened_at.astimezone(self._zone).date())
        return None


def as_walk_in(entry: RosterEntry, note: WalkInNote) -> RosterEntry:
    """A child of another booking as it stands in the session of a walk-in."""
    return RosterEntry(
        booking_id=note.id,
        session_id=note.session_id,
        first_name=entry.first_name,
        age_months=entry.age_months,
        parent_first_name=entry.parent_first_name,
        parent_phone=entry.parent_phone,
        booking_status=BookingStatus.CONFIRMED,
        state=AttendanceState.EXPECTED,
        confirmation_code="",
        version=0,
        visits=entry.visits,
        first_visit_on=entry.first_visit_on,
        health=entry.health,
        pickup=entry.pickup,
    )


def newcomer(family: FamilyNote, note: WalkInNote, day: date) -> RosterEntry:
    """The child of a family note as it stands in the session of its walk-in.

    Who may collect it has no number yet that a check-out could name: they are written out, and chosen by name.
    """
    given, child = family.family, family.family.child
    may = [
        f"{one.name} ({one.relationship})" if one.relationship else one.name
        for one in child.pickup
        if one.may_collect
    ]
    return RosterEntry(
        booking_id=note.id,
        session_id=note.session_id,
        first_name=child.first_name,
        age_months=months_old(child.date_of_birth, day),
        parent_first_name=given.guardian_first_name,
        parent_phone=given.phone,
        booking_status=BookingStatus.CONFIRMED,
        state=AttendanceState.EXPECTED,
        confirmation_code="",
        version=0,
        first_visit=True,
        health=_health(child),
        pickup=tuple(
            PickupPerson(
                note.id, one.name, one.relationship or None, one.phone or None, False, one.note or None
            )
            for one in child.pickup
            if not one.may_collect
        ),
        notes=f"May be collected by {', '.join(may)}." if may else None,
    )


def months_old(born: date, day: date) -> int:
    """Whole months between a birthday and a day, as the database counts them."""
    months = (day.year - born.year) * 12 + day.month - born.month
    return max(0, months - (day.day < born.day))


def _health(child: NewChild) -> tuple[HealthNote, ...]:
    notes = sorted(child.health, key=lambda one: (one.severity, one.kind, one.label))
    return tuple(
        HealthNote(one.kind, one.severity, one.label, one.title, one.instructions or None) for one in notes
    )
