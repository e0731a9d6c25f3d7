"""The catalogue as a list: typed and chosen filters, sorting, many rows chosen, and the file of all that is shown.

See docs/design.md, "Screens" (activities).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from uuid import UUID

from PySide6.QtCore import QItemSelection, QItemSelectionModel, Qt, Signal
from PySide6.QtGui import QResizeEvent

from console.clock import Clock
from console.domain.catalogue import ActivityRow
from console.models.gateway_catalogue import CatalogueGateway
from console.models.runner import TaskRunner
from console.models.table import KeysetTableModel
from console.views.activities import words
from console.views.bookings.export import ExportBar
from console.views.list_page import ListPage
from console.views.saved_filters import ChoiceBox, FilterMemory, SavedFilters
from console.views.shell.areas import Action
from console.views.theme import ThemeHub
from console.views.widgets.buttons import Button

PAGE_KEY = "activities"
_FEW = 2
# Pixels at the usual size of text below which some buttons of the header give way.
_ROOM_FOR_FILES, _ROOM_FOR_MANY = 660, 500
_FILTER, _NARROW_FILTER = 216, 140


class ActivityList(ListPage):
    """The list. `activity_wanted` carries the row that was opened."""

    activity_wanted = Signal(object)
    new_wanted = Signal()
    many_wanted = Signal()
    toast_wanted = Signal(str, str)

    def __init__(
        self,
        hub: ThemeHub,
        gateway: CatalogueGateway,
        clock: Clock,
        *,
        venue: str,
        memory: FilterMemory | None,
        may_edit: bool,
        may_export: bool,
    ) -> None:
        """See ActivitiesPage."""
        self._clock, self._may_edit, self._may_export = clock, may_edit, may_export
        model: KeysetTableModel[ActivityRow] = KeysetTableModel(
            words.list_columns(), gateway.page, lambda row: row.id, sort="name"
        )
        super().__init__(
            hub,
            "Activities",
            model,
            rows="activities",
            caption=venue,
            filter_hint="Filter by name",
            empty=(
                "No activities yet",
                "Add the first one (Ctrl+N), or import them." if may_edit else "A manager adds them.",
            ),
            looks=words.LOOKS,
        )
        self.filter.setFixedWidth(_NARROW_FILTER)
        self.filter.setMaxLength(100)
        self.choices = SavedFilters(
            hub,
            {
                "state": ChoiceBox(
                    hub, "State", "In use", {state.value: said for state, said in words.STATE_WORDS.items()}
                ),
                "category": ChoiceBox(
                    hub,
                    "Category",
                    "Category",
                    {one.value: said for one, said in words.CATEGORY_WORDS.items()},
                ),
            },
            memory,
            PAGE_KEY,
        )
        self.bar.setAlignment(self.filter, Qt.AlignmentFlag.AlignTop)
        self.bar.addWidget(self.choices, 1)
        self.choices.changed.connect(self.narrow)
        self.choices.text_wanted.connect(self.filter.setText)
        self.filter.textChanged.connect(self._typed)
        model.preset("", self.filters)
        self.table.row_activated.connect(self.activity_wanted)
        self.runner = TaskRunner(self.banner.show_error)
        self.exports = ExportBar(
            hub,
            gateway.page,
            words.export_columns(),
            runner=self.runner,
            owner=self,
            failed=self.banner,
            rows="activities",
        )
        self.exports.done.connect(self.toast_wanted)
        self.below_bar.addWidget(self.exports)
        self.export_buttons: list[Button] = []
        self._put_buttons()
        self.table.selectionModel().selectionChanged.connect(lambda *_: self._count_chosen())

    @property
    def filters(self) -> dict[str, str]:
        """The choices of the bar."""
        return self.choices.values

    def filter_words(self) -> str:
        """Typed text and choices."""
        return ", ".join(said for said in (super().filter_words(), self.choices.words) if said)

    @property
    def chosen(self) -> list[ActivityRow]:
        """The rows that are selected, from the top."""
        return [
            self.model.row(at) for at in sorted(i.row() for i in self.table.selectionModel().selectedRows())
        ]

    def clear(self) -> None:
        """Show every activity in use again."""
        self.choices.reset()
        super().clear()

    def choose_all(self) -> None:
        """Select every row that is on show."""
        model, last = self.model, self.model.rowCount() - 1
        if last >= 0:
            span = QItemSelection(model.index(0, 0), model.index(last, model.columnCount() - 1))
            self.table.selectionModel().select(span, QItemSelectionModel.SelectionFlag.ClearAndSelect)

    def mark(self, activity_id: UUID) -> None:
        """Make the row of an activity the current one, where it is on show and nothing else is being chosen."""
        rows = (self.model.row(at).id for at in range(self.model.rowCount()))
        at = next((at for at, found in enumerate(rows) if found == activity_id), None)
        if at is not None and len(self.table.selectionModel().selectedRows()) < _FEW:
            self.table.selectRow(at)

    def export(self, ending: str) -> None:
        """Ask for a file and write into it all activities that the filters let through, in the order on show."""
        self.exports.ask(
            replace(self.model.request, after=None), f"activities-{self._clock.now():%Y-%m-%d}", ending
        )

    def stop(self) -> None:
        """Drop what is under way: the page is going away."""
        super().stop()
        self.runner.cancel_all()

    def more_actions(self, action: Callable[..., Action]) -> tuple[Action, ...]:
        """Select all, and export for those who may."""
        made = [action("activities:all", "Select all rows shown", self.choose_all, "Ctrl+A", "ph.checks")]
        if self._may_export:
            made.append(
                action(
                    "activities:export",
                    "Export…",
                    lambda: self.export(".xlsx"),
                    "Ctrl+E",
                    "ph.download-simple",
                )
            )
        return tuple(made)

    def _put_buttons(self) -> None:
        hub = self.hub
        self.many_button = Button(hub, "Edit several…", icon="ph.stack")
        self.many_button.setToolTip("Select two or more rows first (Ctrl+Shift+E)")
        self.many_button.clicked.connect(lambda _checked=False: self.many_wanted.emit())
        self.many_button.setEnabled(False)
        self.new_button = Button(hub, "New activity", icon="ph.plus")
        self.new_button.setToolTip("New activity (Ctrl+N)")
        self.new_button.clicked.connect(lambda _checked=False: self.new_wanted.emit())
        if self._may_export:
            for ending, said in ((".xlsx", "XLSX"), (".csv", "CSV")):
                button = Button(hub, said, icon="ph.download-simple")
                button.setToolTip(f"Save all activities that are shown as {said}")
                button.clicked.connect(lambda _checked=False, ending=ending: self.export(ending))
                self.header.add(button)
                self.export_buttons.append(button)
        for button in (self.many_button, self.new_button):
            self.header.add(button)
            button.setVisible(self._may_edit)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Beside the panel of an activity there may be no room for every button; their keys stay."""
        super().resizeEvent(event)
        scaled = self.hub.theme.scaled
        for button in self.export_buttons:
            button.setVisible(self.width() >= scaled(_ROOM_FOR_FILES))
        roomy = self.width() >= scaled(_ROOM_FOR_MANY)
        self.many_button.setVisible(self._may_edit and roomy)
        self.filter.setFixedWidth(_FILTER if roomy else _NARROW_FILTER)

    def _count_chosen(self) -> None:
        self.many_button.setEnabled(len(self.table.selectionModel().selectedRows()) >= _FEW)

    def _typed(self, text: str) -> None:
        self.choices.typed = text.strip()
