"""Every booking of a venue: typed and chosen filters, four orders, and the file of all that is shown.

Front desk and manager see the child's first name inside the roster's window, finance never; who sees what is the
database's to say (docs/design.md, "The database"). See docs/design.md, "Screens".
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import tzinfo

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QShowEvent

from console.clock import Clock
from console.domain.listing import ActivityChoice, BookingRow, days_of
from console.domain.paging import Page, PageRequest
from console.errors import ConsoleError
from console.models.runner import TaskRunner
from console.models.table import KeysetTableModel
from console.views.bookings.export import ExportBar
from console.views.bookings.filters import FilterBar
from console.views.bookings.words import (
    attendance_look,
    child_look,
    export_columns,
    list_columns,
    session_look,
    status_look,
)
from console.views.list_page import ListPage
from console.views.saved_filters import FilterMemory
from console.views.shell.areas import Action
from console.views.theme import ThemeHub
from console.views.widgets.buttons import Button
from console.views.widgets.focus import tab_in_order

PAGE_KEY = "bookings"
Fetch = Callable[[PageRequest], Awaitable[Page[BookingRow]]]


class BookingsPage(ListPage):
    """The list. `booking_wanted` carries the id of the row that was opened; `toast_wanted` a sentence and a detail."""

    booking_wanted = Signal(object)
    toast_wanted = Signal(str, str)

    def __init__(
        self,
        hub: ThemeHub,
        fetch: Fetch,
        *,
        zone: tzinfo,
        venue: str,
        clock: Clock,
        names: bool = True,
        activities: Callable[[], Awaitable[list[ActivityChoice]]] | None = None,
        memory: FilterMemory | None = None,
        may_export: bool = False,
    ) -> None:
        """`fetch` answers pages by the filters of BookingListQueries; `names` says whether there is a child's column.

        `activities` fills the filter by session, `memory` keeps filters; without `may_export` there are no buttons
        for it.
        """
        self._fetch_page, self._clock, self._zone = fetch, clock, zone
        self._activities = activities
        self._may_export = may_export
        model = KeysetTableModel(
            list_columns(zone, names=names), self._page, lambda row: row.id, sort="booked", descending=True
        )
        super().__init__(
            hub,
            "Bookings",
            model,
            rows="bookings",
            caption=venue,
            filter_hint="Session or part of a code",
            empty=("No bookings yet", "They appear here as soon as families book."),
            looks={
                "status": status_look,
                "attendance": attendance_look,
                "activity": session_look,
                "child": child_look,
            },
        )
        self.filter.setFixedWidth(216)
        self.filter.setMaxLength(100)
        self.choices = FilterBar(hub, memory, PAGE_KEY)
        self.bar.setAlignment(self.filter, Qt.AlignmentFlag.AlignTop)
        self.bar.addWidget(self.choices, 1)
        self.choices.changed.connect(self.narrow)
        self.choices.text_wanted.connect(self.filter.setText)
        self.filter.textChanged.connect(self._typed)
        model.preset("", self.filters)
        self.table.row_activated.connect(lambda row: self.booking_wanted.emit(row.id))
        self.runner = TaskRunner(self.banner.show_error)
        self.exports = ExportBar(
            hub,
            self._page,
            export_columns(zone, names=names),
            runner=self.runner,
            owner=self,
            failed=self.banner,
        )
        self.exports.done.connect(self.toast_wanted)
        self.below_bar.addWidget(self.exports)
        if may_export:
            for ending, words in ((".xlsx", "XLSX"), (".csv", "CSV")):
                button = Button(hub, words, icon="ph.download-simple")
                button.setToolTip(f"Save all bookings that are shown as {words}")
                button.clicked.connect(lambda _checked=False, ending=ending: self.export(ending))
                self.header.add(button)

    def more_actions(self, action: Callable[..., Action]) -> tuple[Action, ...]:
        """Export, for those who may."""
        if not self._may_export:
            return ()
        return (
            action(
                "bookings:export", "Export…", lambda: self.export(".xlsx"), "Ctrl+E", "ph.download-simple"
            ),
        )

    @property
    def filters(self) -> dict[str, str]:
        """The choices of the bar."""
        return self.choices.values

    def filter_words(self) -> str:
        """Typed text and choices."""
        return ", ".join(words for words in (super().filter_words(), self.choices.words) if words)

    def clear(self) -> None:
        """Show every booking again."""
        self.choices.reset()
        super().clear()

    def stop(self) -> None:
        """Drop what is under way: the page is going away."""
        super().stop()
        self.runner.cancel_all()

    def export(self, ending: str) -> None:
        """Ask for a file and write into it all bookings that the filters let through, in the order on show."""
        today = self._clock.now().astimezone(self._zone).date()
        self.exports.ask(replace(self.model.request, after=None), f"bookings-{today}", ending)

    def showEvent(self, event: QShowEvent) -> None:
        """The first visit also asks which sessions there are to filter by."""
        first = not self._started
        super().showEvent(event)
        tab_in_order(self.header, self.filter, self.choices, self.exports, self.table)
        if first and self._started and self._activities is not None:
            self.runner.start(self._offer_activities(self._activities), "activities")

    async def _offer_activities(self, ask: Callable[[], Awaitable[list[ActivityChoice]]]) -> None:
        try:
            self.choices.offer_activities(await ask())
        except ConsoleError:
            return  # the list itself says what is wrong; the filter stays without sessions

    def _typed(self, text: str) -> None:
        self.choices.typed = text.strip()

    async def _page(self, request: PageRequest) -> Page[BookingRow]:
        """Ask with days in place of words like "this week", which mean other days tomorrow."""
        filters = dict(request.filters)
        first, last = days_of(filters.pop("when", ""), self._clock.now().astimezone(self._zone).date())
        if first is not None:
            filters["from"] = first.isoformat()
        if last is not None:
            filters["until"] = last.isoformat()
        return await self._fetch_page(replace(request, filters=filters))
