"""What the palette shows of a found record, and what can be done with it.

Sessions, children of today and bookings come from the server in one answer; here they become lines. What opening one
does is the composition root's to say. See docs/design.md, "Screens" (palette).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta, tzinfo
from functools import partial
from typing import Protocol
from uuid import UUID

from console.clock import Clock
from console.domain.finding import FoundBooking, FoundRecords, FoundSession, FoundToday
from console.domain.refusals import clock_time
from console.models.words import day_line
from console.views.shell.palette import AsyncSource
from console.views.shell.palette_list import PaletteEntry


class RecordFinder(Protocol):
    """Where records come from. Raises ConsoleErrors only."""

    async def records(self, text: str) -> FoundRecords:
        """What is found at the present venue."""
        ...


class RecordOpener(Protocol):
    """What opening a record does."""

    def open_session(self, session_id: UUID, day: date) -> None:
        """Show a session's roster."""
        ...

    def open_child(self, booking_id: UUID, session_id: UUID, day: date) -> None:
        """Show a child's card in its session."""
        ...

    def open_booking(self, booking_id: UUID) -> None:
        """Show a booking's page."""
        ...


MoreForSession = Callable[[FoundSession], Sequence[PaletteEntry]]


def record_source(
    finder: RecordFinder,
    opener: RecordOpener,
    clock: Clock,
    zone: tzinfo,
    *,
    bookings: bool = True,
    more_for_session: MoreForSession | None = None,
) -> AsyncSource:
    """A source for `Palette.add_async_source`. Times are the venue's (`zone`).

    `bookings` is False where the person has no bookings area: then a booking opens its child. `more_for_session` adds
    to what Tab offers for a session, such as printing its roster; the group of these entries does not matter.
    """

    async def source(question: str) -> list[PaletteEntry]:
        found = await finder.records(question)
        today = clock.now().astimezone(zone).date()
        lines = _Lines(opener, zone, today, bookings)
        extra = more_for_session or (lambda _session: ())
        return [
            *(lines.session(one, extra(one)) for one in found.sessions),
            *(lines.child(one) for one in found.children),
            *(lines.booking(one) for one in found.bookings),
        ]

    return source


class _Lines:
    """Turns records into lines."""

    def __init__(self, opener: RecordOpener, zone: tzinfo, today: date, bookings: bool) -> None:
        self._opener, self._zone, self._today, self._bookings = opener, zone, today, bookings

    def session(self, found: FoundSession, extra: Sequence[PaletteEntry]) -> PaletteEntry:
        facts = [", ".join(filter(None, (self._when(found.day, found.starts_at), found.room_name)))]
        if found.is_cancelled:
            facts.append("cancelled")
        elif found.is_closed:
            facts.append("closed")
        elif found.in_count:
            facts.append(f"{found.in_count} in")
        if not found.is_cancelled:
            facts.append(f"{found.booked}/{found.capacity}")
        run = partial(self._opener.open_session, found.session_id, found.day)
        return PaletteEntry(
            "Sessions",
            found.activity_name,
            run,
            "ph.calendar-blank",
            " · ".join(facts),
            key=f"session:{found.session_id}",
            more=_inside(found.activity_name, PaletteEntry("", "Open", run, "ph.clipboard-text"), *extra),
        )

    def child(self, found: FoundToday) -> PaletteEntry:
        run = partial(self._opener.open_child, found.booking_id, found.session_id, found.day)
        session = partial(self._opener.open_session, found.session_id, found.day)
        return PaletteEntry(
            "Children",
            found.first_name,
            run,
            "ph.user",
            f"{found.activity_name}, {self._when(found.day, found.starts_at)}",
            key=f"child:{found.booking_id}",
            more=_inside(
                found.first_name,
                PaletteEntry("", "Open the card", run, "ph.user"),
                PaletteEntry("", f"Open {found.activity_name}", session, "ph.calendar-blank"),
                *self._booking_page(found.booking_id),
            ),
        )

    def booking(self, found: FoundBooking) -> PaletteEntry:
        card = partial(self._opener.open_child, found.booking_id, found.session_id, found.day)
        page = self._booking_page(found.booking_id)
        when = self._when(found.day, found.starts_at)
        named = PaletteEntry("", "Open the card", card, "ph.user")
        return PaletteEntry(
            "Bookings",
            found.code,
            page[0].run if page else card,
            "ph.ticket",
            " · ".join(filter(None, (found.first_name, f"{found.activity_name}, {when}"))),
            key=f"booking:{found.booking_id}",
            # Outside the days whose rosters open there is no card to show.
            more=_inside(found.code, *page, *((named,) if found.first_name else ())),
        )

    def _booking_page(self, booking_id: UUID) -> tuple[PaletteEntry, ...]:
        if not self._bookings:
            return ()
        run = partial(self._opener.open_booking, booking_id)
        return (PaletteEntry("", "Open the booking", run, "ph.ticket"),)

    def _when(self, day: date, starts_at: datetime) -> str:
        near = {self._today: "today", self._today + timedelta(days=1): "tomorrow"}
        words = near.get(day) or day_line(day)
        if day.year != self._today.year:
            words = f"{words} {day.year}"
        return f"{words} {clock_time(starts_at, self._zone)}"


def _inside(title: str, *entries: PaletteEntry) -> tuple[PaletteEntry, ...]:
    """What Tab shows, under one heading."""
    return tuple(
        PaletteEntry(f"With {title}", e.title, e.run, e.icon, e.detail, e.keys, e.key) for e in entries
    )
