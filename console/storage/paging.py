"""Turning a SELECT into pages by key.

One place builds the condition "after this row" for every long list, so that sorting works the same in all of them:
by the chosen column, then by id, which makes the order total. A page costs the same however far down it is.
See docs/design.md, "Runtime".
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Row, Select, tuple_

from console.domain.paging import Page, PageRequest
from console.errors import Invalid
from console.storage.database import Database

Made = TypeVar("Made")


async def fetch_page(
    database: Database,
    statement: Select[Any],
    request: PageRequest,
    *,
    sorts: Mapping[str, ColumnElement[Any]],
    identity: ColumnElement[Any],
    make: Callable[[Row[Any]], Made],
) -> Page[Made]:
    """One page of `statement`, in one round trip.

    `sorts` maps the keys of sortable columns to expressions that are never null; `identity` is unique. Raises
    Invalid for a sort key that the list does not have.
    """
    try:
        column = sorts[request.sort]
    except KeyError:
        raise Invalid("This list cannot be sorted like that.", code="unknown_sort") from None
    keyed = statement.add_columns(column.label("page_sort"), identity.label("page_id"))
    if request.after is not None:
        here, last = tuple_(column, identity), tuple_(*request.after)
        keyed = keyed.where(here < last if request.descending else here > last)
    order = (column.desc(), identity.desc()) if request.descending else (column.asc(), identity.asc())
    # One row more than asked for tells whether there is a next page without counting.
    rows = await database.fetch(keyed.order_by(*order).limit(request.limit + 1))
    shown = rows[: request.limit]
    more = len(rows) > request.limit
    after = (shown[-1].page_sort, shown[-1].page_id) if more else None
    return Page([make(row) for row in shown], after)
