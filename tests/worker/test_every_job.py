"""Every job of the console where each has something to do: it does it, and the second time nothing changes.

One worker, one run of everything, as after a night in which nobody was there. docs/design.md, "Layout" (worker).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from uuid import uuid4

import pytest

from console.worker import registry
from console.worker.queue import Worker
from tests.support import factories
from tests.support.databases import Connection, Database
from tests.support.desk_world import rows
from tests.support.factories import NOON, insert
from tests.support.workers import scalar, worker_login

LONG_AGO = NOON - timedelta(days=800)
TODAY = NOON.date()


def _series(admin: Connection) -> None:
    # Today's session has begun already and is not made any more.
    factories.schedule(
        admin,
        days_of_week=[0, 1, 2, 3, 4, 5, 6],
        effective_from=TODAY,
        effective_until=TODAY + timedelta(days=5),
    )


def _platform_places(admin: Connection) -> None:
    factories.session(admin, starts_at=NOON + timedelta(hours=20), platform_allocated_spots=3)


def _offer(admin: Connection) -> None:
    session = factories.session(admin, starts_at=NOON + timedelta(days=2))
    child = factories.child(admin)
    parent = scalar(admin, "SELECT parent_id FROM children WHERE id = %s", child)
    insert(
        admin,
        "waitlist",
        {
            "session_id": session,
            "venue_id": factories.venue_of(admin, "activity_sessions", session),
            "child_id": child,
            "user_id": parent,
            "spot_offered_at": NOON - timedelta(hours=5),
            "spot_expires_at": NOON - timedelta(hours=1),
        },
    )


def _forgotten_session(admin: Connection) -> None:
    factories.booking(admin, factories.session(admin, starts_at=NOON - timedelta(days=2)))


def _old_credits(admin: Connection) -> None:
    factories.balance(
        admin,
        factories.parent(admin),
        7,
        billing_period_start=date(2025, 11, 1),
        billing_period_end=date(2025, 11, 30),
    )


def _invitation(admin: Connection) -> None:
    insert(
        admin,
        "employee_invitations",
        {
            "corporate_id": factories.corporate(admin),
            "invited_by": factories.user(admin, role="hr_admin"),
            "email": "new@example.org",
            "credits_to_allocate": 5,
            "invitation_token": str(uuid4()),
            "expires_at": NOON - timedelta(hours=1),
        },
    )


def _export(admin: Connection) -> None:
    made = {"user_id": factories.parent(admin), "export_type": "full_data", "status": "completed"}
    insert(
        admin,
        "data_export_requests",
        made | {"file_url": "x", "file_expires_at": NOON - timedelta(seconds=1)},
    )


def _child_to_forget(admin: Connection) -> None:
    admin.execute(
        """UPDATE children SET deletion_requested = true, deletion_requested_at = app.now(), deletion_scheduled_for = %s
            WHERE id = %s""",
        [TODAY, factories.child(admin)],
    )


def _audit(admin: Connection) -> None:
    insert(
        admin,
        "audit_logs",
        {"action_category": "test", "action_type": "old", "created_at": LONG_AGO},
    )


def _search(admin: Connection) -> None:
    asked = {"query_text": "chess", "parsed_intent": {}, "created_at": LONG_AGO}
    insert(admin, "nl_search_logs", asked | {"user_id": factories.parent(admin)})


def _conversation(admin: Connection) -> None:
    insert(
        admin,
        "chat_conversations",
        {"user_id": factories.parent(admin), "is_active": False, "ended_at": LONG_AGO},
    )


def _tombstone(admin: Connection) -> None:
    admin.execute(
        "INSERT INTO app.tombstones (table_name, row_id, deleted_at) VALUES ('rooms', gen_random_uuid(), %s)",
        [LONG_AGO],
    )


def _sign_in(admin: Connection) -> None:
    admin.execute(
        """INSERT INTO auth.sign_in_attempts (ticket_id, account_key, device_id, failed, at)
           VALUES (%s, 'x', %s, true, %s)""",
        [uuid4(), factories.device(admin), LONG_AGO],
    )


def _job_run(admin: Connection) -> None:
    admin.execute(
        """INSERT INTO app.job_runs (job, worker_name, started_at, finished_at, outcome, touched, did)
           VALUES ('old', 'Worker', %s, %s, 'done', 1, 'Said.')""",
        [LONG_AGO, LONG_AGO],
    )


def _paid_payout(admin: Connection) -> None:
    insert(
        admin,
        "venue_payouts",
        {
            "venue_id": factories.venue(admin),
            "payout_period_start": date(2026, 2, 1),
            "payout_period_end": date(2026, 2, 28),
            "platform_fee_percentage": 15,
            "status": "paid",
            "paid_at": NOON,
        },
    )


def _billing_day(admin: Connection) -> None:
    # It began in the month that was over the day before yesterday.
    factories.subscription(admin, start_date=date(2026, 2, 1))


def _unpaid_invoice(admin: Connection) -> None:
    corporate = factories.corporate(admin)
    subscription = factories.subscription(admin, corporate, is_active=False)
    insert(
        admin,
        "invoices",
        {
            "corporate_id": corporate,
            "subscription_id": subscription,
            "invoice_number": "NFP-2026-00001",
            "billing_period_start": date(2026, 1, 1),
            "billing_period_end": date(2026, 1, 31),
            "subtotal": 10,
            "total_amount": 10,
            "line_items": [],
            "status": "issued",
            "issued_at": NOON - timedelta(days=40),
            "due_date": TODAY - timedelta(days=1),
            "issuer": {},
            "recipient": {},
        },
    )


def _week_to_score(admin: Connection) -> None:
    """A child that came the day before the week was over."""
    activity = factories.activity(admin, factories.venue(admin))
    at = NOON - timedelta(days=1)
    session = factories.session(admin, activity, starts_at=at, ends_at=at + timedelta(hours=1), closed_at=at)
    factories.booking(admin, session, factories.child(admin), status="completed")


def _paper_that_ends(admin: Connection) -> None:
    filed = {"venue_id": factories.venue(admin), "requirement": "insurance", "state": "accepted"}
    facts = {"coverage_amount": 2_000_000}
    insert(admin, "requirement_filings", filed | {"facts": facts, "expires_on": TODAY + timedelta(days=20)})


# Job -> something for it to do, and how much it says that was; jobs that count nothing say so in words.
WORK: dict[str, tuple[Callable[[Connection], None], int]] = {
    "generate_sessions": (_series, 5),
    "release_inventory": (_platform_places, 1),
    "expire_offers": (_offer, 1),
    "nightly_close": (_forgotten_session, 1),
    "make_invoice_drafts": (_billing_day, 1),
    "mark_overdue": (_unpaid_invoice, 1),
    "expire_credits": (_old_credits, 1),
    "expire_invitations": (_invitation, 1),
    "expire_data_exports": (_export, 1),
    "anonymise_children": (_child_to_forget, 1),
    "purge_audit_logs": (_audit, 1),
    "purge_search_logs": (_search, 1),
    "purge_conversations": (_conversation, 1),
    "purge_tombstones": (_tombstone, 1),
    "tidy_sign_ins": (_sign_in, 1),
    "tidy_job_runs": (_job_run, 1),
    "watch_compliance": (_paper_that_ends, 1),
    "keep_statements": (_paid_payout, 1),
    "compute_scores": (_week_to_score, 2),  # and the venue of the forgotten session
}
# Says each time how many issues are open, and keeps that it looked.
COUNTS_ALWAYS = {"check_books"}
COUNT_NOTHING = {"refresh_dashboard", "deliver_mail", "send_transfers", "poll_transfers", "send_invoices"}


def everything(admin: Connection) -> dict[str, str]:
    """A fingerprint of every table that is not the worker's own."""
    tables = [
        row["name"]
        for row in rows(
            admin,
            """SELECT c.oid::regclass::text AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                WHERE n.nspname IN ('public', 'auth', 'app') AND c.relkind = 'r'
                  AND c.relname NOT IN ('job_runs', 'background_jobs', 'workers', 'book_checks', 'integrity_issues')""",
            [],
        )
    ]
    return {
        one: str(
            scalar(
                admin, f"SELECT md5(coalesce(string_agg(t::text, '|' ORDER BY t::text), '')) FROM {one} AS t"
            )
        )
        for one in tables
    }


async def test_every_job_does_its_work_and_the_second_time_changes_nothing(
    fresh_database: Database, admin: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert set(WORK) | COUNT_NOTHING | COUNTS_ALWAYS == {one.name for one in registry.JOBS}
    for name in ("NEXUS_SMTP_URL", "NEXUS_TRANSFERS_URL"):
        monkeypatch.delenv(name, raising=False)
    factories.fix_clock(admin)
    for prepare, _ in WORK.values():
        prepare(admin)
    with worker_login(fresh_database) as dsn:
        await Worker(dsn).run_once()
        found = {row["job"]: row for row in rows(admin, "SELECT * FROM app.job_runs", [])}
        assert {row["why"] for row in found.values()} == {None}
        assert {name: found[name]["touched"] for name in WORK} == {
            name: count for name, (_, count) in WORK.items()
        }
        assert found["generate_sessions"]["did"] == "5 sessions made."
        assert found["refresh_dashboard"]["did"] == "The first screens are up to date."
        assert found["deliver_mail"]["did"].startswith("Mail is not set up")
        assert found["send_transfers"]["did"].startswith("Transfers are not set up")
        assert scalar(admin, "SELECT count(*) > 0 FROM parent_dashboard_summary") is True

        before = everything(admin)
        admin.execute("DELETE FROM app.job_runs")
        admin.execute("UPDATE app.background_jobs SET next_at = app.now()")
        await Worker(dsn).run_once()
        again = rows(admin, "SELECT job, outcome, touched FROM app.job_runs", [])
        assert len(again) == len(registry.JOBS)
        assert {row["outcome"] for row in again} == {"done"}
        assert {row["touched"] for row in again if row["job"] not in COUNTS_ALWAYS} == {0}
        looked = {row["touched"] for row in again if row["job"] in COUNTS_ALWAYS}
        assert looked == {scalar(admin, "SELECT count(*) FROM integrity_issues WHERE state = 'open'")}
        assert everything(admin) == before
