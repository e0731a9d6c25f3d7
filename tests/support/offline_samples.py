"""A desk with its sealed files over a real database, whose network can be cut: for tests of walk-ins offline."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import Executable, Row

from console.clock import FixedClock
from console.domain.families import Payment
from console.errors import Unavailable
from console.services.attendance import AttendanceService
from console.services.families import FamilyService
from console.services.known_children import KnownChildren
from console.services.link import Link
from console.services.noted_rosters import NotedRosters
from console.services.offline_families import OfflineFamilies
from console.services.offline_walk_ins import OfflineWalkIns
from console.services.outbox import OutboxRecorder
from console.storage.attendance import AttendanceStore
from console.storage.cache import CacheFile
from console.storage.database import Database
from console.storage.families import FamilyStore
from console.storage.outbox import OutboxFile
from console.storage.sealed_notes import FamilyNotesFile, WalkInFile
from console.storage.snapshot import SnapshotQueries
from console.storage.walk_ins import WalkInStore
from tests.support.desk_world import NOON, SOON, Person, World
from tests.support.places import family, priced

ZONE = ZoneInfo("America/New_York")
DEVICE_KEY = bytes(range(32))
PERSON_KEY = bytes(range(1, 33))
LOST = Unavailable("The database cannot be reached.", code="database_unreachable")


class CuttableDatabase(Database):
    """A desk's database whose calls may not arrive, or whose answers may not come back."""

    arrives = True
    loses = ""
    """The answer to a statement with these words does not come back, though it was run."""

    async def fetch(
        self, statement: Executable | str, parameters: Mapping[str, Any] | None = None
    ) -> Sequence[Row[Any]]:
        """Every row of a statement, over a network that may be cut."""
        if not self.arrives:
            raise LOST
        rows = await super().fetch(statement, parameters)
        if self.loses and self.loses in str(statement):
            raise LOST
        return rows


async def at_once(seconds: float) -> None:
    """A wait that takes no time."""
    await asyncio.sleep(0)


class DeskAtWork:
    """One console of a desk, with everything that walk-ins need. Made again over the same folder, it is restarted."""

    def __init__(self, folder: Path, database: CuttableDatabase, venue: UUID, who: Person) -> None:
        """The files are opened or made; nothing is asked of the server."""
        self.database, self.venue = database, venue
        self.clock = FixedClock(NOON)
        self.outbox = OutboxFile(folder / "outbox.db", DEVICE_KEY)
        self.walk_ins = WalkInFile(folder / "walk-ins.db", DEVICE_KEY)
        self.cache = CacheFile(folder / f"cache-{who.id}.db", PERSON_KEY)
        families = FamilyNotesFile(self.cache.sealed_file)
        self.rosters = NotedRosters(self.cache, self.walk_ins, families, ZONE)
        self.link = Link(self.clock)
        self.link.watched = True
        self.recorder = OutboxRecorder(
            AttendanceStore(database), self.outbox, self.clock, link=self.link, sleep=at_once
        )
        attendance = AttendanceService(
            self.recorder, self.clock, venue_id=venue, person_id=who.id, sleep=at_once
        )
        self.notes = OfflineWalkIns(
            self.walk_ins, families, self.outbox, WalkInStore(database), venue, who.id, self.clock
        )
        self.desk = OfflineFamilies(
            FamilyService(FamilyStore(database), attendance, venue, self.clock, sleep=at_once),
            self.notes,
            KnownChildren(self.rosters, venue, ZONE),
            self.link,
            venue,
            who.id,
            ZONE,
            self.clock,
            within=5,
        )

    async def fetch(self) -> None:
        """Bring the cache up to date."""
        known = self.cache.state(self.venue)
        fetched = await SnapshotQueries(self.database).fetch(self.venue, known[1] if known else None)
        self.cache.put_fetched(fetched)

    def cut(self) -> None:
        """The network is gone, and the desk knows it."""
        self.database.arrives = False
        self.link.lost()

    async def back(self) -> None:
        """The network is back: notes first, then the outbox, as the console does."""
        self.database.arrives, self.database.loses = True, ""
        await self.notes.send()
        await self.recorder.flush()
        await self.notes.send()
        await self.recorder.flush()
        self.link.returned()

    def later(self, **step: float) -> None:
        """The desk's clock moves."""
        self.clock.advance(timedelta(**step))

    def close(self) -> None:
        """Close every file, as at the end of the console."""
        self.outbox.close()
        self.walk_ins.close()
        self.cache.close()


class Lobby:
    """The morning of these tests: a session to walk into, and Nia, who is booked for another day of the week."""

    def __init__(self, world: World, jonas: Person, database: CuttableDatabase, folder: Path) -> None:
        self.world, self.jonas, self.database, self.folder = world, jonas, database, folder
        self.session = priced(world, 2, "Pottery", starts_at=SOON)
        self.child = family(world, "Nia")
        week = world.other_session("Ballet", starts_at=SOON + timedelta(days=2))
        self.booking = world.booking(self.child, session=week)
        self.desk = self.start()

    def start(self) -> DeskAtWork:
        """The console starts, again perhaps."""
        self.desk = DeskAtWork(self.folder, self.database, self.world.venue, self.jonas)
        return self.desk

    def restart(self) -> DeskAtWork:
        """The console is ended and starts again."""
        self.desk.close()
        return self.start()

    async def nia(self) -> UUID:
        """Nia's number, as the desk finds her."""
        ((found,), *others) = [one.children for one in await self.desk.desk.find_families("ni")]
        assert (found.first_name, others) == ("Nia", [])
        return found.id

    async def walk_in(self) -> UUID:
        """Nia walks in, offline; the number of her booking."""
        booked = await self.desk.desk.take_place(
            self.session, Payment.CREDITS, child_id=await self.nia(), check_in=True
        )
        assert booked.kept
        assert booked.answer is not None
        assert booked.answer.kept
        return booked.booking_id

    def kept(self, number: UUID) -> dict[str, object]:
        """The booking at the server."""
        return self.world.one(
            """SELECT child_id, session_id, attendance_state::text AS state, attendance_at AS at
                 FROM bookings WHERE id = %s""",
            number,
        )
