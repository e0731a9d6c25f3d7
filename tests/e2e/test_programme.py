"""A manager's programme by keyboard: a series, a change of it, a cancellation, a closed room, the queue, the mail.

A real window, a real worker beside it, a real mail server. What happened is read back from the database and from the
letter box, and compared with a table written by hand. See docs/design.md, "Tests".
"""

from __future__ import annotations

import asyncio
import re
import shutil
import tempfile
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import pytest

from console.storage.embedded import EmbeddedServer
from tests.e2e.test_front_desk import Install, opened
from tests.support import factories, identities
from tests.support.databases import Connection
from tests.support.mail_server import FakeMailServer, mail_server
from tests.support.window import wait_for_entry
from tests.support.xserver import XServer, wait_for

EMAIL = "jo@hall.example"
MONDAY = datetime(2026, 3, 2, 15, tzinfo=UTC)
"""Ten in the morning in New York."""
ZONE = ZoneInfo(factories.ZONE)


@pytest.fixture
def install() -> Iterator[Install]:
    """A fresh installation whose server this test keeps running."""
    home = Path(tempfile.mkdtemp(prefix="nexus-e2e-"))
    home.chmod(0o755)  # the server is another user's when the test is root's
    server = EmbeddedServer(home / "data" / "postgres")
    (home / "data").mkdir(mode=0o755)
    try:
        with server:
            yield Install(home, server)
    finally:
        shutil.rmtree(home, ignore_errors=True)


@contextmanager
def letter_box() -> Iterator[FakeMailServer]:
    """A mail server that listens while the test does something else."""
    loop, ready, box = asyncio.new_event_loop(), threading.Event(), []

    async def serve() -> None:
        async with mail_server() as made:
            box.append(made)
            stopped.append(asyncio.Event())
            ready.set()
            await stopped[0].wait()

    stopped: list[asyncio.Event] = []
    thread = threading.Thread(target=loop.run_until_complete, args=(serve(),))
    thread.start()
    assert ready.wait(10)
    try:
        yield box[0]
    finally:
        loop.call_soon_threadsafe(stopped[0].set)
        thread.join(10)
        loop.close()


class House:
    """The venue before anybody touches the console."""

    def __init__(self, admin: Connection) -> None:
        self.admin = admin
        factories.fix_clock(admin, MONDAY)
        self.venue = factories.venue(admin, name="Riverside Studio", slug="riverside")
        self.studio = factories.room(admin, self.venue, name="Studio A")
        self.hall = factories.room(admin, self.venue, name="Hall")
        self.clay = factories.activity(admin, self.venue, name="Clay", capacity_per_session=6)
        self.pottery = factories.activity(admin, self.venue, name="Pottery")
        self.judo = factories.activity(admin, self.venue, name="Judo")

    def family(self, name: str) -> UUID:
        """A child whose parent has ten credits and an address that names it."""
        parent = factories.parent(self.admin, email=f"{name.lower()}@home.example", timezone=factories.ZONE)
        child = factories.child(self.admin, parent, first_name=name, date_of_birth=date(2018, 5, 4))
        self.admin.execute(
            "SELECT credits.allocate(%s, '2026-02-01', '2026-04-30', 10, %s)", [parent, f"e2e {name}"]
        )
        return child

    def session(self, activity: UUID, day: date, hour: int, room: UUID, places: int = 6) -> UUID:
        """A session of one hour."""
        starts = datetime(day.year, day.month, day.day, hour, tzinfo=ZONE)
        return factories.session(
            self.admin, activity, starts_at=starts, ends_at=starts + timedelta(hours=1), total_capacity=places,
            room_id=room,
        )  # fmt: skip


def book(install: Install, house: House, *plan: tuple[UUID, UUID]) -> list[UUID]:
    """Book children on sessions as a desk does."""
    made = []
    with identities.at_desk(install.database, "manager", house.venue) as manager:
        for session, child in plan:
            row = manager.connection.execute(
                "SELECT booking_id FROM bookings.book(%s, %s, %s)", [uuid4(), session, child]
            ).fetchone()
            assert row is not None
            made.append(row[0])
    return made


def lines(admin: Connection, statement: str, *arguments: object) -> list[str]:
    """Rows as lines of text."""
    found = admin.execute(statement.encode(), arguments or None).fetchall()
    return [" ".join("-" if one is None else str(one) for one in row) for row in found]


SESSIONS = """SELECT a.name, s.session_date, to_char(s.start_time, 'HH24:MI'), r.name, s.booked_count,
                     CASE WHEN s.is_cancelled THEN s.cancellation_reason ELSE 'on' END
                FROM activity_sessions s JOIN activities a ON a.id = s.activity_id LEFT JOIN rooms r ON r.id = s.room_id
               ORDER BY s.starts_at"""
SERIES = """SELECT days_of_week, to_char(start_time, 'HH24:MI'), effective_from, effective_until,
                   default_instructor_name FROM activity_recurring_schedules ORDER BY effective_from"""
BOOKINGS = """SELECT c.first_name, a.name, s.session_date, b.status, b.booking_source, b.credits_refunded
                FROM bookings b JOIN children c ON c.id = b.child_id JOIN activity_sessions s ON s.id = b.session_id
                JOIN activities a ON a.id = s.activity_id ORDER BY s.starts_at, c.first_name"""
CREDITS = """SELECT c.first_name, b.credits_available FROM user_credit_balances b
               JOIN children c ON c.parent_id = b.user_id ORDER BY c.first_name"""
CLOSURES = """SELECT r.name, c.starts_at AT TIME ZONE v.timezone, c.ends_at AT TIME ZONE v.timezone, m.name
                FROM venue_closures c JOIN venues v ON v.id = c.venue_id JOIN closure_reasons r ON r.id = c.reason_id
                JOIN venue_closure_rooms x ON x.closure_id = c.id JOIN rooms m ON m.id = x.room_id"""
WHO = """SELECT p.kind, u.email, d.name FROM programme_changes p JOIN users u ON u.id = p.person_id
           JOIN auth.devices d ON d.id = p.device_id ORDER BY p.made_at, p.kind"""


class Desk:
    """The manager's window, her keyboard, and what the database says meanwhile."""

    def __init__(self, screen: XServer, admin: Connection) -> None:
        self.screen, self.admin = screen, admin

    def sign_in(self, password: str) -> None:
        """Wait for the window and sign in."""
        window = wait_for(lambda: self.screen.window("Nexus Console"), "the window", 60)
        self.screen.focus(window)
        wait_for(
            lambda: lines(self.admin, "SELECT 1 FROM auth.devices WHERE name = 'Desk 1'"), "the desk", 60
        )
        wait_for_entry(self.screen)
        self.screen.type(EMAIL)
        self.screen.press("Tab")
        self.screen.type(password)
        self.screen.press("Return")
        wait_for(lambda: self.screen.window("Today"), "the Today screen")

    def look(self, *keys: str) -> None:
        """Press keys, the last of which shows something, and look until it stays."""
        self.screen.press(*keys[:-1])
        self.screen.look(lambda: self.screen.press(keys[-1]))
        self.screen.steady(still=0.35)

    def write(self, text: str) -> None:
        """Type, and look until what would happen is on show."""
        self.screen.look(lambda: self.screen.type(text))
        self.screen.steady(still=0.8)

    def saved(self, kind: str, *keys: str) -> None:
        """Press keys until a change of this kind is made."""
        before = len(self.changes())
        self.screen.press(*keys)
        wait_for(lambda: len(self.changes()) > before, f"the {kind}")
        assert self.changes()[-1] == kind
        self.screen.steady(still=0.35)

    def changes(self) -> list[str]:
        """What was confirmed so far, in order."""
        return lines(self.admin, "SELECT kind FROM programme_changes ORDER BY xmin::text::bigint")


def test_a_managers_programme(install: Install, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    install.command("db", "upgrade")
    with letter_box() as box, closing(install.administrator()) as admin, XServer(tmp_path) as screen:
        monkeypatch.setenv("NEXUS_SMTP_URL", box.url)
        house = House(admin)
        nia, max_, zoe, lea = (house.family(name) for name in ("Nia", "Max", "Zoe", "Lea"))
        said = install.command(
            "user", "add", EMAIL, "--first-name", "Jo", "--last-name", "Ng", "--role", "manager",
            "--venue", "riverside",
        )  # fmt: skip
        password = re.search(r"shown once: (\S+)", said)
        assert password is not None
        with opened(install, screen):
            desk = Desk(screen, admin)
            desk.sign_in(password.group(1))
            desk.look("ctrl+3")
            wait_for(lambda: screen.window("Schedule"), "the schedule")

            # A series: Tuesdays at four in Studio A with Ana, until the end of the month. Monday was proposed.
            desk.look("n")
            screen.press("Tab", "Tab")
            screen.type("30 Mar 2026")
            screen.press("Tab", "Tab", "space", "Tab", "space", *["Tab"] * 5)
            screen.type("16:00")
            screen.press("Tab", "Tab", "Tab")
            screen.type("S")
            screen.press("Tab")
            desk.write("Ana")
            desk.saved("series_new", "Return")
            clay = {
                row[1]: row[0]
                for row in admin.execute("SELECT id, session_date FROM activity_sessions").fetchall()
            }
            assert sorted(clay) == [date(2026, 3, day) for day in (3, 10, 17, 24)]

            # Meanwhile families book; one place is given up and offered to who waits for it.
            judo = house.session(house.judo, date(2026, 3, 4), 17, house.hall)
            pottery = house.session(house.pottery, date(2026, 3, 5), 10, house.hall, places=1)
            _, _, _, given_up = book(
                install,
                house,
                (clay[date(2026, 3, 10)], nia),
                (clay[date(2026, 3, 17)], max_),
                (judo, zoe),
                (pottery, lea),
            )
            with identities.at_desk(install.database, "manager", house.venue) as other:
                other.connection.execute("SELECT * FROM bookings.join_waitlist(%s, %s)", [pottery, max_])
                other.connection.execute("SELECT * FROM bookings.cancel(%s, false, 'child_sick')", [given_up])

            # From the tenth on it begins at five: nothing is written before it was looked at.
            desk.look("Next")
            desk.look("Right", "Return")
            desk.look("shift+Tab", "shift+Tab", "shift+Tab", "Right")
            screen.press(*["Tab"] * 10)
            desk.write("17:00")
            assert desk.changes() == ["series_new"]
            desk.saved("series_edit", "Return")

            # The seventeenth does not take place; a question stands between, and Enter alone keeps the session.
            desk.look("Next")
            desk.look("Right", "Delete")
            desk.write("Kiln broke.")
            desk.look("Return")
            desk.look("Return")
            assert desk.changes() == ["series_new", "series_edit"]
            desk.look("Return")
            desk.saved("session_cancel", "Tab", "Return")

            # The hall is shut on the fourth.
            desk.look("t")
            desk.look("c")
            desk.look("Tab", "Return")
            screen.type("4 Mar 2026")
            desk.look("Tab", "Tab", "Tab", "Tab", "space")
            screen.press("Tab", "space", "Tab", "Tab")
            desk.write("M")
            screen.press("Tab")
            desk.look("Return")
            desk.saved("closure_new", "Tab", "Return")

            # Max's parent is on the phone and takes the place.
            desk.look("ctrl+5")
            wait_for(lambda: screen.window("Waitlist"), "the waitlist")
            desk.look("ctrl+Return")
            wait_for(
                lambda: lines(admin, "SELECT 1 FROM bookings WHERE booking_source = 'waitlist'"), "the place"
            )

            # The worker beside the console has sent what was written.
            wait_for(lambda: len(box.accepted) >= len(LETTERS), "the mail", 20)
            assert lines(admin, SESSIONS) == EXPECTED_SESSIONS
            assert lines(admin, SERIES) == EXPECTED_SERIES
            assert lines(admin, BOOKINGS) == EXPECTED_BOOKINGS
            assert lines(admin, CREDITS) == ["Lea 10", "Max 8", "Nia 8", "Zoe 10"]
            assert lines(admin, CLOSURES) == ["Maintenance 2026-03-04 00:00:00 2026-03-05 00:00:00 Hall"]
            assert {line.split(" ", 1)[1] for line in lines(admin, WHO)} == {f"{EMAIL} Desk 1"}
            letters = [f"{kept.recipients[0]}: {kept.mail['Subject']}" for kept in box.accepted]
            assert sorted(letters) == LETTERS
            assert lines(admin, "SELECT DISTINCT state FROM notifications WHERE channel = 'email'") == [
                "sent"
            ]


EXPECTED_SESSIONS = [
    "Clay 2026-03-03 16:00 Studio A 0 on",
    "Judo 2026-03-04 17:00 Hall 0 Maintenance",
    "Pottery 2026-03-05 10:00 Hall 1 on",
    "Clay 2026-03-10 17:00 Studio A 1 on",
    "Clay 2026-03-17 17:00 Studio A 0 Kiln broke.",
    "Clay 2026-03-24 17:00 Studio A 0 on",
]
EXPECTED_SERIES = ["[2] 16:00 2026-03-02 2026-03-09 Ana", "[2] 17:00 2026-03-10 2026-03-30 Ana"]
EXPECTED_BOOKINGS = [
    "Zoe Judo 2026-03-04 cancelled_venue desk 2",
    "Lea Pottery 2026-03-05 cancelled_parent desk 2",
    "Max Pottery 2026-03-05 confirmed waitlist 0",
    "Nia Clay 2026-03-10 confirmed desk 0",
    "Max Clay 2026-03-17 cancelled_venue desk 2",
]
LETTERS = [
    "max@home.example: A place is free: Pottery, Thursday 5 March, 10:00",
    "max@home.example: Cancelled: Clay, Tuesday 17 March, 17:00",
    "max@home.example: Changed: Clay, Tuesday 17 March, 17:00",
    "nia@home.example: Changed: Clay, Tuesday 10 March, 17:00",
    "zoe@home.example: Cancelled: Judo, Wednesday 4 March, 17:00",
]
