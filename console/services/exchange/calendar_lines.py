"""The lines of an iCalendar file: unfolded, cut into events with their place in the file, and values made plain.

Calendars come from many programs: events without a calendar around them, zones under names of their own, line ends of
any kind. What one event has wrong is that event's alone. The cutting is done here, because a parser that reads the
whole file can neither say on which line an event stands nor be stopped. See docs/design.md, "Runtime" (big parses).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

from icalendar import Calendar, vDuration, vText
from icalendar.parser import Contentline
from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON

from console.domain.recurrence_rules import zone_named
from console.errors import ConsoleError

_STAMP = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})(?:T([0-9]{2})([0-9]{2})([0-9]{2})(Z?))?")


# Parts of the library that say no types.
_LINE: Any = Contentline
_LENGTH: Any = vDuration.from_ical


class EventError(Exception):
    """An event that cannot be taken in; the argument is the reason, one sentence."""


@dataclass(frozen=True, slots=True)
class Property:
    """One property of an event: its parameters in capitals, and its value as it stands in the file."""

    name: str
    parameters: Mapping[str, str]
    value: str

    @property
    def text(self) -> str:
        """The value of a text property."""
        return str(vText.from_ical(self.value)).strip()


@dataclass(slots=True)
class Event:
    """One VEVENT: the line it begins on, and its properties by name."""

    line: int
    properties: dict[str, list[Property]] = field(default_factory=dict)
    broken: str | None = None
    """The first line of it that cannot be read."""

    def get(self, name: str) -> Property | None:
        """The first property of that name."""
        found = self.properties.get(name)
        return found[0] if found else None

    def text(self, name: str) -> str | None:
        """The text of the first property of that name; None where there is none or it is empty."""
        found = self.get(name)
        return (found.text or None) if found is not None else None

    def all(self, name: str) -> list[Property]:
        """Every property of that name."""
        return self.properties.get(name, [])


@dataclass(slots=True)
class Lines:
    """What stands in a file: events in order, and the zones it defines."""

    events: list[Event]
    zones: dict[str, str]
    """The definition of each zone by its name, as text."""
    is_calendar: bool


def cut(text: str, watch: Callable[[int, int], None]) -> Lines:
    """Cut a file into events; `watch` is told how many lines are done of how many, and may raise to stop."""
    found = Lines([], {}, False)
    event: Event | None = None
    depth = 0
    zone: list[str] | None = None
    lines = re.split(r"\r\n|\n|\r", text)
    for number, line in _unfolded(lines):
        if number % 500 == 0:
            watch(number, len(lines))
        marker = line.strip().upper()
        if marker == "BEGIN:VCALENDAR":
            found.is_calendar = True
        elif marker == "BEGIN:VTIMEZONE":
            zone = [line]
        elif zone is not None:
            zone.append(line)
            if marker == "END:VTIMEZONE":
                name = next(
                    (one.split(":", 1)[1].strip() for one in zone if one.upper().startswith("TZID:")), ""
                )
                found.zones[name] = "\r\n".join(zone)
                zone = None
        elif marker == "BEGIN:VEVENT":
            found.is_calendar = True
            event, depth = Event(number), 0
        elif event is not None and marker == "END:VEVENT":
            found.events.append(event)
            event = None
        elif event is not None and marker.startswith("BEGIN:"):
            depth += 1  # an alarm within the event
        elif event is not None and marker.startswith("END:"):
            depth -= 1
        elif event is not None and depth == 0 and marker:
            _add(event, line)
    if event is not None:
        event.broken = "The file ends in the middle of it."
        found.events.append(event)
    return found


def _unfolded(lines: list[str]) -> Iterator[tuple[int, str]]:
    """Lines with those that go on in the next put together, each with the number of its first."""
    number, pieces = 0, list[str]()
    for at, line in enumerate(lines, start=1):
        if pieces and line[:1] in (" ", "\t"):
            pieces.append(line[1:])
            continue
        if pieces:
            yield number, "".join(pieces)
        number, pieces = at, [line]
    if pieces:
        yield number, "".join(pieces)


def _add(event: Event, line: str) -> None:
    try:
        name, parameters, value = _LINE(line).parts()
    except ValueError:
        event.broken = event.broken or "A line of it cannot be read."
        return
    flat = {
        str(key).upper(): value if isinstance(value, str) else str(value[0])
        for key, value in parameters.items()
    }
    event.properties.setdefault(name.upper(), []).append(Property(name.upper(), flat, value))


class Zones:
    """The zones that a file's times are in, by the names it gives them."""

    def __init__(self, venue: ZoneInfo, defined: Mapping[str, str]) -> None:
        """Times without a zone are the venue's."""
        self.venue = venue
        self._defined = defined
        self._known: dict[str, tzinfo] = {}

    def named(self, name: str) -> tzinfo:
        """The zone of that name. Raises EventError where nobody knows it."""
        if name not in self._known:
            found = self._find(name)
            if found is None:
                raise EventError(f"There is no time zone “{name[:60]}”.")
            self._known[name] = found
        return self._known[name]

    def _find(self, name: str) -> tzinfo | None:
        # Some programs put their own address before the name: /freeassociation.example/Europe/Vienna.
        parts = name.strip().strip('"').lstrip("/").split("/")
        candidates = ["/".join(parts[at:]) for at in range(len(parts))]
        for candidate in (*candidates, WINDOWS_TO_OLSON.get(name.strip(), "")):
            try:
                return zone_named(candidate)
            except ConsoleError:
                continue
        definition = self._defined.get(name)
        if definition is None:
            return None
        try:
            calendar = Calendar.from_ical(f"BEGIN:VCALENDAR\r\n{definition}\r\nEND:VCALENDAR\r\n")
            defined: Any = calendar.walk("VTIMEZONE")[0]
            made: tzinfo = defined.to_tz()
            made.utcoffset(datetime(2026, 1, 1))  # noqa: DTZ001 - asked of the zone itself
        except (ValueError, KeyError, IndexError, AttributeError, TypeError, AssertionError):
            return None
        return made


@dataclass(frozen=True, slots=True)
class Moment:
    """A time of a file as the wall clock of its zone shows it; `is_day` for a date without a time."""

    wall: datetime
    zone: tzinfo
    is_day: bool = False

    def at(self, venue: ZoneInfo) -> datetime:
        """What the venue's wall clock shows then."""
        if self.zone is venue or getattr(self.zone, "key", "") == venue.key:
            return self.wall
        return self.wall.replace(tzinfo=self.zone).astimezone(venue).replace(tzinfo=None)


def moments(one: Property, zones: Zones) -> list[Moment]:
    """The times of a property, which may list several. Raises EventError."""
    return [_moment(part.strip(), one, zones) for part in one.value.split(",")]


def moment(one: Property, zones: Zones) -> Moment:
    """The time of a property. Raises EventError."""
    return _moment(one.value.strip(), one, zones)


def _moment(written: str, one: Property, zones: Zones) -> Moment:
    match = _STAMP.fullmatch(written)
    if match is None:
        raise EventError(f"“{written[:40]}” is not a time.")
    year, month, day, hour, minute, second, utc = match.groups()
    try:
        on = date(int(year), int(month), int(day))
        at = time(int(hour), int(minute), min(int(second), 59)) if hour is not None else time()
    except ValueError:
        raise EventError(f"“{written[:40]}” is not a time.") from None
    if utc:
        zone: tzinfo = ZoneInfo("UTC")
    elif "TZID" in one.parameters and hour is not None:
        zone = zones.named(one.parameters["TZID"])
    else:
        zone = zones.venue
    return Moment(datetime.combine(on, at), zone, hour is None)


def duration(one: Property) -> timedelta:
    """A length. Raises EventError."""
    try:
        found = _LENGTH(one.value)
    except (ValueError, OverflowError):
        raise EventError(f"“{one.value[:40]}” is not a length of time.") from None
    if not isinstance(found, timedelta):
        raise EventError(f"“{one.value[:40]}” is not a length of time.")
    return found
