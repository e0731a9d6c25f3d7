"""The charts of a venue's scores: how the score went, and how its parts went, week by week.

Weeks without enough to go by are gaps, never zeros; a week that was worked out again is marked. One description serves
the window, the picture, the page and the numbers. See docs/design.md, "Screens" (reviews and score).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal

from console.domain.charts import Chart, Limit, Measure, Tone
from console.domain.scores import Component, Formula, WeekScore

_TONES: Mapping[Component, Tone] = {
    Component.FEEDBACK: "accent",
    Component.REPEAT: "blue",
    Component.CANCELLATIONS: "amber",
    Component.NO_SHOWS: "green",
}
_WEEK = timedelta(days=7)


def trend(weeks: Sequence[WeekScore], formula: Formula, last: int) -> Chart:
    """The composite of the newest `last` weeks, with the line above which a venue is curated."""
    shown = _calendar(weeks, last)
    measures = [Measure("Score", tuple(None if one is None else one.composite for _, one in shown))]
    revised = tuple(one.composite if one is not None and one.revision > 1 else None for _, one in shown)
    if any(value is not None for value in revised):
        measures.append(Measure("Worked out again", revised, "amber", dots=True))
    name = f"{formula.threshold.normalize():f}, curated from here"
    limit = Limit(formula.threshold, name, "neutral")
    return Chart(
        "lines",
        "Score by week",
        _labels(shown),
        tuple(measures),
        limit=limit,
        highest=104,
        lowest=_foot(measures, formula.threshold),
    )


def components(weeks: Sequence[WeekScore], last: int) -> Chart:
    """The parts of the score over the newest `last` weeks; a part that was left out is a gap."""
    shown = _calendar(weeks, last)
    measures = tuple(
        Measure(component.words, tuple(_value(one, component) for _, one in shown), _TONES[component])
        for component in Component
    )
    labels = _labels(shown)
    return Chart("lines", "Parts of the score by week", labels, measures, highest=104, lowest=_foot(measures))


def _calendar(weeks: Sequence[WeekScore], last: int) -> list[tuple[date, WeekScore | None]]:
    """Every week up to the newest, also those that were never worked out."""
    known = {one.week: one for one in weeks}
    if not known:
        return []
    newest = max(known)
    first = max(min(known), newest - (last - 1) * _WEEK)
    count = (newest - first).days // 7 + 1
    return [(first + at * _WEEK, known.get(first + at * _WEEK)) for at in range(count)]


def _labels(shown: Sequence[tuple[date, WeekScore | None]]) -> tuple[str, ...]:
    return tuple(f"{week.day} {week:%b}" for week, _ in shown)


def _value(week: WeekScore | None, component: Component) -> Decimal | None:
    part = next((one for one in week.parts if one.component is component), None) if week is not None else None
    return None if part is None else part.value


def _foot(measures: Sequence[Measure], threshold: Decimal | None = None) -> int:
    """Where the scale begins: a ten below everything on show, so that a few points up or down can be seen."""
    shown = [float(value) for measure in measures for value in measure.values if value is not None]
    lowest = min(shown + ([] if threshold is None else [float(threshold)]), default=0.0)
    return max(int(lowest - 5) // 10 * 10, 0)
