"""Queues of full sessions in memory, for tests and pictures of the waitlist."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

from console.domain.waiting import WaitingChild, WaitingSession
from console.errors import ConsoleError
from tests.support.today_samples import DAY, NOW, at

DANCE, BALLET, CHESS = (UUID(int=number) for number in (901, 902, 903))


def session(session_id: UUID, activity: str, **facts: Any) -> WaitingSession:
    """A full session this evening."""
    made = WaitingSession(
        session_id, activity, at(17, 45), at(18, 45), DAY, "Main Hall", 16, 16, 5, 0, None
    )  # fmt: skip
    return replace(made, **facts)


def child(number: int, name: str | None, place: int, **facts: Any) -> WaitingChild:
    """Somebody who waits for the street dance."""
    made = WaitingChild(
        id=UUID(int=950 + number), session_id=DANCE, place=place, child=name, age_months=100 + number,
        parent="Dana Reyes",
        parent_phone="+1 555 0112", joined_at=NOW - timedelta(days=3, minutes=number), offered_at=None, expires_at=None,
        skipped_at=None, skip_reason=None, price=14, credits=20,
    )  # fmt: skip
    return replace(made, **facts)


def everybody() -> list[WaitingChild]:
    """A queue with one of each."""
    soon = NOW - timedelta(hours=3, minutes=30)
    return [
        child(1, "Nia", 1, offered_at=soon, expires_at=soon + timedelta(hours=4)),
        child(
            2,
            "Theo",
            2,
            offered_at=NOW - timedelta(minutes=10),
            expires_at=NOW + timedelta(hours=3, minutes=50),
        ),
        child(3, "Ava", 3, warnings=("too_young",), credits=3),
        child(4, None, 4, parent=None, parent_phone=None, warnings=("elsewhere",)),
        child(5, "Bo", 5, skipped_at=NOW - timedelta(hours=1), skip_reason="No answer on the phone"),
    ]


class FakeWaitlist:
    """A WaitlistGateway. `free` places of the street dance can still be offered; `failure` is raised once."""

    def __init__(self, queue: Sequence[WaitingChild] | None = None, free: int = 0) -> None:
        self.children = list(everybody() if queue is None else queue)
        self.free = free
        self.others = [
            session(BALLET, "Ballet 8–10", waiting=2, room="Room A", starts_at=at(18, 0), ends_at=at(19, 0)),
            session(CHESS, "Chess Club", waiting=1, booked=10, capacity=12, room=None),
        ]
        self.failure: ConsoleError | None = None
        self.asked: list[UUID] = []
        self.done: list[tuple[object, ...]] = []

    async def queues(self) -> Sequence[WaitingSession]:
        self._fail()
        if not self.children:
            return self.others
        offered = sum(one.holds_offer for one in self.children)
        dance = session(
            DANCE,
            "Street Dance",
            waiting=len(self.children),
            offered=offered,
            booked=16 - offered - self.free,
        )
        return [dance, *self.others]

    async def queue(self, session_id: UUID) -> Sequence[WaitingChild]:
        self.asked.append(session_id)
        self._fail()
        if session_id == DANCE:
            return list(self.children)
        return [
            child(60 + number, name, number, session_id=session_id)
            for number, name in ((1, "Ola"), (2, "Kim"))
        ]

    async def offer(self, session_id: UUID) -> Sequence[WaitingChild]:
        self._fail()
        self.done.append(("offer", session_id))
        for at_, one in enumerate(self.children):
            if self.free and not one.holds_offer:
                self.free -= 1
                self.children[at_] = replace(one, offered_at=NOW, expires_at=NOW + timedelta(hours=4))
        return list(self.children)

    async def accept(self, waitlist_id: UUID, booking_id: UUID) -> Sequence[WaitingChild]:
        self.done.append(("accept", waitlist_id, booking_id))
        self._fail()
        return self._without(waitlist_id)

    async def skip(self, waitlist_id: UUID, reason: str) -> Sequence[WaitingChild]:
        self._fail()
        self.done.append(("skip", waitlist_id, reason))
        gone = next(one for one in self.children if one.id == waitlist_id)
        self._without(waitlist_id)
        self.free += gone.holds_offer
        self.children.append(
            replace(gone, offered_at=None, expires_at=None, skipped_at=NOW, skip_reason=reason, place=9)
        )
        return await self.offer(DANCE)

    async def remove(self, waitlist_id: UUID, reason: str) -> Sequence[WaitingChild]:
        self._fail()
        self.done.append(("remove", waitlist_id, reason))
        return self._without(waitlist_id)

    def _without(self, waitlist_id: UUID) -> Sequence[WaitingChild]:
        self.children = [one for one in self.children if one.id != waitlist_id]
        return list(self.children)

    def _fail(self) -> None:
        if self.failure is not None:
            error, self.failure = self.failure, None
            raise error
