"""The sample table of the component sheet: one row in each state."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QItemSelectionModel

from console.domain.paging import Page, PageRequest
from console.models.table import Column, KeysetTableModel
from console.views.theme import ThemeHub
from console.views.widgets import paint
from console.views.widgets.table import CellLook, DataTable

Sample = tuple[str, str, str, str, str]

_ROWS: tuple[Sample, ...] = (
    ("Thu 16:45", "Ballet 8–10", "Main Hall", "10/14", "0"),
    ("Thu 17:15", "Kids Cook Club", "Room A", "9/10", "2"),
    ("Thu 17:45", "Street Dance", "Main Hall", "16/16", "5"),
    ("Fri 09:30", "Tiny Tunes", "Room A", "9/12", "0"),
    ("Fri 10:30", "Mini Gym", "Main Hall", "11/14", "0"),
    ("Fri 16:00", "Pottery", "Room B", "0/8", "0"),
)
_SUFFIX = {"Kids Cook Club": "hovered", "Street Dance": "selected", "Tiny Tunes": "focused"}


class _SampleModel(KeysetTableModel[Sample]):
    """The table model with rows that are simply there."""

    def fill(self, rows: Sequence[Sample]) -> None:
        """Show `rows`."""
        self.beginResetModel()
        self._rows, self._cells = list(rows), [self._render(row) for row in rows]
        self.endResetModel()


async def _nothing(_request: PageRequest) -> Page[Sample]:
    return Page((), None)


def _columns() -> tuple[Column[Sample], ...]:
    return (
        Column("starts", "Starts", lambda row: row[0], width=92),
        Column("session", "Session", lambda row: row[1], width=120, stretch=True),
        Column("room", "Room", lambda row: row[2], width=88),
        Column("booked", "Booked", lambda row: row[3], numeric=True, width=66),
        Column("waiting", "Waiting", lambda row: row[4], numeric=True, width=70),
    )


def _cancelled(row: Sample) -> bool:
    return row[3].startswith("0/")


def _session_look(row: Sample) -> CellLook:
    if _cancelled(row):
        return CellLook("muted", struck=True, chip=paint.ChipSpec("Cancelled", "neutral", "ph.prohibit-bold"))
    return CellLook(suffix=_SUFFIX.get(row[1], ""))


def _quiet_if_cancelled(row: Sample) -> CellLook:
    return CellLook("muted" if _cancelled(row) else "primary")


def sample_table(hub: ThemeHub) -> DataTable:
    """A table with a hovered, a selected, a focused and a cancelled row."""
    model = _SampleModel(_columns(), _nothing, lambda row: row[0], sort="starts")
    looks = {
        "starts": _quiet_if_cancelled,
        "session": _session_look,
        "room": lambda row: CellLook("muted" if _cancelled(row) else "secondary"),
        "booked": _quiet_if_cancelled,
        "waiting": lambda row: CellLook("muted" if row[4] == "0" else "primary"),
    }
    table = DataTable(hub, model, name="Sessions of this week", looks=looks)
    model.setParent(table)
    model.fill(_ROWS)
    table.hovered_row, table.shown_focus_row = 1, 3
    rows = QItemSelectionModel.SelectionFlag.Select | QItemSelectionModel.SelectionFlag.Rows
    table.selectionModel().select(model.index(2, 0), rows)
    return table


def empty_table(hub: ThemeHub) -> DataTable:
    """The same headings without rows."""
    model = _SampleModel(_columns(), _nothing, lambda row: row[0], sort="starts")
    table = DataTable(hub, model, name="Loading")
    model.setParent(table)
    return table
