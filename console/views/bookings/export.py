"""Saving a list as a file: which file, how far it is, and a way to stop.

See docs/design.md, "Screens": long work shows progress and can be cancelled.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import QStandardPaths, Signal
from PySide6.QtWidgets import QFileDialog, QVBoxLayout, QWidget

from console.domain.paging import Page, PageRequest
from console.errors import ConsoleError
from console.models.runner import TaskRunner
from console.services.exports import MOST_ROWS, ExportColumn, export
from console.views.theme import ThemeHub
from console.views.widgets.banner import Banner
from console.views.widgets.waiting import ProgressCard

_KINDS = {".xlsx": "Workbook (*.xlsx)", ".csv": "CSV (*.csv)"}
_TASK = "export"


class ExportBar(QWidget):
    """Hidden until a file is being written. `done` carries a sentence and the file's name."""

    done = Signal(str, str)

    def __init__(
        self,
        hub: ThemeHub,
        fetch: Callable[[PageRequest], Awaitable[Page[Any]]],
        columns: Sequence[ExportColumn[Any]],
        *,
        runner: TaskRunner,
        owner: QWidget,
        failed: Banner,
        rows: str = "bookings",
    ) -> None:
        """Write what `fetch` answers; `owner` is the window's part that the file dialog belongs to.

        `rows` says what the rows are.
        """
        super().__init__()
        self.hub, self._fetch, self._columns = hub, fetch, tuple(columns)
        self._runner, self._owner, self._failed = runner, owner, failed
        self._rows = rows
        self._card: ProgressCard | None = None
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self.hide()

    def ask(self, request: PageRequest, name: str, ending: str) -> None:
        """Let the person choose a file and begin; while one is being written nothing happens."""
        if self._card is not None:
            return
        folder = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation)
        dialog = QFileDialog(self._owner, f"Export {self._rows}", folder)
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setNameFilters([_KINDS[ending], *(words for kind, words in _KINDS.items() if kind != ending)])
        dialog.setDefaultSuffix(ending.removeprefix("."))
        dialog.selectFile(name + ending)
        dialog.filterSelected.connect(
            lambda words: dialog.setDefaultSuffix("csv" if "csv" in words else "xlsx")
        )
        dialog.fileSelected.connect(lambda chosen: self.write(request, Path(chosen)))
        dialog.finished.connect(lambda _result: dialog.deleteLater())
        dialog.open()

    def write(self, request: PageRequest, path: Path) -> None:
        """Write the file, showing how far it is."""
        if self._card is not None:
            return
        card = self._card = ProgressCard(self.hub, f"Saving {path.name}")
        card.set_count(f"0 {self._rows}")
        card.cancelled.connect(lambda: self._runner.cancel(_TASK))
        self._column.addWidget(card)
        self.show()
        self._runner.start(self._write(request, path, card), _TASK)

    async def _write(self, request: PageRequest, path: Path, card: ProgressCard) -> None:
        try:
            made = await export(
                path,
                self._columns,
                self._fetch,
                request,
                name=self._rows.capitalize(),
                progress=lambda rows: card.set_count(f"{rows:,} {self._rows}"),
            )
        except ConsoleError as error:
            self._failed.show_error(error, action=("Retry", lambda: self.write(request, path)))
            return
        finally:
            self._card = None
            self.hide()
            self._column.removeWidget(card)
            card.deleteLater()
        if made.cut:
            self._failed.show_message(
                f"The file holds the first {MOST_ROWS:,} {self._rows}.",
                "Narrow the list to save the rest.",
                "amber",
            )
        self.done.emit(f"{made.rows:,} {self._rows} saved", path.name)
