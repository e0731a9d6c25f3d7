"""What the bench promises whoever reads its figures: names, verdicts and the objects of --json."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import pytest

from tests.bench.framework import Bench, Pair, Result, Row, chosen


@contextlib.contextmanager
def nothing(_bench: Bench) -> Iterator[Pair]:
    yield Pair(lambda: None)


def a_row(name: str = "check_in", **facts: object) -> Row:
    given: dict[str, object] = {
        "unit": "ms", "budget": None, "budget_ratio": None, "judged": "p50", "reference": "by hand",
    }  # fmt: skip
    return Row(name, nothing, "a row", rounds=3, warm_up=0, **(given | facts))  # type: ignore[arg-type]  # by name


def a_result(row: Row, subject: list[float], reference: list[float] | None = None) -> Result:
    return Result(row, Pair(lambda: None), subject, reference or [])


def test_an_exact_name_means_that_row_and_a_part_means_all_that_have_it() -> None:
    rows = [a_row("check_in"), a_row("check_in_8_desks"), a_row("startup")]
    assert [one.name for one in chosen(["check_in"], rows)] == ["check_in"]
    assert [one.name for one in chosen(["check"], rows)] == ["check_in", "check_in_8_desks"]
    assert chosen([], rows) == rows


@pytest.mark.parametrize(
    ("facts", "subject", "reference", "budget", "ok"),
    [
        ({"budget_ratio": 4}, [3.9], [1.0], 4.0, True),
        ({"budget_ratio": 4}, [4.1], [1.0], 4.0, False),
        ({"budget": 30}, [1.0] * 9 + [31.0], None, 30.0, True),
        ({"budget": 30, "judged": "p95"}, [1.0] * 9 + [31.0], None, 30.0, False),
        ({"budget": 1500, "unit": "per_second"}, [1600.0], None, 1500.0, True),
        ({"budget": 1500, "unit": "per_second"}, [800.0], None, 1500.0, False),
        ({}, [1.0], None, None, None),
    ],
)
def test_a_verdict_is_about_the_figure_that_is_judged(
    facts: dict[str, object], subject: list[float], reference: list[float] | None,
    budget: float | None, ok: bool | None,
) -> None:  # fmt: skip
    told = a_result(a_row("any", **facts), subject, reference).as_json()
    assert (told["budget"], told["ok"]) == (budget, ok)


def test_an_object_has_what_was_promised() -> None:
    told = a_result(a_row(budget=5), [2.0, 3.0, 4.0], [1.0, 1.5, 2.0]).as_json()
    wanted = ("name", "unit", "value", "p95", "reference", "reference_value", "ratio", "budget", "ok")
    assert [told[key] for key in wanted] == ["check_in", "ms", 3.0, 4.0, "by hand", 1.5, 2.0, 5, True]
