"""The payout screens, registered beside the pages of `pages`: see there for how."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from PySide6.QtWidgets import QWidget

from console.clock import FixedClock
from console.domain.payouts import PayoutState
from console.errors import Unavailable
from console.views.payouts.page import PayoutsPage
from console.views.shell.window import ShellWindow
from tests.support import payout_samples as sample
from tests.support.pages import LONG, VENUE, _area, page, rest
from tests.support.today_samples import NOW


class NoPrinter:
    """Takes a document and says so."""

    def __init__(self) -> None:
        self.printed: list[tuple[str, str, str, int]] = []

    async def print_document(self, title: str, facts: str, file: str, pdf: bytes) -> str:
        self.printed.append((title, facts, file, len(pdf)))
        return f"{title} sent to Office"


class MemoryFilters:
    """Filters kept as long as the test."""

    def __init__(self) -> None:
        self.kept: dict[str, list[dict[str, Any]]] = {}

    def filters(self, page_key: str) -> list[dict[str, Any]]:
        return list(self.kept.get(page_key, []))

    def save_filters(self, page_key: str, filters: list[dict[str, Any]]) -> None:
        self.kept[page_key] = filters


def payouts_page(
    window: ShellWindow, gateway: sample.SamplePayouts, *, platform: bool = False, may_export: bool = True
) -> PayoutsPage:
    """The page over a sample, of one venue or of the platform."""

    async def venues() -> list[tuple[UUID, str]]:
        return [(one.venue_id, one.venue) for one in sample.neighbours()]

    return PayoutsPage(
        window.hub, gateway, gateway if platform else None, zone=ZoneInfo(sample.ZONE), clock=FixedClock(NOW),
        venue=None if platform else VENUE, venues=venues if platform else None,
        printer=NoPrinter(), may_export=may_export,
    )  # fmt: skip


async def settled(made: PayoutsPage) -> None:
    """Wait until nothing is asked."""
    for _ in range(3):
        await rest(0.01)
        for part in made.parts:
            await part.runner.settled()
        await made.payouts.detail.runner.settled()
        await made.payouts.detail.lines.model.settled()


async def _open(window: ShellWindow, gateway: sample.SamplePayouts, *, platform: bool = False) -> PayoutsPage:
    made = payouts_page(window, gateway, platform=platform)
    _area(window, made, "bookings")
    await settled(made)
    return made


async def _at(window: ShellWindow, part: str = "payouts") -> PayoutsPage:
    """The platform's page with one of its parts on show."""
    made = await _open(window, sample.SamplePayouts(sample.neighbours()), platform=True)
    if part != "payouts":
        made.show_part(part)
        await settled(made)
    return made


@page("payouts")
async def show_payouts(window: ShellWindow) -> QWidget:
    """A venue's months, one of them open beside the list."""
    made = await _open(window, sample.SamplePayouts())
    made.open_payout(sample.payout_id(1))
    await settled(made)
    return window


@page("payouts, none")
async def show_none(window: ShellWindow) -> QWidget:
    """A venue that was never paid."""
    await _open(window, sample.SamplePayouts([]))
    return window


@page("payouts, error")
async def show_error(window: ShellWindow) -> QWidget:
    """Nothing comes."""
    gateway = sample.SamplePayouts()
    gateway.wrong = Unavailable("The server cannot be reached.", hint="Try again in a minute.")
    await _open(window, gateway)
    return window


@page("payouts of all venues")
async def show_all(window: ShellWindow) -> QWidget:
    """The platform's month, a failed payment with a very long name on show."""
    known = sample.neighbours()
    at = next(at for at, one in enumerate(known) if one.state is PayoutState.FAILED)
    known[at] = replace(known[at], venue=f"{LONG} {LONG}", failure=f"{known[at].failure} {LONG}.")
    made = await _open(window, sample.SamplePayouts(known), platform=True)
    failed = known[at].id
    assert failed is not None
    made.open_payout(failed)
    await settled(made)
    return window


@page("payouts, runs")
async def show_runs(window: ShellWindow) -> QWidget:
    """The runs."""
    await _at(window, "runs")
    return window


@page("payouts, holds")
async def show_holds(window: ShellWindow) -> QWidget:
    """The holds."""
    await _at(window, "holds")
    return window


@page("payouts, books")
async def show_books(window: ShellWindow) -> QWidget:
    """The months of the books."""
    await _at(window, "books")
    return window


@page("payouts, new run")
async def show_new_run(window: ShellWindow) -> QWidget:
    """What a run would make."""
    made = await _at(window)
    made.new_run()
    assert made.runs is not None
    sheet = made.runs.sheet
    assert sheet is not None
    await rest(0.1)
    await sheet.runner.settled()
    return sheet.card


@page("payouts, hold a venue")
async def show_hold(window: ShellWindow) -> QWidget:
    """Which venue, and why."""
    made = await _at(window, "holds")
    assert made.holds is not None
    made.holds.place()
    await settled(made)
    assert made.holds.question is not None
    return made.holds.question.card


@page("payouts, tries")
async def show_tries(window: ShellWindow) -> QWidget:
    """Every try to pay one."""
    made = await _at(window)
    made.payouts.detail.show_attempts()
    sheet = made.payouts.detail.sheet
    assert sheet is not None
    await sheet.runner.settled()
    return sheet.card


@page("payouts, a try in doubt")
async def show_doubt(window: ShellWindow) -> QWidget:
    """What became of a transfer that only a person can know about."""
    gateway = sample.SamplePayouts(sample.neighbours())
    gateway.doubts = True
    made = await _open(window, gateway, platform=True)
    made.payouts.detail.show_attempts()
    sheet = made.payouts.detail.sheet
    assert sheet is not None
    await sheet.runner.settled()
    sheet.settle(sheet.tries[0])
    return sheet.card


@page("payouts, answer of the bank")
async def show_answer(window: ShellWindow) -> QWidget:
    """What of the bank's file does not fit."""
    made = await _at(window, "runs")
    assert made.runs is not None
    made.runs.read_bank_answer(Path("bank-answer-2026-03.csv"))
    sheet = made.runs.sheet
    assert sheet is not None
    await sheet.runner.settled()
    return sheet.card
