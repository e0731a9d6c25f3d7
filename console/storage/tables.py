"""The tables that screens read directly, as SQLAlchemy knows them.

Only what row-level security and the column grants let a desk read is here: personal data comes out of definer
functions (docs/design.md, "The database", authorisation) and so has no place in these. Columns are named one by one,
because a query that says "all columns" breaks on the first one that is not granted. A test holds every name and type
against the database.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    Boolean,
    Column,
    Date,
    DateTime,
    Integer,
    MetaData,
    Numeric,
    String,
    Table,
    Text,
    Time,
    Uuid,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.types import TypeEngine

metadata = MetaData()

_ID = Uuid()
_TEXT = Text()
_WORD = String()  # varchar and enum alike: compared and shown as text
_WHOLE = Integer()
_FLAG = Boolean()
_AT = DateTime(timezone=True)
_DAY = Date()
_CLOCK = Time()
_JSON = JSONB()
_MONEY = Numeric(12, 2)
_PERCENT = Numeric(5, 2)


def _table(name: str, /, **columns: TypeEngine[Any]) -> Table:
    return Table(name, metadata, *(Column(column, kind, key=column) for column, kind in columns.items()))


venues = _table(
    "venues",
    id=_ID, name=_WORD, slug=_WORD, short_description=_WORD, full_description=_TEXT, primary_category=_WORD,
    status=_WORD, address_line1=_WORD, address_line2=_WORD, city=_WORD, state=_WORD, postal_code=_WORD,
    country=_WORD, timezone=_WORD, contact_email=_WORD, contact_phone=_WORD, website_url=_WORD,
    business_hours=_JSON, platform_fee_percentage=_PERCENT, current_performance_score=_PERCENT,
    is_curation_eligible=_FLAG, next_verification_due=_DAY, insurance_expiry_date=_DAY, created_at=_AT,
    updated_at=_AT, approved_at=_AT, version=_WHOLE,
)  # fmt: skip

rooms = _table("rooms", id=_ID, venue_id=_ID, name=_WORD, capacity=_WHOLE, is_active=_FLAG, version=_WHOLE)

activities = _table(
    "activities",
    id=_ID, venue_id=_ID, name=_WORD, slug=_WORD, category=_WORD, short_description=_WORD,
    full_description=_TEXT, min_age_months=_WHOLE, max_age_months=_WHOLE, duration_minutes=_WHOLE,
    credits_required=_WHOLE, capacity_per_session=_WHOLE, primary_image_url=_WORD, activity_tags=_JSON,
    skill_level=_WORD,
    is_active=_FLAG, is_published=_FLAG, average_rating=Numeric(3, 2), total_reviews=_WHOLE, updated_at=_AT,
    published_at=_AT, version=_WHOLE,
)  # fmt: skip

schedules = _table(
    "activity_recurring_schedules",
    id=_ID, activity_id=_ID, venue_id=_ID, room_id=_ID, schedule_name=_WORD, days_of_week=_JSON,
    start_time=_CLOCK, duration_minutes=_WHOLE, capacity=_WHOLE, effective_from=_DAY, effective_until=_DAY,
    platform_allocated_spots=_WHOLE, default_instructor_name=_WORD, is_active=_FLAG,
    sessions_generated_until=_DAY, split_from_id=_ID, version=_WHOLE,
)  # fmt: skip

schedule_exceptions = _table(
    "schedule_exceptions",
    id=_ID, venue_id=_ID, schedule_id=_ID, exception_date=_DAY, kind=_WORD, reason=_TEXT, version=_WHOLE,
)  # fmt: skip

closures = _table(
    "venue_closures",
    id=_ID, venue_id=_ID, starts_at=_AT, ends_at=_AT, reason=_WORD, explanation=_TEXT, lifted_at=_AT,
    version=_WHOLE,
)  # fmt: skip

closure_rooms = _table("venue_closure_rooms", closure_id=_ID, room_id=_ID, venue_id=_ID)

sessions = _table(
    "activity_sessions",
    id=_ID, activity_id=_ID, venue_id=_ID, room_id=_ID, recurring_schedule_id=_ID, starts_at=_AT, ends_at=_AT,
    session_date=_DAY, start_time=_CLOCK, end_time=_CLOCK, timezone=_WORD, time_of_day=_WORD,
    total_capacity=_WHOLE, booked_count=_WHOLE, platform_allocated_spots=_WHOLE, is_cancelled=_FLAG,
    cancellation_reason=_TEXT, cancelled_at=_AT, is_completed=_FLAG, closed_at=_AT, instructor_name=_WORD,
    inventory_released=_FLAG, changed_by_hand=_FLAG, updated_at=_AT, version=_WHOLE,
)  # fmt: skip

bookings = _table(
    "bookings",
    id=_ID, session_id=_ID, venue_id=_ID, status=_WORD, credits_charged=_WHOLE, credits_refunded=_WHOLE,
    group_booking_id=_ID, confirmation_code=_WORD, cancelled_at=_AT, cancellation_reason=_WORD,
    attendance_state=_WORD, attendance_at=_AT, checked_in_at=_AT, checked_out_at=_AT, created_at=_AT,
    version=_WHOLE,
)  # fmt: skip

waitlist = _table(
    "waitlist",
    id=_ID, session_id=_ID, venue_id=_ID, position=_WHOLE, joined_at=_AT, spot_offered_at=_AT,
    spot_expires_at=_AT, response=_WORD, is_active=_FLAG, removed_reason=_WORD, version=_WHOLE,
)  # fmt: skip

review_items = _table(
    "review_items",
    id=_ID, venue_id=_ID, kind=_WORD, booking_id=_ID, session_id=_ID, event_id=_ID, opened_at=_AT,
    resolved_at=_AT, resolution=_TEXT, version=_WHOLE,
)  # fmt: skip

reviews = _table(
    "reviews",
    id=_ID, booking_id=_ID, activity_id=_ID, venue_id=_ID, rating=_WHOLE, would_book_again=_FLAG,
    review_text=_TEXT, is_visible=_FLAG, venue_response=_TEXT, venue_responded_at=_AT, is_flagged=_FLAG,
    submitted_at=_AT, version=_WHOLE,
)  # fmt: skip

scores = _table(
    "venue_performance_scores",
    id=_ID, venue_id=_ID, score_week_start=_DAY, revision=_WHOLE, formula_version=_WHOLE,
    parent_feedback_score=_PERCENT, repeat_booking_score=_PERCENT, cancellation_score=_PERCENT,
    no_show_score=_PERCENT, inputs=_JSON, composite_score=_PERCENT, is_insufficient=_FLAG,
    score_change=_PERCENT, calculated_at=_AT,
)  # fmt: skip

requirements = _table(
    "venue_requirements",
    id=_ID, venue_id=_ID, requirement=_WORD, state=_WORD, expires_on=_DAY, claimed_by=_ID, claimed_at=_AT,
    decided_at=_AT, exception_reason=_TEXT, version=_WHOLE,
)  # fmt: skip

payouts = _table(
    "venue_payouts",
    id=_ID, venue_id=_ID, payout_period_start=_DAY, payout_period_end=_DAY, total_bookings=_WHOLE,
    total_attendees=_WHOLE, credit_value=Numeric(12, 4), currency=_WORD, gross_revenue=_MONEY,
    platform_fee_percentage=_PERCENT, platform_fee_amount=_MONEY, adjustments_amount=_MONEY,
    carried_in=_MONEY, carried_out=_MONEY, net_payout=_MONEY, status=_WORD, hold_reason=_TEXT, paid_at=_AT,
    failure_reason=_TEXT, version=_WHOLE,
)  # fmt: skip

corporates = _table(
    "corporates",
    id=_ID, company_name=_WORD, display_name=_WORD, industry=_WORD, employee_count=_WHOLE, tax_id=_WORD,
    billing_address_line1=_WORD, billing_address_line2=_WORD, billing_city=_WORD, billing_state=_WORD,
    billing_postal_code=_WORD, billing_country=_WORD, primary_contact_name=_WORD, primary_contact_email=_WORD,
    primary_contact_phone=_WORD, billing_email=_WORD, invoice_currency=_WORD, tax_rate=_PERCENT,
    purchase_order_number=_WORD, payment_terms_days=_WHOLE, is_active=_FLAG, contract_start_date=_DAY,
    contract_end_date=_DAY, version=_WHOLE,
)  # fmt: skip

subscriptions = _table(
    "corporate_subscriptions",
    id=_ID, corporate_id=_ID, tier=_WORD, covered_employees=_WHOLE, credits_per_employee=_WHOLE,
    monthly_cost=_MONEY, billing_cycle_day=_WHOLE, start_date=_DAY, end_date=_DAY, is_active=_FLAG,
    version=_WHOLE,
)  # fmt: skip

invoices = _table(
    "invoices",
    id=_ID, invoice_number=_WORD, corporate_id=_ID, subscription_id=_ID, billing_period_start=_DAY,
    billing_period_end=_DAY, subtotal=_MONEY, tax_amount=_MONEY, total_amount=_MONEY, currency=_WORD,
    status=_WORD, issued_at=_AT, due_date=_DAY, paid_at=_AT, paid_amount=_MONEY, sent_at=_AT,
    send_state=_WORD, credited_by_id=_ID, version=_WHOLE,
)  # fmt: skip

credit_notes = _table("credit_notes", id=_ID, credit_note_number=_WORD, invoice_id=_ID)

settings = _table(
    "platform_settings",
    key=_WORD, value=_JSON, description=_TEXT, category=_WORD, data_type=_WORD, updated_at=_AT,
    version=_WHOLE,
)  # fmt: skip
