"""One requirement of a case: how it stands, what it rests on, who is checked, and what waits for a judgement.

See docs/design.md, "Screens" (platform) and "Rules of the domain" (compliance).
"""

from __future__ import annotations

from datetime import datetime, tzinfo

from PySide6.QtCore import QEvent, QRect, QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QGridLayout, QHBoxLayout, QLayout, QVBoxLayout, QWidget

from console.domain.vetting import FiledDocument, Filing, Requirement, RequirementPage, Standing
from console.views.approvals import words
from console.views.approvals.evidence_chip import EvidenceChip, PersonCell
from console.views.approvals.labels import wrapped
from console.views.theme import ThemeHub
from console.views.widgets.base import fix_height, line, surface
from console.views.widgets.buttons import Button
from console.views.widgets.chips import Chip
from console.views.widgets.frames import flush
from console.views.widgets.requirement_marks import RequirementMark, standing_chip
from console.views.widgets.text import IconText, label

_TWO_COLUMNS_FROM = 430
_INDENT = 32


class Wrapped(QWidget):
    """Widgets side by side, in as many lines as there have to be."""

    def __init__(self, gap: int = 8) -> None:
        """Nothing yet."""
        super().__init__()
        self._gap = gap
        self._parts: list[QWidget] = []

    def add(self, part: QWidget) -> None:
        """Put a widget after the others."""
        part.setParent(self)
        self._parts.append(part)

    def sizeHint(self) -> QSize:
        """One line, where it fits."""
        wide = sum(part.sizeHint().width() + self._gap for part in self._parts)
        return QSize(wide, self._place(self.width() or wide, move=False))

    def minimumSizeHint(self) -> QSize:
        """As narrow as its widest part may become."""
        wide = max((part.minimumSizeHint().width() for part in self._parts), default=0)
        return QSize(wide, self._place(max(self.width(), wide), move=False))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Lay the parts out anew."""
        super().resizeEvent(event)
        self._fit()

    def event(self, event: QEvent) -> bool:
        """Lay them out anew where one has become larger, as with another size of text."""
        if event.type() is QEvent.Type.LayoutRequest:
            self._fit()
        return super().event(event)

    def _fit(self) -> None:
        self._place(self.width(), move=True)
        self.setFixedHeight(self._place(self.width(), move=False))

    def _place(self, width: int, *, move: bool) -> int:
        shown = [part for part in self._parts if part.isVisibleTo(self)]
        high = max((part.sizeHint().height() for part in shown), default=0)
        x = y = 0
        for part in shown:
            wide = min(part.sizeHint().width(), max(width, 1))
            if x and x + wide > width:
                x, y = 0, y + high
            if move:
                part.setGeometry(QRect(x, y, wide, high))
            x += wide + self._gap
        return y + high


class _People(QWidget):
    """Everybody who is checked, in two columns where there is room."""

    def __init__(self, cells: list[PersonCell]) -> None:
        super().__init__()
        self.cells = cells
        self._columns = 0
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(14, 0, 0, 0)
        self._grid.setHorizontalSpacing(24)
        self._grid.setVerticalSpacing(0)
        self._fill(2)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        scaled = self.cells[0].hub.theme.scaled if self.cells else int
        self._fill(2 if self.width() >= scaled(_TWO_COLUMNS_FROM) else 1)

    def minimumSizeHint(self) -> QSize:
        wide = max((cell.minimumSizeHint().width() for cell in self.cells), default=0)
        return QSize(wide + 14, super().minimumSizeHint().height())

    def _fill(self, columns: int) -> None:
        if columns == self._columns:
            return
        self._columns = columns
        for cell in self.cells:
            self._grid.removeWidget(cell)
        for place, cell in enumerate(self.cells):
            self._grid.addWidget(cell, place // columns, place % columns)
        self._grid.setColumnStretch(0, 1)
        self._grid.setColumnStretch(1, 1 if columns == 2 else 0)
        self.updateGeometry()


class RequirementBlock(QWidget):
    """The block. What is shown cannot be changed: another state of the requirement gets another block."""

    document_wanted = Signal(object, object)
    """The files beside each other, and the one to begin with."""
    judged = Signal(object, bool)
    """The RequirementPage whose waiting filing is accepted (True) or declined."""
    person_wanted = Signal(object)
    """The CheckedPerson whose answer came back."""

    def __init__(
        self, hub: ThemeHub, page: RequirementPage, *, now: datetime, zone: tzinfo, may_judge: bool
    ) -> None:
        """Everything known of one requirement; `may_judge`: whether the reader holds the case."""
        super().__init__()
        self.hub, self.page, self._now, self._zone = hub, page, now, zone
        self.may_judge = may_judge
        self.documents: list[FiledDocument] = []
        self.chips: list[EvidenceChip] = []
        self.accept_button: Button | None = None
        self.decline_button: Button | None = None
        self.people: list[PersonCell] = []
        self.setProperty("clear", "true")
        self.setAccessibleName(f"{page.requirement.words}: {page.standing.value}")
        column = flush(QVBoxLayout(self))
        held = QHBoxLayout()
        held.setContentsMargins(0, 13, 0, 11)
        held.setSpacing(12)
        mark = RequirementMark(hub, page.standing)
        fix_height(mark, hub, "chip")  # centred on the name
        held.addWidget(mark, 0, Qt.AlignmentFlag.AlignTop)
        right = flush(QVBoxLayout())
        held.addLayout(right, 1)
        column.addLayout(held)
        column.addWidget(line())
        head = QHBoxLayout()
        head.setSpacing(8)
        self.title = label(page.requirement.words, "strong")
        head.addWidget(self.title)
        head.addStretch(1)
        self.chip = Chip(hub, "")
        self.chip.show_chip(standing_chip(page.standing))
        head.addWidget(self.chip)
        right.addLayout(head)
        right.addSpacing(2)
        self.says = wrapped(page.says, "secondary")
        right.addWidget(self.says)
        for said in self._notes():
            right.addSpacing(2)
            right.addWidget(wrapped(said, "small"))
        self._evidence(right)
        self._checked(right)
        self._waiting(right)

    # -- its parts ---------------------------------------------------------------------------------------------------

    @property
    def _word(self) -> str:
        """What its files are called together."""
        return "report" if self.page.requirement is Requirement.BACKGROUND_CHECKS else "document"

    def _notes(self) -> list[str]:
        page, said = self.page, []
        if page.standing is Standing.EXCEPTED and page.excepted_until is not None:
            by = f" by {page.decided_by}" if page.decided_by else ""
            why = words.ended(page.exception_reason or "")
            said.append(f"Excepted{by} until {words.day(page.excepted_until)}. {why}".strip())
        return said

    def _evidence(self, column: QBoxLayout) -> None:
        page = self.page
        current = list(page.current.documents) if page.current is not None else []
        row = Wrapped()
        self._files(row, current)
        if page.reminders:
            days = min(page.reminders)
            reminded = EvidenceChip(self.hub, "Reminder sent", "ph.envelope-simple", pressable=False)
            when = f", {words.moment(page.reminded_at, self._now, self._zone)}" if page.reminded_at else ""
            reminded.setToolTip(f"{days} days before it ends{when}")
            row.add(reminded)
        if current or page.reminders:
            column.addSpacing(7)
            column.addWidget(row)

    def _files(self, row: Wrapped, documents: list[FiledDocument]) -> None:
        self.documents += documents
        for group in words.groups(documents, self._word):
            chip = EvidenceChip(self.hub, group.title, group.icon)
            first = next((one for one in group.documents if one.read_at is None), group.documents[0])
            chip.clicked.connect(
                lambda _checked=False, first=first: self.document_wanted.emit(list(documents), first)
            )
            self.chips.append(chip)
            row.add(chip)
        said = words.read_line(documents, self._now, self._zone)
        if said:
            told = label(said, "caption")
            told.setMinimumHeight(self.hub.theme.size("hitMinimum"))
            row.add(told)

    def _checked(self, column: QBoxLayout) -> None:
        page = self.page
        if page.requirement is not Requirement.BACKGROUND_CHECKS or not page.people:
            return
        self.people = [PersonCell(self.hub, one, may_answer=self.may_judge) for one in page.people]
        for cell in self.people:
            cell.clicked.connect(lambda _checked=False, cell=cell: self.person_wanted.emit(cell.person))
        held = QHBoxLayout()
        held.setSpacing(0)
        bar = line(vertical=True, strong=True)
        bar.setFixedWidth(2)
        held.addWidget(bar)
        held.addWidget(_People(self.people), 1)
        column.addSpacing(6)
        column.addLayout(held)
        column.addSpacing(2)

    def _waiting(self, column: QBoxLayout) -> None:
        filing = self.page.waiting
        if filing is None:
            return
        column.addSpacing(8)
        box = surface("raised")
        inside = QVBoxLayout(box)
        inside.setContentsMargins(12, 10, 12, 10)
        inside.setSpacing(4)
        inside.addWidget(wrapped(words.filed_line(filing, self._now, self._zone), "medium"))
        facts = words.filed_facts(filing)
        if facts:
            inside.addWidget(wrapped(f"{facts[0].upper()}{facts[1:]}.", "secondary"))
        if filing.note:
            inside.addWidget(wrapped(f"“{filing.note}”", "small"))
        if filing.documents:
            row = Wrapped()
            self._files(row, list(filing.documents))
            inside.addWidget(row)
        for lacking in self.page.lacks:
            inside.addWidget(
                IconText(
                    self.hub, "ph.warning-fill", lacking, role="secondary", color="amber.text", wrap=True
                )
            )
        if filing.state == "filed":
            self._answers(inside, filing)
        column.addWidget(box)

    def _answers(self, column: QBoxLayout, filing: Filing) -> None:
        self.accept_button = Button(self.hub, "Accept", icon="ph.check", scale="compact")
        self.decline_button = Button(self.hub, "Decline…", scale="compact")
        name = self.page.requirement.words.lower()
        self.accept_button.setAccessibleName(f"Accept: {name}")
        self.decline_button.setAccessibleName(f"Decline: {name}")
        self.accept_button.setEnabled(self.may_judge and not self.page.lacks)
        self.decline_button.setEnabled(self.may_judge)
        if not self.may_judge:
            self.accept_button.setToolTip("Claim the case first")
            self.decline_button.setToolTip("Claim the case first")
        row = QHBoxLayout()
        row.setContentsMargins(0, 4, 0, 0)
        row.setSpacing(8)
        row.setSizeConstraint(QLayout.SizeConstraint.SetDefaultConstraint)
        for button, accept in ((self.accept_button, True), (self.decline_button, False)):
            button.clicked.connect(lambda _checked=False, accept=accept: self.judged.emit(self.page, accept))
            row.addWidget(button)
        row.addStretch(1)
        column.addLayout(row)

    @property
    def stops(self) -> list[QWidget]:
        """What of it takes the keyboard, in reading order."""
        answers = [one for one in (self.accept_button, self.decline_button) if one is not None]
        filing = self.page.current
        current = len(words.groups(filing.documents, self._word)) if filing is not None else 0
        return [*self.chips[:current], *self.people, *self.chips[current:], *answers]
