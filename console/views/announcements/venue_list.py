"""Venues to tick off: filtered by name, ticked with Space, Enter or a click.

See docs/design.md, "Screens" (platform).
"""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPen
from PySide6.QtWidgets import (
    QHBoxLayout,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from console.domain.counting import count
from console.views.theme import ThemeHub
from console.views.widgets import paint
from console.views.widgets.base import fix_height
from console.views.widgets.buttons import Button
from console.views.widgets.choices import CHOICE_ROLE, AnyIndex, Choice, ChoiceList
from console.views.widgets.fields import TextInput
from console.views.widgets.text import label

_TICKED = "ticked"
_BOX = 16
_HIGH = 176


class _TickDelegate(QStyledItemDelegate):
    """A box and a name."""

    def __init__(self, hub: ThemeHub, parent: QWidget) -> None:
        super().__init__(parent)
        self.hub = hub

    def sizeHint(self, option: QStyleOptionViewItem, index: AnyIndex) -> QSize:
        """Rows of a table's height."""
        return QSize(0, self.hub.theme.size("row.table"))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: AnyIndex) -> None:
        """Paint one row."""
        choice, theme = index.data(CHOICE_ROLE), self.hub.theme
        if not isinstance(choice, Choice):
            return
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        area = QRectF(option.rect)
        if option.state & QStyle.StateFlag.State_MouseOver:
            painter.fillRect(area, theme.color("surface.hover"))
        box = QRectF(area.left() + 12, round(area.center().y() - _BOX / 2), _BOX, _BOX)
        if choice.beside == _TICKED:
            paint.rounded(painter, box, theme.radius("chip"), theme.color("accent.fill"))
            theme.paint_icon(painter, "ph.check-bold", "accent.onFill", box, theme.tokens.icon("chip"))
        else:
            pen = QPen(theme.color("border.control"), 1)
            paint.rounded(painter, box, theme.radius("chip"), theme.color("surface.canvas"), pen)
        room = QRectF(box.right() + 10, area.top(), area.right() - box.right() - 22, area.height())
        paint.draw_text(painter, theme, room, choice.title)
        if option.state & QStyle.StateFlag.State_HasFocus:
            paint.draw_focus(painter, theme, area.adjusted(1, 1, -1, -1), theme.radius("control"))
        painter.restore()


class _TickList(ChoiceList):
    """Space ticks too."""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Space and Enter tick; letters go nowhere."""
        if event.key() == Qt.Key.Key_Space:
            self.enter()
            return
        super().keyPressEvent(event)


class VenueChecklist(QWidget):
    """The list with its filter. `changed` follows each tick."""

    changed = Signal()

    def __init__(self, hub: ThemeHub) -> None:
        """No venue is known yet."""
        super().__init__()
        self.hub = hub
        self._venues: list[tuple[UUID, str]] = []
        self._ticked: set[UUID] = set()
        self.filter = TextInput(hub, placeholder="Find a venue")
        self.filter.setAccessibleName("Find a venue")
        self.filter.setMaxLength(80)
        self.shown_button = Button(hub, "Tick all shown", "link", scale="compact")
        self.none_button = Button(hub, "Untick all", "link", scale="compact")
        self.list = _TickList(hub, "Venues")
        self.list.setItemDelegate(_TickDelegate(hub, self.list))
        fix_height(self.list, hub, _HIGH)
        self.count = label("", "small")
        self.filter.textChanged.connect(lambda _text: self._show())
        self.list.steer(self.filter)
        self.list.chosen.connect(self._tick)
        self.shown_button.clicked.connect(lambda _checked=False: self._tick_shown())
        self.none_button.clicked.connect(lambda _checked=False: self._set(set()))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addWidget(self.filter)
        column.addWidget(self.list)
        row = QHBoxLayout()
        row.setSpacing(12)
        row.addWidget(self.count, 1)
        row.addWidget(self.shown_button)
        row.addWidget(self.none_button)
        column.addLayout(row)
        self._show()

    @property
    def ticked(self) -> list[UUID]:
        """The venues that are ticked, in the order of the list."""
        return [venue for venue, _name in self._venues if venue in self._ticked]

    def show_venues(self, venues: Sequence[tuple[UUID, str]]) -> None:
        """Offer these."""
        self._venues = sorted(venues, key=lambda one: one[1].casefold())
        self._show()

    def _found(self) -> list[tuple[UUID, str]]:
        typed = self.filter.text().strip().casefold()
        return [one for one in self._venues if typed in one[1].casefold()]

    def _tick(self, venue: object) -> None:
        if isinstance(venue, UUID):
            self._set(self._ticked ^ {venue})

    def _tick_shown(self) -> None:
        self._set(self._ticked | {venue for venue, _name in self._found()})

    def _set(self, ticked: set[UUID]) -> None:
        self._ticked = ticked
        self._show()
        self.changed.emit()

    def _show(self) -> None:
        rows = [
            Choice(venue, name, beside=_TICKED if venue in self._ticked else "")
            for venue, name in self._found()
        ]
        if [one.value for one in rows] == [one.value for one in self.list.choices.choices]:
            self.list.choices.retell(rows)
        else:
            self.list.refresh_choices(rows, lambda value: value)
        self.count.setText(f"{len(self._ticked):,} of {count(len(self._venues), 'venue')}")
