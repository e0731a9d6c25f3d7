"""The middle column of the Today screen: scan field, outcome band, title, filters, roster.

It shows what the day holds and passes on what is pressed; it decides nothing. The band keeps its height when idle.
See docs/design.md, "Screens" (front desk).
"""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QVBoxLayout

from console.domain.attendance import AttendanceState
from console.domain.day import load_of
from console.domain.desk import FoundChild
from console.errors import ConsoleError
from console.models.find import RosterView as View
from console.models.words import session_clock, session_facts
from console.views.front_desk import outcomes
from console.views.front_desk.day import DeskDay
from console.views.front_desk.outcomes import Outcome
from console.views.front_desk.roster_view import RosterView
from console.views.front_desk.scan_field import ScanField
from console.views.front_desk.session_title import SessionTitle
from console.views.front_desk.title import FilterBar
from console.views.theme import ThemeHub
from console.views.widgets.base import line, spacer
from console.views.widgets.outcome import OutcomeBand

BAND_KEY = "F2"


class Middle(QFrame):
    """Everything between the session list and the child's card."""

    handed_back = Signal()
    told = Signal(object)
    """The Outcome that the band begins to show: it may have a tone."""

    def __init__(self, hub: ThemeHub, day: DeskDay) -> None:
        """Show `day`."""
        super().__init__()
        self._day = day
        self._band_action: outcomes.Action | None = None
        self._band_second: outcomes.Action | None = None
        self._report: Outcome | None = None
        self.setProperty("surface", "canvas")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.scan = ScanField(hub)
        self.band = OutcomeBand(hub)
        self.title = SessionTitle(hub)
        self.filters = FilterBar(hub)
        kept = self.filters.sizePolicy()
        kept.setRetainSizeWhenHidden(True)
        self.filters.setSizePolicy(kept)
        self.roster = RosterView(hub, day.roster, day.rows, day.zone)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 16, 0, 0)
        column.setSpacing(0)
        head = QVBoxLayout()
        head.setContentsMargins(24, 0, 24, 0)
        head.setSpacing(0)
        for piece in (
            self.scan,
            spacer(8),
            self.band,
            spacer(16),
            self.title,
            spacer(10),
            self.filters,
            spacer(10),
        ):
            head.addWidget(piece)
        column.addLayout(head)
        column.addWidget(line(strong=True))
        column.addWidget(self.roster, 1)
        self.filters.view_chosen.connect(self._filter)
        self.filters.health_chosen.connect(day.rows.set_health)
        self.filters.health_chosen.connect(lambda _on: self.show_rows())
        self.filters.handed_back.connect(self.handed_back)
        self.roster.handed_back.connect(self.handed_back)
        day.session_opened.connect(self._opened)
        day.load_failed.connect(self._load_failed)
        day.found.connect(self._show_found)
        day.roster.counted.connect(self._counted)

    # -- the band ----------------------------------------------------------------------------------------------------

    def show_outcome(self, report: Outcome) -> None:
        """Report in the band; its way out is also on a key."""
        self._band_action = report.action if report.keys == BAND_KEY else None
        self.band.show_outcome(
            report.kind, report.title, report.detail, action=report.action, second=report.second,
            keys=report.keys, icon=report.icon,
        )  # fmt: skip
        self._report = report
        self._band_second = report.second
        self.told.emit(report)

    def add_detail(self, title: str, words: str) -> None:
        """Add a fact to an outcome that is still on show, without a new flash or tone."""
        report = self._report
        if report is None or report.title != title or self.band.title != title:
            return
        detail = f"{report.detail} · {words}" if report.detail else words
        self._report = replace(report, detail=detail)
        self.band.show_outcome(
            report.kind, report.title, detail, action=report.action, second=report.second, keys=report.keys,
            icon=report.icon, hold=self.band.filled,
        )  # fmt: skip

    def revise(self, title: str, report: Outcome) -> None:
        """Show what is true by now in place of an outcome that is still on show, without a flash or a tone."""
        if self._report is None or self._report.title != title or self.band.title != title:
            return
        self._report = report
        self._band_action = report.action if report.keys == BAND_KEY else None
        self._band_second = report.second
        self.band.show_outcome(
            report.kind, report.title, report.detail, action=report.action, second=report.second,
            keys=report.keys, icon=report.icon, hold=False,
        )  # fmt: skip

    def clear_outcome(self) -> None:
        """Be ready for the next child."""
        self._band_action = self._band_second = self._report = None
        if self.band.outcome != "idle":
            self.band.clear()

    def run_band_action(self) -> None:
        """Take the way out that the band offers."""
        if self._band_action is not None:
            run = self._band_action[1]
            self._band_action = self._band_second = None
            run()

    def run_second_action(self) -> None:
        """Take the other way out that the band offers."""
        if self._band_second is not None:
            run = self._band_second[1]
            self._band_action = self._band_second = None
            run()

    # -- title and rows ----------------------------------------------------------------------------------------------

    def show_title(self) -> None:
        """Write the open session's title as of now."""
        session = self._day.session
        self.filters.setVisible(session is not None)
        self.title.offer(session)
        if session is None:
            self.title.show_session("", "", "")
            self.title.show_waiting(0)
            return
        now, zone = self._day.clock.now(), self._day.zone
        clock, facts = session_clock(session, now, zone), session_facts(session, zone)
        self.title.show_session(session.activity_name, clock, facts, cancelled=session.is_cancelled)
        self.title.show_load(load_of(session.in_count, session.capacity))

    def show_rows(self) -> None:
        """Show rows, or say in their place why there are none."""
        day, show = self._day, self.roster.show_empty
        if day.sessions_known and day.session_id is None:
            show("ph.calendar-blank", "No session to show", "Choose another day at the left.")
        elif not day.roster_known:
            return
        elif not day.roster.rowCount():
            show("ph.users", "Nobody is booked", "Bookings appear here as parents make them.")
        elif day.rows.rowCount():
            self.roster.show_rows()
        elif not (name := day.rows.text):
            show("ph.funnel", "Nobody here", "Choose All above to see the whole roster.")
        elif self.roster.found:
            show("ph.magnifying-glass", f"No “{name}” in this session", "Found in another session, below.")
        else:
            show("ph.magnifying-glass", f"No “{name}” today", "Check the spelling, or scan the ticket.")

    def reveal(self, booking_id: UUID) -> None:
        """Make a booking's row the current one, giving up a filter that hides it."""
        if not self.roster.select(booking_id) and self._day.roster.position(booking_id) >= 0:
            self.filters.reset()
            self._day.rows.reset()
            self.show_rows()
            self.roster.select(booking_id)

    def show_hint(self, *, choosing: bool) -> None:
        """Say beside the field what Enter would do."""
        row, text = self.roster.current, self.scan.text
        if choosing:
            words = "chooses"
        elif text and row is None:
            words = "opens it" if len(self.roster.found) == 1 else ""
        elif text and row is not None and row.state is AttendanceState.IN:
            words = "asks who collects"
        elif text and row is not None and row.state is AttendanceState.OUT:
            words = ""
        else:
            words = "checks in"
        self.scan.set_hint(words)

    def _filter(self, key: str) -> None:
        self._day.rows.set_view(View(key))
        self.show_rows()

    def _opened(self) -> None:
        self.filters.reset()
        self.roster.show_found([])
        self.roster.show_loading()
        self.clear_outcome()
        self.show_title()

    def _counted(self) -> None:
        self.filters.set_counts(self._day.roster.counts(), self._day.roster.with_health_notes)
        if self._day.roster_known:
            self.show_rows()

    def _show_found(self, found: list[FoundChild]) -> None:
        self.roster.show_found(found)
        self.show_rows()
        self.show_hint(choosing=False)

    def _load_failed(self, error: ConsoleError) -> None:
        retry = ("ph.arrow-clockwise", "Try again", self._day.retry)
        self.roster.show_empty(
            "ph.wifi-slash", error.sentence.rstrip("."), error.hint or "Nothing was lost.", action=retry
        )
