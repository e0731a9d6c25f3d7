"""A database with mail in it, the worker's own login to it, and what became of each message.

Everything is real: the database's own functions write the rows, and the login has no more than the worker's rights.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any
from uuid import UUID

from psycopg import sql
from psycopg.types.json import Jsonb

from console.storage.embedded import EmbeddedServer
from console.worker import smtp_settings
from console.worker.mail import Round, deliver
from tests.support import databases, factories
from tests.support.databases import Connection, Database
from tests.support.factories import NOON
from tests.support.mail_server import FakeMailServer


class Post:
    """A database with mail in it, and the worker's own login to it."""

    def __init__(self, database: Database, admin: Connection, role: str) -> None:
        self.database = database
        self.admin = admin
        self.dsn = database.dsn(role, role)

    def write(self, number: int = 1, *, child: str = "Nia", **parent: Any) -> list[UUID]:
        """That many messages to one parent each."""
        return [self._one(child, parent) for _ in range(number)]

    def _one(self, child: str, columns: dict[str, Any]) -> UUID:
        person = factories.parent(self.admin, **columns)
        facts = {
            "child": child,
            "activity": "Junior Judo",
            "venue": "Riverside Studio",
            "starts_at": (NOON + timedelta(days=3)).isoformat(),
            "credits": 4,
        }
        self.admin.execute(
            "SELECT notify.tell(%s, 'session_cancelled', %s, 'test')", [person, Jsonb(facts)]
        ).fetchone()
        found = factories.one(
            self.admin, "SELECT id FROM notifications WHERE user_id = %s AND channel = 'email'", person
        )
        assert isinstance(found, UUID)
        return found

    def state(self, message: UUID) -> tuple[str, str | None, int]:
        """Its state, why, and how often it was tried."""
        row = factories.one(
            self.admin, "SELECT state::text, send_error, attempts FROM notifications WHERE id = %s", message
        )
        return row[0], row[1], row[2]

    def states(self) -> dict[str, int]:
        """How many are in each state."""
        rows = self.admin.execute(
            "SELECT state::text, count(*) FROM notifications WHERE channel = 'email' GROUP BY 1"
        )
        return dict(rows.fetchall())

    def later(self, step: timedelta) -> None:
        """Move the database's clock."""
        now = factories.one(self.admin, "SELECT app.now()")
        factories.fix_clock(self.admin, now + step)

    async def round(self, server: FakeMailServer) -> Round:
        """One round of the worker."""
        return await deliver(self.dsn, smtp_settings.parse(server.url))


@contextmanager
def post_office(server: EmbeddedServer) -> Iterator[tuple[Database, str]]:
    """A database of one module, and a worker's role in it whose password is its name."""
    made = databases.clone(server, "mail")
    role = f"nexus_worker_t_{secrets.token_hex(4)}"
    with made.connect() as admin:
        admin.execute(
            sql.SQL("CREATE ROLE {} LOGIN PASSWORD {} IN ROLE console_worker").format(
                sql.Identifier(role), sql.Literal(role)
            )
        )
    yield made, role
    databases.drop(made)
    with Database(server, "postgres").connect() as admin:
        admin.execute(sql.SQL("DROP ROLE {}").format(sql.Identifier(role)))


@contextmanager
def emptied(database: Database, role: str) -> Iterator[Post]:
    """The module's database without a message in it, at noon."""
    with database.connect() as admin:
        admin.execute("DELETE FROM notifications")
        admin.execute("UPDATE users SET email = id || '@used.example'")
        factories.fix_clock(admin, NOON)
        yield Post(database, admin, role)
