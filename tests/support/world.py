"""Two venues with a row in every table a desk may read, and the platform's tables beside them.

Policy tests ask of each role how much of it shows; attack tests look for what must not. Made once per module, as
administrator.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID, uuid4

from tests.support import factories
from tests.support.databases import Connection

PEANUT = "Carries an adrenaline pen."
SECRET_NOTE = "Epilepsy, call mother first."


@dataclass(frozen=True)
class Corner:
    """One venue and what belongs to it."""

    venue: UUID
    room: UUID
    activity: UUID
    session: UUID
    child: UUID
    parent: UUID
    booking: UUID
    event: UUID
    payout: UUID


@dataclass(frozen=True)
class World:
    """Two venues that must not see each other."""

    here: Corner
    there: Corner


def build(admin: Connection) -> World:
    """Fill an upgraded, otherwise empty database."""
    made = World(_corner(admin), _corner(admin))
    _platform(admin, made.here.parent)
    return made


def _corner(admin: Connection) -> Corner:
    venue = factories.venue(admin)
    room = factories.room(admin, venue)
    activity = factories.activity(admin, venue)
    schedule = factories.schedule(admin, activity)
    now = admin.execute("SELECT date_trunc('minute', app.now())").fetchone()
    assert now is not None
    session = factories.session(admin, activity, starts_at=now[0], room_id=room)
    parent = factories.parent(admin)
    child = factories.child(admin, parent)
    factories.health_note(admin, child, instructions=PEANUT)
    pickup = factories.pickup_person(admin, child)
    booking = factories.booking(admin, session, child, parent_notes=SECRET_NOTE, venue_notes=SECRET_NOTE)
    past = factories.session(admin, activity, starts_at=now[0] - timedelta(days=40))
    done = factories.booking(admin, past, child, status="completed")
    balance = factories.balance(admin, parent, 20)
    factories.ledger(admin, balance, "booking_debit", -2, booking_id=booking)
    desk = factories.device(admin, venue)
    event = factories.event(
        admin,
        booking,
        desk,
        factories.staff(admin, "front_desk", venue),
        pickup_person_id=pickup,
        pickup_name="Grandma",
    )
    closure = factories.insert(
        admin,
        "venue_closures",
        {"venue_id": venue, "starts_at": now[0], "ends_at": now[0] + timedelta(days=1), "reason": "holiday"},
    )
    admin.execute("INSERT INTO venue_closure_rooms VALUES (%s, %s, %s)", [closure, room, venue])
    rows: list[tuple[str, dict[str, object]]] = [
        (
            "schedule_exceptions",
            {"schedule_id": schedule, "exception_date": date(2026, 3, 2), "kind": "skipped"},
        ),
        (
            "waitlist",
            {"session_id": session, "child_id": factories.child(admin), "user_id": parent, "position": 1},
        ),
        (
            "review_items",
            {"kind": "other", "summary": SECRET_NOTE, "booking_id": booking, "session_id": session},
        ),
        ("booking_feedback", {"booking_id": done, "is_positive": True}),
        ("reviews", {"booking_id": done, "activity_id": activity, "user_id": parent, "rating": 5}),
        ("venue_performance_scores", {"score_week_start": date(2026, 3, 2)}),
        ("venue_requirements", {"requirement": "insurance"}),
        ("import_mappings", {"shape": "0" * 64, "mapping": {}}),
        ("programme_changes", {"id": uuid4(), "kind": "series_new", "change": {}, "answer": {}}),
        ("venue_integrations", {"integration_type": "manual", "webhook_secret": "hush"}),
    ]
    admin.execute(
        "INSERT INTO app.tombstones (venue_id, table_name, row_id) VALUES (%s, 'rooms', %s)", [venue, room]
    )
    for table, columns in rows:
        factories.insert(admin, table, {"venue_id": venue} | columns)
    payout = factories.insert(
        admin,
        "venue_payouts",
        {
            "venue_id": venue,
            "payout_period_start": date(2026, 2, 1),
            "payout_period_end": date(2026, 2, 28),
            "platform_fee_percentage": 10,
        },
    )
    factories.insert(
        admin,
        "payout_entries",
        {"payout_id": payout, "venue_id": venue, "kind": "adjustment", "description": "Opening balance"},
    )
    factories.sheet(admin, payout, done, first_position=2)
    finance = factories.staff(admin, "platform_finance")
    factories.insert(
        admin, "payout_holds", {"venue_id": venue, "reason": "Account in doubt", "placed_by": finance}
    )
    factories.insert(
        admin,
        "payout_attempts",
        {
            "payout_id": payout,
            "venue_id": venue,
            "attempt": 1,
            "method": "transfer",
            "idempotency_key": f"payout-{payout}-1",
            "amount": 10,
            "currency": "USD",
            "provider_id": f"tr_hush_{payout}",
            "destination": "acct_hush",
        },
    )
    return Corner(venue, room, activity, session, child, parent, booking, event, payout)


def _platform(admin: Connection, person: UUID) -> None:
    corporate = factories.corporate(admin)
    subscription = factories.subscription(admin, corporate)
    invoice = factories.insert(
        admin,
        "invoices",
        {
            "corporate_id": corporate,
            "subscription_id": subscription,
            "billing_period_start": date(2026, 2, 1),
            "billing_period_end": date(2026, 2, 28),
            "subtotal": 10,
            "total_amount": 10,
            "line_items": [],
        },
    )
    factories.insert(
        admin,
        "credit_notes",
        {
            "credit_note_number": "CN-2026-1",
            "invoice_id": invoice,
            "reason": "Wrong period",
            "subtotal": 5,
            "total_amount": 5,
            "line_items": [],
            "issuer": {},
            "recipient": {},
        },
    )
    finance = factories.staff(admin, "platform_finance")
    month = date(2026, 2, 1)
    factories.insert(admin, "payout_runs", {"id": uuid4(), "period_start": month, "made_by": finance})
    factories.insert(admin, "book_closings", {"period_start": date(2025, 1, 1), "closed_by": finance})
    payment = {"id": uuid4(), "invoice_id": invoice, "amount": 4, "paid_on": month, "method": "card"}
    factories.insert(admin, "invoice_payments", payment)
    factories.insert(admin, "book_checks", {"found": 0})
    factories.insert(
        admin,
        "integrity_issues",
        {"check_key": "ledger", "subject_type": "balance", "subject_key": "b1", "detail": "Off by 1."},
    )
    admin.execute("INSERT INTO invoice_series (series, year) VALUES ('TEST', 2026)")
    factories.insert(admin, "feature_flags", {"flag_key": "flag", "name": "Flag"})
    factories.insert(
        admin, "notification_templates", {"template_key": "t", "channel": "email", "name": "Template"}
    )
    staff = factories.staff(admin, "platform_admin")
    factories.insert(
        admin,
        "api_keys",
        {"name": "Key", "key_hash": "hush", "key_prefix": "nx", "key_type": "testing", "created_by": staff},
    )
    factories.insert(admin, "data_export_requests", {"user_id": person, "export_type": "full_data"})
    admin.execute(
        "INSERT INTO audit_logs (action_category, action_type, entity_type) VALUES ('admin', 'test', 'test')"
    )
    admin.execute(
        """INSERT INTO platform_settings (key, value, data_type, is_public)
           VALUES ('hidden_setting', '1', 'number', false), ('shown_setting', '1', 'number', true)"""
    )
