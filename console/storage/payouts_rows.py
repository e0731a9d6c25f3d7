"""Rows of the `payouts.*` and `books.*` functions as values of the domain."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from console.domain.payouts import (
    BookPeriod,
    Caution,
    Hold,
    LineReason,
    Payout,
    PayoutLine,
    PayoutState,
    Run,
    RunPreview,
    Sums,
    TrailStep,
    VenuePreview,
    trail_words,
)

Row = Mapping[str, Any]


def _sums(row: Row) -> Sums:
    return Sums(
        gross=row["gross"],
        fee=row["fee"],
        adjustments=row["adjustments"],
        carried_in=row["carried_in"],
        carried_out=row["carried_out"],
        net=row["net"],
        credits=int(row["credits"]),
        bookings=row["bookings"],
    )


def payout(row: Row) -> Payout:
    """A row of payouts.list or payouts.payout."""
    return Payout(
        id=row["id"],
        version=row["version"],
        venue_id=row["venue_id"],
        venue=row["venue"],
        timezone=row["timezone"],
        period_start=row["period_start"],
        period_end=row["period_end"],
        state=PayoutState(row["state"]),
        sums=_sums(row),
        fee_percentage=row["fee_percentage"],
        credit_value=row["credit_value"],
        currency=row["currency"],
        adjustment_lines=row["adjustment_lines"],
        hold_reason=row["hold_reason"],
        failure=row["failure"],
        sent_at=row["sent_at"],
        paid_at=row["paid_at"],
        method=row["method"],
        reference=row["reference"],
        account_end=row["account_end"],
        run_id=row["run_id"],
        statement_id=row["statement_id"],
        made_at=row["made_at"],
    )


def line(row: Row) -> PayoutLine:
    """A row of payouts.lines."""
    return PayoutLine(**{**row, "reason": row["reason"] and LineReason(row["reason"])})


def trail_step(row: Row) -> TrailStep:
    """A row of payouts.trail."""
    words = trail_words(
        row["kind"],
        amount=row["amount"],
        fee=row["fee"],
        credits=row["credits"],
        desk=row["desk"],
        hours=row["hours"],
        reason=row["reason"],
        period=row["period"],
    )
    return TrailStep(row["kind"], words, row["at"], row["amount"])


def preview(period_start: date, rows: Sequence[Row]) -> RunPreview:
    """The rows of payouts.preview: one for each venue, or one without a venue."""
    first = rows[0]
    following = (period_start + timedelta(days=32)).replace(day=1)
    return RunPreview(
        period_start=period_start,
        period_end=following - timedelta(days=1),
        credit_value=first["credit_value"],
        currency=first["currency"],
        venues=tuple(_venue(row) for row in rows if row["venue_id"] is not None),
        fingerprint=first["fingerprint"],
        is_closed=first["is_closed"],
    )


def _venue(row: Row) -> VenuePreview:
    return VenuePreview(
        venue_id=row["venue_id"],
        venue=row["venue"],
        sums=_sums(row),
        fee_percentage=row["fee_percentage"],
        adjustment_lines=row["adjustment_lines"],
        warnings=tuple(Caution(word) for word in row["warnings"]),
        open_reviews=row["open_reviews"],
        existing_id=row["existing_id"],
        state=PayoutState(row["state"]),
        waits=row["waits"],
    )


def run(row: Row) -> Run:
    """A row of payouts.make, runs, approve or withdraw."""
    return Run(
        id=row["id"],
        version=row["version"],
        period_start=row["period_start"],
        venues=row["venues_made"],
        net=row["net"],
        currency=row["currency"],
        state=row["state"],
        made_by=row["made_by"],
        made_at=row["made_at"],
        approved_by=row["approved_by"],
        approved_at=row["approved_at"],
        mine=row["mine"],
    )


def hold(row: Row) -> Hold:
    """A row of payouts.holds, hold or release."""
    return Hold(
        id=row["id"],
        venue_id=row["venue_id"],
        venue=row["venue"],
        reason=row["reason"] if "reason" in row else row["why"],
        placed_by=row["placed_by"],
        placed_at=row["placed_at"],
        released_at=row["released_at"],
        release_reason=row["release_reason"],
    )


def book_period(row: Row) -> BookPeriod:
    """A row of books.months, close or reopen."""
    return BookPeriod(
        period_start=row["period_start"],
        payouts=row["payouts"],
        unpaid=row["unpaid"],
        gross=row["gross"],
        fee=row["fee"],
        net=row["net"],
        closed_at=row["closed_at"],
        closed_by=row["closed_by"],
        reopened=row["reopened"],
        may_close=row["why_not"] is None,
        why_not=row["why_not"],
    )
