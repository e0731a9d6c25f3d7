"""Every reason for a refusal, asked live and reported after the fact, as the second table of docs/behaviour.md says."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from console.domain.attendance import RefusalReason
from tests.support import factories
from tests.support.databases import Database
from tests.support.desk_world import NOON, Person, Row, World

PAGE = Path(__file__).resolve().parents[2] / "docs" / "behaviour.md"
LONG_AGO = NOON - timedelta(minutes=40)


@pytest.fixture
def world(fresh_database: Database) -> Iterator[World]:
    with World(fresh_database) as made:
        yield made


@dataclass(frozen=True)
class Case:
    """Something to refuse: who does what to which booking (or nobody's)."""

    who: Person
    kind: str
    booking: UUID | None
    facts: dict[str, Any]

    def send(self, *, late: bool) -> Row:
        """Live now, or as the report of five minutes ago."""
        facts = {"at": NOON - timedelta(minutes=5), "origin": "queued"} | self.facts if late else self.facts
        return self.who.do(self.kind, self.booking, **facts)


def unknown_code(world: World) -> Case:
    return Case(world.person(), "check_in", None, {"code": "K7Q4-2MXR-6"})


def wrong_venue(world: World) -> Case:
    elsewhere = factories.venue(world.admin, name="Elm Hall")
    both = world.person(venues=(world.venue, elsewhere))
    booking = world.booking(session=world.other_session(venue=elsewhere))
    return Case(both, "check_in", booking, {"session_id": world.session})


def wrong_session(world: World) -> Case:
    booking = world.booking(session=world.other_session())
    return Case(world.person(), "check_in", booking, {"session_id": world.session})


def already_in(world: World) -> Case:
    jonas, booking = world.person(), world.booking()
    jonas.do("check_in", booking, origin="queued", at=LONG_AGO)
    return Case(jonas, "absent", booking, {})


def already_out(world: World) -> Case:
    jonas, booking = world.person(), world.booking()
    jonas.do("check_in", booking, origin="queued", at=LONG_AGO)
    jonas.do("check_out", booking, origin="queued", at=LONG_AGO, pickup_name="Rose")
    return Case(jonas, "check_in", booking, {})


def cancelled(world: World) -> Case:
    return Case(world.person(), "check_in", world.booking(status="cancelled_parent"), {})


def not_confirmed(world: World) -> Case:
    return Case(world.person(), "check_in", world.booking(status="pending"), {})


def session_cancelled(world: World) -> Case:
    called_off = world.other_session(is_cancelled=True, cancelled_at=NOON)
    return Case(world.person(), "check_in", world.booking(session=called_off), {})


def too_early(world: World) -> Case:
    later = world.other_session(starts_at=NOON + timedelta(hours=3))
    return Case(world.person(), "check_in", world.booking(session=later), {})


def too_late(world: World) -> Case:
    earlier = world.other_session(starts_at=NOON - timedelta(hours=3))
    return Case(world.person(), "check_in", world.booking(session=earlier), {})


def not_in(world: World) -> Case:
    return Case(world.person(), "check_out", world.booking(), {})


def pickup_not_authorised(world: World) -> Case:
    jonas, child = world.person(), world.child()
    sam = factories.pickup_person(world.admin, child, name="Sam", may_collect=False)
    booking = world.booking(child)
    jonas.do("check_in", booking, origin="queued", at=LONG_AGO)
    return Case(jonas, "check_out", booking, {"pickup_person_id": sam})


def device_revoked(world: World) -> Case:
    jonas, booking = world.person(), world.booking()
    world.admin.execute(
        "UPDATE auth.devices SET status = 'revoked', revoked_at = now() WHERE id = %s", [jonas.device_id]
    )
    return Case(jonas, "check_in", booking, {})


def not_permitted(world: World) -> Case:
    return Case(world.person("venue_finance"), "check_in", world.booking(), {})


CASES: dict[str, Callable[[World], Case]] = {
    made.__name__: made
    for made in (
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
    )
}


def page() -> dict[str, tuple[str, str]]:
    """The page's table: what becomes of each reason's late report, and the review item it opens."""
    rows = re.findall(
        r"^\| `(\w+)` \| refused \| (recorded|refused) \| (?:`(\w+)`|-) \|",
        PAGE.read_text(encoding="utf-8"),
        re.MULTILINE,
    )
    return {reason: (late, item) for reason, late, item in rows}


def test_the_page_and_the_vocabulary_agree() -> None:
    assert list(page()) == list(CASES) == [reason.value for reason in RefusalReason]


@pytest.mark.parametrize("reason", CASES)
def test_asked_live_it_is_refused_and_the_booking_is_left_alone(world: World, reason: str) -> None:
    case = CASES[reason](world)
    before = world.state(case.booking) if case.booking else None
    answer = case.send(late=False)
    assert (answer["outcome"], answer["reason"]) == ("rejected", reason)
    if case.booking:
        assert world.state(case.booking) == before
    # A manager hears at once only of somebody who must not collect a child.
    items = world.all("SELECT kind FROM review_items")
    assert items == ([{"kind": "pickup_alert"}] if reason == "pickup_not_authorised" else [])


@pytest.mark.parametrize("reason", CASES)
def test_reported_late_it_becomes_what_the_page_says(world: World, reason: str) -> None:
    case = CASES[reason](world)
    becomes, item = page()[reason]
    before = world.state(case.booking) if case.booking else None
    answer = case.send(late=True)
    assert answer["reason"] == reason
    if becomes == "recorded":
        assert answer["outcome"] == "applied_with_review"
        assert answer["state"] == {"check_in": "in", "check_out": "out", "absent": "absent"}[case.kind]
    else:
        assert answer["outcome"] == "rejected"
        assert case.booking is None or world.state(case.booking) == before
    found = world.all("SELECT kind, event_id FROM review_items")
    assert found == ([{"kind": item, "event_id": answer["event_id"]}] if item else [])


@pytest.mark.parametrize("reason", CASES)
def test_sent_again_the_answer_is_the_same(world: World, reason: str) -> None:
    case = CASES[reason](world)
    event = case.who.event(case.kind, case.booking, **case.facts)
    assert case.who.record(event) == case.who.record(event)
    assert len(world.all("SELECT 1 FROM attendance_events WHERE id = %s", event["id"])) == (
        0 if reason == "device_revoked" else 1
    )
