"""What the demo's front desk wrote down and printed: two notes, an incident of the last day, today's pickup tags."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from console.demo import rows_people
from console.demo.chance import Chance
from console.demo.world import Booking, Parent, Venue
from console.storage.demo import TableRows

_NOTES = (
    "Forgot the water bottle; has one of ours until the end.",
    "A little tired today, sat out the first game.",
)
_INCIDENT = "Bumped an elbow on the door frame, no swelling, played on after five minutes."
_HELP = "Cooled it, and looked at it again at the end."
_LETTERS = "ABCDEFGHJKMNPQRSTVWXYZ"


def papers(venue: Venue, seed: int, at: datetime) -> Iterator[TableRows]:
    """Rows of notes, of the item the incident opened (settled since), and of the tags of families whose child is in."""
    chance = Chance(seed, f"papers {venue.plan.slug}")
    inside = [
        booking
        for session in venue.sessions
        if session.day == venue.today
        for booking in session.bookings
        if booking.state == "in" and booking.child.consent
    ]
    written = [
        _note(chance, booking, text, min(booking.events[-1].at + timedelta(minutes=2), at))
        for booking, text in zip(inside, _NOTES, strict=False)
    ]
    hurt = _last_days_child(venue)
    if hurt is not None:
        told = min(hurt.events[-1].at + timedelta(minutes=1), at)
        written.append(_note(chance, hurt, _INCIDENT, told, _HELP))
        boss = venue.who("manager")
        yield rows_people.table(
            "review_items",
            "id venue_id kind booking_id session_id summary opened_at resolved_at resolved_by resolution updated_at",
            [
                (chance.uuid(), venue.id, "other", hurt.id, hurt.session.id,
                 "An incident was written down; the parent has been told.", told, min(told + timedelta(hours=2), at),
                 boss.id, "Spoke with the parent; all is well.", min(told + timedelta(hours=2), at))
            ],
        )  # fmt: skip
    yield rows_people.table(
        "booking_notes",
        "id venue_id booking_id body is_incident action_taken parent_told person_id device_id written_at",
        written,
    )
    first_in: dict[str, tuple[Parent, Booking]] = {}
    for booking in sorted(inside, key=lambda each: each.events[-1].at):
        first_in.setdefault(booking.child.parent.id, (booking.child.parent, booking))
    tags = _tags(chance, len(first_in))
    yield rows_people.table(
        "pickup_tags",
        "venue_id day parent_id tag issued_at issued_by device_id",
        [
            (venue.id, venue.today, parent.id, tag, event.at, event.person.id, event.desk.id)
            for (parent, booking), tag in zip(first_in.values(), tags, strict=True)
            for event in booking.events[-1:]
        ],
    )


def _note(
    chance: Chance, booking: Booking, text: str, at: datetime, action: str | None = None
) -> tuple[object, ...]:
    event = booking.events[-1]
    incident = action is not None
    return (
        chance.uuid(), booking.session.venue.id, booking.id, text, incident, action, incident, event.person.id,
        event.desk.id, at,
    )  # fmt: skip


def _last_days_child(venue: Venue) -> Booking | None:
    """Somebody who came on the last day before today on which there were sessions."""
    came = [
        booking
        for session in venue.sessions
        if session.day < venue.today
        for booking in session.bookings
        if booking.state == "out" and booking.child.consent
    ]
    return max(came, key=lambda booking: (booking.events[-1].at, booking.id), default=None)


def _tags(chance: Chance, count: int) -> list[str]:
    tags: dict[str, None] = {}
    while len(tags) < count:
        digits = chance.between(0, 9), chance.between(0, 9)
        letters = chance.between(0, 21), chance.between(0, 21)
        tags[f"{digits[0]}{_LETTERS[letters[0]]}{digits[1]}{_LETTERS[letters[1]]}"] = None
    return list(tags)
