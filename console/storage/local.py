"""The console's own database: the embedded server, and the one database inside it.

The application and every administrative command open it through here, so that they always mean the same one.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from psycopg import sql

from console.settings import Settings
from console.storage.embedded import EmbeddedServer


@contextmanager
def local_database(settings: Settings) -> Iterator[EmbeddedServer]:
    """The running embedded server with `settings.database_name` in it, made where it is missing.

    Blocks for up to a few seconds. Raises Unavailable with the reason where it cannot run.
    """
    with EmbeddedServer(port=settings.embedded_port) as server:
        ensure_database(server, settings.database_name)
        yield server


def ensure_database(server: EmbeddedServer, name: str) -> bool:
    """Make the database `name` where it does not exist; whether it had to be made."""
    with psycopg.connect(server.admin_dsn(), autocommit=True) as connection:
        if connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (name,)).fetchone():
            return False
        connection.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(sql.Identifier(name)))
        return True
