"""What a file would make, entry by entry, before anything is written.

See docs/design.md, "Screens" (schedule).
"""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from console.domain.exchange import Outcome, Report, ReportRow
from console.views.exchange import words
from console.views.theme import ThemeHub
from console.views.widgets.choices import Choice, ChoiceList
from console.views.widgets.dialog import figures_box
from console.views.widgets.fields import TextInput
from console.views.widgets.text import label
from console.views.widgets.toggles import ChoiceRow

_ALL = "all"
_LONGEST_TITLE = 200


class ReportStep(QWidget):
    """Numbers, and a list that can be narrowed by typing and by outcome."""

    def __init__(self, hub: ThemeHub, report: Report) -> None:
        """Show a report; what is refused stands first."""
        super().__init__()
        self.report = report
        column = QVBoxLayout(self)
        column.setSpacing(12)
        counts = {outcome: report.count(outcome) for outcome in words.ORDER}
        column.addWidget(
            figures_box([(f"{number:,}", words.FIGURES[outcome]) for outcome, number in counts.items()])
        )
        for note in report.notes:
            column.addWidget(label(note, "muted", wrap=True))
        options = [(_ALL, "All"), *((one.value, words.CHIPS[one].text) for one in words.ORDER)]
        self.outcome = ChoiceRow(hub, options, "tabs", name="Which entries are shown")
        self.outcome.set_counts({one.value: number for one, number in counts.items()})
        column.addWidget(self.outcome)
        row = QHBoxLayout()
        self.filter = TextInput(hub, placeholder="Filter entries")
        self.filter.setAccessibleName("Filter entries")
        row.addWidget(self.filter, 1)
        column.addLayout(row)
        self.list = ChoiceList(hub, "What becomes of each entry")
        self.list.setMinimumHeight(hub.theme.scaled(220))
        column.addWidget(self.list, 1)
        self.nothing = label("No entries match.", "muted")
        column.addWidget(self.nothing)
        self.filter.textChanged.connect(lambda _text: self.narrow())
        self.outcome.changed.connect(lambda _key: self.narrow())
        order = {outcome: at for at, outcome in enumerate(words.ORDER)}
        self._rows = sorted(report.rows, key=lambda one: (order[one.outcome], one.line))
        self._choices = [(one, _choice(one)) for one in self._rows]
        self.narrow()

    def narrow(self) -> None:
        """Show what the filter and the outcome let through."""
        typed, chosen = self.filter.text().strip().casefold(), self.outcome.chosen
        shown = [
            choice
            for row, choice in self._choices
            if chosen in (_ALL, row.outcome.value) and typed in choice.spoken.casefold()
        ]
        self.list.show_choices(shown)
        self.nothing.setVisible(not shown)


def _choice(row: ReportRow) -> Choice:
    title = (row.title or "Without a title").replace("\n", " ")[:_LONGEST_TITLE]
    return Choice(
        row,
        title,
        words.sentence(row),
        right=f"Line {row.line:,}",
        chips=words.chips(row),
        open=row.outcome is not Outcome.REFUSED,
    )
