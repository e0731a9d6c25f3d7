"""A primary and its streaming standbys on this machine, to be killed and promoted.

They are made of the same server class as everything else, so they run as the same unprivileged user. What is
particular is only that the primary lets standbys in and may wait for them before it confirms a commit.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import psycopg

from console.storage import embedded_account, embedded_binaries, embedded_config
from console.storage.embedded import EmbeddedServer
from console.storage.embedded_files import Postmaster
from tests.support import databases
from tests.support.desk_world import World

_WAIT = 30.0

# Only the operating system's own loss of power would cost anything here, and nobody pulls the plug of a test.
_OPTIONS = embedded_config.THROWAWAY | {
    "synchronous_commit": "on",
    "wal_keep_size": "256MB",
    "wal_receiver_timeout": "5s",
    "wal_sender_timeout": "5s",
}


class Node:
    """One server of the cluster."""

    def __init__(self, home: Path) -> None:
        """Describe it; `start` starts what lies in `home` or makes a new cluster there."""
        self.home = home
        self._account = embedded_account.choose(home / "data")
        own = self._account.own(home / "own", 0o755)
        hba = own / "pg_hba.conf"
        hba.write_text(
            f"local all,replication {embedded_config.SUPERUSER} peer map=nexus\n"
            f"host all all {embedded_config.HOST}/32 scram-sha-256\n",
            "utf-8",
        )
        hba.chmod(0o644)
        self.server = EmbeddedServer(home, options=_OPTIONS | {"hba_file": str(hba)})

    def start(self) -> Self:
        """Start it and wait until it answers."""
        self.server.start()
        return self

    def stop(self) -> None:
        """Stop it in an orderly way."""
        self.server.stop()

    def kill(self) -> None:
        """End the server and every process of it with kill -9, as when the machine dies."""
        postmaster = Postmaster.read(self.server.data)
        assert postmaster is not None, "not running"
        children = _children(postmaster.pid)
        for pid in (postmaster.pid, *children):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        give_up = time.monotonic() + _WAIT
        while postmaster.alive():
            assert time.monotonic() < give_up, "the killed server lives on"
            time.sleep(0.01)
        self.server.stop()

    def admin(self, database: str = "postgres") -> psycopg.Connection[tuple[Any, ...]]:
        """An administrator's connection."""
        return psycopg.connect(self.server.admin_dsn(database), autocommit=True)

    def ask(self, statement: str) -> Any:
        """The first column of the only row."""
        with self.admin() as admin:
            row = admin.execute(statement.encode()).fetchone()
        assert row is not None
        return row[0]

    def standby(self, home: Path) -> Node:
        """A new standby that follows this one, started."""
        made = Node(home)
        binaries = embedded_binaries.reachable(embedded_binaries.choose(self.server.major), made._account)
        socket_dir = self.server.admin_dsn().split("host='")[1].split("'")[0]
        done: subprocess.CompletedProcess[str] = made._account.run(
            [binaries.program("pg_basebackup"), "-h", socket_dir, "-p", str(self.server.port),
             "-U", embedded_config.SUPERUSER, "-D", home / "data", "-R", "-c", "fast", "--no-sync",
             "-d", f"application_name={home.name}"],
            cwd=made._account.own(home / "data"),
        )  # fmt: skip
        assert done.returncode == 0, done.stdout
        return made.start()

    def wait_for_standbys(self, *names: str) -> None:
        """From now on confirm a commit only when one of the standbys has it; at once that they follow."""
        listed = ", ".join(f'"{name}"' for name in names)
        self._set("synchronous_standby_names", f"ANY 1 ({listed})" if names else "")
        if names:
            self.until("SELECT count(*) >= 1 FROM pg_stat_replication WHERE sync_state = 'quorum'")

    def promote(self) -> None:
        """Make this standby the primary; it takes changes when this returns."""
        assert self.ask("SELECT pg_promote(wait => true)")
        self.until("SELECT NOT pg_is_in_recovery()")

    def follow(self, other: Node) -> None:
        """Let this standby follow another primary from now on."""
        parts = psycopg.conninfo.conninfo_to_dict(other.server.admin_dsn())
        self._set(
            "primary_conninfo",
            f"host={parts['host']} port={parts['port']} user={parts['user']} application_name={self.home.name}",
        )

    def until(self, question: str) -> None:
        """Wait until the answer is true."""
        give_up = time.monotonic() + _WAIT
        while not self.ask(question):
            assert time.monotonic() < give_up, question
            time.sleep(0.02)

    def _set(self, name: str, value: str) -> None:
        with self.admin() as admin:
            admin.execute(
                psycopg.sql.SQL("ALTER SYSTEM SET {} = {}").format(
                    psycopg.sql.Identifier(name), psycopg.sql.Literal(value)
                )
            )
            admin.execute("SELECT pg_reload_conf()")


class Cluster:
    """Servers that are thrown away together. A context manager."""

    def __init__(self) -> None:
        """Nothing is made before the context is entered."""
        self.home = Path(tempfile.mkdtemp(prefix="nexus-cl-"))
        self.home.chmod(0o755)
        self.nodes: list[Node] = []

    def primary(self, name: str = "one", *, copy_of: Node | None = None) -> Node:
        """A new primary, empty or with everything that the stopped `copy_of` has."""
        made = Node(self.home / name)
        self.nodes.append(made)
        if copy_of is not None:
            subprocess.run(["cp", "-a", str(copy_of.server.data), str(made.server.data)], check=True)
        return made.start()

    def standby(self, of: Node, name: str) -> Node:
        """A standby that follows `of`."""
        made = of.standby(self.home / name)
        self.nodes.append(made)
        return made

    def __enter__(self) -> Self:
        """Ready for nodes."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop every server and delete everything."""
        for node in self.nodes:
            if node.server.running:
                node.stop()
        shutil.rmtree(self.home, ignore_errors=True)


def with_schema(cluster: Cluster) -> Node:
    """A stopped primary with an upgraded database, to be copied by `Cluster.primary`."""
    made = cluster.primary("seed")
    databases.create_template(made.server)
    made.stop()
    return made


@contextlib.contextmanager
def venue_on(node: Node) -> Iterator[World]:
    """A venue at work on a primary with the schema, which may be dead when this ends."""
    world = World(databases.clone(node.server, "cluster"))
    world.__enter__()
    try:
        yield world
    finally:
        world.forget_desks()  # they go with the cluster
        world.__exit__(None, None, None)


def _children(pid: int) -> list[int]:
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            # The name, in brackets, may hold anything; the parent is the second word after it.
            if int(stat.read_text("utf-8", "replace").rpartition(")")[2].split()[1]) == pid:
                found.append(int(stat.parent.name))
    return found
