"""Ctrl+K over records: late answers, what stays chosen, recent first, more actions, and a source that fails."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import date, timedelta
from functools import partial
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QAbstractItemModelTester, QTest
from PySide6.QtWidgets import QWidget

from console.clock import FixedClock
from console.domain.finding import FoundBooking, FoundRecords, FoundSession, FoundToday
from console.errors import Unavailable
from console.views.shell.palette import Palette
from console.views.shell.palette_list import PaletteEntry
from console.views.shell.records import record_source
from console.views.theme import ThemeHub
from tests.support.qt import NOW, present

ZONE = ZoneInfo("America/Los_Angeles")
DAY = date(2026, 3, 12)


class Kept:
    """What is remembered beyond the window."""

    def __init__(self, *keys: str) -> None:
        self.recent = list(keys)


class Server:
    """Answers each question as it is told, when it is told."""

    def __init__(self, *entries: PaletteEntry) -> None:
        self.entries = list(entries)
        self.asked: list[str] = []
        self.gate = asyncio.Event()
        self.gate.set()
        self.error: Unavailable | None = None

    async def __call__(self, question: str) -> Sequence[PaletteEntry]:
        self.asked.append(question)
        await self.gate.wait()
        if self.error is not None:
            raise self.error
        return self.entries


class Desk:
    """A window with a palette, and what was done through it."""

    def __init__(self, hub: ThemeHub, *keys: str) -> None:
        self.done: list[str] = []
        self.kept = Kept(*keys)
        self.window = QWidget()
        self.palette = Palette(hub, self.window, self.kept)
        self.tester = QAbstractItemModelTester(
            self.palette.model, QAbstractItemModelTester.FailureReportingMode.Fatal
        )
        self.local = [
            self.entry("Areas", "Today"),
            self.entry("Actions", "Lock this desk"),
            self.entry("Actions", "Print judo roster"),
            self.entry("Venues", "Work at Judo House"),
        ]
        self.palette.add_source(
            lambda asked: [e for e in self.local if asked.strip("> ").lower() in e.title.lower()]
        )
        present(self.window, 1440, 900)

    def entry(self, group: str, title: str, detail: str = "", *more: str) -> PaletteEntry:
        inside = tuple(
            PaletteEntry(f"With {title}", words, partial(self.done.append, words)) for words in more
        )
        return PaletteEntry(
            group,
            title,
            lambda: self.done.append(title),
            detail=detail,
            key=f"{group}:{title}{detail}",
            more=inside,
        )

    def type(self, text: str) -> None:
        self.palette.field.setText(text)

    def key(self, key: Qt.Key) -> None:
        QTest.keyClick(self.palette.field, key)

    @property
    def lines(self) -> list[str]:
        return [one if isinstance(one, str) else one.title for one in self.palette.model.lines]

    @property
    def current(self) -> str:
        return self.palette.current.title if self.palette.current else ""


async def rest(palette: Palette) -> None:
    for _ in range(400):
        if not palette.busy:
            return
        await asyncio.sleep(0.005)
    raise AssertionError("it never came to rest")


@pytest.fixture
def desk(hub: ThemeHub) -> Desk:
    return Desk(hub)


async def test_actions_answer_at_once_and_records_join_them_in_their_groups(desk: Desk) -> None:
    server = Server(desk.entry("Sessions", "Junior Judo", "today"), desk.entry("Bookings", "K7Q4-2MXR-6"))
    desk.palette.add_async_source(server)
    desk.palette.open()
    for text in ("j", "ju", "jud", "judo"):
        desk.type(text)
    assert desk.lines == ["Actions", "Print judo roster", "Venues", "Work at Judo House"]
    await rest(desk.palette)
    assert server.asked == ["judo"], "one question for a word typed without a pause"
    assert desk.lines == [
        "Sessions", "Junior Judo", "Bookings", "K7Q4-2MXR-6", "Actions", "Print judo roster", "Venues",
        "Work at Judo House",
    ]  # fmt: skip
    assert desk.palette._count.text() == "4 found"
    desk.palette.card.grab()


async def test_a_late_answer_never_moves_what_is_chosen(desk: Desk) -> None:
    server = Server(desk.entry("Sessions", "Junior Judo"))
    desk.palette.add_async_source(server)
    desk.palette.open()
    desk.type("judo")
    desk.key(Qt.Key.Key_Down)
    assert desk.current == "Work at Judo House"
    await rest(desk.palette)
    assert desk.lines[:2] == ["Sessions", "Junior Judo"]
    assert desk.current == "Work at Judo House"
    desk.key(Qt.Key.Key_Return)
    assert desk.done == ["Work at Judo House"]


async def test_an_answer_to_an_older_question_is_dropped(desk: Desk) -> None:
    server = Server(desk.entry("Sessions", "Junior Judo"))
    server.gate.clear()
    desk.palette.add_async_source(server)
    desk.palette.open()
    desk.type("judo")
    await asyncio.sleep(0.1)
    assert server.asked == ["judo"]
    desk.type("lock")
    server.entries = []
    server.gate.set()
    await rest(desk.palette)
    assert desk.lines == ["Actions", "Lock this desk"]
    desk.type("judo")
    desk.palette.close()
    await rest(desk.palette)
    assert desk.lines == [], "nothing found stays in a closed palette"


async def test_nothing_is_called_nothing_before_the_records_answered(desk: Desk) -> None:
    server = Server()
    server.gate.clear()
    desk.palette.add_async_source(server)
    desk.palette.open()
    desk.type("zzzz")
    assert desk.palette._none.isHidden()
    server.gate.set()
    await rest(desk.palette)
    assert desk.palette._none.isVisible()
    desk.type(">zzzz")
    assert desk.palette._none.isVisible()
    assert len(server.asked) == 1, "records are not asked for actions"


async def test_a_source_that_fails_says_one_quiet_line(desk: Desk) -> None:
    server, other = Server(), Server(desk.entry("Bookings", "Judo 1"))
    server.error = Unavailable("The server does not answer.")
    told: list[object] = []
    desk.palette.failed.connect(told.append)
    desk.palette.add_async_source(server)
    desk.palette.add_async_source(other)
    desk.palette.open()
    desk.type("judo")
    await rest(desk.palette)
    assert desk.palette._trouble.isVisible()
    assert "Judo 1" in desk.lines
    assert "Print judo roster" in desk.lines
    assert told == [server.error]
    desk.palette.card.grab()
    server.error = None
    desk.type("judo ")
    assert desk.palette._trouble.isHidden()
    await rest(desk.palette)
    assert desk.palette._trouble.isHidden()


async def test_tab_shows_what_else_can_be_done_and_escape_leads_back(desk: Desk) -> None:
    record = desk.entry("Sessions", "Junior Judo", "today", "Open", "Print roster", "Close session")
    desk.palette.add_async_source(Server(desk.entry("Sessions", "Judo Camp"), record))
    desk.palette.open()
    desk.type("judo")
    await rest(desk.palette)
    desk.key(Qt.Key.Key_Tab)
    assert desk.current == "Print judo roster", "what has nothing more stays"
    desk.key(Qt.Key.Key_Up)
    desk.key(Qt.Key.Key_Tab)
    assert desk.lines == ["With Junior Judo", "Open", "Print roster", "Close session"]
    assert desk.palette._record.text() == "Junior Judo"
    desk.palette.card.grab()
    desk.type("rost")
    assert desk.lines == ["With Junior Judo", "Print roster"]
    desk.key(Qt.Key.Key_Escape)
    assert desk.palette.field.text() == "judo"
    assert desk.current == "Junior Judo"
    desk.key(Qt.Key.Key_Tab)
    desk.key(Qt.Key.Key_Backspace)
    assert desk.current == "Junior Judo"
    desk.key(Qt.Key.Key_Tab)
    desk.key(Qt.Key.Key_Down)
    desk.key(Qt.Key.Key_Return)
    assert desk.done == ["Print roster"]
    assert desk.kept.recent == [record.key], "the record is remembered, not the line inside"
    assert not desk.palette.is_open


def test_what_was_done_lately_comes_first(hub: ThemeHub) -> None:
    desk = Desk(hub, "Venues:Work at Judo House", "Actions:gone")
    desk.palette.open()
    assert desk.lines[:2] == ["Recent", "Work at Judo House"]
    assert desk.lines.count("Work at Judo House") == 1
    desk.local.append(desk.entry("Actions", "Zip the judo bag"))
    desk.kept.recent.insert(0, "Actions:Zip the judo bag")
    desk.type("judo")
    assert desk.lines[:3] == ["Actions", "Zip the judo bag", "Print judo roster"]
    desk.key(Qt.Key.Key_Return)
    desk.palette.open()
    desk.type("lock")
    desk.key(Qt.Key.Key_Return)
    assert desk.kept.recent[:2] == ["Actions:Lock this desk", "Actions:Zip the judo bag"]
    for number in range(30):
        desk.local[:] = [desk.entry("Actions", f"Thing {number}")]
        desk.palette.open()
        desk.key(Qt.Key.Key_Return)
    assert len(desk.kept.recent) == 20


def test_sources_of_the_person_before_are_gone(desk: Desk) -> None:
    server = Server(desk.entry("Sessions", "Junior Judo"))
    desk.palette.add_async_source(server)
    desk.palette.remove_async_sources()
    desk.palette.open()
    desk.type("judo")
    assert not desk.palette.busy
    assert server.asked == []


class Finder:
    """Finds the same whatever is asked."""

    def __init__(self, found: FoundRecords) -> None:
        self.found = found

    async def records(self, text: str) -> FoundRecords:
        return self.found


class Opener:
    """Remembers what was opened."""

    def __init__(self) -> None:
        self.opened: list[tuple[object, ...]] = []

    def open_session(self, session_id: UUID, day: date) -> None:
        self.opened.append(("session", session_id, day))

    def open_child(self, booking_id: UUID, session_id: UUID, day: date) -> None:
        self.opened.append(("child", booking_id, session_id, day))

    def open_booking(self, booking_id: UUID) -> None:
        self.opened.append(("booking", booking_id))


def _session(day: date, **facts: object) -> FoundSession:
    start = NOW - timedelta(minutes=12) + (day - DAY)
    base = {"in_count": 9, "booked": 16, "capacity": 18, "room_name": "Main Hall", **facts}
    return FoundSession(UUID(int=1), day, start, "Junior Judo", **base)  # type: ignore[arg-type]  # named by the test


async def test_records_are_said_as_people_say_them() -> None:
    opener = Opener()
    found = FoundRecords(
        sessions=(
            _session(DAY),
            _session(DAY + timedelta(days=1), in_count=0, booked=17),
            _session(DAY + timedelta(days=2), is_cancelled=True, room_name=None),
            _session(DAY, is_closed=True),
        ),
        children=(FoundToday(UUID(int=2), UUID(int=1), DAY, NOW, "Junior Judo", "Nia"),),
        bookings=(
            FoundBooking(UUID(int=2), UUID(int=1), DAY, NOW, "Junior Judo", "K7Q4-2MXR-6", "Nia"),
            FoundBooking(
                UUID(int=3), UUID(int=1), date(2025, 12, 3), NOW - timedelta(days=99), "Ballet", "M7Q4-2MXR-7"
            ),
        ),
    )
    entries = await record_source(Finder(found), opener, FixedClock(NOW), ZONE)("judo")
    assert [(entry.group, entry.title, entry.detail) for entry in entries] == [
        ("Sessions", "Junior Judo", "today 15:30, Main Hall · 9 in · 16/18"),
        ("Sessions", "Junior Judo", "tomorrow 15:30, Main Hall · 17/18"),
        ("Sessions", "Junior Judo", "Sat 14 March 15:30 · cancelled"),
        ("Sessions", "Junior Judo", "today 15:30, Main Hall · closed · 16/18"),
        ("Children", "Nia", "Junior Judo, today 15:42"),
        ("Bookings", "K7Q4-2MXR-6", "Nia · Junior Judo, today 15:42"),
        ("Bookings", "M7Q4-2MXR-7", "Ballet, Wed 3 December 2025 14:42"),
    ]
    assert [[one.title for one in entry.more] for entry in entries[4:]] == [
        ["Open the card", "Open Junior Judo", "Open the booking"],
        ["Open the booking", "Open the card"],
        ["Open the booking"],
    ]
    for entry in (entries[0], entries[4], entries[5]):
        entry.run()
    assert opener.opened == [
        ("session", UUID(int=1), DAY), ("child", UUID(int=2), UUID(int=1), DAY), ("booking", UUID(int=2)),
    ]  # fmt: skip


async def test_without_a_bookings_area_a_code_opens_the_child_and_a_session_can_do_more() -> None:
    opener = Opener()
    booking = FoundBooking(UUID(int=2), UUID(int=1), DAY, NOW, "Junior Judo", "K7Q4-2MXR-6", "Nia")
    found = FoundRecords(sessions=(_session(DAY),), bookings=(booking,))
    source = record_source(
        Finder(found), opener, FixedClock(NOW), ZONE, bookings=False,
        more_for_session=lambda one: [PaletteEntry("", f"Print roster of {one.activity_name}", list)],
    )  # fmt: skip
    session, code = await source("judo")
    code.run()
    assert opener.opened == [("child", UUID(int=2), UUID(int=1), DAY)]
    assert [one.title for one in session.more] == ["Open", "Print roster of Junior Judo"]
