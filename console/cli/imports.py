"""`nexus-console import sessions FILE`: a public session file becomes venues, series and sessions, as administrator.

The options give what the file does not say; the report tells what was done, and each row that could not be used with
its line and the reason. See docs/guides/importing.md.
"""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

from console.cli.common import add_admin_option, administrator
from console.domain.counting import count

if TYPE_CHECKING:
    from console.domain.importing import Applied, ImportReport, Tally

_MOST_VENUES = 10


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the commands."""
    area = subparsers.add_parser("import", help="bring in public session files")
    actions = area.add_subparsers(dest="action", metavar="WHAT", required=True)
    sessions = actions.add_parser(
        "sessions", help="venues, activities, series and sessions from a CSV or JSON file"
    )
    sessions.add_argument("file", metavar="FILE", help="the publisher's file")
    sessions.add_argument("--dry-run", action="store_true", help="say what would be done, and change nothing")
    sessions.add_argument("--skip-bad", action="store_true", help="leave out rows that cannot be used")
    sessions.add_argument(
        "--shift-weeks",
        metavar="N|auto",
        type=_weeks,
        default=0,
        help="move every date by N weeks; auto moves the busiest week of the file to the present one",
    )
    sessions.add_argument(
        "--venues", metavar="FILE", help="CSV or JSON with the facts about places that the file lacks"
    )
    sessions.add_argument(
        "--capacity", metavar="N", type=_positive, help="places per session where the file says none"
    )
    sessions.add_argument(
        "--credits", metavar="N", type=_positive, help="price of a place in credits, likewise"
    )
    sessions.add_argument(
        "--category", metavar="NAME", type=_category, help="category of activities, likewise"
    )
    sessions.add_argument("--timezone", metavar="ZONE", type=_zone, help="zone of the file's times, likewise")
    sessions.add_argument("--layout", metavar="FILE", help="TOML file that describes another CSV layout")
    add_admin_option(sessions)
    sessions.set_defaults(func=run_sessions)


def run_sessions(args: argparse.Namespace) -> int:
    """Import, and print the report; 1 when nothing was imported because of bad rows."""
    from pathlib import Path

    from console.domain.importing import ImportOptions
    from console.services.imports import importer

    request = importer.ImportRequest(
        file=Path(args.file),
        venues=Path(args.venues) if args.venues else None,
        layout=Path(args.layout) if args.layout else None,
        options=ImportOptions(
            capacity=args.capacity,
            credits=args.credits,
            category=args.category,
            timezone=args.timezone,
            shift_weeks=args.shift_weeks,
        ),
        dry_run=args.dry_run,
        skip_bad=args.skip_bad,
    )
    # A file that cannot be used should not cost the start of a server.
    loaded = importer.load(request)
    with administrator(args) as dsn:
        _ready(dsn)
        report = importer.import_sessions(dsn, request, loaded=loaded)
    print("\n".join(described(report)))
    if report.applied is None:
        print(_refusal(report), file=sys.stderr)
        return 1
    return 0


def _ready(dsn: str) -> None:
    """Give a new database its tables; refuse one of another version, because an import is no upgrade."""
    from console.errors import Unavailable
    from console.storage import migrate

    for problem in migrate.check(dsn):
        if problem.key == "database_empty":
            migrate.upgrade(dsn)
        elif problem.key in {"database_older", "database_newer"}:
            raise Unavailable(problem.sentence, hint=problem.hint, code=problem.key)


def described(report: ImportReport) -> list[str]:
    """The report in lines."""
    lines = [f"{report.file}: {report.layout}, {count(report.rows, 'row')}."]
    if report.shift_weeks:
        lines.append(f"All dates are moved by {count(report.shift_weeks, 'week')}.")
    lines.extend(report.notes)
    lines.extend(f"Line {one.line}: {one.reason}" for one in report.rejected)
    if report.repeated:
        lines.append(f"{count(report.repeated, 'meeting')} named more than once, imported once.")
    if report.applied is not None:
        lines.extend(_applied(report, report.applied))
    return lines


def _applied(report: ImportReport, done: Applied) -> list[str]:
    lines = ["This would be done:" if report.dry_run else "Imported:"]
    for name, tally in (
        ("venues", done.venues),
        ("rooms", done.rooms),
        ("activities", done.activities),
        ("series", done.series),
        ("exceptions", done.exceptions),
        ("sessions", done.sessions),
    ):
        lines.append(f"  {name:<11}{tally.total:>7,}  {_tally(tally)}".rstrip())
    if report.rejected:
        lines.append(f"  {'rejected':<11}{len(report.rejected):>7,}  left out")
    for kept in done.kept:
        when = _local(kept.starts_at, kept.timezone)
        lines.append(
            f"Kept as it is, because it {_because(kept.reason)}: {kept.activity}, {kept.venue}, {when}."
        )
    if done.withheld:
        lines.append(
            f"{count(done.withheld, 'session')} missing from the file stay, because rejected rows may be theirs."
        )
    if done.activated:
        lines.append(
            f"{count(len(done.activated), 'venue')} complete and now active: {_listed(done.activated)}."
        )
    lines.extend(_pending(done))
    for number, what, option in (
        (done.uncategorised, "category", "--category"),
        (done.unpriced, "price in credits", "--credits"),
    ):
        if number:
            several = count(number, "activity", "activities")
            lines.append(
                f"{several} without a {what}: not published before there is one ({option} gives it to all)."
            )
    lines.append(f"{report.seconds:.1f} s.")
    return lines


def _pending(done: Applied) -> list[str]:
    """What each waiting venue lacks; venues that lack the same share a line."""
    alike: dict[tuple[str, ...], list[str]] = {}
    for venue in done.pending:
        alike.setdefault(venue.missing, []).append(venue.name)
    lines = []
    for missing, names in alike.items():
        need = f"no {', '.join(missing)}" if missing else "complete, but not approved"
        lines.append(f"{count(len(names), 'venue')} waiting ({need}): {_listed(names, everything=True)}.")
    return lines


def _refusal(report: ImportReport) -> str:
    bad = count(len(report.rejected), "row")
    if len(report.rejected) >= report.rows:
        return f"None of the {count(report.rows, 'row')} can be imported."
    return f"Nothing was imported: {bad} cannot be used. Mend them, or leave them out with --skip-bad."


def _because(reason: str) -> str:
    return (
        reason
        if reason.startswith("has ")
        else f"is {reason}"
        if reason.startswith("already")
        else f"was {reason}"
    )


def _tally(tally: Tally) -> str:
    parts = [
        f"{number:,} {word}"
        for word, number in (
            ("new", tally.created),
            ("changed", tally.changed),
            ("removed", tally.removed),
            ("unchanged", tally.unchanged),
        )
        if number
    ]
    return ", ".join(parts)


def _listed(names: list[str] | tuple[str, ...], *, everything: bool = False) -> str:
    if everything or len(names) <= _MOST_VENUES:
        return ", ".join(names)
    return f"{', '.join(names[:_MOST_VENUES])} and {len(names) - _MOST_VENUES} more"


def _local(instant: object, zone: str) -> str:
    from datetime import datetime
    from zoneinfo import ZoneInfo

    assert isinstance(instant, datetime)
    return f"{instant.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M}"


def _weeks(text: str) -> int | None:
    if text == "auto":
        return None
    try:
        return int(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is neither a number of weeks nor auto") from None


def _positive(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 1 <= int(text[:7]) <= 100_000:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from 1 to 100000")
    return int(text)


def _category(text: str) -> str:
    from console.domain.importing import CATEGORIES

    if text not in CATEGORIES:
        raise argparse.ArgumentTypeError(f"{text!r} is not one of {', '.join(CATEGORIES)}")
    return text


def _zone(text: str) -> str:
    from console.services.imports.cells import RowError, zone

    try:
        return zone(text, "the zone")
    except RowError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a time zone such as America/Toronto") from None
