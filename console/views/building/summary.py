"""The day in numbers: every session with who came and who did not, and the totals, for the closing of a day.

See docs/design.md, "Screens" (front desk).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import tzinfo

from PySide6.QtWidgets import QVBoxLayout, QWidget

from console.domain.day import DaySummary, SessionResult
from console.domain.paging import Page, PageRequest
from console.domain.refusals import clock_time
from console.models.table import Column, KeysetTableModel
from console.models.words import long_date
from console.views.theme import ThemeHub
from console.views.widgets.dialog import figures_box
from console.views.widgets.sheet import Sheet
from console.views.widgets.table import DataTable, TableCard

_NUMBERS = (
    ("booked", "Booked", 0),
    ("came", "Came", 0),
    ("no_shows", "No-show", 0),
    ("unmarked", "Unmarked", 1),
    ("still_in", "Still in", 0),
    ("walk_ins", "Walk-ins", 3),
    ("late_pickups", "Late", 2),
    ("incidents", "Incidents", 4),
)


class SummarySheet(Sheet):
    """A day's sessions in numbers."""

    def __init__(
        self,
        hub: ThemeHub,
        window: QWidget,
        summary: DaySummary,
        zone: tzinfo,
        *,
        print_: Callable[[], object] | None = None,
    ) -> None:
        """`print_` prints it, where there is a printer."""
        super().__init__(hub, window, "The day in numbers", width=1100)
        self.summary, self._zone, self._print = summary, zone, print_
        self.table: DataTable | None = None

    def open(self) -> None:
        """Show the numbers."""
        super().open()
        summary, zone = self.summary, self._zone

        async def page(_request: PageRequest) -> Page[SessionResult]:
            return Page(summary.sessions, None)

        columns: list[Column[SessionResult]] = [
            Column("start", "Start", lambda row: clock_time(row.starts_at, zone), sortable=False, width=80),
            Column("session", "Session", _title, sortable=False, stretch=True, width=170),
        ]
        columns += [
            Column(name, title, _number(name), sortable=False, numeric=True, width=92, gives_way=gives_way)
            for name, title, gives_way in _NUMBERS
        ]
        model = KeysetTableModel(columns, page, lambda row: row.session_id, sort="start")
        body = QWidget()
        column = QVBoxLayout(body)
        column.setSpacing(14)
        total = summary.total
        column.addWidget(
            figures_box(
                [
                    (str(total("booked")), "booked"),
                    (str(total("came")), "came"),
                    (str(total("no_shows")), "no-shows"),
                    (str(total("unmarked")), "unmarked"),
                    (str(total("still_in")), "still in"),
                    (str(total("late_pickups")), "collected late"),
                ]
            )
        )
        self.table = DataTable(self.hub, model, name="sessions")
        model.setParent(self.table)
        card = TableCard(self.hub, self.table)
        open_sessions = sum(1 for one in summary.sessions if one.closed_at is None and not one.is_cancelled)
        card.set_foot(
            f"{len(summary.sessions)} sessions",
            f"{open_sessions} not closed yet" if open_sessions else "All closed",
        )
        column.addWidget(card, 1)
        self.show_step(body, long_date(summary.day), focus=self.table)
        model.restart()
        close = self.answer("Close", self.close)
        if self._print is None:
            self.set_answers(close)
        else:
            self.set_answers(close, self.answer("Print", self._print, "primary", "ph.printer"))


def _title(row: SessionResult) -> str:
    name = f"{row.activity_name}, {row.room_name}" if row.room_name else row.activity_name
    return f"{name} (cancelled)" if row.is_cancelled else name


def _number(name: str) -> Callable[[SessionResult], str]:
    def shown(row: SessionResult) -> str:
        count = int(getattr(row, name))
        return str(count) if count else "–"

    return shown
