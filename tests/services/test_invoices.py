"""Invoices and ledgers through the console's own services, over real logins: papers, payments, lists, lost answers."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest

from console.clock import FixedClock
from console.domain.invoices import (
    Invoice,
    InvoiceDraft,
    InvoiceLine,
    InvoiceRow,
    InvoiceState,
    as_credited,
    totals,
)
from console.domain.paging import PageRequest
from console.errors import Conflict, Denied, Invalid, NotFound, Unavailable
from console.models.gateway_invoices import InvoiceGateway, LedgerGateway
from console.reports.invoice import credit_note_pdf, invoice_pdf
from console.services.invoices import InvoiceService
from console.services.ledger import LedgerService
from console.storage.database import Database as DeskDatabase
from console.storage.invoices import InvoiceQueries, Issued
from console.storage.ledger import LedgerQueries
from tests.support import factories
from tests.support.databases import Database
from tests.support.desk_world import NOON, Person, World
from tests.support.invoicing import employer, invoice, line

TODAY = NOON.date()
NEWEST = PageRequest("number", descending=True)


class Losing(InvoiceQueries):
    """Queries whose answers are lost on the way back, so and so often."""

    losses = 0

    def _lose(self) -> None:
        if self.losses:
            self.losses -= 1
            raise Unavailable("The connection was lost.", hint="Try again.", code="connection_lost")

    async def issue(self, invoice_ids: Sequence[UUID]) -> list[Issued]:
        """Issue; perhaps nobody hears of it."""
        answer = await super().issue(invoice_ids)
        self._lose()
        return answer

    async def pay(self, *arguments: Any) -> Invoice:
        """Pay; perhaps nobody hears of it."""
        answer = await super().pay(*arguments)
        self._lose()
        return answer

    async def attach(self, papers: Sequence[tuple[UUID, bytes]]) -> dict[UUID, UUID]:
        """Keep nothing, while losses last: the desk went away before."""
        self._lose()
        return await super().attach(papers)


@dataclass
class Office:
    """Somebody's services, with what they stand on."""

    world: World
    queries: Losing
    service: InvoiceService
    ledger: LedgerService

    def draft(self, *lines: dict[str, str], **columns: Any) -> UUID:
        """A draft for a new employer."""
        return invoice(self.world.admin, list(lines) or None, employer(self.world.admin, **columns))


@asynccontextmanager
async def office_of(world: World, person: Person) -> AsyncIterator[Office]:
    database = DeskDatabase(person.dsn)
    await database.set_token(person.token)

    async def no_wait(_seconds: float) -> None:
        return

    queries = Losing(database)
    service = InvoiceService(queries, FixedClock(world.now), sleep=no_wait)
    ledger = LedgerService(LedgerQueries(database), sleep=no_wait)
    invoices: InvoiceGateway = service
    ledgers: LedgerGateway = ledger
    assert (invoices, ledgers) == (service, ledger)
    yield Office(world, queries, service, ledger)
    await database.close()


@pytest.fixture
def world(fresh_database: Database) -> Iterator[World]:
    with World(fresh_database) as made:
        yield made


@pytest.fixture
async def finance(world: World) -> AsyncIterator[Office]:
    async with office_of(
        world, world.person("platform_finance", name="Amara", desk=world.desk("HQ 1"))
    ) as made:
        yield made


@pytest.fixture
async def headquarters(world: World) -> AsyncIterator[Office]:
    async with office_of(world, world.person("platform_admin", name="Hugo", desk=world.desk("HQ 2"))) as made:
        yield made


def plan(text: str, price: str, **facts: str) -> InvoiceLine:
    numbers = {name: Decimal(value) for name, value in facts.items()}
    return InvoiceLine(
        text,
        numbers.get("quantity", Decimal(1)),
        Decimal(price),
        numbers.get("tax_rate", Decimal("8.25")),
        numbers.get("discount", Decimal(0)),
    )


async def test_a_draft_is_saved_with_the_totals_the_screen_showed(finance: Office) -> None:
    made = await finance.service.invoice(finance.draft())
    assert (made.row.state, made.row.number, made.terms_days) == (InvoiceState.DRAFT, None, 30)
    assert made.recipient is not None
    assert (made.recipient.name, made.recipient.address[0]) == ("Cascadia Instruments", "12 Harbour Street")
    draft = InvoiceDraft(
        (
            plan("Plan", "365.125"),
            plan("Extra \x00 hours", "1E+2", quantity="1.50"),
            plan("Goodwill", "-50", discount="-10"),
        ),
        "PO-1",
        "Thanks",
    )
    saved = await finance.service.save(made, draft)
    assert saved.totals == totals(draft.lines)
    assert [one.amount for one in saved.lines] == [Decimal("365.13"), Decimal(150), Decimal("-55.00")]
    assert (saved.purchase_order, saved.notes, saved.row.total) == ("PO-1", "Thanks", saved.totals.total)
    with pytest.raises(Conflict) as caught:
        await finance.service.save(made, InvoiceDraft((plan("Other", "1"),)))
    assert caught.value.code == "version_changed"
    with pytest.raises(Invalid, match="Line 2: say what it is for"):
        await finance.service.save(saved, InvoiceDraft((plan("A", "1"), plan(" ", "1"))))


async def test_issuing_keeps_the_paper_that_anybody_would_make(finance: Office) -> None:
    drafts = [finance.draft() for _ in range(3)]
    gone = await finance.service.cancel(await finance.service.invoice(finance.draft()), "")
    seen: list[int] = []
    refused = await finance.service.issue([*drafts, gone.row.id], seen.append)
    assert (refused, seen) == ([(gone.row.id, "This draft was thrown away.")], [4])
    for one in drafts:
        made = await finance.service.invoice(one)
        assert made.document_id is not None
        kept = await finance.service.document(made.document_id)
        assert kept == invoice_pdf(made).pdf == await finance.service.preview(made)


async def test_an_answer_that_was_lost_issues_nothing_twice(finance: Office) -> None:
    made = finance.draft()
    finance.queries.losses = 2
    assert await finance.service.issue([made]) == []
    numbers = finance.world.all("SELECT invoice_number AS n FROM invoices WHERE issued_at IS NOT NULL")
    assert [row["n"] for row in numbers] == ["NFP-2026-00001"]


async def test_what_was_left_without_a_paper_gets_it_when_it_is_printed_issued_or_sent(
    finance: Office,
) -> None:
    printed, sent, issued, saved = (finance.draft() for _ in range(4))
    for one in (printed, sent, issued, saved):
        await finance.queries.issue([one])
    assert (await finance.service.invoice(printed)).document_id is None
    before = await finance.service.preview(await finance.service.invoice(printed))
    assert await finance.service.send([sent]) == 1
    assert await finance.service.issue([issued]) == []
    for one in (printed, sent, issued):
        document_id = (await finance.service.invoice(one)).document_id
        assert document_id is not None
        content = await finance.service.document(document_id)
        assert content.startswith(b"%PDF-")
        assert one is not printed or content == before


async def test_a_desk_that_goes_away_between_number_and_paper_leaves_nothing_wrong(finance: Office) -> None:
    made = finance.draft()
    await finance.queries.issue([made])
    finance.queries.losses = 3
    with pytest.raises(Unavailable):
        await finance.service.issue([made])
    found = await finance.service.invoice(made)
    assert (found.row.number, found.document_id) == ("NFP-2026-00001", None)
    finance.queries.losses = 0
    assert await finance.service.issue([made]) == []
    assert (await finance.service.invoice(made)).document_id is not None


async def test_a_paper_is_the_same_before_and_after_it_was_paid(finance: Office) -> None:
    made = finance.draft()
    await finance.queries.issue([made])
    whole = await finance.service.invoice(made)
    fresh = invoice_pdf(whole).pdf
    paid = await finance.service.pay(whole, Decimal(40), TODAY, "card", None)
    assert await finance.service.preview(paid) == fresh


async def test_a_payment_without_an_answer_is_recorded_once_however_often_it_is_pressed(
    finance: Office,
) -> None:
    made = finance.draft()
    await finance.service.issue([made])
    whole = await finance.service.invoice(made)
    finance.queries.losses = 3
    with pytest.raises(Unavailable):
        await finance.service.pay(whole, Decimal(60), TODAY, "bank_transfer", "T-1")
    paid = await finance.service.pay(whole, Decimal(60), TODAY, "bank_transfer", "T-1")
    assert (paid.row.paid, len(paid.payments), paid.row.open_amount) == (Decimal(60), 1, Decimal(40))
    assert (paid.payments[0].recorded_by, paid.payments[0].reference) == ("Amara Last", "T-1")
    # A second one like it, by a person who saw the first, is another one.
    again = await finance.service.pay(paid, Decimal(40), TODAY, "bank_transfer", "T-1")
    assert (again.row.state, len(again.payments)) == (InvoiceState.PAID, 2)
    with pytest.raises(Invalid, match=r"That is 1\.00 more than the 0\.00 still"):
        await finance.service.pay(again, Decimal(1), TODAY, "card", None)
    with pytest.raises(Conflict, match="Somebody else recorded a payment"):
        await finance.service.pay(whole, Decimal(5), TODAY, "card", None)
    with pytest.raises(Invalid, match="Enter an amount"):
        await finance.service.pay(again, Decimal("NaN"), TODAY, "card", None)


async def test_a_credit_note_has_its_paper_and_the_history_tells_of_everything(finance: Office) -> None:
    made = finance.draft(line("Plan", "100.00", tax_rate="8.25"))
    await finance.service.issue([made])
    whole = await finance.service.invoice(made)
    part = await finance.service.pay(whole, Decimal(8), TODAY, "cheque", None)
    back = await finance.service.pay(part, Decimal(-8), TODAY, "cheque", None)
    looked = await finance.service.preview_credit_note(back, "Wrong price")
    assert looked == credit_note_pdf(as_credited(back, "Wrong price", NOON)).pdf
    assert (await finance.service.invoice(made)).credit_note is None, "looking makes nothing"
    gone = await finance.service.cancel(back, "Wrong price")
    assert gone.credit_note is not None
    assert gone.credit_note.document_id is not None
    kept = await finance.service.document(gone.credit_note.document_id)
    assert kept == credit_note_pdf(gone.credit_note).pdf
    assert (gone.row.state, gone.row.credit_note, gone.row.open_amount) == (
        InvoiceState.CANCELLED,
        "NCN-2026-00001",
        Decimal(0),
    )
    assert gone.credit_note.totals == gone.totals
    words = [said for _, said in (await finance.service.invoice(made)).history]
    assert sorted(words) == sorted(
        [
            "Drafted.",
            "Issued as NFP-2026-00001.",
            "8.00 USD paid by cheque. Recorded by Amara Last.",
            "8.00 USD of what was paid taken back. Recorded by Amara Last.",
            "Cancelled by credit note NCN-2026-00001: Wrong price",
        ]
    )


def _files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


async def test_the_papers_of_many_go_into_a_folder(finance: Office, tmp_path: Path) -> None:
    draft, issued, credited = finance.draft(), finance.draft(), finance.draft(company_name="Bad/name: <Ltd>")
    await finance.service.issue([issued, credited])
    await finance.service.cancel(await finance.service.invoice(credited), "Wrong")
    seen: list[int] = []
    assert await finance.service.save_documents([draft, issued, credited], tmp_path, seen.append) == 4
    assert seen == [1, 2, 3]
    papers = _files(tmp_path)
    names = sorted(papers)
    assert names == [
        "Bad name Ltd NCN-2026-00001.pdf",
        "Bad name Ltd NFP-2026-00002.pdf",
        "Cascadia Instruments NFP-2026-00001.pdf",
        f"Cascadia Instruments draft 2026-02 {draft.hex[:6]}.pdf",
    ]
    assert all(paper.startswith(b"%PDF-") for paper in papers.values())
    with pytest.raises(Unavailable):
        await finance.service.save_documents([issued], tmp_path / "absent")


async def test_a_preview_shows_what_is_being_typed(finance: Office) -> None:
    made = await finance.service.invoice(finance.draft())
    typed = InvoiceDraft((plan("Something else entirely", "77.77"),))
    assert await finance.service.preview(made, typed) != await finance.service.preview(made)
    assert (await finance.service.invoice(made.row.id)).lines == made.lines


async def test_what_cannot_be_sent_says_why_and_what_can_be_counts(finance: Office) -> None:
    draft, issued = finance.draft(), finance.draft()
    await finance.service.issue([issued])
    assert await finance.service.send([draft, issued]) == 1
    assert (await finance.service.invoice(issued)).row.send_state == "waiting"
    with pytest.raises(Conflict, match="Issue it before you send it"):
        await finance.service.send([draft])


async def test_a_list_is_sorted_filtered_and_paged_in_every_way(finance: Office) -> None:
    world = finance.world
    world.admin.execute("INSERT INTO invoice_series (series, year, next_number) VALUES ('NFP', 2026, 99998)")
    names = ["Bluebell", "aspen", "Cedar", "Dogwood"]
    made = [finance.draft(line(price=f"{100 + n}.00"), company_name=name) for n, name in enumerate(names)]
    await finance.service.issue(made[:3])
    cedar = await finance.service.invoice(made[2])
    await finance.service.pay(cedar, Decimal(102), TODAY, "card", None)
    page = await finance.service.invoices(NEWEST)
    assert [row.number for row in page.rows] == [None, "NFP-2026-100000", "NFP-2026-99999", "NFP-2026-99998"]
    page = await finance.service.invoices(PageRequest("issued", descending=True))
    assert [row.number for row in page.rows][1:] == ["NFP-2026-100000", "NFP-2026-99999", "NFP-2026-99998"]
    for sort in ("number", "corporate", "period", "state", "total", "paid", "open", "due", "issued", "sent"):
        for descending in (False, True):
            rows: list[InvoiceRow] = []
            request = PageRequest(sort, descending=descending, limit=1)
            while True:
                page = await finance.service.invoices(request)
                rows += page.rows
                if page.next_after is None:
                    break
                request = replace(request, after=page.next_after)
            assert {row.id for row in rows} == set(made)
            assert len(rows) == 4

    async def found(text: str = "", **filters: str) -> set[str]:
        request = PageRequest("corporate", text=text, filters=filters)
        return {row.corporate for row in (await finance.service.invoices(request)).rows}

    assert await found(state="draft") == {"Dogwood"}
    assert await found(state="issued,paid") == {"Bluebell", "aspen", "Cedar"}
    assert await found(open="yes") == {"Bluebell", "aspen"}
    assert await found(period="2026-02") == set(names)
    assert await found(period="2026-03") == set()
    assert await found(corporate=str(cedar.row.corporate_id)) == {"Cedar"}
    assert await found("ASP") == {"aspen"}
    assert await found("99999") == {"aspen"}
    assert await found("%") == set()
    with pytest.raises(Invalid):
        await finance.service.invoices(PageRequest("colour"))
    with pytest.raises(Invalid):
        await found(corporate="me")


async def test_an_account_tells_what_is_open_overdue_and_invoiced(finance: Office) -> None:
    world = finance.world
    corporate = employer(world.admin, payment_terms_days=5, display_name="Cascadia")
    factories.subscription(world.admin, corporate, monthly_cost="310.00", start_date=date(2026, 1, 1))
    assert await finance.service.make_drafts(TODAY) == 2
    assert await finance.service.make_drafts(TODAY) == 0
    rows = (await finance.service.invoices(replace(NEWEST, sort="period", descending=False))).rows
    await finance.service.issue([row.id for row in rows])
    first = await finance.service.invoice(rows[0].id)
    await finance.service.pay(first, Decimal("100.00"), TODAY, "card", None)
    world.at(NOON + timedelta(days=6))
    world.admin.execute("SELECT invoices.mark_overdue()")
    world.at(NOON)
    account = await finance.service.corporate(corporate)
    total = first.row.total
    assert (account.name, account.open_amount, account.invoiced_this_year) == (
        "Cascadia",
        total * 2 - 100,
        total * 2,
    )
    assert account.overdue_amount == account.open_amount
    assert (account.address, account.contact) == (
        ("12 Harbour Street", "Portland, OR 97201", "USA"),
        "Kim Contact",
    )
    (agreed,) = account.subscriptions
    assert (agreed.monthly_cost, agreed.billing_day, agreed.start_on) == (Decimal(310), 1, date(2026, 1, 1))
    saved = await finance.service.save_corporate(
        replace(account, tax_rate=Decimal("9.5"), billing_email="b@c.example")
    )
    assert (saved.tax_rate, saved.billing_email, saved.version) == (
        Decimal("9.50"),
        "b@c.example",
        account.version + 1,
    )
    with pytest.raises(Conflict, match="Somebody else changed this employer"):
        await finance.service.save_corporate(account)
    with pytest.raises(Conflict, match="2 invoices in USD are still open"):
        await finance.service.save_corporate(replace(saved, currency="EUR"))
    with pytest.raises(NotFound):
        await finance.service.corporate(uuid4())


async def test_accounts_are_listed_in_every_order(finance: Office) -> None:
    for number, name in enumerate(("Aspen", "Birch", "Cedar")):
        employer(finance.world.admin, company_name=name, is_active=number != 1)
    for sort in ("name", "open", "overdue", "year", "terms"):
        for descending in (False, True):
            page = await finance.service.corporates(PageRequest(sort, descending=descending, limit=2))
            assert page.next_after is not None
            more = await finance.service.corporates(
                PageRequest(sort, descending=descending, limit=2, after=page.next_after)
            )
            assert {row.name for row in (*page.rows, *more.rows)} == {"Aspen", "Birch", "Cedar"}
    page = await finance.service.corporates(PageRequest("name", filters={"active": "no"}))
    assert [row.name for row in page.rows] == ["Birch"]
    page = await finance.service.corporates(PageRequest("name", text="ced"))
    assert [row.name for row in page.rows] == ["Cedar"]
    assert (await finance.service.corporates(PageRequest("name", filters={"open": "yes"}))).rows == []


async def test_an_administrator_reads_and_prints_and_changes_nothing(
    finance: Office, headquarters: Office
) -> None:
    made = finance.draft()
    await finance.queries.issue([made])
    seen = await headquarters.service.invoice(made)
    assert (await headquarters.service.preview(seen)).startswith(b"%PDF-")
    assert (await headquarters.service.invoice(made)).document_id is None
    with pytest.raises(Denied):
        await headquarters.service.issue([made])
    with pytest.raises(Denied):
        await headquarters.service.pay(seen, Decimal(1), TODAY, "card", None)


async def test_a_family_is_found_read_and_corrected_once(headquarters: Office) -> None:
    world = headquarters.world
    parent = factories.parent(
        world.admin, first_name="Rosa", last_name="Almeida", email="rosa@home.example",
        corporate_id=employer(world.admin, display_name="Cascadia"),
    )  # fmt: skip
    balance = factories.balance(world.admin, parent, 10)
    booking = world.booking(world.child("Nia", parent_id=parent))
    factories.ledger(world.admin, balance, "booking_debit", -2, booking_id=booking, description="Judo")
    for typed in ("rosa@HOME.example", "a alm", world.code(booking).replace("-", " ").lower()):
        (found,) = await headquarters.ledger.find_parents(typed)
        assert (found.id, found.name, found.masked_email, found.corporate, found.credits) == (
            parent, "Rosa Almeida", "r…@home.example", "Cascadia", 8,
        )  # fmt: skip
    page = await headquarters.ledger.ledger(parent)
    assert [(one.kind, one.amount, one.balance_after, one.number) for one in page.entries] == [
        ("booking_debit", -2, 8, 2), ("allocation", 10, 10, 1),
    ]  # fmt: skip
    assert (page.entries[0].booking_code, page.entries[0].booking_id) == (world.code(booking), booking)
    assert [(one.start, one.allocated, one.available) for one in page.periods] == [(date(2026, 3, 1), 10, 8)]
    # Pressed twice in one moment it happens once; pressed again after the answer it is meant.
    both = await asyncio.gather(*(headquarters.ledger.adjust(parent, 3, "Goodwill ") for _ in range(2)))
    assert [one.account.credits for one in both] == [11, 11]
    after = await headquarters.ledger.adjust(parent, 3, "Goodwill")
    assert after.account.credits == 14
    assert [(one.amount, one.description, one.by) for one in after.entries[:2]] == [
        (3, "Goodwill", "Hugo Last")
    ] * 2
    for credits, reason in ((0, "x"), (100_001, "x"), (1, " "), (1, "x" * 501)):
        with pytest.raises(Invalid):
            await headquarters.ledger.adjust(parent, credits, reason)
    with pytest.raises(Conflict):
        await headquarters.ledger.adjust(parent, -50, "Too much")
    with pytest.raises(Invalid, match="at least three letters"):
        await headquarters.ledger.find_parents(" a ")
    with pytest.raises(NotFound):
        await headquarters.ledger.ledger(uuid4())


async def test_history_is_in_order(finance: Office) -> None:
    made = finance.draft()
    finance.world.at(NOON + timedelta(hours=1))
    await finance.service.issue([made])
    history = (await finance.service.invoice(made)).history
    assert [said for _, said in history] == ["Drafted.", "Issued as NFP-2026-00001."]
    assert [at for at, _ in history] == [NOON, datetime(2026, 3, 2, 18, tzinfo=UTC)]
