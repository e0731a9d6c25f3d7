"""Chips, counting badges and key caps as widgets; lists paint the same shapes through `paint`."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QLabel, QSizePolicy

from console.views.theme import ThemeHub
from console.views.widgets import paint


class _Shape(QLabel):
    """A label drawn as a shape: a screen reader still finds a text."""

    def __init__(self, hub: ThemeHub, text: str) -> None:
        super().__init__(text)
        self.hub = hub
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        hub.changed.connect(self.update)

    def minimumSizeHint(self) -> QSize:
        """These shapes are never made narrower than their words."""
        return self.sizeHint()


class Chip(_Shape):
    """A word in a tinted box, with the icon that says the same without colour."""

    def __init__(
        self,
        hub: ThemeHub,
        text: str,
        tone: str = "neutral",
        icon: str | None = None,
        *,
        dashed: bool = False,
    ) -> None:
        """`tone` is a colour group of the tokens, or `accent` for the one thing that is now."""
        super().__init__(hub, text)
        self._spec = paint.ChipSpec(text, tone, icon, dashed)

    def show_chip(self, spec: paint.ChipSpec) -> None:
        """Show another word, tone and icon."""
        self._spec = spec
        self.setText(spec.text)
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        """Exactly the words and the icon."""
        return QSize(paint.chip_width(self.hub.theme, self._spec), self.hub.theme.size("chip"))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the chip."""
        paint.draw_chip(QPainter(self), self.hub.theme, 0, self.height() / 2, self._spec)


class Badge(_Shape):
    """A count of things to be done. Nothing to do is no badge: 0 hides it."""

    def __init__(self, hub: ThemeHub, count: int, tone: str = "neutral") -> None:
        """Show `count`; above 99 it says 99+."""
        super().__init__(hub, "")
        self._tone = tone
        self.set_count(count)

    def set_count(self, count: int, tone: str | None = None) -> None:
        """Show another count."""
        self._tone = tone or self._tone
        self.setText("99+" if count > 99 else str(count))
        self.setVisible(count > 0)
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        """A circle for one figure, a pill for more."""
        return QSize(paint.badge_width(self.hub.theme, self.text()), self.hub.theme.size("badge"))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the badge."""
        paint.draw_badge(QPainter(self), self.hub.theme, QRectF(self.rect()), self.text(), self._tone)


class Keycap(_Shape):
    """The name of a key or shortcut, drawn as a cap."""

    def sizeHint(self) -> QSize:
        """Exactly the name."""
        return QSize(paint.keycap_width(self.hub.theme, self.text()), self.hub.theme.size("badge"))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the cap."""
        paint.draw_keycap(QPainter(self), self.hub.theme, 0, self.height() / 2, self.text())
