"""A venue's score beside its case: the figure, its change, twelve weeks, and what it is made of.

See docs/design.md, "Rules of the domain" (scores): a week with too little data has no figure and is a gap, not a zero.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from console.domain.scores import Part, ScorePage, WeekScore
from console.models.words import day_line, short_date
from console.views.theme import ThemeHub
from console.views.widgets.frames import flush
from console.views.widgets.meter import Meter
from console.views.widgets.sparkline import Sparkline
from console.views.widgets.text import ElidedLabel, IconText, label

WEEKS = 12
_HIGH = 48


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
        column.addLayout(self._trend(weeks, page.formula.threshold))
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

    def _trend(self, weeks: Sequence[WeekScore], threshold: Decimal) -> QVBoxLayout:
        column = flush(QVBoxLayout())
        line = Sparkline(self.hub, height=_HIGH)
        line.show_values([one.composite for one in weeks], threshold)
        column.addWidget(line)
        held = label(f"{threshold.normalize():f}, curated above", "caption")
        held.setAlignment(Qt.AlignmentFlag.AlignRight)
        column.addWidget(held)
        column.addSpacing(12)
        ends = QHBoxLayout()
        ends.addWidget(label(short_date(weeks[0].week), "caption"))
        ends.addStretch(1)
        ends.addWidget(label(short_date(weeks[-1].week), "caption"))
        column.addLayout(ends)
        return column

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
