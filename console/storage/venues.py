"""Venues as headquarters lists them, straight from the table under row-level security."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row, func, or_, select

from console.domain.listing import VenueRow
from console.domain.paging import Page, PageRequest
from console.storage.database import Database
from console.storage.paging import fetch_page
from console.storage.tables import venues

# What an open venue must have (the table's own check says the same), in the words of the list.
_FACTS = {
    "address": venues.c.address_line1,
    "city": venues.c.city,
    "state": venues.c.state,
    "postal code": venues.c.postal_code,
    "e-mail": venues.c.contact_email,
    "phone": venues.c.contact_phone,
}
_CITY = func.coalesce(venues.c.city, "")
_SORTS = {"name": func.lower(venues.c.name), "city": func.lower(_CITY), "status": venues.c.status}


class VenueQueries:
    """Reading venues over a desk's connections."""

    def __init__(self, database: Database) -> None:
        """Use `database`, whoever is signed in on it."""
        self._database = database

    async def page(self, request: PageRequest) -> Page[VenueRow]:
        """A page of the venues within reach, filtered by name or city."""
        c = venues.c
        statement = select(c.id, c.name, _CITY.label("city"), c.status, c.timezone, c.platform_fee_percentage)
        statement = statement.add_columns(
            *(column.is_(None).label(f"lacks {name}") for name, column in _FACTS.items())
        )
        if request.text:
            statement = statement.where(
                or_(
                    c.name.icontains(request.text, autoescape=True),
                    _CITY.icontains(request.text, autoescape=True),
                )
            )
        return await fetch_page(self._database, statement, request, sorts=_SORTS, identity=c.id, make=_row)


def _row(row: Row[Any]) -> VenueRow:
    found = row._mapping  # the labels are words, some with blanks in them
    missing = tuple(name for name in _FACTS if found[f"lacks {name}"])
    return VenueRow(
        row.id,
        row.name,
        row.city,
        row.status,
        row.timezone,
        f"{row.platform_fee_percentage.normalize():f} %",
        missing,
    )
