"""Asking to become a venue: kept as it is typed, handed in, answered, withdrawn; and a file of many."""

from __future__ import annotations

from collections.abc import AsyncIterator, Coroutine
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import pytest_asyncio
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from console.errors import Conflict, Invalid, Unavailable
from console.views.applications import words
from console.views.applications.imports import ImportApplicationsSheet
from console.views.applications.page import ApplicationPage
from console.views.theme import ThemeHub
from console.views.widgets.fields import TextInput
from tests.support import compliance_screen as sample
from tests.support.pages import new_window, rest
from tests.support.pages_compliance import asking
from tests.support.qt import present

CTRL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def gateway() -> sample.FakeApplications:
    """One application of each state."""
    return sample.FakeApplications()


@pytest_asyncio.fixture
async def page(hub: ThemeHub, gateway: sample.FakeApplications) -> AsyncIterator[ApplicationPage]:
    """The page in an active window, the draft on show."""
    window = new_window(hub, 1440, 900)
    present(window, 1440, 900)
    window.activateWindow()
    made = await asking(window, gateway)
    yield made
    made.stop()


def write(page: ApplicationPage, **typed: str) -> None:
    """Type into fields."""
    for name, text in typed.items():
        editor = page.form.fields[name].editor
        assert isinstance(editor, TextInput)
        editor.setText(text)


async def test_a_draft_is_kept_as_it_is_typed(
    page: ApplicationPage, gateway: sample.FakeApplications
) -> None:
    assert page.side.complete.text() == "9 of 11 needed facts"
    page.side.links[0].click()
    assert QApplication.focusWidget() is page.form.fields["latitude"].editor
    QTest.keyClicks(page.form.fields["latitude"].editor, "45,5231")
    assert page.side.kept.text() == "Not kept yet"
    await rest(1.5)
    assert gateway.done[-1][1].latitude == Decimal("45.5231")
    assert page.side.kept.text() == "Kept 15:42"
    assert [button.text() for button in page.side.links] == ["Longitude"]
    write(page, name="Cedar Makers")
    page.keep()
    await rest(1)
    assert page.header.title.text() == "Cedar Makers"
    assert gateway.known[0].facts.name == "Cedar Makers"


async def test_what_was_typed_just_before_signing_out_is_kept(
    page: ApplicationPage, gateway: sample.FakeApplications
) -> None:
    left: list[Coroutine[Any, Any, None]] = []
    page._afterwards = left.append
    write(page, name="Cedar Makers", contact_email="hannah")
    page.stop()
    (last,) = left
    await last
    assert gateway.known[0].facts.name == "Cedar Makers"
    assert gateway.known[0].facts.contact_email == "hannah@cedar.example"


async def test_what_cannot_be_kept_hides_nothing_else(
    page: ApplicationPage, gateway: sample.FakeApplications
) -> None:
    write(page, contact_email="hannah", latitude="north", city="Salem")
    page.keep()
    await rest(1)
    assert gateway.known[0].facts.city == "Salem"
    assert gateway.known[0].facts.contact_email == "hannah@cedar.example"
    assert page.form.fields["contact_email"].below.text() == "That is no email address."
    assert page.form.fields["latitude"].below.text() == "Give a number from -90 to 90."
    assert page.side.kept.text() == "Kept 15:42, all but 2 fields"


async def test_handing_in_says_what_it_does(page: ApplicationPage, gateway: sample.FakeApplications) -> None:
    page.submit()
    assert page.question is None
    assert page.side.wrong.text() == "Fill in 2 more facts before it can be handed in."
    assert QApplication.focusWidget() is page.form.fields["latitude"].editor
    write(page, latitude="45.5", longitude="-122.6")
    QTest.keyClick(page.form.fields["longitude"].editor, Qt.Key.Key_Return, CTRL)
    assert page.question is not None
    assert page.question.card.keep.hasFocus()
    toasts: list[str] = []
    page.toast_wanted.connect(toasts.append)
    page.question.card.do.click()
    await rest(1)
    assert gateway.done[-1][0] == "submit"
    assert gateway.done[-1][1].longitude == Decimal("-122.6"), "what was typed last is handed in"
    assert toasts == ["Handed in; headquarters looks at it"]
    assert not page.form.fields["name"].isEnabled()
    assert not page.side.submit_button.isVisible()
    assert page.side.parts.isVisible(), "its papers can be filed now"


async def test_headquarters_words_stand_on_top_and_are_answered(
    page: ApplicationPage, gateway: sample.FakeApplications
) -> None:
    page.choose(sample.applications()[1])
    assert page.side.feedback_title.text() == "Headquarters asks:"
    assert page.side.feedback_words.text() == "Please give the address of the entrance, not of the office."
    write(page, address_line1="14 Harbour Street")
    page.side.answer.setPlainText("The entrance is in Harbour Street.")
    page.choose(sample.applications()[0])
    page.choose(gateway.known[1])
    editor = page.form.fields["address_line1"].editor
    assert isinstance(editor, TextInput)
    assert editor.text() == "14 Harbour Street", "what is not sent is not lost"
    page.submit()
    await rest(1)
    kind, facts, note = gateway.done[-1]
    assert (kind, facts.address_line1, note) == (
        "answer",
        "14 Harbour Street",
        "The entrance is in Harbour Street.",
    )
    assert not page.side.submit_button.isVisible()


async def test_it_is_withdrawn_after_a_question(
    page: ApplicationPage, gateway: sample.FakeApplications
) -> None:
    page.withdraw()
    assert page.question is not None
    page.question.card.do.click()
    await rest(1)
    assert gateway.done[-1] == ("withdraw", sample.applications()[0].id)
    assert page.side.chip.text() == "Withdrawn"
    assert not page.side.foot.isVisible()


async def test_a_new_one_is_begun_by_keyboard(
    page: ApplicationPage, gateway: sample.FakeApplications
) -> None:
    page.list.setFocus()
    QTest.keyClick(page.list, Qt.Key.Key_N, CTRL)
    await rest(1)
    assert len(gateway.known) == 5
    assert QApplication.focusWidget() is page.form.fields["name"].editor
    assert page.side.complete.text() == "0 of 11 needed facts"


async def test_its_papers_are_beside_it_and_an_open_venue_is_reached(page: ApplicationPage) -> None:
    page.choose(sample.applications()[1])
    page.show_part("papers")
    await rest(1)
    assert page.papers is not None
    assert len(page.papers.blocks) == 5
    wanted: list[UUID] = []
    page.venue_wanted.connect(wanted.append)
    page.choose(sample.applications()[3])
    assert page.side.chip.text() == "Approved"
    page.side.venue_button.click()
    assert wanted == [UUID(int=0x72)]


async def test_trouble_keeps_what_is_typed(page: ApplicationPage, gateway: sample.FakeApplications) -> None:
    write(page, city="Salem")
    gateway.failure = Unavailable("The server cannot be reached.", hint="Try again in a minute.")
    page.keep()
    await rest(1)
    assert page.banner.isVisible()
    assert page.side.kept.text() == "Not kept yet"
    page.keep()
    await rest(1)
    assert gateway.known[0].facts.city == "Salem"
    gateway.failure = Conflict("This application was changed elsewhere.", code="version_changed")
    write(page, city="Eugene")
    page.keep()
    await rest(1)
    editor = page.form.fields["city"].editor
    assert isinstance(editor, TextInput)
    assert editor.text() == "Salem", "it is shown as it is"
    assert page.banner.text == "This application was changed elsewhere."


async def test_nobody_applied_yet(hub: ThemeHub) -> None:
    window = new_window(hub, 1440, 900)
    present(window, 1440, 900)
    made = await asking(window, sample.FakeApplications([]))
    assert made.stack.currentWidget() is made.empty
    assert made.new_button.hasFocus(), "the keys of the page are heard"
    assert not made.header.isVisible()
    made.begin()
    await rest(1)
    assert made.stack.currentWidget() is made.side
    made.stop()


# -- a file of many --------------------------------------------------------------------------------------------------


@pytest_asyncio.fixture
async def sheet(hub: ThemeHub, gateway: sample.FakeApplications) -> AsyncIterator[ImportApplicationsSheet]:
    """The import, before a file is chosen."""
    window = new_window(hub, 1440, 900)
    present(window, 1440, 900)
    made = ImportApplicationsSheet(window.hub, window, gateway)
    made.open()
    yield made
    made.close()


async def test_a_file_is_looked_at_and_taken(
    sheet: ImportApplicationsSheet, gateway: sample.FakeApplications
) -> None:
    sheet.look_at(Path("/tmp/venues.csv"))
    await rest(1)
    assert gateway.done == [], "looking writes nothing"
    assert sheet.caption.text() == "venues.csv: 14 new, 1 known, 1 refused, 1 like a venue that is there"
    assert sheet.model is not None
    assert sheet.tabs is not None
    assert sheet.do_button is not None
    assert sheet.model.data(sheet.model.index(1, 3)) == "Alike: Cedar Street Makers, 92 of 100, name, phone."
    sheet.tabs.option("refused").click()
    await sheet.model.settled()
    assert sheet.model.rowCount() == 1
    said: list[str] = []
    sheet.taken.connect(said.append)
    sheet.do_button.click()
    await rest(1)
    assert gateway.done == [("take", "venues.csv")]
    assert said == ["14 applications taken, 1 refused"]
    assert sheet.do_button is None, "there is nothing more to take"


async def test_a_file_that_is_none_is_refused_in_one_sentence(
    sheet: ImportApplicationsSheet, gateway: sample.FakeApplications
) -> None:
    gateway.failure = Invalid("venues.csv has no column “name”.", code="import_columns")
    sheet.look_at(Path("/tmp/venues.csv"))
    await rest(1)
    assert sheet.banner.text == "venues.csv has no column “name”."
    assert sheet.choose_button is not None
    assert sheet.choose_button.isVisible()


async def test_taking_is_stopped_and_looked_at_again(sheet: ImportApplicationsSheet) -> None:
    sheet.look_at(Path("/tmp/venues.csv"))
    await rest(1)
    sheet.take()
    assert sheet.progress is not None
    sheet.progress.cancelled.emit()
    await rest(1)
    assert words.fates(sheet.found)["new"] == 14
    assert sheet.do_button is not None


async def test_headquarters_opens_a_file_from_the_page_and_nobody_else(
    hub: ThemeHub, page: ApplicationPage
) -> None:
    assert page.import_button.isHidden()
    window = new_window(hub, 1440, 900)
    present(window, 1440, 900)
    window.activateWindow()
    made = await asking(window, sample.FakeApplications(), may_import=True)
    QTest.keyClick(made.list, Qt.Key.Key_I, Qt.KeyboardModifier.ControlModifier)
    await rest(0.1)
    assert isinstance(made.sheet, ImportApplicationsSheet)
    assert made.sheet.is_open
    made.stop()
