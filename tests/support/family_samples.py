"""Families that answer from memory, for the sheets of the desk: the values are real, the server behind them is not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

from console.domain.attendance import AttendanceState, EventAnswer, OutcomeKind
from console.domain.desk import HealthKind, HealthNote, PickupPerson
from console.domain.families import (
    Booked,
    ChildFacts,
    Family,
    FamilyChild,
    NewChild,
    NewFamily,
    NewHealthNote,
    NewPickupPerson,
    NoPlace,
    Payment,
    Registered,
    SessionChoice,
    Waiting,
)
from console.errors import ConsoleError
from tests.support import today_samples as sample

PEANUT = HealthNote(HealthKind.ALLERGY, 1, "Peanut", "Peanut allergy", "EpiPen in the blue backpack")
NIA = FamilyChild(UUID(int=0xC1), "Nia", 88, (PEANUT,), ("Junior Judo",))
KOFI = FamilyChild(UUID(int=0xC2), "Kofi", 124)
DANA = Family(UUID(int=0xD1), "Dana", "0142", 12, 0, (NIA, KOFI))
SPENT = Family(UUID(int=0xD2), "Daniel", "0199", 1, 3, (FamilyChild(UUID(int=0xC3), "Ada", 96),))


def choice(number: int, name: str, start: tuple[int, int], **facts: object) -> SessionChoice:
    """A session a child could take."""
    base = SessionChoice(
        sample.session_id(number), name, "Main Hall", sample.at(*start), sample.at(start[0] + 1, start[1]),
        3, 2, 18, 0,
    )  # fmt: skip
    return replace(base, **facts)  # type: ignore[arg-type]


def choices() -> list[SessionChoice]:
    """An afternoon with one of everything."""
    return [
        choice(1, "Tiny Tunes", (9, 30), blocked=NoPlace.OVER, places_left=1),
        choice(4, "Junior Judo", (15, 30), places_left=2),
        choice(5, "LEGO Robotics", (15, 45), blocked=NoPlace.FULL, places_left=0, waiting=2, places=12),
        choice(6, "Ballet 8–10", (16, 45), warnings=(NoPlace.TOO_YOUNG,), places_left=4, places=14),
        choice(7, "Kids Cook Club", (17, 15), blocked=NoPlace.ALREADY_BOOKED, places_left=1, places=10),
        choice(9, "Street Dance", (17, 45), price=4, places_left=1, places=16),
    ]


class FakeFamilies:
    """A FamilyGateway that remembers what was asked; `fail` holds the errors of the next calls."""

    def __init__(self) -> None:
        self.families = [DANA, SPENT]
        self.sessions = choices()
        self.asked: list[tuple[Any, ...]] = []
        self.fail: list[ConsoleError] = []
        self.facts_now = ChildFacts(
            NIA.id, sample.booking_id(1), "Nia", 3, (PEANUT,),
            (PickupPerson(UUID(int=0xE1), "Rose", "grandmother", "(503) 555-0142", True, "Thursdays"),),
        )  # fmt: skip

    def _tell(self, *facts: object) -> None:
        self.asked.append(facts)
        if self.fail:
            raise self.fail.pop(0)

    async def find_families(self, text: str) -> list[Family]:
        self._tell("find", text)
        return [
            family
            for family in self.families
            if any(name.casefold().startswith(text.casefold())
                   for name in (family.parent_first_name, *(child.first_name for child in family.children)))
        ]  # fmt: skip

    async def register(self, family: NewFamily) -> Registered:
        self._tell("register", family)
        return Registered(UUID(int=0xD9), UUID(int=0xC9))

    async def add_child(
        self, parent_id: UUID, child: NewChild, *, request_id: UUID, signed_by: str
    ) -> Registered:
        self._tell("add_child", parent_id, child, request_id, signed_by)
        return Registered(parent_id, UUID(int=0xC8))

    async def session_choices(
        self, day: date, *, child_id: UUID | None = None, booking_id: UUID | None = None
    ) -> list[SessionChoice]:
        self._tell("choices", day, child_id, booking_id)
        return self.sessions if day == sample.DAY else []

    async def take_place(
        self, session_id: UUID, payment: Payment, *, child_id: UUID | None = None, booking_id: UUID | None = None,
        check_in: bool = False, overrule: frozenset[NoPlace] = frozenset(),
    ) -> Booked:  # fmt: skip
        self._tell("take", session_id, payment, child_id or booking_id, check_in, overrule)
        return self._booked(check_in, owed=3 if payment is Payment.OWED else 0)

    async def move(
        self, booking_id: UUID, to_session: UUID, *, check_in: bool = False,
        overrule: frozenset[NoPlace] = frozenset(),
    ) -> Booked:  # fmt: skip
        self._tell("move", booking_id, to_session, check_in, overrule)
        return self._booked(check_in)

    async def join_waitlist(
        self, session_id: UUID, *, child_id: UUID | None = None, booking_id: UUID | None = None
    ) -> Waiting:
        self._tell("wait", session_id, child_id or booking_id)
        return Waiting(UUID(int=0xF1), 3)

    async def facts(self, booking_id: UUID) -> ChildFacts:
        self._tell("facts", booking_id)
        return self.facts_now

    async def correct_health(
        self, facts: ChildFacts, notes: Sequence[NewHealthNote], *, confirmed_by: str
    ) -> ChildFacts:
        self._tell("health", facts, tuple(notes), confirmed_by)
        return facts

    async def correct_pickup(
        self, facts: ChildFacts, people: Sequence[NewPickupPerson], *, confirmed_by: str
    ) -> ChildFacts:
        self._tell("pickup", facts, tuple(people), confirmed_by)
        return facts

    def _booked(self, check_in: bool, *, owed: int = 0) -> Booked:
        booking = sample.booking_id(77)
        answer = None
        if check_in:
            answer = EventAnswer(
                UUID(int=0xA1), OutcomeKind.APPLIED, None, booking_id=booking, state=AttendanceState.IN,
                state_at=sample.NOW,
            )  # fmt: skip
        return Booked(booking, "K7Q4-2MXR-6", 0 if owed else 3, owed, 9, (), answer)
