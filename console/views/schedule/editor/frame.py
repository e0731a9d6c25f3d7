"""How the side panel is laid out: its head, how far a change reaches, the part that scrolls, and its foot.

See docs/design.md, "Screens" (schedule) and the look of picture 03.
"""

from __future__ import annotations

from datetime import tzinfo
from uuid import UUID

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import (
    QApplication,
    QFrame,
    QHBoxLayout,
    QScrollArea,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from console.domain.changing import Scope
from console.views.schedule.editor.foot import Foot
from console.views.schedule.editor.preview import PlanCard
from console.views.theme import ThemeHub
from console.views.widgets.banner import Banner
from console.views.widgets.base import line, surface, torn_down
from console.views.widgets.buttons import IconButton
from console.views.widgets.focus import tab_in_order
from console.views.widgets.text import ElidedLabel
from console.views.widgets.toggles import ChoiceRow
from console.views.widgets.waiting import Skeleton

_WIDTH = 344
_SHARE = 0.4
_MARGIN = 20
_SCOPES = ((Scope.ONLY, "Only this"), (Scope.FOLLOWING, "This and following"), (Scope.ALL, "All future"))


class PanelFrame(QWidget):
    """The panel without what it does."""

    def __init__(self, hub: ThemeHub, zone: tzinfo, parent: QWidget | None) -> None:
        """An empty panel, hidden."""
        super().__init__(parent)
        self.hub, self._zone = hub, zone
        self._followed: QWidget | None = None
        self._lay_out()
        self.hide()
        hub.changed.connect(self._fit)
        self._fit()
        app = QApplication.instance()
        if isinstance(app, QApplication):
            app.focusChanged.connect(self._follow)

    def room_name(self, room_id: UUID | None) -> str | None:
        """A room's name."""
        return None

    def order_tabs(self) -> None:
        """Tab goes from above to below, and last to the way out."""
        parts = [self.banner, self.scope, *self._forms(), self.card, self.foot, self.close_button]
        tab_in_order(*parts)

    def _forms(self) -> list[QWidget]:
        found = self.body.itemAt(0)
        widget = found.widget() if found is not None else None
        return [widget] if widget is not None and widget is not self.card else []

    def _fit(self) -> None:
        # It grows with the text, and leaves the calendar most of a small window.
        window = self.window()
        most = max(round(window.width() * _SHARE), _WIDTH) if window is not self else 2 * _WIDTH
        self.setFixedWidth(min(self.hub.theme.scaled(_WIDTH), most))

    def showEvent(self, event: QShowEvent) -> None:
        """Follow the window's size from now on."""
        super().showEvent(event)
        window = self.window()
        if window is not self and window is not self._followed:
            self._followed = window
            window.installEventFilter(self)
        self._fit()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """A window of another size leaves another share."""
        if not torn_down(self) and watched is self._followed and event.type() is QEvent.Type.Resize:
            self._fit()
        return False

    def _follow(self, _before: QWidget | None, now: QWidget | None) -> None:
        # What has the keyboard is in sight, however it got it.
        inside = self._scroll.widget()
        if self.isVisible() and now is not None and inside is not None and inside.isAncestorOf(now):
            self._scroll.ensureWidgetVisible(now, 0, 40)

    def _make_room(self, _least: int, most: int) -> None:
        # The bar stands in the margin, so that no field gets narrower when a preview makes the form longer.
        bar = self._scroll.verticalScrollBar().sizeHint().width() if most else 0
        self._held.setContentsMargins(_MARGIN, 12, max(_MARGIN - bar, 0), 16)

    def _lay_out(self) -> None:
        whole = QHBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addWidget(line(vertical=True))
        ground = surface("panel")
        whole.addWidget(ground, 1)
        column = QVBoxLayout(ground)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        head = QHBoxLayout()
        head.setContentsMargins(_MARGIN, 10, 10, 9)
        texts = QVBoxLayout()
        texts.setSpacing(0)
        self.title, self.caption = ElidedLabel("", "name"), ElidedLabel("", "small")
        texts.addWidget(self.title)
        texts.addWidget(self.caption)
        head.addLayout(texts, 1)
        self.close_button = IconButton(self.hub, "ph.x", "Close (Esc)", "quiet", scale="compact")
        head.addWidget(self.close_button)
        column.addLayout(head)
        column.addWidget(line())
        self._scroll = QScrollArea()
        self._scroll.setWidgetResizable(True)
        self._scroll.setFrameShape(QFrame.Shape.NoFrame)
        self._scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.viewport().setAutoFillBackground(False)
        column.addWidget(self._scroll, 1)
        bar = self._scroll.verticalScrollBar()
        bar.rangeChanged.connect(self._make_room)
        inside = QWidget()
        inside.setProperty("clear", "true")
        inside.setAutoFillBackground(False)
        held = self._held = QVBoxLayout(inside)
        held.setContentsMargins(_MARGIN, 12, _MARGIN, 16)
        held.setSpacing(12)
        self.banner = Banner(self.hub)
        held.addWidget(self.banner)
        self.scope = ChoiceRow(self.hub, _SCOPES, name="How far the change reaches")
        self.scope.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        for key, _word in _SCOPES:
            self.scope.option(key).setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.scope.hide()
        held.addWidget(self.scope)
        self.waiting = Skeleton(self.hub, rows=6, row_height=48)
        held.addWidget(self.waiting)
        self.waiting.hide()
        self.body = QVBoxLayout()
        self.body.setSpacing(14)
        held.addLayout(self.body)
        self.card = PlanCard(self.hub, self._zone, lambda room_id: self.room_name(room_id))
        self.body.addWidget(self.card)
        self.card.hide()
        held.addStretch(1)
        self._scroll.setWidget(inside)
        column.addWidget(line(strong=True))
        self.foot = Foot(self.hub)
        column.addWidget(self.foot)
