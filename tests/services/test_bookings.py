"""Booking, cancelling and correcting through the services, over a real desk's login."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from console.clock import FixedClock
from console.domain.credits import BookingCancelled, BookingMade, BookingWarning, CancellationReason
from console.domain.desk import BookingStatus
from console.errors import Conflict, Denied, Invalid, Unavailable
from console.services import retry
from console.services.bookings import BookingService
from console.services.credits import CreditService
from console.storage.bookings import BookingStore
from console.storage.credits import CreditStore
from console.storage.database import Database as DeskDatabase
from tests.support import factories
from tests.support.databases import Database
from tests.support.desk_world import NOON, World


@pytest.fixture
def world(fresh_database: Database) -> Iterator[World]:
    with World(fresh_database) as made:
        yield made


@pytest.fixture
async def desk(world: World) -> AsyncIterator[DeskDatabase]:
    boss = world.person("manager")
    database = DeskDatabase(boss.dsn)
    await database.set_token(boss.token)
    yield database
    await database.close()


async def test_a_family_is_booked_and_cancelled_with_its_credits(world: World, desk: DeskDatabase) -> None:
    child = world.child("Nia", date_of_birth=NOON.date() - timedelta(days=900))
    parent = world.one("SELECT parent_id FROM children WHERE id = %s", child)["parent_id"]
    factories.balance(world.admin, parent, 10)
    bookings, credits = BookingService(BookingStore(desk), FixedClock(NOON)), CreditService(CreditStore(desk))
    session = world.other_session(starts_at=NOON + timedelta(days=3))
    made = await bookings.book(session, child, notes="Shy.")
    assert (made.credits_charged, made.credits_left, made.warnings) == (2, 8, (BookingWarning.AGE,))
    assert await credits.balance(parent) == 8
    with pytest.raises(Conflict) as twice:
        await bookings.book(session, child)
    assert twice.value.code == "already_booked"
    gone = await bookings.cancel(made.booking_id, by_venue=False, reason=CancellationReason.CHILD_SICK)
    assert (gone.status, gone.credits_refunded, gone.credits_left) == (BookingStatus.CANCELLED_PARENT, 2, 10)


async def test_a_manager_does_not_correct_credits(world: World, desk: DeskDatabase) -> None:
    with pytest.raises(Denied):
        await CreditService(CreditStore(desk)).adjust(
            factories.parent(world.admin), 5, "Why", request_id=uuid4()
        )


async def test_an_administrator_corrects_credits_once_per_request(world: World) -> None:
    admin = world.person("platform_admin")
    database = DeskDatabase(admin.dsn)
    await database.set_token(admin.token)
    credits = CreditService(CreditStore(database))
    parent, request = factories.parent(world.admin), uuid4()
    first = await credits.adjust(parent, 5, "Goodwill", request_id=request)
    assert (first.amount, first.balance_after) == (5, 5)
    assert await credits.adjust(parent, 5, "Goodwill", request_id=request) == first
    for amount, reason in ((0, "Why"), (1, " ")):
        with pytest.raises(Invalid):
            await credits.adjust(parent, amount, reason, request_id=uuid4())
    await database.close()


class Flaky:
    """A store whose first answers are lost."""

    def __init__(self) -> None:
        self.ids: list[UUID] = []

    async def book(
        self, booking_id: UUID, session_id: UUID, child_id: UUID, group_id: UUID | None, notes: str | None
    ) -> BookingMade:
        self.ids.append(booking_id)
        if len(self.ids) < 3:
            raise Unavailable("Gone.")
        return BookingMade(booking_id, "K7Q4-2MXR-6", 2, 8)

    async def cancel(
        self, booking_id: UUID, *, by_venue: bool, reason: CancellationReason, notes: str | None
    ) -> BookingCancelled:
        raise AssertionError("nothing is cancelled here")


async def test_a_lost_answer_never_books_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retry, "DELAYS", (0.0, 0.0))
    store = Flaky()
    made = await BookingService(store, FixedClock(NOON)).book(uuid4(), uuid4())
    assert store.ids == [made.booking_id] * 3
