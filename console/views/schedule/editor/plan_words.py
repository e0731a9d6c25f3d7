"""The preview in words: every row of the card "If you save", and every conflict.

A manager trusts these sentences, so they are made from the plan alone and tested without a window. See
docs/design.md, "Screens" (schedule).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, tzinfo
from itertools import groupby
from uuid import UUID

from console.domain.changing import Conflict, Fate, Plan, PlannedItem
from console.domain.counting import count
from console.domain.refusals import clock_time
from console.models.words import day_line
from console.views.schedule.editor.words import NO_ROOM, dates, families_told, hours, new_dates

_MOST_DATES = 6
_FEW = 3
_CREDITS = "credit"


def item_day(item: PlannedItem, zone: tzinfo) -> date | None:
    """The day a planned session is known by: the one it had, else the one it gets."""
    at = item.was_starts_at or item.starts_at
    return at.astimezone(zone).date() if at is not None else item.occurs_on


@dataclass(frozen=True)
class CardRow:
    """One row of the preview: its key, its sign, how many of what, and what that means."""

    key: str
    icon: str
    color: str
    title: str
    details: tuple[str, ...] = ()


def card_rows(plan: Plan, zone: tzinfo, *, of_series: bool = True) -> list[CardRow]:
    """What a plan would do, row by row, in the order in which it is read; conflicts come by `conflict_groups`.

    Of a series it also says that nothing else is touched.
    """
    rows: list[CardRow] = []
    created = _of(plan, Fate.CREATED)
    if created:
        rows.append(_row("created", created, "created", new_dates(_days(created, zone))))
    changed = _of(plan, Fate.CHANGED)
    if changed:
        rows.append(_row("changed", changed, "changed", *_deltas(changed, zone)))
    moved = _of(plan, Fate.MOVED)
    if moved:
        rows.append(
            _row("moved", moved, "moved", *[_moved(one, zone) for one in moved[:_MOST_DATES]], *_rest(moved))
        )
    restored = _of(plan, Fate.RESTORED)
    if restored:
        rows.append(_row("restored", restored, "restored", dates(_days(restored, zone))))
    if plan.hits:
        rows.append(hit_row(plan))
    cancelled, kept = _of(plan, Fate.CANCELLED), _of(plan, Fate.KEPT)
    if cancelled:
        rows.append(
            _row("cancelled", cancelled, "cancelled", dates(_days(cancelled, zone)), *_whys(cancelled))
        )
    if kept:
        rows.append(_row("kept", kept, "kept", *_kept(kept, zone)))
    removed = _of(plan, Fate.REMOVED)
    if removed:
        words = f"{dates(_days(removed, zone))}: nobody was booked"
        rows.append(_row("removed", removed, "taken away", words))
    skipped = _of(plan, Fate.SKIPPED)
    if skipped:
        rows.append(_row("skipped", skipped, "skipped", *_kept(skipped, zone)))
    if plan.waiting:
        told = "The waitlist closes; their parents are told."
        rows.append(
            CardRow(
                "waiting", *_SIGNS["waiting"], f"{count(plan.waiting, 'child', 'children')} waiting", (told,)
            )
        )
    moving = plan.facts.get("waiting_moves")
    if isinstance(moving, int) and moving:
        title = f"{count(moving, 'child', 'children')} waiting"
        rows.append(
            CardRow("waiting", *_SIGNS["waiting"], title, ("The waitlist moves to the other session.",))
        )
    if of_series and not cancelled and not kept and (changed or moved):
        rows.append(
            CardRow("none", *_SIGNS["none"], "0 cancelled, 0 kept", ("No other session is touched.",))
        )
    if not rows and not plan.conflicts:
        rows.append(
            CardRow("none", *_SIGNS["none"], "No session changes", ("The programme stays as it is.",))
        )
    return rows


_SIGNS = {
    "created": ("ph.plus-circle", "accent.text"),
    "changed": ("ph.pencil-simple", "accent.text"),
    "moved": ("ph.arrows-left-right", "accent.text"),
    "restored": ("ph.arrow-counter-clockwise", "accent.text"),
    "hits": ("ph.ticket", "text.secondary"),
    "cancelled": ("ph.prohibit", "red.text"),
    "kept": ("ph.hand", "text.secondary"),
    "removed": ("ph.minus-circle", "text.secondary"),
    "skipped": ("ph.calendar-x", "text.secondary"),
    "waiting": ("ph.hourglass", "text.secondary"),
    "none": ("ph.minus-circle", "text.secondary"),
}


def _row(key: str, items: Sequence[PlannedItem], verb: str, *details: str) -> CardRow:
    return CardRow(key, *_SIGNS[key], f"{len(items)} {verb}", tuple(one for one in details if one))


def _of(plan: Plan, fate: Fate) -> list[PlannedItem]:
    return [item for item in plan.items if item.fate is fate]


def _days(items: Iterable[PlannedItem], zone: tzinfo) -> list[date]:
    return [day for item in items if (day := item_day(item, zone)) is not None]


def _rest(items: Sequence[PlannedItem]) -> list[str]:
    return [f"and {len(items) - _MOST_DATES} more"] if len(items) > _MOST_DATES else []


def _whys(items: Iterable[PlannedItem]) -> list[str]:
    return list(dict.fromkeys(item.why for item in items if item.why))[:_FEW]


def _kept(items: Sequence[PlannedItem], zone: tzinfo) -> list[str]:
    by_why: dict[str, list[PlannedItem]] = {}
    for item in items:
        by_why.setdefault(item.why or "", []).append(item)
    return [
        f"{dates(_days(found, zone))}: {why}" if why else dates(_days(found, zone))
        for why, found in list(by_why.items())[:_MOST_DATES]
    ]


def _deltas(items: Sequence[PlannedItem], zone: tzinfo) -> list[str]:
    by_words: dict[str, list[PlannedItem]] = {}
    for item in items:
        by_words.setdefault(delta(item, zone), []).append(item)
    found = [f"{dates(_days(same, zone))}: {words}" for words, same in list(by_words.items())[:_MOST_DATES]]
    return [*found, *([f"and {len(by_words) - _MOST_DATES} more"] if len(by_words) > _MOST_DATES else [])]


_PLAIN = {
    "instructor": "another instructor",
    "capacity": "other places",
    "places": "other platform places",
    "notes": "notes",
}


def delta(item: PlannedItem, zone: tzinfo) -> str:
    """What becomes different for one session: "15:45 → 16:00, Room A → B"."""
    parts: list[str] = []
    if "day" in item.changes:
        parts.append(_moved(item, zone).split(": ", 1)[-1])
    elif "time" in item.changes and item.was_starts_at and item.starts_at:
        parts.append(f"{clock_time(item.was_starts_at, zone)} → {clock_time(item.starts_at, zone)}")
    if "length" in item.changes and item.ends_at and "time" not in item.changes:
        parts.append(f"until {clock_time(item.ends_at, zone)}")
    if "room" in item.changes:
        parts.append(_room_change(item.was_room, item.room))
    parts += [words for key, words in _PLAIN.items() if key in item.changes]
    return ", ".join(parts) or "changed"


def _room_change(was: str | None, now: str | None) -> str:
    before, after = (was or NO_ROOM).split(" "), (now or NO_ROOM).split(" ")
    # "Room A → B" says it as well as "Room A → Room B", in half the room.
    if len(before) == len(after) == 2 and before[0] == after[0]:
        after = after[1:]
    return f"{' '.join(before)} → {' '.join(after)}"


def _moved(item: PlannedItem, zone: tzinfo) -> str:
    if item.was_starts_at is None or item.starts_at is None:
        return ""
    was, now = item.was_starts_at.astimezone(zone), item.starts_at.astimezone(zone)
    words = f"{was:%a} {was.day} → {day_line(now.date())}"
    if was.time() != now.time():
        words += f", {was:%H:%M} → {now:%H:%M}"
    if "room" in item.changes:
        words += f", {_room_change(item.was_room, item.room)}"
    return words


def hit_row(plan: Plan) -> CardRow:
    """The bookings a plan touches: how many, in what, who is told, what comes back."""
    fates = {
        fate: sum(1 for hit in plan.hits if hit.fate == fate)
        for fate in ("changed", "moved", "cancelled", "restored")
    }
    parts = [f"{count} {fate}" for fate, count in fates.items() if count]
    told = families_told(plan)
    refunded = f"{count(plan.refunds, _CREDITS)} go back" if plan.refunds else "none refunded"
    lead = f"{', '.join(parts)}. " if len(parts) > 1 else _only(fates, plan)
    family = "family is" if told == 1 else "families are"
    details = (f"{lead}{told} {family} told, {refunded}",)
    return CardRow("hits", *_SIGNS["hits"], f"{count(len(plan.hits), 'booking')} hit", details)


def _only(fates: dict[str, int], plan: Plan) -> str:
    fate = next((fate for fate, count in fates.items() if count), "")
    sessions = len({hit.session_id for hit in plan.hits})
    where = f"the {fate} session" if sessions == 1 else f"the {sessions} {fate} sessions"
    return f"In {where}. " if fate else ""


@dataclass(frozen=True)
class ConflictGroup:
    """Everything that stands in the way of one date."""

    on: date
    conflicts: tuple[Conflict, ...]

    @property
    def free_rooms(self) -> tuple[UUID, ...]:
        """Rooms that would settle it; none where the instructor is the trouble."""
        if any(one.kind == "instructor" for one in self.conflicts):
            return ()
        free = [set(one.free_rooms) for one in self.conflicts]
        return tuple(room for room in self.conflicts[0].free_rooms if all(room in some for some in free))


def conflict_groups(plan: Plan) -> list[ConflictGroup]:
    """The conflicts of a plan by date, the first date first."""
    order = sorted(plan.conflicts, key=lambda one: one.on)
    return [ConflictGroup(on, tuple(found)) for on, found in groupby(order, key=lambda one: one.on)]


def conflict_line(one: Conflict, zone: tzinfo) -> str:
    """One conflict with the other session's name and time: "Room B: Pottery Wheel, Fri 13 March 16:00–17:30"."""
    at = one.other_starts_at.astimezone(zone).date()
    other = f"{one.what}: {one.other}, {day_line(at)} {hours(one.other_starts_at, one.other_ends_at, zone)}"
    return other if one.other_id is not None else f"{other} (of this series)"


def conflicts_left(plan: Plan | None) -> str:
    """How much is still to be settled: "1 conflict left"."""
    return (
        f"{count(len(conflict_groups(plan)), 'conflict')} left" if plan is not None and plan.conflicts else ""
    )


def settled_line(on: date, what: str) -> str:
    """A date that a person decided about: "Fri 13 March: skipped"."""
    return f"{day_line(on)}: {what}"
