"""Choosing a session for a child: a day of sessions with what is free, what it costs and what stands in the way.

See docs/design.md, "Screens" (front desk).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta, tzinfo

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from console.domain.families import NoPlace, SessionChoice
from console.models.words import long_date
from console.views.families.words import session_choice, unfit
from console.views.theme import ThemeHub
from console.views.widgets.buttons import IconButton
from console.views.widgets.choices import ChoiceList
from console.views.widgets.text import ElidedLabel, label
from console.views.widgets.waiting import EmptyState


class SessionChooser(QWidget):
    """The sessions of a day as rows; arrow keys, Enter or a click choose one."""

    chosen = Signal(object)
    """A SessionChoice."""
    day_wanted = Signal(object)
    """A date: the sessions of another day are asked for."""

    def __init__(
        self, hub: ThemeHub, zone: tzinfo, day: date, *, today: date, days: bool = False, queue: bool = False
    ) -> None:
        """Sessions of `day`; with `days` other days can be looked at, with `queue` full ones can be chosen."""
        super().__init__()
        self._zone, self._queue = zone, queue
        self._day, self._today = day, today
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        head = QHBoxLayout()
        head.setSpacing(8)
        self.day_label = ElidedLabel(self._day_words(), "strong")
        head.addWidget(self.day_label, 1)
        self.earlier = IconButton(hub, "ph.caret-left", "Day before (Ctrl+Left)", "quiet", scale="compact")
        self.later = IconButton(hub, "ph.caret-right", "Day after (Ctrl+Right)", "quiet", scale="compact")
        for button, step in ((self.earlier, -1), (self.later, 1)):
            button.clicked.connect(lambda _checked=False, by=step: self.move_day(by))
            if days:
                head.addWidget(button)
            else:
                button.setParent(self)
                button.hide()
        column.addLayout(head)
        if days:
            for keys, step in (("Ctrl+Left", -1), ("Ctrl+Right", 1)):
                shortcut = QShortcut(QKeySequence(keys), self)
                shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
                shortcut.activated.connect(lambda by=step: self.move_day(by))
        self.list = ChoiceList(hub, "Sessions")
        self.list.chosen.connect(self.chosen.emit)
        column.addWidget(self.list, 1)
        self.empty = EmptyState(hub, "ph.calendar-blank", "No sessions on this day", "Look at another day.")
        column.addWidget(self.empty)
        self.empty.hide()
        self.note = label("", "muted", wrap=True)
        column.addWidget(self.note)
        self.note.hide()

    @property
    def day(self) -> date:
        """The day on show."""
        return self._day

    def move_day(self, days: int) -> None:
        """Look at another day; never at one that is over."""
        wanted = self._day + timedelta(days=days)
        if wanted < self._today:
            return
        self._day = wanted
        self.day_label.setText(self._day_words())
        self.day_wanted.emit(wanted)

    def show_loading(self) -> None:
        """The first answer is awaited."""
        self.list.hide()
        self.empty.hide()
        self.note.setText("Loading the sessions")
        self.note.show()

    def show_sessions(
        self, sessions: Sequence[SessionChoice], *, current: object | None = None, picked: bool = False
    ) -> None:
        """Show the day's sessions, those that are over left out.

        It begins at `current`, the id of one, which somebody `picked` or which is meant for such a child; else at the
        first that is, and where none is, it says why.
        """
        shown = [one for one in sessions if one.blocked is not NoPlace.OVER]
        rows = [session_choice(one, self._zone, queue=self._queue) for one in shown]
        open_ones = [one for row, one in zip(rows, shown, strict=True) if row.open]
        named = (one for one in open_ones if one.session_id == current and (picked or not one.warnings))
        begin = next(named, None) or _first_fitting(open_ones)
        self.empty.setVisible(not rows)
        self.list.setVisible(bool(rows))
        self.list.show_choices(rows, current=begin)
        self.earlier.setEnabled(self._day > self._today)
        said = "Nothing is free on this day." if rows and not open_ones else unfit(open_ones)
        self.note.setText(said)
        self.note.setVisible(bool(said))

    def _day_words(self) -> str:
        return "Today" if self._day == self._today else long_date(self._day)


def _first_fitting(sessions: Sequence[SessionChoice]) -> SessionChoice | None:
    """The first with a free place for such a child, else the first to wait for."""
    fitting = [one for one in sessions if not one.warnings]
    return next((one for one in fitting if one.blocked is None), next(iter(fitting), None))
