"""Bookings, attendance and the waitlist: what their tables refuse and what their triggers keep true.

docs/design.md, "Where the reference schema needs a decision" and "Rules of the domain"; db/CONVENTIONS.md.
"""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest

from tests.support import factories
from tests.support.databases import Connection, Database
from tests.support.factories import NOON, one, refuses


def booked(connection: Connection, session: UUID) -> int:
    return int(one(connection, "SELECT booked_count FROM activity_sessions WHERE id = %s", session))


def test_a_child_holds_a_place_once(tx: Connection) -> None:
    session, child = factories.session(tx), factories.child(tx)
    first = factories.booking(tx, session, child)
    refuses(tx, "bookings_child_once", factories.booking, session, child, status="pending")
    tx.execute(
        "UPDATE bookings SET status = 'cancelled_parent', cancelled_at = app.now() WHERE id = %s", [first]
    )
    factories.booking(tx, session, child)


def test_booked_places_are_counted_by_status(tx: Connection) -> None:
    session = factories.session(tx)
    for status in ("pending", "confirmed", "completed", "no_show", "cancelled_parent", "cancelled_venue"):
        factories.booking(tx, session, status=status)
    assert booked(tx, session) == 4
    tx.execute("UPDATE bookings SET status = 'completed' WHERE status = 'no_show'")
    assert booked(tx, session) == 4
    tx.execute(
        "UPDATE bookings SET status = 'cancelled_venue', cancelled_at = app.now() WHERE status = 'pending'"
    )
    assert booked(tx, session) == 3
    tx.execute("DELETE FROM bookings WHERE status IN ('confirmed', 'cancelled_parent')")
    assert booked(tx, session) == 2


def test_one_statement_over_two_sessions_counts_both(tx: Connection) -> None:
    activity = factories.activity(tx)
    first, second = (
        factories.session(tx, activity),
        factories.session(tx, activity, starts_at=NOON + timedelta(days=1)),
    )
    booking = factories.booking(tx, first)
    factories.booking(tx, second)
    tx.execute("UPDATE bookings SET session_id = %s WHERE id = %s", [second, booking])
    assert (booked(tx, first), booked(tx, second)) == (0, 2)
    tx.execute("UPDATE bookings SET status = 'cancelled_venue', cancelled_at = app.now()")
    assert (booked(tx, first), booked(tx, second)) == (0, 0)


def test_a_full_session_takes_nobody_more(tx: Connection) -> None:
    session = factories.session(tx, total_capacity=1)
    factories.booking(tx, session)
    refuses(tx, "valid_booking_count", factories.booking, session)
    factories.booking(tx, session, status="cancelled_parent")


def test_the_count_cannot_be_written(tx: Connection) -> None:
    session = factories.session(tx)
    with pytest.raises(psycopg.errors.InsufficientPrivilege, match="counted"), tx.transaction():
        tx.execute("UPDATE activity_sessions SET booked_count = 3 WHERE id = %s", [session])
    with pytest.raises(psycopg.errors.InsufficientPrivilege, match="counted"), tx.transaction():
        factories.session(tx, booked_count=1)


def test_two_families_race_for_the_last_place(fresh_database: Database) -> None:
    with fresh_database.connect() as admin:
        session = factories.session(admin, total_capacity=3)
        children = [factories.child(admin) for _ in range(6)]
    refused: list[str | None] = []
    start = threading.Barrier(6)

    def book(child: UUID) -> None:
        with fresh_database.connect() as connection:
            start.wait()
            try:
                factories.booking(connection, session, child)
            except psycopg.Error as error:
                refused.append(error.sqlstate)

    threads = [threading.Thread(target=book, args=[child]) for child in children]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert refused == ["23514"] * 3
    with fresh_database.connect() as admin:
        assert booked(admin, session) == 3


def test_a_booking_gives_back_no_more_than_it_took(tx: Connection) -> None:
    refuses(tx, "bookings_refund_within_charge", factories.booking, credits_charged=2, credits_refunded=3)


def test_a_cancelled_booking_says_when(tx: Connection) -> None:
    refuses(tx, "bookings_cancelled_whole", factories.booking, status="cancelled_venue", cancelled_at=None)


# Attendance


@pytest.fixture
def desk(tx: Connection) -> tuple[UUID, UUID, UUID]:
    """A booking, a device and a person."""
    return factories.booking(tx), factories.device(tx), factories.staff(tx)


def test_a_desk_numbers_its_events_once(tx: Connection, desk: tuple[UUID, UUID, UUID]) -> None:
    factories.event(tx, *desk, seq=1)
    refuses(tx, "attendance_events_device_seq_key", factories.event, *desk, seq=1)
    refuses(tx, "attendance_events_pkey", factories.event, *desk, id=factories.event(tx, *desk))


def test_a_refusal_has_a_reason_and_nothing_else_has(tx: Connection, desk: tuple[UUID, UUID, UUID]) -> None:
    refuses(tx, "attendance_events_reason", factories.event, *desk, outcome="rejected")
    refuses(tx, "attendance_events_reason", factories.event, *desk, reason="already_in")
    factories.event(tx, *desk, outcome="rejected", reason="already_in")


def test_only_a_refusal_is_about_no_known_booking(tx: Connection, desk: tuple[UUID, UUID, UUID]) -> None:
    event = {"id": uuid4(), "device_id": desk[1], "seq": 1, "kind": "check_in", "occurred_at": NOON,
             "person_id": desk[2], "origin": "live", "code": "K7Q4-2MXR-6"}  # fmt: skip
    with pytest.raises(psycopg.errors.CheckViolation, match="attendance_events_booking"), tx.transaction():
        factories.insert(tx, "attendance_events", event | {"outcome": "applied"})
    factories.insert(tx, "attendance_events", event | {"outcome": "rejected", "reason": "unknown_code"})


def test_the_first_annul_wins(tx: Connection, desk: tuple[UUID, UUID, UUID]) -> None:
    first = factories.event(tx, *desk)
    refuses(tx, "attendance_events_annul", factories.event, *desk, annuls_id=first)
    factories.event(tx, *desk, kind="annul", annuls_id=first)
    refuses(tx, "attendance_events_annulled_once", factories.event, *desk, kind="annul", annuls_id=first)
    factories.event(tx, *desk, kind="annul", annuls_id=first, outcome="already")


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE attendance_events SET pickup_name = 'X'",
        "DELETE FROM attendance_events",
        "TRUNCATE attendance_events CASCADE",
    ],
)
def test_what_happened_stays(tx: Connection, desk: tuple[UUID, UUID, UUID], statement: str) -> None:
    factories.event(tx, *desk)
    with pytest.raises(psycopg.errors.InsufficientPrivilege, match="keeps everything"), tx.transaction():
        tx.execute(statement.encode())


def test_an_item_is_resolved_by_somebody_with_a_word_or_not_at_all(tx: Connection) -> None:
    item = {"venue_id": factories.venue(tx), "kind": "other", "summary": "Look at this.", "resolved_at": NOON}
    with pytest.raises(psycopg.errors.CheckViolation, match="review_items_resolved_whole"), tx.transaction():
        factories.insert(tx, "review_items", item)


# Waitlist


def join(connection: Connection, session: UUID, child: UUID, **columns: Any) -> UUID:
    row = {"session_id": session, "venue_id": factories.venue_of(connection, "activity_sessions", session),
           "child_id": child, "user_id": one(connection, "SELECT parent_id FROM children WHERE id = %s", child),
           "position": 1}  # fmt: skip
    return factories.insert(connection, "waitlist", row | columns)


def position(connection: Connection, entry: UUID) -> int:
    return int(one(connection, "SELECT position FROM waitlist WHERE id = %s", entry))


def test_who_leaves_the_queue_may_join_again_at_its_end(tx: Connection) -> None:
    session, ada, ben = factories.session(tx), factories.child(tx), factories.child(tx)
    first, second = join(tx, session, ada), join(tx, session, ben)
    refuses(tx, "unique_waitlist_entry", join, session, ada)
    tx.execute(
        "UPDATE waitlist SET is_active = false, removed_at = app.now(), removed_reason = 'user_removed' WHERE id = %s",
        [first],
    )
    again = join(tx, session, ada)
    assert [position(tx, entry) for entry in (first, second, again)] == [1, 2, 3]


def test_a_place_in_the_queue_does_not_change(tx: Connection) -> None:
    entry = join(tx, factories.session(tx), factories.child(tx))
    with pytest.raises(psycopg.errors.InsufficientPrivilege, match="does not change"), tx.transaction():
        tx.execute("UPDATE waitlist SET position = 9 WHERE id = %s", [entry])


def test_families_who_join_at_once_stand_one_behind_the_other(fresh_database: Database) -> None:
    with fresh_database.connect() as admin:
        session = factories.session(admin)
        children = [factories.child(admin) for _ in range(6)]
    start = threading.Barrier(6)

    def queue(child: UUID) -> None:
        with fresh_database.connect() as connection:
            start.wait()
            join(connection, session, child)

    threads = [threading.Thread(target=queue, args=[child]) for child in children]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with fresh_database.connect() as admin:
        rows = admin.execute("SELECT position FROM waitlist ORDER BY position").fetchall()
    assert [row[0] for row in rows] == [1, 2, 3, 4, 5, 6]
