"""A page that is one list: its keys, its empty states, and an error that takes no rows away."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from uuid import UUID

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from console.domain.listing import VenueRow
from console.domain.paging import Page, PageRequest
from console.errors import ConsoleError, Unavailable
from console.views.list_page import ListPage
from console.views.lists import venues_page
from console.views.theme import ThemeHub
from tests.support.qt import present

LONG = "Konstantinos-Alexandros Memorial Community Recreation and Arts Centre of the Upper Valley"


def _venue(number: int, name: str, status: str = "active", *missing: str) -> VenueRow:
    return VenueRow(UUID(int=number), name, "Portland", status, "America/Los_Angeles", "17.5 %", missing)


VENUES = [
    _venue(1, "Alder Hall"),
    _venue(2, LONG, "pending_approval", "e-mail", "phone"),
    _venue(3, "Fir", "rejected"),
]


def _serving(
    rows: list[VenueRow], errors: list[ConsoleError] | None = None
) -> Callable[[PageRequest], Awaitable[Page[VenueRow]]]:
    async def fetch(request: PageRequest) -> Page[VenueRow]:
        if errors:
            raise errors.pop()
        return Page([row for row in rows if request.text.lower() in row.name.lower()], None)

    return fetch


async def _shown(page: ListPage) -> ListPage:
    present(page, 1240, 872)
    await page.model.settled()
    return page


async def test_it_says_which_keys_it_has(hub: ThemeHub) -> None:
    page = await _shown(venues_page(hub, _serving(VENUES)))
    assert [(action.keys, action.offered, action.heard) for action in page.page_actions] == [
        ("F5", True, False),
        ("Ctrl+F", True, False),
        ("Esc", False, False),
    ]


async def test_the_first_visit_loads_and_says_how_many(hub: ThemeHub) -> None:
    page = await _shown(venues_page(hub, _serving(VENUES)))
    assert page.model.rowCount() == 3
    assert page.card.isVisible()
    assert page.filter.hasFocus()
    assert page.model.index(1, 5).data() == "e-mail, phone"
    page.grab()  # every status has its chip


async def test_typing_filters_and_escape_clears(hub: ThemeHub) -> None:
    page = await _shown(venues_page(hub, _serving(VENUES)))
    QTest.keyClicks(page.filter, "alder")
    page.model.set_text(page.filter.text())
    await page.model.settled()
    assert page.model.rowCount() == 1
    QTest.keyClick(page.filter, Qt.Key.Key_Escape)
    await page.model.settled()
    assert page.filter.text() == ""
    assert page.model.rowCount() == 3


async def test_empty_and_no_match_say_different_things(hub: ThemeHub) -> None:
    empty = await _shown(venues_page(hub, _serving([])))
    assert not empty.card.isVisible()
    page = await _shown(venues_page(hub, _serving(VENUES)))
    page.filter.setText("zzz")
    page.model.set_text("zzz")
    await page.model.settled()
    assert not page.card.isVisible()
    names = {widget.accessibleName() for widget in page.findChildren(type(empty._empty))}
    assert "No venues match. Type less, or clear the filter." in names


async def test_a_failed_refresh_is_a_banner_above_rows_that_stay(hub: ThemeHub) -> None:
    errors: list[ConsoleError] = []
    page = await _shown(venues_page(hub, _serving(VENUES, errors)))
    errors.append(Unavailable("The database cannot be reached.", hint="Try again."))
    page.model.refresh()
    await page.model.settled()
    assert page.banner.text == "The database cannot be reached. Try again."
    assert page.model.rowCount() == 3
    page.model.refresh()
    await page.model.settled()
    assert not page.banner.isVisible()


async def test_a_page_that_goes_away_asks_nothing_more(hub: ThemeHub) -> None:
    page = await _shown(venues_page(hub, _serving(VENUES)))
    page.model.refresh()
    page.stop()
    await page.model.settled()
    assert page.model.rowCount() == 3
