"""The Occupancy screen: how full the venue is now, and how full it was by day, hour, activity, instructor and room.

Live numbers with a warning at 80 %, two charts, and the same numbers as a table that can be sorted and exported. See
docs/design.md, "Screens" (daily statistics) and "Borrowed from neighbouring systems" (occupancy).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, tzinfo
from functools import partial

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from console.clock import Clock
from console.domain.charts import Chart
from console.domain.paging import Page, PageRequest
from console.domain.statistics import (
    By,
    SessionFigures,
    Utilisation,
    by_day,
    by_hour,
    live,
    shares,
    total,
    utilisation,
    week_heat,
)
from console.errors import ConsoleError
from console.models.gateway_statistics import StatisticsGateway
from console.models.runner import TaskRunner
from console.models.table import Column, KeysetTableModel
from console.models.words import local_day
from console.views.bookings.export import ExportBar
from console.views.shell.areas import Action, listen
from console.views.statistics.live import LiveBox
from console.views.statistics.words import (
    BY_WORDS,
    EXPORT_COLUMNS,
    SPANS,
    ordered,
    per_cent,
    span_of,
    span_title,
    step,
)
from console.views.theme import ThemeHub
from console.views.widgets.banner import Banner
from console.views.widgets.base import surface
from console.views.widgets.buttons import Button
from console.views.widgets.chart import ChartView
from console.views.widgets.focus import lead_focus
from console.views.widgets.frames import flush, quiet_scroll
from console.views.widgets.header import PageHeader
from console.views.widgets.table import DataTable, TableCard
from console.views.widgets.text import ElidedLabel
from console.views.widgets.toggles import ChoiceRow
from console.views.widgets.waiting import EmptyState, Skeleton

_POLL_MS = 30_000
_CHART_HEIGHT = 268


class StatisticsPage(QWidget):
    """A venue in numbers."""

    reached = Signal(object)
    """None when the server answered, the ConsoleError when it did not: for the status bar."""
    toast_wanted = Signal(str, str, object)

    def __init__(
        self,
        hub: ThemeHub,
        gateway: StatisticsGateway,
        *,
        zone: tzinfo,
        clock: Clock,
        venue: str = "",
        may_export: bool = True,
    ) -> None:
        """Nothing is asked before the page is shown."""
        super().__init__()
        self.hub, self._gateway, self._zone, self._clock = hub, gateway, zone, clock
        self._span, self._day = "week", local_day(clock.now(), zone)
        self._by = By.ACTIVITY
        self.figures: tuple[SessionFigures, ...] | None = None
        self.runner = TaskRunner(self._failed)
        self.destroyed.connect(self.runner.cancel_all)
        self.header = PageHeader(hub, "Occupancy", venue)
        self.banner = Banner(hub)
        self.spans = ChoiceRow(hub, SPANS, name="Days shown")
        self.spans.choose(self._span)
        self.spans.changed.connect(self._show_span)
        self.title = ElidedLabel("", "strong")
        self.live = LiveBox(hub)
        self.first_chart = ChartView(hub, height=_CHART_HEIGHT)
        self.second_chart = ChartView(hub, height=_CHART_HEIGHT)
        for chart in (self.first_chart, self.second_chart):
            chart.saved.connect(lambda name: self.toast_wanted.emit("The chart is saved.", name, None))
            chart.failed.connect(self._failed)
        self.groups = ChoiceRow(
            hub, [(by.value, words) for by, words in BY_WORDS.items()], "tabs", name="Put together by"
        )
        self.groups.changed.connect(self._group)
        self.model = _model(self._rows)
        self.table = DataTable(hub, self.model, name="rows")
        self.model.setParent(self.table)
        self.card = TableCard(hub, self.table)
        self.empty = EmptyState(
            hub, "ph.chart-bar", "No sessions in these days", "Choose other days, or plan some in Schedule."
        )
        self.skeleton = Skeleton(hub, rows=8, row_height=48)
        self.exports = ExportBar(
            hub, self._rows, EXPORT_COLUMNS, runner=self.runner, owner=self, failed=self.banner, rows="rows"
        )
        self.exports.done.connect(lambda said, name: self.toast_wanted.emit(said, name, None))
        self._lay_out()
        self._poll = QTimer(self)
        self._poll.setInterval(_POLL_MS)
        self._poll.timeout.connect(self.refresh)
        self.page_actions = self._actions(may_export)
        listen(self, self.page_actions)
        lead_focus(self, self.spans)

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

    def step(self, by: int) -> None:
        """The days before (-1) or after (1)."""
        self._day = step(self._span, self._day, by)
        self.refresh()

    def today(self) -> None:
        """The days that hold today."""
        self._day = local_day(self._clock.now(), self._zone)
        self.refresh()

    def export(self, ending: str) -> None:
        """Save the table's rows."""
        first, last = span_of(self._span, self._day)
        name = f"occupancy-{self._by.value}-{first:%Y-%m-%d}-{last:%Y-%m-%d}"
        self.exports.ask(PageRequest("share", descending=True), name, ending)

    # -- loading -----------------------------------------------------------------------------------------------------

    async def _load(self) -> None:
        first, last = span_of(self._span, self._day)
        now = self._clock.now()
        today = local_day(now, self._zone)
        figures = await self._gateway.figures(first, last)
        of_today = figures if first <= today <= last else await self._gateway.figures(today, today)
        self.reached.emit(None)
        self.banner.clear()
        self.figures = figures
        self.live.show_live(live(of_today, now))
        self._show(figures, first, last)

    def _show(self, figures: tuple[SessionFigures, ...], first: date, last: date) -> None:
        self.title.setText(span_title(self._span, first, last))
        self.skeleton.stop()
        self.skeleton.hide()
        self.empty.setHidden(bool(figures))
        self._charts.setHidden(not figures)
        self._below.setHidden(not figures)
        if figures:
            one, two = self._pictures(figures, first, last)
            self.first_chart.show_chart(one)
            self.second_chart.show_chart(two)
        self.model.refresh() if self.model.rowCount() else self.model.restart()
        self._foot()

    def _pictures(self, figures: tuple[SessionFigures, ...], first: date, last: date) -> tuple[Chart, Chart]:
        if self._span == "day":
            rows = utilisation(figures, By.ACTIVITY)
            return by_hour(figures), shares(rows, "Booked places by activity, per cent")
        return by_day(figures, first, last), week_heat(figures)

    async def _rows(self, request: PageRequest) -> Page[Utilisation]:
        rows = utilisation(self.figures or (), self._by)
        return Page(ordered(rows, request), None)

    def _foot(self) -> None:
        whole = total(self.figures or ())
        booked = f"{whole.booked:,} booked of {whole.places:,} places ({per_cent(whole.share)})"
        left = f"{whole.sessions} sessions, {booked}"
        cancelled = "1 cancelled session" if whole.cancelled == 1 else f"{whole.cancelled} cancelled sessions"
        right = f"{whole.came:,} came, {whole.no_shows:,} no-shows, {cancelled}"
        self.card.set_foot(left, right)

    def _failed(self, error: ConsoleError) -> None:
        self.reached.emit(error)
        self.skeleton.stop()
        self.skeleton.hide()
        self.banner.show_error(error, action=("Try again", self.refresh))

    # -- choosing ----------------------------------------------------------------------------------------------------

    def _show_span(self, span: str) -> None:
        self._span = span
        self.refresh()

    def _group(self, by: str) -> None:
        self._by = By(by)
        self.model.restart()

    # -- laying out --------------------------------------------------------------------------------------------------

    def _actions(self, may_export: bool) -> tuple[Action, ...]:
        action = partial(Action, heard=False, group="Occupancy")
        made = [
            action("occupancy:refresh", "Refresh", self.refresh, "F5", "ph.arrow-clockwise"),
            action("occupancy:today", "Show today", self.today, "T", "ph.calendar-check"),
            action("occupancy:before", "The days before", lambda: self.step(-1), "PgUp", "ph.caret-left"),
            action("occupancy:after", "The days after", lambda: self.step(1), "PgDown", "ph.caret-right"),
        ]
        if may_export:
            made += [
                action(
                    "occupancy:xlsx", "Export as a workbook", lambda: self.export(".xlsx"), "", "ph.export"
                ),
                action("occupancy:csv", "Export as CSV", lambda: self.export(".csv"), "", "ph.export"),
            ]
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
        rows.addWidget(self.live)
        rows.addLayout(self._choosing())
        rows.addWidget(self.skeleton)
        rows.addWidget(self.empty, 1)
        self.empty.hide()
        self._charts = QWidget()
        pictures = QHBoxLayout(self._charts)
        pictures.setContentsMargins(0, 0, 0, 0)
        pictures.setSpacing(24)
        pictures.addWidget(self.first_chart, 1)
        pictures.addWidget(self.second_chart, 1)
        rows.addWidget(self._charts)
        self._below = QWidget()
        below = QVBoxLayout(self._below)
        below.setContentsMargins(0, 0, 0, 0)
        below.setSpacing(8)
        below.addWidget(self.groups, 0, Qt.AlignmentFlag.AlignLeft)
        below.addWidget(self.card, 1)
        self.card.setMinimumHeight(220)
        rows.addWidget(self._below, 1)
        self._charts.hide()
        self._below.hide()
        column.addWidget(quiet_scroll(inside), 1)

    def _choosing(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(8)
        before = self._button("", "ph.caret-left", "The days before", lambda: self.step(-1))
        today = self._button("Today", None, "Show today", self.today)
        after = self._button("", "ph.caret-right", "The days after", lambda: self.step(1))
        for part in (self.spans, before, today, after):
            row.addWidget(part)
        row.addWidget(self.title, 1)
        return row

    def _button(self, text: str, icon: str | None, says: str, run: Callable[[], None]) -> Button:
        button = Button(self.hub, text, icon=icon)
        button.setAccessibleName(says)
        button.setToolTip(says)
        button.clicked.connect(run)
        return button

    def showEvent(self, event: QShowEvent) -> None:
        """The first visit loads, a later one refreshes."""
        super().showEvent(event)
        if self.figures is None:
            self.skeleton.show()
            self.skeleton.start()
        self.refresh()
        self._poll.start()

    def hideEvent(self, event: QHideEvent) -> None:
        """Ask nothing while nobody looks."""
        super().hideEvent(event)
        self._poll.stop()


def _model(rows: Callable[..., object]) -> KeysetTableModel[Utilisation]:
    columns: list[Column[Utilisation]] = [
        Column("name", "", lambda row: row.name, stretch=True, width=180),
        Column("share", "Booked %", lambda row: per_cent(row.share), numeric=True, width=96),
        Column("sessions", "Sessions", lambda row: f"{row.sessions:,}", numeric=True, width=88),
        Column("places", "Places", lambda row: f"{row.places:,}", numeric=True, width=84),
        Column("booked", "Booked", lambda row: f"{row.booked:,}", numeric=True, width=84),
        Column("came", "Came", lambda row: f"{row.came:,}", numeric=True, width=80),
        Column("no_shows", "No-shows", lambda row: f"{row.no_shows:,}", numeric=True, width=92, gives_way=1),
        Column("shown_up", "Came %", lambda row: per_cent(row.shown_up), numeric=True, width=88, gives_way=2),
        Column("waiting", "Waiting", lambda row: f"{row.waiting:,}", numeric=True, width=84, gives_way=3),
        Column(
            "cancelled", "Cancelled", lambda row: f"{row.cancelled:,}", numeric=True, width=92, gives_way=4
        ),
    ]
    return KeysetTableModel(columns, rows, lambda row: row.name, sort="share", descending=True)  # type: ignore[arg-type]
