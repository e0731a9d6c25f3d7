"""Rows for database tests, made as administrator and returned by id.

Each factory takes an administrator's connection (`tx` or `admin`), fills every required fact with something plain
and unique, and lets the test override the columns it is about: `child(tx, first_name="Ada")`. Parents of a row are
made too where the test does not give them. Nothing here goes through the functions under test.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from psycopg import sql
from psycopg.types.json import Jsonb

from tests.support.databases import Connection

# A Monday noon in New York (17:00 UTC); tests that care fix the database's clock to it with fix_clock().
NOON = datetime(2026, 3, 2, 17, 0, tzinfo=UTC)
ZONE = "America/New_York"

_numbers = itertools.count(1)


def zone_at_noon(now: datetime) -> str:
    """A time zone in which it is about noon, so that what a test does today is of one day at any hour."""
    return f"Etc/GMT{now.astimezone(UTC).hour - 12:+d}"  # the signs of these names are the other way round


def insert(connection: Connection, table: str, values: Mapping[str, Any]) -> UUID:
    """Insert one row into `table` ("auth.devices" works) and return its id; dicts and lists become JSON."""
    prepared = [Jsonb(v) if isinstance(v, dict | list) else v for v in values.values()]
    statement = sql.SQL("INSERT INTO {} ({}) VALUES ({}) RETURNING id").format(
        sql.Identifier(*table.split(".")),
        sql.SQL(", ").join(map(sql.Identifier, values)),
        sql.SQL(", ").join(sql.Placeholder() * len(values)),
    )
    row = connection.execute(statement, prepared).fetchone()
    assert row is not None
    made = row[0]
    assert isinstance(made, UUID)
    return made


def refuses(
    connection: Connection, rule: str, call: Callable[..., object], *args: Any, **columns: Any
) -> None:
    """Assert that a factory's row is refused by the constraint or index called `rule`."""
    with pytest.raises(psycopg.IntegrityError, match=rule), connection.transaction():
        call(connection, *args, **columns)


def one(connection: Connection, query: str, *params: Any) -> Any:
    """The one row of a query: its value where it has one column, else a tuple."""
    row = connection.execute(query.encode(), params).fetchone()
    assert row is not None
    return row[0] if len(row) == 1 else row


def fix_clock(connection: Connection, instant: datetime = NOON) -> datetime:
    """Make app.now() of this database stand at `instant`; calling it again moves it."""
    connection.execute(
        """INSERT INTO app.fixed_clock (instant, reason) VALUES (%s, 'test')
           ON CONFLICT (only_row) DO UPDATE SET instant = excluded.instant""",
        [instant],
    )
    return instant


def setting(connection: Connection, key: str, value: Any) -> None:
    """Change a platform setting that exists."""
    done = connection.execute("UPDATE platform_settings SET value = %s WHERE key = %s", [Jsonb(value), key])
    assert done.rowcount == 1, key


def corporate(connection: Connection, **columns: Any) -> UUID:
    """An employer with a running contract."""
    number = next(_numbers)
    return insert(
        connection,
        "corporates",
        {
            "company_name": f"Company {number}",
            "primary_contact_name": "Kim Contact",
            "primary_contact_email": f"contact{number}@company.example",
            "contract_start_date": date(2025, 1, 1),
        }
        | columns,
    )


def subscription(connection: Connection, corporate_id: UUID | None = None, **columns: Any) -> UUID:
    """A running subscription of an employer."""
    return insert(
        connection,
        "corporate_subscriptions",
        {
            "corporate_id": corporate_id or corporate(connection),
            "tier": "standard",
            "covered_employees": 10,
            "credits_per_employee": 20,
            "monthly_cost": 2000,
            "start_date": date(2025, 1, 1),
        }
        | columns,
    )


def user(connection: Connection, **columns: Any) -> UUID:
    """An account without a password; a parent unless `role` says otherwise."""
    number = next(_numbers)
    return insert(
        connection,
        "users",
        {
            "email": f"person{number}@example.org",
            "role": "parent",
            "first_name": f"First{number}",
            "last_name": "Last",
        }
        | columns,
    )


def parent(connection: Connection, **columns: Any) -> UUID:
    """A parent with a phone number."""
    return user(connection, **({"role": "parent", "phone": "+1 555 0100"} | columns))


def staff(
    connection: Connection, role: str = "front_desk", venue_id: UUID | None = None, **columns: Any
) -> UUID:
    """A person with one grant; a platform role needs no venue, any other gets `venue_id` or a new venue."""
    platform = role in {"platform_admin", "platform_finance"}
    person = user(connection, **({"role": "platform_admin" if platform else "venue_admin"} | columns))
    grant(connection, person, role, None if platform else venue_id or venue(connection))
    return person


def grant(connection: Connection, user_id: UUID, role: str, venue_id: UUID | None = None) -> UUID:
    """Let a person act in `role` at `venue_id`, or across the platform."""
    return insert(connection, "staff_grants", {"user_id": user_id, "role": role, "venue_id": venue_id})


def venue(connection: Connection, **columns: Any) -> UUID:
    """An active venue in New York with every required fact."""
    number = next(_numbers)
    return insert(
        connection,
        "venues",
        {
            "name": f"Venue {number}",
            "slug": f"venue-{number}",
            "status": "active",
            "address_line1": f"{number} Main Street",
            "city": "New York",
            "state": "NY",
            "postal_code": "10001",
            "latitude": 40.7,
            "longitude": -74.0,
            "timezone": ZONE,
            "contact_email": f"venue{number}@example.org",
            "contact_phone": "+1 555 0199",
        }
        | columns,
    )


def room(connection: Connection, venue_id: UUID | None = None, **columns: Any) -> UUID:
    """A room of a venue."""
    return insert(
        connection,
        "rooms",
        {"venue_id": venue_id or venue(connection), "name": f"Room {next(_numbers)}"} | columns,
    )


def activity(connection: Connection, venue_id: UUID | None = None, **columns: Any) -> UUID:
    """A published activity for children of 4 to 12 that costs 2 credits."""
    number = next(_numbers)
    return insert(
        connection,
        "activities",
        {
            "venue_id": venue_id or venue(connection),
            "name": f"Activity {number}",
            "slug": f"activity-{number}",
            "category": "stem",
            "min_age_months": 48,
            "max_age_months": 155,
            "duration_minutes": 60,
            "credits_required": 2,
            "capacity_per_session": 12,
            "is_published": True,
        }
        | columns,
    )


def schedule(connection: Connection, activity_id: UUID | None = None, **columns: Any) -> UUID:
    """A weekly pattern: Mondays at nine, for a year."""
    activity_id = activity_id or activity(connection)
    return insert(
        connection,
        "activity_recurring_schedules",
        {
            "activity_id": activity_id,
            "venue_id": venue_of(connection, "activities", activity_id),
            "days_of_week": [1],
            "start_time": "09:00",
            "duration_minutes": 60,
            "capacity": 12,
            "effective_from": date(2026, 1, 1),
            "effective_until": date(2026, 12, 31),
        }
        | columns,
    )


def session(connection: Connection, activity_id: UUID | None = None, **columns: Any) -> UUID:
    """A session that started at NOON and lasts an hour, unless `starts_at` and `ends_at` say otherwise."""
    activity_id = activity_id or activity(connection)
    starts_at = columns.get("starts_at", NOON)
    return insert(
        connection,
        "activity_sessions",
        {
            "activity_id": activity_id,
            "venue_id": venue_of(connection, "activities", activity_id),
            "starts_at": starts_at,
            "ends_at": starts_at + timedelta(hours=1),
            "total_capacity": 12,
        }
        | columns,
    )


def child(connection: Connection, parent_id: UUID | None = None, **columns: Any) -> UUID:
    """A child of seven with its parent's consent."""
    return insert(
        connection,
        "children",
        {
            "parent_id": parent_id or parent(connection),
            "first_name": f"Child{next(_numbers)}",
            "date_of_birth": date(2019, 1, 15),
            "parental_consent_given": True,
            "parental_consent_date": NOON - timedelta(days=100),
        }
        | columns,
    )


def health_note(connection: Connection, child_id: UUID, **columns: Any) -> UUID:
    """A grave peanut allergy."""
    return insert(
        connection,
        "child_health_notes",
        {
            "child_id": child_id,
            "kind": "allergy",
            "severity": 1,
            "label": "Peanut",
            "title": "Peanut allergy",
            "instructions": "Carries an adrenaline pen.",
        }
        | columns,
    )


def pickup_person(connection: Connection, child_id: UUID, **columns: Any) -> UUID:
    """Somebody who may collect the child."""
    return insert(
        connection,
        "pickup_people",
        {"child_id": child_id, "name": "Grandma", "relationship": "grandmother"} | columns,
    )


def booking(
    connection: Connection, session_id: UUID | None = None, child_id: UUID | None = None, **columns: Any
) -> UUID:
    """A confirmed booking, by the child's parent; the code is valid in shape only."""
    session_id = session_id or session(connection)
    child_id = child_id or child(connection)
    row = connection.execute("SELECT parent_id FROM children WHERE id = %s", [child_id]).fetchone()
    assert row is not None
    cancelled = str(columns.get("status", "")).startswith("cancelled")
    return insert(
        connection,
        "bookings",
        {
            "session_id": session_id,
            "venue_id": venue_of(connection, "activity_sessions", session_id),
            "child_id": child_id,
            "booked_by": row[0],
            "status": "confirmed",
            "credits_charged": 2,
            "confirmation_code": uuid4().hex[:16],
            "cancelled_at": NOON - timedelta(days=1) if cancelled else None,
        }
        | columns,
    )


def balance(connection: Connection, user_id: UUID, credits: int = 0, **columns: Any) -> UUID:
    """A parent's balance of this month, with `credits` allocated through the ledger."""
    made = insert(
        connection,
        "user_credit_balances",
        {
            "user_id": user_id,
            "billing_period_start": date(2026, 3, 1),
            "billing_period_end": date(2026, 3, 31),
        }
        | columns,
    )
    if credits:
        ledger(connection, made, "allocation", credits)
    return made


def ledger(connection: Connection, balance_id: UUID, kind: str, amount: int, **columns: Any) -> UUID:
    """A ledger entry; entry_no and balance_after are the trigger's to fill in."""
    row = connection.execute(
        "SELECT user_id FROM user_credit_balances WHERE id = %s", [balance_id]
    ).fetchone()
    assert row is not None
    return insert(
        connection,
        "credit_ledger",
        {"user_id": row[0], "balance_id": balance_id, "transaction_type": kind, "amount": amount} | columns,
    )


def device(connection: Connection, venue_id: UUID | None = None, **columns: Any) -> UUID:
    """A row for a workstation, without a role that could log in (tests.support.identities enrols real ones)."""
    number = next(_numbers)
    return insert(
        connection,
        "auth.devices",
        {"role_name": f"nexus_desk_test_{number}", "name": f"Desk {number}", "venue_id": venue_id} | columns,
    )


def event(connection: Connection, booking_id: UUID, device_id: UUID, person_id: UUID, **columns: Any) -> UUID:
    """An applied check-in, recorded as if the desk had sent it."""
    row = connection.execute(
        "SELECT session_id, venue_id FROM bookings WHERE id = %s", [booking_id]
    ).fetchone()
    assert row is not None
    return insert(
        connection,
        "attendance_events",
        {
            "id": uuid4(),
            "device_id": device_id,
            "seq": next(_numbers),
            "booking_id": booking_id,
            "session_id": row[0],
            "venue_id": row[1],
            "kind": "check_in",
            "occurred_at": NOON,
            "person_id": person_id,
            "origin": "live",
            "outcome": "applied",
        }
        | columns,
    )


def venue_of(connection: Connection, table: str, row_id: UUID) -> UUID:
    """The venue of a row of any table that has one."""
    statement = sql.SQL("SELECT venue_id FROM {} WHERE id = %s").format(sql.Identifier(*table.split(".")))
    row = connection.execute(statement, [row_id]).fetchone()
    assert row is not None, f"{table} has no row {row_id}"
    found = row[0]
    assert isinstance(found, UUID)
    return found


def sheet(connection: Connection, payout: UUID, *bookings: UUID, **columns: Any) -> None:
    """What a payout counts of one session: these bookings, two credits each, unless the columns say otherwise."""
    row = connection.execute(
        "SELECT session_id, venue_id FROM bookings WHERE id = %s", [bookings[0]]
    ).fetchone()
    assert row is not None
    values: dict[str, Any] = {
        "session_id": row[0],
        "venue_id": row[1],
        "first_position": 1,
        "credits_before": 0,
        "booking_ids": list(bookings),
        "credits": [2] * len(bookings),
        "statuses": "{" + ",".join(["completed"] * len(bookings)) + "}",
    } | columns
    connection.execute(
        """INSERT INTO payout_sheets (payout_id, session_id, venue_id, first_position, credits_before,
                                      booking_ids, credits, statuses)
           VALUES (%(payout_id)s, %(session_id)s, %(venue_id)s, %(first_position)s, %(credits_before)s,
                   %(booking_ids)s, %(credits)s, %(statuses)s)""",
        {"payout_id": payout} | values,
    )
