"""Believable months of Riverside Studio and its neighbours: every state, an odd cent, long names, finance's work."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from pathlib import Path
from uuid import UUID

from console.domain.invoices import Party
from console.domain.paging import Page, PageRequest
from console.domain.payouts import (
    Attempt,
    BookPeriod,
    Caution,
    Hold,
    LineReason,
    Payout,
    PayoutLine,
    PayoutState,
    Run,
    RunPreview,
    Sums,
    TrailStep,
    VenuePreview,
)
from console.domain.statements import Statement, statement_number
from console.errors import Conflict, ConsoleError, Denied, NotFound
from tests.support.attempt_samples import tries

RIVERSIDE = UUID(int=1)
ZONE = "America/Los_Angeles"
FEBRUARY = date(2026, 2, 1)
RATE = Decimal("17.50")
ZERO = Decimal("0.00")
_CENT = Decimal("0.01")
_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_ACTIVITIES = (
    ("Junior Judo", 14), ("Kids Cook Club", 18), ("Coding Lab", 16), ("Pottery Wheel", 20), ("Chess Club", 12),
    ("Home-school Art Lab", 15), ("Tiny Tunes", 10),
)  # fmt: skip
VENUES = (
    "Alder Hall", "Birchwood Arts", "Cedar Point Swim", "Dockside Studio", "Elm Street Makers",
    "Wolfeschlegelsteinhausenbergerdorff-Featherstonehaugh House of Music, Movement and Play", "Fern Gully Climbing",
    "Greenhouse Kitchen", "Harbour Judo", "Ivy Lane Dance", "Juniper Robotics",
)  # fmt: skip


def payout_id(number: int) -> UUID:
    """The id of a sample payout."""
    return UUID(int=0x9000 + number)


def month_after(first: date, by: int = 1) -> date:
    """The first day of another month."""
    at = first.year * 12 + first.month - 1 + by
    return date(at // 12, at % 12 + 1, 1)


def sums(gross: str, bookings: int, *, adjustments: str = "0.00", carried_in: str = "0.00") -> Sums:
    """Sums that add up by the rules."""
    whole, fixed, before = Decimal(gross), Decimal(adjustments), Decimal(carried_in)
    fee = (whole * RATE / 100).quantize(_CENT, ROUND_HALF_UP)
    total = whole - fee + fixed + before
    return Sums(whole, fee, fixed, before, min(total, ZERO), max(total, ZERO), int(whole), bookings)


def payout(number: int, first: date, state: PayoutState, had: Sums, **other: object) -> Payout:
    """A payout of Riverside Studio."""
    after = month_after(first)
    made = datetime(after.year, after.month, 1, 8, 5, tzinfo=UTC)
    paid = state is PayoutState.PAID
    sent = paid or state in (PayoutState.PROCESSING, PayoutState.FAILED)
    plain = Payout(
        id=payout_id(number), version=1, venue_id=RIVERSIDE, venue="Riverside Studio", timezone=ZONE,
        period_start=first, period_end=after - timedelta(days=1), state=state, sums=had, fee_percentage=RATE,
        credit_value=Decimal("1.00"), currency="USD", adjustment_lines=0, hold_reason=None, failure=None,
        sent_at=made + timedelta(days=2, hours=10) if sent else None,
        paid_at=made + timedelta(days=16) if paid else None,
        method="stripe_connect" if sent else None,
        reference=statement_number(payout_id(number), first) if paid else None,
        account_end="4821", run_id=UUID(int=77), statement_id=None, made_at=made,
    )  # fmt: skip
    return replace(plain, **other)  # type: ignore[arg-type]


def riverside() -> list[Payout]:
    """Nine months of one venue, the newest first."""
    march = payout(
        0, date(2026, 3, 1), PayoutState.OPEN, sums("2683.64", 181), id=None, made_at=None, run_id=None
    )
    feb = payout(
        1, FEBRUARY, PayoutState.PROCESSING, sums("6187.00", 412, adjustments="-24.00", carried_in="-42.30"),
        adjustment_lines=2,
    )  # fmt: skip
    paid = [
        ("4742.35", 318),
        ("5430.38", 371),
        ("5642.65", 386),
        ("5100.13", 352),
        ("3503.39", 240),
        ("3323.45", 228),
    ]
    made = [
        payout(3 + at, month_after(date(2025, 12, 1), -at), PayoutState.PAID, sums(gross, many))
        for at, (gross, many) in enumerate(paid)
    ]
    made[4] = replace(made[4], method="bank_transfer")
    january = payout(
        2,
        date(2026, 1, 1),
        PayoutState.CARRIED,
        sums("913.00", 61, adjustments="-795.52"),
        adjustment_lines=3,
    )
    return [march, feb, january, *made]


def neighbours() -> list[Payout]:
    """February of every venue."""
    states = (
        PayoutState.PENDING, PayoutState.PROCESSING, PayoutState.FAILED, PayoutState.ON_HOLD, PayoutState.PAID,
        PayoutState.PENDING, PayoutState.CARRIED,
    )  # fmt: skip
    made = []
    for at, name in enumerate(VENUES):
        state = states[at % len(states)]
        had = sums(f"{1250 + at * 731}.00", 80 + at * 47)
        if state is PayoutState.CARRIED:
            had = sums("120.00", 9, adjustments="-140.00")
        one = payout(100 + at, FEBRUARY, state, had, venue=name, venue_id=UUID(int=100 + at))
        if state is PayoutState.FAILED:
            one = replace(one, failure="The account is closed.")
        if state is PayoutState.ON_HOLD:
            one = replace(one, hold_reason="The insurance certificate has run out.")
        made.append(one)
    return sorted([*made, riverside()[1]], key=lambda one: one.venue)


def code(number: int) -> str:
    """A confirmation code."""
    letters, rest = "", number * 7_368_787 + 918_273_645
    for _ in range(9):
        letters += _CROCKFORD[rest % 32]
        rest = rest // 32 + number * 31 + 7
    return f"{letters[:4]}-{letters[4:8]}-{letters[8]}"


@lru_cache(maxsize=4)
def lines_of(first: date = FEBRUARY, bookings: int = 412, gross: int = 6187) -> tuple[PayoutLine, ...]:
    """The lines of a month: two corrections, then every booking by day, with shares that add up."""
    made = [_adjustment(1, date(2026, 1, 8), "Street Dance", LineReason.LATE_CHECK_IN, Decimal("14.55")),
            _adjustment(2, date(2026, 1, 29), "Junior Judo", LineReason.REFUNDED, Decimal("-43.64"))]  # fmt: skip
    prices = [_ACTIVITIES[at % 7][1] for at in range(bookings)]
    prices[-1] += gross - sum(prices) if abs(gross - sum(prices)) < 20 else 0
    step = 1 if gross > sum(prices) else -1
    for at in range(abs(gross - sum(prices))):
        prices[at % bookings] += step
    so_far, taken = 0, ZERO
    days = (month_after(first) - first).days - 1
    for at, price in enumerate(prices):
        name, _ = _ACTIVITIES[at % 7]
        so_far += price
        whole = (so_far * RATE / 100).quantize(_CENT, ROUND_HALF_UP)
        share, taken = whole - taken, whole
        day = first + timedelta(days=1 + at * days // bookings)
        reason = LineReason.NO_SHOW if at % 20 == 1 else LineReason.ATTENDED
        if at % 24 == 5:
            reason = LineReason.CANCELLED_LATE
        came = reason is LineReason.ATTENDED
        start = datetime(day.year, day.month, day.day, 23, 52, tzinfo=UTC) + timedelta(minutes=at * 17 % 90)
        made.append(
            PayoutLine(
                id=UUID(int=0xA000 + at), position=at + 3, kind="booking", reason=reason,
                booking_id=UUID(int=0xB000 + at), code=code(at), day=day, activity=name,
                words_in=start if came else None, words_out=start + timedelta(minutes=72) if came else None,
                hours_before=31 if reason is LineReason.CANCELLED_LATE else None, credits=price,
                gross=Decimal(price).quantize(_CENT), fee_share=share, net=Decimal(price).quantize(_CENT) - share,
                adjusts_payout_id=None, adjusts_period=None, description=None,
            )
        )  # fmt: skip
    return tuple(made)


def _adjustment(position: int, day: date, activity: str, reason: LineReason, gross: Decimal) -> PayoutLine:
    fee = (gross * RATE / 100).quantize(_CENT, ROUND_HALF_UP)
    return PayoutLine(
        id=UUID(int=0xC000 + position), position=position, kind="adjustment", reason=reason,
        booking_id=UUID(int=0xD000 + position), code=code(9000 + position), day=day, activity=activity,
        words_in=None, words_out=None, hours_before=None, credits=0, gross=gross, fee_share=fee, net=gross - fee,
        adjusts_payout_id=payout_id(2), adjusts_period=date(2026, 1, 1), description=None,
    )  # fmt: skip


@lru_cache(maxsize=4)
def statement_of(number: UUID) -> bytes:
    """A real statement, made once."""
    from console.reports.statement import statement_pdf

    one = next((known for known in (*riverside(), *neighbours()) if known.id == number), riverside()[1])
    facts = Statement(
        number=statement_number(number, one.period_start), payout=one, lines=lines_of(),
        issuer=Party("Nexus Platform Inc.", ("1 Market Square", "Portland, OR 97204")),
        venue=Party("Riverside Studio LLC", ("12 Mill Street", "Portland, OR 97201")),
        made_at=datetime(2026, 3, 3, 18, 6, tzinfo=UTC), carried_from=date(2026, 1, 1), is_preview=False,
    )  # fmt: skip
    return statement_pdf(facts).pdf


class SamplePayouts:
    """Both protocols over the samples; `wrong` is raised by whatever is asked next, `slow` seconds pass first."""

    def __init__(self, known: Sequence[Payout] | None = None) -> None:
        self.known = list(riverside() if known is None else known)
        self.wrong: ConsoleError | None = None
        self.slow = 0.0
        self.doubts = False  # whether the last try to pay is in doubt
        self.done: list[tuple[object, ...]] = []
        self.asked: list[PageRequest] = []
        self.lines_asked: list[PageRequest] = []
        self.all_holds: list[Hold] = [
            hold(1, "Dockside Studio", "The insurance certificate has run out."),
            replace(
                hold(2, "Cedar Point Swim", "The bank account changed."),
                released_at=datetime(2026, 2, 9, 17, 30, tzinfo=UTC), release_reason="The bank confirmed it.",
            ),
        ]  # fmt: skip
        self.all_runs: list[Run] = [
            run(1, FEBRUARY, "made", mine=False), run(2, date(2026, 1, 1), "approved"),
            run(3, date(2025, 12, 1), "approved"), run(4, date(2025, 12, 1), "withdrawn", mine=True),
        ]  # fmt: skip
        self.all_books = books()
        self.moved = False
        self.unfit = [
            "Line 4: there is no payment PS-2026-02-0000BEEF.",
            "Line 9: 12.00 came, 120.00 was sent.",
        ]

    async def _answer(self) -> None:
        if self.slow:
            await asyncio.sleep(self.slow)
        if self.wrong is not None:
            raise self.wrong

    # -- reads ---------------------------------------------------------------------------------------------------------

    async def payouts(self, venue_id: UUID | None, request: PageRequest) -> Page[Payout]:
        self.asked.append(request)
        await self._answer()
        wanted = request.filters
        found = [
            one for one in self.known
            if (not wanted.get("state") or one.state.value == wanted["state"])
            and (not wanted.get("period") or one.period_start.isoformat() == wanted["period"])
            and request.text.casefold() in one.venue.casefold()
        ]  # fmt: skip
        start = int(str(request.after[0])) if request.after else 0
        end = start + request.limit
        return Page(found[start:end], (end,) if end < len(found) else None)

    async def payout(self, payout_id: UUID) -> Payout:
        await self._answer()
        found = next((one for one in self.known if one.id == payout_id), None)
        if found is None:
            raise NotFound("There is no such payout.")
        return found

    def _lines(self, payout_id: UUID) -> tuple[PayoutLine, ...]:
        one = next((one for one in self.known if one.id == payout_id), None)
        return lines_of() if one is not None and one.sums.bookings else ()

    async def lines(self, payout_id: UUID, request: PageRequest) -> Page[PayoutLine]:
        self.lines_asked.append(request)
        await self._answer()
        kind, text = request.filters.get("reason"), request.text.casefold()
        found = [
            one for one in self._lines(payout_id)
            if _is_kind(one, kind) and (text in (one.activity or "").casefold() or text in (one.code or "").casefold())
        ]  # fmt: skip
        if request.descending:
            found.reverse()
        start = int(str(request.after[0])) if request.after else 0
        end = start + request.limit
        return Page(found[start:end], (end,) if end < len(found) else None)

    async def counts(self, payout_id: UUID) -> dict[str, int]:
        await self._answer()
        lines = self._lines(payout_id)
        kinds = ("attended", "no_show", "cancelled_late", "adjustment")
        return {"all": len(lines), **{kind: sum(_is_kind(one, kind) for one in lines) for kind in kinds}}

    async def trail(self, line_id: UUID) -> Sequence[TrailStep]:
        await self._answer()
        line = next(one for one in lines_of() if one.id == line_id)
        booked = datetime(2026, 1, 26, 17, 14, tzinfo=UTC)
        steps = [TrailStep("booked", f"Booked, {line.credits or 14} credits", booked)]
        if line.words_in and line.words_out:
            steps.append(TrailStep("in", "In at Desk 2", line.words_in))
            steps.append(TrailStep("out", "Out at Desk 1", line.words_out))
        elif line.reason is LineReason.CANCELLED_LATE:
            steps.append(TrailStep("cancelled", "Cancelled 31 h before", booked + timedelta(days=5)))
        else:
            steps.append(TrailStep("absent", "Marked absent at Desk 1", booked + timedelta(days=7)))
        closed, sent = datetime(2026, 3, 1, 8, 0, tzinfo=UTC), datetime(2026, 3, 3, 18, 6, tzinfo=UTC)
        steps.append(TrailStep("counted", f"{line.gross}, fee share {line.fee_share}", closed))
        steps.append(TrailStep("fixed", "Line fixed", sent))
        return steps

    async def statement(self, payout_id: UUID) -> bytes:
        await self._answer()
        return statement_of(payout_id)

    async def export(self, payout_id: UUID, path: Path) -> None:
        await self._answer()
        await asyncio.to_thread(path.write_text, "net\n")
        self.done.append(("export", path.name))

    # -- work ----------------------------------------------------------------------------------------------------------

    async def preview(self, period_start: date, venue_ids: Sequence[UUID] | None) -> RunPreview:
        await self._answer()
        self.done.append(("preview", period_start, None if venue_ids is None else len(venue_ids)))
        venues = tuple(
            VenuePreview(
                one.venue_id, one.venue, one.sums, RATE, one.adjustment_lines, warnings_of(at), 2 if at == 4 else 0,
                one.id if at % 3 == 0 else None,
                PayoutState.PENDING if at % 3 == 0 else PayoutState.PROCESSING if at == 2 else PayoutState.OPEN,
            )
            for at, one in enumerate(neighbours())
            if venue_ids is None or one.venue_id in venue_ids
        )  # fmt: skip
        end = month_after(period_start) - timedelta(days=1)
        closed = any(one.period_start == period_start and one.closed_at for one in self.all_books)
        return RunPreview(period_start, end, Decimal("1.00"), "USD", venues, "print", closed)

    async def make(self, preview: RunPreview, venue_ids: Sequence[UUID] | None) -> Run:
        await self._answer()
        if self.moved:
            self.moved = False
            raise Conflict("The numbers have moved.", code="plan_changed")
        made = run(9, preview.period_start, "made", mine=True)
        self.all_runs.insert(0, made)
        self.done.append(("make", preview.period_start, None if venue_ids is None else len(venue_ids)))
        return made

    async def runs(self) -> Sequence[Run]:
        await self._answer()
        return list(self.all_runs)

    def _change(self, old: Run, state: str) -> Run:
        at = next(at for at, one in enumerate(self.all_runs) if one.id == old.id)
        self.all_runs[at] = replace(old, state=state, version=old.version + 1)
        return self.all_runs[at]

    async def approve(self, run: Run) -> Run:
        await self._answer()
        self.done.append(("approve", run.id))
        return self._change(run, "approved")

    async def withdraw(self, run: Run, reason: str) -> Run:
        await self._answer()
        self.done.append(("withdraw", reason))
        return self._change(run, "withdrawn")

    async def hold(self, venue_id: UUID, reason: str) -> Hold:
        await self._answer()
        self.done.append(("hold", venue_id, reason))
        name = next((one.venue for one in self.known if one.venue_id == venue_id), "Riverside Studio")
        made = replace(hold(8, name, reason), venue_id=venue_id)
        self.all_holds.insert(0, made)
        return made

    async def release(self, hold: Hold, reason: str) -> Hold:
        await self._answer()
        self.done.append(("release", reason))
        at = self.all_holds.index(hold)
        self.all_holds[at] = replace(
            hold, released_at=datetime(2026, 3, 12, tzinfo=UTC), release_reason=reason
        )
        return self.all_holds[at]

    async def holds(self) -> Sequence[Hold]:
        await self._answer()
        return list(self.all_holds)

    async def attempts(self, payout_id: UUID) -> Sequence[Attempt]:
        await self._answer()
        return tries(in_doubt=self.doubts)

    async def settle(self, payout_id: UUID, number: int, *, was_paid: bool, reason: str) -> None:
        await self._answer()
        if reason == "Approved by me":
            raise Denied("Somebody else settles what you approved.", code="second_person")
        self.done.append(("settle", payout_id, number, was_paid, reason))
        at = next(at for at, one in enumerate(self.known) if one.id == payout_id)
        state = PayoutState.PAID if was_paid else PayoutState.FAILED
        self.known[at] = replace(self.known[at], state=state, failure=None if was_paid else reason, version=2)

    async def retry(self, payout_id: UUID) -> None:
        await self._answer()
        self.done.append(("retry", payout_id))
        at = next(at for at, one in enumerate(self.known) if one.id == payout_id)
        self.known[at] = replace(self.known[at], state=PayoutState.PROCESSING, failure=None, version=2)

    async def bank_file(self, run: Run, path: Path, *, again: bool = False) -> int:
        await self._answer()
        if not again and ("bank_file", path.name) in self.done:
            raise Conflict("The file was written already.", hint="Write it again?", code="file_written")
        await asyncio.to_thread(path.write_text, "payments\n")
        self.done.append(("bank_file", path.name))
        return 12

    async def bank_answer(self, path: Path, *, dry: bool) -> Sequence[str]:
        await self._answer()
        self.done.append(("bank_answer", path.name, dry))
        return self.unfit

    async def statements(self, period_start: date, folder: Path, progress: Callable[[int, int], None]) -> int:
        await self._answer()
        progress(12, 12)
        self.done.append(("statements", period_start, folder.name))
        return 12

    async def books(self) -> Sequence[BookPeriod]:
        await self._answer()
        return list(self.all_books)

    async def close_books(self, period_start: date) -> BookPeriod:
        await self._answer()
        self.done.append(("close", period_start))
        return self._book(
            period_start, closed_at=datetime(2026, 3, 12, tzinfo=UTC), closed_by="Ingrid", may_close=False
        )

    async def reopen_books(self, period_start: date, reason: str) -> BookPeriod:
        await self._answer()
        self.done.append(("reopen", period_start, reason))
        return self._book(period_start, closed_at=None, closed_by=None, may_close=True, reopened=1)

    def _book(self, period_start: date, **other: object) -> BookPeriod:
        at = next(at for at, one in enumerate(self.all_books) if one.period_start == period_start)
        self.all_books[at] = replace(self.all_books[at], **other)  # type: ignore[arg-type]
        return self.all_books[at]


def hold(number: int, venue: str, reason: str) -> Hold:
    """A hold that stands."""
    placed = datetime(2026, 2, 3, 17, 5, tzinfo=UTC)
    venue_id = UUID(int=100 + VENUES.index(venue)) if venue in VENUES else RIVERSIDE
    return Hold(UUID(int=0xE000 + number), venue_id, venue, reason, "Ingrid Halvorsen", placed, None, None)


def run(number: int, first: date, state: str, *, mine: bool = False) -> Run:
    """A run over all venues."""
    made = datetime(2026, 3, 1, 17, 2, tzinfo=UTC) - timedelta(days=29 * (number - 1))
    approved = state == "approved"
    return Run(
        UUID(int=0xF000 + number), 1, first, 187, Decimal("412308.55") - number, "USD", state, "Ingrid Halvorsen",
        made, "Tomás Rey" if approved else None, made + timedelta(hours=3) if approved else None, mine,
    )  # fmt: skip


def books() -> list[BookPeriod]:
    """Months of the books: one with something missing, one that may be closed, closed ones."""
    why = "12 payouts of February are not approved yet."
    made = [
        BookPeriod(
            FEBRUARY, 12, 9, Decimal("61240.00"), Decimal("10717.00"), Decimal("50432.70"), None, None, 0, False, why
        ),
        BookPeriod(
            date(2026, 1, 1), 11, 0, Decimal("48112.00"), Decimal("8419.60"), Decimal("38854.57"), None, None, 1,
            True, None,
        ),
    ]  # fmt: skip
    for at in range(6):
        first = month_after(date(2025, 12, 1), -at)
        closed = datetime(2026, 1, 19, 18, 40, tzinfo=UTC) - timedelta(days=30 * at)
        gross = Decimal(52_000 - 1311 * at)
        fee = (gross * RATE / 100).quantize(_CENT)
        made.append(BookPeriod(first, 11, 0, gross, fee, gross - fee, closed, "Tomás Rey", 0, False, None))
    return made


def warnings_of(at: int) -> tuple[Caution, ...]:
    """What finance should know of the sample venues."""
    known = {1: (Caution.NO_ACCOUNT,), 4: (Caution.OPEN_REVIEWS, Caution.NOT_CLOSED), 5: (Caution.ON_HOLD,)}
    return known.get(at, ())


def _is_kind(line: PayoutLine, kind: str | None) -> bool:
    if not kind:
        return True
    if kind == "adjustment":
        return line.kind == "adjustment"
    return line.kind == "booking" and line.reason is not None and line.reason.value == kind
