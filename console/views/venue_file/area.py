"""The area of venues: the list, and over it the file of one; going back finds the list as it was left.

See docs/design.md, "Screens" (platform).
"""

from __future__ import annotations

from uuid import UUID

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from console.views.list_page import ListPage
from console.views.shell.areas import Action
from console.views.venue_file.page import VenueFilePage
from console.views.widgets.focus import lead_focus


class VenuesArea(QWidget):
    """List and file as one. The file is made with `has_list`."""

    toast_wanted = Signal(str)
    actions_changed = Signal()

    def __init__(self, listing: ListPage, detail: VenueFilePage) -> None:
        """Start with the list, made by `lists.venues_page`."""
        super().__init__()
        self.listing, self.detail = listing, detail
        self.stack = QStackedWidget()
        self.stack.addWidget(listing)
        self.stack.addWidget(detail)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.stack)
        listing.table.row_activated.connect(lambda row: self.open_venue(row.id))
        detail.toast_wanted.connect(self.toast_wanted)
        detail.left.connect(self.show_list)
        lead_focus(self, listing)

    @property
    def page_actions(self) -> tuple[Action, ...]:
        """The keys of what is on show."""
        return self.detail.page_actions if self.is_file_open else self.listing.page_actions

    @property
    def is_file_open(self) -> bool:
        """Whether one venue's file is on show."""
        return self.stack.currentWidget() is self.detail

    def open_venue(self, venue_id: UUID) -> None:
        """Show one venue: from a row, from the queue, from the palette."""
        lead_focus(self, self.detail)
        self.detail.open(venue_id)
        self.stack.setCurrentWidget(self.detail)
        self.detail.setFocus(Qt.FocusReason.OtherFocusReason)
        self.actions_changed.emit()

    def show_list(self) -> None:
        """Back to the list, with the keyboard in its rows; what changed meanwhile is fetched, nothing moves."""
        lead_focus(self, self.listing)
        self.stack.setCurrentWidget(self.listing)
        self.listing.table.setFocus(Qt.FocusReason.OtherFocusReason)
        self.actions_changed.emit()

    def stop(self) -> None:
        """Drop what is under way: the area is going away."""
        self.listing.stop()
        self.detail.stop()
