"""Becoming somebody else: roles, grants, shadowed names, anonymous code, the owners' own functions."""

from __future__ import annotations

import pytest

from console.storage import embedded_config
from tests.security.attacks import (
    DENIED,
    NO_SUCH_FUNCTION,
    NOT_FOUND,
    REFUSED,
    answer_or_refusal,
    refused,
    rows,
    value,
)
from tests.security.conftest import Target
from tests.support.databases import Connection

OWNERS = (
    embedded_config.SUPERUSER,
    "console_owner",
    "console_auth",
    "console_api",
    "console_jobs",
    "console_worker",
)


@pytest.mark.parametrize("role", OWNERS)
def test_no_other_role_can_be_taken_on(mallory: Connection, role: str) -> None:
    refused(mallory, f"SET ROLE {role}")
    refused(mallory, f"SET SESSION AUTHORIZATION {role}")
    refused(mallory, "SELECT set_config('role', %s, false)", [role])


def test_another_desks_role_cannot_be_taken_on(mallory: Connection, target: Target) -> None:
    refused(mallory, f"SET ROLE {target.victim.desk.role}")


def test_a_person_cannot_promote_themselves(mallory: Connection, manager: Connection, target: Target) -> None:
    for connection, person in ((mallory, target.mallory.id), (manager, target.manager.id)):
        refused(
            connection,
            "INSERT INTO public.staff_grants (user_id, role) VALUES (%s, 'platform_admin')",
            [person],
        )
        refused(connection, "UPDATE public.staff_grants SET role = 'manager' WHERE user_id = %s", [person])
        refused(connection, "UPDATE public.users SET role = 'platform_admin' WHERE id = %s", [person])


def test_what_roles_may_do_cannot_be_changed(mallory: Connection, target: Target) -> None:
    for connection in (mallory, target.admin_person.connection):
        refused(connection, "INSERT INTO auth.role_permissions VALUES ('front_desk', 'payouts.run')")
        refused(connection, "DELETE FROM auth.role_permissions")


def test_administrators_functions_are_not_a_desks(mallory: Connection, target: Target) -> None:
    refused(mallory, "SELECT admin.device_enrol('nexus_desk_evil', 'Evil', NULL, 'x')")
    refused(mallory, "SELECT admin.device_revoke(%s)", [target.victim.desk.device_id])
    refused(mallory, "SELECT * FROM admin.device_list()")


def test_roles_cannot_be_made_or_changed(mallory: Connection, target: Target) -> None:
    refused(mallory, "CREATE ROLE evil LOGIN")
    refused(mallory, f"ALTER ROLE {target.victim.desk.role} NOLOGIN")
    refused(mallory, f"GRANT console_owner TO {target.desk.role}")
    refused(mallory, f"ALTER ROLE {target.desk.role} CONNECTION LIMIT -1")
    refused(mallory, f"ALTER ROLE {target.desk.role} BYPASSRLS")


def test_a_desk_poisons_only_itself(mallory: Connection, target: Target) -> None:
    """A role may set its own defaults; others must not be touched by them."""
    refused(mallory, f"ALTER ROLE {target.victim.desk.role} SET search_path = evil")
    refused(mallory, "ALTER ROLE console_client SET search_path = evil")
    refused(mallory, f"ALTER DATABASE {target.database.name} SET search_path = evil")


def test_row_security_cannot_be_switched_off(mallory: Connection, target: Target) -> None:
    mallory.execute("SET row_security = off")
    refused(mallory, "SELECT id FROM public.bookings WHERE id = %s", [target.theirs.booking])
    mallory.execute("RESET row_security")
    refused(mallory, "ALTER TABLE public.bookings DISABLE ROW LEVEL SECURITY")
    refused(mallory, "CREATE POLICY mine ON public.bookings USING (true)")


def test_triggers_cannot_be_silenced(mallory: Connection) -> None:
    refused(mallory, "SET session_replication_role = replica")
    refused(mallory, "ALTER TABLE public.bookings DISABLE TRIGGER ALL")


def test_nothing_can_be_made_in_any_schema(mallory: Connection) -> None:
    for schema in (
        "public",
        "app",
        "auth",
        "desk",
        "attendance",
        "credits",
        "bookings",
        "admin",
        "pg_catalog",
    ):
        refused(mallory, f"CREATE TABLE {schema}.mine (x int)")
    refused(mallory, "CREATE SCHEMA mine")


def test_temporary_objects_cannot_shadow_tables(mallory: Connection) -> None:
    refused(mallory, "CREATE TEMP TABLE bookings (id uuid)")
    refused(mallory, "CREATE TEMP VIEW users AS SELECT 1")
    refused(mallory, "CREATE FUNCTION pg_temp.sha256(bytea) RETURNS bytea LANGUAGE sql AS 'SELECT $1'")


def test_a_changed_search_path_does_not_reach_definers(mallory: Connection, target: Target) -> None:
    mallory.execute("SET search_path = pg_temp, evil, information_schema")
    try:
        assert value(mallory, "SELECT auth.user_id()") == target.mallory.id
        assert [
            row[0] for row in rows(mallory, "SELECT booking_id FROM desk.roster(%s)", [target.ours.session])
        ]
    finally:
        mallory.execute("RESET search_path")


@pytest.mark.parametrize("language", ["plpgsql", "sql", "c", "internal"])
def test_no_code_can_be_brought_in(mallory: Connection, language: str) -> None:
    refused(mallory, f"CREATE FUNCTION public.mine() RETURNS int LANGUAGE {language} AS 'SELECT 1'")


def test_anonymous_code_cannot_run(mallory: Connection) -> None:
    refused(mallory, "DO $$ BEGIN PERFORM 1; END $$")
    refused(mallory, "DO LANGUAGE plpgsql $$ BEGIN PERFORM 1; END $$")


def test_settings_of_rules_cannot_be_changed(mallory: Connection, manager: Connection) -> None:
    for connection in (mallory, manager):
        refused(connection, "UPDATE public.platform_settings SET value = '0'")
        refused(connection, "INSERT INTO public.platform_settings (key, value) VALUES ('x', '1')")


def test_strict_checks_are_not_loosened_by_session_settings(mallory: Connection, target: Target) -> None:
    for setting in (
        "check_function_bodies",
        "array_nulls",
        "transform_null_equals",
        "standard_conforming_strings",
    ):
        mallory.execute(f"SET {setting} = on".encode())
    mallory.execute(
        "SET bytea_output = escape; SET datestyle = 'German'; SET timezone = 'Pacific/Kiritimati'"
    )
    mallory.execute("SET plan_cache_mode = force_generic_plan; SET enable_indexscan = off")
    assert value(mallory, "SELECT auth.user_id()") == target.mallory.id
    refused(mallory, "SELECT * FROM desk.roster(%s)", [target.theirs.session], by=(NOT_FOUND, REFUSED))


def test_functions_hold_no_secrets(mallory: Connection, administrator: Connection) -> None:
    """A function's source is readable by everybody, so it must not matter who reads it."""
    sources = rows(
        mallory,
        "SELECT p.proname, p.prosrc FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace "
        "WHERE n.nspname IN ('app', 'auth', 'desk', 'attendance', 'credits', 'bookings', 'admin', 'schedules', "
        "'notify', 'stats', 'payouts', 'invoices', 'books', 'vetting', 'scores', 'feedback')",
    )
    assert sources
    key = value(administrator, "SELECT encode(salt_key, 'hex') FROM auth.sign_in_secret")
    for name, source in sources:
        assert key not in source, name


def test_helpers_that_write_credentials_are_not_callable(mallory: Connection, target: Target) -> None:
    for call in (
        "auth.set_verifier(%s, 'x')",
        "auth.end_sessions(%s, NULL, 'administrator')",
        "auth.set_authenticator(%s, 'x', '{}')",
        "auth.has_used_desk(%s)",
    ):
        refused(mallory, f"SELECT {call}", [target.victim.id])


def test_helpers_that_compare_and_hash_are_not_oracles(stranger: Connection) -> None:
    refused(stranger, "SELECT auth.account_key('a@b.example')", by=(DENIED, NO_SUCH_FUNCTION))
    refused(stranger, "SELECT auth.locked_seconds('', NULL, NULL)", by=(DENIED, NO_SUCH_FUNCTION))
    refused(stranger, "SELECT auth.settled_verdict(gen_random_uuid())", by=(DENIED, NO_SUCH_FUNCTION))
    refused(stranger, "SELECT auth.hmac_sha256('', '')", by=(DENIED, NO_SUCH_FUNCTION))


def test_the_channel_of_another_venue_stays_unknown(mallory: Connection, target: Target) -> None:
    refused(mallory, "SELECT * FROM auth.venue_channels")
    assert value(mallory, "SELECT auth.channel_of(%s)", [target.ours.venue])
    theirs = answer_or_refusal(
        mallory, "SELECT auth.channel_of(%s)", [target.theirs.venue], by=(REFUSED, NOT_FOUND)
    )
    assert theirs in ([], [(None,)])
