"""`nexus-console doctor`: what is installed, what is reachable, what is wrong, and what to do about each.

For the person who stands at a desk that does not work, and for the one they telephone: every line is plain, every
problem has its remedy, and --json carries the same facts for a script. It changes nothing, apart from starting the
console's own database server for as long as it looks.
"""

from __future__ import annotations

import argparse
import json
import platform
import shutil
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import timedelta
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING

from console import __version__, native, paths
from console import settings as settings_module
from console.cli.common import add_admin_option, administrator
from console.errors import ConsoleError
from console.settings import Settings

if TYPE_CHECKING:
    from console.storage.health import TransferCounts
    from console.storage.worker_logins import WorkerRow

_PACKAGES = ("PySide6_Essentials", "psycopg", "SQLAlchemy", "sqlcipher3")
_LITTLE_ROOM = 1_000_000_000  # bytes
_CLOCK_PROBLEM = timedelta(seconds=2)  # a desk's events would be judged early or late


@dataclass(frozen=True)
class Finding:
    """One line of the report: "ok", "note" or "problem"; `advice` says what to do."""

    area: str
    state: str
    text: str
    advice: str = ""


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command."""
    parser = subparsers.add_parser("doctor", help="see what is wrong with this installation")
    parser.add_argument("--json", action="store_true", help="the same facts for a script")
    add_admin_option(parser)
    parser.set_defaults(func=run)


def run(args: argparse.Namespace) -> int:
    """Print the report; 1 where it has a problem."""
    findings = list(examine(args))
    if args.json:
        print(json.dumps([asdict(one) for one in findings], indent=2, ensure_ascii=False))
    else:
        _print(findings)
    return 1 if any(one.state == "problem" for one in findings) else 0


def examine(args: argparse.Namespace) -> Iterator[Finding]:
    """Every finding, in the order in which one would look. A part that fails is itself a finding."""
    yield _program()
    yield _packages()
    settings = Settings()
    try:
        settings = settings_module.load()
        yield _settings(settings)
    except ConsoleError as error:
        yield _failed("settings", error)
    yield _room()
    yield _libraries()
    parts: tuple[tuple[str, Callable[[], Iterator[Finding]]], ...] = (
        ("secrets", lambda: _secrets(settings)),
        ("database", lambda: _database(args, settings)),
    )
    for area, part in parts:
        try:
            yield from part()
        except ConsoleError as error:
            yield _failed(area, error)


def _program() -> Finding:
    text = (
        f"nexus-console {__version__}, Python {platform.python_version()} on {platform.platform(terse=True)}"
    )
    return Finding("program", "ok", f"{text} ({paths.layout()})")


def _packages() -> Finding:
    found, missing = [], []
    for name in _PACKAGES:
        try:
            found.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            missing.append(name)
    if missing and paths.layout() is not paths.Layout.FROZEN:
        return Finding("packages", "problem", f"Missing: {', '.join(missing)}", "Run python3 dev.py setup.")
    return Finding("packages", "ok", ", ".join(found) or "built in")


def _settings(settings: Settings) -> Finding:
    file = paths.config_dir() / settings_module.FILE_NAME
    where = str(file) if file.exists() else f"no {file}, so the defaults and the environment hold"
    return Finding("settings", "ok", f"{where}; theme {settings.theme}, log level {settings.log_level}")


def _room() -> Finding:
    place = paths.data_dir()
    existing = next(folder for folder in (place, *place.parents) if folder.exists())
    free = shutil.disk_usage(existing).free
    text = f"{free / 1e9:.1f} GB free where the data lie ({place})"
    if free < _LITTLE_ROOM:
        return Finding("room", "problem", text, "Free at least 1 GB on that disk.")
    return Finding("room", "ok", text)


def _libraries() -> Finding:
    missing = native.missing_libraries()
    if missing:
        advice = "Run python3 dev.py setup as root, or install the package that brings it."
        return Finding("libraries", "problem", f"Windows cannot open without {', '.join(missing)}", advice)
    return Finding("libraries", "ok", "everything that windows need loads")


def _secrets(settings: Settings) -> Iterator[Finding]:
    from console.storage import secrets

    store = secrets.open_store(settings)
    state = "note" if isinstance(store, secrets.FileSecrets) else "ok"
    advice = "A keyring would protect them against a copied disk." if state == "note" else ""
    yield Finding("secrets", state, store.describe(), advice)


def _database(args: argparse.Namespace, settings: Settings) -> Iterator[Finding]:
    from console.storage import embedded_binaries, health, worker_logins

    own = settings.embedded and not (args.admin_dsn or settings.admin_url)
    if own:
        if not (paths.data_dir() / "postgres" / "data").exists():
            programs = embedded_binaries.choose(None)
            text = f"none yet; the first run makes the console's own with PostgreSQL {programs.full}"
            yield Finding("database", "note", text, "Run nexus-console run.")
            return
    elif not (args.admin_dsn or settings.admin_url):
        text = "DATABASE_URL names a server, which only an administrator's connection can examine"
        yield Finding("database", "note", text, "Pass --admin-dsn or set NEXUS_ADMIN_URL.")
        return
    with administrator(args) as dsn:
        seen = health.examine(dsn)
        workers = worker_logins.workers(dsn)
        counts = health.transfers(dsn)
    kind = "the console's own" if own else ("encrypted" if seen.encrypted else "NOT encrypted")
    text = (
        f"{seen.name} on PostgreSQL {seen.server_version}, {kind}, answers in {seen.round_trip / _MS:.1f} ms"
    )
    if own or seen.encrypted:
        yield Finding("database", "ok", text)
    else:
        yield Finding("database", "note", text, "Use sslmode=verify-full in the connection.")
    if seen.desks is not None:
        yield Finding("desks", "ok", f"{seen.desks} enrolled, {seen.people or 0} people with a role")
    yield _worker(workers, own=own)
    yield _clock(seen.clock_ahead)
    for problem in seen.problems:
        yield Finding("schema", "problem", problem.sentence, problem.hint)
    if not seen.problems:
        yield Finding("schema", "ok", "tables, functions, roles and policies are as they should be")
    if counts is not None:
        yield _transfers(counts)


_MS = timedelta(milliseconds=1)
_WORKER_AWAY = timedelta(hours=1)


def _worker(workers: Sequence[WorkerRow], *, own: bool) -> Finding:
    if not workers:
        advice = (
            "Run nexus-console run." if own else "Run nexus-console worker enrol, then nexus-console worker."
        )
        return Finding("worker", "note", "none enrolled, so no background job runs", advice)
    latest = min(workers, key=lambda one: (one.silent_seconds is None, one.silent_seconds or 0.0))
    if latest.silent_seconds is None:
        return Finding(
            "worker", "note", f"{latest.name} is enrolled and never ran", "Run nexus-console worker."
        )
    text = f"{latest.name}, last ran {_ago(timedelta(seconds=latest.silent_seconds))}"
    if timedelta(seconds=latest.silent_seconds) > _WORKER_AWAY and not own:
        return Finding("worker", "note", text, "Run nexus-console worker.")
    return Finding("worker", "ok", text)


def _transfers(counts: TransferCounts) -> Finding:
    """Where a worker that is started here would pay to, and what waits; the key itself is never shown."""
    from console.worker import transfer_settings

    try:
        found = transfer_settings.load()
        if found is not None:
            found.context()  # its file of certificates is looked at
    except ConsoleError as error:
        return _failed("transfers", error)
    where = (
        f"{found.base} with a key" if found is not None else "no address and key for a worker started here"
    )
    stand = f"{where}; {counts.waiting} waiting, {counts.doubtful} in doubt, {counts.failed} failed"
    if counts.doubtful:
        advice = "Somebody of platform finance settles them: Payouts, Tries to pay it."
        return Finding("transfers", "note", stand, advice)
    if found is None and counts.waiting:
        advice = f"Set {transfer_settings.URL_VARIABLE} for the worker, or pay by a file for the bank."
        return Finding("transfers", "note", stand, advice)
    return Finding("transfers", "ok", stand)


def _ago(time: timedelta) -> str:
    minutes = int(time / timedelta(minutes=1))
    if minutes < 2:
        return "just now"
    if minutes < 120:
        return f"{minutes} minutes ago"
    return f"{minutes // 60} hours ago" if minutes < 2 * 24 * 60 else f"{minutes // (24 * 60)} days ago"


def _clock(ahead: timedelta) -> Finding:
    text = f"the server's clock is {abs(ahead) / _MS:.0f} ms {'ahead of' if ahead >= timedelta(0) else 'behind'} ours"
    if abs(ahead) > _CLOCK_PROBLEM:
        return Finding("clock", "problem", text, "Set this machine's clock from the network.")
    return Finding("clock", "ok", text)


def _failed(area: str, error: ConsoleError) -> Finding:
    return Finding(area, "problem", error.sentence, error.hint or "")


def _print(findings: list[Finding]) -> None:
    marks = {"ok": "ok  ", "note": "note", "problem": "!!  "}
    for one in findings:
        print(f"{marks[one.state]}  {one.area:<10} {one.text}")
        if one.advice:
            print(f"{'':>17}-> {one.advice}")
    count = sum(one.state == "problem" for one in findings)
    print(f"\n{'No problems.' if not count else f'{count} to mend.'}", file=sys.stdout)
