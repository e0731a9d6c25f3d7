"""The pages of the catalogue, registered beside those of `pages`: see there for how."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from PySide6.QtWidgets import QWidget

from console.clock import FixedClock
from console.views.activities.page import ActivitiesPage
from console.views.shell.window import ShellWindow
from tests.support import activity_samples
from tests.support import today_samples as sample
from tests.support.pages import LONG, VENUE, _area, page, rest


async def _activities(window: ShellWindow) -> ActivitiesPage:
    catalogue = activity_samples.FakeCatalogue()
    one = catalogue.activities[UUID(int=3)]
    catalogue.activities[one.id] = replace(one, facts=replace(one.facts, name=f"{LONG} {LONG} {LONG}"))
    made = ActivitiesPage(
        window.hub, catalogue, FixedClock(sample.NOW), venue=VENUE.name, may_edit=True, may_export=True
    )
    _area(window, made, "bookings")
    await made.listing.model.settled()
    return made


@page("activities")
async def show_activities(window: ShellWindow) -> QWidget:
    """The catalogue."""
    await _activities(window)
    return window


@page("an activity")
async def show_activity(window: ShellWindow) -> QWidget:
    """One activity in its panel."""
    made = await _activities(window)
    made.open_activity(UUID(int=1))
    await made.panel.runner.settled()
    await rest(0.1)
    return window


@page("a draft activity")
async def show_draft(window: ShellWindow) -> QWidget:
    """One that lacks what parents need."""
    made = await _activities(window)
    made.open_activity(UUID(int=5))
    await made.panel.runner.settled()
    return window


@page("many activities")
async def show_many(window: ShellWindow) -> QWidget:
    """What to set in several."""
    made = await _activities(window)
    made.listing.choose_all()
    made.edit_many()
    assert made.sheet is not None
    return made.sheet.card


@page("many activities, preview")
async def show_many_preview(window: ShellWindow) -> QWidget:
    """What it would make of each."""
    made = await _activities(window)
    made.listing.choose_all()
    made.edit_many()
    sheet = made.sheet
    assert sheet is not None
    sheet.showing.setCurrentIndex(1)
    sheet.capacity.setText("16")
    sheet.show_preview()
    return sheet.card
