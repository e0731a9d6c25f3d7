"""The waitlist, registered beside the pages of `pages`: see there for how."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtWidgets import QWidget

from console.clock import FixedClock
from console.views.shell.window import ShellWindow
from console.views.waitlist.page import WaitlistPage
from tests.support import today_samples as sample
from tests.support import waitlist_samples
from tests.support.pages import LONG, _area, page, rest


def _waitlist(window: ShellWindow, gateway: waitlist_samples.FakeWaitlist) -> WaitlistPage:
    made = WaitlistPage(window.hub, gateway, zone=sample.ZONE, clock=FixedClock(sample.NOW))
    _area(window, made, "bookings")
    return made


@page("waitlist")
async def show_waitlist(window: ShellWindow) -> QWidget:
    """A queue with one of each, and a session with a very long name."""
    gateway = waitlist_samples.FakeWaitlist(free=1)
    gateway.children[1] = replace(gateway.children[1], child=LONG, parent=f"{LONG} {LONG}")
    gateway.others.append(waitlist_samples.session(sample.session_id(7), f"{LONG} {LONG}"))
    made = _waitlist(window, gateway)
    await rest(0.1)
    await made.runner.settled()
    return window


@page("waitlist, nobody")
async def show_nobody(window: ShellWindow) -> QWidget:
    """Nobody waits."""
    gateway = waitlist_samples.FakeWaitlist([])
    gateway.others.clear()
    made = _waitlist(window, gateway)
    await rest(0.1)
    await made.runner.settled()
    return window


@page("waitlist, why")
async def show_why(window: ShellWindow) -> QWidget:
    """Why somebody is passed over."""
    made = _waitlist(window, waitlist_samples.FakeWaitlist())
    await rest(0.1)
    await made.runner.settled()
    made.skip()
    assert made.question is not None
    return made.question.card
