"""How something that needs attention is put into words: its row, its title, its facts, and what would become of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, tzinfo
from uuid import UUID

from console.domain.attendance import EventKind
from console.domain.families import Payment
from console.domain.refusals import clock_time
from console.domain.sealed_notes import Refusal, RefusedFamily, RefusedWalkIn
from console.domain.sync import AttentionItem
from console.models.refused import NOBODY, UNEXPLAINED, happened, noun, short_reason, why
from console.models.words import age_short, day_and_time
from console.views.widgets.choices import Choice
from console.views.widgets.paint import ChipSpec

Item = AttentionItem | RefusedWalkIn | RefusedFamily
"""Whatever needs somebody at this desk."""

_DONE = {
    EventKind.CHECK_IN: "Checked in",
    EventKind.CHECK_OUT: "Checked out",
    EventKind.ABSENT: "Marked absent",
    EventKind.ANNUL: "Undone",
}


def choices(items: Sequence[Item], now: datetime, zone: tzinfo) -> list[Choice]:
    """The rows of the list, in the order in which it happened."""
    return [_choice(item, now, zone) for item in sorted(items, key=at)]


def at(item: Item) -> datetime:
    """When it happened."""
    if isinstance(item, AttentionItem):
        return item.queued.event.occurred_at
    return item.kept.note.happened_at if isinstance(item, RefusedWalkIn) else item.kept.note.taken_at


def identity(item: Item) -> UUID:
    """The number of its event or note."""
    return item.queued.event.id if isinstance(item, AttentionItem) else item.kept.note.id


def title(item: Item) -> str:
    """What happened: "Theo was checked in"."""
    if isinstance(item, RefusedWalkIn):
        return f"{item.child or NOBODY} walked in"
    if isinstance(item, RefusedFamily):
        return f"{item.kept.note.family.child.first_name} was taken down"
    return happened(item.queued.event.kind, item.child)


def reason(item: Item, zone: tzinfo) -> str:
    """Why the server refused it, in one sentence."""
    if not isinstance(item, AttentionItem):
        return _said(item.kept.refusal)
    return why(item.queued.answer, zone)


def facts(item: Item, now: datetime, zone: tzinfo) -> list[tuple[str, str]]:
    """What this desk knows of it, each with its name."""
    if isinstance(item, RefusedFamily):
        return _family_facts(item, now, zone)
    if isinstance(item, RefusedWalkIn):
        return _walk_in_facts(item, now, zone)
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


def retried(item: Item) -> tuple[str, str]:
    """The toast after it was sent once more."""
    return f"{whose(item)} is sent again", "The answer shows here and at Today."


def discarded(item: Item) -> tuple[str, str]:
    """The toast after it was put away."""
    return f"{whose(item)} was discarded", "The reason is kept with it."


def discard_question(item: Item, now: datetime, zone: tzinfo) -> tuple[str, str]:
    """What is asked before: title and sentence."""
    when = day_and_time(at(item), now, zone)
    if isinstance(item, RefusedWalkIn):
        return (
            f"Discard {whose(item)}?",
            f"It was recorded {when}, and its check-in goes with it. This cannot be undone.",
        )
    return (
        f"Discard {whose(item)}?",
        f"It was recorded {when} and will never be sent. This cannot be undone.",
    )


def whose(item: Item) -> str:
    """The event as a thing of its child: "Theo's check-in"."""
    if isinstance(item, RefusedWalkIn):
        return f"{item.child or NOBODY}'s walk-in"
    if isinstance(item, RefusedFamily):
        return f"{item.kept.note.family.child.first_name}'s registration"
    return f"{item.child or NOBODY}'s {noun(item.queued.event.kind)}"


def advice(item: Item, may_discard: bool) -> str:
    """What the buttons do."""
    if isinstance(item, RefusedFamily):
        return "Correct opens what was typed; it is registered again, and its walk-in follows."
    told = "Try again sends it as it happened, with the time it happened at."
    return told if may_discard else f"{told} A manager can discard it."


def _said(refusal: Refusal | None) -> str:
    if refusal is None:
        return UNEXPLAINED
    return f"{refusal.sentence} {refusal.hint}" if refusal.hint else refusal.sentence


def _walk_in_facts(item: RefusedWalkIn, now: datetime, zone: tzinfo) -> list[tuple[str, str]]:
    found = [("When", day_and_time(at(item), now, zone))]
    if item.session:
        starts = f", {clock_time(item.session_starts_at, zone)}" if item.session_starts_at else ""
        found.append(("Session", f"{item.session}{starts}"))
    found.append(("Paid", "With credits" if item.kept.note.payment is Payment.CREDITS else "Credits owed"))
    if item.kept.note.event_id is not None:
        found.append(("Check-in", "Follows when the place is taken"))
    found.append(("Recorded", f"by {item.person} at this desk" if item.person else "at this desk"))
    return found


def _family_facts(item: RefusedFamily, now: datetime, zone: tzinfo) -> list[tuple[str, str]]:
    family = item.kept.note.family
    return [
        ("When", day_and_time(at(item), now, zone)),
        ("Guardian", f"{family.guardian_first_name} {family.guardian_last_name}"),
        ("Phone", family.phone),
        ("E-mail", family.email),
        ("Recorded", "by you at this desk"),
    ]


def _choice(item: Item, now: datetime, zone: tzinfo) -> Choice:
    if not isinstance(item, AttentionItem):
        return _note_choice(item, day_and_time(at(item), now, zone))
    event = item.queued.event
    when = f"{_DONE[event.kind]} {day_and_time(event.occurred_at, now, zone)}"
    return Choice(
        value=item,
        title=item.child or event.code or NOBODY,
        beside=age_short(item.age_months) if item.age_months is not None else "",
        detail=" · ".join(part for part in (when, item.session) if part),
        chips=(ChipSpec(short_reason(item.queued.answer, zone).capitalize(), "red", "ph.warning-bold"),),
    )


def _note_choice(item: RefusedWalkIn | RefusedFamily, when: str) -> Choice:
    chips = (ChipSpec("Not accepted", "red", "ph.warning-bold"),)
    if isinstance(item, RefusedFamily):
        family = item.kept.note.family
        guardian = f"{family.guardian_first_name} {family.guardian_last_name}"
        return Choice(item, family.child.first_name, f"New family {when} · {guardian}", chips=chips)
    if item.lacks_credits:
        chips = (ChipSpec("Credits missing", "red", "ph.warning-bold"),)
    age = age_short(item.age_months) if item.age_months is not None else ""
    detail = " · ".join(part for part in (f"Walked in {when}", item.session) if part)
    return Choice(item, item.child or NOBODY, detail, age, chips=chips)
