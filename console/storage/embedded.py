"""The console's own PostgreSQL server, for everybody who has not been given another.

One home directory holds the data, the log and what is remembered. Several consoles of one user share one server: the
first starts it, the last stops it, and one left behind by a killed console is taken over instead of started again.
All calls block for up to a few seconds; the console makes them in a thread. See docs/design.md, "The database"
(embedded default).
"""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType

from console import paths
from console.errors import ConsoleError, Unavailable
from console.storage import embedded_account, embedded_binaries, embedded_config, embedded_failures
from console.storage.embedded_binaries import Binaries
from console.storage.embedded_files import Postmaster, Remembered, Users, exclusive, write_private

_START_SECONDS = 10.0  # how long a killed server's lock may linger
_READY_SECONDS = 120.0  # crash recovery of a large database takes a while
_ROOM_NEEDED = 200_000_000  # bytes; a new cluster takes 40 MB, its first log files 16 MB each
_SOCKET_LIMIT = 90  # bytes; the system allows about 104 for the whole name


# Servers this process started and left to others; kept so that they can be collected when they end.
_left_running: list[subprocess.Popen[bytes]] = []


class EmbeddedServer:
    """A PostgreSQL server that lives in `home` (by default in the user's data directory)."""

    def __init__(
        self,
        home: Path | None = None,
        *,
        binaries: Binaries | None = None,
        options: Mapping[str, str] | None = None,
        port: int | None = None,
    ) -> None:
        """Describe the server; nothing is touched before start().

        `binaries` fixes the programs (tests do), `options` adds server settings, `port` insists on a port instead
        of remembering a free one.
        """
        self.home = (home or paths.data_dir() / "postgres").absolute()
        self.data = self.home / "data"
        self._binaries = binaries
        self._options = dict(options or {})
        self._fixed_port = port
        self._process: subprocess.Popen[bytes] | None = None
        self._users = Users(self.home / "users")
        self._state: Remembered | None = None

    # -- what others need to connect ---------------------------------------------------------------------------

    @property
    def host(self) -> str:
        """The address of the TCP side."""
        return embedded_config.HOST

    @property
    def port(self) -> int:
        """The port, on TCP and in the socket's name."""
        return self._running().port

    @property
    def major(self) -> int:
        """The major version that runs, e.g. 18."""
        return self._running().major

    def admin_dsn(self, dbname: str = "postgres") -> str:
        """A libpq connection string of the bootstrap superuser, for migrations and tests; never for a desk."""
        if sys.platform == "win32":
            return self.dsn(
                dbname, embedded_config.SUPERUSER, self._password_file().read_text("utf-8").strip()
            )
        return _conninfo(
            host=self._running().socket_dir,
            port=str(self.port),
            user=embedded_config.SUPERUSER,
            dbname=dbname,
        )

    def dsn(self, dbname: str, user: str, password: str) -> str:
        """A libpq connection string of any other role, over TCP. The server has no TLS and needs none: loopback."""
        return _conninfo(
            host=self.host,
            port=str(self.port),
            user=user,
            password=password,
            dbname=dbname,
            sslmode="disable",
        )

    @property
    def running(self) -> bool:
        """Whether the server answers for this home at the moment."""
        postmaster = Postmaster.read(self.data)
        return postmaster is not None and postmaster.ready and postmaster.alive()

    # -- start and stop ----------------------------------------------------------------------------------------

    def start(self) -> EmbeddedServer:
        """Make the cluster if it is new, start it if it is not running, and count this process as a user.

        Raises Unavailable with one sentence for every reason why that cannot be done.
        """
        try:
            self.home.mkdir(parents=True, exist_ok=True)
            if paths.is_root():
                self.home.chmod(0o755)  # its contents are private; the server's user has to pass through
            with exclusive(self.home / "start.lock"):
                self._start()
                self._users.join()
        except OSError as error:
            raise embedded_failures.of_system(error, self.home) from error
        return self

    def stop(self) -> None:
        """Count this process out, and stop the server where nobody else uses it."""
        try:
            with exclusive(self.home / "start.lock"):
                if self._users.leave():
                    self._shut_down()
                elif self._process is not None:
                    _left_running.append(self._process)
                    self._process = None
                _collect_ended()
        except OSError as error:
            raise embedded_failures.of_system(error, self.home) from error
        finally:
            self._state = None

    def __enter__(self) -> EmbeddedServer:
        """Start."""
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop."""
        self.stop()

    # -- the steps ---------------------------------------------------------------------------------------------

    def _start(self) -> None:
        kept = Remembered.read(self.home / "server.json")
        postmaster = Postmaster.read(self.data)
        if kept and postmaster and self.running and postmaster.port == kept.port and self._answers(kept):
            return  # another console's, or one that a killed console left behind
        _collect_ended()
        account = embedded_account.choose(self.data)
        wanted = self._binaries or embedded_binaries.choose(self._data_major())
        if self._data_major() not in (None, wanted.major):
            raise embedded_failures.other_major(self._data_major(), wanted.major)
        binaries = embedded_binaries.reachable(wanted, account)
        if self._data_major() is None:
            self._initialise(binaries, account)
        state = Remembered(self._fixed_port or (kept.port if kept else _free_port()), binaries.major, "")
        state.socket_dir = str(self._socket_dir(kept, account))
        self._launch_until_ready(binaries, account, state)
        state.write(self.home / "server.json")
        self._state = state

    def _initialise(self, binaries: Binaries, account: embedded_account.Account) -> None:
        """Run initdb into a directory beside the final one, so that a broken attempt is never taken for data."""
        if shutil.disk_usage(self.home).free < _ROOM_NEEDED:
            raise embedded_failures.disk_full(self.home)
        unfinished = self.home / "data.new"
        shutil.rmtree(unfinished, ignore_errors=True)
        account.own(unfinished)
        command: list[str | Path] = [
            binaries.program("initdb"), "-D", unfinished, "-U", embedded_config.SUPERUSER, "-E", "UTF8",
            "--auth-local=peer", "--auth-host=scram-sha-256", "--no-instructions", "--no-sync",
        ]  # fmt: skip
        if binaries.major >= 17:
            command += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]
        else:
            command += ["--locale=C.UTF-8" if sys.platform == "linux" else "--locale=C"]
        if sys.platform == "win32":
            write_private(self._password_file(), secrets.token_urlsafe(24) + "\n")
            command += ["--pwfile", self._password_file()]
        done = account.run(command, cwd=unfinished)
        if done.returncode != 0:
            shutil.rmtree(unfinished, ignore_errors=True)
            with embedded_account.open_log(self.home / "server.log") as log:
                log.write(done.stdout.encode())
            raise embedded_failures.of_log(done.stdout, self.home)
        unfinished.replace(self.data)

    def _launch_until_ready(
        self, binaries: Binaries, account: embedded_account.Account, state: Remembered
    ) -> None:
        """Start it; a lingering lock is waited for, and a taken port replaced unless it was asked for."""
        give_up = time.monotonic() + _START_SECONDS
        names = (account.name,) if not paths.is_root() else ("root", account.name)
        while True:
            self._clear_dead_lock(state.socket_dir)
            embedded_config.write(
                self.data,
                port=state.port,
                socket_dir=state.socket_dir,
                options=self._options,
                system_users=names,
            )
            failure = self._launch(binaries, account)
            if failure is None:
                return
            if failure.code == "port_taken" and self._fixed_port is None:
                state.port = _free_port()
            elif failure.code != "lock_held":
                raise failure
            if time.monotonic() > give_up:
                raise failure
            time.sleep(0.1)

    def _launch(self, binaries: Binaries, account: embedded_account.Account) -> ConsoleError | None:
        """One attempt: None when the server is ready, else what went wrong."""
        log = self.home / "server.log"
        with embedded_account.open_log(log) as output:
            before = output.tell()
            if sys.platform == "win32":  # pg_ctl gives up administrator rights, which the server refuses
                command = [binaries.program("pg_ctl"), "start", "-W", "-D", self.data, "-l", log]
            else:
                command = [binaries.program("postgres"), "-D", self.data]
            if self._process is not None:
                _left_running.append(self._process)
            self._process = subprocess.Popen(
                [str(part) for part in command], stdout=output, stderr=output, cwd=self.data,
                **account.process_options(),
            )  # fmt: skip
        give_up = time.monotonic() + _READY_SECONDS
        while time.monotonic() < give_up:
            postmaster = Postmaster.read(self.data)
            if (
                postmaster
                and postmaster.ready
                and (sys.platform == "win32" or postmaster.pid == self._process.pid)
            ):
                return None
            if self._process.poll() not in (None, 0) or (
                sys.platform != "win32" and self._process.poll() == 0
            ):
                with log.open("rb") as written:
                    written.seek(before)
                    return embedded_failures.of_log(written.read().decode("utf-8", "replace"), self.home)
            time.sleep(0.004)
        self._shut_down()
        return embedded_failures.slow(self.home)

    def _clear_dead_lock(self, socket_dir: str) -> None:
        """Remove the pid file of a server that is certainly dead but still listed, as after kill -9 in a container.

        The server's own check cannot see that such a process has ended. Its second guard, the shared memory that
        surviving children hold, stays in force.
        """
        postmaster = Postmaster.read(self.data)
        if postmaster is not None and not postmaster.alive():
            (self.data / "postmaster.pid").unlink(missing_ok=True)
            for left in Path(socket_dir).glob(".s.PGSQL.*.lock"):  # nobody else uses that directory
                left.unlink(missing_ok=True)

    def _shut_down(self) -> None:
        """Stop the server in an orderly way, at once even with clients connected."""
        postmaster = Postmaster.read(self.data)
        if postmaster is not None and postmaster.alive():
            if sys.platform == "win32":
                stopper = self._binaries or embedded_binaries.choose(self._data_major())
                account = embedded_account.choose(self.data)
                account.run([stopper.program("pg_ctl"), "stop", "-m", "fast", "-D", self.data], cwd=self.home)
            else:
                os.kill(postmaster.pid, signal.SIGINT)
            give_up = time.monotonic() + 60
            while postmaster.alive() and time.monotonic() < give_up:
                if self._process is not None:
                    self._process.poll()
                time.sleep(0.004)
        if self._process is not None:
            try:
                self._process.wait(timeout=30)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
            self._process = None

    def _answers(self, kept: Remembered) -> bool:
        """Whether the server really answers: one that was killed just now is still listed, and may be connected to."""
        import psycopg

        self._state = kept
        try:
            with psycopg.connect(self.admin_dsn(), connect_timeout=5):
                return True
        except psycopg.OperationalError:
            self._state = None
            return False

    # -- small questions ---------------------------------------------------------------------------------------

    def _data_major(self) -> int | None:
        """The version that made the data directory, or None where there is none yet."""
        try:
            return int((self.data / "PG_VERSION").read_text("ascii").strip().split(".")[0])
        except FileNotFoundError:
            return None
        except ValueError:
            raise embedded_failures.damaged(self.data) from None

    def _socket_dir(self, kept: Remembered | None, account: embedded_account.Account) -> Path:
        """A private directory for the socket: in the home, or elsewhere where that name would be too long."""
        place = self.home / "run"
        if len(os.fsencode(place)) > _SOCKET_LIMIT:
            if kept and kept.socket_dir and Path(kept.socket_dir).is_dir():
                place = Path(kept.socket_dir)
            else:
                place = Path(tempfile.mkdtemp(prefix="nexus-"))
        return account.own(place)

    def _password_file(self) -> Path:
        return self.home / "superuser"

    def _running(self) -> Remembered:
        if self._state is None:
            raise Unavailable("The console's own database is not running.", code="embedded_stopped")
        return self._state


def _collect_ended() -> None:
    """Collect the servers of this process that somebody else has stopped."""
    _left_running[:] = [process for process in _left_running if process.poll() is None]


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((embedded_config.HOST, 0))
        return int(probe.getsockname()[1])


def _conninfo(**parts: str) -> str:
    """A libpq connection string, with the quoting that libpq asks for."""
    quoted = (f"{name}='{value.replace(chr(92), chr(92) * 2).replace(chr(39), chr(92) + chr(39))}'"
              for name, value in parts.items())  # fmt: skip
    return " ".join(quoted)
