"""A venue's day in numbers, session by session: what the manager keeps when the desk closes.

No child is named on it. See docs/design.md, "Documents" and "Screens" (front desk).
"""

from __future__ import annotations

from datetime import tzinfo

from console.domain.counting import count
from console.domain.day import DaySummary, SessionResult
from console.domain.refusals import clock_time
from console.reports import words
from console.reports.layout import A4, BODY, Imprint, Paper, Text
from console.reports.tables import Column, Group, Row, Table, table_document

_NUMBERS = (
    ("Places", "places", 34),
    ("Booked", "booked", 36),
    ("Walk-ins", "walk_ins", 34),
    ("Came", "came", 32),
    ("No-shows", "no_shows", 34),
    ("Absent", "absent", 36),
    ("Expected", "expected", 44),
    ("Unmarked", "unmarked", 48),
    ("Still in", "still_in", 36),
    ("Late pickups", "late_pickups", 42),
    ("Incidents", "incidents", 46),
    ("Cancelled", "cancelled", 48),
)
_COLUMNS = (
    Column("Time", 70),
    Column("Session", 118),
    *(Column(title, share, figures=True) for title, _, share in _NUMBERS),
)


def day_summary(summary: DaySummary, imprint: Imprint, *, paper: Paper = A4) -> bytes:
    """The summary as a PDF on lying paper: a row for each session, and the day's totals."""
    rows = [_row(one, imprint.zone) for one in summary.sessions]
    rows.append(_totals(summary))
    came, booked = summary.total("came"), summary.total("booked")
    closed = sum(one.closed_at is not None for one in summary.sessions)
    held = sum(not one.is_cancelled for one in summary.sessions)
    table = Table(
        kind="Day summary",
        title=words.long_day(summary.day),
        lines=(
            f"{count(held, 'session')}, {closed} closed · {came} of {words.children(booked)} booked came",
        ),
        columns=_COLUMNS,
        groups=(Group("", "", tuple(rows)),) if summary.sessions else (),
        closing="",
        nothing="There was no session on this day.",
        care="Came, no-shows, absent, expected and unmarked add up to booked; cancelled bookings are beside it.",
    )
    return table_document(table, imprint, paper.turned)


def _row(one: SessionResult, zone: tzinfo) -> Row:
    name = [Text(one.activity_name, bold=True)]
    if one.is_cancelled:
        state = "cancelled"
    else:
        state = f"closed {clock_time(one.closed_at, zone)}" if one.closed_at else "not closed"
    name.append(Text(" · ".join(fact for fact in (one.room_name, state) if fact), BODY - 1, tone="muted"))
    numbers = tuple(_figure(getattr(one, key)) for _, key, _ in _NUMBERS)
    return Row(((Text(words.hours(one.starts_at, one.ends_at, zone)),), tuple(name), *numbers))


def _figure(number: int) -> tuple[Text, ...]:
    return (Text(str(number), tone="ink" if number else "muted"),)


def _totals(summary: DaySummary) -> Row:
    numbers = tuple((Text(str(summary.total(key)), bold=True),) for _, key, _ in _NUMBERS)
    return Row(((), (Text("The day", bold=True),), *numbers), total=True)
