"""Nothing that lay over a page stays on the screen when the desk is locked or somebody else comes."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QLineEdit, QWidget

from console.clock import FixedClock
from console.views.preferences import Preferences
from console.views.shell.areas import Area
from console.views.shell.window import ShellWindow
from console.views.theme import ThemeHub
from console.views.widgets.dialog import QuestionCard, QuestionDialog, is_asked
from console.views.widgets.focus import lead_focus
from console.views.widgets.sheet import Sheet
from tests.support.qt import settle


def test_sheets_and_questions_go_with_the_pages_that_asked(
    hub: ThemeHub, clock: FixedClock, tmp_path: Path
) -> None:
    window = ShellWindow(hub, clock, Preferences(tmp_path / "window.ini"))
    window.set_areas([Area("today", "Today", "ph.clipboard-text", None, QWidget)])
    window.open_area("today")
    settle(window, 1280, 800)
    sheet = Sheet(hub, window, "Close Junior Judo?")
    sheet.open()
    sheet.show_step(QLabel("Beatriz"))
    answers: list[bool] = []
    question = QuestionDialog(hub, window, QuestionCard(hub, "Cancel?", "Twelve.", do="Cancel", keep="Keep"))
    question.answered.connect(answers.append)
    question.open()
    assert is_asked(window)
    window.set_areas(())
    assert not sheet.is_open
    assert answers == [False]
    assert not is_asked(window)


def test_enter_gives_the_answer_it_is_on_and_the_first_is_the_safe_one(
    hub: ThemeHub, clock: FixedClock
) -> None:
    window = QWidget()
    settle(window, 800, 600)
    answers: list[bool] = []
    for keys in (
        (Qt.Key.Key_Return,),
        (Qt.Key.Key_Tab, Qt.Key.Key_Return),
        (Qt.Key.Key_Tab, Qt.Key.Key_Enter),
    ):
        name = QLineEdit()
        question = QuestionDialog(
            hub, window, QuestionCard(hub, "Cancel?", "Twelve.", do="Cancel", keep="Keep", extra=name)
        )
        question.answered.connect(answers.append)
        question.open()
        # In a line of text it answers nothing by itself.
        name.setFocus()
        QTest.keyClick(name, Qt.Key.Key_Return)
        assert is_asked(window)
        question.card.keep.setFocus()
        for key in keys:
            focused = window.focusWidget()
            assert focused is not None
            QTest.keyClick(focused, key)
    assert answers == [False, True, True]
    window.close()


def test_what_is_loaded_under_a_sheet_does_not_take_the_keyboard_from_it(
    hub: ThemeHub, clock: FixedClock
) -> None:
    window = QWidget()
    page = QWidget(window)
    rows, filter_field = QLineEdit(page), QLineEdit(page)
    lead_focus(page, filter_field)
    settle(window, 800, 600)
    rows.setFocus()
    sheet = Sheet(hub, window, "Ask for changes")
    sheet.open()
    reason = QLineEdit()
    sheet.show_step(reason, focus=reason)
    # The page's rows have come, and it leads the keyboard into them.
    rows.setFocus()
    assert reason.hasFocus()
    page.setFocus()
    assert reason.hasFocus()
    # What is asked over the sheet has it next, and keeps it from the sheet as well.
    question = QuestionDialog(hub, window, QuestionCard(hub, "Cancel?", "Twelve.", do="Cancel", keep="Keep"))
    question.open()
    assert question.card.keep.hasFocus()
    reason.setFocus()
    assert question.card.keep.hasFocus()
    question.dismiss()
    assert reason.hasFocus()
    sheet.close()
    assert rows.hasFocus()
    filter_field.setFocus()
    assert filter_field.hasFocus()
    window.close()
