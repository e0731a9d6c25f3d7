"""Every try to pay one payout, newest first: how, how much, what came back.

See docs/design.md, "Rules of the domain" (payouts): each try has a key of its own, so nothing is paid twice.
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from console.domain.payouts import Attempt, Payout
from console.models.gateway_payouts import PayoutWork
from console.models.money import money
from console.models.runner import TaskRunner
from console.models.words import month_title
from console.views.payouts.words import moment, zone_of
from console.views.theme import ThemeHub
from console.views.widgets.base import line
from console.views.widgets.chips import Chip
from console.views.widgets.paint import ChipSpec
from console.views.widgets.sheet import Sheet
from console.views.widgets.text import ElidedLabel, label
from console.views.widgets.waiting import EmptyState

_METHODS = {"bank_file": "Bank file", "transfer": "Transfer"}
_STATES = {
    "ready": ChipSpec("Waiting to be sent", "neutral", "ph.clock-bold"),
    "asking": ChipSpec("Being sent", "blue", "ph.arrows-clockwise-bold"),
    "unknown": ChipSpec("No answer yet", "amber", "ph.hourglass-medium-bold"),
    "accepted": ChipSpec("On its way", "blue", "ph.arrows-clockwise-bold"),
    "doubtful": ChipSpec("In doubt", "red", "ph.warning-bold"),
    "paid": ChipSpec("Paid", "green", "ph.check-bold"),
    "failed": ChipSpec("Failed", "red", "ph.warning-bold"),
    "reversed": ChipSpec("Came back", "red", "ph.arrow-u-up-left-bold"),
}


class AttemptsSheet(Sheet):
    """The tries of one payout."""

    def __init__(self, hub: ThemeHub, window: QWidget, work: PayoutWork, payout: Payout) -> None:
        """Asks when it is opened."""
        super().__init__(hub, window, f"Tries to pay {payout.venue}", width=720)
        self._work, self._payout = work, payout
        self.tries: Sequence[Attempt] = ()
        self.caption.setText(
            f"{month_title(payout.period_start)}, {money(payout.sums.net)} {payout.currency}"
        )
        self.runner = TaskRunner(lambda error: self.banner.show_error(error))
        self.closed.connect(self.runner.cancel_all)
        self.done = self.answer("Close", self.close)
        self.set_answers(self.done)

    def open(self) -> None:
        """Show it, and ask."""
        super().open()
        self.done.setFocus()
        self.runner.start(self._load())

    async def _load(self) -> None:
        assert self._payout.id is not None
        self.tries = await self._work.attempts(self._payout.id)
        body = QWidget()
        column = QVBoxLayout(body)
        if not self.tries:
            column.addWidget(
                EmptyState(
                    self.hub, "ph.bank", "Nothing was sent yet", "It is paid once its run is approved."
                )
            )
        for one in self.tries:
            column.addWidget(self._row(one))
            column.addWidget(line())
        column.addStretch(1)
        self.show_step(body, self.caption.text(), focus=self.done)

    def _row(self, one: Attempt) -> QWidget:
        made, zone = QWidget(), zone_of(self._payout)
        row = QHBoxLayout(made)
        row.setContentsMargins(0, 8, 0, 8)
        row.setSpacing(16)
        row.addWidget(label(f"{one.number}.", "muted"))
        asked = moment(one.asked_at, zone) if one.asked_at is not None else "not sent yet"
        answered = f", answered {moment(one.answered_at, zone)}" if one.answered_at is not None else ""
        said = QVBoxLayout()
        said.setSpacing(2)
        said.addWidget(ElidedLabel(f"{_METHODS.get(one.method, one.method)}, {asked}{answered}"))
        if one.failure:
            said.addWidget(label(one.failure, "caption", wrap=True))
        row.addLayout(said, 1)
        row.addWidget(label(money(one.amount), "strong"))
        spec = _STATES[one.state]
        chip = Chip(self.hub, spec.text, spec.tone, spec.icon)
        row.addWidget(chip)
        return made
