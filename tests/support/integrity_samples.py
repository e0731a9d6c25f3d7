"""The daily check in memory, for tests and pictures of its screen."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

from console.domain.integrity import IntegrityCheck, IntegrityIssue
from console.domain.paging import Page, PageRequest
from console.errors import ConsoleError
from tests.support.today_samples import NOW

ME = UUID(int=0x4E)
PERSON = "Lucas Berg"
RAN = NOW - timedelta(hours=9)
LONG = "Wolfeschlegelsteinhausenbergerdorff-Featherstonehaugh House of Music, Movement and Play"
CHECKS = (
    ("ledger_balance", "Balances", "A parent's balance is the sum of its entries, numbered without a gap."),
    ("ledger_running", "Running balances", "Each entry says the balance that it and those before it add up to."),
    ("booking_refunds", "Refunds", "What a booking says was refunded is what the ledger gave back for it."),
    ("booked_count", "Places taken", "A session's number of bookings is the number of bookings that hold a place."),
    ("offers_within_places", "Offers", "Bookings and held offers of a session fit into its places."),
    ("attendance_state", "Attendance", "What a booking says of a child is what its events add up to."),
    ("payout_lines", "Payouts", "A payout is the sum of its lines, and its fee the sum of their shares."),
    ("payout_carried", "Carried forward", "What one month leaves owing is what the next one starts from."),
    ("payout_paid_once", "Paid once", "What was paid for a payout is its net amount, once."),
    ("invoice_lines", "Invoices", "An invoice is the sum of its lines and taxes."),
    ("numbers_gapless", "Numbers", "Invoices and credit notes are numbered without a gap."),
    ("documents", "Documents", "Every issued paper is kept, and its bytes are those of its hash."),
)  # fmt: skip


def issue(number: int, check: str, kind: str, detail: str, **facts: Any) -> IntegrityIssue:
    """An issue that was found `number` days ago and again this morning."""
    found = UUID(int=0x5000 + number)
    made = IntegrityIssue(
        id=found, version=1, check=check, subject=f"{kind} {str(found)[:13]}", subject_id=found,
        venue="Riverside Studio", detail=detail, first_seen_at=RAN - timedelta(days=number),
        last_seen_at=RAN, state="open", assigned_to=None, reason=None,
    )  # fmt: skip
    return replace(made, **facts)


def everything() -> list[IntegrityIssue]:
    """One of each state and subject, the way the gateway orders them."""
    return [
        issue(1, "booked_count", "session", "The session says 9 places are taken; 8 bookings hold one."),
        issue(2, "booked_count", "session", "The session says 4 places are taken; 5 bookings hold one.", venue=LONG),
        issue(
            3, "payout_lines", "payout",
            "It says 150.00 gross, 26.25 fee and 0.00 in adjustments; its lines add up to 148.50, 25.99 and 0.00.",
            venue="Alder Hall", assigned_to="Noor",
        ),
        issue(
            4, "numbers_gapless", "series", "41 numbers of NFP-2026 were taken; 40 papers carry one.",
            subject="series NFP-2026", subject_id=None, venue=None, assigned_to=PERSON,
        ),
        issue(
            9, "documents", "invoice", "NFP-2026-00012 was issued and has no document.", venue=None, state="ignored",
            reason="It was printed by hand on the day of the move.",
        ),
        issue(30, "ledger_balance", "balance", "The balance says 12 in 4 entries; the entries add up to 11 in 4.",
              venue=None, state="fixed", last_seen_at=RAN - timedelta(days=29)),
    ]  # fmt: skip


class FakeIntegrity:
    """An IntegrityGateway. `failure` is raised once, by whatever is asked next."""

    def __init__(self, issues: list[IntegrityIssue] | None = None) -> None:
        self.known = everything() if issues is None else issues
        self.ran = RAN
        self.never = False
        self.failure: ConsoleError | None = None
        self.requests: list[PageRequest] = []
        self.done: list[tuple[object, ...]] = []

    async def checks(self) -> list[IntegrityCheck]:
        self._ask()

        def made(key: str, title: str, explains: str) -> IntegrityCheck:
            states = [one.state for one in self.known if one.check == key]
            ran = None if self.never else self.ran
            return IntegrityCheck(
                key, title, explains, states.count("open"), states.count("ignored"), ran, None
            )

        return sorted((made(*one) for one in CHECKS), key=lambda one: -one.open_issues)

    async def issues(self, request: PageRequest) -> Page[IntegrityIssue]:
        self._ask()
        self.requests.append(request)
        state, check = request.filters.get("state", ""), request.filters.get("check", "")
        typed = request.text.casefold()
        return Page(
            [
                one
                for one in self.known
                if state in ("", one.state)
                and check in ("", one.check)
                and typed in f"{one.detail} {one.venue} {one.subject_id}".casefold()
            ],
            None,
        )

    async def check_now(self) -> int:
        self._ask()
        self.never, self.ran = False, NOW
        self.done.append(("check",))
        return sum(one.state == "open" for one in self.known)

    async def assign(self, issue: IntegrityIssue, person_id: UUID | None) -> IntegrityIssue:
        self.done.append(("assign", issue.id, person_id))
        return self._change(issue, assigned_to=None if person_id is None else PERSON)

    async def ignore(self, issue: IntegrityIssue, reason: str) -> IntegrityIssue:
        self.done.append(("ignore", issue.id, reason))
        return self._change(issue, state="ignored", reason=reason, assigned_to=None)

    async def reopen(self, issue: IntegrityIssue) -> IntegrityIssue:
        self.done.append(("reopen", issue.id))
        return self._change(issue, state="open", reason=None)

    def _change(self, issue: IntegrityIssue, **facts: Any) -> IntegrityIssue:
        self._ask()
        at = next(at for at, one in enumerate(self.known) if one.id == issue.id)
        self.known[at] = replace(issue, version=issue.version + 1, **facts)
        return self.known[at]

    def _ask(self) -> None:
        if self.failure is not None:
            error, self.failure = self.failure, None
            raise error
