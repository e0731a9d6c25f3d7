"""Managing people over a desk: who may, who may not, and that nobody does it to themselves.

docs/design.md, "Authorisation" (rule 3). The command line's way is tests/db/test_auth_command_line.py.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest

from console.domain import scram, totp
from tests.support import factories, identities
from tests.support.databases import Connection, Database

VERIFIER = scram.make_verifier("a much better one", iterations=600_000)
CALLS = {
    "admin.person_id": ("%(email)s",),
    "admin.user_add": ("'new-' || %(email)s", "'New'", "'Person'", "false"),
    "admin.user_grant": ("%(person)s", "'manager'::staff_role", "%(venue)s"),
    "admin.user_ungrant": ("%(person)s", "'front_desk'::staff_role", "%(venue)s"),
    "admin.user_set_password": ("%(person)s", "%(verifier)s"),
    "admin.user_set_authenticator": ("%(person)s", "%(secret)s", "'{}'::bytea[]"),
    "admin.user_set_active": ("%(person)s", "false"),
    "admin.user_sign_out": ("%(person)s",),
    "admin.user_list": (),
}


@pytest.fixture
def venue(house: Database) -> UUID:
    with house.connect() as admin:
        return factories.venue(admin)


@pytest.fixture
def values(house: Database, venue: UUID) -> dict[str, Any]:
    person = identities.account(house, "front_desk", venue)
    return {
        "person": person.id,
        "email": person.email,
        "venue": venue,
        "verifier": VERIFIER,
        "secret": totp.new_secret(),
    }


def statement(function: str) -> bytes:
    return f"SELECT * FROM {function}({', '.join(CALLS[function])})".encode()


def refused(connection: Connection, query: str | bytes, *parameters: Any) -> tuple[str | None, str | None]:
    with pytest.raises(psycopg.Error) as caught:
        connection.execute(query if isinstance(query, bytes) else query.encode(), parameters)
    return identities.refusal(caught.value)


@pytest.mark.parametrize("function", sorted(CALLS))
def test_a_platform_administrator_may(house: Database, values: dict[str, Any], function: str) -> None:
    with identities.at_desk(house, "platform_admin") as amara:
        amara.connection.execute(statement(function), values)


@pytest.mark.parametrize("role", ["front_desk", "manager", "venue_finance", "platform_finance"])
@pytest.mark.parametrize("function", sorted(CALLS))
def test_nobody_else_may(
    house: Database, venue: UUID, values: dict[str, Any], function: str, role: str
) -> None:
    with identities.at_desk(house, role, venue) as person, pytest.raises(psycopg.Error) as caught:
        person.connection.execute(statement(function), values)
    assert identities.refusal(caught.value) == ("NX403", "not_permitted")


@pytest.mark.parametrize("function", sorted(CALLS))
def test_not_before_signing_in_nor_at_a_bound_desk(
    house: Database, venue: UUID, values: dict[str, Any], function: str
) -> None:
    with identities.enrol(house).connect() as connection, pytest.raises(psycopg.Error) as caught:
        connection.execute(statement(function), values)
    assert identities.refusal(caught.value) == ("NX403", "signed_out")
    bound = identities.enrol(house, venue_id=venue)
    with (
        identities.at_desk(house, "platform_admin", desk=bound) as amara,
        pytest.raises(psycopg.Error) as caught,
    ):
        amara.connection.execute(statement(function), values)
    assert identities.refusal(caught.value) == ("NX403", "not_permitted")


def test_nobody_gives_themselves_anything(house: Database, venue: UUID) -> None:
    with identities.at_desk(house, "platform_admin") as amara:
        for function, arguments in (
            ("admin.user_grant", "'manager'::staff_role, '" + str(venue) + "'"),
            ("admin.user_ungrant", "'platform_admin'::staff_role, NULL"),
            ("admin.user_set_password", f"'{VERIFIER}'"),
            ("admin.user_set_authenticator", "NULL, '{}'"),
            ("admin.user_set_active", "false"),
        ):
            query = f"SELECT {function}('{amara.id}', {arguments})"
            assert refused(amara.connection, query) == ("NX403", "own_account")


def test_desks_are_no_desks_business(house: Database) -> None:
    with identities.at_desk(house, "platform_admin") as amara:
        for query in (
            f"SELECT admin.device_enrol('nexus_desk_x'::name, 'X', NULL, '{VERIFIER}')",
            f"SELECT admin.device_revoke('{amara.desk.device_id}')",
            "SELECT * FROM admin.device_list()",
        ):
            assert refused(amara.connection, query)[0] == "42501"


@pytest.mark.parametrize(
    "function",
    [
        "auth.set_verifier(gen_random_uuid(), '')", "auth.end_sessions(gen_random_uuid(), NULL, 'x')",
        "auth.set_authenticator(gen_random_uuid(), NULL, '{}')", "auth.rotate_channel(gen_random_uuid())",
        "auth.settled_verdict(gen_random_uuid())", "auth.account_key('x')", "auth.locked_seconds('', NULL, NULL)",
        "auth.hmac_sha256('', '')", "auth.sha1('')", "auth.hotp('', 1)", "auth.parse_verifier('')",
        "auth.has_used_desk(gen_random_uuid())",
    ],
)  # fmt: skip
def test_inner_functions_are_nobodys_to_call(house: Database, function: str) -> None:
    with identities.at_desk(house, "platform_admin") as amara:
        assert refused(amara.connection, f"SELECT {function}")[0] == "42501"


@pytest.mark.parametrize(
    "verifier",
    ["", "plain password", VERIFIER.replace("600000", "599999"), VERIFIER.replace("600000", "99999999"),
     VERIFIER.replace(VERIFIER.split(":")[1].split("$")[0], "AAAA"), VERIFIER + "x", None],
)  # fmt: skip
def test_a_weak_verifier_is_not_stored(house: Database, values: dict[str, Any], verifier: str | None) -> None:
    with identities.at_desk(house, "platform_admin") as amara, house.connect() as admin:
        query = "SELECT admin.user_set_password(%s, %s)"
        assert refused(amara.connection, query, values["person"], verifier) == ("NX422", "verifier")
        row = admin.execute("SELECT password_hash FROM users WHERE id = %s", [values["person"]]).fetchone()
        assert row == (identities.verifier(identities.PASSWORD),)


def test_a_short_authenticator_secret_is_not_stored(house: Database, values: dict[str, Any]) -> None:
    with identities.at_desk(house, "platform_admin") as amara:
        query = "SELECT admin.user_set_authenticator(%s, %s, '{}')"
        for secret in ("JBSWY3DP", "not base 32!", ""):
            assert refused(amara.connection, query, values["person"], secret) == ("NX422", "authenticator")


def test_parents_cannot_be_given_a_password_here(house: Database) -> None:
    with identities.at_desk(house, "platform_admin") as amara, house.connect() as admin:
        parent = factories.parent(admin)
        query = "SELECT admin.user_set_password(%s, %s)"
        assert refused(amara.connection, query, parent, VERIFIER) == ("NX404", "person")


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ("%(person)s, 'manager', NULL", ("NX422", "venue")),
        ("%(person)s, 'platform_admin', %(venue)s", ("NX422", "venue")),
        ("%(person)s, 'manager', gen_random_uuid()", ("NX404", "venue")),
        ("gen_random_uuid(), 'manager', %(venue)s", ("NX404", "person")),
    ],
)
def test_a_grant_that_makes_no_sense_is_refused(
    house: Database, values: dict[str, Any], arguments: str, expected: tuple[str, str]
) -> None:
    with identities.at_desk(house, "platform_admin") as amara, pytest.raises(psycopg.Error) as caught:
        amara.connection.execute(f"SELECT admin.user_grant({arguments})".encode(), values)
    assert identities.refusal(caught.value) == expected


def test_a_grant_says_who_gave_and_who_took_it(house: Database, values: dict[str, Any]) -> None:
    with identities.at_desk(house, "platform_admin") as amara, house.connect() as admin:
        for expected in (True, False):
            row = amara.connection.execute(statement("admin.user_grant"), values).fetchone()
            assert row == (expected,)
        query = "SELECT admin.user_ungrant(%(person)s, 'manager', %(venue)s)"
        for expected in (True, False):
            assert amara.connection.execute(query, values).fetchone() == (expected,)
        row = admin.execute(
            "SELECT granted_by, revoked_by FROM staff_grants WHERE user_id = %(person)s AND role = 'manager'",
            values,
        ).fetchone()
        assert row == (amara.id, amara.id)


@pytest.mark.parametrize(
    ("address", "first"), [("no address", "New"), ("a@b c", "New"), ("", "New"), ("x@y.example", " ")]
)
def test_a_person_needs_an_address_and_a_name(house: Database, address: str, first: str) -> None:
    with identities.at_desk(house, "platform_admin") as amara:
        query = "SELECT admin.user_add(%s, %s, 'Person', false)"
        assert refused(amara.connection, query, address, first)[0] == "NX422"


def test_an_address_is_taken_whatever_its_case(house: Database, values: dict[str, Any]) -> None:
    with identities.at_desk(house, "platform_admin") as amara:
        query = "SELECT admin.user_add(%s, 'New', 'Person', false)"
        assert refused(amara.connection, query, values["email"].upper()) == ("NX409", "address_taken")


def test_people_are_listed_with_their_grants_and_without_parents(
    house: Database, values: dict[str, Any]
) -> None:
    with identities.at_desk(house, "platform_admin") as amara, house.connect() as admin:
        parent = factories.parent(admin)
        rows = {row[0]: row for row in amara.connection.execute("SELECT * FROM admin.user_list()").fetchall()}
    assert rows[values["person"]][6][0]["role"] == "front_desk"
    assert parent not in rows


def _ticket(person: identities.SignedIn, password: str | None = None, code: str | None = None) -> UUID:
    ticket, nonce, answer = identities.start(person.connection, person.account.email)
    proof = identities.proof_for(person.account.email, password or person.account.password, nonce, answer)
    identities.prove(person.connection, ticket, proof.proof, code)
    return ticket


def test_ones_own_password_needs_the_present_one(house: Database) -> None:
    with identities.at_desk(house) as maya, identities.at_desk(house) as other:
        query = "SELECT auth.change_password(%s, %s)"
        assert refused(maya.connection, query, uuid4(), VERIFIER) == ("NX403", "ticket")
        assert refused(maya.connection, query, _ticket(maya, "wrong"), VERIFIER) == (
            "NX403",
            "wrong_credentials",
        )
        assert refused(maya.connection, query, _ticket(other), VERIFIER) == ("NX403", "ticket")
        assert refused(maya.connection, query, _ticket(maya), "weak") == ("NX422", "verifier")
        maya.connection.execute(query, [_ticket(maya), VERIFIER])


def test_somebody_elses_proof_at_the_same_desk_changes_nothing(house: Database) -> None:
    with identities.at_desk(house) as maya:
        colleague = identities.account(house)
        ticket, nonce, answer = identities.start(maya.connection, colleague.email)
        proof = identities.proof_for(colleague.email, colleague.password, nonce, answer)
        identities.prove(maya.connection, ticket, proof.proof)
        for query, value in (
            ("auth.change_password(%s, %s)", VERIFIER),
            ("auth.change_authenticator(%s, %s, NULL, '{}')", None),
            ("auth.change_recovery_codes(%s, %s)", []),
        ):
            assert refused(maya.connection, f"SELECT {query}", ticket, value) == (
                "NX403",
                "wrong_credentials",
            )


def test_signing_out_is_idempotent(house: Database) -> None:
    with identities.at_desk(house) as maya:
        assert maya.connection.execute("SELECT auth.sign_out()").fetchone() == (True,)
        assert maya.connection.execute("SELECT auth.sign_out()").fetchone() == (False,)


def test_whoami_of_nobody_is_refused(house: Database) -> None:
    with identities.enrol(house).connect() as connection:
        assert refused(connection, "SELECT auth.whoami()") == ("NX403", "signed_out")
