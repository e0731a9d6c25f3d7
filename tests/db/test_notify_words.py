"""What messages say: instants by the venue's clock, changes named, three languages, and templates that can be filled.

docs/design.md, "Rules of the domain" (schedules, waitlist).
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import pytest
from psycopg.types.json import Jsonb

from tests.support import factories
from tests.support.databases import Connection
from tests.support.factories import one
from tests.support.shared_data import require

LANGUAGES = ("en", "es", "ru")
# The facts each message is written with, as whoever writes it gives them.
FACTS = {
    "session_cancelled": {"child", "activity", "venue", "starts_at", "reason", "credits"},
    "session_changed": {"child", "activity", "venue", "was_starts_at", "starts_at", "was_room", "room", "changes"},
    "booking_moved": {"child", "activity", "was_activity", "venue", "was_starts_at", "starts_at", "consented"},
    "session_restored": {"child", "activity", "venue", "starts_at"},
    "waitlist_offered": {"child", "activity", "venue", "starts_at", "expires_at"},
    "waitlist_expired": {"child", "activity", "venue", "starts_at"},
    "waitlist_closed": {"child", "activity", "venue", "starts_at"},
    "sessions_cancelled": {"count", "child", "activity", "venue", "sessions", "starts_at", "reason", "credits"},
    "sessions_changed": {"count", "child", "activity", "venue", "sessions", "starts_at"},
    "sessions_restored": {"count", "child", "activity", "venue", "sessions", "starts_at"},
    "waitlists_closed": {"count", "child", "activity", "venue", "sessions", "starts_at"},
}  # fmt: skip


@pytest.mark.parametrize(
    ("zone", "lang", "words"),
    [
        ("America/New_York", "en", "Thursday 12 March, 15:45"),
        ("America/New_York", "es", "jueves 12 de marzo, 15:45"),
        ("America/New_York", "ru", "четверг, 12 марта, 15:45"),
        ("America/New_York", "de", "Thursday 12 March, 15:45"),
        ("Europe/London", "en", "Thursday 12 March, 19:45"),
        ("Australia/Lord_Howe", "en", "Friday 13 March, 06:45"),
        ("America/Phoenix", "en", "Thursday 12 March, 12:45"),
    ],
)
def test_an_instant_is_told_by_the_venues_clock(tx: Connection, zone: str, lang: str, words: str) -> None:
    assert one(tx, "SELECT notify.instant_words('2026-03-12 19:45Z', %s, %s)", zone, lang) == words


@pytest.mark.parametrize(
    ("instant", "words"),
    [
        ("2026-11-01 05:30Z", "Sunday 1 November, 01:30"),
        ("2026-11-01 06:30Z", "Sunday 1 November, 01:30"),
        ("2026-03-08 07:00Z", "Sunday 8 March, 03:00"),
        ("2026-12-31 23:30Z", "Thursday 31 December, 18:30"),
    ],
)
def test_an_instant_on_a_night_when_the_clocks_change(tx: Connection, instant: str, words: str) -> None:
    assert one(tx, "SELECT notify.instant_words(%s, 'America/New_York', 'en')", instant) == words


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({}, ""),
        ({"starts_at": "2026-03-12T19:45Z"}, ""),
        ({"was_starts_at": "2026-03-12T19:15Z", "starts_at": "2026-03-12T19:45Z"}, "time 15:15 → 15:45"),
        (
            {"was_starts_at": "2026-03-12T19:15Z", "starts_at": "2026-03-13T19:15Z"},
            "Thursday 12 March, 15:15 → Friday 13 March, 15:15",
        ),
        ({"was_room": "Room A", "room": "Room B"}, "Room A → Room B"),
        ({"was_room": "Room A", "room": "Room A"}, ""),
        ({"room": "Room B"}, "room: Room B"),
        ({"was_room": "Room A", "room": None}, ""),
        (
            {
                "was_starts_at": "2026-03-12T19:15Z",
                "starts_at": "2026-03-12T19:45Z",
                "ends_at": "2026-03-12T21:00Z",
                "was_room": "A",
                "room": "B",
                "instructor": "Kim",
                "changes": ["time", "length", "room", "instructor", "capacity", "places", "notes"],
            },
            "time 15:15 → 15:45, 15:45–17:00, A → B, instructor: Kim",
        ),
        ({"changes": ["length", "instructor"]}, "length, instructor"),
        ({"changes": ["capacity"]}, ""),
    ],
)
def test_changes_are_named(tx: Connection, facts: dict[str, Any], words: str) -> None:
    said = one(tx, "SELECT notify.change_words(%s, 'America/New_York', 'en')", Jsonb(facts))
    assert said == words


def test_changes_are_named_in_the_readers_language(tx: Connection) -> None:
    facts = Jsonb({"was_starts_at": "2026-03-12T19:15Z", "starts_at": "2026-03-12T19:45Z", "room": "B"})
    said = [
        one(tx, "SELECT notify.change_words(%s, 'America/New_York', %s)", facts, lang) for lang in LANGUAGES
    ]
    assert said == [
        "time 15:15 → 15:45, room: B",
        "hora 15:15 → 15:45, sala: B",
        "время 15:15 → 15:45, зал: B",
    ]


@pytest.mark.parametrize(
    ("template", "words", "filled"),
    [
        ("Hello {{child}}!", {"child": "Nia"}, "Hello Nia!"),
        ("{{child}}{{child}}", {"child": "Nia"}, "NiaNia"),
        ("One\n\nReason: {{reason}}\n\nTwo", {}, "One\n\nTwo"),
        ("One\nReason: {{reason}}\nTwo", {"reason": ""}, "One\nTwo"),
        ("{{child}} and {{reason}}.", {"child": "Nia"}, "Nia and ."),
        # What stands in a name is never read as a variable.
        ("{{child}} {{venue}}", {"child": "{{venue}}", "venue": "X"}, "{{venue}} X"),
        (r"{{child}} \1 %s", {"child": r"\0 & \\ %s $1"}, r"\0 & \\ %s $1 \1 %s"),
        ("no variables", {}, "no variables"),
        ("", {}, ""),
    ],
)
def test_a_template_is_filled_once(tx: Connection, template: str, words: dict[str, str], filled: str) -> None:
    assert one(tx, "SELECT notify.fill(%s, %s)", template, Jsonb(words)) == filled


def test_every_message_exists_in_every_language_for_mail_and_the_app(tx: Connection) -> None:
    rows = tx.execute(
        "SELECT template_key, language_code, channel::text FROM notification_templates WHERE category = 'programme'"
    ).fetchall()
    assert sorted(rows) == sorted(
        (key, lang, channel) for key in FACTS for lang in LANGUAGES for channel in ("email", "in_app")
    )


@pytest.mark.parametrize("key", sorted(FACTS))
def test_a_message_uses_only_facts_it_is_given(tx: Connection, key: str) -> None:
    rows = tx.execute(
        """SELECT concat_ws(' ', email_subject, email_body_text, in_app_title, in_app_body), available_variables
             FROM notification_templates WHERE template_key = %s""",
        [key],
    ).fetchall()
    assert len(rows) == 6
    for text, listed in rows:
        used = set(re.findall(r"\{\{([a-z_]+)\}\}", text))
        assert used <= set(listed) == FACTS[key]
        assert "child" in used


def test_a_subject_line_never_names_the_child(tx: Connection) -> None:
    # It shows on locked telephones.
    found = tx.execute(
        """SELECT template_key FROM notification_templates
            WHERE concat_ws(' ', email_subject, in_app_title) LIKE '%{{child}}%'"""
    ).fetchall()
    assert found == []


@pytest.mark.parametrize(
    "text", ["Hello {{surname}}", "{{ child }}", "{{Child}}", "{{child}", "child}}", "{{}}", "{{child}}{{", "{{a b}}"]
)  # fmt: skip
@pytest.mark.parametrize("column", ["email_subject", "email_body_text", "in_app_title", "in_app_body"])
def test_a_template_with_an_unknown_variable_is_refused(tx: Connection, column: str, text: str) -> None:
    values = {
        "template_key": "trial",
        "channel": "email",
        "name": "Trial",
        "available_variables": ["child"],
        column: text,
    }
    with pytest.raises(psycopg.Error) as refused, tx.transaction():
        factories.insert(tx, "notification_templates", values)
    assert refused.value.sqlstate == "NX422"
    assert refused.value.diag.message_detail == "unknown_variable"


def test_a_template_may_be_reworded_with_what_it_knows(tx: Connection) -> None:
    reword = "UPDATE notification_templates SET in_app_body = %s WHERE template_key = 'session_restored'"
    assert tx.execute(reword, ["{{child}}: {{activity}} is on."]).rowcount == 6
    with pytest.raises(psycopg.Error, match=r"cannot fill in \{\{phone\}\}"), tx.transaction():
        tx.execute(reword, ["Call {{phone}}."])


def test_no_naughty_string_leaves_its_place(tx: Connection, shared_data: Path) -> None:
    listed = json.loads(require(shared_data / "naughty_strings" / "blns.json").read_text("utf-8"))
    names = [text.replace("\x00", "") for text in listed]
    rows = tx.execute(
        """SELECT n, notify.fill(E'Before {{child}} after\\nEnd',
                              notify.fact_words(jsonb_build_object('child', n), 'UTC', 'en'))
             FROM unnest(%s::text[]) AS n""",
        [names],
    ).fetchall()
    assert len(rows) == len(names) > 400
    for name, said in rows:
        first, *rest = said.split("\n")
        if rest:
            assert (first[:7], first[-6:], rest) == ("Before ", " after", ["End"]), name
        else:  # nothing of it may be seen, so the line is left out
            assert said == "End", name
        assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\u2028\u2029]", said), (
            name
        )
        assert len(first) <= 220


def test_the_words_of_a_preview_are_the_readers(tx: Connection) -> None:
    venue = factories.venue(tx, timezone="Europe/London")
    facts = Jsonb(
        {
            "child": "Nia",
            "activity": "Judo",
            "venue": "Dojo",
            "venue_id": str(venue),
            "starts_at": "2026-03-12T19:45:00+00:00",
            "credits": 0,
        }
    )

    def said(**columns: Any) -> Any:
        person = factories.parent(tx, **columns)
        return one(tx, "SELECT notify.message(%s, 'session_cancelled', %s)", person, facts)

    assert said() == "Judo for Nia on Thursday 12 March, 19:45 is cancelled."
    assert said(preferred_language="es-MX") == "Se ha cancelado Judo para Nia, jueves 12 de marzo, 19:45."
    assert said(preferred_language="RU") == "Занятие отменено: Judo, четверг, 12 марта, 19:45. Ребёнок: Nia."
    assert said(preferred_language="ky") == said(preferred_language="") == said()
    assert said(is_active=False) is None
    assert one(tx, "SELECT notify.message(%s, 'session_cancelled', %s)", UUID(int=1), facts) is None
    assert one(tx, "SELECT count(*) FROM notifications") == 0
