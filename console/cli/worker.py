"""`nexus-console worker`: runs the background jobs, beside the console or on a server of its own."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import logging
import signal
import sys
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager

from console.cli.common import add_admin_option, administrator
from console.errors import NotFound
from console.settings import Settings

LOG_FILE = "worker.log"


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the commands."""
    worker = subparsers.add_parser("worker", help="run the background jobs")
    worker.add_argument("--once", action="store_true", help="do what is due now, and end")
    worker.add_argument("--beside", action="store_true", help=argparse.SUPPRESS)
    worker.set_defaults(func=run)
    actions = worker.add_subparsers(dest="action", metavar="ACTION")

    enrol = actions.add_parser("enrol", help="make this computer's worker login")
    enrol.add_argument("--name", required=True, help='what people call it, e.g. "Back office"')
    add_admin_option(enrol)
    enrol.set_defaults(func=run_enrol)

    revoke = actions.add_parser("revoke", help="shut a worker out, at once and for good")
    revoke.add_argument("worker", help="its name or its role")
    add_admin_option(revoke)
    revoke.set_defaults(func=run_revoke)

    listing = actions.add_parser("list", help="every worker, with when it last ran")
    add_admin_option(listing)
    listing.set_defaults(func=run_list)


def run(args: argparse.Namespace) -> int:
    """Work until told to stop: by a signal, or with --beside when the console that started it ends."""
    from console import logs
    from console import settings as settings_module
    from console.worker.queue import Worker

    settings = settings_module.load()
    logs.configure(settings.log_level, LOG_FILE)
    with _packages_logged(logs.ROOT_LOGGER), _connection(settings) as dsn:
        worker = Worker(dsn)
        work = worker.run_once() if args.once else _until_stopped(worker.run, watch_input=args.beside)
        with asyncio.Runner(loop_factory=_loop) as runner:
            runner.run(work)
    return 0


def run_enrol(args: argparse.Namespace) -> int:
    """Make the login; its secret goes into this computer's store, never onto the screen."""
    from console import settings as settings_module
    from console.storage.secrets import open_store
    from console.worker import login

    settings = settings_module.load()
    store = open_store(settings)
    with administrator(args) as dsn:
        made = login.enrol(dsn, store, _place(settings), args.name)
    print(f"{made.name} is enrolled. Its secret is in {store.describe()}. Start it: nexus-console worker")
    return 0


def run_revoke(args: argparse.Namespace) -> int:
    """Revoke a worker."""
    from console.storage import worker_logins

    with administrator(args) as dsn:
        if not worker_logins.revoke(dsn, args.worker):
            raise NotFound(
                f"There is no worker called {args.worker}.",
                hint="See: nexus-console worker list",
                code="worker",
            )
    print(f"{args.worker} is shut out.")
    return 0


def run_list(args: argparse.Namespace) -> int:
    """List the workers."""
    from console.storage import worker_logins

    with administrator(args) as dsn:
        rows = worker_logins.workers(dsn)
    if not rows:
        print("No worker is enrolled. Enrol one: nexus-console worker enrol --name NAME")
    for row in rows:
        seen = f"last ran {row.seen_at:%Y-%m-%d %H:%M}" if row.seen_at else "never ran"
        print(f"{row.name:<24}  {seen:<26}  {row.role}")
    return 0


@contextmanager
def _connection(settings: Settings) -> Iterator[str]:
    """The worker's connection string; in the console's own server the login is made where there is none."""
    from console.storage.secrets import open_store
    from console.storage.worker import worker_dsn
    from console.worker import login

    store, place = open_store(settings), _place(settings)
    if settings.embedded:
        from console.storage.local import local_database

        with local_database(settings) as server:
            made = login.ensure_own(server.admin_dsn(settings.database_name), store, place)
            yield worker_dsn(server.dsn(settings.database_name, made.role, made.secret))
        return
    kept = login.kept(store, place)
    if kept is None:
        raise NotFound(
            "This computer has no worker's login for that server.",
            hint='Make one: nexus-console worker enrol --name "Back office" --admin-dsn DSN',
            code="not_enrolled",
        )
    yield worker_dsn(login.address(place, kept))


def _place(settings: Settings) -> str:
    return settings.database_url or f"embedded:{settings.database_name}"


async def _until_stopped(work: Callable[[asyncio.Event], Awaitable[None]], *, watch_input: bool) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()

    def end(*_: object) -> None:
        loop.call_soon_threadsafe(stop.set)

    for number in (signal.SIGINT, signal.SIGTERM):
        if sys.platform == "win32":  # whose loops know no signals
            signal.signal(number, end)
        else:
            loop.add_signal_handler(number, end)
    if watch_input:
        threading.Thread(target=_wait_for_end, args=(end,), daemon=True).start()
    await work(stop)


def _wait_for_end(end: Callable[[], None]) -> None:
    """Wait until standard input closes: whoever started this process is gone."""
    with contextlib.suppress(OSError, ValueError):
        while sys.stdin.buffer.read(4096):
            pass
    # The loop may have ended by itself.
    with contextlib.suppress(RuntimeError):
        end()


def _loop() -> asyncio.AbstractEventLoop:
    # psycopg refuses Windows' default loop.
    return asyncio.SelectorEventLoop()


@contextmanager
def _packages_logged(root: str) -> Iterator[None]:
    """Let the packages that do the work write their warnings into the worker's own log."""
    handlers = list(logging.getLogger(root).handlers)
    loggers = [logging.getLogger(name) for name in ("procrastinate", "psycopg")]
    before = [(logger.level, logger.propagate) for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.WARNING)
        logger.propagate = False
        for handler in handlers:
            logger.addHandler(handler)
    try:
        yield
    finally:
        for logger, (level, propagate) in zip(loggers, before, strict=True):
            logger.setLevel(level)
            logger.propagate = propagate
            for handler in handlers:
                logger.removeHandler(handler)
