"""One background job: when it runs, what is wrong with it, its last runs, and running it now.

See docs/design.md, "Screens" (platform).
"""

from __future__ import annotations

from datetime import tzinfo

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QAbstractItemView, QStackedWidget, QVBoxLayout, QWidget

from console.clock import Clock
from console.domain.counting import count
from console.domain.jobs import JobLine, JobRun
from console.domain.paging import Page, PageRequest
from console.models.gateway_jobs import JobsGateway
from console.models.table import Column, KeysetTableModel
from console.models.words import day_and_time
from console.views.jobs import words
from console.views.jobs.strip import Strip
from console.views.theme import ThemeHub
from console.views.widgets.banner import Banner
from console.views.widgets.buttons import Button
from console.views.widgets.chips import Chip
from console.views.widgets.header import PageHeader
from console.views.widgets.table import CellLook, DataTable, TableCard
from console.views.widgets.waiting import EmptyState, Skeleton

_MOST = 100
"""As many runs as the gateway answers."""


class JobDetail(QWidget):
    """What stands beside the list of jobs. `failed` carries the ConsoleError of runs that could not be fetched."""

    failed = Signal(Exception)

    def __init__(self, hub: ThemeHub, clock: Clock, zone: tzinfo, gateway: JobsGateway) -> None:
        """Nothing is asked before `show_job`."""
        super().__init__()
        self.hub, self._clock, self._zone, self._gateway = hub, clock, zone, gateway
        self.job: JobLine | None = None
        self.setProperty("clear", "true")
        self.header = PageHeader(hub, "", "", detail=True)
        self.chip = Chip(hub, "Done", "green", "ph.check-bold")
        self.button = Button(hub, "Run now", "primary", icon="ph.play")
        self.button.setToolTip("Run this job as soon as a worker is free (Ctrl+Enter)")
        self.header.add(self.chip)
        self.header.add(self.button)
        self.export_button = Button(hub, "Export runs", icon="ph.export")
        self.export_button.setToolTip("Save the runs of this job as a file (Ctrl+Shift+E)")
        self.header.add(self.export_button)
        self.banner = Banner(hub)
        self.model = self._model()
        self.table = DataTable(hub, self.model, name="last runs", looks={"did": _did_look})
        self.model.setParent(self.table)
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.table.selectionModel().currentRowChanged.connect(lambda *_: self._say_run())
        self.card = TableCard(hub, self.table)
        self.skeleton = Skeleton(hub, rows=8)
        self.empty = EmptyState(
            hub, "ph.clock", "This job has not run yet", "It runs when it is due, or now with Ctrl+Enter."
        )
        self.strip = Strip()
        self.model.loaded.connect(self._loaded)
        self.model.failed.connect(self._fetch_failed)
        self._lay_out()

    def show_job(self, job: JobLine) -> None:
        """Show this job; the runs of another one are asked for."""
        other = self.job is None or self.job.name != job.name
        self.job = job
        now = self._clock.now()
        self.header.title.setText(job.title)
        self.header.caption.setText(words.job_caption(job, now, self._zone))
        self.chip.show_chip(words.chip(job))
        # What waits for a worker already cannot be asked for again; what runs can be asked for once more.
        self.button.setEnabled(not job.queued)
        wrong = words.failure(job, now, self._zone)
        if wrong is None:
            self.banner.clear()
        elif self.banner.text != " ".join(wrong):
            self.banner.show_message(*wrong)
        if other:
            self._body.setCurrentWidget(self._waiting)
            self.skeleton.start()
            self.strip.hide()
            self.model.narrow(job.name, {})

    def refresh(self) -> None:
        """Ask for the runs again; the marked one stays."""
        if self.job is not None:
            self.model.refresh()

    def stop(self) -> None:
        """Drop a fetch under way."""
        self.model.cancel()

    @property
    def run(self) -> JobRun | None:
        """The run that is marked."""
        index = self.table.currentIndex()
        return self.model.row(index.row()) if index.isValid() else None

    def _model(self) -> KeysetTableModel[JobRun]:
        columns: list[Column[JobRun]] = [
            Column("when", "When", self._when, sortable=False, width=132),
            Column("took", "Took", words.run_took, sortable=False, numeric=True, width=96, gives_way=1),
            Column(
                "did", "What it did", words.run_did, sortable=False, width=200, stretch=True, tooltip=words.run_did
            ),
            Column("worker", "Worker", lambda run: run.worker_name, sortable=False, width=150, gives_way=2),
        ]  # fmt: skip
        return KeysetTableModel(columns, self.fetch, lambda run: run.id, sort="when", descending=True)

    def _when(self, run: JobRun) -> str:
        return day_and_time(run.started_at, self._clock.now(), self._zone)

    async def fetch(self, request: PageRequest) -> Page[JobRun]:
        """The runs of the job that the request names."""
        return Page(await self._gateway.runs(request.text), None)

    def _loaded(self) -> None:
        self.skeleton.stop()
        rows = self.model.rowCount()
        self._body.setCurrentWidget(self.card if rows else self.empty)
        shown = count(rows, "run")
        self.card.set_foot(f"The last {shown}" if rows == _MOST else shown)
        if rows and not self.table.currentIndex().isValid():
            self.table.setCurrentIndex(self.model.index(0, 0))
        self._say_run()

    def _fetch_failed(self, error: Exception) -> None:
        self.skeleton.stop()
        self.failed.emit(error)

    def _say_run(self) -> None:
        run = self.run
        self.strip.setVisible(run is not None)
        if run is not None:
            self.strip.say(*words.run_full(run, self._clock.now(), self._zone))

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.header)
        held = QVBoxLayout()
        held.setContentsMargins(24, 16, 24, 16)
        held.setSpacing(12)
        held.addWidget(self.banner)
        self._waiting = QWidget()
        bars = QVBoxLayout(self._waiting)
        bars.setContentsMargins(0, 0, 0, 0)
        bars.addWidget(self.skeleton)
        bars.addStretch(1)
        self._body = QStackedWidget()
        for part in (self._waiting, self.card, self.empty):
            self._body.addWidget(part)
        held.addWidget(self._body, 1)
        column.addLayout(held, 1)
        column.addWidget(self.strip)
        self.strip.hide()


def _did_look(run: JobRun) -> CellLook:
    return words.run_look(run)
