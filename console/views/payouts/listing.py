"""The list of payouts: a row for each with its amount and, below that, its state; and what the list is narrowed to.

See docs/design.md, "Screens" (finance).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QHBoxLayout, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QVBoxLayout

from console.domain.payouts import Payout
from console.models.words import month_title
from console.views.payouts.words import STATE_WORDS
from console.views.saved_filters import ChoiceBox, FilterMemory, SavedFilters
from console.views.theme import ThemeHub
from console.views.widgets import paint
from console.views.widgets.choices import CHOICE_ROLE, AnyIndex, Choice, ChoiceList
from console.views.widgets.fields import TextInput

_PAGE_KEY = "payouts"
_SIDE = 16


class _PayoutDelegate(QStyledItemDelegate):
    """Two lines: what it is and its amount, then a word about it and its state."""

    def __init__(self, hub: ThemeHub, view: PayoutList) -> None:
        super().__init__(view)
        self.hub = hub

    def sizeHint(self, option: QStyleOptionViewItem, index: AnyIndex) -> QSize:
        """Every row has the one height."""
        return QSize(0, self.hub.theme.size("row.listTwoLine"))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: AnyIndex) -> None:
        """Paint one row."""
        theme, choice = self.hub.theme, index.data(CHOICE_ROLE)
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
        bottom = QRectF(area.left(), area.bottom() - 1, area.width(), 1)
        painter.fillRect(bottom, theme.color("border.subtle"))
        room = area.adjusted(_SIDE, theme.scaled(9), -_SIDE, -theme.scaled(9))
        half = room.height() / 2
        upper = QRectF(room.left(), room.top(), room.width(), half)
        lower = QRectF(room.left(), room.top() + half, room.width(), half)
        wide = paint.text_width(theme.font("body"), choice.right)
        paint.draw_text(painter, theme, upper, choice.right, align=paint.RIGHT, elide=False)
        upper.setRight(upper.right() - wide - 12)
        paint.draw_text(painter, theme, upper, choice.title, step="bodyStrong")
        for chip in choice.chips:
            left = lower.right() - paint.chip_width(theme, chip)
            paint.draw_chip(painter, theme, left, lower.center().y() + 1, chip)
            lower.setRight(left - 12)
        paint.draw_text(painter, theme, lower, choice.detail, step="caption", color="text.muted")
        if option.state & QStyle.StateFlag.State_HasFocus and chosen:
            paint.draw_focus(painter, theme, area.adjusted(0, 0, 0, -1))
        painter.restore()


class PayoutList(ChoiceList):
    """The list itself; the value of a row is its Payout."""

    def __init__(self, hub: ThemeHub) -> None:
        """An empty list."""
        super().__init__(hub, "Payouts")
        self.setItemDelegate(_PayoutDelegate(hub, self))

    @property
    def payout(self) -> Payout | None:
        """The payout that is chosen."""
        found = self.current
        return found if isinstance(found, Payout) else None


class PayoutFilters(SavedFilters):
    """What is typed, the state, and for the platform the month, with filters kept by name."""

    def __init__(self, hub: ThemeHub, memory: FilterMemory | None, *, all_venues: bool) -> None:
        """Start with the choices of the last visit."""
        self._all_venues = all_venues
        self._wanted = ""  # the month as chosen, also while the months are not known yet
        self.text = TextInput(hub, placeholder="Filter payouts")
        self.text.setAccessibleName("Filter payouts")
        self.text.setMaxLength(80)
        self.state = ChoiceBox(hub, "State", "Status", STATE_WORDS)
        self.month = ChoiceBox(hub, "Month", "Any month", {})
        boxes = {"state": self.state, **({"period": self.month} if all_venues else {})}
        super().__init__(hub, boxes, memory, _PAGE_KEY if all_venues else f"{_PAGE_KEY}:venue")
        self.text.textChanged.connect(self._typing)
        self.text_wanted.connect(self.text.setText)

    @property
    def values(self) -> dict[str, str]:
        """The choices by filter, without those that are "any"."""
        found = {**super().values, "period": self._wanted}
        return {name: value for name, value in found.items() if value}

    @property
    def period(self) -> date | None:
        """The month that is chosen, if one is."""
        return date.fromisoformat(self._wanted) if self._wanted else None

    def offer_months(self, months: Sequence[date]) -> None:
        """Fill the filter by month."""
        self.month.fill("Any month", [(one.isoformat(), month_title(one)) for one in months])
        self.month.set_key(self._wanted)

    def choose_month(self, period: date) -> None:
        """Narrow the list to one month."""
        self._wanted = period.isoformat()
        self.month.set_key(self._wanted)
        self._chosen()

    def _typing(self, text: str) -> None:
        self.typed = text.strip()

    def _box_chosen(self, name: str) -> None:
        if name == "period":
            self._wanted = self.month.key
        super()._box_chosen(name)

    def _take(self, kept: Mapping[str, Any]) -> None:
        super()._take(kept)
        found = kept.get("filters")
        wanted = str(found.get("period", "")) if isinstance(found, dict) else ""
        try:
            self._wanted = date.fromisoformat(wanted).isoformat() if wanted and self._all_venues else ""
        except ValueError:
            self._wanted = ""
        self.month.set_key(self._wanted)

    def _lay_out(self) -> None:
        super()._lay_out()
        column = self.layout()
        assert isinstance(column, QVBoxLayout)
        item = column.itemAt(0)
        below = item.layout() if item is not None else None
        assert below is not None
        below.removeWidget(self.state)
        first = QHBoxLayout()
        first.setSpacing(8)
        first.addWidget(self.text, 3)
        first.addWidget(self.state, 2)
        column.insertLayout(0, first)
        self.month.setParent(self)
        self.month.setVisible(self._all_venues)
        self.name.setMinimumWidth(72)
        self.text.setMinimumWidth(96)
        # One venue has a row a month: the state is enough, and the choice of the last visit is kept.
        for part in () if self._all_venues else (self.saved, self.save):
            part.hide()
