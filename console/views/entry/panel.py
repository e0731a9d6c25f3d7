"""The left half of the pages before the rail: what time it is here, and how this desk stands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from PySide6.QtCore import QRectF, Qt, QTimer
from PySide6.QtGui import QFont, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QScrollArea, QVBoxLayout, QWidget

from console.clock import Clock
from console.views.shell.marks import draw_mark
from console.views.theme import ThemeHub
from console.views.widgets.base import ThemedWidget, fix_height, line, surface
from console.views.widgets.text import ElidedLabel, IconLabel, label

_WIDTH = 520
_MARGIN = 56
_FORM = 400 + 8  # room for the focus ring at both sides
_USUAL_HEIGHT = 500  # of a form without messages
_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)


@dataclass(frozen=True)
class DeskFact:
    """One line about this desk: what is so, and the particulars."""

    icon: str
    title: str
    detail: str = ""
    color: str = "text.secondary"


class _Mark(ThemedWidget):
    """The product's mark, 32 px."""

    def __init__(self, hub: ThemeHub) -> None:
        super().__init__(hub)
        self.setFixedSize(32, 32)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the mark."""
        draw_mark(QPainter(self), self.hub, QRectF(self.rect()))


class DeskPanel(ThemedWidget):
    """Mark, clock, venue, date, and what a person wants to know before signing in."""

    def __init__(self, hub: ThemeHub, clock: Clock, *, version: str = "") -> None:
        """A panel without a venue; its clock follows `clock`."""
        super().__init__(hub)
        self._clock = clock
        self._zone: ZoneInfo | None = None
        column = QVBoxLayout(self)
        column.setContentsMargins(_MARGIN, 48, _MARGIN, 24)
        column.setSpacing(0)
        head = QHBoxLayout()
        head.setSpacing(12)
        head.addWidget(_Mark(hub))
        head.addWidget(label("Nexus Console", "name"))
        head.addStretch(1)
        column.addLayout(head)
        column.addSpacing(112)
        self._time = QLabel()
        self._time.setProperty("role", "clock")
        fix_height(self._time, hub, lambda theme: theme.line("clock"))
        self._time.setContentsMargins(-2, 0, 0, 0)
        proportional = (
            self._time.font()
        )  # nothing stands below it in a column, and a 1 begins where the venue does
        proportional.setFeature(QFont.Tag("tnum"), 0)
        self._time.setFont(proportional)
        self._venue = ElidedLabel("", "title")
        self._date = label("", "subtitle")
        fix_height(self._venue, hub, lambda theme: theme.line("title"))
        fix_height(self._date, hub, lambda theme: theme.line("name") + 4)
        column.addWidget(self._time)
        column.addSpacing(4)
        column.addWidget(self._venue)
        column.addWidget(self._date)
        column.addSpacing(30)
        column.addWidget(line(strong=True))
        column.addSpacing(24)
        self._facts = QVBoxLayout()
        self._facts.setSpacing(19)
        column.addLayout(self._facts)
        column.addStretch(1)
        self._version = label(f"Version {version}" if version else "", "caption")
        column.addWidget(self._version)
        self._venue.hide()
        self._timer = QTimer(self)
        self._timer.setInterval(1000)
        self._timer.timeout.connect(self.refresh)
        self._timer.start()
        self.setFixedWidth(_WIDTH)
        self.refresh()

    def set_venue(self, name: str, zone: str) -> None:
        """Say where this is; clock and date are the venue's own."""
        self._venue.setText(name)
        self._venue.setVisible(bool(name))
        self._zone = ZoneInfo(zone)
        self.refresh()

    def set_facts(self, facts: Sequence[DeskFact]) -> None:
        """Say how this desk stands."""
        while self._facts.count():
            taken = self._facts.takeAt(0)
            old = taken.widget() if taken is not None else None
            if old is not None:
                old.hide()
                old.deleteLater()
        for fact in facts:
            self._facts.addWidget(self._fact(fact))

    def refresh(self) -> None:
        """Say the time anew."""
        now = self._clock.now().astimezone(self._zone)
        self._time.setText(now.strftime("%H:%M"))
        self._date.setText(f"{_WEEKDAYS[now.weekday()]} {now.day} {_MONTHS[now.month - 1]}")

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the surface and its edge."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), self.theme.color("surface.rail"))
        painter.fillRect(QRectF(self.width() - 1, 0, 1, self.height()), self.theme.color("border.subtle"))

    def _fact(self, fact: DeskFact) -> QWidget:
        holder = QWidget()
        row = QHBoxLayout(holder)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(12)
        icon = IconLabel(self.hub, fact.icon, fact.color, 20)
        words = QVBoxLayout()
        words.setSpacing(0)
        title, detail = ElidedLabel(fact.title, "medium"), ElidedLabel(fact.detail, "small")
        fix_height(title, self.hub, 20)
        fix_height(detail, self.hub, 16)
        words.addWidget(title)
        words.addWidget(detail)
        row.addWidget(icon, 0, Qt.AlignmentFlag.AlignTop)
        row.addLayout(words, 1)
        holder.setAccessibleName(f"{fact.title}. {fact.detail}")
        return holder


def add_heading(hub: ThemeHub, form: QVBoxLayout, title: str, caption: str) -> tuple[QLabel, QLabel]:
    """Add the title of a form and the quiet line under it; the two labels, for a page whose title changes."""
    heading, quiet = label(title, "title"), label(caption, "muted", wrap=True)
    fix_height(heading, hub, 28)
    form.addWidget(heading)
    form.addSpacing(2)
    form.addWidget(quiet)
    form.addSpacing(16)
    return heading, quiet


class EntryPage(QWidget):
    """Two halves: the panel, and a form of 400 in the middle of the rest; a low window scrolls the form."""

    def __init__(self, hub: ThemeHub, panel: DeskPanel) -> None:
        """An empty form beside `panel`; subclasses fill `form`."""
        super().__init__()
        self.hub = hub
        self.panel = panel
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(panel)
        ground = surface("canvas")
        across = QHBoxLayout(ground)
        across.setContentsMargins(24, 0, 24, 0)
        holder = QWidget()
        holder.setFixedWidth(_FORM)
        self._down = QVBoxLayout(holder)
        self._down.setSpacing(0)
        self.form = QVBoxLayout()
        self.form.setSpacing(0)
        self._down.addLayout(self.form)
        self._down.addStretch(1)
        across.addStretch(1)
        across.addWidget(holder)
        across.addStretch(1)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setWidget(ground)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        row.addWidget(scroll, 1)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Place the form by the height of the window alone: a message that appears must not move the fields."""
        super().resizeEvent(event)
        above = max((self.height() - _USUAL_HEIGHT) // 2, 24)
        self._down.setContentsMargins(0, above, 0, 24)
