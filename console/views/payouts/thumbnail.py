"""The first page of a payout's statement, small, beside its sums; drawn off the main thread.

It leads to the whole document. See docs/design.md, "Screens" (finance).
"""

from __future__ import annotations

import asyncio

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QImage, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from console.views.printing.pages import POINTS_PER_INCH, page_sizes, render_page
from console.views.theme import ThemeHub
from console.views.widgets.base import ThemedWidget
from console.views.widgets.buttons import Button

_PAGE_WIDTH, _PAGE_HEIGHT = 144, 186


class _Page(ThemedWidget):
    """The first page, with an edge of one pixel."""

    def __init__(self, hub: ThemeHub) -> None:
        super().__init__(hub)
        self._image = QImage()
        self.setFixedSize(_PAGE_WIDTH, _PAGE_HEIGHT)

    def show_image(self, image: QImage) -> None:
        """Show a page as it was drawn."""
        self._image = image
        self.update()

    @property
    def has_page(self) -> bool:
        """Whether a page is shown."""
        return not self._image.isNull()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the sheet."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        room = QRectF(self.rect()).adjusted(0, 0, -1, -1)
        if self._image.isNull():
            painter.fillRect(room, self.theme.color("surface.sunken"))
        else:
            painter.drawImage(QRectF(self.rect()).adjusted(1, 1, -1, -1), self._image)
        painter.setPen(QPen(self.theme.color("border.button"), 1))
        painter.drawRect(room)

    def sizeHint(self) -> QSize:
        """A small sheet."""
        return QSize(_PAGE_WIDTH, _PAGE_HEIGHT)


class Thumbnail(QWidget):
    """The statement's first page and the way to all of them."""

    wanted = Signal()
    """The preview is asked for."""

    def __init__(self, hub: ThemeHub) -> None:
        """Without a page until `show_statement`."""
        super().__init__()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        self.page = _Page(hub)
        self.button = Button(hub, "Preview", "link", icon="ph.eye", scale="compact")
        self.button.clicked.connect(lambda _checked=False: self.wanted.emit())
        column.addWidget(self.page, 0, Qt.AlignmentFlag.AlignHCenter)
        row = QHBoxLayout()
        row.addStretch(1)
        row.addWidget(self.button)
        row.addStretch(1)
        column.addLayout(row)
        column.addStretch(1)
        self.clear()

    def clear(self) -> None:
        """Show no page: another payout is on show."""
        self.page.show_image(QImage())
        self.page.setAccessibleName("The statement's first page")
        self.button.setText("Preview")
        self.button.setEnabled(False)

    async def show_statement(self, pdf: bytes) -> None:
        """Draw the first page in a thread, and say how many there are."""
        sharp = max(self.devicePixelRatioF(), 1.0)
        sizes = await asyncio.to_thread(page_sizes, pdf)
        wide, high = sizes[0]
        scale = min(_PAGE_WIDTH / wide, _PAGE_HEIGHT / high)
        self.page.setFixedSize(round(wide * scale) + 2, round(high * scale) + 2)
        dots = POINTS_PER_INCH * scale * sharp
        image = await asyncio.to_thread(render_page, pdf, 0, dots)
        self.page.show_image(image)
        pages = len(sizes)
        self.button.setText(f"Preview, {pages} {'page' if pages == 1 else 'pages'}")
        self.button.setEnabled(True)
