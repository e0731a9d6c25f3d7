"""The server around the tables: files, programs, other databases, other people's sessions, shared locks."""

from __future__ import annotations

from contextlib import closing

import psycopg
import pytest

from console.storage import embedded_config
from tests.security.attacks import DENIED, refused, rows, value
from tests.security.conftest import Target
from tests.support.databases import Connection

CONNECTION_LIMIT = 6


@pytest.mark.parametrize(
    "statement",
    [
        "COPY public.bookings TO STDOUT",
        "COPY public.children TO STDOUT",
        "COPY (SELECT 1) TO '/tmp/stolen'",
        "COPY (SELECT 1) TO PROGRAM 'cat'",
        "COPY public.bookings (id) FROM PROGRAM 'id'",
        "COPY public.users FROM '/etc/passwd'",
    ],
)
def test_copy_reaches_neither_tables_nor_files(mallory: Connection, statement: str) -> None:
    refused(mallory, statement, by=(DENIED, "0A000"))


@pytest.mark.parametrize(
    "call",
    [
        "pg_read_file('/etc/passwd')",
        "pg_read_binary_file('PG_VERSION')",
        "pg_ls_dir('.')",
        "pg_stat_file('PG_VERSION')",
        "pg_read_file(current_setting('data_directory'))",
        "lo_create(0)",
        "lo_from_bytea(0, 'x')",
        "lo_import('/etc/passwd')",
        "lo_get(1)",
        "lo_unlink(1)",
        "pg_advisory_lock(1)",
        "pg_advisory_xact_lock(1)",
        "pg_try_advisory_lock(1, 2)",
        "pg_terminate_backend(1)",
        "pg_cancel_backend(1)",
        "pg_logical_emit_message(false, 'x', 'y')",
        "pg_reload_conf()",
        "pg_rotate_logfile()",
        "pg_switch_wal()",
        "pg_stat_reset()",
        "pg_stat_get_activity(NULL)",
        "pg_export_snapshot() FROM pg_read_file('x')",
    ],
)
def test_functions_that_reach_beyond_the_tables_are_closed(mallory: Connection, call: str) -> None:
    refused(mallory, f"SELECT {call}")


def test_other_connections_cannot_be_seen(mallory: Connection) -> None:
    refused(mallory, "SELECT query FROM pg_stat_activity")


def test_another_connection_cannot_be_ended(mallory: Connection, target: Target) -> None:
    with closing(target.connect(target.victim)) as other:
        pid = other.info.backend_pid
        refused(mallory, "SELECT pg_terminate_backend(%s)", [pid])
        refused(mallory, "SELECT pg_cancel_backend(%s)", [pid])
        assert value(other, "SELECT 1") == 1


@pytest.mark.parametrize("name", ["postgres", "template1"])
def test_other_databases_are_closed(target: Target, name: str) -> None:
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(target.database.server.dsn(name, target.desk.role, target.desk.secret))


def test_the_superuser_is_not_reachable_over_tcp(target: Target) -> None:
    for password in ("", "postgres", target.desk.secret):
        with pytest.raises(psycopg.OperationalError):
            psycopg.connect(target.database.dsn(embedded_config.SUPERUSER, password))


def test_a_wrong_desk_secret_does_not_log_in(target: Target) -> None:
    with pytest.raises(psycopg.OperationalError):
        target.database.connect(target.desk.role, "guess")


def test_group_roles_cannot_log_in(target: Target) -> None:
    for role in (
        "console_client",
        "console_owner",
        "console_api",
        "console_auth",
        "console_jobs",
        "console_worker",
    ):
        with pytest.raises(psycopg.OperationalError):
            target.database.connect(role, "anything")


def test_a_desk_cannot_use_up_all_connections(target: Target) -> None:
    taken = 1  # the victim's own
    opened = [target.victim.desk.connect() for _ in range(CONNECTION_LIMIT - taken)]
    try:
        with pytest.raises(psycopg.OperationalError, match="too many connections"):
            target.victim.desk.connect()
        with closing(target.desk.connect()) as other:
            assert value(other, "SELECT 1") == 1
    finally:
        for connection in opened:
            connection.close()


def test_extensions_and_foreign_servers_cannot_be_made(mallory: Connection) -> None:
    refused(mallory, "CREATE EXTENSION dblink")
    refused(mallory, "CREATE EXTENSION file_fdw")
    refused(mallory, "CREATE SERVER s FOREIGN DATA WRAPPER x", by=(DENIED, "42704"))
    refused(mallory, "CREATE SUBSCRIPTION s CONNECTION 'dbname=x' PUBLICATION p", by=(DENIED, "42501"))


def test_the_server_cannot_be_reconfigured(mallory: Connection) -> None:
    refused(mallory, "ALTER SYSTEM SET log_statement = 'all'")
    refused(mallory, "SET log_statement = 'all'")
    refused(mallory, "LOAD 'auto_explain'", by=(DENIED, "58P01"))
    refused(mallory, "CHECKPOINT")


def test_tables_cannot_be_locked_against_others(mallory: Connection) -> None:
    with mallory.transaction(force_rollback=True):
        refused(mallory, "LOCK TABLE public.bookings IN ACCESS EXCLUSIVE MODE")
    with mallory.transaction(force_rollback=True):
        refused(mallory, "SELECT id FROM public.bookings FOR UPDATE")


def test_the_owners_of_the_catalogue_are_not_told_passwords(mallory: Connection) -> None:
    refused(mallory, "SELECT * FROM pg_authid")
    assert {row[0] for row in rows(mallory, "SELECT rolpassword FROM pg_roles")} <= {"********", None}


def test_prepared_statements_die_with_their_connection(target: Target) -> None:
    """What the person before left in a connection is not inherited: the pool is disposed, and a new login is clean."""
    with closing(target.connect()) as first:
        first.execute("PREPARE theirs AS SELECT auth.user_id()")
        assert value(first, "EXECUTE theirs") == target.mallory.id
    with closing(target.desk.connect()) as second:
        refused(second, "EXECUTE theirs", by="26000")
        assert value(second, "SELECT auth.user_id()") is None


def test_the_material_of_the_dashboard_is_not_a_desks(mallory: Connection) -> None:
    refused(mallory, "SELECT * FROM public.parent_dashboard_summary")
    refused(mallory, "REFRESH MATERIALIZED VIEW public.parent_dashboard_summary")


def test_the_desk_secret_is_not_in_the_servers_log(target: Target) -> None:
    log = target.database.server.home / "server.log"
    assert log.exists()
    text = log.read_text(errors="replace")
    assert target.desk.secret not in text
    assert target.mallory.token not in text
