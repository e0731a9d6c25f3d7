"""Nothing, the wrong thing and too much, given to every function of money, vetting and scores that a desk may call.

A desk that was tampered with sends what it likes. Whatever it is, the answer is an answer or a refusal of ours, never
an error that tells of the inside. docs/design.md, "The database" (authorisation).
"""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest

from tests.support.databases import Database
from tests.support.desk_world import World

SCHEMAS = ["credits", "payouts", "invoices", "books", "vetting", "scores", "feedback"]
ODD = """'{"text": 5, "state": [], "period": {}, "kind": "x", "stars": "many", "activity": "me", "venue": {}}'"""
JUDGED: dict[str, list[str]] = {
    "text": ["NULL", "''", "repeat('x', 100000)", "'venue'"],
    "uuid": ["NULL", "gen_random_uuid()", "VENUE"],
    "uuid[]": ["NULL", "'{}'", "ARRAY[NULL]", "ARRAY[VENUE]"],
    "jsonb": ["NULL", "'{}'", "'[]'", "'5'", "'null'", "'[null]'", "'[[]]'", ODD],
    "integer": ["NULL", "0", "-1", "2147483647", "200"],
    "date": ["NULL", "'infinity'", "'-infinity'", "'0001-01-01'", "'2026-03-01'"],
    "timestamp with time zone": ["NULL", "'infinity'", "'-infinity'"],
    "numeric": ["NULL", "'NaN'", "'Infinity'", "-1", "1e30"],
    "numeric[]": ["NULL", "'{}'", "'{1,2,3,4}'", "'{NULL,NULL,NULL,NULL}'", "'{NaN,0,0,100}'"],
    "bytea[]": ["NULL", "'{}'", "ARRAY[NULL]"],
    "boolean": ["NULL", "true", "false"],
}
"""What is given for a value of a type, each in its turn."""


@pytest.fixture
def world(fresh_database: Database) -> Iterator[World]:
    with World(fresh_database) as made:
        yield made


def calls(world: World) -> Iterator[str]:
    """Every function that a desk may call, with each kind of odd arguments."""
    functions = world.all(
        """SELECT p.oid::regproc::text AS name,
                  ARRAY(SELECT format_type(t, NULL) FROM unnest(p.proargtypes) AS t) AS types
             FROM pg_proc AS p JOIN pg_namespace AS n ON n.oid = p.pronamespace
            WHERE n.nspname = ANY (%s) AND p.pronargs > 0 AND has_function_privilege('console_client', p.oid, 'EXECUTE')
            ORDER BY 1""",
        SCHEMAS,
    )
    assert len(functions) > 80
    for one in functions:
        among = [JUDGED.get(kind, ["NULL"]) for kind in one["types"]]
        for turn in range(max(map(len, among))):
            given = (
                f"({found[turn % len(found)]})::{kind}"
                for found, kind in zip(among, one["types"], strict=True)
            )
            yield f"SELECT * FROM {one['name']}({', '.join(given)})".replace("VENUE", f"'{world.venue}'")


@pytest.mark.parametrize("role", ["platform_admin", "platform_finance", "manager"])
def test_every_function_answers_or_refuses_in_words_of_ours(world: World, role: str) -> None:
    who = world.person(role)
    told: dict[str, str | None] = {}
    for call in calls(world):
        try:
            with who.connection.transaction(force_rollback=True):
                who.connection.execute(call.encode())
        except psycopg.Error as error:
            if not (error.sqlstate or "").startswith("NX"):
                told[call[:200]] = error.diag.message_primary
    assert told == {}
