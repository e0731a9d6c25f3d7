"""The demo in a real database: seen through a desk's login, loaded twice, and kept away from real data."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import psycopg
import pytest

from console import demo
from console.demo.load import DemoReport
from console.domain import totp
from console.errors import Conflict
from tests.support import databases, factories, identities
from tests.support.databases import Database
from tests.support.identities import Desk

AT = datetime.fromisoformat("2026-03-12T15:42:00-07:00").astimezone(UTC)
_FINGERPRINT = """
    SELECT md5(string_agg(t::text, '|' ORDER BY t)) FROM (
        SELECT (b.id, b.session_id, b.child_id, b.status, b.confirmation_code, b.attendance_state, b.created_at,
                b.attendance_event_id, b.checked_in_at)::text AS t FROM public.bookings AS b
        UNION ALL SELECT (e.id, e.seq, e.occurred_at, e.device_id)::text FROM public.attendance_events AS e
        UNION ALL SELECT (l.id, l.balance_after, l.created_at)::text FROM public.credit_ledger AS l
        UNION ALL SELECT (u.id, u.email, u.password_hash)::text FROM public.users AS u
        UNION ALL SELECT (p.id, p.status, p.net_payout, p.carried_out, p.paid_at)::text FROM public.venue_payouts AS p
        UNION ALL SELECT (a.id, a.state, a.idempotency_key)::text FROM public.payout_attempts AS a
        UNION ALL SELECT (i.id, i.invoice_number, i.status, i.paid_amount, i.sent_at)::text FROM public.invoices AS i
        UNION ALL SELECT (d.id, d.file_name, d.sha256)::text FROM public.documents AS d
        UNION ALL SELECT (v.id, v.slug, v.status, v.current_performance_score)::text FROM public.venues AS v
        UNION ALL SELECT (c.id, c.state, c.outcome, c.opened_at, c.claimed_until)::text FROM public.venue_cases AS c
        UNION ALL SELECT (r.id, r.requirement, r.state, r.reminders_sent)::text FROM public.venue_requirements AS r
        UNION ALL SELECT (f.id, f.state, f.facts, f.filed_at)::text FROM public.requirement_filings AS f
        UNION ALL SELECT (e.id, e.kind, e.facts, e.at)::text FROM public.venue_events AS e
        UNION ALL SELECT (k.id, k.revision, k.inputs, k.composite_score)::text FROM public.venue_performance_scores AS k
        UNION ALL SELECT (s.id, s.state, s.opened_at)::text FROM public.score_disputes AS s
        UNION ALL SELECT (w.id, w.rating, w.is_visible, w.looked_at)::text FROM public.reviews AS w
        UNION ALL SELECT (i.id, i.title)::text FROM public.venue_incidents AS i
        UNION ALL SELECT (a.id, a.title)::text FROM public.announcements AS a
        UNION ALL SELECT (g.id, g.user_id, g.role, g.venue_id)::text FROM public.staff_grants AS g
        UNION ALL SELECT (n.id, n.cause)::text FROM public.notifications AS n) AS x"""


@pytest.fixture(scope="module")
def loaded(_template: object, server: object) -> Iterator[tuple[Database, DemoReport]]:
    """A database that holds the demo of the tour's instant, its clock standing there."""
    made = databases.clone(server, "demo")  # type: ignore[arg-type]  # the fixture's type is the conftest's business
    yield made, demo.load(made.admin_dsn, seed=1, at=AT, stand_still="tour")
    databases.drop(made)


@pytest.fixture(scope="module")
def desk(loaded: tuple[Database, DemoReport]) -> Desk:
    """A workstation of Riverside Studio."""
    database, _ = loaded
    with database.connect() as admin:
        row = admin.execute("SELECT id FROM public.venues WHERE slug = 'riverside-studio'").fetchone()
    assert row is not None
    return identities.enrol(database, "Desk 1", row[0])


@pytest.fixture
def jonas(desk: Desk) -> Iterator[psycopg.Connection[tuple[object, ...]]]:
    """Jonas of the front desk, signed in with the published password and every iteration of it."""
    with desk.connect() as connection:
        token = _sign_in(connection, demo.ACCOUNTS[0].email)
        identities.set_token(connection, token)
        yield connection


def _sign_in(connection: psycopg.Connection[tuple[object, ...]], email: str, code: str | None = None) -> str:
    from console.domain import scram

    ticket, nonce, answer = identities.start(connection, email)
    assert answer.iterations >= 600_000
    proof = scram.prove(
        email, nonce, answer, scram.salt_password(demo.PASSWORD, answer.salt, answer.iterations)
    )
    identities.prove(connection, ticket, proof.proof, code)
    return identities.finish(connection, ticket).token


def _token(desk: Desk, email: str) -> str:
    with desk.connect() as connection:
        return _sign_in(connection, email)


def test_the_report_counts_what_is_there(loaded: tuple[Database, DemoReport]) -> None:
    database, report = loaded
    assert report.rows["venues"] == 15
    assert report.rows["bookings"] > 10_000
    assert str(report).startswith("Loaded 15 venues")
    with database.connect() as admin:
        for table, count in report.rows.items():
            name = table if "." in table else f"public.{table}"
            row = admin.execute(f"SELECT count(*) FROM {name}".encode()).fetchone()
            assert row is not None
            slack = 1 if table == "auth.devices" else 0  # the desk that a fixture enrols
            assert row[0] - count in (0, slack), table


def test_the_front_desk_sees_the_roster(jonas: psycopg.Connection[tuple[object, ...]]) -> None:
    session = jonas.execute(
        "SELECT id FROM public.activity_sessions WHERE session_date = '2026-03-12' AND start_time = '15:30'"
    ).fetchone()
    assert session is not None
    rows = jonas.execute(
        "SELECT first_name, age_months, state::text, state_desk, state_by, collected_by, visits, health, parent_phone"
        " FROM desk.roster(%s)",
        [session[0]],
    ).fetchall()
    by_name = {str(row[0]): row for row in rows}
    assert len(rows) == 16
    assert by_name["Marlon"][2:6] == ("out", "Desk 1", "Jonas", "Rose, grandmother")
    assert by_name["Ava"][2:5] == ("in", "Desk 2", "Maya")
    assert by_name["Nia"][6] == 12
    assert by_name["Iris"][6] == 0
    assert [note["label"] for note in by_name["Nia"][7]] == ["Peanut", "Asthma"]  # type: ignore[attr-defined]  # jsonb


def test_a_check_in_works_on_it(
    loaded: tuple[Database, DemoReport], jonas: psycopg.Connection[tuple[object, ...]]
) -> None:
    database, _ = loaded
    with database.connect() as admin:
        row = admin.execute(
            "SELECT b.confirmation_code, b.session_id, b.id FROM public.bookings AS b"
            " JOIN public.children AS c ON c.id = b.child_id"
            " JOIN public.activity_sessions AS s ON s.id = b.session_id"
            " WHERE c.first_name = 'Femi' AND s.session_date = '2026-03-12' AND s.start_time = '15:30'"
        ).fetchone()
    assert row is not None
    answer = jonas.execute(
        "SELECT outcome::text FROM attendance.record(jsonb_build_array(jsonb_build_object("
        "'id', gen_random_uuid(), 'seq', 1, 'kind', 'check_in', 'code', %s::text, 'session_id', %s::uuid,"
        " 'occurred_at', app.now(), 'origin', 'live')))",
        [row[0], row[1]],
    ).fetchone()
    assert answer == ("applied",)


def test_a_child_whose_consent_is_withdrawn_is_nowhere(jonas: psycopg.Connection[tuple[object, ...]]) -> None:
    session = jonas.execute(
        "SELECT s.id FROM public.activity_sessions AS s JOIN public.activities AS a ON a.id = s.activity_id"
        " WHERE s.session_date = '2026-03-12' AND a.name = 'Watercolour Explorers'"
    ).fetchone()
    assert session is not None
    names = [
        row[0] for row in jonas.execute("SELECT first_name FROM desk.roster(%s)", [session[0]]).fetchall()
    ]
    assert len(names) == 6
    assert "Ada" not in names


def test_the_sign_in_page_lists_the_accounts(desk: Desk) -> None:
    with desk.connect() as connection:
        rows = connection.execute(
            "SELECT first_name, role::text, password, asks_code FROM auth.demo_accounts()"
        ).fetchall()
    assert [row[0] for row in rows] == [account.first for account in demo.ACCOUNTS]
    assert {str(row[1]) for row in rows} == {
        "front_desk",
        "manager",
        "venue_finance",
        "platform_admin",
        "platform_finance",
    }
    assert {row[2] for row in rows} == {demo.PASSWORD}
    assert [row[3] for row in rows] == [account.asks_code for account in demo.ACCOUNTS]


def test_every_account_signs_in(desk: Desk) -> None:
    with desk.connect() as connection:
        for account in demo.ACCOUNTS:
            code = totp.totp(demo.TOTP_SECRET, AT) if account.asks_code else None
            assert _sign_in(connection, account.email, code)


def test_balances_are_the_sums_of_their_entries(loaded: tuple[Database, DemoReport]) -> None:
    database, _ = loaded
    with database.connect() as admin:
        wrong = admin.execute(
            "SELECT count(*) FROM public.user_credit_balances AS b WHERE b.credits_available <>"
            " (SELECT sum(l.amount) FROM public.credit_ledger AS l WHERE l.balance_id = b.id)"
        ).fetchone()
        unpaid = admin.execute(
            "SELECT count(*) FROM public.bookings AS b WHERE b.credits_charged - b.credits_refunded <>"
            " (SELECT -sum(l.amount) FROM public.credit_ledger AS l WHERE l.booking_id = b.id)"
        ).fetchone()
    assert (wrong, unpaid) == ((0,), (0,))


def test_what_waits_for_the_manager_is_open(loaded: tuple[Database, DemoReport]) -> None:
    with loaded[0].connect() as admin:
        rows = admin.execute(
            "SELECT i.kind::text, b.attendance_state::text, b.status::text, s.closed_by FROM public.review_items AS i"
            " JOIN public.bookings AS b ON b.id = i.booking_id"
            " JOIN public.activity_sessions AS s ON s.id = i.session_id WHERE i.resolved_at IS NULL"
        ).fetchall()
    assert rows == [("unmarked_after_close", "unmarked", "confirmed", None)] * 2


def test_the_desk_has_written_notes_and_printed_tags(loaded: tuple[Database, DemoReport]) -> None:
    with loaded[0].connect() as admin:
        notes = admin.execute(
            "SELECT count(*) FILTER (WHERE n.is_incident), count(*) FILTER (WHERE b.attendance_state = 'in')"
            " FROM public.booking_notes AS n JOIN public.bookings AS b ON b.id = n.booking_id"
        ).fetchone()
        untagged = admin.execute(
            "SELECT count(*) FROM public.bookings AS b JOIN public.activity_sessions AS s ON s.id = b.session_id"
            " JOIN public.children AS c ON c.id = b.child_id"
            " WHERE b.attendance_state = 'in' AND b.attendance_at < app.now()"
            " AND c.parental_consent_given AND s.venue_id IN (SELECT t.venue_id FROM public.pickup_tags AS t)"
            " AND NOT EXISTS (SELECT FROM public.pickup_tags AS t WHERE (t.venue_id, t.day, t.parent_id)"
            " = (s.venue_id, s.session_date, c.parent_id))"
        ).fetchone()
    assert notes == (1, 2)
    assert untagged == (0,)


def test_finance_finds_a_year_of_payouts_and_one_month_to_make(loaded: tuple[Database, DemoReport]) -> None:
    database, report = loaded
    with database.connect() as admin:
        months = admin.execute(
            "SELECT payout_period_start::text, array_agg(DISTINCT status::text ORDER BY status::text)"
            " FROM public.venue_payouts GROUP BY 1 ORDER BY 1"
        ).fetchall()
        tries = admin.execute(
            "SELECT array_agg(a.state ORDER BY a.attempt) FROM public.payout_attempts AS a"
            " GROUP BY a.payout_id HAVING count(*) > 1"
        ).fetchall()
        told = admin.execute(
            "SELECT count(*) FILTER (WHERE p.carried_out < 0 AND p.gross_revenue = 0),"
            "  count(*) FILTER (WHERE p.adjustments_amount <> 0),"
            "  (SELECT count(*) FROM public.payout_holds AS h WHERE h.released_at IS NULL),"
            "  (SELECT count(*) FROM public.book_closings AS k WHERE k.reopened_at IS NULL),"
            "  (SELECT count(*) FROM public.payout_runs AS r WHERE r.approved_by = r.made_by)"
            " FROM public.venue_payouts AS p"
        ).fetchone()
    year = [f"2025-{month:02}-01" for month in range(3, 13)]
    assert [month for month, _ in months] == [*year, "2026-01-01"]
    assert {states for _, found in months[:-1] for states in found} == {"paid"}
    assert months[-1][1] == ["failed", "on_hold", "paid"]
    assert tries == [(["failed", "paid"],)]
    assert told == (1, 2, 1, 10, 0)
    assert report.rows["venue_payouts"] > 70


def test_employers_were_invoiced_and_the_papers_are_kept(loaded: tuple[Database, DemoReport]) -> None:
    database, _ = loaded
    with database.connect() as admin:
        states = admin.execute(
            "SELECT status, count(*) FROM public.invoices GROUP BY 1 ORDER BY 1"
        ).fetchall()
        part = admin.execute(
            "SELECT count(*) FILTER (WHERE paid_amount > 0 AND paid_amount < total_amount),"
            " count(*) FILTER (WHERE issued_at IS NOT NULL AND (document_id IS NULL OR send_state <> 'sent')),"
            " count(*) FILTER (WHERE purchase_order_number IS NOT NULL) > 0 FROM public.invoices"
        ).fetchone()
        papers = admin.execute(
            "SELECT kind::text, count(*) FROM public.documents"
            " WHERE substr(content, 1, 5) = '%PDF-' AND kind <> 'compliance' GROUP BY 1 ORDER BY 1"
        ).fetchall()
    assert dict(states) == {"cancelled": 1, "draft": 6, "overdue": 1, "paid": 69, "sent": 2}
    assert part == (1, 0, True)
    assert papers == [("credit_note", 1), ("invoice", 73)]


def test_the_daily_check_finds_the_books_in_order(loaded: tuple[Database, DemoReport]) -> None:
    with loaded[0].connect() as admin, admin.transaction(force_rollback=True):
        assert admin.execute("SELECT app.job_check_books()").fetchone() == (0,)


def test_the_month_that_ended_last_is_made_by_one_and_approved_by_the_other(
    loaded: tuple[Database, DemoReport],
) -> None:
    desk = identities.enrol(loaded[0], "Office")
    lucas, noor = (one.email for one in demo.ACCOUNTS if one.role == "platform_finance")
    with desk.connect(autocommit=False) as connection:
        for email, token in [(email, _token(desk, email)) for email in (lucas, noor)]:
            identities.set_token(connection, token)
            if email == lucas:
                seen = connection.execute(
                    "SELECT fingerprint, array_agg(DISTINCT w.word), count(DISTINCT venue_id), sum(DISTINCT carried_in)"
                    " FROM payouts.preview('2026-02-01') LEFT JOIN unnest(warnings) AS w (word) ON true GROUP BY 1"
                ).fetchone()
                assert seen is not None
                assert (set(seen[1]), seen[2]) == ({"on_hold", None}, 10)
                assert seen[3] < 0
                connection.execute(
                    "SELECT payouts.make('0196e0b8-0000-7000-8000-000000000001', '2026-02-01', NULL, %s)",
                    [seen[0]],
                )
        approved = connection.execute(
            "SELECT state, made_by, approved_by FROM payouts.approve('0196e0b8-0000-7000-8000-000000000001', 1)"
        ).fetchone()
        connection.rollback()
    assert approved == ("approved", "Lucas", "Noor")


def test_five_cases_wait_and_each_is_another_story(loaded: tuple[Database, DemoReport]) -> None:
    met = ("satisfied", "expiring", "excepted")
    with loaded[0].connect() as admin:
        rows = admin.execute(
            "SELECT v.name, c.kind::text, c.state::text, u.first_name, (SELECT array_agg(r.state::text"
            "   ORDER BY r.requirement) FROM public.venue_requirements AS r WHERE r.venue_id = v.id)"
            "  FROM public.venue_cases AS c JOIN public.venues AS v ON v.id = c.venue_id"
            "  LEFT JOIN public.users AS u ON u.id = c.claimed_by AND c.claimed_until > app.now()"
            " WHERE c.state <> 'decided' ORDER BY c.state, v.name"
        ).fetchall()
        decided = admin.execute(
            "SELECT outcome::text, count(*) FROM public.venue_cases WHERE state = 'decided' GROUP BY 1 ORDER BY 1"
        ).fetchall()
        read = admin.execute(
            "SELECT count(*) FROM public.document_reads AS d JOIN public.users AS u ON u.id = d.user_id"
            " WHERE u.first_name = 'Amara' AND d.read_at < app.now()"
        ).fetchone()
    assert [(*row[:4], sum(state in met for state in row[4])) for row in rows] == [
        ("Blue Door Theatre", "yearly_check", "open", None, 4),
        ("Cedar Street Makers", "reinstatement", "open", "Amara", 4),
        ("Harbour Dance Loft", "new_venue", "open", "Leo", 3),
        ("Little Fins Swim School", "new_venue", "open", None, 5),
        ("Orchard Forest School", "new_venue", "open", None, 2),
        ("Tidewater Pottery", "new_venue", "asked", None, 1),
    ]
    assert dict(decided) == {"approved": 11, "approved_with_exception": 1, "rejected": 1}
    assert read == (7,)


def test_papers_that_end_were_reminded_of_and_one_is_excepted(loaded: tuple[Database, DemoReport]) -> None:
    with loaded[0].connect() as admin:
        ending = admin.execute(
            "SELECT v.name, r.expires_on::text, r.reminders_sent FROM public.venue_requirements AS r"
            " JOIN public.venues AS v ON v.id = r.venue_id WHERE r.requirement = 'insurance' AND r.state = 'expiring'"
            " ORDER BY r.expires_on"
        ).fetchall()
        excepted = admin.execute(
            "SELECT v.name, r.requirement::text, r.excepted_until::text FROM public.venue_requirements AS r"
            " JOIN public.venues AS v ON v.id = r.venue_id WHERE r.state = 'excepted'"
        ).fetchall()
        unsettled = admin.execute(
            "SELECT r.venue_id, r.requirement FROM public.venue_requirements AS r"
            "  JOIN vetting.standings(ARRAY(SELECT id FROM public.venues)) AS s"
            "    ON (s.venue_id, s.requirement) = (r.venue_id, r.requirement)"
            " WHERE (s.state, s.expires_on) IS DISTINCT FROM (r.state, r.expires_on)"
        ).fetchall()
    assert ending == [
        ("Summit Kids Climbing", "2026-03-19", [30, 14, 7]),
        ("Blue Lantern Youth Theatre", "2026-03-26", [30, 14]),
        ("Copper Street Dance Loft", "2026-04-10", [30]),
    ]
    assert excepted == [("Brightbench Maker Lab", "safety_audit", "2026-04-02")]
    assert unsettled == []


def test_every_open_venue_has_half_a_year_of_scores(loaded: tuple[Database, DemoReport]) -> None:
    with loaded[0].connect() as admin, admin.transaction(force_rollback=True):
        weeks = admin.execute(
            "SELECT min(weeks), max(weeks), count(*), bool_and(ok) FROM (SELECT bool_and(f.saved_at < s.calculated_at)"
            "   AS ok, count(DISTINCT s.score_week_start) AS weeks FROM public.venue_performance_scores AS s"
            "   JOIN public.score_formulas AS f ON f.version = s.formula_version GROUP BY s.venue_id) AS w"
        ).fetchone()
        gaps = admin.execute(
            "SELECT v.name, s.score_week_start::text FROM public.venue_performance_scores AS s"
            " JOIN public.venues AS v ON v.id = s.venue_id WHERE s.is_insufficient"
        ).fetchall()
        revised = admin.execute(
            "SELECT v.name, s.revision, s.revision_reason FROM public.venue_performance_scores AS s"
            " JOIN public.venues AS v ON v.id = s.venue_id WHERE s.revision > 1"
        ).fetchall()
        low = admin.execute(
            "SELECT name FROM public.venues WHERE status = 'active' AND NOT is_curation_eligible"
        ).fetchall()
        disputes = admin.execute(
            "SELECT state::text, count(*) FROM public.score_disputes GROUP BY 1 ORDER BY 1"
        ).fetchall()
        assert admin.execute("SELECT app.job_compute_scores()").fetchone() == (0,)
    assert weeks == (26, 26, 10, True)
    assert gaps == [("Cedar Street Makers", "2025-12-29")]
    assert revised == [("Riverside Studio", 2, "review_moderated")]
    assert low == [("Summit Kids Climbing",)]
    assert disputes == [("declined", 1), ("open", 1)]


def test_reviews_wait_for_each_cause_and_stars_are_those_that_are_seen(
    loaded: tuple[Database, DemoReport],
) -> None:
    with loaded[0].connect() as admin:
        causes = admin.execute(
            "SELECT cause, count(*) FROM feedback.causes(feedback.chosen()) GROUP BY 1 ORDER BY 1"
        ).fetchall()
        wrong = admin.execute(
            "SELECT count(*) FROM public.activities AS a CROSS JOIN LATERAL (SELECT count(*) AS many,"
            "   coalesce(sum(r.rating), 0) AS total, coalesce(round(avg(r.rating), 2), 0) AS stars"
            "   FROM public.reviews AS r WHERE r.activity_id = a.id AND r.is_visible) AS t"
            " WHERE (a.total_reviews, a.stars_sum, a.average_rating) IS DISTINCT FROM (t.many, t.total, t.stars)"
        ).fetchone()
        rest = admin.execute(
            "SELECT (SELECT count(*) FROM public.reviews WHERE NOT is_visible), (SELECT array_agg(r.rating < 3 ORDER BY"
            "   r.rating DESC) FROM public.review_reply_drafts AS d JOIN public.reviews AS r ON r.id = d.review_id"
            "   WHERE (r.rating <= 2) = (d.body LIKE 'We are sorry%')), (SELECT count(*) FROM public.reviews"
            "   WHERE rating <= 2 AND venue_response LIKE '%glad%'), (SELECT count(*) FROM public.venue_incidents),"
            " (SELECT count(*) FROM public.venue_file_notes), (SELECT count(*) FROM public.announcements"
            "   WHERE app.now() BETWEEN starts_at AND ends_at), (SELECT count(*) FROM public.announcements)"
        ).fetchone()
    assert dict(causes) == {"burst": 6, "extreme": 1, "flagged": 1, "risky_words": 2}
    assert wrong == (0,)
    assert rest == (3, [False, True], 0, 3, 4, 2, 3)


def test_what_let_people_act_in_the_past_is_gone(loaded: tuple[Database, DemoReport]) -> None:
    with loaded[0].connect() as admin:
        left = admin.execute(
            "SELECT (SELECT count(*) FROM auth.devices AS d JOIN pg_catalog.pg_roles AS r ON r.rolname = d.role_name"
            "         WHERE r.rolname = session_user),"
            " (SELECT count(*) FROM auth.person_sessions AS s JOIN auth.devices AS d ON d.id = s.device_id"
            "   WHERE d.name IN ('Headquarters', 'Tablet', 'Reviews') AND s.revoked_at IS NULL),"
            " (SELECT count(*) FROM pg_catalog.pg_trigger WHERE tgname = 'demo_id'), to_regproc('app.demo_id')::text,"
            " app.now() = %s, (SELECT count(*) FROM public.notifications WHERE state::text <> 'sent')",
            [AT],
        ).fetchone()
    assert left == (0, 0, 0, None, True, 0)


def test_nothing_of_the_schema_is_lost(loaded: tuple[Database, DemoReport], fresh_database: Database) -> None:
    def shape(database: Database) -> list[tuple[object, ...]]:
        with database.connect() as admin:
            return admin.execute(
                "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid), convalidated"
                " FROM pg_catalog.pg_constraint WHERE connamespace IN ('public'::regnamespace, 'auth'::regnamespace)"
                " ORDER BY 1, 2"
            ).fetchall()

    assert shape(loaded[0]) == shape(fresh_database)


def test_the_triggers_are_on_again_and_the_trail_has_one_line(loaded: tuple[Database, DemoReport]) -> None:
    database, _ = loaded
    with database.connect() as admin:
        off = admin.execute(
            "SELECT count(*) FROM pg_catalog.pg_trigger WHERE tgenabled = 'D' AND NOT tgisinternal"
        ).fetchone()
        lines = admin.execute(
            "SELECT count(*) FROM public.audit_logs WHERE action_type = 'demo_loaded'"
        ).fetchone()
    assert (off, lines) == ((0,), (1,))


@pytest.mark.long
def test_loading_it_again_gives_the_same_rows_and_keeps_the_desks(fresh_database: Database) -> None:
    def fingerprint() -> object:
        with fresh_database.connect() as admin:
            return admin.execute(_FINGERPRINT).fetchone()

    demo.load(fresh_database.admin_dsn, at=AT)
    first = fingerprint()
    with fresh_database.connect() as admin:
        venue = admin.execute("SELECT id FROM public.venues WHERE slug = 'riverside-studio'").fetchone()
        admin.execute(
            "UPDATE public.platform_settings SET value = '24' WHERE key = 'cancellation_window_hours'"
        )
    assert venue is not None
    workstation = identities.enrol(fresh_database, "Desk 1", venue[0])

    def kept_words() -> object:
        with fresh_database.connect() as admin:
            return admin.execute(
                "SELECT (SELECT array_agg(f.* ORDER BY f.version)::text FROM public.score_formulas AS f),"
                " (SELECT array_agg(t.title ORDER BY t.id) FROM public.decision_templates AS t)"
            ).fetchone()

    words = kept_words()
    demo.load(fresh_database.admin_dsn, at=AT)
    assert fingerprint() == first
    assert kept_words() == words
    with workstation.connect() as connection:
        assert connection.execute("SELECT auth.this_device() ->> 'venue_name'").fetchone() == (
            "Riverside Studio",
        )
    with fresh_database.connect() as admin:
        kept = admin.execute(
            "SELECT value FROM public.platform_settings WHERE key = 'cancellation_window_hours'"
        ).fetchone()
    assert kept == (24,)


def test_it_stays_away_from_real_data(fresh_database: Database) -> None:
    with fresh_database.connect() as admin:
        factories.venue(admin)
    with pytest.raises(Conflict, match="real data"):
        demo.load(fresh_database.admin_dsn, seed=1, at=AT)
    with fresh_database.connect() as admin:
        assert admin.execute("SELECT count(*) FROM public.venues").fetchone() == (1,)


def test_an_instant_without_a_zone_is_refused(fresh_database: Database) -> None:
    with pytest.raises(ValueError, match="time zone"):
        demo.load(fresh_database.admin_dsn, at=datetime(2026, 3, 12, 15, 42))  # noqa: DTZ001 - that is the point
