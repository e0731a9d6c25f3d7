"""Paying through the console's own service: files of the bank on a real disk, over a real desk's login.

docs/operations.md, "Paying venues".
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from console.domain.payouts import Run
from console.errors import Conflict, Denied, FileTrouble, Invalid, NotFound, Unavailable
from console.services.paying import PayingService
from console.storage.database import Database as DeskDatabase
from console.storage.paying import PayingQueries
from tests.support.databases import Database
from tests.support.desk_world import NOON, World
from tests.support.paying import MARCH, Till


@pytest.fixture
def world(fresh_database: Database) -> Iterator[World]:
    with World(fresh_database) as made:
        yield made


@pytest.fixture
def till(world: World) -> Till:
    return Till(world.database, world.admin, "nobody")


@pytest.fixture
async def paying(world: World) -> AsyncIterator[PayingService]:
    async for made in _service(world, "platform_finance"):
        yield made


async def _service(world: World, role: str) -> AsyncIterator[PayingService]:
    person = world.person(role, desk=world.desk(role))
    database = DeskDatabase(person.dsn)
    await database.set_token(person.token)
    yield PayingService(PayingQueries(database))
    await database.close()


def run_of(run_id: UUID) -> Run:
    return Run(run_id, 1, MARCH, 1, Decimal(1), "USD", "approved", "Amara", NOON, "Bo", NOON, mine=False)


def names(folder: Path) -> list[str]:
    return sorted(one.name for one in folder.iterdir())


async def test_a_file_goes_out_and_its_answer_comes_back(
    till: Till, paying: PayingService, tmp_path: Path
) -> None:
    run = till.run()
    paid, failed = till.payout("1234.50", run, name="=Studio A"), till.payout("20.00", run, name="Studio B")
    path = tmp_path / "bank.csv"
    assert await paying.bank_file(run_of(run), path) == 2
    rows = path.read_bytes().decode().split("\r\n")
    assert rows[0] == "reference,payee,bank,account_ending,amount,currency,period"
    first, second = rows[1].split(","), rows[2].split(",")
    assert (first[1:], second[1:]) == (
        ["Studio A", "", "4411", "1234.50", "USD", "2026-03"],
        ["Studio B", "", "4411", "20.00", "USD", "2026-03"],
    )
    answer = tmp_path / "answer.csv"
    answer.write_text(
        "reference;amount;currency;outcome;date;reason\n"
        f"{first[0]};1.234,50;usd;paid;2026-03-02;\n"
        f"{second[0]};20;USD;failed;;Account closed\n"
        "NFP-1;5;USD;paid;;\n"
        f"{second[0]};20\n",
        encoding="utf-8",
    )
    sentences = ["Line 4: No payout has the reference NFP-1.", "Line 5: The line is not whole."]
    assert await paying.bank_answer(answer, dry=True) == sentences
    assert {till.state(paid), till.state(failed)} == {("processing", None)}
    assert await paying.bank_answer(answer, dry=False) == sentences
    assert (till.state(paid), till.state(failed)) == (("paid", None), ("failed", "Account closed"))
    attempts = await paying.attempts(failed)
    assert [(one.number, one.method, one.state, one.failure) for one in attempts] == [
        (1, "bank_file", "failed", "Account closed")
    ]
    assert isinstance(attempts[0].asked_at, datetime)
    await paying.retry(failed)
    assert [one.state for one in await paying.attempts(failed)] == ["ready", "failed"]
    assert names(tmp_path) == ["answer.csv", "bank.csv"]


async def test_the_same_file_is_written_again_only_when_asked(
    till: Till, paying: PayingService, tmp_path: Path
) -> None:
    run = till.run()
    till.payout(run=run)
    path = tmp_path / "bank.csv"
    await paying.bank_file(run_of(run), path)
    first = path.read_bytes()
    with pytest.raises(Conflict) as caught:
        await paying.bank_file(run_of(run), path)
    assert (caught.value.code, caught.value.sentence) == (
        "file_written",
        "The file for the bank was written already, on 2026-03-02.",
    )
    assert path.read_bytes() == first
    path.unlink()
    assert await paying.bank_file(run_of(run), path, again=True) == 1
    assert path.read_bytes() == first


async def test_a_folder_that_cannot_be_written_leaves_everything_unpaid(
    till: Till, paying: PayingService, tmp_path: Path
) -> None:
    run = till.run()
    payout = till.payout(run=run)
    with pytest.raises(FileTrouble) as caught:
        await paying.bank_file(run_of(run), tmp_path / "nowhere" / "bank.csv")
    assert caught.value.code == "file_not_written"
    assert till.state(payout) == ("pending", None)


async def test_a_file_that_was_begun_is_written_also_when_nobody_waits_for_it(
    till: Till, paying: PayingService, tmp_path: Path
) -> None:
    run = till.run()
    payout = till.payout(run=run)
    writing = asyncio.ensure_future(paying.bank_file(run_of(run), tmp_path / "bank.csv"))
    await asyncio.sleep(0)
    writing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await writing
    assert names(tmp_path) == ["bank.csv"]
    assert till.state(payout) == ("processing", None)


async def test_a_refusal_leaves_no_file_and_the_old_one_as_it_was(
    till: Till, paying: PayingService, tmp_path: Path
) -> None:
    path = tmp_path / "bank.csv"
    path.write_text("old")
    with pytest.raises(Conflict):
        await paying.bank_file(run_of(till.run()), path)
    with pytest.raises(NotFound):
        await paying.bank_file(run_of(uuid4()), path)
    assert names(tmp_path) == ["bank.csv"]
    assert path.read_text() == "old"


async def test_a_file_that_is_no_answer_records_nothing(paying: PayingService, tmp_path: Path) -> None:
    path = tmp_path / "answer.csv"
    with pytest.raises(Unavailable):
        await paying.bank_answer(path, dry=True)
    path.write_bytes(b"\x89PNG\r\n\x1a\n")
    with pytest.raises(Invalid) as caught:
        await paying.bank_answer(path, dry=False)
    assert caught.value.sentence == "This file is not in UTF-8. Save it as CSV in UTF-8."


async def test_nobody_else_pays(world: World, till: Till, tmp_path: Path) -> None:
    payout = till.payout()
    async for other in _service(world, "venue_finance"):
        with pytest.raises(Denied):
            await other.bank_file(run_of(till.run()), tmp_path / "bank.csv")
        with pytest.raises(Denied):
            await other.retry(payout)
        with pytest.raises(Denied):
            await other.settle(payout, 1, was_paid=True, reason="Because")
        with pytest.raises(NotFound):
            await other.attempts(payout)
    assert names(tmp_path) == []


async def test_a_try_in_doubt_is_settled_and_tried_again(paying: PayingService, till: Till) -> None:
    payout = till.payout()
    till.admin.execute("SELECT payouts.take_transfer()")
    till.admin.execute(
        "SELECT payouts.transfer_said(id, 'tr_1', 90, 'USD', destination, 'paid', 0, NULL) FROM payout_attempts"
    )
    assert [one.state for one in await paying.attempts(payout)] == ["doubtful"]
    with pytest.raises(Conflict) as caught:
        await paying.retry(payout)
    assert caught.value.code == "attempt_in_doubt"
    with pytest.raises(NotFound):
        await paying.settle(payout, 2, was_paid=False, reason="Taken back there")
    await paying.settle(payout, 1, was_paid=False, reason="Taken back there")
    (one,) = await paying.attempts(payout)
    assert (one.state, one.failure) == ("failed", "Settled by hand: Taken back there")
    await paying.retry(payout)
    assert [one.state for one in await paying.attempts(payout)] == ["ready", "failed"]
