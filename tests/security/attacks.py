"""How an attack is tried and how its failure is told: one way for the whole suite."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import psycopg
import pytest

from tests.support.databases import Connection

DENIED = "42501"
NO_SUCH_FUNCTION = "42883"
REFUSED = "NX403"
NOT_FOUND = "NX404"
INVALID = "NX422"

Row = tuple[Any, ...]


def refused(
    connection: Connection,
    statement: str,
    parameters: Sequence[Any] = (),
    *,
    by: str | tuple[str, ...] = DENIED,
) -> psycopg.Error:
    """Assert that the statement fails with one of the SQLSTATEs `by`, and answer the error."""
    states = (by,) if isinstance(by, str) else by
    with pytest.raises(psycopg.Error) as caught:
        connection.execute(statement.encode(), parameters or None)
    assert caught.value.sqlstate in states, f"{caught.value.sqlstate}: {caught.value}"
    return caught.value


def rows(connection: Connection, statement: str, parameters: Sequence[Any] = ()) -> list[Row]:
    """What a statement answers."""
    return connection.execute(statement.encode(), parameters or None).fetchall()


def answer_or_refusal(
    connection: Connection, statement: str, parameters: Sequence[Any] = (), *, by: tuple[str, ...]
) -> list[Row]:
    """What a statement answers, or nothing where it is refused by one of `by`; any other failure fails the test."""
    try:
        return rows(connection, statement, parameters)
    except psycopg.Error as error:
        if error.sqlstate not in by:
            raise
        return []


def value(connection: Connection, statement: str, parameters: Sequence[Any] = ()) -> Any:
    """The first column of the first row."""
    row = connection.execute(statement.encode(), parameters or None).fetchone()
    return None if row is None else row[0]
