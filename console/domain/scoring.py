"""How a venue's week is scored, read a second time: facts in, the parts of a score out.

The database works scores out; this is the independent reading of the same rules that it is held to, cent by cent, and
what the screens explain a score with: what would help, and what moved it. Standard library only, decimals only.
See docs/design.md, "Rules of the domain" (scores).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from uuid import UUID
from zoneinfo import ZoneInfo

from console.domain.scores import Component, Formula, Move, Part, Suggestion, WeekScore

GOOD_STARS = 4
"""From this many stars on a review speaks for the venue."""

REVISION_WORDS: Mapping[str, str] = {
    "late_check_in": "A late check-in arrived.",
    "attendance_corrected": "Attendance was corrected.",
    "review_moderated": "A review was hidden or restored.",
    "opinion_changed": "A parent's opinion arrived late or was changed.",
    "cancellation_corrected": "A cancellation was corrected.",
    "dispute_upheld": "A dispute was upheld.",
}
"""Why a week was worked out again, as a person reads it."""

_CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class BookingFact:
    """One booking as it stands. `day` is its session's day on the venue's wall.

    `weather`: it was cancelled because of the weather; `by_platform`: its session was cancelled by somebody who worked
    for the platform then.
    """

    id: UUID
    family: UUID
    day: date
    status: str
    weather: bool = False
    by_platform: bool = False


@dataclass(frozen=True, slots=True)
class ThumbFact:
    """A thumb up or down for a booking."""

    booking: UUID
    at: datetime
    up: bool


@dataclass(frozen=True, slots=True)
class ReviewFact:
    """A review of a booking, one to five stars."""

    booking: UUID
    at: datetime
    stars: int
    visible: bool = True


@dataclass(frozen=True, slots=True)
class Counts:
    """What one component is worked out from."""

    good: int
    all: int


def window(week: date, weeks: int) -> tuple[date, date]:
    """The first and last day that count for the week beginning on `week`, both included."""
    return week - timedelta(weeks=weeks - 1), week + timedelta(days=6)


def count(
    week: date,
    weeks: int,
    zone: str,
    bookings: Iterable[BookingFact],
    thumbs: Iterable[ThumbFact],
    reviews: Iterable[ReviewFact],
) -> dict[Component, Counts]:
    """What a week counts, over the window of so many weeks that ends with it; `zone` is the venue's."""
    first, last = window(week, weeks)
    clock = ZoneInfo(zone)
    inside = [one for one in bookings if first <= one.day <= last]
    came = [one for one in inside if one.status == "completed"]
    missed = [one for one in inside if one.status == "no_show"]
    stood = len(came) + len(missed) + sum(one.status == "confirmed" for one in inside)
    dropped = sum(
        one.status == "cancelled_venue" and not one.weather and not one.by_platform for one in inside
    )
    days: dict[UUID, set[date]] = {}
    for one in came:
        days.setdefault(one.family, set()).add(one.day)

    def counts(at: datetime) -> bool:
        return first <= at.astimezone(clock).date() <= last

    given = list(thumbs)
    thumbed = {one.booking for one in given}
    opinions = [one.up for one in given if counts(one.at)]
    opinions += [
        one.stars >= GOOD_STARS
        for one in reviews
        if one.visible and one.booking not in thumbed and counts(one.at)
    ]
    return {
        Component.FEEDBACK: Counts(sum(opinions), len(opinions)),
        Component.REPEAT: Counts(sum(len(seen) > 1 for seen in days.values()), len(days)),
        Component.CANCELLATIONS: Counts(stood, stood + dropped),
        Component.NO_SHOWS: Counts(len(came), len(came) + len(missed)),
    }


def least(formula: Formula, component: Component) -> int:
    """How many a component needs at least."""
    if component is Component.FEEDBACK:
        return formula.least_opinions
    if component is Component.REPEAT:
        return formula.least_families
    return formula.least_bookings


def parts(formula: Formula, counts: Mapping[Component, Counts]) -> tuple[Part, ...]:
    """The components in order, each with its value from 0 to 100, None where there is too little of it."""
    return tuple(
        Part(
            component,
            counts[component].good,
            counts[component].all,
            _round(Fraction(100 * counts[component].good, counts[component].all))
            if counts[component].all >= least(formula, component)
            else None,
            formula.weights[component],
        )
        for component in Component
    )


def composite(of: Sequence[Part], least_weight: Decimal) -> Decimal | None:
    """The parts that are there, reweighted; None where they weigh too little together."""
    there = [(part.weight, part.value) for part in of if part.value is not None]
    weight = sum((Fraction(weight) for weight, _ in there), Fraction(0))
    if weight == 0 or weight < Fraction(least_weight):
        return None
    total = sum((Fraction(weight) * Fraction(value) for weight, value in there), Fraction(0))
    return _round(total / weight)


def moves(before: WeekScore | None, now: WeekScore | None) -> tuple[Move, ...]:
    """What each component did to the composite since the week before, in points that add up to the change exactly.

    A component counts for itself where both weeks have it; what came, went, or weighs otherwise is told as one, with
    `component` None. Nothing where one of the two has no composite.
    """
    if before is None or now is None or before.composite is None or now.composite is None:
        return ()
    change = now.composite - before.composite
    was = {part.component: part for part in before.parts}
    there = sum((part.weight for part in now.parts if part.value is not None), Decimal(0))
    same = {
        part.component: _round(Fraction(part.weight) / Fraction(there) * Fraction(part.value - earlier))
        for part in now.parts
        if part.value is not None
        and (earlier := was[part.component].value if part.component in was else None) is not None
        and there
    }
    rest = change - sum(same.values(), Decimal(0))
    reshaped = [_shape(part) for part in before.parts] != [_shape(part) for part in now.parts]
    if rest and not reshaped and same:
        # A cent of rounding goes to the largest, whose sense it does not change.
        largest = max(same, key=lambda component: abs(same[component]))
        same[largest] += rest
        rest = Decimal(0)
    told = [Move(component, points) for component, points in same.items() if points]
    return tuple([*told, Move(None, rest)] if rest else told)


def _shape(part: Part) -> tuple[Component, Decimal, bool]:
    return part.component, part.weight, part.value is not None


def suggestions(of: Sequence[Part], score: Decimal | None, formula: Formula) -> tuple[Suggestion, ...]:
    """What would help a venue most, the most points first, each with the numbers it rests on.

    `score` is the composite; below the threshold the first one says how far. What there is too little of comes last.
    """
    found: list[tuple[Decimal, Suggestion]] = []
    for part in of:
        if part.value is None:
            if part.all:
                words = _FEW[part.component].format(all=part.all, least=least(formula, part.component))
                found.append((Decimal(-1), Suggestion(f"few_{part.component}", part.component, words)))
        elif part.value < _ENOUGH[part.component]:
            gain = _gain(part, of)
            rule, words = _ADVICE[part.component]
            said = words.format(bad=part.all - part.good, all=part.all)
            worth = f"Worth up to {gain.quantize(Decimal('0.1'), ROUND_HALF_UP)} points."
            found.append((gain, Suggestion(rule, part.component, f"{said} {worth}")))
    found.sort(key=lambda one: -one[0])
    told = [one for _, one in found]
    if score is not None and score < formula.threshold and told:
        short = f"{formula.threshold - score} points below {formula.threshold.normalize():f}."
        told[0] = Suggestion(told[0].rule, told[0].component, f"{short} {told[0].words}")
    return tuple(told)


# Where a component is as good as that, nothing is suggested.
_ENOUGH: Mapping[Component, Decimal] = {
    Component.FEEDBACK: Decimal(90),
    Component.REPEAT: Decimal(50),
    Component.CANCELLATIONS: Decimal(97),
    Component.NO_SHOWS: Decimal(92),
}
_ADVICE: Mapping[Component, tuple[str, str]] = {
    Component.FEEDBACK: (
        "answer_unhappy",
        "{bad:,} of {all:,} opinions were not good: read what parents wrote and answer it.",
    ),
    Component.REPEAT: (
        "invite_back",
        "{bad:,} of {all:,} families came on one day only: tell them when the next session is.",
    ),
    Component.CANCELLATIONS: (
        "cancel_less",
        "{bad:,} of {all:,} bookings were cancelled by the venue: close dates before anybody books them.",
    ),
    Component.NO_SHOWS: (
        "remind",
        "{bad:,} of {all:,} bookings were no-shows: check that everybody who came was checked in.",
    ),
}
_FEW: Mapping[Component, str] = {
    Component.FEEDBACK: "{all:,} of the {least:,} opinions that feedback needs: ask for one at collection.",
    Component.REPEAT: "{all:,} of the {least:,} families that count at least have come so far.",
    Component.CANCELLATIONS: "{all:,} of the {least:,} bookings that cancellations need so far.",
    Component.NO_SHOWS: "{all:,} of the {least:,} bookings that no-shows need were checked off so far.",
}


def _gain(part: Part, of: Sequence[Part]) -> Decimal:
    """How many points the composite would win if the component were as good as it need be."""
    there = sum((one.weight for one in of if one.value is not None), Decimal(0))
    if part.value is None or not there:
        return Decimal(0)
    return _round(Fraction(part.weight) / Fraction(there) * Fraction(_ENOUGH[part.component] - part.value))


def _round(exact: Fraction) -> Decimal:
    """Two places, halves away from zero, from the exact value."""
    cents = int(abs(exact) * 100 + Fraction(1, 2))
    return (Decimal(cents if exact >= 0 else -cents) * _CENT).quantize(_CENT)
