"""Inputs with their label, help and error: one shape for every form."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QLineEdit,
    QListView,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from console.views.theme import ThemeHub
from console.views.widgets import paint
from console.views.widgets.base import fix_height, restyle
from console.views.widgets.buttons import Scale
from console.views.widgets.text import ElidedLabel, label

_ICON_ROOM = 30


class TextInput(QLineEdit):
    """A one-line input; while it is invalid it has a red edge and a sign at its right end."""

    def __init__(
        self, hub: ThemeHub, text: str = "", *, placeholder: str = "", scale: Scale = "default"
    ) -> None:
        """An input of one of the control heights."""
        super().__init__(text)
        self.hub = hub
        self._invalid = False
        self.setProperty("scale", scale)
        self.setPlaceholderText(placeholder)
        self.setMinimumWidth(48)
        self.textChanged.connect(self._drop_nul)
        hub.changed.connect(self.update)

    def _drop_nul(self, text: str) -> None:
        # It can only come by the clipboard, and no database takes it.
        if "\x00" in text:
            self.setText(text.replace("\x00", ""))

    @property
    def invalid(self) -> bool:
        """Whether what was entered is refused."""
        return self._invalid

    def set_invalid(self, invalid: bool) -> None:
        """Mark or unmark the input; the reason stands under it, in its field."""
        if invalid == self._invalid:
            return
        self._invalid = invalid
        self.setProperty("invalid", "true" if invalid else "false")
        self.setTextMargins(0, 0, _ICON_ROOM if invalid else 0, 0)
        restyle(self)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the input, and the sign of a refusal over its right end."""
        super().paintEvent(event)
        if self._invalid:
            place = QRectF(self.width() - _ICON_ROOM, 0, 20, self.height())
            self.hub.theme.paint_icon(QPainter(self), "ph.warning-circle-fill", "red.text", place, 16)


class PasswordInput(TextInput):
    """A password, hidden until the eye at its end is pressed; it tells when caps lock seems to be on."""

    caps_lock = Signal(bool)

    def __init__(self, hub: ThemeHub, *, scale: Scale = "default") -> None:
        """An empty password input."""
        super().__init__(hub, scale=scale)
        self.setProperty("secret", "true")
        self.setEchoMode(QLineEdit.EchoMode.Password)
        self.setInputMethodHints(
            Qt.InputMethodHint.ImhSensitiveData
            | Qt.InputMethodHint.ImhNoPredictiveText
            | Qt.InputMethodHint.ImhNoAutoUppercase
        )
        self._caps: bool | None = None
        self._eye = QToolButton(self)
        self._eye.setCheckable(True)
        self._eye.setProperty("focusRing", True)
        self._eye.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._eye.setCursor(Qt.CursorShape.ArrowCursor)
        self._eye.setStyleSheet("QToolButton { border: none; background: transparent; outline: none; }")
        self._eye.setIconSize(QSize(18, 18))
        self._eye.toggled.connect(self._show)
        self.setTextMargins(0, 0, 36, 0)
        hub.changed.connect(self._draw_eye)
        self._draw_eye()

    def set_invalid(self, invalid: bool) -> None:
        """Mark or unmark the input; the eye keeps its place."""
        super().set_invalid(invalid)
        self.setTextMargins(0, 0, 36, 0)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the input without a sign: the eye stands there."""
        QLineEdit.paintEvent(self, event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the eye at the right end."""
        super().resizeEvent(event)
        edge = min(self.height(), 32)
        self._eye.setGeometry(self.width() - edge - 4, (self.height() - edge) // 2, edge, edge)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Type, and judge from the letter and Shift whether caps lock is on: Qt cannot be asked."""
        typed = event.text()
        if event.key() == Qt.Key.Key_CapsLock and self._caps is not None:
            self._set_caps(not self._caps)
        elif len(typed) == 1 and typed.isalpha() and typed.lower() != typed.upper():
            shift = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
            self._set_caps(typed.isupper() != shift)
        super().keyPressEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Forget what is known of caps lock: it may be pressed elsewhere."""
        super().focusOutEvent(event)
        if self._caps:
            self.caps_lock.emit(False)
        self._caps = None

    def _set_caps(self, on: bool) -> None:
        if on != bool(self._caps):
            self.caps_lock.emit(on)
        self._caps = on

    def _show(self, shown: bool) -> None:
        self.setEchoMode(QLineEdit.EchoMode.Normal if shown else QLineEdit.EchoMode.Password)
        self.setProperty("secret", "false" if shown else "true")
        restyle(self)
        self._draw_eye()

    def _draw_eye(self) -> None:
        shown = self._eye.isChecked()
        words = "Hide password" if shown else "Show password"
        self._eye.setToolTip(words)
        self._eye.setAccessibleName(words)
        name = "ph.eye-slash" if shown else "ph.eye"
        self._eye.setIcon(self.hub.theme.icon(name, "text.secondary", 18))


class SelectBox(QComboBox):
    """A choice from a list, drawn like an input."""

    def __init__(self, hub: ThemeHub, items: list[str] | None = None) -> None:
        """A box with `items`, the first chosen."""
        super().__init__()
        self.hub = hub
        popup = QListView()
        popup.setProperty("popup", "true")
        popup.setUniformItemSizes(True)
        self.setView(popup)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.addItems(items or [])
        hub.changed.connect(self.update)

    def sizeHint(self) -> QSize:
        """Room for the longest item and the arrow."""
        widest = max(
            (self.fontMetrics().horizontalAdvance(self.itemText(i)) for i in range(self.count())), default=40
        )
        return QSize(widest + 48, self.hub.theme.size("control.default"))

    def minimumSizeHint(self) -> QSize:
        """It may become narrow: the text elides."""
        return QSize(64, self.hub.theme.size("control.default"))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint edge, text and arrow; a focused one has the 2 px edge."""
        theme = self.hub.theme
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        on, focused = self.isEnabled(), self.hasFocus()
        edge = "focus.ring" if focused else ("border.control" if on else "border.default")
        fill = theme.color("surface.canvas" if on else "surface.sunken")
        pen = QPen(theme.color(edge), 2 if focused else 1)
        paint.rounded(painter, QRectF(self.rect()), theme.radius("control"), fill, pen)
        room = QRectF(11, 0, self.width() - 11 - 34, self.height())
        ink = "text.primary" if on else "text.disabled"
        paint.draw_text(painter, theme, room, self.currentText() or self.placeholderText(), color=ink)
        arrow = QRectF(self.width() - 30, 0, 20, self.height())
        theme.paint_icon(painter, "ph.caret-down", "text.secondary" if on else "text.disabled", arrow, 16)


class Field(QWidget):
    """An input under its label, with help or the reason of a refusal below, announced together."""

    def __init__(
        self,
        hub: ThemeHub,
        caption: str,
        editor: QWidget,
        *,
        help_text: str = "",
        note: str = "",
        gap: int = 4,
    ) -> None:
        """`caption` names the input, `note` stands at the right of it, `help_text` below."""
        super().__init__()
        self.hub = hub
        self.editor = editor
        self._help = help_text
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(gap)
        head = QHBoxLayout()
        head.setSpacing(8)
        self.caption = label(caption, "label")
        self.caption.setBuddy(editor)
        self.note = ElidedLabel(note, "caption")
        self.note.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        fix_height(self.caption, hub, lambda theme: theme.line("label"))
        head.addWidget(self.caption)
        head.addWidget(self.note, 1)
        column.addLayout(head)
        column.addWidget(editor)
        self.below = label(help_text, "caption", wrap=True)
        column.addWidget(self.below)
        self.below.setVisible(bool(help_text))  # after it has its place: a widget of nobody would be a window
        self._name_editor()

    def set_caption(self, caption: str, note: str = "") -> None:
        """Name the input anew."""
        self.caption.setText(caption)
        self.note.setText(note)
        self._name_editor()

    def set_error(self, reason: str) -> None:
        """Say why the input is refused; an empty reason takes the refusal away."""
        if isinstance(self.editor, TextInput):
            self.editor.set_invalid(bool(reason))
        self._say(reason or self._help, "error" if reason else "caption")

    def set_help(self, help_text: str) -> None:
        """Show other help under the input."""
        self._help = help_text
        self._say(help_text, "caption")

    def _say(self, text: str, role: str) -> None:
        self.below.setText(text)
        self.below.setProperty("role", role)
        self.below.setVisible(bool(text))
        self.editor.setAccessibleDescription(text)
        restyle(self.below)

    def _name_editor(self) -> None:
        self.editor.setAccessibleName(self.caption.text())
        self.editor.setAccessibleDescription(self._help)

    def changeEvent(self, event: QEvent) -> None:
        """A field that is switched off shows it in its label too."""
        super().changeEvent(event)
        if event.type() is QEvent.Type.EnabledChange:
            self.caption.setEnabled(True)
