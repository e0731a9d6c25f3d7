"""The waitlist: full sessions on the left, the queue of one beside it, and what can be done about who is marked.

The offers count down while somebody looks. What another desk does arrives with `refresh`; an answer always brings the
queue as it is afterwards. See docs/design.md, "Rules of the domain" (waitlist) and "Screens".
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Coroutine, Sequence
from datetime import tzinfo
from functools import partial
from typing import Any
from uuid import UUID

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QHideEvent, QShowEvent

from console.clock import Clock
from console.domain.counting import count
from console.domain.ids import RANDOM_BYTES, uuid7
from console.domain.waiting import WaitingChild, WaitingSession
from console.errors import Conflict, ConsoleError, NotFound
from console.models.gateway_programme import WaitlistGateway
from console.models.runner import TaskRunner
from console.views.shell.areas import Action, listen
from console.views.theme import ThemeHub
from console.views.waitlist import words
from console.views.waitlist.frame import WaitlistFrame
from console.views.widgets.dialog import QuestionCard, QuestionDialog, is_asked
from console.views.widgets.fields import Field, TextInput
from console.views.widgets.focus import lead_focus, tab_in_order

REASON_LENGTH = 200
_TICK_MS = 1000

Act = Callable[[WaitingChild, str], Coroutine[Any, Any, None]]


class WaitlistPage(WaitlistFrame):
    """The page. `toast_wanted` carries a sentence and a detail."""

    toast_wanted = Signal(str, str)
    counted = Signal(int)
    """How many sessions have a free place that nobody was offered: the badge of the rail."""
    reached = Signal(object)
    """None when the server answered, the ConsoleError when it did not: for the status bar."""

    def __init__(
        self,
        hub: ThemeHub,
        gateway: WaitlistGateway,
        *,
        zone: tzinfo,
        clock: Clock,
        may_manage: bool = True,
    ) -> None:
        """Nothing is asked before it is shown. `zone` is the venue's; without `may_manage` queues are only read."""
        super().__init__(hub)
        self._gateway, self._zone, self._clock = gateway, zone, clock
        self._may_manage = may_manage
        self._sessions: list[WaitingSession] = []
        self._queue: list[WaitingChild] = []
        self._of: UUID | None = None  # whose queue is on show
        self._known = self._busy = False
        self._ran_out: set[UUID] = set()
        self._numbers: dict[UUID, UUID] = {}
        self.question: QuestionDialog | None = None
        self.runner = TaskRunner(self._failed)
        self.destroyed.connect(self.runner.cancel_all)
        self.sessions.moved.connect(self._session_moved)
        self.queue.moved.connect(lambda _value: self._offer_deeds())
        self.sessions.chosen.connect(lambda _value: self.queue.setFocus(Qt.FocusReason.TabFocusReason))
        for button, run in (
            (self.offer_button, self.offer),
            (self.accept_button, self.accept),
            (self.skip_button, self.skip),
            (self.remove_button, self.remove),
        ):
            button.clicked.connect(lambda _checked=False, run=run: run())
            button.setVisible(may_manage)
        self._timer = QTimer(self)
        self._timer.setInterval(_TICK_MS)
        self._timer.timeout.connect(self._tick)
        self.page_actions = self._keys()
        listen(self, self.page_actions)
        lead_focus(self, self.sessions)

    # -- for the window ------------------------------------------------------------------------------------------------

    def refresh(self) -> None:
        """Ask again; both lists keep their place."""
        self.runner.start(self._load(), "load")

    def open_session(self, session_id: UUID) -> None:
        """Show the queue of one session: from the calendar or the palette."""
        self._show_queue([])
        self._of = session_id
        self.refresh()

    def stop(self) -> None:
        """Drop everything under way: the page is going away."""
        self._timer.stop()
        self.runner.cancel_all()

    @property
    def is_counting(self) -> bool:
        """Whether the offers on show count down."""
        return self._timer.isActive()

    @property
    def session(self) -> WaitingSession | None:
        """The session whose queue is on show."""
        return next((one for one in self._sessions if one.session_id == self._of), None)

    @property
    def child(self) -> WaitingChild | None:
        """Who is marked in the queue."""
        return next((one for one in self._queue if one.id == self.queue.current), None)

    # -- what can be done ----------------------------------------------------------------------------------------------

    def offer(self) -> None:
        """Offer every free place to the next in order."""
        if self.session is not None and self._can_act:
            self._start(self._offer(self.session.session_id))

    def accept(self) -> None:
        """Book the offered place for who is marked."""
        child = self.child
        if child is not None and self._can_act and words.holds(child, self._clock.now()):
            self._start(self._accept(child))

    def skip(self) -> None:
        """Ask for the reason, then pass over who is marked."""
        self._ask(
            "Skip {name}?",
            "They stay in the queue, behind everybody who was not asked yet.",
            "Skip",
            self._skip,
        )

    def remove(self) -> None:
        """Ask for the reason, then take who is marked off the queue."""
        self._ask(
            "Take {name} off the queue?",
            "They lose their place, and no place is offered to them.",
            "Take off the queue",
            self._remove,
        )

    @property
    def _can_act(self) -> bool:
        return self._may_manage and not self._busy and not is_asked(self)

    def _ask(
        self, title: str, text: str, do: str, act: Callable[[WaitingChild, str], Coroutine[Any, Any, None]]
    ) -> None:
        child = self.child
        if child is None or not self._can_act:
            return
        reason = TextInput(self.hub, placeholder="Kept with the queue")
        reason.setMaxLength(REASON_LENGTH)
        name = words.name(child)
        card = QuestionCard(
            self.hub, title.format(name=name), text, do=do, keep="Leave it",
            extra=Field(self.hub, "Reason", reason, note="needed"), danger=False,
        )  # fmt: skip
        card.do.setEnabled(False)
        reason.textChanged.connect(lambda typed: card.do.setEnabled(bool(typed.strip())))
        reason.returnPressed.connect(card.do.click)

        def answered(agreed: bool) -> None:
            self.question = None
            said = " ".join(reason.text().split())
            if agreed and said:
                self._start(act(child, said))

        self.question = QuestionDialog(self.hub, self.window(), card)
        self.question.answered.connect(answered)
        self.question.open()
        reason.setFocus(Qt.FocusReason.OtherFocusReason)

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        self._busy = True
        self.banner.clear()
        self._offer_deeds()
        self.runner.start(work)

    async def _offer(self, session_id: UUID) -> None:
        before = self._queue
        after = await self._gateway.offer(session_id)
        fresh = words.offered(before, after)
        if fresh:
            names = ", ".join(words.name(child) for child in fresh)
            self.toast_wanted.emit(f"{count(len(fresh), 'place')} offered", names)
        else:
            self.banner.show_message("No place is free.", "Somebody has to give one back first.", "blue")
        await self._done(session_id, after)

    async def _accept(self, child: WaitingChild) -> None:
        # The number stays the same until there is an answer, so that a lost one books no second place.
        number = self._numbers.setdefault(
            child.id, uuid7(self._clock.now(), secrets.token_bytes(RANDOM_BYTES))
        )
        after = await self._gateway.accept(child.id, number)
        self.toast_wanted.emit(f"{words.name(child)} is booked", words.paid(child))
        await self._done(child.session_id, after)

    async def _skip(self, child: WaitingChild, reason: str) -> None:
        before = self._queue
        after = await self._gateway.skip(child.id, reason)
        fresh = words.offered(before, after)
        to = f"The place is offered to {words.name(fresh[0])}." if fresh else ""
        self.toast_wanted.emit(f"{words.name(child)} was passed over", to)
        await self._done(child.session_id, after)

    async def _remove(self, child: WaitingChild, reason: str) -> None:
        after = await self._gateway.remove(child.id, reason)
        self.toast_wanted.emit(f"{words.name(child)} is off the queue", "")
        await self._done(child.session_id, after)

    async def _done(self, session_id: UUID, after: Sequence[WaitingChild]) -> None:
        self._busy = False
        if session_id == self._of:
            self._show_queue(after)
        self._take(await self._gateway.queues())

    # -- loading -------------------------------------------------------------------------------------------------------

    async def _load(self) -> None:
        sessions = await self._gateway.queues()
        self.reached.emit(None)
        self._known = True
        self._stop_waiting()
        self._take(sessions)
        await self._load_queue()

    async def _load_queue(self) -> None:
        wanted = self._of
        if wanted is None:
            return
        queue = await self._gateway.queue(wanted)
        if wanted == self._of:
            self._show_queue(queue)

    def _failed(self, error: ConsoleError) -> None:
        self._busy = False
        self._stop_waiting()
        self._offer_deeds()
        if isinstance(error, Conflict | NotFound):
            # Somebody was faster, or an offer ran out: the queue is shown as it is now.
            self.banner.show_message(error.sentence, error.hint or "", "blue")
            self.runner.start(self._load(), "load")
            return
        self.reached.emit(error)
        self.banner.show_error(error, action=("Try again", self.refresh))

    # -- showing -------------------------------------------------------------------------------------------------------

    def _take(self, sessions: Sequence[WaitingSession]) -> None:
        self._sessions = list(sessions)
        known = [one.session_id for one in self._sessions]
        if self._of not in known:
            self._of = known[0] if known else None
            self._show_queue([])
        rows = [words.session_choice(one, self._zone) for one in self._sessions]
        self.sessions.blockSignals(True)
        at = self.sessions.verticalScrollBar().value()
        self.sessions.show_choices(rows, current=self._of)
        self.sessions.verticalScrollBar().setValue(at)
        self.sessions.blockSignals(False)
        self.body.setVisible(bool(rows) or not self._known)
        self.empty.setVisible(not rows and self._known)
        waiting = sum(one.waiting for one in self._sessions)
        said = f"{count(waiting, 'child', 'children')} for {count(len(rows), 'session')}"
        self.header.caption.setText(said if rows else "")
        self.counted.emit(sum(words.free(one) > 0 and one.waiting > one.offered for one in self._sessions))
        self._title()

    def _session_moved(self, value: object) -> None:
        if isinstance(value, UUID) and value != self._of:
            self._of = value
            self._show_queue([])
            self._title()
            self.runner.start(self._load_queue(), "queue")

    def _show_queue(self, queue: Sequence[WaitingChild]) -> None:
        self._queue = list(queue)
        rows = words.queue_choices(self._queue, self._clock.now(), self._zone)
        self.queue.refresh_choices(rows, lambda value: value)
        self._offer_deeds()
        self._count_down()

    def _title(self) -> None:
        session = self.session
        self.right.setVisible(session is not None)
        if session is not None:
            self.detail.title.setText(session.activity)
            self.detail.caption.setText(words.session_caption(session, self._zone))
        self._offer_deeds()

    def _offer_deeds(self) -> None:
        """Show what the buttons would do now."""
        now, child = self._clock.now(), self.child
        idle = self._may_manage and not self._busy
        asked = all(one.holds_offer for one in self._queue)
        self.offer_button.setEnabled(idle and bool(self._queue) and not asked)
        self.accept_button.setEnabled(idle and child is not None and words.holds(child, now))
        self.skip_button.setEnabled(idle and child is not None)
        self.remove_button.setEnabled(idle and child is not None)
        self.bar.setVisible(child is not None)
        self.consequence.setText(words.consequence(child, now, self._zone) if child is not None else "")

    def _count_down(self) -> None:
        now = self._clock.now()
        running = self.isVisible() and any(words.holds(one, now) for one in self._queue)
        if running != self._timer.isActive():
            self._timer.start() if running else self._timer.stop()

    def _tick(self) -> None:
        now = self._clock.now()
        self.queue.choices.retell(words.queue_choices(self._queue, now, self._zone))
        over = {one.id for one in self._queue if one.holds_offer and not words.holds(one, now)}
        if over - self._ran_out:
            self._ran_out |= over
            self._offer_deeds()
            self._count_down()
            self.refresh()

    def _stop_waiting(self) -> None:
        self.skeleton.stop()
        self.skeleton.hide()

    def showEvent(self, event: QShowEvent) -> None:
        """Whoever looks sees what is so now."""
        super().showEvent(event)
        if event.spontaneous():
            return
        if not self._known:
            self.skeleton.show()
            self.skeleton.start()
        tab_in_order(
            self.header, self.sessions, self.detail, self.queue,
            self.accept_button, self.skip_button, self.remove_button,
        )  # fmt: skip
        self.refresh()
        self._count_down()

    def hideEvent(self, event: QHideEvent) -> None:
        """Nobody looks, nothing counts."""
        super().hideEvent(event)
        self._timer.stop()

    # -- keys  --------------------------------------------------------------------------------------------

    def _keys(self) -> tuple[Action, ...]:
        action = partial(Action, heard=False, group="Waitlist")
        reading = (action("waitlist:refresh", "Refresh", self.refresh, "F5", "ph.arrow-clockwise"),)
        if not self._may_manage:
            return reading
        return (
            *reading,
            action("waitlist:offer", "Offer places", self.offer, "Ctrl+O", "ph.ticket"),
            action("waitlist:accept", "Accept for the parent", self.accept, "Ctrl+Return", "ph.check-bold"),
            action("waitlist:skip", "Skip…", self.skip, "Ctrl+S", "ph.skip-forward"),
            action("waitlist:remove", "Take off the queue…", self.remove, "Ctrl+Del", "ph.user-minus"),
        )
