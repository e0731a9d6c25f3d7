"""The attendance disc, and the disc with its word and time."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget

from console.views.theme import ThemeHub
from console.views.widgets import paint
from console.views.widgets.base import ThemedWidget

_WORD_COLOR = {"expected": "text.secondary", "absent": "text.secondary", "unmarked": "text.secondary"}


def state_word_color(state: str, tone: str) -> str:
    """The colour of a state's word: neutral states are plain text, the others carry their tone."""
    return _WORD_COLOR.get(state, f"{tone}.text")


class Disc(QLabel):
    """One attendance state as a disc; its word is what a screen reader says."""

    def __init__(self, hub: ThemeHub, state: str = "expected", diameter: int | None = None) -> None:
        """`state` is a name of the tokens' states; a smaller `diameter` leaves the icon out."""
        super().__init__()
        self.hub = hub
        self._state = state
        self._diameter = diameter or hub.theme.size("disc")
        self.setFixedSize(self._diameter, self._diameter)
        self.setAccessibleName(hub.theme.tokens.state(state)["word"])
        hub.changed.connect(self.update)

    def set_state(self, state: str) -> None:
        """Show another state, at once and without a fade."""
        self._state = state
        self.setAccessibleName(self.hub.theme.tokens.state(state)["word"])
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the disc."""
        centre = QPointF(self.width() / 2, self.height() / 2)
        paint.draw_disc(QPainter(self), self.hub.theme, centre, self._state, self._diameter)


class AttendanceState(ThemedWidget):
    """Disc, word and the line that says when and where."""

    def __init__(
        self, hub: ThemeHub, state: str, word: str, detail: str = "", parent: QWidget | None = None
    ) -> None:
        """Show `state` with its `word` and, under it, `detail`."""
        super().__init__(hub, parent)
        self._state, self._word, self._detail = state, word, detail
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(f"{word}, {detail}" if detail else word)

    def sizeHint(self) -> QSize:
        """Two lines of text beside the disc."""
        disc = self.theme.size("disc")
        width = paint.text_width(self.theme.font("bodyStrong"), self._word)
        return QSize(
            disc + 12 + int(max(width, paint.text_width(self.theme.font("caption"), self._detail))),
            self.theme.scaled(32),
        )

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint disc and words."""
        painter = QPainter(self)
        disc = self.theme.size("disc")
        paint.draw_disc(painter, self.theme, QPointF(disc / 2, self.height() / 2), self._state)
        scaled = self.theme.scaled
        room = QRectF(disc + 12, self.height() / 2 - scaled(17), self.width() - disc - 12, scaled(18))
        tone = self.theme.tokens.state(self._state)["color"]
        ink = state_word_color(self._state, tone)
        paint.draw_text(painter, self.theme, room, self._word, step="bodyStrong", color=ink)
        below = QRectF(room.left(), room.bottom(), room.width(), scaled(16))
        paint.draw_text(painter, self.theme, below, self._detail, step="caption", color="text.muted")
