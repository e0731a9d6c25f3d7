"""The areas of the rail under their headings: all of them at once, in rows a little lower where they are many.

Headquarters has more areas than a usual window is high. Rows go down to the least hand-sized height before anything
scrolls, and what then lies beyond an edge is counted there: nothing is hidden without a sign. See docs/design.md,
"Screens".
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QMargins, QObject, QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QLabel, QScrollArea, QVBoxLayout, QWidget

from console.views.shell.rail_parts import RailButton, RailItem
from console.views.theme import ThemeHub
from console.views.widgets import paint
from console.views.widgets.base import torn_down
from console.views.widgets.text import label

GAP = 2
_LEAST_ROW = 28
_ROOMY, _TIGHT = (10, 4), (6, 2)
_ROOMY_FROM = 32
_SIGN = 20


class _MoreSign(RailButton):
    """Says how many areas lie beyond an edge; a press goes there. The keyboard reaches them without it."""

    def __init__(self, hub: ThemeHub, icon: str, where: str, parent: QWidget) -> None:
        super().__init__(hub, "")
        self._icon, self._where, self._count = icon, where, 0
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setParent(parent)
        self.hide()

    def tell(self, count: int) -> None:
        """Show this number, or nothing for 0."""
        self._count = count
        self.setText(f"{count} more")
        self.setAccessibleName(self.hint())
        self.set_collapsed(self.collapsed)
        self.setVisible(count > 0)

    def hint(self) -> str:
        """How many areas there are, and where."""
        return f"{self._count} more {self._where}"

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the ground over what is cut off, the arrow, and the number where there is room."""
        theme, painter = self.hub.theme, QPainter(self)
        painter.fillRect(self.rect(), theme.color("surface.rail"))
        self.fill(painter)
        width = self.width() if self.collapsed else 36
        theme.paint_icon(painter, self._icon, "text.secondary", QRectF(0, 0, width, self.height()), 14)
        if not self.collapsed:
            room = QRectF(38, 0, self.width() - 38, self.height())
            paint.draw_text(painter, theme, room, self.text(), step="caption", color="text.muted")


class RailList(QScrollArea):
    """The list. Whoever owns it says how high its rows are to be, by `fit`."""

    def __init__(self, hub: ThemeHub) -> None:
        """An empty list."""
        super().__init__()
        self._hub = hub
        self._items: list[RailItem] = []
        self._captions: list[QLabel] = []
        self._chosen: RailItem | None = None
        self._collapsed = False
        self._listing = listing = QWidget()
        listing.setProperty("clear", "true")
        listing.setStyleSheet("background: transparent;")
        holder = QVBoxLayout(listing)
        holder.setContentsMargins(0, 0, 0, 0)
        self._column = QVBoxLayout()
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(GAP)
        holder.addLayout(self._column)
        holder.addStretch(1)
        self.setWidgetResizable(True)
        for turn_off in (self.setHorizontalScrollBarPolicy, self.setVerticalScrollBarPolicy):
            turn_off(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setWidget(listing)
        self.above = _MoreSign(hub, "ph.caret-up", "above", self)
        self.below = _MoreSign(hub, "ph.caret-down", "below", self)
        bar = self.verticalScrollBar()
        self.above.clicked.connect(lambda: bar.setValue(bar.value() - bar.pageStep() // 2))
        self.below.clicked.connect(lambda: bar.setValue(bar.value() + bar.pageStep() // 2))
        bar.valueChanged.connect(self._sign)
        bar.rangeChanged.connect(self._sign)

    def show_groups(self, groups: Sequence[tuple[str, Sequence[RailItem]]]) -> None:
        """Show these items, each group under its heading; "" has none."""
        while self._column.count():
            taken = self._column.takeAt(0)
            old = taken.widget() if taken is not None else None
            if old is not None:
                old.hide()
                old.deleteLater()
        self._items, self._captions, self._chosen = [], [], None
        for heading, items in groups:
            if heading:
                caption = label(heading, "label")
                self._captions.append(caption)
                self._column.addWidget(caption)
                caption.setVisible(not self._collapsed)
            for item in items:
                self._items.append(item)
                self._column.addWidget(item)

    def set_collapsed(self, collapsed: bool) -> None:
        """Without headings, which say nothing in a rail of icons."""
        self._collapsed = collapsed
        for caption in self._captions:
            caption.setVisible(not collapsed)
        for sign in (self.above, self.below):
            sign.set_collapsed(collapsed)

    def fit(self, room: int, foot: Sequence[RailItem]) -> None:
        """Give every row, those at the foot too, the height at which all fit into `room`, or the least one."""
        theme = self._hub.theme
        rows = [*self._items, *foot]
        captions = [] if self._collapsed else self._captions
        gaps = GAP * max(len(self._items) + len(captions) - 1, 0)
        words = sum(_words_height(one) for one in captions)
        height, spaced = theme.size("railItem"), _ROOMY
        while height * len(rows) + gaps + words + sum(spaced) * len(captions) > room:
            if height <= theme.scaled(_LEAST_ROW):
                break
            height -= 1
            spaced = _ROOMY if height >= theme.scaled(_ROOMY_FROM) else _TIGHT
        for caption in self._captions:
            # Nothing is set that is so already, or the layout would ask for it without end.
            if caption.contentsMargins() != (margins := QMargins(8, spaced[0], 0, spaced[1])):
                caption.setContentsMargins(margins)
        for row in rows:
            row.setFixedHeight(height)
        self.show_chosen()

    def choose(self, item: RailItem | None) -> None:
        """Keep the open area in sight."""
        self._chosen = item
        self.show_chosen()

    def show_chosen(self) -> None:
        """Scroll to the open area where it is beyond an edge."""
        layout = self._listing.layout()
        if layout is not None:
            layout.activate()
        if self._chosen is not None:
            self.ensureWidgetVisible(self._chosen, 0, self._hub.theme.scaled(_SIGN) + GAP)
        self._sign()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the signs at the edges."""
        super().resizeEvent(event)
        high = self._hub.theme.scaled(_SIGN)
        self.above.setGeometry(0, 0, self.width(), high)
        self.below.setGeometry(0, self.height() - high, self.width(), high)
        self.show_chosen()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Count anew when the rows have their places: the scroll bar knows before they have."""
        done = super().eventFilter(watched, event)
        if (
            event.type() in (QEvent.Type.Resize, QEvent.Type.LayoutRequest)
            and not torn_down(self)
            and watched is self._listing
        ):
            self._sign()
        return done

    def _sign(self) -> None:
        bar, high = self.verticalScrollBar(), self.viewport().height()
        top, bottom = bar.value(), bar.value() + high
        over = [one.geometry() for one in self._items]
        self.above.tell(sum(one.top() < top for one in over) if bar.value() > bar.minimum() else 0)
        self.below.tell(sum(one.bottom() >= bottom for one in over) if bar.value() < bar.maximum() else 0)
        self.above.raise_()
        self.below.raise_()


def _words_height(caption: QLabel) -> int:
    margins = caption.contentsMargins()
    return caption.sizeHint().height() - margins.top() - margins.bottom()
