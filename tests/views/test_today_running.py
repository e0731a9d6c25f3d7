"""The running of the day on the Today screen: closing, unmarked children, notes, tags, paper, and what is offered."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPushButton

from console.domain.attendance import AttendanceState
from console.domain.desk import Sibling
from console.errors import Conflict, Unavailable
from console.models.tones import Tone
from console.views.front_desk.closing import CloseSheet
from console.views.front_desk.unmarked import UnmarkedSheet
from console.views.shell.areas import Area
from console.views.shell.window import ShellWindow
from console.views.theme import ThemeHub
from console.views.widgets.text import ElidedLabel
from tests.support.qt import present
from tests.support.running_samples import FakeDay, FakePrinter, tagged, unmarked
from tests.support.today_samples import DAY, FakeGateway, at, booking_id, child, code, session_id
from tests.views.today import Screen, press, scan

AWAY = Unavailable("The server cannot be reached.", hint="Try again in a moment.")
ROSTER = session_id(4)


@pytest.fixture
async def screen(hub: ThemeHub) -> AsyncIterator[Screen]:
    """The picture's afternoon with the day's gateway and a printer."""
    gateway = FakeGateway()
    made = Screen(hub, gateway, running=FakeDay(gateway), printer=FakePrinter(), may_reopen=True)
    await made.open()
    yield made
    made.page.stop()


def desk(screen: Screen) -> FakeDay:
    """The day's gateway of a screen that has one."""
    assert screen.running is not None
    return screen.running


def asked(screen: Screen, kind: str) -> list[object]:
    """What the day's gateway was asked."""
    return [fact for name, fact in desk(screen).calls if name == kind]


def paper(screen: Screen) -> list[tuple[str, object]]:
    """What was printed."""
    assert screen.printer is not None
    return screen.printer.printed


def closing(screen: Screen) -> CloseSheet:
    """The open question."""
    sheet = screen.page.running.sheet
    assert isinstance(sheet, CloseSheet)
    return sheet


def key(name: Qt.Key) -> None:
    """Press a key where the keyboard is."""
    focused = QApplication.focusWidget()
    assert focused is not None
    QTest.keyClick(focused, name)


# -- closing -----------------------------------------------------------------------------------------------------------


async def test_closing_asks_by_name_with_the_keyboard_on_the_safe_answer(screen: Screen) -> None:
    screen.click("Close session…")
    sheet = closing(screen)
    assert sheet.keep is not None
    assert sheet.keep.hasFocus()
    assert sheet.names is not None
    assert [one.first_name for one in sheet.expected] == ["Ethan", "Femi", "Iris", "Leo", "Priya"]
    assert set(sheet.names.choices.values()) == {"later"}
    assert sheet.summary.text() == "5 left unmarked"
    key(Qt.Key.Key_Return)
    await screen.rest()
    assert screen.page.running.sheet is None
    assert asked(screen, "close") == []
    assert screen.page.middle.scan.line.hasFocus()


async def test_who_came_is_checked_in_and_who_did_not_is_named(screen: Screen) -> None:
    QTest.keyClick(
        screen.line, Qt.Key.Key_E, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
    )
    sheet = closing(screen)
    assert sheet.names is not None
    sheet.names.focus_row(0)
    key(Qt.Key.Key_C)
    key(Qt.Key.Key_Down)
    key(Qt.Key.Key_N)
    key(Qt.Key.Key_Down)
    key(Qt.Key.Key_Right)
    key(Qt.Key.Key_Right)
    assert sheet.summary.text() == "2 no-shows lose credits · 1 checked in · 2 left unmarked"
    sheet.submit()
    await screen.rest(0.05)
    assert screen.calls("check_in") == ["Ethan"]
    assert asked(screen, "close") == [["Femi", "Iris"]]
    title, detail, undo = screen.toasts[-1]
    assert title == "Junior Judo is closed"
    assert "2 no-shows, 6 credits forfeited" in detail
    session = screen.page.day.session
    assert session is not None
    assert session.closed_at is not None
    assert [one.text() for one in screen.page.middle.title.findChildren(QPushButton) if one.isVisible()] == [
        "",
        "Reopen session",
    ]
    assert callable(undo)
    undo()
    await screen.rest(0.05)
    assert asked(screen, "reopen") == [ROSTER]
    assert screen.button("Close session…").isVisible()


async def test_somebody_elses_mark_refreshes_the_question_and_is_named(screen: Screen) -> None:
    screen.page.running.close_session()
    sheet = closing(screen)
    assert sheet.names is not None
    for number in (4, 6):
        sheet.names.choose(booking_id(number), "no_show")
    desk(screen).conflict = Conflict("Femi was checked in meanwhile.", code="roster_changed")
    entries = screen.gateway.rosters[ROSTER]
    femi = next(one for one in entries if one.first_name == "Femi")
    entries[entries.index(femi)] = replace(
        femi, state=AttendanceState.IN, state_at=at(15, 41), state_desk="Desk 2", state_by="Maya"
    )
    sheet.submit()
    await screen.rest(0.05)
    assert "Femi: in since 15:41 at Desk 2, by Maya." in sheet.banner.text
    assert sheet.names is not None
    assert "Femi" not in [one.first_name for one in sheet.expected]
    assert sheet.names.choices[booking_id(6)] == "no_show", "what was chosen for others stays"
    sheet.submit()
    await screen.rest(0.05)
    assert asked(screen, "close")[-1] == ["Iris"]


async def test_a_closing_that_fails_says_so_and_loses_no_choice(screen: Screen) -> None:
    screen.page.running.close_session()
    sheet = closing(screen)
    assert sheet.names is not None
    sheet.names.choose(booking_id(4), "no_show")
    desk(screen).fail = AWAY
    sheet.submit()
    await screen.rest(0.02)
    assert sheet.is_open
    assert "cannot be reached" in sheet.banner.text
    assert sheet.names.choices[booking_id(4)] == "no_show"


# -- unmarked ----------------------------------------------------------------------------------------------------------


async def test_who_is_unmarked_is_a_quiet_line_and_asked_by_name(hub: ThemeHub) -> None:
    gateway = FakeGateway()
    running = FakeDay(gateway, left=[unmarked(60, "Ada"), unmarked(61, "Ben")])
    screen = await Screen(hub, gateway, running=running).open()
    assert screen.page.sessions.foot.unmarked_text == "2 unmarked yesterday"
    screen.click("Review")
    sheet = screen.page.running.sheet
    assert isinstance(sheet, UnmarkedSheet)
    key(Qt.Key.Key_N)
    assert sheet.summary.text() == "1 no-show: 3 credits forfeited"
    sheet.submit()
    await screen.rest(0.05)
    assert ("settle", ("Ada", False)) in running.calls
    assert screen.page.sessions.foot.unmarked_text == "1 unmarked yesterday"
    assert screen.toasts[-1][0] == "1 child settled"
    screen.page.stop()


# -- notes -------------------------------------------------------------------------------------------------------------


async def test_a_note_survives_refresh_and_another_child_and_is_shown_with_time_and_person(
    screen: Screen,
) -> None:
    screen.select(9)
    QTest.keyClick(screen.line, Qt.Key.Key_M, Qt.KeyboardModifier.ControlModifier)
    card = screen.page.card
    assert card.editor is not None
    assert card.editor.text.hasFocus()
    card.editor.text.setPlainText("Forgot her glasses")
    entries = screen.gateway.rosters[ROSTER]
    nia = next(one for one in entries if one.first_name == "Nia")
    entries[entries.index(nia)] = replace(nia, notes="Changed meanwhile.")
    screen.page.refresh()
    await screen.rest()
    assert card.editor is not None
    assert card.editor.text.toPlainText() == "Forgot her glasses"
    assert card.editor.text.hasFocus()
    screen.select(4)
    assert card.editor is None
    screen.select(9)
    assert card.editor is not None
    assert card.editor.draft.text == "Forgot her glasses"
    QTest.keyClick(card.editor.text, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    await screen.rest(0.02)
    assert asked(screen, "note") == ["Forgot her glasses"]
    assert card.editor is None
    assert screen.page.running.notes_of(nia).startswith("15:42 Jonas: Forgot her glasses\n")
    assert screen.toasts[-1][:2] == ("Note saved", ""), "a toast never says what it is about"


async def test_an_incident_has_what_was_done_and_a_failed_saving_keeps_it(screen: Screen) -> None:
    screen.select(9)
    screen.click("Incident")
    editor = screen.page.card.editor
    assert editor is not None
    editor.text.setPlainText("Fell on the mat")
    editor.action.setText("Ice")
    editor.told.setChecked(True)
    desk(screen).fail = AWAY
    editor.submit()
    await screen.rest(0.02)
    assert screen.page.card.editor is editor
    assert editor.draft.text == "Fell on the mat"
    desk(screen).fail = None
    editor.submit()
    await screen.rest(0.02)
    assert asked(screen, "incident")[-1] == ("Fell on the mat", "Ice", True)


async def test_a_note_says_its_limit_before_it_is_too_long(screen: Screen) -> None:
    screen.select(9)
    screen.page.card.write_note(incident=False)
    editor = screen.page.card.editor
    assert editor is not None
    editor.text.setPlainText("x" * 1001)
    assert not editor.save.isEnabled()
    editor.submit()
    await screen.rest()
    assert asked(screen, "note") == []
    editor.text.setPlainText("x" * 1000)
    assert editor.save.isEnabled()
    QTest.keyClick(editor.text, Qt.Key.Key_Escape)
    assert screen.page.card.editor is None
    assert screen.page.middle.scan.line.hasFocus()
    screen.page.card.write_note(incident=False)
    assert screen.page.card.editor is not None
    assert len(screen.page.card.editor.draft.text) == 1000


# -- tags --------------------------------------------------------------------------------------------------------------


async def test_a_tag_asks_once_who_collects_the_whole_family(screen: Screen) -> None:
    entries = screen.gateway.rosters[ROSTER]
    nia = next(one for one in entries if one.first_name == "Nia")
    kofi = replace(nia, booking_id=booking_id(40), first_name="Kofi", session_id=session_id(5), siblings=())
    screen.gateway.rosters[session_id(5)] = [kofi]
    desk(screen).tags["7K4Q"] = [tagged(kofi), tagged(nia)]
    scan(screen.line, "7k4q")
    await screen.rest(0.05)
    chooser = screen.page.card.chooser
    assert chooser is not None
    assert [one.first_name for one in chooser.entries] == ["Nia", "Kofi"]
    assert screen.band == ("idle", "Who collects Kofi and Nia?")
    assert screen.calls("check_out") == []
    await screen.key(Qt.Key.Key_Down)
    assert chooser.lit == "Dana"
    await screen.enter()
    assert screen.calls("check_out") == [("Nia", "Dana"), ("Kofi", "Dana")]


async def test_a_tag_of_expected_children_offers_to_bring_them_in(screen: Screen) -> None:
    femi = next(one for one in screen.gateway.rosters[ROSTER] if one.first_name == "Femi")
    desk(screen).tags["7K4Q"] = [tagged(femi)]
    await screen.type("7k4q")
    await screen.enter()
    assert screen.band == ("idle", "Femi is expected")
    QTest.keyClick(screen.line, Qt.Key.Key_F2)
    await screen.rest()
    assert screen.band == ("done", "Femi is in")


async def test_an_unknown_tag_is_refused_and_one_of_children_who_left_is_not(screen: Screen) -> None:
    scan(screen.line, "9Z9Z")
    await screen.rest()
    assert screen.band == ("refused", "No child today has the tag 9Z9Z")
    assert screen.tones == [Tone.REFUSED]
    marlon = next(one for one in screen.gateway.rosters[ROSTER] if one.first_name == "Marlon")
    desk(screen).tags["7K4Q"] = [tagged(marlon)]
    scan(screen.line, "7K4Q")
    await screen.rest()
    assert screen.band == ("again", "Marlon has already left")


async def test_siblings_of_one_booking_leave_together(hub: ThemeHub) -> None:
    link = Sibling(booking_id(40), ROSTER, "Kofi", 112, "Junior Judo", at(15, 30), AttendanceState.IN, True)
    kofi = child(40, "Kofi", 9, "Dana", AttendanceState.IN)
    ama = child(41, "Ama", 7, "Dana", AttendanceState.IN, siblings=(link,))
    gateway = FakeGateway(rosters={ROSTER: [kofi, ama]})
    screen = await Screen(hub, gateway, running=FakeDay(gateway)).open()
    screen.select(41)
    screen.click("Check out…")
    QTest.keyClick(screen.line, Qt.Key.Key_F2)
    await screen.rest()
    chooser = screen.page.card.chooser
    assert chooser is not None
    assert [one.first_name for one in chooser.entries] == ["Ama", "Kofi"]
    await screen.key(Qt.Key.Key_Down)
    await screen.enter()
    assert screen.calls("check_out") == [("Ama", "Dana"), ("Kofi", "Dana")]
    screen.page.stop()


# -- paper and offers --------------------------------------------------------------------------------------------------


async def test_roster_and_labels_are_printed_by_two_keys(screen: Screen) -> None:
    control, shift = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
    QTest.keyClick(screen.line, Qt.Key.Key_P, control)
    await screen.rest()
    QTest.keyClick(screen.line, Qt.Key.Key_P, control | shift)
    await screen.rest()
    screen.select(9)
    QTest.keyClick(screen.line, Qt.Key.Key_P, control | shift)
    await screen.rest()
    assert paper(screen) == [("roster", ("Junior Judo", 16)), ("labels", 9), ("labels", 1)]
    assert screen.toasts[-1][:2] == ("Labels printed", "Nia")


async def test_a_roster_printed_without_a_server_says_how_old_it_is(screen: Screen) -> None:
    assert screen.printer is not None
    screen.page.running.print_roster()
    await screen.rest()
    assert screen.printer.as_of is None
    screen.page.running.as_of = [at(15)].pop
    screen.page.running.print_roster()
    await screen.rest()
    assert screen.printer.as_of == at(15)


async def test_labels_can_come_with_the_check_in(hub: ThemeHub) -> None:
    gateway = FakeGateway()
    made = Screen(hub, gateway, running=FakeDay(gateway), printer=FakePrinter(), labels_on_check_in=True)
    screen = await made.open()
    scan(screen.line, code(4))
    await screen.rest()
    assert paper(screen) == [("labels", 1)]
    assert screen.page.middle.band.accessibleName().endswith("labels printed")
    screen.page.stop()


async def test_what_nobody_answers_has_no_button_and_no_key(hub: ThemeHub) -> None:
    screen = await Screen(hub, FakeGateway()).open()
    screen.select(9)
    page = screen.page
    shown = {one.text() for one in page.findChildren(QPushButton) if one.isVisible() and one.text()}
    assert shown.isdisjoint({"Close session…", "Print labels", "Note", "Incident", "More", "Walk-in…"})
    assert {action.key for action in page.page_actions} & {"today:walk-in", "today:close"} == set()
    heard: list[str] = []
    page.walk_in_wanted.connect(lambda: heard.append("walk-in"))
    page.move_wanted.connect(lambda entry: heard.append(entry.first_name))
    page.wishes.offer()
    screen.select(4)
    screen.select(9)
    screen.click("Walk-in…")
    QTest.keyClick(screen.line, Qt.Key.Key_N, Qt.KeyboardModifier.ControlModifier)
    assert page.card.buttons is not None
    menu = page.card.buttons.open_menu()
    assert menu is not None
    assert [one.text() for one in menu.actions()] == ["Move to another session…"]
    menu.actions()[0].trigger()
    assert heard == ["walk-in", "walk-in", "Nia"]
    page.stop()


async def test_a_day_is_picked_from_the_month(screen: Screen) -> None:
    screen.gateway.days[DAY + timedelta(days=8)] = []
    QTest.keyClick(screen.line, Qt.Key.Key_D, Qt.KeyboardModifier.ControlModifier)
    picker = screen.page.sessions.picker
    assert picker.isVisible()
    assert picker.hasFocus()
    press(picker, Qt.Key.Key_Down)
    press(picker, Qt.Key.Key_Right)
    press(picker, Qt.Key.Key_Return, text="\r")
    await screen.rest()
    assert screen.page.day.day == DAY + timedelta(days=8)
    assert not picker.isVisible()
    assert screen.page.middle.scan.line.hasFocus()
    screen.click("Today")
    await screen.rest()
    assert screen.page.day.day == DAY
    QTest.keyClick(screen.line, Qt.Key.Key_D, Qt.KeyboardModifier.ControlModifier)
    press(picker, Qt.Key.Key_PageDown)
    assert picker.day == DAY.replace(month=4)
    press(picker, Qt.Key.Key_Escape)
    assert not picker.isVisible()
    assert screen.page.middle.scan.line.hasFocus()


async def test_full_and_nearly_full_have_a_word(hub: ThemeHub) -> None:
    gateway = FakeGateway()
    sessions = gateway.days[DAY]
    sessions[3] = replace(sessions[3], capacity=9)
    sessions[4] = replace(sessions[4], capacity=5)
    screen = await Screen(hub, gateway).open()
    rows = [screen.page.day.sessions.row(session_id(number)) for number in (4, 5, 6)]
    assert [row.load.value if row else "" for row in rows] == ["full", "nearly_full", "roomy"]
    assert [row.spoken.rpartition(", ")[2] if row else "" for row in rows][:2] == ["full", "nearly full"]
    screen.select(9)
    screen.page.family.ask_collect()
    await screen.key(Qt.Key.Key_Down)
    await screen.enter()
    assert screen.word(9) == ("out", "Out"), "a full session never keeps anybody in"
    screen.page.stop()


async def test_another_page_opens_a_child_here(screen: Screen) -> None:
    screen.page.open_child(booking_id(9), ROSTER, DAY)
    await screen.rest()
    assert screen.current == "Nia"
    screen.gateway.days[DAY + timedelta(days=1)] = []
    screen.page.open_session(session_id(5), DAY)
    await screen.rest()
    assert screen.page.day.session_id == session_id(5)


async def test_with_everything_offered_its_keys_are_its_own_and_stand_whole_in_the_sheet(
    screen: Screen, hub: ThemeHub
) -> None:
    page = screen.page
    for signal in (page.walk_in_wanted, page.building_wanted, page.move_wanted):
        signal.connect(lambda *_facts: None)
    window = ShellWindow(hub, screen.clock)
    window.set_areas([Area("today", "Today", "ph.clipboard-text", None, lambda: page)])
    present(window, 1440, 900)
    window.activateWindow()
    window.open_area("today")
    await screen.rest()
    QTest.keyClick(screen.line, Qt.Key.Key_F1)
    told = [action.title for action in page.page_actions]
    assert len(told) == len(set(told))
    in_sheet = [one for one in window.findChildren(ElidedLabel) if one.isVisible() and one.text() in told]
    assert {one.text() for one in in_sheet} == set(told)
    assert [one.text() for one in in_sheet if one.sizeHint().width() > one.width()] == []
    assert all(window.rect().contains(one.mapTo(window, one.rect().bottomRight())) for one in in_sheet)
