"""One venue beside the overview: what it has to show, what was reminded of, and what headquarters may do about it.

See docs/design.md, "Screens" (platform).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, tzinfo
from uuid import UUID

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QApplication, QHBoxLayout, QVBoxLayout, QWidget

from console.domain.vetting import RequirementPage
from console.errors import ConsoleError
from console.models.gateway_vetting import EvidenceGateway
from console.models.runner import TaskRunner
from console.models.words import long_date
from console.views.approvals.evidence_chip import EvidenceChip
from console.views.approvals.requirement_block import Wrapped
from console.views.approvals.words import groups, moment
from console.views.compliance import words
from console.views.theme import ThemeHub
from console.views.widgets.banner import Banner
from console.views.widgets.base import fix_height, line, surface
from console.views.widgets.buttons import Button, IconButton
from console.views.widgets.chips import Chip
from console.views.widgets.frames import flush, quiet_scroll
from console.views.widgets.paint import ChipSpec
from console.views.widgets.requirement_marks import RequirementMark, standing_chip
from console.views.widgets.text import ElidedLabel, label
from console.views.widgets.waiting import Skeleton

WIDTH = 344
_MARGIN = 20


class _Requirement(QWidget):
    """One requirement in the panel."""

    file_wanted = Signal(object)
    documents_wanted = Signal(object, object)

    def __init__(
        self, hub: ThemeHub, page: RequirementPage, *, now: datetime, zone: tzinfo, may_file: bool
    ) -> None:
        super().__init__()
        self.page = page
        self.setProperty("clear", "true")
        self.setAccessibleName(f"{page.requirement.words}: {page.standing.value}")
        across = flush(QHBoxLayout(self))
        across.setContentsMargins(0, 12, 0, 10)
        across.setSpacing(10)
        across.addWidget(RequirementMark(hub, page.standing, 18), 0, Qt.AlignmentFlag.AlignTop)
        column = flush(QVBoxLayout())
        column.setSpacing(3)
        across.addLayout(column, 1)
        head = QHBoxLayout()
        head.setSpacing(6)
        head.addWidget(ElidedLabel(page.requirement.words, "strong"), 1)
        chip = Chip(hub, "")
        chip.show_chip(standing_chip(page.standing))
        head.addWidget(chip)
        column.addLayout(head)
        column.addWidget(label(page.says, "secondary", wrap=True, selectable=True))
        for said in self._notes(now, zone):
            column.addWidget(label(said, "small", wrap=True))
        documents = [
            one for filing in (page.current, page.waiting) if filing is not None for one in filing.documents
        ]
        row = Wrapped()
        for group in groups(documents):
            shown = EvidenceChip(hub, group.title, group.icon)
            shown.clicked.connect(
                lambda _checked=False, first=group.documents[0]: self.documents_wanted.emit(documents, first)
            )
            row.add(shown)
        if documents:
            column.addWidget(row)
        else:
            row.deleteLater()
        self.file_button = Button(hub, "File for the venue…", "link", scale="compact")
        self.file_button.setAccessibleName(f"File for the venue: {page.requirement.words.lower()}")
        self.file_button.clicked.connect(lambda _checked=False: self.file_wanted.emit(self.page))
        if may_file:
            column.addWidget(self.file_button, 0, Qt.AlignmentFlag.AlignLeft)
        else:
            self.file_button.deleteLater()

    def _notes(self, now: datetime, zone: tzinfo) -> list[str]:
        page, said = self.page, []
        if page.excepted_until is not None:
            why = f": {page.exception_reason}" if page.exception_reason else ""
            said.append(f"Excepted until {long_date(page.excepted_until)}{why}")
        if page.reminders:
            told = words.reminded(page.reminders)
            at = f", last {moment(page.reminded_at, now, zone)}" if page.reminded_at else ""
            said.append(f"{told[:1].upper()}{told[1:]}{at}")
        if words.waits(page) and page.waiting is not None:
            by = f" by {page.waiting.filed_by}" if page.waiting.filed_by else ""
            said.append(f"A new one waits, filed{by}, {moment(page.waiting.filed_at, now, zone)}")
        return said


class VenuePanel(QWidget):
    """The panel, hidden until `open`."""

    closed = Signal()
    file_wanted = Signal(object)
    """The RequirementPage that something is filed for."""
    documents_wanted = Signal(object, object)
    """The files beside each other, and the one to begin with."""
    venue_wanted = Signal(object)
    suspend_wanted = Signal()
    failed = Signal(Exception)
    loaded = Signal()

    def __init__(
        self, hub: ThemeHub, gateway: EvidenceGateway, *, zone: tzinfo, may_change: bool, may_suspend: bool
    ) -> None:
        """An empty panel."""
        super().__init__()
        self.hub, self._gateway, self._zone = hub, gateway, zone
        self._may_change, self._may_suspend = may_change, may_suspend
        self.venue_id: UUID | None = None
        self.venue, self.status = "", ""
        self._suspends_on: date | None = None
        self.blocks: list[_Requirement] = []
        self._now = datetime.now(zone)
        self.runner = TaskRunner(self._failed)
        self.destroyed.connect(self.runner.cancel_all)
        self.title, self.caption = ElidedLabel("", "name"), ElidedLabel("", "muted")
        self.chip = Chip(hub, "Open")
        self.close_button = IconButton(hub, "ph.x", "Close (Esc)", "quiet", scale="compact")
        self.close_button.clicked.connect(lambda _checked=False: self.close_panel())
        self.banner = Banner(hub, above=12)
        self.notice = Banner(hub, above=12)
        self.skeleton = Skeleton(hub, rows=6)
        self.open_button = Button(hub, "Open venue file", icon="ph.buildings")
        self.open_button.clicked.connect(lambda _checked=False: self.venue_wanted.emit(self.venue_id))
        self.suspend_button = Button(hub, "Suspend…", "refuse")
        self.suspend_button.clicked.connect(lambda _checked=False: self.suspend_wanted.emit())
        self._lay_out()
        app = QApplication.instance()
        if isinstance(app, QApplication):
            app.focusChanged.connect(self._follow)
        self.hide()

    @property
    def is_open(self) -> bool:
        """Whether a venue is on show."""
        return self.venue_id is not None

    @property
    def stops(self) -> tuple[QWidget, ...]:
        """What Tab goes through."""
        return (self.banner, *self.blocks, self.open_button, self.suspend_button, self.close_button)

    def open(
        self, venue_id: UUID, venue: str, caption: str, status: str, suspends_on: date | None, now: datetime
    ) -> None:
        """Show a venue; what was known of it stays until the newer is there."""
        other = venue_id != self.venue_id
        self.venue_id, self.venue, self.status, self._now = venue_id, venue, status, now
        self._suspends_on = suspends_on
        self.title.setText(venue)
        self.caption.setText(caption)
        self.caption.setVisible(bool(caption))
        self.chip.show_chip(words.STATUS_CHIPS.get(status, ChipSpec(status or "Venue")))
        self.chip.setVisible(bool(status))
        self.suspend_button.setVisible(self._may_suspend and status in ("active", ""))
        if suspends_on is not None:
            self.notice.show_message(
                f"Suspended by itself on {long_date(suspends_on)}", "unless a new one is filed.", "amber"
            )
        else:
            self.notice.clear()
        if other:
            self.banner.clear()
            self._fill(())
            self.skeleton.show()
            self.skeleton.start()
        self.show()
        self.refresh()

    def refresh(self) -> None:
        """Ask again."""
        if self.venue_id is not None:
            self.runner.start(self._load(self.venue_id), "venue")

    def close_panel(self) -> None:
        """Take it away."""
        if self.venue_id is None:
            return
        self.venue_id = None
        self.runner.cancel_all()
        self.hide()
        self.closed.emit()

    async def _load(self, venue_id: UUID) -> None:
        pages = await self._gateway.requirements(venue_id)
        if venue_id != self.venue_id:
            return
        self.banner.clear()
        self._stop_waiting()
        held = [block.page for block in self.blocks]
        if held != list(pages):
            self._fill(pages)
        self.loaded.emit()

    def _failed(self, error: ConsoleError) -> None:
        self._stop_waiting()
        self.banner.show_error(error, action=("Try again", self.refresh))
        self.failed.emit(error)

    def _stop_waiting(self) -> None:
        self.skeleton.stop()
        self.skeleton.hide()

    def _fill(self, pages: Sequence[RequirementPage]) -> None:
        for block in self.blocks:
            self._inner.removeWidget(block)
            block.hide()
            block.deleteLater()
        self.blocks = []
        for page in pages:
            block = _Requirement(self.hub, page, now=self._now, zone=self._zone, may_file=self._may_change)
            block.file_wanted.connect(self.file_wanted)
            block.documents_wanted.connect(self.documents_wanted)
            self.blocks.append(block)
            self._inner.insertWidget(self._inner.count() - 1, block)

    def _follow(self, _before: QWidget | None, now: QWidget | None) -> None:
        body = self.area.widget()
        if now is not None and body is not None and body.isAncestorOf(now):
            self.area.ensureWidgetVisible(now, 0, self.hub.theme.scaled(40))

    def _lay_out(self) -> None:
        self.setFixedWidth(self.hub.theme.scaled(WIDTH))
        outer = flush(QVBoxLayout(self))
        ground = surface("panel")
        outer.addWidget(ground)
        column = flush(QVBoxLayout(ground))
        head = QWidget()
        fix_height(head, self.hub, "header")
        row = QHBoxLayout(head)
        row.setContentsMargins(_MARGIN, 0, 12, 0)
        row.setSpacing(8)
        names = flush(QVBoxLayout())
        names.addStretch(1)
        names.addWidget(self.title)
        names.addWidget(self.caption)
        names.addStretch(1)
        row.addLayout(names, 1)
        row.addWidget(self.chip)
        row.addWidget(self.close_button)
        column.addWidget(head)
        column.addWidget(line())
        held = flush(QVBoxLayout())
        held.setContentsMargins(_MARGIN, 0, _MARGIN, 0)
        held.addWidget(self.notice)
        held.addWidget(self.banner)
        column.addLayout(held)
        body = QWidget()
        body.setProperty("clear", "true")
        self._inner = flush(QVBoxLayout(body))
        self._inner.setContentsMargins(_MARGIN, 4, _MARGIN, 12)
        self._inner.addWidget(self.skeleton)
        self._inner.addStretch(1)
        self.area = quiet_scroll(body)
        self.area.viewport().setAutoFillBackground(False)
        body.setAutoFillBackground(False)
        column.addWidget(self.area, 1)
        column.addWidget(line(strong=True))
        foot = QHBoxLayout()
        foot.setContentsMargins(_MARGIN, 12, _MARGIN, 12)
        foot.setSpacing(8)
        foot.addWidget(self.open_button)
        foot.addStretch(1)
        foot.addWidget(self.suspend_button)
        column.addLayout(foot)
