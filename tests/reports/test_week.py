"""The printed week: every session stands on it, it pages, and names of any length stay within the sheet."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pypdfium2
import pytest

from console.domain.programme import Calendar
from console.reports.layout import A4, LETTER, Imprint, Paper
from console.reports.week import week
from tests.support import paper_samples as paper
from tests.support import programme_samples as sample

IMPRINT = Imprint("Riverside Studio", sample.ZONE, sample.NOW, "Elena")


def test_a_usual_week_fits_one_sheet_and_names_everything() -> None:
    (page,) = paper.texts(week(sample.week(), IMPRINT))
    assert "Mon 9 March – Sun 15 March 2026" in page
    assert "42 sessions · 454 booked of 528 places" in page
    for said in (
        "Main Hall",
        "Room B",
        "Junior Judo",
        "16/18",
        "Closed: kiln repair",
        "No sessions",
        "Sun 15",
    ):
        assert said in page, said
    assert "made 2026-03-12 15:42 by Elena" in page


def test_lanes_may_be_people() -> None:
    pages = " ".join(paper.texts(week(sample.week(), IMPRINT, by_instructor=True)))
    assert "Ines Duarte" in pages
    assert "No instructor" in pages
    assert "Main Hall" not in pages


def test_what_is_cancelled_is_not_printed() -> None:
    calendar = sample.week()
    gone = calendar.sessions[0]
    less = replace(calendar, sessions=(replace(gone, is_cancelled=True), *calendar.sessions[1:]))
    (page,) = paper.texts(week(less, IMPRINT))
    assert "41 sessions" in page


def test_an_empty_week_says_so_for_every_day() -> None:
    empty = Calendar(sample.MONDAY, sample.MONDAY + timedelta(days=6), (), (), ())
    (page,) = paper.texts(week(empty, IMPRINT))
    assert page.count("No sessions") == 7


@pytest.mark.parametrize("size", [A4, LETTER])
def test_five_hundred_sessions_go_on_from_sheet_to_sheet_within_their_margins(size: Paper) -> None:
    pdf = week(sample.crowded(), IMPRINT, paper=size)
    pages = paper.texts(pdf)
    assert len(pages) > 5
    assert all(
        "Riverside Studio" in page and f"page {number}" in page for number, page in enumerate(pages, 1)
    )
    assert sum(page.count("/12") for page in pages) == 500
    document = pypdfium2.PdfDocument(pdf)
    for page in document:
        wide, high = page.get_size()
        assert (wide, high) == (pytest.approx(size.height), pytest.approx(size.width))
        for found in page.get_objects():
            left, bottom, right, top = found.get_bounds()
            assert left >= 0
            assert bottom >= 0
            assert right <= wide
            assert top <= high
    document.close()


def test_the_same_week_gives_the_same_bytes() -> None:
    assert week(sample.week(), IMPRINT) == week(sample.week(), IMPRINT)
