"""Copies of a database and a look into them, for the tour: an administrator's business, on the console's own server."""

from __future__ import annotations

import psycopg
from psycopg import sql

from console.storage.embedded import EmbeddedServer
from console.storage.migrate import connect


def copy_database(server: EmbeddedServer, template: str, name: str) -> str:
    """Make `name` an exact copy of `template`, to which nobody may be connected; answers the administrator's DSN."""
    with psycopg.connect(server.admin_dsn(), autocommit=True) as connection:
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
        connection.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY").format(
                sql.Identifier(name), sql.Identifier(template)
            )
        )
        # A copy does not inherit who may connect.
        connection.execute(
            sql.SQL("REVOKE CONNECT, TEMPORARY ON DATABASE {} FROM PUBLIC").format(sql.Identifier(name))
        )
        connection.execute(
            sql.SQL("GRANT CONNECT ON DATABASE {} TO console_client, console_worker").format(
                sql.Identifier(name)
            )
        )
    return server.admin_dsn(name)


def codes_of_the_day(admin_dsn: str, venue_slug: str) -> dict[tuple[str, str], str]:
    """The tickets of the database's present day at a venue: confirmation codes by activity and first name."""
    with connect(admin_dsn) as connection:
        rows = connection.execute(
            "SELECT a.name, c.first_name, b.confirmation_code FROM public.bookings AS b"
            " JOIN public.children AS c ON c.id = b.child_id"
            " JOIN public.activity_sessions AS s ON s.id = b.session_id"
            " JOIN public.activities AS a ON a.id = s.activity_id"
            " JOIN public.venues AS v ON v.id = s.venue_id"
            " WHERE v.slug = %s AND s.session_date = (app.now() AT TIME ZONE v.timezone)::date",
            [venue_slug],
        ).fetchall()
    return {(activity, name): code for activity, name, code in rows}
