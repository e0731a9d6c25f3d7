"""A month of finance by keyboard: made by one, approved by another, paid, printed, invoiced, closed, and corrected.

A real window, a real worker beside it as a process of its own, and a real service over HTTP that takes transfers and
refuses the first. What happened is read back from the database and from the file that was saved. See docs/design.md,
"Tests" (end to end).
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from uuid import UUID

import pytest
from psycopg import sql

from console.storage.secrets import FileSecrets
from console.worker import login, transfer_settings
from tests.support import invoicing
from tests.support.databases import Database
from tests.support.desk_world import World
from tests.support.office import OfficeWindow, lines, person
from tests.support.paying_out import Books
from tests.support.reading_pdf import words
from tests.support.transfer_server import FakeTransfers, Fault, transfer_server
from tests.support.xserver import wait_for

LATE_IN_MARCH = datetime(2026, 3, 31, 23, 30, tzinfo=UTC)
APRIL = datetime(2026, 4, 1, 5, 0, tzinfo=UTC)
"""An hour into the next month in New York."""


@dataclass
class Month(Books):
    """Two venues whose transfers go out, and two people of finance."""

    alder: UUID = field(init=False)
    birch: UUID = field(init=False)

    def __post_init__(self) -> None:
        super().__post_init__()
        self.world.at(LATE_IN_MARCH)
        for name in ("Kenji", "Amara"):
            person(self.world.admin, name, "platform_finance")
        self.alder = self.venue(name="Alder Hall", stripe_connect_account_id="acct_alder")
        self.birch = self.venue(name="Birch Studio", stripe_connect_account_id="acct_birch")


@pytest.fixture
def books(fresh_database: Database) -> Iterator[Month]:
    """Nothing is paid yet."""
    with World(fresh_database) as world:
        yield Month(world)


@contextmanager
def worker(office: OfficeWindow, database: Database, service: FakeTransfers) -> Iterator[None]:
    """The worker as a process of its own, with a login of its own, that alone holds the service's key."""
    place = f"postgresql://127.0.0.1:{database.server.port}/{database.name}"
    made = login.enrol(
        database.admin_dsn,
        FileSecrets(office.home / "config" / "secrets"),
        place,
        f"Back office {database.name}",
    )
    with (office.home / "worker.out").open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "console", "worker"],
            env=os.environ | office.places | {
                "DATABASE_URL": place,
                "NEXUS_SECRETS": "file",
                transfer_settings.URL_VARIABLE: service.url,
                transfer_settings.KEY_VARIABLE: service.key,
            },
            stdout=out,
            stderr=out,
        )  # fmt: skip
    try:
        yield
    finally:
        process.terminate()
        ended = process.wait(30)
        with database.connect() as admin:
            admin.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = %s", [made.role]
            )
            admin.execute(sql.SQL("DROP ROLE {}").format(sql.Identifier(made.role)))
    assert ended == 0, (office.home / "worker.out").read_text(errors="replace")


RUNS = """SELECT r.period_start, r.state, m.first_name, a.first_name FROM payout_runs AS r
            JOIN users AS m ON m.id = r.made_by LEFT JOIN users AS a ON a.id = r.approved_by ORDER BY r.period_start"""
PAYOUTS = """SELECT p.payout_period_start, v.name, p.gross_revenue, -p.platform_fee_amount, p.adjustments_amount,
                    p.net_payout, p.status FROM venue_payouts AS p JOIN venues AS v ON v.id = p.venue_id
               ORDER BY 1, 2"""
TRIES = """SELECT a.attempt, a.state, a.failure FROM payout_attempts AS a JOIN venues AS v ON v.id = a.venue_id
            ORDER BY a.state <> 'failed', a.attempt"""
FAILED = "SELECT v.name, p.id FROM venue_payouts AS p JOIN venues AS v ON v.id = p.venue_id WHERE p.status = 'failed'"
PAID_AGAIN = """SELECT p.net_payout FROM venue_payouts AS p JOIN payout_attempts AS a ON a.payout_id = p.id
                 WHERE a.attempt = 2"""
STATES = "SELECT status FROM venue_payouts ORDER BY status"
INVOICES = """SELECT i.invoice_number, i.status, i.total_amount, n.credit_note_number, n.total_amount, n.reason
                FROM invoices AS i LEFT JOIN credit_notes AS n ON n.invoice_id = i.id"""
CLOSED = """SELECT k.period_start, u.first_name FROM book_closings AS k JOIN users AS u ON u.id = k.closed_by
             WHERE k.reopened_at IS NULL"""
CORRECTED = """SELECT l.kind, o.payout_period_start, l.booking_id, l.net FROM payout_lines AS l
                 JOIN venue_payouts AS o ON o.id = l.adjusts_payout_id"""


def test_a_month_of_finance(books: Month, fresh_database: Database, tmp_path: Path) -> None:
    late = books.booking(books.alder, date(2026, 2, 3), 15)
    books.booking(books.alder, date(2026, 2, 5), 15, "no_show")
    books.booking(books.alder, date(2026, 2, 10), 14, "cancelled_late")
    books.booking(books.birch, date(2026, 2, 4), 20)
    books.booking(books.alder, date(2026, 3, 4), 40)
    admin = books.world.admin
    invoicing.invoice(admin)
    office = OfficeWindow(fresh_database, admin, "Office", tmp_path)
    with transfer_server(Fault.NO_ACCOUNT) as service, office.opened() as desk:
        with worker(desk, fresh_database, service):
            desk.arrive("Kenji", "Payouts")
            a_month_is_made(desk)
            desk.next_person("Amara", "Payouts")
            it_is_approved_and_paid(desk, service)
        a_statement_is_saved(desk)
        an_invoice_is_issued_and_taken_back(desk)
        the_books_are_closed(desk)
        # What is given back afterwards is corrected by the next run.
        books.becomes(late, "cancelled")
        books.world.at(APRIL)
        desk.sign_out()
        desk.sign_in_known("Payouts")
        look_at_a_run(desk)
        desk.press("shift+Tab", "shift+Tab", "Return")
        desk.until("the next run", RUNS, "2026-02-01 approved Kenji Amara", "2026-03-01 made Kenji -")
    assert lines(admin, PAYOUTS) == EXPECTED
    assert lines(admin, CORRECTED) == [f"adjustment 2026-02-01 {late} -12.37"]
    books.adds_up()


def a_month_is_made(desk: OfficeWindow) -> None:
    """Last month is looked at and made; who made it is told that somebody else approves it."""
    look_at_a_run(desk)
    assert lines(desk.admin, "SELECT count(*) FROM venue_payouts") == ["0"], "to look writes nothing"
    desk.press("shift+Tab", "shift+Tab", "Return")
    desk.until("the run", RUNS, "2026-02-01 made Kenji -")
    desk.asks("ctrl+Return")
    desk.press("Tab", "Return")
    desk.reads("red.bg", "that somebody else approves it")
    assert lines(desk.admin, RUNS) == ["2026-02-01 made Kenji -"]


def look_at_a_run(desk: OfficeWindow) -> None:
    """Open a new run of the last month, and wait until it could be made."""
    desk.asks("ctrl+n")
    wait_for(lambda: desk.points("accent.fill") > MAKE, "what the month comes to", 20)
    desk.see()


def it_is_approved_and_paid(desk: OfficeWindow, service: FakeTransfers) -> None:
    """Another person approves; the worker pays at once. One transfer is refused, and paid at the second try."""
    desk.look("alt+2")
    desk.asks("ctrl+Return")
    desk.press("Tab", "Return")
    desk.until("the approval", RUNS, "2026-02-01 approved Kenji Amara")
    desk.until("the payments", STATES, "failed", "paid")
    row = desk.admin.execute(FAILED).fetchone()
    assert row is not None
    name, payout = row
    desk.look("alt+1", "ctrl+f")
    desk.shows(lambda: desk.write(name))
    desk.press("Return")
    desk.reads("red.bg", "why the payment failed")
    desk.asks("ctrl+t")
    desk.reads("red.bg", "the try that failed")
    desk.answers("Escape")
    desk.asks("ctrl+r")
    desk.press("Tab", "Return")
    desk.until("the second try", STATES, "paid", "paid")
    assert lines(desk.admin, TRIES) == [f"1 failed {WHY}", "1 paid -", "2 paid -"]
    assert (service.times(payout), len(service.posts)) == (1, 3)
    desk.press("F5")
    wait_for(lambda: desk.points("red.bg") == 0, "the window to say that it is paid")
    desk.see()


def a_statement_is_saved(desk: OfficeWindow) -> None:
    """The statement on show goes into a file, and says what is stored."""
    (net,) = lines(desk.admin, PAID_AGAIN)
    main = desk.screen.window("Payouts")
    assert main is not None
    desk.press("ctrl+s")
    dialog = wait_for(lambda: desk.screen.window("Save the statement"), "the dialog for the file")
    desk.screen.focus(dialog)
    desk.see()
    path = desk.home / "statement.pdf"
    desk.write(str(path))
    desk.press("Return")
    wait_for(lambda: path.exists() and path.read_bytes().rstrip().endswith(b"%%EOF"), "the file")
    desk.screen.focus(main)
    said = words(path.read_bytes(), desk.home)
    assert f"USD {net}" in said
    assert re.search("(sent|paid) 31 March 2026", said), "it is final, whatever became of the first try"
    assert "Preview" not in said
    desk.see()


def an_invoice_is_issued_and_taken_back(desk: OfficeWindow) -> None:
    """A line is added to the draft, it gets its number, and a credit note takes it back."""
    desk.area("ctrl+2", "Invoices")
    desk.asks("Return", "ctrl+e")
    desk.look("ctrl+n")
    desk.write("Snacks")
    desk.press("Tab", "Tab")
    desk.write("25.50")
    desk.press("ctrl+s")
    desk.until("the draft", INVOICES, "- draft 125.50 - - -")
    desk.asks("ctrl+Return")
    desk.press("Tab", "Return")
    desk.until("the invoice", INVOICES, "NFP-2026-00001 issued 125.50 - - -")
    desk.asks("ctrl+Delete")
    desk.write("Wrong month.")
    desk.press("Tab", "Tab", "Tab", "Return")
    desk.until(
        "the credit note", INVOICES, "NFP-2026-00001 cancelled 125.50 NCN-2026-00001 125.50 Wrong month."
    )


def the_books_are_closed(desk: OfficeWindow) -> None:
    """The month is locked."""
    desk.area("ctrl+1", "Payouts")
    desk.look("alt+4")
    desk.press("Down")
    desk.asks("ctrl+Return")
    desk.press("Tab", "Return")
    desk.until("the closing", CLOSED, "2026-02-01 Amara")


MAKE = 2_000
"""So many points of the main colour are the button that makes a run, once it can be pressed."""
WHY = "The other side does not know the venue's account."
EXPECTED = [
    "2026-02-01 Alder Hall 44.00 -7.70 0.00 36.30 paid",
    "2026-02-01 Birch Studio 20.00 -3.50 0.00 16.50 paid",
    "2026-03-01 Alder Hall 40.00 -7.00 -12.37 20.63 pending",
]
