"""Questions: asked over a scrim inside the window, with the consequence in numbers and the safe answer
focused.

Nothing here ever runs a nested event loop: `open` returns at once, and `answered` tells what was chosen.
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QObject, QRectF, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QApplication, QFrame, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget
from shiboken6 import isValid

from console.views.theme import ThemeHub
from console.views.widgets.base import ThemedWidget, is_press, line, surface, torn_down
from console.views.widgets.buttons import Button
from console.views.widgets.text import label

_WIDTH = 452


class Scrim(ThemedWidget):
    """A flat veil over a whole window that keeps it from the pointer and the keyboard."""

    pressed = Signal()

    def __init__(self, hub: ThemeHub, window: QWidget) -> None:
        """A hidden veil over `window`."""
        super().__init__(hub, window)
        self._window = window
        window.installEventFilter(self)
        self.setGeometry(window.rect())
        self.hide()
        app = QApplication.instance()
        if isinstance(app, QApplication):
            app.focusChanged.connect(self._keep_keyboard)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Stay as large as the window."""
        if torn_down(self):
            return False
        if watched is self._window and event.type() is QEvent.Type.Resize:
            self.setGeometry(self._window.rect())
        return False

    def focusNextPrevChild(self, forward: bool) -> bool:
        """Tab goes round among what lies on the veil; what lies under it cannot be reached."""
        stops = [
            child
            for child in self.findChildren(QWidget)
            if child.focusPolicy() & Qt.FocusPolicy.TabFocus and child.isVisible() and child.isEnabled()
        ]
        if stops:
            now = QApplication.focusWidget()
            at = stops.index(now) if now in stops else -1
            reason = Qt.FocusReason.TabFocusReason if forward else Qt.FocusReason.BacktabFocusReason
            stops[(at + (1 if forward else -1)) % len(stops)].setFocus(reason)
        return True

    def _keep_keyboard(self, before: QWidget | None, now: QWidget | None) -> None:
        # A page that has loaded meanwhile asks for the keyboard: what somebody types goes on into what they see, and
        # its letters are not taken for the keys of the page.
        if torn_down(self) or before is None or now is None or not self.isVisible():
            return
        if self.isAncestorOf(before) and before.isVisible() and before.isEnabled() and self._covers(now):
            before.setFocus(Qt.FocusReason.OtherFocusReason)

    def _covers(self, other: QWidget) -> bool:
        """Whether a widget lies under the veil, and not on it, above it or in another window."""
        top: QWidget | None = other
        while top is not None and top.parentWidget() is not self._window:
            top = top.parentWidget()
        layers = self._window.children()
        return top is not None and top is not self and layers.index(top) < layers.index(self)

    def mousePressEvent(self, event: QEvent) -> None:
        """A press beside what lies on the veil."""
        self.pressed.emit()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the veil."""
        QPainter(self).fillRect(QRectF(self.rect()), self.theme.color("surface.scrim"))


def is_asked(widget: QWidget) -> bool:
    """Whether a question lies over the window of a widget."""
    return any(scrim.isVisible() for scrim in widget.window().findChildren(Scrim))


def figures_box(figures: Sequence[tuple[str, str]]) -> QFrame:
    """A row of cells, each a number and what it counts."""
    box = surface("card")
    row = QHBoxLayout(box)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(0)
    for index, (figure, words) in enumerate(figures):
        if index:
            row.addWidget(line(vertical=True, strong=True))
        cell = QVBoxLayout()
        cell.setContentsMargins(13, 8, 12, 10)
        cell.setSpacing(2)
        cell.addWidget(label(figure, "title"))
        cell.addWidget(label(words, "caption"))
        row.addLayout(cell, 1)
    box.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
    return box


class QuestionCard(QFrame):
    """The card of a question: title, sentence, figures, an optional input, and two answers."""

    answered = Signal(bool)

    def __init__(
        self,
        hub: ThemeHub,
        title: str,
        text: str,
        *,
        do: str,
        keep: str,
        figures: Sequence[tuple[str, str]] = (),
        extra: QWidget | None = None,
        danger: bool = True,
        parent: QWidget | None = None,
    ) -> None:
        """`do` names what would be done ("Cancel 16 bookings"), `keep` the safe answer ("Keep session")."""
        super().__init__(parent)
        self.hub = hub
        self.extra = extra
        self.setProperty("surface", "dialog")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setAccessibleName(title)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 21, 24, 20)
        column.setSpacing(0)
        heading = label(title, "title", wrap=True)
        column.addWidget(heading)
        column.addSpacing(4)
        column.addWidget(label(text, "secondary", wrap=True))
        column.addSpacing(13)
        if figures:
            column.addWidget(figures_box(figures))
            column.addSpacing(14)
        if extra is not None:
            column.addWidget(extra)
            column.addSpacing(16)
        answers = QHBoxLayout()
        answers.setSpacing(12)
        answers.addStretch(1)
        self.keep = Button(hub, keep)
        self.do = Button(hub, do, "danger" if danger else "primary")
        answers.addWidget(self.keep)
        answers.addWidget(self.do)
        column.addLayout(answers)
        self.keep.clicked.connect(lambda _checked=False: self.answered.emit(False))
        self.do.clicked.connect(lambda _checked=False: self.answered.emit(True))


class QuestionDialog(QObject):
    """A question card over a scrim; Escape and a press beside it give the safe answer."""

    answered = Signal(bool)

    def __init__(self, hub: ThemeHub, window: QWidget, card: QuestionCard) -> None:
        """Prepare the question; `open` asks it."""
        super().__init__(window)
        self.card = card
        self._window = window
        self._before: QWidget | None = None
        self.scrim = Scrim(hub, window)
        card.setParent(self.scrim)
        self.scrim.installEventFilter(self)
        self.scrim.pressed.connect(lambda: self._finish(False))
        card.installEventFilter(self)
        card.answered.connect(self._finish)

    def open(self) -> None:
        """Ask, and return at once. The keyboard is with the safe answer, and comes back where it was."""
        self._before = QApplication.focusWidget()
        self.scrim.setGeometry(self._window.rect())
        self.scrim.show()
        self.scrim.raise_()
        self._place()
        self.card.keep.setFocus(Qt.FocusReason.OtherFocusReason)

    def dismiss(self) -> None:
        """Take the question away with the safe answer."""
        self._finish(False)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Keep the card in the middle, and hear Escape; Enter presses the answer it is on."""
        if torn_down(self):
            return False
        if watched is self.scrim and event.type() is QEvent.Type.Resize:
            self._place()
        if watched is self.card and is_press(event, Qt.Key.Key_Escape):
            self._finish(False)
            return True
        if watched is self.card and any(
            is_press(event, key) for key in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        ):
            for answer in (self.card.keep, self.card.do):
                if answer.hasFocus():
                    answer.click()
                    break
            return True
        return False

    def _place(self) -> None:
        width = min(self.card.hub.theme.scaled(_WIDTH), self._window.width() - 32)
        self.card.setFixedWidth(width)
        self.card.adjustSize()
        self.card.move(
            (self._window.width() - width) // 2,
            max((self._window.height() - self.card.height()) * 2 // 5, 16),
        )

    def _finish(self, agreed: bool) -> None:
        if self.scrim.isHidden():
            return
        self.scrim.hide()
        if self._before is not None and isValid(self._before):
            self._before.setFocus(Qt.FocusReason.OtherFocusReason)
        self.scrim.removeEventFilter(self)
        self.card.removeEventFilter(self)
        self.answered.emit(agreed)
        self.scrim.deleteLater()
        self.deleteLater()
