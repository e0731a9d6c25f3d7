"""An iCalendar file (RFC 5545) as entries: recurring events become series, others sessions, each with its line.

What this console exported comes back as what it is, by its own UIDs and X-NEXUS-* properties. Of other calendars, only
what a weekly pattern in the venue's wall time can keep becomes a series; the rest is single sessions or one sentence
that says why not. See docs/design.md, "Rules of the domain" (schedules).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from console.domain.exchange import MOST_ENTRIES, OWN_UID, Entry, Reading, Unread
from console.domain.recurrence import DAY_MINUTES, Occurrence, instants
from console.errors import Invalid
from console.services.exchange import calendar_facts as facts
from console.services.exchange.calendar_lines import (
    Event,
    EventError,
    Moment,
    Property,
    Zones,
    cut,
    duration,
    moment,
    moments,
)
from console.services.exchange.rules import Weekly, as_list, weekly

_LOOK_AHEAD = timedelta(days=400)
"""Over so many days another zone must show the same times, and so far its dates become sessions where it does not."""
_MOST_SINGLES = 400
_ALL_DAY = "It lasts all day; a session has a start and an end."
_OTHER_CLOCK = "Its times follow the clock of another place, so each date is a session by itself."

Watch = Callable[[int, int], None]


def read(text: str, venue: ZoneInfo, today: date, watch: Watch = lambda _done, _of: None) -> Reading:
    """The entries of a calendar; `today` is the venue's day. Raises Invalid where it is no calendar at all.

    `watch` is told how much is done of how much, and may raise to stop.
    """
    lines = cut(text, watch)
    if not lines.is_calendar:
        raise Invalid(
            "This is not a calendar file.", hint="It has to begin with BEGIN:VCALENDAR.", code="no_calendar"
        )
    if not lines.events:
        raise Invalid("There are no events in this calendar.", code="empty_calendar")
    reader = _Reader(Zones(venue, lines.zones), venue, today)
    grouped: dict[str, list[Event]] = {}
    for event in lines.events:
        grouped.setdefault(_uid(event), []).append(event)
    for done, (uid, events) in enumerate(grouped.items()):
        if done % 50 == 0:
            watch(done, len(grouped))
        reader.take(uid, events)
        if len(reader.entries) > MOST_ENTRIES:
            raise Invalid(
                f"The calendar has more than {MOST_ENTRIES:,} entries.",
                hint="Divide it.",
                code="too_many_entries",
            )
    reader.entries.sort(key=lambda one: one.line)
    return Reading("Calendar", tuple(reader.entries), tuple(sorted(reader.refused, key=lambda one: one.line)))


def _uid(event: Event) -> str:
    uid = event.text("UID")
    if uid:
        return uid[:700]
    # Without a name of its own it is known by what it is and when it starts.
    start = event.get("DTSTART")
    said = f"{event.text('SUMMARY')}|{start.value if start else ''}"
    return f"unnamed-{sha256(said.encode('utf-8', 'replace')).hexdigest()[:32]}"


@dataclass(frozen=True, slots=True)
class _Times:
    """When an event is, by the venue's wall clock."""

    start: datetime
    minutes: int

    def facts(self) -> dict[str, Any]:
        return {
            "day": self.start.date().isoformat(),
            "start": self.start.time().isoformat(),
            "minutes": self.minutes,
        }


class _Reader:
    """Takes the events of one UID after the other."""

    def __init__(self, zones: Zones, venue: ZoneInfo, today: date) -> None:
        self.zones, self.venue, self.today = zones, venue, today
        self.entries: list[Entry] = []
        self.refused: list[Unread] = []

    def take(self, uid: str, events: list[Event]) -> None:
        """All events of one UID: the one they are about, and the dates that differ."""
        mains = [one for one in events if "RECURRENCE-ID" not in one.properties]
        others = [one for one in events if "RECURRENCE-ID" in one.properties]
        for again in mains[1:]:
            self._refuse(again, f"The same entry stands on line {mains[0].line} already.")
        main = mains[0] if mains else None
        try:
            if main is not None and main.broken is not None:
                raise EventError(main.broken)
            own = OWN_UID.fullmatch(uid)
            if main is None and own is None:
                for other in others:
                    self._single(f"{uid}/{facts.plain(other.get('RECURRENCE-ID'))}", other, None)
            elif (main is not None and "RRULE" in main.properties) or (
                own is not None and own[1] == "series"
            ):
                self._recurring(uid, UUID(own[2]) if own else None, main, others)
            elif main is not None:
                if self._single(uid, main, UUID(own[2]) if own else None):
                    self._extra_dates(uid, main)
                for other in others:
                    self._refuse(other, "It changes a date of something that does not repeat.")
        except EventError as error:
            self._refuse(main or others[0], str(error))

    def _refuse(self, event: Event, reason: str) -> None:
        self.refused.append(Unread(event.line, reason, facts.title(event)))

    # -- one event ---------------------------------------------------------------------------------------------------

    def _single(self, key: str, event: Event, own_id: UUID | None) -> bool:
        """Take it as a session; whether that was possible."""
        try:
            times = self._times(event)
        except EventError as error:
            self._refuse(event, str(error))
            return False
        self.entries.append(
            Entry(
                line=event.line,
                key=key,
                kind="session",
                title=facts.title(event),
                own_id=own_id,
                activity_id=event.text("X-NEXUS-ACTIVITY"),
                facts=times.facts() | facts.said(event, is_own=own_id is not None),
                is_cancelled=(event.text("STATUS") or "").upper() == "CANCELLED",
            )
        )
        return True

    def _times(self, event: Event) -> _Times:
        begin = self._start(event)
        start = begin.at(self.venue)
        minutes = facts.own_number(event, "X-NEXUS-MINUTES")
        if minutes is None:
            minutes = self._minutes(event, begin)
        return _Times(start.replace(microsecond=0), minutes)

    def _start(self, event: Event) -> Moment:
        if event.broken is not None:
            raise EventError(event.broken)
        found = event.get("DTSTART")
        if found is None:
            raise EventError("It does not say when it starts.")
        begin = moment(found, self.zones)
        if begin.is_day:
            raise EventError(_ALL_DAY)
        return begin

    def _minutes(self, event: Event, begin: Moment) -> int:
        """Its length by the wall clock; where clocks change in between, as long as it really is."""
        end, length = event.get("DTEND"), event.get("DURATION")
        if end is not None:
            until = moment(end, self.zones)
            if until.is_day:
                raise EventError(_ALL_DAY)
            passed = until.at(self.venue) - begin.at(self.venue)
            if passed <= timedelta():
                passed = _exactly(until) - _exactly(begin)
        elif length is not None:
            passed = duration(length)
        else:
            raise EventError("It does not say when it ends.")
        if passed <= timedelta():
            raise EventError("It ends before it starts.")
        minutes = -(-int(passed.total_seconds()) // 60)
        if minutes > DAY_MINUTES:
            raise EventError("It lasts longer than a day.")
        return minutes

    def _extra_dates(self, uid: str, main: Event) -> None:
        times = self._times(main)
        for one in main.all("RDATE"):
            if one.parameters.get("VALUE", "").upper() == "PERIOD":
                raise EventError("Its dates are written as periods, which the console cannot read.")
            for extra in moments(one, self.zones):
                start = (
                    datetime.combine(extra.wall.date(), times.start.time())
                    if extra.is_day
                    else extra.at(self.venue)
                )
                if start != times.start:
                    self._dated(uid, main, replace(times, start=start), None)

    def _dated(self, uid: str, main: Event, times: _Times, note: str | None) -> None:
        self.entries.append(
            Entry(
                line=main.line,
                key=f"{uid}/{times.start.date().isoformat()}",
                kind="session",
                title=facts.title(main),
                facts=times.facts() | facts.said(main, is_own=False),
                note=note,
            )
        )

    # -- a series ------------------------------------------------------------------------------------------------------

    def _recurring(self, uid: str, own_id: UUID | None, main: Event | None, others: list[Event]) -> None:
        changed, gone = self._changed_dates(others, is_own=own_id is not None)
        if main is None:
            # A file of some days may hold only the dates that differ.
            self.entries.append(
                Entry(
                    others[0].line,
                    uid,
                    "series",
                    facts.title(others[0]),
                    {},
                    own_id,
                    changed=changed,
                    skipped=tuple(gone),
                )
            )
            return
        if (main.text("STATUS") or "").upper() == "CANCELLED":
            raise EventError("It is cancelled in the file.")
        if "EXRULE" in main.properties or len(main.all("RRULE")) > 1:
            raise EventError("It has more than one rule of repetition.")
        begin, times = self._start(main), self._times(main)
        pattern = weekly(main.all("RRULE")[0].value, begin.wall, self._until(main, begin))
        skipped = {*gone, *self._days(main, "EXDATE")} - self._days(main, "X-NEXUS-ELSEWHERE")
        here = self._by_our_clock(pattern, begin)
        if here is None:
            self._dates_alone(uid, main, pattern, begin, times, skipped, changed)
        else:
            self._series(uid, own_id, main, here, times, skipped, changed)
        if own_id is None:
            self._extra_dates(uid, main)

    def _series(
        self,
        uid: str,
        own_id: UUID | None,
        main: Event,
        pattern: Weekly,
        times: _Times,
        skipped: set[date],
        changed: dict[date, dict[str, Any]],
    ) -> None:
        said: dict[str, Any] = {
            "weekdays": as_list(pattern.weekdays),
            "start": times.start.time().isoformat(),
            "minutes": times.minutes,
            "every_weeks": pattern.every_weeks,
            "first": pattern.first.isoformat(),
            "last": None if pattern.last is None else pattern.last.isoformat(),
        }
        if own_id is not None:
            said |= {
                "first": facts.own_day(main, "X-NEXUS-FIRST") or said["first"],
                "last": facts.own_day(main, "X-NEXUS-LAST"),
                "name": main.text("X-NEXUS-NAME"),
            }
        elif pattern.dates(1) != [pattern.first]:
            # Its start is not on one of its days, but takes place all the same.
            self._dated(uid, main, times, None)
        self.entries.append(
            Entry(
                line=main.line,
                key=uid,
                kind="series",
                title=facts.title(main),
                own_id=own_id,
                activity_id=main.text("X-NEXUS-ACTIVITY"),
                facts=said | facts.said(main, is_own=own_id is not None),
                skipped=tuple(sorted(skipped)),
                changed=changed,
            )
        )

    def _until(self, main: Event, begin: Moment) -> datetime | date | None:
        """The UNTIL of the rule, by the clock of the start."""
        for part in main.all("RRULE")[0].value.split(";"):
            name, _, value = part.partition("=")
            if name.strip().upper() == "UNTIL":
                until = moment(Property("UNTIL", {}, value), self.zones)
                if until.is_day:
                    return until.wall.date()
                if getattr(until.zone, "key", "") != "UTC":
                    return until.wall
                return until.wall.replace(tzinfo=until.zone).astimezone(begin.zone).replace(tzinfo=None)
        return None

    def _by_our_clock(self, pattern: Weekly, begin: Moment) -> Weekly | None:
        """The pattern by the venue's clock; None where that shows other times in summer than in winter."""
        if getattr(begin.zone, "key", "") == self.venue.key:
            return pattern
        ahead = max(self.today, pattern.first)
        dates = replace(pattern, last=min(pattern.last or date.max, ahead + _LOOK_AHEAD)).dates(5_000)
        walls = [
            (day, replace(begin, wall=datetime.combine(day, begin.wall.time())).at(self.venue))
            for day in dates[-600:] or [pattern.first]
        ]
        shifts = {((wall.date() - day).days, wall.time()) for day, wall in walls}
        if len(shifts) > 1:
            return None
        ((shift, _),) = shifts
        if shift and pattern.every_weeks > 1:
            return None
        move = timedelta(days=shift)
        return Weekly(
            tuple(sorted((day + shift) % 7 for day in pattern.weekdays)),
            pattern.every_weeks,
            pattern.first + move,
            None if pattern.last is None else pattern.last + move,
        )

    def _dates_alone(
        self,
        uid: str,
        main: Event,
        pattern: Weekly,
        begin: Moment,
        times: _Times,
        skipped: set[date],
        changed: dict[date, dict[str, Any]],
    ) -> None:
        until = self.today + _LOOK_AHEAD
        dates = [day for day in pattern.dates(20_000, until) if day >= self.today]
        if not dates:
            raise EventError("It is over, so there is nothing to make.")
        if len(dates) > _MOST_SINGLES:
            raise EventError(
                f"It follows the clock of another place and has more than {_MOST_SINGLES} dates."
            )
        for day in dates:
            start = replace(begin, wall=datetime.combine(day, begin.wall.time())).at(self.venue)
            if start.date() in skipped:
                continue
            self._dated(uid, main, replace(times, start=start), _OTHER_CLOCK)
            if start.date() in changed:
                made = self.entries.pop()
                self.entries.append(replace(made, facts={**made.facts, **changed[start.date()]}))

    def _changed_dates(
        self, others: list[Event], *, is_own: bool
    ) -> tuple[dict[date, dict[str, Any]], list[date]]:
        changed: dict[date, dict[str, Any]] = {}
        gone: list[date] = []
        for event in others:
            try:
                named = event.properties["RECURRENCE-ID"][0]
                if "RANGE" in named.parameters:
                    raise EventError("It changes a date and all that follow, which the console cannot read.")
                day = self._day(moment(named, self.zones))
                if (event.text("STATUS") or "").upper() == "CANCELLED":
                    gone.append(day)
                else:
                    changed[day] = self._times(event).facts() | facts.said(event, is_own=is_own)
            except EventError as error:
                self._refuse(event, str(error))
        return changed, gone

    def _days(self, event: Event, name: str) -> set[date]:
        return {self._day(one) for given in event.all(name) for one in moments(given, self.zones)}

    def _day(self, one: Moment) -> date:
        return one.wall.date() if one.is_day else one.at(self.venue).date()


def _exactly(one: Moment) -> datetime:
    """The instant, as docs/design.md reads wall times when the clocks change."""
    if isinstance(one.zone, ZoneInfo):
        start, _ = instants(Occurrence(one.wall.date(), one.wall.time(), 1), one.zone)
        return start
    return one.wall.replace(tzinfo=one.zone)
