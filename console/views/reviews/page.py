"""What a manager has to look at: the list, the facts of one item side by side, what deciding costs, and deciding.

The whole page goes by the keyboard: arrows move in the list, 1, 2 and 3 mark a decision, Enter carries it out, and the
next item follows. There is no undo: what turns out otherwise comes back as a new item. See docs/design.md, "The desk
protocol" and "Screens".
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import tzinfo
from functools import partial
from uuid import UUID

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from console.clock import Clock
from console.domain.reviewing import NOTE_LENGTH, ReviewChoice, ReviewFacts, ReviewItem
from console.errors import Conflict, ConsoleError
from console.models.gateway_reviews import ReviewGateway
from console.models.runner import TaskRunner
from console.views.reviews import words
from console.views.reviews.panel import FactsPanel
from console.views.shell.areas import Action, listen
from console.views.theme import ThemeHub
from console.views.widgets.banner import Banner
from console.views.widgets.base import fix_height, line, surface
from console.views.widgets.buttons import Button
from console.views.widgets.choices import ChoiceList
from console.views.widgets.fields import Field, TextInput
from console.views.widgets.focus import lead_focus, tab_in_order
from console.views.widgets.frames import banner_strip, flush, ground, master_side, quiet_scroll
from console.views.widgets.header import PageHeader
from console.views.widgets.toggles import ChoiceRow
from console.views.widgets.waiting import EmptyState, Skeleton

_TABS = (("open", "Open"), ("all", "All"))
_CHOICES = 3
_SEEN_WITH = 40
_PAGE = 200


class ReviewsPage(QWidget):
    """The manager's page. It is a page, or a tab of one (`titled` False)."""

    counted = Signal(int)
    """How many items are open: the badge of the rail."""
    toast_wanted = Signal(str, str)
    reached = Signal(object)
    """None when the server answered, the ConsoleError when it did not: for the status bar."""

    def __init__(
        self, hub: ThemeHub, clock: Clock, zone: tzinfo, gateway: ReviewGateway, *, titled: bool = True
    ) -> None:
        """`zone` is the venue's; nothing is asked before the page is shown or `refresh` is called."""
        super().__init__()
        self.hub, self._clock, self._zone, self._gateway = hub, clock, zone, gateway
        self._items: list[ReviewItem] = []
        self._known = False
        self._more = False
        self._busy = False
        self.facts: ReviewFacts | None = None
        self.panel: FactsPanel | None = None
        self.runner = TaskRunner(self._failed)
        self.destroyed.connect(self.runner.cancel_all)
        self.header = PageHeader(hub, "To decide")
        self.header.setVisible(titled)
        self.tabs = ChoiceRow(hub, _TABS, style="tabs", name="Which items")
        self.tabs.changed.connect(self._tab)
        self.banner = Banner(hub, above=12)
        self.list = ChoiceList(hub, "What has to be decided")
        self.list.moved.connect(self._moved)
        self.empty = EmptyState(
            hub, "ph.check-circle", "Nothing needs a look",
            "Reports that contradict a booking or another desk appear here.",
        )  # fmt: skip
        self.skeleton = Skeleton(hub, rows=6)
        self.detail = PageHeader(hub, "", "", detail=True)
        self.reason = TextInput(hub, placeholder="Kept with the decision")
        self.reason.setMaxLength(NOTE_LENGTH)
        self.field = Field(hub, "Reason", self.reason, help_text=words.STANDS)
        self.reason.textChanged.connect(lambda _text: self.field.set_error(""))
        self.button = Button(hub, "Decide", "primary")
        self.button.clicked.connect(lambda _checked=False: self.decide())
        self._lay_out()
        self.page_actions = self._keys()
        listen(self, self.page_actions)
        lead_focus(self, self.list)

    # -- for the window ----------------------------------------------------------------------------------------------

    def refresh(self) -> None:
        """Ask again; the list keeps its place."""
        self.runner.start(self._load(), "load")

    def stop(self) -> None:
        """Drop everything under way: the page is going away."""
        self.runner.cancel_all()

    def sizeHint(self) -> QSize:
        """The room beside the rail."""
        return QSize(1240, 872)

    @property
    def current(self) -> ReviewItem | None:
        """The item on show."""
        item = self.list.current
        return item if isinstance(item, ReviewItem) else None

    # -- deciding ----------------------------------------------------------------------------------------------------

    def choose(self, place: int) -> None:
        """Mark the decision at this place, 0 for the first."""
        panel = self.panel
        if panel is not None and not self._busy and place < len(panel.radios):
            panel.choose(place)
            self._scroll.ensureWidgetVisible(panel.radios[place], 0, self.hub.theme.scaled(_SEEN_WITH))

    def decide(self) -> None:
        """Carry out the decision that is marked; without its reason, ask for that first."""
        facts, choice = self.facts, self.panel.choice if self.panel is not None else None
        if facts is None or choice is None or self._busy:
            return
        if choice.needs_note and not self.reason.text().strip():
            self.field.set_error("Say why.")
            self.reason.setFocus(Qt.FocusReason.OtherFocusReason)
            return
        self._busy = True
        self.banner.clear()
        self._offer()
        self.runner.start(self._decide(facts, choice, self.reason.text().strip()))

    async def _decide(self, facts: ReviewFacts, choice: ReviewChoice, reason: str) -> None:
        answer = await self._gateway.decide(facts, choice, reason)
        self._busy = False
        self.reached.emit(None)
        self.toast_wanted.emit(*words.toast(facts, answer))
        self._leave(facts.item_id)
        await self._load()

    def _leave(self, item_id: UUID) -> None:
        """Take a decided item from the open ones; the one below it follows."""
        at = next((row for row, item in enumerate(self._items) if item.item_id == item_id), None)
        if at is None or self.tabs.chosen != "open":
            self._forget_facts()
            return
        rest = [item for item in self._items if item.item_id != item_id]
        self._show(rest, follow=rest[min(at, len(rest) - 1)] if rest else None)
        self.list.setFocus(Qt.FocusReason.OtherFocusReason)

    # -- loading -----------------------------------------------------------------------------------------------------

    async def _load(self) -> None:
        done = self.tabs.chosen == "all"
        items = await self._gateway.items(done=done)
        count = await self._gateway.open_count() if done else len(items)
        if (self.tabs.chosen == "all") != done:
            return
        self._more = len(items) == _PAGE
        if not done and self._more:
            count = await self._gateway.open_count()
        self.reached.emit(None)
        self.banner.clear()
        self._known = True
        self._stop_waiting()
        self.tabs.set_counts({"open": count})
        self.counted.emit(count)
        self._show(items)
        if self.facts is not None:
            await self._load_facts(again=True)

    async def _load_more(self) -> None:
        last = self._items[-1]
        more = await self._gateway.items(done=self.tabs.chosen == "all", after=last.page_key)
        if self._items and self._items[-1] is last:
            self._more = len(more) == _PAGE
            self._show([*self._items, *more])

    async def _load_facts(self, *, again: bool = False) -> None:
        item = self.current
        if item is None or (not again and self.facts is not None and self.facts.item_id == item.item_id):
            return
        facts = await self._gateway.facts(item.item_id)
        now_on_show = self.current
        if now_on_show is not None and now_on_show.item_id == item.item_id:
            self._show_facts(facts)

    def _failed(self, error: ConsoleError) -> None:
        self._busy = False
        self._stop_waiting()
        self._offer()
        if isinstance(error, Conflict):
            # Somebody was faster, or something changed: the list and the facts are shown as they are now.
            self.banner.show_message(error.sentence, error.hint or "", "blue")
            self.runner.start(self._load_after_conflict(), "load")
            return
        self.reached.emit(error)
        self.banner.show_error(error, action=("Try again", self.refresh))

    async def _load_after_conflict(self) -> None:
        said, before = self.banner.text, self.facts
        await self._load()
        self.banner.show_message(said, "", "blue")
        if before is not None and self.facts is not None and before.item_id != self.facts.item_id:
            self.list.setFocus(Qt.FocusReason.OtherFocusReason)

    # -- showing -----------------------------------------------------------------------------------------------------

    def _tab(self, _key: str) -> None:
        self._items = []
        self._known = False
        self._forget_facts()
        self._show([])
        self._wait()
        self.refresh()

    def _wait(self) -> None:
        self.skeleton.show()
        self.skeleton.start()

    def _stop_waiting(self) -> None:
        self.skeleton.stop()
        self.skeleton.hide()

    def _show(self, items: list[ReviewItem], *, follow: ReviewItem | None = None) -> None:
        before = self.current
        self._items = items
        rows = words.choices(items, self._clock.now(), self._zone)
        if follow is not None:
            self.list.show_choices(rows, current=follow)
        else:
            self.list.refresh_choices(rows, _identity)
        self._list_side.setVisible(bool(items) or not self._known)
        self._right.setVisible(bool(items))
        self.empty.setVisible(not items and self._known)
        if self.current is None or (before is not None and _identity(before) != _identity(self.current)):
            self._forget_facts()

    def _moved(self, value: object) -> None:
        if not isinstance(value, ReviewItem):
            return
        if self.facts is None or self.facts.item_id != value.item_id:
            self._forget_facts()
            self.runner.start(self._load_facts(), "facts")
        if self._more and self._items and value.item_id == self._items[-1].item_id:
            self.runner.start(self._load_more(), "more")

    def _forget_facts(self) -> None:
        self.facts = None
        self.reason.clear()
        self._put(None)
        self._offer()

    def _show_facts(self, facts: ReviewFacts) -> None:
        if facts == self.facts:
            return
        marked = (
            self.panel.choice.decision if self.panel is not None and self.panel.choice is not None else None
        )
        self.facts = facts
        self.detail.title.setText(words.heading(facts))
        self.detail.caption.setText(words.caption(facts, self._zone))
        panel = FactsPanel(self.hub, facts, self._clock.now(), self._zone)
        panel.chosen.connect(lambda _choice: self._offer())
        self._put(panel)
        again = next((at for at, one in enumerate(facts.choices) if one.decision is marked), None)
        if again is not None:
            panel.choose(again)
        self._offer()

    def _put(self, panel: FactsPanel | None) -> None:
        # What is on show may be handling the very key that replaced it: it is taken away, and deleted afterwards.
        before = self._scroll.takeWidget()
        self.panel = panel
        self._scroll.setWidget(panel if panel is not None else QWidget())
        self._scroll.viewport().setAutoFillBackground(False)
        if before is not None:
            before.deleteLater()

    def _offer(self) -> None:
        """Show what the button would do now."""
        choice = self.panel.choice if self.panel is not None else None
        self._bar.setVisible(self.facts is not None and bool(self.facts.choices))
        self.button.setText(words.act(choice) if choice is not None else words.to_choose(self.facts))
        self.button.setEnabled(choice is not None and not self._busy)
        self.field.set_caption("Reason", "needed" if choice is not None and choice.needs_note else "optional")
        self.field.set_error("")

    # -- how it is laid out ------------------------------------------------------------------------------------------

    def _keys(self) -> tuple[Action, ...]:
        action = partial(Action, heard=False, group="To decide")
        enter = action("reviews:decide", "Decide as marked", self.decide, "Return", "ph.check-circle")
        made = [
            action("reviews:refresh", "Refresh", self.refresh, "F5", "ph.arrow-clockwise"),
            enter,
            replace(enter, key="reviews:decide2", keys="Enter", listed=False, offered=False),
        ]
        for place in range(_CHOICES):
            run: Callable[[], object] = partial(self.choose, place)
            made.append(
                action(
                    f"reviews:mark{place + 1}",
                    f"Mark decision {place + 1}",
                    run,
                    str(place + 1),
                    "ph.circle",
                )
            )
        return tuple(made)

    @property
    def action_bar(self) -> QWidget:
        """The reason and the button that decides."""
        return self._bar

    def _lay_out(self) -> None:
        inner = ground(self)
        inner.addWidget(self.header)
        body = flush(QHBoxLayout())
        side_column = master_side(self.hub, body)
        strip = QHBoxLayout()
        strip.setContentsMargins(12, 6, 12, 6)
        strip.addWidget(self.tabs)
        strip.addStretch(1)
        side_column.addLayout(strip)
        side_column.addWidget(line())
        self._list_side = QWidget()
        self._list_side.setProperty("clear", "true")
        held = flush(QVBoxLayout(self._list_side))
        held.addWidget(self.skeleton)
        held.addWidget(self.list, 1)
        side_column.addWidget(self._list_side, 1)
        side_column.addStretch(0)
        content = flush(QVBoxLayout())
        content.addLayout(banner_strip(self.banner))
        content.addWidget(self.empty, 1)
        self.empty.hide()
        content.addWidget(self._facts_side(), 1)
        body.addLayout(content, 1)
        inner.addLayout(body, 1)
        tab_in_order(self.tabs, self.list, self.reason, self.button)

    def _facts_side(self) -> QWidget:
        self._right = QWidget()
        self._right.setProperty("clear", "true")
        self._right.hide()
        column = flush(QVBoxLayout(self._right))
        column.addWidget(self.detail)
        self._scroll = quiet_scroll()
        column.addWidget(self._scroll, 1)
        self._bar = surface("panel")
        bar = flush(QVBoxLayout(self._bar))
        bar.addWidget(line(strong=True))
        row = QHBoxLayout()
        row.setContentsMargins(24, 12, 24, 12)
        row.setSpacing(16)
        row.addWidget(self.field, 1)
        # Beside the input, under nothing: as high as the field's caption is.
        above = QWidget()
        fix_height(above, self.hub, lambda theme: theme.line("label") + 4)
        held = QVBoxLayout()
        held.setSpacing(0)
        held.addWidget(above)
        held.addWidget(self.button)
        held.addStretch(1)
        row.addLayout(held)
        bar.addLayout(row)
        column.addWidget(self._bar)
        self._bar.hide()
        return self._right

    def showEvent(self, event: QShowEvent) -> None:
        """Ask whenever the page comes into view."""
        super().showEvent(event)
        if event.spontaneous():
            return
        if not self._known:
            self._wait()
        self.refresh()
        self.list.setFocus(Qt.FocusReason.OtherFocusReason)


def _identity(value: object) -> object:
    return value.item_id if isinstance(value, ReviewItem) else value
