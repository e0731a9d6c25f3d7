"""The lines of the palette: what a found thing is, the list of them under their headings, and how a line is painted."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QPointF,
    QRectF,
    QSize,
    Qt,
)
from PySide6.QtGui import QFontMetricsF, QPainter, QPaintEvent, QTextCharFormat, QTextLayout, QTextOption
from PySide6.QtWidgets import QHBoxLayout, QLabel, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from console.models import finder
from console.views.theme import ThemeHub
from console.views.widgets import paint
from console.views.widgets.base import ThemedWidget, fix_height
from console.views.widgets.chips import Keycap
from console.views.widgets.text import label

AnyIndex = QModelIndex | QPersistentModelIndex
ENTRY_ROLE = int(Qt.ItemDataRole.UserRole) + 1
HEADING = 32
_ROOT = QModelIndex()
_EDGE = 16
_TITLE_LEFT = 46.0


@dataclass(frozen=True)
class PaletteEntry:
    """One thing found: under a heading, with an icon, a quiet detail, and its shortcut where it has one.

    `key` names it for good, so that it is remembered as recent and stays chosen when a later answer comes; without one
    its group and title stand for it. `more` is what else can be done with it (Tab).
    """

    group: str
    title: str
    run: Callable[[], object]
    icon: str = "ph.arrow-right"
    detail: str = ""
    keys: str = ""
    key: str = ""
    more: tuple[PaletteEntry, ...] = field(default=())

    @property
    def identity(self) -> str:
        """What it is known by."""
        return self.key or f"{self.group}:{self.title}:{self.detail}"


class PaletteModel(QAbstractListModel):
    """Headings and entries as one list; headings cannot be chosen."""

    def __init__(self, parent: QObject | None = None) -> None:
        """An empty list."""
        super().__init__(parent)
        self._lines: list[PaletteEntry | str] = []

    @property
    def lines(self) -> Sequence[PaletteEntry | str]:
        """The lines in their order; a heading is its words."""
        return self._lines

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

    def row_of(self, identity: str) -> int:
        """The line of an entry, or -1."""
        rows = range(len(self._lines))
        return next((row for row in rows if (e := self.entry(row)) and e.identity == identity), -1)

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
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return spoken(found) if isinstance(found, PaletteEntry) else found
        if role == Qt.ItemDataRole.ToolTipRole and isinstance(found, PaletteEntry):
            return f"{found.title} {found.detail}".strip()
        return None


def spoken(entry: PaletteEntry) -> str:
    """A line as a screen reader says it."""
    return ", ".join(filter(None, (entry.title, entry.detail, entry.keys)))


class LineDelegate(QStyledItemDelegate):
    """Paints headings and entries; what was typed is marked in the title."""

    def __init__(self, hub: ThemeHub, parent: QWidget) -> None:
        """A delegate that marks nothing yet."""
        super().__init__(parent)
        self.hub = hub
        self.question = ""

    def line_height(self, entry: bool) -> int:
        """How high a line is: headings are lower than entries."""
        theme = self.hub.theme
        return theme.size("row.palette") if entry else theme.scaled(HEADING)

    def sizeHint(self, option: QStyleOptionViewItem, index: AnyIndex) -> QSize:
        """The height of a line."""
        return QSize(0, self.line_height(isinstance(index.data(ENTRY_ROLE), PaletteEntry)))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: AnyIndex) -> None:
        """Paint one line."""
        theme, found = self.hub.theme, index.data(ENTRY_ROLE)
        area = QRectF(option.rect)
        if not isinstance(found, PaletteEntry):
            room = area.adjusted(_EDGE, 4, -_EDGE, 0)
            paint.draw_text(painter, theme, room, str(found), step="label", color="text.secondary")
            return
        chosen = bool(option.state & QStyle.StateFlag.State_Selected)
        if chosen:
            painter.fillRect(area, theme.color("surface.selected"))
            paint.draw_selection_bar(painter, theme, area)
        elif option.state & QStyle.StateFlag.State_MouseOver:
            painter.fillRect(area, theme.color("surface.hover"))
        ink = "accent.text" if chosen else "text.secondary"
        theme.paint_icon(painter, found.icon, ink, QRectF(_EDGE, area.top(), 18, area.height()), 18)
        right = area.right() - _EDGE
        for keys in filter(None, ("Enter" if chosen else "", found.keys)):
            right -= paint.keycap_width(theme, keys)
            paint.draw_keycap(painter, theme, right, area.center().y(), keys)
            right -= 8
        x = _TITLE_LEFT
        x += self._title(painter, QRectF(x, area.top(), right - x, area.height()), found.title)
        if found.detail and right - x > 40:
            room = QRectF(x + 12, area.top(), right - x - 12, area.height())
            paint.draw_text(painter, theme, room, found.detail, color="text.muted")

    def _title(self, painter: QPainter, room: QRectF, title: str) -> float:
        """Draw the title with every typed letter strong and in the accent; answers its width."""
        theme = self.hub.theme
        found = finder.match(self.question, title)
        marks = found.marks if found else frozenset[int]()
        plain, strong = theme.font("body", 500), theme.font("bodyStrong")
        shown = QFontMetricsF(strong).elidedText(title, Qt.TextElideMode.ElideRight, room.width())
        layout = QTextLayout(shown, plain)
        option = QTextOption()
        option.setWrapMode(QTextOption.WrapMode.NoWrap)
        layout.setTextOption(option)
        layout.setFormats(self._formats(shown, marks))
        layout.beginLayout()
        line = layout.createLine()
        layout.endLayout()
        painter.save()
        painter.setPen(theme.color("text.primary"))
        layout.draw(painter, QPointF(room.left(), round(room.center().y() - line.height() / 2)))
        painter.restore()
        return min(line.naturalTextWidth(), room.width())

    def _formats(self, shown: str, marks: frozenset[int]) -> list[QTextLayout.FormatRange]:
        ranges: list[QTextLayout.FormatRange] = []
        place = 0
        marked = QTextCharFormat()
        marked.setFont(self.hub.theme.font("bodyStrong"))
        marked.setForeground(self.hub.theme.color("accent.text"))
        for number, letter in enumerate(shown):
            length = len(letter.encode("utf-16-le")) // 2  # Qt counts in UTF-16
            if number in marks and letter != "…":
                if ranges and ranges[-1].start + ranges[-1].length == place:
                    ranges[-1].length += length
                else:
                    fresh = QTextLayout.FormatRange()
                    fresh.start, fresh.length, fresh.format = place, length, marked
                    ranges.append(fresh)
            place += length
        return ranges


class PaletteFoot(ThemedWidget):
    """Which keys do what."""

    def __init__(self, hub: ThemeHub) -> None:
        """The keys of the first list."""
        super().__init__(hub)
        row = QHBoxLayout(self)
        row.setContentsMargins(_EDGE, 0, _EDGE, 0)
        row.setSpacing(4)
        self._tab: tuple[QWidget, QLabel]
        for keys, words in (
            (("↑", "↓"), "move"),
            (("Enter",), "open"),
            (("Tab",), "more actions"),
            (("Esc",), "close"),
        ):
            caps = [Keycap(hub, key) for key in keys]
            for cap in caps:
                row.addWidget(cap)
            said = label(words, "caption")
            said.setContentsMargins(0, 0, 12, 0)
            row.addWidget(said)
            if keys == ("Tab",):
                self._tab = (caps[0], said)
            if keys == ("Esc",):
                self._esc = said
        row.addStretch(1)
        self._only = label("Type > for actions only", "caption")
        row.addWidget(self._only)
        fix_height(self, hub, 36)

    def show_keys(self, *, more: bool, inside: bool, back: bool = True) -> None:
        """Say whether Tab has more to offer here, and where Esc leads."""
        for part in self._tab:
            part.setVisible(more and not inside)
        self._esc.setText("back" if inside and back else "close")
        self._only.setVisible(not inside)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the ground with the card's lower corners."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        radius = self.theme.radius("dialog") - 1
        whole = QRectF(self.rect())
        painter.setClipRect(whole)
        paint.rounded(painter, whole.adjusted(0, -radius, 0, 0), radius, self.theme.color("surface.panel"))
        painter.fillRect(QRectF(0, 0, whole.width(), 1), self.theme.color("border.subtle"))
