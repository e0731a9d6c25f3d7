"""How the checks of the books read: a check in the list, an issue in a row, in full and in a file.

See docs/design.md, "Screens" (platform).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta, tzinfo

from console.clock import Clock
from console.domain.counting import count
from console.domain.integrity import IntegrityCheck, IntegrityIssue
from console.models.table import Column
from console.models.words import day_and_time
from console.reports.sheets import SheetColumn
from console.services.exports import ExportColumn
from console.views.widgets.choices import Choice
from console.views.widgets.paint import ChipSpec
from console.views.widgets.table import CellLook

ALL = ""
"""The row of the list that stands for every check."""
OVERDUE = timedelta(days=2)
STATES = (("open", "Open"), ("ignored", "Ignored"), ("fixed", "Fixed"), ("", "All"))
_CHIPS = {
    "open": ChipSpec("Open", "red", "ph.warning-bold"),
    "ignored": ChipSpec("Ignored", "neutral", "ph.eye-slash"),
    "fixed": ChipSpec("Fixed", "green", "ph.check-bold"),
}
_EVERY = "Whatever is stored twice agrees, whatever is numbered has no gap, and nobody is paid twice."


def state_chip(issue: IntegrityIssue) -> ChipSpec:
    """What became of an issue."""
    return _CHIPS.get(issue.state, _CHIPS["open"])


def issues(number: int) -> str:
    """A number of issues: "1 issue", "3 issues"."""
    return count(number, "issue")


def are_open(number: int) -> str:
    """How many issues are open, as a sentence without its end."""
    return "No issue is open" if number == 0 else f"{issues(number)} {'is' if number == 1 else 'are'} open"


def last_run(checks: Sequence[IntegrityCheck]) -> datetime | None:
    """When the books were checked last; None for never."""
    return max((one.last_run_at for one in checks if one.last_run_at is not None), default=None)


def check_choices(checks: Sequence[IntegrityCheck], now: datetime, zone: tzinfo) -> list[Choice]:
    """Every check as a row, after one row for all of them."""
    ran = last_run(checks)
    rows = [
        _choice(ALL, "All checks", sum(one.open_issues for one in checks),
                sum(one.ignored for one in checks), ran, now, zone)
    ]  # fmt: skip
    return rows + [
        _choice(one.key, one.title, one.open_issues, one.ignored, one.last_run_at, now, zone)
        for one in checks
    ]


def explained(checks: Sequence[IntegrityCheck], key: str) -> tuple[str, str]:
    """The title of a check, and what has to agree."""
    found = next((one for one in checks if one.key == key), None)
    return ("All checks", _EVERY) if found is None else (found.title, found.explains)


def caption(checks: Sequence[IntegrityCheck], now: datetime, zone: tzinfo) -> str:
    """The line beside the page's title."""
    if not checks:
        return ""
    ran = last_run(checks)
    when = "never checked" if ran is None else f"last check {day_and_time(ran, now, zone)}"
    return f"{are_open(sum(one.open_issues for one in checks))} · {when}"


def overdue(checks: Sequence[IntegrityCheck], now: datetime, zone: tzinfo) -> tuple[str, str] | None:
    """What is said where the daily check does not run, and what to do."""
    ran = last_run(checks)
    if not checks or (ran is not None and now - ran <= OVERDUE):
        return None
    if ran is None:
        return "The books were never checked.", "Press Check now, and see that the background worker runs."
    said = f"The last check was {day_and_time(ran, now, zone)}."
    return said, "It should run every day: press Check now, and see that the background worker runs."


def title_of(checks: Sequence[IntegrityCheck]) -> Callable[[IntegrityIssue], str]:
    """Which check found an issue, in words; a check that is no longer made keeps its key."""
    titles = {one.key: one.title for one in checks}
    return lambda issue: titles.get(issue.check, issue.check)


def in_full(issue: IntegrityIssue, title: str, now: datetime, zone: tzinfo) -> tuple[str, str]:
    """An issue in full: a heading, and everything that was found."""
    number = "" if issue.subject_id is None else f" {issue.subject_id}"
    what = f"{issue.subject.split(' ')[0]}{number}" if number else issue.subject
    seen = [day_and_time(at, now, zone) for at in (issue.first_seen_at, issue.last_seen_at)]
    since = f"since {seen[0]}, last seen {seen[1]}"
    who = f"{issue.assigned_to} looks after it" if issue.assigned_to else ""
    heading = " · ".join(part for part in (title, what, issue.venue or "", since, who) if part)
    return heading, f"{issue.detail} Ignored: {issue.reason}" if issue.reason else issue.detail


def state_look(issue: IntegrityIssue) -> CellLook:
    """The chip in the column of states."""
    return CellLook(chip=state_chip(issue))


def columns(
    title: Callable[[IntegrityIssue], str], clock: Clock, zone: tzinfo
) -> list[Column[IntegrityIssue]]:
    """The columns of the table; `title` says which check found an issue."""

    def seen(key: str, heading: str, gives_way: int) -> Column[IntegrityIssue]:
        return Column(
            key, heading, lambda one: day_and_time(getattr(one, key), clock.now(), zone),
            sortable=False, width=124, gives_way=gives_way,
        )  # fmt: skip

    return [
        Column("state", "State", lambda _one: "", sortable=False, width=112),
        Column("check", "What", title, sortable=False, width=132, gives_way=1),
        Column(
            "detail", "Found", lambda one: one.detail, sortable=False, width=300, stretch=True,
            tooltip=lambda one: one.detail,
        ),
        Column("venue", "Venue", lambda one: one.venue or "–", sortable=False, width=140, gives_way=3),
        seen("first_seen_at", "Since", 4),
        seen("last_seen_at", "Last seen", 5),
        Column(
            "assigned_to", "Looked after by", lambda one: one.assigned_to or "Nobody", sortable=False,
            width=136, gives_way=2,
        ),
    ]  # fmt: skip


def file_columns(
    title: Callable[[IntegrityIssue], str], zone: tzinfo
) -> tuple[ExportColumn[IntegrityIssue], ...]:
    """The columns of an exported list; `title` says which check found an issue."""
    return (
        ExportColumn(SheetColumn("Check", width=20), title),
        ExportColumn(SheetColumn("What", width=16), lambda one: one.subject),
        ExportColumn(SheetColumn("Number", width=38), lambda one: str(one.subject_id or "")),
        ExportColumn(SheetColumn("Venue", width=28), lambda one: one.venue or ""),
        ExportColumn(SheetColumn("Found", width=70), lambda one: one.detail),
        ExportColumn(SheetColumn("Since", "moment", 18), lambda one: one.first_seen_at.astimezone(zone)),
        ExportColumn(SheetColumn("Last seen", "moment", 18), lambda one: one.last_seen_at.astimezone(zone)),
        ExportColumn(SheetColumn("State", width=12), lambda one: state_chip(one).text),
        ExportColumn(SheetColumn("Looked after by", width=24), lambda one: one.assigned_to or ""),
        ExportColumn(SheetColumn("Reason", width=40), lambda one: one.reason or ""),
    )


def _choice(
    key: str, title: str, open_issues: int, ignored: int, ran: datetime | None, now: datetime, zone: tzinfo
) -> Choice:
    chips = (ChipSpec(f"{open_issues:,} open", "red", "ph.warning-bold"),) if open_issues else ()
    when = "Never ran" if ran is None else f"Last run {day_and_time(ran, now, zone)}"
    return Choice(key, title, f"{when} · {ignored:,} ignored" if ignored else when, chips=chips)
