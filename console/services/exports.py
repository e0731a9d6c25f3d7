"""A list as a file: everything that a filter lets through, page by page, into a file of the person's choice.

What may be exported is what may be read: the pages come from the same query as the list on screen, under the same
rights. Files are written in a thread, beside the place they go to, and moved there when they are complete: an export
that was cancelled or failed leaves nothing. See docs/design.md, "Runtime" and "Documents".
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Generic, TypeVar

from console.domain.paging import Page, PageRequest
from console.errors import FileTrouble, Invalid
from console.reports.sheets import Cell, CsvSheet, Sheet, SheetColumn, XlsxSheet

Row = TypeVar("Row")

MOST_ROWS = 100_000
_PAGE_ROWS = 2_000


@dataclass(frozen=True)
class ExportColumn(Generic[Row]):
    """One column of the file: its heading and kind, and what a row has in it."""

    sheet: SheetColumn
    cell: Callable[[Row], Cell]


@dataclass(frozen=True)
class Exported:
    """A finished export. `cut` says that there were more rows than a file may have."""

    path: Path
    rows: int
    cut: bool


async def export(
    path: Path,
    columns: Sequence[ExportColumn[Row]],
    fetch: Callable[[PageRequest], Awaitable[Page[Row]]],
    request: PageRequest,
    *,
    name: str,
    progress: Callable[[int], None] = lambda _rows: None,
) -> Exported:
    """Write all rows of `request` (whatever its `after` and `limit`) to `path`, which ends in .csv or .xlsx.

    `name` is the sheet's. `progress` is told how many rows are written, in the caller's thread. Cancelling the task
    leaves the old file as it was. Raises Invalid for another ending, Unavailable where the file cannot be written,
    and what `fetch` raises.
    """
    if path.suffix.lower() not in (".csv", ".xlsx"):
        raise Invalid("Choose a name that ends in .csv or .xlsx.", code="unknown_format")
    draft = path.with_name(f".{path.name}.part")
    sheet: Sheet | None = None
    try:
        sheet = await asyncio.to_thread(_begin, path, draft, [column.sheet for column in columns], name)
        done, after, cut = 0, None, False
        while True:
            limit = min(_PAGE_ROWS, MOST_ROWS - done)
            page = await fetch(replace(request, after=after, limit=limit))
            await _undisturbed(_add, sheet, columns, page.rows)
            done += len(page.rows)
            progress(done)
            after = page.next_after
            if after is None or done >= MOST_ROWS:
                cut = after is not None
                break
        finished, sheet = sheet, None
        await _undisturbed(_finish, finished, draft, path)
        return Exported(path, done, cut)
    except OSError as error:
        raise FileTrouble(
            "The file cannot be written.", hint="Choose another folder.", code="file_not_written"
        ) from error
    finally:
        await _undisturbed(_discard, sheet, draft)


async def _undisturbed(work: Callable[..., None], *arguments: object) -> None:
    """Run `work` in a thread to its end, also when the caller is cancelled: the file may not be closed under it."""
    task = asyncio.ensure_future(asyncio.to_thread(work, *arguments))
    try:
        await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait([task])
        if not task.cancelled():
            task.exception()
        raise


def _begin(path: Path, draft: Path, columns: Sequence[SheetColumn], name: str) -> Sheet:
    # Opened here, so that a folder that cannot be written is found before the first row.
    draft.open("wb").close()
    if path.suffix.lower() == ".csv":
        return CsvSheet(draft, columns)
    return XlsxSheet(draft, columns, name=name)


def _add(sheet: Sheet, columns: Sequence[ExportColumn[Row]], rows: Sequence[Row]) -> None:
    sheet.add([column.cell(row) for column in columns] for row in rows)


def _finish(sheet: Sheet, draft: Path, path: Path) -> None:
    sheet.close()
    draft.replace(path)


def _discard(sheet: Sheet | None, draft: Path) -> None:
    """Remove what was not finished; a workbook has to be closed all the same, or its own drafts would stay."""
    if sheet is not None:
        with suppress(OSError):  # it is thrown away in the next line
            sheet.close()
    with suppress(OSError):
        draft.unlink(missing_ok=True)
