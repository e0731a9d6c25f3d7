"""Every function that a desk may call, and every migration, has a test: a new one fails here until somebody writes it.

The database says which functions there are; the tests' own text says which are called. What is only ever reached
through a service is named with the module of the tests that do so. See docs/design.md, "Tests".
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from tests.support.databases import Connection

TESTS = Path(__file__).resolve().parents[1]
VERSIONS = TESTS.parent / "db" / "versions"

# Functions that tests reach through the console's own code only, and where.
THROUGH_SERVICES = {
    "auth.this_device": "services/test_workstation.py",
}


@cache
def _text(*folders: str) -> str:
    """Everything the tests of some folders say, except this file."""
    files = [file for folder in folders for file in (TESTS / folder).rglob("*.py") if file != Path(__file__)]
    return "\n".join(file.read_text(encoding="utf-8") for file in files)


def _callable_by_desks(tx: Connection) -> list[str]:
    return [
        str(row[0])
        for row in tx.execute(
            """SELECT DISTINCT n.nspname || '.' || p.proname
                 FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
                WHERE n.nspname IN ('public', 'app', 'auth', 'desk', 'attendance', 'credits', 'bookings', 'admin',
                                    'schedules', 'notify', 'stats', 'payouts', 'invoices', 'books', 'vetting', 'scores',
                                    'feedback')
                  AND p.prorettype <> 'trigger'::regtype
                  AND has_function_privilege('console_client', p.oid, 'EXECUTE') ORDER BY 1"""
        )
    ]


def test_every_function_of_a_desk_is_called_by_a_test(tx: Connection) -> None:
    said = _text("db", "security", "services", "e2e")
    missing = [
        name
        for name in _callable_by_desks(tx)
        if name not in THROUGH_SERVICES and not re.search(rf"\b{re.escape(name)}\b", said)
    ]
    assert missing == []


def test_functions_named_as_reached_through_services_exist_and_their_tests_too(tx: Connection) -> None:
    assert set(THROUGH_SERVICES) <= set(_callable_by_desks(tx))
    assert [file for file in THROUGH_SERVICES.values() if not (TESTS / file).is_file()] == []


def test_every_state_changing_function_of_a_desk_is_denied_to_somebody(tx: Connection) -> None:
    """The security suite and the policy tests call it where it must refuse."""
    volatile = {
        str(row[0])
        for row in tx.execute(
            """SELECT n.nspname || '.' || p.proname FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
                WHERE n.nspname IN ('attendance', 'credits', 'bookings', 'admin', 'schedules', 'notify',
                                    'payouts', 'invoices', 'books', 'vetting', 'scores',
                                    'feedback')
                  AND p.provolatile = 'v'
                  AND has_function_privilege('console_client', p.oid, 'EXECUTE')"""
        )
    }
    said = _text("db", "security")
    refusals = "\n".join(
        block for block in said.split("\ndef ") if "NX403" in block or "refus" in block or "denied" in block
    )
    assert [name for name in sorted(volatile) if name not in refusals] == []


def test_every_migration_is_known_to_the_tests() -> None:
    versions = sorted(path.name.split("_", 1)[0] for path in VERSIONS.glob("[0-9]*.py"))
    assert versions == ["0001", "0002", "0003", "0004", "0005", "0006"], (
        "a new migration needs its predecessor in test_a_database_of_each_older_version_becomes_the_same_as_a_new_one"
    )
