"""Every function of scores that a desk may call, refused with NX403 to each role that may not, over real logins.

docs/design.md, "The database" (authorisation). What the functions do for those who may is in tests/services.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from tests.support import factories
from tests.support.databases import Database
from tests.support.desk_world import Person, World
from tests.support.places import denied
from tests.support.scoring_world import MONDAY_AFTER, WEEK, history

ROLES = ("front_desk", "manager", "venue_finance", "platform_admin", "platform_finance")
# Statement -> who may. The venue, its score and an open dispute about it are filled in.
CALLS: dict[str, set[str]] = {
    "SELECT scores.page(%(venue)s)": {"manager", "venue_finance", "platform_admin"},
    "SELECT scores.formula()": {"platform_admin"},
    "SELECT scores.formulas()": {"platform_admin"},
    "SELECT * FROM scores.list('score', true, '', '{}', NULL, 10)": {"platform_admin"},
    "SELECT * FROM scores.what_if('{25,25,25,25}', 60)": {"platform_admin"},
    "SELECT scores.save_formula(1, '{25,25,25,25}', 60, 'Fairer')": {"platform_admin"},
    "SELECT scores.disputes()": {"platform_admin"},
    "SELECT scores.dispute(%(venue)s, %(other_score)s, 'all', 'Wrong')": {"manager"},
    "SELECT scores.withdraw(%(dispute)s, 1)": {"manager"},
    "SELECT scores.answer(%(dispute)s, 1, false, 'No')": {"platform_admin"},
}


class Made:
    """A venue with two scores, one of them in dispute, and somebody of every role."""

    def __init__(self, world: World) -> None:
        world.at(MONDAY_AFTER)
        self.world = world
        it = history(world)
        self.venue = it.venue
        it.ordinary(WEEK - timedelta(days=5))
        it.compute(WEEK - timedelta(days=7))
        it.compute()
        self.people = {role: self.person(role, self.venue) for role in ROLES}
        self.facts: dict[str, object] = {
            "venue": self.venue,
            "score": it.score()["id"],
            "other_score": it.score(WEEK - timedelta(days=7))["id"],
        }
        self.facts["dispute"] = factories.insert(
            world.admin,
            "score_disputes",
            {
                "venue_id": self.venue, "score_id": it.score()["id"], "component": "all", "reason": "Wrong",
                "opened_by": self.people["manager"].id,
            },
        )  # fmt: skip

    def person(self, role: str, venue: UUID) -> Person:
        return self.world.person(role, desk=self.world.desk(f"Desk {uuid4()}"), venues=(venue,))


@pytest.fixture(scope="module")
def made(house: Database) -> Iterator[Made]:
    with World(house) as world:
        yield Made(world)


def filled(made: Made, statement: str) -> tuple[str, *tuple[object, ...]]:
    """The statement and its arguments in order."""
    names = re.findall(r"%\((\w+)\)s", statement)
    return re.sub(r"%\(\w+\)s", "%s", statement), *(made.facts[name] for name in names)


@pytest.mark.parametrize("statement", CALLS)
def test_who_may_not_is_refused_with_nx403(made: Made, statement: str) -> None:
    for role in sorted(set(ROLES) - CALLS[statement]):
        assert denied(made.people[role], *filled(made, statement)) == ("NX403", "not_permitted"), role


@pytest.mark.parametrize("statement", CALLS)
def test_who_may_is_answered(made: Made, statement: str) -> None:
    for role in sorted(CALLS[statement]):
        connection = made.people[role].connection
        with connection.transaction(force_rollback=True):
            assert made.people[role].call(*filled(made, statement))


def test_another_venue_is_refused_like_an_absent_one(made: Made) -> None:
    stranger = made.person("manager", factories.venue(made.world.admin))
    facts = made.facts
    assert denied(stranger, "SELECT scores.page(%s)", facts["venue"]) == ("NX403", "not_permitted")
    assert denied(stranger, "SELECT scores.page(%s)", uuid4()) == ("NX403", "not_permitted")
    assert denied(stranger, "SELECT scores.withdraw(%s, 1)", facts["dispute"]) == ("NX404", "no_dispute")
    assert denied(stranger, "SELECT scores.withdraw(%s, 1)", uuid4()) == ("NX404", "no_dispute")


def test_tables_of_scores_are_read_and_written_through_functions(made: Made) -> None:
    boss = made.people["platform_admin"]
    for statement in (
        "SELECT * FROM score_formulas",
        "SELECT * FROM score_disputes",
        "INSERT INTO venue_performance_scores (venue_id, score_week_start) VALUES (gen_random_uuid(), '2026-02-16')",
        "UPDATE platform_settings SET value = '1' WHERE key = 'venue_score_curation_threshold'",
    ):
        assert denied(boss, statement)[0] == "42501"
