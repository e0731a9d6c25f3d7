"""The invoices screen by keyboard: the list, several at once, one invoice, drafts edited, payments, cancelling."""

from __future__ import annotations

import asyncio
import csv
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from uuid import UUID

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from console.domain.invoices import Corporate, InvoiceState
from console.domain.paging import PageRequest
from console.errors import Conflict, Unavailable
from console.models.money import MINUS, money
from console.views.bookings.export import ExportBar
from console.views.theme import ThemeHub
from console.views.widgets.buttons import Button
from tests.support.invoice_screen import ALT, CTRL, DRAFT, PARTLY, Memory, Screen


@pytest.fixture
async def screen(hub: ThemeHub) -> Screen:
    made = Screen(hub)
    await made.show()
    return made


# -- the list ---------------------------------------------------------------------------------------------------------


async def test_the_list_shows_every_invoice_and_what_they_come_to(screen: Screen) -> None:
    assert screen.cells("number")[6:8] == ["NFP-2026-000112", "NFP-2026-000111"]
    assert screen.cells("open")[9] == "2,197.29"
    assert screen.cells("paid")[9] == "1,200.00"
    said = screen.page.listing.all_sums.text()
    rows = [one.row for one in screen.gateway.kept.values()]
    billed = [row for row in rows if row.state not in (InvoiceState.DRAFT, InvoiceState.CANCELLED)]
    total, paid = (
        sum(amounts, Decimal(0)) for amounts in zip(*((row.total, row.paid) for row in billed), strict=True)
    )
    drafts = sum((row.total for row in rows if row.state is InvoiceState.DRAFT), Decimal(0))
    # What was invoiced is what is paid and what is open; nobody owes a draft yet.
    assert said == (
        f"18 invoices: total {money(total)}, paid {money(paid)}, open {money(total - paid)}, "
        f"6 drafts {money(drafts)} USD"
    )
    screen.select(DRAFT, UUID(int=201))
    both = screen.gateway.kept[DRAFT].row.total + screen.gateway.kept[UUID(int=201)].row.total
    assert screen.page.listing.chosen_sums.text() == f"2 selected: total {money(both)} USD"
    assert screen.page.listing.table.isColumnHidden(7)


async def test_filters_ask_the_gateway_and_are_kept(hub: ThemeHub) -> None:
    memory = Memory()
    screen = Screen(hub, memory=memory)
    await screen.show()
    filters = screen.page.listing.filters
    filters.state.setCurrentIndex(filters.state.findData("overdue"))
    filters.state.activated.emit(1)
    await screen.rest()
    assert screen.cells("number") == ["NFP-2026-000107"]
    assert screen.gateway.asked[-1].filters == {"state": "overdue"}
    again = Screen(hub, memory=memory)
    await again.show()
    assert again.cells("number") == ["NFP-2026-000107"]
    await again.key(Qt.Key.Key_Escape)
    assert len(again.cells("number")) == 18
    again.page.listing.filters.corporate.setCurrentIndex(1)
    again.page.listing.filters.corporate.activated.emit(1)
    await again.rest()
    assert again.gateway.asked[-1].filters == {"corporate": again.page.listing.filters.corporate.key}


async def test_the_list_on_show_is_saved_as_a_file(
    screen: Screen, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def saved(bar: ExportBar, request: PageRequest, name: str, _ending: str) -> None:
        bar.write(request, tmp_path / f"{name}.csv")

    async def rows_of(file: str) -> list[dict[str, str]]:
        screen.page.export_button.click()
        await screen.rest()
        assert screen.toasts[-1][1] == file
        return list(csv.DictReader((tmp_path / file).read_text("utf-8-sig").splitlines()))

    monkeypatch.setattr(ExportBar, "ask", saved)
    assert len(await rows_of("invoices-2026-03-12.csv")) == 18
    screen.page.show_tab("accounts")
    await screen.rest()
    rows = await rows_of("employers-2026-03-12.csv")
    accounts = [one.value for one in screen.page.accounts.list.choices.choices]
    assert [(row["Employer"], row["Open"], row["Currency"]) for row in rows] == [
        (one.name, str(one.open_amount), "USD") for one in accounts if isinstance(one, Corporate)
    ]
    screen.page.accounts.which.set_key("closed")  # narrowed, only what is shown is saved
    assert await rows_of("employers-2026-03-12.csv") == []


async def test_several_drafts_are_issued_and_each_says_what_became_of_it(screen: Screen) -> None:
    wrong = UUID(int=202)
    screen.gateway.refused = {wrong: "The employer has no address."}
    screen.select(UUID(int=201), wrong, DRAFT, PARTLY)
    await screen.key(Qt.Key.Key_Return, CTRL)
    assert screen.question.do.text() == "Issue 3 invoices"
    assert QApplication.focusWidget() is screen.question.keep
    screen.question.do.click()
    await screen.rest()
    sheet = screen.page.listing.deeds.sheet
    assert sheet is not None
    assert sheet.is_open
    assert sheet.banner.text == "2 of 3 done. 1 invoice could not be; see why below."
    told = {one.value: (one.chips[0].text, one.detail) for one in sheet.list.choices.choices}
    assert told[wrong] == ("Left out", "Draft, March 2026: The employer has no address.")
    assert told[DRAFT][0] == "Issued"
    sheet.close()
    await screen.rest()
    assert screen.cells("state").count("") == 18
    assert screen.gateway.kept[DRAFT].row.state is InvoiceState.ISSUED


async def test_long_work_is_stopped_and_what_was_done_stays(screen: Screen) -> None:
    screen.gateway.slow = 0.02
    screen.page.listing.choose_all()
    screen.page.listing.deeds.save_into(screen.page.listing.chosen, Path("papers"))
    sheet = screen.page.listing.deeds.sheet
    assert sheet is not None
    while sheet.report.done < 2:
        await asyncio.sleep(0.005)
    QTest.keyClick(sheet.card, Qt.Key.Key_Escape)
    screen.gateway.slow = 0
    await screen.rest()
    assert sheet.is_open
    assert sheet.banner.text.startswith("Stopped: ")
    done = [one for one in screen.gateway.done if one[0] == "pdf"]
    assert 2 <= len(done) < 18


async def test_sending_leaves_out_what_cannot_be_sent(screen: Screen) -> None:
    screen.select(DRAFT, PARTLY, UUID(int=110), UUID(int=108))
    await screen.key(Qt.Key.Key_M, CTRL)
    assert screen.question.do.text() == "Send 2 invoices"
    screen.question.do.click()
    await screen.rest()
    assert {one[1] for one in screen.gateway.done if one[0] == "send"} == {PARTLY, UUID(int=108)}
    assert screen.toasts[-1][0] == "Queued: 2 invoices"


async def test_drafts_are_made_now(screen: Screen) -> None:
    await screen.key(Qt.Key.Key_N, CTRL)
    assert screen.toasts[-1] == ("2 new drafts", "Look at them, then issue them.")
    await screen.key(Qt.Key.Key_N, CTRL)
    assert screen.toasts[-1][0] == "No new drafts"


async def test_who_may_only_read_is_offered_nothing_else(hub: ThemeHub) -> None:
    screen = Screen(hub, may_issue=False)
    await screen.show()
    assert not screen.page.drafts_button.isVisible()
    assert not screen.page.listing.issue_button.isVisible()
    keys = {one.key for one in screen.page.page_actions}
    assert keys.isdisjoint({"invoices:issue", "invoices:pay", "invoices:cancel", "invoices:drafts"})
    await screen.open(DRAFT)
    assert not screen.page.detail.edit_button.isVisible()
    assert not screen.page.detail.issue_button.isVisible()


async def test_without_a_server_the_list_stays_and_says_so(screen: Screen) -> None:
    screen.gateway.failure = Unavailable("The server cannot be reached.")
    await screen.key(Qt.Key.Key_F5)
    assert screen.page.listing.banner.text == "The server cannot be reached."
    assert len(screen.cells("number")) == 18
    await screen.key(Qt.Key.Key_F5)
    assert not screen.page.listing.banner.isVisible()


# -- one invoice ------------------------------------------------------------------------------------------------------


async def test_enter_opens_an_invoice_and_escape_goes_back_to_its_row(screen: Screen) -> None:
    table = screen.page.listing.table
    table.setFocus()
    table.selectRow(9)
    await screen.key(Qt.Key.Key_Return)
    detail = screen.page.detail
    assert screen.page.part is detail
    assert detail.header.title.text() == "NFP-2026-000109"
    said = [(one.name, one.amount) for one in detail.sums.lines]
    assert said[-2:] == [("Paid", f"{MINUS}1,200.00"), ("Still to pay", "2,197.29")]
    await screen.key(Qt.Key.Key_Escape)
    assert screen.at_list
    assert table.currentIndex().row() == 9


async def test_what_was_not_sent_says_why_and_can_be_sent_again(screen: Screen) -> None:
    await screen.open(UUID(int=111))
    banner = screen.page.detail.banner
    assert banner.text == "It could not be sent by e-mail. The mailbox does not exist (550)."
    screen.page.detail.send()
    screen.question.do.click()
    await screen.rest()
    assert not banner.isVisible()
    assert screen.page.detail.send_chip.text() == "Waiting"


async def test_a_payment_in_part_then_the_rest_and_one_taken_back(screen: Screen) -> None:
    await screen.open(PARTLY)
    await screen.key(Qt.Key.Key_T, CTRL)
    sheet = screen.pay_sheet
    assert sheet.amount.text() == "2197.29"
    stood = sheet.day.mapToGlobal(QPoint())
    sheet.amount.setText("3,000.00")
    assert sheet.amount_field.below.text() == "That is 802.71 more than the 2,197.29 still to be paid."
    await asyncio.sleep(0.01)
    assert sheet.day.mapToGlobal(QPoint()) == stood, "the day stays where it was beside a refused amount"
    sheet.amount.setText("1.197,29")
    assert sheet.after.text() == "Then 1,000.00 USD are still to be paid."
    sheet.reference.setText(" CT  7 ")
    sheet.save()
    await screen.rest()
    assert screen.gateway.done[-1] == ("pay", Decimal("1197.29"), date(2026, 3, 12), "bank_transfer", "CT 7")
    assert screen.toasts[-1] == ("1,197.29 recorded", "1,000.00 USD still to be paid")
    screen.page.detail.pay()
    screen.pay_sheet.save()
    await screen.rest()
    assert screen.page.detail.chip.text() == "Paid"
    screen.page.detail.take_back()
    screen.pay_sheet.save()
    await screen.rest()
    assert screen.gateway.done[-1][1] == Decimal("-3397.29")


async def test_cancelling_asks_for_the_reason_with_the_numbers(screen: Screen) -> None:
    await screen.open(UUID(int=108))
    await screen.key(Qt.Key.Key_Delete, CTRL)
    card = screen.question
    assert not card.do.isEnabled()
    screen.type("Wrong month")
    assert card.do.isEnabled()
    card.do.click()
    await screen.rest()
    assert screen.gateway.done[-1] == ("cancel", UUID(int=108), "Wrong month")
    assert screen.toasts[-1] == ("NFP-2026-000108 is cancelled", "Credit note NCN-2026-000108")
    assert screen.page.detail.chip.text() == "Cancelled"


class Printer:
    """Keeps what was shown."""

    def __init__(self) -> None:
        self.printed: list[tuple[str, str, str]] = []

    async def print_document(self, title: str, facts: str, name: str, pdf: bytes) -> str:
        self.printed.append((title, facts, name))
        return ""


async def test_the_credit_note_is_looked_at_before_it_is_made(hub: ThemeHub) -> None:
    printer = Printer()
    screen = Screen(hub, printer=printer)
    await screen.show()
    await screen.open(UUID(int=108))
    await screen.key(Qt.Key.Key_Delete, CTRL)
    card = screen.question
    screen.type("Wrong  month")
    look = next(button for button in card.findChildren(Button) if button.text() == "Preview the credit note")
    look.click()
    await screen.rest()
    assert screen.gateway.done == [("preview_credit_note", UUID(int=108), "Wrong month")]
    title, facts, name = printer.printed[-1]
    assert (title, name) == ("Draft of a credit note", "Draft credit note for NFP-2026-000108")
    assert "Nothing is taken back yet." in facts
    assert card.isVisible(), "the question still stands"
    card.keep.click()
    assert screen.page.detail.chip.text() != "Cancelled"


async def test_what_was_paid_is_not_cancelled(screen: Screen) -> None:
    await screen.open(PARTLY)
    screen.page.detail.cancel()
    assert not screen.question.do.isEnabled()
    await screen.key(Qt.Key.Key_Escape)
    assert screen.gateway.done == []


# -- employers --------------------------------------------------------------------------------------------------------


async def test_an_account_says_what_is_open_and_is_edited_under_its_version(screen: Screen) -> None:
    await screen.key(Qt.Key.Key_2, ALT)
    accounts = screen.page.accounts
    screen.page.open_account(UUID(int=700))
    await screen.rest()
    assert accounts.header.title.text() == "Cascade Timber & Paper"
    assert accounts.chip.text() == "Overdue"
    await screen.key(Qt.Key.Key_E, CTRL)
    sheet = accounts.sheet
    assert sheet is not None
    sheet.rate.setText("108")
    sheet.terms.setText("14.5")
    sheet.email.setText("nobody")
    sheet.save()
    assert sheet.is_open
    assert [sheet.fields[key].below.text() for key in ("email", "rate", "terms")] == [
        "That is not an e-mail address.",
        "Between 0 and 100 %.",
        "The number of days has no figures after the point.",
    ]
    sheet.rate.setText("19,5")
    sheet.terms.setText("14")
    sheet.email.setText("bills@cascade.example")
    stored = screen.gateway.owners[UUID(int=700)]
    screen.gateway.owners[UUID(int=700)] = replace(stored, version=2, purchase_order="PO-2")
    sheet.save()
    await screen.rest()
    assert sheet.is_open
    assert sheet.order.text() == "PO-2"
    sheet.rate.setText("19,5")
    sheet.save()
    await screen.rest()
    assert not sheet.is_open
    assert screen.gateway.owners[UUID(int=700)].tax_rate == Decimal("19.5")


async def test_from_an_account_to_its_invoices_and_back_from_one(screen: Screen) -> None:
    screen.page.open_account(UUID(int=701))
    await screen.rest()
    assert screen.page.accounts.model.rowCount() == 3
    screen.page.accounts.invoices.row_activated.emit(screen.page.accounts.model.row(1))
    await screen.rest()
    assert screen.page.detail.header.title.text() == "NFP-2026-000108"
    await screen.key(Qt.Key.Key_Escape)
    assert screen.at_accounts
    screen.page.accounts.show_invoices()
    await screen.rest()
    assert screen.at_list
    assert set(screen.cells("corporate")) == {"Alder Health"}


async def test_somebody_was_faster_is_said_and_shown(screen: Screen) -> None:
    await screen.open(UUID(int=108))
    screen.gateway.failure = Conflict("Somebody else cancelled this invoice.", hint="Look at it again.")
    screen.page.detail.cancel()
    screen.type("Twice")
    screen.question.do.click()
    await screen.rest()
    assert screen.page.detail.banner.text == "Somebody else cancelled this invoice. Look at it again."


async def test_what_went_wrong_with_one_stays_said_while_all_is_looked_at_again(screen: Screen) -> None:
    screen.gateway.refused = {DRAFT: "The employer has no address."}
    screen.select(DRAFT)
    await screen.key(Qt.Key.Key_Return, CTRL)
    screen.question.do.click()
    await screen.rest()
    assert screen.page.listing.banner.text == "The employer has no address."
    await screen.key(Qt.Key.Key_F5)
    assert not screen.page.listing.banner.isVisible()
    await screen.open(DRAFT)
    screen.page.detail.issue()
    screen.question.do.click()
    await screen.rest()
    assert screen.page.detail.banner.text == "The employer has no address."
    await screen.key(Qt.Key.Key_F5)
    assert not screen.page.detail.banner.isVisible()
