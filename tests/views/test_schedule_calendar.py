"""The painted week by keyboard and pointer: walking, moving, stretching, letting go, staying put when it refreshes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, time, timedelta

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QImage, QPainter
from PySide6.QtTest import QSignalSpy, QTest
from PySide6.QtWidgets import QApplication

from console.clock import FixedClock
from console.domain.changing import SessionEdit
from console.domain.programme import Calendar, CalendarSession
from console.views.schedule import words
from console.views.schedule.calendar import WeekView
from console.views.schedule.dragging import SessionMoved
from console.views.schedule.lanes import About, By, Look, Wanted
from console.views.theme import ThemeHub
from tests.support import programme_samples as sample
from tests.support.programme_gateway import planned
from tests.support.qt import settle

SHIFT, ALT, NONE = (
    Qt.KeyboardModifier.ShiftModifier,
    Qt.KeyboardModifier.AltModifier,
    Qt.KeyboardModifier.NoModifier,
)
LEFT, RIGHT, UP, DOWN = Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Up, Qt.Key.Key_Down


@pytest.fixture
def week(hub: ThemeHub, clock: FixedClock) -> WeekView:
    """The sample week on show, with the keyboard in it."""
    view = WeekView(hub, clock, sample.ZONE)
    settle(view, 1040, 740)
    view.show_calendar(sample.week())
    view.setFocus()
    return view


def named(name: str, day: int = 13, calendar: Calendar | None = None) -> CalendarSession:
    sessions = (calendar or sample.week()).sessions
    return next(one for one in sessions if one.activity == name and one.day.day == day)


def moves(view: WeekView) -> Callable[[], list[SessionMoved]]:
    found: list[SessionMoved] = []
    view.change_wanted.connect(found.append)
    return lambda: found


def drag(view: WeekView, begin: QPoint, end: QPoint, *, release: bool = True) -> None:
    port = view.viewport()
    QTest.mousePress(port, Qt.MouseButton.LeftButton, NONE, begin)
    for step in (0.3, 0.7, 1.0):
        QTest.mouseMove(port, begin + (end - begin) * step)
    if release:
        QTest.mouseRelease(port, Qt.MouseButton.LeftButton, NONE, end)


def across(view: WeekView, minutes: int) -> int:
    return round(minutes * view.frame_.per_minute)


# -- walking ---------------------------------------------------------------------------------------------------------


def test_the_walk_begins_at_what_is_not_over_and_goes_through_time_and_lanes(week: WeekView) -> None:
    week.select(named("Junior Judo", 12).id)

    def press(*keys: Qt.Key) -> list[str]:
        seen = []
        for key in keys:
            QTest.keyClick(week, key)
            assert week.current is not None
            seen.append(f"{week.current.activity} {week.current.day.day}")
        return seen

    assert press(RIGHT, RIGHT, RIGHT) == ["Ballet 8–10 12", "Street Dance 12", "Mini Gym 13"]
    assert press(LEFT) == ["Street Dance 12"]
    assert press(DOWN, DOWN, DOWN) == ["Kids Cook Club 12", "Watercolour 12", "Street Dance 13"]
    assert press(UP, UP) == ["Watercolour 12", "Kids Cook Club 12"]
    assert press(Qt.Key.Key_Home, Qt.Key.Key_End) == ["Tiny Tunes 12", "Street Dance 12"]


def test_the_first_focus_finds_what_goes_on_now(hub: ThemeHub, clock: FixedClock) -> None:
    view = WeekView(hub, clock, sample.ZONE)
    settle(view, 1040, 740)
    view.show_calendar(sample.week())
    view.setFocus(Qt.FocusReason.TabFocusReason)
    assert view.current is not None
    assert view.current.starts_at <= clock.now() < view.current.ends_at


def test_the_current_block_is_spoken_and_enter_opens_it(week: WeekView) -> None:
    opened = QSignalSpy(week.opened)
    week.select(named("Drama Sparks").id)
    assert week.accessibleDescription() == (
        "Drama Sparks, Friday 13 March 17:15 to 18:15, Room A, 9 of 12 booked"
    )
    QTest.keyClick(week, Qt.Key.Key_Return)
    assert opened.count() == 1
    assert opened.at(0)[0].activity == "Drama Sparks"


# -- moving by the keyboard ------------------------------------------------------------------------------------------


def test_shift_moves_by_five_minutes_and_by_lanes_and_days(week: WeekView) -> None:
    moved = moves(week)
    week.select(named("Drama Sparks").id)
    QTest.keyClick(week, LEFT, SHIFT)
    QTest.keyClick(week, LEFT, SHIFT)
    facts = moved()[-1].facts
    assert (facts.start, facts.minutes, facts.room_id, facts.day.day) == (
        time(17, 5),
        60,
        sample.ROOM_A.id,
        13,
    )
    QTest.keyClick(week, DOWN, SHIFT)
    assert moved()[-1].facts.room_id == sample.ROOM_B.id
    QTest.keyClick(week, DOWN, SHIFT)
    facts = moved()[-1].facts
    assert (facts.room_id, facts.day.day, facts.start) == (sample.HALL.id, 14, time(17, 5))
    assert facts.capacity == 12
    # Past the last lane of Saturday lies Sunday, folded: the room is kept.
    for _ in range(3):
        QTest.keyClick(week, DOWN, SHIFT)
    assert (moved()[-1].day.day, moved()[-1].room_id) == (15, sample.ROOM_B.id)
    assert week.scene.ghosts[0].places == "17:05–18:05"


def test_alt_stretches_at_both_ends(week: WeekView) -> None:
    moved = moves(week)
    week.select(named("Drama Sparks").id)
    QTest.keyClick(week, RIGHT, ALT)
    assert (moved()[-1].facts.start, moved()[-1].minutes) == (time(17, 15), 65)
    QTest.keyClick(week, UP, ALT)
    assert (moved()[-1].facts.start, moved()[-1].minutes) == (time(17, 10), 70)
    for _ in range(20):
        QTest.keyClick(week, LEFT, ALT)
    assert moved()[-1].minutes == 5


def test_enter_after_a_move_hands_over_to_the_panel_and_another_block_forgets_it(week: WeekView) -> None:
    wanted, opened = QSignalSpy(week.confirm_wanted), QSignalSpy(week.opened)
    week.select(named("Drama Sparks").id)
    QTest.keyClick(week, RIGHT, SHIFT)
    QTest.keyClick(week, Qt.Key.Key_Return)
    assert (wanted.count(), opened.count()) == (1, 0)
    QTest.keyClick(week, UP)
    assert week.proposed is None
    assert week.scene.ghosts == []


@pytest.mark.parametrize("name", ["Mini Gym", "Junior Judo"])
def test_what_is_over_or_under_way_cannot_be_moved(week: WeekView, name: str) -> None:
    moved = moves(week)
    week.select(named(name, 12).id)
    QTest.keyClick(week, RIGHT, SHIFT)
    rect = week.rect_of(named(name, 12).id)
    drag(week, rect.center(), rect.center() + QPoint(80, 0))
    assert moved() == []


def test_without_permission_nothing_moves(hub: ThemeHub, clock: FixedClock) -> None:
    view = WeekView(hub, clock, sample.ZONE, may_edit=False)
    settle(view, 1040, 740)
    view.show_calendar(sample.week())
    moved = moves(view)
    view.select(named("Drama Sparks").id)
    QTest.keyClick(view, RIGHT, SHIFT)
    drag(view, view.rect_of(named("Drama Sparks").id).center(), QPoint(400, 300))
    assert moved() == []


# -- dragging --------------------------------------------------------------------------------------------------------


def test_a_drag_moves_to_another_time_lane_and_day_in_steps_of_five(week: WeekView) -> None:
    moved = moves(week)
    drama = named("Drama Sparks")
    rect = week.rect_of(drama.id)
    hall = week.rect_of(named("Tumbling", 14).id)
    drag(week, rect.center(), QPoint(rect.center().x() - across(week, 62), hall.center().y()))
    (one,) = moved()
    assert (one.day, one.facts.start, one.minutes, one.room_id) == (
        date(2026, 3, 14), time(16, 15), 60, sample.HALL.id,
    )  # fmt: skip


def test_a_drag_at_either_end_stretches(week: WeekView) -> None:
    moved = moves(week)
    rect = week.rect_of(named("Drama Sparks").id)
    middle = rect.center().y()
    drag(week, QPoint(rect.right() - 2, middle), QPoint(rect.right() - 2 + across(week, 30), middle))
    drag(week, QPoint(rect.left() + 2, middle), QPoint(rect.left() + 2 - across(week, 15), middle))
    assert [(one.facts.start, one.minutes) for one in moved()] == [(time(17, 15), 90), (time(17, 0), 75)]


def test_a_drag_shows_its_time_and_escape_lets_go(week: WeekView) -> None:
    moved = moves(week)
    rect = week.rect_of(named("Drama Sparks").id)
    drag(week, rect.center(), rect.center() - QPoint(across(week, 60), 0), release=False)
    assert week.dragging
    assert [(one.title, one.places) for one in week.scene.ghosts] == [("Drama Sparks", "16:15–17:15")]
    assert week.scene.faint is not None
    week.let_go()
    QTest.mouseRelease(week.viewport(), Qt.MouseButton.LeftButton, NONE, rect.center())
    assert not week.dragging
    assert week.scene.ghosts == []
    assert moved() == []


def test_what_arrives_during_a_drag_waits_for_its_end(week: WeekView) -> None:
    rect = week.rect_of(named("Drama Sparks").id)
    drag(week, rect.center(), rect.center() - QPoint(across(week, 60), 0), release=False)
    fewer = replace(sample.week(), sessions=sample.week().sessions[:-3])
    week.show_calendar(fewer)
    assert len(week.week.blocks) == 42
    week.let_go()
    assert len(week.week.blocks) == 39


def test_a_click_opens_and_a_small_slip_is_still_a_click(week: WeekView) -> None:
    moved, opened = moves(week), QSignalSpy(week.opened)
    rect = week.rect_of(named("Drama Sparks").id)
    drag(week, rect.center(), rect.center() + QPoint(2, 1))
    assert opened.count() == 1
    assert moved() == []


def test_a_lane_of_people_changes_the_instructor(week: WeekView) -> None:
    moved = moves(week)
    week.show_wanted(Wanted(by=By.INSTRUCTOR))
    week.select(named("Junior Judo", 13).id)
    QTest.keyClick(week, DOWN, SHIFT)
    assert moved()[-1].facts.instructor not in (None, "Ken Ito")
    assert moved()[-1].facts.room_id == sample.HALL.id


def test_a_double_click_where_nothing_is_begins_something_there(week: WeekView) -> None:
    wanted = QSignalSpy(week.place_wanted)
    pottery = week.rect_of(named("Pottery Wheel").id)
    place = QPoint(pottery.left() - across(week, 170), pottery.center().y())
    QTest.mouseDClick(week.viewport(), Qt.MouseButton.LeftButton, NONE, place)
    assert wanted.count() == 1
    assert list(wanted.at(0)) == [date(2026, 3, 13), time(13, 0), sample.ROOM_B.id]


# -- staying put -----------------------------------------------------------------------------------------------------


def test_a_refresh_keeps_the_current_block_the_scroll_and_the_keyboard(
    hub: ThemeHub, clock: FixedClock
) -> None:
    view = WeekView(hub, clock, sample.ZONE)
    settle(view, 700, 360)
    view.show_calendar(sample.crowded())
    view.setFocus()
    QTest.keyClick(view, DOWN)
    view.verticalScrollBar().setValue(900)
    view.horizontalScrollBar().setValue(120)
    before = view.current
    view.show_calendar(sample.crowded())
    assert before is not None
    assert view.current is not None
    assert view.current.id == before.id
    assert (view.verticalScrollBar().value(), view.horizontalScrollBar().value()) == (900, 120)
    assert QApplication.focusWidget() is view
    view.show_calendar(sample.crowded(sample.MONDAY + timedelta(days=7)))
    assert view.current.day >= sample.MONDAY + timedelta(days=7)
    assert view.verticalScrollBar().value() == 0


def test_time_goes_on_without_being_asked(hub: ThemeHub) -> None:
    clock = FixedClock(sample.NOW)
    view = WeekView(hub, clock, sample.ZONE)
    settle(view, 1040, 740)
    view.show_calendar(sample.week())
    assert view.scene.now == 15 * 60 + 42
    clock.advance(timedelta(hours=1))
    view.tick()
    assert view.scene.now == 16 * 60 + 42
    judo = next(
        one for one in view.week.blocks if one.session and one.session.id == named("Junior Judo", 12).id
    )
    assert judo.look is Look.PAST


def test_a_plan_replaces_the_ghost_and_its_end_forgets_the_move(week: WeekView) -> None:

    drama = named("Drama Sparks")
    week.select(drama.id)
    QTest.keyClick(week, RIGHT, SHIFT)
    assert week.proposed is not None
    plan = planned(SessionEdit(drama.id, 1, week.proposed.facts))
    week.show_about(About(drama.series_id, drama.id, plan, "Drama Sparks"))
    assert week.scene.ghosts == []
    assert Look.PROPOSED in {one.look for one in week.week.blocks}
    assert week.proposed is not None
    week.show_about(About())
    assert week.proposed is None


# -- painting --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("mode", ["light", "dark"])
@pytest.mark.parametrize("percent", [100, 150])
def test_everything_there_is_can_be_painted(
    clock: FixedClock, hub: ThemeHub, mode: str, percent: int
) -> None:
    hub.set_text_percent(percent)
    hub.set_mode("dark" if mode == "dark" else "light")
    view = WeekView(hub, clock, sample.ZONE)
    settle(view, 900, 600)
    view.show_calendar(sample.crowded())
    first = view.grab().toImage()
    view.verticalScrollBar().setValue(400)
    second = view.grab().toImage()
    assert first != second
    hub.set_text_percent(100)


def test_only_what_is_exposed_is_painted(week: WeekView) -> None:
    whole = QImage(week.viewport().size(), QImage.Format.Format_ARGB32_Premultiplied)
    whole.fill(Qt.GlobalColor.magenta)
    painter = QPainter(whole)
    rect = week.rect_of(named("Drama Sparks").id)
    week.viewport().render(painter, rect.topLeft(), rect)
    painter.end()
    assert whole.pixelColor(rect.center()) != Qt.GlobalColor.magenta
    assert whole.pixelColor(QPoint(5, 5)) == Qt.GlobalColor.magenta


def test_a_block_that_is_cut_off_has_all_of_it_in_its_tip(week: WeekView) -> None:
    session = replace(named("Drama Sparks"), waiting=3, changed_by_hand=True)
    lines = words.tip(session, "Room A", sample.ZONE).splitlines()
    assert lines == [
        "Drama Sparks", "Friday 13 March, 17:15–18:15", "Room A", "9 of 12 places booked", "3 waiting for a place",
        "Changed by hand",
    ]  # fmt: skip
