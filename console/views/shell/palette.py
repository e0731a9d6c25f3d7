"""Ctrl+K: one box that finds every action, area and record.

Actions and areas are matched here; records come from sources that pages and the composition root add. A
later, slower answer is handed in with `offer` and is dropped when the question has changed meanwhile.
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
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QApplication,
    QFrame,
    QHBoxLayout,
    QLineEdit,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from console.views.theme import ThemeHub
from console.views.widgets import paint
from console.views.widgets.base import ThemedWidget, fix_height, line, surface, torn_down
from console.views.widgets.chips import Keycap
from console.views.widgets.dialog import Scrim
from console.views.widgets.text import IconLabel, label

AnyIndex = QModelIndex | QPersistentModelIndex
ENTRY_ROLE = int(Qt.ItemDataRole.UserRole) + 1
_ROOT = QModelIndex()
_TOP = 112
_HEAD = 56
_HEADING = 32
_MOST_ROWS = 11


@dataclass(frozen=True)
class PaletteEntry:
    """One thing found: under a heading, with an icon, a quiet detail, and its shortcut where it has one."""

    group: str
    title: str
    run: Callable[[], object]
    icon: str = "ph.arrow-right"
    detail: str = ""
    keys: str = ""


Source = Callable[[str], Sequence[PaletteEntry]]


def matches(question: str, text: str) -> bool:
    """Whether every word of the question begins somewhere in the text, whatever its case."""
    lowered = text.casefold()
    return all(word in lowered for word in question.casefold().split())


class PaletteModel(QAbstractListModel):
    """Headings and entries as one list; headings cannot be chosen."""

    def __init__(self, parent: QObject | None = None) -> None:
        """An empty list."""
        super().__init__(parent)
        self._lines: list[PaletteEntry | str] = []

    def show_entries(self, entries: Sequence[PaletteEntry]) -> None:
        """Show these entries under their headings, in the order given."""
        self.beginResetModel()
        self._lines = []
        group = None
        for entry in entries:
            if entry.group != group:
                group = entry.group
                self._lines.append(group)
            self._lines.append(entry)
        self.endResetModel()

    def entry(self, row: int) -> PaletteEntry | None:
        """The entry of a line, or None for a heading."""
        found = self._lines[row] if 0 <= row < len(self._lines) else None
        return found if isinstance(found, PaletteEntry) else None

    def rowCount(self, parent: AnyIndex = _ROOT) -> int:
        """How many lines there are."""
        return 0 if parent.isValid() else len(self._lines)

    def flags(self, index: AnyIndex) -> Qt.ItemFlag:
        """Headings are there to be read."""
        if self.entry(index.row()) is None:
            return Qt.ItemFlag.NoItemFlags
        return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable

    def data(self, index: AnyIndex, role: int = int(Qt.ItemDataRole.DisplayRole)) -> object:
        """The words of a line, or the line itself."""
        if not index.isValid():
            return None
        found = self._lines[index.row()]
        if role == ENTRY_ROLE:
            return found
        if role == Qt.ItemDataRole.DisplayRole:
            return found.title if isinstance(found, PaletteEntry) else found
        return None


class _LineDelegate(QStyledItemDelegate):
    """Paints headings and entries; what was typed is marked in the title."""

    def __init__(self, hub: ThemeHub, parent: QWidget) -> None:
        super().__init__(parent)
        self.hub = hub
        self.question = ""

    def sizeHint(self, option: QStyleOptionViewItem, index: AnyIndex) -> QSize:
        """Headings are lower than entries."""
        entry = isinstance(index.data(ENTRY_ROLE), PaletteEntry)
        return QSize(0, self.hub.theme.size("row.palette") if entry else _HEADING)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: AnyIndex) -> None:
        """Paint one line."""
        theme, found = self.hub.theme, index.data(ENTRY_ROLE)
        area = QRectF(option.rect)
        if not isinstance(found, PaletteEntry):
            room = area.adjusted(16, 4, -16, 0)
            paint.draw_text(painter, theme, room, str(found), step="label", color="text.muted")
            return
        chosen = bool(option.state & QStyle.StateFlag.State_Selected)
        if chosen:
            painter.fillRect(area, theme.color("surface.selected"))
            paint.draw_selection_bar(painter, theme, area)
        ink = "accent.text" if chosen else "text.secondary"
        theme.paint_icon(painter, found.icon, ink, QRectF(16, area.top(), 18, area.height()), 18)
        right = area.right() - 16
        for keys in filter(None, ("Enter" if chosen else "", found.keys)):
            right -= paint.keycap_width(theme, keys)
            paint.draw_keycap(painter, theme, right, area.center().y(), keys)
            right -= 8
        x = 46.0
        x += self._title(painter, QRectF(x, area.top(), right - x, area.height()), found.title)
        if found.detail and right - x > 40:
            room = QRectF(x + 12, area.top(), right - x - 12, area.height())
            paint.draw_text(painter, theme, room, found.detail, color="text.muted")

    def _title(self, painter: QPainter, room: QRectF, title: str) -> float:
        theme, used = self.hub.theme, 0.0
        for piece, found in _pieces(title, self.question):
            font = theme.font("bodyStrong" if found else "body", None if found else 500)
            left = QRectF(room.left() + used, room.top(), room.width() - used, room.height())
            if left.width() <= 0:
                break
            paint.draw_text(
                painter,
                theme,
                left,
                piece,
                step="bodyStrong" if found else "body",
                weight=None if found else 500,
                color="accent.text" if found else "text.primary",
            )
            used += paint.text_width(font, piece)
        return used


def _pieces(title: str, question: str) -> list[tuple[str, bool]]:
    """The title cut into what was typed and what was not."""
    words = question.split()
    wanted = words[0].casefold() if words else ""
    at = title.casefold().find(wanted) if wanted else -1
    if at < 0:
        return [(title, False)]
    end = at + len(wanted)
    return [
        (part, hit)
        for part, hit in ((title[:at], False), (title[at:end], True), (title[end:], False))
        if part
    ]


class _Foot(ThemedWidget):
    """Which keys do what."""

    def __init__(self, hub: ThemeHub) -> None:
        super().__init__(hub)
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 0, 16, 0)
        row.setSpacing(4)
        for keys, words in ((("↑", "↓"), "move"), (("Enter",), "open"), (("Esc",), "close")):
            for key in keys:
                row.addWidget(Keycap(hub, key))
            row.addWidget(label(words, "caption"))
            row.addSpacing(12)
        row.addStretch(1)
        row.addWidget(label("Type > for actions only", "caption"))
        fix_height(self, hub, 36)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the ground with the card's lower corners."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        radius = self.theme.radius("dialog") - 1
        whole = QRectF(self.rect())
        painter.setClipRect(whole)
        paint.rounded(painter, whole.adjusted(0, -radius, 0, 0), radius, self.theme.color("surface.panel"))
        painter.fillRect(QRectF(0, 0, whole.width(), 1), self.theme.color("border.subtle"))


class Palette(QObject):
    """The palette over one window."""

    opened = Signal()

    def __init__(self, hub: ThemeHub, window: QWidget) -> None:
        """A closed palette; `sources` answer each question at once."""
        super().__init__(window)
        self.hub = hub
        self._window = window
        self._sources: list[Source] = []
        self._late: list[PaletteEntry] = []
        self._before: QWidget | None = None
        self.scrim = Scrim(hub, window)
        self.scrim.pressed.connect(self.close)
        self.card: QFrame = surface("dialog", self.scrim)
        self.card.setAccessibleName("Find or do")
        column = QVBoxLayout(self.card)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        top = QWidget()
        fix_height(top, hub, _HEAD)
        head = QHBoxLayout(top)
        head.setContentsMargins(16, 0, 16, 0)
        head.setSpacing(12)
        self.field = QLineEdit()
        self.field.setProperty("bare", "true")
        self.field.setStyleSheet(f"font-size: {hub.theme.tokens.type('name')['px']}px;")
        self.field.setPlaceholderText("Type what to find or do")
        self.field.setAccessibleName("Find or do")
        self.field.textChanged.connect(self._ask)
        self.field.installEventFilter(self)
        self._count = label("", "caption")
        head.addWidget(IconLabel(hub, "ph.magnifying-glass", "accent.text", 20))
        head.addWidget(self.field, 1)
        head.addWidget(self._count)
        column.addWidget(top)
        column.addWidget(line())
        self.model = PaletteModel(self)
        self.list = QListView()
        self.list.setModel(self.model)
        self._delegate = _LineDelegate(hub, self.list)
        self.list.setItemDelegate(self._delegate)
        self.list.setStyleSheet("background: transparent;")
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setMouseTracking(True)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setAccessibleName("Found")
        self.list.clicked.connect(lambda index: self._run(index.row()))
        column.addWidget(self.list)
        self._none = label("Nothing is called that. Try a shorter word.", "muted")
        self._none.setAlignment(Qt.AlignmentFlag.AlignCenter)
        fix_height(self._none, hub, 72)
        column.addWidget(self._none)
        column.addWidget(_Foot(hub))
        self.scrim.installEventFilter(self)

    @property
    def is_open(self) -> bool:
        """Whether it lies over the window."""
        return not self.scrim.isHidden()

    def add_source(self, source: Source) -> None:
        """Ask `source` too, each time what is typed changes."""
        self._sources.append(source)

    def open(self) -> None:
        """Show it, empty, with the keyboard."""
        self._before = QApplication.focusWidget()
        self.field.clear()
        self._ask("")
        self.scrim.setGeometry(self._window.rect())
        self.scrim.show()
        self.scrim.raise_()
        self._place()
        self.field.setFocus(Qt.FocusReason.OtherFocusReason)
        self.opened.emit()

    def close(self) -> None:
        """Take it away and give the keyboard back."""
        if self.is_open:
            self.scrim.hide()
            if self._before is not None:
                self._before.setFocus(Qt.FocusReason.OtherFocusReason)

    def offer(self, question: str, entries: Sequence[PaletteEntry]) -> None:
        """Hand in a later answer; it is dropped when something else is asked by now."""
        if self.is_open and question == self.field.text():
            self._late = list(entries)
            self._show()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Move in the list while the keyboard is in the field."""
        if torn_down(self):
            return False
        if watched is self.scrim and event.type() is QEvent.Type.Resize:
            self._place()
        if watched is self.field and isinstance(event, QKeyEvent) and event.type() is QEvent.Type.KeyPress:
            key = event.key()
            if key in (Qt.Key.Key_Down, Qt.Key.Key_Up):
                self._step(1 if key == Qt.Key.Key_Down else -1)
                return True
            if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                self._run(self.list.currentIndex().row())
                return True
            if key == Qt.Key.Key_Escape:
                self.close()
                return True
        return False

    def _ask(self, _text: str) -> None:
        self._late = []
        self._show()

    def _show(self) -> None:
        question = self.field.text()
        entries = [entry for source in self._sources for entry in source(question)] + self._late
        self._delegate.question = question.removeprefix(">").strip()
        self.model.show_entries(entries)
        asked = bool(question.strip())
        self._count.setText(f"{len(entries)} found" if asked else "")
        self._none.setVisible(not entries)
        self.list.setVisible(bool(entries))
        first = next((row for row in range(self.model.rowCount()) if self.model.entry(row)), -1)
        if first >= 0:
            self.list.setCurrentIndex(self.model.index(first))
        self._place()

    def _step(self, step: int) -> None:
        row = self.list.currentIndex().row() + step
        while 0 <= row < self.model.rowCount():
            if self.model.entry(row) is not None:
                self.list.setCurrentIndex(self.model.index(row))
                if row == 1:
                    self.list.scrollToTop()
                return
            row += step

    def _run(self, row: int) -> None:
        entry = self.model.entry(row)
        if entry is not None:
            self.close()
            entry.run()

    def _place(self) -> None:
        width = min(self.hub.theme.size("palette"), self._window.width() - 32)
        heights = [self._line_height(row) for row in range(self.model.rowCount())]
        room = self._window.height() - _TOP - _HEAD - 36 - 32
        self.list.setFixedHeight(max(min(sum(heights), _MOST_ROWS * 40 + 3 * _HEADING, room), 0))
        self.card.setFixedWidth(width)
        self.card.adjustSize()
        self.card.move((self._window.width() - width) // 2, _TOP)

    def _line_height(self, row: int) -> int:
        return self.hub.theme.size("row.palette") if self.model.entry(row) else _HEADING
