"""The approval queue over a real database: cases are taken and decided from the screen, two people at once.

What stands there is what the server keeps. docs/design.md, "Screens" (platform).
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, timedelta

import pytest
from PySide6.QtWidgets import QVBoxLayout, QWidget

from console.clock import FixedClock
from console.domain.vetting import CaseState, Decision, Requirement
from console.services.scores import ScoreService
from console.services.vetting import CaseService
from console.storage.compliance import ComplianceQueries
from console.storage.database import Database as DeskDatabase
from console.storage.evidence import EvidenceQueries
from console.storage.scores import ScoreQueries
from console.storage.vetting import CaseQueries
from console.views.approvals.decision_sheet import DecisionSheet
from console.views.approvals.page import ApprovalsPage
from console.views.theme import ThemeHub
from tests.support.databases import Database
from tests.support.desk_world import NOON, Person, World
from tests.support.pages_approvals import settled
from tests.support.qt import present
from tests.support.vetting import case, row, someone


@pytest.fixture
def world(fresh_database: Database) -> Iterator[World]:
    with World(fresh_database) as made:
        yield made


@asynccontextmanager
async def screen(hub: ThemeHub, who: Person) -> AsyncIterator[ApprovalsPage]:
    """The page of one reviewer."""
    database = DeskDatabase(who.dsn)
    await database.set_token(who.token)
    service = CaseService(CaseQueries(database), EvidenceQueries(database), ComplianceQueries(database))
    page = ApprovalsPage(
        hub, service, ScoreService(ScoreQueries(database)), clock=FixedClock(NOON), zone=UTC, poll_seconds=0
    )
    window = QWidget()
    QVBoxLayout(window).addWidget(page)
    present(window, 1240, 872)
    await settled(page)
    try:
        yield page
    finally:
        page.stop()
        await database.close()


def sheet_of(page: ApprovalsPage) -> DecisionSheet:
    found = page.deeds.sheet
    assert isinstance(found, DecisionSheet)
    return found


async def test_cases_are_taken_and_decided_one_after_the_other(hub: ThemeHub, world: World) -> None:
    good = case(world, due_at=NOON + timedelta(days=1))
    poor = case(world, met=False, due_at=NOON + timedelta(days=2))
    async with screen(hub, someone(world, name="Ana")) as page:
        assert page.case is not None
        assert page.case.row.id == good, "the one that is due first"
        page.open_chosen()
        await settled(page)
        assert page.detail.sum.text() == "All 5 met"
        page.decide(Decision.APPROVE)
        await settled(page)
        sheet_of(page).confirm()
        await settled(page)
        assert row(world, good)["outcome"] == "approved"
        assert page.case is not None
        assert page.case.row.id == poor, "the next one opened by itself"
        assert page.case.row.claimed_by_me
        page.decide(Decision.EXCEPT)
        await settled(page)
        sheet = sheet_of(page)
        assert list(sheet.days) == list(Requirement)
        assert sheet.template.count() > 1, "there are words to begin from"
        sheet.text.setPlainText("The papers are on their way.")
        sheet.confirm()
        await settled(page)
        assert row(world, poor)["outcome"] == "approved_with_exception"
        assert page.side.empties["open"].isVisible()
        page.go_to_tab("decided")
        await settled(page)
        outcomes = {one.id: one.outcome for one in page.side.list.rows}
        assert outcomes == {good: "approved", poor: "approved_with_exception"}


async def test_two_reviewers_at_one_case_hear_of_each_other(hub: ThemeHub, world: World) -> None:
    one = case(world)
    async with (
        screen(hub, someone(world, name="Ana")) as first,
        screen(hub, someone(world, name="Ben")) as second,
    ):
        first.claim()
        await settled(first)
        second.claim()
        await settled(second)
        assert second.detail.banner.text.startswith("Ana holds this until ")
        assert not second.detail.may_judge
        first.decide(Decision.ASK)
        await settled(first)
        sheet = sheet_of(first)
        sheet.text.setPlainText("Please file the newest certificate.")
        sheet.confirm()
        await settled(first)
        assert row(world, one)["state"] == CaseState.ASKED.value
        second.refresh()
        await settled(second)
        assert second.case is not None
        assert second.case.row.state is CaseState.ASKED
        assert any(one.kind == "changes_asked" for one in second.case.history)
