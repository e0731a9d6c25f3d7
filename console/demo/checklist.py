"""What the demo's open venues had shown before the console was there: accepted papers, people who were checked.

These are written like everything else that is old. What headquarters did since, it did by its functions:
console.demo.headquarters.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from console.demo.chance import Chance
from console.demo.history import cancel_with_session
from console.demo.world import Staff, Venue
from console.storage.demo import TableRows

CEDAR = "cedar-street-makers"
BLUE_DOOR = "blue-door-theatre"
MAKER = "brightbench-maker-lab"
SUSPENDED_DAYS = 38
"""Since so many days Cedar Street Makers takes no bookings."""

_INSURED = {
    "copper-street-dance-loft": 29,
    "blue-lantern-youth-theatre": 14,
    "summit-kids-climbing": 7,
    CEDAR: -SUSPENDED_DAYS - 2,
    BLUE_DOOR: -1,
    "riverside-studio": 200,
}
"""In so many days the insurance ends; elsewhere some months ahead."""

_VERIFIED = {CEDAR: 14, BLUE_DOOR: 29}
_AUDITED = {MAKER: -12, CEDAR: 355}
_OPENED = {CEDAR: 304, BLUE_DOOR: 336}
_CHECKED = {
    CEDAR: (
        ("Hannah", "owner", 29),
        ("Omar", "woodwork", 28),
        ("Lena", "electronics", 28),
        ("Silas", "assistant", 21),
        ("Ruth", "assistant", 20),
        ("Ines", "reception", 10),
        ("Noor", "assistant", None),
    )
}
"""Who, as what, and how many days ago the answer came; None: it is still out."""

_INSURERS = ("Hartwell Mutual", "Northgate Insurance", "Pelican Cover")
_AUDITORS = ("R. Feld", "T. Ocampo", "S. Nyberg")


@dataclass(frozen=True, slots=True)
class Papers:
    """What an open venue has shown; `verified_until` is when its yearly check is due."""

    opened: datetime
    insurer: str
    policy: str
    insured_until: date
    audited_on: date
    audit_score: int
    auditor: str
    verified_on: date
    verified_until: date
    last_four: str
    people: Sequence[tuple[str, str, int | None]]


def papers_of(venue: Venue, at: datetime) -> Papers:
    """The papers of a venue, the same whenever they are asked for."""
    slug, today = venue.plan.slug, venue.today
    chance = Chance(0, f"checklist {slug}")
    due = today + timedelta(days=_VERIFIED.get(slug, chance.between(100, 300)))
    audited = today - timedelta(days=365 - _AUDITED.get(slug, chance.between(90, 300)))
    teachers = dict.fromkeys(activity.instructor for activity in venue.plan.activities)
    people = [(venue.who("manager").first, "manager", chance.between(150, 280))]
    people += [(name, "teacher", chance.between(60, 280)) for name in teachers]
    return Papers(
        opened=at - timedelta(days=_OPENED.get(slug, 380)),
        insurer=chance.pick(_INSURERS),
        policy=f"{slug[:2].upper()}-{chance.between(10000, 99999)}-{chance.between(1, 9):02d}",
        insured_until=today + timedelta(days=_INSURED.get(slug, chance.between(60, 300))),
        audited_on=audited,
        audit_score=chance.between(80, 99),
        auditor=chance.pick(_AUDITORS),
        verified_on=due - timedelta(days=365),
        verified_until=due,
        last_four="3390" if slug == CEDAR else f"{chance.between(0, 9999):04d}",
        people=_CHECKED.get(slug, tuple(people)),
    )


def thin_out(venue: Venue) -> None:
    """Cedar Street Makers rebuilt for twelve weeks, and since it was suspended only what was booked went on.

    So one week's score has nothing to go by: the one whose twelve weeks are those of the building site.
    """
    if venue.plan.slug != CEDAR:
        return
    monday = venue.today - timedelta(days=venue.today.weekday())
    again = monday - timedelta(weeks=9)
    shut, last = again - timedelta(weeks=12), venue.today - timedelta(days=SUSPENDED_DAYS - 12)
    venue.sessions = [
        session for session in venue.sessions if session.day < shut or again <= session.day <= last
    ]


def call_off(venue: Venue, seed: int) -> None:
    """Since Cedar Street Makers opened again, it had to call off many of its sessions."""
    if venue.plan.slug != CEDAR:
        return
    chance, since = Chance(seed, "called off"), venue.today - timedelta(weeks=10)
    for session in venue.sessions:
        if session.day >= since and session.cancelled is None and chance.chance(0.3):
            session.cancelled = session.starts - timedelta(hours=chance.between(3, 30))
            session.cancelled_why = chance.pick(("The saw is being repaired.", "The teacher is ill."))
            for booking in session.bookings:
                cancel_with_session(booking, session.cancelled)


def rows(venues: Sequence[Venue], boss: Staff, at: datetime) -> Iterator[TableRows]:
    """The rows of it all; `boss` decided everything."""
    filings: list[tuple[object, ...]] = []
    checks: list[tuple[object, ...]] = []
    standing: list[tuple[object, ...]] = []
    cases: list[tuple[object, ...]] = []
    events: list[tuple[object, ...]] = []
    for venue in venues:
        papers, chance = papers_of(venue, at), Chance(0, f"checklist rows {venue.id}")
        for kind, facts, since, until in _filed(venue, papers):
            decided = min(datetime.combine(since, papers.opened.timetz()) + timedelta(days=2), at)
            filings.append(
                (
                    chance.uuid(), venue.id, kind, "accepted", json.dumps(facts), since, until,
                    venue.who("manager").id, decided - timedelta(days=1), boss.id, decided, decided,
                )
            )  # fmt: skip
            standing.append((chance.uuid(), venue.id, kind, "satisfied", until, boss.id, decided, decided))
        for name, job, ago in papers.people:
            ordered = venue.today - timedelta(days=3 if ago is None else ago + 3)
            came = None if ago is None else venue.today - timedelta(days=ago)
            result = "pending" if ago is None else "clear"
            until = None if came is None else came + timedelta(days=730)
            checks.append((chance.uuid(), venue.id, name, job, ordered, result, came, until))
        all_clear = all(ago is not None for *_, ago in papers.people)
        state = "satisfied" if all_clear else "pending"
        standing.append(
            (chance.uuid(), venue.id, "background_checks", state, None, boss.id, papers.opened, papers.opened)
        )
        case, came = chance.uuid(), papers.opened - timedelta(days=6)
        cases.append(
            (
                case, venue.id, "new_venue", "decided", "approved", came, came + timedelta(days=5), boss.id,
                papers.opened, papers.opened,
            )
        )  # fmt: skip
        opened = json.dumps({"kind": "new_venue"})
        events.append((chance.uuid(), venue.id, case, "application_received", "{}", None, came))
        events.append((chance.uuid(), venue.id, case, "approved", opened, boss.id, papers.opened))
    yield _table(
        "requirement_filings",
        "id venue_id requirement state facts valid_from expires_on filed_by filed_at decided_by decided_at updated_at",
        filings,
    )
    yield _table(
        "background_checks",
        "id venue_id first_name works_as ordered_on result decided_on expires_on",
        checks,
    )
    yield _table(
        "venue_requirements",
        "id venue_id requirement state expires_on decided_by decided_at updated_at",
        standing,
    )
    yield _table(
        "venue_cases",
        "id venue_id kind state outcome opened_at due_at decided_by decided_at updated_at",
        cases,
    )
    yield _table("venue_events", "id venue_id case_id kind facts by_user at", events)


def _filed(venue: Venue, papers: Papers) -> Iterator[tuple[str, dict[str, object], date, date | None]]:
    yield (
        "insurance",
        {"provider": papers.insurer, "policy_number": papers.policy, "coverage_amount": 2000000},
        papers.insured_until - timedelta(days=365),
        papers.insured_until,
    )
    yield (
        "safety_audit",
        {"score": papers.audit_score, "auditor": papers.auditor},
        papers.audited_on,
        papers.audited_on + timedelta(days=365),
    )
    yield "reverification", {}, papers.verified_on, papers.verified_until
    yield (
        "payout_account",
        {"last_four": papers.last_four, "holder": legal_name(venue), "bank": "First Demo Bank"},
        papers.opened.date(),
        None,
    )


def legal_name(venue: Venue) -> str:
    """What the venue is in law."""
    return f"{venue.plan.name} {'Ltd' if venue.plan.country == 'United Kingdom' else 'LLC'}"


def _table(name: str, columns: str, found: Sequence[tuple[object, ...]]) -> TableRows:
    return TableRows(name, tuple(columns.split()), found)
