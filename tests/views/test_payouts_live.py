"""The payout screens over a real database: a month is made, approved by somebody else and closed from the screen.

What stands there is what the server keeps. docs/design.md, "Screens" (finance).
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, date

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from console.clock import FixedClock, SystemClock
from console.domain.payouts import PayoutState
from console.models.money import MINUS
from console.services.paying import PayingService
from console.services.payouts import PayoutService
from console.services.statements import StatementService
from console.storage.database import Database as DeskDatabase
from console.storage.documents import DocumentQueries
from console.storage.paying import PayingQueries
from console.storage.payouts import PayoutQueries
from console.views.payouts.page import PayoutsPage
from console.views.payouts.run import RunSheet
from console.views.theme import ThemeHub
from console.views.widgets.dialog import QuestionCard
from tests.support.databases import Database
from tests.support.desk_world import Person, World
from tests.support.pages_payouts import NoPrinter, settled
from tests.support.paying_out import FEBRUARY, MARCH, Books
from tests.support.qt import present


@pytest.fixture
def books(fresh_database: Database) -> Iterator[Books]:
    with World(fresh_database) as world:
        yield Books(world)


@asynccontextmanager
async def screen(hub: ThemeHub, who: Person) -> AsyncIterator[PayoutsPage]:
    """The page of one person of the platform's finance."""
    database = DeskDatabase(who.dsn)
    await database.set_token(who.token)
    service = PayoutService(
        PayoutQueries(database), StatementService(DocumentQueries(database)), PayingService(PayingQueries(database)),
        SystemClock(),
    )  # fmt: skip
    page = PayoutsPage(
        hub, service, service, zone=UTC, clock=FixedClock(MARCH), venue=None, printer=NoPrinter()
    )
    present(page, 1240, 872)
    await settled(page)
    try:
        yield page
    finally:
        page.stop()
        await database.close()


async def agree(page: PayoutsPage) -> None:
    """Say yes to what is asked."""
    card = next(card for card in page.findChildren(QuestionCard) if card.isVisible())
    QTest.mouseClick(card.do, Qt.MouseButton.LeftButton)
    await settled(page)


async def test_a_month_is_made_approved_and_closed_from_the_screen(hub: ThemeHub, books: Books) -> None:
    venue = books.venue(name="Riverside Studio")
    books.booking(venue, date(2026, 2, 2), 15)
    books.booking(venue, date(2026, 2, 3), 15)
    books.booking(venue, date(2026, 2, 4), 16, "cancelled_late")
    async with screen(hub, books.maker) as page, screen(hub, books.checker) as other:
        assert page.payouts.empty.isVisible()
        page.new_run()
        assert page.runs is not None
        assert other.runs is not None
        sheet = page.runs.sheet
        assert isinstance(sheet, RunSheet)
        sheet.month.setCurrentIndex(sheet.months.index(FEBRUARY))
        sheet.month.activated.emit(sheet.month.currentIndex())
        await sheet.runner.settled()
        assert sheet.banner.text == ""
        assert sheet.totals.text() == f"1 venue: gross 46.00, fee {MINUS}8.05, net 37.95 USD"
        sheet.make()
        await sheet.runner.settled()
        await settled(page)
        assert not sheet.is_open, sheet.banner.text

        page.runs.approve()
        await agree(page)
        assert page.runs.banner.text.startswith("Somebody else approves a run that you made.")
        other.show_part("runs")
        await settled(other)
        other.runs.approve()
        await agree(other)
        assert other.runs.banner.text == ""
        assert other.runs.run is not None
        assert other.runs.run.state == "approved"

        page.show_part("payouts")
        page.refresh()
        await settled(page)
        detail = page.payouts.detail
        assert detail.payout is not None
        assert detail.payout.state in (PayoutState.PENDING, PayoutState.PROCESSING)
        assert [(one.name, one.amount) for one in detail.sums.lines] == [
            ("Gross", "46.00"), ("Platform fee", f"{MINUS}8.05"), ("Net payout", "37.95"),
        ]  # fmt: skip
        model = detail.lines.model
        assert [str(model.index(row, 6).data()) for row in range(model.rowCount())] == [
            f"{MINUS}2.63", f"{MINUS}2.62", f"{MINUS}2.80",
        ]  # fmt: skip
        assert detail.lines.tabs.option("cancelled_late").accessibleName() == "Cancelled late, 1"
        assert detail.trail.isVisible()
        assert detail.thumb.page.has_page, "the statement of what may be paid is drawn"
        assert detail.banner.text == ""

        page.show_part("books")
        await settled(page)
        assert page.books is not None
        rows = [page.books.model.row(at).period_start for at in range(page.books.model.rowCount())]
        page.books.table.selectRow(rows.index(FEBRUARY))
        page.books.close_books()
        await agree(page)
        assert page.books.month is not None
        assert page.books.month.closed_at is not None, page.books.banner.text
