"""A day that answers from memory, for the screens of the building: values as the database makes them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from console.domain.day import Building, DaySummary, LabelFacts, Presence, RoomLoad, SessionResult
from console.domain.desk import HealthKind, HealthNote, RosterEntry, SessionSummary
from console.errors import ConsoleError
from tests.support import today_samples as sample

PEANUT = HealthNote(HealthKind.ALLERGY, 1, "Peanut", "Peanut allergy", "EpiPen in the blue backpack")


def presence(number: int, name: str, room: str | None, end: tuple[int, int], **facts: Any) -> Presence:
    """One child who is in."""
    base = Presence(
        sample.booking_id(number), sample.session_id(4), name, 88, "Junior Judo", room, sample.at(15, 30),
        sample.at(*end), sample.at(15, 41), "Dana", "(503) 555-0142",
    )  # fmt: skip
    return replace(base, **facts)


def building() -> Building:
    """Six children in three rooms, one of them late to be collected."""
    present = (
        presence(1, "Amara", "Main Hall", (16, 30)),
        presence(2, "Nia", "Main Hall", (16, 30), health=(PEANUT,), tag="7K4Q"),
        presence(3, "Leo", "Room A", (15, 30), activity_name="Tiny Tunes"),
        presence(4, "Ada", "Room A", (16, 45), activity_name="LEGO Robotics"),
        presence(5, "Bea", "Room A", (16, 45), activity_name="LEGO Robotics"),
        presence(6, "Max", None, (16, 45), parent_first_name=None, parent_phone=None),
    )
    rooms = (
        RoomLoad("Main Hall", 2, 20),
        RoomLoad("Room A", 3, 3),
        RoomLoad("Room B", 8, 10),
        RoomLoad(None, 1, None),
    )
    return Building(sample.NOW, present, rooms)


def summary(day: date = sample.DAY) -> DaySummary:
    """A day of three sessions."""

    def one(number: int, name: str, start: int, **facts: Any) -> SessionResult:
        base = SessionResult(
            sample.session_id(number), name, "Room A", sample.at(start, 0), sample.at(start + 1, 0), 12,
            12, 11, 1, 0, 0, 0, 0, 1, 2, 1, 0, sample.at(start + 1, 5),
        )  # fmt: skip
        return replace(base, **facts)

    nobody = {"booked": 0, "came": 0, "no_shows": 0, "walk_ins": 0, "late_pickups": 0}
    running = one(4, "Junior Judo", 15, closed_at=None, still_in=9, came=10, expected=1)
    cancelled = one(5, "Pottery", 17, is_cancelled=True, cancelled=8, **nobody)
    return DaySummary(day, (one(1, "Tiny Tunes", 9), running, cancelled))


class FakeDay:
    """The reads of a DayGateway that the building needs; `fail` holds the errors of the next calls."""

    def __init__(self) -> None:
        self.now = building()
        self.fail: list[ConsoleError] = []
        self.asked: list[tuple[Any, ...]] = []

    async def building(self) -> Building:
        self.asked.append(("building",))
        if self.fail:
            raise self.fail.pop(0)
        return self.now

    async def day_summary(self, day: date) -> DaySummary:
        self.asked.append(("summary", day))
        return summary(day)


class FakePrinter:
    """A DeskPrinter that keeps what it was given."""

    def __init__(self) -> None:
        self.printed: list[tuple[Any, ...]] = []

    async def print_roster(
        self, session: SessionSummary, entries: Sequence[RosterEntry], *, as_of: datetime | None = None
    ) -> str:
        self.printed.append(("roster", session, tuple(entries), as_of))
        return "Roster printed"

    async def print_labels(self, labels: Sequence[LabelFacts]) -> str:
        self.printed.append(("labels", tuple(labels)))
        return "Labels printed"

    async def print_roll_call(self, building: Building, *, as_of: datetime | None = None) -> str:
        self.printed.append(("roll_call", building, as_of))
        return "Roll call printed"

    async def print_day(self, summary: DaySummary) -> str:
        self.printed.append(("day", summary))
        return "The day printed"
