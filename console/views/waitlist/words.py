"""How queues read: sessions, places, offers and how long they still hold.

See docs/design.md, "Rules of the domain" (waitlist).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, tzinfo

from console.domain.counting import count
from console.domain.refusals import clock_time
from console.domain.waiting import WaitingChild, WaitingSession
from console.models.words import age_short, day_and_time, day_line
from console.views.widgets.choices import Choice
from console.views.widgets.paint import ChipSpec

_WARNINGS = {
    "too_young": ChipSpec("Too young", "amber", "ph.warning-bold"),
    "too_old": ChipSpec("Too old", "amber", "ph.warning-bold"),
    "elsewhere": ChipSpec("Booked elsewhere then", "amber", "ph.warning-bold"),
}
_OFFERED = ChipSpec("Offered", "blue", "ph.hourglass")
_RAN_OUT = ChipSpec("Offer ran out", "neutral", "ph.hourglass")
_SKIPPED = ChipSpec("Passed over", "neutral", "ph.skip-forward")
_HOUR = 3600
NAMELESS = "A child"


def free(session: WaitingSession) -> int:
    """Places that nobody has and nobody was offered."""
    return max(session.capacity - session.booked - session.offered, 0)


def when(session: WaitingSession, zone: tzinfo) -> str:
    """The day and hours of a session: "Thu 12 March 17:45–18:45"."""
    return (
        f"{day_line(session.day)} {clock_time(session.starts_at, zone)}–{clock_time(session.ends_at, zone)}"
    )


def session_choice(session: WaitingSession, zone: tzinfo) -> Choice:
    """A session in the list."""
    chips = []
    if places := free(session):
        chips.append(ChipSpec(f"{places} free", "green", "ph.ticket"))
    return Choice(
        session.session_id,
        session.activity,
        " · ".join(part for part in (when(session, zone), session.room) if part),
        right=f"{session.waiting} waiting",
        chips=tuple(chips),
    )


def session_caption(session: WaitingSession, zone: tzinfo) -> str:
    """The line under a session's title."""
    offered = f"{count(session.offered, 'place')} offered" if session.offered else ""
    full = f"{session.booked} of {count(session.capacity, 'place')} taken"
    return " · ".join(part for part in (when(session, zone), session.room, full, offered) if part)


def holds(child: WaitingChild, now: datetime) -> bool:
    """Whether an offer can still be accepted."""
    return child.holds_offer and child.expires_at is not None and now < child.expires_at


def left(child: WaitingChild, now: datetime) -> str:
    """How long an offer still holds: "3 h 12 min", "12:05"; empty without one."""
    if child.expires_at is None or not holds(child, now):
        return ""
    seconds = int((child.expires_at - now).total_seconds())
    if seconds >= _HOUR:
        return f"{seconds // _HOUR} h {seconds % _HOUR // 60:02} min left"
    return f"{seconds // 60}:{seconds % 60:02} left"


def name(child: WaitingChild) -> str:
    """The child's name, or that it may not be shown."""
    return child.child or NAMELESS


def child_choice(child: WaitingChild, now: datetime, zone: tzinfo) -> Choice:
    """Somebody in the queue."""
    chips = [_WARNINGS[one] for one in child.warnings if one in _WARNINGS]
    if child.holds_offer:
        chips.insert(0, _OFFERED if holds(child, now) else _RAN_OUT)
    elif child.skipped_at is not None:
        chips.insert(0, _SKIPPED)
    why = f"“{child.skip_reason}”" if child.skip_reason and not child.holds_offer else ""
    parts = (why, child.parent, child.parent_phone, f"since {day_and_time(child.joined_at, now, zone)}")
    return Choice(
        child.id,
        f"{child.place}  {name(child)}",
        " · ".join(part for part in parts if part),
        beside="" if child.age_months is None else age_short(child.age_months),
        right=left(child, now),
        chips=tuple(chips),
    )


def queue_choices(queue: Sequence[WaitingChild], now: datetime, zone: tzinfo) -> list[Choice]:
    """The rows of a queue."""
    return [child_choice(child, now, zone) for child in queue]


def consequence(child: WaitingChild, now: datetime, zone: tzinfo) -> str:
    """What can be done about somebody, and what it costs."""
    money = ""
    if child.price is not None:
        money = f"The place costs {count(child.price, 'credit')}"
        money += f"; the family has {child.credits:,}." if child.credits is not None else "."
    if holds(child, now) and child.expires_at is not None:
        return f"The place is held until {clock_time(child.expires_at, zone)}. {money}".strip()
    if child.holds_offer:
        return "The offer ran out; the place goes to the next."
    return f"No place is offered yet. {money}".strip()


def paid(child: WaitingChild) -> str:
    """What accepting took."""
    return f"{count(child.price, 'credit')} charged" if child.price else ""


def offered(before: Sequence[WaitingChild], after: Sequence[WaitingChild]) -> list[WaitingChild]:
    """Who holds an offer now and did not before."""
    had = {child.id for child in before if child.holds_offer}
    return [child for child in after if child.holds_offer and child.id not in had]
