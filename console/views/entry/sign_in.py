"""Sign-in: who is at the desk, their password, and a plain answer when it is refused.

The page asks; it neither hashes nor stores anything. A refusal never says which part was wrong, and a
lockout shows the time that is left. See docs/design.md, "The database" (sign-in) and "Screens".
"""

from __future__ import annotations

import asyncio
import math
import re
from collections.abc import Awaitable, Callable, Sequence

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout

from console.clock import Clock
from console.errors import ConsoleError, SignInRefused
from console.views.entry.panel import DeskPanel, EntryPage, add_heading
from console.views.entry.people import KnownPerson, PeopleGrid
from console.views.theme import ThemeHub
from console.views.widgets.banner import Banner
from console.views.widgets.buttons import Button
from console.views.widgets.fields import Field, PasswordInput, TextInput
from console.views.widgets.text import IconLabel, label

SignIn = Callable[[str, str, str | None], Awaitable[object]]

PRIVACY_NOTE = "Your password never leaves this desk."
OFFLINE_NOTE = "Offline: your password opens today's rosters kept on this desk."
HELP_TITLE = "Ask your manager for a new password."
HELP_TEXT = (
    "They can also sign you out everywhere and set up your authenticator again. "
    "A code is refused when the clock of your phone is wrong."
)
CAPS_HINT = "Caps lock seems to be on."
_CODE_REFUSALS = frozenset({"code_needed", "code_wrong"})  # said only where the password was right
_CODE = re.compile(r"[0-9]{6}|[A-Za-z0-9-]{8,}")


class SignInPage(EntryPage):
    """The sign-in page."""

    signed_in = Signal(object)

    def __init__(
        self,
        hub: ThemeHub,
        clock: Clock,
        sign_in: SignIn,
        *,
        people: Sequence[KnownPerson] = (),
        demo: bool = False,
        version: str = "",
        note: str = PRIVACY_NOTE,
        heading: tuple[str, str] | None = None,
    ) -> None:
        """`sign_in(email, password, code)` answers what `signed_in` then carries, or raises a ConsoleError.

        `people` are those who signed in here lately, the likeliest first; with `demo` they are the demo accounts and
        their passwords. `heading` says something else than who is asked for, in two lines.
        """
        super().__init__(hub, DeskPanel(hub, clock, version=version))
        self._clock, self._sign_in = clock, sign_in
        self._person: KnownPerson | None = None
        self._task: asyncio.Future[None] | None = None
        self._locked_until: float | None = None
        self._code_asked = False
        self._offline = False
        self._note = note
        self._countdown = QTimer(self)
        self._countdown.setInterval(500)
        self._countdown.timeout.connect(self._tick)
        self._build(people, demo, note, heading)
        self.choose(people[0] if people else None, focus=False)

    # -- what others see ------------------------------------------------------------------------------------

    @property
    def busy(self) -> bool:
        """Whether an answer is awaited."""
        return self._task is not None

    @property
    def locked(self) -> bool:
        """Whether trying again is pointless for a while."""
        return self._locked_until is not None

    def refuse(self, error: ConsoleError) -> None:
        """Say why it did not work; the password is cleared, the address stays.

        Where only the authenticator's code is missing or wrong, the password stays too and the code is asked for.
        """
        if error.code in _CODE_REFUSALS:
            self._ask_code(error)
            return
        wait = error.retry_after_seconds if isinstance(error, SignInRefused) else None
        if wait:
            self._locked_until = self._clock.monotonic() + wait
            self._countdown.start()
            self._tick()
        else:
            self.banner.show_error(error)
        self.password.clear()
        self.code.clear()
        self._refresh()
        self.password.setFocus(Qt.FocusReason.OtherFocusReason)

    def set_offline(self, offline: bool) -> None:
        """Say whether the server is away: the password then opens what this desk keeps, and no code is asked for.

        Nothing that was typed is lost when the server goes or comes back.
        """
        self._offline = offline
        self.note.setText(OFFLINE_NOTE if offline else self._note)
        self.note_sign.show_icon(
            "ph.wifi-slash" if offline else "ph.shield-check", "amber.text" if offline else "text.muted"
        )
        self._show_code_field()
        self._refresh()

    def submit(self) -> None:
        """Try to sign in with what stands in the fields."""
        if self.busy or self.locked or not self._complete():
            self._point_at_missing()
            return
        code = "" if self._offline else self.code.text().replace(" ", "")
        email = self._person.email if self._person else self.email.text().strip()
        self.banner.clear()
        self._task = asyncio.ensure_future(self._try(email, self.password.text(), code or None))
        self._refresh()

    def choose(self, person: KnownPerson | None, *, focus: bool = True) -> None:
        """Ask for the password of one person; None is somebody else, who gives an address."""
        self._person = person
        self._code_asked = False
        if self.people is not None:
            self.people.choose(person)
        self.email_field.setVisible(person is None)
        self._show_code_field()
        self.code_field.set_help("" if person else "Leave it empty if you have none.")
        self.password_field.set_caption(
            f"Password for {person.name}" if person else "Password", person.email if person else ""
        )
        self.password.setText(person.password if person else "")
        self.code.clear()
        if not self.locked:
            self.banner.clear()
        self._refresh()
        if focus:
            self._first().setFocus(Qt.FocusReason.OtherFocusReason)

    # -- building -------------------------------------------------------------------------------------------

    def _build(
        self, people: Sequence[KnownPerson], demo: bool, note: str, heading: tuple[str, str] | None
    ) -> None:
        form = self.form
        form.setContentsMargins(4, 0, 4, 0)
        caption = "People who signed in here in the last 7 days"
        if demo:
            caption = "Demo accounts: choosing one fills in its password"
        elif not people:
            caption = "With the e-mail address your manager registered"
        title = "Who is at the desk?" if people else "Sign in"
        add_heading(self.hub, form, *(heading or (title, caption)))
        self.people: PeopleGrid | None = None
        if people:
            self.people = PeopleGrid(self.hub, people)
            self.people.chosen.connect(self.choose)
            form.addWidget(self.people)
            form.addSpacing(24)
        self.email = TextInput(self.hub, scale="desk")
        self.email.setInputMethodHints(Qt.InputMethodHint.ImhEmailCharactersOnly)
        self.email.setMaxLength(254)
        self.email_field = Field(self.hub, "E-mail", self.email)
        self.email_field.setContentsMargins(0, 0, 0, 16)
        form.addWidget(self.email_field)
        self.password = PasswordInput(self.hub, scale="desk")
        self.password.setMaxLength(1024)
        self.password_field = Field(self.hub, "Password", self.password)
        form.addWidget(self.password_field)
        self.code = TextInput(self.hub, placeholder="000 000", scale="desk")
        self.code.setMaxLength(32)
        self.code_field = Field(
            self.hub, "Code from your authenticator", self.code, note="6 digits, changes every 30 s"
        )
        self.code_field.setContentsMargins(0, 16, 0, 0)
        form.addWidget(self.code_field)
        form.addSpacing(24)
        self.button = Button(self.hub, "Sign in", "primary", scale="desk")
        form.addWidget(self.button)
        self.banner = Banner(self.hub, above=16)
        form.addWidget(self.banner)
        form.addSpacing(16)
        row = QHBoxLayout()
        row.setSpacing(8)
        self.note_sign = IconLabel(self.hub, "ph.shield-check", "text.muted")
        self.note = label(note, "small", wrap=True)
        row.addWidget(self.note_sign, 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(self.note, 1)
        form.addLayout(row)
        form.addSpacing(16)
        self.help_button = Button(self.hub, "I cannot sign in", "link", scale="compact")
        form.addWidget(self.help_button, 0, Qt.AlignmentFlag.AlignLeft)
        self.help = Banner(self.hub, above=12)
        form.addWidget(self.help)
        self.button.clicked.connect(self.submit)
        self.help_button.clicked.connect(self._toggle_help)
        for field in (self.email, self.password, self.code):
            field.returnPressed.connect(self._next)
            field.textEdited.connect(self._edited)
        self.password.caps_lock.connect(self._caps)

    # -- what happens ---------------------------------------------------------------------------------------

    async def _try(self, email: str, password: str, code: str | None) -> None:
        try:
            answer = await self._sign_in(email, password, code)
        except ConsoleError as error:
            self._task = None
            self.refuse(error)
            return
        finally:
            self._task = None
            self._refresh()
        self.password.clear()
        self.code.clear()
        self.signed_in.emit(answer)

    def _show_code_field(self) -> None:
        person = self._person
        asked = person is None or person.needs_code or self._code_asked
        self.code_field.setVisible(asked and not self._offline)

    def _ask_code(self, error: ConsoleError) -> None:
        self._code_asked = True
        self.code_field.set_help("")
        self._show_code_field()
        self.code.clear()
        if error.code == "code_needed":
            self.banner.show_message(error.sentence, error.hint or "", "blue")
        else:
            self.banner.show_error(error)
        self._refresh()
        self.code.setFocus(Qt.FocusReason.OtherFocusReason)

    def _next(self) -> None:
        for field in (self.email, self.password):
            if field.isVisible() and not field.text():
                field.setFocus(Qt.FocusReason.TabFocusReason)
                return
        self.submit()

    def _edited(self) -> None:
        for field in (self.email_field, self.password_field, self.code_field):
            field.set_error("")
        self._refresh()

    def _complete(self) -> bool:
        return not self._missing()

    def _missing(self) -> list[tuple[Field, str]]:
        missing = []
        email = self.email.text().strip()
        if self._person is None and ("@" not in email.strip("@") or " " in email):
            missing.append((self.email_field, "Enter the whole e-mail address."))
        if not self.password.text():
            missing.append((self.password_field, "Enter the password."))
        code = self.code.text().replace(" ", "")
        if self._offline:
            return missing
        if (code or self._code_asked) and not _CODE.fullmatch(code):
            missing.append((self.code_field, "Enter the 6 digits, or a recovery code."))
        return missing

    def _point_at_missing(self) -> None:
        missing = self._missing()
        for field, reason in missing:
            field.set_error(reason)
        if missing:
            missing[0][0].editor.setFocus(Qt.FocusReason.OtherFocusReason)

    def _caps(self, on: bool) -> None:
        self.password_field.set_help(CAPS_HINT if on else "")

    def _toggle_help(self) -> None:
        if self.help.isVisible():
            self.help.clear()
        else:
            self.help.show_message(HELP_TITLE, HELP_TEXT, "blue")

    def _tick(self) -> None:
        if self._locked_until is None:
            return
        left = self._locked_until - self._clock.monotonic()
        if left <= 0:
            self._locked_until = None
            self._countdown.stop()
            self.banner.clear()
        else:
            self.banner.show_message("Too many tries.", f"You can try again in {time_left(left)}.", "amber")
        self._refresh()

    def _refresh(self) -> None:
        idle, busy = ("Unlock", "Unlocking…") if self._offline else ("Sign in", "Signing in…")
        self.button.setText(busy if self.busy else idle)
        self.button.setEnabled(not self.busy and not self.locked)
        for field in (self.email, self.password, self.code):
            field.setReadOnly(self.busy)

    def _first(self) -> TextInput:
        if self._person is not None and self._person.password and not self.code_field.isHidden():
            return self.code
        return self.email if self._person is None and not self.email.text() else self.password

    def showEvent(self, event: QShowEvent) -> None:
        """The keyboard is where typing begins."""
        super().showEvent(event)
        self._first().setFocus(Qt.FocusReason.OtherFocusReason)

    def hideEvent(self, event: QHideEvent) -> None:
        """A page that goes away asks nothing more and keeps no password."""
        super().hideEvent(event)
        if event.spontaneous():
            return
        if self._task is not None:
            self._task.cancel()
        if not (self._person and self._person.password):
            self.password.clear()
        self.code.clear()


def time_left(seconds: float) -> str:
    """Seconds as `4:32`, rounded up so that it never says less than must be waited."""
    whole = math.ceil(seconds)
    return f"{whole // 60}:{whole % 60:02d}" if whole >= 60 else f"{whole} s"
