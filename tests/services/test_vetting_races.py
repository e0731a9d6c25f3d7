"""Two or more people, or a person and the clock or a job, about the same venue in one moment: over real connections.

docs/design.md, "Rules of the domain" (compliance, scores) and "Screens" (platform, reviews and score).
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from psycopg.types.json import Jsonb

from console.storage.embedded import EmbeddedServer
from tests.support import factories
from tests.support.compliance import (
    FACTS,
    FILE,
    PDF,
    PNG,
    accept,
    day,
    file,
    messages,
    paper,
    put_filing,
    settle,
    somebody,
    waits_for_a_lock,
)
from tests.support.desk_world import Person, World
from tests.support.factories import NOON
from tests.support.opinions import review
from tests.support.racing import at_once, key, keys, one_after_the_other
from tests.support.vetting import (
    CLAIM,
    DECIDE,
    NEXT,
    TODAY,
    at_a_new_venue,
    case,
    papers,
    row,
    venue_of,
    verdict,
    world_of_its_own,
)
from tests.support.vetting import FACTS as APPLICATION

BOOK = "SELECT * FROM bookings.book(%s, %s, %s)"
HIDE = "SELECT * FROM feedback.decide(%s, %s, 'hide', 'Not about this venue.')"
REPLY = "SELECT * FROM feedback.reply(%s, %s, 'Thank you.')"


@pytest.fixture(scope="module")
def whole(_template: EmbeddedServer) -> Iterator[World]:
    with world_of_its_own(_template, "races") as made:
        yield made


@pytest.fixture
def world(whole: World) -> World:
    """A venue of its own for each test, and no case but its own."""
    whole.admin.execute(
        """UPDATE venue_cases SET state = 'decided', outcome = 'rejected', decided_at = %s, claimed_by = NULL,
                  claimed_at = NULL, claimed_until = NULL WHERE state <> 'decided'""",
        [NOON],
    )
    return at_a_new_venue(whole)


@pytest.fixture(scope="module")
def office(whole: World) -> list[Person]:
    """Eight people of headquarters, each at a desk of their own."""
    names = ("Ana", "Ben", "Cleo", "Dan", "Eva", "Finn", "Gina", "Hugo")
    return [somebody(whole, "platform_admin", name) for name in names]


def events(world: World, venue: UUID, kind: str) -> int:
    found = world.one("SELECT count(*) AS n FROM venue_events WHERE venue_id = %s AND kind = %s", venue, kind)
    return int(found["n"])


# -- cases -----------------------------------------------------------------------------------------------------------


def test_of_eight_who_claim_one_case_one_has_it(world: World, office: list[Person]) -> None:
    one = case(world)
    endings = at_once(*((who, CLAIM, (one, 1)) for who in office))
    assert keys(endings) == ["claimed"] * 7 + ["done"]
    winner = next(who for who, ending in zip(office, endings, strict=True) if key(ending) is None)
    assert row(world, one)["claimed_by"] == winner.id
    for ending in endings:
        if not isinstance(ending, list):
            assert str(ending.diag.message_primary).startswith(f"{winner.name} holds this until")
    assert events(world, row(world, one)["venue_id"], "claimed") == 1


def test_eight_who_ask_for_the_next_of_five_cases_get_five(world: World, office: list[Person]) -> None:
    waiting = {case(world) for _case in range(5)}
    endings = at_once(*((who, NEXT, (None,)) for who in office))
    got = [ending[0]["id"] for ending in endings if isinstance(ending, list) and ending]
    assert len(got) == 5
    assert set(got) == waiting
    assert keys(endings) == ["done"] * 8


def test_of_two_who_decide_otherwise_at_once_one_is_heard(world: World, office: list[Person]) -> None:
    one = case(world)
    ana, ben = office[:2]
    version = ana.call(CLAIM, one, 1)[0]["version"]
    # Ana's claim runs out while Ben takes the case over and she still decides.
    world.at(NOON + timedelta(minutes=20))
    endings = one_after_the_other(
        world, (ben, CLAIM, (one, version)), (ana, DECIDE, (one, version, verdict("approve")))
    )
    assert keys(endings) == ["claimed", "done"]
    assert venue_of(world, one)["status"] == "pending_approval"
    mine = row(world, one)["version"]
    rejected = (ben, DECIDE, (one, mine, verdict("reject")))
    endings = at_once(rejected, (ana, DECIDE, (one, mine, verdict("approve"))), (ana, CLAIM, (one, mine)))
    assert key(endings[0]) is None
    assert {key(ending) for ending in endings[1:]} <= {"claimed", "decided_already"}
    assert venue_of(world, one)["status"] == "rejected"


def test_an_insurance_that_ends_while_the_approval_waits_for_a_lock_stops_it(
    world: World, office: list[Person]
) -> None:
    one = case(world, met=False)
    venue = row(world, one)["venue_id"]
    papers(world.admin, venue, insured_until=TODAY)
    ana = office[0]
    # Eleven at night in New York: still insured. The manager is just filing something else.
    world.at(NOON.replace(hour=4, minute=55) + timedelta(days=1))
    version = ana.call(CLAIM, one, 1)[0]["version"]
    maya = somebody(world, "manager", "Maya", venue)
    filing = (maya, "SELECT vetting.file(%s, 'reverification', '{}', NULL, NULL, NULL)", (venue,))
    deciding = (ana, DECIDE, (one, version, verdict("approve", seen={"insurance": "expiring"})))
    midnight = NOON.replace(hour=5, minute=1) + timedelta(days=1)
    endings = one_after_the_other(world, filing, deciding, lambda: world.at(midnight))
    assert key(endings[1]) == "requirement_changed"
    assert venue_of(world, one)["status"] == "pending_approval"


def test_an_application_that_is_withdrawn_and_approved_at_once_is_one_of_them(
    world: World, office: list[Person]
) -> None:
    applicant = somebody(world, "manager", "Vera")
    take_back = "SELECT vetting.withdraw_application(%s, %s)"
    for approval_first in (True, False):
        one = case(world)
        made = factories.insert(
            world.admin,
            "venue_applications",
            {"state": "submitted", "applicant_id": applicant.id, "venue_id": row(world, one)["venue_id"],
             "name": "X", "submitted_at": NOON},
        )  # fmt: skip
        version = office[0].call(CLAIM, one, 1)[0]["version"]
        calls = [(office[0], DECIDE, (one, version, verdict("approve"))), (applicant, take_back, (made, 1))]
        endings = one_after_the_other(world, calls[not approval_first], calls[approval_first])
        assert key(endings[1]) == "decided_already"
        state = world.one("SELECT state::text FROM venue_applications WHERE id = %s", made)["state"]
        expected = ("active", "submitted") if approval_first else ("rejected", "withdrawn")
        assert (venue_of(world, one)["status"], state) == expected


def test_handed_in_twice_at_once_there_is_one_venue(world: World) -> None:
    vera = somebody(world, "manager", "Vera")
    draft = vera.call("SELECT vetting.begin() AS a")[0]["a"]
    name = f"Once {uuid4()}"
    facts = Jsonb(APPLICATION | {"name": name})
    kept = vera.call("SELECT vetting.save(%s, %s, %s) AS a", draft["id"], draft["version"], facts)[0]["a"]
    desks = [world.sign_in(vera.id, "Vera", world.desk(f"Desk {uuid4()}")) for _desk in range(3)]
    submit = "SELECT vetting.submit(%s, %s)"
    assert keys(at_once(*((desk, submit, (draft["id"], kept["version"])) for desk in desks))) == ["done"] * 3
    found = world.one("SELECT id FROM venues WHERE name = %s", name)["id"]
    assert len(world.all("SELECT id FROM venue_cases WHERE venue_id = %s", found)) == 1
    assert messages(world, vera, "application_received") == 1


def test_a_file_taken_twice_at_once_makes_each_venue_once(world: World, office: list[Person]) -> None:
    name = f"Imported {uuid4()}"
    rows = Jsonb(
        [APPLICATION | {"name": f"{name} {n}", "source_key": f"{name} {n}", "row": n} for n in range(6)]
    )
    take = "SELECT fate FROM vetting.import_applications(%s, true)"
    endings = at_once(*((who, take, (rows,)) for who in office[:3]))
    fates = [found["fate"] for ending in endings if isinstance(ending, list) for found in ending]
    assert (fates.count("new"), fates.count("known")) == (6, 12)
    assert len(world.all("SELECT id FROM venues WHERE name LIKE %s", f"{name}%")) == 6


# -- papers ------------------------------------------------------------------------------------------------------------


def test_two_who_file_at_once_leave_one_that_waits_and_keep_both_files(world: World) -> None:
    people = [somebody(world, "manager", name) for name in ("Maya", "Leo", "Ida")]

    def call(who: Person, content: bytes) -> tuple[Person, str, tuple[Any, ...]]:
        said = paper("a.png", "image/png") if content == PNG else paper()
        more = (Jsonb(FACTS["insurance"]), None, day(300), None, Jsonb([said]), [content])
        return who, FILE, (world.venue, "insurance", *more)

    endings = at_once(*map(call, people, (PDF, PNG, PDF)))
    assert keys(endings) == ["done"] * 3
    states = world.all(
        "SELECT state::text FROM requirement_filings WHERE venue_id = %s ORDER BY state", world.venue
    )
    assert [found["state"] for found in states] == ["filed", "replaced", "replaced"]
    assert len(world.all("SELECT id FROM documents WHERE venue_id = %s", world.venue)) == 3
    assert len(world.all("SELECT id FROM venue_cases WHERE venue_id = %s", world.venue)) == 1


def test_what_is_replaced_while_it_is_accepted_is_not_accepted_unseen(
    world: World, office: list[Person]
) -> None:
    maya = somebody(world, "manager", "Maya")
    waiting = file(maya, world.venue, papers=((paper(), PDF),))["waiting"]
    again = (world.venue, "insurance", Jsonb(FACTS["insurance"]), None, day(200), None)
    filing = (maya, FILE, (*again, Jsonb([paper()]), [PDF]))
    judge = "SELECT vetting.judge(%s, %s, %s, true, NULL)"
    judging = (office[0], judge, (world.venue, waiting["id"], waiting["version"]))
    endings = one_after_the_other(world, filing, judging)
    assert key(endings[1]) == "filing_decided"
    pages = maya.call("SELECT vetting.requirements(%s) AS pages", world.venue)[0]["pages"]
    assert pages[0]["standing"] == "pending"
    # The other way round the acceptance stands and the newer one waits.
    assert accept(office[0], world.venue, pages[0])["standing"] == "satisfied"
    assert file(maya, world.venue, expires_on=day(301))["waiting"]["state"] == "filed"


def test_the_job_run_twice_at_once_reminds_once(world: World) -> None:
    maya = somebody(world, "manager", "Maya")
    put_filing(world, world.venue, "insurance", expires_on=day(25))
    settle(world, world.venue)
    connections = [world.database.connect() for _run in range(3)]
    try:
        gate = threading.Barrier(3)

        def run(place: int) -> None:
            gate.wait(10)
            connections[place].execute("SELECT app.job_watch_compliance()")

        threads = [threading.Thread(target=run, args=(place,)) for place in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)
    finally:
        for connection in connections:
            connection.close()
    assert messages(world, maya, "requirement_reminder") == 1
    assert events(world, world.venue, "reminded") == 1
    kept = world.one(
        "SELECT reminders_sent FROM venue_requirements WHERE venue_id = %s AND requirement = 'insurance'",
        world.venue,
    )
    assert kept["reminders_sent"] == [30]


def test_booked_and_suspended_at_once_every_place_is_kept_whole_or_given_back(
    world: World, office: list[Person]
) -> None:
    session = world.other_session("Ballet", starts_at=NOON + timedelta(days=3))
    desks = [somebody(world, "front_desk", name) for name in ("Jonas", "Lea", "Max", "Zoe")]
    children = [world.child(f"Child{n}") for n in range(4)]
    for child in children:
        world.booking(child, world.other_session("Chess"))
        parent = world.one("SELECT parent_id FROM children WHERE id = %s", child)["parent_id"]
        factories.balance(world.admin, parent, 20)
    tomorrow = NOON.date() + timedelta(days=1)
    look = "SELECT vetting.suspension(%s, %s) AS preview"
    preview = office[0].call(look, world.venue, tomorrow)[0]["preview"]
    suspend = "SELECT vetting.suspend(%s, %s, %s, 'The audit found a broken exit.')"
    suspending = (office[0], suspend, (world.venue, tomorrow, preview["fingerprint"]))
    booking = ((desk, BOOK, (uuid4(), session, child)) for desk, child in zip(desks, children, strict=True))
    endings = at_once(suspending, *booking)
    booked = sum(key(ending) is None for ending in endings[1:])
    assert {key(ending) for ending in endings[1:]} <= {None, "venue_suspended", "session_cancelled"}
    if key(endings[0]) is None:
        assert booked == 0
    else:
        assert key(endings[0]) == "plan_changed"
        again = office[0].call(look, world.venue, tomorrow)[0]["preview"]
        office[0].call(suspend, world.venue, tomorrow, again["fingerprint"])
    states = world.all(
        "SELECT status::text, credits_charged, credits_refunded FROM bookings WHERE session_id = %s", session
    )
    assert len(states) == booked
    for found in states:
        assert found["status"] == "cancelled_venue"
        assert found["credits_charged"] == found["credits_refunded"]
    assert world.one("SELECT status::text AS s FROM venues WHERE id = %s", world.venue)["s"] == "suspended"


# -- reviews, scores, announcements -----------------------------------------------------------------------------------


def test_hidden_and_answered_at_once_a_hidden_review_is_never_answered_unseen(
    world: World, office: list[Person]
) -> None:
    maya = somebody(world, "manager", "Maya")
    activity = factories.activity(world.admin, world.venue)
    for hidden_first in (True, False):
        one = review(world.admin, activity, 1)
        calls = [(office[0], HIDE, (one, 1)), (maya, REPLY, (one, 1))]
        endings = one_after_the_other(world, calls[not hidden_first], calls[hidden_first])
        kept = world.one("SELECT is_visible, venue_response FROM reviews WHERE id = %s", one)
        if hidden_first:
            assert key(endings[1]) == "hidden"
            assert kept == {"is_visible": False, "venue_response": None}
        else:
            assert key(endings[1]) == "version_changed"
            assert kept == {"is_visible": True, "venue_response": "Thank you."}


def test_a_formula_saved_while_a_week_is_worked_out_counts_from_the_next(
    world: World, office: list[Person]
) -> None:
    session = factories.session(
        world.admin, factories.activity(world.admin, world.venue), starts_at=NOON - timedelta(days=4),
        ends_at=NOON - timedelta(days=4, hours=-1), total_capacity=50,
    )  # fmt: skip
    for _place in range(12):
        world.booking(None, session, status="completed")
    week = (NOON - timedelta(days=7)).date()
    ana = office[0]
    version = ana.call("SELECT scores.formula() AS f")[0]["f"]["version"]
    save = "SELECT scores.save_formula(%s, '{25,25,25,25}', 60, 'Fairer') AS f"
    answers: list[dict[str, Any]] = []
    thread = threading.Thread(target=lambda: answers.extend(ana.call(save, version)))
    with world.database.connect() as worker:
        with worker.transaction():
            worker.execute("SELECT scores.compute(%s)", [week])
            thread.start()
            waits_for_a_lock(world, ana)
        thread.join(30)
        assert answers[0]["f"]["version"] == version + 1
        kept = "SELECT revision, formula_version FROM venue_performance_scores WHERE venue_id = %s"
        assert world.all(kept, world.venue) == [{"revision": 1, "formula_version": version}]
        # What is worked out anew keeps the formula of its week.
        worker.execute("SELECT scores.compute(%s)", [week])
    assert world.all(kept, world.venue) == [{"revision": 1, "formula_version": version}]
    # Two who save at once are one new version.
    other = "SELECT scores.save_formula(%s, '{40,20,20,20}', 60, 'Fairer')"
    endings = at_once(*((who, other, (version + 1,)) for who in office[:4]))
    assert keys(endings) == ["done"] + ["version_changed"] * 3


def test_of_two_questions_about_a_score_there_is_one_and_one_answer(
    world: World, office: list[Person]
) -> None:
    score = factories.insert(
        world.admin,
        "venue_performance_scores",
        {"venue_id": world.venue, "score_week_start": day(-7), "formula_version": 1, "inputs": {},
         "composite_score": 80, "cancellation_score": 80, "no_show_score": 80},
    )  # fmt: skip
    people = [somebody(world, "manager", name) for name in ("Maya", "Leo")]
    ask = "SELECT scores.dispute(%s, %s, 'all', 'Wrong.') AS d"
    endings = at_once(*((who, ask, (world.venue, score)) for who in people))
    assert keys(endings) == ["done", "open_already"]
    dispute = world.one("SELECT id, version FROM score_disputes WHERE score_id = %s", score)
    mine = (dispute["id"], dispute["version"])
    answer = "SELECT scores.answer(%s, %s, false, 'It is right.')"
    endings = at_once(
        *((who, answer, mine) for who in office[:3]), (people[0], "SELECT scores.withdraw(%s, %s)", mine)
    )
    assert keys(endings).count("done") == 1
    assert {key(ending) for ending in endings} <= {None, "answered", "withdrawn"}
    told = 0 if key(endings[3]) is None else 1
    assert messages(world, people[0], "dispute_answered") == told


def test_an_announcement_put_away_and_withdrawn_at_once_is_both(world: World, office: list[Person]) -> None:
    maya = somebody(world, "manager", "Maya")
    desks = [maya, world.sign_in(maya.id, "Maya", world.desk(f"Desk {uuid4()}"))]
    one = uuid4()
    announce = "SELECT * FROM vetting.announce(%s, 'Closed', 'On Monday.', 'info', %s, %s, %s)"
    facts = (one, [world.venue], NOON - timedelta(hours=1), NOON + timedelta(days=1))
    endings = at_once(*((who, announce, facts) for who in office[:3]))
    # The same id of three people is one announcement, and two who hear so.
    assert keys(endings) == ["done", "id_reused", "id_reused"]
    withdraw = "SELECT * FROM vetting.withdraw_announcement(%s, 1)"
    endings = at_once(
        *((desk, "SELECT vetting.put_away(%s)", (one,)) for desk in desks),
        *((who, withdraw, (one,)) for who in office[:2]),
    )
    assert keys(endings[:2]) == ["done", "done"]
    assert keys(endings[2:]) == ["done", "withdrawn"]
    assert len(world.all("SELECT * FROM announcement_reads WHERE announcement_id = %s", one)) == 1
    assert maya.call("SELECT * FROM vetting.running(%s)", world.venue) == []
