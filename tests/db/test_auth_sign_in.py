"""Signing in over a real desk login: who gets a token, who does not, and what a refusal tells.

docs/design.md, "Sign-in".
"""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import psycopg
import pytest

from tests.support import factories, identities
from tests.support.databases import Database

WRONG = ("NX403", "wrong_credentials")
TICKET = ("NX403", "ticket")
WINDOW = timedelta(minutes=15)


@pytest.fixture
def desk(house: Database) -> identities.Desk:
    return identities.enrol(house)


def test_a_person_signs_in_and_is_known(house: Database) -> None:
    with identities.at_desk(house, "front_desk") as maya:
        row = maya.connection.execute(
            "SELECT auth.user_id(), auth.device_id(), auth.has('roster.read'), auth.person_session_id() IS NOT NULL"
        ).fetchone()
        assert row == (maya.id, maya.desk.device_id, True, True)


def test_the_address_may_be_typed_in_capitals(house: Database, desk: identities.Desk) -> None:
    person = identities.account(house)
    with desk.connect() as connection:
        assert identities.sign_in(connection, person.email.upper())


@pytest.mark.parametrize(
    "kind", ["wrong password", "unknown", "disabled", "no password", "no grant", "revoked grant"]
)
def test_whoever_may_not_sign_in_hears_the_same(house: Database, desk: identities.Desk, kind: str) -> None:
    with house.connect() as admin:
        if kind == "unknown":
            person = identities.Account(uuid4(), f"{uuid4().hex}@nowhere.example")
        elif kind == "no password":
            person = identities.account(house, password=None)
        elif kind == "no grant":
            person = identities.account(house, role=None)
        else:
            person = identities.account(house)
        if kind == "disabled":
            admin.execute("UPDATE users SET is_active = false WHERE id = %s", [person.id])
        if kind == "revoked grant":
            admin.execute("UPDATE staff_grants SET revoked_at = now() WHERE user_id = %s", [person.id])
    password = "not the password" if kind == "wrong password" else person.password
    with desk.connect() as connection, pytest.raises(psycopg.Error) as caught:
        identities.sign_in(connection, person.email, password)
    assert identities.refusal(caught.value) == WRONG
    assert caught.value.diag.message_primary == "That e-mail address and password do not match."


@pytest.mark.parametrize("role", ["parent", "hr_admin"])
def test_parents_and_employers_have_accounts_but_not_here(
    house: Database, desk: identities.Desk, role: str
) -> None:
    with house.connect() as admin:
        email = f"{uuid4().hex}@family.example"
        factories.user(admin, email=email, role=role, password_hash=identities.verifier(identities.PASSWORD))
    with desk.connect() as connection:
        assert identities.refused(connection, email, identities.PASSWORD) == WRONG


def test_an_unknown_address_has_a_salt_of_its_own_for_ever(house: Database, desk: identities.Desk) -> None:
    other = identities.enrol(house)
    with desk.connect() as here, other.connect() as there:
        first = identities.start(here, "ghost@nowhere.example")[2]
        again = identities.start(there, "Ghost@Nowhere.example")[2]
        someone_else = identities.start(here, "ghoul@nowhere.example")[2]
    assert (first.salt, first.iterations) == (again.salt, again.iterations)
    assert first.salt != someone_else.salt
    assert len(first.salt) == 16
    assert first.iterations >= 600_000
    assert first.server_nonce != again.server_nonce


def test_disabling_an_account_does_not_change_what_start_answers(
    house: Database, desk: identities.Desk
) -> None:
    person = identities.account(house)
    with desk.connect() as connection, house.connect() as admin:
        before = identities.start(connection, person.email)[2]
        admin.execute("UPDATE users SET is_active = false WHERE id = %s", [person.id])
        after = identities.start(connection, person.email)[2]
    assert (before.salt, before.iterations) == (after.salt, after.iterations)


def test_prove_writes_the_same_rows_whatever_came_of_it(house: Database, desk: identities.Desk) -> None:
    person = identities.account(house)
    written = []
    for password in (person.password, "wrong"):
        with desk.connect() as connection, house.connect() as admin:
            ticket, proof = identities.proved(connection, person, password)
            identities.prove(connection, ticket, proof)
            row = admin.execute(
                """SELECT (SELECT count(*) FROM auth.sign_in_verdicts WHERE ticket_id = %(t)s),
                          (SELECT count(*) FROM auth.sign_in_attempts WHERE ticket_id = %(t)s),
                          (SELECT pg_column_size(v.*) FROM auth.sign_in_verdicts v WHERE ticket_id = %(t)s),
                          (SELECT pg_column_size(a.*) FROM auth.sign_in_attempts a WHERE ticket_id = %(t)s)""",
                {"t": ticket},
            ).fetchone()
            written.append(row)
    assert written[0] == written[1]
    assert written[0] is not None
    assert written[0][:2] == (1, 1)


def test_a_ticket_is_proved_once(house: Database, desk: identities.Desk) -> None:
    person = identities.account(house)
    with desk.connect() as connection:
        ticket, proof = identities.proved(connection, person)
        identities.prove(connection, ticket, bytes(32))
        with pytest.raises(psycopg.Error) as caught:
            identities.prove(connection, ticket, proof)
        assert identities.refusal(caught.value) == TICKET
        assert identities.refused_ticket(connection, ticket) == WRONG


def test_a_ticket_gives_one_token(house: Database, desk: identities.Desk) -> None:
    person = identities.account(house)
    with desk.connect() as connection:
        ticket, proof = identities.proved(connection, person)
        identities.prove(connection, ticket, proof)
        assert identities.finish(connection, ticket).token
        assert identities.refused_ticket(connection, ticket) == TICKET


def test_another_desk_cannot_use_a_ticket(house: Database, desk: identities.Desk) -> None:
    person, other = identities.account(house), identities.enrol(house)
    with desk.connect() as here, other.connect() as there:
        ticket, proof = identities.proved(here, person)
        with pytest.raises(psycopg.Error) as caught:
            identities.prove(there, ticket, proof)
        assert identities.refusal(caught.value) == TICKET
        identities.prove(here, ticket, proof)
        assert identities.refused_ticket(there, ticket) == TICKET
        assert identities.finish(here, ticket).token


def test_a_proof_of_another_exchange_is_worth_nothing(house: Database, desk: identities.Desk) -> None:
    person = identities.account(house)
    with desk.connect() as connection:
        _, recorded = identities.proved(connection, person)
        ticket, _ = identities.proved(connection, person)
        identities.prove(connection, ticket, recorded)
        assert identities.refused_ticket(connection, ticket) == WRONG


@pytest.mark.parametrize("proof", [b"", b"x", bytes(31), bytes(33), None])
def test_a_malformed_proof_is_a_wrong_one(
    house: Database, desk: identities.Desk, proof: bytes | None
) -> None:
    person = identities.account(house)
    with desk.connect() as connection:
        ticket, _ = identities.proved(connection, person)
        connection.execute("SELECT auth.sign_in_prove(%s, %s::bytea, NULL)", [ticket, proof])
        assert identities.refused_ticket(connection, ticket) == WRONG


def test_start_prove_and_finish_in_one_transaction_give_nothing(
    house: Database, desk: identities.Desk
) -> None:
    person = identities.account(house)
    with desk.connect(autocommit=False) as connection:
        ticket, proof = identities.proved(connection, person)
        identities.prove(connection, ticket, proof)
        assert identities.refused_ticket(connection, ticket) == TICKET


def test_a_proof_that_was_rolled_back_told_nothing_and_can_be_given_again(
    house: Database, desk: identities.Desk
) -> None:
    person = identities.account(house)
    with desk.connect() as connection, desk.connect(autocommit=False) as open_one:
        ticket, proof = identities.proved(connection, person)
        identities.prove(open_one, ticket, proof)
        assert identities.refused_ticket(connection, ticket) == TICKET
        open_one.rollback()
        assert identities.refused_ticket(connection, ticket) == TICKET
        identities.prove(connection, ticket, proof)
        assert identities.finish(connection, ticket).token


def test_a_finish_that_was_rolled_back_gave_a_token_that_never_works(
    house: Database, desk: identities.Desk
) -> None:
    person = identities.account(house)
    with desk.connect() as connection, desk.connect(autocommit=False) as open_one:
        ticket, proof = identities.proved(connection, person)
        identities.prove(connection, ticket, proof)
        token = identities.finish(open_one, ticket).token
        open_one.rollback()
        identities.set_token(connection, token)
        assert connection.execute("SELECT auth.user_id()").fetchone() == (None,)


@pytest.mark.parametrize("level", ["REPEATABLE READ", "SERIALIZABLE"])
def test_an_old_snapshot_cannot_hide_attempts(house: Database, desk: identities.Desk, level: str) -> None:
    person = identities.account(house)
    with desk.connect() as connection:
        ticket, proof = identities.proved(connection, person)
        identities.prove(connection, ticket, proof)
        connection.execute(f"BEGIN ISOLATION LEVEL {level}".encode())
        assert identities.refused_ticket(connection, ticket) == ("NX403", "isolation")


def test_the_sixth_failure_locks_this_account_at_this_desk_only(
    house: Database, desk: identities.Desk
) -> None:
    person, colleague, other = identities.account(house), identities.account(house), identities.enrol(house)
    with desk.connect() as here, other.connect() as there:
        ready, proof = identities.proved(here, person)
        for _ in range(5):
            assert identities.refused(here, person.email, "wrong") == WRONG
        state, key = identities.refused(here, person.email, person.password)
        assert state == "NX403"
        assert key is not None
        assert key.startswith("locked:")
        assert 0 < int(key.split(":")[1]) <= 900
        # Not even with a ticket from before, and whoever holds the password learns nothing from being locked out.
        identities.prove(here, ready, proof)
        assert str(identities.refused_ticket(here, ready)[1]).startswith("locked:")
        assert identities.sign_in(here, colleague.email)
        assert identities.sign_in(there, person.email)


def test_an_address_nobody_has_is_locked_like_any_other(desk: identities.Desk) -> None:
    with desk.connect() as connection:
        for _ in range(5):
            assert identities.refused(connection, "ghost@locked.example", "wrong") == WRONG
        assert str(identities.refused(connection, "ghost@locked.example", "wrong")[1]).startswith("locked:")


def test_a_lock_ends_when_the_failures_are_old(house: Database, desk: identities.Desk) -> None:
    person = identities.account(house)
    with desk.connect() as connection:
        for _ in range(5):
            identities.refused(connection, person.email, "wrong")
        identities.age_attempts(house, desk.device_id, WINDOW - timedelta(seconds=30))
        _, key = identities.refused(connection, person.email, person.password)
        assert 0 < int(str(key).removeprefix("locked:")) <= 30
        identities.age_attempts(house, desk.device_id, timedelta(seconds=31))
        assert identities.sign_in(connection, person.email)


def test_a_desk_that_fails_thirty_times_is_locked_for_everybody(
    house: Database, desk: identities.Desk
) -> None:
    person = identities.account(house)
    with desk.connect() as connection:
        for number in range(30):
            assert identities.refused(connection, f"guess{number}@nowhere.example", "wrong") == WRONG
        assert str(identities.refused(connection, person.email, person.password)[1]).startswith("locked:")
    with identities.enrol(house).connect() as elsewhere:
        assert identities.sign_in(elsewhere, person.email)


def test_proofs_stored_up_before_the_first_answer_are_all_counted(
    house: Database, desk: identities.Desk
) -> None:
    person = identities.account(house)
    with desk.connect() as connection:
        ready = [
            identities.proved(connection, person, "wrong" if n < 11 else person.password) for n in range(12)
        ]
        for ticket, proof in ready:
            identities.prove(connection, ticket, proof)
        answers = [identities.refused_ticket(connection, ticket)[1] for ticket, _ in ready]
    assert all(str(answer).startswith("locked:") for answer in answers)


def test_the_lock_does_not_tell_of_a_proof_that_can_still_be_rolled_back(
    house: Database, desk: identities.Desk
) -> None:
    person = identities.account(house)
    with desk.connect() as connection, desk.connect(autocommit=False) as open_one:
        settled, proof = identities.proved(connection, person)
        identities.prove(connection, settled, proof)
        ready = [identities.proved(connection, person, "wrong") for _ in range(6)]
        for ticket, wrong in ready:
            identities.prove(open_one, ticket, wrong)
        # Six failures in this transaction, none of them committed: neither start nor finish may show it.
        identities.start(open_one, person.email)
        assert identities.finish(open_one, settled).token
        open_one.rollback()


def test_a_transaction_opened_long_ago_does_not_date_its_attempts_back(
    house: Database, desk: identities.Desk
) -> None:
    person = identities.account(house)
    with desk.connect() as connection, desk.connect(autocommit=False) as old, house.connect() as admin:
        began = old.execute("SELECT now()").fetchone()
        old.execute("SELECT pg_sleep(0.05)")
        ticket, proof = identities.proved(connection, person, "wrong")
        identities.prove(old, ticket, proof)
        old.commit()
        row = admin.execute("SELECT at FROM auth.sign_in_attempts WHERE ticket_id = %s", [ticket]).fetchone()
    assert began is not None
    assert row is not None
    assert row[0] - began[0] >= timedelta(seconds=0.05)


def test_an_open_transaction_cannot_lock_a_victim_out(house: Database, desk: identities.Desk) -> None:
    victim, attacker_desk = identities.account(house), identities.enrol(house)
    with attacker_desk.connect(autocommit=False) as attacker, desk.connect() as connection:
        for _ in range(3):
            ticket, proof = identities.proved(attacker, victim, "wrong")
            identities.prove(attacker, ticket, proof)
        connection.execute("SET lock_timeout = '500ms'")
        assert identities.sign_in(connection, victim.email)
        attacker.rollback()


def test_failures_from_several_desks_raise_one_alert_and_lock_nobody(house: Database) -> None:
    victim = identities.account(house)
    desks = [identities.enrol(house) for _ in range(4)]
    for desk in desks[:3]:
        with desk.connect() as connection:
            for _ in range(5):
                identities.refused(connection, victim.email, "wrong")
    with house.connect() as admin, desks[3].connect() as connection:
        assert identities.sign_in(connection, victim.email)
        alerts = admin.execute(
            "SELECT devices, failures FROM auth.alerts WHERE user_id = %s", [victim.id]
        ).fetchall()
    assert alerts == [(2, 10)]


def test_a_desk_that_is_not_enrolled_cannot_even_start(house: Database, desk: identities.Desk) -> None:
    with desk.connect() as connection, house.connect() as admin:
        admin.execute(
            "UPDATE auth.devices SET status = 'revoked', revoked_at = now() WHERE id = %s", [desk.device_id]
        )
        with pytest.raises(psycopg.Error) as caught:
            identities.start(connection, "maya@example.org")
    assert identities.refusal(caught.value) == ("NX403", "device_revoked")


@pytest.mark.parametrize(
    ("address", "nonce"),
    [("", "n" * 24), ("x" * 300, "n" * 24), ("a@b.example", "short"), ("a@b.example", "n" * 20 + ",r=x"),
     ("a@b.example", "n" * 200), (None, "n" * 24), ("a@b.example", None)],
)  # fmt: skip
def test_an_impossible_first_message_is_refused(
    desk: identities.Desk, address: str | None, nonce: str | None
) -> None:
    with desk.connect() as connection, pytest.raises(psycopg.Error) as caught:
        connection.execute("SELECT auth.sign_in_start(%s, %s)", [address, nonce])
    assert caught.value.sqlstate == "NX422"


def test_a_verifier_in_any_other_form_signs_nobody_in(house: Database, desk: identities.Desk) -> None:
    person = identities.account(house)
    with desk.connect() as connection, house.connect() as admin:
        for stored in ("$argon2id$v=19$x", "", "SCRAM-SHA-256$0:AAAA$x:y", identities.PASSWORD):
            admin.execute("UPDATE users SET password_hash = %s WHERE id = %s", [stored, person.id])
            identities.age_attempts(house, desk.device_id, WINDOW)
            assert identities.refused(connection, person.email, person.password) == WRONG
