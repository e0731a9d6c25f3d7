"""A small venue at work, for tests of the desk protocol: desks, people signed in at them, a session and its children.

The workstations are real LOGIN roles and everything under test goes over their connections; the people's tokens are put
into place by the administrator, because how they are got is the subject of other tests.
"""

from __future__ import annotations

import itertools
import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from types import TracebackType
from typing import Any
from uuid import UUID, uuid4

from psycopg import sql
from psycopg.types.json import Jsonb

from console.domain import scram
from tests.support import factories
from tests.support.databases import Connection, Database
from tests.support.identities import TEST_ITERATIONS

NOON = factories.NOON
SOON = NOON + timedelta(minutes=10)

Row = dict[str, Any]


@dataclass
class Person:
    """Somebody signed in at a desk, over that desk's own connection. `seq` counts the desk's events."""

    id: UUID
    device_id: UUID
    desk_name: str
    name: str
    connection: Connection
    token: str
    dsn: str
    dsn_role: str
    _seq: itertools.count[int]

    def event(self, kind: str, booking: UUID | None = None, **facts: Any) -> Row:
        """An event of this desk, live and now unless the facts say otherwise."""
        made: Row = {
            "id": str(uuid4()),
            "seq": next(self._seq),
            "kind": kind,
            "occurred_at": facts.pop("at", NOON).isoformat(),
        }
        if booking is not None:
            made["booking_id"] = str(booking)
        return made | {
            name: str(value) if isinstance(value, UUID) else value for name, value in facts.items()
        }

    def record(self, *events: Row) -> list[Row]:
        """Send a batch and return its answers."""
        return rows(self.connection, "SELECT * FROM attendance.record(%s)", [Jsonb(list(events))])

    def do(self, kind: str, booking: UUID | None = None, **facts: Any) -> Row:
        """Send one event and return its answer."""
        return self.record(self.event(kind, booking, **facts))[0]

    def call(self, statement: str, *arguments: Any) -> list[Row]:
        """Any statement as this person at this desk."""
        return rows(self.connection, statement, list(arguments))


@dataclass
class World:
    """One venue, with an administrator's connection to arrange and inspect things. A context manager."""

    database: Database
    now: datetime = NOON
    admin: Connection = field(init=False)
    venue: UUID = field(init=False)
    session: UUID = field(init=False)
    _open: list[Connection] = field(default_factory=list)
    _roles: list[str] = field(default_factory=list)
    _seqs: dict[str, itertools.count[int]] = field(default_factory=dict)

    def __enter__(self) -> World:
        self.admin = self.database.connect()
        factories.fix_clock(self.admin, self.now)
        self.venue = factories.venue(self.admin, name="Riverside Studio")
        judo = factories.activity(
            self.admin, self.venue, name="Junior Judo", min_age_months=72, max_age_months=119
        )
        self.session = factories.session(self.admin, judo, starts_at=SOON)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for connection in self._open:
            connection.close()
        for role in self._roles:
            self.admin.execute(sql.SQL("DROP ROLE IF EXISTS {}").format(sql.Identifier(role)))
        self.admin.close()

    def forget_desks(self) -> None:
        """Leave the workstations' roles where they are: their server is gone, or thrown away next."""
        self._roles.clear()

    def desk(self, name: str = "Desk 1", venue: UUID | None = None) -> str:
        """Enrol a workstation; the answer is its role, whose password is its own name."""
        role = f"nexus_desk_w_{secrets.token_hex(6)}"
        self.admin.execute(
            sql.SQL("CREATE ROLE {} LOGIN PASSWORD {} IN ROLE console_client").format(
                sql.Identifier(role), sql.Literal(scram.make_verifier(role, iterations=TEST_ITERATIONS))
            )
        )
        factories.device(self.admin, venue, role_name=role, name=name)
        self._roles.append(role)
        self._seqs[role] = itertools.count(1)
        return role

    def person(
        self,
        role: str = "front_desk",
        *,
        name: str = "Jonas",
        desk: str | None = None,
        venues: tuple[UUID, ...] = (),
    ) -> Person:
        """Somebody with this role here (or at `venues`), signed in at `desk` or at a new Desk 1."""
        desk = desk or self.desk()
        platform = role.startswith("platform")
        person = factories.user(self.admin, role="venue_admin", first_name=name)
        for venue in (None,) if platform else venues or (self.venue,):
            factories.grant(self.admin, person, role, venue)
        return self.sign_in(person, name, desk)

    def sign_in(self, person: UUID, name: str, desk: str) -> Person:
        """Sign an existing person in at a desk."""
        token = secrets.token_urlsafe(24)
        row = self.admin.execute("SELECT id, name FROM auth.devices WHERE role_name = %s", [desk]).fetchone()
        assert row is not None
        self.admin.execute(
            """INSERT INTO auth.person_sessions (user_id, device_id, token_hash, issued_at, expires_at)
               VALUES (%s, %s, %s, %s, 'infinity')""",
            [person, row[0], sha256(token.encode()).digest(), self.now - timedelta(hours=1)],
        )
        connection = self.database.connect(desk, desk)
        connection.execute("SELECT set_config('nexus.token', %s, false)", [token])
        self._open.append(connection)
        return Person(
            person,
            row[0],
            row[1],
            name,
            connection,
            token,
            self.database.dsn(desk, desk),
            desk,
            self._seqs[desk],
        )

    def child(self, name: str = "Nia", **columns: Any) -> UUID:
        """A child with a parent of its own."""
        return factories.child(self.admin, first_name=name, **columns)

    def booking(self, child: UUID | str | None = None, session: UUID | None = None, **columns: Any) -> UUID:
        """A confirmed place in the session for a child (a name makes one), with a real code."""
        if not isinstance(child, UUID):
            child = self.child(child or "Nia")
        code = self.admin.execute("SELECT bookings.new_code()").fetchone()
        assert code is not None
        return factories.booking(
            self.admin, session or self.session, child, **({"confirmation_code": code[0]} | columns)
        )

    def other_session(self, name: str = "Ballet", venue: UUID | None = None, **columns: Any) -> UUID:
        """Another session, here or at another venue."""
        activity = factories.activity(self.admin, venue or self.venue, name=name)
        return factories.session(self.admin, activity, **({"starts_at": SOON} | columns))

    def at(self, instant: datetime) -> datetime:
        """Move the database's clock."""
        self.now = instant
        return factories.fix_clock(self.admin, instant)

    def one(self, statement: str, *arguments: Any) -> Row:
        """The only row of a statement, as administrator."""
        found = self.all(statement, *arguments)
        assert len(found) == 1, found
        return found[0]

    def all(self, statement: str, *arguments: Any) -> list[Row]:
        """The rows of a statement, as administrator."""
        return rows(self.admin, statement, list(arguments))

    def state(self, booking: UUID) -> str:
        """What the booking's row says now."""
        return str(self.one("SELECT attendance_state AS s FROM bookings WHERE id = %s", booking)["s"])

    def code(self, booking: UUID) -> str:
        """The booking's confirmation code."""
        return str(self.one("SELECT confirmation_code AS c FROM bookings WHERE id = %s", booking)["c"])


def rows(connection: Connection, statement: str, arguments: list[Any]) -> list[Row]:
    """The rows of a statement by column name; none for a statement that answers nothing."""
    cursor = connection.execute(statement.encode(), arguments)
    if cursor.description is None:
        return []
    names = [column.name for column in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
