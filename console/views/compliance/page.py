"""The compliance screen of headquarters: every venue or a month, one venue beside it, and the rules.

See docs/design.md, "Screens" (platform).
"""

from __future__ import annotations

from datetime import date, tzinfo
from functools import partial
from pathlib import Path
from uuid import UUID

from PySide6.QtCore import QSize, QStandardPaths, Qt, Signal
from PySide6.QtGui import QResizeEvent, QShowEvent
from PySide6.QtWidgets import QApplication, QFileDialog, QHBoxLayout, QStackedWidget, QWidget

from console.clock import Clock
from console.domain.compliance import ComplianceDue, ComplianceRow, ComplianceSettings
from console.domain.counting import count
from console.domain.vetting import FiledDocument, RequirementPage
from console.errors import ConsoleError
from console.models.gateway_vetting import CaseGateway, ComplianceGateway
from console.models.runner import TaskRunner
from console.views.approvals.evidence import EvidenceViewer
from console.views.approvals.suspend_sheet import SuspendSheet
from console.views.compliance import words
from console.views.compliance.calendar import DueCalendar
from console.views.compliance.file_sheet import FileSheet
from console.views.compliance.overview import Overview
from console.views.compliance.rules import RulesSheet
from console.views.compliance.venue_panel import WIDTH, VenuePanel
from console.views.saved_filters import FilterMemory
from console.views.shell.areas import Action, listen
from console.views.theme import ThemeHub
from console.views.widgets.base import line
from console.views.widgets.buttons import Button
from console.views.widgets.dialog import is_asked
from console.views.widgets.focus import lead_focus, tab_in_order
from console.views.widgets.frames import flush, ground
from console.views.widgets.header import PageHeader
from console.views.widgets.sheet import Sheet
from console.views.widgets.toggles import ChoiceRow

_KINDS = {".xlsx": "Workbook (*.xlsx)", ".csv": "CSV (*.csv)"}
_LEAST_BESIDE = 640


class CompliancePage(QWidget):
    """The page. `cases` is what suspending asks; without it nobody is suspended from here."""

    toast_wanted = Signal(str)
    reached = Signal(object)
    """None when the server answered, the ConsoleError when it did not: for the status bar."""
    venue_wanted = Signal(object)
    """(UUID): the file of this venue shall be shown."""

    def __init__(
        self,
        hub: ThemeHub,
        gateway: ComplianceGateway,
        *,
        clock: Clock,
        zone: tzinfo,
        memory: FilterMemory | None = None,
        may_change: bool = True,
        cases: CaseGateway | None = None,
    ) -> None:
        """Nothing is asked before it is shown; `may_change` False: it can only be read."""
        super().__init__()
        self.hub, self._gateway, self._cases = hub, gateway, cases
        self._clock, self._zone, self._may_change = clock, zone, may_change
        self.sheet: Sheet | None = None
        self.runner = TaskRunner(self._failed)
        self.destroyed.connect(self.runner.cancel_all)
        today = clock.now().astimezone(zone).date()
        self.header = PageHeader(hub, "Compliance")
        self.views = ChoiceRow(
            hub, (("overview", "Overview"), ("calendar", "Calendar")), name="How it is shown"
        )
        self.export_button = Button(hub, "Export…", icon="ph.export", scale="compact")
        self.rules_button = Button(hub, "Rules…", icon="ph.sliders-horizontal", scale="compact")
        self.overview = Overview(hub, gateway, today=today, memory=memory)
        self.calendar = DueCalendar(hub, gateway, clock=clock, zone=zone)
        self.panel = VenuePanel(
            hub, gateway, zone=zone, may_change=may_change, may_suspend=may_change and cases is not None
        )
        self._edge = line(vertical=True)
        self._lay_out()
        self._wire()
        self.page_actions = self._keys()
        listen(self, self.page_actions)
        lead_focus(self, self.overview.filter)

    # -- for the window ----------------------------------------------------------------------------------------------

    def refresh(self) -> None:
        """Ask again; everything keeps its place."""
        self.runner.start(self._load(), "load")
        self.overview.start()
        if self.views.chosen == "calendar":
            self.calendar.load()
        self.panel.refresh()

    def stop(self) -> None:
        """Drop everything under way: the page is going away."""
        self.runner.cancel_all()
        self.overview.stop()
        self.calendar.stop()
        self.panel.runner.cancel_all()
        if self.sheet is not None:
            self.sheet.close()

    def sizeHint(self) -> QSize:
        """The room beside the rail."""
        return QSize(1240, 872)

    # -- doing -------------------------------------------------------------------------------------------------------

    def show_view(self, key: str) -> None:
        """Show "overview" or "calendar"."""
        self.views.choose(key)
        self._switch(key)

    def open_venue(self, row: ComplianceRow | ComplianceDue) -> None:
        """Show a venue at the right."""
        if isinstance(row, ComplianceDue):
            known = next((one for one in self._rows() if one.venue_id == row.venue_id), None)
            if known is None:
                self._open(row.venue_id, row.venue, "", "", None)
                return
            row = known
        self._open(row.venue_id, row.venue, row.city, row.status, row.suspends_on)

    def close_venue(self) -> None:
        """Take the panel away; in the list without one, show every venue again."""
        if self.panel.is_open:
            self.panel.close_panel()
        elif self.views.chosen == "overview":
            self.overview.clear()

    def open_rules(self) -> None:
        """Show the rules."""
        if not self._free():
            return
        sheet = RulesSheet(self.hub, self.window(), self._gateway, may_change=self._may_change)
        sheet.saved.connect(self._rules_saved)
        self._show_sheet(sheet)

    def suspend(self) -> None:
        """Look at what suspending the venue on show would do, and ask."""
        venue_id = self.panel.venue_id
        if venue_id is None or self._cases is None or not self._may_change or not self._free():
            return
        if self.panel.status not in ("active", ""):
            return
        sheet = SuspendSheet(
            self.hub, self.window(), self._cases, venue_id=venue_id, venue=self.panel.venue,
            today=self._clock.now().astimezone(self._zone).date(), zone=self._zone,
        )  # fmt: skip
        sheet.done.connect(self._done)
        self._show_sheet(sheet)

    def ask_export(self) -> None:
        """Ask where the overview is written to."""
        folder = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation)
        dialog = QFileDialog(self, "Export compliance", folder)
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setNameFilters(list(_KINDS.values()))
        dialog.setDefaultSuffix("xlsx")
        dialog.selectFile("compliance.xlsx")
        dialog.filterSelected.connect(
            lambda kind: dialog.setDefaultSuffix("csv" if "csv" in kind else "xlsx")
        )
        dialog.fileSelected.connect(lambda chosen: self.export(Path(chosen)))
        dialog.finished.connect(lambda _result: dialog.deleteLater())
        dialog.open()

    def export(self, path: Path) -> None:
        """Write the venues on show to a file."""
        self.export_button.setEnabled(False)
        self.export_button.setText("Exporting…")
        self.runner.start(self._export(path), "export")

    # -- inside ------------------------------------------------------------------------------------------------------

    def _rows(self) -> list[ComplianceRow]:
        model = self.overview.model
        return [model.row(at) for at in range(model.rowCount())]

    def _open(self, venue_id: UUID, venue: str, city: str, status: str, suspends_on: date | None) -> None:
        self.overview.mark(venue_id)
        self.panel.open(venue_id, venue, city, status, suspends_on, self._clock.now())
        self._opened()

    async def _load(self) -> None:
        self.overview.show_counts(await self._gateway.compliance_counts())
        self._say_rules(await self._gateway.settings())
        self.reached.emit(None)

    async def _export(self, path: Path) -> None:
        try:
            rows = await self._gateway.export(self.overview.model.request, path)
        finally:
            self.export_button.setEnabled(True)
            self.export_button.setText("Export…")
        self.toast_wanted.emit(f"{count(rows, 'venue')} saved in {path.name}")

    def _failed(self, error: ConsoleError) -> None:
        self.reached.emit(error)
        part = self.overview if self.views.chosen == "overview" else self.calendar
        part.banner.show_error(error, action=("Try again", self.refresh))

    def _say_rules(self, rules: ComplianceSettings) -> None:
        said = words.rules_line(rules)
        self.header.caption.setText(f"{said[:1].upper()}{said[1:]}")

    def _rules_saved(self, rules: object) -> None:
        if isinstance(rules, ComplianceSettings):
            self._say_rules(rules)
        self._done("The rules are saved")

    def _done(self, said: str) -> None:
        self.toast_wanted.emit(said)
        self.refresh()

    def _free(self) -> bool:
        return self.sheet is None and not is_asked(self)

    def _show_sheet(self, sheet: Sheet) -> None:
        self.sheet = sheet
        sheet.closed.connect(self._sheet_closed)
        sheet.open()

    def _sheet_closed(self) -> None:
        self.sheet = None

    def _file(self, page: RequirementPage) -> None:
        venue_id = self.panel.venue_id
        if venue_id is None or not self._may_change or not self._free():
            return
        sheet = FileSheet(
            self.hub, self.window(), self._gateway, page, venue_id=venue_id,
            today=self._clock.now().astimezone(self._zone).date(), for_venue=self.panel.venue,
        )  # fmt: skip
        sheet.filed.connect(lambda filed: self._done(f"Filed: {filed.requirement.words.lower()}"))
        self._show_sheet(sheet)

    def _look_at(self, documents: list[FiledDocument], first: FiledDocument) -> None:
        if self._free():
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

    def _switch(self, key: str) -> None:
        part = self.overview if key == "overview" else self.calendar
        self.parts.setCurrentWidget(part)
        self.export_button.setVisible(key == "overview")
        if key == "calendar":
            self.calendar.load()
        lead = self.overview.filter if key == "overview" else self.calendar.month
        lead_focus(self, lead)
        self._place()
        self._order()
        holder = QApplication.focusWidget()
        if self.isVisible() and not (holder is not None and self.views.isAncestorOf(holder)):
            lead.setFocus(Qt.FocusReason.OtherFocusReason)

    def _opened(self) -> None:
        self._place()
        self._order()

    def _closed(self) -> None:
        self._place()
        (self.overview.table if self.views.chosen == "overview" else self.calendar.month).setFocus(
            Qt.FocusReason.OtherFocusReason
        )

    # -- layout ------------------------------------------------------------------------------------------------------

    def showEvent(self, event: QShowEvent) -> None:
        """Whoever looks sees what is so now."""
        super().showEvent(event)
        if event.spontaneous():
            return
        self.refresh()
        self._place()
        self._order()
        (self.overview.filter if self.views.chosen == "overview" else self.calendar.month).setFocus(
            Qt.FocusReason.OtherFocusReason
        )

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The panel stands beside what it is about, or lies over it where there is no room."""
        super().resizeEvent(event)
        self._place()

    def _place(self) -> None:
        scaled = self.hub.theme.scaled
        shown = self.panel.is_open
        part = self.overview if self.views.chosen == "overview" else self.calendar
        least = max(scaled(_LEAST_BESIDE), part.minimumSizeHint().width())
        beside = self.width() - scaled(WIDTH) >= least
        self._edge.setVisible(shown)
        if shown and not beside:
            self._row.removeWidget(self.panel)
            self._row.removeWidget(self._edge)
            high, top = self._across.height(), 0
            left = self._across.width() - self.panel.width()
            self._edge.setGeometry(left - 1, top, 1, high)
            self.panel.setGeometry(left, top, self.panel.width(), high)
            self._edge.raise_()
            self.panel.raise_()
        elif self._row.indexOf(self.panel) < 0:
            self._row.addWidget(self._edge)
            self._row.addWidget(self.panel)

    def _order(self) -> None:
        part: QWidget = self.overview if self.views.chosen == "overview" else self.calendar
        inside = (
            (self.overview.tabs, self.overview.filter, self.overview.choices, self.overview.banner, self.overview.table)
            if part is self.overview
            else (self.calendar.before, self.calendar.after, self.calendar.today_button, self.calendar.banner,
                  self.calendar.month, self.calendar.list)
        )  # fmt: skip
        tab_in_order(self.views, self.export_button, self.rules_button, *inside, *self.panel.stops)

    def _wire(self) -> None:
        self.views.changed.connect(self._switch)
        self.export_button.clicked.connect(lambda _checked=False: self.ask_export())
        self.rules_button.clicked.connect(lambda _checked=False: self.open_rules())
        for part in (self.overview, self.calendar):
            part.venue_chosen.connect(self.open_venue)
            part.failed.connect(self.reached)
            part.answered.connect(lambda: self.reached.emit(None))
        self.panel.closed.connect(self._closed)
        self.panel.loaded.connect(self._opened)
        self.panel.failed.connect(self.reached)
        self.panel.file_wanted.connect(self._file)
        self.panel.documents_wanted.connect(self._look_at)
        self.panel.venue_wanted.connect(self.venue_wanted)
        self.panel.suspend_wanted.connect(self.suspend)

    def _keys(self) -> tuple[Action, ...]:
        action = partial(Action, heard=False, group="Compliance")
        return (
            action("compliance:refresh", "Refresh", self.refresh, "F5", "ph.arrow-clockwise"),
            action("compliance:filter", "Filter venues", self._to_filter, "Ctrl+F", "ph.funnel"),
            action("compliance:overview", "Overview", partial(self.show_view, "overview"), "Alt+1", "ph.table"),
            action("compliance:calendar", "Calendar", partial(self.show_view, "calendar"), "Alt+2", "ph.calendar"),
            action("compliance:rules", "Rules of compliance…", self.open_rules, "Ctrl+R", "ph.sliders-horizontal"),
            action("compliance:export", "Export the overview…", self.ask_export, "Ctrl+Shift+E", "ph.export"),
            action("compliance:close", "Close the venue, or clear the filter", self.close_venue, "Esc", offered=False),
        )  # fmt: skip

    def _to_filter(self) -> None:
        self.show_view("overview")
        self.overview.filter.setFocus(Qt.FocusReason.OtherFocusReason)

    def _lay_out(self) -> None:
        column = ground(self)
        self.header.add(self.views)
        self.header.add(self.export_button)
        self.header.add(self.rules_button)
        column.addWidget(self.header)
        self._across = QWidget()
        self._row = flush(QHBoxLayout(self._across))
        self.parts = QStackedWidget()
        self.parts.addWidget(self.overview)
        self.parts.addWidget(self.calendar)
        # The window may become narrow: the panel then lies over the list.
        self.parts.setMinimumWidth(1)
        self._row.addWidget(self.parts, 1)
        for part in (self._edge, self.panel):
            part.setParent(self._across)
            self._row.addWidget(part)
        self._edge.hide()
        self.panel.hide()
        column.addWidget(self._across, 1)
