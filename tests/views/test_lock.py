"""The desk that locks by itself, and what stands on it while it is locked."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from uuid import UUID

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit, QWidget

from console.clock import FixedClock
from console.errors import SignInRefused
from console.views.entry.idle import IdleWatch
from console.views.entry.lock import LockPage, Whereabouts
from console.views.entry.people import KnownPerson, PersonCard
from console.views.theme import ThemeHub
from tests.support.qt import settle

MAYA = KnownPerson("Maya", "Front desk, today 15:42", "maya@riverside.example", needs_code=False)
ELENA = KnownPerson("Elena", "Manager, today 09:10", "elena@riverside.example", needs_code=True)


class Watching:
    """A watch over one field, with a clock that stands still."""

    def __init__(self, app: QApplication, clock: FixedClock, minutes: int) -> None:
        self.clock = clock
        self.locked = 0
        self.watch = IdleWatch(app, minutes, self._lock, clock)

    def _lock(self) -> None:
        self.locked += 1


@pytest.fixture
def watching(qapp: QApplication, clock: FixedClock) -> Iterator[Watching]:
    """A watch of ten minutes, running."""
    made = Watching(qapp, clock, 10)
    made.watch.start()
    yield made
    made.watch.stop()
    made.watch.deleteLater()


@pytest.fixture
def field(hub: ThemeHub) -> QLineEdit:
    """Something to type in."""
    made = QLineEdit()
    settle(made, 300, 40)
    return made


def test_an_untouched_desk_locks_once(watching: Watching) -> None:
    watching.clock.advance(9 * 60 + 59)
    watching.watch.check()
    assert watching.locked == 0
    watching.clock.advance(1)
    watching.watch.check()
    watching.watch.check()
    assert watching.locked == 1
    assert not watching.watch.running


def test_a_key_and_the_mouse_keep_it_open(watching: Watching, field: QLineEdit) -> None:
    touches: list[Callable[[], object]] = [
        lambda: QTest.keyClick(field, Qt.Key.Key_A),
        lambda: QTest.mouseClick(field, Qt.MouseButton.LeftButton),
        lambda: QTest.mouseMove(field, QPoint(5, 5)),
    ]
    for touch in touches:
        watching.clock.advance(8 * 60)
        touch()
        QApplication.processEvents()
        watching.watch.check()
    assert watching.locked == 0
    assert field.text() == "a"


def test_a_refresh_is_no_sign_of_life(watching: Watching, field: QLineEdit) -> None:
    watching.clock.advance(9 * 60)
    field.setText("somebody else came in")
    field.repaint()
    QApplication.processEvents()
    watching.clock.advance(60)
    watching.watch.check()
    assert watching.locked == 1


def test_the_first_key_after_a_long_sleep_locks_and_types_nothing(
    watching: Watching, field: QLineEdit
) -> None:
    watching.clock.advance(3 * 3600)  # the lid was closed: no timer ran
    QTest.keyClick(field, Qt.Key.Key_A)
    assert watching.locked == 1
    assert field.text() == ""


def test_never_is_never_and_a_new_time_counts_from_now(watching: Watching) -> None:
    watching.watch.set_minutes(0)
    watching.clock.advance(24 * 3600)
    watching.watch.check()
    assert watching.locked == 0
    assert not watching.watch.running
    watching.watch.set_minutes(2)
    watching.watch.check()
    assert watching.locked == 0
    watching.clock.advance(120)
    watching.watch.check()
    assert watching.locked == 1


def test_nobody_signed_in_is_nothing_to_lock(watching: Watching) -> None:
    watching.watch.stop()
    watching.clock.advance(3600)
    watching.watch.check()
    assert watching.locked == 0
    watching.watch.start()
    watching.clock.advance(60)
    watching.watch.check()
    assert watching.locked == 0


class Asked:
    """Takes sign-ins, refusing the first where it should."""

    def __init__(self, refusal: SignInRefused | None = None) -> None:
        self.tries: list[tuple[str, str, str | None]] = []
        self._refusal = refusal

    async def __call__(self, email: str, password: str, code: str | None) -> object:
        """Sign somebody in."""
        self.tries.append((email, password, code))
        if self._refusal is not None:
            refusal, self._refusal = self._refusal, None
            raise refusal
        return email


async def _until_idle(page: LockPage) -> None:
    while page.busy:
        await asyncio.sleep(0.005)


def _page(hub: ThemeHub, clock: FixedClock, asked: Asked, *others: KnownPerson) -> LockPage:
    page = LockPage(hub, clock, asked, MAYA, others=others)
    settle(page, 1440, 872)
    return page


async def test_the_same_person_types_only_a_password(hub: ThemeHub, clock: FixedClock) -> None:
    done: list[object] = []
    asked = Asked()
    page = _page(hub, clock, asked, ELENA, MAYA)
    page.signed_in.connect(done.append)
    assert page.password.hasFocus()
    assert not page.email.isVisible()
    assert not page.code.isVisible()
    QTest.keyClicks(page.password, "correct horse")
    QTest.keyClick(page.password, Qt.Key.Key_Return)
    await _until_idle(page)
    assert asked.tries == [("maya@riverside.example", "correct horse", None)]
    assert done == ["maya@riverside.example"]
    assert page.password.text() == ""


async def test_a_colleague_takes_over_with_one_press_and_a_password(hub: ThemeHub, clock: FixedClock) -> None:
    asked = Asked()
    page = _page(hub, clock, asked, MAYA, ELENA)
    cards = {card.text(): card for card in page.findChildren(PersonCard)}
    assert list(cards) == ["Maya", "Elena", "Someone else"]
    assert cards["Maya"].isChecked()
    cards["Elena"].setFocus()
    QTest.keyClick(cards["Elena"], Qt.Key.Key_Space)
    assert page.password.hasFocus()
    QTest.keyClicks(page.password, "other words")
    QTest.keyClicks(page.code, "123456")
    page.submit()
    await _until_idle(page)
    assert asked.tries == [("elena@riverside.example", "other words", "123456")]


async def test_a_recovery_code_is_taken_in_place_of_the_six_figures(hub: ThemeHub, clock: FixedClock) -> None:
    refusal = SignInRefused("Enter the code from your authenticator app.", code="code_needed")
    asked = Asked(refusal)
    page = _page(hub, clock, asked)
    QTest.keyClicks(page.password, "correct horse")
    QTest.keyClick(page.password, Qt.Key.Key_Return)
    await _until_idle(page)
    assert page.code.isVisible()
    assert page.code.hasFocus()
    QTest.keyClicks(page.code, "7KQ4-2MXR-9D0A-H3VC")
    QTest.keyClick(page.code, Qt.Key.Key_Return)
    await _until_idle(page)
    assert asked.tries[-1] == ("maya@riverside.example", "correct horse", "7KQ4-2MXR-9D0A-H3VC")


def test_somebody_who_was_not_remembered_can_still_unlock(hub: ThemeHub, clock: FixedClock) -> None:
    page = _page(hub, clock, Asked(), ELENA)
    assert [card.text() for card in page.findChildren(PersonCard)] == ["Maya", "Elena", "Someone else"]


def test_a_locked_desk_says_so_and_nothing_of_a_child(hub: ThemeHub, clock: FixedClock) -> None:
    page = _page(hub, clock, Asked(), MAYA, ELENA)
    words = {label.text() for label in page.findChildren(QLabel) if label.isVisibleTo(page)}
    assert "This desk is locked" in words
    assert "Maya was here. Someone else can take over." in words
    assert not [one for one in page.findChildren(QWidget) if "roster" in one.objectName().lower()]


def test_only_the_same_person_goes_back_to_where_they_were() -> None:
    was = Whereabouts("maya@riverside.example", UUID(int=1), "today", ("2026-03-12", UUID(int=2)))
    assert was.belongs_to("Maya@Riverside.example")
    assert not was.belongs_to("elena@riverside.example")
