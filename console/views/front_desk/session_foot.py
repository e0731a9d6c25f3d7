"""The foot of the session list: who is still unmarked, the walk-in, who is in the building, and the meters' legend.

Nothing is shown that nobody answers. See docs/design.md, "Screens" (front desk).
"""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from console.views.theme import ThemeHub
from console.views.widgets import paint
from console.views.widgets.base import ThemedWidget, fix_height, line
from console.views.widgets.buttons import Button
from console.views.widgets.text import ElidedLabel, IconLabel

_LEFT = 16
_LEGEND = (
    ("in", "green.solid"),
    ("waiting", "amber.solid"),
    ("expected", "neutral.border"),
    ("free", "border.default"),
)


class _Legend(ThemedWidget):
    """What the four parts of a meter mean."""

    def __init__(self, hub: ThemeHub) -> None:
        super().__init__(hub)
        fix_height(self, hub, 36)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("Meters show in, waiting, expected and free places")

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the four words with their colours."""
        painter, theme = QPainter(self), self.theme
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(QRectF(0, 0, self.width(), 1), theme.color("border.subtle"))
        x = float(_LEFT)
        for word, color in _LEGEND:
            paint.rounded(painter, QRectF(x, self.height() / 2 - 1, 10, 4), 2, theme.color(color))
            width = paint.text_width(theme.font("caption"), word)
            place = QRectF(x + 14, theme.scaled(11), width + 1, theme.scaled(16))
            paint.draw_text(painter, theme, place, word, step="caption", color="text.muted", elide=False)
            x += 14 + width + 8


class SessionFoot(QFrame):
    """What stands below the sessions."""

    walk_in_wanted = Signal()
    building_wanted = Signal()
    unmarked_wanted = Signal()
    handed_back = Signal()

    def __init__(self, hub: ThemeHub) -> None:
        """Only the legend, until something is offered."""
        super().__init__()
        self.hub = hub
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._make_unmarked())
        self._buttons = QWidget()
        row = QHBoxLayout(self._buttons)
        row.setContentsMargins(_LEFT, 0, _LEFT, 12)
        row.setSpacing(8)
        self._walk_in = Button(hub, "Walk-in…", icon="ph.user-plus")
        self._walk_in.setToolTip("Somebody without a booking (Ctrl+N)")
        self._building = Button(hub, "Who is in", icon="ph.buildings")
        self._building.setToolTip("Everybody in the building (Ctrl+Shift+B)")
        for button, tell in (
            (self._walk_in, self.walk_in_wanted.emit),
            (self._building, self.building_wanted.emit),
        ):
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            button.clicked.connect(self.handed_back)
            button.clicked.connect(lambda _checked=False, run=tell: run())
            row.addWidget(button, 1)
        column.addWidget(self._buttons)
        column.addWidget(_Legend(hub))
        hub.changed.connect(self._fit)
        self._fit()
        self.offer(walk_in=False, building=False)

    def _make_unmarked(self) -> QWidget:
        self._unmarked = QWidget()
        fix_height(self._unmarked, self.hub, 44)
        outer = QVBoxLayout(self._unmarked)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        outer.addWidget(line())
        row = QHBoxLayout()
        row.setContentsMargins(_LEFT, 0, 8, 0)
        row.setSpacing(8)
        row.addWidget(IconLabel(self.hub, "ph.question", "text.muted"))
        self._words = ElidedLabel("", "secondary")
        row.addWidget(self._words, 1)
        self._review = Button(self.hub, "Review", "link", scale="compact")
        self._review.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._review.clicked.connect(self.handed_back)
        self._review.clicked.connect(lambda _checked=False: self.unmarked_wanted.emit())
        row.addWidget(self._review)
        outer.addLayout(row, 1)
        self._unmarked.hide()
        return self._unmarked

    def _fit(self) -> None:
        """With large text the words keep the room of their signs."""
        plain = self.hub.theme.scaled(100) <= 115
        for button, icon in ((self._walk_in, "ph.user-plus"), (self._building, "ph.buildings")):
            button.set_icon(icon if plain else None)

    def offer(self, *, walk_in: bool, building: bool) -> None:
        """Show the buttons that somebody answers."""
        self._walk_in.setVisible(walk_in)
        self._building.setVisible(building)
        self._buttons.setVisible(walk_in or building)

    def show_unmarked(self, words: str) -> None:
        """Say who is still unmarked ("2 unmarked yesterday"); empty says nothing."""
        self._words.setText(words)
        self._review.setAccessibleName(f"Review: {words}")
        self._unmarked.setVisible(bool(words))

    @property
    def unmarked_text(self) -> str:
        """What the quiet line says, for a test."""
        return "" if self._unmarked.isHidden() else self._words.text()
