"""What the worker's own jobs do to a venue: the nightly close and the release of unsold places; and that twice is once.

docs/design.md, "Rules of the domain" (attendance, inventory).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from uuid import UUID

import psycopg
import pytest

from tests.support import factories
from tests.support.databases import Connection, Database
from tests.support.desk_world import NOON, SOON, World
from tests.support.workers import scalar, worker_login

CLOSE = "SELECT attendance.close_overdue(200)"


@pytest.fixture
def world(fresh_database: Database) -> Iterator[World]:
    with World(fresh_database) as made:
        yield made


def state(world: World, booking: UUID) -> tuple[str, str]:
    row = world.one("SELECT status::text s, attendance_state::text a FROM bookings WHERE id = %s", booking)
    return row["s"], row["a"]


def test_the_nightly_close_checks_out_who_is_in_and_asks_about_the_rest(world: World) -> None:
    jonas = world.person()
    maya, nia, leo = world.booking("Maya"), world.booking("Nia"), world.booking("Leo")
    hidden = world.booking(world.child("Ida", parental_consent_given=False))
    assert jonas.do("check_in", maya)["state"] == "in"
    assert jonas.do("absent", leo)["state"] == "absent"
    world.at(NOON + timedelta(days=1))
    with worker_login(world.database) as dsn, psycopg.connect(dsn, autocommit=True) as worker:
        assert scalar(worker, "SELECT app.job_nightly_close()") == 1
        after = world.all("SELECT * FROM bookings ORDER BY id"), world.all("SELECT id FROM review_items")
        assert scalar(worker, "SELECT app.job_nightly_close()") == 0
        assert after == (
            world.all("SELECT * FROM bookings ORDER BY id"),
            world.all("SELECT id FROM review_items"),
        )
    assert state(world, maya) == ("completed", "out")
    assert state(world, nia) == ("confirmed", "unmarked")
    assert state(world, leo) == ("no_show", "absent")
    assert state(world, hidden) == ("confirmed", "unmarked")
    event = world.one("SELECT * FROM attendance_events WHERE booking_id = %s AND kind = 'check_out'", maya)
    # Nobody knows when the child left: the end of the session stands for it, and who said so was nobody.
    assert event["occurred_at"] == SOON + timedelta(hours=1)
    assert event["device_id"].int == event["person_id"].int == 0
    assert (
        world.one("SELECT checked_out_at FROM bookings WHERE id = %s", maya)["checked_out_at"]
        == event["occurred_at"]
    )
    session = world.one("SELECT * FROM activity_sessions WHERE id = %s", world.session)
    assert session["is_completed"]
    assert (session["closed_at"], session["closed_by"]) == (NOON + timedelta(days=1), None)
    items = world.all("SELECT kind::text, booking_id FROM review_items")
    assert items == [{"kind": "unmarked_after_close", "booking_id": nia}]


def test_a_no_show_whose_credits_somebody_holds_is_closed_by_the_next_run(world: World) -> None:
    ballet = world.other_session("Ballet")
    parent = factories.parent(world.admin)
    balance = factories.balance(world.admin, parent, 10)
    leo = world.booking(world.child("Leo", parent_id=parent))
    world.one("SELECT credits.debit(%s, 4, %s, 'd')", parent, leo)
    assert world.person().do("absent", leo)["state"] == "absent"
    world.at(NOON + timedelta(days=1))
    with world.database.connect() as desk, desk.transaction():
        desk.execute("SELECT 1 FROM user_credit_balances WHERE id = %s FOR NO KEY UPDATE", [balance])
        world.admin.execute("SET lock_timeout = '2s'")
        assert world.one(CLOSE) == {"close_overdue": 1}
    closed = world.all("SELECT id FROM activity_sessions WHERE closed_at IS NOT NULL")
    assert (closed, state(world, leo)) == ([{"id": ballet}], ("confirmed", "absent"))
    assert world.one(CLOSE) == {"close_overdue": 1}
    assert state(world, leo) == ("no_show", "absent")
    kept = world.one("SELECT forfeited_amount FROM credit_ledger WHERE transaction_type = 'forfeit'")
    assert kept == {"forfeited_amount": 4}


def test_a_report_that_arrives_after_the_nightly_close_still_counts(world: World) -> None:
    jonas = world.person()
    maya = world.booking("Maya")
    jonas.do("check_in", maya)
    world.at(NOON + timedelta(days=1))
    world.one(CLOSE)
    late = jonas.do("check_out", maya, at=SOON + timedelta(minutes=50), origin="queued")
    # It was said before, by the close; the child is out either way.
    assert (late["outcome"], late["state"]) == ("already", "out")
    late = jonas.do("check_in", world.booking("Nia"), at=SOON, origin="queued")
    assert late["outcome"] == "applied_with_review"


def test_a_session_that_somebody_closed_cancelled_or_that_runs_is_left_alone(world: World) -> None:
    closed = world.other_session("Ballet", closed_at=NOON, is_completed=True)
    cancelled = world.other_session("Chess", is_cancelled=True, cancelled_at=NOON)
    night = world.other_session(
        "Sleepover", starts_at=NOON + timedelta(hours=8), ends_at=NOON + timedelta(hours=20)
    )
    before = world.all(
        "SELECT * FROM activity_sessions WHERE id = ANY (%s) ORDER BY id", [closed, cancelled, night]
    )
    world.at(NOON + timedelta(hours=16))
    assert world.one(CLOSE) == {"close_overdue": 1}
    assert before == world.all(
        "SELECT * FROM activity_sessions WHERE id = ANY (%s) ORDER BY id", [closed, cancelled, night]
    )
    # The one over midnight ends in the morning and is closed the midnight after.
    world.at(NOON + timedelta(hours=25))
    assert world.one(CLOSE) == {"close_overdue": 0}
    world.at(NOON + timedelta(hours=40))
    assert world.one(CLOSE) == {"close_overdue": 1}


def test_a_session_that_was_opened_again_waits_for_the_next_midnight(world: World) -> None:
    nia = world.booking("Nia")
    world.at(NOON + timedelta(days=1))
    world.one(CLOSE)
    boss = world.person("manager", name="Ines")
    boss.call("SELECT attendance.reopen_session(%s)", world.session)
    world.admin.execute(
        "UPDATE activity_sessions SET reopened_at = app.now(), reopened_by = %s WHERE id = %s",
        [boss.id, world.session],
    )
    assert world.one(CLOSE) == {"close_overdue": 0}
    world.at(NOON + timedelta(days=2))
    assert world.one(CLOSE) == {"close_overdue": 1}
    assert state(world, nia) == ("confirmed", "unmarked")
    assert len(world.all("SELECT id FROM review_items WHERE resolved_at IS NULL")) == 1


# (zone, when its day begins, in UTC): each venue's session ends an hour before, and is closed from that moment on.
MIDNIGHTS = [
    ("America/New_York", datetime(2026, 3, 8, 5, 0, tzinfo=UTC)),  # the night the clocks go forward
    ("America/New_York", datetime(2026, 11, 1, 4, 0, tzinfo=UTC)),  # the night they go back
    ("Europe/London", datetime(2026, 10, 24, 23, 0, tzinfo=UTC)),
    ("Australia/Lord_Howe", datetime(2026, 4, 4, 13, 0, tzinfo=UTC)),
    ("America/Phoenix", datetime(2026, 3, 8, 7, 0, tzinfo=UTC)),
    ("Asia/Beirut", datetime(2026, 3, 28, 22, 0, tzinfo=UTC)),  # midnight itself is leapt over
    (
        "America/Havana",
        datetime(2026, 11, 1, 4, 0, tzinfo=UTC),
    ),  # midnight comes twice; the first begins the day
    ("Pacific/Apia", datetime(2026, 6, 1, 11, 0, tzinfo=UTC)),
]


@pytest.mark.parametrize(("zone", "midnight"), MIDNIGHTS)
def test_a_day_ends_at_the_midnight_of_the_venue(tx: Connection, zone: str, midnight: datetime) -> None:
    venue = factories.venue(tx, timezone=zone)
    activity = factories.activity(tx, venue)
    ends = midnight - timedelta(hours=1)
    session = factories.session(tx, activity, starts_at=ends - timedelta(hours=1), ends_at=ends)
    late = factories.session(tx, activity, starts_at=ends, ends_at=midnight + timedelta(minutes=30))
    for instant, closed in (
        (midnight - timedelta(seconds=1), 0),
        (midnight, 1),
        (midnight + timedelta(hours=3), 0),
    ):
        factories.fix_clock(tx, instant)
        assert scalar(tx, CLOSE) == closed, instant
    assert scalar(tx, "SELECT closed_at FROM activity_sessions WHERE id = %s", session) == midnight
    assert scalar(tx, "SELECT closed_at FROM activity_sessions WHERE id = %s", late) is None


def test_a_close_takes_the_oldest_first_and_no_more_than_it_is_told(tx: Connection) -> None:
    activity = factories.activity(tx)
    made = [factories.session(tx, activity, starts_at=NOON - timedelta(days=back)) for back in (9, 7, 8)]
    factories.fix_clock(tx, NOON)
    assert scalar(tx, "SELECT attendance.close_overdue(2)") == 2
    assert scalar(
        tx,
        "SELECT array_agg(id) FROM activity_sessions WHERE closed_at IS NULL AND activity_id = %s",
        activity,
    ) == [made[1]]


def test_unsold_platform_places_go_back_to_the_venue_in_its_own_time(tx: Connection) -> None:
    factories.fix_clock(tx, NOON)
    early = factories.venue(tx, inventory_release_hours=100)
    sessions = {
        name: factories.session(
            tx,
            factories.activity(tx, venue),
            starts_at=NOON + timedelta(hours=hours),
            platform_allocated_spots=4,
            **extra,
        )
        for name, venue, hours, extra in (
            ("due", None, 72, {}),
            ("not yet", None, 73, {}),
            ("due there", early, 100, {}),
            ("over", None, -1, {}),
            ("off", None, 3, {"is_cancelled": True, "cancelled_at": NOON}),
        )
    }
    with_booking = factories.booking(tx, sessions["due"])
    assert scalar(tx, "SELECT schedules.release_inventory()") == 2
    left = {
        name: tx.execute(
            """SELECT platform_allocated_spots, inventory_released, inventory_released_at
                 FROM activity_sessions WHERE id = %s""",
            [one],
        ).fetchone()
        for name, one in sessions.items()
    }
    assert left["due"] == left["due there"] == (0, True, NOON)
    assert left["not yet"] == left["over"] == left["off"] == (4, False, None)
    assert scalar(tx, "SELECT status::text FROM bookings WHERE id = %s", with_booking) == "confirmed"
    assert scalar(tx, "SELECT schedules.release_inventory()") == 0
