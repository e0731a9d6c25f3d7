"""Deciding about a venue: what is written, who is told, and two people or a clock in each other's way."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from datetime import date, timedelta
from itertools import product
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest

from tests.support import factories
from tests.support.databases import Database
from tests.support.desk_world import NOON, Person, Row, World
from tests.support.vetting import (
    CLAIM,
    DECIDE,
    NEXT,
    RELEASE,
    ROW,
    TODAY,
    case,
    claimed,
    papers,
    row,
    someone,
    venue_of,
    verdict,
    waive_all,
)
from tests.support.workers import until

MESSAGES = (
    "application_received", "venue_approved", "venue_excepted", "venue_rejected", "changes_asked", "venue_suspended",
    "venue_reinstated", "case_opened",
)  # fmt: skip
KINDS = ("insurance", "background_checks", "safety_audit", "reverification", "payout_account")


@pytest.fixture(scope="module")
def whole(house: Database) -> Iterator[World]:
    with World(house) as made:
        yield made


@pytest.fixture
def world(whole: World) -> World:
    whole.at(NOON)
    return whole


@pytest.fixture(scope="module")
def ana(whole: World) -> Person:
    return someone(whole, name="Ana")


@pytest.fixture(scope="module")
def ben(whole: World) -> Person:
    return someone(whole, name="Ben")


def refused(person: Person, statement: str, *arguments: Any) -> tuple[str, str, str]:
    """The code, key and sentence of a refusal."""
    with pytest.raises(psycopg.Error) as caught:
        person.call(statement, *arguments)
    found = caught.value
    return found.sqlstate or "", found.diag.message_detail or "", found.diag.message_primary or ""


def events(world: World, of_case: UUID) -> list[str]:
    found = world.all("SELECT kind FROM venue_events WHERE case_id = %s ORDER BY kind", of_case)
    return [one["kind"] for one in found]


def told(world: World, person: UUID) -> list[tuple[str, str]]:
    return [
        (one["template_key"], one["body"])
        for one in world.all(
            """SELECT template_key, body FROM notifications
                WHERE user_id = %s AND channel = 'in_app' ORDER BY template_key""",
            person,
        )
    ]


def test_an_approval_opens_the_venue_and_gives_it_to_its_applicant(world: World, ana: Person) -> None:
    one = case(world)
    applicant = factories.user(world.admin, role="venue_admin", first_name="Nora")
    venue = row(world, one)["venue_id"]
    factories.insert(
        world.admin,
        "venue_applications",
        {
            "state": "submitted",
            "applicant_id": applicant,
            "venue_id": venue,
            "submitted_at": NOON,
            "name": "X",
        },
    )
    mine = claimed(ana, world, one)
    after = ana.call(DECIDE, one, mine["version"], verdict("approve", "Welcome.\nThe team"))[0]
    assert (after["state"], after["outcome"], after["decided_by"]) == ("decided", "approved", "Ana")
    kept = venue_of(world, one)
    assert (kept["status"], kept["approved_at"], kept["primary_admin_user_id"]) == ("active", NOON, applicant)
    assert (kept["last_verification_date"], kept["next_verification_due"]) == (TODAY, date(2027, 3, 2))
    assert world.one("SELECT role::text, granted_by FROM staff_grants WHERE venue_id = %s", venue) == {
        "role": "manager",
        "granted_by": ana.id,
    }
    assert told(world, applicant) == [("venue_approved", f"{kept['name']} is approved.\nWelcome.\nThe team")]
    assert events(world, one) == ["approved", "claimed"]


def test_an_exception_waives_each_requirement_until_a_day(world: World, ana: Person) -> None:
    one = case(world, met=False)
    version = claimed(ana, world, one)["version"]
    some = {name: date(2026, 6, 1) for name in KINDS[:4]}
    assert refused(ana, DECIDE, one, version, verdict("except", waivers=some))[1:] == (
        "not_met",
        "This is not met either: payout account.",
    )
    for wrong in (TODAY, date(2027, 3, 3)):
        assert refused(ana, DECIDE, one, version, waive_all(wrong))[1] == "until"
    assert refused(ana, DECIDE, one, version, verdict("except", " "))[1] == "feedback"
    assert ana.call(DECIDE, one, version, waive_all())[0]["outcome"] == "approved_with_exception"
    kept = world.all(
        "SELECT state::text, excepted_until, exception_reason, decided_by FROM venue_requirements WHERE venue_id = %s",
        row(world, one)["venue_id"],
    )
    assert (
        kept
        == [
            {
                "state": "excepted",
                "excepted_until": date(2026, 6, 1),
                "exception_reason": "The audit is booked.",
                "decided_by": ana.id,
            }
        ]
        * 5
    )
    assert venue_of(world, one)["status"] == "active"


@pytest.mark.parametrize(("score", "curated"), [(61, True), (59, False)])
def test_a_reinstated_venue_is_curated_again_where_its_newest_score_allows_it(
    world: World, ana: Person, score: int, curated: bool
) -> None:
    one = case(world, "reinstatement")
    week = {"score_week_start": date(2026, 2, 23), "no_show_score": score, "composite_score": score}
    factories.insert(
        world.admin, "venue_performance_scores", week | {"venue_id": row(world, one)["venue_id"]}
    )
    ana.call(DECIDE, one, claimed(ana, world, one)["version"], verdict("approve"))
    kept = venue_of(world, one)
    assert (kept["status"], kept["is_curation_eligible"]) == ("active", curated)


def test_a_rejection_and_a_question_say_why(world: World, ana: Person) -> None:
    one = case(world)
    version = claimed(ana, world, one)["version"]
    for decision in ("reject", "ask"):
        assert refused(ana, DECIDE, one, version, verdict(decision, " \n"))[:2] == ("NX422", "feedback")
        assert refused(ana, DECIDE, one, version, verdict(decision, "x" * 4001))[:2] == ("NX422", "feedback")
    assert refused(ana, DECIDE, one, version, verdict("burn"))[:2] == ("NX422", "decision")
    manager = someone(world, "manager", "Jonas", row(world, one)["venue_id"])
    after = ana.call(DECIDE, one, version, verdict("ask", "Please add the audit."))[0]
    assert (after["state"], row(world, one)["feedback"]) == ("asked", "Please add the audit.")
    assert [key for key, _ in told(world, manager.id)] == ["changes_asked"]
    again = claimed(ana, world, one)
    ana.call(DECIDE, one, again["version"], verdict("reject", "Nothing came."))
    kept = venue_of(world, one)
    assert (kept["status"], kept["rejection_reason"], kept["rejection_date"]) == (
        "rejected",
        "Nothing came.",
        NOON,
    )
    assert [key for key, _ in told(world, manager.id)] == ["changes_asked", "venue_rejected"]


def test_a_venue_that_lacks_what_an_open_one_needs_is_not_opened(world: World, ana: Person) -> None:
    one = case(world)
    world.admin.execute("UPDATE venues SET latitude = NULL WHERE id = %s", [row(world, one)["venue_id"]])
    version = claimed(ana, world, one)["version"]
    assert refused(ana, DECIDE, one, version, verdict("approve"))[1:] == (
        "incomplete",
        "The venue cannot open without: Latitude.",
    )


def test_somebody_else_s_claim_says_who_and_until_when(world: World, ana: Person, ben: Person) -> None:
    one = case(world)
    mine = claimed(ana, world, one)
    assert mine["claimed_until"] == NOON + timedelta(minutes=20)
    factories_zone(world, ben.id, "America/New_York")
    for statement, arguments in (
        (CLAIM, (one, mine["version"])),
        (RELEASE, (one, mine["version"])),
        (DECIDE, (one, mine["version"], verdict("approve"))),
    ):
        assert refused(ben, statement, *arguments) == ("NX409", "claimed", "Ana holds this until 12:20.")
    world.at(NOON + timedelta(minutes=5))
    assert claimed(ana, world, one)["claimed_until"] == NOON + timedelta(minutes=25)
    assert ben.call(ROW, one)[0]["claimed_by"] == "Ana"
    world.at(NOON + timedelta(minutes=25))
    assert ben.call(ROW, one)[0]["claimed_by"] is None


def factories_zone(world: World, person: UUID, zone: str) -> None:
    world.admin.execute("UPDATE users SET timezone = %s WHERE id = %s", [zone, person])


def test_a_claim_that_runs_out_in_the_middle_decides_nothing(world: World, ana: Person, ben: Person) -> None:
    one = case(world)
    mine = claimed(ana, world, one)
    world.at(NOON + timedelta(minutes=20))
    assert refused(ana, DECIDE, one, mine["version"], verdict("approve")) == (
        "NX409",
        "not_claimed",
        "Your claim ran out.",
    )
    theirs = claimed(ben, world, one)
    assert refused(ana, DECIDE, one, mine["version"], verdict("approve"))[1] == "claimed"
    assert ben.call(DECIDE, one, theirs["version"], verdict("approve"))[0]["outcome"] == "approved"
    assert venue_of(world, one)["status"] == "active"


def test_a_case_that_changed_since_it_was_looked_at_is_looked_at_again(world: World, ana: Person) -> None:
    one = case(world)
    version = claimed(ana, world, one)["version"]
    assert refused(ana, DECIDE, one, version - 1, verdict("approve"))[:2] == ("NX409", "version_changed")
    other = case(world)
    assert refused(ana, CLAIM, other, 77)[:2] == ("NX409", "version_changed")
    assert refused(ana, CLAIM, uuid4(), 1)[:2] == ("NX404", "no_case")
    assert refused(ana, RELEASE, one, 77)[:2] == ("NX409", "version_changed")


def test_an_insurance_that_ends_between_looking_and_deciding_stops_the_approval(
    world: World, ana: Person
) -> None:
    one = case(world, met=False)
    venue = row(world, one)["venue_id"]
    papers(world.admin, venue, insured_until=TODAY)
    world.at(NOON.replace(hour=4) + timedelta(days=1))  # eleven at night in New York, still insured
    mine = claimed(ana, world, one)
    assert mine["standings"]["insurance"] == "expiring"
    world.at(NOON.replace(hour=5, minute=1) + timedelta(days=1))
    mine = claimed(ana, world, one)
    said = refused(ana, DECIDE, one, mine["version"], verdict("approve", seen={"insurance": "expiring"}))
    assert said == ("NX409", "requirement_changed", "Since you looked, this is no longer met: insurance.")
    assert refused(ana, DECIDE, one, mine["version"], verdict("approve"))[1] == "not_met"
    assert venue_of(world, one)["status"] == "pending_approval"


def both(
    world: World, first: Person, second: Person, *calls: tuple[str, tuple[Any, ...]]
) -> list[Row] | psycopg.Error:
    """The first person's call is held open until the second's waits for it; what the second one got."""
    answers: list[list[Row] | psycopg.Error] = []

    def ask() -> None:
        try:
            answers.append(second.call(calls[1][0], *calls[1][1]))
        except psycopg.Error as error:
            answers.append(error)

    waiting = "SELECT count(*) AS n FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND usename = %s"
    thread = threading.Thread(target=ask)
    with first.connection.transaction():
        first.call(calls[0][0], *calls[0][1])
        thread.start()
        until(lambda: world.one(waiting, second.dsn_role)["n"] == 1, "the second waits for the first")
    thread.join(20)
    return answers[0]


def test_of_two_who_decide_in_one_moment_one_wins_and_the_other_hears_who(
    world: World, ana: Person, ben: Person
) -> None:
    one = case(world)
    mine = claimed(ana, world, one)
    for person in (ana, ben):
        factories_zone(world, person.id, "America/New_York")
    call = (DECIDE, (one, mine["version"], verdict("approve")))
    got = both(world, ana, ben, call, call)
    assert isinstance(got, psycopg.Error)
    assert (got.diag.message_detail, got.diag.message_primary) == (
        "decided_already",
        "Ana approved this at 12:00.",
    )
    assert events(world, one) == ["approved", "claimed"]


def test_of_two_who_claim_in_one_moment_one_wins_and_the_other_hears_who(
    world: World, ana: Person, ben: Person
) -> None:
    one = case(world)
    call = (CLAIM, (one, row(world, one)["version"]))
    got = both(world, ana, ben, call, call)
    assert isinstance(got, psycopg.Error)
    assert got.diag.message_detail == "claimed"
    assert (got.diag.message_primary or "").startswith("Ana holds this until ")


def test_two_who_ask_for_the_next_case_get_two(world: World, ana: Person, ben: Person) -> None:
    world.admin.execute(
        "UPDATE venue_cases SET state = 'decided', outcome = 'rejected', decided_at = %s WHERE state <> 'decided'",
        [NOON],
    )
    late = case(world, due_at=NOON - timedelta(days=1))
    soon = case(world, due_at=NOON + timedelta(days=1))
    case(world, state="asked", asked_at=NOON, due_at=NOON - timedelta(days=9))
    with ana.connection.transaction():
        assert ana.call(NEXT, None)[0]["id"] == late
        assert ben.call(NEXT, None)[0]["id"] == soon
    assert ben.call(NEXT, None) == []
    ana.call(RELEASE, late, row(world, late)["version"])
    assert ben.call(NEXT, late) == []
    assert ben.call(NEXT, None)[0]["claimed_by"] == "Ben"


def test_templates_are_words_for_headquarters_only(world: World, ana: Person) -> None:
    found = ana.call("SELECT * FROM vetting.templates('reject')")
    assert len(found) == 4
    assert {one["decision"] for one in found} == {"reject"}
    manager = someone(world, "manager")
    assert refused(manager, "SELECT * FROM vetting.templates('reject')")[:2] == ("NX403", "not_permitted")


def test_what_headquarters_alone_does_is_refused_to_everybody_else(world: World) -> None:
    one = case(world)
    for role in ("manager", "front_desk", "venue_finance", "platform_finance"):
        person = someone(world, role, "Jonas", row(world, one)["venue_id"])
        for statement, arguments in (
            ("SELECT vetting.claim(%s, 1)", (one,)),
            ("SELECT vetting.release(%s, 1)", (one,)),
            ("SELECT vetting.next_case(NULL)", ()),
            ("SELECT vetting.decide(%s, 1, '{}')", (one,)),
            ("SELECT vetting.cases()", ()),
            ("SELECT vetting.case_counts()", ()),
            ("SELECT vetting.case_page(%s)", (one,)),
            ("SELECT vetting.likenesses(%s)", (row(world, one)["venue_id"],)),
            ("SELECT vetting.import_applications('[]', true)", ()),
        ):
            assert refused(person, statement, *arguments)[:2] == ("NX403", "not_permitted"), (role, statement)


def test_the_people_of_a_venue_see_its_case_but_no_reviewer(world: World, ana: Person) -> None:
    """What vetting.case_row() says to whom."""
    one = case(world, "yearly_check")
    claimed(ana, world, one)
    manager = someone(world, "manager", "Jonas", row(world, one)["venue_id"])
    seen = manager.call(ROW, one)[0]
    assert (seen["id"], seen["claimed_by"], seen["claimed_until"]) == (one, None, None)
    assert refused(someone(world, "manager"), ROW, one)[:2] == ("NX404", "no_case")
    assert refused(someone(world, "front_desk", "Jonas", row(world, one)["venue_id"]), ROW, one)[0] == "NX403"


def test_every_message_to_a_venue_is_there_in_three_languages(world: World) -> None:
    found = world.all(
        """SELECT template_key, channel::text, language_code, available_variables AS names,
                  coalesce(email_subject || email_body_text, in_app_title || in_app_body) AS words
             FROM notification_templates WHERE template_key = ANY (%s)""",
        list(MESSAGES),
    )
    assert {(one["template_key"], one["channel"], one["language_code"]) for one in found} == set(
        product(MESSAGES, ("email", "in_app"), ("en", "es", "ru"))
    )
    for one in found:
        assert set(re.findall(r"\{\{(\w+)\}\}", one["words"])) <= set(one["names"]), one["template_key"]


def test_every_line_of_a_venue_s_history_has_words_of_its_own(world: World) -> None:
    sources = world.all(
        """SELECT p.prosrc AS source FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
            WHERE n.nspname = 'vetting'"""
    )
    kinds = {
        kind
        for row in sources
        for kind in re.findall(
            r"(?:write_event\([^,]+,[^,]+|people_changed\([^,]+),\s*'([a-z_]+)'", row["source"]
        )
    }
    assert {"person_named", "filed", "changes_asked"} <= kinds
    for kind in kinds:
        said = world.one("SELECT vetting.event_words(%s, '{}', 'insurance') AS words", kind)["words"]
        assert said != f"Insurance: {kind[0].upper()}{kind[1:].replace('_', ' ')}", kind
