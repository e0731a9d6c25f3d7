"""The sync engine: when a desk is online, slow or offline, and in which order it comes back."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from uuid import uuid4

import pytest

from console.clock import CorrectedClock, FixedClock
from console.domain.attendance import AttendanceEvent, EventAnswer
from console.domain.judging import judge
from console.domain.sync import Mode, OutboxCount, SyncStatus
from console.errors import ConsoleError, Denied, Invalid
from console.services.link import SLOW_SECONDS, Link
from console.services.memory_events import MemoryEvents
from console.services.outbox import OutboxRecorder
from console.services.sync import (
    FIRST_WAIT_SECONDS,
    LONGEST_WAIT_SECONDS,
    REFRESH_SECONDS,
    WATCH_SECONDS,
    SyncEngine,
)
from tests.support.desk_world import NOON
from tests.support.memory_store import HERE, LOST, VENUE, Wire, child, event, summary

SESSION = summary()
NIA = child(SESSION)


class Desk:
    """An engine in a world whose time passes only when the engine sleeps."""

    def __init__(self) -> None:
        self.base = FixedClock(NOON)
        self.clock = CorrectedClock(self.base)
        self.wire = Wire()
        self.store = MemoryEvents()
        self.link = Link(self.clock)
        self.done: list[str] = []
        self.recorder = OutboxRecorder(
            self.wire, self.store, self.clock, link=self.link, settled=self._settled, sleep=self._sleep
        )
        self.server_time: datetime | Exception = NOON
        self.takes = 0.01
        self.probes = 0
        self.statuses: list[SyncStatus] = []
        self.failed: list[ConsoleError] = []
        self.slept: list[float] = []
        self.steps = asyncio.Semaphore(0)
        self.engine = SyncEngine(
            self._probe,
            self.recorder,
            self._download,
            self.clock,
            told=self.statuses.append,
            returned=lambda: self.done.append("returned"),
            failed=self.failed.append,
            renew=self._renew,
            sleep=self._sleep,
            jitter=lambda: 1.0,
        )
        self._changed = asyncio.Event()

    async def _probe(self) -> datetime:
        self.probes += 1
        self.base.advance(self.takes)
        if isinstance(self.server_time, Exception):
            raise self.server_time
        return self.server_time + (self.base.now() - NOON)

    async def _download(self) -> datetime | None:
        self.done.append("download")
        return self.clock.now()

    async def _renew(self) -> None:
        self.done.append("renew")

    def _settled(self, _event: AttendanceEvent, _answer: EventAnswer) -> None:
        self.done.append("uploaded")

    async def _sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        await self.steps.acquire()
        self.base.advance(seconds)

    async def settle(self) -> None:
        """Let everything run that needs no time to pass; the outbox works in threads."""
        for _ in range(40):
            await asyncio.sleep(0.001)

    async def step(self, count: int = 1) -> None:
        """Let so many sleeps end."""
        for _ in range(count):
            self.steps.release()
            await self.settle()

    def gone(self) -> None:
        """The network is away."""
        self.wire.cut = True
        self.server_time = LOST

    def back(self) -> None:
        """The network is back."""
        self.wire.cut = False
        self.server_time = NOON


@asynccontextmanager
async def running(*, offline: bool = False) -> AsyncIterator[Desk]:
    """A desk whose engine runs."""
    desk = Desk()
    if offline:
        desk.gone()
    desk.engine.start(NOON - timedelta(minutes=6), offline=offline)
    await desk.settle()
    try:
        yield desk
    finally:
        await desk.engine.stop()
        await desk.recorder.close()


async def test_it_begins_online_with_a_probe_and_a_download() -> None:
    async with running() as desk:
        assert (desk.engine.status.mode, desk.probes, desk.done) == (Mode.ONLINE, 1, ["download"])
        assert desk.engine.status.as_of == desk.clock.now()


async def test_it_goes_on_looking_at_the_server_while_nobody_asks() -> None:
    async with running() as desk:
        await desk.step(2)
        assert WATCH_SECONDS in desk.slept
        desk.gone()
        await desk.step(2)
        assert desk.engine.status.mode is Mode.OFFLINE
        assert desk.engine.status.since is not None


async def test_one_good_probe_is_not_enough() -> None:
    async with running(offline=True) as desk:
        desk.back()
        await desk.step()
        assert desk.engine.status.mode is Mode.OFFLINE
        desk.gone()
        await desk.step()
        assert desk.engine.status.mode is Mode.OFFLINE
        assert "download" not in desk.done


async def test_on_return_everything_is_sent_before_anything_is_fetched_and_then_told() -> None:
    async with running(offline=True) as desk:
        for _ in range(3):
            one = event(NIA)
            assert (await desk.recorder.record(one, VENUE, judge(one, NIA, SESSION, HERE))).kept
        await desk.settle()
        assert desk.statuses[-1].count == OutboxCount(waiting=3)
        desk.back()
        await desk.step(2)
        assert desk.done == ["renew", "uploaded", "uploaded", "uploaded", "download", "returned"]
        assert (desk.engine.status.mode, desk.engine.status.count) == (Mode.ONLINE, OutboxCount())
        modes = [one.mode for one in desk.statuses]
        assert modes.index(Mode.ONLINE, modes.index(Mode.OFFLINE)) > 0
        # Not a moment before everything was up to date.
        first = next(one for one in desk.statuses if one.mode is Mode.ONLINE)
        assert first.as_of == desk.engine.status.as_of


async def test_a_network_that_goes_again_while_coming_back_leaves_the_desk_offline() -> None:
    async with running(offline=True) as desk:
        one = event(NIA)
        await desk.recorder.record(one, VENUE, judge(one, NIA, SESSION, HERE))
        desk.server_time = NOON
        await desk.step(6)
        assert desk.engine.status.mode is Mode.OFFLINE
        assert desk.store.count() == OutboxCount(waiting=1)
        assert "returned" not in desk.done


async def test_the_waits_grow_to_a_limit() -> None:
    async with running(offline=True) as desk:
        await desk.step(8)
        assert desk.slept[0] == FIRST_WAIT_SECONDS
        assert desk.slept[1:4] == [2.0, 4.0, 8.0]
        assert set(desk.slept[5:]) == {LONGEST_WAIT_SECONDS}


async def test_somebody_who_asks_does_not_wait_for_the_next_probe() -> None:
    async with running(offline=True) as desk:
        await desk.step(5)
        desk.back()
        desk.engine.try_now()
        await desk.settle()
        await desk.step(1)
        assert desk.engine.status.mode is Mode.ONLINE


async def test_a_probe_that_is_never_answered_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("console.services.sync.ANSWER_WITHIN", timedelta(seconds=0.05))

    async def silent() -> datetime:
        await asyncio.Event().wait()
        raise AssertionError

    desk = Desk()
    engine = SyncEngine(silent, desk.recorder, desk._download, desk.clock, sleep=desk._sleep)
    engine.start()
    try:
        await asyncio.sleep(0.15)
        assert engine.status.mode is Mode.OFFLINE
    finally:
        await engine.stop()


async def test_the_clocks_offset_is_measured_at_each_contact_and_applied() -> None:
    async with running() as desk:
        assert desk.engine.status.offset == timedelta(0)
        desk.server_time = NOON + timedelta(minutes=3)
        await desk.step(2)
        offset = desk.statuses[-1].offset
        assert timedelta(minutes=3) <= offset < timedelta(minutes=3, seconds=1)
        one = event(NIA, occurred_at=desk.clock.now())
        assert one.occurred_at - desk.base.now() == offset


async def test_small_differences_are_the_networks() -> None:
    async with running() as desk:
        before = len(desk.statuses)
        desk.server_time = NOON + timedelta(milliseconds=100)
        await desk.step(2)
        assert desk.engine.status.offset == timedelta(0)
        assert len(desk.statuses) == before


async def test_slow_answers_make_it_slow_and_two_quick_ones_good_again() -> None:
    async with running() as desk:
        desk.takes = SLOW_SECONDS + 0.2
        await desk.step(2)
        seen = [desk.engine.status.mode]
        desk.takes = 0.01
        for _ in range(2):
            await desk.step(2)
            seen.append(desk.engine.status.mode)
        assert seen == [Mode.SLOW, Mode.SLOW, Mode.ONLINE]


async def test_somebody_signed_out_is_told_to_sign_in_and_nothing_is_lost() -> None:
    async with running(offline=True) as desk:
        one = event(NIA)
        await desk.recorder.record(one, VENUE, judge(one, NIA, SESSION, HERE))
        desk.back()
        desk.wire.failures = [Denied("You are signed out.", code="signed_out")] * 9
        await desk.step(4)
        # Said once, however often it is met.
        assert [error.code for error in desk.failed] == ["signed_out"]
        assert desk.engine.status.mode is Mode.ONLINE
        assert desk.store.count() == OutboxCount(waiting=1)


async def test_a_revoked_desk_is_told_by_the_probe() -> None:
    async with running(offline=True) as desk:
        desk.server_time = Denied("This desk is no longer enrolled.", code="device_revoked")
        await desk.step()
        assert desk.failed[0].code == "device_revoked"
        assert desk.engine.status.mode is Mode.OFFLINE


async def test_what_is_kept_between_the_upload_and_the_return_is_sent_at_once() -> None:
    async with running(offline=True) as desk:
        late = event(NIA)

        async def download() -> datetime:
            desk.done.append("download")
            answer = await desk.recorder.record(late, VENUE, judge(late, NIA, SESSION, HERE))
            assert answer.kept
            return desk.clock.now()

        desk.engine._download = download
        desk.back()
        await desk.step(2)
        assert desk.engine.status.mode is Mode.ONLINE
        assert desk.store.count() == OutboxCount()
        assert desk.done == ["renew", "download", "uploaded", "returned"]


async def test_what_changes_at_the_server_is_fetched_soon_and_a_calm_desk_not_all_the_time() -> None:
    async with running() as desk:
        await desk.step(3)
        assert desk.done == ["download"]
        desk.engine.refresh_soon()
        await desk.settle()
        await desk.step(2)
        assert desk.done == ["download", "download"]
        for _ in range(int(REFRESH_SECONDS / WATCH_SECONDS) + 2):
            await desk.step(2)
        assert len(desk.done) in (3, 4)


async def test_a_refused_upload_is_counted_as_needing_attention() -> None:
    async with running(offline=True) as desk:
        one = event(NIA)
        await desk.recorder.record(one, VENUE, judge(one, NIA, SESSION, HERE))
        desk.wire.spoiled[one.id] = _cannot_read()
        desk.back()
        await desk.step(2)
        assert desk.statuses[-1].count == OutboxCount(attention=1)
        again = await desk.recorder.retry(one.id, uuid4())
        await desk.settle()
        assert desk.store.count() == OutboxCount()
        assert again.id in desk.wire.stored


def _cannot_read() -> ConsoleError:
    return Invalid("Event 1 of 1 cannot be read.", code="malformed_event")


async def test_stopped_it_tells_nobody_any_more() -> None:
    async with running() as desk:
        pass
    told = len(desk.statuses)
    desk.link.lost()
    desk.recorder.changed()
    assert len(desk.statuses) == told
    assert not desk.link.is_away
