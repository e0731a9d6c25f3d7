"""Beside the one door of the programme: its inner functions, the tables, the catalogue, the words families read."""

from __future__ import annotations

from contextlib import closing
from datetime import timedelta
from uuid import uuid4

import psycopg
import pytest
from psycopg.types.json import Jsonb

from tests.security.attacks import DENIED, NO_SUCH_FUNCTION, REFUSED, refused, rows, value
from tests.security.conftest import Target
from tests.security.programme_stock import LATER, TUESDAY, Stock, asked, version
from tests.support import factories
from tests.support.databases import Connection
from tests.support.replanning import APPLY, PLAN


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT schedules.planned(gen_random_uuid(), '{}')",
        "SELECT schedules.apply_series(gen_random_uuid(), '{}', '{}')",
        "SELECT schedules.apply_session(gen_random_uuid(), '{}', '{}')",
        "SELECT schedules.apply_cancel(gen_random_uuid(), '{}', '{}')",
        "SELECT schedules.apply_combine(gen_random_uuid(), '{}', '{}')",
        "SELECT schedules.apply_closure(gen_random_uuid(), '{}', '{}')",
        "SELECT schedules.apply_lift(gen_random_uuid(), '{}')",
        "SELECT schedules.cancel_sessions('{}', 'x', 'weather', NULL)",
        "SELECT schedules.restore_sessions('{}')",
        "SELECT schedules.end_queues('{}', 'x')",
        "SELECT schedules.tell_families('{}', 'session_cancelled', '{}', 'x', 'x')",
        "SELECT schedules.generate('{}', '2026-12-31')",
        "SELECT schedules.generate_all()",
        "SELECT schedules.release_inventory()",
        "SELECT schedules.hits_of('{}', 'x', 'session_cancelled', '{}')",
        "SELECT schedules.session_words(gen_random_uuid())",
        "SELECT schedules.standing('{}')",
        "SELECT * FROM schedules.closed_spans(gen_random_uuid(), now(), now())",
        "SELECT schedules.require_shape('{}')",
        "SELECT bookings.settle_queue(gen_random_uuid())",
        "SELECT bookings.queue_of(gen_random_uuid())",
        "SELECT bookings.tell_waiting(gen_random_uuid(), 'waitlist_offered')",
        "SELECT bookings.expire_offers()",
        "SELECT bookings.give_up(gen_random_uuid(), true, true, 'weather', 'x')",
        "SELECT notify.tell(gen_random_uuid(), 'session_cancelled', '{}', 'x')",
        "SELECT notify.message(gen_random_uuid(), 'session_cancelled', '{}')",
        "SELECT notify.fill('{{child}}', '{}')",
        "SELECT attendance.close_overdue(1)",
    ],
)
def test_what_the_door_uses_is_not_called_by_itself(manager: Connection, statement: str) -> None:
    refused(manager, statement, by=(DENIED, NO_SUCH_FUNCTION))


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO activity_sessions (venue_id) VALUES (gen_random_uuid())",
        "UPDATE activity_sessions SET is_cancelled = true",
        "UPDATE activity_sessions SET total_capacity = 9999",
        "UPDATE activity_sessions SET closure_id = NULL",
        "DELETE FROM activity_sessions",
        "INSERT INTO activity_recurring_schedules (venue_id) VALUES (gen_random_uuid())",
        "UPDATE activity_recurring_schedules SET every_weeks = 52",
        "DELETE FROM activity_recurring_schedules",
        "INSERT INTO schedule_exceptions (venue_id) VALUES (gen_random_uuid())",
        "UPDATE schedule_exceptions SET new_day = '2026-01-01'",
        "DELETE FROM schedule_exceptions",
        "INSERT INTO venue_closures (venue_id) VALUES (gen_random_uuid())",
        "UPDATE venue_closures SET lifted_at = now()",
        "DELETE FROM venue_closures",
        "INSERT INTO venue_closure_rooms (venue_id) VALUES (gen_random_uuid())",
        "DELETE FROM venue_closure_rooms",
        "DELETE FROM closure_reasons",
        "UPDATE closure_reasons SET venue_id = NULL",
        "INSERT INTO programme_changes (id) VALUES (gen_random_uuid())",
        "UPDATE programme_changes SET answer = '{}'",
        "DELETE FROM programme_changes",
        "INSERT INTO waitlist (session_id) VALUES (gen_random_uuid())",
        "UPDATE waitlist SET position = 1",
        "UPDATE waitlist SET spot_offered_at = now()",
        "DELETE FROM waitlist",
        "SELECT skip_reason FROM waitlist",
        "SELECT removal_note FROM waitlist",
        "SELECT skipped_by FROM waitlist",
        "UPDATE bookings SET move_consent = 'given'",
        "SELECT body FROM notifications",
        "SELECT id FROM notifications",
        "SELECT data_payload FROM notifications",
        "INSERT INTO notifications (user_id) VALUES (gen_random_uuid())",
        "UPDATE notifications SET state = 'waiting'",
        "DELETE FROM notifications",
        "INSERT INTO notification_templates (template_key) VALUES ('x')",
        "UPDATE notification_templates SET email_body_text = 'x'",
        "UPDATE platform_settings SET value = '1000000' WHERE key = 'generation_most_sessions'",
        "UPDATE venues SET updated_at = now()",
        "UPDATE activities SET published_at = now()",
        "UPDATE activities SET average_rating = 5",
        "UPDATE activities SET venue_id = gen_random_uuid()",
        "DELETE FROM activities",
        "TRUNCATE activity_sessions",
        "SELECT id FROM activity_sessions FOR UPDATE",
    ],
)
def test_the_tables_are_written_by_nobody(
    mallory: Connection, manager: Connection, finance: Connection, statement: str
) -> None:
    for attacker in (mallory, manager, finance):
        refused(attacker, statement, by=DENIED)


def test_another_venues_programme_is_not_read(
    mallory: Connection, manager: Connection, finance: Connection, target: Target, theirs: Stock
) -> None:
    for attacker in (mallory, manager, finance):
        for table in ("activity_sessions", "activity_recurring_schedules", "schedule_exceptions", "venue_closures",
                      "venue_closure_rooms", "closure_reasons", "programme_changes", "activities", "rooms",
                      "waitlist", "bookings"):  # fmt: skip
            try:
                found = rows(attacker, f"SELECT id FROM {table} WHERE venue_id = %s", [theirs.venue])
            except psycopg.errors.UndefinedColumn:
                found = rows(attacker, f"SELECT 1 FROM {table} WHERE venue_id = %s", [theirs.venue])
            assert found == [], table
        refused(attacker, "SELECT * FROM schedules.closures_between(%s, %s, %s)", [theirs.venue, TUESDAY, TUESDAY],
                by=REFUSED)  # fmt: skip
        refused(attacker, "SELECT * FROM schedules.closures_ahead(%s)", [theirs.venue], by=REFUSED)


def test_reasons_for_closing_are_each_venues_own(
    mallory: Connection,
    finance: Connection,
    manager: Connection,
    ours: Stock,
    theirs: Stock,
    administrator: Connection,
) -> None:
    add = "INSERT INTO closure_reasons (venue_id, name, kind) VALUES (%s, %s, 'other')"
    for attacker, venue in (
        (mallory, ours.venue),
        (finance, ours.venue),
        (manager, theirs.venue),
        (manager, None),
    ):
        refused(attacker, add, [venue, f"Mine {uuid4()}"[:40]])
    before = rows(administrator, "SELECT id, version FROM closure_reasons ORDER BY id")
    for attacker in (mallory, finance, manager):
        done = attacker.execute(
            "UPDATE closure_reasons SET is_active = false WHERE venue_id IS NULL OR venue_id = %s",
            [theirs.venue],
        )
        assert done.rowcount == 0
    assert rows(administrator, "SELECT id, version FROM closure_reasons ORDER BY id") == before
    refused(manager, add, [ours.venue, "x" * 61], by="22001")
    refused(manager, add, [ours.venue, " "], by="23514")


def test_the_catalogue_is_edited_at_ones_own_venue_only(
    mallory: Connection,
    finance: Connection,
    manager: Connection,
    ours: Stock,
    theirs: Stock,
    administrator: Connection,
) -> None:
    add = "INSERT INTO activities (venue_id, name, slug) VALUES (%s, 'Mine', %s)"
    edit = "UPDATE activities SET name = 'Taken over', credits_required = 0 WHERE id = %s"
    for attacker in (mallory, finance):
        refused(attacker, add, [ours.venue, f"mine-{uuid4()}"])
        assert attacker.execute(edit.encode(), [ours.activity]).rowcount == 0
    refused(manager, add, [theirs.venue, f"mine-{uuid4()}"])
    assert manager.execute(edit.encode(), [theirs.activity]).rowcount == 0
    assert value(administrator, "SELECT name FROM activities WHERE id = %s", [theirs.activity]) == "Clay"
    # An edit for all is an edit of what is one's own.
    manager.execute("UPDATE activities SET prerequisites = 'Socks'")
    assert (
        value(administrator, "SELECT prerequisites FROM activities WHERE id = %s", [theirs.activity]) is None
    )
    assert (
        value(administrator, "SELECT prerequisites FROM activities WHERE id = %s", [ours.activity]) == "Socks"
    )


def test_names_are_words_and_nothing_else_in_what_families_read(
    target: Target, ours: Stock, administrator: Connection
) -> None:
    """A child called like a variable, a room with a line break: the message keeps its lines."""
    session = factories.session(
        administrator,
        ours.activity,
        starts_at=LATER + timedelta(days=1),
        ends_at=LATER + timedelta(days=1, hours=1),
    )
    parent = factories.parent(administrator)
    child = factories.child(
        administrator, parent, first_name="{{venue}}\r\nBcc: all@home.example\u202e\u2028"
    )
    factories.booking(administrator, session, child)
    change = asked("session_cancel", ours, administrator) | {
        "session_id": str(session),
        "version": version(administrator, "activity_sessions", session),
        "reason": "{{child}}\r\n\r\nSubject: x\u2029{{credits}}",
    }
    with closing(target.connect(target.manager)) as connection:
        plan = value(connection, PLAN, [ours.venue, Jsonb(change)])
        value(connection, APPLY, [ours.venue, Jsonb(change), plan["fingerprint"], uuid4()])
    messages = rows(
        administrator, "SELECT title, body, channel::text FROM notifications WHERE user_id = %s", [parent]
    )
    assert len(messages) == 2
    for title, body, _ in messages:
        assert not any(ord(letter) < 32 or letter in "\u2028\u2029\u202e" for letter in title)
        assert not any(ord(letter) < 32 and letter != "\n" for letter in body)
        assert not any(letter in body for letter in "\u2028\u2029\u202e")
        assert not any(line.startswith(("Bcc:", "Subject:")) for line in body.splitlines())
        assert "{{venue}} Bcc: all@home.example" in body
        assert "{{child}} Subject: x {{credits}}" in body
    assert plan["hits"][0]["message"] == next(body for _, body, channel in messages if channel == "in_app")
