"""What an event of a calendar says besides its times: the plain facts, and those that this console wrote itself.

See docs/design.md, "Rules of the domain" (schedules).
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from console.services.exchange.calendar_lines import Event, Property


def title(event: Event) -> str | None:
    """What it is called."""
    return event.text("SUMMARY")


def said(event: Event, *, is_own: bool) -> dict[str, Any]:
    """What an event says besides its times. Of one's own, nothing said is nothing there."""
    room = event.text("LOCATION")
    if not is_own:
        return {} if room is None else {"room": room}
    said: dict[str, Any] = {
        "room": room,
        "room_id": event.text("X-NEXUS-ROOM"),
        "instructor": event.text("X-NEXUS-INSTRUCTOR"),
    }
    for name, key in (("X-NEXUS-CAPACITY", "capacity"), ("X-NEXUS-PLACES", "platform_places")):
        number = own_number(event, name)
        if number is not None:
            said[key] = number
    return said


def own_number(event: Event, name: str) -> int | None:
    """A number that this console wrote; None where somebody made something else of it."""
    written = event.text(name)
    return int(written) if written and written.isascii() and written.isdigit() and len(written) < 10 else None


def own_day(event: Event, name: str) -> str | None:
    """A day that this console wrote, as ISO text; None likewise."""
    found = event.get(name)
    if found is None:
        return None
    try:
        return datetime.strptime(found.value.strip(), "%Y%m%d").date().isoformat()  # noqa: DTZ007 - a day
    except ValueError:
        return None


def plain(one: Property | None) -> str:
    """A value as it stands in the file, for a key."""
    return one.value if one is not None else ""
