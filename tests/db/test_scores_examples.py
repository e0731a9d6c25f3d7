"""The worked examples of docs/scores.md, computed: from facts in a database, and from the rules in Python."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from console.domain import scoring
from console.domain.scores import Component
from console.domain.scoring import Counts
from tests.support.databases import Database
from tests.support.desk_world import World
from tests.support.scoring_world import History, history
from tests.unit.test_scoring import FORMULA

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "scores.md"
ROWS = [
    [cell.strip() for cell in line.strip().strip("|").split("|")]
    for line in DOCUMENT.read_text(encoding="utf-8").split("## Worked examples")[1].splitlines()
    if re.match(r"\| .* \| \d{4}-\d\d-\d\d \|", line)
]
LATE = time(23, 30)


@pytest.fixture(scope="module")
def world(house: Database) -> Iterator[World]:
    with World(house) as made:
        made.at(datetime(2026, 3, 10, 17, 0, tzinfo=UTC))
        yield made


def counts_of(cells: list[str]) -> dict[Component, Counts]:
    """The counts that a row of the table names."""
    found = [re.search(r"\((\d+) of (\d+)\)", cell) for cell in cells]
    return {
        component: Counts(int(one[1]), int(one[2]))
        for component, one in zip(Component, found, strict=True)
        if one is not None
    }


def facts(made: History, week: date, counts: dict[Component, Counts]) -> None:
    """Facts with exactly these counts, half of them late on the Sunday."""
    sunday = week + timedelta(days=6)
    families, came = counts[Component.REPEAT], counts[Component.NO_SHOWS].good
    missed = counts[Component.NO_SHOWS].all - came
    kept, booked = counts[Component.CANCELLATIONS].good, counts[Component.CANCELLATIONS].all
    bookings = [made.book(sunday, family=f"Family {n}", at=LATE) for n in range(families.all)]
    bookings += [made.book(week, family=f"Family {n}") for n in range(families.good)]
    bookings += [made.book(sunday, family="Family 0", at=LATE) for _ in range(came - len(bookings))]
    bookings += [made.book(week, "no_show") for _ in range(missed)]
    bookings += [made.book(week, "confirmed") for _ in range(kept - came - missed)]
    for _ in range(booked - kept):
        made.book(sunday, "cancelled_venue", at=LATE)
    # A quarter of an hour before the week is over on the venue's wall.
    said = datetime.combine(sunday, time(23, 45), tzinfo=ZoneInfo(made.zone))
    opinions = counts[Component.FEEDBACK]
    for number in range(opinions.all):
        if number % 2:
            made.review(bookings[number], said, 5 if number < opinions.good else 2)
        else:
            made.thumb(bookings[number], said, number < opinions.good)


def said(value: Decimal | None, counts: Counts) -> str:
    return f"{'left out' if value is None else value} ({counts.good} of {counts.all})"


@pytest.mark.parametrize("row", ROWS, ids=[row[0] for row in ROWS])
def test_the_examples_of_the_document_are_true(world: World, row: list[str]) -> None:
    week, cells, score = date.fromisoformat(row[1]), row[2:6], row[6]
    made = history(world)
    facts(made, week, counts_of(cells))
    assert made.compute(week) == 1
    kept = made.score(week)
    names = ("parent_feedback_score", "repeat_booking_score", "cancellation_score", "no_show_score")
    frozen = {component: Counts(**kept["inputs"][component]) for component in Component}
    assert [said(kept[name], frozen[c]) for name, c in zip(names, Component, strict=True)] == cells
    assert str(kept["composite_score"] or "insufficient") == score

    counted = scoring.count(
        week, 12, made.zone, made.bookings.values(), made.thumbs.values(), made.reviews.values()
    )
    parts = scoring.parts(FORMULA, counted)
    assert [said(part.value, counted[part.component]) for part in parts] == cells
    assert str(scoring.composite(parts, FORMULA.least_weight) or "insufficient") == score


def test_the_document_has_the_examples() -> None:
    assert len(ROWS) == 11
    late = [row for row in ROWS if "late check-in" in row[0] or "revision" in row[0]]
    assert [row[6] for row in late] == ["67.71", "71.12"]
