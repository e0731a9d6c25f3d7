"""What parents of the demo thought: quick feedback after a session, and a review now and then."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal

from console.demo.chance import Chance
from console.demo.world import Booking, Venue

_GOOD = (
    "Came home singing and would not stop.",
    "Patient teachers who know every name.",
    "Well run and on time.",
    "The highlight of the week.",
    "Small group, lots of attention.",
    "She asked when we are going back before we left.",
    "Clean rooms, kind people at the desk.",
    "He tried something new and was proud of it.",
)
_MIXED = (
    "Good session, but parking was a struggle.",
    "Fun, though it started ten minutes late.",
    "A little loud for a shy child.",
    "The older ones took over; ours watched a lot.",
)
_BAD = (
    "Nobody told us the room had changed.",
    "The teacher was replaced without a word.",
    "Too many children for one adult.",
)
_REPLIES = (
    "Thank you for telling us; we have spoken with the team.",
    "So glad to hear it, see you next week!",
    "Sorry about the late start: the bus was stuck. It will not be the rule.",
)
_TAGS_GOOD = ("fun", "educational", "social", "creative")
_TAGS_BAD = ("organization", "content", "instructor", "facility")


@dataclass(frozen=True, slots=True)
class Feedback:
    """A thumb up or down, an hour or more after the session."""

    id: str
    booking: Booking
    positive: bool
    tag: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Review:
    """Stars and a sentence, sometimes answered by the venue."""

    id: str
    booking: Booking
    rating: int
    text: str | None
    at: datetime
    reply: str | None
    replied: datetime | None


def collect(venue: Venue, seed: int, at: datetime) -> tuple[list[Feedback], list[Review]]:
    """Opinions on the venue's completed bookings; happier where the venue's score is higher."""
    chance = Chance(seed, f"opinions {venue.plan.slug}")
    happiness = 0.6 + float(venue.plan.score) / 250
    thumbs: list[Feedback] = []
    reviews: list[Review] = []
    for session in venue.sessions:
        for booking in session.bookings:
            if booking.status != "completed":
                continue
            when = session.ends + timedelta(minutes=chance.between(60, 900))
            if when >= at:
                continue
            if chance.chance(0.22):
                good = chance.chance(happiness)
                tag = chance.pick(_TAGS_GOOD if good else _TAGS_BAD)
                thumbs.append(Feedback(chance.uuid(), booking, good, tag, when))
            if chance.chance(0.05):
                reviews.append(_review(chance, booking, when, happiness, at))
    return thumbs, reviews


def _review(chance: Chance, booking: Booking, when: datetime, happiness: float, at: datetime) -> Review:
    mood = chance.weighted((_GOOD, _MIXED, _BAD), (happiness, 0.2, 0.4 * (1 - happiness)))
    rating = {_GOOD: (4, 5), _MIXED: (3, 4), _BAD: (1, 2)}[mood]
    text = chance.pick(mood) if chance.chance(0.8) else None
    replied = when + timedelta(hours=chance.between(5, 60))
    answered = text is not None and replied < at and chance.chance(0.5)
    return Review(
        chance.uuid(),
        booking,
        chance.pick(rating),
        text,
        when,
        chance.pick(_REPLIES) if answered else None,
        replied if answered else None,
    )


def stars(reviews: Iterable[Review]) -> dict[str, tuple[Decimal, int]]:
    """The average and the number of the reviews of each activity, by its id."""
    ratings: dict[str, list[int]] = {}
    for review in reviews:
        session = review.booking.session
        ratings.setdefault(session.venue.activities[session.activity.name], []).append(review.rating)
    cent = Decimal("0.01")
    return {
        activity: ((Decimal(sum(given)) / len(given)).quantize(cent, ROUND_HALF_UP), len(given))
        for activity, given in ratings.items()
    }
