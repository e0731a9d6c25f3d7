"""Inputs for days, times, lengths and counts: typed as people write them, stepped with the arrow keys.

A day also comes from the month that the front desk knows, an instructor from those who were there before. See
docs/design.md, "Screens" (schedule).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from functools import partial

from PySide6.QtCore import QEvent, QPoint, QSize, Qt, Signal
from PySide6.QtGui import (
    QFocusEvent,
    QFontMetrics,
    QKeyEvent,
    QPaintEvent,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import (
    QLineEdit,
    QMenu,
    QToolButton,
)

from console.views.front_desk.day_picker import DayPicker
from console.views.schedule.editor import words
from console.views.schedule.editor.reading import (
    DAY_MINUTES,
    read_count,
    read_date,
    read_minutes,
    read_time,
)
from console.views.theme import ThemeHub
from console.views.widgets.fields import SelectBox, TextInput
from console.views.widgets.toggles import CheckBox


class Stepped(TextInput):
    """A typed value that Up and Down step; `edited` tells of every change."""

    edited = Signal()

    def __init__(self, hub: ThemeHub, step: Callable[[str, int], str], *, longest: int = 20) -> None:
        """`step(text, by)` answers the text after some steps, or raises ValueError where there is none."""
        super().__init__(hub)
        self._step = step
        self.setMaxLength(longest)
        self.textChanged.connect(lambda _text: self.edited.emit())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Up and Down step."""
        steps = {Qt.Key.Key_Up: 1, Qt.Key.Key_Down: -1}
        by = steps.get(Qt.Key(event.key()))
        if by is None or event.modifiers() & Qt.KeyboardModifier.AltModifier:
            super().keyPressEvent(event)
            return
        try:
            self.setText(self._step(self.text(), by))
        except ValueError:
            return
        self.selectAll()


def time_input(hub: ThemeHub) -> Stepped:
    """A time of day, stepped by five minutes."""

    def step(text: str, by: int) -> str:
        now = datetime.combine(date(2000, 1, 2), read_time(text)) + timedelta(minutes=5 * by)
        return f"{now:%H:%M}"

    return Stepped(hub, step)


def length_input(hub: ThemeHub) -> Stepped:
    """A length in minutes, stepped by five."""
    return Stepped(
        hub, lambda text, by: words.minutes(min(max(read_minutes(text) + 5 * by, 5), DAY_MINUTES - 1))
    )


def count_input(
    hub: ThemeHub, least: int, most: int, show: Callable[[int], str] = str, *, what: str = "a number"
) -> Stepped:
    """A whole number, stepped by one."""
    return Stepped(
        hub, lambda text, by: show(min(max(read_count(text, least, most, what) + by, least), most))
    )


class _EndButton(QToolButton):
    """The sign at the right end of an input; the keyboard has its own way."""

    def __init__(self, hub: ThemeHub, line: QLineEdit, icon: str, tip: str) -> None:
        super().__init__(line)
        self.hub, self._icon = hub, icon
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setCursor(Qt.CursorShape.ArrowCursor)
        self.setToolTip(tip)
        self.setAccessibleName(tip)
        self.setStyleSheet("QToolButton { border: none; background: transparent; }")
        self.setIconSize(QSize(16, 16))
        hub.changed.connect(self._draw)
        self._draw()

    def _draw(self) -> None:
        self.setIcon(self.hub.theme.icon(self._icon, "text.secondary", 16))


class _Ended(TextInput):
    """A text input with a sign at its right end."""

    edited = Signal()

    def __init__(self, hub: ThemeHub, icon: str, tip: str) -> None:
        super().__init__(hub)
        self._end = _EndButton(hub, self, icon, tip)
        self._end.clicked.connect(lambda _checked=False: self.pull())
        self._make_room()
        self.textChanged.connect(lambda _text: self.edited.emit())

    def pull(self) -> None:
        """Show what there is to choose."""

    def set_invalid(self, invalid: bool) -> None:
        """Mark or unmark the input; the sign keeps its place."""
        super().set_invalid(invalid)
        self._make_room()

    def _make_room(self) -> None:
        self.setTextMargins(0, 0, 0 if self._end.isHidden() else 14, 0)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the input without the sign of a refusal: another one stands there."""
        QLineEdit.paintEvent(self, event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the sign at the right end."""
        super().resizeEvent(event)
        edge = min(self.height(), 28)
        self._end.setGeometry(self.width() - edge, (self.height() - edge) // 2, edge, edge)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Down shows what there is to choose."""
        if event.key() == Qt.Key.Key_Down:
            self.pull()
            return
        super().keyPressEvent(event)


class StillBox(SelectBox):
    """A select that the wheel scrolls past: in a form that scrolls it would choose by accident."""

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Leave the wheel to what scrolls."""
        event.ignore()


class _Picker(DayPicker):
    """The month, which keeps every key to itself: the page below turns its weeks with the same ones."""

    def event(self, event: QEvent) -> bool:
        """Take a key before it becomes somebody else's shortcut."""
        if event.type() is QEvent.Type.ShortcutOverride:
            event.accept()
            return True
        return super().event(event)


class DateInput(_Ended):
    """A day, typed or chosen from a month (Down); empty where it may be."""

    def __init__(self, hub: ThemeHub, today: date, *, empty: str = "") -> None:
        """`empty` says what no day means, such as "No end"; without it a day is needed."""
        super().__init__(hub, "ph.calendar-blank", "Choose a day (Down)")
        self._today, self._may_be_empty = today, bool(empty)
        self.setPlaceholderText(empty)
        self.setMaxLength(40)
        self._picker: _Picker | None = None

    def day(self) -> date | None:
        """The day; None for none. Raises ValueError with a sentence."""
        if not self.text().strip() and self._may_be_empty:
            return None
        return read_date(self.text(), self._today)

    def show_day(self, day: date | None) -> None:
        """Show a day, or none."""
        self.setText(self._written(day) if day is not None else "")
        self.setCursorPosition(0)

    def _written(self, day: date) -> str:
        # Where a font is wide the weekday gives way, never the year.
        whole = words.input_date(day)
        room = self.width() - 36
        return whole if self.fontMetrics().horizontalAdvance(whole) <= room else whole.split(" ", 1)[1]

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Write the day as long as there is room for."""
        super().resizeEvent(event)
        if not self.hasFocus():
            self._rewrite()

    def _rewrite(self) -> None:
        try:
            day = self.day()
        except ValueError:
            return
        if day is not None and self.text() != self._written(day):
            told = self.blockSignals(True)
            self.show_day(day)
            self.blockSignals(told)

    def pull(self) -> None:
        """Show the month under the input, inside the window."""
        window = self.window()
        if self._picker is None:
            self._picker = _Picker(self.hub, window)
            self._picker.chosen.connect(self._chosen)
            self._picker.closed.connect(lambda: self.setFocus(Qt.FocusReason.PopupFocusReason))
            self.destroyed.connect(self._picker.deleteLater)
        try:
            day = self.day() or self._today
        except ValueError:
            day = self._today
        size = self._picker.sizeHint()
        place = self.mapTo(window, QPoint(0, self.height() + 4))
        x = max(min(place.x(), window.width() - size.width() - 8), 8)
        y = (
            place.y()
            if place.y() + size.height() < window.height()
            else place.y() - self.height() - 8 - size.height()
        )
        self._picker.open_at(QPoint(x, max(y, 8)), day, self._today)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Write what was understood the way it is always written."""
        super().focusOutEvent(event)
        self._rewrite()

    def _chosen(self, day: object) -> None:
        if isinstance(day, date):
            self.show_day(day)


class ChoiceInput(_Ended):
    """Free text with suggestions: those that begin like it complete it, Down shows them all."""

    def __init__(self, hub: ThemeHub, suggestions: Sequence[str], *, longest: int = 255) -> None:
        """An empty input over some suggestions."""
        super().__init__(hub, "ph.caret-down", "Show suggestions (Down)")
        self.suggestions = tuple(suggestions)
        self._end.setHidden(not suggestions)
        self._make_room()
        self.setMaxLength(longest)

    def pull(self) -> None:
        """Show the suggestions as a menu under the input."""
        if not self.suggestions:
            return
        menu = QMenu(self)
        for one in self.suggestions:
            menu.addAction(one.replace("&", "&&"), partial(self.setText, one))
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(self.mapToGlobal(QPoint(0, self.height() + 4)))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Complete what is typed at the end by the first suggestion that begins so."""
        super().keyPressEvent(event)
        typed = self.text()
        if not event.text().isprintable() or not event.text() or self.cursorPosition() != len(typed):
            return
        begun = (
            one for one in self.suggestions if one.casefold().startswith(typed.casefold()) and one != typed
        )
        found = next(begun, None)
        if found is not None and len(typed) > 1:
            self.setText(typed + found[len(typed) :])
            self.setSelection(len(found), len(typed) - len(found))


class LongBox(CheckBox):
    """A yes or no whose words may be longer than their place: they elide, and are whole in the tool tip."""

    def __init__(self, hub: ThemeHub, text: str, *, checked: bool = False) -> None:
        """A box beside what it says."""
        super().__init__(hub, text, checked=checked)
        self._whole = text
        self.setAccessibleName(text)

    def sizeHint(self) -> QSize:
        """Room for the box and some letters; a layout gives it the rest."""
        return QSize(80, super().sizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Say as much as there is room for."""
        super().resizeEvent(event)
        metrics = QFontMetrics(self.hub.theme.font("body"))
        shown = metrics.elidedText(self._whole, Qt.TextElideMode.ElideRight, self.width() - 26)
        self.setText(shown)
        self.setToolTip("" if shown == self._whole else self._whole)
