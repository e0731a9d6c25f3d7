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
_STAGES = ((False, False, True), (True, False, True), (True, True, True), (True, True, False))
"""Few words, short month, title: from the widest to the narrowest."""


class ScheduleHeader(QFrame):
    """Title, days, views and acts."""

    turned = Signal(int)
    """So many weeks or months on; 0 is the present one."""
    day_wanted = Signal()
    view_changed = Signal(str)
    closures_wanted = Signal()
    series_wanted = Signal()
    print_wanted = Signal()

    def __init__(self, hub: ThemeHub, *, may_edit: bool, may_print: bool) -> None:
        """Without `may_edit` nothing can be begun."""
        super().__init__()
        self.hub, self._may_edit = hub, may_edit
        self._first, self._month = date.min, False
        fix_height(self, hub, "header")
        self.title = label("Schedule", "title")
        self.before = IconButton(hub, "ph.caret-left", "Week before (Page up)")
        self.now = Button(hub, "This week")
        self.after = IconButton(hub, "ph.caret-right", "Next week (Page down)")
        self.days = ElidedLabel("", "subtitle")
        self.pick = IconButton(hub, "ph.calendar-blank", "Choose a day (Ctrl+G)", "quiet")
        self.views = ChoiceRow(hub, VIEWS, name="View")
        self.printing = IconButton(hub, "ph.printer", "Print the week (Ctrl+P)")
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
            (self.closures, self.closures_wanted), (self.few_closures, self.closures_wanted),
            (self.series, self.series_wanted), (self.few_series, self.series_wanted),
        ):  # fmt: skip
            button.clicked.connect(lambda _checked=False, signal=signal: signal.emit())

    def show_days(self, first: date, view: str) -> None:
        """Say which days are on show: a week from `first`, or the month it lies in."""
        self._first, self._month = first, view == "month"
        self.views.choose(view)
        words = "month" if self._month else "week"
        self.now.setText(f"This {words}")
        for button, said in (
            (self.before, f"{words.capitalize()} before (Page up)"), (self.after, f"Next {words} (Page down)"),
        ):  # fmt: skip
            button.setToolTip(said)
            button.setAccessibleName(said)
        for part in (self.before, self.now, self.after, self.days, self.pick):
            part.setVisible(view != "series")
        self.printing.setVisible(self._may_print and view == "week")
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """What has no room gives way."""
        super().resizeEvent(event)
        self._fit()

    def minimumSizeHint(self) -> QSize:
        """As narrow as everything that may give way has given way."""
        return QSize(320, super().minimumSizeHint().height())

    def _fit(self) -> None:
        """Short words for the acts first, then three letters for the month, then the title."""
        few, short, titled = _STAGES[-1]
        for few, short, titled in _STAGES:
            if self._wanted(few, short, titled) <= self.width():
                break
        self.title.setVisible(titled)
        self.days.setText(self._said(short))
        editing = self._may_edit
        self.closures.setVisible(editing and not few)
        self.series.setVisible(editing and not few)
        self.few_closures.setVisible(editing and few)
        self.few_series.setVisible(editing and few)

    def _said(self, short: bool) -> str:
        if self._first == date.min:
            return ""
        return month_title(self._first) if self._month else week_title(self._first, short=short)

    def _wanted(self, few: bool, short: bool, titled: bool) -> int:
        """How wide it would be so."""
        parts: list[QWidget] = [
            one for one in (self.before, self.now, self.after, self.pick) if not one.isHidden()
        ]
        parts += [self.views, *([] if self.printing.isHidden() else [self.printing])]
        if self._may_edit:
            parts += [self.few_closures, self.few_series] if few else [self.closures, self.series]
        width = sum(part.sizeHint().width() + _SPACING for part in parts) + 40 + 24
        if not self.days.isHidden():
            width += self.days.fontMetrics().horizontalAdvance(self._said(short)) + 2 * _SPACING
        return width + (self.title.sizeHint().width() + 2 * _SPACING if titled else 0)

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
        for part in (self.printing, self.closures, self.few_closures, self.series, self.few_series):
            row.addWidget(part)
        outer.addWidget(bar, 1)
        outer.addWidget(line())
