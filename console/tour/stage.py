"""The tour's own database: a throwaway server, the demo at one fixed instant, and two enrolled desks.

Every theme gets a copy of its own, because taking the pictures checks children in.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType

from console import demo, paths
from console.domain.enrolment import Enrolment
from console.domain.jobs import new_worker_login
from console.services import devices
from console.storage import embedded_config, migrate, worker_logins
from console.storage.administration import Administration
from console.storage.copies import codes_of_the_day, copy_database
from console.storage.embedded import EmbeddedServer
from console.storage.local import ensure_database
from console.storage.worker import worker_dsn

AT = datetime(2026, 3, 12, 22, 42, tzinfo=UTC)
"""Thursday 12 March 2026, 15:42 at Riverside Studio."""

VENUE = "riverside-studio"
_TEMPLATE = "nexus_tour"


@dataclass(frozen=True)
class Copy:
    """A database to act in: connection strings of the venue's desk, of the one at headquarters, and of a worker.

    `away` stops its server and `back` starts it again, at the same port; both block.
    """

    desk: str
    office: str
    worker: str
    codes: dict[tuple[str, str], str]
    away: Callable[[], object]
    back: Callable[[], object]


class Stage:
    """The server with the demo on it; a context manager that leaves nothing behind."""

    def __init__(self, say: Callable[[str], None]) -> None:
        """`say` hears what takes a while."""
        self._say = say
        self._home = Path()
        self._server: EmbeddedServer | None = None
        self._enrolments: list[Enrolment] = []
        self._worker = new_worker_login("Back office")

    def __enter__(self) -> Stage:
        """Start the server and load the demo; takes some ten seconds."""
        self._home = Path(tempfile.mkdtemp(prefix="nexus-tour-"))
        self._say("Starting a database for the tour")
        self._server = EmbeddedServer(self._home, options=embedded_config.THROWAWAY)
        try:
            self._prepare(self._server.start())
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop the server and remove its files."""
        self.close()

    def copy(self, name: str) -> Copy:
        """A fresh copy of the demo."""
        server = self._server
        if server is None:
            raise RuntimeError("the stage is not set")
        self._forget_desks()
        database = f"{_TEMPLATE}_{name}"
        admin_dsn = copy_database(server, _TEMPLATE, database)
        desk, office = (server.dsn(database, one.role, one.secret) for one in self._enrolments)
        worker = worker_dsn(server.dsn(database, self._worker.role, self._worker.secret))
        codes = codes_of_the_day(admin_dsn, VENUE)
        return Copy(desk, office, worker, codes, server.stop, server.start)

    def close(self) -> None:
        """Stop the server and remove its files."""
        if self._server is not None:
            self._server.stop()
            self._server = None
        self._forget_desks()
        shutil.rmtree(self._home, ignore_errors=True)

    def _forget_desks(self) -> None:
        # The desks of every copy are the same ones: what one kept would be taken for what happened in the next.
        for one in self._enrolments:
            shutil.rmtree(paths.desk_dir(one.role), ignore_errors=True)

    def _prepare(self, server: EmbeddedServer) -> None:
        ensure_database(server, _TEMPLATE)
        admin_dsn = server.admin_dsn(_TEMPLATE)
        migrate.upgrade(admin_dsn)
        self._say("Making the demo of Thursday 12 March 2026, 15:42")
        demo.load(admin_dsn, at=AT, stand_still="tour")
        with Administration(admin_dsn) as administration:
            self._enrolments = [
                devices.enrol(administration, "Desk 1", VENUE),
                devices.enrol(administration, "Office"),
            ]
        worker_logins.enrol(admin_dsn, self._worker)


def forget_settings() -> None:
    """Keep what the user's environment says about databases out of the tour."""
    for name in ("DATABASE_URL", "NEXUS_ADMIN_URL"):
        with contextlib.suppress(KeyError):
            del os.environ[name]
