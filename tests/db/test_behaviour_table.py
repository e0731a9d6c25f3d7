"""How check-in behaves, rule by rule, as docs/behaviour.md lists them: each test is one line of that table.

Every rule is tried over real logins of desks. The refusals have a table of their own (test_behaviour_refusals.py).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import pytest
from psycopg.types.json import Jsonb

from tests.support import factories
from tests.support.databases import Database
from tests.support.desk_world import NOON, Person, Row, World
from tests.support.identities import refusal

HERE = Path(__file__).resolve()
PAGE = HERE.parents[2] / "docs" / "behaviour.md"
COUNTED = (
    "attendance_events",
    "bookings",
    "review_items",
    "audit_logs",
    "credit_ledger",
    "activity_sessions",
    "app.tombstones",
)


@pytest.fixture
def world(fresh_database: Database) -> Iterator[World]:
    with World(fresh_database) as made:
        yield made


@pytest.fixture
def jonas(world: World) -> Person:
    return world.person()


@pytest.fixture
def maya(world: World) -> Person:
    return world.person(name="Maya", desk=world.desk("Desk 2"))


def queued(who: Person, kind: str, booking: UUID, minutes: float, **facts: Any) -> Row:
    """An event of `minutes` before noon, sent only now."""
    return who.event(kind, booking, origin="queued", at=NOON - timedelta(minutes=minutes), **facts)


def said(answer: Row) -> tuple[str, str | None, str | None]:
    return answer["outcome"], answer["reason"], answer["state"]


def everything(world: World) -> dict[str, object]:
    """Every row of every table that recording could touch."""
    return {
        table: world.one(
            f"SELECT count(*) AS n, md5(string_agg(t::text, '' ORDER BY t::text)) AS h FROM {table} AS t"
        )
        for table in COUNTED
    }


# The same thing twice.


def test_a_repeat_scan_is_already_and_names_the_first(world: World, jonas: Person, maya: Person) -> None:
    booking = world.booking()
    jonas.do("check_in", booking)
    world.at(NOON + timedelta(minutes=3))
    answer = maya.do("check_in", code=world.code(booking), at=world.now)
    assert said(answer) == ("already", "already_in", "in")
    assert (answer["detail"]["desk"], answer["detail"]["person"]) == ("Desk 1", "Jonas")
    assert datetime.fromisoformat(answer["detail"]["at"]) == answer["state_at"] == NOON
    assert "just_scanned" not in answer["detail"]


def test_the_same_id_resent_gets_the_stored_answer(world: World, jonas: Person) -> None:
    event = jonas.event("check_in", world.booking())
    first = jonas.record(event)
    before = everything(world)
    world.at(NOON + timedelta(hours=2))
    assert jonas.record(event) == first
    assert everything(world) == before


def test_the_same_id_with_other_facts_changes_nothing(world: World, jonas: Person) -> None:
    booking, other = world.booking(), world.booking("Leo")
    event = jonas.event("check_in", booking)
    first = jonas.record(event)
    assert jonas.record(event | {"kind": "check_out", "booking_id": str(other)}) == first
    assert (world.state(booking), world.state(other)) == ("in", "expected")


def test_two_offline_desks_agree_on_one_check_in(world: World, jonas: Person, maya: Person) -> None:
    booking = world.booking()
    jonas.record(queued(jonas, "check_in", booking, 10))
    assert said(maya.record(queued(maya, "check_in", booking, 12))[0]) == ("already", "already_in", "in")
    assert len(world.all("SELECT 1 FROM attendance_events WHERE outcome = 'applied'")) == 1


# Another list.


def test_a_ticket_of_another_session_is_not_let_in_here(world: World, jonas: Person) -> None:
    booking = world.booking(session=world.other_session("Ballet"))
    answer = jonas.do("check_in", code=world.code(booking), session_id=world.session)
    assert said(answer) == ("rejected", "wrong_session", "expected")
    assert answer["detail"]["other"]["name"] == "Ballet"


def test_a_ticket_of_another_venue_is_unknown_here(world: World, jonas: Person) -> None:
    booking = world.booking(session=world.other_session(venue=factories.venue(world.admin)))
    answer = jonas.do("check_in", code=world.code(booking), session_id=world.session)
    assert (said(answer), answer["booking_id"], answer["detail"]) == (
        ("rejected", "unknown_code", None),
        None,
        {},
    )


def test_an_unknown_code_is_never_accepted(world: World, jonas: Person) -> None:
    for facts in ({}, {"origin": "queued"}, {"again": True}, {"origin": "queued", "again": True}):
        answer = jonas.do("check_in", code="K7Q4-2MXR-6", **facts)
        assert said(answer) == ("rejected", "unknown_code", None)
    assert world.all("SELECT 1 FROM attendance_events WHERE outcome <> 'rejected'") == []


# Scan time, not upload time.


def test_order_is_by_scan_time_not_by_upload_time(world: World, jonas: Person, maya: Person) -> None:
    booking = world.booking()
    jonas.record(queued(jonas, "check_in", booking, 30))
    maya.record(queued(maya, "check_out", booking, 5))
    answer = jonas.record(queued(jonas, "check_out", booking, 20))[0]
    assert said(answer) == ("already", "already_out", "out")
    back = jonas.record(queued(jonas, "check_in", booking, 15, again=True))[0]
    # It happened before the child left for good, so the last word stays the later one.
    assert (back["state"], back["state_at"]) == ("out", NOON - timedelta(minutes=5))


def test_a_batch_in_any_order_adds_up_by_scan_time(world: World, jonas: Person, maya: Person) -> None:
    booking = world.booking()
    left = queued(maya, "check_out", booking, 5)
    came = queued(jonas, "check_in", booking, 25)
    maya.record(left)
    jonas.record(came)
    kept = world.one(
        "SELECT attendance_state, checked_in_at, checked_out_at FROM bookings WHERE id = %s", booking
    )
    assert kept == {
        "attendance_state": "out",
        "checked_in_at": NOON - timedelta(minutes=25),
        "checked_out_at": NOON - timedelta(minutes=5),
    }


def test_the_window_is_judged_at_scan_time(world: World, jonas: Person) -> None:
    session = world.other_session(starts_at=NOON - timedelta(minutes=50), ends_at=NOON - timedelta(minutes=5))
    in_time, early = world.booking(session=session), world.booking("Leo", session=session)
    world.at(NOON + timedelta(hours=5))
    assert said(jonas.record(queued(jonas, "check_in", early, 111))[0])[:2] == (
        "applied_with_review",
        "too_early",
    )
    assert said(jonas.record(queued(jonas, "check_in", in_time, 40))[0]) == ("applied", None, "in")
    late = world.booking("Ava", session=session)
    assert said(jonas.do("check_in", late, at=world.now))[:2] == ("rejected", "too_late")


def test_who_may_is_judged_by_who_did_it_not_by_who_uploads(world: World) -> None:
    desk = world.desk()
    maya = world.person(name="Maya", desk=desk)
    jonas = world.person(desk=desk)
    answer = jonas.record(queued(jonas, "check_in", world.booking(), 10, person_id=maya.id))[0]
    assert said(answer) == ("applied", None, "in")
    assert world.one("SELECT person_id FROM attendance_events") == {"person_id": maya.id}


# Bookings that do not stand.


def test_a_cancelled_booking_is_refused_and_after_the_fact_shown_to_a_manager(
    world: World, jonas: Person
) -> None:
    booking = world.booking(status="cancelled_parent")
    assert said(jonas.do("check_in", booking)) == ("rejected", "cancelled", "expected")
    money = "SELECT status, credits_refunded FROM bookings WHERE id = %s"
    before = world.one(money, booking)
    assert said(jonas.record(queued(jonas, "check_in", booking, 10))[0]) == (
        "applied_with_review",
        "cancelled",
        "in",
    )
    assert (world.one(money, booking), len(world.all("SELECT 1 FROM review_items"))) == (before, 1)


def test_a_booking_that_is_not_confirmed_is_refused(world: World, jonas: Person) -> None:
    booking = world.booking(status="pending")
    assert said(jonas.do("check_in", booking)) == ("rejected", "not_confirmed", "expected")
    world.admin.execute(
        "UPDATE bookings SET status = 'confirmed', confirmed_at = %s WHERE id = %s", [NOON, booking]
    )
    assert said(jonas.do("check_in", booking)) == ("applied", None, "in")


def test_a_session_closed_meanwhile_takes_late_reports_with_a_look(world: World, jonas: Person) -> None:
    booking = world.booking(status="no_show")
    world.admin.execute("UPDATE activity_sessions SET closed_at = %s WHERE id = %s", [NOON, world.session])
    assert said(jonas.do("check_in", booking))[:2] == ("rejected", "too_late")
    answer = jonas.record(queued(jonas, "check_in", booking, 10))[0]
    assert said(answer) == ("applied_with_review", "too_late", "in")
    assert world.one("SELECT kind FROM review_items") == {"kind": "late_event"}


# On purpose.


def test_again_brings_a_child_back_in(world: World, jonas: Person) -> None:
    booking = world.booking()
    jonas.record(jonas.event("check_in", booking), jonas.event("check_out", booking))
    assert said(jonas.do("check_in", booking)) == ("rejected", "already_out", "out")
    assert said(jonas.do("check_in", booking, again=True)) == ("applied", None, "in")


def test_again_overrules_nothing_else(world: World, jonas: Person) -> None:
    inside = world.booking()
    jonas.do("check_in", inside)
    assert said(jonas.do("check_in", inside, again=True))[:2] == ("already", "already_in")
    cancelled = world.booking("Leo", status="cancelled_parent")
    assert said(jonas.do("check_in", cancelled, again=True))[:2] == ("rejected", "cancelled")


# In and out.


def test_an_exit_without_an_entry_is_refused_and_after_the_fact_recorded(world: World, jonas: Person) -> None:
    booking = world.booking()
    assert said(jonas.do("check_out", booking)) == ("rejected", "not_in", "expected")
    assert said(jonas.record(queued(jonas, "check_out", booking, 1))[0]) == (
        "applied_with_review",
        "not_in",
        "out",
    )


def test_an_entry_after_an_exit_counts_as_one_visit(world: World, jonas: Person) -> None:
    booking = world.booking()
    for minutes, kind, again in ((40, "check_in", False), (30, "check_out", False), (20, "check_in", True)):
        answer = jonas.record(queued(jonas, kind, booking, minutes, again=again))[0]
        assert answer["outcome"] == "applied"
    kept = world.one(
        "SELECT attendance_state, checked_in_at, checked_out_at FROM bookings WHERE id = %s", booking
    )
    assert (kept["attendance_state"], kept["checked_out_at"]) == ("in", None)
    # Since when the child is a guest today is when it came first.
    assert kept["checked_in_at"] == NOON - timedelta(minutes=40)


def test_an_exit_is_never_held_up(world: World, jonas: Person) -> None:
    booking = world.booking()
    jonas.do("check_in", booking)
    world.admin.execute(
        "UPDATE bookings SET status = 'cancelled_venue', cancelled_at = %s WHERE id = %s", [NOON, booking]
    )
    world.admin.execute(
        "UPDATE activity_sessions SET is_cancelled = true, cancelled_at = %s WHERE id = %s",
        [NOON, world.session],
    )
    world.at(NOON + timedelta(hours=9))
    assert said(jonas.do("check_out", booking, at=world.now)) == ("applied", None, "out")


# Taking back.


def test_the_same_desk_and_person_annul_within_fifteen_minutes(world: World, jonas: Person) -> None:
    booking = world.booking()
    first = jonas.do("check_in", booking)["event_id"]
    world.at(NOON + timedelta(minutes=15))
    assert said(jonas.do("annul", annuls=first, at=world.now)) == ("applied", None, "expected")
    again = jonas.do("check_in", booking, at=world.now)["event_id"]
    world.at(NOON + timedelta(minutes=31))
    assert said(jonas.do("annul", annuls=again, at=world.now)) == ("rejected", "too_late", "in")


def test_another_desk_may_not_annul(world: World, jonas: Person) -> None:
    entered = jonas.do("check_in", world.booking())["event_id"]
    there = world.sign_in(jonas.id, "Jonas", world.desk("Desk 2"))
    assert said(there.do("annul", annuls=entered)) == ("rejected", "not_permitted", "in")
    late = there.event("annul", annuls=entered, origin="queued", at=NOON)
    assert said(there.record(late)[0]) == ("rejected", "not_permitted", "in")


def test_another_person_may_not_annul(world: World) -> None:
    desk = world.desk()
    jonas, maya = world.person(desk=desk), world.person(name="Maya", desk=desk)
    entered = jonas.do("check_in", world.booking())["event_id"]
    assert said(maya.do("annul", annuls=entered)) == ("rejected", "not_permitted", "in")


def test_a_manager_annuls_later_and_from_anywhere(world: World, jonas: Person) -> None:
    boss = world.person("manager", name="Ada", desk=world.desk("Office"))
    entered = jonas.do("check_in", world.booking())["event_id"]
    world.at(NOON + timedelta(hours=6))
    assert said(boss.do("annul", annuls=entered, at=world.now)) == ("applied", None, "expected")
    assert len(world.all("SELECT 1 FROM attendance_events")) == 2


def test_the_first_annul_wins(world: World, jonas: Person) -> None:
    boss = world.person("manager", name="Ada", desk=world.desk("Office"))
    entered = jonas.do("check_in", world.booking())["event_id"]
    jonas.do("annul", annuls=entered)
    answer = boss.do("annul", annuls=entered)
    assert (answer["outcome"], answer["detail"]["person"]) == ("already", "Jonas")


def test_an_annul_of_an_unsent_event_in_the_same_batch_comes_out_right(world: World, jonas: Person) -> None:
    booking = world.booking()
    entered = queued(jonas, "check_in", booking, 10)
    undone = jonas.event("annul", annuls=entered["id"], origin="queued", at=NOON - timedelta(minutes=9))
    answers = jonas.record(entered, undone)
    assert [answer["outcome"] for answer in answers] == ["applied", "applied"]
    assert world.state(booking) == "expected"


# Asking first.


def test_simulate_answers_the_same_and_writes_nothing(world: World, jonas: Person) -> None:
    inside, late, gone = (
        world.booking(),
        world.booking("Leo"),
        world.booking("Ava", status="cancelled_parent"),
    )
    first = jonas.do("check_in", inside)["event_id"]
    batch = [
        jonas.event("check_in", inside),
        queued(jonas, "check_in", gone, 10),
        jonas.event("check_in", late, occurred_at=(NOON + timedelta(days=1)).isoformat()),
        jonas.event("annul", annuls=first),
        jonas.event("check_in", code="K7Q4-2MXR-6"),
    ]
    before = everything(world)
    foreseen = jonas.call("SELECT * FROM attendance.simulate(%s)", Jsonb(batch))
    assert everything(world) == before
    assert foreseen == jonas.record(*batch)
    assert everything(world) != before


def test_simulate_is_refused_like_recording(world: World, jonas: Person) -> None:
    batch = [jonas.event("check_in", world.booking())]
    with pytest.raises(psycopg.Error) as malformed:
        jonas.call("SELECT * FROM attendance.simulate(%s)", Jsonb([{}]))
    assert refusal(malformed.value) == ("NX422", "malformed_event")
    finance = world.person("venue_finance", name="Fin", desk=world.desk("Office"))
    (answer,) = finance.call("SELECT * FROM attendance.simulate(%s)", Jsonb(batch))
    assert (answer["outcome"], answer["reason"]) == ("rejected", "not_permitted")
    jonas.connection.execute("SELECT set_config('nexus.token', '', false)")
    with pytest.raises(psycopg.Error) as signed_out:
        jonas.call("SELECT * FROM attendance.simulate(%s)", Jsonb(batch))
    assert refusal(signed_out.value) == ("NX403", "signed_out")
    assert world.all("SELECT 1 FROM attendance_events") == []


def test_simulate_locks_nobody_out(world: World, jonas: Person, maya: Person) -> None:
    booking = world.booking()
    with jonas.connection.transaction():
        jonas.call("SELECT * FROM attendance.simulate(%s)", Jsonb([jonas.event("check_in", booking)]))
        maya.connection.execute("SET lock_timeout = '2s'")
        assert maya.do("check_in", booking)["outcome"] == "applied"


# The page.


def listed() -> dict[str, str]:
    """The rules of docs/behaviour.md by the name of the test that holds each."""
    found = re.findall(r"^\| (.+?) \| `(test_\w+)` \|$", PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return {name: rule for rule, name in found}


def test_the_page_lists_every_rule_with_its_test() -> None:
    here = set(re.findall(r"^def (test_\w+)", HERE.read_text(encoding="utf-8"), flags=re.MULTILINE))
    beside = set()
    for file in ("test_behaviour_refusals.py", "test_bad_events.py"):
        text = HERE.with_name(file).read_text(encoding="utf-8")
        beside |= set(re.findall(r"^def (test_\w+)", text, flags=re.MULTILINE))
    rules = listed()
    assert set(rules) - here - beside == set()
    assert here - set(rules) == {"test_the_page_lists_every_rule_with_its_test"}
