"""The console as a process: until its sign-in page is painted, from signing in to a roster, and what it holds idle."""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from console.domain import scram
from tests.bench.bench_attendance import Day
from tests.bench.framework import Bench, Pair, row
from tests.support import factories
from tests.support.desk_world import World

_PASSWORD = "four plain words here"
_ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class _Place:
    """A desk with somebody who may sign in there, and the environment of its console."""

    email: str
    environment: dict[str, str]

    def probe(self, *words: str) -> subprocess.Popen[str]:
        """A process of its own; see probe.py."""
        command = [sys.executable, "-m", "tests.bench.probe", *words]
        return subprocess.Popen(
            command, env=self.environment, cwd=_ROOT, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )  # fmt: skip


@contextlib.contextmanager
def _place(bench: Bench) -> Iterator[_Place]:
    home = Path(tempfile.mkdtemp(prefix="nexus-bench-home-"))
    with World(bench.database()) as world:
        Day(world, sessions=8)
        desk = world.desk()
        email = "bench@staff.example"
        person = factories.user(
            world.admin, role="venue_admin", email=email, password_hash=scram.make_verifier(_PASSWORD)
        )
        factories.grant(world.admin, person, "front_desk", world.venue)
        folders = {
            f"NEXUS_{name}_DIR": str(home / name.lower()) for name in ("DATA", "CONFIG", "CACHE", "LOG")
        }
        environment = os.environ | folders | {
            "DATABASE_URL": world.database.dsn(desk, desk), "QT_QPA_PLATFORM": "offscreen", "QT_API": "pyside6",
            "PYTHONPATH": str(_ROOT), "XDG_CONFIG_HOME": str(home / "xdg"),
        }  # fmt: skip
        try:
            yield _Place(email, environment)
        finally:
            shutil.rmtree(home, ignore_errors=True)


def _line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    said = process.stdout.readline().strip()
    assert said, "the console ended before it answered"
    return said


def _ask(process: subprocess.Popen[str], order: str) -> float:
    assert process.stdin is not None
    process.stdin.write(f"{order}\n")
    process.stdin.flush()
    return float(_line(process))


def _end(process: subprocess.Popen[str]) -> None:
    process.communicate("\n", timeout=20)


def _until_painted(place: _Place, what: str) -> tuple[float, subprocess.Popen[str]]:
    started = time.perf_counter()
    process = place.probe(what)
    assert _line(process) == "painted"
    return (time.perf_counter() - started) * 1000, process


@row(
    "startup",
    "process start until the sign-in page is painted, server warm",
    budget=400,
    judged="p50",
    reference="bare PySide6 window",
    rounds=12,
    warm_up=2,
)
def startup(bench: Bench) -> Iterator[Pair]:
    """The interpreter's own start included."""
    place = bench.shared("place", _place)

    def figure(what: str) -> float:
        took, process = _until_painted(place, what)
        _end(process)
        return took

    yield Pair(lambda: figure("start"), lambda: figure("bare"), own_figures=True)


@contextlib.contextmanager
def _working(place: _Place) -> Iterator[subprocess.Popen[str]]:
    process = place.probe("work", place.email, _PASSWORD)
    try:
        assert _line(process) == "painted"
        yield process
    finally:
        _end(process)


@row(
    "sign_in",
    "from signing in until the roster is painted, key derivation included",
    budget=500,
    reference="PBKDF2 alone",
    rounds=12,
    warm_up=2,
)
def sign_in(bench: Bench) -> Iterator[Pair]:
    """In one console that signs out in between."""
    place = bench.shared("place", _place)

    def reference() -> float:
        started = time.perf_counter()
        hashlib.pbkdf2_hmac("sha256", _PASSWORD.encode(), b"0123456789abcdef", scram.MINIMUM_ITERATIONS)
        return (time.perf_counter() - started) * 1000

    with _working(place) as process:
        yield Pair(
            lambda: _ask(process, "sign in"),
            reference,
            rows="320 bookings, 40 in the roster",
            own_figures=True,
        )


@row(
    "idle_memory",
    "resident memory of a console at Today",
    unit="MB",
    budget=220,
    reference="bare PySide6 window",
    rounds=3,
    warm_up=0,
)
def idle_memory(bench: Bench) -> Iterator[Pair]:
    """A second after the roster was painted; pages shared with other processes count."""
    place = bench.shared("place", _place)

    def subject() -> float:
        with _working(place) as process:
            _ask(process, "sign in")
            return _ask(process, "memory")

    def reference() -> float:
        process = place.probe("bare")
        assert _line(process) == "painted"
        held = float(_line(process))
        _end(process)
        return held

    yield Pair(subject, reference, rows="40 in the roster", own_figures=True)
