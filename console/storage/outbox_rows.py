"""From events and answers to the text that the outbox keeps, and back.

What is kept of an answer are ids and times: names of people and places in it were for the screen that waited, and the
outbox outlives whoever was signed in. See docs/design.md, "The desk protocol".
"""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any
from uuid import UUID

from console.domain.attendance import (
    AnswerDetail,
    AttendanceEvent,
    AttendanceState,
    EventAnswer,
    EventKind,
    Origin,
    OtherSession,
    OutcomeKind,
    RefusalReason,
)
from console.domain.sync import QueuedEvent, QueueState

COLUMNS = "seq, id, venue, facts, state, answer, answered_at, note, decided_by, retried_as"
"""The columns of an event in the order that `queued_event` takes them."""


def event_text(event: AttendanceEvent) -> str:
    """What is kept of an event beside its id and number.

    Somebody of the pickup list is named by id alone; only a name that was typed for "someone else" is kept.
    """
    facts = event.to_json()
    del facts["id"], facts["seq"]
    if event.pickup_person_id is not None:
        facts.pop("pickup_name", None)
    return json.dumps(facts)


def event_of(seq: int, event_id: str, text: str) -> AttendanceEvent:
    """The event that `event_text` kept."""
    facts = json.loads(text)
    return AttendanceEvent(
        id=UUID(event_id),
        seq=seq,
        kind=EventKind(facts["kind"]),
        occurred_at=datetime.fromisoformat(facts["occurred_at"]),
        origin=Origin(facts["origin"]),
        booking_id=_id(facts.get("booking_id")),
        code=facts.get("code"),
        session_id=_id(facts.get("session_id")),
        person_id=_id(facts.get("person_id")),
        pickup_person_id=_id(facts.get("pickup_person_id")),
        pickup_name=facts.get("pickup_name"),
        annuls=_id(facts.get("annuls")),
        again=facts.get("again", False),
    )


def answer_text(answer: EventAnswer) -> str:
    """What is kept of an answer: no names."""
    detail = answer.detail
    other = detail.other
    facts = {
        "outcome": answer.outcome.value,
        "reason": answer.reason.value if answer.reason else None,
        "booking_id": _text(answer.booking_id),
        "state": answer.state.value if answer.state else None,
        "state_at": _text(answer.state_at),
        "at": _text(detail.at),
        "just_scanned": detail.just_scanned or None,
        "other": None
        if other is None
        else [str(other.booking_id), str(other.session_id), other.starts_at.isoformat()],
        "opens_at": _text(detail.opens_at),
        "closed_at": _text(detail.closed_at),
    }
    return json.dumps({name: value for name, value in facts.items() if value is not None})


def answer_of(event_id: UUID, text: str) -> EventAnswer:
    """The answer that `answer_text` kept."""
    facts = json.loads(text)
    other = facts.get("other")
    return EventAnswer(
        event_id=event_id,
        outcome=OutcomeKind(facts["outcome"]),
        reason=RefusalReason(facts["reason"]) if "reason" in facts else None,
        detail=AnswerDetail(
            at=_instant(facts.get("at")),
            just_scanned=facts.get("just_scanned", False),
            other=None
            if other is None
            else OtherSession(UUID(other[0]), UUID(other[1]), "", datetime.fromisoformat(other[2])),
            opens_at=_instant(facts.get("opens_at")),
            closed_at=_instant(facts.get("closed_at")),
        ),
        booking_id=_id(facts.get("booking_id")),
        state=AttendanceState(facts["state"]) if "state" in facts else None,
        state_at=_instant(facts.get("state_at")),
    )


def queued_event(row: tuple[Any, ...]) -> QueuedEvent:
    """A row of COLUMNS."""
    seq, event_id, venue, facts, state, answer, answered_at, note, decided_by, retried_as = row
    event = event_of(seq, event_id, facts)
    return QueuedEvent(
        event=event,
        venue_id=UUID(venue),
        state=QueueState(state),
        answer=None if answer is None else answer_of(event.id, answer),
        answered_at=_instant(answered_at),
        note=note or "",
        by=_id(decided_by),
        retried_as=_id(retried_as),
    )


def _text(value: UUID | datetime | None) -> str | None:
    if value is None:
        return None
    return value.isoformat() if isinstance(value, datetime) else str(value)


def _id(text: str | None) -> UUID | None:
    return None if text is None else UUID(text)


def _instant(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
