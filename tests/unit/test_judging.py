"""The desk's own judgement: held case by case against what the server answers to the same event."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, timedelta
from uuid import UUID, uuid4

import pytest

from console.domain.attendance import (
    AttendanceEvent,
    EventAnswer,
    EventKind,
    OutcomeKind,
    RefusalReason,
)
from console.domain.desk import RosterEntry, SessionSummary
from console.domain.judging import Standpoint, judge
from console.storage.desk_rows import event_answer, roster_entry
from tests.support import factories
from tests.support.databases import Database
from tests.support.desk_world import NOON, SOON, Person, World
from tests.support.memory_store import HERE, event, summary

MINUTE = timedelta(minutes=1)
REASONS = RefusalReason


@pytest.fixture
def world(fresh_database: Database) -> Iterator[World]:
    with World(fresh_database) as made:
        yield made


class Both:
    """One desk on a real server, asked beside its own judgement."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.jonas = world.person()
        self.maya = world.person(name="Maya", desk=world.desk("Desk 2"))
        self.child = world.child("Nia")
        self.rose = factories.pickup_person(world.admin, self.child, name="Rose", relationship="grandmother")
        self.vic = factories.pickup_person(world.admin, self.child, name="Vic", may_collect=False)
        self.late = factories.pickup_person(
            world.admin, self.child, name="Lou", valid_from=(NOON + timedelta(days=2)).date()
        )
        self.booking = world.booking(self.child)
        self.by: Person = self.jonas

    def entry(self) -> RosterEntry:
        """The child as this desk has last read it."""
        found = self.by.call("SELECT * FROM desk.roster(%s)", self.world.session)
        (row,) = [one for one in found if one["booking_id"] == self.booking]
        return roster_entry(row)

    def session(self) -> SessionSummary:
        """The child's session as this desk has last read it."""
        row = self.world.one(
            "SELECT s.id, s.venue_id, a.name, s.starts_at, s.ends_at, s.is_cancelled, s.closed_at "
            "FROM activity_sessions s JOIN activities a ON a.id = s.activity_id WHERE s.id = %s",
            self.world.session,
        )
        return summary(
            id=row["id"],
            venue_id=row["venue_id"],
            activity_name=row["name"],
            starts_at=row["starts_at"].astimezone(UTC),
            ends_at=row["ends_at"].astimezone(UTC),
            is_cancelled=row["is_cancelled"],
            closed_at=row["closed_at"],
        )

    def where(self, *, boss: bool = False) -> Standpoint:
        """Whoever is at work."""
        return Standpoint(self.by.desk_name, self.by.id, self.by.name, UTC, may_undo_any=boss)

    def set(self, table: str, column: str, value: object) -> None:
        """Arrange something about the session or the booking."""
        row = self.world.session if table == "activity_sessions" else self.booking
        self.world.admin.execute(f"UPDATE {table} SET {column} = %s WHERE id = %s".encode(), [value, row])

    def ask(self, kind: str, **facts: object) -> tuple[EventAnswer, EventAnswer]:
        """The desk's answer and the server's, to the same live event of now."""
        boss = bool(facts.pop("boss", False))
        entry, session = self.entry(), self.session()
        raw = self.by.event(kind, None if kind == "annul" else self.booking, at=self.world.now, **facts)
        made = AttendanceEvent(
            id=UUID(raw["id"]),
            seq=raw["seq"],
            kind=EventKind(kind),
            occurred_at=self.world.now,
            booking_id=self.booking,
            session_id=_id(raw.get("session_id")),
            person_id=self.by.id,
            pickup_person_id=_id(raw.get("pickup_person_id")),
            pickup_name=raw.get("pickup_name"),
            annuls=_id(raw.get("annuls")),
            again=bool(raw.get("again", False)),
        )
        own = judge(made, entry, session, self.where(boss=boss))
        (row,) = self.by.record(raw)
        return own, event_answer(row)


def _id(text: object) -> UUID | None:
    return None if text is None else UUID(str(text))


Ask = tuple[EventAnswer, EventAnswer]


def check_in(both: Both) -> Ask:
    return both.ask("check_in", session_id=both.world.session)


def check_in_twice(both: Both) -> Ask:
    both.jonas.do("check_in", both.booking)
    both.world.at(NOON + timedelta(seconds=8))
    return both.ask("check_in")


def check_in_twice_later(both: Both) -> Ask:
    both.jonas.do("check_in", both.booking)
    both.world.at(NOON + timedelta(seconds=11))
    return both.ask("check_in")


def check_in_after_another_desk(both: Both) -> Ask:
    both.maya.do("check_in", both.booking)
    both.world.at(NOON + timedelta(seconds=3))
    return both.ask("check_in")


def check_in_cancelled(both: Both) -> Ask:
    both.jonas.do("check_in", both.booking)
    both.jonas.do("check_out", both.booking)
    cancel(both)
    return both.ask("check_in", again=True)


def cancel(both: Both) -> None:
    both.world.admin.execute(
        b"UPDATE bookings SET status = 'cancelled_parent', cancelled_at = %s WHERE id = %s",
        [NOON, both.booking],
    )


def repeat_although_cancelled(both: Both) -> Ask:
    both.jonas.do("check_in", both.booking)
    cancel(both)
    return both.ask("check_in")


def not_confirmed(both: Both) -> Ask:
    both.set("bookings", "status", "pending")
    return both.ask("check_in")


def not_confirmed_absent(both: Both) -> Ask:
    both.set("bookings", "status", "pending")
    return both.ask("absent")


def session_cancelled(both: Both) -> Ask:
    both.world.admin.execute(
        b"UPDATE activity_sessions SET is_cancelled = true, cancelled_at = %s WHERE id = %s",
        [NOON, both.world.session],
    )
    return both.ask("check_in")


def wrong_session(both: Both) -> Ask:
    return both.ask("check_in", session_id=both.world.other_session("Ballet"))


def repeat_in_wrong_session(both: Both) -> Ask:
    both.jonas.do("check_in", both.booking)
    return both.ask("check_in", session_id=both.world.other_session("Ballet"))


def check_out_from_another_session(both: Both) -> Ask:
    both.jonas.do("check_in", both.booking)
    both.world.at(NOON + MINUTE)
    return both.ask("check_out", session_id=both.world.other_session("Ballet"), pickup_name="Dana")


def too_early(both: Both) -> Ask:
    both.world.at(SOON - timedelta(minutes=61))
    return both.ask("check_in")


def just_early_enough(both: Both) -> Ask:
    both.world.at(SOON - timedelta(minutes=60))
    return both.ask("check_in")


def too_late(both: Both) -> Ask:
    both.world.at(both.session().ends_at + timedelta(minutes=31))
    return both.ask("check_in")


def just_in_time(both: Both) -> Ask:
    both.world.at(both.session().ends_at + timedelta(minutes=30))
    return both.ask("check_in")


def _close(both: Both) -> None:
    both.world.at(SOON + MINUTE)
    both.jonas.call("SELECT * FROM attendance.close_session(%s, '[]')", both.world.session)
    both.world.at(SOON + 2 * MINUTE)


def closed(both: Both) -> Ask:
    _close(both)
    return both.ask("check_in")


def closed_absent(both: Both) -> Ask:
    _close(both)
    return both.ask("absent")


def undo_in_a_closed_session(both: Both) -> Ask:
    both.world.at(SOON)
    done = both.jonas.do("check_in", both.booking, at=both.world.now)
    _close(both)
    return both.ask("annul", annuls=done["event_id"])


def absent_before_doors(both: Both) -> Ask:
    both.world.at(SOON - timedelta(hours=5))
    return both.ask("absent")


def absent_twice(both: Both) -> Ask:
    both.jonas.do("absent", both.booking)
    both.world.at(NOON + MINUTE)
    return both.ask("absent")


def absent_although_in(both: Both) -> Ask:
    both.jonas.do("check_in", both.booking)
    both.world.at(NOON + MINUTE)
    return both.ask("absent")


def absent_although_left(both: Both) -> Ask:
    both.jonas.do("check_in", both.booking)
    both.world.at(NOON + MINUTE)
    both.jonas.do("check_out", both.booking, at=both.world.now)
    both.world.at(NOON + 2 * MINUTE)
    return both.ask("absent")


def in_after_absent(both: Both) -> Ask:
    both.jonas.do("absent", both.booking)
    both.world.at(NOON + MINUTE)
    return both.ask("check_in")


def _left(both: Both) -> None:
    both.jonas.do("check_in", both.booking)
    both.world.at(NOON + MINUTE)
    both.jonas.do("check_out", both.booking, at=both.world.now, pickup_person_id=both.rose)
    both.world.at(NOON + 2 * MINUTE)


def back_without_saying(both: Both) -> Ask:
    _left(both)
    return both.ask("check_in")


def back_on_purpose(both: Both) -> Ask:
    _left(both)
    return both.ask("check_in", again=True)


def out_twice(both: Both) -> Ask:
    _left(both)
    return both.ask("check_out", pickup_person_id=both.vic)


def out_without_in(both: Both) -> Ask:
    return both.ask("check_out")


def out_after_absent(both: Both) -> Ask:
    both.jonas.do("absent", both.booking)
    both.world.at(NOON + MINUTE)
    return both.ask("check_out")


def _came(both: Both) -> None:
    both.jonas.do("check_in", both.booking)
    both.world.at(NOON + MINUTE)


def out_to_somebody_listed(both: Both) -> Ask:
    _came(both)
    return both.ask("check_out", pickup_person_id=both.rose)


def out_to_nobody(both: Both) -> Ask:
    _came(both)
    return both.ask("check_out")


def out_to_somebody_barred(both: Both) -> Ask:
    _came(both)
    return both.ask("check_out", pickup_person_id=both.vic, pickup_name="Vic")


def out_to_a_barred_name(both: Both) -> Ask:
    _came(both)
    return both.ask("check_out", pickup_name="  vIC ")


def out_to_a_stranger(both: Both) -> Ask:
    _came(both)
    return both.ask("check_out", pickup_name="Sam")


def out_to_somebody_outside_their_days(both: Both) -> Ask:
    _came(both)
    return both.ask("check_out", pickup_person_id=both.late)


def barred_before_not_in(both: Both) -> Ask:
    return both.ask("check_out", pickup_person_id=both.vic)


def undo_own(both: Both) -> Ask:
    done = both.jonas.do("check_in", both.booking)
    both.world.at(NOON + MINUTE)
    return both.ask("annul", annuls=done["event_id"])


def undo_check_out(both: Both) -> Ask:
    _left(both)
    return both.ask("annul", annuls=both.entry().undo.event_id)  # type: ignore[union-attr]


def undo_too_late(both: Both) -> Ask:
    done = both.jonas.do("check_in", both.booking)
    both.world.at(NOON + 16 * MINUTE)
    return both.ask("annul", annuls=done["event_id"])


def undo_of_another(both: Both) -> Ask:
    done = both.maya.do("check_in", both.booking)
    both.world.at(NOON + MINUTE)
    return both.ask("annul", annuls=done["event_id"])


def undo_by_a_manager(both: Both) -> Ask:
    done = both.maya.do("check_in", both.booking)
    both.by = both.world.person("manager", name="Elena", desk=both.world.desk("Office"))
    both.world.at(NOON + 40 * MINUTE)
    return both.ask("annul", annuls=done["event_id"], boss=True)


O = OutcomeKind  # noqa: E741 - a column of a table


@pytest.mark.parametrize(
    ("case", "outcome", "reason"),
    [
        (check_in, O.APPLIED, None),
        (check_in_twice, O.ALREADY, REASONS.ALREADY_IN),
        (check_in_twice_later, O.ALREADY, REASONS.ALREADY_IN),
        (check_in_after_another_desk, O.ALREADY, REASONS.ALREADY_IN),
        (check_in_cancelled, O.REJECTED, REASONS.CANCELLED),
        (repeat_although_cancelled, O.ALREADY, REASONS.ALREADY_IN),
        (not_confirmed, O.REJECTED, REASONS.NOT_CONFIRMED),
        (not_confirmed_absent, O.REJECTED, REASONS.NOT_CONFIRMED),
        (session_cancelled, O.REJECTED, REASONS.SESSION_CANCELLED),
        (wrong_session, O.REJECTED, REASONS.WRONG_SESSION),
        (repeat_in_wrong_session, O.REJECTED, REASONS.WRONG_SESSION),
        (check_out_from_another_session, O.APPLIED, None),
        (too_early, O.REJECTED, REASONS.TOO_EARLY),
        (just_early_enough, O.APPLIED, None),
        (too_late, O.REJECTED, REASONS.TOO_LATE),
        (just_in_time, O.APPLIED, None),
        (closed, O.REJECTED, REASONS.TOO_LATE),
        (closed_absent, O.REJECTED, REASONS.TOO_LATE),
        (absent_before_doors, O.APPLIED, None),
        (absent_twice, O.ALREADY, None),
        (absent_although_in, O.REJECTED, REASONS.ALREADY_IN),
        (absent_although_left, O.REJECTED, REASONS.ALREADY_OUT),
        (in_after_absent, O.APPLIED, None),
        (back_without_saying, O.REJECTED, REASONS.ALREADY_OUT),
        (back_on_purpose, O.APPLIED, None),
        (out_twice, O.ALREADY, REASONS.ALREADY_OUT),
        (out_without_in, O.REJECTED, REASONS.NOT_IN),
        (out_after_absent, O.REJECTED, REASONS.NOT_IN),
        (out_to_somebody_listed, O.APPLIED, None),
        (out_to_nobody, O.APPLIED, None),
        (out_to_somebody_barred, O.REJECTED, REASONS.PICKUP_NOT_AUTHORISED),
        (out_to_a_barred_name, O.REJECTED, REASONS.PICKUP_NOT_AUTHORISED),
        (out_to_a_stranger, O.APPLIED, None),
        (out_to_somebody_outside_their_days, O.APPLIED_WITH_REVIEW, REASONS.PICKUP_NOT_AUTHORISED),
        (barred_before_not_in, O.REJECTED, REASONS.PICKUP_NOT_AUTHORISED),
        (undo_own, O.APPLIED, None),
        (undo_in_a_closed_session, O.APPLIED, None),
        (undo_too_late, O.REJECTED, REASONS.TOO_LATE),
        (undo_of_another, O.REJECTED, REASONS.NOT_PERMITTED),
        (undo_by_a_manager, O.APPLIED, None),
    ],
    ids=lambda value: value.__name__ if callable(value) else "",
)
def test_the_desk_says_what_the_server_says(
    world: World, case: Callable[[Both], Ask], outcome: OutcomeKind, reason: RefusalReason | None
) -> None:
    own, server = case(Both(world))
    assert (server.outcome, server.reason) == (outcome, reason)
    assert own == server


def test_an_undone_check_out_says_when_the_child_came_only_at_the_server(world: World) -> None:
    own, server = undo_check_out(Both(world))
    assert server.state_at == NOON
    assert own == replace(server, state_at=None)


def test_a_booking_that_this_desk_does_not_know_is_refused() -> None:
    answer = judge(event(None, booking_id=None, code="K7Q4-2MXR-6"), None, None, HERE)
    assert (answer.outcome, answer.reason) == (OutcomeKind.REJECTED, RefusalReason.UNKNOWN_CODE)
    # Whose event an undo takes back may be unknown: the server will say.
    assert judge(event(None, EventKind.ANNUL, annuls=uuid4()), None, None, HERE).is_recorded
