"""The sheet of keys: every action that has one, by group. F1 or ? opens it, Esc closes it."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtWidgets import QApplication, QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from console.views.shell.areas import Action, spoken_keys
from console.views.theme import ThemeHub
from console.views.widgets.base import is_press, surface, torn_down
from console.views.widgets.buttons import Button
from console.views.widgets.chips import Keycap
from console.views.widgets.dialog import Scrim
from console.views.widgets.text import ElidedLabel, Section, label

_WIDTH = 720
_KEYS_WIDTH = 88


class ShortcutsSheet(QObject):
    """The sheet over one window; made anew each time, because pages add and take away actions."""

    closed = Signal()

    def __init__(self, hub: ThemeHub, window: QWidget, actions: Sequence[Action]) -> None:
        """A sheet of the actions that have a key."""
        super().__init__(window)
        self._window = window
        self._before = QApplication.focusWidget()
        self.scrim = Scrim(hub, window)
        self.scrim.pressed.connect(self.close)
        self.card = surface("dialog", self.scrim)
        self.card.setAccessibleName("Shortcuts")
        self.card.setFixedWidth(min(_WIDTH, window.width() - 32))
        column = QVBoxLayout(self.card)
        column.setContentsMargins(24, 20, 24, 20)
        column.setSpacing(16)
        head = QHBoxLayout()
        head.addWidget(label("Shortcuts", "title"))
        head.addStretch(1)
        self._close = Button(hub, "Close")
        self._close.clicked.connect(self.close)
        head.addWidget(self._close)
        column.addLayout(head)
        groups: dict[str, list[Action]] = {}
        for action in actions:
            if action.keys and action.listed:
                groups.setdefault(action.group, []).append(action)
        for group, members in groups.items():
            column.addWidget(Section(group))
            grid = QGridLayout()
            grid.setHorizontalSpacing(24)
            grid.setVerticalSpacing(8)
            for number, action in enumerate(members):
                row, side = number // 2, (number % 2) * 2
                grid.addWidget(ElidedLabel(action.title, "body"), row, side)
                grid.addWidget(
                    Keycap(hub, spoken_keys(action.keys)), row, side + 1, Qt.AlignmentFlag.AlignRight
                )
            for words, keys in ((0, 1), (2, 3)):
                grid.setColumnStretch(words, 1)
                grid.setColumnMinimumWidth(keys, _KEYS_WIDTH)  # the columns of all groups stand in line
            column.addLayout(grid)
        self.card.installEventFilter(self)

    def open(self) -> None:
        """Show the sheet."""
        self.scrim.setGeometry(self._window.rect())
        self.scrim.show()
        self.scrim.raise_()
        self.card.adjustSize()
        self.card.move(
            (self._window.width() - self.card.width()) // 2,
            max((self._window.height() - self.card.height()) // 3, 16),
        )
        self._close.setFocus(Qt.FocusReason.OtherFocusReason)

    def close(self) -> None:
        """Take it away and give the keyboard back."""
        if not self.scrim.isHidden():
            self.scrim.hide()
            if self._before is not None:
                self._before.setFocus(Qt.FocusReason.OtherFocusReason)
            self.card.removeEventFilter(self)
            self.scrim.deleteLater()
            self.deleteLater()
            self.closed.emit()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Escape closes."""
        if torn_down(self):
            return False
        if watched is self.card and is_press(event, Qt.Key.Key_Escape):
            self.close()
            return True
        return False
