"""The calendar of what ends: a month at the left, the entries of its current day beside it.

See docs/design.md, "Screens" (platform).
"""

from __future__ import annotations

from datetime import date, tzinfo

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from console.clock import Clock
from console.domain.compliance import ComplianceDue
from console.errors import ConsoleError
from console.models.gateway_vetting import ComplianceGateway
from console.models.runner import TaskRunner
from console.models.words import long_date, month_title
from console.views.compliance import words
from console.views.compliance.month import DueMonth
from console.views.schedule.month import month_days
from console.views.theme import ThemeHub
from console.views.widgets.banner import Banner
from console.views.widgets.base import line, surface
from console.views.widgets.buttons import Button, IconButton
from console.views.widgets.choices import Choice, ChoiceList
from console.views.widgets.focus import tab_in_order
from console.views.widgets.frames import flush
from console.views.widgets.requirement_marks import standing_chip
from console.views.widgets.text import ElidedLabel, IconText, label

_SIDE = 288


class DueCalendar(QWidget):
    """The part of the page. `venue_chosen` carries the ComplianceDue whose venue is wanted."""

    venue_chosen = Signal(object)
    failed = Signal(Exception)
    answered = Signal()

    def __init__(self, hub: ThemeHub, gateway: ComplianceGateway, *, clock: Clock, zone: tzinfo) -> None:
        """The present month, asked for when it is shown first."""
        super().__init__()
        self.hub, self._gateway, self._clock, self._zone = hub, gateway, clock, zone
        self.runner = TaskRunner(self._went_wrong)
        self.month = DueMonth(hub, clock, zone)
        self.title = ElidedLabel("", "name")
        self.before = IconButton(hub, "ph.caret-left", "Month before (Page up)", "quiet", scale="compact")
        self.after = IconButton(hub, "ph.caret-right", "Next month (Page down)", "quiet", scale="compact")
        self.today_button = Button(hub, "Today", scale="compact")
        self.banner = Banner(hub)
        self.day_title = ElidedLabel("", "strong")
        self.day_caption = ElidedLabel("", "muted")
        self.list = ChoiceList(hub, "What happens on this day")
        self.nothing = label("Nothing ends on this day.", "muted", wrap=True)
        self._lay_out()
        self.month.chosen_day.connect(lambda _day: self._show_day(anew=True))
        self.month.day_changed.connect(lambda _day: self.load())
        self.month.list_wanted.connect(self._to_list)
        self.list.chosen.connect(self.venue_chosen)
        for button, run in (
            (self.before, lambda: self.month.turn(-1)), (self.after, lambda: self.month.turn(1)),
            (self.today_button, self.show_today),
        ):  # fmt: skip
            button.clicked.connect(lambda _checked=False, run=run: run())
        self._show_day()

    def load(self) -> None:
        """Ask for the weeks of the month on show; what is on show stays until they come."""
        self.title.setText(month_title(self.month.day))
        self.runner.start(self._load(*month_days(self.month.day)), "calendar")

    def show_today(self) -> None:
        """Go to today."""
        today = self._clock.now().astimezone(self._zone).date()
        other = (today.year, today.month) != (self.month.day.year, self.month.day.month)
        self.month.go(today)
        if other:
            self.load()

    def stop(self) -> None:
        """Drop everything under way."""
        self.runner.cancel_all()

    async def _load(self, first: date, last: date) -> None:
        dues = await self._gateway.calendar(first, last)
        self.banner.clear()
        self.month.show_dues(dues)
        self._show_day()
        self.answered.emit()

    def _went_wrong(self, error: ConsoleError) -> None:
        self.banner.show_error(error, action=("Try again", self.load))
        self.failed.emit(error)

    def _show_day(self, *, anew: bool = False) -> None:
        day = self.month.day
        dues = self.month.of_day(day)
        self.title.setText(month_title(day))
        self.day_title.setText(long_date(day))
        said = words.day_said(day, dues).partition(": ")[2]
        self.day_caption.setText(said if dues else "")
        rows = [
            Choice(one, one.venue, words.due_line(one), chips=(standing_chip(one.standing),)) for one in dues
        ]
        if anew:
            self.list.show_choices(rows)
        else:
            self.list.refresh_choices(rows, _key)
        self.list.setVisible(bool(rows))
        self.nothing.setVisible(not rows)

    def _to_list(self) -> None:
        if self.month.of_day(self.month.day):
            self.list.setFocus(Qt.FocusReason.OtherFocusReason)

    def showEvent(self, event: QShowEvent) -> None:
        """Tab goes as one reads."""
        super().showEvent(event)
        tab_in_order(self.before, self.after, self.today_button, self.banner, self.month, self.list)

    def _lay_out(self) -> None:
        across = flush(QHBoxLayout(self))
        left = QVBoxLayout()
        left.setContentsMargins(24, 14, 16, 16)
        left.setSpacing(10)
        bar = QHBoxLayout()
        bar.setSpacing(6)
        for part in (self.before, self.after):
            bar.addWidget(part)
        bar.addWidget(self.title)
        bar.addStretch(1)
        bar.addWidget(self.today_button)
        left.addLayout(bar)
        left.addWidget(self.banner)
        left.addWidget(self.month, 1)
        legend = QHBoxLayout()
        legend.setSpacing(16)
        for what, said in (("suspends", "suspends the venue"), ("expires", "ends"), ("reminder", "reminder")):
            icon, color = words.DUE_ICONS[what]
            legend.addWidget(IconText(self.hub, icon, said, role="caption", color=color, size=12, gap=5))
        legend.addStretch(1)
        left.addLayout(legend)
        across.addLayout(left, 1)
        across.addWidget(line(vertical=True))
        side = surface("panel")
        side.setFixedWidth(self.hub.theme.scaled(_SIDE))
        column = flush(QVBoxLayout(side))
        head = QVBoxLayout()
        head.setContentsMargins(16, 16, 16, 10)
        head.setSpacing(2)
        head.addWidget(self.day_title)
        head.addWidget(self.day_caption)
        column.addLayout(head)
        column.addWidget(line())
        self.nothing.setContentsMargins(16, 12, 16, 0)
        column.addWidget(self.nothing)
        column.addWidget(self.list, 1)
        column.addStretch(0)
        across.addWidget(side)


def _key(value: object) -> object:
    return (value.venue_id, value.requirement, value.what) if isinstance(value, ComplianceDue) else value
