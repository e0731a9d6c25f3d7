"""The words, spans of days and orders of the occupancy screen."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from console.domain.statistics import By, Utilisation
from console.models.words import long_date, month_title, short_date
from console.reports.sheets import SheetColumn
from console.services.exports import ExportColumn

SPANS = [("day", "Day"), ("week", "Week"), ("month", "Month"), ("quarter", "13 weeks")]
BY_WORDS = {
    By.ACTIVITY: "By activity",
    By.INSTRUCTOR: "By instructor",
    By.ROOM: "By room",
    By.HOUR: "By hour",
    By.WEEKDAY: "By weekday",
}


def per_cent(share: float | None) -> str:
    """A share as a person reads it; a dash where there is none."""
    return "–" if share is None else f"{share:.0f} %"


def span_of(span: str, day: date) -> tuple[date, date]:
    """The first and the last day of the span that holds `day`; weeks run from Monday."""
    if span == "day":
        return day, day
    monday = day - timedelta(days=day.weekday())
    if span == "week":
        return monday, monday + timedelta(days=6)
    if span == "month":
        first = day.replace(day=1)
        return first, step("month", first, 1) - timedelta(days=1)
    return monday - timedelta(weeks=12), monday + timedelta(days=6)


def step(span: str, day: date, by: int) -> date:
    """A day in the span before (-1) or after (1)."""
    if span == "day":
        return day + timedelta(days=by)
    if span == "week":
        return day + timedelta(weeks=by)
    if span == "month":
        months = day.year * 12 + day.month - 1 + by
        return date(months // 12, months % 12 + 1, 1)
    return day + timedelta(weeks=13 * by)


def span_title(span: str, first: date, last: date) -> str:
    """The days shown, in words."""
    if span == "day":
        return long_date(first)
    if span == "month":
        return month_title(first)
    begin = f"{first.day}" if (first.year, first.month) == (last.year, last.month) else short_date(first)
    return f"{begin}–{long_date(last)}"


def _share(share: float | None) -> Decimal | None:
    return None if share is None else Decimal(str(round(share, 1)))


EXPORT_COLUMNS: tuple[ExportColumn[Utilisation], ...] = (
    ExportColumn(SheetColumn("Name", width=30), lambda row: row.name),
    ExportColumn(SheetColumn("Sessions", "number"), lambda row: row.sessions),
    ExportColumn(SheetColumn("Cancelled sessions", "number"), lambda row: row.cancelled),
    ExportColumn(SheetColumn("Places", "number"), lambda row: row.places),
    ExportColumn(SheetColumn("Booked", "number"), lambda row: row.booked),
    ExportColumn(SheetColumn("Booked %", "number"), lambda row: _share(row.share)),
    ExportColumn(SheetColumn("Came", "number"), lambda row: row.came),
    ExportColumn(SheetColumn("No-shows", "number"), lambda row: row.no_shows),
    ExportColumn(SheetColumn("Came %", "number"), lambda row: _share(row.shown_up)),
    ExportColumn(SheetColumn("Waiting", "number"), lambda row: row.waiting),
)
