"""Everything about one venue on one page, for headquarters: sections one under the other, with an index at the left.

1 to 9 jump to a section, the index follows what is read. Suspending and reinstating are left to whoever
shows the page. See docs/design.md, "Screens" (platform).
"""

from __future__ import annotations

from datetime import date, tzinfo
from functools import partial
from uuid import UUID

from PySide6.QtCore import QPoint, QSize, Qt, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QApplication, QHBoxLayout, QVBoxLayout, QWidget

from console.clock import Clock
from console.domain.paging import PAGE_ROWS, PageRequest
from console.domain.venue_file import FileDocument, Incident, VenueFile
from console.domain.vetting import VenueEvent
from console.errors import Conflict, ConsoleError, NotFound
from console.models.gateway_venue_file import VenueFileGateway
from console.models.runner import TaskRunner
from console.views.shell.areas import Action, listen
from console.views.theme import ThemeHub
from console.views.venue_file import words
from console.views.venue_file.index import SectionIndex
from console.views.venue_file.papers import PaperViewer
from console.views.venue_file.section import SectionBox
from console.views.venue_file.sheets import NOTE_LENGTH, RESOLUTION_LENGTH, IncidentSheet, WordsSheet
from console.views.widgets.banner import Banner
from console.views.widgets.base import line, surface
from console.views.widgets.buttons import Button, IconButton
from console.views.widgets.chips import Chip
from console.views.widgets.dialog import is_asked
from console.views.widgets.focus import lead_focus, tab_in_order
from console.views.widgets.frames import banner_strip, flush, ground, quiet_scroll
from console.views.widgets.header import PageHeader
from console.views.widgets.sheet import Sheet
from console.views.widgets.waiting import EmptyState, Skeleton

_FIRST_EVENTS = 50
_INDEX_WIDTH = 208
_WIDEST = 860


class VenueFilePage(QWidget):
    """The page. `suspend_wanted` and `reinstatement_wanted` carry the venue's id, `back_wanted` asks for the list."""

    toast_wanted = Signal(str)
    reached = Signal(object)
    suspend_wanted = Signal(object)
    reinstatement_wanted = Signal(object)
    back_wanted = Signal()

    def __init__(
        self,
        hub: ThemeHub,
        gateway: VenueFileGateway,
        *,
        venue_id: UUID,
        clock: Clock,
        zone: tzinfo,
        has_way_back: bool = True,
    ) -> None:
        """Nothing is asked before it is shown; `has_way_back`: it was opened from a list."""
        super().__init__()
        self.hub, self._gateway, self._clock, self._zone = hub, gateway, clock, zone
        self.venue_id, self._has_way_back = venue_id, has_way_back
        self.file: VenueFile | None = None
        self._events: list[VenueEvent] = []
        self._after: tuple[object, ...] | None = None
        self._more_known = False
        self._going = False
        self.sheet: Sheet | None = None
        self.runner = TaskRunner(self._failed)
        self.destroyed.connect(self.runner.cancel_all)
        self.header = PageHeader(hub, "", "", detail=True)
        self.chip = Chip(hub, "")
        self.back_button = IconButton(hub, "ph.arrow-left", "All venues (Alt+Left)", "quiet")
        self.suspend_button = Button(hub, "Suspend…", "refuse", icon="ph.pause-circle")
        self.reinstate_button = Button(hub, "Ask for reinstatement…", icon="ph.arrow-u-up-left")
        self.banner = Banner(hub, above=12)
        self.index = SectionIndex(hub)
        self.sections = {key: SectionBox(hub, key, title) for key, title in words.SECTIONS}
        self.note_button = Button(hub, "Add a note…", icon="ph.plus", scale="compact")
        self.note_button.setToolTip("Ctrl+N")
        self.incident_button = Button(hub, "Report an incident…", icon="ph.plus", scale="compact")
        self.incident_button.setToolTip("Ctrl+I")
        self.more_button = Button(hub, "Show more", "link", scale="compact")
        self.more_button.setAccessibleName("Show more of the history")
        self.skeleton = Skeleton(hub, rows=10)
        self.gone = EmptyState(
            hub, "ph.buildings", "This venue is not there", "Go back and choose another one."
        )
        self._lay_out()
        self._wire()
        self.page_actions = self._keys()
        listen(self, self.page_actions)
        lead_focus(self, self.index)

    # -- for the window ----------------------------------------------------------------------------------------------

    def refresh(self) -> None:
        """Ask again; everything keeps its place."""
        self.runner.start(self._load(), "load")

    def stop(self) -> None:
        """Drop everything under way: the page is going away."""
        self.runner.cancel_all()

    def sizeHint(self) -> QSize:
        """The room beside the rail."""
        return QSize(1240, 872)

    # -- doing -------------------------------------------------------------------------------------------------------

    def go_to(self, key: str) -> None:
        """Jump to a section."""
        self._going = True
        self.index.mark(key)
        top = self.sections[key].mapTo(self._inside, QPoint(0, 0)).y()
        self._scroll.verticalScrollBar().setValue(top)
        self._going = False

    def turn(self, pages: int) -> None:
        """Scroll by what is seen."""
        bar = self._scroll.verticalScrollBar()
        bar.setValue(bar.value() + pages * max(bar.pageStep() - 40, 40))

    def add_note(self) -> None:
        """Write a note."""
        file = self._free()
        if file is not None:
            self._open(
                WordsSheet(
                    self.hub, self.window(), "Add a note", caption=f"{file.facts.name}. Only headquarters reads it.",
                    name="Note", do="Keep the note", most=NOTE_LENGTH, act=self._add_note,
                    needed="Write the note first.",
                )
            )  # fmt: skip

    def report_incident(self) -> None:
        """Say what went wrong."""
        file = self._free()
        if file is not None:
            today = self._clock.now().astimezone(self._zone).date()
            self._open(IncidentSheet(self.hub, self.window(), file.facts.name, today, self._report))

    def resolve(self, incident: Incident) -> None:
        """Say what was done about it."""
        if self._free() is not None:
            self._open(
                WordsSheet(
                    self.hub, self.window(), "Resolve the incident", caption=incident.title, name="What was done",
                    do="Resolve it", most=RESOLUTION_LENGTH, act=partial(self._resolve, incident),
                    needed="Say what was done about it.",
                )
            )  # fmt: skip

    def show_paper(self, paper: FileDocument) -> None:
        """Look at a paper."""
        file = self._free()
        if file is not None:
            self.sheet = PaperViewer(
                self.hub,
                self.window(),
                self._gateway,
                file.documents,
                paper,
                now=self._clock.now(),
                zone=self._zone,
            )
            self.sheet.saved.connect(lambda name: self.toast_wanted.emit(f"Saved as {name}."))
            self.sheet.closed.connect(self._sheet_closed)
            self.sheet.open()

    def leave(self) -> None:
        """Go back to the list."""
        if self._has_way_back:
            self.back_wanted.emit()

    def _free(self) -> VenueFile | None:
        return self.file if self.sheet is None and not is_asked(self) else None

    def _open(self, sheet: WordsSheet) -> None:
        self.sheet = sheet
        sheet.closed.connect(self._sheet_closed)
        sheet.refused.connect(self._failed)
        sheet.open()

    def _sheet_closed(self) -> None:
        self.sheet = None

    async def _add_note(self, body: str) -> None:
        await self._gateway.add_note(self.venue_id, body)
        self._wrote("The note is kept.")

    async def _report(self, day: date, severity: str, title: str, body: str) -> None:
        await self._gateway.report_incident(self.venue_id, day, severity, title, body)
        self._wrote("The incident is reported.")

    async def _resolve(self, incident: Incident, resolution: str) -> None:
        await self._gateway.resolve_incident(incident, resolution)
        self._wrote("The incident is resolved.")

    def _wrote(self, said: str) -> None:
        self.toast_wanted.emit(said)
        self.refresh()

    # -- loading and showing -----------------------------------------------------------------------------------------

    async def _load(self) -> None:
        file = await self._gateway.file(self.venue_id)
        self.reached.emit(None)
        self.banner.clear()
        self._stop_waiting()
        if not self._more_known:
            self._events = list(file.events)
        else:
            newest = {one.id for one in file.events}
            self._events = [*file.events, *(one for one in self._events if one.id not in newest)]
        self._show(file)

    async def _load_more(self) -> None:
        request = PageRequest(sort="at", descending=True, after=self._after, limit=PAGE_ROWS)
        page = await self._gateway.events(self.venue_id, request)
        have = {one.id for one in self._events}
        self._events += [one for one in page.rows if one.id not in have]
        self._after, self._more_known = page.next_after, True
        if self.file is not None:
            self._show(self.file)

    def _failed(self, error: ConsoleError) -> None:
        self._stop_waiting()
        if isinstance(error, Conflict):
            self.banner.show_message(error.sentence, error.hint or "", "blue")
            self.runner.start(self._load_after(error), "load")
        elif isinstance(error, NotFound) and self.file is None:
            if self._has_way_back:
                self.back_button.setFocus(Qt.FocusReason.OtherFocusReason)
            self._body.hide()
            self.gone.show()
        else:
            self.reached.emit(error)
            self.banner.show_error(error, action=("Try again", self.refresh))

    async def _load_after(self, error: ConsoleError) -> None:
        await self._load()
        self.banner.show_message(error.sentence, error.hint or "", "blue")

    def _show(self, file: VenueFile) -> None:
        self.file = file
        now, focused = self._clock.now(), QApplication.focusWidget()
        self.gone.hide()
        self._body.show()
        self.header.title.setText(file.facts.name)
        self.header.caption.setText(words.caption(file, self._zone))
        self.chip.show_chip(words.status_chip(file.facts.status))
        self.chip.show()
        self.suspend_button.setVisible(file.facts.status == "active")
        self.reinstate_button.setVisible(file.facts.status == "suspended")
        for button in (self.note_button, self.incident_button):
            button.setEnabled(True)
        figures = {}
        for key, box in self.sections.items():
            content = words.content(key, file, self._events, now, self._zone)
            box.show_content(content)
            figures[key] = words.counted(key, file, content)
        self.index.show_figures(figures)
        whole = self._after is None and (self._more_known or len(file.events) < _FIRST_EVENTS)
        self.more_button.setVisible(not whole)
        self._order()
        after = QApplication.focusWidget()
        if focused is not None and focused is not after and (after is None or self.isAncestorOf(after)):
            # What had the keyboard was made anew.
            self.index.setFocus(Qt.FocusReason.OtherFocusReason)

    def _deed(self, value: object) -> None:
        if isinstance(value, FileDocument):
            self.show_paper(value)
        elif isinstance(value, Incident):
            self.resolve(value)

    def _scrolled(self, at: int) -> None:
        if self._going:
            return
        bar = self._scroll.verticalScrollBar()
        tops = [(key, box.mapTo(self._inside, QPoint(0, 0)).y()) for key, box in self.sections.items()]
        read = [key for key, top in tops if top <= at + 60]
        if at and at == bar.maximum():
            read = [key for key, top in tops if top <= at + bar.pageStep() - 60]
        if read:
            self.index.mark(read[-1])

    def _order(self) -> None:
        stops = [stop for box in self.sections.values() for stop in box.stops]
        tab_in_order(
            self.back_button, self.suspend_button, self.reinstate_button, self.banner, self.index, *stops
        )

    def _wait(self) -> None:
        if self.file is None:
            self._body.show()
            self.gone.hide()
            self._inside.hide()
            self.skeleton.show()
            self.skeleton.start()

    def _stop_waiting(self) -> None:
        self.skeleton.stop()
        self.skeleton.hide()
        self._inside.setVisible(True)

    def showEvent(self, event: QShowEvent) -> None:
        """Whoever looks sees what is so now."""
        super().showEvent(event)
        if event.spontaneous():
            return
        self._wait()
        self._order()
        self.index.setFocus(Qt.FocusReason.OtherFocusReason)
        self.refresh()

    # -- how it is wired and laid out --------------------------------------------------------------------------------

    def _wire(self) -> None:
        self.back_button.clicked.connect(lambda _checked=False: self.leave())
        self.suspend_button.clicked.connect(lambda _checked=False: self.suspend_wanted.emit(self.venue_id))
        self.reinstate_button.clicked.connect(
            lambda _checked=False: self.reinstatement_wanted.emit(self.venue_id)
        )
        self.note_button.clicked.connect(lambda _checked=False: self.add_note())
        self.incident_button.clicked.connect(lambda _checked=False: self.report_incident())
        self.more_button.clicked.connect(lambda _checked=False: self.runner.start(self._load_more(), "more"))
        self.index.moved.connect(lambda key: self.go_to(str(key)) if key is not None and self.file else None)
        self.index.chosen.connect(lambda key: self.go_to(str(key)))
        self._scroll.verticalScrollBar().valueChanged.connect(self._scrolled)
        for box in self.sections.values():
            box.deed.connect(self._deed)

    def _keys(self) -> tuple[Action, ...]:
        action = partial(Action, heard=False, group="Venue file")
        made = [
            action("venue_file:refresh", "Refresh", self.refresh, "F5", "ph.arrow-clockwise"),
            action("venue_file:note", "Add a note", self.add_note, "Ctrl+N", "ph.note"),
            action("venue_file:incident", "Report an incident", self.report_incident, "Ctrl+I", "ph.warning-circle"),
            action("venue_file:down", "Next page", partial(self.turn, 1), "PgDown", offered=False),
            action("venue_file:up", "Page before", partial(self.turn, -1), "PgUp", offered=False),
        ]  # fmt: skip
        if self._has_way_back:
            made += [
                action("venue_file:back", "All venues", self.leave, "Alt+Left", "ph.arrow-left"),
                action("venue_file:esc", "All venues", self.leave, "Esc", listed=False, offered=False),
            ]
        made += [
            action(f"venue_file:{key}", title, partial(self.go_to, key), str(at) if at <= 9 else "", "ph.list-bullets")
            for at, (key, title) in enumerate(words.SECTIONS, 1)
        ]  # fmt: skip
        return tuple(made)

    def _fit(self) -> None:
        self._side.setFixedWidth(self.hub.theme.scaled(_INDEX_WIDTH))
        self._page.setMaximumWidth(self.hub.theme.scaled(_WIDEST))

    def _lay_out(self) -> None:
        inner = ground(self)
        self.header.lead(self.back_button if self._has_way_back else None, self.chip)
        if not self._has_way_back:
            self.back_button.setParent(self)
            self.back_button.hide()
        for button in (self.suspend_button, self.reinstate_button):
            self.header.add(button)
            button.hide()
        self.chip.hide()
        inner.addWidget(self.header)
        inner.addLayout(banner_strip(self.banner))
        self._body = QWidget()
        self._body.setProperty("clear", "true")
        across = flush(QHBoxLayout(self._body))
        side = surface("panel")
        self._side = side
        held = flush(QVBoxLayout(side))
        held.setContentsMargins(0, 8, 0, 0)
        held.addWidget(self.index, 1)
        across.addWidget(side)
        across.addWidget(line(vertical=True))
        self._inside = QWidget()
        self._inside.setProperty("clear", "true")
        centre = flush(QHBoxLayout(self._inside))
        self._page = QWidget()
        self._page.setProperty("clear", "true")
        self._fit()
        self.hub.changed.connect(self._fit)
        column = flush(QVBoxLayout(self._page))
        column.setContentsMargins(28, 0, 28, 48)
        self.sections["notes"].add_action(self.note_button)
        self.sections["incidents"].add_action(self.incident_button)
        for button in (self.note_button, self.incident_button):
            button.setEnabled(False)
        self.sections["history"].add_below(self.more_button)
        self.more_button.hide()
        for box in self.sections.values():
            column.addWidget(box)
        column.addStretch(1)
        centre.addWidget(self._page, 1)
        centre.addStretch(0)
        self._scroll = quiet_scroll(self._inside)
        self._scroll.viewport().setAutoFillBackground(False)
        right = flush(QVBoxLayout())
        right.addWidget(self.skeleton)
        self.skeleton.hide()
        right.addWidget(self._scroll, 1)
        across.addLayout(right, 1)
        inner.addWidget(self._body, 1)
        inner.addWidget(self.gone, 1)
        self.gone.hide()
