"""What became of a venue's papers, as the venue itself reads it: over real logins.

docs/design.md, "Rules of the domain" (compliance).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest

from tests.support.compliance import CERTIFICATE, accept, file, refused, somebody
from tests.support.databases import Database
from tests.support.desk_world import Person, World

HISTORY = "SELECT vetting.papers_history(%s) AS found"


@pytest.fixture
def world(house: Database) -> Iterator[World]:
    with World(house) as made:
        yield made


def history(who: Person, world: World) -> list[dict[str, Any]]:
    found = who.call(HISTORY, world.venue)[0]["found"]
    assert isinstance(found, list)
    return found


def test_a_venue_reads_what_became_of_its_papers_but_not_who_decided(world: World) -> None:
    maya, noor = somebody(world, "manager", "Maya"), somebody(world, "platform_admin", "Noor")
    assert history(maya, world) == []
    accept(noor, world.venue, file(maya, world.venue, papers=CERTIFICATE))
    told = [(one["kind"], one["by"], one["requirement"]) for one in history(maya, world)]
    assert sorted(told, key=str) == [("filed", "Maya", "insurance"), ("filing_accepted", None, "insurance")]


def test_the_papers_themselves_name_nobody_of_headquarters_to_the_venue(world: World) -> None:
    maya, noor = somebody(world, "manager", "Maya"), somebody(world, "platform_admin", "Noor")
    read = "SELECT vetting.requirements(%s) AS found"
    accept(noor, world.venue, file(maya, world.venue, papers=CERTIFICATE))
    waiting = file(maya, world.venue, "payout_account")["waiting"]
    decline = "SELECT vetting.judge(%s, %s, %s, false, 'The name is another.')"
    noor.call(decline, world.venue, waiting["id"], waiting["version"])
    found = {one["requirement"]: one for one in maya.call(read, world.venue)[0]["found"]}
    # Its own people, what was decided and why; never by whom.
    assert found["insurance"]["current"]["filed_by"] == "Maya"
    assert found["payout_account"]["waiting"]["reason"] == "The name is another."
    assert "Noor" not in repr(found)
    assert repr(noor.call(read, world.venue)).count("Noor") == 3


def test_nobody_else_reads_it(world: World) -> None:
    gone = refused(somebody(world, "manager", "Maya"), HISTORY, uuid4())
    assert gone[0] == "NX404"
    for role in ("front_desk", "venue_finance", "platform_finance"):
        assert refused(somebody(world, role), HISTORY, world.venue)[0] == "NX403", role
