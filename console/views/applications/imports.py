"""A file of applications: looked at row by row, then taken.

The same file again changes nothing, so one that broke off is simply taken again. See docs/design.md, "Screens"
(platform).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QStandardPaths, Signal
from PySide6.QtWidgets import QFileDialog, QVBoxLayout, QWidget

from console.domain.counting import count
from console.domain.paging import Page, PageRequest
from console.domain.vetting import ImportedApplication
from console.errors import ConsoleError
from console.models.gateway_vetting import ApplicationGateway
from console.models.runner import TaskRunner
from console.models.table import KeysetTableModel
from console.views.applications import words
from console.views.theme import ThemeHub
from console.views.widgets.buttons import Button
from console.views.widgets.frames import flush
from console.views.widgets.sheet import Sheet
from console.views.widgets.table import DataTable, TableCard
from console.views.widgets.text import label
from console.views.widgets.toggles import ChoiceRow
from console.views.widgets.waiting import EmptyState, ProgressCard

_KINDS = "Applications (*.csv *.json)"
_LEAST_TABLE = 320


class ImportApplicationsSheet(Sheet):
    """The sheet. `taken` carries a sentence once a file was taken."""

    taken = Signal(str)

    def __init__(self, hub: ThemeHub, window: QWidget, gateway: ApplicationGateway) -> None:
        """Begins with the choice of a file."""
        super().__init__(hub, window, "Import applications", width=920)
        self._gateway = gateway
        self._path: Path | None = None
        self.found: tuple[ImportedApplication, ...] = ()
        self._busy = self._was_taken = False
        self.runner = TaskRunner(self._failed)
        self.closed.connect(self.runner.cancel_all)
        self.model: KeysetTableModel[ImportedApplication] | None = None
        self.tabs: ChoiceRow | None = None
        self.table: DataTable | None = None
        self.card_of_rows: TableCard | None = None
        self.progress: ProgressCard | None = None
        self.do_button: Button | None = None
        self.choose_button: Button | None = None

    def open(self) -> None:
        """Show it, asking for a file."""
        super().open()
        self._first_step()

    def choose(self) -> None:
        """Ask for a file with the system's own dialog."""
        folder = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation)
        dialog = QFileDialog(self.card, "Import applications", folder, _KINDS)
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.fileSelected.connect(lambda chosen: self.look_at(Path(chosen)))
        dialog.finished.connect(lambda _result: dialog.deleteLater())
        dialog.open()

    def look_at(self, path: Path) -> None:
        """Read a file and show what would become of each row; nothing is written."""
        if self._busy:
            return
        self._path, self._busy, self._was_taken = path, True, False
        self._wait(f"Looking at {path.name}")
        self.runner.start(self._read(path), "work")

    def take(self) -> None:
        """Take the new rows."""
        if self._busy or self._path is None or self._was_taken or not words.fates(self.found)["new"]:
            return
        self._busy = True
        number = words.fates(self.found)["new"]
        self._wait(f"Taking {count(number, 'application')}")
        self.runner.start(self._take(self._path), "work")

    # -- work --------------------------------------------------------------------------------------------------------

    async def _read(self, path: Path) -> None:
        found = await self._gateway.read_file(path)
        self._busy = False
        self.found = tuple(found)
        self._preview()

    async def _take(self, path: Path) -> None:
        before = self.found
        after = await self._gateway.take_file(path)
        self._busy, self._was_taken = False, True
        was_new = {one.row for one in before if one.fate == "new"}
        self.found = tuple(
            replace(one, fate="taken") if one.row in was_new and one.fate != "refused" else one
            for one in after
        )
        self._preview()
        self.taken.emit(words.taken(self.found))

    def _stop(self) -> None:
        """What was taken stays; the rest is new when the file is looked at again."""
        self.runner.cancel("work")
        self._busy = False
        if self._path is not None and self.found:
            self.look_at(self._path)
        else:
            self._first_step()

    def _failed(self, error: ConsoleError) -> None:
        self._busy = False
        if self.found and not self._was_taken:
            self._preview()
        else:
            self._first_step()
        self.banner.show_error(error, action=("Choose another", self.choose))

    # -- steps -------------------------------------------------------------------------------------------------------

    def _first_step(self) -> None:
        self.found = ()
        body = QWidget()
        column = QVBoxLayout(body)
        column.addStretch(1)
        column.addWidget(
            EmptyState(
                self.hub, "ph.upload-simple", "Choose a CSV or JSON file",
                "One application in each row, with at least a column “name”. You see what becomes of each row first.",
            )
        )  # fmt: skip
        column.addStretch(1)
        self.choose_button = self.answer("Choose a file…", self.choose, "primary")
        leave = self.answer("Cancel", self.close)
        self.set_answers(leave, self.choose_button)
        self.show_step(body, focus=self.choose_button)

    def _wait(self, said: str) -> None:
        body = QWidget()
        column = QVBoxLayout(body)
        self.progress = ProgressCard(self.hub, said)
        self.progress.set_count("This may take a while")
        self.progress.cancelled.connect(self._stop)
        column.addWidget(self.progress)
        column.addWidget(label("What was taken stays; the same file can be taken again.", "muted", wrap=True))
        column.addStretch(1)
        leave = self.answer("Close", self.close)
        self.set_answers(leave)
        self.show_step(body, self._path.name if self._path is not None else "", focus=leave)

    def _preview(self) -> None:
        body = QWidget()
        column = flush(QVBoxLayout(body))
        column.setSpacing(10)
        fates = [(key, word) for key, word in words.FATES if key != "new" or not self._was_taken]
        if self._was_taken:
            fates.insert(1, ("taken", "Taken"))
        self.tabs = ChoiceRow(self.hub, fates, "tabs", name="Which rows")
        self.tabs.set_counts(
            {key: sum(not key or one.fate == key for one in self.found) for key, _word in fates}
        )
        self.tabs.changed.connect(self._narrow)
        column.addWidget(self.tabs)
        self.model = KeysetTableModel(words.import_columns(), self._page, lambda one: one.row, sort="row")
        self.table = DataTable(self.hub, self.model, name="rows of the file", looks={"fate": words.fate_look})
        self.model.setParent(self.table)
        self.card_of_rows = TableCard(self.hub, self.table)
        self.card_of_rows.setMinimumHeight(self.hub.theme.scaled(_LEAST_TABLE))
        self.model.loaded.connect(self._count)
        column.addWidget(self.card_of_rows, 1)
        other = self.answer("Another file…", self.choose)
        leave = self.answer("Close" if self._was_taken else "Cancel", self.close)
        number = words.fates(self.found)["new"]
        self.do_button = None
        if not self._was_taken and number:
            self.do_button = self.answer(f"Take {count(number, 'application')}", self.take, "primary")
            self.set_answers(leave, self.do_button, left=other)
        else:
            self.set_answers(leave, left=other)
        name = self._path.name if self._path is not None else "The file"
        said = words.taken(self.found) if self._was_taken else words.import_caption(self.found, name)
        self.show_step(body, said, focus=self.table)
        self.model.restart()

    async def _page(self, request: PageRequest) -> Page[ImportedApplication]:
        wanted = request.filters.get("fate", "")
        rows: Sequence[ImportedApplication] = [one for one in self.found if not wanted or one.fate == wanted]
        begin = int(str(request.after[0])) if request.after else 0
        end = begin + request.limit
        return Page(rows[begin:end], (end,) if end < len(rows) else None)

    def _narrow(self, key: str) -> None:
        if self.model is not None:
            self.model.narrow("", {"fate": key} if key else {})

    def _count(self) -> None:
        if self.model is not None and self.card_of_rows is not None:
            rows = self.model.rowCount()
            shown = count(rows, "row") if self.model.is_complete else f"{rows:,}+ rows shown"
            self.card_of_rows.set_foot(shown if rows else "No such rows")
            if rows and self.table is not None and not self.table.currentIndex().isValid():
                self.table.setCurrentIndex(self.model.index(0, 0))
