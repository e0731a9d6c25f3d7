"""Something done with several invoices: how far it is, a way to stop it, and what became of each.

See docs/design.md, "Screens": long work shows progress and can be cancelled.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from uuid import UUID

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from console.domain.counting import count
from console.domain.invoices import InvoiceRow
from console.errors import ConsoleError
from console.models.money import money
from console.models.runner import TaskRunner
from console.views.invoices.words import period, title
from console.views.theme import ThemeHub
from console.views.widgets.choices import Choice, ChoiceList
from console.views.widgets.paint import ChipSpec
from console.views.widgets.sheet import Sheet
from console.views.widgets.waiting import ProgressCard

_WAITING = ChipSpec("Waiting", "neutral", "ph.clock-bold")
_LEFT_OUT = ChipSpec("Left out", "amber", "ph.warning-bold")
_STOPPED = ChipSpec("Not done", "neutral", "ph.prohibit-bold")


class Report:
    """What the work tells as it goes: how many are done, and what became of one."""

    def __init__(self, rows: Sequence[InvoiceRow], told: Callable[[], None]) -> None:
        """Nothing is done yet; `told` hears of each step."""
        self.rows = tuple(rows)
        self.done = 0
        self.ended: dict[UUID, str] = {}
        """Of each that was dealt with: why it was refused, empty where it was done."""
        self._told = told

    def progress(self, done: int) -> None:
        """So many were dealt with, in the order of the rows."""
        self.done = done
        self._told()

    def end(self, invoice_id: UUID, refused: str = "") -> None:
        """One was done, or refused with a sentence."""
        self.ended[invoice_id] = refused
        self.done = max(self.done, len(self.ended))
        self._told()

    @property
    def refused(self) -> int:
        """How many were refused."""
        return sum(bool(why) for why in self.ended.values())


Work = Callable[[Report], Awaitable[None]]


async def each(report: Report, one: Callable[[InvoiceRow], Awaitable[object]]) -> None:
    """Do something with one after the other; what is refused of one does not stop the others."""
    for row in report.rows:
        try:
            await one(row)
        except ConsoleError as error:
            report.end(row.id, str(error))
        else:
            report.end(row.id)


class BatchSheet(Sheet):
    """The sheet. `finished` carries how many were done and how many not."""

    finished = Signal(int, int)

    def __init__(
        self,
        hub: ThemeHub,
        window: QWidget,
        name: str,
        done_word: str,
        rows: Sequence[InvoiceRow],
        work: Work,
    ) -> None:
        """`name` is what is done ("Issuing 12 invoices"), `done_word` what one is afterwards ("Issued")."""
        super().__init__(hub, window, name, width=680)
        self._work = work
        self._done = ChipSpec(done_word, "green", "ph.check-bold")
        self.report = Report(rows, self._show)
        self.is_running = False
        self._stopped = False
        self.runner = TaskRunner(self._failed)
        self.card_of = ProgressCard(hub, name)
        self.card_of.cancelled.connect(self.stop)
        self.list = ChoiceList(hub, "What became of each")
        self.list.choices.show_choices([self._choice(row) for row in rows])
        body = QWidget()
        column = QVBoxLayout(body)
        column.setSpacing(12)
        column.addWidget(self.card_of)
        column.addWidget(self.list, 1)
        self.close_answer = self.answer("Close", self.close, "primary")
        self.set_answers(self.close_answer)
        self.show_step(body, count(len(rows), "invoice"))
        self.closed.connect(self.runner.cancel_all)

    def open(self) -> None:
        """Show it and begin."""
        super().open()
        self.is_running = True
        self.close_answer.setEnabled(False)
        self.list.setFocus()
        self._show()
        self.runner.start(self._run(), "batch")

    def stop(self) -> None:
        """Stop after what is under way; what was done stays done."""
        self._stopped = True
        self.runner.cancel("batch")

    def step_back(self) -> bool:
        """Escape stops the work first; what became of each stays to be read."""
        if not self.is_running:
            return False
        self.stop()
        return True

    def close(self) -> None:
        """Go away, unless something is still being done."""
        if self.is_running:
            self.stop()
        else:
            super().close()

    async def _run(self) -> None:
        try:
            await self._work(self.report)
        except asyncio.CancelledError:
            if not self.is_open:
                raise
        finally:
            self.is_running = False
            if self.is_open:
                self._end()

    def _end(self) -> None:
        report = self.report
        total, done = len(report.rows), report.done - report.refused
        self.card_of.hide()
        self._show()
        if self._stopped:
            self.banner.show_message(
                f"Stopped: {done:,} of {total:,} done.", "What was done stays done.", "blue"
            )
        elif report.refused:
            self.banner.show_message(
                f"{done:,} of {total:,} done.",
                f"{count(report.refused, 'invoice')} could not be; see why below.",
                "amber",
            )
        self.title.setText(f"{self._done.text}: {done:,} of {total:,}")
        self.close_answer.setEnabled(True)
        self.close_answer.setFocus()
        self.finished.emit(done, total - done)
        if done == total:
            self.close()

    def _failed(self, error: ConsoleError) -> None:
        self.banner.show_error(error)

    def _show(self) -> None:
        report = self.report
        self.card_of.set_progress(report.done, len(report.rows))
        self.list.choices.retell([self._choice(row) for row in report.rows])

    def _choice(self, row: InvoiceRow) -> Choice:
        ended: Mapping[UUID, str] = self.report.ended
        why = ended.get(row.id)
        if why is None:
            at = self.report.rows.index(row) if self.report.done else -1
            chip = self._done if 0 <= at < self.report.done else _WAITING if self.is_running else _STOPPED
            chip = _WAITING if not self.report.done and not self._stopped else chip
        else:
            chip = _LEFT_OUT if why else self._done
        what = f"{title(row)}, {period(row)}"
        return Choice(
            row.id, row.corporate, f"{what}: {why}" if why else what,
            right=f"{money(row.total)} {row.currency}", chips=(chip,),
        )  # fmt: skip
