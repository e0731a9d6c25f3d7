"""Files that go out, whole or not at all, and the one that a desk keeps up to date in a folder.

A calendar program, or a web server, reads the kept file whenever it likes: it is written beside its place, forced to
the disk and moved there, and only when something in it changed. See docs/design.md, "Runtime".
"""

from __future__ import annotations

import asyncio
import os
import re
from collections.abc import Callable
from contextlib import suppress
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Protocol
from uuid import UUID

from console.domain.exchange import ProgrammeOut, Published, Wish, Written
from console.errors import FileTrouble, Unavailable
from console.services.exchange import calendar_out, sheets_out
from console.storage.exchange import ExchangeQueries

_DAYS_KEPT = 400
_LONGEST_NAME = 120


class Memory(Protocol):
    """Where this desk keeps what it was told, by name."""

    def filters(self, page_key: str) -> list[dict[str, Any]]:
        """What is kept under a name."""
        ...

    def save_filters(self, page_key: str, filters: list[dict[str, Any]]) -> None:
        """Keep this in place of what was."""
        ...


def write(path: Path, programme: ProgrammeOut, wish: Wish) -> Written:
    """Write a file of any format to its place, whole or not at all. Raises FileTrouble."""
    made: list[int] = []

    def fill(draft: Path) -> None:
        if wish.format == "ics":
            data, count = calendar_out.calendar(programme, wish)
            draft.write_bytes(data)
            made.append(count)
        else:
            made.append(sheets_out.write(draft, programme, wish))

    replace_file(path, fill)
    return Written(str(path), made[0])


def replace_file(path: Path, fill: Callable[[Path], None]) -> None:
    """Let `fill` write a draft beside `path`, and move it there once it is on the disk. Raises FileTrouble."""
    # The ending stays last: what writes workbooks looks at it.
    draft = path.with_name(f".{path.stem}.part{path.suffix}")
    try:
        fill(draft)
        with draft.open("rb+") as file:
            os.fsync(file.fileno())
        draft.replace(path)
        _settle(path.parent)
    except OSError as error:
        raise FileTrouble(
            "The file cannot be written.", hint="Choose another folder.", code="file_not_written"
        ) from error
    finally:
        with suppress(OSError):
            draft.unlink(missing_ok=True)


def _settle(folder: Path) -> None:
    """Force the folder's own entry to the disk, where the system knows such a thing."""
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


class KeptFile:
    """The calendar file of one venue in a folder of this desk's choice."""

    def __init__(
        self, queries: ExchangeQueries, venue_id: UUID, memory: Memory, today: Callable[[], date]
    ) -> None:
        """`today` is the venue's day. Nothing is written before `refresh`."""
        self._queries, self._venue_id, self._memory, self._today = queries, venue_id, memory, today
        self._problem: str | None = None
        self._lock = asyncio.Lock()
        self._asked = 0

    @property
    def place(self) -> Published | None:
        """What is kept where; None: nothing."""
        kept = self._memory.filters(self._key)
        if not kept or not isinstance(kept[0].get("folder"), str):
            return None
        room = kept[0].get("room_id")
        try:
            room_id = UUID(room) if room else None
        except (ValueError, TypeError, AttributeError):
            room_id = None
        return Published(kept[0]["folder"], room_id, kept[0].get("instructor") or None, self._problem)

    async def keep(self, wish: Published | None) -> Published | None:
        """Keep it so from now on, and write it at once. Raises where that fails; then everything stays as it was."""
        if wish is None:
            self._memory.save_filters(self._key, [])
            self._problem = None
            return None
        await self._write(wish)
        kept = {
            "folder": wish.folder,
            "room_id": str(wish.room_id or ""),
            "instructor": wish.instructor or "",
        }
        self._memory.save_filters(self._key, [kept])
        self._problem = None
        return self.place

    async def refresh(self) -> bool:
        """Bring the file up to date, if one is kept; whether it was written. Called often, it works once at a time.

        What keeps it from being written is remembered in `place` and said nowhere else: the next change tries again.
        """
        self._asked += 1
        mine = self._asked
        async with self._lock:
            place = self.place
            if place is None or mine != self._asked:
                # A later call sees everything that this one would.
                return False
            try:
                written = await self._write(place)
            except Unavailable as error:
                self._problem = error.sentence
                return False
            self._problem = None
            return written

    async def _write(self, place: Published) -> bool:
        first = (self._today().replace(day=1) - timedelta(days=1)).replace(day=1)
        wish = Wish(
            "ics", "session", first, first + timedelta(days=_DAYS_KEPT), place.room_id, place.instructor
        )
        programme = await self._queries.programme(self._venue_id, wish.first, wish.last)
        return await asyncio.to_thread(_keep, programme, wish, Path(place.folder))

    @property
    def _key(self) -> str:
        return f"published:{self._venue_id}"


def file_name(programme: ProgrammeOut, wish: Wish, ending: str = "ics") -> str:
    """A name for a file, of letters that every system takes."""
    room = next((one.name for one in programme.rooms if one.id == wish.room_id), "")
    parts = [one for one in (programme.venue, room, wish.instructor or "") if one]
    plain = re.sub(r"[^\w .-]+", "_", " - ".join(parts)).strip(" .")[:_LONGEST_NAME]
    return f"{plain or 'programme'}.{ending}"


def _keep(programme: ProgrammeOut, wish: Wish, folder: Path) -> bool:
    data, _ = calendar_out.calendar(programme, wish)
    path = folder / file_name(programme, wish)
    try:
        if path.read_bytes() == data:
            return False
    except FileNotFoundError:
        if not folder.is_dir():
            raise FileTrouble(
                "The folder is not there.", hint="Choose another one.", code="no_folder"
            ) from None
    except OSError:
        pass  # writing it says what is wrong
    replace_file(path, lambda draft: _fill(draft, data))
    return True


def _fill(draft: Path, data: bytes) -> None:
    draft.write_bytes(data)
