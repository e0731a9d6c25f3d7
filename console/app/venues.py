"""Where a person works: the venue they begin at, and how they change to another of theirs.

See docs/design.md, "Screens".
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING
from uuid import UUID

from console.views.shell.areas import Action, ActionRegistry

if TYPE_CHECKING:
    from console.domain.person import Person, VenueRef


def first_venue(person: Person) -> VenueRef | None:
    """Where a person begins: the desk's own venue, else the first they have a role at; headquarters has none."""
    if person.device.venue_id is not None:
        return person.venue(person.device.venue_id)
    granted: list[UUID] = [grant.venue_id for grant in person.grants if grant.venue_id is not None]
    return next((venue for venue in person.venues if venue.id in granted), None)


def offer_venues(
    registry: ActionRegistry, person: Person, venue: VenueRef | None, show: Callable[[VenueRef], object]
) -> None:
    """Working at several venues, a person changes between them in the palette and at the head of the rail."""
    for action in list(registry.actions):
        if action.key.startswith("venue:"):
            registry.remove(action.key)
    for other in person.venues:
        if other != venue and person.device.venue_id in (None, other.id):
            key, run = f"venue:{other.id}", partial(show, other)
            registry.add(Action(key, f"Work at {other.name}", run, icon="ph.buildings", group="Venues"))
