"""The months of the books: what each came to, closing and opening again, and every venue's statement as files.

A closed month is fixed: what comes later becomes an adjustment of the next. See docs/design.md, "Rules of the domain"
(payouts) and "Screens" (finance).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import tzinfo
from functools import partial
from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout

from console.domain.counting import count
from console.domain.payouts import BookPeriod
from console.models.gateway_payouts import PayoutWork
from console.models.money import money, signed
from console.models.table import Column
from console.models.words import month_title
from console.views.payouts.asking import ask, ask_folder, ask_reason
from console.views.payouts.export import BOOK_COLUMNS
from console.views.payouts.part import TablePart
from console.views.payouts.rows import KnownRows
from console.views.payouts.words import moment
from console.views.shell.areas import Action
from console.views.theme import ThemeHub
from console.views.widgets.buttons import Button
from console.views.widgets.frames import flush
from console.views.widgets.paint import ChipSpec
from console.views.widgets.table import CellLook
from console.views.widgets.waiting import EmptyState, ProgressCard

_CLOSED = ChipSpec("Closed", "neutral", "ph.lock-simple-bold")
_MAY_CLOSE = ChipSpec("May be closed", "blue", "ph.lock-simple-open-bold")
_OPEN = ChipSpec("Open", "neutral", "ph.hourglass-medium-bold")
_STATEMENTS = "statements"


class BooksPart(TablePart):
    """The part. `month_wanted` carries the first day of a month whose payouts are asked for."""

    month_wanted = Signal(object)

    def __init__(self, hub: ThemeHub, work: PayoutWork, *, zone: tzinfo, may_export: bool) -> None:
        """Asks when it is shown."""
        self._work = work
        self._progress: ProgressCard | None = None
        self.close_button = Button(hub, "Close the books…", icon="ph.lock-simple")
        self.reopen_button = Button(hub, "Open again…", icon="ph.lock-simple-open")
        self.payouts_button = Button(hub, "Show payouts", icon="ph.bank")
        self.statements_button = Button(hub, "All statements…", icon="ph.folder-open")
        super().__init__(
            hub, KnownRows(self._columns(), "period_start", sort="period_start", descending=True),
            "Months of the books", {"closed_at": _state_look},
            zone=zone, empty=EmptyState(hub, "ph.books", "No months yet", "They appear with the first run."),
            buttons=(self.close_button, self.reopen_button, self.payouts_button, self.statements_button),
            export=BOOK_COLUMNS, rows="months of the books", may_export=may_export,
        )  # fmt: skip
        self._working = flush(QVBoxLayout())
        self.told.addLayout(self._working)
        self.table.row_activated.connect(lambda row: self.month_wanted.emit(row.period_start))
        for button, run in (
            (self.close_button, self.close_books), (self.reopen_button, self.reopen),
            (self.payouts_button, self.show_payouts), (self.statements_button, self.statements),
        ):  # fmt: skip
            button.clicked.connect(lambda _checked=False, run=run: run())
        self.statements_button.setVisible(may_export)

    # -- for the page ------------------------------------------------------------------------------------------------

    @property
    def month(self) -> BookPeriod | None:
        """The month that is marked."""
        found = self.row
        return found if isinstance(found, BookPeriod) else None

    def deeds(self, action: Callable[..., Action]) -> list[Action]:
        """What can be done here."""
        made = [
            action(
                "payouts:close",
                "Close the books of the month",
                self.close_books,
                "Ctrl+Return",
                "ph.lock-simple",
            ),
            action(
                "payouts:reopen", "Open the books again", self.reopen, "Ctrl+Shift+O", "ph.lock-simple-open"
            ),
            action("payouts:of-month", "Show the month's payouts", self.show_payouts, "Ctrl+O", "ph.bank"),
        ]
        if self._may_export:
            made += [
                action(
                    "payouts:statements",
                    "All statements of the month",
                    self.statements,
                    "Ctrl+S",
                    "ph.folder-open",
                ),
            ]
        return [*made, *self.export_deed(action)]

    # -- what can be done --------------------------------------------------------------------------------------------

    def close_books(self) -> None:
        """Ask with the numbers, then lock the month."""
        month = self.month
        if month is None or self._busy or not month.may_close or month.closed_at is not None:
            return
        ask(
            self.hub, self, f"Close {month_title(month.period_start)}?",
            "Nothing of this month is made again. What comes later becomes an adjustment of the next month.",
            do="Close the books", keep="Not yet", agreed=lambda: self._do(self._close(month)),
            figures=((f"{month.payouts:,}", "payouts"), (money(month.net), "net")),
        )  # fmt: skip

    def reopen(self) -> None:
        """Ask for the reason, then unlock the month."""
        month = self.month
        if month is None or self._busy or month.closed_at is None:
            return
        ask_reason(
            self.hub, self, f"Open {month_title(month.period_start)} again?",
            "Payouts that are not approved may then be made anew. That it was opened stays on record.",
            do="Open again", keep="Keep it closed", given=lambda why: self._do(self._reopen(month, why)),
        )  # fmt: skip

    def show_payouts(self) -> None:
        """The payouts of the month, in the list."""
        if self.month is not None:
            self.month_wanted.emit(self.month.period_start)

    def statements(self) -> None:
        """Ask for a folder and write the statement of every venue into it."""
        month = self.month
        if month is not None and self._progress is None and month.payouts:
            ask_folder(self, "Folder for the statements", partial(self.write_statements, month))

    def write_statements(self, month: BookPeriod, folder: Path) -> None:
        """Write the statement of every venue of a month, with a way to stop."""
        if self._progress is not None:
            return
        card = ProgressCard(self.hub, f"Statements of {month_title(month.period_start)}")
        self._progress = card
        card.set_count(f"{count(month.payouts, 'statement')} into {folder.name}")
        card.cancelled.connect(lambda: self.runner.cancel(_STATEMENTS))
        self._working.addWidget(card)
        self._offer()
        self.runner.start(self._write_statements(month, folder, card), _STATEMENTS)

    async def _write_statements(self, month: BookPeriod, folder: Path, card: ProgressCard) -> None:
        try:
            written = await self._work.statements(month.period_start, folder, card.set_progress)
        finally:
            self._progress = None
            card.hide()
            self._working.removeWidget(card)
            card.deleteLater()
            self._offer()
        self.toast_wanted.emit(f"{count(written, 'statement')} written", folder.name)

    async def _close(self, month: BookPeriod) -> None:
        await self._work.close_books(month.period_start)
        self.toast_wanted.emit(f"{month_title(month.period_start)} is closed", "")

    async def _reopen(self, month: BookPeriod, reason: str) -> None:
        await self._work.reopen_books(month.period_start, reason)
        self.toast_wanted.emit(f"{month_title(month.period_start)} is open again", reason)

    # -- loading -----------------------------------------------------------------------------------------------------

    async def _rows(self) -> Sequence[BookPeriod]:
        return await self._work.books()

    def _offer(self) -> None:
        month, idle = self.month, not self._busy
        shut = month is not None and month.closed_at is not None
        self.close_button.setEnabled(idle and month is not None and month.may_close and not shut)
        self.reopen_button.setEnabled(idle and shut)
        self.payouts_button.setEnabled(month is not None and bool(month.payouts))
        self.statements_button.setEnabled(
            month is not None and bool(month.payouts) and self._progress is None
        )
        if month is not None:
            self.strip.say(self._heading(month), self._meaning(month))

    def _heading(self, month: BookPeriod) -> str:
        return f"{month_title(month.period_start)}: {count(month.payouts, 'payout')}, net {money(month.net)}"

    def _meaning(self, month: BookPeriod) -> str:
        opened = f" Opened again {count(month.reopened, 'time')}." if month.reopened else ""
        if month.closed_at is not None:
            return f"Closed by {month.closed_by or 'somebody'}, {moment(month.closed_at, self.zone)}.{opened}"
        if month.may_close:
            return f"Everything is settled: the books may be closed.{opened}"
        return f"{month.why_not or 'It cannot be closed yet.'}{opened}"

    def _columns(self) -> list[Column[BookPeriod]]:
        def closed(one: BookPeriod) -> str:
            return f"{one.closed_by}, {moment(one.closed_at, self.zone)}" if one.closed_at else ""

        def moved(one: BookPeriod) -> str:
            return money(one.moved) if one.moved else ""

        return [
            Column("period_start", "Month", lambda one: month_title(one.period_start), width=172),
            Column("closed_at", "State", lambda _one: "", width=148),
            Column("closed_by", "Closed", closed, width=160, stretch=True, gives_way=1),
            Column("payouts", "Payouts", lambda one: f"{one.payouts:,}", numeric=True, width=92),
            Column("unpaid", "Not paid", lambda one: f"{one.unpaid:,}", numeric=True, width=96, gives_way=3),
            Column("gross", "Gross", lambda one: money(one.gross), numeric=True, width=132, gives_way=2),
            Column("fee", "Fee", lambda one: signed(one.fee), numeric=True, width=128, gives_way=4),
            Column("moved", "Adjusted, carried", moved, numeric=True, width=136, gives_way=5),
            Column("net", "Net", lambda one: money(one.net), numeric=True, width=156),
        ]


def _state_look(month: BookPeriod) -> CellLook:
    if month.closed_at is not None:
        return CellLook(chip=_CLOSED)
    return CellLook(chip=_MAY_CLOSE if month.may_close else _OPEN)
