"""The tour of payouts: headquarters makes a month and looks at it, then a venue sees its own.

See docs/design.md, "Screens" (finance).
"""

from __future__ import annotations

from PySide6.QtCore import Qt

from console.errors import BugError
from console.tour.registry import step
from console.tour.scene import Scene

_PLATFORM = "platform_finance"


@step("payouts", "all venues", role=_PLATFORM)
async def all_venues(scene: Scene) -> None:
    """Every venue's months, one of them beside the list."""
    await scene.enter_as(_PLATFORM)
    scene.window.open_area("payouts")
    await scene.settle(1.4)


@step("payouts", "carried on", role=_PLATFORM)
async def carried_on(scene: Scene) -> None:
    """A month that ended below zero, and the corrections that brought it there."""
    await scene.key(Qt.Key.Key_Down, times=9)
    await scene.settle(1.4)


@step("payouts", "new run", role=_PLATFORM)
async def new_run(scene: Scene) -> None:
    """What the month that ended last comes to for each venue, and what to know first."""
    await scene.press("New run…")
    await scene.settle(1.0)


@step("payouts", "runs", role=_PLATFORM)
async def runs(scene: Scene) -> None:
    """The run is made and waits for somebody to approve it."""
    make = next((one.text() for one in scene.buttons() if one.text().startswith("Make ")), None)
    if make is None:
        raise BugError("The tour found nothing to make.", code="tour_run")
    await scene.press(make)
    await scene.settle(1.0)


@step("payouts", "approve", role=_PLATFORM)
async def approve(scene: Scene) -> None:
    """A colleague approves, after a look at the numbers."""
    await scene.enter_as(_PLATFORM, second=True)
    scene.window.open_area("payouts")
    await scene.settle(0.6)
    await scene.key(Qt.Key.Key_2, alt=True)
    await scene.settle(0.4)
    await scene.press("Approve…")
    await scene.settle(0.3)


@step("payouts", "holds", role=_PLATFORM)
async def holds(scene: Scene) -> None:
    """Venues that are not paid for now, and those that were not."""
    await scene.press("Not yet")
    await scene.key(Qt.Key.Key_3, alt=True)
    await scene.settle(0.4)


@step("payouts", "books", role=_PLATFORM)
async def books(scene: Scene) -> None:
    """The months of the books: closed ones, one that may be closed, one that may not yet."""
    await scene.key(Qt.Key.Key_4, alt=True)
    await scene.settle(0.4)


@step("payouts", "of a venue", role="venue_finance")
async def of_a_venue(scene: Scene) -> None:
    """A venue's own months: how each sum came to be, every line, and the trail of one."""
    await scene.enter_as("venue_finance")
    scene.window.open_area("payouts")
    await scene.settle(0.6)
    await scene.key(Qt.Key.Key_Down)
    await scene.settle(1.4)


@step("payouts", "one line", role="venue_finance")
async def one_line(scene: Scene) -> None:
    """The keyboard in the lines, and the trail of the one it stands on."""
    await scene.key(Qt.Key.Key_F, ctrl=True, shift=True)
    await scene.key(Qt.Key.Key_Return)
    await scene.key(Qt.Key.Key_Down, times=4)
    await scene.settle(0.6)
