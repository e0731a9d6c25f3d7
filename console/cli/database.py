"""`nexus-console db upgrade | check | demo`: the database's shape and its demo content, as administrator."""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict
from datetime import datetime
from typing import Any

from console.cli.common import add_admin_option, administrator


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the commands."""
    database = subparsers.add_parser("db", help="bring the database up to date, check it, load demo data")
    actions = database.add_subparsers(dest="action", metavar="ACTION", required=True)

    upgrade = actions.add_parser("upgrade", help="bring the database to this console's schema")
    add_admin_option(upgrade)
    upgrade.set_defaults(func=run_upgrade)

    check = actions.add_parser("check", help="list what is not as it should be; exit code 1 if anything is")
    add_admin_option(check)
    check.add_argument("--json", action="store_true", help="as JSON, for other programs")
    check.set_defaults(func=run_check)

    demo = actions.add_parser("demo", help="fill an empty database with believable data")
    add_admin_option(demo)
    demo.add_argument("--seed", type=int, help="another seed makes other families (default: always the same)")
    demo.add_argument(
        "--at",
        type=_instant,
        metavar="INSTANT",
        help="the instant that counts as now, e.g. 2026-03-12T15:42-07:00",
    )
    demo.set_defaults(func=run_demo)


def run_upgrade(args: argparse.Namespace) -> int:
    """Upgrade, and say what was done."""
    from console.storage import migrate

    with administrator(args) as dsn:
        report = migrate.upgrade(dsn)
    if not report.changed:
        print("The database is up to date.")
    elif report.before is None:
        print(f"The database was made ({report.seconds:.1f} s).")
    else:
        print(f"The database was brought up to date ({report.seconds:.1f} s).")
    return 0


def run_check(args: argparse.Namespace) -> int:
    """List every problem with what to do about it; 1 if there is any."""
    from console.storage import migrate

    with administrator(args) as dsn:
        problems = migrate.check(dsn)
    if args.json:
        print(json.dumps([asdict(problem) for problem in problems], indent=2))
    elif not problems:
        print("The database is as it should be.")
    else:
        for problem in problems:
            print(f"{problem.sentence} {problem.hint}")
    return 1 if problems else 0


def run_demo(args: argparse.Namespace) -> int:
    """Upgrade where needed, load the demo data, and say what there is."""
    # Loaded by name: the demo stands beside the services, and most databases never see it.
    from importlib import import_module

    from console.storage import migrate

    chosen = {name: value for name, value in (("seed", args.seed), ("at", args.at)) if value is not None}
    demo: Any = import_module("console.demo")
    with administrator(args) as dsn:
        migrate.upgrade(dsn)
        report = demo.load(dsn, **chosen)
    print(report)
    return 0


def _instant(text: str) -> datetime:
    """An instant with its offset; a time without one would mean another moment on every machine."""
    try:
        parsed = datetime.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(
            f"{text!r} is not a date and time like 2026-03-12T15:42-07:00"
        ) from None
    if parsed.tzinfo is None:
        raise argparse.ArgumentTypeError(f"{text!r} needs its offset from UTC, like -07:00 at the end")
    return parsed
