"""Writing messages: once per cause, as their readers wish, and not at night.

docs/design.md, "Rules of the domain" (schedules, waitlist).
"""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import psycopg
import pytest
from psycopg.types.json import Jsonb

from tests.support import factories
from tests.support.databases import Connection, Database
from tests.support.factories import NOON, one

TELL = "SELECT notify.tell(%s, %s, %s, %s, 'session', %s)"


@pytest.fixture(autouse=True)
def clock(tx: Connection) -> None:
    factories.fix_clock(tx, NOON)


def facts(**more: Any) -> Jsonb:
    return Jsonb(
        {
            "child": "Nia",
            "activity": "Junior Judo",
            "venue": "Riverside Studio",
            "starts_at": (NOON + timedelta(days=10)).isoformat(),
        }
        | more
    )


def tell(
    tx: Connection, person: UUID, cause: str = "c", template: str = "session_cancelled", **more: Any
) -> bool:
    return bool(one(tx, TELL, person, template, facts(**more), cause, uuid4()))


def written(tx: Connection, person: UUID, channel: str) -> tuple[Any, ...]:
    """State, why, when it is due, when it is held until."""
    row = one(
        tx,
        """SELECT state::text, send_error, next_attempt_at, scheduled_for FROM notifications
            WHERE user_id = %s AND channel = %s::notification_channel""",
        person,
        channel,
    )
    assert isinstance(row, tuple)
    return row


def test_a_person_is_told_by_mail_and_in_the_app(tx: Connection) -> None:
    venue = factories.venue(tx)
    person, about = factories.parent(tx), uuid4()
    said = facts(venue_id=str(venue), reason="The hall is flooded", credits=4)
    assert one(tx, TELL, person, "session_cancelled", said, "cancel:1", about)
    rows = tx.execute(
        """SELECT channel::text, state::text, title, body, venue_id, template_key, language_code, cause,
                  notification_type, related_entity_type, related_entity_id, is_sent, sent_at, attempts
             FROM notifications WHERE user_id = %s ORDER BY channel""",
        [person],
    ).fetchall()
    same = (venue, "session_cancelled", "en", "cancel:1", "session_cancelled", "session", about)
    assert rows == [
        (
            "email", "waiting", "Cancelled: Junior Judo, Thursday 12 March, 13:00",
            "Hello,\n\nJunior Judo for Nia at Riverside Studio on Thursday 12 March, 13:00 is cancelled.\n\n"
            "Reason: The hall is flooded\nCredits returned: 4\n\nYou do not have to do anything.\n\nNexus Family Pass",
            *same, False, None, 0,
        ),
        (
            "in_app", "sent", "Cancelled: Junior Judo",
            "Junior Judo for Nia on Thursday 12 March, 13:00 is cancelled.\nReason: The hall is flooded\n"
            "Credits returned: 4",
            *same, True, NOON, 0,
        ),
    ]  # fmt: skip


def test_a_cause_tells_a_person_once(tx: Connection) -> None:
    ada, bob = factories.parent(tx), factories.parent(tx)
    assert [tell(tx, ada), tell(tx, ada), tell(tx, bob), tell(tx, ada, "other")] == [True, False, True, True]
    assert one(tx, "SELECT count(*) FROM notifications WHERE user_id = %s", ada) == 4


def test_a_cause_tells_a_person_once_from_two_connections(fresh_database: Database) -> None:
    with fresh_database.connect() as admin:
        person = factories.parent(admin)
    answers: list[bool] = []

    def say() -> None:
        with fresh_database.connect() as connection:
            answers.append(tell(connection, person))

    with fresh_database.connect(autocommit=False) as first:
        assert tell(first, person)
        other = threading.Thread(target=say)
        other.start()
        first.commit()
        other.join(10)
    assert answers == [False]


def test_nothing_is_told_when_its_cause_is_taken_back(tx: Connection) -> None:
    person = factories.parent(tx)
    with tx.transaction(force_rollback=True):
        assert tell(tx, person)
    assert one(tx, "SELECT count(*) FROM notifications") == 0


@pytest.mark.parametrize(
    ("preferences", "state", "why"),
    [
        ({"email": True}, "waiting", None),
        ({}, "waiting", None),
        ({"email": False, "sms": True}, "suppressed", "They do not want mail."),
    ],
)
def test_who_wants_no_mail_reads_it_in_the_app(
    tx: Connection, preferences: dict[str, bool], state: str, why: str | None
) -> None:
    person = factories.parent(tx, notification_preferences=preferences)
    assert tell(tx, person)
    assert written(tx, person, "email")[:2] == (state, why)
    assert written(tx, person, "in_app")[:2] == ("sent", None)


@pytest.mark.parametrize("column", ["is_active", "anonymised_at"])
def test_who_is_no_longer_there_gets_nothing(tx: Connection, column: str) -> None:
    person = factories.parent(tx, **{column: False if column == "is_active" else NOON})
    assert not tell(tx, person)
    assert not tell(tx, uuid4())
    assert one(tx, "SELECT count(*) FROM notifications") == 0


def test_a_message_that_is_switched_off_is_written_down_as_such(tx: Connection) -> None:
    tx.execute("UPDATE notification_templates SET is_active = false WHERE channel = 'email'")
    person = factories.parent(tx)
    assert tell(tx, person)
    assert written(tx, person, "email")[:2] == ("suppressed", "The message is switched off.")


def test_a_language_that_is_switched_off_falls_back_to_english(tx: Connection) -> None:
    tx.execute("UPDATE notification_templates SET is_active = false WHERE language_code = 'es'")
    person = factories.parent(tx, preferred_language="es")
    tell(tx, person)
    assert one(tx, "SELECT DISTINCT language_code FROM notifications WHERE user_id = %s", person) == "en"


def test_a_message_nobody_knows_or_without_a_cause_is_refused(tx: Connection) -> None:
    person = factories.parent(tx)
    for template, cause, code in (
        ("nonsense", "c", "NX404"),
        ("session_cancelled", " ", "NX422"),
        ("session_cancelled", None, "NX422"),
    ):
        with pytest.raises(psycopg.Error) as refused, tx.transaction():
            tx.execute(TELL, [person, template, facts(), cause, uuid4()])
        assert refused.value.sqlstate == code


def test_a_very_long_title_is_cut_and_not_refused(tx: Connection) -> None:
    person = factories.parent(tx)
    assert tell(tx, person, activity="A" * 255, venue="V" * 255, child="C" * 100)
    assert one(tx, "SELECT max(length(title)) FROM notifications WHERE user_id = %s", person) <= 255


# Quiet hours: 21:00 to 08:00 by the reader's own clock.


def due(tx: Connection, zone: str, now: datetime, **more: Any) -> datetime:
    """When mail written at `now` goes out."""
    factories.fix_clock(tx, now)
    person = factories.parent(tx, timezone=zone)
    far = {"starts_at": (now + timedelta(days=5)).isoformat()}
    tell(tx, person, **far | more)
    _state, _why, at, held = written(tx, person, "email")
    assert isinstance(at, datetime)
    assert held == (at if at > now else None)
    return at


@pytest.mark.parametrize(
    ("zone", "local", "expected"),
    [
        ("America/New_York", "2026-03-02 20:59", "2026-03-02 20:59"),
        ("America/New_York", "2026-03-02 21:00", "2026-03-03 08:00"),
        ("America/New_York", "2026-03-03 03:00", "2026-03-03 08:00"),
        ("America/New_York", "2026-03-03 07:59", "2026-03-03 08:00"),
        ("America/New_York", "2026-03-03 08:00", "2026-03-03 08:00"),
        # The nights on which the clocks change: eight in the morning is eight in the morning.
        ("America/New_York", "2026-03-07 22:00", "2026-03-08 08:00"),
        ("America/New_York", "2026-10-31 22:00", "2026-11-01 08:00"),
        ("America/New_York", "2026-11-01 01:30", "2026-11-01 08:00"),
        ("Europe/London", "2026-03-28 23:00", "2026-03-29 08:00"),
        ("Europe/London", "2026-10-24 23:00", "2026-10-25 08:00"),
        ("Australia/Lord_Howe", "2026-04-04 22:00", "2026-04-05 08:00"),
        ("Australia/Lord_Howe", "2026-10-03 22:00", "2026-10-04 08:00"),
        ("America/Phoenix", "2026-03-07 22:00", "2026-03-08 08:00"),
        ("Asia/Kathmandu", "2026-03-07 21:15", "2026-03-08 08:00"),
        ("Pacific/Kiritimati", "2026-12-31 23:00", "2027-01-01 08:00"),
    ],
)
def test_mail_waits_for_the_morning_of_its_reader(
    tx: Connection, zone: str, local: str, expected: str
) -> None:
    def instant(text: str) -> datetime:
        return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)

    assert due(tx, zone, instant(local)) == instant(expected)


NIGHT = datetime(2026, 3, 3, 3, 0, tzinfo=UTC)  # 22:00 in New York
MORNING = datetime(2026, 3, 3, 13, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("more", "held"),
    [
        ({"starts_at": (NIGHT + timedelta(hours=24)).isoformat()}, True),
        ({"starts_at": (NIGHT + timedelta(hours=23, minutes=59)).isoformat()}, False),
        ({"was_starts_at": (NIGHT + timedelta(hours=12)).isoformat()}, False),
        ({"expires_at": (NIGHT + timedelta(hours=4)).isoformat()}, False),
        ({"expires_at": (MORNING + timedelta(hours=4)).isoformat()}, True),
    ],
)
def test_what_cannot_wait_for_the_morning_does_not(tx: Connection, more: dict[str, str], held: bool) -> None:
    at = due(tx, "America/New_York", NIGHT, **more)
    assert at == (MORNING if held else NIGHT)
    priority = one(tx, "SELECT DISTINCT priority::text FROM notifications")
    assert priority == ("normal" if held else "urgent")


@pytest.mark.parametrize(
    ("begin", "end", "hour", "expected"),
    [
        ("13:00", "14:30", 13, 14.5),
        ("13:00", "14:30", 15, 15),
        ("00:00", "00:00", 3, 3),
        ("22:00", "06:00", 21, 21),
    ],
)
def test_quiet_hours_are_a_setting(tx: Connection, begin: str, end: str, hour: int, expected: float) -> None:
    factories.setting(tx, "quiet_hours_from", begin)
    factories.setting(tx, "quiet_hours_until", end)
    midnight = datetime(2026, 3, 3, 0, 0, tzinfo=UTC)
    assert due(tx, "UTC", midnight + timedelta(hours=hour)) == midnight + timedelta(hours=expected)


@pytest.mark.parametrize("value", ["25:00", "8", "08:60", "", "eight", "08:00:00"])
def test_a_time_that_is_none_is_no_setting(tx: Connection, value: str) -> None:
    with pytest.raises(psycopg.IntegrityError, match="platform_settings_clock_times"), tx.transaction():
        factories.setting(tx, "quiet_hours_from", value)


@pytest.mark.parametrize("zone", ["Mars/Olympus", "not a zone", "'; DROP"])
def test_a_zone_that_is_none_is_no_persons(tx: Connection, zone: str) -> None:
    with pytest.raises(psycopg.DataError), tx.transaction():
        factories.parent(tx, timezone=zone)


# Who may.

INTERNAL = [
    "SELECT notify.tell(gen_random_uuid(), 'session_cancelled', '{}', 'c')",
    "SELECT notify.message(gen_random_uuid(), 'session_cancelled', '{}')",
]


@pytest.mark.parametrize("statement", INTERNAL)
@pytest.mark.parametrize("role", ["console_client", "console_worker", "console_auth"])
def test_no_desk_and_no_worker_writes_to_people(tx: Connection, role: str, statement: str) -> None:
    tx.execute(f"SET LOCAL ROLE {role}".encode())
    with pytest.raises(psycopg.errors.InsufficientPrivilege), tx.transaction():
        tx.execute(statement.encode())


@pytest.mark.parametrize("statement", INTERNAL)
@pytest.mark.parametrize("role", ["console_api", "console_jobs", "console_owner"])
def test_functions_triggers_and_jobs_may(tx: Connection, role: str, statement: str) -> None:
    tx.execute(f"SET LOCAL ROLE {role}".encode())
    tx.execute(statement.encode())


# What is forgotten.


def test_messages_about_a_child_go_with_the_child(tx: Connection) -> None:
    person = factories.parent(tx)
    child = factories.child(tx, person, first_name="Nia")
    factories.child(tx, person, first_name="Ben")
    tell(tx, person, "a")
    tell(tx, person, "b", child="Ben")
    tell(tx, person, "both", child="Ben, Nia")
    tx.execute("UPDATE children SET first_name = 'Removed', anonymised_at = app.now() WHERE id = %s", [child])
    left = tx.execute("SELECT DISTINCT cause FROM notifications WHERE user_id = %s", [person]).fetchall()
    assert left == [("b",)]


def test_messages_to_a_person_go_with_the_person(tx: Connection) -> None:
    person, other = factories.parent(tx), factories.parent(tx)
    tell(tx, person)
    tell(tx, other)
    tx.execute("UPDATE users SET anonymised_at = app.now() WHERE id = %s", [person])
    assert tx.execute("SELECT DISTINCT user_id FROM notifications").fetchall() == [(other,)]
