"""The daily check, registered beside the pages of `pages`: see there for how."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from PySide6.QtWidgets import QWidget

from console.clock import FixedClock
from console.errors import Unavailable
from console.views.integrity.page import IntegrityPage
from console.views.shell.window import ShellWindow
from tests.support import integrity_samples
from tests.support import today_samples as sample
from tests.support.pages import LONG, _area, page, rest


async def _integrity(
    window: ShellWindow, gateway: integrity_samples.FakeIntegrity, *, may_settle: bool = True
) -> IntegrityPage:
    made = IntegrityPage(
        window.hub, gateway, clock=FixedClock(sample.NOW), zone=sample.ZONE, me=integrity_samples.ME,
        may_settle=may_settle,
    )  # fmt: skip
    _area(window, made, "desk")
    await rest(0.1)
    await made.runner.settled()
    await made.model.settled()
    return made


@page("daily check")
async def show_integrity(window: ShellWindow) -> QWidget:
    """One of each, the last check too long ago, a very long finding on show."""
    gateway = integrity_samples.FakeIntegrity()
    gateway.ran = sample.NOW - timedelta(days=5)
    gateway.known[0] = replace(gateway.known[0], detail=f"{LONG} {LONG} {LONG}.", venue=LONG)
    made = await _integrity(window, gateway)
    made.show_state("")
    await made.model.settled()
    return window


@page("daily check, everything agrees")
async def show_agrees(window: ShellWindow) -> QWidget:
    """Nothing was found, and there is nothing to be done about it."""
    await _integrity(window, integrity_samples.FakeIntegrity([]), may_settle=False)
    return window


@page("daily check, error")
async def show_error(window: ShellWindow) -> QWidget:
    """Nothing comes."""
    gateway = integrity_samples.FakeIntegrity()
    gateway.failure = Unavailable("The server cannot be reached.", hint="Try again in a minute.")
    await _integrity(window, gateway)
    return window


@page("daily check, ignore")
async def show_ignore(window: ShellWindow) -> QWidget:
    """Why an issue is meant to be so."""
    made = await _integrity(window, integrity_samples.FakeIntegrity())
    made.ignore()
    assert made.question is not None
    return made.question.card
