"""A session's roster on paper: for the instructor's clipboard, and for the desk when everything is down.

See docs/design.md, "Documents" and "Screens" (front desk).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date, tzinfo

from console.domain.attendance import AttendanceState
from console.domain.desk import HealthNote, RosterEntry, SessionSummary
from console.domain.refusals import clock_time
from console.reports import words
from console.reports.layout import A4, BODY, NAME, SMALL, Imprint, Paper, Text
from console.reports.tables import Column, Group, Row, Table, table_document

CARE = "Holds facts about children: keep it out of sight and shred it after use."
"""Stands on every page with health facts or phone numbers."""

_COLUMNS = (
    Column("", 14, box=12),
    Column("Child", 144),
    Column("Health", 160),
    Column("Parent", 100),
    Column("May collect", 104),
)
_STATES = {
    AttendanceState.IN: "in since",
    AttendanceState.OUT: "out at",
    AttendanceState.ABSENT: "absent since",
}
_COUNTED = {
    AttendanceState.IN: "in",
    AttendanceState.EXPECTED: "expected",
    AttendanceState.OUT: "out",
    AttendanceState.ABSENT: "absent",
    AttendanceState.UNMARKED: "unmarked",
}


def roster(
    session: SessionSummary, entries: Sequence[RosterEntry], imprint: Imprint, *, paper: Paper = A4
) -> bytes:
    """The roster as a PDF, in the order the entries come.

    Only who may collect is named; who may not stays on the screen.
    """
    zone = imprint.zone
    day = words.local_day(session.starts_at, zone)
    facts = [words.long_day(day), words.hours(session.starts_at, session.ends_at, zone)]
    facts += [fact for fact in (session.room_name, session.instructor) if fact]
    table = Table(
        kind="Roster",
        title=session.activity_name,
        lines=(" · ".join(facts),),
        columns=_COLUMNS,
        groups=(Group("", "", tuple(_row(entry, day, zone) for entry in entries)),) if entries else (),
        closing=_closing(entries),
        nothing="Nobody is booked.",
        care=CARE,
    )
    return table_document(table, imprint, paper)


def health_texts(
    health: Sequence[HealthNote], size: float = BODY, *, instructions: bool = True
) -> list[Text]:
    """Health notes for a cell: worst first, each a chip, with what to do beneath."""
    found: list[Text] = []
    for index, note in enumerate(words.worst_first(health)):
        grave = note.severity <= words.WORST
        word, above = words.health_word(note), 3.0 if index else 0.0
        found.append(Text(word, size, bold=grave, chip="solid" if grave else "edge", above=above))
        if instructions and note.instructions:
            found.append(Text(note.instructions, SMALL + 0.5))
    return found


def _row(entry: RosterEntry, day: date, zone: tzinfo) -> Row:
    facts = " · ".join(fact for fact in (words.age(entry.age_months), _state(entry, zone)) if fact)
    child = (Text(entry.first_name, NAME, bold=True), Text(facts))
    parent = [Text(entry.parent_first_name)] if entry.parent_first_name else []
    if entry.parent_phone:
        parent.append(Text(entry.parent_phone, bold=True))
    names = words.collectors(entry.pickup, day)
    return Row(
        (
            (),
            child,
            tuple(health_texts(entry.health)),
            tuple(parent),
            tuple(Text(name) for name in names),
        )
    )


def _state(entry: RosterEntry, zone: tzinfo) -> str:
    if entry.state in _STATES and entry.state_at is not None:
        return f"{_STATES[entry.state]} {clock_time(entry.state_at, zone)}"
    return "unmarked" if entry.state is AttendanceState.UNMARKED else ""


def _closing(entries: Sequence[RosterEntry]) -> str:
    counted = Counter(entry.state for entry in entries)
    parts = [f"{counted[state]} {word}" for state, word in _COUNTED.items() if counted[state]]
    return f"{words.children(len(entries))}: {', '.join(parts)}"
