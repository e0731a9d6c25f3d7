"""The small outlined things of a requirement: a file that can be opened, a fact beside it, a person who is checked.

See docs/design.md, "Screens" (platform).
"""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QSizePolicy

from console.domain.vetting import CheckedPerson
from console.views.approvals import words
from console.views.theme import ThemeHub
from console.views.widgets import paint

_HEIGHT = 24
_PADDING = 9
_ICON = 16
_GAP = 8
_LONGEST = 300
_RESULTS = {
    "clear": ("ph.check", "green.text"),
    "pending": ("ph.hourglass-medium", "text.secondary"),
    "failed": ("ph.x-circle", "red.text"),
}


class EvidenceChip(QAbstractButton):
    """A file, or several of a kind. Painted 24 high in a place that is easier to hit; long titles elide."""

    def __init__(self, hub: ThemeHub, title: str, icon: str, *, pressable: bool = True) -> None:
        """`icon` says what it is; without `pressable` it only tells something."""
        super().__init__()
        self.hub, self._icon = hub, icon
        self.setText(title)
        self.setAccessibleName(f"Open {title}" if pressable else title)
        self.setProperty("focusRing", pressable)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus if pressable else Qt.FocusPolicy.NoFocus)
        self.setEnabled(pressable)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        hub.changed.connect(self.updateGeometry)

    def sizeHint(self) -> QSize:
        """The title, up to a length at which a file name is still told from others."""
        theme = self.hub.theme
        wide = int(paint.text_width(theme.font("body"), self.text()))
        wide = min(wide, theme.scaled(_LONGEST)) + 2 * _PADDING + _ICON + _GAP
        return QSize(wide, theme.size("hitMinimum"))

    def minimumSizeHint(self) -> QSize:
        """It may become narrow."""
        return QSize(min(self.sizeHint().width(), self.hub.theme.scaled(96)), self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint edge, sign and title."""
        theme, painter = self.hub.theme, QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        high = theme.scaled(_HEIGHT)
        box = QRectF(0, (self.height() - high) // 2, self.width(), high)
        hovered = self.isEnabled() and (self.underMouse() or self.isDown())
        fill = theme.color("surface.hover") if hovered else None
        edge = QPen(theme.color("border.button" if self.isEnabled() else "border.default"), 1)
        paint.rounded(painter, box, theme.radius("chip"), fill, edge)
        sign = QRectF(_PADDING, box.top(), _ICON, high)
        theme.paint_icon(painter, self._icon, "text.secondary", sign, _ICON)
        room = QRectF(sign.right() + _GAP, box.top(), self.width() - sign.right() - _GAP - _PADDING, high)
        wide = paint.draw_text(painter, theme, room, self.text(), color="text.secondary")
        whole = paint.text_width(theme.font("body"), self.text()) <= room.width() + 1
        self.setToolTip("" if whole and wide else self.text())


class PersonCell(QAbstractButton):
    """Somebody whose background is checked. One whose answer is out can be pressed to enter it."""

    def __init__(self, hub: ThemeHub, person: CheckedPerson, *, may_answer: bool) -> None:
        """`may_answer`: whether the reader may enter what came back."""
        super().__init__()
        self.hub, self.person = hub, person
        waits = may_answer and person.result == "pending"
        said = f"{words.person_name(person)}, {words.person_state(person)}"
        self.setText(words.person_name(person))
        self.setAccessibleName(f"Enter the answer for {said}" if waits else said)
        self.setToolTip("Enter what came back" if waits else "")
        self.setEnabled(waits)
        self.setProperty("focusRing", waits)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus if waits else Qt.FocusPolicy.NoFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        hub.changed.connect(self.updateGeometry)

    def sizeHint(self) -> QSize:
        """A line; the name may elide."""
        return QSize(200, self.hub.theme.scaled(_HEIGHT))

    def minimumSizeHint(self) -> QSize:
        """Room for the state and a few letters."""
        return QSize(self._state_width() + self.hub.theme.scaled(80), self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint sign, name and state."""
        theme, painter = self.hub.theme, QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        area = QRectF(self.rect())
        if self.isEnabled() and (self.underMouse() or self.isDown()):
            paint.rounded(painter, area, theme.radius("chip"), theme.color("surface.hover"))
        icon, ink = _RESULTS.get(self.person.result, _RESULTS["pending"])
        theme.paint_icon(painter, icon, ink, QRectF(0, 0, 14, area.height()), 14)
        state, wide = words.person_state(self.person), self._state_width()
        waits = self.person.result == "pending"
        place = QRectF(area.width() - wide, 0, wide, area.height())
        paint.draw_text(
            painter, theme, place, state, step="caption", weight=600 if waits else None,
            color="text.secondary" if waits else ("red.text" if self.person.result == "failed" else "text.muted"),
            align=paint.RIGHT, elide=False,
        )  # fmt: skip
        room = QRectF(20, 0, area.width() - wide - 28, area.height())
        paint.draw_text(painter, theme, room, self.text())

    def _state_width(self) -> int:
        waits = self.person.result == "pending"
        font = self.hub.theme.font("caption", 600 if waits else None)
        return int(paint.text_width(font, words.person_state(self.person)))
