"""Tokens: forged, expired, revoked, stolen, somebody else's, and the connection of whoever sat here before."""

from __future__ import annotations

import secrets
from contextlib import closing
from datetime import timedelta

import pytest

from tests.security.attacks import DENIED, NOT_FOUND, REFUSED, refused, rows, value
from tests.security.conftest import NOW, Target
from tests.support import factories, identities
from tests.support.databases import Connection


def nobody(connection: Connection) -> bool:
    """Whether the database takes the connection for nobody's."""
    return (
        value(connection, "SELECT auth.user_id()") is None
        and rows(connection, "SELECT id FROM public.activity_sessions") == []
    )


def test_without_a_token_there_are_no_rows(stranger: Connection) -> None:
    assert nobody(stranger)


@pytest.mark.parametrize("forged", ["", "x", "0" * 64, "NULL", "' OR true --", "é" * 40])
def test_a_forged_token_is_nobody(stranger: Connection, forged: str) -> None:
    identities.set_token(stranger, forged)
    assert nobody(stranger)


def test_the_stored_hash_is_not_a_token(
    stranger: Connection, administrator: Connection, target: Target
) -> None:
    stored = value(
        administrator, "SELECT encode(token_hash, 'hex') FROM auth.person_sessions WHERE user_id = %s",
        [target.mallory.id],
    )  # fmt: skip
    identities.set_token(stranger, stored)
    assert nobody(stranger)


def test_a_token_is_worth_nothing_at_another_desk(target: Target) -> None:
    with closing(target.desk.connect(target.victim.token)) as connection:
        assert nobody(connection)


def test_an_expired_token_is_nobody(administrator: Connection, target: Target) -> None:
    with identities.at_desk(target.database, "front_desk", target.ours.venue) as person:
        assert not nobody(person.connection)
        try:
            factories.fix_clock(administrator, NOW + timedelta(hours=13))
            assert nobody(person.connection)
        finally:
            factories.fix_clock(administrator, NOW)


def test_an_open_transaction_does_not_keep_an_expired_token_alive(
    administrator: Connection, target: Target
) -> None:
    with (
        identities.at_desk(target.database, "front_desk", target.ours.venue) as person,
        person.connection.transaction(),
    ):
        assert value(person.connection, "SELECT auth.user_id()") == person.id
        administrator.execute(
            "UPDATE auth.person_sessions SET revoked_at = app.now(), revoked_why = 'administrator' "
            "WHERE user_id = %s",
            [person.id],
        )
        assert value(person.connection, "SELECT auth.user_id()") is None


def test_a_signed_out_token_is_nobody(target: Target) -> None:
    with identities.at_desk(target.database, "front_desk", target.ours.venue) as person:
        person.connection.execute("SELECT auth.sign_out()")
        with closing(person.desk.connect(person.token)) as again:
            assert nobody(again)


def test_a_disabled_person_is_nobody_at_once(administrator: Connection, target: Target) -> None:
    with identities.at_desk(target.database, "front_desk", target.ours.venue) as person:
        administrator.execute("UPDATE public.users SET is_active = false WHERE id = %s", [person.id])
        assert nobody(person.connection)


def test_a_withdrawn_grant_closes_the_venue_at_once(administrator: Connection, target: Target) -> None:
    with identities.at_desk(target.database, "front_desk", target.ours.venue) as person:
        administrator.execute(
            "UPDATE public.staff_grants SET revoked_at = app.now() WHERE user_id = %s", [person.id]
        )
        assert rows(person.connection, "SELECT id FROM public.activity_sessions") == []
        refused(
            person.connection, "SELECT * FROM desk.roster(%s)", [target.ours.session], by=(REFUSED, NOT_FOUND)
        )


def test_a_revoked_desk_is_shut_out(administrator: Connection, target: Target) -> None:
    desk = identities.enrol(target.database)
    with identities.at_desk(target.database, "front_desk", target.ours.venue, desk=desk) as person:
        administrator.execute(
            "UPDATE auth.devices SET status = 'revoked', revoked_at = app.now() WHERE id = %s",
            [desk.device_id],
        )
        assert nobody(person.connection)
        refused(person.connection, "SELECT * FROM auth.sign_in_start('a@b.example', 'nonce-nonce-nonce-nonce')",
                by=REFUSED)  # fmt: skip


def test_a_bound_desk_reaches_no_other_venue(target: Target) -> None:
    desk = identities.enrol(target.database, venue_id=target.theirs.venue)
    with identities.at_desk(target.database, "front_desk", target.ours.venue, desk=desk) as person:
        assert rows(person.connection, "SELECT id FROM public.activity_sessions") == []


def test_a_token_with_a_longer_snapshot_is_refused(target: Target) -> None:
    """A repeatable-read snapshot would keep a revoked token valid for as long as it is open."""
    with closing(target.connect()) as connection:
        connection.execute("BEGIN ISOLATION LEVEL REPEATABLE READ")
        refused(connection, "SELECT id FROM public.activity_sessions", by=REFUSED)
        connection.execute("ROLLBACK")
        connection.execute("BEGIN ISOLATION LEVEL SERIALIZABLE")
        refused(connection, "SELECT id FROM public.activity_sessions", by=REFUSED)
        connection.execute("ROLLBACK")


def test_tokens_cannot_be_read(mallory: Connection, manager: Connection) -> None:
    for connection in (mallory, manager):
        for table in (
            "person_sessions",
            "sign_in_tickets",
            "sign_in_verdicts",
            "sign_in_secret",
            "recovery_codes",
        ):
            refused(connection, f"SELECT * FROM auth.{table}")


def test_a_session_row_cannot_be_forged(mallory: Connection, target: Target) -> None:
    refused(
        mallory,
        "INSERT INTO auth.person_sessions (user_id, device_id, token_hash, expires_at) "
        "VALUES (%s, %s, sha256('mine'), now() + interval '1 year')",
        [target.admin_person.id, target.desk.device_id],
    )


def test_somebody_elses_id_in_a_setting_changes_nothing(mallory: Connection, target: Target) -> None:
    for name in (
        "nexus.user_id",
        "nexus.person",
        "nexus.venue_ids",
        "nexus.role",
        "role_name",
        "app.user_id",
    ):
        mallory.execute(
            "SELECT set_config(%s, %s, false)",
            [name if "." in name else f"x.{name}", str(target.admin_person.id)],
        )
    assert value(mallory, "SELECT auth.user_id()") == target.mallory.id
    assert value(mallory, "SELECT auth.has('settings.manage')") is False


def test_guessing_tokens_is_hopeless(stranger: Connection) -> None:
    for _ in range(200):
        identities.set_token(stranger, secrets.token_hex(32))
        assert value(stranger, "SELECT auth.user_id()") is None


def test_a_session_cannot_be_prolonged(mallory: Connection) -> None:
    refused(mallory, "UPDATE auth.person_sessions SET expires_at = 'infinity'", by=DENIED)


def test_the_clock_cannot_be_turned_back(mallory: Connection, manager: Connection) -> None:
    for connection in (mallory, manager):
        refused(connection, "INSERT INTO app.fixed_clock (instant, reason) VALUES ('2001-01-01', 'test')")
        refused(connection, "UPDATE app.fixed_clock SET instant = '2001-01-01'")
        refused(connection, "DELETE FROM app.fixed_clock")
