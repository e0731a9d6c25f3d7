"""The cases of picture 05 with what is known of their venues: requirements, papers, people, history, scores."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from uuid import UUID

from console.domain.scores import Component, Dispute, Formula, Part, ScorePage, WeekScore
from console.domain.vetting import (
    CaseKind,
    CasePage,
    CaseRow,
    CaseState,
    CheckedPerson,
    FiledDocument,
    Filing,
    Requirement,
    RequirementPage,
    Standing,
    VenueEvent,
    VenueFacts,
)
from console.errors import NotFound
from tests.support.today_samples import NOW, ZONE

S, X, P, M, E = Standing.SATISFIED, Standing.EXPIRING, Standing.PENDING, Standing.MISSING, Standing.EXPIRED
CEDAR, FINS, HARBOUR, BLUE, ORCHARD = (UUID(int=0xCA5E00 + place) for place in range(5))
_AT = {
    "cedar": (CEDAR, "Cedar Street Makers", "Portland, OR", CaseKind.REINSTATEMENT, timedelta(days=2), (S, P, S, X, S)),
    "fins": (FINS, "Little Fins Swim School", "Tacoma, WA", CaseKind.NEW_VENUE, timedelta(days=4), (S, S, S, S, S)),
    "harbour": (HARBOUR, "Harbour Dance Loft", "Seattle, WA", CaseKind.NEW_VENUE, timedelta(days=1), (S, S, P, S, M)),
    "blue": (BLUE, "Blue Door Theatre", "Eugene, OR", CaseKind.YEARLY_CHECK, timedelta(hours=6), (E, S, S, X, S)),
    "orchard": (ORCHARD, "Orchard Forest School", "Salem, OR", CaseKind.NEW_VENUE, timedelta(hours=3), (S, M, M, S, P)),
}  # fmt: skip


def local(day: int, hour: int, minute: int, month: int = 3) -> datetime:
    """An instant by the clock of the screen."""
    return datetime(2026, month, day, hour, minute, tzinfo=ZONE)


def case_row(
    case_id: UUID, venue: str, city: str, kind: CaseKind, waited: timedelta, standings: Sequence[Standing],
    **more: object,
) -> CaseRow:  # fmt: skip
    """A case nobody holds."""
    row = CaseRow(
        case_id, 1, UUID(int=case_id.int + 0x1000), venue, city, kind, CaseState.OPEN, NOW - waited,
        NOW - waited + timedelta(days=5), dict(zip(Requirement, standings, strict=True)), None, False, None, None, None,
        None,
    )  # fmt: skip
    return replace(row, **more)  # type: ignore[arg-type]  # the fields of a row by name


def rows() -> list[CaseRow]:
    """The queue of picture 05, its first case held by the reader and its third by Lucas."""
    made = [case_row(*facts) for facts in _AT.values()]
    mine = {"claimed_by": "Amara", "claimed_by_me": True, "claimed_until": local(12, 16, 2)}
    made[0] = replace(made[0], version=2, **mine)  # type: ignore[arg-type]
    made[2] = replace(made[2], version=2, claimed_by="Lucas", claimed_until=NOW + timedelta(minutes=6))
    return made


def paper(
    number: int, title: str, *, media: str = "application/pdf", pages: int = 1, read: datetime | None = None
) -> FiledDocument:
    """A file of evidence."""
    name = f"{title.lower().replace(' ', '-')}.{'pdf' if media.endswith('pdf') else 'jpg'}"
    return FiledDocument(UUID(int=0xD0C000 + number), title, name, media, 215_000, pages, read)


def filing(
    number: int,
    kind: Requirement,
    facts: Mapping[str, object],
    *documents: FiledDocument,
    state: str = "accepted",
) -> Filing:
    """What was filed."""
    return Filing(
        UUID(int=0xF11E00 + number), 1, kind, state, facts, date(2026, 3, 2), date(2026, 11, 14), None, "Hannah",
        local(11, 12, 5), "Amara" if state == "accepted" else None, local(11, 16, 0) if state == "accepted" else None,
        None, documents,
    )  # fmt: skip


def people() -> list[CheckedPerson]:
    """Seven people, one of whom is still out."""
    known = (
        ("Hannah", "owner", 11, 2), ("Omar", "woodwork", 12, 2), ("Lena", "electronics", 12, 2),
        ("Silas", "assistant", 19, 2), ("Ruth", "assistant", 20, 2), ("Ines", "reception", 2, 3),
    )  # fmt: skip
    made = [
        CheckedPerson(
            UUID(int=0xBEEF00 + place), 1, name, work, date(2026, 2, 5), "clear", date(2026, month, day), None
        )
        for place, (name, work, day, month) in enumerate(known)
    ]
    noor = CheckedPerson(UUID(int=0xBEEF09), 1, "Noor", "assistant", date(2026, 3, 9), "pending", None, None)
    return [*made, noor]


def requirements(row: CaseRow) -> list[RequirementPage]:
    """What is known of each requirement of a case."""
    kinds = row.standings
    photos = tuple(
        paper(20 + place, f"Photo {place}", media="image/jpeg", read=local(12, 15, 36)) for place in range(4)
    )
    reports = tuple(paper(10 + place, f"Report {place}", read=local(12, 15, 38)) for place in range(6))
    says = {
        Requirement.INSURANCE: "Hartwell Mutual, cover 2,000,000 USD, needs 1,000,000. Ends 14 Nov 2026.",
        Requirement.BACKGROUND_CHECKS: "6 of 7 people clear. One result is still out, ordered 9 March, usually 3 days.",
        Requirement.SAFETY_AUDIT: "92 of 100 on 2 March 2026 by R. Feld. One remark, closed: fire door sign.",
        Requirement.REVERIFICATION: "Due 26 March 2026, in 14 days. The 14-day reminder went out today at 08:00.",
        Requirement.PAYOUT_ACCOUNT: "Account verified, bank account ending 3390. The name matches the legal name.",
    }
    filed = {
        Requirement.INSURANCE: (paper(1, "Certificate HM-20871-04", pages=3, read=local(12, 15, 31)),),
        Requirement.BACKGROUND_CHECKS: reports,
        Requirement.SAFETY_AUDIT: (paper(2, "Audit report", read=local(12, 15, 36)), *photos),
    }
    made = []
    for place, kind in enumerate(Requirement):
        standing = kinds[kind]
        missing = standing in (Standing.MISSING,)
        current = None if missing or kind not in filed else filing(place, kind, {}, *filed[kind])
        made.append(
            RequirementPage(
                kind, 1, standing, "Nothing was filed yet." if missing else says[kind], None, None, None, None, None,
                (30, 14) if kind is Requirement.REVERIFICATION and standing is X else (), local(12, 8, 0),
                current, None,
                tuple(people()) if kind is Requirement.BACKGROUND_CHECKS else (),
            )
        )  # fmt: skip
    return made


def case_page(row: CaseRow) -> CasePage:
    """A case with everything."""
    facts = VenueFacts(
        row.venue_id, 3, row.venue, "suspended" if row.kind is CaseKind.REINSTATEMENT else "pending_approval",
        f"{row.venue} LLC", None, "woodwork and electronics", None, "", row.city, "America/Los_Angeles",
        "Hannah, owner", None, "(503) 555-0190", None, 6, "7 to 14", Decimal("17.50"), 0,
        local(2, 9, 0, 2) if row.kind is CaseKind.REINSTATEMENT else None, None, (),
    )  # fmt: skip
    if row.kind is CaseKind.YEARLY_CHECK:
        facts = replace(facts, status="active", booked=12)
    history = [
        VenueEvent(UUID(int=1), "claimed", "Claimed", None, "Amara", local(12, 15, 30), None),
        VenueEvent(UUID(int=2), "case_opened", "Asked to be reinstated", None, "Hannah", local(10, 9, 0), None),
        VenueEvent(
            UUID(int=3), "suspended", "Suspended: insurance had expired", None, "L. Berg", local(2, 9, 0, 2), None),
        VenueEvent(
            UUID(int=4), "approved", "Approved", None, "A. Cole", datetime(2025, 5, 12, 9, 0, tzinfo=ZONE), None
        ),
    ]  # fmt: skip
    pages = requirements(row)
    having = sum(bool(one.current and one.current.documents) for one in pages)
    return CasePage(row, facts, tuple(pages), tuple(history), (), (having, having))


class FakeScores:
    """Twelve weeks, two of them without enough data."""

    def __init__(self, *, weeks: int = 12) -> None:
        self.weeks = weeks

    async def page(self, venue_id: UUID) -> ScorePage:
        values = (
            [63.0, 61.5, 58.0, 56.0, 58.5, 62.0, 67.0, None, 69.0, 69.5, 70.4, 74.6][-self.weeks :]
            if self.weeks
            else []
        )
        weights = dict(zip(Component, map(Decimal, ("40", "25", "20", "15")), strict=True))
        parts = [
            Part(kind, good, whole, Decimal(value), weights[kind])
            for kind, good, whole, value in zip(
                Component, (33, 21, 31, 39), (40, 30, 50, 50), ("82.5", "70.0", "62.0", "78.0"), strict=True
            )
        ]
        start = date(2026, 3, 2) - timedelta(weeks=len(values) - 1)
        weeks = [
            WeekScore(
                UUID(int=place + 1), venue_id, start + timedelta(weeks=place), 1, None, 1,
                None if value is None else Decimal(str(value)), Decimal("4.2"), parts, NOW,
            )
            for place, value in enumerate(values)
        ]  # fmt: skip
        formula = Formula(
            1, weights, 12, 5, 5, 10, Decimal(60), Decimal(60), 4, "Amara", NOW - timedelta(days=90), None
        )
        return ScorePage(venue_id, "", formula, weeks, (), None, "all venues", 0, None, (), ())

    async def dispute(self, venue_id: UUID, score_id: UUID, component: str, reason: str) -> Dispute:
        raise NotFound("There is no such score.")

    async def withdraw(self, dispute: Dispute) -> Dispute:
        raise NotFound("There is no such dispute.")

    async def export(self, venue_id: UUID, path: Path) -> int:
        return 0
