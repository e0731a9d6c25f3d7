"""A session's roster as a list model: rows in order of name, put into words once.

What the server said (entries) and what only this desk knows (marks) are kept apart: a refresh never overwrites a
mark, and a mark is never shown as green. See docs/design.md, "The desk protocol".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from uuid import UUID

from PySide6.QtCore import QAbstractListModel, QModelIndex, Qt, Signal

from console.domain.attendance import AttendanceState
from console.domain.desk import HealthKind, RosterEntry
from console.domain.refusals import clock_time
from console.models import words
from console.models.find import folded
from console.models.marks import KeptMarks, Mark, Trouble
from console.models.merge import AnyIndex, merge_rows

_ROOT = QModelIndex()

CHIPS_SHOWN = 2

_CHIP_LOOK = {
    HealthKind.ALLERGY: ("red", "ph.warning-fill"),
    HealthKind.MEDICAL: ("red", "ph.first-aid-fill"),
    HealthKind.DIETARY: ("neutral", "ph.fork-knife-fill"),
    HealthKind.SUPPORT: ("neutral", "ph.lifebuoy-fill"),
}


def health_look(kind: HealthKind) -> tuple[str, str]:
    """Tone and icon of a health fact: red is kept for what can harm."""
    return _CHIP_LOOK[kind]


@dataclass(frozen=True, slots=True)
class RosterRow:
    """What one row says. `look` is a state of the tokens, `chips` are (word, tone, icon), `more` counts hidden ones.

    `trouble` is why an event of this desk was refused afterwards, in one sentence.
    """

    entry: RosterEntry
    state: AttendanceState
    look: str
    name: str
    age: str
    caption: str
    word: str
    detail: str
    action: str
    chips: tuple[tuple[str, str, str], ...]
    more: int
    spoken: str
    trouble: str = ""

    @property
    def short_word(self) -> str:
        """The word where the whole one does not fit: what stands between state and server comes first."""
        return _SHORT_WORDS.get(self.look, self.word)

    @property
    def pending(self) -> bool:
        """Whether an action is on its way just now: another one has to wait for its answer."""
        return self.look == "sending"

    @property
    def waiting(self) -> bool:
        """Whether only this desk knows the state: its event waits for the server, and it may be taken back."""
        return self.look == "queued"


_SHORT_WORDS = {"queued": "Waiting", "attention": "Attention"}

_ACTIONS = {
    AttendanceState.EXPECTED: "Check in",
    AttendanceState.ABSENT: "Check in",
    AttendanceState.UNMARKED: "Check in",
    AttendanceState.IN: "Check out",
    AttendanceState.OUT: "",
}


class RosterModel(QAbstractListModel):
    """Everybody booked on the open session. `counted` follows every change of a state."""

    RowRole = Qt.ItemDataRole.UserRole + 1

    counted = Signal()

    def __init__(self, zone: tzinfo) -> None:
        """Times are shown in `zone`, the venue's."""
        super().__init__()
        self._zone = zone
        self._entries: list[RosterEntry] = []
        self._marks: dict[UUID, Mark] = {}
        self._kept = KeptMarks()
        self._troubles: dict[UUID, Trouble] = {}
        self._rows: dict[UUID, RosterRow] = {}

    def rowCount(self, parent: AnyIndex = _ROOT) -> int:
        """Booked children."""
        return 0 if parent.isValid() else len(self._entries)

    def data(self, index: AnyIndex, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """The row under `RowRole`, its name, and what a screen reader says."""
        if not index.isValid() or index.row() >= len(self._entries):
            return None
        row = self._rows[self._entries[index.row()].booking_id]
        if role == Qt.ItemDataRole.DisplayRole:
            return row.name
        if role == self.RowRole:
            return row
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return row.spoken
        return None

    @property
    def rows(self) -> list[RosterRow]:
        """Every row in order."""
        return [self._rows[entry.booking_id] for entry in self._entries]

    def row(self, booking_id: UUID | None) -> RosterRow | None:
        """The row of a booking, None when it is not in this roster."""
        return self._rows.get(booking_id) if booking_id else None

    def position(self, booking_id: UUID | None) -> int:
        """The row number of a booking, -1 when it is not in this roster."""
        return next((at for at, entry in enumerate(self._entries) if entry.booking_id == booking_id), -1)

    def counts(self) -> dict[AttendanceState, int]:
        """How many children are in each state, this desk's marks included."""
        counts = dict.fromkeys(AttendanceState, 0)
        for row in self._rows.values():
            counts[row.state] += 1
        return counts

    @property
    def waiting(self) -> int:
        """How many children are in only as far as this desk knows."""
        return sum(
            1
            for row in self._rows.values()
            if (row.pending or row.waiting) and row.state is AttendanceState.IN
        )

    @property
    def kept(self) -> int:
        """How many children have an event that waits for the server, whatever it reports."""
        return sum(1 for row in self._rows.values() if row.waiting)

    @property
    def with_health_notes(self) -> int:
        """How many children have a health note."""
        return sum(1 for entry in self._entries if entry.health)

    def set_entries(self, entries: Sequence[RosterEntry]) -> None:
        """Show what was fetched; marks without an answer stay on top.

        What is older than what is shown (the desk's own data, right after the server went away) takes nothing back.
        """
        wanted = sorted(map(self._newer, entries), key=_order)
        by_name = _namesakes(wanted)
        self._marks = {
            key: mark for key, mark in self._marks.items() if any(e.booking_id == key for e in wanted)
        }
        before = self._rows
        kept = self._unchanged(wanted, by_name)
        self._rows = {
            entry.booking_id: kept.get(entry.booking_id) or self._render(entry, by_name) for entry in wanted
        }
        # Rows that go are rendered by views until they are gone.
        self._rows = before | self._rows
        merge_rows(self, self._entries, wanted, lambda entry: entry.booking_id)
        self._rows = {entry.booking_id: self._rows[entry.booking_id] for entry in self._entries}
        for at, entry in enumerate(self._entries):
            old = before.get(entry.booking_id)
            if old is not None and old != self._rows[entry.booking_id]:
                self._repaint(at)
        self.counted.emit()

    def _newer(self, entry: RosterEntry) -> RosterEntry:
        shown = self.known(entry.booking_id)
        return shown if shown is not None and shown.version > entry.version else entry

    def _unchanged(
        self, wanted: Sequence[RosterEntry], by_name: dict[str, list[RosterEntry]]
    ) -> dict[UUID, RosterRow]:
        """The rows that a refresh leaves as they are: same booking, no mark, same namesakes."""
        old = _namesakes(self._entries)
        return {
            entry.booking_id: row
            for entry in wanted
            if (row := self._rows.get(entry.booking_id)) is not None
            and row.entry == entry
            and not (row.pending or row.waiting or row.trouble)
            and entry.booking_id not in self._marks
            and entry.booking_id not in self._troubles
            and old.get(folded(entry.first_name)) == by_name[folded(entry.first_name)]
        }

    def replace_all(self, entries: Sequence[RosterEntry]) -> None:
        """Show another session's roster: nothing of the last one stays but what waits on this desk."""
        self.beginResetModel()
        self._marks = {}
        self._entries = sorted(entries, key=_order)
        by_name = _namesakes(self._entries)
        self._rows = {entry.booking_id: self._render(entry, by_name) for entry in self._entries}
        self.endResetModel()
        self.counted.emit()

    def set_mark(self, booking_id: UUID, mark: Mark | None) -> None:
        """Show what this desk just did, or take that away because the answer is here."""
        if mark is None:
            self._marks.pop(booking_id, None)
        else:
            self._marks[booking_id] = mark
        self._refresh_row(booking_id)

    def mark(self, booking_id: UUID) -> Mark | None:
        """What this desk did to a booking and has no answer for yet."""
        return self._marks.get(booking_id)

    def keep(self, entry: RosterEntry, event_id: UUID) -> None:
        """Show a booking as this desk's event leaves it, until `settle` hears the server's answer to the event."""
        self._kept.keep(entry, event_id)
        self._refresh_row(entry.booking_id)

    def settle(self, event_id: UUID) -> tuple[RosterEntry, bool] | None:
        """An event that was kept has its answer: the booking as kept, and whether nothing of it waits any more.

        None for an event that was not kept here. The row is painted anew by `put`, which says what the server knows.
        """
        return self._kept.settle(event_id)

    def known(self, booking_id: UUID) -> RosterEntry | None:
        """A booking as it was fetched, without what only this screen knows; None outside this roster."""
        at = self.position(booking_id)
        return self._entries[at] if at >= 0 else None

    def set_troubles(self, troubles: Mapping[UUID, Trouble]) -> None:
        """Show which bookings have an event that needs attention, and only those."""
        touched = {
            key for key in {*self._troubles, *troubles} if self._troubles.get(key) != troubles.get(key)
        }
        self._troubles = dict(troubles)
        for booking in touched:
            self._refresh_row(booking)

    def put(self, entry: RosterEntry) -> None:
        """Show one booking as it is now, because its answer said so."""
        at = self.position(entry.booking_id)
        if at >= 0:
            self._entries[at] = entry
            self._refresh_row(entry.booking_id)

    def _refresh_row(self, booking_id: UUID) -> None:
        at = self.position(booking_id)
        if at < 0:
            return
        fresh = self._render(self._entries[at], _namesakes(self._entries))
        if fresh != self._rows[booking_id]:
            self._rows[booking_id] = fresh
            self._repaint(at)
            self.counted.emit()

    def _repaint(self, at: int) -> None:
        self.dataChanged.emit(self.index(at), self.index(at))

    def _render(self, known: RosterEntry, by_name: dict[str, list[RosterEntry]]) -> RosterRow:
        entry = self._kept.over(known)
        mark = self._marks.get(entry.booking_id)
        trouble = self._trouble(entry, mark)
        state = mark.state if mark else entry.state
        at = mark.at if mark else entry.state_at
        namesakes = [one for one in by_name[folded(entry.first_name)] if one.booking_id != entry.booking_id]
        notes = sorted(entry.health, key=lambda note: note.severity)
        look, word = _look(entry, state, mark, trouble)
        detail = words.state_detail(entry, state, at, self._zone)
        if look == "queued" and state is AttendanceState.EXPECTED:
            detail = "undone"
        return RosterRow(
            entry=entry,
            state=state,
            look=look,
            name=entry.first_name,
            age=words.age_short(entry.age_months),
            caption=words.caption(entry, state, namesakes, self._zone),
            word=word,
            detail=trouble.short if trouble else clock_time(mark.at, self._zone) if mark else detail,
            action="" if mark else _ACTIONS[state],
            chips=tuple((note.label, *_CHIP_LOOK[note.kind]) for note in notes[:CHIPS_SHOWN]),
            more=max(len(notes) - CHIPS_SHOWN, 0),
            spoken=words.spoken(entry, state, at, self._zone, also=_ALSO.get(look, "")),
            trouble=trouble.sentence if trouble else "",
        )

    def _trouble(self, entry: RosterEntry, mark: Mark | None) -> Trouble | None:
        """What needs attention about a booking, unless something newer is known of it."""
        trouble = self._troubles.get(entry.booking_id)
        if trouble is None or mark is not None or entry.waiting or trouble.claimed is entry.state:
            return None
        return trouble


_ALSO = {"sending": "sending", "queued": "waiting to send", "attention": "needs attention"}


def _look(
    entry: RosterEntry, state: AttendanceState, mark: Mark | None, trouble: Trouble | None
) -> tuple[str, str]:
    """The look and the word of a row. Green and blue are only for what the server has."""
    word = words.STATE_WORDS[state]
    if mark is not None:
        return "sending", f"{word} · sending" if mark.slow else word
    if entry.waiting:
        return "queued", f"{word} · waiting"
    if trouble is not None:
        return "attention", words.ATTENTION
    return state.value, word


def _order(entry: RosterEntry) -> tuple[str, str, int, str]:
    return (
        folded(entry.first_name),
        folded(entry.parent_first_name or ""),
        entry.age_months,
        str(entry.booking_id),
    )


def _namesakes(entries: Sequence[RosterEntry]) -> dict[str, list[RosterEntry]]:
    found: dict[str, list[RosterEntry]] = {}
    for entry in entries:
        found.setdefault(folded(entry.first_name), []).append(entry)
    return found
