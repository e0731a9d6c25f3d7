"""A scroll bar that lies over its list, so that rows keep their full width whether or not they scroll.

Columns of the roster stand at fixed distances from the right edge; a bar that takes its own room would shift them the
moment a sixteenth child books. See docs/design.md, "Screens" (nothing moves).
"""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtWidgets import QAbstractScrollArea, QScrollBar

_WIDTH = 10


class OverlayBar(QScrollBar):
    """Drives the vertical scrolling of `area` from above its viewport."""

    def __init__(self, area: QAbstractScrollArea) -> None:
        """Replace the area's own bar for the eye; the area keeps scrolling by wheel and keys."""
        super().__init__(Qt.Orientation.Vertical, area)
        area.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._area = area
        self._own = area.verticalScrollBar()
        self._own.rangeChanged.connect(self._follow)
        self._own.valueChanged.connect(self.setValue)
        self.valueChanged.connect(self._own.setValue)
        area.installEventFilter(self)
        self._follow()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Stay at the right edge."""
        if event.type() in (QEvent.Type.Resize, QEvent.Type.Show):
            self._follow()
        return False

    def _follow(self, *_range: int) -> None:
        self.setRange(self._own.minimum(), self._own.maximum())
        self.setPageStep(self._own.pageStep())
        self.setSingleStep(self._own.singleStep())
        self.setValue(self._own.value())
        self.setGeometry(self._area.width() - _WIDTH, 0, _WIDTH, self._area.height())
        self.setVisible(self._own.maximum() > self._own.minimum())
        self.raise_()
