"""Making this computer a desk that can reach its database, before anybody signs in.

Either the console runs its own server - started, brought up to date, filled with the demo on its first run and again on
a later day, with this workstation enrolled in it - or an administrator gave this desk an enrolment for another server.
Everything here blocks and is called in a thread. See docs/design.md, "The database" (embedded server, roles).
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from console.errors import ConsoleError, NotFound
from console.services import devices
from console.settings import Settings
from console.storage import migrate
from console.storage.demo import is_of_an_earlier_day
from console.storage.dsn import has_login
from console.storage.embedded import EmbeddedServer
from console.storage.local import ensure_database
from console.storage.probe import probe
from console.storage.secrets import SecretStore, open_store

Say = Callable[[str], None]
LoadDemo = Callable[[str, Say], object]

NOT_ENROLLED = "not_enrolled"


class Workstation:
    """A computer and its way to the database. Close it at the end: it may own a server."""

    def __init__(
        self, settings: Settings, *, load_demo: LoadDemo | None = None, store: SecretStore | None = None
    ) -> None:
        """Use the server that `settings` name.

        `load_demo(admin_dsn, say)` fills a database that was just made, and makes a demo of an earlier day anew.
        """
        self._settings = settings
        self._load_demo = load_demo
        self._store = store
        self._server: EmbeddedServer | None = None

    @property
    def own_server(self) -> bool:
        """Whether the console runs its own server."""
        return self._settings.embedded

    @property
    def address(self) -> str:
        """The server this desk was told to use, without a secret; empty for its own."""
        return self._settings.database_url or ""

    def open(self, say: Say) -> str:
        """The desk's connection string; `say` hears what is being done.

        Raises NotFound with the code "not_enrolled" where another server is set and this desk has no enrolment for it,
        Unavailable where a server cannot be had.
        """
        if self._settings.database_url is None:
            return self._open_own(say)
        say("Connecting to the server")
        address = self._settings.database_url
        if has_login(address):
            return address
        kept = devices.kept(self.secrets, address)
        if kept is None:
            raise NotFound("This desk is not enrolled yet.", code=NOT_ENROLLED)
        return devices.desk_address(address, kept)

    def connect(self, address: str, file: Path) -> str:
        """Enrol with the file an administrator made, keep the enrolment, and answer the connection string.

        The server is asked first, so that a wrong address or a used file is said here and nothing is kept.
        """
        enrolment = devices.read_file(file)
        dsn = devices.desk_address(address, enrolment)
        probe(dsn)
        devices.keep(self.secrets, address, enrolment)
        return dsn

    def close(self) -> None:
        """Stop the own server, unless another console uses it."""
        if self._server is not None:
            self._server.stop()
            self._server = None

    def _open_own(self, say: Say) -> str:
        settings = self._settings
        say("Starting the database")
        if self._server is None:
            self._server = EmbeddedServer(port=settings.embedded_port).start()
        server = self._server
        ensure_database(server, settings.database_name)
        admin_dsn = server.admin_dsn(settings.database_name)
        say("Bringing the database up to date")
        report = migrate.upgrade(admin_dsn)
        if self._load_demo is not None and report.before is None:
            say("Making demo data")
            self._load_demo(admin_dsn, say)
        elif self._load_demo is not None and is_of_an_earlier_day(admin_dsn):
            # A demo whose day is over has nothing about to start; what was tried in it yesterday goes with it.
            say("Making demo data for today")
            self._load_demo(admin_dsn, say)
        place = f"embedded:{settings.database_name}"
        enrolment = devices.ensure_own_desk(admin_dsn, self.secrets, place)
        return server.dsn(settings.database_name, enrolment.role, enrolment.secret)

    @property
    def secrets(self) -> SecretStore:
        """Where this computer keeps its secrets."""
        if self._store is None:
            self._store = open_store(self._settings)
        return self._store


def is_not_enrolled(error: ConsoleError) -> bool:
    """Whether the way out of this error is the connect page."""
    return isinstance(error, NotFound) and error.code == NOT_ENROLLED
