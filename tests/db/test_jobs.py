"""The schedule of background jobs, the record of their runs, the workers' logins, and who may see and do what of it.

docs/design.md, "Layout" (worker) and "The database" (roles, authorisation).
"""

from __future__ import annotations

import json
import secrets
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest

from console.domain import scram
from tests.support import factories, identities
from tests.support.databases import Connection, Database
from tests.support.desk_world import rows
from tests.support.identities import refusal
from tests.support.workers import scalar, worker_login

NOON = factories.NOON
RIGHT_ROLE = "platform_admin"
WRONG_ROLES = ("front_desk", "manager", "venue_finance", "platform_finance")
KNOWN = [
    {"name": "often", "title": "Often", "every_minutes": 15},
    {"name": "nightly", "title": "At night", "daily_at": "03:00"},
]


@pytest.fixture
def clocked(tx: Connection) -> Connection:
    factories.fix_clock(tx, NOON)
    register(tx)
    return tx


def register(connection: Connection, jobs: list[dict[str, Any]] | None = None) -> None:
    connection.execute("SELECT app.jobs_register(%s::jsonb)", [json.dumps(KNOWN if jobs is None else jobs)])


def tick(connection: Connection, silent: float = 30) -> object:
    return scalar(connection, "SELECT app.jobs_tick(%s)", silent)


def queued(connection: Connection) -> list[str]:
    return [
        one["name"]
        for one in rows(
            connection,
            "SELECT task_name AS name FROM jobs.procrastinate_jobs WHERE status = 'todo' ORDER BY id",
            [],
        )
    ]


def finish_all(connection: Connection) -> None:
    connection.execute("UPDATE jobs.procrastinate_jobs SET status = 'succeeded'")


@pytest.mark.parametrize(
    ("every", "daily", "since", "following"),
    [
        (15, None, "2026-01-01 10:07Z", "2026-01-01 10:15Z"),
        (15, None, "2026-01-01 10:15Z", "2026-01-01 10:30Z"),
        (1, None, "2026-01-01 23:59:59Z", "2026-01-02 00:00Z"),
        (None, "03:00", "2026-01-01 10:07Z", "2026-01-02 03:00Z"),
        (None, "03:00", "2026-01-01 02:59Z", "2026-01-01 03:00Z"),
        (None, "03:00", "2026-01-01 03:00Z", "2026-01-02 03:00Z"),
    ],
)
def test_when_a_job_runs_next(
    tx: Connection, every: int | None, daily: str | None, since: str, following: str
) -> None:
    found = scalar(
        tx,
        "SELECT app.job_next(%s, %s::time, %s::timestamptz) = %s::timestamptz",
        every,
        daily,
        since,
        following,
    )
    assert found is True


def test_a_new_job_is_due_at_once_and_then_in_its_time(clocked: Connection) -> None:
    assert tick(clocked) == 2
    assert queued(clocked) == ["often", "nightly"]
    assert tick(clocked) == 0
    finish_all(clocked)
    factories.fix_clock(clocked, NOON + timedelta(minutes=14))
    assert tick(clocked) == 0
    factories.fix_clock(clocked, NOON + timedelta(minutes=15))
    assert tick(clocked) == 1
    assert queued(clocked) == ["often"]
    # Nobody took it yet: the next time it is due, it still waits once.
    factories.fix_clock(clocked, NOON + timedelta(minutes=30))
    assert tick(clocked) == 0
    assert queued(clocked) == ["often"]


def test_what_was_due_while_nobody_ran_runs_once_when_somebody_does(clocked: Connection) -> None:
    tick(clocked)
    finish_all(clocked)
    factories.fix_clock(clocked, NOON + timedelta(days=3))
    register(clocked)
    assert tick(clocked) == 2
    assert tick(clocked) == 0


def test_a_job_that_changes_its_times_keeps_its_place_and_one_that_is_gone_is_forgotten(
    clocked: Connection,
) -> None:
    tick(clocked)
    register(clocked, [{"name": "often", "title": "Often", "every_minutes": 60}])
    found = rows(clocked, "SELECT name, every_minutes, next_at FROM app.background_jobs", [])
    assert found == [{"name": "often", "every_minutes": 60, "next_at": NOON + timedelta(hours=1)}]


def test_what_a_dead_worker_was_doing_goes_back_into_the_queue(clocked: Connection) -> None:
    tick(clocked)
    worker = scalar(clocked, "INSERT INTO jobs.procrastinate_workers DEFAULT VALUES RETURNING id")
    clocked.execute("UPDATE jobs.procrastinate_jobs SET status = 'doing', worker_id = %s", [worker])
    run = scalar(clocked, "SELECT app.job_began('often')")
    assert (tick(clocked), queued(clocked)) == (0, [])  # it lives
    clocked.execute(
        "UPDATE jobs.procrastinate_workers SET last_heartbeat = clock_timestamp() - interval '31 s'"
    )
    assert tick(clocked) == 2
    assert sorted(queued(clocked)) == ["nightly", "often"]
    stopped = rows(clocked, "SELECT outcome, why FROM app.job_runs WHERE id = %s", [run])
    assert stopped == [{"outcome": "stopped", "why": "The worker stopped before it was done."}]


def test_a_job_that_ends_every_worker_is_not_tried_for_ever(clocked: Connection) -> None:
    tick(clocked)
    clocked.execute("UPDATE jobs.procrastinate_jobs SET status = 'doing', attempts = 4")
    assert tick(clocked) == 0
    assert scalar(clocked, "SELECT count(*) FROM jobs.procrastinate_jobs") == 0
    factories.fix_clock(clocked, NOON + timedelta(minutes=15))
    assert tick(clocked) == 1


def test_a_failed_job_is_tried_again_later_and_later(clocked: Connection) -> None:
    clocked.execute("UPDATE app.background_jobs SET next_at = %s", [NOON + timedelta(hours=15)])
    waits = []
    for _ in range(5):
        run = scalar(clocked, "SELECT app.job_began('nightly')")
        clocked.execute("SELECT app.job_failed(%s, 0.1, 'It broke.')", [run])
        waits.append(
            scalar(clocked, "SELECT next_at - app.now() FROM app.background_jobs WHERE name = 'nightly'")
        )
        clocked.execute("UPDATE app.background_jobs SET next_at = %s", [NOON + timedelta(hours=15)])
    assert waits == [timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 60)]
    run = scalar(clocked, "SELECT app.job_began('nightly')")
    clocked.execute("SELECT app.job_done(%s, 2.5, 3, '3 rows.')", [run])
    assert scalar(clocked, "SELECT failures FROM app.background_jobs WHERE name = 'nightly'") == 0
    done = rows(
        clocked,
        "SELECT finished_at - started_at AS took, touched, did, why FROM app.job_runs WHERE id = %s",
        [run],
    )
    assert done == [{"took": timedelta(seconds=2.5), "touched": 3, "did": "3 rows.", "why": None}]


def test_runs_that_did_something_are_kept_a_month_and_idle_ones_an_hour(clocked: Connection) -> None:
    def ran(amount: int) -> None:
        run = scalar(clocked, "SELECT app.job_began('often')")
        clocked.execute("SELECT app.job_done(%s, 0, %s, 'Said.')", [run, amount])

    for amount in (1, 0):
        ran(amount)
    factories.fix_clock(clocked, NOON + timedelta(hours=2))
    ran(0)
    assert scalar(clocked, "SELECT array_agg(touched ORDER BY started_at) FROM app.job_runs") == [1, 0]
    factories.fix_clock(clocked, NOON + timedelta(days=30, hours=1))
    assert scalar(clocked, "SELECT app.purge_old_job_runs()") == 1
    assert scalar(clocked, "SELECT app.purge_old_job_runs()") == 0
    factories.fix_clock(clocked, NOON + timedelta(days=31))
    assert scalar(clocked, "SELECT app.purge_old_job_runs()") == 1


# -- who may -------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def filled(house: Database) -> Database:
    with house.connect() as admin:
        register(admin)
        run = scalar(admin, "SELECT app.job_began('often')")
        admin.execute("SELECT app.job_failed(%s, 1.5, 'It broke.')", [run])
        run = scalar(admin, "SELECT app.job_began('nightly')")
        admin.execute("SELECT app.job_done(%s, 0.5, 7, '7 rows.')", [run])
        scalar(admin, "SELECT app.job_began('nightly')")
    return house


def test_who_manages_jobs_sees_them_and_runs_one_now(filled: Database) -> None:
    with identities.at_desk(filled, RIGHT_ROLE) as ada, filled.connect() as admin:
        often, nightly = rows(ada.connection, "SELECT * FROM admin.jobs()", [])
        assert (often["title"], often["last_outcome"], often["last_why"], often["failures"]) == (
            "Often",
            "failed",
            "It broke.",
            1,
        )
        assert (often["last_seconds"], often["running_since"], often["queued"]) == (1.5, None, False)
        assert (nightly["last_did"], nightly["last_outcome"]) == ("7 rows.", "done")
        assert nightly["running_since"] is not None
        runs = rows(ada.connection, "SELECT * FROM admin.job_runs('nightly')", [])
        assert [one["outcome"] for one in runs] == ["running", "done"]
        assert rows(ada.connection, "SELECT * FROM admin.job_runs('nobody knows it')", []) == []
        assert scalar(ada.connection, "SELECT admin.run_job('nightly')") is True
        assert scalar(ada.connection, "SELECT admin.run_job('nightly')") is False
        assert queued(admin) == ["nightly"]
        assert [one["queued"] for one in rows(ada.connection, "SELECT * FROM admin.jobs()", [])] == [
            False,
            True,
        ]
        with pytest.raises(psycopg.Error) as caught:
            ada.connection.execute("SELECT admin.run_job('drop everything')")
        assert refusal(caught.value) == ("NX404", "no_job")


@pytest.mark.parametrize("role", WRONG_ROLES)
def test_everybody_else_is_refused(filled: Database, role: str) -> None:
    with identities.at_desk(filled, role) as who:
        for statement in (
            "SELECT * FROM admin.jobs()",
            "SELECT * FROM admin.job_runs('nightly')",
            "SELECT admin.run_job('nightly')",
        ):
            with pytest.raises(psycopg.Error) as caught:
                who.connection.execute(statement.encode())
            assert refusal(caught.value) == ("NX403", "not_permitted"), statement


OF_THE_QUEUE = (
    "SELECT * FROM jobs.procrastinate_jobs",
    "SELECT * FROM jobs.procrastinate_workers",
    "INSERT INTO jobs.procrastinate_jobs (queue_name, task_name) VALUES ('console', 'x')",
    "UPDATE jobs.procrastinate_jobs SET status = 'failed'",
    "DELETE FROM jobs.procrastinate_jobs",
    "SELECT jobs.procrastinate_register_worker_v1()",
    "SELECT jobs.procrastinate_fetch_job_v2(NULL, 1)",
)
OF_THE_RUNS = (
    "INSERT INTO app.job_runs (job, worker_name) VALUES ('x', 'x')",
    "UPDATE app.background_jobs SET next_at = 'infinity'",
    "DELETE FROM app.workers",
)
OF_THE_WORKER = (
    "SELECT app.jobs_register('[]')",
    "SELECT app.jobs_tick(0)",
    "SELECT app.job_began('often')",
    "SELECT app.job_alone('often')",
    "SELECT app.job_done(gen_random_uuid(), 0, 0, '')",
    "SELECT app.job_failed(gen_random_uuid(), 0, '')",
    "SELECT app.job_put('often')",
    "SELECT app.job_queue('often')",
    "SELECT app.purge_old_job_runs()",
    "SELECT app.job_generate_sessions()",
    "SELECT app.job_release_inventory()",
    "SELECT app.job_expire_offers()",
    "SELECT app.job_nightly_close()",
    "SELECT app.job_expire_credits()",
    "SELECT attendance.close_overdue(1)",
    "SELECT schedules.release_inventory()",
    "SELECT admin.worker_enrol('nexus_worker_x', 'x', 'x')",
    "SELECT admin.worker_revoke('x')",
)


@pytest.mark.parametrize("role", [RIGHT_ROLE, "manager"])
def test_no_desk_touches_the_queue_or_does_the_workers_work(filled: Database, role: str) -> None:
    with identities.at_desk(filled, role) as who:
        for statement in (*OF_THE_QUEUE, *OF_THE_RUNS, *OF_THE_WORKER, "SELECT * FROM app.job_runs"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                who.connection.execute(statement.encode())


@pytest.mark.parametrize("statement", [*OF_THE_QUEUE, *OF_THE_RUNS])
def test_the_functions_of_the_desks_reach_no_queue_either(tx: Connection, statement: str) -> None:
    tx.execute("SET LOCAL ROLE console_api")
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        tx.execute(statement.encode())


def test_a_worker_does_its_own_work_and_nothing_else(filled: Database) -> None:
    with worker_login(filled) as dsn, psycopg.connect(dsn, autocommit=True) as worker:
        assert scalar(worker, "SELECT count(*) FROM procrastinate_jobs") is not None
        for statement in (
            "SELECT * FROM public.children",
            "SELECT * FROM public.users",
            "SELECT * FROM public.bookings",
            "SELECT * FROM app.job_runs",
            "SELECT * FROM admin.jobs()",
            "SELECT desk.roster(gen_random_uuid())",
            "SELECT attendance.close_overdue(1)",
            "SELECT app.job_put('often')",
            "CREATE TEMPORARY TABLE mine (id integer)",
            "CREATE TABLE jobs.mine (id integer)",
            "SELECT pg_advisory_lock(1)",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                worker.execute(statement.encode())


def test_the_queue_is_closed_and_pinned_like_everything_else(tx: Connection) -> None:
    loose = rows(
        tx,
        """SELECT c.oid::regclass::text AS name FROM pg_class c
            WHERE c.relnamespace = 'jobs'::regnamespace AND c.relkind = 'r'
              AND (NOT c.relrowsecurity OR pg_get_userbyid(c.relowner) <> 'console_owner'
                   OR NOT EXISTS (SELECT 1 FROM pg_policy p WHERE p.polrelid = c.oid))
           UNION ALL
           SELECT p.oid::regprocedure::text FROM pg_proc p
            WHERE p.pronamespace = 'jobs'::regnamespace
              AND (has_function_privilege('public', p.oid, 'EXECUTE') OR p.prosecdef
                   OR pg_get_userbyid(p.proowner) <> 'console_owner'
                   OR NOT coalesce('search_path=jobs, pg_catalog, pg_temp' = ANY (p.proconfig), false))""",
        [],
    )
    assert loose == []
    assert (
        scalar(
            tx, "SELECT count(*) FROM pg_class WHERE relnamespace = 'jobs'::regnamespace AND relkind = 'r'"
        )
        == 4
    )


# -- logins --------------------------------------------------------------------------------------------------------


@pytest.fixture
def role_name() -> str:
    # Made and ended inside the transaction that is rolled back.
    return f"nexus_worker_t_{secrets.token_hex(5)}"


def test_a_worker_is_enrolled_once_by_name_and_shut_out_once(tx: Connection, role_name: str) -> None:
    verifier = scram.make_verifier("secret", iterations=4096)
    enrol = "SELECT admin.worker_enrol(%s::text::name, %s, %s)"
    tx.execute(enrol, [role_name, " Back office ", verifier])
    assert scalar(tx, "SELECT pg_has_role(%s, 'console_worker', 'USAGE')", role_name) is True
    for wanted, name, given, code in (
        ("nexus_desk_x", "Other", verifier, ("NX422", "role_name")),
        (role_name + "b", "back OFFICE", verifier, ("NX409", "worker_name")),
        (role_name + "b", "Other", "secret", ("NX422", "verifier")),
    ):
        with pytest.raises(psycopg.Error) as caught, tx.transaction():
            tx.execute(enrol, [wanted, name, given])
        assert refusal(caught.value) == code
    assert scalar(tx, "SELECT admin.worker_revoke('back office')") is True
    assert scalar(tx, "SELECT admin.worker_revoke('back office')") is False
    assert scalar(tx, "SELECT admin.worker_revoke('nobody')") is False
    assert scalar(tx, "SELECT rolcanlogin FROM pg_roles WHERE rolname = %s", role_name) is False
    tx.execute(enrol, [role_name + "b", "Back office", verifier])


def test_a_worker_that_is_shut_out_is_out_at_once(fresh_database: Database) -> None:
    with worker_login(fresh_database, "Back office") as dsn:
        worker = psycopg.connect(dsn, autocommit=True)
        worker.execute("SELECT 1")
        with fresh_database.connect() as admin:
            assert scalar(admin, "SELECT admin.worker_revoke('Back office')") is True
        with pytest.raises(psycopg.OperationalError):
            worker.execute("SELECT app.jobs_tick(30)")
        with pytest.raises(psycopg.OperationalError):
            psycopg.connect(dsn)


def test_the_schedule_says_when_a_worker_was_last_there(fresh_database: Database) -> None:
    with worker_login(fresh_database, "Back office") as dsn, fresh_database.connect() as admin:
        assert scalar(admin, "SELECT seen_at FROM app.workers") is None
        with psycopg.connect(dsn, autocommit=True) as worker:
            worker.execute("SELECT app.jobs_tick(30)")
        seen = scalar(admin, "SELECT seen_at FROM app.workers")
        assert isinstance(seen, datetime)
        assert abs(datetime.now(UTC) - seen) < timedelta(minutes=1)
