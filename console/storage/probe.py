"""Asking a server whether a connection string works, before anything is kept."""

from __future__ import annotations

import psycopg

from console.errors import Denied
from console.storage.dsn import desk_dsn
from console.storage.sqlstate import translate


def probe(dsn: str) -> None:
    """Log in once and leave. Raises Denied where the login is refused, Unavailable where there is no server."""
    try:
        psycopg.connect(desk_dsn(dsn), autocommit=True).close()
    except psycopg.OperationalError as error:
        # libpq tells no SQLSTATE of a connection that failed; only a server that answered says FATAL.
        if "FATAL" in str(error) and "the database system is" not in str(error):
            raise Denied(
                "The server does not know this desk.",
                hint="Ask your administrator for a new enrolment file.",
                code="enrolment_refused",
            ) from error
        raise translate(error) from error
