"""A catalogue in memory that keeps the rules of the real one, for tests and pictures of its screens."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from uuid import UUID

from console.domain.catalogue import (
    Activity,
    ActivityFacts,
    ActivityRow,
    ActivityState,
    Category,
    Skill,
    copy_name,
    faults,
    tidied,
)
from console.domain.catalogue_bulk import BulkChange, Fate, RowFate, preview
from console.domain.paging import Page, PageRequest
from console.errors import Conflict, ConsoleError, Invalid, NotFound
from tests.support.qt import NOW

JUDO = ActivityFacts(
    name="Junior Judo",
    minutes=60,
    capacity=18,
    min_months=72,
    max_months=119,
    category=Category.SPORTS,
    credits=14,
    short="Falls, rolls and respect, on soft mats.",
    full="The first grips, falls and throws.\n\nBelts are given out twice a year.",
    skill=Skill.BEGINNER,
    prerequisites="None",
    parent_attends=False,
    bring=("Water bottle", "Long trousers"),
    outcomes=("Falls without fear",),
    accessibility=("Step-free access", "Lift beside the hall"),
    tags={"indoor": True, "team": True, "messy": False, "barefoot": True},
    image="https://images.riverside.example/judo.jpg",
    gallery=("https://images.riverside.example/judo-2.jpg",),
)
_MORE = (
    ("Ballet 5–7", Category.DANCE, 60, 95, 45, 12, 14, "published", 24, "4.80", 31),
    ("Chess Club", Category.STEM, 84, 155, 60, 8, 12, "published", 18, "4.10", 9),
    ("Clay Play", Category.ARTS_CRAFTS, 36, 71, 75, 16, 8, "draft", 0, "0.00", 0),
    ("Coding Lab", None, 96, 155, 90, None, 10, "draft", 12, "0.00", 0),
    ("Kids Cook Club", Category.COOKING, 72, 131, 90, 18, 10, "published", 6, "4.60", 12),
    ("Mini Gym", Category.SPORTS, 18, 47, 45, 9, 14, "published", 40, "4.90", 58),
    ("Old Drama Course", Category.DRAMA, 96, None, 60, 10, 15, "away", 3, "3.90", 14),
    ("Pottery Wheel", Category.ARTS_CRAFTS, 108, None, 90, 20, 8, "published", 15, "4.70", 22),
    ("Street Dance", Category.DANCE, 84, 167, 60, 14, 16, "published", 20, "4.50", 40),
    ("Tiny Tunes", Category.MUSIC, 6, 35, 40, 9, 12, "published", 30, "4.80", 25),
)


def activity(number: int, facts: ActivityFacts = JUDO, **columns: object) -> Activity:
    """An activity that parents see, with sessions to come."""
    made = Activity(
        id=UUID(int=number), version=1, facts=facts, slug=f"activity-{number}", state=ActivityState.PUBLISHED,
        is_published=True, published_at=NOW - timedelta(days=90), rating=Decimal("4.60"), reviews=12, upcoming=24,
        next_at=NOW + timedelta(days=1), series=2,
    )  # fmt: skip
    return replace(made, **columns)  # type: ignore[arg-type]  # columns by name


def everything() -> list[Activity]:
    """A small catalogue: published ones, drafts that lack something, and one put away."""
    made = [activity(1)]
    for number, (
        name,
        category,
        low,
        high,
        minutes,
        credits,
        places,
        state,
        upcoming,
        stars,
        reviews,
    ) in enumerate(_MORE, 2):
        facts = ActivityFacts(
            name=name, minutes=minutes, capacity=places, min_months=low, max_months=high, category=category,
            credits=credits, short=None if state == "draft" else f"{name} for everybody.",
            tags={"messy": True} if category is Category.ARTS_CRAFTS else {"indoor": True},
        )  # fmt: skip
        made.append(
            activity(
                number, facts, state=ActivityState(state), is_published=state == "published", upcoming=upcoming,
                rating=Decimal(stars), reviews=reviews, series=1 if upcoming else 0,
            )
        )  # fmt: skip
    return made


def row_of(one: Activity) -> ActivityRow:
    """An activity as a row."""
    facts = one.facts
    return ActivityRow(
        id=one.id, version=one.version, name=facts.name, category=facts.category, min_months=facts.min_months,
        max_months=facts.max_months, credits=facts.credits, minutes=facts.minutes, capacity=facts.capacity,
        state=one.state, is_published=one.is_published, upcoming=one.upcoming, rating=one.rating, reviews=one.reviews,
        tags=facts.tags, has_short=bool(facts.short), has_image=bool(facts.image),
    )  # fmt: skip


class FakeCatalogue:
    """A CatalogueGateway over a list. `failure` is raised once by the next call that changes something."""

    def __init__(self, *activities: Activity) -> None:
        self.activities = {one.id: one for one in (activities or everything())}
        self.failure: ConsoleError | None = None
        self.asked: list[PageRequest] = []
        self.page_failure: ConsoleError | None = None

    async def page(self, request: PageRequest) -> Page[ActivityRow]:
        self.asked.append(request)
        if self.page_failure is not None:
            raise self.page_failure
        rows = [row_of(one) for one in self.activities.values()]
        state, category = request.filters.get("state", ""), request.filters.get("category", "")
        rows = [
            row for row in rows
            if request.text.lower() in row.name.lower()
            and (row.state == state if state else row.state is not ActivityState.AWAY)
            and (not category or row.category == category)
        ]  # fmt: skip
        return Page(sorted(rows, key=lambda row: row.name, reverse=request.descending), None)

    async def activity(self, activity_id: UUID) -> Activity:
        if activity_id not in self.activities:
            raise NotFound(
                "This activity is not there any more.", hint="Refresh the list.", code="no_activity"
            )
        return self.activities[activity_id]

    async def add(self, facts: ActivityFacts) -> Activity:
        self._fail()
        number = len(self.activities) + 100
        return self._keep(
            activity(
                number, self._judged(facts), state=ActivityState.DRAFT, is_published=False, published_at=None,
                upcoming=0, series=0, reviews=0, rating=Decimal(0), version=0,
            )
        )  # fmt: skip

    async def save(self, was: Activity, facts: ActivityFacts, *, publish: bool | None = None) -> Activity:
        self._fail()
        now = self._same(was)
        shown = now.is_published if publish is None else publish
        return self._keep(
            replace(now, facts=self._judged(facts), is_published=shown, state=_state(now.is_away, shown))
        )

    async def put_away(self, was: Activity, away: bool) -> Activity:
        self._fail()
        now = self._same(was)
        return self._keep(replace(now, state=_state(away, now.is_published)))

    async def duplicate(self, activity_id: UUID, name: str) -> Activity:
        return await self.add(replace((await self.activity(activity_id)).facts, name=copy_name(name)))

    async def change_all(self, rows: Sequence[ActivityRow], change: BulkChange) -> Sequence[RowFate]:
        self._fail()
        fates = []
        for row, one in zip(rows, preview(rows, change), strict=True):
            if one.fate is not Fate.CHANGES:
                fates.append(one)
            elif self.activities[row.id].version != row.version:
                fates.append(replace(one, fate=Fate.MEANWHILE, why="Somebody else changed it meanwhile."))
            else:
                now = self.activities[row.id]
                facts = replace(now.facts, credits=change.credits or now.facts.credits)
                self._keep(replace(now, facts=facts))
                fates.append(replace(one, fate=Fate.CHANGED))
        return fates

    def elsewhere(self, activity_id: UUID, **facts: object) -> None:
        """Let somebody else change an activity."""
        now = self.activities[activity_id]
        self._keep(replace(now, facts=replace(now.facts, **facts)))  # type: ignore[arg-type]  # facts by name

    def _same(self, was: Activity) -> Activity:
        now = self.activities[was.id]
        if now.version != was.version:
            raise Conflict("Somebody else changed this activity.", code="version_changed")
        return now

    def _keep(self, made: Activity) -> Activity:
        kept = replace(made, version=made.version + 1)
        self.activities[kept.id] = kept
        return kept

    def _judged(self, facts: ActivityFacts) -> ActivityFacts:
        for field, sentence in faults(facts).items():
            raise Invalid(sentence, code=field)
        return tidied(facts)

    def _fail(self) -> None:
        if self.failure is not None:
            error, self.failure = self.failure, None
            raise error


def _state(away: bool, shown: bool) -> ActivityState:
    if away:
        return ActivityState.AWAY
    return ActivityState.PUBLISHED if shown else ActivityState.DRAFT
