"""The status bar: is the server there, where are we, how old is what is shown, what still waits, who is here.

A network fault is said here and in the rows, never in a dialog. See docs/design.md, "The desk protocol" (mode).
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from PySide6.QtCore import QRectF, QSize, QTimer
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy

from console.clock import Clock
from console.domain.sync import CLOCK_WARNING, Mode, SyncStatus
from console.views.theme import ThemeHub
from console.views.widgets import paint
from console.views.widgets.base import ThemedWidget, fix_height

Connection = Literal["connecting", "online", "slow", "offline"]

_LOOK: dict[Connection, tuple[str, str, str]] = {
    "connecting": ("ph.wifi-medium", "neutral", "Connecting"),
    "online": ("ph.wifi-high", "green", "Online"),
    "slow": ("ph.wifi-low", "amber", "Slow"),
    "offline": ("ph.wifi-slash", "amber", "Offline"),
}
_MODES: dict[Mode, Connection] = {Mode.ONLINE: "online", Mode.SLOW: "slow", Mode.OFFLINE: "offline"}
_TICK_MS = 1000
_NORMAL_WAIT = 1.0  # seconds: what is answered by then was never worth a word
_ELIDED = frozenset({"place", "clock", "note", "person"})
_GIVE_WAY = ("scanner", "since", "note", "clock")
_SHORTEST = 80
_TAIL_GAP = 4


def clock_words(offset: timedelta) -> str:
    """What is said of a computer's clock that the server's is `offset` ahead of; empty up to a minute."""
    if abs(offset) <= CLOCK_WARNING:
        return ""
    return f"This computer's clock is {_span(abs(offset))} {'behind' if offset > timedelta(0) else 'ahead'}"


def _span(span: timedelta) -> str:
    minutes = round(span.total_seconds() / 60)
    if minutes < 90:
        return f"{minutes} min"
    hours = round(minutes / 60)
    return f"{hours} h" if hours < 36 else f"{round(hours / 24)} days"


def _ago(seconds: int) -> str:
    """How long ago, behind a time: ", 6 min ago"; empty for less than a minute."""
    return f", {_span(timedelta(seconds=seconds // 60 * 60))} ago" if seconds >= 60 else ""


class _Segment(ThemedWidget):
    """One fact: an icon where it has one, and words; tinted where it asks for attention."""

    def __init__(self, hub: ThemeHub, *, elide: bool = False) -> None:
        super().__init__(hub)
        self._elide = elide
        self._left_out = False
        self._text = self._tail = self._icon = ""
        self._said: tuple[object, ...] = ()
        self._color, self._strong, self._tint = "text.secondary", False, ""
        across = QSizePolicy.Policy.Maximum if elide else QSizePolicy.Policy.Fixed
        self.setSizePolicy(across, QSizePolicy.Policy.Expanding)
        self.hide()

    @property
    def text(self) -> str:
        """The words on show."""
        return f"{self._text} {self._tail}".rstrip()

    @property
    def is_said(self) -> bool:
        """Whether it is on show."""
        return bool(self._text) and not self._left_out

    def leave_out(self, left_out: bool) -> None:
        """Give the room to others, or take it again."""
        self._left_out = left_out
        self.setVisible(self.is_said)

    def say(
        self,
        text: str,
        *,
        tail: str = "",
        icon: str = "",
        color: str = "text.secondary",
        strong: bool = False,
        tint: str = "",
    ) -> None:
        """Show other words, and a `tail` that is never cut; nothing hides the segment."""
        said = (text, tail, icon, color, strong, tint)
        if said == self._said:
            return
        self._said = said
        self._text, self._tail, self._icon = text, tail, icon
        self._color, self._strong, self._tint = color, strong, tint
        self.setAccessibleName(self.text)
        self.setVisible(self.is_said)
        self._hint()
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        """Exactly its words."""
        return QSize(int(self._wide(self._text)) + self._around(), self.theme.size("statusBar"))

    def minimumSizeHint(self) -> QSize:
        """Numbers are never cut; a name may be."""
        whole = self.sizeHint()
        return (
            QSize(min(whole.width(), self.theme.scaled(_SHORTEST) + self._around()), whole.height())
            if self._elide
            else whole
        )

    def resizeEvent(self, event: QResizeEvent) -> None:
        """What is cut is there as a tool tip."""
        super().resizeEvent(event)
        self._hint()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the fact."""
        theme, painter = self.theme, QPainter(self)
        x = 0.0
        if self._tint:
            painter.fillRect(self.rect(), theme.color(self._tint))
            x = 12.0
        if self._icon:
            theme.paint_icon(painter, self._icon, self._color, QRectF(x, 0, 16, self.height()), 14)
            x += 22
        room = min(self._wide(self._text), self.width() - self._around())
        self._words(painter, QRectF(x, 0, room, self.height()), self._text, elide=self._elide)
        if self._tail:
            x += room + _TAIL_GAP
            self._words(painter, QRectF(x, 0, self._wide(self._tail), self.height()), self._tail, elide=False)

    def _hint(self) -> None:
        self.setToolTip(self.text if self.width() < self.sizeHint().width() else "")

    def _words(self, painter: QPainter, room: QRectF, text: str, *, elide: bool) -> None:
        weight = 600 if self._strong else 400
        paint.draw_text(
            painter, self.theme, room, text, step="label", weight=weight, color=self._color, elide=elide
        )

    def _wide(self, text: str) -> float:
        return paint.text_width(self.theme.font("label", 600 if self._strong else 400), text)

    def _around(self) -> int:
        tail = int(self._wide(self._tail)) + _TAIL_GAP if self._tail else 0
        return tail + (22 if self._icon else 0) + (24 if self._tint else 0)


class _Dot(ThemedWidget):
    """The small dot between two facts."""

    def __init__(self, hub: ThemeHub) -> None:
        super().__init__(hub)
        self._blank = False
        self.setFixedWidth(17)

    def set_blank(self, blank: bool) -> None:
        """Keep the distance and leave out the dot."""
        self._blank = blank
        self.setFixedWidth(12 if blank else 17)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the dot."""
        if self._blank:
            return
        place = QRectF(self.rect())
        paint.draw_text(
            QPainter(self), self.theme, place, "·", step="label", color="text.muted", align=paint.CENTER
        )


class StatusBar(ThemedWidget):
    """The 28 pixels at the foot of the window."""

    def __init__(self, hub: ThemeHub, clock: Clock) -> None:
        """A bar that knows nothing yet; it reads the time from `clock`."""
        super().__init__(hub)
        self._clock = clock
        self._connection: Connection = "connecting"
        self._venue, self._zone = "", ZoneInfo("UTC")
        self._synced: datetime | None = None
        self._since: datetime | None = None
        self._as_of: datetime | None = None
        self._waiting = 0
        self._waits_since: float | None = None
        self._offset = timedelta(0)
        fix_height(self, hub, "statusBar")
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(12, 1, 12, 0)
        self._row.setSpacing(0)
        names = ("connection", "since", "place", "age", "", "clock", "note", "sending", "scanner", "person")
        self._segments: dict[str, _Segment] = {}
        self._dots: list[tuple[_Dot, str, tuple[str, ...]]] = []
        left, right = names[: names.index("")], names[names.index("") + 1 :]
        self._lay(left)
        self._row.addSpacing(16)
        self._row.addStretch(1)
        self._lay(right)
        self.setAccessibleName("Status")
        self._timer = QTimer(self)
        self._timer.setInterval(_TICK_MS)
        self._timer.timeout.connect(self.refresh)
        self._timer.start()
        self.refresh()

    def text(self, name: str) -> str:
        """What one fact says.

        `connection`, `since`, `place`, `age`, `clock`, `note`, `sending`, `scanner`, `person`.
        """
        return self._segments[name].text

    def show_status(self, status: SyncStatus) -> None:
        """Say how the server is reached, what waits, how old this desk's data is, and whether its clock is wrong."""
        self._as_of, self._offset = status.as_of, status.offset
        self.set_connection(_MODES[status.mode], waiting=status.count.waiting, since=status.since)

    def set_connection(
        self, connection: Connection, *, waiting: int = 0, since: datetime | None = None
    ) -> None:
        """Say how the server is reached, how many marks wait on this desk, and since when it is away."""
        self._connection, self._waiting, self._since = connection, waiting, since
        if not waiting:
            self._waits_since = None
        elif self._waits_since is None:
            self._waits_since = self._clock.monotonic()
        self.refresh()

    def set_venue(self, name: str, zone: str) -> None:
        """Say where this is; the time beside it is the venue's own."""
        self._venue, self._zone = name, ZoneInfo(zone)
        self.refresh()

    def set_synced(self, at: datetime | None) -> None:
        """Say when what is shown was last known to be true."""
        self._synced = at
        self.refresh()

    def set_sending(self, count: int) -> None:
        """Say how many marks are on their way; nothing for 0."""
        text = f"{count} sending" if count else ""
        self._say("sending", text, icon="ph.cloud-arrow-up-bold", color="amber.text", strong=True)

    def set_scanner(self, text: str) -> None:
        """Say how the scanner is."""
        self._say("scanner", text)

    def set_note(self, text: str, icon: str = "") -> None:
        """Say something about the page, such as an unsaved change or a count of rows."""
        self._say("note", text, icon=icon)

    def set_person(self, text: str) -> None:
        """Say who is at which desk."""
        self._say("person", text)

    def refresh(self) -> None:
        """Say the times anew."""
        now = self._clock.now()
        icon, tone, word = _LOOK[self._connection]
        away = self._connection == "offline"
        if self._waiting and (self._connection != "online" or self._waits_long()):
            word = f"{word} · {self._waiting} waiting"
        tint = "amber.bg" if away else ""
        self._say("connection", word, icon=icon, color=f"{tone}.text", strong=True, tint=tint)
        self._row.setContentsMargins(0 if away else 12, 1, 12, 0)
        self._say("since", f"since {self._local(self._since, now)}" if away and self._since else "")
        self._say("place", self._venue, tail=self._local(now))
        self._say("age", self._age(now), color="text.muted")
        self._say("clock", clock_words(self._offset), icon="ph.clock", color="amber.text", strong=True)
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leave out what matters least where there is no room."""
        super().resizeEvent(event)
        self._fit()

    def sizeHint(self) -> QSize:
        """As wide as the window."""
        return QSize(600, self.theme.size("statusBar"))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the ground and the upper edge."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), self.theme.color("surface.rail"))
        painter.fillRect(QRectF(0, 0, self.width(), 1), self.theme.color("border.default"))

    def _local(self, moment: datetime, now: datetime | None = None) -> str:
        """The venue's time; with `now`, a moment of another day has its date."""
        local = moment.astimezone(self._zone)
        if now is None or local.date() == now.astimezone(self._zone).date():
            return local.strftime("%H:%M")
        return f"{local.day} {local.strftime('%b %H:%M')}"

    def _age(self, now: datetime) -> str:
        away = self._connection == "offline"
        at = (self._as_of or self._synced) if away else self._synced
        if at is None:
            return ""
        seconds = max(int((now - at).total_seconds()), 0)
        if away:
            return f"roster as of {self._local(at, now)}{_ago(seconds)}"
        return f"synced {seconds} s ago" if seconds < 60 else f"synced {self._local(at)}"

    def _waits_long(self) -> bool:
        return self._waits_since is not None and self._clock.monotonic() - self._waits_since >= _NORMAL_WAIT

    def _fit(self) -> None:
        """Where large text leaves no room, say less: connection and age always stay."""
        for name in _GIVE_WAY:
            self._segments[name].leave_out(False)
        self._place_dots()
        for name in _GIVE_WAY:
            if self._row.minimumSize().width() <= self.width():
                break
            self._segments[name].leave_out(True)
            self._place_dots()

    def _lay(self, names: tuple[str, ...]) -> None:
        for number, name in enumerate(names):
            if number:
                dot = _Dot(self.hub)
                self._dots.append((dot, name, names[:number]))
                self._row.addWidget(dot)
            segment = _Segment(self.hub, elide=name in _ELIDED)
            self._segments[name] = segment
            self._row.addWidget(segment)

    def _say(
        self,
        name: str,
        text: str,
        *,
        tail: str = "",
        icon: str = "",
        color: str = "text.secondary",
        strong: bool = False,
        tint: str = "",
    ) -> None:
        tail = tail if text else ""
        self._segments[name].say(text, tail=tail, icon=icon, color=color, strong=strong, tint=tint)
        self._place_dots()

    def _place_dots(self) -> None:
        for dot, after, before in self._dots:
            shown = [name for name in before if self._segments[name].is_said]
            dot.setVisible(self._segments[after].is_said and bool(shown))
            # After the tinted block its own edge separates, so only the distance is kept.
            dot.set_blank(self._connection == "offline" and before[0] == "connection" and len(shown) == 1)
