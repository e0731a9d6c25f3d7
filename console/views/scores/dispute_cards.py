"""A venue's disputes as it reads them: what was said, the state, the answer, and the way to take an open one back.

See docs/design.md, "Screens" (reviews and score).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import tzinfo

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from console.clock import Clock
from console.domain.scores import Dispute
from console.views.scores import words
from console.views.theme import ThemeHub
from console.views.widgets.base import surface
from console.views.widgets.buttons import Button
from console.views.widgets.chips import Chip
from console.views.widgets.frames import flush
from console.views.widgets.text import ElidedLabel, label


class DisputeCards(QWidget):
    """The disputes, the newest first. `withdraw_wanted` carries the Dispute."""

    withdraw_wanted = Signal(object)

    def __init__(self, hub: ThemeHub, *, clock: Clock, zone: tzinfo, may_withdraw: bool) -> None:
        """None yet."""
        super().__init__()
        self.hub, self._clock, self._zone, self._may_withdraw = hub, clock, zone, may_withdraw
        self._shown: tuple[Dispute, ...] = ()
        self._column = flush(QVBoxLayout(self))
        self._column.setSpacing(8)
        self.buttons: list[Button] = []

    def show_disputes(self, disputes: Sequence[Dispute]) -> None:
        """Show these; where nothing is new nothing is touched."""
        if tuple(disputes) == self._shown:
            return
        self._shown = tuple(disputes)
        self.buttons.clear()
        while (item := self._column.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        for dispute in self._shown:
            self._column.addWidget(self._card(dispute))

    def _card(self, dispute: Dispute) -> QWidget:
        now = self._clock.now()
        card = surface("card")
        column = QVBoxLayout(card)
        column.setContentsMargins(16, 10, 12, 12)
        column.setSpacing(4)
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(ElidedLabel(words.about(dispute), "strong"))
        spec = words.STATE_CHIPS.get(dispute.state, words.ASKED)
        head.addWidget(Chip(self.hub, spec.text, spec.tone, spec.icon))
        head.addStretch(1)
        if dispute.state == "open" and self._may_withdraw:
            button = Button(self.hub, "Withdraw", "quiet", scale="compact")
            button.setAccessibleName(f"Withdraw the dispute about {words.about(dispute)}")
            button.clicked.connect(lambda _checked=False: self.withdraw_wanted.emit(dispute))
            head.addWidget(button)
            self.buttons.append(button)
        column.addLayout(head)
        column.addWidget(label(dispute.reason, wrap=True))
        column.addWidget(
            label(f"{dispute.opened_by}, {words.moment(dispute.opened_at, now, self._zone)}", "caption")
        )
        if dispute.answer and dispute.answered_at is not None:
            column.addSpacing(4)
            column.addWidget(label(dispute.answer, wrap=True))
            at = words.moment(dispute.answered_at, now, self._zone)
            column.addWidget(
                label(f"{words.STATE_CHIPS[dispute.state].text} by {dispute.answered_by}, {at}", "caption")
            )
        return card
