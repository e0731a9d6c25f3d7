"""Roster, roll call and day summary: what stands on them, that they page, and that nothing on them is left out."""

from __future__ import annotations

import re
from dataclasses import replace

import pypdfium2
import pytest

from console.domain.attendance import AttendanceState
from console.domain.desk import PickupPerson
from console.reports.day_summary import day_summary
from console.reports.layout import A4, LETTER, Imprint, Paper
from console.reports.roll_call import roll_call
from console.reports.roster import roster
from tests.support import paper_samples as paper
from tests.support import today_samples as today

SESSION = today.sessions()[3]


def _every_document() -> dict[str, bytes]:
    return {
        "roster": roster(SESSION, today.roster(), paper.imprint(as_of=True)),
        "roll call": roll_call(paper.building(), paper.imprint()),
        "day": day_summary(paper.day_summary(), paper.imprint()),
    }


def _inks(pdf: bytes) -> list[tuple[float, float, float, float]]:
    """The bounds of everything drawn on each page, in points."""
    document = pypdfium2.PdfDocument(pdf)
    try:
        return [found.get_bounds() for page in document for found in page.get_objects()]
    finally:
        document.close()


def test_the_roster_says_who_is_expected_and_what_to_know() -> None:
    entries = today.roster()
    pages = paper.texts(roster(SESSION, entries, paper.imprint()))
    words = " ".join(pages)
    for entry in entries:
        assert entry.first_name in words
        assert entry.parent_phone is not None
        assert entry.parent_phone in words
        for note in entry.health:
            assert note.label in words
    assert SESSION.activity_name in pages[0]
    assert "Thursday 12 March 2026" in pages[0]
    assert f"{len(entries)} children:" in pages[-1]
    assert "Data as of" not in words


def test_the_worst_comes_first_with_its_instructions() -> None:
    child = replace(today.roster()[0], first_name="Nia", health=paper.NOTES)
    (page,) = paper.texts(roster(SESSION, [child], paper.imprint()))
    assert page.index("Peanut") < page.index("EpiPen") < page.index("Asthma") < page.index("Vegetarian")
    assert "\u26a0 Peanut" in page
    assert "\u26a0 Asthma" not in page


def test_only_who_may_collect_today_is_named() -> None:
    def may(name: str, allowed: bool = True) -> PickupPerson:
        return today.person(name, "aunt", may=allowed)

    over = replace(may("Lena"), valid_until=today.DAY.replace(day=11))
    child = replace(today.roster()[0], pickup=(may("Rose"), may("Victor", False), over))
    (page,) = paper.texts(roster(SESSION, [child], paper.imprint()))
    assert "Rose" in page
    assert "Victor" not in page
    assert "Lena" not in page


def test_a_child_who_is_in_says_since_when() -> None:
    base = today.roster()[0]
    seen = replace(base, state=AttendanceState.IN, state_at=today.at(15, 31))
    unseen = replace(base, state=AttendanceState.EXPECTED, state_at=None)
    assert "in since 15:31" in paper.texts(roster(SESSION, [seen], paper.imprint()))[0]
    assert "since" not in paper.texts(roster(SESSION, [unseen], paper.imprint()))[0]


def test_old_facts_say_how_old_on_every_page() -> None:
    entries = today.roster() * 4
    pages = paper.texts(roster(SESSION, entries, paper.imprint(as_of=True)))
    assert len(pages) > 1
    assert all("Data as of 15:36" in page for page in pages)
    yesterday = Imprint(
        paper.VENUE, paper.ZONE, today.at(15, 42), "Maya", today.at(15, 36, today.DAY.replace(day=11))
    )
    assert "Data as of 2026-03-11 15:36" in paper.texts(roster(SESSION, entries, yesterday))[0]


@pytest.mark.parametrize("sheet", [A4, LETTER])
def test_two_hundred_children_page_with_heads_and_numbers(sheet: Paper) -> None:
    base = today.child(1, "Nia", 7, "Dana")
    entries = [replace(base, first_name=f"Child{number:03d}") for number in range(200)]
    pages = paper.texts(roster(SESSION, entries, paper.imprint(), paper=sheet))
    words = " ".join(pages)
    assert re.findall(r"Child\d{3}", words) == [one.first_name for one in entries], "each once, in order"
    for number, page in enumerate(pages, 1):
        assert f"Page {number} of {len(pages)}" in page
        assert "May collect" in page
    assert "200 children: 200 expected" in pages[-1]


def test_nobody_is_said() -> None:
    assert "Nobody is booked." in paper.texts(roster(SESSION, [], paper.imprint()))[0]
    empty = replace(paper.building(), present=())
    assert "Nobody is checked in." in paper.texts(roll_call(empty, paper.imprint()))[0]
    assert (
        "There was no session"
        in paper.texts(day_summary(replace(paper.day_summary(), sessions=()), paper.imprint()))[0]
    )


def test_the_roll_call_counts_room_by_room() -> None:
    (page,) = paper.texts(roll_call(paper.building(), paper.imprint()))
    assert "3 children in the building at 16:00" in page
    assert (
        page.index("Climbing wall")
        < page.index("Nia")
        < page.index("Theo")
        < page.index("No room")
        < page.index("Sam")
    )
    assert "2 children" in page
    assert "+1 503 555 0142" in page
    assert "15:31" in page


def test_a_room_that_goes_on_says_so() -> None:
    present = tuple(paper.presence(number, f"Child{number:03d}", "Studio 2") for number in range(60))
    pages = paper.texts(roll_call(replace(paper.building(), present=present), paper.imprint()))
    assert len(pages) > 1
    assert all("Studio 2 (continued)" in page for page in pages[1:])
    assert "(continued)" not in pages[0]
    assert sum(len(re.findall(r"Child\d{3}", page)) for page in pages) == 60


def test_the_day_adds_up_and_names_no_child() -> None:
    summary = paper.day_summary()
    (page,) = paper.texts(day_summary(summary, paper.imprint()))
    assert "2 sessions, 1 closed" in page
    assert "17 of 24 children booked came" in page
    keys = ("places", "booked", "walk_ins", "came", "no_shows", "absent", "expected", "unmarked", "still_in")
    totals = [str(summary.total(key)) for key in (*keys, "late_pickups", "incidents", "cancelled")]
    assert f"The day {' '.join(totals)}" in page


@pytest.mark.parametrize("name", paper.HARD_NAMES)
def test_hard_names_stay_on_the_page(name: str) -> None:
    child = replace(today.roster()[0], first_name=name, parent_first_name=name, health=paper.NOTES)
    pdf = roster(replace(SESSION, activity_name=name), [child] * 3, paper.imprint())
    for left, bottom, right, top in _inks(pdf):
        assert left >= 0
        assert right <= A4.width + 1
        assert bottom >= 0
        assert top <= A4.height + 1


def test_every_font_is_embedded_and_none_is_helvetica() -> None:
    for name, pdf in _every_document().items():
        assert b"Helvetica" not in pdf, name
        fonts = len(re.findall(rb"/BaseFont", pdf))
        assert fonts > 0, name
        assert fonts == len(re.findall(rb"/FontFile2", pdf)), name


def test_the_same_facts_give_the_same_bytes() -> None:
    assert _every_document() == _every_document()
    other = roster(SESSION, today.roster()[:-1], paper.imprint(as_of=True))
    assert other != _every_document()["roster"]


def test_a_reader_is_told_title_and_language() -> None:
    document = pypdfium2.PdfDocument(roster(SESSION, today.roster(), paper.imprint()))
    try:
        facts = document.get_metadata_dict()
    finally:
        document.close()
    assert facts["Title"] == f"Roster: {SESSION.activity_name}"
    assert facts["Author"] == paper.VENUE
    assert b"/Lang" in roster(SESSION, [], paper.imprint())
