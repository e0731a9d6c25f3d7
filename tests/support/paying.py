"""A database with approved payouts in it, the worker's own login to it, and what became of each payout.

Everything is real: the database's own functions decide, and the login has no more than the worker's rights.
"""

from __future__ import annotations

import os
import secrets
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from psycopg import sql

from console.storage.embedded import EmbeddedServer
from console.worker import transfer_settings, transfers
from tests.support import databases, factories
from tests.support.databases import Connection, Database
from tests.support.factories import NOON
from tests.support.transfer_server import FakeTransfers

ROOT = Path(__file__).resolve().parents[2]
MARCH = date(2026, 3, 1)
_MONEY_TABLES = (
    "payout_attempts, payout_sheets, payout_entries, venue_payouts, payout_holds, payout_runs, notifications"
)


class Till:
    """A database with payouts in it, and the worker's own login to it."""

    def __init__(self, database: Database, admin: Connection, role: str) -> None:
        self.database = database
        self.admin = admin
        self.dsn = database.dsn(role, role)

    def run(self, *, state: str = "approved", period: date = MARCH) -> UUID:
        """A run that was made, and approved unless told otherwise."""
        finance = factories.staff(self.admin, "platform_finance")
        approved = {"approved_by": finance, "approved_at": NOON} if state == "approved" else {}
        made = {"id": uuid4(), "period_start": period, "made_by": finance, "state": state}
        return factories.insert(self.admin, "payout_runs", made | approved)

    def payout(self, amount: str = "100.00", run: UUID | None = None, **venue: Any) -> UUID:
        """A pending payout of a run (a new approved one) for a venue of its own, with an account at the service."""
        number = secrets.token_hex(4)
        facts = {"stripe_connect_account_id": f"acct_{number}", "payout_account_last_four": "4411"}
        return factories.insert(
            self.admin,
            "venue_payouts",
            {
                "venue_id": factories.venue(self.admin, **facts | venue),
                "run_id": run or self.run(),
                "payout_period_start": MARCH,
                "payout_period_end": date(2026, 3, 31),
                "gross_revenue": Decimal(amount),
                "net_payout": Decimal(amount),
                "platform_fee_percentage": 0,
            },
        )

    def one(self, statement: str, *arguments: Any) -> Any:
        """The one row of a query."""
        return factories.one(self.admin, statement, *arguments)

    def state(self, payout: UUID) -> tuple[str, str | None]:
        """A payout's status and why it failed."""
        row = self.one("SELECT status, failure_reason FROM venue_payouts WHERE id = %s", payout)
        return row[0], row[1]

    def attempts(self, payout: UUID) -> list[tuple[str, str | None]]:
        """State and failure of every attempt, oldest first."""
        return self.admin.execute(
            "SELECT state, failure FROM payout_attempts WHERE payout_id = %s ORDER BY attempt", [payout]
        ).fetchall()

    def venue_of(self, payout: UUID) -> UUID:
        """Whose payout it is."""
        return factories.venue_of(self.admin, "venue_payouts", payout)

    def again(self, payout: UUID) -> None:
        """What a person does about a failed payout."""
        self.admin.execute("SELECT payouts.retry(%s)", [payout])

    def later(self, step: timedelta = timedelta(minutes=11)) -> None:
        """Move the database's clock."""
        factories.fix_clock(self.admin, self.one("SELECT app.now()") + step)

    async def send(self, server: FakeTransfers, key: str | None = None) -> transfers.Round:
        """One round of asking."""
        return await transfers.send(self.dsn, transfer_settings.parse(server.url, key or server.key))

    async def poll(self, server: FakeTransfers) -> transfers.Round:
        """One round of looking."""
        return await transfers.poll(self.dsn, transfer_settings.parse(server.url, server.key))

    def process(self, server: FakeTransfers, kill_at: int | None = None) -> subprocess.Popen[bytes]:
        """A round in a process of its own, which kills itself at the `kill_at`th step of its talk with the database."""
        return subprocess.Popen(
            [sys.executable, "-m", "tests.support.transfer_worker"],
            cwd=ROOT,
            env=os.environ
            | {
                "TEST_WORKER_DSN": self.dsn,
                transfer_settings.URL_VARIABLE: server.url,
                transfer_settings.KEY_VARIABLE: server.key,
                "TEST_KILL_AT": str(kill_at or 0),
            },
        )


@contextmanager
def till_database(server: EmbeddedServer) -> Iterator[tuple[Database, str]]:
    """A database of one module, and a worker's role in it whose password is its name."""
    made = databases.clone(server, "paying")
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
def emptied(database: Database, role: str) -> Iterator[Till]:
    """The module's database without a payout in it, at noon."""
    with database.connect() as admin:
        # Facts of money refuse to go; a test's leftovers have to.
        admin.execute("SET session_replication_role = replica")
        for table in _MONEY_TABLES.split(", "):
            admin.execute(sql.SQL("DELETE FROM {}").format(sql.Identifier(table)))
        admin.execute("SET session_replication_role = origin")
        factories.fix_clock(admin, NOON)
        yield Till(database, admin, role)
