"""One section of a venue's file: its heading, its lines, and what can be done there.

See docs/design.md, "Screens" (platform).
"""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from console.views.theme import ThemeHub
from console.views.venue_file import words
from console.views.venue_file.words import Content, Line
from console.views.widgets.base import line
from console.views.widgets.buttons import Button
from console.views.widgets.chips import Chip
from console.views.widgets.frames import flush
from console.views.widgets.sparkline import Sparkline
from console.views.widgets.text import IconLabel, breakable, label


class SectionBox(QWidget):
    """The section. `deed` carries the value of the line whose button was pressed."""

    deed = Signal(object)
    rebuilt = Signal()

    def __init__(self, hub: ThemeHub, key: str, title: str) -> None:
        """Empty; `add_action` puts buttons beside its heading."""
        super().__init__()
        self.hub, self.key = hub, key
        self.setProperty("clear", "true")
        self.content: Content | None = None
        self.buttons: list[Button] = []
        self.below: list[Button] = []
        column = flush(QVBoxLayout(self))
        column.setContentsMargins(0, 18, 0, 6)
        self._head = QHBoxLayout()
        self._head.setSpacing(8)
        self._head.addWidget(label(title, "name"), 1)
        column.addLayout(self._head)
        column.addSpacing(6)
        column.addWidget(line())
        self._held = flush(QVBoxLayout())
        column.addLayout(self._held)
        self._foot = QHBoxLayout()
        column.addLayout(self._foot)
        self._body: QWidget | None = None
        self._actions: list[Button] = []

    @property
    def stops(self) -> list[QWidget]:
        """What of it takes the keyboard, in reading order."""
        return [*self._actions, *self.buttons, *self.below]

    def add_action(self, button: Button) -> None:
        """Put a button beside the heading."""
        self._actions.append(button)
        self._head.addWidget(button)

    def add_below(self, button: Button) -> None:
        """Put a button under the lines."""
        self.below.append(button)
        self._foot.addWidget(button)
        self._foot.addStretch(1)

    def show_content(self, content: Content) -> None:
        """Show this; nothing is made anew where it is as before."""
        if content == self.content:
            return
        self.content = content
        self.buttons = []
        made = QWidget()
        made.setProperty("clear", "true")
        column = flush(QVBoxLayout(made))
        if content.is_empty:
            empty = label(words.EMPTY[self.key], "muted", wrap=True)
            empty.setContentsMargins(0, 10, 0, 4)
            column.addWidget(empty)
        if content.pairs:
            column.addLayout(self._pairs(content.pairs))
        if any(value is not None for value in content.values):
            chart = Sparkline(self.hub, height=64)
            chart.show_values(content.values)
            column.addSpacing(8)
            column.addWidget(chart)
        for one in content.lines:
            column.addWidget(self._line(one))
        before, self._body = self._body, made
        self._held.addWidget(made)
        if before is not None:
            self._held.removeWidget(before)
            before.hide()
            before.deleteLater()
        self.rebuilt.emit()

    def _pairs(self, pairs: tuple[tuple[str, str], ...]) -> QGridLayout:
        grid = QGridLayout()
        grid.setContentsMargins(0, 8, 0, 0)
        grid.setHorizontalSpacing(16)
        grid.setVerticalSpacing(5)
        grid.setColumnStretch(1, 1)
        top = Qt.AlignmentFlag.AlignTop
        for row, (name, value) in enumerate(pairs):
            grid.addWidget(label(name, "muted"), row, 0, top)
            grid.addWidget(label(breakable(value), wrap=True, selectable=True), row, 1)
        return grid

    def _line(self, one: Line) -> QWidget:
        made = QWidget()
        made.setProperty("clear", "true")
        outer = flush(QVBoxLayout(made))
        row = QHBoxLayout()
        row.setContentsMargins(0, 7, 0, 7)
        row.setSpacing(10)
        top = Qt.AlignmentFlag.AlignTop
        if one.icon:
            row.addWidget(IconLabel(self.hub, one.icon, one.icon_color), 0, top)
        said = flush(QVBoxLayout())
        if one.title:
            said.addWidget(label(breakable(one.title), "medium", wrap=True))
        if one.body:
            said.addWidget(label(breakable(one.body), wrap=True, selectable=True))
        if one.caption:
            said.addWidget(label(breakable(one.caption), "caption", wrap=True))
        row.addLayout(said, 1)
        if one.right:
            right = label(one.right, "secondary")
            row.addWidget(right, 0, top)
        if one.chip is not None:
            row.addWidget(Chip(self.hub, one.chip.text, one.chip.tone, one.chip.icon), 0, top)
        if one.deed:
            button = Button(self.hub, one.deed, scale="compact")
            button.setAccessibleName(f"{one.deed.rstrip('…')}: {one.title}")
            button.clicked.connect(lambda _checked=False: self.deed.emit(one.value))
            self.buttons.append(button)
            row.addWidget(button, 0, top)
        outer.addLayout(row)
        outer.addWidget(line())
        return made
