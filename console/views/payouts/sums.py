"""The sums of a payout with how each came to be in words, and the statement's first page beside them.

Every amount is the stored one; the page is drawn off the main thread. See docs/design.md, "Screens" (finance).
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QImage, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from console.domain.payouts import Payout
from console.models.money import money
from console.views.payouts.words import SumLine, net_words, reference
from console.views.printing.pages import POINTS_PER_INCH, page_sizes, render_page
from console.views.theme import ThemeHub
from console.views.widgets.base import ThemedWidget, line
from console.views.widgets.buttons import Button
from console.views.widgets.text import ElidedLabel, label

_PAGE_WIDTH, _PAGE_HEIGHT = 144, 186


class SumsBox(QWidget):
    """Name, words and amount of each sum, and below a line what is paid."""

    def __init__(self) -> None:
        """Empty until `show_payout`."""
        super().__init__()
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(24)
        self._grid.setVerticalSpacing(0)
        self._grid.setColumnStretch(1, 1)
        self.lines: list[SumLine] = []

    def show_lines(self, lines: Sequence[SumLine], payout: Payout) -> None:
        """Show these sums, and what they come to."""
        net = SumLine("Net payout", net_words(payout), money(payout.sums.net))
        below = reference(payout)
        shown = [*lines, net, *([below] if below else [])]
        if shown == self.lines:
            return
        while (item := self._grid.takeAt(0)) is not None:
            gone = item.widget()
            if gone is not None:
                gone.hide()
                gone.deleteLater()
        for at in range(self._grid.rowCount()):
            self._grid.setRowMinimumHeight(at, 0)
        self.lines = shown
        for at, one in enumerate(lines):
            self._grid.setRowMinimumHeight(at, 33)
            self._put(at, one, figure=False)
        under = len(lines)
        self._grid.addWidget(line(strong=True), under, 0, 1, 3)
        self._grid.setRowMinimumHeight(under, 9)
        self._grid.setRowMinimumHeight(under + 1, 42)
        self._put(under + 1, net, figure=True)
        if below is not None:
            self._grid.addWidget(label(below.name, "medium"), under + 2, 0)
            self._grid.addWidget(label(below.words, "muted", selectable=True), under + 2, 1, 1, 2)
        said = "; ".join(
            ", ".join(part for part in (f"{one.name} {one.amount}".strip(), one.words) if part)
            for one in shown
        )
        self.setAccessibleName(f"Sums in {payout.currency}")
        self.setAccessibleDescription(said)

    def _put(self, row: int, one: SumLine, *, figure: bool) -> None:
        middle = Qt.AlignmentFlag.AlignVCenter
        self._grid.addWidget(label(one.name, "medium"), row, 0, middle)
        self._grid.addWidget(ElidedLabel(one.words, "muted"), row, 1, middle)
        amount = label(one.amount, "title" if figure else "body", selectable=True)
        self._grid.addWidget(amount, row, 2, middle | Qt.AlignmentFlag.AlignRight)


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
