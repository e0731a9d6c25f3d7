"""The schedule's side panel beside an empty page, over the sample programme, and ways to wait for it."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import date, timedelta

from PySide6.QtWidgets import QHBoxLayout, QWidget

from console.clock import FixedClock
from console.domain.changing import Applied, Change, ClosureLift, Fate, Plan, PlannedItem, SessionCombine
from console.domain.programme import Calendar, CalendarSession, ClosureSpan
from console.views.schedule.editor.panel import EditorPanel
from console.views.schedule.panel_protocol import ProgrammePanel
from console.views.theme import ThemeHub
from tests.support import programme_samples as sample
from tests.support.programme_gateway import SampleProgramme
from tests.support.qt import present

LEGO = sample.series_id("LEGO Robotics")


class EditorProgramme(SampleProgramme):
    """The sample programme, which moves bookings where sessions are combined and cancels what a closure did."""

    cancelled_by: ClosureSpan | None = None

    async def calendar(self, first: date, last: date) -> Calendar:
        """The sample's days; with a closure, those of its sessions cancelled by it that are to come."""
        found = await super().calendar(first, last)
        closure = self.cancelled_by
        if closure is None:
            return found

        def after(one: CalendarSession) -> CalendarSession:
            is_meant = one.room_id in closure.room_ids
            return replace(one, is_cancelled=True, closure_id=closure.closure_id) if is_meant else one

        return replace(found, sessions=tuple(after(one) for one in found.sessions))

    async def plan(self, change: Change) -> Plan:
        """Bookings that are combined move."""
        plan = await super().plan(change)
        if isinstance(change, SessionCombine):
            hits = tuple(
                replace(hit, fate="moved", refund=0)
                for hit in plan.hits
                if change.booking_ids is None or hit.booking_id in change.booking_ids
            )
            return replace(plan, hits=hits)
        if isinstance(change, ClosureLift) and self.cancelled_by is not None:
            found = await self.calendar(sample.MONDAY, sample.MONDAY + timedelta(days=6))
            gone = [one for one in found.sessions if one.is_cancelled and one.starts_at > sample.NOW]
            items = tuple(
                PlannedItem(
                    Fate.RESTORED, one.id, one.day, one.starts_at, one.ends_at, None, one.starts_at, one.ends_at,
                    one.room_id, None, (), 0, None,
                )
                for one in gone
            )  # fmt: skip
            return replace(plan, items=items)
        return plan


def named(activity: str, *, today: bool = True) -> CalendarSession:
    """A session of the sample week by its activity: today's, or the first one."""
    return next(
        one
        for one in sample.week().sessions
        if one.activity == activity and (one.day == sample.TODAY or not today)
    )


def new_panel(
    hub: ThemeHub, programme: SampleProgramme | None = None, *, may_edit: bool = True, may_cancel: bool = True
) -> EditorPanel:
    """A panel that shows nothing yet."""
    return EditorPanel(
        hub, programme or EditorProgramme(), zone=sample.ZONE, clock=FixedClock(sample.NOW), may_edit=may_edit,
        may_cancel=may_cancel,
    )  # fmt: skip


def as_protocol(panel: EditorPanel) -> ProgrammePanel:
    """The panel as the calendar knows it: what the type checker holds."""
    return panel


class EditorHost(QWidget):
    """A page with the panel at its right edge."""

    def __init__(self, panel: EditorPanel) -> None:
        """The panel, and nothing beside it."""
        super().__init__()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addStretch(1)
        row.addWidget(panel)
        self.panel = panel


async def on_top(host: QWidget, width: int = 900, height: int = 860) -> None:
    """Show a widget in a window that has the keyboard."""
    present(host, width, height)
    for _ in range(100):
        host.activateWindow()
        await asyncio.sleep(0.005)
        if host.isActiveWindow():
            return


async def looked(panel: EditorPanel) -> None:
    """Wait until the panel has loaded and planned what it shows."""
    for _ in range(400):
        await asyncio.sleep(0.005)
        if not panel.runner.busy and not panel.is_looking:
            return
    raise AssertionError("the panel never came to rest")


def fates(plan: Plan | None) -> set[Fate]:
    """What a plan does."""
    return set() if plan is None else {item.fate for item in plan.items}


NOTHING = Applied(0, 0, 0, 0)
