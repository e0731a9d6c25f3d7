"""What stays possible for somebody with a desk's credentials, and where it ends.

PostgreSQL gives every role a few things that cannot be taken away. docs/security.md lists them; each has its test here,
which shows both halves: that it is possible, so that the list stays honest, and that it leads no further.
"""

from __future__ import annotations

from collections.abc import Iterator
from uuid import uuid4

import psycopg
import pytest

from tests.support import identities, world
from tests.support.databases import Connection, Database


@pytest.fixture(scope="module")
def built(house: Database) -> world.World:
    with house.connect() as admin:
        made = world.build(admin)
        admin.execute("ANALYZE")
        return made


@pytest.fixture(scope="module")
def elena(house: Database, built: world.World) -> Iterator[identities.SignedIn]:
    """A manager of one venue, who has turned bad."""
    with identities.at_desk(house, "manager", built.here.venue) as signed_in:
        yield signed_in


def denied(connection: Connection, statement: str) -> None:
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute(statement.encode())


def test_how_large_a_table_is_shows_but_not_what_it_holds(elena: identities.SignedIn) -> None:
    query = "SELECT reltuples FROM pg_class WHERE oid = 'public.children'::regclass"
    row = elena.connection.execute(query.encode()).fetchone()
    assert row is not None
    assert row[0] >= 0
    denied(elena.connection, "SELECT count(*) FROM children")
    denied(elena.connection, "EXPLAIN SELECT 1 FROM children")
    for view in ("pg_stats", "pg_stats_ext", "pg_stats_ext_exprs"):
        rows = elena.connection.execute(
            f"SELECT tablename FROM {view} WHERE schemaname IN ('public', 'app', 'auth')".encode()
        )
        assert rows.fetchall() == []


def test_an_estimate_tells_of_hidden_rows_only_how_many_there_may_be(
    elena: identities.SignedIn, built: world.World
) -> None:
    query = f"SELECT id FROM bookings WHERE venue_id = '{built.there.venue}'"
    plan = elena.connection.execute(f"EXPLAIN {query}".encode()).fetchall()
    assert "rows=" in plan[0][0]
    assert elena.connection.execute(query.encode()).fetchall() == []


def test_a_leakproof_comparison_reaches_ids_and_numbers_but_no_person(
    elena: identities.SignedIn, built: world.World
) -> None:
    query = f"SELECT 1 FROM bookings WHERE child_id = '{built.there.child}'"
    assert elena.connection.execute(query.encode()).fetchall() == []
    for column in ("parent_notes", "venue_notes", "confirmation_code", "cancellation_notes"):
        denied(elena.connection, f"EXPLAIN ANALYZE SELECT 1 FROM bookings WHERE {column} = 'x'")


def test_a_hint_can_be_forged_but_only_to_a_venue_whose_channel_one_knows(
    house: Database, elena: identities.SignedIn, built: world.World
) -> None:
    channel = elena.connection.execute("SELECT auth.channel_of(%s)", [built.here.venue]).fetchone()
    other = elena.connection.execute("SELECT auth.channel_of(%s)", [built.there.venue]).fetchone()
    assert channel is not None
    assert other == (None,)
    with identities.at_desk(house, "front_desk", built.here.venue) as maya:
        maya.connection.execute(f"LISTEN {channel[0]}".encode())
        elena.connection.execute("SELECT pg_notify(%s, 'bookings')", [channel[0]])
        # A hint to look again: the desk asks the tables, which answer the truth.
        assert [n.payload for n in maya.connection.notifies(timeout=5, stop_after=1)] == ["bookings"]


def test_a_slow_query_takes_one_of_six_connections(elena: identities.SignedIn) -> None:
    elena.connection.execute("SET statement_timeout = 0")
    row = elena.connection.execute("SELECT pg_sleep(0.01) IS NOT NULL").fetchone()
    assert row == (True,)
    limit = elena.connection.execute(
        "SELECT rolconnlimit FROM pg_roles WHERE rolname = session_user"
    ).fetchone()
    assert limit == (6,)


def test_a_desk_may_spoil_its_own_login_and_nobody_elses(house: Database) -> None:
    mine, other = identities.enrol(house), identities.enrol(house)
    with mine.connect() as connection:
        connection.execute(f"ALTER ROLE {mine.role} PASSWORD 'changed'".encode())
        denied(connection, f"ALTER ROLE {other.role} PASSWORD 'changed'")
        denied(connection, f"ALTER ROLE {mine.role} CONNECTION LIMIT 100")
        denied(connection, f"ALTER ROLE {mine.role} CREATEROLE")
        denied(connection, f"ALTER ROLE {mine.role} VALID UNTIL 'infinity'")
    with pytest.raises(psycopg.OperationalError):
        mine.connect()
    with other.connect() as connection:
        connection.execute("SELECT 1")


def test_a_changed_secret_does_not_survive_revocation(house: Database) -> None:
    desk = identities.enrol(house)
    with desk.connect() as connection:
        connection.execute(f"ALTER ROLE {desk.role} PASSWORD 'kept by the thief'".encode())
    with house.connect() as admin:
        admin.execute("SELECT admin.device_revoke(%s)", [desk.device_id])
    with pytest.raises(psycopg.OperationalError):
        house.connect(desk.role, "kept by the thief")


def test_rows_one_may_edit_can_be_locked_and_no_others(
    elena: identities.SignedIn, built: world.World
) -> None:
    elena.connection.execute("BEGIN")
    locked = elena.connection.execute("SELECT id FROM activities FOR UPDATE").fetchall()
    elena.connection.execute("ROLLBACK")
    assert locked == [(built.here.activity,)]
    for table in (
        "bookings",
        "activity_sessions",
        "attendance_events",
        "staff_grants",
        "waitlist",
        "auth.devices",
    ):
        denied(elena.connection, f"SELECT 1 FROM {table} FOR UPDATE")
        denied(elena.connection, f"SELECT 1 FROM {table} FOR KEY SHARE")
        with elena.connection.transaction(force_rollback=True):
            denied(elena.connection, f"LOCK TABLE {table} IN SHARE MODE")


def test_names_of_roles_and_the_text_of_functions_show_but_hold_no_secret(
    house: Database, elena: identities.SignedIn
) -> None:
    desk = identities.enrol(house)
    rows = elena.connection.execute(
        "SELECT rolname, rolpassword FROM pg_roles WHERE rolname = %s", [desk.role]
    )
    assert rows.fetchall() == [(desk.role, "********")]
    source = elena.connection.execute("SELECT prosrc FROM pg_proc WHERE proname = 'sign_in_start'").fetchone()
    assert source is not None
    assert "salt_key" in source[0]
    denied(elena.connection, "SELECT salt_key FROM auth.sign_in_secret")


def test_sign_ins_can_be_begun_without_end_but_not_proved(house: Database) -> None:
    with identities.enrol(house).connect() as connection:
        tickets = {identities.start(connection, f"{uuid4().hex}@nowhere.example")[0] for _ in range(40)}
        assert len(tickets) == 40


def test_whose_desk_it_is_shows_before_anybody_signs_in(house: Database, built: world.World) -> None:
    with identities.enrol(house, "Lobby", built.here.venue).connect() as connection:
        row = connection.execute("SELECT auth.this_device()").fetchone()
    assert row is not None
    assert set(row[0]) == {"id", "name", "venue_id", "venue_name", "timezone", "demo", "server_time"}
