"""A side panel that writes down what the calendar asks of it, and says what a test wants it to say."""

from __future__ import annotations

from datetime import date, time
from uuid import UUID

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from console.domain.changing import SessionFacts
from console.domain.programme import CalendarSession


class NotedPanel(QWidget):
    """`asked` is every question in order, with its arguments."""

    plan_changed = Signal(object)
    applied = Signal(object)
    shows = Signal(object, object)
    closed = Signal()
    unsaved = Signal(object)
    toast_wanted = Signal(str, str)

    def __init__(self) -> None:
        """Closed and empty."""
        super().__init__()
        self.asked: list[tuple[object, ...]] = []
        self._open = False
        self.setFixedWidth(0)

    @property
    def widget(self) -> QWidget:
        """Itself."""
        return self

    @property
    def is_open(self) -> bool:
        """Since something was asked, until it was closed."""
        return self._open

    def open_session(self, session: CalendarSession) -> None:
        """A session."""
        self._note("session", session)
        self.shows.emit(session.series_id, session.id)

    def propose_session(self, session: CalendarSession, facts: SessionFacts) -> None:
        """A session that was moved."""
        self._note("propose", session, facts)

    def open_series(self, series_id: UUID, pivot: date | None = None) -> None:
        """A series."""
        self._note("series", series_id, pivot)
        self.shows.emit(series_id, None)

    def new_series(
        self,
        day: date | None = None,
        start: time | None = None,
        room_id: UUID | None = None,
        *,
        activity_id: UUID | None = None,
    ) -> None:
        """A new series."""
        self._note("new series", day, start, room_id, *([activity_id] if activity_id else []))

    def new_session(
        self, day: date | None = None, start: time | None = None, room_id: UUID | None = None
    ) -> None:
        """A new session."""
        self._note("new session", day, start, room_id)

    def open_closures(self) -> None:
        """The closures."""
        self._note("closures")

    def new_closure(self, day: date | None = None, room_id: UUID | None = None) -> None:
        """A new closure."""
        self._note("new closure", day, room_id)

    def cancel(self, session: CalendarSession) -> None:
        """Cancelling one."""
        self._note("cancel", session)

    def combine(self, session: CalendarSession) -> None:
        """Combining one."""
        self._note("combine", session)

    def refresh(self) -> None:
        """The programme changed."""
        self.asked.append(("refresh",))

    def close(self) -> bool:
        """Closed at once: nothing is ever unsaved here."""
        self.asked.append(("close",))
        self._open = False
        self.closed.emit()
        return True

    def stop(self) -> None:
        """Nothing is under way."""

    def _note(self, *words: object) -> None:
        self._open = True
        self.asked.append(words)
