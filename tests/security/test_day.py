"""The running of a day under attack: other venues' sessions, notes and tags, and what headquarters must not see."""

from __future__ import annotations

from uuid import uuid4

import pytest
from psycopg.types.json import Jsonb

from tests.security.attacks import INVALID, NOT_FOUND, REFUSED, refused, rows
from tests.security.conftest import Target
from tests.support.databases import Connection

NOBODY = (REFUSED, NOT_FOUND)
CLOSE = "SELECT * FROM attendance.close_session(%s, %s)"
REOPEN = "SELECT attendance.reopen_session(%s)"
SETTLE = "SELECT attendance.settle_unmarked(%s, false, %s)"
ADD = "SELECT * FROM desk.add_note(%s, %s, %s)"


def test_another_venues_day_is_out_of_reach(mallory: Connection, manager: Connection, target: Target) -> None:
    theirs = target.theirs
    for attacker in (mallory, manager):
        refused(attacker, CLOSE, [theirs.session, Jsonb([])], by=NOT_FOUND)
        refused(attacker, REOPEN, [theirs.session], by=NOT_FOUND)
        refused(attacker, SETTLE, [theirs.booking, Jsonb([])], by=NOT_FOUND)
        refused(attacker, ADD, [uuid4(), theirs.booking, "x"], by=NOT_FOUND)
        refused(attacker, "SELECT * FROM desk.notes_of(%s)", [theirs.booking], by=NOT_FOUND)
        refused(attacker, "SELECT * FROM desk.labels(%s)", [[theirs.booking]], by=NOT_FOUND)
        refused(attacker, "SELECT * FROM desk.find_tag(%s, '7K4Q')", [theirs.venue], by=NOBODY)
        refused(attacker, "SELECT * FROM desk.building(%s)", [theirs.venue], by=NOBODY)
        refused(attacker, "SELECT * FROM desk.day_summary(%s, '2026-03-02')", [theirs.venue], by=NOBODY)
        refused(attacker, "SELECT * FROM desk.unmarked(%s)", [theirs.venue], by=NOBODY)


def test_finance_headquarters_and_a_stolen_laptop_run_no_day(
    finance: Connection, stranger: Connection, target: Target
) -> None:
    ours = target.ours
    for attacker in (finance, stranger, target.admin_person.connection):
        refused(attacker, CLOSE, [ours.session, Jsonb([])], by=REFUSED)
        refused(attacker, ADD, [uuid4(), ours.booking, "x"], by=REFUSED)
        refused(attacker, SETTLE, [ours.booking, Jsonb([])], by=REFUSED)
        for statement in (
            "SELECT * FROM desk.notes_of(%s)",
            "SELECT * FROM desk.labels(ARRAY[%s::uuid])",
        ):
            refused(attacker, statement, [ours.booking], by=REFUSED)
        for statement in (
            "SELECT * FROM desk.building(%s)",
            "SELECT * FROM desk.day_summary(%s, '2026-03-02')",
            "SELECT * FROM desk.unmarked(%s)",
            "SELECT * FROM desk.find_tag(%s, '7K4Q')",
        ):
            refused(attacker, statement, [ours.venue], by=REFUSED)


def test_a_front_desk_does_not_open_a_session_again(
    mallory: Connection, finance: Connection, stranger: Connection, target: Target
) -> None:
    for attacker in (mallory, finance, stranger):
        refused(attacker, REOPEN, [target.ours.session], by=REFUSED)


@pytest.mark.parametrize("table", ["booking_notes", "pickup_tags"])
def test_the_tables_themselves_are_closed(mallory: Connection, manager: Connection, table: str) -> None:
    for attacker in (mallory, manager):
        refused(attacker, f"SELECT count(*) FROM {table}")
        refused(attacker, f"DELETE FROM {table}")


def test_the_inner_functions_are_nobodys(manager: Connection, target: Target) -> None:
    for call in (
        "credits.forfeit_no_show(%s)",
        "credits.unforfeit(%s)",
        "attendance.closing_of(%s)",
        "desk.reach_booking(%s)",
    ):
        refused(manager, f"SELECT {call}", [target.ours.booking])
    refused(manager, "SELECT desk.health_of(%s, '')", [target.theirs.child])
    refused(manager, "SELECT desk.todays_notes(%s, %s)", [target.theirs.booking, target.theirs.venue])
    refused(manager, "SELECT app.forget_notes(ARRAY[%s::uuid])", [target.ours.booking])


def test_a_closing_cannot_smuggle_other_events_in(mallory: Connection, target: Target) -> None:
    event = {"id": str(uuid4()), "seq": 900_001, "occurred_at": "2026-03-02T17:00:00Z"}
    for facts in (
        {"kind": "check_out", "booking_id": str(target.ours.booking)},
        {"kind": "absent", "booking_id": str(target.theirs.booking)},
        {"kind": "annul", "annuls": str(uuid4())},
    ):
        refused(mallory, CLOSE, [target.ours.session, Jsonb([event | facts])], by=INVALID)
    assert rows(mallory, "SELECT closed_at FROM activity_sessions WHERE id = %s", [target.ours.session]) == [
        (None,)
    ]
