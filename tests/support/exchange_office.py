"""A venue's files in the hands of somebody at a desk, through the console's own service and a real database."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from console.clock import FixedClock
from console.domain.exchange import Columns, Format, Kind, Opened, Report, Wish
from console.models.gateway_exchange import ExchangeGateway
from console.services.exchange.importer import ExchangeService
from console.storage.database import Database as DeskDatabase
from console.storage.exchange import ExchangeQueries
from console.storage.programme import ProgrammeQueries
from tests.support.desk_world import Person
from tests.support.planning import Programme

MONDAY = date(2026, 3, 2)
QUARTER = MONDAY + timedelta(days=120)


@dataclass
class Memory:
    """What a desk remembers."""

    kept: dict[str, list[dict[str, Any]]] = field(default_factory=dict)

    def filters(self, page_key: str) -> list[dict[str, Any]]:
        """What is kept under a name."""
        return self.kept.get(page_key, [])

    def save_filters(self, page_key: str, filters: list[dict[str, Any]]) -> None:
        """Keep this."""
        self.kept[page_key] = filters


def nothing(_done: int, _total: int) -> None:
    """Progress that nobody watches."""


@dataclass
class FileOffice:
    """Somebody's service, with what it stands on."""

    programme: Programme
    service: ExchangeService
    memory: Memory

    async def send(self, path: Path, what: Kind = "series", **wish: Any) -> Path:
        """Write the programme of four months to `path`, in the format of its name."""
        formats: dict[str, Format] = {".ics": "ics", ".csv": "csv", ".xlsx": "xlsx"}
        kind = formats[path.suffix]
        first, last = wish.pop("first", MONDAY), wish.pop("last", QUARTER)
        await self.service.export(Wish(kind, what, first, last, **wish), path)
        return path

    async def look(self, path: Path, columns: Columns | None = None) -> Report:
        """What a file would make."""
        opened = await self.service.open_file(path, nothing)
        return await self.look_at(opened, columns)

    async def look_at(self, opened: Opened, columns: Columns | None = None) -> Report:
        """What it would make."""
        return await self.service.look(opened, columns, 8, nothing)


@asynccontextmanager
async def file_office(
    programme: Programme, person: Person | None = None, **more: Any
) -> AsyncIterator[FileOffice]:
    """The office of somebody, by default of who holds the programme."""
    who = person or programme.who
    database = DeskDatabase(who.dsn)
    await database.set_token(who.token)

    async def at_once(_seconds: float) -> None:
        return None

    memory = Memory()
    zone = programme.world.one("SELECT timezone AS z FROM venues WHERE id = %s", programme.world.venue)["z"]
    service = ExchangeService(
        ExchangeQueries(database), ProgrammeQueries(database), programme.world.venue, ZoneInfo(zone),
        FixedClock(programme.world.now), memory, sleep=at_once, **more,
    )  # fmt: skip
    gateway: ExchangeGateway = service
    assert isinstance(gateway, ExchangeService)
    try:
        yield FileOffice(programme, service, memory)
    finally:
        await database.close()
