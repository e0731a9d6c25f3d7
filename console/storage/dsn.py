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
CONNECT_SECONDS = 3
"""How long one host may take to answer a new connection."""

_PLACE = ("host", "hostaddr", "port")
# Seconds, except tcp_user_timeout, which libpq takes in milliseconds.
_ALWAYS: dict[str, Any] = {
    "application_name": APPLICATION,
    "connect_timeout": CONNECT_SECONDS,
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
    places = _places(words)
    hosts = [str(place.get("hostaddr") or place.get("host")) for place in places if place]
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
    if len(places) > 1:
        # A standby answers too, and takes no changes.
        words.setdefault("target_session_attrs", "read-write")
    return conninfo.make_conninfo("", **(_ALWAYS | words))


def each_host(dsn: str) -> list[str]:
    """One connection string for each host that a connection string lists, in its order.

    Raises Invalid where there are not as many ports or addresses as hosts.
    """
    words = {name: value for name, value in conninfo.conninfo_to_dict(dsn).items() if value is not None}
    rest = {name: value for name, value in words.items() if name not in _PLACE}
    return [conninfo.make_conninfo("", **(rest | place)) for place in _places(words)]


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


def _places(words: dict[str, Any]) -> list[dict[str, str]]:
    # As libpq reads them: lists of one length, and one port may stand for all.
    lists = {name: str(words[name]).split(",") for name in _PLACE if words.get(name)}
    count = max(1, len(lists.get("host", ())), len(lists.get("hostaddr", ())))
    if len(lists.get("port", ())) == 1:
        lists["port"] *= count
    if any(len(values) != count for values in lists.values()):
        raise _unreadable("It needs as many ports as hosts, or one port for all.")
    return [
        {name: values[place].strip() for name, values in lists.items() if values[place].strip()}
        for place in range(count)
    ]


def _unreadable(hint: str = "Write it as postgresql://host/name.") -> Invalid:
    return Invalid("The database's address cannot be read.", hint=hint, code="dsn")
