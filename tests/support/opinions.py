"""Parents' reviews for tests: rows as an administrator makes them, each with a booking of its own."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from tests.support import factories
from tests.support.databases import Connection
from tests.support.desk_world import NOON


def review(
    connection: Connection, activity: UUID, rating: int = 5, at: datetime = NOON, **columns: Any
) -> UUID:
    """A visible review of an activity by a new parent, of a completed booking; `columns` override."""
    session = factories.session(connection, activity)
    booking = factories.booking(connection, session, status="completed")
    parent = factories.one(connection, "SELECT booked_by FROM bookings WHERE id = %s", booking)
    return factories.insert(
        connection,
        "reviews",
        {
            "booking_id": booking,
            "activity_id": activity,
            "venue_id": factories.venue_of(connection, "activities", activity),
            "user_id": parent,
            "rating": rating,
            "submitted_at": at,
        }
        | columns,
    )
