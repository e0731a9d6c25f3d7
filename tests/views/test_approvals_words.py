"""How cases, claims, evidence and decisions are put into words."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

import pytest

from console.domain.vetting import (
    CaseKind,
    CaseState,
    Decision,
    Likeness,
    Requirement,
    Standing,
    SuspensionPreview,
    Waiver,
)
from console.views.approvals import claims, words
from console.views.approvals.claims import ClaimState
from console.views.approvals.deeds import marked_as_read
from console.views.widgets.requirement_marks import MARKS, spoken
from tests.support import approvals_screen as sample
from tests.support.today_samples import NOW, ZONE

ROWS = {row.id: row for row in sample.rows()}
CEDAR = ROWS[sample.CEDAR]


@pytest.mark.parametrize(
    ("waited", "said"),
    [
        (timedelta(seconds=-5), "0 min"), (timedelta(minutes=59, seconds=59), "59 min"), (timedelta(hours=1), "1 h"),
        (timedelta(hours=23, minutes=59), "23 h"), (timedelta(days=1), "1 d"), (timedelta(days=40), "40 d"),
    ],
)  # fmt: skip
def test_an_age_is_as_short_as_it_is_clear(waited: timedelta, said: str) -> None:
    assert words.age(NOW - waited, NOW) == said


def test_only_what_headquarters_owes_is_late() -> None:
    late = replace(CEDAR, due_at=NOW - timedelta(minutes=1))
    assert words.row_right(late, NOW, ZONE) == "2 d, late"
    assert not words.is_late(replace(late, state=CaseState.ASKED), NOW)
    decided = replace(late, state=CaseState.DECIDED, outcome="rejected", decided_at=NOW, decided_by="Lucas")
    assert words.row_right(decided, NOW, ZONE) == "12 Mar"


def test_a_chip_says_who_holds_it_for_how_long() -> None:
    chips = {row.venue: words.claim_chip(row, NOW) for row in ROWS.values()}
    said = {venue: chip.text if chip else None for venue, chip in chips.items()}
    assert said["Cedar Street Makers"] == "Claimed by you"
    assert said["Harbour Dance Loft"] == "Lucas, 6 min"
    assert said["Blue Door Theatre"] is None
    held = ROWS[sample.HARBOUR]
    assert words.claim_chip(held, NOW + timedelta(minutes=6)) is None, "a claim that ran out is nobody's"
    long = words.claim_chip(replace(held, claimed_by="Maximiliana-Josephine"), NOW)
    assert long is not None
    assert long.text == "Maximiliana…, 6 min"


@pytest.mark.parametrize(
    ("standings", "said"),
    [
        ([Standing.SATISFIED] * 5, "All 5 met"),
        ([Standing.EXPIRING, Standing.EXCEPTED, *[Standing.SATISFIED] * 3], "All 5 met"),
        (list(CEDAR.standings.values()), "4 of 5 met, 1 pending"),
        ([Standing.MISSING, Standing.MISSING, Standing.EXPIRED, Standing.PENDING, Standing.SATISFIED],
         "1 of 5 met, 4 not"),
    ],
)  # fmt: skip
def test_the_sum_counts_what_is_not_met(standings: list[Standing], said: str) -> None:
    assert words.sum_line(dict(zip(Requirement, standings, strict=True))) == said


def test_every_standing_has_a_shape_and_a_word_of_its_own() -> None:
    assert len({mark.icon for mark in MARKS.values()}) == len(MARKS) == len(Standing)
    assert len({mark.word for mark in MARKS.values()}) == len(MARKS)
    assert spoken(CEDAR.standings).startswith("insurance satisfied, background checks pending, ")


def test_files_of_a_kind_share_a_chip_where_they_are_many() -> None:
    photos = [sample.paper(place, f"Photo {place}", media="image/jpeg") for place in range(4)]
    report = sample.paper(9, "Audit report")
    assert [one.title for one in words.groups([report, photos[0]])] == ["Audit report", "Photo 0"]
    assert [one.title for one in words.groups([report, *photos])] == ["Audit report", "4 photos"]
    assert [one.title for one in words.groups([report] * 3, "report")] == ["3 reports"]
    assert words.groups([]) == []


def test_reading_is_said_with_its_time() -> None:
    read, unread = sample.paper(1, "A", read=sample.local(12, 15, 31)), sample.paper(2, "B")
    assert words.read_line([read], NOW, ZONE) == "read by you, 15:31"
    assert words.read_line([read, unread], NOW, ZONE) == "1 of 2 read by you"
    assert words.read_line([unread], NOW, ZONE) == "not read yet"
    assert words.read_line([], NOW, ZONE) == ""
    old = replace(read, read_at=sample.local(9, 15, 31))
    assert words.read_line([old], NOW, ZONE) == "read by you, 9 Mar 15:31"


def test_reading_a_file_counts_at_once() -> None:
    page = sample.case_page(CEDAR)
    insurance = page.requirements[0]
    assert insurance.current is not None
    unread = replace(insurance.current, documents=(sample.paper(1, "Certificate"),))
    page = replace(
        page, requirements=(replace(insurance, current=unread), *page.requirements[1:]), evidence_read=(2, 3)
    )
    after = marked_as_read(page, unread.documents[0].id, NOW)
    assert after.evidence_read == (3, 3)
    assert marked_as_read(after, unread.documents[0].id, NOW) is after


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        ({"provider": "Hartwell", "policy_number": "HM-1", "coverage_amount": "2000000"},
         "Hartwell, policy HM-1, cover 2,000,000 USD, from 2 Mar 2026, until 14 Nov 2026"),
        ({"auditor": "R. Feld", "score": 92, "remarks": "fire door"},
         "R. Feld, 92 of 100, fire door, from 2 Mar 2026, until 14 Nov 2026"),
        ({"holder": "Cedar LLC", "bank": "First", "last_four": "3390"},
         "Cedar LLC, First, account ending 3390, from 2 Mar 2026, until 14 Nov 2026"),
        ({"coverage_amount": "much", "score": None}, "from 2 Mar 2026, until 14 Nov 2026"),
    ],
)  # fmt: skip
def test_what_was_filed_is_one_line(facts: dict[str, object], said: str) -> None:
    assert words.filed_facts(sample.filing(1, Requirement.INSURANCE, facts)) == said


@pytest.mark.parametrize(
    ("kind", "decision", "said"),
    [
        (CaseKind.NEW_VENUE, Decision.APPROVE, "Cedar Street Makers can take bookings at once; its manager is told."),
        (CaseKind.YEARLY_CHECK, Decision.APPROVE, "Cedar Street Makers stays open; its manager is told."),
        (CaseKind.REINSTATEMENT, Decision.REJECT,
         "Cedar Street Makers stays suspended; its manager is told why."),
        (CaseKind.NEW_VENUE, Decision.REJECT,
         "Cedar Street Makers is not taken on; whoever applied is told why."),
        (CaseKind.RENEWAL, Decision.REJECT, "Cedar Street Makers stays as it is; its manager is told why."),
    ],
)  # fmt: skip
def test_a_decision_says_what_follows(kind: CaseKind, decision: Decision, said: str) -> None:
    assert words.consequence(decision, replace(CEDAR, kind=kind)) == said


def test_an_exception_says_when_the_first_one_ends() -> None:
    waivers = [
        Waiver(Requirement.INSURANCE, date(2026, 5, 1)), Waiver(Requirement.SAFETY_AUDIT, date(2026, 4, 11)),
    ]  # fmt: skip
    assert words.consequence(Decision.EXCEPT, CEDAR, waivers).endswith(
        "The first exception ends on 11 Apr 2026."
    )


def test_a_suspension_says_its_numbers() -> None:
    nothing = SuspensionPreview(UUID(int=1), 1, None, (), (), "")
    assert words.suspension_line(nothing) == "No new bookings. Nothing is booked."
    from_today = replace(nothing, cancel_from=date(2026, 3, 12))
    assert words.suspension_line(from_today).endswith("; nothing else is booked.")


def test_likely_duplicates_say_what_agrees() -> None:
    one = Likeness(UUID(int=1), "Cedar Makers", "Portland, OR", "active", 91.0, ("name", "phone"))
    assert words.alike_line(one) == "Cedar Makers, Portland, OR (open): name and phone agree."
    assert words.alike_line(replace(one, alike=("name",))).endswith(": name agrees.")
    assert words.alike_line(replace(one, alike=("name", "address", "phone"))).endswith(
        "name, address and phone agree."
    )


def test_very_long_words_are_cut_in_a_narrow_column() -> None:
    assert words.tamed("a short text") == "a short text"
    assert words.tamed("x" * 40) == f"{'x' * 25}…"


def test_a_claim_warns_before_it_ends_and_says_that_it_is_over() -> None:
    until = CEDAR.claimed_until
    assert until is not None
    states = {
        until - timedelta(minutes=2, seconds=1): ClaimState.RUNNING, until - timedelta(minutes=2): ClaimState.ENDING,
        until - timedelta(seconds=1): ClaimState.ENDING, until: ClaimState.OVER,
    }  # fmt: skip
    assert {at: claims.told(CEDAR, at, ZONE).state for at in states} == states
    assert claims.told(CEDAR, until - timedelta(seconds=70), ZONE).text == "That is in 2 min."
    assert claims.told(CEDAR, until, ZONE).title == "Your claim ran out at 16:02."
    assert claims.told(ROWS[sample.HARBOUR], NOW, ZONE).state is ClaimState.NONE
