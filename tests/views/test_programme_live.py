"""The side panel over a real database: what it previews is what happens.

What another desk did meanwhile is said, and asked again.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest

from console.clock import FixedClock
from console.domain.programme import CalendarSession
from console.services.programme import ProgrammeService
from console.storage.database import Database as DeskDatabase
from console.storage.programme import ProgrammeQueries
from console.views.schedule.editor.closures import ClosureForm, LiftForm
from console.views.schedule.editor.combine import CombineForm
from console.views.schedule.editor.panel import EditorPanel
from console.views.theme import ThemeHub
from tests.support import factories
from tests.support.databases import Database
from tests.support.desk_world import World
from tests.support.editor_samples import EditorHost, looked, on_top
from tests.support.planning import TUESDAY, Programme
from tests.views.test_programme_panel import button, line, texts

NEXT = TUESDAY + timedelta(days=7)


@pytest.fixture
def programme(fresh_database: Database) -> Iterator[Programme]:
    with World(fresh_database) as world:
        yield Programme(world)


@pytest.fixture
async def service(programme: Programme) -> AsyncIterator[ProgrammeService]:
    database = DeskDatabase(programme.who.dsn)
    await database.set_token(programme.who.token)
    clock = FixedClock(programme.world.now)
    yield ProgrammeService(ProgrammeQueries(database), programme.world.venue, clock)
    await database.close()


@pytest.fixture
async def panel(hub: ThemeHub, programme: Programme, service: ProgrammeService) -> AsyncIterator[EditorPanel]:
    made = EditorPanel(
        hub, service, zone=ZoneInfo(factories.ZONE), clock=FixedClock(programme.world.now), may_edit=True,
        may_cancel=True,
    )  # fmt: skip
    await on_top(EditorHost(made))
    yield made
    made.stop()


async def session_on(service: ProgrammeService, day: date) -> CalendarSession:
    """The session of the series on a day."""
    found = await service.calendar(day, day)
    return next(one for one in found.sessions if one.series_id is not None)


async def test_what_is_previewed_is_what_happens(
    panel: EditorPanel, programme: Programme, service: ProgrammeService
) -> None:
    world = programme.world
    series = programme.series(last=NEXT)
    world.booking("Nia", programme.on(NEXT))
    panel.open_series(series, TUESDAY + timedelta(days=1))
    await looked(panel)
    assert line(panel, "first").text().startswith("Thu 5 Mar"), "it follows from a date of the series"
    line(panel, "start").setText("17:00")
    await looked(panel)
    assert "16:00 → 17:00" in texts(panel), texts(panel)
    assert "1 booking hit" in texts(panel)
    panel.save()
    await looked(panel)
    assert not panel.is_open, panel.banner.text
    starts = [one.starts_at.astimezone(ZoneInfo(factories.ZONE)).hour for one in
              (await service.calendar(TUESDAY, NEXT)).sessions if one.series_id is not None]  # fmt: skip
    assert starts == [16, 17, 17]
    assert [key for key, _words in programme.messages()] == ["session_changed"]


async def test_two_managers_edit_one_series(panel: EditorPanel, programme: Programme) -> None:
    series = programme.series(last=NEXT)
    panel.open_series(series)
    await looked(panel)
    line(panel, "capacity").setText("9")
    await looked(panel)
    assert panel.can_save, texts(panel)
    programme.do(programme.edit(series, last=NEXT, instructor="Bo"))
    panel.save()
    await looked(panel)
    assert "Instructor Ana → Bo" in panel.banner.text
    assert (line(panel, "instructor").text(), line(panel, "capacity").text()) == ("Bo", "9")
    panel.save()
    await looked(panel)
    assert not panel.is_open
    row = programme.row(programme.on(NEXT))
    assert (row["total_capacity"], row["instructor_name"]) == (9, "Bo")


async def test_a_capacity_below_what_is_booked_is_refused_at_its_field(
    panel: EditorPanel, programme: Programme, service: ProgrammeService
) -> None:
    programme.series(last=NEXT)
    for name in ("Nia", "Max", "Ada"):
        programme.world.booking(name, programme.on(NEXT))
    panel.open_session(await session_on(service, NEXT))
    await looked(panel)
    line(panel, "platform_places").setText("0")
    line(panel, "capacity").setText("2")
    await looked(panel)
    assert panel.form is not None
    assert "3 children are booked" in panel.form.fields.kept["capacity"].field.below.text()
    assert not panel.can_save


async def test_children_move_and_the_rest_is_cancelled(
    panel: EditorPanel, programme: Programme, service: ProgrammeService
) -> None:
    programme.series(last=NEXT)
    one, two = programme.on(TUESDAY), programme.on(NEXT)
    for name in ("Nia", "Max"):
        programme.world.booking(name, one)
    programme.do(programme.session_edit(two, capacity=2, platform_places=0))
    panel.combine(await session_on(service, TUESDAY))
    await looked(panel)
    form = panel.form
    assert isinstance(form, CombineForm)
    assert {hit.child for hit in form.booked} == {"Nia", "Max"}
    form.choose(two)
    line(panel, "reason").setText("Too few bookings")
    await looked(panel)
    assert panel.foot.save.text() == "Move 2 bookings", texts(panel)
    panel.save()
    await looked(panel)
    assert not panel.is_open, panel.banner.text
    assert programme.row(one)["is_cancelled"]
    assert programme.row(two)["booked_count"] == 2


async def test_a_closure_cancels_and_gives_back(
    panel: EditorPanel, programme: Programme, service: ProgrammeService
) -> None:
    programme.series(last=NEXT)
    programme.world.booking("Nia", programme.on(NEXT))
    panel.new_closure(NEXT)
    await looked(panel)
    assert isinstance(panel.form, ClosureForm)
    panel.form.choose_reason("Maintenance")
    await looked(panel)
    assert panel.foot.save.text().startswith("Cancel 1 session"), texts(panel)
    panel.save()
    assert panel.question is not None
    panel.question.card.do.click()
    await looked(panel)
    assert programme.row(programme.on(NEXT))["is_cancelled"], panel.banner.text
    (span,) = await service.closures()
    panel.open_lift(span)
    await looked(panel)
    assert isinstance(panel.form, LiftForm)
    button(panel, "Choose all").click()
    await looked(panel)
    assert panel.foot.save.text() == "Lift, restore 1 session"
    panel.save()
    await looked(panel)
    assert not programme.row(programme.on(NEXT))["is_cancelled"], panel.banner.text


async def test_cancelling_restoring_and_ending(
    panel: EditorPanel, programme: Programme, service: ProgrammeService
) -> None:
    series = programme.series(last=NEXT)
    programme.world.booking("Nia", programme.on(NEXT))
    panel.cancel(await session_on(service, NEXT))
    await looked(panel)
    line(panel, "reason").setText("Storm warning")
    await looked(panel)
    assert panel.foot.save.text() == "Cancel 1 booking"
    panel.save()
    assert panel.question is not None
    panel.question.card.do.click()
    await looked(panel)
    gone = await session_on(service, NEXT)
    assert (gone.is_cancelled, gone.cancellation_reason) == (True, "Storm warning")
    panel.open_session(gone)
    await looked(panel)
    panel.save()
    await looked(panel)
    assert not (await session_on(service, NEXT)).is_cancelled, panel.banner.text
    panel.open_series(series)
    await looked(panel)
    button(panel, "End this series…").click()
    await looked(panel)
    assert "Write the reason" in texts(panel)
    line(panel, "reason").setText("Season over")
    line(panel, "pivot").setText("5 mar 2026")
    await looked(panel)
    panel.save()
    await looked(panel)
    assert programme.days(series) == [TUESDAY], panel.banner.text
