"""Invoices by mail over a real SMTP server: with their PDF, once, and what is uncertain is left to a person.

docs/operations.md, "Mail".
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID

import pytest

from console.storage.worker import WorkerDatabase
from console.worker import invoice_mail, registry, smtp_settings
from tests.support.databases import Database
from tests.support.desk_world import NOON, Person, World
from tests.support.invoicing import PDF, facts, issued
from tests.support.mail_server import At, Fault, mail_server
from tests.support.workers import worker_login


@pytest.fixture
def world(fresh_database: Database) -> Iterator[World]:
    with World(fresh_database) as made:
        yield made


@pytest.fixture
def amara(world: World) -> Person:
    return world.person("platform_finance", name="Amara", desk=world.desk("Finance"))


@pytest.fixture
def worker(world: World) -> Iterator[str]:
    with worker_login(world.database) as dsn:
        yield dsn


def wanted(world: World, amara: Person, number: int = 1) -> list[UUID]:
    """Issued invoices that somebody asked to be sent."""
    made = [issued(world, amara) for _ in range(number)]
    amara.call("SELECT * FROM invoices.send(%s)", made)
    return made


def states(amara: Person, invoices: list[UUID]) -> list[str]:
    return [str(facts(amara, one)["send_state"]) for one in invoices]


async def test_an_invoice_arrives_once_with_its_pdf(world: World, amara: Person, worker: str) -> None:
    made = wanted(world, amara, 3)
    async with mail_server() as server:
        settings = smtp_settings.parse(server.url)
        assert (await invoice_mail.deliver(worker, settings)).said == "Mail: 3 sent."
        assert (await invoice_mail.deliver(worker, settings)).said == "No mail was due."
    assert states(amara, made) == ["sent"] * 3
    assert len({kept.mail["Message-ID"] for kept in server.accepted}) == len(server.accepted) == 3
    for kept in server.accepted:
        assert kept.recipients == ["invoices@cascadia.example"]
        body = kept.mail.get_body()
        assert body is not None
        assert body.get_content().startswith("Good day,")
        (paper,) = list(kept.mail.iter_attachments())
        number = str(kept.mail["Subject"]).split()[1]
        assert (paper.get_content_type(), paper.get_filename()) == ("application/pdf", f"{number}.pdf")
        assert paper.get_content() == PDF + number.encode()


async def test_put_off_refused_and_uncertain_are_told_apart(world: World, amara: Person, worker: str) -> None:
    made = wanted(world, amara, 3)
    faults: list[Fault | At] = [At("451 4.3.0 later"), At("550 5.1.1 no such user"), Fault.CUT_AFTER]
    async with mail_server(*faults) as server:
        settings = smtp_settings.parse(server.url)
        done = await invoice_mail.deliver(worker, settings)
        assert (done.later, done.refused, done.uncertain) == (1, 1, 1)
        assert sorted(states(amara, made)) == ["failed", "uncertain", "waiting"]
        world.at(NOON + timedelta(hours=1))
        assert (await invoice_mail.deliver(worker, settings)).sent == 1
    assert sorted(states(amara, made)) == ["failed", "sent", "uncertain"]
    assert len(server.accepted) == len(server.taken) == 1


async def test_without_a_mail_server_invoices_wait(
    world: World, amara: Person, worker: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = wanted(world, amara, 1)
    monkeypatch.delenv(smtp_settings.VARIABLE, raising=False)
    job = next(one for one in registry.JOBS if one.name == "send_invoices")
    assert job.woken_by == "nexus_invoices"
    assert not isinstance(job.does, str)
    did = await job.does(WorkerDatabase(worker))
    assert (did.amount, did.words[:44]) == (0, "Mail is not set up, so 1 message waited. Set")
    assert states(amara, made) == ["waiting"]
