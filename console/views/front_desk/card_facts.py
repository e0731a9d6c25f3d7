"""What a child's card depends on, and who may take back what it shows.

See docs/design.md, "Rules of the domain" (attendance: undo).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from console.domain.attendance import AttendanceState
from console.domain.desk import HistoryEntry, RosterEntry
from console.models.roster import RosterRow

UNDO_WORDS = {
    AttendanceState.IN: ("Undo check-in", "Checked in"),
    AttendanceState.OUT: ("Undo check-out", "Checked out"),
    AttendanceState.ABSENT: ("Undo absent", "Marked absent"),
}
"""The undo button's words in each state, and how its reason begins."""


@dataclass(frozen=True)
class CardFacts:
    """All that the card depends on; equal facts leave it untouched."""

    row: RosterRow
    history: tuple[HistoryEntry, ...] | None
    undo_open: bool
    undo_reason: str
    history_away: bool = False


def undo_facts(entry: RosterEntry, now: datetime, *, may_undo_any: bool) -> tuple[bool, str]:
    """Whether this person may undo, and if not, why and who can."""
    undo = entry.undo
    if undo is None or may_undo_any:
        return undo is not None, ""
    if undo.mine and now < undo.until:
        return True, ""
    done = UNDO_WORDS.get(entry.state, ("", "Recorded"))[1]
    if undo.mine:
        return False, "More than 15 minutes ago. A manager can undo it."
    where = f" at {entry.state_desk}" if entry.state_desk else ""
    who = f" by {entry.state_by}" if entry.state_by else ""
    return False, f"{done}{where}{who}. A manager can undo it."
