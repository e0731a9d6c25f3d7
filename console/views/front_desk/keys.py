"""What the keyboard and the scanner do on the Today screen.

Enter must never surprise: it checks in who is expected, only asks about who is in, does nothing twice within the quiet
period, and does not guess between two children of one name. See docs/design.md, "Screens" (front desk).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from console.domain import codes
from console.domain.attendance import AttendanceState
from console.models.find import folded, rank
from console.models.roster import RosterRow
from console.views.front_desk import outcomes
from console.views.front_desk.actions import DeskActions
from console.views.front_desk.child_card import ChildCard
from console.views.front_desk.day import DeskDay
from console.views.front_desk.middle import Middle


class DeskKeys:
    """Turns what the scan field reports into actions on the day."""

    def __init__(
        self,
        day: DeskDay,
        actions: DeskActions,
        middle: Middle,
        card: ChildCard,
        *,
        ask_collect: Callable[[], None],
        open_tag: Callable[[str], None],
    ) -> None:
        """`ask_collect` asks who collects the child of the current row; `open_tag` does for a pickup tag."""
        self._day, self._actions, self._middle, self._card = day, actions, middle, card
        self._ask_collect, self._open_tag = ask_collect, open_tag
        self._pointed = False
        scan = middle.scan
        scan.scanned.connect(self.scanned)
        scan.searched.connect(self.searched)
        scan.entered.connect(self.entered)
        scan.moved.connect(self.step)
        scan.mistyped.connect(lambda text: middle.show_outcome(outcomes.mistyped(text)))
        scan.undo_wanted.connect(actions.undo_last)
        middle.roster.clicked.connect(lambda _booking: self._point())

    def scanned(self, text: str) -> None:
        """A ticket came in."""
        self._card.close_chooser()
        code, tag = outcomes.code_of(text), codes.parse_tag(text)
        if tag is not None:
            self._open_tag(tag)
        elif code is None:
            self._middle.roster.clear_current()
            self._middle.show_outcome(outcomes.not_a_ticket())
        else:
            self._actions.scan(code)

    def searched(self, text: str) -> None:
        """A name is being typed, or no longer is."""
        roster, before = self._middle.roster, self._middle.roster.current
        self._pointed = False
        if text:
            self._card.close_chooser()
        self._day.search(text)
        if self._day.rows.text:
            roster.select_first(lambda row: rank(row.entry, text))
        elif before is not None:
            roster.select(before.entry.booking_id)
        self._middle.show_rows()
        self._middle.show_hint(choosing=self._card.chooser is not None)

    def step(self, rows: int) -> None:
        """An arrow key: through the people who may collect, or through the roster."""
        if self._card.chooser is not None:
            self._card.chooser.step(rows)
            return
        self._pointed = True
        self._middle.roster.step(rows)

    def entered(self) -> None:
        """Enter: act on the current row."""
        if self._card.chooser is not None:
            self._card.chooser.confirm()
            return
        if self._middle.scan.text.strip() and not self._day.rows.text:
            self._middle.show_outcome(outcomes.too_short())
            return
        row = self._middle.roster.current
        if row is None:
            found = self._middle.roster.found
            if len(found) == 1:
                self._middle.roster.open_wanted.emit(found[0])
            return
        if row.pending or self._actions.is_quiet(row.entry.booking_id):
            return
        if self._is_ambiguous(row):
            self._middle.show_outcome(outcomes.several(row.name))
        elif row.state is AttendanceState.OUT:
            self._leave_search(row)
            again = partial(self._actions.check_in, row.entry, "band", again=True)
            self._middle.show_outcome(outcomes.already_left(row.entry, self._day.zone, again))
        else:
            self._leave_search(row)
            if row.state is AttendanceState.IN:
                self._ask_collect()
            else:
                self._actions.check_in(row.entry, "band")

    def _point(self) -> None:
        self._pointed = True

    def _is_ambiguous(self, row: RosterRow) -> bool:
        """Two children of that name fit and nobody has pointed at one."""
        if not self._day.rows.text or self._pointed:
            return False
        return sum(folded(other.name) == folded(row.name) for other in self._middle.roster.shown()) > 1

    def _leave_search(self, row: RosterRow) -> None:
        self._middle.scan.clear()
        self._middle.roster.select(row.entry.booking_id)
