"""Looking at what was filed: the pages as pictures, never the file itself in a viewer of the desk.

The pictures are made off the loop by the gateway, without running anything in the file. Opening one counts as reading
it. Shared by whoever shows papers. See docs/decisions/0023-evidence-files.md.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime, tzinfo
from pathlib import Path

from PySide6.QtCore import QEvent, QObject, QStandardPaths, Qt, QTimer, Signal
from PySide6.QtGui import QImage, QKeySequence, QPainter, QPen, QPixmap, QShortcut
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QLabel, QScrollArea, QVBoxLayout, QWidget

from console.domain.compliance import DocumentFile
from console.domain.vetting import FiledDocument
from console.errors import ConsoleError, FileTrouble
from console.models.gateway_venue_file import PaperGateway
from console.models.runner import TaskRunner
from console.views.approvals import words
from console.views.theme import ThemeHub
from console.views.widgets.base import torn_down
from console.views.widgets.buttons import Button, IconButton
from console.views.widgets.sheet import Sheet
from console.views.widgets.text import label
from console.views.widgets.waiting import Skeleton

_ZOOMS = (0.5, 0.75, 1.0, 1.5, 2.0, 3.0)
_WIDEST = 2800
_SETTLE_MS = 120


class EvidenceViewer(Sheet):
    """The viewer. `read` carries the id of a file that was opened, `saved` the name of a copy that was written."""

    read = Signal(object)
    saved = Signal(str)

    def __init__(
        self,
        hub: ThemeHub,
        window: QWidget,
        gateway: PaperGateway,
        documents: Sequence[FiledDocument],
        first: FiledDocument | None = None,
        *,
        now: datetime,
        zone: tzinfo,
    ) -> None:
        """Files that lie beside each other, beginning with `first`."""
        super().__init__(hub, window, "Evidence", width=980)
        self._gateway, self._documents = gateway, list(documents)
        self._now, self._zone = now, zone
        self._at = self._documents.index(first) if first in self._documents else 0
        self._number, self._zoom = 0, _ZOOMS.index(1.0)
        self._shown = False
        self.file: DocumentFile | None = None
        self.runner = TaskRunner(self._failed)
        self.closed.connect(self._ended)
        self.picture = QLabel()
        self.picture.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.area = QScrollArea()
        self.area.setWidget(self.picture)
        self.area.setWidgetResizable(True)
        self.area.setAccessibleName("Page")
        self.area.setProperty("focusRing", True)
        self.skeleton = Skeleton(hub, rows=8)
        self.before_file = IconButton(
            hub, "ph.caret-double-left", "File before (Alt+Left)", "quiet", scale="compact"
        )
        self.after_file = IconButton(
            hub, "ph.caret-double-right", "Next file (Alt+Right)", "quiet", scale="compact"
        )
        self.before_page = IconButton(hub, "ph.caret-left", "Page before (Page up)", "quiet", scale="compact")
        self.after_page = IconButton(hub, "ph.caret-right", "Next page (Page down)", "quiet", scale="compact")
        self.smaller = IconButton(hub, "ph.magnifying-glass-minus", "Smaller (-)", "quiet", scale="compact")
        self.larger = IconButton(hub, "ph.magnifying-glass-plus", "Larger (+)", "quiet", scale="compact")
        self.count = label("", "muted")
        self.percent = label("100 %", "muted")
        self.save_button = Button(hub, "Save a copy…", icon="ph.download-simple")
        self.leave = Button(hub, "Close")
        self._settle = QTimer(self)
        self._settle.setSingleShot(True)
        self._settle.setInterval(_SETTLE_MS)
        self._settle.timeout.connect(self._draw)
        self._wire()
        self.set_answers(self.save_button, self.leave)

    # -- for who shows it --------------------------------------------------------------------------------------------

    def open(self) -> None:
        """Show it, and open the first file."""
        super().open()
        self.show_step(self._lay_out(), focus=self.area)
        self._open_file()

    @property
    def document(self) -> FiledDocument:
        """The file on show."""
        return self._documents[self._at]

    def turn(self, step: int) -> None:
        """Show another page of the file."""
        number = self._number + step
        if 0 <= number < self._pages:
            self._number = number
            self._say()
            self.area.verticalScrollBar().setValue(0)
            self._draw()

    def go(self, step: int) -> None:
        """Show another file."""
        place = self._at + step
        if 0 <= place < len(self._documents):
            self._at, self._number = place, 0
            self._open_file()

    def zoom(self, step: int) -> None:
        """Show the page larger or smaller; 100 % is as wide as the sheet."""
        place = self._zoom + step
        if 0 <= place < len(_ZOOMS):
            self._zoom = place
            self._say()
            self._draw()

    def save(self, path: Path) -> None:
        """Write a copy of the file as it was handed in."""
        if self.file is not None:
            self.runner.start(self._save(self.file, path))

    def ask_save(self) -> None:
        """Ask where a copy goes."""
        if self.file is None:
            return
        folder = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation)
        dialog = QFileDialog(self.card, "Save a copy", folder)
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.selectFile(self.file.file_name)
        dialog.fileSelected.connect(lambda chosen: self.save(Path(chosen)))
        dialog.finished.connect(lambda _result: dialog.deleteLater())
        dialog.open()

    # -- inside ------------------------------------------------------------------------------------------------------

    @property
    def _pages(self) -> int:
        return self.document.pages or 1

    def _open_file(self) -> None:
        self.file = None
        self.picture.clear()
        self.banner.clear()
        self.title.setText(self.document.title or self.document.file_name)
        self._say()
        self.skeleton.show()
        self.skeleton.start()
        self.runner.start(self._load(self.document), "load")

    async def _load(self, document: FiledDocument) -> None:
        found = await self._gateway.document(document.id)
        self.file = found
        self.read.emit(document.id)
        self._say()
        await self._show_page(found)

    def _draw(self) -> None:
        if self.file is not None:
            self.runner.start(self._show_page(self.file), "draw")

    async def _show_page(self, file: DocumentFile) -> None:
        ratio = self.card.devicePixelRatio()
        room = max(self.area.viewport().width() - 24, 200)
        width = min(int(room * _ZOOMS[self._zoom] * ratio), _WIDEST)
        found = await self._gateway.picture(file, self._number, width)
        image = await asyncio.to_thread(QImage.fromData, found)
        if image.isNull():
            raise FileTrouble("This page cannot be shown.", hint="Save a copy to look at it elsewhere.")
        drawn = self._edged(QPixmap.fromImage(image))
        drawn.setDevicePixelRatio(ratio)
        self.skeleton.stop()
        self.skeleton.hide()
        self._shown = True
        self.picture.setPixmap(drawn)
        self.picture.setAccessibleName(f"{self.title.text()}, {self.count.text()}")

    def _edged(self, page: QPixmap) -> QPixmap:
        """The page with its edge: white paper on a white sheet would end nowhere."""
        painter = QPainter(page)
        painter.setPen(QPen(self.hub.theme.color("border.default"), 1))
        painter.drawRect(page.rect().adjusted(0, 0, -1, -1))
        painter.end()
        return page

    async def _save(self, file: DocumentFile, path: Path) -> None:
        try:
            await asyncio.to_thread(path.write_bytes, file.content)
        except OSError as error:
            raise FileTrouble("The copy could not be written.", hint="Choose another folder.") from error
        self.saved.emit(path.name)

    def _failed(self, error: ConsoleError) -> None:
        self.skeleton.stop()
        self.skeleton.hide()
        self.banner.show_error(error, action=("Try again", self._open_file))

    def _ended(self) -> None:
        self._settle.stop()
        self.runner.cancel_all()

    def _say(self) -> None:
        document = self.document
        self.count.setText(f"Page {self._number + 1} of {self._pages}")
        self.percent.setText(f"{round(_ZOOMS[self._zoom] * 100)} %")
        parts = [document.file_name, words.size(document.size_bytes)]
        if document.read_at is not None:
            parts.append(f"read by you, {words.moment(document.read_at, self._now, self._zone)}")
        if len(self._documents) > 1:
            parts.insert(0, f"File {self._at + 1} of {len(self._documents)}")
        self.caption.setText(" · ".join(parts))
        self.caption.show()
        self.save_button.setEnabled(self.file is not None)
        # Not disabled: a button that has the keyboard would lose it at the last page.
        for button in (self.before_page, self.after_page):
            button.setVisible(self._pages > 1)
        for button in (self.before_file, self.after_file):
            button.setVisible(len(self._documents) > 1)

    def _wire(self) -> None:
        for button, run in (
            (self.before_file, lambda: self.go(-1)), (self.after_file, lambda: self.go(1)),
            (self.before_page, lambda: self.turn(-1)), (self.after_page, lambda: self.turn(1)),
            (self.smaller, lambda: self.zoom(-1)), (self.larger, lambda: self.zoom(1)),
            (self.save_button, self.ask_save), (self.leave, self.close),
        ):  # fmt: skip
            button.clicked.connect(lambda _checked=False, run=run: run())
        for keys, run in (
            ("PgUp", lambda: self.turn(-1)), ("PgDown", lambda: self.turn(1)), ("+", lambda: self.zoom(1)),
            ("=", lambda: self.zoom(1)), ("-", lambda: self.zoom(-1)), ("Alt+Left", lambda: self.go(-1)),
            ("Alt+Right", lambda: self.go(1)), ("Ctrl+S", self.ask_save),
        ):  # fmt: skip
            shortcut = QShortcut(QKeySequence(keys), self.card)
            shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            shortcut.activated.connect(run)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Draw the page anew when the sheet has another width."""
        taken = super().eventFilter(watched, event)
        if (
            not torn_down(self)
            and event.type() is QEvent.Type.Resize
            and watched is self.scrim
            and self._shown
        ):
            self._settle.start()
        return taken

    def _place(self) -> None:
        margin = 24
        width = min(self.hub.theme.scaled(self._width), self._window.width() - 32)
        height = self._window.height() - 2 * margin
        self.card.setGeometry((self._window.width() - width) // 2, margin, width, height)

    def _lay_out(self) -> QWidget:
        body = QWidget()
        column = QVBoxLayout(body)
        column.setSpacing(8)
        bar = QHBoxLayout()
        bar.setSpacing(4)
        for part in (self.before_file, self.after_file, self.before_page, self.count, self.after_page):
            bar.addWidget(part)
        bar.addStretch(1)
        for part in (self.smaller, self.percent, self.larger):
            bar.addWidget(part)
        column.addLayout(bar)
        column.addWidget(self.skeleton)
        column.addWidget(self.area, 1)
        return body
