"""Every text input of the window takes every naughty string: no error, no log, nothing breaks, nothing grows.

The inputs are found on the pages of tests/support/pages.py, so that a new page brings its own. A string is pasted, then
sent with Enter where that only searches; what is typed into a scan field loses its control characters.
"""

from __future__ import annotations

import json
import unicodedata
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QPlainTextEdit, QTextEdit, QWidget

from console.views.front_desk.page import TodayPage
from console.views.theme import ThemeHub
from console.views.widgets.fields import TextInput
from tests.support.pages import PAGES, on_screen, rest
from tests.support.shared_data import require

Editor = QLineEdit | QPlainTextEdit | QTextEdit

_SIZE = (1100, 700)
# Enter there asks or filters and changes nothing, so it is pressed too.
_SEARCHES = ("palette", "shortcuts", "venues", "sign in", "lock")
# One page for each input: the others show the same inputs again.
_PAGES = [
    name
    for name in PAGES
    if name
    not in (
        *("today with a child", "today without sessions", "start", "question"),
        *("a draft activity", "many activities, preview"),
        *("compliance, calendar", "compliance, error", "compliance, none", "compliance, only to read"),
        *("papers", "applications, import", "applications, none"),
    )
]

_HAVING = frozenset(
    {
        *(
            "today",
            "this desk",
            "venues",
            "palette",
            "shortcuts",
            "sign in",
            "lock",
            "connect",
            "account",
            "walk-in",
        ),
        *("correct allergies", "correct pickup people"),
    }
)


def inputs(root: QWidget) -> list[Editor]:
    """The text inputs on show."""
    return [
        widget
        for widget in root.findChildren(QWidget)
        if isinstance(widget, QLineEdit | QPlainTextEdit | QTextEdit)
        and widget.isVisible()
        and widget.isEnabled()
        and not widget.isReadOnly()
    ]


def paste(editor: Editor, text: str) -> str:
    """Replace what is in an input by the clipboard's text, and answer what it made of it."""
    editor.selectAll()
    if isinstance(editor, QLineEdit):
        editor.insert(text) if text else editor.clear()
        return editor.text()
    editor.insertPlainText(text)
    return editor.toPlainText()


@pytest.fixture(scope="module")
def naughty() -> list[str]:
    """The public list, with what it has not: control characters, a NUL, half a surrogate pair, a very long word."""
    folder = Path(__file__).resolve().parents[3] / "shared" / "data"
    file = require(folder / "naughty_strings" / "blns.json")
    strings = json.loads(file.read_text("utf-8"))
    assert len(strings) > 400
    return [
        *strings,
        "\x00\x01\x1b[31m\x7f",
        "a\r\nb\tc",
        "\u202eolleh",
        "x" * 5000,
        "\ufffe\uffff",
        "🧒🏽" * 60,
    ]


@pytest.mark.parametrize("name", _PAGES)
async def test_every_input_takes_every_string(hub: ThemeHub, naughty: list[str], name: str) -> None:
    window, root = await on_screen(hub, name, _SIZE)
    found = inputs(root)
    assert found or name not in _HAVING, "an empty list would prove nothing"
    for editor in found:
        for number, text in enumerate(naughty):
            kept = paste(editor, text)
            assert not isinstance(editor, TextInput) or "\x00" not in kept
            if name in _SEARCHES and isinstance(editor, QLineEdit) and name != "palette":
                QTest.keyClick(editor, Qt.Key.Key_Return)
            if number % 170 == 0:
                await rest(0.01)
                window.grab()
        paste(editor, "")
    await rest()
    assert (window.width(), window.height()) == _SIZE
    assert window.minimumSizeHint().width() <= _SIZE[0]


async def test_a_scan_field_keeps_no_control_character(hub: ThemeHub, naughty: list[str]) -> None:
    window, _root = await on_screen(hub, "today", _SIZE)
    page = window.page()
    assert isinstance(page, TodayPage)
    line = page.middle.scan.line
    for text in naughty:
        QApplication.clipboard().setText(text)
        line.clear()
        line.paste()
        kept = line.text()
        assert not [mark for mark in kept if unicodedata.category(mark) == "Cc"], repr(text)
