"""attendance.record over real desk logins: what applies, what is answered, what is refused, one rule per test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from uuid import uuid4

import pytest

from console.domain.attendance import RefusalReason
from tests.support import factories
from tests.support.databases import Database
from tests.support.desk_world import NOON, SOON, Row, World


@pytest.fixture
def world(fresh_database: Database) -> Iterator[World]:
    with World(fresh_database) as made:
        yield made


def verdict(answer: Row) -> tuple[str, str | None]:
    return answer["outcome"], answer["reason"]


def test_a_check_in_is_applied_stored_and_shown_on_the_booking(world: World) -> None:
    jonas = world.person()
    booking = world.booking("Nia")
    answer = jonas.do("check_in", booking, session_id=world.session)
    assert verdict(answer) == ("applied", None)
    assert (answer["booking_id"], answer["state"], answer["state_at"]) == (booking, "in", NOON)
    assert answer["detail"] == {"first_name": "Nia"}
    kept = world.one("SELECT * FROM bookings WHERE id = %s", booking)
    assert kept["attendance_state"] == "in"
    assert kept["attendance_event_id"] == answer["event_id"]
    assert (kept["checked_in_at"], kept["checked_out_at"]) == (NOON, None)
    assert (kept["attendance_marked"], kept["attendance_marked_at"], kept["attendance_marked_by"]) == (
        True,
        NOON,
        jonas.id,
    )
    event = world.one("SELECT * FROM attendance_events")
    assert (event["device_id"], event["person_id"], event["venue_id"], event["session_id"]) == (
        jonas.device_id,
        jonas.id,
        world.venue,
        world.session,
    )
    assert (event["seq"], event["origin"], event["recorded_at"]) == (1, "live", NOON)


def test_a_code_in_any_case_and_spacing_finds_its_booking(world: World) -> None:
    jonas = world.person()
    booking = world.booking()
    typed = world.code(booking).lower().replace("-", " ")
    assert verdict(jonas.do("check_in", code=typed)) == ("applied", None)
    assert world.state(booking) == "in"


def test_in_out_and_absent_follow_each_other(world: World) -> None:
    jonas = world.person()
    booking = world.booking()
    assert jonas.do("absent", booking)["state"] == "absent"
    assert jonas.do("check_in", booking)["state"] == "in"
    answer = jonas.do("check_out", booking)
    assert answer["state"] == "out"
    kept = world.one("SELECT checked_in_at, checked_out_at, version FROM bookings WHERE id = %s", booking)
    assert kept["checked_out_at"] == answer["state_at"]
    assert kept["checked_in_at"] < kept["checked_out_at"]
    assert kept["version"] == 4


def test_a_resent_event_gets_its_stored_answer_and_changes_nothing(world: World) -> None:
    jonas = world.person()
    booking = world.booking()
    event = jonas.event("check_in", booking)
    first = jonas.record(event)
    before = world.one("SELECT version FROM bookings WHERE id = %s", booking)
    world.at(NOON + timedelta(hours=9))
    assert jonas.record(event) == first
    assert world.one("SELECT version FROM bookings WHERE id = %s", booking) == before
    assert len(world.all("SELECT id FROM attendance_events")) == 1


def test_a_resent_event_among_new_ones_is_answered_in_its_place(world: World) -> None:
    jonas = world.person()
    nia, leo = world.booking("Nia"), world.booking("Leo")
    sent = jonas.event("check_in", nia)
    jonas.record(sent)
    answers = jonas.record(jonas.event("check_in", leo), sent)
    assert [answer["booking_id"] for answer in answers] == [leo, nia]
    assert [verdict(answer) for answer in answers] == [("applied", None)] * 2


def test_a_second_check_in_says_when_where_and_by_whom(world: World) -> None:
    maya = world.person(name="Maya", desk=world.desk("Desk 2"))
    jonas = world.person()
    booking = world.booking("Ava")
    maya.do("check_in", booking)
    world.at(NOON + timedelta(minutes=11))
    answer = jonas.do("check_in", booking, at=world.now)
    assert verdict(answer) == ("already", "already_in")
    assert answer["detail"]["person"] == "Maya"
    assert answer["detail"]["desk"] == "Desk 2"
    assert datetime.fromisoformat(answer["detail"]["at"]) == NOON
    assert "just_scanned" not in answer["detail"]
    assert answer["state_at"] == NOON


def test_the_echo_of_a_scanner_within_ten_seconds_is_just_scanned(world: World) -> None:
    jonas = world.person()
    booking = world.booking()
    jonas.do("check_in", booking)
    world.at(NOON + timedelta(seconds=9))
    assert jonas.do("check_in", booking, at=world.now)["detail"]["just_scanned"] is True
    world.at(NOON + timedelta(seconds=11))
    assert "just_scanned" not in jonas.do("check_in", booking, at=world.now)["detail"]


def test_another_desk_within_ten_seconds_is_no_echo(world: World) -> None:
    jonas, maya = world.person(), world.person(name="Maya", desk=world.desk("Desk 2"))
    booking = world.booking()
    jonas.do("check_in", booking)
    assert "just_scanned" not in maya.do("check_in", booking)["detail"]


def test_a_second_check_out_is_already_out(world: World) -> None:
    jonas = world.person()
    booking = world.booking()
    jonas.record(jonas.event("check_in", booking), jonas.event("check_out", booking))
    assert verdict(jonas.do("check_out", booking)) == ("already", "already_out")


def test_a_second_absent_mark_is_already(world: World) -> None:
    jonas = world.person()
    booking = world.booking()
    jonas.do("absent", booking)
    assert verdict(jonas.do("absent", booking)) == ("already", None)


def test_in_annul_in_again_in_one_batch_come_out_right(world: World) -> None:
    jonas = world.person()
    booking = world.booking()
    first = jonas.event("check_in", booking)
    answers = jonas.record(first, jonas.event("annul", annuls=first["id"]), jonas.event("check_in", booking))
    assert [verdict(answer) for answer in answers] == [("applied", None)] * 3
    assert world.state(booking) == "in"
    kept = world.one("SELECT attendance_event_id FROM bookings WHERE id = %s", booking)
    assert kept["attendance_event_id"] == answers[2]["event_id"]


def test_a_child_who_left_comes_back_only_on_purpose(world: World) -> None:
    jonas = world.person()
    booking = world.booking()
    jonas.record(jonas.event("check_in", booking), jonas.event("check_out", booking))
    refused = jonas.do("check_in", booking)
    assert verdict(refused) == ("rejected", "already_out")
    assert refused["detail"]["person"] == "Jonas"
    assert refused["state"] == "out"
    assert verdict(jonas.do("check_in", booking, again=True)) == ("applied", None)
    kept = world.one("SELECT * FROM bookings WHERE id = %s", booking)
    assert (kept["attendance_state"], kept["checked_out_at"]) == ("in", None)
    assert kept["checked_in_at"] < kept["attendance_at"]


# Refusals, each reachable.


def unknown_code(world: World) -> Row:
    return world.person().do("check_in", code="K7Q4-2MXR-6")


def wrong_venue(world: World) -> Row:
    elsewhere = factories.venue(world.admin, name="Elm Hall")
    booking = world.booking(session=world.other_session(venue=elsewhere))
    return world.person(venues=(world.venue, elsewhere)).do("check_in", booking, session_id=world.session)


def wrong_session(world: World) -> Row:
    booking = world.booking(session=world.other_session("Ballet 8–10"))
    return world.person().do("check_in", booking, session_id=world.session)


def already_in(world: World) -> Row:
    jonas = world.person()
    booking = world.booking()
    jonas.do("check_in", booking)
    return jonas.do("absent", booking)


def already_out(world: World) -> Row:
    jonas = world.person()
    booking = world.booking()
    jonas.record(jonas.event("check_in", booking), jonas.event("check_out", booking))
    return jonas.do("absent", booking)


def cancelled(world: World) -> Row:
    return world.person().do("check_in", world.booking(status="cancelled_parent"))


def not_confirmed(world: World) -> Row:
    return world.person().do("check_in", world.booking(status="pending"))


def session_cancelled(world: World) -> Row:
    called_off = world.other_session(is_cancelled=True, cancelled_at=NOON)
    return world.person().do("check_in", world.booking(session=called_off))


def too_early(world: World) -> Row:
    return world.person().do(
        "check_in", world.booking(session=world.other_session(starts_at=NOON + timedelta(minutes=61)))
    )


def too_late(world: World) -> Row:
    return world.person().do(
        "check_in", world.booking(session=world.other_session(starts_at=NOON - timedelta(minutes=91)))
    )


def not_in(world: World) -> Row:
    return world.person().do("check_out", world.booking())


def pickup_not_authorised(world: World) -> Row:
    jonas = world.person()
    child = world.child()
    sam = factories.pickup_person(world.admin, child, name="Sam", may_collect=False)
    booking = world.booking(child)
    jonas.do("check_in", booking)
    return jonas.do("check_out", booking, pickup_person_id=sam)


def device_revoked(world: World) -> Row:
    jonas = world.person()
    world.admin.execute(
        "UPDATE auth.devices SET status = 'revoked', revoked_at = now() WHERE id = %s", [jonas.device_id]
    )
    return jonas.do("check_in", world.booking())


def not_permitted(world: World) -> Row:
    return world.person("venue_finance").do("check_in", world.booking())


REFUSALS = [
    unknown_code,
    wrong_venue,
    wrong_session,
    already_in,
    already_out,
    cancelled,
    not_confirmed,
    session_cancelled,
    too_early,
    too_late,
    not_in,
    pickup_not_authorised,
    device_revoked,
    not_permitted,
]


def test_the_list_of_refusals_is_complete() -> None:
    assert [arrange.__name__ for arrange in REFUSALS] == [reason.value for reason in RefusalReason]


@pytest.mark.parametrize("arrange", REFUSALS, ids=lambda arrange: arrange.__name__)
def test_every_refusal_can_happen_and_leaves_the_booking_alone(
    world: World, arrange: Callable[[World], Row]
) -> None:
    answer = arrange(world)
    assert verdict(answer) == ("rejected", arrange.__name__)
    stored = world.all("SELECT outcome, reason FROM attendance_events WHERE id = %s", answer["event_id"])
    if arrange is device_revoked:
        assert stored == []
    else:
        assert stored == [{"outcome": "rejected", "reason": arrange.__name__}]
    if answer["booking_id"] is not None:
        kept = world.one("SELECT attendance_event_id FROM bookings WHERE id = %s", answer["booking_id"])
        assert kept["attendance_event_id"] != answer["event_id"]


def test_another_session_is_named_with_its_start(world: World) -> None:
    answer = wrong_session(world)
    other = answer["detail"]["other"]
    assert other["name"] == "Ballet 8–10"
    assert datetime.fromisoformat(other["starts_at"]) == SOON
    assert other["booking_id"] == str(answer["booking_id"])
    assert answer["detail"]["first_name"] == "Nia"


def test_a_venue_of_ones_own_is_named(world: World) -> None:
    assert wrong_venue(world)["detail"]["venue_name"] == "Elm Hall"


def test_too_early_says_from_when(world: World) -> None:
    assert datetime.fromisoformat(too_early(world)["detail"]["opens_at"]) == NOON + timedelta(minutes=1)


def test_the_windows_are_settings(world: World) -> None:
    jonas = world.person()
    factories.setting(world.admin, "attendance_opens_minutes", 90)
    factories.setting(world.admin, "attendance_grace_minutes", 60)
    early = world.booking(session=world.other_session(starts_at=NOON + timedelta(minutes=61)))
    late = world.booking(session=world.other_session(starts_at=NOON - timedelta(minutes=91)))
    assert [verdict(jonas.do("check_in", booking)) for booking in (early, late)] == [("applied", None)] * 2


def test_another_venues_bookings_look_as_if_they_did_not_exist(world: World) -> None:
    foreign = world.booking("Zed", world.other_session(venue=factories.venue(world.admin)))
    jonas = world.person()
    batch = [
        jonas.event("check_in", foreign),
        jonas.event("check_in", uuid4()),
        jonas.event("check_out", foreign),
        jonas.event("check_in", code=world.code(foreign)),
        jonas.event("check_in", code="K7Q4-2MXR-6"),
    ]
    answers = jonas.record(*batch)
    for answer in answers:
        del answer["event_id"]
    assert answers == [answers[1]] * 5
    assert verdict(answers[0]) == ("rejected", "unknown_code")
    assert (answers[0]["detail"], answers[0]["booking_id"], answers[0]["state"]) == ({}, None, None)
    assert (
        world.all("SELECT 1 FROM attendance_events WHERE booking_id IS NOT NULL OR venue_id IS NOT NULL")
        == []
    )
    assert world.state(foreign) == "expected"


def test_a_desk_bound_to_its_venue_does_not_know_another_even_for_somebody_who_works_there(
    world: World,
) -> None:
    elsewhere = factories.venue(world.admin)
    booking = world.booking(session=world.other_session(venue=elsewhere))
    desk = world.desk(venue=world.venue)
    maya = world.person(desk=desk, venues=(world.venue, elsewhere))
    assert verdict(maya.do("check_in", booking)) == ("rejected", "unknown_code")
