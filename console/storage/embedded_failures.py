"""What a failed start of the embedded server means, in one sentence a person can act on.

The server says why it stopped only in its log and in English (its locale is fixed for that); this is the one place
that reads those words.
"""

from __future__ import annotations

import errno
from pathlib import Path

from console.errors import ConsoleError, Unavailable


def of_log(text: str, home: Path) -> ConsoleError:
    """The reason in the output of a server or initdb that ended. `home` is named where the reader has to look."""
    if "No space left on device" in text or "could not extend file" in text or "Disk quota exceeded" in text:
        return disk_full(home)
    if "Address already in use" in text or "could not create any TCP/IP sockets" in text:
        return Unavailable(
            "The port of the console's own database is used by another program.",
            hint="Stop that program or choose another port.",
            code="port_taken",
        )
    if ('" already exists' in text and "lock file" in text) or "pre-existing shared memory block" in text:
        return Unavailable(
            f"Another server still holds the database in {home}.",
            hint="Close other consoles, wait ten seconds and try again; restart the machine if that does not help.",
            code="lock_held",
        )
    if "incompatible with server" in text or "initialized by PostgreSQL version" in text:
        return other_major(None, None)
    if "Permission denied" in text or "Operation not permitted" in text:
        return Unavailable(
            f"The database server is not allowed to use {home}.",
            hint="Check who owns that directory.",
            code="home_permissions",
        )
    if "Cannot allocate memory" in text or "could not map anonymous shared memory" in text:
        return Unavailable(
            "This machine has too little free memory for the database.",
            hint="Close other programs and try again.",
            code="no_memory",
        )
    return Unavailable(
        "The console's own database could not be started.",
        hint=f"The reason is in {home / 'server.log'}.",
        code="embedded_failed",
    )


def of_system(error: OSError, home: Path) -> ConsoleError:
    """The same for an error of the operating system while preparing a start."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return disk_full(home)
    place = error.filename or home
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return Unavailable(
            f"The console may not write to {place}.",
            hint="Give it to your user, or set NEXUS_DATA_DIR to a directory of your own.",
            code="home_permissions",
        )
    return Unavailable(
        f"The console's own database could not be started ({place}: {error.strerror or error}).",
        code="embedded_failed",
    )


def disk_full(home: Path) -> ConsoleError:
    """There is no room where the data lies."""
    return Unavailable(
        f"There is not enough disk space for the database in {home}.",
        hint="Free at least 200 MB and try again.",
        code="disk_full",
    )


def other_major(made_by: int | None, available: int | None) -> ConsoleError:
    """The data were made by a version of PostgreSQL that is not the one at hand."""
    first = f"PostgreSQL {made_by}" if made_by else "another version of PostgreSQL"
    second = f"brings PostgreSQL {available}" if available else "brings a different one"
    return Unavailable(
        f"The database here was made by {first}, but this console {second}.",
        hint="Install that version, or move the data over as the operations guide says.",
        code="other_major",
    )


def damaged(data: Path) -> ConsoleError:
    """What lies there is not a database directory."""
    return Unavailable(
        f"The directory {data} does not look like a database any more.",
        hint="Restore it from a backup, or move it away to start empty.",
        code="data_damaged",
    )


def slow(home: Path) -> ConsoleError:
    """The server neither became ready nor ended."""
    return Unavailable(
        "The console's own database takes too long to start.",
        hint=f"Look into {home / 'server.log'}, then try again.",
        code="embedded_slow",
    )
