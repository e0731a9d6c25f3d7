"""Who changed what: the audit trail, versions, announcements and tombstones that triggers write.

docs/design.md, "The database" (authorisation rule 7, live updates).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID

import psycopg
import pytest

from tests.support import factories
from tests.support.databases import Connection, Database


@dataclass(frozen=True)
class Signed:
    user: UUID
    device: UUID
    session: UUID


@pytest.fixture
def signed(tx: Connection) -> Signed:
    """The administrator's own connection, made to look like a desk with a person signed in."""
    person = factories.staff(tx, "manager")
    role = tx.execute("SELECT session_user").fetchone()
    assert role is not None
    device = factories.device(tx, role_name=role[0])
    now = tx.execute("SELECT app.now()").fetchone()
    assert now is not None
    session = factories.insert(
        tx,
        "auth.person_sessions",
        {
            "user_id": person,
            "device_id": device,
            "token_hash": sha256(b"a token").digest(),
            "expires_at": now[0] + timedelta(hours=1),
        },
    )
    tx.execute("SELECT set_config('nexus.token', 'a token', true)")
    return Signed(person, device, session)


def trail(connection: Connection, table: str, action: str | None = None) -> list[dict[str, Any]]:
    """What the trail says of a table."""
    cursor = connection.cursor(row_factory=psycopg.rows.dict_row)
    cursor.execute(
        """SELECT * FROM audit_logs WHERE entity_type = %s AND (%s::text IS NULL OR action_type = %s)
           ORDER BY created_at, action_type""",
        [table, action, action],
    )
    return cursor.fetchall()


def test_a_change_names_the_person_the_desk_and_what_was_before(tx: Connection, signed: Signed) -> None:
    room = factories.room(tx, name="Blue room", capacity=10)
    tx.execute("UPDATE rooms SET capacity = 12 WHERE id = %s", [room])
    (entry,) = trail(tx, "rooms", "update")
    assert (entry["user_id"], entry["device_id"], entry["session_id"]) == (
        signed.user,
        signed.device,
        signed.session,
    )
    assert (entry["entity_id"], entry["old_values"], entry["new_values"]) == (
        room,
        {"capacity": 10},
        {"capacity": 12},
    )
    assert entry["venue_id"] == factories.venue_of(tx, "rooms", room)
    assert entry["action_category"] == "venue"


def test_an_administrator_without_a_desk_is_named_by_role(tx: Connection) -> None:
    factories.room(tx)
    (entry,) = trail(tx, "rooms")
    assert entry["user_id"] is None
    assert entry["db_role"] == tx.info.user


def test_a_new_row_is_kept_without_its_empty_columns(tx: Connection) -> None:
    room = factories.room(tx, name="Blue room")
    (entry,) = trail(tx, "rooms", "insert")
    assert entry["old_values"] is None
    assert entry["new_values"] == {
        "name": "Blue room",
        "venue_id": str(factories.venue_of(tx, "rooms", room)),
        "is_active": True,
    }


def test_a_deleted_row_is_kept_whole(tx: Connection) -> None:
    room = factories.room(tx, name="Blue room", capacity=4)
    tx.execute("DELETE FROM rooms WHERE id = %s", [room])
    (entry,) = trail(tx, "rooms", "delete")
    assert entry["entity_id"] == room
    assert entry["old_values"]["name"] == "Blue room"
    assert entry["old_values"]["capacity"] == 4
    assert entry["new_values"] is None


def test_an_update_that_changes_nothing_leaves_no_trace(tx: Connection) -> None:
    room = factories.room(tx)
    tx.execute("UPDATE rooms SET name = name WHERE id = %s", [room])
    assert trail(tx, "rooms", "update") == []


def test_a_value_that_goes_away_is_null_afterwards(tx: Connection) -> None:
    room = factories.room(tx, capacity=3)
    tx.execute("UPDATE rooms SET capacity = NULL WHERE id = %s", [room])
    (entry,) = trail(tx, "rooms", "update")
    assert (entry["old_values"], entry["new_values"]) == ({"capacity": 3}, {"capacity": None})


def test_awkward_text_survives(tx: Connection) -> None:
    room = factories.room(tx, name="plain")
    name = 'A "quoted"\\ back, a\ttab, {braces}, ünïcode, 孩子'
    tx.execute("UPDATE rooms SET name = %s WHERE id = %s", [name, room])
    (entry,) = trail(tx, "rooms", "update")
    assert entry["new_values"] == {"name": name}


def test_five_hundred_rows_are_five_hundred_entries(tx: Connection) -> None:
    session = factories.session(tx, total_capacity=500)
    venue = factories.venue_of(tx, "activity_sessions", session)
    parent = factories.parent(tx)
    tx.execute(
        """INSERT INTO children (parent_id, first_name, date_of_birth)
           SELECT %s, 'Child ' || g, '2019-01-01' FROM generate_series(1, 500) g""",
        [parent],
    )
    tx.execute(
        """INSERT INTO bookings (session_id, venue_id, child_id, booked_by, status, credits_charged, confirmation_code)
           SELECT %s, %s, c.id, c.parent_id, 'confirmed', 1, left(c.id::text, 20)
           FROM children c WHERE parent_id = %s""",
        [session, venue, parent],
    )
    tx.execute(
        "UPDATE bookings SET attendance_state = 'in', attendance_at = app.now() WHERE session_id = %s",
        [session],
    )
    entries = trail(tx, "bookings", "update")
    assert len({entry["entity_id"] for entry in entries}) == 500
    assert {entry["old_values"]["attendance_state"] for entry in entries} == {"expected"}
    assert {entry["new_values"]["attendance_state"] for entry in entries} == {"in"}


def test_the_trail_never_shows_who_a_child_is_or_what_ails_it(tx: Connection) -> None:
    child = factories.child(tx, first_name="Ottilie", allergies_medical_notes="Hazelnut")
    factories.health_note(tx, child, title="Hazelnut allergy", label="Hazelnut", instructions="Call Rosalind")
    factories.pickup_person(tx, child, name="Rosalind Grey", phone="+1 555 0123")
    booking = factories.booking(tx, None, child, parent_notes="Hazelnut again")
    tx.execute("UPDATE children SET first_name = 'Ottilia' WHERE id = %s", [child])
    tx.execute(
        "UPDATE child_health_notes SET instructions = 'Call Rosalind first' WHERE child_id = %s", [child]
    )
    tx.execute("UPDATE bookings SET venue_notes = 'Hazelnut!' WHERE id = %s", [booking])
    tx.execute("DELETE FROM pickup_people WHERE child_id = %s", [child])
    text = str([tx.execute("SELECT json_agg(a) FROM audit_logs a").fetchone()])
    for secret in ("Ottili", "Hazelnut", "Rosalind", "555 0123", "2019-01-15"):
        assert secret not in text
    (entry,) = trail(tx, "children", "update")
    assert entry["new_values"] == {"first_name": "[hidden]"}


def test_the_trail_never_shows_a_secret(tx: Connection) -> None:
    person = factories.user(
        tx, password_hash="SCRAM-SHA-256$verifier", mfa_secret="otp-seed", email="who@example.org"
    )
    tx.execute(
        "UPDATE users SET password_hash = 'SCRAM-SHA-256$other', mfa_secret = NULL WHERE id = %s", [person]
    )
    text = str([tx.execute("SELECT json_agg(a) FROM audit_logs a").fetchone()])
    for secret in ("SCRAM", "otp-seed", "who@example.org"):
        assert secret not in text
    (entry,) = trail(tx, "users", "update")
    assert entry["old_values"] == {"password_hash": "[hidden]", "mfa_secret": "[hidden]"}
    assert entry["new_values"] == {"password_hash": "[hidden]", "mfa_secret": None}


def test_the_trail_never_shows_a_venues_numbers(tx: Connection) -> None:
    """A tax number may be a person's own; no desk reads it from the venue either."""
    venue = factories.venue(tx, tax_number="98-7654321", insurance_policy_number="HM 1")
    tx.execute("UPDATE venues SET tax_number = '12-3456789', name = 'Riverside' WHERE id = %s", [venue])
    text = str([tx.execute("SELECT json_agg(a) FROM audit_logs a").fetchone()])
    for number in ("98-7654321", "12-3456789", "HM 1"):
        assert number not in text
    (entry,) = trail(tx, "venues", "update")
    assert entry["new_values"] == {"tax_number": "[hidden]", "name": "Riverside"}


def test_a_row_without_an_id_is_named_by_its_key(tx: Connection) -> None:
    factories.setting(tx, "cancellation_window_hours", 24)
    (entry,) = trail(tx, "platform_settings", "update")
    assert entry["context"] == {"key": "cancellation_window_hours"}
    assert (entry["old_values"], entry["new_values"]) == ({"value": 48}, {"value": 24})


@pytest.mark.parametrize("statement", ["UPDATE audit_logs SET action_type = 'x'", "DELETE FROM audit_logs"])
def test_not_even_the_administrator_changes_the_trail(tx: Connection, statement: str) -> None:
    factories.room(tx)
    with pytest.raises(psycopg.errors.InsufficientPrivilege, match="keeps everything"), tx.transaction():
        tx.execute(statement.encode())


def test_the_trail_cannot_be_emptied(tx: Connection) -> None:
    with pytest.raises(psycopg.errors.InsufficientPrivilege, match="keeps everything"), tx.transaction():
        tx.execute("TRUNCATE audit_logs")


def test_each_update_counts_the_version_up_whatever_the_writer_says(tx: Connection) -> None:
    room = factories.room(tx)
    tx.execute("UPDATE rooms SET version = 77, changed_xid = '5' WHERE id = %s", [room])
    row = tx.execute(
        "SELECT version, changed_xid = pg_current_xact_id() FROM rooms WHERE id = %s", [room]
    ).fetchone()
    assert row == (2, True)


def test_nobody_starts_at_another_version(tx: Connection) -> None:
    room = factories.room(tx, version=9)
    assert tx.execute("SELECT version FROM rooms WHERE id = %s", [room]).fetchone() == (1,)


def test_what_changed_since_finds_the_transaction_that_committed_late(fresh_database: Database) -> None:
    with fresh_database.connect() as setup:
        room = factories.room(setup)
    with fresh_database.connect(autocommit=False) as slow, fresh_database.connect() as desk:
        slow.execute("UPDATE rooms SET name = 'Late' WHERE id = %s", [room])
        # The desk asks while the change is under way; nothing to see yet.
        horizon = desk.execute("SELECT pg_snapshot_xmin(pg_current_snapshot())").fetchone()
        assert horizon is not None
        factories.room(desk)
        slow.commit()
        found = desk.execute("SELECT name FROM rooms WHERE changed_xid >= %s", [horizon[0]]).fetchall()
        assert ("Late",) in found


def channel_of(connection: Connection, venue: UUID) -> str:
    row = connection.execute(
        "SELECT channel FROM auth.venue_channels WHERE venue_id = %s", [venue]
    ).fetchone()
    assert row is not None
    return str(row[0])


def test_a_statement_is_announced_once_on_its_venues_channel(fresh_database: Database) -> None:
    with fresh_database.connect() as admin, fresh_database.connect() as listener:
        venue, other = factories.venue(admin), factories.venue(admin)
        for _ in range(3):
            factories.room(admin, venue)
        listener.execute(f"LISTEN {channel_of(admin, venue)}".encode())
        admin.execute("UPDATE rooms SET capacity = 5 WHERE venue_id = %s", [venue])
        factories.room(admin, other)
        heard = list(listener.notifies(timeout=2, stop_after=1))
        heard += listener.notifies(timeout=0.2)
        assert [note.payload for note in heard] == ["rooms"]


def test_a_childs_new_allergy_is_announced_where_it_is_expected(fresh_database: Database) -> None:
    with fresh_database.connect() as admin, fresh_database.connect() as listener:
        factories.fix_clock(admin)
        child = factories.child(admin)
        session = factories.session(admin)
        factories.booking(admin, session, child)
        venue = factories.venue_of(admin, "activity_sessions", session)
        before = admin.execute("SELECT version FROM children WHERE id = %s", [child]).fetchone()
        listener.execute(f"LISTEN {channel_of(admin, venue)}".encode())
        factories.health_note(admin, child)
        heard = list(listener.notifies(timeout=2, stop_after=1))
        assert [note.payload for note in heard] == ["children"]
        after = admin.execute("SELECT version FROM children WHERE id = %s", [child]).fetchone()
        assert before is not None
        assert after == (before[0] + 1,)


def test_a_deleted_row_leaves_a_tombstone(tx: Connection) -> None:
    room = factories.room(tx)
    venue = factories.venue_of(tx, "rooms", room)
    tx.execute("DELETE FROM rooms WHERE id = %s", [room])
    row = tx.execute(
        "SELECT venue_id, table_name, changed_xid = pg_current_xact_id() FROM app.tombstones WHERE row_id = %s",
        [room],
    ).fetchone()
    assert row == (venue, "rooms", True)


def test_every_venue_has_a_channel_of_its_own_that_cannot_be_guessed(tx: Connection) -> None:
    first, second = channel_of(tx, factories.venue(tx)), channel_of(tx, factories.venue(tx))
    assert first != second
    assert len(first) >= 35
