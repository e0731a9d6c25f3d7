"""Pages of a PDF as pictures, for the preview and for printers.

Everything here takes its time and belongs in a thread. PDFium is not made for several threads, so one lock stands
around every use of it.
"""

from __future__ import annotations

import threading

import pypdfium2
from PySide6.QtGui import QImage

_ONE_AT_A_TIME = threading.Lock()
POINTS_PER_INCH = 72


def page_sizes(pdf: bytes) -> list[tuple[float, float]]:
    """Width and height of each page in points."""
    with _ONE_AT_A_TIME:
        document = pypdfium2.PdfDocument(pdf)
        try:
            return [document.get_page_size(index) for index in range(len(document))]
        finally:
            document.close()


def render_page(pdf: bytes, number: int, dots_per_inch: float) -> QImage:
    """One page, counted from 0, on white at a resolution. An A4 page at 300 dots per inch takes 35 MB."""
    with _ONE_AT_A_TIME:
        document = pypdfium2.PdfDocument(pdf)
        try:
            bitmap = document[number].render(
                scale=dots_per_inch / POINTS_PER_INCH, prefer_bgrx=True, fill_color=(255, 255, 255, 255)
            )
            image = QImage(
                bytes(bitmap.buffer),
                bitmap.width,
                bitmap.height,
                bitmap.stride,
                QImage.Format.Format_RGB32,
            )
            return image.copy()  # the pixels are PDFium's until here
        finally:
            document.close()
