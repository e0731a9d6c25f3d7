"""Events that a server refused after they had happened, and a gateway that answers from memory."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field, replace
from uuid import UUID

from console.domain.attendance import (
    AnswerDetail,
    AttendanceEvent,
    EventAnswer,
    EventKind,
    Origin,
    OutcomeKind,
    RefusalReason,
)
from console.domain.sync import AttentionItem, QueuedEvent, QueueState
from console.errors import ConsoleError
from tests.support.today_samples import VENUE, at, booking_id, session_id


def item(
    number: int,
    child: str,
    kind: EventKind = EventKind.CHECK_IN,
    reason: RefusalReason | None = RefusalReason.CANCELLED,
    *,
    minute: int = 38,
    detail: AnswerDetail | None = None,
    pickup: str | None = None,
    session: str = "Junior Judo",
    code: str | None = None,
) -> AttentionItem:
    """A refused event of booking `number`."""
    event = AttendanceEvent(
        UUID(int=0xE000 + number), number, kind, at(15, minute), Origin.QUEUED, booking_id(number), code,
        session_id(4), pickup_name=pickup,
    )  # fmt: skip
    answer = EventAnswer(
        event.id, OutcomeKind.REJECTED, reason, detail or AnswerDetail(at=at(15, 20)), event.booking_id
    )
    queued = QueuedEvent(event, VENUE, QueueState.ATTENTION, answer, at(15, 41))
    return AttentionItem(queued, child, 76 if child else None, session, at(15, 30), "Jonas")


def items() -> list[AttentionItem]:
    """Four events of one afternoon, each refused for another reason."""
    nobody = item(9, "", minute=40, reason=RefusalReason.UNKNOWN_CODE, session="", code="K7Q4-2MX9-6",
                  detail=AnswerDetail())  # fmt: skip
    return [
        item(14, "Theo"),
        item(11, "Marlon", EventKind.CHECK_OUT, RefusalReason.NOT_IN, minute=39, pickup="Rose",
             detail=AnswerDetail()),
        item(4, "Femi", EventKind.ABSENT, RefusalReason.SESSION_CANCELLED, minute=36),
        replace(nobody, queued=replace(nobody.queued, event=replace(nobody.queued.event, booking_id=None))),
    ]  # fmt: skip


@dataclass
class FakeAttention:
    """Holds refused events. `fail` is raised by whatever is asked next."""

    found: list[AttentionItem] = field(default_factory=items)
    asked: list[tuple[str, object]] = field(default_factory=list)
    fail: ConsoleError | None = None

    async def attention(self) -> list[AttentionItem]:
        """What is left."""
        await self._wait()
        return list(self.found)

    async def retry(self, event_id: UUID) -> None:
        """It waits again."""
        await self._wait()
        self.asked.append(("retry", event_id))
        self._take(event_id)

    async def discard(self, event_id: UUID, reason: str) -> None:
        """It is put away."""
        await self._wait()
        self.asked.append(("discard", reason))
        self._take(event_id)

    def _take(self, event_id: UUID) -> None:
        self.found = [one for one in self.found if one.queued.event.id != event_id]

    async def _wait(self) -> None:
        await asyncio.sleep(0)
        if self.fail is not None:
            raise self.fail
