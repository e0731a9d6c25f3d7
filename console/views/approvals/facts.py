"""Beside the requirements: the venue's score, its facts and its history.

See docs/design.md, "Screens" (platform): the panel stands at the right while there is room, else below.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import tzinfo

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from console.domain.scores import ScorePage
from console.domain.vetting import CasePage, VenueEvent, VenueFacts
from console.views.approvals import words
from console.views.approvals.labels import wrapped
from console.views.approvals.score_box import ScoreBox
from console.views.theme import ThemeHub
from console.views.widgets.base import line
from console.views.widgets.buttons import Button
from console.views.widgets.frames import flush
from console.views.widgets.text import IconLabel, breakable, label

_FEW = 8
_NARROW = 14
_WIDEST_SCORE = 480


class FactsPanel(QWidget):
    """The panel of one case; another case gets another one."""

    venue_wanted = Signal()

    def __init__(
        self,
        hub: ThemeHub,
        page: CasePage,
        score: ScorePage | None,
        *,
        scores: bool,
        zone: tzinfo,
        below: bool,
    ) -> None:
        """`scores`: whether there are scores to read at all; `below`: it lies under the requirements."""
        super().__init__()
        self.hub, self._zone = hub, zone
        self.setProperty("clear", "true")
        self.column = flush(QVBoxLayout(self))
        self.column.setContentsMargins(24, 16, 24, 24)
        self.file_button = Button(hub, "Open venue file", "link", scale="compact")
        self.file_button.clicked.connect(lambda _checked=False: self.venue_wanted.emit())
        self.more_button: Button | None = None
        self._events = [one for one in page.history if one.kind not in words.QUIET_EVENTS]
        if scores:
            self.score = ScoreBox(hub, score)
            if below:
                self.score.setMaximumWidth(hub.theme.scaled(_WIDEST_SCORE))
            self.column.addWidget(self.score)
            self._rule()
        self._venue(page.facts)
        self._rule()
        self.column.addWidget(label("History", "label"))
        self.column.addSpacing(4)
        self._history = flush(QVBoxLayout())
        self.column.addLayout(self._history)
        self._show_events(self._events[:_FEW])
        if len(self._events) > _FEW:
            self.more_button = Button(hub, f"Show all {len(self._events):,}", "link", scale="compact")
            self.more_button.clicked.connect(lambda _checked=False: self._show_all())
            self.column.addWidget(self.more_button, 0, Qt.AlignmentFlag.AlignLeft)
        if not self._events:
            self._history.addWidget(label("Nothing has happened yet.", "muted", wrap=True))
        self.column.addStretch(0 if below else 1)

    @property
    def stops(self) -> list[QWidget]:
        """What of it takes the keyboard."""
        return [self.file_button, *([self.more_button] if self.more_button is not None else [])]

    def _rule(self) -> None:
        self.column.addSpacing(14)
        self.column.addWidget(line())
        self.column.addSpacing(10)

    def _venue(self, facts: VenueFacts) -> None:
        head = QHBoxLayout()
        head.addWidget(label("Venue", "label"), 1)
        head.addWidget(self.file_button)
        self.column.addLayout(head)
        self.column.addSpacing(2)
        grid = QGridLayout()
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(10)
        grid.setVerticalSpacing(0)
        grid.setColumnStretch(1, 1)
        for row, (name, value) in enumerate(words.venue_pairs(facts)):
            grid.setRowMinimumHeight(row, self.hub.theme.size("row.keyValue"))
            top = Qt.AlignmentFlag.AlignTop
            named, said = label(name, "muted"), self._value(value)
            named.setContentsMargins(0, 3, 0, 2)
            said.setContentsMargins(0, 3, 0, 2)
            grid.addWidget(named, row, 0, top)
            grid.addWidget(said, row, 1, top)
        self.column.addLayout(grid)
        if facts.missing:
            said = label(f"It still lacks: {', '.join(facts.missing)}.", "error", wrap=True)
            self.column.addWidget(said)
        if facts.suspension_reason:
            self.column.addSpacing(4)
            self.column.addWidget(wrapped(f"Suspended: {words.ended(facts.suspension_reason)}", "small"))

    def _value(self, value: str) -> QLabel:
        # An address of one long word goes on in the next line, and is whole in its tool tip.
        plain = " ".join(value.split())
        said = label(breakable(plain, _NARROW), wrap=True, selectable=True)
        said.setToolTip(value if said.text() != plain else "")
        return said

    def _show_events(self, events: Sequence[VenueEvent]) -> None:
        for one in events:
            row = QHBoxLayout()
            row.setContentsMargins(0, 4, 0, 4)
            row.setSpacing(8)
            row.addWidget(IconLabel(self.hub, words.event_icon(one.kind)), 0, Qt.AlignmentFlag.AlignTop)
            said = flush(QVBoxLayout())
            said.addWidget(wrapped(one.says))
            said.addWidget(label(words.event_when(one.at, one.by, self._zone), "caption", wrap=True))
            if one.reason:
                said.addWidget(wrapped(one.reason, "caption"))
            row.addLayout(said, 1)
            self._history.addLayout(row)

    def _show_all(self) -> None:
        self._show_events(self._events[_FEW:])
        if self.more_button is not None:
            self.more_button.hide()
