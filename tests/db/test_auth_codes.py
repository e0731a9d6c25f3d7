"""Authenticator and recovery codes at sign-in: asked for when, good for how long, and never twice.

docs/design.md, "Sign-in".
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from console.domain import totp
from tests.support import identities
from tests.support.databases import Database

WRONG = ("NX403", "wrong_credentials")
TICKET = ("NX403", "ticket")


@pytest.fixture
def desk(house: Database) -> identities.Desk:
    return identities.enrol(house)


def test_a_code_is_asked_for_only_after_the_right_password(house: Database, desk: identities.Desk) -> None:
    person = identities.account(house)
    identities.set_up_totp(house, person)
    with desk.connect() as connection:
        assert identities.refused(connection, person.email, "wrong") == WRONG
        assert identities.refused(connection, person.email, "wrong", "123456") == WRONG
        assert identities.refused(connection, person.email, person.password) == ("NX403", "code_needed")
        assert identities.refused(connection, person.email, person.password, " ") == ("NX403", "code_needed")
        assert identities.refused(connection, person.email, person.password, "000000") == (
            "NX403",
            "code_wrong",
        )


def test_an_authenticator_code_works_once(house: Database, desk: identities.Desk) -> None:
    person = identities.account(house)
    secret, _ = identities.set_up_totp(house, person)
    code = totp.totp(secret, datetime.now(UTC))
    with desk.connect() as connection:
        assert identities.sign_in(connection, person.email, code=f"{code[:3]} {code[3:]}")
        assert identities.refused(connection, person.email, person.password, code) == ("NX403", "code_wrong")
        later = totp.totp(secret, datetime.now(UTC) + timedelta(seconds=30))
        assert identities.sign_in(connection, person.email, code=later)


def test_one_code_in_two_open_sign_ins_opens_one_session(house: Database, desk: identities.Desk) -> None:
    person = identities.account(house)
    secret, _ = identities.set_up_totp(house, person)
    code = totp.totp(secret, datetime.now(UTC))
    with desk.connect() as first, desk.connect(autocommit=False) as second:
        one, proof_one = identities.proved(first, person)
        two, proof_two = identities.proved(first, person)
        identities.prove(second, two, proof_two, code)
        identities.prove(first, one, proof_one, code)
        second.commit()
        assert identities.finish(first, one).token
        assert identities.refused_ticket(first, two) == TICKET


def test_wrong_codes_lock_like_wrong_passwords(house: Database, desk: identities.Desk) -> None:
    person = identities.account(house)
    identities.set_up_totp(house, person)
    with desk.connect() as connection:
        for number in range(5):
            assert (
                identities.refused(connection, person.email, person.password, f"00000{number}")[1]
                == "code_wrong"
            )
        assert str(identities.refused(connection, person.email, person.password, "000009")[1]).startswith(
            "locked:"
        )


def test_a_recovery_code_works_once_and_only_for_its_owner(house: Database, desk: identities.Desk) -> None:
    person, other = identities.account(house), identities.account(house)
    _, codes = identities.set_up_totp(house, person)
    identities.set_up_totp(house, other)
    with desk.connect() as connection:
        assert identities.refused(connection, other.email, other.password, codes[0])[1] == "code_wrong"
        assert identities.sign_in(connection, person.email, code=codes[0])
        assert identities.refused(connection, person.email, person.password, codes[0])[1] == "code_wrong"
        assert identities.sign_in(connection, person.email, code=codes[1].lower())


def test_a_new_authenticator_withdraws_the_old_codes(house: Database, desk: identities.Desk) -> None:
    person = identities.account(house)
    _, old = identities.set_up_totp(house, person)
    identities.set_up_totp(house, person)
    with desk.connect() as connection:
        assert identities.refused(connection, person.email, person.password, old[0])[1] == "code_wrong"


def test_old_sign_ins_are_tidied_away_but_never_what_a_recovery_code_was_used_for(house: Database) -> None:
    desk = identities.enrol(house)
    person, colleague = identities.account(house), identities.account(house)
    _, codes = identities.set_up_totp(house, person)
    identities.token_at(desk, person, code=codes[0])
    identities.token_at(desk, colleague)
    with house.connect() as admin:
        identities.age_attempts(house, desk.device_id, timedelta(days=31))
        admin.execute(
            "UPDATE auth.sign_in_tickets SET created_at = created_at - interval '2 days' WHERE device_id = %s",
            [desk.device_id],
        )
        assert admin.execute("SELECT auth.tidy_sign_ins()").fetchone() == (3,)
        kept = admin.execute(
            "SELECT user_id FROM auth.sign_in_tickets WHERE device_id = %s", [desk.device_id]
        )
        assert kept.fetchall() == [(person.id,)]
    with desk.connect() as connection:
        assert identities.refused(connection, person.email, person.password, codes[0])[1] == "code_wrong"
