"""A venue's week in March as the calendar shows it, and other weeks to try its limits.

Facts only; the gateway that serves and plans over them is in `programme_gateway`.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from console.domain.programme import (
    ActivityChoice,
    Calendar,
    CalendarSession,
    Choices,
    ClosureKind,
    ClosureReason,
    ClosureSpan,
    Room,
    Series,
    SeriesFacts,
)

ZONE = ZoneInfo("America/Los_Angeles")
NOW = datetime(2026, 3, 12, 22, 42, tzinfo=UTC)
TODAY = date(2026, 3, 12)
MONDAY = date(2026, 3, 9)
LONG = "Wolfeschlegelsteinhausenbergerdorff-Featherstonehaugh Gymnastics for Everybody"

HALL, ROOM_A, ROOM_B = (
    Room(UUID(int=0xA0 + at), name, 20) for at, name in enumerate(("Main Hall", "Room A", "Room B"))
)
ROOMS = (HALL, ROOM_A, ROOM_B)
_PEOPLE = {
    "Mini Gym": "Ines Duarte", "Junior Judo": "Ken Ito", "Street Dance": "Ada Mensah", "Tiny Tunes": "Ada Mensah",
    "Chess Club": "Leo Brandt", "Kids Cook Club": "Priya Nair", "Home-school Art Lab": "Ines Duarte",
    "LEGO Robotics": "Ines Duarte",
}  # fmt: skip

_ALIKE = {
    0: (
        (0, "10:30", 45, "Mini Gym", 12, 13, 14), (0, "16:00", 60, "Junior Judo", 15, 16, 18),
        (0, "17:15", 60, "Street Dance", 14, 15, 16), (1, "09:30", 45, "Tiny Tunes", 10, 12, 12),
        (1, "15:45", 60, "Chess Club", 8, 9, 12), (1, "17:15", 60, "Kids Cook Club", 9, 10, 10),
        (2, "13:00", 90, "Home-school Art Lab", 9, 9, 10), (2, "17:15", 60, "Watercolour", 6, 7, 10),
    ),
    1: (
        (0, "15:30", 45, "Ballet 5–7", 11, 12, 14), (0, "16:30", 60, "Tumbling", 13, 13, 14),
        (1, "09:30", 45, "Tiny Tunes", 12, 12, 12), (1, "16:00", 90, "Coding Lab", 9, 10, 10),
        (2, "10:00", 90, "Clay Play", 7, 8, 8), (2, "17:15", 90, "Pottery Wheel", 8, 8, 8),
    ),
    2: (
        (0, "10:30", 45, "Mini Gym", 11, 12, 14), (0, "16:00", 60, "Junior Judo", 16, 17, 18),
        (1, "15:45", 60, "Chess Club", 9, 9, 12), (1, "17:15", 60, "Kids Cook Club", 8, 8, 10),
        (2, "13:00", 90, "Home-school Art Lab", 8, 9, 10),
    ),
    3: (
        (0, "10:30", 45, "Mini Gym", 14, 14, 14), (0, "15:30", 60, "Junior Judo", 9, 16, 18),
        (0, "16:45", 45, "Ballet 8–10", 0, 10, 14), (0, "17:45", 60, "Street Dance", 0, 16, 16),
        (1, "09:30", 45, "Tiny Tunes", 11, 12, 12), (1, "15:45", 60, "LEGO Robotics", 4, 12, 12),
        (1, "17:15", 60, "Kids Cook Club", 0, 9, 10), (2, "13:00", 90, "Home-school Art Lab", 8, 9, 10),
        (2, "17:15", 60, "Watercolour", 0, 6, 10),
    ),
    4: (
        (0, "10:30", 45, "Mini Gym", 0, 11, 14), (0, "16:00", 60, "Junior Judo", 0, 17, 18),
        (0, "17:15", 60, "Street Dance", 0, 13, 16), (1, "09:30", 45, "Tiny Tunes", 0, 9, 12),
        (1, "17:15", 60, "Drama Sparks", 0, 9, 12), (2, "16:00", 90, "Pottery Wheel", 0, 8, 8),
    ),
    5: (
        (0, "09:15", 45, "Mini Gym", 0, 14, 14), (0, "10:15", 60, "Junior Judo", 0, 12, 18),
        (0, "11:30", 60, "Street Dance", 0, 10, 16), (0, "13:00", 60, "Tumbling", 0, 8, 14),
        (1, "09:30", 90, "Coding Lab", 0, 10, 10), (1, "11:30", 90, "LEGO Open Build", 0, 7, 12),
        (2, "10:00", 90, "Pottery Wheel", 0, 8, 8), (2, "12:00", 90, "Clay Play", 0, 5, 8),
    ),
}  # fmt: skip
"""The rows of a week: per weekday (Monday 0) room, start, minutes, name, in or came, booked, places."""


def activity_id(name: str) -> UUID:
    """An activity's id, from its name."""
    return UUID(int=sum(ord(letter) << at % 8 for at, letter in enumerate(name)) + (1 << 40))


def series_id(name: str) -> UUID:
    """The id of the one series of an activity here."""
    return UUID(int=activity_id(name).int + (1 << 60))


def at(day: date, clock: str) -> datetime:
    """An instant by the venue's clock."""
    return datetime.combine(day, time.fromisoformat(clock), ZONE).astimezone(UTC)


def session(
    day: date,
    clock: str,
    minutes: int,
    name: str = "Junior Judo",
    room: Room | None = HALL,
    *,
    inside: int = 0,
    booked: int = 0,
    capacity: int = 12,
    number: int = 0,
    now: datetime = NOW,
) -> CalendarSession:
    """One session; `number` tells apart those of one day, time and room."""
    begins = at(day, clock)
    ends = datetime.combine(day, time.fromisoformat(clock)) + timedelta(minutes=minutes)
    ends_at = ends.replace(tzinfo=ZONE).astimezone(UTC)
    place = 0 if room is None else room.id.int
    over = ends_at <= now
    return CalendarSession(
        UUID(int=(day.toordinal() << 48) + (int(clock.replace(":", "")) << 24) + (place << 8) + number), 1,
        activity_id(name), name, series_id(name), day, room.id if room else None, _PEOPLE.get(name), begins, ends_at,
        day, capacity, booked, 0 if over else inside, inside, 0, 0, False, None, False, False,
    )  # fmt: skip


def week(first: date = MONDAY) -> Calendar:
    """The week of the picture, on any Monday."""
    sessions = [
        session(
            first + timedelta(days=day), clock, minutes, name, ROOMS[room],
            inside=inside if first <= MONDAY else 0, booked=booked, capacity=places,
        )
        for day, rows in _ALIKE.items()
        for room, clock, minutes, name, inside, booked, places in rows
    ]  # fmt: skip
    sessions.sort(key=lambda one: (one.starts_at, one.activity))
    closures = (kiln(first),) if first == MONDAY else ()
    return Calendar(first, first + timedelta(days=6), ROOMS, tuple(sessions), closures)


def kiln(first: date = MONDAY) -> ClosureSpan:
    """Room B shut on a Wednesday evening."""
    day = first + timedelta(days=2)
    return ClosureSpan(
        UUID(int=77), 1, at(day, "16:00"), at(day, "19:00"), "kiln repair", ClosureKind.MAINTENANCE, None,
        (ROOM_B.id,), False,
    )  # fmt: skip


def crowded(first: date = MONDAY, *, rooms: int = 40, sessions: int = 500) -> Calendar:
    """A week of a very large place: many rooms, hundreds of sessions, some long names and overlaps."""
    lanes = tuple(
        Room(UUID(int=0x1000 + at), f"Studio {at + 1}" if at % 7 else f"Studio {at + 1} {LONG[:36]}", 20)
        for at in range(rooms)
    )
    names = tuple(name for rows in _ALIKE.values() for *_place, name, _in, _booked, _cap in rows)
    made = []
    for number in range(sessions):
        day = first + timedelta(days=number % 7)
        hour, room = 9 + number // 7 % 10, lanes[number * 7 // 10 % rooms]
        name = LONG if number % 41 == 0 else names[number % len(names)]
        made.append(
            session(
                day, f"{hour:02d}:{number % 4 * 15:02d}", 45 + number % 3 * 15, name, room,
                inside=number % 9, booked=number % 13, capacity=12, number=number % 250,
            )
        )  # fmt: skip
    made.sort(key=lambda one: (one.starts_at, one.id))
    return Calendar(first, first + timedelta(days=6), lanes, tuple(made), ())


def series() -> tuple[Series, ...]:
    """The patterns behind the week."""
    rows: dict[tuple[str, int, str, int], list[int]] = {}
    for day, entries in _ALIKE.items():
        for room, clock, minutes, name, _in, _booked, _places in entries:
            rows.setdefault((name, room, clock, minutes), []).append((day + 1) % 7)
    found = []
    for number, ((name, room, clock, minutes), days) in enumerate(sorted(rows.items())):
        ident = series_id(name) if name == "LEGO Robotics" else UUID(int=series_id(name).int + number)
        facts = SeriesFacts(
            activity_id(name), tuple(sorted(days)), time.fromisoformat(clock), minutes, 12, date(2026, 1, 8),
            None if number % 3 else date(2026, 6, 19), 1 if number % 5 else 2, ROOMS[room].id, _PEOPLE.get(name),
        )  # fmt: skip
        found.append(
            Series(
                ident,
                1,
                facts,
                name,
                True,
                date(2026, 6, 10),
                None,
                12 + number,
                date(2026, 3, 13),
                number % 3,
                40,
            )
        )
    return tuple(found)


def choices() -> Choices:
    """What the editors offer."""
    names = sorted({name for rows in _ALIKE.values() for _r, _c, _m, name, *_rest in rows})
    return Choices(
        tuple(ActivityChoice(activity_id(name), name, 60, 12, 8, True) for name in names),
        ROOMS,
        tuple(sorted(set(_PEOPLE.values()))),
        (
            ClosureReason(UUID(int=1), "Public holiday", ClosureKind.HOLIDAY, False),
            ClosureReason(UUID(int=2), "Kiln repair", ClosureKind.MAINTENANCE, True),
            ClosureReason(UUID(int=3), "Weather", ClosureKind.WEATHER, False),
        ),
    )
