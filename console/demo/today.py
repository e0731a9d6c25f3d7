"""The day at Riverside Studio around the instant at which the demo is loaded.

The plan is written as minutes from an anchor a little more than ten minutes ago, so that at any hour the main session
has just begun, one is about to begin, and some are over. Near midnight the plan is pressed into what is left of the
day. Each of these sessions belongs to a weekly series of its own and so has a past.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

DAY = 24 * 60
_SLEEPOVER_START = 20 * 60 + 30


@dataclass(frozen=True, slots=True)
class Seat:
    """A child of the cast on a roster: who ("Dana/Nia"), and checked in when, in minutes from the start, at which desk.

    `out` is the minute of the check-out and `by` who collected; `status` is the booking's.
    """

    who: str
    at: int | None = None
    desk: int = 1
    out: int | None = None
    by: str | None = None
    absent: bool = False
    status: str = "confirmed"
    group: str | None = None
    parent_note: str | None = None
    venue_note: str | None = None


@dataclass(frozen=True, slots=True)
class Item:
    """A session of the plan: minutes from the anchor, its seats by name, and how many ordinary children beside them.

    Of the ordinary ones `arrived` are in already; of a session that is over, `missing` did not come.
    """

    activity: str
    offset: int
    minutes: int
    seats: tuple[Seat, ...] = ()
    others: int = 0
    arrived: int = 0
    missing: int = 0
    waiting: int = 0
    cancelled: str | None = None


OVER = (
    Item("Tiny Tunes", -360, 45, others=12, missing=1),
    Item("Mini Gym", -300, 45, others=14),
    Item("Home-school Art Lab", -150, 90, (Seat("Teodora/Radu"),), others=8, missing=1),
)

HOMEWORK = Item(
    "Homework Club",
    -45,
    75,
    (
        Seat("Gabriela/Inés", -3, 2, out=38, by="Javier"),
        Seat("Hala/Noor", 2, 1),
    ),
    others=4,
    arrived=3,
)

JUDO = Item(
    "Junior Judo",
    0,
    60,
    (
        Seat("Ngozi/Amara", -6, 2),
        Seat(
            "Lindiwe/Ava", 1, 2, parent_note="Dentist today: Sipho picks her up a quarter of an hour early."
        ),
        Seat("Joana/Beatriz"),
        Seat("Ruth/Caleb", -4, 1),
        Seat("Marie/Ethan", -1, 2),
        Seat("Adaeze/Femi"),
        Seat("Yuki/Hana", 3, 2),
        Seat("Sofia/Iris"),
        Seat("Naomi/Kenji", 5, 1, absent=True, venue_note="Naomi rang: Kenji has a cold and stays at home."),
        Seat("Rachel/Leo", -3, 1),
        Seat("Tomasz/Leo"),
        Seat("Delroy/Marlon", -5, 1, out=10, by="Rose"),
        Seat(
            "Dana/Nia",
            parent_note="Quiet for the first minutes; settles next to Tomás. Glasses off before sparring.",
        ),
        Seat("Grace/Oliver", 0, 2),
        Seat("Anil/Priya"),
        Seat("Claire/Theo"),
    ),
)

LATER = (
    Item(
        "LEGO Robotics",
        15,
        60,
        (
            Seat("Gabriela/Mateo", group="rios"),
            Seat("Gabriela/Lucía", group="rios"),
            Seat("Signe/Ingrid", parent_note="It is her birthday today."),
            Seat("Ffion/Wren", -9, 1),
            Seat("Bilal/Sami"),
            Seat("Katrin/Felix", status="cancelled_parent"),
        ),
        others=7,
        arrived=3,
        waiting=2,
    ),
    Item("Story Corner", 45, 30, (Seat("Teodora/Ilinca"),), others=4),
    Item(
        "Ballet 8–10",
        75,
        45,
        (
            Seat("Persephone/Maximiliana-Theodora Wilhelmina", group="papadimitriou"),
            Seat("Persephone/Konstantinos-Alexandros", group="papadimitriou"),
            Seat("Kiri/Te Ao-mārama"),
            Seat("Shauna/D'Arcy"),
            Seat("Shauna/Saoirse", status="pending"),
        ),
        others=5,
    ),
    Item("Kids Cook Club", 105, 60, (Seat("Adaeze/Femi"),), others=8),
    Item("Watercolour Explorers", 105, 60, (Seat("Nasreen/Ada"), Seat("Hala/Noor")), others=5),
    Item(
        "Street Dance",
        135,
        60,
        (
            Seat("Dana/Kofi"),
            Seat("Айсулуу/Айгүл", group="toktogulova"),
            Seat("Айсулуу/Өмүрбек", group="toktogulova"),
            Seat("Ирина/Дмитрий"),
            Seat("王芳/小明"),
            Seat("مريم/ليلى"),
            Seat("Małgorzata/Łucja"),
            Seat("Freja/Åse"),
            Seat("Imogen/Rosalind", parent_note="Her hundredth visit, says her mother."),
        ),
        others=7,
        waiting=3,
    ),
    Item(
        "Pottery Wheel",
        150,
        90,
        (Seat("Ruth/Caleb", status="cancelled_venue"),),
        others=3,
        cancelled="The kiln is being repaired.",
    ),
    Item("Chess Club", 165, 60),
)

SLEEPOVER = "Lantern Sleepover"


@dataclass(frozen=True, slots=True)
class Placed:
    """An item with its start in minutes after the local midnight of today (negative for yesterday)."""

    item: Item
    start: int
    minutes: int
    over: bool = False


def arrange(now_minute: int) -> list[Placed]:
    """Today's plan for a local time given as minutes after midnight, earliest first."""
    anchor = (now_minute - 10) // 5 * 5
    placed = [
        *_over(anchor),
        _homework(anchor),
        Placed(JUDO, anchor, JUDO.minutes),
        *_later(anchor, now_minute),
    ]
    placed.extend(_sleepovers(now_minute))
    return sorted(placed, key=lambda each: (each.start, each.item.activity))


def anchored(midnight: Callable[[int], datetime], placed: Placed) -> tuple[datetime, datetime]:
    """When a placed item starts and ends; `midnight` turns minutes after today's midnight into an instant."""
    starts = midnight(placed.start)
    return starts, starts + timedelta(minutes=placed.minutes)


def _over(anchor: int) -> list[Placed]:
    if anchor >= -OVER[0].offset:
        return [Placed(item, anchor + item.offset, item.minutes, over=True) for item in OVER]
    # Too early in the day for the plan: as many short ones as fit between midnight and now.
    count = min(len(OVER), anchor // 10)
    if count < 1:
        item = OVER[-1]
        return [Placed(item, anchor - item.minutes, item.minutes, over=True)]
    width = anchor // count
    return [
        Placed(item, position * width, min(item.minutes, width // 5 * 5), over=True)
        for position, item in enumerate(OVER[-count:])
    ]


def _homework(anchor: int) -> Placed:
    start = max(anchor + HOMEWORK.offset, min(0, anchor))
    return Placed(HOMEWORK, start, anchor + HOMEWORK.offset + HOMEWORK.minutes - start)


def _later(anchor: int, now_minute: int) -> list[Placed]:
    left = DAY - anchor
    furthest = LATER[-1].offset
    if left > furthest:
        return [Placed(item, anchor + item.offset, item.minutes) for item in LATER]
    first, last = now_minute + 1, DAY - 1
    if first > last:
        first = last
    scale = max(0, last - first) / furthest
    return [Placed(item, first + round((item.offset - 15) * scale), item.minutes) for item in LATER]


def _sleepovers(now_minute: int) -> list[Placed]:
    tonight = Item(SLEEPOVER, 0, 690, others=8, arrived=6 if now_minute >= _SLEEPOVER_START else 0)
    placed = [Placed(tonight, _SLEEPOVER_START, 690)]
    if now_minute < _SLEEPOVER_START - DAY + 690:
        last_night = Item(SLEEPOVER, 0, 690, others=7, arrived=7)
        placed.append(Placed(last_night, _SLEEPOVER_START - DAY, 690))
    return placed
