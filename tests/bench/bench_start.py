"""How long starting takes: the command line, and the console's own database."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg

from console.storage import migrate
from console.storage.embedded import EmbeddedServer
from tests.bench.framework import Bench, Pair, row


@row("command_line", "nexus-console --version", budget=100, reference="python -c pass", rounds=15, warm_up=2)
def command_line(bench: Bench) -> Iterator[Pair]:
    """What every command pays before it does anything."""

    def subject() -> None:
        subprocess.run([sys.executable, "-m", "console", "--version"], check=True, stdout=subprocess.DEVNULL)

    def reference() -> None:
        subprocess.run([sys.executable, "-c", "pass"], check=True)

    yield Pair(subject, reference)


@row(
    "own_database",
    "warm start of the console's own database",
    budget=200,
    reference="stopping it",
    rounds=10,
    warm_up=1,
)
def warm_start(bench: Bench) -> Iterator[Pair]:
    """Start of a stopped server until it answers; stopping is not counted."""
    home = Path(tempfile.mkdtemp(prefix="nexus-bench-"))
    server = EmbeddedServer(home).start()

    def subject() -> None:
        server.start()
        with psycopg.connect(server.admin_dsn()):
            pass

    def reference() -> None:
        server.stop()

    server.stop()
    try:
        yield Pair(subject, reference, rows="empty cluster")
    finally:
        server.stop()
        shutil.rmtree(home)


@row(
    "upgrade_idle",
    "upgrade of a database that is up to date",
    budget=50,
    reference="connect and SELECT 1",
    rounds=20,
)
def idle_upgrade(bench: Bench) -> Iterator[Pair]:
    """What every start of the console pays for looking."""
    database = bench.database()

    def reference() -> None:
        with psycopg.connect(database.admin_dsn) as connection:
            connection.execute("SELECT 1")

    yield Pair(lambda: migrate.upgrade(database.admin_dsn), reference, rows="empty schema")
