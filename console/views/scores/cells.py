"""How the table of venues is painted: a score with its weeks, a change with its arrow, the last weeks as a line.

See docs/design.md, "Screens" (reviews and score): a line in a cell has its numbers beside it.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QStyleOptionViewItem

from console.domain.scores import Component, ScoreRow
from console.models.table import Column
from console.views.scores import words
from console.views.theme import ThemeHub
from console.views.widgets import paint
from console.views.widgets.sparkline import draw_sparkline, spoken
from console.views.widgets.table import AnyIndex, CellDelegate, CellLook, DataTable

_WIDTHS = {
    Component.FEEDBACK: 84,
    Component.REPEAT: 74,
    Component.CANCELLATIONS: 108,
    Component.NO_SHOWS: 88,
}
_COUNT_ROOM = "(12 of 12)"
_PADDING = 8


class ScoreDelegate(CellDelegate):
    """Cells of the list of venues."""

    def __init__(self, hub: ThemeHub, view: DataTable, threshold: Callable[[], Decimal | None]) -> None:
        """`threshold` answers what the lines are held to, as far as it is known."""
        super().__init__(hub, view)
        self._threshold = threshold
        self._row: object = None

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: AnyIndex) -> None:
        """Paint one cell, knowing whose it is."""
        self._row = self._view.table.row(index.row())
        super().paint(painter, option, index)

    def _paint_cell(self, painter: QPainter, area: QRectF, text: str, look: CellLook, column: int) -> None:
        key = self._view.column_spec(column).key
        row, theme = self._row, self.hub.theme
        if key == "trend" and isinstance(row, ScoreRow):
            room = area.adjusted(_PADDING, 5, -_PADDING, -6)
            draw_sparkline(painter, theme, room, row.trend, threshold=self._threshold())
        elif key == "score" and isinstance(row, ScoreRow) and row.composite is not None:
            wide = paint.text_width(theme.font("caption"), _COUNT_ROOM)
            right = area.right() - _PADDING
            beside = QRectF(right - wide, area.top(), wide, area.height() - 1)
            paint.draw_text(
                painter, theme, beside, f"({_weeks(row)})", step="caption", color="text.muted", align=paint.RIGHT,
                elide=False,
            )  # fmt: skip
            left = area.left() + _PADDING
            room = QRectF(left, area.top(), beside.left() - left - 6, beside.height())
            said = words.points(row.composite, self._threshold())
            paint.draw_text(painter, theme, room, said, step="bodyStrong", align=paint.RIGHT, elide=False)
        else:
            super()._paint_cell(painter, area, text, look, column)


def columns(threshold: Callable[[], Decimal | None]) -> list[Column[ScoreRow]]:
    """The columns; the city is the first to go where there is little room."""

    def score(row: ScoreRow) -> str:
        if row.composite is None:
            return "too little" if row.trend else words.NONE
        return f"{words.points(row.composite, threshold())} ({_weeks(row)})"

    return [
        Column("venue", "Venue", lambda row: row.venue, width=132, stretch=True, tooltip=lambda row: row.venue),
        Column("city", "City", lambda row: row.city, width=112, gives_way=1, tooltip=lambda row: row.city),
        Column("score", "Score", score, numeric=True, width=128, tooltip=_score_tip),
        Column("change", "Change", lambda row: words.change(row.change)[0], width=116),
        *(_part_column(component) for component in Component),
        Column("trend", "12 weeks", lambda row: spoken(row.trend), sortable=False, width=88,
               tooltip=lambda row: spoken(row.trend).capitalize()),
        Column("curated", "Curated", lambda row: "" if row.is_curated else "no", width=88),
        Column("dispute", "Dispute", lambda _row: "", width=76),
    ]  # fmt: skip


def looks() -> dict[str, Callable[[ScoreRow], CellLook]]:
    """How cells differ from plain text."""
    return {
        "city": lambda _row: CellLook("secondary"),
        "score": lambda _row: CellLook("muted"),
        "change": _change_look,
        "curated": lambda row: CellLook("secondary", chip=words.CURATED if row.is_curated else None),
        "dispute": lambda row: CellLook(chip=words.ASKED if row.open_dispute else None),
    }


def _part_column(component: Component) -> Column[ScoreRow]:
    def text(row: ScoreRow) -> str:
        part = words.part_of(row.parts, component)
        return words.NONE if part is None else words.points(part.value)

    def tip(row: ScoreRow) -> str:
        part = words.part_of(row.parts, component)
        if part is None:
            return "No score yet"
        return words.counts(part) if part.value is not None else words.too_few(part)

    width = _WIDTHS[component]
    return Column(component.value, component.words, text, numeric=True, width=width, tooltip=tip)


def _score_tip(row: ScoreRow) -> str:
    if row.composite is None:
        little = f"Too little to go by in the newest week, {_weeks(row)} weeks have a score"
        return little if row.trend else "No week was worked out yet"
    return f"{row.composite} in the newest week, {_weeks(row)} weeks have a score"


def _change_look(row: ScoreRow) -> CellLook:
    _, icon, color = words.change(row.change)
    return CellLook(icon=icon, icon_color=color)


def _weeks(row: ScoreRow) -> str:
    """How many of the weeks on show have a score."""
    return words.weeks_of(row.weeks, len(row.trend) or 12)
