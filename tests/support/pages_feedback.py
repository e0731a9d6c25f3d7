"""Reviews, registered beside the pages of `pages`: see there for how."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtWidgets import QWidget

from console.clock import FixedClock
from console.domain.feedback import Cause
from console.domain.listing import ActivityChoice
from console.errors import Unavailable
from console.views.feedback.page import FeedbackPage
from console.views.shell.window import ShellWindow
from tests.support import feedback_screen
from tests.support import today_samples as sample
from tests.support.pages import _area, page, rest


async def _activities() -> list[ActivityChoice]:
    return feedback_screen.ACTIVITIES


async def _feedback(
    window: ShellWindow, gateway: feedback_screen.FakeFeedback, *, venue: bool = False
) -> FeedbackPage:
    made = FeedbackPage(
        window.hub, gateway, venue_id=feedback_screen.VENUE_ID if venue else None, clock=FixedClock(sample.NOW),
        zone=sample.ZONE, memory=None, may_moderate=not venue, may_reply=venue, may_export=True, activities=_activities,
    )  # fmt: skip
    _area(window, made, "desk")
    await rest(0.1)
    await made.runner.settled()
    return made


@page("reviews to look at")
async def show_queue(window: ShellWindow) -> QWidget:
    """The queue; the first row has every cause, very long names and a very long word."""
    gateway = feedback_screen.FakeFeedback()
    gateway.known[0] = replace(
        gateway.known[0], venue=feedback_screen.LONG, activity=feedback_screen.LONG,
        words=f"{gateway.known[0].words} {'x' * 200} {gateway.known[0].words}",
        causes={
            Cause.FLAGGED: "A parent of this venue wrote that this is about quite another place in another town.",
            Cause.RISKY_WORDS: "hospital, cut, police, bled, ambulance", Cause.BURST: "6 within 24 hours",
            Cause.EXTREME: "average 4.62 of 31",
        },
    )  # fmt: skip
    await _feedback(window, gateway)
    return window


@page("a venue's reviews")
async def show_venue(window: ShellWindow) -> QWidget:
    """A venue's own list, with an answer being written."""
    made = await _feedback(window, feedback_screen.FakeFeedback(), venue=True)
    made.panel.reply.text.setPlainText(
        "We are very sorry. Please call us: " + "we look into it at once. " * 22
    )
    return window


@page("reviews, empty")
async def show_empty(window: ShellWindow) -> QWidget:
    """Nothing waits."""
    await _feedback(window, feedback_screen.FakeFeedback([]))
    return window


@page("reviews, error")
async def show_error(window: ShellWindow) -> QWidget:
    """Nothing comes."""
    gateway = feedback_screen.FakeFeedback()
    gateway.failure = Unavailable("The server cannot be reached.", hint="Try again in a minute.")
    await _feedback(window, gateway)
    return window


@page("when a review waits")
async def show_thresholds(window: ShellWindow) -> QWidget:
    """The numbers of the queue, with examples."""
    made = await _feedback(window, feedback_screen.FakeFeedback())
    made.change_rules()
    await rest(0.1)
    assert made.sheet is not None
    return made.sheet.card
