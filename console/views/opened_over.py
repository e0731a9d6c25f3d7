"""A list, and over it the page of one of its rows: going back finds the list as it was left.

The page is made anew for each row and goes away with it, so that nothing of one venue is seen under another's name.
See docs/design.md, "Screens".
"""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from console.views.shell.areas import Action, HasActionBar, HasActions
from console.views.widgets.focus import lead_focus
from console.views.widgets.frames import flush


class OpenedOver(QWidget):
    """List and page as one. `actions_changed` says that the keys are the other's now."""

    actions_changed = Signal()

    def __init__(self, listing: QWidget, make: Callable[[UUID], QWidget]) -> None:
        """Start with the list; `make` makes the page of one, whose `back_wanted` is connected to `show_list`."""
        super().__init__()
        self.listing, self._make = listing, make
        self.opened: QWidget | None = None
        self.opened_id: UUID | None = None
        self.stack = QStackedWidget()
        self.stack.addWidget(listing)
        flush(QVBoxLayout(self)).addWidget(self.stack)
        lead_focus(self, listing)

    @property
    def on_show(self) -> QWidget:
        """What is seen."""
        return self.listing if self.opened is None else self.opened

    @property
    def page_actions(self) -> tuple[Action, ...]:
        """The keys of what is on show."""
        return self.on_show.page_actions if isinstance(self.on_show, HasActions) else ()

    @property
    def action_bar(self) -> QWidget | None:
        """The bar of what is on show."""
        return self.on_show.action_bar if isinstance(self.on_show, HasActionBar) else None

    def open_one(self, of: object) -> None:
        """Show the page of one, by its id."""
        if not isinstance(of, UUID) or of == self.opened_id:
            return
        self._drop()
        self.opened, self.opened_id = self._make(of), of
        self.stack.addWidget(self.opened)
        self.stack.setCurrentWidget(self.opened)
        lead_focus(self, self.opened)
        self.opened.setFocus(Qt.FocusReason.OtherFocusReason)
        self.actions_changed.emit()

    def show_list(self) -> None:
        """Back to the list, with the keyboard in it."""
        self._drop()
        self.stack.setCurrentWidget(self.listing)
        lead_focus(self, self.listing)
        self.listing.setFocus(Qt.FocusReason.OtherFocusReason)
        self.actions_changed.emit()

    def refresh(self) -> None:
        """Ask again what is on show."""
        refresh: Callable[[], None] | None = getattr(self.on_show, "refresh", None)
        if refresh is not None:
            refresh()

    def stop(self) -> None:
        """Drop what is under way: the area is going away."""
        self._drop()
        stop: Callable[[], None] | None = getattr(self.listing, "stop", None)
        if stop is not None:
            stop()

    def _drop(self) -> None:
        gone, self.opened, self.opened_id = self.opened, None, None
        if gone is None:
            return
        stop: Callable[[], None] | None = getattr(gone, "stop", None)
        if stop is not None:
            stop()
        self.stack.removeWidget(gone)
        gone.deleteLater()
