"""The Today screen as a whole: days, sessions, search, refresh, filters, the card and small windows."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QHBoxLayout, QLabel, QWidget

from console.domain.attendance import AttendanceState
from console.errors import Unavailable
from console.models.roster import RosterModel
from console.views.front_desk.card_facts import undo_facts
from console.views.front_desk.roster_delegate import fitting_chips
from console.views.shell.areas import Area
from console.views.shell.window import ShellWindow
from console.views.theme import Theme, ThemeHub
from console.views.widgets.chips import Keycap
from console.views.widgets.text import ElidedLabel
from tests.support import today_samples as sample
from tests.support.qt import present, settle
from tests.support.today_samples import DAY, NOW, ZONE, FakeGateway, booking_id, child, note, session_id
from tests.views.today import Screen, press

AWAY = Unavailable("The server cannot be reached.", hint="Try again in a moment.")


@pytest.fixture
async def screen(hub: ThemeHub) -> AsyncIterator[Screen]:
    """The picture's afternoon, loaded."""
    made = await Screen(hub, FakeGateway()).open()
    yield made
    made.page.stop()


def words(widget: QWidget) -> list[str]:
    """Every visible label's text."""
    return [label.text() for label in widget.findChildren(QLabel) if label.isVisible() and label.text()]


async def test_the_session_that_runs_is_open_and_described(screen: Screen) -> None:
    page = screen.page
    assert page.day.session_id == session_id(4)
    assert (
        page.middle.title.text
        == "Junior Judo · began 12 min ago · 15:30–16:30 · Main Hall · Tomás · ages 6–9"
    )
    assert page.sessions.view.currentIndex().row() == 3
    assert page.middle.scan.line.hasFocus()


async def test_the_card_says_health_first_then_name_state_and_people(screen: Screen) -> None:
    screen.select(9)
    await screen.rest(0.2)
    said = words(screen.page.card)
    order = [
        "Peanut allergy",
        "Asthma",
        "Confirmed by Dana, 3 March 2026",
        "Nia",
        "7 years 4 months",
        "In since 15:41",
    ]
    assert [text for text in said if text in order] == order
    for text in (
        "Dana",
        "mother",
        "Thursdays",
        "1 person may not collect",
        "Street Dance, 17:45",
        "12 visits since October",
    ):
        assert text in said
    assert "Victor" not in said
    assert "In, Jonas at Desk 1" in said
    assert "5 Mar 16:33" in said
    screen.click("Show")
    assert "Victor" in words(screen.page.card)


async def test_a_refresh_moves_neither_selection_nor_scroll_nor_question_nor_text(screen: Screen) -> None:
    page = screen.page
    screen.select(9)
    page.family.ask_collect()
    chooser = page.card.chooser
    bar = page.middle.roster.list.verticalScrollBar()
    bar.setValue(100)
    screen.gateway.rosters[session_id(4)][3] = replace(
        screen.gateway.rosters[session_id(4)][3], state=AttendanceState.IN, state_at=NOW, state_desk="Desk 2"
    )
    page.refresh()
    await screen.rest(0.02)
    assert screen.word(4) == ("in", "In")
    assert screen.current == "Nia"
    assert bar.value() == 100
    assert page.card.chooser is chooser
    assert page.middle.scan.line.hasFocus()
    counts = page.day.session
    assert counts is not None
    assert (counts.in_count, counts.expected) == (10, 4)


async def test_a_name_in_another_session_is_offered_and_enter_goes_there(screen: Screen) -> None:
    screen.gateway.rosters[session_id(6)] = [child(50, "Hugo", 8, "Ana", session_id=session_id(6))]
    await screen.type("hug")
    assert screen.names == []
    assert "Not this session: Ballet 8–10, 16:45" in words(screen.page.middle)
    assert "No “hug” in this session" in screen.page.middle.roster.empty_text
    await screen.enter()
    assert screen.page.day.session_id == session_id(6)
    assert screen.current == "Hugo"
    assert screen.page.middle.scan.text == ""
    assert screen.calls("check_in") == []


async def test_one_letter_searches_nothing_and_two_do(screen: Screen) -> None:
    await screen.type("f")
    assert len(screen.names) == 16
    assert screen.calls("search") == []
    await screen.type("e")
    assert screen.names == ["Femi"]
    assert screen.calls("search") == ["fe"]
    await screen.key(Qt.Key.Key_Escape)
    assert len(screen.names) == 16


async def test_a_name_nobody_has_says_what_to_do(screen: Screen) -> None:
    await screen.type("xy")
    assert screen.page.middle.roster.empty_text == "No “xy” today. Check the spelling, or scan the ticket."


async def test_filters_count_and_answer_to_keys(screen: Screen) -> None:
    QTest.keyClick(screen.line, Qt.Key.Key_2, Qt.KeyboardModifier.AltModifier)
    assert screen.names == ["Ethan", "Femi", "Iris", "Leo", "Priya"]
    QTest.keyClick(screen.line, Qt.Key.Key_1, Qt.KeyboardModifier.AltModifier)
    QTest.keyClick(screen.line, Qt.Key.Key_H, Qt.KeyboardModifier.AltModifier)
    assert screen.names == ["Ava", "Femi", "Leo", "Nia"]
    assert screen.page.middle.filters.health.accessibleName() == "Health notes, 4"
    assert screen.page.middle.filters.views.option("in").accessibleName() == "In, 9"


async def test_a_click_hands_the_keyboard_back(screen: Screen) -> None:
    page = screen.page
    QTest.mouseClick(page.middle.filters.views.option("in"), Qt.MouseButton.LeftButton)
    assert page.middle.scan.line.hasFocus()
    viewport = page.middle.roster.list.viewport()
    QTest.mouseClick(viewport, Qt.MouseButton.LeftButton, pos=screen.row_point(5, 300))
    assert page.middle.scan.line.hasFocus()
    screen.click("Check out…")
    assert page.middle.scan.line.hasFocus()


async def test_a_letter_typed_on_a_button_goes_into_the_scan_field(screen: Screen) -> None:
    screen.select(4)
    button = screen.button("Check in")
    button.setFocus(Qt.FocusReason.TabFocusReason)
    press(button, "fe")
    assert screen.page.middle.scan.text == "fe"
    assert screen.page.middle.scan.line.hasFocus()


async def test_the_arrows_walk_through_days_and_today_comes_back(screen: Screen) -> None:
    page = screen.page
    screen.gateway.days[DAY + timedelta(days=1)] = []
    QTest.keyClick(screen.line, Qt.Key.Key_Right, Qt.KeyboardModifier.AltModifier)
    await screen.rest()
    assert screen.calls("sessions")[-1] == DAY + timedelta(days=1)
    assert "Tomorrow" in words(page.sessions)
    assert page.middle.roster.empty_text == "No session to show. Choose another day at the left."
    assert "No sessions on this day" in words(page.sessions)
    screen.click("Today")
    await screen.rest()
    assert page.day.session_id == session_id(4)
    assert len(screen.names) == 16


async def test_sessions_are_walked_by_keys_and_opened_by_click(screen: Screen) -> None:
    QTest.keyClick(screen.line, Qt.Key.Key_PageDown, Qt.KeyboardModifier.ControlModifier)
    await screen.rest()
    assert screen.page.day.session_id == session_id(5)
    assert screen.page.middle.roster.empty_text.startswith("Nobody is booked")
    view = screen.page.sessions.view
    point = view.visualRect(screen.page.day.sessions.index(3)).center()
    QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=point)
    await screen.rest()
    assert screen.page.day.session_id == session_id(4)


async def test_a_failed_first_load_says_so_and_can_be_tried_again(hub: ThemeHub) -> None:
    gateway = FakeGateway(fail_loading=AWAY)
    screen = await Screen(hub, gateway).open()
    assert screen.page.middle.roster.empty_text == "The server cannot be reached. Try again in a moment."
    assert screen.reached[-1] is AWAY
    gateway.fail_loading = None
    screen.click("Try again")
    await screen.rest()
    assert len(screen.names) == 16
    gateway.fail_loading = AWAY
    screen.page.refresh()
    await screen.rest()
    assert len(screen.names) == 16
    assert screen.reached[-1] is AWAY
    screen.page.stop()


async def test_a_sibling_row_goes_to_the_other_session(screen: Screen) -> None:
    kofi = child(40, "Kofi", 10, "Dana", session_id=session_id(9))
    screen.gateway.rosters[session_id(9)] = [kofi]
    screen.select(9)
    sibling = screen.page.day.roster.row(booking_id(9))
    assert sibling is not None
    screen.page.card.sibling_chosen.emit(sibling.entry.siblings[0])
    await screen.rest()
    assert screen.page.day.session_id == session_id(9)
    assert screen.current == "Kofi"


async def test_below_1200_the_card_is_a_drawer(hub: ThemeHub) -> None:
    screen = Screen(hub, FakeGateway())
    window = QWidget()
    row = QHBoxLayout(window)
    row.setContentsMargins(56, 0, 0, 28)
    row.addWidget(screen.page)
    settle(window, 1100, 700)
    await screen.open()
    card = screen.page.card
    assert (window.width(), window.height()) == (1100, 700)
    assert not card.isVisible()
    viewport = screen.page.middle.roster.list.viewport()
    QTest.mouseClick(viewport, Qt.MouseButton.LeftButton, pos=screen.row_point(5, 300))
    assert card.isVisible()
    assert card.geometry().left() == 0
    await screen.key(Qt.Key.Key_Escape)
    assert not card.isVisible()
    settle(window, 1440, 900)
    assert card.isVisible()
    assert card.geometry().right() == screen.page.width() - 1
    screen.page.stop()


async def test_the_screen_holds_with_the_widest_font_and_long_names(hub: ThemeHub) -> None:
    wide = ThemeHub("dark", families=["DejaVu Sans"])
    wide.apply()
    gateway = FakeGateway(rosters={session_id(4): sample.long_names()})
    screen = await Screen(wide, gateway, width=1154).open()
    page = screen.page
    assert page.width() == 1154
    bar = page.middle.filters
    assert bar.views.geometry().right() < bar.health.geometry().left()
    assert bar.health.geometry().right() < bar.width()
    screen.select(103)
    page.grab()
    page.stop()
    hub.apply()


def test_chips_are_whole_or_counted_never_cut(qapp: QApplication) -> None:
    theme = Theme("light")
    notes = tuple(note(f"Long chip word {number}", f"Note {number}") for number in range(4))
    model = RosterModel(ZONE)
    model.replace_all([child(1, "Nia", 7, "Dana", health=notes)])
    row = model.rows[0]
    assert [chip.text for chip in fitting_chips(theme, row, 1000)] == [
        "Long chip word 0",
        "Long chip word 1",
        "+2",
    ]
    assert [chip.text for chip in fitting_chips(theme, row, 200)] == ["Long chip word 0", "+3"]


def test_undo_is_open_to_the_same_person_for_fifteen_minutes_and_to_managers() -> None:
    nia = next(entry for entry in sample.roster() if entry.first_name == "Nia")
    assert undo_facts(nia, NOW, may_undo_any=False) == (True, "")
    late = NOW + timedelta(minutes=15)
    assert undo_facts(nia, late, may_undo_any=False) == (
        False,
        "More than 15 minutes ago. A manager can undo it.",
    )
    assert undo_facts(nia, late, may_undo_any=True) == (True, "")
    assert undo_facts(replace(nia, undo=None), NOW, may_undo_any=True) == (False, "")


async def test_light_and_dark_repaint_without_losing_the_row(screen: Screen) -> None:
    screen.select(9)
    screen.page.hub.set_mode("dark")
    await screen.rest()
    assert screen.current == "Nia"
    assert "Peanut allergy" in words(screen.page.card)


async def test_rows_speak_for_screen_readers(screen: Screen) -> None:
    model = screen.page.day.roster
    index = model.index(model.position(booking_id(9)))
    spoken = model.data(index, Qt.ItemDataRole.AccessibleTextRole)
    assert spoken == "Nia, 7, in since 15:41, peanut allergy, asthma"
    session = screen.page.day.sessions
    said = session.data(session.index(3), Qt.ItemDataRole.AccessibleTextRole)
    assert str(said).startswith("Junior Judo, 15:30–16:30, Main Hall, began 12 min ago, 9 in, 5 expected")


async def test_when_the_current_child_disappears_nobody_else_becomes_current(screen: Screen) -> None:
    screen.select(4)
    roster = screen.gateway.rosters[session_id(4)]
    screen.gateway.rosters[session_id(4)] = [entry for entry in roster if entry.booking_id != booking_id(4)]
    screen.page.refresh()
    await screen.rest()
    assert len(screen.names) == 15
    assert screen.current == ""
    await screen.enter()
    assert screen.calls("check_in") == []


async def test_a_console_left_open_overnight_opens_the_new_day(screen: Screen) -> None:
    screen.clock.advance(timedelta(hours=12))
    screen.page.hide()
    screen.page.show()
    await screen.rest()
    assert screen.page.day.day == DAY + timedelta(days=1)
    assert screen.calls("sessions")[-1] == DAY + timedelta(days=1)


async def test_a_session_of_another_day_stays_when_midnight_passes(screen: Screen) -> None:
    QTest.keyClick(screen.line, Qt.Key.Key_Left, Qt.KeyboardModifier.AltModifier)
    await screen.rest()
    screen.clock.advance(timedelta(hours=12))
    screen.page.hide()
    screen.page.show()
    await screen.rest()
    assert screen.page.day.day == DAY - timedelta(days=1)


async def test_its_keys_work_inside_the_window_and_stand_in_the_sheet(screen: Screen, hub: ThemeHub) -> None:
    window = ShellWindow(hub, screen.clock)
    area = Area("today", "Today", "ph.clipboard-text", None, lambda: screen.page)
    other = Area("account", "Account", "ph.user-circle", None, QWidget)
    window.set_areas([area, other])
    present(window, 1440, 900)
    window.activateWindow()
    window.open_area("today")
    await screen.rest()
    QTest.keyClick(screen.line, Qt.Key.Key_2, Qt.KeyboardModifier.AltModifier)
    assert screen.names == ["Ethan", "Femi", "Iris", "Leo", "Priya"], "no area has the same key"
    QTest.keyClick(screen.line, Qt.Key.Key_F1)
    caps = [cap.text() for cap in window.findChildren(Keycap) if cap.isVisible()]
    assert {
        "Alt Left", "Alt Right", "Ctrl PgUp", "Ctrl PgDown", "Alt 1", "Alt 6", "Alt H", "F2", "F5", "Ctrl Z",
        "Up", "Down", "Enter", "Esc", "Ctrl 1", "F1",
    } <= set(caps)  # fmt: skip
    told = [action.title for action in screen.page.page_actions]
    in_sheet = [one for one in window.findChildren(ElidedLabel) if one.isVisible() and one.text() in told]
    assert len(in_sheet) >= len(told)
    assert [one.text() for one in in_sheet if one.sizeHint().width() > one.width()] == [], "nothing is cut"
    window.actions_registry.run("today:show:all")
    assert len(screen.names) == 16
    screen.page.stop()
