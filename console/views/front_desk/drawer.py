"""Below 1200 pixels of window the child's card is a drawer over the session list, so that the roster keeps its room.

See docs/design.md, "Screens" (front desk).
"""

from __future__ import annotations

from PySide6.QtCore import QRect
from PySide6.QtWidgets import QHBoxLayout, QWidget

from console.views.front_desk.child_card import ChildCard
from console.views.theme import ThemeHub

DRAWER_BELOW = 1200


class CardDrawer:
    """Puts the card beside the roster, or over the session list."""

    def __init__(self, hub: ThemeHub, page: QWidget, row: QHBoxLayout, card: ChildCard) -> None:
        """`row` is the page's layout, of which the card is the last part while there is room."""
        self._hub, self._page, self._row, self._card = hub, page, row, card
        self.is_drawer = False

    @property
    def is_open(self) -> bool:
        """Whether the drawer covers the sessions now."""
        return self.is_drawer and self._card.isVisible()

    def fit(self) -> None:
        """Follow the size of the window."""
        page, card = self._page, self._card
        window = page.window()
        rail = self._hub.theme.size("railCollapsed")
        width = window.width() if window is not page else page.width() + rail
        drawer = width < DRAWER_BELOW
        if drawer != self.is_drawer:
            self.is_drawer = drawer
            card.set_drawer(drawer)
            if drawer:
                self._row.removeWidget(card)
                card.hide()
            else:
                self._row.addWidget(card)
                card.show()
        if drawer:
            card.setGeometry(QRect(0, 0, self._hub.theme.size("sessionList"), page.height()))

    def open(self) -> None:
        """Show the card where it is a drawer."""
        if self.is_drawer:
            self._card.show()
            self._card.raise_()

    def close(self) -> None:
        """Take the drawer away."""
        if self.is_drawer:
            self._card.hide()
