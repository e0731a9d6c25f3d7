"""A programme that is planned and changed over real logins: changes as the console sends them, and what they do."""

from __future__ import annotations

import secrets
from dataclasses import replace
from datetime import date, datetime, time
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import psycopg
import pytest
from psycopg.types.json import Jsonb

from console.domain.changing import (
    Change,
    Scope,
    SeriesEdit,
    SeriesEnd,
    SeriesNew,
    SessionEdit,
    SessionFacts,
    SessionNew,
    Settled,
    request,
)
from console.domain.programme import SeriesFacts
from tests.support import factories
from tests.support.desk_world import Person, Row, World
from tests.support.identities import refusal
from tests.support.places import family

PLAN = "SELECT schedules.plan(%s, %s) AS plan"
APPLY = "SELECT schedules.apply(%s, %s, %s, %s) AS answer"
ZONE = ZoneInfo(factories.ZONE)
TUESDAY = date(2026, 3, 3)


class Programme:
    """One venue's programme in the hands of somebody, as NOON (a Monday) begins."""

    def __init__(self, world: World, who: Person | None = None) -> None:
        self.world = world
        self.who = who or somebody(world, "manager")
        self.room = factories.room(world.admin, world.venue, name="Studio A")
        self.other_room = factories.room(world.admin, world.venue, name="Studio B")
        self.activity = factories.activity(world.admin, world.venue, name="Clay")

    def facts(self, **changed: Any) -> SeriesFacts:
        """Tuesdays and Thursdays at four in Studio A, with Ana, for twelve."""
        return replace(
            SeriesFacts(
                activity_id=self.activity,
                weekdays=(2, 4),
                start=time(16),
                minutes=60,
                capacity=12,
                first=TUESDAY,
                room_id=self.room,
                instructor="Ana",
                platform_places=2,
            ),
            **changed,
        )

    def plan(self, change: Change | Row) -> Row:
        """What a change would do."""
        found: Row = self.who.call(PLAN, self.world.venue, self._json(change))[0]["plan"]
        return found

    def apply(self, change: Change | Row, plan: Row, new_id: UUID | None = None) -> Row:
        """Do it."""
        found: Row = self.who.call(
            APPLY, self.world.venue, self._json(change), plan["fingerprint"], new_id or uuid4()
        )[0]["answer"]
        return found

    def do(self, change: Change | Row) -> tuple[Row, Row]:
        """The plan of a change, and what applying it answered."""
        plan = self.plan(change)
        return plan, self.apply(change, plan)

    def refused(self, change: Change | Row) -> tuple[str, str | None]:
        """The code and the sentence with which a plan is refused."""
        with pytest.raises(psycopg.Error) as caught:
            self.plan(change)
        return str(refusal(caught.value)[0]), caught.value.diag.message_primary

    def series(self, settled: dict[date, Settled] | None = None, **facts: Any) -> UUID:
        """A series that was planned and confirmed."""
        _, answer = self.do(SeriesNew(self.facts(**facts), settled or {}))
        return UUID(answer["series_id"])

    def edit(
        self, series: UUID, scope: Scope = Scope.ALL, pivot: date | None = None, **facts: Any
    ) -> SeriesEdit:
        """A change of a series as it is now."""
        settled = facts.pop("settled", {})
        if pivot is not None:
            facts.setdefault("first", pivot)
        return SeriesEdit(series, self.version(series), scope, self.facts(**facts), pivot, settled)

    def end(self, series: UUID, pivot: date, reason: str = "The teacher leaves.") -> SeriesEnd:
        """The end of a series as it is now."""
        return SeriesEnd(series, self.version(series), pivot, reason)

    def session_new(self, allow: bool = False, **facts: Any) -> SessionNew:
        """One session of the activity."""
        return SessionNew(self.activity, replace(self.session_facts(), **facts), allow)

    def session_edit(self, session: UUID, allow: bool = False, **facts: Any) -> SessionEdit:
        """A change of one session as it is now."""
        row = self.row(session)
        local = row["starts_at"].astimezone(ZONE)
        now = SessionFacts(
            day=local.date(),
            start=local.time(),
            minutes=int((row["ends_at"] - row["starts_at"]).total_seconds() // 60),
            capacity=row["total_capacity"],
            room_id=row["room_id"],
            instructor=row["instructor_name"],
            platform_places=row["platform_allocated_spots"],
            session_notes=row["session_notes"],
            instructor_notes=row["instructor_notes"],
        )
        return SessionEdit(session, row["version"], replace(now, **facts), allow)

    def session_facts(self) -> SessionFacts:
        """Friday at ten in Studio B."""
        return SessionFacts(
            date(2026, 3, 6), time(10), 90, 8, room_id=self.other_room, instructor="Bo", platform_places=1
        )

    def version(self, series: UUID) -> int:
        """The series' version."""
        row = self.world.one("SELECT version AS v FROM activity_recurring_schedules WHERE id = %s", series)
        return int(row["v"])

    def row(self, session: UUID) -> Row:
        """A session's row."""
        return self.world.one("SELECT * FROM activity_sessions WHERE id = %s", session)

    def on(self, day: date, series: UUID | None = None) -> UUID:
        """The session of a series that stands for a day."""
        row = self.world.one(
            """SELECT id FROM activity_sessions WHERE venue_id = %s AND occurs_on = %s
                  AND (%s::uuid IS NULL OR recurring_schedule_id = %s)""",
            self.world.venue, day, series, series,
        )  # fmt: skip
        found: UUID = row["id"]
        return found

    def days(self, series: UUID) -> list[date]:
        """The dates of a series that take place, in order."""
        return [
            row["session_date"]
            for row in self.world.all(
                """SELECT session_date FROM activity_sessions
                    WHERE recurring_schedule_id = %s AND NOT is_cancelled ORDER BY starts_at""",
                series,
            )
        ]

    def exceptions(self, series: UUID) -> dict[date, Row]:
        """What is noted about dates of a series."""
        noted = self.world.all("SELECT * FROM schedule_exceptions WHERE schedule_id = %s", series)
        return {row["exception_date"]: row for row in noted}

    def messages(self) -> list[tuple[str, str]]:
        """What was written to families inside the console, oldest first."""
        return [
            (row["template_key"], row["body"])
            for row in self.world.all(
                """SELECT template_key, body FROM notifications WHERE venue_id = %s AND channel = 'in_app'
                    ORDER BY created_at, template_key, body""",
                self.world.venue,
            )
        ]

    @staticmethod
    def _json(change: Change | Row) -> Jsonb:
        return Jsonb(change if isinstance(change, dict) else request(change))


def somebody(world: World, role: str, **more: Any) -> Person:
    """Somebody with this role at a desk of their own, which no other test of the database has."""
    return world.person(role, desk=world.desk(f"Office {secrets.token_hex(4)}"), **more)


def paid(programme: Programme, session: UUID, name: str = "Nia") -> UUID:
    """A place that was paid for with 2 credits."""
    booking = programme.world.booking(family(programme.world, name), session)
    programme.world.admin.execute(
        "SELECT credits.debit(booked_by, 2, id, 'debit:' || id) FROM bookings WHERE id = %s", [booking]
    )
    return booking


def fates(plan: Row) -> dict[str, list[date]]:
    """The dates of a plan by what becomes of them."""
    found: dict[str, list[date]] = {}
    for item in plan["items"]:
        found.setdefault(item["fate"], []).append(date.fromisoformat(item["occurs_on"]))
    return found


def item_on(plan: Row, day: date) -> Row:
    """The only item of a plan on a date."""
    (found,) = (item for item in plan["items"] if item["occurs_on"] == day.isoformat())
    return dict(found)


def local(instant: str | datetime) -> str:
    """An instant by the venue's clock, e.g. "2026-03-03 16:00"."""
    at = datetime.fromisoformat(instant) if isinstance(instant, str) else instant
    return at.astimezone(ZONE).strftime("%Y-%m-%d %H:%M")
