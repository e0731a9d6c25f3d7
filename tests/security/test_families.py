"""What a front desk's rights over families cannot be stretched to: other venues, passwords, other people's money."""

from __future__ import annotations

from uuid import uuid4

import pytest
from psycopg.types.json import Jsonb

from tests.security.attacks import DENIED, NOT_FOUND, REFUSED, refused, rows, value
from tests.security.conftest import Target
from tests.support import factories
from tests.support.databases import Connection

FACTS = {
    "guardian_first_name": "Eve",
    "guardian_last_name": "Doe",
    "phone": "5550107788",
    "email": "eve@example.org",
    "signed_by": "Eve Doe",
    "consent_version": "desk-1",
    "consent_text": "Yes.",
    "child": {"first_name": "Kit", "date_of_birth": "2019-01-01"},
}


@pytest.mark.parametrize("table", ["owed_credits", "desk_requests"])
def test_the_new_tables_are_closed_to_desks(mallory: Connection, table: str) -> None:
    refused(mallory, f"SELECT * FROM public.{table}")
    refused(mallory, f"DELETE FROM public.{table}")


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT * FROM bookings.place(gen_random_uuid(), NULL, NULL, NULL, NULL, NULL, 'owed', NULL)",
        "SELECT * FROM bookings.judge(NULL, NULL, NULL)",
        "SELECT * FROM bookings.settle_difference(NULL, NULL, NULL, 1, 1)",
        "SELECT * FROM credits.require_enough(NULL, 1, '')",
        "SELECT * FROM desk.enter_child(NULL, NULL, NULL, '{}')",
        "SELECT * FROM desk.first_time(NULL, 'add_child', NULL, '{}')",
        "SELECT desk.health_of(NULL)",
        "SELECT * FROM desk.pickup_listed(NULL, NULL)",
        "SELECT * FROM desk.facts_of(NULL, NULL, NULL)",
        "SELECT desk.add_health(NULL, '[]', '', NULL)",
    ],
)
def test_the_inner_functions_are_not_a_desks_to_call(mallory: Connection, statement: str) -> None:
    refused(mallory, statement, by=DENIED)


def test_another_venues_families_are_not_searched(mallory: Connection, target: Target) -> None:
    call = "SELECT * FROM desk.find_families(%s, 'chi')"
    there = refused(mallory, call, [target.theirs.venue], by=REFUSED)
    nowhere = refused(mallory, call, [uuid4()], by=REFUSED)
    assert str(there) == str(nowhere)
    found = [
        row[0]
        for row in rows(mallory, "SELECT parent_id FROM desk.find_families(%s, 'chi')", [target.ours.venue])
    ]
    assert target.theirs.parent not in found


def test_a_wildcard_is_a_letter(mallory: Connection, target: Target) -> None:
    for pattern in ("%%", "__", ".*", "' OR true --", "\\", "@%", "%@%"):
        assert rows(mallory, "SELECT * FROM desk.find_families(%s, %s)", [target.ours.venue, pattern]) == []


def test_a_registration_makes_a_parent_and_nothing_more(mallory: Connection, target: Target) -> None:
    """Whatever else the facts say: no role, no password, no venue, no grant."""
    extra = FACTS | {
        "role": "platform_admin",
        "password_hash": "x",
        "venue_id": str(target.theirs.venue),
        "is_active": 1,
    }
    made = value(
        mallory,
        "SELECT parent_id FROM desk.register_family(%s, %s, %s)",
        [uuid4(), target.ours.venue, Jsonb(extra)],
    )
    with target.administrator() as admin:
        kept = factories.one(
            admin, "SELECT role, password_hash, venue_id, sso_subject_id FROM users WHERE id = %s", made
        )
        assert kept == ("parent", None, None, None)
        assert factories.one(admin, "SELECT count(*) FROM staff_grants WHERE user_id = %s", made) == 0


def test_a_staff_account_is_not_taken_over_by_its_address(mallory: Connection, target: Target) -> None:
    with target.administrator() as admin:
        email = factories.one(admin, "SELECT email FROM users WHERE role = 'platform_admin' LIMIT 1")
    refused(
        mallory,
        "SELECT * FROM desk.register_family(%s, %s, %s)",
        [uuid4(), target.ours.venue, Jsonb(FACTS | {"email": email.upper()})],
        by="NX409",
    )


def test_another_venues_bookings_are_neither_moved_nor_settled_nor_read(
    mallory: Connection, target: Target
) -> None:
    theirs = target.theirs.booking
    refused(mallory, "SELECT * FROM bookings.move(%s, %s)", [theirs, target.ours.session], by=NOT_FOUND)
    refused(
        mallory,
        "SELECT * FROM bookings.move(%s, %s)",
        [target.ours.booking, target.theirs.session],
        by=NOT_FOUND,
    )
    refused(mallory, "SELECT * FROM bookings.settle_owed(%s)", [theirs], by=NOT_FOUND)
    refused(mallory, "SELECT * FROM desk.child_facts(%s)", [theirs], by=NOT_FOUND)
    for change in ("correct_health", "correct_pickup"):
        refused(mallory, f"SELECT * FROM desk.{change}(%s, 1, '[]', 'Eve')", [theirs], by=NOT_FOUND)
    refused(
        mallory,
        "SELECT * FROM bookings.take_place(%s, %s, for_booking => %s)",
        [uuid4(), target.ours.session, theirs],
        by=NOT_FOUND,
    )
    refused(mallory, "SELECT * FROM desk.open_sessions(%s, current_date)", [target.theirs.venue], by=REFUSED)


def test_credits_do_not_come_back_through_a_desk(mallory: Connection, target: Target) -> None:
    """Only who cancels sessions cancels for the venue, which gives credits back at any time."""
    refused(mallory, "SELECT * FROM bookings.cancel(%s, true, 'other')", [target.ours.booking], by=REFUSED)


@pytest.mark.parametrize("who", ["finance", "admin_person"])
def test_nobody_else_sees_a_child_through_these(target: Target, who: str) -> None:
    connection = target.connect(getattr(target, who))
    try:
        here = target.ours
        for statement, arguments in (
            ("SELECT * FROM desk.find_families(%s, 'chi')", [here.venue]),
            ("SELECT * FROM desk.register_family(%s, %s, %s)", [uuid4(), here.venue, Jsonb(FACTS)]),
            (
                "SELECT * FROM desk.add_child(%s, %s, %s, %s)",
                [uuid4(), here.venue, here.parent, Jsonb(FACTS)],
            ),
            ("SELECT * FROM desk.open_sessions(%s, current_date)", [here.venue]),
            ("SELECT * FROM desk.child_facts(%s)", [here.booking]),
            ("SELECT * FROM bookings.take_place(%s, %s, %s)", [uuid4(), here.session, here.child]),
            ("SELECT * FROM bookings.move(%s, %s)", [here.booking, here.session]),
            ("SELECT * FROM bookings.join_waitlist(%s, %s)", [here.session, here.child]),
        ):
            refused(connection, statement, arguments, by=REFUSED)
    finally:
        connection.close()
