"""How measurements are taken: beside a reference, in the same run, alternating, and shown with what they were taken on.

A number alone says nothing on another machine. Each row therefore names its budget and, where there is one, a
reference that is measured in turn with it, so that a busy moment hits both. Nothing here asserts: a slow machine must
not fail a build. See docs/design.md, "Speed".
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import os
import platform
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import psycopg

from console.storage.embedded import EmbeddedServer
from tests.support import databases
from tests.support.databases import Database

Step = Callable[[], object]
_SHOWN = ("server_version", "fsync", "synchronous_commit", "shared_buffers", "max_connections", "jit")


@dataclass(frozen=True)
class Pair:
    """What one row measures: a step and, where there is one, the reference's step; each call is one round.

    `batch` is how many things one call does (1,000 events): times are divided by nothing, but shown beside it.
    `rows` says what was in the database, `clients` how many connections worked at once.
    """

    subject: Step
    reference: Step | None = None
    rows: str = ""
    clients: int = 1
    batch: int = 1


@dataclass(frozen=True)
class Row:
    """One line of the table. Budgets are milliseconds of the median, or a ratio to the reference."""

    name: str
    prepare: Callable[[Bench], contextlib.AbstractContextManager[Pair]]
    budget_ms: float | None
    budget_ratio: float | None
    reference: str
    rounds: int
    warm_up: int


@dataclass(frozen=True)
class Result:
    """What came out, in milliseconds."""

    row: Row
    pair: Pair
    subject: list[float]
    reference: list[float]

    @property
    def median(self) -> float:
        """The median of the subject's rounds."""
        return statistics.median(self.subject)

    @property
    def p95(self) -> float:
        """What 95 of 100 rounds stay below."""
        return sorted(self.subject)[min(len(self.subject) - 1, round(0.95 * (len(self.subject) - 1)))]

    @property
    def ratio(self) -> float | None:
        """How many times the reference's median the subject took."""
        return self.median / statistics.median(self.reference) if self.reference else None

    @property
    def kept(self) -> bool | None:
        """Whether the budget was kept; None where there is none."""
        verdicts = []
        if self.row.budget_ms is not None:
            verdicts.append(self.median <= self.row.budget_ms)
        if self.row.budget_ratio is not None and self.ratio is not None:
            verdicts.append(self.ratio <= self.row.budget_ratio)
        return all(verdicts) if verdicts else None


ROWS: list[Row] = []


def row(
    name: str, *, budget_ms: float | None = None, budget_ratio: float | None = None, reference: str = "",
    rounds: int = 50, warm_up: int = 5,
) -> Callable[[Callable[[Bench], Iterator[Pair]]], Callable[[Bench], Iterator[Pair]]]:  # fmt: skip
    """Register a generator function that prepares, yields one Pair, and cleans up."""

    def register(function: Callable[[Bench], Iterator[Pair]]) -> Callable[[Bench], Iterator[Pair]]:
        ROWS.append(
            Row(
                name, contextlib.contextmanager(function), budget_ms, budget_ratio, reference, rounds, warm_up
            )
        )
        return function

    return register


@dataclass
class Bench:
    """What a row may use: a durable server of its own (fsync on) and databases on it, all thrown away afterwards."""

    home: Path = field(default_factory=lambda: Path(tempfile.mkdtemp(prefix="nexus-bench-")))
    _server: EmbeddedServer | None = None

    @property
    def server(self) -> EmbeddedServer:
        """The server, started when first asked for, with the settings of a real console."""
        if self._server is None:
            self._server = EmbeddedServer(self.home).start()
            databases.create_template(self._server)
        return self._server

    def database(self) -> Database:
        """A new database with the console's schema."""
        return databases.clone(self.server, "bench")

    def settings(self) -> str:
        """The server's settings that matter for speed."""
        if self._server is None:
            return "no server was needed"
        with psycopg.connect(self._server.admin_dsn()) as connection:
            shown = [
                (name, connection.execute("SELECT current_setting(%s)", (name,)).fetchone())
                for name in _SHOWN
            ]
        return ", ".join(f"{name} {value[0] if value else '?'}" for name, value in shown)

    def close(self) -> None:
        """Stop the server and remove it."""
        if self._server is not None:
            self._server.stop()
        shutil.rmtree(self.home, ignore_errors=True)


def measure(bench: Bench, one: Row, rounds: int | None = None) -> Result:
    """Run one row: warm up both, then alternate, without the garbage collector in between."""
    count = rounds or one.rounds
    with one.prepare(bench) as pair:
        for _ in range(one.warm_up):
            pair.subject()
            if pair.reference:
                pair.reference()
        subject: list[float] = []
        reference: list[float] = []
        gc.collect()
        gc.disable()
        try:
            for _ in range(count):
                subject.append(_timed(pair.subject))
                if pair.reference:
                    reference.append(_timed(pair.reference))
        finally:
            gc.enable()
    return Result(one, pair, subject, reference)


def _timed(step: Step) -> float:
    started = time.perf_counter()
    step()
    return (time.perf_counter() - started) * 1000


def discover() -> list[Row]:
    """Import every bench_*.py beside this file and hand back what they registered."""
    for path in sorted(Path(__file__).parent.glob("bench_*.py")):
        importlib.import_module(f"tests.bench.{path.stem}")
    return ROWS


def table(results: list[Result]) -> str:
    """The results as aligned text."""
    head = ("what", "p50 ms", "p95 ms", "ratio", "budget", "kept", "reference", "rounds", "clients", "data")
    lines = [head, *(_cells(one) for one in results)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(head))]
    return "\n".join("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
                     for line in lines)  # fmt: skip


def _cells(one: Result) -> tuple[str, ...]:
    budget = [f"{one.row.budget_ms:g} ms"] if one.row.budget_ms is not None else []
    budget += [f"{one.row.budget_ratio:g} x"] if one.row.budget_ratio is not None else []
    reference = (
        f"{one.row.reference} {statistics.median(one.reference):.2f} ms"
        if one.reference
        else one.row.reference
    )
    rounds = f"{one.row.warm_up}+{len(one.subject)}" + (
        f" of {one.pair.batch:,}" if one.pair.batch > 1 else ""
    )
    verdict = {True: "yes", False: "NO", None: "-"}[one.kept]
    ratio = f"{one.ratio:.2f}" if one.ratio else "-"
    figures = (one.row.name, f"{one.median:.2f}", f"{one.p95:.2f}", ratio, " ".join(budget) or "-", verdict)
    return (*figures, reference or "-", rounds, str(one.pair.clients), one.pair.rows or "-")


def machine() -> str:
    """What it was measured on."""
    return f"{os.cpu_count()} processors, {platform.platform(terse=True)}, Python {platform.python_version()}"
