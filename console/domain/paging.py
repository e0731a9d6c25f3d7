"""Pages of a long list, fetched by key.

Lists in the console can have a million rows. A page is asked for by the key of the last row seen, never by an
offset, so that the thousandth page costs what the first does and rows that arrive meanwhile shift nothing. The words
here are shared by the queries (storage) and the table model (models), which do not know each other.
See docs/design.md, "Runtime".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

Row = TypeVar("Row")

PAGE_ROWS = 200


@dataclass(frozen=True, slots=True)
class PageRequest:
    """What a list wants next: the filter text, the column it is sorted by, and where the last page ended.

    `filters` are the list's own, by name: each list says which it knows.
    """

    sort: str
    descending: bool = False
    text: str = ""
    after: tuple[object, ...] | None = None
    limit: int = PAGE_ROWS
    filters: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Page(Generic[Row]):
    """Rows in order, and the key after which the next page starts (None when this was the last)."""

    rows: Sequence[Row]
    next_after: tuple[object, ...] | None
