"""Text of another size: fonts, and everything that holds text, grow together and at once."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtGui import QFontMetricsF
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit, QVBoxLayout, QWidget

from console.views.preferences import TEXT_PERCENTS
from console.views.theme import Theme, ThemeHub
from console.views.tokens import scale, tokens
from console.views.widgets.base import fix_height
from console.views.widgets.buttons import Button
from console.views.widgets.fields import TextInput
from console.views.widgets.header import PageHeader
from tests.support.qt import settle


@pytest.fixture
def hub(hub: ThemeHub) -> Iterator[ThemeHub]:
    """The usual size again for whoever comes next."""
    yield hub
    hub.set_text_percent(100)


@pytest.mark.parametrize("percent", TEXT_PERCENTS)
def test_type_and_what_holds_it_grow_together(qapp: QApplication, percent: int) -> None:
    theme = Theme(text_percent=percent)
    for step in tokens().data["type"]["scale"]:
        assert theme.font(step).pixelSize() == scale(tokens().type(step)["px"], percent)
        assert theme.line(step) == scale(tokens().type(step)["line"], percent)
    for path in ("row.roster", "row.table", "control.desk", "statusBar", "chip", "outcomeBand", "header"):
        assert theme.size(path) == scale(tokens().size(path), percent), path
    for path in ("rail", "sidePanel", "palette", "disc", "meter"):
        assert theme.size(path) == tokens().size(path), path


def test_the_style_sheet_follows(qapp: QApplication) -> None:
    small, large = Theme().style_sheet(), Theme(text_percent=150).style_sheet()
    assert "font-size: 13px" in small
    assert "font-size: 20px" in large
    assert "min-height: 30px" in small
    assert "min-height: 46px" in large
    assert "{{" not in small + large


def test_half_a_pixel_rounds_up() -> None:
    assert [scale(11, percent) for percent in (100, 110, 125, 150)] == [11, 12, 14, 17]
    assert scale(13, 150) == 20


def test_a_new_size_takes_effect_at_once(hub: ThemeHub) -> None:
    page = QWidget()
    column = QVBoxLayout(page)
    header = PageHeader(hub, "Account", "someone")
    words, button, field = QLabel("Words"), Button(hub, "Print roster"), TextInput(hub)
    for part in (header, words, button, field):
        column.addWidget(part)
    column.addStretch(1)
    settle(page, 700, 500)
    before = (header.height(), words.height(), button.height(), field.height(), words.fontInfo().pixelSize())
    assert before[0] == 56
    assert before[2:4] == (32, 32)
    hub.set_text_percent(150)
    QApplication.processEvents()
    after = (header.height(), words.height(), button.height(), field.height(), words.fontInfo().pixelSize())
    assert after[0] == 84
    assert after[2:4] == (48, 48)
    assert after[1] > before[1]
    assert after[4] == 20
    hub.set_text_percent(100)
    QApplication.processEvents()
    assert button.height() == 32


@pytest.mark.parametrize("percent", TEXT_PERCENTS)
def test_a_focused_input_does_not_jump(hub: ThemeHub, percent: int) -> None:
    hub.set_text_percent(percent)
    page = QWidget()
    column = QVBoxLayout(page)
    fields = [TextInput(hub, scale="compact"), TextInput(hub), TextInput(hub, scale="desk")]
    for field in fields:
        column.addWidget(field)
    column.addStretch(1)
    settle(page, 400, 400)
    for field in fields:
        high = field.height()
        field.setFocus()
        QApplication.processEvents()
        assert field.hasFocus()
        assert field.height() == high


def test_a_held_height_goes_with_its_widget(hub: ThemeHub) -> None:
    strip = QLineEdit()
    fix_height(strip, hub, 20)
    assert strip.height() == 20
    strip.deleteLater()
    QApplication.sendPostedEvents(strip, 52)
    hub.set_text_percent(125)  # a held height of what is gone would raise here


def test_a_wider_font_can_be_asked_for_in_tests(qapp: QApplication) -> None:
    text = "The quick brown fox is checked in"
    usual = QFontMetricsF(Theme().font("body")).horizontalAdvance(text)
    wide = QFontMetricsF(Theme(stretch=112).font("body")).horizontalAdvance(text)
    assert 1.08 < wide / usual < 1.16
