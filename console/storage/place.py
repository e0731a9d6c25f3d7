"""Where a database is, in words that may stand on a screen: host and port, and never a name or a secret.

See docs/design.md, "Screens".
"""

from __future__ import annotations

import psycopg
from psycopg import conninfo


def spoken_place(dsn: str) -> str:
    """The hosts of a connection string, such as "db.example:5432"; "this computer" for a socket."""
    try:
        words = conninfo.conninfo_to_dict(dsn)
    except psycopg.ProgrammingError:
        return ""
    hosts = str(words.get("host") or words.get("hostaddr") or "").split(",")
    ports = str(words.get("port") or "").split(",")
    said = []
    for number, host in enumerate(hosts):
        if not host or host.startswith(("/", "@")):
            said.append("this computer")
            continue
        port = ports[number] if number < len(ports) else ports[-1]
        said.append(f"{host}:{port}" if port else host)
    return ", ".join(dict.fromkeys(said))


def role_of(dsn: str) -> str:
    """The role a connection string signs in as: the desk's own name at its server; empty without one."""
    return str(conninfo.conninfo_to_dict(dsn).get("user") or "")
