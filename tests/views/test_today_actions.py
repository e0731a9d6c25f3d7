"""Checking in and out on the Today screen: by scanner, by keyboard, by mouse, and when the answer is late or no."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from console.domain.attendance import AttendanceState
from console.domain.desk import RosterEntry, Sibling
from console.errors import Unavailable
from console.models.gateway import DeskGateway
from console.services.rosters import DeskService
from console.views.front_desk.actions import SLOW_MS
from console.views.front_desk.card_parts import Row
from console.views.theme import ThemeHub
from tests.support import today_samples as sample
from tests.support.today_samples import FakeGateway, at, booking_id, child, code, session_id
from tests.views.today import Screen, scan

AWAY = Unavailable("The server cannot be reached.", hint="Try again in a moment.")


@pytest.fixture
async def screen(hub: ThemeHub) -> AsyncIterator[Screen]:
    """The picture's afternoon, loaded."""
    made = await Screen(hub, FakeGateway()).open()
    yield made
    made.page.stop()


def test_the_desk_service_is_a_gateway() -> None:
    """Checked by the type checker: what the service offers is what the screen asks."""

    def fits(service: DeskService) -> DeskGateway:
        return service

    assert fits is not None


async def test_a_typed_name_and_enter_check_a_child_in(screen: Screen) -> None:
    await screen.type("fem")
    assert screen.names == ["Femi"]
    assert screen.current == "Femi"
    await screen.enter()
    assert screen.calls("check_in") == ["Femi"]
    assert screen.band == ("done", "Femi is in")
    assert screen.word(4) == ("in", "In")
    assert screen.page.middle.scan.text == ""
    assert len(screen.names) == 16
    assert screen.current == "Femi"


async def test_a_second_enter_within_the_quiet_period_does_nothing(screen: Screen) -> None:
    await screen.type("fem")
    await screen.enter()
    screen.clock.advance(9)
    await screen.enter()
    assert screen.page.card.chooser is None
    assert screen.calls("check_in") == ["Femi"]
    assert screen.band == ("done", "Femi is in")
    screen.clock.advance(2)
    await screen.enter()
    assert screen.page.card.chooser is not None
    assert screen.calls("check_out") == []


async def test_enter_on_a_child_who_is_in_only_asks_who_collects(screen: Screen) -> None:
    await screen.type("nia")
    await screen.enter()
    chooser = screen.page.card.chooser
    assert chooser is not None
    assert chooser.lit == ""
    await screen.enter()
    await screen.enter()
    assert screen.calls("check_out") == []
    await screen.key(Qt.Key.Key_Down)
    await screen.key(Qt.Key.Key_Down)
    assert chooser.lit == "Marcus"
    await screen.enter()
    assert screen.calls("check_out") == [("Nia", "Marcus")]
    assert screen.toasts[-1][:2] == ("Nia has left with Marcus", "Junior Judo, Main Hall · 15:42")
    assert screen.word(9) == ("out", "Out")


async def test_escape_stops_asking(screen: Screen) -> None:
    await screen.type("nia")
    await screen.enter()
    await screen.key(Qt.Key.Key_Escape)
    assert screen.page.card.chooser is None
    await screen.enter()
    assert screen.calls("check_out") == []


async def test_enter_does_not_guess_between_two_children_of_one_name(screen: Screen) -> None:
    await screen.type("leo")
    await screen.enter()
    assert screen.band == ("again", "More than one Leo")
    assert screen.calls("check_in") == []
    await screen.key(Qt.Key.Key_Down)
    await screen.enter()
    assert screen.calls("check_in") == ["Leo"]
    assert screen.word(10) == ("in", "In")


async def test_enter_on_a_child_who_left_says_so(screen: Screen) -> None:
    await screen.type("marl")
    await screen.enter()
    assert screen.band == ("again", "Marlon has already left: 15:40 at Desk 1")
    assert screen.calls("check_in") == []
    QTest.keyClick(screen.line, Qt.Key.Key_F2)
    await screen.rest()
    assert screen.word(11) == ("in", "In")


async def test_a_scan_paints_amber_at_once_and_green_with_the_answer(screen: Screen) -> None:
    screen.gateway.hold()
    scan(screen.line, code(4))
    await screen.rest(0.02)
    assert screen.word(4) == ("sending", "In")
    assert screen.band[0] == "idle"
    await screen.rest((SLOW_MS + 60) / 1000)
    assert screen.word(4) == ("sending", "In · sending")
    screen.gateway.release()
    await screen.rest(0.05)
    assert screen.word(4) == ("in", "In")
    assert screen.band == ("done", "Femi is in")
    assert screen.current == "Femi"


async def test_a_repeated_scan_says_when_where_and_by_whom(screen: Screen) -> None:
    scan(screen.line, code(2))
    await screen.rest()
    assert screen.band == ("again", "Already in: 15:31 at Desk 2, by Maya")
    assert screen.word(2) == ("in", "In")


async def test_a_ticket_of_another_session_is_refused_with_the_way_there(screen: Screen) -> None:
    hugo = child(50, "Hugo", 8, "Ana", session_id=session_id(6))
    screen.gateway.rosters[session_id(6)] = [hugo]
    screen.select(4)
    scan(screen.line, hugo.confirmation_code)
    await screen.rest()
    assert screen.current == ""  # Enter must not act on the child of before
    assert screen.band == ("refused", "Not this session")
    said = " ".join(screen.page.middle.band.detail_lines)
    assert said == "Hugo is booked for 16:45 Ballet 8–10", "whole, beside its buttons"
    await screen.key(Qt.Key.Key_F2)
    QTest.keyClick(screen.line, Qt.Key.Key_F2)
    await screen.rest()
    assert screen.page.day.session_id == session_id(6)
    assert screen.current == "Hugo"
    assert screen.word(50) == ("expected", "Expected")
    assert screen.calls("check_in") == []


async def test_a_code_nobody_has_and_a_scan_that_is_no_ticket(screen: Screen) -> None:
    scan(screen.line, code(99))
    await screen.rest()
    assert screen.band == ("refused", "No booking here has this code")
    scan(screen.line, "4006381333931")
    await screen.rest()
    assert screen.band == ("refused", "Not one of our tickets")
    assert screen.calls("scan") == [code(99)]


async def test_a_late_answer_does_not_paint_the_band_of_another_session(screen: Screen) -> None:
    screen.gateway.hold()
    scan(screen.line, code(4))
    await screen.rest(0.02)
    screen.page.day.open_session(session_id(5))
    await screen.rest(0.03)
    screen.gateway.release()
    await screen.rest(0.03)
    assert screen.band[0] == "idle"
    assert screen.toasts[-1][0] == "Femi is in"


async def test_an_older_answer_does_not_paint_over_a_newer(screen: Screen) -> None:
    screen.gateway.hold()
    first = screen.gateway.gate
    assert first is not None
    scan(screen.line, code(4))
    await screen.rest(0.02)
    screen.gateway.gate = None
    scan(screen.line, code(6))
    await screen.rest(0.02)
    assert screen.band == ("done", "Iris is in")
    first.set()
    await screen.rest(0.03)
    assert screen.band == ("done", "Iris is in")
    assert screen.toasts[-1][0] == "Femi is in"


async def test_ctrl_z_takes_back_the_last_action_once(screen: Screen) -> None:
    await screen.type("fem")
    await screen.enter()
    QTest.keyClick(screen.line, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    await screen.rest()
    assert screen.band == ("done", "Femi is expected again")
    assert screen.word(4) == ("expected", "Expected")
    QTest.keyClick(screen.line, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    await screen.rest()
    assert screen.band == ("again", "Nothing to undo")
    assert len(screen.calls("undo")) == 1


async def test_after_fifteen_minutes_there_is_nothing_to_undo(screen: Screen) -> None:
    await screen.type("fem")
    await screen.enter()
    screen.clock.advance(timedelta(minutes=15))
    QTest.keyClick(screen.line, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    await screen.rest()
    assert screen.band == ("again", "Nothing to undo")
    assert screen.calls("undo") == []


async def test_without_the_server_nothing_is_claimed_and_one_key_tries_again(screen: Screen) -> None:
    screen.gateway.fail = AWAY
    await screen.type("fem")
    await screen.enter()
    assert screen.band == ("refused", "Femi was not checked in")
    assert screen.word(4) == ("expected", "Expected")
    assert AWAY in screen.reached
    screen.gateway.fail = None
    QTest.keyClick(screen.line, Qt.Key.Key_F2)
    await screen.rest()
    assert screen.band == ("done", "Femi is in")
    assert screen.reached[-1] is None


async def test_a_roster_asked_for_before_the_answer_does_not_take_it_back(
    screen: Screen, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate, real = asyncio.Event(), screen.gateway.roster

    async def slow(session: object) -> list[RosterEntry]:
        stale = await real(session_id(4))
        await gate.wait()
        return stale

    monkeypatch.setattr(screen.gateway, "roster", slow)
    screen.page.refresh()
    await asyncio.sleep(0.03)
    scan(screen.line, code(4))
    await asyncio.sleep(0.03)
    assert screen.word(4) == ("in", "In")
    monkeypatch.setattr(screen.gateway, "roster", real)
    gate.set()
    await screen.rest(0.03)
    assert screen.word(4) == ("in", "In")


async def test_somebody_who_may_not_collect_is_warned_about_in_the_card_only(screen: Screen) -> None:
    screen.select(9)
    screen.click("Check out…")
    screen.click("Show")
    chooser = screen.page.card.chooser
    assert chooser is not None
    await screen.key(Qt.Key.Key_Up)
    assert chooser.lit == "Victor"
    await screen.enter()
    assert chooser.banner.text.startswith("Victor may not collect Nia.")
    assert screen.calls("check_out") == [("Nia", "Victor")]
    assert screen.band[0] == "idle"
    assert screen.toasts == []
    assert screen.word(9) == ("in", "In")
    assert screen.page.card.chooser is chooser


async def test_a_row_button_acts_once_and_reports_in_row_and_toast(screen: Screen) -> None:
    viewport = screen.page.middle.roster.list.viewport()
    QTest.mouseMove(viewport, screen.row_point(6, 60))
    QTest.mouseClick(viewport, Qt.MouseButton.LeftButton, pos=screen.row_point(6, 60))
    QTest.mouseDClick(viewport, Qt.MouseButton.LeftButton, pos=screen.row_point(6, 60))
    await screen.rest()
    assert screen.calls("check_in") == ["Iris"]
    assert screen.toasts[-1][0] == "Iris is in"
    assert callable(screen.toasts[-1][2])
    assert screen.band[0] == "idle"
    assert screen.page.card.chooser is None


async def test_the_undo_of_a_toast_takes_back_what_it_reported(screen: Screen) -> None:
    screen.select(4)
    screen.click("Check in")
    await screen.rest()
    undo = screen.toasts[-1][2]
    assert callable(undo)
    undo()
    await screen.rest()
    assert screen.word(4) == ("expected", "Expected")
    assert screen.toasts[-1][0] == "Femi is expected again"


async def test_a_click_beside_the_button_only_chooses_the_row(screen: Screen) -> None:
    viewport = screen.page.middle.roster.list.viewport()
    QTest.mouseDClick(viewport, Qt.MouseButton.LeftButton, pos=screen.row_point(6, 300))
    QTest.mouseClick(viewport, Qt.MouseButton.LeftButton, pos=screen.row_point(6, 300))
    await screen.rest()
    assert screen.current == "Iris"
    assert screen.calls("check_in") == []


async def test_brothers_and_sisters_of_one_booking_come_in_with_one_key(hub: ThemeHub) -> None:
    kofi = child(40, "Kofi", 9, "Dana")
    link = Sibling(
        kofi.booking_id, session_id(4), "Kofi", 112, "Junior Judo", at(15, 30), AttendanceState.EXPECTED, True
    )
    ama = child(41, "Ama", 7, "Dana", siblings=(link,))
    screen = await Screen(hub, FakeGateway(rosters={session_id(4): [kofi, ama]})).open()
    scan(screen.line, ama.confirmation_code)
    await screen.rest()
    assert screen.button("Kofi too").isEnabled()
    QTest.keyClick(screen.line, Qt.Key.Key_F2)
    await screen.rest()
    assert screen.word(40) == ("in", "In")
    assert screen.band == ("done", "Kofi is in")


async def test_a_brother_in_a_session_about_to_begin_comes_in_too_and_a_later_one_is_not_offered(
    hub: ThemeHub,
) -> None:
    soon, late = (
        child(40, "Kofi", 9, "Dana", session_id=session_id(5)),
        child(42, "Yaw", 9, "Dana", session_id=session_id(9)),
    )
    links = tuple(
        Sibling(
            one.booking_id,
            one.session_id,
            one.first_name,
            112,
            "Later",
            start,
            AttendanceState.EXPECTED,
            True,
        )
        for one, start in ((soon, at(15, 45)), (late, at(17, 45)))
    )
    ama = child(41, "Ama", 7, "Dana", siblings=links)
    rosters = {session_id(4): [ama], session_id(5): [soon], session_id(9): [late]}
    screen = await Screen(hub, FakeGateway(rosters=rosters)).open()
    scan(screen.line, ama.confirmation_code)
    await screen.rest()
    screen.click("Kofi too")
    await screen.rest()
    assert screen.band == ("done", "Kofi is in")
    assert screen.calls("check_in") == ["Kofi"]
    screen.page.stop()


async def test_a_child_can_be_marked_absent_and_come_after_all(screen: Screen) -> None:
    screen.select(6)
    screen.click("Mark absent")
    await screen.rest()
    assert screen.word(6) == ("absent", "Absent")
    assert screen.toasts[-1][0] == "Iris is marked absent"
    screen.click("Check in")
    await screen.rest()
    assert screen.word(6) == ("in", "In")


async def test_undo_says_who_can_when_this_person_cannot(hub: ThemeHub, screen: Screen) -> None:
    screen.select(2)
    await screen.rest()
    assert not screen.button("Undo check-in").isEnabled()
    reason = "Checked in at Desk 2 by Maya. A manager can undo it."
    assert screen.button("Undo check-in").toolTip() == reason
    manager = await Screen(hub, FakeGateway(), may_undo_any=True).open()
    manager.select(2)
    manager.click("Undo check-in")
    await manager.rest()
    assert manager.word(2) == ("expected", "Expected")


async def test_someone_else_is_checked_out_by_name(screen: Screen) -> None:
    screen.select(9)
    screen.click("Check out…")
    chooser = screen.page.card.chooser
    assert chooser is not None
    chooser.other.setText("  Aunt   Bea ")
    QTest.keyClick(chooser.other, Qt.Key.Key_Return)
    await screen.rest()
    assert screen.calls("check_out") == [("Nia", "Aunt Bea")]
    assert screen.toasts[-1][0] == "Nia has left with Aunt Bea"


async def test_a_child_who_left_can_come_back(screen: Screen) -> None:
    screen.select(11)
    screen.click("Check in again")
    await screen.rest()
    assert screen.word(11) == ("in", "In")


async def test_one_booking_is_acted_on_once_while_its_answer_is_awaited(screen: Screen) -> None:
    screen.gateway.hold()
    screen.select(4)
    row = screen.page.day.roster.row(booking_id(4))
    assert row is not None
    screen.page.deeds.check_in(row.entry, "row")
    screen.page.deeds.check_in(row.entry, "row")
    await screen.rest(0.02)
    screen.gateway.release()
    await screen.rest()
    assert screen.calls("check_in") == ["Femi"]


async def test_a_closed_page_paints_nothing_any_more(screen: Screen) -> None:
    screen.gateway.hold()
    scan(screen.line, code(4))
    await screen.rest(0.02)
    screen.page.stop()
    screen.gateway.release()
    await screen.rest(0.03)
    assert screen.band[0] == "idle"


async def test_enter_after_one_letter_does_not_act_on_the_row_chosen_before(screen: Screen) -> None:
    screen.select(4)
    await screen.type("n")
    await screen.enter()
    assert screen.calls("check_in") == []
    assert screen.band == ("again", "Type one more letter")


async def test_a_scanned_child_is_shown_even_when_a_filter_hides_it(screen: Screen) -> None:
    QTest.keyClick(screen.line, Qt.Key.Key_5, Qt.KeyboardModifier.AltModifier)
    assert screen.names == ["Kenji"]
    scan(screen.line, code(4))
    await screen.rest()
    assert screen.current == "Femi"
    assert len(screen.names) == 16
    assert screen.page.middle.filters.views.chosen == "all"


@pytest.fixture
def slow_hands() -> Iterator[None]:
    """A double click may take as long as the test."""
    before = QApplication.doubleClickInterval()
    QApplication.setDoubleClickInterval(30_000)
    yield
    QApplication.setDoubleClickInterval(before)


@pytest.mark.usefixtures("slow_hands")
async def test_a_double_click_neither_asks_nor_answers_who_collects(screen: Screen) -> None:
    screen.select(4)
    screen.click("Check in")
    await screen.rest()
    screen.click("Check out…")
    assert screen.page.card.chooser is None
    screen.page.family.ask_collect()
    chooser = screen.page.card.chooser
    assert chooser is not None
    person = chooser.findChildren(Row)[0]
    QTest.mouseClick(person, Qt.MouseButton.LeftButton)
    await screen.rest()
    assert screen.calls("check_out") == []
    QApplication.setDoubleClickInterval(1)
    QTest.mouseClick(person, Qt.MouseButton.LeftButton)
    await screen.rest()
    assert screen.calls("check_out") == [("Femi", "Adaeze")]


async def test_a_refresh_leaves_the_name_being_typed_for_someone_else(screen: Screen) -> None:
    screen.select(9)
    screen.click("Check out…")
    chooser = screen.page.card.chooser
    assert chooser is not None
    chooser.other.setFocus()
    chooser.other.setText("Aun")
    nia = next(e for e in screen.gateway.rosters[session_id(4)] if e.first_name == "Nia")
    entries = screen.gateway.rosters[session_id(4)]
    entries[entries.index(nia)] = replace(nia, notes="Changed meanwhile.")
    screen.page.refresh()
    await screen.rest()
    assert screen.page.card.chooser is chooser
    assert chooser.other.text() == "Aun"
    assert chooser.other.hasFocus()


def test_the_sample_is_what_the_picture_shows() -> None:
    entries = sample.roster()
    assert len({entry.confirmation_code for entry in entries}) == len(entries)
    assert replace(entries[0], version=2) != entries[0]
