"""A desk without its window, as a process of its own that can be killed: the real outbox, recorder, sync engine and
database, checking children in one after the other and saying what each was told.

    python -m tests.support.desk_process '{"dsn": ..., "token": ..., "venue": ..., "bookings": [...]}'

`Desk` runs it and reads what it says: one JSON object a line, `did` for each action as the person at the desk is
answered, `settled` for what the server said later, `sent` when nothing waits any more.
"""

from __future__ import annotations

import asyncio
import json
import signal
import subprocess
import sys
import threading
import time
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Work:
    """What the process does.

    `pace` is seconds between two children; `data` is the folder of the desk's own files, none of which may grow beyond
    `file_limit` bytes. With `offline` it begins without a server and only keeps, until a line comes in on its standard
    input.
    """

    dsn: str
    token: str
    venue: str
    data: str
    bookings: list[str] = field(default_factory=list)
    pace: float = 0.0
    offline: bool = False
    file_limit: int = 0


class Desk:
    """A running desk process."""

    def __init__(self, work: Work) -> None:
        """Start it."""
        self.said: list[dict[str, Any]] = []
        self._heard = threading.Condition()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.support.desk_process", json.dumps(asdict(work))],
            cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1,
        )  # fmt: skip
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def go_online(self) -> None:
        """Let one that began offline send."""
        assert self._process.stdin is not None
        self._process.stdin.write("go\n")
        self._process.stdin.flush()

    def lines(self, name: str) -> list[dict[str, Any]]:
        """What it said so far under a name."""
        with self._heard:
            return [line for line in self.said if name in line]

    def until(self, name: str, count: int = 1, seconds: float = 60) -> list[dict[str, Any]]:
        """Wait until it has said so many lines of a name; those lines."""
        give_up = time.monotonic() + seconds
        with self._heard:
            while len([line for line in self.said if name in line]) < count:
                left = give_up - time.monotonic()
                assert left > 0, f"waited for {count} {name}: {self.said[-5:]}"
                assert self._process.poll() is None or not self._reader_ended, f"it ended: {self.said[-5:]}"
                self._heard.wait(min(left, 0.2))
        return self.lines(name)

    def kill(self) -> None:
        """End it with kill -9; what it had said by then is heard."""
        self._process.send_signal(signal.SIGKILL)
        self.end()

    def end(self) -> int:
        """Wait for its end; the exit code."""
        if self._process.stdin is not None and not self._process.stdin.closed:
            self._process.stdin.close()
        try:
            code = self._process.wait(60)
        finally:
            self._process.kill()
            self._reader.join(10)
            if self._process.stdout is not None:
                self._process.stdout.close()
        return code

    @property
    def _reader_ended(self) -> bool:
        return not self._reader.is_alive()

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            if not line.endswith("\n"):
                break  # it was cut off in the middle of a line
            with self._heard:
                self.said.append(json.loads(line))
                self._heard.notify_all()


def events_told(*desks: Desk) -> list[UUID]:
    """Every event of which somebody at these desks was told that it is recorded or kept."""
    return [UUID(line["did"]) for desk in desks for line in desk.lines("did") if line["recorded"]]


async def _main(work: Work) -> None:
    # Here, so that the test that only reads need not import all of it.
    from console.clock import CorrectedClock
    from console.domain.attendance import (
        AttendanceEvent,
        AttendanceState,
        EventAnswer,
        EventKind,
        OutcomeKind,
    )
    from console.errors import ConsoleError
    from console.services.outbox import OutboxRecorder
    from console.services.sync import SyncEngine
    from console.storage.attendance import AttendanceStore
    from console.storage.database import Database
    from console.storage.outbox import OutboxFile
    from console.storage.servers import KnownServers
    from tests.support.desk_world import NOON
    from tests.support.sealed_samples import KEY

    class Standing:
        """The time of the database, which stands, and a counter that does not."""

        def now(self) -> datetime:
            return NOON

        def monotonic(self) -> float:
            return time.monotonic()

    data, venue = Path(work.data), UUID(work.venue)
    known = KnownServers(data / "servers.json")
    outbox = OutboxFile(data / "outbox.db", KEY)
    if outbox.recovered is not None:
        _say(recovered=outbox.recovered.events)
    database, probing = (Database(work.dsn, pool_size=size, known=known) for size in (3, 1))
    for one in (database, probing):
        await one.set_token(work.token)

    async def probe() -> datetime:
        await probing.fetch("SELECT auth.user_id()")
        return NOON

    async def download() -> None:
        return None

    async def renew() -> None:
        await database.set_token(work.token)

    def settled(event: AttendanceEvent, answer: EventAnswer) -> None:
        _say(settled=str(event.id), outcome=answer.outcome.value)

    clock = CorrectedClock(Standing())
    recorder = OutboxRecorder(AttendanceStore(database), outbox, clock, settled=settled)
    engine = SyncEngine(
        probe,
        recorder,
        download,
        clock,
        renew=renew,
        told=lambda status: _say(mode=status.mode.value),
        failed=lambda error: _say(failed=str(error)),
    )
    if work.offline:
        recorder.link.watched = True
        recorder.link.lost()
    else:
        engine.start()
    if work.file_limit:
        import resource

        resource.setrlimit(resource.RLIMIT_FSIZE, (work.file_limit, resource.RLIM_INFINITY))
    _say(ready=True)
    for booking in work.bookings:
        event = AttendanceEvent(uuid4(), 0, EventKind.CHECK_IN, clock.now(), booking_id=UUID(booking))
        local = EventAnswer(
            event.id, OutcomeKind.APPLIED, None, booking_id=event.booking_id, state=AttendanceState.IN
        )
        started = time.monotonic()
        try:
            answer = await recorder.record(event, venue, local)
        except ConsoleError as error:
            _say(refused=error.sentence)
            continue
        _say(
            did=str(answer.event_id),
            outcome=answer.outcome.value,
            recorded=answer.is_recorded,
            kept=answer.kept,
            seconds=round(time.monotonic() - started, 3),
        )
        await asyncio.sleep(work.pace)
    if work.offline:
        _say(offline=(await recorder.count()).waiting)
        await asyncio.to_thread(sys.stdin.readline)
        engine.start(offline=True)
        engine.try_now()
    while (await recorder.count()).waiting or recorder.link.is_away:
        await asyncio.sleep(0.05)
    _say(sent=True, attention=(await recorder.count()).attention)
    await engine.stop()
    await recorder.close()
    for one in (database, probing):
        await one.close()
    outbox.close()


def _say(**facts: object) -> None:
    sys.stdout.write(json.dumps(facts) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(_main(Work(**json.loads(sys.argv[1]))))
