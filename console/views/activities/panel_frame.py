"""What the panel of one activity looks like: its head, the checklist, the form that scrolls, and the foot.

What its buttons do is `panel`'s. See docs/design.md, "Screens" (activities).
"""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QFrame, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from console.views.activities.checklist import Checklist
from console.views.activities.form import INNER_WIDTH, ActivityForm
from console.views.theme import ThemeHub
from console.views.widgets.banner import Banner
from console.views.widgets.base import fix_height, line, surface
from console.views.widgets.buttons import Button, IconButton
from console.views.widgets.chips import Chip
from console.views.widgets.text import ElidedLabel

_MARGIN = 20
_SEEN_WITH = 56


class PanelFrame(QWidget):
    """The parts of the panel, without their meaning."""

    def __init__(self, hub: ThemeHub) -> None:
        """An empty panel."""
        super().__init__()
        self.hub = hub
        self.form = ActivityForm(hub)
        self.checklist = Checklist(hub)
        self.banner = Banner(hub, above=12)
        self._lay_out()
        app = QApplication.instance()
        if isinstance(app, QApplication):
            app.focusChanged.connect(self._follow)

    @property
    def stops(self) -> tuple[QWidget, ...]:
        """What Tab goes through, in order; the way out comes last."""
        return (
            self.deeds, self.checklist, *self.form.ordered, self.discard_button, self.save_button, self.close_button,
        )  # fmt: skip

    def _follow(self, _before: QWidget | None, now: QWidget | None) -> None:
        # What has the keyboard is in sight, however it got it.
        if now is not None and self.form.isAncestorOf(now):
            self.area.ensureWidgetVisible(now, 0, self.hub.theme.scaled(_SEEN_WITH))

    def _lay_out(self) -> None:
        hub = self.hub
        self.setFixedWidth(hub.theme.scaled(INNER_WIDTH + 2 * _MARGIN + 14))
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        ground = surface("panel")
        outer.addWidget(ground)
        column = QVBoxLayout(ground)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._head())
        column.addWidget(line())
        held = QVBoxLayout()
        held.setContentsMargins(_MARGIN, 0, _MARGIN, 0)
        held.addWidget(self.banner)
        column.addLayout(held)
        self.area = QScrollArea()
        self.area.setWidgetResizable(True)
        self.area.setFrameShape(QFrame.Shape.NoFrame)
        self.area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        body = QWidget()
        body.setProperty("clear", "true")
        inner = QVBoxLayout(body)
        inner.setContentsMargins(_MARGIN, 12, _MARGIN, 16)
        inner.setSpacing(16)
        inner.addWidget(self.deeds)
        inner.addWidget(self.checklist)
        inner.addWidget(self.form, 1)
        self.area.setWidget(body)
        self.area.viewport().setAutoFillBackground(False)
        body.setAutoFillBackground(False)
        column.addWidget(self.area, 1)
        column.addWidget(line(strong=True))
        self.foot = self._foot()
        column.addWidget(self.foot)

    def _head(self) -> QWidget:
        head = QWidget()
        fix_height(head, self.hub, "header")
        row = QHBoxLayout(head)
        row.setContentsMargins(_MARGIN, 0, 12, 0)
        row.setSpacing(8)
        column = QVBoxLayout()
        column.setSpacing(0)
        self.title, self.caption = ElidedLabel("", "name"), ElidedLabel("", "muted")
        column.addStretch(1)
        column.addWidget(self.title)
        column.addWidget(self.caption)
        column.addStretch(1)
        row.addLayout(column, 1)
        self.chip = Chip(self.hub, "Draft")
        row.addWidget(self.chip)
        self.close_button = IconButton(self.hub, "ph.x", "Close (Esc)", "quiet", scale="compact")
        row.addWidget(self.close_button)
        self.deeds = QWidget()
        deeds = QHBoxLayout(self.deeds)
        deeds.setContentsMargins(0, 0, 0, 0)
        deeds.setSpacing(8)
        self.publish_button = Button(self.hub, "Publish", icon="ph.eye", scale="compact")
        self.copy_button = Button(self.hub, "Duplicate", "quiet", scale="compact")
        self.away_button = Button(self.hub, "Put away", "quiet", scale="compact")
        for button in (self.publish_button, self.copy_button, self.away_button):
            deeds.addWidget(button)
        deeds.addStretch(1)
        return head

    def _foot(self) -> QWidget:
        foot = QWidget()
        row = QHBoxLayout(foot)
        row.setContentsMargins(_MARGIN, 12, _MARGIN, 12)
        row.setSpacing(8)
        self.unsaved = ElidedLabel("", "muted")
        row.addWidget(self.unsaved, 1)
        self.discard_button = Button(self.hub, "Discard")
        self.save_button = Button(self.hub, "Save", "primary")
        self.save_button.setToolTip("Save (Ctrl+S)")
        row.addWidget(self.discard_button)
        row.addWidget(self.save_button)
        return foot
