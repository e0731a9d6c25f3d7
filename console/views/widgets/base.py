"""What every painted widget shares: the theme, and a repaint when it changes."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QSizePolicy, QWidget

from console.views.theme import Theme, ThemeHub


class ThemedWidget(QWidget):
    """A widget that paints itself from the theme."""

    def __init__(self, hub: ThemeHub, parent: QWidget | None = None) -> None:
        """Remember the hub and follow its changes; Qt ends the connection with the widget."""
        super().__init__(parent)
        self.hub = hub
        hub.changed.connect(self.theme_changed)

    @property
    def theme(self) -> Theme:
        """The theme to paint with now."""
        return self.hub.theme

    def theme_changed(self) -> None:
        """Repaint. A subclass that keeps anything made from the theme makes it again here."""
        self.updateGeometry()
        self.update()


def surface(name: str, parent: QWidget | None = None) -> QFrame:
    """A plain frame with a surface of the style sheet.

    `canvas`, `panel`, `bar`, `rail`, `card`, `raised`, `dialog`.
    """
    frame = QFrame(parent)
    frame.setProperty("surface", name)
    frame.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
    return frame


def line(*, vertical: bool = False, strong: bool = False) -> QFrame:
    """A one pixel separator; `strong` marks an edge that scrolls or a bar that acts."""
    frame = QFrame()
    frame.setProperty("line", "default" if strong else "subtle")
    if vertical:
        frame.setFixedWidth(1)
    else:
        frame.setFixedHeight(1)
    return frame


def spacer(height: int) -> QWidget:
    """An empty strip of a fixed height."""
    strip = QWidget()
    strip.setFixedHeight(height)
    strip.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
    return strip


class _Held(QObject):
    """A height that follows the theme; it goes with its widget."""

    def __init__(self, widget: QWidget, hub: ThemeHub, measure: Callable[[Theme], int]) -> None:
        super().__init__(widget)
        self._widget, self._hub, self._measure = widget, hub, measure
        hub.changed.connect(self.hold)
        self.hold()

    def hold(self) -> None:
        """Set the height of the present theme."""
        self._widget.setFixedHeight(self._measure(self._hub.theme))


def fix_height(widget: QWidget, hub: ThemeHub, measure: str | int | Callable[[Theme], int]) -> None:
    """Keep a widget at one height, also when the size of text changes.

    `measure` is a name such as `control.desk`, pixels at the usual size of text, or what works it out.
    """
    if isinstance(measure, str):
        _Held(widget, hub, lambda theme: theme.size(measure))
    elif isinstance(measure, int):
        _Held(widget, hub, lambda theme: theme.scaled(measure))
    else:
        _Held(widget, hub, measure)


def restyle(widget: QWidget) -> None:
    """Apply the style sheet again after a property it selects on has changed."""
    style = widget.style()
    style.unpolish(widget)
    style.polish(widget)
    widget.updateGeometry()
    widget.update()


def is_press(event: QEvent, key: Qt.Key) -> bool:
    """Whether an event is the press of one key."""
    return isinstance(event, QKeyEvent) and event.type() is QEvent.Type.KeyPress and event.key() == key


def torn_down(owner: QObject) -> bool:
    """Whether Python has already let go of an object that Qt still calls.

    When a whole window is collected, Qt sends its last events after the attributes are gone; every event filter asks
    this first.
    """
    return not vars(owner)
