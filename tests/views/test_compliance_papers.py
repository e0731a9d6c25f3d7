"""A venue's papers: what to do next, filing it with files, taking it back, and who is checked."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
import pytest_asyncio
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QPushButton

from console.domain.vetting import Requirement, Standing
from console.errors import Conflict, Invalid, Unavailable
from console.views.approvals.evidence import EvidenceViewer
from console.views.compliance import words
from console.views.compliance.file_sheet import FileSheet
from console.views.compliance.papers import PapersPage
from console.views.compliance.people_sheet import PersonSheet
from console.views.theme import ThemeHub
from console.views.venue_file.sheets import WordsSheet
from console.views.widgets.fields import TextInput
from tests.support import compliance_screen as sample
from tests.support.pages import new_window, rest
from tests.support.pages_compliance import papers
from tests.support.qt import NOW, present
from tests.support.reopening_screen import FakeReopening

CTRL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def gateway() -> sample.FakePapers:
    """One requirement of each standing."""
    return sample.FakePapers()


@pytest_asyncio.fixture
async def page(hub: ThemeHub, gateway: sample.FakePapers) -> AsyncIterator[PapersPage]:
    """The page in an active window."""
    window = new_window(hub, 1440, 900)
    present(window, 1440, 900)
    window.activateWindow()
    made = await papers(window, gateway)
    yield made
    made.stop()


def write(sheet: FileSheet, **typed: str) -> None:
    """Type into fields."""
    for name, text in typed.items():
        editor = sheet.fields[name].editor
        assert isinstance(editor, TextInput)
        editor.setText(text)


def sheet_of(page: PapersPage) -> FileSheet:
    """The sheet that is open."""
    assert isinstance(page.sheet, FileSheet)
    return page.sheet


def test_what_to_do_next_is_one_sentence() -> None:
    said = [words.next_step(one, sample.TODAY) for one in sample.requirements()]
    assert said == [
        "File the new certificate within 6 days, by 18 March 2026.",
        "Wait for the checks that are out, and tell headquarters what came back.",
        "Nothing to do: headquarters is looking at what you filed.",
        "Confirm that what is known of the venue still holds.",
        "Nothing to do.",
    ]


@pytest.mark.parametrize("kind", list(Requirement))
@pytest.mark.parametrize("standing", list(Standing))
def test_every_standing_of_every_requirement_has_a_sentence(kind: Requirement, standing: Standing) -> None:
    page = replace(sample.requirements()[0], requirement=kind, standing=standing, current=None)
    for one in (page, replace(page, expires_on=None), replace(page, excepted_until=sample.day(9))):
        said = words.next_step(one, sample.TODAY)
        assert said.endswith(".")
        assert ".." not in said


async def test_insurance_is_filed_by_keyboard(page: PapersPage, gateway: sample.FakePapers) -> None:
    assert page.header.caption.text() == "2 of 5 met, 1 with headquarters"
    file_button = page.blocks[0].file_button
    assert file_button is not None
    file_button.setFocus()
    QTest.keyClick(file_button, Qt.Key.Key_1, Qt.KeyboardModifier.AltModifier)
    sheet = sheet_of(page)
    assert QApplication.focusWidget() is sheet.fields["provider"].editor
    write(sheet, expires_on="31 March 2027")
    sheet.files.add([Path("/tmp/Certificate_5.pdf")])
    await rest(1)
    title = sheet.files.rows[0].title
    assert title is not None
    assert title.text() == "Certificate 5"
    title.setText("Certificate of 2027")
    toasts: list[str] = []
    page.toast_wanted.connect(toasts.append)
    QTest.keyClick(title, Qt.Key.Key_Return, CTRL)
    await rest(1)
    known = {"provider": "Hartwell Mutual", "policy_number": "HM-20871-04", "coverage_amount": "2,000,000"}
    assert gateway.done == [
        ("file", Requirement.INSURANCE, known, None, date(2027, 3, 31), "", ["Certificate of 2027"])
    ]
    assert toasts == ["Filed: insurance; headquarters looks at it"]
    assert page.blocks[0].withdraw_button is not None, "it waits now"


async def test_what_is_missing_is_said_under_its_field(page: PapersPage, gateway: sample.FakePapers) -> None:
    page.file(Requirement.SAFETY_AUDIT)
    sheet = sheet_of(page)
    write(sheet, auditor=" ", score="", valid_from="yesterweek", expires_on="")
    sheet.confirm()
    assert sheet.fields["auditor"].below.text() == "Say who made the audit."
    assert sheet.fields["score"].below.text() == "Give the score as a whole number from 0 to 100."
    assert sheet.fields["valid_from"].below.text()
    assert QApplication.focusWidget() is sheet.fields["auditor"].editor
    write(sheet, auditor="R. Feld", score="700", valid_from="1 March 2026")
    gateway.failure = Invalid("Give the score as a whole number from 0 to 100.", code="score")
    sheet.confirm()
    await rest(1)
    assert gateway.done == []
    assert QApplication.focusWidget() is sheet.fields["score"].editor
    write(sheet, score="90")
    gateway.failure = Unavailable("The server cannot be reached.")
    sheet.confirm()
    await rest(1)
    assert sheet.banner.text == "The server cannot be reached."
    sheet.confirm()
    await rest(1)
    assert gateway.done[-1][2] == {"auditor": "R. Feld", "score": "90"}


async def test_a_file_that_is_refused_says_why_and_must_go_first(page: PapersPage) -> None:
    page.file(Requirement.REVERIFICATION)
    sheet = sheet_of(page)
    sheet.files.add([Path("/tmp/virus.exe"), Path("/tmp/fine.pdf")])
    await rest(1)
    assert [bool(one.why) for one in sheet.files.held] == [True, False]
    assert sheet.files.held[0].why == (
        "This is no PDF, PNG, JPEG or WebP file. Save it as one of these and attach that."
    )
    assert not sheet.do_button.isEnabled()
    sheet.files.rows[0].remove.click()
    assert sheet.do_button.isEnabled()
    sheet.files.add([Path(f"/tmp/page-{at}.pdf") for at in range(20)])
    await rest(1)
    assert len(sheet.files.held) == 10
    assert sheet.files.wrong.text() == "At most 10 files can be attached."


async def test_files_are_dropped(page: PapersPage) -> None:
    page.file(Requirement.REVERIFICATION)
    sheet = sheet_of(page)
    dragged = QMimeData()
    dragged.setUrls([QUrl.fromLocalFile("/tmp/plan.pdf"), QUrl("https://example.org/plan.pdf")])
    left, none = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    enter = QDragEnterEvent(QPoint(4, 4), Qt.DropAction.CopyAction, dragged, left, none)
    QApplication.sendEvent(sheet.files.zone, enter)
    assert enter.isAccepted()
    drop = QDropEvent(QPointF(4, 4), Qt.DropAction.CopyAction, dragged, left, none)
    QApplication.sendEvent(sheet.files.zone, drop)
    await rest(1)
    assert [one.path for one in sheet.files.held] == [Path("/tmp/plan.pdf")]


async def test_what_waits_is_withdrawn_after_a_question(page: PapersPage, gateway: sample.FakePapers) -> None:
    button = page.blocks[2].withdraw_button
    assert button is not None
    button.click()
    assert page.question is not None
    assert page.question.card.keep.hasFocus(), "the safe answer has the keyboard"
    page.question.card.do.click()
    await rest(1)
    assert gateway.done[-1][0] == "withdraw"
    assert page.blocks[2].withdraw_button is None


async def test_somebody_is_added_changed_and_leaves(page: PapersPage, gateway: sample.FakePapers) -> None:
    page.add_person()
    sheet = page.sheet
    assert isinstance(sheet, PersonSheet)
    sheet.confirm()
    assert sheet.fields["first_name"].below.text() == "Give a first name."
    QTest.keyClicks(sheet.name, "Ines")
    QTest.keyClicks(sheet.works_as, "reception")
    QTest.keyClick(sheet.works_as, Qt.Key.Key_Return)
    await rest(1)
    assert gateway.done[-1] == ("person", None, "Ines", "reception", sample.TODAY)
    assert [one.first_name for one in page.blocks[1].page.people] == [
        "Hannah",
        "Omar",
        "Lena",
        "Noor",
        "Ines",
    ]
    page.open_person(sample.people()[0])
    sheet = page.sheet
    assert isinstance(sheet, PersonSheet)
    assert sheet.do_button.text() == "Order a new check"
    assert sheet.left_button is not None
    sheet.left_button.click()
    await rest(1)
    assert [one[0] for one in gateway.done] == ["person", "left"]
    assert len(page.blocks[1].page.people) == 4


async def test_a_document_opens_in_the_viewer(page: PapersPage) -> None:
    page._look_at(list(sample.requirements()[2].waiting.documents), sample.document(2, "Audit report"))  # type: ignore[union-attr]
    await rest(0.1)
    assert isinstance(page.sheet, EvidenceViewer)
    assert page.sheet.file is not None
    page.sheet.close()
    assert page.sheet is None


async def test_somebody_was_faster(page: PapersPage, gateway: sample.FakePapers) -> None:
    button = page.blocks[2].withdraw_button
    assert button is not None
    button.click()
    assert page.question is not None
    gateway.failure = Conflict("This was accepted already.", code="filing_decided")
    page.question.card.do.click()
    await rest(1)
    assert page.banner.text == "This was accepted already."


async def test_whoever_may_not_file_only_reads(hub: ThemeHub, gateway: sample.FakePapers) -> None:
    window = new_window(hub, 1440, 900)
    present(window, 1440, 900)
    made = await papers(window, gateway, may_file=False)
    assert all(block.file_button is None and block.withdraw_button is None for block in made.blocks)
    made.file(Requirement.INSURANCE)
    made.add_person()
    assert made.sheet is None
    made.stop()


async def test_a_refresh_that_brings_the_same_rebuilds_nothing(page: PapersPage) -> None:
    before = list(page.blocks)
    page.refresh()
    await rest(1)
    assert page.blocks == before


async def test_nothing_comes(hub: ThemeHub) -> None:
    window = new_window(hub, 1440, 900)
    present(window, 1440, 900)
    gateway = sample.FakePapers()
    gateway.failure = Unavailable("The server cannot be reached.", hint="Try again in a minute.")
    made = await papers(window, gateway)
    assert made.banner.isVisible()
    made.refresh()
    await rest(1)
    assert len(made.blocks) == 5
    assert not made.banner.isVisible()
    made.stop()


async def test_what_became_of_the_papers_stands_under_them(page: PapersPage) -> None:
    await rest(1)
    assert [one.text() for one in page.log.findChildren(QLabel)] == [
        "History",
        "3 Mar 14:42  Safety audit declined: The second page is missing.",
        "2 Mar 14:42  Safety audit filed by Hannah",
    ]


async def test_a_suspended_venue_asks_to_open_again_by_keyboard(
    hub: ThemeHub, gateway: sample.FakePapers
) -> None:
    reopening = FakeReopening(NOW - timedelta(days=9))
    window = new_window(hub, 1440, 900)
    present(window, 1440, 900)
    window.activateWindow()
    made = await papers(window, gateway, reopening=reopening)
    assert "no new bookings" in made.shut.text
    made.shut.findChildren(QPushButton)[0].click()
    await rest(0.1)
    sheet = made.sheet
    assert isinstance(sheet, WordsSheet)
    QTest.keyClick(sheet.text, Qt.Key.Key_Return, CTRL)
    assert sheet.field.below.text() == "Say what was put right."
    QTest.keyClicks(sheet.text, "The new certificate is filed.")
    reopening.found = None
    QTest.keyClick(sheet.text, Qt.Key.Key_Return, CTRL)
    await rest(0.3)
    assert reopening.asked == [(4, "The new certificate is filed.")]
    assert made.sheet is None
    assert not made.shut.isVisible()
    made.stop()
