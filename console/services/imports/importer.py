"""The import as one use case: read, plan, apply, report.

The command line and, later, a window call the same function; the window passes `progress` and `cancelled` and runs it
off the loop. See docs/guides/importing.md.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from console.domain.importing import Cancelled, ImportOptions, ImportReport, Progress, Reading, VenueEntry
from console.errors import Invalid
from console.services.imports import layouts, mapping, planning, venues
from console.services.imports.text import read_text
from console.storage.imports import apply_plan, database_now


@dataclass(frozen=True, slots=True)
class ImportRequest:
    """What somebody asks for. Paths are of the session file, of the venues file and of the mapping."""

    file: Path
    venues: Path | None = None
    layout: Path | None = None
    options: ImportOptions = field(default_factory=ImportOptions)
    dry_run: bool = False
    skip_bad: bool = False


@dataclass(frozen=True, slots=True)
class Loaded:
    """The request's files after reading."""

    reading: Reading
    venues: Mapping[str, VenueEntry]


def load(request: ImportRequest) -> Loaded:
    """Read the request's files, without a database. Raises a ConsoleError where one of them cannot be used."""
    described = mapping.parse(read_text(request.layout)) if request.layout is not None else None
    entries = venues.read(read_text(request.venues)) if request.venues is not None else {}
    reading = layouts.read(read_text(request.file), described)
    if not reading.rows and not reading.rejected:
        raise Invalid(f"{request.file.name} has no rows.", code="import_empty")
    return Loaded(reading, entries)


def import_sessions(
    admin_dsn: str,
    request: ImportRequest,
    *,
    loaded: Loaded | None = None,
    now: datetime | None = None,
    progress: Progress | None = None,
    cancelled: Cancelled | None = None,
) -> ImportReport:
    """Import a session file, whole or not at all.

    A file with bad rows is applied only with `skip_bad`; without it the answer lists them and has no `applied`.
    `loaded` is what `load` made of the request; `now` decides what the present week is, by default the database's
    clock. Raises a ConsoleError where the files, the options or the database cannot be used at all; nothing has
    changed then.
    """
    started = time.monotonic()
    files = loaded or load(request)
    reading = files.reading
    options = replace(request.options, venues=files.venues)
    instant = now or database_now(admin_dsn)
    zone = options.timezone or reading.timezone or "UTC"
    plan = planning.plan(reading, options, instant.astimezone(ZoneInfo(zone)).date())
    applied = None
    if plan.sessions and (request.skip_bad or not plan.rejected):
        applied = apply_plan(admin_dsn, plan, dry_run=request.dry_run, progress=progress, cancelled=cancelled)
    return ImportReport(
        file=request.file.name,
        layout=reading.layout,
        rows=len({row.line for row in reading.rows} | {one.line for one in reading.rejected}),
        shift_weeks=plan.shift_weeks,
        repeated=plan.repeated,
        rejected=plan.rejected,
        notes=(*reading.notes, *_unused(files.venues, reading)),
        applied=applied,
        dry_run=request.dry_run,
        seconds=time.monotonic() - started,
    )


def _unused(entries: Mapping[str, VenueEntry], reading: Reading) -> tuple[str, ...]:
    """A venues file whose keys are other than the session file's is most likely the wrong one."""
    if not entries or {row.location for row in reading.rows} & entries.keys():
        return ()
    return ("No location of the venues file occurs in the session file.",)
