"""What the sheet for import and export says: what becomes of each entry of a file, in one line.

See docs/design.md, "Screens" (schedule).
"""

from __future__ import annotations

from console.domain.counting import count
from console.domain.exchange import Outcome, Overlap, Report, ReportRow, Taken
from console.views.widgets.paint import ChipSpec

CHIPS = {
    Outcome.CREATED: ChipSpec("New", "green", "ph.plus-bold"),
    Outcome.CHANGED: ChipSpec("Changes", "blue", "ph.pencil-simple"),
    Outcome.SAME: ChipSpec("Same", "neutral", "ph.minus"),
    Outcome.REFUSED: ChipSpec("Refused", "red", "ph.warning-bold"),
}
ORDER = (Outcome.REFUSED, Outcome.CREATED, Outcome.CHANGED, Outcome.SAME)
"""What there is to do comes first."""
FIGURES = {
    Outcome.CREATED: "new",
    Outcome.CHANGED: "change",
    Outcome.SAME: "stay as they are",
    Outcome.REFUSED: "refused",
}
FILE_TYPES = "Programmes (*.ics *.csv *.xlsx *.json *.txt);;All files (*)"


def sentence(row: ReportRow) -> str:
    """What becomes of an entry."""
    if row.outcome is Outcome.REFUSED:
        return row.refusal or "It cannot be taken in."
    parts = []
    if row.outcome is Outcome.CREATED:
        series = f"A series, {count(row.made, 'session')}" if row.made else "A series that begins later"
        parts.append("One session" if row.kind == "session" else series)
    elif row.outcome is Outcome.SAME:
        parts.append("Nothing changes")
    else:
        numbers = ((row.made, "new"), (row.altered, "changed"), (row.ended, "ended"))
        said = [f"{count(number, 'session')} {word}" for number, word in numbers if number]
        parts.append(", ".join(said) or "Its facts change")
    if row.bookings:
        parts.append(f"{count(row.bookings, 'booking')}, {count(row.told, 'family', 'families')} told")
    if row.activities:
        parts.append("makes the activity as a draft")
    if row.rooms:
        parts.append("makes the room" if row.rooms == 1 else "makes the rooms")
    if row.overlaps:
        parts.append(_overlap(row.overlaps))
    if row.note:
        parts.append(row.note.rstrip("."))
    return " · ".join(parts)


def _overlap(overlaps: tuple[Overlap, ...]) -> str:
    first = overlaps[0]
    more = f" and {len(overlaps) - 1} more" if len(overlaps) > 1 else ""
    return f"{first.what} also has {first.other} on {first.on.day} {first.on:%b}{more}"


def chips(row: ReportRow) -> tuple[ChipSpec, ...]:
    """The outcome, and a warning where something overlaps."""
    if row.overlaps and row.outcome is not Outcome.REFUSED:
        return (ChipSpec("Overlaps", "amber", "ph.warning"), CHIPS[row.outcome])
    return (CHIPS[row.outcome],)


def button(report: Report) -> str:
    """What the main button does, in numbers."""
    number = report.count(Outcome.CREATED) + report.count(Outcome.CHANGED)
    return f"Import {count(number, 'entry', 'entries')}" if number else "Nothing to import"


def done(taken: Taken) -> str:
    """What an import did, for a toast."""
    parts = [f"{taken.created:,} new", f"{taken.changed:,} changed"]
    if taken.told:
        parts.append(f"{count(taken.told, 'family', 'families')} told")
    return ", ".join(parts)
