"""The catalogue over real desks: who may change it, what is refused, and what happens when two people do.

console/storage/catalogue.py, console/services/catalogue.py, db/functions/console_owner/app_activity_facts.sql.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from psycopg.types.json import Jsonb

from console.domain.catalogue import ActivityFacts, ActivityRow, ActivityState, Category, Skill
from console.domain.catalogue_bulk import MOST_ROWS, BulkChange, Fate
from console.domain.paging import PageRequest
from console.errors import Conflict, ConsoleError, Denied, Invalid, NotFound
from console.services.catalogue import CatalogueService
from console.storage.catalogue import CatalogueStore
from console.storage.database import Database as Pool
from tests.support import factories
from tests.support.databases import Database
from tests.support.desk_world import NOON, Person, World

FULL = ActivityFacts(
    name="Junior Judo",
    minutes=60,
    capacity=18,
    min_months=72,
    max_months=119,
    category=Category.SPORTS,
    credits=14,
    short="Falls, rolls and respect.",
    full="The first grips.\n\nBelts twice a year.",
    skill=Skill.INTERMEDIATE,
    prerequisites="Three months of judo",
    parent_attends=True,
    bring=("Water bottle", "Long trousers"),
    outcomes=("Falls without fear",),
    accessibility=("Step-free access",),
    tags={"indoor": True, "messy": False, "noise": "loud"},
    image="https://images.riverside.example/judo.jpg",
    gallery=("https://images.riverside.example/1.jpg",),
)


@pytest.fixture(scope="module")
def world(house: Database) -> Iterator[World]:
    with World(house) as made:
        yield made


@asynccontextmanager
async def working_as(world: World, role: str, venue: UUID | None = None) -> AsyncIterator[CatalogueService]:
    """The service over the own desk of somebody with this role, at the venue or at another one."""
    desk = world.desk(f"Desk of {uuid4()}")
    person = world.person(role, desk=desk, venues=(venue or world.venue,))
    pool = Pool(person.dsn)
    await pool.set_token(person.token)
    try:
        yield CatalogueService(CatalogueStore(pool), world.venue)
    finally:
        await pool.close()


@pytest.fixture(scope="module")
def manager(world: World) -> Person:
    return world.person("manager")


@pytest.fixture
async def boss(world: World, manager: Person) -> AsyncIterator[CatalogueService]:
    pool = Pool(manager.dsn)
    await pool.set_token(manager.token)
    yield CatalogueService(CatalogueStore(pool), world.venue)
    await pool.close()


async def rows_of(service: CatalogueService, text: str = "", **filters: str) -> list[ActivityRow]:
    return list((await service.page(PageRequest("name", text=text, limit=500, filters=filters))).rows)


async def refused(kind: type[ConsoleError], work: Any) -> ConsoleError:
    with pytest.raises(kind) as caught:
        await work
    return caught.value


# -- reading and writing one -------------------------------------------------------------------------------------------


async def test_what_is_entered_is_kept_word_for_word(world: World, boss: CatalogueService) -> None:
    made = await boss.add(FULL)
    assert made.facts == FULL
    assert (made.state, made.version, made.upcoming, made.slug) == (
        ActivityState.DRAFT,
        1,
        0,
        "junior-judo",
    )
    assert await boss.activity(made.id) == made
    least = ActivityFacts(name="Open hall", minutes=1, capacity=1, min_months=0)
    bare = await boss.add(least)
    assert bare.facts == least


async def test_saving_writes_what_differs_and_publishing_says_since_when(boss: CatalogueService) -> None:
    made = await boss.add(replace(FULL, name="Ballet"))
    shown = await boss.save(made, replace(made.facts, credits=16), publish=True)
    assert (shown.facts.credits, shown.state, shown.version) == (16, ActivityState.PUBLISHED, 2)
    assert shown.published_at == NOON
    again = await boss.save(shown, shown.facts, publish=True)
    assert again == shown, "nothing differs, nothing is written"
    hidden = await boss.save(shown, shown.facts, publish=False)
    assert (hidden.state, hidden.published_at) == (ActivityState.DRAFT, None)


async def test_an_activity_that_lacks_what_parents_need_is_not_published(
    world: World, boss: CatalogueService
) -> None:
    made = await boss.add(replace(FULL, name="Bare", category=None, credits=None))
    error = await refused(Invalid, boss.save(made, made.facts, publish=True))
    assert error.sentence == "Parents see an activity once it has a category and a price in credits."
    store = boss._store
    error = await refused(Invalid, store.save(world.venue, made, made.facts, True))
    assert error.sentence == "Parents see an activity once it has a category and a price in credits."
    shown = await boss.save(made, replace(made.facts, category=Category.STEM, credits=3), publish=True)
    error = await refused(Invalid, boss.save(shown, replace(shown.facts, credits=None)))
    assert error.hint == "Fill it in, or stop showing it to parents."


@pytest.mark.parametrize(
    ("facts", "sentence"),
    [
        ({"name": " \n "}, "Give the activity a name."),
        ({"name": "x" * 256}, "A name has at most 255 characters."),
        ({"short": "x" * 151}, "Use at most 150 characters."),
        ({"min_months": 72, "max_months": 60}, "The oldest age is below the youngest."),
        ({"min_months": -1}, "The youngest age is from 0 to 119 years."),
        ({"max_months": 1440}, "The oldest age is from 0 to 119 years."),
        ({"capacity": 0}, "A session has 1 to 9,999 places."),
        ({"credits": 0}, "A place costs 1 to 999 credits."),
        ({"minutes": 0}, "A session lasts 1 minute to 24 hours."),
        ({"image": "javascript:alert(1)"}, "An image's address begins with https://."),
        ({"image": "http://images.example.org/1.jpg"}, "An image's address begins with https://."),
        ({"image": "https://user@images.example.org/1.jpg"}, "This is not an address of the web."),
        ({"image": "https://localhost/1.jpg"}, "This address names no place in the web, such as images.example.org."),
        ({"gallery": ("https://a.example/1", "data:image/png;base64,AAAA")}, "Image 2: An image's address begins with https://."),
        ({"bring": ("x" * 201,)}, "A line has at most 200 characters."),
        ({"outcomes": tuple(map(str, range(31)))}, "Keep it to 30 lines."),
        ({"tags": {"x" * 41: True}}, "A tag has at most 40 characters."),
    ],
)  # fmt: skip
async def test_what_cannot_be_is_refused_in_a_sentence(
    boss: CatalogueService, facts: dict[str, Any], sentence: str
) -> None:
    error = await refused(Invalid, boss.add(replace(FULL, **facts)))
    assert error.sentence == sentence


@pytest.mark.parametrize(
    ("column", "value", "says"),
    [
        ("name", "  ", "Give the activity a name"),
        ("primary_image_url", "javascript:alert(1)", "begins with https"),
        ("gallery_images", Jsonb(["https://a.example/1.jpg", "http://a.example"]), "begins with https"),
        ("what_to_bring", Jsonb({"a": 1}), "not a list of lines"),
        ("learning_outcomes", Jsonb(["a", 1]), "not a list of lines"),
        ("activity_tags", Jsonb(["indoor"]), "Tags are names"),
        ("capacity_per_session", 0, "capacity_per_session_check"),
        ("credits_required", 0, "credits_required_check"),
        ("max_age_months", 1, "ages_in_order"),
        ("name", "x" * 256, "too long"),
    ],
)
def test_the_database_refuses_it_too(
    world: World, manager: Person, column: str, value: object, says: str
) -> None:
    activity = factories.activity(world.admin, world.venue)
    with pytest.raises(psycopg.Error, match=says):
        manager.call(f"UPDATE activities SET {column} = %s WHERE id = %s", value, activity)


def test_an_old_row_can_still_be_counted(world: World) -> None:
    activity = factories.activity(world.admin, world.venue)
    world.admin.execute("ALTER TABLE activities DISABLE TRIGGER a_facts")
    world.admin.execute(
        "UPDATE activities SET primary_image_url = 'http://old.example' WHERE id = %s", [activity]
    )
    world.admin.execute("ALTER TABLE activities ENABLE TRIGGER a_facts")
    world.admin.execute("UPDATE activities SET average_rating = 4.5, name = 'Old' WHERE id = %s", [activity])
    assert world.one("SELECT name FROM activities WHERE id = %s", activity) == {"name": "Old"}


async def test_somebody_who_was_faster_is_told_of(boss: CatalogueService) -> None:
    made = await boss.add(replace(FULL, name="Chess"))
    await boss.save(made, replace(made.facts, credits=20))
    error = await refused(Conflict, boss.save(made, replace(made.facts, capacity=6)))
    assert (error.code, error.sentence) == ("version_changed", "Somebody else changed this activity.")
    assert (await boss.activity(made.id)).facts.capacity == 18
    await refused(Conflict, boss.put_away(made, True))


async def test_put_away_and_brought_back(world: World, boss: CatalogueService) -> None:
    made = await boss.save(
        await boss.add(replace(FULL, name="Clay")), replace(FULL, name="Clay"), publish=True
    )
    factories.session(world.admin, made.id, starts_at=NOON + timedelta(days=1))
    factories.session(world.admin, made.id, starts_at=NOON - timedelta(days=1))
    factories.schedule(world.admin, made.id)
    factories.schedule(world.admin, made.id, effective_until=NOON.date() - timedelta(days=9))
    away = await boss.put_away(made, True)
    assert (away.state, away.upcoming, away.series, away.is_published) == (ActivityState.AWAY, 1, 1, True)
    assert away.next_at == NOON + timedelta(days=1)
    assert "Clay" not in [row.name for row in await rows_of(boss)]
    assert [row.name for row in await rows_of(boss, state="away")] == ["Clay"]
    assert (await boss.put_away(away, False)).state is ActivityState.PUBLISHED


async def test_a_duplicate_is_a_draft_with_an_address_of_its_own(boss: CatalogueService) -> None:
    made = await boss.add(replace(FULL, name="Ä Übung"))
    shown = await boss.save(made, made.facts, publish=True)
    one = await boss.duplicate(shown.id, shown.facts.name)
    two = await boss.duplicate(shown.id, shown.facts.name)
    assert one.facts == replace(FULL, name="Copy of Ä Übung")
    assert (one.state, one.slug, two.slug) == (ActivityState.DRAFT, "copy-of-a-ubung", "copy-of-a-ubung-2")
    assert len((await boss.duplicate(shown.id, "x" * 255)).facts.name) == 255
    nameless = [await boss.add(replace(FULL, name="柔道")) for _ in range(2)]
    assert all(one.slug.startswith("activity") for one in nameless)
    assert nameless[0].slug != nameless[1].slug
    await refused(NotFound, boss.duplicate(uuid4(), "Nothing"))


# -- the list ----------------------------------------------------------------------------------------------------------


async def test_the_list_sorts_filters_and_pages(world: World, boss: CatalogueService) -> None:
    ids = [
        factories.activity(
            world.admin, world.venue, name=f"Zz{number} 100%", credits_required=number + 1, category="music",
            activity_tags={"outdoor": number == 2}, min_age_months=12 * number,
        )
        for number in range(4)
    ]  # fmt: skip
    for number in range(3):
        factories.session(world.admin, ids[1], starts_at=NOON + timedelta(days=number + 1))
    request = PageRequest("upcoming", True, "zz", limit=3)
    first = await boss.page(request)
    assert (first.rows[0].name[:3], first.rows[0].upcoming) == ("Zz1", 3)
    rest = await boss.page(replace(request, after=first.next_after))
    assert {row.id for row in (*first.rows, *rest.rows)} == set(ids)
    assert [row.name[:3] for row in await rows_of(boss, "zz", tag="outdoor")] == ["Zz2"]
    assert len(await rows_of(boss, "00%", category="music", state="published")) == 4
    for sort in ("name", "category", "ages", "credits", "length", "places", "state", "upcoming", "rating"):
        page = await boss.page(PageRequest(sort, limit=2))
        assert (await boss.page(PageRequest(sort, limit=2, after=page.next_after))).rows
    await refused(Invalid, boss.page(PageRequest("slug")))


# -- many at once ------------------------------------------------------------------------------------------------------


async def test_three_hundred_are_changed_by_one_statement_and_each_is_reported(
    world: World, boss: CatalogueService
) -> None:
    for number in range(300):
        factories.activity(
            world.admin, world.venue, name=f"Bulk {number:03}", is_published=False, activity_tags={"messy": True},
            category=None if number == 7 else "stem", credits_required=5 if number == 9 else 2,
        )  # fmt: skip
    rows = await rows_of(boss, "bulk")
    assert len(rows) == 300
    world.admin.execute("UPDATE activities SET full_description = 'x' WHERE id = %s", [rows[3].id])
    world.admin.execute("DELETE FROM activities WHERE id = %s", [rows[4].id])
    change = BulkChange(credits=5, publish=True, add_tags=("indoor",), remove_tags=("messy",))
    fates = await boss.change_all(rows, change)
    assert [one.id for one in fates] == [row.id for row in rows]
    odd = {one.name: (one.fate, one.why) for one in fates if one.fate is not Fate.CHANGED}
    assert odd == {
        "Bulk 003": (Fate.MEANWHILE, "Somebody else changed it meanwhile."),
        "Bulk 004": (Fate.GONE, "It is not there any more."),
        "Bulk 007": (Fate.REFUSED, "Parents see an activity once it has a category."),
    }
    after = {row.name: row for row in await rows_of(boss, "bulk")}
    assert {(row.credits, row.state) for name, row in after.items() if name not in odd} == {
        (5, ActivityState.PUBLISHED)
    }
    assert after["Bulk 000"].tags == {"indoor": True}
    assert after["Bulk 003"].credits == 2
    again = await boss.change_all([after["Bulk 000"]], change)
    assert [one.fate for one in again] == [Fate.SAME]


async def test_many_are_put_away_and_given_another_category(boss: CatalogueService) -> None:
    rows = [
        next(row for row in await rows_of(boss, name) if row.name == name)
        for name in [(await boss.add(replace(FULL, name=f"Many {number}"))).facts.name for number in range(3)]
    ]
    change = BulkChange(category=Category.DRAMA, capacity=7, put_away=True)
    assert {one.fate for one in await boss.change_all(rows, change)} == {Fate.CHANGED}
    found = await rows_of(boss, "many", state="away")
    assert {(row.category, row.capacity) for row in found} == {(Category.DRAMA, 7)}


async def test_values_that_cannot_be_and_too_many_rows_are_refused(boss: CatalogueService) -> None:
    row = (await rows_of(boss))[0]
    for change, sentence in (
        (BulkChange(credits=0), "A place costs 1 to 999 credits."),
        (BulkChange(capacity=0), "A session has 1 to 9,999 places."),
        (
            BulkChange(add_tags=("a_b",), remove_tags=("a_b",)),
            "The tag a b cannot be both added and removed.",
        ),
        (BulkChange(publish=True, put_away=True), "An activity that is put away is not shown to parents."),
    ):
        assert (await refused(Invalid, boss.change_all([row], change))).sentence == sentence
    await refused(Invalid, boss.change_all([row] * (MOST_ROWS + 1), BulkChange(credits=1)))


# -- who may -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", ["front_desk", "venue_finance", "elsewhere"])
async def test_others_change_nothing(world: World, boss: CatalogueService, role: str) -> None:
    made = await boss.add(replace(FULL, name=f"Not by {role}"))
    row = next(iter(await rows_of(boss, f"Not by {role}")))
    other = factories.venue(world.admin) if role == "elsewhere" else None
    async with working_as(world, "manager" if other else role, other) as service:
        for work in (
            service.add(FULL),
            service.save(made, replace(made.facts, credits=1)),
            service.put_away(made, True),
            service.change_all([row], BulkChange(credits=1)),
        ):
            error = await refused(Denied, work)
            assert error.sentence == "You may not change activities here."
        seen = await rows_of(service, f"Not by {role}")
        if role != "elsewhere":
            assert [one.id for one in seen] == [row.id], "who reads sessions reads the catalogue"
            await refused(Denied, service.duplicate(made.id, "x"))
        else:
            assert seen == []
            await refused(NotFound, service.activity(made.id))
    assert await boss.activity(made.id) == made
