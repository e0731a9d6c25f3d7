"""The building: who is in by room, who is late, how full it is, the roll call and the day in numbers.

docs/design.md, "Screens" (front desk); console/views/building/.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any, cast

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QAbstractItemModelTester, QTest

from console.clock import FixedClock
from console.domain.day import Load, RoomLoad, load_of
from console.errors import Unavailable
from console.models.gateway import DayGateway
from console.views.building.page import BuildingPage
from console.views.theme import ThemeHub
from tests.support import day_samples as day
from tests.support import today_samples as sample
from tests.support.qt import present

_FATAL = QAbstractItemModelTester.FailureReportingMode.Fatal


class Screen:
    """The page on show."""

    def __init__(self, hub: ThemeHub) -> None:
        self.gateway, self.printer = day.FakeDay(), day.FakePrinter()
        self.clock = FixedClock(sample.NOW)
        self.page = BuildingPage(
            hub, self.clock, cast(DayGateway, self.gateway), zone=sample.ZONE, venue="Riverside Studio",
            printer=self.printer, poll_seconds=0,
        )  # fmt: skip
        self.tester = QAbstractItemModelTester(self.page.list.choices, _FATAL)
        self.reached: list[object] = []
        self.page.reached.connect(self.reached.append)
        self.toasts: list[tuple[Any, ...]] = []
        self.page.toast_wanted.connect(lambda *facts: self.toasts.append(facts))

    async def open(self) -> None:
        present(self.page, 1240, 840)
        await self.rest()

    async def rest(self) -> None:
        await asyncio.sleep(0.02)
        await self.page.runner.settled()
        await asyncio.sleep(0.01)

    @property
    def rows(self) -> list[str]:
        return [row.title for row in self.page.list.choices.choices]


@pytest.fixture
def screen(hub: ThemeHub) -> Screen:
    return Screen(hub)


async def test_everybody_stands_under_their_room_and_the_late_first(screen: Screen) -> None:
    await screen.open()
    assert screen.rows == [
        "To be collected",
        "Leo",
        "Main Hall",
        "Amara",
        "Nia",
        "Room A",
        "Ada",
        "Bea",
        "No room",
        "Max",
    ]
    rows = {row.title: row for row in screen.page.list.choices.choices}
    assert [chip.text for chip in rows["Leo"].chips] == ["12 min over"]
    assert rows["Nia"].detail == "Junior Judo until 16:30 · Parent Dana (503) 555-0142 · tag 7K4Q"
    assert rows["Nia"].spoken.startswith("Nia, 7, Peanut, Junior Judo until 16:30")
    assert rows["Max"].detail == "Junior Judo until 16:45"
    assert screen.page.header.caption.text() == "6 children are in"
    assert screen.page.side.late.text() == "1 to be collected"


async def test_a_room_warns_from_four_fifths_on_and_when_it_is_full(screen: Screen) -> None:
    await screen.open()
    headings = {row.title: row for row in screen.page.list.choices.choices if row.heading}
    assert [chip.text for chip in headings["Room A"].chips] == ["Full"]
    assert headings["Room A"].right == "3 of 3"
    assert headings["Main Hall"].chips == ()
    assert [load_of(inside, 10) for inside in (7, 8, 9, 10, 11)] == [
        Load.ROOMY, Load.NEARLY_FULL, Load.NEARLY_FULL, Load.FULL, Load.FULL,
    ]  # fmt: skip
    assert RoomLoad("Room B", 50, None).load is Load.ROOMY


async def test_minutes_over_grow_with_the_clock_alone(screen: Screen) -> None:
    await screen.open()
    screen.clock.advance(timedelta(minutes=70))
    screen.page._show()
    rows = {row.title: row for row in screen.page.list.choices.choices}
    assert [chip.text for chip in rows["Leo"].chips] == ["1 h 22 min over"]
    assert screen.rows[0:2] == ["To be collected", "Leo"]
    assert "Ada" in screen.rows[:8]


async def test_the_roll_call_prints_in_two_keystrokes_freshly_asked_for(screen: Screen) -> None:
    await screen.open()
    screen.gateway.now = replace(screen.gateway.now, present=screen.gateway.now.present[:2])
    QTest.keyClick(screen.page.list, Qt.Key.Key_P, Qt.KeyboardModifier.ControlModifier)
    await screen.rest()
    kind, building, as_of = screen.printer.printed[0]
    assert (kind, len(building.present), as_of) == ("roll_call", 2, None)
    assert screen.toasts == [("Roll call printed", "", None)]


async def test_without_a_server_the_last_list_is_printed_with_its_age(screen: Screen) -> None:
    await screen.open()
    screen.gateway.fail = [Unavailable("The server does not answer.")]
    screen.page.print_roll_call()
    await screen.rest()
    _kind, building, as_of = screen.printer.printed[0]
    assert as_of == building.at == sample.NOW
    assert isinstance(screen.reached[-1], Unavailable)


async def test_an_empty_building_says_so_and_trouble_keeps_what_was_known(screen: Screen) -> None:
    await screen.open()
    screen.gateway.fail = [Unavailable("The server does not answer.", hint="It is tried again.")]
    screen.page.refresh()
    await screen.rest()
    assert screen.page.banner.text == "The server does not answer. It is tried again."
    assert len(screen.rows) == 10
    screen.gateway.now = replace(screen.gateway.now, present=(), rooms=())
    screen.page.refresh()
    await screen.rest()
    assert screen.page.banner.isHidden()
    assert screen.page.empty.isVisible()
    assert screen.page.header.caption.text() == "Nobody is in"


async def test_others_come_and_go_and_the_chosen_child_stays_chosen(screen: Screen) -> None:
    await screen.open()
    rows = screen.page.list.choices
    screen.page.list.setCurrentIndex(rows.index(screen.rows.index("Ada")))
    everybody = screen.gateway.now.present
    screen.gateway.now = replace(
        screen.gateway.now, present=(day.presence(9, "Aaron", "Main Hall", (16, 30)), *everybody)
    )
    screen.page.refresh()
    await screen.rest()
    current = screen.page.list.current
    assert getattr(current, "first_name", "") == "Ada"
    assert screen.rows.index("Ada") == 7
    wanted: list[Any] = []
    screen.page.child_wanted.connect(wanted.append)
    QTest.keyClick(screen.page.list, Qt.Key.Key_Return)
    assert [one.first_name for one in wanted] == ["Ada"]


async def test_the_day_in_numbers_adds_up_and_prints(screen: Screen) -> None:
    await screen.open()
    QTest.keyClick(screen.page.list, Qt.Key.Key_D, Qt.KeyboardModifier.ControlModifier)
    await screen.rest()
    sheet = screen.page._sheet
    assert sheet is not None
    assert sheet.table is not None
    assert sheet.caption.text() == "12 March 2026"
    for one in sheet.summary.sessions:
        assert one.came + one.no_shows + one.absent + one.expected + one.unmarked == one.booked
    assert sheet.summary.total("came") == 21
    model = sheet.table.model()
    shown = [model.index(1, column).data() for column in range(model.columnCount())]
    assert shown[:4] == ["15:00", "Junior Judo, Room A", "12", "10"]
    screen_button = sheet._print
    assert screen_button is not None
    screen_button()
    await screen.rest()
    assert screen.printer.printed[-1][0] == "day"
    sheet.close()


async def test_made_from_this_desks_own_data_the_list_says_how_old_it_is(screen: Screen) -> None:
    await screen.open()
    at = screen.gateway.now.at - timedelta(minutes=42)
    screen.gateway.now = replace(screen.gateway.now, at=at, kept=True)
    screen.reached.clear()
    screen.page.print_roll_call()
    await screen.rest()
    assert screen.printer.printed[0][2] == at
    assert f"{at.astimezone(sample.ZONE):%H:%M}" in screen.page.banner.text
    # It is no sign of a server.
    assert screen.reached == []
    screen.gateway.now = replace(screen.gateway.now, kept=False)
    screen.page.refresh()
    await screen.rest()
    assert screen.page.banner.isHidden()
