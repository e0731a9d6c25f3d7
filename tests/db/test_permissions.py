"""One vocabulary of permissions for SQL and Python, and which role has which.

docs/design.md, "Authorisation". The matrix stands here a second time on purpose: a change of it has to be meant.
"""

from __future__ import annotations

import pytest

from console.permissions import Permission, StaffRole
from tests.support.databases import Connection

MATRIX = {
    "front_desk": """sessions.read roster.read attendance.record session.close waitlist.manage booking.manage
                     venue.read""",
    "manager": """sessions.read roster.read attendance.record attendance.undo_any session.close schedule.edit
                  session.cancel activity.edit venue.read venue.edit waitlist.manage booking.manage reviews.read
                  reviews.reply score.read review_items.resolve exports.create""",
    "venue_finance": "sessions.read venue.read score.read payouts.read exports.create",
    "platform_admin": """sessions.read schedule.edit session.cancel activity.edit venue.read venue.edit booking.manage
                         reviews.read score.read review_items.resolve payouts.read invoices.read exports.create
                         credits.adjust venues.approve compliance.manage reviews.moderate corporates.manage
                         people.manage devices.manage settings.manage audit.read privacy.manage jobs.manage""",
    "platform_finance": "sessions.read venue.read payouts.read payouts.run invoices.read invoices.issue exports.create",
}


def labels(connection: Connection, enum: str) -> list[str]:
    rows = connection.execute("SELECT unnest(enum_range(NULL::" + enum + "))::text").fetchall()
    return [row[0] for row in rows]


def test_sql_and_python_have_the_same_permissions_in_the_same_order(tx: Connection) -> None:
    assert labels(tx, "auth.permission") == [permission.value for permission in Permission]


def test_sql_and_python_have_the_same_roles(tx: Connection) -> None:
    assert labels(tx, "public.staff_role") == [role.value for role in StaffRole]


@pytest.mark.parametrize("role", sorted(MATRIX))
def test_a_role_may_exactly_this(tx: Connection, role: str) -> None:
    rows = tx.execute("SELECT permission::text FROM auth.role_permissions WHERE role = %s", [role]).fetchall()
    assert {row[0] for row in rows} == set(MATRIX[role].split())


def test_every_permission_is_somebodys(tx: Connection) -> None:
    rows = tx.execute("SELECT DISTINCT permission::text FROM auth.role_permissions").fetchall()
    assert {row[0] for row in rows} == {permission.value for permission in Permission}


def test_only_roles_at_a_venue_see_children(tx: Connection) -> None:
    rows = tx.execute(
        "SELECT role::text FROM auth.role_permissions WHERE permission = 'roster.read'"
    ).fetchall()
    assert {row[0] for row in rows} == {"front_desk", "manager"}
    assert not any(StaffRole(row[0]).is_platform for row in rows)


@pytest.mark.parametrize("role", list(StaffRole))
def test_every_role_has_words(role: StaffRole) -> None:
    assert role.words[0].isupper()
    assert "_" not in role.words
