"""Which operating system user runs the embedded server.

PostgreSQL refuses to run as root, and containers and CI machines usually are root. The server then runs as an
account that is already there (no system user is created): the owner of an existing data directory first, so that a
later change of the machine never locks the data away. See docs/design.md, "The database" (embedded default).
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from subprocess import DEVNULL, PIPE, CompletedProcess, run
from typing import IO, Any

from console.errors import Unavailable
from console.paths import is_root

# What the server needs of our environment. Everything else stays here: DATABASE_URL and PG* variables hold secrets.
_PASSED_ON = ("PATH", "SYSTEMROOT", "TEMP", "TMP", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH")
_CANDIDATES = ("postgres", "nobody", "daemon")


@dataclass(frozen=True)
class Account:
    """The user a server process runs as; `uid` is None where it is simply the present user."""

    uid: int | None
    gid: int | None
    name: str

    def process_options(self) -> dict[str, Any]:
        """Keyword arguments for subprocess: user, clean environment, a process group of its own.

        Its own group keeps Ctrl+C in a terminal from stopping the server before the console has finished with it.
        """
        options: dict[str, Any] = {"env": clean_environment(), "stdin": DEVNULL}
        if sys.platform == "win32":
            options["creationflags"] = 0x00000200 | 0x08000000  # new process group, no console window
            return options
        options |= {"start_new_session": True, "umask": 0o077}
        if self.uid is not None:
            options |= {"user": self.uid, "group": self.gid, "extra_groups": []}
        return options

    def run(self, command: Sequence[str | Path], *, cwd: Path, timeout: float = 120) -> CompletedProcess[str]:
        """Run a short program as this account and hand back what it said (stdout and stderr together)."""
        return run(
            [str(part) for part in command], stdout=PIPE, stderr=-2, text=True, errors="replace", timeout=timeout,
            cwd=cwd, check=False, **self.process_options(),
        )  # fmt: skip

    def own(self, path: Path, mode: int = 0o700) -> Path:
        """Make the directory `path` this account's, private by default."""
        path.mkdir(parents=True, exist_ok=True)
        if sys.platform != "win32":
            if self.uid is not None:
                os.chown(path, self.uid, self.gid if self.gid is not None else -1)
            path.chmod(mode)
        return path


def clean_environment() -> dict[str, str]:
    """The few variables the server gets, with messages in English so that they can be recognised."""
    kept = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
    return kept | {"LC_ALL": "C", "LC_MESSAGES": "C"}


def choose(data: Path) -> Account:
    """The account for the server of the data directory `data`. Raises Unavailable when root finds nobody to be."""
    if sys.platform == "win32":
        return Account(None, None, os.environ.get("USERNAME", "user"))
    import pwd

    if not is_root():
        uid = os.geteuid()
        try:
            return Account(None, None, pwd.getpwuid(uid).pw_name)
        except KeyError:
            raise Unavailable(
                f"The database server needs a named user, but user number {uid} has no name on this machine.",
                hint="Run the console as a user that exists in the user list.",
                code="no_user_name",
            ) from None
    known = []
    if data.exists() and data.stat().st_uid != 0:
        try:
            known.append(pwd.getpwuid(data.stat().st_uid))
        except KeyError:
            raise Unavailable(
                f"The database in {data} belongs to a user that no longer exists.",
                hint=f"Give it to an existing user: chown -R nobody {data}.",
                code="data_owner_gone",
            ) from None
    for name in _CANDIDATES:
        try:
            known.append(pwd.getpwnam(name))
        except KeyError:
            continue
    for entry in known:
        if entry.pw_uid != 0:
            return Account(entry.pw_uid, entry.pw_gid, entry.pw_name)
    raise Unavailable(
        "The database server cannot run as root, and this machine has no other user it could run as.",
        hint="Start the console as an ordinary user.",
        code="no_server_user",
    )


def open_log(path: Path) -> IO[bytes]:
    """Open the server's log for appending, private to the console's user; a large one is put aside first."""
    if path.exists() and path.stat().st_size > 4_000_000:
        path.replace(path.with_suffix(".old.log"))
    handle = path.open("ab")
    if sys.platform != "win32":
        os.fchmod(handle.fileno(), 0o600)
    return handle
