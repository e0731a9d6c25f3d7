"""The desk's refused events: named from the rosters at hand, sent again, or put away by a manager."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
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
from console.domain.sync import CachedSession, OutboxCount, QueueState
from console.errors import Conflict, Denied, Invalid
from console.models.gateway_attention import AttentionGateway
from console.services.attention import AttentionService
from console.services.memory_events import MemoryEvents
from console.services.outbox import OutboxRecorder
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
