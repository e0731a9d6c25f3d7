"""What stands where data is not: the skeleton of a first load, the empty state, and work in progress."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from console.views.theme import ThemeHub
from console.views.widgets import paint
from console.views.widgets.base import ThemedWidget
from console.views.widgets.buttons import Button
from console.views.widgets.meter import Meter
from console.views.widgets.text import ElidedLabel, IconLabel, label

_FRAME_MS = 70
_LINES = ((0.0, 0.55), (0.6, 0.25))


class Skeleton(ThemedWidget):
    """Grey bars in the shape of the rows to come; shown only when loading takes longer than 200 ms."""

    def __init__(
        self,
        hub: ThemeHub,
        columns: Sequence[tuple[float, float]] = _LINES,
        *,
        rows: int = 3,
        row_height: int | None = None,
    ) -> None:
        """`columns` are (left, width) as shares of the whole width, from 0 to 1."""
        super().__init__(hub)
        self._columns, self._rows = tuple(columns), rows
        self._row_height = row_height or hub.theme.size("row.table")
        self._shown = self._started = False
        self._phase = 0
        self._delay = QTimer(self)
        self._delay.setSingleShot(True)
        self._delay.timeout.connect(self.reveal)
        self._pulse = QTimer(self)
        self._pulse.timeout.connect(self._breathe)
        self.setAccessibleName("Loading")

    @property
    def is_waiting(self) -> bool:
        """Whether what it stands for has not come yet."""
        return self._started

    def shape(self, columns: Sequence[tuple[float, float]]) -> None:
        """Put the bars elsewhere, as shares of the whole width."""
        self._columns = tuple(columns)
        self.update()

    def start(self) -> None:
        """Begin to wait: nothing is painted before the delay is over."""
        self._shown, self._started = False, True
        self._delay.start(self.theme.duration("skeletonDelay"))
        self.update()

    def reveal(self) -> None:
        """Show the bars now."""
        self._shown = True
        if self.theme.duration("skeletonPulse"):
            self._pulse.start(_FRAME_MS)
        self.update()

    def stop(self) -> None:
        """The data is here."""
        self._delay.stop()
        self._pulse.stop()
        self._shown = self._started = False
        self.update()

    def sizeHint(self) -> QSize:
        """As high as its rows."""
        return QSize(200, self._rows * self._row_height)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the bars, slowly fading and returning."""
        if not self._shown:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        period = max(self.theme.tokens.duration("skeletonPulse") // _FRAME_MS, 1)
        swing = abs((self._phase % period) / period * 2 - 1)
        for row in range(self._rows):
            top = row * self._row_height
            painter.setOpacity(0.55 + 0.45 * swing)
            for index, (left, width) in enumerate(self._columns):
                # Rows of text differ in length; a fixed pattern keeps the picture the same each time.
                shorten = 1.0 - 0.18 * ((row + index) % 3 == 1) * (index in (1, 2))
                bar = QRectF(
                    left * self.width(), top + self._row_height / 2 - 5, width * self.width() * shorten, 10
                )
                paint.rounded(painter, bar, self.theme.radius("chip"), self.theme.color("neutral.bg"))
            painter.setOpacity(1)
            bottom = QRectF(0, top + self._row_height - 1, self.width(), 1)
            painter.fillRect(bottom, self.theme.color("border.subtle"))

    def _breathe(self) -> None:
        self._phase += 1
        self.update()


class EmptyState(QWidget):
    """Nothing to show: says so, and what to do about it."""

    def __init__(
        self,
        hub: ThemeHub,
        icon: str,
        title: str,
        text: str,
        *,
        action: tuple[str, str, Callable[[], object]] | None = None,
        link: tuple[str, Callable[[], object]] | None = None,
    ) -> None:
        """`action` is (icon, words, what to do), `link` a second, quieter way on."""
        super().__init__()
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 24, 24, 24)
        column.setSpacing(0)
        column.addStretch(1)
        column.addWidget(IconLabel(hub, icon, "text.muted", 32), 0, Qt.AlignmentFlag.AlignHCenter)
        column.addSpacing(10)
        for words, role, gap in ((title, "name", 2), (text, "muted", 12)):
            made = label(words, "name" if role == "name" else "muted", wrap=True)
            made.setAlignment(Qt.AlignmentFlag.AlignHCenter)
            column.addWidget(made)
            column.addSpacing(gap)
        row = QHBoxLayout()
        row.setSpacing(16)
        row.addStretch(1)
        if action is not None:
            button = Button(hub, action[1], icon=action[0])
            button.clicked.connect(lambda _checked=False: action[2]())
            row.addWidget(button)
        if link is not None:
            quiet = Button(hub, link[0], "link")
            quiet.clicked.connect(lambda _checked=False: link[1]())
            row.addWidget(quiet)
        row.addStretch(1)
        column.addLayout(row)
        column.addStretch(1)
        self.setAccessibleName(f"{title}. {text}")


class ProgressCard(QFrame):
    """Long work: what it is, how far, and a way to stop it."""

    cancelled = Signal()

    def __init__(self, hub: ThemeHub, title: str) -> None:
        """Work called `title`, at its beginning."""
        super().__init__()
        self.setProperty("surface", "card")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 12, 12, 12)
        row.setSpacing(12)
        column = QVBoxLayout()
        column.setSpacing(8)
        head = QHBoxLayout()
        self._title = ElidedLabel(title, "strong")
        self._count = label("", "muted")
        head.addWidget(self._title, 1)
        head.addWidget(self._count)
        self._bar = Meter(hub, title, thickness=6)
        column.addStretch(1)
        column.addLayout(head)
        column.addWidget(self._bar)
        column.addStretch(1)
        row.addLayout(column, 1)
        self._cancel = Button(hub, "Cancel")
        self._cancel.clicked.connect(self._stop)
        row.addWidget(self._cancel)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def set_progress(self, done: int, total: int, left: str = "") -> None:
        """Show that `done` of `total` are done; `left` says how long it still takes."""
        self._count.setText(f"{done} of {total}" + (f" · {left}" if left else ""))
        self._bar.set_parts([(done / total if total else 0.0, "accent.fill")])

    def set_count(self, words: str) -> None:
        """Say how far it is where nobody knows how much there is; the bar stays empty."""
        self._count.setText(words)

    def _stop(self) -> None:
        self._cancel.setEnabled(False)
        self._cancel.setText("Stopping…")
        self.cancelled.emit()
