"""The last step of taking a place: what it costs, how it is paid, whether the child is checked in with it.

Shared by the walk-in and by the booking of a next visit. See docs/design.md, "Rules of the domain" (credits).
"""

from __future__ import annotations

from datetime import datetime, timedelta, tzinfo

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from console.domain.families import Payment, SessionChoice
from console.views.families.words import WARNINGS, payment_words, session_title
from console.views.theme import ThemeHub
from console.views.widgets.banner import Banner
from console.views.widgets.dialog import figures_box
from console.views.widgets.text import Section, label
from console.views.widgets.toggles import CheckBox, RadioButton

CHECK_IN_EARLY = timedelta(minutes=60)
"""How long before its start a session takes check-ins, as the server does."""


def can_check_in(session: SessionChoice, now: datetime) -> bool:
    """Whether a child who takes this place can be checked in with it."""
    return session.starts_at - CHECK_IN_EARLY <= now < session.ends_at


class PayStep(QWidget):
    """The consequence in numbers, the way to pay and the check-in."""

    changed = Signal()

    def __init__(
        self,
        hub: ThemeHub,
        name: str,
        session: SessionChoice,
        credits_left: int | None,
        now: datetime,
        zone: tzinfo,
    ) -> None:
        """`credits_left` None: what the family has is not known here; the answer will tell. So with a price of None."""
        super().__init__()
        self.session, self._price = session, session.price or 0
        column = QVBoxLayout(self)
        column.setSpacing(14)
        column.addWidget(label(f"{name}: {session_title(session, zone)}", "name", wrap=True))
        figures = [(str(session.places_left), "places left before this one")]
        if credits_left is not None:
            figures.insert(0, (str(credits_left), "credits the family has"))
        if session.price is not None:
            figures.insert(0, (str(session.price), "credits"))
        column.addWidget(figures_box(figures))
        self.warning = Banner(hub)
        column.addWidget(self.warning)
        if session.warnings:
            words = [WARNINGS[warning] for warning in session.warnings if warning in WARNINGS]
            self.warning.show_message(f"{'. '.join(words)}.", "Book it only if the room agrees.", "amber")
        column.addWidget(Section("Payment"))
        enough = credits_left is None or credits_left >= self._price
        take = payment_words(Payment.CREDITS, self._price, credits_left or 0)
        owe = payment_words(Payment.OWED, self._price, credits_left or 0)
        if credits_left is None:
            take = f"Take {self._price} credits"
        if session.price is None:
            take, owe = "Take the credits when the desk is online", "Mark the credits as owed"
        self.take = RadioButton(hub, take, checked=enough)
        self.owe = RadioButton(hub, owe, checked=not enough)
        self.take.setEnabled(enough)
        column.addWidget(self.take)
        column.addWidget(self.owe)
        if not enough:
            column.addWidget(label("The family has too few credits for this session.", "caption"))
        self.check_in = CheckBox(hub, "Check in now", checked=can_check_in(session, now))
        column.addSpacing(4)
        column.addWidget(self.check_in)
        self.check_in.setHidden(not can_check_in(session, now))
        column.addStretch(1)
        for toggle in (self.take, self.owe, self.check_in):
            toggle.toggled.connect(lambda _checked: self.changed.emit())

    @property
    def payment(self) -> Payment:
        """The chosen way to pay."""
        return Payment.OWED if self.owe.isChecked() else Payment.CREDITS

    @property
    def wants_check_in(self) -> bool:
        """Whether the child comes in with it."""
        return not self.check_in.isHidden() and self.check_in.isChecked()

    @property
    def words(self) -> str:
        """What the main button says."""
        begin = "Book anyway" if self.session.warnings else "Book"
        return f"{begin} and check in" if self.wants_check_in else begin

    def offer_owed(self) -> None:
        """The credits did not suffice after all: owed becomes the choice."""
        self.owe.setChecked(True)
        self.take.setEnabled(False)
