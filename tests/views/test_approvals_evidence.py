"""Evidence of a case: opening counts as reading, pages turn, filings are judged, answers of checks are kept."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel

from console.domain.vetting import Requirement, Standing
from console.errors import Conflict, Unavailable
from console.views.approvals.check_sheet import CheckSheet
from console.views.approvals.decision_sheet import DecisionSheet
from console.views.approvals.evidence import EvidenceViewer
from console.views.theme import ThemeHub
from tests.support import approvals_screen as sample
from tests.support.measure import cut_texts, outside
from tests.support.pages_approvals import waiting
from tests.views.approvals import ALT, CTRL, Screen


def unread(gateway: sample.FakeCases) -> sample.FakeCases:
    """The certificate was not read yet."""
    insurance = gateway.pages[sample.CEDAR].requirements[0]
    assert insurance.current is not None
    papers = (sample.paper(1, "Certificate HM-20871-04", pages=3),)
    gateway.put(sample.CEDAR, replace(insurance, current=replace(insurance.current, documents=papers)))
    gateway.pages[sample.CEDAR] = replace(gateway.pages[sample.CEDAR], evidence_read=(2, 3))
    return gateway


async def test_opening_a_file_counts_as_reading_it_at_once(hub: ThemeHub) -> None:
    screen = await Screen(hub, unread(sample.FakeCases())).open()
    detail = screen.page.detail
    assert detail.read.text() == "evidence read: 2 of 3"
    kept = detail.blocks[Requirement.SAFETY_AUDIT]
    await screen.key(Qt.Key.Key_D)
    viewer = screen.sheet(EvidenceViewer)
    assert viewer.title.text() == "Certificate HM-20871-04", "what was not read comes first"
    assert detail.read.text() == "evidence read: 3 of 3"
    assert detail.blocks[Requirement.SAFETY_AUDIT] is kept, "only what changed is made anew"
    await screen.key(Qt.Key.Key_Escape)
    assert screen.page.deeds.sheet is None
    assert screen.page.side.list.hasFocus()


async def test_pages_files_and_sizes_turn_by_keyboard(hub: ThemeHub) -> None:
    screen = await Screen(hub).open()
    await screen.key(Qt.Key.Key_D)
    viewer = screen.sheet(EvidenceViewer)
    assert viewer.count.text() == "Page 1 of 3"
    await screen.key(Qt.Key.Key_PageDown)
    await screen.key(Qt.Key.Key_PageDown)
    await screen.key(Qt.Key.Key_PageDown)
    assert viewer.count.text() == "Page 3 of 3"
    first = screen.asked("picture")[-1]
    assert first[1] == 2, "pages count from 0 below"
    assert viewer.area.hasFocus(), "the arrows move the page"
    edge = viewer.picture.pixmap().toImage().pixelColor(0, 40)
    assert edge == hub.theme.color("border.default"), "white paper has an edge on a white sheet"
    await screen.key(Qt.Key.Key_Plus)
    assert viewer.percent.text() == "150 %"
    assert int(str(screen.asked("picture")[-1][2])) > int(str(first[2]))
    for _ in range(9):
        await screen.key(Qt.Key.Key_Minus)
    assert viewer.percent.text() == "50 %"
    await screen.key(Qt.Key.Key_Right, ALT)
    assert viewer.caption.text().startswith("File 2 of 12 · report-0.pdf · 209 KB · read by you, 15:38")
    assert viewer.count.text() == "Page 1 of 1"
    assert not viewer.picture.pixmap().isNull()


async def test_a_chip_opens_its_own_files(hub: ThemeHub) -> None:
    screen = await Screen(hub).open()
    photos = screen.page.detail.blocks[Requirement.SAFETY_AUDIT].chips[1]
    assert photos.text() == "4 photos"
    photos.setFocus()
    QTest.keyClick(photos, Qt.Key.Key_Space)
    await screen.rest()
    viewer = screen.sheet(EvidenceViewer)
    assert viewer.document.title == "Photo 0"
    assert viewer.caption.text().startswith("File 2 of 5")


async def test_a_copy_is_saved_as_it_was_handed_in(hub: ThemeHub, tmp_path: Path) -> None:
    screen = await Screen(hub).open()
    await screen.key(Qt.Key.Key_D)
    viewer = screen.sheet(EvidenceViewer)
    viewer.save(tmp_path / "copy.pdf")
    await screen.rest()
    assert (tmp_path / "copy.pdf").read_bytes() == b"%PDF-1.7"
    assert screen.toasts == ["A copy is saved as copy.pdf"]
    viewer.save(tmp_path / "no such folder" / "copy.pdf")
    await screen.rest()
    assert viewer.banner.text == "The copy could not be written. Choose another folder."


async def test_a_file_that_cannot_be_shown_says_so(hub: ThemeHub) -> None:
    screen = await Screen(hub).open()
    screen.gateway.refusals = [Unavailable("This page cannot be drawn.")]
    await screen.key(Qt.Key.Key_D)
    assert screen.sheet(EvidenceViewer).banner.text == "This page cannot be drawn."


async def test_what_lacks_something_cannot_be_accepted_and_says_what(hub: ThemeHub) -> None:
    screen = await Screen(hub, waiting(sample.FakeCases())).open()
    block = screen.page.detail.blocks[Requirement.INSURANCE]
    assert block.accept_button is not None
    assert not block.accept_button.isEnabled()
    assert block.decline_button is not None
    block.decline_button.setFocus()
    QTest.keyClick(block.decline_button, Qt.Key.Key_Space)
    await screen.rest()
    sheet = screen.sheet(DecisionSheet)
    assert sheet.title.text() == "Decline the insurance?"
    sheet.text.setPlainText("The cover is too low.")
    await screen.key(Qt.Key.Key_Return, CTRL)
    assert screen.asked("judge")[-1][2:] == (False, "The cover is too low.")
    assert screen.toasts == ["The insurance is declined"]
    assert screen.page.side.list.hasFocus(), "not the button that came to stand where Decline was"
    again = screen.page.detail.blocks[Requirement.INSURANCE]
    assert again.accept_button is None, "what was declined is not judged again"


async def test_a_filing_is_accepted_with_one_press(hub: ThemeHub) -> None:
    gateway = waiting(sample.FakeCases())
    insurance = gateway.pages[sample.CEDAR].requirements[0]
    gateway.put(sample.CEDAR, replace(insurance, lacks=()))
    screen = await Screen(hub, gateway).open()
    block = screen.page.detail.blocks[Requirement.INSURANCE]
    assert block.accept_button is not None
    block.accept_button.click()
    await screen.rest()
    assert screen.asked("judge")[-1][2:] == (True, "")
    assert screen.toasts == ["Insurance accepted"]
    assert screen.page.detail.blocks[Requirement.INSURANCE].page.standing is Standing.SATISFIED
    assert screen.page.detail.sum.text() == "4 of 5 met, 1 pending"


async def test_nothing_is_judged_without_a_claim(hub: ThemeHub) -> None:
    screen = await Screen(hub, waiting(sample.FakeCases())).open()
    await screen.key(Qt.Key.Key_R)
    block = screen.page.detail.blocks[Requirement.INSURANCE]
    assert block.decline_button is not None
    assert not block.decline_button.isEnabled()
    assert not screen.page.detail.blocks[Requirement.BACKGROUND_CHECKS].people[-1].isEnabled()


async def test_the_answer_of_a_check_is_kept_with_its_days(hub: ThemeHub) -> None:
    screen = await Screen(hub).open()
    people = screen.page.detail.blocks[Requirement.BACKGROUND_CHECKS].people
    assert [one.isEnabled() for one in people] == [False] * 6 + [True]
    people[-1].setFocus()
    QTest.keyClick(people[-1], Qt.Key.Key_Space)
    await screen.rest()
    sheet = screen.sheet(CheckSheet)
    for typed, said in (
        ("13 March", "It cannot have come back after today."),
        ("1 March", "It was ordered on 9 Mar 2026."),
    ):
        sheet.on.setText(typed)
        await screen.key(Qt.Key.Key_Return, CTRL)
        assert sheet.on_field.below.text() == said
    sheet.on.setText("11 March")
    sheet.until.setText("11 March 2028")
    await screen.key(Qt.Key.Key_Return, CTRL)
    person = people[-1].person.id
    assert screen.asked("check") == [("check", person, True, date(2026, 3, 11), date(2028, 3, 11))]
    assert screen.toasts == ["Noor: clear"]
    assert screen.page.detail.sum.text() == "All 5 met"
    assert screen.page.detail.approve_button.text() == "Approve…"


async def test_a_check_that_is_not_clear_says_what_follows(hub: ThemeHub) -> None:
    screen = await Screen(hub).open()
    screen.page.detail.blocks[Requirement.BACKGROUND_CHECKS].people[-1].click()
    await screen.rest()
    sheet = screen.sheet(CheckSheet)
    sheet.failed.click()
    assert not sheet.until_field.isVisible()
    assert sheet.effect.text().startswith("While they work there")
    screen.gateway.refusals = [Conflict("Somebody entered it before.", code="version_changed")]
    await screen.key(Qt.Key.Key_Return, CTRL)
    assert screen.page.deeds.sheet is None
    assert screen.page.detail.banner.text == "Somebody entered it before."


async def test_a_venue_that_may_be_known_is_a_link(hub: ThemeHub) -> None:
    screen = await Screen(hub, waiting(sample.FakeCases())).open()
    assert screen.page.detail.alike.text.endswith("name and phone agree. And 1 more venue.")
    screen.page.detail.alike.findChildren(type(screen.page.detail.claim_button))[0].click()
    assert screen.venues == [sample.FINS]


async def test_the_score_stands_beside_the_case_or_says_why_not(hub: ThemeHub) -> None:
    screen = await Screen(hub).open()
    facts = screen.page.detail.facts
    assert facts is not None
    said = [one.text() for one in facts.score.findChildren(type(screen.page.detail.read))]
    assert "74.6" in said
    assert "(11 of 12)" in said
    assert "4.2 in a week" in said
    fresh = await Screen(hub, scores=sample.FakeScores(weeks=0)).open()
    assert fresh.page.detail.facts is not None
    new = [one.text() for one in fresh.page.detail.facts.score.findChildren(type(screen.page.detail.read))]
    assert new[1].startswith("No score yet")


async def test_long_addresses_and_names_are_read_whole_and_copied_as_they_are(
    hub: ThemeHub,
) -> None:
    email, website = (
        "front.desk@harborlight-studios.example",
        "https://www.harborlight-studios.example/portland",
    )
    name = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerk LLC"
    gateway = sample.FakeCases()
    page = gateway.pages[sample.CEDAR]
    gateway.pages[sample.CEDAR] = replace(
        page, facts=replace(page.facts, email=email, website=website, legal_name=name)
    )
    screen = await Screen(hub, gateway).open()
    facts = screen.page.detail.facts
    assert facts is not None
    for said in (email, website, name):
        (shown,) = (one for one in facts.findChildren(QLabel) if one.text().replace("\u200b", "") == said)
        assert shown.toolTip() == said
        assert shown.height() >= shown.heightForWidth(shown.width())
        shown.setSelection(0, len(shown.text()))
        QTest.keyClick(shown, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
        assert QGuiApplication.clipboard().text() == said
    assert [*cut_texts(screen.page), *outside(screen.page)] == []


async def test_without_room_the_facts_go_below(hub: ThemeHub) -> None:
    screen = await Screen(hub).open(1040, 640)
    facts = screen.page.detail.facts
    assert facts is not None
    assert screen.page.detail._below
    screen.page.resize(1240, 840)
    await screen.rest()
    assert not screen.page.detail._below


async def test_another_size_of_text_cuts_nothing(hub: ThemeHub) -> None:
    screen = await Screen(hub).open()
    try:
        for percent in (150, 100):
            hub.set_text_percent(percent)
            await screen.rest()
            assert [*cut_texts(screen.page), *outside(screen.page)] == []
    finally:
        hub.set_text_percent(100)
