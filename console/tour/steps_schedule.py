"""The tour of the schedule: the week, a block moved by the keyboard, lanes by instructor, the month, the series."""

from __future__ import annotations

from PySide6.QtCore import Qt

from console.tour.registry import step
from console.tour.scene import Scene


@step("schedule", "week", role="manager")
async def week(scene: Scene) -> None:
    """The week of today, with the next session that is not over as the current block."""
    await scene.enter_as("manager")
    scene.window.open_area("schedule")
    await scene.settle(0.6)


@step("schedule", "series of a block", role="manager")
async def series_of_a_block(scene: Scene) -> None:
    """A block opened: its series is lit, the panel shows it."""
    await scene.key(Qt.Key.Key_Up)
    await scene.key(Qt.Key.Key_Return)
    await scene.settle(0.8)


@step("schedule", "moved", role="manager")
async def moved(scene: Scene) -> None:
    """A session to come, moved by the keyboard: where it leaves, where it would be, what it overlaps."""
    await scene.key(Qt.Key.Key_Escape)
    await scene.settle(0.3)
    await scene.key(Qt.Key.Key_Right)
    await scene.key(Qt.Key.Key_Right, times=6, shift=True)
    await scene.settle(0.8)


@step("schedule", "filtered", role="manager")
async def filtered(scene: Scene) -> None:
    """Typing narrows the week."""
    await scene.key(Qt.Key.Key_Escape)
    await scene.settle(0.3)
    if any(button.text() == "Discard changes" for button in scene.buttons()):
        await scene.press("Discard changes")
    await scene.key(Qt.Key.Key_F, ctrl=True)
    await scene.type("club")
    await scene.settle(0.4)


@step("schedule", "month", role="manager")
async def month(scene: Scene) -> None:
    """The month, day by day."""
    for _ in range(4):
        await scene.key(Qt.Key.Key_Backspace)
    await scene.press("Month")
    await scene.settle(0.5)


@step("schedule", "series", role="manager")
async def series(scene: Scene) -> None:
    """Every weekly pattern."""
    await scene.press("Series")
    await scene.settle(0.5)
