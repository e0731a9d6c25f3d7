"""The page every document is set on: paper, margins, type sizes, inks, lines of text that wrap or step down.

One place decides them, so that a roster, a label and later an invoice look like one product. Text is always in an
embedded font, and the same facts give the same bytes: nothing here reads a clock. See docs/design.md, "Documents".
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from io import BytesIO
from typing import Any, Literal

from reportlab.pdfgen.canvas import Canvas

from console.domain.refusals import clock_time
from console.reports import fonts

MM = 72 / 25.4
"""Points in a millimetre."""
MARGIN = 14 * MM
TITLE, HEADING, NAME, BODY, SMALL = 20.0, 13.0, 12.0, 9.5, 8.0
"""The type sizes in points."""
LEADING = 1.24
"""The distance of lines, in type sizes."""
ASCENT = 0.93
"""How far below a line's top its letters stand, in type sizes."""

Tone = Literal["ink", "muted", "white"]
_INKS: dict[Tone, tuple[float, float, float]] = {
    "ink": (0.07, 0.09, 0.13),
    "muted": (0.33, 0.36, 0.41),
    "white": (1, 1, 1),
}
_GRAVE = (0.60, 0.09, 0.11)
_RULE = (0.75, 0.77, 0.80)
_ELLIPSIS = "…"
_CHIP_PAD = 4.0


@dataclass(frozen=True, slots=True)
class Paper:
    """A size of paper in points, upright."""

    width: float
    height: float

    @property
    def turned(self) -> Paper:
        """The same paper lying on its long side."""
        return Paper(self.height, self.width)


A4 = Paper(210 * MM, 297 * MM)
LETTER = Paper(612, 792)


@dataclass(frozen=True, slots=True)
class Imprint:
    """Where, when and by whom a document is made; `as_of` is how old its facts are, where they are not fresh."""

    venue: str
    zone: tzinfo
    made_at: datetime
    made_by: str
    as_of: datetime | None = None

    @property
    def made(self) -> str:
        """The words at the foot of each page."""
        local = self.made_at.astimezone(self.zone)
        by = f" by {self.made_by}" if self.made_by else ""
        return f"{self.venue} · made {local:%Y-%m-%d} {clock_time(self.made_at, self.zone)}{by}"

    @property
    def age_of_facts(self) -> str:
        """The words "Data as of 15:36", with the day where it is another one; empty for fresh facts."""
        if self.as_of is None:
            return ""
        local = self.as_of.astimezone(self.zone)
        same = local.date() == self.made_at.astimezone(self.zone).date()
        return f"Data as of {clock_time(self.as_of, self.zone) if same else f'{local:%Y-%m-%d %H:%M}'}"


@dataclass(frozen=True, slots=True)
class Text:
    """Words in a cell, wrapped to its width. `chip` draws them on a dark ground or within an edge."""

    words: str
    size: float = BODY
    bold: bool = False
    tone: Tone = "ink"
    chip: Literal["", "solid", "edge"] = ""
    above: float = 0.0
    """Points of room above."""

    def lines(self, width: float) -> list[str]:
        """The words in lines no wider than `width`."""
        room = width - 2 * _CHIP_PAD if self.chip else width
        return wrap(self.words, self.size, room, bold=self.bold)

    def height(self, width: float) -> float:
        """How high it stands in a cell of that width, room above included."""
        return self.above + len(self.lines(width)) * self.size * LEADING + (2.5 if self.chip else 0)


class Pages:
    """A PDF being drawn, measured in points from the top left corner."""

    def __init__(self, title: str, author: str, paper: Paper, *, black: bool = False) -> None:
        """An empty document; its title and author are what a reader's window shows.

        `black` is for printers that know no grey: every ink is black.
        """
        fonts.ready()
        self._inks = {tone: (0, 0, 0) if black and tone != "white" else ink for tone, ink in _INKS.items()}
        self._pens = {
            tone: f"{red:g} {green:g} {blue:g} rg" for tone, (red, green, blue) in self._inks.items()
        }
        self._grave = (0, 0, 0) if black else _GRAVE
        self.paper = paper
        self._out = BytesIO()
        self._canvas: Any = Canvas(
            self._out,
            pagesize=(paper.width, paper.height),
            initialFontName=fonts.REGULAR,
            initialFontSize=BODY,
            invariant=1,
            pageCompression=1,
            lang="en",
        )
        fonts.begin(self._canvas._doc)
        self._canvas.setTitle(fonts.clean(title))
        self._canvas.setAuthor(fonts.clean(author))
        self._canvas.setCreator("Nexus Console")
        self._canvas.setSubject("")

    def end_page(self) -> None:
        """The page is done; what is drawn next stands on another."""
        self._canvas.showPage()

    def bytes(self) -> bytes:
        """The finished document."""
        self._canvas.save()
        return self._out.getvalue()

    def text(
        self,
        left: float,
        top: float,
        words: str,
        size: float = BODY,
        *,
        bold: bool = False,
        tone: Tone = "ink",
        right: float | None = None,
    ) -> None:
        """One line whose top is at `top`; with `right` it ends there instead of beginning at `left`."""
        at = left if right is None else right - fonts.width(words, size, bold=bold)
        base = self.paper.height - top - size * ASCENT
        shown = fonts.shown(words, size, self._canvas._doc, bold=bold)
        # Written as it stands in the file: a document is mostly lines of text, and the canvas's own way to one
        # takes most of the time.
        self._canvas._code.append(f"{self._pens[tone]} BT 1 0 0 1 {at:.3f} {base:.3f} Tm {shown} ET")

    def block(self, left: float, top: float, text: Text, width: float) -> float:
        """A wrapped text in a cell; answers where it ends."""
        top += text.above
        lines = text.lines(width)
        pitch = text.size * LEADING
        if text.chip:
            widest = max((fonts.width(one, text.size, bold=text.bold) for one in lines), default=0)
            self.plate(left, top, widest + 2 * _CHIP_PAD, len(lines) * pitch + 1, solid=text.chip == "solid")
        for index, words in enumerate(lines):
            tone: Tone = "white" if text.chip == "solid" else text.tone
            inset = _CHIP_PAD if text.chip else 0
            self.text(left + inset, top + 1 + index * pitch, words, text.size, bold=text.bold, tone=tone)
        return top + len(lines) * pitch + (2.5 if text.chip else 0)

    def plate(self, left: float, top: float, width: float, height: float, *, solid: bool) -> None:
        """A rounded ground: dark, or an edge only."""
        self._canvas.setFillColorRGB(*self._grave)
        self._canvas.setStrokeColorRGB(*(self._grave if solid else self._inks["muted"]))
        self._canvas.setLineWidth(0.7)
        base = self.paper.height - top - height
        self._canvas.roundRect(left, base, width, height, 2.5, stroke=1, fill=int(solid))

    def box(self, left: float, top: float, edge: float) -> None:
        """An empty square to tick."""
        self._canvas.setStrokeColorRGB(*self._inks["ink"])
        self._canvas.setLineWidth(1)
        self._canvas.rect(left, self.paper.height - top - edge, edge, edge, stroke=1, fill=0)

    def rule(self, left: float, top: float, width: float, *, strong: bool = False) -> None:
        """A horizontal line."""
        self._canvas.setStrokeColorRGB(*(self._inks["ink"] if strong else _RULE))
        self._canvas.setLineWidth(0.9 if strong else 0.5)
        self._canvas.line(left, self.paper.height - top, left + width, self.paper.height - top)

    def squares(self, left: float, top: float, edge: float, places: Sequence[tuple[int, int, int]]) -> None:
        """Black bars of one module's height, (row, column, length), without gaps between rows: a code's pattern."""
        self._canvas.setFillColorRGB(0, 0, 0)
        path = self._canvas.beginPath()
        for row, column, length in places:
            base = self.paper.height - top - (row + 1) * edge
            path.rect(left + column * edge, base, length * edge, edge)
        self._canvas.drawPath(path, stroke=0, fill=1)


def wrap(words: str, size: float, width: float, *, bold: bool = False) -> list[str]:
    """The words in lines no wider than `width` points; a word wider than a line is broken, never cut off."""
    lines: list[str] = []
    line = ""
    for word in fonts.clean(words).split(" "):
        longer = f"{line} {word}" if line else word
        if fonts.width(longer, size, bold=bold) <= width:
            line = longer
            continue
        if line:
            lines.append(line)
        *full, line = _broken(word, size, width, bold)
        lines += full
    return [*lines, line] if line else lines


def _broken(word: str, size: float, width: float, bold: bool) -> list[str]:
    if fonts.width(word, size, bold=bold) <= width:
        return [word]
    head, hyphen, rest = word.partition("-")
    if hyphen and rest:  # a hyphen is where a reader expects a name to go on
        *full, last = _broken(head + hyphen, size, width, bold)
        first, *more = _broken(rest, size, width, bold)
        joined = fonts.width(last + first, size, bold=bold) <= width
        return [*full, last + first, *more] if joined else [*full, last, first, *more]
    parts = []
    while word:
        # The longest beginning that fits, found by halving; one character stands on a line whatever its width.
        low, high = 1, len(word)
        while low < high:
            middle = (low + high + 1) // 2
            fits = fonts.width(word[:middle], size, bold=bold) <= width
            low, high = (middle, high) if fits else (low, middle - 1)
        parts.append(word[:low])
        word = word[low:]
    return parts


def fit(
    words: str, width: float, height: float, sizes: Sequence[float], *, bold: bool = False
) -> tuple[float, list[str]]:
    """The largest of `sizes` (descending) in which the words fit the room, and their lines.

    Words are broken only where no size holds them whole. What fits in no size ends in an ellipsis, so that
    it is seen to go on.
    """
    for whole in (True, False):
        for size in sizes:
            lines = wrap(words, size, width, bold=bold)
            kept = " ".join(lines) == fonts.clean(words)
            if len(lines) * size * LEADING <= height + 0.01 and (kept or not whole):
                return size, lines
    size = sizes[-1]
    lines = wrap(words, size, width, bold=bold)[: max(1, int(height / (size * LEADING) + 0.01))]
    return size, [*lines[:-1], shorten(lines[-1] + _ELLIPSIS, size, width, bold=bold)]


def shorten(words: str, size: float, width: float, *, bold: bool = False) -> str:
    """The words on one line; where they are too wide they end in an ellipsis."""
    words = fonts.clean(words)
    if fonts.width(words, size, bold=bold) <= width:
        return words
    kept = words.rstrip(_ELLIPSIS)
    low, high = 0, len(kept)
    while low < high:
        middle = (low + high + 1) // 2
        fits = fonts.width(kept[:middle] + _ELLIPSIS, size, bold=bold) <= width
        low, high = (middle, high) if fits else (low, middle - 1)
    return kept[:low].rstrip() + _ELLIPSIS
