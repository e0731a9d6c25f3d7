"""Paying by a file for the bank, tries and trying again, over real logins: who may, and what each refusal says.

docs/operations.md, "Paying venues".
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from psycopg.types.json import Jsonb

from tests.support import factories
from tests.support.databases import Database
from tests.support.desk_world import NOON, Person, Row, World
from tests.support.factories import insert
from tests.support.identities import refusal
from tests.support.paying import Till
from tests.support.workers import worker_login

FILE = "SELECT * FROM payouts.bank_file(%s)"
FILE_AGAIN = "SELECT * FROM payouts.bank_file(%s, true)"
ANSWER = "SELECT * FROM payouts.bank_answer(%s, %s)"
ATTEMPTS = "SELECT * FROM payouts.attempts(%s)"
RETRY = "SELECT payouts.retry(%s)"


@pytest.fixture
def world(fresh_database: Database) -> Iterator[World]:
    with World(fresh_database) as made:
        yield made


@pytest.fixture
def till(world: World) -> Till:
    return Till(world.database, world.admin, "nobody")


@pytest.fixture
def amara(world: World) -> Person:
    return world.person("platform_finance", name="Amara", desk=world.desk("Finance"))


def refused(who: Person, statement: str, *arguments: Any) -> tuple[str | None, str | None]:
    with pytest.raises(psycopg.Error) as caught:
        who.call(statement, *arguments)
    return refusal(caught.value)


def answer(line: Row, outcome: str = "paid", number: int = 2, **facts: Any) -> dict[str, Any]:
    return {
        "line": number,
        "reference": line["reference"],
        "amount": str(line["amount"]),
        "currency": line["currency"],
        "outcome": outcome,
        "on": "2026-03-02",
    } | facts


def told(who: Person, *answers: dict[str, Any], dry: bool = False) -> list[tuple[str, str]]:
    return [(row["fate"], row["said"]) for row in who.call(ANSWER, Jsonb(list(answers)), dry)]


def test_a_run_goes_to_the_bank_once_and_again_with_the_same_lines(till: Till, amara: Person) -> None:
    run = till.run()
    second = till.payout("20.00", run, name="Studio B", payout_bank_name="First Bank")
    first = till.payout("1234.50", run, name="Studio A", payout_bank_name=None)
    lines = amara.call(FILE, run)
    assert [tuple(line.values())[1:] for line in lines] == [
        ("Studio A", None, "4411", Decimal("1234.50"), "USD", date(2026, 3, 1)),
        ("Studio B", "First Bank", "4411", Decimal("20.00"), "USD", date(2026, 3, 1)),
    ]
    half = str(first).replace("-", "")[:16].upper()
    assert lines[0]["reference"] == f"NFP202603-{half}-1"
    assert len(lines[0]["reference"]) <= 35
    row = till.one(
        "SELECT status, payment_method, payment_reference, sent_at FROM venue_payouts WHERE id = %s", first
    )
    assert row == ("processing", "bank_transfer", lines[0]["reference"], NOON)
    assert refused(amara, FILE, run) == ("NX409", "file_written")
    assert amara.call(FILE_AGAIN, run) == lines
    # What was answered for is not handed out again.
    told(amara, answer(lines[0]))
    assert amara.call(FILE_AGAIN, run) == lines[1:]
    assert till.state(second) == ("processing", None)


def test_only_what_may_be_paid_is_in_the_file(till: Till, amara: Person, world: World) -> None:
    run = till.run()
    held = till.payout(run=run)
    bare = till.payout(run=run, payout_account_last_four=None, stripe_connect_account_id=None)
    zero = till.payout("0.00", run)
    hold = {"venue_id": till.venue_of(held), "reason": "In doubt", "placed_by": amara.id}
    insert(world.admin, "payout_holds", hold)
    assert refused(amara, FILE, run) == ("NX409", "nothing_to_pay")
    assert refused(amara, FILE, till.run(state="made")) == ("NX409", "not_approved")
    assert refused(amara, FILE, uuid4()) == ("NX404", "no_run")
    assert {till.state(one) for one in (held, bare, zero)} == {("pending", None)}
    by_transfer = till.payout(run=run)
    with worker_login(world.database) as dsn, psycopg.connect(dsn, autocommit=True) as worker:
        assert worker.execute("SELECT count(*) FROM app.take_transfer()").fetchone() == (1,)
    # It is being asked for by transfer, so the bank does not get it.
    assert refused(amara, FILE, run) == ("NX409", "nothing_to_pay")
    assert till.attempts(by_transfer) == [("asking", None)]


@pytest.mark.parametrize("role", ["front_desk", "manager", "venue_finance", "platform_admin"])
def test_only_the_platforms_finance_pays(world: World, till: Till, amara: Person, role: str) -> None:
    run = till.run()
    payout = till.payout(run=run)
    line = amara.call(FILE, run)[0]
    other = world.person(role, desk=world.desk("Other"))
    for statement, arguments in (
        (FILE, (run,)),
        (FILE_AGAIN, (run,)),
        (ANSWER, (Jsonb([answer(line)]), False)),
        (ANSWER, (Jsonb([]), True)),
        (RETRY, (payout,)),
    ):
        assert refused(other, statement, *arguments) == ("NX403", "not_permitted")
    assert till.attempts(payout) == [("accepted", None)]


def test_tries_show_to_those_who_may_see_the_payout(world: World, till: Till, amara: Person) -> None:
    run = till.run()
    payout = till.payout(run=run)
    told(amara, answer(amara.call(FILE, run)[0], "failed", reason="Account closed"))
    amara.call(RETRY, payout)
    venue = till.venue_of(payout)
    for person in (
        amara,
        world.person("venue_finance", desk=world.desk("Books"), venues=(venue,)),
        world.person("platform_admin", desk=world.desk("Office")),
    ):
        rows = person.call(ATTEMPTS, payout)
        assert [(row["number"], row["method"], row["state"], row["failure"]) for row in rows] == [
            (2, "bank_file", "ready", None),
            (1, "bank_file", "failed", "Account closed"),
        ]
        assert set(rows[0]) == {"number", "method", "state", "amount", "asked_at", "answered_at", "failure"}
    for role in ("front_desk", "manager"):
        person = world.person(role, desk=world.desk(role), venues=(venue,))
        assert refused(person, ATTEMPTS, payout) == ("NX404", "no_payout")
    elsewhere = world.person("venue_finance", desk=world.desk("Elsewhere"))
    assert refused(elsewhere, ATTEMPTS, payout) == ("NX404", "no_payout")
    assert refused(amara, ATTEMPTS, uuid4()) == ("NX404", "no_payout")


def test_what_the_bank_did_is_looked_at_first_and_then_recorded(till: Till, amara: Person) -> None:
    run = till.run()
    payouts = [till.payout("10.00", run, name=f"Studio {letter}") for letter in "ABC"]
    lines = amara.call(FILE, run)
    answers = [
        answer(lines[0], number=2),
        answer(lines[1], "failed", 3, reason="  Account\nclosed "),
        answer(lines[2], number=4, on=None),
    ]
    looked = told(amara, *answers, dry=True)
    assert [fate for fate, _ in looked] == ["paid", "failed", "paid"]
    assert looked[0][1] == f"{lines[0]['reference']}: 10.00 USD paid."
    assert {till.state(one) for one in payouts} == {("processing", None)}
    assert told(amara, *answers) == looked
    assert [till.state(one) for one in payouts] == [
        ("paid", None),
        ("failed", "Account closed"),
        ("paid", None),
    ]
    # Noon of the bank's day at the venue, but never later than now.
    assert till.one("SELECT paid_at FROM venue_payouts WHERE id = %s", payouts[0]) == datetime(
        2026, 3, 2, 17, tzinfo=UTC
    )
    # Taken in twice, every line says so and nothing changes.
    assert told(amara, *answers) == [
        ("left_out", f"{lines[0]['reference']} was recorded as paid before."),
        ("left_out", f"{lines[1]['reference']} was recorded as failed before."),
        ("left_out", f"{lines[2]['reference']} was recorded as paid before."),
    ]


def test_each_line_that_does_not_fit_has_a_sentence_and_the_others_count(till: Till, amara: Person) -> None:
    run = till.run()
    payouts = [till.payout("10.00", run, name=f"Studio {letter}") for letter in "ABCDEF"]
    a, b, c, d, e, f = amara.call(FILE, run)
    found = told(
        amara,
        answer(a, number=2, amount="9.99"),
        answer(b, number=3, currency="EUR"),
        answer(c, number=4),
        answer(c, "failed", 5),
        answer(d, number=6, on="2026-03-04"),
        answer(e, "perhaps", 7),
        answer(f, number=8),
        answer(f | {"reference": "NFP202603-NOBODY-1"}, number=9),
    )
    assert found == [
        ("left_out", f"{a['reference']} is for 10.00 USD, but the file says 9.99 USD."),
        ("left_out", f"{b['reference']} is for 10.00 USD, but the file says 10.00 EUR."),
        ("left_out", f"{c['reference']} stands in this file more than once, so none of its lines was used."),
        ("left_out", f"{c['reference']} stands in this file more than once, so none of its lines was used."),
        ("left_out", f"{d['reference']} is dated 2026-03-04, which is still to come."),
        ("left_out", f"{e['reference']} has an outcome that is not paid, failed or returned."),
        ("paid", f"{f['reference']}: 10.00 USD paid."),
        ("left_out", "No payout has the reference NFP202603-NOBODY-1."),
    ]
    assert [till.state(one)[0] for one in payouts] == ["processing"] * 5 + ["paid"]
    assert refused(amara, ANSWER, Jsonb({}), False) == ("NX422", "too_many_lines")
    broken = answer(a, number=2, amount="ten")
    with pytest.raises(psycopg.Error):
        told(amara, answer(b), broken)
    assert [till.state(one)[0] for one in payouts] == ["processing"] * 5 + ["paid"]


def test_money_that_comes_back_is_paid_again_under_a_new_reference(till: Till, amara: Person) -> None:
    run = till.run()
    payout = till.payout(run=run)
    (line,) = amara.call(FILE, run)
    told(amara, answer(line))
    assert refused(amara, RETRY, payout) == ("NX409", "not_failed")
    assert told(amara, answer(line, "returned"))[0][0] == "returned"
    assert till.state(payout) == ("failed", "The money came back from the bank.")
    # A late word about the old one is for a person to settle.
    contradiction = (
        f"{line['reference']} was recorded as returned before, and the file says paid: ask the bank."
    )
    assert told(amara, answer(line)) == [("left_out", contradiction)]
    amara.call(RETRY, payout)
    assert refused(amara, RETRY, payout) == ("NX409", "not_failed")
    assert till.state(payout) == ("processing", None)
    (anew,) = amara.call(FILE, run)
    assert anew["reference"] == line["reference"][:-1] + "2"
    assert told(amara, answer(anew)) == [("paid", f"{anew['reference']}: 100.00 USD paid.")]
    assert [state for state, _ in till.attempts(payout)] == ["reversed", "paid"]
    assert till.one("SELECT retry_count FROM venue_payouts WHERE id = %s", payout) == 1


def test_a_line_not_yet_given_to_the_bank_cannot_be_paid(till: Till, amara: Person) -> None:
    run = till.run()
    payout = till.payout(run=run)
    told(amara, answer(amara.call(FILE, run)[0], "failed"))
    amara.call(RETRY, payout)
    reference = till.one("SELECT idempotency_key FROM payout_attempts WHERE attempt = 2")
    line = {"reference": reference, "amount": "100.00", "currency": "USD"}
    assert told(amara, answer(line)) == [("left_out", f"{reference} has not been given to the bank yet.")]


def test_trying_again_says_why_it_cannot(till: Till, amara: Person, world: World) -> None:
    run = till.run()
    payout = till.payout(run=run)
    venue = till.venue_of(payout)
    told(amara, answer(amara.call(FILE, run)[0], "failed"))
    assert refused(amara, RETRY, uuid4()) == ("NX404", "no_payout")
    world.admin.execute(
        "UPDATE venues SET payout_account_last_four = NULL, stripe_connect_account_id = NULL WHERE id = %s",
        [venue],
    )
    assert refused(amara, RETRY, payout) == ("NX409", "no_account")
    world.admin.execute("UPDATE venues SET stripe_connect_account_id = 'acct_new' WHERE id = %s", [venue])
    hold = insert(
        world.admin, "payout_holds", {"venue_id": venue, "reason": "In doubt", "placed_by": amara.id}
    )
    assert refused(amara, RETRY, payout) == ("NX409", "on_hold")
    world.admin.execute(
        "UPDATE payout_holds SET released_at = app.now(), released_by = %s, release_reason = 'Fine' WHERE id = %s",
        [amara.id, hold],
    )
    amara.call(RETRY, payout)
    assert till.one("SELECT method, state, destination FROM payout_attempts WHERE attempt = 2") == (
        "transfer",
        "ready",
        "acct_new",
    )
    # Given to the bank instead, the try that nobody has asked for ends.
    world.admin.execute("UPDATE venues SET payout_account_last_four = '9999' WHERE id = %s", [venue])
    (line,) = amara.call(FILE, run)
    assert (line["reference"][-2:], line["account_end"]) == ("-3", "9999")
    assert till.attempts(payout)[1] == ("failed", "It went into a file for the bank instead.")


def test_two_people_at_once_write_one_file(world: World, till: Till, amara: Person) -> None:
    run = till.run()
    till.payout(run=run)
    bo = world.person("platform_finance", name="Bo", desk=world.desk("Finance 2"))
    with bo.connection.transaction():
        bo.call(FILE, run)
        amara.connection.execute("SET lock_timeout = '200ms'")
        with pytest.raises(psycopg.errors.LockNotAvailable):
            amara.call(FILE, run)
    assert refused(amara, FILE, run) == ("NX409", "file_written")
    assert till.one("SELECT count(*) FROM payout_attempts") == 1


def test_money_leaves_once_whatever_a_program_tries(till: Till, world: World) -> None:
    payout = till.payout()
    facts = {
        "payout_id": payout,
        "venue_id": till.venue_of(payout),
        "method": "transfer",
        "amount": 100,
        "currency": "USD",
    }
    insert(world.admin, "payout_attempts", facts | {"attempt": 1, "idempotency_key": "a", "state": "unknown"})
    for state in ("ready", "asking", "unknown", "accepted", "paid"):
        with pytest.raises(psycopg.errors.UniqueViolation, match="payout_attempts_one_alive"):
            insert(
                world.admin, "payout_attempts", facts | {"attempt": 2, "idempotency_key": "b", "state": state}
            )


def test_a_desk_calls_nothing_of_the_workers_and_the_worker_touches_no_table(
    world: World, till: Till, amara: Person
) -> None:
    payout: UUID = till.payout()
    nothing = uuid4()
    theirs = {
        "take_transfer()": (),
        "transfers_due()": (),
        "transfers_to_look_at(10)": (),
        "transfer_said(%s, 'tr_1', 1, 'USD', 'a', 'paid', 0, NULL)": (nothing,),
        "transfer_not_asked(%s, 1, false, 'x', 1)": (nothing,),
        "transfer_unknown(%s, 1, 'x')": (nothing,),
        "transfer_doubtful(%s, 1, 'x')": (nothing,),
        "transfer_refused(%s, 1, 'x')": (nothing,),
        "transfer_not_seen(%s, 'x')": (nothing,),
    }
    for call, arguments in theirs.items():
        for schema in ("app", "payouts"):
            assert refused(amara, f"SELECT {schema}.{call}", *arguments)[0] == "42501", call
    with worker_login(world.database) as dsn, psycopg.connect(dsn, autocommit=True) as worker:
        for table in (
            "venue_payouts",
            "payout_attempts",
            "payout_runs",
            "payout_holds",
            "venues",
            "invoices",
        ):
            for statement in (f"SELECT 1 FROM public.{table}", f"UPDATE public.{table} SET id = id"):
                with pytest.raises(psycopg.errors.InsufficientPrivilege):
                    worker.execute(statement.encode())
        for call in (
            "bank_file(NULL)",
            "retry(NULL)",
            "attempts(NULL)",
            "bank_answer('[]', true)",
            "take_transfer()",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                worker.execute(f"SELECT payouts.{call}".encode())
        assert worker.execute("SELECT due, without_account FROM app.transfers_due()").fetchone() == (1, 0)
        with pytest.raises(psycopg.Error) as caught:
            worker.execute(
                b"SELECT app.transfer_said(gen_random_uuid(), 'tr_1', 1, 'USD', 'a', 'paid', 0, NULL)"
            )
        assert refusal(caught.value) == ("NX404", "no_attempt")
    assert till.state(payout) == ("pending", None)


def test_every_try_is_written_in_the_trail_without_its_key(till: Till, amara: Person, world: World) -> None:
    run = till.run()
    till.payout(run=run)
    (line,) = amara.call(FILE, run)
    told(amara, answer(line))
    trail = world.all(
        "SELECT * FROM audit_logs WHERE entity_type = 'payout_attempts' ORDER BY created_at, action_type"
    )
    assert [(row["action_type"], row["user_id"]) for row in trail] == [
        ("insert", amara.id),
        ("update", amara.id),
    ]
    assert trail[0]["new_values"]["idempotency_key"] == "[hidden]"
    assert world.now == NOON
    assert trail[0]["created_at"] - NOON < timedelta(seconds=1)


def test_the_venues_finance_is_told_of_a_bank_payment(till: Till, amara: Person, world: World) -> None:
    run = till.run()
    payout = till.payout(run=run)
    reader = factories.staff(world.admin, "venue_finance", till.venue_of(payout))
    (line,) = amara.call(FILE, run)
    told(amara, answer(line, "failed"))
    told(amara, answer(line, "failed"))
    found = world.all("SELECT user_id, template_key, channel::text FROM notifications")
    assert sorted((row["channel"], row["template_key"], row["user_id"]) for row in found) == [
        ("email", "payout_failed", reader),
        ("in_app", "payout_failed", reader),
    ]


def test_the_words_exist_in_every_language_and_use_only_what_they_are_given(world: World) -> None:
    facts = {
        "payout_paid": {"venue", "amount", "period", "reference"},
        "payout_failed": {"venue", "amount", "period"},
    }
    found = world.all(
        """SELECT template_key, language_code, channel::text, available_variables,
                  concat_ws(' ', email_subject, email_body_text, in_app_title, in_app_body) AS words
             FROM notification_templates WHERE category = 'finance'"""
    )
    assert {(row["template_key"], row["language_code"], row["channel"]) for row in found} == {
        (key, language, channel)
        for key in facts
        for language in ("en", "es", "ru")
        for channel in ("email", "in_app")
    }
    for row in found:
        used = set(re.findall(r"{{([a-z_]+)}}", row["words"]))
        assert used <= set(row["available_variables"]) == facts[row["template_key"]]
