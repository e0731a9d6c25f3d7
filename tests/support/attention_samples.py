"""Events that a server refused after they had happened, and a gateway that answers from memory."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field, replace
from datetime import date
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
from console.domain.families import NewChild, NewFamily, Payment
from console.domain.sealed_notes import (
    FamilyNote,
    KeptFamily,
    KeptWalkIn,
    NoteState,
    Refusal,
    RefusedFamily,
    RefusedWalkIn,
    WalkInNote,
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


def walk_in(code: str = "not_enough_credits", sentence: str = "2 credits are missing.") -> RefusedWalkIn:
    """A refused walk-in of Ada."""
    note = WalkInNote(
        UUID(int=0xF001), VENUE, session_id(4), at(15, 50), UUID(int=7), Payment.CREDITS,
        known_booking=booking_id(3), known_session=session_id(1), event_id=UUID(int=0xF002),
    )  # fmt: skip
    kept = KeptWalkIn(note, NoteState.ATTENTION, Refusal(sentence, None, code))
    return RefusedWalkIn(kept, "Ada", 90, "Junior Judo", at(15, 30), "Jonas")


def new_family() -> RefusedFamily:
    """A refused new family, as it was typed."""
    child = NewChild("Ines", date(2019, 4, 2))
    typed = NewFamily(
        UUID(int=0xF003), "Clara", "Weiss", "+1 555 010 7788", "clara@example", child, "Clara Weiss"
    )
    refusal = Refusal("This is no e-mail address.", "Correct it.", "email_invalid")
    return RefusedFamily(
        KeptFamily(FamilyNote(typed, VENUE, at(15, 55), UUID(int=7)), NoteState.ATTENTION, refusal)
    )


@dataclass
class FakeAttention:
    """Holds refused events. `fail` is raised by whatever is asked next."""

    found: list[AttentionItem] = field(default_factory=items)
    asked: list[tuple[str, object]] = field(default_factory=list)
    fail: ConsoleError | None = None
    taken_down: list[RefusedWalkIn | RefusedFamily] = field(default_factory=list)

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

    async def notes(self) -> list[RefusedWalkIn | RefusedFamily]:
        """What was taken down and is left."""
        return list(self.taken_down)

    async def retry_walk_in(self, note_id: UUID, payment: Payment | None = None) -> None:
        """It waits again."""
        await self._wait()
        self.asked.append(("retry_walk_in", payment))
        self._take(note_id)

    async def discard_walk_in(self, note_id: UUID, reason: str) -> None:
        """It is put away."""
        await self._wait()
        self.asked.append(("discard_walk_in", reason))
        self._take(note_id)

    async def mend_family(self, note_id: UUID, family: NewFamily) -> None:
        """It waits again."""
        await self._wait()
        self.asked.append(("mend_family", family))
        self._take(note_id)

    def _take(self, event_id: UUID) -> None:
        self.found = [one for one in self.found if one.queued.event.id != event_id]
        self.taken_down = [one for one in self.taken_down if one.kept.note.id != event_id]

    async def _wait(self) -> None:
        await asyncio.sleep(0)
        if self.fail is not None:
            raise self.fail
