"""A venue's score beside its case: the figure, its change, twelve weeks, and what it is made of.

See docs/design.md, "Rules of the domain" (scores): a week with too little data has no figure and is a gap, not a zero.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from console.domain.scores import Part, ScorePage, WeekScore
from console.models.words import day_line, short_date
from console.views.theme import ThemeHub
from console.views.widgets import paint
from console.views.widgets.base import ThemedWidget
from console.views.widgets.frames import flush
from console.views.widgets.meter import Meter
from console.views.widgets.text import ElidedLabel, IconText, label

WEEKS = 12
_HIGH = 52
_FOOT = 20


class Trend(ThemedWidget):
    """The weeks as a line with a dot at the newest: gaps dotted, the threshold dashed with its words."""

    def __init__(
        self, hub: ThemeHub, values: Sequence[Decimal | None], threshold: Decimal, ends: tuple[str, str]
    ) -> None:
        """`values` oldest first; `ends` are the words below the first and the last."""
        super().__init__(hub)
        self._values, self._threshold, self._ends = list(values), threshold, ends
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        said = ", ".join("too little data" if one is None else f"{one:.1f}" for one in values)
        self.setAccessibleName(
            f"Score of {len(self._values)} weeks: {said}; curated above {threshold.normalize():f}"
        )

    def sizeHint(self) -> QSize:
        """As wide as its place."""
        return QSize(200, self.theme.scaled(_HIGH + 16 + _FOOT))

    def minimumSizeHint(self) -> QSize:
        """Still to be read."""
        return QSize(120, self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the threshold, the line, the dot and the words."""
        painter, theme = QPainter(self), self.theme
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        known = [float(one) for one in self._values if one is not None]
        low, high = min([*known, float(self._threshold)]), max([*known, float(self._threshold)])
        tall, span = theme.scaled(_HIGH) - 10, max(high - low, 10.0)

        def height(value: float) -> float:
            return 5 + tall - (value - low) / span * tall

        level = round(height(float(self._threshold))) + 0.5
        dashes = QPen(theme.color("text.muted"), 1)
        dashes.setDashPattern([4, 3])
        painter.setPen(dashes)
        painter.drawLine(QPointF(0, level), QPointF(self.width(), level))
        self._words(painter, level)
        step = (self.width() - 8) / max(len(self._values) - 1, 1)
        points = [
            QPointF(4 + place * step, height(float(value))) if value is not None else None
            for place, value in enumerate(self._values)
        ]
        self._line(painter, points)

    def _line(self, painter: QPainter, points: Sequence[QPointF | None]) -> None:
        color = self.theme.color("accent.text")
        whole, gap = QPen(color, 2), QPen(color, 2, Qt.PenStyle.CustomDashLine)
        gap.setDashPattern([1, 2])
        before: tuple[int, QPointF] | None = None
        for place, point in enumerate(points):
            if point is None:
                continue
            if before is not None:
                painter.setPen(whole if place - before[0] == 1 else gap)
                painter.drawLine(before[1], point)
            before = (place, point)
        if before is not None:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(color)
            painter.drawEllipse(before[1], 3.5, 3.5)

    def _words(self, painter: QPainter, level: float) -> None:
        theme = self.theme
        words = f"{self._threshold.normalize():f}, curated above"
        line = theme.line("caption")
        under = QRectF(0, min(level + 2, self.height() - 2 * line), self.width(), line)
        paint.draw_text(painter, theme, under, words, step="caption", color="text.muted", align=paint.RIGHT)
        foot = QRectF(0, self.height() - line, self.width(), line)
        half = foot.width() / 2 - 4
        for words, place, align in (
            (self._ends[0], QRectF(0, foot.top(), half, line), paint.LEFT),
            (self._ends[1], QRectF(foot.width() - half, foot.top(), half, line), paint.RIGHT),
        ):
            paint.draw_text(painter, theme, place, words, step="caption", color="text.muted", align=align)


class ScoreBox(QWidget):
    """The panel. A venue without a score says when it gets one."""

    def __init__(self, hub: ThemeHub, page: ScorePage | None) -> None:
        """`page` None: it could not be read, and nothing is claimed."""
        super().__init__()
        self.hub = hub
        self.setProperty("clear", "true")
        column = flush(QVBoxLayout(self))
        weeks = list(page.weeks[-WEEKS:]) if page is not None else []
        if page is None or not weeks:
            column.addWidget(label("Score", "label"))
            column.addSpacing(4)
            said = (
                "No score yet: the first comes on the Monday after a week with bookings."
                if page is not None
                else "The score cannot be read now."
            )
            column.addWidget(label(said, "muted", wrap=True))
            return
        newest = weeks[-1]
        column.addWidget(label(f"Score, week of {day_line(newest.week, weekday=False)}", "label"))
        column.addSpacing(2)
        column.addLayout(self._figure(newest, weeks))
        column.addSpacing(8)
        ends = (short_date(weeks[0].week), short_date(newest.week))
        column.addWidget(Trend(hub, [one.composite for one in weeks], page.formula.threshold, ends))
        column.addSpacing(10)
        column.addLayout(self._parts(newest.parts))

    def _figure(self, newest: WeekScore, weeks: Sequence[WeekScore]) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(8)
        low = Qt.AlignmentFlag.AlignBottom
        row.addWidget(
            label(f"{newest.composite:.1f}" if newest.composite is not None else "–", "figure"), 0, low
        )
        scored = sum(one.composite is not None for one in weeks)
        told = label(f"({scored} of {WEEKS})", "muted")
        told.setToolTip(f"{scored} of the last {WEEKS} weeks have a score")
        row.addWidget(told, 0, low)
        row.addStretch(1)
        change = newest.change
        if newest.composite is None:
            row.addWidget(ElidedLabel("too little data", "muted"), 0, low)
        elif change is not None and change != 0:
            icon = "ph.arrow-up" if change > 0 else "ph.arrow-down"
            moved = IconText(self.hub, icon, f"{abs(change):.1f} in a week", role="secondary", size=14, gap=4)
            moved.words.setAccessibleName(f"{'up' if change > 0 else 'down'} {abs(change):.1f} in a week")
            row.addWidget(moved, 0, low)
        elif change is not None:
            row.addWidget(label("as last week", "secondary"), 0, low)
        return row

    def _parts(self, parts: Sequence[Part]) -> QGridLayout:
        grid = QGridLayout()
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(10)
        grid.setVerticalSpacing(0)
        grid.setColumnStretch(2, 1)
        for row, part in enumerate(parts):
            grid.setRowMinimumHeight(row, self.hub.theme.size("row.keyValue"))
            grid.addWidget(label(part.component.words, "secondary"), row, 0)
            weight = label(f"{part.weight.normalize():f} %", "caption")
            weight.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            grid.addWidget(weight, row, 1)
            meter = Meter(self.hub, part.component.words)
            share = float(part.value) / 100 if part.value is not None else 0.0
            meter.set_parts([(share, "neutral.solid")])
            grid.addWidget(meter, row, 2)
            said = f"{part.value:.1f}" if part.value is not None else "left out"
            figure = label(said, "body" if part.value is not None else "caption")
            figure.setToolTip(f"{part.good:,} of {part.all:,}")
            figure.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            grid.addWidget(figure, row, 3)
        return grid
