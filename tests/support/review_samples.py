"""Review items as a page shows them: one of each sort, and a gateway that answers like the server."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

from console.domain.attendance import AttendanceState, EventKind, Origin, OutcomeKind, RefusalReason
from console.domain.desk import BookingStatus
from console.domain.reviewing import (
    Decided,
    Decision,
    OtherStay,
    Report,
    ReviewBooking,
    ReviewChoice,
    ReviewFacts,
    ReviewItem,
    ReviewKind,
    ReviewSession,
    Step,
    Topic,
)
from console.errors import ConsoleError
from tests.support.qt import NOW

_SPACE = UUID("6ba7b811-9dad-11d1-80b4-00c04fd430c8")
START = NOW - timedelta(minutes=12)
SESSION = ReviewSession(
    name="Junior Judo", room="Main Hall", starts_at=START, ends_at=START + timedelta(hours=1), places=18, booked=12,
    inside=9, closed_at=None, cancelled=False,
)  # fmt: skip
BOOKING = ReviewBooking(
    code="K7QM-4RXH-2", status=BookingStatus.CANCELLED_PARENT, attendance=AttendanceState.IN, source="browse",
    booked_at=NOW - timedelta(days=9), cancelled_at=NOW - timedelta(days=3), cancellation_reason="child_sick",
    refund_eligible=True, credits_charged=3, taken=3, given_back=3, forfeited=0, owed=0, family_credits=10,
    paid_out=False,
)  # fmt: skip


def report(name: str, kind: EventKind = EventKind.CHECK_IN, **facts: Any) -> Report:
    """A queued check-in at Desk 2 by Maya, unless the facts say otherwise."""
    made = Report(
        event_id=uuid5(_SPACE, name), kind=kind, occurred_at=NOW - timedelta(minutes=20),
        recorded_at=NOW - timedelta(minutes=6), desk="Desk 2", person="Maya", origin=Origin.QUEUED,
        outcome=OutcomeKind.APPLIED_WITH_REVIEW, reason=RefusalReason.CANCELLED, is_this=True, taken_back=False,
    )  # fmt: skip
    return replace(made, **facts)


CHARGE = ReviewChoice(Decision.CHARGE, False, (), BookingStatus.CONFIRMED, -3, 0, 0, 7, 0, 3)
NO_CHARGE = ReviewChoice(
    Decision.NO_CHARGE, False, (), BookingStatus.CANCELLED_PARENT, family_credits_after=10
)
WRONG = ReviewChoice(
    Decision.WRONG, True, (Step(EventKind.ANNUL, uuid5(_SPACE, "Nia")),), BookingStatus.CANCELLED_PARENT,
    family_credits_after=10,
)  # fmt: skip


def cancelled(
    name: str = "Nia", session: str = "Junior Judo", *, minutes: int = 6
) -> tuple[ReviewItem, ReviewFacts]:
    """A child that came although its booking was cancelled."""
    opened = NOW - timedelta(minutes=minutes)
    facts = ReviewFacts(
        item_id=uuid5(_SPACE, f"item {name}"), kind=ReviewKind.REFUSED_BUT_CAME, topic=None,
        summary="Checked in: the booking was cancelled.", opened_at=opened, first_name=name,
        booking_id=uuid5(_SPACE, f"booking {name}"), session=replace(SESSION, name=session), booking=BOOKING,
        reported=(report(name),), choices=(CHARGE, NO_CHARGE, WRONG),
    )  # fmt: skip
    return _line(facts, RefusalReason.CANCELLED), facts


def no_show() -> tuple[ReviewItem, ReviewFacts]:
    """A no-show that came after all, from before the close."""
    earlier = report("Theo absent", EventKind.ABSENT, desk="Desk 1", person="Jonas", origin=Origin.LIVE, is_this=False,
                     outcome=OutcomeKind.APPLIED, reason=None, occurred_at=NOW - timedelta(minutes=8))  # fmt: skip
    facts = replace(
        cancelled("Theo")[1], kind=ReviewKind.LATE_EVENT, opened_at=NOW - timedelta(hours=3),
        booking=replace(BOOKING, status=BookingStatus.NO_SHOW, attendance=AttendanceState.ABSENT, cancelled_at=None,
                        cancellation_reason=None, given_back=0, forfeited=3, family_credits=7, paid_out=True),
        reported=(report("Theo", reason=RefusalReason.TOO_LATE), earlier),
        choices=(
            ReviewChoice(Decision.CAME, False, (Step(EventKind.ANNUL, earlier.event_id),), BookingStatus.COMPLETED,
                         0, 0, -3, 7, 3, 3),
            ReviewChoice(Decision.NO_SHOW, False, (), BookingStatus.NO_SHOW, 0, 0, 0, 7, 3, 3),
            ReviewChoice(Decision.CAME_FREE, True, (), BookingStatus.COMPLETED, 3, 0, -3, 10, 3, 0),
        ),
    )  # fmt: skip
    return _line(facts, RefusalReason.TOO_LATE), facts


def collectors() -> tuple[ReviewItem, ReviewFacts]:
    """A child that two desks let go with different people."""
    first = report("Ava out", EventKind.CHECK_OUT, desk="Desk 1", person="Jonas", origin=Origin.LIVE, is_this=False,
                   outcome=OutcomeKind.APPLIED, reason=None, pickup_name="Ana")  # fmt: skip
    facts = replace(
        cancelled("Ava")[1], kind=ReviewKind.OTHER, topic=Topic.TWO_COLLECTORS, opened_at=NOW - timedelta(days=2),
        booking=replace(BOOKING, status=BookingStatus.COMPLETED, attendance=AttendanceState.OUT, cancelled_at=None,
                        cancellation_reason=None, given_back=0, family_credits=7),
        reported=(first, replace(first, event_id=uuid5(_SPACE, "Ava out 2"), desk="Desk 2", person="Maya",
                                 origin=Origin.QUEUED, outcome=OutcomeKind.ALREADY, pickup_name="Boris", is_this=True)),
        choices=(ReviewChoice(Decision.SEEN, True, (), BookingStatus.COMPLETED, family_credits_after=7),),
    )  # fmt: skip
    return _line(facts, None, EventKind.CHECK_OUT), facts


def two_sessions() -> tuple[ReviewItem, ReviewFacts]:
    """A child in two sessions at once."""
    stay = OtherStay("Ballet 8–10", START, START + timedelta(hours=1), NOW - timedelta(minutes=30), None)
    facts = replace(
        cancelled("Bo")[1], kind=ReviewKind.OTHER, topic=Topic.TWO_SESSIONS, opened_at=NOW - timedelta(hours=30),
        booking=replace(BOOKING, status=BookingStatus.CONFIRMED, cancelled_at=None, cancellation_reason=None,
                        given_back=0, family_credits=7),
        reported=(report("Bo", reason=None, outcome=OutcomeKind.APPLIED),), elsewhere=(stay,),
        choices=(replace(NO_CHARGE, decision=Decision.ACCEPT, family_credits_after=7),
                 replace(WRONG, family_credits_after=7)),
    )  # fmt: skip
    return _line(facts, None), facts


def over_capacity() -> tuple[ReviewItem, ReviewFacts]:
    """More children than places, about a session only."""
    facts = ReviewFacts(
        item_id=uuid5(_SPACE, "item full"), kind=ReviewKind.OVER_CAPACITY, topic=None,
        summary="20 children were in, for 18 places.", opened_at=NOW - timedelta(days=4), first_name=None,
        booking_id=None, session=replace(SESSION, inside=20), booking=None,
        choices=(ReviewChoice(Decision.SEEN, False),),
    )  # fmt: skip
    return replace(_line(facts, None), event_kind=EventKind.CHECK_IN), facts


def _line(
    facts: ReviewFacts, reason: RefusalReason | None, kind: EventKind | None = EventKind.CHECK_IN
) -> ReviewItem:
    session = facts.session
    return ReviewItem(
        item_id=facts.item_id, kind=facts.kind, topic=facts.topic, reason=reason, event_kind=kind,
        opened_at=facts.opened_at, first_name=facts.first_name, activity_name=session.name if session else None,
        starts_at=session.starts_at if session else None, summary=facts.summary,
        page_key=(facts.opened_at.isoformat(), str(facts.item_id)),
    )  # fmt: skip


@dataclass
class FakeReviews:
    """Answers like the server; `failure` is raised by the next call."""

    pairs: list[tuple[ReviewItem, ReviewFacts]]
    failure: ConsoleError | None = None
    asked: list[tuple[UUID, Decision, str]] = field(default_factory=list)
    done: list[ReviewItem] = field(default_factory=list)
    at: datetime = NOW

    async def items(self, *, done: bool = False, after: Sequence[object] | None = None) -> list[ReviewItem]:
        self._fail()
        still = [item for item, _ in self.pairs]
        rows = still + self.done if done else still
        keys = [item.page_key for item in rows]
        return rows[keys.index(tuple(after)) + 1 :] if after is not None else rows

    async def open_count(self) -> int:
        return len(self.pairs)

    async def facts(self, item_id: UUID) -> ReviewFacts:
        self._fail()
        found = {facts.item_id: facts for _, facts in self.pairs}
        if item_id in found:
            return found[item_id]
        item = next(one for one in self.done if one.item_id == item_id)
        return replace(
            cancelled(item.first_name or "")[1], choices=(), decision=item.decision, resolution=item.resolution,
            note="They had asked by phone.", resolved_at=item.resolved_at, resolved_by_name=item.resolved_by_name,
        )  # fmt: skip

    async def decide(self, facts: ReviewFacts, choice: ReviewChoice, reason: str = "") -> Decided:
        self._fail()
        self.asked.append((facts.item_id, choice.decision, reason))
        item = next(one for one, _ in self.pairs if one.item_id == facts.item_id)
        self.pairs = [pair for pair in self.pairs if pair[0] is not item]
        said = f"Charged {-choice.moved} credits." if choice.moved < 0 else "Seen."
        self.done.append(
            replace(
                item, decision=choice.decision, resolution=said, resolved_at=self.at, resolved_by_name="Elena"
            )
        )
        return Decided(
            facts.item_id, choice.decision, said, self.at, choice.moved, choice.family_credits_after
        )

    def _fail(self) -> None:
        error, self.failure = self.failure, None
        if error is not None:
            raise error


def everything() -> list[tuple[ReviewItem, ReviewFacts]]:
    """One of each sort, oldest first."""
    made = [cancelled(), no_show(), two_sessions(), collectors(), over_capacity()]
    return sorted(made, key=lambda pair: pair[0].opened_at)
