"""The list that headquarters opens first: venues with what they lack."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from console.domain.listing import VenueRow
from console.domain.paging import Page, PageRequest
from console.models.table import Column, KeysetTableModel
from console.views.list_page import ListPage
from console.views.theme import ThemeHub
from console.views.widgets.paint import ChipSpec
from console.views.widgets.table import CellLook

_VENUE_CHIPS = {
    "active": ChipSpec("Open", "green", "ph.check-bold"),
    "pending_approval": ChipSpec("Waiting", "neutral", "ph.hourglass"),
    "suspended": ChipSpec("Suspended", "amber", "ph.pause-circle"),
    "rejected": ChipSpec("Rejected", "red", "ph.warning-bold"),
}


def venues_page(hub: ThemeHub, fetch: Callable[[PageRequest], Awaitable[Page[VenueRow]]]) -> ListPage:
    """Every venue of the platform, with what keeps it from opening."""
    columns: list[Column[VenueRow]] = [
        Column("name", "Venue", lambda row: row.name, stretch=True, width=220),
        Column("city", "City", lambda row: row.city, width=150),
        Column("status", "Status", lambda _row: "", width=140),
        Column("zone", "Time zone", lambda row: row.timezone, sortable=False, width=170),
        Column("fee", "Fee", lambda row: row.fee_percent, sortable=False, numeric=True, width=80),
        Column(
            "missing",
            "Still missing",
            lambda row: ", ".join(row.missing),
            sortable=False,
            stretch=True,
            width=200,
            tooltip=lambda row: ", ".join(row.missing),
        ),
    ]
    model = KeysetTableModel(columns, fetch, lambda row: row.id, sort="name")
    page = ListPage(
        hub,
        "Venues",
        model,
        rows="venues",
        filter_hint="Filter by name or city",
        empty=("No venues yet", "The first one stands here once its application is handed in."),
        looks={
            "status": lambda row: CellLook(chip=_VENUE_CHIPS[row.status]),
            "missing": lambda _row: CellLook(tone="secondary"),
        },
    )
    page.bar.addStretch(1)
    return page
