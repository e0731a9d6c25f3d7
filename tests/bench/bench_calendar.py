"""The week's calendar: a frame with 500 sessions in sight, beside 500 rectangles with a line of text drawn plainly."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass

os.environ.setdefault("QT_API", "pyside6")
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QPoint, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QImage, QPainter, QPen
from PySide6.QtWidgets import QApplication

from console.domain.programme import Calendar
from console.views.schedule.arranging import arrange
from console.views.schedule.frame import Frame
from console.views.schedule.lanes import About, Wanted
from console.views.schedule.week_art import Scene, WeekArt
from console.views.theme import ThemeHub
from tests.bench.framework import Bench, Pair, row
from tests.support import programme_samples as sample

_SESSIONS, _ROOMS, _WIDTH = 500, 12, 1440


@dataclass
class _Board:
    """A week of 500 sessions and an image as high as all of it, which is far more than a screen holds at once."""

    hub: ThemeHub
    calendar: Calendar
    frame: Frame
    image: QImage
    art: WeekArt
    scene: Scene

    @property
    def whole(self) -> QRect:
        """All of the image."""
        return self.image.rect()

    @property
    def data(self) -> str:
        """What the table says about it."""
        return f"{_SESSIONS} sessions in {_ROOMS} rooms, {self.image.width()} x {self.image.height()} pixels"

    def paint(self) -> None:
        """One frame as the console paints it."""
        painter = QPainter(self.image)
        self.art.paint(painter, self.frame, self.image.size(), QPoint(0, 0), self.scene, self.whole)
        painter.end()

    def paint_anew(self) -> None:
        """From the sessions to the first frame: arranged, measured, every block drawn for the first time."""
        self.art.forget()
        week = arrange(self.calendar, sample.ZONE, sample.NOW, Wanted(), About())
        self.frame = Frame(week, self.hub.theme, _WIDTH)
        self.paint()

    def paint_plainly(self) -> None:
        """The same rectangles with a name in each, as a few lines of Qt would draw them."""
        theme, painter = self.hub.theme, QPainter(self.image)
        painter.fillRect(self.whole, Qt.GlobalColor.white)
        painter.setFont(theme.font("caption", 600))
        metrics = QFontMetrics(painter.font())
        painter.setPen(QPen(theme.color("border.button"), 1))
        painter.setBrush(theme.color("surface.raised"))
        for block in self.frame.week.blocks:
            rect = self.frame.rect(block).translated(self.frame.gutter, self.frame.axis)
            painter.drawRoundedRect(QRectF(rect), 4, 4)
            shown = metrics.elidedText(block.title, Qt.TextElideMode.ElideRight, rect.width() - 8)
            painter.drawText(rect.adjusted(4, 0, -4, 0), Qt.AlignmentFlag.AlignVCenter, shown)
        painter.end()


def _board() -> _Board:
    app = QApplication.instance() or QApplication(["nexus-console"])
    assert isinstance(app, QApplication)
    hub = ThemeHub("light", reduced_motion=True)
    hub.apply()
    calendar = sample.crowded(rooms=_ROOMS, sessions=_SESSIONS)
    week = arrange(calendar, sample.ZONE, sample.NOW, Wanted(), About())
    assert len(week.blocks) == _SESSIONS
    frame = Frame(week, hub.theme, _WIDTH)
    image = QImage(QSize(_WIDTH, frame.height + frame.axis), QImage.Format.Format_ARGB32_Premultiplied)
    return _Board(hub, calendar, frame, image, WeekArt(hub), Scene(today=3, now=15 * 60 + 42, focused=True))


@row(
    "calendar_paint",
    "one frame of a week with 500 sessions, all of them in sight, while it scrolls",
    budget=16,
    reference="500 plain rectangles with a name in each",
    rounds=100,
    warm_up=5,
)
def calendar_paint(_bench: Bench) -> Iterator[Pair]:
    """Every frame after the first."""
    board = _board()
    yield Pair(board.paint, board.paint_plainly, rows=board.data)


@row(
    "calendar_first_paint",
    "from the sessions of a week to its first frame, 500 in sight",
    budget=150,
    reference="500 plain rectangles with a name in each",
    rounds=30,
    warm_up=3,
)
def calendar_first_paint(_bench: Bench) -> Iterator[Pair]:
    """Arranged, measured, and every block drawn for the first time."""
    board = _board()
    yield Pair(board.paint_anew, board.paint_plainly, rows=board.data)
