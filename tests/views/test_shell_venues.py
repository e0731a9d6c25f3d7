"""The shell for people with several venues, the collapsed rail, and the sheet of keys."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel

from console.clock import FixedClock
from console.views.preferences import Preferences
from console.views.shell.areas import Action, Area
from console.views.shell.palette_list import PaletteEntry
from console.views.shell.window import ShellWindow
from console.views.theme import ThemeHub
from tests.support.qt import settle

CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier


@pytest.fixture
def window(hub: ThemeHub, clock: FixedClock, tmp_path: Path) -> ShellWindow:
    made = ShellWindow(hub, clock, Preferences(tmp_path / "window.ini"))
    made.set_venue("Riverside Studio", "America/Los_Angeles")
    made.set_areas([Area("today", "Today", "ph.clipboard-text", None, QLabel)])
    settle(made, 1440, 900)
    made.activateWindow()
    made.open_area("today")
    QApplication.processEvents()
    return made


def offer(window: ShellWindow, *names: str) -> list[str]:
    gone: list[str] = []
    for name in names:
        run = partial(gone.append, name)
        window.actions_registry.add(Action(f"venue:{name}", f"Work at {name}", run, icon="ph.buildings"))
    return gone


def lines(window: ShellWindow) -> list[str]:
    return [one.title for one in window.palette_box.model.lines if isinstance(one, PaletteEntry)]


def test_the_venue_at_the_head_opens_the_other_venues(window: ShellWindow) -> None:
    gone = offer(window, "Alder Hall", "Öst Wing")
    head = window.rail._head
    assert "Change the venue" in head.accessibleName()
    QTest.mouseClick(head, Qt.MouseButton.LeftButton)
    assert lines(window) == ["Work at Alder Hall", "Work at Öst Wing"]
    assert window.palette_box._record.text() == "Riverside Studio"
    window.grab()
    QTest.keyClicks(window.palette_box.field, "ost")
    QTest.keyClick(window.palette_box.field, Qt.Key.Key_Return)
    assert gone == ["Öst Wing"]
    QTest.keyClick(window, Qt.Key.Key_V, CTRL | SHIFT)
    assert window.palette_box.is_open
    QTest.keyClick(window.palette_box.field, Qt.Key.Key_Escape)
    assert not window.palette_box.is_open, "there is no list to go back to"


def test_with_one_venue_the_head_changes_the_rails_width(window: ShellWindow) -> None:
    assert "Collapse" in window.rail._head.accessibleName()
    QTest.mouseClick(window.rail._head, Qt.MouseButton.LeftButton)
    assert window.rail.collapsed
    assert not window.palette_box.is_open
    offer(window, "Alder Hall")
    assert "Change the venue" in [action.title for action in window.actions_registry.actions]
    window.actions_registry.remove("venue:Alder Hall")
    assert "Change the venue" not in [action.title for action in window.actions_registry.actions]
    QTest.keyClick(window, Qt.Key.Key_V, CTRL | SHIFT)
    assert not window.palette_box.is_open


def test_a_collapsed_rail_says_its_words_and_counts_as_tool_tips(window: ShellWindow, tmp_path: Path) -> None:
    window.rail.set_badge("today", 4, "red")
    item = window.rail._items["today"]
    assert item.toolTip() == ""
    QTest.keyClick(window, Qt.Key.Key_B, CTRL)
    assert (item.toolTip(), window.rail._head.toolTip()) == ("Today, 4", "Riverside Studio")
    assert Preferences(tmp_path / "window.ini").rail_collapsed
    window.rail.set_badge("today", 0)
    assert (item.toolTip(), item.accessibleName()) == ("Today", "Today")
    window.rail.set_badge("nowhere", 3)


def test_the_sheet_of_keys_is_filtered_by_word_and_by_key(window: ShellWindow) -> None:
    QTest.keyClick(window, Qt.Key.Key_Slash, CTRL)
    sheet = window._sheet
    assert sheet is not None
    assert QApplication.focusWidget() is sheet.field
    whole, height = sheet.shown, sheet.card.height()
    assert {"Find or do", "Lock this desk", "Today"} <= set(whole)
    for typed, found in (
        ("lock", ["Lock this desk"]),
        ("ctrl+b", ["Collapse or widen the rail"]),
        ("f1", ["Shortcuts"]),
    ):
        sheet.field.setText(typed)
        assert sheet.shown == found
    assert sheet.card.height() == height, "it does not jump while one types"
    sheet.field.setText("zzzz")
    assert sheet.shown == []
    assert sheet._none.isVisible()
    sheet.card.grab()
    QTest.keyClick(sheet.field, Qt.Key.Key_Escape)
    assert sheet.shown == whole, "Esc empties the filter first"
    QTest.keyClick(sheet.field, Qt.Key.Key_Escape)
    assert window._sheet is None


def test_a_long_sheet_of_keys_scrolls_inside_the_window(window: ShellWindow) -> None:
    for number in range(60):
        keys = (
            f"Ctrl+Alt+{chr(65 + number % 26)}"
            + (", F2" if number > 25 else "")
            + (", F3" if number > 51 else "")
        )
        window.actions_registry.add(
            Action(
                f"x{number}",
                f"Do a long thing number {number} at the desk",
                list,
                keys,
                group="Desk",
                heard=False,
            )
        )
    window.resize(1100, 700)
    QApplication.processEvents()
    window.show_shortcuts()
    QApplication.processEvents()
    sheet = window._sheet
    assert sheet is not None
    assert window.rect().contains(sheet.card.geometry())
    bar = sheet._scroll.verticalScrollBar()
    assert bar.maximum() > 0
    QTest.keyClick(sheet.field, Qt.Key.Key_Down)
    assert bar.value() > 0
    QTest.keyClick(sheet.field, Qt.Key.Key_Up)
    assert bar.value() == 0
