"""The tour of how a front desk runs its day: notes, closing, the building, printing, bookings, and the desk itself."""

from __future__ import annotations

from PySide6.QtCore import Qt

from console.tour.registry import step
from console.tour.scene import Scene

_FRONT_DESK = "front_desk"


@step("notes", "writing", role=_FRONT_DESK)
async def note(scene: Scene) -> None:
    """A note about Nia, in her card."""
    await scene.begin()
    await scene.type("nia")
    await scene.settle(0.3)
    await scene.key(Qt.Key.Key_Escape)
    await scene.key(Qt.Key.Key_M, ctrl=True)
    await scene.type("Her belt is in the blue bag.")
    await scene.settle(0.3)


@step("notes", "incident", role=_FRONT_DESK)
async def incident(scene: Scene) -> None:
    """An incident asks what was done."""
    await scene.press("Discard")
    await scene.key(Qt.Key.Key_M, ctrl=True, shift=True)
    await scene.type("Bumped her knee on the mat")
    await scene.settle(0.3)


@step("printing", "roster", role=_FRONT_DESK)
async def roster(scene: Scene) -> None:
    """The roster before it is printed; Enter prints."""
    await scene.begin()
    await scene.key(Qt.Key.Key_P, ctrl=True)
    await scene.settle(2.5)


@step("printing", "labels", role=_FRONT_DESK)
async def labels(scene: Scene) -> None:
    """Child label and pickup tag, where no label printer is known yet."""
    await scene.begin()
    await scene.type("nia")
    await scene.settle(0.3)
    await scene.key(Qt.Key.Key_P, ctrl=True, shift=True)
    await scene.settle(2.5)


@step("building", "who is in", role=_FRONT_DESK)
async def building(scene: Scene) -> None:
    """Everybody in the building now, by room, with late pickups."""
    await scene.begin()
    scene.window.open_area("building")
    await scene.settle(0.6)


@step("building", "roll call", role=_FRONT_DESK)
async def roll_call(scene: Scene) -> None:
    """The roll call: Ctrl+P, then Enter."""
    await scene.key(Qt.Key.Key_P, ctrl=True)
    await scene.settle(2.5)


@step("building", "day in numbers", role=_FRONT_DESK)
async def numbers(scene: Scene) -> None:
    """The summary of the day."""
    await scene.key(Qt.Key.Key_Escape)
    await scene.key(Qt.Key.Key_D, ctrl=True)
    await scene.settle(0.6)


@step("bookings", "list", role=_FRONT_DESK)
async def bookings(scene: Scene) -> None:
    """All bookings of the venue."""
    await scene.begin()
    scene.window.open_area("bookings")
    await scene.settle(0.8)


@step("bookings", "one booking", role=_FRONT_DESK)
async def booking(scene: Scene) -> None:
    """A booking's page: what happened, its credits, who changed what."""
    await scene.begin()
    await scene.type("nia")
    await scene.settle(0.3)
    await scene.choose("booking")
    await scene.settle(0.8)


@step("this-desk", "settings", role=_FRONT_DESK)
async def desk(scene: Scene) -> None:
    """Printers, sounds, text size, theme and lock of this desk."""
    await scene.begin()
    scene.window.open_area("desk")
    await scene.settle(0.5)


@step("account", "authenticator", role=_FRONT_DESK)
async def authenticator(scene: Scene) -> None:
    """Setting up an authenticator."""
    scene.window.open_area("account")
    await scene.settle(0.5)


@step("palette", "with records", role=_FRONT_DESK)
async def records(scene: Scene) -> None:
    """Children, sessions and bookings among what can be done."""
    await scene.begin()
    scene.window.palette_box.open()
    await scene.type("nia")
    await scene.settle(0.8)


@step("closing", "by name", role=_FRONT_DESK)
async def closing(scene: Scene) -> None:
    """Who is still expected is asked by name."""
    await scene.begin()
    await scene.key(Qt.Key.Key_E, ctrl=True, shift=True)
    await scene.settle(0.4)
    await scene.key(Qt.Key.Key_Down)
    await scene.key(Qt.Key.Key_N)
    await scene.key(Qt.Key.Key_Down)
    await scene.key(Qt.Key.Key_C)


@step("unmarked", "review", role=_FRONT_DESK)
async def unmarked(scene: Scene) -> None:
    """Children of the last days about whom nobody said anything."""
    await scene.press("Close session")
    await scene.settle()
    await scene.key(Qt.Key.Key_U, ctrl=True, shift=True)
    await scene.settle(0.5)


@step("lock", "locked", role=_FRONT_DESK)
async def locked(scene: Scene) -> None:
    """Nothing of a child stays on a locked desk; whoever locked it comes back with the password."""
    await scene.key(Qt.Key.Key_Escape)
    await scene.key(Qt.Key.Key_L, ctrl=True)
    await scene.settle(0.6)
