"""A programme's files through the console's own service, over real logins: out, kept up to date, and in."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import openpyxl
import pytest

from console.domain.changing import SessionCancel
from console.domain.exchange import Entry, Kind, Opened, Outcome, Published, Reading, Taken, Wish
from console.errors import Conflict, Denied, FileTrouble, Invalid, NotFound, Unavailable
from console.services.exchange import importer
from console.storage.exchange import ExchangeQueries
from tests.support import factories
from tests.support.calendar_server import Asked, answer, calendar_server
from tests.support.databases import Database
from tests.support.desk_world import World
from tests.support.exchange_office import MONDAY, FileOffice, file_office, nothing
from tests.support.planning import TUESDAY, Programme, paid, somebody
from tests.support.shared_data import require

ICS = """BEGIN:VCALENDAR\r
BEGIN:VEVENT\r
UID:yoga@x\r
SUMMARY:Yoga\r
LOCATION:Attic\r
DTSTART;TZID=America/New_York:20260304T180000\r
DTEND;TZID=America/New_York:20260304T190000\r
RRULE:FREQ=WEEKLY;UNTIL=20260401T035959Z\r
END:VEVENT\r
BEGIN:VEVENT\r
UID:once@x\r
SUMMARY:Open day\r
DTSTART:20260307T150000Z\r
DTEND:20260307T170000Z\r
END:VEVENT\r
BEGIN:VEVENT\r
UID:monthly@x\r
SUMMARY:Board\r
DTSTART:20260305T150000Z\r
DTEND:20260305T170000Z\r
RRULE:FREQ=MONTHLY\r
END:VEVENT\r
END:VCALENDAR\r
"""


@pytest.fixture
def programme(fresh_database: Database) -> Iterator[Programme]:
    with World(fresh_database) as world:
        yield Programme(world)


@pytest.fixture
async def office(programme: Programme) -> AsyncIterator[FileOffice]:
    async with file_office(programme) as made:
        yield made


def listed(folder: Path) -> list[Path]:
    return sorted(folder.iterdir())


def outcomes(report: Any) -> list[str]:
    return [row.outcome.value for row in report.rows]


async def test_a_calendar_comes_in_and_again_changes_nothing(office: FileOffice, tmp_path: Path) -> None:
    path = tmp_path / "in.ics"
    path.write_text(ICS, newline="")
    seen: list[tuple[int, int]] = []
    opened = await office.service.open_file(path, lambda done, total: seen.append((done, total)))
    report = await office.look_at(opened)
    assert outcomes(report) == ["created", "created", "refused"]
    series, single, refused = report.rows
    assert (series.made, series.rooms, series.activities, single.made) == (4, 1, 1, 1)
    assert refused.refusal == "It repeats monthly; the console keeps weekly series only."
    assert refused.line == 16
    assert await office.service.take(report) == Taken(2, 0, 0, 0, 0)
    world = office.programme.world
    made = world.one(
        """SELECT s.total_capacity AS c, a.is_published AS p FROM activity_sessions s
             JOIN activities a ON a.id = s.activity_id WHERE a.name = 'Open day'"""
    )
    assert made == {"c": 8, "p": False}
    assert outcomes(await office.look(path)) == ["same", "same", "refused"]
    # The publisher moves it an hour: so does the console, and the families are told as by any change.
    path.write_text(
        ICS.replace("T180000", "T190000").replace("T190000\r\nRRULE", "T200000\r\nRRULE"), newline=""
    )
    again = await office.look(path)
    assert outcomes(again)[0] == "changed"
    assert again.rows[0].altered == 4


async def test_a_confirmation_that_was_lost_happens_once(programme: Programme, tmp_path: Path) -> None:
    class Losing(ExchangeQueries):
        losses = 2

        async def take(self, *arguments: Any) -> Taken:
            answer = await super().take(*arguments)
            if self.losses:
                self.losses -= 1
                raise Unavailable("The connection was lost.", code="connection_lost")
            return answer

    async with file_office(programme) as office:
        queries = Losing(office.service._queries._database)
        office.service._queries = queries
        path = tmp_path / "in.ics"
        path.write_text(ICS, newline="")
        report = await office.look(path)
        assert (await office.service.take(report)).created == 2
        assert programme.world.one("SELECT count(*) AS n FROM programme_changes WHERE kind = 'import'") == {
            "n": 1
        }


async def test_what_was_not_looked_at_is_not_taken(office: FileOffice, tmp_path: Path) -> None:
    path = tmp_path / "in.ics"
    path.write_text(ICS, newline="")
    report = await office.look(path)
    with pytest.raises(Invalid):
        await office.service.take(replace(report, fingerprint="0" * 64))
    office.programme.series(
        room_id=None, weekdays=(3,), start=office.programme.facts().start, instructor="Zed"
    )
    factories.room(office.programme.world.admin, office.programme.world.venue, name="Attic")
    with pytest.raises(Conflict) as caught:
        await office.service.take(report)
    assert caught.value.code == "plan_changed"


async def test_a_table_is_read_as_it_was_the_last_time(office: FileOffice, tmp_path: Path) -> None:
    path = tmp_path / "week.csv"
    path.write_text("Was,Wann,Uhr,Dauer\nTöpfern,03.03.2026,16:00,60\n", encoding="cp1252")
    opened = await office.service.open_file(path, nothing)
    assert opened.sheet is not None
    assert opened.columns is not None
    assert not opened.was_remembered
    with pytest.raises(Invalid) as caught:
        await office.look_at(opened)
    assert caught.value.sentence == "Choose what the file says of: Activity, Day, Start, End or minutes."
    of = {"title": "was", "day": "wann", "start": "uhr", "minutes": "dauer"}
    columns = replace(opened.columns, kind="session", of=of, days="dmy")
    assert outcomes(await office.look_at(opened, columns)) == ["created"]
    again = await office.service.open_file(path, nothing)
    assert (again.was_remembered, again.columns) == (True, columns)


async def test_no_name_of_a_child_and_no_note_goes_out(office: FileOffice, tmp_path: Path) -> None:
    programme = office.programme
    series = programme.series()
    session = programme.on(TUESDAY, series)
    paid(programme, session, "Wilhelmina")
    programme.world.admin.execute(
        "UPDATE activity_sessions SET instructor_notes = 'Wilhelmina', session_notes = 'Wilhelmina' WHERE id = %s",
        [session],
    )
    files: tuple[tuple[str, Kind], ...] = (("a.ics", "series"), ("b.csv", "session"), ("c.csv", "series"))
    for name, what in files:
        path = await office.send(tmp_path / name, what)
        text = path.read_text("utf-8-sig")
        assert "Clay" in text
        assert "Wilhelmina" not in text
    book = openpyxl.load_workbook(await office.send(tmp_path / "d.xlsx", "session"))
    assert book.active is not None
    cells = [cell.value for row in book.active.iter_rows() for cell in row]
    assert "Clay" in cells
    assert str(session) in cells
    assert "Wilhelmina" not in cells


async def test_an_export_of_one_room_or_one_instructor(office: FileOffice, tmp_path: Path) -> None:
    programme = office.programme
    programme.series(name="With Ana")
    programme.series(weekdays=(1,), room_id=programme.other_room, instructor="Bo", name="With Bo")
    text = (await office.send(tmp_path / "bo.ics", instructor="bo")).read_text("utf-8")
    assert "With Bo" in text
    assert "X-NEXUS-NAME:With Ana" not in text
    text = (await office.send(tmp_path / "room.ics", room_id=programme.room)).read_text("utf-8")
    assert "X-NEXUS-NAME:With Ana" in text
    assert "With Bo" not in text
    with pytest.raises(Invalid):
        await office.service.export(
            Wish("ics", "series", MONDAY, MONDAY - timedelta(days=1)), tmp_path / "x.ics"
        )
    with pytest.raises(Invalid):
        await office.service.export(
            Wish("ics", "series", MONDAY, MONDAY + timedelta(days=800)), tmp_path / "x.ics"
        )
    with pytest.raises(Unavailable):
        await office.send(tmp_path / "nowhere" / "x.csv")
    assert not (tmp_path / "x.ics").exists()


async def test_a_file_is_kept_up_to_date_and_written_only_for_a_change(
    office: FileOffice, tmp_path: Path
) -> None:
    programme, kept = office.programme, office.service.kept_file
    assert not await kept.refresh()
    series = programme.series()
    place = await office.service.publish(Published(str(tmp_path)))
    assert place == Published(str(tmp_path))
    (file,) = listed(tmp_path)
    assert file.name == "Riverside Studio.ics"
    first = file.stat().st_mtime_ns
    assert not await kept.refresh()
    # A booking changes nothing that the file says.
    paid(programme, programme.on(TUESDAY, series))
    assert not await kept.refresh()
    assert file.stat().st_mtime_ns == first
    row = programme.row(programme.on(TUESDAY + timedelta(days=2), series))
    programme.do(SessionCancel(row["id"], row["version"], "Flooded."))
    assert await kept.refresh()
    assert b"EXDATE;TZID=America/New_York:20260305T160000" in file.read_bytes()
    assert listed(tmp_path) == [file]  # no draft stays beside it
    # Of many calls at once the last does the work.
    done = await asyncio.gather(*(kept.refresh() for _ in range(5)))
    assert done == [False] * 5
    assert await office.service.publish(None) is None
    assert office.service.published() is None


async def test_a_folder_that_is_gone_is_said_and_tried_again(office: FileOffice, tmp_path: Path) -> None:
    office.programme.series()
    folder = tmp_path / "shared"
    with pytest.raises(Unavailable):
        await office.service.publish(Published(str(folder)))
    assert office.service.published() is None
    folder.mkdir()
    await office.service.publish(Published(str(folder), office.programme.room, None))
    (file,) = listed(folder)
    assert file.name == "Riverside Studio - Studio A.ics"
    file.unlink()
    folder.rmdir()
    assert not await office.service.kept_file.refresh()
    place = office.service.published()
    assert place is not None
    assert place.problem == "The folder is not there."
    folder.mkdir()
    assert await office.service.kept_file.refresh()
    place = office.service.published()
    assert place is not None
    assert place.problem is None


async def test_a_file_that_cannot_be_replaced_stays_whole(office: FileOffice, tmp_path: Path) -> None:
    office.programme.series()
    path = tmp_path / "out.ics"
    path.mkdir()  # nothing can be moved there
    with pytest.raises(FileTrouble) as caught:
        await office.send(path)
    assert caught.value.code == "file_not_written"
    assert listed(tmp_path) == [path]


async def test_a_remote_calendar_is_fetched_once_until_it_changes(
    programme: Programme, tmp_path: Path
) -> None:
    tags = ['"1"']

    def say(asked: Asked) -> bytes:
        if asked.headers.get("if-none-match") == tags[0]:
            return answer(304)
        return answer(200, ICS.encode(), etag=tags[0])

    async with calendar_server(tmp_path, say) as server, file_office(programme, trust=server.trust) as office:
        opened = await office.service.open_address(server.url(), True, nothing)
        assert opened.name == f"localhost:{server.port}"
        # Looked at only, it is fetched again; taken in, it is not.
        again = await office.service.open_address(server.url(), True, nothing)
        await office.service.take(await office.look_at(again))
        same = await office.service.open_address(server.url(), True, nothing)
        report = await office.look_at(same)
        assert (report.rows, report.notes) == ((), ("Nothing changed since it was taken in.",))
        assert server.url() not in repr(office.memory.kept)  # it may be a secret
        tags[0] = '"2"'
        changed = await office.service.open_address(server.url(), True, nothing)
        assert set(outcomes(await office.look_at(changed))) == {"same", "refused"}
        with pytest.raises(Invalid):
            await office.service.open_address(server.url(), False, nothing)


async def test_files_that_cannot_be_read_are_refused_in_a_sentence(
    office: FileOffice, tmp_path: Path
) -> None:
    empty, page, large = tmp_path / "empty.ics", tmp_path / "page.html", tmp_path / "large.csv"
    empty.write_bytes(b"")
    page.write_text("<html>Sign in first</html>")
    with large.open("wb") as file:
        file.truncate(importer.LARGEST_FILE + 1)
    for path, kind in (
        (tmp_path / "gone.ics", NotFound),
        (tmp_path, Invalid),
        (empty, Invalid),
        (page, Invalid),
        (large, Invalid),
    ):
        with pytest.raises(kind):
            await office.service.open_file(path, nothing)


async def test_reading_stops_when_nobody_waits(office: FileOffice, tmp_path: Path) -> None:
    path = tmp_path / "long.ics"
    one = ICS.split("\r\n", 1)[1].rsplit("END:VCALENDAR", 1)[0]
    path.write_text("BEGIN:VCALENDAR\r\n" + one * 20_000, newline="")
    begun = asyncio.Event()
    task = asyncio.ensure_future(office.service.open_file(path, lambda _done, _total: begun.set()))
    await begun.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_who_may_not_plan_may_neither_look_nor_take(programme: Programme, tmp_path: Path) -> None:
    path = tmp_path / "in.ics"
    path.write_text(ICS, newline="")
    async with file_office(programme, somebody(programme.world, "front_desk")) as office:
        with pytest.raises(Denied):
            await office.look(path)
        # What they see they may give away: a calendar of the programme.
        programme.series()
        assert "Clay" in (await office.send(tmp_path / "out.ics")).read_text("utf-8")


async def test_the_same_entry_twice_in_a_file_counts_once(office: FileOffice) -> None:
    facts = {"day": "2026-03-07", "start": "10:00:00", "minutes": 60}
    twice = tuple(Entry(line, "k", "session", "Open day", facts) for line in (2, 5))
    report = await office.look_at(Opened("x", "table", Reading("Table", twice)))
    assert outcomes(report) == ["created", "refused"]
    assert report.rows[1].refusal == "The same entry stands on line 2 already."


@pytest.mark.parametrize(
    ("name", "zone", "today", "made"),
    [
        # Ten dates, of which three lie beyond the ninety days that are made.
        ("event_with_recurrence_exdates_on_different_lines.ics", "Europe/Vienna", date(2012, 3, 20), 7),
        ("issue_112_missing_tzinfo_on_exdate.ics", "America/New_York", date(2013, 9, 2), 11),
        ("issue_466_respect_unique_timezone.ics", "Europe/Vienna", date(2022, 10, 17), 13),
    ],
)
async def test_public_calendars_come_in_and_again_change_nothing(
    programme: Programme, shared_data: Path, name: str, zone: str, today: date, made: int
) -> None:
    world = programme.world
    world.admin.execute("UPDATE venues SET timezone = %s WHERE id = %s", [zone, world.venue])
    world.at(datetime.combine(today, time(6), UTC))
    async with file_office(programme) as office:
        path = require(shared_data / "ics" / name)
        report = await office.look(path)
        assert [(row.outcome, row.made) for row in report.rows] == [(Outcome.CREATED, made)]
        await office.service.take(report)
        assert outcomes(await office.look(path)) == ["same"]
        days = world.one("SELECT count(*) AS n FROM activity_sessions WHERE venue_id = %s AND occurs_on IS NOT NULL",
                         world.venue)  # fmt: skip
        assert days == {"n": made}
        assert isinstance(world.venue, UUID)
