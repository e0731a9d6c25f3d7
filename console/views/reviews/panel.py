"""The facts of one review item: what was booked and what was reported in two columns, below them what deciding costs.

See docs/design.md, "The desk protocol" and "Screens".
"""

from __future__ import annotations

from datetime import datetime, tzinfo

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QButtonGroup, QGridLayout, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from console.domain.reviewing import ReviewChoice, ReviewFacts
from console.views.reviews import words
from console.views.theme import ThemeHub
from console.views.widgets.chips import Keycap
from console.views.widgets.text import IconLabel, Section, label
from console.views.widgets.toggles import RadioButton

_WIDEST = 1040
_PAIR_NAME = 104


class FactsPanel(QWidget):
    """The facts and the decisions of one item. `chosen` carries the ReviewChoice that was marked."""

    chosen = Signal(object)

    def __init__(self, hub: ThemeHub, facts: ReviewFacts, now: datetime, zone: tzinfo) -> None:
        """Everything as it is now; another item gets another panel."""
        super().__init__()
        self.hub, self.facts = hub, facts
        self.setProperty("clear", "true")
        self.radios: list[RadioButton] = []
        self._group = QButtonGroup(self)
        across = QHBoxLayout(self)
        across.setContentsMargins(24, 16, 24, 16)
        held = QWidget()
        held.setProperty("clear", "true")
        held.setMaximumWidth(hub.theme.scaled(_WIDEST))
        across.addWidget(held, 1)
        column = QVBoxLayout(held)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(20)
        sides = QHBoxLayout()
        sides.setSpacing(32)
        sides.addLayout(self._booked(now, zone), 1)
        sides.addLayout(self._reported(now, zone), 1)
        column.addLayout(sides)
        if facts.choices:
            column.addLayout(self._costs())
        else:
            column.addLayout(self._decided(now, zone))
        column.addStretch(1)

    def choose(self, place: int) -> None:
        """Mark the decision at this place (0 is the first); nothing for a place that is not there."""
        if 0 <= place < len(self.radios):
            self.radios[place].setChecked(True)

    @property
    def choice(self) -> ReviewChoice | None:
        """The decision that is marked."""
        at = next((at for at, radio in enumerate(self.radios) if radio.isChecked()), None)
        return None if at is None else self.facts.choices[at]

    def _booked(self, now: datetime, zone: tzinfo) -> QVBoxLayout:
        column = _column(Section("What was booked"))
        for name, value in words.booked(self.facts, now, zone):
            row = QHBoxLayout()
            row.setSpacing(12)
            named = label(name, "muted")
            named.setFixedWidth(self.hub.theme.scaled(_PAIR_NAME))
            row.addWidget(named, 0, Qt.AlignmentFlag.AlignTop)
            row.addWidget(label(value, wrap=True, selectable=True), 1)
            column.addLayout(row)
        column.addStretch(1)
        return column

    def _reported(self, now: datetime, zone: tzinfo) -> QVBoxLayout:
        column = _column(Section("What the desks reported"))
        lines, told = words.reports(self.facts, now, zone), words.told(self.facts)
        if told:
            column.addWidget(label(told, wrap=True, selectable=True))
        for line in lines:
            column.addLayout(self._report(line))
        if not lines and not told:
            column.addWidget(label("Nothing.", "muted"))
        column.addStretch(1)
        return column

    def _report(self, line: words.ReportLine) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(10)
        row.addWidget(IconLabel(self.hub, line.icon, line.color), 0, Qt.AlignmentFlag.AlignTop)
        texts = QVBoxLayout()
        texts.setSpacing(1)
        title = label(line.title, "strong" if line.is_this else "body", wrap=True)
        if line.struck:
            font = title.font()
            font.setStrikeOut(True)
            title.setFont(font)
        texts.addWidget(title)
        texts.addWidget(label(line.detail, "caption", wrap=True))
        row.addLayout(texts, 1)
        return row

    def _costs(self) -> QVBoxLayout:
        shown = words.moves_credits(self.facts)
        column = _column(Section("What it costs" if shown else "What to do"))
        grid = QGridLayout()
        grid.setHorizontalSpacing(16)
        grid.setVerticalSpacing(0)
        grid.setColumnStretch(1, 1)
        if shown:
            for at, name in ((2, "Family's credits"), (3, "Venue earns")):
                grid.addWidget(_figure(name, "caption"), 0, at)
        for at, choice in enumerate(self.facts.choices):
            told = words.cost(choice, self.facts)
            row = 1 + 2 * at
            grid.addWidget(Keycap(self.hub, str(at + 1)), row, 0, Qt.AlignmentFlag.AlignVCenter)
            radio = RadioButton(self.hub, told.title)
            radio.setAccessibleDescription(
                f"{told.detail} Family's credits {told.family}, the venue earns {told.venue}."
            )
            radio.toggled.connect(lambda on, one=choice: self.chosen.emit(one) if on else None)
            self._group.addButton(radio)
            self.radios.append(radio)
            grid.addWidget(radio, row, 1)
            if shown:
                grid.addWidget(_figure(told.family, "strong"), row, 2)
                grid.addWidget(_figure(told.venue, "strong"), row, 3)
            detail = label(told.detail, "caption", wrap=True)
            detail.setIndent(self.hub.theme.scaled(24))
            grid.addWidget(detail, row + 1, 1, 1, 3)
            grid.setRowMinimumHeight(row + 1, self.hub.theme.scaled(24))
        column.addLayout(grid)
        if not shown:
            column.addWidget(label(words.NO_MOVE, "muted"))
        return column

    def _decided(self, now: datetime, zone: tzinfo) -> QVBoxLayout:
        column = _column(Section("What was decided"))
        column.addWidget(label(words.decided(self.facts, now, zone), wrap=True))
        if self.facts.note:
            column.addWidget(label(f"Reason: {self.facts.note}", wrap=True, selectable=True))
        return column


def _column(section: Section) -> QVBoxLayout:
    column = QVBoxLayout()
    column.setSpacing(8)
    column.addWidget(section)
    return column


def _figure(text: str, role: str) -> QLabel:
    made = label(text, "caption" if role == "caption" else "strong")
    made.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
    made.setMinimumWidth(96)
    return made
