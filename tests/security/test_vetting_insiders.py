"""Vetting and reviews from inside: people with two hats or none any more, stolen claims, locks held for long.

docs/design.md, "Rules of the domain" (compliance, scores) and "The database" (authorisation).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID, uuid4

import psycopg
import pytest
from psycopg.types.json import Jsonb

from console.storage.embedded import EmbeddedServer
from tests.support import factories
from tests.support.compliance import (
    CERTIFICATE,
    accept,
    day,
    file,
    messages,
    refused,
    somebody,
)
from tests.support.desk_world import Person, World
from tests.support.factories import NOON
from tests.support.opinions import review
from tests.support.vetting import CLAIM, DECIDE, NEXT, at_a_new_venue, case, row, verdict, world_of_its_own

OWN = ("NX403", "own_venue")


@pytest.fixture(scope="module")
def whole(_template: EmbeddedServer) -> Iterator[World]:
    with world_of_its_own(_template, "insiders") as made:
        yield made


@pytest.fixture
def world(whole: World) -> World:
    """A venue of its own for each test."""
    return at_a_new_venue(whole)


@pytest.fixture(scope="module")
def noor(whole: World) -> Person:
    """Somebody of headquarters and nothing else."""
    return somebody(whole, "platform_admin", "Noor")


@pytest.fixture
def janus(world: World) -> Person:
    """Somebody of headquarters who also manages the venue."""
    both = somebody(world, "platform_admin", "Janus")
    factories.grant(world.admin, both.id, "manager", world.venue)
    return both


# -- two hats ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", ["manager", "front_desk", "venue_finance"])
def test_nobody_decides_about_a_venue_they_work_at(world: World, noor: Person, role: str) -> None:
    janus = somebody(world, "platform_admin", "Janus")
    one = case(world, "yearly_check")
    venue = row(world, one)["venue_id"]
    mine = janus.call(CLAIM, one, 1)[0]
    # Hired while the case was in their hands.
    grant = factories.grant(world.admin, janus.id, role, venue)
    assert refused(janus, DECIDE, one, mine["version"], verdict("approve")) == OWN
    assert refused(janus, CLAIM, one, mine["version"]) == OWN
    assert len(janus.call("SELECT * FROM vetting.release(%s, %s)", one, mine["version"])) == 1
    world.admin.execute("UPDATE venue_cases SET due_at = '2020-01-01' WHERE id = %s", [one])
    assert [found["id"] for found in janus.call(NEXT, None)] != [one]
    theirs = noor.call(CLAIM, one, row(world, one)["version"])[0]
    assert noor.call(DECIDE, one, theirs["version"], verdict("approve"))[0]["outcome"] == "approved"
    # Who left may decide again.
    world.admin.execute("UPDATE staff_grants SET revoked_at = app.now() WHERE id = %s", [grant])
    again = case(world, "yearly_check", venue_id=venue)
    world.admin.execute("UPDATE venue_cases SET venue_id = %s WHERE id = %s", [venue, again])
    assert janus.call(CLAIM, again, row(world, again)["version"])[0]["claimed_by_me"]


def test_nobody_judges_what_their_own_venue_filed_or_who_was_checked(
    world: World, noor: Person, janus: Person
) -> None:
    page = file(janus, world.venue, papers=CERTIFICATE)
    waiting = page["waiting"]
    judge = "SELECT vetting.judge(%s, %s, %s, %s, 'Fine.')"
    for verdict_of in (True, False):
        mine = (world.venue, waiting["id"], waiting["version"], verdict_of)
        assert refused(janus, judge, *mine) == OWN
    put = "SELECT vetting.put_person(%s, NULL, 0, 'Tomas', 'Coach', %s) AS person"
    tomas = janus.call(put, world.venue, day(-2))[0]["person"]
    back = "SELECT vetting.check_came_back(%s, %s, %s, true, %s, NULL) AS person"
    clear = (world.venue, tomas["id"], tomas["version"], day(-1))
    assert refused(janus, back, *clear) == OWN
    assert accept(noor, world.venue, page)["standing"] == "satisfied"
    assert noor.call(back, *clear)[0]["person"]["result"] == "clear"


def test_nobody_hides_reviews_or_answers_questions_of_their_own_venue(
    world: World, noor: Person, janus: Person
) -> None:
    bad = review(world.admin, factories.activity(world.admin, world.venue), 1)
    decide = "SELECT * FROM feedback.decide(%s, 1, %s, 'Because.')"
    for wanted in ("keep", "hide"):
        assert refused(janus, decide, bad, wanted) == OWN
    score = factories.insert(
        world.admin,
        "venue_performance_scores",
        {"venue_id": world.venue, "score_week_start": day(-7), "formula_version": 1, "inputs": {},
         "composite_score": 80, "cancellation_score": 80, "no_show_score": 80},
    )  # fmt: skip
    maya = somebody(world, "manager", "Maya")
    asked = maya.call("SELECT scores.dispute(%s, %s, 'all', 'Wrong') AS d", world.venue, score)[0]["d"]
    answer = "SELECT scores.answer(%s, 1, true, 'You are right.')"
    assert refused(janus, answer, asked["id"]) == OWN
    assert len(noor.call(answer, asked["id"])) == 1
    assert noor.call(decide, bad, "hide")[0]["is_visible"] is False


def test_nobody_says_that_an_incident_of_their_own_venue_is_dealt_with(
    world: World, noor: Person, janus: Person
) -> None:
    report = "SELECT vetting.report_incident(%s, %s, %s, 'serious', 'A fall', '') AS found"
    one = janus.call(report, uuid4(), world.venue, day(0))[0]["found"]
    resolve = "SELECT vetting.resolve_incident(%s, %s, 'Nothing to see.') AS found"
    assert refused(janus, resolve, one["id"], one["version"]) == OWN
    assert noor.call(resolve, one["id"], one["version"])[0]["found"]["resolved_by"] == "Noor"


# -- no hat any more -----------------------------------------------------------------------------------------------


def test_who_applied_for_a_venue_and_left_it_has_no_more_to_do_with_it(world: World, noor: Person) -> None:
    elsewhere = factories.venue(world.admin, name="Elsewhere")
    founder = somebody(world, "manager", "Vera", elsewhere)
    one = case(world)
    venue = row(world, one)["venue_id"]
    factories.insert(
        world.admin,
        "venue_applications",
        {
            "state": "submitted",
            "applicant_id": founder.id,
            "venue_id": venue,
            "name": "X",
            "submitted_at": NOON,
        },
    )
    page = file(founder, venue, papers=CERTIFICATE)
    document = page["waiting"]["documents"][0]["id"]
    version = noor.call(CLAIM, one, row(world, one)["version"])[0]["version"]
    noor.call(DECIDE, one, version, verdict("approve"))
    assert messages(world, founder, "venue_approved") == 1
    assert len(founder.call("SELECT * FROM vetting.document(%s)", document)) == 1
    world.admin.execute(
        "UPDATE staff_grants SET revoked_at = app.now() WHERE user_id = %s AND venue_id = %s",
        [founder.id, venue],
    )
    gone = ("NX404", "no_venue")
    assert refused(founder, "SELECT vetting.requirements(%s)", venue) == gone
    assert refused(founder, "SELECT * FROM vetting.document(%s)", document) == ("NX404", "no_document")
    put = "SELECT vetting.put_person(%s, NULL, 0, 'Nia', 'Coach', %s)"
    assert refused(founder, put, venue, day(-1)) == gone
    assert refused(founder, "SELECT * FROM vetting.case_row(%s)", one) == ("NX404", "no_case")
    with pytest.raises(psycopg.Error, match="no such venue"):
        file(founder, venue)
    # Nor do they hear of it.
    noor.call(
        "SELECT vetting.judge(%s, %s, %s, false, 'Cannot be read.')",
        venue, page["waiting"]["id"], page["waiting"]["version"],
    )  # fmt: skip
    assert messages(world, founder, "filing_declined") == 0


# -- locks, levels, settings ---------------------------------------------------------------------------------------


def test_who_holds_a_venues_papers_stops_neither_its_desk_nor_the_job(world: World, noor: Person) -> None:
    session = world.other_session("Chess")
    booked = world.booking("Nia", session)
    leo = world.child("Leo")
    world.booking(leo, world.other_session("Ballet"))
    factories.balance(
        world.admin, world.one("SELECT parent_id FROM children WHERE id = %s", leo)["parent_id"], 20
    )
    maya, desk = somebody(world, "manager", "Maya"), somebody(world, "front_desk", "Jonas")
    one = factories.insert(
        world.admin,
        "venue_cases",
        {"venue_id": world.venue, "kind": "yearly_check", "due_at": NOON + timedelta(days=5)},
    )
    version = noor.call(CLAIM, one, 1)[0]["version"]

    def goes_on() -> None:
        desk.connection.execute("SET lock_timeout = '2s'")
        with desk.connection.transaction(force_rollback=True):
            assert desk.do("check_in", booked)["outcome"] == "applied"
            assert len(desk.call("SELECT * FROM bookings.book(%s, %s, %s)", uuid4(), session, leo)) == 1
        with world.admin.transaction(force_rollback=True):
            world.admin.execute("SET LOCAL lock_timeout = '2s'")
            world.admin.execute("SELECT app.job_watch_compliance()")

    with maya.connection.transaction(force_rollback=True):
        file(maya, world.venue, papers=CERTIFICATE)
        goes_on()
        # Headquarters hears that it took too long, and nothing is half done.
        with noor.connection.transaction(force_rollback=True):
            noor.connection.execute("SET LOCAL statement_timeout = '300ms'")
            with pytest.raises(psycopg.errors.QueryCanceled):
                noor.call(DECIDE, one, version, verdict("ask", "Please."))
    with noor.connection.transaction(force_rollback=True):
        noor.call(DECIDE, one, version, verdict("ask", "Please."))
        goes_on()
    assert row(world, one)["state"] == "open"
    assert noor.call(DECIDE, one, version, verdict("ask", "Please."))[0]["state"] == "asked"


@pytest.mark.parametrize("level", ["REPEATABLE READ", "SERIALIZABLE"])
def test_nothing_is_decided_on_an_old_picture(world: World, noor: Person, level: str) -> None:
    one = case(world)
    noor.connection.execute(f"SET default_transaction_isolation = '{level}'".encode())
    try:
        assert refused(noor, CLAIM, one, 1)[0] == "NX403"
        assert refused(noor, DECIDE, one, 1, verdict("approve"))[0] == "NX403"
        assert refused(noor, "SELECT vetting.suspension(%s)", world.venue)[0] == "NX403"
        assert refused(noor, "SELECT scores.save_formula(1, '{25,25,25,25}', 60, 'x')")[0] == "NX403"
    finally:
        noor.connection.execute("RESET default_transaction_isolation")


def test_a_stolen_claim_is_no_key(world: World, noor: Person) -> None:
    """Whoever knows the case and its version still decides nothing that somebody else holds."""
    other = somebody(world, "platform_admin", "Ada")
    one = case(world)
    version = noor.call(CLAIM, one, 1)[0]["version"]
    for spoof in ("nexus.user", "nexus.user_id", "nexus.person", "request.user"):
        other.call("SELECT set_config(%s, %s, false)", spoof, str(noor.id))
    forged: list[object] = [verdict("approve"), verdict("approve", seen={"insurance": "satisfied"})]
    forged.append(Jsonb({"decision": "approve", "claimed_by": str(noor.id), "decided_by": str(noor.id)}))
    for attempt in forged:
        assert refused(other, DECIDE, one, version, attempt) == ("NX409", "claimed")
    world.at(NOON + timedelta(minutes=21))
    for attempt in forged:
        assert refused(other, DECIDE, one, version, attempt) == ("NX409", "not_claimed")
    mine = other.call(CLAIM, one, version)[0]["version"]
    # What was read before the claim changed hands is an old version.
    assert refused(other, DECIDE, one, version, forged[0]) == ("NX409", "version_changed")
    assert refused(noor, DECIDE, one, version, forged[0]) == ("NX409", "claimed")
    assert other.call(DECIDE, one, mine, forged[2])[0]["decided_by"] == "Ada"
    # Sent again it decides nothing more.
    assert refused(other, DECIDE, one, mine, forged[2]) == ("NX409", "decided_already")
    decided: UUID = row(world, one)["decided_by"]
    assert decided == other.id
