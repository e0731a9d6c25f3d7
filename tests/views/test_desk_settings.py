"""The page of this desk: every choice counts at once, is remembered, and can be made with the keyboard alone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QWidget

from console.models.tones import Tone
from console.views.desk_settings import page as page_module
from console.views.desk_settings.page import DeskDetails, DeskSettingsPage
from console.views.desk_settings.printers import installed_printers
from console.views.desk_settings.scanner import Scan, ScannerTest
from console.views.preferences import Preferences
from console.views.sound import SoundPlayer
from console.views.theme import ThemeHub
from console.views.widgets.text import ElidedLabel, IconLabel
from tests.support.qt import present, settle

DETAILS = DeskDetails("Desk 1", "Riverside Studio", "postgresql://db.riverside.example/nexus", "1.0")
PRINTERS = ("Office", "Label printer")
CODE = "K7Q4-2MXR-6"


class Speaker:
    """A device that notes what it is given."""

    def __init__(self) -> None:
        self.heard: list[bytes] = []

    def sound(self, samples: bytes) -> None:
        """Take a tone."""
        self.heard.append(samples)

    def close(self) -> None:
        """Be let go."""


class Player(SoundPlayer):
    """Remembers what it was asked for, without a device."""

    def __init__(self, preferences: Preferences) -> None:
        super().__init__(preferences, open_speaker=Speaker)
        self.tested: list[Tone] = []

    def test(self, tone: Tone = Tone.IN) -> None:
        """Note the wish."""
        self.tested.append(tone)


@pytest.fixture
def hub(hub: ThemeHub) -> Iterator[ThemeHub]:
    """The usual size again for whoever comes next."""
    yield hub
    hub.set_text_percent(100)


@pytest.fixture
def kept(tmp_path: Path) -> Preferences:
    """Preferences in a file of this test."""
    return Preferences(tmp_path / "window.ini")


def _page(
    hub: ThemeHub, kept: Preferences, printers: Sequence[str] = PRINTERS, width: int = 1240
) -> tuple[DeskSettingsPage, Player]:
    player = Player(kept)
    page = DeskSettingsPage(hub, kept, player, DETAILS, lambda: printers)
    page.resize(width, 872)
    return page, player


async def _shown(page: DeskSettingsPage, width: int = 1240) -> None:
    present(page, width, 872)
    await page.settled()


async def test_printers_are_offered_and_kept(hub: ThemeHub, kept: Preferences) -> None:
    page, _ = _page(hub, kept)
    await _shown(page)
    offered = [page.printer.itemText(at) for at in range(page.printer.count())]
    assert offered == ["The computer’s usual one", "Office", "Label printer"]
    assert page.printer.hasFocus()
    QTest.keyClick(page.printer, Qt.Key.Key_Down)
    assert kept.printer == "Office"
    page.label_printer.setFocus()
    QTest.keyClick(page.label_printer, Qt.Key.Key_End)
    assert kept.label_printer == "Label printer"
    QTest.keyClick(page.label_printer, Qt.Key.Key_Home)
    assert kept.label_printer == ""


async def test_a_printer_that_is_switched_off_stays_chosen(hub: ThemeHub, kept: Preferences) -> None:
    kept.printer = "Upstairs"
    page, _ = _page(hub, kept, printers=())
    await _shown(page)
    assert page.printer.currentText() == "Upstairs"
    assert kept.printer == "Upstairs"


async def test_labels_sound_and_volume(hub: ThemeHub, kept: Preferences) -> None:
    page, player = _page(hub, kept)
    await _shown(page)
    page.label_size.option("62x29").setFocus()
    QTest.keyClick(page.label_size, Qt.Key.Key_Right)
    assert kept.label_size == "89x36"
    QTest.keyClick(page.labels, Qt.Key.Key_Space)
    assert kept.labels_on_check_in
    QTest.keyClick(page.volume, Qt.Key.Key_Left)
    assert kept.volume == 65
    assert page.volume_words.text() == "65 %"
    page.test.click()
    assert player.tested == [Tone.IN]
    QTest.keyClick(page.sound, Qt.Key.Key_Space)
    assert not kept.sound
    assert not page.volume.isEnabled()
    assert not page.test.isEnabled()


async def test_no_sound_device_is_said_here(hub: ThemeHub, kept: Preferences) -> None:
    page, player = _page(hub, kept)
    await _shown(page)
    assert not page.silent.isVisible()
    player.unavailable_changed.emit(True)
    assert page.silent.isVisible()
    player.unavailable_changed.emit(False)
    assert not page.silent.isVisible()


async def test_colours_and_text_size_change_at_once(
    hub: ThemeHub, kept: Preferences, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(page_module, "system_mode", lambda: "dark")
    page, _ = _page(hub, kept)
    await _shown(page)
    assert page.mode.chosen == "system"
    page.mode.option("dark").click()
    assert (hub.mode, kept.mode) == ("dark", "dark")
    page.mode.option("light").click()
    assert (hub.mode, kept.mode) == ("light", "light")
    page.mode.option("system").click()
    assert (hub.mode, kept.mode) == ("dark", None)
    page.text_size.option("150").click()
    assert (hub.text_percent, kept.text_percent) == (150, 150)
    page.text_size.option("100").click()
    assert hub.text_percent == 100


async def test_the_time_until_the_lock_is_told(hub: ThemeHub, kept: Preferences) -> None:
    page, _ = _page(hub, kept)
    told: list[int] = []
    page.lock_minutes_changed.connect(told.append)
    await _shown(page)
    assert page.lock.chosen == "10"
    page.lock.option("0").click()
    page.lock.option("2").click()
    assert told == [0, 2]
    assert kept.lock_minutes == 2


async def test_it_says_what_this_desk_is(hub: ThemeHub, kept: Preferences) -> None:
    page, _ = _page(hub, kept)
    await _shown(page)
    words = {one.text() for one in page.findChildren(QLabel)}
    assert {DETAILS.name, DETAILS.venue, DETAILS.server, DETAILS.version} <= words


@pytest.mark.parametrize(("width", "percent"), [(1240, 100), (1044, 100), (1044, 150), (1240, 150)])
async def test_nothing_leaves_the_page(hub: ThemeHub, kept: Preferences, width: int, percent: int) -> None:
    hub.set_text_percent(percent)
    page, _ = _page(hub, kept, width=width)
    await _shown(page, width)
    QApplication.processEvents()
    for choice in (page.mode, page.text_size, page.lock, page.label_size):
        assert choice.width() >= choice.sizeHint().width()
        assert choice.mapTo(page, choice.rect().topRight()).x() < width
    for words in page.findChildren(QLabel):
        plain = not isinstance(words, ElidedLabel | IconLabel) and not words.wordWrap()
        if plain and words.isVisible():
            assert words.width() >= words.sizeHint().width(), words.text()


def _scan(widget: QWidget, text: str, *, end: Qt.Key = Qt.Key.Key_Return) -> None:
    for mark in text:
        if mark.isprintable():
            QTest.keyClicks(widget, mark)
        else:
            control = Qt.KeyboardModifier.ControlModifier
            press = QKeyEvent(QEvent.Type.KeyPress, Qt.Key.Key_BracketRight, control, mark)
            QApplication.sendEvent(widget, press)
    QTest.keyClick(widget, end)


def test_the_scanner_field_shows_what_a_scan_sends(hub: ThemeHub) -> None:
    test = ScannerTest(hub)
    settle(test, 400, 140)
    seen: list[Scan] = []
    test.line.ended.connect(seen.append)
    _scan(test.line, CODE)
    assert seen[-1].text == CODE
    assert (seen[-1].scanned, seen[-1].end) == (True, "Enter")
    assert test.verdict.isVisible()
    _scan(test.line, f"\x1d{CODE}", end=Qt.Key.Key_Tab)
    assert seen[-1].shown == f"␝{CODE}"
    assert (seen[-1].text, seen[-1].end) == (CODE, "Tab")
    assert seen[-1].good
    assert "A ticket: 12 characters" in test.verdict.words.text()
    assert test.line.hasFocus() or not test.isActiveWindow()
    _scan(test.line, CODE.replace("6", "7"))
    assert "misread" in test.verdict.words.text()
    _scan(test.line, "4006381333931")
    assert "not a ticket" in test.verdict.words.text()


def test_a_hand_is_told_from_a_scanner(hub: ThemeHub) -> None:
    test = ScannerTest(hub)
    settle(test, 400, 140)
    seen: list[Scan] = []
    test.line.ended.connect(seen.append)
    for mark in "Nia":
        QTest.keyClicks(test.line, mark)
        QTest.qWait(50)
    QTest.keyClick(test.line, Qt.Key.Key_Return)
    assert not seen[-1].scanned
    assert "by hand" in test.verdict.words.text()


def test_this_computers_printers_can_be_asked_for(qapp: QApplication) -> None:
    assert all(installed_printers())  # an empty list where there is none
