"""The one table model: pages fetched by key, rows rendered to strings once.

Every list with columns in the console is this model with other columns and another fetch function. It knows
neither widgets nor SQL. Sorting and filtering are asked of the fetch function, because only the database sees all
rows. A refresh inserts, removes and repaints and never resets the model, so selection, scroll position and focus
stay where the person left them. See docs/design.md, "Runtime".
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Hashable, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any, Generic, TypeVar

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt, Signal

from console.domain.paging import PAGE_ROWS, Page, PageRequest
from console.errors import ConsoleError

Row = TypeVar("Row")
AnyIndex = QModelIndex | QPersistentModelIndex

_ROOT = QModelIndex()


@dataclass(frozen=True, slots=True)
class Column(Generic[Row]):
    """One column: its title, how a row reads in it, and whether the database can sort by it.

    Where a table has too little room, the column with the highest `gives_way` is left out first; 0 always stays.
    """

    key: str
    title: str
    text: Callable[[Row], str]
    numeric: bool = False
    sortable: bool = True
    width: int = 120
    stretch: bool = False
    tooltip: Callable[[Row], str] | None = None
    gives_way: int = 0


class KeysetTableModel(QAbstractTableModel, Generic[Row]):
    """Rows of one kind, a page at a time.

    `failed` carries the ConsoleError of a fetch that failed (the rows stay as they are); `loaded` follows every page.
    """

    RowRole = Qt.ItemDataRole.UserRole + 1

    failed = Signal(Exception)
    loaded = Signal()

    def __init__(
        self,
        columns: Sequence[Column[Row]],
        fetch: Callable[[PageRequest], Awaitable[Page[Row]]],
        identity: Callable[[Row], Hashable],
        *,
        sort: str,
        descending: bool = False,
    ) -> None:
        """`identity` names a row across refreshes; `sort` is the key of a sortable column."""
        super().__init__()
        self.columns = tuple(columns)
        self._fetch = fetch
        self._identity = identity
        self._sort = sort
        self._descending = descending
        self._text = ""
        self._filters: dict[str, str] = {}
        self._rows: list[Row] = []
        self._cells: list[tuple[str, ...]] = []
        self._next: tuple[object, ...] | None = None
        self._complete = False
        self._task: asyncio.Task[None] | None = None

    # -- what Qt asks ------------------------------------------------------------------------------------------

    def rowCount(self, parent: AnyIndex = _ROOT) -> int:
        """Rows fetched so far."""
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: AnyIndex = _ROOT) -> int:
        """Columns given at construction."""
        return 0 if parent.isValid() else len(self.columns)

    def data(self, index: AnyIndex, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Text, alignment and tooltip of a cell, or the row itself under `RowRole`."""
        if not index.isValid() or index.row() >= len(self._rows):
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return self._cells[index.row()][index.column()]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            side = (
                Qt.AlignmentFlag.AlignRight
                if self.columns[index.column()].numeric
                else Qt.AlignmentFlag.AlignLeft
            )
            return side | Qt.AlignmentFlag.AlignVCenter
        if role == self.RowRole:
            return self._rows[index.row()]
        if role == Qt.ItemDataRole.ToolTipRole:
            tooltip = self.columns[index.column()].tooltip
            return tooltip(self._rows[index.row()]) if tooltip else None
        return None

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> object:
        """Titles of the columns, aligned as their cells."""
        if orientation != Qt.Orientation.Horizontal or not 0 <= section < len(self.columns):
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return self.columns[section].title
        if role == Qt.ItemDataRole.TextAlignmentRole:
            side = (
                Qt.AlignmentFlag.AlignRight if self.columns[section].numeric else Qt.AlignmentFlag.AlignLeft
            )
            return side | Qt.AlignmentFlag.AlignVCenter
        return None

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Ask the database for another order; the list starts again at its first page."""
        if not 0 <= column < len(self.columns) or not self.columns[column].sortable:
            return
        key, descending = self.columns[column].key, order == Qt.SortOrder.DescendingOrder
        if (key, descending) != (self._sort, self._descending):
            self._sort, self._descending = key, descending
            self.restart()

    def canFetchMore(self, parent: AnyIndex = _ROOT) -> bool:
        """Whether another page is known to exist and none is on its way."""
        return not parent.isValid() and self._next is not None and self._task is None

    def fetchMore(self, parent: AnyIndex = _ROOT) -> None:
        """Fetch the page after the last row."""
        if self.canFetchMore(parent):
            self._start(self._append(self._request(self._next)))

    # -- what the page asks ------------------------------------------------------------------------------------

    @property
    def is_complete(self) -> bool:
        """Whether the last page has been fetched, so that the row count is the count of all."""
        return self._complete

    @property
    def sorted_by(self) -> tuple[int, Qt.SortOrder]:
        """Index of the sorted column and its order, for the header."""
        at = next(i for i, column in enumerate(self.columns) if column.key == self._sort)
        return at, Qt.SortOrder.DescendingOrder if self._descending else Qt.SortOrder.AscendingOrder

    def row(self, at: int) -> Row:
        """The row at a position."""
        return self._rows[at]

    @property
    def request(self) -> PageRequest:
        """The question whose rows are on show, from its beginning: what an export asks."""
        return self._request(None)

    def set_text(self, text: str) -> None:
        """Filter by what was typed; the database decides what matches."""
        self.narrow(text, self._filters)

    def narrow(self, text: str, filters: Mapping[str, str]) -> None:
        """Filter by what was typed and by the list's own filters at once; nothing is asked where both are as before."""
        wanted = (text.strip(), dict(filters))
        if wanted != (self._text, self._filters):
            self._text, self._filters = wanted
            self.restart()

    def preset(self, text: str, filters: Mapping[str, str]) -> None:
        """Filter so from the first page on; nothing is asked yet."""
        self._text, self._filters = text.strip(), dict(filters)

    def restart(self) -> None:
        """Fetch the first page anew, dropping a fetch under way; the old rows stay until it is there."""
        self.cancel()
        self._start(self._replace(self._request(None)))

    def refresh(self) -> None:
        """Fetch as many rows as are shown and repaint what changed, without moving anything."""
        if self._task is None:
            limit = max(len(self._rows), PAGE_ROWS)
            self._start(self._replace(self._request(None, limit=limit), again=True))

    def cancel(self) -> None:
        """Drop the fetch under way, if any (the page is closing, or a newer question was asked)."""
        if self._task is not None:
            self._task.cancel()
            self._task = None

    async def settled(self) -> None:
        """Wait until no fetch is under way."""
        while self._task is not None:
            await asyncio.gather(self._task, return_exceptions=True)

    # -- fetching ----------------------------------------------------------------------------------------------

    def _request(self, after: tuple[object, ...] | None, *, limit: int = PAGE_ROWS) -> PageRequest:
        return PageRequest(self._sort, self._descending, self._text, after, limit, dict(self._filters))

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        self._task = asyncio.ensure_future(work)
        self._task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        if self._task is task:
            self._task = None
        if not task.cancelled() and (error := task.exception()) is not None:
            # Not a ConsoleError, which `_page` has dealt with: for the one reporter of the program.
            context = {"message": "A list could not be fetched.", "exception": error}
            task.get_loop().call_exception_handler(context)

    async def _page(self, request: PageRequest) -> Page[Row] | None:
        task = asyncio.current_task()
        try:
            page = await self._fetch(request)
        except ConsoleError as error:
            if self._task is task:
                self._task = None
                self.failed.emit(error)
            return None
        if self._task is not task:
            return None
        self._task = None
        self._next, self._complete = page.next_after, page.next_after is None
        return page

    async def _append(self, request: PageRequest) -> None:
        page = await self._page(request)
        if page is None:
            return
        if page.rows:
            first = len(self._rows)
            self.beginInsertRows(_ROOT, first, first + len(page.rows) - 1)
            self._rows.extend(page.rows)
            self._cells.extend(map(self._render, page.rows))
            self.endInsertRows()
        self.loaded.emit()

    async def _replace(self, request: PageRequest, *, again: bool = False) -> None:
        page = await self._page(request)
        if page is None:
            return
        rows = list(page.rows)
        if again:
            self._merge(rows)
        else:
            self.beginResetModel()
            self._rows, self._cells = rows, list(map(self._render, rows))
            self.endResetModel()
        self.loaded.emit()

    def _merge(self, rows: list[Row]) -> None:
        """Turn the rows shown into `rows` by removing and inserting, so that views keep what is selected."""
        before, after = list(map(self._identity, self._rows)), list(map(self._identity, rows))
        steps = SequenceMatcher(None, before, after, autojunk=False).get_opcodes()
        for kind, first, last, new_first, new_last in reversed(steps):
            if kind in ("delete", "replace"):
                self.beginRemoveRows(_ROOT, first, last - 1)
                del self._rows[first:last], self._cells[first:last]
                self.endRemoveRows()
            if kind in ("insert", "replace"):
                fresh = rows[new_first:new_last]
                self.beginInsertRows(_ROOT, first, first + len(fresh) - 1)
                self._rows[first:first] = fresh
                self._cells[first:first] = map(self._render, fresh)
                self.endInsertRows()
        self._repaint(rows)

    def _repaint(self, rows: list[Row]) -> None:
        for at, row in enumerate(rows):
            cells = self._render(row)
            self._rows[at] = row
            if cells != self._cells[at]:
                self._cells[at] = cells
                self.dataChanged.emit(self.index(at, 0), self.index(at, len(self.columns) - 1))

    def _render(self, row: Row) -> tuple[str, ...]:
        return tuple(column.text(row) for column in self.columns)
