"""An inline banner: trouble or news that belongs to the page it stands on."""

from __future__ import annotations

from collections.abc import Callable
from html import escape

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QWidget

from console.errors import ConsoleError
from console.views.theme import ThemeHub
from console.views.widgets import paint
from console.views.widgets.base import ThemedWidget, fix_height
from console.views.widgets.buttons import Button
from console.views.widgets.text import IconLabel

_ICONS = {
    "red": "ph.warning-circle-fill",
    "amber": "ph.warning-fill",
    "blue": "ph.info-fill",
    "green": "ph.check-circle-fill",
    "neutral": "ph.info",
}


class Banner(ThemedWidget):
    """A tinted box with a sign, a strong sentence, what to do about it, and at most one action."""

    def __init__(self, hub: ThemeHub, parent: QWidget | None = None, *, above: int = 0) -> None:
        """A hidden banner: `show_message` fills and shows it; `above` is kept free over it while it is shown."""
        super().__init__(hub, parent)
        self.setContentsMargins(0, above, 0, 0)
        self._tone, self._title, self._text = "red", "", ""
        row = QHBoxLayout(self)
        row.setContentsMargins(14, 9, 12, 9)
        row.setSpacing(10)
        self._sign = IconLabel(hub, _ICONS["red"], "red.text")
        fix_height(self._sign, hub, 22)  # centred on the first line of text
        self._words = QLabel()
        self._words.setTextFormat(Qt.TextFormat.RichText)
        self._words.setWordWrap(True)
        self._action = Button(hub, "", "link", scale="compact")
        self._action.hide()
        self._run: Callable[[], object] | None = None
        self._action.clicked.connect(self._act)
        row.addWidget(self._sign, 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(self._words, 1)
        row.addWidget(self._action, 0, Qt.AlignmentFlag.AlignTop)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        self.hide()

    @property
    def text(self) -> str:
        """What it says, in full."""
        return f"{self._title} {self._text}".strip()

    def show_message(
        self,
        title: str,
        text: str = "",
        tone: str = "red",
        *,
        action: tuple[str, Callable[[], object]] | None = None,
    ) -> None:
        """Say `title` and then `text`; a screen reader announces it."""
        self._tone, self._title, self._text = tone, title, text
        self._run = action[1] if action else None
        self._action.setText(action[0] if action else "")
        self._action.setVisible(action is not None)
        self.setAccessibleName(self.text)
        self.theme_changed()
        self.show()
        QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self, self.text))

    def show_error(
        self, error: ConsoleError, *, action: tuple[str, Callable[[], object]] | None = None
    ) -> None:
        """Say what went wrong and what to do about it."""
        self.show_message(error.sentence, error.hint or "", action=action)

    def clear(self) -> None:
        """Say nothing, and take no room."""
        self._title = self._text = ""
        self.hide()

    def theme_changed(self) -> None:
        """Colour sign and words anew."""
        ink = self.theme.hex(f"{self._tone}.text")
        self._sign.show_icon(_ICONS[self._tone], f"{self._tone}.text")
        body = f" {escape(self._text)}" if self._text else ""
        self._words.setText(
            f'<p style="color:{ink}; margin:0; line-height:{self.theme.line("body")}px">'
            f'<span style="font-weight:600">{escape(self._title)}</span>{body}</p>'
        )
        super().theme_changed()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the tint and the edge."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        edge = QPen(self.theme.color(f"{self._tone}.border"), 1)
        fill = self.theme.color(f"{self._tone}.bg")
        paint.rounded(painter, QRectF(self.contentsRect()), self.theme.radius("control"), fill, edge)

    def _act(self) -> None:
        if self._run is not None:
            self._run()
