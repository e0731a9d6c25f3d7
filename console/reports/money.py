"""What documents about money share: parties, tables of amounts that go on over pages, the box of sums, page x of y.

A document is a run of blocks that are placed first and drawn then, because a page's foot says how many there are. An
amount is never wrapped or cut: where its column is too narrow it steps down in size. See docs/design.md, "Documents".
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import partial

from console.domain.documents import Printed
from console.domain.invoices import Party
from console.reports import fonts
from console.reports.layout import BODY, LEADING, MARGIN, SMALL, TITLE, Pages, Paper, Text, shorten, wrap

MINUS = "\u2212"
_SET = 8.5
"""The type size of tables."""
_GAP = 8.0
_PAD = 3.6
_FOOT = 26.0
_LATER_HEAD = BODY * LEADING + 12
_STEPS = (1.0, 0.9, 0.8, 0.7, 0.6, 0.5)

Draw = Callable[[Pages, float], None]


@dataclass(frozen=True, slots=True)
class Block:
    """A part of a document that stands on one page. `keep` holds it together with the next one.

    `again` is drawn above it where it is the first of a page: heads that a reader needs once more.
    """

    height: float
    draw: Draw
    keep: bool = False
    again: tuple[Block, ...] = ()


@dataclass(frozen=True, slots=True)
class Frame:
    """What stands on every page. `mark` is a word such as "Draft" that nobody may overlook."""

    title: str
    author: str
    paper: Paper
    later: str
    foot: str
    mark: str = ""


@dataclass(frozen=True, slots=True)
class Field:
    """A column of a table; `share` is its part of the width."""

    title: str
    share: float
    amount: bool = False


@dataclass(frozen=True, slots=True)
class Sum:
    """A line of the box of sums: its name, how it came to be, and what it is."""

    name: str
    words: str
    amount: str
    strong: bool = False


# -- words ---------------------------------------------------------------------------------------------------------


def money(amount: Decimal) -> str:
    """An amount as documents have it: "1,082.73", below zero with a true minus sign."""
    return f"{amount:,.2f}".replace("-", MINUS)


def number(value: Decimal | int) -> str:
    """A number without zeros that say nothing: "12", "17.5", "1,250.125"."""
    written = f"{value:,f}"
    if "." in written:
        written = written.rstrip("0").rstrip(".")
    return written.replace("-", MINUS)


def percent(rate: Decimal) -> str:
    """A rate: "17.5 %"."""
    return f"{number(rate)} %"


# -- blocks --------------------------------------------------------------------------------------------------------


def gap(height: float) -> Block:
    """Room."""
    return Block(height, _nothing)


def texts(parts: Sequence[Text], width: float, *, left: float = MARGIN, keep: bool = False) -> Block:
    """Texts one beneath the other."""

    def draw(pages: Pages, top: float) -> None:
        for part in parts:
            top = pages.block(left, top, part, width)

    return Block(sum(part.height(width) for part in parts), draw, keep)


def columns(cells: Sequence[tuple[float, Block]]) -> Block:
    """Blocks side by side, each with its own left edge in it; the tallest says how high they stand."""

    def draw(pages: Pages, top: float) -> None:
        for _, block in cells:
            block.draw(pages, top)

    return Block(max(block.height for _, block in cells), draw)


def heading(kind: str, beneath: str, right: Party, width: float) -> Block:
    """The document's kind in large type, and who issues it in the right corner."""
    half = width * 0.46
    issuer = party("", right, half)
    left = [Text(kind, TITLE, bold=True), *([Text(beneath, BODY + 2)] if beneath else [])]
    name = texts(left, width - half - _GAP)

    def draw(pages: Pages, top: float) -> None:
        name.draw(pages, top)
        issuer_at(pages, top)

    issuer_at = partial(_right_aligned, issuer_lines(right), half, MARGIN + width)
    return Block(max(name.height, issuer.height), draw)


def party(title: str, who: Party, width: float, *, left: float = MARGIN) -> Block:
    """A party: its name, address, tax number and address for questions."""
    parts = [Text(title, SMALL, bold=True, tone="muted")] if title else []
    return texts([*parts, *issuer_lines(who)], width, left=left)


def issuer_lines(who: Party) -> list[Text]:
    """The lines of a party."""
    rest = [*who.address, *([f"Tax number {who.tax_id}"] if who.tax_id else []), *filter(None, [who.email])]
    return [Text(who.name, BODY + 0.5, bold=True), *(Text(line, BODY - 0.5) for line in rest if line)]


def facts(
    pairs: Sequence[tuple[str, str]], width: float, *, left: float = MARGIN, label: float = 84
) -> Block:
    """Names and what they are, in two columns."""
    room = width - label - 4
    shown = [(name, wrap(words, BODY - 0.5, room)) for name, words in pairs if words]
    pitch = (BODY - 0.5) * LEADING + 1

    def draw(pages: Pages, top: float) -> None:
        for name, lines in shown:
            pages.text(left, top, name, BODY - 0.5, tone="muted")
            for line in lines:
                pages.text(left + label, top, line, BODY - 0.5)
                top += pitch

    return Block(sum(len(lines) for _, lines in shown) * pitch, draw)


def sums(lines: Sequence[Sum], width: float, *, left: float = MARGIN, name: float = 96) -> list[Block]:
    """The box of sums: a line each, the strong ones under a rule and in larger type."""
    return [_sum(line, width, left, name) for line in lines]


def _sum(line: Sum, width: float, left: float, name: float) -> Block:
    size = BODY + 3 if line.strong else BODY
    room = width - name - _wide(line.amount, size) - 2 * _GAP
    said = wrap(line.words, BODY, max(room, 40)) if line.words else []
    height = max(size * LEADING, len(said) * BODY * LEADING) + (12 if line.strong else 5)

    def draw(pages: Pages, top: float) -> None:
        if line.strong:
            pages.rule(left, top + 1, width, strong=True)
            top += 7
        pages.text(left, top + size - BODY, line.name, BODY, bold=True)
        for at, words in enumerate(said):
            pages.text(left + name, top + size - BODY + at * BODY * LEADING, words, BODY, tone="muted")
        pages.text(0, top, line.amount, size, bold=line.strong, right=left + width)

    return Block(height, draw)


def _wide(words: str, size: float) -> float:
    return fonts.width(words, size, bold=True)


class Amounts:
    """A table of amounts: heads, rows of words, and totals."""

    def __init__(self, fields: Sequence[Field], width: float) -> None:
        """`width` is the table's; the fields share it."""
        shares = sum(field.share for field in fields)
        room = width - _GAP * (len(fields) - 1)
        self._width = width
        self._places: list[tuple[Field, float, float]] = []
        left = MARGIN
        for field in fields:
            wide = room * field.share / shares
            self._places.append((field, left, wide))
            left += wide + _GAP

    def heads(self) -> Block:
        """The columns' heads over a rule; they stay with the first row."""
        return Block(SMALL * LEADING + 6, self._draw_heads, keep=True)

    def group(self, title: str, detail: str) -> Block:
        """A name over rows, which stays with them."""

        def draw(pages: Pages, top: float) -> None:
            right = MARGIN + self._width
            room = self._width - fonts.width(detail, SMALL) - 2 * _GAP
            pages.text(MARGIN, top + 7, shorten(title, BODY + 0.5, room, bold=True), BODY + 0.5, bold=True)
            pages.text(0, top + 8.5, detail, SMALL, tone="muted", right=right)
            pages.rule(MARGIN, top + 21, self._width)

        return Block(21.5, draw, keep=True)

    def row(
        self,
        cells: Sequence[str],
        again: tuple[Block, ...] = (),
        *,
        total: bool = False,
        keep: bool = False,
    ) -> Block:
        """A row; `total` sets it strongly under a rule. `again` is for where it begins a page."""
        lines = [
            [words] if field.amount else wrap(words, _SET, wide, bold=total)
            for words, (field, _, wide) in zip(cells, self._places, strict=True)
        ]
        height = max(1, *(len(one) for one in lines)) * _SET * LEADING + 2 * _PAD
        return Block(height, partial(self._draw_row, lines, total, height), keep, again)

    def _draw_heads(self, pages: Pages, top: float) -> None:
        for field, left, wide in self._places:
            right = left + wide if field.amount else None
            title = shorten(field.title, SMALL, wide, bold=True)
            pages.text(left, top, title, SMALL, bold=True, tone="muted", right=right)
        pages.rule(MARGIN, top + SMALL * LEADING + 4, self._width, strong=True)

    def _draw_row(
        self, lines: Sequence[Sequence[str]], total: bool, height: float, pages: Pages, top: float
    ) -> None:
        if total:
            pages.rule(MARGIN, top, self._width, strong=True)
        for words, (field, left, wide) in zip(lines, self._places, strict=True):
            for at, line in enumerate(words):
                size = _step_down(line, wide, total) if field.amount else _SET
                under = top + _PAD + at * _SET * LEADING + (_SET - size)
                right = left + wide if field.amount else None
                pages.text(left, under, line, size, bold=total, right=right)
        if not total:
            pages.rule(MARGIN, top + height, self._width)


def note(words: str, width: float) -> Block:
    """A quiet paragraph."""
    return texts([Text(words, BODY - 0.5, tone="muted", above=6)], width)


def missing_note(missing: Sequence[str], width: float) -> list[Block]:
    """What a reader should know of letters that could not be drawn; nothing where all were."""
    if not missing:
        return []
    codes = ", ".join(f"U+{ord(mark):04X}" for mark in missing[:12])
    more = f" and {len(missing) - 12} more" if len(missing) > 12 else ""
    words = (
        f"{fonts.MISSING} stands for letters that no font on this computer has ({codes}{more}). "
        "Names are kept whole; print on a computer with fonts for their script."
    )
    return [gap(4), texts([Text(words, BODY - 0.5, bold=True, above=6)], width)]


# -- pages ---------------------------------------------------------------------------------------------------------


def flow(frame: Frame, blocks: Iterable[Block], said: Iterable[str]) -> Printed:
    """The document. `said` are the words that people wrote, looked through for letters no font has."""
    width = frame.paper.width - 2 * MARGIN
    missing = fonts.missing(said)
    laid = _placed([*blocks, *missing_note(missing, width)], frame.paper.height - MARGIN - _FOOT)
    pages = Pages(frame.title, frame.author, frame.paper)
    for at, placed in enumerate(laid, 1):
        if at > 1:
            room = width - (_wide(frame.mark, BODY) + 24 if frame.mark else 0)
            pages.text(MARGIN, MARGIN, shorten(frame.later, BODY, room, bold=True), BODY, bold=True)
        _mark(pages, frame, width, at)
        for top, block in placed:
            block.draw(pages, top)
        _foot(pages, frame, width, f"Page {at} of {len(laid)}")
        pages.end_page()
    return Printed(pages.bytes(), len(laid), missing)


def _placed(blocks: Sequence[Block], bottom: float) -> list[list[tuple[float, Block]]]:
    needed = [0.0] * len(blocks)
    for at in range(len(blocks) - 1, -1, -1):
        follows = needed[at + 1] if blocks[at].keep and at + 1 < len(blocks) else 0.0
        needed[at] = blocks[at].height + follows
    laid: list[list[tuple[float, Block]]] = [[]]
    top, held = MARGIN, False
    for block, need in zip(blocks, needed, strict=True):
        if not held and top + need > bottom and laid[-1]:
            laid.append([])
            top = MARGIN + _LATER_HEAD
            for head in block.again:
                laid[-1].append((top, head))
                top += head.height
        laid[-1].append((top, block))
        top += block.height
        held = block.keep
    return laid


def _mark(pages: Pages, frame: Frame, width: float, at: int) -> None:
    if not frame.mark:
        return
    wide = _wide(frame.mark, BODY) + 8
    left = MARGIN + (width - wide) / 2 if at == 1 else MARGIN + width - wide
    pages.block(left, MARGIN - 2, Text(frame.mark, BODY, bold=True, chip="solid"), wide + 1)


def _foot(pages: Pages, frame: Frame, width: float, page: str) -> None:
    top = frame.paper.height - MARGIN - SMALL * LEADING
    room = width - fonts.width(page, SMALL) - _GAP
    pages.text(MARGIN, top, shorten(frame.foot, SMALL, room), SMALL, tone="muted")
    pages.text(0, top, page, SMALL, tone="muted", right=MARGIN + width)


def _right_aligned(parts: Sequence[Text], width: float, right: float, pages: Pages, top: float) -> None:
    for part in parts:
        for line in part.lines(width):
            pages.text(0, top + 1, line, part.size, bold=part.bold, tone=part.tone, right=right)
            top += part.size * LEADING


def _step_down(words: str, width: float, bold: bool) -> float:
    return next(
        (_SET * step for step in _STEPS if fonts.width(words, _SET * step, bold=bold) <= width),
        _SET * _STEPS[-1],
    )


def _nothing(_pages: Pages, _top: float) -> None:
    pass
