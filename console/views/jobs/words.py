"""How background jobs and mail read: when a job ran, how it ended, when it runs next, what became of a message.

See docs/design.md, "Screens" (platform).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, tzinfo

from console.domain.counting import count
from console.domain.jobs import (
    JobLine,
    JobRun,
    MailCounts,
    RunOutcome,
    UndeliveredMessage,
    is_worker_silent,
)
from console.domain.refusals import clock_time
from console.models.words import day_and_time
from console.reports.sheets import SheetColumn
from console.services.exports import ExportColumn
from console.views.widgets.choices import Choice
from console.views.widgets.paint import ChipSpec
from console.views.widgets.table import CellLook

START = "nexus-console worker"
_MINUTE = 60
_SHORT = 10
_INSTANT = 0.1

_CHIPS = {
    RunOutcome.DONE: ChipSpec("Done", "green", "ph.check-bold"),
    RunOutcome.FAILED: ChipSpec("Failed", "red", "ph.warning-bold"),
    RunOutcome.STOPPED: ChipSpec("Stopped", "amber", "ph.stop-circle-bold"),
    RunOutcome.RUNNING: ChipSpec("Running", "blue", "ph.arrows-clockwise-bold"),
}
_QUEUED = ChipSpec("Waiting", "neutral", "ph.hourglass")
_NEVER = ChipSpec("Never ran", "neutral", "ph.clock")
_MAIL = {
    "failed": ChipSpec("Not delivered", "red", "ph.warning-bold"),
    "uncertain": ChipSpec("May have arrived", "amber", "ph.question-bold"),
}


def took(seconds: float | None) -> str:
    """How long a run took: "0.4 s", "12 s", "2 min 5 s"; empty where nobody knows."""
    if seconds is None:
        return ""
    if seconds < _INSTANT:
        return "under 0.1 s"
    if seconds < _SHORT:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    return f"{whole} s" if whole < _MINUTE else f"{whole // _MINUTE} min {whole % _MINUTE} s"


def upcoming(job: JobLine, now: datetime, zone: tzinfo) -> str:
    """When it runs next: "next today 15:45", "due now"."""
    return "due now" if job.next_at <= now else f"next {day_and_time(job.next_at, now, zone)}"


def chip(job: JobLine) -> ChipSpec:
    """What a job is doing, or how its last run ended."""
    if job.running_since is not None:
        return _CHIPS[RunOutcome.RUNNING]
    if job.queued:
        return _QUEUED
    return _NEVER if job.last_outcome is None else _CHIPS[job.last_outcome]


def job_choice(job: JobLine, now: datetime, zone: tzinfo) -> Choice:
    """A job in the list. A chip stands only where something is not as it always is."""
    if job.running_since is not None:
        last = f"Running since {day_and_time(job.running_since, now, zone)}"
    elif job.last_at is None or job.last_outcome is None:
        last = "Never ran"
    else:
        last = f"{job.last_outcome.words} {day_and_time(job.last_at, now, zone)}"
    told = chip(job)
    failed = _CHIPS[RunOutcome.FAILED]
    chips = [] if told in (_CHIPS[RunOutcome.DONE], _NEVER) else [told]
    if job.last_outcome is RunOutcome.FAILED and failed not in chips:
        chips.append(failed)  # running or waiting again does not make it well
    return Choice(job.name, job.title, f"{last} · {upcoming(job, now, zone)}", chips=tuple(chips))


def fits(job: JobLine, typed: str) -> bool:
    """Whether a job is one of those that were typed for: by its title or by how it is."""
    words = f"{job.title} {job.name} {chip(job).text} {job.last_outcome.words if job.last_outcome else ''}"
    return all(word in words.casefold() for word in typed.casefold().split())


def job_caption(job: JobLine, now: datetime, zone: tzinfo) -> str:
    """The line under a job's title."""
    last = ""
    if job.last_at is not None:
        last = f"last {day_and_time(job.last_at, now, zone)}"
        if job.last_seconds is not None:
            last += f", took {took(job.last_seconds)}"
    running = f"running since {clock_time(job.running_since, zone)}" if job.running_since is not None else ""
    again = "asked for once more" if job.running_since is not None and job.queued else ""
    parts = (job.when_words, upcoming(job, now, zone), running, again, last)
    return " · ".join(part for part in parts if part)


def failure(job: JobLine, now: datetime, zone: tzinfo) -> tuple[str, str] | None:
    """What is said over the runs of a job whose last one failed."""
    if job.last_outcome is not RunOutcome.FAILED or job.last_at is None:
        return None
    times = f"Failed {job.failures} times in a row." if job.failures > 1 else "The last run failed."
    again = (
        "It is tried again now."
        if job.next_at <= now
        else f"It is tried again {day_and_time(job.next_at, now, zone)}."
    )
    return times, " ".join(part for part in (job.last_why, again) if part)


def worker_caption(jobs: Sequence[JobLine], now: datetime, zone: tzinfo) -> str:
    """The line beside the page's title."""
    if not jobs:
        return ""
    failed = sum(job.last_outcome is RunOutcome.FAILED for job in jobs)
    seen = jobs[0].worker_seen_at
    heard = f"worker heard of {day_and_time(seen, now, zone)}" if seen is not None else ""
    parts = (count(len(jobs), "job"), f"{failed} failed" if failed else "", heard)
    return " · ".join(part for part in parts if part)


def worker_silent(jobs: Sequence[JobLine], now: datetime, zone: tzinfo) -> tuple[str, str] | None:
    """What is said where no worker runs, and what to do."""
    if not jobs or not is_worker_silent(jobs[0].worker_seen_at, now):
        return None
    seen = jobs[0].worker_seen_at
    if seen is None:
        return "No background worker runs.", f"Start it with: {START}"
    when = day_and_time(seen, now, zone)
    return "No background worker runs.", f"It was last heard of {when}. Start it with: {START}"


def run_did(run: JobRun) -> str:
    """What a run did, or why it failed, in one line."""
    if run.outcome is RunOutcome.RUNNING:
        return "Still running"
    if run.outcome is RunOutcome.STOPPED:
        return run.why or "The worker ended in the middle; nothing of it stayed."
    return " ".join((run.did or run.why or run.outcome.words).split())


def run_took(run: JobRun) -> str:
    """How long a run took."""
    return "" if run.finished_at is None else took((run.finished_at - run.started_at).total_seconds())


def run_look(run: JobRun) -> CellLook:
    """The sign before what a run did."""
    icon, color = {
        RunOutcome.DONE: ("ph.check-circle", "green.text"),
        RunOutcome.FAILED: ("ph.warning-circle", "red.text"),
        RunOutcome.STOPPED: ("ph.stop-circle", "amber.text"),
        RunOutcome.RUNNING: ("ph.arrows-clockwise", "blue.text"),
    }[run.outcome]
    return CellLook(icon=icon, icon_color=color)


def run_full(run: JobRun, now: datetime, zone: tzinfo) -> tuple[str, str]:
    """A run in full: a heading, and everything that is known of what it did."""
    when = f"{run.outcome.words} {day_and_time(run.finished_at or run.started_at, now, zone)}"
    parts = (when, run_took(run), f"by {run.worker_name}")
    said = run.why if run.outcome is RunOutcome.FAILED else None
    return " · ".join(part for part in parts if part), said or run_did(run)


def queued(job: JobLine, is_new: bool, *, silent: bool) -> tuple[str, str]:
    """What is said when a job was asked for."""
    if not is_new:
        return f"“{job.title}” waits already", "It runs as soon as a worker is free."
    later = "It runs once a worker is started." if silent else "It runs as soon as a worker is free."
    return f"“{job.title}” is queued", later


def mail_chip(message: UndeliveredMessage) -> ChipSpec:
    """What became of a message."""
    return _MAIL.get(message.state, _MAIL["failed"])


def mail_figures(counts: MailCounts) -> list[tuple[str, str]]:
    """How much mail is where: a number and what it counts."""
    return [
        (f"{counts.waiting:,}", f"waiting, {counts.held:,} for quiet hours" if counts.held else "waiting"),
        (f"{counts.sending:,}", "being sent"),
        (f"{counts.sent_today:,}", "sent in 24 hours"),
        (f"{counts.failed:,}", "not delivered"),
        (f"{counts.uncertain:,}", "may have arrived"),
    ]


def mail_late(counts: MailCounts, now: datetime, zone: tzinfo) -> str:
    """Since when the oldest message could have been sent, where that is longer than a few rounds."""
    if counts.oldest_due is None or (now - counts.oldest_due).total_seconds() < _SHORT * _MINUTE:
        return ""
    return f"The oldest message waits since {day_and_time(counts.oldest_due, now, zone)}."


def mail_fits(message: UndeliveredMessage, typed: str) -> bool:
    """Whether a message is one of those that were typed for."""
    parts = (message.template, message.venue, message.address, message.why, mail_chip(message).text)
    words = " ".join(part for part in parts if part).casefold()
    return all(word in words for word in typed.casefold().split())


def message_full(message: UndeliveredMessage, now: datetime, zone: tzinfo) -> tuple[str, str]:
    """A message in full: a heading, and why it did not arrive."""
    tries = count(message.attempts, "try", "tries")
    parts = (
        message.template, f"to {message.address}", f"written {day_and_time(message.written_at, now, zone)}", tries,
    )  # fmt: skip
    return " · ".join(parts), message.why or "Nobody knows why."


def job_columns(zone: tzinfo) -> tuple[ExportColumn[JobLine], ...]:
    """The jobs as a file, by the clock of `zone`."""
    return (
        ExportColumn(SheetColumn("Job", width=32), lambda one: one.title),
        ExportColumn(SheetColumn("When", width=28), lambda one: one.when_words),
        ExportColumn(SheetColumn("State", width=12), lambda one: chip(one).text),
        ExportColumn(SheetColumn("Last run", "moment", 18), lambda one: _local(one.last_at, zone)),
        ExportColumn(
            SheetColumn("How it ended", width=14),
            lambda one: one.last_outcome.words if one.last_outcome else None,
        ),
        ExportColumn(SheetColumn("What it did", width=56), lambda one: one.last_did or one.last_why),
        ExportColumn(SheetColumn("Failures in a row", "number", 16), lambda one: one.failures),
        ExportColumn(SheetColumn("Next run", "moment", 18), lambda one: _local(one.next_at, zone)),
    )


def run_columns(zone: tzinfo) -> tuple[ExportColumn[JobRun], ...]:
    """The runs of a job as a file, by the clock of `zone`."""
    return (
        ExportColumn(SheetColumn("Started", "moment", 18), lambda one: _local(one.started_at, zone)),
        ExportColumn(SheetColumn("Ended", "moment", 18), lambda one: _local(one.finished_at, zone)),
        ExportColumn(SheetColumn("How it ended", width=14), lambda one: one.outcome.words),
        ExportColumn(SheetColumn("Rows", "number", 10), lambda one: one.touched),
        ExportColumn(SheetColumn("What it did", width=56), run_did),
        ExportColumn(SheetColumn("Worker", width=24), lambda one: one.worker_name),
    )


def mail_columns(zone: tzinfo) -> tuple[ExportColumn[UndeliveredMessage], ...]:
    """Undelivered messages as a file, by the clock of `zone`; addresses stay masked."""
    return (
        ExportColumn(SheetColumn("Written", "moment", 18), lambda one: _local(one.written_at, zone)),
        ExportColumn(SheetColumn("Message", width=28), lambda one: one.template),
        ExportColumn(SheetColumn("State", width=18), lambda one: mail_chip(one).text),
        ExportColumn(SheetColumn("Why", width=48), lambda one: one.why),
        ExportColumn(SheetColumn("Tries", "number", 8), lambda one: one.attempts),
        ExportColumn(SheetColumn("To", width=24), lambda one: one.address),
        ExportColumn(SheetColumn("Venue", width=28), lambda one: one.venue),
    )


def _local(at: datetime | None, zone: tzinfo) -> datetime | None:
    return None if at is None else at.astimezone(zone)
