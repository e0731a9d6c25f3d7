"""An hour at headquarters by keyboard, and what the manager of a venue finds of it afterwards.

A real window, one process: a case is taken, its evidence read and judged, the venue approved with an exception; another
is asked, a review hidden, a question about a score answered, and all venues are told something. Then the manager of a
venue signs in at the same workstation, looks at the reviews and files a paper. What happened is read back from
the database. See docs/design.md, "Tests" (end to end).
"""

from __future__ import annotations

import re
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from uuid import UUID

from tests.e2e.test_front_desk import Install, opened
from tests.e2e.test_programme import install, lines
from tests.support import factories
from tests.support.databases import Connection
from tests.support.opinions import review
from tests.support.vetting import papers
from tests.support.xserver import XServer, wait_for

__all__ = ["install"]

MONDAY = datetime(2026, 3, 2, 15, tzinfo=UTC)
"""Ten in the morning in New York."""
ADMIN, MANAGER = "noor@hq.example", "maya@hall.example"
PDF = (
    b"%PDF-1.4\n1 0 obj <</Type /Catalog /Pages 2 0 R>> endobj\n"
    b"2 0 obj <</Type /Pages /Kids [3 0 R] /Count 1>> endobj "
    b"3 0 obj <</Type /Page /Parent 2 0 R /MediaBox [0 0 300 400]>> endobj\ntrailer <</Root 1 0 R>>\n%%EOF\n"
)


class House:
    """What waits at headquarters before anybody looks."""

    def __init__(self, admin: Connection) -> None:
        self.admin = admin
        factories.fix_clock(admin, MONDAY)
        self.cedar = self.waiting("Cedar Street Makers", MONDAY + timedelta(days=1))
        papers(admin, self.cedar)
        # A certificate waits in place of the accepted one, and nobody verified the venue.
        admin.execute("DELETE FROM requirement_filings WHERE requirement IN ('insurance', 'reverification')")
        filing = self.add(
            "requirement_filings",
            venue_id=self.cedar, requirement="insurance", expires_on=date(2027, 1, 1),
            facts={"provider": "Hartwell", "policy_number": "H-1", "coverage_amount": 2_000_000},
        )  # fmt: skip
        document = self.add(
            "documents",
            venue_id=self.cedar, kind="compliance", file_name="cover.pdf", media_type="application/pdf", content=PDF,
        )  # fmt: skip
        self.add(
            "filing_documents",
            venue_id=self.cedar, filing_id=filing, document_id=document, title="Certificate", pages=1,
        )  # fmt: skip
        self.harbour = self.waiting("Harbour Dance Loft", MONDAY + timedelta(days=3))
        self.riverside = factories.venue(admin, name="Riverside Studio", slug="riverside")
        for venue in (self.cedar, self.harbour, self.riverside):
            admin.execute("SELECT vetting.settle_requirements(%s)", [venue])
        clay = factories.activity(admin, self.riverside, name="Clay")
        review(admin, clay, 5, MONDAY - timedelta(days=3), review_text="Lovely teachers.")
        review(
            admin, clay, 1, MONDAY - timedelta(days=2), review_text="It was closed.", is_flagged=True,
            flagged_reason="Not about a class",
        )  # fmt: skip

    def add(self, table: str, **columns: object) -> UUID:
        """A row."""
        return factories.insert(self.admin, table, columns)

    def waiting(self, name: str, due: datetime) -> UUID:
        """A venue that waits for approval."""
        venue = factories.venue(self.admin, name=name, status="pending_approval")
        self.add("venue_cases", venue_id=venue, kind="new_venue", opened_at=MONDAY, due_at=due)
        return venue

    def question(self, manager: str) -> None:
        """The venue finds a score wrong."""
        score = self.add(
            "venue_performance_scores",
            venue_id=self.riverside, score_week_start=date(2025, 12, 1), formula_version=1,
            inputs={name: {"good": 8, "all": 10} for name in ("feedback", "repeat", "cancellations", "no_shows")},
            composite_score=80, cancellation_score=80, no_show_score=80,
        )  # fmt: skip
        self.admin.execute(
            """INSERT INTO score_disputes (venue_id, score_id, component, reason, opened_by)
               SELECT %s, %s, 'no_shows', 'The bus was late.', id FROM users WHERE email = %s""",
            [self.riverside, score, manager],
        )


class Desk:
    """The window, the keyboard, and what the database says meanwhile."""

    def __init__(self, screen: XServer, admin: Connection) -> None:
        self.screen, self.admin = screen, admin

    def sign_in(self, email: str, password: str, first: str) -> None:
        """Sign in on the page that is there; `first` is the window's title then."""
        self.screen.type(email)
        self.screen.press("Tab")
        self.screen.type(password)
        self.screen.press("Return")
        wait_for(lambda: self.screen.window(first), first, 30)
        self.screen.steady(still=0.4)

    def area(self, key: str, title: str) -> None:
        """Go to an area."""
        self.screen.press(key)
        wait_for(lambda: self.screen.window(title), title)
        self.screen.steady(still=0.5)

    def look(self, *keys: str) -> None:
        """Press keys, the last of which shows something, and look until it stays."""
        self.screen.press(*keys[:-1])
        self.screen.look(lambda: self.screen.press(keys[-1]))
        self.screen.steady(still=0.35)

    def until(self, what: str, statement: str, *expected: str) -> None:
        """Wait until the database says so."""
        wait_for(lambda: lines(self.admin, statement) == list(expected), what, 15)
        self.screen.steady(still=0.35)


def added(install: Install, email: str, name: str, *role: str) -> str:
    """Somebody's account; the password."""
    said = install.command("user", "add", email, "--first-name", name, "--last-name", "Ng", "--role", *role)
    password = re.search(r"shown once: (\S+)", said)
    assert password is not None
    return password.group(1)


CLAIMS = """SELECT v.name, u.first_name FROM venue_cases AS c JOIN venues AS v ON v.id = c.venue_id
              JOIN users AS u ON u.id = c.claimed_by"""
JUDGED = "SELECT state FROM requirement_filings WHERE requirement = 'insurance'"
HIDDEN = "SELECT rating, hidden_reason FROM reviews WHERE NOT is_visible"
FILED = """SELECT f.requirement, f.state, f.note, u.first_name FROM requirement_filings AS f
             JOIN users AS u ON u.id = f.filed_by"""
TOLD = "SELECT DISTINCT template_key FROM notifications AS n JOIN users AS u ON u.id = n.user_id ORDER BY 1"
CASES = """SELECT v.name, v.status, c.state, c.outcome, u.first_name, c.feedback FROM venue_cases AS c
             JOIN venues AS v ON v.id = c.venue_id LEFT JOIN users AS u ON u.id = c.claimed_by ORDER BY v.name"""


def test_an_hour_at_headquarters(install: Install, tmp_path: Path) -> None:
    install.command("db", "upgrade")
    with closing(install.administrator()) as admin, XServer(tmp_path) as screen:
        house = House(admin)
        secret = added(install, ADMIN, "Noor", "platform_admin")
        key = added(install, MANAGER, "Maya", "manager", "--venue", "riverside")
        house.question(MANAGER)
        with opened(install, screen):
            desk = Desk(screen, admin)
            window = wait_for(lambda: screen.window("Nexus Console"), "the window", 60)
            screen.focus(window)
            wait_for(lambda: lines(admin, "SELECT 1 FROM auth.devices WHERE name = 'Desk 1'"), "the desk", 60)
            screen.settle()
            desk.sign_in(ADMIN, secret, "Approvals")
            # The most urgent case: its certificate is read and accepted, and what is missing is waived for a month.
            desk.look("Return")
            desk.until("the claim", CLAIMS, "Cedar Street Makers Noor")
            desk.look("d")
            desk.until("the reading", "SELECT count(*) FROM document_reads", "1")
            desk.look("Escape")
            screen.press("Tab", "Tab", "Tab", "Tab", "Tab", "space")
            desk.until(
                "the judgement",
                "SELECT state FROM requirement_filings WHERE requirement = 'insurance'",
                "accepted",
            )
            desk.look("x")
            screen.press("Tab", "Tab")
            screen.type("The visit is booked.")
            screen.press("ctrl+Return")
            # The next one opens by itself, in her hands; it is asked.
            desk.until("the next claim", CLAIMS, "Harbour Dance Loft Noor")
            desk.look("k")
            screen.type("Please add the papers.")
            screen.press("ctrl+Return")
            desk.until("the question", CASES, *DECIDED)

            desk.area("ctrl+5", "Reviews")
            desk.look("h")
            screen.type("Not about a class.")
            screen.press("Tab", "Tab", "Return")
            desk.until("the hiding", HIDDEN, "1 Not about a class.")

            desk.area("ctrl+4", "Scores")
            desk.look("alt+2")
            screen.press("Return")
            screen.type("The week stays as it is.")
            screen.press("Tab", "space")
            desk.until(
                "the answer", "SELECT state, answer FROM score_disputes", "declined The week stays as it is."
            )

            desk.area("ctrl+6", "Announcements")
            desk.look("ctrl+n")
            screen.type("Closed on Monday")
            screen.press("Tab")
            screen.type("All venues are closed.")
            screen.press("ctrl+Return")
            desk.until("the announcement", "SELECT title, to_all FROM announcements", "Closed on Monday True")

            # An hour later the manager of a venue sits down at the same workstation.
            factories.fix_clock(admin, MONDAY + timedelta(hours=1))
            screen.press("ctrl+k")
            screen.settle()
            screen.type("Sign out")
            desk.look("Return")
            desk.look("shift+Tab", "Right", "space")
            desk.sign_in(MANAGER, key, "Today")
            desk.area("ctrl+9", "Reviews")
            screen.press("ctrl+k")
            screen.settle()
            screen.type("Papers")
            screen.press("Return")
            wait_for(lambda: screen.window("Papers"), "the papers")
            screen.steady(still=0.5)
            desk.look("alt+4")
            screen.type("Nothing has changed.")
            screen.press("ctrl+Return")
            desk.until("the filing", FILED, "reverification filed Nothing has changed. Maya")
            assert lines(admin, TOLD) == ["dispute_answered", "review_hidden"]


DECIDED = (
    "Cedar Street Makers active decided approved_with_exception - The visit is booked.",
    "Harbour Dance Loft pending_approval asked - - Please add the papers.",
)
