"""The tour of the schedule's side panel: a series, its preview, a cancellation, closures and rooms."""

from __future__ import annotations

from PySide6.QtCore import Qt

from console.tour.registry import step
from console.tour.scene import Scene


@step("programme", "new series", role="manager")
async def new_series(scene: Scene) -> None:
    """A new weekly pattern and what it would make."""
    await scene.enter_as("manager")
    scene.window.open_area("schedule")
    await scene.settle(0.6)
    await scene.key(Qt.Key.Key_N)
    await scene.settle(0.6)


@step("programme", "one session", role="manager")
async def one_session(scene: Scene) -> None:
    """One session of a series: only this one, as it is."""
    await scene.key(Qt.Key.Key_Escape)
    await scene.settle(0.3)
    await scene.key(Qt.Key.Key_Right, times=2)
    await scene.key(Qt.Key.Key_Return)
    await scene.settle(0.6)


@step("programme", "another time", role="manager")
async def another_time(scene: Scene) -> None:
    """What another time would change, and who is told."""
    await scene.key(Qt.Key.Key_Up, times=3)
    await scene.settle(0.6)


@step("programme", "unsaved", role="manager")
async def unsaved(scene: Scene) -> None:
    """What is not saved yet is asked about once."""
    await scene.key(Qt.Key.Key_Escape)
    await scene.settle(0.3)


@step("programme", "closures", role="manager")
async def closures(scene: Scene) -> None:
    """The closures to come."""
    await scene.press("Discard changes")
    await scene.settle(0.3)
    await scene.key(Qt.Key.Key_C)
    await scene.settle(0.6)


@step("programme", "new closure", role="manager")
async def new_closure(scene: Scene) -> None:
    """What closing the venue for a day would cancel."""
    await scene.press("New closure")
    await scene.settle(0.4)
    await scene.key(Qt.Key.Key_Tab, times=5)
    await scene.key(Qt.Key.Key_Down)
    await scene.settle(0.6)


@step("programme", "rooms", role="manager")
async def rooms(scene: Scene) -> None:
    """The venue's rooms."""
    await scene.press("Discard")
    await scene.settle(0.3)
    await scene.key(Qt.Key.Key_C)
    await scene.settle(0.4)
    await scene.press("Rooms…")
    await scene.settle(0.4)
