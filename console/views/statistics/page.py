"""The Occupancy screen: how full the venue is now, and how full it was by day, hour, activity, instructor and room.

Live numbers with a warning at 80 %, two charts, and the same numbers as a table that can be sorted and exported. See
docs/design.md, "Screens" (daily statistics) and "Borrowed from neighbouring systems" (occupancy).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, tzinfo

from PySide6.QtWidgets import QWidget

from console.clock import Clock
from console.domain.charts import Chart
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
from console.models.gateway_statistics import StatisticsGateway
from console.models.table import Column
from console.models.words import local_day
from console.views.figures_page import FiguresPage
from console.views.shell.areas import Action
from console.views.statistics.live import LiveBox
from console.views.statistics.words import (
    BY_WORDS,
    EXPORT_COLUMNS,
    SPANS,
    per_cent,
    span_of,
    span_title,
    step,
)
from console.views.theme import ThemeHub
from console.views.widgets.focus import lead_focus
from console.views.widgets.toggles import ChoiceRow


class StatisticsPage(FiguresPage[Utilisation]):
    """A venue in numbers."""

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
        self._gateway, self._zone, self._clock = gateway, zone, clock
        self._span, self._day = "week", local_day(clock.now(), zone)
        self.figures: tuple[SessionFigures, ...] | None = None
        self.spans = ChoiceRow(hub, SPANS, name="Days shown")
        self.spans.choose(self._span)
        self.live = LiveBox(hub)
        super().__init__(
            hub,
            "Occupancy",
            venue,
            groups=[(by.value, words) for by, words in BY_WORDS.items()],
            columns=_columns(),
            sort="share",
            exports=EXPORT_COLUMNS,
            empty=("No sessions in these days", "Choose other days, or plan some in Schedule."),
            may_export=may_export,
        )
        self.spans.changed.connect(self._show_span)
        lead_focus(self, self.spans)

    # -- choosing ----------------------------------------------------------------------------------------------------

    def step(self, by: int) -> None:
        """The days before (-1) or after (1)."""
        self._day = step(self._span, self._day, by)
        self.refresh()

    def today(self) -> None:
        """The days that hold today."""
        self._day = local_day(self._clock.now(), self._zone)
        self.refresh()

    def _show_span(self, span: str) -> None:
        self._span = span
        self.refresh()

    # -- what is shown -----------------------------------------------------------------------------------------------

    async def _load(self) -> None:
        first, last = span_of(self._span, self._day)
        now = self._clock.now()
        today = local_day(now, self._zone)
        figures = await self._gateway.figures(first, last)
        of_today = figures if first <= today <= last else await self._gateway.figures(today, today)
        self.figures = figures
        self.live.show_live(live(of_today, now))
        whole = total(figures)
        booked = f"{whole.booked:,} booked of {whole.places:,} places ({per_cent(whole.share)})"
        cancelled = "1 cancelled session" if whole.cancelled == 1 else f"{whole.cancelled} cancelled sessions"
        self.show_figures(
            span_title(self._span, first, last),
            self._pictures(figures, first, last) if figures else None,
            f"{whole.sessions} sessions, {booked}",
            f"{whole.came:,} came, {whole.no_shows:,} no-shows, {cancelled}",
        )

    def _pictures(self, figures: tuple[SessionFigures, ...], first: date, last: date) -> tuple[Chart, Chart]:
        if self._span == "day":
            rows = utilisation(figures, By.ACTIVITY)
            return by_hour(figures), shares(rows, "Booked places by activity, per cent")
        return by_day(figures, first, last), week_heat(figures)

    def rows_now(self, group: str) -> Sequence[Utilisation]:
        """Sessions put together by activity, instructor, room, hour or weekday."""
        return utilisation(self.figures or (), By(group))

    def file_name(self) -> str:
        """After the group and the days."""
        first, last = span_of(self._span, self._day)
        return f"occupancy-{self.groups.chosen}-{first:%Y-%m-%d}-{last:%Y-%m-%d}"

    # -- parts -------------------------------------------------------------------------------------------------------

    def above(self) -> QWidget:
        """How full it is now."""
        return self.live

    def choosing(self) -> Sequence[QWidget]:
        """Day, week, month or quarter, and the way to others."""
        return (
            self.spans,
            self.button("", "ph.caret-left", "The days before", lambda: self.step(-1)),
            self.button("Today", None, "Show today", self.today),
            self.button("", "ph.caret-right", "The days after", lambda: self.step(1)),
        )

    def more_actions(self, action: Callable[..., Action]) -> Sequence[Action]:
        """Going from days to days."""
        return (
            action("occupancy:today", "Show today", self.today, "T", "ph.calendar-check"),
            action("occupancy:before", "The days before", lambda: self.step(-1), "PgUp", "ph.caret-left"),
            action("occupancy:after", "The days after", lambda: self.step(1), "PgDown", "ph.caret-right"),
        )


def _columns() -> list[Column[Utilisation]]:
    return [
        Column("name", "Name", lambda row: row.name, stretch=True, width=180),
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
