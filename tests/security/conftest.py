"""The place under attack: two venues that must not know of each other, and the people whom an attacker may have become.

Everything an attacker does here goes over the LOGIN role of an enrolled desk, with the token of a person who signed in
through the real functions. The administrator's connection only arranges things and looks at what is left afterwards.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import pytest

from console.storage.embedded import EmbeddedServer
from tests.security.programme_stock import Stock, stock
from tests.support import databases, factories, identities
from tests.support.databases import Connection, Database
from tests.support.identities import Desk, SignedIn

NOW = factories.NOON


@dataclass(frozen=True)
class Place:
    """One venue with a running session and one child in it who has a health note."""

    venue: UUID
    session: UUID
    parent: UUID
    child: UUID
    booking: UUID
    pickup: UUID


@dataclass(frozen=True)
class Target:
    """Everything an attack may need to know. `ours` is where the attacker works, `theirs` is the other venue."""

    database: Database
    ours: Place
    theirs: Place
    desk: Desk
    mallory: SignedIn
    manager: SignedIn
    finance: SignedIn
    admin_person: SignedIn
    victim: SignedIn

    def connect(self, who: SignedIn | None = None) -> Connection:
        """A fresh connection of the attacker (or of somebody else) at their desk. The caller closes it."""
        person = who or self.mallory
        return person.desk.connect(person.token)

    def administrator(self) -> Connection:
        """A connection that sees everything, to check what is left."""
        return self.database.connect()


def _place(admin: Connection, name: str) -> Place:
    venue = factories.venue(admin, name=name)
    activity = factories.activity(admin, venue)
    session = factories.session(admin, activity, starts_at=NOW, ends_at=NOW + timedelta(hours=1))
    parent = factories.parent(admin, first_name=f"Parent{name}")
    child = factories.child(
        admin, parent, first_name=f"Child{name}", allergies_medical_notes=f"secret of {name}"
    )
    factories.health_note(admin, child, instructions=f"secret of {name}")
    pickup = factories.pickup_person(admin, child)
    factories.balance(admin, parent, 10)
    booking = factories.booking(admin, session, child, parent_notes=f"secret of {name}")
    return Place(venue, session, parent, child, booking, pickup)


@pytest.fixture(scope="session")
def target(_template: EmbeddedServer) -> Iterator[Target]:
    """The place under attack, shared by the whole suite: an attack that succeeds would be seen by the others."""
    database = databases.clone(_template, "attacked")
    with database.connect() as admin:
        factories.fix_clock(admin, NOW)
        ours, theirs = _place(admin, "Ours"), _place(admin, "Theirs")
    desk = identities.enrol(database, "Desk 1")
    people = [
        identities.signed_in(database, "front_desk", ours.venue, desk=desk),
        identities.signed_in(database, "manager", ours.venue),
        identities.signed_in(database, "venue_finance", ours.venue),
        identities.signed_in(database, "platform_admin"),
        identities.signed_in(database, "front_desk", theirs.venue),
    ]
    mallory, manager, finance, admin_person, victim = people
    yield Target(database, ours, theirs, desk, mallory, manager, finance, admin_person, victim)
    for person in people:
        person.connection.close()
    databases.drop(database)


@pytest.fixture
def mallory(target: Target) -> Iterator[Connection]:
    """The attacker's own connection: a front-desk person of our venue, signed in at Desk 1."""
    with closing(target.connect()) as connection:
        yield connection


@pytest.fixture
def manager(target: Target) -> Iterator[Connection]:
    """A manager of our venue with bad intentions."""
    with closing(target.connect(target.manager)) as connection:
        yield connection


@pytest.fixture
def finance(target: Target) -> Iterator[Connection]:
    """Somebody of our venue's finance who wants to see more than money."""
    with closing(target.connect(target.finance)) as connection:
        yield connection


@pytest.fixture
def stranger(target: Target) -> Iterator[Connection]:
    """A stolen laptop: the desk's own login, nobody signed in."""
    with closing(target.desk.connect()) as connection:
        yield connection


@pytest.fixture
def administrator(target: Target) -> Iterator[Connection]:
    """Looks at what an attack left behind."""
    with closing(target.administrator()) as connection:
        yield connection


@pytest.fixture(scope="session")
def ours(target: Target) -> Stock:
    """Our venue's programme, a piece of every kind."""
    with target.administrator() as admin:
        return stock(admin, target.ours.venue, target.ours.child)


@pytest.fixture(scope="session")
def theirs(target: Target) -> Stock:
    """The other venue's."""
    with target.administrator() as admin:
        return stock(admin, target.theirs.venue, target.theirs.child)
