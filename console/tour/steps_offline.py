"""The tour of a desk whose server goes away and comes back: work goes on, and what waits is shown as waiting."""

from __future__ import annotations

import asyncio
from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from console import __version__
from console.services.rosters import DeskService
from console.tour.registry import step
from console.tour.scene import Scene
from console.tour.steps_entry import FACTS, RECENT, nobody
from console.views.entry.panel import DeskFact
from console.views.entry.sign_in import SignInPage
from console.views.front_desk.page import TodayPage

_FRONT_DESK = "front_desk"
_SESSION = "LEGO Robotics"
_WAITING = ("Mateo", "Ingrid", "Sami")


@step("today", "offline", role=_FRONT_DESK)
async def offline(scene: Scene) -> None:
    """The server does not answer: three children are in, and wait to be sent."""
    await scene.begin()
    await scene.until(partial(_has_rosters, scene.page))
    await scene.key(Qt.Key.Key_PageDown, ctrl=True)
    await asyncio.to_thread(scene.copy.away)
    status = scene.window.status
    for name in _WAITING:
        await scene.scan(scene.copy.codes[_SESSION, name])
        await scene.settle(0.3)
    await scene.until(lambda: "3 waiting" in status.text("connection"))
    await scene.settle()


def _has_rosters(page: QWidget) -> bool:
    """Whether this desk has fetched what it needs without a server."""
    desk = page.day.gateway if isinstance(page, TodayPage) else None
    return isinstance(desk, DeskService) and desk.status().as_of is not None


@step("sign-in", "offline")
async def sign_in(scene: Scene) -> None:
    """Without the server this desk opens for those who were here lately."""
    await scene.sign_out()
    page = SignInPage(scene.hub, scene.clock, nobody, people=RECENT, version=__version__)
    page.panel.set_venue("Riverside Studio", "America/Los_Angeles")
    away = DeskFact("ph.wifi-slash", "Offline", "The server does not answer", "amber.text")
    page.panel.set_facts((away, *FACTS[1:]))
    page.set_offline(True)
    scene.window.show_full(page)
    await scene.press("Jonas, Front desk, today 15:40")


@step("today", "back online", role=_FRONT_DESK)
async def back(scene: Scene) -> None:
    """The server is back, and has what waited."""
    await asyncio.to_thread(scene.copy.back)
    await scene.enter_as(_FRONT_DESK)
    await scene.until(lambda: scene.window.status.text("connection") == "Online")
    await scene.settle()
