"""Where a finished PDF goes: a printer of this machine, or a folder that takes files in place of one.

A printer named `PDF:<folder>` is such a folder: for desks that keep files, and for tests. Everything here may wait
for the print system and belongs in a thread. See docs/design.md, "Documents".
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from PySide6.QtCore import QMarginsF, QRectF, QSizeF
from PySide6.QtGui import QPageLayout, QPageSize, QPainter
from PySide6.QtPrintSupport import QPrinter, QPrinterInfo

from console.errors import FileTrouble
from console.views.printing.pages import POINTS_PER_INCH, page_sizes, render_page

FOLDER = "PDF:"
"""How the name of a folder that stands for a printer begins."""
_SHARP = 300
"""Dots per inch: text and codes gain nothing from more."""
_SHEET = 500.0
"""Points: paper with a longer side is a sheet that can lie on its side; anything shorter is a label on its roll."""
_LONGEST_NAME = 80


@dataclass(frozen=True, slots=True)
class Target:
    """A printer: the name the system knows it by, and whether it is the system's usual one."""

    name: str
    usual: bool = False

    @property
    def words(self) -> str:
        """How it is shown."""
        return f"Files in {self.name[len(FOLDER) :]}" if self.name.startswith(FOLDER) else self.name


class Outlet(Protocol):
    """Somewhere PDFs can be sent."""

    def printers(self) -> list[Target]:
        """The printers there are, the usual one first."""
        ...

    def send(self, pdf: bytes, printer: str, *, name: str, copies: int = 1) -> None:
        """Print on the printer of that name. Raises Unavailable with a sentence for the person."""
        ...


class QtOutlet:
    """The printers of this machine."""

    def printers(self) -> list[Target]:
        """The printers there are, the usual one first."""
        usual = QPrinterInfo.defaultPrinterName()
        found = [Target(name, name == usual) for name in QPrinterInfo.availablePrinterNames()]
        return sorted(found, key=lambda one: not one.usual)

    def send(self, pdf: bytes, printer: str, *, name: str, copies: int = 1) -> None:
        """Print, or write a file where the printer is a folder. Raises FileTrouble."""
        if printer.startswith(FOLDER):
            for _ in range(copies):
                save(pdf, Path(printer[len(FOLDER) :]), name)
            return
        info = QPrinterInfo.printerInfo(printer)
        if info.isNull():
            raise FileTrouble(
                f"The printer {printer} is not connected any more.", hint="Choose another printer."
            )
        paint(QPrinter(info, QPrinter.PrinterMode.HighResolution), pdf, name=name, copies=copies)


def paint(printer: QPrinter, pdf: bytes, *, name: str, copies: int = 1) -> None:
    """Paint every page of the PDF onto the printer, each at its own size. Raises FileTrouble."""
    sizes = page_sizes(pdf)
    several = printer.supportsMultipleCopies()
    printer.setDocName(name)
    printer.setCopyCount(copies if several else 1)
    printer.setResolution(min(printer.resolution(), _SHARP) if printer.resolution() > 0 else _SHARP)
    printer.setFullPage(True)
    printer.setPageLayout(_layout(*sizes[0]))
    painter = QPainter()
    if not painter.begin(printer):
        raise _refused()
    try:
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        turn = 0
        for _ in range(1 if several else copies):
            for number, (width, height) in enumerate(sizes):
                if turn and not printer.newPage():
                    raise _refused()
                image = render_page(pdf, number, printer.resolution())
                dots = printer.resolution() / POINTS_PER_INCH
                painter.drawImage(QRectF(0, 0, width * dots, height * dots), image)
                turn += 1
    finally:
        painter.end()
    if printer.printerState() in (QPrinter.PrinterState.Error, QPrinter.PrinterState.Aborted):
        raise _refused()


def save(pdf: bytes, folder: Path, name: str) -> Path:
    """Write the PDF into a folder under a plain name that is not taken yet. Raises FileTrouble."""
    plain = file_name(name)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for number in range(1, 1000):
            path = folder / (f"{plain}.pdf" if number == 1 else f"{plain} ({number}).pdf")
            try:
                with path.open("xb") as file:
                    file.write(pdf)
            except FileExistsError:
                continue
            return path
    except OSError as error:
        raise FileTrouble("The file could not be written.", hint="Choose another folder.") from error
    raise FileTrouble("The folder is full of files of that name.", hint="Choose another folder.")


def file_name(name: str) -> str:
    """The name without what a file system may refuse, and not too long."""
    plain = re.sub(r'[<>:"/\\|?*\x00-\x1f]+', " ", name)
    return " ".join(plain.split())[:_LONGEST_NAME].strip(" .") or "Document"


def _layout(width: float, height: float) -> QPageLayout:
    lying = width > height >= _SHEET
    size = QSizeF(height, width) if lying else QSizeF(width, height)
    page = QPageSize(size, QPageSize.Unit.Point, "", QPageSize.SizeMatchPolicy.FuzzyMatch)
    turned = QPageLayout.Orientation.Landscape if lying else QPageLayout.Orientation.Portrait
    return QPageLayout(page, turned, QMarginsF())


def _refused() -> FileTrouble:
    return FileTrouble(
        "The printer did not take the pages.", hint="Check that it is on and has paper, then print again."
    )
