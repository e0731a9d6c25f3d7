"""Taking hold of a block: moving it and stretching it at either end, by the pointer or by the keyboard.

Pure: it turns a place of the calendar into what the session would say, in steps of five minutes. Nothing is changed by
it; the panel plans what is proposed. See docs/design.md, "Screens" (schedule).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, tzinfo
from enum import StrEnum
from uuid import UUID

from console.domain.changing import SessionFacts
from console.domain.programme import CalendarSession
from console.views.schedule.frame import Spot
from console.views.schedule.lanes import DAY_MINUTES, NOWHERE, Block, By, Look, Strip, span_of
from console.views.schedule.words import moment, times

STEP = 5
"""Minutes a block snaps to."""


class Grip(StrEnum):
    """Where a block is held."""

    MOVE = "move"
    START = "start"
    END = "end"


@dataclass(frozen=True, slots=True)
class SessionMoved:
    """A session as a person would have it: another day, another time, another length, another lane."""

    session: CalendarSession
    day: date
    start: int
    """Minutes after the day's midnight, by the venue's clock."""
    minutes: int
    room_id: UUID | None
    instructor: str | None

    @property
    def facts(self) -> SessionFacts:
        """What the session would say; all that was not dragged stays."""
        one = self.session
        return SessionFacts(
            self.day, moment(self.start), self.minutes, one.capacity, self.room_id, self.instructor,
            one.platform_places, one.session_notes, one.instructor_notes,
        )  # fmt: skip

    @property
    def times(self) -> str:
        """From when to when it would be."""
        return times(self.start, self.start + self.minutes)

    def later(self, minutes: int) -> SessionMoved:
        """The same so many minutes later, within its day."""
        return replace(self, start=_clamp(self.start + minutes, 0, DAY_MINUTES - STEP))

    def ends_later(self, minutes: int) -> SessionMoved:
        """The same with its end so many minutes later."""
        return replace(self, minutes=_clamp(self.minutes + minutes, STEP, DAY_MINUTES))

    def starts_later(self, minutes: int) -> SessionMoved:
        """The same with its start so many minutes later and its end where it was."""
        start = _clamp(self.start + minutes, 0, min(self.start + self.minutes, DAY_MINUTES) - STEP)
        return replace(self, start=start, minutes=self.minutes + self.start - start)

    def on_lane(self, strip: Strip, lane: int, by: By) -> SessionMoved:
        """The same on another day and lane; a folded day keeps room and instructor."""
        moved = replace(self, day=strip.day)
        if not 0 <= lane < len(strip.lanes):
            return moved
        key = strip.lanes[lane].key
        if by is By.INSTRUCTOR:
            return replace(moved, instructor=str(key) if key != NOWHERE else None)
        return replace(moved, room_id=key if isinstance(key, UUID) else None)


def as_it_is(session: CalendarSession, zone: tzinfo) -> SessionMoved:
    """A session before anything is dragged."""
    start, end = span_of(session, zone)
    return SessionMoved(session, session.day, start, end - start, session.room_id, session.instructor)


def can_be_held(session: CalendarSession | None, now: datetime) -> bool:
    """Whether a session may be moved: it is to come, and neither cancelled nor completed."""
    return (
        session is not None and session.starts_at > now and not session.is_cancelled and not session.is_closed
    )


@dataclass(slots=True)
class Drag:
    """One drag from press to release."""

    block: Block
    grip: Grip
    begun: SessionMoved
    at: Spot
    by: By
    now: SessionMoved
    lane: int

    @classmethod
    def begin(
        cls, block: Block, session: CalendarSession, grip: Grip, at: Spot, by: By, zone: tzinfo
    ) -> Drag:
        """Take hold of a block at a place."""
        held = as_it_is(session, zone)
        return cls(block, grip, held, at, by, held, block.lane)

    def follow(self, spot: Spot, strip: Strip) -> None:
        """The pointer is elsewhere now."""
        by = snapped(spot.minute - self.at.minute)
        if self.grip is Grip.END:
            self.now = self.begun.ends_later(_onto_step(self.begun.start + self.begun.minutes, by))
        elif self.grip is Grip.START:
            self.now = self.begun.starts_later(_onto_step(self.begun.start, by))
        else:
            moved = self.begun.later(_onto_step(self.begun.start, by))
            # In the day and lane it came from it keeps exactly what it has.
            at_home = (spot.strip, spot.lane) == (self.block.strip, self.block.lane)
            self.now = moved if at_home else moved.on_lane(strip, spot.lane, self.by)
            self.lane = spot.lane

    @property
    def has_moved(self) -> bool:
        """Whether anything would be another."""
        return self.now != self.begun


def ghost(moved: SessionMoved, strip: int, lane: int) -> Block:
    """The block that goes with the pointer, with its new time."""
    return Block(
        strip, lane, 0, 1, moved.start, moved.start + moved.minutes, Look.PROPOSED, moved.session.activity, "",
        moved.times, 0.0, 0.0, None,
    )  # fmt: skip


def snapped(minutes: int) -> int:
    """The nearest whole step."""
    return round(minutes / STEP) * STEP


def _onto_step(start: int, by: int) -> int:
    """How far to go so that what began off the steps (16:02) comes onto them, and what did not move stays."""
    return snapped(start + by) - start if by else 0


def _clamp(value: int, least: int, most: int) -> int:
    return max(least, min(value, most))
