"""Two weeks of a venue in numbers: long names, a full session, a cancelled one, an empty day."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

from console.domain.statistics import SessionFigures
from console.errors import ConsoleError

MONDAY = date(2026, 3, 9)
NOW = datetime(2026, 3, 12, 15, 42, tzinfo=UTC)

_NAMES = (
    "Junior Judo",
    "LEGO Robotics",
    "Ballet 5–7",
    "Watercolour for patient beginners and their grandparents",
    "Chess Club",
    "Pottery Wheel",
)
_ROOMS = ("Main Hall", "Room A", "Room B", None)
_PEOPLE = ("Ines Duarte", "Marcus Webb", None, "Oluwaseun Adébáyọ̀-Featherstonehaugh")


def figures(weeks: int = 2) -> tuple[SessionFigures, ...]:
    """Four sessions each day but Sundays; what is before NOW is over, one at NOW is on and nearly full."""
    made = []
    for at in range(7 * weeks):
        day = MONDAY + timedelta(days=at)
        if day.weekday() == 6:
            continue
        for slot, hour in enumerate((9, 11, 15, 17)):
            number = at * 4 + slot
            starts = datetime.combine(day, time(hour, 30), tzinfo=UTC)
            ends = starts + timedelta(minutes=60)
            places = 10 + number % 5 * 2
            booked = min(places, 4 + number * 3 % (places + 1))
            over, on = ends <= NOW, starts <= NOW < ends
            if on:
                booked = places
            made.append(
                SessionFigures(
                    session_id=UUID(int=number + 1),
                    day=day,
                    start=time(hour, 30),
                    starts_at=starts,
                    ends_at=ends,
                    activity=_NAMES[number % len(_NAMES)],
                    instructor=_PEOPLE[number % len(_PEOPLE)],
                    room=_ROOMS[number % len(_ROOMS)],
                    capacity=places,
                    booked=booked,
                    came=booked - 1 if over or on else 0,
                    no_shows=1 if over else 0,
                    inside=booked - 1 if on else 0,
                    waiting=3 if booked == places else 0,
                    is_cancelled=number == 5,
                )
            )
    return tuple(made)


class SampleStatistics:
    """Figures from memory; `error` is raised instead where it is set."""

    def __init__(self, known: tuple[SessionFigures, ...] | None = None) -> None:
        self.known = figures() if known is None else known
        self.error: ConsoleError | None = None
        self.asked: list[tuple[date, date]] = []

    async def figures(self, first: date, last: date) -> tuple[SessionFigures, ...]:
        """Those of the days asked for."""
        self.asked.append((first, last))
        if self.error is not None:
            raise self.error
        return tuple(one for one in self.known if first <= one.day <= last)
