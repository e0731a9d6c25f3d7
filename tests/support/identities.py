"""Real desks and real people for tests: LOGIN roles that log in, tokens that the sign-in functions handed out.

    desk = enrol(fresh_database)                                  a workstation with its own LOGIN role
    maya = signed_in(fresh_database, "front_desk", venue_id)     a person at a desk; attack with maya.connection

Nothing is faked but the iteration count: verifiers for tests use few, because the database checks a proof in
the same way whatever it cost to make. Desks are roles of the whole server, so their names never repeat.
"""

from __future__ import annotations

import itertools
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import psycopg
import pytest

from console.domain import scram, totp
from tests.support import factories
from tests.support.databases import Connection, Database

TEST_ITERATIONS = 8
PASSWORD = "correct horse battery"

_numbers = itertools.count(1)
_verifiers: dict[str, str] = {}


@dataclass(frozen=True)
class Desk:
    """An enrolled workstation."""

    database: Database
    device_id: UUID
    role: str
    secret: str
    name: str
    venue_id: UUID | None = None

    @property
    def dsn(self) -> str:
        """The connection string with which the workstation logs in."""
        return self.database.dsn(self.role, self.secret)

    def connect(self, token: str | None = None, *, autocommit: bool = True) -> Connection:
        """A connection as this workstation, with a person's token where one is given. The caller closes it."""
        connection = self.database.connect(self.role, self.secret, autocommit=autocommit)
        if token is not None:
            set_token(connection, token)
            if not autocommit:
                connection.commit()
        return connection


@dataclass(frozen=True)
class Account:
    """Somebody who can sign in."""

    id: UUID
    email: str
    password: str = PASSWORD


@dataclass(frozen=True)
class Granted:
    """What sign_in_finish handed out."""

    token: str
    server_signature: bytes
    expires_at: datetime


@dataclass(frozen=True)
class SignedIn:
    """A person at a desk, with a connection that carries their token."""

    desk: Desk
    account: Account
    token: str
    connection: Connection

    @property
    def id(self) -> UUID:
        """The person's id."""
        return self.account.id


def enrol(database: Database, name: str | None = None, venue_id: UUID | None = None) -> Desk:
    """Enrol a workstation through admin.device_enrol, as the command line does."""
    role = f"nexus_desk_t{next(_numbers)}_{secrets.token_hex(4)}"
    secret = secrets.token_urlsafe(18)
    name = name or f"Desk {role[-8:]}"
    with database.connect() as admin:
        row = admin.execute(
            "SELECT admin.device_enrol(%s::text::name, %s, %s, %s)",
            [role, name, venue_id, scram.make_verifier(secret, iterations=TEST_ITERATIONS)],
        ).fetchone()
    assert row is not None
    return Desk(database, row[0], role, secret, name, venue_id)


def account(
    database: Database,
    role: str | None = "front_desk",
    venue_id: UUID | None = None,
    password: str | None = PASSWORD,
) -> Account:
    """A person with one grant (none with role=None) and a password (none with password=None)."""
    email = f"{role or 'nobody'}{next(_numbers)}@staff.example"
    with database.connect() as admin:
        columns = {"email": email, "password_hash": verifier(password) if password else None}
        if role is None:
            person = factories.user(admin, **columns)
        else:
            person = factories.staff(admin, role, venue_id, **columns)
    return Account(person, email, password or PASSWORD)


def verifier(password: str) -> str:
    """The stored form of a password, with few iterations; made once per password."""
    if password not in _verifiers:
        _verifiers[password] = scram.make_verifier(password, iterations=TEST_ITERATIONS)
    return _verifiers[password]


def set_token(connection: Connection, token: str) -> None:
    """Do what the pool's connect hook does."""
    connection.execute("SELECT set_config('nexus.token', %s, false)", [token])


def start(connection: Connection, email: str) -> tuple[UUID, str, scram.ServerFirst]:
    """sign_in_start: the ticket, the client's nonce, the server's answer."""
    nonce = scram.new_nonce()
    row = connection.execute("SELECT * FROM auth.sign_in_start(%s, %s)", [email, nonce]).fetchone()
    assert row is not None
    return row[0], nonce, scram.ServerFirst(bytes(row[1]), row[2], row[3])


def proof_for(email: str, password: str, nonce: str, answer: scram.ServerFirst) -> scram.Proof:
    """The proof of a password, computed with as few iterations as the server asks for."""
    salted = scram.salt_password(
        password, answer.salt, min(answer.iterations, TEST_ITERATIONS), minimum_iterations=1
    )
    return scram.prove(email, nonce, answer, salted)


def prove(connection: Connection, ticket: UUID, proof: bytes, code: str | None = None) -> None:
    """sign_in_prove."""
    connection.execute("SELECT auth.sign_in_prove(%s, %s, %s)", [ticket, proof, code])


def finish(connection: Connection, ticket: UUID) -> Granted:
    """sign_in_finish; raises psycopg's error (SQLSTATE NX403) for every refusal."""
    row = connection.execute(
        "SELECT token, server_signature, expires_at FROM auth.sign_in_finish(%s)", [ticket]
    ).fetchone()
    assert row is not None
    return Granted(row[0], bytes(row[1]), row[2])


def sign_in(connection: Connection, email: str, password: str = PASSWORD, code: str | None = None) -> str:
    """The whole exchange over an autocommitting connection of a desk; answers the token."""
    ticket, nonce, answer = start(connection, email)
    proof = proof_for(email, password, nonce, answer)
    prove(connection, ticket, proof.proof, code)
    granted = finish(connection, ticket)
    assert scram.server_is_genuine(proof, granted.server_signature)
    return granted.token


def token_at(desk: Desk, account: Account, password: str | None = None, code: str | None = None) -> str:
    """Sign somebody in at a desk over a connection of its own; answers the token."""
    with desk.connect() as connection:
        return sign_in(connection, account.email, password or account.password, code)


def signed_in(
    database: Database, role: str = "front_desk", venue_id: UUID | None = None, *, desk: Desk | None = None
) -> SignedIn:
    """A new person of `role` (at `venue_id`, or at a venue of their own), signed in at `desk` or a new one.

    The caller closes `connection`; `at_desk` does so itself.
    """
    desk = desk or enrol(database)
    person = account(database, role, venue_id)
    connection = desk.connect()
    token = sign_in(connection, person.email, person.password)
    set_token(connection, token)
    return SignedIn(desk, person, token, connection)


@contextmanager
def at_desk(
    database: Database, role: str = "front_desk", venue_id: UUID | None = None, *, desk: Desk | None = None
) -> Iterator[SignedIn]:
    """`signed_in` for a with block: the connection is closed at its end."""
    made = signed_in(database, role, venue_id, desk=desk)
    try:
        yield made
    finally:
        made.connection.close()


def refusal(error: psycopg.Error) -> tuple[str | None, str | None]:
    """SQLSTATE and machine key of a refusal: ("NX403", "not_permitted")."""
    return error.sqlstate, error.diag.message_detail


def refused(
    connection: Connection, account: Account | str, password: str | None = None, code: str | None = None
) -> tuple[str | None, str | None]:
    """SQLSTATE and machine key of a sign-in that has to be refused."""
    known = account if isinstance(account, Account) else Account(UUID(int=0), account)
    with pytest.raises(psycopg.Error) as caught:
        sign_in(connection, known.email, known.password if password is None else password, code)
    return refusal(caught.value)


def set_up_totp(database: Database, account: Account) -> tuple[str, list[str]]:
    """Give somebody an authenticator: its secret and the recovery codes."""
    secret, codes = totp.new_secret(), totp.new_recovery_codes()
    hashes = [totp.recovery_hash(account.id, code) for code in codes]
    with database.connect() as admin:
        admin.execute("SELECT auth.set_authenticator(%s, %s::text, %s)", [account.id, secret, hashes])
    return secret, codes


def refused_ticket(connection: Connection, ticket: UUID) -> tuple[str | None, str | None]:
    """SQLSTATE and machine key of a sign_in_finish that has to be refused."""
    with pytest.raises(psycopg.Error) as caught:
        finish(connection, ticket)
    return refusal(caught.value)


def proved(connection: Connection, account: Account, password: str | None = None) -> tuple[UUID, bytes]:
    """Start a sign-in and compute its proof, without handing it in."""
    ticket, nonce, answer = start(connection, account.email)
    return ticket, proof_for(account.email, password or account.password, nonce, answer).proof


def age_attempts(database: Database, device: UUID, by: timedelta) -> None:
    """Let the attempts of a desk have happened earlier."""
    with database.connect() as admin:
        admin.execute("UPDATE auth.sign_in_attempts SET at = at - %s WHERE device_id = %s", [by, device])
