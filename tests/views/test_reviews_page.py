"""The manager's page: the list, facts side by side, decisions with their figures, and the whole of it by the keyboard.

console/views/reviews/; docs/design.md, "The desk protocol" and "Screens".
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QAbstractItemModelTester, QTest
from PySide6.QtWidgets import QApplication, QLabel

from console.clock import FixedClock
from console.domain.reviewing import Decision
from console.errors import Conflict, Unavailable
from console.models.gateway_reviews import ReviewGateway
from console.views.reviews import words
from console.views.reviews.page import ReviewsPage
from console.views.theme import ThemeHub
from tests.support import review_samples as sample
from tests.support import today_samples
from tests.support.qt import NOW, present

_FATAL = QAbstractItemModelTester.FailureReportingMode.Fatal
ZONE = today_samples.ZONE


class Screen:
    """The page on show, with one item of each sort."""

    def __init__(self, hub: ThemeHub) -> None:
        self.gateway = sample.FakeReviews(sample.everything())
        gateway: ReviewGateway = self.gateway
        self.page = ReviewsPage(hub, FixedClock(NOW), ZONE, gateway)
        self.tester = QAbstractItemModelTester(self.page.list.choices, _FATAL)
        self.counts: list[int] = []
        self.page.counted.connect(self.counts.append)
        self.toasts: list[tuple[Any, ...]] = []
        self.page.toast_wanted.connect(lambda *said: self.toasts.append(said))
        self.reached: list[object] = []
        self.page.reached.connect(self.reached.append)

    async def open(self) -> None:
        present(self.page, 1240, 840)
        await self.rest()

    async def rest(self) -> None:
        await asyncio.sleep(0.02)
        await self.page.runner.settled()
        await asyncio.sleep(0.01)

    async def key(self, key: Qt.Key, times: int = 1) -> None:
        for _ in range(times):
            QTest.keyClick(QApplication.focusWidget() or self.page, key)
            await self.rest()

    @property
    def rows(self) -> list[str]:
        return [row.title for row in self.page.list.choices.choices]

    @property
    def said(self) -> str:
        """Everything the facts say."""
        assert self.page.panel is not None
        return "\n".join(one.text() for one in self.page.panel.findChildren(QLabel))


@pytest.fixture
async def screen(hub: ThemeHub) -> Screen:
    made = Screen(hub)
    await made.open()
    return made


async def test_the_oldest_stands_first_and_the_badge_counts(screen: Screen) -> None:
    assert screen.rows == ["Junior Judo", "Ava", "Bo", "Theo", "Nia"]
    first = screen.page.list.choices.choices
    assert [row.right for row in first] == ["4 d", "2 d", "30 h", "3 h", "6 min"]
    assert [row.detail.split(" · ")[0] for row in first] == [
        "More children than places",
        "Collected by two people",
        "In two sessions at once",
        "Reported after the close",
        "Came although cancelled",
    ]
    assert (screen.counts, screen.reached) == ([5], [None])


async def test_a_morning_of_decisions_goes_by_the_keyboard(screen: Screen) -> None:
    await screen.key(Qt.Key.Key_1)
    await screen.key(Qt.Key.Key_Return)
    assert screen.page.current is not None
    assert screen.page.current.first_name == "Ava"
    await screen.key(Qt.Key.Key_Down, 3)
    await screen.key(Qt.Key.Key_1)
    assert screen.page.button.text() == "Charge 3 credits"
    await screen.key(Qt.Key.Key_Return)
    assert [decision for _, decision, _ in screen.gateway.asked] == [Decision.SEEN, Decision.CHARGE]
    assert screen.toasts[-1] == ("Nia: Charged 3 credits", "The family has 7 credits.")
    assert screen.rows == ["Ava", "Bo", "Theo"]
    # The last one was decided: the one above it follows, nothing is marked for it.
    assert screen.page.current.first_name == "Theo"
    assert (screen.page.button.isEnabled(), screen.counts[-1]) == (False, 3)


async def test_enter_decides_nothing_that_is_not_marked(screen: Screen) -> None:
    await screen.key(Qt.Key.Key_Return)
    QTest.mouseClick(screen.page.list.viewport(), Qt.MouseButton.LeftButton)
    await screen.rest()
    assert screen.gateway.asked == []


async def test_where_a_reason_is_needed_it_is_asked_for(screen: Screen) -> None:
    await screen.key(Qt.Key.Key_Down, 3)
    await screen.key(Qt.Key.Key_3)
    assert screen.page.field.note.text() == "needed"
    await screen.key(Qt.Key.Key_Return)
    assert (screen.gateway.asked, screen.page.field.below.text()) == ([], "Say why.")
    assert screen.page.reason.hasFocus()
    # Digits are written here, they mark nothing.
    QTest.keyClicks(screen.page.reason, "12 scanners broke")
    await screen.key(Qt.Key.Key_Return)
    assert [(decision, reason) for _, decision, reason in screen.gateway.asked] == [
        (Decision.CAME_FREE, "12 scanners broke")
    ]
    assert (screen.page.reason.text(), screen.page.list.hasFocus()) == ("", True)


async def test_the_facts_stand_side_by_side_with_the_figures(screen: Screen) -> None:
    await screen.key(Qt.Key.Key_Down, 4)
    said = screen.said
    for fact in ("Cancelled by family", "9 Mar 15:42, child ill", "0 paid, 3 given back", "K7QM-4RXH-2", "Main Hall",
                 "Checked in today 15:22", "Desk 2 by Maya · offline, sent 15:36 · the booking was cancelled",
                 "What it costs", "10 → 7", "0 → 3"):  # fmt: skip
        assert fact in said
    assert screen.page.panel is not None
    assert [radio.text() for radio in screen.page.panel.radios] == [
        "Charge 3 credits",
        "Leave it free",
        "Take the report back",
    ]


async def test_what_moves_no_credits_says_so(screen: Screen) -> None:
    assert "20 children were in, for 18 places." in screen.said
    assert words.NO_MOVE in screen.said
    await screen.key(Qt.Key.Key_Down, 2)
    assert "Also in Ballet 8–10" in screen.said


async def test_a_payout_that_counted_it_and_two_collectors_are_told(screen: Screen) -> None:
    await screen.key(Qt.Key.Key_Down)
    assert "by Boris" in screen.said
    await screen.key(Qt.Key.Key_Down, 2)
    assert "Counted already; a change goes into the next one" in screen.said


async def test_somebody_who_was_faster_is_named_and_the_list_is_shown_as_it_is(screen: Screen) -> None:
    await screen.key(Qt.Key.Key_1)
    screen.gateway.failure = Conflict("Elena decided this at 15:40.", code="decided_already")
    screen.gateway.pairs = screen.gateway.pairs[1:]
    screen.page.decide()
    await screen.rest()
    assert screen.page.banner.text.startswith("Elena decided this at 15:40.")
    assert (screen.rows[0], screen.page.current and screen.page.current.first_name) == ("Ava", "Ava")


async def test_a_refresh_keeps_the_item_the_mark_and_the_words(screen: Screen) -> None:
    await screen.key(Qt.Key.Key_Down, 3)
    await screen.key(Qt.Key.Key_3)
    screen.page.reason.setText("Half a sent")
    item, facts = screen.gateway.pairs[3]
    assert facts.booking is not None
    screen.gateway.pairs[3] = (item, replace(facts, booking=replace(facts.booking, family_credits=8)))
    screen.page.refresh()
    await screen.rest()
    assert (screen.page.button.text(), screen.page.reason.text()) == (
        "Came, give 3 credits back",
        "Half a sent",
    )
    assert "8 → 10" in screen.said


async def test_without_a_server_the_page_says_so_and_keeps_what_it_shows(screen: Screen) -> None:
    screen.gateway.failure = Unavailable("The server cannot be reached.")
    screen.page.refresh()
    await screen.rest()
    assert screen.page.banner.text.startswith("The server cannot be reached.")
    assert len(screen.rows) == 5
    assert isinstance(screen.reached[-1], Unavailable)


async def test_nothing_needs_a_look(hub: ThemeHub) -> None:
    screen = Screen(hub)
    screen.gateway.pairs = []
    await screen.open()
    assert screen.page.empty.isVisible()
    assert "Nothing needs a look" in [one.text() for one in screen.page.empty.findChildren(QLabel)]
    assert screen.counts == [0]


async def test_what_was_decided_can_be_read_and_not_decided_again(screen: Screen) -> None:
    await screen.key(Qt.Key.Key_Down, 4)
    await screen.key(Qt.Key.Key_1)
    await screen.key(Qt.Key.Key_Return)
    screen.page.tabs.option("all").click()
    await screen.rest()
    assert screen.rows[-1] == "Nia"
    assert screen.page.list.choices.choices[-1].detail == "Charged 3 credits. Elena, today 15:42"
    screen.page.list.setFocus()
    await screen.key(Qt.Key.Key_End)
    assert "Elena decided this today 15:42. Charged 3 credits." in screen.said
    assert "Reason: They had asked by phone." in screen.said
    assert screen.page.button.isVisible() is False
    assert screen.counts[-1] == 4


async def test_long_names_do_not_widen_the_page(hub: ThemeHub) -> None:
    screen = Screen(hub)
    pair = sample.cancelled("Maximiliana-Alexandra" * 4, "Advanced Contemporary Street Dance " * 4)
    screen.gateway.pairs = [pair]
    present(screen.page, 1000, 640)
    await screen.rest()
    assert screen.page.width() == 1000
    assert screen.page.panel is not None
    assert screen.page.panel.width() <= 1000 - hub.theme.size("masterList")


async def test_in_a_low_window_what_is_marked_comes_into_view(hub: ThemeHub) -> None:
    screen = Screen(hub)
    screen.gateway.pairs = [sample.no_show()]
    present(screen.page, 1044, 560)
    await screen.rest()
    await screen.key(Qt.Key.Key_3)
    assert screen.page.panel is not None
    radio = screen.page.panel.radios[2]
    assert radio.isChecked()
    assert radio.visibleRegion().boundingRect().height() == radio.height()
