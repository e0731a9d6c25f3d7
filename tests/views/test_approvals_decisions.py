"""Deciding cases: what each decision needs and says, claims that end, and somebody else who was faster."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton

from console.domain.vetting import (
    FEEDBACK_LENGTH,
    CaseState,
    Decision,
    Requirement,
    Standing,
    Verdict,
    Waiver,
)
from console.errors import Conflict, Invalid, Unavailable
from console.views.approvals.decision_sheet import DecisionSheet
from console.views.approvals.suspend_sheet import SuspendSheet
from console.views.theme import ThemeHub
from tests.support import approvals_screen as sample
from tests.views.approvals import CTRL, SHIFT, Screen


def verdict(screen: Screen) -> Verdict:
    """The last one that was given."""
    found = screen.asked("decide")[-1][2]
    assert isinstance(found, Verdict)
    return found


def buttons(screen: Screen) -> list[str]:
    """What the bar offers."""
    return [one.text() for one in screen.page.detail.bar.findChildren(QPushButton) if one.isVisible()]


async def test_what_is_not_all_met_needs_an_exception_with_days_and_a_reason(hub: ThemeHub) -> None:
    screen = await Screen(hub).open()
    assert screen.page.detail.sum.text() == "4 of 5 met, 1 pending"
    assert screen.page.detail.sum_hint.text() == "Needs a reasoned exception"
    assert buttons(screen) == ["Reject…", "Ask the venue…", "Approve with exception…"]
    await screen.key(Qt.Key.Key_A)
    sheet = screen.sheet(DecisionSheet)
    day = sheet.days[Requirement.BACKGROUND_CHECKS]
    assert list(sheet.days) == [Requirement.BACKGROUND_CHECKS]
    assert day.day() == date(2026, 4, 11), "30 days from today"
    assert sheet.told.words.text().endswith("The first exception ends on 11 Apr 2026.")
    await screen.key(Qt.Key.Key_Return, CTRL)
    assert sheet.field.below.text() == "Say why, in words the venue can use."
    sheet.text.setPlainText("Noor's answer is on its way.")
    for wrong, said in (
        ("2026-03-12", "Choose a day after today."), ("2027-03-14", "At most a year from today."),
        ("", None),
    ):  # fmt: skip
        day.setText(wrong)
        await screen.key(Qt.Key.Key_Return, CTRL)
        found = sheet._day_fields[Requirement.BACKGROUND_CHECKS].below.text()
        assert found == said or (said is None and found)
        assert sheet.is_open
    day.setText("20 March")
    await screen.key(Qt.Key.Key_Return, CTRL)
    assert verdict(screen) == Verdict(
        Decision.EXCEPT, "Noor's answer is on its way.",
        (Waiver(Requirement.BACKGROUND_CHECKS, date(2026, 3, 20)),),
    )  # fmt: skip
    assert screen.toasts == ["Cedar Street Makers is approved with an exception"]


async def test_after_a_decision_the_next_open_case_is_there(hub: ThemeHub) -> None:
    screen = await Screen(hub).open()
    await screen.key(Qt.Key.Key_N)
    assert buttons(screen)[-1] == "Approve…"
    await screen.key(Qt.Key.Key_X)
    assert verdict_sheet(screen) == "Approve Little Fins Swim School?", "nothing is left to except"
    await screen.key(Qt.Key.Key_Return, CTRL)
    assert screen.gateway.known[sample.FINS].outcome == "approved"
    assert screen.on_show.id == sample.BLUE
    assert screen.on_show.claimed_by_me
    assert screen.page.side.list.case is not None
    assert screen.page.side.list.case.id == sample.BLUE
    assert screen.page.side.list.hasFocus()
    assert "Little Fins Swim School" not in screen.names


def verdict_sheet(screen: Screen) -> str:
    """What the sheet asks."""
    return screen.sheet(DecisionSheet).title.text()


async def test_rejecting_needs_words_and_templates_begin_them(hub: ThemeHub) -> None:
    screen = await Screen(hub).open()
    await screen.key(Qt.Key.Key_J)
    sheet = screen.sheet(DecisionSheet)
    assert sheet.title.text() == "Reject Cedar Street Makers?"
    sheet.do_button.click()
    await screen.rest()
    assert not screen.asked("decide")
    sheet.template.setCurrentIndex(1)
    sheet.template.activated.emit(1)
    assert sheet.text.toPlainText() == "We did not get the papers."
    assert sheet.field.note.text() == f"26 of {FEEDBACK_LENGTH:,}"
    sheet.text.setPlainText("My own words.")
    sheet.template.activated.emit(1)
    assert sheet.text.toPlainText() == "My own words.\n\nWe did not get the papers.", (
        "nothing written is lost"
    )
    sheet.text.setPlainText("x" * (FEEDBACK_LENGTH + 2))
    assert sheet.field.below.text() == "2 characters too many."
    assert not sheet.do_button.isEnabled()
    await screen.key(Qt.Key.Key_Return, CTRL)
    assert not screen.asked("decide")
    sheet.text.setPlainText("No\x00 papers. ")
    await screen.key(Qt.Key.Key_Return, CTRL)
    assert verdict(screen) == Verdict(Decision.REJECT, "No papers.")


async def test_words_survive_a_sheet_that_was_closed(hub: ThemeHub) -> None:
    screen = await Screen(hub).open()
    await screen.key(Qt.Key.Key_K)
    screen.sheet(DecisionSheet).text.setPlainText("Half a sen")
    await screen.key(Qt.Key.Key_Escape)
    assert screen.page.deeds.sheet is None
    await screen.key(Qt.Key.Key_K)
    sheet = screen.sheet(DecisionSheet)
    assert sheet.text.toPlainText() == "Half a sen"
    assert sheet.do_button.property("kind") == "primary", "asking can be taken back"
    await screen.key(Qt.Key.Key_Return, CTRL)
    assert screen.gateway.known[sample.CEDAR].state is CaseState.ASKED
    assert screen.toasts == ["Cedar Street Makers is asked"]


async def test_nothing_is_decided_without_a_claim(hub: ThemeHub) -> None:
    screen = await Screen(hub).open()
    await screen.key(Qt.Key.Key_R)
    assert screen.toasts == ["Cedar Street Makers is given back"]
    assert buttons(screen) == ["Claim to decide"]
    await screen.key(Qt.Key.Key_A)
    assert screen.page.deeds.sheet is None
    assert screen.page.detail.banner.text.startswith("Claim the case first.")
    screen.page.detail.take_button.click()
    await screen.rest()
    assert screen.on_show.claimed_by_me
    assert not screen.page.detail.banner.isVisible()


async def test_a_claim_warns_is_kept_and_taken_again(hub: ThemeHub) -> None:
    screen = await Screen(hub).open()
    banner, clock = screen.page.detail.banner, screen.gateway.clock
    clock.advance(timedelta(minutes=17, seconds=59))
    screen.page.tick()
    assert not banner.isVisible()
    clock.advance(timedelta(seconds=1))
    screen.page.tick()
    assert banner.text == "Your claim ends at 16:02. That is in 2 min."
    clock.advance(timedelta(minutes=1))
    screen.page.tick()
    assert banner.text == "Your claim ends at 16:02. That is in 1 min."
    banner.findChildren(QPushButton)[0].click()
    await screen.rest()
    assert not banner.isVisible()
    assert screen.page.detail.claim_line.text() == "Claimed by you until 16:21"
    clock.advance(timedelta(minutes=20))
    screen.page.tick()
    assert banner.text == "Your claim ran out at 16:21. Somebody else may take the case now."
    assert buttons(screen) == ["Claim to decide"]
    assert screen.page.detail.claim_line.text() == "Not claimed"
    banner.findChildren(QPushButton)[0].click()
    await screen.rest()
    assert screen.page.detail.claim_line.text() == "Claimed by you until 16:41"
    assert not banner.isVisible()


async def test_a_claim_that_ends_in_a_sheet_says_so_and_keeps_the_words(hub: ThemeHub) -> None:
    screen = await Screen(hub).open()
    await screen.key(Qt.Key.Key_K)
    screen.sheet(DecisionSheet).text.setPlainText("A long letter.")
    screen.gateway.clock.advance(timedelta(minutes=21))
    await screen.key(Qt.Key.Key_Return, CTRL)
    assert screen.page.deeds.sheet is None
    assert "ran out" in screen.page.detail.banner.text
    assert screen.gateway.known[sample.CEDAR].state is CaseState.OPEN
    screen.page.detail.banner.findChildren(QPushButton)[0].click()
    await screen.rest()
    await screen.key(Qt.Key.Key_K)
    assert screen.sheet(DecisionSheet).text.toPlainText() == "A long letter."


async def test_somebody_who_claims_first_is_named(hub: ThemeHub) -> None:
    screen = await Screen(hub).open()
    await screen.key(Qt.Key.Key_Down)
    screen.gateway.change(
        sample.FINS, claimed_by="Lucas", claimed_until=screen.gateway.clock.now() + timedelta(minutes=6)
    )
    await screen.key(Qt.Key.Key_Return)
    assert screen.page.detail.banner.text == "Lucas holds this until 15:48. Take another one."
    assert screen.page.detail.claim_line.text() == "Claimed by Lucas until 15:48"
    assert buttons(screen) == []
    screen.page.detail.banner.findChildren(QPushButton)[0].click()
    await screen.rest()
    assert screen.on_show.id == sample.BLUE
    assert not screen.page.detail.banner.isVisible()


async def test_somebody_who_decided_meanwhile_is_named(hub: ThemeHub) -> None:
    screen = await Screen(hub).open()
    screen.gateway.change(
        sample.CEDAR, state=CaseState.DECIDED, outcome="approved", decided_by="Lucas",
        decided_at=screen.gateway.clock.now(), claimed_by=None, claimed_by_me=False, claimed_until=None,
    )  # fmt: skip
    await screen.key(Qt.Key.Key_F5)
    assert screen.page.detail.banner.text == "Lucas approved this on 12 March 2026, 15:42."
    assert screen.on_show.id == sample.CEDAR, "it stays on show until one goes on"
    assert screen.page.side.list.case is None, "and nothing else looks as if it were it"
    assert buttons(screen) == []
    await screen.key(Qt.Key.Key_Return)
    assert not screen.asked("claim")
    await screen.key(Qt.Key.Key_Down)
    assert screen.on_show.id == sample.FINS


async def test_a_requirement_that_expires_meanwhile_is_told_and_shown(hub: ThemeHub) -> None:
    screen = await Screen(hub).open()
    await screen.key(Qt.Key.Key_N)
    await screen.key(Qt.Key.Key_A)
    insurance = screen.gateway.pages[sample.FINS].requirements[0]
    screen.gateway.put(
        sample.FINS, replace(insurance, standing=Standing.EXPIRED, says="Ended on 11 March 2026.")
    )
    await screen.key(Qt.Key.Key_Return, CTRL)
    assert screen.page.detail.banner.text.startswith("Since you looked, this is no longer met: insurance.")
    assert screen.page.detail.sum.text() == "4 of 5 met, 1 expired"
    assert screen.page.detail.blocks[Requirement.INSURANCE].says.text() == "Ended on 11 March 2026."


async def test_the_sum_is_that_of_the_requirements_beside_it(hub: ThemeHub) -> None:
    gateway = sample.FakeCases()
    page = gateway.pages[sample.FINS]
    ended = replace(page.requirements[0], standing=Standing.EXPIRED)
    gateway.pages[sample.FINS] = replace(page, requirements=(ended, *page.requirements[1:]))
    screen = await Screen(hub, gateway).open()
    await screen.key(Qt.Key.Key_N)
    assert screen.page.detail.sum.text() == "4 of 5 met, 1 expired", "nobody wrote it down in the queue yet"
    await screen.key(Qt.Key.Key_X)
    assert list(screen.sheet(DecisionSheet).days) == [Requirement.INSURANCE]


async def test_a_refusal_stays_in_the_sheet_with_the_words(hub: ThemeHub) -> None:
    screen = await Screen(hub).open()
    await screen.key(Qt.Key.Key_K)
    sheet = screen.sheet(DecisionSheet)
    sheet.text.setPlainText("Please file it.")
    screen.gateway.refusals = [Unavailable("The server cannot be reached.")]
    await screen.key(Qt.Key.Key_Return, CTRL)
    assert sheet.banner.text == "The server cannot be reached."
    assert sheet.do_button.isEnabled()
    screen.gateway.refusals = [Invalid("Say what the venue is to change.", code="feedback")]
    await screen.key(Qt.Key.Key_Return, CTRL)
    assert sheet.field.below.text() == "Say what the venue is to change."
    await screen.key(Qt.Key.Key_Return, CTRL)
    assert screen.toasts == ["Cedar Street Makers is asked"]


async def test_suspending_shows_its_numbers_first_and_again_where_they_changed(hub: ThemeHub) -> None:
    screen = await Screen(hub).open()
    await screen.key(Qt.Key.Key_S, CTRL | SHIFT)
    assert screen.page.deeds.sheet is None, "it is suspended already"
    screen.page.open_case(sample.BLUE)
    await screen.rest()
    await screen.key(Qt.Key.Key_S, CTRL | SHIFT)
    sheet = screen.sheet(SuspendSheet)
    assert sheet.says.text() == "No new bookings. 12 bookings in 3 sessions stay."
    assert sheet.do_button.text() == "Suspend"
    sheet.cancel_radio.click()
    sheet.day.setText("15 March")
    sheet.look()
    await screen.rest()
    assert screen.asked("suspension")[-1] == ("suspension", date(2026, 3, 15))
    assert sheet.says.text() == (
        "No new bookings. Cancels 8 bookings in 2 sessions and gives 25 credits back; 4 bookings in 1 session stay."
    )
    assert sheet.do_button.text() == "Suspend, cancel 8 bookings"
    await screen.key(Qt.Key.Key_Return, CTRL)
    assert sheet.field.below.text() == "Say why."
    sheet.reason.setPlainText("Incident under review.")
    screen.gateway.preview_version += 1
    await screen.key(Qt.Key.Key_Return, CTRL)
    assert sheet.is_open
    assert sheet.banner.text.startswith("Somebody booked since you looked.")
    await screen.key(Qt.Key.Key_Return, CTRL)
    assert screen.asked("suspend")[-1] == ("suspend", date(2026, 3, 15), "Incident under review.")
    assert screen.toasts[-1] == "Blue Door Theatre is suspended"
    assert screen.page.deeds.sheet is None


async def test_a_bad_day_suspends_nothing(hub: ThemeHub) -> None:
    screen = await Screen(hub).open()
    screen.page.open_case(sample.BLUE)
    await screen.rest()
    screen.page.suspend()
    await screen.rest()
    sheet = screen.sheet(SuspendSheet)
    sheet.reason.setPlainText("Why not.")
    sheet.cancel_radio.click()
    for typed, said in (("11 March", "Choose today or a later day."), ("some day", None)):
        sheet.day.setText(typed)
        sheet.look()
        await screen.rest()
        assert sheet.day_field.below.text() == said or said is None
        assert not sheet.do_button.isEnabled()
        sheet.confirm()
    await screen.rest()
    assert not screen.asked("suspend")


async def test_every_button_has_a_key_in_the_sheet_of_keys(hub: ThemeHub) -> None:
    screen = await Screen(hub).open()
    keys = {one.keys: one.title for one in screen.page.page_actions if one.listed}
    assert len(keys) == len(screen.page.page_actions)
    assert {
        "Return",
        "N",
        "D",
        "A",
        "X",
        "J",
        "K",
        "R",
        "F",
        "V",
        "Shift+C",
        "Shift+K",
        "Ctrl+Shift+S",
    } <= set(keys)
    await screen.key(Qt.Key.Key_V)
    assert screen.venues == [screen.on_show.venue_id]


async def test_a_failed_claim_is_a_banner_over_the_case(hub: ThemeHub) -> None:
    screen = await Screen(hub).open()
    await screen.key(Qt.Key.Key_Down)
    screen.gateway.refusals = [Unavailable("The server cannot be reached.", hint="Try again.")]
    await screen.key(Qt.Key.Key_Return)
    assert screen.page.banner.text == "The server cannot be reached. Try again."
    assert screen.page.detail.take_button.isEnabled()
    screen.gateway.refusals = [Conflict("Something about this case has changed.", code="version_changed")]
    await screen.key(Qt.Key.Key_Return)
    assert screen.page.detail.banner.text == "Something about this case has changed."
