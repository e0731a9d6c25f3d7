"""How bookings read: states, sources and what happened to them, in words, chips and columns.

The list, the page and the exported file say the same thing the same way. See docs/design.md, "Screens".
"""

from __future__ import annotations

from datetime import date, datetime, tzinfo

from console.domain.attendance import AttendanceState
from console.domain.listing import BookingRow
from console.models.table import Column
from console.models.words import STATE_WORDS
from console.reports.sheets import SheetColumn
from console.services.exports import ExportColumn
from console.views.widgets.paint import ChipSpec
from console.views.widgets.table import CellLook

STATUS_WORDS = {
    "pending": "Pending",
    "confirmed": "Confirmed",
    "completed": "Completed",
    "cancelled_parent": "Cancelled by family",
    "cancelled_venue": "Cancelled by venue",
    "no_show": "No-show",
}
ATTENDANCE_WORDS = {state.value: words for state, words in STATE_WORDS.items()}
SOURCE_WORDS = {
    "browse": "Browsing",
    "search": "Search",
    "suggestion": "Suggestion",
    "rebook": "Booked again",
    "waitlist": "Waitlist",
    "desk": "Front desk",
    "import": "Import",
}
WHEN_WORDS = {"today": "Today", "week": "This week", "month": "This month"}
STATUS_CHIPS = {
    "pending": ChipSpec("Pending", "neutral", "ph.hourglass"),
    "confirmed": ChipSpec("Confirmed", "blue", "ph.check-bold"),
    "completed": ChipSpec("Completed", "green", "ph.check-bold"),
    "cancelled_parent": ChipSpec("Cancelled by family", "neutral", "ph.prohibit-bold"),
    "cancelled_venue": ChipSpec("Cancelled by venue", "neutral", "ph.prohibit-bold"),
    "no_show": ChipSpec("No-show", "amber", "ph.user-minus-bold"),
}
_ATTENDANCE_ICONS = {
    "expected": ("ph.circle-dashed", "text.muted"),
    "in": ("ph.check-bold", "green.text"),
    "out": ("ph.sign-out-bold", "blue.text"),
    "absent": ("ph.user-minus-bold", "text.secondary"),
    "unmarked": ("ph.question-bold", "text.secondary"),
}
_HIDDEN_NAME = "First names are shown from two days after a session back to a week before it."


def moment(at: datetime, zone: tzinfo) -> str:
    """An instant as the venue's clock shows it: "12 Mar 2026  15:42"."""
    return f"{at.astimezone(zone):%d %b %Y  %H:%M}"


def day(on: date) -> str:
    """A day with its weekday: "Thu 12 Mar 2026"."""
    return f"{on:%a %d %b %Y}"


def list_columns(zone: tzinfo, *, names: bool) -> list[Column[BookingRow]]:
    """The columns of the list; without `names` there is none for the child."""
    child: Column[BookingRow] = Column(
        "child",
        "Child",
        lambda row: row.first_name or "–",
        sortable=False,
        width=110,
        tooltip=lambda row: row.first_name or _HIDDEN_NAME,
    )
    columns: list[Column[BookingRow]] = [
        Column("starts", "Session starts", lambda row: moment(row.starts_at, zone), width=164),
        Column(
            "activity",
            "Session",
            lambda row: row.activity_name,
            stretch=True,
            width=150,
            tooltip=lambda row: row.activity_name,
        ),
        *([child] if names else []),
        Column("code", "Code", lambda row: row.code, width=128),
        Column("status", "Booking", lambda _row: "", sortable=False, width=176),
        Column(
            "attendance",
            "Attendance",
            lambda row: ATTENDANCE_WORDS[row.attendance],
            sortable=False,
            width=124,
            gives_way=2,
        ),
        Column(
            "charged",
            "Credits",
            lambda row: str(row.charged),
            sortable=False,
            numeric=True,
            width=76,
            gives_way=3,
        ),
        Column(
            "refunded",
            "Given back",
            lambda row: str(row.refunded) if row.refunded else "–",
            sortable=False,
            numeric=True,
            width=100,
            gives_way=4,
        ),
        Column("booked", "Booked", lambda row: moment(row.booked_at, zone), width=168, gives_way=1),
    ]
    return columns


def status_look(row: BookingRow) -> CellLook:
    """The booking's status as a chip."""
    return CellLook(chip=STATUS_CHIPS[row.status])


def attendance_look(row: BookingRow) -> CellLook:
    """What came of it: shape and word, and colour last."""
    icon, color = _ATTENDANCE_ICONS[row.attendance]
    quiet = AttendanceState(row.attendance) in (AttendanceState.EXPECTED, AttendanceState.UNMARKED)
    return CellLook("muted" if quiet else "primary", icon=icon, icon_color=color)


def session_look(row: BookingRow) -> CellLook:
    """The name of a session whose place was given back is struck."""
    gone = row.status.startswith("cancelled")
    return CellLook("muted" if gone else "primary", struck=gone)


def child_look(row: BookingRow) -> CellLook:
    """A dash stands quietly where no name may be shown."""
    return CellLook("primary" if row.first_name else "muted")


def export_columns(zone: tzinfo, *, names: bool) -> list[ExportColumn[BookingRow]]:
    """The columns of the file: those of the list, with where the booking came from."""
    columns: list[ExportColumn[BookingRow]] = [
        ExportColumn(SheetColumn("Session starts", "moment", 18), lambda row: row.starts_at.astimezone(zone)),
        ExportColumn(SheetColumn("Session", width=28), lambda row: row.activity_name),
    ]
    if names:
        columns.append(ExportColumn(SheetColumn("Child"), lambda row: row.first_name))
    return [
        *columns,
        ExportColumn(SheetColumn("Code", width=14), lambda row: row.code),
        ExportColumn(SheetColumn("Booking", width=20), lambda row: STATUS_WORDS[row.status]),
        ExportColumn(SheetColumn("Attendance", width=12), lambda row: ATTENDANCE_WORDS[row.attendance]),
        ExportColumn(SheetColumn("Credits", "number", 10), lambda row: row.charged),
        ExportColumn(SheetColumn("Given back", "number", 12), lambda row: row.refunded),
        ExportColumn(SheetColumn("Source", width=14), lambda row: SOURCE_WORDS.get(row.source, row.source)),
        ExportColumn(SheetColumn("Booked", "moment", 18), lambda row: row.booked_at.astimezone(zone)),
    ]
