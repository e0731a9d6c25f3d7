"""The focus ring: 2 px, 2 px outside the button that has the keyboard."""

from __future__ import annotations

from typing import cast

import shiboken6
from PySide6.QtCore import QEvent, QObject, QPoint, QRect, QRectF
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QApplication, QFocusFrame, QToolButton, QWidget

from console.views.theme import ThemeHub
from console.views.widgets import paint

_REACH = 4  # gap of 2 and ring of 2


class _Ring(QFocusFrame):
    """The frame itself; Qt keeps it beside its widget and this class keeps it 4 px larger on every side."""

    def __init__(self, hub: ThemeHub) -> None:
        super().__init__()
        self.hub = hub

    def place(self) -> None:
        """Lie around the widget, wherever the two live in the tree."""
        widget: QWidget | None = self.widget()
        parent = self.parentWidget()
        if widget is None or parent is None:
            return
        corner = widget.mapTo(parent, QPoint(0, 0)) if parent.isAncestorOf(widget) else widget.pos()
        wanted = QRect(corner, widget.size()).adjusted(-_REACH, -_REACH, _REACH, _REACH)
        if self.geometry() != wanted:
            self.setGeometry(wanted)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Follow the widget after Qt has."""
        handled = super().eventFilter(watched, event)
        if event.type() in (
            QEvent.Type.Move,
            QEvent.Type.Resize,
            QEvent.Type.Show,
            QEvent.Type.LayoutRequest,
        ):
            self.place()
        return handled

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the ring."""
        theme = self.hub.theme
        paint.draw_focus(QPainter(self), theme, QRectF(self.rect()), theme.radius("control") + _REACH)


class FocusRing(QObject):
    """Shows the ring around whatever button of one window has the keyboard.

    Inputs and lists show their focus themselves.
    """

    def __init__(self, hub: ThemeHub, window: QWidget) -> None:
        """Follow the focus inside `window` for as long as it lives."""
        super().__init__(window)
        self.hub = hub
        self._window = window
        self._ring: _Ring | None = None
        app = QApplication.instance()
        if isinstance(app, QApplication):
            app.focusChanged.connect(self._moved)

    def _moved(self, _old: QWidget | None, new: QWidget | None) -> None:
        inside = new is not None and (new is self._window or self._window.isAncestorOf(new))
        if inside and new is not None and _wants_ring(new):
            ring = self._living()
            ring.setWidget(new)
            ring.place()
            ring.show()
        elif self._ring is not None and shiboken6.isValid(self._ring):
            self._ring.hide()
            self._ring.setWidget(cast("QWidget", None))  # Qt takes none, its stubs do not say so

    def _living(self) -> _Ring:
        # Qt makes the frame a child of the page it is on, so it goes when that page goes.
        if self._ring is None or not shiboken6.isValid(self._ring):
            self._ring = _Ring(self.hub)
        return self._ring


def _wants_ring(widget: QWidget) -> bool:
    named = widget.property("focusRing")
    if named is not None:
        return bool(named)
    return isinstance(widget, QAbstractButton) and not isinstance(widget, QToolButton)


class FixedRing(QObject):
    """A ring that stays around one widget: for pictures, where nothing has the keyboard."""

    def __init__(self, hub: ThemeHub, widget: QWidget) -> None:
        """Show it as soon as the widget is shown."""
        super().__init__(widget)
        self.hub = hub
        self._widget = widget
        self._ring: _Ring | None = None
        widget.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Make the ring once the widget has its place in a page."""
        if event.type() is QEvent.Type.Show and self._ring is None:
            self._ring = _Ring(self.hub)
            self._ring.setWidget(self._widget)
            self._ring.place()
            self._ring.show()
        return super().eventFilter(watched, event)
