"""The signed-in person as the console sees them: who, where, and what they may do.

A courtesy copy of what the database knows (docs/design.md, "Principles": the database decides); it is asked
to leave out what would be refused anyway.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from console.permissions import Permission, StaffRole


@dataclass(frozen=True, slots=True)
class VenueRef:
    """A venue within reach. `timezone` is an IANA name."""

    id: UUID
    name: str
    slug: str
    timezone: str
    status: str


@dataclass(frozen=True, slots=True)
class Grant:
    """What a person may do at one venue, or (venue_id None) everywhere."""

    role: StaffRole
    venue_id: UUID | None
    permissions: frozenset[Permission]


@dataclass(frozen=True, slots=True)
class DeviceRef:
    """A desk. With a venue_id it is bound to that venue, whoever signs in."""

    id: UUID
    name: str
    venue_id: UUID | None


@dataclass(frozen=True, slots=True)
class DeskInfo:
    """What a desk knows of itself before anybody signs in."""

    device: DeviceRef
    venue_name: str | None
    timezone: str | None
    demo: bool
    server_time: datetime


@dataclass(frozen=True, slots=True)
class DemoAccount:
    """An account that a demo database offers on its sign-in page; `asks_code` where it has an authenticator."""

    first_name: str
    email: str
    role: StaffRole
    venue_name: str | None
    password: str
    asks_code: bool


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who is signed in at this desk until `expires_at`."""

    id: UUID
    first_name: str
    last_name: str
    email: str
    language: str
    has_authenticator: bool
    grants: tuple[Grant, ...]
    venues: tuple[VenueRef, ...]
    device: DeviceRef
    session_id: UUID
    expires_at: datetime
    demo: bool
    server_time: datetime

    @property
    def permissions(self) -> frozenset[Permission]:
        """Everything the person may do somewhere."""
        return frozenset().union(*(grant.permissions for grant in self.grants))

    @property
    def role_words(self) -> str:
        """The person's roles as they read: "Manager", or "Front desk, Venue finance"."""
        return ", ".join(dict.fromkeys(grant.role.words for grant in self.grants))

    def can(self, permission: Permission, venue_id: UUID | None = None) -> bool:
        """Whether the person may do this at that venue; without a venue, anywhere at all."""
        return any(
            permission in grant.permissions
            and (venue_id is None or grant.venue_id is None or grant.venue_id == venue_id)
            and (venue_id is None or self.device.venue_id is None or self.device.venue_id == venue_id)
            for grant in self.grants
        )

    def can_everywhere(self, permission: Permission) -> bool:
        """Whether the person may do this across the platform, which a desk bound to a venue never allows."""
        return self.device.venue_id is None and any(
            grant.venue_id is None and permission in grant.permissions for grant in self.grants
        )

    def venue(self, venue_id: UUID) -> VenueRef | None:
        """The venue of that id, where it is within reach."""
        return next((venue for venue in self.venues if venue.id == venue_id), None)
