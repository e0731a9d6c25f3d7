"""Which column of a table holds which fact: a guess that is shown, and corrected by choosing.

See docs/design.md, "Screens" (schedule).
"""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from console.domain.exchange import FACT_COLUMNS, Columns, DayOrder, Kind, Sheet
from console.views.theme import ThemeHub
from console.views.widgets.fields import Field, SelectBox
from console.views.widgets.text import label
from console.views.widgets.toggles import ChoiceRow

_NOTHING = "Nothing"
_LONGEST_SAMPLE = 40
_KINDS: tuple[tuple[Kind, str], ...] = (("series", "Weekly series"), ("session", "Single sessions"))
_ORDERS: tuple[tuple[DayOrder, str], ...] = (
    ("ymd", "2026-03-31"), ("dmy", "31.03.2026"), ("mdy", "03/31/2026"),
)  # fmt: skip


class ColumnsStep(QWidget):
    """A select box for every fact that the kind of table may hold."""

    changed = Signal()

    def __init__(self, hub: ThemeHub, sheet: Sheet, columns: Columns) -> None:
        """Show `columns` over the headings of `sheet`."""
        super().__init__()
        self.hub, self._sheet = hub, sheet
        self._names = ["", *sheet.labels]
        self._of: dict[str, str] = dict(columns.of)
        column = QVBoxLayout(self)
        column.setSpacing(16)
        head = QHBoxLayout()
        head.setSpacing(16)
        self.kind = ChoiceRow(hub, _KINDS, name="What the rows are")
        self.kind.choose(columns.kind)
        self.days = SelectBox(hub, [words for _, words in _ORDERS])
        self.days.setCurrentIndex([order for order, _ in _ORDERS].index(columns.days))
        kind = QVBoxLayout()
        kind.setSpacing(4)
        kind.addWidget(label("The rows are", "label"))
        kind.addWidget(self.kind)
        kind.addStretch(1)
        head.addLayout(kind)
        head.addWidget(Field(hub, "Days are written", self.days), 1, Qt.AlignmentFlag.AlignTop)
        column.addLayout(head)
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(16)
        self._grid.setVerticalSpacing(16)
        self._grid.setColumnStretch(0, 1)
        self._grid.setColumnStretch(1, 1)
        column.addLayout(self._grid)
        column.addStretch(1)
        self.fields: dict[str, Field] = {}
        self.boxes: dict[str, SelectBox] = {}
        for fact in FACT_COLUMNS:
            box = SelectBox(hub, [_NOTHING, *sheet.labels.values()])
            self.boxes[fact.key] = box
            self.fields[fact.key] = Field(hub, fact.words, box)
            name = self._of.get(fact.key, "")
            box.setCurrentIndex(self._names.index(name) if name in self._names else 0)
            box.currentIndexChanged.connect(lambda _at, key=fact.key: self._chosen(key))
        self._arrange()
        self.kind.changed.connect(lambda _key: self._arrange())

    @property
    def columns(self) -> Columns:
        """What is chosen."""
        kind: Kind = "series" if self.kind.chosen == "series" else "session"
        chosen: Mapping[str, int] = {key: box.currentIndex() for key, box in self.boxes.items()}
        allowed = {fact.key for fact in FACT_COLUMNS if kind in fact.kinds}
        of = {key: self._names[at] for key, at in chosen.items() if at > 0 and key in allowed}
        return Columns(kind, of, _ORDERS[max(self.days.currentIndex(), 0)][0])

    def _chosen(self, key: str) -> None:
        self._sample(key)
        self.changed.emit()

    def _sample(self, key: str) -> None:
        at = self.boxes[key].currentIndex()
        sample = self._sheet.sample(self._names[at]) if at > 0 else ""
        if len(sample) > _LONGEST_SAMPLE:
            sample = f"{sample[:_LONGEST_SAMPLE]}…"
        self.fields[key].set_help(f"Such as {sample}" if sample else "")

    def _arrange(self) -> None:
        """Only what such rows may say."""
        for field in self.fields.values():
            self._grid.removeWidget(field)
            field.setParent(None)
        kind = self.kind.chosen
        before: QWidget = self.days
        for at, fact in enumerate(one for one in FACT_COLUMNS if kind in one.kinds):
            field = self.fields[fact.key]
            self._grid.addWidget(field, at // 2, at % 2, Qt.AlignmentFlag.AlignTop)
            field.show()
            self._sample(fact.key)
            QWidget.setTabOrder(before, self.boxes[fact.key])
            before = self.boxes[fact.key]
        self.changed.emit()
