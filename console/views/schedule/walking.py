"""Going through the blocks of a week by the arrow keys, and moving one by them.

Pure: from a block and a key to another block, or to what the session would say. See docs/design.md, "Screens"
(schedule).
"""

from __future__ import annotations

from datetime import datetime

from PySide6.QtCore import Qt

from console.views.schedule.dragging import STEP, SessionMoved
from console.views.schedule.lanes import NOWHERE, Block, By, Week

STEPS = (Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Up, Qt.Key.Key_Down)


def first_to_come(week: Week, now: datetime) -> Block | None:
    """The block where a walk begins: the next session that is not over, or the first of the week."""
    blocks = _in_order(week)
    return next(
        (one for one in blocks if one.session and one.session.ends_at > now), blocks[0] if blocks else None
    )


def step(week: Week, current: Block | None, key: Qt.Key, now: datetime) -> Block | None:
    """The block a key leads to; None where there is none.

    Left and Right go through time, first within the lane; Up and Down to the lanes above and below, nearest in time.
    Home and End lead to the first and the last of the day.
    """
    if current is None:
        return first_to_come(week, now)
    blocks = _in_order(week)
    if key in (Qt.Key.Key_Home, Qt.Key.Key_End):
        day = [one for one in blocks if one.strip == current.strip]
        return day[0 if key == Qt.Key.Key_Home else -1] if day else None
    if key in (Qt.Key.Key_Left, Qt.Key.Key_Right):
        return _along(blocks, current, 1 if key == Qt.Key.Key_Right else -1)
    return _across(blocks, current, 1 if key == Qt.Key.Key_Down else -1)


def _along(blocks: list[Block], current: Block, by: int) -> Block | None:
    def time(one: Block) -> tuple[int, int]:
        return one.start, one.row

    lane = [one for one in blocks if (one.strip, one.lane) == (current.strip, current.lane)]
    following = [one for one in lane if (time(one) > time(current)) == (by > 0) and one is not current]
    if following:
        return min(following, key=time) if by > 0 else max(following, key=time)
    # The lane ends: the same lane of the next day that has something in it, else whatever comes next.
    days = [one for one in blocks if one.lane == current.lane and (one.strip - current.strip) * by > 0]
    if not days:
        return None
    strip = min(days, key=lambda one: (one.strip - current.strip) * by).strip
    there = [one for one in days if one.strip == strip]
    return min(there, key=time) if by > 0 else max(there, key=time)


def _across(blocks: list[Block], current: Block, by: int) -> Block | None:
    def place(one: Block) -> tuple[int, int, int]:
        # Blocks that lie over each other are lines of their own.
        return one.strip, one.lane, one.row if _overlap(one, current) else 0

    here = (current.strip, current.lane, current.row)
    over = [one for one in blocks if (place(one) > here) == (by > 0) and one is not current]
    over = [one for one in over if (one.strip, one.lane) != here[:2] or _overlap(one, current)]
    if not over:
        return None
    nearest = min(over, key=place) if by > 0 else max(over, key=place)
    line = [one for one in over if place(one)[:2] == (nearest.strip, nearest.lane)]
    return min(line, key=lambda one: (abs(one.start - current.start), one.row))


def _overlap(one: Block, other: Block) -> bool:
    return one.start < other.end and other.start < one.end


def _in_order(week: Week) -> list[Block]:
    return sorted(
        (one for one in week.blocks if one.session is not None),
        key=lambda one: (one.strip, one.start, one.lane, one.row),
    )


# -- moving a block by the keyboard ----------------------------------------------------------------------------------


def moved(held: SessionMoved, key: Qt.Key, week: Week, by: By) -> SessionMoved:
    """The session five minutes earlier or later, or a lane up or down; beyond a day's lanes lies the next day."""
    if key in (Qt.Key.Key_Left, Qt.Key.Key_Right):
        return held.later(STEP if key == Qt.Key.Key_Right else -STEP)
    strip, lane = place_of(held, week, by)
    places = [
        (at, number)
        for at, one in enumerate(week.strips)
        for number in (range(len(one.lanes)) if one.lanes else (-1,))
    ]
    if (strip, lane) not in places:
        return held
    at = places.index((strip, lane)) + (1 if key == Qt.Key.Key_Down else -1)
    if not 0 <= at < len(places):
        return held
    return held.on_lane(week.strips[places[at][0]], places[at][1], by)


def stretched(held: SessionMoved, key: Qt.Key) -> SessionMoved:
    """The session with another end (Left, Right) or another start (Up is earlier, Down is later)."""
    if key in (Qt.Key.Key_Left, Qt.Key.Key_Right):
        return held.ends_later(STEP if key == Qt.Key.Key_Right else -STEP)
    return held.starts_later(STEP if key == Qt.Key.Key_Down else -STEP)


def place_of(held: SessionMoved, week: Week, by: By) -> tuple[int, int]:
    """The day and lane where a moved session would stand; lane -1 on a folded day."""
    strip = next((at for at, one in enumerate(week.strips) if one.day == held.day), 0)
    key = (held.room_id or NOWHERE) if by is By.ROOM else (held.instructor or NOWHERE)
    return strip, week.strips[strip].lane_at(key)
