"""The desk's printer: from facts to paper, with a preview where the person should look first.

Documents are made and painted in threads; the window never waits. Labels go out at once when a label printer is
known. See docs/design.md, "Documents" and "Screens" (front desk), and `console.models.printing`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, tzinfo
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from PySide6.QtCore import QLocale, QStandardPaths
from PySide6.QtWidgets import QFileDialog, QWidget

from console.clock import Clock
from console.domain.counting import count
from console.domain.day import Building, DaySummary, LabelFacts
from console.domain.desk import RosterEntry, SessionSummary
from console.domain.programme import Calendar
from console.errors import ConsoleError, FileTrouble, Unavailable
from console.views.printing.outlet import FOLDER, Outlet, QtOutlet, Target, file_name, save
from console.views.printing.preview import Choice, Preview
from console.views.theme import ThemeHub

if TYPE_CHECKING:  # reportlab is imported with the first document, not with the window
    from console.reports.layout import Imprint, Paper


class PrintMemory(Protocol):
    """What this desk remembers of its printers; each may be empty."""

    printer: str
    label_printer: str
    label_size: str


@dataclass(frozen=True, slots=True)
class PrintContext:
    """For which venue, in which zone and by whom documents are made now."""

    venue: str
    zone: tzinfo
    person: str


@dataclass(frozen=True, slots=True)
class _Job:
    title: str
    facts: str
    file: str
    make: Callable[[], bytes]
    labels: bool = False


class QtDeskPrinter:
    """Prints for one window."""

    def __init__(
        self,
        hub: ThemeHub,
        window: QWidget,
        memory: PrintMemory,
        context: Callable[[], PrintContext],
        clock: Clock,
        *,
        outlet: Outlet | None = None,
        documents: Path | None = None,
        choose_file: Callable[[QWidget, Path], Awaitable[Path | None]] | None = None,
    ) -> None:
        """`context` is asked at each print. `documents` is where files go that nobody chose a place for."""
        self._hub, self._window, self._memory = hub, window, memory
        self._context, self._clock = context, clock
        self._outlet: Outlet = outlet or QtOutlet()
        self._documents = documents
        self._choose_file = choose_file or _ask_for_file
        self.preview: Preview | None = None

    # -- DeskPrinter -------------------------------------------------------------------------------------------------

    async def print_roster(
        self, session: SessionSummary, entries: Sequence[RosterEntry], *, as_of: datetime | None = None
    ) -> str:
        """A session's roster, after a preview in which Enter prints."""
        context, made_at = self._context(), self._clock.now()

        def make() -> bytes:
            from console.reports.roster import roster

            return roster(session, entries, _imprint(context, made_at, as_of), paper=_paper())

        begins = session.starts_at.astimezone(context.zone)
        file = f"Roster {session.activity_name} {begins:%Y-%m-%d %H%M}"
        return await self._after_preview(
            _Job("Roster", f"{session.activity_name}, {_children(len(entries))}", file, make)
        )

    async def print_labels(self, labels: Sequence[LabelFacts]) -> str:
        """Labels and tags, at once where this desk has a label printer, else after a preview that asks for one."""
        if not labels:
            return ""
        context, size = self._context(), self._memory.label_size

        def make() -> bytes:
            from console.reports.labels import DEFAULT_SIZE, SIZES
            from console.reports.labels import labels as make_labels

            known = size if size in SIZES else DEFAULT_SIZE
            return make_labels(labels, context.zone, venue=context.venue, size=known)

        day = labels[0].starts_at.astimezone(context.zone)
        families = len({one.tag for one in labels})
        facts = f"{_children(len(labels))}, {count(families, 'pickup tag')}"
        job = _Job("Labels", facts, f"Labels {day:%Y-%m-%d}", make, labels=True)
        if not self._memory.label_printer:
            return await self._after_preview(job)
        pdf = await asyncio.to_thread(job.make)
        try:
            return await self._send(job, pdf, Choice("main", self._memory.label_printer))
        except Unavailable as error:
            return await self._after_preview(job, error)

    async def print_roll_call(self, building: Building, *, as_of: datetime | None = None) -> str:
        """Who is in the building, by room, after a preview in which Enter prints."""
        context, made_at = self._context(), self._clock.now()

        def make() -> bytes:
            from console.reports.roll_call import roll_call

            return roll_call(building, _imprint(context, made_at, as_of), paper=_paper())

        at = building.at.astimezone(context.zone)
        facts = f"{_children(len(building.present))} in the building at {at:%H:%M}"
        return await self._after_preview(_Job("Roll call", facts, f"Roll call {at:%Y-%m-%d %H%M}", make))

    async def print_day(self, summary: DaySummary) -> str:
        """The day in numbers, after a preview in which Enter prints."""
        context, made_at = self._context(), self._clock.now()

        def make() -> bytes:
            from console.reports.day_summary import day_summary

            return day_summary(summary, _imprint(context, made_at, None), paper=_paper())

        many = len(summary.sessions)
        facts = f"{count(many, 'session')}"
        return await self._after_preview(_Job("Day summary", facts, f"Day {summary.day.isoformat()}", make))

    async def print_week(self, calendar: Calendar, zone: tzinfo, *, by_instructor: bool = False) -> str:
        """A week of the programme, after a preview in which Enter prints."""
        context, made_at = self._context(), self._clock.now()

        def make() -> bytes:
            from console.reports.week import week

            imprint = replace(_imprint(context, made_at, None), zone=zone)
            return week(calendar, imprint, by_instructor=by_instructor, paper=_paper())

        many = sum(1 for one in calendar.sessions if not one.is_cancelled)
        facts = f"{count(many, 'session')} from {calendar.first.isoformat()}"
        return await self._after_preview(_Job("Week", facts, f"Week {calendar.first.isoformat()}", make))

    async def print_document(self, title: str, facts: str, file: str, pdf: bytes) -> str:
        """A document that is finished already, such as a statement, after a preview in which Enter prints."""
        return await self._after_preview(_Job(title, facts, file, lambda: pdf))

    def dismiss(self) -> None:
        """Take an open preview off the screen at once: the desk is locked, or somebody signs out."""
        if self.preview is not None:
            self.preview.dismiss()

    # -- inside ------------------------------------------------------------------------------------------------------

    async def _after_preview(self, job: _Job, trouble: ConsoleError | None = None) -> str:
        if self.preview is not None:
            return ""  # the keys that ask for a print reach the page below once more: one preview is enough
        preview = Preview(self._hub, self._window, job.title, job.facts)
        self.preview = preview
        preview.open()
        try:
            pdf, targets = await asyncio.gather(
                asyncio.to_thread(job.make), asyncio.to_thread(self._outlet.printers)
            )
            kept = self._memory.label_printer if job.labels else self._memory.printer
            if kept.startswith(FOLDER) and all(target.name != kept for target in targets):
                targets = [Target(kept), *targets]
            preview.set_printers(targets, kept)
            if trouble is not None:
                preview.show_error(trouble)
            await preview.show_document(pdf)
            return await self._answered(preview, job, pdf, targets)
        finally:
            self.preview = None
            preview.close()

    async def _answered(self, preview: Preview, job: _Job, pdf: bytes, targets: Sequence[Target]) -> str:
        while True:
            choice = await preview.choice()
            try:
                if choice.what == "close":
                    return ""
                if choice.what == "file":
                    said = await self._save_where_chosen(job, pdf)
                    if said:
                        return said
                elif not targets:
                    return await self._save(job, pdf)
                else:
                    # Enter pressed before the printers were known means the one that is chosen now.
                    printer = choice.printer or preview.chosen_printer
                    said = await self._send(job, pdf, Choice("main", printer, choice.copies))
                    self._remember(job, printer)
                    return said
            except ConsoleError as error:
                preview.show_error(error)

    async def _send(self, job: _Job, pdf: bytes, choice: Choice) -> str:
        await asyncio.to_thread(self._outlet.send, pdf, choice.printer, name=job.file, copies=choice.copies)
        where = Target(choice.printer).words
        if choice.printer.startswith(FOLDER):
            return f"{job.title} saved: {where[0].lower()}{where[1:]}"
        return f"{job.title} sent to {where}"

    def _remember(self, job: _Job, printer: str) -> None:
        if job.labels:
            self._memory.label_printer = printer
        else:
            self._memory.printer = printer

    async def _save(self, job: _Job, pdf: bytes) -> str:
        path = await asyncio.to_thread(save, pdf, self._documents_folder(), job.file)
        return f"Saved as {path.name} in {path.parent}"

    async def _save_where_chosen(self, job: _Job, pdf: bytes) -> str:
        suggested = self._documents_folder() / f"{file_name(job.file)}.pdf"
        path = await self._choose_file(self._window, suggested)
        if path is None:
            return ""
        try:
            await asyncio.to_thread(path.write_bytes, pdf)
        except OSError as error:
            raise FileTrouble("The file could not be written.", hint="Choose another folder.") from error
        return f"Saved as {path.name} in {path.parent}"

    def _documents_folder(self) -> Path:
        if self._documents is not None:
            return self._documents
        found = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation)
        return Path(found) if found else Path.home()


async def _ask_for_file(window: QWidget, suggested: Path) -> Path | None:
    """The system's own file dialog, awaited; None where the person cancels."""
    dialog = QFileDialog(window, "Save as PDF", str(suggested.parent), "PDF (*.pdf)")
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    dialog.setDefaultSuffix("pdf")
    dialog.selectFile(suggested.name)
    finished: asyncio.Future[bool] = asyncio.get_running_loop().create_future()

    def tell(result: int) -> None:
        if not finished.done():
            finished.set_result(bool(result))

    dialog.finished.connect(tell)
    dialog.open()
    try:
        return Path(dialog.selectedFiles()[0]) if await finished else None
    finally:
        dialog.deleteLater()


def _imprint(context: PrintContext, made_at: datetime, as_of: datetime | None) -> Imprint:
    from console.reports.layout import Imprint

    return Imprint(context.venue, context.zone, made_at, context.person, as_of)


def _paper() -> Paper:
    from console.reports.layout import A4, LETTER

    american = QLocale().measurementSystem() is QLocale.MeasurementSystem.ImperialUSSystem
    return LETTER if american else A4


def _children(number: int) -> str:
    return count(number, "child", "children")
