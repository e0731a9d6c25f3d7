"""The papers of one venue, for its manager: what it has to show, what to do next, and filing it.

See docs/design.md, "Rules of the domain" (compliance).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import date, tzinfo
from functools import partial
from uuid import UUID

from PySide6.QtCore import QSize, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QApplication, QHBoxLayout, QVBoxLayout, QWidget

from console.clock import Clock
from console.domain.compliance import Suspended
from console.domain.vetting import CheckedPerson, FiledDocument, Requirement, RequirementPage, VenueEvent
from console.errors import Conflict, ConsoleError, NotFound
from console.models.gateway_vetting import EvidenceGateway, ReinstatementGateway
from console.models.runner import TaskRunner
from console.views.approvals import words as said_by
from console.views.approvals.evidence import EvidenceViewer
from console.views.compliance import words
from console.views.compliance.file_sheet import FileSheet
from console.views.compliance.paper_block import PaperBlock
from console.views.compliance.people_sheet import PersonSheet
from console.views.payouts.asking import ask
from console.views.shell.areas import Action, listen
from console.views.theme import ThemeHub
from console.views.venue_file.sheets import reinstatement_sheet
from console.views.widgets.banner import Banner
from console.views.widgets.dialog import QuestionDialog, is_asked
from console.views.widgets.focus import tab_in_order
from console.views.widgets.frames import banner_strip, flush, ground, quiet_scroll
from console.views.widgets.header import PageHeader
from console.views.widgets.sheet import Sheet
from console.views.widgets.text import Section, label
from console.views.widgets.waiting import Skeleton

_WIDEST = 860
_LINES = 40


class PapersPage(QWidget):
    """The page."""

    toast_wanted = Signal(str)
    reached = Signal(object)
    """None when the server answered, the ConsoleError when it did not: for the status bar."""

    def __init__(
        self,
        hub: ThemeHub,
        gateway: EvidenceGateway,
        *,
        venue_id: UUID,
        clock: Clock,
        zone: tzinfo,
        may_file: bool = True,
        history: Callable[[UUID], Awaitable[Sequence[VenueEvent]]] | None = None,
        reopening: ReinstatementGateway | None = None,
    ) -> None:
        """Nothing is asked before it is shown; `may_file` False: it can only be read.

        `history` is asked for what became of the papers; without it there is none. `reopening` says whether the venue
        is suspended, and asks for it to open again.
        """
        super().__init__()
        self.hub, self._gateway, self.venue_id = hub, gateway, venue_id
        self._clock, self._zone, self._may_file = clock, zone, may_file
        self._history, self._reopening = history, reopening
        self._pages: tuple[RequirementPage, ...] = ()
        self.blocks: list[PaperBlock] = []
        self._events: tuple[VenueEvent, ...] = ()
        self.sheet: Sheet | None = None
        self.question: QuestionDialog | None = None
        self.runner = TaskRunner(self._failed)
        self.destroyed.connect(self.runner.cancel_all)
        self.header = PageHeader(hub, "Papers")
        self.banner = Banner(hub, above=12)
        self.shut = Banner(hub, above=12)
        self.skeleton = Skeleton(hub, rows=8, row_height=hub.theme.scaled(72))
        self._lay_out()
        action = partial(Action, heard=False, group="Papers")
        self.page_actions = (
            action("papers:refresh", "Refresh", self.refresh, "F5", "ph.arrow-clockwise"),
            *(
                action(
                    f"papers:{kind.value}", f"File: {kind.words.lower()}", partial(self.file, kind), f"Alt+{at}",
                    "ph.file-plus",
                )
                for at, kind in enumerate(Requirement, 1)
                if may_file
            ),
            *((action("papers:person", "Add somebody to be checked", self.add_person, "Ctrl+N", "ph.user-plus"),)
              if may_file else ()),
        )  # fmt: skip
        listen(self, self.page_actions)
        app = QApplication.instance()
        if isinstance(app, QApplication):
            app.focusChanged.connect(self._follow)

    # -- for the window ----------------------------------------------------------------------------------------------

    def refresh(self) -> None:
        """Ask again; what is the same stays as it is."""
        self.runner.start(self._load(), "load")

    def stop(self) -> None:
        """Drop everything under way: the page is going away."""
        self.runner.cancel_all()
        if self.sheet is not None:
            self.sheet.close()

    def sizeHint(self) -> QSize:
        """The room beside the rail."""
        return QSize(1240, 872)

    # -- doing -------------------------------------------------------------------------------------------------------

    def file(self, kind: Requirement) -> None:
        """File something for a requirement."""
        page = next((one for one in self._pages if one.requirement is kind), None)
        if page is None or not self._free():
            return
        sheet = FileSheet(
            self.hub, self.window(), self._gateway, page, venue_id=self.venue_id, today=self._today
        )
        sheet.filed.connect(self._filed)
        self._show_sheet(sheet)

    def withdraw(self, page: RequirementPage) -> None:
        """Ask, and take back what waits."""
        filing = page.waiting
        if filing is None or not self._free():
            return
        stays = "What was accepted before stays." if page.current else "The requirement is missing again."
        self.question = ask(
            self.hub, self, f"Withdraw what you filed for {page.requirement.words.lower()}?", stays,
            do="Withdraw", keep="Leave it",
            agreed=lambda: self.runner.start(self._withdraw(filing.id, filing.version)),
        )  # fmt: skip

    def add_person(self) -> None:
        """Add somebody whose background is checked."""
        self.open_person(None)

    def open_person(self, person: CheckedPerson | None) -> None:
        """Add somebody, or change what is known of them."""
        if not self._free():
            return
        sheet = PersonSheet(
            self.hub, self.window(), self._gateway, person, venue_id=self.venue_id, today=self._today
        )
        sheet.done.connect(self._done)
        self._show_sheet(sheet)

    # -- inside ------------------------------------------------------------------------------------------------------

    @property
    def _today(self) -> date:
        return self._clock.now().astimezone(self._zone).date()

    async def _load(self, *, keep_banner: bool = False) -> None:
        pages = await self._gateway.requirements(self.venue_id)
        self.reached.emit(None)
        if not keep_banner:
            self.banner.clear()
        self._show(pages)
        if self._history is not None:
            self._told(await self._history(self.venue_id))
        if self._reopening is not None:
            self._say_suspended(await self._reopening.suspended(self.venue_id))

    def _say_suspended(self, suspended: Suspended | None) -> None:
        if suspended is None:
            self.shut.clear()
            return
        since = said_by.moment(suspended.since, self._clock.now(), self._zone)
        self.shut.show_message(
            f"Suspended since {since}: no new bookings. Children who are booked are checked in as usual.",
            suspended.reason or "",
            "amber",
            action=("Ask to open again…", partial(self.ask_reinstatement, suspended))
            if self._may_file
            else None,
        )

    def ask_reinstatement(self, suspended: Suspended) -> None:
        """Ask headquarters to look at the venue again."""
        if self._reopening is None or not self._free():
            return
        sheet = reinstatement_sheet(
            self.hub,
            self.window(),
            self._reopening,
            suspended,
            lambda: self._done("Headquarters looks at it"),
        )
        sheet.refused.connect(self._failed)
        self._show_sheet(sheet)

    async def _withdraw(self, filing_id: UUID, version: int) -> None:
        page = await self._gateway.withdraw(self.venue_id, filing_id, version)
        self._done(f"Withdrawn: {page.requirement.words.lower()}")

    def _filed(self, page: object) -> None:
        if isinstance(page, RequirementPage):
            self._done(f"Filed: {page.requirement.words.lower()}; headquarters looks at it")

    def _done(self, said: str) -> None:
        self.toast_wanted.emit(said)
        self.refresh()

    def _failed(self, error: ConsoleError) -> None:
        self.skeleton.stop()
        self.skeleton.hide()
        if isinstance(error, Conflict | NotFound):
            # Somebody was faster: everything is shown as it is now.
            self.banner.show_message(error.sentence, error.hint or "", "blue")
            self.runner.start(self._load(keep_banner=True), "load")
            return
        self.reached.emit(error)
        self.banner.show_error(error, action=("Try again", self.refresh))

    def _show(self, pages: Sequence[RequirementPage]) -> None:
        self.skeleton.stop()
        self.skeleton.hide()
        said = words.met_line(pages)
        waiting = sum(words.waits(page) for page in pages)
        self.header.caption.setText(f"{said}, {waiting} with headquarters" if waiting else said)
        if tuple(pages) == self._pages:
            return
        at = self.area.verticalScrollBar().value()
        self._pages = tuple(pages)
        for block in self.blocks:
            self._column.removeWidget(block)
            block.hide()
            block.deleteLater()
        self.blocks = [
            PaperBlock(
                self.hub,
                page,
                now=self._clock.now(),
                zone=self._zone,
                today=self._today,
                may_file=self._may_file,
            )
            for page in pages
        ]
        for block in self.blocks:
            block.file_wanted.connect(lambda page: self.file(page.requirement))
            block.withdraw_wanted.connect(self.withdraw)
            block.person_wanted.connect(self.open_person)
            block.documents_wanted.connect(self._look_at)
            self._column.insertWidget(self._column.count() - 2, block)
            block.show()
        tab_in_order(self.banner, self.shut, *self.blocks)
        self.area.verticalScrollBar().setValue(at)

    def _told(self, events: Sequence[VenueEvent]) -> None:
        """Show what became of the papers, under them."""
        if tuple(events) == self._events:
            return
        self._events = tuple(events)
        while self._lines.count():
            item = self._lines.takeAt(0)
            widget = item.widget() if item is not None else None
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        self.log.setVisible(bool(events))
        now = self._clock.now()
        for event in events[:_LINES]:
            when = said_by.moment(event.at, now, self._zone)
            said = f"{when}  {words.event_line(event)}"
            self._lines.addWidget(label(said, "small", wrap=True, selectable=True))

    def _look_at(self, documents: list[FiledDocument], first: FiledDocument) -> None:
        if self.sheet is None and not is_asked(self):
            viewer = EvidenceViewer(
                self.hub,
                self.window(),
                self._gateway,
                documents,
                first,
                now=self._clock.now(),
                zone=self._zone,
            )
            viewer.saved.connect(lambda name: self.toast_wanted.emit(f"{name} saved"))
            self._show_sheet(viewer)

    def _free(self) -> bool:
        return self._may_file and self.sheet is None and not is_asked(self)

    def _show_sheet(self, sheet: Sheet) -> None:
        self.sheet = sheet
        sheet.closed.connect(self._sheet_closed)
        sheet.open()

    def _sheet_closed(self) -> None:
        self.sheet = None

    def _follow(self, _before: QWidget | None, now: QWidget | None) -> None:
        body = self.area.widget()
        if now is not None and body is not None and body.isAncestorOf(now):
            self.area.ensureWidgetVisible(now, 0, self.hub.theme.scaled(56))

    def showEvent(self, event: QShowEvent) -> None:
        """Whoever looks sees what is so now."""
        super().showEvent(event)
        if event.spontaneous():
            return
        if not self._pages:
            self.skeleton.show()
            self.skeleton.start()
        self.refresh()

    def _lay_out(self) -> None:
        column = ground(self)
        column.addWidget(self.header)
        column.addLayout(banner_strip(self.banner))
        column.addLayout(banner_strip(self.shut))
        body = QWidget()
        body.setProperty("clear", "true")
        across = flush(QHBoxLayout(body))
        across.setContentsMargins(24, 8, 24, 24)
        held = QWidget()
        held.setProperty("clear", "true")
        held.setMaximumWidth(self.hub.theme.scaled(_WIDEST))
        across.addWidget(held, 1)
        across.addStretch(0)
        self._column = flush(QVBoxLayout(held))
        self._column.addWidget(self.skeleton)
        self.log = QWidget()
        self.log.setProperty("clear", "true")
        told = flush(QVBoxLayout(self.log))
        told.setContentsMargins(0, 20, 0, 0)
        told.setSpacing(8)
        told.addWidget(Section("History"))
        self._lines = flush(QVBoxLayout())
        self._lines.setSpacing(4)
        told.addLayout(self._lines)
        self._column.addWidget(self.log)
        self.log.hide()
        self._column.addStretch(1)
        self.area = quiet_scroll(body)
        self.area.viewport().setAutoFillBackground(False)
        body.setAutoFillBackground(False)
        column.addWidget(self.area, 1)
