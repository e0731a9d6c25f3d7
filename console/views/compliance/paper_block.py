"""One requirement as its venue sees it: how it stands, what to do next, what was filed, and who is checked.

See docs/design.md, "Rules of the domain" (compliance).
"""

from __future__ import annotations

from datetime import date, datetime, tzinfo

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from console.domain.vetting import CheckedPerson, Filing, Requirement, RequirementPage, Standing
from console.models.words import long_date
from console.views.approvals import words as said_by
from console.views.approvals.evidence_chip import EvidenceChip
from console.views.approvals.requirement_block import Wrapped
from console.views.compliance import words
from console.views.theme import ThemeHub
from console.views.widgets.base import fix_height, line, surface
from console.views.widgets.buttons import Button
from console.views.widgets.chips import Chip
from console.views.widgets.frames import flush
from console.views.widgets.requirement_marks import RequirementMark, standing_chip
from console.views.widgets.text import ElidedLabel, IconLabel, IconText, label

_RESULTS = {
    "clear": ("ph.check", "green.text"),
    "pending": ("ph.hourglass-medium", "text.secondary"),
    "failed": ("ph.x-circle", "red.text"),
}


class _PersonRow(QWidget):
    """Somebody who is checked."""

    wanted = Signal(object)

    def __init__(self, hub: ThemeHub, person: CheckedPerson, *, may_file: bool) -> None:
        super().__init__()
        row = flush(QHBoxLayout(self))
        row.setSpacing(8)
        icon, color = _RESULTS.get(person.result, _RESULTS["pending"])
        row.addWidget(IconLabel(hub, icon, color, 14))
        row.addWidget(ElidedLabel(said_by.person_name(person)), 1)
        state = said_by.person_state(person)
        if person.result == "clear" and person.expires_on is not None:
            state = f"{state}, until {said_by.day(person.expires_on)}"
        row.addWidget(label(state, "caption"))
        self.button = Button(hub, "Change…", "link", scale="compact")
        self.button.setAccessibleName(f"Change {said_by.person_name(person)}, {state}")
        self.button.clicked.connect(lambda _checked=False: self.wanted.emit(person))
        if may_file:
            row.addWidget(self.button)
        else:
            self.button.deleteLater()


class PaperBlock(QWidget):
    """The block. Another state of the requirement gets another block."""

    file_wanted = Signal(object)
    withdraw_wanted = Signal(object)
    documents_wanted = Signal(object, object)
    person_wanted = Signal(object)
    """The CheckedPerson to change; None for somebody new."""

    def __init__(
        self,
        hub: ThemeHub,
        page: RequirementPage,
        *,
        now: datetime,
        zone: tzinfo,
        today: date,
        may_file: bool,
    ) -> None:
        """Everything known of one requirement; `may_file` False: it can only be read."""
        super().__init__()
        self.hub, self.page, self._now, self._zone = hub, page, now, zone
        self.file_button: Button | None = None
        self.withdraw_button: Button | None = None
        self.add_button: Button | None = None
        self.setProperty("clear", "true")
        self.setAccessibleName(f"{page.requirement.words}: {page.standing.value}")
        column = flush(QVBoxLayout(self))
        held = QHBoxLayout()
        held.setContentsMargins(0, 16, 0, 14)
        held.setSpacing(12)
        mark = RequirementMark(hub, page.standing)
        fix_height(mark, hub, "control.compact" if may_file else "chip")  # centred on the name
        held.addWidget(mark, 0, Qt.AlignmentFlag.AlignTop)
        right = flush(QVBoxLayout())
        right.setSpacing(4)
        held.addLayout(right, 1)
        column.addLayout(held)
        column.addWidget(line())
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(label(page.requirement.words, "name"))
        chip = Chip(hub, "")
        chip.show_chip(standing_chip(page.standing))
        head.addWidget(chip)
        head.addStretch(1)
        if may_file:
            self._deeds(head, today)
        right.addLayout(head)
        self.says = label(page.says, "secondary", wrap=True, selectable=True)
        right.addWidget(self.says)
        calm = page.standing is Standing.SATISFIED or words.waits(page)
        self.step = IconText(
            hub, "ph.check" if calm else "ph.arrow-right-bold", words.next_step(page, today),
            role="secondary" if calm else "medium", color="text.muted" if calm else "accent.text", wrap=True,
        )  # fmt: skip
        right.addWidget(self.step)
        if page.current is not None and page.current.documents:
            right.addWidget(self._files(page.current))
        if page.requirement is Requirement.BACKGROUND_CHECKS:
            self._people(right, may_file)
        self._waiting(right, may_file)
        self._history(right)

    def _deeds(self, head: QHBoxLayout, today: date) -> None:
        page = self.page
        if page.requirement is Requirement.BACKGROUND_CHECKS:
            self.add_button = Button(self.hub, "Add somebody…", icon="ph.plus", scale="compact")
            self.add_button.clicked.connect(lambda _checked=False: self.person_wanted.emit(None))
            head.addWidget(self.add_button)
        word = "Replace…" if words.waits(page) else "File…" if page.current is None else "File a new one…"
        self.file_button = Button(self.hub, word, icon="ph.file-plus", scale="compact")
        self.file_button.setAccessibleName(f"{word.rstrip('…')}: {page.requirement.words.lower()}")
        self.file_button.clicked.connect(lambda _checked=False: self.file_wanted.emit(page))
        head.addWidget(self.file_button)

    def _files(self, filing: Filing) -> Wrapped:
        row = Wrapped()
        documents = list(filing.documents)
        for group in said_by.groups(documents):
            chip = EvidenceChip(self.hub, group.title, group.icon)
            chip.clicked.connect(
                lambda _checked=False, first=group.documents[0]: self.documents_wanted.emit(documents, first)
            )
            row.add(chip)
        return row

    def _people(self, column: QVBoxLayout, may_file: bool) -> None:
        people = self.page.people
        if not people:
            column.addWidget(label("Nobody is in the list yet.", "muted", wrap=True))
            return
        for person in people:
            row = _PersonRow(self.hub, person, may_file=may_file)
            row.wanted.connect(self.person_wanted)
            column.addWidget(row)

    def _waiting(self, column: QVBoxLayout, may_file: bool) -> None:
        filing = self.page.waiting
        if filing is None:
            return
        box = surface("raised")
        inside = QVBoxLayout(box)
        inside.setContentsMargins(12, 10, 12, 10)
        inside.setSpacing(4)
        inside.addWidget(label(said_by.filed_line(filing, self._now, self._zone), "medium", wrap=True))
        facts = said_by.filed_facts(filing)
        if facts:
            inside.addWidget(
                label(f"{facts[0].upper()}{facts[1:]}.", "secondary", wrap=True, selectable=True)
            )
        if filing.note:
            inside.addWidget(label(f"“{filing.note}”", "small", wrap=True, selectable=True))
        if filing.documents:
            inside.addWidget(self._files(filing))
        for lacking in self.page.lacks if filing.state == "filed" else ():
            inside.addWidget(
                IconText(
                    self.hub, "ph.warning-fill", lacking, role="secondary", color="amber.text", wrap=True
                )
            )
        if filing.state == "filed" and may_file:
            self.withdraw_button = Button(self.hub, "Withdraw…", scale="compact")
            self.withdraw_button.setAccessibleName(f"Withdraw: {self.page.requirement.words.lower()}")
            self.withdraw_button.clicked.connect(lambda _checked=False: self.withdraw_wanted.emit(self.page))
            row = QHBoxLayout()
            row.setContentsMargins(0, 4, 0, 0)
            row.addWidget(self.withdraw_button)
            row.addStretch(1)
            inside.addLayout(row)
        column.addSpacing(4)
        column.addWidget(box)

    def _history(self, column: QVBoxLayout) -> None:
        page, told = self.page, list[str]()
        if page.excepted_until is not None:
            why = f": {page.exception_reason}" if page.exception_reason else ""
            told.append(f"Headquarters waived this until {long_date(page.excepted_until)}{why}")
        if page.current is not None:
            by = f" by {page.current.filed_by}" if page.current.filed_by else ""
            said = f"Filed{by}, {said_by.moment(page.current.filed_at, self._now, self._zone)}"
            if page.current.decided_at is not None:
                who = f" by {page.current.decided_by}" if page.current.decided_by else ""
                said += f"; accepted{who}, {said_by.moment(page.current.decided_at, self._now, self._zone)}"
            told.append(said)
        if page.reminders:
            said = words.reminded(page.reminders)
            at = (
                f", last {said_by.moment(page.reminded_at, self._now, self._zone)}"
                if page.reminded_at
                else ""
            )
            told.append(f"You were {said}{at}")
        for one in told:
            column.addWidget(label(one, "small", wrap=True))
