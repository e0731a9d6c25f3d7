"""A QR code on the screen: black on white in both themes, because a phone has to read it."""

from __future__ import annotations

import segno
from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

_QUIET = 4  # empty modules around it, as the standard asks
_MODULE = 4


class QrPicture(QWidget):
    """Whole pixels for each module, so that no edge is blurred."""

    def __init__(self, words: str) -> None:
        """An empty picture called `words` for screen readers."""
        super().__init__()
        self._rows: tuple[tuple[bool, ...], ...] = ()
        self.setAccessibleName(words)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def show_text(self, text: str) -> None:
        """Show `text`; an empty one takes the picture away."""
        made = segno.make(text, error="m", micro=False).matrix if text else ()
        self._rows = tuple(tuple(bool(module) for module in row) for row in made)
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        """The modules and the quiet zone."""
        edge = (len(self._rows) + 2 * _QUIET) * _MODULE
        return QSize(edge, edge)

    def minimumSizeHint(self) -> QSize:
        """It is never made smaller."""
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the modules."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), Qt.GlobalColor.white)
        for y, row in enumerate(self._rows):
            for x, dark in enumerate(row):
                if dark:
                    place = QRectF((x + _QUIET) * _MODULE, (y + _QUIET) * _MODULE, _MODULE, _MODULE)
                    painter.fillRect(place, Qt.GlobalColor.black)
