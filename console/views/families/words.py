"""How families, children and sessions read in the sheets of the desk, in one place.

See docs/design.md, "Screens" (front desk).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import tzinfo

from console.domain.families import Booked, Family, FamilyChild, NoPlace, Payment, SessionChoice
from console.domain.refusals import clock_time
from console.models.words import age_short
from console.views.widgets.choices import Choice
from console.views.widgets.paint import ChipSpec

BLOCKED = {
    NoPlace.FULL: "Full",
    NoPlace.OVER: "Over",
    NoPlace.CANCELLED: "Cancelled",
    NoPlace.CLOSED: "Closed",
    NoPlace.NO_PRICE: "No price yet",
    NoPlace.ALREADY_BOOKED: "Already booked",
    NoPlace.VENUE_SUSPENDED: "No new bookings",
}
WARNINGS = {
    NoPlace.TOO_YOUNG: "Younger than the session is for",
    NoPlace.TOO_OLD: "Older than the session is for",
    NoPlace.ELSEWHERE: "Booked elsewhere at that time",
}
_WARNING_CHIPS = {
    NoPlace.TOO_YOUNG: ChipSpec("Too young", "amber", "ph.warning-bold"),
    NoPlace.TOO_OLD: ChipSpec("Too old", "amber", "ph.warning-bold"),
    NoPlace.ELSEWHERE: ChipSpec("Elsewhere then", "amber", "ph.warning-bold"),
}


def credits(count: int) -> str:
    """A number of credits, e.g. "1 credit"."""
    return f"{count} credit" if count == 1 else f"{count} credits"


def places(count: int) -> str:
    """A number of free places, e.g. "2 places left"."""
    return "1 place left" if count == 1 else f"{count} places left"


def guardian(family: Family) -> str:
    """Who a child belongs to: "Parent Dana, phone ends 0142"."""
    end = f", phone ends {family.phone_end}" if family.phone_end else ""
    return f"Parent {family.parent_first_name}{end}"


def child_choice(family: Family, child: FamilyChild) -> Choice:
    """A child of a family that was found, as a row."""
    detail = guardian(family)
    if child.booked_today:
        detail = f"{detail} · today in {' and '.join(child.booked_today)}"
    chips = tuple(ChipSpec(note.label, "red", "ph.warning-fill") for note in child.health[:2])
    owed = f", owes {family.owed}" if family.owed else ""
    return Choice(
        (family, child),
        child.first_name,
        detail,
        age_short(child.age_months),
        "" if family.credits is None else f"{credits(family.credits)}{owed}",
        chips,
    )


def session_title(choice: SessionChoice, zone: tzinfo) -> str:
    """A session by its start and name: "15:30 Junior Judo"."""
    return f"{clock_time(choice.starts_at, zone)} {choice.activity_name}"


def unfit(sessions: Sequence[SessionChoice]) -> str:
    """Why none of the sessions is meant for the child, empty where one is."""
    if not sessions or not all(one.warnings for one in sessions):
        return ""
    if all(NoPlace.TOO_YOUNG in one.warnings for one in sessions):
        return "What is open on this day is for older children."
    if all(NoPlace.TOO_OLD in one.warnings for one in sessions):
        return "What is open on this day is for younger children."
    return "Nothing on this day fits this child: each row says why."


def session_choice(choice: SessionChoice, zone: tzinfo, *, queue: bool = False) -> Choice:
    """A session as a row; with `queue` a full one may be chosen, for its waitlist."""
    end = clock_time(choice.ends_at, zone)
    facts = [f"until {end}"]
    if choice.room_name:
        facts.append(choice.room_name)
    if choice.blocked is None:
        facts.append(places(choice.places_left))
    elif choice.blocked is NoPlace.FULL:
        facts.append(f"{choice.places} places, all taken")
        facts.append(f"{choice.waiting} waiting" if choice.waiting else "nobody waiting")
    chips = tuple(_WARNING_CHIPS[warning] for warning in choice.warnings if warning in _WARNING_CHIPS)
    if choice.blocked is not None:
        chips = (ChipSpec(BLOCKED.get(choice.blocked, "Not open"), "neutral"), *chips)
    may = choice.blocked is None or (queue and choice.blocked is NoPlace.FULL)
    price = "" if choice.price is None else credits(choice.price)
    return Choice(choice, session_title(choice, zone), " · ".join(facts), "", price, chips, may)


def payment_words(payment: Payment, price: int, credits_left: int) -> str:
    """What a way to pay means in numbers."""
    if payment is Payment.OWED:
        return f"Mark {credits(price)} as owed"
    return f"Take {credits(price)}, {credits(max(0, credits_left - price))} left"


def booked_words(name: str, booked: Booked, session: SessionChoice, zone: tzinfo) -> tuple[str, str]:
    """The toast after a place was taken: title and detail."""
    if booked.kept:
        inside = booked.answer is not None and booked.answer.is_recorded
        title = f"{name} is in, waiting to send" if inside else f"{name} has a place, waiting to send"
        return title, f"{session_title(session, zone)} · price and ticket follow when the desk is online"
    paid = f"{credits(booked.owed)} owed" if booked.owed else f"{credits(booked.charged)} taken"
    inside = booked.answer is not None and booked.answer.is_recorded
    title = f"{name} is in" if inside else f"{name} is booked"
    return title, f"{session_title(session, zone)} · {paid} · {booked.confirmation_code}"
