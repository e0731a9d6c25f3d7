"""Weeks are worked out once, revised with a reason when their facts change, and kept for ever.

docs/design.md, "Rules of the domain" (scores); docs/scores.md has the worked examples.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from uuid import UUID
from zoneinfo import ZoneInfo

import psycopg
import pytest

from tests.support import factories
from tests.support.databases import Database
from tests.support.desk_world import World
from tests.support.identities import refusal
from tests.support.scoring_world import MONDAY_AFTER, WEEK, History, headquarters, history

DAY = WEEK + timedelta(days=2)
NEXT = WEEK + timedelta(days=7)


@pytest.fixture(scope="module")
def house_world(house: Database) -> Iterator[World]:
    with World(house) as made:
        made.at(MONDAY_AFTER)
        yield made


@pytest.fixture
def world(house_world: World) -> Iterator[World]:
    """The same, as it was before each test."""
    with house_world.admin.transaction(force_rollback=True):
        yield house_world
    house_world.now = MONDAY_AFTER


@pytest.fixture
def made(world: World) -> History:
    """A venue with an ordinary week behind it."""
    it = history(world)
    it.ordinary(DAY)
    return it


def venue(world: World, of: UUID) -> tuple[object, object]:
    row = world.one(
        "SELECT current_performance_score AS s, is_curation_eligible AS c FROM venues WHERE id = %s", of
    )
    return row["s"], row["c"]


def test_a_week_is_worked_out_once_when_it_is_over(made: History) -> None:
    # Sunday evening on the venue's wall, Monday in London.
    made.world.at(datetime(2026, 2, 23, 4, 30, tzinfo=UTC))
    assert made.compute() == 0
    made.world.at(datetime(2026, 2, 23, 5, 0, tzinfo=UTC))
    assert made.compute() == 1
    score = made.score()
    assert (score["revision"], score["revision_reason"], score["formula_version"]) == (1, None, 1)
    assert score["inputs"] == {
        "feedback": {"good": 10, "all": 12},
        "repeat": {"good": 5, "all": 10},
        "cancellations": {"good": 17, "all": 17},
        "no_shows": {"good": 15, "all": 17},
    }
    assert score["composite_score"] == Decimal("79.07")
    assert made.compute() == 0
    assert len(made.revisions()) == 1


def test_a_venue_is_curated_by_its_newest_score(made: History) -> None:
    made.compute()
    assert venue(made.world, made.venue) == (Decimal("79.07"), True)
    other = history(made.world)
    other.ordinary(DAY, came=10, missed=9, happy=1, unhappy=11)
    other.compute()
    assert venue(other.world, other.venue) == (Decimal("45.21"), False)


def test_too_little_data_leaves_the_standing_as_it_was(world: World) -> None:
    made = history(world, current_performance_score=71, is_curation_eligible=True)
    made.book(DAY)
    assert made.compute() == 1
    assert made.score()["is_insufficient"] is True
    assert venue(world, made.venue) == (Decimal("71.00"), True)


def test_a_suspended_venue_is_scored_and_not_curated(world: World) -> None:
    made = history(world, status="suspended", is_curation_eligible=True)
    made.ordinary(DAY)
    assert made.compute() == 1
    assert venue(world, made.venue) == (Decimal("79.07"), False)


def test_venues_that_wait_or_were_rejected_have_no_score(world: World) -> None:
    for status in ("pending_approval", "rejected"):
        made = history(world, status=status)
        made.ordinary(DAY)
        assert made.compute() == 0


def test_scores_begin_with_the_first_fact_and_then_each_week_has_one(world: World) -> None:
    made = history(world)
    assert made.compute() == 0
    made.book(NEXT)
    world.at(MONDAY_AFTER + timedelta(days=14))
    assert [made.compute(WEEK), made.compute(NEXT), made.compute(NEXT + timedelta(days=7))] == [0, 1, 1]


def test_the_change_is_against_the_week_before(made: History) -> None:
    made.compute()
    made.ordinary(NEXT, happy=12, unhappy=0)
    made.world.at(MONDAY_AFTER + timedelta(days=7))
    made.compute(NEXT)
    first, second = made.score(WEEK)["composite_score"], made.score(NEXT)["composite_score"]
    assert made.score(NEXT)["score_change"] == second - first != 0
    assert made.score(WEEK)["score_change"] is None


def test_a_late_check_in_revises_last_week_once(made: History) -> None:
    """The child was never checked off; the desk's event arrives on Monday afternoon."""
    late = made.book(DAY, "confirmed", family="Regular 7")
    made.compute()
    before = made.score()
    made.becomes(late, "completed")
    assert made.compute() == 1
    after = made.score()
    assert (after["revision"], after["revision_reason"]) == (2, "late_check_in")
    assert after["inputs"]["no_shows"] == {"good": 16, "all": 18}
    assert made.revisions()[0] == before
    assert made.compute() == 0


def _no_show(it: History, bookings: list[UUID]) -> None:
    it.becomes(bookings[0], "no_show")


def _cancelled(it: History, bookings: list[UUID]) -> None:
    it.becomes(bookings[0], "cancelled_venue")


def _hidden(it: History, bookings: list[UUID]) -> None:
    it.hide(bookings[-1])


def _opinion(it: History, bookings: list[UUID]) -> None:
    it.thumb(it.book(DAY, "cancelled_parent"), datetime(2026, 2, 20, tzinfo=UTC), True)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (_no_show, "attendance_corrected"),
        (_cancelled, "cancellation_corrected"),
        (_hidden, "review_moderated"),
        (_opinion, "opinion_changed"),
    ],
)
def test_a_revision_says_why(
    made: History, change: Callable[[History, list[UUID]], None], reason: str
) -> None:
    bookings = [made.book(DAY, family="Regular 1") for _ in range(2)]
    made.review(bookings[-1], datetime(2026, 2, 20, tzinfo=UTC), 1)
    made.compute()
    change(made, bookings)
    assert made.compute() == 1
    assert made.score()["revision_reason"] == reason


def test_only_the_last_weeks_are_revised(made: History) -> None:
    late = made.book(DAY, "confirmed")
    made.compute()
    made.becomes(late, "completed")
    made.world.at(MONDAY_AFTER + timedelta(days=28))
    assert made.compute() == 0
    made.world.at(MONDAY_AFTER + timedelta(days=21))
    assert made.compute() == 1


def test_a_revision_keeps_the_formula_of_its_week(made: History) -> None:
    late = made.book(DAY, "confirmed")
    made.compute()
    made.world.admin.execute(
        """INSERT INTO score_formulas SELECT 2, 0, 0, 0, 100, 1, 1, 1, 1, 1, 60, 4, NULL, app.now(), 'Other'"""
    )
    made.becomes(late, "completed")
    assert made.compute() == 1
    assert made.score()["formula_version"] == 1
    made.world.at(MONDAY_AFTER + timedelta(days=7))
    made.book(NEXT, "no_show")
    assert made.compute(NEXT) == 1
    assert (made.score(NEXT)["formula_version"], made.score(NEXT)["composite_score"]) == (2, Decimal(0))


def test_a_score_is_never_changed(made: History) -> None:
    made.compute()
    for statement in (
        "UPDATE venue_performance_scores SET composite_score = 100",
        "DELETE FROM venue_performance_scores",
    ):
        with pytest.raises(psycopg.errors.InsufficientPrivilege), made.world.admin.transaction():
            made.world.admin.execute(statement)


def test_weather_and_platform_cancellations_do_not_count(made: History) -> None:
    admin = made.world.admin
    boss = factories.staff(admin, "platform_admin")
    once = factories.staff(admin, "platform_admin")
    admin.execute(
        "UPDATE staff_grants SET granted_at = '2026-01-01', revoked_at = '2026-02-01' WHERE user_id = %s",
        [once],
    )
    admin.execute("UPDATE staff_grants SET granted_at = '2026-01-01' WHERE user_id = %s", [boss])
    manager = factories.staff(admin, "manager", made.venue)
    for by in (boss, once, manager):
        made.book(DAY, "cancelled_venue", platform=by)
    made.book(DAY, "cancelled_venue", weather=True)
    made.book(DAY, "cancelled_venue")
    made.compute()
    # Whoever left the platform before, and the manager, cancelled for the venue.
    assert made.score()["inputs"]["cancellations"] == {"good": 17, "all": 20}


def test_a_week_across_daylight_saving_has_seven_days(world: World) -> None:
    """Clocks go forward on Sunday 8 March in New York, and an hour of the night is missing."""
    week = date(2026, 3, 2)
    made = history(world)
    for day, at in (
        (week, time(0, 0)),
        (week + timedelta(days=6), time(1, 30)),
        (week + timedelta(days=6), time(23, 59)),
    ):
        made.thumb(made.book(day, at=at), datetime.combine(day, at, ZoneInfo(made.zone)), True)
    for day, at in ((week - timedelta(days=84), time(23, 59)), (week + timedelta(days=7), time(0, 0))):
        made.thumb(made.book(day, at=at), datetime.combine(day, at, ZoneInfo(made.zone)), True)
    world.at(datetime(2026, 3, 9, 3, 59, tzinfo=UTC))
    assert made.compute(week) == 0
    world.at(datetime(2026, 3, 9, 4, 0, tzinfo=UTC))
    assert made.compute(week) == 1
    inputs = made.score(week)["inputs"]
    assert inputs["no_shows"] == {"good": 3, "all": 3}
    assert inputs["feedback"] == {"good": 3, "all": 3}


def test_what_is_due_is_worked_out_by_each_venues_clock_and_missed_weeks_too(world: World) -> None:
    world.at(datetime(2026, 2, 22, 12, 0, tzinfo=UTC))
    east, west = history(world, zone="Pacific/Kiritimati"), history(world, zone="America/Los_Angeles")
    for it in (east, west):
        it.ordinary(DAY - timedelta(days=14))
    assert world.one("SELECT scores.compute_due() AS n")["n"] >= 5
    weeks = [WEEK - timedelta(days=14), WEEK - timedelta(days=7), WEEK]
    assert [len(east.revisions(week)) for week in weeks] == [1, 1, 1]
    assert [len(west.revisions(week)) for week in weeks] == [1, 1, 0]
    assert world.one("SELECT scores.compute_due() AS n")["n"] == 0


def test_a_week_begins_on_a_monday(world: World) -> None:
    with pytest.raises(psycopg.Error) as caught, world.admin.transaction():
        world.admin.execute("SELECT scores.compute('2026-02-17')")
    assert refusal(caught.value) == ("NX422", "week")


def test_no_desk_works_out_scores(house_world: World) -> None:
    boss = headquarters(house_world)
    for statement in ("SELECT scores.compute('2026-02-16')", "SELECT scores.compute_due()",
                      "SELECT app.job_compute_scores()", "SELECT scores.facts('2026-02-16', '{}', '{}')"):  # fmt: skip
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            boss.call(statement)
