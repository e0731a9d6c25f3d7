"""What leaves the database, and how: the worker's functions, and the dashboard it refreshes.

docs/design.md, "Rules of the domain" (privacy) and "Where the reference schema needs a decision".
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest

from tests.support import factories
from tests.support.databases import Connection
from tests.support.factories import NOON, one

JOBS = [
    "purge_old_audit_logs",
    "purge_deleted_children",
    "purge_old_search_logs",
    "purge_expired_data_exports",
    "purge_old_chat_conversations",
    "expire_pending_invitations",
    "refresh_parent_dashboard_summary",
]


def run(connection: Connection, job: str) -> Any:
    """Run a job with no more than the worker's rights."""
    connection.execute("SET LOCAL ROLE console_worker")
    try:
        return one(connection, f"SELECT {job}()")
    finally:
        connection.execute("RESET ROLE")


@pytest.fixture(autouse=True)
def clock(tx: Connection) -> None:
    factories.fix_clock(tx, NOON)


@pytest.mark.parametrize("job", JOBS)
def test_only_the_worker_may_run_a_job(tx: Connection, job: str) -> None:
    for role in ("console_client", "console_api", "console_auth"):
        tx.execute(f"SET LOCAL ROLE {role}".encode())
        with pytest.raises(psycopg.errors.InsufficientPrivilege), tx.transaction():
            tx.execute(f"SELECT public.{job}()".encode())
        tx.execute("RESET ROLE")
    tx.execute("SET LOCAL ROLE console_worker")
    tx.execute(f"SELECT public.{job}()".encode())


def test_audit_entries_end_after_their_term(tx: Connection) -> None:
    old, fresh = NOON - timedelta(days=731), NOON - timedelta(days=729)
    for at in (old, fresh):
        entry = {"action_category": "test", "action_type": "old", "created_at": at}
        factories.insert(tx, "audit_logs", entry)
    assert run(tx, "purge_old_audit_logs") == 1
    assert one(tx, "SELECT created_at FROM audit_logs WHERE action_category = 'test'") == fresh


def test_the_worker_removes_nothing_by_hand(tx: Connection) -> None:
    tx.execute("SET LOCAL ROLE console_worker")
    for table in ("audit_logs", "children", "attendance_events", "credit_ledger"):
        with pytest.raises(psycopg.errors.InsufficientPrivilege), tx.transaction():
            tx.execute(f"DELETE FROM {table}".encode())


@pytest.fixture
def family(tx: Connection) -> tuple[UUID, UUID]:
    """A child with everything that could tell who it is, and its attended booking."""
    child = factories.child(
        tx, first_name="Ottilie", allergies_medical_notes="Hazelnut", gender="girl", interests=["stem"]
    )
    factories.health_note(tx, child)
    pickup = factories.pickup_person(tx, child, name="Rosalind Grey")
    booking = factories.booking(tx, None, child, parent_notes="Ottilie is shy", status="completed")
    event = factories.event(
        tx, booking, factories.device(tx), factories.staff(tx), kind="check_out", pickup_name="Rosalind Grey",
        pickup_person_id=pickup, detail={"name": "Ottilie"},
    )  # fmt: skip
    factories.insert(
        tx,
        "review_items",
        {
            "venue_id": factories.venue_of(tx, "bookings", booking),
            "kind": "other",
            "booking_id": booking,
            "event_id": event,
            "summary": "Ottilie came early.",
        },
    )
    factories.insert(
        tx,
        "notifications",
        {
            "user_id": one(tx, "SELECT parent_id FROM children WHERE id = %s", child),
            "notification_type": "booking_confirmed",
            "title": "Ottilie is booked",
            "body": "See you there.",
            "channel": "email",
            "related_entity_id": booking,
        },
    )
    return child, booking


def request_deletion(connection: Connection, child: UUID, due: date) -> None:
    connection.execute(
        """UPDATE children SET deletion_requested = true, deletion_requested_at = app.now(), deletion_scheduled_for = %s
           WHERE id = %s""",
        [due, child],
    )


def test_a_deleted_child_goes_and_its_bookings_stay(tx: Connection, family: tuple[UUID, UUID]) -> None:
    child, booking = family
    request_deletion(tx, child, NOON.date())
    assert run(tx, "purge_deleted_children") == 1
    row = one(
        tx,
        "SELECT first_name, date_of_birth, gender, is_active, interests FROM children WHERE id = %s",
        child,
    )
    assert row == ("Removed", date(2019, 1, 1), None, False, [])
    assert one(tx, "SELECT status::text, credits_charged FROM bookings WHERE id = %s", booking) == (
        "completed",
        2,
    )
    assert one(
        tx, "SELECT kind::text, pickup_name, detail FROM attendance_events WHERE booking_id = %s", booking
    ) == (
        "check_out",
        None,
        {},
    )
    everything = ""
    for table in ("children", "child_health_notes", "pickup_people", "bookings", "attendance_events", "review_items",
                  "notifications", "audit_logs"):  # fmt: skip
        everything += str(tx.execute(f"SELECT json_agg(t) FROM {table} t".encode()).fetchone())
    for trace in ("Ottilie", "Rosalind", "Hazelnut", "Peanut"):
        assert trace not in everything
    assert run(tx, "purge_deleted_children") == 0


def test_a_child_whose_time_has_not_come_stays(tx: Connection, family: tuple[UUID, UUID]) -> None:
    request_deletion(tx, family[0], NOON.date() + timedelta(days=1))
    assert run(tx, "purge_deleted_children") == 0
    assert one(tx, "SELECT first_name FROM children WHERE id = %s", family[0]) == "Ottilie"


def test_nobody_else_forgets_who_collected_a_child(tx: Connection, family: tuple[UUID, UUID]) -> None:
    for role in ("console_api", "console_owner"):
        tx.execute(f"SET LOCAL ROLE {role}".encode())
        with pytest.raises(psycopg.errors.InsufficientPrivilege), tx.transaction():
            tx.execute(
                "UPDATE attendance_events SET pickup_name = NULL, pickup_person_id = NULL, detail = '{}'"
            )
        tx.execute("RESET ROLE")
    tx.execute("SET LOCAL ROLE console_jobs")
    with pytest.raises(psycopg.errors.InsufficientPrivilege), tx.transaction():
        tx.execute("UPDATE attendance_events SET pickup_name = 'Somebody else'")


def test_searches_and_conversations_end_after_their_term(tx: Connection) -> None:
    parent = factories.parent(tx)
    for days in (89, 91):
        at = NOON - timedelta(days=days)
        search = {"user_id": parent, "query_text": "chess", "parsed_intent": {}, "created_at": at}
        factories.insert(tx, "nl_search_logs", search)
        talk = {"user_id": parent, "is_active": False, "ended_at": at}
        conversation = factories.insert(tx, "chat_conversations", talk)
        said = {"conversation_id": conversation, "role": "user", "content": "chess?", "sequence_number": 1}
        factories.insert(tx, "chat_messages", said)
    assert run(tx, "purge_old_search_logs") == 1
    assert run(tx, "purge_old_chat_conversations") == 1
    assert one(tx, "SELECT count(*) FROM nl_search_logs") == 1
    assert one(tx, "SELECT count(*) FROM chat_messages") == 1


def test_exports_are_withdrawn_when_their_time_is_over(tx: Connection) -> None:
    export = {
        "user_id": factories.parent(tx),
        "export_type": "full_data",
        "status": "completed",
        "file_url": "somewhere",
        "file_expires_at": NOON - timedelta(seconds=1),
    }
    made = factories.insert(tx, "data_export_requests", export)
    assert run(tx, "purge_expired_data_exports") == 1
    assert one(tx, "SELECT status, file_url FROM data_export_requests WHERE id = %s", made) == (
        "expired",
        None,
    )


def test_invitations_expire(tx: Connection) -> None:
    for hours in (-1, 1):
        factories.insert(
            tx,
            "employee_invitations",
            {
                "corporate_id": factories.corporate(tx),
                "invited_by": factories.user(tx, role="hr_admin"),
                "email": "new@example.org",
                "credits_to_allocate": 5,
                "invitation_token": str(uuid4()),
                "expires_at": NOON + timedelta(hours=hours),
            },
        )
    assert run(tx, "expire_pending_invitations") == 1
    assert one(tx, "SELECT count(*) FROM employee_invitations WHERE status = 'pending'") == 1


def test_the_dashboard_shows_what_a_parent_has(tx: Connection) -> None:
    parent = factories.parent(tx)
    factories.balance(tx, parent, 9)
    child = factories.child(tx, parent)
    factories.booking(tx, factories.session(tx, starts_at=NOON + timedelta(days=2)), child)
    factories.booking(tx, factories.session(tx, starts_at=NOON - timedelta(days=2)), child)
    for _ in range(2):  # the first fills it, the second refreshes it beside readers
        run(tx, "refresh_parent_dashboard_summary")
        row = one(
            tx,
            """SELECT credits_available, days_remaining, child_count, upcoming_booking_count
               FROM parent_dashboard_summary WHERE user_id = %s""",
            parent,
        )
        assert row == (9, 29, 1, 1)


def test_an_unknown_setting_is_said_to_be_unknown(tx: Connection) -> None:
    with pytest.raises(psycopg.Error, match="no setting called") as caught, tx.transaction():
        tx.execute("SELECT app.setting_number('nonsense')")
    assert caught.value.sqlstate == "NX404"
