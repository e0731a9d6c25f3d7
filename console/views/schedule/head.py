"""The header of the schedule: which days, which view, and what can be begun. It gives way where there is little room.

See docs/design.md, "Screens" (schedule).
"""

from __future__ import annotations

from datetime import date

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from console.models.words import month_title
from console.views.schedule.words import week_title
from console.views.theme import ThemeHub
from console.views.widgets.base import fix_height, line
from console.views.widgets.buttons import Button, IconButton
from console.views.widgets.text import ElidedLabel, label
from console.views.widgets.toggles import ChoiceRow

VIEWS = (("week", "Week"), ("month", "Month"), ("series", "Series"))
_SPACING = 8
_STAGES = (0, 1, 2, 3, 4, 5, 6)
"""How much gives way: nothing; words of acts; letters of the month; the title; printing; this week; the picker."""
_FEW, _SHORT, _UNTITLED, _NO_PRINT, _NO_NOW, _NO_PICK = _STAGES[1:]


class ScheduleHeader(QFrame):
    """Title, days, views and acts."""

    turned = Signal(int)
    """So many weeks or months on; 0 is the present one."""
    day_wanted = Signal()
    view_changed = Signal(str)
    closures_wanted = Signal()
    series_wanted = Signal()
    print_wanted = Signal()
    exchange_wanted = Signal()

    def __init__(self, hub: ThemeHub, *, may_edit: bool, may_print: bool, may_exchange: bool = False) -> None:
        """Without `may_edit` nothing can be begun."""
        super().__init__()
        self.hub, self._may_edit = hub, may_edit
        self._first, self._kind = date.min, "week"
        fix_height(self, hub, "header")
        self.title = label("Schedule", "title")
        self.before = IconButton(hub, "ph.caret-left", "Week before (Page up)")
        self.now = Button(hub, "This week")
        self.after = IconButton(hub, "ph.caret-right", "Next week (Page down)")
        self.days = ElidedLabel("", "name")
        self.pick = IconButton(hub, "ph.calendar-blank", "Choose a day (Ctrl+G)", "quiet")
        self.views = ChoiceRow(hub, VIEWS, name="View")
        self.printing = IconButton(hub, "ph.printer", "Print the week (Ctrl+P)")
        self.exchange = IconButton(hub, "ph.arrows-down-up", "Import and export")
        self._may_exchange = may_exchange
        self.closures = Button(hub, "Closures", icon="ph.prohibit")
        self.few_closures = IconButton(hub, "ph.prohibit", "Closures")
        self.series = Button(hub, "New series", icon="ph.plus")
        self.few_series = IconButton(hub, "ph.plus", "New series (N)")
        self._may_print = may_print
        self._lay_out()
        self.before.clicked.connect(lambda _checked=False: self.turned.emit(-1))
        self.now.clicked.connect(lambda _checked=False: self.turned.emit(0))
        self.after.clicked.connect(lambda _checked=False: self.turned.emit(1))
        self.pick.clicked.connect(lambda _checked=False: self.day_wanted.emit())
        self.views.changed.connect(self.view_changed)
        self.printing.clicked.connect(lambda _checked=False: self.print_wanted.emit())
        for button, signal in (
            (self.exchange, self.exchange_wanted),
            (self.closures, self.closures_wanted), (self.few_closures, self.closures_wanted),
            (self.series, self.series_wanted), (self.few_series, self.series_wanted),
        ):  # fmt: skip
            button.clicked.connect(lambda _checked=False, signal=signal: signal.emit())

    def show_days(self, first: date, view: str) -> None:
        """Say which days are on show: a week from `first`, or the month it lies in."""
        self._first, self._kind = first, view
        self.views.choose(view)
        words = "month" if view == "month" else "week"
        self.now.setText(f"This {words}")
        for button, said in (
            (self.before, f"{words.capitalize()} before (Page up)"), (self.after, f"Next {words} (Page down)"),
        ):  # fmt: skip
            button.setToolTip(said)
            button.setAccessibleName(said)
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """What has no room gives way."""
        super().resizeEvent(event)
        self._fit()

    def minimumSizeHint(self) -> QSize:
        """As narrow as everything that may give way has given way."""
        return QSize(320, super().minimumSizeHint().height())

    def _fit(self) -> None:
        """Leave out as little as lets the rest stand."""
        stage = next((one for one in _STAGES if self._wanted(one) <= self.width()), _STAGES[-1])
        shown = self._shown(stage)
        self.days.setText(self._said(stage))
        for part in self._parts:
            part.setVisible(part in shown)

    @property
    def _parts(self) -> tuple[QWidget, ...]:
        return (
            self.title, self.before, self.now, self.after, self.days, self.pick, self.views, self.printing,
            self.exchange, self.closures, self.few_closures, self.series, self.few_series,
        )  # fmt: skip

    def _shown(self, stage: int) -> list[QWidget]:
        """What is shown at a stage."""
        shown: list[QWidget] = [] if stage >= _UNTITLED else [self.title]
        if self._kind != "series":
            shown += [self.before, *([] if stage >= _NO_NOW else [self.now]), self.after, self.days]
            shown += [] if stage >= _NO_PICK else [self.pick]
        shown.append(self.views)
        if self._may_print and self._kind == "week" and stage < _NO_PRINT:
            shown.append(self.printing)
        if self._may_exchange and stage < _NO_PRINT:
            shown.append(self.exchange)
        if self._may_edit:
            shown += [self.few_closures, self.few_series] if stage >= _FEW else [self.closures, self.series]
        return shown

    def _said(self, stage: int) -> str:
        if self._first == date.min:
            return ""
        if self._kind == "month":
            return month_title(self._first)
        return week_title(self._first, short=stage >= _SHORT)

    def _wanted(self, stage: int) -> int:
        """How wide it would be at a stage."""
        shown = self._shown(stage)
        width = sum(part.sizeHint().width() + _SPACING for part in shown if part is not self.days) + 40 + 24
        if self.days in shown:
            width += self.days.fontMetrics().horizontalAdvance(self._said(stage)) + 2 * _SPACING
        return width

    def _lay_out(self) -> None:
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        bar = QWidget()
        row = QHBoxLayout(bar)
        row.setContentsMargins(24, 0, 16, 0)
        row.setSpacing(_SPACING)
        row.addWidget(self.title)
        row.addSpacing(_SPACING)
        for part in (self.before, self.now, self.after):
            row.addWidget(part)
        row.addSpacing(_SPACING)
        row.addWidget(self.days, 0, Qt.AlignmentFlag.AlignVCenter)
        row.addWidget(self.pick)
        row.addStretch(1)
        row.addWidget(self.views)
        row.addSpacing(_SPACING)
        for part in (
            self.printing,
            self.exchange,
            self.closures,
            self.few_closures,
            self.series,
            self.few_series,
        ):
            row.addWidget(part)
        outer.addWidget(bar, 1)
        outer.addWidget(line())
