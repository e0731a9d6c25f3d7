"""The account page: who is signed in, where they may work, and their own password.

Every role has it, so nobody signs in to an empty window. It changes nothing but the person's own credentials and
sessions. See docs/design.md, "Sign-in".
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import tzinfo

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent, QShowEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from console.domain.person import Person
from console.domain.scram import MINIMUM_PASSWORD
from console.errors import ConsoleError
from console.models.runner import TaskRunner
from console.views.account_authenticator import AuthenticatorGateway, AuthenticatorPart
from console.views.theme import ThemeHub
from console.views.widgets.banner import Banner
from console.views.widgets.base import surface
from console.views.widgets.buttons import Button
from console.views.widgets.fields import Field, PasswordInput, TextInput
from console.views.widgets.focus import lead_focus
from console.views.widgets.header import PageHeader
from console.views.widgets.text import ElidedLabel, Section, label

ChangePassword = Callable[[str, str, str | None], Awaitable[None]]
SignOutEverywhere = Callable[[], Awaitable[None]]
_WIDEST, _ROUND = 520, 24 + 48 + 24 + 12  # margins, the gap between the columns, the scroll bar


class AccountPage(QWidget):
    """What a person can see and do about themselves."""

    done = Signal(str)
    """Something succeeded: the words for a toast."""

    def __init__(
        self,
        hub: ThemeHub,
        person: Person,
        zone: tzinfo,
        change_password: ChangePassword,
        sign_out_everywhere: SignOutEverywhere,
        authenticator: AuthenticatorGateway | None = None,
    ) -> None:
        """Show `person`, with times in `zone`. What is asked raises ConsoleErrors, which become a banner.

        Without an `authenticator` gateway that section is left out.
        """
        super().__init__()
        self.hub, self._person, self._zone = hub, person, zone
        self._change, self._leave = change_password, sign_out_everywhere
        self._tasks = TaskRunner(self._failed)
        self.present = PasswordInput(hub)
        self.new = PasswordInput(hub)
        self.again = PasswordInput(hub)
        self.code = TextInput(hub, placeholder="000 000")
        self.again_field = Field(hub, "The new one again", self.again)
        self.button = Button(hub, "Change password", "primary")
        self.everywhere = Button(hub, "Sign out on every desk", icon="ph.sign-out")
        self.banner = Banner(hub)
        self.code_field = Field(hub, "Code from your authenticator", self.code)
        if not person.has_authenticator:
            self.code_field.hide()  # showing it here, before it has a parent, would open a window of its own
        self.authenticator: AuthenticatorPart | None = None
        if authenticator is not None:
            part = AuthenticatorPart(
                hub, person.email, has_one=person.has_authenticator, gateway=authenticator
            )
            part.done.connect(self.done)
            part.changed.connect(self.code_field.setVisible)
            self.authenticator = part
        self._lay_out()
        hub.changed.connect(self._fit)
        self.button.clicked.connect(self.submit)
        self.everywhere.clicked.connect(lambda _checked=False: self._tasks.start(self._sign_out(), "leave"))
        for field in (self.present, self.new, self.again, self.code):
            field.returnPressed.connect(self.submit)
        self.again.textEdited.connect(lambda _text: self.again_field.set_error(""))
        lead_focus(self, self.present)
        # The keyboard starts where nothing happens by accident; signing out everywhere comes last.
        QWidget.setTabOrder(self.button, self.everywhere)

    def showEvent(self, event: QShowEvent) -> None:
        """The keyboard is in the first field."""
        super().showEvent(event)
        self.present.setFocus(Qt.FocusReason.OtherFocusReason)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Two columns of one width."""
        super().resizeEvent(event)
        self._fit()

    def submit(self) -> None:
        """Change the password with what stands in the fields."""
        if self._tasks.busy:
            return
        if self.new.text() != self.again.text():
            self.again_field.set_error("This is not the same as above.")
            self.again.setFocus(Qt.FocusReason.OtherFocusReason)
            return
        self.banner.clear()
        self.button.setEnabled(False)
        self._tasks.start(self._submit(), "password")

    def stop(self) -> None:
        """Drop what is under way: the page is going away."""
        self._tasks.cancel_all()
        if self.authenticator is not None:
            self.authenticator.stop()

    async def settled(self) -> None:
        """Wait until nothing is under way."""
        await self._tasks.settled()
        if self.authenticator is not None:
            await self.authenticator.settled()

    # -- building ----------------------------------------------------------------------------------------------

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        ground = surface("canvas")
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setWidget(ground)
        column.addWidget(PageHeader(self.hub, "Account", self._person.email))
        column.addWidget(scroll, 1)
        across = QHBoxLayout(ground)
        across.setContentsMargins(24, 24, 24, 24)
        across.setSpacing(48)
        self._columns = (self._facts(), self._password())
        for part in self._columns:
            across.addWidget(part, 0, Qt.AlignmentFlag.AlignTop)
        across.addStretch(1)

    def _facts(self) -> QWidget:
        person = self._person
        holder = QWidget()
        column = QVBoxLayout(holder)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        column.addWidget(label(f"{person.first_name} {person.last_name}", "title"))
        column.addWidget(Section("May work as"))
        grid = QGridLayout()
        grid.setHorizontalSpacing(24)
        grid.setVerticalSpacing(8)
        grid.setColumnStretch(1, 1)
        for at, grant in enumerate(person.grants):
            venue = person.venue(grant.venue_id) if grant.venue_id else None
            grid.addWidget(label(grant.role.words, "strong"), at, 0)
            grid.addWidget(ElidedLabel(venue.name if venue else "Every venue", "body"), at, 1)
        column.addLayout(grid)
        column.addSpacing(12)
        column.addWidget(Section("This sign-in"))
        until = person.expires_at.astimezone(self._zone)
        column.addWidget(label(f"At {person.device.name} until {until:%H:%M}"))
        column.addWidget(self.everywhere, 0, Qt.AlignmentFlag.AlignLeft)
        if self.authenticator is not None:
            column.addSpacing(12)
            column.addWidget(self.authenticator)
        return holder

    def _password(self) -> QWidget:
        holder = QWidget()
        column = QVBoxLayout(holder)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(16)
        column.addWidget(Section("Password"))
        column.addWidget(Field(self.hub, "Present password", self.present))
        hint = f"At least {MINIMUM_PASSWORD} characters; a few words are easiest to remember."
        column.addWidget(Field(self.hub, "New password", self.new, help_text=hint))
        column.addWidget(self.again_field)
        column.addWidget(self.code_field)
        column.addWidget(self.banner)
        column.addWidget(self.button)
        column.addWidget(label("Your other sign-ins end when you change it.", "small", wrap=True))
        return holder

    def _fit(self) -> None:
        side = min(self.hub.theme.scaled(_WIDEST), (self.width() - _ROUND) // 2)
        for part in self._columns:
            part.setFixedWidth(max(side, 240))

    # -- doing -------------------------------------------------------------------------------------------------

    async def _submit(self) -> None:
        try:
            await self._change(
                self.present.text(), self.new.text(), self.code.text().replace(" ", "") or None
            )
        finally:
            self.button.setEnabled(True)
        for field in (self.present, self.new, self.again, self.code):
            field.clear()
        self.done.emit("Your password is changed")

    async def _sign_out(self) -> None:
        await self._leave()

    def _failed(self, error: ConsoleError) -> None:
        self.banner.show_error(error)
