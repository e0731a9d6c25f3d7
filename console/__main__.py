"""The command line's front door: `nexus-console`, or `python -m console`.

It knows the commands by name only and loads the one that is used, because starting the window must not wait for
what another command needs. Whatever goes wrong ends as one sentence on stderr with exit code 1; a command line that
is not understood ends with 2. See docs/design.md, "Layout".
"""

from __future__ import annotations

import argparse
import importlib
import os
import sys
from collections.abc import Sequence

from console import __version__
from console.errors import BugError, ConsoleError

# Command -> (module of console.cli, what it does). A module may serve several commands.
COMMANDS: dict[str, tuple[str, str]] = {
    "run": ("run", "open the console (the default)"),
    "tour": ("tour", "take pictures of every screen"),
    "db": ("database", "bring the database up to date, check it, load demo data"),
    "device": ("devices", "enrol, list and revoke desks"),
    "user": ("people", "add people, grant roles, reset passwords"),
    "import": ("imports", "import sessions from a file"),
    "worker": ("worker", "run the background jobs"),
    "doctor": ("doctor", "see what is wrong with this installation"),
}


def build_parser(command: str | None) -> argparse.ArgumentParser:
    """The parser with the one command that is used in full, and the others by name."""
    parser = argparse.ArgumentParser(
        prog="nexus-console", description="The desktop operations console of Nexus Family Pass."
    )
    parser.add_argument("--version", action="version", version=f"nexus-console {__version__}")
    subparsers = parser.add_subparsers(dest="command", metavar="COMMAND")
    if command in COMMANDS:
        importlib.import_module(f"console.cli.{COMMANDS[command][0]}").register(subparsers)
    for name, (_, text) in COMMANDS.items():
        if name not in subparsers.choices:
            subparsers.add_parser(name, help=text)
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; its exit code."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    if not given:
        given = ["run"]
    command = next((word for word in given if not word.startswith("-")), None)
    try:
        args = build_parser(command).parse_args(given)
        return int(args.func(args))
    except ConsoleError as error:
        if isinstance(error, BugError):
            _record(error)
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        # The reader of our output has gone (`| head`): nothing is wrong, and nothing more can be written.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except Exception as error:  # noqa: BLE001 - the last line of defence: a traceback is not for users
        return _unexpected(error)


def _unexpected(error: Exception) -> int:
    """Say that the program failed, and where the details are kept."""
    if os.environ.get("NEXUS_DEBUG"):
        raise error
    kept = _record(error)
    where = f"The details are in {kept}." if kept else f"({type(error).__name__}: {error})"
    print(f"Something went wrong inside the console. {where}", file=sys.stderr)
    return 1


def _record(error: Exception) -> str | None:
    """Write the traceback to the log; its path, or None where no log can be written."""
    from console import logs

    try:
        path = logs.configure()
    except OSError:
        return None
    logs.logger(__name__).error("command failed", exc_info=error)
    return str(path)


if __name__ == "__main__":
    if getattr(sys, "frozen", False):
        # A build's helper processes start as this same program; this is where they turn off to their work.
        from multiprocessing import freeze_support

        freeze_support()
    sys.exit(main())
