"""The score screens, registered beside the pages of `pages`: see there for how."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from console.clock import FixedClock
from console.errors import Unavailable
from console.views.scores.page import ScoresPage
from console.views.scores.venue import VenueScorePage
from console.views.shell.window import ShellWindow
from tests.support import scores_screen as sample
from tests.support.pages import _area, page, rest
from tests.support.pages_payouts import MemoryFilters


async def settled(made: ScoresPage | VenueScorePage) -> None:
    """Wait until nothing is asked and the charts are drawn."""
    for _ in range(3):
        await rest(0.02)
        if isinstance(made, ScoresPage):
            await made.venues.model.settled()
            await made.disputes.runner.settled()
            await made.formula.runner.settled()
            await made.formula.versions.table.settled()
            await made.formula.what_if.model.settled()
        else:
            await made.runner.settled()
            await made.files.settled()
            await made.table.table.settled()
            await made.chart.drawn()


async def _scores(window: ShellWindow, gateway: sample.SampleScores, part: str = "venues") -> ScoresPage:
    made = ScoresPage(
        window.hub, gateway, clock=FixedClock(sample.NOW), memory=MemoryFilters(), may_change=True
    )
    _area(window, made, "bookings")
    await settled(made)
    if part != "venues":
        made.show_part(part)
        await settled(made)
    return made


async def _venue(window: ShellWindow, gateway: sample.SampleScores) -> VenueScorePage:
    made = VenueScorePage(
        window.hub, gateway, venue_id=sample.venue_id(0), clock=FixedClock(sample.NOW), may_dispute=True,
        may_export=True, has_way_back=True,
    )  # fmt: skip
    _area(window, made, "building")
    await settled(made)
    return made


@page("scores")
async def show_scores(window: ShellWindow) -> QWidget:
    """All venues."""
    await _scores(window, sample.SampleScores())
    return window


@page("scores, error")
async def show_error(window: ShellWindow) -> QWidget:
    """Nothing comes."""
    gateway = sample.SampleScores()
    gateway.error = Unavailable("The server cannot be reached.", hint="Try again in a minute.")
    await _scores(window, gateway)
    return window


@page("scores, disputes")
async def show_disputes(window: ShellWindow) -> QWidget:
    """What venues say, an open one on show."""
    gateway = sample.SampleScores(
        disputes=(sample.dispute(1, name=sample.LONG), sample.dispute(2), sample.dispute(3, "upheld"))
    )
    await _scores(window, gateway, "disputes")
    return window


@page("scores, no disputes")
async def show_no_disputes(window: ShellWindow) -> QWidget:
    """Nobody finds a score wrong."""
    await _scores(window, sample.SampleScores(disputes=()), "disputes")
    return window


@page("scores, formula")
async def show_formula(window: ShellWindow) -> QWidget:
    """Other weights, tried out."""
    made = await _scores(window, sample.SampleScores(), "formula")
    for (_, field), weight in zip(made.formula.weights.items(), ("10", "50", "10", "30"), strict=True):
        field.line.setText(weight)
    made.formula.reason.setText("Families who come again say most")
    await rest(0.4)
    await settled(made)
    return window


@page("score of a venue")
async def show_venue(window: ShellWindow) -> QWidget:
    """One venue with a year of weeks."""
    await _venue(window, sample.SampleScores())
    return window


@page("score of a new venue")
async def show_new(window: ShellWindow) -> QWidget:
    """Nothing yet."""
    await _venue(window, sample.SampleScores(weeks_known=0, disputes=()))
    return window


@page("score, dispute")
async def show_dispute(window: ShellWindow) -> QWidget:
    """Saying what is wrong."""
    made = await _venue(window, sample.SampleScores(disputes=()))
    made.dispute()
    sheet = made.sheet
    assert sheet is not None
    return sheet.card
