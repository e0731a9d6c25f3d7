"""The filters over the roster of the open session."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QHBoxLayout, QSizePolicy, QWidget

from console.domain.attendance import AttendanceState
from console.models.find import RosterView
from console.views.theme import ThemeHub
from console.views.widgets import paint
from console.views.widgets.base import fix_height
from console.views.widgets.toggles import ChoiceRow

_VIEWS = (
    (RosterView.ALL, "All"),
    (RosterView.EXPECTED, "Expected"),
    (RosterView.IN, "In"),
    (RosterView.OUT, "Out"),
    (RosterView.ABSENT, "Absent"),
    (RosterView.UNMARKED, "Unmarked"),
)

_TIGHTER = 12  # of the 20 pixels of padding a filter has


class HealthToggle(QAbstractButton):
    """Shows only children with a health note; gives up its word, never its count, where room is short."""

    def __init__(self, hub: ThemeHub) -> None:
        """Off, counting nobody."""
        super().__init__()
        self.hub = hub
        self._count = 0
        self._short = False
        self.setCheckable(True)
        self.setText("Health notes")
        self.setToolTip("Only children with a health note (Alt+H)")
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setProperty("focusRing", True)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        hub.changed.connect(self.update)
        self.set_count(0)

    def set_count(self, count: int) -> None:
        """Show how many children have a note."""
        self._count = count
        self.setAccessibleName(f"{self.text()}, {count}")
        self.updateGeometry()
        self.update()

    def set_short(self, short: bool) -> None:
        """Leave the word out, or write it."""
        if short != self._short:
            self._short = short
            self.updateGeometry()
            self.update()

    def width_for(self, *, short: bool) -> int:
        """How wide it is with or without its word."""
        font = self.hub.theme.font("bodyStrong")
        word = 0 if short else paint.text_width(font, self.text()) + 8
        return int(10 + 16 + word + 6 + paint.text_width(font, str(self._count)) + 10)

    def sizeHint(self) -> QSize:
        """Wide enough for the chosen look too."""
        return QSize(self.width_for(short=self._short), self.hub.theme.size("control.compact"))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint sign, word and count."""
        theme, painter = self.hub.theme, QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        rect, chosen = QRectF(self.rect()), self.isChecked()
        if chosen or self.underMouse():
            fill = theme.color("surface.selected" if chosen else "surface.hover")
            paint.rounded(painter, rect, theme.radius("control"), fill)
        ink = "accent.text" if chosen else "text.primary"
        theme.paint_icon(painter, "ph.warning", ink, QRectF(10, 0, 16, rect.height()), 16)
        x, weight = 34.0, 600 if chosen else 500
        if not self._short:
            place = QRectF(x, 0, rect.width(), rect.height())
            x += (
                paint.draw_text(painter, theme, place, self.text(), weight=weight, color=ink, elide=False) + 6
            )
        place = QRectF(x, 0, rect.width() - x, rect.height())
        muted = ink if chosen else "text.muted"
        paint.draw_text(painter, theme, place, str(self._count), color=muted, elide=False)


class FilterBar(QWidget):
    """All, Expected, In, Out, Absent with their counts, and the health switch."""

    view_chosen = Signal(str)
    health_chosen = Signal(bool)
    handed_back = Signal()

    def __init__(self, hub: ThemeHub) -> None:
        """Everything shown."""
        super().__init__()
        fix_height(self, hub, "control.compact")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        self.views = ChoiceRow(hub, [(view.value, word) for view, word in _VIEWS], "tabs", name="Show")
        self.views.changed.connect(self.view_chosen)
        for number, (view, word) in enumerate(_VIEWS, start=1):
            button = self.views.option(view.value)
            button.setToolTip(f"{word} (Alt+{number})")
            button.clicked.connect(self.handed_back)
        self.views.option(RosterView.UNMARKED.value).hide()
        self.health = HealthToggle(hub)
        self.health.toggled.connect(self.health_chosen)
        self.health.clicked.connect(self.handed_back)
        self._counts = dict.fromkeys(RosterView, 0)
        self._health = -1
        row.addWidget(self.views)
        row.addStretch(1)
        row.addWidget(self.health)

    def set_counts(self, counts: dict[AttendanceState, int], health: int) -> None:
        """Show how many children each filter holds."""
        shown = {state.value: count for state, count in counts.items()}
        shown[RosterView.ALL.value] = sum(counts.values())
        counted = {view: shown[view.value] for view in RosterView}
        if counted == self._counts and health == self._health:
            return
        self.views.set_counts(shown)
        self._counts, self._health = counted, health
        self.health.set_count(health)
        self._fit()

    def choose(self, view: RosterView) -> None:
        """Choose a filter by its key."""
        self.views.choose(view.value)
        self.view_chosen.emit(view.value)

    def reset(self) -> None:
        """Show everything, without a signal."""
        self.views.choose(RosterView.ALL.value)
        self.health.blockSignals(True)
        self.health.setChecked(False)
        self.health.blockSignals(False)
        self.health.update()

    def resizeEvent(self, event: object) -> None:
        """Give up the health switch's word where room is short."""
        self._fit()

    def minimumSizeHint(self) -> QSize:
        """It gives up what it can, so it never widens the window."""
        return QSize(200, self.height())

    def _fit(self) -> None:
        """Where room is short give up, in this order: the health word, padding, filters that hold nobody."""
        shown = [view for view in RosterView if view is not RosterView.UNMARKED or self._needed(view)]
        short, tight = self.health.width_for(short=True), 0
        roomy = self._width(shown, 0) + self.health.width_for(short=False) <= self.width()
        if not roomy and self._width(shown, 0) + short > self.width():
            tight = _TIGHTER
            if self._width(shown, tight) + short > self.width():
                shown = [view for view in shown if self._needed(view)]
        self.health.set_short(not roomy)
        for view in RosterView:
            button = self.views.option(view.value)
            button.setVisible(view in shown)
            button.setFixedWidth(max(button.sizeHint().width() - tight, 28))

    def _needed(self, view: RosterView) -> bool:
        return bool(self._counts[view]) or view is RosterView.ALL or self.views.chosen == view.value

    def _width(self, shown: list[RosterView], tight: int) -> int:
        return sum(self.views.option(view.value).sizeHint().width() - tight + 4 for view in shown) + 8
