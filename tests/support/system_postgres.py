"""Runs the database and security tests once more on the system's PostgreSQL, where there is one.

A desk may be pointed at any server from version 15 on, while everybody develops on the embedded one. `dev.py test` runs
what depends most on the server's version, `dev.py test --long` both suites whole (`--all`); without a system server it
says so and passes.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from console.storage import embedded_binaries

_ROOT = Path(__file__).resolve().parents[2]
_SUITES = ("tests/db", "tests/security")
# Catalogues, rights, sign-in and the attendance function: where PostgreSQL's versions differ.
_CHOSEN = (
    "tests/db/test_catalogue_lints.py",
    "tests/db/test_migrations.py",
    "tests/db/test_policies.py",
    "tests/db/test_auth_public.py",
    "tests/db/test_auth_sign_in.py",
    "tests/db/test_attendance.py",
    "tests/db/test_server.py",
    "tests/db/test_tls.py",
    "tests/security",
)


def main(arguments: list[str]) -> int:
    """Run the suites on the oldest server of the system; pytest's exit code."""
    found = embedded_binaries.system()
    if not found:
        print("No PostgreSQL of the system here: these tests ran on the embedded one only.")
        return 0
    print(f"PostgreSQL {found[-1].full}", flush=True)
    suites = _SUITES if "--all" in arguments else _CHOSEN
    command = [sys.executable, "-m", "pytest", "-q", "--postgres", "system", "-n", "2", *suites]
    return subprocess.call(command, cwd=_ROOT)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
