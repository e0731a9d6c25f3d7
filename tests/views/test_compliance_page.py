"""Headquarters' compliance screen: the list, the calendar, one venue beside it, and the rules; by keyboard."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from uuid import UUID

import pytest
import pytest_asyncio
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QWidget

from console.domain.compliance import ComplianceCell
from console.domain.vetting import Requirement, Standing
from console.errors import Conflict, Invalid, Unavailable
from console.views.approvals.suspend_sheet import SuspendSheet
from console.views.compliance import words
from console.views.compliance.file_sheet import FileSheet
from console.views.compliance.page import CompliancePage
from console.views.compliance.rules import RulesSheet
from console.views.theme import ThemeHub
from tests.support import compliance_screen as sample
from tests.support.pages import new_window, rest
from tests.support.pages_compliance import compliance, settled
from tests.support.qt import present


def focused() -> QWidget:
    """What has the keyboard."""
    found = QApplication.focusWidget()
    assert found is not None
    return found


def press(key: Qt.Key, modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    """Press a key where the keyboard is."""
    QTest.keyClick(focused(), key, modifiers)


@pytest.fixture
def gateway() -> sample.FakeCompliance:
    """Thirteen venues."""
    return sample.FakeCompliance()


@pytest_asyncio.fixture
async def page(hub: ThemeHub, gateway: sample.FakeCompliance) -> AsyncIterator[CompliancePage]:
    """The page in an active window."""
    window = new_window(hub, 1440, 900)
    present(window, 1440, 900)
    window.activateWindow()
    made = await compliance(window, gateway)
    yield made
    made.stop()


async def test_the_list_shows_what_ends_first_with_a_mark_and_a_day(page: CompliancePage) -> None:
    model = page.overview.model
    assert model.rowCount() == 13
    first = [model.data(model.index(0, at)) for at in range(model.columnCount())]
    assert first == [
        "Blue Door Theatre",
        "9 Mar",
        "28 Oct",
        "27 Nov",
        "27 Dec",
        "Satisfied",
        "9 Mar",
        "23 Mar",
    ]
    look = words.cell_look(model.row(2), Requirement.INSURANCE)
    assert (look.icon, look.suffix) == ("ph.calendar-x-fill", "new")
    assert page.header.caption.text() == "Suspended after 14 days of grace when something ends"
    assert words.cell_spoken(Requirement.INSURANCE, model.row(2).cells[Requirement.INSURANCE]) == (
        "Insurance: expiring, ends 18 March 2026, reminded 30, 14 and 7 days before, a new one waits"
    )


async def test_a_count_narrows_and_typing_narrows_further(
    page: CompliancePage, gateway: sample.FakeCompliance
) -> None:
    page.overview.tabs.option("missing").click()
    await settled(page)
    assert gateway.requests[-1].filters == {"standing": "missing"}
    assert page.overview.model.rowCount() == 1
    assert page.overview.tabs.option("missing").accessibleName() == "Missing, 1", "as many as are counted"
    page.overview.filter.setFocus()
    QTest.keyClicks(focused(), "nobody")
    await rest(0.4)
    await settled(page)
    assert page.overview.stack.currentWidget() is page.overview.no_match
    press(Qt.Key.Key_Escape)
    await settled(page)
    assert page.overview.model.rowCount() == 13
    assert page.overview.tabs.chosen == ""


async def test_a_filter_is_kept_by_name(page: CompliancePage) -> None:
    page.overview.tabs.option("expired").click()
    choices = page.overview.choices
    choices.save.click()
    QTest.keyClicks(choices.name, "To do first")
    QTest.keyClick(choices.name, Qt.Key.Key_Return)
    page.overview.clear()
    choices.saved.set_key("To do first")
    choices.saved.activated.emit(choices.saved.currentIndex())
    await settled(page)
    assert page.overview.tabs.chosen == "expired"


async def test_a_venue_opens_by_enter_and_closes_by_escape(page: CompliancePage) -> None:
    press(Qt.Key.Key_Return)
    assert focused() is page.overview.table
    press(Qt.Key.Key_Down)
    press(Qt.Key.Key_Return)
    await settled(page)
    assert page.panel.isVisible()
    assert [block.page.requirement for block in page.panel.blocks] == list(Requirement)
    wanted: list[UUID] = []
    page.venue_wanted.connect(wanted.append)
    page.panel.open_button.click()
    assert wanted == [page.panel.venue_id]
    page.panel.open_button.setFocus()
    press(Qt.Key.Key_Escape)
    assert not page.panel.isVisible()
    assert focused() is page.overview.table


async def test_headquarters_files_for_the_venue(page: CompliancePage, gateway: sample.FakeCompliance) -> None:
    page.open_venue(page.overview.model.row(0))
    await settled(page)
    page.panel.blocks[4].file_button.click()
    sheet = page.sheet
    assert isinstance(sheet, FileSheet)
    assert sheet.caption.text() == "For Blue Door Theatre"
    sheet.fields["last_four"].editor.setFocus()
    press(Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    QTest.keyClicks(focused(), "4821")
    sheet.fields["holder"].editor.setFocus()
    QTest.keyClicks(focused(), "Blue Door LLC")
    toasts: list[str] = []
    page.toast_wanted.connect(toasts.append)
    sheet.confirm()
    await rest(1)
    assert gateway.done[-1][:3] == (
        "file",
        Requirement.PAYOUT_ACCOUNT,
        {"last_four": "4821", "holder": "Blue Door LLC"},
    )
    assert toasts == ["Filed: payout account"]
    assert page.sheet is None


async def test_suspending_is_previewed_and_only_offered_for_an_open_venue(
    page: CompliancePage, gateway: sample.FakeCompliance
) -> None:
    page.open_venue(page.overview.model.row(1))
    await settled(page)
    assert not page.panel.suspend_button.isVisible(), "it is suspended already"
    page.open_venue(page.overview.model.row(0))
    await settled(page)
    assert page.panel.notice.text.startswith("Suspended by itself on 23 March 2026")
    page.panel.suspend_button.click()
    await rest(1)
    sheet = page.sheet
    assert isinstance(sheet, SuspendSheet)
    assert sheet.preview is not None
    said = [one.text() for one in sheet.card.findChildren(QLabel)]
    assert "12 Mar 12:42, Junior Judo: 12 bookings" in said, (
        "in the venue's own time, not that of headquarters"
    )
    sheet.reason.setPlainText("The insurance ended.")
    sheet.confirm()
    await rest(1)
    assert gateway.done[-1] == ("suspend", UUID(int=0x71), "The insurance ended.")


async def test_the_calendar_goes_day_by_day_and_opens_a_venue(
    page: CompliancePage, gateway: sample.FakeCompliance
) -> None:
    press(Qt.Key.Key_2, Qt.KeyboardModifier.AltModifier)
    await settled(page)
    month = page.calendar.month
    assert focused() is month
    assert gateway.spans[-1] == (date(2026, 2, 23), date(2026, 4, 5))
    press(Qt.Key.Key_Down)
    assert month.day == sample.day(7)
    assert page.calendar.day_caption.text() == "6 end, 1 reminder"
    assert month.accessibleDescription() == "19 March 2026: 6 end, 1 reminder"
    press(Qt.Key.Key_PageDown)
    await settled(page)
    assert page.calendar.title.text() == "April 2026"
    assert gateway.spans[-1][0] == date(2026, 3, 30)
    page.calendar.show_today()
    await settled(page)
    press(Qt.Key.Key_Return)
    assert focused() is page.calendar.list
    press(Qt.Key.Key_Return)
    await settled(page)
    assert page.panel.venue == "Cedar Street Makers"
    assert page.panel.status == "suspended", "what the list knows is known here too"


async def test_rules_are_previewed_before_they_are_saved(
    page: CompliancePage, gateway: sample.FakeCompliance
) -> None:
    page.open_rules()
    await rest(1)
    sheet = page.sheet
    assert isinstance(sheet, RulesSheet)
    assert sheet.says.text() == (
        "These rules would suspend 1 venue today; 24 bookings stay, new ones are refused."
    )
    assert not sheet.do_button.isEnabled(), "nothing is changed yet"
    press(Qt.Key.Key_Up)
    assert not sheet.do_button.isEnabled(), "nobody looked at it yet"
    await rest(0.5)
    assert sheet.says.text().startswith("These rules would suspend 2 venues today")
    press(Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    await rest(1)
    assert gateway.rules.insurance_minimum == 1_050_000
    assert page.sheet is None


async def test_a_rule_that_is_no_number_is_said_under_its_field(page: CompliancePage) -> None:
    page.open_rules()
    await rest(1)
    sheet = page.sheet
    assert isinstance(sheet, RulesSheet)
    for text in ("", "-1", "101", "²", "9" * 40):
        sheet.fields["audit_minimum"].editor.setText(text)  # type: ignore[attr-defined]  # a text input
        await rest(0.4)
        assert sheet.fields["audit_minimum"].below.text() == "Give a whole number from 0 to 100."
        assert not sheet.do_button.isEnabled()


async def test_rules_that_somebody_else_changed_are_shown_again(
    page: CompliancePage, gateway: sample.FakeCompliance
) -> None:
    page.open_rules()
    await rest(1)
    sheet = page.sheet
    assert isinstance(sheet, RulesSheet)
    press(Qt.Key.Key_Up)
    await rest(0.4)
    gateway.rules = replace(sample.RULES, version=4, grace_days=30)
    gateway.failure = Conflict("Somebody else changed these rules.", code="version_changed")
    sheet.confirm()
    await rest(1)
    assert "Somebody else changed these rules." in sheet.banner.text
    assert sheet.fields["grace_days"].editor.text() == "30"  # type: ignore[attr-defined]  # a text input


async def test_whoever_may_not_change_only_reads(hub: ThemeHub, gateway: sample.FakeCompliance) -> None:
    window = new_window(hub, 1440, 900)
    present(window, 1440, 900)
    made = await compliance(window, gateway, may_change=False)
    made.open_venue(made.overview.model.row(0))
    await settled(made)
    assert not made.panel.suspend_button.isVisible()
    made.suspend()
    assert made.sheet is None
    made.open_rules()
    await rest(1)
    assert isinstance(made.sheet, RulesSheet)
    assert not made.sheet.suspends.isEnabled()
    made.stop()


async def test_trouble_is_a_banner_and_the_rows_stay(
    page: CompliancePage, gateway: sample.FakeCompliance
) -> None:
    told: list[object] = []
    page.reached.connect(told.append)
    gateway.failure = Unavailable("The server cannot be reached.", hint="Try again in a minute.")
    page.overview.start()
    await settled(page)
    assert page.overview.banner.text == "The server cannot be reached. Try again in a minute."
    assert page.overview.model.rowCount() == 13
    assert isinstance(told[-1], Unavailable)
    page.refresh()
    await settled(page)
    assert not page.overview.banner.isVisible()


async def test_the_overview_is_saved_as_a_file(page: CompliancePage, gateway: sample.FakeCompliance) -> None:
    toasts: list[str] = []
    page.toast_wanted.connect(toasts.append)
    page.export(Path("/tmp/compliance.xlsx"))
    await settled(page)
    assert toasts == ["13 venues saved in compliance.xlsx"]
    gateway.failure = Invalid("This folder cannot be written to.")
    page.export(Path("/tmp/compliance.csv"))
    await settled(page)
    assert page.overview.banner.text == "This folder cannot be written to."
    assert page.export_button.isEnabled()


@pytest.mark.parametrize(
    ("standing", "ends", "said"),
    [
        (Standing.EXPIRED, -3, "9 Mar"), (Standing.SATISFIED, 60, "11 May"), (Standing.SATISFIED, 700, "Feb 2028"),
        (Standing.PENDING, 5, "Pending"), (Standing.MISSING, None, "Missing"), (Standing.EXCEPTED, 10, "22 Mar"),
    ],
)  # fmt: skip
def test_a_cell_says_the_day_or_the_word(standing: Standing, ends: int | None, said: str) -> None:
    cell = ComplianceCell(standing, None if ends is None else sample.day(ends), False, ())
    assert words.cell_text(cell, sample.TODAY) == said
