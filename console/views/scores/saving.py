"""Where a file of scores is saved: asked without stopping the window. See docs/design.md, "Screens"."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QStandardPaths
from PySide6.QtWidgets import QFileDialog, QWidget

_KINDS = {".xlsx": "Workbook (*.xlsx)", ".csv": "CSV (*.csv)"}


def ask_where(owner: QWidget, title: str, name: str, chosen: Callable[[Path], object]) -> QFileDialog:
    """Ask for a file called `name` (without its ending), a workbook or CSV, and call `chosen` with it."""
    folder = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation)
    dialog = QFileDialog(owner.window(), title, folder)
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    dialog.setNameFilters(list(_KINDS.values()))
    dialog.setDefaultSuffix("xlsx")
    dialog.selectFile(f"{name}.xlsx")
    dialog.filterSelected.connect(lambda words: dialog.setDefaultSuffix("csv" if "csv" in words else "xlsx"))
    dialog.fileSelected.connect(lambda path: chosen(Path(path)))
    dialog.finished.connect(lambda _result: dialog.deleteLater())
    dialog.open()
    return dialog
