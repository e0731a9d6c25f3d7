"""The parts of the application screen and where they stand; what they do is `page`'s.

See docs/design.md, "Screens" (platform).
"""

from __future__ import annotations

from PySide6.QtCore import QSize, Signal
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from console.views.applications.side import Side
from console.views.theme import ThemeHub
from console.views.widgets.banner import Banner
from console.views.widgets.buttons import Button
from console.views.widgets.choices import ChoiceList
from console.views.widgets.frames import banner_strip, flush, ground, master_side
from console.views.widgets.header import PageHeader
from console.views.widgets.waiting import EmptyState, Skeleton


class ApplicationFrame(QWidget):
    """One's applications at the left, the form of one beside them."""

    toast_wanted = Signal(str)
    reached = Signal(object)
    """None when the server answered, the ConsoleError when it did not: for the status bar."""
    venue_wanted = Signal(object)
    """(UUID): an application was approved, and its venue shall be shown."""

    begin_wanted = Signal()
    """A new application, from the empty page."""

    def __init__(self, hub: ThemeHub) -> None:
        """The parts, empty."""
        super().__init__()
        self.hub = hub
        self.new_button = Button(hub, "New", scale="compact")
        self.new_button.setAccessibleName("New application")
        self.import_button = Button(hub, "Import…", scale="compact")
        self.import_button.setAccessibleName("Import applications")
        self.import_button.hide()
        self.list = ChoiceList(hub, "Your applications")
        self.banner = Banner(hub, above=12)
        self.skeleton = Skeleton(hub, rows=4, row_height=hub.theme.scaled(56))
        self.side = Side(hub)
        self.form = self.side.form
        self.empty = EmptyState(
            hub,
            "ph.storefront",
            "No application yet",
            "Begin one; it is kept as you type, and handed in when you say so.",
            action=("ph.plus", "New application", self.begin_wanted.emit),
        )
        self.stack = QStackedWidget()
        self._lay_out()

    def sizeHint(self) -> QSize:
        """The room beside the rail."""
        return QSize(1240, 872)

    def _lay_out(self) -> None:
        column = ground(self)
        across = flush(QHBoxLayout())
        column.addLayout(across, 1)
        side = master_side(self.hub, across)
        head = PageHeader(self.hub, "New venues", margin=16)
        head.add(self.import_button)
        head.add(self.new_button)
        side.addWidget(head)
        side.addWidget(self.skeleton)
        side.addWidget(self.list, 1)
        side.addStretch(0)
        right = flush(QVBoxLayout())
        across.addLayout(right, 1)
        self.header = PageHeader(self.hub, "", "", detail=True)
        self.header.lead(None, self.side.chip)
        self.header.add(self.side.parts)
        right.addWidget(self.header)
        right.addLayout(banner_strip(self.banner))
        # Nothing is said of what is not known yet.
        for part in (QWidget(), self.empty, self.side):
            self.stack.addWidget(part)
        right.addWidget(self.stack, 1)
        self.header.hide()

    def show_nothing(self) -> None:
        """There is no application: a heading about none would only be odd."""
        self.header.hide()
        self.stack.setCurrentWidget(self.empty)
