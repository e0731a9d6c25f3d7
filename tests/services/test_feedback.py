"""Reviews as their screens get them, over real logins: values, pages, words, files, and a lost answer.

docs/design.md, "Screens" (reviews and score).
"""

from __future__ import annotations

import csv
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import openpyxl
import pytest

from console.domain.feedback import Cause, ReviewRow
from console.domain.paging import PageRequest
from console.errors import Conflict, Denied, Invalid, NotFound
from console.services.feedback import FeedbackService
from console.storage.database import Database as DeskDatabase
from console.storage.feedback import FeedbackQueries
from tests.support import factories
from tests.support.databases import Database
from tests.support.desk_services import LosesOne, no_time, reaching
from tests.support.desk_world import NOON, Person, World
from tests.support.opinions import review

NEWEST = PageRequest("submitted", descending=True)


class Deaf(FeedbackQueries):
    """A server whose first answer to a reply is lost."""

    def __init__(self, database: DeskDatabase) -> None:
        super().__init__(database)
        self.heard = LosesOne()

    async def reply(self, one: ReviewRow, body: str) -> ReviewRow:
        return self.heard(await super().reply(one, body))


@dataclass
class Office:
    world: World
    activity: UUID
    hq: FeedbackService
    maya: FeedbackService

    def review(self, rating: int = 5, words: str | None = "Fun", **facts: Any) -> UUID:
        return review(self.world.admin, self.activity, rating, review_text=words, **facts)

    async def one(self, service: FeedbackService, venue: UUID | None = None) -> ReviewRow:
        return (await service.reviews(venue, NEWEST)).rows[0]


@pytest.fixture
async def office(fresh_database: Database) -> AsyncIterator[Office]:
    with World(fresh_database) as world:
        async with reaching() as reach:

            async def service(person: Person) -> FeedbackService:
                return FeedbackService(Deaf(await reach(person)), sleep=no_time)

            hq = await service(world.person("platform_admin", name="Noor", desk=world.desk("HQ")))
            maya = await service(world.person("manager", name="Maya", desk=world.desk("Office")))
            yield Office(world, world.one("SELECT id FROM activities")["id"], hq, maya)


async def test_a_review_says_why_it_waits_in_words(office: Office) -> None:
    for number in range(12):
        office.review(5, None, at=NOON - timedelta(days=2 * number + 5))
    low = office.review(1, "The police came, my lawyer too", is_flagged=True, flagged_reason="Not true")
    for key, value in (("review_burst_reviews", 2), ("review_burst_hours", 1)):
        factories.setting(office.world.admin, key, value)
    also = office.review(5, at=NOON - timedelta(minutes=30))
    queue = await office.hq.reviews(None, replace(NEWEST, filters={"waiting": "yes"}))
    assert {row.id: dict(row.causes) for row in queue.rows} == {
        low: {
            Cause.FLAGGED: "Not true",
            Cause.RISKY_WORDS: "police, lawyer",
            Cause.BURST: "2 within 1 hour",
            Cause.EXTREME: "average 4.71 of 14",
        },
        also: {Cause.BURST: "2 within 1 hour"},
    }
    assert list(queue.rows[0].causes) == list(Cause)
    ratings = await office.hq.ratings(None)
    assert (ratings.stars, ratings.average, ratings.count, ratings.hidden, ratings.waiting) == (
        {5: 13, 4: 0, 3: 0, 2: 0, 1: 1}, 4.71, 14, 0, 2,
    )  # fmt: skip
    kept = await office.hq.keep(queue.rows[0])
    assert (kept.causes, kept.looked_at) == ({}, NOON)


async def test_hidden_and_restored_with_a_reason(office: Office) -> None:
    office.review(1, "Dull\x0b")
    one = await office.one(office.hq)
    for refused in (office.hq.hide(one, " "), office.hq.restore(one, "")):
        with pytest.raises(Invalid):
            await refused
    hidden = await office.hq.hide(one, "Another\x00 venue")
    assert (hidden.is_visible, hidden.hidden_reason) == (False, "Another venue")
    assert (await office.maya.ratings(office.world.venue)).hidden == 1
    with pytest.raises(Conflict, match="Noor has hidden this review"):
        await office.hq.keep(one)
    shown = await office.hq.restore(hidden, "It was this one")
    assert shown.is_visible
    assert [(step.decision, step.by) for step in await office.hq.history(one.id)] == [
        ("hide", "Noor"), ("restore", "Noor"),
    ]  # fmt: skip
    with pytest.raises(NotFound):
        await office.hq.history(office.world.venue)


async def test_an_answer_whose_answer_was_lost_is_given_once(office: Office) -> None:
    office.review(3)
    one = await office.one(office.maya, office.world.venue)
    typed = await office.maya.keep_draft(one, "Thank you")
    assert typed.draft == "Thank you"
    with pytest.raises(Invalid):
        await office.maya.reply(typed, " \n")
    with pytest.raises(Invalid, match="The answer is 4 characters too long"):
        await office.maya.reply(typed, "x" * 1004)
    sent = await office.maya.reply(typed, "Thank you!")
    assert (sent.reply, sent.replied_by, sent.draft) == ("Thank you!", "Maya", None)
    back = await office.maya.take_back(sent)
    assert (back.reply, back.draft) == (None, "Thank you!")
    with pytest.raises(Denied):
        await office.hq.reply(back, "We think so too")


async def test_pages_follow_each_other_by_every_order_and_filter(office: Office) -> None:
    made = [office.review(1 + n % 5, f"Number {n}", at=NOON - timedelta(minutes=n // 3)) for n in range(11)]
    for sort in ("submitted", "rating"):
        for descending in (True, False):
            seen: list[ReviewRow] = []
            request = PageRequest(sort, descending=descending, limit=3)
            while True:
                page = await office.hq.reviews(None, request)
                seen += page.rows
                if page.next_after is None:
                    break
                request = replace(request, after=page.next_after)
            assert {row.id for row in seen} == set(made)
            values = [row.rating if sort == "rating" else row.submitted_at.timestamp() for row in seen]
            assert values == sorted(values, reverse=descending)
    answered = await office.one(office.maya, office.world.venue)
    await office.maya.reply(answered, "Thank you")

    async def count(text: str = "", **filters: str) -> int:
        request = PageRequest("submitted", text=text, filters=filters)
        return len((await office.hq.reviews(None, request)).rows)

    assert [await count(stars="1"), await count(replied="yes"), await count(replied="no")] == [3, 1, 10]
    assert [await count(visible="no"), await count(visible="yes")] == [0, 11]
    assert [await count(activity=str(office.activity)), await count(activity=str(made[0]))] == [11, 0]
    assert [await count("NUMBER 1"), await count("riverside"), await count("100%"), await count("\x00")] == [
        2,
        11,
        0,
        11,
    ]
    for wrong in (PageRequest("venue"), PageRequest("submitted", filters={"cause": "bored"})):
        with pytest.raises(Invalid):
            await office.hq.reviews(None, wrong)


async def test_thresholds_are_tried_out_and_saved(office: Office) -> None:
    office.review(5, "A bit chilly")
    read = await office.hq.settings()
    assert (read.reply_characters, read.burst_reviews, read.extreme_stars) == (1000, 5, 2.5)
    other = replace(read, risky_words=(*read.risky_words, "chilly"))
    assert [(row.words, why) for row, why in await office.hq.examples(other)] == [("A bit chilly", "chilly")]
    saved = await office.hq.save_settings(other)
    assert saved == replace(other, version=saved.version)
    with pytest.raises(Conflict, match="Noor changed these settings"):
        await office.hq.save_settings(read)
    with pytest.raises(Invalid) as caught:
        await office.hq.save_settings(replace(saved, burst_hours=0))
    assert caught.value.code == "burst_hours"
    theirs = await office.maya.settings()
    assert (theirs.reply_characters, theirs.risky_words, theirs.burst_reviews) == (1000, (), 0)


async def test_a_list_as_a_file_runs_no_formula(office: Office, tmp_path: Path) -> None:
    office.review(2, "=HYPERLINK(1)", is_flagged=True)
    office.review(5, None, at=NOON - timedelta(days=1))
    table, book = tmp_path / "reviews.csv", tmp_path / "reviews.xlsx"
    assert await office.hq.export(None, NEWEST, table) == 2
    rows = list(csv.DictReader(table.read_text(encoding="utf-8-sig").splitlines()))
    assert [row["Review"] for row in rows] == ["'=HYPERLINK(1)", ""]
    assert (rows[0]["Venue"], rows[0]["Stars"], rows[0]["State"], rows[0]["To be looked at"]) == (
        "Riverside Studio", "2", "Visible", "Flagged",
    )  # fmt: skip
    assert await office.maya.export(office.world.venue, NEWEST, book) == 2
    sheet = openpyxl.load_workbook(book).worksheets[0]
    headings = [cell.value for cell in sheet[1]]
    assert "Venue" not in headings
    assert "To be looked at" not in headings
    with pytest.raises(Invalid):
        await office.maya.export(office.world.venue, NEWEST, tmp_path / "reviews.doc")
    with pytest.raises(Denied):
        await office.maya.export(None, NEWEST, table)
