"""The logins of workers, made and ended over an administrator's connection, and what `doctor` says of them.

See docs/design.md, "The database" (roles).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import psycopg
from psycopg.rows import namedtuple_row

from console.domain import scram
from console.domain.enrolment import SECRET_ITERATIONS
from console.domain.jobs import WorkerLogin
from console.errors import Unavailable
from console.storage.sqlstate import translate


@dataclass(frozen=True, slots=True)
class WorkerRow:
    """A worker as `worker list` shows it; `silent_seconds` is by the server's clock, None where it never ran."""

    name: str
    role: str
    enrolled_at: datetime
    seen_at: datetime | None
    silent_seconds: float | None


def enrol(admin_dsn: str, login: WorkerLogin) -> None:
    """Make the role of `login`. Raises Conflict where an active worker has that name."""
    verifier = scram.make_verifier(login.secret, iterations=SECRET_ITERATIONS)
    with _connected(admin_dsn) as connection:
        connection.execute(
            "SELECT admin.worker_enrol(%s::text::name, %s, %s)", [login.role, login.name, verifier]
        )


def revoke(admin_dsn: str, name: str) -> bool:
    """Shut a worker out by its name or role; False where there is none that works."""
    with _connected(admin_dsn) as connection:
        row = connection.execute("SELECT admin.worker_revoke(%s) AS done", [name]).fetchone()
    return bool(row and row.done)


def works(admin_dsn: str, role: str) -> bool:
    """Whether the role is a worker's here that has not been revoked and can still log in."""
    with _connected(admin_dsn) as connection:
        return bool(
            connection.execute(
                """SELECT 1 FROM app.workers AS w JOIN pg_catalog.pg_roles AS r ON r.rolname = w.role_name
                    WHERE w.role_name = %s AND w.revoked_at IS NULL AND r.rolcanlogin""",
                [role],
            ).fetchone()
        )


def workers(admin_dsn: str) -> list[WorkerRow]:
    """The workers that are enrolled; none for a database that is older than they are."""
    with _connected(admin_dsn) as connection:
        known = connection.execute("SELECT to_regclass('app.workers') IS NOT NULL AS known").fetchone()
        if known is None or not known.known:
            return []
        return [
            WorkerRow(*row)
            for row in connection.execute(
                """SELECT name, role_name::text, enrolled_at, seen_at, extract(epoch FROM app.now() - seen_at)::float8
                     FROM app.workers WHERE revoked_at IS NULL ORDER BY lower(name)"""
            ).fetchall()
        ]


@contextmanager
def _connected(admin_dsn: str) -> Iterator[psycopg.Connection[Any]]:
    try:
        with psycopg.connect(
            admin_dsn, autocommit=True, connect_timeout=10, row_factory=namedtuple_row
        ) as connection:
            yield connection
    except psycopg.errors.UndefinedFunction as error:
        raise Unavailable(
            "The database is older than this worker.",
            hint="Run: nexus-console db upgrade",
            code="database_older",
        ) from error
    except psycopg.Error as error:
        raise translate(error) from error
