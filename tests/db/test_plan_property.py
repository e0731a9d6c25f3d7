"""Whatever is changed in whatever order, what happens is what was planned, and nobody loses a place unsaid.

Random edits of a series and of its sessions, between bookings and hours that pass; and two desks that confirm in one
moment. See docs/design.md, "Rules of the domain" (schedules) and "Tests".
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg.types.json import Jsonb

from console.domain.changing import Scope, SeriesNew, SessionEdit, Settled, request
from tests.support.databases import Database
from tests.support.desk_world import NOON, Row, World
from tests.support.identities import refusal
from tests.support.places import at_once, ledger_is_whole
from tests.support.planning import APPLY, Programme, somebody

FIRST = date(2026, 3, 2)
LAST = date(2026, 3, 22)


@pytest.fixture(scope="module")
def programme(house: Database) -> Iterator[Programme]:
    with World(house) as world:
        yield Programme(world)


DAYS = st.dates(FIRST, LAST)
FACTS = st.fixed_dictionaries(
    {
        "weekdays": st.sets(st.integers(0, 6), min_size=1, max_size=3).map(lambda days: tuple(sorted(days))),
        "start": st.sampled_from([time(2, 30), time(9), time(16), time(23, 30)]),
        "minutes": st.sampled_from([45, 60, 120]),
        "capacity": st.integers(2, 6),
        "every_weeks": st.sampled_from([1, 1, 1, 2]),
        "instructor": st.sampled_from(["Ana", "Bo", None]),
        "platform_places": st.integers(0, 2),
        "last": st.sampled_from([LAST, date(2026, 3, 15), date(2026, 4, 5)]),
    }
)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("all"), FACTS, st.sets(DAYS, max_size=2)),
        st.tuples(st.just("following"), FACTS, st.integers(0, 30)),
        st.tuples(st.just("one"), st.integers(0, 30), FACTS),
        st.tuples(st.just("end"), DAYS),
        st.tuples(st.just("book"), st.integers(0, 30)),
        st.tuples(st.just("pass"), st.integers(1, 60)),
    ),
    min_size=2,
    max_size=5,
)


class Season:
    """One series that is changed at random, and what must be true of it all the time."""

    def __init__(self, programme: Programme, facts: dict[str, Any]) -> None:
        self.programme = programme
        self.world = programme.world
        self.world.at(NOON)
        self.facts = facts | {"first": FIRST}
        # Somebody who is needed elsewhere.
        self.world.other_session("Judo", starts_at=NOON + timedelta(days=8, hours=4), instructor_name="Bo")
        self.series = self.confirm(SeriesNew(programme.facts(**self.facts, room_id=None), {}))
        self.booked: dict[UUID, UUID] = {}

    def confirm(self, change: Any) -> UUID:
        """Plan, look, do, and compare; the series that is then the last one. A refusal leaves everything as it was."""
        before = self.state()
        plan = self.looked(change)
        if plan is None:
            assert self.state() == before
            return self.series
        if plan["conflicts"]:
            with pytest.raises(psycopg.Error) as caught:
                self.programme.apply(change, plan)
            assert refusal(caught.value) == ("NX409", "conflict")
            assert self.state() == before
            return self.confirm(self.allowed(change, plan))
        new_id = uuid4()
        answer = self.programme.apply(change, plan, new_id)
        after = self.state()
        assert self.programme.apply(change, plan, new_id) == answer
        assert self.state() == after
        self.compare(plan, before, after)
        return UUID(answer["series_id"]) if answer["series_id"] else self.series

    @staticmethod
    def allowed(change: Any, plan: Row) -> Any:
        """The same change in spite of every overlap."""
        if isinstance(change, SessionEdit):
            return replace(change, allow=True)
        allowed = {date.fromisoformat(one["on"]): Settled(allow=True) for one in plan["conflicts"]}
        return replace(change, settled={**change.settled, **allowed})

    def looked(self, change: Any) -> Row | None:
        """What a change would do; None where it is refused in a sentence."""
        try:
            return self.programme.plan(change)
        except psycopg.Error as error:
            if not str(refusal(error)[0]).startswith("NX4"):
                raise
            return None

    def state(self) -> dict[UUID, Row]:
        """The venue's sessions."""
        rows = self.world.all(
            """SELECT id, starts_at, ends_at, occurs_on, is_cancelled, booked_count, total_capacity, changed_by_hand,
                      version FROM activity_sessions WHERE venue_id = %s""",
            self.world.venue,
        )
        return {row["id"]: row for row in rows}

    @staticmethod
    def compare(plan: Row, before: dict[UUID, Row], after: dict[UUID, Row]) -> None:
        """What was promised is what happened, and nothing else did."""
        by_fate: dict[str, list[Row]] = {}
        for item in plan["items"]:
            by_fate.setdefault(item["fate"], []).append(item)
        named = {UUID(item["session_id"]) for item in plan["items"] if item["session_id"]}
        new = sorted(row["starts_at"] for id_, row in after.items() if id_ not in before)
        assert new == sorted(datetime.fromisoformat(item["starts_at"]) for item in by_fate.get("created", []))
        assert before.keys() - after.keys() == {
            UUID(item["session_id"]) for item in by_fate.get("removed", [])
        }
        for fate in ("changed", "moved", "kept"):
            for item in by_fate.get(fate, []):
                row = after[UUID(item["session_id"])]
                times = (row["starts_at"].isoformat(), row["ends_at"].isoformat())
                assert times == (item["starts_at"], item["ends_at"]), item
                assert row["booked_count"] == item["bookings"]
        for item in by_fate.get("cancelled", []):
            assert after[UUID(item["session_id"])]["is_cancelled"]
        told = ("starts_at", "ends_at", "is_cancelled", "booked_count", "total_capacity")
        for id_ in after.keys() & before.keys() - named:
            assert [after[id_][name] for name in told] == [before[id_][name] for name in told]

    def take(self, step: tuple[Any, ...]) -> None:
        """One step of a season."""
        sessions = self.world.all(
            """SELECT id, booked_count, total_capacity FROM activity_sessions
                WHERE venue_id = %s AND recurring_schedule_id IS NOT NULL AND NOT is_cancelled
                ORDER BY starts_at, id""",
            self.world.venue,
        )
        edit = self.programme.edit
        match step:
            case ("all", facts, skipped):
                settled = {day: Settled(skip=True) for day in skipped}
                self.series = self.confirm(
                    edit(self.series, room_id=None, first=FIRST, settled=settled, **facts)
                )
            case ("following", facts, place):
                days = self.programme.days(self.series) or [FIRST]
                pivot = days[place % len(days)]
                self.series = self.confirm(edit(self.series, Scope.FOLLOWING, pivot, room_id=None, **facts))
            case ("end", pivot):
                self.confirm(self.programme.end(self.series, pivot))
            case ("one", place, facts) if sessions:
                session = sessions[place % len(sessions)]["id"]
                kept = {
                    name: facts[name]
                    for name in ("start", "minutes", "capacity", "instructor", "platform_places")
                }
                self.confirm(self.programme.session_edit(session, **kept))
            case ("book", place) if sessions:
                free = [row for row in sessions if row["booked_count"] < row["total_capacity"]]
                if free:
                    session = free[place % len(free)]["id"]
                    self.booked[self.world.booking("Nia", session)] = session
            case ("pass", hours):
                self.world.at(self.world.now + timedelta(hours=hours))

    def hold(self) -> None:
        """Nobody's place is gone without a word, counts are true, no date runs twice."""
        rows = {
            row["id"]: row
            for row in self.world.all(
                """SELECT b.id, b.status, b.session_id, s.is_cancelled FROM bookings b
                     JOIN activity_sessions s ON s.id = b.session_id WHERE b.venue_id = %s""",
                self.world.venue,
            )
        }
        for booking, session in self.booked.items():
            row = rows[booking]
            assert row["session_id"] == session
            assert (row["status"] == "cancelled_venue") == row["is_cancelled"]
        told = self.world.one(
            """SELECT count(DISTINCT user_id) AS n FROM notifications
                WHERE venue_id = %s AND template_key = 'session_cancelled' AND channel = 'in_app'""",
            self.world.venue,
        )["n"]
        assert told >= sum(1 for booking in self.booked if rows[booking]["is_cancelled"])
        assert self.world.all(
            """SELECT s.id FROM activity_sessions s LEFT JOIN bookings b
                   ON b.session_id = s.id AND app.holds_place(b.status)
                WHERE s.venue_id = %s GROUP BY s.id HAVING s.booked_count <> count(b.id)""",
            self.world.venue,
        ) == []  # fmt: skip
        # Every mark of a change by hand has its note, and a night's generation adds nothing to what was planned.
        assert self.world.all(
            """SELECT s.id FROM activity_sessions s LEFT JOIN schedule_exceptions e
                   ON e.schedule_id = s.recurring_schedule_id AND e.exception_date = s.occurs_on AND e.kind = 'changed'
                WHERE s.venue_id = %s AND s.recurring_schedule_id IS NOT NULL AND NOT s.is_cancelled
                  AND s.changed_by_hand <> (e.id IS NOT NULL)""",
            self.world.venue,
        ) == []  # fmt: skip
        made = self.world.one(
            """SELECT coalesce(sum(schedules.generate(ARRAY[r.id], schedules.horizon(r.venue_id),
                                   (app.now() AT TIME ZONE 'America/New_York')::date + 1)), 0) AS n
                 FROM activity_recurring_schedules r WHERE r.venue_id = %s""",
            self.world.venue,
        )["n"]
        assert made == 0
        ledger_is_whole(self.world)

    def forget(self) -> None:
        """Leave the venue empty for the next example."""
        for table in ("bookings", "activity_sessions", "activity_recurring_schedules", "notifications"):
            self.world.admin.execute(f"DELETE FROM {table} WHERE venue_id = %s".encode(), [self.world.venue])


@given(facts=FACTS, steps=STEPS)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_happens_is_what_was_planned(
    programme: Programme, facts: dict[str, Any], steps: list[tuple[Any, ...]]
) -> None:
    season = Season(programme, facts)
    try:
        for step in steps:
            season.take(step)
            season.hold()
    finally:
        season.forget()


def test_of_two_confirmations_in_one_moment_one_is_told_to_look_again(programme: Programme) -> None:
    world = programme.world
    world.at(NOON)
    series = programme.series(last=LAST, room_id=None, instructor=None)
    world.booking("Nia", programme.on(date(2026, 3, 5), series))
    others = [somebody(world, "manager"), somebody(world, "manager")]
    changes = [programme.edit(series, last=LAST, start=time(hour)) for hour in (9, 10)]
    calls = [
        (who, APPLY, (world.venue, Jsonb(request(change)), programme.plan(change)["fingerprint"], uuid4()))
        for who, change in zip(others, changes, strict=True)
    ]
    assert at_once(*calls) == ["done", "version_changed"]


def test_one_confirmation_from_two_connections_happens_once(programme: Programme) -> None:
    world = programme.world
    world.at(NOON)
    change = SeriesNew(programme.facts(last=LAST, room_id=None, instructor=None))
    plan, new_id = programme.plan(change), uuid4()
    before = world.one(
        "SELECT count(*) AS n FROM activity_recurring_schedules WHERE venue_id = %s", world.venue
    )["n"]
    arguments = (world.venue, Jsonb(request(change)), plan["fingerprint"], new_id)
    calls = [(somebody(world, "manager"), APPLY, arguments) for _ in range(3)]
    assert at_once(*calls) == ["done", "done", "done"]
    after = world.one(
        "SELECT count(*) AS n FROM activity_recurring_schedules WHERE venue_id = %s", world.venue
    )["n"]
    assert after == before + 1
