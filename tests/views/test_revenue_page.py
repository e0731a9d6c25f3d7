"""The revenue screen: charts and sums over months, for headquarters and for one venue. console/views/revenue/."""

from __future__ import annotations

import asyncio
from pathlib import Path

import openpyxl
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QAbstractItemModelTester, QTest

from console.clock import FixedClock
from console.errors import Unavailable
from console.views.revenue.page import RevenuePage
from console.views.theme import ThemeHub
from tests.support.qt import present
from tests.support.revenue_samples import LONG, SampleRevenue
from tests.support.statistics_samples import NOW

_FATAL = QAbstractItemModelTester.FailureReportingMode.Fatal


class Screen:
    """The page on show."""

    def __init__(self, hub: ThemeHub, venue: str = "") -> None:
        self.gateway = SampleRevenue()
        self.page = RevenuePage(hub, self.gateway, clock=FixedClock(NOW), venue=venue)
        self.tester = QAbstractItemModelTester(self.page.model, _FATAL)

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
        return [str(self.page.model.index(row, 0).data()) for row in range(self.page.model.rowCount())]

    @property
    def headings(self) -> list[str]:
        columns = enumerate(self.page.model.columns)
        return [one.title for at, one in columns if not self.page.table.isColumnHidden(at)]


async def test_headquarters_sees_months_venues_categories_and_invoices_by_keyboard(hub: ThemeHub) -> None:
    screen = await Screen(hub).open()
    page = screen.page
    assert page.title.text() == "Apr 25 to Mar 26"
    assert screen.rows[0] == "Mar 26"
    assert len(screen.rows) == 12
    assert page.second_chart.accessibleName() == "Invoices by month, USD"
    assert "Credits" not in screen.headings
    for group, first, by in (
        ("venue", LONG, "Gross"),
        ("category", "Stem", "Credits"),
        ("invoices", "Mar 26", "Name"),
    ):
        QTest.keyClick(page.groups, Qt.Key.Key_Right)
        await screen.rest()
        assert page.groups.chosen == group
        assert screen.rows[0] == first, group
        at, order = page.model.sorted_by
        assert (page.model.columns[at].title, order) == (by, Qt.SortOrder.DescendingOrder)
        # Credits are known of categories, money of everything else.
        assert ("Credits" in screen.headings, "Gross" in screen.headings) == (
            group == "category",
            group != "category",
        )
    QTest.keyClick(page.spans, Qt.Key.Key_Left)
    await screen.rest()
    assert page.title.text() == "Oct 25 to Mar 26"
    QTest.keyClick(page, Qt.Key.Key_PageUp)
    await screen.rest()
    assert page.title.text() == "Apr 25 to Sep 25"
    QTest.keyClick(page, Qt.Key.Key_T)
    await screen.rest()
    assert page.title.text() == "Oct 25 to Mar 26"
    page.stop()


async def test_a_file_has_the_order_on_show_and_amounts_to_the_cent(hub: ThemeHub, tmp_path: Path) -> None:
    screen = await Screen(hub).open()
    page = screen.page
    page.groups.choose("venue")
    await screen.rest()
    page.model.sort(0, Qt.SortOrder.AscendingOrder)
    await screen.rest()
    assert screen.rows == [LONG, "Riverside Studio"]
    page.exports.write(page.model.request, tmp_path / "venues.xlsx")
    await screen.rest()
    sheet = openpyxl.load_workbook(tmp_path / "venues.xlsx").active
    assert sheet is not None
    heads = [cell.value for cell in sheet[1]]
    assert [row[0].value for row in sheet.iter_rows(min_row=2)] == screen.rows
    assert {row[heads.index("Net")].number_format for row in sheet.iter_rows(min_row=2)} == {
        "#,##0.00;-#,##0.00"
    }
    gross, fees, adjusted, carried, net = (
        sheet.cell(2, heads.index(name) + 1).value for name in ("Gross", "Fees", "Adjusted", "Carried", "Net")
    )
    assert round(gross - fees + adjusted + carried - net, 2) == 0
    page.stop()


async def test_a_venue_sees_its_own_months_and_credits(hub: ThemeHub) -> None:
    screen = await Screen(hub, "Riverside Studio").open()
    page = screen.page
    assert page.second_chart.accessibleName() == "Credits by category"
    with pytest.raises(KeyError):
        page.groups.option("invoices")
    screen.gateway.nothing = True
    page.refresh()
    await screen.rest()
    assert not page.empty.isHidden()
    screen.gateway.error = Unavailable("The database cannot be reached.", hint="Check the network.")
    page.refresh()
    await screen.rest()
    assert not page.banner.isHidden()
    page.stop()
