"""The database and the pure engine make the same sessions of the same series, and both agree with dateutil."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import pytest
from dateutil.rrule import FR, MO, SA, SU, TH, TU, WE, WEEKLY, rrule
from hypothesis import given, settings
from hypothesis import strategies as st

from console.domain.programme import SeriesFacts
from console.domain.recurrence import Occurrence, instants, weekday
from console.domain.recurrence_rules import DateException, Meeting, Shut, count_dates, meetings, rule_dates
from tests.support import factories
from tests.support.databases import Connection, Database
from tests.support.recurring import database_meetings, generate, sessions_of, write_closure, write_series

# Zones whose rules stand: the server and Python each have a time zone database of their own, of different years.
ZONES = (
    "America/New_York",
    "America/Toronto",
    "Europe/London",
    "Europe/Dublin",
    "Australia/Lord_Howe",
    "America/Phoenix",
    "Asia/Kathmandu",
    "Pacific/Apia",
    "Pacific/Chatham",
    "America/Santiago",
    "Africa/Cairo",
)
DAYS = (SU, MO, TU, WE, TH, FR, SA)
START = date(2025, 10, 1)


@dataclass(frozen=True)
class Place:
    """A venue with an activity and two rooms."""

    zone: str
    venue: UUID
    activity: UUID
    rooms: tuple[UUID, UUID]


@pytest.fixture(scope="module")
def house_tx(database: Database) -> Iterator[Connection]:
    """One transaction for every case of this module, rolled back at its end."""
    connection = database.connect(autocommit=False)
    try:
        yield connection
    finally:
        connection.rollback()
        connection.close()


@pytest.fixture(scope="module")
def places(house_tx: Connection) -> list[Place]:
    made = []
    for zone in ZONES:
        venue = factories.venue(house_tx, timezone=zone)
        rooms = (factories.room(house_tx, venue), factories.room(house_tx, venue))
        made.append(Place(zone, venue, factories.activity(house_tx, venue), rooms))
    return made


# Times near the changes of clocks and near midnight come up often.
times = st.one_of(
    st.sampled_from([time(2, 30), time(1, 30), time(0), time(23, 59), time(2), time(1, 45), time(3)]),
    st.builds(time, st.integers(0, 23), st.integers(0, 59)),
)
minutes = st.one_of(st.sampled_from([1, 30, 45, 60, 90, 480, 1440]), st.integers(1, 1440))
days_from_start = st.integers(0, 500).map(lambda days: START + timedelta(days=days))


@dataclass(frozen=True)
class Case:
    """A series as drawn; its rooms are numbers until it is known at which place it is."""

    facts: SeriesFacts
    room: int | None
    exceptions: tuple[tuple[DateException, int | None], ...]
    closures: tuple[tuple[int, int, frozenset[int], bool], ...]
    """From which hour after the first day's midnight, for how many, of which rooms, whether yearly."""


@st.composite
def exceptions(draw: st.DrawFn, on: date) -> DateException:
    """What became of a date: nothing, or something else."""
    if draw(st.booleans()):
        return DateException(on, is_skipped=True)
    moved = draw(st.none() | st.integers(-9, 9))
    return DateException(
        on,
        day=None if moved is None else on + timedelta(days=moved),
        start=draw(st.none() | times),
        minutes=draw(st.none() | minutes),
        instructor=draw(st.none() | st.just("Grace")),
        capacity=draw(st.none() | st.integers(1, 30)),
    )


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """A series with exceptions of some of its dates or of none, and closures."""
    first = draw(days_from_start)
    capacity = draw(st.integers(1, 30))
    facts = SeriesFacts(
        activity_id=uuid4(),
        weekdays=tuple(sorted(draw(st.sets(st.integers(0, 6), min_size=1)))),
        start=draw(times),
        minutes=draw(minutes),
        capacity=capacity,
        first=first,
        last=draw(st.none() | st.integers(0, 400).map(lambda days: first + timedelta(days=days))),
        every_weeks=draw(st.integers(1, 5)),
        platform_places=draw(st.integers(0, capacity)),
        instructor=draw(st.none() | st.just("Ada")),
    )
    within = [
        *rule_dates(facts.weekdays, facts.every_weeks, first, first, first + timedelta(days=100)),
        first,
    ]
    rooms = st.none() | st.integers(0, 1)
    decided = []
    for day in draw(st.lists(st.sampled_from(within), unique=True, max_size=6)):
        one = draw(exceptions(day))
        decided.append((one, None if one.is_skipped else draw(rooms)))
    hours = st.integers(-800 * 24, 300 * 24)
    lengths = st.sampled_from([1, 24, 24 * 7, 24 * 40])
    shut = st.tuples(hours, lengths, st.frozensets(st.integers(0, 1), max_size=2), st.booleans())
    return Case(facts, draw(rooms), tuple(decided), tuple(draw(st.lists(shut, max_size=3))))


@settings(max_examples=120, deadline=None)
@given(case=cases(), at=st.integers(0, len(ZONES) - 1))
def test_the_database_and_the_engine_agree(
    house_tx: Connection, places: list[Place], case: Case, at: int
) -> None:
    place = places[at]

    def room(number: int | None) -> UUID | None:
        return None if number is None else place.rooms[number]

    facts = replace(case.facts, activity_id=place.activity, room_id=room(case.room))
    decided = [replace(one, room_id=room(number)) for one, number in case.exceptions]
    begin = datetime.combine(facts.first, time(), UTC)
    closures = [
        Shut(
            begin + timedelta(hours=hour),
            begin + timedelta(hours=hour + hours),
            frozenset(place.rooms[number] for number in rooms),
            yearly,
        )
        for hour, hours, rooms, yearly in case.closures
    ]
    until = facts.first + timedelta(days=250)
    with house_tx.transaction(force_rollback=True):
        for closure in closures:
            write_closure(house_tx, place.venue, closure)
        made = write_series(house_tx, facts, decided)
        expected = meetings(
            facts, ZoneInfo(place.zone), facts.first, until, exceptions=decided, closures=closures
        )
        assert database_meetings(house_tx, made, facts.first, until) == expected
        counted = (
            "SELECT schedules.count_dates(r, %s, %s) FROM activity_recurring_schedules AS r WHERE r.id = %s"
        )
        for late in (-20, 0, 30, 300):
            first = facts.first + timedelta(days=late)
            rule = (facts.weekdays, facts.every_weeks, facts.first, first, min(until, facts.last or until))
            assert factories.one(house_tx, counted, first, until, made) == count_dates(*rule)
        held = tuple(one for one in expected if not one.is_closed)
        assert generate(house_tx, made, until) == len(held)
        assert sessions_of(house_tx, made) == held
        assert generate(house_tx, made, until) == 0
        assert sessions_of(house_tx, made) == held


@settings(max_examples=100, deadline=None)
@given(
    days=st.sets(st.integers(0, 6), min_size=1),
    every_weeks=st.integers(1, 52),
    anchor=days_from_start,
    from_day=st.integers(-30, 200),
    length=st.integers(0, 800),
)
def test_both_agree_with_dateutil_over_weekly_rules(
    house_tx: Connection, days: set[int], every_weeks: int, anchor: date, from_day: int, length: int
) -> None:
    first = anchor + timedelta(days=from_day)
    last = first + timedelta(days=length)
    rule = rrule(
        WEEKLY,
        dtstart=datetime.combine(anchor, time()),
        interval=every_weeks,
        byweekday=[DAYS[day] for day in days],
        wkst=MO,
        until=datetime.combine(last, time()),
    )
    expected = [one.date() for one in rule if one.date() >= first]
    assert [*rule_dates(days, every_weeks, anchor, first, last)] == expected
    found = house_tx.execute(
        "SELECT schedules.dates(%s, %s, %s, %s, %s)", [[*days], every_weeks, anchor, first, last]
    ).fetchall()
    assert [row[0] for row in found] == expected


# The day before each switch of 2026 (clocks forward, clocks back), and whether there is one at all.
SWITCHES = [
    ("America/New_York", date(2026, 3, 8), date(2026, 11, 1)),
    ("America/Toronto", date(2026, 3, 8), date(2026, 11, 1)),
    ("Europe/London", date(2026, 3, 29), date(2026, 10, 25)),
    ("Australia/Lord_Howe", date(2026, 10, 4), date(2026, 4, 5)),
    ("America/Phoenix", date(2026, 3, 8), date(2026, 11, 1)),
]


def _wall(instant: datetime, zone: str) -> str:
    return f"{instant.astimezone(ZoneInfo(zone)):%d %H:%M %z}"


@pytest.mark.parametrize(
    ("zone", "forward", "back"),
    [
        # 02:30 in spring, what it becomes; 01:30 to 02:30 in autumn, the first of two.
        ("America/New_York", "08 03:30 -0400", "01 01:30 -0400"),
        ("America/Toronto", "08 03:30 -0400", "01 01:30 -0400"),
        ("Europe/London", "29 02:30 +0100", "25 01:30 +0100"),
        ("Australia/Lord_Howe", "04 02:30 +1100", "05 01:30 +1100"),
        ("America/Phoenix", "08 02:30 -0700", "01 01:30 -0700"),
    ],
)
def test_half_past_two_and_half_past_one_on_the_switch_days(
    tx: Connection, zone: str, forward: str, back: str
) -> None:
    spring, autumn = next((one[1], one[2]) for one in SWITCHES if one[0] == zone)
    assert _wall(_agreed(tx, Occurrence(spring, time(2, 30), 60), zone)[0], zone) == forward
    assert _wall(_agreed(tx, Occurrence(autumn, time(1, 30), 60), zone)[0], zone) == back
    for day in (spring, autumn):
        for start, length in ((time(2, 30), 30), (time(2), 15), (time(1, 30), 60), (time(1, 45), 480)):
            starts_at, ends_at = _agreed(tx, Occurrence(day, start, length), zone)
            assert starts_at < ends_at
        # Across midnight into the switch: ends when the wall says so.
        _, ends_at = _agreed(tx, Occurrence(day - timedelta(days=1), time(22), 8 * 60), zone)
        assert _wall(ends_at, zone)[3:8] == "06:00"


@pytest.mark.parametrize(("zone", "spring", "autumn"), SWITCHES)
def test_a_series_across_each_switch_keeps_its_wall_time(
    tx: Connection, zone: str, spring: date, autumn: date
) -> None:
    for day in (spring, autumn):
        facts = SeriesFacts(
            activity_id=factories.activity(tx, factories.venue(tx, timezone=zone)),
            weekdays=(weekday(day), weekday(day + timedelta(days=3))),
            start=time(23),
            minutes=180,
            capacity=8,
            first=day - timedelta(days=15),
            last=day + timedelta(days=15),
        )
        made = write_series(tx, facts)
        generate(tx, made, day + timedelta(days=30))
        held = sessions_of(tx, made)
        assert held == meetings(facts, ZoneInfo(zone), facts.first, day + timedelta(days=30))
        assert len(held) == 9
        assert {_wall(one.starts_at, zone)[3:8] for one in held} == {"23:00"}
        assert {_wall(one.ends_at, zone)[3:8] for one in held} == {"02:00"}
        offsets = {_wall(one.starts_at, zone)[9:] for one in held}
        assert len(offsets) == (1 if zone == "America/Phoenix" else 2)


def test_a_day_that_a_zone_left_out_falls_on_the_next(tx: Connection) -> None:
    # Samoa went from 29 to 31 December 2011.
    starts_at, _ = _agreed(tx, Occurrence(date(2011, 12, 30), time(12), 60), "Pacific/Apia")
    assert _wall(starts_at, "Pacific/Apia") == "31 12:00 +1400"


def _agreed(tx: Connection, one: Occurrence, zone: str) -> tuple[datetime, datetime]:
    found = factories.one(
        tx,
        "SELECT starts_at, ends_at FROM schedules.span(%s, %s, %s, %s)",
        one.day,
        one.start,
        one.minutes,
        zone,
    )
    assert found == instants(one, ZoneInfo(zone))
    return found[0], found[1]


def test_a_yearly_closure_on_the_leap_day_falls_on_the_28th(tx: Connection) -> None:
    zone = "Europe/London"
    venue = factories.venue(tx, timezone=zone)
    facts = SeriesFacts(
        factories.activity(tx, venue), tuple(range(7)), time(9), 60, 8, date(2026, 2, 26), date(2028, 3, 2)
    )
    leap = Shut(datetime(2024, 2, 29, tzinfo=UTC), datetime(2024, 3, 1, tzinfo=UTC), is_yearly=True)
    write_closure(tx, venue, leap)
    made = write_series(tx, facts)
    expected = meetings(facts, ZoneInfo(zone), facts.first, date(2028, 3, 2), closures=[leap])
    assert database_meetings(tx, made, facts.first, date(2028, 3, 2)) == expected
    assert [one.occurs_on for one in expected if one.is_closed] == [
        date(2026, 2, 28),
        date(2027, 2, 28),
        date(2028, 2, 29),
    ]


def test_the_28th_of_february_is_closed_as_a_whole_day_in_every_year(tx: Connection) -> None:
    zone = "Europe/London"
    venue = factories.venue(tx, timezone=zone)
    facts = SeriesFacts(
        factories.activity(tx, venue), tuple(range(7)), time(23), 30, 8, date(2026, 2, 26), date(2028, 3, 2)
    )
    day = Shut(datetime(2024, 2, 28, tzinfo=UTC), datetime(2024, 2, 29, tzinfo=UTC), is_yearly=True)
    write_closure(tx, venue, day)
    made = write_series(tx, facts)
    found: tuple[Meeting, ...] = database_meetings(tx, made, facts.first, date(2028, 3, 2))
    assert found == meetings(facts, ZoneInfo(zone), facts.first, date(2028, 3, 2), closures=[day])
    assert [one.occurs_on for one in found if one.is_closed] == [
        date(2026, 2, 28),
        date(2027, 2, 28),
        date(2028, 2, 28),
    ]
