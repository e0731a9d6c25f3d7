"""Announcements, registered beside the pages of `pages`: see there for how."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtWidgets import QWidget

from console.clock import FixedClock
from console.errors import Unavailable
from console.views.announcements.page import AnnouncementsPage
from console.views.shell.window import ShellWindow
from tests.support import announcements_screen
from tests.support import today_samples as sample
from tests.support.pages import _area, _open_today, page, rest


async def _page(window: ShellWindow, gateway: announcements_screen.FakeAnnouncements) -> AnnouncementsPage:
    made = AnnouncementsPage(
        window.hub, gateway, venues=gateway.venues, clock=FixedClock(sample.NOW), zone=sample.ZONE
    )
    _area(window, made, "desk")
    await rest(0.1)
    await made.runner.settled()
    return made


@page("announcements")
async def show_list(window: ShellWindow) -> QWidget:
    """One of each state; the first is as long as it may be."""
    gateway = announcements_screen.FakeAnnouncements()
    long = announcements_screen.LONG
    gateway.known[0] = replace(
        gateway.known[0], title=f"{long} {long}"[:120], body=("Please read. " * 90)[:1000],
        venues=tuple(announcements_screen.VENUES),
    )  # fmt: skip
    await _page(window, gateway)
    return window


@page("announcements, empty")
async def show_empty(window: ShellWindow) -> QWidget:
    """Nothing was announced yet."""
    await _page(window, announcements_screen.FakeAnnouncements([]))
    return window


@page("announcements, error")
async def show_error(window: ShellWindow) -> QWidget:
    """Nothing comes."""
    gateway = announcements_screen.FakeAnnouncements()
    gateway.failure = Unavailable("The server cannot be reached.", hint="Try again in a minute.")
    await _page(window, gateway)
    return window


@page("new announcement")
async def show_sheet(window: ShellWindow) -> QWidget:
    """For some venues, with the preview."""
    made = await _page(window, announcements_screen.FakeAnnouncements())
    made.write()
    assert made.sheet is not None
    await made.sheet.runner.settled()
    made.sheet.whom.choose("some")
    made.sheet.whom.changed.emit("some")
    made.sheet.headline.setText("Bookings pause on Sunday night")
    await rest(0.1)
    return made.sheet.card


@page("withdraw an announcement")
async def show_question(window: ShellWindow) -> QWidget:
    """What withdrawing does, in numbers."""
    made = await _page(window, announcements_screen.FakeAnnouncements())
    made.withdraw()
    assert made.question is not None
    return made.question.card


@page("an announcement over a page")
async def show_strip(window: ShellWindow) -> QWidget:
    """The first of three, long, over the page of the day."""
    await _open_today(window)
    first = announcements_screen.everything()[0]
    window.show_announcement(replace(first, title=announcements_screen.LONG, body=f"{first.body} " * 4), 1, 3)
    await rest(0.1)
    return window
