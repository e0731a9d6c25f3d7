"""Papers of venues for tests: what is filed, by whom, with which bytes."""

from __future__ import annotations

import time
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from psycopg.types.json import Jsonb

from tests.support.desk_world import Person, World
from tests.support.factories import NOON, insert
from tests.support.identities import refusal

TODAY = NOON.date()
PDF = b"%PDF-1.4\n1 0 obj <</Type /Catalog>> endobj\ntrailer <</Root 1 0 R>>\n%%EOF\n"
PNG = b"\x89PNG\r\n\x1a\n" + b"\x00" * 40
FACTS: dict[str, dict[str, object]] = {
    "insurance": {"provider": "Hartwell Mutual", "policy_number": "HM 1", "coverage_amount": "2,000,000"},
    "background_checks": {},
    "safety_audit": {"score": "88", "auditor": "R. Ortiz"},
    "reverification": {},
    "payout_account": {"last_four": "4821", "holder": "Riverside Studio LLC"},
}
FILE = "SELECT vetting.file(%s, %s, %s, %s, %s, %s, %s, %s) AS page"


def day(after: int) -> date:
    """So many days from NOON's day."""
    return TODAY + timedelta(days=after)


def somebody(world: World, role: str, name: str = "", venue: UUID | None = None, **desk: Any) -> Person:
    """Somebody of a role at a workstation of their own, also where other tests made theirs in the same database."""
    at = world.desk(f"Desk {uuid4()}", **desk)
    return world.person(role, name=name or role, desk=at, venues=() if venue is None else (venue,))


def paper(
    name: str = "certificate.pdf", media_type: str = "application/pdf", **more: object
) -> dict[str, object]:
    """What is said of a file."""
    return {"title": "Certificate", "file_name": name, "media_type": media_type, "pages": 1} | more


def file(
    who: Person,
    venue: UUID,
    kind: str = "insurance",
    facts: dict[str, object] | None = None,
    *,
    valid_from: date | None = None,
    expires_on: date | None = None,
    note: str | None = None,
    papers: tuple[tuple[dict[str, object], bytes], ...] = (),
) -> dict[str, Any]:
    """File something as a real login; the page of the requirement afterwards."""
    if valid_from is None and kind == "safety_audit":
        valid_from = day(-3)
    if expires_on is None and kind == "insurance":
        expires_on = day(300)
    page = who.call(
        FILE,
        venue,
        kind,
        Jsonb(FACTS[kind] if facts is None else facts),
        valid_from,
        expires_on,
        note,
        Jsonb([said for said, _bytes in papers]),
        [content for _said, content in papers],
    )[0]["page"]
    assert isinstance(page, dict)
    return page


def accept(who: Person, venue: UUID, page: dict[str, Any]) -> dict[str, Any]:
    """Accept what waits on a page."""
    waiting = page["waiting"]
    found = who.call(
        "SELECT vetting.judge(%s, %s, %s, true, NULL) AS page", venue, waiting["id"], waiting["version"]
    )
    page = found[0]["page"]
    assert isinstance(page, dict)
    return page


CERTIFICATE = ((paper(), PDF),)
"""The one file a filing of insurance or of an audit needs."""


def messages(world: World, person: Person, template: str) -> int:
    """How often somebody was written to with a template."""
    return int(
        world.one(
            "SELECT count(*) AS n FROM notifications WHERE user_id = %s AND template_key = %s AND channel = 'email'",
            person.id,
            template,
        )["n"]
    )


def put_filing(world: World, venue: UUID, kind: str, state: str = "accepted", **columns: Any) -> UUID:
    """A filing straight into the table."""
    facts = FACTS[kind]
    if kind == "insurance":
        facts = facts | {"coverage_amount": 2000000}
    row: dict[str, Any] = {"venue_id": venue, "requirement": kind, "state": state, "facts": facts}
    return insert(world.admin, "requirement_filings", row | columns)


def settle(world: World, venue: UUID) -> None:
    """Write down where the venue stands."""
    world.all("SELECT vetting.settle_requirements(%s)", venue)


def refused(who: Person, statement: str, *arguments: Any) -> tuple[str | None, str | None]:
    """How a statement is refused: SQLSTATE and machine key."""
    with pytest.raises(psycopg.Error) as caught:
        who.call(statement, *arguments)
    return refusal(caught.value)


def waits_for_a_lock(world: World, who: Person) -> None:
    """Return as soon as somebody's statement waits for somebody else."""
    for _try in range(2000):
        found = world.all(
            "SELECT 1 AS one FROM pg_stat_activity WHERE usename = %s AND wait_event_type = 'Lock'",
            who.dsn_role,
        )
        if found:
            return
        time.sleep(0.005)
    raise AssertionError("nobody waits")
