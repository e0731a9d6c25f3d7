"""More of the front desk's pages and sheets, registered beside those of `pages`: see there for how."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from functools import partial
from uuid import UUID
from zoneinfo import ZoneInfo

from PySide6.QtWidgets import QWidget

from console.clock import FixedClock
from console.domain.families import PlacedChild
from console.domain.listing import BookingRow
from console.domain.paging import Page, PageRequest
from console.views.bookings.area import BookingsArea
from console.views.bookings.detail import BookingDetail
from console.views.bookings.page import BookingsPage
from console.views.building.summary import SummarySheet
from console.views.families.place import PlaceSheet, Purpose
from console.views.families.walk_in import WalkInSheet
from console.views.front_desk.page import TodayPage
from console.views.shell.window import ShellWindow
from tests.support import booking_samples, day_samples, family_samples, running_samples
from tests.support import today_samples as sample
from tests.support.pages import LONG, VENUE, _area, page, rest, show_account

_ZONE = ZoneInfo(VENUE.timezone)


def _rows() -> list[BookingRow]:
    def row(number: int) -> BookingRow:
        at = sample.NOW - timedelta(hours=number)
        return BookingRow(
            UUID(int=number), at, at, LONG if number == 2 else "Junior Judo", LONG if number == 3 else "Nia",
            f"K7Q4-2MX{number % 10}-6", "confirmed", "expected", 14, 0, "desk",
        )  # fmt: skip

    return [row(number) for number in range(1, 31)]


def _bookings(window: ShellWindow) -> BookingsArea:
    async def fetch(_request: PageRequest) -> Page[BookingRow]:
        return Page(_rows(), None)

    listing = BookingsPage(
        window.hub, fetch, zone=_ZONE, venue=VENUE.name, clock=FixedClock(sample.NOW), may_export=True
    )
    owing = replace(booking_samples.BOOKING, owed=3, notes=2)
    detail = BookingDetail(
        window.hub, booking_samples.Gateway(owing), _ZONE, may_manage=True, may_cancel_for_venue=True, at_desk=True
    )  # fmt: skip
    area = BookingsArea(listing, detail)
    _area(window, area, "bookings")
    return area


@page("bookings")
async def show_bookings(window: ShellWindow) -> QWidget:
    """Every booking of the venue."""
    _bookings(window)
    await rest(0.2)
    return window


@page("a booking")
async def show_booking(window: ShellWindow) -> QWidget:
    """One booking with its history."""
    _bookings(window).open_booking(booking_samples.BOOKING.id)
    await rest(0.2)
    return window


async def _walk_in(window: ShellWindow) -> WalkInSheet:
    await show_account(window)
    sheet = WalkInSheet(
        window.hub, window, family_samples.FakeFamilies(), FixedClock(sample.NOW), sample.ZONE, today=sample.DAY,
        session_id=sample.session_id(4), text="Da",
    )  # fmt: skip
    sheet.open()
    await rest(0.3)
    return sheet


@page("walk-in, session")
async def show_where(window: ShellWindow) -> QWidget:
    """Which session a walk-in takes."""
    sheet = await _walk_in(window)
    if sheet.found is not None:
        sheet.found.enter()
    await rest(0.2)
    return sheet.card


@page("walk-in, payment")
async def show_how(window: ShellWindow) -> QWidget:
    """How a walk-in is paid, with something to overrule."""
    sheet = await _walk_in(window)
    if sheet.found is not None:
        sheet.found.enter()
    await rest(0.2)
    if sheet.chooser is not None:
        sheet.chooser.list.chosen.emit(family_samples.choices()[3])
    await rest(0.1)
    return sheet.card


@page("register a family")
async def show_register(window: ShellWindow) -> QWidget:
    """A new family with one note and one person."""
    sheet = await _walk_in(window)
    sheet.register_family()
    if sheet.form is not None:
        sheet.form.health.add_button.click()
        sheet.form.pickup.add_button.click()
    await rest(0.1)
    return sheet.card


@page("next visit")
async def show_next_visit(window: ShellWindow) -> QWidget:
    """The next visit of a child."""
    await show_account(window)
    child = PlacedChild(sample.booking_id(1), sample.session_id(1), LONG, 88, LONG)
    sheet = PlaceSheet(
        window.hub, window, family_samples.FakeFamilies(), FixedClock(sample.NOW), sample.ZONE, entry=child,
        purpose=Purpose.NEXT_VISIT, today=sample.DAY,
    )  # fmt: skip
    sheet.open()
    await rest(0.2)
    return sheet.card


@page("the day in numbers")
async def show_numbers(window: ShellWindow) -> QWidget:
    """What the day came to."""
    await show_account(window)
    sheet = SummarySheet(window.hub, window, day_samples.summary(), sample.ZONE, print_=list)
    sheet.open()
    await rest(0.2)
    return sheet.card


async def _running(window: ShellWindow) -> TodayPage:
    gateway = sample.FakeGateway()
    running = running_samples.FakeDay(gateway, left=[running_samples.unmarked(5, "Ada")])
    made = TodayPage(
        window.hub, FixedClock(sample.NOW), gateway, zone=sample.ZONE, desk="Desk 1", person="Jonas",
        may_undo_any=True, poll_seconds=0, running=running, printer=running_samples.FakePrinter(), may_close=True,
        may_reopen=True,
    )  # fmt: skip
    for signal in (made.walk_in_wanted, made.building_wanted, made.move_wanted, made.next_visit_wanted,
                   made.waitlist_wanted, made.booking_wanted):  # fmt: skip
        signal.connect(partial(list, ()))
    made.correct_wanted.connect(lambda *_: None)
    _area(window, made, "today")
    made.start()
    await rest(0.3)
    return made


@page("today, everything offered")
async def show_running(window: ShellWindow) -> QWidget:
    """The day with a child's card and everything that can be done."""
    made = await _running(window)
    made.middle.roster.select(sample.booking_id(10))
    await rest(0.1)
    return window


@page("today, a note")
async def show_note(window: ShellWindow) -> QWidget:
    """An incident is being written down."""
    made = await _running(window)
    made.middle.roster.select(sample.booking_id(10))
    await rest(0.1)
    made.card.write_note(incident=True)
    await rest(0.1)
    return window


@page("close a session")
async def show_closing(window: ShellWindow) -> QWidget:
    """Who came, by name."""
    made = await _running(window)
    made.running.close_session()
    await rest(0.2)
    return made.running.sheet.card if made.running.sheet is not None else window


@page("unmarked children")
async def show_unmarked(window: ShellWindow) -> QWidget:
    """Yesterday's open questions."""
    made = await _running(window)
    made.running.review_unmarked()
    await rest(0.2)
    return made.running.sheet.card if made.running.sheet is not None else window
