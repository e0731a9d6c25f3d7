"""The tour of what the front desk does about places: walk-ins, moving, the next visit, corrections, the waitlist."""

from __future__ import annotations

from PySide6.QtCore import Qt

from console.tour.registry import step
from console.tour.scene import Scene

_FRONT_DESK = "front_desk"


@step("walk-in", "who came", role=_FRONT_DESK)
async def who(scene: Scene) -> None:
    """Two letters of a name that has no ticket today."""
    await scene.begin()
    await scene.key(Qt.Key.Key_N, ctrl=True)
    await scene.type("dana")
    await scene.settle(0.5)


@step("walk-in", "nobody found", role=_FRONT_DESK)
async def nobody(scene: Scene) -> None:
    """Nobody is called that: a family from elsewhere, or a new one."""
    await scene.type("zz")
    await scene.settle(0.5)


@step("walk-in", "where", role=_FRONT_DESK)
async def where(scene: Scene) -> None:
    """The day's sessions with what is free and what stands in the way."""
    await scene.key(Qt.Key.Key_Backspace, times=6)
    await scene.type("theo")
    await scene.settle(0.5)
    await scene.key(Qt.Key.Key_Return)
    await scene.settle(0.5)


@step("walk-in", "how", role=_FRONT_DESK)
async def how(scene: Scene) -> None:
    """The price, what the family has, and the check-in."""
    await scene.key(Qt.Key.Key_Return)
    await scene.settle(0.4)


@step("walk-in", "register", role=_FRONT_DESK)
async def register(scene: Scene) -> None:
    """A new family: guardian, child, health, pickup people, and the consent text."""
    await scene.key(Qt.Key.Key_Escape, times=2)
    await scene.key(Qt.Key.Key_R, ctrl=True)
    await scene.type("Asha")
    await scene.settle(0.3)


@step("walk-in", "register incomplete", role=_FRONT_DESK)
async def incomplete(scene: Scene) -> None:
    """What is missing is said under its field."""
    await scene.press("Register")
    await scene.settle(0.3)


@step("move", "where to", role=_FRONT_DESK)
async def move(scene: Scene) -> None:
    """Lucía's ticket is for LEGO Robotics; she is moved here."""
    await scene.begin()
    await scene.scan(scene.copy.codes["LEGO Robotics", "Lucía"])
    await scene.settle(0.4)
    await scene.key(Qt.Key.Key_F2, shift=True)
    await scene.settle(0.5)


@step("move", "confirm", role=_FRONT_DESK)
async def move_confirm(scene: Scene) -> None:
    """What moving costs and leaves."""
    await scene.key(Qt.Key.Key_Return)
    await scene.settle(0.4)


@step("next-visit", "where", role=_FRONT_DESK)
async def next_visit(scene: Scene) -> None:
    """Nia comes again: another day's sessions."""
    await scene.begin()
    await scene.type("nia")
    await scene.settle(0.3)
    await scene.choose("next")
    await scene.settle(0.4)
    await scene.key(Qt.Key.Key_Right, ctrl=True)
    await scene.settle(0.5)


@step("corrections", "health", role=_FRONT_DESK)
async def health(scene: Scene) -> None:
    """Nia's allergies, and who confirmed them."""
    await scene.begin()
    await scene.type("nia")
    await scene.settle(0.3)
    await scene.choose("health")
    await scene.settle(0.5)


@step("corrections", "pickup people", role=_FRONT_DESK)
async def pickup(scene: Scene) -> None:
    """Who may collect Nia, and who may not."""
    await scene.key(Qt.Key.Key_Escape)
    await scene.choose("pickup")
    await scene.settle(0.5)
