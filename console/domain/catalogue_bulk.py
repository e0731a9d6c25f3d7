"""Changing many activities at once: what is set, what it would make of each row, and what became of each.

The preview and the report use the same words, because what is shown before is what has to come true. See
docs/design.md, "Screens" (activities).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from console.domain.catalogue import (
    MOST_CREDITS,
    MOST_PLACES,
    TAG_LENGTH,
    ActivityRow,
    ActivityState,
    Category,
    cannot_publish,
    checks,
    missing,
)

MOST_ROWS = 1_000
"""The most activities that one statement changes."""


@dataclass(frozen=True, slots=True)
class BulkChange:
    """What is set in every chosen activity; None, or nothing, leaves it as it is."""

    credits: int | None = None
    capacity: int | None = None
    category: Category | None = None
    add_tags: tuple[str, ...] = ()
    remove_tags: tuple[str, ...] = ()
    publish: bool | None = None
    put_away: bool | None = None

    @property
    def is_empty(self) -> bool:
        """Whether nothing is chosen to be set."""
        return self == BulkChange()


class Fate(StrEnum):
    """What a change makes of one row, before (`CHANGES`) or after it (`CHANGED`)."""

    CHANGES = "changes"
    CHANGED = "changed"
    SAME = "same"
    REFUSED = "refused"
    MEANWHILE = "meanwhile"
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class RowFate:
    """One row and what becomes of it; `why` is a sentence for one that is refused."""

    id: UUID
    name: str
    fate: Fate
    what: tuple[str, ...] = ()
    """The facts that change, as `fields` of a BulkChange."""
    why: str = ""


def bulk_faults(change: BulkChange) -> dict[str, str]:
    """What is wrong with the values of a change: the field and a sentence."""
    found: dict[str, str] = {}
    if change.credits is not None and not 1 <= change.credits <= MOST_CREDITS:
        found["credits"] = f"A place costs 1 to {MOST_CREDITS} credits."
    if change.capacity is not None and not 1 <= change.capacity <= MOST_PLACES:
        found["capacity"] = f"A session has 1 to {MOST_PLACES:,} places."
    if any(len(tag) > TAG_LENGTH for tag in (*change.add_tags, *change.remove_tags)):
        found["tags"] = f"A tag has at most {TAG_LENGTH} characters."
    elif both := sorted(set(change.add_tags) & set(change.remove_tags)):
        found["tags"] = f"The tag {both[0].replace('_', ' ')} cannot be both added and removed."
    if change.publish and change.put_away:
        found["state"] = "An activity that is put away is not shown to parents."
    return found


def preview(rows: Sequence[ActivityRow], change: BulkChange) -> tuple[RowFate, ...]:
    """What the change would make of each row, in their order."""
    return tuple(_fate(row, change) for row in rows)


def _fate(row: ActivityRow, change: BulkChange) -> RowFate:
    what = []
    if change.credits is not None and change.credits != row.credits:
        what.append("credits")
    if change.capacity is not None and change.capacity != row.capacity:
        what.append("capacity")
    if change.category is not None and change.category is not row.category:
        what.append("category")
    added = any(row.tags.get(tag) is not True for tag in change.add_tags)
    if added or any(tag in row.tags for tag in change.remove_tags):
        what.append("tags")
    if change.publish is not None and change.publish != row.is_published:
        what.append("publish")
    if change.put_away is not None and change.put_away != (row.state is ActivityState.AWAY):
        what.append("put_away")
    if not what:
        return RowFate(row.id, row.name, Fate.SAME)
    published = row.is_published if change.publish is None else change.publish
    category = row.category if change.category is None else change.category
    price = row.credits if change.credits is None else change.credits
    needs = missing(checks(category, price, True, True, 1))
    if published and needs:
        return RowFate(row.id, row.name, Fate.REFUSED, tuple(what), cannot_publish(needs))
    return RowFate(row.id, row.name, Fate.CHANGES, tuple(what))
