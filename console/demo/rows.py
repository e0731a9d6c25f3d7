"""The demo as rows of tables: the only place that knows which column each fact belongs in.

Triggers of the bulk tables are off while the demo loads (console.storage.demo says why that is safe), so the columns
they would fill are worked out here: local times, booked places, running balances.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal

from console.demo import rows_people
from console.demo.attention import Closure, OpenItem
from console.demo.catalogue import ActivityPlan
from console.demo.money import Balance
from console.demo.opinions import Feedback, Review
from console.demo.roster import Waiting
from console.demo.world import Booking, Event, Session, Staff, Venue
from console.storage.demo import TableRows

table = rows_people.table


def schedule(
    venues: list[Venue], at: datetime, stars: Mapping[str, tuple[Decimal, int, int]]
) -> Iterator[TableRows]:
    """Rooms, activities with their `stars` by id, weekly patterns with their skipped days, and dated sessions."""
    long_ago = at - timedelta(days=400)
    yield table(
        "rooms",
        "id venue_id name capacity created_at updated_at",
        [
            (v.rooms[name], v.id, name, places, long_ago, long_ago)
            for v in venues
            for name, places in v.plan.rooms
        ],
    )
    yield table(
        "activities",
        "id venue_id name slug category short_description full_description min_age_months max_age_months"
        " duration_minutes credits_required capacity_per_session parent_attendance_required activity_tags"
        " average_rating total_reviews stars_sum total_bookings is_active is_published published_at"
        " created_at updated_at",
        [_activity(v, a, long_ago, stars) for v in venues for a in v.plan.activities],
    )
    yield table(
        "activity_recurring_schedules",
        "id activity_id venue_id room_id schedule_name days_of_week start_time duration_minutes capacity"
        " effective_from platform_allocated_spots default_instructor_name sessions_generated_until created_at"
        " updated_at",
        [
            (
                s.id,
                v.activities[s.activity.name],
                v.id,
                v.rooms[s.activity.room],
                s.activity.name,
                json.dumps(list(s.days)),
                time(*divmod(s.start_minute, 60)),
                s.minutes,
                s.activity.places,
                s.since,
                s.activity.places // 3,
                s.activity.instructor,
                v.today + timedelta(days=60),
                long_ago,
                long_ago,
            )
            for v in venues
            for s in v.series
        ],
    )
    chance = rows_people.ids("schedule exceptions")
    yield table(
        "schedule_exceptions",
        "id venue_id schedule_id exception_date kind reason created_at updated_at",
        [
            (chance.uuid(), v.id, s.id, day, "skipped", why, long_ago, long_ago)
            for v in venues
            for s in v.series
            for day, why in s.skipped.items()
        ],
    )
    yield table(
        "activity_sessions",
        "id activity_id venue_id room_id recurring_schedule_id occurs_on starts_at ends_at session_date start_time"
        " end_time timezone time_of_day total_capacity booked_count platform_allocated_spots is_cancelled"
        " cancellation_reason cancelled_at cancelled_by is_completed completed_at closed_at closed_by instructor_name"
        " inventory_released inventory_released_at created_at updated_at",
        [_session(session, at) for v in venues for session in v.sessions],
    )


def bookings(
    venues: list[Venue], events: list[tuple[Booking, Event]], waiting: list[Waiting]
) -> Iterator[TableRows]:
    """Bookings, what happened to them at the desks, and the queues."""
    yield table(
        "bookings",
        "id session_id venue_id child_id booked_by status credits_charged group_booking_id confirmation_code"
        " confirmed_at cancelled_at cancellation_reason refund_eligible refund_processed refund_processed_at"
        " credits_refunded attendance_marked attendance_marked_at attendance_marked_by attendance_state attendance_at"
        " attendance_event_id checked_in_at checked_out_at parent_notes venue_notes booking_source reminder_24h_sent"
        " created_at updated_at",
        [_booking(booking) for v in venues for session in v.sessions for booking in session.bookings],
    )
    yield table(
        "attendance_events",
        "id venue_id device_id seq booking_id session_id kind occurred_at recorded_at person_id origin"
        " pickup_person_id pickup_name outcome detail",
        [
            (
                e.id,
                e.desk.venue.id,
                e.desk.id,
                e.seq,
                b.id,
                b.session.id,
                e.kind,
                e.at,
                e.at + timedelta(milliseconds=180),
                e.person.id,
                "live",
                e.pickup.id if e.pickup else None,
                e.pickup.name if e.pickup else None,
                "applied",
                "{}",
            )
            for b, e in events
        ],
    )
    chance = rows_people.ids("waitlist")
    yield table(
        "waitlist",
        "id session_id venue_id child_id user_id position joined_at created_at updated_at",
        [
            (
                chance.uuid(),
                w.session.id,
                w.session.venue.id,
                w.child.id,
                w.child.parent.id,
                w.position,
                w.joined,
                w.joined,
                w.joined,
            )
            for w in sorted(waiting, key=lambda w: (w.session.id, w.position))
        ],
    )


def attention(items: list[OpenItem], closures: list[Closure]) -> Iterator[TableRows]:
    """What waits for a manager, and the rooms that are shut."""
    yield table(
        "review_items",
        "id venue_id kind booking_id session_id summary opened_at updated_at",
        [
            (i.id, i.session.venue.id, "unmarked_after_close", i.booking.id, i.session.id,
             "Closed by the night; one child was not marked.", i.opened, i.opened)
            for i in items
        ],
    )  # fmt: skip
    yield table(
        "venue_closures",
        "id venue_id starts_at ends_at reason explanation created_by",
        [
            (c.id, c.venue.id, c.starts, c.ends, "maintenance", c.why, c.venue.who("manager").id)
            for c in closures
        ],
    )
    yield table(
        "venue_closure_rooms",
        "closure_id room_id venue_id",
        [(c.id, c.venue.rooms[c.room], c.venue.id) for c in closures],
    )


def ledger(books: list[Balance], goodwill_by: Staff) -> Iterator[TableRows]:
    """Balances and the entries they are the sum of."""
    yield table(
        "user_credit_balances",
        "id user_id billing_period_start billing_period_end credits_allocated credits_available credits_used"
        " credits_refunded credits_forfeited entries last_refresh_at created_at updated_at",
        [_balance(balance) for balance in books],
    )
    chance = rows_people.ids("ledger")
    entries = []
    for balance in books:
        running = 0
        for number, entry in enumerate(balance.entries, start=1):
            running += entry.amount
            entries.append(
                (
                    chance.uuid(),
                    balance.parent.id,
                    balance.id,
                    number,
                    entry.kind,
                    entry.amount,
                    entry.forfeited,
                    running,
                    entry.booking.id if entry.booking else None,
                    entry.text or None,
                    goodwill_by.id if entry.kind == "adjustment" else None,
                    f"demo:{balance.id}:{number}",
                    entry.at,
                )
            )
    yield table(
        "credit_ledger",
        "id user_id balance_id entry_no transaction_type amount forfeited_amount balance_after booking_id description"
        " adjusted_by idempotency_key created_at",
        entries,
    )


def opinions(by_venue: list[tuple[list[Feedback], list[Review]]]) -> Iterator[TableRows]:
    """Feedback and reviews."""
    yield table(
        "booking_feedback",
        "id booking_id venue_id is_positive positive_tags negative_tags submitted_at",
        [
            (
                f.id,
                f.booking.id,
                f.booking.session.venue.id,
                f.positive,
                json.dumps([f.tag] if f.positive else []),
                json.dumps([] if f.positive else [f.tag]),
                f.at,
            )
            for thumbs, _ in by_venue
            for f in thumbs
        ],
    )
    yield table(
        "reviews",
        "id booking_id activity_id venue_id user_id rating would_book_again would_recommend_venue review_text"
        " venue_response venue_responded_at venue_responded_by submitted_at created_at updated_at"
        " is_flagged flagged_reason looked_at",
        [_review(review) for _, reviews in by_venue for review in reviews],
    )


def _review(review: Review) -> tuple[object, ...]:
    venue = review.booking.session.venue
    return (
        review.id,
        review.booking.id,
        venue.activities[review.booking.session.activity.name],
        venue.id,
        review.booking.child.parent.id,
        review.rating,
        review.rating >= 3,
        review.rating >= 4,
        review.text,
        review.reply,
        review.replied,
        venue.who("manager").id if review.reply else None,
        review.at,
        review.at,
        review.at,
        review.flagged is not None,
        review.flagged,
        review.looked_at,
    )


def _activity(
    venue: Venue, plan: ActivityPlan, since: datetime, stars: Mapping[str, tuple[Decimal, int, int]]
) -> tuple[object, ...]:
    average, reviews, total = stars.get(venue.activities[plan.name], (Decimal(0), 0, 0))
    taken = sum(s.taken() for s in venue.sessions if s.activity.name == plan.name)
    outdoors = plan.category == "nature"
    return (
        venue.activities[plan.name],
        venue.id,
        plan.name,
        rows_people.slug(plan.name),
        plan.category,
        plan.blurb,
        f"{plan.blurb} {plan.minutes} minutes with {plan.instructor}, at most {plan.places} children.",
        plan.min_months,
        plan.max_months,
        plan.minutes,
        plan.credits,
        plan.places,
        plan.max_months < 48,
        json.dumps({"indoor": not outdoors, "outdoor": outdoors}),
        average,
        reviews,
        total,
        taken,
        True,
        True,
        since,
        since,
        since,
    )


def _session(session: Session, at: datetime) -> tuple[object, ...]:
    venue = session.venue
    starts, ends = session.starts.astimezone(venue.zone), session.ends.astimezone(venue.zone)
    wall = starts.time()
    part = "morning" if wall < time(12) else "afternoon" if wall < time(17) else "evening"
    closer = venue.who("front_desk").id if session.closed and not session.by_night else None
    released = session.starts - timedelta(hours=72)
    done = released <= at
    made = min(session.starts - timedelta(days=62), at)
    return (
        session.id,
        venue.activities[session.activity.name],
        venue.id,
        venue.rooms[session.activity.room],
        session.series.id if session.series else None,
        starts.date() if session.series else None,
        session.starts,
        session.ends,
        starts.date(),
        wall,
        ends.time(),
        venue.plan.timezone,
        part,
        session.activity.places,
        session.taken(),
        session.activity.places // 3,
        session.cancelled is not None,
        session.cancelled_why,
        session.cancelled,
        venue.who("manager").id if session.cancelled else None,
        session.closed is not None,
        session.closed,
        session.closed,
        closer,
        session.activity.instructor,
        done,
        released if done else None,
        made,
        max(made, session.closed or session.cancelled or made),
    )


def _booking(booking: Booking) -> tuple[object, ...]:
    last = booking.events[-1] if booking.events else None
    came = next((event.at for event in booking.events if event.kind == "check_in"), None)
    left = next((event.at for event in booking.events if event.kind == "check_out"), None)
    reminded = booking.session.starts - timedelta(hours=24)
    cancelled = booking.cancelled is not None
    return (
        booking.id,
        booking.session.id,
        booking.session.venue.id,
        booking.child.id,
        booking.child.parent.id,
        booking.status,
        booking.session.activity.credits,
        booking.group,
        booking.code,
        None if booking.status == "pending" else booking.created + timedelta(minutes=2),
        booking.cancelled,
        booking.reason,
        booking.refunded_at is not None if cancelled else None,
        booking.refunded > 0,
        (booking.refunded_at or booking.partly_back) if booking.refunded else None,
        booking.refunded,
        last is not None,
        last.at if last else None,
        last.person.id if last else None,
        booking.state,
        last.at if last else None,
        last.id if last else None,
        came,
        left,
        booking.parent_note,
        booking.venue_note,
        booking.source,
        reminded < (last.at if last else datetime.min.replace(tzinfo=UTC)),
        booking.created,
        last.at if last else booking.cancelled or booking.created,
    )


def _balance(balance: Balance) -> tuple[object, ...]:
    def total(*kinds: str) -> int:
        return sum(entry.amount for entry in balance.entries if entry.kind in kinds)

    newest = balance.entries[-1].at
    return (
        balance.id,
        balance.parent.id,
        balance.start,
        balance.end,
        total("allocation"),
        balance.available,
        -total("booking_debit"),
        total("refund_credit", "partial_refund"),
        sum(entry.forfeited for entry in balance.entries),
        len(balance.entries),
        newest,
        balance.entries[0].at,
        newest,
    )
