"""Every venue with what it has to show: counts that filter, a mark and a day for each, the soonest end first.

See docs/design.md, "Screens" (platform).
"""

from __future__ import annotations

from datetime import date
from functools import partial
from uuid import UUID

from PySide6.QtCore import QItemSelectionModel, Qt, QTimer, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from console.domain.compliance import ComplianceCounts, ComplianceRow
from console.domain.counting import count
from console.domain.vetting import Requirement
from console.errors import ConsoleError
from console.models.gateway_vetting import ComplianceGateway
from console.models.table import KeysetTableModel
from console.views.compliance import words
from console.views.saved_filters import ChoiceBox, FilterMemory, SavedFilters
from console.views.theme import ThemeHub
from console.views.widgets.banner import Banner
from console.views.widgets.fields import TextInput
from console.views.widgets.focus import tab_in_order
from console.views.widgets.frames import flush
from console.views.widgets.requirement_marks import MARKS, MarkLegend
from console.views.widgets.table import DataTable, TableCard
from console.views.widgets.toggles import ChoiceRow
from console.views.widgets.waiting import EmptyState, Skeleton

_DELAY_MS = 180
_FILTER_WIDTH = 220
_SKELETON = ((0.01, 0.14), (0.2, 0.08), (0.33, 0.08), (0.46, 0.08), (0.59, 0.08), (0.72, 0.08), (0.86, 0.06))


class Overview(QWidget):
    """The table and what narrows it. `venue_chosen` carries a ComplianceRow."""

    venue_chosen = Signal(object)
    answered = Signal()
    failed = Signal(Exception)

    def __init__(
        self, hub: ThemeHub, gateway: ComplianceGateway, *, today: date, memory: FilterMemory | None
    ) -> None:
        """Nothing is asked before `start`."""
        super().__init__()
        self.hub, self._answered = hub, False
        self.tabs = ChoiceRow(hub, words.TABS, "tabs", name="Which venues")
        self.filter = TextInput(hub, placeholder="Filter venues")
        self.filter.setAccessibleName("Filter venues")
        self.filter.setMaxLength(80)
        self.filter.setMaximumWidth(hub.theme.scaled(_FILTER_WIDTH))
        standings = {standing.value: mark.word for standing, mark in MARKS.items()}
        self._standing = ChoiceBox(hub, "Standing", "Any standing", standings)
        boxes = {
            "standing": self._standing,
            "requirement": ChoiceBox(
                hub, "Requirement", "Any requirement", {one.value: one.words for one in Requirement}
            ),
            "status": ChoiceBox(hub, "Status", "Any status", words.STATUSES),
        }  # fmt: skip
        self.choices = SavedFilters(hub, boxes, memory, "compliance")
        self.model: KeysetTableModel[ComplianceRow] = KeysetTableModel(
            words.columns(today), gateway.overview, lambda row: row.venue_id, sort="next"
        )
        looks = {kind.value: partial(words.cell_look, kind=kind) for kind in Requirement}
        self.table = DataTable(
            hub, self.model, name="venues",
            looks={"venue": words.venue_look, "suspends": words.suspends_look, **looks},
        )  # fmt: skip
        self.model.setParent(self.table)
        self.table.setSelectionMode(DataTable.SelectionMode.SingleSelection)
        self.card = TableCard(hub, self.table)
        self.banner = Banner(hub)
        self.legend = MarkLegend(hub)
        self.skeleton = Skeleton(hub, _SKELETON, rows=10)
        self.none = EmptyState(
            hub,
            "ph.shield-check",
            "No venues yet",
            "What a venue has to show stands here once it has applied.",
        )
        self.no_match = EmptyState(
            hub, "ph.magnifying-glass", "No venues match", "Type less, choose All, or clear the filter."
        )
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.setInterval(_DELAY_MS)
        self._later.timeout.connect(self.narrow)
        self._lay_out()
        self._wire()
        self._mark_tab()

    # -- for the page ------------------------------------------------------------------------------------------------

    def start(self) -> None:
        """Ask for the first page, or anew without moving anything."""
        if self._answered:
            self.model.refresh()
            return
        self.stack.setCurrentWidget(self.skeleton)
        self.skeleton.start()
        self.model.preset(self.filter.text(), self.choices.values)
        self.model.restart()

    def stop(self) -> None:
        """Drop everything under way."""
        self._later.stop()
        self.model.cancel()

    def show_counts(self, counts: ComplianceCounts) -> None:
        """The numbers of the tabs."""
        each = {
            "missing": counts.missing, "pending": counts.pending, "expiring": counts.expiring,
            "expired": counts.expired, "satisfied": counts.satisfied,
        }  # fmt: skip
        self.tabs.set_counts({"": sum(each.values()), **each})

    def mark(self, venue_id: UUID) -> None:
        """Select the row of a venue, where it is on show."""
        for at in range(self.model.rowCount()):
            if self.model.row(at).venue_id == venue_id:
                index = self.model.index(at, 0)
                flags = (
                    QItemSelectionModel.SelectionFlag.ClearAndSelect | QItemSelectionModel.SelectionFlag.Rows
                )
                self.table.selectionModel().setCurrentIndex(index, flags)
                self.table.scrollTo(index)
                return

    def clear(self) -> None:
        """Show every venue again."""
        self.filter.clear()
        self.choices.reset()
        self._mark_tab()
        self.narrow()
        self.filter.setFocus(Qt.FocusReason.OtherFocusReason)

    def narrow(self) -> None:
        """Ask for what the filters say now."""
        self._later.stop()
        self.choices.typed = self.filter.text()
        self.model.narrow(self.filter.text(), self.choices.values)

    @property
    def is_narrowed(self) -> bool:
        """Whether some venues are left out."""
        return bool(self.filter.text().strip() or self.choices.values)

    # -- inside ------------------------------------------------------------------------------------------------------

    def _wire(self) -> None:
        self.filter.textEdited.connect(lambda _text: self._later.start())
        self.filter.returnPressed.connect(lambda: self.table.setFocus(Qt.FocusReason.OtherFocusReason))
        self.tabs.changed.connect(self._tab_chosen)
        self.choices.changed.connect(self._narrowed)
        self.choices.text_wanted.connect(self.filter.setText)
        self.model.loaded.connect(self._loaded)
        self.model.failed.connect(self._failed)
        self.table.row_activated.connect(self.venue_chosen)
        self.table.clicked.connect(lambda index: self.venue_chosen.emit(self.model.row(index.row())))

    def _tab_chosen(self, key: str) -> None:
        self._standing.set_key(key)
        self._standing.activated.emit(self._standing.currentIndex())

    def _narrowed(self) -> None:
        self._mark_tab()
        self.narrow()

    def _mark_tab(self) -> None:
        known = {key for key, _word in words.TABS}
        self.tabs.choose(self._standing.key if self._standing.key in known else "")

    def _loaded(self) -> None:
        self._answered = True
        self.skeleton.stop()
        self.banner.clear()
        rows = self.model.rowCount()
        self.stack.setCurrentWidget(
            self._held if rows else (self.no_match if self.is_narrowed else self.none)
        )
        shown = count(rows, "venue")
        if not self.model.is_complete:
            shown = f"{rows:,}+ venues shown"
        typed = [one for one in (self.filter.text().strip(), self.choices.words) if one]
        self.card.set_foot(shown, f"Filter: {', '.join(typed)}" if typed else "")
        self.answered.emit()

    def _failed(self, error: ConsoleError) -> None:
        self.skeleton.stop()
        again = self.model.refresh if self._answered else self.model.restart
        self.banner.show_error(error, action=("Try again", again))
        self.failed.emit(error)

    def showEvent(self, event: QShowEvent) -> None:
        """Tab goes as one reads."""
        super().showEvent(event)
        tab_in_order(self.tabs, self.filter, self.choices, self.banner, self.table)

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 14, 24, 16)
        column.setSpacing(10)
        top = QHBoxLayout()
        top.addWidget(self.tabs)
        top.addStretch(1)
        column.addLayout(top)
        bar = QHBoxLayout()
        bar.setSpacing(8)
        bar.addWidget(self.filter, 2, Qt.AlignmentFlag.AlignTop)
        bar.addWidget(self.choices, 3)
        column.addLayout(bar)
        # The tabs above are this choice: beside them it would say the same a second time.
        self._standing.hide()
        column.addWidget(self.banner)
        self._held = QWidget()
        held = flush(QVBoxLayout(self._held))
        held.setSpacing(10)
        held.addWidget(self.card, 1)
        held.addWidget(self.legend)
        self.stack = QStackedWidget()
        for part in (self.skeleton, self._held, self.none, self.no_match):
            self.stack.addWidget(part)
        column.addWidget(self.stack, 1)
