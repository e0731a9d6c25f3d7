"""Lists of the invoice screens as files: invoices and employers, with the stored amounts.

See docs/design.md, "Screens": what is shown can be exported.
"""

from __future__ import annotations

from decimal import Decimal

from console.domain.invoices import Corporate, InvoiceRow
from console.reports.sheets import SheetColumn
from console.services.exports import ExportColumn
from console.views.invoices import words

INVOICE_COLUMNS: tuple[ExportColumn[InvoiceRow], ...] = (
    ExportColumn(SheetColumn("Number", width=20), lambda one: one.number),
    ExportColumn(SheetColumn("Employer", width=36), lambda one: one.corporate),
    ExportColumn(SheetColumn("From", "date", 12), lambda one: one.period_start),
    ExportColumn(SheetColumn("To", "date", 12), lambda one: one.period_end),
    ExportColumn(SheetColumn("State", width=14), lambda one: words.STATE_CHIPS[one.state].text),
    ExportColumn(SheetColumn("Total", "money", 14), lambda one: one.total),
    ExportColumn(SheetColumn("Paid", "money", 14), lambda one: one.paid),
    ExportColumn(
        SheetColumn("Open", "money", 14), lambda one: one.open_amount if words.is_owing(one) else Decimal(0)
    ),
    ExportColumn(SheetColumn("Currency", width=10), lambda one: one.currency),
    ExportColumn(SheetColumn("Due", "date", 12), lambda one: one.due_on),
    ExportColumn(SheetColumn("Credit note", width=20), lambda one: one.credit_note),
)

CORPORATE_COLUMNS: tuple[ExportColumn[Corporate], ...] = (
    ExportColumn(SheetColumn("Employer", width=36), lambda one: one.name),
    ExportColumn(SheetColumn("State", width=10), lambda one: "Active" if one.is_active else "Closed"),
    ExportColumn(
        SheetColumn("Subscriptions", "number", 14),
        lambda one: sum(each.is_active for each in one.subscriptions),
    ),
    ExportColumn(SheetColumn("Open", "money", 14), lambda one: one.open_amount),
    ExportColumn(SheetColumn("Overdue", "money", 14), lambda one: one.overdue_amount),
    ExportColumn(SheetColumn("Invoiced this year", "money", 18), lambda one: one.invoiced_this_year),
    ExportColumn(SheetColumn("Currency", width=10), lambda one: one.currency),
    ExportColumn(SheetColumn("Days to pay", "number", 12), lambda one: one.terms_days),
    ExportColumn(SheetColumn("Tax %", "number", 8), lambda one: one.tax_rate),
    ExportColumn(SheetColumn("Purchase order", width=20), lambda one: one.purchase_order),
    ExportColumn(SheetColumn("Contact", width=24), lambda one: one.contact),
    ExportColumn(SheetColumn("Contact e-mail", width=32), lambda one: one.contact_email),
    ExportColumn(SheetColumn("Invoices go to", width=32), lambda one: one.billing_email or one.contact_email),
    ExportColumn(SheetColumn("Address", width=48), lambda one: ", ".join(one.address)),
    ExportColumn(SheetColumn("Tax number", width=20), lambda one: one.tax_id),
)
