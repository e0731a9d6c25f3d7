"""Invoices and credit notes: every amount is on them, they page, and no letter is lost in silence."""

from __future__ import annotations

import re
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from console.domain.documents import Printed
from console.domain.invoices import InvoiceLine, Party, totals
from console.reports import fonts
from console.reports.invoice import credit_note_pdf, invoice_pdf
from console.reports.layout import A4, LETTER, Paper
from console.reports.money import money
from tests.support import money_samples as samples
from tests.support.paper_samples import HARD_NAMES, texts
from tests.support.reading_pdf import bounds, check, fonts_are_embedded, words


def documents() -> dict[str, Printed]:
    return {
        "invoice": invoice_pdf(samples.invoice()),
        "draft": invoice_pdf(samples.invoice(draft=True)),
        "copy": invoice_pdf(samples.part_paid(), paid=True),
        "credit note": credit_note_pdf(samples.credit_note()),
    }


def test_every_amount_and_fact_is_on_the_invoice(tmp_path: Path) -> None:
    made = samples.invoice()
    said = words(invoice_pdf(made).pdf, tmp_path)
    amounts = [line.amount for line in made.lines] + [made.totals.subtotal, made.totals.total]
    amounts += [part for tax in made.totals.taxes for part in (tax.base, tax.tax)]
    for amount in amounts:
        assert money(amount) in said
    for fact in (
        "NFP-2026-000123", "1 March 2026", "31 March 2026", "30 days", "PO-77120", "Cascade Timber & Paper Company",
        "1200 Lumber Road", "Nexus Family Pass, Inc.", "84-1234567", "93-7654321", "7.589286", "15 %", "8.25 %",
        "\u2212156.44", "365.13", "with the reference NFP-2026-000123", "Account 000123456789", "Page 1 of 1",
    ):  # fmt: skip
        assert fact in said, fact
    assert "Draft" not in said


def test_a_draft_says_so_on_every_page() -> None:
    pages = texts(invoice_pdf(samples.invoice(draft=True, lines=samples.LINES * 40)).pdf)
    assert len(pages) > 2
    assert all("Draft, not an invoice" in page for page in pages)
    assert "nothing is to be paid on it" in pages[-1]
    assert "Please pay" not in " ".join(pages)


def test_the_kept_paper_does_not_change_when_money_comes_in() -> None:
    part = samples.part_paid()
    unpaid = replace(part, payments=(), row=replace(part.row, paid=Decimal("0.00")))
    assert invoice_pdf(part).pdf == invoice_pdf(unpaid).pdf
    copy = texts(invoice_pdf(part, paid=True).pdf)[0]
    for amount in (part.totals.total, Decimal("-1200.00"), part.row.open_amount, Decimal("-1000.00")):
        assert money(amount) in copy
    assert f"Please pay USD {money(part.row.open_amount)}" in copy


def test_a_credit_note_that_is_not_made_yet_is_marked_on_every_page(tmp_path: Path) -> None:
    note = samples.credit_note()
    many = replace(note, number="", lines=note.lines * 60)
    pages = texts(credit_note_pdf(many).pdf)
    assert len(pages) > 1
    assert all("Draft, not a credit note" in page for page in pages)
    assert "given when issued" in pages[0]
    assert note.number not in " ".join(pages)


def test_a_credit_note_says_what_it_takes_back(tmp_path: Path) -> None:
    note = samples.credit_note()
    said = words(credit_note_pdf(note).pdf, tmp_path)
    for fact in (
        "NCN-2026-000009",
        "NFP-2026-000123 of 1 March 2026",
        note.reason,
        "10 March 2026",
        "Credit to",
    ):
        assert fact in said, fact
    assert f"in full: USD {money(note.totals.total)}" in said
    assert "Please pay" not in said


def test_the_same_invoice_gives_the_same_bytes() -> None:
    first, again = documents(), documents()
    for name, made in first.items():
        assert made.pdf == again[name].pdf, name
    assert invoice_pdf(samples.invoice(124)).pdf != first["invoice"].pdf


def test_the_files_are_sound_and_their_fonts_inside(tmp_path: Path) -> None:
    for name, made in documents().items():
        check(made.pdf, tmp_path)
        assert fonts_are_embedded(made.pdf), name
        assert b"Helvetica" not in made.pdf, name


@pytest.mark.parametrize("paper", [A4, LETTER])
def test_four_hundred_lines_page_with_heads_and_one_total(paper: Paper) -> None:
    lines = tuple(
        InvoiceLine(f"Item{at:03d}", Decimal(1), Decimal(at) / 100, Decimal("8.25")) for at in range(400)
    )
    made = samples.invoice(lines=lines)
    printed = invoice_pdf(made, paper=paper)
    pages = texts(printed.pdf)
    assert printed.pages == len(pages) > 5
    assert re.findall(r"Item\d{3}", " ".join(pages)) == [line.text for line in lines], "each once, in order"
    for number, page in enumerate(pages, 1):
        assert f"Page {number} of {len(pages)}" in page
        assert "NFP-2026-000123" in page
        assert "Description" in page or "Item" not in page
    assert f"USD {money(made.totals.total)}" in pages[-1]
    assert "Subtotal" in pages[-1], "the sums stay together"


@pytest.mark.parametrize("name", HARD_NAMES)
def test_hard_names_stay_on_the_page(name: str) -> None:
    who = Party(name, (name, name * 3), name, "a@b.example", (name,))
    lines = (InvoiceLine(name * 2, Decimal(1), Decimal("9999999999.99"), Decimal("99.99")),) * 3
    made = samples.invoice(lines=lines, issuer=who, recipient=who, notes=name, purchase_order=name)
    for left, bottom, right, top in bounds(invoice_pdf(made).pdf):
        assert left >= 0
        assert bottom >= 0
        assert right <= A4.width + 1
        assert top <= A4.height + 1


def test_names_from_right_to_left_and_from_far_east_are_drawn() -> None:
    for name in ("شركة النور", "נקסוס בע״מ"):
        printed = invoice_pdf(samples.invoice(recipient=Party(name, ())))
        assert printed.missing == ()
        assert fonts.MISSING not in texts(printed.pdf)[0]


def test_a_letter_no_font_has_is_reported_and_said_on_the_page(monkeypatch: pytest.MonkeyPatch) -> None:
    # As on a computer with no font for Chinese; the ones that are here are not asked.
    monkeypatch.setattr(fonts, "_WIDER", ())
    fonts._pieces.cache_clear()
    fonts._width.cache_clear()
    try:
        name = "李小龍 李"
        printed = invoice_pdf(samples.invoice(recipient=Party(name, ("1 Road",))))
        assert printed.missing == ("李", "小", "龍")
        page = texts(printed.pdf)[0]
        assert "no font on this computer has (U+674E, U+5C0F, U+9F8D)" in page
        assert credit_note_pdf(replace(samples.credit_note(), reason="龍")).missing == ("龍",)
        assert "no font on this computer" not in texts(invoice_pdf(samples.invoice()).pdf)[0]
    finally:
        monkeypatch.undo()
        fonts._pieces.cache_clear()
        fonts._width.cache_clear()


def test_nothing_to_pay_is_said() -> None:
    free = (InvoiceLine("Welcome month", Decimal(10), Decimal("12.50"), Decimal(0), Decimal(100)),)
    page = texts(invoice_pdf(samples.invoice(lines=free)).pdf)[0]
    assert "USD 0.00" in page
    assert "Nothing is to be paid" in page
    assert "No lines yet" in texts(invoice_pdf(samples.invoice(lines=(), draft=True)).pdf)[0]


@settings(max_examples=25, deadline=None)
@given(
    st.lists(
        st.builds(
            InvoiceLine,
            text=st.text(max_size=30),
            quantity=st.decimals("0.01", "9999.99", places=2),
            unit_price=st.decimals("-9999.999999", "9999.999999", places=6),
            tax_rate=st.sampled_from([Decimal(0), Decimal("8.25"), Decimal(20), Decimal("19.99")]),
            discount=st.sampled_from([Decimal(0), Decimal("12.5"), Decimal(100)]),
        ),
        min_size=1,
        max_size=12,
    )
)
def test_whatever_the_lines_are_their_amounts_can_be_read(lines: list[InvoiceLine]) -> None:
    made = samples.invoice(lines=tuple(lines))
    said = " ".join(texts(invoice_pdf(made).pdf))
    came = totals(lines)
    for amount in (
        *(line.amount for line in lines),
        came.subtotal,
        came.total,
        *(tax.tax for tax in came.taxes),
    ):
        assert money(amount) in said
