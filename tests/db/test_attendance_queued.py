"""Queued events are reports of what happened, not requests: recorded all the same, flagged, and shown to a manager."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from uuid import UUID

import pytest

from tests.support import factories
from tests.support.databases import Database
from tests.support.desk_world import NOON, Person, Row, World

WHILE_OFFLINE = NOON - timedelta(minutes=10)


@pytest.fixture
def world(fresh_database: Database) -> Iterator[World]:
    with World(fresh_database) as made:
        yield made


def queued(who: Person, kind: str, booking: UUID, **facts: object) -> Row:
    return who.do(kind, booking, **({"origin": "queued", "at": WHILE_OFFLINE} | facts))


def review(world: World) -> Row:
    return world.one("SELECT kind, booking_id, session_id, event_id, venue_id, resolved_at FROM review_items")


def test_a_queued_event_keeps_its_own_time(world: World) -> None:
    jonas = world.person()
    booking = world.booking()
    answer = queued(jonas, "check_in", booking)
    assert (answer["outcome"], answer["reason"], answer["state_at"]) == ("applied", None, WHILE_OFFLINE)
    assert world.one("SELECT recorded_at FROM attendance_events") == {"recorded_at": NOON}
    assert world.all("SELECT 1 FROM review_items") == []


def cancelled(world: World, jonas: Person) -> tuple[UUID, str, dict[str, object]]:
    return world.booking(status="cancelled_parent"), "check_in", {}


def not_confirmed(world: World, jonas: Person) -> tuple[UUID, str, dict[str, object]]:
    return world.booking(status="pending"), "check_in", {}


def session_cancelled(world: World, jonas: Person) -> tuple[UUID, str, dict[str, object]]:
    called_off = world.other_session(is_cancelled=True, cancelled_at=NOON)
    return world.booking(session=called_off), "check_in", {}


def wrong_session(world: World, jonas: Person) -> tuple[UUID, str, dict[str, object]]:
    return world.booking(), "check_in", {"session_id": world.other_session()}


def too_early(world: World, jonas: Person) -> tuple[UUID, str, dict[str, object]]:
    return world.booking(), "check_in", {"at": NOON - timedelta(minutes=51)}


def too_late(world: World, jonas: Person) -> tuple[UUID, str, dict[str, object]]:
    return world.booking(session=world.other_session(starts_at=NOON - timedelta(hours=3))), "check_in", {}


def not_in(world: World, jonas: Person) -> tuple[UUID, str, dict[str, object]]:
    return world.booking(), "check_out", {}


def already_out(world: World, jonas: Person) -> tuple[UUID, str, dict[str, object]]:
    booking = world.booking()
    earlier = NOON - timedelta(minutes=30)
    queued(jonas, "check_in", booking, at=earlier)
    queued(jonas, "check_out", booking, at=earlier, pickup_name="Ana")
    return booking, "check_in", {}


def already_in(world: World, jonas: Person) -> tuple[UUID, str, dict[str, object]]:
    booking = world.booking()
    queued(jonas, "check_in", booking, at=NOON - timedelta(minutes=30))
    return booking, "absent", {}


def pickup_not_authorised(world: World, jonas: Person) -> tuple[UUID, str, dict[str, object]]:
    child = world.child()
    sam = factories.pickup_person(world.admin, child, name="Sam", may_collect=False)
    booking = world.booking(child)
    queued(jonas, "check_in", booking, at=NOON - timedelta(minutes=30))
    return booking, "check_out", {"pickup_person_id": sam}


def not_permitted(world: World, jonas: Person) -> tuple[UUID, str, dict[str, object]]:
    stranger = factories.user(world.admin, first_name="Stranger")
    return world.booking(), "check_in", {"person_id": stranger}


Arrange = Callable[[World, Person], tuple[UUID, str, dict[str, object]]]
CASES: dict[str, tuple[Arrange, str]] = {
    "cancelled": (cancelled, "refused_but_came"),
    "not_confirmed": (not_confirmed, "refused_but_came"),
    "session_cancelled": (session_cancelled, "refused_but_came"),
    "wrong_session": (wrong_session, "refused_but_came"),
    "too_early": (too_early, "refused_but_came"),
    "too_late": (too_late, "late_event"),
    "not_in": (not_in, "refused_but_came"),
    "already_out": (already_out, "refused_but_came"),
    "already_in": (already_in, "refused_but_came"),
    "pickup_not_authorised": (pickup_not_authorised, "pickup_alert"),
    "not_permitted": (not_permitted, "refused_but_came"),
}


@pytest.mark.parametrize("reason", CASES)
def test_what_would_have_been_refused_is_recorded_and_opens_a_review_item(world: World, reason: str) -> None:
    jonas = world.person()
    arrange, item = CASES[reason]
    booking, kind, facts = arrange(world, jonas)
    paid_back = "SELECT status, credits_refunded FROM bookings WHERE id = %s"
    before = world.one(paid_back, booking)
    answer = queued(jonas, kind, booking, **facts)
    assert (answer["outcome"], answer["reason"]) == ("applied_with_review", reason)
    assert answer["state"] == {"check_in": "in", "check_out": "out", "absent": "absent"}[kind]
    stored = world.one(
        "SELECT outcome, reason, would_have_refused FROM attendance_events WHERE id = %s", answer["event_id"]
    )
    assert stored == {"outcome": "applied_with_review", "reason": None, "would_have_refused": reason}
    session = world.one("SELECT session_id FROM bookings WHERE id = %s", booking)["session_id"]
    assert review(world) == {
        "kind": item,
        "booking_id": booking,
        "session_id": session,
        "event_id": answer["event_id"],
        "venue_id": world.venue,
        "resolved_at": None,
    }
    # It never reverses money, or the cancellation, by itself.
    assert world.one(paid_back, booking) == before


def test_an_unknown_code_is_refused_even_when_queued(world: World) -> None:
    jonas = world.person()
    answer = jonas.do("check_in", code="K7Q4-2MXR-6", origin="queued", at=WHILE_OFFLINE)
    assert (answer["outcome"], answer["reason"]) == ("rejected", "unknown_code")
    assert world.one("SELECT code FROM attendance_events") == {"code": "K7Q4-2MXR-6"}


def test_of_two_offline_desks_the_second_to_upload_gets_already(world: World) -> None:
    jonas, maya = world.person(), world.person(name="Maya", desk=world.desk("Desk 2"))
    booking = world.booking()
    queued(jonas, "check_in", booking)
    for minutes in (-5, 5):  # Maya's was later, or earlier: uploaded second either way
        answer = queued(maya, "check_in", booking, at=WHILE_OFFLINE + timedelta(minutes=minutes))
        assert (answer["outcome"], answer["reason"]) == ("already", "already_in")
        assert answer["detail"]["person"] == "Jonas"
        assert answer["state_at"] == WHILE_OFFLINE


def test_a_late_report_takes_its_place_in_time(world: World) -> None:
    jonas, maya = world.person(), world.person(name="Maya", desk=world.desk("Desk 2"))
    booking = world.booking()
    queued(maya, "check_out", booking, at=NOON - timedelta(minutes=1))
    answer = queued(jonas, "check_in", booking, at=NOON - timedelta(minutes=20))
    assert answer["outcome"] == "applied"
    assert answer["state"] == "out"
    kept = world.one("SELECT checked_in_at, checked_out_at FROM bookings WHERE id = %s", booking)
    assert kept == {
        "checked_in_at": NOON - timedelta(minutes=20),
        "checked_out_at": NOON - timedelta(minutes=1),
    }


def test_outcomes_are_judged_on_arrival_and_never_rewritten(world: World) -> None:
    jonas = world.person()
    booking = world.booking()
    out = jonas.event("check_out", booking, origin="queued", at=NOON - timedelta(minutes=1))
    jonas.record(out)
    queued(jonas, "check_in", booking, at=NOON - timedelta(minutes=1))
    assert jonas.record(out)[0]["outcome"] == "applied_with_review"


def test_a_replayed_batch_comes_out_like_the_live_one(world: World) -> None:
    jonas = world.person()
    bookings = [world.booking(name) for name in ("Nia", "Leo", "Ava")]
    batch = []
    for minute, kind in enumerate(("check_in", "check_out", "check_in")):
        for booking in bookings:
            at = NOON - timedelta(minutes=30 - minute)
            batch.append(jonas.event(kind, booking, origin="queued", at=at, again=True))
    answers = jonas.record(*batch)
    assert [answer["outcome"] for answer in answers] == ["applied"] * 9
    assert {world.state(booking) for booking in bookings} == {"in"}


def test_the_claim_of_who_did_it_holds_for_people_of_this_desk(world: World) -> None:
    desk = world.desk()
    maya = world.person(name="Maya", desk=desk)
    jonas = world.person(desk=desk)
    booking = world.booking()
    answer = queued(jonas, "check_in", booking, person_id=maya.id)
    assert answer["outcome"] == "applied"
    assert world.one("SELECT person_id FROM attendance_events") == {"person_id": maya.id}


def test_a_live_event_is_done_by_who_is_signed_in(world: World) -> None:
    desk = world.desk()
    maya = world.person(name="Maya", desk=desk)
    jonas = world.person(desk=desk)
    answer = jonas.do("check_in", world.booking(), person_id=maya.id)
    assert (answer["outcome"], answer["reason"]) == ("rejected", "not_permitted")
    assert world.one("SELECT person_id FROM attendance_events") == {"person_id": jonas.id}


def test_a_claim_from_the_future_is_brought_back_to_now_and_looked_at(world: World) -> None:
    jonas = world.person()
    answer = queued(jonas, "check_in", world.booking(), at=NOON + timedelta(days=400))
    assert (answer["outcome"], answer["reason"], answer["state_at"]) == ("applied_with_review", None, NOON)
    assert review(world)["kind"] == "clock_suspect"
    assert world.one("SELECT detail FROM attendance_events")["detail"]["claimed_at"].startswith("2027-04-06")


def test_a_desks_clock_never_runs_backwards(world: World) -> None:
    jonas = world.person()
    first, second = world.booking("Nia"), world.booking("Leo")
    queued(jonas, "check_in", first)
    answer = queued(jonas, "check_in", second, at=WHILE_OFFLINE - timedelta(minutes=5))
    assert answer["state_at"] == WHILE_OFFLINE


def test_a_live_event_happens_now_whatever_the_desks_clock_says(world: World) -> None:
    jonas = world.person()
    for name, off in (("Nia", timedelta(hours=-1)), ("Leo", timedelta(hours=1))):
        assert jonas.do("check_in", world.booking(name), at=NOON + off)["state_at"] == NOON
    assert jonas.do("check_in", world.booking("Ava"), at=NOON - timedelta(seconds=90))[
        "state_at"
    ] == NOON - timedelta(seconds=90)
    assert world.all("SELECT 1 FROM review_items") == []


def test_a_slow_clock_at_another_desk_does_not_reorder_live_events(world: World) -> None:
    jonas, maya = world.person(), world.person(name="Maya", desk=world.desk("Desk 2"))
    booking = world.booking()
    jonas.do("check_in", booking)
    answer = maya.do("check_in", booking, at=NOON - timedelta(seconds=30))
    assert (answer["outcome"], answer["reason"]) == ("already", "already_in")


def test_a_no_show_who_came_after_all_is_recorded_after_the_session_was_closed(world: World) -> None:
    jonas = world.person()
    booking = world.booking(status="no_show")
    world.admin.execute("UPDATE activity_sessions SET closed_at = %s WHERE id = %s", [NOON, world.session])
    answer = queued(jonas, "check_in", booking)
    assert (answer["outcome"], answer["reason"], answer["state"]) == ("applied_with_review", "too_late", "in")
    assert world.one("SELECT status FROM bookings WHERE id = %s", booking) == {"status": "no_show"}
