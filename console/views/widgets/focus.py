"""The focus ring: 2 px, 2 px outside the button that has the keyboard.

It is a child of the window (or of the scrolled page) rather than of the button's own parent, because a
tight layout would cut it off there.
"""

from __future__ import annotations

from itertools import pairwise

import shiboken6
from PySide6.QtCore import QEvent, QObject, QPoint, QRect, QRectF, Qt
from PySide6.QtGui import QFocusEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QAbstractScrollArea, QApplication, QToolButton, QWidget

from console.views.theme import ThemeHub
from console.views.widgets import paint
from console.views.widgets.base import torn_down

_REACH = 4  # gap of 2 and ring of 2
_FOLLOWED = frozenset(
    (QEvent.Type.Move, QEvent.Type.Resize, QEvent.Type.Show, QEvent.Type.Hide, QEvent.Type.ParentChange)
)


class _Lead(QObject):
    """Hands the keyboard on from a page to its first field."""

    def __init__(self, page: QWidget, target: QWidget) -> None:
        super().__init__(page)
        self.target = target
        page.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Give the keyboard to the field."""
        if torn_down(self):
            return False
        if event.type() is QEvent.Type.FocusIn and shiboken6.isValid(self.target):
            reason = event.reason() if isinstance(event, QFocusEvent) else Qt.FocusReason.OtherFocusReason
            self.target.setFocus(reason)
        return False


def lead_focus(page: QWidget, target: QWidget) -> None:
    """Let `page.setFocus()` give the keyboard to `target`, the latest one named.

    Not by a focus proxy: Qt's Tab enters a widget by its proxy, and whatever of the page stands before that is never
    reached.
    """
    lead = next((child for child in page.children() if isinstance(child, _Lead)), None)
    if lead is None:
        _Lead(page, target)
    else:
        lead.target = target


def take_lead(page: QWidget) -> bool:
    """Give the keyboard to the part of a page that leads it; whether there is one, and it is there to take it."""
    lead = next((child for child in page.children() if isinstance(child, _Lead)), None)
    if lead is None or not (lead.target.isVisible() and lead.target.isEnabled()):
        return False
    lead.target.setFocus(Qt.FocusReason.OtherFocusReason)
    return True


def tab_in_order(*parts: QWidget) -> None:
    """Let Tab go through these parts one after the other: what was made later does not come later."""
    window = parts[0].window()
    stops = [
        one
        for part in parts
        for one in (part, *part.findChildren(QWidget))
        # The list of a select box is a window of its own.
        if Qt.FocusPolicy.TabFocus in one.focusPolicy() and one.window() is window
    ]
    for one, following in pairwise(stops):
        QWidget.setTabOrder(one, following)


class _Ring(QWidget):
    """The ring around one widget, following it and everything it lies in."""

    def __init__(self, hub: ThemeHub, widget: QWidget) -> None:
        super().__init__(_page_of(widget))
        self.hub = hub
        self.target = widget
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._followed: list[QWidget] = []
        step: QWidget | None = widget
        while step is not None and step is not self.parentWidget():
            step.installEventFilter(self)
            self._followed.append(step)
            step = step.parentWidget()
        hub.changed.connect(self.update)
        self.place()

    def place(self) -> None:
        """Lie around the widget, or hide with it."""
        page = self.parentWidget()
        if page is None or not shiboken6.isValid(self.target):
            self.hide()
            return
        corner = self.target.mapTo(page, QPoint(0, 0))
        self.setGeometry(QRect(corner, self.target.size()).adjusted(-_REACH, -_REACH, _REACH, _REACH))
        self.setVisible(self.target.isVisible())
        self.raise_()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Follow whatever moves the widget."""
        if torn_down(self):
            return False
        if event.type() in _FOLLOWED:
            self.place()
        return False

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

    @property
    def target(self) -> QWidget | None:
        """The widget the ring is around now, if any."""
        return self._ring.target if self._ring is not None and shiboken6.isValid(self._ring) else None

    def _moved(self, _old: QWidget | None, new: QWidget | None) -> None:
        if self._ring is not None and shiboken6.isValid(self._ring):
            self._ring.hide()
            self._ring.deleteLater()
        self._ring = None
        if not shiboken6.isValid(self._window) or new is None or not self._window.isAncestorOf(new):
            return
        if _wants_ring(new):
            self._ring = _Ring(self.hub, new)


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
        if torn_down(self):
            return False
        if event.type() is QEvent.Type.Show and self._ring is None:
            self._ring = _Ring(self.hub, self._widget)
        return False


def _wants_ring(widget: QWidget) -> bool:
    named = widget.property("focusRing")
    if named is not None:
        return bool(named)
    return isinstance(widget, QAbstractButton) and not isinstance(widget, QToolButton)


def _page_of(widget: QWidget) -> QWidget:
    """The window, or the page that scrolls with the widget."""
    step = widget
    while (above := step.parentWidget()) is not None and not step.isWindow():
        if isinstance(above.parentWidget(), QAbstractScrollArea):
            return step
        step = above
    return step
