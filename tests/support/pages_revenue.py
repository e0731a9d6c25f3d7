"""The revenue screen, registered beside the pages of `pages`: see there for how."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from console.clock import FixedClock
from console.views.revenue.page import RevenuePage
from console.views.shell.window import ShellWindow
from tests.support.pages import _area, page, rest
from tests.support.revenue_samples import SampleRevenue
from tests.support.statistics_samples import NOW


@page("revenue")
async def show_revenue(window: ShellWindow) -> QWidget:
    """Money over months, at headquarters."""
    made = RevenuePage(window.hub, SampleRevenue(), clock=FixedClock(NOW))
    _area(window, made, "building")
    await rest(0.2)
    await made.runner.settled()
    await made.first_chart.drawn()
    await made.second_chart.drawn()
    return window
