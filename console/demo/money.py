"""Employers, subscriptions and the credit ledger of the demo.

Every booking is paid from the balance of the month in which it was made. Entries are laid down in the order in which
they happened, and no balance is ever below zero: an ordinary booking that cannot be paid for is dropped, a scripted
one gets a goodwill adjustment first.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta

from console.demo.chance import Chance
from console.demo.world import Booking, Parent, Venue


@dataclass(frozen=True, slots=True)
class Corporate:
    """An employer: credits are per employee and month."""

    id: str
    subscription: str
    hr_admin: str
    name: str
    industry: str
    city: str
    state: str
    tier: str
    employees: int
    credits: int
    monthly_cost: str
    street: str
    postcode: str
    tax_rate: str = "0"
    terms_days: int = 30
    purchase_order: str | None = None


_COMPANIES = (
    Corporate("", "", "", "Cascadia Instruments", "Manufacturing", "Portland", "OR", "enterprise", 240, 96, "17280.00",
     "1200 Foundry Road", "97201", "0", 30, "PO-77120"),
    Corporate("", "", "", "Bluebell Health", "Healthcare", "Boston", "MA", "premium", 120, 48, "4800.00",
     "18 Infirmary Lane", "02114", "0", 60),
    Corporate("", "", "", "Longhorn Logistics", "Transport", "Austin", "TX", "standard", 80, 32, "2160.00",
     "4400 Freight Drive", "78741", "8.25"),
    Corporate("", "", "", "Prairie Mutual", "Insurance", "Chicago", "IL", "premium", 150, 48, "6000.00",
     "233 Meadow Plaza", "60606", "0", 45),
    Corporate("", "", "", "Saguaro Software", "Software", "Phoenix", "AZ", "standard", 60, 32, "1620.00",
     "71 Cactus Wren Way", "85016", "8.60"),
    Corporate("", "", "", "Pacific Kelp Foods", "Food", "Honolulu", "HI", "basic", 30, 24, "600.00",
     "9 Pier Road", "96814", "4.50"),
)  # fmt: skip


@dataclass(slots=True, eq=False, repr=False)
class Entry:
    """One line of the ledger; `forfeited` only on a forfeit, which moves nothing."""

    kind: str
    amount: int
    at: datetime
    booking: Booking | None = None
    forfeited: int = 0
    text: str = ""


@dataclass(slots=True, eq=False, repr=False)
class Balance:
    """A parent's credits of one calendar month, as its entries add up."""

    id: str
    parent: Parent
    start: date
    end: date
    available: int = 0
    entries: list[Entry] = field(default_factory=list)

    def add(self, entry: Entry) -> None:
        """Append an entry and move the balance."""
        self.available += entry.amount
        self.entries.append(entry)


def corporates(seed: int) -> list[Corporate]:
    """The employers of the demo, the most generous first."""
    chance = Chance(seed, "corporates")
    return [
        replace(company, id=chance.uuid(), subscription=chance.uuid(), hr_admin=chance.uuid())
        for company in _COMPANIES
    ]


def keep_books(venues: list[Venue], employers: list[Corporate], seed: int, at: datetime) -> list[Balance]:
    """Pay for every booking; bookings that nobody can pay for are taken out of their sessions."""
    chance = Chance(seed, "ledger")
    by_parent: dict[str, list[Booking]] = {}
    for venue in venues:
        for session in venue.sessions:
            for booking in session.bookings:
                by_parent.setdefault(booking.child.parent.id, []).append(booking)
    books: list[Balance] = []
    for venue in venues:
        for parent in venue.parents:
            books.extend(
                _Account(parent, employers[parent.corporate], chance, at).run(by_parent.get(parent.id, []))
            )
    return books


class _Account:
    """One parent's year."""

    def __init__(self, parent: Parent, employer: Corporate, chance: Chance, at: datetime) -> None:
        self._parent, self._employer, self._chance, self._at = parent, employer, chance, at
        self._balances: list[Balance] = []
        self._dropped: set[str] = set()

    def run(self, bookings: list[Booking]) -> list[Balance]:
        first = min((booking.created for booking in bookings), default=self._at)
        self._parent.joined = first - timedelta(days=self._chance.between(1, 20), hours=3)
        for when, kind, booking in sorted(self._movements(bookings), key=lambda each: (each[0], each[2].id)):
            balance = self._balance_for(when)
            price = booking.session.activity.credits
            if kind == "debit":
                self._debit(balance, booking, price, when)
            elif booking.id not in self._dropped:
                if kind == "refund":
                    booking.refunded = price
                    balance.add(Entry("refund_credit", price, when, booking, text="Cancelled in time"))
                elif kind == "part":
                    booking.refunded = 1
                    balance.add(Entry("partial_refund", 1, when, booking, text="The session was shortened"))
                else:
                    balance.add(Entry("forfeit", 0, when, booking, price, "Cancelled late or did not come"))
        self._balance_for(self._at)
        return self._balances

    def _movements(self, bookings: list[Booking]) -> Iterator[tuple[datetime, str, Booking]]:
        for booking in bookings:
            yield booking.created, "debit", booking
            if booking.refunded_at is not None:
                yield booking.refunded_at, "refund", booking
            elif booking.partly_back is not None:
                yield booking.partly_back, "part", booking
            elif booking.forfeited:
                when = booking.cancelled or booking.session.closed or booking.session.ends
                yield when, "forfeit", booking

    def _debit(self, balance: Balance, booking: Booking, price: int, when: datetime) -> None:
        if balance.available < price:
            if not booking.certain:
                self._dropped.add(booking.id)
                booking.session.bookings.remove(booking)
                return
            balance.add(Entry("adjustment", 24, when - timedelta(minutes=1), text="Goodwill credits"))
        balance.add(Entry("booking_debit", -price, when, booking, text=booking.session.activity.name))

    def _balance_for(self, when: datetime) -> Balance:
        """The balance of that month, after opening every month up to it and closing those before."""
        if not self._balances:
            self._open(self._parent.joined.date().replace(day=1))
        while self._balances[-1].end < when.date():
            done = self._balances[-1]
            following = done.end + timedelta(days=1)
            if done.available:
                done.add(
                    Entry(
                        "expiry",
                        -done.available,
                        datetime.combine(following, time(), UTC),
                    )
                )
            self._open(following)
        return self._balances[-1]

    def _open(self, start: date) -> None:
        end = (start + timedelta(days=32)).replace(day=1) - timedelta(days=1)
        balance = Balance(self._chance.uuid(), self._parent, start, end)
        since = max(datetime.combine(start, time(), UTC), self._parent.joined)
        balance.add(Entry("allocation", self._employer.credits, since))
        self._balances.append(balance)
