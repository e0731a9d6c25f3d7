"""Bringing a database to this console's schema: the only place that changes one.

An upgrade is one transaction: roles, schemas, Alembic's versions, the functions of each owner, the policies. Either
all of it holds afterwards or nothing has changed. Functions and policies are re-applied whole whenever any file
differs from what the database says it has, and functions that no file creates any more are dropped; when nothing
differs the answer takes one query, and Alembic is not even imported. See docs/design.md, "The database".
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from console import __version__, paths
from console.errors import BugError, ConsoleError, Denied, Unavailable
from console.storage.schema_check import Problem, find_problems

OWNERS = ("console_owner", "console_auth", "console_api", "console_jobs")
SCHEMAS = (
    *("public", "app", "auth", "desk", "attendance", "credits", "bookings", "admin"),
    *("schedules", "notify", "stats", "payouts", "invoices", "books"),
    *("vetting", "scores", "feedback"),
)
OLDEST_SERVER = 150000

# Any number will do as long as no other program on the server takes the same lock; these are the letters "nexus".
UPGRADE_LOCK = 0x6E65787573
LOCK_WAIT_MS = 60_000


@dataclass(frozen=True, slots=True)
class UpgradeReport:
    """What an upgrade did. `before` is None for a database that was empty; revisions are Alembic's."""

    before: str | None
    after: str
    changed: bool
    files: int
    seconds: float


def upgrade(admin_dsn: str) -> UpgradeReport:
    """Bring the database of `admin_dsn` to this console's schema, or leave it untouched and raise.

    Raises Unavailable (cannot be reached, too old a server, made by a newer console, another upgrade is running),
    Denied (the administrator lacks a right) or BugError (a file does not apply).
    """
    started = time.monotonic()
    with connect(admin_dsn) as probe:
        before = _applied_revision(probe)
        _refuse_newer(probe, before)
        files, applied = _hashes(), _applied_files(probe)
        if before == newest_revision() and applied == files:
            return UpgradeReport(before, before, False, 0, time.monotonic() - started)
        _refuse_rewritten_past(before, applied, files)
    try:
        _apply(admin_dsn, files)
    except psycopg.Error as error:
        raise _explain(error) from error
    return UpgradeReport(before, newest_revision(), True, len(files), time.monotonic() - started)


def check(admin_dsn: str) -> list[Problem]:
    """Everything that is not as it should be in the database of `admin_dsn`, with what to do about it."""
    with connect(admin_dsn) as connection:
        before = _applied_revision(connection)
        try:
            _refuse_newer(connection, before)
        except ConsoleError as error:
            return [Problem("database_newer", error.sentence, error.hint or "")]
        if before is None:
            return [
                Problem("database_empty", "The database has no tables yet.", "Run: nexus-console db upgrade")
            ]
        problems = []
        if before != newest_revision() or _applied_files(connection) != _hashes():
            problems.append(
                Problem(
                    "database_older",
                    "The database is older than this console.",
                    "Run: nexus-console db upgrade",
                )
            )
        return problems + find_problems(connection)


def connect(admin_dsn: str) -> psycopg.Connection[Any]:
    """An administrator's connection, in autocommit. Raises Unavailable when there is none to be had."""
    try:
        connection = psycopg.connect(admin_dsn, autocommit=True, connect_timeout=10)
    except (psycopg.OperationalError, psycopg.ProgrammingError) as error:
        raise Unavailable(
            "The database cannot be reached.",
            hint="Check its address, its name and the administrator's password.",
            code="database_unreachable",
        ) from error
    if connection.info.server_version < OLDEST_SERVER:
        version = connection.info.server_version // 10000
        connection.close()
        raise Unavailable(
            f"The server runs PostgreSQL {version}; the console needs 15 or newer.", code="server_too_old"
        )
    return connection


def newest_revision() -> str:
    """The revision this console brings a database to."""
    return max(_known_revisions())


def _known_revisions() -> set[str]:
    return {path.name.split("_", 1)[0] for path in (paths.db_dir() / "versions").glob("[0-9]*.py")}


def _files() -> Iterator[tuple[str, Path]]:
    """Every file that shapes a database, by its path below db/, in the order of application."""
    base = paths.db_dir()
    for path in sorted(base.rglob("*")):
        if path.suffix in {".sql", ".py"} and "__pycache__" not in path.parts:
            yield path.relative_to(base).as_posix(), path


def _hashes() -> dict[str, str]:
    # Line ends differ between a Windows checkout and a wheel; the meaning does not.
    return {
        name: hashlib.sha256(path.read_bytes().replace(b"\r\n", b"\n")).hexdigest() for name, path in _files()
    }


def _applied_revision(connection: psycopg.Connection[Any]) -> str | None:
    if not _has_table(connection, "app.alembic_version"):
        return None
    row = connection.execute("SELECT version_num FROM app.alembic_version").fetchone()
    return None if row is None else str(row[0])


def _applied_files(connection: psycopg.Connection[Any]) -> dict[str, str]:
    if not _has_table(connection, "app.schema_files"):
        return {}
    return dict(connection.execute("SELECT path, sha256 FROM app.schema_files").fetchall())


def _has_table(connection: psycopg.Connection[Any], name: str) -> bool:
    row = connection.execute("SELECT to_regclass(%s) IS NOT NULL", [name]).fetchone()
    return row is not None and bool(row[0])


def _refuse_newer(connection: psycopg.Connection[Any], revision: str | None) -> None:
    if revision is None:
        return
    row = connection.execute("SELECT console_version FROM app.schema_state").fetchone()
    theirs = _version_key(row[0]) if row else ()
    if revision not in _known_revisions() or theirs > _version_key(__version__):
        raise Unavailable(
            "This database was upgraded by a newer console.",
            hint="Install the newest console on this machine.",
            code="database_newer",
        )


def _refuse_rewritten_past(revision: str | None, applied: dict[str, str], files: dict[str, str]) -> None:
    """Refuse a database whose tables came of other statements than this console's: nothing would bring them together.

    Only a console from between two releases makes such a database; what a release has applied is never edited.
    """
    for name, was in applied.items():
        parts = name.split("/")
        if (
            revision is not None
            and parts[0] == "versions"
            and parts[1][:4] <= revision
            and files.get(name) != was
        ):
            raise Unavailable(
                "This database was made by an unfinished version of the console and cannot be upgraded.",
                hint="Start with a new database, or restore a backup made by a release.",
                code="database_unreleased",
            )


def _version_key(version: str) -> tuple[int, ...]:
    numbers = []
    for part in version.split("+")[0].split("."):
        digits = "".join(character for character in part if character.isdigit())
        numbers.append(int(digits or 0))
    return tuple(numbers)


def _apply(admin_dsn: str, files: dict[str, str]) -> None:
    # Imported here: a console that finds nothing to do must not pay for them.
    from alembic.migration import MigrationContext
    from alembic.operations import Operations
    from alembic.script import ScriptDirectory
    from sqlalchemy import create_engine
    from sqlalchemy.pool import NullPool

    script = ScriptDirectory(str(paths.db_dir()), version_locations=[str(paths.db_dir() / "versions")])
    engine = create_engine(
        "postgresql+psycopg://", creator=lambda: psycopg.connect(admin_dsn), poolclass=NullPool
    )
    with engine.begin() as alembic_connection:
        driver = alembic_connection.connection.driver_connection
        assert isinstance(driver, psycopg.Connection)
        _lock(driver)
        _refuse_newer(driver, _applied_revision(driver))
        base = paths.db_dir()
        _run_file(driver, base / "roles.sql")
        _run_file(driver, base / "schemas.sql")
        driver.execute("SET LOCAL ROLE console_owner")
        context = MigrationContext.configure(
            alembic_connection,
            opts={
                "version_table_schema": "app",
                "fn": lambda revision, _context: script._upgrade_revs("head", revision),
            },
        )
        with Operations.context(context):
            context.run_migrations()
        for owner in OWNERS:
            driver.execute(f"SET LOCAL ROLE {owner}")
            for path in sorted((base / "functions" / owner).glob("*.sql")):
                _run_file(driver, path)
        driver.execute("SET LOCAL ROLE console_owner")
        for path in sorted((base / "policies").glob("*.sql")):
            _run_file(driver, path)
        driver.execute("RESET ROLE")
        _run_file(driver, base / "privileges.sql")
        _drop_stale(driver)
        _remember(driver, files)


def _lock(connection: psycopg.Connection[Any]) -> None:
    connection.execute(f"SET LOCAL lock_timeout = {LOCK_WAIT_MS}")
    connection.execute("SELECT pg_advisory_xact_lock(%s)", [UPGRADE_LOCK])


def _run_file(connection: psycopg.Connection[Any], path: Path) -> None:
    name = path.relative_to(paths.db_dir()).as_posix()
    try:
        connection.execute(path.read_text(encoding="utf-8").encode())
    except psycopg.Error as error:
        error.add_note(name)
        raise


def _drop_stale(connection: psycopg.Connection[Any]) -> None:
    """Drop the triggers and functions that an earlier upgrade created and no file creates any more.

    Every file has just run in this transaction, and CREATE OR REPLACE rewrites the catalogue's row: whatever belongs to
    our owners and was written by an older transaction is therefore in no file.
    """
    connection.execute("RESET ROLE")
    ours = [list(SCHEMAS), list(OWNERS)]
    triggers = connection.execute(
        """SELECT t.tgname, c.oid::regclass::text FROM pg_catalog.pg_trigger AS t
           JOIN pg_catalog.pg_class AS c ON c.oid = t.tgrelid
           JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
           JOIN pg_catalog.pg_roles AS r ON r.oid = c.relowner
           WHERE n.nspname = ANY (%s) AND r.rolname = ANY (%s) AND NOT t.tgisinternal
             AND age(t.xmin) > age(pg_catalog.pg_current_xact_id()::xid)""",
        ours,
    ).fetchall()
    for name, table in triggers:
        connection.execute(sql.SQL("DROP TRIGGER {} ON ").format(sql.Identifier(name)) + sql.SQL(table))
    functions = connection.execute(
        """SELECT p.oid::regprocedure::text FROM pg_catalog.pg_proc AS p
           JOIN pg_catalog.pg_namespace AS n ON n.oid = p.pronamespace
           JOIN pg_catalog.pg_roles AS r ON r.oid = p.proowner
           WHERE n.nspname = ANY (%s) AND r.rolname = ANY (%s)
             AND age(p.xmin) > age(pg_catalog.pg_current_xact_id()::xid)
             AND NOT EXISTS (SELECT 1 FROM pg_catalog.pg_depend AS d WHERE d.objid = p.oid AND d.deptype = 'e')""",
        ours,
    ).fetchall()
    for (signature,) in functions:
        connection.execute(sql.SQL("DROP ROUTINE ") + sql.SQL(signature))


def _remember(connection: psycopg.Connection[Any], files: dict[str, str]) -> None:
    connection.execute("SET LOCAL ROLE console_owner")
    connection.execute("DELETE FROM app.schema_files WHERE NOT path = ANY (%s)", [list(files)])
    connection.execute(
        """INSERT INTO app.schema_files AS f (path, sha256)
           SELECT * FROM unnest(%s::text[], %s::text[])
           ON CONFLICT (path) DO UPDATE SET sha256 = excluded.sha256, applied_at = pg_catalog.now()
           WHERE f.sha256 <> excluded.sha256""",
        [list(files), list(files.values())],
    )
    connection.execute(
        """INSERT INTO app.schema_state (console_version) VALUES (%s)
           ON CONFLICT (only_row) DO UPDATE SET console_version = excluded.console_version,
                                                upgraded_at = excluded.upgraded_at""",
        [__version__],
    )


def _explain(error: psycopg.Error) -> ConsoleError:
    """What to tell a person about an upgrade that failed; the database is as it was before."""
    where = ", ".join(getattr(error, "__notes__", []))
    detail = (error.diag.message_primary or str(error)).strip()
    if isinstance(error, psycopg.errors.InsufficientPrivilege):
        return Denied(
            "This administrator may not upgrade the database.",
            hint=f"The server said: {detail}.",
            code="upgrade_denied",
        )
    if isinstance(error, psycopg.errors.LockNotAvailable):
        return Unavailable(
            "The database is busy, or another upgrade is running.",
            hint="Try again in a minute.",
            code="upgrade_busy",
        )
    if isinstance(error, psycopg.OperationalError):
        return Unavailable(
            "The connection to the database was lost; nothing was changed.",
            hint="Try again.",
            code="upgrade_lost",
        )
    return BugError(
        "The database could not be upgraded; nothing was changed.",
        hint=f"{where or 'A migration'}: {detail}.",
        code="upgrade_failed",
    )
