"""The score screens over a real database and real logins: a week disputed by its manager and upheld at headquarters."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import timedelta

import pytest
from PySide6.QtCore import QAbstractItemModel

from console.clock import FixedClock
from console.domain.scores import Component
from console.services.scores import ScoreService
from console.storage.database import Database as DeskDatabase
from console.storage.scores import ScoreQueries
from console.views.scores.page import ScoresPage
from console.views.scores.venue import VenueScorePage
from console.views.theme import ThemeHub
from tests.support.databases import Database
from tests.support.desk_world import World
from tests.support.pages_scores import settled
from tests.support.qt import present
from tests.support.scoring_world import MONDAY_AFTER, WEEK, History, history

BEFORE = WEEK - timedelta(days=7)


@dataclass
class Both:
    """The manager's page and headquarters', over one venue with two weeks."""

    made: History
    manager: VenueScorePage
    boss: ScoresPage


@pytest.fixture
async def both(fresh_database: Database, hub: ThemeHub) -> AsyncIterator[Both]:
    clock = FixedClock(MONDAY_AFTER)
    with World(fresh_database) as world:
        world.at(MONDAY_AFTER)
        made = history(world, name="Riverside Studio", city="Bend", primary_category="sports")
        made.ordinary(WEEK - timedelta(days=5), happy=6, unhappy=6)
        made.ordinary(WEEK + timedelta(days=2), happy=12, unhappy=0)
        made.compute(BEFORE)
        made.compute(WEEK)
        async with AsyncExitStack() as ends:

            async def service(role: str, name: str) -> ScoreService:
                who = world.person(role, name=name, desk=world.desk(f"Desk of {name}"), venues=(made.venue,))
                database = DeskDatabase(who.dsn)
                ends.push_async_callback(database.close)
                await database.set_token(who.token)
                return ScoreService(ScoreQueries(database))

            manager = VenueScorePage(
                hub, await service("manager", "Dana"), venue_id=made.venue, clock=clock,
                may_dispute=True, may_export=True,
            )  # fmt: skip
            boss = ScoresPage(hub, await service("platform_admin", "Amara"), clock=clock, may_change=True)
            for page in (manager, boss):
                ends.callback(page.stop)
                present(page, 1240, 840)
                await settled(page)
            yield Both(made, manager, boss)


def cells(model: QAbstractItemModel, row: int) -> list[str]:
    return [str(model.index(row, at).data()) for at in range(model.columnCount())]


async def test_a_week_is_disputed_and_upheld_and_both_see_it_worked_out_again(both: Both) -> None:
    manager, boss = both.manager, both.boss
    assert manager.banner.text == boss.venues.banner.text == ""
    assert manager.score.text() == "88.2"
    assert cells(boss.venues.model, 0)[:3] == ["Riverside Studio", "Bend", "88.2 (2 of 12)"]
    manager.dispute()
    sheet = manager.sheet
    assert sheet is not None
    sheet.radios["no_shows"].click()
    sheet.reason.setPlainText("One child was there and was never checked in.")
    sheet.send_button.click()
    await sheet.runner.settled()
    await settled(manager)
    assert manager.disputes.buttons
    # What the manager speaks of is put right before the answer.
    both.made.becomes(both.made.book(WEEK, "confirmed"), "completed")
    boss.refresh()
    boss.go_to("disputes")
    await settled(boss)
    part = boss.disputes
    assert boss.tabs.option("disputes").accessibleName() == "Disputes, 1"
    assert part.score.text() == "88.2"
    part.answer.setPlainText("You are right.")
    part.uphold_button.click()
    await settled(boss)
    assert part.banner.text == ""
    assert part.facts.text().startswith("Score of the week; worked out again since, now ")
    manager.refresh()
    await settled(manager)
    assert [row[7] for row in (cells(manager.table.table, at) for at in range(3))] == [
        "A dispute was upheld.", "Earlier version", "",
    ]  # fmt: skip
    assert manager.disputes.buttons == []


async def test_other_weights_are_tried_and_saved_over_real_venues(both: Both) -> None:
    boss = both.boss
    boss.go_to("formula")
    await settled(boss)
    part = boss.formula
    part.weights[Component.FEEDBACK].step(5)
    part.weights[Component.REPEAT].step(-5)
    part.threshold.line.setText("95")
    part._try()
    await settled(boss)
    assert part.what_if.losses.words.text() == "1 no longer curated"
    part.reason.setText("Only the best")
    part.save()
    await settled(boss)
    assert part.banner.text == ""
    assert cells(part.versions.table, 0)[:4] == ["2", "45 / 20 / 20 / 15", "95", "Only the best"]
    assert boss.header.caption.text() == "Over 12 weeks, curated from 95, formula 2"
