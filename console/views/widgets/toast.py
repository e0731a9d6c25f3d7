"""Toasts: what just succeeded, with a way to take it back, over the corner least in use.

One at a time, eight seconds, stopped while the pointer rests on it; it never takes the keyboard.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, QPoint, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent, QEnterEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from console.views.theme import ThemeHub
from console.views.widgets import paint
from console.views.widgets.base import ThemedWidget, torn_down
from console.views.widgets.buttons import Button
from console.views.widgets.text import ElidedLabel, IconLabel


class Toast(ThemedWidget):
    """The toast itself; `ToastHost` places and times it."""

    undone = Signal()

    def __init__(self, hub: ThemeHub, parent: QWidget | None = None) -> None:
        """An empty toast."""
        super().__init__(hub, parent)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 8, 16, 8)
        row.setSpacing(12)
        self._sign = IconLabel(hub, "ph.check-circle", "text.inverseMuted", 20)
        column = QVBoxLayout()
        column.setSpacing(0)
        self._title = ElidedLabel()
        self._detail = ElidedLabel(role="caption")
        column.addStretch(1)
        column.addWidget(self._title)
        column.addWidget(self._detail)
        column.addStretch(1)
        self._undo = Button(hub, "Undo", "inverse", icon="ph.arrow-u-up-left", scale="compact")
        self._undo.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._undo.clicked.connect(self.undone)
        self._keys = QLabel()
        row.addWidget(self._sign)
        row.addLayout(column, 1)
        row.addWidget(self._undo)
        row.addWidget(self._keys)
        self.theme_changed()

    @property
    def text(self) -> str:
        """What it says."""
        return self._title.text()

    def fill(
        self, text: str, detail: str = "", *, undo: bool, keys: str = "", icon: str | None = None
    ) -> None:
        """Say `text`; `detail` is a second, quieter line; `keys` stands beside Undo."""
        self._title.setText(text)
        self._detail.setText(detail)
        self._detail.setVisible(bool(detail))
        self._undo.setVisible(undo)
        self._keys.setText(keys)
        self._keys.setVisible(bool(keys) and undo)
        self._sign.show_icon(icon or "ph.check-circle", "text.inverseMuted")
        self.setAccessibleName(f"{text}. {detail}" if detail else text)
        self.theme_changed()

    def theme_changed(self) -> None:
        """Colour the words for the inverse surface."""
        strong = "font-weight: 600;" if self._detail.text() else ""
        self._title.setStyleSheet(f"color: {self.theme.hex('text.inverse')}; {strong}")
        muted = self.theme.hex("text.inverseMuted")
        self._detail.setStyleSheet(f"color: {muted};")
        self._keys.setStyleSheet(f"color: {muted}; font-size: {self.theme.tokens.type('caption')['px']}px;")
        super().theme_changed()

    def sizeHint(self) -> QSize:
        """The toast's fixed measure."""
        return QSize(self.theme.scaled(self.theme.size("toastWidth")), self.theme.scaled(56))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the inverse surface."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        paint.rounded(
            painter, QRectF(self.rect()), self.theme.radius("card"), self.theme.color("surface.inverse")
        )


class ToastHost(QObject):
    """Shows toasts at the bottom right of one window, above its status bar."""

    def __init__(
        self, hub: ThemeHub, window: QWidget, *, foot: int = 0, bar: Callable[[], int] = lambda: 0
    ) -> None:
        """`foot` is the height at the bottom of the window that stays free, `bar` that of buttons above it just now."""
        super().__init__(window)
        self._window, self._foot, self._bar = window, foot, bar
        self.toast = Toast(hub, window)
        self.toast.hide()
        self.toast.undone.connect(self._undone)
        self._undo: Callable[[], object] | None = None
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self.dismiss)
        self._hub = hub
        self._left = 0
        window.installEventFilter(self)
        self.toast.installEventFilter(self)

    def show(
        self,
        text: str,
        detail: str = "",
        *,
        undo: Callable[[], object] | None = None,
        keys: str = "",
        icon: str | None = None,
    ) -> None:
        """Say `text` for eight seconds, in place of what was said before."""
        self._undo = undo
        self.toast.fill(text, detail, undo=undo is not None, keys=keys, icon=icon)
        self._place()
        self.toast.show()
        self.toast.raise_()
        self._timer.start(self._hub.theme.duration("toast"))
        QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self.toast, self.toast.accessibleName()))

    def dismiss(self) -> None:
        """Take the toast away."""
        self._timer.stop()
        self._undo = None
        self.toast.hide()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Keep the corner when the window changes, and stop the clock while the pointer is on the toast."""
        if torn_down(self):
            return False
        if watched is self._window and event.type() is QEvent.Type.Resize:
            self._place()
        elif watched is self.toast and isinstance(event, QEnterEvent):
            self._left = max(self._timer.remainingTime(), 1000)
            self._timer.stop()
        elif watched is self.toast and event.type() is QEvent.Type.Leave and self._left:
            self._timer.start(self._left)
            self._left = 0
        return False

    def _place(self) -> None:
        size = self.toast.sizeHint()
        margin = self._hub.theme.space(2)
        self.toast.resize(size)
        self.toast.move(
            QPoint(
                self._window.width() - size.width() - margin,
                self._window.height() - self._foot - self._bar() - size.height() - margin,
            )
        )

    def _undone(self) -> None:
        run = self._undo
        self.dismiss()
        if run is not None:
            run()
