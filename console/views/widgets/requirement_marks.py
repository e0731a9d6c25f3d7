"""How a requirement's standing looks wherever one is shown: queue, case, compliance, papers.

Each standing has a shape, a colour and a word, in that order of weight: in greyscale nothing is lost. See
docs/design.md, "Screens".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QRectF
from PySide6.QtGui import QPainter, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLayout, QWidget

from console.domain.vetting import Requirement, Standing
from console.views.theme import Theme, ThemeHub
from console.views.widgets.paint import ChipSpec
from console.views.widgets.text import IconLabel, label

_PITCH = 19
_EDGE = 16


@dataclass(frozen=True, slots=True)
class Mark:
    """The sign of a standing, its colour token, its word, and the tone of its chip."""

    icon: str
    color: str
    word: str
    tone: str


MARKS: Mapping[Standing, Mark] = {
    Standing.SATISFIED: Mark("ph.check-circle-fill", "green.text", "Satisfied", "green"),
    Standing.EXPIRING: Mark("ph.calendar-x-fill", "amber.text", "Expiring", "amber"),
    Standing.PENDING: Mark("ph.hourglass-medium", "text.secondary", "Pending", "neutral"),
    Standing.MISSING: Mark("ph.circle-dashed", "text.secondary", "Missing", "neutral"),
    Standing.EXPIRED: Mark("ph.warning-circle-fill", "red.text", "Expired", "red"),
    Standing.EXCEPTED: Mark("ph.shield-check-fill", "blue.text", "Excepted", "blue"),
}


def standing_chip(standing: Standing) -> ChipSpec:
    """The chip beside a requirement's name."""
    mark = MARKS[standing]
    return ChipSpec(mark.word, mark.tone)


def spoken(standings: Mapping[Requirement, Standing]) -> str:
    """The marks for a screen reader: "insurance satisfied, background checks pending"."""
    return ", ".join(
        f"{kind.words.lower()} {standings[kind].value}" for kind in Requirement if kind in standings
    )


def marks_width(theme: Theme, count: int = len(Requirement)) -> int:
    """How wide a row of marks is drawn."""
    return theme.scaled(_PITCH) * (count - 1) + theme.scaled(_EDGE)


def draw_mark(
    painter: QPainter, theme: Theme, left: float, center_y: float, standing: Standing, edge: int
) -> None:
    """Draw one mark, `edge` pixels wide, that begins at `left`."""
    mark = MARKS[standing]
    place = QRectF(left, center_y - edge / 2, edge, edge)
    theme.paint_icon(painter, mark.icon, mark.color, place, edge)


def draw_marks(
    painter: QPainter, theme: Theme, left: float, center_y: float, standings: Mapping[Requirement, Standing]
) -> float:
    """Draw the marks of a venue in the order of the checklist; answers how wide they are together."""
    for place, kind in enumerate(Requirement):
        standing = standings.get(kind, Standing.MISSING)
        draw_mark(
            painter, theme, left + place * theme.scaled(_PITCH), center_y, standing, theme.scaled(_EDGE)
        )
    return marks_width(theme)


class RequirementMark(IconLabel):
    """The mark as a widget: before the name of a requirement."""

    def __init__(self, hub: ThemeHub, standing: Standing, size: int = 20) -> None:
        """Show the mark of `standing`; the word stands beside it, so a screen reader passes over it."""
        mark = MARKS[standing]
        super().__init__(hub, mark.icon, mark.color, size)

    def show_standing(self, standing: Standing) -> None:
        """Show another one."""
        mark = MARKS[standing]
        self.show_icon(mark.icon, mark.color)


class MarkLegend(QWidget):
    """What the marks mean, in as many lines as there have to be."""

    def __init__(self, hub: ThemeHub) -> None:
        """Every standing with its word."""
        super().__init__()
        self.hub = hub
        self.entries: list[QWidget] = []
        for standing in (Standing.SATISFIED, Standing.EXPIRING, Standing.PENDING, Standing.MISSING,
                         Standing.EXPIRED, Standing.EXCEPTED):  # fmt: skip
            entry = QWidget(self)
            row = QHBoxLayout(entry)
            row.setContentsMargins(0, 0, 0, 0)
            row.setSpacing(5)
            row.setSizeConstraint(QLayout.SizeConstraint.SetMinimumSize)
            row.addWidget(IconLabel(hub, MARKS[standing].icon, MARKS[standing].color, 14))
            row.addWidget(label(standing.value, "caption"))
            self.entries.append(entry)
        self.setAccessibleName("What the marks mean")

    def hasHeightForWidth(self) -> bool:
        """Narrower is higher."""
        return True

    def heightForWidth(self, width: int) -> int:
        """The height of the lines that are needed."""
        return self._place(width, move=False)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Lay the entries out anew."""
        super().resizeEvent(event)
        self._fit()

    def event(self, event: QEvent) -> bool:
        """Lay them out anew where one has become larger, as with another size of text."""
        if event.type() is QEvent.Type.LayoutRequest:
            self._fit()
        return super().event(event)

    def _fit(self) -> None:
        self._place(self.width(), move=True)
        self.setFixedHeight(self._place(self.width(), move=False))

    def _place(self, width: int, *, move: bool) -> int:
        x = y = 0
        high = max(entry.sizeHint().height() for entry in self.entries)
        for entry in self.entries:
            wide = entry.sizeHint().width()
            if x and x + wide > width:
                x, y = 0, y + high + 4
            if move:
                entry.setGeometry(x, y, wide, high)
            x += wide + 12
        return y + high
