"""The Background jobs screen: every job with how it is, the runs of one, run now; and the mail in its own tab.

It asks again every ten seconds while somebody looks, faster while something waits or runs, and nothing moves when it
does. See docs/design.md, "Screens" (platform).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import tzinfo
from functools import partial
from typing import Any

from PySide6.QtCore import QSize, Qt, QTimer, Signal
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from console.clock import Clock
from console.domain.jobs import JobLine
from console.domain.paging import Page, PageRequest
from console.errors import Conflict, ConsoleError, NotFound
from console.models.gateway_jobs import JobsGateway
from console.models.runner import TaskRunner
from console.services.exports import ExportColumn
from console.views.bookings.export import ExportBar
from console.views.jobs import words
from console.views.jobs.detail import JobDetail
from console.views.jobs.mail import MailPart
from console.views.shell.areas import Action, listen
from console.views.theme import ThemeHub
from console.views.widgets.banner import Banner
from console.views.widgets.base import line, surface
from console.views.widgets.buttons import Button
from console.views.widgets.choices import ChoiceList
from console.views.widgets.fields import TextInput
from console.views.widgets.focus import lead_focus, tab_in_order
from console.views.widgets.header import PageHeader
from console.views.widgets.toggles import ChoiceRow
from console.views.widgets.waiting import EmptyState, Skeleton

CALM_MS = 10_000
BUSY_MS = 2_000
_TABS = (("jobs", "Jobs"), ("mail", "Mail"))
_LIST_WIDTH = 384


class _JobList(ChoiceList):
    """Enter runs the job; a press of the mouse only shows it."""

    def __init__(self, hub: ThemeHub, run: Callable[[], object]) -> None:
        super().__init__(hub, "Background jobs")
        self._run = run

    def enter(self) -> bool:
        """Run the current job."""
        if self.current is None:
            return False
        self._run()
        return True


class JobsPage(QWidget):
    """The page."""

    toast_wanted = Signal(str, str)
    reached = Signal(object)
    """None when the server answered, the ConsoleError when it did not: for the status bar."""

    def __init__(self, hub: ThemeHub, clock: Clock, zone: tzinfo, gateway: JobsGateway) -> None:
        """Nothing is asked before it is shown; times are those of `zone`."""
        super().__init__()
        self.hub, self._clock, self._zone, self._gateway = hub, clock, zone, gateway
        self._jobs: list[JobLine] = []
        self._known = self._busy = False
        self.runner = TaskRunner(self._failed)
        self.destroyed.connect(self.runner.cancel_all)
        self.header = PageHeader(hub, "Background jobs")
        self.tabs = ChoiceRow(hub, _TABS, style="tabs", name="What is shown")
        self.tabs.changed.connect(lambda _key: self._tab())
        self.worker_banner = Banner(hub, above=12)
        self.banner = Banner(hub, above=12)
        self.filter = TextInput(hub, placeholder="Filter jobs")
        self.filter.setAccessibleName("Filter jobs")
        self.list = _JobList(hub, self.run_now)
        self.list.moved.connect(lambda _value: self._show_detail())
        self.list.steer(self.filter)
        self.filter.textChanged.connect(lambda _text: self._show_list())
        self.skeleton = Skeleton(hub, rows=8, row_height=hub.theme.size("row.roster"))
        self.no_match = EmptyState(
            hub, "ph.magnifying-glass", "No jobs match", "Type less, or clear the filter."
        )
        self.empty = EmptyState(
            hub, "ph.gear", "No background job has run yet", f"Start the worker with: {words.START}"
        )
        self.detail = JobDetail(hub, clock, zone, gateway)
        self.detail.button.clicked.connect(lambda _checked=False: self.run_now())
        self.detail.failed.connect(self._failed)
        self.mail = MailPart(hub, clock, zone, gateway, self.runner)
        self.mail.toast_wanted.connect(self.toast_wanted)
        self.mail.failed.connect(self._failed)
        self.mail.sent.connect(self.refresh)
        self.export_button = Button(hub, "Export", icon="ph.export")
        self.export_button.setToolTip("Save the jobs, or the messages, on show as a file (Ctrl+Alt+E)")
        self.export_button.clicked.connect(lambda _checked=False: self.export())
        self.detail.export_button.clicked.connect(lambda _checked=False: self.export_runs())
        self.job_exports = self._exports(self._job_page, words.job_columns(zone), "jobs")
        self.run_exports = self._exports(self.detail.fetch, words.run_columns(zone), "runs")
        self.mail_exports = self._exports(self.mail.fetch, words.mail_columns(zone), "messages")
        self._lay_out()
        self._poll = QTimer(self)
        self._poll.setInterval(CALM_MS)
        self._poll.timeout.connect(self.refresh)
        self.page_actions = self._keys()
        listen(self, self.page_actions)
        lead_focus(self, self.filter)

    # -- for the window ----------------------------------------------------------------------------------------------

    def refresh(self) -> None:
        """Ask again; everything keeps its place."""
        self.runner.start(self._load(), "load")

    def stop(self) -> None:
        """Drop everything under way: the page is going away."""
        self._poll.stop()
        self.runner.cancel_all()
        self.detail.stop()
        self.mail.stop()

    def sizeHint(self) -> QSize:
        """The room beside the rail."""
        return QSize(1240, 872)

    @property
    def asks_every(self) -> int:
        """How often it asks now, in milliseconds; 0 while nobody looks."""
        return self._poll.interval() if self._poll.isActive() else 0

    @property
    def job(self) -> JobLine | None:
        """The job on show."""
        return next((one for one in self._jobs if one.name == self.list.current), None)

    # -- doing -------------------------------------------------------------------------------------------------------

    def run_now(self) -> None:
        """Run the job on show as soon as a worker is free."""
        job = self.job
        if job is not None and not self._busy:
            self._busy = True
            self.runner.start(self._run(job))

    def act(self) -> None:
        """Do what the tab is for: run the job, or send the message again."""
        if self.tabs.chosen == "mail":
            self.mail.send_again()
        else:
            self.run_now()

    def export(self) -> None:
        """Save what the tab lists, as far as its filter lets it through."""
        if self.tabs.chosen == "mail":
            self.mail_exports.ask(self.mail.model.request, "undelivered-messages", ".xlsx")
        else:
            self.job_exports.ask(PageRequest("title", text=self.filter.text()), "jobs", ".xlsx")

    def export_runs(self) -> None:
        """Save the last runs of the job on show."""
        job = self.job
        if job is not None and self.tabs.chosen == "jobs":
            self.run_exports.ask(PageRequest("when", text=job.name), f"runs-{job.name}", ".xlsx")

    async def _job_page(self, request: PageRequest) -> Page[JobLine]:
        return Page([one for one in self._jobs if words.fits(one, request.text)], None)

    def _exports(
        self,
        fetch: Callable[[PageRequest], Awaitable[Page[Any]]],
        columns: Sequence[ExportColumn[Any]],
        rows: str,
    ) -> ExportBar:
        made = ExportBar(
            self.hub, fetch, columns, runner=self.runner, owner=self, failed=self.banner, rows=rows
        )
        made.done.connect(self.toast_wanted)
        return made

    def show_tab(self, key: str) -> None:
        """Show the jobs or the mail."""
        self.tabs.choose(key)
        self._tab()
        (self.filter if key == "jobs" else self.mail.filter).setFocus(Qt.FocusReason.OtherFocusReason)

    async def _run(self, job: JobLine) -> None:
        is_new = await self._gateway.run_now(job.name)
        self._busy = False
        silent = words.worker_silent(self._jobs, self._clock.now(), self._zone) is not None
        self.toast_wanted.emit(*words.queued(job, is_new, silent=silent))
        self.refresh()

    # -- loading -----------------------------------------------------------------------------------------------------

    async def _load(self, *, keep_banner: bool = False) -> None:
        jobs = await self._gateway.jobs()
        counts = await self._gateway.mail_counts()
        self.reached.emit(None)
        if not keep_banner:
            self.banner.clear()
        self._known, self._jobs = True, jobs
        self._stop_waiting()
        now = self._clock.now()
        self.header.caption.setText(words.worker_caption(jobs, now, self._zone))
        silent = words.worker_silent(jobs, now, self._zone)
        if silent is None:
            self.worker_banner.clear()
        elif self.worker_banner.text != " ".join(silent):
            self.worker_banner.show_message(*silent, "amber")
        self._make_room()
        self.tabs.set_counts({"mail": counts.failed + counts.uncertain})
        self.mail.show_counts(counts)
        self._show_list()
        self._refresh_tab()
        self._pace()

    def _failed(self, error: ConsoleError) -> None:
        self._busy = False
        self._stop_waiting()
        self.mail.idle()
        if isinstance(error, Conflict | NotFound):
            # Somebody was faster, or the worker was: everything is shown as it is now.
            self.banner.show_message(error.sentence, error.hint or "", "blue")
            self._make_room()
            self.runner.start(self._load(keep_banner=True), "load")
            return
        self.reached.emit(error)
        self.banner.show_error(error, action=("Try again", self.refresh))
        self._make_room()

    def _make_room(self) -> None:
        """Room for the banners, where they say something."""
        self._told.setVisible(bool(self.worker_banner.text or self.banner.text))

    def _pace(self) -> None:
        moving = any(job.queued or job.running_since is not None for job in self._jobs)
        # What nobody will run does not get faster by being looked at.
        silent = words.worker_silent(self._jobs, self._clock.now(), self._zone) is not None
        self._poll.setInterval(BUSY_MS if moving and not silent else CALM_MS)

    # -- showing -----------------------------------------------------------------------------------------------------

    def _tab(self) -> None:
        mail = self.tabs.chosen == "mail"
        self._body.setCurrentWidget(self.mail if mail else self._jobs_side)
        self._put_in_order()  # only the chosen tab is a stop
        self._show_detail()
        self._refresh_tab()

    def _refresh_tab(self) -> None:
        (self.mail if self.tabs.chosen == "mail" else self.detail).refresh()

    def _show_list(self) -> None:
        now, typed = self._clock.now(), self.filter.text()
        rows = [words.job_choice(one, now, self._zone) for one in self._jobs if words.fits(one, typed)]
        if [row.value for row in rows] == [row.value for row in self.list.choices.choices]:
            self.list.choices.retell(rows)
            self._show_detail()
        else:
            self.list.refresh_choices(rows, lambda value: value)
        self.list.setVisible(bool(rows))
        self.no_match.setVisible(not rows and bool(self._jobs))
        self._split.setVisible(bool(self._jobs) or not self._known)
        self.empty.setVisible(not self._jobs and self._known)

    def _show_detail(self) -> None:
        job = self.job
        self.detail.setVisible(job is not None)
        if job is not None and self.tabs.chosen == "jobs":
            self.detail.show_job(job)

    def _put_in_order(self) -> None:
        saving = (self.job_exports, self.run_exports, self.mail_exports)
        tab_in_order(self.tabs, self.export_button, *saving, self.filter, self.list, self.detail, self.mail)

    def _clear(self) -> None:
        self.filter.clear()
        self.mail.clear()

    def _find(self) -> None:
        (self.mail.filter if self.tabs.chosen == "mail" else self.filter).setFocus()

    def _stop_waiting(self) -> None:
        self.skeleton.stop()
        self.skeleton.hide()

    def showEvent(self, event: QShowEvent) -> None:
        """Whoever looks sees what is so now."""
        super().showEvent(event)
        if event.spontaneous():
            return
        if not self._known:
            self.skeleton.show()
            self.skeleton.start()
        self._put_in_order()
        self.refresh()
        self._poll.start()

    def hideEvent(self, event: QHideEvent) -> None:
        """Nobody looks, nothing is asked."""
        super().hideEvent(event)
        if not event.spontaneous():
            self._poll.stop()

    # -- how it is laid out ------------------------------------------------------------------------------------------

    def _keys(self) -> tuple[Action, ...]:
        action = partial(Action, heard=False, group="Background jobs")
        return (
            action("jobs:refresh", "Refresh", self.refresh, "F5", "ph.arrow-clockwise"),
            action("jobs:act", "Run now, or send again", self.act, "Ctrl+Return", "ph.play"),
            action("jobs:list", "Jobs", partial(self.show_tab, "jobs"), "Alt+1", "ph.gear"),
            action("jobs:mail", "Mail", partial(self.show_tab, "mail"), "Alt+2", "ph.envelope-simple"),
            action("jobs:filter", "Filter", self._find, "Ctrl+F", "ph.funnel"),
            action("jobs:export", "Export the list on show", self.export, "Ctrl+Alt+E", "ph.export"),
            action("jobs:runs", "Export the job's runs", self.export_runs, "Ctrl+Shift+E", "ph.export"),
            action("jobs:clear", "Clear the filter", self._clear, "Esc", offered=False),
        )

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        ground = surface("canvas")
        column.addWidget(ground)
        inner = QVBoxLayout(ground)
        inner.setContentsMargins(0, 0, 0, 0)
        inner.setSpacing(0)
        self.header.add(self.tabs)
        self.header.add(self.export_button)
        inner.addWidget(self.header)
        self._told = QWidget()
        told = QVBoxLayout(self._told)
        told.setContentsMargins(24, 0, 24, 12)
        told.setSpacing(0)
        told.addWidget(self.worker_banner)
        told.addWidget(self.banner)
        inner.addWidget(self._told)
        saving = QVBoxLayout()
        saving.setContentsMargins(24, 0, 24, 0)
        for bar in (self.job_exports, self.run_exports, self.mail_exports):
            saving.addWidget(bar)
        inner.addLayout(saving)
        self._told.hide()
        self._body = QStackedWidget()
        self._jobs_side = self._jobs_part()
        self._body.addWidget(self._jobs_side)
        self._body.addWidget(self.mail)
        inner.addWidget(self._body, 1)

    def _jobs_part(self) -> QWidget:
        part = QWidget()
        whole = QVBoxLayout(part)
        whole.setContentsMargins(0, 0, 0, 0)
        self._split = QWidget()
        across = QHBoxLayout(self._split)
        across.setContentsMargins(0, 0, 0, 0)
        across.setSpacing(0)
        side = surface("panel")
        side.setFixedWidth(_LIST_WIDTH)
        column = QVBoxLayout(side)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        held = QVBoxLayout()
        held.setContentsMargins(16, 12, 16, 12)
        held.addWidget(self.filter)
        column.addLayout(held)
        column.addWidget(line())
        column.addWidget(self.skeleton)
        self.skeleton.hide()
        column.addWidget(self.list, 1)
        column.addWidget(self.no_match, 1)
        self.no_match.hide()
        column.addStretch(0)
        across.addWidget(side)
        across.addWidget(line(vertical=True))
        across.addWidget(self.detail, 1)
        self.detail.hide()
        across.addStretch(0)
        whole.addWidget(self._split, 1)
        whole.addWidget(self.empty, 1)
        self.empty.hide()
        return part
