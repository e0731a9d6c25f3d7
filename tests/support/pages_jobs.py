"""The background jobs, registered beside the pages of `pages`: see there for how."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from PySide6.QtWidgets import QWidget

from console.clock import FixedClock
from console.views.jobs.page import JobsPage
from console.views.shell.window import ShellWindow
from tests.support import jobs_samples
from tests.support import today_samples as sample
from tests.support.pages import LONG, _area, page, rest


async def _jobs(window: ShellWindow, gateway: jobs_samples.FakeJobs) -> JobsPage:
    made = JobsPage(window.hub, FixedClock(sample.NOW), sample.ZONE, gateway)
    _area(window, made, "desk")
    await rest(0.1)
    await made.runner.settled()
    return made


@page("jobs")
async def show_jobs(window: ShellWindow) -> QWidget:
    """One of each, a failed one on show, no worker, and a very long reason."""
    gateway = jobs_samples.FakeJobs()
    long_ago = sample.NOW - timedelta(hours=2)
    gateway.lines = [replace(one, worker_seen_at=long_ago) for one in gateway.lines]
    gateway.lines[3] = replace(gateway.lines[3], last_why=f"{LONG} {LONG}.")
    made = await _jobs(window, gateway)
    made.list.setCurrentIndex(made.list.choices.index(3))
    await rest(0.1)
    await made.detail.model.settled()
    return window


@page("jobs, mail")
async def show_mail(window: ShellWindow) -> QWidget:
    """Messages that did not arrive, one of them with a very long reason."""
    gateway = jobs_samples.FakeJobs()
    gateway.mail[0] = replace(gateway.mail[0], template=LONG, why=f"{LONG} {LONG}", venue=LONG)
    made = await _jobs(window, gateway)
    made.show_tab("mail")
    await rest(0.1)
    await made.mail.model.settled()
    return window


@page("jobs, none")
async def show_none(window: ShellWindow) -> QWidget:
    """No worker ever ran."""
    await _jobs(window, jobs_samples.FakeJobs([], []))
    return window


@page("jobs, send again")
async def show_again(window: ShellWindow) -> QWidget:
    """A message that may have arrived is sent again only by somebody who knows."""
    made = await _jobs(window, jobs_samples.FakeJobs())
    made.show_tab("mail")
    await rest(0.1)
    await made.mail.model.settled()
    made.mail.table.setCurrentIndex(made.mail.model.index(1, 0))
    made.mail.send_again()
    assert made.mail.question is not None
    return made.mail.question.card
