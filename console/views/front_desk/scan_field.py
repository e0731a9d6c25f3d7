"""The field that always has the keyboard: tickets are scanned into it, names and codes typed.

What it means is decided when it ends: a burst from a scanner is a ticket whatever stood in the field before; exactly
a code is a code; anything else looks for names from the second letter on. See docs/design.md, "Rules of the domain".
"""

from __future__ import annotations

from PySide6.QtCore import QElapsedTimer, QEvent, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QSizePolicy

from console.domain import codes
from console.views.front_desk.wedge import WedgeDetector
from console.views.theme import ThemeHub
from console.views.widgets import paint
from console.views.widgets.base import ThemedWidget, fix_height, restyle
from console.views.widgets.chips import Keycap
from console.views.widgets.text import IconLabel, label

_SEARCH_DELAY_MS = 60  # longer than a scanner's gap, so that a scan does not flicker through the names
_ENDS = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Tab)


class _Line(QLineEdit):
    """The text itself: sees every key before shortcuts do."""

    def __init__(self, field: ScanField) -> None:
        super().__init__()
        self._field = field

    def event(self, event: QEvent) -> bool:
        """Keep Tab and a scanner's control characters from moving the focus or running shortcuts."""
        if isinstance(event, QKeyEvent):
            if event.type() is QEvent.Type.ShortcutOverride and self._field.claims(event):
                event.accept()
                return True
            if event.type() is QEvent.Type.KeyPress and self._field.take(event):
                return True
        return super().event(event)


class ScanField(ThemedWidget):
    """Scanner and keyboard input of the Today screen."""

    scanned = Signal(str)
    """The text of a ticket or a pickup tag, from a scanner or typed as a whole."""
    searched = Signal(str)
    """What stands in the field as a name; empty when nothing is looked for."""
    entered = Signal()
    """Enter without a code: act on the current row."""
    mistyped = Signal(str)
    """Something in the shape of a code whose check symbol is wrong."""
    moved = Signal(int)
    """The arrow keys: rows to move by."""
    escaped = Signal()
    """Escape in an empty field."""
    undo_wanted = Signal()
    """Ctrl+Z in an empty field."""

    def __init__(self, hub: ThemeHub) -> None:
        """An empty field."""
        super().__init__(hub)
        # Keys are timed by the hands that press them, not by the clock of the rules, which may stand still.
        self._timer = QElapsedTimer()
        self._timer.start()
        self._wedge = WedgeDetector()
        self._told = ""
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.setInterval(_SEARCH_DELAY_MS)
        self._later.timeout.connect(self._tell_search)
        fix_height(self, hub, "control.scanField")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 2, 16, 2)
        row.setSpacing(12)
        row.addWidget(IconLabel(hub, "ph.barcode", "accent.text", 24))
        self.line = _Line(self)
        self.line.setProperty("bare", "true")
        self.line.setProperty("role", "scan")
        self.line.setPlaceholderText("Scan a ticket, or type a name or code")
        self.line.setAccessibleName("Scan a ticket, or type a name or code")
        self.line.setMaxLength(120)
        self.line.textEdited.connect(lambda _text: self._later.start())
        self.line.textChanged.connect(self._drop_controls)
        row.addWidget(self.line, 1)
        self._keycap = Keycap(hub, "Enter")
        self._hint = label("checks in", "caption")
        row.addWidget(self._keycap)
        row.setSpacing(8)
        row.addWidget(self._hint)
        self.setFocusProxy(self.line)
        self.theme_changed()

    @property
    def text(self) -> str:
        """What stands in the field."""
        return self.line.text()

    def type_text(self, text: str) -> None:
        """Type `text` for the person, as when a key was pressed elsewhere."""
        self.line.setFocus(Qt.FocusReason.OtherFocusReason)
        self.line.insert(text)
        self._later.start()

    def take_over(self, event: QKeyEvent) -> None:
        """Take a key that was pressed elsewhere: perhaps the first of a scanner's burst."""
        self.line.setFocus(Qt.FocusReason.OtherFocusReason)
        self._wedge.press(event.text(), self._time(event))
        self.line.insert(event.text())
        self._later.start()

    def clear(self) -> None:
        """Empty the field and stop looking."""
        self.line.clear()
        self._wedge.reset()
        self._tell_search()

    def set_hint(self, words: str) -> None:
        """Say what Enter does now; nothing hides the hint."""
        self._hint.setText(words)
        self._hint.setVisible(bool(words))
        self._keycap.setVisible(bool(words))

    # -- keys ----------------------------------------------------------------------------------------------------

    def claims(self, event: QKeyEvent) -> bool:
        """Whether a key belongs to the field although a shortcut would like it."""
        if self._wedge.is_burst(self._time(event)):
            return True
        return event.matches(QKeySequence.StandardKey.Undo)

    def take(self, event: QKeyEvent) -> bool:
        """Handle a key press; False leaves it to the line edit."""
        at, key = self._time(event), event.key()
        if key in _ENDS:
            return self._end(at, tab=key == Qt.Key.Key_Tab)
        in_burst = self._wedge.is_burst(at)
        if key not in (Qt.Key.Key_Shift, Qt.Key.Key_Control, Qt.Key.Key_Alt, Qt.Key.Key_AltGr):
            self._wedge.press(event.text(), at)
        control = bool(event.text()) and not event.text().isprintable()
        if event.matches(QKeySequence.StandardKey.Undo) and not self.text and not in_burst:
            self.undo_wanted.emit()
            return True
        if in_burst and control and key not in (Qt.Key.Key_Backspace, Qt.Key.Key_Escape):
            return True
        return self._navigate(Qt.Key(key))

    def _navigate(self, key: Qt.Key) -> bool:
        steps = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1, Qt.Key.Key_PageUp: -8, Qt.Key.Key_PageDown: 8}
        if key in steps:
            self._flush()
            self.moved.emit(steps[key])
            return True
        if key == Qt.Key.Key_Escape:
            if self.text:
                self.clear()
            else:
                self.escaped.emit()
            return True
        return False

    def _end(self, at: float, *, tab: bool) -> bool:
        scan = self._wedge.finish(at)
        typed = self.text.strip()
        ticket = codes.parse(typed)
        code = ticket or codes.parse_tag(typed)
        if scan is not None:
            # A busy machine can tear a scan in two: the burst is then its end, and the whole stands in the field. The
            # end of a ticket may have the shape of a tag; nothing that is typed before a tag makes it a ticket.
            whole = ticket if codes.parse(scan) is None else None
            if whole is None and codes.parse_tag(scan) is None:
                whole = code
            self.clear()
            self.scanned.emit(whole or scan)
            return True
        if tab:
            return False
        if code is not None:
            self.clear()
            self.scanned.emit(code)
        elif codes.is_mistyped(typed):
            self.line.selectAll()
            self.mistyped.emit(typed)
        else:
            self._flush()
            self.entered.emit()
        return True

    def _time(self, event: QKeyEvent) -> float:
        stamp = event.timestamp()
        return (stamp or self._timer.elapsed()) / 1000

    def _flush(self) -> None:
        if self._later.isActive():
            self._later.stop()
            self._tell_search()

    def _tell_search(self) -> None:
        self._later.stop()
        name = self.text.strip()
        if codes.normalise(name) is not None or codes.parse_tag(name) is not None:
            name = ""
        if name != self._told:
            self._told = name
            self.searched.emit(name)

    # -- looks ---------------------------------------------------------------------------------------------------

    def _drop_controls(self, text: str) -> None:
        # Typed ones are never let in; these come by the clipboard.
        kept = "".join(mark for mark in text if not (mark < " " or "\x7f" <= mark < "\xa0"))
        if kept != text:
            self.line.setText(kept)

    def theme_changed(self) -> None:
        """Set the field in the roster's size."""
        self.line.setFont(self.theme.font("name", 400))
        restyle(self.line)
        super().theme_changed()

    def sizeHint(self) -> QSize:
        """As wide as its place."""
        return QSize(360, self.height())

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A click anywhere in the frame takes the keyboard."""
        self.line.setFocus(Qt.FocusReason.MouseFocusReason)
        super().mousePressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the frame: its accent edge says that the field listens."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        edge = QPen(self.theme.color("focus.ring"), self.theme.tokens.data["border"]["focus"])
        fill = self.theme.color("surface.canvas")
        paint.rounded(painter, QRectF(self.rect()), self.theme.radius("card"), fill, edge)
