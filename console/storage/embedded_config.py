"""The embedded server's own settings and who may connect to it.

Rewritten before every start, so that a newer console also governs an older data directory. The bootstrap superuser
is reachable only through the private socket (on Windows: loopback with a random password); everybody else shows a
SCRAM password. See docs/design.md, "The database" (embedded default).
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path

SUPERUSER = "nexus_admin"
HOST = "127.0.0.1"

_SETTINGS: dict[str, str] = {
    "listen_addresses": HOST,
    "password_encryption": "scram-sha-256",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "max_connections": "100",
    "jit": "off",  # compiling costs more than these short statements take
    # What people type must not reach a log file, not even in a failed statement.
    "log_statement": "none",
    "log_min_error_statement": "panic",
    "log_parameter_max_length": "0",
    "log_parameter_max_length_on_error": "0",
    "log_line_prefix": "%m [%p] ",
    "logging_collector": "off",
    "lc_messages": "C",
}

# For servers that are thrown away: nothing survives a power cut, and nothing has to.
THROWAWAY: dict[str, str] = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "shared_buffers": "64MB",
    "autovacuum_naptime": "1h",
}


def write(
    data: Path, *, port: int, socket_dir: str, options: Mapping[str, str], system_users: tuple[str, ...]
) -> None:
    """Write nexus.conf, pg_hba.conf and pg_ident.conf into `data`."""
    settings = _SETTINGS | {"port": str(port)} | dict(options)
    if sys.platform != "win32":
        settings |= {"unix_socket_directories": socket_dir, "unix_socket_permissions": "0700"}
    lines = [f"{name} = '{value.replace(chr(39), chr(39) * 2)}'" for name, value in settings.items()]
    (data / "nexus.conf").write_text(
        "# Written by the console at every start.\n" + "\n".join(lines) + "\n", "utf-8"
    )
    (data / "pg_hba.conf").write_text(_who_may_connect(), "utf-8")
    (data / "pg_ident.conf").write_text(
        "".join(f"nexus {name} {SUPERUSER}\n" for name in system_users), "utf-8"
    )
    main = data / "postgresql.conf"
    text = main.read_text("utf-8")
    if "include = 'nexus.conf'" not in text:
        main.write_text(text + "\ninclude = 'nexus.conf'\n", "utf-8")


def _who_may_connect() -> str:
    if sys.platform == "win32":
        return f"host all all {HOST}/32 scram-sha-256\n"
    return (
        f"local all {SUPERUSER} peer map=nexus\n"
        "local all all scram-sha-256\n"
        f"host all {SUPERUSER} all reject\n"
        f"host all all {HOST}/32 scram-sha-256\n"
    )
