"""Statements of payouts: every cent is on them, they add up, they page, and their tables say the same."""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest

from console.domain.invoices import Party
from console.domain.payouts import LineReason, PayoutState
from console.domain.statements import Statement, how, total
from console.reports import fonts
from console.reports.layout import A4, LETTER, Paper
from console.reports.money import money
from console.reports.sheets import CsvSheet, XlsxSheet
from console.reports.statement import SHEET, rows, statement_pdf
from tests.support import money_samples as samples
from tests.support.paper_samples import HARD_NAMES, texts
from tests.support.reading_pdf import bounds, check, fonts_are_embedded, words

NEGATIVE = (samples.adjustment(0, "-36.00", LineReason.REFUNDED),)


def csv_rows(statement: Statement, folder: Path) -> list[dict[str, str]]:
    path = folder / "lines.csv"
    sheet = CsvSheet(path, SHEET)
    sheet.add(rows(statement))
    sheet.close()
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def xlsx_rows(statement: Statement, folder: Path) -> list[dict[str, object]]:
    path = folder / "lines.xlsx"
    sheet = XlsxSheet(path, SHEET, name=statement.number)
    sheet.add(rows(statement))
    sheet.close()
    page = openpyxl.load_workbook(path).active
    assert page is not None
    heads, *cells = page.iter_rows(values_only=True)
    return [dict(zip(map(str, heads), row, strict=True)) for row in cells]


def column(found: Sequence[Mapping[str, object]], name: str) -> Decimal:
    return sum((Decimal(str(row[name] or 0)) for row in found), Decimal(0)).quantize(Decimal("0.01"))


def test_every_amount_and_fact_is_on_it(tmp_path: Path) -> None:
    made = samples.statement(carried="-42.30")
    said = words(statement_pdf(made).pdf, tmp_path)
    sums = made.payout.sums
    for amount in (sums.gross, -sums.fee, sums.adjustments, sums.carried_in):
        assert money(amount) in said
    assert f"USD {money(sums.net)}" in said
    for line in made.lines:
        for amount in (line.gross, -line.fee_share, line.net):
            assert money(amount) in said
        assert line.code is not None
        assert line.code in said
    for _, lines in made.by_activity():
        came = total(lines)
        for amount in (came.gross, -came.fee_share, came.net):
            assert money(amount) in said
    for fact in (
        "Payout statement", "February 2026", "1 to 28 February 2026", "America/Los Angeles time", "PS-2026-02-5F1C0D3A",
        "Riverside Studio LLC", "12 Mill Street", "Nexus Family Pass, Inc.", "ending 4821", "sent 3 March 2026",
        "3 March 2026, 10:07",
        "640 credits over 40 bookings, at 1.00 each", "17.5 % of gross", "January 2026 ended below",
        "2 corrections of earlier months", "Attended, in 15:52, out 17:04", "Cancelled 31 h before the start",
        "No-show",
        "(corrects January 2026)", "Refunded afterwards: Junior Judo",
    ):  # fmt: skip
        assert fact in said, fact
    assert (
        said.index("Adjustments corrections")
        < said.index("Home-school Art Lab")
        < said.index("Pottery Wheel")
    )
    assert "Preview" not in said


def test_the_fee_says_how_it_was_rounded_and_its_shares_add_up() -> None:
    made = samples.statement(samples.lines(41))
    assert made.adds_up
    assert total(made.bookings).fee_share == made.payout.sums.fee == Decimal("114.45")
    odd = samples.statement(samples.lines(3))
    exact = odd.payout.sums.gross * samples.FEE / 100
    assert exact != odd.payout.sums.fee
    assert f"17.5 % of gross is {exact.normalize():f}, rounded once" in texts(statement_pdf(odd).pdf)[0]


def test_a_preview_says_so_on_every_page() -> None:
    pages = texts(statement_pdf(samples.statement(samples.lines(200), preview=True)).pdf)
    assert len(pages) > 3
    assert all("Preview" in page for page in pages)


def test_a_month_below_zero_is_carried_out() -> None:
    made = samples.statement(NEGATIVE)
    page = texts(statement_pdf(made).pdf)[0]
    assert made.payout.sums.carried_out == Decimal("-36.00")
    for said in ("Carried out", "taken from the next month", "USD 0.00", "\u221236.00", "nothing to pay"):
        assert said in page, said
    assert "Bank reference" not in page


def test_a_month_of_nothing_is_said() -> None:
    page = texts(statement_pdf(samples.statement(())).pdf)[0]
    assert "No booking of this month earned anything." in page
    assert "USD 0.00" in page


def test_a_fee_of_everything_leaves_nothing() -> None:
    line = replace(samples.lines(1)[0], fee_share=Decimal("14.00"), net=Decimal("0.00"))
    page = texts(statement_pdf(samples.statement((line,))).pdf)[0]
    assert "\u221214.00" in page
    assert "USD 0.00" in page


def test_what_happened_to_the_payment_is_said() -> None:
    made = samples.statement()
    paid = replace(
        made.payout, state=PayoutState.PAID, paid_at=datetime(2026, 3, 17, 7, 30, tzinfo=UTC), method="bank_transfer",
        reference="TRF-99120",
    )  # fmt: skip
    page = texts(statement_pdf(replace(made, payout=paid)).pdf)[0]
    assert "paid 17 March 2026 by bank transfer" in page
    assert "TRF-99120" in page
    held = replace(made.payout, state=PayoutState.ON_HOLD, sent_at=None, account_end=None)
    page = texts(statement_pdf(replace(made, payout=held)).pdf)[0]
    assert "on hold" in page
    assert "none known" in page
    assert "given when it is paid" in page


def test_the_same_payout_gives_the_same_bytes(tmp_path: Path) -> None:
    first = statement_pdf(samples.statement())
    assert first.pdf == statement_pdf(samples.statement()).pdf
    assert first.pdf != statement_pdf(samples.statement(carried="-0.01")).pdf
    check(first.pdf, tmp_path)
    assert fonts_are_embedded(first.pdf)
    assert b"Helvetica" not in first.pdf


@pytest.mark.parametrize("paper", [A4, LETTER])
def test_four_hundred_lines_page_with_heads_and_subtotals(paper: Paper) -> None:
    made = samples.statement(samples.lines(400))
    printed = statement_pdf(made, paper=paper)
    pages = texts(printed.pdf)
    assert printed.pages == len(pages) > 8
    whole = " ".join(pages)
    codes = [line.code for _, lines in made.by_activity() for line in lines]
    assert re.findall(r"K\dQ4-\d{4}-\d", whole) == codes, "each once, in order"
    for number, page in enumerate(pages, 1):
        assert f"Page {number} of {len(pages)}" in page
        assert "How it came to be" in page or "Q4-" not in page
        assert re.search(r"Q4-|All lines", page), "no subtotal alone on a page"
    assert whole.count("Subtotal") == len(samples.ACTIVITIES)
    assert "All lines 400 lines" in pages[-1]
    assert all("(continued)" in page for page in pages[1:] if re.search(r"Net\s+K\dQ4", page))


@pytest.mark.parametrize("name", HARD_NAMES)
def test_hard_names_stay_on_the_page(name: str) -> None:
    found = samples.lines(30, activities=(name, name * 3))
    made = samples.statement(found, venue=Party(name, (name, name * 2)), issuer=Party(name, (name,)))
    made = replace(made, payout=replace(made.payout, venue=name))
    for left, bottom, right, top in bounds(statement_pdf(made).pdf):
        assert left >= 0
        assert bottom >= 0
        assert right <= A4.width + 1
        assert top <= A4.height + 1


def test_a_letter_no_font_has_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fonts, "_WIDER", ())
    fonts._pieces.cache_clear()
    fonts._width.cache_clear()
    try:
        printed = statement_pdf(samples.statement(samples.lines(2, activities=("武術",))))
        assert printed.missing == ("武", "術")
        assert "no font on this computer has (U+6B66, U+8853)" in " ".join(texts(printed.pdf))
    finally:
        monkeypatch.undo()
        fonts._pieces.cache_clear()
        fonts._width.cache_clear()


@pytest.mark.parametrize(
    "made",
    [
        samples.statement(carried="-42.30"),
        samples.statement(NEGATIVE),
        samples.statement(()),
        samples.statement(),
    ],
    ids=["carried in", "below zero", "nothing", "usual"],
)
def test_the_tables_add_up_to_the_statement(made: Statement, tmp_path: Path) -> None:
    sums = made.payout.sums
    files: list[Sequence[Mapping[str, object]]] = [csv_rows(made, tmp_path), xlsx_rows(made, tmp_path)]
    for found in files:
        assert column(found, "Net") == sums.net
        bookings = [row for row in found if row["Kind"] == "booking"]
        assert column(bookings, "Gross") == sums.gross
        assert column(bookings, "Fee share") == sums.fee
        corrections = [row for row in found if row["Kind"] == "adjustment"]
        assert column(corrections, "Net") == sums.adjustments


def test_what_people_typed_is_no_formula_and_what_is_below_zero_is_a_number(tmp_path: Path) -> None:
    formula = '=HYPERLINK("http://example.invalid","x")'
    made = samples.statement((samples.adjustment(0, "-36.00", LineReason.REFUNDED, "-2+3"),
                              *samples.lines(2, activities=(formula, "@SUM(A1)"))))  # fmt: skip
    plain = csv_rows(made, tmp_path)
    assert [row["Activity"][0] for row in plain[:3]] == ["'", "'", "'"]
    assert plain[0]["Net"] == "-36.00"
    path = tmp_path / "lines.xlsx"
    numbers = xlsx_rows(made, tmp_path)
    assert numbers[0]["Net"] == -36
    page = openpyxl.load_workbook(path).active
    assert page is not None
    kinds = {cell.data_type for row in page.iter_rows() for cell in row}
    assert "f" not in kinds
    net = page.cell(2, 12)
    assert net.data_type == "n"
    assert net.number_format == "#,##0.00;-#,##0.00"


def test_how_a_line_came_to_be_is_read_in_the_venues_zone() -> None:
    line = samples.line(0, LineReason.ATTENDED, "Judo", 14, Decimal("2.45"))
    zone = samples.statement().zone
    assert how(line, zone) == "Attended, in 15:52, out 17:04"
    assert how(replace(line, words_out=None), zone) == "Attended, in 15:52"
    assert (
        how(replace(line, reason=LineReason.CANCELLED_LATE, words_in=None, words_out=None), zone)
        == "Cancelled late"
    )
    assert (
        how(replace(line, reason=None, words_in=None, words_out=None, description="By hand"), zone)
        == "By hand"
    )


def test_a_day_of_another_year_says_which() -> None:
    old = replace(samples.adjustment(0, "12.00", LineReason.LATE_CHECK_IN), day=date(2025, 12, 31))
    assert "31 Dec 2025" in texts(statement_pdf(samples.statement((old,))).pdf)[0]
