"""Who is in the building, room by room, in type that is read outside at arm's length.

See docs/design.md, "Documents" and "Screens" (front desk).
"""

from __future__ import annotations

from datetime import tzinfo
from itertools import groupby

from console.domain.day import Building, Presence
from console.domain.refusals import clock_time
from console.reports import words
from console.reports.layout import A4, BODY, Imprint, Paper, Text
from console.reports.roster import CARE, health_texts
from console.reports.tables import Column, Group, Row, Table, table_document

_NAME = 15.0
_FACT = 11.5
_COLUMNS = (
    Column("", 20, box=18),
    Column("Child", 150),
    Column("In since", 52),
    Column("Parent", 132),
    Column("Health", 150),
)


def roll_call(building: Building, imprint: Imprint, *, paper: Paper = A4) -> bytes:
    """The roll call as a PDF: a box to tick for each child, the total first, rooms in the order they come."""
    zone = imprint.zone
    total = len(building.present)
    by_room = groupby(building.present, key=lambda one: one.room_name or "No room")
    groups = []
    for room, found in by_room:
        rows = tuple(_row(one, zone) for one in found)
        groups.append(Group(room, words.children(len(rows)), rows))
    day = words.long_day(words.local_day(building.at, zone))
    table = Table(
        kind="Roll call",
        title=f"{words.children(total)} in the building at {clock_time(building.at, zone)}",
        lines=(day,),
        columns=_COLUMNS,
        groups=tuple(groups),
        closing=f"{words.children(total)} in all · counted: ______ · by: __________________",
        nothing="Nobody is checked in.",
        care=CARE,
    )
    return table_document(table, imprint, paper)


def _row(one: Presence, zone: tzinfo) -> Row:
    child = (
        Text(one.first_name, _NAME, bold=True),
        Text(f"{words.age(one.age_months)} · {one.activity_name}", BODY, tone="muted"),
    )
    parent = [Text(one.parent_first_name, _FACT)] if one.parent_first_name else []
    if one.parent_phone:
        parent.append(Text(one.parent_phone, _FACT + 1, bold=True))
    since = (Text(clock_time(one.in_since, zone), _FACT + 1),)
    return Row(((), child, since, tuple(parent), tuple(health_texts(one.health, _FACT, instructions=False))))
