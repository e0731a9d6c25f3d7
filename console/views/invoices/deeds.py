"""What is done with invoices from the list and from one of them: issue, send, save their papers.

Each asks first with the numbers. One is done at once, several with their progress and what became of each. See
docs/design.md, "Rules of the domain" (invoices).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from console.domain.counting import count
from console.domain.invoices import InvoiceRow, InvoiceState
from console.errors import Conflict
from console.models.gateway_invoices import InvoiceGateway
from console.models.runner import TaskRunner
from console.views.invoices.batch import BatchSheet, Report, Work, each
from console.views.invoices.words import called, may_send, sums_words
from console.views.payouts.asking import ask, ask_folder
from console.views.theme import ThemeHub


class InvoiceDeeds(QObject):
    """For one page. `changed` says that invoices are other than they were."""

    toast_wanted = Signal(str, str)
    changed = Signal()

    def __init__(
        self, hub: ThemeHub, owner: QWidget, gateway: InvoiceGateway, runner: TaskRunner, *, may_issue: bool
    ) -> None:
        """`runner` is the page's: it says what went wrong with a single one."""
        super().__init__(owner)
        self.hub, self._owner, self._gateway, self._runner = hub, owner, gateway, runner
        self._may_issue = may_issue
        self.sheet: BatchSheet | None = None

    # -- issue -------------------------------------------------------------------------------------------------------

    def issue(self, rows: Sequence[InvoiceRow]) -> None:
        """Ask, then issue the drafts among these."""
        drafts = [row for row in rows if row.state is InvoiceState.DRAFT]
        if not drafts or not self._may_issue:
            return
        many = count(len(drafts), "invoice")
        ask(
            self.hub, self._owner, f"Issue {many}?",
            f"{_sentence(sums_words(drafts))} Each gets its number and its document, and does not change any more.",
            do=f"Issue {many}", keep="Not yet", agreed=partial(self._issue_all, drafts),
        )  # fmt: skip

    def _issue_all(self, rows: Sequence[InvoiceRow]) -> None:
        if len(rows) == 1:
            self._alone(self._issue_one(rows[0]))
        else:
            self._together(f"Issuing {count(len(rows), 'invoice')}", "Issued", rows, self._issue)

    async def _issue(self, report: Report) -> None:
        refused = await self._gateway.issue([row.id for row in report.rows], report.progress)
        why = dict(refused)
        for row in report.rows:
            report.end(row.id, why.get(row.id, ""))

    async def _issue_one(self, row: InvoiceRow) -> None:
        refused = await self._gateway.issue([row.id], lambda _done: None)
        if refused:
            raise Conflict(refused[0][1], code="not_issued")
        issued = (await self._gateway.invoice(row.id)).row
        self.toast_wanted.emit("The invoice is issued", f"{issued.number}, {issued.corporate}")

    # -- send --------------------------------------------------------------------------------------------------------

    def send(self, rows: Sequence[InvoiceRow]) -> None:
        """Ask, then let the worker send those that can be."""
        ready = [row for row in rows if may_send(row)]
        if not ready or not self._may_issue:
            return
        again = sum(row.send_state in ("sent", "uncertain") or row.sent_at is not None for row in ready)
        many = count(len(ready), "invoice")
        text = "Each goes with its PDF to the address for invoices of its employer."
        if again:
            text += f" {count(again, 'invoice')} went out or may have arrived before and would arrive again."
        left = len(rows) - len(ready)
        if left:
            text += f" {count(left, 'other')} cannot be sent now: drafts, cancelled, or on their way."
        ask(
            self.hub, self._owner, f"Send {many} by e-mail?", text, do=f"Send {many}", keep="Not yet",
            agreed=partial(self._send_all, ready),
        )  # fmt: skip

    def _send_all(self, rows: Sequence[InvoiceRow]) -> None:
        if len(rows) == 1:
            self._alone(self._send_one(rows[0]))
        else:
            many = count(len(rows), "invoice")
            self._together(f"Sending {many}", "Queued", rows, lambda report: each(report, self._send))

    async def _send(self, row: InvoiceRow) -> None:
        await self._gateway.send([row.id])

    async def _send_one(self, row: InvoiceRow) -> None:
        await self._send(row)
        self.toast_wanted.emit(f"{called(row)} is sent", "It goes out as soon as the worker is free.")

    # -- papers ------------------------------------------------------------------------------------------------------

    def save(self, rows: Sequence[InvoiceRow]) -> None:
        """Ask for a folder, then write the papers of these into it."""
        if rows:
            ask_folder(self._owner, f"Save {count(len(rows), 'PDF')}", partial(self.save_into, rows))

    def save_into(self, rows: Sequence[InvoiceRow], folder: Path) -> None:
        """Write the papers into a folder."""

        async def one(row: InvoiceRow) -> None:
            await self._gateway.save_documents([row.id], folder, lambda _done: None)

        if len(rows) == 1:
            self._alone(self._saved(one, rows[0], folder))
        else:
            many = count(len(rows), "PDF")
            self._together(f"Saving {many}", "Saved", rows, lambda report: each(report, one))

    async def _saved(
        self, one: Callable[[InvoiceRow], Awaitable[None]], row: InvoiceRow, folder: Path
    ) -> None:
        await one(row)
        self.toast_wanted.emit("The PDF is saved", folder.name)

    # -- inside ------------------------------------------------------------------------------------------------------

    def _alone(self, work: Coroutine[Any, Any, None]) -> None:
        async def done() -> None:
            try:
                await work
            finally:
                self.changed.emit()

        self._runner.start(done(), "deed")

    def _together(self, name: str, done_word: str, rows: Sequence[InvoiceRow], work: Work) -> None:
        sheet = BatchSheet(self.hub, self._owner.window(), name, done_word, rows, work)
        sheet.finished.connect(lambda done, left: self._finished(done_word, done, left))
        self.sheet = sheet
        sheet.open()

    def _finished(self, done_word: str, done: int, left: int) -> None:
        if done and not left:
            self.toast_wanted.emit(f"{done_word}: {count(done, 'invoice')}", "")
        self.changed.emit()


def _sentence(words: str) -> str:
    return f"{words[:1].upper()}{words[1:]}."
