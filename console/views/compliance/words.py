"""What the compliance screens say: standings, days, what to do next, and what a rule would do.

Made here so that a row, a day of the calendar and a screen reader say the same. See docs/design.md, "Rules of the
domain" (compliance).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from console.domain.compliance import ComplianceCell, ComplianceDue, ComplianceRow, ComplianceSettings
from console.domain.counting import count
from console.domain.vetting import Requirement, RequirementPage, Standing, SuspensionPreview, VenueEvent
from console.models.table import Column
from console.models.words import long_date, month_title, short_date
from console.views.widgets.paint import ChipSpec
from console.views.widgets.requirement_marks import MARKS
from console.views.widgets.table import CellLook

SHORT = {
    Requirement.INSURANCE: "Insurance",
    Requirement.BACKGROUND_CHECKS: "Checks",
    Requirement.SAFETY_AUDIT: "Audit",
    Requirement.REVERIFICATION: "Yearly check",
    Requirement.PAYOUT_ACCOUNT: "Payout",
}
STATUS_CHIPS = {
    "active": ChipSpec("Open", "green", "ph.check-bold"),
    "suspended": ChipSpec("Suspended", "amber", "ph.pause-circle"),
    "pending_approval": ChipSpec("Waiting", "neutral", "ph.hourglass"),
    "rejected": ChipSpec("Rejected", "red", "ph.warning-bold"),
}
STATUSES = {"active": "Open", "suspended": "Suspended", "pending_approval": "Waits for approval"}
TABS = (
    ("", "All"), ("expired", "Expired"), ("missing", "Missing"), ("expiring", "Expiring"), ("pending", "Pending"),
    ("satisfied", "Satisfied"),
)  # fmt: skip
_NEAR_DAYS = 120
_WIDTHS = {
    Requirement.INSURANCE: 116, Requirement.BACKGROUND_CHECKS: 128, Requirement.SAFETY_AUDIT: 108,
    Requirement.REVERIFICATION: 112, Requirement.PAYOUT_ACCOUNT: 104,
}  # fmt: skip
DUE_ICONS = {
    "expires": ("ph.calendar-x-fill", "amber.text"),
    "suspends": ("ph.prohibit", "red.text"),
    "reminder": ("ph.envelope-simple", "text.secondary"),
}
"""The sign and colour token of an entry of the calendar, by what happens."""


def day_short(day: date, today: date) -> str:
    """A day as short as it is clear: "14 Nov", far off "Mar 2028"."""
    if day.year == today.year or abs((day - today).days) <= _NEAR_DAYS:
        return short_date(day)
    return f"{month_title(day)[:3]} {day.year}"


def cell_text(cell: ComplianceCell | None, today: date) -> str:
    """What stands beside the mark: the day it ends, else the word of the standing."""
    if cell is None:
        return MARKS[Standing.MISSING].word
    if cell.expires_on is None or cell.standing in (Standing.MISSING, Standing.PENDING):
        return MARKS[cell.standing].word
    return day_short(cell.expires_on, today)


def cell_spoken(kind: Requirement, cell: ComplianceCell | None) -> str:
    """A cell in full: "Insurance: expiring, ends 14 November 2026, reminded 30 and 14 days before, a new one waits"."""
    if cell is None:
        return f"{kind.words}: missing"
    said = [f"{kind.words}: {cell.standing.value}"]
    if cell.expires_on is not None:
        said.append(
            f"{'ended' if cell.standing is Standing.EXPIRED else 'ends'} {long_date(cell.expires_on)}"
        )
    if cell.reminders:
        said.append(reminded(cell.reminders))
    if cell.renewal_filed:
        said.append("a new one waits")
    return ", ".join(said)


def reminded(days: Sequence[int]) -> str:
    """Which reminders went out: "reminded 30 and 14 days before"."""
    ordered = [str(one) for one in sorted(days, reverse=True)]
    if not ordered:
        return ""
    listed = ordered[0] if len(ordered) == 1 else f"{', '.join(ordered[:-1])} and {ordered[-1]}"
    return f"reminded {listed} days before"


def columns(today: date) -> list[Column[ComplianceRow]]:
    """The columns of the overview; what has its place in the side panel too gives way first."""

    def made(kind: Requirement) -> Column[ComplianceRow]:
        return Column(
            kind.value, SHORT[kind], lambda row: cell_text(row.cells.get(kind), today), sortable=False,
            width=_WIDTHS[kind], tooltip=lambda row: cell_spoken(kind, row.cells.get(kind)),
        )  # fmt: skip

    return [
        Column("venue", "Venue", lambda row: row.venue, stretch=True, width=190, tooltip=lambda row: row.venue),
        *(made(kind) for kind in Requirement),
        Column("next", "Next", lambda row: day_short(row.next_on, today) if row.next_on else "", width=76),
        Column(
            "suspends", "Suspends", lambda row: day_short(row.suspends_on, today) if row.suspends_on else "",
            sortable=False, width=108, gives_way=1,
            tooltip=lambda row: f"Suspended by itself on {long_date(row.suspends_on)}" if row.suspends_on else "",
        ),
    ]  # fmt: skip


def venue_look(row: ComplianceRow) -> CellLook:
    """A venue's name; a chip says where it is not simply open."""
    chip = None if row.status == "active" else STATUS_CHIPS.get(row.status)
    return CellLook(chip=chip)


def cell_look(row: ComplianceRow, kind: Requirement) -> CellLook:
    """The mark before a day, and whether a new one waits."""
    cell = row.cells.get(kind)
    mark = MARKS[Standing.MISSING if cell is None else cell.standing]
    quiet = cell is None or cell.standing in (Standing.SATISFIED, Standing.PENDING, Standing.EXCEPTED)
    return CellLook(
        tone="secondary" if quiet else "primary", icon=mark.icon, icon_color=mark.color,
        suffix="new" if cell is not None and cell.renewal_filed else "",
    )  # fmt: skip


def suspends_look(row: ComplianceRow) -> CellLook:
    """A day on which a venue is suspended by itself is not only a number."""
    return CellLook(icon="ph.prohibit", icon_color="red.text") if row.suspends_on else CellLook()


# -- the calendar ----------------------------------------------------------------------------------------------------


def due_line(due: ComplianceDue) -> str:
    """An entry: "Insurance ends"; "Reminder of insurance, a new one waits"."""
    name = due.requirement.words
    said = {
        "expires": f"{name} ends",
        "suspends": f"Suspended because of {name.lower()}",
        "reminder": f"Reminder of {name.lower()}",
    }.get(due.what, name)
    return f"{said}, a new one waits" if due.renewal_filed else said


def day_said(day: date, dues: Sequence[ComplianceDue]) -> str:
    """A day for a screen reader and over its list: "14 March 2026: 2 end, 1 suspends, 3 reminders"."""
    parts = []
    for what, one, many in (("expires", "ends", "end"), ("suspends", "suspends", "suspend")):
        number = sum(due.what == what for due in dues)
        if number:
            parts.append(count(number, one, many))
    reminders = sum(due.what == "reminder" for due in dues)
    if reminders:
        parts.append(count(reminders, "reminder"))
    return f"{long_date(day)}: {', '.join(parts) or 'nothing'}"


# -- one venue -------------------------------------------------------------------------------------------------------


def met_line(pages: Sequence[RequirementPage]) -> str:
    """How many are met: "4 of 5 met"."""
    return f"{sum(page.standing.is_met for page in pages)} of {len(Requirement)} met"


def waits(page: RequirementPage) -> bool:
    """Whether something filed lies with headquarters."""
    return page.waiting is not None and page.waiting.state == "filed"


_FIRST = {
    Requirement.INSURANCE: "File the certificate of your insurance.",
    Requirement.BACKGROUND_CHECKS: "Add everybody who works with children, and order their checks.",
    Requirement.SAFETY_AUDIT: "File the report of a safety audit.",
    Requirement.REVERIFICATION: "Confirm that what is known of the venue still holds.",
    Requirement.PAYOUT_ACCOUNT: "Say to which account payouts go.",
}
_AGAIN = {
    Requirement.INSURANCE: "File the new certificate",
    Requirement.BACKGROUND_CHECKS: "Order the checks again",
    Requirement.SAFETY_AUDIT: "File a new audit",
    Requirement.REVERIFICATION: "Confirm the venue's facts again",
    Requirement.PAYOUT_ACCOUNT: "File the account again",
}


def next_step(page: RequirementPage, today: date) -> str:
    """What a venue has to do about a requirement, in one sentence."""
    if waits(page):
        return "Nothing to do: headquarters is looking at what you filed."
    declined = page.waiting is not None and page.waiting.state == "declined"
    if declined and not page.standing.is_met:
        return "What you filed was declined: file it again as headquarters asked."
    kind = page.requirement
    if page.standing is Standing.SATISFIED:
        return "Nothing to do."
    if page.standing is Standing.EXCEPTED:
        until = f" before {long_date(page.excepted_until)}" if page.excepted_until else ""
        return f"{_AGAIN[kind] if page.current else _FIRST[kind].removesuffix('.')}{until}."
    if page.standing is Standing.EXPIRING and page.expires_on is not None:
        left = (page.expires_on - today).days
        when = "today" if left <= 0 else f"within {count(left, 'day')}"
        return f"{_AGAIN[kind]} {when}, by {long_date(page.expires_on)}."
    if page.standing is Standing.EXPIRED:
        return f"{_AGAIN[kind]} now: the last one has ended."
    if page.standing is Standing.PENDING:
        if kind is Requirement.BACKGROUND_CHECKS:
            return "Wait for the checks that are out, and tell headquarters what came back."
        return "Nothing to do: headquarters is looking at it."
    return _FIRST[kind]


def event_line(event: VenueEvent) -> str:
    """A line of the history: "Insurance declined: the page with the amount is missing."."""
    by = f" by {event.by}" if event.by else ""
    return f"{event.says}{by}" + (f": {event.reason}" if event.reason else "")


# -- rules -----------------------------------------------------------------------------------------------------------


def rules_line(rules: ComplianceSettings) -> str:
    """The rules under the page's title."""
    grace = f"after {count(rules.grace_days, 'day')} of grace" if rules.grace_days else "on the day after"
    return f"suspended {grace} when something ends" if rules.suspends else "nobody is suspended by itself"


def would_suspend(found: Sequence[SuspensionPreview]) -> str:
    """What rules would do today, in numbers."""
    if not found:
        return "These rules would suspend no venue today."
    hits = sum(hit.bookings for one in found for hit in one.stays)
    kept = (
        "no booking is touched"
        if not hits
        else f"{count(hits, 'booking')} {'stays' if hits == 1 else 'stay'}"
    )
    return f"These rules would suspend {count(len(found), 'venue')} today; {kept}, new ones are refused."


def suspension_detail(one: SuspensionPreview) -> str:
    """A venue that would be suspended: what is booked there."""
    booked = sum(hit.bookings for hit in one.stays)
    if not booked:
        return "Nothing is booked."
    stay = "stays" if booked == 1 else "stay"
    return f"{count(booked, 'booking')} in {count(len(one.stays), 'session')} {stay}."
