"""What time does: reminders once each, expiries, suspension by rule, yearly checks; the overview and the calendar.

The clock is fixed and moved by days. docs/design.md, "Rules of the domain" (compliance).
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from psycopg.types.json import Jsonb

from tests.support import factories
from tests.support.compliance import TODAY, day, file, put_filing, refused, settle, somebody
from tests.support.databases import Database
from tests.support.desk_world import Person, World
from tests.support.factories import NOON


@pytest.fixture
def world(fresh_database: Database) -> Iterator[World]:
    with World(fresh_database) as made:
        for kind in ("safety_audit", "reverification", "payout_account"):
            put_filing(made, made.venue, kind, expires_on=None if kind == "payout_account" else day(900))
        factories.insert(
            made.admin,
            "background_checks",
            {
                "venue_id": made.venue,
                "first_name": "Tomas",
                "works_as": "Coach",
                "ordered_on": day(-9),
                "result": "clear",
                "decided_on": day(-8),
            },
        )
        yield made


def watch(world: World) -> int:
    """One run of the job."""
    return int(world.one("SELECT app.job_watch_compliance() AS n")["n"])


def run(world: World, days: Iterator[int] | range) -> list[tuple[int, int]]:
    """A run on each of some days, and those on which it did something, with how much."""
    done = []
    for after in days:
        world.at(NOON + timedelta(days=after))
        if amount := watch(world):
            done.append((after, amount))
        assert watch(world) == 0
    return done


def told(world: World, person: UUID, template: str) -> list[str]:
    found = world.all(
        """SELECT title FROM notifications WHERE user_id = %s AND template_key = %s AND channel = 'in_app'
            ORDER BY created_at, id""",
        person,
        template,
    )
    return [row["title"] for row in found]


def happened(world: World) -> list[str]:
    found = world.all("SELECT kind, facts FROM venue_events WHERE venue_id = %s ORDER BY at, id", world.venue)
    return [f"{row['kind']} {row['facts'].get('days', '')}".strip() for row in found]


def test_reminders_go_out_at_30_14_and_7_days_once_each(world: World) -> None:
    maya = somebody(world, "manager", "Maya")
    put_filing(world, world.venue, "insurance", expires_on=day(40))
    assert run(world, range(45)) == [(10, 1), (26, 1), (33, 1), (41, 1)]
    assert happened(world) == ["reminded 30", "reminded 14", "reminded 7", "expired"]
    assert told(world, maya.id, "requirement_reminder") == ["The insurance ends on 11 April 2026"] * 3
    assert told(world, maya.id, "requirement_expired") == ["The insurance has expired"]
    sent = world.one("SELECT reminders_sent FROM venue_requirements WHERE requirement = 'insurance'")
    assert sent["reminders_sent"] == [30, 14, 7]


def test_after_days_without_a_worker_only_the_nearest_is_sent(world: World) -> None:
    put_filing(world, world.venue, "insurance", expires_on=day(20))
    assert run(world, itertools.chain([0], range(10, 22))) == [(0, 1), (10, 1), (13, 1), (21, 1)]
    assert happened(world) == ["reminded 20", "reminded 10", "reminded 7", "expired"]
    # One that was away through two steps sends the last of them alone.
    other = factories.venue(world.admin, name="Other")
    put_filing(world, other, "insurance", expires_on=day(100))
    world.at(NOON + timedelta(days=75))
    watch(world)
    world.at(NOON + timedelta(days=96))
    watch(world)
    found = world.all(
        "SELECT facts ->> 'days' AS d FROM venue_events WHERE venue_id = %s AND kind = 'reminded'", other
    )
    assert sorted(row["d"] for row in found) == ["25", "4"]


def test_nobody_is_reminded_while_a_renewal_waits(world: World) -> None:
    maya = somebody(world, "manager", "Maya")
    put_filing(world, world.venue, "insurance", expires_on=day(40))
    page = file(maya, world.venue, expires_on=day(400))
    assert run(world, range(30)) == []
    waiting = page["waiting"]
    maya.call("SELECT vetting.withdraw_filing(%s, %s, %s)", world.venue, waiting["id"], waiting["version"])
    # Taken back, the nearest step is due.
    assert run(world, range(30, 34)) == [(30, 1), (33, 1)]
    assert happened(world)[-2:] == ["reminded 10", "reminded 7"]


def test_an_exception_that_ends_is_reminded_of_and_expires(world: World) -> None:
    who = factories.user(world.admin)
    settle(world, world.venue)
    world.admin.execute(
        """UPDATE venue_requirements SET state = 'excepted', excepted_until = %s, exception_reason = 'Renewing.',
                  decided_by = %s, decided_at = app.now() WHERE venue_id = %s AND requirement = 'insurance'""",
        [day(10), who, world.venue],
    )
    assert run(world, range(14)) == [(0, 1), (3, 1), (11, 1)]
    assert happened(world) == ["reminded 10", "reminded 7", "expired"]


def set_rules(world: World, suspends: bool, grace: int) -> None:
    factories.setting(world.admin, "compliance_suspends", suspends)
    factories.setting(world.admin, "compliance_grace_days", grace)


def status(world: World) -> str:
    return str(world.one("SELECT status::text AS s FROM venues WHERE id = %s", world.venue)["s"])


def test_a_venue_is_suspended_after_the_grace_told_first(world: World) -> None:
    maya = somebody(world, "manager", "Maya")
    set_rules(world, True, 14)
    put_filing(world, world.venue, "insurance", expires_on=day(-1))
    assert run(world, range(14)) == [(0, 2)]
    assert status(world) == "active"
    assert told(world, maya.id, "suspension_coming") == ["No new bookings from 16 March 2026 on"]
    assert run(world, range(14, 20)) == [(14, 1)]
    assert status(world) == "suspended"
    reason = world.one("SELECT suspension_reason AS r FROM venues WHERE id = %s", world.venue)["r"]
    assert reason == "Insurance ended on 1 Mar 2026."
    assert sorted(happened(world)[:2]) == ["expired", "suspension_coming"]
    assert happened(world)[2:] == ["suspended_by_rule"]


def test_without_the_setting_nobody_is_suspended(world: World) -> None:
    put_filing(world, world.venue, "insurance", expires_on=day(-100))
    assert run(world, range(5)) == [(0, 1)]
    # Set later, it begins with telling, however long ago it expired.
    set_rules(world, True, 14)
    assert run(world, range(5, 9)) == [(5, 1), (6, 1)]
    assert happened(world) == ["expired", "suspension_coming", "suspended_by_rule"]


def test_a_filed_renewal_holds_the_suspension(world: World) -> None:
    maya = somebody(world, "manager", "Maya")
    set_rules(world, True, 3)
    put_filing(world, world.venue, "insurance", expires_on=day(-1))
    assert run(world, range(1)) == [(0, 2)]
    page = file(maya, world.venue)
    assert run(world, range(1, 20)) == []
    assert status(world) == "active"
    waiting = page["waiting"]
    maya.call("SELECT vetting.withdraw_filing(%s, %s, %s)", world.venue, waiting["id"], waiting["version"])
    assert run(world, range(20, 23)) == [(20, 1), (21, 1)]
    assert status(world) == "suspended"


def test_a_yearly_check_is_opened_30_days_before_it_is_due(world: World) -> None:
    maya = somebody(world, "manager", "Maya")
    put_filing(world, world.venue, "insurance", expires_on=day(800))
    world.admin.execute("UPDATE venues SET next_verification_due = %s WHERE id = %s", [day(40), world.venue])
    assert run(world, range(40)) == [(10, 1)]
    case = world.one("SELECT kind::text, opened_by FROM venue_cases WHERE venue_id = %s", world.venue)
    assert case == {"kind": "yearly_check", "opened_by": None}
    assert len(told(world, maya.id, "case_opened")) == 1


def test_who_waits_for_approval_stands_as_is_written_down(world: World) -> None:
    venue = factories.venue(world.admin, name="New", status="pending_approval")
    put_filing(world, venue, "insurance", expires_on=day(32))
    settle(world, venue)
    assert run(world, range(6)) == [(2, 1)]
    state = (
        "SELECT state::text AS s FROM venue_requirements WHERE venue_id = %s AND requirement = 'insurance'"
    )
    assert world.one(state, venue)["s"] == "expiring"
    assert world.all("SELECT * FROM venue_events WHERE venue_id = %s", venue) == []


LIST = "SELECT * FROM vetting.compliance(%s, %s, %s, %s, %s)"


def listed(who: Person, **wanted: Any) -> list[str]:
    filters, sort = wanted.get("filters", {}), wanted.get("sort", "next")
    found: list[str] = []
    after = None
    while True:
        page = who.call(
            LIST,
            Jsonb(filters),
            sort,
            wanted.get("descending", False),
            None if after is None else Jsonb(after),
            wanted.get("limit", 200),
        )
        found += [row["venue"] for row in page]
        if len(page) < wanted.get("limit", 200):
            return found
        after = page[-1]["page_key"]


@pytest.fixture
def venues(world: World) -> dict[str, UUID]:
    """Three more venues: one that ends soon, one that has ended, one that waits for approval."""
    made = {name: factories.venue(world.admin, name=name) for name in ("Alder", "Birch")}
    made["Cedar"] = factories.venue(world.admin, name="Cedar", status="pending_approval")
    put_filing(world, made["Alder"], "insurance", expires_on=day(20))
    put_filing(world, made["Birch"], "insurance", expires_on=day(-4))
    put_filing(world, world.venue, "insurance", expires_on=day(200))
    return made


def test_the_overview_lists_what_ends_soonest_first(world: World, venues: dict[str, UUID]) -> None:
    noor = somebody(world, "platform_admin", "Noor")
    everyone = ["Birch", "Alder", "Riverside Studio"]
    assert listed(noor) == everyone
    assert listed(noor, limit=1) == everyone
    assert listed(noor, descending=True, limit=1) == everyone[::-1]
    assert listed(noor, sort="venue", limit=2) == ["Alder", "Birch", "Riverside Studio"]
    assert listed(noor, sort="venue", descending=True, limit=1) == ["Riverside Studio", "Birch", "Alder"]
    assert listed(noor, filters={"standing": "expired"}) == ["Birch"]
    counts = noor.call("SELECT * FROM vetting.compliance_counts()")[0]
    for standing, number in counts.items():  # a tab lists as many as it counts
        assert len(listed(noor, filters={"standing": standing})) == number, standing
    assert listed(noor, filters={"standing": "expiring", "requirement": "insurance"}) == ["Alder"]
    assert listed(noor, filters={"standing": "expiring", "requirement": "safety_audit"}) == []
    assert listed(noor, filters={"status": "pending_approval"}) == ["Cedar"]
    assert listed(noor, filters={"text": "iver"}) == ["Riverside Studio"]
    for bad in ({"requirement": "x"}, {"standing": "x"}, {"status": "x"}):
        assert refused(noor, LIST, Jsonb(bad), "next", False, None, 10)[0] == "NX422"
    assert refused(noor, LIST, Jsonb({}), "score", False, None, 10)[0] == "NX422"
    counts = noor.call("SELECT * FROM vetting.compliance_counts()")[0]
    assert counts == {"missing": 1, "pending": 0, "expiring": 0, "expired": 1, "satisfied": 1}


def test_the_overview_names_the_day_of_a_suspension(world: World, venues: dict[str, UUID]) -> None:
    noor = somebody(world, "platform_admin", "Noor")
    assert {row["suspends_on"] for row in noor.call(LIST, Jsonb({}), "next", False, None, 10)} == {None}
    set_rules(world, True, 14)
    found = {row["venue"]: row for row in noor.call(LIST, Jsonb({}), "next", False, None, 10)}
    assert found["Alder"]["suspends_on"] == day(35)
    assert found["Birch"]["suspends_on"] == day(11)
    cell = found["Birch"]["cells"]["insurance"]
    assert cell == {
        "standing": "expired",
        "expires_on": day(-4).isoformat(),
        "renewal_filed": False,
        "reminders": [],
    }


def test_the_calendar_shows_ends_reminders_and_suspensions(world: World, venues: dict[str, UUID]) -> None:
    set_rules(world, True, 14)
    noor = somebody(world, "platform_admin", "Noor")
    ask = "SELECT * FROM vetting.compliance_calendar(%s, %s)"
    found = noor.call(ask, day(-10), day(60))
    assert [((row["on_day"] - TODAY).days, row["venue"], row["what"]) for row in found] == [
        (-4, "Birch", "expires"),
        (6, "Alder", "reminder"),
        (11, "Birch", "suspends"),
        (13, "Alder", "reminder"),
        (20, "Alder", "expires"),
        (35, "Alder", "suspends"),
    ]
    assert refused(noor, ask, day(0), day(500)) == ("NX422", "days")


def test_a_manager_sees_the_own_venue_and_a_front_desk_none(world: World, venues: dict[str, UUID]) -> None:
    otto = somebody(world, "manager", "Otto", venues["Alder"])
    assert listed(otto) == ["Alder"]
    assert sum(otto.call("SELECT * FROM vetting.compliance_counts()")[0].values()) == 1
    calendar = "SELECT * FROM vetting.compliance_calendar(%s, %s)"
    assert {row["venue"] for row in otto.call(calendar, day(-10), day(60))} == {"Alder"}
    for role in ("front_desk", "venue_finance", "platform_finance"):
        who = somebody(world, role)
        assert refused(who, LIST, Jsonb({}), "next", False, None, 10) == ("NX403", "not_permitted")
        assert refused(who, "SELECT * FROM vetting.compliance_counts()") == ("NX403", "not_permitted")
        assert refused(who, calendar, day(0), day(9)) == ("NX403", "not_permitted")


def test_rules_are_saved_by_the_version_they_were_read_at(world: World) -> None:
    noor = somebody(world, "platform_admin", "Noor")
    read = noor.call("SELECT vetting.compliance_settings() AS s")[0]["s"]
    assert read | {"version": 0} == {
        "version": 0,
        "insurance_minimum": 1000000,
        "audit_minimum": 70,
        "reverification_months": 12,
        "suspends": False,
        "grace_days": 14,
    }
    save = "SELECT vetting.save_compliance_settings(%s) AS s"
    new = noor.call(save, Jsonb(read | {"grace_days": 21, "suspends": True}))[0]["s"]
    assert (new["grace_days"], new["suspends"], new["version"] > read["version"]) == (21, True, True)
    assert refused(noor, save, Jsonb(read)) == ("NX409", "version_changed")
    for field, value in (
        ("insurance_minimum", -1),
        ("audit_minimum", 101),
        ("reverification_months", 0),
        ("grace_days", "many"),
        ("suspends", "yes"),
        ("insurance_minimum", None),
    ):
        assert refused(noor, save, Jsonb(new | {field: value})) == ("NX422", field)
    by = world.one("SELECT updated_by FROM platform_settings WHERE key = 'compliance_grace_days'")[
        "updated_by"
    ]
    assert by == noor.id


def test_other_rules_can_be_tried_out(world: World, venues: dict[str, UUID]) -> None:
    noor = somebody(world, "platform_admin", "Noor")
    activity = factories.activity(world.admin, venues["Birch"], name="Pottery")
    session = factories.session(world.admin, activity, starts_at=NOON + timedelta(days=2))
    factories.booking(world.admin, session)
    ask = "SELECT vetting.suspensions(%s) AS s"
    assert noor.call(ask, Jsonb({"suspends": False, "grace_days": 0}))[0]["s"] == []
    assert noor.call(ask, Jsonb({"suspends": True, "grace_days": 4}))[0]["s"] == []
    found = noor.call(ask, Jsonb({"suspends": True, "grace_days": 3}))[0]["s"]
    assert [(one["venue"], [hit["activity"] for hit in one["stays"]]) for one in found] == [
        ("Birch", ["Pottery"])
    ]
    assert refused(noor, ask, Jsonb({"suspends": True})) == ("NX422", "grace_days")


def test_the_day_of_a_venue_is_its_own(world: World) -> None:
    tokyo = factories.venue(world.admin, name="Tokyo", timezone="Asia/Tokyo")
    put_filing(world, tokyo, "insurance", expires_on=TODAY)
    put_filing(world, world.venue, "insurance", expires_on=TODAY)
    # 17:00 UTC is tomorrow in Tokyo.
    watch(world)
    found = world.all(
        "SELECT v.name, r.state::text AS s FROM venue_requirements AS r JOIN venues AS v ON v.id = r.venue_id "
        "WHERE r.requirement = 'insurance'"
    )
    assert {row["name"]: row["s"] for row in found} == {"Tokyo": "expired", "Riverside Studio": "expiring"}


def test_no_desk_runs_the_job(world: World) -> None:
    noor = somebody(world, "platform_admin", "Noor")
    for statement in ("SELECT app.job_watch_compliance()", "SELECT vetting.watch()"):
        assert refused(noor, statement)[0] == "42501"
