"""The rail at the left: venue, search, areas, and the person at its foot."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from PySide6.QtCore import QEvent, QRectF, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from console.views.shell.areas import Area
from console.views.shell.rail_list import GAP, RailList
from console.views.shell.rail_parts import FindBox, IconOnly, PersonButton, RailHead, RailItem
from console.views.theme import ThemeHub
from console.views.widgets.base import ThemedWidget

_MARGIN = 8


class Rail(ThemedWidget):
    """The rail: 200 wide, or 56 with icons only."""

    area_chosen = Signal(str)
    find_pressed = Signal()
    shortcuts_pressed = Signal()
    help_pressed = Signal()
    lock_pressed = Signal()
    person_pressed = Signal()
    head_pressed = Signal()

    def __init__(self, hub: ThemeHub) -> None:
        """An empty rail."""
        super().__init__(hub)
        self._collapsed = False
        self._items: dict[str, RailItem] = {}
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 1, 8)
        column.setSpacing(0)
        self._head = RailHead(hub)
        column.addWidget(self._head)
        inner = QVBoxLayout()
        inner.setContentsMargins(_MARGIN, 0, _MARGIN, 0)
        inner.setSpacing(GAP)
        self._find = FindBox(hub)
        inner.addWidget(self._find)
        inner.addSpacing(10)
        self.list = RailList(hub)
        inner.addWidget(self.list, 1)
        self._shortcuts = RailItem(hub, "Shortcuts", "ph.keyboard", checkable=False)
        self._help = RailItem(hub, "Help", "ph.question", checkable=False)
        inner.addWidget(self._shortcuts)
        inner.addWidget(self._help)
        inner.addSpacing(8)
        foot = QHBoxLayout()
        foot.setSpacing(0)
        self._person = PersonButton(hub)
        self._lock = IconOnly(hub, "ph.lock-simple", "Lock this desk")
        foot.addWidget(self._person, 1)
        foot.addWidget(self._lock)
        inner.addLayout(foot)
        column.addLayout(inner, 1)
        self._head.clicked.connect(self.head_pressed)
        self._find.clicked.connect(self.find_pressed)
        self._shortcuts.clicked.connect(self.shortcuts_pressed)
        self._help.clicked.connect(self.help_pressed)
        self._person.clicked.connect(self.person_pressed)
        self._lock.clicked.connect(self.lock_pressed)
        self.setAccessibleName("Areas")
        self.setFixedWidth(hub.theme.size("rail"))

    @property
    def collapsed(self) -> bool:
        """Whether only icons are shown."""
        return self._collapsed

    @property
    def person_button(self) -> PersonButton:
        """Where the person's menu opens."""
        return self._person

    def set_collapsed(self, collapsed: bool) -> None:
        """Show icons only, or icons and words."""
        self._collapsed = collapsed
        self.setFixedWidth(self.theme.size("railCollapsed" if collapsed else "rail"))
        parts = (self._head, self._find, self._shortcuts, self._help, self._person, *self._items.values())
        for part in parts:
            part.set_collapsed(collapsed)
        self._shortcuts.setVisible(not collapsed)
        self._lock.setVisible(not collapsed)
        self.list.set_collapsed(collapsed)
        self._fit()

    def set_areas(self, areas: Sequence[Area]) -> None:
        """Show these areas, under their groups' headings."""
        self._items = {}
        groups: list[tuple[str, list[RailItem]]] = []
        for area in areas:
            item = RailItem(self.hub, area.title, area.icon)
            item.clicked.connect(lambda _checked=False, key=area.key: self.area_chosen.emit(key))
            self._items[area.key] = item
            if not groups or groups[-1][0] != area.group:
                groups.append((area.group, []))
            groups[-1][1].append(item)
        self.list.show_groups(groups)
        # The keyboard goes down the rail as the eye does, whenever its parts were made.
        chain = (
            self._head,
            self._find,
            *self._items.values(),
            self._shortcuts,
            self._help,
            self._person,
            self._lock,
        )
        for one, after in pairwise(chain):
            QWidget.setTabOrder(one, after)
        self.set_collapsed(self._collapsed)

    def choose(self, key: str) -> None:
        """Mark an area as open, without a signal."""
        for other, item in self._items.items():
            item.setChecked(other == key)
        self.list.choose(self._items.get(key))

    def set_badge(self, key: str, count: int, tone: str = "neutral") -> None:
        """Show how much there is to be done in an area."""
        if key in self._items:
            self._items[key].set_badge(count, tone)

    def show_venue(self, name: str, detail: str) -> None:
        """Name the place at the head."""
        self._head.show_venue(name, detail)

    def show_several(self, several: bool) -> None:
        """Show whether there are other venues to change to."""
        self._head.show_several(several)

    def show_person(self, name: str, detail: str, initials: str) -> None:
        """Name the person at the foot."""
        self._person.show_person(name, detail, initials)

    def event(self, event: QEvent) -> bool:
        """Fit the rows anew when a part has another height, as in larger text."""
        done = super().event(event)
        if event.type() is QEvent.Type.LayoutRequest:
            self._fit()
        return done

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Fit the rows to another height."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """Share what is left between the search box and the person among all rows, of areas and at the foot."""
        foot = [self._help] if self._collapsed else [self._shortcuts, self._help]
        layout = self.layout()
        if layout is not None:
            layout.activate()
        room = self.list.height() + sum(one.height() for one in foot)
        self.list.fit(room, foot)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the rail's surface and its edge."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), self.theme.color("surface.rail"))
        painter.fillRect(QRectF(self.width() - 1, 0, 1, self.height()), self.theme.color("border.subtle"))
