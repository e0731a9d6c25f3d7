"""The occupancy screen, registered beside the pages of `pages`: see there for how."""

from __future__ import annotations

from datetime import UTC

from PySide6.QtWidgets import QWidget

from console.clock import FixedClock
from console.views.shell.window import ShellWindow
from console.views.statistics.page import StatisticsPage
from tests.support.pages import VENUE, _area, page, rest
from tests.support.statistics_samples import NOW, SampleStatistics


@page("occupancy")
async def show_occupancy(window: ShellWindow) -> QWidget:
    """A venue in numbers."""
    made = StatisticsPage(window.hub, SampleStatistics(), zone=UTC, clock=FixedClock(NOW), venue=VENUE.name)
    _area(window, made, "building")
    await rest(0.2)
    await made.runner.settled()
    await made.first_chart.drawn()
    await made.second_chart.drawn()
    return window
