"""What the tables themselves refuse, and what their triggers keep true.

One test per rule that would otherwise be broken sooner or later: docs/design.md, "Where the reference schema needs a
decision" and "Rules of the domain"; db/CONVENTIONS.md.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import uuid4

import psycopg
import pytest

from console.storage import tables
from tests.support import factories
from tests.support.databases import Connection
from tests.support.factories import NOON, one, refuses

# People and venues


def test_an_address_belongs_to_one_person_whatever_its_case(tx: Connection) -> None:
    factories.user(tx, email="Maya@Example.org")
    refuses(tx, "users_email_key", factories.user, email="maya@example.ORG")


@pytest.mark.parametrize("address", ["", "nobody", "a b@example.org", "a@b@c"])
def test_an_address_looks_like_one(tx: Connection, address: str) -> None:
    refuses(tx, "users_email_check", factories.user, email=address)


def test_a_grant_is_for_a_venue_or_for_the_platform_as_its_role_says(tx: Connection) -> None:
    person, venue = factories.user(tx), factories.venue(tx)
    refuses(tx, "staff_grants_scope", factories.grant, person, "front_desk", None)
    refuses(tx, "staff_grants_scope", factories.grant, person, "platform_admin", venue)


def test_a_grant_is_given_once_and_again_after_it_was_revoked(tx: Connection) -> None:
    person, venue = factories.user(tx), factories.venue(tx)
    first = factories.grant(tx, person, "manager", venue)
    factories.grant(tx, person, "platform_admin")
    refuses(tx, "staff_grants_once", factories.grant, person, "manager", venue)
    refuses(tx, "staff_grants_once", factories.grant, person, "platform_admin")
    tx.execute("UPDATE staff_grants SET revoked_at = app.now() WHERE id = %s", [first])
    assert factories.grant(tx, person, "manager", venue) != first


@pytest.mark.parametrize("missing", ["address_line1", "latitude", "contact_phone"])
def test_a_venue_waits_with_what_it_has_but_opens_only_complete(tx: Connection, missing: str) -> None:
    refuses(tx, "venues_active_is_complete", factories.venue, **{missing: None})
    waiting = factories.venue(tx, status="pending_approval", **{missing: None})
    with pytest.raises(psycopg.errors.CheckViolation, match="venues_active_is_complete"), tx.transaction():
        tx.execute("UPDATE venues SET status = 'active' WHERE id = %s", [waiting])


@pytest.mark.parametrize("zone", ["Mars/Olympus", "EST5EDT", "+02:00", "", "New York"])
def test_a_venue_is_in_a_real_zone(tx: Connection, zone: str) -> None:
    with pytest.raises(psycopg.Error) as caught, tx.transaction():
        factories.venue(tx, timezone=zone)
    assert caught.value.sqlstate in {"23514", "22023"}


def test_too_little_insurance_can_be_written_down(tx: Connection) -> None:
    factories.venue(tx, insurance_coverage_amount=5000)
    refuses(tx, "insurance_coverage_amount", factories.venue, insurance_coverage_amount=-1)


def test_a_setting_keeps_its_kind(tx: Connection) -> None:
    with pytest.raises(psycopg.errors.CheckViolation, match="platform_settings_typed"), tx.transaction():
        factories.setting(tx, "cancellation_window_hours", "two days")


# Activities, schedules, sessions


def test_ages_are_months_and_may_be_open_ended(tx: Connection) -> None:
    factories.activity(tx, min_age_months=6, max_age_months=None)
    refuses(tx, "activities_ages_in_order", factories.activity, min_age_months=60, max_age_months=59)
    refuses(tx, "min_age_months", factories.activity, min_age_months=-1)


@pytest.mark.parametrize("days", [[7], ["1"], {"a": 1}])
def test_weekdays_are_numbers_from_sunday(tx: Connection, days: Any) -> None:
    refuses(tx, "recurring_schedules_weekdays", factories.schedule, days_of_week=days)


def test_rows_of_two_venues_never_meet(tx: Connection) -> None:
    here, there = factories.activity(tx), factories.activity(tx)
    elsewhere = factories.venue_of(tx, "activities", there)
    room = factories.room(tx, elsewhere)
    series = factories.schedule(tx, there)
    refuses(tx, "activity_id", factories.session, here, venue_id=elsewhere)
    refuses(tx, "room_id", factories.session, here, room_id=room)
    refuses(tx, "recurring_schedule_id", factories.session, here, recurring_schedule_id=series)
    refuses(tx, "session_id", factories.booking, factories.session(tx, here), venue_id=elsewhere)


def test_a_session_says_what_the_venues_clock_shows(tx: Connection) -> None:
    venue = factories.venue(tx, timezone="Asia/Bishkek")  # six hours ahead of UTC all year
    session = factories.session(
        tx, factories.activity(tx, venue), starts_at=datetime(2026, 3, 2, 18, 30, tzinfo=UTC)
    )
    local = """SELECT session_date, start_time, end_time, timezone, time_of_day::text
               FROM activity_sessions WHERE id = %s"""
    assert one(tx, local, session) == (date(2026, 3, 3), time(0, 30), time(1, 30), "Asia/Bishkek", "morning")
    tx.execute("UPDATE venues SET timezone = 'Europe/London' WHERE id = %s", [venue])
    assert one(tx, local, session) == (
        date(2026, 3, 2),
        time(18, 30),
        time(19, 30),
        "Europe/London",
        "evening",
    )


def test_a_session_may_cross_midnight_but_not_end_before_it_starts(tx: Connection) -> None:
    late = datetime(2026, 3, 3, 4, 30, tzinfo=UTC)  # 23:30 in New York
    session = factories.session(tx, starts_at=late, ends_at=late + timedelta(hours=2))
    assert one(tx, "SELECT start_time, end_time FROM activity_sessions WHERE id = %s", session) == (
        time(23, 30),
        time(1, 30),
    )
    refuses(tx, "valid_session_times", factories.session, starts_at=late, ends_at=late)


@pytest.mark.parametrize(
    ("hour", "minute", "part"),
    [(11, 59, "morning"), (12, 0, "afternoon"), (16, 59, "afternoon"), (17, 0, "evening")],
)
def test_the_part_of_the_day(tx: Connection, hour: int, minute: int, part: str) -> None:
    venue = factories.venue(tx, timezone="UTC")
    starts_at = datetime(2026, 3, 2, hour, minute, tzinfo=UTC)
    session = factories.session(tx, factories.activity(tx, venue), starts_at=starts_at)
    assert one(tx, "SELECT time_of_day::text FROM activity_sessions WHERE id = %s", session) == part


def test_local_times_cannot_be_written(tx: Connection) -> None:
    session = factories.session(tx)
    tx.execute(
        "UPDATE activity_sessions SET session_date = '1999-01-01', timezone = 'UTC' WHERE id = %s", [session]
    )
    assert one(tx, "SELECT session_date, timezone FROM activity_sessions WHERE id = %s", session) == (
        date(2026, 3, 2),
        "America/New_York",
    )


def test_one_session_per_series_and_start(tx: Connection) -> None:
    activity = factories.activity(tx)
    series = factories.schedule(tx, activity)
    factories.session(tx, activity, recurring_schedule_id=series)
    refuses(tx, "activity_sessions_series_day", factories.session, activity, recurring_schedule_id=series)


# Vector index flags


def test_what_the_vector_index_was_made_from_changing_is_noticed(tx: Connection) -> None:
    activity, child = factories.activity(tx), factories.child(tx)
    tx.execute("UPDATE activities SET pinecone_sync_required = false")
    tx.execute("UPDATE children SET pinecone_sync_required = false")
    tx.execute("UPDATE activities SET credits_required = 3 WHERE id = %s", [activity])
    tx.execute("UPDATE children SET first_name = 'Other' WHERE id = %s", [child])
    assert one(tx, "SELECT pinecone_sync_required FROM activities WHERE id = %s", activity) is False
    assert one(tx, "SELECT pinecone_sync_required FROM children WHERE id = %s", child) is False
    tx.execute("UPDATE activities SET name = 'Robots' WHERE id = %s", [activity])
    tx.execute("UPDATE children SET interests = '[\"stem\"]' WHERE id = %s", [child])
    assert one(tx, "SELECT pinecone_sync_required FROM activities WHERE id = %s", activity) is True
    assert one(tx, "SELECT pinecone_sync_required FROM children WHERE id = %s", child) is True


# The tables as Python knows them


def test_python_knows_the_tables_as_they_are(tx: Connection) -> None:
    families = {
        "uuid": "UUID", "text": "TEXT", "character varying": "VARCHAR", "integer": "INTEGER", "boolean": "BOOLEAN",
        "date": "DATE", "jsonb": "JSONB", "numeric": "NUMERIC", "timestamp with time zone": "DATETIME",
        "time without time zone": "TIME",
    }  # fmt: skip
    rows = tx.execute(
        """SELECT c.relname, a.attname, regexp_replace(format_type(a.atttypid, a.atttypmod), '\\(.*\\)', ''), t.typtype
           FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_type t ON t.oid = a.atttypid
           WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' AND a.attnum > 0"""
    ).fetchall()
    here = {(row[0], row[1]): "VARCHAR" if row[3] == "e" else families.get(row[2], row[2]) for row in rows}
    assert len(tables.metadata.tables) >= 18
    for table in tables.metadata.tables.values():
        for column in table.columns:
            kind = type(column.type).__visit_name__.upper()
            kind = {"STRING": "VARCHAR"}.get(kind, kind)
            assert here.get((table.name, column.name)) == kind, f"{table.name}.{column.name}"


def test_factories_make_every_kind_of_row(tx: Connection) -> None:
    """The helpers that other tests stand on."""
    child = factories.child(tx)
    made = [factories.subscription(tx), factories.schedule(tx), factories.health_note(tx, child),
            factories.pickup_person(tx, child), factories.balance(tx, factories.parent(tx), 3)]  # fmt: skip
    assert len(set(made)) == 5
    assert one(tx, "SELECT app.now() < clock_timestamp()") is True
    factories.fix_clock(tx, NOON)
    assert one(tx, "SELECT app.now()") == NOON
    with pytest.raises(AssertionError, match="no row"):
        factories.venue_of(tx, "rooms", uuid4())
