"""The shared widgets do what their pictures promise, with the keyboard and with long words too."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QVBoxLayout, QWidget

from console.views.theme import ThemeHub
from console.views.widgets import paint
from console.views.widgets.attendance import AttendanceState, Disc
from console.views.widgets.buttons import Button, IconButton
from console.views.widgets.chips import Badge, Chip
from console.views.widgets.fields import Field, PasswordInput, SelectBox, TextInput
from console.views.widgets.meter import Meter
from console.views.widgets.text import ElidedLabel
from console.views.widgets.toggles import CheckBox, ChoiceRow
from tests.support.qt import settle

WIDE = "Wolfeschlegelsteinhausenbergerdorff-Featherstonehaugh the Extraordinarily Long Named"


def _ground(widget: QWidget, x: int, y: int) -> str:
    return widget.grab().toImage().pixelColor(x, y).name()


# -- buttons, chips, labels ------------------------------------------------------------------------------------


def test_button_heights_are_those_of_the_design(hub: ThemeHub) -> None:
    heights = []
    for scale in ("compact", "default", "desk"):
        button = Button(hub, "Save", scale=scale)
        button.ensurePolished()
        heights.append(button.sizeHint().height())
    assert heights == [28, 32, 40]


def test_an_icon_button_says_what_it_does(hub: ThemeHub) -> None:
    button = IconButton(hub, "ph.printer", "Print the roster")
    assert (button.accessibleName(), button.toolTip(), button.text()) == (
        "Print the roster",
        "Print the roster",
        "",
    )
    button.ensurePolished()
    assert button.sizeHint().width() == button.sizeHint().height() == 32


def test_buttons_follow_the_theme(hub: ThemeHub) -> None:
    button = Button(hub, "Save", "primary", icon="ph.check-bold")
    settle(button, 120, 32)
    assert _ground(button, 8, 16) == hub.theme.color("accent.fill").name()
    hub.set_mode("dark")
    QApplication.processEvents()
    assert _ground(button, 8, 16) == hub.theme.color("accent.fill").name()
    hub.set_mode("light")


@pytest.mark.parametrize("families", [None, ["DejaVu Sans"]])
def test_chips_never_lose_a_letter(qapp: QApplication, families: list[str] | None) -> None:
    hub = ThemeHub("light", families=families)
    chip = Chip(hub, WIDE, "red", "ph.warning-fill")
    needed = paint.text_width(hub.theme.font("caption", 600), WIDE)
    assert chip.sizeHint().width() >= needed + 12 + 12
    assert chip.minimumSizeHint() == chip.sizeHint()
    assert chip.text() == WIDE


def test_a_badge_of_nothing_is_no_badge(hub: ThemeHub) -> None:
    badge = Badge(hub, 0)
    assert badge.isHidden()
    badge.set_count(120, "red")
    assert (badge.text(), badge.isHidden()) == ("99+", False)
    assert badge.sizeHint().width() > badge.sizeHint().height()


def test_an_elided_label_keeps_the_whole_as_tool_tip(hub: ThemeHub) -> None:
    label = ElidedLabel(WIDE, "strong")
    settle(label, 120, 20)
    assert label.toolTip() == WIDE
    label.setText("Mia")
    assert label.toolTip() == ""
    assert label.minimumSizeHint().width() < 120


@pytest.mark.parametrize(
    "state", ["expected", "in", "out", "absent", "unmarked", "queued", "sending", "attention"]
)
def test_every_state_has_a_shape_of_its_own(hub: ThemeHub, state: str) -> None:
    disc = Disc(hub, state)
    settle(disc, 28, 28)
    assert disc.accessibleName()
    others = [name for name in ("expected", "in", "out", "absent", "unmarked", "attention") if name != state]
    if state == "sending":
        others = [name for name in others if name != "queued"]
    image = disc.grab().toImage().convertToFormat(disc.grab().toImage().Format.Format_Grayscale8)
    for other in others:
        disc.set_state(other)
        assert disc.grab().toImage().convertToFormat(image.format()) != image, f"{state} and {other} in grey"


def test_a_state_is_spoken_with_its_time(hub: ThemeHub) -> None:
    assert AttendanceState(hub, "in", "In", "15:41 · Desk 1").accessibleName() == "In, 15:41 · Desk 1"


def test_a_meter_never_overflows(hub: ThemeHub) -> None:
    meter = Meter(hub, "Places")
    meter.set_parts([(0.7, "green.solid"), (0.6, "neutral.border")])
    settle(meter, 200, 4)
    assert meter.value() == meter.maximum()
    assert _ground(meter, 100, 2) == hub.theme.color("green.solid").name()
    assert _ground(meter, 180, 2) == hub.theme.color("neutral.border").name()


# -- inputs ----------------------------------------------------------------------------------------------------


def test_a_refused_input_says_why_and_keeps_its_height(hub: ThemeHub) -> None:
    field = Field(hub, "Ends", TextInput(hub, "15:15"), help_text="Local time.")
    settle(field, 200, 90)
    height = field.editor.height()
    field.set_error("Ends before it starts at 15:30.")
    QApplication.processEvents()
    assert isinstance(field.editor, TextInput)
    assert field.editor.invalid
    assert field.editor.accessibleDescription() == "Ends before it starts at 15:30."
    assert field.editor.height() == height
    field.set_error("")
    assert not field.editor.invalid
    assert field.below.text() == "Local time."


def test_a_focused_input_does_not_jump(hub: ThemeHub) -> None:
    page = QWidget()
    column = QVBoxLayout(page)
    first, second = TextInput(hub, "18", scale="desk"), TextInput(hub, "19", scale="desk")
    column.addWidget(first)
    column.addWidget(second)
    settle(page, 240, 120)
    page.activateWindow()
    first.setFocus()
    QApplication.processEvents()
    before = second.geometry(), second.sizeHint()
    second.setFocus()
    QApplication.processEvents()
    assert (second.geometry(), second.sizeHint()) == before
    assert second.height() == 40


def test_caps_lock_is_noticed_from_what_is_typed(hub: ThemeHub) -> None:
    password = PasswordInput(hub)
    settle(password, 200, 32)
    news: list[bool] = []
    password.caps_lock.connect(news.append)

    def press(text: str, *, shift: bool = False, key: Qt.Key = Qt.Key.Key_A) -> None:
        held = Qt.KeyboardModifier.ShiftModifier if shift else Qt.KeyboardModifier.NoModifier
        QApplication.sendEvent(password, QKeyEvent(QEvent.Type.KeyPress, key, held, text))

    press("a")
    press("A", shift=True)
    press("7", key=Qt.Key.Key_7)
    assert news == []
    press("A")
    assert news == [True]
    press("a", shift=True)
    assert news == [True], "still on: shift makes it small"
    press("", key=Qt.Key.Key_CapsLock)
    assert news == [True, False]


def test_the_eye_shows_the_password(hub: ThemeHub) -> None:
    password = PasswordInput(hub)
    password.setText("secret")
    settle(password, 200, 32)
    assert password.echoMode() is QLineEdit.EchoMode.Password
    password._eye.click()
    assert password.echoMode() is QLineEdit.EchoMode.Normal
    assert password._eye.accessibleName() == "Hide password"


def test_choices_move_with_the_arrows_and_move_nothing_else(hub: ThemeHub) -> None:
    row = ChoiceRow(hub, [("all", "All"), ("expected", "Expected"), ("in", "In")], "tabs", name="Show")
    row.set_counts({"all": 16, "expected": 5, "in": 9})
    settle(row, 400, 28)
    chosen: list[str] = []
    row.changed.connect(chosen.append)
    places = [row.option(key).geometry() for key in ("all", "expected", "in")]
    row.option("all").setFocus()
    QTest.keyClick(row.option("all"), Qt.Key.Key_Right)
    QTest.keyClick(row.option("expected"), Qt.Key.Key_Left)
    QTest.keyClick(row.option("all"), Qt.Key.Key_Left)
    assert chosen == ["expected", "all", "in"]
    assert [row.option(key).geometry() for key in ("all", "expected", "in")] == places
    assert row.option("expected").accessibleName() == "Expected, 5"


def test_words_of_a_check_box_can_be_pressed(hub: ThemeHub) -> None:
    box = CheckBox(hub, "Tell parents")
    settle(box, 160, 28)
    QTest.mouseClick(box, Qt.MouseButton.LeftButton, pos=QPoint(90, 14))
    assert box.isChecked()


def test_a_select_box_elides_and_opens(hub: ThemeHub) -> None:
    box = SelectBox(hub, ["Junior Judo", WIDE])
    settle(box, 150, 32)
    box.setCurrentIndex(1)
    box.grab()
    assert box.currentText() == WIDE
    assert box.minimumSizeHint().width() == 64
