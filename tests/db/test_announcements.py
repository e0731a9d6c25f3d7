"""What headquarters tells venues: who may, whom it reaches and for how long, over real logins.

docs/design.md, "Borrowed from neighbouring systems" (announcements as a banner).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest

from tests.support import factories
from tests.support.databases import Database
from tests.support.desk_world import NOON, Person, Row, World
from tests.support.identities import refusal

NOT_PERMITTED = ("NX403", "not_permitted")
ANNOUNCE = "SELECT * FROM vetting.announce(%s, %s, %s, %s, %s::uuid[], %s, %s)"
WITHDRAW = "SELECT * FROM vetting.withdraw_announcement(%s, %s)"
RUNNING = "SELECT * FROM vetting.running(%s)"
PUT_AWAY = "SELECT vetting.put_away(%s)"
LATER = NOON + timedelta(days=1)


@dataclass
class Office:
    world: World
    hq: Person
    jonas: Person
    other: UUID
    ana: Person

    def tell(self, title: str = "Closed on Monday", venues: list[UUID] | None = None, **facts: Any) -> Row:
        starts: datetime = facts.get("starts_at", NOON)
        ends: datetime = facts.get("ends_at", LATER)
        return self.hq.call(
            ANNOUNCE,
            facts.get("id", uuid4()),
            title,
            "All of us.",
            facts.get("tone", "info"),
            venues,
            starts,
            ends,
        )[0]


@pytest.fixture
def office(fresh_database: Database) -> Iterator[Office]:
    with World(fresh_database) as world:
        other = factories.venue(world.admin, name="Harbour Hall")
        hq = world.person("platform_admin", name="Noor", desk=world.desk("HQ"))
        jonas = world.person("front_desk", name="Jonas", desk=world.desk("Desk 1"))
        ana = world.person("manager", name="Ana", desk=world.desk("Desk 2"), venues=(other,))
        yield Office(world, hq, jonas, other, ana)


def refused(who: Person, statement: str, *arguments: object) -> tuple[str | None, str | None]:
    with pytest.raises(psycopg.Error) as caught:
        who.call(statement, *arguments)
    return refusal(caught.value)


def titles(who: Person, venue: UUID | None) -> list[str]:
    return [row["title"] for row in who.call(RUNNING, venue)]


def test_one_some_and_all_venues_are_told_and_each_only_what_is_theirs(office: Office) -> None:
    here = office.world.venue
    office.tell("To all")
    office.tell("To both", [here, office.other])
    office.tell("To Harbour", [office.other], tone="warning")
    assert set(titles(office.jonas, here)) == {"To all", "To both"}
    assert titles(office.ana, office.other)[0] == "To Harbour"  # warnings first
    assert titles(office.hq, None) == ["To all"]
    assert refused(office.jonas, RUNNING, office.other) == NOT_PERMITTED
    assert refused(office.jonas, RUNNING, None) == NOT_PERMITTED
    both = next(row for row in office.jonas.call(RUNNING, here) if row["title"] == "To both")
    assert both["venues"] == [[str(here), "Riverside Studio"]]  # not who else
    assert (both["created_by"], both["read_by"]) == (None, 0)
    finance = office.world.person("platform_finance", name="Kenji", desk=office.world.desk("HQ 2"))
    assert titles(finance, None) == ["To all"]


def test_it_is_put_away_once_for_each_person(office: Office) -> None:
    here = office.world.venue
    told = office.tell()
    mia = office.world.person("manager", name="Mia", desk=office.world.desk("Desk 3"))
    office.jonas.call(PUT_AWAY, told["id"])
    office.jonas.call(PUT_AWAY, told["id"])
    assert titles(office.jonas, here) == []
    assert titles(mia, here) == ["Closed on Monday"]
    assert office.hq.call("SELECT * FROM vetting.announcements()")[0]["read_by"] == 1
    elsewhere = office.tell("Harbour", [office.other])
    coming = office.tell("Soon", starts_at=NOON + timedelta(hours=1))
    for one in (elsewhere["id"], coming["id"], uuid4()):
        assert refused(office.jonas, PUT_AWAY, one) == ("NX404", "no_announcement")
    stranger = office.world.sign_in(
        factories.user(office.world.admin, role="venue_admin"), "Nobody", office.world.desk("Desk 4")
    )
    assert refused(stranger, PUT_AWAY, told["id"]) == NOT_PERMITTED


def test_it_runs_from_its_beginning_to_its_end_or_until_withdrawn(office: Office) -> None:
    here = office.world.venue
    told = office.tell(starts_at=NOON + timedelta(hours=1), ends_at=NOON + timedelta(hours=2))
    assert titles(office.jonas, here) == []
    office.world.at(NOON + timedelta(hours=1))
    assert titles(office.jonas, here) == ["Closed on Monday"]
    office.world.at(NOON + timedelta(hours=2))
    assert titles(office.jonas, here) == []
    assert refused(office.hq, WITHDRAW, told["id"], told["version"]) == ("NX409", "over")
    other = office.tell("Wrong", ends_at=LATER)
    assert refused(office.hq, WITHDRAW, other["id"], 7) == ("NX409", "version_changed")
    gone = office.hq.call(WITHDRAW, other["id"], other["version"])[0]
    assert gone["withdrawn_at"] is not None
    assert titles(office.jonas, here) == []
    with pytest.raises(psycopg.Error, match="Noor has withdrawn this announcement"):
        office.hq.call(WITHDRAW, other["id"], gone["version"])
    assert refused(office.hq, WITHDRAW, uuid4(), 1) == ("NX404", "no_announcement")


def test_what_runs_comes_before_what_is_over(office: Office) -> None:
    office.tell("Over", ends_at=NOON + timedelta(minutes=1))
    withdrawn = office.tell("Withdrawn")
    office.hq.call(WITHDRAW, withdrawn["id"], withdrawn["version"])
    office.world.at(NOON + timedelta(hours=1))
    office.tell("Later", starts_at=NOON + timedelta(hours=9), ends_at=LATER)
    office.tell("Now", [office.other, office.world.venue], ends_at=LATER)
    rows = office.hq.call("SELECT * FROM vetting.announcements()")
    assert [row["title"] for row in rows] == ["Now", "Later", "Over", "Withdrawn"]
    assert [name for _id, name in rows[0]["venues"]] == ["Harbour Hall", "Riverside Studio"]
    assert rows[0]["created_by"] == "Noor"


def test_only_headquarters_announces(office: Office) -> None:
    told = office.tell()
    world = office.world
    for role in ("front_desk", "manager", "venue_finance", "platform_finance"):
        person = world.person(role, name=role, desk=world.desk(role))
        arguments = (uuid4(), "Free cake", "Now", "info", None, NOON, LATER)
        assert refused(person, ANNOUNCE, *arguments) == NOT_PERMITTED, role
        assert refused(person, WITHDRAW, told["id"], 1) == NOT_PERMITTED, role
        assert refused(person, "SELECT * FROM vetting.announcements()") == NOT_PERMITTED, role
        for table in ("announcements", "announcement_venues", "announcement_reads"):
            assert refused(person, f"SELECT * FROM {table}")[0] == "42501", (role, table)


def test_sent_again_it_is_told_once(office: Office) -> None:
    one = uuid4()
    first = office.tell("Once", [office.world.venue], id=one)
    assert office.tell("Once", [office.world.venue], id=one) == first
    good = [one, "Once", "All of us.", "info", [office.world.venue], NOON, LATER]
    sooner = NOON + timedelta(minutes=1)
    for place, other in (
        (1, "Another"),
        (2, "You."),
        (3, "warning"),
        (4, None),
        (4, [office.other]),
        (5, sooner),
        (6, sooner),
    ):
        changed = [*good[:place], other, *good[place + 1 :]]
        assert refused(office.hq, ANNOUNCE, *changed) == ("NX409", "id_reused"), place
    assert len(office.world.all("SELECT 1 FROM announcements")) == 1


@pytest.mark.parametrize(
    ("field", "changed"),
    [
        ("title", {1: " "}), ("title", {1: "x" * 121}), ("body", {2: None}), ("body", {2: "x" * 1001}),
        ("tone", {3: "shout"}), ("venues", {4: []}), ("venues", {4: [uuid4()]}), ("starts_at", {5: None}),
        ("ends_at", {6: NOON}), ("ends_at", {5: LATER, 6: LATER}), ("ends_at", {6: NOON + timedelta(days=400)}),
    ],
)  # fmt: skip
def test_what_cannot_be_told_names_its_field(office: Office, field: str, changed: dict[int, object]) -> None:
    good = [uuid4(), "Title", "Body", "info", None, NOON, LATER]
    arguments = [changed.get(place, value) for place, value in enumerate(good)]
    assert refused(office.hq, ANNOUNCE, *arguments) == ("NX422", field)


def test_desks_hear_of_it_at_once(office: Office) -> None:
    listener = office.world.database.connect()
    channels: dict[str, UUID] = dict(
        office.world.admin.execute("SELECT channel::text, venue_id FROM auth.venue_channels").fetchall()
    )
    for channel in channels:
        listener.execute(f'LISTEN "{channel}"'.encode())

    def heard() -> set[UUID]:
        listener.execute("SELECT 1")
        found = listener.notifies(timeout=0.2)
        return {channels[one.channel] for one in found if one.payload == "announcements"}

    told = office.tell("Harbour", [office.other])
    assert heard() == {office.other}
    office.hq.call(WITHDRAW, told["id"], told["version"])
    assert heard() == {office.other}
    office.tell()
    assert heard() == {office.other, office.world.venue}
    listener.close()
