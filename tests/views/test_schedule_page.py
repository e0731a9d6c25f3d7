"""The schedule's page: loading, turning, filtering, the panel beside it, printing, and what happens when it fails."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date, timedelta, tzinfo
from typing import Any
from uuid import UUID

import pytest
import pytest_asyncio
from PySide6.QtCore import Qt
from PySide6.QtTest import QSignalSpy, QTest
from PySide6.QtWidgets import QApplication, QPushButton

from console.clock import FixedClock
from console.domain.changing import Applied, SessionEdit, SessionFacts
from console.domain.programme import Calendar
from console.errors import Unavailable
from console.views.schedule.lanes import By, Look
from console.views.schedule.page import SchedulePage
from console.views.theme import ThemeHub
from tests.support import programme_samples as sample
from tests.support.programme_gateway import SampleProgramme, planned
from tests.support.programme_panel import NotedPanel
from tests.support.qt import present

WEEK = timedelta(days=7)


class Memory:
    """Filters kept as a workstation keeps them."""

    def __init__(self) -> None:
        self.kept: dict[str, list[dict[str, Any]]] = {}

    def filters(self, page_key: str) -> list[dict[str, Any]]:
        return list(self.kept.get(page_key, []))

    def save_filters(self, page_key: str, filters: list[dict[str, Any]]) -> None:
        self.kept[page_key] = filters


class Paper:
    """A printer that keeps what it was given."""

    def __init__(self) -> None:
        self.printed: list[tuple[Calendar, bool]] = []

    async def print_week(self, calendar: Calendar, _zone: tzinfo, *, by_instructor: bool = False) -> str:
        self.printed.append((calendar, by_instructor))
        return "Printed"


class Desk:
    """A page with everything around it."""

    def __init__(self, hub: ThemeHub, *, may: bool = True, memory: Memory | None = None) -> None:
        self.programme, self.panel, self.paper = SampleProgramme(), NotedPanel(), Paper()
        self.memory = memory or Memory()
        self.page = SchedulePage(
            hub, self.programme, zone=sample.ZONE, venue="Riverside Studio", clock=FixedClock(sample.NOW),
            may_edit=may, may_cancel=may, memory=self.memory, printer=self.paper, panel_factory=lambda: self.panel,
        )  # fmt: skip

    async def show(self) -> None:
        present(self.page, 1240, 872)
        await self.rest()

    async def rest(self) -> None:
        await asyncio.sleep(0)
        await self.page.runner.settled()
        await self.page.series.model.settled()
        await asyncio.sleep(0)

    async def press(self, key: Qt.Key, held: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        focused = QApplication.focusWidget()
        assert focused is not None
        QTest.keyClick(focused, key, held)
        await self.rest()

    def select(self, name: str, day: int = 13) -> None:
        one = next(one for one in sample.week().sessions if one.activity == name and one.day.day == day)
        self.page.week.select(one.id)


@pytest_asyncio.fixture
async def desk(hub: ThemeHub) -> AsyncIterator[Desk]:
    """A manager's page, loaded."""
    made = Desk(hub)
    await made.show()
    yield made
    made.page.stop()
    await made.rest()


async def test_it_opens_at_this_week_with_its_totals(desk: Desk) -> None:
    assert desk.programme.asked == [(sample.MONDAY, sample.MONDAY + timedelta(days=6))]
    assert desk.page.header.days.text() == "9–15 March 2026"
    assert desk.page.filters.totals.text() == "42 sessions · 454 booked of 528 places"
    assert desk.page.filters.rooms.text() == "Rooms 3 of 3"
    assert QApplication.focusWidget() is desk.page.week
    assert desk.page.week.current is not None


async def test_weeks_turn_by_keys_and_t_comes_back(desk: Desk) -> None:
    await desk.press(Qt.Key.Key_PageDown)
    await desk.press(Qt.Key.Key_PageDown)
    assert desk.programme.asked[-1][0] == sample.MONDAY + 2 * WEEK
    assert desk.page.header.days.text() == "23–29 March 2026"
    await desk.press(Qt.Key.Key_PageUp)
    assert desk.page.first == sample.MONDAY + WEEK
    await desk.press(Qt.Key.Key_T)
    assert desk.page.first == sample.MONDAY
    assert QApplication.focusWidget() is desk.page.week


async def test_a_day_can_be_picked(desk: Desk) -> None:
    await desk.press(Qt.Key.Key_G, Qt.KeyboardModifier.ControlModifier)
    assert desk.page.picker.isVisible()
    desk.page.picker.chosen.emit(date(2026, 5, 20))
    await desk.rest()
    assert desk.page.first == date(2026, 5, 18)


async def test_the_month_counts_days_and_enter_opens_a_week(desk: Desk) -> None:
    desk.page.show_view("month")
    await desk.rest()
    assert desk.programme.asked[-1] == (date(2026, 2, 23), date(2026, 4, 5))
    assert desk.page.header.days.text() == "March 2026"
    assert QApplication.focusWidget() is desk.page.month
    assert desk.page.month.accessibleDescription().startswith("Thursday 12 March, 9 sessions · ")
    await desk.press(Qt.Key.Key_Down)
    assert desk.page.month.day == date(2026, 3, 19)
    await desk.press(Qt.Key.Key_PageDown)
    assert desk.programme.asked[-1][0] == date(2026, 3, 30)
    await desk.press(Qt.Key.Key_Return)
    assert desk.page.first == date(2026, 3, 30)
    assert QApplication.focusWidget() is desk.page.week


async def test_the_months_arrows_walk_into_the_next_month(desk: Desk) -> None:
    desk.page.show_view("month")
    await desk.rest()
    for _ in range(3):
        await desk.press(Qt.Key.Key_Down)
    assert desk.page.month.day == date(2026, 4, 2)
    assert desk.page.header.days.text() == "April 2026"


async def test_series_are_a_table_and_enter_edits(desk: Desk) -> None:
    desk.page.show_view("series")
    await desk.rest()
    assert desk.page.series.model.rowCount() == 27
    assert desk.page.series.card.isVisible()
    assert QApplication.focusWidget() is desk.page.series.table
    cells = [desk.page.series.model.index(0, column).data() for column in range(10)]
    assert cells[:4] == ["Ballet 5–7", "Tuesdays, every 2 weeks", "15:30–16:15", "Main Hall"]
    await desk.press(Qt.Key.Key_Return)
    assert desk.panel.asked[-1][0] == "series"
    desk.page.filters.text.setText("judo")
    await desk.rest()
    assert desk.page.series.model.rowCount() == 3
    desk.page.filters.text.setText("no such thing")
    await desk.rest()
    assert desk.page.series.no_match.isVisible()


async def test_the_catalogue_leads_to_the_series_of_one_activity(desk: Desk) -> None:
    desk.page.show_series_of(sample.activity_id("Coding Lab"))
    await desk.rest()
    model = desk.page.series.model
    assert {model.row(at).activity for at in range(model.rowCount())} == {"Coding Lab"}
    assert desk.page.filters.activities.text() == "Activity 1"
    assert desk.memory.kept == {}


async def test_filters_narrow_and_are_remembered_but_not_what_was_typed(desk: Desk, hub: ThemeHub) -> None:
    await desk.press(Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    assert QApplication.focusWidget() is desk.page.filters.text
    QTest.keyClicks(desk.page.filters.text, "judo")
    assert desk.page.filters.totals.text().startswith("5 sessions")
    desk.page.filters.text.clear()
    desk.page.filters.rooms.click()
    opened = desk.page.filters.rooms.list
    assert opened is not None
    await desk.press(Qt.Key.Key_Down)
    await desk.press(Qt.Key.Key_Space)
    assert desk.page.filters.rooms.text() == "Rooms 1 of 3"
    assert [lane.name for lane in desk.page.week.week.strips[3].lanes] == ["Room A"]
    await desk.press(Qt.Key.Key_Escape)
    assert desk.page.filters.rooms.list is None
    desk.page.filters.show_.choose(["instructors"])
    desk.page.filters.show_.changed.emit()
    again = Desk(hub, memory=desk.memory)
    assert again.page.filters.wanted.by is By.INSTRUCTOR
    assert again.page.filters.wanted.rooms == {str(sample.ROOM_A.id)}
    assert again.page.filters.wanted.text == ""


async def test_escape_in_the_filter_clears_it_and_then_goes_back_to_the_calendar(desk: Desk) -> None:
    await desk.press(Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    desk.page.filters.text.setText("judo")
    await desk.press(Qt.Key.Key_Escape)
    assert desk.page.filters.text.text() == ""
    assert QApplication.focusWidget() is desk.page.filters.text
    await desk.press(Qt.Key.Key_Escape)
    assert QApplication.focusWidget() is desk.page.week


async def test_what_is_remembered_and_no_longer_there_can_be_seen_and_taken_back(hub: ThemeHub) -> None:
    memory = Memory()
    gone = "00000000-0000-0000-0000-00000000dead"
    memory.kept["schedule"] = [
        {"rooms": [gone], "instructors": ["Nobody Now"], "activities": [gone], "show": []}
    ]
    desk = Desk(hub, memory=memory)
    await desk.show()
    filters = desk.page.filters
    assert filters.rooms.text() == "Rooms 3 of 3"
    assert desk.page.week.wanted.rooms == frozenset()
    assert filters.instructors.text() == "Instructor 1"
    assert desk.page.no_match.isVisible()
    filters.instructors.open()
    filters.activities.open()
    assert filters.instructors.chosen == {"Nobody Now"}
    assert filters.activities.list is not None
    assert gone in filters.activities.list.boxes
    desk.page.stop()


async def test_whoever_moves_a_block_by_its_keys_keeps_the_keyboard(desk: Desk) -> None:
    desk.select("Drama Sparks")
    await desk.press(Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    moved = desk.page.week.current
    assert moved is not None
    desk.page.filters.text.setFocus()  # as a panel that opens might
    desk.panel.shows.emit(moved.series_id, moved.id)
    assert QApplication.focusWidget() is desk.page.week


async def test_a_filter_that_leaves_nothing_says_so_and_a_week_without_sessions_says_what_to_do(
    desk: Desk,
) -> None:
    desk.page.filters.text.setText("nothing like it")
    assert desk.page.no_match.isVisible()
    desk.page.filters.clear()
    assert desk.page.week.isVisible()
    desk.programme.make = lambda first: replace(sample.week(first), sessions=(), closures=())
    desk.page.refresh()
    await desk.rest()
    assert desk.page.empty.isVisible()
    assert desk.page.empty.accessibleName() == "No sessions this week. Press N for a new series."
    button = desk.page.empty.findChild(QPushButton)
    assert button is not None
    button.click()
    assert desk.panel.asked[-1][0] == "new series"


async def test_in_an_empty_week_the_keys_still_turn_weeks_and_begin_a_series(hub: ThemeHub) -> None:
    desk = Desk(hub)
    desk.programme.make = lambda first: replace(sample.week(first), sessions=(), closures=())
    await desk.show()
    assert desk.page.empty.isVisible()
    await desk.press(Qt.Key.Key_PageDown)
    assert desk.page.first == sample.MONDAY + WEEK
    await desk.press(Qt.Key.Key_N)
    assert desk.panel.asked[-1][0] == "new series"
    desk.page.stop()


async def test_the_catalogue_begins_a_series_of_its_activity(desk: Desk) -> None:
    desk.page.beside.new_series_of(UUID(int=7))
    assert desk.panel.asked[-1] == ("new series", None, None, None, UUID(int=7))


async def test_an_error_keeps_what_is_there_and_can_be_tried_again(desk: Desk) -> None:
    reached = QSignalSpy(desk.page.reached)
    desk.programme.fails = Unavailable("The server cannot be reached.", hint="Check the network.")
    desk.page.refresh()
    await desk.rest()
    assert desk.page.banner.isVisible()
    assert desk.page.week.isVisible()
    assert len(desk.page.week.week.blocks) == 42
    button = desk.page.banner.findChild(QPushButton)
    assert button is not None
    assert button.text() == "Try again"
    button.click()
    await desk.rest()
    assert not desk.page.banner.isVisible()
    assert [reached.at(at)[0] is None for at in range(reached.count())] == [False, True]


async def test_a_first_load_shows_a_skeleton_and_an_error_instead_of_it(hub: ThemeHub) -> None:
    desk = Desk(hub)
    desk.programme.fails = Unavailable("The server cannot be reached.", hint="Check the network.")
    present(desk.page, 1240, 872)
    assert desk.page.skeleton.isVisible()
    await desk.rest()
    assert not desk.page.skeleton.isVisible()
    assert desk.page.banner.text == "The server cannot be reached. Check the network."
    assert not desk.page.empty.isVisible()
    desk.page.stop()


async def test_a_refresh_moves_nothing(desk: Desk) -> None:
    desk.select("Drama Sparks")
    before = desk.page.week.current
    desk.page.refresh()
    await desk.rest()
    assert desk.page.week.current == before
    assert QApplication.focusWidget() is desk.page.week


async def test_keys_ask_the_panel(desk: Desk) -> None:
    desk.select("Drama Sparks")
    for key, asked in (
        (Qt.Key.Key_Return, "session"),
        (Qt.Key.Key_N, "new series"),
        (Qt.Key.Key_S, "new session"),
        (Qt.Key.Key_C, "closures"),
        (Qt.Key.Key_Delete, "cancel"),
    ):
        await desk.press(key)
        assert desk.panel.asked[-1][0] == asked
    await desk.press(Qt.Key.Key_Escape)
    assert desk.panel.asked[-1] == ("close",)
    assert QApplication.focusWidget() is desk.page.week


async def test_without_permission_there_is_nothing_to_begin(hub: ThemeHub) -> None:
    desk = Desk(hub, may=False)
    await desk.show()
    desk.select("Drama Sparks")
    for key in (Qt.Key.Key_N, Qt.Key.Key_S, Qt.Key.Key_C, Qt.Key.Key_Delete):
        await desk.press(key)
    assert desk.panel.asked == []
    header = desk.page.header
    assert not any(
        one.isVisible() for one in (header.series, header.closures, header.few_series, header.few_closures)
    )
    keys = {one.keys for one in desk.page.page_actions}
    assert not keys & {"N", "S", "C", "Del"}
    desk.page.stop()


async def test_what_is_moved_is_proposed_and_its_plan_painted(desk: Desk) -> None:
    desk.select("Drama Sparks")
    await desk.press(Qt.Key.Key_Down, Qt.KeyboardModifier.ShiftModifier)
    asked = desk.panel.asked[-1]
    assert asked[0] == "propose"
    drama, facts = desk.page.week.current, asked[2]
    assert drama is not None
    assert isinstance(facts, SessionFacts)
    desk.panel.shows.emit(drama.series_id, drama.id)
    desk.panel.plan_changed.emit(planned(SessionEdit(drama.id, 1, facts)))
    looks = {one.look for one in desk.page.week.week.blocks}
    assert Look.OVERLAP in looks
    assert Look.HIT in looks
    desk.panel.plan_changed.emit(None)
    assert Look.OVERLAP not in {one.look for one in desk.page.week.week.blocks}


async def test_what_was_applied_is_fetched_anew_and_closing_forgets_the_series(desk: Desk) -> None:
    desk.select("Street Dance")
    await desk.press(Qt.Key.Key_Return)
    assert Look.SERIES in {one.look for one in desk.page.week.week.blocks}
    asked = len(desk.programme.asked)
    desk.panel.applied.emit(Applied(1, 0, 0, 0))
    await desk.rest()
    assert len(desk.programme.asked) == asked + 1
    desk.panel.close()
    assert Look.SERIES not in {one.look for one in desk.page.week.week.blocks}


async def test_printing_takes_what_is_seen(desk: Desk) -> None:
    said = QSignalSpy(desk.page.toast_wanted)
    desk.page.filters.text.setText("judo")
    await desk.press(Qt.Key.Key_P, Qt.KeyboardModifier.ControlModifier)
    ((calendar, by_instructor),) = desk.paper.printed
    assert len(calendar.sessions) == 5
    assert not by_instructor
    assert list(said.at(0)) == ["Printed", "9–15 March 2026"]


async def test_a_session_found_elsewhere_is_shown_in_its_week(desk: Desk) -> None:
    later = sample.week(sample.MONDAY + WEEK).sessions[3]
    desk.page.open_session_day(later.id, later.day)
    await desk.rest()
    assert desk.page.first == sample.MONDAY + WEEK
    assert desk.page.week.current is not None
    assert desk.page.week.current.id == later.id


@pytest.mark.parametrize("width", [640, 760, 900, 1240])
async def test_the_header_gives_way_without_cutting_anything(desk: Desk, width: int) -> None:
    desk.page.resize(width, 700)
    await asyncio.sleep(0)
    header = desk.page.header
    shown = [one for one in (header.before, header.after, header.views, header.days) if one.isVisible()]
    assert all(one.geometry().right() <= header.width() for one in shown)
    assert header.views.width() >= header.views.sizeHint().width()
    assert header.days.text() in ("9–15 March 2026", "9–15 Mar 2026")
