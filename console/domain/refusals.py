"""What the desk says about an answer: one plain line per outcome and refusal reason.

Kept apart from the vocabulary so that wording can change without touching the protocol. Times are shown in the
venue's zone, whatever the workstation's. See docs/design.md, "The desk protocol" and "Rules of the domain".
"""

from __future__ import annotations

from datetime import datetime, tzinfo

from console.domain.attendance import EventAnswer, EventKind, OutcomeKind, RefusalReason

SENTENCES: dict[RefusalReason, str] = {
    RefusalReason.UNKNOWN_CODE: "No booking here has this code.",
    RefusalReason.WRONG_VENUE: "This booking is for another venue.",
    RefusalReason.WRONG_SESSION: "This booking is for another session.",
    RefusalReason.ALREADY_IN: "This child is already in.",
    RefusalReason.ALREADY_OUT: "This child has already left.",
    RefusalReason.CANCELLED: "This booking was cancelled.",
    RefusalReason.NOT_CONFIRMED: "This booking is not confirmed yet.",
    RefusalReason.SESSION_CANCELLED: "This session was cancelled.",
    RefusalReason.TOO_EARLY: "It is too early to check in.",
    RefusalReason.TOO_LATE: "It is too late for this.",
    RefusalReason.NOT_IN: "This child is not checked in.",
    RefusalReason.PICKUP_NOT_AUTHORISED: "This person may not collect this child.",
    RefusalReason.DEVICE_REVOKED: "This desk is no longer allowed to record attendance.",
    RefusalReason.NOT_PERMITTED: "You are not allowed to do this here.",
}
"""One sentence per reason, complete without any detail."""

_DONE = {
    EventKind.CHECK_IN: "{name} is in",
    EventKind.CHECK_OUT: "{name} is out",
    EventKind.ABSENT: "{name} is marked absent",
    EventKind.ANNUL: "Undone for {name}",
}


def headline(answer: EventAnswer, kind: EventKind, name: str, zone: tzinfo) -> str:
    """The outcome band's title: "Nia is in", "Already in: 15:31 at Desk 2, by Maya", "Not this session"."""
    if answer.is_recorded:
        return _DONE[kind].format(name=name)
    if answer.outcome is OutcomeKind.ALREADY:
        return _already(answer, kind, zone)
    return explain(answer, zone)


def explain(answer: EventAnswer, zone: tzinfo) -> str:
    """One sentence about a refusal, with the facts the answer carries; empty for an event that was applied."""
    reason, detail = answer.reason, answer.detail
    if reason is None:
        return ""
    if reason is RefusalReason.WRONG_SESSION and detail.other is not None:
        return f"Not this session: {detail.other.name}, {clock_time(detail.other.starts_at, zone)}."
    if reason is RefusalReason.WRONG_VENUE and detail.venue_name:
        return f"This booking is for {detail.venue_name}."
    if reason is RefusalReason.TOO_EARLY and detail.opens_at is not None:
        return f"Too early: check-in opens at {clock_time(detail.opens_at, zone)}."
    if reason is RefusalReason.TOO_LATE and detail.closed_at is not None:
        return f"Too late: this was possible until {clock_time(detail.closed_at, zone)}."
    if reason is RefusalReason.ALREADY_OUT and detail.at is not None:
        return f"Already left: {_when_where_whom(answer, zone)}."
    if reason is RefusalReason.ALREADY_IN and detail.at is not None:
        return f"Already in: {_when_where_whom(answer, zone)}."
    if reason is RefusalReason.PICKUP_NOT_AUTHORISED and detail.pickup_name:
        return f"{detail.pickup_name} may not collect this child."
    return SENTENCES[reason]


def clock_time(instant: datetime, zone: tzinfo) -> str:
    """An instant as the venue's wall clock shows it, for example "15:31"."""
    return instant.astimezone(zone).strftime("%H:%M")


def _already(answer: EventAnswer, kind: EventKind, zone: tzinfo) -> str:
    words = {
        EventKind.CHECK_IN: "Already in",
        EventKind.CHECK_OUT: "Already out",
        EventKind.ABSENT: "Already marked absent",
        EventKind.ANNUL: "Already undone",
    }[kind]
    if answer.detail.just_scanned:
        return "Just scanned"
    facts = _when_where_whom(answer, zone)
    return f"{words}: {facts}" if facts else words


def _when_where_whom(answer: EventAnswer, zone: tzinfo) -> str:
    detail = answer.detail
    text = clock_time(detail.at, zone) if detail.at is not None else ""
    if detail.desk:
        text = f"{text} at {detail.desk}".strip()
    return f"{text}, by {detail.person}" if detail.person else text
