"""The tour of the other roles: what each of them sees first."""

from __future__ import annotations

from PySide6.QtCore import Qt

from console.tour.registry import step
from console.tour.scene import Scene


@step("manager", "first page", role="manager")
async def manager(scene: Scene) -> None:
    """A manager may undo what any desk did."""
    await scene.key(Qt.Key.Key_Escape)
    await scene.enter_as("manager")
    await scene.settle(0.4)


@step("venue-finance", "first page", role="venue_finance")
async def venue_finance(scene: Scene) -> None:
    """The venue's payouts."""
    await scene.enter_as("venue_finance")
    await scene.settle(0.4)


@step("venue-finance", "nothing matches", role="venue_finance")
async def nothing_matches(scene: Scene) -> None:
    """Money by booking, without a child's name; a filter that finds nothing says what to do."""
    scene.window.open_area("bookings")
    await scene.settle(0.4)
    await scene.type("zzz zzz")
    await scene.settle(0.6)


@step("account", "own password", role="venue_finance")
async def account(scene: Scene) -> None:
    """Who is signed in, where they may work, and their password."""
    await scene.key(Qt.Key.Key_Escape)
    scene.window.open_area("account")
    await scene.settle(0.4)


@step("platform-admin", "first page", role="platform_admin")
async def platform_admin(scene: Scene) -> None:
    """Every venue of the platform."""
    await scene.enter_as("platform_admin")
    await scene.settle(0.4)


@step("platform-finance", "first page", role="platform_finance")
async def platform_finance(scene: Scene) -> None:
    """Headquarters' finance."""
    await scene.enter_as("platform_finance")
    await scene.settle(0.4)
