"""The worker beside the console: it comes and goes with it, however the console ends; and the commands of a worker.

Everything here runs in homes of its own, with real processes. docs/design.md, "The database" (embedded default).
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from console.__main__ import main
from console.cli import doctor
from console.settings import Settings
from console.storage.embedded import EmbeddedServer
from console.storage.worker_logins import WorkerRow
from console.worker import beside
from console.worker.beside import WorkerBeside
from tests.support import factories
from tests.support.databases import Database
from tests.support.workers import ROOT, scalar, until

# What the console does around its worker, without its window.
CONSOLE = """
import sys, time
from console.settings import load
from console.storage import migrate
from console.storage.local import local_database
from console.worker.beside import WorkerBeside

settings = load()
with local_database(settings) as server:
    migrate.upgrade(server.admin_dsn(settings.database_name))
    worker = WorkerBeside(settings)
    worker.start()
    print(worker.pid, flush=True)
    sys.stdin.readline()
    worker.stop()
    print("stopped", flush=True)
"""


@pytest.fixture
def home(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Directories of a console of its own; the server runs as another user, who has to get in."""
    made = Path(tempfile.mkdtemp(prefix="nexus-beside-"))
    made.chmod(0o755)
    for name in ("DATA", "CONFIG", "LOG", "CACHE"):
        monkeypatch.setenv(f"NEXUS_{name}_DIR", str(made / name.lower()))
    monkeypatch.setenv("NEXUS_SECRETS", "file")
    yield made
    shutil.rmtree(made, ignore_errors=True)


@contextlib.contextmanager
def console() -> Iterator[tuple[subprocess.Popen[str], int]]:
    """Something like a console, and the process number of its worker."""
    with subprocess.Popen(
        [sys.executable, "-c", CONSOLE],
        cwd=ROOT,
        text=True,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as made:
        assert made.stdout is not None
        try:
            yield made, int(made.stdout.readline())
        finally:
            made.kill()


def alive(pid: int) -> bool:
    """Whether a process runs; one that ended and was not collected does not."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def ran(server: EmbeddedServer) -> int:
    with Database(server, "nexus").connect() as admin:
        return int(str(scalar(admin, "SELECT count(*) FROM app.job_runs WHERE outcome = 'done'")))


def test_the_worker_ends_with_a_console_that_is_killed_and_the_server_with_it(home: Path) -> None:
    with console() as (parent, worker):
        with EmbeddedServer() as server:
            until(lambda: ran(server) > 3, "the worker does not work")
        assert alive(worker)
        os.kill(parent.pid, signal.SIGKILL)
        parent.wait()
        until(lambda: not alive(worker), "the worker outlives its console")
    # Nobody else uses it: the last one turns off the light.
    until(lambda: not EmbeddedServer().running, "the server outlives everybody")
    assert "ERROR" not in (home / "log" / "worker.log").read_text()
    # Once more, in an orderly way; the login made silently the first time is used again.
    with console() as (parent, worker):
        with EmbeddedServer() as server:
            with Database(server, "nexus").connect() as admin:
                assert scalar(admin, "SELECT count(*) FROM app.workers") == 1
            until(lambda: alive(worker), "the worker does not start")
        out, _ = parent.communicate("\n", timeout=30)
        assert out == "stopped\n"
        assert not alive(worker)
    assert not EmbeddedServer().running


def test_a_console_on_another_server_starts_no_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subprocess, "Popen", lambda *_, **__: pytest.fail("a worker was started"))
    worker = WorkerBeside(Settings(database_url="postgresql://db.example/nexus"))
    worker.start()
    assert not worker.running
    assert worker.pid is None
    worker.stop()


def test_the_child_works_on_the_database_of_its_console(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://elsewhere/nexus")
    environment = WorkerBeside(
        Settings(database_name="mine", embedded_port=5999, secrets="file")
    )._environment()
    assert environment["NEXUS_DATABASE_NAME"] == "mine"
    assert environment["NEXUS_EMBEDDED_PORT"] == "5999"
    assert "DATABASE_URL" not in environment
    assert environment["PYTHONPATH"].split(os.pathsep)[0] == str(ROOT)
    assert beside.command()[1:] == ["-m", "console"]
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    assert beside.command() == [sys.executable]


@pytest.mark.parametrize(
    ("silent", "own", "state", "text"),
    [
        ([], False, "note", "none enrolled, so no background job runs"),
        ([None], False, "note", "Worker 1 is enrolled and never ran"),
        ([None, 30.0, 90000.0], False, "ok", "Worker 2, last ran just now"),
        ([3599.0], False, "ok", "Worker 1, last ran 59 minutes ago"),
        ([7300.0], False, "note", "Worker 1, last ran 2 hours ago"),
        ([7300.0], True, "ok", "Worker 1, last ran 2 hours ago"),
        ([400000.0], True, "ok", "Worker 1, last ran 4 days ago"),
    ],
)
def test_doctor_says_whether_a_worker_runs(
    silent: list[float | None], own: bool, state: str, text: str
) -> None:
    rows = [
        WorkerRow(f"Worker {number}", "nexus_worker_x", factories.NOON, None, seconds)
        for number, seconds in enumerate(silent, 1)
    ]
    found = doctor._worker(rows, own=own)
    assert (found.area, found.state, found.text) == ("worker", state, text)
    assert bool(found.advice) == (state == "note")


def test_a_worker_is_enrolled_listed_run_and_shut_out_by_commands(
    fresh_database: Database, home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    server = fresh_database.server
    monkeypatch.setenv("DATABASE_URL", f"postgresql://{server.host}:{server.port}/{fresh_database.name}")
    monkeypatch.setenv("NEXUS_ADMIN_URL", fresh_database.admin_dsn)

    def said(*words: str) -> tuple[int, str]:
        code = main(["worker", *words])
        captured = capsys.readouterr()
        return code, captured.out + captured.err

    assert said("list") == (0, "No worker is enrolled. Enrol one: nexus-console worker enrol --name NAME\n")
    code, text = said("--once")
    assert (code, "has no worker's login" in text) == (1, True)
    assert said("enrol", "--name", " ") == (1, "A worker's name has 1 to 60 characters.\n")
    code, text = said("enrol", "--name", "Back office")
    assert (code, text.startswith("Back office is enrolled.")) == (0, True)
    (secret,) = (home / "config" / "secrets").glob("worker.*")
    assert secret.stat().st_mode & 0o777 == 0o600
    assert said("enrol", "--name", "back office")[0] == 1
    assert "never ran" in said("list")[1]
    assert said("--once") == (0, "")
    assert "last ran" in said("list")[1]
    main(["doctor"])
    assert "Back office, last ran just now" in capsys.readouterr().out
    with fresh_database.connect() as admin:
        assert scalar(admin, "SELECT count(*) > 10 FROM app.job_runs WHERE outcome = 'done'") is True
        role = scalar(admin, "SELECT role_name FROM app.workers")
        try:
            assert said("revoke", "Back office") == (0, "Back office is shut out.\n")
            code, text = said("revoke", "Back office")
            assert (code, "There is no worker called Back office." in text) == (1, True)
            code, text = said("--once")
            assert (code, text.splitlines()[0]) == (
                1,
                "The database no longer knows this worker. Enrol it again: nexus-console worker enrol",
            )
        finally:
            admin.execute(f'DROP ROLE "{role}"'.encode())
