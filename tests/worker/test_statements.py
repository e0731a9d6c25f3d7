"""Statements the worker keeps by itself, over its real login: once, final, and never of what does not add up."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import psycopg
import pytest

from console.storage.worker import WorkerDatabase
from console.worker import registry, statements
from tests.support.databases import Database
from tests.support.desk_world import World
from tests.support.paper_samples import texts
from tests.support.statement_world import NAMES, Books, make_books
from tests.support.workers import worker_login


@pytest.fixture
def world(fresh_database: Database) -> Iterator[World]:
    with World(fresh_database) as made:
        yield made


@pytest.fixture
async def books(world: World) -> AsyncIterator[Books]:
    made = make_books(world)
    yield made
    for database in made.people:
        await database.close()


@pytest.fixture
def worker(world: World) -> Iterator[WorkerDatabase]:
    with worker_login(world.database) as dsn:
        yield WorkerDatabase(dsn)


async def test_what_is_under_way_gets_its_statement_once(books: Books, worker: WorkerDatabase) -> None:
    assert (await statements.keep(worker)).said == "1 statement kept.", "January's; February is pending"
    assert (await statements.keep(worker)).said == "There was nothing to do."
    books.approve()
    assert (await statements.keep(worker)).kept == 1
    assert (await statements.keep(worker)).kept == 0
    venue = await books.service(books.world.person("venue_finance", desk=books.world.desk("Office")))
    printed = await venue.printed(books.payout)
    assert printed.is_final
    said = " ".join(texts(printed.pdf))
    assert "Preview" not in said
    assert "USD 37.95" in said
    assert not [name for name in NAMES if name in said]
    kept = books.world.all("SELECT created_by FROM documents")
    assert [row["created_by"] for row in kept] == [None, None]


async def test_lines_that_do_not_come_to_the_sums_stay_without(books: Books, worker: WorkerDatabase) -> None:
    books.world.admin.execute(
        "UPDATE venue_payouts SET gross_revenue = 61, net_payout = 38.95 WHERE id = %s", [books.payout]
    )
    books.approve()
    done = await statements.keep(worker)
    assert (done.kept, done.unsound) == (1, 1)
    assert "1 payout do not come to the sums" in done.said
    row = books.world.one("SELECT statement_document_id AS d FROM venue_payouts WHERE id = %s", books.payout)
    assert row["d"] is None


async def test_the_job_says_what_it_did(books: Books, worker: WorkerDatabase) -> None:
    job = next(one for one in registry.JOBS if one.name == "keep_statements")
    assert not isinstance(job.does, str)
    assert await job.does(worker) == registry.Did(1, "1 statement kept.")


def test_nobody_at_a_desk_may_do_what_the_worker_does(books: Books) -> None:
    for role in ("platform_finance", "venue_finance", "platform_admin"):
        person = books.world.person(role, desk=books.world.desk(role))
        for statement in (
            "SELECT * FROM app.statements_to_keep(NULL, 5)",
            "SELECT app.keep_statement(gen_random_uuid(), '%PDF-1.4')",
            "SELECT * FROM payouts.statements_to_keep(NULL, 5)",
            "SELECT payouts.keep_statement(gen_random_uuid(), '%PDF-1.4', NULL)",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                person.connection.execute(statement.encode())
