"""The account page: who is signed in, where they may work, and their own password.

Every role has it, so nobody signs in to an empty window. It changes nothing but the person's own credentials and
sessions. See docs/design.md, "Sign-in".
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import tzinfo

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from console.domain.person import Person
from console.domain.scram import MINIMUM_PASSWORD
from console.errors import ConsoleError
from console.models.runner import TaskRunner
from console.views.theme import ThemeHub
from console.views.widgets.banner import Banner
from console.views.widgets.base import surface
from console.views.widgets.buttons import Button
from console.views.widgets.fields import Field, PasswordInput, TextInput
from console.views.widgets.header import PageHeader
from console.views.widgets.text import ElidedLabel, Section, label

ChangePassword = Callable[[str, str, str | None], Awaitable[None]]
SignOutEverywhere = Callable[[], Awaitable[None]]
_FORM_WIDTH = 400


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
    ) -> None:
        """Show `person`, with times in `zone`. Both callables raise ConsoleErrors, which become a banner."""
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
        self._lay_out()
        self.button.clicked.connect(self.submit)
        self.everywhere.clicked.connect(lambda _checked=False: self._tasks.start(self._sign_out(), "leave"))
        for field in (self.present, self.new, self.again, self.code):
            field.returnPressed.connect(self.submit)
        self.again.textEdited.connect(lambda _text: self.again_field.set_error(""))
        self.setFocusProxy(self.present)
        # The keyboard starts where nothing happens by accident; signing out everywhere comes last.
        QWidget.setTabOrder(self.button, self.everywhere)

    def showEvent(self, event: QShowEvent) -> None:
        """The keyboard is in the first field."""
        super().showEvent(event)
        self.present.setFocus(Qt.FocusReason.OtherFocusReason)

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

    async def settled(self) -> None:
        """Wait until nothing is under way."""
        await self._tasks.settled()

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
        across.addWidget(self._facts(), 1, Qt.AlignmentFlag.AlignTop)
        across.addWidget(self._password(), 0, Qt.AlignmentFlag.AlignTop)
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
        for words in (
            f"At {person.device.name} until {until:%H:%M}",
            "With an authenticator app" if person.has_authenticator else "Without an authenticator app",
        ):
            column.addWidget(label(words))
        column.addWidget(self.everywhere, 0, Qt.AlignmentFlag.AlignLeft)
        return holder

    def _password(self) -> QWidget:
        holder = QWidget()
        holder.setFixedWidth(_FORM_WIDTH)
        column = QVBoxLayout(holder)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(16)
        column.addWidget(Section("Password"))
        column.addWidget(Field(self.hub, "Present password", self.present))
        hint = f"At least {MINIMUM_PASSWORD} characters; a few words are easiest to remember."
        column.addWidget(Field(self.hub, "New password", self.new, help_text=hint))
        column.addWidget(self.again_field)
        if self._person.has_authenticator:
            column.addWidget(Field(self.hub, "Code from your authenticator", self.code))
        column.addWidget(self.banner)
        column.addWidget(self.button)
        column.addWidget(label("Your other sign-ins end when you change it.", "small", wrap=True))
        return holder

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
