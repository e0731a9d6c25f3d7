"""The tour of the front desk's screen: the main job, and what may come in between."""

from __future__ import annotations

from PySide6.QtCore import Qt

from console.tour.registry import step
from console.tour.scene import Scene

_FRONT_DESK = "front_desk"


@step("today", "before scan", role=_FRONT_DESK)
async def before_scan(scene: Scene) -> None:
    """The session that has just begun, twelve minutes in."""
    await scene.enter_as(_FRONT_DESK)
    await scene.settle(0.3)


@step("today", "after check-in", role=_FRONT_DESK)
async def after_check_in(scene: Scene) -> None:
    """Nia's ticket was scanned: she is in, and her allergies stand first."""
    await scene.scan(scene.copy.codes["Junior Judo", "Nia"])
    await scene.settle()


@step("today", "already in", role=_FRONT_DESK)
async def already_in(scene: Scene) -> None:
    """Ava was checked in at the other desk."""
    await scene.scan(scene.copy.codes["Junior Judo", "Ava"])
    await scene.settle()


@step("today", "not this session", role=_FRONT_DESK)
async def not_this_session(scene: Scene) -> None:
    """Lucía's ticket is for the session that begins in three minutes."""
    await scene.scan(scene.copy.codes["LEGO Robotics", "Lucía"])
    await scene.settle()


@step("today", "searching", role=_FRONT_DESK)
async def searching(scene: Scene) -> None:
    """Two children called Leo, found by two letters."""
    await scene.key(Qt.Key.Key_Escape)
    await scene.type("le")
    await scene.settle(0.4)


@step("today", "check-out", role=_FRONT_DESK)
async def check_out(scene: Scene) -> None:
    """Who collects Nia?"""
    await _clear(scene)
    await scene.type("nia")
    scene.clock.tick(120)
    await scene.key(Qt.Key.Key_Return)
    await scene.settle(0.4)


@step("today", "may not collect", role=_FRONT_DESK)
async def may_not_collect(scene: Scene) -> None:
    """Somebody who may not collect Nia was chosen: the operator alone is told."""
    await scene.press("Show")
    await scene.key(Qt.Key.Key_Down, times=4)
    await scene.key(Qt.Key.Key_Return)
    await scene.settle(0.4)


@step("today", "toast with undo", role=_FRONT_DESK)
async def toast(scene: Scene) -> None:
    """Femi was checked in from the card: the row says so, and a toast takes it back."""
    await _clear(scene)
    await scene.type("femi")
    await scene.settle(0.3)
    await scene.press("Check in")
    await scene.key(Qt.Key.Key_Escape)
    await scene.settle(0.4)


@step("today", "cannot be typed", role=_FRONT_DESK)
async def other_scripts(scene: Scene) -> None:
    """A full session with names in four scripts, and a waitlist behind it."""
    await _clear(scene)
    scene.window.toasts.dismiss()
    await scene.key(Qt.Key.Key_PageDown, ctrl=True, times=6)
    await scene.key(Qt.Key.Key_Down, times=16)
    await scene.settle(0.4)


@step("today", "long names", role=_FRONT_DESK)
async def long_names(scene: Scene) -> None:
    """Names that are longer than a row."""
    await scene.key(Qt.Key.Key_PageUp, ctrl=True, times=3)
    await scene.settle(0.4)


@step("today", "empty session", role=_FRONT_DESK)
async def empty_session(scene: Scene) -> None:
    """Nobody is booked on the chess club."""
    await scene.key(Qt.Key.Key_PageDown, ctrl=True, times=5)
    await scene.settle(0.4)


@step("today", "no sessions", role=_FRONT_DESK)
async def no_sessions(scene: Scene) -> None:
    """A Sunday, on which the studio is closed."""
    await scene.key(Qt.Key.Key_Right, alt=True, times=3)
    await scene.settle(0.4)


@step("palette", "open", role=_FRONT_DESK)
async def palette(scene: Scene) -> None:
    """Everything can be found and done by its name."""
    scene.window.palette_box.open()
    await scene.quiet()


@step("shortcuts", "of Today", role=_FRONT_DESK)
async def shortcuts(scene: Scene) -> None:
    """The keys of the window and of the page that is open."""
    await scene.key(Qt.Key.Key_Escape)
    await scene.key(Qt.Key.Key_F1)


async def _clear(scene: Scene) -> None:
    for _ in range(2):
        await scene.key(Qt.Key.Key_Escape)
