"""What a booking's page says: its history, its credits and its changes as rows of one table.

See docs/design.md, "Screens".
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, tzinfo

from console.domain.attendance import RefusalReason
from console.domain.booking_page import BookingChange, BookingEvent, BookingPage, CreditEntry, Names
from console.domain.refusals import SENTENCES
from console.views.bookings.words import ATTENDANCE_WORDS, SOURCE_WORDS, STATUS_WORDS, moment

_EVENTS = {
    "check_in": ("Checked in", "ph.check-bold", "green.text"),
    "check_out": ("Checked out", "ph.sign-out-bold", "blue.text"),
    "absent": ("Marked absent", "ph.user-minus-bold", "text.secondary"),
    "annul": ("Took it back", "ph.arrow-u-up-left", "text.secondary"),
}
_REFUSED = {
    "check_in": "Check-in refused",
    "check_out": "Check-out refused",
    "absent": "Absence refused",
    "annul": "Undo refused",
}
_CREDITS = {
    "booking_debit": "Booked",
    "refund_credit": "Given back",
    "partial_refund": "Given back in part",
    "forfeit": "Forfeited",
    "adjustment": "Corrected by hand",
}
_FIELDS = {
    "status": "Booking",
    "session_id": "Session",
    "attendance_state": "Attendance",
    "credits_charged": "Credits",
    "credits_refunded": "Given back",
    "cancelled_at": "Cancelled",
    "cancellation_reason": "Reason",
    "cancellation_notes": "Note on cancelling",
    "parent_notes": "Family's note",
    "venue_notes": "Venue's note",
    "refund_eligible": "In time for a refund",
    "refund_processed": "Refund made",
    "booking_source": "Booked through",
    "confirmed_at": "Confirmed",
    "group_booking_id": "Group",
}
_IDS = ("session_id", "group_booking_id")
_REASONS_SAID = {reason.value for reason in SENTENCES}
_NO_NAMES = {
    Names.OUTSIDE_WINDOW: "Hidden outside the week around the session",
    Names.NOT_ALLOWED: "Not shown to finance",
    Names.WITHDRAWN: "Not shown: consent was withdrawn",
}
_REASONS = {
    "schedule_conflict": "another appointment",
    "child_sick": "child is ill",
    "found_better_option": "found something else",
    "venue_cancelled": "venue cancelled",
    "weather": "weather",
    "transportation": "could not get here",
    "other": "other reason",
}


@dataclass(frozen=True)
class Line:
    """One line of a tab: when, what, where, who, and what else there is to say; `key` names it across refreshes."""

    key: str
    when: str
    what: str
    desk: str = ""
    person: str = ""
    more: str = ""
    amount: str = ""
    icon: str = ""
    color: str = "text.secondary"
    struck: bool = False


def heading(page: BookingPage, zone: tzinfo) -> str:
    """The title: the session and when it is."""
    starts = page.starts_at.astimezone(zone)
    return f"{page.activity_name}, {starts:%a %d %b %Y %H:%M}"


def child_words(page: BookingPage) -> str:
    """The child's first name, or why it is not shown."""
    return page.child or _NO_NAMES.get(page.names, "–")


def facts(page: BookingPage, zone: tzinfo) -> list[tuple[str, str]]:
    """What was booked, as pairs of name and value."""
    starts, ends = page.starts_at.astimezone(zone), page.ends_at.astimezone(zone)
    room = f" · {page.room_name}" if page.room_name else ""
    state = " · session cancelled" if page.session_cancelled else " · closed" if page.session_closed else ""
    rows = [
        ("Session", f"{page.activity_name}{room}"),
        ("Time", f"{starts:%a %d %b %Y, %H:%M} – {ends:%H:%M}{state}"),
        ("Child", child_words(page)),
    ]
    if page.parent:
        rows.append(("Booked by", page.parent))
    rows += [
        ("Code", page.code),
        ("Attendance", ATTENDANCE_WORDS[page.attendance.value]),
        ("Booked", f"{moment(page.booked_at, zone)} · {SOURCE_WORDS.get(page.source, page.source)}"),
    ]
    if page.cancelled_at is not None:
        reason = _REASONS.get(page.cancellation_reason or "", "")
        rows.append(("Cancelled", moment(page.cancelled_at, zone) + (f" · {reason}" if reason else "")))
    return rows


def history(page: BookingPage, zone: tzinfo) -> list[Line]:
    """Comings and goings, newest first; a refusal and what was taken back are told too."""
    return [_event(f"{at}", event, zone) for at, event in enumerate(page.events)]


def credit_lines(page: BookingPage, zone: tzinfo) -> list[Line]:
    """Every movement of credits."""
    return [_credit(str(at), entry, zone) for at, entry in enumerate(page.credits)]


def change_lines(page: BookingPage, zone: tzinfo) -> list[Line]:
    """Who changed what, before and after; one line for each field."""
    lines: list[Line] = []
    for at, change in enumerate(page.changes):
        lines.extend(_change(str(at), change, zone))
    return lines


def _event(key: str, event: BookingEvent, zone: tzinfo) -> Line:
    what, icon, color = _EVENTS.get(event.kind, (event.kind.replace("_", " ").capitalize(), "ph.circle", ""))
    said: list[str] = []
    if event.outcome == "rejected":
        what, icon, color = _REFUSED.get(event.kind, "Refused"), "ph.warning-bold", "red.text"
        if event.reason in _REASONS_SAID:
            said.append(SENTENCES[RefusalReason(event.reason)])
    elif event.outcome == "already":
        said.append("nothing changed")
    elif event.outcome == "applied_with_review":
        said.append("to be reviewed")
    if event.collected_by:
        said.append(f"collected by {event.collected_by}")
    if event.queued:
        said.append(f"sent {moment(event.recorded_at, zone).strip()}")
    if event.undone:
        said.append("undone")
    return Line(
        key,
        moment(event.at, zone),
        what,
        event.desk or "",
        event.person or "",
        " · ".join(part for part in said if part),
        icon=icon,
        color=color or "text.secondary",
        struck=event.undone,
    )


def _credit(key: str, entry: CreditEntry, zone: tzinfo) -> Line:
    what = _CREDITS.get(entry.kind, entry.kind.replace("_", " ").capitalize())
    more = f"{entry.forfeited} will not come back" if entry.forfeited else ""
    amount = f"{entry.amount:+d}".replace("-", "−") if entry.amount else "0"
    return Line(key, moment(entry.at, zone), what, more=more, amount=amount, icon="ph.ticket")


def _change(key: str, change: BookingChange, zone: tzinfo) -> list[Line]:
    person = change.person or "System"
    if change.action == "insert":
        return [
            Line(
                key, moment(change.at, zone), "Booking made", change.desk or "", person, icon="ph.plus-circle"
            )
        ]
    lines = []
    for field in change.fields:
        before, after = (_value(field.field, value, zone) for value in (field.before, field.after))
        lines.append(
            Line(
                f"{key}.{field.field}",
                moment(change.at, zone),
                _FIELDS.get(field.field, field.field),
                change.desk or "",
                person,
                f"{before} → {after}",
                icon="ph.pencil-simple",
            )
        )
    return lines


def _value(field: str, value: str | None, zone: tzinfo) -> str:
    if value is None:
        return "nothing"
    if value == "[hidden]":
        return value
    if field in _IDS:
        return value[:8]
    if field.endswith("_at"):
        return _time(value, zone)
    words: dict[str, Callable[[str], str]] = {
        "status": lambda key: STATUS_WORDS.get(key, key),
        "attendance_state": lambda key: ATTENDANCE_WORDS.get(key, key),
        "booking_source": lambda key: SOURCE_WORDS.get(key, key),
        "cancellation_reason": lambda key: _REASONS.get(key, key),
    }
    return words.get(field, str)(value)


def _time(value: str, zone: tzinfo) -> str:
    try:
        return moment(datetime.fromisoformat(value), zone)
    except ValueError:
        return value
