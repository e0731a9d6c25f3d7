"""What PostgreSQL gives everybody is taken away: tried over a real desk login.

docs/design.md, "Authorisation" (rule 6); docs/security.md says what each is there against.
"""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest

from tests.support import identities
from tests.support.databases import Connection, Database


@pytest.fixture(scope="module")
def desk(house: Database) -> Iterator[Connection]:
    with identities.at_desk(house, "platform_admin") as amara:
        yield amara.connection


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT lo_create(0)",
        "SELECT lo_creat(-1)",
        "SELECT lo_from_bytea(0, 'x')",
        "SELECT lo_put(1, 0, 'x')",
        "SELECT pg_terminate_backend(pg_backend_pid())",
        "SELECT pg_cancel_backend(pg_backend_pid())",
        "SELECT pg_logical_emit_message(false, 'x', 'y')",
        "SELECT pg_advisory_lock(1)",
        "SELECT pg_try_advisory_lock(1)",
        "SELECT pg_advisory_xact_lock(1, 2)",
        "SELECT pg_advisory_unlock_all()",
        "SELECT * FROM pg_stat_activity",
        "SELECT * FROM pg_stat_get_activity(NULL)",
        "DO $$ BEGIN NULL; END $$",
        "CREATE TEMP TABLE t (x int)",
        "CREATE TABLE public.t (x int)",
        "CREATE TABLE app.t (x int)",
        "CREATE SCHEMA mine",
        "CREATE FUNCTION public.f() RETURNS int LANGUAGE sql AS 'SELECT 1'",
        "CREATE FUNCTION pg_temp.f() RETURNS int LANGUAGE sql AS 'SELECT 1'",
        "CREATE ROLE mine",
        "CREATE DATABASE mine",
        "COPY (SELECT 1) TO '/tmp/nexus-copied'",
        "COPY (SELECT 1) TO PROGRAM 'cat'",
        "SELECT pg_read_file('/etc/passwd')",
        "SELECT * FROM pg_authid",
        "SET ROLE console_owner",
        "SET ROLE console_auth",
        "SET ROLE console_api",
        "SET SESSION AUTHORIZATION console_owner",
        "ALTER SYSTEM SET work_mem = '1GB'",
        "GRANT console_owner TO current_user",
    ],
)
def test_a_desk_may_not(desk: Connection, statement: str) -> None:
    with pytest.raises(psycopg.Error) as caught:
        desk.execute(statement.encode())
    assert caught.value.sqlstate in {"42501", "0LP01"}, caught.value


def test_a_vacuum_of_what_is_not_ones_own_does_nothing(house: Database) -> None:
    notices: list[str] = []
    with identities.enrol(house).connect() as connection:
        connection.add_notice_handler(lambda notice: notices.append(notice.message_primary or ""))
        connection.execute("VACUUM users")
        connection.execute("ANALYZE users")
    assert len(notices) == 2
    assert all("permission denied" in notice or "skipping" in notice for notice in notices)


@pytest.mark.parametrize("other", ["postgres", "template1"])
def test_a_desk_enters_no_other_database(house: Database, other: str) -> None:
    desk = identities.enrol(house)
    with pytest.raises(psycopg.OperationalError, match="permission denied for database"):
        psycopg.connect(house.server.dsn(other, desk.role, desk.secret))


def test_a_desk_has_six_connections_and_no_more(house: Database) -> None:
    desk = identities.enrol(house)
    held = [desk.connect() for _ in range(6)]
    try:
        with pytest.raises(psycopg.OperationalError, match="too many connections for role"):
            desk.connect()
    finally:
        for connection in held:
            connection.close()


def test_a_desk_cannot_poison_the_next_connection_of_another_desk(house: Database) -> None:
    desk, other = identities.enrol(house), identities.enrol(house)
    with desk.connect() as connection:
        connection.execute(f"ALTER ROLE {desk.role} SET search_path = pg_temp".encode())
        for role in (other.role, "console_client"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(f"ALTER ROLE {role} SET search_path = pg_temp".encode())


def test_the_owners_of_functions_keep_what_they_need(house: Database) -> None:
    with house.connect() as admin:
        row = admin.execute(
            """SELECT has_language_privilege('console_auth', 'plpgsql', 'USAGE'),
                      has_language_privilege('console_client', 'plpgsql', 'USAGE'),
                      has_function_privilege('console_api', 'pg_advisory_xact_lock(bigint)', 'EXECUTE'),
                      has_function_privilege('console_client', 'pg_advisory_xact_lock(bigint)', 'EXECUTE')"""
        ).fetchone()
    assert row == (True, False, True, False)
