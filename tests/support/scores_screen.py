"""Scores without a database: forty venues, one of them with a year of weeks, disputes, and formulas to try."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

from console.domain.paging import Page, PageRequest
from console.domain.scores import (
    Component,
    Dispute,
    Formula,
    Part,
    ScorePage,
    ScoreRow,
    WeekScore,
    Weights,
    WhatIf,
    WhatIfRow,
)
from console.domain.scoring import Counts as Numbers
from console.domain.scoring import composite, moves, parts, suggestions
from console.errors import Conflict, ConsoleError

NOW = datetime(2026, 3, 12, 22, 42, tzinfo=UTC)
NEWEST = date(2026, 3, 2)
LONG = "Grandmother Willow's Academy for Patient Young Scientists and Carpenters of the Upper Valley"
_NAMES = ("Cedar Street Makers", "Little Fins Swim School", "Harbour Dance Loft", "Blue Door Theatre", LONG,
          "Orchard Forest School", "Riverside Studio", "Alder Hall", "Fir Climbing", "Moss Music Room")  # fmt: skip
_CITIES = ("Portland", "Tacoma", "Seattle", "Eugene", "San Fernando del Valle de Catamarca", "Salem")
_CATEGORIES = ("stem", "sports", "dance", "drama", "arts_crafts")


def formula(version: int = 3, **weights: str) -> Formula:
    """The usual formula."""
    usual = {"feedback": "40", "repeat": "25", "cancellations": "20", "no_shows": "15", **weights}
    return Formula(
        version, {one: Decimal(usual[one.value]) for one in Component}, 12, 5, 5, 10, Decimal(50), Decimal(60), 4,
        "Amara" if version > 1 else None, NOW - timedelta(days=100 - 20 * version),
        "Feedback counts more since parents answer more often" if version > 1 else None,
    )  # fmt: skip


def venue_id(at: int) -> UUID:
    """The id of a venue by its place."""
    return UUID(int=1000 + at)


def week_id(week: date, revision: int) -> UUID:
    """The id of a week's score in a revision."""
    return UUID(int=(week.toordinal() << 8) + revision)


def numbers(at: int) -> dict[Component, Numbers]:
    """What a week counts; `at` weeks before the newest. Three months ago hardly anybody came."""
    if at in (5, 6):
        return {one: Numbers(2, 3) for one in Component}
    swing = (at * 7) % 11
    return {
        Component.FEEDBACK: Numbers(30 + swing, 44) if at != 8 else Numbers(3, 3),
        Component.REPEAT: Numbers(21 - swing // 3, 30),
        Component.CANCELLATIONS: Numbers(1_180 - 14 * swing, 1_240),
        Component.NO_SHOWS: Numbers(312 - 5 * swing, 400),
    }


def weeks(count: int = 40, *, venue: UUID | None = None, by: Formula | None = None) -> list[WeekScore]:
    """The weeks of a venue, oldest first; one was worked out again."""
    rules, made = by or formula(), list[WeekScore]()
    for at in reversed(range(count)):
        week = NEWEST - timedelta(days=7 * at)
        of = parts(rules, numbers(at))
        score = composite(of, rules.least_weight)
        before = made[-1].composite if made else None
        change = score - before if score is not None and before is not None else None
        revision = 2 if at == 2 else 1
        made.append(
            WeekScore(
                week_id(week, revision), venue or venue_id(0), week, revision,
                "late_check_in" if revision > 1 else None, rules.version, score, change, of,
                NOW - timedelta(days=7 * at),
            )
        )  # fmt: skip
    if made:
        made[-1] = replace(made[-1], suggestions=suggestions(made[-1].parts, made[-1].composite, rules))
    return made


def dispute(at: int = 1, state: str = "open", *, name: str = _NAMES[0], week: date | None = None) -> Dispute:
    """What a venue says."""
    of = week or NEWEST - timedelta(days=7 * (at % 4))
    answered = state in ("upheld", "declined")
    return Dispute(
        UUID(int=5000 + at), 1, venue_id(0), name, week_id(of, 2 if of == NEWEST - timedelta(days=14) else 1), of,
        "no_shows" if at % 2 else "all",
        "On Tuesday the desk was offline. Six children of Junior Judo were there and were never checked in.",
        state, "Dana", NOW - timedelta(days=at, hours=3),
        "The desk's log shows the six check-ins; the week was worked out again." if answered else None,
        "Amara" if answered else None, NOW - timedelta(hours=5) if answered else None,
    )  # fmt: skip


def page(count: int = 40, *, disputes: Sequence[Dispute] = (), name: str = _NAMES[0]) -> ScorePage:
    """One venue's page."""
    known = weeks(count)
    earlier = [
        replace(one, id=week_id(one.week, 1), revision=1, revision_reason=None, composite=one.composite - 1)
        for one in known
        if one.revision > 1 and one.composite is not None
    ]
    return ScorePage(
        venue_id(0), name, formula(), known, moves(known[-2], known[-1]) if len(known) > 1 else (),
        72 if known else None, "stem", 24 if known else 0, Decimal("68.31") if known else None, tuple(disputes),
        earlier,
    )  # fmt: skip


def rows(count: int = 40) -> list[ScoreRow]:
    """Venues: a long name, one without any score, one with too little."""
    made = []
    for at in range(count):
        known = weeks(12)
        shift, slope = Decimal((at * 37) % 60 - 32), Decimal(at % 7 - 3) / 2
        trend = [
            None if one.composite is None else min(one.composite + shift + slope * (place - 11), Decimal(100))
            for place, one in enumerate(known)
        ]
        newest = known[-1]
        score: Decimal | None = trend[-1]
        change = newest.change if at % 4 else (-newest.change if newest.change is not None else None)
        of: Sequence[Part] = parts(formula(), numbers(at % 5))
        if at == 7:
            score = change = None
            of, trend = (), []
        elif at == 8:
            score, change, of = None, None, parts(formula(), numbers(5))
            trend[-1] = None
        made.append(
            ScoreRow(
                venue_id(at), _NAMES[at % 10] + (f" {at // 10 + 1}" if at >= 10 else ""), _CITIES[at % 6],
                _CATEGORIES[at % 5], score, change if at != 3 else Decimal(0), bool(score and score >= 60),
                sum(one is not None for one in trend), of, trend, at in (0, 4),
            )
        )  # fmt: skip
    return made


class SampleScores:
    """A gateway over these; `error` is raised by every call where it is set."""

    def __init__(
        self, count: int = 40, *, weeks_known: int = 40, disputes: Sequence[Dispute] | None = None
    ) -> None:
        self.rows = rows(count)
        self.made = page(
            weeks_known,
            disputes=disputes
            if disputes is not None
            else (dispute(1), dispute(2, "declined"), dispute(3, "upheld"))
        )  # fmt: skip
        self.versions = [formula(3), formula(2, feedback="35", repeat="30"), formula(1)]
        self.error: ConsoleError | None = None
        self.asked: list[PageRequest] = []
        self.done: list[tuple[object, ...]] = []
        self.pages = 0

    def _check(self) -> None:
        if self.error is not None:
            raise self.error

    async def page(self, venue_id: UUID) -> ScorePage:
        """The one page."""
        self._check()
        self.pages += 1
        return self.made

    async def dispute(self, venue_id: UUID, score_id: UUID, component: str, reason: str) -> Dispute:
        """Keeps it."""
        self._check()
        self.done.append(("dispute", score_id, component, reason))
        week = next(one.week for one in self.made.weeks if one.id == score_id)
        made = replace(dispute(9, week=week), component=component, reason=reason)
        self.made = replace(self.made, disputes=(made, *self.made.disputes))
        return made

    async def withdraw(self, dispute: Dispute) -> Dispute:
        """Takes it back."""
        self._check()
        self.done.append(("withdraw", dispute.id))
        return self._put(replace(dispute, state="withdrawn", version=dispute.version + 1))

    async def export(self, venue_id: UUID, path: Path) -> int:
        """Notes it."""
        self._check()
        self.done.append(("export", venue_id, path.name))
        return len(self.made.weeks)

    async def scores(self, request: PageRequest) -> Page[ScoreRow]:
        """The rows that match, in the order asked for."""
        self._check()
        self.asked.append(request)
        found = [one for one in self.rows if request.text.lower() in f"{one.venue} {one.city}".lower()]
        wanted = request.filters
        if wanted.get("curated"):
            found = [one for one in found if one.is_curated == (wanted["curated"] == "yes")]
        if wanted.get("insufficient"):
            found = [one for one in found if (one.composite is None) == (wanted["insufficient"] == "yes")]
        if wanted.get("category"):
            found = [one for one in found if one.category == wanted["category"]]
        keys = {"score": "composite", "curated": "is_curated", "dispute": "open_dispute"}

        def value(one: ScoreRow) -> Any:
            part = next((part for part in one.parts if part.component == request.sort), None)
            if request.sort in list(Component):
                return None if part is None else part.value
            return getattr(one, keys.get(request.sort, request.sort))

        known = [one for one in found if value(one) is not None]
        known.sort(key=value, reverse=request.descending)
        return Page([*known, *(one for one in found if value(one) is None)], None)

    async def formula(self) -> Formula:
        """The newest."""
        self._check()
        return self.versions[0]

    async def formulas(self) -> Sequence[Formula]:
        """All, the newest first."""
        self._check()
        return tuple(self.versions)

    async def what_if(self, weights: Weights) -> WhatIf:
        """Worked out from the sample's parts."""
        self._check()
        self.done.append(("what_if", weights))
        made = []
        for one in self.rows:
            of = [replace(part, weight=weights.weights[part.component]) for part in one.parts]
            then = composite(of, Decimal(50)) if of else None
            shift = (
                one.composite - (composite(one.parts, Decimal(50)) or 0)
                if one.composite is not None
                else Decimal(0)
            )
            then = None if then is None else then + shift
            curated = one.is_curated if then is None else then >= weights.threshold
            made.append(WhatIfRow(one.venue_id, one.venue, one.composite, then, one.is_curated, curated))
        made.sort(key=lambda row: row.curated_now == row.curated_then)
        return WhatIf(
            tuple(made),
            sum(row.curated_then and not row.curated_now for row in made),
            sum(row.curated_now and not row.curated_then for row in made),
            sum(row.curated_now == row.curated_then for row in made),
        )

    async def save_formula(self, formula: Formula, weights: Weights, reason: str) -> Formula:
        """Keeps it, where nobody was faster."""
        self._check()
        if formula.version != self.versions[0].version:
            raise Conflict("Lucas saved another formula.", hint="Look at it again.", code="version_changed")
        self.done.append(("save", weights, reason))
        made = replace(
            formula, version=formula.version + 1, weights=dict(weights.weights), threshold=weights.threshold,
            saved_by="Amara", saved_at=NOW, reason=reason,
        )  # fmt: skip
        self.versions.insert(0, made)
        return made

    async def disputes(self) -> Sequence[Dispute]:
        """The open ones first."""
        self._check()
        return tuple(sorted(self.made.disputes, key=lambda one: one.state != "open"))

    async def answer(self, dispute: Dispute, uphold: bool, answer: str) -> Dispute:
        """Keeps it."""
        self._check()
        self.done.append(("answer", dispute.id, uphold, answer))
        state = "upheld" if uphold else "declined"
        return self._put(replace(dispute, state=state, answer=answer, answered_by="Amara", answered_at=NOW))

    async def export_all(self, request: PageRequest, path: Path) -> int:
        """Notes it."""
        self._check()
        self.done.append(("export_all", request, path.name))
        return len(self.rows)

    def _put(self, dispute: Dispute) -> Dispute:
        known = [dispute if one.id == dispute.id else one for one in self.made.disputes]
        self.made = replace(self.made, disputes=tuple(known))
        return dispute
