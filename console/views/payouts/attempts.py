"""Every try to pay one payout, newest first: how, how much, what came back; and a person's word on one in doubt.

See docs/design.md, "Rules of the domain" (payouts): each try has a key of its own, so nothing is paid twice. What only
a person can know is said here, with a reason that stays on record.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from console.domain.payouts import Attempt, Payout
from console.models.gateway_payouts import PayoutWork
from console.models.money import money
from console.models.runner import TaskRunner
from console.models.words import month_title
from console.views.payouts.asking import REASON_LENGTH
from console.views.payouts.words import moment, zone_of
from console.views.theme import ThemeHub
from console.views.widgets.base import line
from console.views.widgets.buttons import Button
from console.views.widgets.chips import Chip
from console.views.widgets.fields import Field, TextInput
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
    """The tries of one payout. `settled` carries what was said of one in doubt, for a toast."""

    settled = Signal(str)

    def __init__(self, hub: ThemeHub, window: QWidget, work: PayoutWork, payout: Payout) -> None:
        """Asks when it is opened."""
        super().__init__(hub, window, f"Tries to pay {payout.venue}", width=720)
        self._work, self._payout = work, payout
        self.tries: Sequence[Attempt] = ()
        self.runner = TaskRunner(lambda error: self.banner.show_error(error))
        self.closed.connect(self.runner.cancel_all)
        self.settle_buttons: list[Button] = []
        self.reason = TextInput(hub, placeholder="Stays on record")
        self._settling: Attempt | None = None
        self._offer_list()

    def open(self) -> None:
        """Show it, and ask."""
        super().open()
        self.done.setFocus()
        self.runner.start(self._load())

    def settle(self, one: Attempt) -> None:
        """Ask what became of a try in doubt, and how that is known."""
        self._settling = one
        body = QWidget()
        column = QVBoxLayout(body)
        column.setSpacing(16)
        column.addWidget(
            label(one.failure or "Nobody has answered whether it was made.", "strong", wrap=True)
        )
        column.addWidget(
            label(
                "Ask the payment service or the bank first. What was not paid can be tried again, and what was paid "
                "is never paid again. Your answer is final.",
                wrap=True,
            )
        )
        self.reason = TextInput(self.hub, placeholder="Stays on record")
        self.reason.setMaxLength(REASON_LENGTH)
        column.addWidget(Field(self.hub, "How you know", self.reason, note="needed"))
        column.addStretch(1)
        self.back = self.answer("Back", self.step_back)
        self.unpaid = self.answer("It was not paid", partial(self._say, was_paid=False), icon="ph.x-circle")
        self.paid = self.answer("It was paid", partial(self._say, was_paid=True), icon="ph.check-circle")
        self.set_answers(self.unpaid, self.paid, left=self.back)
        self.reason.textChanged.connect(lambda _typed: self._may_say())
        self._may_say()
        self.show_step(
            body, f"Try {one.number}, {money(one.amount)} {self._payout.currency}", focus=self.reason
        )

    def step_back(self) -> bool:
        """From the question to the tries."""
        if self._settling is None:
            return False
        self._settling = None
        self._offer_list()
        self._show_tries()
        return True

    def _offer_list(self) -> None:
        self.done = self.answer("Close", self.close)
        self.set_answers(self.done)

    def _may_say(self) -> None:
        for button in (self.unpaid, self.paid):
            button.setEnabled(bool(self.reason.text().strip()))

    def _say(self, *, was_paid: bool) -> None:
        one, said = self._settling, " ".join(self.reason.text().split())
        if one is None or not said:
            return
        for button in (self.unpaid, self.paid):
            button.setEnabled(False)  # until it is answered
        self.runner.start(self._settle(one, said, was_paid=was_paid))

    async def _settle(self, one: Attempt, said: str, *, was_paid: bool) -> None:
        assert self._payout.id is not None
        try:
            await self._work.settle(self._payout.id, one.number, was_paid=was_paid, reason=said)
        finally:
            self._may_say()
        self._settling = None
        self._offer_list()
        await self._load()
        self.settled.emit("The try counts as paid" if was_paid else "The try counts as not paid")

    async def _load(self) -> None:
        assert self._payout.id is not None
        self.tries = await self._work.attempts(self._payout.id)
        self._show_tries()

    def _show_tries(self) -> None:
        self.settle_buttons = []
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
        caption = f"{month_title(self._payout.period_start)}, {money(self._payout.sums.net)} {self._payout.currency}"
        self.show_step(body, caption, focus=self.settle_buttons[0] if self.settle_buttons else self.done)

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
        if one.state == "doubtful":
            button = Button(self.hub, "Settle…", icon="ph.scales")
            button.setAccessibleName(f"Settle try {one.number}")
            button.clicked.connect(lambda _checked=False: self.settle(one))
            self.settle_buttons.append(button)
            row.addWidget(button)
        return made
