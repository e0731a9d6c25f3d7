"""The waitlist by keyboard: queues, offers that count down, accepting, passing over, two desks at once.

console/views/waitlist/; docs/design.md, "Rules of the domain" (waitlist).
"""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QAbstractItemModelTester, QTest
from PySide6.QtWidgets import QApplication, QLabel, QPushButton

from console.clock import FixedClock
from console.domain.counting import count
from console.errors import Conflict, Unavailable
from console.views.theme import ThemeHub
from console.views.waitlist.page import WaitlistPage
from tests.support import today_samples as sample
from tests.support.qt import present
from tests.support.waitlist_samples import BALLET, CHESS, DANCE, FakeWaitlist, child

_FATAL = QAbstractItemModelTester.FailureReportingMode.Fatal
CTRL = Qt.KeyboardModifier.ControlModifier


class Screen:
    """The page on show."""

    def __init__(
        self, hub: ThemeHub, gateway: FakeWaitlist | None = None, *, may_manage: bool = True
    ) -> None:
        self.gateway = gateway or FakeWaitlist()
        self.clock = FixedClock(sample.NOW)
        self.page = WaitlistPage(hub, self.gateway, zone=sample.ZONE, clock=self.clock, may_manage=may_manage)
        self.testers = [
            QAbstractItemModelTester(one.choices, _FATAL) for one in (self.page.sessions, self.page.queue)
        ]
        self.toasts: list[tuple[str, str]] = []
        self.counts: list[int] = []
        self.page.toast_wanted.connect(lambda *said: self.toasts.append(said))
        self.page.counted.connect(self.counts.append)

    async def show(self, *size: int) -> None:
        present(self.page, *(size or (1240, 840)))
        await self.rest()

    async def rest(self) -> None:
        for _ in range(3):
            await self.page.runner.settled()

    async def key(self, key: Qt.Key, held: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        QTest.keyClick(QApplication.focusWidget() or self.page, key, held)
        await self.rest()

    async def say(self, reason: str) -> None:
        """Answer the question with a reason."""
        assert self.page.question is not None
        QTest.keyClicks(QApplication.focusWidget() or self.page, reason)
        await self.key(Qt.Key.Key_Return)

    @property
    def rows(self) -> list[tuple[str, str, str]]:
        return [
            (row.title, "/".join(chip.text for chip in row.chips), row.right)
            for row in self.page.queue.choices.choices
        ]

    @property
    def names(self) -> list[str]:
        return [row.title for row in self.page.sessions.choices.choices]


@pytest.fixture
async def screen(hub: ThemeHub) -> Screen:
    made = Screen(hub)
    await made.show()
    return made


async def test_the_next_session_stands_first_with_its_queue_in_order(screen: Screen) -> None:
    assert screen.names == ["Street Dance", "Ballet 8–10", "Chess Club"]
    assert screen.rows == [
        ("1  Nia", "Offered", "30:00 left"),
        ("2  Theo", "Offered", "3 h 50 min left"),
        ("3  Ava", "Too young", ""),
        ("4  A child", "Booked elsewhere then", ""),
        ("5  Bo", "Passed over", ""),
    ]
    last = screen.page.queue.choices.choices[-1]
    assert last.detail == "“No answer on the phone” · Dana Reyes · +1 555 0112 · since 9 Mar 15:37"
    assert screen.page.detail.caption.text() == (
        "Thu 12 March 17:45–18:45 · Main Hall · 14 of 16 places taken · 2 places offered"
    )
    assert screen.page.header.caption.text() == "8 children for 3 sessions"
    assert screen.counts == [1], "the chess club has places that nobody was offered"
    assert screen.page.consequence.text() == (
        "The place is held until 16:12. The place costs 14 credits; the family has 20."
    )


async def test_another_session_is_looked_at_by_keyboard(screen: Screen) -> None:
    assert screen.page.sessions.hasFocus() or screen.page.sessions.setFocus() is None
    await screen.key(Qt.Key.Key_Down)
    assert screen.page.session is not None
    assert screen.page.session.session_id == BALLET
    assert [row[0] for row in screen.rows] == ["1  Ola", "2  Kim"]
    await screen.key(Qt.Key.Key_Return)
    assert screen.page.queue.hasFocus()
    screen.page.open_session(CHESS)
    await screen.rest()
    assert screen.page.detail.title.text() == "Chess Club"


async def test_offers_count_down_while_somebody_looks_and_only_then(screen: Screen) -> None:
    page = screen.page
    page.queue.setCurrentIndex(page.queue.choices.index(2))
    assert page.is_counting
    screen.clock.advance(61)
    page._tick()
    assert [row[2] for row in screen.rows][:2] == ["28:59 left", "3 h 48 min left"]
    assert page.child is not None
    assert page.child.child == "Ava", "nothing moves while it counts"
    page.hide()
    assert not page.is_counting
    page.show()
    await screen.rest()
    assert page.is_counting


async def test_an_offer_that_runs_out_can_no_longer_be_accepted_and_the_queue_is_asked_once(
    screen: Screen,
) -> None:
    screen.clock.advance(timedelta(minutes=31))
    screen.gateway.asked.clear()
    screen.page._tick()
    screen.page._tick()
    await screen.rest()
    assert screen.gateway.asked == [DANCE]
    assert screen.rows[0] == ("1  Nia", "Offer ran out", "")
    assert not screen.page.accept_button.isEnabled()
    await screen.key(Qt.Key.Key_Return, CTRL)
    assert screen.gateway.done == []
    assert screen.page.consequence.text() == "The offer ran out; the place goes to the next."


async def test_a_place_is_accepted_once_however_often_it_is_sent(screen: Screen) -> None:
    screen.gateway.failure = None
    screen.page.accept()
    screen.page.accept()
    await screen.rest()
    assert [one[0] for one in screen.gateway.done] == ["accept"]
    assert screen.toasts == [("Nia is booked", "14 credits charged")]
    assert screen.rows[0][0] == "2  Theo"


async def test_a_lost_answer_is_asked_for_under_the_same_number(screen: Screen) -> None:
    for _ in range(2):
        screen.gateway.failure = Unavailable("The server cannot be reached.")
        screen.page.accept()
        await screen.rest()
    assert screen.page.banner.text == "The server cannot be reached."
    screen.page.accept()
    await screen.rest()
    assert len({one[2] for one in screen.gateway.done}) == 1
    assert len(screen.gateway.done) == 3


async def test_free_places_are_offered_to_the_next(hub: ThemeHub) -> None:
    screen = Screen(hub, FakeWaitlist(free=2))
    await screen.show()
    assert screen.page.sessions.choices.choices[0].chips[0].text == "2 free"
    await screen.key(Qt.Key.Key_O, CTRL)
    assert screen.toasts == [("2 places offered", "Ava, A child")]
    assert [row[1].split("/")[0] for row in screen.rows] == ["Offered"] * 4 + ["Passed over"]
    await screen.key(Qt.Key.Key_O, CTRL)
    assert screen.page.banner.text == "No place is free. Somebody has to give one back first."


async def test_somebody_is_passed_over_with_a_reason_and_the_place_goes_on(screen: Screen) -> None:
    await screen.key(Qt.Key.Key_S, CTRL)
    question = screen.page.question
    assert question is not None
    assert not question.card.do.isEnabled(), "without a reason nothing is done"
    await screen.key(Qt.Key.Key_Return)
    assert screen.gateway.done == []
    await screen.say("On holiday")
    assert ("skip", UUID(int=951), "On holiday") in screen.gateway.done
    assert screen.toasts == [("Nia was passed over", "The place is offered to Ava.")]
    assert screen.rows[-1][0] == "9  Nia"


async def test_somebody_is_taken_off_with_a_reason(screen: Screen) -> None:
    screen.page.queue.setCurrentIndex(screen.page.queue.choices.index(4))
    await screen.key(Qt.Key.Key_Delete, CTRL)
    await screen.key(Qt.Key.Key_Escape)
    assert screen.gateway.done == []
    await screen.key(Qt.Key.Key_Delete, CTRL)
    await screen.say("  Moved  away ")
    assert screen.gateway.done == [("remove", UUID(int=955), "Moved away")]
    assert screen.toasts == [("Bo is off the queue", "")]
    assert len(screen.rows) == 4


async def test_another_desk_that_was_faster_is_told_of_and_the_queue_shown_as_it_is(screen: Screen) -> None:
    screen.gateway.failure = Conflict("This child has the place already.", code="accepted_already")
    screen.gateway.children = screen.gateway.children[1:]
    screen.page.accept()
    await screen.rest()
    assert screen.page.banner.text == "This child has the place already."
    assert screen.rows[0][0] == "2  Theo"


async def test_the_last_who_waited_takes_the_session_from_the_list(hub: ThemeHub) -> None:
    gateway = FakeWaitlist([child(1, "Nia", 1)])
    screen = Screen(hub, gateway)
    await screen.show()
    assert screen.page.consequence.text().startswith("No place is offered yet.")
    screen.page.remove()
    await screen.say("Found another course")
    assert screen.names == ["Ballet 8–10", "Chess Club"]
    gateway.others.clear()
    screen.page.refresh()
    await screen.rest()
    said = [one.text() for one in screen.page.empty.findChildren(QLabel)]
    assert screen.page.empty.isVisible()
    assert "Nobody waits" in said
    assert screen.counts[-1] == 0


async def test_without_a_server_the_page_says_so_and_keeps_what_it_shows(screen: Screen) -> None:
    reached: list[object] = []
    screen.page.reached.connect(reached.append)
    screen.gateway.failure = Unavailable("The server cannot be reached.")
    screen.page.refresh()
    await screen.rest()
    assert isinstance(reached[0], Unavailable)
    assert screen.page.banner.text == "The server cannot be reached."
    assert len(screen.rows) == 5


async def test_who_may_not_manage_reads_only(hub: ThemeHub) -> None:
    screen = Screen(hub, may_manage=False)
    await screen.show()
    assert [one.text() for one in screen.page.findChildren(QPushButton) if one.isVisible()] == []
    assert [one.keys for one in screen.page.page_actions] == ["F5"]
    screen.page.accept()
    screen.page.skip()
    await screen.rest()
    assert screen.gateway.done == []


def test_words_know_one_from_many() -> None:
    assert (count(1, "place"), count(2, "child", "children")) == ("1 place", "2 children")
