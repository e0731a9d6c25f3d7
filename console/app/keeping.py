"""What a desk keeps by itself: its outbox, its walk-ins, and the rosters of whoever is signed in.

One per server and desk, from the first contact to the end of the console: the outbox outlives whoever is signed in, the
rosters are opened with a person's password and closed when they leave. See docs/design.md, "The desk protocol".
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from console import logs, paths
from console.clock import CorrectedClock
from console.domain.attendance import EventKind
from console.domain.person import Person
from console.domain.sealed_notes import NotesCount, NoteState
from console.domain.sync import Recovered
from console.errors import Denied, Unavailable

if TYPE_CHECKING:
    from console.services.desk_keys import DeskKeys
    from console.services.outbox import OutboxRecorder
    from console.storage.cache import CacheFile
    from console.storage.database import Database
    from console.storage.outbox import OutboxFile
    from console.storage.sealed_notes import FamilyNotesFile, WalkInFile
    from console.storage.secrets import SecretStore

log = logs.logger(__name__)


class Keeping:
    """The desk's own files at work."""

    def __init__(
        self, keys: DeskKeys, recorder: OutboxRecorder, outbox: OutboxFile, walk_ins: WalkInFile
    ) -> None:
        """Use files that are open; `open_keeping` opens them."""
        self.keys, self.recorder, self.outbox, self.walk_ins = keys, recorder, outbox, walk_ins
        self.cache: CacheFile | None = None
        self._person: Person | None = None

    @property
    def family_notes(self) -> FamilyNotesFile | None:
        """The new families that the person signed in took down; None without their rosters."""
        from console.storage.sealed_notes import FamilyNotesFile

        return None if self.cache is None else FamilyNotesFile(self.cache.sealed_file)

    @property
    def recovered(self) -> list[Recovered]:
        """What became of files that could not be read as they were."""
        return [one.recovered for one in (self.outbox, self.walk_ins) if one.recovered is not None]

    async def derive_ahead(self, email: str, password: str) -> bytes | None:
        """Work on the person's key while the server is asked; a desk that cannot keep secrets has none."""
        try:
            return await asyncio.to_thread(self.keys.derive_ahead, email, password)
        except Unavailable:
            return None

    async def signed_in(self, person: Person, password: str, ahead: bytes | None = None) -> bool:
        """Open the person's rosters, from now for a week also without the server; False where they were damaged.

        A desk that cannot keep them (a full disk, no place for secrets) works on with the server alone.
        """
        self._person = person
        try:
            self.cache = await asyncio.to_thread(self.keys.signed_in, person, password, ahead)
        except Unavailable as error:
            log.warning("this desk keeps no rosters: %s", error.code)
            return True
        return self.cache.recovered is None

    async def unlock(self, email: str, password: str, ahead: bytes | None = None) -> Person:
        """Who opens this desk's rosters with their password, without a server. Raises Denied and SignInRefused."""
        user_id = await asyncio.to_thread(self.keys.find, email)
        if user_id is None:
            raise Denied(
                "Nobody with this address has signed in at this desk lately.",
                hint="It needs the server.",
                code="unlock_unknown",
            )
        self.cache = await asyncio.to_thread(self.keys.unlock, user_id, password, ahead)
        person = await asyncio.to_thread(self.cache.person)
        if person is None:
            raise Denied(
                "This desk keeps nothing of yours.", hint="It needs the server.", code="unlock_unknown"
            )
        self._person = person
        return person

    async def waiting(self) -> list[EventKind]:
        """The kinds of the events that the server does not know yet."""
        return [one.event.kind for one in await self.recorder.waiting()]

    async def notes_left(self) -> NotesCount:
        """The walk-ins of this desk and the new families of this person that the server does not have."""
        return await asyncio.to_thread(self._count_notes)

    def _count_notes(self) -> NotesCount:
        families = self.family_notes
        walk_ins, new = self.walk_ins.unsettled(), families.unsettled() if families is not None else []
        states = [*(one.state for one in walk_ins), *(one.state for one in new)]
        return NotesCount(len(walk_ins), len(new), states.count(NoteState.ATTENTION))

    async def leave(self, *, wipe: bool) -> None:
        """The person leaves. With `wipe` their rosters go, unless something of theirs is still to be sent."""
        cache, person = self.cache, self._person
        self.cache = self._person = None
        if cache is None:
            return
        keep = not wipe or person is None or await asyncio.to_thread(_has_notes, cache)
        if keep or (await self.recorder.count()).waiting:
            await asyncio.to_thread(cache.close)
        elif person is not None:
            await asyncio.to_thread(self.keys.forget, person.id, cache)

    async def revoked(self) -> None:
        """The desk was shut out: nobody's rosters stay on it. The outbox stays until somebody decides."""
        if self.cache is not None:
            await asyncio.to_thread(self.cache.close)
        self.cache = self._person = None
        await asyncio.to_thread(self.keys.forget_everybody)

    async def close(self) -> None:
        """Close every file: the console ends."""
        await self.leave(wipe=False)
        await self.recorder.close()
        for file in (self.outbox, self.walk_ins):
            await asyncio.to_thread(file.close)


async def open_keeping(database: Database, secrets: SecretStore, clock: CorrectedClock) -> Keeping:
    """Open this desk's files for one server. Raises Unavailable where the disk is full or they are in use."""
    from console.services.desk_keys import DeskKeys
    from console.services.outbox import OutboxRecorder
    from console.storage.attendance import AttendanceStore
    from console.storage.place import role_of
    from console.storage.sealed_notes import WalkInFile

    folder = paths.desk_dir(role_of(database.dsn))
    keys = DeskKeys(folder, secrets, clock)

    def open_files() -> tuple[OutboxFile, WalkInFile]:
        folder.mkdir(parents=True, exist_ok=True)
        return keys.open_outbox(), WalkInFile(folder / "walk-ins.db", keys.device_key(), now=clock.now())

    outbox, walk_ins = await asyncio.to_thread(open_files)
    return Keeping(keys, OutboxRecorder(AttendanceStore(database), outbox, clock), outbox, walk_ins)


def _has_notes(cache: CacheFile) -> bool:
    from console.storage.sealed_notes import FamilyNotesFile

    return bool(FamilyNotesFile(cache.sealed_file).unsettled())
