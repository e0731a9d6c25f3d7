"""Announcements: the page of headquarters, the sheet with its preview, and the strip over a venue's pages."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit

from console.clock import FixedClock
from console.errors import Conflict, Invalid, NotFound, Unavailable
from console.views.announcements import words
from console.views.announcements.keeper import AnnouncementKeeper
from console.views.announcements.page import AnnouncementsPage
from console.views.announcements.sheet import AnnouncementSheet
from console.views.theme import ThemeHub
from tests.support.announcements_screen import VENUES, FakeAnnouncements, announcement
from tests.support.pages import new_window
from tests.support.qt import present
from tests.support.today_samples import NOW, ZONE

CTRL = Qt.KeyboardModifier.ControlModifier


class Screen:
    def __init__(self, hub: ThemeHub, gateway: FakeAnnouncements | None = None) -> None:
        self.gateway = gateway or FakeAnnouncements()
        self.page = AnnouncementsPage(
            hub, self.gateway, venues=self.gateway.venues, clock=FixedClock(NOW), zone=ZONE
        )
        self.toasts: list[str] = []
        self.page.toast_wanted.connect(self.toasts.append)

    async def open(self) -> Screen:
        present(self.page, 1240, 840)
        self.page.activateWindow()
        await self.rest()
        return self

    async def rest(self) -> None:
        for _ in range(4):
            await asyncio.sleep(0)
            await self.page.runner.settled()
            if self.page.sheet is not None:
                await self.page.sheet.runner.settled()

    async def key(self, key: Qt.Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        QTest.keyClick(QApplication.focusWidget() or self.page, key, modifier)
        await self.rest()

    @property
    def sheet(self) -> AnnouncementSheet:
        assert self.page.sheet is not None
        return self.page.sheet

    @property
    def rows(self) -> list[tuple[str, str, str]]:
        return [(one.title, one.detail, one.right) for one in self.page.list.choices.choices]


async def test_what_runs_is_planned_and_is_over_stands_under_its_heading(hub: ThemeHub) -> None:
    screen = await Screen(hub).open()
    page = screen.page
    assert screen.rows == [
        ("Running", "", "2"),
        ("Bookings pause on Sunday night", "all venues · until 13 Mar 15:42 · 12 read", ""),
        ("New labels", "2 venues · until 13 Mar 15:42 · 1 read", ""),
        ("Planned", "", "1"),
        ("Spring holidays", "all venues · from 15 Mar 15:42 · 0 read", ""),
        ("Past", "", "2"),
        (screen.gateway.known[3].title, f"{VENUES[3][1]} · until 9 Mar 15:42 · 1 read", ""),
        ("Wrong day", "all venues · until 13 Mar 15:42 · 0 read", ""),
    ]
    assert page.header.caption.text() == "2 running"
    assert page.detail.title.text() == "Bookings pause on Sunday night"
    said = [one.text() for one in page.findChildren(QLabel)]
    assert "12 people have read it" in said
    assert page.preview.accessibleName().startswith("Warning: Bookings pause")
    await screen.key(Qt.Key.Key_End)
    assert page.detail.title.text() == "Wrong day"
    assert not page.withdraw_button.isVisible()
    await screen.key(Qt.Key.Key_Delete, CTRL)
    assert page.question is None


async def test_withdrawing_says_what_it_does_in_numbers(hub: ThemeHub) -> None:
    screen = await Screen(hub).open()
    page = screen.page
    await screen.key(Qt.Key.Key_Delete, CTRL)
    assert page.question is not None
    card = page.question.card
    texts = [one.text() for one in card.findChildren(QLabel)]
    assert {"All", "venues", "12", "have read it"} <= set(texts)
    assert card.keep.hasFocus()
    await screen.key(Qt.Key.Key_Escape)
    assert screen.gateway.withdrawn == []
    page.withdraw()
    page.question.card.do.click()
    await screen.rest()
    assert screen.gateway.withdrawn == [screen.gateway.known[0].id]
    assert screen.toasts == ["“Bookings pause on Sunday night” is withdrawn."]
    assert screen.rows[1][0] == "New labels"


async def test_an_announcement_is_written_with_its_preview_by_keyboard(hub: ThemeHub) -> None:
    screen = await Screen(hub).open()
    await screen.key(Qt.Key.Key_N, CTRL)
    sheet = screen.sheet
    assert sheet.headline.hasFocus()
    QTest.keyClicks(sheet.headline, "New  labels")
    assert sheet.preview.title.text() == "New labels"
    assert sheet.fields["title"].note.text() == "10 of 120"
    await screen.key(Qt.Key.Key_Return, CTRL)
    assert sheet.fields["body"].below.text() == "Write what you want to tell."
    assert sheet.text.hasFocus()
    sheet.text.setPlainText("They are smaller.")
    sheet.tone.choose("warning")
    sheet.tone.changed.emit("warning")
    assert sheet.preview.accessibleName() == "Warning: New labels. They are smaller."
    sheet.whom.choose("some")
    sheet.whom.changed.emit("some")
    assert sheet.do_button.text() == "Tell 0 venues"
    sheet.confirm()
    assert sheet.fields["venues"].below.text() == "Choose the venues it is for."
    assert sheet.checklist.filter.hasFocus()
    QTest.keyClicks(sheet.checklist.filter, "alder")
    QTest.keyClick(sheet.checklist.filter, Qt.Key.Key_Return)
    sheet.checklist.filter.clear()
    QTest.keyClicks(sheet.checklist.filter, "river")
    sheet.checklist.list.setFocus()
    QTest.keyClick(sheet.checklist.list, Qt.Key.Key_Space)
    assert sheet.do_button.text() == "Tell 2 venues"
    assert sheet.checklist.count.text() == "2 of 44 venues"
    sheet.times[1].setText("soon")
    sheet.confirm()
    assert sheet.fields["ends_time"].below.text()
    sheet.times[1].setText("18:00")
    await screen.key(Qt.Key.Key_Return, CTRL)
    (told,) = screen.gateway.told
    assert (told.title, told.body, told.tone) == ("New labels", "They are smaller.", "warning")
    assert set(told.venue_ids or ()) == {VENUES[0][0], VENUES[1][0]}
    assert told.ends_at == datetime(2026, 3, 19, 18, 0, tzinfo=ZONE)
    assert screen.toasts == ["“New labels” is told to 2 venues."]
    assert screen.page.sheet is None
    assert screen.page.detail.title.text() == "New labels"


async def test_too_many_letters_and_an_end_before_the_beginning_are_not_told(hub: ThemeHub) -> None:
    screen = await Screen(hub).open()
    screen.page.write()
    sheet = screen.sheet
    sheet.headline.setText("x" * 121)
    assert sheet.fields["title"].below.text() == "1 character too many."
    assert not sheet.do_button.isEnabled()
    sheet.headline.setText("Title")
    sheet.text.setPlainText("y" * 1001)
    assert not sheet.do_button.isEnabled()
    sheet.text.setPlainText("Words")
    sheet.days[1].show_day((NOW - timedelta(days=2)).date())
    sheet.confirm()
    assert sheet.fields["ends_at"].below.text().startswith("Choose an end")
    sheet.days[1].show_day((NOW + timedelta(days=2)).date())
    screen.gateway.failure = Invalid("An announcement is shown for a year at most.", code="ends_at")
    sheet.confirm()
    await screen.rest()
    assert sheet.fields["ends_at"].below.text() == "An announcement is shown for a year at most."
    screen.gateway.failure = Unavailable("The server cannot be reached.")
    sheet.confirm()
    await screen.rest()
    assert sheet.banner.text == "The server cannot be reached."
    sheet.confirm()
    await screen.rest()
    assert screen.gateway.told[-1].venue_ids is None


async def test_nothing_announced_and_a_faster_person(hub: ThemeHub) -> None:
    empty = await Screen(hub, FakeAnnouncements([])).open()
    assert empty.page.empty.isVisible()
    assert empty.page.new_button.hasFocus()
    screen = await Screen(hub).open()
    screen.gateway.failure = Conflict("Lucas has withdrawn this announcement.", code="withdrawn")
    screen.page.withdraw()
    assert screen.page.question is not None
    screen.page.question.card.do.click()
    await screen.rest()
    assert screen.page.banner.text == "Lucas has withdrawn this announcement."
    screen.gateway.failure = Unavailable("The server cannot be reached.")
    screen.page.refresh()
    await screen.rest()
    assert screen.page.banner.text == "The server cannot be reached."
    assert len(screen.rows) == 8


async def test_the_strip_shows_one_at_a_time_and_is_put_away(hub: ThemeHub) -> None:
    gateway = FakeAnnouncements()
    gateway.known.append(announcement(7, "A third one", body="Short."))
    window = new_window(hub, 1440, 900)
    present(window, 1440, 900)
    keeper = AnnouncementKeeper(window, gateway, venue_id=VENUES[0][0], parent=window, poll_ms=10**6)
    window.announcement_put_away.connect(keeper.put_away)
    reached: list[object] = []
    keeper.reached.connect(reached.append)
    assert window.announcement_strip is None
    keeper.start()
    await keeper.runner.settled()
    strip = window.announcement_strip
    assert strip is not None
    assert strip.isVisible()
    assert (strip.title.text(), strip.place.text()) == ("Bookings pause on Sunday night", "1 of 3")
    strip.away_button.click()
    assert (strip.title.text(), strip.place.text()) == ("New labels", "2 of 3"), (
        "the next one follows at once"
    )
    await keeper.runner.settled()
    assert gateway.away == [gateway.known[0].id]
    keeper.refresh()
    await keeper.runner.settled()
    assert strip.place.text() == "2 of 3"
    await asyncio.sleep(0)
    assert strip.more_button.isVisible(), "long words are on one line"
    strip.more_button.click()
    assert strip.full.isVisible()
    assert strip.more_button.text() == "Read less"
    gateway.failure = Unavailable("The server cannot be reached.")
    strip.away_button.click()
    await keeper.runner.settled()
    assert strip.title.text() == "New labels", "it was not put away, so it is back"
    assert isinstance(reached[-1], Unavailable)
    gateway.failure = NotFound("There is no such announcement.")
    strip.away_button.click()
    await keeper.runner.settled()
    assert strip.title.text() == "A third one"
    window.show_page(QLineEdit("The page"))
    strip.away_button.setFocus()
    QTest.keyClick(strip.away_button, Qt.Key.Key_Space)
    assert not strip.isVisible()
    assert QApplication.focusWidget() is window.page(), "the keyboard is in the page again"
    await keeper.runner.settled()
    gateway.away.clear()
    keeper.refresh()
    await keeper.runner.settled()
    assert strip.isVisible()
    window.show_full(QLabel("Sign in"))
    assert not strip.isVisible()
    keeper.refresh()
    await keeper.runner.settled()
    keeper.stop()
    assert not strip.isVisible()


def test_an_announcement_says_for_whom_and_when() -> None:
    one = announcement(1, "Title", venues=VENUES[:1], ends_at=NOW + timedelta(days=365, hours=1))
    assert words.audience(one) == "Riverside Studio"
    assert words.moment(one.ends_at, NOW, ZONE) == "12 Mar 2027 15:42"
    assert words.read_by(replace(one, read_by=1)) == "1 person has read it"
    planned = announcement(2, "Later", starts_at=NOW + timedelta(days=1), ends_at=NOW + timedelta(days=2))
    assert words.withdrawal(planned, NOW)[0].startswith("Nobody has seen it")
