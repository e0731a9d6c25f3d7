"""A venue's papers, case, score, review and file for the security tests, with words in them that nobody else may read.

`CALLS` names every function of vetting, scores and feedback that a desk may call, with who may at their own venue.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from tests.support import factories
from tests.support.compliance import FACTS, PDF, day
from tests.support.databases import Connection
from tests.support.factories import NOON, insert
from tests.support.opinions import review

MANAGER, FINANCE, DESK = "manager", "venue_finance", "front_desk"
EVERYBODY = frozenset({MANAGER, FINANCE, DESK})

# Statement -> which roles of a venue may, at their own. Headquarters may all but what speaks for the venue.
CALLS: dict[str, frozenset[str]] = {
    "SELECT * FROM vetting.applications()": frozenset({MANAGER}),
    "SELECT * FROM vetting.begin()": frozenset({MANAGER}),
    "SELECT * FROM vetting.save(%(application)s, 1, '{}')": frozenset({MANAGER}),
    "SELECT * FROM vetting.submit(%(application)s, 1)": frozenset({MANAGER}),
    "SELECT * FROM vetting.answer(%(application)s, 1, '{}', 'Here')": frozenset({MANAGER}),
    "SELECT * FROM vetting.withdraw_application(%(application)s, 1)": frozenset({MANAGER}),
    "SELECT * FROM vetting.import_applications('[]', true)": frozenset(),
    "SELECT * FROM vetting.cases()": frozenset(),
    "SELECT * FROM vetting.case_counts()": frozenset(),
    "SELECT vetting.case_page(%(case)s)": frozenset(),
    "SELECT * FROM vetting.case_row(%(case)s)": frozenset({MANAGER}),
    "SELECT vetting.likenesses(%(venue)s)": frozenset(),
    "SELECT * FROM vetting.claim(%(case)s, 1)": frozenset(),
    "SELECT * FROM vetting.release(%(case)s, 1)": frozenset(),
    "SELECT * FROM vetting.next_case()": frozenset(),
    """SELECT * FROM vetting.decide(%(case)s, 1, '{"decision": "approve"}')""": frozenset(),
    "SELECT * FROM vetting.templates('reject')": frozenset(),
    "SELECT vetting.requirements(%(venue)s)": frozenset({MANAGER}),
    "SELECT vetting.papers_history(%(venue)s)": frozenset({MANAGER}),
    "SELECT vetting.file(%(venue)s, 'reverification', '{}', NULL, NULL, NULL)": frozenset({MANAGER}),
    "SELECT vetting.withdraw_filing(%(venue)s, %(filing)s, 1)": frozenset({MANAGER}),
    "SELECT vetting.judge(%(venue)s, %(filing)s, 1, true, NULL)": frozenset(),
    "SELECT vetting.put_person(%(venue)s, %(person)s, 1, 'Nia', 'Coach', '2026-03-01')": frozenset({MANAGER}),
    "SELECT vetting.person_left(%(venue)s, %(person)s, 1, '2026-03-01')": frozenset({MANAGER}),
    "SELECT vetting.check_came_back(%(venue)s, %(person)s, 1, true, '2026-03-01', NULL)": frozenset(),
    "SELECT * FROM vetting.document(%(document)s)": frozenset({MANAGER}),
    "SELECT * FROM vetting.compliance()": frozenset({MANAGER}),
    "SELECT * FROM vetting.compliance_counts()": frozenset({MANAGER}),
    "SELECT * FROM vetting.compliance_calendar('2026-03-01', '2026-03-31')": frozenset({MANAGER}),
    "SELECT vetting.compliance_settings()": frozenset(),
    "SELECT vetting.save_compliance_settings('{}')": frozenset(),
    """SELECT vetting.suspensions('{"suspends": true, "grace_days": 0}')""": frozenset(),
    "SELECT vetting.suspension(%(venue)s, NULL)": frozenset(),
    "SELECT vetting.suspend(%(venue)s, NULL, 'x', 'Because.')": frozenset(),
    "SELECT vetting.ask_reinstatement(%(venue)s, 1, 'Please.')": frozenset({MANAGER}),
    "SELECT vetting.venue_file(%(venue)s)": frozenset(),
    "SELECT * FROM vetting.file_events(%(venue)s)": frozenset(),
    "SELECT * FROM vetting.file_document(%(document)s)": frozenset(),
    "SELECT vetting.add_note(gen_random_uuid(), %(venue)s, 'A note')": frozenset(),
    "SELECT vetting.report_incident(gen_random_uuid(), %(venue)s, '2026-03-01', 'minor', 'A', '')": frozenset(),
    "SELECT vetting.resolve_incident(%(incident)s, 1, 'Done')": frozenset(),
    "SELECT * FROM vetting.announcements()": frozenset(),
    "SELECT * FROM vetting.announce(gen_random_uuid(), 'A', 'B', 'info', NULL, now(), now())": frozenset(),
    "SELECT * FROM vetting.withdraw_announcement(%(announcement)s, 1)": frozenset(),
    "SELECT * FROM vetting.running(%(venue)s)": EVERYBODY,
    "SELECT vetting.put_away(%(announcement)s)": EVERYBODY,
    "SELECT scores.page(%(venue)s)": frozenset({MANAGER, FINANCE}),
    "SELECT scores.formula()": frozenset(),
    "SELECT scores.formulas()": frozenset(),
    "SELECT * FROM scores.list('score', true, '', '{}', NULL, 10)": frozenset(),
    "SELECT * FROM scores.what_if('{25,25,25,25}', 60)": frozenset(),
    "SELECT scores.save_formula(1, '{25,25,25,25}', 60, 'Fairer')": frozenset(),
    "SELECT scores.disputes()": frozenset(),
    "SELECT scores.dispute(%(venue)s, %(score)s, 'all', 'Wrong')": frozenset({MANAGER}),
    "SELECT scores.withdraw(%(dispute)s, 1)": frozenset({MANAGER}),
    "SELECT scores.answer(%(dispute)s, 1, false, 'No')": frozenset(),
    "SELECT * FROM feedback.reviews(%(venue)s)": frozenset({MANAGER}),
    "SELECT * FROM feedback.ratings(%(venue)s)": frozenset({MANAGER}),
    "SELECT * FROM feedback.history(%(review)s)": frozenset({MANAGER}),
    "SELECT * FROM feedback.decide(%(review)s, 1, 'hide', 'Because.')": frozenset(),
    "SELECT * FROM feedback.keep_draft(%(review)s, NULL, 'Thank you')": frozenset({MANAGER}),
    "SELECT * FROM feedback.reply(%(review)s, 1, 'Thank you')": frozenset({MANAGER}),
    "SELECT * FROM feedback.take_back(%(review)s, 1)": frozenset({MANAGER}),
    "SELECT * FROM feedback.settings()": frozenset({MANAGER}),
    "SELECT * FROM feedback.save_settings(0, '{}')": frozenset(),
    "SELECT * FROM feedback.examples('{}')": frozenset(),
}


@dataclass(frozen=True)
class Papers:
    """What there is of one venue. Every text of it holds the venue's own `word`."""

    venue: UUID
    application: UUID
    case: UUID
    filing: UUID
    document: UUID
    person: UUID
    incident: UUID
    announcement: UUID
    score: UUID
    dispute: UUID
    review: UUID
    word: str

    def absent(self) -> Papers:
        """The same with ids of nothing."""
        return replace(self, **{one.name: uuid4() for one in fields(self) if one.name != "word"}, word="")


def arguments(statement: str, papers: Papers) -> tuple[str, list[Any]]:
    """A statement of CALLS with the venue's ids."""
    names = re.findall(r"%\((\w+)\)s", statement)
    return re.sub(r"%\(\w+\)s", "%s", statement), [getattr(papers, name) for name in names]


def papers(admin: Connection, venue: UUID, by: UUID, word: str) -> Papers:
    """Put them there; `by` wrote what somebody has to have written. Secrets are word + '-' + what they are."""

    def add(table: str, **columns: object) -> UUID:
        return insert(admin, table, {"venue_id": venue} | columns)

    facts: Mapping[str, object] = FACTS["insurance"] | {
        "policy_number": f"{word}-policy", "coverage_amount": 2000000
    }  # fmt: skip
    filing = add("requirement_filings", requirement="insurance", facts=facts, expires_on=day(200))
    document = add(
        "documents", kind="compliance", file_name=f"{word}-file.pdf", media_type="application/pdf", content=PDF,
    )  # fmt: skip
    add("filing_documents", filing_id=filing, document_id=document, title=f"{word}-title")
    person = add("background_checks", first_name=f"{word}-person", works_as="Coach", ordered_on=day(-5))
    case = add("venue_cases", kind="renewal", due_at=NOON + timedelta(days=5))
    application = add(
        "venue_applications",
        state="submitted",
        applicant_id=by,
        name=f"{word}-application",
        submitted_at=NOON,
    )
    add("venue_file_notes", body=f"{word}-note", by_user=by)
    incident = add(
        "venue_incidents", happened_on=day(-3), severity="serious", title=f"{word}-incident", reported_by=by
    )
    announcement = insert(
        admin,
        "announcements",
        {"title": f"{word}-announced", "body": "Read this.", "to_all": False, "created_by": by,
         "starts_at": NOON - timedelta(days=1), "ends_at": NOON + timedelta(days=1)},
    )  # fmt: skip
    admin.execute("INSERT INTO announcement_venues VALUES (%s, %s)", [announcement, venue])
    week = {
        "formula_version": 1,
        "inputs": {},
        "composite_score": 80,
        "cancellation_score": 80,
        "no_show_score": 80,
    }
    old = add("venue_performance_scores", score_week_start=day(-14), **week)
    score = add("venue_performance_scores", score_week_start=day(-7), **week)
    dispute = add("score_disputes", score_id=old, component="all", reason=f"{word}-dispute", opened_by=by)
    opinion = review(admin, factories.activity(admin, venue), 2, review_text=f"{word}-words")
    admin.execute("SELECT vetting.settle_requirements(%s)", [venue])
    return Papers(
        venue,
        application,
        case,
        filing,
        document,
        person,
        incident,
        announcement,
        score,
        dispute,
        opinion,
        word,
    )
