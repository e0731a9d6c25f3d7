"""What became of each row of something done with several: a line for each, refused ones with why.

See docs/design.md, "Screens" (platform).
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from console.domain.counting import count
from console.domain.vetting import BulkResult
from console.views.approvals import words
from console.views.approvals.snug_sheet import SnugSheet
from console.views.theme import ThemeHub
from console.views.widgets.frames import flush
from console.views.widgets.text import IconLabel, label

_MOST_SHOWN = 300


class ResultsSheet(SnugSheet):
    """The sheet; it only tells."""

    def __init__(
        self, hub: ThemeHub, window: QWidget, title: str, results: Sequence[BulkResult], *, done: str
    ) -> None:
        """`done` is what is said of a row that was done, such as "claimed"."""
        super().__init__(hub, window, title, width=520)
        self.results, self._done = list(results), done
        self.close_button_below = self.answer("Close", self.close, "primary")
        self.set_answers(self.close_button_below)

    def open(self) -> None:
        """Show what became of each: the refused ones first."""
        super().open()
        good = sum(one.done for one in self.results)
        bad = len(self.results) - good
        told = f"{count(good, 'venue')} {self._done}" + (f", {bad:,} refused" if bad else "")
        self.show_step(self._rows(), told, focus=self.close_button_below)

    def _rows(self) -> QWidget:
        body = QWidget()
        column = QVBoxLayout(body)
        column.setSpacing(10)
        ordered = sorted(self.results, key=lambda one: one.done)
        for one in ordered[:_MOST_SHOWN]:
            row = QHBoxLayout()
            row.setSpacing(10)
            icon, ink = ("ph.check-circle", "green.text") if one.done else ("ph.x-circle", "red.text")
            row.addWidget(IconLabel(self.hub, icon, ink))
            said = flush(QVBoxLayout())
            said.addWidget(label(one.venue, "medium", wrap=True))
            said.addWidget(
                label(
                    f"{self._done[0].upper()}{self._done[1:]}" if one.done else words.ended(one.why or "Refused"),
                    "small", wrap=True,
                )
            )  # fmt: skip
            row.addLayout(said, 1)
            column.addLayout(row)
        if len(ordered) > _MOST_SHOWN:
            column.addWidget(label(f"And {len(ordered) - _MOST_SHOWN:,} more.", "muted"))
        column.addStretch(1)
        return body
