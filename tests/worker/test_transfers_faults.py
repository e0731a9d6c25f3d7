"""Paying under a run of bad luck: whatever fails and whoever is killed, in whatever order, no venue is paid twice.

docs/operations.md, "Paying venues".
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import datetime, timedelta
from uuid import UUID

import pytest

from console.clock import SystemClock
from console.domain.transfers import Said, Transfer, TransferStatus
from console.errors import Unavailable
from console.storage.transfers import TransferQueue, transfer_queue
from console.worker import transfer_settings, transfers
from tests.support.paying import Till
from tests.support.transfer_server import FakeTransfers, Fault, transfer_server

QUICK_FAULTS = (
    Fault.NONE, Fault.NONE, Fault.CUT_BEFORE, Fault.CUT_AFTER, Fault.BUSY, Fault.ERROR_BEFORE, Fault.ERROR_AFTER,
    Fault.TRUNCATED, Fault.NONSENSE, Fault.SOMETHING_ELSE, Fault.IN_USE, Fault.KEY_TWICE, Fault.NO_MONEY,
    Fault.NO_ACCOUNT, Fault.NO_PAGE, Fault.REDIRECT, Fault.WRONG_AMOUNT, Fault.WRONG_ACCOUNT,
)  # fmt: skip


def agree(till: Till, server: FakeTransfers, payouts: list[UUID]) -> None:
    """What the database says of each payout is what left at the other side, and never more than once."""
    for payout in payouts:
        assert server.times(payout) <= 1, till.attempts(payout)
        status = till.state(payout)[0]
        if status == "paid":
            # What was taken back there is seen within a day.
            assert server.left(payout) == 10000 or server.times(payout) == 0, till.attempts(payout)
        elif status == "failed" and not till.one(
            "SELECT bool_or(needs_person) FROM payout_attempts WHERE payout_id = %s", payout
        ):
            assert server.left(payout) == 0, till.attempts(payout)


@pytest.mark.parametrize("seed", range(3))
async def test_no_run_of_bad_luck_pays_anything_twice(till: Till, seed: int) -> None:
    luck = random.Random(seed)
    run = till.run()
    payouts = [till.payout(run=run) for _ in range(10)]
    with transfer_server(*(luck.choice(QUICK_FAULTS) for _ in range(70))) as server:
        for _ in range(12):
            # Now and then it takes a while until a transfer is listed there.
            server.lists = luck.choice(("all", "all", "nothing", "half"))
            await asyncio.gather(till.send(server), till.send(server))
            await till.poll(server)
            agree(till, server, payouts)
            for number, made in list(server.made.items()):
                # Now and then somebody there takes back what went wrong, or anything at all.
                wrong = made["amount"] != 10000 or made["destination"] == "acct_of_a_thief"
                if luck.random() < (0.5 if wrong else 0.02):
                    server.take_back(number)
            for payout in payouts:
                if till.state(payout)[0] == "failed" and luck.random() < 0.7:
                    _try_again(till, payout)
            till.later(timedelta(minutes=luck.choice((2, 11, 61, 240))))
        server.faults.clear()
        server.lists = "all"
        for number, made in server.made.items():
            if made["amount"] != 10000 or made["destination"] == "acct_of_a_thief":
                server.take_back(number)
        for _ in range(4):
            till.later(timedelta(days=1, minutes=1))
            await till.send(server)
            await till.poll(server)
            for payout in payouts:
                if till.state(payout)[0] == "failed":
                    _try_again(till, payout)
        await till.send(server)
    assert {till.state(one)[0] for one in payouts} == {"paid"}
    assert {(server.times(one), server.left(one)) for one in payouts} == {(1, 10000)}


def _try_again(till: Till, payout: UUID) -> None:
    doubtful = till.one(
        """SELECT count(*) FROM payout_attempts
            WHERE payout_id = %s AND state IN ('ready', 'asking', 'unknown', 'accepted', 'paid')""",
        payout,
    )
    if not doubtful:
        till.again(payout)


async def _killed(till: Till, server: FakeTransfers, kill_at: int | None = None) -> None:
    process = till.process(server, kill_at)
    server.kill = process.kill
    assert await asyncio.to_thread(process.wait, 30) == -9


@pytest.mark.parametrize("step", range(1, 7))
async def test_killed_at_any_statement_pays_once(till: Till, step: int) -> None:
    """Before and after: taking the first payout, writing its answer, taking the second."""
    payouts = [till.payout(), till.payout()]
    with transfer_server() as server:
        await _killed(till, server, step)
        agree(till, server, payouts)
        # What it left is its own for ten minutes, and then asked for again under its key.
        await till.send(server)
        till.later()
        await till.send(server)
    assert {till.state(one) for one in payouts} == {("paid", None)}
    assert {(server.times(one), server.left(one)) for one in payouts} == {(1, 10000)}
    assert len({form["key"] for form in server.posts}) == 2


@pytest.mark.parametrize("fault", [Fault.KILL_BEFORE, Fault.KILL_AFTER])
async def test_killed_while_it_asks_pays_once(till: Till, fault: Fault) -> None:
    payout = till.payout()
    with transfer_server(fault) as server:
        await _killed(till, server)
        assert till.attempts(payout) == [("asking", None)]
        assert till.state(payout)[0] == "processing"
        assert (await till.send(server)).amount == 0
        till.later()
        assert (await till.send(server)).fates == {"paid": 1}
    # What it took is found there; what it did not is asked for again under the same key.
    assert [form["key"][-2:] for form in server.posts] == ["-1"] * (2 if fault is Fault.KILL_BEFORE else 1)
    assert server.times(payout) == 1


def _away(times: int) -> Callable[[str], AbstractAsyncContextManager[TransferQueue]]:
    """A queue whose database is away that often when it is told what the other side said."""
    left = times

    class Away(TransferQueue):
        async def said(self, transfer: Transfer, said: Said) -> str:
            nonlocal left
            left -= 1
            if left >= 0:
                raise Unavailable("The database cannot be reached.", code="database_unreachable")
            return await super().said(transfer, said)

    @asynccontextmanager
    async def opened(dsn: str) -> AsyncIterator[Away]:
        async with transfer_queue(dsn) as queue:
            yield Away(queue._connection)

    return opened


@pytest.mark.parametrize("times", [2, 100])
async def test_an_answer_that_could_not_be_written_down_is_asked_for_again(
    till: Till, monkeypatch: pytest.MonkeyPatch, times: int
) -> None:
    monkeypatch.setattr(transfers, "_TELL_AGAIN", (0.01, 0.01, 0.01))
    payout = till.payout()
    with transfer_server() as server:
        settings = transfer_settings.parse(server.url, server.key)
        if times > 3:
            with pytest.raises(Unavailable):
                await transfers.send(till.dsn, settings, queue=_away(times))
            till.later()
            await till.send(server)
        else:
            assert (await transfers.send(till.dsn, settings, queue=_away(times))).fates == {"paid": 1}
    assert till.attempts(payout) == [("paid", None)]
    assert server.times(payout) == 1


async def test_a_late_answer_of_a_worker_that_was_given_up_changes_nothing_but_what_it_knows(
    till: Till,
) -> None:
    """It slept for long; another has asked meanwhile. A late "unknown" or "no" is not believed, a late "done" is."""
    payout = till.payout()
    with transfer_server() as server:
        async with transfer_queue(till.dsn) as slow:
            taken = await slow.take()
            assert taken is not None
            assert (taken.nth, taken.was_asked, taken.may_post) == (1, False, True)
            till.later()
            await till.send(server)
            await slow.unknown(taken, "No answer.")
            await slow.refused(taken, "No.")
            await slow.not_asked(taken, "Busy.", 60)
            await slow.doubtful(taken, "Odd.")
            assert till.attempts(payout) == [("paid", None)]


class StandingStill(SystemClock):
    """The clock of a computer that sleeps for six minutes whenever somebody looks at it."""

    _looked = 0

    def now(self) -> datetime:
        self._looked += 1
        return super().now() + self._looked * timedelta(minutes=6)


async def test_a_worker_that_stood_still_asks_for_nothing(till: Till) -> None:
    payout = till.payout()
    with transfer_server() as server:
        settings = transfer_settings.parse(server.url, server.key)
        done = await transfers.send(till.dsn, settings, clock=StandingStill())
        assert (done.fates, server.posts) == ({"put off": 1}, [])
        assert till.attempts(payout) == [("ready", "The worker stood still, so it asks later.")]
        till.later()
        assert (await till.send(server)).fates == {"paid": 1}


async def test_one_given_up_that_arrives_after_all_is_seen_by_a_person(till: Till) -> None:
    payout = till.payout()
    with transfer_server(Fault.NO_MONEY) as server:
        async with transfer_queue(till.dsn) as slow:
            taken = await slow.take()
            assert taken is not None
            till.later()
            await till.send(server)
            till.again(payout)
            said = Said(
                "tr_late",
                taken.amount,
                "USD",
                taken.destination,
                TransferStatus.PAID,
                taken.amount * 0,
                None,
                "1",
            )
            assert await slow.said(taken, said) == "doubtful"
    assert till.attempts(payout)[0] == ("failed", "It was accepted after all, as tr_late. Ask for it back.")
