"""The year of invoices in the demo: drafted on each first of the month, issued, mailed, and mostly paid in time.

What finance meets otherwise: one invoice paid in part, one overdue, one taken back by a credit note and issued anew,
and the drafts of the month that ended last, one of them with lines that somebody has added.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from functools import partial
from uuid import UUID

from console.demo.agenda import Agenda, answer, day_of, month_after, office_hour
from console.demo.chance import Chance
from console.demo.money import Corporate
from console.demo.world import Staff
from console.domain.invoices import Invoice, InvoiceDraft, InvoiceLine, as_issued
from console.reports.invoice import credit_note_pdf, invoice_pdf
from console.storage.demo_past import Past
from console.storage.invoices import InvoiceQueries

_EDITED, _IN_PART, _OVERDUE, _OPEN, _CREDITED = 0, 1, 2, 3, 4
"""Places among the employers."""


class BillingYear:
    """Puts down what platform finance did about invoices, up to the drafts made on the first of `this_month`."""

    def __init__(
        self,
        past: Past,
        employers: Sequence[Corporate],
        clerk: Staff,
        *,
        since: date,
        this_month: date,
        seed: int,
    ) -> None:
        """Nothing is done before the agenda is carried out."""
        self._invoices = InvoiceQueries(past)
        self._past, self._employers, self._clerk = past, employers, clerk
        self._since, self._this = since, this_month
        self._chance = Chance(seed, "billing")

    def put(self, agenda: Agenda) -> None:
        """Put the whole year down."""
        month = month_after(self._since)
        while month < self._this:
            first = office_hour(month, "08:30")
            agenda.put(first, self._clerk.id, partial(self._draft, month))
            agenda.put(first + timedelta(minutes=40), self._clerk.id, partial(self._issue, month))
            for place in range(len(self._employers)):
                self._put_payment(agenda, month, place)
            if month == month_after(self._this, -1):
                agenda.put(first + timedelta(days=3), self._clerk.id, partial(self._credit, month))
                agenda.put(
                    first + timedelta(days=3, minutes=9), self._clerk.id, partial(self._correct, month)
                )
            month = month_after(month)
        agenda.put(office_hour(self._this, "00:05"), self._clerk.id, partial(self._draft, self._this))
        agenda.put(office_hour(self._this, "00:06"), self._clerk.id, self._edit)

    def _put_payment(self, agenda: Agenda, month: date, place: int) -> None:
        came = day_of(month, self._chance.between(9, 26))
        paid = office_hour(came, f"{self._chance.between(9, 16)}:{self._chance.between(10, 59)}")
        unpaid = {_OPEN: month_after(self._this, -1), _OVERDUE: month_after(self._this, -2)}
        if unpaid.get(place) == month:
            return
        newest = month == month_after(self._this, -1)
        share = Decimal("0.5") if newest and place == _IN_PART else Decimal(1)
        agenda.put(paid, self._clerk.id, partial(self._pay, self._employers[place], month, came, share))

    def _draft(self, month: date) -> None:
        answer(self._invoices.draft_due(month))

    def _issue(self, month: date) -> None:
        issued = answer(self._invoices.issue(self._past.drafts()))
        self._keep([one.invoice for one in issued if one.invoice is not None])

    def _pay(self, employer: Corporate, month: date, came: date, share: Decimal) -> None:
        invoice = self._of(employer, month)
        amount = (invoice.row.total * share).quantize(Decimal("0.01"))
        reference = f"{employer.name.split()[0].upper()} {invoice.row.number}"
        payment = UUID(self._chance.uuid())
        answer(self._invoices.pay(invoice, payment, amount, came, "bank_transfer", reference))

    def _credit(self, month: date) -> None:
        wrong = self._of(self._employers[_CREDITED], month)
        gone = answer(
            self._invoices.cancel(wrong.row.id, wrong.row.version, "Six employees had been counted twice.")
        )
        assert gone.credit_note is not None
        note = replace(gone.credit_note, document_id=None)
        answer(self._invoices.attach([(note.id, credit_note_pdf(note).pdf)]))

    def _correct(self, month: date) -> None:
        """The month is drafted again, with what was wrong taken off."""
        answer(self._invoices.draft_due(month))
        draft = self._of(self._employers[_CREDITED], month)
        wrong = InvoiceLine(
            "6 employees counted twice",
            Decimal(6),
            Decimal("-27.00"),
            draft.lines[0].tax_rate,
            kind="discount",
        )
        kept = InvoiceDraft(
            (*draft.lines, wrong), draft.purchase_order, "Takes the place of the credited invoice."
        )
        answer(self._invoices.save(draft.row.id, draft.row.version, kept))
        issued = answer(self._invoices.issue([draft.row.id]))
        self._keep([one.invoice for one in issued if one.invoice is not None])

    def _edit(self) -> None:
        draft = self._of(self._employers[_EDITED], self._this)
        rate = draft.lines[0].tax_rate
        kits = InvoiceLine("Welcome kits for new families", Decimal(14), Decimal("14.50"), rate, Decimal(10))
        loyal = InvoiceLine("Loyalty discount", Decimal(1), Decimal("-365.00"), rate, kind="discount")
        kept = InvoiceDraft((*draft.lines, kits, loyal), draft.purchase_order, "Kits were delivered on site.")
        answer(self._invoices.save(draft.row.id, draft.row.version, kept))

    def _of(self, employer: Corporate, month: date) -> Invoice:
        """The invoice that was drafted for an employer on the first of a month and stands."""
        return answer(self._invoices.invoice(self._past.invoice_of(employer.id, month_after(month, -1))))

    def _keep(self, issued: Sequence[Invoice]) -> None:
        """Keep the papers and mail them."""
        answer(self._invoices.attach([(one.row.id, invoice_pdf(as_issued(one)).pdf) for one in issued]))
        answer(self._invoices.send([one.row.id for one in issued]))
        self._past.deliver()
