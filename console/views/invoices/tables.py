"""Short tables whose rows are all known and stay in their order: the lines, payments and history of an invoice.

See docs/design.md, "Screens": every table has the same manners.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from console.domain.paging import Page, PageRequest
from console.models.table import Column, KeysetTableModel
from console.views.theme import ThemeHub
from console.views.widgets.table import CellLook, DataTable


@dataclass(frozen=True, slots=True)
class Placed:
    """A row and its place."""

    at: int
    row: Any


class KnownTable(DataTable):
    """A table of rows that are all known; the first column is their order."""

    def __init__(
        self,
        hub: ThemeHub,
        columns: Sequence[Column[Any]],
        *,
        name: str,
        margin: int,
        looks: Mapping[str, Callable[[Any], CellLook]] | None = None,
        descending: bool = False,
    ) -> None:
        """An empty table; `looks` and the columns' texts are asked with a row itself. `descending` turns the arrow."""
        self._rows: tuple[Placed, ...] = ()
        made = [_placed(one) for one in columns]
        model = KeysetTableModel[Placed](
            made, self._page, lambda one: one.at, sort=made[0].key, descending=descending
        )
        placed_looks = {key: _look(look) for key, look in (looks or {}).items()}
        super().__init__(hub, model, name=name, looks=placed_looks)
        model.setParent(self)
        self.edge_padding = margin
        self.setSelectionMode(DataTable.SelectionMode.SingleSelection)

    def show_rows(self, rows: Iterable[Any]) -> None:
        """Show these; where the number of rows is as before nothing moves."""
        before = len(self._rows)
        self._rows = tuple(Placed(at, row) for at, row in enumerate(rows))
        self.table.cancel()
        self.table.refresh() if before else self.table.restart()

    @property
    def row(self) -> Any:  # noqa: ANN401  (whatever the table's rows are)
        """The marked row, or None."""
        index = self.currentIndex()
        return (
            self.table.row(index.row()).row
            if index.isValid() and index.row() < self.table.rowCount()
            else None
        )

    async def _page(self, _request: PageRequest) -> Page[Placed]:
        return Page(self._rows, None)

    def _sort(self, _column: int) -> None:
        """The order is what it is."""


def _placed(column: Column[Any]) -> Column[Placed]:
    tooltip = column.tooltip
    return Column(
        column.key, column.title, lambda one: column.text(one.row), column.numeric, False, column.width,
        column.stretch, None if tooltip is None else (lambda one: tooltip(one.row)), column.gives_way,
    )  # fmt: skip


def _look(look: Callable[[Any], CellLook]) -> Callable[[Placed], CellLook]:
    return lambda one: look(one.row)
