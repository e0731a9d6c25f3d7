"""Bringing databases to the schema: empty, older, current, newer, half-broken, and two at once.

docs/design.md, "The database"; console/storage/migrate.py.
"""

from __future__ import annotations

import re
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from psycopg import sql

import console
from console import __main__, paths
from console.errors import BugError, ConsoleError, Denied, Unavailable
from console.storage import migrate
from tests.support import factories, old_payouts
from tests.support.databases import Database

STATE = "SELECT (SELECT count(*) FROM app.schema_files), (SELECT max(applied_at) FROM app.schema_files)"


@pytest.fixture
def empty(fresh_database: Database) -> Iterator[Database]:
    """A database without anything of ours in it."""
    made = Database(fresh_database.server, fresh_database.name + "_empty")
    with fresh_database.connect() as connection:
        connection.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(sql.Identifier(made.name)))
    yield made
    with fresh_database.connect() as connection:
        connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(made.name)))


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of db/ that the test may change."""
    copy = tmp_path / "db"
    shutil.copytree(paths.db_dir(), copy, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(paths, "db_dir", lambda: copy)
    return copy


def test_an_empty_database_gets_everything_and_then_nothing(empty: Database) -> None:
    first = migrate.upgrade(empty.admin_dsn)
    assert (first.before, first.after, first.changed) == (None, migrate.newest_revision(), True)
    with empty.connect() as connection:
        before = connection.execute(STATE).fetchone()
    second = migrate.upgrade(empty.admin_dsn)
    assert (second.changed, second.files) == (False, 0)
    with empty.connect() as connection:
        assert connection.execute(STATE).fetchone() == before
    assert [problem.key for problem in migrate.check(empty.admin_dsn) if problem.key != "open_to_all"] == []


def test_an_upgrade_with_nothing_to_do_writes_nothing(fresh_database: Database) -> None:
    with fresh_database.connect() as connection:
        before = connection.execute("SELECT pg_snapshot_xmax(pg_current_snapshot())").fetchone()
        migrate.upgrade(fresh_database.admin_dsn)
        assert connection.execute("SELECT pg_snapshot_xmax(pg_current_snapshot())").fetchone() == before


def test_two_upgrades_make_the_same_database(empty: Database, fresh_database: Database) -> None:
    """Applying everything again over what is there ends where applying it to nothing does."""
    migrate.upgrade(empty.admin_dsn)
    with empty.connect() as connection:
        connection.execute(
            "UPDATE app.schema_files SET sha256 = repeat('0', 64) WHERE path NOT LIKE 'versions%'"
        )
    assert migrate.upgrade(empty.admin_dsn).changed
    query = b"""SELECT kind, name, text FROM (
        SELECT 'function' AS kind, p.oid::regprocedure::text AS name,
               pg_get_functiondef(p.oid) || coalesce(p.proacl::text, '') || pg_get_userbyid(p.proowner) AS text
        FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
        WHERE n.nspname IN ('public', 'app', 'auth', 'desk', 'attendance', 'credits', 'bookings', 'admin',
                            'schedules', 'notify', 'stats', 'payouts', 'invoices', 'books', 'vetting', 'scores',
                            'feedback', 'jobs')
          AND p.prokind = 'f'
        UNION ALL
        SELECT 'trigger', tgrelid::regclass::text || '.' || tgname, pg_get_triggerdef(oid) FROM pg_trigger
        WHERE NOT tgisinternal
        UNION ALL
        SELECT 'policy', polrelid::regclass::text || '.' || polname, pg_get_expr(polqual, polrelid) FROM pg_policy
        ) AS everything ORDER BY 1, 2, 3"""
    with empty.connect() as twice, fresh_database.connect() as once:
        assert twice.execute(query).fetchall() == once.execute(query).fetchall()


def test_a_changed_function_is_applied_and_a_deleted_one_dropped(empty: Database, files: Path) -> None:
    extra = files / "functions/console_owner/app_extra.sql"
    body = """CREATE OR REPLACE FUNCTION app.extra() RETURNS trigger LANGUAGE plpgsql AS $$
                  BEGIN NEW.name := '%s'; RETURN NEW; END $$;
              CREATE OR REPLACE TRIGGER extra BEFORE INSERT ON rooms FOR EACH ROW EXECUTE FUNCTION app.extra();"""
    extra.write_text(body % "first")
    migrate.upgrade(empty.admin_dsn)
    extra.write_text(body % "second")
    migrate.upgrade(empty.admin_dsn)
    count = "SELECT count(*) FROM pg_trigger WHERE NOT tgisinternal"
    with empty.connect() as connection:
        room = factories.room(connection)
        assert factories.one(connection, "SELECT name FROM rooms WHERE id = %s", room) == "second"
        before = factories.one(connection, count)
        extra.unlink()
        assert migrate.upgrade(empty.admin_dsn).changed
        assert factories.one(connection, count) == before - 1
        assert factories.one(connection, "SELECT to_regproc('app.extra') IS NULL")
        assert factories.one(connection, "SELECT app.now() IS NOT NULL")


def test_an_older_database_is_brought_forward_with_its_rows(empty: Database, files: Path) -> None:
    """Whoever upgrades keeps what is in the database, and the next version is applied once."""
    newest, following = migrate.newest_revision(), f"{int(migrate.newest_revision()) + 1:04}"
    migrate.upgrade(empty.admin_dsn)
    with empty.connect() as connection:
        connection.execute("INSERT INTO import_refs VALUES ('s', 'venue', 'k', gen_random_uuid())")
    (files / f"versions/{following}_next.py").write_text(
        f'"""The next version."""\nfrom alembic import op\nrevision = "{following}"\n'
        f'down_revision = "{newest}"\nbranch_labels = None\ndepends_on = None\n\n\ndef upgrade():\n'
        '    op.execute("ALTER TABLE import_refs ADD COLUMN remark text")\n'
    )
    assert {problem.key for problem in migrate.check(empty.admin_dsn)} >= {"database_older"}
    report = migrate.upgrade(empty.admin_dsn)
    assert (report.before, report.after, report.changed) == (newest, following, True)
    with empty.connect() as connection:
        assert connection.execute("SELECT key, remark FROM import_refs").fetchall() == [("k", None)]
    assert not migrate.upgrade(empty.admin_dsn).changed


SHAPE = b"""
    SELECT 'column', attrelid::regclass::text || '.' || attname, format_type(atttypid, atttypmod) || attnotnull
      FROM pg_attribute JOIN pg_class c ON c.oid = attrelid WHERE c.relkind = 'r' AND attnum > 0 AND NOT attisdropped
       AND c.relnamespace::regnamespace::text IN ('public', 'app', 'auth')
     UNION ALL
    SELECT 'constraint', conrelid::regclass::text || '.' || conname, pg_get_constraintdef(oid) FROM pg_constraint
     WHERE connamespace::regnamespace::text IN ('public', 'app', 'auth')
     UNION ALL
    SELECT 'index', indexrelid::regclass::text, pg_get_indexdef(indexrelid)
      FROM pg_index JOIN pg_class c ON c.oid = indexrelid
     WHERE c.relnamespace::regnamespace::text IN ('public', 'app', 'auth')
     UNION ALL
    SELECT 'label', enumtypid::regtype::text || '.' || enumlabel, '' FROM pg_enum
     ORDER BY 1, 2, 3"""


@pytest.mark.parametrize("version", ["0001", "0002", "0003", "0004", "0005"])
def test_a_database_of_each_older_version_becomes_the_same_as_a_new_one(
    empty: Database, fresh_database: Database, files: Path, tmp_path: Path, version: str
) -> None:
    """The rows stay, and every table, key and index is that of a database made today."""
    newest = tmp_path / "newest"
    shutil.copytree(files, newest)
    later = [
        path for path in (files / "versions").iterdir() if path.name[:4].isdigit() and path.name[:4] > version
    ]
    added = set(
        re.findall(
            r"CREATE TABLE (?:app\.)?(\w+)", "".join(f.read_text() for d in later for f in d.glob("*.sql"))
        )
    )
    assert added
    for path in later:
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    for path in [*files.glob("functions/**/*.sql"), *files.glob("policies/*.sql")]:
        said = path.read_text()
        since = re.search(r"^-- Since version (\d{4})\.", said, re.MULTILINE)
        if (since and since[1] > version) or any(re.search(rf"\b{table}\b", said) for table in added):
            path.unlink()
    assert migrate.upgrade(empty.admin_dsn).after == version
    with empty.connect() as connection:
        venue = factories.venue(connection, name="Riverside Studio")
        session = factories.session(connection, factories.activity(connection, venue))
        booking = factories.booking(connection, session, factories.child(connection))
        # Clocks that no server knows were refused from version 0003 on.
        lost = factories.parent(connection, timezone="Mars/Olympus" if version < "0003" else factories.ZONE)
        old_news = {
            "notification_type": "old",
            "title": "Old",
            "body": "News",
            "channel": "email",
            "user_id": lost,
        }
        factories.insert(connection, "notifications", old_news)
        sheets = old_payouts.paid_out(connection, booking, version)
        lines = old_payouts.lines(connection)
    shutil.rmtree(files)
    shutil.copytree(newest, files)
    report = migrate.upgrade(empty.admin_dsn)
    assert (report.before, report.after) == (version, migrate.newest_revision())
    with empty.connect() as upgraded, fresh_database.connect() as made:
        assert upgraded.execute(SHAPE).fetchall() == made.execute(SHAPE).fetchall()
        assert factories.one(upgraded, "SELECT session_id FROM bookings WHERE id = %s", booking) == session
        # Nobody is written to about what is long past, and every reader has a clock.
        was = factories.one(upgraded, "SELECT state::text FROM notifications")
        assert (was == "suppressed") == (version < "0003")
        assert factories.one(upgraded, "SELECT timezone FROM users WHERE id = %s", lost) == "America/New_York"
        # What was paid out reads as it did, and what follows from the running sums is kept session by session.
        assert old_payouts.lines(upgraded) == lines
        assert factories.one(upgraded, "SELECT count(*) FROM payout_sheets") == sheets
    assert [problem.key for problem in migrate.check(empty.admin_dsn) if problem.key != "open_to_all"] == []


def test_a_database_of_a_newer_console_is_left_alone(
    empty: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    migrate.upgrade(empty.admin_dsn)
    with empty.connect() as connection:
        connection.execute("UPDATE app.schema_state SET console_version = '99.1.0'")
        before = connection.execute(STATE).fetchone()
        with pytest.raises(Unavailable, match="newer console") as caught:
            migrate.upgrade(empty.admin_dsn)
        assert caught.value.code == "database_newer"
        assert connection.execute(STATE).fetchone() == before
        assert [problem.key for problem in migrate.check(empty.admin_dsn)] == ["database_newer"]
        connection.execute("UPDATE app.schema_state SET console_version = %s", [console.__version__])
        connection.execute("UPDATE app.alembic_version SET version_num = '9999'")
        with pytest.raises(Unavailable, match="newer console"):
            migrate.upgrade(empty.admin_dsn)


def test_a_database_from_between_two_releases_is_left_alone(empty: Database, files: Path) -> None:
    """Its tables came of statements that no longer exist; guessing the difference would break it quietly."""
    migrate.upgrade(empty.admin_dsn)
    with (files / "versions/0001/20_venues.sql").open("a") as edited:
        edited.write("ALTER TABLE rooms ADD COLUMN floor integer;")
    with pytest.raises(Unavailable, match="unfinished version") as caught:
        migrate.upgrade(empty.admin_dsn)
    assert caught.value.code == "database_unreleased"
    assert caught.value.hint


@pytest.mark.parametrize(
    ("older", "newer"), [("0.1.0", "0.2.0"), ("0.9.0", "0.10.0"), ("1.0", "1.0.1"), ("0.1.0rc1", "0.2.0")]
)
def test_versions_are_numbers(older: str, newer: str) -> None:
    assert migrate._version_key(older) < migrate._version_key(newer)


def test_a_file_that_does_not_apply_changes_nothing(empty: Database, files: Path) -> None:
    (files / "policies/99_broken.sql").write_text("CREATE POLICY oops ON no_such_table USING (true);")
    with pytest.raises(BugError, match="nothing was changed") as caught:
        migrate.upgrade(empty.admin_dsn)
    assert "99_broken.sql" in (caught.value.hint or "")
    with empty.connect() as connection:
        assert connection.execute("SELECT to_regclass('public.users')").fetchone() == (None,)
        assert connection.execute("SELECT to_regnamespace('app')").fetchone() == (None,)
    assert [problem.key for problem in migrate.check(empty.admin_dsn)] == ["database_empty"]


def test_two_upgrades_at_once_make_one_database(empty: Database) -> None:
    reports: list[migrate.UpgradeReport] = []
    failures: list[ConsoleError] = []

    def run() -> None:
        try:
            reports.append(migrate.upgrade(empty.admin_dsn))
        except ConsoleError as error:
            failures.append(error)

    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert len(reports) == 2
    assert not migrate.upgrade(empty.admin_dsn).changed


def test_an_upgrade_waits_no_longer_than_it_says(
    fresh_database: Database, files: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(migrate, "LOCK_WAIT_MS", 200)
    (files / "policies/98_more.sql").write_text("SELECT 1;")
    with fresh_database.connect(autocommit=False) as other:
        other.execute("SELECT pg_advisory_xact_lock(%s)", [migrate.UPGRADE_LOCK])
        with pytest.raises(Unavailable, match="another upgrade"):
            migrate.upgrade(fresh_database.admin_dsn)


def test_an_administrator_who_lacks_a_right_is_told(fresh_database: Database, empty: Database) -> None:
    with fresh_database.connect() as connection:
        connection.execute("DROP ROLE IF EXISTS weak_administrator")
        connection.execute("CREATE ROLE weak_administrator LOGIN PASSWORD 'weak'")
        connection.execute(
            sql.SQL("GRANT CONNECT ON DATABASE {} TO weak_administrator").format(sql.Identifier(empty.name))
        )
    try:
        with pytest.raises(Denied, match="may not upgrade") as caught:
            migrate.upgrade(empty.dsn("weak_administrator", "weak"))
        assert "The server said" in (caught.value.hint or "")
    finally:
        with fresh_database.connect() as connection:
            connection.execute(
                sql.SQL("REVOKE ALL ON DATABASE {} FROM weak_administrator").format(
                    sql.Identifier(empty.name)
                )
            )
            connection.execute("DROP ROLE weak_administrator")


def test_a_server_that_is_not_there_is_one_sentence() -> None:
    with pytest.raises(Unavailable, match="cannot be reached"):
        migrate.upgrade("host=127.0.0.1 port=1 user=nobody dbname=nothing")


def test_the_upgrade_needs_no_superuser(fresh_database: Database) -> None:
    """A provider gives an administrator that may create roles and owns the database, and no more."""
    name = fresh_database.name + "_provider"
    with fresh_database.connect() as connection:
        connection.execute("DROP ROLE IF EXISTS provided_administrator")
        connection.execute("CREATE ROLE provided_administrator LOGIN CREATEROLE PASSWORD 'provided'")
        connection.execute(
            """DO $$ BEGIN
                   EXECUTE (SELECT string_agg(
                                format('GRANT %I TO provided_administrator WITH ADMIN OPTION', rolname), ';')
                            FROM pg_roles WHERE rolname LIKE 'console\\_%');
               END $$"""
        )
        connection.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE template0 OWNER provided_administrator").format(
                sql.Identifier(name)
            )
        )
    provided = Database(fresh_database.server, name)
    try:
        assert migrate.upgrade(provided.dsn("provided_administrator", "provided")).changed
        keys = {p.key for p in migrate.check(provided.dsn("provided_administrator", "provided"))}
        assert keys <= {"open_to_all"}
    finally:
        with fresh_database.connect() as connection:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))
            connection.execute("DROP ROLE provided_administrator")


@pytest.mark.usefixtures("files")
def test_the_commands_say_what_they_did(empty: Database, capsys: pytest.CaptureFixture[str]) -> None:
    dsn = ["--admin-dsn", empty.admin_dsn]
    assert __main__.main(["db", "check", *dsn]) == 1
    assert "nexus-console db upgrade" in capsys.readouterr().out
    assert __main__.main(["db", "upgrade", *dsn]) == 0
    assert capsys.readouterr().out.startswith("The database was made")
    assert __main__.main(["db", "upgrade", *dsn]) == 0
    assert capsys.readouterr().out == "The database is up to date.\n"
    __main__.main(["db", "check", "--json", *dsn])
    assert capsys.readouterr().out.startswith("[")
    with empty.connect() as connection:
        connection.execute("UPDATE app.schema_state SET console_version = '99.0.0'")
    assert __main__.main(["db", "upgrade", *dsn]) == 1
    assert capsys.readouterr().err.startswith("This database was upgraded by a newer console.")


def test_the_demo_wants_an_instant_with_its_offset(capsys: pytest.CaptureFixture[str]) -> None:
    for wrong in ("2026-03-12T15:42", "yesterday"):
        with pytest.raises(SystemExit) as caught:
            __main__.main(["db", "demo", "--at", wrong])
        assert caught.value.code == 2
        assert "offset" in (said := capsys.readouterr().err) or "is not a date" in said
