"""A page of numbers: two charts, the same numbers as a table put together in several ways, and ways to save them.

What is asked and drawn is the subclass's; how it looks, what the keys do, what stands there before the first answer and
after a failed one is here, once. See docs/design.md, "Screens".
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Generic, TypeVar

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from console.domain.charts import Chart
from console.domain.paging import Page, PageRequest
from console.errors import ConsoleError
from console.models.runner import TaskRunner
from console.models.table import Column, KeysetTableModel
from console.services.exports import ExportColumn
from console.views.bookings.export import ExportBar
from console.views.shell.areas import Action, listen
from console.views.theme import ThemeHub
from console.views.widgets.banner import Banner
from console.views.widgets.base import surface
from console.views.widgets.buttons import Button
from console.views.widgets.chart import ChartView
from console.views.widgets.frames import flush, quiet_scroll
from console.views.widgets.header import PageHeader
from console.views.widgets.table import DataTable, TableCard
from console.views.widgets.text import ElidedLabel
from console.views.widgets.toggles import ChoiceRow
from console.views.widgets.waiting import EmptyState, Skeleton

Row = TypeVar("Row")

_POLL_MS = 30_000
_CHART_HEIGHT = 268

NOTHING = "–"
"""How a cell reads whose row has no such figure."""


class FiguresPage(QWidget, Generic[Row]):
    """The page. A subclass fetches in `_load` and calls `show_figures`; `rows_now` answers the table's rows."""

    reached = Signal(object)
    """None when the server answered, the ConsoleError when it did not: for the status bar."""
    toast_wanted = Signal(str, str, object)

    def __init__(
        self,
        hub: ThemeHub,
        title: str,
        caption: str,
        *,
        groups: Sequence[tuple[str, str]],
        columns: Sequence[Column[Row]],
        sort: str,
        exports: Sequence[ExportColumn[Row]],
        empty: tuple[str, str],
        may_export: bool,
    ) -> None:
        """`groups` are (key, words) of the ways to put the rows together; `empty` a title and what to do about it."""
        super().__init__()
        self.hub = hub
        self.runner = TaskRunner(self._failed)
        self.destroyed.connect(self.runner.cancel_all)
        self.header = PageHeader(hub, title, caption)
        self.banner = Banner(hub)
        self.title = ElidedLabel("", "strong")
        self.first_chart = ChartView(hub, height=_CHART_HEIGHT)
        self.second_chart = ChartView(hub, height=_CHART_HEIGHT)
        for chart in (self.first_chart, self.second_chart):
            chart.saved.connect(lambda name: self.toast_wanted.emit("The chart is saved.", name, None))
            chart.failed.connect(self._failed)
        self.groups = ChoiceRow(hub, groups, "tabs", name="Put together by")
        self.groups.changed.connect(self._regroup)
        self.model: KeysetTableModel[Row] = KeysetTableModel(
            columns, self._page, lambda row: str(getattr(row, "name", row)), sort=sort, descending=True
        )
        self.table = DataTable(hub, self.model, name="rows")
        self.model.setParent(self.table)
        self.card = TableCard(hub, self.table)
        self.empty = EmptyState(hub, "ph.chart-bar", *empty)
        self.skeleton = Skeleton(hub, rows=8, row_height=48)
        self.exports = ExportBar(
            hub, self._page, exports, runner=self.runner, owner=self, failed=self.banner, rows="rows"
        )
        self.exports.done.connect(lambda said, name: self.toast_wanted.emit(said, name, None))
        self._sort = sort
        self._seen = False
        self._lay_out()
        self._poll = QTimer(self)
        self._poll.setInterval(_POLL_MS)
        self._poll.timeout.connect(self.refresh)
        self.page_actions = self._actions(title, may_export)
        listen(self, self.page_actions)

    # -- what a page of its own says ---------------------------------------------------------------------------------

    async def _load(self) -> None:
        """Ask, and call `show_figures`."""
        raise LookupError("a page of figures has to say what it loads")

    def rows_now(self, group: str) -> Sequence[Row]:
        """The rows of one of the groups."""
        raise LookupError(f"a page of figures has to answer the rows of {group}")

    def order_of(self, group: str) -> str:
        """The column by which the rows of a group stand at first, the most or the newest first."""
        del group
        return self._sort

    def file_name(self) -> str:
        """What an exported file is called, without its ending."""
        return self.header.title.text().lower()

    def above(self) -> QWidget | None:
        """What stands above the choice of days; None for nothing."""
        return None

    def choosing(self) -> Sequence[QWidget]:
        """The widgets that choose what is shown, left of its title."""
        return ()

    def more_actions(self, action: Callable[..., Action]) -> Sequence[Action]:
        """What can be done here besides; `action` makes one that the page hears."""
        del action
        return ()

    # -- for the window ----------------------------------------------------------------------------------------------

    def refresh(self) -> None:
        """Ask again; nothing moves."""
        self.runner.start(self._load(), "load")

    def stop(self) -> None:
        """Drop everything under way: the page is going away."""
        self._poll.stop()
        self.runner.cancel_all()
        self.model.cancel()
        self.first_chart.stop()
        self.second_chart.stop()

    def export(self, ending: str) -> None:
        """Save the table's rows, in the order on show."""
        self.exports.ask(self.model.request, self.file_name(), ending)

    def show_figures(self, title: str, charts: tuple[Chart, Chart] | None, left: str, right: str) -> None:
        """Show an answer; `charts` None says that there is nothing to show."""
        self.reached.emit(None)
        self.banner.clear()
        self._seen = True
        self.title.setText(title)
        self._stop_waiting()
        nothing = charts is None
        self.empty.setHidden(not nothing)
        self._charts.setHidden(nothing)
        self._below.setHidden(nothing)
        if charts is not None:
            self.first_chart.show_chart(charts[0])
            self.second_chart.show_chart(charts[1])
        if self.model.rowCount():
            self.model.refresh()
        else:
            self.model.restart()
        self.card.set_foot(left, right)

    def button(self, text: str, icon: str | None, says: str, run: Callable[[], None]) -> Button:
        """A button of the choosing row."""
        made = Button(self.hub, text, icon=icon)
        made.setAccessibleName(says)
        made.setToolTip(says)
        made.clicked.connect(run)
        return made

    # -- loading -----------------------------------------------------------------------------------------------------

    def _regroup(self, group: str) -> None:
        wanted = self.order_of(group)
        at = next(at for at, one in enumerate(self.model.columns) if one.key == wanted)
        if self.model.sorted_by == (at, Qt.SortOrder.DescendingOrder):
            self.model.restart()
        else:
            self.model.sort(at, Qt.SortOrder.DescendingOrder)
        self.table.horizontalHeader().viewport().update()

    async def _page(self, request: PageRequest) -> Page[Row]:
        rows = self.rows_now(self.groups.chosen)
        # A column in which no row has anything takes no room from the others.
        self.table.leave_out(
            {one.key for one in self.model.columns if rows and all(one.text(row) == NOTHING for row in rows)}
        )
        return Page(ordered(rows, request), None)

    def _failed(self, error: ConsoleError) -> None:
        self.reached.emit(error)
        self._stop_waiting()
        self.banner.show_error(error, action=("Try again", self.refresh))

    def _stop_waiting(self) -> None:
        self.skeleton.stop()
        self.skeleton.hide()

    # -- laying out --------------------------------------------------------------------------------------------------

    def _actions(self, title: str, may_export: bool) -> tuple[Action, ...]:
        action = partial(Action, heard=False, group=title)
        made = [
            action("figures:refresh", "Refresh", self.refresh, "F5", "ph.arrow-clockwise"),
            *self.more_actions(action),
        ]
        if may_export:
            for ending, words in ((".xlsx", "Export as a workbook"), (".csv", "Export as CSV")):
                made.append(
                    action(f"figures:{ending[1:]}", words, partial(self.export, ending), "", "ph.export")
                )
            save = Button(self.hub, "Export", icon="ph.export", scale="compact")
            save.clicked.connect(lambda: self.export(".xlsx"))
            self.header.add(save)
        return tuple(made)

    def _lay_out(self) -> None:
        column = flush(QVBoxLayout(self))
        column.addWidget(self.header)
        column.addWidget(self.banner)
        column.addWidget(self.exports)
        inside = surface("canvas")
        rows = QVBoxLayout(inside)
        rows.setContentsMargins(24, 16, 24, 16)
        rows.setSpacing(16)
        if (above := self.above()) is not None:
            rows.addWidget(above)
        across = QHBoxLayout()
        across.setSpacing(8)
        for part in self.choosing():
            across.addWidget(part)
        across.addWidget(self.title, 1)
        rows.addLayout(across)
        rows.addWidget(self.skeleton)
        rows.addWidget(self.empty, 1)
        self.empty.hide()
        self._charts = QWidget()
        pictures = flush(QHBoxLayout(self._charts))
        pictures.setSpacing(24)
        pictures.addWidget(self.first_chart, 1)
        pictures.addWidget(self.second_chart, 1)
        rows.addWidget(self._charts)
        self._below = QWidget()
        below = flush(QVBoxLayout(self._below))
        below.setSpacing(8)
        below.addWidget(self.groups, 0, Qt.AlignmentFlag.AlignLeft)
        below.addWidget(self.card, 1)
        self.card.setMinimumHeight(220)
        rows.addWidget(self._below, 1)
        self._charts.hide()
        self._below.hide()
        column.addWidget(quiet_scroll(inside), 1)

    def showEvent(self, event: QShowEvent) -> None:
        """The first visit loads, a later one refreshes."""
        super().showEvent(event)
        if not self._seen:
            self.skeleton.show()
            self.skeleton.start()
        self.refresh()
        self._poll.start()

    def hideEvent(self, event: QHideEvent) -> None:
        """Ask nothing while nobody looks."""
        super().hideEvent(event)
        self._poll.stop()


def ordered(rows: Sequence[Row], request: PageRequest) -> list[Row]:
    """The rows in the order a list asks for; those without a number come last either way."""

    def value(row: Row) -> Any:  # noqa: ANN401 - whatever the column holds: numbers or words
        found = getattr(row, request.sort)
        return found.casefold() if isinstance(found, str) else found

    known = [row for row in rows if value(row) is not None]
    known.sort(key=value, reverse=request.descending)
    return known + [row for row in rows if value(row) is None]
