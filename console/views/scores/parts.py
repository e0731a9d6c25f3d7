"""What a score is made of, as bars with their counts, and what moved it, as signed bars that add up to the change.

See docs/design.md, "Rules of the domain" (scores): inputs are shown as "83.3 (10 of 12)", a part without enough data
says how many it needs.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from console.domain.scores import Component, Formula, Move, Part
from console.views.scores import words
from console.views.theme import ThemeHub
from console.views.widgets.base import ThemedWidget
from console.views.widgets.meter import Meter
from console.views.widgets.text import ElidedLabel, label

_MOST_MOVES = len(Component) + 1
_THIN = 10


class _Bar(QWidget):
    """One part: its name and weight, its value with counts, a bar, and why it was left out."""

    def __init__(self, hub: ThemeHub, component: Component) -> None:
        super().__init__()
        self.component = component
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(3)
        head = QHBoxLayout()
        head.setSpacing(8)
        self.name = label(component.words, "medium")
        self.weight = label("", "caption")
        self.value = label("", "body")
        self.value.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        head.addWidget(self.name)
        head.addWidget(self.weight)
        head.addStretch(1)
        head.addWidget(self.value)
        column.addLayout(head)
        self.meter = Meter(hub, f"{component.words}, of 100")
        column.addWidget(self.meter)
        self.why = label("", "caption", wrap=True)
        column.addWidget(self.why)

    def show_part(self, part: Part | None, formula: Formula) -> None:
        """Show a part, or that there is none."""
        self.weight.setText(words.percent(part.weight) if part is not None else "")
        self.value.setText(words.part_words(part))
        left_out = part is None or part.value is None
        # One neutral colour: how good a part is, its number says.
        filled = 0.0 if part is None or part.value is None else float(part.value) / 100
        self.meter.set_parts([(filled, "border.control")] if filled else [])
        meaning = words.MEANINGS[self.component]
        said = f"Left out: {words.why_left_out(part, formula)}" if part is not None and left_out else meaning
        self.why.setText(said)
        self.setAccessibleName(f"{self.component.words}: {self.value.text()}. {said}")


class ComponentBars(QWidget):
    """The four parts of one week."""

    def __init__(self, hub: ThemeHub) -> None:
        """Nothing to show yet."""
        super().__init__()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(10)
        self.bars = tuple(_Bar(hub, component) for component in Component)
        for bar in self.bars:
            column.addWidget(bar)

    def show_parts(self, parts: Sequence[Part], formula: Formula) -> None:
        """Show the parts of a week."""
        for bar in self.bars:
            bar.show_part(words.part_of(parts, bar.component), formula)


class _SignedBar(ThemedWidget):
    """A bar to the right of the middle for points won, to the left for points lost."""

    def __init__(self, hub: ThemeHub) -> None:
        super().__init__(hub)
        self._share = 0.0
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def set_share(self, share: float) -> None:
        """From -1 to 1."""
        self._share = share
        self.update()

    def sizeHint(self) -> QSize:
        """Thin, as wide as its place."""
        return QSize(80, _THIN)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the middle and the bar."""
        painter = QPainter(self)
        middle = round(self.width() / 2)
        wide = self._share * (self.width() / 2 - 1)
        if wide:
            tone = "green.solid" if wide > 0 else "amber.solid"
            painter.fillRect(QRectF(middle, 2, wide, self.height() - 4).normalized(), self.theme.color(tone))
        painter.fillRect(QRectF(middle, 0, 1, self.height()), self.theme.color("border.strong"))


class _MoveRow(QWidget):
    def __init__(self, hub: ThemeHub) -> None:
        super().__init__()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        self.name = ElidedLabel("", "body")
        self.bar = _SignedBar(hub)
        self.points = label("", "body")
        self.points.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        row.addWidget(self.name, 5)
        row.addWidget(self.bar, 4)
        row.addWidget(self.points)
        hub.changed.connect(lambda: self._fit(hub))
        self._fit(hub)

    def _fit(self, hub: ThemeHub) -> None:
        self.points.setMinimumWidth(hub.theme.scaled(52))


class MoveBars(QWidget):
    """What each part did to the score since the week before; below them what that comes to."""

    def __init__(self, hub: ThemeHub) -> None:
        """Nothing to show yet."""
        super().__init__()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        self.rows = tuple(_MoveRow(hub) for _ in range(_MOST_MOVES))
        for row in self.rows:
            column.addWidget(row)
        self.total = label("", "strong", wrap=True)
        column.addWidget(self.total)

    def show_moves(self, moves: Sequence[Move], change: Decimal | None) -> None:
        """Show the moves of one week; `change` is what they add up to, None where there is nothing to compare."""
        largest = max((abs(move.points) for move in moves), default=Decimal(1)) or Decimal(1)
        for at, row in enumerate(self.rows):
            row.setVisible(at < len(moves))
            if at < len(moves):
                move = moves[at]
                name = move.component.words if move.component is not None else "Parts left out or back"
                row.name.setText(name)
                row.points.setText(words.signed_points(move.points))
                row.bar.set_share(float(move.points / largest))
                row.setAccessibleName(f"{name}: {row.points.text()} points")
        if change is None:
            self.total.setText("There is no score of the week before to compare with.")
        elif not moves:
            self.total.setText("Nothing moved it: the score is as it was the week before.")
        else:
            self.total.setText(f"Together {words.signed_points(change)} points in a week")
