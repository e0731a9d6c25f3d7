"""attendance.close_session, reopen_session and settle_unmarked: what a closing means, what it costs, and who may.

docs/design.md, "Rules of the domain" (attendance, credits). Everything goes over real logins.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from psycopg.types.json import Jsonb

from tests.support import factories
from tests.support.databases import Database
from tests.support.desk_world import NOON, SOON, Person, Row, World
from tests.support.identities import refusal

AFTER = SOON + timedelta(minutes=70)
CLOSE = "SELECT * FROM attendance.close_session(%s, %s)"
REOPEN = "SELECT attendance.reopen_session(%s)"
SETTLE = "SELECT attendance.settle_unmarked(%s, %s, %s)"


@pytest.fixture
def world(fresh_database: Database) -> Iterator[World]:
    with World(fresh_database) as made:
        yield made


@pytest.fixture
def jonas(world: World) -> Person:
    return world.person()


def another(world: World, role: str = "front_desk", **facts: Any) -> Person:
    """Somebody else, at a desk of their own."""
    return world.person(role, desk=world.desk(f"Desk {uuid4().hex[:6]}"), **facts)


def close(who: Person, session: UUID, *named: UUID) -> Row:
    events = [who.event("absent", booking) for booking in named]
    (row,) = who.call(CLOSE, session, Jsonb(events))
    return row


def settle(who: Person, booking: UUID, came: bool) -> None:
    kinds = ("check_in", "check_out") if came else ("absent",)
    events = [who.event(kind, booking, origin="queued") for kind in kinds]
    who.call(SETTLE, booking, came, Jsonb(events))


def refused(who: Person, statement: str, *arguments: object) -> tuple[str | None, str | None]:
    with pytest.raises(psycopg.Error) as caught:
        who.call(statement, *arguments)
    return refusal(caught.value)


def paid(world: World, name: str, **columns: Any) -> UUID:
    """A booking for which the family paid its two credits."""
    parent = factories.parent(world.admin)
    balance = factories.balance(world.admin, parent, 10)
    booking = world.booking(world.child(name, parent_id=parent), **columns)
    factories.ledger(world.admin, balance, "booking_debit", -2, booking_id=booking)
    return booking


def facts(world: World, booking: UUID) -> tuple[str, str]:
    row = world.one("SELECT status::text s, attendance_state::text a FROM bookings WHERE id = %s", booking)
    return row["s"], row["a"]


def forfeited(world: World, booking: UUID) -> list[int]:
    found = world.all(
        """SELECT forfeited_amount f FROM credit_ledger WHERE booking_id = %s AND transaction_type = 'forfeit'
           ORDER BY entry_no""",
        booking,
    )
    return [row["f"] for row in found]


def items(world: World, booking: UUID) -> list[tuple[str, str | None]]:
    found = world.all(
        "SELECT kind::text k, resolution r FROM review_items WHERE booking_id = %s ORDER BY opened_at, kind",
        booking,
    )
    return [(row["k"], row["r"]) for row in found]


def test_who_came_is_completed_who_is_named_is_a_no_show_and_the_rest_is_unmarked(
    world: World, jonas: Person
) -> None:
    came, still_in, ill, no_show, nobody = (paid(world, name) for name in ("Nia", "Kofi", "Ama", "Bo", "Zoë"))
    gone = world.booking("Gone", status="cancelled_parent")
    jonas.record(jonas.event("check_in", came), jonas.event("check_out", came))
    jonas.do("check_in", still_in)
    jonas.do("absent", ill)
    world.at(AFTER)
    answer = close(jonas, world.session, no_show)
    assert answer == {
        "session_id": world.session,
        "closed_at": AFTER,
        "came": 2,
        "no_shows": 2,
        "unmarked": 1,
        "still_in": 1,
        "forfeited_credits": 4,
    }
    assert [facts(world, one) for one in (came, still_in, ill, no_show, nobody, gone)] == [
        ("completed", "out"),
        ("completed", "in"),
        ("no_show", "absent"),
        ("no_show", "absent"),
        ("confirmed", "unmarked"),
        ("cancelled_parent", "expected"),
    ]
    assert [forfeited(world, one) for one in (came, ill, no_show, nobody)] == [[], [2], [2], []]
    assert items(world, nobody) == [("unmarked_after_close", None)]
    assert items(world, no_show) == []
    session = world.one("SELECT * FROM activity_sessions WHERE id = %s", world.session)
    assert (session["closed_at"], session["closed_by"]) == (AFTER, jonas.id)
    assert jonas.do("check_out", still_in, at=AFTER)["outcome"] == "applied"


def test_a_closing_asked_for_again_answers_the_same_and_moves_nothing(world: World, jonas: Person) -> None:
    booking = paid(world, "Nia")
    world.at(AFTER)
    first = close(jonas, world.session, booking)
    world.at(AFTER + timedelta(minutes=1))
    assert close(jonas, world.session, booking) == first
    assert forfeited(world, booking) == [2]
    assert world.one("SELECT count(*) n FROM attendance_events")["n"] == 1


def test_a_named_child_that_came_meanwhile_stops_the_whole_closing(world: World, jonas: Person) -> None:
    nia, bo = paid(world, "Nia"), paid(world, "Bo")
    maya = world.person(name="Maya", desk=world.desk("Desk 2"))
    world.at(SOON)
    maya.do("check_in", nia)
    world.at(AFTER)
    with pytest.raises(psycopg.Error) as caught:
        close(jonas, world.session, nia, bo)
    assert refusal(caught.value) == ("NX409", "roster_changed")
    assert "Nia was checked in meanwhile." in str(caught.value)
    assert facts(world, bo) == ("confirmed", "expected")
    assert world.one("SELECT closed_at c FROM activity_sessions WHERE id = %s", world.session)["c"] is None


def test_a_closing_waits_for_a_check_in_under_way(world: World, jonas: Person) -> None:
    """Whoever waited for another's check-in sees it: no child is in and a no-show."""
    nia = paid(world, "Nia")
    maya = world.person(name="Maya", desk=world.desk("Desk 2"))
    world.at(SOON + timedelta(minutes=50))
    maya.connection.autocommit = False
    maya.do("check_in", nia)
    refusals: list[tuple[str | None, str | None]] = []

    def run() -> None:
        try:
            close(jonas, world.session, nia)
        except psycopg.Error as error:
            refusals.append(refusal(error))

    thread = threading.Thread(target=run)
    thread.start()
    thread.join(0.3)
    assert thread.is_alive()
    maya.connection.commit()
    thread.join(10)
    assert refusals == [("NX409", "roster_changed")]
    assert facts(world, nia) == ("confirmed", "in")


def test_not_before_the_start_and_not_a_cancelled_one(world: World, jonas: Person) -> None:
    assert refused(jonas, CLOSE, world.session, Jsonb([])) == ("NX409", "too_early")
    off = world.other_session(starts_at=NOON - timedelta(hours=1), is_cancelled=True, cancelled_at=NOON)
    assert refused(jonas, CLOSE, off, Jsonb([])) == ("NX409", "session_cancelled")


def test_only_children_of_the_session_are_named_and_only_as_absent(world: World, jonas: Person) -> None:
    world.at(AFTER)
    elsewhere = world.booking("Leo", world.other_session())
    here = world.booking("Nia")
    for events in (
        [jonas.event("absent", elsewhere)],
        [jonas.event("check_in", here)],
        [jonas.event("absent", here, origin="queued")],
        [jonas.event("absent", here, session_id=uuid4())],
    ):
        assert refused(jonas, CLOSE, world.session, Jsonb(events)) == ("NX422", "malformed_closing")
    assert refused(jonas, CLOSE, world.session, Jsonb({"a": 1})) == ("NX422", "malformed_batch")
    assert world.one("SELECT count(*) n FROM attendance_events")["n"] == 0


def test_who_may_close(world: World, jonas: Person) -> None:
    world.at(AFTER)
    for role in ("venue_finance", "platform_admin"):
        stranger = another(world, role)
        assert refused(stranger, CLOSE, world.session, Jsonb([]))[0] == "NX403"
    other = another(world, venues=(factories.venue(world.admin),))
    assert refused(other, CLOSE, world.session, Jsonb([])) == ("NX404", "no_session")
    assert refused(jonas, CLOSE, uuid4(), Jsonb([])) == ("NX404", "no_session")
    assert close(another(world, "manager"), world.session)["came"] == 0


def test_a_hidden_child_is_in_no_number_and_no_review(world: World, jonas: Person) -> None:
    child = world.child("Hidden", parental_consent_given=False)
    booking = world.booking(child)
    world.at(AFTER)
    answer = close(jonas, world.session)
    assert (answer["came"], answer["no_shows"], answer["unmarked"]) == (0, 0, 0)
    assert facts(world, booking) == ("confirmed", "unmarked")
    assert items(world, booking) == []


def test_a_check_in_that_arrives_after_closing_is_kept_and_reviewed(world: World, jonas: Person) -> None:
    booking = paid(world, "Nia")
    maya = world.person(name="Maya", desk=world.desk("Desk 2"))
    world.at(AFTER)
    close(jonas, world.session, booking)
    world.at(AFTER + timedelta(minutes=5))
    late = maya.do("check_in", booking, at=SOON + timedelta(minutes=2), origin="queued")
    assert late["outcome"] == "applied_with_review"
    # It happened before the desk that closed said "absent": the last word by the clock stays, and a manager decides.
    assert facts(world, booking) == ("no_show", "absent")
    assert ("late_event", None) in items(world, booking)
    assert forfeited(world, booking) == [2]
    live = maya.do("check_in", booking, at=AFTER + timedelta(minutes=5))
    assert (live["outcome"], live["reason"]) == ("rejected", "too_late")


def test_a_late_check_in_of_an_unmarked_child_takes_it_off_the_list(world: World, jonas: Person) -> None:
    booking = paid(world, "Nia")
    maya = world.person(name="Maya", desk=world.desk("Desk 2"))
    world.at(AFTER)
    close(jonas, world.session)
    assert len(jonas.call("SELECT * FROM desk.unmarked(%s)", world.venue)) == 1
    maya.do("check_in", booking, at=SOON + timedelta(minutes=2), origin="queued")
    assert facts(world, booking) == ("confirmed", "in")
    assert jonas.call("SELECT * FROM desk.unmarked(%s)", world.venue) == []


def test_opening_again_takes_the_closing_back_with_entries_of_its_own(world: World, jonas: Person) -> None:
    came, no_show, nobody = (paid(world, name) for name in ("Nia", "Bo", "Zoë"))
    jonas.do("check_in", came)
    world.at(AFTER)
    close(jonas, world.session, no_show)
    manager = another(world, "manager", name="Ines")
    manager.call(REOPEN, world.session)
    assert [facts(world, one) for one in (came, no_show, nobody)] == [
        ("confirmed", "in"),
        ("confirmed", "absent"),
        ("confirmed", "expected"),
    ]
    assert forfeited(world, no_show) == [2, -2]
    assert items(world, nobody) == [("unmarked_after_close", "The session was opened again.")]
    assert world.one("SELECT closed_at c FROM activity_sessions WHERE id = %s", world.session)["c"] is None
    manager.call(REOPEN, world.session)
    assert forfeited(world, no_show) == [2, -2]
    balance = world.one(
        """SELECT credits_forfeited f, credits_available a FROM user_credit_balances
            WHERE user_id = (SELECT booked_by FROM bookings WHERE id = %s)""",
        no_show,
    )
    assert balance == {"f": 0, "a": 8}
    again = close(jonas, world.session, no_show)
    assert (again["forfeited_credits"], forfeited(world, no_show)) == (2, [2, -2, 2])


def test_who_may_open_again_and_when_not(world: World, jonas: Person) -> None:
    booking = world.booking("Nia")
    world.at(AFTER)
    close(jonas, world.session, booking)
    assert refused(jonas, REOPEN, world.session) == ("NX403", "not_permitted")
    stranger = another(world, "manager", venues=(factories.venue(world.admin),))
    assert refused(stranger, REOPEN, world.session) == ("NX404", "no_session")
    payout = factories.insert(
        world.admin,
        "venue_payouts",
        {
            "venue_id": world.venue,
            "payout_period_start": date(2026, 3, 1),
            "payout_period_end": date(2026, 3, 31),
            "platform_fee_percentage": 10,
        },
    )
    factories.sheet(world.admin, payout, booking)
    assert refused(another(world, "manager"), REOPEN, world.session) == ("NX409", "paid_out")
    assert facts(world, booking) == ("no_show", "absent")


@pytest.mark.parametrize("came", [True, False])
def test_saying_afterwards_whether_an_unmarked_child_came(world: World, jonas: Person, came: bool) -> None:
    booking = paid(world, "Zoë")
    world.at(AFTER)
    close(jonas, world.session)
    (listed,) = jonas.call("SELECT * FROM desk.unmarked(%s)", world.venue)
    assert (listed["booking_id"], listed["first_name"], listed["credits"]) == (booking, "Zoë", 2)
    assert (listed["activity_name"], listed["starts_at"]) == ("Junior Judo", SOON)
    settle(jonas, booking, came)
    assert facts(world, booking) == (("completed", "out") if came else ("no_show", "absent"))
    assert forfeited(world, booking) == ([] if came else [2])
    assert {resolution for _, resolution in items(world, booking)} == {
        "The child came." if came else "The child did not come."
    }
    assert jonas.call("SELECT * FROM desk.unmarked(%s)", world.venue) == []
    settle(jonas, booking, came)
    with pytest.raises(psycopg.Error) as caught:
        settle(jonas, booking, not came)
    assert refusal(caught.value) == ("NX409", "not_unmarked")


def test_the_state_is_still_what_the_events_add_up_to(world: World, jonas: Person) -> None:
    booking = paid(world, "Zoë")
    world.at(AFTER)
    close(jonas, world.session)
    settle(jonas, booking, True)
    kinds = world.all(
        "SELECT kind::text k FROM attendance_events WHERE booking_id = %s AND outcome <> 'rejected' ORDER BY seq",
        booking,
    )
    assert [row["k"] for row in kinds] == ["check_in", "check_out"]
    (summary,) = jonas.call("SELECT * FROM desk.day_summary(%s, %s)", world.venue, NOON.date())
    assert (summary["came"], summary["unmarked"], summary["late_pickups"]) == (1, 0, 0)


def test_after_two_days_settling_is_for_managers(world: World, jonas: Person) -> None:
    booking = paid(world, "Zoë")
    world.at(AFTER)
    close(jonas, world.session)
    world.at(AFTER + timedelta(days=3))
    manager = another(world, "manager")
    assert jonas.call("SELECT * FROM desk.unmarked(%s)", world.venue) == []
    assert len(manager.call("SELECT * FROM desk.unmarked(%s)", world.venue)) == 1
    with pytest.raises(psycopg.Error) as caught:
        settle(jonas, booking, False)
    assert refusal(caught.value) == ("NX403", "not_permitted")
    settle(manager, booking, False)
    assert facts(world, booking) == ("no_show", "absent")
    for role in ("venue_finance", "platform_admin"):
        assert refused(another(world, role), "SELECT * FROM desk.unmarked(%s)", world.venue)[0] == "NX403"


def test_events_that_say_something_else_settle_nothing(world: World, jonas: Person) -> None:
    booking, other = paid(world, "Zoë"), paid(world, "Leo")
    world.at(AFTER)
    close(jonas, world.session)
    for events in (
        [],
        [jonas.event("absent", booking, origin="queued")],
        [jonas.event("check_in", booking, origin="queued"), jonas.event("check_out", other, origin="queued")],
        [jonas.event("check_in", booking), jonas.event("check_out", booking)],
    ):
        assert refused(jonas, SETTLE, booking, True, Jsonb(events)) == ("NX422", "malformed_settlement")
    assert refused(jonas, SETTLE, booking, None, Jsonb([])) == ("NX422", "came")
    assert refused(jonas, SETTLE, uuid4(), True, Jsonb([])) == ("NX404", "no_booking")


def test_a_closing_is_in_the_audit_trail(world: World, jonas: Person) -> None:
    booking = paid(world, "Nia")
    world.at(AFTER)
    close(jonas, world.session, booking)
    found = world.all(
        "SELECT entity_type t, user_id u FROM audit_logs WHERE action_type = 'update' AND user_id = %s",
        jonas.id,
    )
    assert {row["t"] for row in found} >= {"bookings", "activity_sessions"}
