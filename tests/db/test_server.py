"""The fixtures themselves: what every other database test stands on."""

from __future__ import annotations

import psycopg
import pytest

from console.storage.embedded import EmbeddedServer
from tests.support.databases import Connection, Database


def test_fresh_database_sees_commits_and_is_apart_from_the_shared_one(
    fresh_database: Database, admin: Connection, tx: Connection
) -> None:
    admin.execute("CREATE TABLE public.only_here (a int)")
    with fresh_database.connect() as second:
        assert second.execute("SELECT count(*) FROM public.only_here").fetchone() == (0,)
    assert tx.execute("SELECT to_regclass('public.only_here')").fetchone() == (None,)


def test_superuser_is_refused_over_tcp(server: EmbeddedServer) -> None:
    with pytest.raises(psycopg.OperationalError, match="rejects connection"):
        psycopg.connect(server.dsn("postgres", "nexus_admin", "anything"))


def test_passwords_are_scram_and_required_over_tcp(fresh_database: Database, admin: Connection) -> None:
    admin.execute("CREATE ROLE plain_visitor LOGIN PASSWORD 'right'")
    try:
        admin.execute(f'GRANT CONNECT ON DATABASE "{fresh_database.name}" TO plain_visitor')
        stored = admin.execute("SELECT rolpassword FROM pg_authid WHERE rolname = 'plain_visitor'").fetchone()
        assert stored is not None
        assert stored[0].startswith("SCRAM-SHA-256$")
        with fresh_database.connect("plain_visitor", "right") as visitor:
            assert visitor.execute("SELECT session_user").fetchone() == ("plain_visitor",)
        with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
            fresh_database.connect("plain_visitor", "wrong")
    finally:
        admin.execute("DROP OWNED BY plain_visitor")
        admin.execute("DROP ROLE plain_visitor")
