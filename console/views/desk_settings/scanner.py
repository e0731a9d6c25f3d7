"""A field that shows what a scanner sends, so that a scanner can be set up without a ticket being used.

Scanners differ in the key they end with and in the control characters they put before a code; this says both, and
whether the console would take it for a scan at all. Nothing of it is kept. See docs/design.md, "Rules of the domain".
"""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QElapsedTimer, QEvent, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from console.domain import codes
from console.views.front_desk.wedge import GAP_SECONDS, WedgeDetector
from console.views.theme import ThemeHub
from console.views.widgets.fields import Field, TextInput
from console.views.widgets.text import IconText

_ENDS = {Qt.Key.Key_Return: "Enter", Qt.Key.Key_Enter: "Enter", Qt.Key.Key_Tab: "Tab"}
_CONTROL_PICTURES = 0x2400
_MODIFIERS = (Qt.Key.Key_Shift, Qt.Key.Key_Control, Qt.Key.Key_Alt, Qt.Key.Key_AltGr, Qt.Key.Key_Meta)
_MOST = 120


@dataclass(frozen=True, slots=True)
class Scan:
    """What came in: as it is shown, how it ended, how long it took, and whether a scanner sent it."""

    shown: str
    text: str
    end: str
    milliseconds: int
    scanned: bool

    @property
    def words(self) -> str:
        """What it was, in one sentence."""
        if not self.scanned:
            return "Typed by hand, or by a scanner that is too slow: set it to send without a pause."
        count = f"{len(self.shown)} characters in {self.milliseconds} ms, ended with {self.end}"
        if codes.parse(self.text) is not None:
            return f"A ticket: {count}."
        if codes.is_mistyped(self.text):
            return f"Like a ticket, but misread: {count}."
        return f"A scan, not a ticket: {count}."

    @property
    def good(self) -> bool:
        """Whether the Today screen would take it for a ticket."""
        return self.scanned and codes.parse(self.text) is not None


class ScannerLine(TextInput):
    """Takes every key for itself while keys follow faster than a hand could press them."""

    ended = Signal(object)

    def __init__(self, hub: ThemeHub) -> None:
        """An empty line."""
        super().__init__(hub, placeholder="Scan anything here")
        self._clock = QElapsedTimer()
        self._clock.start()
        self._wedge = WedgeDetector()
        self._shown: list[str] = []
        self._first: float | None = None
        self._last: float | None = None

    def event(self, event: QEvent) -> bool:
        """Keep Tab and control characters from moving the focus or running shortcuts while a scan comes in."""
        if isinstance(event, QKeyEvent):
            if event.type() is QEvent.Type.ShortcutOverride and self._follows(self._now()):
                event.accept()
                return True
            if event.type() is QEvent.Type.KeyPress and self._take(event):
                return True
        return super().event(event)

    def _take(self, event: QKeyEvent) -> bool:
        now, key = self._now(), Qt.Key(event.key())
        if key in _ENDS:
            return self._end(key, now)
        if key in _MODIFIERS or not event.text() or key in (Qt.Key.Key_Backspace, Qt.Key.Key_Escape):
            return False
        if not self._follows(now):  # also after a control character alone, which the detector does not count
            self._shown.clear()
            self._first = now
        self._last = now
        self._wedge.press(event.text(), now)
        if len(self._shown) < _MOST:
            self._shown.extend(_visible(mark) for mark in event.text())
        self.setText("".join(self._shown))
        return True

    def _end(self, key: Qt.Key, now: float) -> bool:
        if not self._shown:
            return False
        spent = round((now - (self._first or now)) * 1000)
        text = self._wedge.finish(now)
        if text is None and key == Qt.Key.Key_Tab:
            self._forget()
            return False  # a person leaves the field
        self.ended.emit(Scan("".join(self._shown), text or "", _ENDS[key], spent, text is not None))
        self._forget()
        return True

    def _forget(self) -> None:
        self._shown.clear()
        self._first = self._last = None
        self._wedge.reset()

    def _follows(self, now: float) -> bool:
        return self._last is not None and now - self._last < GAP_SECONDS

    def _now(self) -> float:
        return self._clock.nsecsElapsed() / 1e9


class ScannerTest(QWidget):
    """The field with its verdict below."""

    def __init__(self, hub: ThemeHub) -> None:
        """Nothing scanned yet."""
        super().__init__()
        self.line = ScannerLine(hub)
        self.field = Field(hub, "Try the scanner", self.line, help_text="Nothing is checked in by it.")
        self.verdict = IconText(hub, "ph.barcode", "", role="small", wrap=True)
        self.verdict.hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(self.field)
        column.addWidget(self.verdict)
        self.line.ended.connect(self._tell)
        self.setFocusProxy(self.line)

    def _tell(self, scan: Scan) -> None:
        self.verdict.set_text(scan.words)
        if scan.good:
            self.verdict.icon.show_icon("ph.check-circle-fill", "green.text")
        else:
            self.verdict.icon.show_icon("ph.info-fill", "blue.text")
        self.verdict.show()
        self.verdict.setAccessibleName(scan.words)


def _visible(mark: str) -> str:
    """A control character as its sign, so that it can be seen and named."""
    if ord(mark) < 0x20:
        return chr(_CONTROL_PICTURES + ord(mark))
    return mark if mark.isprintable() else "\N{REPLACEMENT CHARACTER}"
