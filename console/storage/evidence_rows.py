"""Requirements and their filings as the database's functions tell them, as frozen values.

The sentence about a requirement is made here, from its numbers. See docs/design.md, "Rules of the domain" (compliance).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from console.domain.vetting import (
    CheckedPerson,
    FiledDocument,
    Filing,
    Requirement,
    RequirementPage,
    Standing,
)

Facts = Mapping[str, Any]


def requirement_page(found: Facts) -> RequirementPage:
    """One requirement out of `vetting.requirement_pages`."""
    return RequirementPage(
        requirement=Requirement(found["requirement"]),
        version=found["version"],
        standing=Standing(found["standing"]),
        says=says(found),
        expires_on=day(found["expires_on"]),
        excepted_until=day(found["excepted_until"]),
        exception_reason=found["exception_reason"],
        decided_by=found["decided_by"],
        decided_at=instant(found["decided_at"]),
        reminders=tuple(found["reminders"]),
        reminded_at=instant(found["reminded_at"]),
        current=filing(found["current"]),
        waiting=filing(found["waiting"]),
        people=tuple(person(one) for one in found["people"]),
        lacks=tuple(found["lacks"]),
    )


def filing(found: Facts | None) -> Filing | None:
    """A filing with its files; an amount is a Decimal."""
    if found is None:
        return None
    facts = dict(found["facts"])
    if facts.get("coverage_amount") is not None:
        facts["coverage_amount"] = Decimal(facts["coverage_amount"])
    return Filing(
        id=UUID(found["id"]),
        version=found["version"],
        requirement=Requirement(found["requirement"]),
        state=found["state"],
        facts=facts,
        valid_from=day(found["valid_from"]),
        expires_on=day(found["expires_on"]),
        note=found["note"],
        filed_by=found["filed_by"],
        filed_at=datetime.fromisoformat(found["filed_at"]),
        decided_by=found["decided_by"],
        decided_at=instant(found["decided_at"]),
        reason=found["reason"],
        documents=tuple(_document(one) for one in found["documents"]),
    )


def _document(found: Facts) -> FiledDocument:
    return FiledDocument(**{**found, "id": UUID(found["id"]), "read_at": instant(found["read_at"])})


def person(found: Facts) -> CheckedPerson:
    """Somebody whose background is checked."""
    days = {name: day(found[name]) for name in ("ordered_on", "decided_on", "expires_on")}
    return CheckedPerson(**{**found, **days, "id": UUID(found["id"])})


def says(found: Facts) -> str:
    """One sentence or two about a requirement, made of its numbers."""
    standing = Standing(found["standing"])
    shown = found["current"] or found["waiting"]
    said = []
    if standing is Standing.EXCEPTED:
        said.append(f"Excepted until {_words(day(found['excepted_until']))}.")
    elif found["waiting"] and found["waiting"]["state"] == "declined" and found["current"] is None:
        said.append("What was filed was not accepted.")
    if found["requirement"] == Requirement.BACKGROUND_CHECKS:
        said.append(_people(found["people"], day(found["rules"]["today"])))
    elif shown is None:
        said.append("Nothing filed yet.")
    else:
        said.append(_facts(Requirement(found["requirement"]), shown["facts"], found["rules"]))
    ended = day(found["exception_ended_on"])
    until = day(found["expires_on"]) or (shown and day(shown["expires_on"]))
    if standing is Standing.EXPIRED and ended is not None and ended == until:
        said.append(f"The exception ended {_words(ended)}.")
    elif until is not None:
        said.append(f"{'Ended' if until < _today(found) else 'Ends'} {_words(until)}.")
    return " ".join(one for one in said if one)


def _facts(kind: Requirement, facts: Facts, rules: Facts) -> str:
    if kind is Requirement.INSURANCE:
        cover = _amount(facts.get("coverage_amount"))
        by = f"{facts['provider']}, cover" if facts.get("provider") else "Cover"
        return f"{by} {cover} USD, needs {_amount(rules['insurance_minimum'])}."
    if kind is Requirement.SAFETY_AUDIT:
        by = f" by {facts['auditor']}" if facts.get("auditor") else ""
        return f"Score {facts.get('score')}{by}, needs {_amount(rules['audit_minimum'])}."
    if kind is Requirement.PAYOUT_ACCOUNT:
        holder = f", {facts['holder']}" if facts.get("holder") else ""
        return f"Account ending in {facts.get('last_four')}{holder}."
    return ""


def _people(people: Sequence[Facts], today: date | None) -> str:
    if not people:
        return "Nobody is named yet."
    clear = sum(one["result"] == "clear" for one in people)
    failed = sum(one["result"] == "failed" for one in people)
    pending = len(people) - clear - failed
    over = sum(
        bool(one["expires_on"]) and date.fromisoformat(one["expires_on"]) < (today or date.min)
        for one in people
    )
    parts = [f"{clear} of {len(people)} {'person' if len(people) == 1 else 'people'} clear"]
    if pending:
        parts.append(f"{pending} not back yet")
    if failed:
        parts.append(f"{failed} not clear")
    if over:
        parts.append(f"{over} run out")
    return ", ".join(parts) + "."


def _amount(value: object) -> str:
    amount = Decimal(str(value or 0))
    return f"{amount:,.0f}" if amount == amount.to_integral_value() else f"{amount:,.2f}"


def _today(found: Facts) -> date:
    return date.fromisoformat(found["rules"]["today"])


def _words(on: date | None) -> str:
    return "" if on is None else f"{on.day} {on:%b %Y}"


def day(text: str | date | None) -> date | None:
    """A day of a row, or the same as JSON says it."""
    return date.fromisoformat(text) if isinstance(text, str) else text


def instant(text: str | datetime | None) -> datetime | None:
    """An instant of a row, or the same as JSON says it."""
    return datetime.fromisoformat(text) if isinstance(text, str) else text
