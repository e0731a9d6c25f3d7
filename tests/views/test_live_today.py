"""Two real desks on a real database: what the other one does appears at Today and moves nothing under the finger."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, timedelta
from uuid import UUID

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from console.clock import FixedClock
from console.domain.desk import RosterEntry
from console.services.attendance import AttendanceService
from console.services.live import LiveUpdates
from console.services.rosters import DeskService
from console.storage.attendance import AttendanceStore
from console.storage.changes import ChangeQueries
from console.storage.database import Database as DeskDatabase
from console.storage.desk import DeskQueries
from console.storage.listener import Listener
from console.views.front_desk.page import TodayPage
from console.views.theme import ThemeHub
from tests.support import factories
from tests.support.databases import Database
from tests.support.desk_world import NOON, SOON, Person, World
from tests.support.qt import present
from tests.views.today import press

PATIENCE = 5.0
CHILDREN = 40


@pytest.fixture
def world(fresh_database: Database) -> Iterator[World]:
    with World(fresh_database) as made:
        made.admin.execute("UPDATE activity_sessions SET total_capacity = 60")
        for number in range(CHILDREN):
            made.booking(f"Child {number:02}")
        yield made


async def until(condition: Callable[[], bool]) -> None:
    """Wait until something is true; a test that waits too long fails."""
    async with asyncio.timeout(PATIENCE):
        while not condition():
            await asyncio.sleep(0.005)


class Desk:
    """Today at one desk, live, over that desk's own connections."""

    def __init__(self, hub: ThemeHub, world: World, person: Person) -> None:
        self.person = person
        self.database = DeskDatabase(person.dsn)
        self.clock = FixedClock(NOON)
        attendance = AttendanceService(AttendanceStore(self.database), self.clock)
        self.service = DeskService(DeskQueries(self.database), attendance, world.venue)
        self.reached: list[object] = []
        self.page = TodayPage(
            hub, self.clock, self.service, zone=UTC, desk="Desk 1", person="Jonas", poll_seconds=0
        )
        self.page.reached.connect(self.reached.append)
        self.live = LiveUpdates(
            Listener(self.database, world.venue), ChangeQueries(self.database), world.venue,
            refresh=self.page.day.follow, healthy=self.page.set_live, failed=self.reached.append,
        )  # fmt: skip

    async def open(self) -> None:
        """Sign in, load the day, listen and catch up."""
        await self.database.set_token(self.person.token)
        present(self.page, 1240, 840)
        self.page.start()
        await until(lambda: self.page.day.roster.rowCount() == CHILDREN)
        self.live.start()
        await until(lambda: self.live.is_healthy)
        await asyncio.sleep(0.2)

    async def close(self) -> None:
        """Leave nothing running."""
        await self.live.stop()
        self.page.stop()
        await self.page.day.runner.settled()
        await self.database.close()

    def entry(self, number: int) -> RosterEntry:
        """A child's entry by its number in the alphabet."""
        row = self.page.day.roster.rows[number]
        return row.entry

    def look(self, booking: UUID) -> str:
        """How a booking's row looks."""
        row = self.page.day.roster.row(booking)
        return row.look if row else "gone"


@asynccontextmanager
async def two_desks(hub: ThemeHub, world: World) -> AsyncIterator[tuple[Desk, Desk]]:
    """Jonas and Maya, each at a desk."""
    desks = (
        Desk(hub, world, world.person()),
        Desk(hub, world, world.person(name="Maya", desk=world.desk("Desk 2"))),
    )
    try:
        for one in desks:
            await one.open()
        yield desks
    finally:
        for one in desks:
            await one.close()


async def test_a_check_in_at_one_desk_appears_at_the_other_while_somebody_types_there(
    hub: ThemeHub, world: World
) -> None:
    async with two_desks(hub, world) as (here, there):
        scan, roster = here.page.middle.scan, here.page.middle.roster
        chosen = here.entry(20).booking_id
        assert roster.select(chosen)
        scan.line.setFocus()
        bar = roster.list.verticalScrollBar()
        bar.setValue(bar.maximum() // 2)
        place = bar.value()
        assert place > 0
        repainted: list[int] = []
        here.page.day.roster.dataChanged.connect(lambda first, *_: repainted.append(first.row()))
        resets: list[None] = []
        here.page.day.roster.modelReset.connect(lambda: resets.append(None))

        other = here.entry(5).booking_id
        scan.line.setText("chi")
        await there.service.check_in(there.entry(5))
        await until(lambda: here.look(other) == "in")

        assert scan.text == "chi"
        assert roster.current is not None
        assert roster.current.entry.booking_id == chosen
        assert bar.value() == place
        assert resets == []
        assert set(repainted) == {5}
        session = here.page.day.session
        assert session is not None
        assert (session.in_count, session.expected) == (1, CHILDREN - 1)
        assert all(error is None for error in here.reached)


async def test_keys_pressed_while_changes_arrive_are_all_kept(hub: ThemeHub, world: World) -> None:
    async with two_desks(hub, world) as (here, there):
        line = here.page.middle.scan.line
        line.setFocus()
        for number, letter in enumerate("child 3"):
            press(line, letter)
            await there.service.check_in(there.entry(number))
        await until(lambda: all(here.look(here.entry(n).booking_id) == "in" for n in range(7)))
        assert here.page.middle.scan.text == "child 3"


async def test_a_child_booked_elsewhere_appears_without_moving_the_selection(
    hub: ThemeHub, world: World
) -> None:
    async with two_desks(hub, world) as (here, _there):
        chosen = here.entry(10).booking_id
        here.page.middle.roster.select(chosen)
        await asyncio.to_thread(world.booking, "Aaron")
        await until(lambda: here.page.day.roster.rowCount() == CHILDREN + 1)
        assert here.page.day.roster.rows[0].name == "Aaron"
        current = here.page.middle.roster.current
        assert current is not None
        assert current.entry.booking_id == chosen


async def test_a_change_in_another_session_refreshes_the_list_only(hub: ThemeHub, world: World) -> None:
    ballet = world.other_session("Ballet", starts_at=SOON + timedelta(hours=1))
    async with two_desks(hub, world) as (here, _there):
        asked: list[UUID] = []
        roster = here.service.roster

        async def counted(session_id: UUID) -> list[RosterEntry]:
            asked.append(session_id)
            return await roster(session_id)

        here.page.day.gateway.roster = counted  # type: ignore[method-assign]  # a count of the questions
        assert here.page.day.session_id == world.session
        await asyncio.to_thread(world.booking, "Aaron", ballet)

        def booked() -> int:
            found = here.page.day.sessions.session(ballet)
            return found.booked if found else 0

        await until(lambda: booked() == 1)
        assert asked == []


async def test_a_new_allergy_reaches_the_roster(hub: ThemeHub, world: World) -> None:
    async with two_desks(hub, world) as (here, _there):
        entry = here.entry(3)
        child = world.one("SELECT child_id AS c FROM bookings WHERE id = %s", entry.booking_id)["c"]
        await asyncio.to_thread(factories.health_note, world.admin, child)
        await until(lambda: bool(here.entry(3).health))


async def test_the_page_hardly_asks_while_it_is_told_and_asks_at_once_when_that_ends(
    hub: ThemeHub, world: World
) -> None:
    async with two_desks(hub, world) as (here, there):
        other = here.entry(5).booking_id
        await here.live.stop()
        await there.service.check_in(there.entry(5))
        await asyncio.sleep(0.1)
        assert here.look(other) == "expected"
        here.page.refresh()
        await until(lambda: here.look(other) == "in")


async def test_focus_stays_where_it_was(hub: ThemeHub, world: World) -> None:
    async with two_desks(hub, world) as (here, there):
        here.page.activateWindow()
        here.page.sessions.setFocus(Qt.FocusReason.OtherFocusReason)
        await asyncio.sleep(0.05)
        before = QApplication.focusWidget()
        await there.service.check_in(there.entry(0))
        await until(lambda: here.look(here.entry(0).booking_id) == "in")
        assert QApplication.focusWidget() is before
