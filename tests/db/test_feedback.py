"""Moderating and answering reviews over real logins: who may, what is refused in which words, and what the venue hears.

docs/design.md, "Screens" (reviews and score) and "The database" (authorisation).
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest

from tests.support import factories
from tests.support.databases import Database
from tests.support.desk_world import NOON, Person, Row, World
from tests.support.identities import refusal
from tests.support.opinions import review

NOT_PERMITTED = ("NX403", "not_permitted")
DECIDE = "SELECT * FROM feedback.decide(%s, %s, %s, %s)"
REPLY = "SELECT * FROM feedback.reply(%s, %s, %s)"
DRAFT = "SELECT * FROM feedback.keep_draft(%s, %s, %s)"
TAKE_BACK = "SELECT * FROM feedback.take_back(%s, %s)"
SAVE = "SELECT * FROM feedback.save_settings(%s, %s)"
QUEUE = '{"waiting": "yes"}'


@dataclass
class Office:
    world: World
    activity: UUID
    hq: Person
    maya: Person

    def review(
        self, rating: int = 5, words: str | None = "Fun", activity: UUID | None = None, **facts: Any
    ) -> UUID:
        return review(self.world.admin, activity or self.activity, rating, review_text=words, **facts)

    def read(self, one: UUID) -> Row:
        return self.world.one("SELECT * FROM reviews WHERE id = %s", one)

    def queue(self, **filters: str) -> dict[UUID, Row]:
        rows = self.hq.call(
            "SELECT * FROM feedback.reviews(NULL, %s)", json.dumps({"waiting": "yes"} | filters)
        )
        return {row["id"]: row["causes"] for row in rows}

    def settings(self, **changed: object) -> None:
        for key, value in changed.items():
            factories.setting(self.world.admin, f"review_{key}", value)


@pytest.fixture
def office(fresh_database: Database) -> Iterator[Office]:
    with World(fresh_database) as world:
        activity = world.one("SELECT id FROM activities")["id"]
        hq = world.person("platform_admin", name="Noor", desk=world.desk("HQ"))
        yield Office(world, activity, hq, world.person("manager", name="Maya", desk=world.desk("Office")))


def refused(who: Person, statement: str, *arguments: object) -> tuple[str | None, str | None]:
    with pytest.raises(psycopg.Error) as caught:
        who.call(statement, *arguments)
    return refusal(caught.value)


def said(who: Person, statement: str, *arguments: object) -> str | None:
    with pytest.raises(psycopg.Error) as caught:
        who.call(statement, *arguments)
    return caught.value.diag.message_primary


def test_a_hidden_review_leaves_ratings_and_the_venue_is_told_once(office: Office) -> None:
    bad = office.review(1, "They were drunk")
    office.review(5)
    hidden = office.hq.call(DECIDE, bad, 1, "hide", "  Not about this venue ")[0]
    assert (hidden["is_visible"], hidden["hidden_reason"], hidden["causes"]) == (
        False,
        "Not about this venue",
        {},
    )
    stars = "SELECT average_rating::text AS a, total_reviews AS n FROM activities WHERE id = %s"
    assert office.world.one(stars, office.activity) == {"a": "5.00", "n": 1}
    told = office.world.all(
        "SELECT user_id, template_key, channel::text, body FROM notifications ORDER BY channel"
    )
    assert {(row["user_id"], row["template_key"]) for row in told} == {(office.maya.id, "review_hidden")}
    assert len(told) == 2
    assert "Reason: Not about this venue" in told[0]["body"]
    back = office.hq.call(DECIDE, bad, hidden["version"], "restore", "It was about it after all")[0]
    assert (back["is_visible"], back["hidden_reason"]) == (True, None)
    assert office.world.one(stars, office.activity) == {"a": "3.00", "n": 2}
    assert (
        office.world.one("SELECT count(*) AS n FROM notifications WHERE template_key = 'review_restored'")[
            "n"
        ]
        == 2
    )
    steps = office.hq.call("SELECT * FROM feedback.history(%s)", bad)
    assert [(one["decision"], one["by"]) for one in steps] == [("hide", "Noor"), ("restore", "Noor")]
    theirs = office.maya.call("SELECT * FROM feedback.history(%s)", bad)
    assert [(one["decision"], one["by"]) for one in theirs] == [
        ("hide", "Headquarters"),
        ("restore", "Headquarters"),
    ]


def test_what_is_kept_leaves_the_queue_and_the_venue_hears_nothing(office: Office) -> None:
    one = office.review(1, "My lawyer will hear of it")
    assert office.queue() == {one: {"risky_words": ["lawyer"]}}
    kept = office.hq.call(DECIDE, one, 1, "keep", None)[0]
    assert (kept["is_visible"], kept["causes"], kept["looked_at"]) == (True, {}, NOON)
    assert office.queue() == {}
    assert office.world.all("SELECT 1 FROM notifications") == []
    assert office.maya.call("SELECT * FROM feedback.history(%s)", one) == []


def test_what_cannot_be_decided_is_refused_in_a_sentence(office: Office) -> None:
    one = office.review(1)
    hq = office.hq
    assert refused(hq, DECIDE, one, 1, "burn", "x") == ("NX422", "decision")
    assert refused(hq, DECIDE, one, 1, "hide", "  ") == ("NX422", "reason")
    assert refused(hq, DECIDE, one, 1, "hide", "x" * 501) == ("NX422", "reason")
    assert refused(hq, DECIDE, one, 1, "restore", "x") == ("NX409", "visible")
    assert refused(hq, DECIDE, one, 7, "hide", "x") == ("NX409", "version_changed")
    assert refused(hq, DECIDE, uuid4(), 1, "hide", "x") == ("NX404", "no_review")
    kept = hq.call(DECIDE, one, 1, "keep", None)[0]
    assert refused(hq, DECIDE, one, kept["version"], "keep", None) == ("NX409", "looked_at")
    hidden = hq.call(DECIDE, one, kept["version"], "hide", "x")[0]
    for wanted in ("keep", "hide"):
        assert refused(hq, DECIDE, one, hidden["version"], wanted, "x") == ("NX409", "hidden")


def test_two_who_decide_at_once_hear_of_each_other(office: Office) -> None:
    one = office.review(1)
    other = office.world.person("platform_admin", name="Ines", desk=office.world.desk("HQ 2"))
    answers: list[str | None] = []
    office.hq.connection.execute("BEGIN")
    office.hq.call(DECIDE, one, 1, "hide", "Rude")
    waiting = threading.Thread(target=lambda: answers.append(said(other, DECIDE, one, 1, "keep", None)))
    waiting.start()
    waiting.join(0.2)
    assert waiting.is_alive()
    office.hq.connection.execute("COMMIT")
    waiting.join(10)
    assert answers == ["Noor has hidden this review."]
    assert len(office.world.all("SELECT 1 FROM review_decisions")) == 1


def test_only_who_moderates_decides_sees_causes_and_saves_thresholds(office: Office) -> None:
    one = office.review(1, "Police!")
    world = office.world
    chosen = json.dumps(office.hq.call("SELECT * FROM feedback.settings()")[0]["chosen"])
    people = {
        role: world.person(role, name=role, desk=world.desk(role))
        for role in ("front_desk", "manager", "venue_finance", "platform_finance")
    }
    for role, person in people.items():
        assert refused(person, DECIDE, one, 1, "hide", "x") == NOT_PERMITTED, role
        assert refused(person, SAVE, 6, chosen) == NOT_PERMITTED, role
        assert refused(person, "SELECT * FROM feedback.examples(%s)", chosen) == NOT_PERMITTED, role
        assert refused(person, "SELECT * FROM feedback.reviews()") == NOT_PERMITTED, role
        assert refused(person, "SELECT * FROM feedback.ratings()") == NOT_PERMITTED, role
        if role != "manager":
            assert refused(person, "SELECT * FROM feedback.reviews(%s)", world.venue) == NOT_PERMITTED, role
            assert refused(person, "SELECT * FROM feedback.ratings(%s)", world.venue) == NOT_PERMITTED, role
            assert refused(person, "SELECT * FROM feedback.history(%s)", one) == NOT_PERMITTED, role
            assert refused(person, "SELECT * FROM feedback.settings()") == NOT_PERMITTED, role
    mine = people["manager"].call("SELECT * FROM feedback.reviews(%s)", world.venue)
    assert [(row["id"], row["causes"], row["looked_at"]) for row in mine] == [(one, {}, None)]
    assert (
        refused(people["manager"], "SELECT * FROM feedback.reviews(%s, %s)", world.venue, QUEUE)
        == NOT_PERMITTED
    )
    assert people["manager"].call("SELECT * FROM feedback.settings()") == [
        {"version": 0, "chosen": {"reply_characters": 1000}}
    ]


def test_a_manager_answers_only_their_own_venue(office: Office) -> None:
    world = office.world
    own = office.review(2)
    elsewhere = office.review(2, activity=factories.activity(world.admin))
    for statement, more in ((REPLY, (1, "Thanks")), (DRAFT, (None, "Thanks")), (TAKE_BACK, (1,))):
        assert refused(office.maya, statement, elsewhere, *more) == ("NX404", "no_review")
        assert refused(office.maya, statement, uuid4(), *more) == ("NX404", "no_review")
        for role in ("front_desk", "venue_finance", "platform_admin", "platform_finance"):
            person = world.person(role, name=role, desk=world.desk(f"{role} {statement[21:30]}"))
            assert refused(person, statement, own, *more) == NOT_PERMITTED, (role, statement)
    assert refused(office.maya, "SELECT * FROM feedback.history(%s)", elsewhere) == ("NX404", "no_review")
    other = office.world.one("SELECT venue_id AS v FROM reviews WHERE id = %s", elsewhere)["v"]
    assert refused(office.maya, "SELECT * FROM feedback.reviews(%s)", other) == NOT_PERMITTED


def test_an_answer_is_typed_sent_and_taken_back(office: Office) -> None:
    one = office.review(2)
    typed = office.maya.call(DRAFT, one, None, "  Sorry to hear ")[0]
    assert (typed["draft"], typed["version"], typed["reply"]) == ("Sorry to hear", 1, None)
    seen = office.hq.call("SELECT * FROM feedback.reviews()")[0]
    assert seen["draft"] is None  # what is not sent is the venue's
    sent = office.maya.call(REPLY, one, 1, "Sorry to hear that.")[0]
    assert (sent["reply"], sent["replied_by"], sent["replied_at"], sent["draft"]) == (
        "Sorry to hear that.", "Maya", NOON, None,
    )  # fmt: skip
    again = office.maya.call(REPLY, one, 1, "Sorry to hear that.")[0]
    assert again == sent  # sent once more because the first answer was lost
    steps = office.maya.call("SELECT * FROM feedback.history(%s)", one)
    assert [(step["decision"], step["by"]) for step in steps] == [("replied", "Maya")]
    back = office.maya.call(TAKE_BACK, one, sent["version"])[0]
    assert (back["reply"], back["draft"]) == (None, "Sorry to hear that.")
    assert refused(office.maya, TAKE_BACK, one, back["version"]) == ("NX409", "no_reply")
    assert office.maya.call(DRAFT, one, back["draft"], " \n")[0]["draft"] is None


def test_answers_that_are_refused_say_why(office: Office) -> None:
    one = office.review(2)
    maya = office.maya
    assert said(maya, REPLY, one, 1, "x" * 1023) == "The answer is 23 characters too long."
    assert said(maya, REPLY, one, 1, "é" * 1001) == "The answer is 1 character too long."
    assert refused(maya, REPLY, one, 1, "\n ") == ("NX422", "body")
    assert refused(maya, REPLY, one, 5, "Thanks") == ("NX409", "version_changed")
    assert refused(maya, DRAFT, one, None, "x" * 4001) == ("NX422", "body")
    office.settings(reply_characters=3)
    assert said(maya, REPLY, one, 1, "Five!") == "The answer is 2 characters too long."
    hidden = office.hq.call(DECIDE, one, 1, "hide", "Rude")[0]
    for statement, more in ((REPLY, (hidden["version"], "Hm")), (DRAFT, (None, "Hm")), (TAKE_BACK, (2,))):
        assert refused(maya, statement, one, *more) == ("NX409", "hidden")


def test_two_who_answer_at_once_hear_of_each_other(office: Office) -> None:
    one = office.review(2)
    world = office.world
    tom = world.person("manager", name="Tom", desk=world.desk("Office 2"))
    office.maya.call(DRAFT, one, None, "We are")
    assert said(tom, DRAFT, one, None, "I am") == "Maya is writing an answer to this review."
    assert tom.call(DRAFT, one, "We are", "We are sorry")[0]["draft"] == "We are sorry"
    answers: list[str | None] = []
    office.maya.connection.execute("BEGIN")
    office.maya.call(REPLY, one, 1, "We are sorry.")
    waiting = threading.Thread(target=lambda: answers.append(said(tom, REPLY, one, 1, "I am sorry.")))
    waiting.start()
    waiting.join(0.2)
    assert waiting.is_alive()
    office.maya.connection.execute("COMMIT")
    waiting.join(10)
    assert answers == ["Maya has answered this review."]
    assert refused(tom, DRAFT, one, None, "I") == ("NX409", "answered")
    assert office.read(one)["venue_response"] == "We are sorry."


def test_whoever_wrote_never_comes_out(office: Office) -> None:
    one = office.review(1, "Unsafe", is_flagged=True, flagged_reason="Rude")
    parent = office.read(one)["user_id"]
    office.world.admin.execute(
        "UPDATE users SET first_name = 'Zebulon', last_name = 'Quark' WHERE id = %s", [parent]
    )
    chosen = json.dumps(office.hq.call("SELECT * FROM feedback.settings()")[0]["chosen"])
    out = [
        office.hq.call("SELECT * FROM feedback.reviews()"),
        office.hq.call("SELECT * FROM feedback.examples(%s)", chosen),
        office.hq.call(DECIDE, one, 1, "hide", "Rude"),
        office.hq.call("SELECT * FROM feedback.history(%s)", one),
        office.maya.call("SELECT * FROM feedback.reviews(%s)", office.world.venue),
        office.world.all("SELECT title, body, data_payload FROM notifications"),
    ]
    assert all("Zebulon" not in repr(rows) and str(parent) not in repr(rows) for rows in out)
    for person in (office.hq, office.maya):
        for statement in (
            "SELECT user_id FROM reviews",
            "UPDATE reviews SET is_visible = false",
            "SELECT * FROM review_decisions",
            "SELECT * FROM review_reply_drafts",
        ):
            assert refused(person, statement)[0] == "42501", statement


def test_decisions_never_change(office: Office) -> None:
    one = office.review(1)
    office.hq.call(DECIDE, one, 1, "hide", "Rude")
    for statement in ("UPDATE review_decisions SET reason = 'x'", "DELETE FROM review_decisions"):
        with pytest.raises(psycopg.Error, match=r"append|never|fixed|stay"):
            office.world.admin.execute(statement.encode())


def test_thresholds_are_checked_and_saved_at_the_version_they_were_read(office: Office) -> None:
    read = office.hq.call("SELECT * FROM feedback.settings()")[0]
    wrong: list[tuple[str, object]] = [
        ("reply_characters", 49), ("reply_characters", 4001), ("burst_reviews", 1), ("burst_reviews", 2.5),
        ("burst_hours", 0), ("extreme_stars", 0.4), ("extreme_stars", 4.5), ("extreme_least", 0),
        ("extreme_least", "ten"), ("risky_words", "police"), ("risky_words", ["ok", " "]),
        ("risky_words", ["x" * 61]), ("risky_words", [1]), ("risky_words", ["w"] * 201), ("burst_hours", None),
    ]  # fmt: skip
    for field, value in wrong:
        bad = json.dumps(read["chosen"] | {field: value})
        assert refused(office.hq, SAVE, read["version"], bad) == ("NX422", field), value
        assert refused(office.hq, "SELECT * FROM feedback.examples(%s)", bad) == ("NX422", field), value
    better = read["chosen"] | {"burst_hours": 12, "risky_words": ["niño", "not safe"]}
    saved = office.hq.call(SAVE, read["version"], json.dumps(better))[0]
    assert saved["chosen"] == better
    assert saved["version"] == read["version"] + 2
    assert (
        said(office.hq, SAVE, read["version"], json.dumps(read["chosen"])) == "Noor changed these settings."
    )
    trail = office.world.all("SELECT user_id FROM audit_logs WHERE entity_type = 'platform_settings'")
    assert [row["user_id"] for row in trail] == [office.hq.id, office.hq.id]


def test_other_settings_stay_out_of_reach(office: Office) -> None:
    read = office.hq.call("SELECT * FROM feedback.settings()")[0]
    office.hq.call(
        SAVE, read["version"], json.dumps(read["chosen"] | {"credit_value": 99, "risky_words": []})
    )
    assert office.world.one("SELECT value FROM platform_settings WHERE key = 'credit_value'")["value"] == 1.0


def test_risky_words_are_whole_words_without_case_or_accents(office: Office) -> None:
    office.settings(burst_reviews=1000, risky_words=["unsafe", "niño", "not safe", "й", "C++"])
    found = {
        office.review(4, words): risky
        for words, risky in {
            "UNSAFE! And more": ["unsafe"],
            "unsafely done": None,
            "Mi Nino no": ["niño"],
            "mi NIÑO": ["niño"],
            "It is not -- safe": ["not safe"],
            "safe, not": None,
            "Unsafe and not safe": ["unsafe", "not safe"],
            "И, й.": ["й"],
            "grade c": ["C++"],
            "": None,
        }.items()
    }
    office.review(4, None)
    queue = office.queue()
    assert queue == {one: {"risky_words": risky} for one, risky in found.items() if risky}
    # The function dissolves into the expression that the index is over.
    plan = office.world.admin.execute(
        "EXPLAIN SELECT feedback.words_of(r.review_text) && ARRAY['x'] FROM reviews AS r"
    )
    index = office.world.one("SELECT pg_get_indexdef('reviews_words'::regclass) AS says")["says"]
    assert not any("words_of" in row[0] for row in plan.fetchall())
    plan = office.world.admin.execute(
        "EXPLAIN (VERBOSE) SELECT feedback.words_of(review_text) FROM reviews AS r WHERE looked_at IS NULL"
    )
    output = next(row[0] for row in plan.fetchall() if "Output" in row[0]).split("Output: ")[1]
    assert output.replace("r.review_text", "review_text") in index


def test_a_burst_is_all_of_its_reviews(office: Office) -> None:
    office.settings(burst_reviews=3, burst_hours=2)
    early = office.review(at=NOON - timedelta(hours=9))
    burst = [office.review(at=NOON - timedelta(minutes=minutes)) for minutes in (0, 60, 120, 180)]
    late = office.review(at=NOON + timedelta(hours=3))
    elsewhere = office.review(activity=factories.activity(office.world.admin))
    office.hq.call(DECIDE, burst[1], 1, "keep", None)
    queue = office.queue(cause="burst")
    assert queue == {one: {"burst": {"reviews": 3, "hours": 2}} for one in (burst[0], burst[2], burst[3])}
    assert not {early, late, elsewhere} & set(queue)


def test_a_page_in_any_order_gives_the_causes_of_the_queue(office: Office) -> None:
    """Of a page no more is worked out than it shows; each review is told the same as among all of them."""
    office.settings(burst_reviews=3, burst_hours=2, extreme_stars=2, extreme_least=4)
    other = factories.activity(office.world.admin)
    for n in range(30):
        office.review(
            rating=1 + n * 7 % 5,
            words="Unsafe" if n % 6 == 0 else "Fun",
            activity=(office.activity, other)[n % 2],
            at=NOON - timedelta(minutes=n * n * 4),
            is_flagged=n % 9 == 0,
        )
    queue = office.queue()
    assert {cause for causes in queue.values() for cause in causes} == {
        "flagged", "risky_words", "burst", "extreme",
    }  # fmt: skip
    after, seen = None, dict[UUID, Row]()
    while page := office.hq.call("SELECT * FROM feedback.reviews(NULL, '{}', 'rating', true, %s, 7)", after):
        seen |= {row["id"]: row["causes"] for row in page if row["causes"]}
        after = json.dumps(page[-1]["page_key"])
    assert seen == queue
    for cause in ("flagged", "risky_words"):
        assert office.queue(cause=cause) == {one: causes for one, causes in queue.items() if cause in causes}


def test_extremes_lie_far_from_the_visible_average_of_enough_reviews(office: Office) -> None:
    office.settings(burst_reviews=1000, extreme_stars=3, extreme_least=4)
    hidden = [office.review(1, is_visible=False, hidden_at=NOON, looked_at=NOON) for _ in range(5)]
    good = [office.review(5, None) for _ in range(3)]
    low = office.review(1)
    # (15 + 1) / 4 = 4.00: just three stars away
    assert office.queue() == {low: {"extreme": {"average": 4.0, "reviews": 4}}}
    office.hq.call(DECIDE, good[0], 1, "hide", "Bought")
    assert office.queue() == {}  # three are too few
    assert hidden


def test_the_queue_pages_by_key_and_counts(office: Office) -> None:
    office.settings(burst_reviews=1000)
    made = [office.review(3, "scam", at=NOON - timedelta(minutes=n // 2)) for n in range(7)]
    seen: list[UUID] = []
    key: str | None = None
    while True:
        rows = office.hq.call(
            "SELECT * FROM feedback.reviews(NULL, %s, 'submitted', true, %s, 3)", QUEUE, key
        )
        seen += [row["id"] for row in rows]
        if len(rows) < 3:
            break
        key = json.dumps(rows[-1]["page_key"])
    assert len(seen) == 7
    assert set(seen) == set(made)
    up = office.hq.call("SELECT * FROM feedback.reviews(NULL, %s, 'submitted', false)", QUEUE)
    assert [row["id"] for row in up] == seen[::-1]
    assert office.hq.call("SELECT * FROM feedback.ratings()")[0]["waiting"] == 7
    stars = office.maya.call("SELECT * FROM feedback.ratings(%s)", office.world.venue)[0]
    assert (stars["stars"], float(stars["average"]), stars["visible"], stars["waiting"]) == (
        {"1": 0, "2": 0, "3": 7, "4": 0, "5": 0}, 3.0, 7, 0,
    )  # fmt: skip


@pytest.mark.parametrize("arguments", [
    "NULL, '{}', 'venue'", "NULL, '{}', NULL", "NULL, '{\"stars\": \"6\"}'", "NULL, '{\"cause\": \"x\"}'",
    "NULL, '{\"activity\": \"1; DROP\"}'", "NULL, '{}', 'rating', true, NULL, 0",
])  # fmt: skip
def test_lists_that_cannot_be_read_are_refused(office: Office, arguments: str) -> None:
    assert refused(office.hq, f"SELECT * FROM feedback.reviews({arguments})")[0] == "NX422"


def test_examples_are_what_other_thresholds_bring_and_write_nothing(office: Office) -> None:
    for minutes in range(3):
        office.review(5, "Great", at=NOON - timedelta(minutes=minutes))
    risky = office.review(2, "A bit chilly", at=NOON - timedelta(days=3))
    chosen = office.hq.call("SELECT * FROM feedback.settings()")[0]["chosen"]
    other = chosen | {"risky_words": ["chilly"], "burst_reviews": 3, "extreme_least": 4, "extreme_stars": 2}
    before = office.world.all("SELECT id, version FROM reviews ORDER BY id")
    found = office.hq.call("SELECT * FROM feedback.examples(%s, 2)", json.dumps(other))
    assert [(row["cause"], row["total"]) for row in found] == [
        ("risky_words", 1), ("burst", 3), ("burst", 3), ("extreme", 1),
    ]  # fmt: skip
    assert found[0]["id"] == found[3]["id"] == risky
    assert found[3]["causes"] == {"extreme": {"average": 4.25, "reviews": 4}}
    assert office.queue() == {}
    assert office.world.all("SELECT id, version FROM reviews ORDER BY id") == before
