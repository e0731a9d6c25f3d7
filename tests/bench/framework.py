"""How measurements are taken: beside a reference, in the same run, alternating, and shown with what they were taken on.

A number alone says nothing on another machine. Each row therefore names its budget and, where there is one, a
reference that is measured in turn with it, so that a busy moment hits both. Nothing here asserts: a slow machine must
not fail a build. See docs/design.md, "Speed".
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import math
import os
import platform
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import psycopg

from console.storage.embedded import EmbeddedServer
from tests.support import databases
from tests.support.databases import Database

Step = Callable[[], object]
Kept = TypeVar("Kept")
_SHOWN = ("server_version", "fsync", "synchronous_commit", "shared_buffers", "max_connections", "jit")


@dataclass(frozen=True)
class Pair:
    """What one row measures: a step and, where there is one, the reference's step; each call is one round.

    A round's figure is the milliseconds a step took, or what the steps answer where they measure themselves
    (`own_figures`). `batch` is how many things one call does (1,000 events). `rows` says what was in the database,
    `clients` how many connections worked at once.
    """

    subject: Step
    reference: Step | None = None
    rows: str = ""
    clients: int = 1
    batch: int = 1
    own_figures: bool = False


@dataclass(frozen=True)
class Row:
    """One line of the table.

    The unit is ms (smaller is better), MB (likewise) or per_second (larger is better: `batch` things a round). A
    budget is in the row's unit, a ratio is to the reference's median. `judged` says which figure the budget is for.
    """

    name: str
    prepare: Callable[[Bench], contextlib.AbstractContextManager[Pair]]
    what: str
    unit: str
    budget: float | None
    budget_ratio: float | None
    judged: str
    reference: str
    rounds: int
    warm_up: int


@dataclass(frozen=True)
class Result:
    """What came out, in the row's unit."""

    row: Row
    pair: Pair
    subject: list[float]
    reference: list[float]

    @property
    def value(self) -> float:
        """The median of the subject's rounds."""
        return statistics.median(self.subject)

    @property
    def p95(self) -> float:
        """What 95 of 100 rounds stay below, or above where more is better."""
        ranked = sorted(self.subject, reverse=self.more_is_better)
        return ranked[min(len(ranked) - 1, math.ceil(0.95 * len(ranked)) - 1)]

    @property
    def more_is_better(self) -> bool:
        """Whether a budget is a least and not a most."""
        return self.row.unit == "per_second"

    @property
    def reference_value(self) -> float | None:
        """The median of the reference's rounds."""
        return statistics.median(self.reference) if self.reference else None

    @property
    def ratio(self) -> float | None:
        """The subject's median in terms of the reference's."""
        return self.value / self.reference_value if self.reference_value else None

    @property
    def budget(self) -> float | None:
        """The budget in the row's unit, also where it is a ratio."""
        budgets = [] if self.row.budget is None else [self.row.budget]
        if self.row.budget_ratio is not None and self.reference_value is not None:
            budgets.append(self.row.budget_ratio * self.reference_value)
        return min(budgets, default=None)

    @property
    def ok(self) -> bool | None:
        """Whether the budget was kept; None where there is none."""
        if self.budget is None:
            return None
        figure = self.p95 if self.row.judged == "p95" else self.value
        return figure >= self.budget if self.more_is_better else figure <= self.budget

    def as_json(self) -> dict[str, object]:
        """The row as one object; figures are rounded to what they are worth."""
        return {
            "name": self.row.name,
            "unit": self.row.unit,
            "value": _rounded(self.value),
            "p95": _rounded(self.p95),
            "reference": self.row.reference or None,
            "reference_value": _rounded(self.reference_value),
            "ratio": _rounded(self.ratio),
            "budget": _rounded(self.budget),
            "ok": self.ok,
            "judged": self.row.judged,
            "what": self.row.what,
            "rounds": len(self.subject),
            "clients": self.pair.clients,
            "data": self.pair.rows or None,
        }


def _rounded(figure: float | None) -> float | None:
    return None if figure is None else round(figure, 3)


ROWS: list[Row] = []


def row(
    name: str, what: str, *, unit: str = "ms", budget: float | None = None, budget_ratio: float | None = None,
    judged: str = "p50", reference: str = "", rounds: int = 50, warm_up: int = 5,
) -> Callable[[Callable[[Bench], Iterator[Pair]]], Callable[[Bench], Iterator[Pair]]]:  # fmt: skip
    """Register a generator function that prepares, yields one Pair, and cleans up. `name` is short_snake_case."""

    def register(function: Callable[[Bench], Iterator[Pair]]) -> Callable[[Bench], Iterator[Pair]]:
        prepare = contextlib.contextmanager(function)
        ROWS.append(Row(name, prepare, what, unit, budget, budget_ratio, judged, reference, rounds, warm_up))
        return function

    return register


def chosen(words: list[str], rows: list[Row]) -> list[Row]:
    """The rows that some words mean: the one of that exact name, else all whose name contains the word."""
    names = {one.name for one in rows}
    return [
        one
        for one in rows
        if not words or any(word == one.name if word in names else word in one.name for word in words)
    ]


@dataclass
class Bench:
    """What a row may use: a durable server of its own (fsync on) and databases on it, all thrown away afterwards."""

    home: Path = field(default_factory=lambda: Path(tempfile.mkdtemp(prefix="nexus-bench-")))
    _server: EmbeddedServer | None = None
    _kept: dict[str, Any] = field(default_factory=dict)
    _ends: contextlib.ExitStack = field(default_factory=contextlib.ExitStack)

    def shared(self, name: str, make: Callable[[Bench], contextlib.AbstractContextManager[Kept]]) -> Kept:
        """What several rows need and only one should make: made when first asked for, ended with the bench."""
        if name not in self._kept:
            self._kept[name] = self._ends.enter_context(make(self))
        kept: Kept = self._kept[name]
        return kept

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
        """End what rows shared; stop the server and remove it."""
        self._ends.close()
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
                subject.append(_figure(one, pair, pair.subject))
                if pair.reference:
                    reference.append(_figure(one, pair, pair.reference))
        finally:
            gc.enable()
    return Result(one, pair, subject, reference)


def _figure(one: Row, pair: Pair, step: Step) -> float:
    started = time.perf_counter()
    answer = step()
    milliseconds = (time.perf_counter() - started) * 1000
    if pair.own_figures:
        assert isinstance(answer, float), f"{one.name} measures itself"
        return answer
    return pair.batch * 1000 / milliseconds if one.unit == "per_second" else milliseconds


def discover() -> list[Row]:
    """Import every bench_*.py beside this file and hand back what they registered."""
    for path in sorted(Path(__file__).parent.glob("bench_*.py")):
        importlib.import_module(f"tests.bench.{path.stem}")
    return ROWS


def table(results: list[Result]) -> str:
    """The results as aligned text."""
    head = ("name", "unit", "p50", "p95", "ratio", "budget", "kept", "reference", "rounds", "clients", "data")
    lines = [head, *(_cells(one) for one in results)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(head))]
    return "\n".join("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
                     for line in lines)  # fmt: skip


def _cells(one: Result) -> tuple[str, ...]:
    budget = [f"{one.row.budget:g}"] if one.row.budget is not None else []
    budget += [f"{one.row.budget_ratio:g} x"] if one.row.budget_ratio is not None else []
    budget += ["p95"] if one.row.judged == "p95" else []
    reference = (
        f"{one.row.reference} {one.reference_value:.2f}"
        if one.reference_value is not None
        else one.row.reference
    )
    rounds = f"{one.row.warm_up}+{len(one.subject)}" + (
        f" of {one.pair.batch:,}" if one.pair.batch > 1 else ""
    )
    verdict = {True: "yes", False: "NO", None: "-"}[one.ok]
    ratio = f"{one.ratio:.2f}" if one.ratio else "-"
    figures = (
        one.row.name,
        one.row.unit,
        f"{one.value:.2f}",
        f"{one.p95:.2f}",
        ratio,
        " ".join(budget) or "-",
    )
    return (*figures, verdict, reference or "-", rounds, str(one.pair.clients), one.pair.rows or "-")


def machine() -> str:
    """What it was measured on."""
    return f"{os.cpu_count()} processors, {platform.platform(terse=True)}, Python {platform.python_version()}"
