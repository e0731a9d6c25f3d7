"""What the other side has of a payout counts: found, looked at, taken back, or in doubt and left to a person.

docs/operations.md, "Paying venues".
"""

from __future__ import annotations

from datetime import timedelta

import psycopg
import pytest

from tests.support.paying import Till
from tests.support.transfer_server import KEY, Fault, transfer_server

HOUR = timedelta(hours=1)


async def test_what_was_taken_without_an_answer_is_found_there(till: Till) -> None:
    payout = till.payout()
    with transfer_server(Fault.CUT_AFTER) as server:
        await till.send(server)
        till.later()
        assert (await till.send(server)).fates == {"paid": 1}
    assert len(server.posts) == 1
    assert till.attempts(payout) == [("paid", None)]


async def test_a_refusal_of_what_may_have_been_taken_is_looked_up_again(till: Till) -> None:
    """The other side took it, gave no answer, lists it late and meanwhile says no: the transfer it took counts."""
    payout = till.payout()
    with transfer_server(Fault.CUT_AFTER) as server:
        server.lists = "nothing"
        await till.send(server)
        server.forget()
        server.faults[:] = [Fault.NO_MONEY]
        # It is listed from the moment in which it says no.
        server.on_post = lambda: setattr(server, "lists", "all")
        till.later()
        assert (await till.send(server)).fates == {"paid": 1}
    assert len(server.posts) == 2
    assert till.attempts(payout) == [("paid", None)]


@pytest.mark.parametrize("lists", ["half", "nonsense"])
async def test_nothing_is_asked_for_while_it_cannot_be_seen_what_is_there(till: Till, lists: str) -> None:
    payout = till.payout()
    with transfer_server() as server:
        server.lists = lists
        assert (await till.send(server)).fates == {"put off": 1}
        assert server.posts == []
        assert till.attempts(payout) == [("ready", "The other side's list of transfers cannot be read.")]
        server.lists = "all"
        till.later()
        assert (await till.send(server)).fates == {"paid": 1}


async def test_a_restored_database_pays_nothing_again(till: Till) -> None:
    """It has forgotten the tries, and the other side the keys."""
    first, second = till.payout(), till.payout()
    with transfer_server(Fault.NO_MONEY) as server:
        await till.send(server)
        failed = next(one for one in (first, second) if till.state(one)[0] == "failed")
        till.again(failed)
        await till.send(server)
        server.forget()
        till.admin.execute("DELETE FROM payout_attempts")
        till.admin.execute("UPDATE venue_payouts SET status = 'pending', paid_at = NULL")
        assert (await till.send(server)).fates == {"paid": 1, "doubtful": 1}
        assert [server.times(one) for one in (first, second)] == [1, 1]
        # The one that was paid by its second try is a person's business, however often the worker looks.
        assert str(till.state(failed)[1]).startswith(
            "The other side has another transfer of this payout: tr_"
        )
        for _ in range(3):
            till.later(timedelta(hours=12))
            await till.send(server)
    assert [server.times(one) for one in (first, second)] == [1, 1]
    assert len(server.posts) == 3


async def test_a_key_that_stands_for_something_else_is_a_persons_business(till: Till) -> None:
    payout = till.payout()
    with transfer_server(Fault.KEY_TWICE) as server:
        assert (await till.send(server)).fates == {"doubtful": 1}
        assert till.state(payout) == ("failed", "The other side knows this key for something else.")
        with pytest.raises(psycopg.Error, match="in doubt"):
            till.again(payout)
    assert server.times(payout) == 0


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (Fault.WRONG_AMOUNT, "100.00 USD was asked for, and the other side answered with 99.00 USD."),
        (Fault.WRONG_CURRENCY, "100.00 USD was asked for, and the other side answered with 100.00 EUR."),
        (Fault.WRONG_ACCOUNT, "The other side answered with another account than the venue's."),
    ],
)
async def test_an_answer_with_something_else_is_never_paid_again_before_it_is_taken_back(
    till: Till, fault: Fault, words: str
) -> None:
    payout = till.payout()
    with transfer_server(fault) as server:
        assert (await till.send(server)).fates == {"doubtful": 1}
        status, why = till.state(payout)
        assert status == "failed"
        assert why is not None
        assert till.one("SELECT state FROM payouts.attempts(%s)", payout) == "doubtful"
        assert why.startswith(words)
        with pytest.raises(psycopg.Error, match="in doubt"):
            till.again(payout)
        for _ in range(3):
            till.later(HOUR)
            assert (await till.send(server)).amount == 0
            assert (await till.poll(server)).fates == {"doubtful": 1}
        assert len(server.posts) == 1
        # Somebody settles it there.
        server.take_back("tr_000001")
        till.later(HOUR)
        assert (await till.poll(server)).fates == {"reversed": 1}
        till.again(payout)
        assert (await till.send(server)).fates == {"paid": 1}
    assert server.times(payout) == 1


async def test_a_transfer_of_another_payout_is_not_taken_for_this_one(till: Till) -> None:
    first = till.payout()
    with transfer_server(Fault.NONE, Fault.SAME_AGAIN) as server:
        await till.send(server)
        second = till.payout()
        assert (await till.send(server)).fates == {"doubtful": 1}
    assert till.state(first)[0] == "paid"
    assert till.state(second)[1] is not None
    assert "pays another payout" in str(till.state(second)[1])


async def test_what_is_under_way_is_looked_at_until_it_arrives_or_fails(till: Till) -> None:
    arrives, fails = till.payout(), till.payout()
    with transfer_server() as server:
        server.status = "pending"
        assert (await till.send(server)).fates == {"accepted": 2}
        assert {till.state(arrives), till.state(fails)} == {("processing", None)}
        till.later()
        assert (await till.poll(server)).amount == 0
        for one in server.made.values():
            if one["metadata"]["payout"] == str(arrives):
                one["status"] = "paid"
            else:
                one |= {"status": "failed", "failure_message": f"The bank\nis closed {KEY}"}
        till.later()
        assert (await till.poll(server)).fates == {"paid": 1, "failed": 1}
    assert till.state(arrives) == ("paid", None)
    assert till.state(fails) == ("failed", "The bank is closed …")


async def test_a_paid_transfer_that_is_taken_back_fails_and_is_paid_again(till: Till) -> None:
    payout = till.payout()
    with transfer_server() as server:
        await till.send(server)
        server.take_back("tr_000001", 4000)
        till.later(timedelta(days=1))
        assert (await till.poll(server)).fates == {"doubtful": 1}
        assert str(till.state(payout)[1]).startswith("40.00 USD of it was taken back.")
        with pytest.raises(psycopg.Error, match="in doubt"):
            till.again(payout)
        server.take_back("tr_000001")
        till.later(HOUR)
        assert (await till.poll(server)).fates == {"reversed": 1}
        assert till.state(payout) == ("failed", "The transfer was taken back.")
        till.again(payout)
        assert (await till.send(server)).fates == {"paid": 1}
    assert till.attempts(payout) == [("reversed", "The transfer was taken back."), ("paid", None)]
    assert (server.times(payout), server.left(payout)) == (1, 10000)


async def test_a_transfer_nobody_knows_any_more_stays_as_it_is(till: Till) -> None:
    payout = till.payout()
    with transfer_server() as server:
        server.status = "pending"
        await till.send(server)
        server.made.clear()
        till.later()
        assert (await till.poll(server)).fates == {"put off": 1}
    assert till.attempts(payout) == [("accepted", "The other side does not know this transfer any more.")]
    assert till.state(payout)[0] == "processing"


async def test_after_a_day_a_key_is_only_looked_up(till: Till) -> None:
    """The other side forgets keys: asked again, it would pay again."""
    taken, never = till.payout(), till.payout()
    with transfer_server(Fault.CUT_AFTER, Fault.CUT_BEFORE) as server:
        await till.send(server)
        first = {form["metadata[payout]"] for form in server.posts[:1]}
        server.forget()
        till.later(timedelta(hours=21))
        done = await till.send(server)
    assert done.fates == {"paid": 1, "failed": 1}
    assert len(server.posts) == 2
    paid, failed = (taken, never) if str(taken) in first else (never, taken)
    assert till.state(paid) == ("paid", None)
    assert till.state(failed) == ("failed", "The other side never took it.")
