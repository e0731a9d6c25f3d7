"""A scanner does not look where the keyboard is: its burst is caught wherever it lands in the window.

In a note it would become text, on a button its Enter would press it. The catcher sees the window's keys first, takes a
burst out of whatever it went into, and swallows the Enter that ends it. The scan field looks after itself.
See docs/design.md, "Rules of the domain" (codes).
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QElapsedTimer, QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent, QTextCursor, QWindow
from PySide6.QtWidgets import QApplication, QLineEdit, QPlainTextEdit, QWidget

from console.views.front_desk.wedge import WedgeDetector
from console.views.widgets.base import torn_down

_ENDS = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Tab)
_SILENT = (Qt.Key.Key_Shift, Qt.Key.Key_Control, Qt.Key.Key_Alt, Qt.Key.Key_AltGr, Qt.Key.Key_Meta)


class ScanCatcher(QObject):
    """Watches the keys of one window while the page is seen."""

    caught = Signal(str)
    """What a scanner sent while the keyboard was not in the scan field."""

    def __init__(self, field: QWidget, parent: QObject) -> None:
        """`field` is the scan field's line, which needs no help."""
        super().__init__(parent)
        self._field = field
        self._window: QWindow | None = None
        self._wedge = WedgeDetector()
        self._timer = QElapsedTimer()
        self._timer.start()
        self._restore: Callable[[], None] | None = None

    def watch(self, window: QWindow | None) -> None:
        """Watch another window, or none."""
        if self._window is window:
            return
        if self._window is not None:
            self._window.removeEventFilter(self)
        self._window = window
        self._forget()
        if window is not None:
            window.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Follow key presses; True swallows one."""
        if torn_down(self) or event.type() is not QEvent.Type.KeyPress or not isinstance(event, QKeyEvent):
            return False
        focused = QApplication.focusWidget()
        if focused is self._field or focused is None or event.isAutoRepeat():
            self._forget()
            return False
        at, key = (event.timestamp() or self._timer.elapsed()) / 1000, event.key()
        if key in _ENDS:
            return self._end(at)
        if key in _SILENT:
            return False
        in_burst = self._wedge.is_burst(at)
        if not in_burst:
            self._restore = _keeper(focused)
        self._wedge.press(event.text(), at)
        return in_burst and bool(event.text()) and not event.text().isprintable()

    def _end(self, at: float) -> bool:
        text, restore = self._wedge.finish(at), self._restore
        self._restore = None
        if text is None:
            return False
        if restore is not None:
            restore()
        self.caught.emit(text)
        return True

    def _forget(self) -> None:
        self._wedge.reset()
        self._restore = None


def _keeper(widget: QWidget) -> Callable[[], None] | None:
    """What puts the text of a field back as it is now."""
    if isinstance(widget, QLineEdit):
        line, text, cursor = widget, widget.text(), widget.cursorPosition()

        def put_line() -> None:
            line.setText(text)
            line.setCursorPosition(cursor)

        return put_line
    if isinstance(widget, QPlainTextEdit):
        edit, whole, place = widget, widget.toPlainText(), widget.textCursor().position()

        def put_text() -> None:
            edit.setPlainText(whole)
            back = QTextCursor(edit.document())
            back.setPosition(place)
            edit.setTextCursor(back)

        return put_text
    return None
