"""What this desk recorded and the server refused afterwards: what happened, when, why, and what to do about it.

Nothing leaves the list by itself: somebody sends it again or a manager puts it away with a reason. See
docs/design.md, "The desk protocol" (needs attention).
"""

from __future__ import annotations

from collections.abc import Coroutine
from datetime import tzinfo
from functools import partial
from typing import Any
from uuid import UUID

from PySide6.QtCore import QMetaMethod, Qt, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from console.clock import Clock
from console.domain.families import NewFamily, Payment
from console.domain.sealed_notes import RefusedFamily, RefusedWalkIn
from console.domain.sync import AttentionItem
from console.errors import ConsoleError
from console.models.gateway_attention import AttentionGateway
from console.models.refused import entries
from console.models.runner import TaskRunner
from console.models.words import local_day
from console.views.attention import words
from console.views.attention.correct import CorrectFamilySheet
from console.views.attention.words import Item
from console.views.shell.areas import Action, listen
from console.views.theme import ThemeHub
from console.views.widgets.banner import Banner
from console.views.widgets.base import line
from console.views.widgets.buttons import Button
from console.views.widgets.choices import ChoiceList
from console.views.widgets.dialog import QuestionCard, QuestionDialog, is_asked
from console.views.widgets.fields import Field, TextInput
from console.views.widgets.focus import lead_focus
from console.views.widgets.frames import banner_strip, flush, ground, master_side, quiet_scroll
from console.views.widgets.header import PageHeader
from console.views.widgets.text import ElidedLabel, label
from console.views.widgets.waiting import EmptyState

_LONGEST_REASON = 300
_WIDEST = 560


class AttentionPage(QWidget):
    """The desk's own list. It is a page, or a tab of one (`titled` False)."""

    counted = Signal(int)
    """How many entries need attention: the badge of the rail."""
    toast_wanted = Signal(str, str)
    child_wanted = Signal(object)
    """The AttentionItem whose child should be shown; without a listener no button offers it."""

    def __init__(
        self,
        hub: ThemeHub,
        clock: Clock,
        zone: tzinfo,
        gateway: AttentionGateway,
        may_discard: bool,
        *,
        titled: bool = True,
    ) -> None:
        """`zone` is the venue's; `may_discard` is a manager's right."""
        super().__init__()
        self.hub, self._clock, self._zone, self._gateway = hub, clock, zone, gateway
        self._may_discard = may_discard
        self._items: list[Item] = []
        self._known = False
        self._shown: tuple[Item, ...] = ()
        self._busy: UUID | None = None
        self.question: QuestionDialog | None = None
        self.sheet: CorrectFamilySheet | None = None
        self.runner = TaskRunner(self._failed)
        self.destroyed.connect(self.runner.cancel_all)
        self.header = PageHeader(hub, "Needs attention")
        self.banner = Banner(hub)
        self.list = ChoiceList(hub, "What needs attention")
        self.list.moved.connect(lambda _item: self._show_item())
        self.list.chosen.connect(lambda _item: self._to_buttons())
        self.empty = EmptyState(
            hub, "ph.check-circle", "Nothing needs attention",
            "What this desk records while the server is away is sent by itself.",
        )  # fmt: skip
        self.retry_button: Button | None = None
        self.owed_button: Button | None = None
        self.discard_button: Button | None = None
        self._lay_out()
        self.header.setVisible(titled)
        action = partial(Action, heard=False, group="Needs attention")
        self.page_actions = (
            action("attention:refresh", "Refresh", self.refresh, "F5", "ph.arrow-clockwise"),
            action("attention:retry", "Try again", self.retry, "Ctrl+Return", "ph.arrow-clockwise"),
            action(
                "attention:owed",
                "Mark as owed and try again",
                self.retry_owed,
                "Ctrl+Shift+Return",
                "ph.wallet",
            ),
            action("attention:discard", "Discard", self.discard, "Ctrl+Del", "ph.trash"),
        )
        listen(self, self.page_actions)
        lead_focus(self, self.list)

    # -- for the window ----------------------------------------------------------------------------------------------

    def refresh(self) -> None:
        """Ask again; the list keeps its place."""
        self.runner.start(self._load(), "load")

    def stop(self) -> None:
        """Drop everything under way: the page is going away, and a family's names with it."""
        self.runner.cancel_all()
        if self.sheet is not None:
            self.sheet.close()

    @property
    def current(self) -> Item | None:
        """What is on show."""
        item = self.list.current
        return item if isinstance(item, AttentionItem | RefusedWalkIn | RefusedFamily) else None

    # -- what can be done --------------------------------------------------------------------------------------------

    def retry(self) -> None:
        """Send what is on show once more; a family is corrected first."""
        item = self.current
        if item is None or self._busy is not None or is_asked(self):
            return
        if isinstance(item, RefusedFamily):
            self._correct(item)
        else:
            self._start(item, self._retry(item))

    def retry_owed(self) -> None:
        """Send a walk-in that lacked credits once more, its credits written down as owed."""
        item = self.current
        if isinstance(item, RefusedWalkIn) and item.lacks_credits and self._busy is None:
            self._start(item, self._retry(item, Payment.OWED))

    def _correct(self, item: RefusedFamily) -> None:
        if self.sheet is not None:
            return
        today = local_day(self._clock.now(), self._zone)
        self.sheet = CorrectFamilySheet(self.hub, self.window(), item, today)
        self.sheet.corrected.connect(lambda family: self._start(item, self._mend(item, family)))
        self.sheet.closed.connect(self._sheet_closed)
        self.sheet.open()

    def _sheet_closed(self) -> None:
        self.sheet = None

    def discard(self) -> None:
        """Ask for the reason, then put the event on show away; a manager's right."""
        item = self.current
        if item is None or isinstance(item, RefusedFamily) or not self._may_discard:
            return
        if self._busy is not None or is_asked(self):
            return
        reason = TextInput(self.hub, placeholder="Why it does not count")
        reason.setMaxLength(_LONGEST_REASON)
        field = Field(self.hub, "Reason, kept with it", reason)
        title, text = words.discard_question(item, self._clock.now(), self._zone)
        card = QuestionCard(self.hub, title, text, do="Discard", keep="Keep it", extra=field)
        card.do.setEnabled(False)
        reason.textChanged.connect(lambda typed: card.do.setEnabled(bool(typed.strip())))
        reason.returnPressed.connect(card.do.click)
        question = self.question = QuestionDialog(self.hub, self.window(), card)
        question.answered.connect(lambda agreed: self._answered(item, agreed, reason.text().strip()))
        question.open()
        reason.setFocus(Qt.FocusReason.OtherFocusReason)

    def _answered(self, item: AttentionItem | RefusedWalkIn, agreed: bool, reason: str) -> None:
        self.question = None
        if agreed and reason:
            self._start(item, self._discard(item, reason))

    def _start(self, item: Item, work: Coroutine[Any, Any, None]) -> None:
        self._busy = words.identity(item)
        self.banner.clear()
        self._show_item(anew=True)
        self.runner.start(work)

    async def _retry(self, item: AttentionItem | RefusedWalkIn, payment: Payment | None = None) -> None:
        if isinstance(item, AttentionItem):
            await self._gateway.retry(item.queued.event.id)
        else:
            await self._gateway.retry_walk_in(item.kept.note.id, payment)
        self._gone(item, words.retried(item))
        await self._load()

    async def _mend(self, item: RefusedFamily, family: NewFamily) -> None:
        await self._gateway.mend_family(item.kept.note.id, family)
        self._gone(item, words.retried(item))
        await self._load()

    async def _discard(self, item: AttentionItem | RefusedWalkIn, reason: str) -> None:
        if isinstance(item, AttentionItem):
            await self._gateway.discard(item.queued.event.id, reason)
        else:
            await self._gateway.discard_walk_in(item.kept.note.id, reason)
        self._gone(item, words.discarded(item))
        await self._load()

    def _gone(self, item: Item, said: tuple[str, str]) -> None:
        self._busy = None
        self._show([one for one in self._items if one is not item])
        self.toast_wanted.emit(*said)

    # -- loading -----------------------------------------------------------------------------------------------------

    async def _load(self) -> None:
        items: list[Item] = [*await self._gateway.attention(), *await self._gateway.notes()]
        self.banner.clear()
        self._known = True
        self._show(items)

    def _failed(self, error: ConsoleError) -> None:
        self._busy = None
        self._show_item(anew=True)
        self.banner.show_error(error, action=("Show anew", self.refresh))

    # -- showing -----------------------------------------------------------------------------------------------------

    def _show(self, items: list[Item]) -> None:
        self._items = items
        self.list.refresh_choices(words.choices(items, self._clock.now(), self._zone), _identity)
        self.body.setVisible(bool(items))
        self.empty.setVisible(not items and self._known)
        self.header.caption.setText(f"{entries(len(items))} of this desk" if items else "")
        self.counted.emit(len(items))
        self._show_item()

    def _show_item(self, *, anew: bool = False) -> None:
        item = self.current
        shown = (item,) if item is not None else ()
        if shown == self._shown and not anew:
            return
        self._shown = shown
        # What is on show may be handling the very key that replaced it: it is taken away, and deleted afterwards.
        before = self._detail.takeWidget()
        self._detail.setWidget(self._made(item) if item is not None else QWidget())
        self._detail.viewport().setAutoFillBackground(False)
        if before is not None:
            before.deleteLater()

    def _made(self, item: Item) -> QWidget:
        body = QWidget()
        body.setProperty("clear", "true")
        outer = QHBoxLayout(body)
        outer.setContentsMargins(32, 24, 32, 24)
        column = QVBoxLayout()
        column.setSpacing(0)
        outer.addLayout(column, 1)
        column.addWidget(ElidedLabel(words.title(item), "title"))
        column.addSpacing(12)
        why = Banner(self.hub)
        column.addWidget(why)  # before it is shown: a widget of nobody would be a window
        why.show_message("The server did not accept it.", words.reason(item, self._zone))
        column.addSpacing(20)
        for name, fact in words.facts(item, self._clock.now(), self._zone):
            row = QHBoxLayout()
            named = label(name, "muted")
            named.setFixedWidth(self.hub.theme.scaled(112))
            row.addWidget(named, 0, Qt.AlignmentFlag.AlignTop)
            row.addWidget(ElidedLabel(fact), 1)
            column.addLayout(row)
            column.addSpacing(8)
        column.addSpacing(12)
        column.addWidget(line())
        column.addSpacing(16)
        column.addLayout(self._buttons(item))
        column.addSpacing(12)
        column.addWidget(label(words.advice(item, self._may_discard), "caption", wrap=True))
        column.addStretch(1)
        holder = QWidget()
        holder.setProperty("clear", "true")
        body.setMaximumWidth(self.hub.theme.scaled(_WIDEST))
        across = QHBoxLayout(holder)
        across.setContentsMargins(0, 0, 0, 0)
        across.addWidget(body, 1)
        across.addStretch(0)
        return holder

    def _buttons(self, item: Item) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(8)
        busy = self._busy == words.identity(item)
        mends = isinstance(item, RefusedFamily)
        does, icon = ("Correct…", "ph.pencil-simple") if mends else ("Try again", "ph.arrow-clockwise")
        self.retry_button = Button(self.hub, does, "primary", icon=icon)
        self.retry_button.setToolTip(
            "Open the form (Ctrl+Enter)" if mends else "Send it once more (Ctrl+Enter)"
        )
        self.retry_button.clicked.connect(lambda _checked=False: self.retry())
        self.retry_button.setEnabled(not busy)
        row.addWidget(self.retry_button)
        self.owed_button = self.discard_button = None
        if isinstance(item, RefusedWalkIn) and item.lacks_credits:
            self.owed_button = Button(self.hub, "Mark as owed and try again", icon="ph.wallet")
            self.owed_button.clicked.connect(lambda _checked=False: self.retry_owed())
            self.owed_button.setEnabled(not busy)
            row.addWidget(self.owed_button)
        if self._may_discard and not isinstance(item, RefusedFamily):
            self.discard_button = Button(self.hub, "Discard…", icon="ph.trash")
            self.discard_button.setToolTip("Put it away with a reason (Ctrl+Del)")
            self.discard_button.clicked.connect(lambda _checked=False: self.discard())
            self.discard_button.setEnabled(not busy)
            row.addWidget(self.discard_button)
        heard = self.isSignalConnected(QMetaMethod.fromSignal(self.child_wanted))
        if (
            heard
            and isinstance(item, AttentionItem)
            and item.queued.event.session_id is not None
            and item.child
        ):
            child = Button(self.hub, "Show at Today", "link")
            child.clicked.connect(lambda _checked=False: self.child_wanted.emit(item))
            row.addWidget(child)
        row.addStretch(1)
        return row

    def _to_buttons(self) -> None:
        if self.retry_button is not None:
            self.retry_button.setFocus(Qt.FocusReason.TabFocusReason)

    def _lay_out(self) -> None:
        inner = ground(self)
        inner.addWidget(self.header)
        inner.addLayout(banner_strip(self.banner))
        self.body = QWidget()
        across = flush(QHBoxLayout(self.body))
        master_side(self.hub, across).addWidget(self.list)
        self._detail = quiet_scroll()
        across.addWidget(self._detail, 1)
        inner.addWidget(self.body, 1)
        inner.addWidget(self.empty, 1)
        self.body.hide()
        self.empty.hide()

    def showEvent(self, event: QShowEvent) -> None:
        """Whoever looks sees what is so now."""
        super().showEvent(event)
        self.refresh()


def _identity(item: object) -> object:
    return words.identity(item) if isinstance(item, AttentionItem | RefusedWalkIn | RefusedFamily) else item
