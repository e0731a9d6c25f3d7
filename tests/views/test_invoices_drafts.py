"""A draft edited by keyboard: sums while typing, lines moved, two people at once, refusals."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from console.domain.invoices import InvoiceState
from console.errors import Invalid
from console.views.theme import ThemeHub
from console.views.widgets.text import IconText
from tests.support.invoice_screen import ALT, CTRL, DRAFT, Screen


@pytest.fixture
async def screen(hub: ThemeHub) -> Screen:
    made = Screen(hub)
    await made.show()
    return made


# -- a draft edited ---------------------------------------------------------------------------------------------------


async def test_a_draft_adds_up_while_it_is_typed_and_the_stored_total_counts(screen: Screen) -> None:
    await screen.open(DRAFT)
    await screen.key(Qt.Key.Key_E, CTRL)
    editor = screen.editor
    assert editor.total.text() == "Total 2,856.04 USD"
    await screen.key(Qt.Key.Key_N, CTRL)
    row = editor.lines.rows[-1]
    assert QApplication.focusWidget() is row.text
    assert row.numbers["tax_rate"].text() == "8.25"
    row.text.setText("Banners")
    row.numbers["quantity"].setText("2,5")
    row.numbers["unit_price"].setText("146.05")
    row.numbers["discount"].setText("10")
    assert row.amount.text() == "328.61"
    assert editor.total.text() == "Total 3,211.76 USD"
    row.numbers["quantity"].setText("two")
    assert editor.total.text() == "Total 2,856.04 USD, without line 6"
    editor.save()
    assert editor.banner.text == "Line 6: The quantity is a number such as 1,234.50."
    assert QApplication.focusWidget() is row.numbers["quantity"]
    row.numbers["quantity"].setText("2.5")
    await screen.key(Qt.Key.Key_S, CTRL)
    assert not editor.is_open
    assert screen.toasts[-1] == ("The draft is saved", "3,211.76 USD")
    assert screen.page.detail.sums.lines[-1].amount == "3,211.76"


async def test_lines_are_moved_and_taken_out_by_keyboard(screen: Screen) -> None:
    await screen.open(DRAFT)
    screen.page.detail.edit()
    lines = screen.editor.lines
    texts = [row.text.text() for row in lines.rows]
    await screen.key(Qt.Key.Key_Down, ALT)
    assert [row.text.text() for row in lines.rows[:2]] == [texts[1], texts[0]]
    assert QApplication.focusWidget() is lines.rows[1].text
    await screen.key(Qt.Key.Key_Up, ALT)
    assert [row.text.text() for row in lines.rows] == texts
    await screen.key(Qt.Key.Key_Delete, CTRL)
    assert [row.text.text() for row in lines.rows] == texts[1:]
    await screen.key(Qt.Key.Key_Escape)
    assert screen.editor.is_open
    assert screen.editor.banner.text.startswith("Not saved yet.")
    await screen.key(Qt.Key.Key_Escape)
    assert not screen.editor.is_open
    assert screen.gateway.done == []


async def test_two_people_at_one_draft_see_what_the_other_changed(screen: Screen) -> None:
    await screen.open(DRAFT)
    screen.page.detail.edit()
    editor = screen.editor
    editor.lines.rows[0].numbers["quantity"].setText("200")
    stored = screen.gateway.kept[DRAFT]
    changed = replace(stored.lines[2], quantity=Decimal(3))
    screen.gateway.kept[DRAFT] = replace(
        stored, lines=(*stored.lines[:2], changed, *stored.lines[3:]), purchase_order="PO-9",
        row=replace(stored.row, version=2),
    )  # fmt: skip
    editor.save()
    await screen.rest()
    assert editor.is_open
    said = [one.words.text() for one in editor.clash.findChildren(IconText)]
    assert said == ["“Welcome kits”: quantity 2.5 → 3.", "Purchase order: “PO-9”."]
    assert not editor.save_button.isEnabled()
    editor.take_theirs()
    assert editor.lines.rows[0].numbers["quantity"].text() == "180"
    assert editor.order.text() == "PO-9"
    editor.lines.rows[0].numbers["quantity"].setText("200")
    editor.save()
    await screen.rest()
    assert not editor.is_open
    assert screen.gateway.kept[DRAFT].lines[0].quantity == 200
    assert screen.gateway.kept[DRAFT].lines[2].quantity == 3


async def test_what_the_server_refuses_stays_in_the_form(screen: Screen) -> None:
    await screen.open(DRAFT)
    screen.page.detail.edit()
    screen.gateway.failure = Invalid("Line 2: a price is an amount such as 12.50.", code="unit_price")
    screen.editor.save()
    await screen.rest()
    assert screen.editor.is_open
    assert screen.editor.banner.text == "Line 2: a price is an amount such as 12.50."
    assert QApplication.focusWidget() is screen.editor.lines.rows[1].text
    assert screen.editor.save_button.isEnabled()


async def test_a_draft_that_was_issued_meanwhile_is_shown_as_it_is(screen: Screen) -> None:
    await screen.open(DRAFT)
    screen.page.detail.edit()
    editor = screen.editor
    screen.gateway.change(DRAFT, state=InvoiceState.ISSUED, number="NFP-2026-000400")
    editor.save()
    await screen.rest()
    assert [one.words.text() for one in editor.clash.findChildren(IconText)] == ["It is issued now."]
    assert not editor.save_button.isEnabled()
    assert screen.page.detail.header.title.text() == "NFP-2026-000400"
    assert screen.toasts == []
    await screen.key(Qt.Key.Key_Escape)
    assert not editor.is_open
