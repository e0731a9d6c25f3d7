"""The worker on a real server: each job once, whoever is killed in the middle, and what a failing one leaves behind.

docs/design.md, "Layout" (worker).
"""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from console.errors import ConsoleError, Denied, Unavailable
from console.storage import worker as storage
from console.worker import queue, registry
from console.worker.queue import Worker, queue_schema
from console.worker.registry import Did, Every, Job
from tests.support.databases import Connection, Database
from tests.support.desk_world import rows
from tests.support.workers import QUICK, job, process, running, scalar, until, worker_login

# What the test's own jobs work on: a line per piece of work that was really done.
WORKSHOP = """
    CREATE TABLE app.test_work (job text, at timestamptz DEFAULT clock_timestamp());
    CREATE TABLE app.test_gate (shut boolean);
    GRANT ALL ON app.test_work, app.test_gate TO console_jobs;
    CREATE FUNCTION app.test_quick() RETURNS integer LANGUAGE plpgsql SECURITY DEFINER AS $$
        BEGIN INSERT INTO app.test_work VALUES ('quick'); RETURN 1; END $$;
    CREATE FUNCTION app.test_slow() RETURNS integer LANGUAGE plpgsql SECURITY DEFINER AS $$
        BEGIN
            INSERT INTO app.test_work VALUES ('slow');
            WHILE EXISTS (SELECT 1 FROM app.test_gate) LOOP PERFORM pg_sleep(0.02); END LOOP;
            RETURN 2;
        END $$;
    CREATE FUNCTION app.test_broken() RETURNS integer LANGUAGE plpgsql SECURITY DEFINER AS $$
        BEGIN
            INSERT INTO app.test_work VALUES ('broken');
            RAISE EXCEPTION 'Nia Example is not to be read by anybody';
        END $$;
    CREATE FUNCTION app.test_refused() RETURNS integer LANGUAGE plpgsql SECURITY DEFINER AS $$
        BEGIN
            RAISE EXCEPTION USING ERRCODE = 'NX503', MESSAGE = 'Not now.', HINT = 'Later.', DETAIL = 'not_now';
        END $$;
    ALTER FUNCTION app.test_quick() OWNER TO console_jobs;
    ALTER FUNCTION app.test_slow() OWNER TO console_jobs;
    ALTER FUNCTION app.test_broken() OWNER TO console_jobs;
    ALTER FUNCTION app.test_refused() OWNER TO console_jobs;
    GRANT EXECUTE ON FUNCTION app.test_quick(), app.test_slow(), app.test_broken(), app.test_refused()
        TO console_worker;
    ALTER TABLE app.test_work OWNER TO console_jobs;
"""
QUICK_JOB, SLOW_JOB = job("quick", "app.test_quick"), job("slow", "app.test_slow")
BROKEN_JOB, REFUSED_JOB = job("broken", "app.test_broken"), job("refused", "app.test_refused")


@pytest.fixture
def workshop(admin: Connection) -> Connection:
    admin.execute(WORKSHOP.encode())
    return admin


@pytest.fixture
def dsn(fresh_database: Database) -> Iterator[str]:
    with worker_login(fresh_database) as made:
        yield made


def work(admin: Connection) -> list[str]:
    return [row["job"] for row in rows(admin, "SELECT job FROM app.test_work ORDER BY at", [])]


def runs(admin: Connection) -> list[dict[str, Any]]:
    return rows(
        admin, "SELECT job, outcome, touched, did, why FROM app.job_runs ORDER BY started_at, job", []
    )


def outcomes(admin: Connection) -> list[str]:
    return [row["outcome"] for row in runs(admin)]


async def eventually(question: Any, what: str) -> None:
    await asyncio.to_thread(until, question, what)


# -- each once -----------------------------------------------------------------------------------------------------


async def test_every_job_of_the_console_does_its_work_and_the_second_time_finds_none(
    fresh_database: Database, admin: Connection, dsn: str
) -> None:
    worker = Worker(dsn)
    await worker.run_once()
    first = runs(admin)
    assert sorted(row["job"] for row in first) == sorted(one.name for one in registry.JOBS)
    assert {(row["outcome"], row["why"]) for row in first} == {("done", None)}
    admin.execute("UPDATE app.background_jobs SET next_at = app.now()")
    admin.execute("DELETE FROM app.job_runs")
    await worker.run_once()
    again = runs(admin)
    assert len(again) == len(registry.JOBS)
    assert {(row["outcome"], row["touched"]) for row in again} == {("done", 0)}
    assert scalar(admin, "SELECT count(*) FROM jobs.procrastinate_jobs") == 0


async def test_two_workers_at_once_run_each_job_once(workshop: Connection, dsn: str) -> None:
    jobs = [job(f"quick_{letter}", "app.test_quick") for letter in "abcdefgh"]
    async with running(dsn, jobs), running(dsn, jobs):
        await eventually(lambda: len(runs(workshop)) == 8, "the jobs have not run")
        await asyncio.sleep(0.3)
    assert outcomes(workshop) == ["done"] * 8
    assert len(work(workshop)) == 8


async def test_asked_for_twice_a_job_runs_once_and_at_once(workshop: Connection, dsn: str) -> None:
    async with running(dsn, [QUICK_JOB], queue.Pace(tick=30)):
        await eventually(lambda: outcomes(workshop) == ["done"], "the job has not run")
        with workshop.transaction():
            assert scalar(workshop, "SELECT app.job_queue('quick')") is True
            assert scalar(workshop, "SELECT app.job_queue('quick')") is False
        await eventually(lambda: outcomes(workshop) == ["done"] * 2, "nobody heard that there was work")
    assert len(work(workshop)) == 2


async def test_a_job_is_woken_by_its_channel_and_by_no_other(workshop: Connection, dsn: str) -> None:
    mail = job("quick", "app.test_quick", woken_by="test_mail")
    async with running(dsn, [mail], queue.Pace(tick=30)):
        await eventually(lambda: outcomes(workshop) == ["done"], "the job has not run")
        await eventually(
            lambda: scalar(
                workshop, "SELECT count(*) FROM pg_stat_activity WHERE query = 'LISTEN \"test_mail\"'"
            ),
            "nobody listens",
        )
        workshop.execute("SELECT pg_notify('nexus_other', ''), pg_notify('test_mail', 'drop everything')")
        await eventually(lambda: outcomes(workshop) == ["done"] * 2, "nobody woke up")


# -- killed --------------------------------------------------------------------------------------------------------


async def test_what_a_killed_worker_left_is_done_by_another_once(workshop: Connection, dsn: str) -> None:
    workshop.execute("INSERT INTO app.test_gate VALUES (true)")
    with process(dsn, SLOW_JOB) as first:
        await eventually(lambda: outcomes(workshop) == ["running"], "the job has not begun")
        os.kill(first.pid, signal.SIGKILL)
        first.wait()
    assert work(workshop) == []
    with process(dsn, SLOW_JOB):
        await eventually(lambda: len(runs(workshop)) == 2, "nobody took it over")
        workshop.execute("DELETE FROM app.test_gate")
        await eventually(lambda: "running" not in outcomes(workshop), "it was not finished")
    # The killed one's transaction is gone, or was still waiting for its answer and then found nobody to tell.
    assert work(workshop) == ["slow"]
    assert [(row["outcome"], row["why"]) for row in runs(workshop)] == [
        ("stopped", "The worker stopped before it was done."),
        ("done", None),
    ]


async def test_a_worker_that_is_told_to_stop_undoes_what_it_cannot_finish(
    workshop: Connection, dsn: str
) -> None:
    workshop.execute("INSERT INTO app.test_gate VALUES (true)")
    async with running(dsn, [SLOW_JOB], queue.Pace(tick=0.1, patience=0.2)):
        await eventually(lambda: outcomes(workshop) == ["running"], "the job has not begun")
    assert work(workshop) == []
    # It stays in the queue, for whoever works next.
    workshop.execute("DELETE FROM app.test_gate")
    async with running(dsn, [SLOW_JOB]):
        await eventually(lambda: outcomes(workshop) == ["stopped", "done"], "nobody did it again")
    assert work(workshop) == ["slow"]


async def test_a_lost_connection_is_waited_for(
    workshop: Connection, dsn: str, expected_logs: list[str]
) -> None:
    async with running(dsn, [QUICK_JOB]) as task:
        await eventually(lambda: outcomes(workshop) == ["done"], "the job has not run")
        # Cut off while it takes the job out of the queue, it would say so in the log as well.
        await eventually(
            lambda: scalar(workshop, "SELECT count(*) FROM jobs.procrastinate_jobs") == 0,
            "it is not done with it",
        )
        workshop.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename LIKE 'nexus_worker%'"
        )
        workshop.execute("UPDATE app.background_jobs SET next_at = app.now()")
        await eventually(lambda: outcomes(workshop) == ["done"] * 2, "the worker did not come back")
        assert not task.done()
    assert all("out of reach" in line for line in expected_logs)


async def test_a_worker_that_was_given_up_for_dead_does_not_do_a_job_beside_its_heir(
    workshop: Connection, dsn: str
) -> None:
    """As when a laptop wakes up: whatever the queue thinks, the second waits for the first."""
    database = storage.WorkerDatabase(dsn)
    workshop.execute("INSERT INTO app.test_gate VALUES (true)")
    await database.register([SLOW_JOB.declared()])

    async def do() -> int:
        run = await database.began("slow")
        return await database.perform(run, "slow", "app.test_slow", 10, SLOW_JOB.words)

    first = asyncio.create_task(do())
    in_it = "SELECT count(*) FROM pg_stat_activity WHERE query LIKE %s AND state = 'active'"
    await eventually(lambda: scalar(workshop, in_it, "%test_slow%amount%") == 1, "the first does not begin")
    second = asyncio.create_task(do())
    await eventually(lambda: scalar(workshop, in_it, "%app.job_alone%") == 1, "the second does not wait")
    workshop.execute("DELETE FROM app.test_gate")
    assert (await first, await second) == (2, 2)
    # The second had called the first stopped; what it really did has the last word.
    assert outcomes(workshop) == ["done", "done"]


# -- failing -------------------------------------------------------------------------------------------------------


async def test_a_failing_job_says_why_and_stops_no_other(
    workshop: Connection, dsn: str, expected_logs: list[str]
) -> None:
    async with running(dsn, [BROKEN_JOB, REFUSED_JOB, QUICK_JOB]):
        await eventually(
            lambda: sorted(outcomes(workshop)) == ["done", "failed", "failed"], "they have not run"
        )
    said = {row["job"]: row["why"] for row in runs(workshop)}
    assert (
        said["broken"]
        == "Something went wrong inside the console. Report it with the log. (P0001, app.test_broken line 4)"
    )
    assert said["refused"] == "Not now. Later. (NX503, app.test_refused line 3)"
    assert work(workshop) == ["quick"]
    assert len(expected_logs) == 2
    assert "Nia" not in "".join(expected_logs)


async def test_a_job_that_takes_too_long_is_ended(
    workshop: Connection, dsn: str, expected_logs: list[str]
) -> None:
    workshop.execute("INSERT INTO app.test_gate VALUES (true)")
    async with running(dsn, [job("slow", "app.test_slow", timeout_seconds=0.3)]):
        await eventually(lambda: outcomes(workshop) == ["failed"], "it goes on")
    assert runs(workshop)[0]["why"].startswith("The database took too long.")
    assert work(workshop) == []
    assert len(expected_logs) == 1


async def test_a_job_in_python_is_recorded_and_ended_like_the_others(
    workshop: Connection, dsn: str, expected_logs: list[str]
) -> None:
    async def send(database: storage.WorkerDatabase) -> Did:
        assert await database.fetch("SELECT 1 AS one") == [{"one": 1}]
        return Did(3, "3 sent.")

    async def hang(_: storage.WorkerDatabase) -> Did:
        await asyncio.sleep(60)
        return Did(0, "")

    async def fall(_: storage.WorkerDatabase) -> Did:
        raise RuntimeError("Nia Example")

    jobs = [
        Job("send", "Send", Every(60), send),
        Job("hang", "Hang", Every(60), hang, timeout_seconds=0.2),
        Job("fall", "Fall", Every(60), fall),
    ]
    async with running(dsn, jobs):
        await eventually(
            lambda: sorted(outcomes(workshop)) == ["done", "failed", "failed"], "they have not run"
        )
    found = {row["job"]: (row["touched"], row["did"], row["why"]) for row in runs(workshop)}
    assert found == {
        "send": (3, "3 sent.", None),
        "hang": (None, None, "It took too long."),
        "fall": (None, None, "Something went wrong inside the worker. (RuntimeError)"),
    }
    assert len(expected_logs) == 2


# -- refused -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("comment", "code"),
    [
        ("procrastinate 01.00.00_01", "database_older"),
        ("procrastinate 99.00.00_01", "database_newer"),
        (None, "database_older"),
    ],
)
async def test_a_queue_of_another_release_is_one_sentence(
    admin: Connection, dsn: str, comment: str | None, code: str
) -> None:
    said = "NULL" if comment is None else f"'{comment}'"
    admin.execute(f"COMMENT ON SCHEMA jobs IS {said}".encode())
    with pytest.raises(Unavailable) as caught:
        await Worker(dsn, pace=QUICK).run(asyncio.Event())
    assert caught.value.code == code
    assert scalar(admin, "SELECT count(*) FROM app.background_jobs") == 0


def test_the_queue_of_a_new_database_is_the_installed_packages(admin: Connection) -> None:
    # Fails when a newer procrastinate brings migrations: they go into a version of ours, and then this line changes.
    assert queue_schema() == "03.04.00_50"
    said = scalar(admin, "SELECT obj_description('jobs'::regnamespace, 'pg_namespace')")
    assert said == f"procrastinate {queue_schema()}"


async def test_a_worker_that_was_shut_out_stops_with_a_sentence(
    fresh_database: Database, admin: Connection
) -> None:
    with worker_login(fresh_database, "Back office") as dsn:
        admin.execute("SELECT admin.worker_revoke('Back office')")
        with pytest.raises(Denied):
            await Worker(dsn, pace=QUICK).run(asyncio.Event())


async def test_a_server_that_is_not_there_is_waited_for_until_told_to_stop(expected_logs: list[str]) -> None:
    stop = asyncio.Event()
    nowhere = storage.worker_dsn("host=127.0.0.1 port=1 user=x password=x dbname=x")
    task = asyncio.create_task(Worker(nowhere, pace=QUICK).run(stop))
    await asyncio.sleep(0.6)
    assert not task.done()
    stop.set()
    await task
    assert len(expected_logs) == 1


# -- declarations --------------------------------------------------------------------------------------------------


def test_every_job_is_declared_so_that_people_can_read_it() -> None:
    names = [one.name for one in registry.JOBS]
    assert len(set(names)) == len(names)
    for one in registry.JOBS:
        assert one.title[0].isupper(), one.name
        assert not one.title.endswith("."), one.name
        assert one.words(0).endswith("."), one.name
        assert one.words(1).startswith("1 "), one.name
        assert one.words(1234).startswith("1,234 "), one.name
        assert one.timeout_seconds <= 900, one.name


def test_a_reason_never_holds_a_value_of_a_row() -> None:
    assert storage.reason_of(ValueError("Nia")) == "Something went wrong inside the worker. (ValueError)"
    assert storage.reason_of(TimeoutError()) == "It took too long."
    assert storage.reason_of(Unavailable("Away.", hint="Wait.")) == "Away. Wait."


async def test_a_job_calls_a_function_and_nothing_else(dsn: str) -> None:
    database = storage.WorkerDatabase(dsn)
    with pytest.raises(ValueError, match="not the name of a function"):
        await database.perform(
            __import__("uuid").uuid4(), "x", "app.now(); DROP TABLE x; --", 1, lambda amount: str(amount)
        )


def test_the_workers_connection_finds_the_queue_and_is_guarded_like_a_desks() -> None:
    made = psycopg.conninfo.conninfo_to_dict(storage.worker_dsn("host=127.0.0.1 user=w password=p dbname=d"))
    assert "-c search_path=jobs" in str(made["options"])
    assert made["application_name"] == "nexus-console worker"
    with pytest.raises(ConsoleError):
        storage.worker_dsn("host=db.example user=w password=p dbname=d sslmode=prefer")
