"""The day's sessions as a list model: every row already put into words.

Rows keep their identity across refreshes, so the selection stays; when time passes only the rows whose words changed
are repainted. See docs/design.md, "Screens" (front desk).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, tzinfo
from uuid import UUID

from PySide6.QtCore import QAbstractListModel, QModelIndex, Qt

from console.domain.day import Load, load_of
from console.domain.desk import SessionSummary
from console.domain.refusals import clock_time
from console.models import words
from console.models.merge import AnyIndex, merge_rows

_ROOT = QModelIndex()


@dataclass(frozen=True, slots=True)
class SessionRow:
    """What one row of the list says.

    `compact` rows are over (or cancelled) and muted. The shares of the meter are of the places, from 0 to 1: in and
    acknowledged, only on this desk so far, expected. `load` is how full it is with those who are in.
    """

    session: SessionSummary
    starts: str
    ends: str
    name: str
    room: str
    mark: str
    compact: bool
    summary: str
    shares: tuple[float, float, float]
    load: Load
    spoken: str


class SessionListModel(QAbstractListModel):
    """Sessions of one day in order of start."""

    RowRole = Qt.ItemDataRole.UserRole + 1

    def __init__(self, zone: tzinfo) -> None:
        """Times are shown in `zone`, the venue's."""
        super().__init__()
        self._zone = zone
        self._sessions: list[SessionSummary] = []
        self._rows: dict[UUID, SessionRow] = {}
        self._now: datetime | None = None
        self._open: UUID | None = None

    def rowCount(self, parent: AnyIndex = _ROOT) -> int:
        """Sessions of the day."""
        return 0 if parent.isValid() else len(self._sessions)

    def data(self, index: AnyIndex, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """The row under `RowRole`, its name and its spoken text."""
        if not index.isValid() or index.row() >= len(self._sessions):
            return None
        session = self._sessions[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return session.activity_name
        if role == self.RowRole:
            return self.row(session.id)
        if role == Qt.ItemDataRole.AccessibleTextRole:
            row = self.row(session.id)
            return row.spoken if row else None
        if role == Qt.ItemDataRole.ToolTipRole:
            return session.activity_name
        return None

    @property
    def sessions(self) -> Sequence[SessionSummary]:
        """The sessions shown."""
        return self._sessions

    def row(self, session_id: UUID) -> SessionRow | None:
        """What the row of a session says."""
        return self._rows.get(session_id)

    def session(self, session_id: UUID | None) -> SessionSummary | None:
        """A session by its id."""
        return next((session for session in self._sessions if session.id == session_id), None)

    def position(self, session_id: UUID | None) -> int:
        """The row number of a session, -1 when it is not in the list."""
        return next((at for at, session in enumerate(self._sessions) if session.id == session_id), -1)

    def set_sessions(self, sessions: Sequence[SessionSummary], now: datetime) -> None:
        """Show these sessions as they stand at `now`."""
        self._now = now
        wanted = sorted(sessions, key=lambda one: (one.starts_at, one.activity_name, str(one.id)))
        self._rows = {session.id: self._render(session) for session in wanted}
        for at in merge_rows(self, self._sessions, wanted, lambda session: session.id):
            self._repaint(at)

    def set_counts(
        self,
        session_id: UUID,
        *,
        inside: int,
        expected: int,
        out: int,
        absent: int,
        unmarked: int,
        waiting: int,
    ) -> None:
        """Count a session as its open roster does, this desk's unanswered marks included."""
        at = self.position(session_id)
        if at < 0:
            return
        before = self._sessions[at]
        after = replace(
            before, in_count=inside, expected=expected, out_count=out, absent=absent, unmarked=unmarked,
            booked=inside + expected + out + absent + unmarked, waiting=waiting,
        )  # fmt: skip
        if after != before:
            self._sessions[at] = after
            self._rows[session_id] = self._render(after)
            self._repaint(at)

    def set_open(self, session_id: UUID | None) -> None:
        """Say which session is open: its row does not shrink while it is."""
        before, self._open = self._open, session_id
        for one in (before, session_id):
            self._render_again(one)

    def tick(self, now: datetime) -> None:
        """Time has passed: repaint the rows whose words changed."""
        self._now = now
        for session in self._sessions:
            self._render_again(session.id)

    def _render_again(self, session_id: UUID | None) -> None:
        at = self.position(session_id)
        if at < 0 or session_id is None:
            return
        fresh = self._render(self._sessions[at])
        if fresh != self._rows.get(session_id):
            self._rows[session_id] = fresh
            self._repaint(at)

    def _repaint(self, at: int) -> None:
        self.dataChanged.emit(self.index(at), self.index(at))

    def _render(self, session: SessionSummary) -> SessionRow:
        now = self._now or session.starts_at
        over = session.closed_at is not None or (now >= session.ends_at and not session.in_count)
        if session.is_cancelled:
            summary = "cancelled"
        elif over:
            summary = f"{session.came} of {session.booked} came"
        else:
            summary = ""
        places = max(session.capacity, session.in_count + session.expected, 1)
        sure = max(session.in_count - session.waiting, 0)
        return SessionRow(
            session=session,
            starts=clock_time(session.starts_at, self._zone),
            ends=clock_time(session.ends_at, self._zone),
            name=session.activity_name,
            room=session.room_name or "",
            mark=words.session_mark(session, now),
            compact=session.is_cancelled or (over and session.id != self._open),
            summary=summary,
            shares=(
                sure / places,
                min(session.waiting, session.in_count) / places,
                session.expected / places,
            ),
            load=load_of(session.in_count, session.capacity) if not over else Load.ROOMY,
            spoken=words.session_spoken(session, now, self._zone),
        )
