"""What the score screens ask, over real logins: pages, other weights, disputes, files; who may and who may not.

docs/design.md, "Rules of the domain" (scores) and "Screens" (reviews and score).
"""

from __future__ import annotations

import csv
import itertools
from collections.abc import AsyncIterator, Awaitable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from console.domain.paging import PageRequest
from console.domain.scores import Component, Formula, ScorePage, ScoreRow, Weights
from console.errors import Conflict, ConsoleError, Denied, Invalid, NotFound
from console.services.scores import ScoreService
from console.storage.database import Database as DeskDatabase
from console.storage.scores import ScoreQueries
from tests.support import factories
from tests.support.databases import Database
from tests.support.desk_world import Person, World
from tests.support.scoring_world import MONDAY_AFTER, WEEK, History, history

DAY = WEEK + timedelta(days=2)
BEFORE = WEEK - timedelta(days=7)


@dataclass
class Office:
    """A venue with two weeks of scores, its people, and headquarters."""

    world: World
    made: History
    ends: AsyncExitStack
    boss: ScoreService = field(init=False)
    manager: ScoreService = field(init=False)
    boss_person: Person = field(init=False)
    manager_person: Person = field(init=False)

    async def service(self, role: str, name: str, *venues: UUID) -> tuple[ScoreService, Person]:
        desk = self.world.desk(f"Desk {uuid4()}")
        person = self.world.person(role, name=name, desk=desk, venues=venues or (self.made.venue,))
        database = DeskDatabase(person.dsn)
        await database.set_token(person.token)
        self.ends.push_async_callback(database.close)
        return ScoreService(ScoreQueries(database)), person

    async def page(self) -> ScorePage:
        return await self.manager.page(self.made.venue)


@pytest.fixture
async def office(fresh_database: Database) -> AsyncIterator[Office]:
    with World(fresh_database) as world:
        world.at(MONDAY_AFTER)
        made = history(world, name="Riverside Studio", city="Bend", primary_category="sports")
        made.ordinary(BEFORE, happy=6, unhappy=6)
        made.ordinary(DAY, happy=12, unhappy=0)
        made.compute(BEFORE)
        made.compute(WEEK)
        async with AsyncExitStack() as ends:
            it = Office(world, made, ends)
            it.boss, it.boss_person = await it.service("platform_admin", "Amara")
            it.manager, it.manager_person = await it.service("manager", "Dana")
            yield it


async def code(error: type[ConsoleError], call: Awaitable[object]) -> str | None:
    with pytest.raises(error) as caught:
        await call
    return caught.value.code


async def test_a_venues_page_has_its_weeks_parts_moves_and_suggestions(office: Office) -> None:
    page = await office.page()
    assert [one.week for one in page.weeks] == [BEFORE, WEEK]
    newest = page.weeks[-1]
    assert [str(part.value) for part in newest.parts] == ["75.00", "100.00", "100.00", "88.24"]
    assert newest.composite == Decimal("88.24")
    assert newest.change == newest.composite - (page.weeks[0].composite or 0)
    assert sum((move.points for move in page.moves), Decimal(0)) == newest.change
    assert (newest.suggestions[0].component, newest.suggestions[0].words) == (
        Component.FEEDBACK,
        "6 of 24 opinions were not good: read what parents wrote and answer it. Worth up to 6.0 points.",
    )
    assert (page.venue, page.percentile, page.peers, page.peer_count) == (
        "Riverside Studio", None, "all venues", 0,
    )  # fmt: skip
    assert page.formula.weights[Component.FEEDBACK] == 40


async def test_earlier_revisions_stand_beside_their_week(office: Office) -> None:
    office.made.becomes(office.made.book(DAY, "confirmed"), "completed")
    office.made.compute(WEEK)
    page = await office.page()
    assert [(one.week, one.revision) for one in page.weeks] == [(BEFORE, 1), (WEEK, 2)]
    assert page.weeks[-1].revision_reason == "late_check_in"
    assert [(one.week, one.revision) for one in page.revisions] == [(WEEK, 1)]


def peer(office: Office, score: int, category: str = "sports") -> UUID:
    venue = factories.venue(office.world.admin, primary_category=category)
    scored(office, venue, score)
    return venue


def scored(office: Office, venue: UUID, score: int | None) -> None:
    row = {"venue_id": venue, "score_week_start": WEEK, "composite_score": score, "cancellation_score": score}
    factories.insert(office.world.admin, "venue_performance_scores", row)


async def test_peers_are_the_category_where_there_are_five_else_all_venues(office: Office) -> None:
    for score in (10, 20, 90, 95):
        peer(office, score)
    assert (await office.page()).percentile is None
    peer(office, 30, "music")
    page = await office.page()
    assert (page.peers, page.peer_count, page.percentile, page.peer_average) == (
        "all venues",
        5,
        60,
        Decimal(49),
    )
    peer(office, 85)
    page = await office.page()
    assert (page.peers, page.peer_count, page.percentile, page.peer_average) == ("sports", 5, 60, Decimal(60))


async def test_a_venue_sees_itself_only_and_the_front_desk_nothing(office: Office) -> None:
    finance, _ = await office.service("venue_finance", "Iris")
    assert (await finance.page(office.made.venue)).weeks
    desk, _ = await office.service("front_desk", "Jonas")
    payer, _ = await office.service("platform_finance", "Kenji")
    for who, venue in (
        (desk, office.made.venue),
        (payer, office.made.venue),
        (office.manager, peer(office, 50)),
    ):
        await code(Denied, who.page(venue))
    await code(NotFound, office.boss.page(uuid4()))
    for who in (desk, payer, finance, office.manager):
        await code(Denied, who.scores(PageRequest("score")))
        await code(Denied, who.formula())
        await code(Denied, who.disputes())


async def everything(office: Office, request: PageRequest) -> list[ScoreRow]:
    rows: list[ScoreRow] = []
    while True:
        page = await office.boss.scores(request)
        assert len(page.rows) <= request.limit
        rows += page.rows
        if page.next_after is None:
            return rows
        request = replace(request, after=page.next_after)


async def test_every_sort_shows_every_venue_once_those_without_a_value_last(office: Office) -> None:
    for score in (10, 20, 20, 20, 90):
        peer(office, score)
    scored(office, factories.venue(office.world.admin), None)
    factories.venue(office.world.admin, status="pending_approval")
    for sort, descending in itertools.product(SORTS, (True, False)):
        rows = await everything(office, PageRequest(sort, descending, limit=3))
        # The world's own venue has no score at all.
        assert len(rows) == len({row.venue_id for row in rows}) == 8
        keys = [_key(row, sort) for row in rows]
        there = [key for key in keys if key is not None]
        assert keys == [*sorted(there, reverse=descending), *[None] * (len(keys) - len(there))]
    assert [row.venue for row in await everything(office, PageRequest("venue"))] == sorted(
        [row.venue for row in rows], key=str.lower
    )


SORTS = (
    "score", "change", "venue", "city", "curated", "dispute", "feedback", "repeat", "cancellations", "no_shows",
)  # fmt: skip


async def test_cities_curation_and_open_questions_are_orders_too(office: Office) -> None:
    for city, name in (("Astoria", "Zebra"), ("Bend", "Alder"), ("Astoria", "Beech"), ("Bend Falls", "Ash")):
        factories.venue(office.world.admin, city=city, name=name, is_curation_eligible=name == "Beech")
    score = (await office.page()).weeks[-1]
    await office.manager.dispute(office.made.venue, score.id, "all", "Two children were there")

    async def order(sort: str, descending: bool = False) -> list[ScoreRow]:
        return await everything(office, PageRequest(sort, descending, limit=2))

    cities = [
        (row.city, row.venue) for row in await order("city") if row.city in ("Astoria", "Bend", "Bend Falls")
    ]
    assert cities == [
        ("Astoria", "Beech"), ("Astoria", "Zebra"), ("Bend", "Alder"), ("Bend", "Riverside Studio"),
        ("Bend Falls", "Ash"),
    ]  # fmt: skip
    curated = [row.is_curated for row in await order("curated", descending=True)]
    assert curated == sorted(curated, reverse=True)
    assert (await order("dispute", descending=True))[0].venue == "Riverside Studio"
    assert (await order("dispute"))[-1].open_dispute


def _key(row: ScoreRow, sort: str) -> Decimal | None:
    if sort in ("score", "change"):
        return row.composite if sort == "score" else row.change
    return next((part.value for part in row.parts if part.component == sort), None)


async def test_the_list_has_trends_filters_and_open_questions(office: Office) -> None:
    low = peer(office, 10, "music")
    score = (await office.page()).weeks[-1]
    await office.manager.dispute(office.made.venue, score.id, "all", "Two children were there")
    first, second = (await everything(office, PageRequest("score", True)))[:2]
    assert (first.venue_id, first.city, first.category) == (office.made.venue, "Bend", "sports")
    assert (first.weeks, len(first.trend), first.trend[:10], first.trend[11]) == (
        2,
        12,
        (None,) * 10,
        score.composite,
    )
    assert first.trend[10] is not None
    assert (first.open_dispute, first.is_curated) == (True, True)
    assert (second.venue_id, second.open_dispute, second.change) == (low, False, None)

    async def found(text: str = "", **filters: str) -> set[UUID]:
        return {
            row.venue_id for row in await everything(office, PageRequest("score", text=text, filters=filters))
        }

    assert await found("riverside", insufficient="no") == {office.made.venue}
    assert await found("bEND") == {office.made.venue}
    assert await found(curated="yes") == {office.made.venue}
    assert await found(category="music") == {low}
    assert await found(insufficient="yes") == {office.world.venue}
    assert await found("%' --") == set()
    assert await code(Invalid, office.boss.scores(PageRequest("age"))) == "unknown_sort"


def weights(*values: str, threshold: str = "60") -> Weights:
    return Weights(dict(zip(Component, map(Decimal, values), strict=True)), Decimal(threshold))


async def test_other_weights_are_tried_without_writing_anything(office: Office) -> None:
    low = peer(office, 70)
    office.world.admin.execute("UPDATE venues SET is_curation_eligible = true WHERE id = %s", [low])
    before = office.world.all(
        "SELECT v::text FROM venue_performance_scores v UNION SELECT f::text FROM score_formulas f"
    )
    tried = await office.boss.what_if(weights("100", "0", "0", "0", threshold="80"))
    rows = {row.venue_id: row for row in tried.rows}
    mine = rows[office.made.venue]
    assert (mine.now, mine.then, mine.curated_now, mine.curated_then) == (
        Decimal("88.24"), Decimal("75.00"), True, False,
    )  # fmt: skip
    # Too little data under the other weights leaves things as they are.
    assert (rows[low].now, rows[low].then, rows[low].curated_then) == (Decimal(70), None, True)
    assert (tried.gains, tried.losses, tried.unchanged) == (0, 1, 2)
    assert tried.rows[0] == mine
    tried = await office.boss.what_if(weights("0", "0", "100", "0", threshold="75"))
    assert (tried.gains, tried.losses) == (0, 1)
    assert before == office.world.all(
        "SELECT v::text FROM venue_performance_scores v UNION SELECT f::text FROM score_formulas f"
    )
    assert await code(Denied, office.manager.what_if(weights("25", "25", "25", "25"))) == "not_permitted"


async def test_a_saved_formula_is_the_next_weeks_and_the_threshold_stands_in_the_settings(
    office: Office,
) -> None:
    formula = await office.boss.formula()
    saved = await office.boss.save_formula(
        formula, weights("25", "25", "25", "25", threshold="92.5"), "Fairer "
    )
    assert (saved.version, saved.saved_by, saved.reason, saved.threshold) == (
        2,
        "Amara",
        "Fairer",
        Decimal("92.5"),
    )
    assert (saved.window_weeks, saved.least_bookings) == (12, 10)
    assert [(one.version, one.reason) for one in await office.boss.formulas()] == [(2, "Fairer"), (1, None)]
    row = office.world.one(
        "SELECT value, updated_by FROM platform_settings WHERE key = 'venue_score_curation_threshold'"
    )
    assert (row["value"], row["updated_by"]) == (92.5, office.boss_person.id)
    assert (await office.page()).weeks[-1].composite == Decimal("88.24")
    office.world.at(MONDAY_AFTER + timedelta(days=7))
    office.made.compute(WEEK + timedelta(days=7))
    newest = (await office.page()).weeks[-1]
    assert (newest.formula_version, newest.composite) == (2, Decimal("90.81"))
    assert {part.weight for part in newest.parts} == {Decimal(25)}
    eligible = office.world.one(
        "SELECT is_curation_eligible AS c FROM venues WHERE id = %s", office.made.venue
    )
    assert eligible["c"] is False


async def test_a_formula_is_refused_with_what_is_wrong(office: Office) -> None:
    formula = await office.boss.formula()

    async def refused(made: Weights, why: str = "Fairer", of: Formula = formula) -> str | None:
        return await code(ConsoleError, office.boss.save_formula(of, made, why))

    assert await refused(weights("40", "25", "20", "15")) == "unchanged"
    assert await refused(weights("40", "25", "20", "16")) == "weights_sum"
    assert await refused(weights("-10", "50", "50", "10")) == "weights"
    assert await refused(weights("33.333", "33.333", "33.334", "0")) == "weights"
    assert await refused(weights("25", "25", "25", "25", threshold="101")) == "threshold"
    assert await refused(weights("25", "25", "25", "25"), "  ") == "reason"
    assert await refused(weights("25", "25", "25", "25"), "x" * 501) == "reason"
    await office.boss.save_formula(formula, weights("25", "25", "25", "25"), "Fairer")
    with pytest.raises(Conflict, match="Amara saved another formula") as caught:
        await office.boss.save_formula(formula, weights("40", "25", "20", "15"), "Back")
    assert caught.value.code == "version_changed"
    for role in ("manager", "venue_finance", "front_desk", "platform_finance"):
        who, _ = await office.service(role, "Noor")
        assert (
            await code(Denied, who.save_formula(formula, weights("40", "25", "20", "15"), "Mine"))
            == "not_permitted"
        )


async def test_a_dispute_is_opened_once_and_withdrawn(office: Office) -> None:
    score = (await office.page()).weeks[-1]
    opened = await office.manager.dispute(office.made.venue, score.id, "no_shows", " Two were there\x00 ")
    assert (opened.state, opened.opened_by, opened.reason, opened.week) == (
        "open",
        "Dana",
        "Two were there",
        WEEK,
    )
    with pytest.raises(Conflict, match="Dana asked about this score already") as caught:
        await office.manager.dispute(office.made.venue, score.id, "all", "Again")
    assert caught.value.code == "open_already"
    gone = await office.manager.withdraw(opened)
    assert gone.state == "withdrawn"
    assert await code(Conflict, office.manager.withdraw(opened)) == "withdrawn"
    assert await code(Conflict, office.boss.answer(opened, True, "Yes")) == "withdrawn"
    assert (await office.manager.dispute(office.made.venue, score.id, "all", "Once more")).state == "open"
    assert [one.state for one in (await office.page()).disputes] == ["open", "withdrawn"]


async def test_a_dispute_is_the_managers_own_venues_only(office: Office) -> None:
    score = (await office.page()).weeks[-1]
    ask = (office.made.venue, score.id, "all", "Wrong")
    for role in ("front_desk", "venue_finance", "platform_admin", "platform_finance"):
        who, _ = await office.service(role, "Noor")
        assert await code(Denied, who.dispute(*ask)) == "not_permitted"
    other = peer(office, 40)
    stranger, _ = await office.service("manager", "Vera", other)
    await code(Denied, stranger.dispute(*ask))
    assert await code(NotFound, stranger.dispute(other, score.id, "all", "Wrong")) == "no_score"
    opened = await office.manager.dispute(*ask)
    assert await code(NotFound, stranger.withdraw(opened)) == "no_dispute"
    assert await code(Denied, office.boss.withdraw(opened)) == "not_permitted"
    for who in (office.manager, stranger):
        assert await code(Denied, who.answer(opened, True, "Yes")) == "not_permitted"
    assert (
        await code(Invalid, office.manager.dispute(office.made.venue, score.id, "food", "x")) == "component"
    )
    assert (
        await code(Invalid, office.manager.dispute(office.made.venue, score.id, "all", "x" * 2001))
        == "reason"
    )


async def test_a_score_that_was_revised_is_asked_about_in_its_newest_revision(office: Office) -> None:
    score = (await office.page()).weeks[-1]
    office.made.becomes(office.made.book(DAY, "confirmed"), "completed")
    office.made.compute(WEEK)
    assert await code(Conflict, office.manager.dispute(office.made.venue, score.id, "all", "x")) == "revised"


async def test_upholding_works_the_week_out_again_whatever_its_age_and_the_venue_is_told(
    office: Office,
) -> None:
    office.world.admin.execute(
        "UPDATE users SET preferred_language = 'es' WHERE id = %s", [office.manager_person.id]
    )
    score = (await office.page()).weeks[-1]
    opened = await office.manager.dispute(office.made.venue, score.id, "no_shows", "Two were there")
    office.world.at(MONDAY_AFTER + timedelta(days=70))
    missed = next(one for one in office.made.bookings.values() if one.status == "no_show" and one.day == DAY)
    office.made.becomes(missed.id, "completed")
    assert [one.id for one in await office.boss.disputes()] == [opened.id]
    answered = await office.boss.answer(opened, True, "The desk was offline.")
    assert (answered.state, answered.answer, answered.answered_by) == (
        "upheld",
        "The desk was offline.",
        "Amara",
    )
    week = next(one for one in (await office.page()).weeks if one.week == WEEK)
    assert (week.revision, week.revision_reason) == (2, "dispute_upheld")
    told = office.world.all("SELECT user_id, body FROM notifications WHERE template_key = 'dispute_answered'")
    assert {row["user_id"] for row in told} == {office.manager_person.id}
    assert len(told) == 2
    assert all(
        "Les damos la razón." in row["body"] and "The desk was offline." in row["body"] for row in told
    )
    with pytest.raises(Conflict, match="Amara answered this already"):
        await office.boss.answer(opened, False, "No")
    assert [one.state for one in await office.boss.disputes()] == ["upheld"]


async def test_declining_changes_no_score(office: Office) -> None:
    score = (await office.page()).weeks[-1]
    opened = await office.manager.dispute(office.made.venue, score.id, "feedback", "They are wrong")
    assert await code(Invalid, office.boss.answer(opened, False, "  ")) == "answer"
    answered = await office.boss.answer(opened, False, "Opinions are the parents' own.")
    assert answered.state == "declined"
    assert [one.revision for one in (await office.page()).weeks] == [1, 1]


async def test_nobody_answers_their_own_question(office: Office) -> None:
    both, person = await office.service("manager", "Rhea")
    factories.grant(office.world.admin, person.id, "platform_admin", None)
    score = (await office.page()).weeks[-1]
    opened = await both.dispute(office.made.venue, score.id, "all", "Wrong")
    assert await code(Denied, both.answer(opened, True, "I agree with me")) == "own_dispute"
    assert (await office.boss.answer(opened, False, "No")).state == "declined"


async def test_exports_say_what_the_screens_say_and_run_no_formula(office: Office, tmp_path: Path) -> None:
    office.world.admin.execute("UPDATE venues SET name = '=1+1' WHERE id = %s", [office.made.venue])
    path = tmp_path / "scores.csv"
    assert await office.manager.export(office.made.venue, path) == 2
    weeks = list(csv.DictReader(path.read_text(encoding="utf-8-sig").splitlines()))
    assert (weeks[0]["Week from"], weeks[0]["Score"], weeks[0]["Feedback, of"]) == (
        "2026-02-16",
        "88.24",
        "24",
    )
    assert await office.boss.export_all(PageRequest("score", True), path) == 2
    rows = list(csv.DictReader(path.read_text(encoding="utf-8-sig").splitlines()))
    assert (rows[0]["Venue"], rows[0]["Curated"], rows[1]["Score"]) == ("'=1+1", "yes", "")
    assert await office.boss.export_all(PageRequest("venue"), tmp_path / "scores.xlsx") == 2
    await code(Invalid, office.boss.export_all(PageRequest("venue"), tmp_path / "scores.doc"))
