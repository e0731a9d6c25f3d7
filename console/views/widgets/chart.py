"""A chart on the screen: drawn off the main thread, told in words, saved as a picture, as a page or as its numbers.

The old picture stays until the new one is there. See docs/design.md, "Screens" and "Runtime".
"""

from __future__ import annotations

import asyncio
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import get_args

from PySide6.QtCore import QPoint, QRectF, QSize, QStandardPaths, Qt, QTimer, Signal
from PySide6.QtGui import QContextMenuEvent, QFontInfo, QImage, QKeyEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QFileDialog, QMenu, QSizePolicy

from console.domain.charts import Chart, Number, Tone
from console.errors import FileTrouble
from console.models.runner import TaskRunner
from console.reports import charts
from console.reports.sheets import CsvSheet, Sheet, SheetColumn, XlsxSheet
from console.views.theme import Theme, ThemeHub
from console.views.widgets import paint
from console.views.widgets.base import ThemedWidget

_REDRAW_MS = 60
_KINDS = {
    ".png": "Picture (*.png)",
    ".pdf": "PDF (*.pdf)",
    ".xlsx": "Numbers, workbook (*.xlsx)",
    ".csv": "Numbers, CSV (*.csv)",
}


class ChartView(ThemedWidget):
    """One chart, as large as its place. Ctrl+S or the menu saves it."""

    saved = Signal(str)
    """The name of the file."""
    failed = Signal(object)
    """The ConsoleError that kept it from being saved."""

    def __init__(self, hub: ThemeHub, *, height: int = 260) -> None:
        """An empty place of at least `height` pixels."""
        super().__init__(hub)
        self.chart: Chart | None = None
        self._image = QImage()
        self._runner = TaskRunner(self.failed.emit)
        self.destroyed.connect(self._runner.cancel_all)
        self._redraw = QTimer(self)
        self._redraw.setSingleShot(True)
        self._redraw.setInterval(_REDRAW_MS)
        self._redraw.timeout.connect(self._start)
        self._least = height
        self.setMinimumHeight(height)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)

    def show_chart(self, chart: Chart) -> None:
        """Draw this from now on."""
        self.chart = chart
        self.setAccessibleName(chart.title)
        self.setAccessibleDescription(chart.said())
        self._start()

    async def drawn(self) -> None:
        """Wait until the picture is there."""
        if self._redraw.isActive():
            self._redraw.stop()
            self._start()
        await self._runner.settled()

    def stop(self) -> None:
        """Drop what is being drawn: the page goes away."""
        self._redraw.stop()
        self._runner.cancel_all()

    def sizeHint(self) -> QSize:
        """As high as asked for."""
        return QSize(480, self._least)

    def theme_changed(self) -> None:
        """Draw it in the new colours."""
        super().theme_changed()
        self._redraw.start()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Draw it anew once the size stays."""
        super().resizeEvent(event)
        self._redraw.start()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the newest picture, stretched where it is still of another size."""
        painter = QPainter(self)
        if not self._image.isNull():
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            painter.drawImage(QRectF(self.rect()), self._image)
        if self.hasFocus():
            paint.draw_focus(painter, self.theme, QRectF(self.rect()))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Ctrl+S and the menu key."""
        if event.key() == Qt.Key.Key_S and event.modifiers() == Qt.KeyboardModifier.ControlModifier:
            self.ask_save(".png")
        else:
            super().keyPressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Offer the ways to save it."""
        self.offer_ways(event.globalPos())

    def offer_ways(self, at: QPoint) -> None:
        """A menu of the ways to save it, at a place of the screen."""
        menu = QMenu(self)
        for ending, words in _KINDS.items():
            menu.addAction(f"Save as {words}", partial(self.ask_save, ending))
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(at)

    def ask_save(self, ending: str) -> None:
        """Let the person choose a file and save the chart there."""
        if self.chart is None:
            return
        folder = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation)
        dialog = QFileDialog(self.window(), "Save the chart", folder)
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setNameFilter(_KINDS[ending])
        dialog.setDefaultSuffix(ending.removeprefix("."))
        dialog.selectFile(_file_name(self.chart.title) + ending)
        dialog.fileSelected.connect(lambda chosen: self.save(Path(chosen)))
        dialog.finished.connect(lambda _result: dialog.deleteLater())
        dialog.open()

    def save(self, path: Path) -> None:
        """Write the chart: a picture, a page or its numbers, by the ending of `path`."""
        if self.chart is not None:
            self._runner.start(self._save(self.chart, path), "save")

    # -- drawing -----------------------------------------------------------------------------------------------------

    def _start(self) -> None:
        if self.chart is not None and self.width() > 40 and self.height() > 40:
            self._runner.start(self._draw(self.chart), "draw")

    async def _draw(self, chart: Chart) -> None:
        ratio = self.devicePixelRatioF()
        look = look_of(self.theme)
        made = await asyncio.to_thread(charts.png, chart, look, self.width(), self.height(), ratio=ratio)
        self._image = QImage.fromData(made)
        self._image.setDevicePixelRatio(ratio)
        self.update()

    async def _save(self, chart: Chart, path: Path) -> None:
        look, size = look_of(self.theme), (max(self.width(), 800), max(self.height(), 400))
        await asyncio.to_thread(_write, chart, path, look, size)
        self.saved.emit(path.name)


def look_of(theme: Theme) -> charts.Look:
    """The colours and letters of the present theme."""
    tones: tuple[Tone, ...] = get_args(Tone)
    solid = {"accent": "accent.fill", "neutral": "neutral.border"}
    return charts.Look(
        background=theme.hex("surface.canvas"),
        text=theme.hex("text.primary"),
        muted=theme.hex("text.muted"),
        grid=theme.hex("border.subtle"),
        tones={tone: theme.hex(solid.get(tone, f"{tone}.solid")) for tone in tones},
        tints={tone: theme.hex(f"{tone}.bg") for tone in tones},
        family=QFontInfo(theme.font()).family(),
        text_scale=theme.text_percent / 100 * 1.2,
    )


def _file_name(title: str) -> str:
    return "".join(letter if letter.isalnum() else "-" for letter in title.lower()).strip("-") or "chart"


def _write(chart: Chart, path: Path, look: charts.Look, size: tuple[int, int]) -> None:
    """Write the file beside its place and move it there when it is whole. Raises FileTrouble."""
    draft = path.with_name(f".{path.name}.part")
    ending = path.suffix.lower()
    try:
        if ending in (".csv", ".xlsx"):
            _write_numbers(chart, draft, ending)
        else:
            made = charts.pdf(chart) if ending == ".pdf" else charts.png(chart, look, *size, ratio=2.0)
            draft.write_bytes(made)
        draft.replace(path)
    except OSError as error:
        draft.unlink(missing_ok=True)
        raise FileTrouble(
            "The file cannot be written.", hint="Choose another folder.", code="file_not_written"
        ) from error


def _write_numbers(chart: Chart, draft: Path, ending: str) -> None:
    head, rows = chart.table()
    columns = [SheetColumn(name, "text" if at == 0 else "number") for at, name in enumerate(head)]
    sheet: Sheet = CsvSheet(draft, columns) if ending == ".csv" else XlsxSheet(draft, columns, name="Chart")
    sheet.add([_cell(cell) for cell in row] for row in rows)
    sheet.close()


def _cell(value: str | Number | None) -> str | int | Decimal | None:
    return Decimal(str(round(value, 1))) if isinstance(value, float) else value
