"""One's own authenticator on the account page: set it up, replace its recovery codes, turn it off.

The secret is made here, shown once and forgotten; it counts only when the server has seen a code of it. See
docs/design.md, "Sign-in".
"""

from __future__ import annotations

from collections.abc import Coroutine
from typing import Any, Protocol

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QHideEvent, QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QVBoxLayout, QWidget

from console.domain.authenticator import AuthenticatorDraft
from console.errors import ConsoleError
from console.models.runner import TaskRunner
from console.views.account_codes import RecoveryCodes
from console.views.account_qr import QrPicture
from console.views.theme import ThemeHub
from console.views.widgets.banner import Banner
from console.views.widgets.buttons import Button
from console.views.widgets.fields import Field, PasswordInput, TextInput
from console.views.widgets.text import IconText, Section, label

_ON = "Signing in asks for a code from your app."
_OFF = "An app on your phone shows a code at each sign-in, so a stolen password is not enough."
_FIELDS = 212  # what the fields beside the picture need, and the gap
_NEW_CODE_WRONG = "new_code_wrong"


class AuthenticatorGateway(Protocol):
    """What the server does about one's own authenticator. Everything raises ConsoleErrors only."""

    async def set_up_authenticator(
        self, draft: AuthenticatorDraft, new_code: str, password: str, present_code: str | None = None
    ) -> object:
        """Make a draft count, once it shows `new_code`."""
        ...

    async def remove_authenticator(self, password: str, code: str) -> object:
        """Turn it off."""
        ...

    async def new_recovery_codes(self, password: str, code: str) -> tuple[str, ...]:
        """Replace the recovery codes."""
        ...


class AuthenticatorPart(QWidget):
    """The section of the account page. `done` carries the words of a toast."""

    done = Signal(str)
    changed = Signal(bool)
    """Whether there is an authenticator now."""

    def __init__(self, hub: ThemeHub, email: str, *, has_one: bool, gateway: AuthenticatorGateway) -> None:
        """The section for the person with this address."""
        super().__init__()
        self.hub, self._email, self._has_one, self._gateway = hub, email, has_one, gateway
        self._draft: AuthenticatorDraft | None = None
        self._tasks = TaskRunner(self._failed)
        self._build()
        self.show_state()

    # -- what the page does ------------------------------------------------------------------------------------

    def show_state(self) -> None:
        """Whether there is one, and what can be done."""
        self._draft = None
        self.picture.show_text("")
        self.secret.setText("")
        self.codes.show_codes(())
        self._clear()
        self.state.set_text(_ON if self._has_one else _OFF)
        tone = ("ph.shield-check-fill", "green.text") if self._has_one else ("ph.shield", "text.muted")
        self.state.icon.show_icon(*tone)
        self.set_up.setVisible(not self._has_one)
        self.renew.setVisible(self._has_one)
        self.turn_off.setVisible(self._has_one)
        self._show(self._state_page)

    def begin(self) -> None:
        """Show a new secret to scan or type, and ask for the first code."""
        self._draft = AuthenticatorDraft(self._email)
        self._clear()
        self.picture.show_text(self._draft.uri)
        self._fit()
        self.secret.setText(self._draft.typed_secret)
        self._show(self._draft_page)
        self.new_code.setFocus(Qt.FocusReason.OtherFocusReason)

    def ask(self, *, off: bool) -> None:
        """Ask for password and code before turning it off, or before making new recovery codes."""
        self._clear()
        self._off = off
        self.confirm.setText("Turn off" if off else "Make new codes")
        sentence = (
            "The password alone will be enough to sign in, and the recovery codes stop working."
            if off
            else "The recovery codes you have now stop working."
        )
        self._asked.setText(sentence)
        self._show(self._ask_page)
        self.ask_password.setFocus(Qt.FocusReason.OtherFocusReason)

    def stop(self) -> None:
        """Drop what is under way, and every secret: the page is going away."""
        self._tasks.cancel_all()
        self.show_state()

    async def settled(self) -> None:
        """Wait until nothing is under way."""
        await self._tasks.settled()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The picture beside what is typed, where there is room for both."""
        super().resizeEvent(event)
        self._fit()

    def hideEvent(self, event: QHideEvent) -> None:
        """A page that goes away keeps no secret on it; codes that are not kept yet stay until they are."""
        super().hideEvent(event)
        if not event.spontaneous() and not self.codes.codes and not self._tasks.busy:
            self.show_state()

    def _fit(self) -> None:
        needed = self.picture.sizeHint().width() + self.hub.theme.scaled(_FIELDS)
        both = self.width() >= needed
        direction = QBoxLayout.Direction.LeftToRight if both else QBoxLayout.Direction.TopToBottom
        self._beside.setDirection(direction)

    # -- building ----------------------------------------------------------------------------------------------

    def _build(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        column.addWidget(Section("Authenticator"))
        self._state_page, self._draft_page = self._build_state(), self._build_draft()
        self._ask_page = self._build_ask()
        self.codes = RecoveryCodes(self.hub, self._email)
        self.codes.kept.connect(self.show_state)
        self._pages = (self._state_page, self._draft_page, self._ask_page, self.codes)
        for page in self._pages:
            column.addWidget(page)
        self.banner = Banner(self.hub)
        column.addWidget(self.banner)

    def _build_state(self) -> QWidget:
        page, column = _column()
        self.state = IconText(self.hub, "ph.shield", "", wrap=True)
        column.addWidget(self.state)
        row = QHBoxLayout()
        row.setSpacing(8)
        self.set_up = Button(self.hub, "Set up an authenticator", icon="ph.qr-code")
        self.renew = Button(self.hub, "New recovery codes", icon="ph.arrows-clockwise")
        self.turn_off = Button(self.hub, "Turn off", "quiet")
        for button in (self.set_up, self.renew, self.turn_off):
            row.addWidget(button)
        row.addStretch(1)
        column.addLayout(row)
        self.set_up.clicked.connect(self.begin)
        self.renew.clicked.connect(lambda _checked=False: self.ask(off=False))
        self.turn_off.clicked.connect(lambda _checked=False: self.ask(off=True))
        return page

    def _build_draft(self) -> QWidget:
        page, whole = _column()
        whole.addWidget(
            label("1. Scan this with an authenticator app on your phone.", "secondary", wrap=True)
        )
        self._beside = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._beside.setSpacing(12)
        self.picture = QrPicture("QR code for the authenticator app; the same key stands beside it as text")
        top = Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft
        self._beside.addWidget(self.picture, 0, top)
        right, column = _column()
        self._beside.addWidget(right, 1, Qt.AlignmentFlag.AlignTop)
        whole.addLayout(self._beside)
        column.addWidget(label("Or type this key into it:", "small", wrap=True))
        self.secret = label("", "code", wrap=True, selectable=True)
        self.secret.setAccessibleName("Key for the authenticator app")
        column.addWidget(self.secret)
        column.addWidget(label("2. Enter the code it shows, and your password.", "secondary", wrap=True))
        self.new_code = _code_input(self.hub)
        self.new_code_field = Field(self.hub, "Code from the app", self.new_code)
        self.password = PasswordInput(self.hub)
        self.password_field = Field(self.hub, "Your password", self.password)
        column.addWidget(self.new_code_field)
        column.addWidget(self.password_field)
        self.turn_on = Button(self.hub, "Turn on")
        self.cancel = Button(self.hub, "Cancel", "quiet")
        column.addLayout(_answers(self.turn_on, self.cancel))
        self.turn_on.clicked.connect(self.submit_draft)
        self.cancel.clicked.connect(self.show_state)
        self.new_code.returnPressed.connect(lambda: self.password.setFocus(Qt.FocusReason.TabFocusReason))
        self.password.returnPressed.connect(self.submit_draft)
        self.new_code.textEdited.connect(lambda _text: self.new_code_field.set_error(""))
        self.password.textEdited.connect(lambda _text: self.password_field.set_error(""))
        return page

    def _build_ask(self) -> QWidget:
        page, column = _column()
        self._off = False
        self._asked = label("", "secondary", wrap=True)
        column.addWidget(self._asked)
        self.ask_password = PasswordInput(self.hub)
        self.ask_code = _code_input(self.hub)
        self.ask_password_field = Field(self.hub, "Your password", self.ask_password)
        self.ask_code_field = Field(
            self.hub, "Code from your authenticator", self.ask_code, note="or a recovery code"
        )
        column.addWidget(self.ask_password_field)
        column.addWidget(self.ask_code_field)
        self.confirm, self.keep = Button(self.hub, ""), Button(self.hub, "Cancel", "quiet")
        column.addLayout(_answers(self.confirm, self.keep))
        self.confirm.clicked.connect(self.submit_ask)
        self.keep.clicked.connect(self.show_state)
        self.ask_password.returnPressed.connect(lambda: self.ask_code.setFocus(Qt.FocusReason.TabFocusReason))
        self.ask_code.returnPressed.connect(self.submit_ask)
        self.ask_password.textEdited.connect(lambda _text: self.ask_password_field.set_error(""))
        self.ask_code.textEdited.connect(lambda _text: self.ask_code_field.set_error(""))
        return page

    # -- doing -------------------------------------------------------------------------------------------------

    def submit_draft(self) -> None:
        """Turn the authenticator on with what stands in the fields."""
        code = _plain(self.new_code.text())
        wrong = len(code) != 6 or not code.isdigit()
        if self._missing(
            (self.new_code_field, "Enter the 6 figures the app shows." if wrong else ""),
            (self.password_field, "" if self.password.text() else "Enter the password."),
        ):
            return
        if self._draft is not None:
            self._start(self._turn_on(self._draft, code, self.password.text()))

    def submit_ask(self) -> None:
        """Turn it off, or make new codes, with what stands in the fields."""
        code, password = _plain(self.ask_code.text()), self.ask_password.text()
        if self._missing(
            (self.ask_password_field, "" if password else "Enter the password."),
            (self.ask_code_field, "" if len(code) >= 6 else "Enter the 6 figures, or a recovery code."),
        ):
            return
        self._start(self._turn_off(password, code) if self._off else self._renew(password, code))

    async def _turn_on(self, draft: AuthenticatorDraft, code: str, password: str) -> None:
        await self._gateway.set_up_authenticator(draft, code, password)
        self._tell(True, "Your authenticator is on")
        self._show_codes(draft.recovery_codes)

    async def _turn_off(self, password: str, code: str) -> None:
        await self._gateway.remove_authenticator(password, code)
        self._tell(False, "Your authenticator is off")
        self.show_state()

    async def _renew(self, password: str, code: str) -> None:
        self._show_codes(await self._gateway.new_recovery_codes(password, code))
        self.done.emit("You have new recovery codes")

    def _tell(self, has_one: bool, words: str) -> None:
        self._has_one = has_one
        self.changed.emit(has_one)
        self.done.emit(words)

    def _show_codes(self, codes: tuple[str, ...]) -> None:
        self.show_state()
        self.codes.show_codes(codes)
        self._show(self.codes)
        self.codes.done.setFocus(Qt.FocusReason.OtherFocusReason)

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        if self._tasks.busy:
            work.close()
            return
        self.banner.clear()
        self._set_busy(True)
        self._tasks.start(self._finish(work), "authenticator")

    async def _finish(self, work: Coroutine[Any, Any, None]) -> None:
        try:
            await work
        finally:
            self._set_busy(False)

    def _set_busy(self, busy: bool) -> None:
        for button in (self.turn_on, self.confirm):
            button.setEnabled(not busy)

    def _missing(self, *fields: tuple[Field, str]) -> bool:
        for field, reason in fields:
            field.set_error(reason)
        first = next((field for field, reason in fields if reason), None)
        if first is not None:
            first.editor.setFocus(Qt.FocusReason.OtherFocusReason)
        return first is not None

    def _failed(self, error: ConsoleError) -> None:
        if error.code == _NEW_CODE_WRONG:
            self.new_code_field.set_error(f"{error.sentence} {error.hint or ''}".strip())
            self.new_code.selectAll()
            self.new_code.setFocus(Qt.FocusReason.OtherFocusReason)
        else:
            self.banner.show_error(error)

    def _clear(self) -> None:
        self.banner.clear()
        for field in (self.new_code_field, self.password_field, self.ask_password_field, self.ask_code_field):
            field.set_error("")
        for editor in (self.new_code, self.password, self.ask_password, self.ask_code):
            editor.clear()

    def _show(self, page: QWidget) -> None:
        for one in self._pages:
            one.setVisible(one is page)


def _column() -> tuple[QWidget, QVBoxLayout]:
    page = QWidget()
    column = QVBoxLayout(page)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(12)
    return page, column


def _answers(do: Button, keep: Button) -> QHBoxLayout:
    row = QHBoxLayout()
    row.setSpacing(8)
    row.addWidget(do)
    row.addWidget(keep)
    row.addStretch(1)
    return row


def _code_input(hub: ThemeHub) -> TextInput:
    made = TextInput(hub, placeholder="000 000")
    made.setMaxLength(32)
    return made


def _plain(code: str) -> str:
    return "".join(code.split())
