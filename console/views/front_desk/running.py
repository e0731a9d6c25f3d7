"""The running of the day from the Today screen: closing, unmarked children, notes, pickup tags and paper.

Each is one call, and each says what became of it: success in a toast, trouble in the band, never silence. Where the
day's gateway or the printer is missing, nothing here is offered. See docs/design.md, "Screens" (front desk).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from functools import partial
from uuid import UUID

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from console.domain.attendance import AttendanceState
from console.domain.day import ClosedSession, DeskNote, TaggedChild, UnmarkedChild
from console.domain.desk import RosterEntry, SessionSummary, Sibling
from console.domain.refusals import clock_time
from console.errors import ConsoleError
from console.models.gateway import DayGateway
from console.models.printing import DeskPrinter
from console.models.words import local_day, unmarked_words
from console.views.front_desk import outcomes
from console.views.front_desk.actions import DeskActions
from console.views.front_desk.closing import CloseSheet, closed_words
from console.views.front_desk.day import DeskDay
from console.views.front_desk.notes import NoteDraft, note_line
from console.views.front_desk.outcomes import Action, Outcome
from console.views.front_desk.unmarked import UnmarkedSheet
from console.views.theme import ThemeHub


class DayRunning(QObject):
    """What a desk does beside attendance, and the answers to it."""

    outcome = Signal(object)
    toast = Signal(str, str, object)
    """Title, detail, and what takes it back (a callable) or None."""
    detail = Signal(str, str)
    """The title of an outcome on show, and a fact to add to it."""
    unmarked_known = Signal(str)
    """The quiet line about unmarked children; empty for none."""
    note_saved = Signal(object)
    note_failed = Signal(object, str)
    collect_wanted = Signal(object)
    """The RosterEntries of one family who are in and may leave together."""

    def __init__(
        self,
        hub: ThemeHub,
        day: DeskDay,
        deeds: DeskActions,
        gateway: DayGateway | None,
        printer: DeskPrinter | None,
        window: Callable[[], QWidget],
        *,
        may_reopen: bool,
        labels_on_check_in: bool,
    ) -> None:
        """`window` answers the window that questions lie over."""
        super().__init__()
        self.hub, self._day, self._deeds = hub, day, deeds
        self.gateway, self.printer, self._window = gateway, printer, window
        self._may_reopen = may_reopen
        self.as_of: Callable[[], datetime | None] = lambda: None
        """How old the rosters on show are while no server answers, for what is printed of them; None while one does."""
        self._unmarked: list[UnmarkedChild] = []
        self._notes: dict[UUID, list[DeskNote]] = {}
        self.sheet: CloseSheet | UnmarkedSheet | None = None
        if labels_on_check_in and self.may_label:
            deeds.checked_in.connect(self._label_on_check_in)

    @property
    def may_label(self) -> bool:
        """Whether labels can be printed: they need their tags and a printer."""
        return self.gateway is not None and self.printer is not None

    def _start(self, work: Callable[[], Awaitable[None]], name: str) -> None:
        self._day.runner.start(self._guarded(work), name)

    async def _guarded(self, work: Callable[[], Awaitable[None]]) -> None:
        """Run `work`; its trouble is said in the band."""
        try:
            await work()
        except ConsoleError as error:
            self.outcome.emit(
                Outcome("refused", error.sentence.rstrip("."), error.hint or "Nothing was changed.")
            )

    # -- paper -------------------------------------------------------------------------------------------------------

    def print_roster(self) -> None:
        """Print the open session's roster."""
        printer, session = self.printer, self._day.session
        if printer is None or session is None or not self._day.roster_known:
            return
        entries = [row.entry for row in self._day.roster.rows]

        async def work() -> None:
            words = await printer.print_roster(session, entries, as_of=self.as_of())
            if words:
                self.toast.emit(words, session.activity_name, None)

        self._start(work, "print")

    def print_labels(self, entries: Sequence[RosterEntry]) -> None:
        """Print the labels of some children with their families' tags."""
        gateway, printer = self.gateway, self.printer
        if gateway is None or printer is None:
            return
        if not entries:
            self.outcome.emit(
                Outcome("again", "Nobody is in yet", "Labels are printed for children who are in.")
            )
            return

        async def work() -> None:
            labels = await gateway.labels([one.booking_id for one in entries])
            words = await printer.print_labels(labels)
            names = outcomes.names_of([one.first_name for one in entries])
            if words:
                self.toast.emit(words, names if len(entries) <= 4 else f"{len(entries)} children", None)

        self._start(work, "print")

    def labels_of_who_is_in(self) -> list[RosterEntry]:
        """The children of the open session who are in."""
        return [row.entry for row in self._day.roster.rows if row.state is AttendanceState.IN]

    def _label_on_check_in(self, entry: RosterEntry) -> None:
        gateway, printer = self.gateway, self.printer
        if gateway is None or printer is None:
            return

        async def work() -> None:
            words = await printer.print_labels(await gateway.labels([entry.booking_id]))
            if words:
                self.detail.emit(f"{entry.first_name} is in", "labels printed")

        self._start(work, f"labels:{entry.booking_id}")

    # -- closing -----------------------------------------------------------------------------------------------------

    def close_session(self) -> None:
        """Ask before the open session is closed."""
        session = self._day.session
        if self.gateway is None or session is None or not self._day.roster_known or self._is_asking:
            return
        if session.closed_at is not None or session.is_cancelled:
            return
        entries = [row.entry for row in self._day.roster.rows]
        sheet = CloseSheet(self.hub, self._window(), self._day, self.gateway, session, entries)
        sheet.done.connect(lambda closed: self._closed(session, closed))
        sheet.changed_meanwhile.connect(self._day.refresh)
        self._ask(sheet)

    def reopen(self, session_id: UUID, name: str) -> None:
        """Take a closing back."""
        gateway = self.gateway
        if gateway is None:
            return

        async def work() -> None:
            await gateway.reopen_session(session_id)
            self.toast.emit(f"{name} is open again", "", None)
            self._day.refresh()
            self.load_unmarked()

        self._start(work, "reopen")

    def _closed(self, session: SessionSummary, closed: ClosedSession) -> None:
        title, detail = closed_words(
            session.activity_name, closed.came, closed.no_shows, closed.unmarked, closed.still_in,
            closed.forfeited_credits,
        )  # fmt: skip
        back = partial(self.reopen, session.id, session.activity_name) if self._may_reopen else None
        self.toast.emit(title, detail, back)
        self._day.answered(None)
        self._day.refresh()
        self.load_unmarked()

    @property
    def _is_asking(self) -> bool:
        return self.sheet is not None and self.sheet.is_open

    def _ask(self, sheet: CloseSheet | UnmarkedSheet) -> None:
        self.sheet = sheet
        sheet.closed.connect(self._answered)
        sheet.open()

    def _answered(self) -> None:
        self.sheet = None

    # -- unmarked ----------------------------------------------------------------------------------------------------

    def load_unmarked(self) -> None:
        """Ask who is still unmarked; trouble stays quiet, for nobody asked."""
        if self.gateway is not None:
            self._day.runner.start(self._load_unmarked(self.gateway), "unmarked")

    async def _load_unmarked(self, gateway: DayGateway) -> None:
        try:
            self._unmarked = list(await gateway.unmarked())
        except ConsoleError as error:
            self._day.reached.emit(error)
            return
        zone = self._day.zone
        days = [local_day(child.starts_at, zone) for child in self._unmarked]
        self.unmarked_known.emit(unmarked_words(days, self._day.today()))

    def review_unmarked(self) -> None:
        """Ask by name whether the unmarked children came."""
        if self.gateway is None or not self._unmarked or self._is_asking:
            return
        now = self._day.clock.now()
        sheet = UnmarkedSheet(self.hub, self._window(), self.gateway, self._unmarked, now, self._day.zone)
        sheet.settled.connect(self._settled)
        self._ask(sheet)

    def _settled(self, count: int) -> None:
        self.toast.emit("1 child settled" if count == 1 else f"{count} children settled", "", None)
        self.load_unmarked()
        self._day.refresh()

    # -- notes -------------------------------------------------------------------------------------------------------

    def write(self, booking: UUID, draft: NoteDraft) -> None:
        """Save a note or an incident."""
        if self.gateway is not None:
            self._day.runner.start(self._write(self.gateway, booking, draft), f"note:{booking}")

    async def _write(self, gateway: DayGateway, booking: UUID, draft: NoteDraft) -> None:
        text, action = draft.text.strip(), draft.action_taken.strip()
        try:
            if draft.incident:
                note = await gateway.add_incident(
                    booking, text, action_taken=action, parent_told=draft.parent_told
                )
            else:
                note = await gateway.add_note(booking, text)
        except ConsoleError as error:
            self.note_failed.emit(booking, str(error))
            return
        self._notes.setdefault(booking, []).insert(0, note)
        self.note_saved.emit(booking)
        self.toast.emit("Incident saved" if draft.incident else "Note saved", "", None)
        self._day.refresh()

    def notes_of(self, entry: RosterEntry) -> str:
        """The notes of the card: the server's, and above them those written here that it does not show yet."""
        known = entry.notes or ""
        fresh = [
            note_line(note, clock_time(note.at, self._day.zone))
            for note in self._notes.get(entry.booking_id, [])
            if note.text not in known
        ]
        return "\n".join(part for part in (*fresh, known) if part)

    # -- tags --------------------------------------------------------------------------------------------------------

    def open_tag(self, tag: str) -> None:
        """A pickup tag was scanned or typed: ask who collects its children, or offer to bring them in."""
        gateway = self.gateway
        if gateway is None:
            self.outcome.emit(outcomes.not_a_ticket())
            return

        async def work() -> None:
            await self._open_tag(tag, await gateway.find_tag(tag))

        self._start(work, "tag")

    async def _open_tag(self, tag: str, found: Sequence[TaggedChild]) -> None:
        if not found:
            self.outcome.emit(outcomes.unknown_tag(tag))
            return
        inside = [one for one in found if one.state is AttendanceState.IN]
        coming = [one for one in found if one.state is AttendanceState.EXPECTED]
        if not inside and not coming:
            self.outcome.emit(outcomes.tag_gone(tag, [one.first_name for one in found]))
            return
        names = [one.first_name for one in coming]
        if not inside:
            self.outcome.emit(outcomes.tag_expected(tag, names, partial(self._deeds.bring, coming)))
            return
        more: Action | None = None
        if coming:
            more = (f"Check in {outcomes.names_of(names)}", partial(self._deeds.bring, coming))
        await self._collect(inside)
        self.outcome.emit(outcomes.tag_collects(tag, [one.first_name for one in inside], more))

    def collect_together(self, entry: RosterEntry, siblings: Sequence[Sibling]) -> None:
        """Ask who collects a child and its brothers and sisters."""

        async def work() -> None:
            found = [await self._day.entry_of(one.booking_id, one.session_id) for one in siblings]
            others = [one for one in found if one is not None and one.state is AttendanceState.IN]
            self.collect_wanted.emit([entry, *others])

        self._start(work, "together")

    async def _collect(self, inside: Sequence[TaggedChild]) -> None:
        here = [one for one in inside if one.session_id == self._day.session_id]
        first = (here or inside)[0]
        ordered = [first, *(one for one in inside if one is not first)]
        found = [await self._day.entry_of(one.booking_id, one.session_id) for one in ordered]
        entries = [one for one in found if one is not None]
        if entries:
            self.collect_wanted.emit(entries)
