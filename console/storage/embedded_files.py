"""The small files around an embedded server: locks, the postmaster's pid file, what is remembered.

Several consoles may share one embedded server. Each holds a lock on a file of its own under `users/`, which the
operating system releases even after kill -9; the one that finds no other lock held stops the server.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO

from console.errors import Unavailable


@dataclass
class Remembered:
    """What is kept between runs: the port, so that saved connections stay valid, and where the socket lies."""

    port: int
    major: int
    socket_dir: str

    @classmethod
    def read(cls, path: Path) -> Remembered | None:
        """What was remembered in `path`, or None where nothing usable was."""
        try:
            kept = json.loads(path.read_text(encoding="utf-8"))
            return cls(int(kept["port"]), int(kept["major"]), str(kept["socket_dir"]))
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def write(self, path: Path) -> None:
        """Keep this for the next run, whole or not at all."""
        write_private(path, json.dumps(asdict(self)) + "\n")


@dataclass(frozen=True)
class Postmaster:
    """A running, or just dead, server as its postmaster.pid describes it."""

    pid: int
    port: int | None
    ready: bool

    @classmethod
    def read(cls, data: Path) -> Postmaster | None:
        """The server that holds `data`, or None where no usable pid file lies there."""
        try:
            lines = (data / "postmaster.pid").read_text(encoding="utf-8", errors="replace").splitlines()
            pid = int(lines[0])
            port = int(lines[3]) if len(lines) > 3 and lines[3].strip() else None
        except (OSError, ValueError, IndexError):
            return None
        return cls(pid, port, len(lines) > 7 and lines[7].strip() == "ready")

    def alive(self) -> bool:
        """Whether that process still is a server. A dead one that nobody collected, or a reused pid, is not."""
        if not process_exists(self.pid):
            return False
        try:
            text = Path(f"/proc/{self.pid}/stat").read_text(encoding="utf-8", errors="replace")
        except OSError:
            return process_exists(self.pid)  # no /proc on this system, or it ended just now
        name = text[text.index("(") + 1 : text.rindex(")")]
        state = text[text.rindex(")") + 2]
        return name.startswith(("postgres", "postmaster")) and state not in "ZX"


def process_exists(pid: int) -> bool:
    """Whether a process of that number exists, whoever owns it."""
    if sys.platform == "win32":
        import ctypes

        handle = ctypes.windll.kernel32.OpenProcess(0x1000, False, pid)
        if handle:
            ctypes.windll.kernel32.CloseHandle(handle)
        return bool(handle)
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def write_private(path: Path, text: str) -> None:
    """Write a file that only its owner may read, under another name first, so that it is never half there."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f".{path.name}.{os.getpid()}")
    handle = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    unfinished.replace(path)


def try_lock(path: Path) -> IO[bytes] | None:
    """The open, locked file, or None while somebody else holds it. Closing it releases the lock."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle = path.open("ab")
    try:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(handle.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        handle.close()
        return None
    return handle


@contextlib.contextmanager
def exclusive(path: Path, *, seconds: float = 60) -> Iterator[None]:
    """Be the only process between start and end. Raises Unavailable where another one takes too long."""
    give_up = time.monotonic() + seconds
    while (handle := try_lock(path)) is None:
        if time.monotonic() > give_up:
            raise Unavailable(
                "Another console is still starting or stopping the database here.",
                hint="Wait a minute, then try again.",
                code="start_locked",
            )
        time.sleep(0.02)
    with handle:
        yield


class Users:
    """Who uses the server of one home directory."""

    def __init__(self, folder: Path) -> None:
        """Count the users in `folder`, which is made when the first one joins."""
        self._folder = folder
        self._mine: IO[bytes] | None = None
        self._name = f"{os.getpid()}-{id(self):x}"

    def join(self) -> None:
        """Count this process in; once is enough."""
        if self._mine is None:
            self._mine = try_lock(self._folder / self._name)

    def leave(self) -> bool:
        """Count this process out. True where nobody else is left; files of dead processes are removed."""
        if self._mine is not None:
            self._mine.close()
            self._mine = None
        alone = True
        for path in self._folder.glob("*") if self._folder.is_dir() else ():
            handle = try_lock(path)
            if handle is None:
                alone = False
                continue
            handle.close()
            path.unlink(missing_ok=True)
        return alone
