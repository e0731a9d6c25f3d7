"""The screen's own service of background jobs, over a real administrator's login, with a worker that really runs."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime, time, timedelta
from uuid import uuid4

import pytest

from console.domain.jobs import (
    RunOutcome,
    WorkerLogin,
    is_worker_silent,
    new_worker_login,
    when_words,
    worker_store_name,
)
from console.errors import Denied, NotFound
from console.models.gateway_jobs import JobsGateway
from console.services.jobs import JobService
from console.storage.database import Database as DeskDatabase
from console.storage.jobs import JobQueries
from console.worker.queue import Worker
from tests.support import factories, identities
from tests.support.databases import Database
from tests.support.workers import job, worker_login

NOON = factories.NOON
PURGE = job("purge", "app.purge_old_job_runs")
BROKEN = job("broken", "app.nobody_made_this")


@pytest.fixture
async def service(fresh_database: Database) -> AsyncIterator[JobService]:
    with identities.at_desk(fresh_database, "platform_admin") as ada:
        database = DeskDatabase(ada.desk.dsn)
        await database.set_token(ada.token)
        made = JobService(JobQueries(database))
        gateway: JobsGateway = made
        assert isinstance(gateway, JobService)
        yield made
        await database.close()


async def test_the_screen_sees_what_the_worker_did(
    fresh_database: Database, service: JobService, expected_logs: list[str]
) -> None:
    assert await service.jobs() == []
    with worker_login(fresh_database, "Back office") as dsn:
        worker = Worker(dsn, jobs=[PURGE, BROKEN])
        await worker.run_once()
        purge, broken = await service.jobs()
        assert (purge.title, purge.when_words) == ("Purge", "Every hour")
        assert (purge.last_outcome, purge.last_did, purge.last_why) == (RunOutcome.DONE, "Nothing.", None)
        assert purge.last_seconds is not None
        assert (broken.last_outcome, broken.last_did, broken.failures) == (RunOutcome.FAILED, None, 1)
        assert broken.last_why is not None
        assert broken.last_why.startswith("The database does not fit this console.")
        assert purge.next_at > broken.next_at  # tried again in a minute
        assert purge.worker_seen_at is not None
        assert not is_worker_silent(purge.worker_seen_at, datetime.now(purge.worker_seen_at.tzinfo))

        asked = await asyncio.gather(service.run_now("purge"), service.run_now("purge"))
        assert sorted(asked) == [False, True]
        assert [(one.name, one.queued) for one in await service.jobs()] == [
            ("purge", True),
            ("broken", False),
        ]
        await worker.run_once()
        runs = await service.runs("purge")
        assert [(one.worker_name, one.outcome, one.touched) for one in runs] == [
            ("Back office", RunOutcome.DONE, 0)
        ] * 2
    assert runs[0].started_at > runs[1].started_at
    with pytest.raises(NotFound):
        await service.run_now("nobody knows this")
    assert len(expected_logs) == 1


async def test_the_mail_is_counted_and_a_message_nobody_wrote_is_not_sent_again(service: JobService) -> None:
    counts = await service.mail_counts()
    assert (counts.waiting, counts.failed, counts.uncertain, counts.oldest_due) == (0, 0, 0, None)
    assert await service.undelivered() == []
    with pytest.raises(NotFound):
        await service.send_again(uuid4())


async def test_a_message_that_did_not_arrive_is_listed_without_its_address(
    fresh_database: Database, service: JobService
) -> None:
    with fresh_database.connect() as admin:
        parent = factories.parent(admin, email="nia.example@home.example")
        admin.execute(
            """INSERT INTO notifications (user_id, notification_type, title, body, channel, state, send_error)
               VALUES (%s, 'session_cancelled', 'Cancelled', 'Words.', 'email', 'failed', 'The mailbox is full.')""",
            [parent],
        )
    (message,) = await service.undelivered()
    assert (message.state, message.why) == ("failed", "The mailbox is full.")
    assert "nia" not in message.address
    assert await service.undelivered(message) == []
    await service.send_again(message.id)
    assert await service.undelivered() == []


async def test_a_manager_of_a_venue_is_refused(fresh_database: Database) -> None:
    with identities.at_desk(fresh_database, "manager") as ines:
        database = DeskDatabase(ines.desk.dsn)
        await database.set_token(ines.token)
        service = JobService(JobQueries(database))
        for call in (service.jobs, service.mail_counts, service.undelivered):
            with pytest.raises(Denied):
                await call()
        for question in (service.runs("purge"), service.run_now("purge"), service.send_again(uuid4())):
            with pytest.raises(Denied):
                await question
        await database.close()


@pytest.mark.parametrize(
    ("every", "daily", "words"),
    [
        (1, None, "Every minute"),
        (15, None, "Every 15 minutes"),
        (60, None, "Every hour"),
        (120, None, "Every 2 hours"),
        (None, time(3, 5), "Every day at 03:05 UTC"),
    ],
)
def test_when_a_job_runs_in_words(every: int | None, daily: time | None, words: str) -> None:
    assert when_words(every, daily) == words


def test_a_worker_is_silent_after_two_minutes() -> None:
    assert is_worker_silent(None, NOON)
    assert not is_worker_silent(NOON - timedelta(minutes=2), NOON)
    assert is_worker_silent(NOON - timedelta(seconds=121), NOON)


def test_a_login_is_kept_as_text_and_shows_no_secret() -> None:
    made = new_worker_login(" Back Office ")
    assert made.role.startswith("nexus_worker_back_office_")
    assert WorkerLogin.from_text(made.to_text()) == made
    assert made.secret not in repr(made)
    assert worker_store_name("a") != worker_store_name("b")
    for broken in ("", "[]", "{}", made.to_text().replace("nexus_worker", "nexus_desk")):
        with pytest.raises(ValueError):
            WorkerLogin.from_text(broken)
