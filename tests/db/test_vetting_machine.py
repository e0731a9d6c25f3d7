"""Every change of a case: its kind, its state, what is done and by whom, allowed or refused, over real logins."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from itertools import product
from uuid import UUID

import psycopg
import pytest

from tests.support.databases import Database
from tests.support.desk_world import NOON, Person, World
from tests.support.vetting import CLAIM, DECIDE, KINDS, RELEASE, case, row, venue_of, verdict, waive_all

ROLES = ("platform_admin", "platform_finance", "manager", "venue_finance", "front_desk")
STATES = ("open", "ran_out", "theirs", "mine", "mine_unmet", "asked", "asked_mine", "decided")
ACTIONS = ("claim", "release", "approve", "except", "reject", "ask")
HELD = ("mine", "mine_unmet", "asked_mine")
# What approving and rejecting leave of a venue, by the kind of case.
OPENS = {"new_venue": "active", "reinstatement": "active", "yearly_check": "active", "renewal": "active"}
SHUTS = {"new_venue": "rejected", "reinstatement": "suspended", "yearly_check": "active", "renewal": "active"}


def expected(state: str, action: str, role: str) -> str:
    """What the rules say: "done", or the machine key of the refusal."""
    if role != "platform_admin":
        return "not_permitted"
    if state == "decided":
        return "decided_already"
    if state == "theirs":
        return "claimed"
    if action in ("claim", "release"):
        return "done"
    if state not in HELD:
        return "not_claimed"
    if action == "approve" and state == "mine_unmet":
        return "not_met"
    if action == "except" and state != "mine_unmet":
        return "all_met"
    return "done"


@pytest.fixture(scope="module")
def world(house: Database) -> Iterator[World]:
    with World(house) as made:
        yield made


@pytest.fixture(scope="module")
def people(world: World) -> dict[str, Person]:
    return {role: world.person(role, name=role.title(), desk=world.desk(role)) for role in ROLES}


@pytest.fixture(scope="module")
def cases(world: World, people: dict[str, Person]) -> dict[tuple[str, str], UUID]:
    """One case of each kind in each state. Nothing a test does stays."""
    me, other = people["platform_admin"].id, world.person("platform_admin", name="Other").id
    later, before = NOON + timedelta(minutes=9), NOON - timedelta(minutes=1)

    def held(by: UUID, until: object) -> dict[str, object]:
        return {"claimed_by": by, "claimed_at": NOON - timedelta(minutes=11), "claimed_until": until}

    asked = {"state": "asked", "asked_at": NOON}
    facts: dict[str, dict[str, object]] = {
        "open": {},
        "ran_out": held(me, before),
        "theirs": held(other, later),
        "mine": held(me, later),
        "mine_unmet": held(me, later),
        "asked": asked,
        "asked_mine": asked | held(me, later),
        "decided": {"state": "decided", "outcome": "approved", "decided_at": NOON, "decided_by": other},
    }
    return {
        (kind, state): case(world, kind, met=state != "mine_unmet", **facts[state])
        for kind, state in product(KINDS, STATES)
    }


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("state", STATES)
def test_every_transition_is_allowed_or_refused(
    world: World, people: dict[str, Person], cases: dict[tuple[str, str], UUID], state: str, role: str
) -> None:
    person = people[role]
    for kind, action in product(KINDS, ACTIONS):
        one = cases[kind, state]
        version = row(world, one)["version"]
        was = venue_of(world, one)["status"]
        with person.connection.transaction(force_rollback=True):
            try:
                if action in ("claim", "release"):
                    after = person.call(CLAIM if action == "claim" else RELEASE, one, version)[0]
                else:
                    said = waive_all() if action == "except" else verdict(action)
                    after = person.call(DECIDE, one, version, said)[0]
                met = "done"
            except psycopg.Error as error:
                met = error.diag.message_detail or str(error)
            assert (kind, action, met) == (kind, action, expected(state, action, role))
            if met != "done":
                continue
            if action in ("claim", "release"):
                assert after["claimed_by_me"] == (action == "claim")
                assert after["state"] == ("asked" if state.startswith("asked") else "open")
            elif action == "ask":
                assert (after["state"], after["claimed_until"], after["outcome"]) == ("asked", None, None)
            else:
                outcome = {"approve": "approved", "except": "approved_with_exception", "reject": "rejected"}
                assert (after["state"], after["outcome"]) == ("decided", outcome[action])
            status = person.call("SELECT vetting.case_page(%s) -> 'facts' ->> 'status' AS s", one)[0]["s"]
            decided = {"approve": OPENS, "except": OPENS, "reject": SHUTS}.get(action)
            assert status == (decided[kind] if decided else was)
