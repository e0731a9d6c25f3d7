"""The scan field: a scanner is told from a hand."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication

from console.domain import codes
from console.views.front_desk.scan_field import ScanField
from console.views.front_desk.wedge import WedgeDetector
from console.views.theme import ThemeHub
from tests.support.qt import settle
from tests.views.today import press, scan


class Heard:
    """What a field reported."""

    def __init__(self, hub: ThemeHub) -> None:
        self.field = ScanField(hub)
        self.said: list[tuple[str, str]] = []
        self.field.scanned.connect(lambda text: self.said.append(("scanned", text)))
        self.field.searched.connect(lambda text: self.said.append(("searched", text)))
        self.field.entered.connect(lambda: self.said.append(("entered", "")))
        self.field.mistyped.connect(lambda text: self.said.append(("mistyped", text)))
        self.field.undo_wanted.connect(lambda: self.said.append(("undo", "")))
        self.field.escaped.connect(lambda: self.said.append(("escaped", "")))
        settle(self.field, 500, 48)


@pytest.fixture
def heard(hub: ThemeHub) -> Heard:
    return Heard(hub)


@pytest.mark.parametrize("end", [Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Tab])
def test_a_burst_is_a_ticket_whatever_ends_it(heard: Heard, end: Qt.Key) -> None:
    scan(heard.field.line, "K7Q4-2MXR-6", end=end)
    assert heard.said == [("scanned", "K7Q4-2MXR-6")]
    assert heard.field.text == ""


def test_a_ticket_scanned_over_a_half_typed_name_is_only_the_ticket(heard: Heard) -> None:
    press(heard.field.line, "oli")
    scan(heard.field.line, "K7Q4-2MXR-6")
    assert heard.said == [("scanned", "K7Q4-2MXR-6")]
    assert heard.field.text == ""


def test_a_scan_torn_in_two_by_a_busy_machine_is_still_the_ticket(heard: Heard) -> None:
    press(heard.field.line, "K7Q4")
    scan(heard.field.line, "-2MXR-6")
    assert heard.said == [("scanned", "K7Q4-2MXR-6")]
    assert heard.field.text == ""


def test_the_end_of_a_torn_ticket_is_no_pickup_tag_although_it_looks_like_one(heard: Heard) -> None:
    code = ticket_that_ends_as_a_tag()
    press(heard.field.line, code[:5])
    scan(heard.field.line, code[5:])
    assert heard.said == [("scanned", codes.parse(code))]
    heard.said.clear()
    press(heard.field.line, "oli")
    scan(heard.field.line, code[5:])
    assert heard.said == [("scanned", code[5:])], "over a half-typed name it is the tag"


def ticket_that_ends_as_a_tag() -> str:
    """A valid code of nine symbols, written without dashes, whose last four are shaped like a pickup tag."""
    ends = (
        f"{one}{two}{three}{four}" for one in "23" for two in "AB" for three in "45" for four in "CDEFGHJK"
    )
    code = next(code for end in ends if codes.parse(code := f"K7Q42{end}") is not None)
    assert codes.parse_tag(code[5:]) is not None
    return code


def test_control_characters_of_a_scanner_are_stripped(heard: Heard) -> None:
    scan(heard.field.line, "\x02K7Q4\x1d-2MXR-6\x03")
    assert heard.said == [("scanned", "K7Q4-2MXR-6")]


def test_a_shortcut_in_the_middle_of_a_scan_is_swallowed(heard: Heard) -> None:
    line = heard.field.line
    for at, mark in enumerate("K7Q4"):
        event = QKeyEvent(QEvent.Type.KeyPress, Qt.Key.Key_unknown, Qt.KeyboardModifier.NoModifier, mark)
        event.setTimestamp(5_000 + at * 5)
        QApplication.sendEvent(line, event)
    control = Qt.KeyboardModifier.ControlModifier
    override = QKeyEvent(QEvent.Type.ShortcutOverride, Qt.Key.Key_K, control, "\x0b")
    override.setTimestamp(5_025)
    override.ignore()
    QApplication.sendEvent(line, override)
    assert override.isAccepted()
    late = QKeyEvent(QEvent.Type.ShortcutOverride, Qt.Key.Key_K, control, "\x0b")
    late.setTimestamp(9_000)
    late.ignore()
    QApplication.sendEvent(line, late)
    assert not late.isAccepted()


def test_typed_slowly_the_same_code_is_read_on_enter(heard: Heard) -> None:
    press(heard.field.line, "k7q4 2mxr 6")
    press(heard.field.line, Qt.Key.Key_Return, text="\r")
    assert heard.said == [("scanned", "K7Q4-2MXR-6")]


def test_a_code_with_a_wrong_letter_is_no_name(heard: Heard) -> None:
    press(heard.field.line, "K7Q4-2MXR-7")
    press(heard.field.line, Qt.Key.Key_Return, text="\r")
    assert heard.said == [("mistyped", "K7Q4-2MXR-7")]
    assert heard.field.line.selectedText() == "K7Q4-2MXR-7"


def test_oliver_is_a_name(heard: Heard) -> None:
    press(heard.field.line, "Oliver")
    press(heard.field.line, Qt.Key.Key_Return, text="\r")
    assert heard.said == [("searched", "Oliver"), ("entered", "")]


def test_tab_by_hand_moves_on(heard: Heard) -> None:
    press(heard.field.line, "Oli")
    press(heard.field.line, Qt.Key.Key_Tab, text="\t")
    assert ("entered", "") not in heard.said
    assert heard.field.text == "Oli"


def test_escape_clears_first_and_then_says_so(heard: Heard) -> None:
    press(heard.field.line, "Oli")
    press(heard.field.line, Qt.Key.Key_Return, text="\r")
    press(heard.field.line, Qt.Key.Key_Escape)
    assert heard.field.text == ""
    assert heard.said[-1] == ("searched", "")
    press(heard.field.line, Qt.Key.Key_Escape)
    assert heard.said[-1] == ("escaped", "")


def test_undo_belongs_to_the_text_while_there_is_some(heard: Heard) -> None:
    def undo() -> None:
        event = QKeyEvent(QEvent.Type.KeyPress, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier, "\x1a")
        event.setTimestamp(50_000_000)
        QApplication.sendEvent(heard.field.line, event)

    press(heard.field.line, "Oli")
    undo()
    assert ("undo", "") not in heard.said
    heard.field.clear()
    undo()
    assert heard.said[-1] == ("undo", "")


def test_two_fingers_falling_together_are_no_scanner() -> None:
    wedge = WedgeDetector()
    for at, mark in ((0.0, "N"), (0.01, "i"), (0.02, "a")):
        wedge.press(mark, at)
    assert wedge.finish(0.03) is None
    for at, mark in enumerate("K7Q4"):
        wedge.press(mark, 1 + at * 0.034)
    assert wedge.finish(1 + 4 * 0.034) == "K7Q4"
    for at, mark in enumerate("K7Q4"):
        wedge.press(mark, 5 + at * 0.036)
    assert wedge.finish(5 + 4 * 0.036) is None


def test_a_pause_before_enter_is_a_hand(heard: Heard) -> None:
    wedge = WedgeDetector()
    for at, mark in enumerate("Nadia"):
        wedge.press(mark, at * 0.01)
    assert wedge.finish(0.5) is None
    assert wedge.finish(0.5) is None
