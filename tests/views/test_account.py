"""The account page, the start page and what a workstation remembers of people."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from console.clock import CorrectedClock, FixedClock
from console.domain.person import DeviceRef, Grant, Person, VenueRef
from console.errors import SignInRefused, Unavailable
from console.permissions import StaffRole
from console.views.account import AccountPage
from console.views.entry.start import StartPage
from console.views.preferences import Preferences
from console.views.theme import ThemeHub
from console.views.widgets.buttons import Button
from tests.support.qt import NOW, settle

VENUE = VenueRef(UUID(int=1), "Riverside Studio", "riverside", "America/Los_Angeles", "active")


def _person(*, authenticator: bool = False) -> Person:
    grants = (
        Grant(StaffRole.MANAGER, VENUE.id, frozenset()),
        Grant(StaffRole.PLATFORM_ADMIN, None, frozenset()),
    )
    return Person(
        UUID(int=2), "Elena", "Marsh", "elena@riverside.example", "en", authenticator, grants, (VENUE,),
        DeviceRef(UUID(int=3), "Desk 1", None), UUID(int=4), NOW + timedelta(hours=2), False, NOW,
    )  # fmt: skip


class Service:
    """What the page asks for; it remembers what it was given."""

    def __init__(self) -> None:
        self.changes: list[tuple[str, str, str | None]] = []
        self.left = 0
        self.error: SignInRefused | None = None

    async def change(self, present: str, new: str, code: str | None) -> None:
        """Take a change, or refuse it."""
        self.changes.append((present, new, code))
        if self.error is not None:
            raise self.error

    async def leave(self) -> None:
        """Sign out everywhere."""
        self.left += 1


def _page(hub: ThemeHub, service: Service, *, authenticator: bool = False) -> AccountPage:
    zone = ZoneInfo(VENUE.timezone)
    page = AccountPage(hub, _person(authenticator=authenticator), zone, service.change, service.leave)
    settle(page, 1240, 872)
    return page


def _type(page: AccountPage, present: str, new: str, again: str) -> None:
    for field, text in ((page.present, present), (page.new, new), (page.again, again)):
        QTest.keyClicks(field, text)


async def test_a_password_is_changed_by_keyboard(hub: ThemeHub) -> None:
    service = Service()
    page = _page(hub, service)
    said: list[str] = []
    page.done.connect(said.append)
    _type(page, "old words here", "many new words", "many new words")
    QTest.keyClick(page.again, Qt.Key.Key_Return)
    await page.settled()
    assert service.changes == [("old words here", "many new words", None)]
    assert said == ["Your password is changed"]
    assert page.present.text() == page.new.text() == page.again.text() == ""


async def test_two_different_new_passwords_are_not_sent(hub: ThemeHub) -> None:
    service = Service()
    page = _page(hub, service)
    _type(page, "old words here", "many new words", "many now words")
    page.submit()
    await asyncio.sleep(0)
    assert service.changes == []
    assert page.again_field.below.text() == "This is not the same as above."


async def test_a_refusal_is_a_banner_and_keeps_what_was_typed(hub: ThemeHub) -> None:
    service = Service()
    service.error = SignInRefused("That e-mail address and password do not match.", hint="Try again.")
    page = _page(hub, service)
    _type(page, "wrong", "many new words", "many new words")
    page.submit()
    await page.settled()
    assert page.banner.text == "That e-mail address and password do not match. Try again."
    assert page.new.text() == "many new words"


async def test_an_authenticator_is_asked_for_where_there_is_one(hub: ThemeHub) -> None:
    service = Service()
    page = _page(hub, service, authenticator=True)
    _type(page, "old words here", "many new words", "many new words")
    QTest.keyClicks(page.code, "123 456")
    page.submit()
    await page.settled()
    assert service.changes[0][2] == "123456"
    assert not _page(hub, service).code.isVisible()


async def test_the_keyboard_starts_where_nothing_happens_by_accident(hub: ThemeHub) -> None:
    service = Service()
    page = _page(hub, service)
    assert page.present.hasFocus()
    QTest.keyClick(page.present, Qt.Key.Key_Space)
    QTest.keyClick(page.present, Qt.Key.Key_Return)
    await page.settled()
    assert service.left == 0


async def test_signing_out_everywhere_is_one_button(hub: ThemeHub) -> None:
    service = Service()
    page = _page(hub, service)
    page.everywhere.click()
    await page.settled()
    assert service.left == 1


def test_the_start_page_says_what_is_done_and_offers_to_try_again(hub: ThemeHub) -> None:
    tries: list[int] = []
    page = StartPage(hub, FixedClock(NOW))
    settle(page, 1440, 872)
    page.say("Starting the database")
    assert page.step.text() == "Starting the database…"
    page.fail(Unavailable("The port is taken.", hint="Choose another."), lambda: tries.append(1))
    assert page.banner.text == "The port is taken. Choose another."
    retry = next(one for one in page.banner.findChildren(Button) if one.text() == "Try again")
    retry.click()
    assert page.title.text() == "This desk is not ready"
    page.again()
    assert page.title.text() == "Getting ready"
    assert tries == [1]
    assert not page.banner.isVisible()


@pytest.fixture
def preferences(tmp_path: Path) -> Preferences:
    """Preferences in a file of this test."""
    return Preferences(tmp_path / "window.ini")


def test_people_are_remembered_for_a_week_the_latest_first(preferences: Preferences) -> None:
    for number, name in enumerate(["Ada", "Bo", "Cy", "Di", "Ed", "Flo"]):
        preferences.remember_person(
            f"{name}@x.example", name, "Front desk", NOW + timedelta(hours=number), False
        )
    preferences.remember_person("Bo@x.example", "Bo", "Manager", NOW + timedelta(days=1), True)
    known = preferences.known_people(NOW + timedelta(days=1, minutes=5))
    assert [one.name for one in known] == ["Bo", "Flo", "Ed", "Di", "Cy"]
    assert known[0].needs_code
    assert not known[1].needs_code
    assert known[0].detail.startswith("Manager, today ")
    assert preferences.known_people(NOW + timedelta(days=9)) == []


def test_a_damaged_memory_costs_only_the_memory(tmp_path: Path) -> None:
    file = tmp_path / "window.ini"
    file.write_text('[General]\npeople="[{\\"email\\": 1"\n', encoding="utf-8")
    assert Preferences(file).known_people(NOW) == []


def test_no_password_is_ever_remembered(preferences: Preferences, tmp_path: Path) -> None:
    preferences.remember_person("ada@x.example", "Ada", "Front desk", NOW, False)
    assert preferences.known_people(NOW)[0].password == ""
    assert "assword" not in (tmp_path / "window.ini").read_text(encoding="utf-8")


def test_a_desk_follows_the_servers_clock() -> None:
    base = FixedClock(datetime(2026, 1, 1, tzinfo=UTC))
    clock = CorrectedClock(base)
    assert clock.now() == base.now()
    assert clock.correct(NOW) == clock.offset == NOW - base.now()
    base.advance(90)
    assert clock.now() == NOW + timedelta(seconds=90)
    assert clock.monotonic() == 90
