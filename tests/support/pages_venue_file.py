"""A venue's file, registered beside the pages of `pages`: see there for how."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtWidgets import QWidget

from console.clock import FixedClock
from console.errors import Unavailable
from console.views.lists import venues_page
from console.views.opened_over import OpenedOver
from console.views.shell.window import ShellWindow
from console.views.venue_file.page import VenueFilePage
from tests.support import today_samples as sample
from tests.support import venue_file_screen
from tests.support.pages import _area, page, rest


async def _file(window: ShellWindow, gateway: venue_file_screen.FakeVenueFile) -> VenueFilePage:
    clock = FixedClock(sample.NOW)
    area = OpenedOver(
        venues_page(window.hub, gateway.venues),
        lambda venue: VenueFilePage(window.hub, gateway, venue_id=venue, clock=clock, zone=sample.ZONE),
    )
    _area(window, area, "desk")
    area.open_one(venue_file_screen.VENUE_ID)
    made = area.opened
    assert isinstance(made, VenueFilePage)
    await rest(0.1)
    await made.runner.settled()
    return made


@page("a venue's file")
async def show_file(window: ShellWindow) -> QWidget:
    """Something in every section, and very long names."""
    known = venue_file_screen.venue_file()
    long = venue_file_screen.LONG
    known = replace(
        known, facts=replace(known.facts, name=f"{long} {long}", legal_name=long, missing=("insurance", "address")),
        notes=(replace(known.notes[0], body=f"{long} {'x' * 300}\n{long}"), *known.notes),
    )  # fmt: skip
    await _file(window, venue_file_screen.FakeVenueFile(known))
    return window


@page("a venue's file, empty")
async def show_bare(window: ShellWindow) -> QWidget:
    """Nothing is known yet."""
    await _file(window, venue_file_screen.FakeVenueFile(venue_file_screen.bare()))
    return window


@page("a venue's file, error")
async def show_error(window: ShellWindow) -> QWidget:
    """Nothing comes."""
    gateway = venue_file_screen.FakeVenueFile()
    gateway.failure = Unavailable("The server cannot be reached.", hint="Try again in a minute.")
    await _file(window, gateway)
    return window


@page("a venue's file, a note")
async def show_note(window: ShellWindow) -> QWidget:
    """Writing a note."""
    made = await _file(window, venue_file_screen.FakeVenueFile())
    made.add_note()
    assert made.sheet is not None
    return made.sheet.card


@page("a venue's file, an incident")
async def show_incident(window: ShellWindow) -> QWidget:
    """Reporting an incident."""
    made = await _file(window, venue_file_screen.FakeVenueFile())
    made.report_incident()
    assert made.sheet is not None
    return made.sheet.card
