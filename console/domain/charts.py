"""What a chart shows, without how it looks: bars, lines and a week's heat, with the numbers it is made of.

One description serves the picture on the screen, the PNG and the PDF, the table beside it and the exported data, so
that they cannot differ. See docs/design.md, "Screens".
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

Number = int | float | Decimal
Tone = Literal["accent", "green", "amber", "red", "blue", "neutral"]


@dataclass(frozen=True, slots=True)
class Measure:
    """One named row of numbers; None where there is none to show. `dots` are marked, without a line between them."""

    name: str
    values: tuple[Number | None, ...]
    tone: Tone = "accent"
    dots: bool = False


@dataclass(frozen=True, slots=True)
class Limit:
    """A line across a chart, such as 80 % full."""

    value: Number
    name: str
    tone: Tone = "amber"


@dataclass(frozen=True, slots=True)
class Chart:
    """One chart. `labels` are along the foot (of a heat: its columns), `rows` a heat's lines, one per measure.

    `unit` follows a number ("%", " credits"); `stacked` bars add up to one. `highest` fixes the top of the scale, and
    `lowest` its foot, which is 0 otherwise: lines may begin higher, bars never do.
    """

    kind: Literal["bars", "lines", "heat"]
    title: str
    labels: tuple[str, ...]
    measures: tuple[Measure, ...]
    unit: str = ""
    stacked: bool = False
    limit: Limit | None = None
    highest: Number | None = None
    lowest: Number | None = None

    def __post_init__(self) -> None:
        """Refuse numbers that do not stand under a label."""
        if any(len(measure.values) != len(self.labels) for measure in self.measures):
            raise ValueError("every measure needs one value for each label")

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to draw."""
        return all(value is None for measure in self.measures for value in measure.values)

    def said(self) -> str:
        """The chart in words, for whoever hears the screen: its title, and the highest of each measure."""
        if self.is_empty:
            return f"{self.title}: no numbers yet"
        parts = []
        for measure in self.measures:
            known = [(value, at) for at, value in enumerate(measure.values) if value is not None]
            if known:
                value, at = max(known, key=lambda pair: pair[0])
                parts.append(f"{measure.name} at most {written(value)}{self.unit} ({self.labels[at]})")
        return f"{self.title}: " + ", ".join(parts[:8])

    def table(self) -> tuple[tuple[str, ...], tuple[tuple[str | Number | None, ...], ...]]:
        """Headings and rows of the numbers: one row for each label, one column for each measure."""
        head = ("", *(measure.name for measure in self.measures))
        columns: Sequence[tuple[Number | None, ...]] = [measure.values for measure in self.measures]
        rows = tuple((name, *(column[at] for column in columns)) for at, name in enumerate(self.labels))
        return head, rows


def written(value: Number) -> str:
    """A number as a chart says it: whole where it is whole, else with one digit."""
    if isinstance(value, Decimal):
        return f"{value:,.2f}" if value != value.to_integral_value() else f"{value:,.0f}"
    return f"{value:,.1f}" if value != int(value) else f"{int(value):,}"
