"""OpenActive data (SessionSeries, ScheduledSession, CourseInstance, Place) as entries.

Publishers send pages of a feed, one object, or a list. A series with a schedule becomes a series; one that only lists
its sessions becomes those. Only what a programme keeps is read: title, times, places, room and leader. See
docs/design.md, "Rules of the domain" (schedules).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from console.domain.exchange import MOST_ENTRIES, Entry, Reading, Unread
from console.domain.importing import Rejection
from console.domain.recurrence import DAY_MINUTES, minutes_from
from console.domain.recurrence_rules import zone_named
from console.errors import ConsoleError, Invalid
from console.services.exchange.calendar_lines import EventError, Property, duration
from console.services.exchange.calendar_out import WEEKDAYS
from console.services.exchange.rules import Weekly, as_list, weekly
from console.services.imports.json_rows import rows as json_rows

Item = Mapping[str, Any]
Watch = Callable[[int, int], None]

_LONGEST_TEXT = 255
_DAYS = ("sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday")
_FREQUENCIES = {"P1D": ("DAILY", 1), "P7D": ("WEEKLY", 1), "P14D": ("WEEKLY", 2)}


def looks_like(text: str) -> bool:
    """Whether a text is JSON rather than a table or a calendar."""
    return text.lstrip("\ufeff \t\r\n")[:1] in ("{", "[")


def read(text: str, venue: ZoneInfo, watch: Watch = lambda _done, _of: None) -> Reading:
    """The entries of an OpenActive file. Raises Invalid where it is none."""
    entries: list[Entry] = []
    refused: list[Unread] = []
    for done, (line, item) in enumerate(_items(text)):
        if done % 50 == 0:
            watch(done, done)
        if isinstance(item, Rejection):
            refused.append(Unread(item.line, item.reason))
            continue
        data = item.get("data", item)
        kind = _word(data.get("@type") if isinstance(data, Mapping) else None)
        title = None
        try:
            if item.get("state") == "deleted":
                raise EventError("The publisher has taken it back.")
            if not isinstance(data, Mapping):
                raise EventError("It has no data.")
            title = _title(data)
            entries += _Object(line, data, venue).entries(kind)
        except EventError as error:
            refused.append(Unread(line, str(error), title))
        if len(entries) > MOST_ENTRIES:
            raise Invalid(
                f"The file has more than {MOST_ENTRIES:,} entries.",
                hint="Divide it.",
                code="too_many_entries",
            )
    if not entries and not refused:
        raise Invalid("There is nothing in this file.", code="import_empty")
    return Reading("OpenActive", tuple(entries), tuple(refused))


def _items(text: str) -> Iterator[tuple[int, Item | Rejection]]:
    try:
        whole = json.loads(text)
    except (ValueError, RecursionError) as error:
        line = error.lineno if isinstance(error, json.JSONDecodeError) else 1
        raise Invalid(f"The JSON is broken (line {line}).", code="import_json") from error
    if isinstance(whole, dict) and isinstance(whole.get("items"), list):
        for one in json_rows(text, "items"):
            yield (one.line, one) if isinstance(one, Rejection) else one
        return
    for one in whole if isinstance(whole, list) else [whole]:
        if not isinstance(one, dict):
            yield 1, Rejection(1, "The row is not a JSON object.")
        else:
            yield 1, one


class _Object:
    """One object of a feed."""

    def __init__(self, line: int, data: Item, venue: ZoneInfo) -> None:
        self.line, self.data, self.venue = line, data, venue

    def entries(self, kind: str) -> list[Entry]:
        """What it becomes. Raises EventError."""
        if kind == "Place":
            raise EventError("It describes a place; rooms are made when a session names them.")
        if kind not in ("SessionSeries", "ScheduledSession", "CourseInstance", "Event", "EventSeries"):
            raise EventError(
                f"It is of the kind “{kind[:40]}”, which holds no sessions."
                if kind
                else "It does not say what it is."
            )
        key = _key(self.data)
        if kind == "ScheduledSession" or (kind == "Event" and "eventSchedule" not in self.data):
            return [self._session(key, self.data)]
        made = list(self._scheduled(key))
        if not made:
            made = [
                self._session(_key(one, f"{key}/{at}"), one)
                for at, one in enumerate(_list(self.data.get("subEvent")))
            ]
        if not made:
            raise EventError("It has neither a schedule nor sessions.")
        return made

    def _session(self, key: str, event: Item) -> Entry:
        start, end = self._instant(event.get("startDate")), self._instant(event.get("endDate"), wanted=False)
        if start is None:
            raise EventError("It does not say when it starts.")
        if end is not None:
            passed = end - start
        else:
            passed = _duration(event.get("duration"))
        return Entry(
            line=self.line,
            key=key,
            kind="session",
            title=_title(event) or _title(self.data),
            facts={
                "day": start.date().isoformat(),
                "start": start.time().isoformat(),
                "minutes": _minutes(passed),
            }
            | self._said(event),
            is_cancelled="cancel" in _word(event.get("eventStatus")).casefold(),
        )

    def _scheduled(self, key: str) -> Iterator[Entry]:
        schedules = [one for one in _list(self.data.get("eventSchedule")) if "startTime" in one]
        for at, schedule in enumerate(schedules):
            pattern, start, minutes = self._pattern(schedule)
            skipped = {self._day(one) for one in _plain_list(schedule.get("exceptDate"))}
            for one in _list(self.data.get("subEvent")):
                if "cancel" in _word(one.get("eventStatus")).casefold():
                    found = self._instant(one.get("startDate"), wanted=False)
                    if found is not None:
                        skipped.add(found.date())
            yield Entry(
                line=self.line,
                key=key if at == 0 else f"{key}/{at}",
                kind="series",
                title=_title(self.data),
                facts={
                    "weekdays": as_list(pattern.weekdays),
                    "start": start.isoformat(),
                    "minutes": minutes,
                    "every_weeks": pattern.every_weeks,
                    "first": pattern.first.isoformat(),
                    "last": None if pattern.last is None else pattern.last.isoformat(),
                }
                | self._said(self.data),
                skipped=tuple(sorted(skipped)),
            )

    def _pattern(self, schedule: Item) -> tuple[Weekly, time, int]:
        zone = schedule.get("scheduleTimezone")
        if zone is not None:
            try:
                if zone_named(str(zone)).key != self.venue.key:
                    raise EventError(f"Its times are those of {str(zone)[:50]}, not of this venue.")
            except ConsoleError:
                raise EventError(f"There is no time zone “{str(zone)[:60]}”.") from None
        for strange in ("byMonth", "byMonthDay", "byMonthWeek"):
            if schedule.get(strange):
                raise EventError("It repeats by the month; the console keeps weekly series only.")
        start = _clock(schedule.get("startTime"))
        if schedule.get("endTime") is not None:
            minutes = minutes_from(start, _clock(schedule["endTime"]))
        else:
            minutes = _minutes(_duration(schedule.get("duration") or self.data.get("duration")))
        first = self._day(schedule.get("startDate") or self.data.get("startDate"))
        until = schedule.get("endDate")
        often = str(schedule.get("repeatFrequency", "P1W")).upper()
        freq, interval = _FREQUENCIES.get(often, ("WEEKLY", 0))
        if interval == 0 and often.startswith("P") and often.endswith("W") and often[1:-1].isdigit():
            interval = int(often[1:-1])
        if interval == 0:
            raise EventError(f"It repeats every “{often[:20]}”; the console keeps weekly series only.")
        rule = f"FREQ={freq};INTERVAL={interval}"
        days = [WEEKDAYS[_weekday(one)] for one in _plain_list(schedule.get("byDay"))]
        if days:
            rule += f";BYDAY={','.join(days)}"
        count = schedule.get("repeatCount")
        if isinstance(count, int) and not isinstance(count, bool) and count > 0:
            rule += f";COUNT={count}"
        pattern = weekly(rule, datetime.combine(first, start), None if until is None else self._day(until))
        return pattern, start, minutes

    def _said(self, event: Item) -> dict[str, Any]:
        """Places, room and leader, from the session or from what it is part of."""
        said: dict[str, Any] = {}
        above = event.get("superEvent")
        sources = [event, above if isinstance(above, Mapping) else {}, self.data]
        subs = _list(self.data.get("subEvent"))
        capacity = next((one["maximumAttendeeCapacity"] for one in [*sources, *subs]
                         if isinstance(one.get("maximumAttendeeCapacity"), int)), None)  # fmt: skip
        if capacity:
            said["capacity"] = capacity
        leader = next((one for source in sources for one in _list(source.get("leader"))), None)
        if leader is not None:
            names = " ".join(
                str(leader.get(part, "")).strip() for part in ("givenName", "familyName")
            ).strip()
            name = (names or str(leader.get("name", ""))).strip()[:_LONGEST_TEXT]
            if name:
                said["instructor"] = name
        room = next((found for source in sources if (found := _room(source))), None)
        if room:
            said["room"] = room
        return said

    def _instant(self, value: object, *, wanted: bool = True) -> datetime | None:
        """An instant by the venue's wall clock; one without an offset is the venue's already."""
        if value is None and not wanted:
            return None
        try:
            found = datetime.fromisoformat(str(value).replace("Z", "+00:00"))
        except ValueError:
            raise EventError(
                f"“{str(value)[:40]}” is not a time." if value else "It does not say when it starts."
            ) from None
        if len(str(value)) <= len("2026-03-01"):
            raise EventError("It says the day, but not the time.")
        return found if found.tzinfo is None else found.astimezone(self.venue).replace(tzinfo=None)

    def _day(self, value: object) -> date:
        try:
            if len(str(value)) == len("2026-03-01"):
                return date.fromisoformat(str(value))
        except ValueError:
            raise EventError(f"“{str(value)[:40]}” is not a day.") from None
        found = self._instant(value)
        assert found is not None
        return found.date()


def _key(data: Item, otherwise: str = "") -> str:
    for name in ("@id", "id", "identifier", "url"):
        value = data.get(name)
        if isinstance(value, str | int) and str(value).strip():
            return str(value)[:700]
    if otherwise:
        return otherwise[:700]
    return f"{_title(data)}|{data.get('startDate')}"[:700]


def _title(data: Item) -> str | None:
    for source in (data, data.get("superEvent"), data.get("instanceOfCourse")):
        if isinstance(source, Mapping):
            name = source.get("name")
            if isinstance(name, str) and name.strip():
                return name.strip()
            for activity in _list(source.get("activity")):
                label = activity.get("prefLabel")
                if isinstance(label, str) and label.strip():
                    return label.strip()
    return None


def _room(source: Item) -> str | None:
    """The room, where the place says that it is one: a part of another place."""
    for place in (*_list(source.get("beta:sportsActivityLocation")), *_list(source.get("location"))):
        inside = place.get("containedInPlace") or place.get("@type") == "SportsActivityLocation"
        name = place.get("name")
        if isinstance(name, str) and name.strip() and (inside or "beta:sportsActivityLocation" in source):
            return name.strip()
    return None


def _list(value: object) -> list[Item]:
    return [one for one in _plain_list(value) if isinstance(one, Mapping)]


def _plain_list(value: object) -> list[Any]:
    if value is None:
        return []
    return list(value) if isinstance(value, list) else [value]


def _word(value: object) -> str:
    """The last part of a word that may be written as an address: https://schema.org/Tuesday is Tuesday."""
    first = value[0] if isinstance(value, list) and value else value
    return first.replace("#", "/").rsplit("/", 1)[-1].rsplit(":", 1)[-1] if isinstance(first, str) else ""


def _weekday(value: object) -> int:
    word = _word(value).casefold()
    if word not in _DAYS:
        raise EventError(f"“{str(value)[:40]}” is not a weekday.")
    return _DAYS.index(word)


def _clock(value: object) -> time:
    try:
        return time.fromisoformat(str(value)).replace(tzinfo=None, microsecond=0)
    except ValueError:
        raise EventError(f"“{str(value)[:40]}” is not a time of day.") from None


def _duration(value: object) -> timedelta:
    if not isinstance(value, str):
        raise EventError("It does not say how long it lasts.")
    return duration(Property("DURATION", {}, value))


def _minutes(passed: timedelta) -> int:
    minutes = -(-int(passed.total_seconds()) // 60)
    if minutes < 1:
        raise EventError("It ends before it starts.")
    if minutes > DAY_MINUTES:
        raise EventError("It lasts longer than a day.")
    return minutes
