"""Import and export of a programme: a sheet over the schedule.

An import has three steps: what to read, which column is which (for a table), and what it would make; only the last
writes, and only after the button that says how much. See docs/design.md, "Screens" (schedule).
"""

from __future__ import annotations

from collections.abc import Coroutine
from datetime import date
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from console.domain.counting import count
from console.domain.exchange import Columns, Opened, Published, Report
from console.errors import Conflict, ConsoleError, Unavailable
from console.models.gateway_exchange import ExchangeGateway
from console.models.runner import TaskRunner
from console.views.exchange import words
from console.views.exchange.choose import ChooseStep
from console.views.exchange.columns import ColumnsStep
from console.views.exchange.export import ExportStep
from console.views.exchange.files import DialogPicker, FilePicker
from console.views.exchange.report import ReportStep
from console.views.theme import ThemeHub
from console.views.widgets.buttons import Button
from console.views.widgets.sheet import Sheet
from console.views.widgets.toggles import ChoiceRow

_TABS = (("import", "Import"), ("export", "Export"))
_PLACES = 10


class ExchangeSheet(Sheet):
    """The sheet. `changed` says that the programme has to be asked anew, `toast_wanted` what to say of it."""

    changed = Signal()
    toast_wanted = Signal(str, str)

    def __init__(
        self,
        hub: ThemeHub,
        window: QWidget,
        gateway: ExchangeGateway,
        *,
        today: date,
        venue: str,
        may_import: bool = True,
        picker: FilePicker | None = None,
    ) -> None:
        """`today` is the venue's day. Without `may_import` (schedule.edit) the sheet only exports."""
        super().__init__(hub, window, "Import and export" if may_import else "Export", width=760)
        self._gateway, self._today, self._venue, self._may_import = gateway, today, venue, may_import
        self._picker: FilePicker = picker or DialogPicker()
        self._opened: Opened | None = None
        self._report: Report | None = None
        self._table: Columns | None = None
        self._address, self._private, self._places = "", False, _PLACES
        self.step = ""
        self.runner = TaskRunner(self._failed)
        self.closed.connect(self.runner.cancel_all)
        if may_import:
            self.show_import()
        else:
            self.show_export()

    def step_back(self) -> bool:
        """From the report to the columns or the file, from the columns to the file."""
        if self.step == "report" and self._opened is not None and self._opened.sheet is not None:
            self._show_columns(self._opened)
        elif self.step in ("report", "columns"):
            self.show_import()
        else:
            return False
        return True

    # -- in ------------------------------------------------------------------------------------------------------------

    def show_import(self) -> None:
        """Which file, or which address."""
        self.step = "choose"
        self.choose = ChooseStep(
            self.hub, places=str(self._places), address=self._address, private=self._private
        )
        self.choose.file_wanted.connect(lambda: self.runner.start(self._open_file(), "open"))
        self.choose.address_wanted.connect(self._open_address)
        self.choose.stopped.connect(self._stop_reading)
        body = self._with_tabs("import", self.choose)
        self.show_step(
            body, "Nothing is written before you have seen what it would be.", focus=self.choose.file
        )
        self.set_answers(self.answer("Close", self.close))
        self.choose.in_order()

    async def _open_file(self) -> None:
        path = await self._picker.file(self._window)
        if path is not None:
            await self.open_path(path)

    async def open_path(self, path: Path) -> None:
        """Read a file and go on to the next step."""
        await self._reading(self._gateway.open_file(path, self._progress))

    def _open_address(self, address: str, private: bool) -> None:
        self._address, self._private = address, private
        self.banner.clear()
        opening = self._gateway.open_address(address, private, self._progress)
        self.runner.start(self._reading(opening), "open")

    async def _reading(self, opening: Coroutine[Any, Any, Opened]) -> None:
        step = self.choose
        self._places = step.capacity or self._places
        self.banner.clear()
        step.show_busy(True)
        try:
            opened = await opening
        finally:
            if self.step == "choose" and step is self.choose and self.is_open:
                step.show_busy(False)
        self._opened, self._table = opened, None
        if opened.sheet is not None:
            self._show_columns(opened)
        else:
            await self._look(None)

    def _progress(self, done: int, total: int) -> None:
        if self.step == "choose" and self.is_open:
            self.choose.show_progress(done, total)

    def _stop_reading(self) -> None:
        self.runner.cancel("open")

    def _show_columns(self, opened: Opened) -> None:
        """Which column holds which fact."""
        columns = self._table or opened.columns
        if opened.sheet is None or columns is None:
            return
        self.step = "columns"
        self.columns = ColumnsStep(self.hub, opened.sheet, columns)
        said = (
            "As you chose for such a table before."
            if opened.was_remembered
            else "Check what each column holds."
        )
        self.show_step(self.columns, f"{opened.name} · {said}", focus=self.columns.boxes["title"])
        self.next = self.answer("Show what it would make", self._look_at_table, "primary")
        self.set_answers(self.answer("Back", self.step_back), self.next)
        self.columns.changed.connect(lambda: self.banner.clear())

    def _look_at_table(self) -> None:
        lacking = self.columns.columns.missing()
        if lacking:
            self.banner.show_message("Say which column holds: " + ", ".join(lacking) + ".", "", "amber")
            return
        self.next.setEnabled(False)
        self.runner.start(self._look(self.columns.columns), "look")

    async def _look(self, chosen: Columns | None) -> None:
        opened = self._opened
        if opened is None:
            return
        self._table = chosen
        report = await self._gateway.look(opened, chosen, self._places, self._progress)
        self._report = report
        self._show_report(report, opened)

    def _show_report(self, report: Report, opened: Opened) -> None:
        self.step = "report"
        self.report = ReportStep(self.hub, report)
        self.show_step(self.report, f"{opened.name} · Nothing is saved yet.", focus=self.report.filter)
        self.apply_button: Button = self.answer(words.button(report), self.apply, "primary")
        self.apply_button.setEnabled(report.does_something)
        self.set_answers(self.answer("Back", self.step_back), self.apply_button)

    def apply(self) -> None:
        """Do what the report says."""
        if self.step == "report" and self._report is not None and not self.runner.busy:
            self.apply_button.setEnabled(False)
            self.runner.start(self._apply(self._report), "apply")

    async def _apply(self, report: Report) -> None:
        try:
            taken = await self._gateway.take(report)
        except Conflict as error:
            # What was shown is not what would happen any more: the new report, and why there is one.
            await self._look(self._table)
            self.banner.show_error(error)
            return
        self.changed.emit()
        self.toast_wanted.emit("Imported", words.done(taken))
        self.close()

    # -- out -----------------------------------------------------------------------------------------------------------

    def show_export(self) -> None:
        """What goes out."""
        self.step = "export"
        self.export = ExportStep(self.hub, self._today, self._venue)
        self.export.show_kept(self._gateway.published())
        self.export.kept_wanted.connect(lambda: self.runner.start(self._keep(), "keep"))
        self.export.kept_stopped.connect(lambda: self.runner.start(self._stop_keeping(), "keep"))
        self.export.entered.connect(self.save)
        body = self._with_tabs("export", self.export)
        self.show_step(body, "", focus=self.export.format)
        self.save_button = self.answer("Save as…", self.save, "primary", "ph.download-simple")
        self.set_answers(self.answer("Close", self.close), self.save_button)
        self.export.in_order()
        self.runner.start(self._fill(self.export), "choices")

    async def _fill(self, step: ExportStep) -> None:
        choices = await self._gateway.choices()
        if step is self.export and self.step == "export":
            step.show_choices(choices)

    def save(self) -> None:
        """Write the file to a place of the person's choice."""
        wish = self.export.read()
        if wish is not None and self.step == "export":
            self.runner.start(self._save(), "save")

    async def _save(self) -> None:
        wish = self.export.read()
        if wish is None:
            return
        path = await self._picker.save(self._window, self.export.suggested(wish))
        if path is None:
            return
        written = await self._gateway.export(wish, path)
        entries = count(written.entries, "entry", "entries")
        self.toast_wanted.emit(f"Saved as {Path(written.path).name}", entries)

    async def _keep(self) -> None:
        folder = await self._picker.folder(self._window)
        if folder is None:
            return
        room, instructor = self.export.whom
        kept = await self._gateway.publish(Published(str(folder), room, instructor))
        self.export.show_kept(kept)
        self.toast_wanted.emit("The calendar is kept up to date", str(folder))

    async def _stop_keeping(self) -> None:
        self.export.show_kept(await self._gateway.publish(None))
        self.export.keep.setFocus(Qt.FocusReason.OtherFocusReason)

    # -- both ----------------------------------------------------------------------------------------------------------

    def _with_tabs(self, chosen: str, step: QWidget) -> QWidget:
        if not self._may_import:
            return step
        body = QWidget()
        column = QVBoxLayout(body)
        column.setSpacing(16)
        self.tabs = ChoiceRow(self.hub, _TABS, name="Import or export")
        self.tabs.choose(chosen)
        self.tabs.changed.connect(lambda key: self.show_export() if key == "export" else self.show_import())
        column.addWidget(self.tabs)
        layout = step.layout()
        if layout is not None:
            layout.setContentsMargins(0, 0, 0, 0)
        column.addWidget(step, 1)
        return body

    def _failed(self, error: ConsoleError) -> None:
        if self.step == "columns":
            self.next.setEnabled(True)
        elif self.step == "report" and self._report is not None:
            self.apply_button.setEnabled(isinstance(error, Unavailable) and self._report.does_something)
        self.banner.show_error(error)
