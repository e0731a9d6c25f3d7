"""A sheet: work of a few steps over the window, such as a walk-in, that keeps the page below as it was.

Like a question it lies on a scrim inside the window and runs no loop of its own. Escape goes one step back and, at the
first, closes; the keyboard then returns to where it was. See docs/design.md, "Screens".
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QFrame,
    QHBoxLayout,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)
from shiboken6 import isValid

from console.views.theme import ThemeHub
from console.views.widgets.banner import Banner
from console.views.widgets.base import is_press, line, surface, torn_down
from console.views.widgets.buttons import Button, IconButton
from console.views.widgets.dialog import Scrim
from console.views.widgets.text import ElidedLabel

_TOP = 56
_MARGIN = 24


class Sheet(QObject):
    """A titled card with a body that changes from step to step, a banner for trouble, and buttons at its foot."""

    closed = Signal()

    def __init__(self, hub: ThemeHub, window: QWidget, title: str, *, width: int = 640) -> None:
        """A closed sheet over `window`; a subclass fills it with `show_step` and `set_answers`."""
        super().__init__(window)
        self.hub = hub
        self._window, self._width = window, width
        self._before: QWidget | None = None
        self._open = False
        self.scrim = Scrim(hub, window)
        self.card: QFrame = surface("dialog", self.scrim)
        self.card.setAccessibleName(title)
        column = QVBoxLayout(self.card)
        column.setContentsMargins(1, 1, 1, 1)
        column.setSpacing(0)
        head = QHBoxLayout()
        head.setContentsMargins(_MARGIN, 16, 16, 0)
        head.setSpacing(12)
        words = QVBoxLayout()
        words.setSpacing(0)
        self.title = ElidedLabel(title, "title")
        self.caption = ElidedLabel("", "muted")
        words.addWidget(self.title)
        words.addWidget(self.caption)
        head.addLayout(words, 1)
        self.close_button = IconButton(hub, "ph.x", "Close (Esc)", "quiet", scale="compact")
        self.close_button.clicked.connect(lambda _checked=False: self.close())
        head.addWidget(self.close_button, 0, Qt.AlignmentFlag.AlignTop)
        column.addLayout(head)
        column.addSpacing(8)
        self.banner = Banner(hub)
        holder = QVBoxLayout()
        holder.setContentsMargins(_MARGIN, 0, _MARGIN, 0)
        holder.addWidget(self.banner)
        column.addLayout(holder)
        self._scroll = QScrollArea()
        self._scroll.setWidgetResizable(True)
        self._scroll.setFrameShape(QFrame.Shape.NoFrame)
        self._scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.viewport().setAutoFillBackground(False)
        column.addWidget(self._scroll, 1)
        column.addWidget(line())
        self._foot = QHBoxLayout()
        self._foot.setContentsMargins(_MARGIN, 12, _MARGIN, 14)
        self._foot.setSpacing(12)
        column.addLayout(self._foot)
        self.scrim.installEventFilter(self)
        self.card.installEventFilter(self)
        app = QApplication.instance()
        if isinstance(app, QApplication):
            app.focusChanged.connect(self._follow)

    # -- for a subclass ----------------------------------------------------------------------------------------------

    def show_step(self, body: QWidget, caption: str = "", *, focus: QWidget | None = None) -> None:
        """Show a step's widget in place of the one before, with the keyboard in `focus`."""
        self.banner.clear()
        self.caption.setText(caption)
        self.caption.setVisible(bool(caption))
        body.setProperty("clear", "true")
        layout = body.layout()
        if layout is not None:
            layout.setContentsMargins(_MARGIN, 8, _MARGIN, 16)
        # The step on show may be handling the very key that replaces it: it is taken away, and deleted afterwards.
        before = self._scroll.takeWidget()
        self._scroll.setWidget(body)
        body.setAutoFillBackground(False)
        body.show()
        if before is not None:
            before.hide()
            before.deleteLater()
        if focus is not None:
            focus.setFocus(Qt.FocusReason.OtherFocusReason)

    def set_answers(self, *answers: QWidget, left: QWidget | None = None) -> None:
        """The buttons at the foot, the main one last; `left` stands apart at the other end."""
        while self._foot.count():
            item = self._foot.takeAt(0)
            widget = item.widget() if item is not None else None
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        if left is not None:
            self._foot.addWidget(left)
        self._foot.addStretch(1)
        for answer in answers:
            self._foot.addWidget(answer)
            answer.show()  # at once: a button that is not shown yet cannot take the keyboard

    def answer(
        self, words: str, run: Callable[[], object], kind: str = "plain", icon: str | None = None
    ) -> Button:
        """A button for the foot."""
        button = Button(self.hub, words, "primary" if kind == "primary" else "plain", icon=icon)
        button.clicked.connect(lambda _checked=False: run())
        return button

    def step_back(self) -> bool:
        """Go one step back; False where this is the first, and the sheet closes."""
        return False

    # -- open and closed ---------------------------------------------------------------------------------------------

    @property
    def is_open(self) -> bool:
        """Whether it is on the screen."""
        return self._open

    def open(self) -> None:
        """Show the sheet, and return at once."""
        if self._open:
            return
        self._open = True
        self._before = QApplication.focusWidget()
        self.scrim.setGeometry(self._window.rect())
        self.scrim.show()
        self.scrim.raise_()
        self._place()

    def close(self) -> None:
        """Take the sheet away and give the keyboard back."""
        if not self._open:
            return
        self._open = False
        self.scrim.hide()
        if self._before is not None and isValid(self._before):
            self._before.setFocus(Qt.FocusReason.OtherFocusReason)
        self.scrim.removeEventFilter(self)
        self.card.removeEventFilter(self)
        self.closed.emit()
        self.scrim.deleteLater()
        self.deleteLater()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Keep the card in its place, and hear Escape."""
        if torn_down(self):
            return False
        if watched is self.scrim and event.type() is QEvent.Type.Resize:
            self._place()
        if watched is self.card and is_press(event, Qt.Key.Key_Escape):
            if not self.step_back():
                self.close()
            return True
        focused = QApplication.focusWidget()
        if (
            watched is self.card
            and (is_press(event, Qt.Key.Key_Return) or is_press(event, Qt.Key.Key_Enter))
            and isinstance(focused, QAbstractButton)
        ):
            focused.click()
            return True
        return False

    def _follow(self, _before: QWidget | None, now: QWidget | None) -> None:
        # What has the keyboard is in sight, however it got it.
        body = self._scroll.widget() if self._open else None
        if body is not None and now is not None and body.isAncestorOf(now):
            self._scroll.ensureWidgetVisible(now, 0, 40)

    def _place(self) -> None:
        scaled = self.hub.theme.scaled
        width = min(scaled(self._width), self._window.width() - 32)
        height = min(scaled(680), self._window.height() - 2 * _TOP)
        self.card.setGeometry((self._window.width() - width) // 2, _TOP, width, height)
