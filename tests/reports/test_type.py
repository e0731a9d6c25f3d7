"""Text on paper: fonts by character, right to left, wrapping and stepping down."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from console.reports import fonts
from console.reports.labels import labels
from console.reports.layout import LEADING, fit, shorten, wrap
from console.reports.roster import roster
from tests.support import paper_samples as paper
from tests.support import today_samples as today
from tests.support.shared_data import require


def _drawn(text: str) -> str:
    return "".join(piece.text for piece in fonts.pieces(text))


@pytest.mark.parametrize("text", ["Zoë Łukasz", "Ангелина", "Ωμέγα Ύψιλον", "7K4Q · 15:30–16:30 □ \u26a0"])
def test_latin_cyrillic_and_greek_need_one_font(text: str) -> None:
    for bold in (False, True):
        assert [piece.text for piece in fonts.pieces(text, bold=bold)] == [text]


def test_what_no_font_has_is_a_box_not_a_gap() -> None:
    assert _drawn("a\U000f0000b") == f"a{fonts.MISSING}b"


def test_hebrew_is_turned_round_and_numbers_are_not() -> None:
    assert _drawn("שלום") == "םולש"
    assert _drawn("שלום נועה") == "העונ םולש"
    assert _drawn("Nia (שלום) 7") == "Nia (םולש) 7"
    assert _drawn("שלום 42") == "42 םולש"


def test_arabic_letters_join() -> None:
    drawn = _drawn("محمد")
    assert drawn == "\ufeaa\ufee4\ufea4\ufee3"
    assert _drawn("لا") == "\ufefb"


def test_marks_are_composed_and_controls_dropped() -> None:
    assert _drawn("e\u0301") == "é"
    assert fonts.clean(" a\x00\tb\u202e\n c\ud800") == "a b c"


def test_wrapping_loses_nothing() -> None:
    text = "Maximiliana-Alexandrina von und zu Wolfeschlegelsteinhausenbergerdorff"
    for width in (20, 60, 150, 1000):
        lines = wrap(text, 10, width)
        assert "".join(lines).replace(" ", "") == text.replace(" ", "")
        assert all(fonts.width(line, 10) <= width for line in lines)
    assert wrap("", 10, 50) == []


def test_a_name_breaks_after_its_hyphen_first() -> None:
    assert wrap("Maximiliana-Alexandrina", 10, 80) == ["Maximiliana-", "Alexandrina"]


def test_text_steps_down_before_it_is_cut() -> None:
    sizes = (20.0, 12.0, 8.0)
    assert fit("Nia", 100, 25, sizes) == (20.0, ["Nia"])
    size, lines = fit("Maximiliana Alexandrina", 90, 25, sizes)
    assert (size, lines) == (8.0, ["Maximiliana", "Alexandrina"])
    size, lines = fit("word " * 50, 90, 25, sizes)
    assert len(lines) * size * LEADING <= 25
    assert lines[-1].endswith("…")
    assert all(fonts.width(line, size) <= 90 for line in lines)


def test_a_shortened_line_says_that_it_is() -> None:
    assert shorten("Studio 2", 10, 100) == "Studio 2"
    short = shorten("Riverside Climbing and Sports", 10, 60)
    assert short.endswith("…")
    assert fonts.width(short, 10) <= 60


def test_every_naughty_string_can_be_a_name(shared_data: Path) -> None:
    file = require(shared_data / "naughty_strings" / "blns.json")
    names: list[str] = json.loads(file.read_text("utf-8"))
    assert len(names) > 400
    entries = [today.child(number, name, 7, name) for number, name in enumerate(names)]
    pages = paper.texts(roster(today.sessions()[3], entries, paper.imprint()))
    assert f"Page {len(pages)} of {len(pages)}" in pages[-1]
    facts = [paper.label(number, name, f"{number // 3:04d}") for number, name in enumerate(names[::8])]
    families = len({one.tag for one in facts})
    assert len(paper.texts(labels(facts, paper.ZONE))) == len(facts) + families
