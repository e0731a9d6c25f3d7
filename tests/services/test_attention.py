"""The desk's refused events: named from the rosters at hand, sent again, or put away by a manager."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest

from console.clock import FixedClock
from console.domain.attendance import (
    AttendanceEvent,
    EventAnswer,
    EventKind,
    Origin,
    OutcomeKind,
    RefusalReason,
)
from console.domain.desk import RosterEntry, SessionSummary
from console.domain.families import NewFamily, Payment, Registered
from console.domain.sealed_notes import NoteState, RefusedWalkIn, WalkInNote
from console.domain.sync import CachedSession, OutboxCount, QueueState
from console.errors import Conflict, Denied, Invalid
from console.models.gateway_attention import AttentionGateway
from console.services.attention import AttentionService
from console.services.memory_events import MemoryEvents
from console.services.offline_walk_ins import OfflineWalkIns
from console.services.outbox import OutboxRecorder
from console.storage.sealed_notes import WalkInFile
from tests.support.desk_world import NOON
from tests.support.memory_store import JONAS, MAYA, VENUE, MemoryRosters, Wire, child, event, summary


class Desk:
    """An outbox with one refused check-in of Nia, and the rosters of Jonas."""

    def __init__(self, **facts: object) -> None:
        """`facts` change the event that was refused."""
        self.session: SessionSummary = summary()
        self.nia: RosterEntry = child(self.session)
        self.cache = MemoryRosters().keep(CachedSession(self.session, (self.nia,)))
        self.store, self.wire, self.clock = MemoryEvents(), Wire(), FixedClock(NOON)
        self.recorder = OutboxRecorder(self.wire, self.store, self.clock)
        made = event(self.nia, origin=Origin.QUEUED)
        self.refused = self.refuse(replace(made, **facts))  # type: ignore[arg-type]

    def refuse(self, made: AttendanceEvent) -> UUID:
        """An event that the server refused after it had happened."""
        kept = self.store.append(made, VENUE)
        answer = EventAnswer(
            kept.id, OutcomeKind.REJECTED, RefusalReason.CANCELLED, booking_id=kept.booking_id
        )
        self.store.answered([answer], NOON)
        return kept.id

    def service(self, *, may_discard: bool = True, cached: bool = True, me: UUID = JONAS) -> AttentionService:
        """The list as one person has it."""
        return AttentionService(
            self.recorder, self.cache if cached else None, self.clock, person_id=me, first_name="Jonas",
            may_discard=may_discard,
        )  # fmt: skip


def test_the_service_is_a_gateway() -> None:
    """Checked by the type checker: what the service offers is what the page asks."""

    def fits(service: AttentionService) -> AttentionGateway:
        return service

    assert fits is not None


async def test_names_come_from_the_rosters_at_hand() -> None:
    desk = Desk()
    (item,) = await desk.service().attention()
    assert (item.child, item.age_months, item.session, item.person) == ("Nia", 88, "Junior Judo", "Jonas")
    assert item.session_starts_at == desk.session.starts_at
    assert item.queued.answer is not None
    assert item.queued.answer.reason is RefusalReason.CANCELLED


async def test_without_rosters_there_is_no_name_and_nothing_is_hidden() -> None:
    (item,) = await Desk().service(cached=False).attention()
    assert (item.child, item.age_months, item.session) == ("", None, "")


async def test_what_another_person_recorded_carries_no_name_of_theirs() -> None:
    (item,) = await Desk().service(me=MAYA).attention()
    assert item.person == ""


async def test_a_ticket_names_its_child() -> None:
    desk = Desk(booking_id=None, session_id=None, code="K7Q4-2MXR-6")
    (item,) = await desk.service().attention()
    assert (item.child, item.session) == ("Nia", "Junior Judo")


async def test_a_session_around_midnight_is_found() -> None:
    desk = Desk(occurred_at=NOON + timedelta(days=1))
    (item,) = await desk.service().attention()
    assert item.session == "Junior Judo"


async def test_trying_again_makes_a_new_event_of_the_same_facts_and_sends_it() -> None:
    desk = Desk()
    service = desk.service()
    await service.retry(desk.refused)
    await desk.recorder.flush()
    assert await service.attention() == []
    (sent,) = desk.wire.stored.values()
    assert sent.id != desk.refused
    assert (sent.booking_id, sent.kind, sent.occurred_at, sent.origin) == (
        desk.nia.booking_id, EventKind.CHECK_IN, NOON, Origin.QUEUED,
    )  # fmt: skip
    assert desk.store.count() == OutboxCount()
    with pytest.raises(Conflict):
        await service.retry(desk.refused)
    await desk.recorder.close()


async def test_a_manager_puts_it_away_with_a_reason() -> None:
    desk = Desk()
    service = desk.service()
    with pytest.raises(Invalid, match="Say why"):
        await service.discard(desk.refused, "   ")
    assert len(await service.attention()) == 1
    await service.discard(desk.refused, "  Scanned the wrong ticket ")
    assert await service.attention() == []
    (kept,) = desk.store.history()
    assert (kept.state, kept.note, kept.by) == (QueueState.DISCARDED, "Scanned the wrong ticket", JONAS)
    assert desk.wire.calls == []


async def test_a_front_desk_may_not_put_it_away() -> None:
    desk = Desk()
    service = desk.service(may_discard=False)
    with pytest.raises(Denied, match="Only a manager"):
        await service.discard(desk.refused, "It was nothing")
    assert len(await service.attention()) == 1


class FullHouse:
    """A server that gives no place for want of credits, unless they are owed."""

    async def register(self, venue_id: UUID, family: NewFamily) -> Registered:
        """Families are registered."""
        return Registered(UUID(int=1), UUID(int=2))

    async def report(self, note: WalkInNote) -> str:
        """A place, if it is owed."""
        if note.payment is Payment.OWED:
            return "K7Q4-2MXR-6"
        raise Conflict("2 credits are missing.", code="not_enough_credits")


class WalkInDesk(Desk):
    """A desk where Nia walked in, whose place was refused and with it her check-in; a manager may be at it."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.file = WalkInFile(folder / "walk-ins.db", bytes(range(32)))
        self.notes = OfflineWalkIns(self.file, None, self.store, FullHouse(), VENUE, JONAS, self.clock)
        self.sent = 0
        self.note = WalkInNote(
            self.nia.booking_id, VENUE, self.session.id, NOON, JONAS, Payment.CREDITS,
            known_booking=self.nia.booking_id, known_session=self.session.id,
        )  # fmt: skip

    async def refuse_it(self) -> UUID:
        """The walk-in and its check-in are refused; the check-in's number."""
        _note, made = await self.notes.take_down(self.note, check_in=True)
        assert made is not None
        unknown = EventAnswer(made.id, OutcomeKind.REJECTED, RefusalReason.UNKNOWN_CODE)
        self.store.answered([unknown], NOON)
        await self.notes.send()
        return made.id

    def lists(self, *, may_discard: bool = True) -> AttentionService:
        """The list as Jonas has it."""
        return AttentionService(
            self.recorder, self.cache, self.clock, person_id=JONAS, first_name="Jonas", may_discard=may_discard,
            notes=self.notes, send=self._count_sending,
        )  # fmt: skip

    def _count_sending(self) -> None:
        self.sent += 1


@pytest.fixture
def walked_in(tmp_path: Path) -> Iterator[WalkInDesk]:
    """A desk with a walk-in."""
    desk = WalkInDesk(tmp_path)
    yield desk
    desk.file.close()


async def test_a_refused_walk_in_stands_for_its_check_in(walked_in: WalkInDesk) -> None:
    check_in = await walked_in.refuse_it()
    service = walked_in.lists()
    (item,) = await service.notes()
    assert isinstance(item, RefusedWalkIn)
    assert (item.child, item.session, item.person) == ("Nia", "Junior Judo", "Jonas")
    assert item.lacks_credits
    assert [one.queued.event.id for one in await service.attention()] == [walked_in.refused]
    assert check_in in [one.queued.event.id for one in await service.events()], "its row at Today is red"
    assert await service.count() == 2


async def test_a_walk_in_is_sent_again_with_its_credits_owed(walked_in: WalkInDesk) -> None:
    await walked_in.refuse_it()
    service = walked_in.lists(may_discard=False)
    await service.retry_walk_in(walked_in.note.id, Payment.OWED)
    assert walked_in.sent == 1
    assert await service.notes() == []
    assert len(await service.attention()) == 1, "its check-in does not show while the place is asked for"
    await walked_in.notes.send()
    assert [one.state for one in await walked_in.notes.walk_in_history()] == [NoteState.DONE]
    assert len(walked_in.store.waiting()) == 1, "the check-in is tried again by itself"
    with pytest.raises(Conflict):
        await service.retry_walk_in(walked_in.note.id)


async def test_only_a_manager_puts_a_walk_in_away(walked_in: WalkInDesk) -> None:
    await walked_in.refuse_it()
    with pytest.raises(Denied, match="Only a manager"):
        await walked_in.lists(may_discard=False).discard_walk_in(walked_in.note.id, "It was nothing")
    service = walked_in.lists()
    with pytest.raises(Invalid, match="Say why"):
        await service.discard_walk_in(walked_in.note.id, " ")
    assert await service.count() == 2
    await service.discard_walk_in(walked_in.note.id, " They went home ")
    assert await service.count() == 1
    (kept,) = await walked_in.notes.walk_in_history()
    assert (kept.state, kept.why, kept.by) == (NoteState.DISCARDED, "They went home", JONAS)
