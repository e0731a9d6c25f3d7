"""A document that is a table: a heading, rows that do not break, heads repeated on each page, page x of y.

See docs/design.md, "Documents".
"""

from __future__ import annotations

from dataclasses import dataclass

from console.reports import fonts
from console.reports.layout import (
    BODY,
    HEADING,
    LEADING,
    MARGIN,
    SMALL,
    TITLE,
    Imprint,
    Pages,
    Paper,
    Text,
    wrap,
)

_GAP = 8.0
_ROW_PAD = 5.0
_FOOT = 32.0
_BOX_DOWN = 1.5


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its head, its part of the width, and whether it holds figures or a box to tick."""

    title: str
    share: float
    figures: bool = False
    box: float = 0.0
    """The edge in points of a square to tick in every row; 0 for none."""


@dataclass(frozen=True, slots=True)
class Row:
    """Cells of stacked texts, one for each column."""

    cells: tuple[tuple[Text, ...], ...]
    total: bool = False
    """A sum: under a strong line, without a box to tick."""


@dataclass(frozen=True, slots=True)
class Group:
    """Rows under a name of their own, which is said again where they go on on another page."""

    title: str
    detail: str
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """All of a table document but when and where it is made. `nothing` is said where there are no rows."""

    kind: str
    title: str
    lines: tuple[str, ...]
    columns: tuple[Column, ...]
    groups: tuple[Group, ...]
    closing: str
    nothing: str
    care: str = ""
    """A sentence at the foot of each page."""


@dataclass(frozen=True, slots=True)
class _Placed:
    top: float
    what: Row | Group
    height: float
    continued: bool = False


def table_document(table: Table, imprint: Imprint, paper: Paper) -> bytes:
    """The table as a PDF. The same table, imprint and paper give the same bytes."""
    return _Setting(table, imprint, paper).bytes()


class _Setting:
    def __init__(self, table: Table, imprint: Imprint, paper: Paper) -> None:
        self._table, self._imprint, self._paper = table, imprint, paper
        self._pages = Pages(f"{table.kind}: {table.title}", imprint.venue, paper)
        self._width = paper.width - 2 * MARGIN
        shares = sum(column.share for column in table.columns)
        room = self._width - _GAP * (len(table.columns) - 1)
        self._widths = [room * column.share / shares for column in table.columns]
        self._bottom = paper.height - MARGIN - _FOOT

    def bytes(self) -> bytes:
        first, later = self._first_head(draw=False), MARGIN + HEADING * LEADING + 6
        laid = self._lay_out(
            first + self._column_heads(0, draw=False), later + self._column_heads(0, draw=False)
        )
        for number, page in enumerate(laid, 1):
            top = self._first_head(draw=True) if number == 1 else self._later_head()
            if self._table.groups:
                self._column_heads(top, draw=True)
            for placed in page:
                self._draw(placed)
            if number == len(laid):
                self._close(max((one.top + one.height for one in page), default=top + 8))
            self._foot(number, len(laid))
            self._pages.end_page()
        return self._pages.bytes()

    # -- placing ---------------------------------------------------------------------------------------------------

    def _lay_out(self, first: float, later: float) -> list[list[_Placed]]:
        pages: list[list[_Placed]] = [[]]
        top = first
        for group in self._table.groups:
            head = self._group_height(group)
            for index, row in enumerate(group.rows):
                height = self._row_height(row)
                needed = height + (head if index == 0 else 0)
                if top + needed > self._bottom and pages[-1]:
                    pages.append([])
                    top = later
                if head and (index == 0 or not pages[-1]):
                    pages[-1].append(_Placed(top, group, head, continued=index > 0))
                    top += head
                pages[-1].append(_Placed(top, row, height))
                top += height
        if top + 24 > self._bottom and pages[-1]:
            pages.append([])
        return pages

    def _row_height(self, row: Row) -> float:
        cells = zip(row.cells, self._widths, strict=True)
        tallest = max(sum(text.height(width) for text in cell) for cell, width in cells)
        boxes = [column.box + 2 * _BOX_DOWN for column in self._table.columns]
        return max(tallest, *boxes) + 2 * _ROW_PAD

    def _group_height(self, group: Group) -> float:
        return HEADING * LEADING + 14 if group.title else 0

    # -- drawing ---------------------------------------------------------------------------------------------------

    def _first_head(self, *, draw: bool) -> float:
        age, top = self._imprint.age_of_facts, MARGIN
        if draw:
            kind = f"{self._table.kind} · {self._imprint.venue}"
            self._pages.block(MARGIN, top, Text(kind, BODY, tone="muted"), self._width - 150)
            if age:
                width = fonts.width(age, BODY, bold=True) + 8
                mark = Text(age, BODY, bold=True, chip="solid")
                self._pages.block(MARGIN + self._width - width - 0.1, top - 2, mark, width + 1)
        room = self._width - (150 if age else 0)
        top += (
            max(1, len(wrap(f"{self._table.kind} · {self._imprint.venue}", BODY, room))) * BODY * LEADING + 3
        )
        for line in wrap(self._table.title, TITLE, self._width, bold=True):
            if draw:
                self._pages.text(MARGIN, top, line, TITLE, bold=True)
            top += TITLE * LEADING
        for words in self._table.lines:
            for line in wrap(words, BODY + 1.5, self._width):
                if draw:
                    self._pages.text(MARGIN, top + 2, line, BODY + 1.5)
                top += (BODY + 1.5) * LEADING + 2
        return top + 12

    def _later_head(self) -> float:
        line = " · ".join((self._table.title, *self._table.lines[:1]))
        age = self._imprint.age_of_facts
        width = self._width - (fonts.width(age, BODY, bold=True) + 14 if age else 0)
        shown = wrap(line, BODY, width, bold=True)[:1]
        self._pages.text(MARGIN, MARGIN, "".join(shown), BODY, bold=True)
        if age:
            self._pages.text(0, MARGIN, age, BODY, bold=True, right=MARGIN + self._width)
        return MARGIN + HEADING * LEADING + 6

    def _column_heads(self, top: float, *, draw: bool) -> float:
        if draw:
            left = MARGIN
            for column, width in zip(self._table.columns, self._widths, strict=True):
                lines = wrap(column.title, SMALL, width, bold=True)
                for index, words in enumerate(lines):
                    at = top + (self._head_lines() - len(lines) + index) * SMALL * LEADING
                    edge = left + width if column.figures else None
                    self._pages.text(left, at, words, SMALL, bold=True, tone="muted", right=edge)
                left += width + _GAP
            self._pages.rule(MARGIN, top + self._head_lines() * SMALL * LEADING + 4, self._width, strong=True)
        return self._head_lines() * SMALL * LEADING + 4

    def _head_lines(self) -> int:
        pairs = zip(self._table.columns, self._widths, strict=True)
        return max(len(wrap(column.title, SMALL, width, bold=True)) for column, width in pairs)

    def _draw(self, placed: _Placed) -> None:
        if isinstance(placed.what, Group):
            more = " (continued)" if placed.continued else ""
            base = placed.top + 9
            self._pages.text(MARGIN, base, placed.what.title + more, HEADING, bold=True)
            edge = MARGIN + self._width
            self._pages.text(0, base + 3, placed.what.detail, BODY, tone="muted", right=edge)
            self._pages.rule(MARGIN, placed.top + placed.height, self._width)
            return
        row, left = placed.what, MARGIN
        if row.total:
            self._pages.rule(MARGIN, placed.top, self._width, strong=True)
        for column, width, cell in zip(self._table.columns, self._widths, row.cells, strict=True):
            top = placed.top + _ROW_PAD
            if column.box and not row.total:
                self._pages.box(left, top + _BOX_DOWN, column.box)
            for text in cell:
                if column.figures:
                    edge = left + width
                    self._pages.text(
                        0, top + 1, text.words, text.size, bold=text.bold, tone=text.tone, right=edge
                    )
                    top += text.size * LEADING
                else:
                    top = self._pages.block(left, top, text, width)
            left += width + _GAP
        self._pages.rule(MARGIN, placed.top + placed.height, self._width)

    def _close(self, top: float) -> None:
        words = self._table.closing if self._table.groups else self._table.nothing
        if words:
            self._pages.block(MARGIN, top + 8, Text(words, BODY + 1, bold=True), self._width)

    def _foot(self, number: int, pages: int) -> None:
        top = self._paper.height - MARGIN - 2 * SMALL * LEADING
        page = f"Page {number} of {pages}"
        edge = MARGIN + self._width
        room = self._width - fonts.width(page, SMALL) - _GAP
        made = wrap(self._imprint.made, SMALL, room)[:1]
        self._pages.text(MARGIN, top + SMALL * LEADING, "".join(made), SMALL, tone="muted")
        self._pages.text(0, top + SMALL * LEADING, page, SMALL, tone="muted", right=edge)
        if self._table.care:
            self._pages.text(MARGIN, top, self._table.care, SMALL, tone="muted")
