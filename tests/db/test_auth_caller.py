"""Who is asking, and what they may do: the helpers that every policy and every function stands on.

docs/design.md, "Authorisation".
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import psycopg
import pytest

from tests.support import factories, identities
from tests.support.databases import Connection, Database


def one(connection: Connection, query: str, *values: Any) -> Any:
    row = connection.execute(query.encode(), values).fetchone()
    assert row is not None
    return row[0]


def venues_of(connection: Connection, permission: str | None = None) -> set[UUID]:
    if permission is None:
        return set(one(connection, "SELECT auth.venue_ids()"))
    return set(one(connection, "SELECT auth.venue_ids(%s::auth.permission)", permission))


@pytest.fixture
def venue(house: Database) -> UUID:
    with house.connect() as admin:
        return factories.venue(admin)


def assert_nobody(connection: Connection) -> None:
    row = connection.execute(
        """SELECT auth.user_id(), auth.person_session_id(), auth.venue_ids(), auth.venue_ids('sessions.read'),
                  auth.has('sessions.read'), auth.has('sessions.read', NULL), (SELECT count(*) FROM public.venues)"""
    ).fetchone()
    assert row == (None, None, [], [], False, False, 0)


@pytest.mark.parametrize("token", [None, "", "x", "0" * 64, "' OR true --", "\\x00", "ü" * 500])
def test_without_a_true_token_there_is_nobody(house: Database, token: str | None) -> None:
    with identities.enrol(house).connect(token) as connection:
        assert_nobody(connection)


def test_the_hash_of_a_token_is_no_token(house: Database) -> None:
    with identities.at_desk(house) as maya, house.connect() as admin:
        stored = one(
            admin, "SELECT encode(token_hash, 'hex') FROM auth.person_sessions WHERE user_id = %s", maya.id
        )
        assert stored != maya.token
        identities.set_token(maya.connection, stored)
        assert_nobody(maya.connection)


def test_another_desks_token_is_worth_nothing(house: Database) -> None:
    with identities.at_desk(house) as maya, identities.enrol(house).connect(maya.token) as thief:
        assert_nobody(thief)
        assert one(maya.connection, "SELECT auth.user_id()") == maya.id


def test_what_others_may_do_is_not_told(house: Database) -> None:
    with identities.at_desk(house) as maya, pytest.raises(psycopg.errors.InsufficientPrivilege):
        maya.connection.execute("SELECT auth.venues_of(%s, NULL, NULL)", [maya.id])


@pytest.mark.parametrize(
    "damage",
    [
        """UPDATE auth.person_sessions SET issued_at = now() - interval '13 hours', expires_at = now() - interval '1 s'
           WHERE user_id = %(person)s""",
        "UPDATE auth.person_sessions SET revoked_at = now(), revoked_why = 'administrator' WHERE user_id = %(person)s",
        "UPDATE users SET is_active = false WHERE id = %(person)s",
        "UPDATE auth.devices SET status = 'revoked', revoked_at = now() WHERE id = %(device)s",
        "DELETE FROM auth.person_sessions WHERE user_id = %(person)s",
    ],
    ids=["expired", "revoked", "disabled", "desk revoked", "gone"],
)
def test_what_ends_a_session_ends_it_at_once(house: Database, damage: str) -> None:
    with identities.at_desk(house) as maya, house.connect() as admin:
        values = {"person": maya.id, "device": maya.desk.device_id}
        assert admin.execute(damage.encode(), values).rowcount == 1
        assert_nobody(maya.connection)


def test_a_transaction_kept_open_does_not_keep_an_expired_token(house: Database) -> None:
    with identities.at_desk(house) as maya, house.connect() as admin:
        maya.connection.execute("BEGIN")
        assert one(maya.connection, "SELECT auth.user_id()") == maya.id
        admin.execute(
            "UPDATE auth.person_sessions SET expires_at = now() + interval '50 milliseconds' WHERE user_id = %s",
            [maya.id],
        )
        assert one(maya.connection, "SELECT pg_sleep(0.1) IS NOT NULL")
        assert one(maya.connection, "SELECT auth.user_id()") is None
        maya.connection.execute("COMMIT")


@pytest.mark.parametrize("level", ["REPEATABLE READ", "SERIALIZABLE"])
def test_a_snapshot_cannot_outlive_a_revocation(house: Database, level: str) -> None:
    with identities.at_desk(house) as maya:
        maya.connection.execute(f"BEGIN ISOLATION LEVEL {level}".encode())
        with pytest.raises(psycopg.Error) as caught:
            maya.connection.execute("SELECT count(*) FROM venues")
        assert identities.refusal(caught.value) == ("NX403", "isolation")


def test_a_role_counts_at_its_venue_only(house: Database, venue: UUID) -> None:
    with house.connect() as admin:
        other = factories.venue(admin)
    with identities.at_desk(house, "manager", venue) as elena:
        assert venues_of(elena.connection) == {venue}
        assert venues_of(elena.connection, "schedule.edit") == {venue}
        assert venues_of(elena.connection, "payouts.read") == set()
        ask = "SELECT auth.has('schedule.edit', %s)"
        assert [one(elena.connection, ask, at) for at in (venue, other, None)] == [True, False, False]
        assert one(elena.connection, "SELECT auth.has('schedule.edit')")
        assert not one(elena.connection, "SELECT auth.has('payouts.read')")


def test_one_person_may_manage_here_and_do_the_books_there(house: Database, venue: UUID) -> None:
    with house.connect() as admin:
        books = factories.venue(admin)
    with identities.at_desk(house, "manager", venue) as elena, house.connect() as admin:
        factories.grant(admin, elena.id, "venue_finance", books)
        assert venues_of(elena.connection) == {venue, books}
        assert venues_of(elena.connection, "payouts.read") == {books}
        assert venues_of(elena.connection, "roster.read") == {venue}
        assert not one(elena.connection, "SELECT auth.has('payouts.read', %s)", venue)


def test_a_platform_role_reaches_every_venue(house: Database, venue: UUID) -> None:
    with identities.at_desk(house, "platform_admin") as amara, house.connect() as admin:
        everything = {row[0] for row in admin.execute("SELECT id FROM venues").fetchall()}
        assert venue in everything
        assert venues_of(amara.connection) == venues_of(amara.connection, "venue.read") == everything
        assert one(amara.connection, "SELECT auth.has('people.manage', NULL)")
        assert one(amara.connection, "SELECT auth.has('venue.edit', %s)", venue)
        assert not one(amara.connection, "SELECT auth.has('payouts.run', NULL)")
        assert venues_of(amara.connection, "roster.read") == set()


def test_a_desk_bound_to_a_venue_reaches_no_other_whoever_signs_in(house: Database, venue: UUID) -> None:
    with house.connect() as admin:
        other = factories.venue(admin)
    bound = identities.enrol(house, venue_id=venue)
    with identities.at_desk(house, "platform_admin", desk=bound) as amara:
        assert venues_of(amara.connection) == venues_of(amara.connection, "venue.read") == {venue}
        assert one(amara.connection, "SELECT auth.has('venue.read', %s)", venue)
        assert not one(amara.connection, "SELECT auth.has('venue.read', %s)", other)
        assert not one(amara.connection, "SELECT auth.has('people.manage', NULL)")
        assert one(amara.connection, "SELECT count(*) FROM venues") == 1
    with identities.at_desk(house, "manager", other, desk=bound) as guest:
        assert venues_of(guest.connection) == venues_of(guest.connection, "venue.read") == set()
        assert not one(guest.connection, "SELECT auth.has('venue.read')")
        assert not one(guest.connection, "SELECT auth.has('venue.read', %s)", other)


def test_a_revoked_grant_is_gone_in_the_next_statement(house: Database, venue: UUID) -> None:
    with identities.at_desk(house, "manager", venue) as elena, house.connect() as admin:
        assert one(elena.connection, "SELECT count(*) FROM venues") == 1
        admin.execute("UPDATE staff_grants SET revoked_at = now() WHERE user_id = %s", [elena.id])
        assert one(elena.connection, "SELECT count(*) FROM venues") == 0
        assert not one(elena.connection, "SELECT auth.has('venue.read')")


@pytest.mark.parametrize(
    ("who", "key"),
    [("wrong role", "not_permitted"), ("signed out", "signed_out"), ("revoked", "device_revoked")],
)
def test_require_says_why_not(house: Database, venue: UUID, who: str, key: str) -> None:
    with identities.at_desk(house, "front_desk", venue) as maya, house.connect() as admin:
        maya.connection.execute("SELECT auth.require('roster.read', %s)", [venue])
        if who == "signed out":
            maya.connection.execute("SELECT auth.sign_out()")
        if who == "revoked":
            admin.execute(
                "UPDATE auth.devices SET status = 'revoked', revoked_at = now() WHERE id = %s",
                [maya.desk.device_id],
            )
        with pytest.raises(psycopg.Error) as caught:
            maya.connection.execute("SELECT auth.require('schedule.edit', %s)", [venue])
        assert identities.refusal(caught.value) == ("NX403", key)


def test_the_administrators_connection_may_everything_and_a_desk_is_never_one(
    house: Database, venue: UUID
) -> None:
    with house.connect() as admin:
        assert one(admin, "SELECT auth.has('people.manage', NULL)")
        assert venue in venues_of(admin)
        assert venue in venues_of(admin, "payouts.run")
        assert one(admin, "SELECT auth.user_id()") is None
    with identities.at_desk(house, "platform_admin") as amara:
        assert not one(amara.connection, "SELECT auth.is_administrator()")


def test_sessions_last_twelve_hours(house: Database) -> None:
    with identities.at_desk(house) as maya, house.connect() as admin:
        lasts = one(
            admin, "SELECT expires_at - issued_at FROM auth.person_sessions WHERE user_id = %s", maya.id
        )
        assert lasts == timedelta(hours=12)


def test_a_venues_channel_is_told_to_its_people_only_and_moves_when_one_leaves(
    house: Database, venue: UUID
) -> None:
    with (
        identities.at_desk(house, "manager", venue) as elena,
        identities.at_desk(house, "front_desk") as stranger,
        house.connect() as admin,
    ):
        before = one(elena.connection, "SELECT auth.channel_of(%s)", venue)
        assert before.startswith("nx_")
        assert one(stranger.connection, "SELECT auth.channel_of(%s)", venue) is None
        other = identities.account(house, "front_desk", venue)
        admin.execute("SELECT admin.user_ungrant(%s, 'front_desk', %s)", [other.id, venue])
        assert one(elena.connection, "SELECT auth.channel_of(%s)", venue) != before
