"""What the calendar asks of the side panel and hears from it, so that both can be made and tested apart.

The page never changes anything itself: what a person drags or asks for is proposed to the panel, which plans it, shows
what it would do, and carries it out once it is confirmed. See docs/design.md, "Screens" (schedule).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, time
from typing import Protocol
from uuid import UUID

from PySide6.QtCore import SignalInstance
from PySide6.QtWidgets import QWidget

from console.domain.changing import SessionFacts
from console.domain.programme import CalendarSession


class ProgrammePanel(Protocol):
    """The panel at the right of the calendar.

    It begins empty and hidden; the page puts `widget` at its right edge and never shows or hides it itself: the panel
    does so, as it opens and closes. Every `open_`, `new_`, `cancel` and `combine` takes the keyboard.
    What is opened while something unsaved is on show asks first, in the panel.
    Days and times are the venue's.
    """

    plan_changed: SignalInstance
    """(Plan | None): what the change on show would do, for the calendar to paint; None when there is nothing."""
    applied: SignalInstance
    """(Applied): a change was carried out; the page fetches the programme anew."""
    shows: SignalInstance
    """(series id | None, session id | None): what the panel is about now; both None when it is closed."""
    closed: SignalInstance
    """(): it has closed; the page takes the keyboard back."""
    unsaved: SignalInstance
    """(str | None): the status bar's words about what is not saved yet, such as "Unsaved change to LEGO Robotics"."""
    toast_wanted: SignalInstance
    """(str, str): a sentence and a detail."""

    @property
    def widget(self) -> QWidget:
        """The panel as a widget; usually itself."""
        ...

    @property
    def is_open(self) -> bool:
        """Whether anything is on show."""
        ...

    def open_session(self, session: CalendarSession) -> None:
        """Show one session; of a series, with its choice of "only this", "this and following", "all future"."""
        ...

    def propose_session(self, session: CalendarSession, facts: SessionFacts) -> None:
        """Show one session as it was dragged (`SessionEdit` of only this), with its preview, not yet saved.

        Called again while the same session is on show, it replaces the proposal. It does not take the keyboard (the
        person may go on moving the block by the arrow keys): Enter in the calendar gives it to `widget`.
        """
        ...

    def open_series(self, series_id: UUID, pivot: date | None = None) -> None:
        """Show a weekly pattern; `pivot` is the date from which "this and following" would count."""
        ...

    def new_series(
        self,
        day: date | None = None,
        start: time | None = None,
        room_id: UUID | None = None,
        *,
        activity_id: UUID | None = None,
    ) -> None:
        """Begin a weekly pattern, perhaps at a place of the calendar or of an activity."""
        ...

    def new_session(
        self, day: date | None = None, start: time | None = None, room_id: UUID | None = None
    ) -> None:
        """Begin a single session outside every series."""
        ...

    def open_closures(self) -> None:
        """Show the closures to come."""
        ...

    def new_closure(self, day: date | None = None, room_id: UUID | None = None) -> None:
        """Begin a closure."""
        ...

    def cancel(self, session: CalendarSession) -> None:
        """Ask for the reason and show what cancelling one session would do."""
        ...

    def combine(self, session: CalendarSession) -> None:
        """Show what one session's bookings could be combined with."""
        ...

    def refresh(self) -> None:
        """The programme changed elsewhere: load what is on show again, keeping what the person has typed."""
        ...

    def close(self) -> bool:
        """Close it; a QWidget's own `close` will do. What is unsaved asks first, and then False is answered."""
        ...

    def stop(self) -> None:
        """Drop everything under way: the page is going away."""
        ...


PanelFactory = Callable[[], ProgrammePanel]
