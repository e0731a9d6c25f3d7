"""What several commands share: whose connection they use.

Everything that changes the database's shape, its devices or its people is an administrator's work and never goes
over a desk's own connection (docs/design.md, "The database", roles).
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from contextlib import contextmanager

from console import settings as settings_module
from console.errors import Invalid


def add_admin_option(parser: argparse.ArgumentParser) -> None:
    """Add --admin-dsn to a command."""
    parser.add_argument(
        "--admin-dsn",
        metavar="DSN",
        help="connection of an administrator; without it NEXUS_ADMIN_URL, else the console's own database",
    )


@contextmanager
def administrator(args: argparse.Namespace) -> Iterator[str]:
    """The administrator's connection string: given, from the settings, or of the embedded server, which is started.

    Raises Invalid where a server is set for the desk but no administrator's connection is given.
    """
    if given := getattr(args, "admin_dsn", None):
        yield given
        return
    settings = settings_module.load()
    if settings.admin_url:
        yield settings.admin_url
        return
    if not settings.embedded:
        raise Invalid(
            "This needs an administrator's connection, and DATABASE_URL is only a desk's.",
            hint="Pass --admin-dsn or set NEXUS_ADMIN_URL.",
            code="no_admin_dsn",
        )
    from console.storage.local import local_database

    with local_database(settings) as server:
        yield server.admin_dsn(settings.database_name)
