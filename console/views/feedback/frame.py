"""What the page of reviews looks like: ratings and list at the left, one review in full beside it.

What its parts do is `page`'s. See docs/design.md, "Screens" (reviews and score).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import tzinfo

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QApplication, QHBoxLayout, QVBoxLayout, QWidget

from console.views.feedback import words
from console.views.feedback.listing import ReviewList
from console.views.feedback.panel import ReviewPanel
from console.views.feedback.stars import RatingBars
from console.views.saved_filters import ChoiceBox, FilterMemory, SavedFilters
from console.views.theme import ThemeHub
from console.views.widgets.banner import Banner
from console.views.widgets.base import line
from console.views.widgets.buttons import Button
from console.views.widgets.fields import TextInput
from console.views.widgets.frames import banner_strip, flush, ground
from console.views.widgets.header import PageHeader
from console.views.widgets.text import label
from console.views.widgets.toggles import ChoiceRow
from console.views.widgets.waiting import EmptyState, Skeleton

_SIDE = 24
_MOST_SHARE = 0.48
SORTS = {"lowest": "Fewest stars", "oldest": "Oldest"}


class FeedbackFrame(QWidget):
    """The parts of the page, without their meaning."""

    def __init__(
        self,
        hub: ThemeHub,
        zone: tzinfo,
        memory: FilterMemory | None,
        *,
        platform: bool,
        may_moderate: bool,
        may_reply: bool,
        may_export: bool,
    ) -> None:
        """`platform`: of all venues, with the queue; else of one venue, with its answers."""
        super().__init__()
        self.hub, self._platform = hub, platform
        self._lent = False
        self.header = PageHeader(hub, "Reviews")
        self.export_button = Button(hub, "Export", icon="ph.export", scale="compact")
        self.export_button.setToolTip("Save all reviews that are shown (Ctrl+E)")
        self.rules_button = Button(hub, "When a review waits…", icon="ph.sliders-horizontal", scale="compact")
        self.figure = label("–", "figure")
        self.out_of = label("no reviews yet", "muted")
        self.bars = RatingBars(hub)
        queue = words.HQ_TABS if may_moderate else words.HQ_TABS[1:]
        self.which = queue if platform else words.VENUE_TABS
        self.tabs = ChoiceRow(hub, self.which, style="tabs", name="Which reviews")
        self.filter = TextInput(
            hub, placeholder="Words, activity or venue" if platform else "Words or activity"
        )
        self.filter.setAccessibleName("Filter reviews")
        self.filter.setMaxLength(100)
        self.stars = ChoiceBox(hub, "Stars", "Stars", words.STARS)
        self.cause = ChoiceBox(hub, "Why it waits", "Cause", words.CAUSES)
        self.activity = ChoiceBox(hub, "Activity", "Activity", {})
        self.sort = ChoiceBox(hub, "Order", "Newest", SORTS)
        boxes: Mapping[str, ChoiceBox] = (
            {"stars": self.stars, "cause": self.cause, "sort": self.sort}
            if platform
            else {"stars": self.stars, "activity": self.activity, "sort": self.sort}
        )
        self.choices = SavedFilters(hub, boxes, memory, "reviews-all" if platform else "reviews")
        self.banner = Banner(hub, above=12)
        self.list = ReviewList(hub, zone, venues=platform)
        self.skeleton = Skeleton(hub, rows=4, row_height=hub.theme.scaled(112))
        self.nothing_waits = EmptyState(
            hub, "ph.check-circle", "Nothing waits",
            "Reviews that were flagged, have risky words or stand out appear here.",
        )  # fmt: skip
        self.none_yet = EmptyState(
            hub, "ph.chat-circle", "No reviews yet", "They appear here as soon as parents write them."
        )
        self.all_answered = EmptyState(
            hub, "ph.check-circle", "Every review is answered", "New ones appear here."
        )
        self.no_match = EmptyState(
            hub,
            "ph.magnifying-glass",
            "No reviews match",
            "Type less, choose another tab, or clear the filter.",
        )
        self.empties = (self.nothing_waits, self.none_yet, self.all_answered, self.no_match)
        self.panel = ReviewPanel(
            hub, zone, moderates=may_moderate, venues=platform, replies=may_reply and not platform
        )
        self._lay_out(may_moderate=may_moderate and platform, may_export=may_export)

    @property
    def action_bar(self) -> QWidget | None:
        """What can be done with the review on show, which nothing may lie over."""
        for part in (self.panel.reply, self.panel.bar):
            if part.isVisible():
                return part
        return None

    def sizeHint(self) -> QSize:
        """The room beside the rail."""
        return QSize(1240, 872)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The panel leaves the list its half, whatever the size of text."""
        super().resizeEvent(event)
        wide = min(self.hub.theme.size("sidePanel"), int(self.width() * _MOST_SHARE))
        self.panel.setFixedWidth(wide)

    def show_nothing(self, which: EmptyState | None) -> None:
        """Show one of the empty states, or the list; the keyboard never leaves the page with the rows."""
        had, tab = self.window().focusWidget() is self.list, self.tabs.option(self.tabs.chosen)
        for one in self.empties:
            one.setVisible(one is which)
        if which is not None and had:
            tab.setFocus(Qt.FocusReason.OtherFocusReason)
            self._lent = True
        self.list.setVisible(which is None)
        if which is None and self._lent:
            self._lent = False
            if self.tabs.isAncestorOf(QApplication.focusWidget() or self):
                self.list.setFocus(Qt.FocusReason.OtherFocusReason)

    def _lay_out(self, *, may_moderate: bool, may_export: bool) -> None:
        inner = ground(self)
        for button, may in ((self.export_button, may_export), (self.rules_button, may_moderate)):
            if may:
                self.header.add(button)
            else:
                button.setParent(self)
                button.hide()
        inner.addWidget(self.header)
        across = flush(QHBoxLayout())
        inner.addLayout(across, 1)
        left = flush(QVBoxLayout())
        across.addLayout(left, 1)
        left.addLayout(banner_strip(self.banner))
        left.addLayout(self._ratings())
        left.addWidget(line())
        bar = QVBoxLayout()
        bar.setContentsMargins(_SIDE, 10, _SIDE, 10)
        bar.setSpacing(8)
        first = QHBoxLayout()
        first.setContentsMargins(0, 0, 0, 0)
        first.setSpacing(8)
        first.addWidget(self.tabs)
        first.addStretch(1)
        bar.addLayout(first)
        second = QHBoxLayout()
        second.setSpacing(8)
        second.addWidget(self.filter, 2, Qt.AlignmentFlag.AlignTop)
        second.addWidget(self.choices, 5)
        bar.addLayout(second)
        left.addLayout(bar)
        left.addWidget(line())
        left.addWidget(self.skeleton)
        self.skeleton.hide()
        left.addWidget(self.list, 1)
        for one in self.empties:
            left.addWidget(one, 1)
            one.hide()
        left.addStretch(0)
        self.edge = line(vertical=True)
        across.addWidget(self.edge)
        across.addWidget(self.panel)
        self.panel.hide()
        self.edge.hide()

    def _ratings(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setContentsMargins(_SIDE, 14, _SIDE, 14)
        row.setSpacing(28)
        said = flush(QVBoxLayout())
        said.addStretch(1)
        said.addWidget(self.figure)
        said.addWidget(self.out_of)
        said.addStretch(1)
        row.addLayout(said)
        row.addWidget(self.bars, 1)
        return row
