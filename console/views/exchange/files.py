"""Asking for a file or a folder with the system's own dialog, awaited: never a nested loop.

See docs/design.md, "Runtime".
"""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Protocol

from PySide6.QtWidgets import QFileDialog, QWidget

from console.views.exchange import words


class FilePicker(Protocol):
    """Asks for places; None where the person changes their mind."""

    async def file(self, window: QWidget) -> Path | None:
        """A file to take in."""
        ...

    async def folder(self, window: QWidget) -> Path | None:
        """A folder to keep a file in."""
        ...

    async def save(self, window: QWidget, suggested: str) -> Path | None:
        """Where to write a file that may be called `suggested`, whose ending it keeps."""
        ...


class DialogPicker:
    """The system's dialogs."""

    async def file(self, window: QWidget) -> Path | None:
        """A file to take in."""
        dialog = QFileDialog(window, "Import a programme", "", words.FILE_TYPES)
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        return await _asked(dialog)

    async def folder(self, window: QWidget) -> Path | None:
        """A folder to keep a file in."""
        dialog = QFileDialog(window, "Keep a calendar up to date in")
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.setOption(QFileDialog.Option.ShowDirsOnly)
        return await _asked(dialog)

    async def save(self, window: QWidget, suggested: str) -> Path | None:
        """Where to write a file."""
        ending = Path(suggested).suffix
        dialog = QFileDialog(window, "Export", "", f"*{ending}")
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix(ending.lstrip("."))
        dialog.selectFile(suggested)
        path = await _asked(dialog)
        return (
            path if path is None or path.suffix.lower() == ending else path.with_name(f"{path.name}{ending}")
        )


async def _asked(dialog: QFileDialog) -> Path | None:
    finished: asyncio.Future[bool] = asyncio.get_running_loop().create_future()

    def tell(result: int) -> None:
        if not finished.done():
            finished.set_result(bool(result))

    dialog.finished.connect(tell)
    dialog.open()
    try:
        return Path(dialog.selectedFiles()[0]) if await finished else None
    finally:
        dialog.deleteLater()
