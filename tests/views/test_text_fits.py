"""Nothing is cut, lies over something else or leaves the window.

Held at 150 %, in a wider font, in small and usual windows.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter, QPixmap
from PySide6.QtWidgets import QApplication, QLabel, QPushButton, QWidget

from console.views.theme import ThemeHub
from console.views.widgets import paint
from console.views.widgets.text import ElidedLabel, label
from tests.support.measure import cut_texts, outside, watching_paint
from tests.support.pages import PAGES, on_screen
from tests.support.qt import put_away, settle

SIZES = {"smallest": (1100, 700), "usual": (1440, 900)}
TEXTS = {"usual": (100, 100), "wider": (100, 112), "large": (150, 100), "large and wider": (150, 112)}


@pytest.fixture
def plain(hub: ThemeHub, qapp: QApplication) -> Iterator[ThemeHub]:
    """The usual theme again for whoever comes next."""
    yield hub
    put_away(qapp)
    hub.apply()


# The hardest of each kind in every run; between them nothing is harder, so it waits for the long one.
_EVERY_RUN = {("usual", "usual"), ("smallest", "large and wider")}
_CASES = [
    pytest.param(size, text, marks=() if (size, text) in _EVERY_RUN else pytest.mark.long)
    for size in SIZES
    for text in TEXTS
]


@pytest.mark.parametrize(("size", "text"), _CASES)
@pytest.mark.parametrize("name", PAGES)
async def test_every_text_fits(
    plain: ThemeHub, monkeypatch: pytest.MonkeyPatch, name: str, size: str, text: str
) -> None:
    percent, stretch = TEXTS[text]
    hub = ThemeHub("light", text_percent=percent, stretch=stretch)
    hub.apply()
    window, root = await on_screen(hub, name, SIZES[size])
    with watching_paint(monkeypatch) as seen:
        root.grab()
    assert seen.count or not name.startswith(("today", "palette")), "what is painted was watched"
    assert (window.width(), window.height()) == SIZES[size], "the window did not have to grow"
    assert [*cut_texts(root), *outside(root), *dict.fromkeys(seen.overflows)] == []


def test_the_measure_sees_what_is_cut(hub: ThemeHub, monkeypatch: pytest.MonkeyPatch) -> None:
    page = QWidget()
    words, button, elided = (
        label("far too long for it"),
        QPushButton("too long as well"),
        ElidedLabel("long " * 9),
    )
    for number, child in enumerate((words, button, elided)):
        child.setParent(page)
        child.setGeometry(0, number * 40, 60, 30)
    far = QLabel("out", page)
    far.setGeometry(250, 0, 100, 20)
    settle(page, 300, 200)
    wrong = cut_texts(page)
    assert len(wrong) == 2, wrong
    assert "far too long" in wrong[0]
    assert "too long as well" in wrong[1]
    assert len(outside(page)) == 1
    picture = QPixmap(100, 100)
    with watching_paint(monkeypatch) as seen:
        painter = QPainter(picture)
        paint.draw_text(painter, hub.theme, QRectF(0, 0, 10, 20), "a chip", elide=False)
        paint.draw_text(painter, hub.theme, QRectF(0, 0, 10, 20), "a name", elide=True)
        paint.draw_text(painter, hub.theme, QRectF(0, 60, 90, 3), "flat", elide=True)
        paint.draw_text(painter, hub.theme, QRectF(0, 30, 20, 20), "15:30")
        paint.draw_text(painter, hub.theme, QRectF(40, 30, 50, 20), "first")
        paint.draw_text(painter, hub.theme, QRectF(50, 32, 50, 20), "second")
        painter.end()
    assert [words.split(": ", 1)[1] for words in seen.overflows] == [
        "'a chip' is 37 px in 10",
        "'flat' is cut in a height of 3",
        "the number '15:30' is elided to 20 px",
        "'second' is painted over 'first'",
    ]
