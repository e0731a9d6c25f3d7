"""How an event that needs attention is put into words: its row, its title, its facts, and what would become of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, tzinfo

from console.domain.attendance import EventKind
from console.domain.refusals import clock_time
from console.domain.sync import AttentionItem
from console.models.refused import NOBODY, happened, noun, short_reason, why
from console.models.words import age_short, day_and_time
from console.views.widgets.choices import Choice
from console.views.widgets.paint import ChipSpec

_DONE = {
    EventKind.CHECK_IN: "Checked in",
    EventKind.CHECK_OUT: "Checked out",
    EventKind.ABSENT: "Marked absent",
    EventKind.ANNUL: "Undone",
}


def choices(items: Sequence[AttentionItem], now: datetime, zone: tzinfo) -> list[Choice]:
    """The rows of the list, in the order in which it happened."""
    return [_choice(item, now, zone) for item in sorted(items, key=lambda one: one.queued.event.occurred_at)]


def title(item: AttentionItem) -> str:
    """What happened: "Theo was checked in"."""
    return happened(item.queued.event.kind, item.child)


def reason(item: AttentionItem, zone: tzinfo) -> str:
    """Why the server refused it, in one sentence."""
    return why(item.queued.answer, zone)


def facts(item: AttentionItem, now: datetime, zone: tzinfo) -> list[tuple[str, str]]:
    """What this desk knows of it, each with its name."""
    event = item.queued.event
    found = [("When", day_and_time(event.occurred_at, now, zone))]
    if item.session:
        starts = f", {clock_time(item.session_starts_at, zone)}" if item.session_starts_at else ""
        found.append(("Session", f"{item.session}{starts}"))
    if event.kind is EventKind.CHECK_OUT:
        found.append(("Collected by", event.pickup_name or "Nobody was named"))
    if event.code and not item.child:
        found.append(("Ticket", event.code))
    found.append(("Recorded", f"by {item.person} at this desk" if item.person else "at this desk"))
    if item.queued.answered_at is not None:
        found.append(("Refused", day_and_time(item.queued.answered_at, now, zone)))
    return found


def retried(item: AttentionItem) -> tuple[str, str]:
    """The toast after it was sent once more."""
    return f"{whose(item)} is sent again", "The answer shows here and at Today."


def discarded(item: AttentionItem) -> tuple[str, str]:
    """The toast after it was put away."""
    return f"{whose(item)} was discarded", "The reason is kept with it."


def discard_question(item: AttentionItem, now: datetime, zone: tzinfo) -> tuple[str, str]:
    """What is asked before: title and sentence."""
    when = day_and_time(item.queued.event.occurred_at, now, zone)
    return (
        f"Discard {whose(item)}?",
        f"It was recorded {when} and will never be sent. This cannot be undone.",
    )


def whose(item: AttentionItem) -> str:
    """The event as a thing of its child: "Theo's check-in"."""
    return f"{item.child or NOBODY}'s {noun(item.queued.event.kind)}"


def _choice(item: AttentionItem, now: datetime, zone: tzinfo) -> Choice:
    event = item.queued.event
    when = f"{_DONE[event.kind]} {day_and_time(event.occurred_at, now, zone)}"
    return Choice(
        value=item,
        title=item.child or event.code or NOBODY,
        beside=age_short(item.age_months) if item.age_months is not None else "",
        detail=" · ".join(part for part in (when, item.session) if part),
        chips=(ChipSpec(short_reason(item.queued.answer, zone).capitalize(), "red", "ph.warning-bold"),),
    )
