"""Check boxes, radio buttons, and the two rows of choices: joined segments and filter tabs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from PySide6.QtCore import QPoint, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import (
    QAbstractButton,
    QButtonGroup,
    QCheckBox,
    QHBoxLayout,
    QRadioButton,
    QSizePolicy,
    QWidget,
)

from console.views.theme import ThemeHub
from console.views.widgets import paint
from console.views.widgets.base import ThemedWidget

_BOX = 16
_GAP = 8


class CheckBox(QCheckBox):
    """A yes or no."""

    def __init__(self, hub: ThemeHub, text: str, *, checked: bool = False) -> None:
        """A box beside what it says."""
        super().__init__(text)
        self.hub = hub
        self.setChecked(checked)
        hub.changed.connect(self.update)

    def sizeHint(self) -> QSize:
        """Box and words, high enough to hit."""
        return _toggle_size(self, self.hub)

    def minimumSizeHint(self) -> QSize:
        """Words of a toggle are not elided."""
        return self.sizeHint()

    def hitButton(self, pos: QPoint) -> bool:
        """The words can be pressed too."""
        return self.rect().contains(pos)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint box, tick and words."""
        theme, painter = self.hub.theme, QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRectF(0, round((self.height() - _BOX) / 2), _BOX, _BOX)
        if self.isChecked():
            fill = theme.color("accent.fill" if self.isEnabled() else "border.default")
            paint.rounded(painter, box, theme.radius("chip"), fill)
            theme.paint_icon(painter, "ph.check-bold", "accent.onFill", box, theme.tokens.icon("chip"))
        else:
            fill = theme.color("surface.canvas" if self.isEnabled() else "surface.sunken")
            paint.rounded(painter, box, theme.radius("chip"), fill, QPen(_edge(self, theme_hub=self.hub), 1))
        _toggle_words(painter, self, self.hub)


class RadioButton(QRadioButton):
    """One of several."""

    def __init__(self, hub: ThemeHub, text: str, *, checked: bool = False) -> None:
        """A dot beside what it says."""
        super().__init__(text)
        self.hub = hub
        self.setChecked(checked)
        hub.changed.connect(self.update)

    def sizeHint(self) -> QSize:
        """Dot and words, high enough to hit."""
        return _toggle_size(self, self.hub)

    def minimumSizeHint(self) -> QSize:
        """Words of a toggle are not elided."""
        return self.sizeHint()

    def hitButton(self, pos: QPoint) -> bool:
        """The words can be pressed too."""
        return self.rect().contains(pos)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint ring, dot and words."""
        theme, painter = self.hub.theme, QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        centre = QPointF(_BOX / 2, round((self.height() - _BOX) / 2) + _BOX / 2)
        if self.isChecked():
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.color("accent.fill" if self.isEnabled() else "border.default"))
            painter.drawEllipse(centre, _BOX / 2, _BOX / 2)
            painter.setBrush(theme.color("accent.onFill"))
            painter.drawEllipse(centre, 3, 3)
        else:
            painter.setPen(QPen(_edge(self, theme_hub=self.hub), 1))
            painter.setBrush(theme.color("surface.canvas" if self.isEnabled() else "surface.sunken"))
            painter.drawEllipse(centre, _BOX / 2 - 0.5, _BOX / 2 - 0.5)
        _toggle_words(painter, self, self.hub)


class _Choice(QAbstractButton):
    """One segment or tab of a row of choices, with a count where it has one."""

    def __init__(self, hub: ThemeHub, text: str, style: str, icon: str | None = None) -> None:
        super().__init__()
        self.hub = hub
        self.setText(text)
        self._style = style
        self._icon = icon
        self._count: int | None = None
        self.setCheckable(True)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setProperty("focusRing", True)
        hub.changed.connect(self.update)

    def set_count(self, count: int | None) -> None:
        """The number beside the word."""
        self._count = count
        self.setAccessibleName(self.text() if count is None else f"{self.text()}, {count:,}")
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        """Wide enough for the bold state too, so that choosing moves nothing."""
        theme = self.hub.theme
        width = paint.text_width(theme.font("bodyStrong"), self.text()) + 2 * (
            12 if self._style == "joined" else 10
        )
        if self._count is not None:
            width += 6 + paint.text_width(theme.font("bodyStrong"), f"{self._count:,}")
        if self._icon:
            width += 22
        return QSize(int(width), theme.size("control.compact"))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the choice as chosen, hovered or plain."""
        theme, painter = self.hub.theme, QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        rect, chosen = QRectF(self.rect()), self.isChecked()
        joined = self._style == "joined"
        if chosen:
            pen = QPen(theme.color("border.button"), 1) if joined else None
            fill = theme.color("surface.raised" if joined else "surface.selected")
            paint.rounded(painter, rect, theme.radius("control"), fill, pen)
        elif self.underMouse() and self.isEnabled():
            paint.rounded(painter, rect, theme.radius("control"), theme.color("surface.hover"))
        if not self.isEnabled():
            ink = "text.disabled"
        elif chosen:
            ink = "text.primary" if joined else "accent.text"
        else:
            ink = "text.secondary" if joined else "text.primary"
        step = "bodyStrong" if chosen else "body"
        weight = None if chosen else 500
        width = paint.text_width(theme.font(step, weight), self.text())
        count = "" if self._count is None else f"{self._count:,}"
        count_width = paint.text_width(theme.font(step), count) + 6 if count else 0
        x = (rect.width() - width - count_width - (22 if self._icon else 0)) / 2
        if self._icon:
            theme.paint_icon(painter, self._icon, ink, QRectF(x, 0, 16, rect.height()), 16)
            x += 22
        room = QRectF(round(x), 0, width + 1, rect.height())
        paint.draw_text(painter, theme, room, self.text(), step=step, weight=weight, color=ink, elide=False)
        if count:
            beside = QRectF(room.left() + width + 6, 0, count_width, rect.height())
            muted = ink if chosen else "text.muted"
            paint.draw_text(painter, theme, beside, count, step=step, color=muted, elide=False)


class ChoiceRow(ThemedWidget):
    """A row of which exactly one is chosen. Arrow keys move, Tab enters and leaves.

    `joined` is the segmented control (a choice of how to see or save), `tabs` filters what stands below it and may
    carry counts.
    """

    changed = Signal(str)

    def __init__(
        self,
        hub: ThemeHub,
        options: Sequence[tuple[str, str]],
        style: Literal["joined", "tabs"] = "joined",
        *,
        name: str,
    ) -> None:
        """`options` are (key, word); `name` says what is chosen, for screen readers."""
        super().__init__(hub)
        self._style = style
        self.setAccessibleName(name)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        row = QHBoxLayout(self)
        inset = 2 if style == "joined" else 0
        row.setContentsMargins(inset, inset, inset, inset)
        row.setSpacing(0 if style == "joined" else 4)
        self._group = QButtonGroup(self)
        self._group.setExclusive(True)
        self._choices: dict[str, _Choice] = {}
        for key, word in options:
            choice = _Choice(hub, word, style)
            self._choices[key] = choice
            self._group.addButton(choice)
            row.addWidget(choice)
            choice.clicked.connect(lambda _checked=False, chosen=key: self.changed.emit(chosen))
        if options:
            self.choose(options[0][0])

    @property
    def chosen(self) -> str:
        """The key of the chosen option."""
        return next((key for key, choice in self._choices.items() if choice.isChecked()), "")

    def choose(self, key: str) -> None:
        """Choose an option without a signal."""
        self._choices[key].setChecked(True)
        self._one_tab_stop()

    def set_counts(self, counts: dict[str, int]) -> None:
        """Show how many each option holds."""
        for key, count in counts.items():
            self._choices[key].set_count(count)

    def option(self, key: str) -> QAbstractButton:
        """The button of one option, to disable it or to give it a tool tip."""
        return self._choices[key]

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Left and right choose the neighbour."""
        steps = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}
        step = steps.get(Qt.Key(event.key()))
        if step is None:
            super().keyPressEvent(event)
            return
        keys = [key for key, choice in self._choices.items() if choice.isEnabled()]
        if keys and self.chosen in keys:
            following = keys[(keys.index(self.chosen) + step) % len(keys)]
            self.choose(following)
            self._choices[following].setFocus(Qt.FocusReason.TabFocusReason)
            self.changed.emit(following)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the sunken groove of the joined style."""
        if self._style == "joined":
            painter = QPainter(self)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            radius = self.theme.radius("control") + 1
            paint.rounded(painter, QRectF(self.rect()), radius, self.theme.color("surface.sunken"))

    def _one_tab_stop(self) -> None:
        for choice in self._choices.values():
            strong = Qt.FocusPolicy.StrongFocus if choice.isChecked() else Qt.FocusPolicy.ClickFocus
            choice.setFocusPolicy(strong)


def _toggle_size(button: QAbstractButton, hub: ThemeHub) -> QSize:
    width = paint.text_width(hub.theme.font("body"), button.text())
    return QSize(_BOX + _GAP + int(width), hub.theme.size("hitMinimum"))


def _toggle_words(painter: QPainter, button: QAbstractButton, hub: ThemeHub) -> None:
    room = QRectF(_BOX + _GAP, 0, button.width() - _BOX - _GAP, button.height())
    ink = "text.primary" if button.isEnabled() else "text.disabled"
    paint.draw_text(painter, hub.theme, room, button.text(), color=ink)


def _edge(button: QWidget, *, theme_hub: ThemeHub) -> QColor:
    return theme_hub.theme.color("border.control" if button.isEnabled() else "border.default")
