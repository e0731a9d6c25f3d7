"""From a public file to a child who has left with her grandmother: the product's main job on real input.

The Toronto file is imported by the command, a front-desk person is added by the command, a manager's desk books
families on a session of today, and from then on there is only a window, a keyboard and a scanner. What happened is
read back from the database. See docs/design.md, "Tests".
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest

from console.storage.embedded import EmbeddedServer
from tests.support import factories, identities
from tests.support.databases import Connection, Database
from tests.support.window import wait_for_entry
from tests.support.xserver import XServer, wait_for

LOCATION = "3775"
EMAIL = "jo@hall.example"
VENUES = (
    "location,name,address_line1,city,state,postal_code,country,latitude,longitude,contact_email,contact_phone,timezone\n"
    f"{LOCATION},Test Hall,1 Test Street,Toronto,ON,M5V 2T6,Canada,43.65,-79.38,hall@hall.example,416 555 0100,"
    "America/Toronto\n"
)


@dataclass
class Install:
    """One installation of the console: its own files, its own server, its commands."""

    home: Path
    server: EmbeddedServer

    @property
    def environment(self) -> dict[str, str]:
        """The environment that keeps every file of the program inside `home`."""
        places = {
            f"NEXUS_{name}_DIR": str(self.home / name.lower()) for name in ("DATA", "CONFIG", "CACHE", "LOG")
        }
        return {**os.environ, **places, "NEXUS_SECRETS": "file", "NEXUS_THEME": "light"}

    def command(self, *words: str | Path) -> str:
        """Run a command of the console and answer what it printed; a failure fails the test with its sentence."""
        done = subprocess.run(
            [sys.executable, "-m", "console", *map(str, words)],
            env=self.environment, capture_output=True, text=True, timeout=120, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return done.stdout

    @property
    def database(self) -> Database:
        """The console's own database."""
        return Database(self.server, "nexus")

    def administrator(self) -> Connection:
        """An administrator's connection to it."""
        return psycopg.connect(self.server.admin_dsn("nexus"), autocommit=True)


@dataclass(frozen=True)
class Ticket:
    """A booked child."""

    booking: UUID
    child: UUID
    name: str
    code: str


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


def import_sessions(install: Install, shared_data: Path) -> UUID:
    """Make the database and import the public file; the venue that has all its facts."""
    venues = install.home / "venues.csv"
    venues.write_text(VENUES, encoding="utf-8")
    install.command("db", "upgrade")
    said = install.command(
        "import", "sessions", shared_data / "toronto" / "drop_in_sessions.csv",
        "--shift-weeks", "auto", "--venues", venues, "--capacity", "20", "--credits", "3",
    )  # fmt: skip
    assert "5,345" in said
    with install.administrator() as admin:
        row = admin.execute("SELECT id, status FROM venues WHERE name = 'Test Hall'").fetchone()
    assert row is not None
    assert row[1] == "active"
    return UUID(str(row[0]))


def choose_session(admin: Connection, venue: UUID) -> tuple[UUID, UUID, datetime]:
    """A session of today, another one later, and the moment two minutes into the first, when nothing else runs."""
    row = admin.execute(
        """SELECT a.id, b.id, a.starts_at + interval '2 minutes'
             FROM activity_sessions a
             JOIN activity_sessions b ON b.venue_id = a.venue_id AND b.session_date = a.session_date
                                     AND b.starts_at > a.ends_at
            WHERE a.venue_id = %s AND a.session_date = (now() AT TIME ZONE 'America/Toronto')::date
              AND NOT EXISTS (SELECT 1 FROM activity_sessions o
                               WHERE o.venue_id = a.venue_id AND o.id <> a.id
                                 AND o.starts_at <= a.starts_at + interval '2 minutes' AND o.ends_at > a.starts_at)
            ORDER BY a.starts_at, b.starts_at LIMIT 1""",
        [venue],
    ).fetchone()
    assert row is not None, "the imported file has no session of its own time today"
    return row[0], row[1], row[2]


def book_families(install: Install, venue: UUID, plan: list[tuple[UUID, str]]) -> list[Ticket]:
    """Book a child of a new family on each session, as a manager does: through the real function, at a real desk."""
    tickets = []
    with install.administrator() as admin, identities.at_desk(install.database, "manager", venue) as manager:
        for session, name in plan:
            parent = factories.parent(admin, first_name=f"Parent of {name}")
            child = factories.child(admin, parent, first_name=name, date_of_birth=date(2016, 5, 4))
            factories.health_note(admin, child)
            factories.pickup_person(admin, child, name="Rose", relationship="grandmother")
            month = datetime.now(UTC).date().replace(day=1)
            admin.execute(
                "SELECT credits.allocate(%s, %s, %s, 10, %s)",
                [parent, month - timedelta(days=40), month + timedelta(days=80), f"e2e {name}"],
            )
            row = manager.connection.execute(
                "SELECT booking_id, confirmation_code, credits_left FROM bookings.book(%s, %s, %s)",
                [uuid4(), session, child],
            ).fetchone()
            assert row is not None
            assert row[2] == 7
            tickets.append(Ticket(row[0], child, name, row[1]))
    return tickets


@contextmanager
def opened(install: Install, screen: XServer) -> Iterator[subprocess.Popen[bytes]]:
    """The console in a real window, ended when the test is over."""
    environment = install.environment | screen.environment
    with (install.home / "console.out").open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "console", "run", "--no-demo"], env=environment, stdout=out, stderr=out
        )
    try:
        yield process
    except BaseException:
        # What the program said is the first thing to look at when the test fails.
        said = [install.home / "console.out", *(install.home / "log").glob("*.log")]
        sys.stderr.write("\n".join(file.read_text(errors="replace") for file in said))
        raise
    finally:
        process.terminate()
        ended = process.wait(timeout=30)
    assert ended == 0, "asked to end, the console signs out and ends in order"


def events(admin: Connection, booking: UUID) -> list[tuple[Any, ...]]:
    """What the database knows of a booking's comings and goings, in order."""
    return admin.execute(
        "SELECT kind::text, outcome::text FROM attendance_events WHERE booking_id = %s ORDER BY recorded_at, seq",
        [booking],
    ).fetchall()


def state(admin: Connection, booking: UUID) -> str:
    """The state of a booking."""
    row = admin.execute("SELECT attendance_state::text FROM bookings WHERE id = %s", [booking]).fetchone()
    assert row is not None
    return str(row[0])


def test_a_day_at_the_front_desk(install: Install, shared_data: Path, tmp_path: Path) -> None:
    venue = import_sessions(install, shared_data)
    with install.administrator() as admin:
        session, later, moment = choose_session(admin, venue)
        # The database's clock decides what "now" is, for its rules and for the desks that follow it.
        factories.fix_clock(admin, moment)
        slug = admin.execute("SELECT slug FROM venues WHERE id = %s", [venue]).fetchone()
    assert slug is not None
    said = install.command(
        "user",
        "add",
        EMAIL,
        "--first-name",
        "Jo",
        "--last-name",
        "Ng",
        "--role",
        "front_desk",
        "--venue",
        slug[0],
    )
    found = re.search(r"shown once: (\S+)", said)
    assert found is not None
    password = found.group(1)
    mira, theo, ada = book_families(
        install, venue, [(session, "Mira"), (session, "Theodora"), (later, "Ada")]
    )

    with XServer(tmp_path) as screen, opened(install, screen), closing(install.administrator()) as admin:
        window = wait_for(lambda: screen.window("Nexus Console"), "the window", 60)
        screen.focus(window)
        wait_for(
            lambda: admin.execute("SELECT 1 FROM auth.devices WHERE name = 'Desk 1'").fetchone(),
            "the desk",
            60,
        )

        # Sign in: the keyboard stands in the e-mail field.
        wait_for_entry(screen)
        screen.type(EMAIL)
        screen.press("Tab")
        screen.type(password)
        screen.press("Return")
        wait_for(lambda: screen.window("Today"), "the Today screen")
        screen.steady(still=0.7)

        # A scan checks in, and the same scan again changes nothing.
        screen.scan(mira.code)
        wait_for(lambda: state(admin, mira.booking) == "in", "Mira to be in")
        screen.scan(mira.code)
        wait_for(lambda: len(events(admin, mira.booking)) == 2, "the second scan to be answered")
        assert events(admin, mira.booking) == [("check_in", "applied"), ("check_in", "already")]
        assert state(admin, mira.booking) == "in"

        # A ticket of another session is refused and not recorded as having come.
        screen.scan(ada.code)
        wait_for(lambda: events(admin, ada.booking), "Ada's ticket to be answered")
        assert events(admin, ada.booking) == [("check_in", "rejected")]
        assert state(admin, ada.booking) == "expected"

        # Typing a name and Enter does the same as a scan.
        screen.look(lambda: screen.type("theo"))
        screen.press("Return")
        wait_for(lambda: state(admin, theo.booking) == "in", "Theodora to be in")

        # Undo takes it back, as an event of its own.
        screen.steady(still=1.0)  # the database knew before the window did
        screen.press("ctrl+z")
        wait_for(lambda: state(admin, theo.booking) == "expected", "the undo")
        assert events(admin, theo.booking) == [("check_in", "applied"), ("annul", "applied")]

        # Checking out asks who collects, and the keyboard alone answers.
        screen.settle(seconds=11)  # a second Enter soon after a check-in is an echo and must not check out
        screen.look(lambda: screen.type("mira"))
        screen.look(lambda: screen.press("Return"))
        screen.press("Return")
        screen.settle()
        screen.steady(still=0.7)
        assert state(admin, mira.booking) == "in", "Enter alone must not send a child home"
        screen.press("Down", "Down", "Return")
        wait_for(lambda: state(admin, mira.booking) == "out", "Mira to have left")
        collected = admin.execute(
            "SELECT pickup_name FROM attendance_events WHERE booking_id = %s AND kind = 'check_out'",
            [mira.booking],
        ).fetchone()
        assert collected == ("Rose",)

        # Every event names the desk and the person, and left an audit row of the booking.
        rows = admin.execute(
            """SELECT DISTINCT d.name, u.email FROM attendance_events e
                 JOIN auth.devices d ON d.id = e.device_id JOIN users u ON u.id = e.person_id"""
        ).fetchall()
        assert rows == [("Desk 1", EMAIL)]
        audited = admin.execute(
            "SELECT count(*) FROM audit_logs WHERE entity_id = %s AND user_id IS NOT NULL",
            [mira.booking],
        ).fetchone()
        assert audited is not None
        assert audited[0] >= 2
