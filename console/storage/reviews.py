"""Review items over one database: the list, one item's facts, a decision. One statement each.

Everything comes out of `attendance.*` functions, which ask who may; rows become frozen values here and go no further.
See docs/design.md, "The desk protocol" and "The database" (authorisation, round trips).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Executable, bindparam, text
from sqlalchemy.dialects.postgresql import JSONB

from console.domain.attendance import (
    AttendanceEvent,
    AttendanceState,
    EventKind,
    Origin,
    OutcomeKind,
    RefusalReason,
)
from console.domain.desk import BookingStatus
from console.domain.reviewing import (
    Decided,
    Decision,
    OtherStay,
    Report,
    ReviewBooking,
    ReviewChoice,
    ReviewFacts,
    ReviewItem,
    ReviewKind,
    ReviewSession,
    Step,
    Topic,
)
from console.storage.database import Database

_LIST = text("SELECT * FROM attendance.review_list(:venue_id, :done, :after, :at_most)").bindparams(
    # Without a key the parameter is SQL's NULL, not JSON's.
    bindparam("after", type_=JSONB(none_as_null=True))
)
_COUNT = "SELECT attendance.review_count(:venue_id) AS open"
_FACTS = "SELECT attendance.review_facts(:item_id) AS facts"
_DECIDE = text("SELECT * FROM attendance.decide(:item_id, :choice, :reason, :events)").bindparams(
    bindparam("events", type_=JSONB)
)

Facts = Mapping[str, Any]


class ReviewQueries:
    """The review items of the venues a person manages. Every method raises ConsoleErrors only."""

    def __init__(self, database: Database) -> None:
        """Nothing is asked before the first call."""
        self._database = database

    async def items(
        self, venue_id: UUID, *, done: bool, after: Sequence[object] | None = None, at_most: int = 200
    ) -> list[ReviewItem]:
        """Open items, oldest first; with `done` all of them, newest first. `after` is the last one's page_key."""
        key = None if after is None else list(after)
        rows = await self._rows(_LIST, venue_id=venue_id, done=done, after=key, at_most=at_most)
        return [_item(row) for row in rows]

    async def count(self, venue_id: UUID) -> int:
        """How many items are open."""
        rows = await self._rows(_COUNT, venue_id=venue_id)
        return int(rows[0]["open"])

    async def facts(self, item_id: UUID) -> ReviewFacts:
        """Everything to decide by. Raises NotFound for an item of another venue."""
        return _facts((await self._rows(_FACTS, item_id=item_id))[0]["facts"])

    async def decide(
        self, item_id: UUID, choice: Decision, reason: str | None, events: Sequence[AttendanceEvent]
    ) -> Decided:
        """Decide an item; sent again by the same person, the answer is the same.

        Raises Conflict: "decided_already" (its sentence says by whom), "facts_changed", "seq_taken".
        """
        rows = await self._rows(
            _DECIDE,
            item_id=item_id,
            choice=choice.value,
            # PostgreSQL's text cannot hold it.
            reason=None if reason is None else reason.replace("\x00", ""),
            events=[event.to_json() for event in events],
        )
        row = rows[0]
        return Decided(**{**row, "decision": Decision(row["decision"])})

    async def _rows(self, statement: Executable | str, **parameters: object) -> list[dict[str, Any]]:
        return [dict(row._mapping) for row in await self._database.fetch(statement, parameters)]


def _item(row: Facts) -> ReviewItem:
    return ReviewItem(
        **{
            **row,
            "kind": ReviewKind(row["kind"]),
            "topic": row["topic"] and Topic(row["topic"]),
            "reason": row["reason"] and RefusalReason(row["reason"]),
            "event_kind": row["event_kind"] and EventKind(row["event_kind"]),
            "decision": row["decision"] and Decision(row["decision"]),
            "page_key": tuple(row["page_key"]),
        }
    )


def _facts(found: Facts) -> ReviewFacts:
    booking, session = found["booking"], found["session"]
    return ReviewFacts(
        **{
            **found,
            "item_id": UUID(found["item_id"]),
            "booking_id": found["booking_id"] and UUID(found["booking_id"]),
            "kind": ReviewKind(found["kind"]),
            "topic": found["topic"] and Topic(found["topic"]),
            "decision": found["decision"] and Decision(found["decision"]),
            "opened_at": datetime.fromisoformat(found["opened_at"]),
            "resolved_at": _instant(found["resolved_at"]),
            "session": None if session is None else _session(session),
            "booking": None if booking is None else _booking(booking),
            "reported": tuple(_report(one) for one in found["reported"]),
            "elsewhere": tuple(_stay(one) for one in found["elsewhere"]),
            "choices": tuple(_choice(one) for one in found["choices"]),
        }
    )


def _session(found: Facts) -> ReviewSession:
    return ReviewSession(**_with_instants(found, "starts_at", "ends_at", "closed_at"))


def _booking(found: Facts) -> ReviewBooking:
    return ReviewBooking(
        **{
            **_with_instants(found, "booked_at", "cancelled_at"),
            "status": BookingStatus(found["status"]),
            "attendance": AttendanceState(found["attendance"]),
        }
    )


def _report(found: Facts) -> Report:
    return Report(
        **{
            **_with_instants(found, "occurred_at", "recorded_at", "claimed_at"),
            "event_id": UUID(found["event_id"]),
            "kind": EventKind(found["kind"]),
            "origin": Origin(found["origin"]),
            "outcome": OutcomeKind(found["outcome"]),
            "reason": found["reason"] and RefusalReason(found["reason"]),
        }
    )


def _stay(found: Facts) -> OtherStay:
    return OtherStay(**_with_instants(found, "starts_at", "ends_at", "checked_in_at", "checked_out_at"))


def _choice(found: Facts) -> ReviewChoice:
    steps = tuple(
        Step(EventKind(one["kind"]), UUID(one["annuls"]) if one.get("annuls") else None)
        for one in found["events"]
    )
    rest = {name: value for name, value in found.items() if name != "events"}
    status = found["status_after"]
    return ReviewChoice(
        **{
            **rest,
            "decision": Decision(found["decision"]),
            "steps": steps,
            "status_after": None if status is None else BookingStatus(status),
        }
    )


def _with_instants(found: Facts, *names: str) -> dict[str, Any]:
    return {**found, **{name: _instant(found[name]) for name in names}}


def _instant(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
