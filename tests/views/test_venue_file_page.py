"""A venue's file: sections and jumps, notes and incidents, papers, its history, and the list it is opened from."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import date, timedelta

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel

from console.clock import FixedClock
from console.errors import Conflict, Invalid, Unavailable
from console.views.lists import venues_page
from console.views.opened_over import OpenedOver
from console.views.theme import ThemeHub
from console.views.venue_file import words
from console.views.venue_file.page import VenueFilePage
from console.views.venue_file.papers import PaperViewer
from console.views.venue_file.sheets import IncidentSheet, WordsSheet
from tests.support.qt import present
from tests.support.today_samples import NOW, ZONE
from tests.support.venue_file_screen import ROWS, VENUE_ID, FakeVenueFile, bare, many_events, venue_file

CTRL = Qt.KeyboardModifier.ControlModifier


class Screen:
    def __init__(self, hub: ThemeHub, gateway: FakeVenueFile | None = None) -> None:
        self.gateway = gateway or FakeVenueFile()
        self.page = VenueFilePage(
            hub, self.gateway, venue_id=VENUE_ID, clock=FixedClock(NOW), zone=ZONE, has_way_back=False
        )
        self.toasts: list[str] = []
        self.reached: list[object] = []
        self.page.toast_wanted.connect(self.toasts.append)
        self.page.reached.connect(self.reached.append)

    async def open(self) -> Screen:
        present(self.page, 1240, 700)
        self.page.activateWindow()
        await self.rest()
        return self

    async def rest(self) -> None:
        for _ in range(4):
            await asyncio.sleep(0)
            await self.page.runner.settled()
            sheet = self.page.sheet
            if isinstance(sheet, WordsSheet | PaperViewer):
                await sheet.runner.settled()

    async def key(self, key: Qt.Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        QTest.keyClick(QApplication.focusWidget() or self.page, key, modifier)
        await self.rest()

    def said(self, key: str) -> list[str]:
        return [one.text().replace("\u200b", "") for one in self.page.sections[key].findChildren(QLabel)]

    @property
    def marked(self) -> str:
        return str(self.page.index.current)

    @property
    def figures(self) -> dict[str, str]:
        return {str(one.value): one.right for one in self.page.index.choices.choices}


async def test_everything_about_a_venue_stands_in_its_section(hub: ThemeHub) -> None:
    screen = await Screen(hub).open()
    page = screen.page
    assert page.header.title.text() == "Cedar Street Makers"
    assert page.chip.text() == "Open"
    assert page.header.caption.text() == "Portland, OR · open since 16 May 2025 · America/Los_Angeles"
    assert "93-1234567" in screen.said("overview")
    assert "ends 26 Mar 2026 · reminded 30, 14 days before" in screen.said("requirements")
    assert "Yearly check" in screen.said("requirements")
    assert "Manager since 16 May 2025" in screen.said("staff")
    assert "never seen" in screen.said("staff")
    assert "Last seen 12 Mar 15:37" in screen.said("devices")
    assert "next 16 Mar · 9 booked" in screen.said("schedule")
    assert "too little to tell" in screen.said("scores")
    assert "1,234.50 USD" in screen.said("payouts")
    assert "Insurance · 12 Mar 15:42 · 2 pages" in screen.said("papers")
    assert any("Resolved by Amara" in one for one in screen.said("incidents"))
    assert "They answer the phone after three." in screen.said("notes")
    assert "All five requirements are met." in screen.said("history")
    assert "Payout line: insert" in screen.said("audit")
    figures = screen.figures
    assert (figures["requirements"], figures["incidents"], figures["scores"]) == ("4 of 5", "1 open", "74.6")
    assert page.suspend_button.isVisible()
    assert not page.reinstate_button.isVisible()
    assert screen.reached == [None]


async def test_figures_jump_to_sections_and_the_index_follows_what_is_read(hub: ThemeHub) -> None:
    screen = await Screen(hub).open()
    page = screen.page
    assert QApplication.focusWidget() is page.index
    bar = page._scroll.verticalScrollBar()
    await screen.key(Qt.Key.Key_4)
    assert screen.marked == "devices"
    assert bar.value() == page.sections["devices"].y()
    await screen.key(Qt.Key.Key_Down)
    assert screen.marked == "schedule"
    assert bar.value() == page.sections["schedule"].y()
    bar.setValue(0)
    assert screen.marked == "overview"
    bar.setValue(page.sections["staff"].y())
    assert screen.marked == "staff"
    await screen.key(Qt.Key.Key_PageDown)
    assert bar.value() > page.sections["staff"].y()
    await screen.key(Qt.Key.Key_End)
    assert screen.marked == "audit"
    page.refresh()
    await screen.rest()
    assert screen.marked == "audit"
    assert QApplication.focusWidget() is page.index


async def test_a_refresh_makes_only_anew_what_changed(hub: ThemeHub) -> None:
    screen = await Screen(hub).open()
    page = screen.page
    rebuilt: list[str] = []
    for key, box in page.sections.items():
        box.rebuilt.connect(lambda key=key: rebuilt.append(key))
    page.refresh()
    await screen.rest()
    assert rebuilt == []
    assert screen.gateway.known is not None
    screen.gateway.known = replace(screen.gateway.known, staff=())
    page.refresh()
    await screen.rest()
    assert rebuilt == ["staff"]
    assert "Nobody works here yet." in screen.said("staff")


async def test_a_note_and_an_incident_are_written_by_keyboard(hub: ThemeHub) -> None:
    screen = await Screen(hub).open()
    page, gateway = screen.page, screen.gateway
    await screen.key(Qt.Key.Key_N, CTRL)
    sheet = page.sheet
    assert isinstance(sheet, WordsSheet)
    await screen.key(Qt.Key.Key_Return, CTRL)
    assert sheet.field.below.text() == "Write the note first."
    QTest.keyClicks(sheet.text, "Call them in May.")
    assert sheet.field.note.text() == "17 of 4,000"
    await screen.key(Qt.Key.Key_Return, CTRL)
    assert ("note", VENUE_ID, "Call them in May.") in gateway.done
    assert screen.toasts == ["The note is kept."]
    assert "Call them in May." in screen.said("notes")
    await screen.key(Qt.Key.Key_I, CTRL)
    report = page.sheet
    assert isinstance(report, IncidentSheet)
    await screen.key(Qt.Key.Key_Return, CTRL)
    assert report.title_field.below.text() == "Say in a few words what happened."
    QTest.keyClicks(report.headline, "A fall")
    report.day.show_day((NOW + timedelta(days=2)).date())
    report.confirm()
    assert report.day_field.below.text() == "Choose today or a day before."
    report.day.show_day(date(2026, 3, 11))
    report.severity.choose("critical")
    screen.gateway.failure = Invalid("Say how grave it was.", code="title")
    report.confirm()
    await screen.rest()
    assert report.title_field.below.text() == "Say how grave it was."
    report.confirm()
    await screen.rest()
    assert gateway.done[-2] == ("incident", VENUE_ID, date(2026, 3, 11), "critical", "A fall", "")
    assert "A fall" in screen.said("incidents")
    assert screen.figures["incidents"] == "2 open"


async def test_an_incident_is_resolved_once(hub: ThemeHub) -> None:
    screen = await Screen(hub).open()
    page, gateway = screen.page, screen.gateway
    (button,) = page.sections["incidents"].buttons
    assert button.accessibleName() == "Resolve: A saw without its guard"
    button.click()
    assert isinstance(page.sheet, WordsSheet)
    page.sheet.text.setPlainText("The guard is on.")
    gateway.failure = Conflict("Lucas has resolved this incident.", code="resolved")
    page.sheet.confirm()
    await screen.rest()
    assert page.sheet is None
    assert page.banner.text == "Lucas has resolved this incident."
    page.sections["incidents"].buttons[0].click()
    assert isinstance(page.sheet, WordsSheet)
    page.sheet.text.setPlainText("The guard is on.")
    page.sheet.confirm()
    await screen.rest()
    assert any(one[0] == "resolve" and one[2] == "The guard is on." for one in gateway.done)
    assert page.sections["incidents"].buttons == []
    assert not page.banner.text


async def test_a_paper_is_looked_at(hub: ThemeHub) -> None:
    screen = await Screen(hub).open()
    page = screen.page
    page.sections["papers"].buttons[1].click()
    viewer = page.sheet
    assert isinstance(viewer, PaperViewer)
    await screen.rest()
    assert viewer.title.text() == "Bench"
    assert viewer.file is not None
    assert "certificate.pdf" in viewer.caption.text()
    assert not viewer.picture.pixmap().isNull()
    viewer.close()
    assert page.sheet is None


async def test_the_history_goes_on_as_far_as_it_is_asked_for(hub: ThemeHub) -> None:
    events = many_events(120)
    gateway = FakeVenueFile(venue_file(events=tuple(events[:50])))
    gateway.older = list(events[50:])
    gateway.page_rows = 80
    screen = await Screen(hub, gateway).open()
    page = screen.page
    assert screen.figures["history"] == "50"
    assert page.more_button.isVisible()
    page.more_button.click()
    await screen.rest()
    assert screen.figures["history"] == "80"
    page.more_button.click()
    await screen.rest()
    assert screen.figures["history"] == "120"
    assert not page.more_button.isVisible()
    page.refresh()
    await screen.rest()
    assert screen.figures["history"] == "120"


async def test_an_empty_venue_says_so_in_each_section(hub: ThemeHub) -> None:
    screen = await Screen(hub, FakeVenueFile(bare())).open()
    for key in (
        "staff",
        "devices",
        "schedule",
        "scores",
        "payouts",
        "papers",
        "incidents",
        "notes",
        "history",
        "audit",
    ):
        assert words.EMPTY[key] in screen.said(key), key
    assert "address, insurance" in screen.said("overview")
    assert screen.page.chip.text() == "Waiting"
    assert not screen.page.suspend_button.isVisible()


async def test_suspending_and_reinstating_are_asked_for(hub: ThemeHub) -> None:
    screen = await Screen(hub).open()
    page = screen.page
    wanted: list[tuple[str, object]] = []
    page.suspend_wanted.connect(lambda venue: wanted.append(("suspend", venue)))
    page.reinstatement_wanted.connect(lambda venue: wanted.append(("reinstate", venue)))
    page.suspend_button.click()
    known = venue_file()
    facts = replace(known.facts, status="suspended", suspended_at=NOW, suspension_reason="No insurance.")
    screen.gateway.known = replace(known, facts=facts)
    page.refresh()
    await screen.rest()
    assert page.header.caption.text().startswith("Portland, OR · suspended since 12 March 2026")
    page.reinstate_button.click()
    assert wanted == [("suspend", VENUE_ID), ("reinstate", VENUE_ID)]


async def test_an_error_leaves_the_file_and_a_venue_that_is_not_there_says_so(hub: ThemeHub) -> None:
    screen = await Screen(hub).open()
    screen.gateway.failure = Unavailable("The server cannot be reached.")
    screen.page.refresh()
    await screen.rest()
    assert screen.page.banner.text == "The server cannot be reached."
    assert "93-1234567" in screen.said("overview")
    assert isinstance(screen.reached[-1], Unavailable)
    gone = FakeVenueFile()
    gone.known = None
    other = await Screen(hub, gone).open()
    assert other.page.gone.isVisible()
    other.page.add_note()
    assert other.page.sheet is None


@pytest.mark.parametrize("key", [Qt.Key.Key_Escape, Qt.Key.Key_Left])
async def test_the_list_opens_a_file_and_a_key_comes_back(hub: ThemeHub, key: Qt.Key) -> None:
    gateway, zone = FakeVenueFile(), ZONE
    listing = venues_page(hub, gateway.venues)
    area = OpenedOver(
        listing, lambda venue: VenueFilePage(hub, gateway, venue_id=venue, clock=FixedClock(NOW), zone=zone)
    )
    listing.table.row_activated.connect(lambda row: area.open_one(row.id))
    present(area, 1240, 700)
    area.activateWindow()
    await listing.model.settled()
    listing.table.setFocus()
    listing.table.setCurrentIndex(listing.model.index(1, 0))
    QTest.keyClick(listing.table, Qt.Key.Key_Return)
    detail = area.opened
    assert isinstance(detail, VenueFilePage)
    detail.back_wanted.connect(area.show_list)
    await asyncio.sleep(0)
    await detail.runner.settled()
    assert detail.file is not None
    assert detail.file.facts.id == ROWS[1].id
    assert QApplication.focusWidget() is detail.index
    alt = Qt.KeyboardModifier.AltModifier
    none = Qt.KeyboardModifier.NoModifier
    QTest.keyClick(detail.index, key, alt if key is Qt.Key.Key_Left else none)
    assert area.opened is None
    assert listing.isAncestorOf(QApplication.focusWidget() or area)
    area.stop()
