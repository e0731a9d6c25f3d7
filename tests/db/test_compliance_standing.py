"""Where the requirements of a venue stand: by what was filed, who was checked, what was excepted, and the day.

docs/design.md, "Rules of the domain" (compliance).
"""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from tests.support import factories
from tests.support.databases import Connection
from tests.support.factories import NOON, insert

TODAY = NOON.date()
VERSIONS = Path(__file__).resolve().parents[2] / "db" / "versions"


def day(after: int) -> date:
    """So many days from today."""
    return TODAY + timedelta(days=after)


@pytest.fixture
def venue(tx: Connection) -> UUID:
    factories.fix_clock(tx)
    return factories.venue(tx)


def filing(tx: Connection, venue: UUID, requirement: str, state: str = "accepted", **columns: Any) -> UUID:
    facts = {
        "insurance": {"provider": "Hartwell", "policy_number": "P 1", "coverage_amount": 2000000},
        "safety_audit": {"score": 88, "auditor": "Ortiz"},
        "payout_account": {"last_four": "1234", "holder": "Riverside LLC"},
    }
    row = {"venue_id": venue, "requirement": requirement, "state": state} | columns
    return insert(tx, "requirement_filings", {"facts": facts.get(requirement, {})} | row)


def person(tx: Connection, venue: UUID, result: str = "clear", **columns: Any) -> UUID:
    row: dict[str, Any] = {
        "venue_id": venue,
        "first_name": "Tomas",
        "works_as": "coach",
        "ordered_on": day(-30),
        "result": result,
        "decided_on": None if result == "pending" else day(-20),
    }
    return insert(tx, "background_checks", row | columns)


def standing(tx: Connection, venue: UUID, requirement: str) -> tuple[str, date | None]:
    """As it is worked out, after it was written down, which must be the same and the second time write nothing."""
    tx.execute("SELECT vetting.settle_requirements(%s)", [venue])
    found = factories.one(
        tx,
        "SELECT state::text, expires_on, version FROM venue_requirements WHERE venue_id = %s AND requirement = %s",
        venue,
        requirement,
    )
    tx.execute("SELECT vetting.settle_requirements(%s)", [venue])
    again = factories.one(
        tx,
        """SELECT r.state::text, r.expires_on, r.version, s.state::text, s.expires_on FROM venue_requirements AS r
             JOIN vetting.standings(ARRAY[%s]::uuid[]) AS s ON s.requirement = r.requirement
            WHERE r.venue_id = %s AND r.requirement = %s""",
        venue,
        venue,
        requirement,
    )
    assert again == (*found, *found[:2])
    return found[0], found[1]


@pytest.mark.parametrize(
    ("after", "expected"),
    [(31, "satisfied"), (30, "expiring"), (0, "expiring"), (-1, "expired"), (-400, "expired")],
)
def test_a_certificate_holds_through_its_last_day(
    tx: Connection, venue: UUID, after: int, expected: str
) -> None:
    filing(tx, venue, "insurance", expires_on=day(after))
    assert standing(tx, venue, "insurance") == (expected, day(after))


def test_the_day_is_the_venues(tx: Connection) -> None:
    factories.fix_clock(tx, NOON.replace(hour=3))
    here = factories.venue(tx, timezone="America/Los_Angeles")
    there = factories.venue(tx, timezone="Asia/Tokyo")
    for venue in (here, there):
        filing(tx, venue, "insurance", expires_on=day(-1))
    assert standing(tx, here, "insurance") == ("expiring", day(-1))
    assert standing(tx, there, "insurance") == ("expired", day(-1))


def test_nothing_is_missing_and_something_filed_is_pending(tx: Connection, venue: UUID) -> None:
    for kind in ("insurance", "background_checks", "safety_audit", "reverification", "payout_account"):
        assert standing(tx, venue, kind) == ("missing", None)
        filing(tx, venue, kind, "filed", expires_on=day(200))
        assert standing(tx, venue, kind) == ("pending", None)


def test_cover_and_score_are_held_to_the_settings(tx: Connection, venue: UUID) -> None:
    filing(tx, venue, "insurance", expires_on=day(200))
    filing(tx, venue, "safety_audit", valid_from=day(-10))
    assert standing(tx, venue, "insurance")[0] == "satisfied"
    assert standing(tx, venue, "safety_audit") == ("satisfied", date(2027, 2, 20))
    factories.setting(tx, "insurance_minimum_coverage", 2000001)
    factories.setting(tx, "safety_audit_minimum", 89)
    assert standing(tx, venue, "insurance") == ("missing", None)
    assert standing(tx, venue, "safety_audit") == ("missing", None)


def test_a_verification_holds_for_the_months_of_the_setting(tx: Connection, venue: UUID) -> None:
    who = factories.user(tx)
    filing(tx, venue, "reverification", decided_by=who, decided_at=NOON - timedelta(days=350))
    assert standing(tx, venue, "reverification") == ("expiring", date(2026, 3, 17))
    factories.setting(tx, "reverification_months", 24)
    assert standing(tx, venue, "reverification") == ("satisfied", date(2027, 3, 17))


def test_an_account_has_no_end(tx: Connection, venue: UUID) -> None:
    filing(tx, venue, "payout_account")
    assert standing(tx, venue, "payout_account") == ("satisfied", None)


@pytest.mark.parametrize(
    ("people", "expected"),
    [
        ([], ("missing", None)),
        ([("clear", None)], ("satisfied", None)),
        ([("clear", 40), ("clear", 20)], ("expiring", day(20))),
        ([("clear", 40), ("clear", -1)], ("expired", day(-1))),
        ([("clear", 40), ("pending", None)], ("pending", None)),
        # Ordered anew: the old answer counts until it runs out.
        ([("clear", 40), ("pending", 35)], ("satisfied", day(35))),
        ([("pending", -1)], ("expired", day(-1))),
        ([("clear", 40), ("failed", None)], ("missing", None)),
        ([("failed", None), ("pending", None)], ("missing", None)),
    ],
)
def test_background_checks_are_everybodys(
    tx: Connection, venue: UUID, people: list[tuple[str, int | None]], expected: tuple[str, date | None]
) -> None:
    for result, until in people:
        person(tx, venue, result, expires_on=None if until is None else day(until))
    # Who left counts no more.
    person(tx, venue, "failed", left_on=day(-1))
    assert standing(tx, venue, "background_checks") == expected


def test_an_exception_counts_until_its_day_and_has_expired_then(tx: Connection, venue: UUID) -> None:
    who = factories.user(tx)
    standing(tx, venue, "insurance")
    tx.execute(
        """UPDATE venue_requirements SET state = 'excepted', excepted_until = %s, exception_reason = 'Renewing.',
                  decided_by = %s, decided_at = app.now() WHERE venue_id = %s AND requirement = 'insurance'""",
        [day(10), who, venue],
    )
    assert standing(tx, venue, "insurance") == ("excepted", None)
    waits = filing(tx, venue, "insurance", "filed", expires_on=day(300))
    factories.fix_clock(tx, NOON + timedelta(days=10))
    assert standing(tx, venue, "insurance") == ("excepted", None)
    factories.fix_clock(tx, NOON + timedelta(days=11))
    assert standing(tx, venue, "insurance") == ("expired", day(10))
    tx.execute("UPDATE requirement_filings SET state = 'accepted' WHERE id = %s", [waits])
    assert standing(tx, venue, "insurance") == ("satisfied", day(300))
    tx.execute("UPDATE requirement_filings SET state = 'withdrawn' WHERE id = %s", [waits])
    assert standing(tx, venue, "insurance") == ("missing", None)


def test_reminders_begin_anew_with_a_new_end(tx: Connection, venue: UUID) -> None:
    old = filing(tx, venue, "insurance", expires_on=day(10))
    standing(tx, venue, "insurance")
    tx.execute("UPDATE venue_requirements SET reminders_sent = '{30, 14}' WHERE venue_id = %s", [venue])
    assert standing(tx, venue, "insurance") == ("expiring", day(10))
    sent = "SELECT reminders_sent FROM venue_requirements WHERE venue_id = %s AND requirement = 'insurance'"
    assert factories.one(tx, sent, venue) == [30, 14]
    tx.execute("UPDATE requirement_filings SET expires_on = %s WHERE id = %s", [day(20), old])
    standing(tx, venue, "insurance")
    assert factories.one(tx, sent, venue) == []


def test_a_page_says_all_that_is_known(tx: Connection, venue: UUID) -> None:
    current = filing(tx, venue, "insurance", expires_on=day(10))
    waits = filing(tx, venue, "insurance", "filed", expires_on=day(-5), facts={"coverage_amount": 500000})
    person(tx, venue, expires_on=day(90))
    tx.execute("SELECT vetting.settle_requirements(%s)", [venue])
    pages = factories.one(tx, "SELECT vetting.requirement_pages(%s)", venue)
    assert [page["requirement"] for page in pages] == [
        "insurance",
        "background_checks",
        "safety_audit",
        "reverification",
        "payout_account",
    ]
    insurance, checks = pages[0], pages[1]
    assert (insurance["standing"], insurance["expires_on"]) == ("expiring", day(10).isoformat())
    assert insurance["current"]["id"] == str(current)
    assert insurance["current"]["facts"]["coverage_amount"] == "2000000"
    assert insurance["waiting"]["id"] == str(waits)
    assert insurance["lacks"] == [
        "The cover is 500,000 USD; at least 1,000,000 is needed.",
        "It ended on 25 Feb 2026.",
        "No document is attached.",
    ]
    assert [one["first_name"] for one in checks["people"]] == ["Tomas"]


def test_what_was_known_before_filings_were_kept_counts_as_accepted(tx: Connection) -> None:
    factories.fix_clock(tx)
    known = {
        "insurance_provider": "Hartwell",
        "insurance_coverage_amount": 1500000,
        "insurance_expiry_date": day(200),
        "safety_audit_completed": True,
        "safety_audit_date": day(-30),
        "safety_audit_score": 91,
        "last_verification_date": day(-100),
        "next_verification_due": day(265),
        "payout_account_last_four": "4821",
    }
    venue = factories.venue(tx, **known)
    nothing = factories.venue(tx)
    tx.execute((VERSIONS / "0006" / "53_old_filings.sql").read_bytes())
    assert standing(tx, venue, "insurance") == ("satisfied", day(200))
    assert standing(tx, venue, "safety_audit") == ("satisfied", date(2027, 1, 31))
    assert standing(tx, venue, "reverification") == ("satisfied", day(265))
    assert standing(tx, venue, "payout_account") == ("satisfied", None)
    assert standing(tx, nothing, "insurance") == ("missing", None)
