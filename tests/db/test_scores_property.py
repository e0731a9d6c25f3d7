"""Random histories, worked out by the database and by the rules in Python: equal to the cent, revisions included.

docs/design.md, "Rules of the domain" (scores); console/domain/scoring.py is the independent reading.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from console.domain import scoring
from console.domain.scores import Component
from tests.support import factories
from tests.support.databases import Database
from tests.support.desk_world import World
from tests.support.scoring_world import History, history
from tests.unit.test_scoring import FORMULA

# The clocks change in Europe on 29 March and in New York on 8 March; in Kathmandu never.
ZONES = ("America/New_York", "Europe/Madrid", "Asia/Kathmandu", "Pacific/Auckland")
WEEK = date(2026, 3, 23)
STATUSES = (
    "completed",
    "completed",
    "completed",
    "no_show",
    "confirmed",
    "cancelled_venue",
    "cancelled_parent",
    "pending",
)
COLUMNS = ("parent_feedback_score", "repeat_booking_score", "cancellation_score", "no_show_score")

booked = st.tuples(
    st.integers(-2, 85),  # days before the week's Sunday
    st.sampled_from(STATUSES),
    st.integers(0, 7),  # family
    st.sampled_from((time(0, 0), time(9, 30), time(23, 45))),
    st.sampled_from(("venue", "venue", "weather", "platform")),
    st.sampled_from((None, None, "up", "up", "down", 1, 3, 4, 5, "both")),
    st.integers(0, 100),  # hours until an opinion
)
later = st.tuples(st.integers(0, 1000), st.sampled_from(("completed", "no_show", "cancelled_venue", "hide")))


@pytest.fixture(scope="module")
def world(house: Database) -> Iterator[World]:
    with World(house) as made:
        made.at(datetime(2026, 4, 1, 12, 0, tzinfo=UTC))
        yield made


@pytest.fixture(scope="module")
def boss(world: World) -> UUID:
    made = factories.staff(world.admin, "platform_admin")
    world.admin.execute("UPDATE staff_grants SET granted_at = '2025-01-01' WHERE user_id = %s", [made])
    return made


def agrees(made: History) -> None:
    """The newest revision says what the rules say."""
    counts = scoring.count(
        WEEK,
        FORMULA.window_weeks,
        made.zone,
        made.bookings.values(),
        made.thumbs.values(),
        made.reviews.values(),
    )
    parts = scoring.parts(FORMULA, counts)
    kept = made.revisions(WEEK)
    if not kept:
        assert all(one.all == 0 for one in counts.values())
        return
    newest = kept[-1]
    assert {c: (counts[c].good, counts[c].all) for c in Component} == {
        c: (newest["inputs"][c]["good"], newest["inputs"][c]["all"]) for c in Component
    }
    assert [newest[column] for column in COLUMNS] == [part.value for part in parts]
    assert newest["composite_score"] == scoring.composite(parts, FORMULA.least_weight)


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(st.sampled_from(ZONES), st.lists(booked, min_size=1, max_size=45), st.lists(later, max_size=6))
def test_the_database_and_the_rules_agree(
    world: World, boss: UUID, zone: str, bookings: list[tuple[object, ...]], changes: list[tuple[int, str]]
) -> None:
    with world.admin.transaction(force_rollback=True):
        made = history(world, zone)
        for back, status, family, at, cause, opinion, hours in bookings:
            assert isinstance(back, int)
            assert isinstance(hours, int)
            assert isinstance(at, time)
            day = WEEK + timedelta(days=6 - back)
            booking = made.book(
                day,
                str(status),
                f"Family {family}",
                weather=cause == "weather" and status == "cancelled_venue",
                platform=boss if cause == "platform" and status == "cancelled_venue" else None,
                at=at,
            )
            said = datetime.combine(day, at, ZoneInfo(zone)).astimezone(UTC) + timedelta(hours=hours)
            if opinion in ("up", "down", "both"):
                made.thumb(booking, said, opinion != "down")
            if opinion == "both" or isinstance(opinion, int):
                made.review(booking, said, opinion if isinstance(opinion, int) else 1)
        made.compute(WEEK)
        agrees(made)
        written = len(made.revisions(WEEK))
        for which, change in changes:
            if change == "hide":
                shown = [one for one in made.reviews.values() if one.visible]
                if shown:
                    made.hide(shown[which % len(shown)].booking)
            else:
                made.becomes(list(made.bookings)[which % len(made.bookings)], change)
            written += made.compute(WEEK)
            agrees(made)
        kept = made.revisions(WEEK)
        assert [row["revision"] for row in kept] == list(range(1, written + 1))
        # Two revisions in a row never say the same.
        assert all(one["inputs"] != two["inputs"] for one, two in pairwise(kept))
