"""Families at the desk: who is found or registered, what may be booked for a child, and how it is paid.

Frozen values shared by storage, services and views. First names only; ages in months; credits are whole numbers.
See docs/design.md, "Screens" (front desk) and "Rules of the domain" (credits, waitlist, privacy).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from console.domain.attendance import EventAnswer
from console.domain.desk import HealthKind, HealthNote, PickupPerson

CONSENT_VERSION = "desk-1"
CONSENT_TEXT = (
    "I am this child's parent or guardian. Nexus Family Pass and the venue may keep what I gave here - first name, "
    "birthday, health notes and who may collect - to run the activities I book and to keep my child safe. I can see "
    "it, correct it, or withdraw this consent at any time; then the child is no longer shown and can no longer be "
    "booked."
)
"""What a parent reads and agrees to at the desk; a change of a word needs a new version."""


class Payment(StrEnum):
    """How a place taken at the desk is paid."""

    CREDITS = "credits"
    OWED = "owed"


class NoPlace(StrEnum):
    """Why a session is not open to a child just now."""

    FULL = "full"
    OVER = "over"
    CANCELLED = "cancelled"
    CLOSED = "closed"
    NO_PRICE = "no_price"
    ALREADY_BOOKED = "already_booked"
    VENUE_SUSPENDED = "venue_suspended"
    TOO_YOUNG = "too_young"
    TOO_OLD = "too_old"
    ELSEWHERE = "elsewhere"


@dataclass(frozen=True, slots=True)
class FamilyChild:
    """A child of a family that was found; `booked_today` names its sessions of today at this venue."""

    id: UUID
    first_name: str
    age_months: int
    health: tuple[HealthNote, ...] = ()
    booked_today: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Family:
    """A parent and the children a desk may see. `phone_end` are the last four digits, to tell two Danas apart.

    `credits` can be spent today, None where only the server would know. `owed` is what the family owes this venue.
    """

    parent_id: UUID
    parent_first_name: str
    phone_end: str | None
    credits: int | None
    owed: int
    children: tuple[FamilyChild, ...]


@dataclass(frozen=True, slots=True)
class NewHealthNote:
    """A health fact as it is taken down. `severity` 1 is the worst; `label` is the chip's word, at most 24 letters."""

    kind: HealthKind
    severity: int
    label: str
    title: str
    instructions: str = ""


@dataclass(frozen=True, slots=True)
class NewPickupPerson:
    """Somebody who may collect a child, or expressly may not."""

    name: str
    relationship: str = ""
    phone: str = ""
    may_collect: bool = True
    note: str = ""


@dataclass(frozen=True, slots=True)
class NewChild:
    """A child as it is registered at the desk."""

    first_name: str
    date_of_birth: date
    health: tuple[NewHealthNote, ...] = ()
    pickup: tuple[NewPickupPerson, ...] = ()


@dataclass(frozen=True, slots=True)
class NewFamily:
    """A guardian and a child as they are registered at the desk, once consent was given.

    `request_id` makes a second sending harmless. `signed_by` is the guardian's name as written under the consent.
    """

    request_id: UUID
    guardian_first_name: str
    guardian_last_name: str
    phone: str
    email: str
    child: NewChild
    signed_by: str
    consent_version: str = CONSENT_VERSION
    consent_text: str = CONSENT_TEXT


@dataclass(frozen=True, slots=True)
class Registered:
    """What became of a registration."""

    parent_id: UUID
    child_id: UUID


@dataclass(frozen=True, slots=True)
class SessionChoice:
    """A session a child could take, with its price in credits and what stands in the way, where something does.

    `warnings` may be overruled by the desk (age, elsewhere); `blocked` may not.
    """

    session_id: UUID
    activity_name: str
    room_name: str | None
    starts_at: datetime
    ends_at: datetime
    price: int | None
    places_left: int
    places: int
    waiting: int
    blocked: NoPlace | None = None
    warnings: tuple[NoPlace, ...] = ()


@dataclass(frozen=True, slots=True)
class Booked:
    """A place taken, moved or booked ahead. `answer` is the check-in's, where one was asked for with it.

    `kept` is a place that only this desk knows of yet: what it costs, and its ticket, come with the server's answer.
    """

    booking_id: UUID
    confirmation_code: str
    charged: int
    owed: int
    credits_left: int
    warnings: tuple[NoPlace, ...] = ()
    answer: EventAnswer | None = None
    kept: bool = False


@dataclass(frozen=True, slots=True)
class Waiting:
    """A place in the queue of a full session; 1 is next."""

    waitlist_id: UUID
    place: int


@dataclass(frozen=True, slots=True)
class ChildFacts:
    """What a desk may correct about a child, with the version it was read at."""

    child_id: UUID
    booking_id: UUID
    first_name: str
    version: int
    health: tuple[HealthNote, ...]
    pickup: tuple[PickupPerson, ...]


@dataclass(frozen=True, slots=True)
class PlacedChild:
    """A child with a booking that may be moved or followed by another: what the sheet for it shows."""

    booking_id: UUID
    session_id: UUID
    first_name: str
    age_months: int | None = None
    parent_first_name: str | None = None
