"""Weekly patterns become sessions: as often as one likes, by however many at once, never over what people decided."""

from __future__ import annotations

import threading
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import pytest

from console.domain.importing import ImportOptions
from console.domain.programme import SeriesFacts
from console.domain.recurrence_rules import DateException, Shut
from tests.support import factories
from tests.support.databases import Connection, Database
from tests.support.factories import NOON, one
from tests.support.importing import Importing
from tests.support.recurring import EVER, generate, sessions_of, write_closure, write_series
from tests.support.session_files import drop_in, drop_in_row, weekly

# NOON is Monday, 2 March 2026, twelve o'clock in New York.
TODAY = date(2026, 3, 2)
ONE_WEEK = timedelta(days=7)


@pytest.fixture
def venue(tx: Connection) -> UUID:
    """A venue in New York, where it is Monday noon."""
    factories.fix_clock(tx)
    return factories.venue(tx)


def mondays(tx: Connection, venue: UUID, **facts: Any) -> SeriesFacts:
    """Mondays at four from today on, for an hour."""
    said: dict[str, Any] = {
        "activity_id": factories.activity(tx, venue),
        "weekdays": (1,),
        "start": time(16),
        "minutes": 60,
        "capacity": 8,
        "first": TODAY,
        "last": TODAY + 3 * ONE_WEEK,
    } | facts
    return SeriesFacts(**said)


def days(tx: Connection, series: UUID) -> list[date]:
    return [one.occurs_on for one in sessions_of(tx, series)]


def test_a_pattern_becomes_sessions_once(tx: Connection, venue: UUID) -> None:
    room = factories.room(tx, venue)
    series = write_series(tx, mondays(tx, venue, room_id=room, instructor="Ada", platform_places=3))
    assert generate(tx, series, date(2026, 6, 1)) == 4
    first, *_ = made = sessions_of(tx, series)
    assert [one.occurs_on for one in made] == [TODAY + week * ONE_WEEK for week in range(4)]
    assert (first.room_id, first.instructor, first.capacity, first.platform_places) == (room, "Ada", 8, 3)
    # The clocks go forward on the 8th.
    assert first.starts_at == datetime(2026, 3, 2, 21, tzinfo=UTC)
    assert made[1].starts_at == datetime(2026, 3, 9, 20, tzinfo=UTC)
    assert not first.is_changed
    assert generate(tx, series, date(2026, 6, 1)) == 0
    assert sessions_of(tx, series) == made


def test_generating_is_told_of_the_sessions_but_is_no_change_of_the_series(
    tx: Connection, venue: UUID
) -> None:
    series = write_series(tx, mondays(tx, venue, last=None))
    asked = """SELECT version, updated_at, changed_xid, sessions_generated_until
               FROM activity_recurring_schedules WHERE id = %s"""
    before = one(tx, asked, series)
    generate(tx, series, TODAY + 2 * ONE_WEEK)
    after = one(tx, asked, series)
    assert after[:3] == before[:3]
    assert (before[3], after[3]) == (None, TODAY + 2 * ONE_WEEK)
    generate(tx, series, TODAY)
    assert one(tx, asked, series)[3] == TODAY + 2 * ONE_WEEK
    audited = "SELECT count(*) FROM audit_logs WHERE entity_type = %s AND action_type = %s"
    assert one(tx, audited, "activity_sessions", "insert") == 3
    assert one(tx, audited, "activity_recurring_schedules", "update") == 0
    tx.execute("UPDATE activity_recurring_schedules SET capacity = 9 WHERE id = %s", [series])
    assert one(tx, asked, series)[0] == before[0] + 1


def test_a_date_comes_out_as_was_decided(tx: Connection, venue: UUID) -> None:
    room = factories.room(tx, venue)
    facts = mondays(tx, venue, platform_places=6)
    changed = DateException(
        TODAY + ONE_WEEK,
        day=date(2026, 3, 10),
        start=time(10),
        minutes=30,
        room_id=room,
        instructor="Grace",
        capacity=4,
    )
    series = write_series(
        tx,
        facts,
        [changed, DateException(TODAY + 2 * ONE_WEEK, is_skipped=True), DateException(date(2026, 3, 4))],
    )
    assert generate(tx, series, date(2026, 6, 1)) == 3
    made = {one.occurs_on: one for one in sessions_of(tx, series)}
    assert sorted(made) == [TODAY, TODAY + ONE_WEEK, TODAY + 3 * ONE_WEEK]
    session = made[TODAY + ONE_WEEK]
    assert (session.starts_at, session.ends_at) == (
        datetime(2026, 3, 10, 14, tzinfo=UTC),
        datetime(2026, 3, 10, 14, 30, tzinfo=UTC),
    )
    assert (session.room_id, session.instructor, session.capacity, session.platform_places) == (
        room,
        "Grace",
        4,
        4,
    )
    assert [one.is_changed for one in made.values()] == [False, True, False]


def test_closures_are_left_out_where_the_session_would_be(tx: Connection, venue: UUID) -> None:
    here, there = factories.room(tx, venue), factories.room(tx, venue)
    elsewhere = factories.venue(tx)

    def four(day: int) -> tuple[datetime, datetime]:
        start = datetime(2026, 3, day, 16 + (5 if day < 8 else 4), tzinfo=UTC)
        return start, start + timedelta(hours=1)

    write_closure(tx, venue, Shut(*four(9), frozenset({here})))
    write_closure(tx, venue, Shut(*four(16), frozenset({there})))
    write_closure(tx, venue, Shut(*four(23)), lifted_at=NOON)
    write_closure(tx, elsewhere, Shut(*four(2)))
    # It only touches: from five on.
    write_closure(tx, venue, Shut(four(2)[1], four(2)[1] + timedelta(hours=1)))
    series = write_series(tx, mondays(tx, venue, room_id=here))
    generate(tx, series, date(2026, 6, 1))
    assert days(tx, series) == [TODAY, TODAY + 2 * ONE_WEEK, TODAY + 3 * ONE_WEEK]
    anywhere = write_series(tx, mondays(tx, venue))
    generate(tx, anywhere, date(2026, 6, 1))
    assert len(days(tx, anywhere)) == 4
    # A date that is held in the other room is not shut with this one, but with that one.
    moved = write_series(
        tx,
        mondays(tx, venue, room_id=here),
        [DateException(TODAY + week * ONE_WEEK, room_id=there) for week in (1, 2)],
    )
    generate(tx, moved, date(2026, 6, 1))
    assert days(tx, moved) == [TODAY, TODAY + ONE_WEEK, TODAY + 3 * ONE_WEEK]


def test_once_a_closure_is_lifted_its_dates_are_made(tx: Connection, venue: UUID) -> None:
    closure = write_closure(
        tx, venue, Shut(datetime(2026, 3, 9, tzinfo=UTC), datetime(2026, 3, 11, tzinfo=UTC))
    )
    series = write_series(tx, mondays(tx, venue))
    assert generate(tx, series, date(2026, 6, 1)) == 3
    tx.execute("UPDATE venue_closures SET lifted_at = app.now() WHERE id = %s", [closure])
    assert generate(tx, series, date(2026, 6, 1)) == 1
    assert len(days(tx, series)) == 4


def test_the_past_and_what_has_begun_are_only_made_when_asked_for(tx: Connection, venue: UUID) -> None:
    earlier = TODAY - 2 * ONE_WEEK
    morning = write_series(tx, mondays(tx, venue, start=time(11, 59), first=earlier))
    evening = write_series(tx, mondays(tx, venue, start=time(12, 1), first=earlier))
    for series in (morning, evening):
        generate(tx, series, TODAY + ONE_WEEK, first=None)
    assert days(tx, morning) == [TODAY + ONE_WEEK]
    assert days(tx, evening) == [TODAY, TODAY + ONE_WEEK]
    generate(tx, morning, TODAY, first=EVER)
    assert days(tx, morning) == [earlier, TODAY - ONE_WEEK, TODAY, TODAY + ONE_WEEK]


def test_today_is_the_venue_s_today(tx: Connection) -> None:
    # It is Tuesday in Samoa already, and the session of Monday was there yesterday.
    factories.fix_clock(tx)
    samoa = factories.venue(tx, timezone="Pacific/Apia")
    series = write_series(tx, mondays(tx, samoa, weekdays=(1, 2), start=time(23)))
    generate(tx, series, TODAY + timedelta(days=1), first=None)
    assert days(tx, series) == [date(2026, 3, 3)]


def test_a_date_keeps_what_became_of_its_session(tx: Connection, venue: UUID) -> None:
    series = write_series(tx, mondays(tx, venue))
    generate(tx, series, date(2026, 6, 1))
    tx.execute(
        """UPDATE activity_sessions SET is_cancelled = true, cancelled_at = app.now()
           WHERE recurring_schedule_id = %s AND occurs_on = %s""",
        [series, TODAY],
    )
    tx.execute(
        """UPDATE activity_sessions SET starts_at = starts_at + interval '1 day', ends_at = ends_at + interval '1 day'
           WHERE recurring_schedule_id = %s AND occurs_on = %s""",
        [series, TODAY + ONE_WEEK],
    )
    kept = sessions_of(tx, series)
    assert generate(tx, series, date(2026, 6, 1)) == 0
    assert sessions_of(tx, series) == kept


def test_everything_is_made_up_to_each_venue_s_horizon(tx: Connection, venue: UUID) -> None:
    far = factories.venue(tx, block_booking_advance_days=120)
    pending = factories.venue(tx, status="pending_approval")
    series = {at: write_series(tx, mondays(tx, at, last=None)) for at in (venue, far, pending)}
    ended = write_series(tx, mondays(tx, venue, last=None))
    tx.execute("UPDATE activity_recurring_schedules SET is_active = false WHERE id = %s", [ended])
    # 90 days are 13 Mondays, 120 days are 18.
    assert one(tx, "SELECT schedules.generate_all()") == 13 + 18
    assert [len(days(tx, series[at])) for at in (venue, far, pending)] == [13, 18, 0]
    assert days(tx, ended) == []
    assert max(days(tx, series[far])) <= TODAY + timedelta(days=120)
    assert one(tx, "SELECT schedules.generate_all()") == 0
    factories.setting(tx, "schedule_horizon_days", 100)
    assert one(tx, "SELECT schedules.generate_all()") == 2
    # However far ahead may be booked, one series makes no more than one change may.
    tx.execute("UPDATE venues SET block_booking_advance_days = 30000 WHERE id = %s", [far])
    assert one(tx, "SELECT schedules.horizon(%s)", far) == TODAY + timedelta(days=999)


def test_a_series_that_is_made_to_its_last_day_is_left_alone(tx: Connection, venue: UUID) -> None:
    series = write_series(tx, mondays(tx, venue))
    assert one(tx, "SELECT schedules.generate_all()") == 4
    tx.execute(
        "DELETE FROM activity_sessions WHERE recurring_schedule_id = %s AND occurs_on > %s", [series, TODAY]
    )
    assert one(tx, "SELECT schedules.generate_all()") == 0
    tx.execute("UPDATE activity_recurring_schedules SET effective_until = NULL WHERE id = %s", [series])
    assert one(tx, "SELECT schedules.generate_all()") == 12


def test_a_session_that_joins_a_series_stands_for_its_own_day(tx: Connection, venue: UUID) -> None:
    series = write_series(tx, mondays(tx, venue))
    activity = one(tx, "SELECT activity_id FROM activity_recurring_schedules WHERE id = %s", series)
    single = factories.session(tx, activity, starts_at=NOON + ONE_WEEK)
    join = "UPDATE activity_sessions SET recurring_schedule_id = %s WHERE id = %s RETURNING occurs_on"
    assert one(tx, join, series, single) == TODAY + ONE_WEEK
    # Moved within its series it goes on standing for that date; moved while it belonged to none it does not.
    move = "UPDATE activity_sessions SET starts_at = %s, ends_at = %s WHERE id = %s RETURNING occurs_on"
    after = NOON + 2 * ONE_WEEK
    assert one(tx, move, after, after + timedelta(hours=1), single) == TODAY + ONE_WEEK
    one(tx, join, None, single)
    assert one(tx, join, series, single) == TODAY + 2 * ONE_WEEK


def test_a_file_that_is_imported_again_elsewhen_leaves_nothing_to_generate(
    fresh_database: Database, admin: Connection, tmp_path: Path
) -> None:
    importing = Importing(fresh_database, tmp_path)
    rows = drop_in(*weekly("2026-01-06", [0, 1, 3]), drop_in_row("2026-01-09"))
    made = "SELECT schedules.generate(ARRAY(SELECT id FROM activity_recurring_schedules), '2026-12-31', '2020-01-01')"
    for weeks in (0, 1, 6):
        importing(rows, ImportOptions(capacity=12, shift_weeks=weeks))
        assert one(admin, made) == 0
        assert one(admin, "SELECT count(*) FROM activity_sessions") == 4
    # A date that was moved by hand and that a later file lists for the first time is still one session.
    longer = drop_in(*weekly("2026-01-06", [0, 1, 3, 4]), drop_in_row("2026-01-09"))
    admin.execute("UPDATE activity_recurring_schedules SET effective_until = effective_until + 7")
    assert one(admin, made) == 1
    admin.execute(
        """UPDATE activity_sessions SET starts_at = starts_at + interval '1 day', ends_at = ends_at + interval '1 day',
               changed_by_hand = true WHERE occurs_on = '2026-03-17'"""
    )
    importing(longer, ImportOptions(capacity=12, shift_weeks=6))
    assert one(admin, made) == 0
    assert one(admin, "SELECT count(*) FROM activity_sessions") == 5


@pytest.mark.parametrize("role", ["console_worker", "console_client", "console_auth"])
@pytest.mark.parametrize(
    "call",
    [
        "schedules.generate_all()",
        "schedules.generate('{}', '2026-01-01')",
        "schedules.meetings('{}', NULL, '2026-01-01')",
        "schedules.closed_spans(NULL, NULL, NULL)",
        "schedules.horizon(NULL)",
    ],
)
def test_only_the_worker_s_own_functions_may_generate(tx: Connection, role: str, call: str) -> None:
    tx.execute(f"SET ROLE {role}".encode())
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        tx.execute(f"SELECT {call}".encode())
    tx.rollback()


def test_the_jobs_role_may(tx: Connection, venue: UUID) -> None:
    write_series(tx, mondays(tx, venue))
    tx.execute("SET ROLE console_jobs")
    assert one(tx, "SELECT schedules.generate_all()") == 4
    tx.execute("RESET ROLE")


def _said(tx: Connection, statement: str, *values: object) -> tuple[str | None, str | None, str | None]:
    with pytest.raises(psycopg.Error) as refused, tx.transaction():
        tx.execute(statement.encode(), values)
    said = refused.value.diag
    return said.sqlstate, said.message_detail, said.message_primary


GOOD: dict[str, object] = {
    "days": [1, 3],
    "every_weeks": 1,
    "at": time(9),
    "minutes": 60,
    "zone": "America/New_York",
    "first": TODAY,
    "last": None,
}


@pytest.mark.parametrize(
    ("wrong", "what", "sentence"),
    [
        ({"days": []}, "weekdays", "Choose at least one weekday."),
        ({"days": [9]}, "weekdays", "A weekday is a number from 0 (Sunday) to 6 (Saturday)."),
        ({"days": [1, None]}, "weekdays", "A weekday is a number from 0 (Sunday) to 6 (Saturday)."),
        ({"every_weeks": 0}, "every_weeks", "A series repeats every 1 to 52 weeks."),
        ({"every_weeks": 53}, "every_weeks", "A series repeats every 1 to 52 weeks."),
        ({"at": "24:00"}, "start", "A session starts between 00:00 and 23:59."),
        ({"minutes": 0}, "minutes", "A session lasts 1 to 1,440 minutes."),
        ({"minutes": 1441}, "minutes", "A session lasts 1 to 1,440 minutes."),
        ({"zone": "Mars/Olympus"}, "zone", "There is no such time zone."),
        ({"zone": "+02"}, "zone", "There is no such time zone."),
        ({"zone": None}, "zone", "There is no such time zone."),
        ({"first": None}, "first", "A series needs a first day."),
        ({"first": "-infinity"}, "first", "A series needs a first day."),
        ({"last": date(2026, 3, 1)}, "last", "The last day of a series is not before its first."),
    ],
)
def test_a_pattern_that_cannot_be_is_refused_in_one_sentence(
    tx: Connection, wrong: dict[str, object], what: str, sentence: str
) -> None:
    asked = "SELECT schedules.require_pattern(%s::integer[], %s, %s::time, %s, %s, %s::date, %s::date)"
    tx.execute(asked.encode(), [*GOOD.values()])
    assert _said(tx, asked, *(GOOD | wrong).values()) == ("NX422", what, sentence)


def test_dates_of_impossible_patterns_are_refused_too(tx: Connection) -> None:
    for days_, every in (([9], 1), ([1], 0)):
        state, what, _ = _said(
            tx, "SELECT schedules.dates(%s, %s, %s, %s, %s)", days_, every, TODAY, TODAY, TODAY
        )
        assert (state, what) == ("NX422", "pattern")


def test_too_many_sessions_are_refused_and_counted(tx: Connection, venue: UUID) -> None:
    daily = write_series(
        tx, mondays(tx, venue, weekdays=tuple(range(7)), last=TODAY + timedelta(days=99_999))
    )
    asked = "SELECT schedules.generate(ARRAY[%s::uuid], %s)"
    assert _said(tx, asked, daily, TODAY + timedelta(days=99_999)) == (
        "NX422",
        "too_many_sessions",
        "That would be 100,000 sessions; one change may make at most 1,000.",
    )
    assert days(tx, daily) == []
    assert _said(tx, asked, daily, "infinity")[1] == "until"
    assert one(tx, asked, daily, TODAY + timedelta(days=999)) == 1_000


def test_two_that_generate_at_once_make_each_session_once(fresh_database: Database) -> None:
    with fresh_database.connect() as setup:
        factories.fix_clock(setup)
        venue = factories.venue(setup)
        series = [write_series(setup, mondays(setup, venue, last=None, weekdays=(1, 4))) for _ in range(3)]
        # The job twice: the second finds the venue in hand and leaves it to the first.
        with fresh_database.connect(autocommit=False) as first:
            assert one(first, "SELECT schedules.generate_all()") == 78
            assert one(setup, "SELECT schedules.generate_all()") == 0
        assert one(setup, "SELECT schedules.generate_all()") == 0
        # Without any lock: the second waits at each date and leaves it alone.
        statement = (
            "SELECT schedules.generate(ARRAY(SELECT id FROM activity_recurring_schedules), '2026-08-01')"
        )
        assert _both(fresh_database, statement) == [0, 54]
        assert one(setup, "SELECT count(*) FROM activity_sessions") == 78 + 54
        assert [len(sessions_of(setup, each)) for each in series] == [44, 44, 44]


def _both(database: Database, statement: str) -> list[int]:
    """What two connections answer to the same statement, the second starting before the first has committed."""
    answers: list[int] = []

    def second() -> None:
        with database.connect() as other:
            answers.append(one(other, statement))

    with database.connect() as watch, database.connect(autocommit=False) as first:
        answers.append(one(first, statement))
        thread = threading.Thread(target=second)
        thread.start()
        while not one(watch, "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"):
            thread.join(0.01)
            assert thread.is_alive()
        first.commit()
        thread.join(30)
    assert not thread.is_alive()
    return sorted(answers)
