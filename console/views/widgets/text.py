"""Labels: of a role of the type scale, elided where there is no room, with an icon before them."""

from __future__ import annotations

import re
from typing import Literal

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import (
    QClipboard,
    QContextMenuEvent,
    QFontMetrics,
    QGuiApplication,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
)
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QMenu,
    QSizePolicy,
    QStyle,
    QStyleOption,
    QVBoxLayout,
    QWidget,
)

from console.views.theme import ThemeHub
from console.views.widgets.base import ThemedWidget, line

Role = Literal[
    "body", "figure", "clock", "title", "subtitle", "name", "strong", "medium", "secondary", "muted", "label",
    "section", "small", "caption", "error", "code",
]  # fmt: skip

_BREAK = "\u200b"


def label(text: str, role: Role = "body", *, wrap: bool = False, selectable: bool = False) -> QLabel:
    """A plain-text label of a role of the type scale."""
    made = _Selectable(text) if selectable else QLabel(text)
    made.setTextFormat(Qt.TextFormat.PlainText)
    made.setProperty("role", role)
    made.setWordWrap(wrap)
    if selectable:
        made.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    return made


def breakable(text: str, longest: int = 18) -> str:
    """A text whose very long words may be broken, so that one of them never makes a label wider than its place.

    An address breaks after its signs, other words wherever the place ends.
    """
    return "".join(
        _BREAK.join(
            piece[at : at + longest]
            for piece in re.split(r"(?<=[@./_-])(?=.)", part)
            for at in range(0, len(piece), longest)
        )
        if len(part) > longest
        else part
        for part in re.split(r"(\s+)", text)
    )


class _Selectable(QLabel):
    """A label whose words can be copied, without the places at which it may be broken."""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Ctrl+C copies what was written."""
        if event.matches(QKeySequence.StandardKey.Copy):
            self._copy()
        else:
            super().keyPressEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """What is marked is what a middle click inserts, where the platform knows that."""
        super().mouseReleaseEvent(event)
        if self.hasSelectedText() and QGuiApplication.clipboard().supportsSelection():
            self._copy(QClipboard.Mode.Selection)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Copy, or mark all."""
        menu = QMenu(self)
        menu.addAction("Copy", self._copy).setEnabled(self.hasSelectedText())
        menu.addAction("Select all", lambda: self.setSelection(0, len(self.text())))
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(event.globalPos())

    def _copy(self, mode: QClipboard.Mode = QClipboard.Mode.Clipboard) -> None:
        if self.hasSelectedText():
            QGuiApplication.clipboard().setText(self.selectedText().replace(_BREAK, ""), mode)


class ElidedLabel(QLabel):
    """A one-line label that ends in an ellipsis where it does not fit; the tool tip then has the whole."""

    def __init__(self, text: str = "", role: Role = "body", parent: QWidget | None = None) -> None:
        """A label that may become as narrow as its place."""
        super().__init__(text, parent)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setProperty("role", role)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)

    def minimumSizeHint(self) -> QSize:
        """Room for a few letters: the layout may take the rest."""
        hint = super().minimumSizeHint()
        return QSize(min(hint.width(), self.fontMetrics().horizontalAdvance("Mmm…")), hint.height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Offer the whole text as a tool tip while part of it is hidden."""
        super().resizeEvent(event)
        self.setToolTip(self.text() if self._shown() != self.text() else "")

    def setText(self, text: str) -> None:
        """Show another text."""
        super().setText(text)
        self.setToolTip(self.text() if self._shown() != self.text() else "")

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint as the style sheet says, with the text elided."""
        painter = QPainter(self)
        option = QStyleOption()
        option.initFrom(self)
        self.style().drawPrimitive(QStyle.PrimitiveElement.PE_Widget, option, painter, self)
        painter.setFont(self.font())
        painter.setPen(self.palette().color(self.foregroundRole()))
        painter.drawText(
            self.contentsRect(), int(self.alignment() | Qt.TextFlag.TextSingleLine), self._shown()
        )

    def _shown(self) -> str:
        metrics = QFontMetrics(self.font())
        return metrics.elidedText(self.text(), Qt.TextElideMode.ElideRight, self.contentsRect().width())


class IconLabel(QLabel):
    """An icon of the theme; without words it is decoration and a screen reader passes over it."""

    def __init__(
        self, hub: ThemeHub, icon: str, color: str = "text.secondary", size: int = 16, *, words: str = ""
    ) -> None:
        """Show `icon` in a token colour, `size` logical pixels wide."""
        super().__init__()
        self.hub = hub
        self._icon, self._color, self._size = icon, color, size
        self.setAccessibleName(words)
        self.setFixedSize(size, size)
        hub.changed.connect(self._draw)
        self._draw()

    def show_icon(self, icon: str, color: str) -> None:
        """Show another icon or colour."""
        self._icon, self._color = icon, color
        self._draw()

    def _draw(self) -> None:
        self.setPixmap(self.hub.theme.pixmap(self._icon, self._color, self._size))


class Section(QWidget):
    """A heading with a thin line under it, as above each group of a form."""

    def __init__(self, text: str, parent: QWidget | None = None) -> None:
        """A section titled `text`."""
        super().__init__(parent)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addWidget(label(text, "section"))
        column.addWidget(line())
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)


class IconText(ThemedWidget):
    """An icon with a word beside it: the pair that carries every meaning colour alone may not."""

    def __init__(
        self,
        hub: ThemeHub,
        icon: str,
        text: str,
        *,
        role: Role = "body",
        color: str = "text.secondary",
        size: int = 16,
        gap: int = 8,
        wrap: bool = False,
    ) -> None:
        """`color` is the icon's; the words take theirs from the role."""
        super().__init__(hub)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(gap)
        self.icon = IconLabel(hub, icon, color, size)
        self.words = label(text, role, wrap=wrap)
        top = Qt.AlignmentFlag.AlignTop if wrap else Qt.AlignmentFlag.AlignVCenter
        row.addWidget(self.icon, 0, top)
        row.addWidget(self.words, 1)

    def set_text(self, text: str) -> None:
        """Show other words."""
        self.words.setText(text)
