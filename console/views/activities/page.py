"""The area of activities: the catalogue, one activity in the panel beside it, many at once in a sheet over it.

What belongs to the schedule is only asked for: `series_wanted` and `schedule_wanted` carry an activity's id. See
docs/design.md, "Screens" (activities).
"""

from __future__ import annotations

from functools import partial
from uuid import UUID

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QWidget

from console.clock import Clock
from console.domain.catalogue import Activity, ActivityRow
from console.models.gateway_catalogue import CatalogueGateway
from console.views.activities.bulk import BulkSheet
from console.views.activities.listing import ActivityList
from console.views.activities.panel import ActivityPanel
from console.views.saved_filters import FilterMemory
from console.views.shell.areas import Action, listen
from console.views.theme import ThemeHub
from console.views.widgets.base import line
from console.views.widgets.dialog import is_asked
from console.views.widgets.focus import lead_focus, tab_in_order

_FEW = 2


class ActivitiesPage(QWidget):
    """The area. `toast_wanted` carries a sentence and a detail."""

    toast_wanted = Signal(str, str)
    series_wanted = Signal(object)
    """The id of an activity whose weekly patterns should be changed too."""
    schedule_wanted = Signal(object)
    """The id of an activity that wants a session in the schedule."""
    reached = Signal(object)
    """None when the server answered, the ConsoleError when it did not: for the status bar."""
    unsaved = Signal(object)
    """The status bar's words about what is not saved yet, or None."""

    def __init__(
        self,
        hub: ThemeHub,
        gateway: CatalogueGateway,
        clock: Clock,
        *,
        venue: str,
        memory: FilterMemory | None = None,
        may_edit: bool = False,
        may_export: bool = False,
    ) -> None:
        """Nothing is asked before it is shown. `memory` keeps filters."""
        super().__init__()
        self.hub, self._gateway, self._may_edit = hub, gateway, may_edit
        self.sheet: BulkSheet | None = None
        self.listing = ActivityList(
            hub, gateway, clock, venue=venue, memory=memory, may_edit=may_edit, may_export=may_export
        )
        self.panel = ActivityPanel(hub, gateway, may_edit=may_edit)
        self._edge = line(vertical=True)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self.listing, 1)
        row.addWidget(self._edge)
        row.addWidget(self.panel)
        self._edge.hide()
        self.listing.activity_wanted.connect(self._open_row)
        self.listing.new_wanted.connect(self.begin)
        self.listing.many_wanted.connect(self.edit_many)
        self.listing.toast_wanted.connect(self.toast_wanted)
        self.panel.toast_wanted.connect(self.toast_wanted)
        self.panel.saved.connect(self._saved)
        self.panel.closed.connect(self._closed)
        self.panel.opened.connect(self._make_room)
        self.panel.unsaved_changed.connect(self.unsaved)
        self.listing.model.loaded.connect(lambda: self.reached.emit(None))
        self.listing.model.failed.connect(self.reached)
        self.panel.unopened.connect(self.listing.banner.show_error)
        self.panel.series_wanted.connect(self.series_wanted)
        self.panel.schedule_wanted.connect(self.schedule_wanted)
        action = partial(Action, heard=False, group="Activities")
        self._own: tuple[Action, ...] = ()
        if may_edit:
            # Heard in the list and in the panel alike.
            self._own = (
                action("activities:new", "New activity", self.begin, "Ctrl+N", "ph.plus"),
                action("activities:many", "Edit several…", self.edit_many, "Ctrl+Shift+E", "ph.stack"),
                action(
                    "activities:copy", "Duplicate the activity", self.panel.duplicate, "Ctrl+D", "ph.copy"
                ),
                action(
                    "activities:publish",
                    "Publish, or stop showing",
                    self.panel.publish,
                    "Ctrl+Return",
                    "ph.eye",
                ),
            )
        listen(self, self._own)
        lead_focus(self, self.listing)

    @property
    def page_actions(self) -> tuple[Action, ...]:
        """The keys of the list and of the panel; Escape is the one of the part that has the keyboard."""
        panel = [one for one in self.panel.page_actions if one.keys != "Esc"]
        return (*self.listing.page_actions, *panel, *self._own)

    def sizeHint(self) -> QSize:
        """The room beside the rail."""
        return QSize(1240, 872)

    # -- for the window ------------------------------------------------------------------------------------------------

    def refresh(self) -> None:
        """Something changed elsewhere: ask again, moving nothing."""
        self.listing.model.refresh()
        self.panel.refresh()

    def stop(self) -> None:
        """Drop everything under way: the page is going away."""
        self.listing.stop()
        self.panel.stop()
        if self.sheet is not None:
            self.sheet.close()

    def open_activity(self, activity_id: UUID) -> None:
        """Show one activity: from a row, from the palette or from the schedule."""
        self.panel.open(activity_id)

    def begin(self) -> None:
        """Begin a new activity."""
        if self._may_edit and self.sheet is None and not is_asked(self):
            self.panel.begin()

    def edit_many(self) -> None:
        """Edit the selected rows together."""
        rows = self.listing.chosen
        if not self._may_edit or len(rows) < _FEW or self.sheet is not None or is_asked(self):
            return
        self.sheet = BulkSheet(self.hub, self.window(), self._gateway, rows)
        self.sheet.changed.connect(self.refresh)
        self.sheet.closed.connect(self._sheet_closed)
        self.sheet.open()

    def showEvent(self, event: QShowEvent) -> None:
        """Tab goes through the list, then through the panel."""
        super().showEvent(event)
        listing = self.listing
        tab_in_order(
            listing.header, listing.filter, listing.choices, listing.exports, listing.table, *self.panel.stops
        )

    def _open_row(self, row: ActivityRow) -> None:
        self.panel.open(row.id)

    def _saved(self, _activity: Activity) -> None:
        self.listing.model.refresh()

    def _make_room(self) -> None:
        self._edge.show()
        if self.panel.activity is not None:
            self.listing.mark(self.panel.activity.id)
        else:
            self.listing.table.clearSelection()

    def _closed(self) -> None:
        self._edge.hide()
        self.listing.table.setFocus(Qt.FocusReason.OtherFocusReason)

    def _sheet_closed(self) -> None:
        self.sheet = None
