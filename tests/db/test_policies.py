"""What each role sees and changes of each table, over real desk logins: every policy allows and denies.

The tables are walked by name, and a table that somebody grants later fails until it is listed here. docs/design.md,
"Authorisation" (rules 1 to 5).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import psycopg
import pytest

from tests.support import factories, identities, world
from tests.support.databases import Connection, Database

ROLES = ("front_desk", "manager", "venue_finance", "platform_admin", "platform_finance")
VENUE_ROLES = ROLES[:3]
EVERYBODY = frozenset(ROLES)
PLATFORM_ADMIN = frozenset({"platform_admin"})
PLATFORM = frozenset({"platform_admin", "platform_finance"})
MONEY = frozenset({"venue_finance", *PLATFORM})
REVIEWS = frozenset({"manager", "platform_admin"})
ROSTER = frozenset({"front_desk", "manager"})

# Table of a venue -> roles that see their own venue's rows (platform roles: every venue's).
OF_A_VENUE: dict[str, frozenset[str]] = {
    "rooms": EVERYBODY,
    "venue_closures": EVERYBODY,
    "venue_closure_rooms": EVERYBODY,
    "activities": EVERYBODY,
    "activity_recurring_schedules": EVERYBODY,
    "schedule_exceptions": EVERYBODY,
    "activity_sessions": EVERYBODY,
    "bookings": EVERYBODY,
    "waitlist": EVERYBODY,
    "app.tombstones": EVERYBODY,
    "venue_requirements": EVERYBODY,
    "attendance_events": ROSTER,
    "review_items": REVIEWS,
    "programme_changes": REVIEWS,
    "import_mappings": REVIEWS,
    "booking_feedback": REVIEWS,
    "reviews": REVIEWS,
    "venue_performance_scores": frozenset({"manager", "venue_finance", "platform_admin"}),
    "venue_payouts": MONEY,
    "payout_entries": MONEY,
    "payout_sheets": MONEY,
    "payout_holds": MONEY,
    "payout_attempts": MONEY,
}
# Table of the platform -> roles that see its rows.
OF_THE_PLATFORM: dict[str, frozenset[str]] = {
    "invoices": PLATFORM,
    "credit_notes": PLATFORM,
    "invoice_series": PLATFORM,
    "invoice_payments": PLATFORM,
    "payout_runs": PLATFORM,
    "book_closings": PLATFORM,
    "integrity_issues": PLATFORM,
    "book_checks": PLATFORM,
    "corporates": PLATFORM,
    "corporate_subscriptions": PLATFORM,
    "feature_flags": PLATFORM_ADMIN,
    "notification_templates": PLATFORM_ADMIN,
    "api_keys": PLATFORM_ADMIN,
    "venue_integrations": PLATFORM_ADMIN,
    "audit_logs": PLATFORM_ADMIN,
    "data_export_requests": PLATFORM_ADMIN,
    "auth.devices": PLATFORM_ADMIN,
    "staff_grants": PLATFORM_ADMIN,
}
# Readable by rules of their own, each with its own test below.
SPECIAL = {
    "payout_lines",
    "venues",
    "users",
    "platform_settings",
    "closure_reasons",
    "auth.role_permissions",
    "app.schema_state",
    "app.fixed_clock",
}
# Never in any grant of a desk: people, health, secrets.
NEVER = {
    "bookings": {"parent_notes", "venue_notes", "cancellation_notes", "confirmation_code", "booked_by"},
    "attendance_events": {"pickup_name", "pickup_person_id", "detail", "code"},
    "review_items": {"summary", "resolution", "note"},
    "venues": {"payout_bank_name", "payout_account_last_four", "stripe_connect_account_id", "insurance_policy_number"},
    "venue_payouts": {"stripe_payout_id", "stripe_transfer_id", "idempotency_key"},
    "payout_attempts": {"idempotency_key", "provider_id", "destination"},
    "users": {"email", "first_name", "last_name", "phone", "password_hash", "mfa_secret", "password_reset_token",
              "remember_token", "role", "is_active"},
    "api_keys": {"key_hash"},
    "venue_integrations": {"api_config", "credentials_secret_id", "webhook_secret", "webhook_url"},
    "audit_logs": {"old_values", "new_values", "context", "ip_address"},
    "auth.devices": {"role_name"},
    "waitlist": {"user_id", "skip_reason", "removal_note"},
    "programme_changes": {"change", "answer"},
    "reviews": {"user_id"},
    "data_export_requests": {"file_url", "user_id", "request_ip"},
}  # fmt: skip
# A column that every row has, where it is not the id.
COLUMN = {"venue_closure_rooms": "room_id", "invoice_series": "next_number", "payout_sheets": "session_id"}
PEOPLE = (
    "children", "child_health_notes", "pickup_people", "child_favorites", "parental_consent_records", "user_locations",
    "owed_credits", "desk_requests", "booking_notes", "pickup_tags", "earning_changes",
    "employee_invitations", "user_credit_balances", "credit_ledger", "notifications", "documents", "import_refs",
    "ai_suggestions", "nl_search_logs", "chat_conversations", "chat_messages", "pinecone_sync_status",
    "parent_dashboard_summary", "auth.person_sessions", "auth.sign_in_secret", "auth.sign_in_tickets",
    "auth.sign_in_verdicts", "auth.sign_in_attempts", "auth.recovery_codes", "auth.alerts", "auth.venue_channels",
    "auth.demo_accounts", "app.schema_files", "app.alembic_version",
    "app.workers", "app.background_jobs", "app.job_runs",
    "venue_keys", "venue_applications", "venue_cases", "requirement_filings", "background_checks", "filing_documents",
    "document_reads", "venue_events", "decision_templates", "score_formulas", "score_disputes", "review_decisions",
    "review_reply_drafts", "venue_file_notes", "venue_incidents", "announcements", "announcement_venues",
    "announcement_reads",
)  # fmt: skip


@pytest.fixture(scope="module")
def built(house: Database) -> world.World:
    with house.connect() as admin:
        return world.build(admin)


@pytest.fixture(scope="module")
def desks(house: Database, built: world.World) -> Iterator[dict[str, Connection]]:
    """A connection per role, each at a real desk; those of a venue work at `built.here`."""
    with ExitStack() as stack:
        made = {}
        for role in ROLES:
            venue = built.here.venue if role in VENUE_ROLES else None
            made[role] = stack.enter_context(identities.at_desk(house, role, venue)).connection
        made["nobody"] = stack.enter_context(identities.enrol(house).connect())
        yield made


def count(connection: Connection, table: str, where: str = "true", *values: Any) -> int:
    row = connection.execute(f"SELECT count(*) FROM {table} WHERE {where}".encode(), values).fetchone()
    assert row is not None
    return int(row[0])


def denied(connection: Connection, statement: str, *values: Any) -> None:
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute(statement.encode(), values)


def granted_columns(admin: Connection, table: str, privilege: str) -> set[str]:
    rows = admin.execute(
        """SELECT a.attname FROM pg_attribute a WHERE a.attrelid = %s::regclass AND a.attnum > 0 AND NOT a.attisdropped
           AND has_column_privilege('console_client', a.attrelid, a.attnum, %s)""",
        [table, privilege],
    )
    return {row[0] for row in rows.fetchall()}


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("table", sorted(OF_A_VENUE))
def test_rows_of_a_venue_show_to_its_own_roles(
    desks: dict[str, Connection], built: world.World, table: str, role: str
) -> None:
    here = count(desks[role], table, "venue_id = %s", built.here.venue)
    there = count(desks[role], table, "venue_id = %s", built.there.venue)
    if role not in OF_A_VENUE[table]:
        assert (here, there) == (0, 0)
    elif role in VENUE_ROLES:
        assert here > 0
        assert there == 0
    else:
        assert here > 0
        assert there > 0


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("table", sorted(OF_THE_PLATFORM))
def test_rows_of_the_platform_show_to_its_own_roles(
    desks: dict[str, Connection], table: str, role: str
) -> None:
    assert (count(desks[role], table) > 0) == (role in OF_THE_PLATFORM[table])


@pytest.mark.parametrize(
    "table", sorted({*OF_A_VENUE, *OF_THE_PLATFORM, "venues", "users", "platform_settings"})
)
def test_nothing_shows_before_somebody_signs_in(desks: dict[str, Connection], table: str) -> None:
    assert count(desks["nobody"], table) == 0


@pytest.mark.parametrize("table", PEOPLE)
def test_people_and_secrets_have_no_grant_for_anybody(desks: dict[str, Connection], table: str) -> None:
    for connection in desks.values():
        denied(connection, f"SELECT 1 FROM {table}")
        denied(connection, f"DELETE FROM {table}")


def test_every_table_is_listed_here(tx: Connection) -> None:
    rows = tx.execute(
        """SELECT CASE WHEN n.nspname = 'public' THEN '' ELSE n.nspname || '.' END || c.relname
           FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
           WHERE n.nspname IN ('public', 'app', 'auth') AND c.relkind IN ('r', 'p', 'm', 'v')"""
    )
    tables = {row[0] for row in rows.fetchall()}
    assert tables == {*OF_A_VENUE, *OF_THE_PLATFORM, *SPECIAL, *PEOPLE}


@pytest.mark.parametrize("table", sorted(NEVER))
def test_columns_about_people_and_secrets_are_never_granted(
    tx: Connection, desks: dict[str, Connection], table: str
) -> None:
    for privilege in ("SELECT", "INSERT", "UPDATE"):
        assert NEVER[table].isdisjoint(granted_columns(tx, table, privilege))
    for column in NEVER[table]:
        denied(desks["platform_admin"], f"SELECT {column} FROM {table}")
        denied(desks["manager"], f"SELECT count(*) FROM {table} WHERE {column} IS NULL")


def test_no_desk_may_delete_truncate_or_build_on_anything(tx: Connection) -> None:
    rows = tx.execute(
        """SELECT c.oid::regclass::text, p.privilege FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace,
                  unnest(ARRAY['DELETE', 'TRUNCATE', 'REFERENCES', 'TRIGGER']) AS p (privilege)
           WHERE n.nspname IN ('public', 'app', 'auth') AND c.relkind IN ('r', 'p', 'm', 'v')
             AND (has_table_privilege('console_client', c.oid, p.privilege)
                  OR p.privilege = 'REFERENCES' AND has_any_column_privilege('console_client', c.oid, p.privilege))"""
    )
    assert rows.fetchall() == []


def test_only_plain_facts_may_be_edited_without_a_function(tx: Connection) -> None:
    rows = tx.execute(
        """SELECT DISTINCT table_name FROM information_schema.column_privileges
           WHERE grantee = 'console_client' AND privilege_type IN ('INSERT', 'UPDATE')"""
    )
    assert {row[0] for row in rows.fetchall()} == {
        "venues",
        "rooms",
        "activities",
        "users",
        "closure_reasons",
        "import_mappings",
    }


def test_a_venue_shows_to_its_people_and_to_the_platform(
    desks: dict[str, Connection], built: world.World
) -> None:
    for role in ROLES:
        seen = {row[0] for row in desks[role].execute("SELECT id FROM venues").fetchall()}
        assert built.here.venue in seen
        assert (built.there.venue in seen) == (role not in VENUE_ROLES)


def test_lines_of_payouts_show_to_those_who_see_the_payouts(
    desks: dict[str, Connection], built: world.World
) -> None:
    """Wherever they are kept: the corrections by themselves, the bookings on the sheets of their sessions."""
    for role in ROLES:
        rows = desks[role].execute("SELECT venue_id, kind::text FROM payout_lines").fetchall()
        venues = [built.here.venue] * (role in MONEY) + [built.there.venue] * (role in PLATFORM)
        assert sorted(rows) == sorted((venue, kind) for venue in venues for kind in ("adjustment", "booking"))


def test_everybody_sees_one_account_their_own(desks: dict[str, Connection]) -> None:
    for role in ROLES:
        rows = desks[role].execute("SELECT id, id = auth.user_id() FROM users").fetchall()
        assert [row[1] for row in rows] == [True]


def test_settings_that_are_not_public_show_to_those_who_manage_them(desks: dict[str, Connection]) -> None:
    for role in ROLES:
        assert count(desks[role], "platform_settings", "is_public") > 0
        assert count(desks[role], "platform_settings", "NOT is_public") == (
            count(desks["platform_admin"], "platform_settings", "NOT is_public")
            if role == "platform_admin"
            else 0
        )
    assert count(desks["platform_admin"], "platform_settings", "key = 'hidden_setting'") == 1


@pytest.mark.parametrize("role", ROLES)
def test_only_those_who_may_edit_activities_do_and_only_their_own(
    desks: dict[str, Connection], built: world.World, role: str
) -> None:
    statement = "UPDATE activities SET short_description = 'Edited' WHERE id = %s"
    allowed = role in ("manager", "platform_admin")
    assert desks[role].execute(statement, [built.here.activity]).rowcount == int(allowed)
    everywhere = int(role == "platform_admin")
    assert desks[role].execute(statement, [built.there.activity]).rowcount == everywhere


def test_a_new_activity_belongs_to_ones_own_venue(desks: dict[str, Connection], built: world.World) -> None:
    statement = """INSERT INTO activities (venue_id, name, slug, category, min_age_months, duration_minutes,
                                           credits_required, capacity_per_session)
                   VALUES (%s, 'New', %s, 'music', 12, 60, 1, 10)"""
    assert desks["manager"].execute(statement, [built.here.venue, "new-one"]).rowcount == 1
    denied(desks["manager"], statement, built.there.venue, "new-two")
    denied(desks["front_desk"], statement, built.here.venue, "new-three")
    denied(desks["manager"], "UPDATE activities SET venue_id = %s", built.there.venue)


@pytest.mark.parametrize("role", ROLES)
def test_rooms_are_the_managers_to_keep(desks: dict[str, Connection], built: world.World, role: str) -> None:
    allowed = role in ("manager", "platform_admin")
    add = "INSERT INTO rooms (venue_id, name) VALUES (%s, %s)"
    if allowed:
        assert desks[role].execute(add, [built.here.venue, f"Room of {role}"]).rowcount == 1
    else:
        denied(desks[role], add, built.here.venue, f"Room of {role}")
    changed = desks[role].execute("UPDATE rooms SET capacity = 20 WHERE id = %s", [built.here.room])
    assert changed.rowcount == int(allowed)
    if role in VENUE_ROLES:
        denied(desks[role], add, built.there.venue, f"Other room of {role}")


@pytest.mark.parametrize("role", ROLES)
def test_reasons_for_closures_are_the_platforms_and_ones_own_venues(
    desks: dict[str, Connection], built: world.World, role: str
) -> None:
    """The platform's reasons show to everybody and are nobody's to change; a venue's own are its managers' to keep."""
    desk, allowed = desks[role], role in ("manager", "platform_admin")
    assert count(desk, "closure_reasons", "venue_id IS NULL") == 8
    add = "INSERT INTO closure_reasons (venue_id, name, kind) VALUES (%s, %s, 'other')"
    if allowed:
        assert desk.execute(add, [built.here.venue, f"Reason of {role}"]).rowcount == 1
    else:
        denied(desk, add, built.here.venue, f"Reason of {role}")
    denied(desk, add, None, f"Reason of {role} for all")
    rename = "UPDATE closure_reasons SET is_active = false WHERE name = %s"
    assert desk.execute(rename, [f"Reason of {role}"]).rowcount == int(allowed)
    assert desk.execute(rename, ["Weather"]).rowcount == 0
    if role in VENUE_ROLES:
        denied(desk, add, built.there.venue, f"Other reason of {role}")
        assert count(desk, "closure_reasons", "venue_id = %s", built.there.venue) == 0


@pytest.mark.parametrize("role", ROLES)
def test_a_venues_description_is_the_managers_to_edit(
    desks: dict[str, Connection], built: world.World, role: str
) -> None:
    statement = "UPDATE venues SET short_description = 'Edited' WHERE id = %s"
    allowed = role in ("manager", "platform_admin")
    assert desks[role].execute(statement, [built.here.venue]).rowcount == int(allowed)
    for fact in (
        "status = 'active'",
        "platform_fee_percentage = 0",
        "timezone = 'UTC'",
        "is_curation_eligible = true",
    ):
        denied(desks[role], f"UPDATE venues SET {fact} WHERE id = %s", built.here.venue)


def test_ones_own_language_may_be_changed_and_nothing_else(desks: dict[str, Connection]) -> None:
    assert desks["front_desk"].execute("UPDATE users SET preferred_language = 'es'").rowcount == 1
    for fact in (
        "role = 'platform_admin'",
        "is_active = true",
        "password_hash = NULL",
        "mfa_enabled = false",
    ):
        denied(desks["front_desk"], f"UPDATE users SET {fact}")


@pytest.mark.parametrize("table", sorted({*OF_A_VENUE, *OF_THE_PLATFORM} - {"rooms", "activities"}))
def test_state_is_never_changed_by_a_plain_statement(desks: dict[str, Connection], table: str) -> None:
    for role in ("manager", "platform_admin"):
        column = COLUMN.get(table, "id")
        denied(desks[role], f"UPDATE {table} SET {column} = DEFAULT")
        denied(desks[role], f"INSERT INTO {table} DEFAULT VALUES")
        denied(desks[role], f"DELETE FROM {table}")


@pytest.mark.parametrize("table", sorted(OF_A_VENUE))
def test_a_policy_is_looked_up_once_and_compares_one_column(desks: dict[str, Connection], table: str) -> None:
    rows = desks["manager"].execute(f"EXPLAIN (COSTS OFF) SELECT venue_id FROM {table}".encode()).fetchall()
    plan = "\n".join(row[0] for row in rows)
    assert "InitPlan" in plan
    conditions = [line for line in plan.splitlines() if "Filter:" in line or "Cond:" in line]
    assert conditions
    assert all("venue_id = ANY" in line and "auth." not in line for line in conditions)


@pytest.mark.parametrize("table", sorted(OF_A_VENUE))
def test_the_column_a_policy_compares_is_indexed(tx: Connection, table: str) -> None:
    rows = tx.execute(
        """SELECT 1 FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]
           WHERE i.indrelid = %s::regclass AND a.attname = 'venue_id' AND i.indpred IS NULL""",
        [table],
    )
    assert rows.fetchone() is not None


def test_a_bound_desk_shows_its_venue_only_even_to_the_platform(house: Database, built: world.World) -> None:
    bound = identities.enrol(house, venue_id=built.there.venue)
    with identities.at_desk(house, "platform_admin", desk=bound) as amara:
        assert {row[0] for row in amara.connection.execute("SELECT id FROM venues").fetchall()} == {
            built.there.venue
        }
        assert count(amara.connection, "venue_payouts") == 1
        assert count(amara.connection, "invoices") == 0
        assert count(amara.connection, "audit_logs") == 0


def test_the_functions_own_role_reads_no_credential(tx: Connection) -> None:
    for table, columns in {
        "users": ("password_hash", "mfa_secret", "password_reset_token", "remember_token"),
        "auth.person_sessions": ("token_hash",),
        "auth.sign_in_tickets": ("stored_key", "server_key"),
        "auth.sign_in_secret": ("salt_key",),
        "auth.recovery_codes": ("code_hash",),
    }.items():
        for role in ("console_api", "console_jobs", "console_worker", "console_client"):
            for column in columns:
                row = tx.execute(
                    "SELECT has_column_privilege(%s, %s, %s, 'SELECT')", [role, table, column]
                ).fetchone()
                assert row == (False,), (role, table, column)


def test_rows_made_later_are_covered_too(
    house: Database, desks: dict[str, Connection], built: world.World
) -> None:
    with house.connect() as admin:
        made = factories.session(admin, factories.activity(admin, built.there.venue))
    assert count(desks["manager"], "activity_sessions", "id = %s", made) == 0
    assert count(desks["platform_admin"], "activity_sessions", "id = %s", made) == 1
