"""Children's names, health notes and the people around them: what no desk may read but through the roster."""

from __future__ import annotations

import json
import time
from datetime import timedelta
from statistics import median

import psycopg
import pytest

from tests.security.attacks import DENIED, NOT_FOUND, REFUSED, refused, rows, value
from tests.security.conftest import NOW, Target
from tests.support import factories
from tests.support.databases import Connection

PERSONAL_TABLES = (
    "children", "child_health_notes", "pickup_people", "user_locations", "parental_consent_records", "chat_messages",
    "nl_search_logs", "notifications",
)  # fmt: skip


@pytest.mark.parametrize("table", PERSONAL_TABLES)
def test_personal_tables_cannot_be_read(mallory: Connection, table: str) -> None:
    refused(mallory, f"SELECT * FROM public.{table}")


@pytest.mark.parametrize("table", PERSONAL_TABLES)
def test_not_even_headquarters_reads_personal_tables(target: Target, table: str) -> None:
    refused(target.admin_person.connection, f"SELECT count(*) FROM public.{table}")


@pytest.mark.parametrize("column", ["parent_notes", "venue_notes"])
def test_notes_on_a_booking_are_hidden_columns(mallory: Connection, column: str) -> None:
    refused(mallory, f"SELECT {column} FROM public.bookings")


def test_a_hidden_column_cannot_be_compared_with(mallory: Connection) -> None:
    refused(mallory, "SELECT id FROM public.bookings WHERE parent_notes LIKE 'secret%'")


def test_a_hidden_column_cannot_be_sorted_by(mallory: Connection) -> None:
    refused(mallory, "SELECT id FROM public.bookings ORDER BY parent_notes")


def test_the_whole_row_is_not_a_way_around_columns(mallory: Connection) -> None:
    refused(mallory, "SELECT b FROM public.bookings b")
    refused(mallory, "SELECT to_jsonb(b) FROM public.bookings b")


def test_the_table_command_is_not_a_way_around_columns(mallory: Connection) -> None:
    refused(mallory, "TABLE public.bookings")


def test_another_venues_roster_is_not_there(mallory: Connection, target: Target) -> None:
    foreign = refused(
        mallory, "SELECT * FROM desk.roster(%s)", [target.theirs.session], by=(NOT_FOUND, REFUSED)
    )
    absent = refused(mallory, "SELECT * FROM desk.roster(gen_random_uuid())", by=(NOT_FOUND, REFUSED))
    assert (foreign.sqlstate, str(foreign.diag.message_primary)) == (
        absent.sqlstate,
        absent.diag.message_primary,
    )


def test_another_venues_child_has_no_history_here(mallory: Connection, target: Target) -> None:
    refused(mallory, "SELECT * FROM desk.child_history(%s)", [target.theirs.booking], by=(NOT_FOUND, REFUSED))


def test_another_venue_cannot_be_searched(mallory: Connection, target: Target) -> None:
    refused(
        mallory, "SELECT * FROM desk.search_today(%s, 'Ch')", [target.theirs.venue], by=(NOT_FOUND, REFUSED)
    )


def test_search_finds_nobody_of_another_venue(mallory: Connection, target: Target) -> None:
    names = [
        row[2] for row in rows(mallory, "SELECT * FROM desk.search_today(%s, 'Child')", [target.ours.venue])
    ]
    assert names == ["ChildOurs"]


def test_a_search_pattern_is_text(mallory: Connection, target: Target) -> None:
    assert rows(mallory, "SELECT * FROM desk.search_today(%s, '%%%%')", [target.ours.venue]) == []
    assert rows(mallory, "SELECT * FROM desk.search_today(%s, '__')", [target.ours.venue]) == []


def test_finance_gets_no_roster(finance: Connection, target: Target) -> None:
    refused(finance, "SELECT * FROM desk.roster(%s)", [target.ours.session], by=(REFUSED, NOT_FOUND))
    refused(
        finance, "SELECT * FROM desk.search_today(%s, 'Ch')", [target.ours.venue], by=(REFUSED, NOT_FOUND)
    )


def test_a_stolen_laptop_gets_no_roster(stranger: Connection, target: Target) -> None:
    refused(stranger, "SELECT * FROM desk.roster(%s)", [target.ours.session], by=(REFUSED, NOT_FOUND))


def test_a_roster_of_long_ago_is_closed(
    mallory: Connection, administrator: Connection, target: Target
) -> None:
    activity = factories.activity(administrator, target.ours.venue)
    for when in (NOW - timedelta(days=4), NOW + timedelta(days=9)):
        session = factories.session(
            administrator, activity, starts_at=when, ends_at=when + timedelta(hours=1)
        )
        refused(mallory, "SELECT * FROM desk.roster(%s)", [session], by=(NOT_FOUND, REFUSED))


def test_explain_of_a_hidden_table_shows_nothing(mallory: Connection) -> None:
    refused(
        mallory, "EXPLAIN (ANALYZE, VERBOSE) SELECT * FROM public.child_health_notes WHERE title LIKE 'Pea%'"
    )


def test_statistics_tell_no_values(mallory: Connection, administrator: Connection) -> None:
    administrator.execute("ANALYZE public.children, public.bookings, public.child_health_notes")
    for table in ("children", "bookings", "child_health_notes"):
        seen = rows(mallory, "SELECT attname FROM pg_stats WHERE tablename = %s", [table])
        assert seen == [], table
    refused(mallory, "SELECT * FROM pg_catalog.pg_statistic")


def test_a_foreign_booking_costs_what_an_absent_one_costs(mallory: Connection, target: Target) -> None:
    """Timing must not tell that a session exists: both take the same path to the same answer."""

    def spent(statement: str, *parameters: object) -> float:
        started = time.perf_counter()
        with pytest.raises(psycopg.Error):
            mallory.execute(statement.encode(), parameters)
        return time.perf_counter() - started

    foreign, absent = [], []
    for _ in range(40):
        foreign.append(spent("SELECT * FROM desk.roster(%s)", target.theirs.session))
        absent.append(spent("SELECT * FROM desk.roster(gen_random_uuid())"))
    assert median(foreign) < 4 * median(absent)


def test_another_venues_bookings_and_sessions_are_not_rows(mallory: Connection, target: Target) -> None:
    assert (
        rows(mallory, "SELECT id FROM public.activity_sessions WHERE venue_id = %s", [target.theirs.venue])
        == []
    )
    assert rows(mallory, "SELECT id FROM public.bookings WHERE id = %s", [target.theirs.booking]) == []
    assert rows(mallory, "SELECT id FROM public.bookings WHERE id = %s", [target.ours.booking]) != []


def test_a_leaky_function_in_a_filter_sees_only_own_rows(mallory: Connection, target: Target) -> None:
    """Row-level security is applied before a filter that could report what it sees (here: by failing on it)."""
    leak = "SELECT id FROM public.bookings WHERE 1 / (CASE WHEN id = %s THEN 0 ELSE 1 END) = 1"
    assert rows(mallory, leak, [target.theirs.booking]) != []


def test_an_error_message_quotes_no_hidden_value(mallory: Connection, target: Target) -> None:
    error = refused(
        mallory, "UPDATE public.bookings SET status = 'pending' WHERE id = %s RETURNING parent_notes",
        [target.ours.booking],
    )  # fmt: skip
    assert "secret" not in json.dumps([str(error), error.diag.message_detail])


def test_parents_contacts_are_not_in_reach(mallory: Connection, manager: Connection) -> None:
    for connection in (mallory, manager):
        for column in ("email", "phone", "last_name", "password_hash", "mfa_secret"):
            refused(connection, f"SELECT {column} FROM public.users")


def test_a_withdrawn_consent_hides_the_child(
    mallory: Connection, administrator: Connection, target: Target
) -> None:
    child = factories.child(
        administrator, target.ours.parent, first_name="Gone", parental_consent_given=False
    )
    booking = factories.booking(administrator, target.ours.session, child)
    names = {row[0] for row in rows(mallory, "SELECT booking_id FROM desk.roster(%s)", [target.ours.session])}
    assert target.ours.booking in names
    assert booking not in names


def test_large_results_are_not_a_way_to_other_tables(mallory: Connection) -> None:
    without_libxml = "0A000"
    for call in ("query_to_xml('SELECT * FROM public.children', true, true, '')",
                 "table_to_xml('public.children', true, true, '')"):  # fmt: skip
        refused(mallory, f"SELECT {call}", by=(DENIED, without_libxml))
    assert value(mallory, "SELECT has_table_privilege('public.children', 'SELECT')") is False
