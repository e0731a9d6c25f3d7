"""The schedule's views, registered beside the pages of `pages`: see there for how."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, tzinfo

from PySide6.QtWidgets import QWidget

from console.clock import FixedClock
from console.domain.programme import Calendar
from console.views.schedule.editor.panel import EditorPanel
from console.views.schedule.page import SchedulePage
from console.views.shell.window import ShellWindow
from tests.support import programme_samples as sample
from tests.support.pages import LONG, VENUE, _area, page, rest
from tests.support.programme_gateway import SampleProgramme


class _Paper:
    """A printer that is never asked here; without one there would be no button to look at."""

    async def print_week(self, _calendar: Calendar, _zone: tzinfo, *, by_instructor: bool = False) -> str:
        """Nothing."""
        return ""


def _long(first: date) -> Calendar:
    """The sample week with names that nobody planned for."""
    made = sample.week(first)
    rooms = tuple(replace(room, name=f"{room.name} {LONG}") for room in made.rooms)
    sessions = tuple(
        replace(one, activity=f"{LONG} {LONG}" if number % 5 == 0 else one.activity)
        for number, one in enumerate(made.sessions)
    )
    return replace(made, rooms=rooms, sessions=sessions)


async def _schedule(window: ShellWindow, make: Callable[[date], Calendar] = _long) -> SchedulePage:
    programme, clock = SampleProgramme(make=make), FixedClock(sample.NOW)
    made = SchedulePage(
        window.hub, programme, zone=sample.ZONE, venue=VENUE.name, clock=clock, may_edit=True, may_cancel=True,
        printer=_Paper(),
        panel_factory=lambda: EditorPanel(
            window.hub, programme, zone=sample.ZONE, clock=clock, may_edit=True, may_cancel=True
        ),
    )  # fmt: skip
    _area(window, made, "bookings")
    await rest(0.1)
    return made


@page("schedule")
async def show_week(window: ShellWindow) -> QWidget:
    """The week."""
    await _schedule(window)
    return window


@page("schedule, month")
async def show_month(window: ShellWindow) -> QWidget:
    """The month."""
    made = await _schedule(window)
    made.show_view("month")
    await rest(0.1)
    return window


@page("schedule, series")
async def show_series(window: ShellWindow) -> QWidget:
    """Every weekly pattern."""
    made = await _schedule(window)
    made.show_view("series")
    await rest(0.1)
    return window


@page("schedule, empty")
async def show_empty(window: ShellWindow) -> QWidget:
    """A week without sessions."""
    await _schedule(window, lambda first: replace(sample.week(first), sessions=(), closures=()))
    return window


@page("schedule, rooms")
async def show_rooms(window: ShellWindow) -> QWidget:
    """Which rooms are seen, open over the week."""
    made = await _schedule(window)
    made.filters.rooms.open()
    await rest(0.05)
    opened = made.filters.rooms.list
    assert opened is not None
    return opened
