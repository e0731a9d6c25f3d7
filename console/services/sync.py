"""Keeping a desk and its server in step: noticing that the server is gone, and coming back in the right order.

On return everything that waited is sent before anything is fetched, so that no download can overtake what people did
here; only then the desk says that it is online. Each contact also measures how wrong this computer's clock is. Nothing
here ever asks or interrupts anybody. See docs/design.md, "The desk protocol".
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import datetime, timedelta

from console.clock import CorrectedClock
from console.domain.sync import ANSWER_WITHIN, PROBES_TO_RETURN, OutboxCount, SyncStatus
from console.errors import BugError, ConsoleError, Denied, Unavailable
from console.services.link import Link
from console.services.outbox import OutboxRecorder
from console.services.retry import Sleep

FIRST_WAIT_SECONDS = 1.0
LONGEST_WAIT_SECONDS = 15.0
"""Between two probes while offline: doubled from the first to the longest, spread so that desks do not come as one."""

BETWEEN_GOOD_PROBES_SECONDS = 0.3
WATCH_SECONDS = 15.0
"""Between two probes while online: the bar must not say "Online" for long when nobody asks anything."""

SPACING_SECONDS = 1.0
"""Between two looks at the server while online, however much happens there."""

REFRESH_SECONDS = 60.0
"""The longest that the desk's own data is left to grow old while the server answers."""

OFFSET_WORTH_KEEPING = timedelta(milliseconds=250)
"""A smaller change of the clock's offset is the network's, not the clock's."""

Probe = Callable[[], Awaitable[datetime]]
Download = Callable[[], Awaitable[datetime | None]]


async def _nothing() -> None:
    return None


class SyncEngine:
    """Watches one desk's connection while somebody is signed in; make a new one for another person."""

    def __init__(
        self,
        probe: Probe,
        recorder: OutboxRecorder,
        download: Download,
        clock: CorrectedClock,
        *,
        told: Callable[[SyncStatus], None] = lambda _status: None,
        returned: Callable[[], None] = lambda: None,
        failed: Callable[[ConsoleError], None] = lambda _error: None,
        renew: Callable[[], Awaitable[None]] = _nothing,
        sleep: Sleep = asyncio.sleep,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        """`probe` asks the server the time over a connection of its own; `download` fetches what changed into the cache
        and answers how old that is (None without a cache).

        `told` gets every new status, `returned` hears that the server is back and everything is up to date, `failed`
        what only signing in again or a bug report can mend. `renew` drops connections that may be dead. `sleep` and
        `jitter` (0 to 1) are for tests.
        """
        self._probe, self._recorder, self._download, self._clock = probe, recorder, download, clock
        self._told, self._returned, self._failed, self._renew = told, returned, failed, renew
        self._sleep, self._jitter = sleep, jitter
        self._as_of: datetime | None = None
        self._count = OutboxCount()
        self._fetched = clock.monotonic()
        self._wake = asyncio.Event()
        self._stale = True
        self._tasks: list[asyncio.Task[None]] = []
        self._counting: asyncio.Task[None] | None = None
        self._count_again = False
        self._met: str | None = None

    @property
    def link(self) -> Link:
        """The mode as all parts of the desk share it."""
        return self._recorder.link

    @property
    def status(self) -> SyncStatus:
        """What the status bar says."""
        return SyncStatus(self.link.mode, self.link.since, self._count, self._as_of, self._clock.offset)

    def on_status(self, told: Callable[[SyncStatus], None], returned: Callable[[], None]) -> None:
        """Whom to tell of a new status, and that the server is back."""
        self._told, self._returned = told, returned

    def start(self, as_of: datetime | None = None, *, offline: bool = False) -> None:
        """Watch from now on; call once, inside the running loop.

        `as_of` is how old the cache is; `offline` begins with the desk's own data, as after an unlock without a server.
        """
        self._as_of = as_of
        self.link.watched = True
        self.link.changed = self._mode_changed
        self._recorder.changed = self.recount
        if offline:
            self.link.lost()
        self._tasks = [asyncio.ensure_future(self._watch())]
        for task in self._tasks:
            task.add_done_callback(_surface)
        self.recount()

    async def stop(self) -> None:
        """End the watching: the person leaves. The outbox stays as it is."""
        tasks = [*self._tasks, *((self._counting,) if self._counting else ())]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._tasks.clear()
        self.link.watched = False
        self.link.changed = self._recorder.changed = _quiet

    def refresh_soon(self) -> None:
        """Something changed at the server: fetch it into the cache when there is time."""
        self._stale = True
        self._wake.set()

    def try_now(self) -> None:
        """Do not wait for the next probe: somebody asks, or the computer's network came back."""
        self._wake.set()

    def recount(self) -> None:
        """Count what waits again, and tell the new status."""
        self._count_again = True
        if self._counting is None or self._counting.done():
            self._counting = asyncio.ensure_future(self._recount())
            self._counting.add_done_callback(_surface)

    # -- within ------------------------------------------------------------------------------------------------------

    async def _recount(self) -> None:
        while self._count_again:
            self._count_again = False
            count = await self._recorder.count()
            if count != self._count:
                self._count = count
                self._tell()

    async def _watch(self) -> None:
        failures = 0
        while True:
            if self.link.is_away:
                failures = 0 if await self._come_back() else failures + 1
                if self.link.is_away:
                    await self._pause(self._backoff(failures))
                continue
            failures = 0
            await self._keep_up()
            if not self.link.is_away:
                await self._sleep(SPACING_SECONDS)
            if not self.link.is_away:
                await self._pause(WATCH_SECONDS)

    async def _come_back(self) -> bool:
        """Probe, and return when it is good: upload, then download, then tell. Whether the server answered at all."""
        for number in range(PROBES_TO_RETURN):
            if number:
                await self._sleep(BETWEEN_GOOD_PROBES_SECONDS)
            if not await self._ask():
                return False
        try:
            await self._renew()
            await self._recorder.flush()
            await self._fetch()
            # What people did meanwhile was only kept.
            await self._recorder.flush()
        except (Denied, BugError) as error:
            # The server is there; who may do what, or what went wrong, is not a matter of the network.
            self.link.returned()
            self._fail(error)
            return True
        except ConsoleError:
            return False
        self.link.returned()
        self._recorder.nudge()
        self._returned()
        return True

    async def _keep_up(self) -> None:
        if not await self._ask():
            self.link.lost()
            return
        try:
            await self._recorder.flush()
            if self._stale or self._clock.monotonic() - self._fetched > REFRESH_SECONDS:
                await self._fetch()
        except Unavailable:
            self.link.lost()
        except ConsoleError as error:
            self._fail(error)
        else:
            self._met = None

    async def _ask(self) -> bool:
        """One probe: within a second or not at all."""
        started = self._clock.monotonic()
        call = asyncio.ensure_future(self._probe())
        done, _ = await asyncio.wait({call}, timeout=ANSWER_WITHIN.total_seconds())
        if not done:
            call.cancel()
            call.add_done_callback(_swallow)
            return False
        try:
            server_time = call.result()
        except ConsoleError as error:
            if isinstance(error, Denied):
                self._fail(error)
            return False
        seconds = self._clock.monotonic() - started
        self._measure(server_time + timedelta(seconds=seconds / 2))
        self.link.answered(seconds)
        return True

    def _measure(self, server_time: datetime) -> None:
        if abs(server_time - self._clock.now()) > OFFSET_WORTH_KEEPING:
            self._clock.correct(server_time)
            self._tell()

    async def _fetch(self) -> None:
        self._stale = False
        try:
            as_of = await self._download()
        except BaseException:
            self._stale = True
            raise
        self._fetched = self._clock.monotonic()
        if as_of is not None:
            self._as_of = as_of
            self._tell()

    async def _pause(self, seconds: float) -> None:
        """Wait, but no longer than until something happens that is worth looking at."""
        waits = [asyncio.ensure_future(self._wake.wait()), asyncio.ensure_future(self._sleep(seconds))]
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for one in waits:
                one.cancel()
            self._wake.clear()

    def _backoff(self, failures: int) -> float:
        longest = min(FIRST_WAIT_SECONDS * 2 ** max(failures - 1, 0), LONGEST_WAIT_SECONDS)
        return float(longest * (0.75 + 0.25 * self._jitter()))

    def _mode_changed(self) -> None:
        if self.link.is_away:
            self._recorder.give_up()
            self._wake.set()
        self._tell()

    def _fail(self, error: ConsoleError) -> None:
        # Met at every look until somebody mends it, and said once.
        if error.code is None or error.code != self._met:
            self._met = error.code
            self._failed(error)

    def _tell(self) -> None:
        self._told(self.status)


def _quiet() -> None:
    """Nobody listens."""


def _swallow(task: asyncio.Future[datetime]) -> None:
    if not task.cancelled():
        task.exception()


def _surface(task: asyncio.Task[None]) -> None:
    """What nobody expected goes where all unexpected errors go."""
    with suppress(asyncio.CancelledError):
        error = task.exception()
        if error is not None:
            context = {"message": "Keeping in step failed.", "exception": error, "task": task}
            task.get_loop().call_exception_handler(context)
