"""How long the demo takes from an empty database to the last row, key derivation of its accounts included."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

from console import demo
from console.demo.load import imagine
from tests.bench.framework import Bench, Pair, row

_AT = datetime(2026, 3, 12, 22, 42, tzinfo=UTC)


@row("demo", "demo data, loaded", budget=15_000, reference="worked out in memory only", rounds=2, warm_up=0)
def load_demo(bench: Bench) -> Iterator[Pair]:
    """A first load, then reloads over it, which is the slower case."""
    database = bench.database()
    yield Pair(
        lambda: demo.load(database.admin_dsn, seed=1, at=_AT),
        lambda: imagine(1, _AT),
        rows="15 venues, 20,000 bookings",
    )
