"""Fixtures that every test may use: a real server, real databases, and a home that is not the user's.

`database` is shared by all tests of a worker and must be left as it was found: use `tx`, which is rolled back. What
has to see commits takes `fresh_database` (its own clone, dropped afterwards) or `admin` (a connection to that).
See docs/design.md, "Tests".
"""

from __future__ import annotations

import gc
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

# Before anything imports Qt: no window on the developer's screen, and the one binding that is installed.
os.environ.setdefault("QT_API", "pyside6")
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from console.storage import embedded_binaries, embedded_config
from console.storage.embedded import EmbeddedServer
from tests.support import databases
from tests.support.databases import Connection, Database

pytest_plugins = ("tests.support.shared_data", "tests.support.logwatch")

_OWN_PLACES = ("NEXUS_DATA_DIR", "NEXUS_CONFIG_DIR", "NEXUS_CACHE_DIR", "NEXUS_LOG_DIR")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add --long (soak, frozen build ...), --postgres (which server to test on) and --renew-pictures."""
    parser.addoption("--long", action="store_true", help="also run the tests that take minutes")
    parser.addoption("--renew-pictures", action="store_true", help="store the pictures anew, to be looked at")
    parser.addoption(
        "--postgres", choices=("embedded", "system"), default="embedded", help="which server to test on"
    )


def pytest_configure(config: pytest.Config) -> None:
    """Keep the tests out of the user's own files."""
    home = tempfile.mkdtemp(prefix="nexus-tests-")
    Path(home).chmod(0o755)  # a server of its own in there runs as another user
    config.stash[_home] = home
    for name in _OWN_PLACES:
        os.environ[name] = str(Path(home) / name.lower())
    os.environ.pop("DATABASE_URL", None)


def pytest_unconfigure(config: pytest.Config) -> None:
    """Leave nothing behind."""
    shutil.rmtree(config.stash[_home], ignore_errors=True)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Put aside the long tests unless they are asked for, and those of the system's server where it is not used."""
    aside = {
        "long": not config.getoption("--long"),
        "system_server": config.getoption("--postgres") != "system",
    }
    left_out = [
        item for item in items if any(off and item.get_closest_marker(name) for name, off in aside.items())
    ]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]


def pytest_collection_finish(session: pytest.Session) -> None:
    """Spare the garbage collector the thousands of collected tests: they stay until the end of the run."""
    gc.collect()
    gc.freeze()


_home = pytest.StashKey[str]()


def _memory() -> str | None:
    """Where files lie in memory, if this machine has such a place with room; else None, the usual one.

    Hundreds of databases are made and dropped in a run, some thousand files each: a disk's file system spent most of a
    run's processor time on finding free places for them.
    """
    place = Path("/dev/shm")
    if place.is_dir() and os.access(place, os.W_OK) and shutil.disk_usage(place).free > 4 << 30:
        return str(place)
    return None


@pytest.fixture(scope="session")
def server(request: pytest.FixtureRequest) -> Iterator[EmbeddedServer]:
    """A running PostgreSQL of this worker alone, thrown away afterwards."""
    binaries = None
    if request.config.getoption("--postgres") == "system":
        found = embedded_binaries.system()
        if not found:
            pytest.fail("--postgres system needs an installed PostgreSQL 15 or newer")
        binaries = found[-1]  # the oldest: what works there and on the embedded one works in between
    home = Path(tempfile.mkdtemp(prefix="nexus-pg-", dir=_memory()))
    running = EmbeddedServer(home, binaries=binaries, options=embedded_config.THROWAWAY)
    try:
        yield running.start()
    finally:
        running.stop()
        shutil.rmtree(home, ignore_errors=True)


@pytest.fixture(scope="session")
def _template(server: EmbeddedServer) -> EmbeddedServer:
    databases.create_template(server)
    return server


@pytest.fixture(scope="session")
def database(_template: EmbeddedServer) -> Database:
    """The upgraded database that tests share; leave it as it was."""
    return databases.clone(_template, "shared")


@pytest.fixture
def fresh_database(_template: EmbeddedServer) -> Iterator[Database]:
    """An upgraded, empty database of this test alone."""
    made = databases.clone(_template)
    yield made
    databases.drop(made)


@pytest.fixture
def admin(fresh_database: Database) -> Iterator[Connection]:
    """An autocommitting connection to `fresh_database` as administrator."""
    with fresh_database.connect() as connection:
        yield connection


@pytest.fixture
def tx(database: Database) -> Iterator[Connection]:
    """A connection to the shared database as administrator, in a transaction that is rolled back."""
    connection = database.connect(autocommit=False)
    try:
        yield connection
    finally:
        connection.rollback()
        connection.close()
