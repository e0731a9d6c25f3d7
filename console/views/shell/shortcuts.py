"""The sheet of keys: every action that has one, by group, to be read or searched.

F1 or Ctrl+/ opens it and Esc closes it.
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtWidgets import (
    QApplication,
    QGridLayout,
    QHBoxLayout,
    QLayout,
    QScrollArea,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)
from shiboken6 import isValid

from console.models import finder
from console.views.shell.areas import Action, spoken_keys
from console.views.theme import ThemeHub
from console.views.widgets.base import is_press, surface, torn_down
from console.views.widgets.buttons import Button
from console.views.widgets.chips import Keycap
from console.views.widgets.dialog import Scrim
from console.views.widgets.fields import TextInput
from console.views.widgets.text import ElidedLabel, Section, label

_WIDTH = 760
_KEYS_WIDTH = 96
_EDGE = 24


class _Row(QWidget):
    """One action and its key, as wide as a half of the sheet."""

    def __init__(self, hub: ThemeHub, action: Action) -> None:
        super().__init__()
        self.action = action
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(12)
        words = ElidedLabel(action.title, "body")
        row.addWidget(words, 1)
        keys = spoken_keys(action.keys)
        row.addWidget(Keycap(hub, keys), 0, Qt.AlignmentFlag.AlignRight)
        self.setAccessibleName(f"{action.title}, {keys}")
        self.setMinimumHeight(hub.theme.scaled(26))

    def answers(self, question: str) -> bool:
        """Whether it is what is looked for, by what it does or by its key."""
        keys = spoken_keys(self.action.keys)
        return (
            finder.match(question, self.action.title, f"{keys} {self.action.keys} {self.action.group}")
            is not None
        )


class ShortcutsSheet(QObject):
    """The sheet over one window; made anew each time, because pages add and take away actions."""

    closed = Signal()

    def __init__(self, hub: ThemeHub, window: QWidget, actions: Sequence[Action]) -> None:
        """A sheet of the actions that have a key."""
        super().__init__(window)
        self.hub = hub
        self._window = window
        self._before = QApplication.focusWidget()
        self._tallest = 0
        self.scrim = Scrim(hub, window)
        self.scrim.pressed.connect(self.close)
        self.card = surface("dialog", self.scrim)
        self.card.setAccessibleName("Shortcuts")
        column = QVBoxLayout(self.card)
        column.setContentsMargins(1, 20, 1, 12)
        column.setSpacing(16)
        head = QHBoxLayout()
        head.setContentsMargins(_EDGE, 0, _EDGE, 0)
        head.setSpacing(12)
        head.addWidget(label("Shortcuts", "title"))
        head.addStretch(1)
        self.field = TextInput(hub, placeholder="Filter by word or key")
        self.field.setAccessibleName("Filter shortcuts")
        self.field.setMaxLength(100)
        self.field.setFixedWidth(hub.theme.scaled(220))
        self.field.textChanged.connect(self._filter)
        head.addWidget(self.field)
        self._close = Button(hub, "Close")
        self._close.clicked.connect(self.close)
        head.addWidget(self._close)
        column.addLayout(head)
        self._groups: list[tuple[Section, QGridLayout, list[_Row]]] = []
        self._inner = QWidget()
        self._inner.setProperty("clear", "true")
        self._inner.setStyleSheet('QWidget[clear="true"] { background: transparent; }')
        self._fill(actions)
        self._scroll = QScrollArea()
        self._scroll.setWidgetResizable(True)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._scroll.setFrameShape(QScrollArea.Shape.NoFrame)
        self._scroll.setStyleSheet("QScrollArea { background: transparent; }")
        self._scroll.setWidget(self._inner)
        column.addWidget(self._scroll, 1)
        for watched in (self.card, self.field, self.scrim):
            watched.installEventFilter(self)

    @property
    def shown(self) -> list[str]:
        """The titles on show."""
        return [row.action.title for _, _, rows in self._groups for row in rows if not row.isHidden()]

    def open(self) -> None:
        """Show the sheet; typing filters it."""
        self.scrim.setGeometry(self._window.rect())
        self.scrim.show()
        self.scrim.raise_()
        self._filter("")
        self.field.setFocus(Qt.FocusReason.OtherFocusReason)

    def close(self) -> None:
        """Take it away and give the keyboard back."""
        if not self.scrim.isHidden():
            self.scrim.hide()
            if self._before is not None and isValid(self._before):
                self._before.setFocus(Qt.FocusReason.OtherFocusReason)
            for watched in (self.card, self.field, self.scrim):
                watched.removeEventFilter(self)
            self.scrim.deleteLater()
            self.deleteLater()
            self.closed.emit()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Escape empties the filter, then closes; up and down scroll."""
        if torn_down(self):
            return False
        if watched is self.scrim and event.type() is QEvent.Type.Resize:
            self._place()
        if event.type() is not QEvent.Type.KeyPress:
            return False
        if is_press(event, Qt.Key.Key_Escape):
            if watched is self.field and self.field.text():
                self.field.clear()
            else:
                self.close()
            return True
        bar = self._scroll.verticalScrollBar()
        for key, way in ((Qt.Key.Key_Down, 1), (Qt.Key.Key_Up, -1)):
            if is_press(event, key):
                bar.setValue(bar.value() + way * self.hub.theme.scaled(52))
                return True
        return False

    def _fill(self, actions: Sequence[Action]) -> None:
        column = QVBoxLayout(self._inner)
        column.setContentsMargins(_EDGE, 0, _EDGE, 8)
        column.setSpacing(8)
        column.setSizeConstraint(QLayout.SizeConstraint.SetMinimumSize)
        groups: dict[str, list[Action]] = {}
        for action in actions:
            if action.keys and action.listed:
                groups.setdefault(action.group, []).append(action)
        for group, members in groups.items():
            section = Section(group)
            column.addWidget(section)
            grid = QGridLayout()
            grid.setHorizontalSpacing(32)
            grid.setVerticalSpacing(2)
            grid.setContentsMargins(0, 0, 0, 8)
            for side in (0, 1):
                grid.setColumnStretch(side, 1)
                grid.setColumnMinimumWidth(side, _KEYS_WIDTH * 2)
            column.addLayout(grid)
            self._groups.append((section, grid, [_Row(self.hub, action) for action in members]))
        self._none = label("No key does that.", "muted")
        self._none.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._none.setMinimumHeight(self.hub.theme.scaled(72))
        self._none.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        column.addWidget(self._none)
        column.addStretch(1)

    def _filter(self, question: str) -> None:
        for section, grid, rows in self._groups:
            shown = [row for row in rows if row.answers(question)]
            for row in rows:
                grid.removeWidget(row)
                if row not in shown:
                    row.hide()
            # Down the first half, then down the second, as a list is read.
            half = (len(shown) + 1) // 2
            for number, row in enumerate(shown):
                grid.addWidget(row, number % half, number // half)
                row.show()
            section.setVisible(bool(shown))
        self._none.setVisible(not self.shown)
        self._place()

    def _place(self) -> None:
        theme = self.hub.theme
        width = min(theme.scaled(_WIDTH), self._window.width() - 32)
        self.card.setFixedWidth(width)
        layout = self._inner.layout()
        if layout is not None:
            layout.activate()
        content = self._inner.sizeHint().height()
        room = self._window.height() - 64 - theme.scaled(32) - 48
        # Once open it keeps its height: filtering must not make it jump.
        self._tallest = max(self._tallest, content)
        self._scroll.setFixedHeight(min(self._tallest, room))
        self.card.adjustSize()
        self.card.move(
            (self._window.width() - width) // 2, max((self._window.height() - self.card.height()) // 3, 16)
        )
