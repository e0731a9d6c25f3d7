"""Ctrl+K as a way in: what a search must not tell, whatever is typed into it."""

from __future__ import annotations

import pytest

from tests.security.attacks import NOT_FOUND, REFUSED, refused, rows
from tests.security.conftest import Target
from tests.support.databases import Connection

FIND = "SELECT * FROM desk.find_records(%s, %s)"


def test_another_venue_is_not_searched(mallory: Connection, target: Target) -> None:
    refused(mallory, FIND, [target.theirs.venue, "Child"], by=(REFUSED, NOT_FOUND))
    found = rows(mallory, FIND, [target.ours.venue, "Child"])
    assert {row[7] for row in found if row[0] == "child"} == {"ChildOurs"}


def test_finance_headquarters_and_a_stolen_laptop_find_no_child(
    finance: Connection, stranger: Connection, target: Target
) -> None:
    for connection in (finance, stranger, target.admin_person.connection):
        refused(connection, FIND, [target.ours.venue, "Child"], by=(REFUSED, NOT_FOUND))


@pytest.mark.parametrize("pattern", ["%%%", "___", ".*.", "[A-Z]{3}", "'; SELECT 1", "\\", "Child%"])
def test_a_pattern_is_text(mallory: Connection, target: Target, pattern: str) -> None:
    assert rows(mallory, FIND, [target.ours.venue, pattern]) == []


def test_nothing_of_a_childs_health_or_parents_is_told(mallory: Connection, target: Target) -> None:
    said = str(rows(mallory, FIND, [target.ours.venue, "Child"]))
    assert "secret" not in said
    assert "Parent" not in said


def test_a_long_question_is_cut_and_finds_nothing(mallory: Connection, target: Target) -> None:
    assert rows(mallory, FIND, [target.ours.venue, "Child " * 100_000]) == []
