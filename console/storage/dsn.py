"""Connection strings: what every connection of a desk has in common, whatever address it was given.

A desk's traffic carries children's names, so it is encrypted and the server's name is verified; only a server
on this very machine may go without. Dead connections are noticed within seconds, because ghosts use up a
desk's limit of six. See docs/design.md, "The database" (embedded default, round trips, availability).
"""

from __future__ import annotations

import ipaddress
from typing import Any

import psycopg
from psycopg import conninfo

from console.errors import Invalid

APPLICATION = "nexus-console"
# Seconds, except tcp_user_timeout, which libpq takes in milliseconds.
_ALWAYS: dict[str, Any] = {
    "application_name": APPLICATION,
    "connect_timeout": 5,
    "keepalives": 1,
    "keepalives_idle": 10,
    "keepalives_interval": 3,
    "keepalives_count": 3,
    "tcp_user_timeout": 15_000,
    # Asked for at the start, these win over what somebody may have set for the desk's role (ALTER ROLE ... SET).
    "options": " ".join(
        f"-c {name}={value}"
        for name, value in {
            "search_path": "public",
            "default_transaction_isolation": r"read\ committed",
            "default_transaction_read_only": "off",
            "statement_timeout": "30s",
            "standard_conforming_strings": "on",
            "row_security": "on",
            "TimeZone": "UTC",
        }.items()
    ),
}


def desk_dsn(given: str) -> str:
    """The connection string to use for what was given (a URL or key=value words).

    Raises Invalid for one that cannot be read, and for one that would send names over a network in the clear.
    """
    try:
        words = {name: value for name, value in conninfo.conninfo_to_dict(given).items() if value is not None}
    except psycopg.ProgrammingError as error:
        raise _unreadable() from error
    hosts = [host for host in str(words.get("hostaddr") or words.get("host") or "").split(",") if host]
    if all(is_this_machine(host) for host in hosts):
        words.setdefault("sslmode", "disable")
    elif words.setdefault("sslmode", "verify-full") != "verify-full":
        raise Invalid(
            "A desk connects over the network only with sslmode=verify-full.",
            hint="Change the database's address.",
            code="sslmode",
        )
    if words["sslmode"] == "verify-full":
        words.setdefault("sslrootcert", "system")
    if len(hosts) > 1:
        words.setdefault("target_session_attrs", "read-write")
    return conninfo.make_conninfo("", **(_ALWAYS | words))


def has_login(given: str) -> bool:
    """Whether a connection string brings a user and a password. Raises Invalid for one that cannot be read."""
    try:
        words = conninfo.conninfo_to_dict(given)
    except psycopg.ProgrammingError as error:
        raise _unreadable() from error
    return bool(words.get("user")) and bool(words.get("password"))


def is_this_machine(host: str) -> bool:
    """Whether a host of a connection string is a socket or the loopback interface."""
    if host.startswith(("/", "@")) or host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def _unreadable() -> Invalid:
    return Invalid(
        "The database's address cannot be read.", hint="Write it as postgresql://host/name.", code="dsn"
    )
