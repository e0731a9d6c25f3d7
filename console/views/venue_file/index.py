"""The index of a venue's file: the sections with their keys and figures.

See docs/design.md, "Screens" (platform).
"""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from console.views.theme import ThemeHub
from console.views.venue_file import words
from console.views.widgets import paint
from console.views.widgets.choices import CHOICE_ROLE, AnyIndex, Choice, ChoiceList

_KEYED = 9


class _IndexDelegate(QStyledItemDelegate):
    """The key, the name, the figure."""

    def __init__(self, hub: ThemeHub, parent: QWidget) -> None:
        super().__init__(parent)
        self.hub = hub

    def sizeHint(self, option: QStyleOptionViewItem, index: AnyIndex) -> QSize:
        """As high as an item of the rail."""
        return QSize(0, self.hub.theme.size("railItem"))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: AnyIndex) -> None:
        """Paint one row."""
        choice, theme = index.data(CHOICE_ROLE), self.hub.theme
        if not isinstance(choice, Choice):
            return
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        area = QRectF(option.rect)
        chosen = bool(option.state & QStyle.StateFlag.State_Selected)
        if chosen:
            painter.fillRect(area, theme.color("surface.selected"))
            paint.draw_selection_bar(painter, theme, area)
        elif option.state & QStyle.StateFlag.State_MouseOver:
            painter.fillRect(area, theme.color("surface.hover"))
        left = area.left() + 16
        cap = max(paint.keycap_width(theme, str(number)) for number in range(1, _KEYED + 1))
        if index.row() < _KEYED:
            paint.draw_keycap(painter, theme, left, area.center().y(), str(index.row() + 1))
        room = QRectF(left + cap + 10, area.top(), area.right() - 16 - left - cap - 10, area.height())
        if choice.right:
            paint.draw_text(
                painter,
                theme,
                room,
                choice.right,
                step="label",
                color="text.muted",
                align=paint.RIGHT,
                elide=False,
            )
            room.setWidth(room.width() - paint.text_width(theme.font("label"), choice.right) - 8)
        step = "bodyStrong" if chosen else "body"
        paint.draw_text(painter, theme, room, choice.title, step=step)
        if chosen and option.state & QStyle.StateFlag.State_HasFocus:
            paint.draw_focus(painter, theme, area.adjusted(0, 0, 0, -1))
        painter.restore()


class SectionIndex(ChoiceList):
    """The index; the value of a row is the key of its section."""

    def __init__(self, hub: ThemeHub) -> None:
        """Every section, without figures."""
        super().__init__(hub, "Sections")
        self.setItemDelegate(_IndexDelegate(hub, self))
        self.show_choices([Choice(key, title) for key, title in words.SECTIONS])
        hub.changed.connect(self.scheduleDelayedItemsLayout)

    def show_figures(self, figures: Mapping[str, str]) -> None:
        """Show a figure beside each name."""
        self.choices.retell([Choice(key, title, right=figures.get(key, "")) for key, title in words.SECTIONS])

    def mark(self, key: str) -> None:
        """Mark the section that is read, without going there."""
        at = next((at for at, (one, _title) in enumerate(words.SECTIONS) if one == key), None)
        if at is not None and self.currentIndex().row() != at:
            told = self.blockSignals(True)
            self.setCurrentIndex(self.choices.index(at))
            self.blockSignals(told)
            self.viewport().update()

    def keyboardSearch(self, search: str) -> None:
        """Figures are the page's keys, not a search."""
