"""What a desk takes down about places and families while no server answers, to be told when one does.

A walk-in of a child that is known holds ids and times only. A family that nobody knows yet has names: its note lies
under the key of whoever wrote it. Frozen values; see docs/guides/offline.md and docs/design.md, "The desk protocol".
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from console.domain.families import NewFamily, Payment


class NoteState(StrEnum):
    """Where a note stands. One that waits or needs attention is never cleared away."""

    WAITING = "waiting"
    ATTENTION = "attention"
    DONE = "done"
    DISCARDED = "discarded"


@dataclass(frozen=True, slots=True)
class WalkInNote:
    """A place given at this desk. `id` is the booking's, made here: told twice, it is one booking.

    The child is `child_id`, or who has the booking `known_booking` (in the session `known_session` of this desk's
    rosters), or the child of the family note `family_note`, which then has no other id yet. `event_id` is the check-in
    that went into the outbox with it, where one did. `person_id` gave the place at `happened_at`.
    """

    id: UUID
    venue_id: UUID
    session_id: UUID
    happened_at: datetime
    person_id: UUID
    payment: Payment
    known_booking: UUID | None = None
    known_session: UUID | None = None
    child_id: UUID | None = None
    family_note: UUID | None = None
    event_id: UUID | None = None

    @property
    def waits_for_family(self) -> bool:
        """Whether the child has to be registered first."""
        return self.known_booking is None and self.child_id is None


@dataclass(frozen=True, slots=True)
class FamilyNote:
    """A family as it was taken down. Its `request_id` is the note's id: told twice, it is one family."""

    family: NewFamily
    venue_id: UUID
    taken_at: datetime
    person_id: UUID

    @property
    def id(self) -> UUID:
        """The note's id."""
        return self.family.request_id


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why the server did not take a note: its sentence, what to do, and the machine key."""

    sentence: str
    hint: str | None = None
    code: str | None = None


@dataclass(frozen=True, slots=True)
class KeptWalkIn:
    """A walk-in with where it stands. `why` and `by` belong to one that was discarded."""

    note: WalkInNote
    state: NoteState
    refusal: Refusal | None = None
    settled_at: datetime | None = None
    why: str = ""
    by: UUID | None = None


@dataclass(frozen=True, slots=True)
class KeptFamily:
    """A family note with where it stands."""

    note: FamilyNote
    state: NoteState
    refusal: Refusal | None = None


@dataclass(frozen=True, slots=True)
class RefusedWalkIn:
    """A walk-in that the server refused, with what this desk knows of it. Unknown names are ""."""

    kept: KeptWalkIn
    child: str = ""
    age_months: int | None = None
    session: str = ""
    session_starts_at: datetime | None = None
    person: str = ""

    @property
    def lacks_credits(self) -> bool:
        """Whether it can be taken when its credits are written down as owed."""
        refusal = self.kept.refusal
        return refusal is not None and refusal.code == "not_enough_credits"


@dataclass(frozen=True, slots=True)
class RefusedFamily:
    """A new family that the server refused; only whoever took it down can read its names."""

    kept: KeptFamily


@dataclass(frozen=True, slots=True)
class NotesCount:
    """How many notes this desk has not brought home. `attention` counts those that the server refused."""

    walk_ins: int = 0
    families: int = 0
    attention: int = 0

    @property
    def total(self) -> int:
        """All of them."""
        return self.walk_ins + self.families


def sign_out_words(count: NotesCount) -> str:
    """What sign-out says about families that only this person's password opens; empty where there are none."""
    if not count.families:
        return ""
    noun = "1 new family is" if count.families == 1 else f"{count.families} new families are"
    whom = "it stays" if count.families == 1 else "they stay"
    return f"{noun} not registered yet; {whom} on this computer until you sign in here again."
