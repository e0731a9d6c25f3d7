"""The approval screens, registered beside the pages of `pages`: see there for how."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

from PySide6.QtWidgets import QWidget

from console.domain.vetting import CaseKind, Decision, Likeness, Requirement, Standing
from console.errors import Unavailable
from console.views.approvals.page import ApprovalsPage
from console.views.shell.window import ShellWindow
from tests.support import approvals_screen as sample
from tests.support.pages import LONG, _area, page, rest
from tests.support.pages_payouts import MemoryFilters
from tests.support.today_samples import ZONE


async def settled(made: ApprovalsPage) -> None:
    """Let everything that is under way come back."""
    for _ in range(4):
        await asyncio.sleep(0.005)
        await made.runner.settled()
        await made.side.runner.settled()
        sheet = made.deeds.sheet
        if sheet is not None and hasattr(sheet, "runner"):
            await sheet.runner.settled()


async def open_page(
    window: ShellWindow, gateway: sample.FakeCases, scores: sample.FakeScores | None = None
) -> ApprovalsPage:
    """The page in its window, with its first case on show."""
    made = ApprovalsPage(
        window.hub, gateway, scores or sample.FakeScores(), clock=gateway.clock, zone=ZONE,
        memory=MemoryFilters(), poll_seconds=0,
    )  # fmt: skip
    _area(window, made, "desk")
    await rest()
    await settled(made)
    return made


def waiting(gateway: sample.FakeCases) -> sample.FakeCases:
    """The first case with a certificate that waits and lacks something, an exception, and a venue it is like."""
    case = gateway.pages[sample.CEDAR]
    insurance = case.requirements[0]
    filed = sample.filing(
        90, Requirement.INSURANCE, {"provider": LONG, "policy_number": "HM-1", "coverage_amount": "800000"},
        sample.paper(91, f"Certificate {LONG}"), state="filed",
    )  # fmt: skip
    gateway.put(
        sample.CEDAR,
        replace(
            insurance, standing=Standing.PENDING, waiting=replace(filed, note=f"{LONG} {LONG}"),
            lacks=("The cover is 800,000 USD; at least 1,000,000 is needed.",),
        ),
    )  # fmt: skip
    audit = case.requirements[2]
    gateway.put(
        sample.CEDAR,
        replace(
            audit, standing=Standing.EXCEPTED, excepted_until=audit.current.expires_on if audit.current else None,
            exception_reason=f"{LONG} {LONG}",
        ),
    )  # fmt: skip
    like = Likeness(sample.FINS, LONG, "Portland, OR", "active", 91.0, ("name", "phone"))
    gateway.pages[sample.CEDAR] = replace(gateway.pages[sample.CEDAR], likenesses=(like, like))
    return gateway


@page("approvals")
async def show_approvals(window: ShellWindow) -> QWidget:
    """The queue with the first case claimed."""
    await open_page(window, sample.FakeCases())
    return window


@page("approvals, hard names")
async def show_hard(window: ShellWindow) -> QWidget:
    """Long names everywhere, a late case, a filing that waits, marks and filters on show."""
    gateway = waiting(sample.FakeCases())
    for case_id, row in gateway.known.items():
        gateway.known[case_id] = replace(
            row, venue=f"{LONG} {LONG}", city=f"{LONG}, OR", due_at=gateway.clock.now() - timedelta(hours=1),
            claimed_by=row.claimed_by and LONG,
        )  # fmt: skip
    case = gateway.pages[sample.CEDAR]
    facts = replace(
        case.facts,
        legal_name=LONG,
        contact=LONG,
        email=f"{LONG}@example.com",
        suspension_reason=f"{LONG} {LONG}",
    )
    gateway.pages[sample.CEDAR] = replace(case, facts=facts)
    made = await open_page(window, gateway)
    made.side.toggle_filter()
    made.side.list.mark(sample.FINS)
    made.side.list.mark(sample.BLUE)
    return window


@page("approvals, nothing waits")
async def show_empty(window: ShellWindow) -> QWidget:
    """An empty queue."""
    await open_page(window, sample.FakeCases([]), sample.FakeScores(weeks=0))
    return window


@page("approvals, error")
async def show_error(window: ShellWindow) -> QWidget:
    """Nothing comes."""
    gateway = sample.FakeCases()
    gateway.failure = Unavailable("The server cannot be reached.", hint="Try again in a minute.")
    await open_page(window, gateway)
    return window


async def _sheet(made: ApprovalsPage) -> QWidget:
    await settled(made)
    assert made.deeds.sheet is not None
    return made.deeds.sheet.card


@page("approvals, exception")
async def show_exception(window: ShellWindow) -> QWidget:
    """What is waived until when, and why."""
    gateway = sample.FakeCases()
    gateway.known[sample.CEDAR] = replace(
        gateway.known[sample.CEDAR], standings=dict.fromkeys(Requirement, Standing.MISSING)
    )
    made = await open_page(window, gateway)
    made.decide(Decision.EXCEPT)
    return await _sheet(made)


@page("approvals, reject")
async def show_reject(window: ShellWindow) -> QWidget:
    """Why a venue is rejected."""
    made = await open_page(window, sample.FakeCases())
    made.decide(Decision.REJECT)
    return await _sheet(made)


@page("approvals, background check")
async def show_check(window: ShellWindow) -> QWidget:
    """What came back."""
    made = await open_page(window, sample.FakeCases())
    made.detail.blocks[Requirement.BACKGROUND_CHECKS].people[-1].click()
    return await _sheet(made)


@page("approvals, suspend")
async def show_suspend(window: ShellWindow) -> QWidget:
    """What suspending comes to."""
    gateway = sample.FakeCases()
    gateway.known = {sample.BLUE: gateway.known[sample.BLUE]}
    assert gateway.known[sample.BLUE].kind is CaseKind.YEARLY_CHECK
    made = await open_page(window, gateway)
    made.suspend()
    card = await _sheet(made)
    sheet = made.deeds.sheet
    sheet.cancel_radio.setChecked(True)  # type: ignore[union-attr]  # the sheet that was just opened
    await settled(made)
    return card


@page("approvals, evidence")
async def show_evidence(window: ShellWindow) -> QWidget:
    """A page of a certificate."""
    made = await open_page(window, sample.FakeCases())
    made.show_documents()
    return await _sheet(made)


@page("approvals, results")
async def show_results(window: ShellWindow) -> QWidget:
    """Several claimed at once, one of them refused."""
    gateway = sample.FakeCases()
    made = await open_page(window, gateway)
    for case_id in (sample.FINS, sample.HARBOUR, sample.BLUE):
        made.side.list.mark(case_id)
    made.side.claim_button.click()
    return await _sheet(made)
