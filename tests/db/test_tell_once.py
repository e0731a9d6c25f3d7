"""One change of a programme writes to each parent once by each channel, whatever it does to how many of their sessions.

docs/design.md, "Rules of the domain" (schedules).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import time, timedelta
from typing import Any
from uuid import UUID

import pytest
from psycopg.types.json import Jsonb

from tests.support import factories
from tests.support.databases import Connection, Database
from tests.support.desk_world import World
from tests.support.factories import one
from tests.support.places import ledger_is_whole
from tests.support.planning import TUESDAY, Programme, paid
from tests.support.replanning import change, waiting

WEEK = timedelta(days=7)
TWELFTH = TUESDAY + 11 * WEEK


@pytest.fixture
def world(house: Database) -> Iterator[World]:
    with World(house) as made:
        yield made


@pytest.fixture
def programme(world: World) -> Programme:
    return Programme(world)


def again(programme: Programme, booking: UUID, session: UUID, price: int = 0) -> UUID:
    """The same child in another session, paid for where a price is named."""
    child = programme.world.one("SELECT child_id FROM bookings WHERE id = %s", booking)["child_id"]
    made = programme.world.booking(child, session)
    if price:
        programme.world.admin.execute(
            "SELECT credits.debit(booked_by, %s, id, 'debit:' || id) FROM bookings WHERE id = %s",
            [price, made],
        )
    return made


def rows(programme: Programme) -> list[dict[str, Any]]:
    """What was written to the venue's families, by every channel."""
    return programme.world.all(
        """SELECT user_id, channel::text, cause, template_key FROM notifications WHERE venue_id = %s
            ORDER BY channel, cause""",
        programme.world.venue,
    )


def twelve(programme: Programme, **facts: Any) -> tuple[UUID, list[UUID]]:
    """A series of twelve Tuesdays with one child in each."""
    series = programme.series(weekdays=(2,), last=TWELFTH, **facts)
    sessions = [programme.on(TUESDAY + week * WEEK) for week in range(12)]
    first = paid(programme, sessions[0])
    return series, [
        first,
        *(again(programme, first, session, int(session in sessions[:6])) for session in sessions[1:]),
    ]


def test_twelve_sessions_that_change_make_one_message(programme: Programme) -> None:
    series, _ = twelve(programme)
    plan, answer = programme.do(
        programme.edit(series, weekdays=(2,), last=TWELFTH, start=time(17), room_id=programme.other_room)
    )
    assert (len(plan["hits"]), answer["changed"], answer["told"]) == (12, 12, 1)
    ((key, said),) = programme.messages()
    assert key == "sessions_changed"
    # What was promised in the preview is what was written.
    assert {hit["message"] for hit in plan["hits"]} == {said}
    lines = said.splitlines()
    assert lines[0] == "These 12 sessions at Riverside Studio have changed."
    assert lines[1:5] == [
        "Clay",
        "For: Nia",
        "Tuesday 3 March, 17:00 (time 16:00 → 17:00, Studio A → Studio B)",
        "Tuesday 10 March, 17:00 (time 16:00 → 17:00, Studio A → Studio B)",
    ]
    assert len(lines) == 3 + 12
    assert "Nia" not in "".join(line for line in lines[3:])
    assert [row["channel"] for row in rows(programme)] == ["email", "in_app"]


def test_twelve_sessions_that_end_make_one_message_with_the_sum(programme: Programme) -> None:
    series, _ = twelve(programme)
    plan, answer = programme.do(programme.end(series, TUESDAY))
    assert (answer["cancelled"], answer["told"]) == (12, 1)
    ((key, said),) = programme.messages()
    assert key == "sessions_cancelled"
    assert {hit["message"] for hit in plan["hits"]} == {said}
    assert "Tuesday 3 March, 16:00\nTuesday 10 March, 16:00\n" in said
    assert said.endswith("Reason: The teacher leaves.\nCredits returned: 7")
    ledger_is_whole(programme.world)


def test_families_are_told_apart_and_one_session_keeps_its_own_words(programme: Programme) -> None:
    series, (booking, *_) = twelve(programme)
    parent = programme.world.one("SELECT booked_by FROM bookings WHERE id = %s", booking)["booked_by"]
    sessions = [programme.on(TUESDAY + week * WEEK) for week in range(12)]
    for session in sessions[:2]:
        programme.world.booking(programme.world.child("Ada", parent_id=parent), session)
    programme.world.booking(programme.world.child("Zoe"), sessions[5])
    plan, answer = programme.do(programme.end(series, TUESDAY))
    assert answer["told"] == 2
    said = dict(programme.messages())
    assert sorted(said) == ["session_cancelled", "sessions_cancelled"]
    assert "for Zoe on Tuesday 7 April, 16:00 is cancelled." in said["session_cancelled"]
    # Where the children differ from line to line, each line names its own.
    lines = said["sessions_cancelled"].splitlines()
    assert "Tuesday 3 March, 16:00: Ada, Nia" in lines
    assert "Tuesday 17 March, 16:00: Nia" in lines
    assert not [line for line in lines if line.startswith("For:")]
    assert {hit["message"] for hit in plan["hits"]} == set(said.values())


def test_at_most_once_however_often_it_is_confirmed(programme: Programme) -> None:
    series, _ = twelve(programme)
    wanted = programme.end(series, TUESDAY)
    plan = programme.plan(wanted)
    number = UUID(int=7)
    first = programme.apply(wanted, plan, number)
    assert programme.apply(wanted, plan, number) == first
    written = rows(programme)
    assert len(written) == 2
    assert len({(row["user_id"], row["channel"], row["cause"]) for row in written}) == 2


def test_a_second_change_is_told_again(programme: Programme) -> None:
    series, _ = twelve(programme)
    for hour in (17, 18):
        programme.do(programme.edit(series, weekdays=(2,), last=TWELFTH, start=time(hour)))
    assert [key for key, _ in programme.messages()] == ["sessions_changed", "sessions_changed"]


def test_different_reasons_in_one_change_stand_on_their_lines(programme: Programme) -> None:
    _, _ = twelve(programme)
    sessions = [programme.on(TUESDAY + week * WEEK) for week in range(3)]
    reasons = {str(sessions[0]): "The roof leaks.", str(sessions[1]): "The teacher is ill."}
    told = one(
        programme.world.admin,
        "SELECT schedules.cancel_sessions(%s, 'It is cold.', 'venue_cancelled', NULL, %s)",
        sessions,
        Jsonb(reasons),
    )
    assert told == 1
    ((_, said),) = programme.messages()
    assert "Tuesday 3 March, 16:00 (The roof leaks.)" in said
    assert "Tuesday 10 March, 16:00 (The teacher is ill.)" in said
    assert "Tuesday 17 March, 16:00 (It is cold.)" in said
    assert "Reason:" not in said
    assert [programme.row(session)["cancellation_reason"] for session in sessions] == [
        "The roof leaks.", "The teacher is ill.", "It is cold.",
    ]  # fmt: skip


def test_a_closure_over_two_activities_and_its_end_are_one_message_each(programme: Programme) -> None:
    _, (booking, *_) = twelve(programme)
    judo = programme.world.other_session(
        "Judo", starts_at=programme.row(programme.on(TUESDAY))["starts_at"] + WEEK * 2
    )
    again(programme, booking, judo)
    entry = waiting(programme.world, judo, "Max")
    waits = programme.world.one("SELECT child_id FROM waitlist WHERE id = %s", entry)["child_id"]
    waiting(programme.world, programme.on(TUESDAY + WEEK), "Max", child=waits)
    reason = one(
        programme.world.admin,
        "SELECT id FROM closure_reasons WHERE name = 'Maintenance' AND venue_id IS NULL",
    )
    shut = change(
        "closure_new", starts="2026-03-09T00:00", ends="2026-03-21T00:00", reason_id=reason, room_ids=[],
        is_yearly=False, explanation=None,
    )  # fmt: skip
    plan, answer = programme.do(shut)
    assert (answer["cancelled"], answer["told"]) == (3, 2)
    said = dict(programme.messages())
    assert sorted(said) == ["sessions_cancelled", "waitlists_closed"]
    assert "Tuesday 17 March, 17:00: Judo" in said["sessions_cancelled"].splitlines()
    assert "Reason: Maintenance" in said["sessions_cancelled"]
    assert {hit["message"] for hit in plan["hits"]} == {said["sessions_cancelled"]}
    assert "For: Max\nTuesday 10 March, 16:00" in said["waitlists_closed"]
    closed = [item["session_id"] for item in plan["items"] if item["fate"] == "cancelled"]
    version = one(
        programme.world.admin, "SELECT version FROM venue_closures WHERE id = %s", answer["closure_id"]
    )
    lift = change("closure_lift", closure_id=answer["closure_id"], version=version, restore=closed)
    plan, answer = programme.do(lift)
    assert answer["told"] == 1
    said = dict(programme.messages())
    assert said["sessions_restored"].splitlines()[0].startswith("These 3 sessions at ")
    assert {hit["message"] for hit in plan["hits"]} == {said["sessions_restored"]}


FACTS = {
    "venue": "Studio", "activity": "Pottery", "child": "Nia", "count": 2, "reason": "", "credits": 0,
    "starts_at": "2026-03-03T21:00Z",
    "sessions": [
        {"starts_at": "2026-03-03T21:00Z", "was_starts_at": "2026-03-03T20:45Z", "changes": ["time"]},
        {"starts_at": "2026-03-10T21:00Z", "was_room": "A", "room": "B", "changes": ["room"], "reason": "x\ny"},
    ],
}  # fmt: skip


@pytest.mark.parametrize(
    ("lang", "subject", "lines"),
    [
        (
            "en", "Changed: 2 sessions at Studio",
            ["Tuesday 3 March, 16:00 (time 15:45 → 16:00)", "Tuesday 10 March, 17:00 (A → B; x y)"],
        ),
        (
            "es", "Cambio: 2 sesiones en Studio",
            ["martes 3 de marzo, 16:00 (hora 15:45 → 16:00)", "martes 10 de marzo, 17:00 (A → B; x y)"],
        ),
        (
            "ru", "Изменено занятий: 2, Studio",
            ["вторник, 3 марта, 16:00 (время 15:45 → 16:00)", "вторник, 10 марта, 17:00 (A → B; x y)"],
        ),
    ],
)  # fmt: skip
def test_the_words_are_right_in_every_language(
    tx: Connection, lang: str, subject: str, lines: list[str]
) -> None:
    # The clocks changed on the eighth: the second stands an hour later on the wall.
    venue = factories.venue(tx, timezone="America/New_York")
    person = factories.parent(tx, preferred_language=lang)
    facts = FACTS | {"venue_id": str(venue)}
    assert one(tx, "SELECT notify.tell(%s, 'sessions_changed', %s, 'x')", person, Jsonb(facts)) is True
    title, body = tx.execute(
        "SELECT title, body FROM notifications WHERE user_id = %s AND channel = 'email'", [person]
    ).fetchone() or ("", "")
    assert title == subject
    assert "\n".join(lines) in body
    assert "{{" not in title + body


def test_a_very_long_list_ends_with_how_many_more(tx: Connection) -> None:
    facts = FACTS | {"sessions": [{"starts_at": f"2026-03-{1 + at % 28:02}T21:00Z"} for at in range(73)]}
    for lang, words in (("en", "and 13 more"), ("es", "y 13 más"), ("ru", "и ещё 13")):
        said = one(tx, "SELECT notify.session_lines(%s, 'UTC', %s)", Jsonb(facts), lang).splitlines()
        assert (len(said), said[-1]) == (61, words)


def test_soon_is_urgent_also_as_one_of_several(tx: Connection) -> None:
    lines = [
        {
            "venue": "S",
            "session_id": "b",
            "starts_at": "2026-03-20T21:00Z",
            "was_starts_at": "2026-03-02T20:00Z",
        },
        {"venue": "S", "session_id": "a", "starts_at": "2026-03-12T21:00Z"},
    ]
    made = one(tx, "SELECT notify.together(ARRAY[%s, %s]::jsonb[])", *map(Jsonb, lines))
    assert (made["session_id"], made["count"]) == ("a", 2)
    assert made["starts_at"].startswith("2026-03-02T20:00")
    assert [line["session_id"] for line in made["sessions"]] == ["a", "b"]
    assert one(tx, "SELECT notify.together(ARRAY[%s]::jsonb[])", Jsonb(lines[0])) == lines[0]
