"""Announcements in memory, for tests and pictures of their page, their sheet and the strip over a venue's pages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

from console.domain.venue_file import Announcement, NewAnnouncement
from console.errors import ConsoleError
from tests.support.today_samples import NOW

LONG = "Wolfeschlegelsteinhausenbergerdorff-Featherstonehaugh House of Music, Movement and Play"
VENUES = [
    (UUID(int=0x900), "Riverside Studio"), (UUID(int=0x901), "Alder Hall"), (UUID(int=0x902), "Little Fins"),
    (UUID(int=0x903), LONG), *((UUID(int=0x910 + at), f"Venue {at:02}") for at in range(40)),
]  # fmt: skip
_BODY = "On Sunday from 2:00 to 4:00 nobody can book. What is booked stays booked, and your desk goes on without us."


def announcement(number: int, title: str, **facts: Any) -> Announcement:
    """One that began two hours ago and ends tomorrow, for all."""
    made = Announcement(
        id=UUID(int=0xB000 + number), version=1, title=title, body=_BODY, tone="info", venues=(),
        starts_at=NOW - timedelta(hours=2), ends_at=NOW + timedelta(days=1), created_by="Amara", withdrawn_at=None,
        read_by=0,
    )  # fmt: skip
    return replace(made, **facts)


def everything() -> list[Announcement]:
    """One of each state."""
    return [
        announcement(1, "Bookings pause on Sunday night", tone="warning", read_by=12),
        announcement(
            2, "New labels", venues=(VENUES[0], VENUES[1]), read_by=1, body="They are smaller. " * 30
        ),
        announcement(
            3, "Spring holidays", starts_at=NOW + timedelta(days=3), ends_at=NOW + timedelta(days=20)
        ),
        announcement(4, "Insurance papers", venues=(VENUES[3],), ends_at=NOW - timedelta(days=3), read_by=1),
        announcement(5, "Wrong day", withdrawn_at=NOW - timedelta(hours=1), ends_at=NOW + timedelta(days=1)),
    ]


class FakeAnnouncements:
    """An AnnouncementGateway and a BannerGateway. `failure` is raised once, by whatever is asked next."""

    def __init__(self, known: list[Announcement] | None = None) -> None:
        self.known = everything() if known is None else known
        self.failure: ConsoleError | None = None
        self.told: list[NewAnnouncement] = []
        self.withdrawn: list[UUID] = []
        self.away: list[UUID] = []

    async def venues(self) -> Sequence[tuple[UUID, str]]:
        return VENUES

    async def announcements(self) -> Sequence[Announcement]:
        self._ask()
        return tuple(self.known)

    async def announce(self, new: NewAnnouncement) -> Announcement:
        self._ask()
        self.told.append(new)
        venues = tuple(one for one in VENUES if new.venue_ids is not None and one[0] in new.venue_ids)
        made = announcement(
            90 + len(self.told), new.title, body=new.body, tone=new.tone, venues=venues, starts_at=new.starts_at,
            ends_at=new.ends_at,
        )  # fmt: skip
        self.known.insert(0, made)
        return made

    async def withdraw_announcement(self, announcement: Announcement) -> Announcement:
        self._ask()
        self.withdrawn.append(announcement.id)
        at = next(at for at, one in enumerate(self.known) if one.id == announcement.id)
        self.known[at] = replace(announcement, withdrawn_at=NOW, version=announcement.version + 1)
        return self.known[at]

    async def running(self, venue_id: UUID | None) -> Sequence[Announcement]:
        self._ask()
        return [
            one
            for one in self.known
            if one.withdrawn_at is None
            and one.starts_at <= NOW < one.ends_at
            and (not one.venues or venue_id in [venue for venue, _name in one.venues])
            and one.id not in self.away
        ]

    async def put_away(self, announcement_id: UUID) -> None:
        self._ask()
        self.away.append(announcement_id)

    def _ask(self) -> None:
        if self.failure is not None:
            error, self.failure = self.failure, None
            raise error
