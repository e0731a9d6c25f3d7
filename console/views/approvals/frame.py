"""How the approval queue is laid out: the queue at the left, one case beside it, and what stands where none is.

See docs/design.md, "Screens" (platform).
"""

from __future__ import annotations

from datetime import tzinfo

from PySide6.QtCore import QSize, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from console.clock import Clock
from console.models.gateway_vetting import CaseGateway
from console.views.approvals.detail import CaseDetail
from console.views.approvals.queue_side import QueueSide
from console.views.saved_filters import FilterMemory
from console.views.theme import ThemeHub
from console.views.widgets.banner import Banner
from console.views.widgets.focus import tab_in_order
from console.views.widgets.frames import banner_strip, flush, ground, master_side
from console.views.widgets.waiting import EmptyState


class ApprovalsFrame(QWidget):
    """The parts of the page in their places; what they do is the page's."""

    toast_wanted = Signal(str)
    reached = Signal(object)
    """None when the server answered, the ConsoleError when it did not: for the status bar."""
    venue_wanted = Signal(object)
    """The id of a venue whose file is to be opened."""
    actions_changed = Signal()
    counted = Signal(object)
    """The CaseCounts: for the badge of the rail."""
    go_on = Signal()
    """The next case is wanted where none is on show."""

    def __init__(
        self,
        hub: ThemeHub,
        gateway: CaseGateway,
        *,
        clock: Clock,
        zone: tzinfo,
        memory: FilterMemory | None,
        scores: bool,
    ) -> None:
        """`scores`: whether a score stands beside each case."""
        super().__init__()
        self.hub = hub
        self.side = QueueSide(hub, gateway, clock=clock, zone=zone, memory=memory)
        self.detail = CaseDetail(hub, clock=clock, zone=zone, scores=scores)
        self.banner = Banner(hub, above=12)
        self.nothing = EmptyState(
            hub, "ph.clipboard-text", "No case on show", "Choose one at the left, or take the most urgent one.",
            action=("ph.skip-forward", "Next case", self.go_on.emit),
        )  # fmt: skip
        self._lay_out()
        self.side.counted.connect(lambda _counts: self._fit_side())
        hub.changed.connect(self._fit_side)
        self.detail.rebuilt.connect(self.put_in_order)

    @property
    def action_bar(self) -> QWidget | None:
        """The bar of the decision."""
        return self.detail.bar if self.detail.isVisible() else None

    def sizeHint(self) -> QSize:
        """The room beside the rail."""
        return QSize(1240, 872)

    def _lay_out(self) -> None:
        inner = ground(self)
        across = flush(QHBoxLayout())
        inner.addLayout(across, 1)
        master_side(self.hub, across).addWidget(self.side)
        self._fit_side()
        right = flush(QVBoxLayout())
        right.addLayout(banner_strip(self.banner))
        right.addWidget(self.detail, 1)
        right.addWidget(self.nothing, 1)
        right.addStretch(0)
        across.addLayout(right, 1)
        self.detail.hide()
        self.nothing.hide()

    def _fit_side(self) -> None:
        """As wide as ever; where type is large, as wide as the tabs need."""
        panel = self.side.parentWidget()
        if panel is not None:
            panel.setFixedWidth(
                max(self.hub.theme.size("masterList"), self.side.tabs.sizeHint().width() + 24)
            )

    def put_in_order(self) -> None:
        """Let Tab go through the parts as they are read."""
        tab_in_order(*self.side.stops, self.banner, *self.detail.stops, self.nothing)
