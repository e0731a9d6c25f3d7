"""The table: header, rows and foot as one card, painted by one delegate."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from PySide6.QtCore import QEvent, QModelIndex, QPersistentModelIndex, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence, QMouseEvent, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from console.models.table import Column, KeysetTableModel
from console.views.theme import ThemeHub
from console.views.widgets import paint
from console.views.widgets.base import fix_height, surface
from console.views.widgets.text import ElidedLabel

_PADDING = 8
_EDGE_PADDING = 16
AnyIndex = QModelIndex | QPersistentModelIndex


@dataclass(frozen=True)
class CellLook:
    """How a cell differs from plain text: its tone, an icon before it, a quieter word or a chip behind it."""

    tone: Literal["primary", "secondary", "muted"] = "primary"
    struck: bool = False
    icon: str = ""
    icon_color: str = "text.secondary"
    suffix: str = ""
    chip: paint.ChipSpec | None = None


_PLAIN = CellLook()


class CellDelegate(QStyledItemDelegate):
    """Paints cells: text, icon, quieter suffix, chip; hover, selection and focus over whole rows."""

    def __init__(self, hub: ThemeHub, view: DataTable) -> None:
        """Paint for one view."""
        super().__init__(view)
        self.hub = hub
        self._view = view

    def sizeHint(self, option: QStyleOptionViewItem, index: AnyIndex) -> QSize:
        """Every row has the one height."""
        return QSize(0, self.hub.theme.size("row.table"))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: AnyIndex) -> None:
        """Paint one cell."""
        theme, view = self.hub.theme, self._view
        rect: QRect = option.rect
        area = QRectF(rect)
        row, column = index.row(), index.column()
        selected = view.selectionModel().isRowSelected(row, QModelIndex())
        if selected:
            painter.fillRect(area, theme.color("surface.selected"))
        elif row == view.hovered_row:
            painter.fillRect(area, theme.color("surface.hover"))
        painter.fillRect(
            QRectF(area.left(), area.bottom() - 1, area.width(), 1), theme.color("border.subtle")
        )
        look = view.look(index)
        self._paint_cell(painter, area, str(index.data()), look, column)
        whole = QRectF(0, area.top(), view.viewport().width(), area.height())
        if selected and column == 0:
            paint.draw_selection_bar(painter, theme, whole)
        if row == view.ringed_row():
            painter.save()
            painter.setClipRect(area)
            paint.draw_focus(painter, theme, whole)
            painter.restore()

    def _paint_cell(self, painter: QPainter, area: QRectF, text: str, look: CellLook, column: int) -> None:
        theme = self.hub.theme
        first, last = column == 0, column == self._view.model().columnCount() - 1
        left = area.left() + (self._view.edge_padding if first else _PADDING)
        right = area.right() - (self._view.end_padding if last else _PADDING)
        if look.icon:
            box = QRectF(left, area.top(), 16, area.height())
            theme.paint_icon(painter, look.icon, look.icon_color, box, 16)
            left += 24
        room = QRectF(left, area.top(), right - left, area.height() - 1)
        if look.chip is not None:  # the text gives way, the chip never does
            room.setWidth(max(room.width() - paint.chip_width(theme, look.chip) - _PADDING, 0))
        align = paint.RIGHT if self._view.column_spec(column).numeric else paint.LEFT
        took = paint.draw_text(
            painter, theme, room, text, color=f"text.{look.tone}", align=align, strike=look.struck
        )
        left += took + _PADDING if text else 0  # a chip that stands alone begins where the heading does
        if look.suffix and left < right:
            rest = QRectF(left, area.top(), right - left, area.height() - 1)
            paint.draw_text(painter, theme, rest, look.suffix, step="caption", color="text.muted")
        if look.chip is not None:
            paint.draw_chip(painter, theme, left, area.center().y(), look.chip)


class TableHeader(QHeaderView):
    """Headings: the sorted column is dark and has an arrow."""

    def __init__(self, hub: ThemeHub, view: DataTable) -> None:
        """The header of one table."""
        super().__init__(Qt.Orientation.Horizontal, view)
        self.hub = hub
        self._view = view
        self.setSectionsClickable(True)
        self.setHighlightSections(False)
        fix_height(self, hub, lambda theme: theme.size("row.tableHeader") + 1)
        self.setMinimumSectionSize(40)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the panel with its round upper corners, then the sections."""
        theme = self.hub.theme
        painter = QPainter(self.viewport())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        whole = QRectF(self.viewport().rect())
        if self._view.in_card:
            # The card's own edge lies under the header, so its round corners are drawn again here.
            painter.fillRect(whole, theme.color("surface.canvas"))
            radius = theme.radius("card")
            edge = QPen(theme.color("border.default"), 1)
            outline = whole.adjusted(-1, -1, 1, 2 * radius)
            paint.rounded(painter, outline, radius, theme.color("surface.panel"), edge)
        else:
            painter.fillRect(whole, theme.color("surface.panel"))
        for logical in range(self.count()):
            if self.isSectionHidden(logical):
                continue
            place = QRectF(
                self.sectionViewportPosition(logical), 0, self.sectionSize(logical), whole.height() - 1
            )
            self._paint_heading(painter, place, logical)
        painter.fillRect(QRectF(0, whole.height() - 1, whole.width(), 1), theme.color("border.default"))

    def _paint_heading(self, painter: QPainter, place: QRectF, logical: int) -> None:
        theme, model = self.hub.theme, self._view.table
        spec = model.columns[logical]
        sorted_at, order = model.sorted_by
        ordered, right_side = sorted_at == logical, spec.numeric
        left = place.left() + (self._view.edge_padding if logical == 0 else _PADDING)
        right = place.right() - (self._view.end_padding if logical == self.count() - 1 else _PADDING)
        room = QRectF(left, 0, right - left, place.height())
        weight, ink = (600, "text.primary") if ordered else (500, "text.muted")
        align = paint.RIGHT if right_side else paint.LEFT
        if ordered and right_side:
            room.setRight(room.right() - 18)
        took = paint.draw_text(
            painter, theme, room, spec.title, step="label", weight=weight, color=ink, align=align
        )
        if ordered:
            falling = order == Qt.SortOrder.DescendingOrder
            arrow = "ph.arrow-down-bold" if falling else "ph.arrow-up-bold"
            x = room.right() + 4 if right_side else left + took + 4
            theme.paint_icon(painter, arrow, ink, QRectF(x, 0, 14, place.height()), 12)


class DataTable(QTableView):
    """A table of any rows.

    The model says what stands in a cell, `looks` how it looks where that is not plain.
    """

    row_activated = Signal(object)

    def __init__(
        self,
        hub: ThemeHub,
        model: KeysetTableModel[Any],
        *,
        name: str,
        looks: Mapping[str, Callable[[Any], CellLook]] | None = None,
    ) -> None:
        """Show `model`; `name` says what the rows are, for screen readers; `looks` go by column key."""
        super().__init__()
        self._given_way: set[int] = set()
        self._left_out: set[str] = set()
        self.hub = hub
        self.table = model
        self._looks = dict(looks or {})
        self.hovered_row = -1
        self.shown_focus_row = -1
        self.in_card = False
        self.edge_padding = _EDGE_PADDING
        self.setModel(model)
        self.setItemDelegate(CellDelegate(hub, self))
        header = TableHeader(hub, self)
        self.setHorizontalHeader(header)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        header.sectionClicked.connect(self._sort)
        upright = self.verticalHeader()
        upright.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        upright.hide()
        self._fit_rows()
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setMouseTracking(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setTabKeyNavigation(False)
        self.setAccessibleName(name)
        self.entered.connect(lambda index: self._hover(index.row()))
        self.activated.connect(lambda index: self.row_activated.emit(model.row(index.row())))
        model.loaded.connect(header.viewport().update)
        hub.changed.connect(self._fit_rows)
        hub.changed.connect(self._repaint_all)

    def _fit_rows(self) -> None:
        high = self.hub.theme.size("row.table")
        upright = self.verticalHeader()
        upright.setMinimumSectionSize(high)
        upright.setDefaultSectionSize(high)
        self.share_width()

    @property
    def end_padding(self) -> int:
        """What is kept free at the right end; a scroll bar lies in a wide margin, so that figures keep their edge."""
        bar = self.verticalScrollBar()
        wide = self.edge_padding > _EDGE_PADDING and bar.isVisible()
        return self.edge_padding - (bar.width() if wide else 0)

    def column_spec(self, column: int) -> Column[Any]:
        """What one column is."""
        return self.table.columns[column]

    def look(self, index: AnyIndex) -> CellLook:
        """How one cell looks."""
        find = self._looks.get(self.column_spec(index.column()).key)
        return find(self.table.row(index.row())) if find else _PLAIN

    def ringed_row(self) -> int:
        """The row with the focus ring.

        The current one while the table has the keyboard and it is not selected.
        """
        if self.shown_focus_row >= 0:
            return self.shown_focus_row
        current = self.currentIndex()
        if not self.hasFocus() or not current.isValid():
            return -1
        return current.row()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Leave Ctrl+A to the page: selecting a million loaded and unloaded rows is never meant."""
        if event.matches(QKeySequence.StandardKey.SelectAll):
            event.ignore()
            return
        super().keyPressEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        """Nothing is hovered outside."""
        super().leaveEvent(event)
        self._hover(-1)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Below the last row nothing is hovered."""
        super().mouseMoveEvent(event)
        if not self.indexAt(event.position().toPoint()).isValid():
            self._hover(-1)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Share out the width anew."""
        super().resizeEvent(event)
        self.share_width()

    def leave_out(self, keys: Collection[str]) -> None:
        """Show every column but these, which have nothing to say about the rows that are shown."""
        if set(keys) != self._left_out:
            self._left_out = set(keys)
            self.share_width()

    def share_width(self) -> None:
        """Fixed columns first, the others take what is left; a hidden column takes nothing.

        Columns that give way are left out one after the other until the rest has room; what still has none scrolls
        sideways, because a number or a chip is never cut.
        """
        for at in self._given_way:
            self.setColumnHidden(at, False)
        self._given_way = {at for at, one in enumerate(self.table.columns) if one.key in self._left_out}
        for at in self._given_way:
            self.setColumnHidden(at, True)
        scaled, room = self.hub.theme.scaled, self.viewport().width()
        shown = [(at, one) for at, one in enumerate(self.table.columns) if not self.isColumnHidden(at)]
        sorted_by, _ = self.table.sorted_by
        may_go = sorted(
            ((one.gives_way, at) for at, one in shown if one.gives_way and at != sorted_by), reverse=True
        )
        for _, at in may_go:
            if sum(scaled(one.width) for _, one in shown) <= room:
                break
            self.setColumnHidden(at, True)
            self._given_way.add(at)
            shown = [(other, one) for other, one in shown if other != at]
        stretching = sum(column.stretch for _, column in shown)
        spare = max(room - sum(scaled(column.width) for _, column in shown), 0)
        for number, column in shown:
            more = spare // stretching if column.stretch else 0
            self.setColumnWidth(number, scaled(column.width) + more)

    def _hover(self, row: int) -> None:
        if row != self.hovered_row:
            self.hovered_row = row
            self.viewport().update()

    def _sort(self, column: int) -> None:
        at, order = self.table.sorted_by
        rising = at == column and order == Qt.SortOrder.AscendingOrder
        self.table.sort(column, Qt.SortOrder.DescendingOrder if rising else Qt.SortOrder.AscendingOrder)
        self.horizontalHeader().viewport().update()

    def _repaint_all(self) -> None:
        self.viewport().update()
        self.horizontalHeader().viewport().update()


class TableCard(QFrame):
    """A table in a card with its foot: how many rows, and what filters them."""

    def __init__(self, hub: ThemeHub, body: QWidget, foot_left: str = "", foot_right: str = "") -> None:
        """Frame `body`, usually a DataTable; without texts there is no foot."""
        super().__init__()
        self.setProperty("surface", "card")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(body, 1)
        for table in (body, *body.findChildren(DataTable)):
            if isinstance(table, DataTable):
                table.in_card = True
        self.foot = surface("foot")
        row = QHBoxLayout(self.foot)
        row.setContentsMargins(16, 0, 16, 0)
        self._left: QLabel = ElidedLabel(foot_left, "caption")
        self._right: QLabel = ElidedLabel(foot_right, "caption")
        self._right.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        row.addWidget(self._left, 1)
        row.addWidget(self._right)
        fix_height(self.foot, hub, 28)
        self.foot.setVisible(bool(foot_left or foot_right))
        column.addWidget(self.foot)

    def set_foot(self, left: str, right: str = "") -> None:
        """Say how many rows there are and what filters them."""
        self._left.setText(left)
        self._right.setText(right)
        self.foot.setVisible(bool(left or right))
