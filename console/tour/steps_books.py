"""The tour of the books: the months of money, and the daily check that everything agrees."""

from __future__ import annotations

from PySide6.QtCore import Qt

from console.tour.registry import step
from console.tour.scene import Scene

_FINANCE = "platform_finance"


@step("revenue", "months", role=_FINANCE)
async def months(scene: Scene) -> None:
    """A year of months: two charts and the sums below them."""
    await scene.enter_as(_FINANCE)
    scene.window.open_area("revenue")
    await scene.settle(4.0)  # the charts' library is loaded with the first of them


@step("revenue", "by venue", role=_FINANCE)
async def by_venue(scene: Scene) -> None:
    """The same months, venue by venue."""
    await scene.press("By venue")
    await scene.settle(0.6)


@step("integrity", "daily check", role=_FINANCE)
async def daily_check(scene: Scene) -> None:
    """Before anything was checked: what is checked, and how."""
    scene.window.open_area("integrity")
    await scene.settle(0.6)


@step("integrity", "checked now", role=_FINANCE)
async def checked(scene: Scene) -> None:
    """After Check now: how many issues are open, or that everything agrees."""
    await scene.key(Qt.Key.Key_Return, ctrl=True)
    await scene.settle(1.5)
