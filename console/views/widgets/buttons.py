"""Buttons of the four kinds, and the small ones that are only an icon."""

from __future__ import annotations

from typing import Literal

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QIcon, QPainter, QPixmap
from PySide6.QtWidgets import QPushButton, QWidget

from console.views.theme import ThemeHub

Kind = Literal["primary", "plain", "quiet", "danger", "refuse", "link", "inverse"]
Scale = Literal["compact", "default", "desk"]

# What an icon is painted with in each kind of button; the gap to its text is part of the pixmap.
_INK = {
    "primary": "accent.onFill",
    "plain": "text.primary",
    "quiet": "text.secondary",
    "danger": "red.onSolid",
    "refuse": "red.text",
    "link": "accent.text",
    "inverse": "text.inverseAction",
}
_GAP = 4


class Button(QPushButton):
    """A push button; at most one of a window is `primary`, and `danger` is only for what cannot be undone.

    `refuse` opens the way to such a step; it does nothing by itself.
    """

    def __init__(
        self,
        hub: ThemeHub,
        text: str,
        kind: Kind = "plain",
        *,
        icon: str | None = None,
        scale: Scale = "default",
        parent: QWidget | None = None,
    ) -> None:
        """Make a button that says what it does; `icon` is a Phosphor name such as `ph.printer`."""
        super().__init__(text, parent)
        self.hub = hub
        self.kind: Kind = kind
        self._icon_name = icon
        self.setProperty("kind", kind)
        self.setProperty("scale", scale)
        self.setAutoDefault(False)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        hub.changed.connect(self._draw_icon)
        self._draw_icon()

    def set_icon(self, name: str | None) -> None:
        """Show another icon, or none."""
        self._icon_name = name
        self._draw_icon()

    def _draw_icon(self) -> None:
        if self._icon_name is None:
            self.setIcon(QIcon())
            return
        edge = self.hub.theme.tokens.icon("inline")
        gap = _GAP if self.text() else 0
        icon = QIcon()
        for mode, ink in ((QIcon.Mode.Normal, _INK[self.kind]), (QIcon.Mode.Disabled, "text.disabled")):
            icon.addPixmap(_padded(self.hub.theme.pixmap(self._icon_name, ink, edge), gap), mode)
        self.setIconSize(QSize(edge + gap, edge))
        self.setIcon(icon)


class IconButton(Button):
    """A square button with an icon only. Its words are the tool tip and what a screen reader says."""

    def __init__(
        self,
        hub: ThemeHub,
        icon: str,
        words: str,
        kind: Kind = "plain",
        *,
        scale: Scale = "default",
        parent: QWidget | None = None,
    ) -> None:
        """`words` says what the button does; it is never left out."""
        super().__init__(hub, "", kind, icon=icon, scale=scale, parent=parent)
        self.setProperty("square", "true")
        self.setAccessibleName(words)
        self.setToolTip(words)


def _padded(pixmap: QPixmap, gap: int) -> QPixmap:
    if not gap:
        return pixmap
    ratio = pixmap.devicePixelRatio()
    wide = QPixmap(pixmap.size() + QSize(round(gap * ratio), 0))
    wide.setDevicePixelRatio(ratio)
    wide.fill(Qt.GlobalColor.transparent)
    painter = QPainter(wide)
    painter.drawPixmap(0, 0, pixmap)
    painter.end()
    return wide
