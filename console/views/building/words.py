"""How presence, rooms and a day's numbers read on the screen, in one place.

See docs/design.md, "Screens" (front desk) and "Rules of the domain" (attendance).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, tzinfo
from itertools import groupby

from console.domain.day import Building, Load, Presence, RoomLoad
from console.domain.refusals import clock_time
from console.models.words import age_short
from console.views.widgets.choices import Choice
from console.views.widgets.paint import ChipSpec

NO_ROOM = "No room"
_LOADS = {
    Load.NEARLY_FULL: ChipSpec("Nearly full", "amber", "ph.warning-bold"),
    Load.FULL: ChipSpec("Full", "amber", "ph.warning-fill"),
}


def inside_words(count: int) -> str:
    """How many are in: "31 children are in"."""
    return "Nobody is in" if not count else ("1 child is in" if count == 1 else f"{count} children are in")


def room_words(room: RoomLoad) -> str:
    """How full a room is: "9 of 18"."""
    return f"{room.inside} of {room.places}" if room.places else str(room.inside)


def load_chip(load: Load) -> ChipSpec | None:
    """The chip of a room that fills up."""
    return _LOADS.get(load)


def over_words(minutes: int) -> str:
    """How late a child is collected: "12 min over"."""
    if minutes < 60:
        return f"{minutes} min over"
    return f"{minutes // 60} h {minutes % 60:02} min over"


def late_first(present: Sequence[Presence], now: datetime) -> list[Presence]:
    """Those whose session is over, the longest over first."""
    late = [one for one in present if one.minutes_over(now) > 0]
    return sorted(late, key=lambda one: (-one.minutes_over(now), one.first_name))


def presence_choice(one: Presence, now: datetime, zone: tzinfo) -> Choice:
    """A child who is in, as a row."""
    chips = [ChipSpec(note.label, "red", "ph.warning-fill") for note in one.health[:2]]
    if len(one.health) > 2:
        chips.append(ChipSpec(f"+{len(one.health) - 2}"))
    over = one.minutes_over(now)
    if over:
        chips.append(ChipSpec(over_words(over), "amber", "ph.clock-bold"))
    parent = " ".join(filter(None, (one.parent_first_name, one.parent_phone)))
    session = f"{one.activity_name} until {clock_time(one.ends_at, zone)}"
    detail = " · ".join(
        filter(None, (session, f"Parent {parent}" if parent else "", f"tag {one.tag}" if one.tag else ""))
    )
    return Choice(
        one,
        one.first_name,
        detail,
        age_short(one.age_months),
        f"in since {clock_time(one.in_since, zone)}",
        tuple(chips),
    )


def building_choices(building: Building, now: datetime, zone: tzinfo) -> list[Choice]:
    """Everybody in the building under the heading of their room; who is late stands first, under one of its own."""
    rooms = {room.room_name: room for room in building.rooms}
    rows: list[Choice] = []
    late = late_first(building.present, now)
    if late:
        rows.append(Choice(None, "To be collected", right=str(len(late)), heading=True))
        rows += [presence_choice(one, now, zone) for one in late]
    rest = [one for one in building.present if not one.minutes_over(now)]
    for name, group in groupby(rest, key=lambda one: one.room_name):
        children = list(group)
        room = rooms.get(name, RoomLoad(name, len(children), None))
        chip = load_chip(room.load)
        heading = Choice(
            None, name or NO_ROOM, right=room_words(room), heading=True, chips=(chip,) if chip else ()
        )
        rows += [heading, *(presence_choice(one, now, zone) for one in children)]
    return rows
