"""A list to choose one thing from while the keyboard stays in a field above it: families, sessions, people.

Rows of two lines with a figure at the right; what cannot be chosen is muted and says why. Up, Down and Enter come
from the field by `steer`. See docs/design.md, "Screens".
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import (
    QAbstractListModel,
    QEvent,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QKeyEvent, QPainter
from PySide6.QtWidgets import QFrame, QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from console.views.theme import ThemeHub
from console.views.widgets import paint
from console.views.widgets.base import torn_down

AnyIndex = QModelIndex | QPersistentModelIndex
CHOICE_ROLE = int(Qt.ItemDataRole.UserRole) + 1
_ROOT = QModelIndex()
_KEYS = (Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_PageUp, Qt.Key.Key_PageDown)


@dataclass(frozen=True)
class Choice:
    """One row: what it is (`value`), its two lines, a figure at the right, chips, and whether it may be chosen.

    A `heading` is a low row over those that follow; it cannot be chosen. `tip` is told to who rests on the row.
    """

    value: object
    title: str
    detail: str = ""
    beside: str = ""
    right: str = ""
    chips: tuple[paint.ChipSpec, ...] = ()
    open: bool = True
    heading: bool = False
    tip: str = ""

    @property
    def spoken(self) -> str:
        """The row as a screen reader says it."""
        parts = (self.title, self.beside, *(chip.text for chip in self.chips), self.detail, self.right)
        return ", ".join(part for part in parts if part)


class ChoiceModel(QAbstractListModel):
    """The rows; those that may not be chosen can still be read."""

    def __init__(self, parent: QObject | None = None) -> None:
        """No rows."""
        super().__init__(parent)
        self._choices: tuple[Choice, ...] = ()

    @property
    def choices(self) -> tuple[Choice, ...]:
        """What is on show."""
        return self._choices

    def show_choices(self, choices: Sequence[Choice]) -> None:
        """Show other rows."""
        self.beginResetModel()
        self._choices = tuple(choices)
        self.endResetModel()

    def retell(self, choices: Sequence[Choice]) -> None:
        """Say the same rows in newer words: only those that differ are painted, nothing moves."""
        before, self._choices = self._choices, tuple(choices)
        for row, (old, new) in enumerate(zip(before, self._choices, strict=True)):
            if old != new:
                self.dataChanged.emit(self.index(row), self.index(row))

    def rowCount(self, parent: AnyIndex = _ROOT) -> int:
        """How many rows."""
        return 0 if parent.isValid() else len(self._choices)

    def flags(self, index: AnyIndex) -> Qt.ItemFlag:
        """A closed row can be looked at, not chosen."""
        chosen = self._choices[index.row()] if index.isValid() else None
        if chosen is None or chosen.heading or not chosen.open:
            return Qt.ItemFlag.NoItemFlags
        return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable

    def data(self, index: AnyIndex, role: int = int(Qt.ItemDataRole.DisplayRole)) -> object:
        """The words of a row, or the row itself."""
        if not index.isValid():
            return None
        choice = self._choices[index.row()]
        if role == CHOICE_ROLE:
            return choice
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return choice.spoken
        if role == Qt.ItemDataRole.ToolTipRole:
            return choice.tip or None
        return None


class _ChoiceDelegate(QStyledItemDelegate):
    """Paints the rows."""

    def __init__(self, hub: ThemeHub, parent: QWidget) -> None:
        super().__init__(parent)
        self.hub = hub

    def sizeHint(self, option: QStyleOptionViewItem, index: AnyIndex) -> QSize:
        """Rows are of one height, headings lower."""
        choice = index.data(CHOICE_ROLE)
        heading = isinstance(choice, Choice) and choice.heading
        return QSize(0, self.hub.theme.size("row.table" if heading else "row.roster"))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: AnyIndex) -> None:
        """Paint one row."""
        theme, choice = self.hub.theme, index.data(CHOICE_ROLE)
        if not isinstance(choice, Choice):
            return
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        area = QRectF(option.rect)
        if choice.heading:
            self._heading(painter, area, choice)
            painter.restore()
            return
        chosen = bool(option.state & QStyle.StateFlag.State_Selected)
        if chosen:
            painter.fillRect(area, theme.color("surface.selected"))
            paint.draw_selection_bar(painter, theme, area)
        elif choice.open and option.state & QStyle.StateFlag.State_MouseOver:
            painter.fillRect(area, theme.color("surface.hover"))
        painter.fillRect(
            QRectF(area.left(), area.bottom() - 1, area.width(), 1), theme.color("border.subtle")
        )
        ink = "text.primary" if choice.open else "text.muted"
        half = area.height() / 2
        upper = QRectF(area.left() + 16, area.top() + 7, area.width() - 32, half - 6)
        lower = QRectF(area.left() + 16, area.top() + half + 1, area.width() - 32, half - 9)
        if choice.right:
            width = paint.text_width(theme.font("body"), choice.right)
            right_ink = "text.secondary" if choice.open else "text.muted"
            paint.draw_text(
                painter, theme, upper, choice.right, color=right_ink, align=paint.RIGHT, elide=False
            )
            upper.setRight(upper.right() - width - 12)
        room = sum(paint.chip_width(theme, chip) + 6 for chip in choice.chips)
        beside = paint.text_width(theme.font("body"), choice.beside) + 8 if choice.beside else 0
        name = QRectF(upper.left(), upper.top(), upper.width() - room - beside, upper.height())
        x = upper.left() + paint.draw_text(painter, theme, name, choice.title, step="name", color=ink)
        if choice.beside:
            place = QRectF(x + 8, upper.top(), beside, upper.height())
            paint.draw_text(painter, theme, place, choice.beside, color="text.muted", elide=False)
            x += beside
        for chip in choice.chips:
            x += 6 + paint.draw_chip(painter, theme, x + 6, upper.center().y(), chip)
        paint.draw_text(painter, theme, lower, choice.detail, step="caption", color="text.muted")
        if option.state & QStyle.StateFlag.State_HasFocus and chosen:
            paint.draw_focus(painter, theme, area.adjusted(0, 0, 0, -1))
        painter.restore()

    def _heading(self, painter: QPainter, area: QRectF, choice: Choice) -> None:
        theme = self.hub.theme
        painter.fillRect(area, theme.color("surface.panel"))
        bottom = QRectF(area.left(), area.bottom() - 1, area.width(), 1)
        painter.fillRect(bottom, theme.color("border.subtle"))
        room = area.adjusted(16, 0, -16, -1)
        x = room.left() + paint.draw_text(painter, theme, room, choice.title, step="label")
        for chip in choice.chips:
            x += 8 + paint.draw_chip(painter, theme, x + 8, room.center().y(), chip)
        paint.draw_text(
            painter, theme, room, choice.right, step="label", color="text.secondary", align=paint.RIGHT
        )


class ChoiceList(QListView):
    """The list itself. `chosen` carries the value of the row that was clicked or entered."""

    chosen = Signal(object)
    moved = Signal(object)
    """The value of the current row, or None."""

    def __init__(self, hub: ThemeHub, name: str) -> None:
        """An empty list called `name` for screen readers."""
        super().__init__()
        self.hub = hub
        self.choices = ChoiceModel(self)
        self.setModel(self.choices)
        self.setItemDelegate(_ChoiceDelegate(hub, self))
        self.setAccessibleName(name)
        self.setUniformItemSizes(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setMouseTracking(True)
        self.setProperty("clear", "true")
        self.viewport().setAutoFillBackground(False)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setEditTriggers(QListView.EditTrigger.NoEditTriggers)
        self.clicked.connect(self._entered)
        self.selectionModel().currentChanged.connect(lambda *_: self.moved.emit(self.current))
        hub.changed.connect(self.viewport().update)

    @property
    def current(self) -> object | None:
        """The value of the current row."""
        found = self.currentIndex().data(CHOICE_ROLE) if self.currentIndex().isValid() else None
        return found.value if isinstance(found, Choice) and found.open and not found.heading else None

    def refresh_choices(self, choices: Sequence[Choice], key: Callable[[object], object]) -> None:
        """Show newer rows; the current one (the same `key` of its value) and the scroll position stay."""
        before, at = self.current, self.verticalScrollBar().value()
        rows = [one.value for one in choices if one.open and not one.heading]
        same = next((value for value in rows if before is not None and key(value) == key(before)), None)
        self.show_choices(choices, current=same)
        self.verticalScrollBar().setValue(at)

    def show_choices(self, choices: Sequence[Choice], *, current: object | None = None) -> None:
        """Show rows, with `current` (a value) or the first that may be chosen as the current one."""
        self.choices.show_choices(choices)
        self.setUniformItemSizes(not any(choice.heading for choice in choices))
        open_rows = [row for row, choice in enumerate(choices) if choice.open and not choice.heading]
        wanted = next((row for row in open_rows if choices[row].value == current), None)
        row = wanted if wanted is not None else (open_rows[0] if open_rows else None)
        if row is not None:
            self.setCurrentIndex(self.choices.index(row))
        self.moved.emit(self.current)

    def fit_rows(self, most: int) -> None:
        """Be as high as the rows, up to `most`."""
        rows = max(1, min(most, self.choices.rowCount()))
        self.setFixedHeight(rows * self.hub.theme.size("row.roster") + 2)

    def enter(self) -> bool:
        """Choose the current row; False where there is none."""
        value = self.current
        if value is None:
            return False
        self.chosen.emit(value)
        return True

    def steer(self, field: QWidget) -> None:
        """Let Up, Down and Enter in `field` move and choose here."""
        field.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Take the keys of a field that steers."""
        if torn_down(self) or not isinstance(event, QKeyEvent) or event.type() is not QEvent.Type.KeyPress:
            return False
        if Qt.Key(event.key()) in _KEYS:
            self.keyPressEvent(event)
            return True
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            return self.enter()
        return False

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter chooses; the rest moves."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.enter()
            return
        super().keyPressEvent(event)

    def _entered(self, index: QModelIndex) -> None:
        found = index.data(CHOICE_ROLE)
        if isinstance(found, Choice) and found.open and not found.heading:
            self.chosen.emit(found.value)
