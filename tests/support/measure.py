"""Does a text fit its place? Asked of every label and button on show, and of everything that is painted.

Widgets are measured by their font and contents rectangle. What delegates and painted widgets draw goes through
`paint.draw_text`, which is watched while the page paints itself: a text drawn without eliding must lie inside its own
rectangle and inside the widget it is painted on. See docs/design.md, "Screens" (density).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QPainter
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractScrollArea,
    QCheckBox,
    QHeaderView,
    QLabel,
    QPushButton,
    QRadioButton,
    QStyle,
    QStyleOptionButton,
    QWidget,
)

from console.views.theme import Theme
from console.views.widgets import paint
from console.views.widgets.chips import Badge, Chip, Keycap
from console.views.widgets.text import ElidedLabel

# Advance widths are fractions and layouts whole pixels.
_SLACK = 1.5
_NUMBER = re.compile(r"[\d:.,/+–-]+")


@dataclass
class Painted:
    """What was painted too large for its place, or over something else."""

    overflows: list[str] = field(default_factory=list)
    count: int = 0
    _places: dict[int, list[tuple[QRectF, str]]] = field(default_factory=dict)

    def look(
        self,
        painter: QPainter,
        metrics: QFontMetricsF,
        rect: QRectF,
        text: str,
        *,
        elide: bool,
        align: Qt.AlignmentFlag,
    ) -> None:
        """Judge one text: its width where it is not elided, its height, and what else stands there."""
        device = painter.device()
        where = type(device).__name__
        shown = metrics.elidedText(text, Qt.TextElideMode.ElideRight, rect.width()) if elide else text
        wide = metrics.horizontalAdvance(shown)
        if not elide and wide > rect.width() + _SLACK:
            self.overflows.append(f"{where}: {text!r} is {wide:.0f} px in {rect.width():.0f}")
        if shown != text and _NUMBER.fullmatch(text):
            self.overflows.append(f"{where}: the number {text!r} is elided to {rect.width():.0f} px")
        # What is drawn, letter by letter: Qt cuts it at the rectangle.
        letters = metrics.tightBoundingRect(shown)
        baseline = (rect.height() - metrics.height()) / 2 + metrics.ascent()
        if baseline + letters.top() < -_SLACK or baseline + letters.bottom() > rect.height() + _SLACK:
            self.overflows.append(f"{where}: {text!r} is cut in a height of {rect.height():.0f}")
        left = rect.left()
        if align & Qt.AlignmentFlag.AlignRight:
            left = rect.right() - wide
        elif align & Qt.AlignmentFlag.AlignHCenter:
            left = rect.center().x() - wide / 2
        place = QRectF(left, rect.top() + baseline + letters.top(), wide, letters.height())
        place = painter.worldTransform().mapRect(place)
        if (
            isinstance(device, QWidget)
            and place.right() > device.width() + _SLACK
            and not _scrolls_sideways(device)
        ):
            self.overflows.append(f"{where}: {text!r} ends at {place.right():.0f} of {device.width()}")
        others = self._places.setdefault(id(device), [])
        for other, words in others:
            over = place.intersected(other)
            if over.width() > 2 * _SLACK and over.height() > 2 * _SLACK:
                self.overflows.append(f"{where}: {text!r} is painted over {words!r}")
        others.append((place, text))


@contextmanager
def watching_paint(monkeypatch: pytest.MonkeyPatch) -> Iterator[Painted]:
    """Note every painted text that is cut; `monkeypatch` is the test's own."""
    seen = Painted()
    real = paint.draw_text

    def draw_text(
        painter: QPainter, theme: Theme, rect: QRectF, text: str, *, elide: bool = True, **how: Any
    ) -> float:
        seen.count += 1
        width = real(painter, theme, rect, text, elide=elide, **how)
        if text.strip():
            font = theme.font(how.get("step", "body"), how.get("weight"))
            align = how.get("align", paint.LEFT)
            seen.look(painter, QFontMetricsF(font), rect, text, elide=elide, align=align)
        return width

    with monkeypatch.context() as patch:
        patch.setattr(paint, "draw_text", draw_text)
        yield seen


def cut_texts(root: QWidget) -> list[str]:
    """The labels and buttons under `root`, on show, whose words do not fit."""
    wrong = []
    for widget in (root, *root.findChildren(QWidget)):
        if not widget.isVisible() or not _on_show(widget):
            continue
        if isinstance(widget, QLabel):
            wrong += _label(widget)
        elif isinstance(widget, QAbstractButton):
            wrong += _button(widget)
    return wrong


def outside(root: QWidget) -> list[str]:
    """The widgets under `root` that stick out of their parent or lie over a sibling in the same layout."""
    wrong = []
    for widget in root.findChildren(QWidget):
        parent = widget.parentWidget()
        if parent is None or not widget.isVisible() or widget.isWindow() or _scrolls(parent):
            continue
        inside = parent.rect().adjusted(-1, -1, 1, 1)
        if not inside.contains(widget.geometry()) and not _floats(widget):
            wrong.append(
                f"{_named(widget)} {_rect(widget.geometry())} sticks out of {_named(parent)} {_rect(parent.rect())}"
            )
    for parent in (root, *root.findChildren(QWidget)):
        if parent.isVisible() and parent.layout() is not None:
            wrong += _overlaps(parent)
    return wrong


def _overlaps(parent: QWidget) -> list[str]:
    laid = [w for w in _in_layout(parent.layout()) if w.isVisible()]
    return [
        f"{_named(one)} {_rect(one.geometry())} lies over {_named(other)} {_rect(other.geometry())}"
        for number, one in enumerate(laid)
        for other in laid[number + 1 :]
        if one.geometry().intersected(other.geometry()).width() > 1
        and one.geometry().intersected(other.geometry()).height() > 1
    ]


def _in_layout(layout: Any) -> list[QWidget]:
    found: list[QWidget] = []
    for place in range(layout.count()):
        item = layout.itemAt(place)
        if item.widget() is not None:
            found.append(item.widget())
        elif item.layout() is not None and type(item.layout()).__name__ != "QStackedLayout":
            found += _in_layout(item.layout())
    return [] if type(layout).__name__ == "QStackedLayout" else found


def _label(widget: QLabel) -> list[str]:
    text = widget.text()
    if not text or isinstance(widget, ElidedLabel):
        tall = widget.fontMetrics().capHeight()
        if text and widget.contentsRect().height() < tall:
            return [f"{_named(widget)} is cut in height"]
        return []
    if isinstance(widget, Chip | Badge | Keycap):
        needed = widget.sizeHint().width()
        return [f"{_named(widget)} needs {needed}, has {widget.width()}"] if needed > widget.width() else []
    if widget.textFormat() is Qt.TextFormat.RichText:
        return []
    room, metrics = widget.contentsRect(), QFontMetricsF(widget.font())
    if widget.wordWrap():
        flags = int(Qt.TextFlag.TextWordWrap)
        needed_height = metrics.boundingRect(QRectF(0, 0, room.width(), 10_000), flags, text).height()
        if needed_height > room.height() + metrics.descent() + 2:
            return [f"{_named(widget)} needs a height of {needed_height:.0f}, has {room.height()}"]
        wide = max(
            (metrics.horizontalAdvance(word) for word in text.replace("\u200b", " ").split()), default=0.0
        )
        return [f"{_named(widget)} has a word wider than itself"] if wide > room.width() + _SLACK else []
    wide = max(metrics.horizontalAdvance(row) for row in text.split("\n"))
    if wide > room.width() + _SLACK:
        return [f"{_named(widget)} needs {wide:.0f}, has {room.width()}"]
    if metrics.capHeight() > room.height():
        return [f"{_named(widget)} is cut in height"]
    return []


def _button(widget: QAbstractButton) -> list[str]:
    text = widget.text().replace("&", "")
    if not text:
        return []
    if isinstance(widget, QCheckBox | QRadioButton):
        needed, has = widget.sizeHint().width(), widget.width()
        return [f"{_named(widget)} needs {needed}, has {has}"] if needed > has + _SLACK else []
    if isinstance(widget, QPushButton):
        option = QStyleOptionButton()
        widget.initStyleOption(option)
        inner = widget.style().subElementRect(QStyle.SubElement.SE_PushButtonContents, option, widget)
        icon = widget.iconSize().width() if not widget.icon().isNull() else 0
        needed = int(QFontMetricsF(widget.font()).horizontalAdvance(text)) + icon
        if needed > inner.width() + _SLACK:
            return [f"{_named(widget)} needs {needed}, has {inner.width()}"]
        if QFontMetricsF(widget.font()).capHeight() > inner.height():
            return [f"{_named(widget)} is cut in height"]
    return []


def _on_show(widget: QWidget) -> bool:
    """Whether it is not scrolled away or in a part that has no room: a scroll area may hide, a window may not."""
    return not widget.visibleRegion().isEmpty() or not _in_scroll(widget)


def _in_scroll(widget: QWidget) -> bool:
    above = widget.parentWidget()
    while above is not None:
        if isinstance(above, QAbstractScrollArea):
            return True
        above = above.parentWidget()
    return False


def _scrolls(parent: QWidget) -> bool:
    above = parent.parentWidget()
    return isinstance(above, QAbstractScrollArea) or isinstance(parent, QAbstractScrollArea)


def _floats(widget: QWidget) -> bool:
    # The ring around a focused button reaches beyond it on purpose.
    return type(widget).__name__ == "_Ring"


def _named(widget: QWidget) -> str:
    words = getattr(widget, "text", lambda: "")() or widget.accessibleName()
    return f"{type(widget).__name__} {words[:40]!r}" if isinstance(words, str) else type(widget).__name__


def _rect(rect: QRect) -> str:
    return f"({rect.x()}, {rect.y()}, {rect.width()} x {rect.height()})"


def _scrolls_sideways(viewport: QWidget) -> bool:
    """Whether what lies beyond the edge can be scrolled to: it is not cut."""
    area = viewport.parentWidget()
    if isinstance(area, QHeaderView):
        area = area.parentWidget()
    return isinstance(area, QAbstractScrollArea) and area.horizontalScrollBar().maximum() > 0
