"""Venues with weeks behind them, for tests of scores: bookings, opinions, and the weeks worked out from them.

Facts are written as the administrator, in the state that the desk's and the parents' functions leave them in; what is
under test goes over the connections of real desks. The week asked about most is that of Monday 16 February 2026.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from console.domain.scoring import BookingFact, ReviewFact, ThumbFact
from tests.support import factories
from tests.support.desk_world import Person, Row, World

WEEK = date(2026, 2, 16)
MONDAY_AFTER = datetime(2026, 2, 23, 17, 0, tzinfo=UTC)


@dataclass
class History:
    """One venue's facts, in the database and as the rules read them."""

    world: World
    venue: UUID
    zone: str = factories.ZONE
    bookings: dict[UUID, BookingFact] = field(default_factory=dict)
    thumbs: dict[UUID, ThumbFact] = field(default_factory=dict)
    reviews: dict[UUID, ReviewFact] = field(default_factory=dict)
    _families: dict[str, UUID] = field(default_factory=dict)
    _sessions: dict[tuple[date, str], UUID] = field(default_factory=dict)

    def family(self, name: str) -> UUID:
        """A parent."""
        if name not in self._families:
            self._families[name] = factories.parent(self.world.admin, first_name=name)
        return self._families[name]

    def session(self, day: date, at: time = time(15), cancelled_by: UUID | None = None) -> UUID:
        """A session on that day of the venue's wall, cancelled by somebody where asked."""
        key = (day, f"{at}{cancelled_by}")
        if key not in self._sessions:
            starts = datetime.combine(day, at, ZoneInfo(self.zone)).astimezone(UTC)
            activity = factories.activity(self.world.admin, self.venue, name=f"Judo {uuid4()}")
            columns: dict[str, Any] = {"starts_at": starts, "ends_at": starts + timedelta(hours=1)}
            if cancelled_by:
                columns |= {
                    "is_cancelled": True, "cancelled_by": cancelled_by, "cancelled_at": starts - timedelta(days=1)
                }  # fmt: skip
            self._sessions[key] = factories.session(self.world.admin, activity, total_capacity=500, **columns)
        return self._sessions[key]

    def book(
        self,
        day: date,
        status: str = "completed",
        family: str = "",
        *,
        weather: bool = False,
        platform: UUID | None = None,
        at: time = time(15),
    ) -> UUID:
        """A booking of that day by a family (a new one without a name)."""
        parent = self.family(family or f"Family {uuid4().hex[:8]}")
        child = factories.child(self.world.admin, first_name="Oleander", parent_id=parent)
        columns: dict[str, Any] = {"status": status}
        if status.startswith("cancelled"):
            columns["cancelled_at"] = datetime.combine(day, time(9), UTC)
            columns["cancellation_reason"] = "weather" if weather else "venue_cancelled"
        made = factories.booking(
            self.world.admin, self.session(day, at, platform), child, booked_by=parent, **columns
        )
        self.bookings[made] = BookingFact(made, parent, day, status, weather, platform is not None)
        return made

    def becomes(self, booking: UUID, status: str) -> None:
        """The booking in another state from now on."""
        self.world.admin.execute(
            """UPDATE bookings SET status = %(s)s::text::booking_status, cancellation_reason = NULL,
                      cancelled_at = CASE WHEN %(s)s::text LIKE 'cancelled%%' THEN app.now() END
                WHERE id = %(id)s""",
            {"s": status, "id": booking},
        )
        was = self.bookings[booking]
        self.bookings[booking] = BookingFact(booking, was.family, was.day, status, False, was.by_platform)

    def thumb(self, booking: UUID, at: datetime, up: bool) -> None:
        """A thumb for a booking."""
        factories.insert(
            self.world.admin,
            "booking_feedback",
            {"booking_id": booking, "venue_id": self.venue, "is_positive": up, "submitted_at": at},
        )
        self.thumbs[booking] = ThumbFact(booking, at, up)

    def review(self, booking: UUID, at: datetime, stars: int) -> UUID:
        """A review of a booking; its id."""
        found = self.world.one(
            """SELECT s.activity_id, b.booked_by FROM bookings b JOIN activity_sessions s ON s.id = b.session_id
                WHERE b.id = %s""",
            booking,
        )
        made = factories.insert(
            self.world.admin,
            "reviews",
            {
                "booking_id": booking, "venue_id": self.venue, "activity_id": found["activity_id"],
                "user_id": found["booked_by"], "rating": stars, "submitted_at": at,
            },
        )  # fmt: skip
        self.reviews[booking] = ReviewFact(booking, at, stars)
        return made

    def hide(self, booking: UUID) -> None:
        """Headquarters hides the review of a booking."""
        by = factories.staff(self.world.admin, "platform_admin")
        row = self.world.one(
            """UPDATE reviews SET is_visible = false, hidden_at = app.now(), hidden_by = %s, hidden_reason = 'Rude'
                WHERE booking_id = %s RETURNING id""",
            by,
            booking,
        )
        factories.insert(
            self.world.admin,
            "review_decisions",
            {
                "venue_id": self.venue, "review_id": row["id"], "decision": "hide", "reason": "Rude", "by_user": by,
                "at": self.world.now,
            },
        )  # fmt: skip
        was = self.reviews[booking]
        self.reviews[booking] = ReviewFact(booking, was.at, was.stars, visible=False)

    def ordinary(
        self, day: date, came: int = 10, missed: int = 2, happy: int = 10, unhappy: int = 2
    ) -> list[UUID]:
        """A week like others: some came (half of them again the day after), some did not, some said how it was."""
        made = [self.book(day, family=f"Regular {n}") for n in range(came)]
        again = [self.book(day + timedelta(days=1), family=f"Regular {n}") for n in range(came // 2)]
        for _ in range(missed):
            self.book(day, "no_show")
        said = datetime.combine(day, time(20), UTC)
        for number, booking in enumerate([*made, *again][: happy + unhappy]):
            self.thumb(booking, said, number < happy)
        return made

    def compute(self, week: date = WEEK) -> int:
        """Work the week out for this venue."""
        row = self.world.one("SELECT scores.compute(%s, %s) AS n", week, [self.venue])
        return int(row["n"])

    def score(self, week: date = WEEK) -> Row:
        """The newest revision of a week."""
        return self.revisions(week)[-1]

    def revisions(self, week: date = WEEK) -> list[Row]:
        """Every revision of a week, the first one first."""
        return self.world.all(
            """SELECT * FROM venue_performance_scores WHERE venue_id = %s AND score_week_start = %s
                ORDER BY revision""",
            self.venue,
            week,
        )


def history(world: World, zone: str = factories.ZONE, **columns: Any) -> History:
    """A new active venue without a past."""
    return History(world, factories.venue(world.admin, timezone=zone, **columns), zone)


def headquarters(world: World, name: str = "Amara") -> Person:
    """Somebody of the platform at a desk."""
    return world.person("platform_admin", name=name)
