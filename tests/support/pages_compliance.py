"""The compliance, papers and application screens, registered beside the pages of `pages`: see there for how."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import cast

from PySide6.QtWidgets import QPushButton, QWidget

from console.clock import FixedClock
from console.domain.vetting import Requirement
from console.errors import Unavailable
from console.models.gateway_vetting import CaseGateway
from console.views.applications.imports import ImportApplicationsSheet
from console.views.applications.page import ApplicationPage
from console.views.compliance.file_sheet import FileSheet
from console.views.compliance.page import CompliancePage
from console.views.compliance.papers import PapersPage
from console.views.shell.window import ShellWindow
from tests.support import compliance_screen as sample
from tests.support.pages import LONG, _area, page, rest
from tests.support.pages_payouts import MemoryFilters
from tests.support.qt import NOW
from tests.support.reopening_screen import FakeReopening

DOWN = Unavailable("The server cannot be reached.", hint="Try again in a minute.")


async def compliance(
    window: ShellWindow, gateway: sample.FakeCompliance, *, may_change: bool = True
) -> CompliancePage:
    """The page over a sample."""
    made = CompliancePage(
        window.hub, gateway, clock=FixedClock(NOW), zone=sample.ZONE, memory=MemoryFilters(),
        may_change=may_change, cases=cast(CaseGateway, gateway),
    )  # fmt: skip
    _area(window, made, "desk")
    await settled(made)
    return made


async def settled(made: CompliancePage) -> None:
    """Wait until nothing is asked."""
    for _ in range(2):
        await rest(0.2)
        await made.runner.settled()
        await made.overview.model.settled()
        await made.calendar.runner.settled()
        await made.panel.runner.settled()


async def papers(
    window: ShellWindow,
    gateway: sample.FakePapers,
    *,
    may_file: bool = True,
    reopening: FakeReopening | None = None,
) -> PapersPage:
    """A venue's own page."""
    made = PapersPage(
        window.hub,
        gateway,
        venue_id=sample.VENUE,
        clock=FixedClock(NOW),
        zone=sample.ZONE,
        may_file=may_file,
        history=gateway.history,
        reopening=reopening,
    )
    _area(window, made, "desk")
    await rest(1)
    await made.runner.settled()
    return made


async def asking(
    window: ShellWindow, gateway: sample.FakeApplications, *, may_import: bool = False
) -> ApplicationPage:
    """The applications of a person."""
    made = ApplicationPage(
        window.hub, gateway, clock=FixedClock(NOW), zone=sample.ZONE, may_import=may_import
    )
    _area(window, made, "desk")
    await rest(1)
    await made.runner.settled()
    return made


@page("compliance")
async def show_compliance(window: ShellWindow) -> QWidget:
    """Every venue, one of them beside the list."""
    made = await compliance(window, sample.FakeCompliance())
    made.open_venue(sample.venues()[1])
    await settled(made)
    return window


@page("compliance, only to read")
async def show_reading(window: ShellWindow) -> QWidget:
    """The list alone."""
    await compliance(window, sample.FakeCompliance(), may_change=False)
    return window


@page("compliance, none")
async def show_none(window: ShellWindow) -> QWidget:
    """No venue yet."""
    await compliance(window, sample.FakeCompliance([]))
    return window


@page("compliance, error")
async def show_error(window: ShellWindow) -> QWidget:
    """Nothing comes."""
    gateway = sample.FakeCompliance()
    gateway.failure = DOWN
    await compliance(window, gateway)
    return window


@page("compliance, calendar")
async def show_calendar(window: ShellWindow) -> QWidget:
    """The month, on its fullest day."""
    made = await compliance(window, sample.FakeCompliance())
    made.show_view("calendar")
    await settled(made)
    made.calendar.month.go(sample.day(7))
    return window


@page("compliance, rules")
async def show_rules(window: ShellWindow) -> QWidget:
    """The rules and what they would do."""
    made = await compliance(window, sample.FakeCompliance())
    made.open_rules()
    await rest(1)
    assert made.sheet is not None
    return made.sheet.card


@page("papers")
async def show_papers(window: ShellWindow) -> QWidget:
    """A venue's papers, one of each standing."""
    gateway = sample.FakePapers()
    gateway.pages[3] = replace(gateway.pages[3], says=f"{LONG} {LONG} {LONG}.")
    await papers(window, gateway)
    return window


@page("papers, file")
async def show_file(window: ShellWindow) -> QWidget:
    """Filing insurance, with a file that is taken and one that is not."""
    made = await papers(window, sample.FakePapers())
    made.file(Requirement.INSURANCE)
    sheet = made.sheet
    assert isinstance(sheet, FileSheet)
    sheet.files.add([Path("/tmp/Certificate_HM-20871-05.pdf"), Path(f"/tmp/{LONG}.docx")])
    await rest(1)
    return sheet.card


@page("papers, somebody new")
async def show_person(window: ShellWindow) -> QWidget:
    """Somebody whose background is checked."""
    made = await papers(window, sample.FakePapers())
    made.open_person(sample.people()[0])
    assert made.sheet is not None
    return made.sheet.card


@page("applications")
async def show_applications(window: ShellWindow) -> QWidget:
    """A draft with something missing."""
    await asking(window, sample.FakeApplications())
    return window


@page("applications, asked")
async def show_asked(window: ShellWindow) -> QWidget:
    """What headquarters asked for."""
    made = await asking(window, sample.FakeApplications())
    made.choose(sample.applications()[1])
    await rest(1)
    return window


@page("applications, none")
async def show_no_application(window: ShellWindow) -> QWidget:
    """Nobody applied yet."""
    await asking(window, sample.FakeApplications([]))
    return window


@page("applications, import")
async def show_import(window: ShellWindow) -> QWidget:
    """What would become of a file."""
    await asking(window, sample.FakeApplications())
    sheet = ImportApplicationsSheet(window.hub, window, sample.FakeApplications())
    sheet.open()
    sheet.look_at(Path("/tmp/venues.csv"))
    await rest(1)
    return sheet.card


@page("papers, suspended")
async def show_suspended(window: ShellWindow) -> QWidget:
    """The venue may ask to open again."""
    await papers(window, sample.FakePapers(), reopening=FakeReopening(NOW - timedelta(days=9)))
    return window


@page("papers, asking to open again")
async def show_reopening(window: ShellWindow) -> QWidget:
    """What was put right."""
    made = await papers(window, sample.FakePapers(), reopening=FakeReopening(NOW - timedelta(days=9)))
    made.shut.findChildren(QPushButton)[0].click()
    await rest(0.3)
    assert made.sheet is not None
    return made.sheet.card
