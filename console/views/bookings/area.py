"""The area of bookings: the list, and over it the page of one booking; going back finds the list as it was left.

See docs/design.md, "Screens".
"""

from __future__ import annotations

from uuid import UUID

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from console.views.bookings.detail import BookingDetail
from console.views.bookings.page import BookingsPage
from console.views.shell.areas import Action
from console.views.widgets.focus import lead_focus


class BookingsArea(QWidget):
    """List and page as one.

    `toast_wanted` carries a sentence and a detail of either; `actions_changed` says that the keys are the other's now.
    """

    toast_wanted = Signal(str, str)
    actions_changed = Signal()

    def __init__(self, listing: BookingsPage, detail: BookingDetail) -> None:
        """Start with the list."""
        super().__init__()
        self.listing, self.detail = listing, detail
        self.stack = QStackedWidget()
        self.stack.addWidget(listing)
        self.stack.addWidget(detail)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.stack)
        listing.booking_wanted.connect(self.open_booking)
        listing.toast_wanted.connect(self.toast_wanted)
        detail.toast_wanted.connect(self.toast_wanted)
        detail.left.connect(self.show_list)
        lead_focus(self, listing)

    @property
    def page_actions(self) -> tuple[Action, ...]:
        """The keys of what is on show."""
        return self.detail.page_actions if self.is_booking_open else self.listing.page_actions

    @property
    def is_booking_open(self) -> bool:
        """Whether one booking's page is on show."""
        return self.stack.currentWidget() is self.detail

    def open_booking(self, booking_id: UUID) -> None:
        """Show one booking: from a row, from the palette or from a code."""
        lead_focus(self, self.detail)
        self.stack.setCurrentWidget(self.detail)
        self.detail.open(booking_id)
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
