"""The worker's side of the mail in the database, and what those who look after the jobs see of it.

That a message goes out at most once rests on these states; tests/services/test_mail.py sends real mail through them.
docs/design.md, "Rules of the domain" (schedules, waitlist) and "The database" (roles).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from psycopg.types.json import Jsonb

from console.errors import Conflict, Denied, NotFound
from console.storage.database import Database as DeskDatabase
from console.storage.jobs import JobQueries
from tests.support import factories
from tests.support.databases import Connection, Database
from tests.support.desk_world import World
from tests.support.factories import NOON, one

WORKER_ONLY = [
    "SELECT notify.claim(1)",
    "SELECT notify.waiting()",
    "SELECT notify.handing(gen_random_uuid(), gen_random_uuid())",
    "SELECT notify.delivered(gen_random_uuid(), 'x')",
    "SELECT notify.failed(gen_random_uuid(), NULL, 'x', true)",
    "SELECT notify.uncertain(gen_random_uuid(), NULL, 'x')",
    "SELECT notify.give_back(gen_random_uuid())",
]


@pytest.fixture(autouse=True)
def clock(tx: Connection) -> None:
    factories.fix_clock(tx, NOON)


def write(connection: Connection, cause: str = "c", **parent: Any) -> UUID:
    """A message that is due, to a new parent."""
    person = factories.parent(connection, **parent)
    facts = {"child": "Nia", "activity": "Judo", "venue": "Dojo", "starts_at": "2026-03-12T19:45Z"}
    one(connection, "SELECT notify.tell(%s, 'session_cancelled', %s, %s)", person, Jsonb(facts), cause)
    made = one(connection, "SELECT id FROM notifications WHERE user_id = %s AND channel = 'email'", person)
    assert isinstance(made, UUID)
    return made


def claim(tx: Connection, at_most: int = 10) -> dict[UUID, UUID]:
    """The messages taken, with their leases."""
    return {
        row[0]: row[1] for row in tx.execute("SELECT id, lease FROM notify.claim(%s)", [at_most]).fetchall()
    }


def state(tx: Connection, message: UUID) -> str:
    return str(one(tx, "SELECT state FROM notifications WHERE id = %s", message))


def later(tx: Connection, step: timedelta) -> None:
    factories.fix_clock(tx, one(tx, "SELECT app.now()") + step)


def test_a_claim_takes_what_is_due_once_with_its_address(tx: Connection) -> None:
    message = write(tx, email="maria@family.example", preferred_language="es")
    rows = tx.execute("SELECT id, address, subject, language FROM notify.claim(5)").fetchall()
    assert rows == [(message, "maria@family.example", "Cancelado: Judo, jueves 12 de marzo, 15:45", "es")]
    assert claim(tx) == {}
    assert state(tx, message) == "sending"


def test_the_most_urgent_goes_first_and_no_more_than_asked_for(tx: Connection) -> None:
    first, second, third = write(tx), write(tx), write(tx)
    tx.execute("UPDATE notifications SET priority = 'urgent' WHERE id = %s", [third])
    tx.execute(
        "UPDATE notifications SET next_attempt_at = next_attempt_at - interval '1 hour' WHERE id = %s",
        [second],
    )
    assert [set(claim(tx, 1)) for _ in range(4)] == [{third}, {second}, {first}, set()]


def test_what_is_held_back_is_not_due(tx: Connection) -> None:
    factories.fix_clock(tx, NOON + timedelta(hours=10))  # 22:00 in New York
    message = write(tx)
    assert (claim(tx), one(tx, "SELECT notify.waiting()")) == ({}, 0)
    factories.fix_clock(tx, NOON + timedelta(hours=20))
    assert one(tx, "SELECT notify.waiting()") == 1
    assert set(claim(tx)) == {message}


def test_messages_in_the_app_are_never_mailed(tx: Connection) -> None:
    write(tx)
    tx.execute("DELETE FROM notifications WHERE channel = 'email'")
    assert claim(tx) == {}


@pytest.mark.parametrize("column", ["is_active = false", "anonymised_at = app.now()"])
def test_who_left_meanwhile_gets_no_mail(tx: Connection, column: str) -> None:
    message = write(tx)
    tx.execute(
        f"UPDATE users SET {column} WHERE id = (SELECT user_id FROM notifications WHERE id = %s)".encode(),
        [message],
    )
    assert claim(tx) == {}
    left = tx.execute("SELECT state::text, send_error FROM notifications WHERE id = %s", [message]).fetchall()
    assert left in (
        [("suppressed", "Their account is closed.")],
        [],
    )  # an anonymised person's messages are gone


def test_words_go_out_under_a_lease_only(tx: Connection) -> None:
    message = write(tx)
    lease = claim(tx)[message]
    assert not one(tx, "SELECT notify.handing(%s, %s)", message, uuid4())
    assert one(tx, "SELECT notify.handing(%s, %s)", message, lease)
    assert not one(tx, "SELECT notify.handing(%s, %s)", message, lease)


def test_a_lease_that_ran_out_before_the_words_goes_to_the_next(tx: Connection) -> None:
    message = write(tx)
    old = claim(tx)[message]
    later(tx, timedelta(minutes=10))
    assert claim(tx) == {}
    later(tx, timedelta(seconds=1))
    new = claim(tx)[message]
    assert not one(tx, "SELECT notify.handing(%s, %s)", message, old)
    assert one(tx, "SELECT notify.handing(%s, %s)", message, new)
    # Who came too late does not give back to the queue what another one is sending.
    tx.execute("SELECT notify.failed(%s, %s, 'no server', false)", [message, old])
    tx.execute("SELECT notify.uncertain(%s, %s, 'no answer')", [message, old])
    assert (state(tx, message), claim(tx)) == ("sending", {})


def test_a_lease_that_ran_out_after_the_words_is_uncertain_for_ever(tx: Connection) -> None:
    message = write(tx)
    one(tx, "SELECT notify.handing(%s, %s)", message, claim(tx)[message])
    later(tx, timedelta(minutes=11))
    assert claim(tx) == {}
    assert state(tx, message) == "uncertain"
    later(tx, timedelta(days=300))
    assert claim(tx) == {}
    # A worker that slept and then heard the server's answer after all.
    tx.execute("SELECT notify.delivered(%s, 'late')", [message])
    assert state(tx, message) == "sent"


def test_an_answer_without_words_counts_for_nothing(tx: Connection) -> None:
    message = write(tx)
    for call in ("delivered(%s, 'x')", "uncertain(%s, NULL, 'x')", "failed(%s, NULL, 'x', true)"):
        tx.execute(f"SELECT notify.{call}".encode(), [message])
        assert state(tx, message) == "waiting"
    lease = claim(tx)[message]
    tx.execute("SELECT notify.delivered(%s, 'x'), notify.uncertain(%s, %s, 'x')", [message, message, lease])
    assert state(tx, message) == "sending"


def test_what_is_sent_stays_sent(tx: Connection) -> None:
    message = write(tx)
    lease = claim(tx)[message]
    one(tx, "SELECT notify.handing(%s, %s)", message, lease)
    tx.execute("SELECT notify.delivered(%s, 'q1')", [message])
    tx.execute("SELECT notify.failed(%s, %s, 'x', true)", [message, lease])
    tx.execute("SELECT notify.uncertain(%s, %s, 'x')", [message, lease])
    tx.execute("SELECT notify.delivered(%s, 'q2')", [message])
    row = one(
        tx, "SELECT state::text, external_delivery_id, attempts FROM notifications WHERE id = %s", message
    )
    assert row == ("sent", "q1", 1)


def test_tries_are_spaced_and_end(tx: Connection) -> None:
    message = write(tx)
    waits = []
    while leases := claim(tx):
        tx.execute("SELECT notify.failed(%s, %s, 'no', false)", [message, leases[message]])
        due = one(tx, "SELECT next_attempt_at - app.now() FROM notifications WHERE id = %s", message)
        if due is None:
            break
        waits.append(due.total_seconds() / 60)
        later(tx, due)
    assert waits == [1, 5, 15, 60, 240]
    assert state(tx, message) == "failed"


def test_a_reason_never_keeps_an_address(tx: Connection) -> None:
    message = write(tx)
    lease = claim(tx)[message]
    tx.execute(
        "SELECT notify.failed(%s, %s, %s, true)",
        [message, lease, "550 <Maria@family.example>:\r\n no\x07 user" + "y" * 400],
    )
    why = one(tx, "SELECT send_error FROM notifications WHERE id = %s", message)
    assert why.startswith("550 … no user")
    assert len(why) == 300


def test_what_was_not_begun_is_given_back(tx: Connection) -> None:
    first, second = write(tx), write(tx)
    leases = claim(tx)
    one(tx, "SELECT notify.handing(%s, %s)", first, leases[first])
    assert one(tx, "SELECT notify.give_back(%s)", leases[first]) == 1
    assert (state(tx, first), state(tx, second)) == ("sending", "waiting")
    assert set(claim(tx)) == {second}


@pytest.mark.parametrize("statement", WORKER_ONLY)
def test_only_the_worker_delivers(tx: Connection, statement: str) -> None:
    for role in ("console_client", "console_api", "console_auth"):
        tx.execute(f"SET LOCAL ROLE {role}".encode())
        with pytest.raises(psycopg.errors.InsufficientPrivilege), tx.transaction():
            tx.execute(statement.encode())
        tx.execute("RESET ROLE")
    tx.execute("SET LOCAL ROLE console_worker")
    tx.execute(statement.encode())


def test_the_worker_reads_no_message_and_no_person_by_hand(tx: Connection) -> None:
    tx.execute("SET LOCAL ROLE console_worker")
    for table in ("notifications", "users", "notification_templates"):
        with pytest.raises(psycopg.errors.InsufficientPrivilege), tx.transaction():
            tx.execute(f"SELECT 1 FROM {table}".encode())


def test_the_worker_neither_counts_nor_sends_again_by_hand(tx: Connection) -> None:
    tx.execute("SET LOCAL ROLE console_worker")
    for call in ("admin.mail_counts()", "admin.undelivered()", f"admin.send_again('{uuid4()}')"):
        with pytest.raises(psycopg.errors.InsufficientPrivilege), tx.transaction():
            tx.execute(f"SELECT * FROM {call}".encode())


# What an administrator sees, over real logins.


@pytest.fixture(scope="module")
def office(house: Database) -> Iterator[World]:
    with World(house) as world:
        yield world


@pytest.fixture
def undelivered(office: World) -> list[UUID]:
    """One given up, one uncertain, one still waiting; the first was written last."""
    office.admin.execute("DELETE FROM notifications")
    office.at(NOON)
    made = [write(office.admin, str(number)) for number in range(3)]
    venue = office.one("SELECT name FROM venues WHERE id = %s", office.venue)["name"]
    assert venue == "Riverside Studio"
    office.admin.execute("UPDATE notifications SET venue_id = %s", [office.venue])
    for number, kind in enumerate(("failed", "uncertain")):
        office.admin.execute(
            """UPDATE notifications SET state = %s::delivery_state, send_error = 'No such person.', attempts = 2,
                      handed_at = app.now(), created_at = app.now() - %s * interval '1 minute' WHERE id = %s""",
            [kind, number, made[number]],
        )
    return made


async def test_an_administrator_sees_what_did_not_arrive_and_no_child(
    office: World, undelivered: list[UUID]
) -> None:
    amara = office.person("platform_admin", name="Amara")
    desk = DeskDatabase(amara.dsn)
    await desk.set_token(amara.token)
    try:
        queries = JobQueries(desk)
        failed, uncertain = await queries.undelivered()
        assert [failed.id, uncertain.id] == undelivered[:2]
        assert (failed.state, uncertain.state) == ("failed", "uncertain")
        assert (failed.template, failed.venue, failed.why) == (
            "Session cancelled",
            "Riverside Studio",
            "No such person.",
        )
        assert failed.address == "p…@example.org"
        assert "Nia" not in repr([failed, uncertain])
        assert [one.id for one in await queries.undelivered(failed)] == undelivered[1:2]
        assert await queries.undelivered(uncertain) == []

        counts = await queries.mail_counts()
        assert (counts.waiting, counts.held, counts.failed, counts.uncertain) == (1, 0, 1, 1)
        assert counts.oldest_due == NOON

        for message in undelivered[:2]:
            await queries.send_again(message)
        assert await queries.undelivered() == []
        assert (await queries.mail_counts()).waiting == 3
        again = office.one(
            "SELECT state::text, attempts, handed_at, send_error, sent_again_by FROM notifications WHERE id = %s",
            undelivered[0],
        )
        assert tuple(again.values()) == ("waiting", 0, None, None, amara.id)
        with pytest.raises(Conflict, match="already on its way"):
            await queries.send_again(undelivered[0])
        with pytest.raises(NotFound):
            await queries.send_again(uuid4())
    finally:
        await desk.close()


@pytest.mark.parametrize("role", ["front_desk", "manager", "venue_finance", "platform_finance"])
async def test_nobody_else_is_told_or_may_send_again(
    office: World, undelivered: list[UUID], role: str
) -> None:
    person = office.person(role, desk=office.desk(f"Desk of {role}"))
    desk = DeskDatabase(person.dsn)
    await desk.set_token(person.token)
    try:
        queries = JobQueries(desk)
        for refused in (queries.undelivered(), queries.mail_counts(), queries.send_again(undelivered[0])):
            with pytest.raises(Denied):
                await refused
    finally:
        await desk.close()
    for statement in (
        "SELECT * FROM admin.undelivered()",
        "SELECT * FROM admin.mail_counts()",
        f"SELECT admin.send_again('{undelivered[0]}')",
    ):
        with pytest.raises(psycopg.Error) as denied:
            person.call(statement)
        assert denied.value.sqlstate == "NX403"
    for statement in (*WORKER_ONLY, "SELECT notify.tell(gen_random_uuid(), 'session_cancelled', '{}', 'c')"):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            person.call(statement)
    assert (
        office.one("SELECT state::text AS s FROM notifications WHERE id = %s", undelivered[0])["s"]
        == "failed"
    )
