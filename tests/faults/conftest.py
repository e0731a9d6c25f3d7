"""A small venue whose desk reaches its server through a network that can fail in every way."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from psycopg import conninfo

from console.storage.database import Database as DeskDatabase
from console.storage.servers import KnownServers
from tests.support.databases import Database
from tests.support.desk_process import Desk as DeskProcess
from tests.support.desk_process import Work
from tests.support.desk_world import Person, World
from tests.support.proxy import HOST, Proxy

Start = Callable[[Work], DeskProcess]


@dataclass
class Desk:
    """Somebody signed in at a desk, whose connections go through `network`."""

    person: Person
    network: Proxy
    database: DeskDatabase
    address: str


def through(dsn: str, proxy: Proxy) -> str:
    """The same address by way of a proxy."""
    return conninfo.make_conninfo(dsn, host=HOST, port=proxy.port)


def until(question: Callable[[], object], seconds: float = 30) -> None:
    """Wait until it is so."""
    give_up = time.monotonic() + seconds
    while not question():
        assert time.monotonic() < give_up, "it never happened"
        time.sleep(0.005)


@pytest.fixture
def start() -> Iterator[Start]:
    """Start desk processes; those that still run are killed afterwards."""
    running: list[DeskProcess] = []

    def one(work: Work) -> DeskProcess:
        running.append(DeskProcess(work))
        return running[-1]

    yield one
    for desk in running:
        desk.kill()


@pytest.fixture
def world(fresh_database: Database) -> Iterator[World]:
    """A venue at work."""
    with World(fresh_database) as made:
        yield made


@pytest.fixture
def network(world: World) -> Iterator[Proxy]:
    """A good network, until a test says otherwise."""
    with Proxy(world.database.server.port) as proxy:
        yield proxy


@pytest.fixture
async def desk(world: World, network: Proxy, tmp_path: Path) -> AsyncIterator[Desk]:
    """Jonas at the front desk."""
    person = world.person()
    address = through(person.dsn, network)
    database = DeskDatabase(address, known=KnownServers(tmp_path / "servers.json"))
    await database.set_token(person.token)
    yield Desk(person, network, database, address)
    network.pass_on()
    await database.close()
