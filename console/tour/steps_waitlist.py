"""The tour of the waitlist: the queue of a full session, and why somebody is passed over."""

from __future__ import annotations

from PySide6.QtCore import Qt

from console.tour.registry import step
from console.tour.scene import Scene


@step("waitlist", "queue", role="manager")
async def queue(scene: Scene) -> None:
    """The next full session with its queue."""
    await scene.enter_as("manager")
    scene.window.open_area("waitlist")
    await scene.settle(0.4)


@step("waitlist", "why", role="manager")
async def why(scene: Scene) -> None:
    """Passing over asks for the reason."""
    await scene.key(Qt.Key.Key_S, ctrl=True)
    await scene.type("No answer on the phone")
    await scene.settle(0.4)
