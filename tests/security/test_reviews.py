"""Review items under attack: they name children and move credits, so only the venue's own manager decides them."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest

from tests.security.attacks import NOT_FOUND, REFUSED, refused, rows, value
from tests.security.conftest import Place, Target
from tests.support.databases import Connection

LIST = "SELECT * FROM attendance.review_list(%s)"
COUNT = "SELECT attendance.review_count(%s)"
FACTS = "SELECT attendance.review_facts(%s)"
DECIDE = "SELECT * FROM attendance.decide(%s, 'no_charge')"


def opened(target: Target, place: Place) -> UUID:
    """An open item about a booking."""
    with target.administrator() as admin:
        item: UUID = value(
            admin,
            """INSERT INTO review_items (venue_id, kind, booking_id, session_id, summary)
               VALUES (%s, 'refused_but_came', %s, %s, 'Came.') RETURNING id""",
            [place.venue, place.booking, place.session],
        )
    return item


def test_front_desk_finance_and_headquarters_are_denied(
    mallory: Connection, finance: Connection, stranger: Connection, target: Target
) -> None:
    item = opened(target, target.ours)
    headquarters = target.admin_person.connection
    for attacker in (mallory, finance):
        refused(attacker, FACTS, [item], by=REFUSED)
        refused(attacker, DECIDE, [item], by=REFUSED)
        refused(attacker, COUNT, [target.ours.venue], by=REFUSED)
        refused(attacker, LIST, [target.ours.venue], by=REFUSED)
    # Headquarters may decide about items elsewhere, but never over a child's facts.
    for attacker in (headquarters, stranger):
        refused(attacker, LIST, [target.ours.venue], by=REFUSED)
        refused(attacker, FACTS, [item], by=REFUSED)
        refused(attacker, DECIDE, [item], by=REFUSED)


def test_another_venues_items_look_as_if_they_were_not_there(
    mallory: Connection, manager: Connection, target: Target
) -> None:
    theirs = opened(target, target.theirs)
    for attacker in (mallory, manager):
        for item in (theirs, uuid4()):
            refused(attacker, FACTS, [item], by=NOT_FOUND)
            refused(attacker, DECIDE, [item], by=NOT_FOUND)
        refused(attacker, LIST, [target.theirs.venue], by=(REFUSED, NOT_FOUND))
        refused(attacker, COUNT, [target.theirs.venue], by=(REFUSED, NOT_FOUND))
    with target.administrator() as admin:
        assert value(admin, "SELECT resolved_at FROM review_items WHERE id = %s", [theirs]) is None


def test_the_manager_of_the_venue_sees_and_decides(manager: Connection, target: Target) -> None:
    item = opened(target, target.ours)
    assert item in {row[0] for row in rows(manager, LIST, [target.ours.venue])}
    assert value(manager, FACTS, [item])["choices"]


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT note FROM review_items",
        "SELECT summary FROM review_items",
        "UPDATE review_items SET resolved_at = now()",
        "INSERT INTO review_items (venue_id, kind, summary) VALUES (gen_random_uuid(), 'other', 'x')",
        "SELECT * FROM earning_changes",
        "INSERT INTO earning_changes (venue_id) VALUES (gen_random_uuid())",
        "DELETE FROM earning_changes",
    ],
)
def test_the_tables_themselves_are_closed(manager: Connection, statement: str) -> None:
    refused(manager, statement)


def test_the_inner_functions_are_nobodys(manager: Connection, target: Target) -> None:
    booking = target.ours.booking
    for call, arguments in (
        ("attendance.review_plan(%s)", [booking]),
        ("attendance.reach_review(%s)", [booking]),
        ("attendance.money_of(%s)", [booking]),
        ("attendance.move_credits(%s, %s, 5, 0, 0)", [uuid4(), booking]),
        ("attendance.set_booking(%s, 'completed', 0, true)", [booking]),
        ("attendance.open_queued_reviews(ARRAY[%s::uuid], '{}')", [booking]),
        ("attendance.reported(%s, NULL, true)", [booking]),
    ):
        refused(manager, f"SELECT {call}", arguments)
