"""The bookings that a plan touches: child, parent, and word for word what the parent will read.

See docs/design.md, "Rules of the domain" (schedules): every booking hit is listed before anything is saved.
"""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QVBoxLayout, QWidget

from console.domain.changing import Hit, Plan
from console.domain.counting import count
from console.views.schedule.editor import plan_words, words
from console.views.theme import ThemeHub
from console.views.widgets.base import surface
from console.views.widgets.choices import Choice, ChoiceList
from console.views.widgets.sheet import Sheet
from console.views.widgets.text import label

_FATES = {"cancelled": "Cancelled", "changed": "Changed", "moved": "Moved", "restored": "Restored"}
_ROWS, _FEW_ROWS, _LOW = 6, 3, 760
_NO_MESSAGE = "No message is sent for this booking."
_NO_NAMES = "Names are shown to those who may read the roster."


class HitsSheet(Sheet):
    """A list of bookings; below it the message of the current one."""

    def __init__(self, hub: ThemeHub, window: QWidget, plan: Plan) -> None:
        """What `plan` hits."""
        super().__init__(hub, window, count(len(plan.hits), "booking") + " hit", width=640)
        self._plan = plan
        self.list = ChoiceList(hub, "Bookings hit")
        self.message = label("", wrap=True, selectable=True)

    def open(self) -> None:
        """Show the first."""
        super().open()
        body = QWidget()
        column = QVBoxLayout(body)
        column.setSpacing(12)
        self.list.moved.connect(self._show)
        column.addWidget(self.list)
        column.addWidget(label("What the parent reads", "section"))
        paper = surface("card")
        inside = QVBoxLayout(paper)
        inside.setContentsMargins(12, 10, 12, 10)
        inside.addWidget(self.message)
        column.addWidget(paper)
        if all(hit.child is None for hit in self._plan.hits):
            column.addWidget(label(_NO_NAMES, "caption", wrap=True))
        column.addStretch(1)
        self.show_step(body, plan_words.hit_row(self._plan).details[0], focus=self.list)
        self.set_answers(self.answer("Close", self.close))
        self.list.show_choices([self._choice(hit, at) for at, hit in enumerate(self._plan.hits, 1)])
        low = self._window.height() < self.hub.theme.scaled(_LOW)
        self.list.fit_rows(_FEW_ROWS if low else _ROWS)
        self.list.setFocus(Qt.FocusReason.OtherFocusReason)

    def _choice(self, hit: Hit, number: int) -> Choice:
        back = count(hit.refund, "credit") + " back" if hit.refund else ""
        detail = ", ".join(part for part in (hit.parent, back) if part)
        return Choice(hit, words.hit_title(hit, number), detail, right=_FATES.get(hit.fate, ""))

    def _show(self, value: object) -> None:
        if isinstance(value, Hit):
            self.message.setText(value.message or _NO_MESSAGE)
