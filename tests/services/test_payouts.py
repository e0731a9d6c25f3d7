"""Payouts as the finance screens get them, over a real desk's login: values, pages, words, and a lost answer.

docs/design.md, "Screens" (finance).
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest

from console.clock import SystemClock
from console.domain.paging import PageRequest
from console.domain.payouts import (
    Attempt,
    Caution,
    LineReason,
    PayoutState,
    Run,
    RunPreview,
    trail_words,
)
from console.errors import Conflict, Denied, Invalid, NotFound, Unavailable
from console.services.payouts import PayoutService
from console.storage.database import Database as DeskDatabase
from console.storage.payouts import PayoutQueries
from tests.support.databases import Database
from tests.support.desk_world import Person, World
from tests.support.paying_out import FEBRUARY, JANUARY, Books

IN_ORDER = PageRequest("position", limit=3)
NEWEST = PageRequest("period", descending=True, limit=2)


class Elsewhere:
    """Statements and paying have tests of their own; here it is seen that they are asked."""

    def __init__(self) -> None:
        self.asked: list[object] = []

    async def statement(self, payout_id: UUID) -> bytes:
        self.asked.append(payout_id)
        return b"%PDF"

    async def export(self, payout_id: UUID, path: Path) -> None:
        self.asked.append(path)

    async def settle(self, payout_id: UUID, number: int, *, was_paid: bool, reason: str) -> None:
        self.asked.append((payout_id, number, was_paid, reason))

    async def statements(self, period_start: date, folder: Path, progress: Callable[[int, int], None]) -> int:
        progress(1, 1)
        self.asked.append(period_start)
        return 1

    async def attempts(self, payout_id: UUID) -> Sequence[Attempt]:
        self.asked.append("attempts")
        return []

    async def retry(self, payout_id: UUID) -> None:
        self.asked.append("retry")

    async def bank_file(self, run: Run, path: Path, *, again: bool = False) -> int:
        self.asked.append(f"file {again}")
        return 1

    async def bank_answer(self, path: Path, *, dry: bool) -> Sequence[str]:
        self.asked.append(dry)
        return []


@pytest.fixture
def books(fresh_database: Database) -> Iterator[Books]:
    with World(fresh_database) as world:
        yield Books(world)


@asynccontextmanager
async def service(
    who: Person, elsewhere: Elsewhere | None = None, queries: type[PayoutQueries] = PayoutQueries
) -> AsyncIterator[PayoutService]:
    database = DeskDatabase(who.dsn)
    await database.set_token(who.token)
    other = elsewhere or Elsewhere()

    async def no_sleep(_seconds: float) -> None:
        return None

    try:
        yield PayoutService(queries(database), other, other, SystemClock(), sleep=no_sleep)
    finally:
        await database.close()


async def test_a_month_from_preview_to_closed_books(books: Books) -> None:
    venue = books.venue(name="Riverside Studio")
    books.booking(venue, date(2026, 2, 2), 14)
    books.booking(venue, date(2026, 2, 3), 16, "cancelled_late")
    async with service(books.maker) as maker, service(books.checker) as checker:
        seen = await maker.preview(FEBRUARY, None)
        (row,) = seen.venues
        assert (row.venue, row.state, row.sums.net, row.warnings) == (
            "Riverside Studio",
            PayoutState.OPEN,
            Decimal("24.75"),
            (),
        )
        assert (seen.period_end, seen.is_closed, seen.credit_value) == (date(2026, 2, 28), False, Decimal(1))
        run = await maker.make(seen, None)
        assert (run.venues, run.net, run.made_by, run.mine) == (1, Decimal("24.75"), "Kenji", True)
        with pytest.raises(Denied) as denied:
            await maker.approve(run)
        assert denied.value.code == "second_person"
        with pytest.raises(Conflict, match="not approved"):
            await maker.close_books(FEBRUARY)
        assert [one.id for one in await checker.runs()] == [run.id]
        approved = await checker.approve(run)
        assert (approved.state, approved.approved_by) == ("approved", "Amara")
        with pytest.raises(Conflict):
            await checker.withdraw(approved, "Too late")
        closed = await maker.close_books(FEBRUARY)
        assert (closed.closed_by, closed.may_close, closed.unpaid) == ("Kenji", False, 1)
        with pytest.raises(Invalid):
            await maker.reopen_books(FEBRUARY, "\x00 ")
        opened = await maker.reopen_books(FEBRUARY, "A bill came late")
        assert (opened.reopened, opened.may_close) == (1, True)
        assert (await maker.books())[1] == opened


async def test_a_preview_that_is_out_of_date_makes_nothing(books: Books) -> None:
    venue = books.venue()
    books.booking(venue, date(2026, 2, 2), 14)
    async with service(books.maker) as maker:
        seen = await maker.preview(FEBRUARY, [venue])
        books.booking(venue, date(2026, 2, 2), 14)
        with pytest.raises(Conflict) as caught:
            await maker.make(seen, [venue])
        assert caught.value.code == "plan_changed"
        run = await maker.make(await maker.preview(FEBRUARY, [venue]), [venue])
        assert (await maker.withdraw(run, "Too early")).state == "withdrawn"


async def test_an_answer_that_was_lost_is_asked_for_again_and_made_once(books: Books) -> None:
    class Lossy(PayoutQueries):
        """The first answer does not arrive."""

        lost = 0

        async def make(
            self, run_id: UUID, period_start: date, venue_ids: Sequence[UUID] | None, fingerprint: str
        ) -> Run:
            made = await super().make(run_id, period_start, venue_ids, fingerprint)
            if not Lossy.lost:
                Lossy.lost += 1
                raise Unavailable("The server cannot be reached.", code="connection_lost")
            return made

    books.booking(books.venue(), date(2026, 2, 2), 14)
    async with service(books.maker, queries=Lossy) as maker:
        run = await maker.make(await maker.preview(FEBRUARY, None), None)
        assert [one.id for one in await maker.runs()] == [run.id]
    assert Lossy.lost == 1


async def test_holds_are_placed_and_released_with_reasons(books: Books) -> None:
    venue = books.venue(name="Riverside Studio")
    books.booking(venue, date(2026, 2, 2), 14)
    async with service(books.maker) as maker:
        hold = await maker.hold(venue, "Account in doubt")
        assert (hold.venue, hold.placed_by, hold.released_at) == ("Riverside Studio", "Kenji", None)
        seen: RunPreview = await maker.preview(FEBRUARY, None)
        assert seen.venues[0].warnings == (Caution.ON_HOLD,)
        await maker.make(seen, None)
        page = await maker.payouts(None, NEWEST)
        assert (page.rows[0].state, page.rows[0].hold_reason) == (PayoutState.ON_HOLD, "Account in doubt")
        freed = await maker.release(hold, "Account confirmed")
        assert (await maker.holds(), freed.release_reason) == ([freed], "Account confirmed")


async def test_a_venue_sees_its_months_lines_and_how_each_came_to_be(books: Books) -> None:
    venue = books.venue(name="Riverside Studio")
    world = books.world
    for month in (date(2025, 12, 1), JANUARY):
        books.booking(venue, month.replace(day=5), 10)
        books.booking(venue, month.replace(day=6), 10)
        books.pay(month)
    late = books.booking(venue, date(2026, 1, 7), 12, "confirmed")
    books.becomes(late, "came")
    for day in (2, 3, 4):
        books.booking(venue, date(2026, 2, day), 10, "no_show" if day == 4 else "came")
    books.booking(venue, date(2026, 3, 2), 8)
    priya = world.person("venue_finance", name="Priya", desk=world.desk("Back office"), venues=(venue,))
    async with service(priya) as finance:
        page = await finance.payouts(venue, NEWEST)
        # What is not made yet stands ahead of the page; what is to be set right belongs to the first of it.
        assert [(one.period_start.month, one.state, one.sums.net) for one in page.rows] == [
            (3, PayoutState.OPEN, Decimal("6.60")),
            (2, PayoutState.OPEN, Decimal("34.65")),
            (1, PayoutState.PAID, Decimal("16.50")),
            (12, PayoutState.PAID, Decimal("16.50")),
        ]
        assert page.next_after is None
        with pytest.raises(Denied):
            await finance.payouts(None, NEWEST)
        books.pay(FEBRUARY)
        paid = next(
            one for one in (await finance.payouts(venue, NEWEST)).rows if one.period_start == FEBRUARY
        )
        assert paid.id is not None
        assert (paid.adjustment_lines, paid.account_end, paid.sums.credits) == (1, "4821", 30)
        assert await finance.payout(paid.id) == paid
        assert await finance.counts(paid.id) == {
            "all": 4, "attended": 2, "no_show": 1, "cancelled_late": 0, "adjustment": 1,
        }  # fmt: skip
        first = await finance.lines(paid.id, IN_ORDER)
        rest = await finance.lines(paid.id, PageRequest("position", limit=3, after=first.next_after))
        assert [line.position for line in [*first.rows, *rest.rows]] == [1, 2, 3, 4]
        fixed, attended = first.rows[0], first.rows[1]
        assert (fixed.kind, fixed.reason, fixed.adjusts_period) == (
            "adjustment",
            LineReason.LATE_CHECK_IN,
            JANUARY,
        )
        assert (attended.day, attended.activity, attended.reason) == (
            date(2026, 2, 2),
            "Judo 02 Feb",
            LineReason.ATTENDED,
        )
        assert [step.kind for step in await finance.trail(attended.id)] == [
            "booked",
            "counted",
            "fixed",
            "paid",
        ]
        words = [step.words for step in await finance.trail(fixed.id)]
        assert words[:2] == ["Booked, 12 credits", "Corrected in February 2026 by +9.90"]
        with pytest.raises(Invalid):
            await finance.lines(paid.id, PageRequest("net"))
        with pytest.raises(NotFound):
            await finance.payout(uuid4())


async def test_documents_and_paying_are_asked_where_they_live(books: Books, tmp_path: Path) -> None:
    elsewhere = Elsewhere()
    payout = uuid4()
    run = Run(payout, 1, FEBRUARY, 1, Decimal(1), "USD", "approved", "Kenji", datetime(2026, 3, 1, tzinfo=UTC),
              "Amara", None, False)  # fmt: skip
    async with service(books.maker, elsewhere) as maker:
        assert await maker.statement(payout) == b"%PDF"
        await maker.export(payout, tmp_path)
        told: list[tuple[int, int]] = []
        assert await maker.statements(FEBRUARY, tmp_path, lambda done, of: told.append((done, of))) == 1
        assert told == [(1, 1)]
        assert await maker.attempts(payout) == []
        await maker.retry(payout)
        assert await maker.bank_file(run, tmp_path) == 1
        assert await maker.bank_answer(tmp_path, dry=True) == []
    assert elsewhere.asked == [payout, tmp_path, FEBRUARY, "attempts", "retry", "file False", True]


@pytest.mark.parametrize(
    ("kind", "facts", "words"),
    [
        ("booked", {"credits": 1}, "Booked, 1 credit"),
        ("in", {"desk": "Desk 2"}, "In at Desk 2"),
        ("out", {}, "Out"),
        ("absent", {"desk": "Desk 1"}, "Marked absent at Desk 1"),
        ("cancelled", {"hours": 31}, "Cancelled 31 h before"),
        ("cancelled", {"reason": "cancelled_venue"}, "Cancelled by the venue"),
        ("counted", {"amount": Decimal(1400), "fee": Decimal("2.45")}, "1,400.00, fee share 2.45"),
        (
            "adjusted",
            {"amount": Decimal(-36), "fee": Decimal(-6), "period": FEBRUARY},
            "Corrected in February 2026 by -30.00",
        ),
        ("fixed", {"period": FEBRUARY}, "Line of February 2026 fixed"),
        ("paid", {"period": FEBRUARY}, "February 2026 paid"),
        ("carried", {"period": date(2025, 12, 1)}, "December 2025 below zero, carried to January"),
    ],
)  # fmt: skip
def test_a_step_of_a_trail_in_words(kind: str, facts: dict[str, Any], words: str) -> None:
    assert trail_words(kind, **facts) == words
