"""The tour of the catalogue: the list, one activity, what a draft lacks, many at once."""

from __future__ import annotations

from PySide6.QtCore import Qt

from console.tour.registry import step
from console.tour.scene import Scene


@step("activities", "catalogue", role="manager")
async def catalogue(scene: Scene) -> None:
    """Every activity in use."""
    await scene.enter_as("manager")
    scene.window.open_area("activities")
    await scene.settle(0.4)


@step("activities", "one", role="manager")
async def one(scene: Scene) -> None:
    """Its form and what parents need, beside the list."""
    await scene.key(Qt.Key.Key_Return)
    await scene.key(Qt.Key.Key_Down)
    await scene.key(Qt.Key.Key_Return)
    await scene.settle(0.4)


@step("activities", "new", role="manager")
async def new(scene: Scene) -> None:
    """A new one says what is missing."""
    await scene.key(Qt.Key.Key_N, ctrl=True)
    await scene.type("Trampoline")
    await scene.settle(0.4)


@step("activities", "many", role="manager")
async def many(scene: Scene) -> None:
    """What a change would make of each chosen row."""
    await scene.key(Qt.Key.Key_Escape)
    await scene.press("Discard changes")
    await scene.key(Qt.Key.Key_A, ctrl=True)
    await scene.key(Qt.Key.Key_E, ctrl=True, shift=True)
    await scene.key(Qt.Key.Key_Tab, times=2)
    await scene.type("15")
    await scene.press("Show what would change")
    await scene.settle(0.4)
