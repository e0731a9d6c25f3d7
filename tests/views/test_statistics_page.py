"""The occupancy screen: live numbers, charts, the table, other days, saving, and what it says when nothing comes.

docs/design.md, "Screens" (daily statistics); console/views/statistics/.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import UTC, timedelta
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QAbstractItemModelTester, QTest

from console.clock import FixedClock
from console.domain.statistics import SessionFigures
from console.errors import Unavailable
from console.views.statistics.page import StatisticsPage
from console.views.theme import ThemeHub
from tests.support.qt import present
from tests.support.statistics_samples import MONDAY, NOW, SampleStatistics

_FATAL = QAbstractItemModelTester.FailureReportingMode.Fatal


class Screen:
    """The page on show."""

    def __init__(self, hub: ThemeHub, known: tuple[SessionFigures, ...] | None = None) -> None:
        self.gateway = SampleStatistics(known)
        self.page = StatisticsPage(
            hub, self.gateway, zone=UTC, clock=FixedClock(NOW), venue="Riverside Studio"
        )
        self.tester = QAbstractItemModelTester(self.page.model, _FATAL)
        self.toasts: list[tuple[object, ...]] = []
        self.page.toast_wanted.connect(lambda *said: self.toasts.append(said))

    async def open(self) -> Screen:
        present(self.page, 1240, 840)
        await self.rest()
        return self

    async def rest(self) -> None:
        await asyncio.sleep(0.02)
        await self.page.runner.settled()
        await self.page.model.settled()
        await self.page.first_chart.drawn()
        await self.page.second_chart.drawn()

    @property
    def rows(self) -> list[str]:
        model = self.page.model
        return [str(model.index(row, 0).data()) for row in range(model.rowCount())]


def names_in(folder: Path) -> list[str]:
    return sorted(file.name for file in folder.iterdir())


@pytest.fixture
def screen(hub: ThemeHub) -> Iterator[Screen]:
    made = Screen(hub)
    yield made
    made.page.stop()


async def test_a_week_shows_what_is_on_two_charts_and_the_fullest_first(screen: Screen) -> None:
    page = (await screen.open()).page
    assert screen.gateway.asked == [(MONDAY, MONDAY + timedelta(days=6))]
    assert page.title.text() == "9–15 March 2026"
    assert page.live.words.text() == "in now, of 18 places in 1 session under way (94 %)"
    assert page.live.chip.text() == "Nearly full"
    assert page.live.detail.text() == "At 80 % or more: Ballet 5–7 17/18"
    assert screen.rows[0] == "Chess Club"
    assert page.first_chart.accessibleName() == "Places by day"
    assert "Came at most" in page.first_chart.accessibleDescription()
    image = page.first_chart.grab().toImage()
    colours = {
        image.pixelColor(x, y).name() for x in range(0, image.width(), 5) for y in range(0, image.height(), 5)
    }
    assert page.hub.theme.hex("green.solid").lower() in colours


async def test_other_days_and_other_ways_of_adding_up_by_keyboard(screen: Screen) -> None:
    page = (await screen.open()).page
    assert page.spans.isAncestorOf(page.focusWidget()), "the keyboard begins where the days are chosen"
    QTest.keyClick(page, Qt.Key.Key_PageDown)
    await screen.rest()
    assert page.title.text() == "16–22 March 2026"
    QTest.keyClick(page, Qt.Key.Key_T)
    QTest.keyClick(page.spans, Qt.Key.Key_Right)
    await screen.rest()
    assert page.title.text() == "March 2026"
    QTest.keyClick(page.groups, Qt.Key.Key_Right)
    await screen.rest()
    assert "Nobody named" in screen.rows
    QTest.keyClick(page, Qt.Key.Key_PageUp)
    await screen.rest()
    assert page.title.text() == "February 2026"
    assert not page.empty.isHidden()
    assert page.first_chart.isHidden() or not page.first_chart.isVisible()


async def test_nothing_planned_says_what_to_do_and_a_lost_server_keeps_the_old_numbers(hub: ThemeHub) -> None:
    screen = await Screen(hub, ()).open()
    assert not screen.page.empty.isHidden()
    assert screen.page.live.chip.text() == "Nothing on"
    screen.page.stop()
    other = await Screen(hub).open()
    other.gateway.error = Unavailable("The database cannot be reached.", hint="Check the network.")
    other.page.refresh()
    await other.rest()
    assert other.rows[0] == "Chess Club"
    assert not other.page.banner.isHidden()
    other.page.stop()


async def test_a_chart_is_saved_as_picture_page_and_numbers_or_says_why_not(
    screen: Screen, tmp_path: Path
) -> None:
    chart = (await screen.open()).page.first_chart
    for name, head in (
        ("a.png", b"\x89PNG"),
        ("b.pdf", b"%PDF"),
        ("c.xlsx", b"PK"),
        ("d.csv", b"\xef\xbb\xbf"),
    ):
        chart.save(tmp_path / name)
        await chart.drawn()
        assert (tmp_path / name).read_bytes().startswith(head), name
    assert [said[1] for said in screen.toasts] == ["a.png", "b.pdf", "c.xlsx", "d.csv"]
    assert (tmp_path / "d.csv").read_text("utf-8-sig").splitlines()[0] == ",Came,No-show,Booked,Free"
    chart.save(tmp_path / "no such folder" / "a.png")
    await chart.drawn()
    assert not screen.page.banner.isHidden()
    assert names_in(tmp_path) == ["a.png", "b.pdf", "c.xlsx", "d.csv"], "no draft is left behind"
