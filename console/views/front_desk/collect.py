"""Who collects the child: the question that every check-out asks, inside the card.

Nobody is chosen beforehand, so a second Enter can never send a child home. People who may not collect stay behind
"Show"; choosing one shows a red banner for the operator alone, and nobody hears it.
See docs/design.md, "Rules of the domain" (attendance).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from PySide6.QtCore import QElapsedTimer, Qt, Signal
from PySide6.QtWidgets import QApplication, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from console.domain.attendance import AttendanceState
from console.domain.desk import PickupPerson, RosterEntry, Sibling
from console.views.front_desk.card_parts import CHOICE_INSET, Row, person_row
from console.views.front_desk.outcomes import names_of
from console.views.theme import ThemeHub
from console.views.widgets.banner import Banner
from console.views.widgets.base import fix_height
from console.views.widgets.buttons import Button
from console.views.widgets.text import IconLabel, label


def may_collect(entry: RosterEntry, today: date) -> list[PickupPerson]:
    """The people of the pickup list who may take the child today."""
    return [
        person
        for person in entry.pickup
        if person.may_collect
        and (person.valid_from is None or person.valid_from <= today)
        and (person.valid_until is None or today <= person.valid_until)
    ]


def may_not_collect(entry: RosterEntry) -> list[PickupPerson]:
    """The people who must not be given the child."""
    return [person for person in entry.pickup if not person.may_collect]


def may_collect_all(entries: Sequence[RosterEntry], today: date) -> list[PickupPerson]:
    """The people of the first child's list who may take every one of these children today."""
    allowed = may_collect(entries[0], today)
    for other in entries[1:]:
        names = {person.name.casefold() for person in may_collect(other, today)}
        names.add((other.parent_first_name or "").casefold())
        allowed = [person for person in allowed if person.name.casefold() in names]
    barred = {person.name.casefold() for entry in entries for person in may_not_collect(entry)}
    return [person for person in allowed if person.name.casefold() not in barred]


def barred_from_any(entries: Sequence[RosterEntry]) -> list[PickupPerson]:
    """The people who must not be given one of these children, each name once."""
    found: dict[str, PickupPerson] = {}
    for entry in entries:
        for person in may_not_collect(entry):
            found.setdefault(person.name.casefold(), person)
    return list(found.values())


def collector_of(
    entry: RosterEntry, person: PickupPerson | None, name: str, today: date
) -> tuple[PickupPerson | None, str]:
    """Who was chosen, as one child's own pickup list knows them: its person, else only a name."""
    if person is not None and person in entry.pickup:
        return person, ""
    wanted = person.name if person is not None else name
    own = next((one for one in may_collect(entry, today) if one.name.casefold() == wanted.casefold()), None)
    return (own, "") if own is not None else (None, wanted)


class CollectChooser(QWidget):
    """The list of people, chosen with the arrow keys and Enter or with a click, for one child or a family."""

    collected = Signal(object, str)
    """A PickupPerson, or None with the name that was typed."""
    forbidden = Signal(object)
    """A PickupPerson who may not collect was chosen."""
    closed = Signal()
    together_wanted = Signal(object)
    """Siblings (a list) who are in too and should leave with this child."""

    def __init__(self, hub: ThemeHub, entries: Sequence[RosterEntry], today: date) -> None:
        """Ask about `entries`, of which the first is the child of the card."""
        super().__init__()
        self.hub = hub
        self.entries = tuple(entries)
        self._names = names_of([one.first_name for one in entries])
        entry = self.entries[0]
        self.siblings = _left_behind(self.entries)
        self._choices: list[tuple[Row, PickupPerson | None, str]] = []
        self._lit = -1
        self._show: Button | None = None
        self._unnamed: list[PickupPerson] = []
        self._opened = QElapsedTimer()
        self._opened.start()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addWidget(label(f"Who collects {self._names}?", "name", wrap=True))
        column.addSpacing(4)
        self._add_together(column)
        people = may_collect_all(self.entries, today)
        parent = entry.parent_first_name
        known = {person.name for one in self.entries for person in one.pickup}
        same = all(one.parent_first_name == parent for one in self.entries)
        if parent and same and parent not in known:
            row = Row(
                hub,
                IconLabel(hub, "ph.user", "text.muted"),
                parent,
                "parent",
                entry.parent_phone or "",
                press=True,
                inset=CHOICE_INSET,
            )
            self._add(column, row, None, parent)
        for person in people:
            self._add(column, person_row(hub, person, press=True), person, "")
        self._barred = QWidget()
        self._barred_column = QVBoxLayout(self._barred)
        self._barred_column.setContentsMargins(0, 0, 0, 0)
        self._barred_column.setSpacing(2)
        self._show_row(column, barred_from_any(self.entries))
        column.addWidget(self._barred)
        self._barred.hide()
        self._add_someone_else(column)
        # Below the list, so that it pushes nobody under the pointer.
        self.banner = Banner(hub)
        column.addSpacing(4)
        column.addWidget(self.banner)
        self._hint = label("Choose with ↑ and ↓, then Enter. Esc goes back.", "caption", wrap=True)
        column.addSpacing(4)
        column.addWidget(self._hint)
        self.setAccessibleName(f"Who collects {entry.first_name}?")

    @property
    def lit(self) -> str:
        """The name that Enter would choose; empty when nobody is."""
        return self._choices[self._lit][0].name.text() if self._lit >= 0 else ""

    def step(self, rows: int) -> None:
        """Move the choice up or down."""
        count = len(self._choices)
        if not count:
            return
        self._light((self._lit + rows) % count if self._lit >= 0 else (0 if rows > 0 else count - 1))

    def confirm(self) -> bool:
        """Choose who is lit; False when nobody is."""
        if self._lit < 0:
            return False
        _row, person, name = self._choices[self._lit]
        self._choose(person, name)
        return True

    def show_forbidden(self, person: PickupPerson) -> None:
        """Warn the operator, in the card only."""
        self.banner.show_message(
            f"{person.name} may not collect {self._names}.",
            "Nothing was recorded. Ask the manager to come.",
        )

    def _add(self, column: QVBoxLayout, row: Row, person: PickupPerson | None, name: str) -> None:
        self._choices.append((row, person, name))
        row.clicked.connect(lambda _checked=False: self._clicked(person, name))
        column.addWidget(row)

    def _show_row(self, column: QVBoxLayout, people: list[PickupPerson]) -> None:
        if not people:
            return
        words = f"{len(people)} {'person' if len(people) == 1 else 'people'} may not collect"
        box = QWidget()
        fix_height(box, self.hub, 30)  # also without its button: showing the names must not move the others
        line = QHBoxLayout(box)
        line.setContentsMargins(CHOICE_INSET, 0, 0, 0)
        line.setSpacing(8)
        line.addWidget(IconLabel(self.hub, "ph.lock-simple", "text.muted"))
        line.addWidget(label(words, "secondary"), 1)
        button = Button(self.hub, "Show", "link", scale="compact")
        button.setToolTip("Show (Shift+F2)")
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.clicked.connect(lambda _checked=False: self.show_barred())
        line.addWidget(button)
        column.addWidget(box)
        self._show, self._unnamed = button, people

    def show_barred(self) -> None:
        """Name the people who may not collect, below those who may; the arrow keys then reach them too."""
        people, self._unnamed = self._unnamed, []
        if self._show is not None and people:
            self._show.hide()
            for person in people:
                self._add(self._barred_column, person_row(self.hub, person, press=True), person, "")
            self._barred.show()

    def _add_together(self, column: QVBoxLayout) -> None:
        if not self.siblings:
            return
        names = names_of([one.first_name for one in self.siblings])
        verb = "is" if len(self.siblings) == 1 else "are"
        box = QWidget()
        fix_height(box, self.hub, 30)
        line = QHBoxLayout(box)
        line.setContentsMargins(CHOICE_INSET, 0, 0, 0)
        line.addWidget(label(f"{names} {verb} in too", "secondary"), 1)
        button = Button(self.hub, "Together (F2)", "link", scale="compact")
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.clicked.connect(lambda _checked=False: self.take_together())
        line.addWidget(button)
        column.addWidget(box)

    def take_together(self) -> None:
        """Ask about the brothers and sisters of the same booking as well."""
        if self.siblings:
            self.together_wanted.emit(list(self.siblings))

    def _add_someone_else(self, column: QVBoxLayout) -> None:
        self.other = QLineEdit()
        self.other.setPlaceholderText("Someone else: first name")
        self.other.setAccessibleName("First name of someone else who collects")
        self.other.setMaxLength(60)
        self.other.returnPressed.connect(self._someone_else)
        go = Button(self.hub, "Check out")
        go.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        go.clicked.connect(lambda _checked=False: self._someone_else())
        line = QHBoxLayout()
        line.setSpacing(8)
        line.addWidget(self.other, 1)
        line.addWidget(go)
        column.addSpacing(4)
        column.addLayout(line)

    def _someone_else(self) -> None:
        name = " ".join(self.other.text().split())
        if not name:
            self.other.setFocus(Qt.FocusReason.OtherFocusReason)
            return
        listed = [*barred_from_any(self.entries), *(one for entry in self.entries for one in entry.pickup)]
        known = next((one for one in listed if one.name.casefold() == name.casefold()), None)
        self._choose(known, name if known is None else "")

    def _clicked(self, person: PickupPerson | None, name: str) -> None:
        # The second click of a double click on "Check out" is no answer.
        if self._opened.elapsed() >= QApplication.doubleClickInterval():
            self._choose(person, name)

    def _choose(self, person: PickupPerson | None, name: str) -> None:
        if person is not None and not person.may_collect:
            self.show_forbidden(person)
            self.forbidden.emit(person)
            return
        self.collected.emit(person, name)

    def _light(self, at: int) -> None:
        self._lit = at
        for position, (row, _person, _name) in enumerate(self._choices):
            row.set_lit(position == at)


def _left_behind(entries: Sequence[RosterEntry]) -> list[Sibling]:
    """Brothers and sisters of the same booking who are in and would stay behind."""
    asked = {entry.booking_id for entry in entries}
    return [
        one
        for one in entries[0].siblings
        if one.same_group and one.state is AttendanceState.IN and one.booking_id not in asked
    ]
