"""Every kind of failure of the database arrives as the right kind of ConsoleError, never in the server's own words.

docs/design.md, "Runtime" (errors).
"""

from __future__ import annotations

import psycopg
import pytest
from sqlalchemy import exc

from console.errors import (
    BugError,
    Conflict,
    ConsoleError,
    Denied,
    Invalid,
    NotFound,
    SignInRefused,
    Unavailable,
)
from console.storage.sqlstate import translate
from tests.support import factories
from tests.support.databases import Connection, Database


def provoke(connection: Connection, statement: str) -> ConsoleError:
    with pytest.raises(psycopg.Error) as caught:
        connection.execute(statement.encode())
    return translate(caught.value)


def raising(code: str, detail: str) -> str:
    return f"""DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = '{code}', MESSAGE = 'A sentence.', HINT = 'A way out.',
               DETAIL = '{detail}'; END $$"""


@pytest.mark.parametrize(
    ("code", "kind"),
    [("NX403", Denied), ("NX404", NotFound), ("NX409", Conflict), ("NX422", Invalid), ("NX503", Unavailable)],
)
def test_refusals_of_our_functions_pass_as_they_are(
    tx: Connection, code: str, kind: type[ConsoleError]
) -> None:
    found = provoke(tx, raising(code, "a_key"))
    assert type(found) is kind
    assert (found.sentence, found.hint, found.code) == ("A sentence.", "A way out.", "a_key")


def test_a_lock_at_sign_in_carries_the_time_left(tx: Connection) -> None:
    found = provoke(tx, raising("NX403", "locked:720"))
    assert isinstance(found, SignInRefused)
    assert (found.retry_after_seconds, found.code) == (720.0, "locked")


@pytest.mark.parametrize("key", ["wrong_credentials", "code_needed", "code_wrong", "ticket"])
def test_a_refused_sign_in_is_one(tx: Connection, key: str) -> None:
    found = provoke(tx, raising("NX403", key))
    assert isinstance(found, SignInRefused)
    assert (found.retry_after_seconds, found.code) == (None, key)


@pytest.mark.parametrize(
    ("statement", "kind"),
    [
        ("SELECT 1 / 0", Invalid),
        ("SELECT 'x'::uuid", Invalid),
        ("INSERT INTO rooms (name) VALUES ('x')", Invalid),
        ("INSERT INTO rooms (venue_id, name) VALUES (gen_random_uuid(), 'x')", Conflict),
        ("SELECT * FROM no_such_table", Unavailable),
        ("SELECT no_such_function()", Unavailable),
        ("SELECT FROM WHERE", BugError),
        ("SET LOCAL statement_timeout = 10; SELECT pg_sleep(5)", Unavailable),
    ],
)
def test_the_servers_own_failures_become_general_sentences(
    tx: Connection, statement: str, kind: type[ConsoleError]
) -> None:
    found = provoke(tx, statement)
    assert type(found) is kind
    assert "ERROR" not in str(found)
    assert found.sentence.endswith(".")


def test_what_exists_already_is_a_conflict(tx: Connection) -> None:
    factories.venue(tx, slug="taken")
    found = provoke(tx, "INSERT INTO venues (name, slug, timezone) VALUES ('x', 'taken', 'UTC')")
    assert type(found) is Conflict
    assert found.code == "venues_slug_key"


def test_a_row_that_somebody_holds_is_a_conflict(fresh_database: Database, admin: Connection) -> None:
    venue = factories.venue(admin)
    with fresh_database.connect() as other, other.transaction():
        other.execute("SELECT 1 FROM venues WHERE id = %s FOR UPDATE", [venue])
        found = provoke(admin, f"SELECT 1 FROM venues WHERE id = '{venue}' FOR UPDATE NOWAIT")
    assert type(found) is Conflict


def test_a_connection_that_died_is_unavailable(fresh_database: Database, admin: Connection) -> None:
    with fresh_database.connect() as other:
        admin.execute("SELECT pg_terminate_backend(%s)", [other.info.backend_pid])
        assert type(provoke(other, "SELECT 1")) is Unavailable


def test_a_refused_login_says_that_the_desk_is_not_enrolled(database: Database) -> None:
    with pytest.raises(psycopg.OperationalError) as caught:
        database.connect("nexus_desk_nobody", "wrong")
    found = translate(caught.value)
    assert type(found) is Denied
    assert found.code == "device_revoked"


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (exc.TimeoutError("pool"), Unavailable),
        (OSError("network"), Unavailable),
        (TimeoutError(), Unavailable),
        (exc.ArgumentError("bug"), BugError),
        (psycopg.ProgrammingError("bug"), BugError),
        (psycopg.InterfaceError("closed"), Unavailable),
    ],
)
def test_failures_without_a_code_have_a_kind_too(error: Exception, kind: type[ConsoleError]) -> None:
    assert type(translate(error)) is kind
