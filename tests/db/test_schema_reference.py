"""The product owner's data model, fact by fact: whatever it names is here, or its departure is listed.

The file is public material that lies beside the repository; where it does not, these tests are skipped and say so.
docs/design.md, "Where the reference schema needs a decision"; the reasons are in db/CONVENTIONS.md.
"""

from __future__ import annotations

import re

from tests.support import shared_data
from tests.support.databases import Connection

REFERENCE = shared_data.folder().parent / "reference" / "nexus_family_pass_schema.txt"

# Names that the conversion of the document garbled.
TABLES = {"childFavorites": "child_favorites", "parental_consenter_records": "parental_consent_records"}
COLUMNS = {"improvementSuggestions": "improvement_suggestions"}
LABELS = {
    "calm.Focused": "calm_focused",
    "high.Energy": "high_energy",
    "small.Group": "small_group",
    "big.Social": "big_social",
    "arts.Crafts": "arts_crafts",
}

# (table, column) -> (column here, type here, why). Anything else that differs is a mistake.
DEPARTURES = {
    ("activities", "min_age"): ("min_age_months", "integer", "ages are months"),
    ("activities", "max_age"): ("max_age_months", "integer", "ages are months, and may be open ended"),
    ("audit_logs", "session_id"): ("session_id", "uuid", "it is a signed-in person's session"),
}

_TYPES = (
    r"UUID|VARCHAR\(\d+\)|TEXT|INTEGER|BIGINT|BOOLEAN|DATE|TIMESTAMP WITH TIME ZONE|TIME|DECIMAL\(\d+, ?\d+\)|"
    r"JSONB|INET|[a-z]+_[a-z_]+"
)


def reference() -> str:
    """The file's text."""
    return shared_data.require(REFERENCE).read_text(encoding="utf-8")


def columns_of(text: str) -> dict[tuple[str, str], str]:
    """(table, column) -> type as written. Page breaks split statements, so lines are read one by one."""
    found: dict[tuple[str, str], str] = {}
    table: str | None = None
    for line in map(str.strip, text.splitlines()):
        if opened := re.match(r"CREATE TABLE (\w+) \(", line):
            table = opened[1]
        elif added := re.match(r"ALTER TABLE (\w+) ADD COLUMN (\w+) (\w+)", line):
            found[added[1], added[2]] = added[3]
        elif re.match(r"(CREATE|COMMENT|ALTER|INSERT) ", line):
            table = None
        elif (
            table
            and (column := re.match(rf"(\w+) ({_TYPES})(?=[\s,]|$)", line))
            and column[1] != "CONSTRAINT"
        ):
            found[table, column[1]] = column[2]
    return found


def normal(written: str) -> str:
    """A type as PostgreSQL spells it."""
    lowered = written.lower().replace(" ", "")
    lowered = re.sub(r"^varchar", "character varying", lowered)
    lowered = re.sub(r"^decimal", "numeric", lowered)
    return {"timestampwithtimezone": "timestamp with time zone", "time": "time without time zone"}.get(
        lowered, lowered
    )


def real_columns(connection: Connection) -> dict[tuple[str, str], str]:
    rows = connection.execute(
        """SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod)
           FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
           WHERE n.nspname = 'public' AND c.relkind = 'r' AND a.attnum > 0 AND NOT a.attisdropped"""
    ).fetchall()
    return {(row[0], row[1]): row[2] for row in rows}


def test_the_reader_finds_what_the_file_holds() -> None:
    found = columns_of(reference())
    assert len({table for table, _ in found}) == 34
    assert len(found) > 500
    assert found["bookings", "confirmation_code"] == "VARCHAR(20)"
    assert found["corporates", "contract_end_date"] == "DATE"


def test_every_column_of_the_reference_is_here_with_its_type(tx: Connection) -> None:
    ours = real_columns(tx)
    wrong = []
    for (table, column), written in columns_of(reference()).items():
        name, kind = COLUMNS.get(column, column), normal(written)
        if (table, column) in DEPARTURES:
            name, kind, _why = DEPARTURES[table, column]
        if (here := ours.get((TABLES.get(table, table), name))) != kind:
            wrong.append(f"{table}.{column} {written}: {here}")
    assert wrong == []


def test_the_listed_departures_are_still_departures() -> None:
    found = columns_of(reference())
    for place, (name, kind, _why) in DEPARTURES.items():
        assert place in found
        assert (name, kind) != (place[1], normal(found[place]))


def test_every_enum_of_the_reference_is_here_in_its_order(tx: Connection) -> None:
    wanted: dict[str, list[str]] = {}
    text = re.sub(r"^```\w*$", "", reference(), flags=re.MULTILINE).replace("**", "")
    for made in re.finditer(r"CREATE TYPE (\w+) AS ENUM \((.*?)\n\)", text, flags=re.DOTALL):
        labels = re.findall(r"^\s*(?:- )?'([\w.]+)'", made[2], flags=re.MULTILINE)
        wanted[made[1]] = [LABELS.get(label, label) for label in labels]
    assert len(wanted) == 13
    rows = tx.execute(
        """SELECT t.typname, array_agg(e.enumlabel::text ORDER BY e.enumsortorder) FROM pg_enum e
           JOIN pg_type t ON t.oid = e.enumtypid GROUP BY t.typname"""
    ).fetchall()
    here = {row[0]: row[1] for row in rows}
    assert {name: here.get(name) for name in wanted} == wanted


def test_every_function_and_the_view_of_the_reference_are_here(tx: Connection) -> None:
    text = reference()
    functions = set(re.findall(r"CREATE OR REPLACE FUNCTION (\w+)\(", text))
    assert len(functions) == 10
    rows = tx.execute("SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace").fetchall()
    assert functions <= {row[0] for row in rows}
    views = re.findall(r"CREATE MATERIALIZED VIEW (\w+)", text)
    assert [
        row[0] for row in tx.execute("SELECT matviewname FROM pg_matviews WHERE schemaname = 'public'")
    ] == views


def test_every_setting_of_the_reference_has_its_value(tx: Connection) -> None:
    snake = {
        "maxSuggestionsPerMonth": "max_suggestions_per_month",
        "feedbackRequestDelayHours": "feedback_request_delay_hours",
        "dataRetentionDays": "data_retention_days",
        "childDeletionDelayDays": "child_deletion_delay_days",
    }
    seeded = re.findall(r"^\('(\w+)', '([\d.]+)', '", reference(), flags=re.MULTILINE)
    assert len(seeded) == 9
    rows = tx.execute("SELECT key, value::text FROM platform_settings").fetchall()
    here = {row[0]: row[1] for row in rows}
    assert {key: here.get(snake.get(key, key)) for key, _ in seeded} == dict(seeded)


def test_every_index_of_the_reference_has_a_successor(tx: Connection) -> None:
    """By name, or because another index or constraint begins with the same columns; the rest has a reason."""
    gone = {
        "idx_venues_slug": "the unique constraint is an index",
        "idx_feature_flags_key": "the unique constraint is an index",
        "idx_notification_templates_key": "the unique constraint begins with it",
        "idx_bookings_confirmation": "the unique constraint is an index",
        "idx_invitations_token": "the unique constraint is an index",
        "idx_invitations_corporate_id": "idx_invitations_email begins with it",
        "idx_credit_balances_user_id": "unique_user_billing_period begins with it",
        "idx_credit_ledger_balance_id": "credit_ledger_entry_no_key begins with it",
        "idx_activities_venue_id": "unique_activity_slug_per_venue begins with it",
        "idx_venue_scores_venue_id": "unique_venue_weekly_score begins with it",
        "idx_venue_payouts_venue": "unique_venue_payout_period begins with it",
        "idx_venue_integrations_venue": "unique_venue_integration begins with it",
        "idx_favorites_child_id": "unique_child_favorite begins with it",
        "idx_consent_child_id": "unique_consent_record begins with it",
        "idx_chat_messages_conversation": "chat_messages_sequence_key is it",
        "idx_audit_logs_category": "idx_audit_logs_action begins with it",
        "idx_audit_logs_compliance": "idx_audit_logs_user_id is it",
        "idx_sessions_next_30_days": "an index predicate cannot know the date; idx_sessions_venue_date serves",
        "idx_waitlist_expired": "idx_waitlist_pending_offers is it",
    }
    renamed = {
        "idxSuggestionsUser_id": "idx_suggestions_user_id",
        "idxSuggestionsMonth": "idx_suggestions_month",
        "idxSuggestionsCurrent": "idx_suggestions_current",
        "idx_bookingsReminder_24h": "idx_bookings_reminder_24h",
        "idx_consenter_parent_id": "idx_consent_parent_id",
        "idx_consenter_child_id": "idx_consent_child_id",
        "idx_consenter_active": "idx_consent_active",
    }
    wanted = {renamed.get(n, n) for n in re.findall(r"CREATE (?:UNIQUE )?INDEX (\w+)", reference())}
    here = {
        row[0]
        for row in tx.execute("SELECT indexname FROM pg_indexes WHERE schemaname = 'public'").fetchall()
    }
    assert len(wanted) > 90
    assert wanted - here == set(gone)
