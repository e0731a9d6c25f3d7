"""What can be done about a child: the one big button, two beside each other, and the quiet rest.

A button is there only where something answers it. While an answer is awaited the buttons keep their places.
See docs/design.md, "Screens" (front desk).
"""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QMenu, QVBoxLayout, QWidget

from console.domain.attendance import AttendanceState
from console.views.front_desk.card_facts import UNDO_WORDS, CardFacts
from console.views.theme import ThemeHub
from console.views.widgets.buttons import Button
from console.views.widgets.text import label

MORE = (
    ("move", "Move to another session…"),
    ("next", "Book next visit…"),
    ("waitlist", "Put on a waitlist…"),
    ("health", "Correct allergies…"),
    ("pickup", "Correct pickup people…"),
    ("booking", "Open booking"),
)
"""What stands behind "More": a deed and its words."""


class CardActions(QWidget):
    """The buttons of the card. `pressed` names the deed: check_in, again, ask, absent, undo, labels, note ..."""

    pressed = Signal(str)
    handed_back = Signal()

    def __init__(self, hub: ThemeHub, facts: CardFacts, offers: frozenset[str], room: int) -> None:
        """Buttons for a child, `room` pixels wide; `offers` are the deeds beyond attendance that are answered."""
        super().__init__()
        self.hub, self._facts, self._offers = hub, facts, offers
        self._room = room
        self._menu: QMenu | None = None
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(self._main())
        self._second_row(column)
        self._quiet_row(column)

    def _main(self) -> Button:
        state = self._facts.row.state
        if state is AttendanceState.IN:
            return self._button("Check out…", "ask", "ph.sign-out", main=True)
        if state is AttendanceState.OUT:
            return self._button("Check in again", "again", "ph.sign-in", main=True)
        return self._button("Check in", "check_in", "ph.check-bold", main=True)

    def _second_row(self, column: QVBoxLayout) -> None:
        facts, state = self._facts, self._facts.row.state
        buttons: list[Button] = []
        if state is AttendanceState.EXPECTED:
            buttons.append(self._button("Mark absent", "absent", "ph.user-minus"))
        elif state in UNDO_WORDS and (facts.row.entry.undo is not None or facts.row.pending):
            undo = self._button(UNDO_WORDS[state][0], "undo", "ph.arrow-u-up-left")
            undo.setEnabled(facts.undo_open and not facts.row.pending)
            undo.setToolTip(facts.undo_reason)
            buttons.append(undo)
        if "labels" in self._offers:
            labels = self._button("Print labels", "labels", "ph.tag")
            labels.setEnabled(True)
            buttons.append(labels)
        # Side by side where both fit whole, else below each other: large text must not widen the card.
        beside = sum(button.sizeHint().width() + 8 for button in buttons) - 8 <= self._room
        row = QHBoxLayout() if beside else QVBoxLayout()
        row.setSpacing(8)
        for button in buttons:
            row.addWidget(button, 1)
        if buttons:
            column.addLayout(row)
        if facts.undo_reason and state in UNDO_WORDS:
            column.addWidget(label(facts.undo_reason, "caption", wrap=True))

    def _quiet_row(self, column: QVBoxLayout) -> None:
        row = QHBoxLayout()
        row.setSpacing(4)
        if "note" in self._offers:
            row.addWidget(self._quiet("Note", "note", "ph.note-pencil", "Write a note (Ctrl+M)"))
            row.addWidget(
                self._quiet("Incident", "incident", "ph.first-aid", "Write down an incident (Ctrl+Shift+M)")
            )
        row.addStretch(1)
        if any(deed in self._offers for deed, _words in MORE):
            more = self._quiet("More", "", "ph.dots-three", "More about this child (Ctrl+.)")
            more.clicked.connect(lambda _checked=False: self.open_menu(more))
            row.addWidget(more)
        if row.count() > 1:
            column.addLayout(row)
        quiet = [item.widget() for item in map(row.itemAt, range(row.count())) if item is not None]
        buttons = [one for one in quiet if isinstance(one, Button)]
        if sum(one.sizeHint().width() + 4 for one in buttons) > self._room:
            for one in buttons:
                one.set_icon(None)  # with large text the words keep the room of their signs

    def open_menu(self, under: QWidget | None = None) -> QMenu | None:
        """Open what stands behind More; None where there is nothing."""
        chosen = [(deed, words) for deed, words in MORE if deed in self._offers]
        if not chosen:
            return None
        if self._menu is not None:
            self._menu.deleteLater()
        menu = self._menu = QMenu(self)
        for deed, words in chosen:
            menu.addAction(words).triggered.connect(lambda _checked=False, what=deed: self.pressed.emit(what))
        place = under if under is not None else self
        size = menu.sizeHint()
        corner = place.mapToGlobal(QPoint(place.width() - size.width(), place.height() + 2))
        menu.popup(corner)
        menu.setActiveAction(menu.actions()[0])
        return menu

    def _quiet(self, words: str, deed: str, icon: str, tip: str) -> Button:
        button = Button(self.hub, words, "quiet", icon=icon, scale="compact")
        button.setToolTip(tip)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        if deed:
            button.clicked.connect(lambda _checked=False: self.pressed.emit(deed))
        return button

    def _button(self, words: str, deed: str, icon: str, *, main: bool = False) -> Button:
        button = Button(
            self.hub,
            words,
            "primary" if deed == "check_in" else "plain",
            icon=icon,
            scale="desk" if main else "default",
        )
        if main:
            button.setStyleSheet("font-weight: 600;")
        button.setEnabled(not self._facts.row.pending)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.clicked.connect(lambda _checked=False: self.pressed.emit(deed))
        button.clicked.connect(self.handed_back)
        return button
