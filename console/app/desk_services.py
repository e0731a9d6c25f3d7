"""The services behind one front desk, with and without a server: reads, attendance, the day, families, and the upload.

With files of its own the desk answers from them within a second and sends what waits by itself; without (no rosters, a
full disk) the same services ask the server alone. See docs/design.md, "The desk protocol".
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from console.domain.judging import Standpoint
from console.domain.sync import AttentionItem, SyncStatus
from console.models.gateway import FamilyGateway
from console.models.runner import TaskRunner
from console.permissions import Permission
from console.services.attendance import AttendanceService
from console.services.attention import AttentionService
from console.services.day import DayService
from console.services.families import FamilyService
from console.services.known_children import KnownChildren
from console.services.local_building import LocalBuilding
from console.services.local_desk import LocalDesk
from console.services.memory_events import MemoryEvents
from console.services.noted_rosters import NotedRosters
from console.services.offline_families import OfflineFamilies
from console.services.offline_walk_ins import OfflineWalkIns
from console.services.outbox import OutboxRecorder
from console.services.reviews import ReviewService
from console.services.rosters import DeskService
from console.services.snapshots import Snapshots
from console.services.sync import SyncEngine
from console.storage.attendance import AttendanceStore
from console.storage.contact import ServerTime
from console.storage.day import DayQueries
from console.storage.desk import DeskQueries
from console.storage.families import FamilyStore
from console.storage.reviews import ReviewQueries
from console.storage.snapshot import SnapshotQueries
from console.storage.walk_ins import WalkInStore

if TYPE_CHECKING:
    from console.app.workplace import Tools
    from console.domain.person import Person, VenueRef


OTHER_VENUES_SECONDS = 600.0
"""How often the rosters of a person's other venues are fetched while they work at this one."""


class DeskServices:
    """Everything one person at one desk of one venue works with, except screens."""

    def __init__(self, tools: Tools, person: Person, venue: VenueRef) -> None:
        """Nothing is asked of the server, and nothing is sent, before `start`."""
        database, clock, keeping = tools.database, tools.clock, tools.keeping
        zone = ZoneInfo(venue.timezone)
        self._tools, self._venue = tools, venue
        self._keeping = keeping
        self._others = [
            other
            for other in person.venues
            if other.id != venue.id
            and person.device.venue_id in (None, other.id)
            and person.can(Permission.ROSTER_READ, other.id)
        ]
        self._others_at: float | None = None
        self._runner = TaskRunner(tools.reached)
        where = Standpoint(
            person.device.name,
            person.id,
            person.first_name,
            zone,
            person.can(Permission.ATTENDANCE_UNDO_ANY, venue.id),
        )
        if keeping is None:
            self.recorder = OutboxRecorder(AttendanceStore(database), MemoryEvents(), clock)
        else:
            self.recorder = keeping.recorder
        cache = keeping.cache if keeping is not None else None
        families = keeping.family_notes if keeping is not None else None
        kept = (
            NotedRosters(cache, keeping.walk_ins, families, zone) if keeping and cache is not None else None
        )
        self.local = LocalDesk(DeskQueries(database), self.recorder, kept, venue.id, where, clock)
        attendance = AttendanceService(
            self.recorder, clock, venue_id=venue.id, person_id=person.id, known=self.local
        )
        local = LocalBuilding(self.local, kept, self.recorder.link, venue.id, zone, clock) if kept else None
        self.day = DayService(DayQueries(database), attendance, venue.id, clock, local=local)
        server = FamilyService(FamilyStore(database), attendance, venue.id, clock)
        self.server_families = server
        self.families: FamilyGateway = server
        self.notes: OfflineWalkIns | None = None
        self.notes_changed: Callable[[], None] = lambda: None
        """Told when a walk-in or a new family was kept, taken or refused."""
        if keeping is not None and kept is not None:
            self.notes = OfflineWalkIns(
                keeping.walk_ins,
                families,
                keeping.outbox,
                WalkInStore(database),
                venue.id,
                person.id,
                clock,
                changed=lambda: self.notes_changed(),
            )
            self.families = OfflineFamilies(
                server, self.notes, KnownChildren(kept, venue.id, zone), self.recorder.link, venue.id, person.id,
                zone, clock, nudge=self._nudge,
            )  # fmt: skip
        self.snapshots = Snapshots(SnapshotQueries(database), cache) if cache is not None else None
        may_discard = person.can(Permission.REVIEW_ITEMS_RESOLVE, venue.id)
        self.attention = AttentionService(
            self.recorder, kept, clock, person_id=person.id, first_name=person.first_name, may_discard=may_discard,
            notes=self.notes, send=self._nudge,
        )  # fmt: skip
        self.reviews = ReviewService(ReviewQueries(database), self.recorder, venue.id, clock)
        self.engine = SyncEngine(
            ServerTime(database),
            self.recorder,
            self._download,
            clock,
            failed=tools.reached,
            renew=self._before_upload,
        )
        self.rosters = DeskService(self.local, attendance, venue.id, status=lambda: self.engine.status)

    async def start(self, told: Callable[[SyncStatus], None], returned: Callable[[], None]) -> None:
        """Watch the connection; what waits from earlier is sent first. Does nothing on a desk that keeps nothing."""
        if self._keeping is None:
            return
        self.engine.on_status(told, returned)
        as_of = await self.snapshots.as_of(self._venue.id) if self.snapshots is not None else None
        self.engine.start(as_of, offline=self._tools.offline)

    async def stop(self) -> None:
        """End the watching; the outbox stays as it is."""
        self._runner.cancel_all()
        await self.engine.stop()

    def _nudge(self) -> None:
        self._runner.start(self._send_notes(), "notes")

    async def _send_notes(self) -> None:
        if self.notes is not None and not self.recorder.link.is_away:
            await self.notes.send()
            self.recorder.nudge()

    async def attention_items(self) -> list[AttentionItem]:
        """The events of this desk that need somebody, also those that follow a walk-in."""
        return await self.attention.events()

    async def _download(self) -> datetime | None:
        if self.snapshots is None:
            return None
        fetched = await self.snapshots.refresh(self._venue.id)
        # Whoever works at several venues finds all of them without a server; the others may be a little older.
        now = self._tools.clock.monotonic()
        if self._others and (self._others_at is None or now - self._others_at > OTHER_VENUES_SECONDS):
            self._others_at = now
            for venue in self._others:
                await self.snapshots.refresh(venue.id)
        return fetched.taken_at

    async def _before_upload(self) -> None:
        await self._tools.database.renew()
        if self._tools.before_upload is not None:
            await self._tools.before_upload()
        if self.notes is not None:
            await self.notes.send()
