"""The worker under attack: what a desk may say to it, and what its own login may do where it was stolen.

A worker's login runs the jobs and hands out mail; it is nobody's key to the people. A desk is not in the queue at all.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest

from tests.security.attacks import (
    DENIED,
    INVALID,
    NO_SUCH_FUNCTION,
    NOT_FOUND,
    REFUSED,
    answer_or_refusal,
    refused,
    rows,
    value,
)
from tests.security.conftest import NOW, Place, Target
from tests.support import factories, identities
from tests.support.databases import Connection, Database
from tests.support.workers import job, running, until, worker_login

UNKNOWN_SCHEMA = "3F000"
SHUT = (DENIED, NO_SUCH_FUNCTION, UNKNOWN_SCHEMA)

# A job that takes until its gate is opened.
WORKSHOP = """
    CREATE TABLE app.test_gate (shut boolean);
    GRANT ALL ON app.test_gate TO console_jobs;
    CREATE FUNCTION app.test_slow() RETURNS integer LANGUAGE plpgsql SECURITY DEFINER AS $$
        BEGIN
            WHILE EXISTS (SELECT 1 FROM app.test_gate) LOOP PERFORM pg_sleep(0.02); END LOOP;
            RETURN 1;
        END $$;
    ALTER FUNCTION app.test_slow() OWNER TO console_jobs;
    GRANT EXECUTE ON FUNCTION app.test_slow() TO console_worker;
    INSERT INTO app.test_gate VALUES (true);
"""


@pytest.fixture
def worker(target: Target) -> Iterator[Connection]:
    """A stolen worker's login."""
    with worker_login(target.database) as dsn, closing(psycopg.connect(dsn, autocommit=True)) as connection:
        yield connection


# -- a desk --------------------------------------------------------------------------------------------------------


async def test_what_a_desk_says_on_any_channel_stops_no_job(
    fresh_database: Database, admin: Connection
) -> None:
    admin.execute(WORKSHOP.encode())
    desk = identities.enrol(fresh_database)

    def outcomes() -> list[str]:
        return [row[0] for row in rows(admin, "SELECT outcome FROM app.job_runs ORDER BY started_at")]

    with worker_login(fresh_database) as dsn, closing(desk.connect()) as attacker:
        async with running(dsn, [job("slow", "app.test_slow", woken_by="nexus_mail")]):
            await asyncio.to_thread(until, lambda: outcomes() == ["running"], "the job has not begun")
            heard = "SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'LISTEN%nexus_mail%'"
            await asyncio.to_thread(until, lambda: value(admin, heard), "nobody listens")
            pid = value(admin, "SELECT min(pid) FROM pg_stat_activity WHERE query LIKE 'LISTEN%nexus_mail%'")
            aborts = [json.dumps({"type": "abort_job_requested", "job_id": number}) for number in range(20)]
            for channel in ("procrastinate_queue_v1#console", "procrastinate_any_queue_v1", "nexus_mail"):
                for payload in (
                    "{",
                    "",
                    "[]",
                    "{}",
                    '{"type": 1}',
                    '{"type": "abort_job_requested"}',
                    *aborts,
                ):
                    attacker.execute("SELECT pg_notify(%s, %s)", [channel, payload])
            await asyncio.sleep(0.5)
            assert outcomes() == ["running"], "the job was stopped"
            admin.execute("DELETE FROM app.test_gate")
            await asyncio.to_thread(until, lambda: "running" not in outcomes(), "the job has not ended")
            # The worker is the same one, over the same line: it never fell over.
            assert value(admin, "SELECT count(*) FROM pg_stat_activity WHERE pid = %s", [pid]) == 1
    assert set(outcomes()) == {"done"}


def test_a_desk_that_holds_its_own_sessions_keeps_no_other_venue_waiting(
    target: Target, worker: Connection, administrator: Connection
) -> None:
    """A transaction that is left open holds what it touched; the worker does the rest and comes back later."""
    here, there = (_to_do(administrator, place) for place in (target.ours, target.theirs))
    jobs = (
        "app.job_expire_offers",
        "app.job_release_inventory",
        "app.job_nightly_close",
        "app.job_generate_sessions",
    )

    def left(todo: tuple[UUID, UUID, UUID, UUID]) -> list[bool]:
        waiting, unreleased, overdue, series = todo
        return [
            value(administrator, "SELECT is_active FROM waitlist WHERE id = %s", [waiting]),
            not value(
                administrator, "SELECT inventory_released FROM activity_sessions WHERE id = %s", [unreleased]
            ),
            value(administrator, "SELECT closed_at IS NULL FROM activity_sessions WHERE id = %s", [overdue]),
            value(
                administrator,
                "SELECT count(*) = 0 FROM activity_sessions WHERE recurring_schedule_id = %s",
                [series],
            ),
        ]

    assert left(here) == left(there) == [True] * 4
    worker.execute("SET statement_timeout = '5s'")
    with (
        closing(target.connect()) as desk,
        closing(target.connect(target.manager)) as manager,
        desk.transaction(force_rollback=True),
        manager.transaction(force_rollback=True),
    ):
        for session in (here[1], here[2]):
            desk.execute("SELECT bookings.waitlist_offer(%s)", [session])
        desk.execute("SELECT bookings.waitlist_remove(%s, 'Never mind.')", [here[0]])
        manager.execute("SELECT id FROM venues WHERE id = %s FOR UPDATE", [target.ours.venue])
        for job_ in jobs:
            worker.execute(f"SELECT {job_}()".encode())
        assert left(there) == [False] * 4
    assert left(here) == [True] * 4
    for job_ in jobs:
        worker.execute(f"SELECT {job_}()".encode())
    assert left(here) == [False] * 4


def _to_do(admin: Connection, place: Place) -> tuple[UUID, UUID, UUID, UUID]:
    """Work for four jobs at one venue: an offer that ran out, places to release, a session to close, one to make."""
    activity = factories.activity(admin, place.venue)

    def session(hours: int, **columns: Any) -> UUID:
        at = NOW + timedelta(hours=hours)
        return factories.session(admin, activity, starts_at=at, ends_at=at + timedelta(hours=1), **columns)

    child = factories.child(admin, factories.parent(admin))
    entry: UUID = value(
        admin,
        """INSERT INTO waitlist (session_id, venue_id, child_id, user_id, position, spot_offered_at, spot_expires_at)
           SELECT %s, %s, id, parent_id, 1, app.now() - interval '2 hours', app.now() - interval '1 hour'
             FROM children WHERE id = %s RETURNING id""",
        [session(72), place.venue, child],
    )
    unreleased = session(1, platform_allocated_spots=2)
    return entry, unreleased, session(-48), factories.schedule(admin, activity)


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT * FROM jobs.procrastinate_jobs",
        "INSERT INTO jobs.procrastinate_jobs (queue_name, task_name, args) VALUES ('console', 'deliver_mail', '{}')",
        "UPDATE jobs.procrastinate_jobs SET abort_requested = true",
        "DELETE FROM jobs.procrastinate_jobs",
        "SELECT * FROM jobs.procrastinate_workers",
        "SELECT jobs.procrastinate_cancel_job_v1(1, true, true)",
        "SELECT jobs.procrastinate_prune_stalled_workers_v1(0)",
        "SELECT * FROM app.background_jobs",
        "UPDATE app.background_jobs SET next_at = 'infinity'",
        "SELECT * FROM app.job_runs",
        "DELETE FROM app.job_runs",
        "SELECT * FROM app.workers",
        "UPDATE app.workers SET revoked_at = now()",
        "SELECT app.jobs_register('[]')",
        "SELECT app.jobs_tick(0)",
        "SELECT app.job_queue('deliver_mail')",
        "SELECT app.job_put('deliver_mail')",
        "SELECT app.jobs_waiting()",
        "SELECT app.job_began('deliver_mail')",
        "SELECT app.job_alone('deliver_mail')",
        "SELECT app.job_done(gen_random_uuid(), 1, 1, 'x')",
        "SELECT app.job_failed(gen_random_uuid(), 1, 'x')",
        "SELECT app.job_generate_sessions()",
        "SELECT app.job_release_inventory()",
        "SELECT app.job_expire_offers()",
        "SELECT app.job_nightly_close()",
        "SELECT app.job_expire_credits()",
        "SELECT app.purge_old_job_runs()",
        "SELECT public.purge_deleted_children()",
        "SELECT schedules.generate_all()",
        "SELECT schedules.release_inventory()",
        "SELECT bookings.expire_offers()",
        "SELECT attendance.close_overdue(1)",
        "SELECT * FROM notify.claim(10)",
        "SELECT notify.waiting()",
        "SELECT notify.handing(gen_random_uuid(), gen_random_uuid())",
        "SELECT notify.delivered(gen_random_uuid(), 'x')",
        "SELECT notify.failed(gen_random_uuid(), NULL, 'x', true)",
        "SELECT notify.uncertain(gen_random_uuid(), NULL, 'x')",
        "SELECT notify.give_back(gen_random_uuid())",
        "SELECT admin.worker_enrol('nexus_worker_x', 'x', 'x')",
        "SELECT admin.worker_revoke('x')",
        "SELECT pg_advisory_lock(1)",
        "SELECT pg_try_advisory_xact_lock(1)",
    ],
)
def test_the_queue_and_the_jobs_are_no_desks(
    mallory: Connection, manager: Connection, stranger: Connection, statement: str
) -> None:
    for attacker in (mallory, manager, stranger):
        # An administrator's function that a desk may call does everything with the desk's own rights: nothing.
        refused(attacker, statement, by=(*SHUT, INVALID))


def test_only_those_who_manage_jobs_see_them_and_their_mail(
    mallory: Connection, manager: Connection, finance: Connection, stranger: Connection, target: Target
) -> None:
    calls: list[tuple[str, list[Any]]] = [
        ("SELECT * FROM admin.jobs()", []),
        ("SELECT * FROM admin.job_runs('deliver_mail')", []),
        ("SELECT admin.run_job('deliver_mail')", []),
        ("SELECT * FROM admin.undelivered()", []),
        ("SELECT admin.send_again(%s)", [uuid4()]),
        ("SELECT * FROM admin.mail_counts()", []),
    ]
    money = identities.signed_in(target.database, "platform_finance").connection
    for attacker in (mallory, manager, finance, stranger, money):
        for statement, arguments in calls:
            refused(attacker, statement, arguments, by=REFUSED)
    money.close()
    headquarters = target.admin_person.connection
    for statement, arguments in calls[:2] + calls[3:4] + calls[5:]:
        rows(headquarters, statement, arguments)
    refused(headquarters, *calls[4], by=NOT_FOUND)
    refused(headquarters, "SELECT admin.run_job(%s)", ["'; DROP TABLE users; --"], by=NOT_FOUND)
    for odd in (None, -1, 0, 2**31 - 1):
        assert len(rows(headquarters, "SELECT * FROM admin.undelivered(NULL, NULL, %s)", [odd])) <= 500
        assert len(rows(headquarters, "SELECT * FROM admin.job_runs('x', %s)", [odd])) <= 500


def test_an_undelivered_message_names_no_child_and_no_address(target: Target) -> None:
    with target.administrator() as admin:
        child = f"Child{uuid4().hex[:8]}"
        message = value(
            admin,
            """INSERT INTO notifications (user_id, venue_id, template_key, notification_type, title, body, channel,
                                          state, send_error, data_payload)
               VALUES (%s, %s, 'session_cancelled', 'session_cancelled', %s, %s, 'email', 'failed',
                       notify.without_address(%s), jsonb_build_object('child', %s::text)) RETURNING id""",
            [
                target.ours.parent,
                target.ours.venue,
                f"About {child}",
                f"{child} is cancelled",
                "550 <parent+tag@home.example> unknown\r\nBcc: x@y.example",
                child,
            ],
        )
        address = value(admin, "SELECT email FROM users WHERE id = %s", [target.ours.parent])
    (row,) = (
        one
        for one in rows(target.admin_person.connection, "SELECT * FROM admin.undelivered()")
        if one[0] == message
    )
    said = repr(row)
    for secret in (child, address, "home.example", "y.example", "\\n"):
        assert secret not in said
    assert "home.example" not in said


# -- the worker's own login -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT first_name FROM public.children",
        "SELECT instructions FROM public.child_health_notes",
        "SELECT name FROM public.pickup_people",
        "SELECT email FROM public.users",
        "SELECT password_hash FROM public.users",
        "UPDATE public.users SET password_hash = 'x'",
        "SELECT id FROM public.bookings",
        "SELECT body FROM public.notifications",
        "UPDATE public.notifications SET state = 'sent'",
        "INSERT INTO public.notifications (user_id) VALUES (gen_random_uuid())",
        "SELECT * FROM public.waitlist",
        "SELECT * FROM public.activity_sessions",
        "SELECT * FROM public.credit_ledger",
        "SELECT * FROM public.audit_logs",
        "SELECT * FROM public.programme_changes",
        "SELECT * FROM public.platform_settings",
        "SELECT token_hash FROM auth.person_sessions",
        "SELECT * FROM auth.devices",
        "SELECT * FROM app.workers",
        "UPDATE app.workers SET revoked_at = NULL",
        "SELECT * FROM app.background_jobs",
        "DELETE FROM app.job_runs",
        "SELECT schedules.generate_all()",
        "SELECT bookings.expire_offers()",
        "SELECT attendance.close_overdue(10)",
        "SELECT credits.expire('9999-12-31')",
        "SELECT credits.allocate(gen_random_uuid(), '2026-03-01', '2026-03-31', 99, 'k')",
        "SELECT schedules.plan(gen_random_uuid(), '{}')",
        "SELECT schedules.apply(gen_random_uuid(), '{}', 'x', gen_random_uuid())",
        "SELECT bookings.waitlist_queue(gen_random_uuid())",
        "SELECT notify.tell(gen_random_uuid(), 'session_cancelled', '{}', 'x')",
        "SELECT notify.message(gen_random_uuid(), 'session_cancelled', '{}')",
        "SELECT * FROM auth.sign_in_start('a@b.example', 'n')",
        "SELECT * FROM auth.sign_in_finish(gen_random_uuid())",
        "SELECT * FROM desk.roster(gen_random_uuid())",
        "SELECT * FROM admin.jobs()",
        "SELECT admin.device_enrol('nexus_desk_x', 'x', NULL, 'x')",
        "CREATE TABLE jobs.mine (x integer)",
        "CREATE FUNCTION jobs.now() RETURNS timestamptz LANGUAGE sql AS 'SELECT NULL::timestamptz'",
        "CREATE TEMP TABLE mine (x integer)",
        "ALTER TABLE jobs.procrastinate_jobs DISABLE ROW LEVEL SECURITY",
        "DROP FUNCTION app.job_done",
        "SET ROLE console_jobs",
        "SET ROLE console_owner",
        "CREATE ROLE nexus_worker_more LOGIN",
        "SELECT pg_read_file('/etc/passwd')",
        "COPY (SELECT 1) TO PROGRAM 'true'",
        "SELECT lo_create(0)",
        "SELECT pg_terminate_backend(pg_backend_pid() + 1)",
        "SELECT query FROM pg_stat_activity",
    ],
)
def test_a_workers_login_reads_and_changes_nothing_else(worker: Connection, statement: str) -> None:
    refused(worker, statement, by=(*SHUT, INVALID, "42704"))


def test_a_worker_signs_nobody_in_and_is_nobody(worker: Connection, target: Target) -> None:
    # Not even with a person's token: that belongs to the person's desk.
    worker.execute("SELECT set_config('nexus.token', %s, false)", [target.admin_person.token])
    for statement in (
        "SELECT auth.user_id()",
        "SELECT auth.venue_ids()",
        "SELECT auth.has('jobs.manage', NULL)",
    ):
        answers = answer_or_refusal(worker, statement, by=SHUT)
        assert not any(row[0] for row in answers), statement


def test_a_workers_lease_is_its_own(worker: Connection, target: Target) -> None:
    with target.administrator() as admin:
        message = value(
            admin,
            """INSERT INTO notifications (user_id, notification_type, title, body, channel, next_attempt_at)
               VALUES (%s, 'x', 'x', 'x', 'email', app.now()) RETURNING id""",
            [target.ours.parent],
        )
        taken = {row[0]: row[1] for row in rows(worker, "SELECT id, lease FROM notify.claim(500)")}
        assert message in taken
        # Somebody else neither sends it nor says what became of it before it went out.
        assert value(worker, "SELECT notify.handing(%s, %s)", [message, uuid4()]) is False
        worker.execute("SELECT notify.delivered(%s, 'x')", [message])
        worker.execute("SELECT notify.uncertain(%s, %s, 'x')", [message, uuid4()])
        worker.execute("SELECT notify.failed(%s, %s, 'x', true)", [message, uuid4()])
        assert value(admin, "SELECT state::text FROM notifications WHERE id = %s", [message]) == "sending"
        assert value(worker, "SELECT notify.handing(%s, %s)", [message, taken[message]]) is True
        assert value(worker, "SELECT notify.handing(%s, %s)", [message, taken[message]]) is False
        worker.execute("SELECT notify.give_back(%s)", [taken[message]])
        assert value(admin, "SELECT state::text FROM notifications WHERE id = %s", [message]) == "sending"
        worker.execute("SELECT notify.delivered(%s, 'ok')", [message])
        worker.execute("SELECT notify.failed(%s, %s, 'x', false)", [message, taken[message]])
        assert value(admin, "SELECT state::text FROM notifications WHERE id = %s", [message]) == "sent"


def test_a_worker_that_was_shut_out_comes_in_no_more(target: Target) -> None:
    with worker_login(target.database, "To go") as dsn, target.administrator() as admin:
        with closing(psycopg.connect(dsn, autocommit=True)) as connection:
            assert value(admin, "SELECT admin.worker_revoke('To go')") is True
            with pytest.raises(psycopg.Error):
                connection.execute("SELECT notify.waiting()")
        with pytest.raises(psycopg.OperationalError):
            psycopg.connect(dsn)
