"""Attacks on the three functions of sign-in: rolled back, repeated, replayed, swapped, and used to learn who exists."""

from __future__ import annotations

import secrets
import time
from contextlib import closing
from datetime import timedelta
from statistics import median

import psycopg
import pytest

from console.domain import scram
from tests.security.attacks import INVALID, REFUSED, refused, rows, value
from tests.security.conftest import NOW, Target
from tests.support import factories, identities
from tests.support.databases import Connection

WRONG = b"\x01" * 32


def attempt(connection: Connection, email: str, password: str) -> psycopg.Error | None:
    """One whole sign-in; the refusal, or None where it worked."""
    try:
        identities.sign_in(connection, email, password)
    except psycopg.Error as error:
        return error
    return None


def test_a_wrong_password_is_refused(target: Target) -> None:
    desk = identities.enrol(target.database)
    with closing(desk.connect()) as connection:
        error = attempt(connection, target.victim.account.email, "not it")
        assert error is not None
        assert identities.refusal(error) == (REFUSED, "wrong_credentials")


def test_unknown_and_known_addresses_are_answered_alike(target: Target) -> None:
    desk = identities.enrol(target.database)
    with closing(desk.connect()) as connection:
        known = attempt(connection, target.victim.account.email, "wrong")
        unknown = attempt(connection, "nobody@nowhere.example", "wrong")
        assert known is not None
        assert unknown is not None
        assert str(known) == str(unknown)
        assert identities.refusal(known) == identities.refusal(unknown)


def test_the_made_up_salt_stays_the_same(target: Target) -> None:
    """A salt that changed from call to call would tell that nobody has the address."""
    desk = identities.enrol(target.database)
    with closing(desk.connect()) as connection:
        first = identities.start(connection, "ghost@nowhere.example")[2]
        again = identities.start(connection, "Ghost@nowhere.example ")[2]
        assert (first.salt, first.iterations) == (again.salt, again.iterations)
        assert len(first.salt) == len(identities.start(connection, target.victim.account.email)[2].salt)


@pytest.mark.parametrize("kind", ["disabled", "no password", "parent"])
def test_accounts_that_may_not_sign_in_look_like_any_other(
    target: Target, administrator: Connection, kind: str
) -> None:
    if kind == "parent":
        email = f"parent{secrets.token_hex(4)}@home.example"
        factories.parent(administrator, email=email, password_hash=identities.verifier(identities.PASSWORD))
    else:
        person = identities.account(
            target.database,
            "front_desk",
            target.ours.venue,
            None if kind == "no password" else identities.PASSWORD,
        )
        email = person.email
        if kind == "disabled":
            administrator.execute("UPDATE public.users SET is_active = false WHERE id = %s", [person.id])
    with closing(identities.enrol(target.database).connect()) as connection:
        theirs, unknown = (
            attempt(connection, email, identities.PASSWORD),
            attempt(connection, "q@q.example", "x"),
        )
        assert theirs is not None
        assert unknown is not None
        assert str(theirs) == str(unknown)


def test_prove_rolled_back_and_repeated_tells_nothing(target: Target) -> None:
    """Guessing inside a transaction that is rolled back must not answer whether the guess was right."""
    person = identities.account(target.database, "front_desk", target.ours.venue)
    desk = identities.enrol(target.database)
    with closing(desk.connect(autocommit=False)) as connection:
        ticket, nonce, answer = identities.start(connection, person.email)
        connection.commit()
        right = identities.proof_for(person.email, person.password, nonce, answer).proof
        answers = []
        for proof in (WRONG, right):
            answers.append(rows(connection, "SELECT auth.sign_in_prove(%s, %s, NULL)", [ticket, proof]))
            refused(connection, "SELECT * FROM auth.sign_in_finish(%s)", [ticket], by=REFUSED)
            connection.rollback()
        assert answers[0] == answers[1]


def test_finish_before_prove_has_committed_gives_no_token(target: Target) -> None:
    person = identities.account(target.database, "front_desk", target.ours.venue)
    desk = identities.enrol(target.database)
    with closing(desk.connect(autocommit=False)) as inside, closing(desk.connect()) as outside:
        ticket, nonce, answer = identities.start(inside, person.email)
        inside.commit()
        identities.prove(
            inside, ticket, identities.proof_for(person.email, person.password, nonce, answer).proof
        )
        refused(outside, "SELECT * FROM auth.sign_in_finish(%s)", [ticket], by=REFUSED)
        refused(inside, "SELECT * FROM auth.sign_in_finish(%s)", [ticket], by=REFUSED)


def test_finish_rolled_back_leaves_no_usable_token(target: Target) -> None:
    person = identities.account(target.database, "front_desk", target.ours.venue)
    desk = identities.enrol(target.database)
    with closing(desk.connect(autocommit=False)) as connection:
        ticket, nonce, answer = identities.start(connection, person.email)
        connection.commit()
        identities.prove(
            connection, ticket, identities.proof_for(person.email, person.password, nonce, answer).proof
        )
        connection.commit()
        token = identities.finish(connection, ticket).token
        connection.rollback()
        with closing(desk.connect(token)) as other:
            assert value(other, "SELECT auth.user_id()") is None


def test_a_ticket_opens_one_session(target: Target) -> None:
    person = identities.account(target.database, "front_desk", target.ours.venue)
    with closing(identities.enrol(target.database).connect()) as connection:
        ticket, nonce, answer = identities.start(connection, person.email)
        proof = identities.proof_for(person.email, person.password, nonce, answer).proof
        identities.prove(connection, ticket, proof)
        identities.finish(connection, ticket)
        refused(connection, "SELECT * FROM auth.sign_in_finish(%s)", [ticket], by=REFUSED)
        refused(connection, "SELECT auth.sign_in_prove(%s, %s, NULL)", [ticket, proof], by=REFUSED)


def test_a_proof_cannot_be_replayed_on_another_ticket(target: Target) -> None:
    person = identities.account(target.database, "front_desk", target.ours.venue)
    with closing(identities.enrol(target.database).connect()) as connection:
        _, nonce, answer = identities.start(connection, person.email)
        overheard = identities.proof_for(person.email, person.password, nonce, answer).proof
        ticket, _, _ = identities.start(connection, person.email)
        identities.prove(connection, ticket, overheard)
        refused(connection, "SELECT * FROM auth.sign_in_finish(%s)", [ticket], by=REFUSED)


def test_a_ticket_is_worth_nothing_at_another_desk(target: Target) -> None:
    person = identities.account(target.database, "front_desk", target.ours.venue)
    first, second = identities.enrol(target.database), identities.enrol(target.database)
    with closing(first.connect()) as here, closing(second.connect()) as there:
        ticket, nonce, answer = identities.start(here, person.email)
        proof = identities.proof_for(person.email, person.password, nonce, answer).proof
        refused(there, "SELECT auth.sign_in_prove(%s, %s, NULL)", [ticket, proof], by=REFUSED)
        identities.prove(here, ticket, proof)
        refused(there, "SELECT * FROM auth.sign_in_finish(%s)", [ticket], by=REFUSED)


def test_an_old_ticket_is_refused(target: Target, administrator: Connection) -> None:
    person = identities.account(target.database, "front_desk", target.ours.venue)
    with closing(identities.enrol(target.database).connect()) as connection:
        ticket, nonce, answer = identities.start(connection, person.email)
        proof = identities.proof_for(person.email, person.password, nonce, answer).proof
        try:
            factories.fix_clock(administrator, NOW + timedelta(minutes=3))
            refused(connection, "SELECT auth.sign_in_prove(%s, %s, NULL)", [ticket, proof], by=REFUSED)
        finally:
            factories.fix_clock(administrator, NOW)


def test_guessing_is_stopped_and_the_time_left_is_said(target: Target) -> None:
    person = identities.account(target.database, "front_desk", target.ours.venue)
    with closing(identities.enrol(target.database).connect()) as connection:
        for _ in range(6):
            attempt(connection, person.email, "wrong")
        error = attempt(connection, person.email, person.password)
        assert error is not None
        assert str(identities.refusal(error)[1]).startswith("locked:")


def test_many_addresses_from_one_desk_are_stopped(target: Target) -> None:
    with closing(identities.enrol(target.database).connect()) as connection:
        for number in range(31):
            attempt(connection, f"guess{number}@nowhere.example", "wrong")
        person = identities.account(target.database, "front_desk", target.ours.venue)
        error = attempt(connection, person.email, person.password)
        assert error is not None
        assert str(identities.refusal(error)[1]).startswith("locked:")


def test_one_desk_cannot_lock_a_victim_out_of_another(target: Target) -> None:
    person = identities.account(target.database, "front_desk", target.ours.venue)
    attacker, own = identities.enrol(target.database), identities.enrol(target.database)
    with closing(attacker.connect()) as connection:
        for _ in range(8):
            attempt(connection, person.email, "wrong")
    with closing(own.connect()) as connection:
        assert attempt(connection, person.email, person.password) is None


def test_an_open_transaction_cannot_lock_a_victim_out(target: Target) -> None:
    """The attacker holds every lock that a failed attempt takes, for ever; the victim must not notice."""
    person = identities.account(target.database, "front_desk", target.ours.venue)
    attacker, own = identities.enrol(target.database), identities.enrol(target.database)
    with closing(attacker.connect(autocommit=False)) as holding, closing(own.connect()) as connection:
        ticket, _, _ = identities.start(holding, person.email)
        identities.prove(holding, ticket, WRONG)
        connection.execute("SET lock_timeout = '2s'")
        assert attempt(connection, person.email, person.password) is None


def test_the_client_refuses_a_server_that_asks_for_too_little_work() -> None:
    with pytest.raises(Exception, match=r".+"):
        scram.salt_password("secret", b"0" * 16, 4096)


@pytest.mark.parametrize(
    ("email", "nonce"),
    [
        ("", "a" * 24),
        ("x" * 300, "a" * 24),
        ("a@b.example", "short"),
        ("a@b.example", "a" * 24 + ",r=evil"),
        ("a@b.example", "a" * 500),
    ],
)
def test_malformed_beginnings_are_refused(stranger: Connection, email: str, nonce: str) -> None:
    refused(stranger, "SELECT * FROM auth.sign_in_start(%s, %s)", [email, nonce], by=INVALID)


def test_an_address_with_scram_signs_in_it_is_only_an_address(target: Target) -> None:
    with closing(identities.enrol(target.database).connect()) as connection:
        error = attempt(connection, f"{target.victim.account.email},r=x", "wrong")
        assert error is not None
        assert identities.refusal(error) == (REFUSED, "wrong_credentials")


def test_finding_out_by_time_who_exists_is_hopeless(target: Target) -> None:
    def spent(connection: Connection, email: str) -> float:
        started = time.perf_counter()
        identities.start(connection, email)
        return time.perf_counter() - started

    with closing(identities.enrol(target.database).connect()) as connection:
        for _ in range(10):  # the first calls of a connection are slower, whoever they ask for
            spent(connection, "warm@up.example")
        pairs = [
            (spent(connection, target.victim.account.email), spent(connection, f"u{n}@nowhere.example"))
            for n in range(60)
        ]
        known, unknown = zip(*pairs, strict=True)
    assert 0.5 < median(known) / median(unknown) < 2


def test_nobody_reads_or_clears_the_attempts(mallory: Connection, stranger: Connection) -> None:
    for connection in (mallory, stranger):
        refused(connection, "SELECT * FROM auth.sign_in_attempts")
        refused(connection, "DELETE FROM auth.sign_in_attempts")
        refused(connection, "TRUNCATE auth.sign_in_attempts")


def test_somebody_elses_password_cannot_be_set(mallory: Connection, target: Target) -> None:
    verifier = identities.verifier("mine now")
    refused(mallory, "SELECT auth.set_verifier(%s, %s)", [target.victim.id, verifier])
    refused(mallory, "UPDATE public.users SET password_hash = %s", [verifier])
    refused(mallory, "SELECT auth.change_password(gen_random_uuid(), %s)", [verifier], by=(REFUSED, INVALID))


def test_the_demo_accounts_of_a_real_database_are_none(stranger: Connection) -> None:
    assert rows(stranger, "SELECT * FROM auth.demo_accounts()") == []
