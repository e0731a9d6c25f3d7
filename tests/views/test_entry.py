"""Sign-in and connect: plain refusals, a lockout that counts down, nothing kept that should go."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel

from console.clock import FixedClock
from console.errors import ConsoleError, Invalid, SignInRefused, Unavailable
from console.views.entry.connect import ConnectPage
from console.views.entry.panel import DeskFact, DeskPanel
from console.views.entry.people import KnownPerson
from console.views.entry.sign_in import CAPS_HINT, SignInPage, time_left
from console.views.theme import ThemeHub
from console.views.widgets.text import ElidedLabel
from tests.support.qt import settle

LONG = "Wolfeschlegelsteinhausenbergerdorff-Featherstonehaugh"
JONAS = KnownPerson("Jonas", "Front desk, today 15:40", "jonas@riverside.example")
MAYA = KnownPerson("Maya", "Front desk, today 12:04", "maya@riverside.example", needs_code=False)
DEMO = KnownPerson("Elena", "Manager", "elena@demo.example", needs_code=False, password="a demo's password")
INES = KnownPerson("Ines", "Manager", "ines@demo.example", needs_code=True, password="a demo's password")


class _Server:
    """Answers one sign-in as it is told, and remembers what it was asked."""

    def __init__(self, answer: object = "a session") -> None:
        self.answer = answer
        self.asked: list[tuple[str, str, str | None]] = []
        self.gate = asyncio.Event()
        self.gate.set()

    async def __call__(self, email: str, password: str, code: str | None) -> object:
        self.asked.append((email, password, code))
        await self.gate.wait()
        if isinstance(self.answer, ConsoleError):
            raise self.answer
        return self.answer


def _page(
    hub: ThemeHub, clock: FixedClock, server: _Server, *people: KnownPerson, demo: bool = False
) -> SignInPage:
    page = SignInPage(hub, clock, server, people=people, demo=demo, version="1.4.2")
    settle(page, 1440, 872)
    page.activateWindow()
    QApplication.processEvents()
    return page


async def _until(condition: Callable[[], bool]) -> None:
    for _ in range(1000):
        if condition():
            return
        await asyncio.sleep(0.005)
    raise AssertionError("it never came to that")


async def test_a_known_person_types_only_what_is_theirs(hub: ThemeHub, clock: FixedClock) -> None:
    server = _Server()
    page = _page(hub, clock, server, JONAS, MAYA)
    answers: list[object] = []
    page.signed_in.connect(answers.append)
    assert QApplication.focusWidget() is page.password
    assert page.password_field.caption.text() == "Password for Jonas"
    assert not page.email_field.isVisible()
    QTest.keyClicks(page.password, "correct horse")
    page.code.setText("123 456")
    QTest.keyClick(page.code, Qt.Key.Key_Return)
    await _until(lambda: bool(answers))
    assert server.asked == [("jonas@riverside.example", "correct horse", "123456")]
    assert answers == ["a session"]
    assert page.password.text() == "", "the password does not outlive its use"


async def test_a_refusal_is_a_banner_and_clears_the_password(hub: ThemeHub, clock: FixedClock) -> None:
    server = _Server(SignInRefused("That did not work.", hint="Check the password and the code."))
    page = _page(hub, clock, server, JONAS)
    top = page.button.mapTo(page, page.button.rect().topLeft())
    page.password.setText("wrong")
    page.button.click()
    assert page.busy
    assert page.button.text() == "Signing in…"
    page.submit()
    await _until(lambda: not page.busy)
    assert len(server.asked) == 1, "a second press while waiting asks nothing"
    assert page.banner.isVisible()
    assert page.banner.text == "That did not work. Check the password and the code."
    assert page.password.text() == ""
    assert QApplication.focusWidget() is page.password
    assert page.button.isEnabled()
    QApplication.processEvents()
    assert page.button.mapTo(page, page.button.rect().topLeft()) == top, "nothing moves under the finger"


async def test_a_lockout_shows_the_time_left(hub: ThemeHub, clock: FixedClock) -> None:
    server = _Server(SignInRefused("Too many tries.", retry_after_seconds=272))
    page = _page(hub, clock, server, JONAS, MAYA)
    page.password.setText("wrong")
    page.submit()
    await _until(lambda: page.locked)
    assert page.banner.text == "Too many tries. You can try again in 4:32."
    assert not page.button.isEnabled()
    clock.advance(212)
    page._tick()
    assert page.banner.text.endswith("in 1:00.")
    page.choose(MAYA)
    assert page.banner.isVisible(), "choosing another card does not hide it"
    page.password.setText("again")
    page.submit()
    assert len(server.asked) == 1
    clock.advance(60)
    page._tick()
    assert not page.locked
    assert page.button.isEnabled()
    assert page.banner.isHidden()


@pytest.mark.parametrize(
    ("seconds", "words"), [(0.2, "1 s"), (59, "59 s"), (59.5, "1:00"), (272, "4:32"), (900, "15:00")]
)
def test_time_left_never_says_too_little(seconds: float, words: str) -> None:
    assert time_left(seconds) == words


async def test_someone_else_signs_in_with_an_address(hub: ThemeHub, clock: FixedClock) -> None:
    server = _Server()
    page = _page(hub, clock, server, JONAS)
    page.password.setText("typed for Jonas")
    page.choose(None)
    assert page.password.text() == "", "a password belongs to one person"
    assert page.email_field.isVisible()
    assert QApplication.focusWidget() is page.email
    page.submit()
    assert page.email_field.below.text() == "Enter the whole e-mail address."
    QTest.keyClicks(page.email, "amara@nexus.example")
    assert not page.email.invalid, "typing takes the refusal away"
    QTest.keyClick(page.email, Qt.Key.Key_Return)
    assert QApplication.focusWidget() is page.password
    QTest.keyClicks(page.password, "pw")
    QTest.keyClick(page.password, Qt.Key.Key_Return)
    await _until(lambda: bool(server.asked))
    assert server.asked == [("amara@nexus.example", "pw", None)]


def test_a_code_is_digits_or_a_recovery_code(hub: ThemeHub, clock: FixedClock) -> None:
    page = _page(hub, clock, _Server(), JONAS)
    page.password.setText("pw")
    page.code.setText("12345")
    page.submit()
    assert not page.busy
    assert page.code_field.below.text() == "Enter the 6 digits, or a recovery code."


def test_cards_show_who_needs_a_code(hub: ThemeHub, clock: FixedClock) -> None:
    page = _page(hub, clock, _Server(), JONAS, MAYA)
    assert page.code_field.isVisible()
    page.choose(MAYA)
    assert not page.code_field.isVisible()


def test_a_demo_account_fills_itself_in(hub: ThemeHub, clock: FixedClock) -> None:
    page = _page(hub, clock, _Server(), DEMO, MAYA, demo=True)
    assert page.password.text() == "a demo's password"
    page.choose(MAYA)
    assert page.password.text() == ""
    assert "Demo accounts" in " ".join(label.text() for label in page.findChildren(QLabel))


async def test_a_code_that_is_needed_after_all_is_asked_for_and_the_password_stays(
    hub: ThemeHub, clock: FixedClock
) -> None:
    server = _Server(SignInRefused("Enter the code from your authenticator app.", code="code_needed"))
    page = _page(hub, clock, server, MAYA, JONAS)
    assert not page.code_field.isVisible()
    QTest.keyClicks(page.password, "correct horse")
    QTest.keyClick(page.password, Qt.Key.Key_Return)
    await _until(lambda: page.code_field.isVisible())
    assert page.banner.text == "Enter the code from your authenticator app."
    assert page.password.text() == "correct horse"
    assert QApplication.focusWidget() is page.code
    page.submit()
    assert len(server.asked) == 1, "without the code nothing is asked again"
    assert page.code_field.below.text() == "Enter the 6 digits, or a recovery code."
    server.answer = SignInRefused(
        "That code is not right.", hint="Wait for the next code.", code="code_wrong"
    )
    QTest.keyClicks(page.code, "111111")
    QTest.keyClick(page.code, Qt.Key.Key_Return)
    await _until(lambda: len(server.asked) == 2 and not page.busy)
    assert page.code.text() == ""
    assert page.password.text() == "correct horse"
    assert QApplication.focusWidget() is page.code
    server.answer = "a session"
    answers: list[object] = []
    page.signed_in.connect(answers.append)
    QTest.keyClicks(page.code, "222222")
    QTest.keyClick(page.code, Qt.Key.Key_Return)
    await _until(lambda: bool(answers))
    assert server.asked[1:] == [
        ("maya@riverside.example", "correct horse", "111111"),
        ("maya@riverside.example", "correct horse", "222222"),
    ]
    assert page.password.text() == page.code.text() == ""
    page.choose(JONAS)
    page.choose(MAYA)
    assert not page.code_field.isVisible(), "another card starts afresh"


def test_a_demo_account_with_an_authenticator_only_waits_for_the_code(
    hub: ThemeHub, clock: FixedClock
) -> None:
    page = _page(hub, clock, _Server(), DEMO, INES, demo=True)
    page.choose(INES)
    assert page.code_field.isVisible()
    assert page.password.text() == "a demo's password"
    assert QApplication.focusWidget() is page.code


def test_with_nobody_known_the_address_comes_first(hub: ThemeHub, clock: FixedClock) -> None:
    page = _page(hub, clock, _Server())
    assert page.people is None
    assert QApplication.focusWidget() is page.email


def test_caps_lock_and_help_are_said(hub: ThemeHub, clock: FixedClock) -> None:
    page = _page(hub, clock, _Server(), JONAS)
    page.password.caps_lock.emit(True)
    assert page.password_field.below.text() == CAPS_HINT
    page.password.caps_lock.emit(False)
    assert page.password_field.below.isHidden()
    assert page.help.isHidden()
    page.help_button.click()
    assert page.help.isVisible()
    page.help_button.click()
    assert page.help.isHidden()


async def test_a_page_that_goes_away_asks_nothing_more(hub: ThemeHub, clock: FixedClock) -> None:
    server = _Server()
    server.gate.clear()
    page = _page(hub, clock, server, JONAS)
    answers: list[object] = []
    page.signed_in.connect(answers.append)
    page.password.setText("pw")
    page.submit()
    await asyncio.sleep(0.01)
    page.hide()
    server.gate.set()
    await asyncio.sleep(0.02)
    assert answers == []
    assert page.password.text() == ""
    assert not page.busy


@pytest.mark.parametrize("families", [None, ["DejaVu Sans"]])
@pytest.mark.parametrize("size", [(1440, 872), (1100, 672)])
def test_long_names_and_wide_fonts_fit(
    qapp: QApplication, clock: FixedClock, hub: ThemeHub, families: list[str] | None, size: tuple[int, int]
) -> None:
    wide = ThemeHub("light", families=families)
    wide.apply()
    people = [KnownPerson(LONG, LONG, f"{LONG}@{LONG}.example") for _ in range(5)]
    page = SignInPage(wide, clock, _Server(), people=people)
    page.panel.set_venue(LONG * 3, "America/Los_Angeles")
    page.panel.set_facts([DeskFact("ph.desktop", LONG * 3, LONG * 3)])
    settle(page, *size)
    page.refuse(Invalid(LONG, hint=LONG))
    QApplication.processEvents()
    assert page.width() == size[0], "nothing pushes the window wider"
    assert page.panel.width() == 520
    assert page.button.width() == 400
    for label in page.panel.findChildren(ElidedLabel):
        if label.text() == LONG * 3:
            assert label.toolTip() == LONG * 3
    page.grab()
    hub.apply()


def test_the_panel_shows_the_venues_own_time(hub: ThemeHub, clock: FixedClock) -> None:
    panel = DeskPanel(hub, clock, version="1.4.2")
    panel.set_venue("Riverside Studio", "America/Los_Angeles")
    panel.set_facts([DeskFact("ph.wifi-high", "Online", "The server answers in 34 ms", "green.text")])
    panel.set_facts([DeskFact("ph.wifi-slash", "Offline", "", "amber.text")])
    settle(panel, 520, 872)
    words = [label.text() for label in panel.findChildren(QLabel) if not label.isHidden()]
    assert "15:42" in words
    assert "Thursday 12 March" in words
    assert "Offline" in words
    assert "Version 1.4.2" in words
    clock.advance(3600 * 9)
    panel.refresh()
    assert "Friday 13 March" in [label.text() for label in panel.findChildren(QLabel)]


# -- connect ---------------------------------------------------------------------------------------------------


def _connect(
    hub: ThemeHub, clock: FixedClock, connect: Callable[[str, Path], Awaitable[object]], **more: object
) -> ConnectPage:
    page = ConnectPage(hub, clock, connect, **more)  # type: ignore[arg-type]
    settle(page, 1440, 872)
    page.activateWindow()
    return page


async def test_connect_takes_an_address_and_a_file(hub: ThemeHub, clock: FixedClock, tmp_path: Path) -> None:
    asked: list[tuple[str, Path]] = []
    answers: list[object] = []

    async def connect(address: str, file: Path) -> object:
        asked.append((address, file))
        if len(asked) == 1:
            raise Unavailable("The server does not answer.", hint="Check the address.")
        return "connected"

    page = _connect(hub, clock, connect)
    page.connected.connect(answers.append)
    page.submit()
    assert page.address_field.below.text().startswith("Begin with postgresql://")
    assert page.file_field.below.text() == "Choose the file your administrator made."
    assert page.file.invalid
    file = tmp_path / "desk-1.enrolment"
    file.write_text("a key")
    page.address.setText("postgresql://db.example/nexus")
    page.file.setText(str(file))
    page.submit()
    assert page.busy
    await _until(lambda: not page.busy)
    assert page.banner.text == "The server does not answer. Check the address."
    page.submit()
    await _until(lambda: bool(answers))
    assert answers == ["connected"]
    assert asked == [("postgresql://db.example/nexus", file)] * 2
    assert not page.file.invalid


async def test_connect_can_use_a_database_of_its_own(hub: ThemeHub, clock: FixedClock) -> None:
    async def never(_address: str, _file: Path) -> object:
        raise AssertionError("not asked")

    used: list[int] = []
    page = _connect(hub, clock, never, own=lambda: used.append(1))
    alone = next(b for b in page.findChildren(type(page.button)) if b.text().startswith("Use a database"))
    alone.click()
    assert used == [1]
