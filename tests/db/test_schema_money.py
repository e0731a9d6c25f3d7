"""Payouts, invoices, documents, scores and requirements: what their tables refuse.

docs/design.md, "Where the reference schema needs a decision" and "Rules of the domain" (payouts, invoices, scores,
compliance).
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from hashlib import sha256
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest

from tests.support import factories
from tests.support.databases import Connection
from tests.support.factories import NOON, one, refuses


def payout(connection: Connection, **columns: Any) -> UUID:
    """A pending payout of March: 100.00 gross, 17.50 fee."""
    row = {
        "venue_id": columns.get("venue_id") or factories.venue(connection),
        "payout_period_start": date(2026, 3, 1),
        "payout_period_end": date(2026, 3, 31),
        "gross_revenue": "100.00",
        "platform_fee_percentage": "17.50",
        "platform_fee_amount": "17.50",
        "net_payout": "82.50",
    }
    return factories.insert(connection, "venue_payouts", row | columns)


def line(connection: Connection, payout_id: UUID, **columns: Any) -> UUID:
    venue = factories.venue_of(connection, "venue_payouts", payout_id)
    row = {
        "payout_id": payout_id,
        "venue_id": venue,
        "kind": "adjustment",
        "gross": "10.00",
        "fee_share": "1.75",
    }
    return factories.insert(connection, "payout_entries", row | columns)


def invoice(connection: Connection, **columns: Any) -> UUID:
    """A draft for March: 2000.00 and 165.00 tax."""
    subscription = columns.pop("subscription_id", None) or factories.subscription(connection)
    row = {
        "subscription_id": subscription,
        "corporate_id": one(
            connection, "SELECT corporate_id FROM corporate_subscriptions WHERE id = %s", subscription
        ),
        "billing_period_start": date(2026, 3, 1),
        "billing_period_end": date(2026, 3, 31),
        "subtotal": "2000.00",
        "tax_amount": "165.00",
        "total_amount": "2165.00",
        "line_items": [{"text": "Standard plan", "amount": "2000.00"}],
    }
    return factories.insert(connection, "invoices", row | columns)


ISSUED: dict[str, Any] = {
    "status": "issued",
    "invoice_number": "INV-2026-0001",
    "issued_at": NOON,
    "due_date": date(2026, 4, 30),
    "issuer": {"name": "Nexus"},
    "recipient": {"name": "Company"},
}


def test_a_payout_adds_up(tx: Connection) -> None:
    payout(tx)
    refuses(tx, "venue_payouts_adds_up", payout, net_payout="82.51")
    refuses(tx, "venue_payouts_adds_up", payout, adjustments_amount="-5.00")


def test_a_debt_is_carried_forward_and_never_paid(tx: Connection) -> None:
    payout(tx, adjustments_amount="-100.00", net_payout="0", carried_out="-17.50")
    payout(tx, carried_in="-17.50", net_payout="65.00")
    refuses(tx, "venue_payouts_net_payout_check", payout, adjustments_amount="-100.00", net_payout="-17.50")
    refuses(tx, "venue_payouts_carry_or_pay", payout, net_payout="92.50", carried_out="-10.00")


def test_a_venue_is_paid_once_for_a_period(tx: Connection) -> None:
    first = payout(tx)
    refuses(tx, "unique_venue_payout_period", payout, venue_id=factories.venue_of(tx, "venue_payouts", first))


@pytest.mark.parametrize(
    ("status", "rule"),
    [
        ("paid", "paid_whole"),
        ("failed", "failed_says_why"),
        ("on_hold", "hold_says_why"),
        ("lost", "status_check"),
    ],
)
def test_a_payouts_status_says_what_it_needs(tx: Connection, status: str, rule: str) -> None:
    refuses(tx, f"venue_payouts_{rule}", payout, status=status)


def test_the_amounts_of_a_payout_are_fixed_once_it_is_under_way(tx: Connection) -> None:
    made = payout(tx)
    first = line(tx, made)
    tx.execute("UPDATE venue_payouts SET status = 'processing' WHERE id = %s", [made])
    for statement in (
        "UPDATE venue_payouts SET gross_revenue = 200, net_payout = 182.5 WHERE id = %s",
        "DELETE FROM venue_payouts WHERE id = %s",
        "DELETE FROM payout_entries WHERE payout_id = %s",
        "UPDATE payout_entries SET gross = 1 WHERE payout_id = %s",
    ):
        with pytest.raises(psycopg.errors.InsufficientPrivilege, match="fixed"), tx.transaction():
            tx.execute(statement.encode(), [made])
    with pytest.raises(psycopg.errors.InsufficientPrivilege, match="fixed"), tx.transaction():
        line(tx, made)
    tx.execute("UPDATE venue_payouts SET status = 'paid', paid_at = %s WHERE id = %s", [NOON, made])
    assert one(tx, "SELECT net FROM payout_lines WHERE id = %s", first) == 10 - 1.75


def test_a_booking_is_paid_for_once(tx: Connection) -> None:
    booking = factories.booking(tx)
    made = payout(tx, venue_id=factories.venue_of(tx, "bookings", booking))
    factories.sheet(tx, made, booking)
    refuses(tx, "payout_sheets_pkey", factories.sheet, made, booking, first_position=2)
    refuses(tx, "payout_entries_booking_once", line, made, kind="booking", booking_id=booking)
    line(tx, made, booking_id=booking)
    refuses(tx, "payout_entries_booking_id_venue_id", line, payout(tx), booking_id=booking)


def test_a_booking_that_stands_by_itself_is_not_counted_again(tx: Connection) -> None:
    booking = factories.booking(tx)
    made = payout(tx, venue_id=factories.venue_of(tx, "bookings", booking))
    line(tx, made, kind="booking", booking_id=booking)
    refuses(tx, "payout_entries_booking_once", line, made, kind="booking", booking_id=booking)
    refuses(tx, "payout_entries_booking_once", factories.sheet, made, booking)


def test_a_sheet_names_bookings_of_its_session_each_once(tx: Connection) -> None:
    session = factories.session(tx)
    first, second = (factories.booking(tx, session, factories.child(tx)) for _ in range(2))
    venue = factories.venue_of(tx, "bookings", first)
    made = payout(tx, venue_id=venue)
    elsewhere = factories.booking(tx, factories.session(tx, factories.activity(tx, venue)))
    for named in ([first, first], [first, elsewhere], [first, None], [first, uuid4()]):
        refuses(tx, "payout_sheets_booking_ids", factories.sheet, made, first, second, booking_ids=named)
    refuses(tx, "payout_sheets_payout_id_venue_id", factories.sheet, payout(tx), first, second)
    columns: dict[str, Any]
    for columns in (
        {"credits": [2]},
        {"statuses": "{completed}"},
        {"booking_ids": []},
        {"credits": [[2, 2]]},
    ):
        refuses(tx, "payout_sheets_whole", factories.sheet, made, first, second, **columns)
    for earned in ([2, 0], [2, None]):
        refuses(tx, "payout_sheets_whole_earnings", factories.sheet, made, first, second, credits=earned)
    factories.sheet(tx, made, first, second)
    for statement in (
        "UPDATE payout_sheets SET booking_ids = ARRAY[booking_ids[1], booking_ids[1]]",
        "UPDATE venue_payouts SET id = gen_random_uuid()",
        "DELETE FROM venue_payouts",
        "DELETE FROM bookings",
        "UPDATE bookings SET id = gen_random_uuid()",
    ):
        with pytest.raises(psycopg.errors.ForeignKeyViolation), tx.transaction():
            tx.execute(f"{statement} WHERE venue_id = %s".encode(), [venue])


def test_a_line_is_worth_what_it_adds_to_the_rounded_sums(tx: Connection) -> None:
    """A third of a cent each: two lines of three have none, and the fee of 17.5 % goes where it is whole."""
    session = factories.session(tx)
    bookings = [factories.booking(tx, session, factories.child(tx)) for _ in range(3)]
    made = payout(tx, venue_id=factories.venue_of(tx, "bookings", bookings[0]), credit_value="0.3333")
    factories.sheet(tx, made, *bookings, credits_before=10, credits=[10, 10, 1], first_position=4,
                    statuses="{completed,no_show,cancelled_venue}")  # fmt: skip
    lines = tx.execute(
        """SELECT position, booking_id, reason, credits, gross, fee_share, net FROM payout_lines WHERE payout_id = %s
            ORDER BY position""",
        [made],
    ).fetchall()
    assert lines == [
        (4, bookings[0], "attended", 10, Decimal("3.34"), Decimal("0.59"), Decimal("2.75")),
        (5, bookings[1], "no_show", 10, Decimal("3.33"), Decimal("0.58"), Decimal("2.75")),
        (6, bookings[2], "cancelled_late", 1, Decimal("0.33"), Decimal("0.06"), Decimal("0.27")),
    ]


def test_an_invoice_adds_up_and_has_a_number_only_when_issued(tx: Connection) -> None:
    invoice(tx)
    refuses(tx, "invoices_adds_up", invoice, total_amount="2165.01")
    refuses(tx, "invoices_issued_whole", invoice, invoice_number="INV-2026-0001")
    refuses(tx, "invoices_issued_whole", invoice, status="issued")
    invoice(tx, **ISSUED)
    refuses(tx, "invoices_invoice_number_key", invoice, **ISSUED)


def test_a_month_is_invoiced_once_unless_it_was_cancelled(tx: Connection) -> None:
    subscription = factories.subscription(tx)
    first = invoice(tx, subscription_id=subscription)
    refuses(tx, "invoices_once_per_period", invoice, subscription_id=subscription)
    tx.execute("UPDATE invoices SET status = 'cancelled' WHERE id = %s", [first])
    invoice(tx, subscription_id=subscription)


def test_an_issued_invoice_does_not_change(tx: Connection) -> None:
    made = invoice(tx, **ISSUED)
    for statement in (
        "UPDATE invoices SET subtotal = 1, total_amount = 166 WHERE id = %s",
        "UPDATE invoices SET recipient = '{}' WHERE id = %s",
        "UPDATE invoices SET status = 'draft', invoice_number = NULL, issued_at = NULL WHERE id = %s",
        "DELETE FROM invoices WHERE id = %s",
    ):
        with pytest.raises(psycopg.errors.InsufficientPrivilege, match="issued invoice"), tx.transaction():
            tx.execute(statement.encode(), [made])
    tx.execute("UPDATE invoices SET status = 'sent', sent_at = %s WHERE id = %s", [NOON, made])
    tx.execute(
        "UPDATE invoices SET status = 'paid', paid_at = %s, paid_amount = 2165 WHERE id = %s", [NOON, made]
    )


def test_a_draft_can_be_changed_and_thrown_away(tx: Connection) -> None:
    made = invoice(tx)
    tx.execute("UPDATE invoices SET subtotal = 1, tax_amount = 0, total_amount = 1 WHERE id = %s", [made])
    tx.execute("DELETE FROM invoices WHERE id = %s", [made])


def test_an_invoice_is_for_the_subscriptions_own_company(tx: Connection) -> None:
    refuses(tx, "subscription_id_corporate_id", invoice, corporate_id=factories.corporate(tx))


def test_a_document_knows_its_hash_and_stays(tx: Connection) -> None:
    row = {"kind": "statement", "file_name": "march.pdf", "media_type": "application/pdf", "content": b"%PDF"}
    made = factories.insert(tx, "documents", row)
    kept = one(tx, "SELECT size_bytes, sha256 FROM documents WHERE id = %s", made)
    assert (kept[0], bytes(kept[1])) == (4, sha256(b"%PDF").digest())
    with pytest.raises(psycopg.errors.InsufficientPrivilege, match="keeps everything"), tx.transaction():
        tx.execute("UPDATE documents SET content = 'other'")
    trail = one(tx, "SELECT new_values FROM audit_logs WHERE entity_id = %s", made)
    assert "content" not in trail


def score(connection: Connection, **columns: Any) -> UUID:
    row = {
        "venue_id": columns.get("venue_id") or factories.venue(connection),
        "score_week_start": date(2026, 3, 2),
    }
    return factories.insert(connection, "venue_performance_scores", row | columns)


def test_too_little_data_is_insufficient_and_not_zero(tx: Connection) -> None:
    made = score(tx)
    assert one(tx, "SELECT is_insufficient FROM venue_performance_scores WHERE id = %s", made) is True
    refuses(tx, "venue_scores_needs_a_component", score, composite_score="50")
    assert one(
        tx,
        "SELECT is_insufficient FROM venue_performance_scores WHERE id = %s",
        score(tx, composite_score="83.3", parent_feedback_score="83.3"),
    ) is False  # fmt: skip


def test_a_late_fact_makes_a_revision_with_its_reason(tx: Connection) -> None:
    venue = factories.venue(tx)
    score(tx, venue_id=venue)
    refuses(tx, "unique_venue_weekly_score", score, venue_id=venue)
    refuses(tx, "revision_says_why", score, venue_id=venue, revision=2)
    score(tx, venue_id=venue, revision=2, revision_reason="An offline desk reported late.")
    with pytest.raises(psycopg.errors.InsufficientPrivilege, match="keeps everything"), tx.transaction():
        tx.execute("UPDATE venue_performance_scores SET composite_score = 100")


def test_a_week_starts_on_monday(tx: Connection) -> None:
    refuses(tx, "score_week_start", score, score_week_start=date(2026, 3, 3))


def requirement(connection: Connection, **columns: Any) -> UUID:
    row = {"venue_id": columns.get("venue_id") or factories.venue(connection), "requirement": "insurance"}
    return factories.insert(connection, "venue_requirements", row | columns)


def test_an_exception_is_named_and_reasoned(tx: Connection) -> None:
    person = factories.staff(tx, "platform_admin")
    refuses(tx, "exception_named", requirement, state="excepted")
    refuses(tx, "exception_named", requirement, state="excepted", exception_reason="Covered by the city.")
    requirement(
        tx, state="excepted", exception_reason="Covered by the city.", decided_by=person, decided_at=NOON
    )


def test_what_expires_says_when_and_reminders_are_the_three(tx: Connection) -> None:
    venue = factories.venue(tx)
    refuses(tx, "expiry_known", requirement, state="expiring")
    with pytest.raises(psycopg.errors.CheckViolation, match="reminders_sent"), tx.transaction():
        tx.execute(
            "INSERT INTO venue_requirements (venue_id, requirement, reminders_sent) VALUES (%s, 'insurance', '{5}')",
            [venue],
        )
    requirement(tx, venue_id=venue)
    refuses(tx, "venue_requirements_once", requirement, venue_id=venue)
