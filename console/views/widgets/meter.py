"""Thin bars for shares of a whole: the numbers always stand beside them."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QProgressBar, QSizePolicy

from console.views.theme import ThemeHub
from console.views.widgets import paint


class Meter(QProgressBar):
    """Several parts of one whole, such as in, waiting and expected of a session's places."""

    def __init__(self, hub: ThemeHub, words: str, *, thickness: int | None = None) -> None:
        """`words` says what is measured, for screen readers."""
        super().__init__()
        self.hub = hub
        self._parts: tuple[tuple[float, str], ...] = ()
        self.setRange(0, 1000)
        self.setTextVisible(False)
        self.setAccessibleName(words)
        self.setFixedHeight(thickness or hub.theme.size("meter"))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        hub.changed.connect(self.update)

    def set_parts(self, parts: Sequence[tuple[float, str]]) -> None:
        """Show shares (0 to 1) with their colours, from the left."""
        self._parts = tuple(parts)
        self.setValue(round(1000 * min(sum(share for share, _ in self._parts), 1)))
        self.update()

    def sizeHint(self) -> QSize:
        """As wide as its place."""
        return QSize(80, self.height())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint track and parts."""
        paint.draw_meter(QPainter(self), self.hub.theme, QRectF(self.rect()), self._parts)
