"""Labels and pickup tags: the code reads back, names fit, and no health fact leaves the building."""

from __future__ import annotations

from dataclasses import replace

import pypdfium2
import pytest

from console.reports.labels import SIZES, labels
from tests.support import paper_samples as paper

FAMILY = (paper.label(1, "Nia", health=paper.NOTES), paper.label(2, "Theo"))


def _made(*facts: object, size: str = "62x29") -> bytes:
    return labels(facts or FAMILY, paper.ZONE, venue=paper.VENUE, size=size)  # type: ignore[arg-type]


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("dots", [203, 300, 600])
def test_every_code_reads_back(size: str, dots: int) -> None:
    pdf = _made(*FAMILY, paper.label(3, "Sam", "2M3X"), size=size)
    read = [paper.codes(image) for image in paper.images(pdf, dots)]
    assert read == [["7K4Q"], ["7K4Q"], ["7K4Q"], ["2M3X"], ["2M3X"]]


@pytest.mark.parametrize("size", SIZES)
def test_a_code_reads_back_in_black_and_white_only(size: str) -> None:
    for image in paper.images(_made(size=size), 203):
        assert paper.codes(image.point(lambda grey: 255 if grey > 127 else 0)) == ["7K4Q"]


@pytest.mark.parametrize("size", SIZES)
def test_a_page_for_each_child_and_one_tag_for_the_family(size: str) -> None:
    nia, theo, tag = paper.texts(_made(size=size))
    assert "Nia" in nia
    assert "age 7" in nia
    assert "15:30–16:30" in nia
    assert "Junior Judo" in nia
    assert "Studio 2" in nia
    assert "Theo" in theo
    assert "Nia and Theo" in tag
    assert "Show this when you collect" in tag
    assert "Thu 12 March" in tag
    assert all("7K4Q" in page for page in (nia, theo, tag))
    document = pypdfium2.PdfDocument(_made(size=size))
    wide, high = (float(part) for part in size.split("x"))
    assert document.get_page_size(0) == pytest.approx((wide / 25.4 * 72, high / 25.4 * 72), abs=0.1)
    document.close()


@pytest.mark.parametrize("size", SIZES)
def test_health_is_on_the_label_worst_first_and_never_on_the_tag(size: str) -> None:
    nia, _, tag = paper.texts(_made(size=size))
    assert nia.index("Peanut") < nia.index("Asthma") < nia.index("+1")
    assert "EpiPen" not in nia
    assert not any(note.label in tag or note.title in tag for note in paper.NOTES)
    assert "\u26a0" not in tag


@pytest.mark.parametrize("size", SIZES)
def test_the_gravest_word_steps_down_before_it_is_cut(size: str) -> None:
    grave = replace(paper.NOTES[1], label="Tree nuts, sesame and milk")
    alone, _ = paper.texts(_made(paper.label(1, "Nia", health=(grave, paper.NOTES[2])), size=size))
    assert "Tree nuts, sesame and milk" in alone
    assert "+1" in alone or "Asthma" in alone


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("name", paper.HARD_NAMES)
def test_hard_names_stay_on_the_label_and_clear_of_the_code(size: str, name: str) -> None:
    pdf = _made(paper.label(1, name, health=paper.NOTES), paper.label(2, name), size=size)
    page = SIZES[size].paper
    document = pypdfium2.PdfDocument(pdf)
    for one in document:
        for found in one.get_objects():
            left, bottom, right, top = found.get_bounds()
            assert left >= 0
            assert right <= page.width
            assert bottom >= 0
            assert top <= page.height
    document.close()
    assert [paper.codes(image) for image in paper.images(pdf, 203)] == [["7K4Q"]] * 3


@pytest.mark.parametrize("size", SIZES)
def test_a_long_name_is_whole_on_the_label(size: str) -> None:
    name = paper.HARD_NAMES[0]
    child, tag = paper.texts(_made(paper.label(1, name, health=paper.NOTES), size=size))
    for words in (child, tag):
        assert name.replace("-", "").replace(" ", "") in words.replace("-", "").replace("\ufffe", "").replace(
            " ", ""
        )


def test_a_reprint_is_the_first_print_again() -> None:
    first = _made(paper.label(1, "Nia", health=paper.NOTES))
    assert first == _made(paper.label(1, "Nia", health=paper.NOTES, reprint=True))
    assert first != _made(paper.label(1, "Nia", "2M3X", paper.NOTES))


def test_a_label_is_black_on_white() -> None:
    for image in paper.images(_made(), 203):
        assert image.getextrema() == (0, 255)
    pdf = _made()
    document = pypdfium2.PdfDocument(pdf)
    picture = document[0].render(scale=203 / 72).to_pil().convert("RGB")
    document.close()
    assert all(max(color) - min(color) == 0 for _, color in picture.getcolors(1 << 16)), (
        "no colour to be screened"
    )


def test_fonts_are_embedded() -> None:
    pdf = _made()
    assert b"Helvetica" not in pdf
    assert pdf.count(b"/BaseFont") == pdf.count(b"/FontFile2") > 0
