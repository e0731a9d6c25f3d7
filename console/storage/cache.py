"""The cache: what one person at this desk may see, kept for when the server cannot be reached.

Its key comes from the person's password, so it opens for nobody else. It holds rosters with health notes and pickup
people, and who the person is; it is a copy, so a damaged one is set aside and made anew. See docs/design.md, "The desk
protocol".
"""

from __future__ import annotations

import zlib
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, tzinfo
from pathlib import Path
from uuid import UUID
from zoneinfo import ZoneInfo

from console.domain.desk import RosterEntry, SessionSummary
from console.domain.person import Person
from console.domain.sync import Recovered, Snapshot
from console.storage import sealed
from console.storage.cache_rows import (
    entry_of,
    entry_text,
    person_of,
    person_text,
    roster_order,
    session_of,
    session_text,
    state_of,
)
from console.storage.snapshot import ChildRow, FetchedSnapshot, SessionRow, packed, unpacked

_FULL = "This computer's disk is full; today's rosters could not be kept for later."
_QUICKLY = 1
# How hard zlib tries: hardly, which is a fifth of the size in a hundredth of a second per thousand children.

_Changes = dict[str, tuple[str | None, str | None, str | None]]
# By booking: its session, code and facts.

KIND = sealed.FileKind(
    mark=0x4E584341,
    versions=(
        (
            "CREATE TABLE facts (name TEXT PRIMARY KEY, value) WITHOUT ROWID",
            "CREATE TABLE venues (id TEXT PRIMARY KEY, taken_at TEXT NOT NULL, xmin TEXT NOT NULL) WITHOUT ROWID",
            # The children of a session are one compressed text: a fifth to seal, and read only when somebody looks.
            """CREATE TABLE sessions (
                   id TEXT PRIMARY KEY, venue TEXT NOT NULL, day TEXT NOT NULL, facts TEXT NOT NULL,
                   codes TEXT NOT NULL, children BLOB NOT NULL)""",
            # What changed since, by booking: it holds before what the texts say. No facts: on no roster any more.
            """CREATE TABLE changes (
                   booking TEXT PRIMARY KEY, venue TEXT NOT NULL, session TEXT, code TEXT, facts TEXT)""",
        ),
    ),
)


class CacheFile:
    """One person's cache in one sealed file, a RosterStore. For any thread."""

    def __init__(self, path: Path, key: bytes, *, now: datetime | None = None) -> None:
        """Open the cache, or make it. `recovered` tells of one that could not be read and was set aside.

        `now` is for the name of what is set aside. Raises Unavailable where the disk is full or the file in use.
        """
        self.recovered: Recovered | None = None
        self._path = path
        if not path.exists():
            self._create(key)
        try:
            self._file = sealed.SealedFile(path, key, KIND)
        except sealed.DamagedError:
            self.recovered = Recovered(str(sealed.set_aside(path, now)))
            self._create(key)
            self._file = sealed.SealedFile(path, key, KIND)

    @property
    def sealed_file(self) -> sealed.SealedFile:
        """The file itself, for what else is kept under the person's key."""
        return self._file

    def put(self, snapshot: Snapshot) -> None:
        """Replace a venue's data, or the part that changed; all of it or nothing."""
        venue = str(snapshot.venue_id)
        with self._file.writing(_FULL) as file:
            zone = _zone(file, snapshot.venue_id)
            if snapshot.whole:
                _drop_venue(file, venue)
            for one in snapshot.sessions:
                day = one.summary.starts_at.astimezone(zone).date().isoformat()
                rows = [
                    ChildRow(entry.confirmation_code, str(entry.booking_id), entry_text(entry))
                    for entry in one.entries
                ]
                number = str(one.summary.id)
                _put_session(file, venue, SessionRow(number, day, session_text(one.summary)), packed(rows))
                file.execute("DELETE FROM changes WHERE session = ?", (number,))
                file.executemany("DELETE FROM changes WHERE booking = ?", [(row.booking_id,) for row in rows])
            for gone in map(str, snapshot.gone):
                _drop_session(file, gone)
                _change(file, venue, [(gone, None, None, None)])
            _put_state(file, venue, snapshot.taken_at, snapshot.xmin)

    def put_fetched(self, snapshot: FetchedSnapshot) -> None:
        """The same for one as it came from the server; nothing of it is parsed."""
        venue = str(snapshot.venue_id)
        with self._file.writing(_FULL) as file:
            if snapshot.whole:
                _drop_venue(file, venue)
                for row in snapshot.sessions:
                    _put_session(file, venue, row, snapshot.children.get(row.id, ""))
            else:
                _follow(file, venue, snapshot.sessions)
                _change(file, venue, ((gone, None, None, None) for gone in snapshot.gone))
                for number, block in snapshot.children.items():
                    _change(
                        file,
                        venue,
                        ((row.booking_id, number, row.code, row.facts) for row in unpacked(block)),
                    )
            _put_state(file, venue, snapshot.taken_at, snapshot.xmin)
            _saw(file, snapshot.taken_at)

    def state(self, venue_id: UUID) -> tuple[datetime, str] | None:
        """When the venue's data was taken and what the next "changed since" asks from; None without data."""
        found = self._file.rows("SELECT taken_at, xmin FROM venues WHERE id = ?", (str(venue_id),))
        return (datetime.fromisoformat(found[0][0]), found[0][1]) if found else None

    def sessions(self, venue_id: UUID, day: date) -> list[SessionSummary]:
        """The sessions of one local day, in order of start."""
        found = self._file.rows(
            "SELECT id, facts, children FROM sessions WHERE venue = ? AND day = ?",
            (str(venue_id), day.isoformat()),
        )
        changes = self._changes(venue_id)
        summaries = [
            session_of(facts, Counter(map(state_of, _children(number, block, changes))))
            for number, facts, block in found
        ]
        return sorted(summaries, key=lambda one: (one.starts_at, one.activity_name, str(one.id)))

    def roster(self, session_id: UUID) -> list[RosterEntry] | None:
        """A session's children; None for a session that is not in the cache."""
        found = self._file.rows("SELECT venue, children FROM sessions WHERE id = ?", (str(session_id),))
        if not found:
            return None
        venue, block = found[0]
        children = _children(str(session_id), block, self._changes(venue))
        return sorted(map(entry_of, children), key=roster_order)

    def entry_by_code(self, venue_id: UUID, code: str) -> RosterEntry | None:
        """The booking that a ticket stands for."""
        changes = self._changes(venue_id)
        for _session, changed, facts in changes.values():
            if changed == code and facts is not None:
                return entry_of(facts)
        for number, block in self._file.rows(
            "SELECT id, children FROM sessions WHERE venue = ? AND instr(codes, ?)", (str(venue_id), code)
        ):
            for facts in _children(number, block, changes, code):
                return entry_of(facts)
        return None

    def remember(self, person: Person, at: datetime) -> None:
        """Keep who signed in with the server's agreement, and when."""
        with self._file.writing(_FULL) as file:
            for name, value in (("person", person_text(person)), ("signed_in_at", at.isoformat())):
                file.execute("INSERT OR REPLACE INTO facts (name, value) VALUES (?, ?)", (name, value))
            _saw(file, at)

    def person(self) -> Person | None:
        """Who the cache belongs to; None before the first sign-in."""
        found = self._fact("person")
        return None if found is None else person_of(found)

    def signed_in_at(self) -> datetime | None:
        """When the person last signed in with the server's agreement."""
        return self._instant("signed_in_at")

    def saw(self, at: datetime) -> None:
        """Keep the latest time this desk was used, by which a clock that was set back is noticed."""
        with self._file.writing(_FULL) as file:
            _saw(file, at)

    def seen_at(self) -> datetime | None:
        """The latest time this desk was used."""
        return self._instant("seen_at")

    def wipe(self) -> None:
        """Destroy the data and the file."""
        self._file.close()
        sealed.wipe(self._path)

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def _create(self, key: bytes) -> None:
        sealed.create(self._path, key, KIND)
        sealed.put_in_place(self._path)

    def _changes(self, venue_id: UUID | str) -> _Changes:
        rows = self._file.rows(
            "SELECT booking, session, code, facts FROM changes WHERE venue = ?", (str(venue_id),)
        )
        return {row[0]: row[1:] for row in rows}

    def _fact(self, name: str) -> str | None:
        found = self._file.rows("SELECT value FROM facts WHERE name = ?", (name,))
        return str(found[0][0]) if found else None

    def _instant(self, name: str) -> datetime | None:
        found = self._fact(name)
        return None if found is None else datetime.fromisoformat(found)


def _zone(file: sealed.Statements, venue_id: UUID) -> tzinfo:
    # Which local day a session belongs to is the server's to say; only a snapshot made here has to be told by its zone.
    found = file.execute("SELECT value FROM facts WHERE name = 'person'").fetchone()
    venue = None if found is None else person_of(found[0]).venue(venue_id)
    return UTC if venue is None else ZoneInfo(venue.timezone)


def _children(number: str, block: bytes, changes: _Changes, code: str | None = None) -> list[str]:
    """What is known of each child of a session, in the order of the roster as it was fetched."""
    found = {
        row.booking_id: row.facts
        for row in unpacked(zlib.decompress(block).decode())
        if code is None or row.code == code
    }
    for booking, (session, changed, facts) in changes.items():
        if session == number and facts is not None and code in (None, changed):
            found[booking] = facts
        else:
            found.pop(booking, None)
    return list(found.values())


def _put_session(file: sealed.Statements, venue: str, row: SessionRow, block: str) -> None:
    codes = "\n".join(child.code for child in unpacked(block))
    file.execute(
        "INSERT OR REPLACE INTO sessions (id, venue, day, facts, codes, children) VALUES (?, ?, ?, ?, ?, ?)",
        (row.id, venue, row.day, row.facts, codes, zlib.compress(block.encode(), _QUICKLY)),
    )


def _follow(file: sealed.Statements, venue: str, rows: Sequence[SessionRow]) -> None:
    """Take over what the sessions are now: new ones come without children, others keep theirs, the rest goes."""
    known = {row[0] for row in file.execute("SELECT id FROM sessions WHERE venue = ?", (venue,))}
    for row in rows:
        if row.id in known:
            file.execute("UPDATE sessions SET day = ?, facts = ? WHERE id = ?", (row.day, row.facts, row.id))
        else:
            _put_session(file, venue, row, "")
    for gone in known - {row.id for row in rows}:
        _drop_session(file, gone)


def _change(
    file: sealed.Statements,
    venue: str,
    rows: Iterable[tuple[str, str | None, str | None, str | None]],
) -> None:
    file.executemany(
        "INSERT OR REPLACE INTO changes (venue, booking, session, code, facts) VALUES (?, ?, ?, ?, ?)",
        ((venue, *row) for row in rows),
    )


def _drop_session(file: sealed.Statements, number: str) -> None:
    file.execute("DELETE FROM changes WHERE session = ?", (number,))
    file.execute("DELETE FROM sessions WHERE id = ?", (number,))


def _drop_venue(file: sealed.Statements, venue: str) -> None:
    file.execute("DELETE FROM changes WHERE venue = ?", (venue,))
    file.execute("DELETE FROM sessions WHERE venue = ?", (venue,))


def _put_state(file: sealed.Statements, venue: str, taken_at: datetime, xmin: str) -> None:
    file.execute(
        "INSERT OR REPLACE INTO venues (id, taken_at, xmin) VALUES (?, ?, ?)",
        (venue, taken_at.isoformat(), xmin),
    )


def _saw(file: sealed.Statements, at: datetime) -> None:
    file.execute(
        """INSERT INTO facts (name, value) VALUES ('seen_at', ?)
           ON CONFLICT (name) DO UPDATE SET value = max(value, excluded.value)""",
        (at.astimezone(UTC).isoformat(timespec="microseconds"),),
    )
