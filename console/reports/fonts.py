"""The type of every document: fonts that are embedded, and text taken apart into what each of them can draw.

DejaVu Sans comes inside matplotlib's package (found without importing it) and has Latin, Cyrillic, Greek and Arabic.
A character it lacks is set from a font of the system where one has it, else as an empty box: a name that cannot be
drawn is seen to be missing, never left out. See docs/design.md, "Documents".

Right to left is kept simple: Arabic letters are joined, and each run of right-to-left words is turned round. Numbers
and Latin words inside such a run keep their own direction; nested directions beyond that are not handled.
"""

from __future__ import annotations

import os
import sys
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from importlib.util import find_spec
from itertools import groupby
from pathlib import Path
from typing import Any

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFError

from console.errors import BugError
from console.reports.embedding import EmbeddedFont

REGULAR = "NexusText"
BOLD = "NexusTextBold"
MISSING = "□"
"""Stands for a character that no font here can draw."""

_FILES = {REGULAR: "DejaVuSans.ttf", BOLD: "DejaVuSans-Bold.ttf"}

# Fonts with TrueType outlines (reportlab cannot embed others) for scripts DejaVu Sans lacks, by file name.
_WIDER = (
    "DroidSansFallbackFull.ttf", "DroidSansFallback.ttf", "wqy-zenhei.ttc", "wqy-microhei.ttc",
    "msyh.ttc", "simsun.ttc", "msgothic.ttc", "malgun.ttf", "Nirmala.ttf", "LeelawUI.ttf",
    "Arial Unicode.ttf", "AppleGothic.ttf", "Thonburi.ttf",
)  # fmt: skip


_MIRRORED = str.maketrans("()[]{}<>«»", ")(][}{><»«")
_LAM, _ALEFS = "\u0644", "\u0622\u0623\u0625\u0627"


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of text that one embedded font draws, in the order it is drawn from left to right."""

    font: str
    text: str
    width: float
    """In thousandths of the type size."""


def pieces(text: str, *, bold: bool = False) -> tuple[Piece, ...]:
    """The text as it is drawn: cleaned, joined, turned round where it runs right to left, and split by font."""
    return _pieces(text, bold)


def width(text: str, size: float, *, bold: bool = False) -> float:
    """How wide the text is in points when set at `size`."""
    return _width(text, bold) * size / 1000


@lru_cache(maxsize=8192)
def _width(text: str, bold: bool) -> float:
    return sum(one.width for one in _pieces(text, bold))


def clean(text: str) -> str:
    """The text on one line, composed, without control characters: what stands on paper."""
    if text.isascii() and text.isprintable() and "  " not in text:
        return text.strip(" ")
    composed = unicodedata.normalize("NFC", text)
    shown = "".join(" " if mark.isspace() else mark for mark in composed)
    return " ".join("".join(mark for mark in shown if not _is_silent(mark)).split())


@lru_cache(maxsize=4096)
def _pieces(text: str, bold: bool) -> tuple[Piece, ...]:
    main = BOLD if bold else REGULAR
    ready()
    found: list[Piece] = []
    drawn = ((_font_for(mark, main), mark) for mark in _in_drawing_order(clean(text)))
    for font, marks in groupby(drawn, key=lambda one: one[0]):
        words = "".join(mark for _, mark in marks)
        font, words = (main, MISSING * len(words)) if font is None else (font, words)
        found.append(Piece(font, words, float(pdfmetrics.stringWidth(words, font, 1000))))
    return tuple(found)


@lru_cache(maxsize=1)
def ready() -> None:
    """Load the fonts every document uses; later calls do nothing. Raises BugError where they are missing."""
    folder = _type_folder()
    for name, file in _FILES.items():
        try:
            pdfmetrics.registerFont(EmbeddedFont(name, folder / file))
        except (TTFError, OSError) as error:
            raise BugError(
                "The documents' font is missing from this installation.", hint="Install the console again."
            ) from error


def begin(document: object) -> None:
    """Prepare a document that begins: the usual letters have the same places in each."""
    ready()
    for name in _FILES:
        pdfmetrics.getFont(name).begin(document)


def shown(words: str, size: float, document: object, *, bold: bool = False) -> str:
    """The operators that show the words in a document, from where the pen is."""
    return " ".join(
        pdfmetrics.getFont(one.font).shown(one.text, size, document) for one in _pieces(words, bold)
    )


def missing(texts: Iterable[str]) -> tuple[str, ...]:
    """The characters of some texts that no font here can draw, each once, in the order they come."""
    ready()
    marks = dict.fromkeys(mark for text in texts if not text.isascii() for mark in clean(text))
    return tuple(mark for mark in marks if _font_for(mark, REGULAR) is None)


def _type_folder() -> Path:
    found = find_spec("matplotlib")
    if found is None or not found.submodule_search_locations:
        raise BugError("Part of this installation is missing.", hint="Install the console again.")
    return Path(next(iter(found.submodule_search_locations))) / "mpl-data" / "fonts" / "ttf"


# -- which font has a character ------------------------------------------------------------------------------------


def _font_for(mark: str, main: str) -> str | None:
    if mark == " " or ord(mark) in _glyphs(main):
        return main
    for file in _WIDER:
        name = _load_wider(file)
        if name is not None and ord(mark) in _glyphs(name):
            return name
    return None


def _glyphs(name: str) -> dict[int, Any]:
    found: dict[int, Any] = pdfmetrics.getFont(name).face.charToGlyph
    return found


@lru_cache(maxsize=len(_WIDER))
def _load_wider(file: str) -> str | None:
    path = _system_fonts().get(file.lower())
    if path is None:
        return None
    name = f"Nexus{Path(file).stem.replace(' ', '')}"
    try:
        pdfmetrics.registerFont(EmbeddedFont(name, path))
    except (TTFError, OSError):
        return None  # a font that cannot be embedded is as good as none
    return name


@lru_cache(maxsize=1)
def _system_fonts() -> dict[str, Path]:
    wanted = {file.lower() for file in _WIDER}
    found: dict[str, Path] = {}
    for folder in _font_folders():
        for place, _, files in os.walk(folder):
            for file in files:
                if file.lower() in wanted:
                    found.setdefault(file.lower(), Path(place) / file)
    return found


def _font_folders() -> list[Path]:
    if sys.platform == "win32":
        return [Path(os.environ.get("SYSTEMROOT", r"C:\Windows")) / "Fonts"]
    if sys.platform == "darwin":
        return [Path("/System/Library/Fonts"), Path("/Library/Fonts")]
    return [Path("/usr/share/fonts"), Path("/usr/local/share/fonts")]


# -- characters ----------------------------------------------------------------------------------------------------


def _is_silent(mark: str) -> bool:
    # Cc, Cf (joiners, direction marks), Cs (half a pair) and the variation selectors have nothing to draw.
    return unicodedata.category(mark) in ("Cc", "Cf", "Cs") or 0xFE00 <= ord(mark) <= 0xFE0F


def _runs_left(mark: str) -> bool:
    return unicodedata.bidirectional(mark) in ("R", "AL")


def _in_drawing_order(text: str) -> str:
    if not any(_runs_left(mark) for mark in text):
        return text
    words = _joined(text).split(" ")
    leftward = [any(_runs_left(mark) for mark in word) for word in words]
    ordered: list[str] = []
    for left, group in groupby(zip(words, leftward, strict=True), key=lambda one: one[1]):
        run = [word for word, _ in group]
        ordered += [_turned(word) for word in reversed(run)] if left else run
    if leftward[0]:  # the line itself runs right to left: its runs change places too
        runs = [
            [word for word, _ in group]
            for _, group in groupby(zip(ordered, leftward, strict=True), key=lambda one: one[1])
        ]
        ordered = [word for run in reversed(runs) for word in run]
    return " ".join(ordered)


def _turned(word: str) -> str:
    # Combining marks stay behind the letter they stand on; digits keep their order.
    clusters: list[str] = []
    for mark in word:
        behind = clusters and (unicodedata.combining(mark) or (mark.isdigit() and clusters[-1][-1].isdigit()))
        if behind:
            clusters[-1] += mark
        else:
            clusters.append(mark)
    return "".join(reversed(clusters)).translate(_MIRRORED)


@lru_cache(maxsize=1)
def _forms() -> dict[str, dict[str, str]]:
    # Unicode's own list of how an Arabic letter looks alone, first, in the middle and last.
    found: dict[str, dict[str, str]] = {}
    for code in (*range(0xFB50, 0xFE00), *range(0xFE70, 0xFF00)):
        kind, _, letters = unicodedata.decomposition(chr(code)).partition("> ")
        marks = "".join(chr(int(letter, 16)) for letter in letters.split())
        if kind in ("<isolated", "<initial", "<medial", "<final") and marks and " " not in marks:
            found.setdefault(marks, {})[kind[1:]] = chr(code)
    return found


def _joined(text: str) -> str:
    # Lam and alef are one sign; the ligature stands for both, and has only the forms alone and last.
    for pair, shapes in _forms().items():
        if len(pair) == 2 and pair[0] == _LAM and pair[1] in _ALEFS and "isolated" in shapes:
            text = text.replace(pair, shapes["isolated"])
    forms, out = _forms_with_ligatures(), []
    letters = _clusters(text)
    for index, letter in enumerate(letters):
        shapes = forms.get(letter[0], {})
        before = letters[index - 1][0] if index else " "
        after = letters[index + 1][0] if index + 1 < len(letters) else " "
        reaches_back = "final" in shapes and "initial" in forms.get(before, {})
        reaches_on = "initial" in shapes and "final" in forms.get(after, {})
        kind = (
            ("medial" if reaches_on else "final")
            if reaches_back
            else ("initial" if reaches_on else "isolated")
        )
        out.append(shapes.get(kind, letter[0]) + letter[1:])
    return "".join(out)


@lru_cache(maxsize=1)
def _forms_with_ligatures() -> dict[str, dict[str, str]]:
    found = dict(_forms())
    for pair, shapes in _forms().items():
        if len(pair) == 2 and pair[0] == _LAM and pair[1] in _ALEFS and "isolated" in shapes:
            found[shapes["isolated"]] = shapes
    return found


def _clusters(text: str) -> list[str]:
    found: list[str] = []
    for mark in text:
        if found and unicodedata.combining(mark):
            found[-1] += mark
        else:
            found.append(mark)
    return found
