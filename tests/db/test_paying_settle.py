"""Settling a transfer in doubt by hand: what may be settled, by whom, and what becomes of the money's trail.

docs/operations.md, "Paying venues".
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest

from tests.support import factories
from tests.support.databases import Database
from tests.support.desk_world import NOON, Person, World
from tests.support.identities import refusal
from tests.support.paying import Till

SETTLE = "SELECT payouts.settle(%s, %s, %s, %s)"
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


def refused(who: Person, *arguments: Any) -> tuple[str | None, str | None]:
    with pytest.raises(psycopg.Error) as caught:
        who.call(SETTLE, *arguments)
    return refusal(caught.value)


def asked(till: Till, run: UUID | None = None) -> UUID:
    """A payout whose transfer was asked for."""
    payout = till.payout(run=run)
    assert till.one("SELECT payout_id FROM payouts.take_transfer()") == payout
    return payout


def says(till: Till, payout: UUID, name: str = "tr_1", *, amount: int = 100, status: str = "paid") -> None:
    """What the other side says of a payout's last transfer."""
    till.admin.execute(
        "SELECT payouts.transfer_said(a.id, %s, %s, 'USD', a.destination, %s, 0, NULL) FROM payout_attempts AS a"
        " WHERE a.payout_id = %s ORDER BY a.attempt DESC LIMIT 1",
        [name, amount, status, payout],
    )


def doubtful(till: Till) -> UUID:
    """A payout whose transfer was answered with another amount."""
    payout = asked(till)
    says(till, payout, f"tr_{payout}", amount=90)
    assert till.one("SELECT state FROM payouts.attempts(%s)", payout) == "doubtful"
    return payout


def looked_at(till: Till) -> int:
    """How many transfers the worker would ask or look at, however long it waits."""
    till.later(timedelta(days=3))
    return int(
        till.one(
            "SELECT (SELECT count(*) FROM payouts.take_transfer())"
            " + (SELECT count(*) FROM payouts.transfers_to_look_at(50))"
        )
    )


def test_it_was_paid(till: Till, amara: Person, world: World) -> None:
    payout = doubtful(till)
    reader = factories.staff(world.admin, "venue_finance", till.venue_of(payout))
    amara.call(SETTLE, payout, 1, True, " It is on the bank's statement ")
    assert till.state(payout) == ("paid", None)
    assert till.attempts(payout) == [("paid", "Settled by hand: It is on the bank's statement")]
    assert till.one("SELECT paid_at, payment_reference FROM venue_payouts WHERE id = %s", payout) == (
        NOON,
        f"tr_{payout}",
    )
    told = world.all("SELECT DISTINCT user_id, template_key FROM notifications WHERE user_id = %s", reader)
    assert ("payout_paid", reader) in [(row["template_key"], row["user_id"]) for row in told]
    # A decision is made once, and the worker does not ask what a person has answered.
    assert refused(amara, payout, 1, False, "Changed my mind") == ("NX409", "not_in_doubt")
    assert looked_at(till) == 0
    assert till.state(payout) == ("paid", None)


def test_it_was_not_paid_so_it_is_paid_again_under_a_new_key(till: Till, amara: Person) -> None:
    payout = doubtful(till)
    amara.call(SETTLE, payout, 1, False, "Taken back there")
    assert till.state(payout) == ("failed", "Settled by hand: Taken back there")
    assert looked_at(till) == 0
    amara.call(RETRY, payout)
    assert [state for state, _ in till.attempts(payout)] == ["failed", "ready"]
    assert till.one("SELECT count(DISTINCT idempotency_key) FROM payout_attempts") == 2


def test_what_nobody_answers_for_is_settled_only_when_it_is_not_asked_any_more(
    till: Till, amara: Person
) -> None:
    payout = asked(till)
    attempt = till.one("SELECT id FROM payout_attempts WHERE payout_id = %s", payout)
    assert refused(amara, payout, 1, True, "It arrived") == ("NX409", "being_asked")
    till.admin.execute("SELECT payouts.transfer_unknown(%s, 1, 'No answer.')", [attempt])
    assert refused(amara, payout, 1, True, "It arrived") == ("NX409", "not_in_doubt")
    till.later(timedelta(hours=19, minutes=59))
    assert refused(amara, payout, 1, False, "It is lost") == ("NX409", "not_in_doubt")
    till.later(timedelta(minutes=1))
    assert till.one("SELECT state FROM payouts.attempts(%s)", payout) == "doubtful"
    amara.call(SETTLE, payout, 1, True, "It arrived")
    key, reference = till.one(
        "SELECT a.idempotency_key, p.payment_reference FROM payout_attempts AS a"
        " JOIN venue_payouts AS p ON p.id = a.payout_id"
    )
    assert reference == key
    assert till.state(payout) == ("paid", None)


@pytest.mark.parametrize("outcome", ["paid", "failed", "pending"])
def test_a_certain_outcome_stays(till: Till, amara: Person, outcome: str) -> None:
    payout = asked(till)
    says(till, payout, status=outcome)
    before = (till.state(payout), till.attempts(payout))
    for was_paid in (True, False):
        assert refused(amara, payout, 1, was_paid, "I think so") == ("NX409", "not_in_doubt")
    assert (till.state(payout), till.attempts(payout)) == before


def test_a_late_arrival_beside_another_try_is_never_a_second_payment(till: Till, amara: Person) -> None:
    payout = asked(till)
    first = till.one("SELECT id FROM payout_attempts WHERE payout_id = %s", payout)
    till.admin.execute("SELECT payouts.transfer_refused(%s, 1, 'No such account.')", [first])
    amara.call(RETRY, payout)
    till.admin.execute(
        "SELECT payouts.transfer_said(%s, 'tr_late', 100, 'USD', destination, 'paid', 0, NULL)"
        " FROM payout_attempts WHERE id = %s",
        [first, first],
    )
    assert refused(amara, payout, 1, True, "It came") == ("NX409", "paid_twice")
    amara.call(SETTLE, payout, 1, False, "It went back")
    assert till.attempts(payout) == [("failed", "Settled by hand: It went back"), ("ready", None)]
    assert till.state(payout) == ("processing", None)


def test_two_people_where_the_setting_says_so(till: Till, world: World) -> None:
    run = till.run()
    payout = asked(till, run)
    says(till, payout, amount=90)
    bo = world.person("platform_finance", name="Bo", desk=world.desk("Finance 2"))
    world.admin.execute("UPDATE payout_runs SET approved_by = %s WHERE id = %s", [bo.id, run])
    assert refused(bo, payout, 1, True, "It arrived") == ("NX403", "second_person")
    assert till.state(payout)[0] == "failed"
    world.admin.execute("UPDATE platform_settings SET value = 'false' WHERE key = 'payouts_need_two_people'")
    bo.call(SETTLE, payout, 1, True, "It arrived")
    assert till.state(payout) == ("paid", None)


@pytest.mark.parametrize("role", ["front_desk", "manager", "venue_finance", "platform_admin"])
def test_only_the_platforms_finance_settles(world: World, till: Till, role: str) -> None:
    payout = doubtful(till)
    other = world.person(role, desk=world.desk("Other"))
    for was_paid in (True, False):
        assert refused(other, payout, 1, was_paid, "Because") == ("NX403", "not_permitted")
    assert till.one("SELECT state FROM payouts.attempts(%s)", payout) == "doubtful"


def test_what_is_asked_has_to_be_whole(till: Till, amara: Person) -> None:
    payout = doubtful(till)
    for reason in ("  ", None, "x" * 301):
        assert refused(amara, payout, 1, True, reason) == ("NX422", "reason")
    assert refused(amara, payout, 1, None, "Because") == ("NX422", "was_paid")
    assert refused(amara, payout, 2, True, "Because") == ("NX404", "no_attempt")
    assert refused(amara, uuid4(), 1, True, "Because") == ("NX404", "no_attempt")


def test_who_settled_it_is_in_the_trail(till: Till, amara: Person, world: World) -> None:
    payout = doubtful(till)
    amara.call(SETTLE, payout, 1, False, "Asked them by telephone, sk_live_12345")
    rows = world.all(
        "SELECT user_id, new_values FROM audit_logs WHERE entity_type = 'payout_attempts' AND user_id = %s",
        amara.id,
    )
    assert [row["new_values"]["failure"] for row in rows] == ["Settled by hand: Asked them by telephone, …"]
