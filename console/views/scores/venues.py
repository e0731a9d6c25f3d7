"""All venues by their scores: sorted by any column, narrowed by kept filters, saved as a file.

See docs/design.md, "Screens" (platform): scores across venues.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QAbstractItemView

from console.clock import Clock
from console.domain.catalogue import Category
from console.models.gateway_scores import ScoreGateway
from console.models.runner import TaskRunner
from console.models.table import KeysetTableModel
from console.views.activities.words import CATEGORY_WORDS
from console.views.list_page import ListPage
from console.views.saved_filters import ChoiceBox, FilterMemory, SavedFilters
from console.views.scores import cells, words
from console.views.scores.saving import ask_where
from console.views.shell.areas import Action
from console.views.theme import ThemeHub
from console.views.widgets.focus import tab_in_order

_PAGE_KEY = "scores"


class VenuesPart(ListPage):
    """The list. `venue_wanted` carries the id of the row that was opened."""

    venue_wanted = Signal(object)
    toast_wanted = Signal(str)
    reached = Signal(object)

    def __init__(
        self, hub: ThemeHub, gateway: ScoreGateway, *, clock: Clock, memory: FilterMemory | None
    ) -> None:
        """Nothing is asked before it is shown."""
        self._gateway, self._clock = gateway, clock
        self._threshold: Decimal | None = None
        super().__init__(
            hub,
            "Scores",
            KeysetTableModel(
                cells.columns(lambda: self._threshold), gateway.scores, lambda row: row.venue_id, sort="score"
            ),
            rows="venues",
            filter_hint="Venue or city",
            empty=("No venues yet", "They appear here as soon as one is approved."),
            looks=cells.looks(),
        )
        self.model.setParent(self.table)
        self.header.hide()
        self.filter.setFixedWidth(200)
        self.filter.setMaxLength(100)
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.table.setItemDelegate(cells.ScoreDelegate(hub, self.table, lambda: self._threshold))
        self.choices = SavedFilters(
            hub,
            {
                "curated": ChoiceBox(hub, "Curated or not", "Curated", {"yes": "Curated", "no": "Not curated"}),
                "category": ChoiceBox(
                    hub, "Category", "Category", {one.value: CATEGORY_WORDS[one] for one in Category}
                ),
                "insufficient": ChoiceBox(
                    hub, "Enough for a score", "Enough data", {"no": "With a score", "yes": "Too little for a score"}
                ),
            },
            memory,
            _PAGE_KEY,
        )  # fmt: skip
        self.bar.setAlignment(self.filter, Qt.AlignmentFlag.AlignTop)
        self.bar.addWidget(self.choices, 1)
        self.choices.changed.connect(self.narrow)
        self.choices.text_wanted.connect(self.filter.setText)
        self.filter.textChanged.connect(self._typed)
        self.model.preset("", self.filters)
        self.table.row_activated.connect(lambda row: self.venue_wanted.emit(row.venue_id))
        self.model.loaded.connect(lambda: self.reached.emit(None))
        self.model.failed.connect(self.reached)
        self.runner = TaskRunner(self.banner.show_error)
        self.destroyed.connect(self.runner.cancel_all)

    @property
    def filters(self) -> dict[str, str]:
        """The choices of the bar."""
        return self.choices.values

    def filter_words(self) -> str:
        """Typed text and choices."""
        return ", ".join(part for part in (super().filter_words(), self.choices.words) if part)

    def clear(self) -> None:
        """Show every venue again."""
        self.choices.reset()
        super().clear()

    def stop(self) -> None:
        """Drop what is under way: the page is going away."""
        super().stop()
        self.runner.cancel_all()

    def hold_to(self, threshold: Decimal) -> None:
        """Draw the lines against this threshold."""
        self._threshold = threshold
        self.table.viewport().update()

    def more_actions(self, action: Callable[..., Action]) -> tuple[Action, ...]:
        """Opening one, and the file."""
        return (
            action("scores:open", "Open the venue's score", self.open_marked, "Ctrl+Return", "ph.chart-line"),
            action("scores:export", "Export the venues", self.export, "Ctrl+E", "ph.export"),
        )

    def open_marked(self) -> None:
        """Open the venue of the marked row."""
        at = self.table.currentIndex()
        if at.isValid():
            self.venue_wanted.emit(self.model.row(at.row()).venue_id)

    def export(self) -> None:
        """Ask for a file and write into it all venues that the filters let through, in the order on show."""
        name = f"scores-{self._clock.now().date()}"
        ask_where(self, "Export scores", name, self.write)

    def write(self, path: Path) -> None:
        """Write the file."""
        self.runner.start(self._write(path), "export")

    async def _write(self, path: Path) -> None:
        count = await self._gateway.export_all(replace(self.model.request, after=None), path)
        self.toast_wanted.emit(f"{words.venues(count)} saved to {path.name}")

    def showEvent(self, event: QShowEvent) -> None:
        """Tab goes from the filter over the choices to the rows."""
        super().showEvent(event)
        tab_in_order(self.filter, self.choices, self.banner, self.table)

    def _typed(self, text: str) -> None:
        self.choices.typed = text.strip()
