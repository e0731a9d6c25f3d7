"""The demo before it is written: whatever the hour, the main venue's day has something to do, and money adds up."""

from __future__ import annotations

import itertools
from datetime import UTC, date, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import pytest

from console.demo import calendar, today
from console.demo.load import DEFAULT_SEED, World, imagine
from console.demo.world import TAKEN, Session
from console.domain import codes

PORTLAND = ZoneInfo("America/Los_Angeles")
_imagined = cache(imagine)
"""Tests only look at a world, and making one takes a second."""
HOURS = ["00:04", "00:30", "06:00", "09:10", "13:00", "15:42", "21:00", "23:45", "23:57"]


def _at(clock: str) -> datetime:
    return datetime.fromisoformat(f"2026-03-12T{clock}").replace(tzinfo=PORTLAND).astimezone(UTC)


def _todays(world: World) -> list[Session]:
    venue = world.venues[0]
    midnight = calendar.instant(PORTLAND, venue.today, 0)
    return [s for s in venue.sessions if s.ends > midnight and s.starts < midnight + timedelta(days=1)]


@pytest.fixture(scope="module")
def afternoon() -> World:
    return _imagined(7, _at("15:42"))


@pytest.mark.parametrize("clock", HOURS)
def test_at_any_hour_sessions_are_over_running_and_about_to_start(clock: str) -> None:
    at = _at(clock)
    world = _imagined(7, at)
    open_ones = [s for s in _todays(world) if s.cancelled is None]
    if clock != "00:04":  # what the screen lists is what starts on this day
        open_ones = [s for s in open_ones if s.day == world.venues[0].today]
    assert [s for s in open_ones if s.starts <= at < s.ends and s.taken()], "nothing is running"
    assert [s for s in open_ones if at < s.starts <= at + timedelta(hours=1) and s.taken()], "nothing begins"
    if clock != "00:04":  # four minutes into a day nothing of that day can be over
        assert [s for s in open_ones if s.ends <= at and s.taken()], "nothing is over"


@pytest.mark.parametrize("clock", HOURS)
def test_nothing_is_recorded_in_the_future(clock: str) -> None:
    at = _at(clock)
    for venue in _imagined(7, at).venues:
        for session in venue.sessions:
            assert session.closed is None or session.closed <= at
            for booking in session.bookings:
                assert booking.created <= at
                assert all(event.at <= at for event in booking.events)
                assert booking.cancelled is None or booking.created < booking.cancelled <= at


def test_the_judo_roster_is_the_one_of_the_guide(afternoon: World) -> None:
    judo = next(s for s in _todays(afternoon) if s.activity.name == "Junior Judo")
    local = judo.starts.astimezone(PORTLAND)
    assert (local.hour, local.minute) == (15, 30)
    states = [booking.state for booking in judo.bookings]
    assert (states.count("in"), states.count("out"), states.count("absent")) == (7, 1, 1)
    assert [b.child.name for b in judo.bookings].count("Leo") == 2
    nia = next(b.child for b in judo.bookings if b.child.name == "Nia")
    assert [note.label for note in nia.health] == ["Peanut", "Asthma"]
    assert nia.months_on(judo.day) == 7 * 12 + 4
    assert any(not person.may_collect for person in nia.pickup)
    iris = next(b.child for b in judo.bookings if b.child.name == "Iris")
    assert not [
        b
        for s in afternoon.venues[0].sessions
        for b in s.bookings
        if b.child is iris and b.session is not judo
    ]


def test_every_interesting_case_stands_in_todays_rosters(afternoon: World) -> None:
    at = _at("15:42")
    sessions = _todays(afternoon)
    bookings = [b for s in sessions for b in s.bookings]
    venue = afternoon.venues[0]
    assert [s for s in sessions if s.taken() == s.activity.places], "a full session"
    assert [s for s in sessions if not s.bookings and s.cancelled is None], "an empty session"
    assert [s for s in sessions if s.cancelled is not None], "a cancelled session"
    assert [s for s in sessions if s.ends.astimezone(PORTLAND).date() > venue.today], "one across midnight"
    assert {b.status for b in bookings} >= {
        "confirmed",
        "pending",
        "cancelled_parent",
        "cancelled_venue",
        "completed",
    }
    assert {b.state for b in bookings} == {"expected", "in", "out", "absent"}
    assert [b for b in bookings if len(b.child.health) >= 3], "three health notes"
    assert [b for b in bookings if b.child.parent.phone is None], "no phone"
    assert [b for b in bookings if not b.child.consent], "consent withdrawn"
    assert [
        b for b in bookings if (b.child.born.month, b.child.born.day) == (venue.today.month, venue.today.day)
    ]
    assert [b for b in bookings if len(b.child.name) > 30], "a long name"
    groups = [b.group for b in bookings if b.group]
    assert any(groups.count(group) == 2 for group in groups), "siblings in one group booking"
    for letter in ("'", "и", "ү", "小", "ل", "Ł"):  # apostrophe, Cyrillic, Kyrgyz, Chinese, Arabic, Polish
        assert any(letter in b.child.name for b in bookings), letter
    assert {w.position for w in afternoon.waiting} == {1, 2, 3}
    past = [
        b
        for s in venue.sessions
        for b in s.bookings
        if s.starts < at and b.child.name == "Rosalind" and b.state == "out"
    ]
    assert len(past) == 99, "today is the hundredth visit"


def test_no_child_is_in_two_of_todays_ordinary_seats_at_once(afternoon: World) -> None:
    taken: dict[str, list[Session]] = {}
    for session in _todays(afternoon):
        for booking in session.bookings:
            if booking.status in TAKEN:
                taken.setdefault(booking.child.id, []).append(session)
    for sessions in taken.values():
        for one, other in itertools.pairwise(sessions):
            assert one.ends <= other.starts or other.ends <= one.starts


@pytest.mark.parametrize("clock", ["00:00", "00:16", "15:42"])
def test_no_session_is_overbooked_and_nobody_is_too_young(clock: str) -> None:
    for venue in _imagined(7, _at(clock)).venues:
        for session in venue.sessions:
            assert session.taken() <= session.activity.places
            holders = [b.child.id for b in session.bookings if b.status in TAKEN]
            assert len(holders) == len(set(holders))
            for booking in session.bookings:
                assert booking.child.months_on(session.day) >= session.activity.min_months - 3


def test_no_balance_is_ever_below_zero(afternoon: World) -> None:
    for balance in afternoon.books:
        running = 0
        previous = balance.entries[0].at
        for entry in balance.entries:
            running += entry.amount
            assert running >= 0
            assert entry.at >= previous - timedelta(minutes=1)
            previous = entry.at
        assert running == balance.available
    kinds = {entry.kind for balance in afternoon.books for entry in balance.entries}
    assert kinds >= {"allocation", "booking_debit", "refund_credit", "forfeit", "expiry"}


@pytest.mark.parametrize("seed", [DEFAULT_SEED, 1, 2, 3])
def test_whatever_is_referred_to_is_there(seed: int) -> None:
    world = imagine(seed, _at("15:42"))
    assert len(world.open_items) == 2
    for item in world.open_items:
        assert item.booking in item.session.bookings
    paid = {e.booking.id for balance in world.books for e in balance.entries if e.booking is not None}
    assert paid == {b.id for v in world.venues for s in v.sessions for b in s.bookings}


def test_codes_are_valid_and_never_repeat(afternoon: World) -> None:
    found = [b.code for v in afternoon.venues for s in v.sessions for b in s.bookings]
    assert len(found) == len(set(found))
    assert all(codes.parse(code) == code for code in found[:500])


def test_the_same_seed_and_instant_give_the_same_ids() -> None:
    one, other, another = imagine(5, _at("09:10")), imagine(5, _at("09:10")), imagine(6, _at("09:10"))

    def ids(world: World) -> list[str]:
        return [b.id + b.code + b.child.id for v in world.venues for s in v.sessions for b in s.bookings]

    assert ids(one) == ids(other)
    assert ids(one) != ids(another)


def test_todays_plan_stays_within_reach_at_every_minute() -> None:
    for minute in range(today.DAY):
        for placed in today.arrange(minute):
            assert placed.minutes >= 5
            assert not placed.over or placed.start + placed.minutes <= minute
            assert -today.DAY < placed.start < today.DAY


def test_a_wall_time_in_a_gap_moves_forward_and_a_double_one_is_the_first() -> None:
    assert calendar.instant(PORTLAND, date(2026, 3, 8), 150) == datetime(2026, 3, 8, 10, 30, tzinfo=UTC)
    assert calendar.instant(PORTLAND, date(2026, 11, 1), 90) == datetime(2026, 11, 1, 8, 30, tzinfo=UTC)
