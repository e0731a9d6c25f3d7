"""What Ctrl+K forgives, and what it marks."""

from __future__ import annotations

import pytest

from console.models.finder import fold, match


def marked(question: str, title: str, also: str = "") -> str | None:
    found = match(question, title, also)
    return None if found is None else "".join(title[place] for place in sorted(found.marks))


@pytest.mark.parametrize(
    ("question", "title", "marks"),
    [
        ("judo", "Junior Judo", "Judo"),
        ("JUDO jun", "Junior Judo", "JunJudo"),
        ("zoe", "Zoë", "Zoë"),
        ("ZOË", "Zoe", "Zoe"),
        ("strasse", "Straße", "Straße"),
        ("jj", "Junior Judo", "JJ"),
        ("prnt", "Print roster", "Prnt"),
        ("roboticks", "LEGO Robotics", "Robotics"),
        ("udo", "Junior Judo", "udo"),
        ("q4-2", "K7Q4-2MXR-6", "Q4-2"),
        ("👋", "Say 👋 now", "👋"),
        ("", "Anything", ""),
    ],
)
def test_every_letter_that_matched_is_marked(question: str, title: str, marks: str) -> None:
    assert marked(question, title) == marks


@pytest.mark.parametrize(
    ("question", "title"),
    [("zzz", "Lock"), ("judo door", "Junior Judo"), ("xq", "Extra quiet"), ("rost", "Print room")],
)
def test_what_is_not_there_does_not_match(question: str, title: str) -> None:
    assert match(question, title) is None


def test_other_words_find_and_are_not_marked() -> None:
    assert marked("main judo", "Junior Judo", "today 15:30, Main Hall") == "Judo"


def test_a_beginning_is_better_than_a_middle_and_that_than_a_slip() -> None:
    scores = [m.score if (m := match("lock", title)) else 0 for title in ("Lock", "Unlock", "Loock it")]
    assert scores == sorted(scores, reverse=True)
    assert scores[2] > 0


def test_folding_keeps_what_has_no_case() -> None:
    assert fold("Élan 日本 ŁÓDŹ") == "elan 日本 łodz"
