"""Each reason of refusal, from a scan to the band: its sentence, colour, icon, tone and way out."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton

from console.domain.attendance import (
    AnswerDetail,
    AttendanceState,
    EventAnswer,
    OutcomeKind,
    RefusalReason,
)
from console.models.tones import Tone
from console.views.theme import ThemeHub
from tests.support.today_samples import (
    FakeGateway,
    at,
    booking_id,
    child,
    code,
    session_id,
    sessions,
    wrong_session,
)
from tests.views.today import Screen, scan

R = RefusalReason
FEMI = AnswerDetail(first_name="Femi")


@dataclass(frozen=True)
class Case:
    """A refusal and what the desk says about it."""

    reason: RefusalReason
    title: str
    detail: AnswerDetail = FEMI
    ways: tuple[str, ...] = ()


CASES = (
    Case(R.UNKNOWN_CODE, "No booking here has this code"),
    Case(
        R.WRONG_VENUE,
        "This booking is for Harbour Studio",
        AnswerDetail(venue_name="Harbour Studio", first_name="Femi"),
    ),
    Case(
        R.ALREADY_IN,
        "Already in: 15:31 at Desk 2, by Maya",
        AnswerDetail(at=at(15, 31), desk="Desk 2", person="Maya", first_name="Femi"),
    ),
    Case(
        R.ALREADY_OUT,
        "Already left: 15:40 at Desk 1",
        AnswerDetail(at=at(15, 40), desk="Desk 1", first_name="Femi"),
        ("Check in again",),
    ),
    Case(R.CANCELLED, "This booking was cancelled"),
    Case(R.NOT_CONFIRMED, "This booking is not confirmed yet"),
    Case(R.SESSION_CANCELLED, "This session was cancelled"),
    Case(
        R.TOO_EARLY,
        "Too early: check-in opens at 16:45",
        AnswerDetail(opens_at=at(16, 45), first_name="Femi"),
    ),
    Case(
        R.TOO_LATE,
        "Too late: this was possible until 14:00",
        AnswerDetail(closed_at=at(14, 0), first_name="Femi"),
    ),
    Case(R.NOT_IN, "This child is not checked in"),
    Case(
        R.PICKUP_NOT_AUTHORISED,
        "Victor may not collect this child",
        AnswerDetail(pickup_name="Victor", first_name="Femi"),
    ),
    Case(R.DEVICE_REVOKED, "This desk is no longer allowed to record attendance"),
    Case(R.NOT_PERMITTED, "You are not allowed to do this here"),
)


def ways(screen: Screen) -> tuple[str, ...]:
    """The buttons of the band."""
    buttons = screen.page.middle.band.findChildren(QPushButton)
    return tuple(one.text() for one in buttons if not one.isHidden())


def test_every_reason_is_tried() -> None:
    assert {case.reason for case in CASES} | {R.WRONG_SESSION} == set(RefusalReason)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.reason.value)
async def test_a_refused_scan_says_why_with_colour_icon_and_tone(hub: ThemeHub, case: Case) -> None:
    gateway = FakeGateway()
    gateway.answers[code(4)] = EventAnswer(
        UUID(int=7), OutcomeKind.REJECTED, case.reason, case.detail, booking_id(4), AttendanceState.EXPECTED
    )
    screen = await Screen(hub, gateway).open()
    scan(screen.line, code(4))
    await screen.rest()
    assert screen.band == ("refused", case.title)
    facts = hub.theme.tokens.outcome(screen.band[0])
    assert (facts["color"], facts["icon"]) == ("red", "ph.hand-palm-bold")
    assert screen.tones == [Tone.REFUSED]
    assert ways(screen) == case.ways
    assert screen.word(4) == ("expected", "Expected")
    screen.page.stop()


async def test_a_ticket_of_another_session_can_be_opened_or_moved(hub: ThemeHub) -> None:
    hugo = child(50, "Hugo", 8, "Ana", session_id=session_id(6))
    gateway = FakeGateway()
    gateway.rosters[session_id(6)] = [hugo]
    gateway.answers[hugo.confirmation_code] = wrong_session(hugo, sessions()[5])
    screen = await Screen(hub, gateway).open()
    scan(screen.line, hugo.confirmation_code)
    await screen.rest()
    assert ways(screen) == ("Open it",), "nobody answers a move"
    moved: list[str] = []
    screen.page.move_wanted.connect(lambda entry: moved.append(entry.first_name))
    scan(screen.line, hugo.confirmation_code)
    await screen.rest()
    assert screen.band == ("refused", "Not this session")
    assert set(ways(screen)) == {"Open it", "Move here"}
    assert screen.tones == [Tone.REFUSED, Tone.REFUSED]
    QTest.keyClick(screen.line, Qt.Key.Key_F2, Qt.KeyboardModifier.ShiftModifier)
    await screen.rest()
    assert moved == ["Hugo"]
    scan(screen.line, hugo.confirmation_code)
    await screen.rest()
    screen.click("Move here")
    await screen.rest()
    assert moved == ["Hugo", "Hugo"]
    assert screen.page.day.session_id == session_id(4)
    screen.click("Open it")
    await screen.rest()
    assert screen.page.day.session_id == session_id(6)
    screen.page.stop()


async def test_green_rises_out_falls_blue_is_soft_and_undo_is_silent(hub: ThemeHub) -> None:
    screen = await Screen(hub, FakeGateway()).open()
    scan(screen.line, code(4))
    await screen.rest()
    scan(screen.line, code(2))
    await screen.rest()
    screen.select(9)
    screen.page.family.ask_collect()
    await screen.key(Qt.Key.Key_Down)
    await screen.enter()
    assert screen.tones == [Tone.IN, Tone.NOTHING_TO_DO, Tone.OUT]
    QTest.keyClick(screen.line, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    await screen.rest()
    screen.select(6)
    screen.click("Mark absent")
    await screen.rest()
    assert len(screen.tones) == 3
    screen.page.stop()


async def test_a_scan_that_is_no_ticket_and_a_wrong_letter_are_heard(hub: ThemeHub) -> None:
    screen = await Screen(hub, FakeGateway()).open()
    scan(screen.line, "4006381333931")
    await screen.rest()
    await screen.type("K7Q4-0004-0")
    await screen.enter()
    assert screen.band == ("refused", "Check the code")
    assert screen.tones == [Tone.REFUSED, Tone.REFUSED]
    screen.page.stop()
