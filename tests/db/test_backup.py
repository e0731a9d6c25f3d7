"""A backup by PostgreSQL's own programs is a whole database: it restores, and still obeys the rules.

docs/design.md, "Borrowed from neighbouring systems" (a backup that is verified by restoring it).
"""

from __future__ import annotations

import subprocess
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from console.storage import embedded_binaries, migrate
from tests.support import factories
from tests.support.databases import Database


def test_a_backup_restores_to_the_same_database(fresh_database: Database, tmp_path: Path) -> None:
    # Of the server's own version: newer ones write settings that it does not know.
    programs = next(b for b in embedded_binaries.candidates() if b.major == fresh_database.server.major)
    dump = tmp_path / "backup.dump"
    with fresh_database.connect() as admin:
        parent = factories.parent(admin)
        balance = factories.balance(admin, parent, 10)
        booking = factories.booking(admin, None, factories.child(admin, parent))
        factories.ledger(admin, balance, "booking_debit", -2, booking_id=booking)
        factories.event(admin, booking, factories.device(admin), factories.staff(admin))
        admin.execute("SELECT refresh_parent_dashboard_summary()")
        restored = Database(fresh_database.server, fresh_database.name + "_restored")
        admin.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(sql.Identifier(restored.name)))
    try:
        subprocess.run(
            [programs.program("pg_dump"), "--format=custom", f"--file={dump}", fresh_database.admin_dsn],
            check=True,
        )
        subprocess.run(
            [programs.program("pg_restore"), "--exit-on-error", f"--dbname={restored.admin_dsn}", dump],
            check=True,
        )
        # Privileges of the database itself are the server's, so an upgrade is part of restoring.
        assert migrate.upgrade(restored.admin_dsn).before == migrate.newest_revision()
        assert [
            problem.key for problem in migrate.check(restored.admin_dsn) if problem.key != "open_to_all"
        ] == []
        with restored.connect() as copy:
            sums = "SELECT credits_available, entries FROM user_credit_balances WHERE id = %s"
            assert factories.one(copy, sums, balance) == (8, 2)
            assert factories.one(copy, "SELECT booked_count FROM activity_sessions") == 1
            factories.ledger(copy, balance, "refund_credit", 2, booking_id=booking)
            assert factories.one(copy, sums, balance) == (10, 3)
            with pytest.raises(psycopg.errors.InsufficientPrivilege, match="keeps everything"):
                copy.execute("DELETE FROM attendance_events")
    finally:
        with fresh_database.connect() as admin:
            admin.execute(
                sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(restored.name))
            )
