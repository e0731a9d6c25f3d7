"""Signing in while the server is away, and leaving a desk that still has something to send."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QWidget

from console.clock import FixedClock
from console.domain.attendance import EventKind
from console.domain.sealed_notes import NotesCount
from console.errors import ConsoleError, Denied, SignInRefused, Unavailable
from console.views.entry.leaving import leaving_question, leaving_words
from console.views.entry.lock import LOCKED_NOTE, LockPage
from console.views.entry.people import KnownPerson
from console.views.entry.sign_in import OFFLINE_NOTE, PRIVACY_NOTE, SignInPage
from console.views.theme import ThemeHub
from tests.support.qt import settle

JONAS = KnownPerson("Jonas", "Front desk, today 15:40", "jonas@riverside.example")
IN, OUT = EventKind.CHECK_IN, EventKind.CHECK_OUT


class Unlock:
    """Opens what a desk keeps for one password, or refuses as it is told."""

    def __init__(self, refusal: ConsoleError | None = None) -> None:
        self.refusal = refusal
        self.asked: list[tuple[str, str, str | None]] = []

    async def __call__(self, email: str, password: str, code: str | None) -> object:
        self.asked.append((email, password, code))
        await asyncio.sleep(0)
        if self.refusal is not None:
            raise self.refusal
        return "rosters"


def offline_page(hub: ThemeHub, clock: FixedClock, unlock: Unlock) -> SignInPage:
    """The page at a desk without a server."""
    page = SignInPage(hub, clock, unlock, people=[JONAS])
    page.set_offline(True)
    settle(page, 1440, 872)
    return page


async def until(condition: Callable[[], bool]) -> None:
    """Wait until something is true."""
    async with asyncio.timeout(5):
        while not condition():
            await asyncio.sleep(0.005)


async def test_a_password_alone_unlocks_the_desk(hub: ThemeHub, clock: FixedClock) -> None:
    unlock = Unlock()
    page = offline_page(hub, clock, unlock)
    opened: list[object] = []
    page.signed_in.connect(opened.append)
    assert page.note.text() == OFFLINE_NOTE
    assert page.button.text() == "Unlock"
    assert page.code_field.isHidden(), "only the server could check a code"
    assert not page.banner.isVisible(), "a network fault is no error of the person"
    QTest.keyClicks(page.password, "four plain words")
    QTest.keyClick(page.password, Qt.Key.Key_Return)
    assert page.button.text() == "Unlocking…"
    await until(lambda: bool(opened))
    assert unlock.asked == [("jonas@riverside.example", "four plain words", None)]


@pytest.mark.parametrize(
    ("refusal", "said"),
    [
        (
            Denied("That password does not open this desk's data.", code="unlock_wrong"),
            "That password does not open this desk's data.",
        ),
        (
            Denied(
                "You last signed in here more than 7 days ago.",
                hint="Sign in when the server can be reached.",
                code="unlock_expired",
            ),
            "You last signed in here more than 7 days ago. Sign in when the server can be reached.",
        ),
        (
            Denied(
                "This computer's clock looks wrong: it is earlier than when this desk was last used.",
                hint="Set the date and time, then try again.",
                code="clock_back",
            ),
            "This computer's clock looks wrong: it is earlier than when this desk was last used. "
            "Set the date and time, then try again.",
        ),
        (
            Denied(
                "This desk has kept nothing for you.",
                hint="Sign in when the server can be reached.",
                code="unlock_nothing",
            ),
            "This desk has kept nothing for you. Sign in when the server can be reached.",
        ),
    ],
)
async def test_why_it_does_not_open_is_said_whole(
    hub: ThemeHub, clock: FixedClock, refusal: Denied, said: str
) -> None:
    page = offline_page(hub, clock, Unlock(refusal))
    page.password.setText("some words")
    page.submit()
    await until(lambda: page.banner.isVisible())
    assert page.banner.text == said
    assert page.password.text() == ""
    assert page.button.isEnabled()


async def test_too_many_wrong_passwords_make_it_wait(hub: ThemeHub, clock: FixedClock) -> None:
    refusal = SignInRefused("Too many wrong passwords.", code="too_many_tries", retry_after_seconds=60)
    page = offline_page(hub, clock, Unlock(refusal))
    page.password.setText("some words")
    page.submit()
    await until(lambda: page.locked)
    assert page.banner.text == "Too many tries. You can try again in 1:00."


async def test_the_server_may_come_and_go_under_the_fingers(hub: ThemeHub, clock: FixedClock) -> None:
    page = SignInPage(hub, clock, Unlock(), people=[JONAS])
    settle(page, 1440, 872)
    assert (page.note.text(), page.button.text()) == (PRIVACY_NOTE, "Sign in")
    page.password.setText("half a pass")
    page.code.setText("123")
    page.set_offline(True)
    assert (page.password.text(), page.code_field.isHidden()) == ("half a pass", True)
    page.set_offline(False)
    assert (page.password.text(), page.code.text()) == ("half a pass", "123")
    assert not page.code_field.isHidden()
    assert (page.note.text(), page.button.text()) == (PRIVACY_NOTE, "Sign in")


async def test_a_code_that_was_half_typed_does_not_stand_in_the_way(hub: ThemeHub, clock: FixedClock) -> None:
    unlock = Unlock()
    page = SignInPage(hub, clock, unlock, people=[JONAS])
    settle(page, 1440, 872)
    page.code.setText("12")
    page.password.setText("four plain words")
    page.set_offline(True)
    page.submit()
    await until(lambda: bool(unlock.asked))
    assert unlock.asked[0][2] is None


async def test_a_locked_desk_says_it_too_and_says_its_own_again(hub: ThemeHub, clock: FixedClock) -> None:
    page = LockPage(hub, clock, Unlock(), JONAS)
    settle(page, 1440, 872)
    page.set_offline(True)
    assert page.note.text() == OFFLINE_NOTE
    page.set_offline(False)
    assert page.note.text() == LOCKED_NOTE


async def test_a_server_that_goes_away_meanwhile_is_said(hub: ThemeHub, clock: FixedClock) -> None:
    page = SignInPage(hub, clock, Unlock(Unavailable("The server cannot be reached.")), people=[JONAS])
    settle(page, 1440, 872)
    page.password.setText("four plain words")
    page.submit()
    await until(lambda: page.banner.isVisible())
    assert page.banner.text == "The server cannot be reached."


@pytest.mark.parametrize(
    ("waiting", "title"),
    [
        ([IN, IN, IN], "3 check-ins are not sent yet"),
        ([OUT, OUT], "2 check-outs are not sent yet"),
        ([IN, OUT, EventKind.ANNUL], "3 entries are not sent yet"),
        ([IN], "1 check-in is not sent yet"),
    ],
)
def test_leaving_says_what_waits_in_numbers(waiting: list[EventKind], title: str) -> None:
    said, sentence = leaving_words(waiting)
    assert said == title
    assert sentence.endswith("by whoever signs in next.")


@pytest.mark.parametrize("answer", [False, True])
def test_staying_is_the_safe_answer(hub: ThemeHub, answer: bool) -> None:
    window = QWidget()
    settle(window, 1100, 700)
    window.activateWindow()
    QApplication.processEvents()
    question = leaving_question(hub, window, [IN, IN, IN])
    answers: list[bool] = []
    question.answered.connect(answers.append)
    question.open()
    card = question.card
    assert [one.text() for one in card.findChildren(QLabel)] == [
        "3 check-ins are not sent yet",
        "They stay on this desk and are sent by whoever signs in next.",
    ]
    assert (card.keep.text(), card.do.text()) == ("Stay", "Sign out")
    assert window.focusWidget() is card.keep
    if answer:
        card.do.click()
    else:
        QTest.keyClick(card, Qt.Key.Key_Escape)
    assert answers == [answer]


def test_leaving_also_tells_of_walk_ins_and_new_families() -> None:
    assert leaving_words([IN], NotesCount(walk_ins=1)) == (
        "1 check-in and 1 walk-in are not sent yet",
        "They stay on this desk and are sent by whoever signs in next.",
    )
    assert leaving_words([], NotesCount(walk_ins=1, attention=1)) == (
        "1 walk-in is not sent yet",
        "It stays on this desk; Needs attention says what was refused.",
    )
    title, text = leaving_words([], NotesCount(families=1))
    assert title == "A new family is not registered yet"
    assert "until you sign in here again" in text
