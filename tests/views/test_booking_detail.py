"""One booking's page: what it says, whose names it hides, and what can be done with it."""

from __future__ import annotations

from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QPushButton

from console.domain.booking_page import Names
from console.domain.credits import CancellationReason
from console.errors import Conflict, Unavailable
from console.views.bookings.detail import BookingDetail
from console.views.theme import ThemeHub
from console.views.widgets.dialog import QuestionCard
from tests.support.booking_samples import BOOKING, Gateway
from tests.support.qt import present

ZONE = ZoneInfo("America/Los_Angeles")
LONG = "Konstantinos-Alexandros Maximilian Bartholomew of the Upper V"


async def opened(hub: ThemeHub, gateway: Gateway, **rights: bool) -> BookingDetail:
    may = {"may_manage": True, "may_cancel_for_venue": True, "at_desk": True} | rights
    page = BookingDetail(hub, gateway, ZONE, **may)
    present(page, 1240, 872)
    page.open(BOOKING.id)
    await page.runner.settled()
    await page.model.settled()
    return page


def lines(page: BookingDetail) -> list[list[str]]:
    keys = [column.key for column in page.model.columns]
    return [[str(getattr(page.model.row(at), key)) for key in keys] for at in range(page.model.rowCount())]


async def test_a_booking_says_what_when_and_who(hub: ThemeHub) -> None:
    page = await opened(hub, Gateway())
    assert page.header.title.text() == "Junior Judo, Thu 12 Mar 2026 15:42"
    assert page.header.caption.text() == "K7Q4-2MXR-6 · Nia"
    at = "12 Mar 2026  15:42"
    assert lines(page) == [
        [at, "Checked out", "collected by Omar, Uncle", "Desk 2", "Maya", ""],
        [at, "Check-in refused", "It is too early to check in.", "Desk 1", "Jonas", ""],
        [at, "Checked in", f"sent {at} · undone", "Desk 1", "Jonas", ""],
    ]
    page.tabs.option("credits").click()
    await page.model.settled()
    assert [(line[1], line[2], line[5]) for line in lines(page)] == [
        ("Forfeited", "14 will not come back", "0"),
        ("Booked", "", "−14"),
    ]
    page.tabs.option("changes").click()
    await page.model.settled()
    assert [(line[1], line[2], line[4]) for line in lines(page)] == [
        ("Family's note", "nothing → [hidden]", "Maya"),
        ("Booking", "Confirmed → Completed", "Maya"),
        ("Booking made", "", "System"),
    ]
    page.grab()


@pytest.mark.parametrize(
    ("names", "said"),
    [
        (Names.OUTSIDE_WINDOW, "Hidden outside the week around the session"),
        (Names.NOT_ALLOWED, "Not shown to finance"),
        (Names.WITHDRAWN, "Not shown: consent was withdrawn"),
    ],
)
async def test_a_hidden_name_says_why(hub: ThemeHub, names: Names, said: str) -> None:
    page = await opened(hub, Gateway(replace(BOOKING, names=names, child=None, parent=None)))
    assert page.header.caption.text() == f"K7Q4-2MXR-6 · {said}"
    assert not page.labels.isEnabled()


async def test_who_may_not_has_no_buttons(hub: ThemeHub) -> None:
    page = await opened(hub, Gateway(), may_manage=False, at_desk=False)
    assert not any(button.isVisible() for button in (page.today, page.labels, page.move_button, page.cancel))
    assert {action.keys for action in page.page_actions} == {"Esc", "Alt+Left", "F5"}


async def test_the_actions_carry_the_booking(hub: ThemeHub) -> None:
    page = await opened(hub, Gateway())
    got: list[tuple[str, object]] = []
    page.today_wanted.connect(lambda one: got.append(("today", one)))
    page.move_wanted.connect(lambda one: got.append(("move", one)))
    page.labels_wanted.connect(lambda one: got.append(("labels", one)))
    for key in (Qt.Key.Key_T, Qt.Key.Key_M, Qt.Key.Key_P):
        QTest.keyClick(page.table, key, Qt.KeyboardModifier.ControlModifier)
    assert got == [("today", BOOKING), ("move", BOOKING), ("labels", BOOKING)]


@pytest.mark.parametrize(
    ("for_venue", "in_time", "words", "figures"),
    [
        (True, False, "Gives back 14 credits.", ["1", "14", "0"]),
        (False, True, "Gives back 14 credits.", ["1", "14", "0"]),
        (False, False, "Gives nothing back: 14 are forfeited.", ["1", "0", "14"]),
    ],
)
async def test_cancelling_asks_with_what_it_costs(
    hub: ThemeHub, for_venue: bool, in_time: bool, words: str, figures: list[str]
) -> None:
    gateway = Gateway(replace(BOOKING, in_time=in_time))
    page = await opened(hub, gateway, may_cancel_for_venue=for_venue)
    page.cancel.click()
    card = page.findChild(QuestionCard)
    assert isinstance(card, QuestionCard)
    texts = [part.text() for part in card.findChildren(QLabel)]
    assert any(words in text for text in texts)
    assert [text for text in texts if text.isdigit()] == figures
    assert card.keep.hasFocus()
    card.keep.click()
    await page.runner.settled()
    assert gateway.cancelled == []


async def test_a_cancelled_booking_is_shown_as_such(hub: ThemeHub) -> None:
    gateway = Gateway()
    page = await opened(hub, gateway)
    told: list[tuple[str, str]] = []
    page.toast_wanted.connect(lambda *words: told.append(words))
    page.ask_to_cancel()
    _card(page).do.click()
    await page.runner.settled()
    assert gateway.cancelled == [(True, CancellationReason.VENUE_CANCELLED)]
    assert told == [("Booking cancelled", "14 credits given back")]
    assert page.chip.text() == "Cancelled by venue"
    assert not page.cancel.isEnabled()


async def test_a_refused_cancellation_is_said_and_a_failed_load_offers_retry(hub: ThemeHub) -> None:
    gateway = Gateway()
    page = await opened(hub, gateway)
    gateway.errors.append(Conflict("This child has been checked in.", hint="Undo the check-in first."))
    page.ask_to_cancel()
    _card(page).do.click()
    await page.runner.settled()
    assert page.banner.text == "This child has been checked in. Undo the check-in first."
    other = Gateway()
    other.errors.append(Unavailable("The database cannot be reached."))
    failed = await opened(hub, other)
    assert failed.banner.isVisible()
    assert not failed.cancel.isEnabled()
    next(b for b in failed.banner.findChildren(QPushButton) if b.text() == "Retry").click()
    await failed.runner.settled()
    assert failed.header.caption.text().startswith("K7Q4")


async def test_long_names_push_nothing_off_the_page(hub: ThemeHub) -> None:
    page = await opened(hub, Gateway(replace(BOOKING, child=LONG, activity_name=f"{LONG} {LONG}")))
    page.resize(1044, 640)
    page.grab()
    assert page.cancel.geometry().right() <= page.width()
    assert page.minimumSizeHint().width() <= 1044


def _card(page: BookingDetail) -> QuestionCard:
    found = page.findChild(QuestionCard)
    assert isinstance(found, QuestionCard)
    return found


async def test_what_is_owed_can_be_taken_once_the_family_has_credits(hub: ThemeHub) -> None:
    gateway = Gateway(replace(BOOKING, owed=3))
    page = await opened(hub, gateway)
    told: list[tuple[str, str]] = []
    page.toast_wanted.connect(lambda *words: told.append(words))
    assert page.settle.isVisible()
    page.settle.click()
    await page.runner.settled()
    assert told == [("Owed credits taken", "3 credits")]
    assert not page.settle.isVisible()
    gateway.booking = replace(BOOKING, owed=3)
    page = await opened(hub, gateway, may_manage=False, at_desk=False)
    assert not page.settle.isVisible()


async def test_an_empty_part_says_what_will_stand_there(hub: ThemeHub) -> None:
    page = await opened(hub, Gateway(replace(BOOKING, events=())))
    assert page.nothing.isVisible()
    assert not page.table.isVisible()
    page.tabs.option("credits").click()
    await page.model.settled()
    assert page.table.isVisible()
    assert not page.nothing.isVisible()
