"""How well a title answers what was typed, and which of its letters were typed.

Ctrl+K forgives: case and accents do not matter, words may stand in any order, the first letters of words are enough
("jj" for Junior Judo), and a slip in a longer word is overlooked. Everything that matched is marked, so that nobody
wonders why a line is there. See docs/design.md, "Screens" (palette).
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

_SLIP_FROM = 4
_ALIKE = 0.72
_BEGINS, _INSIDE, _INITIALS, _SLIP, _ELSEWHERE = 1.0, 0.8, 0.7, 0.5, 0.4


@dataclass(frozen=True, slots=True)
class Match:
    """`score` is greater the better a line answers; `marks` are the places in its title that were typed."""

    score: float
    marks: frozenset[int]


@dataclass(frozen=True, slots=True)
class _Folded:
    """A text without case and accents, and which place of the original each of its letters comes from."""

    text: str
    places: tuple[int, ...]
    words: tuple[tuple[int, int], ...]


def fold(text: str) -> str:
    """The text as it is compared: lower case, without accents."""
    return _folded(text).text


def match(question: str, title: str, also: str = "") -> Match | None:
    """How a line answers the question, or None where some word of the question is not in it.

    `also` are other words by which it is found; they are not marked. An empty question matches everything.
    """
    asked = fold(question).split()
    if not asked:
        return Match(0.0, frozenset())
    folded, elsewhere = _folded(title), fold(also)
    score, marks = 0.0, set[int]()
    for word in asked:
        points, hit = _word(word, folded)
        if not points:
            if word not in elsewhere:
                return None
            points = _ELSEWHERE
        score += points
        marks |= hit
    shorter = 0.1 / (1 + len(folded.text))  # of two equal ones, the one with less beside
    return Match(score / len(asked) + shorter, frozenset(marks))


def _word(word: str, title: _Folded) -> tuple[float, set[int]]:
    starts = [start for start, _ in title.words if title.text.startswith(word, start)]
    if starts:
        return _BEGINS, _marks(title, range(starts[0], starts[0] + len(word)))
    inside = title.text.find(word)
    if inside >= 0:
        return _INSIDE, _marks(title, range(inside, inside + len(word)))
    initials = "".join(title.text[start] for start, _ in title.words)
    at = initials.find(word) if len(word) > 1 else -1
    if at >= 0:
        return _INITIALS, _marks(title, (start for start, _ in title.words[at : at + len(word)]))
    return _slip(word, title)


def _slip(word: str, title: _Folded) -> tuple[float, set[int]]:
    """A word of four letters or more with about one letter wrong, missing or swapped, as a whole or a beginning."""
    if len(word) < _SLIP_FROM:
        return 0.0, set()
    from rapidfuzz.distance import OSA, LCSseq  # only here, so that the window opens without it

    best, found = 0.0, (0, 0)
    for start, end in title.words:
        for stop in {end, min(end, start + len(word)), min(end, start + len(word) + 1)}:
            if stop - start < _SLIP_FROM - 1:
                continue
            alike = OSA.normalized_similarity(word, title.text[start:stop])
            if alike > best:
                best, found = alike, (start, stop)
    if best < _ALIKE:
        return 0.0, set()
    start, stop = found
    same = LCSseq.opcodes(word, title.text[start:stop])
    places = (
        start + place for op in same if op.tag == "equal" for place in range(op.dest_start, op.dest_end)
    )
    return _SLIP * best, _marks(title, places)


def _marks(title: _Folded, places: Iterable[int]) -> set[int]:
    return {title.places[place] for place in places}


@lru_cache(maxsize=2048)
def _folded(text: str) -> _Folded:
    letters: list[str] = []
    places: list[int] = []
    for place, mark in enumerate(text):
        for letter in unicodedata.normalize("NFD", mark.casefold()):
            if not unicodedata.combining(letter):
                letters.append(letter)
                places.append(place)
    plain = "".join(letters)
    words: list[tuple[int, int]] = []
    start: int | None = None
    for at, letter in enumerate([*plain, " "]):
        if letter.isalnum():
            start = at if start is None else start
        elif start is not None:
            words.append((start, at))
            start = None
    return _Folded(plain, tuple(places), tuple(words))
