"""A venue's programme in and out of files: opened, looked at, taken in; written, and kept up to date.

Big files are read in a thread that can be stopped. What was looked at is kept until it is confirmed, so that nothing
else can be done than what was shown; a confirmation carries an id that is made here, so that sent again it happens
once. See docs/design.md, "Runtime" and "Screens" (schedule).
"""

from __future__ import annotations

import asyncio
import secrets
import ssl
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import TypeVar
from uuid import UUID
from zoneinfo import ZoneInfo

from console.clock import Clock
from console.domain.exchange import (
    MOST_DAYS_OUT,
    MOST_ENTRIES,
    Columns,
    Entry,
    Opened,
    Outcome,
    Published,
    Reading,
    Report,
    ReportRow,
    Taken,
    Unread,
    Wish,
    Written,
)
from console.domain.ids import RANDOM_BYTES, uuid7
from console.domain.programme import Choices
from console.errors import FileTrouble, Invalid, NotFound
from console.services.exchange import (
    calendar_in,
    mapping,
    openactive,
    published,
    remote,
    sheets_in,
    sheets_read,
)
from console.services.exchange.published import KeptFile, Memory
from console.services.imports.text import decode
from console.services.retry import Sleep, until_answered
from console.storage.exchange import ExchangeQueries
from console.storage.programme import ProgrammeQueries

LARGEST_FILE = 20 * 1024 * 1024
_MOST_TAGS = 20

Answer = TypeVar("Answer")
Progress = Callable[[int, int], None]


class _StoppedError(Exception):
    """The person does not wait for the file any more."""


@dataclass(frozen=True, slots=True)
class _Looked:
    """What a report is about, and the id of its confirmation."""

    opened: Opened
    entries: tuple[Entry, ...]
    capacity: int
    fingerprint: str
    new_id: UUID


class ExchangeService:
    """The files of one venue for one person at one desk. Raises ConsoleErrors only."""

    def __init__(
        self,
        queries: ExchangeQueries,
        programme: ProgrammeQueries,
        venue_id: UUID,
        zone: ZoneInfo,
        clock: Clock,
        memory: Memory,
        *,
        sleep: Sleep = asyncio.sleep,
        random_bytes: Callable[[int], bytes] = secrets.token_bytes,
        trust: ssl.SSLContext | None = None,
    ) -> None:
        """`memory` is this desk's; `trust` whom to believe on the network. Nothing is asked before the first call."""
        self._queries, self._programme, self._venue_id = queries, programme, venue_id
        self._zone, self._clock, self._memory = zone, clock, memory
        self._sleep, self._random_bytes, self._trust = sleep, random_bytes, trust
        self._looked: _Looked | None = None
        self.kept_file = KeptFile(queries, venue_id, memory, lambda: clock.now().astimezone(zone).date())

    # -- out -----------------------------------------------------------------------------------------------------------

    async def choices(self) -> Choices:
        """Rooms and instructors to choose from."""
        return await self._programme.choices(self._venue_id)

    async def export(self, wish: Wish, path: Path) -> Written:
        """Write what is wished for. Raises Invalid for days that cannot be, Unavailable for a file that cannot."""
        if wish.last < wish.first:
            raise Invalid("The last day is before the first.", code="days")
        if (wish.last - wish.first).days >= MOST_DAYS_OUT:
            raise Invalid(f"A file spans at most {MOST_DAYS_OUT} days.", hint="Choose fewer.", code="days")
        found = await self._queries.programme(self._venue_id, wish.first, wish.last)
        return await asyncio.to_thread(published.write, path, found, wish)

    def published(self) -> Published | None:
        """The file that this desk keeps up to date, if any."""
        return self.kept_file.place

    async def publish(self, wish: Published | None) -> Published | None:
        """Keep a file up to date from now on, or no longer."""
        return await self.kept_file.keep(wish)

    # -- in ------------------------------------------------------------------------------------------------------------

    async def open_file(self, path: Path, progress: Progress) -> Opened:
        """Read a file."""
        today = self._clock.now().astimezone(self._zone).date()

        def work(watch: Progress) -> Opened:
            data = _bytes(path)
            return _read(data, path.name, self._zone, today, watch)

        return await self._remembered(await _in_thread(work, progress))

    async def open_address(self, address: str, private: bool, progress: Progress) -> Opened:
        """Read a calendar at an address."""
        plain = remote.checked(address)
        today = self._clock.now().astimezone(self._zone).date()
        found = await remote.fetch(plain, tag=self._tag(plain), private=private, context=self._trust)
        name = plain.split("//", 1)[1].split("/", 1)[0]
        if found.data is None:
            return Opened(
                name, "calendar", Reading("Calendar", (), (), ("Nothing changed since it was taken in.",))
            )
        data = found.data
        opened = await _in_thread(lambda watch: _read(data, name, self._zone, today, watch), progress)
        return await self._remembered(replace(opened, tag=_tag_of(plain, found.tag)))

    async def look(
        self, opened: Opened, columns: Columns | None, capacity: int, progress: Progress
    ) -> Report:
        """What it would make; nothing is written."""
        if not 1 <= capacity <= 10_000:
            raise Invalid("A session has 1 to 10,000 places.", code="capacity")
        reading = opened.reading
        if opened.sheet is not None:
            sheet, chosen = opened.sheet, columns or opened.columns
            if chosen is None or chosen.missing():
                lacking = ", ".join(chosen.missing()) if chosen else "columns"
                raise Invalid(f"Choose what the file says of: {lacking}.", code="columns")
            reading = await _in_thread(lambda _watch: sheets_in.entries(sheet, chosen), progress)
            await self._queries.remember_columns(self._venue_id, sheet.shape, mapping.as_json(chosen))
        if reading is None:
            raise Invalid("Nothing was read.", code="nothing_read")
        entries, refused = _once_each(reading)
        found = await self._queries.look(self._venue_id, opened.source, entries, capacity)
        self._looked = _Looked(
            opened,
            entries,
            capacity,
            found.fingerprint,
            uuid7(self._clock.now(), self._random_bytes(RANDOM_BYTES)),
        )
        notes = {(one.line, one.title): one.note for one in entries if one.note}
        rows = [replace(row, note=notes.get((row.line, row.title))) for row in found.rows]
        rows += [
            ReportRow(one.line, one.title, "unread", Outcome.REFUSED, refusal=one.reason) for one in refused
        ]
        return Report(found.fingerprint, tuple(sorted(rows, key=lambda row: row.line)), reading.notes)

    async def take(self, report: Report) -> Taken:
        """Do what the report says, once."""
        looked = self._looked
        if looked is None or looked.fingerprint != report.fingerprint:
            raise Invalid("Look at what would happen first.", code="fingerprint")
        answer = await until_answered(
            lambda: self._queries.take(
                self._venue_id,
                looked.opened.source,
                looked.entries,
                looked.capacity,
                looked.fingerprint,
                looked.new_id,
            ),
            self._sleep,
        )
        if looked.opened.tag is not None:
            self._keep_tag(looked.opened.tag)
        return answer

    async def _remembered(self, opened: Opened) -> Opened:
        """A table with the columns that were chosen for its shape the last time."""
        if opened.sheet is None:
            return opened
        found = await self._queries.columns(self._venue_id, opened.sheet.shape)
        columns = None if found is None else mapping.from_json(found, opened.sheet)
        return opened if columns is None else replace(opened, columns=columns, was_remembered=True)

    # An address may be a secret: only a hash of it is kept, beside what its server called its state.

    def _tag(self, address: str) -> str | None:
        name = _hash(address)
        return next(
            (
                str(one["tag"])
                for one in self._memory.filters(self._tags)
                if one.get("of") == name and one.get("tag")
            ),
            None,
        )

    def _keep_tag(self, tag: str) -> None:
        name, _, said = tag.partition(" ")
        others = [one for one in self._memory.filters(self._tags) if one.get("of") != name]
        self._memory.save_filters(self._tags, [{"of": name, "tag": said}, *others][:_MOST_TAGS])

    @property
    def _tags(self) -> str:
        return f"remote:{self._venue_id}"


def _hash(address: str) -> str:
    return sha256(address.encode("utf-8", "replace")).hexdigest()


def _tag_of(address: str, tag: str | None) -> str | None:
    return f"{_hash(address)} {tag}" if tag else None


def _bytes(path: Path) -> bytes:
    try:
        if path.is_dir():
            raise Invalid(f"{path.name} is a folder, not a file.", code="import_directory")
        if path.stat().st_size > LARGEST_FILE:
            raise Invalid(f"{path.name} is larger than 20 MB.", hint="Divide it.", code="import_too_large")
        return path.read_bytes()
    except FileNotFoundError as error:
        raise NotFound(f"There is no file {path.name}.", code="import_no_file") from error
    except (OSError, ValueError) as error:
        raise FileTrouble(f"{path.name} cannot be read.", code="import_unreadable") from error


def _read(data: bytes, name: str, zone: ZoneInfo, today: date, watch: Progress) -> Opened:
    """Whatever it is, by what stands in it and not by its name."""
    if sheets_read.is_workbook(data):
        sheet = sheets_read.read_sheet(data, name, watch)
        return Opened(name, "table", sheet=sheet, columns=mapping.guess(sheet))
    text = decode(data, name).text
    if "BEGIN:V" in text[:100_000].upper():
        return Opened(name, "calendar", calendar_in.read(text, zone, today, watch))
    if openactive.looks_like(text):
        return Opened(name, "openactive", openactive.read(text, zone, watch))
    if name.lower().endswith((".ics", ".ical")) or text.lstrip().startswith("<"):
        raise Invalid(
            "This is not a calendar file.", hint="It has to begin with BEGIN:VCALENDAR.", code="no_calendar"
        )
    sheet = sheets_read.read_sheet(data, name, watch)
    return Opened(name, "table", sheet=sheet, columns=mapping.guess(sheet))


def _once_each(reading: Reading) -> tuple[tuple[Entry, ...], list[Unread]]:
    """The entries without those whose key came before."""
    refused = list(reading.refused)
    lines: dict[tuple[str, str], int] = {}
    kept = []
    for one in reading.entries:
        if (one.kind, one.key) in lines:
            before = lines[one.kind, one.key]
            refused.append(Unread(one.line, f"The same entry stands on line {before} already.", one.title))
        else:
            lines[one.kind, one.key] = one.line
            kept.append(one)
    if len(kept) > MOST_ENTRIES:
        raise Invalid(
            f"The file has more than {MOST_ENTRIES:,} entries.", hint="Divide it.", code="too_many_entries"
        )
    return tuple(kept), refused


async def _in_thread(work: Callable[[Progress], Answer], progress: Progress) -> Answer:
    """Run `work` in a thread; cancelled, it stops at the next thing it says."""
    loop = asyncio.get_running_loop()
    stop = threading.Event()

    def watch(done: int, total: int) -> None:
        if stop.is_set():
            raise _StoppedError
        loop.call_soon_threadsafe(progress, done, total)

    try:
        return await asyncio.to_thread(work, watch)
    except asyncio.CancelledError:
        stop.set()
        raise
