"""Every screen and state of which the tour takes a picture.

A state is an async function that brings the scene there from wherever the state before it ended; its name says what
the picture shows. The order of registration is the order of the tour.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from console.tour.scene import Scene

Take = Callable[["Scene"], Awaitable[None]]

MODULES = (
    *("steps_entry", "steps_today", "steps_families", "steps_offline", "steps_day"),
    *("steps_schedule", "steps_editor", "steps_activities", "steps_waitlist", "steps_statistics"),
    "steps_exchange",
    *("steps_office", "steps_jobs", "steps_finance", "steps_invoices", "steps_books"),
    "steps_platform",
    # Its preview stays open.
    "steps_documents",
)
"""The modules of console.tour that register states, in the order of the tour."""


@dataclass(frozen=True, slots=True)
class Step:
    """One picture: the screen, the state it is in, and the role that sees it ("" before anybody is signed in)."""

    screen: str
    state: str
    role: str
    take: Take

    def file_name(self, theme: str) -> str:
        """The picture's file: "today-after-check-in-light.png"."""
        return f"{self.screen}-{self.state}-{theme}.png".replace(" ", "-")


_steps: dict[tuple[str, str], Step] = {}


def step(screen: str, state: str, *, role: str = "") -> Callable[[Take], Take]:
    """Register the decorated function as the way to this state. Raises ValueError for a state that is taken."""

    def register(take: Take) -> Take:
        key = (screen, state)
        if key in _steps and _steps[key].take is not take:
            raise ValueError(f"the tour already has {screen}, {state}")
        _steps[key] = Step(screen, state, role, take)
        return take

    return register


def steps() -> list[Step]:
    """All states in the order of the tour."""
    for name in MODULES:
        import_module(f"console.tour.{name}")
    return list(_steps.values())
