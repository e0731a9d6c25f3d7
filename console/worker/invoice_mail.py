"""Sending issued invoices with their PDF, by the rules of all mail: leased, marked as handed over, answered for.

An employer never gets the same invoice twice because a worker ended in the middle; what is uncertain is left to a
person. See docs/operations.md, "Mail".
"""

from __future__ import annotations

from console.clock import Clock
from console.storage.invoice_mail import invoice_queue
from console.worker import mail
from console.worker.mail import Round
from console.worker.smtp_settings import MailSettings


async def deliver(dsn: str, settings: MailSettings | None, *, clock: Clock | None = None) -> Round:
    """Send the invoices that are due, over the worker's own login; what it did. Raises ConsoleErrors only."""
    return await mail.deliver(dsn, settings, clock=clock, queue=invoice_queue)
