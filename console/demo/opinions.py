"""What parents of the demo thought: quick feedback after a session, and a review now and then.

Most reviews were looked at long ago. A few of the last days wait for headquarters, one for each of the causes there
are, and some older ones were written to be hidden (console.demo.moderation hides them).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
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
_REPLIES = {
    _GOOD: (
        "So glad to hear it, see you next week!",
        "Thank you! The whole team has read this.",
        "That is what we do it for. Thank you.",
    ),
    _MIXED: (
        "Thank you for telling us; we have spoken with the team.",
        "Good to know. We are changing it next week.",
        "Thank you. Tell us at the desk, too, and we look after it at once.",
    ),
    _BAD: (
        "We are sorry. Please call us, we want to hear more.",
        "That must not happen; we have spoken with the team.",
        "Sorry. From next week on you get a message beforehand.",
    ),
}
"""As many for each mood: one is drawn, whichever mood it is."""
_BURST = (
    "Best theatre in town.",
    "Simply the best, five stars!",
    "Best place ever.",
    "Best. Everybody should come here.",
    "The best teachers in London.",
    "Best theatre, no contest.",
)
"""Six reviews of one venue within a day, which read as if somebody had asked for them."""

_LOOKED_AT_AFTER = timedelta(days=3)
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
    flagged: str | None = None
    looked_at: datetime | None = None
    hide: str | None = None
    """Why headquarters hid it, where it did."""


@dataclass(frozen=True, slots=True)
class _Written:
    slug: str
    hours_ago: int
    rating: int
    text: str
    flagged: str | None = None
    hide: str | None = None


_WRITTEN = (
    _Written("riverside-studio", 27, 2, "Our boy was injured at the kiln table, and nobody called us."),
    _Written(
        "riverside-studio", 44, 4, "Lovely, but the poster at the door has my daughter's full name on it.",
        "A parent says it names a child.",
    ),
    _Written("fern-hollow-forest-school", 20, 1, "We stood at the gate for forty minutes. Never again."),
    _Written("cedar-street-makers", 61, 2, "Closed again. My lawyer asks who pays for the course."),
    _Written(
        "riverside-studio", 9 * 24, 1, "The lady with the red glasses should look for another job.",
        "It insults somebody.", "It insults a person instead of telling what happened.",
    ),
    _Written(
        "summit-kids-climbing", 17 * 24, 5, "Cheap climbing shoes at my shop, ask for the code.",
        "Advertising.", "It advertises a shop.",
    ),
    _Written(
        "copper-street-dance-loft", 33 * 24, 1, "Wrong place, this was about the bakery next door.", None,
        "It is about another business.",
    ),
    *(_Written("blue-lantern-youth-theatre", 15 + 2 * number, 5, text) for number, text in enumerate(_BURST)),
)  # fmt: skip


def collect(venue: Venue, seed: int, at: datetime) -> tuple[list[Feedback], list[Review]]:
    """Opinions on the venue's completed bookings; happier where the venue's score is higher."""
    chance = Chance(seed, f"opinions {venue.plan.slug}")
    happiness = min(0.97, (float(venue.plan.score) - 45) / 45)
    thumbs: list[Feedback] = []
    reviews: list[Review] = []
    spoken: set[date] = set()
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
                review = _review(chance, booking, when, happiness, at)
                # Lately one a day, or a busy venue's ordinary reviews would wait as a burst.
                if review.looked_at is None:
                    if when.date() in spoken or review.rating < 3:
                        continue
                    spoken.add(when.date())
                reviews.append(review)
    reviews.extend(_written(venue, {review.booking.id for review in reviews}, seed, at))
    return thumbs, reviews


def _written(venue: Venue, taken: set[str], seed: int, at: datetime) -> Iterator[Review]:
    """The reviews that are written out, each by a family that came in the weeks before and said nothing yet."""
    chance = Chance(seed, f"written reviews {venue.plan.slug}")
    families: set[str] = set()
    came = sorted(
        (
            booking
            for session in venue.sessions
            for booking in session.bookings
            if booking.status == "completed" and booking.id not in taken
        ),
        key=lambda booking: (booking.session.ends, booking.id),
        reverse=True,
    )
    for one in (each for each in _WRITTEN if each.slug == venue.plan.slug):
        when = at - timedelta(hours=one.hours_ago, minutes=chance.between(0, 50))
        for booking in came:
            if booking.session.ends < when - timedelta(hours=1) and booking.child.parent.id not in families:
                families.add(booking.child.parent.id)
                taken.add(booking.id)
                yield Review(
                    chance.uuid(),
                    booking,
                    one.rating,
                    one.text,
                    when,
                    None,
                    None,
                    one.flagged,
                    None,
                    one.hide,
                )
                break


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
        chance.pick(_REPLIES[mood]) if answered else None,
        replied if answered else None,
        looked_at=when + timedelta(hours=20) if when < at - _LOOKED_AT_AFTER else None,
    )


def stars(reviews: Iterable[Review]) -> dict[str, tuple[Decimal, int, int]]:
    """The average, the number and the sum of the reviews of each activity, by its id."""
    ratings: dict[str, list[int]] = {}
    for review in reviews:
        session = review.booking.session
        ratings.setdefault(session.venue.activities[session.activity.name], []).append(review.rating)
    cent = Decimal("0.01")
    return {
        activity: ((Decimal(sum(given)) / len(given)).quantize(cent, ROUND_HALF_UP), len(given), sum(given))
        for activity, given in ratings.items()
    }
