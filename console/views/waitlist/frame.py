"""What the waitlist looks like: sessions, the queue of one, and the bar of what can be done.

What its buttons do is `page`'s. See docs/design.md, "Screens".
"""

from __future__ import annotations

from PySide6.QtCore import QSize
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QVBoxLayout, QWidget

from console.views.theme import ThemeHub
from console.views.widgets.banner import Banner
from console.views.widgets.base import line, surface
from console.views.widgets.buttons import Button
from console.views.widgets.choices import ChoiceList
from console.views.widgets.frames import banner_strip, flush, ground, master_side
from console.views.widgets.header import PageHeader
from console.views.widgets.text import label
from console.views.widgets.waiting import EmptyState, Skeleton

_ROOM_FOR_ONE_LINE = 900


class WaitlistFrame(QWidget):
    """The parts of the page, without their meaning."""

    def __init__(self, hub: ThemeHub) -> None:
        """An empty page."""
        super().__init__()
        self.hub = hub
        self.header = PageHeader(hub, "Waitlist")
        self.banner = Banner(hub, above=12)
        self.sessions = ChoiceList(hub, "Sessions with a queue")
        self.queue = ChoiceList(hub, "Who waits, in order")
        self.empty = EmptyState(
            hub, "ph.check-circle", "Nobody waits",
            "Children who join the queue of a full session appear here.",
        )  # fmt: skip
        self.skeleton = Skeleton(hub, rows=6)
        self.detail = PageHeader(hub, "", "", detail=True)
        self.offer_button = Button(hub, "Offer places", icon="ph.ticket")
        self.offer_button.setToolTip("Offer free places to the next (Ctrl+O)")
        self.accept_button = Button(hub, "Accept for the parent", "primary", icon="ph.check-bold")
        self.accept_button.setToolTip("Book the offered place (Ctrl+Enter)")
        self.skip_button = Button(hub, "Skip…", icon="ph.skip-forward")
        self.skip_button.setToolTip("Pass over, with a reason (Ctrl+S)")
        self.remove_button = Button(hub, "Remove…", icon="ph.user-minus")
        self.remove_button.setToolTip("Take off the queue, with a reason (Ctrl+Del)")
        self.consequence = label("", "muted", wrap=True)
        self._lay_out()

    @property
    def action_bar(self) -> QWidget:
        """What can be done with the marked child."""
        return self.bar

    def sizeHint(self) -> QSize:
        """The room beside the rail."""
        return QSize(1240, 872)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Where there is little room, what it costs stands above the buttons."""
        super().resizeEvent(event)
        wide = self.width() >= self.hub.theme.scaled(_ROOM_FOR_ONE_LINE)
        direction = QBoxLayout.Direction
        self._deeds.setDirection(direction.LeftToRight if wide else direction.TopToBottom)

    def _lay_out(self) -> None:
        inner = ground(self)
        inner.addWidget(self.header)
        inner.addLayout(banner_strip(self.banner))
        self.body = QWidget()
        across = flush(QHBoxLayout(self.body))
        side_column = master_side(self.hub, across)
        side_column.addWidget(self.skeleton)
        self.skeleton.hide()
        side_column.addWidget(self.sessions, 1)
        self.right = QWidget()
        column_right = flush(QVBoxLayout(self.right))
        column_right.addWidget(self.detail)
        column_right.addWidget(self.queue, 1)
        self.bar = surface("panel")
        bar = flush(QVBoxLayout(self.bar))
        bar.addWidget(line(strong=True))
        self._deeds = deeds = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        deeds.setContentsMargins(24, 12, 24, 12)
        deeds.setSpacing(8)
        deeds.addWidget(self.consequence, 1)
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        bar.addLayout(deeds)
        column_right.addWidget(self.bar)
        across.addWidget(self.right, 1)
        across.addStretch(0)
        inner.addWidget(self.body, 1)
        inner.addWidget(self.empty, 1)
        self.empty.hide()
        self.right.hide()
        self.bar.hide()
        self.detail.add(self.offer_button)
        for button in (self.accept_button, self.skip_button, self.remove_button):
            buttons.addWidget(button)
        deeds.addLayout(buttons)
