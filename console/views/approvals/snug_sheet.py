"""A sheet that is as high as what it asks: a short question in a tall sheet looks unfinished.

See docs/design.md, "Screens".
"""

from __future__ import annotations

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QWidget

from console.views.widgets.sheet import Sheet


class SnugSheet(Sheet):
    """A sheet that never grows beyond the usual one; what is longer scrolls."""

    def show_step(self, body: QWidget, caption: str = "", *, focus: QWidget | None = None) -> None:
        """Show a step, and fit it."""
        super().show_step(body, caption, focus=focus)
        self.fit()

    def fit(self) -> None:
        """Be as high as the body needs now: also once what was just shown is measured."""
        self._place()
        QTimer.singleShot(0, self, self._place)

    def _place(self) -> None:
        super()._place()
        body, place = self._scroll.widget(), self.card.geometry()
        if body is None or body.layout() is None:
            return
        layout = self.card.layout()
        if layout is not None:
            layout.activate()
        around = self.card.height() - self._scroll.height()
        width = self._scroll.viewport().width()
        inside = body.layout()
        assert inside is not None
        need = (
            inside.totalHeightForWidth(width)
            if inside.hasHeightForWidth()
            else inside.totalSizeHint().height()
        )
        height = min(place.height(), around + need)
        self.card.setGeometry(place.x(), place.y(), place.width(), height)
