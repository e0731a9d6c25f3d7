"""Finding a child by what somebody types in a hurry, and choosing which rows of a roster are shown.

Accents and case do not matter, a word may be cut anywhere, and a parent's name finds the child too. Rows that were
visible when a filter was chosen stay until it is chosen again: a child checked in under "Expected" must not pull the
next row under the pointer. See docs/design.md, "Screens" (nothing moves under a finger).
"""

from __future__ import annotations

import unicodedata
from enum import StrEnum
from uuid import UUID

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QSortFilterProxyModel

from console.domain.attendance import AttendanceState
from console.domain.desk import RosterEntry

MIN_LETTERS = 2


class RosterView(StrEnum):
    """The filters above the roster."""

    ALL = "all"
    EXPECTED = "expected"
    IN = "in"
    OUT = "out"
    ABSENT = "absent"
    UNMARKED = "unmarked"


def folded(text: str) -> str:
    """Text without accents and case, for comparing names."""
    plain = unicodedata.normalize("NFKD", text)
    return "".join(mark for mark in plain if not unicodedata.combining(mark)).casefold()


def matches(entry: RosterEntry, text: str) -> bool:
    """Whether every typed word begins a word of the child's or the parent's name."""
    names = folded(f"{entry.first_name} {entry.parent_first_name or ''}").replace("-", " ").split()
    wanted = folded(text).replace("-", " ").split()
    return all(any(name.startswith(word) for name in names) for word in wanted)


def rank(entry: RosterEntry, text: str) -> int:
    """How well a child fits what was typed: 0 the child's own name, 1 another word of it, 2 only the parent's."""
    own, wanted = folded(entry.first_name), folded(text).strip()
    if own.startswith(wanted):
        return 0
    return 1 if any(word.startswith(wanted) for word in own.replace("-", " ").split()) else 2


class RosterFilter(QSortFilterProxyModel):
    """The rows of a roster that the chosen filter, the health switch and the typed name leave."""

    def __init__(self, row_role: int) -> None:
        """`row_role` is where the source model keeps a row's facts."""
        super().__init__()
        self._role = row_role
        self._view = RosterView.ALL
        self._health = False
        self._text = ""
        self._kept: set[UUID] = set()

    @property
    def text(self) -> str:
        """The name looked for; empty when nobody is."""
        return self._text

    @property
    def is_open(self) -> bool:
        """Whether every row is let through."""
        return self._view is RosterView.ALL and not self._health and not self._text

    def set_view(self, view: RosterView) -> None:
        """Show only children of one state, or all."""
        self._choose(view, self._health, self._text)

    def set_health(self, only: bool) -> None:
        """Show only children with a health note, or all."""
        self._choose(self._view, only, self._text)

    def set_text(self, text: str) -> None:
        """Show only children whose name fits. A name is looked for among all states."""
        wanted = text.strip()
        self._choose(self._view, self._health, wanted if len(wanted) >= MIN_LETTERS else "")

    def reset(self) -> None:
        """Let every row through."""
        self._choose(RosterView.ALL, False, "")

    def filterAcceptsRow(self, source_row: int, source_parent: QModelIndex | QPersistentModelIndex) -> bool:
        """Whether a row is shown: it fits, or it did when the filter was chosen."""
        index = self.sourceModel().index(source_row, 0, source_parent)
        row = self.sourceModel().data(index, self._role)
        if row is None:
            return False
        if row.entry.booking_id in self._kept:
            return True
        if self._fits(row.entry, row.state):
            self._kept.add(row.entry.booking_id)
            return True
        return False

    def _fits(self, entry: RosterEntry, state: AttendanceState) -> bool:
        if self._text:
            return matches(entry, self._text)
        if self._health and not entry.health:
            return False
        return self._view is RosterView.ALL or state.value == self._view.value

    def _choose(self, view: RosterView, health: bool, text: str) -> None:
        if text and (view, health, text) == (self._view, self._health, self._text):
            return
        self.beginFilterChange()
        self._view, self._health, self._text = view, health, text
        self._kept.clear()
        self.endFilterChange(QSortFilterProxyModel.Direction.Rows)
