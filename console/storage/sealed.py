"""Sealed files: what a desk keeps on its own disk, so that nobody who takes the disk away can read it.

A sealed file is an SQLCipher database with a raw key; every page carries its own seal, so that a page which was
changed is noticed. A file that cannot be opened as what it should be is never deleted nor silently replaced: it is set
aside under another name and whoever asked is told. See docs/design.md, "The desk protocol".
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import sys
import threading
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol

from sqlcipher3 import dbapi2 as sqlcipher

from console.errors import ConsoleError, Unavailable

KEY_BYTES = 32
BUSY_MILLISECONDS = 5_000
PAGE_BYTES = 4_096
SIDES = ("-wal", "-shm")
"""What SQLite keeps beside a database file."""

_DAMAGED = {sqlcipher.SQLITE_NOTADB, sqlcipher.SQLITE_CORRUPT}
_FULL = {sqlcipher.SQLITE_FULL, sqlcipher.SQLITE_IOERR}
_SALT_BYTES = 16


class Answer(Protocol):
    """What a statement answers, as a DB-API cursor."""

    def __iter__(self) -> Iterator[tuple[Any, ...]]:
        """Row by row."""
        ...

    def fetchone(self) -> tuple[Any, ...] | None:
        """The next row."""
        ...

    def fetchall(self) -> list[tuple[Any, ...]]:
        """All other rows."""
        ...


class Statements(Protocol):
    """What a transaction may do, as a DB-API connection of SQLCipher."""

    @property
    def in_transaction(self) -> bool:
        """Whether a transaction is under way."""
        ...

    def execute(self, statement: str, parameters: Sequence[object] = (), /) -> Answer:
        """Run one statement."""
        ...

    def executemany(self, statement: str, parameters: Iterable[Sequence[object]], /) -> Answer:
        """Run one statement for each of many."""
        ...

    def close(self) -> None:
        """Close the connection."""
        ...


class DamagedError(ConsoleError):
    """The file is not what it should be: corrupt, cut off, of another key or kind, or from a newer console."""


@dataclass(frozen=True, slots=True)
class FileKind:
    """What a sealed file is: a number that marks it, and the statements that make each version of the one before."""

    mark: int
    versions: tuple[tuple[str, ...], ...]


class SealedFile:
    """One open sealed file, for any thread; one statement or transaction at a time."""

    def __init__(self, path: Path, key: bytes, kind: FileKind, *, check: bool = True) -> None:
        """Open a file that exists, bringing an older version up to date; `check` looks at every page first.

        Raises DamagedError for what is no such file, Unavailable where it cannot be opened now.
        """
        self.path = path
        self._lock = threading.RLock()
        self._connection: Statements | None = None
        try:
            if path.stat().st_size == 0:
                # SQLite would take an empty file for a new one, and nobody would hear of what was in it.
                raise DamagedError("The file is empty.", code="sealed_damaged")
            _make_private(path)
            self._connection = connection = connect(path, key)
            if check:
                _look_at_every_page(connection)
            _bring_up_to_date(connection, kind)
        except (sqlcipher.Error, OSError) as error:
            self.close()
            raise failure(error, "This computer's disk is full.") from error
        except DamagedError:
            self.close()
            raise

    @contextlib.contextmanager
    def writing(
        self, full: str = "This computer's disk is full; nothing was recorded."
    ) -> Iterator[Statements]:
        """A transaction: all of it is on the disk when this ends, or nothing is.

        `full` is the sentence of the Unavailable that a full disk raises.
        """
        with self._lock:
            try:
                connection = self._open()
                connection.execute("BEGIN IMMEDIATE")
                try:
                    yield connection
                    connection.execute("COMMIT")
                except BaseException:
                    if connection.in_transaction:
                        connection.execute("ROLLBACK")
                    raise
            except sqlcipher.Error as error:
                raise failure(error, full) from error

    def rows(self, statement: str, parameters: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """Every row of one reading statement."""
        with self._lock:
            try:
                return list(self._open().execute(statement, parameters))
            except sqlcipher.Error as error:
                raise failure(error, "This computer's disk is full.") from error

    def close(self) -> None:
        """Close the file; closing it again is fine."""
        with self._lock:
            if self._connection is not None:
                with contextlib.suppress(sqlcipher.Error):
                    self._connection.close()
                self._connection = None

    def _open(self) -> Statements:
        if self._connection is None:
            raise Unavailable("This desk's own data is closed.", code="sealed_closed")
        return self._connection


def _look_at_every_page(connection: Statements) -> None:
    for statement in ("PRAGMA cipher_integrity_check", "PRAGMA quick_check(1)"):
        found = [row[0] for row in connection.execute(statement)]
        if found and found != ["ok"]:
            raise DamagedError("The file has damaged pages.", code="sealed_damaged")


def _bring_up_to_date(connection: Statements, kind: FileKind) -> None:
    ((mark,),) = connection.execute("PRAGMA application_id").fetchall()
    ((version,),) = connection.execute("PRAGMA user_version").fetchall()
    if mark != kind.mark or version > len(kind.versions):
        raise DamagedError("The file is of another kind or of a newer console.", code="sealed_damaged")
    for number in range(version, len(kind.versions)):
        connection.execute("BEGIN IMMEDIATE")
        for statement in kind.versions[number]:
            connection.execute(statement)
        connection.execute(f"PRAGMA user_version = {number + 1}")
        connection.execute("COMMIT")
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")


def connect(path: Path, key: bytes) -> Statements:
    """A bare connection with the key set. Nothing is read yet; raises what SQLCipher raises."""
    if len(key) != KEY_BYTES:
        raise ValueError("a sealed file takes a key of 32 bytes")
    connection: Statements = sqlcipher.connect(
        str(path), timeout=BUSY_MILLISECONDS / 1000, isolation_level=None, check_same_thread=False
    )
    # It would write to the terminal about every page that it cannot open.
    connection.execute("PRAGMA cipher_log_level = NONE")
    # The salt comes from the key, so that a damaged first page does not take all others with it.
    salt = hashlib.sha256(b"nexus sealed file" + key).digest()[:_SALT_BYTES]
    connection.execute(f"PRAGMA key = \"x'{key.hex()}{salt.hex()}'\"")
    return connection


def create(path: Path, key: bytes, kind: FileKind, rows: Iterable[tuple[str, Sequence[object]]] = ()) -> None:
    """Make a new file with what `rows` (statements and their parameters) put into it, whole or not at all.

    It appears under its name only when it is complete and on the disk. Raises Unavailable where that cannot be.
    """
    unfinished = unfinished_name(path)
    try:
        make_folder(path.parent)
        remove(unfinished)
        os.close(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        connection = connect(unfinished, key)
        try:
            connection.execute("PRAGMA synchronous = FULL")
            connection.execute("BEGIN IMMEDIATE")
            connection.execute(f"PRAGMA application_id = {kind.mark}")
            for version in kind.versions:
                for statement in version:
                    connection.execute(statement)
            connection.execute(f"PRAGMA user_version = {len(kind.versions)}")
            for statement, parameters in rows:
                connection.execute(statement, parameters)
            connection.execute("COMMIT")
        finally:
            connection.close()
    except (sqlcipher.Error, OSError) as error:
        with contextlib.suppress(OSError):
            remove(unfinished)
        raise failure(error, "This computer's disk is full.") from error


def put_in_place(path: Path) -> None:
    """Give a finished new file its name."""
    try:
        unfinished_name(path).replace(path)
        _sync_folder(path.parent)
    except OSError as error:
        raise failure(error, "This computer's disk is full.") from error


def unfinished_name(path: Path) -> Path:
    """What a file is called until it is complete."""
    return path.with_name(f"{path.name}.new")


def set_aside(path: Path, now: datetime | None = None) -> Path:
    """Rename a file, and what lies beside it, to `name.damaged-<UTC time>`; the new name."""
    stamp = f"{path.name}.damaged-{(now or datetime.now(UTC)):%Y%m%dT%H%M%S}"
    aside = path.with_name(stamp)
    number = 1
    while aside.exists():
        number += 1
        aside = path.with_name(f"{stamp}-{number}")
    try:
        for side in SIDES:
            beside = path.with_name(path.name + side)
            if beside.exists():
                beside.replace(aside.with_name(aside.name + side))
        path.replace(aside)
        _sync_folder(path.parent)
    except OSError as error:
        raise failure(error, "This computer's disk is full.") from error
    return aside


def remove(path: Path) -> None:
    """Delete a file and what lies beside it; what is not there is fine."""
    for side in ("", *SIDES, "-journal"):
        path.with_name(path.name + side).unlink(missing_ok=True)


def wipe(path: Path) -> None:
    """Delete a file and what lies beside it, overwritten first: no page of it can be put together again."""
    try:
        for side in ("", *SIDES, "-journal"):
            beside = path.with_name(path.name + side)
            if beside.is_file():
                with beside.open("r+b") as file:
                    file.write(bytes(beside.stat().st_size))
                    file.flush()
                    os.fsync(file.fileno())
        remove(path)
    except OSError as error:
        raise failure(error, "This computer's disk is full.") from error


def failure(error: Exception, full: str) -> ConsoleError:
    """What SQLCipher or the operating system said, as one of ours: DamagedError or Unavailable."""
    code = getattr(error, "sqlite_errorcode", None)
    primary = None if code is None else code & 0xFF
    if primary in _DAMAGED:
        return DamagedError("This desk's own data cannot be read.", code="sealed_damaged")
    if primary in _FULL or (isinstance(error, OSError) and error.errno in _no_space()):
        hint = "Free some space on it. If there is space, the disk itself may be failing."
        return Unavailable(full, hint=hint, code="disk_full")
    return Unavailable(
        "This desk's own data cannot be opened now.",
        hint="Close other consoles on this computer, then try again.",
        code="sealed_unavailable",
    )


def _no_space() -> tuple[int, ...]:
    import errno

    return errno.ENOSPC, errno.EFBIG, getattr(errno, "EDQUOT", errno.ENOSPC), errno.EIO


def make_folder(folder: Path) -> None:
    """Make a folder that only its owner may look into, where there is none."""
    if not folder.is_dir():
        folder.mkdir(parents=True, exist_ok=True)
        if sys.platform != "win32":
            folder.chmod(0o700)


def _make_private(path: Path) -> None:
    if sys.platform != "win32" and path.stat().st_mode & 0o077:
        path.chmod(0o600)


def _sync_folder(folder: Path) -> None:
    # A rename is durable only once the folder is; Windows has no such call and does it itself.
    if sys.platform == "win32":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
