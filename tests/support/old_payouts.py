"""Payouts as older versions kept them, for the tests of upgrades: a row for each booking, until version 0005."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from tests.support import factories
from tests.support.databases import Connection

_LINES = """SELECT payout_id, venue_id, kind, booking_id, adjusts_payout_id, description, credits, gross, fee_share,
       net, created_at
  FROM payout_lines ORDER BY payout_id, booking_id, kind"""


def paid_out(connection: Connection, booking: UUID, version: str) -> int:
    """Two payouts with their lines, whose places and reasons are known from version 0004 on.

    Answers how many sessions have lines that the newest version tells from running sums.
    """
    venue = factories.venue_of(connection, "bookings", booking)
    made = _payout(connection, venue)
    rows = [
        (booking, "adjustment", -10, "-3.33", "-0.58", "refunded"),
        (booking, "booking", 10, "3.33", "0.58", "no_show"),
    ]
    session = factories.session(connection, factories.activity(connection, venue))
    for gross, fee in (("3.34", "0.59"), ("3.33", "0.58")):
        counted = factories.booking(connection, session, factories.child(connection))
        rows.append((counted, "booking", 10, gross, fee, "attended"))
    _write(connection, made, venue, rows, version)
    # Somebody wrote this one by hand: its cents are not what the sums would give.
    other = factories.booking(connection)
    elsewhere = factories.venue_of(connection, "bookings", other)
    by_hand = [(other, "booking", 10, "3.00", "0.50", "attended")]
    _write(connection, _payout(connection, elsewhere), elsewhere, by_hand, version)
    return 2 if version == "0004" else 0


def lines(connection: Connection) -> list[tuple[Any, ...]]:
    """The lines of all payouts, but for their ids and what version 0004 added."""
    return connection.execute(_LINES.encode()).fetchall()


def _payout(connection: Connection, venue: UUID) -> UUID:
    month = {"payout_period_start": "2026-02-01", "payout_period_end": "2026-02-28"}
    rates = {"platform_fee_percentage": "17.50", "credit_value": "0.3333"}
    return factories.insert(connection, "venue_payouts", month | rates | {"venue_id": venue})


def _write(
    connection: Connection,
    payout: UUID,
    venue: UUID,
    rows: list[tuple[UUID, str, int, str, str, str]],
    version: str,
) -> None:
    with connection.transaction():
        for position, (booking, kind, credits, gross, fee, reason) in enumerate(rows, 1):
            row: dict[str, Any] = {
                "payout_id": payout,
                "venue_id": venue,
                "kind": kind,
                "booking_id": booking,
            }
            row |= {"credits": credits, "gross": gross, "fee_share": fee}
            if version >= "0004":
                row |= {"reason": reason, "position": position}
            factories.insert(connection, "payout_lines" if version < "0005" else "payout_entries", row)
