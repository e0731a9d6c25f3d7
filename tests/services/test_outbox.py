"""The recorder: kept first, answered within a second, sent in order, and no event in the way of another."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from console.clock import FixedClock
from console.domain.attendance import (
    MAX_BATCH,
    AttendanceEvent,
    EventAnswer,
    Origin,
    OutcomeKind,
    RefusalReason,
)
from console.domain.judging import judge
from console.domain.sync import Mode, OutboxCount, QueueState
from console.errors import BugError, Conflict, ConsoleError, Denied, Invalid, Unavailable
from console.services.desk_store import EventStore
from console.services.link import Link
from console.services.memory_events import MemoryEvents
from console.services.outbox import OutboxRecorder
from console.storage.outbox import OutboxFile
from tests.support.desk_world import NOON
from tests.support.memory_store import HERE, LOST, MAYA, VENUE, Wire, child, event, summary

SESSION = summary()
NIA = child(SESSION)
CANNOT_READ = Invalid("Event 1 of 1 cannot be read.", code="malformed_event")


@pytest.fixture(params=["memory", "file"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> EventStore:
    """Both outboxes keep the same promises."""
    return MemoryEvents() if request.param == "memory" else OutboxFile(tmp_path / "outbox.db", bytes(32))


class Desk:
    """A recorder with everything it told anybody."""

    def __init__(self, store: EventStore, wire: Wire, *, watched: bool = True, within: float = 0.2) -> None:
        self.clock = FixedClock(NOON)
        self.store, self.wire = store, wire
        self.link = Link(self.clock)
        self.link.watched = watched
        self.settled: list[tuple[UUID, EventAnswer]] = []
        self.failed: list[ConsoleError] = []
        self.changes = 0
        self.recorder = OutboxRecorder(
            wire,
            store,
            self.clock,
            link=self.link,
            settled=lambda event, answer: self.settled.append((event.id, answer)),
            failed=self.failed.append,
            changed=self._count,
            sleep=self._sleep,
            within=within,
        )

    def _count(self) -> None:
        self.changes += 1

    async def _sleep(self, _seconds: float) -> None:
        await asyncio.sleep(0)

    async def record(self, one: AttendanceEvent, local: EventAnswer | None = None) -> EventAnswer:
        """What a press of a key does."""
        return await self.recorder.record(one, VENUE, local or judge(one, NIA, SESSION, HERE))

    def states(self) -> dict[QueueState, int]:
        """How many events the outbox holds in each state."""
        found: dict[QueueState, int] = {}
        assert isinstance(self.store, MemoryEvents | OutboxFile)
        for one in self.store.history():
            found[one.state] = found.get(one.state, 0) + 1
        return found


async def test_it_is_in_the_outbox_before_it_is_sent_and_its_answer_before_anybody_is_told(
    store: EventStore,
) -> None:
    seen: list[OutboxCount] = []

    class Watching(Wire):
        async def record(self, events: Sequence[AttendanceEvent]) -> list[EventAnswer]:
            seen.append(store.count())
            return await super().record(events)

    desk = Desk(store, Watching())
    answer = await desk.record(event(NIA))
    assert seen == [OutboxCount(waiting=1)]
    assert (answer.outcome, answer.kept) == (OutcomeKind.APPLIED, False)
    assert desk.states() == {QueueState.ANSWERED: 1}
    assert desk.settled == []


async def test_offline_it_is_kept_and_said_so_without_waiting(store: EventStore) -> None:
    desk = Desk(store, Wire(), within=60)
    desk.link.lost()
    answer = await desk.record(event(NIA))
    assert (answer.outcome, answer.kept, answer.state_at) == (OutcomeKind.APPLIED, True, NOON)
    (waiting,) = store.waiting()
    assert (waiting.event.origin, waiting.event.seq, waiting.venue_id) == (Origin.QUEUED, 1, VENUE)
    assert desk.wire.calls == []


async def test_offline_what_the_desk_refuses_is_shown_and_not_kept(store: EventStore) -> None:
    desk = Desk(store, Wire())
    desk.link.lost()
    refused = await desk.record(event(NIA, session_id=uuid4()))
    assert (refused.outcome, refused.reason, refused.kept) == (
        OutcomeKind.REJECTED,
        RefusalReason.WRONG_SESSION,
        False,
    )
    assert desk.states() == {}


async def test_a_server_that_says_nothing_for_a_while_is_answered_for_by_the_desk(store: EventStore) -> None:
    class Silent(Wire):
        async def record(self, events: Sequence[AttendanceEvent]) -> list[EventAnswer]:
            if len(self.calls) == 0:
                self.calls.append(list(events))
                await asyncio.Event().wait()
            return await super().record(events)

    desk = Desk(store, Silent(), within=0.05)
    answer = await desk.record(event(NIA))
    assert answer.kept
    assert desk.link.mode is Mode.OFFLINE
    (waiting,) = store.waiting()
    assert waiting.event.origin is Origin.QUEUED
    # Back again: sent under the same id, and whoever was told "waiting" hears how it went.
    desk.link.returned()
    await desk.recorder.flush()
    assert [one.id for one in desk.wire.sent] == [answer.event_id] * 2
    assert desk.wire.sent[1].origin is Origin.QUEUED
    assert [told for told, _answer in desk.settled] == [answer.event_id]
    await desk.recorder.close()


async def test_a_failing_network_is_tried_again_before_the_desk_answers(store: EventStore) -> None:
    desk = Desk(store, Wire(LOST, LOST))
    assert not (await desk.record(event(NIA))).kept
    assert len(desk.wire.calls) == 3
    desk.wire.failures = [LOST, LOST, LOST]
    assert (await desk.record(event(NIA))).kept
    assert desk.link.is_away


async def test_what_the_desk_refused_while_the_answer_stayed_out_is_not_sent_as_a_report(
    store: EventStore,
) -> None:
    """The person was told no; a later report of it would say that it happened."""
    desk = Desk(store, Wire(LOST, LOST, LOST))
    one = event(NIA, session_id=uuid4())
    refused = await desk.record(one)
    assert (refused.event_id, refused.reason, refused.kept) == (one.id, RefusalReason.WRONG_SESSION, False)
    assert store.count() == OutboxCount()
    desk.link.returned()
    await desk.recorder.flush()
    assert len(desk.wire.calls) == 3


async def test_the_server_knows_better_than_the_desk(store: EventStore) -> None:
    desk = Desk(store, Wire())
    answer = await desk.record(event(NIA, session_id=uuid4()))
    assert answer.outcome is OutcomeKind.APPLIED


async def test_a_live_refusal_is_shown_and_no_more_a_queued_one_needs_attention(store: EventStore) -> None:
    desk = Desk(store, Wire())
    live, queued = event(NIA), event(NIA)
    for one in (live, queued):
        desk.wire.refuse[one.id] = EventAnswer(one.id, OutcomeKind.REJECTED, RefusalReason.TOO_LATE)
    assert (await desk.record(live)).reason is RefusalReason.TOO_LATE
    assert store.count() == OutboxCount()
    desk.link.lost()
    assert (await desk.record(queued)).kept
    desk.link.returned()
    await desk.recorder.flush()
    assert store.count() == OutboxCount(attention=1)
    assert desk.settled[0][1].reason is RefusalReason.TOO_LATE
    (needs,) = await desk.recorder.attention()
    again = await desk.recorder.retry(needs.event.id, uuid4())
    assert again.id != queued.id
    await desk.recorder.flush()
    assert desk.states() == {QueueState.ANSWERED: 2, QueueState.RETRIED: 1}


async def test_what_needs_attention_can_be_put_away_with_a_reason(store: EventStore) -> None:
    desk = Desk(store, Wire())
    one = event(NIA, origin=Origin.QUEUED)
    desk.wire.refuse[one.id] = EventAnswer(one.id, OutcomeKind.REJECTED, RefusalReason.UNKNOWN_CODE)
    store.append(one, VENUE)
    await desk.recorder.flush()
    await desk.recorder.discard(one.id, "Not our ticket.", MAYA)
    assert desk.states() == {QueueState.DISCARDED: 1}
    with pytest.raises(Conflict):
        await desk.recorder.discard(one.id, "Again.", MAYA)


async def test_everything_goes_in_order_and_in_batches(store: EventStore) -> None:
    desk = Desk(store, Wire())
    for _ in range(MAX_BATCH + 3):
        store.append(event(NIA, origin=Origin.QUEUED), VENUE)
    await desk.recorder.flush()
    assert [len(call) for call in desk.wire.calls] == [MAX_BATCH, 3]
    numbers = [one.seq for one in desk.wire.sent]
    assert numbers == sorted(numbers)
    assert store.count() == OutboxCount()


async def test_one_sending_at_a_time(store: EventStore) -> None:
    class Counting(Wire):
        at_once = 0
        most = 0

        async def record(self, events: Sequence[AttendanceEvent]) -> list[EventAnswer]:
            self.at_once += 1
            self.most = max(self.most, self.at_once)
            await asyncio.sleep(0.005)
            self.at_once -= 1
            return await super().record(events)

    wire = Counting()
    desk = Desk(store, wire, within=5)
    answers = await asyncio.gather(*(desk.record(event(NIA)) for _ in range(8)))
    assert not any(answer.kept for answer in answers)
    assert wire.most == 1
    assert len({one.id for one in wire.sent}) == len(wire.sent) == 8


@pytest.mark.parametrize("size", [1, 2, 7, 40])
async def test_one_event_that_the_server_cannot_take_does_not_stop_the_others(
    store: EventStore, size: int
) -> None:
    desk = Desk(store, Wire())
    events = [store.append(event(NIA, origin=Origin.QUEUED), VENUE) for _ in range(size)]
    bad = events[size // 2]
    desk.wire.spoiled[bad.id] = CANNOT_READ
    await desk.recorder.flush()
    assert store.count() == OutboxCount(attention=1)
    assert set(desk.wire.stored) == {one.id for one in events} - {bad.id}
    (needs,) = store.attention()
    assert (needs.event.id, needs.answer and needs.answer.reason) == (bad.id, None)


async def test_an_error_of_the_server_itself_holds_its_event_back_and_nothing_else(store: EventStore) -> None:
    desk = Desk(store, Wire())
    events = [store.append(event(NIA, origin=Origin.QUEUED), VENUE) for _ in range(5)]
    desk.wire.spoiled[events[1].id] = BugError("Something went wrong.")
    await desk.recorder.flush()
    assert store.count() == OutboxCount(waiting=1)
    assert len(desk.failed) == 1
    desk.wire.spoiled.clear()
    await desk.recorder.flush()
    assert store.count() == OutboxCount()


async def test_a_server_that_errs_at_everything_is_not_asked_about_every_event(store: EventStore) -> None:
    desk = Desk(store, Wire())
    for _ in range(64):
        one = store.append(event(NIA, origin=Origin.QUEUED), VENUE)
        desk.wire.spoiled[one.id] = BugError("Something went wrong.")
    with pytest.raises(BugError):
        await desk.recorder.flush()
    assert store.count() == OutboxCount(waiting=64)
    assert len(desk.wire.calls) < 20


async def test_numbers_go_on_where_the_server_knows_them(store: EventStore) -> None:
    wire = Wire()
    wire.used_below = 41
    desk = Desk(store, wire)
    await desk.record(event(NIA))
    assert wire.sent[-1].seq == 41


async def test_numbers_that_another_console_took_are_replaced_under_the_same_ids(store: EventStore) -> None:
    desk = Desk(store, Wire())
    await desk.record(event(NIA))
    first = store.append(event(NIA, origin=Origin.QUEUED), VENUE)
    second = store.append(event(NIA, origin=Origin.QUEUED), VENUE)
    desk.wire.stored[uuid4()] = replace(first, id=uuid4(), seq=2)
    desk.wire.failures = [Conflict("Used.", code="seq_taken")]
    await desk.recorder.flush()
    assert [(one.id, one.seq) for one in desk.wire.sent[-2:]] == [(first.id, 4), (second.id, 5)]


async def test_what_a_call_records_itself_gets_numbers_nobody_else_gets(store: EventStore) -> None:
    desk = Desk(store, Wire())

    async def send(seqs: Sequence[int]) -> list[int]:
        return list(seqs)

    found = await asyncio.gather(*(desk.recorder.numbered(3, send) for _ in range(4)))
    await desk.record(event(NIA))
    numbers = [number for each in found for number in each] + [desk.wire.sent[-1].seq]
    assert sorted(numbers) == list(range(1, 14))
    desk.link.lost()
    with pytest.raises(Unavailable):
        await desk.recorder.numbered(1, send)


async def test_events_of_the_person_before_are_sent_under_whoever_is_signed_in_now(store: EventStore) -> None:
    desk = Desk(store, Wire(Denied("You are signed out.", code="signed_out")))
    kept = await desk.record(event(NIA))
    assert kept.kept
    assert [error.code for error in desk.failed] == ["signed_out"]
    assert not desk.link.is_away
    answer = await desk.record(event(NIA, person_id=MAYA))
    assert not answer.kept
    assert [(one.person_id, one.origin) for one in desk.wire.calls[-1]] == [
        (event(NIA).person_id, Origin.QUEUED),
        (MAYA, Origin.LIVE),
    ]


async def test_a_revoked_desk_is_told(store: EventStore) -> None:
    desk = Desk(store, Wire())
    one = event(NIA)
    desk.wire.refuse[one.id] = EventAnswer(one.id, OutcomeKind.REJECTED, RefusalReason.DEVICE_REVOKED)
    assert (await desk.record(one)).reason is RefusalReason.DEVICE_REVOKED
    assert [error.code for error in desk.failed] == ["device_revoked"]


async def test_after_a_crash_what_was_under_way_is_sent_as_a_report(store: EventStore) -> None:
    one = store.append(event(NIA), VENUE)
    desk = Desk(store, Wire())
    await desk.recorder.flush()
    assert [(sent.id, sent.origin) for sent in desk.wire.sent] == [(one.id, Origin.QUEUED)]


async def test_a_full_disk_records_nothing_and_says_so(
    store: EventStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_event: AttendanceEvent, _venue: UUID) -> AttendanceEvent:
        raise Unavailable("This computer's disk is full; nothing was recorded.", code="disk_full")

    desk = Desk(store, Wire())
    monkeypatch.setattr(store, "append", full)
    with pytest.raises(Unavailable):
        await desk.record(event(NIA))
    assert desk.wire.calls == []
    assert not desk.link.is_away


async def test_a_desk_that_nobody_watches_is_never_away(store: EventStore) -> None:
    desk = Desk(store, Wire(LOST, LOST, LOST), watched=False)
    assert (await desk.record(event(NIA))).kept
    assert not (await desk.record(event(NIA))).kept
    assert store.count() == OutboxCount()
