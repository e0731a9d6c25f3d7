"""The tour of the occupancy screen: a week, and one day."""

from __future__ import annotations

from PySide6.QtCore import Qt

from console.tour.registry import step
from console.tour.scene import Scene


@step("occupancy", "week", role="manager")
async def week(scene: Scene) -> None:
    """The week of today: what is on, two charts, the fullest activities first."""
    await scene.enter_as("manager")
    scene.window.open_area("occupancy")
    await scene.settle(1.5)


@step("occupancy", "day", role="manager")
async def day(scene: Scene) -> None:
    """Today by hour and activity."""
    await scene.key(Qt.Key.Key_Left)
    await scene.settle(1.5)
