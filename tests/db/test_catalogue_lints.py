"""The rules every table and function follows, asked of the catalogue, so that a new one cannot forget any.

docs/design.md, "The database" and "Tests"; db/CONVENTIONS.md says why.
"""

from __future__ import annotations

from typing import Any

import pytest

from console.storage import migrate, schema_check
from tests.support.databases import Connection, Database

OURS = list(migrate.SCHEMAS)
OWNERS = {"console_owner", "console_auth", "console_api", "console_jobs"}

# Tables whose rows are one another's trail, or nobody's decision.
NOT_AUDITED = {
    "ai_suggestions": "what a model suggested",
    "announcement_reads": "who put an announcement away, and when",
    "announcement_venues": "whom an announcement, which is audited, is for",
    "attendance_events": "each row says who, where, when and with what outcome, and never changes",
    "audit_logs": "the trail itself",
    "book_checks": "each row says when the books were checked and what was found",
    "chat_conversations": "parents' conversations, removed after their term",
    "chat_messages": "parents' conversations, removed after their term",
    "document_reads": "each row says who first opened what, and when",
    "filing_documents": "each row says who added which file, and never changes",
    "import_mappings": "how tables were read; what was taken in from them is audited",
    "import_refs": "bookkeeping of imports; what they made is audited",
    "nl_search_logs": "parents' searches, removed after their term",
    "notifications": "messages that were sent; what caused them is audited",
    "payout_entries": "each says what it counts, comes of one audited payout and is fixed with it",
    "payout_sheets": "the same, session by session",
    "pinecone_sync_status": "bookkeeping of the vector index",
    "programme_changes": "each row says who asked for what, when and with what outcome, and never changes",
    "review_decisions": "each row says who decided what and why, and never changes",
    "review_reply_drafts": "what is typed and not sent; the answer itself is audited with its review",
    "score_formulas": "each row says who saved it and why, and never changes",
    "venue_events": "each row says who decided what and why, and never changes",
    "venue_file_notes": "each row says who wrote it, and never changes",
    "venue_keys": "worked out from venues, which are audited",
    "user_credit_balances": "sums of the ledger, whose entries are audited",
}

# Closed to every role but their owner, which is what row-level security without a policy means.
NO_POLICY_NEEDED = {
    "app.alembic_version": "upgrades, by the administrator",
    "app.schema_files": "upgrades, by the administrator",
    "app.schema_state": "upgrades, by the administrator",
    "public.chat_messages": "removed with their conversation; no desk reads what a parent said",
    "public.documents": "no screen hands out documents yet",
    "public.pinecone_sync_status": "another program's bookkeeping",
    "public.user_locations": "parents' addresses, which no desk needs",
}


def names(connection: Connection, query: str, params: dict[str, Any] | None = None) -> list[str]:
    return [
        str(row[0]) for row in connection.execute(query.encode(), {"ours": OURS} | (params or {})).fetchall()
    ]


def test_every_table_has_row_level_security(tx: Connection) -> None:
    assert (
        names(
            tx,
            """SELECT c.oid::regclass FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
               WHERE n.nspname = ANY (%(ours)s) AND c.relkind IN ('r', 'p') AND NOT c.relrowsecurity""",
        )
        == []
    )


def test_row_level_security_is_never_forced(tx: Connection) -> None:
    # A refreshed materialised view would come out empty.
    assert names(tx, "SELECT oid::regclass FROM pg_class WHERE relforcerowsecurity") == []


def test_tables_belong_to_console_owner_and_functions_to_the_four_owners(tx: Connection) -> None:
    tables = names(
        tx,
        """SELECT c.oid::regclass FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
           WHERE n.nspname = ANY (%(ours)s) AND c.relkind IN ('r', 'p', 'm', 'v', 'S')
             AND pg_get_userbyid(c.relowner) <> 'console_owner'""",
    )
    assert tables == []
    owners = names(
        tx,
        """SELECT DISTINCT pg_get_userbyid(p.proowner) FROM pg_proc p
           JOIN pg_namespace n ON n.oid = p.pronamespace WHERE n.nspname = ANY (%(ours)s)""",
    )
    assert set(owners) <= OWNERS


def test_console_api_owns_no_table_and_no_owner_may_log_in(tx: Connection) -> None:
    assert names(tx, "SELECT relname FROM pg_class WHERE pg_get_userbyid(relowner) = 'console_api'") == []
    loose = names(
        tx,
        """SELECT rolname FROM pg_roles WHERE rolname LIKE 'console\\_%%'
           AND (rolcanlogin OR rolsuper OR rolbypassrls OR rolcreaterole OR rolcreatedb)""",
    )
    assert loose == []


def test_nobody_gets_to_run_a_function_just_so(tx: Connection) -> None:
    assert (
        names(
            tx,
            """SELECT p.oid::regprocedure FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
               WHERE n.nspname = ANY (%(ours)s) AND has_function_privilege('public', p.oid, 'EXECUTE')""",
        )
        == []
    )


def test_public_has_no_right_on_any_table_or_schema(tx: Connection) -> None:
    tables = names(
        tx,
        """SELECT DISTINCT c.oid::regclass FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace,
               aclexplode(c.relacl) a
           WHERE n.nspname = ANY (%(ours)s) AND a.grantee = 0""",
    )
    schemas = names(
        tx,
        """SELECT n.nspname FROM pg_namespace n, aclexplode(n.nspacl) a
           WHERE n.nspname = ANY (%(ours)s) AND a.grantee = 0""",
    )
    assert tables + schemas == []


def test_definers_have_a_pinned_search_path_and_quiet_messages(tx: Connection) -> None:
    loose = names(
        tx,
        """SELECT p.oid::regprocedure FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
           WHERE n.nspname = ANY (%(ours)s) AND p.prosecdef
             AND NOT coalesce(p.proconfig @> ARRAY['search_path=pg_catalog, pg_temp'], false)""",
    )
    assert loose == []


def test_definers_never_use_into_strict(tx: Connection) -> None:
    # Its error message would show the parameters of the query.
    assert (
        names(
            tx,
            """SELECT p.oid::regprocedure FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
               WHERE n.nspname = ANY (%(ours)s) AND p.prosecdef AND p.prosrc ~* 'into\\s+strict'""",
        )
        == []
    )


def test_every_foreign_key_is_indexed(tx: Connection) -> None:
    missing = names(
        tx,
        """SELECT k.conrelid::regclass || ' (' || k.conname || ')' FROM pg_constraint k
           JOIN pg_namespace n ON n.oid = k.connamespace
           WHERE k.contype = 'f' AND n.nspname = ANY (%(ours)s)
             AND NOT EXISTS (
                 SELECT 1 FROM pg_index i WHERE i.indrelid = k.conrelid
                   -- The leading columns of the index are those of the key, in any order; of a composite key with a
                   -- venue the row's own id is selective enough.
                   AND (SELECT array_agg(x ORDER BY x)
                        FROM unnest((i.indkey::int2[])[0:cardinality(k.conkey) - 1]) x)
                       = (SELECT array_agg(x ORDER BY x) FROM unnest(k.conkey) x))
           ORDER BY 1""",
    )
    assert missing == []


def test_every_row_that_names_a_venue_is_held_to_it(tx: Connection) -> None:
    """A table with a venue_id refers to other tables with one by (id, venue_id), so that the two cannot disagree."""
    loose = names(
        tx,
        """WITH of_a_venue AS (
               SELECT c.oid FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
               JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'venue_id' AND NOT a.attisdropped
               WHERE n.nspname = 'public' AND c.relkind = 'r'
                 AND c.relname NOT IN ('users', 'documents', 'staff_grants'))
           SELECT k.conrelid::regclass || ' (' || k.conname || ')' FROM pg_constraint k
           WHERE k.contype = 'f' AND k.conrelid IN (SELECT oid FROM of_a_venue)
             AND k.confrelid IN (SELECT oid FROM of_a_venue) AND cardinality(k.conkey) = 1 ORDER BY 1""",
    )
    # These point at a row of the same venue by construction of the one function that writes them.
    allowed = {
        "attendance_events (attendance_events_annuls_id_fkey)",
        "bookings (bookings_original_booking_id_fkey)",
        "earning_changes (earning_changes_review_item_id_fkey)",
        "review_items (review_items_event_id_fkey)",
        "venue_closures (venue_closures_reason_id_fkey)",  # a reason may be the platform's, of no venue
        "waitlist (waitlist_converted_booking_id_fkey)",
    }
    assert set(loose) <= allowed, set(loose) - allowed


def test_tables_without_a_venue_reach_it_through_their_parent(tx: Connection) -> None:
    without = set(
        names(
            tx,
            """SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
               WHERE n.nspname = 'public' AND c.relkind = 'r' AND NOT EXISTS (
                   SELECT 1 FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'venue_id')
                 AND EXISTS (SELECT 1 FROM pg_constraint k WHERE k.contype = 'f' AND k.conrelid = c.oid
                             AND k.confrelid IN ('bookings'::regclass, 'activity_sessions'::regclass))""",
        )
    )
    # Parents' things, which no venue reads.
    assert without <= {"ai_suggestions", "chat_conversations", "credit_ledger"}


def test_every_table_has_a_policy_or_needs_none(tx: Connection) -> None:
    bare = set(
        names(
            tx,
            """SELECT n.nspname || '.' || c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
               WHERE n.nspname = ANY (%(ours)s) AND c.relkind = 'r'
                 AND NOT EXISTS (SELECT 1 FROM pg_policy p WHERE p.polrelid = c.oid)""",
        )
    )
    assert bare - set(NO_POLICY_NEEDED) == set()


def test_a_grant_is_worth_nothing_without_a_policy_and_none_stands_alone(tx: Connection) -> None:
    """A role that was granted a table without a policy for it would silently see nothing: somebody forgot one half."""
    forgotten = names(
        tx,
        """SELECT DISTINCT c.oid::regclass || ' for ' || r.rolname FROM pg_class c
           JOIN pg_namespace n ON n.oid = c.relnamespace
           CROSS JOIN pg_roles r
           WHERE n.nspname = ANY (%(ours)s) AND c.relkind = 'r'
             AND r.rolname IN ('console_auth', 'console_api', 'console_jobs', 'console_worker', 'console_client')
             AND has_any_column_privilege(r.oid, c.oid, 'SELECT, INSERT, UPDATE')
             AND NOT EXISTS (SELECT 1 FROM pg_policy p WHERE p.polrelid = c.oid
                             AND (p.polroles = '{0}' OR r.oid = ANY (p.polroles))) ORDER BY 1""",
    )
    assert forgotten == []


def test_watched_tables_keep_their_version(tx: Connection) -> None:
    loose = names(
        tx,
        """SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
           JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'changed_xid'
           WHERE n.nspname = 'public' AND c.relkind = 'r'
             AND (SELECT count(*) FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid WHERE t.tgrelid = c.oid
                  AND p.proname IN ('touch_version', 'touch_session', 'touch_activity', 'first_version')
                  AND t.tgenabled = 'O') <> 2""",
    )
    assert loose == []


def test_tables_that_say_when_they_changed_keep_it(tx: Connection) -> None:
    loose = names(
        tx,
        """SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
           JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'updated_at'
           WHERE n.nspname = 'public' AND c.relkind = 'r'
             AND NOT EXISTS (SELECT 1 FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid WHERE t.tgrelid = c.oid
                 AND p.proname IN ('touch_version', 'touch_session', 'touch_activity', 'update_updated_at_column')
                 AND t.tgenabled = 'O')""",
    )
    assert loose == []


def test_watched_tables_of_a_venue_are_announced(tx: Connection) -> None:
    loose = names(
        tx,
        """SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
           JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'changed_xid'
           JOIN pg_attribute v ON v.attrelid = c.oid AND v.attname = 'venue_id'
           WHERE n.nspname = 'public' AND c.relkind = 'r' AND c.relname <> 'users'
             AND (SELECT count(*) FROM pg_trigger t WHERE t.tgrelid = c.oid AND t.tgname LIKE 'y\\_announce%%') <> 3""",
    )
    assert loose == []


def test_every_business_table_is_audited_or_has_a_reason_not_to_be(tx: Connection) -> None:
    bare = set(
        names(
            tx,
            """SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
               WHERE n.nspname = 'public' AND c.relkind = 'r'
                 AND (SELECT count(*) FROM pg_trigger t
                      WHERE t.tgrelid = c.oid AND t.tgname LIKE 'z\\_audit%%') <> 3""",
        )
    )
    assert bare == set(NOT_AUDITED)


def test_audit_rules_name_tables_and_columns_that_exist(tx: Connection) -> None:
    wrong = names(
        tx,
        """SELECT r.table_name || '.' || coalesce(x.name, '(no such table)') FROM app.audit_rules() r
           LEFT JOIN LATERAL (SELECT c.oid FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                              WHERE c.relname = r.table_name AND c.relkind = 'r'
                                AND n.nspname IN ('public', 'auth')) t ON true
           LEFT JOIN LATERAL unnest(r.hidden || r.ignored) AS x (name) ON t.oid IS NOT NULL
           WHERE t.oid IS NULL OR (x.name IS NOT NULL AND NOT EXISTS (
               SELECT 1 FROM pg_attribute a WHERE a.attrelid = t.oid AND a.attname = x.name))""",
    )
    assert wrong == []


def test_money_is_never_a_float(tx: Connection) -> None:
    floats = names(
        tx,
        """SELECT c.oid::regclass || '.' || a.attname FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
           JOIN pg_namespace n ON n.oid = c.relnamespace
           WHERE n.nspname = ANY (%(ours)s) AND c.relkind = 'r' AND a.atttypid IN ('float4'::regtype, 'float8'::regtype,
               'money'::regtype)""",
    )
    assert floats == []


def test_every_instant_has_a_zone(tx: Connection) -> None:
    naive = names(
        tx,
        """SELECT c.oid::regclass || '.' || a.attname FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
           JOIN pg_namespace n ON n.oid = c.relnamespace
           WHERE n.nspname = ANY (%(ours)s) AND c.relkind = 'r' AND a.atttypid = 'timestamp'::regtype""",
    )
    assert naive == []


def test_every_table_and_trigger_function_says_what_it_is_for(tx: Connection) -> None:
    silent = names(
        tx,
        """SELECT c.oid::regclass::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
           WHERE n.nspname = ANY (%(ours)s) AND c.relkind IN ('r', 'm') AND c.relname <> 'alembic_version'
             AND obj_description(c.oid, 'pg_class') IS NULL
           UNION ALL
           SELECT p.oid::regprocedure::text FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
           WHERE n.nspname IN ('public', 'app') AND obj_description(p.oid, 'pg_proc') IS NULL""",
    )
    assert silent == []


def test_rules_ask_the_one_clock(tx: Connection) -> None:
    """now() and current_date are the machine's; every rule asks app.now(), which a test can hold still."""
    others = names(
        tx,
        """SELECT p.oid::regprocedure FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
           WHERE n.nspname IN ('public', 'app', 'desk', 'attendance', 'credits', 'bookings')
             AND regexp_replace(p.prosrc, '--[^\\n]*', '', 'g')
                 ~* '(^|[^.a-z_])(now\\(\\)|current_timestamp|current_date)'
             AND p.oid <> 'app.now()'::regprocedure""",
    )
    assert others == []
    defaults = names(
        tx,
        """SELECT d.adrelid::regclass FROM pg_attrdef d JOIN pg_class c ON c.oid = d.adrelid
           JOIN pg_namespace n ON n.oid = c.relnamespace
           WHERE n.nspname = 'public'
             AND pg_get_expr(d.adbin, d.adrelid) ~* '(^|[^.a-z_])now\\(\\)|current_(timestamp|date|time)'""",
    )
    assert defaults == []


def test_the_check_command_finds_nothing_wrong(database: Database) -> None:
    # A fixed clock is a finding of its own, and tests of the shared database roll theirs back.
    assert [p for p in migrate.check(database.admin_dsn) if p.key != "open_to_all"] == []


@pytest.mark.parametrize(
    ("key", "damage"),
    [
        ("row_security_off", "ALTER TABLE rooms DISABLE ROW LEVEL SECURITY"),
        ("foreign_owner", "ALTER TABLE rooms OWNER TO CURRENT_USER"),
        ("public_execute", "GRANT EXECUTE ON FUNCTION app.now() TO PUBLIC"),
        ("loose_search_path", "ALTER FUNCTION app.count_bookings() RESET search_path"),
        ("clock_fixed", "INSERT INTO app.fixed_clock (instant, reason) VALUES ('2026-01-01 00:00Z', 'test')"),
    ],
)
def test_the_check_command_names_each_kind_of_damage(tx: Connection, key: str, damage: str) -> None:
    before = {problem.key for problem in schema_check.find_problems(tx)}
    tx.execute(damage.encode())
    after = {problem.key: problem for problem in schema_check.find_problems(tx)}
    assert key not in before
    assert key in after
    assert after[key].sentence.endswith((".", ")"))
    assert after[key].hint


def test_the_check_command_says_what_is_open_to_everybody(tx: Connection) -> None:
    tx.execute("GRANT EXECUTE ON FUNCTION pg_catalog.pg_terminate_backend(integer, bigint) TO PUBLIC")
    found = {problem.key: problem for problem in schema_check.find_problems(tx)}
    assert "pg_terminate_backend" in found["open_to_all"].sentence
