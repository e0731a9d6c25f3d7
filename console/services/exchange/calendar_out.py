"""A programme as an iCalendar file (RFC 5545) that any calendar program reads and this console reads back unchanged.

A series is one recurring event in the venue's zone; dates that do not take place are excluded, those that take place
otherwise are events of their own beside it. What iCalendar has no word for goes into X-NEXUS-* properties. The same
programme gives the same bytes: a file that is kept up to date is written only when something changed. No child, no
parent, no note is in it. See docs/design.md, "Screens" (schedule).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from uuid import UUID
from zoneinfo import ZoneInfo

from console.domain.exchange import ProgrammeOut, SessionOut, Wish
from console.domain.programme import SeriesFacts
from console.services.exchange.scope import Otherwise, SeriesDates, series_dates, singles

WEEKDAYS = ("SU", "MO", "TU", "WE", "TH", "FR", "SA")
_LINE_OCTETS = 75


def calendar(programme: ProgrammeOut, wish: Wish) -> tuple[bytes, int]:
    """The file, and how many series and sessions are in it."""
    events, count = [], 0
    for dates in series_dates(programme, wish):
        events.append(list(_series(programme, dates)))
        count += 1
    for session in singles(programme, wish):
        events.append(list(_session(programme, session)))
        count += 1
    name = programme.venue
    room = next((one.name for one in programme.rooms if one.id == wish.room_id), None)
    for part in (room, wish.instructor):
        name = f"{name}, {part}" if part else name
    head = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Nexus Family Pass//Nexus Console//EN",
        "CALSCALE:GREGORIAN",
        f"X-WR-CALNAME:{escaped(name)}",
        f"X-WR-TIMEZONE:{programme.zone}",
        *_zone(programme.zone, programme.first.year, programme.last.year),
    ]
    lines = [*head, *(line for event in events for line in event), "END:VCALENDAR"]
    return "".join(f"{folded(line)}\r\n" for line in lines).encode(), count


def escaped(text: str) -> str:
    """Text as RFC 5545 writes it; control characters other than line ends become spaces."""
    plain = "".join(
        mark if mark >= " " and mark != "\x7f" else ("\n" if mark == "\n" else " ")
        for mark in text.replace("\r\n", "\n").replace("\r", "\n")
    )
    return plain.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,").replace("\n", "\\n")


def folded(line: str) -> str:
    """A line cut after at most 75 octets, never within a character."""
    pieces: list[str] = []
    piece: list[str] = []
    octets = 0
    for mark in line:
        size = len(mark.encode("utf-8", "replace"))
        if octets + size > _LINE_OCTETS:
            pieces.append("".join(piece))
            piece, octets = [], 1
        piece.append(mark)
        octets += size
    pieces.append("".join(piece))
    return "\r\n ".join(pieces)


def _series(programme: ProgrammeOut, made: SeriesDates) -> Iterator[str]:
    series, facts = made.out.series, made.out.series.facts
    uid = f"series-{series.id}@nexus-console"
    if made.takes_place:
        rule = f"RRULE:FREQ=WEEKLY;INTERVAL={facts.every_weeks};WKST=MO;BYDAY=" + ",".join(
            WEEKDAYS[day] for day in facts.weekdays
        )
        if facts.last is not None:
            end = datetime.combine(facts.last, time(23, 59, 59), ZoneInfo(programme.zone)).astimezone(UTC)
            rule += f";UNTIL={end:%Y%m%dT%H%M%SZ}"
        yield from _begin(uid, made.out.made_at)
        yield from _times(programme, made.dates[0], facts.start, facts.minutes)
        yield rule
        for day in sorted((*made.left_out, *made.elsewhere)):
            yield f"EXDATE;TZID={programme.zone}:{_stamp(day, facts.start)}"
        yield from _facts(
            programme, series.activity, series.facts.activity_id, facts.room_id, facts.instructor,
            facts.capacity, facts.platform_places,
        )  # fmt: skip
        yield from _pattern(facts, made.elsewhere)
        yield "END:VEVENT"
    for one in made.otherwise:
        yield from _date(programme, uid, made, one)
    for session in made.besides:
        yield from _session(programme, session)


def _pattern(facts: SeriesFacts, elsewhere: Iterable[date]) -> Iterator[str]:
    yield f"X-NEXUS-FIRST;VALUE=DATE:{facts.first:%Y%m%d}"
    if facts.last is not None:
        yield f"X-NEXUS-LAST;VALUE=DATE:{facts.last:%Y%m%d}"
    if facts.name:
        yield f"X-NEXUS-NAME:{escaped(facts.name)}"
    for day in elsewhere:
        yield f"X-NEXUS-ELSEWHERE;VALUE=DATE:{day:%Y%m%d}"


def _date(programme: ProgrammeOut, uid: str, made: SeriesDates, one: Otherwise) -> Iterator[str]:
    series = made.out.series
    yield from _begin(uid, made.out.made_at)
    yield f"RECURRENCE-ID;TZID={programme.zone}:{_stamp(one.on, series.facts.start)}"
    yield from _times(programme, one.day, one.start, one.minutes)
    yield from _facts(
        programme, series.activity, series.facts.activity_id, one.room_id, one.instructor, one.capacity,
        one.platform_places,
    )  # fmt: skip
    yield "END:VEVENT"


def _session(programme: ProgrammeOut, one: SessionOut) -> Iterator[str]:
    yield from _begin(f"session-{one.id}@nexus-console", one.made_at)
    yield from _times(programme, one.day, one.start, one.minutes)
    if one.is_cancelled:
        yield "STATUS:CANCELLED"
    yield from _facts(
        programme,
        one.activity,
        one.activity_id,
        one.room_id,
        one.instructor,
        one.capacity,
        one.platform_places,
    )
    yield "END:VEVENT"


def _begin(uid: str, made_at: datetime) -> Iterator[str]:
    yield "BEGIN:VEVENT"
    yield f"UID:{uid}"
    yield f"DTSTAMP:{made_at.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def _times(programme: ProgrammeOut, day: date, start: time, minutes: int) -> Iterator[str]:
    end = datetime.combine(day, start) + timedelta(minutes=minutes)
    yield f"DTSTART;TZID={programme.zone}:{_stamp(day, start)}"
    yield f"DTEND;TZID={programme.zone}:{_stamp(end.date(), end.time())}"
    # Where the clocks change in between, an end by the wall may not come after the start.
    yield f"X-NEXUS-MINUTES:{minutes}"


def _facts(
    programme: ProgrammeOut,
    activity: str,
    activity_id: UUID,
    room_id: UUID | None,
    instructor: str | None,
    capacity: int,
    places: int,
) -> Iterator[str]:
    yield f"SUMMARY:{escaped(activity)}"
    room = next((one.name for one in programme.rooms if one.id == room_id), None)
    if room is not None:
        yield f"LOCATION:{escaped(room)}"
        yield f"X-NEXUS-ROOM:{room_id}"
    yield f"X-NEXUS-ACTIVITY:{activity_id}"
    yield f"X-NEXUS-CAPACITY:{capacity}"
    yield f"X-NEXUS-PLACES:{places}"
    if instructor:
        yield f"DESCRIPTION:{escaped(f'With {instructor}')}"
        yield f"X-NEXUS-INSTRUCTOR:{escaped(instructor)}"


def _stamp(day: date, at: time) -> str:
    return f"{day.year:04d}{day:%m%d}T{at:%H%M%S}"


@lru_cache(maxsize=8)
def _zone(name: str, first: int, last: int) -> tuple[str, ...]:
    """The zone's changes of clocks around those years, for programs that do not know it by name."""
    from icalendar import Timezone

    made = Timezone.from_tzid(name, first_date=date(first - 1, 1, 1), last_date=date(last + 2, 1, 1))
    return tuple(line for line in made.to_ical().decode().replace("\r\n ", "").split("\r\n") if line)
