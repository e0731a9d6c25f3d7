"""The runs of the platform: what was made, who approves it, the file for the bank and what the bank answered.

Approving lets money leave; where two people are needed, who made a run does not approve it. See docs/design.md, "Rules
of the domain" (payouts) and "Screens" (finance).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import tzinfo
from functools import partial
from pathlib import Path

from PySide6.QtCore import Qt

from console.clock import Clock
from console.domain.counting import count
from console.domain.payouts import Run
from console.errors import Conflict
from console.models.gateway_payouts import PayoutWork
from console.models.money import money
from console.models.table import Column
from console.models.words import month_title
from console.views.payouts.answer import AnswerSheet
from console.views.payouts.asking import ask, ask_file, ask_reason, ask_where
from console.views.payouts.export import run_columns
from console.views.payouts.part import TablePart
from console.views.payouts.rows import KnownRows
from console.views.payouts.run import RunSheet
from console.views.payouts.words import RUN_CHIPS, moment
from console.views.shell.areas import Action
from console.views.theme import ThemeHub
from console.views.widgets.buttons import Button
from console.views.widgets.table import CellLook
from console.views.widgets.waiting import EmptyState


class RunsPart(TablePart):
    """The part."""

    def __init__(
        self, hub: ThemeHub, work: PayoutWork, *, zone: tzinfo, clock: Clock, may_export: bool = True
    ) -> None:
        """Asks when it is shown."""
        self._work, self._clock = work, clock
        self._to_mark: Run | None = None
        self.sheet: RunSheet | AnswerSheet | None = None
        self.approve_button = Button(hub, "Approve…", icon="ph.check-circle")
        self.withdraw_button = Button(hub, "Withdraw…", icon="ph.arrow-u-up-left")
        self.file_button = Button(hub, "File for the bank…", icon="ph.download-simple")
        self.answer_button = Button(hub, "Answer of the bank…", icon="ph.upload-simple")
        empty = EmptyState(
            hub, "ph.receipt", "No runs yet", "A run makes the payouts of a month, for all venues or some.",
            action=("ph.plus", "New run…", self.new_run),
        )  # fmt: skip
        super().__init__(
            hub, KnownRows(self._columns(), "id", sort="made_at", descending=True), "Runs", {"state": _state_look},
            zone=zone, empty=empty,
            buttons=(self.approve_button, self.withdraw_button, self.file_button, self.answer_button),
            export=run_columns(zone), rows="runs of payouts", may_export=may_export,
        )  # fmt: skip
        for button, run in (
            (self.approve_button, self.approve), (self.withdraw_button, self.withdraw),
            (self.file_button, self.bank_file), (self.answer_button, self.bank_answer),
        ):  # fmt: skip
            button.clicked.connect(lambda _checked=False, run=run: run())

    # -- for the page ------------------------------------------------------------------------------------------------

    @property
    def run(self) -> Run | None:
        """The run that is marked."""
        found = self.row
        return found if isinstance(found, Run) else None

    def stop(self) -> None:
        """Drop everything under way: the page is going away."""
        super().stop()
        if self.sheet is not None:
            self.sheet.runner.cancel_all()

    def deeds(self, action: Callable[..., Action]) -> list[Action]:
        """What can be done here."""
        return [
            action("payouts:approve", "Approve the run", self.approve, "Ctrl+Return", "ph.check-circle"),
            action("payouts:withdraw", "Withdraw the run", self.withdraw, "Ctrl+Del", "ph.arrow-u-up-left"),
            action("payouts:bank-file", "File for the bank", self.bank_file, "Ctrl+J", "ph.download-simple"),
            action(
                "payouts:bank-answer",
                "Answer of the bank",
                self.bank_answer,
                "Ctrl+Shift+B",
                "ph.upload-simple",
            ),
            *self.export_deed(action),
        ]

    # -- what can be done --------------------------------------------------------------------------------------------

    def new_run(self) -> None:
        """Look at what a month comes to, and make its payouts."""
        if self.sheet is not None and self.sheet.is_open:
            return
        sheet = RunSheet(self.hub, self.window(), self._work, clock=self._clock)
        sheet.made.connect(self._made)
        self.sheet = sheet
        sheet.open()

    def approve(self) -> None:
        """Ask with the numbers, then let the run be paid."""
        run = self.run
        if run is None or self._busy or run.state != "made":
            return
        text = f"{month_title(run.period_start)}. The payouts are sent as soon as they are approved; one on hold waits."
        if run.mine:
            text += " You made this run: where two people are needed, somebody else has to approve it."
        ask(
            self.hub, self, f"Approve {count(run.venues, 'payout')}?", text,
            do=f"Approve {count(run.venues, 'payout')}", keep="Not yet",
            agreed=lambda: self._do(self._approve(run)),
            figures=((f"{run.venues:,}", "payouts"), (money(run.net), run.currency)),
        )  # fmt: skip

    def withdraw(self) -> None:
        """Ask for the reason, then take the run back."""
        run = self.run
        if run is None or self._busy or run.state != "made":
            return
        ask_reason(
            self.hub, self, f"Withdraw {month_title(run.period_start)}?",
            f"Its {count(run.venues, 'payout')} are taken back; they can be made anew.",
            do="Withdraw", keep="Keep it", given=lambda why: self._do(self._withdraw(run, why)),
        )  # fmt: skip

    def bank_file(self) -> None:
        """Ask for a file and write what has to be paid into it."""
        run = self.run
        if run is not None and not self._busy and run.state == "approved":
            name = f"bank-{run.period_start:%Y-%m}"
            ask_where(self, "File for the bank", name, ".csv", partial(self.write_bank_file, run))

    def write_bank_file(self, run: Run, path: Path, *, again: bool = False) -> None:
        """Write the payments of a run to a file; `again` the same ones as before."""
        self._do(self._bank_file(run, path, again=again))

    def bank_answer(self) -> None:
        """Ask for the bank's file and look at it before anything is marked."""
        if not self._busy:
            ask_file(self, "Answer of the bank", ".csv", self.read_bank_answer)

    def read_bank_answer(self, path: Path) -> None:
        """Look at the bank's file: what would not fit, before it is taken in."""
        sheet = AnswerSheet(self.hub, self.window(), self._work, path)
        sheet.taken.connect(self._taken)
        self.sheet = sheet
        sheet.open()

    async def _approve(self, run: Run) -> None:
        await self._work.approve(run)
        self.toast_wanted.emit(f"{count(run.venues, 'payout')} approved", month_title(run.period_start))

    async def _withdraw(self, run: Run, reason: str) -> None:
        await self._work.withdraw(run, reason)
        self.toast_wanted.emit(f"{month_title(run.period_start)} is withdrawn", reason)

    async def _bank_file(self, run: Run, path: Path, *, again: bool) -> None:
        try:
            written = await self._work.bank_file(run, path, again=again)
        except Conflict as refused:
            if refused.code != "file_written":
                raise
            ask(
                self.hub, self, "Write the same file again?", str(refused), do="Write again", keep="Leave it",
                agreed=partial(self.write_bank_file, run, path, again=True),
            )  # fmt: skip
            return
        self.toast_wanted.emit(f"{count(written, 'payment')} written", path.name)

    def _made(self, run: object) -> None:
        if isinstance(run, Run):
            self.toast_wanted.emit(f"{count(run.venues, 'payout')} made", month_title(run.period_start))
            self._to_mark = run
        self.refresh()
        self.changed.emit()

    def _taken(self, path: str) -> None:
        self.toast_wanted.emit("The bank's answer is taken in", path)
        self.refresh()
        self.changed.emit()

    # -- loading -----------------------------------------------------------------------------------------------------

    async def _rows(self) -> Sequence[Run]:
        return await self._work.runs()

    def _loaded(self) -> None:
        super()._loaded()
        # Whoever has just made a run goes on with that one.
        made, self._to_mark = self._to_mark, None
        row = next(
            (at for at in range(self.model.rowCount()) if made and self.model.row(at).id == made.id), None
        )
        if row is not None:
            self.table.selectRow(row)
            if self.isVisible():
                self.table.setFocus(Qt.FocusReason.OtherFocusReason)

    def _offer(self) -> None:
        run, idle = self.run, not self._busy
        made, approved = run is not None and run.state == "made", run is not None and run.state == "approved"
        self.approve_button.setEnabled(idle and made)
        self.withdraw_button.setEnabled(idle and made)
        self.file_button.setEnabled(idle and approved)
        if run is None:
            return
        title = (
            f"{month_title(run.period_start)}: {count(run.venues, 'payout')}, {money(run.net)} {run.currency}"
        )
        self.strip.say(title, self._meaning(run))

    def _meaning(self, run: Run) -> str:
        made = f"Made by {run.made_by}, {moment(run.made_at, self.zone)}."
        if run.state == "approved" and run.approved_at is not None:
            return (
                f"{made} Approved by {run.approved_by or 'somebody'}, {moment(run.approved_at, self.zone)}."
            )
        if run.state == "withdrawn":
            return f"{made} Withdrawn: nothing of it is paid."
        if run.mine:
            return f"{made} Where two people are needed, somebody else has to approve it."
        return f"{made} Nothing is paid before it is approved."

    def _columns(self) -> list[Column[Run]]:
        def at(run: Run) -> str:
            return moment(run.made_at, self.zone)

        def approved(run: Run) -> str:
            return f"{run.approved_by}, {moment(run.approved_at, self.zone)}" if run.approved_at else ""

        return [
            Column("period_start", "Month", lambda one: month_title(one.period_start), width=172),
            Column("state", "State", lambda _one: "", width=136),
            Column("made_at", "Made", at, width=128),
            Column("made_by", "By", lambda one: one.made_by, width=140, stretch=True, gives_way=2),
            Column("approved_at", "Approved", approved, width=208, stretch=True, gives_way=1),
            Column("venues", "Payouts", lambda one: f"{one.venues:,}", numeric=True, width=92),
            Column("net", "Net", lambda one: money(one.net), numeric=True, width=160),
        ]


def _state_look(run: Run) -> CellLook:
    return CellLook(chip=RUN_CHIPS.get(run.state))
