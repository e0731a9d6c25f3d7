"""The Today screen: sessions at the left, the roster in the middle, the child's card at the right.

The page lays out and connects; what happens is the business of DeskDay, DeskActions and DeskKeys. The scan field has
the keyboard, whatever is clicked.
See docs/design.md, "Screens" (front desk).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta, tzinfo
from uuid import UUID

from PySide6.QtCore import QSize, Qt, QTimer, Signal
from PySide6.QtGui import QHideEvent, QKeyEvent, QKeySequence, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QWidget

from console.clock import Clock
from console.domain.attendance import EventAnswer
from console.domain.desk import FoundChild, Sibling
from console.domain.sync import AttentionItem
from console.models.gateway import DayGateway, DeskGateway
from console.models.printing import DeskPrinter
from console.views.front_desk import outcomes
from console.views.front_desk.actions import DeskActions
from console.views.front_desk.card_desk import CardDesk
from console.views.front_desk.catcher import ScanCatcher
from console.views.front_desk.child_card import ChildCard
from console.views.front_desk.day import DeskDay
from console.views.front_desk.drawer import CardDrawer
from console.views.front_desk.keys import DeskKeys
from console.views.front_desk.middle import Middle
from console.views.front_desk.outcomes import Outcome
from console.views.front_desk.running import DayRunning
from console.views.front_desk.session_list import SessionList
from console.views.front_desk.shortcuts import field_keys, page_keys
from console.views.front_desk.wishes import Wishes
from console.views.shell.areas import Action, listen
from console.views.theme import ThemeHub
from console.views.widgets.dialog import is_asked
from console.views.widgets.focus import lead_focus

_TICK_MS = 10_000
_SLOWER_WHILE_LIVE = 6
_TOAST_ICONS = {"kept": "ph.cloud-arrow-up", "refused": "ph.warning"}


class TodayPage(QWidget):
    """What a front-desk person looks at all day."""

    toast_wanted = Signal(str, str, object, str)
    """Title, detail, what Undo does (a callable) or None, and an icon other than the toast's own."""
    reached = Signal(object)
    """None when the server answered, the ConsoleError when it did not: for the status bar."""
    waiting_changed = Signal(int)
    """How many actions are on their way just now."""
    tone_wanted = Signal(object)
    """The Tone of an outcome."""
    # What others answer; a signal nobody is connected to has no button.
    walk_in_wanted = Signal()
    building_wanted = Signal()
    move_wanted = Signal(object)
    next_visit_wanted = Signal(object)
    waitlist_wanted = Signal(object)
    """Each with the RosterEntry of the child."""
    correct_wanted = Signal(object, str)
    """A RosterEntry and "health" or "pickup"."""
    booking_wanted = Signal(object)
    """A booking id."""

    def __init__(
        self,
        hub: ThemeHub,
        clock: Clock,
        gateway: DeskGateway,
        *,
        zone: tzinfo,
        desk: str = "",
        person: str = "",
        may_undo_any: bool = False,
        poll_seconds: int = 20,
        running: DayGateway | None = None,
        printer: DeskPrinter | None = None,
        may_close: bool = False,
        may_reopen: bool = False,
        labels_on_check_in: bool = False,
    ) -> None:
        """`zone` is the venue's; `poll_seconds` 0 leaves refreshing to whoever calls `refresh`.

        Without `running` nothing is closed, noted or labelled here; without `printer` nothing is printed.
        """
        super().__init__()
        self.hub = hub
        self.day = DeskDay(clock, gateway, zone)
        self.deeds = DeskActions(self.day, desk=desk, person=person)
        # What happens ends with the page: no timer and no task may paint into a deleted widget.
        self.day.setParent(self)
        self.deeds.setParent(self)
        self.destroyed.connect(self.day.runner.cancel_all)
        self.sessions = SessionList(hub, self.day.sessions)
        self.middle = Middle(hub, self.day)
        self.card = ChildCard(hub, zone)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(0)
        self._row.addWidget(self.sessions)
        self._row.addWidget(self.middle, 1)
        self._row.addWidget(self.card)
        self.running = DayRunning(
            hub, self.day, self.deeds, running, printer, self.window,
            may_reopen=may_reopen, labels_on_check_in=labels_on_check_in,
        )  # fmt: skip
        self.running.setParent(self)
        self.drawer = CardDrawer(hub, self, self._row, self.card)
        self.family = CardDesk(self, may_undo_any=may_undo_any)
        self.keys = DeskKeys(
            self.day, self.deeds, self.middle, self.card,
            ask_collect=self.family.ask_collect, open_tag=self.running.open_tag,
        )  # fmt: skip
        self.wishes = Wishes(self, may_close=may_close, may_reopen=may_reopen)
        self._today = self.day.today()
        self.catcher = ScanCatcher(self.middle.scan.line, self)
        self._tick = QTimer(self)
        self._tick.timeout.connect(self._time_passed)
        self._poll = QTimer(self)
        self._poll_ms = poll_seconds * 1000
        self._poll.setInterval(self._poll_ms)
        self._poll.timeout.connect(self.day.refresh)
        self._connect()
        self._own_keys = self._shortcuts()
        lead_focus(self, self.middle.scan)
        self.family.show_card()

    # -- for the window ----------------------------------------------------------------------------------------------

    def start(self) -> None:
        """Load the day; call once, inside the running loop, when everybody is connected."""
        self.sessions.show_day(self.day.day, self.day.today())
        self.sessions.show_loading()
        self.middle.roster.show_loading()
        self.wishes.offer()
        self.day.open_day(self.day.day)
        self.running.load_unmarked()

    @property
    def page_actions(self) -> tuple[Action, ...]:
        """What the page does by a key, and what else it offers now."""
        return self._own_keys + self.wishes.actions()

    def open_session(self, session_id: UUID, day: date) -> None:
        """Show a session of any day, as the palette asks for it."""
        self.open_child(None, session_id, day)

    def open_child(self, booking_id: UUID | None, session_id: UUID, day: date) -> None:
        """Show a child in its session."""
        self.middle.scan.clear()
        self.day.open_on(session_id, day, booking_id)
        self.sessions.show_day(self.day.day, self.day.today())
        self.take_keyboard()

    def refresh(self) -> None:
        """Something changed on the server: fetch again without moving anything."""
        self.day.refresh()

    def settle_kept(self, answer: EventAnswer) -> None:
        """The server has answered an event that this desk had kept: call it for every such answer, in order."""
        self.deeds.kept.settle(answer)

    def show_attention(self, items: Sequence[AttentionItem]) -> None:
        """Say which of this desk's events need attention now: their rows are red."""
        self.deeds.kept.show_attention(items)

    def set_live(self, on: bool) -> None:
        """Say whether changes are heard of by themselves (`day.follow`): the page then hardly asks."""
        self._poll.setInterval(self._poll_ms * (_SLOWER_WHILE_LIVE if on else 1))
        if not on and self._poll.isActive():
            self.day.refresh()

    def stop(self) -> None:
        """Drop everything under way: the person signs out or the window closes."""
        self._tick.stop()
        self._poll.stop()
        self.catcher.watch(None)
        self.family.stop()
        self.deeds.stop()
        self.day.stop()

    # -- building ----------------------------------------------------------------------------------------------------

    def _connect(self) -> None:
        day, card, roster, running = self.day, self.card, self.middle.roster, self.running
        self.sessions.chosen.connect(self._session_chosen)
        self.sessions.day_wanted.connect(self._move_day)
        self.sessions.date_wanted.connect(self._go_to_day)
        self.sessions.handed_back.connect(self.take_keyboard)
        self.middle.handed_back.connect(self.take_keyboard)
        self.middle.scan.escaped.connect(self._escaped)
        roster.clicked.connect(lambda _booking: self.drawer.open())
        roster.open_wanted.connect(self._go_to_child)
        card.handed_back.connect(self.take_keyboard)
        card.note_written.connect(self.running.write)
        card.offers, card.notes_of = self.wishes.of_child, self.running.notes_of
        card.sibling_chosen.connect(self._sibling)
        card.closed.connect(self._close_drawer)
        card.chooser_changed.connect(lambda choosing: self.middle.show_hint(choosing=choosing))
        day.sessions_loaded.connect(self._sessions_loaded)
        day.session_opened.connect(self._session_opened)
        day.roster_loaded.connect(self._roster_loaded)
        day.load_failed.connect(lambda _error: self.sessions.show_loaded())
        day.history_loaded.connect(lambda _booking: self.family.show_soon())
        day.reached.connect(self.reached)
        day.roster.counted.connect(self._counted)
        self.deeds.outcome.connect(self.middle.show_outcome)
        self.deeds.revised.connect(self.middle.revise)
        self.deeds.toast.connect(self._show_toast)
        self.deeds.move_wanted.connect(self.move_wanted)
        self.deeds.can_move = lambda: self.wishes.is_heard("move_wanted")
        self.middle.told.connect(self._sound)
        self.catcher.caught.connect(self._caught)
        running.outcome.connect(self.middle.show_outcome)
        running.toast.connect(lambda title, detail, undo: self.toast_wanted.emit(title, detail, undo, ""))
        running.detail.connect(self.middle.add_detail)
        running.unmarked_known.connect(self.sessions.foot.show_unmarked)
        running.note_saved.connect(card.note_saved)
        running.note_failed.connect(card.note_failed)
        self.deeds.settled.connect(self._settled)

    def _shortcuts(self) -> tuple[Action, ...]:
        own = page_keys(
            self.middle,
            move_day=self._move_day,
            step_session=self._step_session,
            refresh=self.day.refresh,
            run_band=self._run_band,
            run_other=self._run_other,
        )
        listen(self, own + self.wishes.all_keys())
        keys, deeds = self.keys, self.deeds
        return own + field_keys(
            undo=deeds.undo_last, step=keys.step, enter=keys.entered, escape=self._escaped
        )

    # -- the keyboard ------------------------------------------------------------------------------------------------

    def take_keyboard(self) -> None:
        """Give the keyboard back to the scan field."""
        self.middle.scan.setFocus(Qt.FocusReason.OtherFocusReason)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """A letter typed anywhere on the page belongs into the scan field."""
        if is_asked(self):
            event.accept()
            return
        plain = not event.modifiers() & (
            Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier
        )
        if event.matches(QKeySequence.StandardKey.Undo):
            self.deeds.undo_last()
        elif event.key() == Qt.Key.Key_Escape:
            self.take_keyboard()
            self._escaped()
        elif plain and event.text().strip() and event.text().isprintable():
            self.middle.scan.take_over(event)
        else:
            super().keyPressEvent(event)

    def _escaped(self) -> None:
        if self.card.chooser is not None:
            self.card.close_chooser()
        elif self.card.put_note_away():
            return
        elif self.drawer.is_open:
            self._close_drawer()
        else:
            self.middle.clear_outcome()

    def _run_band(self) -> None:
        if self.card.chooser is not None and self.card.chooser.siblings:
            self.card.chooser.take_together()
        else:
            self.middle.run_band_action()

    def _run_other(self) -> None:
        if self.card.chooser is not None:
            self.card.chooser.show_barred()
        else:
            self.middle.run_second_action()

    def _caught(self, text: str) -> None:
        """A scan that did not land in the scan field: done as there, unless a question lies over the page."""
        if is_asked(self):
            self._show_toast(outcomes.not_while_asking())
            return
        self.take_keyboard()
        self.keys.scanned(text)

    # -- sessions ----------------------------------------------------------------------------------------------------

    def _session_chosen(self, session_id: UUID) -> None:
        if session_id != self.day.session_id:
            self.middle.scan.clear()
            self.day.open_session(session_id)

    def _step_session(self, rows: int) -> None:
        known = self.day.sessions.sessions
        at = self.day.sessions.position(self.day.session_id) + rows
        if 0 <= at < len(known):
            self._session_chosen(known[at].id)

    def _move_day(self, days: int) -> None:
        self._go_to_day(self.day.today() if days == 0 else self.day.day + timedelta(days=days))

    def _go_to_day(self, day: date) -> None:
        self.middle.scan.clear()
        self.sessions.show_loading()
        self.day.open_day(day)
        self.sessions.show_day(day, self.day.today())

    def _sessions_loaded(self) -> None:
        self.sessions.show_day(self.day.day, self.day.today())
        self.sessions.show_loaded()
        self.sessions.select(self.day.session_id)
        self.middle.show_title()

    def _session_opened(self) -> None:
        self.sessions.select(self.day.session_id)
        self.family.show_card()

    def _roster_loaded(self, select: UUID | None) -> None:
        self.middle.show_rows()
        self.middle.show_title()
        if select is not None:
            self.middle.scan.clear()
            self.middle.reveal(select)
        self.family.show_card()
        self.family.roster_came()

    # -- rows and card -----------------------------------------------------------------------------------------------

    def _go_to_child(self, child: FoundChild) -> None:
        self.middle.scan.clear()
        self.day.open_found(child)
        self.take_keyboard()

    def _sibling(self, sibling: Sibling) -> None:
        self.middle.scan.clear()
        if sibling.session_id != self.day.session_id:
            self.day.open_session(sibling.session_id, sibling.booking_id)
        else:
            self.middle.reveal(sibling.booking_id)

    def _settled(self, booking: UUID | None) -> None:
        if self.middle.scan.text:
            return
        if booking is None:
            self.middle.roster.clear_current()
            return
        self.family.settle(booking)
        row = self.day.roster.row(booking)
        if row is not None and row.entry.health:
            self.drawer.open()

    # -- showing -----------------------------------------------------------------------------------------------------

    def _show_toast(self, report: Outcome) -> None:
        undo = report.action[1] if report.action is not None and report.action[0] == "Undo" else None
        icon = _TOAST_ICONS.get(report.kind, "")
        self.toast_wanted.emit(report.title, report.in_toast or report.detail, undo, icon)
        self._sound(report)

    def _sound(self, report: Outcome) -> None:
        if report.tone is not None:
            self.tone_wanted.emit(report.tone)

    def _counted(self) -> None:
        self.waiting_changed.emit(sum(1 for row in self.day.roster.rows if row.pending))
        self.middle.title.show_waiting(self.day.roster.kept)
        self.family.show_soon()
        self.middle.show_hint(choosing=self.card.chooser is not None)

    def _time_passed(self) -> None:
        before, self._today = self._today, self.day.today()
        if before != self._today and self.day.day == before:
            self._move_day(0)  # a console left open overnight opens the new day
        self.day.tick()
        self.middle.show_title()
        self.family.show_card()

    # -- the window --------------------------------------------------------------------------------------------------

    def _close_drawer(self) -> None:
        self.drawer.close()
        self.take_keyboard()

    def minimumSizeHint(self) -> QSize:
        """What the smallest window leaves beside the collapsed rail: the drawer makes room, not the window."""
        width, height = self.hub.theme.tokens.data["size"]["windowMinimum"]
        return QSize(width - self.hub.theme.size("railCollapsed"), height - 160)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Turn the card into a drawer, or back."""
        super().resizeEvent(event)
        self.drawer.fit()

    def showEvent(self, event: QShowEvent) -> None:
        """Listen and keep time while the page is seen."""
        super().showEvent(event)
        self.drawer.fit()
        self.wishes.offer()
        self.catcher.watch(self.window().windowHandle())
        self._tick.start(_TICK_MS)
        if self._poll.interval():
            self._poll.start()
        self._time_passed()
        self.take_keyboard()

    def hideEvent(self, event: QHideEvent) -> None:
        """A page nobody sees asks nothing of the server."""
        super().hideEvent(event)
        self._tick.stop()
        self._poll.stop()
        self.catcher.watch(None)
