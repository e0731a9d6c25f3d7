"""What goes out: in which format, of whom, for which days; and the calendar that this desk keeps up to date.

See docs/design.md, "Screens" (schedule).
"""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from console.domain.exchange import MOST_DAYS_OUT, Format, Kind, Published, Wish
from console.domain.listing import read_day
from console.domain.programme import Choices
from console.views.theme import ThemeHub
from console.views.widgets.base import line
from console.views.widgets.buttons import Button
from console.views.widgets.fields import Field, SelectBox, TextInput
from console.views.widgets.focus import tab_in_order
from console.views.widgets.text import ElidedLabel, label

_FORMATS: tuple[tuple[str, Format, Kind], ...] = (
    ("Calendar (.ics)", "ics", "series"),
    ("Series as a table (.csv)", "csv", "series"),
    ("Series as a workbook (.xlsx)", "xlsx", "series"),
    ("Sessions as a table (.csv)", "csv", "session"),
    ("Sessions as a workbook (.xlsx)", "xlsx", "session"),
)
_WEEKS_AHEAD = 26


class ExportStep(QWidget):
    """The form. `kept_wanted` asks for a folder, `kept_stopped` ends keeping a file in one."""

    kept_wanted = Signal()
    kept_stopped = Signal()
    entered = Signal()

    def __init__(self, hub: ThemeHub, today: date, venue: str) -> None:
        """From today on for half a year, of the whole venue."""
        super().__init__()
        self._venue = venue
        self._whose: list[tuple[UUID | None, str | None]] = [(None, None)]
        column = QVBoxLayout(self)
        column.setSpacing(16)
        grid = QGridLayout()
        grid.setHorizontalSpacing(16)
        grid.setVerticalSpacing(16)
        grid.setColumnStretch(0, 1)
        grid.setColumnStretch(1, 1)
        self.format = SelectBox(hub, [words for words, _, _ in _FORMATS])
        self.whose = SelectBox(hub, ["The whole venue"])
        self.first = TextInput(hub, today.isoformat(), placeholder="2026-03-31")
        self.last = TextInput(
            hub, (today + timedelta(weeks=_WEEKS_AHEAD)).isoformat(), placeholder="2026-03-31"
        )
        self.fields = {
            "format": Field(hub, "Format", self.format),
            "whose": Field(hub, "Of", self.whose),
            "first": Field(hub, "From", self.first),
            "last": Field(hub, "To", self.last),
        }
        for at, field in enumerate(self.fields.values()):
            grid.addWidget(field, at // 2, at % 2, Qt.AlignmentFlag.AlignTop)
        for box in (self.first, self.last):
            box.setMaxLength(10)
            box.returnPressed.connect(self.entered)
        column.addLayout(grid)
        column.addWidget(
            label(
                "No names of children, no notes: a file of the programme can be given away.",
                "caption",
                wrap=True,
            )
        )
        column.addWidget(line())
        column.addWidget(label("Keep a calendar up to date", "name"))
        column.addWidget(
            label("A calendar file in a folder of your choice, written anew whenever the schedule changes.", "caption",
                  wrap=True)
        )  # fmt: skip
        row = QHBoxLayout()
        row.setSpacing(12)
        self.place = ElidedLabel("", "body")
        self.keep = Button(hub, "Choose a folder…", icon="ph.folder-open")
        self.stop = Button(hub, "Stop")
        row.addWidget(self.keep)
        row.addWidget(self.stop)
        row.addWidget(self.place, 1)
        column.addLayout(row)
        self.problem = label("", "error", wrap=True)
        column.addWidget(self.problem)
        column.addStretch(1)
        self.keep.clicked.connect(lambda _checked=False: self.kept_wanted.emit())
        self.stop.clicked.connect(lambda _checked=False: self.kept_stopped.emit())
        self.show_kept(None)

    def in_order(self) -> None:
        """Let Tab go from top to bottom; once the step is on the sheet."""
        tab_in_order(self.format, self.whose, self.first, self.last, self.keep, self.stop)

    def show_choices(self, choices: Choices) -> None:
        """Offer the venue's rooms and instructors."""
        rooms = [(room.id, None) for room in choices.rooms if room.is_active]
        self._whose = [(None, None), *rooms, *((None, name) for name in choices.instructors)]
        names = [room.name for room in choices.rooms if room.is_active]
        self.whose.clear()
        self.whose.addItems(["The whole venue", *names, *(f"With {name}" for name in choices.instructors)])

    def show_kept(self, kept: Published | None) -> None:
        """Say where a file is kept up to date, and what keeps it from being so."""
        self.place.setText("" if kept is None else f"In {kept.folder}")
        self.stop.setVisible(kept is not None)
        self.keep.setText("Choose a folder…" if kept is None else "Another folder…")
        self.problem.setText("" if kept is None or kept.problem is None else kept.problem)
        self.problem.setVisible(bool(self.problem.text()))

    @property
    def whom(self) -> tuple[UUID | None, str | None]:
        """The room or the instructor that is chosen, or neither."""
        return self._whose[max(self.whose.currentIndex(), 0)]

    def read(self) -> Wish | None:
        """What is wished for; None where something has to be corrected, which is then said."""
        days = {"first": read_day(self.first.text()), "last": read_day(self.last.text())}
        wrong = {name: "Write the day as 2026-03-31." for name, day in days.items() if day is None}
        first, last = days["first"], days["last"]
        if first is not None and last is not None:
            if last < first:
                wrong["last"] = "It is before the first day."
            elif (last - first).days >= MOST_DAYS_OUT:
                wrong["last"] = f"A file spans at most {MOST_DAYS_OUT} days."
        for name in days:
            self.fields[name].set_error(wrong.get(name, ""))
        if wrong or first is None or last is None:
            self.fields[next(iter(wrong))].editor.setFocus(Qt.FocusReason.OtherFocusReason)
            return None
        _, kind, what = _FORMATS[max(self.format.currentIndex(), 0)]
        room, instructor = self.whom
        return Wish(kind, what, first, last, room, instructor)

    def suggested(self, wish: Wish) -> str:
        """A name for the file."""
        whose = self.whose.currentText() if any(self.whom) else ""
        parts = [part for part in (self._venue, whose, "sessions" if wish.what == "session" else "") if part]
        plain = "".join(mark if mark.isalnum() or mark in " -_." else "_" for mark in " - ".join(parts))
        return f"{plain[:120].strip(' .') or 'programme'}.{wish.format}"
