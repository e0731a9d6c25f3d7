"""An hour at headquarters by keyboard, and what the manager of a venue finds of it afterwards.

A real window, one process: a case is taken, its evidence read and judged, the venue approved with an exception; another
is asked, one review hidden and one kept, a question about a score answered, and all venues are told something. Then the
manager of a venue signs in at the same workstation, puts the news away, answers a review and files a paper. What
happened is read back from the database. See docs/design.md, "Tests" (end to end).
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from uuid import UUID

from tests.support import factories
from tests.support.databases import Connection, Database
from tests.support.office import OfficeWindow, lines, person
from tests.support.opinions import review
from tests.support.vetting import papers

MONDAY = datetime(2026, 3, 2, 15, tzinfo=UTC)
"""Ten in the morning in New York."""
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
        person(admin, "Noor", "platform_admin")
        self.maya = person(admin, "Maya", "manager", self.riverside)
        clay = factories.activity(admin, self.riverside, name="Clay")
        review(admin, clay, 5, MONDAY - timedelta(days=3), review_text="Lovely teachers.")
        review(
            admin, clay, 1, MONDAY - timedelta(days=2), review_text="It was closed.", is_flagged=True,
            flagged_reason="Not about a class",
        )  # fmt: skip
        review(
            admin, clay, 2, MONDAY - timedelta(days=4), review_text="The oven was cold.", is_flagged=True,
            flagged_reason="Harsh",
        )  # fmt: skip
        self.question()

    def add(self, table: str, **columns: object) -> UUID:
        """A row."""
        return factories.insert(self.admin, table, columns)

    def waiting(self, name: str, due: datetime) -> UUID:
        """A venue that waits for approval."""
        venue = factories.venue(self.admin, name=name, status="pending_approval")
        self.add("venue_cases", venue_id=venue, kind="new_venue", opened_at=MONDAY, due_at=due)
        return venue

    def question(self) -> None:
        """The venue finds a score wrong."""
        score = self.add(
            "venue_performance_scores",
            venue_id=self.riverside, score_week_start=date(2025, 12, 1), formula_version=1,
            inputs={name: {"good": 8, "all": 10} for name in ("feedback", "repeat", "cancellations", "no_shows")},
            composite_score=80, cancellation_score=80, no_show_score=80,
        )  # fmt: skip
        self.add(
            "score_disputes",
            venue_id=self.riverside, score_id=score, component="no_shows", reason="The bus was late.",
            opened_by=self.maya,
        )  # fmt: skip


CLAIMS = """SELECT v.name, u.first_name FROM venue_cases AS c JOIN venues AS v ON v.id = c.venue_id
              JOIN users AS u ON u.id = c.claimed_by"""
JUDGED = "SELECT state FROM requirement_filings WHERE requirement = 'insurance'"
HIDDEN = "SELECT rating, hidden_reason FROM reviews WHERE NOT is_visible"
KEPT = "SELECT rating, flagged_reason FROM reviews WHERE is_visible AND looked_at IS NOT NULL"
ANSWER = "SELECT state, answer FROM score_disputes"
REPLIED = """SELECT r.rating, r.venue_response, u.first_name FROM reviews AS r
               JOIN users AS u ON u.id = r.venue_responded_by"""
AWAY = """SELECT a.title, u.first_name FROM announcement_reads AS r JOIN announcements AS a ON a.id = r.announcement_id
            JOIN users AS u ON u.id = r.user_id"""
FILED = """SELECT f.requirement, f.state, f.note, u.first_name FROM requirement_filings AS f
             JOIN users AS u ON u.id = f.filed_by"""
TOLD = "SELECT DISTINCT template_key FROM notifications AS n JOIN users AS u ON u.id = n.user_id ORDER BY 1"
CASES = """SELECT v.name, v.status, c.state, c.outcome, u.first_name, c.feedback FROM venue_cases AS c
             JOIN venues AS v ON v.id = c.venue_id LEFT JOIN users AS u ON u.id = c.claimed_by ORDER BY v.name"""


def test_an_hour_at_headquarters(fresh_database: Database, admin: Connection, tmp_path: Path) -> None:
    House(admin)
    with OfficeWindow(fresh_database, admin, "Office", tmp_path).opened() as desk:
        desk.arrive("Noor", "Approvals")
        # The most urgent case: its certificate is read and accepted, and what is missing is waived for a month.
        desk.look("Return")
        desk.until("the claim", CLAIMS, "Cedar Street Makers Noor")
        desk.look("d")
        desk.until("the reading", "SELECT count(*) FROM document_reads", "1")
        desk.look("Escape")
        desk.press("Tab", "Tab", "Tab", "Tab", "Tab", "space")
        desk.until("the judgement", JUDGED, "accepted")
        desk.asks("x")
        desk.press("Tab", "Tab")
        desk.write("The visit is booked.")
        desk.press("ctrl+Return")
        # The next one opens by itself, in her hands; it is asked.
        desk.until("the next claim", CLAIMS, "Harbour Dance Loft Noor")
        desk.asks("k")
        desk.write("Please add the papers.")
        desk.press("ctrl+Return")
        desk.until("the question", CASES, *DECIDED)

        # Of two reviews that wait one is hidden; the other opens by itself, and is kept.
        desk.area("ctrl+5", "Reviews")
        desk.asks("h")
        desk.write("Not about a class.")
        desk.look("Tab", "Tab", "Return")
        desk.until("the hiding", HIDDEN, "1 Not about a class.")
        desk.look("k")
        desk.until("the keeping", KEPT, "2 Harsh")

        desk.area("ctrl+4", "Scores")
        desk.look("alt+2")
        desk.press("Return")
        desk.write("The week stays as it is.")
        desk.press("Tab", "space")
        desk.until("the answer", ANSWER, "declined The week stays as it is.")

        desk.area("ctrl+6", "Announcements")
        desk.look("ctrl+n")
        desk.write("Closed on Monday")
        desk.press("Tab")
        desk.write("All venues are closed.")
        desk.press("ctrl+Return")
        desk.until("the announcement", "SELECT title, to_all FROM announcements", "Closed on Monday True")

        # An hour later the manager of a venue sits down at the same workstation.
        factories.fix_clock(admin, MONDAY + timedelta(hours=1))
        desk.next_person("Maya", "Today")
        desk.area("ctrl+9", "Reviews")
        # The news stands over the page; once it is put away the keyboard is among the reviews again.
        desk.look(*["shift+Tab"] * 9, "space")
        desk.until("the putting away", AWAY, "Closed on Monday Maya")
        desk.look("Tab")
        desk.write("Thank you, they will hear it.")
        desk.press("ctrl+Return")
        desk.until("the reply", REPLIED, "5 Thank you, they will hear it. Maya")
        desk.command("Papers")
        desk.titled("Papers")
        desk.look("alt+4")
        desk.write("Nothing has changed.")
        desk.press("ctrl+Return")
        desk.until("the filing", FILED, "reverification filed Nothing has changed. Maya")
    assert lines(admin, TOLD) == ["dispute_answered", "review_hidden"]


DECIDED = (
    "Cedar Street Makers active decided approved_with_exception - The visit is booked.",
    "Harbour Dance Loft pending_approval asked - - Please add the papers.",
)
