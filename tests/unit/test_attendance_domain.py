"""The vocabulary of the desk protocol and what the desk says about each answer."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

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
    WayOut,
)
from console.domain.refusals import SENTENCES, explain, headline

ZONE = ZoneInfo("America/Los_Angeles")
AT = datetime(2026, 3, 12, 22, 31, tzinfo=UTC)
EVENT = UUID("01900000-0000-7000-8000-000000000001")
BOOKING = UUID("01900000-0000-7000-8000-000000000002")


def answer(
    outcome: OutcomeKind, reason: RefusalReason | None = None, detail: AnswerDetail | None = None
) -> EventAnswer:
    return EventAnswer(EVENT, outcome, reason, detail or AnswerDetail())


def test_every_reason_has_one_plain_sentence() -> None:
    assert set(SENTENCES) == set(RefusalReason)
    assert all(sentence.endswith(".") and sentence.count(".") == 1 for sentence in SENTENCES.values())
    assert len(set(SENTENCES.values())) == len(SENTENCES)


def test_an_event_says_only_what_it_knows() -> None:
    event = AttendanceEvent(EVENT, 7, EventKind.CHECK_IN, AT, booking_id=BOOKING)
    assert event.to_json() == {
        "id": str(EVENT),
        "seq": 7,
        "kind": "check_in",
        "occurred_at": "2026-03-12T22:31:00+00:00",
        "origin": "live",
        "booking_id": str(BOOKING),
    }
    queued = AttendanceEvent(EVENT, 8, EventKind.ANNUL, AT, Origin.QUEUED, annuls=BOOKING, again=True)
    assert queued.to_json()["annuls"] == str(BOOKING)
    assert queued.to_json()["again"] is True


def test_an_already_says_when_where_and_by_whom_in_the_venues_time() -> None:
    detail = AnswerDetail(at=AT, desk="Desk 2", person="Maya")
    said = headline(
        answer(OutcomeKind.ALREADY, RefusalReason.ALREADY_IN, detail), EventKind.CHECK_IN, "Ava", ZONE
    )
    assert said == "Already in: 15:31 at Desk 2, by Maya"


def test_an_echo_of_the_scanner_is_no_alarm() -> None:
    detail = AnswerDetail(at=AT, desk="Desk 2", person="Maya", just_scanned=True)
    echo = answer(OutcomeKind.ALREADY, RefusalReason.ALREADY_IN, detail)
    assert headline(echo, EventKind.CHECK_IN, "Ava", ZONE) == "Just scanned"


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        (EventKind.CHECK_IN, "Nia is in"),
        (EventKind.CHECK_OUT, "Nia is out"),
        (EventKind.ABSENT, "Nia is marked absent"),
        (EventKind.ANNUL, "Undone for Nia"),
    ],
)
def test_what_was_done_is_said_with_the_name(kind: EventKind, words: str) -> None:
    assert headline(answer(OutcomeKind.APPLIED), kind, "Nia", ZONE) == words


def test_another_session_is_named_and_offered() -> None:
    other = OtherSession(BOOKING, EVENT, "Ballet 8–10", datetime(2026, 3, 12, 23, 45, tzinfo=UTC))
    refused = answer(OutcomeKind.REJECTED, RefusalReason.WRONG_SESSION, AnswerDetail(other=other))
    assert explain(refused, ZONE) == "Not this session: Ballet 8–10, 16:45."
    assert refused.way_out is WayOut.OPEN_OTHER_SESSION
    assert answer(OutcomeKind.REJECTED, RefusalReason.WRONG_SESSION).way_out is None


@pytest.mark.parametrize(
    ("reason", "detail", "sentence", "way_out"),
    [
        (RefusalReason.TOO_EARLY, AnswerDetail(opens_at=AT), "Too early: check-in opens at 15:31.", None),
        (
            RefusalReason.TOO_LATE,
            AnswerDetail(closed_at=AT),
            "Too late: this was possible until 15:31.",
            None,
        ),
        (
            RefusalReason.WRONG_VENUE,
            AnswerDetail(venue_name="Elm Hall"),
            "This booking is for Elm Hall.",
            None,
        ),
        (
            RefusalReason.PICKUP_NOT_AUTHORISED,
            AnswerDetail(pickup_name="Sam"),
            "Sam may not collect this child.",
            WayOut.CHOOSE_SOMEONE_ELSE,
        ),
        (
            RefusalReason.ALREADY_OUT,
            AnswerDetail(at=AT, desk="Desk 1", person="Jonas"),
            "Already left: 15:31 at Desk 1, by Jonas.",
            WayOut.CHECK_IN_AGAIN,
        ),
        (
            RefusalReason.ALREADY_IN,
            AnswerDetail(at=AT, desk="Desk 1", person="Jonas"),
            "Already in: 15:31 at Desk 1, by Jonas.",
            None,
        ),
        (RefusalReason.CANCELLED, AnswerDetail(), "This booking was cancelled.", None),
    ],
)
def test_a_refusal_says_what_it_knows(
    reason: RefusalReason, detail: AnswerDetail, sentence: str, way_out: WayOut | None
) -> None:
    refused = answer(OutcomeKind.REJECTED, reason, detail)
    assert explain(refused, ZONE) == sentence
    assert headline(refused, EventKind.CHECK_IN, "Nia", ZONE) == sentence
    assert refused.way_out is way_out


def test_only_what_counts_is_recorded() -> None:
    assert answer(OutcomeKind.APPLIED).is_recorded
    assert answer(OutcomeKind.APPLIED_WITH_REVIEW, RefusalReason.CANCELLED).is_recorded
    assert not answer(OutcomeKind.ALREADY).is_recorded
    assert not answer(OutcomeKind.REJECTED, RefusalReason.CANCELLED).is_recorded
    assert explain(answer(OutcomeKind.APPLIED), ZONE) == ""


def test_states_and_kinds_are_the_words_of_the_database() -> None:
    assert [state.value for state in AttendanceState] == ["expected", "in", "out", "absent", "unmarked"]
    assert [kind.value for kind in EventKind] == ["check_in", "check_out", "absent", "annul"]
