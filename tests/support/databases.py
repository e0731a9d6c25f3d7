"""Real databases for tests, made fast.

One upgraded template per server is cloned for every test that has to see commits; nobody ever connects to the
template itself, because PostgreSQL refuses to clone a database in use.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg import sql

from console.storage.embedded import EmbeddedServer

TEMPLATE = "nexus_template"
_numbers = itertools.count(1)

Connection = psycopg.Connection[tuple[Any, ...]]


@dataclass(frozen=True)
class Database:
    """A database on the test server."""

    server: EmbeddedServer
    name: str

    @property
    def admin_dsn(self) -> str:
        """Connection string of the administrator."""
        return self.server.admin_dsn(self.name)

    def dsn(self, user: str, password: str) -> str:
        """Connection string of any other role."""
        return self.server.dsn(self.name, user, password)

    def connect(self, user: str | None = None, password: str = "", *, autocommit: bool = True) -> Connection:
        """A connection as `user`, or as the administrator."""
        dsn = self.admin_dsn if user is None else self.dsn(user, password)
        return psycopg.connect(dsn, autocommit=autocommit)


def create_template(server: EmbeddedServer) -> None:
    """Make the template: an empty database brought to the newest schema by the console's own upgrade."""
    with psycopg.connect(server.admin_dsn(), autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(TEMPLATE)))
    from console.storage import migrate

    migrate.upgrade(server.admin_dsn(TEMPLATE))


def clone(server: EmbeddedServer, prefix: str = "t") -> Database:
    """A new database with the schema of the template."""
    name = f"nexus_{prefix}_{next(_numbers)}"
    with psycopg.connect(server.admin_dsn(), autocommit=True) as connection:
        connection.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY").format(
                sql.Identifier(name), sql.Identifier(TEMPLATE)
            )
        )
        # Who may enter a database is the one privilege that a clone does not take over.
        if connection.execute("SELECT 1 FROM pg_roles WHERE rolname = 'console_client'").fetchone():
            revoke = sql.SQL("REVOKE CONNECT, TEMPORARY ON DATABASE {} FROM PUBLIC")
            connection.execute(revoke.format(sql.Identifier(name)))
            allow = sql.SQL("GRANT CONNECT ON DATABASE {} TO console_client, console_worker")
            connection.execute(allow.format(sql.Identifier(name)))
            own = sql.SQL("GRANT TEMPORARY ON DATABASE {} TO console_owner")
            connection.execute(own.format(sql.Identifier(name)))
    return Database(server, name)


def drop(database: Database) -> None:
    """Remove a database, whoever is still connected."""
    with psycopg.connect(database.server.admin_dsn(), autocommit=True) as connection:
        connection.execute(
            sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(database.name))
        )
